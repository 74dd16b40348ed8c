"""Kernels of reports: private, bounded in time, the same wherever temporary files lie."""

import os
import socket
import subprocess
import sys
import tempfile
import threading
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.report import planning
from analysis.report.execution import clean, kernel, surroundings


def notebook(code: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])


@pytest.mark.parametrize(
    ("text", "calm"),
    [
        ("File /tmp/ipykernel_12/345.py:1, in <module>", "File cell-345.py:1, in <module>"),
        ('"C:\\Temp\\ipykernel_1\\9.py"', '"cell-9.py"'),
        ("[/a/ipykernel_1/2.py] /b/ipykernel_1/3.py", "[cell-2.py] cell-3.py"),
        ("/a/ipykernel_1/2.py/ipykernel_1/3.py", "cell-2.pycell-3.py"),
        ("ipykernel_1/2.py", "ipykernel_1/2.py"),
    ],
)
def test_names_of_cells_lose_folder_and_process_number(text, calm):
    assert clean._without_paths(text) == calm


@given(st.text(st.sampled_from('a/\\ \n"ipykernel_1.py'), max_size=50))
def test_other_text_stays_as_it_is(text):
    assert clean._without_paths(text) == text or "ipykernel_1" in text


def test_one_long_word_takes_no_time():
    """A pattern that tries each sign of it as a beginning would take hours."""
    assert clean._without_paths("x" * 4_000_000) == "x" * 4_000_000
    assert clean._without_paths("/ipykernel_1" * 200_000) == "/ipykernel_1" * 200_000


@pytest.fixture
def no_place_known():
    surroundings._place_for_sockets.cache_clear()
    yield
    surroundings._place_for_sockets.cache_clear()


@pytest.mark.skipif(os.name != "posix", reason="no local sockets")
@pytest.mark.usefixtures("no_place_known")
@pytest.mark.parametrize("name", ["x" * 100, "پاکستان" * 7])
def test_where_a_path_is_too_long_for_a_socket_another_is_found(
    name, tmp_path, monkeypatch, caplog
):
    """The system counts bytes, not letters."""
    folder = tmp_path / name
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    with surroundings.private_folder() as private, socket.socket(socket.AF_UNIX) as one:
        assert folder not in private.parents
        assert private.stat().st_mode & 0o777 == 0o700
        one.bind(os.fsencode(private / surroundings._SOCKET))
    assert not caplog.text


@pytest.mark.skipif(os.name != "posix", reason="no local sockets")
@pytest.mark.usefixtures("no_place_known")
def test_without_local_sockets_it_is_said_who_could_read_along(monkeypatch, caplog):
    def refuse(self, address):
        raise OSError("no sockets here")

    monkeypatch.setattr(
        surroundings.socket, "socket", type("None", (socket.socket,), {"bind": refuse})
    )
    assert surroundings._place_for_sockets() is None
    assert "its other users can read what a notebook shows" in caplog.text


@pytest.mark.slow
def test_output_without_end_is_ended():
    with pytest.raises(kernel.NotebookError, match=r"Timeout|died"):
        kernel.execute(notebook("while True: print('x' * 1000)"), {}, timeout=1)


@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed in another way")
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_harm_nothing(closed, tmp_path):
    command = f"'{sys.executable}' -m analysis sources {closed}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="descriptors are closed in another way")
def test_a_report_is_made_without_standard_streams(tmp_path):
    command = f"'{sys.executable}' -m analysis report KIR --notebook arms --out . <&- >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], cwd=tmp_path).returncode == 0
    assert (tmp_path / "KIR" / "arms.html").is_file()


def test_a_scheduler_that_never_answers_is_given_up(monkeypatch):
    from analysis.errors import ParameterError
    from analysis.report import batch

    monkeypatch.setattr(batch, "_GREET", 0.3)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        address = f"tcp://127.0.0.1:{deaf.getsockname()[1]}"
        with (
            pytest.raises(ParameterError, match="no scheduler answers"),
            batch._workers(1, address, batch.Stop()),
        ):
            pass


@pytest.mark.slow
def test_a_run_that_is_stopped_ends_its_kernels():
    """And at once: whoever waits for one hears of it."""
    began, ended = threading.Event(), []

    def run() -> None:
        began.set()
        try:
            kernel.execute(notebook("import time; time.sleep(600)"), {})
        except kernel.NotebookError as error:
            ended.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    began.wait()
    until = time.monotonic() + 60
    while not any(clock.manager and clock.manager.has_kernel for clock in kernel._Clock.all):
        assert time.monotonic() < until
        time.sleep(0.05)
    kernel.stop_all()
    thread.join(60)
    assert len(ended) == 1


def test_what_hangs_in_a_worker_does_not_keep_a_run_from_ending(monkeypatch, tmp_path):
    """As a pattern or a library may, where there is no kernel to be ended."""
    from analysis.report import batch

    let_go = threading.Event()
    monkeypatch.setattr(batch, "_BEGIN", 0.2)
    monkeypatch.setattr(batch, "_work", lambda task, timeout: let_go.wait(60))
    tasks = [
        planning.Task(state, "arms", "arms", {}, None, {}, ["asked for"])
        for state in ("PAK", "IND")
    ]
    try:
        outcomes = batch.make(tasks, out=tmp_path, jobs=1, timeout=0.1)
        assert [outcome.status for outcome in outcomes] == [planning.FAILED] * 2
        assert "nothing has come of it within 0.3 seconds" in str(outcomes[0])
        assert batch.is_stuck(0.1)
    finally:
        let_go.set()
    assert not batch.is_stuck()
