"""The columns low, high and interval of a table of measures."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from .. import _arguments
from ..errors import ParameterError
from ..measures._specs import ORDER, Measure
from ..sources import catalog, countries
from . import calibration, calls, uncertainty
from .calibration import IntervalKind
from .calls import MeasureCall
from .layout import PortfolioArrays, measure_rows
from .panel import PORTFOLIO

#: the band of a census
_SENSITIVITY = "sensitivity: least and greatest with any one entry left out"


def check_draws(
    draws: int,
    *,
    seed: int | None,
    level: float = 0.95,
    resampling: str = "multinomial",
    most_unseen: int | None = None,
) -> None:
    """Raise ParameterError unless the arguments of a bootstrap are what they must be."""
    for name, value in (("draws", draws), ("seed", seed), ("most_unseen", most_unseen)):
        _arguments.whole(value, name)
    if draws and seed is None:
        raise ParameterError("draws need a seed, so that results can be repeated.")
    if not (isinstance(level, float | int | np.number) and 0 < level < 1):
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    uncertainty.check_resampling(resampling)


def most_unseen_in(year: int, seen: int) -> int:
    """How many partners can have been missed: the other states of a `year` less those `seen`."""
    return max(_n_states(year) - 1 - seen, 0)


@cache
def _n_states(year: int) -> int:
    return len(countries.all_states(year))


def no_interval(
    table: pd.DataFrame, rows: int | np.ndarray, kind: IntervalKind, why: object
) -> None:
    """Say in some rows of a table why they have no interval."""
    table.loc[rows, "interval"] = f"none: {why}"
    table.loc[rows, "interval_kind"] = kind.value


def add_bounds(arrays: PortfolioArrays, table: pd.DataFrame, call: MeasureCall) -> None:
    """Give what the source leaves open as bounds, or say that they are not known."""
    is_open = arrays.is_open()
    exact = _units(table).eq("none") & table["estimate"].notna() & ~is_open
    table.loc[exact, "interval_kind"] = IntervalKind.EXACT.value
    bounds_of = call.measure.spec.bounds
    if bounds_of is None:
        why = "bounds of this measure are not known"
        kept = table["status"].ne("refused").to_numpy()
        no_interval(table, is_open & kept, IntervalKind.UNKNOWN, why)
        return
    lows, highs = arrays.sums(1), arrays.sums(2)
    for which, cells in arrays.by_width(is_open):
        low, high = bounds_of(lows[cells], highs[cells], **call.measure.options)
        table.loc[which, "low"], table.loc[which, "high"] = low, high
        table.loc[which, "interval"] = "bounds over all splits of spread deliveries"
        table.loc[which, "interval_kind"] = IntervalKind.BOUNDS.value


@dataclass(frozen=True)
class Drawing:
    """How to draw."""

    draws: int
    seed: int
    most_unseen: int | None
    resampling: str

    def of(
        self, arrays: PortfolioArrays, table: pd.DataFrame, call: MeasureCall, wanted: np.ndarray
    ) -> Iterator[tuple[int, uncertainty.Draws | Exception]]:
        """Draws of the portfolios wanted, one after the other, or what the function raises."""
        keys = list(table[PORTFOLIO].itertuples(index=False, name=None))
        for which, _, function in call.batches(arrays, table, wanted):
            for place in which:
                ties = arrays.ties(place)
                try:
                    drawn = uncertainty.bootstrap(
                        ties,
                        function,
                        draws=self.draws,
                        seed=self.seed,
                        key=keys[place],
                        most_unseen=self._most(call, table.loc[place, "end"], len(ties.partners)),
                        resampling=self.resampling,
                    )
                except Exception as fault:  # draws may have more partners than the function takes
                    yield place, fault
                else:
                    yield place, drawn

    def _most(self, call: MeasureCall, year: int, seen: int) -> int:
        if self.most_unseen is not None:
            return self.most_unseen
        if call.tables is not None or call.measure.spec.needs_counts:
            return 0
        return most_unseen_in(int(year), seen)


def _units(table: pd.DataFrame) -> pd.Series:
    """Name the sampling unit of each portfolio's source."""
    units = {key: catalog.get(key).sampling["unit"] for key in table["source"].unique()}
    return table["source"].map(units)


def drawable(
    arrays: PortfolioArrays, table: pd.DataFrame, call: MeasureCall
) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Find the sampling unit of each portfolio; which have one; which of these have enough."""
    unit, number = _units(table), arrays.n_events()
    able = unit.ne("none").to_numpy() & (number > 0) & ~arrays.is_open()
    able &= table["status"].ne("refused").to_numpy()
    enough = (number >= uncertainty.MIN_EVENTS) & (not call.measure.is_number)
    return unit, able, able & enough


def why_not_drawn(measure: Measure, unit: str) -> tuple[IntervalKind, str]:
    """Say why there is no interval although the source has sampling units."""
    if measure.is_number:
        return IntervalKind.NUMBER, f"{unit}s drawn again cannot show partners that were missed"
    return IntervalKind.TOO_FEW, f"fewer than {uncertainty.MIN_EVENTS} {unit}s"


def add_intervals(
    arrays: PortfolioArrays,
    table: pd.DataFrame,
    call: MeasureCall,
    drawing: Drawing,
    *,
    level: float,
    limits: tuple[float, float],
) -> None:
    """Draw the source's sampling units again, or say why not."""
    unit, able, ready = drawable(arrays, table, call)
    n_events, estimates = arrays.n_events(), table["estimate"].to_numpy()
    has_distances = call.tables is not None
    for name in unit[able & ~ready].unique():
        none, why = why_not_drawn(call.measure, name)
        no_interval(table, able & ~ready & unit.eq(name), none, why)
    columns = table[["low", "high", "interval_coverage", "interval", "interval_kind"]].to_dict(
        "list"
    )
    for place, drawn in drawing.of(arrays, table, call, ready):
        if isinstance(drawn, Exception):
            columns["interval"][place] = f"none: {drawn}"
            columns["interval_kind"][place] = IntervalKind.FAILED.value
            continue
        ends = uncertainty.interval(drawn, estimates[place], level=level, limits=limits)
        record = Record(int(table.loc[place, "end"]), n_events[place], drawn.coverage)
        kind = calibration.kind(call.measure, distances=has_distances)
        described = describe(
            ends,
            informative_ends(call.measure, ends, record, distances=has_distances),
            name=f"{level:.0%} bootstrap over {unit[place]}s",
            coverages=(
                calibration.interval_coverage(kind, record.n_events, record.coverage),
                calibration.lower_end_coverage(kind, record.n_events, record.coverage),
            ),
        )
        for name, value in described.items():
            columns[name][place] = value
    for name, values in columns.items():
        table[name] = values
    _add_sensitivity(arrays, table, call)


@dataclass(frozen=True)
class Record:
    """What can be seen of a record: last year, number of events, sample coverage."""

    year: int
    n_events: int
    coverage: float


def informative_ends(
    measure: Measure, ends: tuple[float, float], record: Record, *, distances: bool
) -> tuple[bool, bool]:
    """Whether the lower and the upper end of a drawn interval say anything.

    An end towards more diversity does not if such intervals contained the truth too rarely, if the
    record is too thin, or if it passes the value of all states as equal partners (see
    `calibration`). `distances`: whether the measure takes any.
    """
    less, more = calibration.reliable_ends(
        measure, record.n_events, record.coverage, distances=distances
    )
    more = more and (distances or not _passes_all_states(measure, ends, record.year))
    return (more, less) if measure.spec.falls else (less, more)


def _passes_all_states(measure: Measure, ends: tuple[float, float], year: int) -> bool:
    if measure.spec.calibrated_by != ORDER:
        return False
    states = np.ones((1, most_unseen_in(year, 0)))
    most = float(measure_rows(calls.with_distances(measure, None), states)[0])
    return ends[0] < most - 1e-9 if measure.spec.falls else ends[1] > most + 1e-9


def describe(
    ends: tuple[float, float],
    informative: tuple[bool, bool],
    *,
    name: str,
    coverages: tuple[int | None, int | None],
) -> dict[str, Any]:
    """Give low, high, interval_coverage, interval and interval_kind of a drawn interval.

    `coverages`: per cent of such intervals, and of such ends alone, that contained the truth; None
    if that is not known.
    """
    low, high = (end if says else np.nan for end, says in zip(ends, informative, strict=True))
    per_cent = coverages[0] if all(informative) else coverages[1] if any(informative) else None
    of_end = calibration.caveat(per_cent, whole=False)
    kind, text = {
        (True, True): (IntervalKind.BOOTSTRAP, f"{name}{calibration.caveat(per_cent)}"),
        (True, False): (
            IntervalKind.AT_LEAST,
            f"lower end of {name}{of_end}; too few events for an upper limit",
        ),
        (False, True): (
            IntervalKind.AT_MOST,
            f"upper end of {name}{of_end}; too few events for a lower limit",
        ),
        (False, False): (IntervalKind.TOO_FEW, "none: too few events for any limit"),
    }[informative]
    return {
        "low": low,
        "high": high,
        "interval_coverage": np.nan if per_cent is None else per_cent,
        "interval": text,
        "interval_kind": kind.value,
    }


def _add_sensitivity(arrays: PortfolioArrays, table: pd.DataFrame, call: MeasureCall) -> None:
    """Add how far a measure of treaties in force, a census, depends on any one of them."""
    stock = table["basis"].eq("stock").to_numpy() & (arrays.n_events() > 1)
    wanted = stock & table["interval_kind"].eq(IntervalKind.EXACT).to_numpy()
    least, greatest = (table["estimate"].to_numpy(copy=True) for _ in range(2))
    for which, _, function in call.batches(arrays, table, wanted):
        rows, starts = arrays.without_each(which)
        values = measure_rows(function, rows)
        least[which] = np.fmin(least[which], np.fmin.reduceat(values, starts))
        greatest[which] = np.fmax(greatest[which], np.fmax.reduceat(values, starts))
    table["low"] = table["low"].mask(wanted, least)
    table["high"] = table["high"].mask(wanted, greatest)
    table.loc[wanted, "interval"] = _SENSITIVITY
    table.loc[wanted, "interval_kind"] = IntervalKind.SENSITIVITY.value
