"""Fixtures for every test."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

try:
    import matplotlib as mpl
except ModuleNotFoundError:
    pass
else:
    mpl.use("Agg")

# the same examples in every run, and no verdict that depends on how busy the machine is
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")

_SIBLING = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def source_dir() -> Path:
    """Folder of the original source files, which are not part of the project."""
    folder = Path(os.environ.get("PARTNERSHIPS_SOURCES") or _SIBLING)
    if not folder.is_dir():
        pytest.skip("no source files: set PARTNERSHIPS_SOURCES, or put them in ../shared/data")
    return folder


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers which are the same in every run."""
    return np.random.default_rng(20240229)
