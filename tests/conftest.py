"""Fixtures for every test."""

import gc
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# one thread a process, as in the kernels of reports: there is one process a core already; numpy
# reads this when it is imported
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

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

#: files that take longest, in this order: begun first, so that no core is without work at the end
LONGEST = (
    "test_notebooks", "test_recipes", "test_pages_browser", "test_methods", "test_batch",
    "test_plot", "test_countries", "test_store",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest files first."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.stem, len(places)))


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through thousands of tests each time."""
    gc.collect()
    gc.freeze()


_SIBLING = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def source_dir() -> Path:
    """Folder of the original source files, which are not part of the project."""
    folder = Path(os.environ.get("PARTNERSHIPS_SOURCES") or _SIBLING)
    if not folder.is_dir():
        pytest.skip("no source files: set PARTNERSHIPS_SOURCES, or put them in ../shared/data")
    return folder


@pytest.fixture(autouse=True)
def _no_figure_stays_open() -> Iterator[None]:
    """Close what a test has drawn, whichever test comes next in this process."""
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture
def rng() -> np.random.Generator:
    """Random numbers which are the same in every run."""
    return np.random.default_rng(20240229)


@pytest.fixture(scope="session")
def make_reports(pytestconfig: pytest.Config) -> Callable[..., Path]:
    """Make reports with few draws by the command, as a user would; gives the folder of them all.

    It is one folder for all files and runs of the tests, in pytest's cache: as with `--resume`
    anywhere, what is there already and would be the same is not made again. The notebooks are those
    that ship, with fewer draws as their default, so that the reports are no variants.
    """
    from analysis import paths
    from analysis.report import publish

    kept = pytestconfig.cache.mkdir("reports")
    out, notebooks = kept / "out", kept / "notebooks"
    notebooks.mkdir(exist_ok=True)
    for path in paths.notebooks_dir().glob("*.ipynb"):
        text = re.sub(r"(draws: int = )\d+", r"\g<1>50", path.read_text("utf-8"))
        (notebooks / path.name).write_text(text, "utf-8")
    code = (
        f"from pathlib import Path; from analysis import cli, paths;"
        f" paths.notebooks_dir = lambda: Path({str(notebooks)!r}); raise SystemExit(cli.main())"
    )

    def make(*states: str, notebook: str = "all") -> Path:
        command = [
            sys.executable,
            "-c",
            code,
            "report",
            *states,
            "--notebook",
            notebook,
            "--resume",
            "--jobs",
            "2",
            "--out",
            str(out),
        ]
        with publish.locked(kept):  # another process may want the same
            made = subprocess.run(command, capture_output=True, text=True)
        assert made.returncode == 0, made.stderr
        return out

    return make


#: what a system may call it
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: a browser that asks nobody for anything, and runs as whoever runs the tests
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, driven by Playwright; without either the tests are skipped, but not in CI.

    While it is open no other event loop can run in this thread: make reports before, or in a
    process of their own.
    """
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not (found and find_spec("playwright")) and not os.environ.get("CI"):
        pytest.skip(f"needs the package playwright and one of {', '.join(CHROMIUM)}")
    assert found, "CI must have a Chromium"
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=QUIET)
        yield opened
        opened.close()
