"""One statement over all defensible choices: how many of them agree with it.

A finding that holds for one measure, window and weighting only is no finding. The curve makes the
same comparison by every combination and shows which agree.

References
----------
Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human
Behaviour 4, 1208-1214.
"""

from collections.abc import Callable, Iterable, Mapping
from itertools import product

import numpy as np
import pandas as pd

from . import catalog, countries, diversity, store
from .errors import ParameterError
from .estimates import measure
from .panel import PORTFOLIO, portfolio

#: measures that grow with diversity, by name
MEASURES: dict[str, tuple[Callable, dict]] = {
    "number of partners": (diversity.hill, {"order": 0}),
    "Hill number, q = 1": (diversity.hill, {"order": 1}),
    "Hill number, q = 2": (diversity.hill, {"order": 2}),
    "Hill number, q = ∞": (diversity.hill, {"order": np.inf}),
    "evenness": (diversity.evenness, {}),
}
WINDOWS = (3, 5, 7)
WEIGHTINGS = ("count", "fractional")
#: what makes a specification, beside the state and the years
_CHOICES = ["instrument", "source", "measure", "window", "weighting", "continuing"]
#: states that go on under another code: one partner, or two
CONTINUING = ("one", "apart")


def curve(
    country: str,
    instrument: str,
    *,
    before: int,
    after: int,
    measures: Mapping[str, tuple[Callable, dict]] = MEASURES,
    windows: Iterable[int] = WINDOWS,
    weightings: Iterable[str] = WEIGHTINGS,
    continuing: Iterable[str] = CONTINUING,
    sources: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Compare two windows by every combination of choices.

    The statement is that the country's portfolio became more diverse.

    Parameters
    ----------
    country, instrument : str
        Whose ties, of which kind.
    before, after : int
        Last year of the two windows compared.
    measures : mapping
        Name -> function on weights and its options; each must grow with diversity.
    windows : list of int
        Lengths in years.
    weightings : list of str
        `count`, `fractional` or `value`. Amounts are always weighted by value, so they make one
        specification whatever is asked for.
    continuing : list of str
        As of `analysis.portfolio`; one specification where both windows are the same by either.
    sources : list of str, optional
        Default: every systematic source of the instrument.

    Returns
    -------
    DataFrame
        One row for each specification, in order of the estimate: instrument (with the obligation),
        source, measure, window, weighting, continuing, estimate (the measure's change, as a share
        of what it was), low, high (missing), agrees (whether it grew; missing where a window is
        not covered or empty).

    Raises
    ------
    ParameterError
        If the first window is not the earlier one, or nothing could be asked for.
    """
    if not before < after:
        raise ParameterError(f"before is {before} and after {after}: before must be earlier.")
    code = countries.lookup(country)
    known = [k for k in store.sources_of(instrument) if catalog.get(k).sampling["systematic"]]
    keys = known if sources is None else list(sources)
    records = store.load(instrument, country=code, sources=keys)
    asked = {"countries": [code], "sources": keys, "years": (before, after)}
    measured = [
        measure(ends, function, label=name, **options).assign(continuing=how)
        for window, weighting in product(windows, weightings)
        for how, ends in _ends(
            records, list(continuing), window=window, weighting={instrument: weighting}, **asked
        ).items()
        for name, (function, options) in measures.items()
    ]
    if not measured:
        raise ParameterError("Name at least one measure, window, weighting and continuing.")
    table = _compared(pd.concat(measured, ignore_index=True), before, after)
    return table.sort_values(["estimate", *_CHOICES], ignore_index=True)


def _ends(
    records: pd.DataFrame, continuing: list[str], *, years: tuple[int, int], **asked: object
) -> dict[str, pd.DataFrame]:
    """Portfolios of the two windows, by each way to count continuing states that differs."""
    found: dict[str, pd.DataFrame] = {}
    for how in continuing:
        made = portfolio(records, years=years, continuing=how, **asked)
        ends = made[made["end"].isin(years)].reset_index(drop=True)
        if not any(_same_partners(ends, other) for other in found.values()):
            found[how] = ends
    return found


def _same_partners(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Whether portfolios are the same but for the codes of partners: as many in each."""
    number = [made.groupby(PORTFOLIO)["partner"].nunique() for made in (one, other)]
    return number[0].equals(number[1]) and len(one) == len(other)


def _compared(measured: pd.DataFrame, before: int, after: int) -> pd.DataFrame:
    """Each measure's change between the two windows."""
    # amounts are the same whichever way of counting was asked for
    once = measured.drop_duplicates([*_CHOICES, "end"]).set_index([*_CHOICES, "end"])
    wide = once["estimate"].unstack("end").reindex(columns=[before, after])
    change = wide[after] / wide[before] - 1
    agrees = (change > 1e-12).astype(object).where(change.notna(), None)
    found = pd.DataFrame({"estimate": change, "low": np.nan, "high": np.nan, "agrees": agrees})
    return found.reset_index()


def agreement(table: pd.DataFrame) -> dict[str, float]:
    """Count a curve: how many specifications there are, can be judged, and agree.

    Parameters
    ----------
    table : DataFrame
        As `curve` returns it.

    Returns
    -------
    dict
        specifications, judged, agree (numbers) and share (of those judged; NaN if none is).
    """
    judged = table["agrees"].notna()
    agree = int(table.loc[judged, "agrees"].astype(bool).sum())
    return {
        "specifications": len(table),
        "judged": int(judged.sum()),
        "agree": agree,
        "share": float(agree / judged.sum()) if judged.any() else np.nan,
    }
