"""A report names what it was made from, and nothing else: changes meanwhile are found."""

import json
import os
import shutil
from pathlib import Path

import pytest
import yaml
from toys import NOTEBOOKS, contents, make_data, toys  # noqa: F401

from analysis import paths
from analysis.errors import PartnershipError
from analysis.report import batch, manifest, planning, run, verify
from analysis.sources import catalog

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def places(tmp_path, monkeypatch):
    """Data, imports, notebooks and a lock file that may be changed, and a folder of reports."""
    imports = tmp_path / "imports"
    (imports / "claims").mkdir(parents=True)
    (imports / "claims" / "mine.csv").write_text("a\n")
    (imports / "own").mkdir()
    (imports / "own" / "ledger.csv").write_text("a\n")
    own = tmp_path / "notebooks"
    shutil.copytree(NOTEBOOKS, own)
    lock = tmp_path / "lock.txt"
    lock.write_bytes(paths.lock_file().read_bytes())
    monkeypatch.setenv("PARTNERSHIPS_DATA", str(make_data(tmp_path / "data")))
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(imports))
    monkeypatch.setattr(paths, "notebooks_dir", lambda: own)
    monkeypatch.setattr(paths, "lock_file", lambda: lock)
    return tmp_path


CHANGED = {
    "data/toy/toy.csv": "data toy",
    "data/toy/source.yml": "data toy",
    "data/toy/new.csv": "data toy",
    "data/claims.csv": "data claims.csv",
    "data/countries/states.csv": "data countries",
    "data/sources.bib": "data sources.bib",
    "imports/claims/mine.csv": "data imported/claims",
    "imports/own/ledger.csv": "data imported/own",
    "imports/new/ledger.csv": "data imported/new",
    "notebooks/shows.ipynb": "notebook",
    "lock.txt": "lock",
}


def append(path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write("\n")


def meanwhile(monkeypatch, act):
    """Do something while a notebook is executed."""

    def execute(source, values, timeout=None):
        act()
        return source

    monkeypatch.setattr(run, "execute", execute)


def make(out):
    return batch.make(planning.plan(["PAK"], {"shows": {"label": "x"}}, out=out), out=out)


@pytest.mark.parametrize("path", CHANGED)
def test_what_changes_while_a_report_is_made_is_named_and_nothing_is_shown(
    path, places, monkeypatch
):
    if path == "data/countries/states.csv":
        path = next((places / "data" / "countries").glob("*.csv")).relative_to(places).as_posix()
    out = places / "out"
    meanwhile(monkeypatch, lambda: None)
    make(out)
    before = contents(out)
    meanwhile(monkeypatch, lambda: append(places / path))
    [outcome] = make(out)
    named = CHANGED.get(path, "data countries")
    assert outcome.error.startswith(f"ChangedError: {named} changed while the report was made")
    assert contents(out) == before
    [task] = planning.plan(["PAK"], {"shows": {"label": "x"}}, out=out, resume=True)
    assert task.whys == [named]


def test_what_is_changed_and_changed_back_is_found_as_well(places, monkeypatch):
    table = places / "data" / "toy" / "toy.csv"
    content, times = table.read_bytes(), table.stat()

    def there_and_back():
        table.write_bytes(b"iso3\nIND\n")
        table.write_bytes(content)
        os.utime(table, ns=(times.st_atime_ns, times.st_mtime_ns))

    meanwhile(monkeypatch, there_and_back)
    [outcome] = make(places / "out")
    assert "toy.csv changed while the report was made" in outcome.error


def test_a_report_that_is_tried_again_after_a_change_is_refused_by_name(places, monkeypatch):
    meanwhile(monkeypatch, lambda: append(places / "data" / "toy" / "toy.csv"))
    tasks = planning.plan(["PAK"], {"shows": {"label": "x"}}, out=places / "out")
    [outcome] = batch.make(tasks, out=places / "out", retry=1)
    assert outcome.attempts == 2
    assert "data toy changed since the run began" in outcome.error


def test_a_package_that_changes_stops_the_run(places, monkeypatch):
    def upgrade():
        monkeypatch.setattr(manifest, "library_sha256", lambda: "another")

    meanwhile(monkeypatch, upgrade)
    with pytest.raises(PartnershipError, match="The package was changed"):
        run.make_report("PAK", "shows", out=places / "out", parameters={"label": "x"})


def test_packages_that_are_installed_meanwhile_are_found(places, monkeypatch, tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))

    def install():
        about = site / "numpy-99.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: numpy\nVersion: 99.0\n")

    meanwhile(monkeypatch, install)
    [outcome] = make(places / "out")
    assert "packages changed while the report was made" in outcome.error


def test_the_sidecar_that_a_manifest_quotes_is_that_of_now(places):
    """A process may live for long, and read a sidecar before and after it changes."""
    assert catalog.get("toy").version == "1"
    path = places / "data" / "toy" / "source.yml"
    fields = yaml.safe_load(path.read_text("utf-8"))
    path.write_text(yaml.safe_dump({**fields, "version": "2"}), "utf-8")
    assert catalog.get("toy").version == "2"
    assert catalog.all_sources()["toy"].version == "2"


# --- manifests that are not ours -----------------------------------------------------------------

BROKEN = [None, [], "", 0, -1, 1e308, 10**400, True, "\ud800", {"a": {}}, [[]] * 3]


def deep(levels: int) -> object:
    content: object = {}
    for _ in range(levels):
        content = {"a": [content]}
    return content


def mutations(content: dict) -> list[str]:
    """Texts of manifests, each with one thing in it that is not as it should be."""
    entry = next(iter(content["reports"].values()))
    texts = []
    for wrong in [*BROKEN, deep(10), deep(60), deep(300)]:
        for key in [*content, "new"]:
            texts.append(json.dumps({**content, key: wrong}))
        for key in [*entry, "new"]:
            reports = {"shows": {**entry, key: wrong}}
            texts.append(json.dumps({**content, "reports": reports}))
        texts.append(json.dumps({**content, "reports": {"shows": wrong, "../x": entry}}))
        files = {**entry["files"], "shows.html": wrong, "../../x": wrong, "/etc/passwd": wrong}
        texts.append(json.dumps({**content, "reports": {"shows": {**entry, "files": files}}}))
    whole = json.dumps(content)
    texts += [whole[:at] for at in range(0, len(whole), len(whole) // 7)]
    texts += [whole.replace('"format": 1', '"format": NaN'), whole.replace('"seed"', '"data"')]
    texts += ["[" * 100_000, "", "\x00", '{"format": 1' + "0" * 5000 + "}", whole + whole]
    return texts


@pytest.mark.parametrize("every", [9, pytest.param(1, marks=pytest.mark.slow)])
def test_a_broken_manifest_is_a_line_or_does_no_harm(every, places, monkeypatch):
    meanwhile(monkeypatch, lambda: None)
    out = places / "out"
    make(out)
    path = out / "PAK" / manifest.NAME
    given = {"shows": {"label": "x"}}
    good = path.read_bytes()
    built = run.build("PAK", "shows", planning.plan(["PAK"], given, out=out)[0].values)
    monkeypatch.setattr(batch, "_work", lambda task, timeout: (built, 0.0))
    for text in mutations(json.loads(good))[::every]:
        path.write_text(text, "utf-8", errors="surrogatepass")
        said = said_of(given, out)
        assert said.partition(":")[0] in OURS, (said, text[:300])
        assert len(said.splitlines()) == 1, (said, text[:300])
        path.write_bytes(good)


OURS = ("made", "PartnershipError", "ParameterError", "ForeignError")


def said_of(given: dict, out: Path) -> str:
    """What comes of looking at reports, making them again and writing the site."""
    try:
        verify.verify(out)
        for resume in (True, False):
            tasks = planning.plan(["PAK"], given, out=out, resume=resume)
        [outcome] = batch.make(tasks, out=out)
        batch.finish(out, [outcome])
    except PartnershipError as error:
        return f"{type(error).__name__}: {error}"
    return outcome.error or outcome.status
