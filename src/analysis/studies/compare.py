"""Compare states by one measure in one call, and find the ledger rows behind a number."""

from collections.abc import Callable, Iterable
from typing import Any

import pandas as pd

from ..errors import ParameterError
from ..measures import diversity
from ..portfolios.differences import difference
from ..portfolios.measure import measure as measured_by
from ..portfolios.panel import portfolio
from ..sources import countries, store
from . import selections

#: what tells one portfolio from another
_KEY = ["country", "source", "instrument", "start", "end"]
#: columns of a difference from the first state
DIFFERENCE = ["difference", "difference_low", "difference_high", "difference_interval_kind"]


def compare(
    states: Iterable[str],
    *,
    instrument: str = "arms",
    measure: Callable = diversity.hill,
    end: int | None = None,
    window: int = 5,
    draws: int = 1000,
    seed: int = 1,
    **options: object,
) -> pd.DataFrame:
    """Measure several states by one instrument in the same window, and set them beside the first.

    Parameters
    ----------
    states : list of str
        ISO3 codes or names; the others are compared with the first.
    instrument : str
        Such as "arms" or "exercise".
    measure : callable
        As for `analysis.measure`; default: effective partners, `order=1`.
    end : int, optional
        Last year of the window; default: the last in which, by some source, each state has a tie.
    window : int
        Length in years.
    draws, seed : int
        Of the bootstrap.
    **options
        Of the measure, such as `order=2`.

    Returns
    -------
    DataFrame
        One row a state and source, as `analysis.measure` gives it, with `name` and, of all but the
        first, `difference` from the first with `difference_low`, `difference_high` and
        `difference_interval_kind` (see `analysis.difference`). Sources that cover no window of all
        states are left out; a state without a value keeps its row, and `status` says why.

    Raises
    ------
    ParameterError
        If fewer than two states are named, or no source measures the first in any such window.

    Examples
    --------
    >>> import analysis as an
    >>> found = an.compare(["PAK", "IND"], instrument="arms", end=2021, draws=0)
    >>> found[found["source"] == "sipri_tiv"]["estimate"].round(2).tolist()
    [3.26, 4.24]
    """
    codes = list(dict.fromkeys(countries.lookup(state) for state in states))
    if len(codes) < 2:
        raise ParameterError("compare needs two states or more, such as ['PAK', 'IND'].")
    if measure is diversity.hill:
        options = {"order": 1, **options}
    last = 2100 if end is None else end
    every = selections.portfolios(
        codes,
        start=1800 if end is None else end,
        end=last,
        window=window,
        instruments=(instrument,),
    )
    kept = _in_one_window(every, codes)
    if kept.empty:
        raise ParameterError(
            f"No source measures {instrument} of {countries.name_of(codes[0])} in such a window."
            " Look at `an.coverage.coverage` for what is covered."
        )
    asked: dict[str, Any] = {"draws": draws, "seed": seed, **options}
    found = measured_by(kept, measure, **asked)
    own = kept["country"] == codes[0]
    parts = [
        difference(kept[kept["country"] == code], kept[own], measure, **asked) for code in codes[1:]
    ]
    apart = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
    apart = apart.rename(
        columns={
            "low": "difference_low",
            "high": "difference_high",
            "interval_kind": "difference_interval_kind",
        }
    )
    found = found.merge(apart[[*_KEY, *DIFFERENCE]], on=_KEY, how="left")
    found.insert(1, "name", found["country"].map(countries.name_of))
    turn = found["country"].map(codes.index)
    return found.loc[turn.sort_values(kind="stable").index].reset_index(drop=True)


def _in_one_window(portfolios: pd.DataFrame, codes: list[str]) -> pd.DataFrame:
    """Keep of each source the last window in which most of the states have a tie, the first too."""
    known = portfolios[portfolios["status"] == "measured"]
    series = ["source", "instrument"]
    parts = []
    for _, rows in known.groupby(series, sort=False):
        number = rows.groupby("end")["country"].nunique()
        number = number[number.index.isin(rows.loc[rows["country"] == codes[0], "end"])]
        if len(number):
            parts.append(
                rows[series].head(1).assign(end=number[number == number.max()].index.max())
            )
    if not parts:
        return portfolios.iloc[:0]
    return portfolios.merge(pd.concat(parts), on=[*series, "end"])


def rows(table: pd.DataFrame) -> pd.DataFrame:
    """Find the rows of the ledger from which portfolios, or numbers measured of them, were made.

    Parameters
    ----------
    table : DataFrame
        Any table with country, source, instrument, start and end: portfolios, shares, measures, or
        some rows of them.

    Returns
    -------
    DataFrame
        Rows of the ledger (see `analysis.ledger`), each once, with the columns `portfolio_start`
        and `portfolio_end`: the years of the window that they are in.

    Raises
    ------
    ParameterError
        If the table lacks one of these columns.

    Examples
    --------
    >>> import analysis as an
    >>> pacts = an.portfolio(an.load("alliance", country="PAK"), years=(1960, 1960))
    >>> behind = an.rows(pacts[pacts["instrument"] == "alliance/defense"])
    >>> len(behind) == len(pacts[pacts["instrument"] == "alliance/defense"])
    True
    """
    if lacking := [name for name in _KEY if name not in table]:
        raise ParameterError(f"rows: the table lacks {', '.join(lacking)}.")
    parts = [
        _behind(*key) for key in table[_KEY].drop_duplicates().itertuples(index=False, name=None)
    ]
    parts = [part for part in parts if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else store.load("arms").iloc[:0]


def _behind(country: str, source: str, instrument: str, start: int, end: int) -> pd.DataFrame:
    kind = instrument.partition("/")[0]
    records = store.load(kind, country=country, sources=[source])
    made = portfolio(
        records,
        window=end - start + 1,
        years=(end, end),
        countries=[country],
        sources=[source],
    )
    made = made[(made["instrument"] == instrument) & (made["status"] == "measured")]
    return records[records["event_id"].isin(made["event_id"])].assign(
        portfolio_start=start, portfolio_end=end
    )
