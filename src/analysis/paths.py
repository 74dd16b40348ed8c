"""Where things are: one rule for a checkout and for an installed package."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parents[1]


def _in_checkout() -> bool:
    return (_CHECKOUT / "pyproject.toml").is_file() and (_CHECKOUT / "data").is_dir()


def data_dir() -> Path:
    """Folder of the shipped tables; the environment variable PARTNERSHIPS_DATA overrides it."""
    if override := os.environ.get("PARTNERSHIPS_DATA"):
        return Path(override)
    return _CHECKOUT / "data" if _in_checkout() else _PACKAGE / "_data"


def notebooks_dir() -> Path:
    """Folder of the report notebooks."""
    return _CHECKOUT / "notebooks" if _in_checkout() else _PACKAGE / "_notebooks"


def lock_file() -> Path:
    """File of the versions that reports are made with, by hash."""
    folder = _CHECKOUT / "requirements" if _in_checkout() else _PACKAGE / "_requirements"
    return folder / "report.txt"


def imports_dir() -> Path:
    """Folder of a user's own imported sources; PARTNERSHIPS_IMPORTS overrides it.

    In a checkout it lies inside the (git-ignored) `data/imported`, so that a fresh clone is
    hermetic; an installed package keeps it in the user's data folder.
    """
    if override := os.environ.get("PARTNERSHIPS_IMPORTS"):
        return Path(override)
    if _in_checkout():
        return _CHECKOUT / "data" / "imported"
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "partnership-diversity"
