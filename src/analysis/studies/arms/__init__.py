"""Arms imports: who supplies, how concentrated, by two sources."""

from .tables import (
    YEARS_AGO,
    both_sources,
    concentration,
    joined_and_left,
    joined_and_left_table,
    latest,
    more_concentrated,
    windows,
)
from .text import (
    findings,
    limits,
    opening,
    spread,
)

__all__ = [
    "YEARS_AGO",
    "both_sources",
    "concentration",
    "findings",
    "joined_and_left",
    "joined_and_left_table",
    "latest",
    "limits",
    "more_concentrated",
    "opening",
    "spread",
    "windows",
]
