import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from toys import contents, files_no_larger_than, names, resource, toys  # noqa: F401

from analysis.errors import ParameterError
from analysis.files.folders import Folder
from analysis.report import manifest, publish, verify
from analysis.report.site import country
from analysis.sources import imported
from analysis.studies.events import shock_table

pytestmark = pytest.mark.usefixtures("toys")

NEW = {"arms.html": b"new page", "figures/arms-a.svg": b"new", "data/arms-b.csv": b"new"}
OLD = {"arms.html": b"old page", "figures/arms-a.svg": b"old", "data/arms-gone.csv": b"old"}
OTHER = {"peers.html": b"peers", "figures/peers-a.svg": b"peers"}


def put(out: Path, report: str, files: Mapping[str, bytes]) -> Path:
    entry = {"sources": {"toy": {}}, "files": manifest.digests(files)}
    with publish.staging(out) as aside:
        return publish.publish(out, aside, state="PAK", report=report, entry=entry, files=files)


def reports(folder: Path) -> dict[str, bytes]:
    common = (manifest.NAME, manifest.BIBLIOGRAPHY, country.PAGE)
    return {path: data for path, data in contents(folder).items() if path not in common}


def test_a_report_replaces_its_forerunner_and_nothing_else(tmp_path):
    put(tmp_path, "arms", OLD)
    put(tmp_path, "peers", OTHER)
    (tmp_path / "PAK" / "notes").mkdir()
    (tmp_path / "PAK" / "notes" / "mine.txt").write_bytes(b"mine")
    (tmp_path / "PAK" / "link").symlink_to("notes")
    folder = put(tmp_path, "arms", NEW)
    assert reports(folder) == {**NEW, **OTHER, "notes/mine.txt": b"mine"}
    assert (folder / "link").readlink() == Path("notes")
    assert list(manifest.read(folder)["reports"]) == ["arms", "peers"]
    assert names(tmp_path) == ["PAK"]


def test_reports_that_are_made_twice_are_the_same(tmp_path):
    put(tmp_path / "one", "arms", NEW)
    put(tmp_path / "one", "peers", OTHER)
    put(tmp_path / "other", "peers", OTHER)
    put(tmp_path / "other", "arms", OLD)
    put(tmp_path / "other", "arms", NEW)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_a_success_removes_the_notebook_of_the_failure(tmp_path):
    def keep(report):
        with publish.staging(tmp_path) as aside:
            return publish.keep_failed(tmp_path, aside, state="PAK", report=report, notebook=b"n")

    kept = keep("arms")
    assert kept.read_bytes() == b"n"
    other = keep("peers")
    put(tmp_path, "arms", NEW)
    assert not kept.exists()
    assert other.exists()
    put(tmp_path, "peers", OTHER)
    assert names(tmp_path) == ["PAK"]


def test_a_run_leaves_no_folder_that_it_made_for_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), publish.staging(tmp_path / "out"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("out", ["file", "file/below", "long" * 100])
def test_a_folder_that_cannot_be_written_is_a_mistake(out, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="--out"), publish.staging(tmp_path / out):
        pass
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize("kind", ["file", "foreign", "link", "other_manifest"])
def test_what_is_no_folder_of_reports_is_refused(kind, tmp_path):
    target = tmp_path / "PAK"
    if kind == "file":
        target.write_text("x")
    elif kind == "link":
        target.symlink_to(tmp_path)
    else:
        target.mkdir()
        (target / "manifest.json").write_text('{"name": "an app"}' if "other" in kind else "x")
    with pytest.raises(ParameterError, match="choose another"):
        put(tmp_path, "arms", NEW)
    assert names(tmp_path) == ["PAK"]


def test_folders_of_runs_that_live_are_left_alone(tmp_path):
    (tmp_path / ".staging-of-another-program").mkdir()
    (tmp_path / ".staging-of-another-program" / "file").write_text("x")
    with publish.staging(tmp_path) as alive:
        alive.create("work", b"x")
        put(tmp_path, "arms", NEW)
        assert alive.read("work") == b"x"
    assert names(tmp_path) == [".staging-of-another-program", "PAK"]


def test_a_rename_that_fails_leaves_the_old_report(tmp_path, monkeypatch):
    put(tmp_path, "arms", OLD)
    move = Folder.move

    def full(self, name, folder, new=None):
        if self.path.name.startswith(".staging-"):
            raise OSError(28, "No space left on device")
        move(self, name, folder, new)

    monkeypatch.setattr(Folder, "move", full)
    with pytest.raises(OSError, match="No space left"):
        put(tmp_path, "arms", NEW)
    assert reports(tmp_path / "PAK") == OLD
    assert names(tmp_path) == ["PAK"]


def test_without_hard_links_files_are_copied(tmp_path, monkeypatch):
    put(tmp_path, "peers", OTHER)

    def no_links(*_, **__):
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    assert reports(put(tmp_path, "arms", NEW)) == {**NEW, **OTHER}


KILLED = """
import errno, json, os, sys
from pathlib import Path
import test_publish as here
from analysis.files import folders
from analysis.report import publish as place

EVENTS = {"os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod"}
out, on_overlay = Path(sys.argv[1]), sys.argv[2] == "overlay"
rename = folders._rename

def lower_layer(old, new):
    # a folder of the lower layer cannot be moved
    (name, where), _ = old, new
    if name == "PAK" and os.readlink(f"/proc/self/fd/{where['dir_fd']}") == str(out):
        raise OSError(errno.EXDEV, "Invalid cross-device link")
    rename(old, new)

if on_overlay:
    folders._rename = lower_layer

def step(n):
    # die at the n-th thing that is done to a file or folder, as kill -9 would
    left = n
    def hook(event, args):
        nonlocal left
        if event in EVENTS or event == "open" and args[2] & os.O_CREAT:
            left -= 1
            if left == 0:
                os._exit(9)
    sys.addaudithook(hook)
    here.put(out, "arms", here.NEW)
    os._exit(0)

found, status, n = [], 9, 0
here.put(out, "arms", here.OLD)
here.put(out, "peers", here.OTHER)
while status:
    here.put(out, "arms", here.OLD)
    here.put_own(out)
    n += 1
    child = os.fork()
    if not child:
        step(n)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    there = (out / "PAK").exists()
    before = here.state(out, own=False) if there else "gone"
    place.check(out, ["PAK"], ["arms"])  # what the next run does first
    with place.staging(out):
        pass
    found.append([before, here.state(out), here.names(out)])
print(json.dumps(found))
"""


def put_own(out: Path) -> None:
    """Put a folder and a file of the user's own among the reports."""
    (out / "PAK" / "notes").mkdir(exist_ok=True)
    (out / "PAK" / "notes" / "mine.txt").write_bytes(b"mine")
    (out / "PAK" / "figures" / "mine.png").write_bytes(b"mine")


OWN = {"notes/mine.txt": b"mine", "figures/mine.png": b"mine"}


def state(out: Path, *, own: bool = True) -> str:
    """Which report is there: the old one or the new one, whole; else what is wrong with it."""
    folder = out / "PAK"
    if manifest.read(folder) is None:
        return "gone"
    wrong = [fault for fault in verify.verify(folder)[1] if "is in no manifest" not in fault]
    there = reports(folder)
    if wrong or not OTHER.items() <= there.items() or (own and not OWN.items() <= there.items()):
        return f"broken: {wrong} {sorted(there)}"
    found = {path: data for path, data in there.items() if path not in {*OTHER, *OWN}}
    return "old" if found == OLD else "new" if found == NEW else f"mixed: {sorted(found)}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "where",
    [
        "disk",
        pytest.param(
            "overlay",
            marks=pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc"),
        ),
    ],
)
def test_kill_9_at_any_step_leaves_a_whole_report(where, toys, tmp_path):  # noqa: F811
    path = [Path(publish.__file__).parents[2], *Path(__file__).parents[:2]]
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), where],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(map(str, path))},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(run.stdout)
    assert len(found) > 25
    before, after, left = ([step[at] for step in found] for at in range(3))
    assert set(after) == {"old", "new"}
    assert after == sorted(after, reverse=True)  # old up to some step, new from there
    assert all(names == ["PAK"] for names in left)
    # between two renames the folder is away, or on its way; the next run has put it back
    amid = {b for b, a in zip(before, after, strict=True) if b != a}
    assert amid <= {"gone"} if where == "disk" else all(b == "gone" or "broken" in b for b in amid)


ON_OVERLAY = """
set -e
mkdir top m; mount -t tmpfs t top; mkdir top/u top/w
mount -t overlay o -o lowerdir=low,upperdir=top/u,workdir=top/w m
"$PYTHON" -c 'import test_publish as here; here.renew(here.Path("m"))'
"""


def renew(out: Path) -> None:
    """Make a report again, and take in a table in place of another, in the layer of an image."""
    assert reports(put(out, "arms", NEW)) == {**NEW, **OTHER, **OWN}
    assert (out / "PAK" / "notes").stat().st_mode & 0o777 == 0o700
    assert names(out) == ["PAK", "imports"]
    os.environ["PARTNERSHIPS_IMPORTS"] = str(out / "imports")
    shock_table.import_table(out.parent / "new" / "mine.csv", replace=True)
    assert (out / "imports" / "shocks" / "mine.csv").read_bytes().count(b"\n") == 2
    assert imported.check_tables("shocks") == (1, [])


@pytest.mark.slow
@pytest.mark.skipif(
    not (hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("unshare")),
    reason="only root mounts an overlay",
)
def test_a_report_in_the_layer_of_an_image_is_made_again(tmp_path, toys, monkeypatch):  # noqa: F811
    low = tmp_path / "low"
    put(low, "peers", OTHER)
    put(low, "arms", OLD)
    put_own(low)
    (low / "PAK" / "notes").chmod(0o700)
    heads = b"shock,state,year,partner,text,title,url,note\n"
    row = b"%s,PAK,1990,USA,A shock,Me,https://example.org,\n"
    for name, rows in (("old", [row % b"one", row % b"two"]), ("new", [row % b"one"])):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.csv").write_bytes(heads + b"".join(rows))
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(low / "imports"))
    shock_table.import_table(tmp_path / "old" / "mine.csv")
    path = [str(Path(publish.__file__).parents[2]), *map(str, Path(__file__).parents[:2])]
    env = {**os.environ, "PYTHON": sys.executable, "PYTHONPATH": os.pathsep.join(path)}
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", ON_OVERLAY],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
    )
    if "mount" in run.stderr and "Traceback" not in run.stderr:
        pytest.skip("no overlay can be mounted here")
    assert run.returncode == 0, run.stderr


@pytest.mark.skipif(resource is None, reason="no limits there")
@pytest.mark.parametrize("limit", [0, 2, 7, 200, 5000])
def test_a_full_disk_leaves_the_old_report(limit, tmp_path):
    """The write that does not fit fails half-way, whichever it is."""
    put(tmp_path, "arms", OLD)
    put(tmp_path, "peers", OTHER)
    before = contents(tmp_path)
    with files_no_larger_than(limit), pytest.raises(OSError, match="too large"):
        put(tmp_path, "arms", {**NEW, "data/arms-large.csv": b"x" * 10_000})
    assert contents(tmp_path) == before
    assert names(tmp_path) == ["PAK"]


def test_verification_names_every_fault(tmp_path):
    folder = put(tmp_path, "arms", NEW)
    (folder / "arms.html").write_bytes(b"changed")
    (folder / "data" / "arms-b.csv").unlink()
    (folder / "extra.txt").write_bytes(b"")
    number, faults = verify.verify(tmp_path)
    assert number == len(NEW) + 2
    assert faults == [
        f"{folder}/data/arms-b.csv: is missing",
        f"{folder}/arms.html: was changed after it was made",
        f"{folder}/extra.txt: is in no manifest",
    ]
    (folder / "manifest.json").write_text("{")
    assert verify.verify(tmp_path)[1] == [f"{folder}/manifest.json: cannot be read as a manifest"]


def test_there_must_be_something_to_verify(tmp_path):
    with pytest.raises(ParameterError, match="holds no report"):
        verify.verify(tmp_path)
