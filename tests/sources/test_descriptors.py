"""Files that other programs read, read by these: the data package and the citation."""

import json
import subprocess
import sys
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import pytest

from analysis import paths

ROOT = Path(__file__).parents[2]
READ_CITATION = """
from pathlib import Path
from cffconvert import Citation
citation = Citation(Path("CITATION.cff").read_text("utf-8"))
citation.validate()
print(citation.as_zenodo())
"""


def asked(*command: str) -> str:
    """What a program says; its own warnings are its own affair."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --- the data package ---


@pytest.fixture
def package(tmp_path):
    """The descriptor beside the first lines of every table."""
    shipped = json.loads((paths.data_dir() / "datapackage.json").read_text("utf-8"))
    for resource in shipped["resources"]:
        del resource["hash"]  # of the whole table
        whole = paths.data_dir() / resource["path"]
        short = tmp_path / resource["path"]
        short.parent.mkdir(exist_ok=True)
        with whole.open(encoding="utf-8", newline="") as lines:
            short.write_text("".join(islice(lines, 9)), "utf-8")
    path = tmp_path / "datapackage.json"
    path.write_text(json.dumps(shipped), "utf-8")
    return path


@pytest.mark.slow
def test_frictionless_takes_the_descriptor_for_valid(package):
    report = json.loads(
        asked("-m", "frictionless", "validate", str(package), "--json", "--trusted")
    )
    wrong = [task["errors"][:1] for task in report["tasks"] if not task["valid"]]
    assert report["valid"], (report["errors"], wrong)


@pytest.mark.slow
def test_frictionless_takes_all_data_for_valid():
    """Every cell of every table fits the type of its column, every table its hash."""
    report = json.loads(asked("-m", "frictionless", "validate", "data/datapackage.json", "--json"))
    wrong = [(task["name"], task["errors"][:1]) for task in report["tasks"] if not task["valid"]]
    assert report["valid"], wrong


# --- the citation ---


@pytest.mark.slow
def test_cffconvert_takes_the_citation_for_valid():
    pytest.importorskip("cffconvert", reason="`make test` installs it")
    made = json.loads(asked("-c", READ_CITATION))
    assert made["version"] == version("partnership-diversity")
    assert made["title"].startswith("partnership-diversity")
