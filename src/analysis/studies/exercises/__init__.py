"""Joint exercises: with whom, by two weightings, and how complete the record is."""

from .tables import (
    after_the_record,
    at_equal_coverage,
    by_both_weightings,
    by_year,
    completeness,
    effective,
    over_time,
    record,
    side_by_side,
    windows,
)
from .text import (
    findings,
    note_on_later_events,
    opening,
    why_equal_coverage,
    why_intervals,
)

__all__ = [
    "after_the_record",
    "at_equal_coverage",
    "by_both_weightings",
    "by_year",
    "completeness",
    "effective",
    "findings",
    "note_on_later_events",
    "opening",
    "over_time",
    "record",
    "side_by_side",
    "why_equal_coverage",
    "why_intervals",
    "windows",
]
