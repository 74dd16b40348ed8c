"""The claims of an essay, part by part, against the data."""

from .rows import (
    import_table,
    read,
    table,
)
from .tables import (
    assess,
    both_sides,
    changes,
    overview,
    parts_table,
    sides_table,
    sources,
    stated,
    verdicts,
)
from .text import (
    changed,
    claim_by_claim,
    limits,
    note_on_both_sides,
    opening,
    reading,
)

__all__ = [
    "assess",
    "both_sides",
    "changed",
    "changes",
    "claim_by_claim",
    "import_table",
    "limits",
    "note_on_both_sides",
    "opening",
    "overview",
    "parts_table",
    "read",
    "reading",
    "sides_table",
    "sources",
    "stated",
    "table",
    "verdicts",
]
