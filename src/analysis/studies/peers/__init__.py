"""A state among its peers: the same measures, ranks, and differences."""

from .ranking import (
    bounded_ranks,
    drawn_ranks,
    headline_ranks,
    rank_of,
    ranks,
    ranks_with_one_changed,
    with_differences,
)
from .tables import (
    differences_from_peers,
    differences_table,
    headline_series,
    hill_profiles,
    looks,
    over_time,
    portfolios,
    side_by_side,
)
from .text import (
    findings,
    limits,
    opening,
    why_intervals,
)

__all__ = [
    "bounded_ranks",
    "differences_from_peers",
    "differences_table",
    "drawn_ranks",
    "findings",
    "headline_ranks",
    "headline_series",
    "hill_profiles",
    "limits",
    "looks",
    "opening",
    "over_time",
    "portfolios",
    "rank_of",
    "ranks",
    "ranks_with_one_changed",
    "side_by_side",
    "why_intervals",
    "with_differences",
]
