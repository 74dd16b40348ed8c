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

__all__ = [
    "Contributions",
    "contributions",
    "explain",
    "instruments",
    "turnovers",
    "windows",
]
