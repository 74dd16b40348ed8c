"""How often intervals of nominal 95% held the truth in simulation, by what a record holds.

Records of events were drawn from known practices, and intervals made from them as
`analysis.measure` makes them (`benchmarks/simulate_intervals.py` prints the tables below; in
docs/methods.md is what was simulated). A record does not say which practice it is of, but it has a
number of events and a sample coverage, and these decide how far its interval can be trusted.
"""

from bisect import bisect_right

import numpy as np

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
#: what 95 per cent may be for an interval to be called just that
USUAL = range(93, 98)


def held(kind: str, n_events: int, coverage: float) -> int | None:
    """Give the per cent of intervals of such records that held the truth.

    Parameters
    ----------
    kind : str
        Of what: a Hill number of "order 1", "order 2" or "order ∞", or what follows from it;
        "evenness"; a measure with "distances"; or a "difference" of Hill numbers of order 1 (then
        of the poorer of the two records).
    n_events : int
        Events on record, at least the first of `EVENTS`.
    coverage : float
        Sample coverage of the record, as `analysis.incidence.coverage` estimates it.

    Returns
    -------
    int or None
        None where no such record was simulated.
    """
    row = HELD[kind][max(bisect_right(EVENTS, n_events) - 1, 0)]
    return row[bisect_right(COVERAGE, coverage) - 1]


def kind_of_order(order: float) -> str:
    """Tell which simulated Hill number is nearest to one of an order.

    Parameters
    ----------
    order : float
        From 0 to infinity.
    """
    return "order 1" if order < 1.5 else "order 2" if np.isfinite(order) else "order ∞"


def said(kind: str | None, n_events: int, coverage: float) -> str:
    """Qualify the name of an interval, unless it holds as often as it says.

    Parameters
    ----------
    kind, n_events, coverage
        As for `held`; without a kind nothing is known.
    """
    found = held(kind, n_events, coverage) if kind else None
    if found is None:
        return "; how often it holds was not simulated"
    return "" if found in USUAL else f"; {found} of 100 held in simulation"


def is_doubtful(interval: str) -> bool:
    """Tell by its name in a table if an interval held less often than it says, as far as is known.

    Parameters
    ----------
    interval : str
        As in the column `interval` of `analysis.measure` and `analysis.difference`.
    """
    _, qualified, text = interval.partition("; ")
    if not qualified:
        return False
    number = text.split()[0]
    return not number.isdigit() or int(number) < USUAL.start
