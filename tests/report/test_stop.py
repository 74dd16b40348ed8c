"""A run that is stopped leaves the site in step with its reports, and nothing else."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest
from toys import names, toys  # noqa: F401

from analysis.errors import ParameterError
from analysis.files import staging
from analysis.files.folders import Folder
from analysis.report import batch, planning, publish, run, verify
from analysis.report.execution import kernel, surroundings
from analysis.report.site import index as site_index

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and locks of POSIX")

#: as it was before any toy
ENVIRONMENT = {**os.environ}
SITE = [*site_index.FILES, "runs.jsonl"]


@pytest.mark.usefixtures("toys")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_with_what_was_made(number, tmp_path, monkeypatch, request):
    ended = threading.Event()

    def execute(source, values, timeout=None):
        if values["country"] != "PAK":
            assert ended.wait(20)
            raise kernel.NotebookError(source, 1, "DeadKernelError: it died")
        return source

    monkeypatch.setattr(run, "execute", execute)
    monkeypatch.setattr(kernel, "stop_all", ended.set)
    states = ["PAK", "IND", "TUR", "LUX"]
    tasks = planning.plan(states, {"shows": {"label": "x"}}, out=tmp_path)
    # what starts the tests may have them ignore a signal, as nohup does
    before = signal.default_int_handler
    request.addfinalizer(partial(signal.signal, number, signal.signal(number, before)))
    with batch.Stop() as stop:
        outcomes = batch.make(
            tasks, out=tmp_path, jobs=2, stop=stop, tell=lambda _: os.kill(os.getpid(), number)
        )
        batch.finish(tmp_path, outcomes)
    assert stop.signal == number
    assert [outcome.state for outcome in outcomes] == ["PAK"]
    assert names(tmp_path) == sorted(["PAK", *SITE])
    index = (tmp_path / "index.html").read_text("utf-8")
    assert [state for state in states if f'id="{state}"' in index] == ["PAK"]
    assert verify.verify(tmp_path)[1] == []
    assert signal.getsignal(number) == before


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with batch.Stop() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
        assert stop.signal is None
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_command_is_stopped_and_the_next_run_clears_up(number, tmp_path):
    """With kernels, in a temporary folder of its own."""
    temporary, out = tmp_path / "tmp", tmp_path / "out"
    temporary.mkdir()
    env = {**ENVIRONMENT, "TMPDIR": str(temporary), "PARTNERSHIPS_WARM_KERNELS": "1"}
    command = [
        sys.executable,
        "-m",
        "analysis",
        "report",
        "KIR",
        "PAK",
        "LUX",
        "IND",
        "--notebook",
        "arms",
        "-p",
        "draws=20",
        "--out",
        str(out),
        "--jobs",
        "2",
    ]
    process = subprocess.Popen(
        command,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout.readline().startswith(str(out))
    process.send_signal(number)
    process.communicate(timeout=60)
    if number == signal.SIGKILL:
        assert ".run.lock" in names(out)
        subprocess.run([*command[:5], *command[8:]], env=env, check=True, capture_output=True)
    else:
        assert process.returncode == 128 + number
    index = (out / "index.html").read_text("utf-8")
    made = [name for name in names(out) if name.isupper()]
    assert made == [state for state in sorted(made) if f'id="{state}"' in index]
    assert [name for name in names(out) if name.startswith(".")] == []
    assert [name for name in names(temporary) if name.startswith("partnerships-")] == []


KILLED = """
import os
from analysis.report.execution import surroundings
with surroundings.private_folder() as folder:
    (folder / "work" / "left").write_text("x")
    print(folder)
    os.kill(os.getpid(), 9)
"""


def test_the_folder_of_a_killed_kernel_is_cleared_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    surroundings._place_for_sockets.cache_clear()
    run = subprocess.run([sys.executable, "-c", KILLED], capture_output=True, text=True)
    assert run.stdout.strip(), run.stderr
    left = Path(run.stdout.strip())
    assert left.is_dir()
    beside = left.parent
    (beside / "partnerships-file").write_text("mine")
    (beside / "partnerships-fifo").unlink(missing_ok=True)
    os.mkfifo(beside / "partnerships-fifo")
    (beside / "partnerships-link").symlink_to(tmp_path)
    (beside / "partnerships-own").mkdir(mode=0o700)
    (beside / "partnerships-own" / "file").write_text("mine")
    (beside / "partnerships-open").mkdir()
    (beside / "partnerships-open" / ".lock").touch()
    with surroundings.private_folder() as alive, surroundings.private_folder():
        assert alive.is_dir()
        assert not left.exists()
    surroundings._place_for_sockets.cache_clear()
    assert [name for name in names(beside) if name.startswith("partnerships-")] == [
        f"partnerships-{name}" for name in ("fifo", "file", "link", "open", "own")
    ]


def test_what_a_notebook_made_unremovable_is_tried_again(tmp_path, monkeypatch):
    with Folder.open(tmp_path) as top:
        with monkeypatch.context() as patch:
            patch.setattr(Folder, "clear", lambda self, *, but: (_ for _ in ()).throw(OSError))
            with staging.workspace(top) as made:
                made.create("file", b"x")
        assert len(names(tmp_path)) == 1
        staging.clear_up(top)
    assert names(tmp_path) == []


# --- locks ---------------------------------------------------------------------------------------


def test_a_file_system_without_locks_is_told_and_used(tmp_path, monkeypatch):
    def no_locks(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(staging.fcntl, "flock", no_locks)
    told = []
    monkeypatch.setattr(staging._log, "warning", lambda text, *with_: told.append(text % with_))
    with publish.only_run(tmp_path):
        pass
    assert len(told) == 1
    assert "this file system has no locks" in told[0]
    with publish.staging(tmp_path) as aside:
        assert aside.path.is_dir()
    assert names(tmp_path) == []


def test_a_run_waits_for_another_only_if_asked_to(tmp_path):
    with (
        publish.only_run(tmp_path),
        pytest.raises(ParameterError, match="--wait"),
        publish.only_run(tmp_path),
    ):
        pass
    begun, end = threading.Event(), threading.Event()

    def hold():
        with publish.only_run(tmp_path):
            begun.set()
            end.wait(20)

    other = threading.Thread(target=hold)
    other.start()
    begun.wait(20)
    threading.Timer(0.5, end.set).start()
    with publish.only_run(tmp_path, wait=True):
        assert end.is_set()
    other.join()


# --- the environment -----------------------------------------------------------------------------


WRONG_TIMES = ["9" * 12, "9" * 5000, "-1", "abc", "1e9", " 1", "١٢٣", "\x1b[31m"]


@pytest.mark.parametrize("given", WRONG_TIMES, ids=range(len(WRONG_TIMES)))
@pytest.mark.usefixtures("toys")
def test_a_time_that_is_none_is_a_mistake(given, tmp_path, monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", given)
    with pytest.raises(ParameterError, match="SOURCE_DATE_EPOCH=") as refused:
        planning.plan(["PAK"], {"shows": {"label": "x"}}, out=tmp_path / "out")
    assert str(refused.value).isprintable()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "9" * 11)
    planning.plan(["PAK"], {"shows": {"label": "x"}}, out=tmp_path / "out")


@pytest.mark.parametrize("command", ["sources", "cite PAK", "--help", "report --help"])
def test_a_reader_that_goes_away_is_no_failure(command):
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis", *command.split()],
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 0
