"""All instruments of a state at a glance: who, how many, how exposed."""

from .summary import (
    summarise,
)
from .tables import (
    changes,
    losses,
    side_by_side,
    unattributed,
)
from .text import (
    change,
    conclusion,
    opening,
)

__all__ = [
    "change",
    "changes",
    "conclusion",
    "losses",
    "opening",
    "side_by_side",
    "summarise",
    "unattributed",
]
