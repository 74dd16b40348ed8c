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

from .. import words
from ..errors import ParameterError
from ..measures import diversity
from ..sources import catalog, countries, store
from .measure import measure
from .panel import portfolio

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
#: what portfolios are compared by: those of two choices may be the same
_TIES = ["source", "instrument", "end", "event_id", "partner", "weight"]
#: choices that often come to the same numbers
_ALIKE = ("weighting", "continuing")
CURVE = [*_CHOICES, "estimate", "low", "high", "n_events", "agrees", "measure_id"]
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
        Lengths in years. One that would make the two windows share years is left out.
    weightings : list of str
        `count`, `fractional` or `value`; amounts are always weighted by value.
    continuing : list of str
        As of `analysis.portfolio`.
    sources : list of str, optional
        Default: every systematic source of the instrument.

    Returns
    -------
    DataFrame
        One row for each specification, in order of the estimate: instrument (with the obligation),
        source, measure, window, weighting, continuing, estimate (the measure's change, as a share
        of what it was), low, high (missing), n_events (of the window with fewer), agrees (whether
        it grew; missing where a window is not covered or empty). Empty if all windows share years.
        Choices that come to the same numbers, as the weightings do for events of two states or for
        the number of partners, make one specification, the first. `measure_id` names the measure
        for programs.

    Raises
    ------
    ParameterError
        If the first window is not the earlier one, or nothing could be asked for.
    """
    if not before < after:
        raise ParameterError(f"before is {before} and after {after}: before must be earlier.")
    windows, weightings, continuing = list(windows), list(weightings), list(continuing)
    if not (measures and windows and weightings and continuing):
        raise ParameterError("Name at least one measure, window, weighting and continuing.")
    code = countries.lookup(country)
    known = [
        key
        for key in store.sources_of(instrument)
        if catalog.get(key).sampling["systematic"] and not catalog.is_replaced(key, code)
    ]
    keys = known if sources is None else list(sources)
    records = store.load(instrument, country=code, sources=keys)
    compared: dict[tuple[int, str, str], pd.DataFrame] = {}
    for window, weighting, how in product(windows, weightings, continuing):
        if window > after - before and not words.instrument(instrument).is_stock:
            continue
        every = portfolio(
            records,
            window=window,
            weighting={instrument: weighting},
            continuing=how,
            countries=[code],
            sources=keys,
            years=(before, after),
        )
        ends = every[every["end"].isin([before, after])].reset_index(drop=True)
        others = [other for (length, *_), other in compared.items() if length == window]
        if not any(ends[_TIES].equals(other[_TIES]) for other in others):
            compared[window, weighting, how] = ends
    measured = [
        measure(ends, function, label=name, **options).assign(continuing=how)
        for (*_, how), ends in compared.items()
        for name, (function, options) in measures.items()
    ]
    if not measured:
        return pd.DataFrame(columns=CURVE)
    table = _changes(pd.concat(measured, ignore_index=True), before, after)
    return table.sort_values(["estimate", *_CHOICES], ignore_index=True)


def _changes(measured: pd.DataFrame, before: int, after: int) -> pd.DataFrame:
    """Each measure's change between the two windows, every specification once."""
    once = measured.drop_duplicates([*_CHOICES, "end"]).set_index([*_CHOICES, "end"])
    wide, events = (
        once[name].unstack("end").reindex(columns=[before, after])
        for name in ("estimate", "n_events")
    )
    change = wide[after] / wide[before] - 1
    agrees = (change > 1e-12).astype(object).where(change.notna(), None)
    table = pd.DataFrame(
        {
            "estimate": change,
            "low": np.nan,
            "high": np.nan,
            "n_events": events.min(axis=1),
            "agrees": agrees,
            "was": wide[before].round(9),
            "is": wide[after].round(9),
        }
    ).reset_index()
    # of choices that come to the same, the first one asked for stands for all
    order = {name: measured[name].drop_duplicates().tolist().index for name in _ALIKE}
    table = table.sort_values(
        list(_ALIKE), key=lambda names: names.map(order[names.name]), kind="stable"
    )
    same = [*(name for name in _CHOICES if name not in _ALIKE), "was", "is"]
    ids = measured.drop_duplicates("measure").set_index("measure")["measure_id"]
    return table.drop_duplicates(same).assign(measure_id=table["measure"].map(ids))[CURVE]


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
