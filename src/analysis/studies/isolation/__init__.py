"""What the loss of partners would do, and what embargoes and sanctions did."""

from .tables import (
    blocs_lost,
    earlier_years_table,
    partners_lost,
    partners_table,
    risks,
    shocks_table,
    shortfalls,
    shortfalls_table,
    vulnerability,
)
from .text import (
    after_shocks,
    earlier_years,
    findings,
    limits,
    opening,
    reading,
    risk,
)

__all__ = [
    "after_shocks",
    "blocs_lost",
    "earlier_years",
    "earlier_years_table",
    "findings",
    "limits",
    "opening",
    "partners_lost",
    "partners_table",
    "reading",
    "risk",
    "risks",
    "shocks_table",
    "shortfalls",
    "shortfalls_table",
    "vulnerability",
]
