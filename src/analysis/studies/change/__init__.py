"""Has diversity risen, who made it rise, and are the partners in different instruments the same."""

from .between import (
    instruments,
    turnovers,
    windows,
)
from .decomposition import (
    Contributions,
    contributions,
    explain,
)
from .tables import (
    beside,
    beside_table,
    effective,
    ends_of,
    explained,
    explained_table,
    overlap,
    overlap_table,
    portfolios,
    totals,
    trend,
    trend_table,
    turnover,
)
from .text import (
    findings,
    made_by,
    opening,
    overlapping,
    reading,
)

__all__ = [
    "Contributions",
    "beside",
    "beside_table",
    "contributions",
    "effective",
    "ends_of",
    "explain",
    "explained",
    "explained_table",
    "findings",
    "instruments",
    "made_by",
    "opening",
    "overlap",
    "overlap_table",
    "overlapping",
    "portfolios",
    "reading",
    "totals",
    "trend",
    "trend_table",
    "turnover",
    "turnovers",
    "windows",
]
