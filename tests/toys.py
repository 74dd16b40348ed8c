"""A made-up source and the notebooks in `tests/notebooks`, in place of those that ship."""

import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from analysis import paths

try:
    import resource
except ImportError:  # Windows
    resource = None

NOTEBOOKS = Path(__file__).with_name("notebooks")

#: what a source, a file or a user may want a page, a spreadsheet or a shell to take for an order
HOSTILE = "</figure><script>alert(1)</script> <img src=x onerror=alert(1)> [a](http://b.c) $x$ _y_"

_SIDECAR = {
    "title": "A toy source",
    "producer": "Nobody & <i>sons</i>",
    "version": "1",
    "published": "2020",
    "accessed": "2021-01-01",
    "url": "https://example.org/toy",
    "licence": {"name": "CC0", "url": "https://example.org", "redistribute": True, "why": "Toy."},
    "citation": "toy2020",
    "unit": "event",
    "instrument": "exercise",
    "coverage": {"years": [1950, 2020], "countries": "all", "note": "none"},
    "sampling": {"unit": "exercise", "systematic": True, "note": "none"},
    "caveats": ["Nothing in it is true."],
    "changes": ["None."],
    "origin": [{"file": "toy.csv", "sha256": "none", "rows": 1}],
}
_TABLE = b"iso3\nPAK\n"


def make_data(folder: Path) -> Path:
    """Write a data folder with the tables of countries and one source, `toy`."""
    shutil.copytree(paths.data_dir() / "countries", folder / "countries")
    toy = folder / "toy"
    toy.mkdir()
    (toy / "toy.csv").write_bytes(_TABLE)
    sidecar = {**_SIDECAR, "files": {"toy.csv": hashlib.sha256(_TABLE).hexdigest()}}
    (toy / "source.yml").write_text(yaml.safe_dump(sidecar), "utf-8")
    bibliography = "@misc{toy2020,\n  title = {A toy source},\n  year = {2020}\n}\n"
    (folder / "sources.bib").write_text(bibliography, "utf-8")
    return folder


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """Have every write fail that would make a file larger, after what fits, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def contents(folder: Path) -> dict[str, bytes]:
    """Content of every file in a folder and below, by path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def toys(tmp_path_factory) -> Iterator[Path]:
    """Let the package see the toy source and the test notebooks only."""
    folder = tmp_path_factory.mktemp("toys")
    data = make_data(folder / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PARTNERSHIPS_DATA", str(data))
        patch.setenv("PARTNERSHIPS_IMPORTS", str(folder / "imports"))
        patch.setattr(paths, "notebooks_dir", lambda: NOTEBOOKS)
        # it reads sources that the toys lack: with it no kernel would be warm
        patch.setattr("analysis.report.execution.kernel.WARM_UP", "")
        yield data
