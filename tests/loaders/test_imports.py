"""What a user imports is checked as stored, whole or not at all, and never replaced unasked."""

import fcntl
import json
import os
import stat
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from test_store import REGISTER
from toys import contents, files_no_larger_than, names, resource

from analysis import paths
from analysis.cli import main
from analysis.errors import DiskError, ParameterError, SourceFileError
from analysis.loaders import imports, sipri
from analysis.sources import catalog, imported
from analysis.studies.events import shock_table

pytestmark = pytest.mark.skipif(os.name != "posix", reason="locks and FIFOs of POSIX")


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    """Folder of imports."""
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path / "imports"))
    return tmp_path / "imports"


@pytest.fixture
def shocks(tmp_path):
    """A table of shocks as it ships, under a name of the user's own."""
    path = tmp_path / "mine.csv"
    path.write_bytes((paths.data_dir() / "shocks.csv").read_bytes())
    return path


@pytest.fixture
def register(tmp_path):
    path = tmp_path / "register.csv"
    path.write_text(REGISTER, "utf-8")
    return path


KINDS = {"shocks": shock_table.import_table, "sipri": partial(imports.import_source, "sipri")}


@pytest.fixture(params=KINDS)
def kind(request, shocks, register):
    """One that takes in, and two files for it."""
    import_file, first = KINDS[request.param], {"shocks": shocks, "sipri": register}[request.param]
    other = first.parent / "other" / first.name
    other.parent.mkdir()
    lines = first.read_text("utf-8").splitlines(keepends=True)
    other.write_text("".join(lines[:-1]), "utf-8")
    return import_file, first, other


def test_an_import_is_not_replaced_unasked(kind, kept):
    import_file, first, other = kind
    import_file(first)
    before = contents(kept)
    with pytest.raises(ParameterError, match=r"is there already.*--replace"):
        import_file(other)
    assert contents(kept) == before
    import_file(other, replace=True)
    assert contents(kept) != before
    assert not [name for name in names(kept) if name.startswith(".")]


def test_the_same_import_again_is_no_replacement(kind, kept):
    import_file, first, _ = kind
    import_file(first)
    before = contents(kept)
    import_file(first)
    assert contents(kept) == before


@pytest.mark.parametrize("limit", [0, 10, 100, 1000])
@pytest.mark.skipif(resource is None, reason="no limits there")
def test_a_full_disk_leaves_the_old_import(limit, kind, kept):
    import_file, first, other = kind
    import_file(first)
    (kept / names(kept)[0] / "notes.txt").write_text("mine")
    before = contents(kept)
    with files_no_larger_than(limit), pytest.raises(DiskError, match="cannot write there"):
        import_file(other, replace=True)
    assert contents(kept) == before


def test_what_was_checked_is_what_is_kept(shocks, kept, monkeypatch):
    """The original is another while it is checked."""
    before, faults = shocks.read_bytes(), shock_table._faults

    def changed(row):
        shocks.write_text("something else")
        return faults(row)

    monkeypatch.setattr(shock_table, "_faults", changed)
    shock_table.import_table(shocks)
    assert (kept / "shocks" / "mine.csv").read_bytes() == before


def test_the_origin_of_a_source_is_what_was_read(register, kept, monkeypatch):
    before, real = catalog.sha256(register), sipri.read_import

    def changed(path, known):
        register.write_text("something else")
        return real(path, known)

    monkeypatch.setattr(sipri, "read_import", changed)
    imports.import_source("sipri", register)
    [origin] = catalog.get("sipri_register").origin
    assert (origin["file"], origin["sha256"]) == ("register.csv", before)


def test_errors_name_the_file_that_was_handed_over(tmp_path, kept):
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n1,2\n")
    for import_file in KINDS.values():
        with pytest.raises(SourceFileError) as refused:
            import_file(bad)
        assert str(bad) in str(refused.value)
        assert "staging" not in str(refused.value)
    assert not kept.exists()


def test_check_sees_what_became_of_an_imported_table(shocks, kept, capsys):
    shock_table.import_table(shocks)
    assert main(["check"]) == 0
    (kept / "shocks" / "mine.csv").write_bytes(shocks.read_bytes()[:-40])
    (kept / "shocks" / "extra.csv").write_text("x")
    assert main(["check"]) == 1
    said = capsys.readouterr().err
    assert "mine.csv: was changed after it was imported" in said
    assert "extra.csv: was not imported" in said
    (kept / "shocks" / "mine.csv").unlink()
    assert main(["check"]) == 1
    assert "mine.csv: is missing" in capsys.readouterr().err


def test_other_tables_and_files_of_ones_own_stay(shocks, kept):
    shock_table.import_table(shocks)
    folder = kept / "shocks"
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("mine")
    folder.chmod(0o700)
    shock_table.import_table(shocks.rename(shocks.with_name("yours.csv")))
    assert names(folder) == [imported.LISTING, "mine.csv", "notes", "yours.csv"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert imported.check_tables("shocks")[0] == 2


def test_the_listing_is_that_of_sha256sum(shocks, kept):
    shock_table.import_table(shocks)
    run = subprocess.run(["sha256sum", "-c", imported.LISTING], cwd=kept / "shocks")
    assert run.returncode == 0


@pytest.mark.parametrize("name", ["shocks", "shocks/mine.csv", "shocks/SHA256SUMS", ".import.lock"])
@pytest.mark.parametrize("to", ["file", "folder", "fifo"])
def test_nothing_is_written_through_a_link(name, to, shocks, kept, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("theirs")
    path = kept / name
    path.parent.mkdir(parents=True)
    if to == "fifo":
        os.mkfifo(path)
    else:
        path.symlink_to(elsewhere / "file" if to == "file" else elsewhere)
    before = contents(elsewhere), names(kept), path.lstat().st_ino
    with pytest.raises(ParameterError, match="this program keeps"):
        shock_table.import_table(shocks)
    assert (contents(elsewhere), names(kept), path.lstat().st_ino) == before


def endless(path):
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("plant", [os.mkfifo, endless, Path.mkdir])
def test_what_is_no_file_is_no_import(plant, tmp_path, kept):
    plant(tmp_path / "mine.csv")
    for import_file in KINDS.values():
        with pytest.raises(SourceFileError):
            import_file(tmp_path / "mine.csv")
    assert not kept.exists()


def test_a_file_without_end_is_refused_before_the_disk_is_full(tmp_path, kept):
    with (tmp_path / "mine.csv").open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(SourceFileError, match="larger than"):
        shock_table.import_table(tmp_path / "mine.csv")
    assert not kept.exists()


def test_an_import_at_work_is_refused_or_waited_for(shocks, kept):
    kept.mkdir()
    lock = (kept / ".import.lock").open("w")
    lock.write("7\n")
    lock.flush()
    fcntl.flock(lock, fcntl.LOCK_EX)
    with pytest.raises(ParameterError, match=r"process 7\) is at work.*--wait"):
        shock_table.import_table(shocks)
    timer = threading.Timer(0.5, lock.close)
    timer.start()
    shock_table.import_table(shocks, wait=True)
    timer.join()
    assert names(kept) == ["shocks"]


KILLED = """
import json, os, sys
from pathlib import Path
from analysis import paths
from analysis.sources import imported as imports
from analysis.studies.events import shock_table
EVENTS = ("os.rename", "os.link", "os.mkdir", "os.remove", "os.rmdir", "os.chmod")
old, new, kept, found, status, step = Path(sys.argv[1]), Path(sys.argv[2]), [], [], 9, 0

def die_at(step):
    def hook(event, args):
        nonlocal step
        step -= event in EVENTS
        if step == 0:
            os._exit(9)
    sys.addaudithook(hook)
    shock_table.import_table(new, replace=True)
    os._exit(0)

while status == 9:
    step += 1
    shock_table.import_table(old, replace=True)
    child = os.fork()
    if not child:
        die_at(step)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    shock_table.import_table(old.with_name("another.csv"))  # clears up first
    kept = (paths.imports_dir() / "shocks" / old.name).read_bytes()
    is_whole = {old.read_bytes(): "old", new.read_bytes(): "new"}
    found.append([is_whole.get(kept, "broken"), imports.check_tables("shocks")[1], status])
print(json.dumps(found))
"""


@pytest.mark.slow
def test_kill_9_at_any_step_leaves_the_old_table_or_the_new_one(shocks, kept, tmp_path):
    new = tmp_path / "new" / "mine.csv"
    new.parent.mkdir()
    new.write_bytes(b"".join(shocks.read_bytes().splitlines(keepends=True)[:-1]))
    (tmp_path / "another.csv").write_bytes(shocks.read_bytes())
    run = subprocess.run(
        [sys.executable, "-c", KILLED, str(shocks), str(new)], capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    contents, wrong, status = zip(*found, strict=True)
    assert {*status[:-1]} == {9}
    assert status[-1] == 0
    assert list(contents) == sorted(contents, reverse=True)
    assert {*contents} == {"old", "new"}
    assert not any(wrong)
    assert names(kept) == ["shocks"]
