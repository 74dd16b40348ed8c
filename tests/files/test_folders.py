"""Nothing is reached through a link, and nothing of others is touched."""

import os
import shutil
import socket
import stat
from contextlib import suppress
from pathlib import Path

import pytest
from toys import contents, names, toys  # noqa: F401

from analysis.errors import ParameterError
from analysis.files.folders import Folder, ForeignError
from analysis.report import batch, manifest, planning, publish, verify
from analysis.report.site import index, logs, run_log

pytestmark = [
    pytest.mark.usefixtures("toys"),
    pytest.mark.skipif(os.name != "posix", reason="links and FIFOs of POSIX"),
]
needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files to others"
)

REPORT = "shows--label-x"
#: names that a run uses in a folder of reports: files, then folders
FILES = [
    ".lock",
    ".run.lock",
    "runs.jsonl",
    "changes.jsonl",
    "index.html",
    ".index.html.new",
    "changes.html",
    "changes.json",
    "changes.atom",
    ".runs.jsonl.new",
    f"failed/PAK/{REPORT}.ipynb",
    "PAK/manifest.json",
    "PAK/index.html",
    "PAK/sources.bib",
    f"PAK/{REPORT}.html",
    f"PAK/{REPORT}.ipynb",
    f"PAK/{REPORT}.pdf",
    f"PAK/figures/{REPORT}-bars.svg",
    f"PAK/figures/{REPORT}-new.png",
    f"PAK/data/{REPORT}-bars.csv",
    f"PAK/tables/{REPORT}-table.tex",
]
FOLDERS = ["PAK", "PAK/figures", "PAK/data", "PAK/tables", "failed", "failed/PAK", ".staging-x"]


def link_to_file(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere / "file.txt")


def link_to_folder(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere)


def dangling_link(path: Path, elsewhere: Path) -> None:
    path.symlink_to(elsewhere / "none")


def fifo(path: Path, elsewhere: Path) -> None:
    os.mkfifo(path)


def other_kind(path: Path, elsewhere: Path) -> None:
    if path.relative_to(elsewhere.parent / "out").as_posix() in FILES:
        path.mkdir()
        (path / "file.txt").write_text("mine")
    else:
        path.write_text("mine")


PLANTED = [link_to_file, link_to_folder, dangling_link, fifo, other_kind]
#: the first two at every name by default, the others with the slow tests
MOST_SLOWLY = [*PLANTED[:2], *(pytest.param(one, marks=pytest.mark.slow) for one in PLANTED[2:])]


def everything(folder: Path) -> dict[str, object]:
    """What is in a folder, with kinds, permissions and contents."""
    return {
        path.relative_to(folder).as_posix(): (
            path.lstat().st_mode,
            path.readlink() if path.is_symlink() else path.is_file() and path.read_bytes(),
        )
        for path in folder.rglob("*")
    }


@pytest.fixture
def places(report, tmp_path):
    """A folder of reports as a run leaves it, and one elsewhere that nobody may touch."""
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    shutil.copytree(report[1], out)
    elsewhere.mkdir()
    (elsewhere / ".lock").write_text("theirs")
    for part in ("", "old", "old/PAK", "PAK", "figures"):
        (elsewhere / part).mkdir(exist_ok=True)
        (elsewhere / part / "file.txt").write_text("theirs")
        (elsewhere / part / "shows.ipynb").write_text("theirs")
    return out, elsewhere


def plan(out: Path) -> list[planning.Task]:
    return planning.plan(["PAK"], {"shows": {"label": "x"}}, out=out)


def replace_by(plant, path: Path, elsewhere: Path) -> None:
    path.parent.mkdir(exist_ok=True, parents=True)
    if path.exists():
        path.rename(elsewhere / f"was-{path.name}")
    plant(path, elsewhere)


@pytest.fixture(scope="module")
def report(toys, tmp_path_factory):  # noqa: F811
    """One report, executed once for all tests, and a folder that holds it and the site."""
    out = tmp_path_factory.mktemp("report") / "out"
    built = batch._work(plan(out)[0], None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "_work", lambda task, timeout: built)
        batch.finish(out, batch.make(plan(out), out=out))
    return built, out


@pytest.fixture(autouse=True)
def no_kernels(report, monkeypatch):
    monkeypatch.setattr(batch, "_work", lambda task, timeout: report[0])


@pytest.mark.parametrize("plant", MOST_SLOWLY, ids=lambda plant: plant.__name__)
@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_what_is_planted_stops_the_run_and_is_not_touched(name, plant, places):
    out, elsewhere = places
    replace_by(plant, out / name, elsewhere)
    before = everything(out), everything(elsewhere)
    with pytest.raises(ParameterError) as stopped:
        batch.make(plan(out), out=out)
    assert len(str(stopped.value).splitlines()) == 1
    assert str(out) in str(stopped.value)
    assert (everything(out), everything(elsewhere)) == before


@pytest.mark.parametrize(
    "plant", [link_to_file, link_to_folder, fifo], ids=lambda plant: plant.__name__
)
@pytest.mark.parametrize("name", [*FILES, *FOLDERS])
def test_what_is_planted_while_a_run_is_at_work_leads_nowhere(name, plant, places):
    """As if somebody had waited for the checks at the beginning to be over."""
    out, elsewhere = places
    tasks = plan(out)
    replace_by(plant, out / name, elsewhere)
    before = everything(elsewhere)
    with suppress(ParameterError):
        batch.finish(out, batch.make(tasks, out=out))
    assert everything(elsewhere) == before


def test_a_file_with_a_second_name_elsewhere_is_not_written_through_it(places):
    out, elsewhere = places
    os.link(elsewhere / "file.txt", out / ".run.lock")
    with pytest.raises(ForeignError, match="another name elsewhere"):
        batch.make(plan(out), out=out)
    (out / ".run.lock").unlink()
    (out / "runs.jsonl").unlink()
    os.link(elsewhere / "file.txt", out / "runs.jsonl")
    run_log.record(out, "PAK", "shows")
    assert (elsewhere / "file.txt").read_text() == "theirs"
    assert (out / "runs.jsonl").read_text().startswith("theirs\n{")


@pytest.mark.parametrize("kind", ["socket", "device"])
def test_sockets_and_devices_are_refused(kind, tmp_path):
    (tmp_path / "out").mkdir()
    path = tmp_path / "out" / ".run.lock"
    if kind == "socket":
        with socket.socket(socket.AF_UNIX) as bound:
            os.chdir(tmp_path)  # a path of a socket is short
            bound.bind("out/.run.lock")
    else:
        try:
            os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 3))
        except PermissionError:
            pytest.skip("only root makes devices")
    with pytest.raises(ForeignError, match=f"is a {kind}"):
        batch.make(plan(tmp_path / "out"), out=tmp_path / "out")


# --- owners and permissions ----------------------------------------------------------------------


def test_permissions_that_a_user_set_are_kept(places):
    out, _ = places
    (out / "PAK").chmod(0o700)
    (out / "PAK" / "figures").chmod(0o2750)
    batch.make(plan(out), out=out)
    assert stat.S_IMODE((out / "PAK").stat().st_mode) == 0o700
    assert stat.S_IMODE((out / "PAK" / "figures").stat().st_mode) == 0o2750


def test_folders_and_files_of_the_users_own_are_left_alone(places):
    out, elsewhere = places
    own = out / "PAK" / "notes"
    (own / "empty").mkdir(parents=True)
    (own / "mine.txt").write_text("mine")
    own.chmod(0o700)
    (own / "link").symlink_to(elsewhere)
    os.mkfifo(own / "fifo")
    (out / "PAK" / "figures" / "mine.png").write_text("mine")
    before = {path.name: (path.lstat().st_ino, path.lstat().st_mode) for path in own.rglob("*")}
    assert [o.status for o in batch.make(plan(out), out=out)] == ["made"]
    after = {path.name: (path.lstat().st_ino, path.lstat().st_mode) for path in own.rglob("*")}
    assert after == before
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert (out / "PAK" / "figures" / "mine.png").read_text() == "mine"


def test_a_file_of_the_users_own_at_a_name_of_a_report_is_not_replaced(places):
    out, _ = places
    content = manifest.read(out / "PAK")
    del content["reports"][REPORT]["files"][f"{REPORT}.html"]
    (out / "PAK" / "manifest.json").write_bytes(manifest.as_bytes(content))
    (out / "PAK" / f"{REPORT}.html").write_text("mine")
    before = everything(out)
    [outcome] = batch.make(plan(out), out=out)
    assert f"{REPORT}.html was not made by this program" in outcome.error
    assert everything(out) == before


@needs_root
def test_the_owner_of_a_folder_is_kept(places):
    out, _ = places
    os.chown(out / "PAK", 12345, 54321)
    assert [o.status for o in batch.make(plan(out), out=out)] == ["made"]
    about = (out / "PAK").stat()
    assert (about.st_uid, about.st_gid) == (12345, 54321)


@needs_root
def test_root_makes_reports_beside_those_of_a_user(places):
    out, _ = places
    files = {"peers.html": b"peers", "data/peers-a.csv": b"a"}
    entry = {"sources": {}, "files": manifest.digests(files)}
    with publish.staging(out) as aside:
        publish.publish(out, aside, state="PAK", report="peers", entry=entry, files=files)
    for path in [out, *out.rglob("*")]:
        os.chown(path, 12345, 12345)
    [outcome] = batch.make(plan(out), out=out)
    assert outcome.status == "made", outcome.error
    assert batch.finish(out, [outcome]) == []
    assert verify.verify(out)[1] == []
    assert (out / "PAK" / "data" / "peers-a.csv").read_bytes() == b"a"
    assert (out / "PAK").stat().st_uid == 12345


@needs_root
@pytest.mark.parametrize("name", [".run.lock", "runs.jsonl", "PAK/shows--label-x.html", ".lock"])
def test_a_file_of_another_user_stops_the_run(name, places):
    out, _ = places
    (out / name).touch()
    os.chown(out / name, 12345, 12345)
    before = everything(out)
    with pytest.raises(ForeignError, match=r"belongs to another user \(12345\)"):
        batch.make(plan(out), out=out)
    assert everything(out) == before


# --- without descriptors -------------------------------------------------------------------------


def test_where_folders_cannot_be_held_open_names_are_looked_at(places, monkeypatch):
    """As on Windows."""
    out, elsewhere = places
    monkeypatch.setattr("analysis.files.folders._RELATIVE", False)
    assert [o.status for o in batch.make(plan(out), out=out)] == ["made"]
    index.write(out)
    assert verify.verify(out)[1] == []
    (out / ".run.lock").symlink_to(elsewhere / "file.txt")
    before = contents(elsewhere)
    with pytest.raises(ForeignError, match="is a link"):
        batch.make(plan(out), out=out)
    assert contents(elsewhere) == before


def test_a_name_is_no_path(tmp_path):
    with Folder.open(tmp_path) as folder:
        for name in ("..", ".", "", "/etc/passwd", "a/../../b"):
            with pytest.raises(ValueError, match="no name of a file"):
                folder.remove(name)
    assert names(tmp_path) == []


def test_a_lock_of_a_run_that_was_killed_is_taken_away(tmp_path):
    (tmp_path / ".lock").touch()
    (tmp_path / ".run.lock").write_text("1\n")
    with publish.only_run(tmp_path):
        pass
    assert names(tmp_path) == []


@pytest.mark.parametrize("plant", [link_to_file, link_to_folder, fifo, Path.mkdir])
def test_a_log_is_no_link(plant, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file.txt").write_text("theirs")
    log = tmp_path / "log"
    if plant is Path.mkdir:
        log.mkdir()
    else:
        plant(log, elsewhere)
    with pytest.raises(ParameterError, match="where this program keeps a file"), logs.to_file(log):
        pass
    assert (elsewhere / "file.txt").read_text() == "theirs"
