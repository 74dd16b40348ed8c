"""How often intervals of nominal 95% contained the truth in simulation, by size of the record.

Records of events were drawn from known practices, and intervals formed from them as
`analysis.measure` forms them (`benchmarks/simulate_intervals.py` prints the tables below; in
docs/methods.md is what was simulated). A record does not say which practice it is of, but it has a
number of events and a sample coverage, and these decide how far its interval can be trusted.
"""

from bisect import bisect_right
from enum import StrEnum

import numpy as np
import pandas as pd

from ..measures._specs import NUMBER, ORDER, Measure


class IntervalKind(StrEnum):
    """What `low` and `high` of a measure are, or why there are none: the column `interval_kind`."""

    #: nobody asked for draws, or nothing is measured
    NONE = "none"
    #: all amounts are known, and none is a sample: there is nothing to be uncertain of
    EXACT = "exact"
    #: sampling units drawn again
    BOOTSTRAP = "bootstrap"
    #: the same, but only the lower end can be trusted, or only the upper one; the other is missing
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    #: least and greatest value over all that the source leaves open
    BOUNDS = "bounds"
    #: least and greatest value with any one entry of a census left out
    SENSITIVITY = "sensitivity"
    #: too few sampling units to draw from
    TOO_FEW = "too_few"
    #: the number of partners, of which draws say nothing
    NUMBER = "number"
    #: the source leaves something open, and bounds of this measure are not known
    UNKNOWN = "unknown"
    #: the measure raised an error
    FAILED = "failed"


#: least number of events, and least sample coverage, of each row and column of `INTERVALS`
EVENTS = (10, 20, 50, 100, 300)
COVERAGE = (0.0, 0.5, 0.8, 0.95)
#: per cent of intervals that contained the truth; none where no such record was simulated
INTERVALS: dict[str, tuple[tuple[int | None, ...], ...]] = {
    "order 1": (
        (97, 83, 83, 97),
        (98, 93, 90, 97),
        (None, 97, 91, 96),
        (None, None, 95, 96),
        (None, None, None, 96),
    ),
    "order 2": (
        (81, 78, 79, 96),
        (85, 83, 84, 94),
        (None, 89, 87, 94),
        (None, None, 92, 95),
        (None, None, None, 96),
    ),
    "order ∞": (
        (46, 66, 59, 77),
        (37, 73, 69, 74),
        (None, 62, 73, 78),
        (None, None, 82, 79),
        (None, None, None, 83),
    ),
    "evenness": (
        (58, 59, 67, 95),
        (46, 61, 62, 95),
        (None, 62, 57, 91),
        (None, None, 70, 90),
        (None, None, None, 94),
    ),
    "distances": (
        (98, 97, 95, 96),
        (98, 96, 96, 95),
        (None, 96, 96, 94),
        (None, None, 95, 96),
        (None, None, None, 96),
    ),
    "difference": (
        (96, 87, 85, 93),
        (100, 95, 95, 98),
        (None, 99, 94, 95),
        (None, None, 98, 97),
        (None, None, None, 98),
    ),
}  # fmt: skip
#: per cent of lower ends below which the truth did not lie; ends of what falls as diversity rises,
#: such as HHI, are those of the Hill number turned round
LOWER_ENDS: dict[str, tuple[tuple[int | None, ...], ...]] = {
    "order 1": (
        (99, 99, 99, 100),
        (100, 100, 96, 98),
        (None, 96, 97, 97),
        (None, None, 98, 98),
        (None, None, None, None),
    ),
    "order 2": (
        (88, 91, 95, 98),
        (95, 92, 93, 96),
        (None, 92, 95, 97),
        (None, None, 96, 97),
        (None, None, None, None),
    ),
    "order ∞": (
        (83, 86, 93, 90),
        (95, 93, 92, 93),
        (None, 96, 94, 96),
        (None, None, 96, 98),
        (None, None, None, None),
    ),
    "evenness": (
        (76, 83, 91, 97),
        (92, 89, 96, 98),
        (None, 95, 95, 97),
        (None, None, 99, 98),
        (None, None, None, None),
    ),
}  # fmt: skip
#: per cent of intervals, or of their lower ends, that must have been right to be shown
RELIABLE = 80
#: sample coverage below which an upper end rests on how many states there are, not on the record
LEAST_COVERAGE = 0.5
#: what 95 per cent may be for an interval to be called just that
USUAL = range(93, 98)


def interval_coverage(kind: str | None, n_events: int, coverage: float) -> int | None:
    """Give the per cent of intervals of such records that contained the truth, if simulated.

    `kind` is a key of `INTERVALS`, as `kind` returns it (of a "difference", the record is the
    poorer of the two), `coverage` as `analysis.measures.unseen.coverage` estimates it.
    """
    return _cell(INTERVALS, kind, n_events, coverage)


def lower_end_coverage(kind: str | None, n_events: int, coverage: float) -> int | None:
    """Give the per cent of lower ends of such records below which the truth did not lie."""
    return _cell(LOWER_ENDS, kind, n_events, coverage)


def _cell(table: dict, kind: str | None, n_events: int, coverage: float) -> int | None:
    if kind not in table:
        return None
    row = table[kind][max(bisect_right(EVENTS, n_events) - 1, 0)]
    return row[bisect_right(COVERAGE, coverage) - 1]


def reliable_ends(
    measure: Measure, n_events: int, coverage: float, *, distances: bool
) -> tuple[bool, bool]:
    """Whether the end towards less diversity, and that towards more, can be trusted.

    Both can for a measure that was not simulated and follows from none that was. With `distances`
    no partners are unseen, and both can too.
    """
    judged = None if distances else _follows_from(measure)
    if judged is None:
        return True, True
    lower, both = (_cell(t, judged, n_events, coverage) for t in (LOWER_ENDS, INTERVALS))
    has_lower = lower is None or lower >= RELIABLE
    return has_lower, coverage >= LEAST_COVERAGE and (both is None or both >= RELIABLE)


def kind(measure: Measure, *, distances: bool) -> str | None:
    """Name the table of `INTERVALS` by which an interval of a measure is judged, if by any."""
    if distances:
        return "distances"
    if measure.options.get("normalised") or measure.options.get("k", 1) > 1:
        return None
    return _follows_from(measure)


def _follows_from(measure: Measure) -> str | None:
    """Name the simulated measure that one is, or rests on."""
    if measure.spec.calibrated_by == ORDER:
        order = measure.order
        return "order 1" if order < 1.5 else "order 2" if np.isfinite(order) else "order ∞"
    return "evenness" if measure.spec.calibrated_by == NUMBER else None


def caveat(per_cent: float | None, *, whole: bool = True) -> str:
    """Qualify the name of an interval that does not contain the truth as often as it says.

    `per_cent` is as `interval_coverage` or `lower_end_coverage` gives it; `whole` is False for one
    end alone.
    """
    if per_cent is None or np.isnan(per_cent):
        return "; how often it contains the truth was not simulated"
    if per_cent in USUAL or (not whole and per_cent >= USUAL.start):
        return ""
    what = "it contained the truth" if whole else "the truth lay beyond it"
    return f"; in tests {what} {per_cent:.0f} times in 100"


def is_doubtful(interval_kind: pd.Series, per_cent: pd.Series) -> pd.Series:
    """Mark intervals that were drawn, and not shown to contain the truth as often as they say.

    The arguments are the columns `interval_kind` and `interval_coverage` of `analysis.measure`.
    """
    return interval_kind.eq(IntervalKind.BOOTSTRAP) & ~per_cent.ge(USUAL.start)
