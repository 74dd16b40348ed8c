"""Event studies: a state before and after a shock, beside states without one."""

from .shock_table import (
    concerning,
    import_table,
    read,
    table,
)
from .tables import (
    Study,
    Windows,
    study,
    windows_around,
)

__all__ = [
    "Study",
    "Windows",
    "concerning",
    "import_table",
    "read",
    "study",
    "table",
    "windows_around",
]
