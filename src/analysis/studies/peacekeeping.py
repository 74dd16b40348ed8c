"""Who sends troops to United Nations peacekeeping: a state by year, its place and its share.

Serving in the same mission is no tie between two states, so this makes no portfolio. The numbers
are readings of the United Nations' maps (Cil et al. 2020): good for places among contributors,
rough as strengths (see the sidecar of `geopko`).

References
----------
Cil, D., Fjelde, H., Hultman, L. & Nilsson, D. (2020). Mapping blue helmets: Introducing the
Geocoded Peacekeeping Operations (Geo-PKO) dataset. Journal of Peace Research 57(2), 360-370.
"""

from collections.abc import Iterable

import pandas as pd

from ..errors import ParameterError
from ..sources import countries, store
from . import yearly

#: ways to make a year's figure; all but `n_missions` in persons
FIGURES = {
    "troops": "greatest strength of each place",
    "troops_mean": "mean of the year's maps",
    "troops_max": "greatest of the year's maps",
    "troops_last": "last of the year's maps",
    "n_missions": "number of missions",
}
TROOPS = [figure for figure in FIGURES if figure != "n_missions"]
SOURCE = "geopko"
TABLE = "contributors.csv"


def contributors(figure: str = "troops", *, source: str = SOURCE) -> pd.DataFrame:
    """All contributors of all years, with places and shares.

    Parameters
    ----------
    figure : str
        One of `FIGURES`.
    source : str
        One that has a table of contributors.

    Returns
    -------
    DataFrame
        iso3, year, value, rank (1 is first; the same for equals), share (of the year's total, in
        which are also troops whose sender the source does not name), unnamed (those, as a share).
        Only where the figure is known.

    Raises
    ------
    ParameterError
        For an unknown figure.
    """
    if figure not in FIGURES:
        raise ParameterError(f"figure={figure!r}: it is one of {', '.join(FIGURES)}.")
    table = store.table(source, TABLE)[["iso3", "year", figure]].dropna()
    table = table.rename(columns={figure: "value"})
    other = store.table(source, "unattributed.csv").set_index("year")
    nobody = other[figure] if figure in other else pd.Series(dtype="float64")
    nobody = table["year"].map(nobody.fillna(0.0)).fillna(0.0)
    years = table.groupby("year")["value"]
    total = years.transform("sum") + nobody
    return table.assign(
        rank=years.rank(ascending=False, method="min").astype("int64"),
        share=table["value"] / total,
        unnamed=nobody / total,
        total=total,
    ).reset_index(drop=True)


def standing(
    country: str, years: Iterable[int], *, figure: str = "troops", source: str = SOURCE
) -> pd.DataFrame:
    """Say where a state stands among contributors, year by year.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    years : iterable of int
        Years asked for.
    figure, source : str
        As of `contributors`.

    Returns
    -------
    DataFrame
        year, value, rank, share, unnamed, total, covered; a row for each year. Covered are years
        in which the figure is known of any state and this one existed; a covered year without a
        value is one in which no map names the state, or none gives a size.

    Raises
    ------
    ParameterError
        For an unknown figure.
    UnknownCountryError
        For an unknown country.
    """
    code = countries.lookup(country)
    every = contributors(figure, source=source)
    totals = every.groupby("year")[["total", "unnamed"]].first()
    own = every[every["iso3"].isin(countries.codes_of(code))].set_index("year")[
        ["value", "rank", "share"]
    ]
    table = pd.DataFrame(index=pd.Index(list(years), name="year")).join(own).join(totals)
    lived = [countries.exists(countries.code_in(code, year), year) for year in table.index]
    exists = pd.Series(lived, table.index)
    return table.assign(covered=table["total"].notna() & exists).reset_index()


def by_year(country: str, *, start: int, end: int) -> pd.DataFrame:
    """Troops of a state in the years from `start` to `end`, for `analysis.plot.yearly`.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years shown.

    Returns
    -------
    DataFrame
        panel, year, kind, value, unit, covered, source; empty if no map names the state in these
        years. A year in which none does counts as not covered: that is no proof of none sent.
    """
    shown = range(start, end + 1)
    table = standing(country, shown)
    kind = "Troops in United Nations peacekeeping"
    rows = table.dropna(subset="value").assign(kind=kind)
    made = yearly.yearly(
        rows, panel=kind, unit="persons", years=shown, covered=list(rows["year"]), kinds=[kind]
    )
    return made.assign(source=SOURCE)[: None if len(rows) else 0]
