"""Defence agreements signed and alliances in force: with whom, and which state has similar ones."""

from .tables import (
    LISTED,
    POWERS,
    alike,
    joined_and_left,
    joined_and_left_table,
    listed,
    numbers,
    pledges,
    signed,
    signed_by_year,
)
from .text import (
    contacts,
    findings,
    note_on_list,
    note_on_similarity,
    opening,
)

__all__ = [
    "LISTED",
    "POWERS",
    "alike",
    "contacts",
    "findings",
    "joined_and_left",
    "joined_and_left_table",
    "listed",
    "note_on_list",
    "note_on_similarity",
    "numbers",
    "opening",
    "pledges",
    "signed",
    "signed_by_year",
]
