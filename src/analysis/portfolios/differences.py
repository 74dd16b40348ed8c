"""Differences between two portfolios: two states, or two periods, each with its own interval.

Two intervals side by side do not answer whether two portfolios differ: an exercise in which both
states took part, or a year that both windows share, is drawn for both or for neither. So events are
drawn for both at once, and the difference is taken draw by draw.
"""

from collections.abc import Callable
from functools import partial
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
from .calls import Distances, Table
from .layout import Ties
from .panel import PORTFOLIO

#: what is compared must agree in these: units and sources are not mixed
_SAME = ["source", "instrument"]
DIFFERENCE = [
    *_SAME, "measure", "measure_id", "country", "start", "end", "estimate", "country_before",
    "start_before", "end_before", "estimate_before", "difference", "low", "high", "above",
    "interval", "interval_kind", "held", "status", "n_events_shared",
]  # fmt: skip
_BEFORE = {name: f"{name}_before" for name in ("country", "start", "end", "estimate")}


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
        it is above
        0 by the end that is nearer to 0.
        `status` is "measured", or that of the one which is not. `interval` says what kind it is:
        paired draws of events; or, where a source leaves amounts open, bounds, which hold whatever
        the two amounts have in common; or none.

    Raises
    ------
    ParameterError
        If a source and instrument has several portfolios in either, or they have nothing in
        common, or were made with another weighting or window; and as for `analysis.measure`.
    """
    _interval_columns.check_draws(
        draws, seed=seed, level=level, resampling=resampling, most_unseen=most_unseen
    )
    matched(portfolios, before)
    asked = Measure.of(function, options)
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
        shared = set(pair[0]["event_id"]) & set(pair[1]["event_id"])
        table.loc[place, "n_events_shared"] = len(shared)
        unit = catalog.get(row["source"]).sampling["unit"]
        if not draws or seed is None or unit == "none" or row["interval_kind"] != IntervalKind.NONE:
            continue
        n_events = min(part["event_id"].nunique() for part in pair)
        kind, why = _interval_columns.why_not_drawn(asked, unit)
        if asked.is_number or n_events < uncertainty.MIN_EVENTS:
            table.loc[place, "interval"] = f"none: {why}"
            table.loc[place, "interval_kind"] = kind.value
            continue
        drawn = _draw(
            pair,
            partial(_function, measure=asked, distances=distances),
            draws=draws,
            seed=seed,
            resampling=resampling,
            most_unseen=most_unseen,
        )
        ends = tuple(row[["estimate", "estimate_before"]])
        limits = asked.spec.limits
        each = [
            _told(
                asked,
                one,
                part,
                distances=distances is not None,
                ends=uncertainty.interval(one, estimate, level=level, limits=limits),
            )
            for one, part, estimate in zip(drawn, pair, ends, strict=True)
        ]
        found = _interval_columns.describe(
            uncertainty.paired_interval(drawn, ends, level=level, limits=limits),
            # the lower end rests on the lower one of the first and the upper one of the other
            (each[0][0] and each[1][1], each[0][1] and each[1][0]),
            name=f"{level:.0%} bootstrap over {unit}s, paired",
            held=(_held(asked, drawn, n_events, distances=distances is not None), None),
        )
        for name, value in found.items():
            table.loc[place, name] = value
        above = _above(row["difference"], found["low"], found["high"], level)
        table.loc[place, "above"] = above
    return table[DIFFERENCE]


def _told(
    asked: Measure,
    drawn: uncertainty.Draws,
    part: pd.DataFrame,
    *,
    ends: tuple[float, float],
    distances: bool,
) -> tuple[bool, bool]:
    """Say which ends of the interval of one of the two can be told."""
    record = _interval_columns.Record(
        int(part["end"].iloc[0]), part["event_id"].nunique(), drawn.coverage
    )
    return _interval_columns.informative_ends(asked, ends, record, distances=distances)


def _held(
    asked: Measure,
    drawn: tuple[uncertainty.Draws, uncertainty.Draws],
    n_events: int,
    *,
    distances: bool,
) -> int | None:
    """Per cent of such intervals that held the truth, of the poorer of the two records."""
    alone = calibration.kind(asked, distances=distances)
    coverage = min(one.coverage for one in drawn)
    return calibration.held("difference" if alone == "order 1" else None, n_events, coverage)


def matched(portfolios: pd.DataFrame, before: pd.DataFrame) -> list[tuple[str, str]]:
    """List the sources and instruments of which both have one portfolio that can be compared.

    Parameters
    ----------
    portfolios, before : DataFrame
        Portfolios.

    Returns
    -------
    list of (str, str)
        Source and instrument.

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
                f"{unlike['source'].iloc[0]}: one was made with {name} {unlike[name].iloc[0]}, the"
                f" other with {unlike[f'{name}_before'].iloc[0]}; they cannot be compared."
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
        said = table[name].where(of_first, table[f"{name}_before"])
        table[name] = said.where(bounded | unknown, "none")
    exact = (kinds[0] == IntervalKind.EXACT) & (kinds[1] == IntervalKind.EXACT)
    table.loc[exact, "interval_kind"] = IntervalKind.EXACT.value


def _ties(part: pd.DataFrame, row: pd.Series, distances: Distances | None) -> pd.DataFrame:
    """Take the ties of one portfolio, without partners that have no distance."""
    ties = part[(part["source"] == row["source"]) & (part["instrument"] == row["instrument"])]
    ties = ties[ties["status"] == "measured"]
    if distances is None or ties.empty:
        return ties
    return ties[ties["partner"].isin(_table(ties, distances).index)]


def _table(ties: pd.DataFrame, distances: Distances) -> Table:
    return calls.table_of(distances, (ties["start"].iloc[0], ties["end"].iloc[0]))


def _function(
    ties: pd.DataFrame, partners: list[str], *, measure: Measure, distances: Distances | None
) -> Callable[[np.ndarray], np.ndarray]:
    if distances is None:
        return calls.with_distances(measure, None)
    table = _table(ties, distances)
    places = table.index.get_indexer(partners).tolist()
    return calls.distance_arguments(measure, table.to_numpy(float), places)


def _draw(
    pair: tuple[pd.DataFrame, pd.DataFrame],
    ask: Callable,
    *,
    draws: int,
    seed: int,
    resampling: str,
    most_unseen: int | None,
) -> tuple[uncertainty.Draws, uncertainty.Draws]:
    one, other = _aligned(pair)
    functions = ask(pair[0], one.partners), ask(pair[1], other.partners)
    first, second = (
        _interval_columns.most_unseen_in(int(part["end"].iloc[0]), len(ties.partners))
        if most_unseen is None
        else most_unseen
        for part, ties in zip(pair, (one, other), strict=True)
    )
    key = tuple(part[name].iloc[0] for part in pair for name in PORTFOLIO)
    return uncertainty.paired(
        one,
        other,
        functions,
        draws=draws,
        seed=seed,
        key=key,
        most_unseen=(first, second),
        resampling=resampling,
    )


def _aligned(pair: tuple[pd.DataFrame, pd.DataFrame]) -> tuple[Ties, Ties]:
    """Lay out both with a row for each event of either."""
    sides = pd.concat(pair, keys=("0", "1"), names=["side"]).reset_index("side")
    sides["partner"] = sides["side"] + sides["partner"]
    both = Ties.of(sides)
    of_first = np.array([partner[0] == "0" for partner in both.partners])
    one, other = (
        Ties(
            both.weights[:, own],
            both.low[:, own],
            both.high[:, own],
            [partner[1:] for partner, is_own in zip(both.partners, own, strict=True) if is_own],
        )
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
