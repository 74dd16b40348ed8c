"""Amounts by year, and what is known of a state's ties with the United States alone.

Sources that see one partner only make no portfolio: a share computed from them would always be 1.
They stand beside the portfolios, in their own units.
"""

from collections.abc import Collection, Iterable

import pandas as pd

from ..sources import catalog, countries, ledger, store

#: counted elsewhere already (see the sidecar of `greenbook`)
_TWICE = "transition_quarter"
#: the sources that see the United States only: what a year's total is of, its unit, how many of
#: the source's own units make one of it
UNITED_STATES = {
    "greenbook": ("US military assistance", "million US$, current", 1e6),
    "fmtrpt": ("Persons trained by the United States", "persons", 1.0),
    "us_troops": ("US troops in the country", "persons", 1.0),
    "state_visits": ("Visits of leaders to and from the United States", "visits", 1.0),
}


def yearly(
    rows: pd.DataFrame,
    *,
    panel: str,
    unit: str,
    years: Iterable[int],
    covered: Collection[int],
    kinds: list[str],
) -> pd.DataFrame:
    """Sum a value by year and kind: zero where covered, missing where not.

    Parameters
    ----------
    rows : DataFrame
        year, kind, value.
    panel, unit : str
        What is summed, in what unit.
    years : iterable of int
        Years shown.
    covered : collection of int
        Those of which the source could know.
    kinds : list of str
        The kinds, in order.

    Returns
    -------
    DataFrame
        panel, year, kind, value, unit, covered; a row for each year and kind.
    """
    found = rows.groupby(["year", "kind"])["value"].sum()
    index = pd.MultiIndex.from_product([years, kinds], names=["year", "kind"])
    table = found.reindex(index).fillna(0.0).rename("value").reset_index()
    table["covered"] = table["year"].isin(covered)
    table["value"] = table["value"].where(table["covered"])
    table = table.assign(panel=panel, unit=unit)
    return table[["panel", "year", "kind", "value", "unit", "covered"]]


def united_states(country: str, *sources: str, start: int, end: int) -> pd.DataFrame:
    """Yearly totals of the sources that see the United States only.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    *sources : str
        Some of `UNITED_STATES`.
    start, end : int
        Years.

    Returns
    -------
    DataFrame
        As of `yearly`, with the column `source`; empty for the United States itself, and without
        sources that record nothing of the country in these years.
    """
    code = countries.lookup(country)
    parts = [_one(code, key, start, end) for key in sources if code != "USA"]
    kept = [part for part in parts if part["value"].sum() > 0]
    empty = pd.DataFrame(columns=["panel", "year", "kind", "value", "unit", "covered", "source"])
    return pd.concat(kept or [empty], ignore_index=True)


def _one(code: str, key: str, start: int, end: int) -> pd.DataFrame:
    panel, unit, divisor = UNITED_STATES[key]
    source = catalog.get(key)
    rows = store.load(country=code, sources=[key])
    rows = rows[(rows["partner"] == "USA") & ~ledger.has_flag(rows, _TWICE)]
    rows = rows.drop_duplicates("event_id")
    rows = rows.assign(
        year=rows["start"].dt.year, kind=panel, value=rows["value"].astype(float) / divisor
    )
    then = {year: countries.code_in(code, year) for year in range(start, end + 1)}
    covered = [
        year
        for year, name in then.items()
        if source.covers(name, year) and countries.exists(name, year)
    ]
    return yearly(
        rows, panel=panel, unit=unit, years=range(start, end + 1), covered=covered, kinds=[panel]
    ).assign(source=key)
