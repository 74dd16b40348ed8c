"""How often intervals of nominal 95% held the truth in simulation, by what a record holds.

Records of events were drawn from known practices, and intervals made from them as
`analysis.measure` makes them (`benchmarks/simulate_intervals.py` prints the tables below; in
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
    #: the same, but only the lower end can be told, or only the upper one; the other is missing
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    #: least and greatest value over all that the source leaves open
    BOUNDS = "bounds"
    #: least and greatest value with any one entry of a census left out
    SENSITIVITY = "sensitivity"
    #: too few sampling units to draw from
    TOO_FEW = "too_few"
    #: the number of partners, which draws cannot tell
    NUMBER = "number"
    #: the source leaves something open, and bounds of this measure are not known
    UNKNOWN = "unknown"
    #: the measure raised an error
    FAILED = "failed"


#: least number of events, and least sample coverage, of each row and column of `HELD`
EVENTS = (10, 20, 50, 100, 300)
COVERAGE = (0.0, 0.5, 0.8, 0.95)
#: per cent of intervals that held the truth; none where no such record was simulated
HELD: dict[str, tuple[tuple[int | None, ...], ...]] = {
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
HELD_BELOW: dict[str, tuple[tuple[int | None, ...], ...]] = {
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
#: per cent of intervals, or of their lower ends, that must have held for them to be told
RELIABLE = 80
#: sample coverage below which an upper end rests on how many states there are, not on the record
LEAST_COVERAGE = 0.5
#: what 95 per cent may be for an interval to be called just that
USUAL = range(93, 98)


def held(kind: str | None, n_events: int, coverage: float) -> int | None:
    """Give the per cent of intervals of such records that held the truth.

    Parameters
    ----------
    kind : str, optional
        Of what: a Hill number of "order 1", "order 2" or "order ∞", or what follows from it;
        "evenness"; a measure with "distances"; or a "difference" of Hill numbers of order 1 (then
        of the poorer of the two records).
    n_events : int
        Events on record, at least the first of `EVENTS`.
    coverage : float
        Sample coverage of the record, as `analysis.measures.unseen.coverage` estimates it.

    Returns
    -------
    int or None
        None where no such record, or no such measure, was simulated.
    """
    return _cell(HELD, kind, n_events, coverage)


def held_below(kind: str | None, n_events: int, coverage: float) -> int | None:
    """Give the per cent of lower ends of such records below which the truth did not lie.

    Parameters
    ----------
    kind, n_events, coverage
        As for `held`.
    """
    return _cell(HELD_BELOW, kind, n_events, coverage)


def _cell(table: dict, kind: str | None, n_events: int, coverage: float) -> int | None:
    if kind not in table:
        return None
    row = table[kind][max(bisect_right(EVENTS, n_events) - 1, 0)]
    return row[bisect_right(COVERAGE, coverage) - 1]


def reliable_ends(
    measure: Measure, n_events: int, coverage: float, *, distances: bool
) -> tuple[bool, bool]:
    """Say whether the end towards less diversity, and that towards more, can be told.

    Parameters
    ----------
    measure : Measure
        The measure; of one that was not simulated, and follows from none that was, both can.
    n_events, coverage
        As for `held`.
    distances : bool
        Whether it is told any: then no partners are unseen, and both ends can be told.
    """
    judged = "distances" if distances else _follows_from(measure)
    if judged is None or distances:
        return True, True
    lower, both = (_cell(t, judged, n_events, coverage) for t in (HELD_BELOW, HELD))
    has_lower = lower is None or lower >= RELIABLE
    return has_lower, coverage >= LEAST_COVERAGE and (both is None or both >= RELIABLE)


def kind_of_order(order: float) -> str:
    """Tell which simulated Hill number is nearest to one of an order.

    Parameters
    ----------
    order : float
        From 0 to infinity.
    """
    return "order 1" if order < 1.5 else "order 2" if np.isfinite(order) else "order ∞"


def kind(measure: Measure, *, distances: bool) -> str | None:
    """Say by which table of `HELD` an interval of a measure is judged, if by any.

    Parameters
    ----------
    measure : Measure
        The measure.
    distances : bool
        Whether it is told any.
    """
    if distances:
        return "distances"
    if measure.options.get("normalised") or measure.options.get("k", 1) > 1:
        return None
    return _follows_from(measure)


def _follows_from(measure: Measure) -> str | None:
    """Name the simulated measure that one is, or rests on."""
    if measure.spec.calibrated_by == ORDER:
        return kind_of_order(measure.order)
    return "evenness" if measure.spec.calibrated_by == NUMBER else None


def said(per_cent: float | None, *, whole: bool = True) -> str:
    """Qualify the name of an interval, unless it holds as often as it says.

    Parameters
    ----------
    per_cent : float or None
        As `held` or `held_below` gives it; nothing, or missing, where it is not known.
    whole : bool
        Whether of the interval, or of the one end of it that is told.
    """
    if per_cent is None or np.isnan(per_cent):
        return "; how often it holds was not simulated"
    if per_cent in USUAL or (not whole and per_cent >= USUAL.start):
        return ""
    what = "it contained the truth" if whole else "the truth lay beyond it"
    return f"; in tests {what} {per_cent:.0f} times in 100"


def is_doubtful(interval_kind: pd.Series, per_cent: pd.Series) -> pd.Series:
    """Tell which intervals were drawn, and held less often than they say, as far as is known.

    Parameters
    ----------
    interval_kind, per_cent : Series
        The columns `interval_kind` and `held` of `analysis.measure` or `analysis.difference`.
    """
    return interval_kind.eq(IntervalKind.BOOTSTRAP) & ~per_cent.ge(USUAL.start)
