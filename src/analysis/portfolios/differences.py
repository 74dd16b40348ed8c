"""Differences between two portfolios: two states, or two periods, each with its own interval.

Two intervals side by side do not answer whether two portfolios differ: an exercise in which both
states took part, or a year that both windows share, is drawn for both or for neither. So events are
drawn for both at once, and the difference is taken draw by draw.
"""

from collections.abc import Callable
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from .. import _arguments
from ..errors import ParameterError
from ..measures._specs import Measure
from ..sources import catalog
from . import _interval_columns, calibration, calls, uncertainty
from . import measure as measuring
from .calibration import IntervalKind
from .calls import Distances
from .layout import Ties
from .panel import PORTFOLIO

#: what is compared must agree in these: units and sources are not mixed
_SAME = ["source", "instrument"]
DIFFERENCE = [
    "country", "start", "end", "country_before", "start_before", "end_before", *_SAME, "measure",
    "estimate", "estimate_before", "difference", "low", "high", "above", "interval", "status",
    "n_events_shared", "interval_coverage", "interval_kind", "measure_id",
]  # fmt: skip


def difference(
    portfolios: pd.DataFrame,
    before: pd.DataFrame,
    function: Callable[..., np.ndarray],
    *,
    draws: int = 0,
    seed: int | None = None,
    level: float = 0.95,
    distances: Distances | None = None,
    label: str | None = None,
    most_unseen: int | None = None,
    resampling: str = "multinomial",
    **options: object,
) -> pd.DataFrame:
    """Measure portfolios against others of the same source and instrument.

    Parameters
    ----------
    portfolios, before : DataFrame
        Portfolios, as `portfolio` returns them: one of each source and instrument. `before` is what
        is subtracted: an earlier window, or another state.
    function, draws, seed, level, distances, label, most_unseen, resampling, **options
        As for `analysis.measure`.

    Returns
    -------
    DataFrame
        One row for each source and instrument that both have, with columns `DIFFERENCE`: both
        estimates; `difference`, the first less the second; `low` and `high` of it, as
        `analysis.portfolios.uncertainty.paired_interval` gives them; and `above`, the chance that
        it is above 0 by the end that is nearer to 0. `status` is "measured", or that of the one
        which is not. `interval` says what kind it is: paired draws of events; or, where a source
        leaves amounts open, bounds, which hold whatever the two amounts have in common; or none.

    Raises
    ------
    ParameterError
        If a source and instrument has several portfolios in either, or they have nothing in
        common, or have another weighting or window; and as for `analysis.measure`.
    """
    _interval_columns.check_draws(
        draws, seed=seed, level=level, resampling=resampling, most_unseen=most_unseen
    )
    matched(portfolios, before)
    called = Measure.of(function, options)
    given: dict[str, Any] = {"distances": distances, "label": label, **options}
    one, other = (measuring.measure(part, function, **given) for part in (portfolios, before))
    table = one.merge(other, on=[*_SAME, "measure", "measure_id"], suffixes=("", "_before"))
    table["difference"] = table["estimate"] - table["estimate_before"]
    first = table["status"].where(table["status"] != "measured", table["status_before"])
    table = table.assign(status=first, above=np.nan, n_events_shared=0)
    _open_amounts(table)
    if distances is not None and most_unseen is None:
        most_unseen = 0
    for place, row in table.iterrows():
        pair = _ties(portfolios, row, distances), _ties(before, row, distances)
        n_events = [part["event_id"].nunique() for part in pair]
        shared = set(pair[0]["event_id"]) & set(pair[1]["event_id"])
        table.loc[place, "n_events_shared"] = len(shared)
        unit = catalog.get(row["source"]).sampling["unit"]
        if not draws or seed is None or unit == "none" or row["interval_kind"] != IntervalKind.NONE:
            continue
        if called.is_number or min(n_events) < uncertainty.MIN_EVENTS:
            kind, why = _interval_columns.why_not_drawn(called, unit)
            _interval_columns.no_interval(table, place, kind, why)
            continue
        drawn = _draw(
            pair,
            called,
            distances=distances,
            draws=draws,
            seed=seed,
            resampling=resampling,
            most_unseen=most_unseen,
        )
        described = _describe(
            called, drawn, row, n_events, level=level, distances=distances is not None
        )
        for name, value in described.items():
            table.loc[place, name] = value
        above = _above(row["difference"], described["low"], described["high"], level)
        table.loc[place, "above"] = above
    return table[DIFFERENCE]


def _describe(
    measure: Measure,
    drawn: tuple[uncertainty.Draws, uncertainty.Draws],
    row: pd.Series,
    n_events: list[int],
    *,
    level: float,
    distances: bool,
) -> dict[str, Any]:
    """Give the columns of the interval of one difference."""
    estimates, limits = (row["estimate"], row["estimate_before"]), measure.spec.limits
    unit = catalog.get(row["source"]).sampling["unit"]
    first, second = (
        _interval_columns.informative_ends(
            measure,
            uncertainty.interval(draws, estimate, level=level, limits=limits),
            _interval_columns.Record(int(row[end]), number, draws.coverage),
            distances=distances,
        )
        for draws, estimate, number, end in zip(
            drawn, estimates, n_events, ("end", "end_before"), strict=True
        )
    )
    # such intervals were simulated for one kind of measure, and judged by the poorer record
    kind = calibration.kind(measure, distances=distances)
    coverage = min(draws.coverage for draws in drawn)
    contained = calibration.interval_coverage(
        "difference" if kind == "order 1" else None, min(n_events), coverage
    )
    return _interval_columns.describe(
        uncertainty.paired_interval(drawn, estimates, level=level, limits=limits),
        # the lower end rests on the lower one of the first and the upper one of the other
        (first[0] and second[1], first[1] and second[0]),
        name=f"{level:.0%} bootstrap over {unit}s, paired",
        coverages=(contained, None),
    )


def matched(portfolios: pd.DataFrame, before: pd.DataFrame) -> list[tuple[str, str]]:
    """List the sources and instruments of which `portfolios` and `before` have one portfolio each.

    Raises
    ------
    ParameterError
        As `difference`.
    """
    for part, name in ((portfolios, "portfolios"), (before, "before")):
        single = _arguments.portfolios(part, name).drop_duplicates(PORTFOLIO)
        several = single[single.duplicated(_SAME)]
        if len(several):
            raise ParameterError(
                "One portfolio of each source and instrument can be compared; there are several of"
                f" {', '.join(sorted(set(several['source'] + ' ' + several['instrument'])))}."
                " Choose one window and one state."
            )
    choices = [*_SAME, "weighting", "window"]
    both = [part[choices].drop_duplicates() for part in (portfolios, before)]
    merged = both[0].merge(both[1], on=_SAME, suffixes=("", "_before"))
    if merged.empty:
        raise ParameterError("The two have no source and instrument in common.")
    for name in ("weighting", "window"):
        unlike = merged[merged[name] != merged[f"{name}_before"]]
        if len(unlike):
            raise ParameterError(
                f"{unlike['source'].iloc[0]}: one has the {name} {unlike[name].iloc[0]}, the other"
                f" {unlike[f'{name}_before'].iloc[0]}; they cannot be compared."
            )
    return list(merged[_SAME].itertuples(index=False, name=None))


def _open_amounts(table: pd.DataFrame) -> None:
    """Bounds of the difference where a source leaves amounts open; else no interval yet.

    Where bounds of either are not known, there are none of the difference.
    """
    kinds = table["interval_kind"], table["interval_kind_before"]
    unknown = (kinds[0] == IntervalKind.UNKNOWN) | (kinds[1] == IntervalKind.UNKNOWN)
    one, other = (kind == IntervalKind.BOUNDS for kind in kinds)
    low, high = (table[end].where(one, table["estimate"]) for end in ("low", "high"))
    low_before, high_before = (
        table[f"{end}_before"].where(other, table["estimate_before"]) for end in ("low", "high")
    )
    bounded = (one | other) & ~unknown
    table["low"] = (low - high_before).where(bounded)
    table["high"] = (high - low_before).where(bounded)
    of_first = one | (kinds[0] == IntervalKind.UNKNOWN)
    for name in ("interval", "interval_kind"):
        own = table[name].where(of_first, table[f"{name}_before"])
        table[name] = own.where(bounded | unknown, "none")
    exact = (kinds[0] == IntervalKind.EXACT) & (kinds[1] == IntervalKind.EXACT)
    table.loc[exact, "interval_kind"] = IntervalKind.EXACT.value


def _ties(part: pd.DataFrame, row: pd.Series, distances: Distances | None) -> pd.DataFrame:
    """Take the ties of one portfolio, without partners that have no distance."""
    ties = part[(part["source"] == row["source"]) & (part["instrument"] == row["instrument"])]
    ties = ties[ties["status"] == "measured"]
    if distances is None or ties.empty:
        return ties
    table = calls.table_of(distances, _years(ties))
    return ties[ties["partner"].isin(table.index)]


def _years(ties: pd.DataFrame) -> tuple[int, int]:
    return ties["start"].iloc[0], ties["end"].iloc[0]


def _draw(
    pair: tuple[pd.DataFrame, pd.DataFrame],
    measure: Measure,
    *,
    distances: Distances | None,
    most_unseen: int | None,
    **options: Any,
) -> tuple[uncertainty.Draws, uncertainty.Draws]:
    both = _aligned(pair)
    functions, most = [], []
    for part, ties in zip(pair, both, strict=True):
        years, partners = _years(part), ties.partners
        functions.append(calls.of_partners(measure, partners, distances=distances, years=years))
        possible = _interval_columns.most_unseen_in(int(years[1]), len(partners))
        most.append(possible if most_unseen is None else most_unseen)
    key = tuple(part[name].iloc[0] for part in pair for name in PORTFOLIO)
    return uncertainty.paired(*both, functions, key=key, most_unseen=most, **options)


def _aligned(pair: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[Ties, Ties]:
    """Lay out both with a row for each event of either."""
    sides = pd.concat(pair, keys=("0", "1"), names=["side"]).reset_index("side")
    sides["partner"] = sides["side"] + sides["partner"]
    both = Ties.of(sides)
    of_first = np.array([partner[0] == "0" for partner in both.partners])
    one, other = (
        Ties(both.weights[:, own], [both.partners[at][1:] for at in np.flatnonzero(own)])
        for own in (of_first, ~of_first)
    )
    return one, other


def _above(difference: float, low: float, high: float, level: float) -> float:
    """Chance of a difference above 0, by a normal distribution that reaches to the nearer end."""
    if difference == 0:
        return 0.5
    reach = difference - low if difference > 0 else high - difference
    if np.isnan(reach):
        return np.nan
    z = NormalDist().inv_cdf((1 + level) / 2)
    return NormalDist().cdf(z * difference / reach) if reach > 0 else float(difference > 0)
