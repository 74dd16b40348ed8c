"""Many reports at a time: whole or not at all, only what is missing, every failure named."""

import contextlib
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from toys import NOTEBOOKS, contents, names, toys  # noqa: F401

from analysis import paths
from analysis.errors import ParameterError
from analysis.report import batch, manifest, planning, progress, publish, run, verify
from analysis.report.execution import kernel
from analysis.report.site import folder as report_folder

pytestmark = pytest.mark.usefixtures("toys")


def plan(states, notebook, out, *, resume=False, variant=None, **values):
    return planning.plan(states, {notebook: values}, out=out, resume=resume, variant=variant)


def statuses(outcomes):
    return {(o.state, o.report): o.status for o in outcomes}


@pytest.fixture(scope="module")
def made(toys, tmp_path_factory):  # noqa: F811
    """Three states by two notebooks, one of which fails for India; two at a time."""
    out = tmp_path_factory.mktemp("batch")
    tasks = [
        *plan(["PAK", "IND", "TUR"], "picky", out),
        *plan(["PAK", "IND", "TUR"], "shows", out, label="x"),
    ]
    return out, batch.make(tasks, out=out, jobs=2, retry=1)


def test_one_failure_is_named_and_does_not_stop_the_others(made):
    out, outcomes = made
    assert [o.status for o in outcomes] == ["made", "failed", "made", "made", "made", "made"]
    failed = outcomes[1]
    assert (failed.state, failed.report, failed.cell, failed.attempts) == ("IND", "picky", 3, 2)
    assert str(failed) == (
        "IND picky: cell 3: LookupError: nothing on IND (tried 2 times)."
        f" See {out / 'failed' / 'IND' / 'picky.ipynb'}"
    )
    assert verify.verify(out)[1] == []
    assert {o.path.name for o in outcomes if o.status == "made"} == {
        "picky.html",
        "shows--label-x.html",
    }


def test_the_same_bytes_one_at_a_time(made, tmp_path):
    out, _ = made
    batch.make(plan(["TUR"], "shows", tmp_path, label="x"), out=tmp_path)
    batch.make(plan(["TUR"], "picky", tmp_path), out=tmp_path)
    assert contents(tmp_path / "TUR") == contents(out / "TUR")


def test_resuming_makes_only_what_is_missing_or_has_failed(made, tmp_path):
    out = tmp_path / "reports"
    shutil.copytree(made[0], out)
    shutil.rmtree(out / "TUR")
    tasks = plan(["PAK", "IND", "TUR"], "picky", out, resume=True)
    assert [t.whys for t in tasks] == [[], ["not there", "failed before"], ["not there"]]
    before = contents(out / "PAK")
    assert [o.status for o in batch.make(tasks, out=out)] == ["fresh", "failed", "made"]
    assert contents(out / "PAK") == before


def test_what_is_no_longer_the_same_is_made_again(made, tmp_path, monkeypatch, toys):  # noqa: F811
    out = tmp_path / "reports"
    shutil.copytree(made[0], out)

    def whys(**values):
        return plan(["PAK"], "shows", out, resume=True, **values)[0].whys

    assert whys(label="x") == []
    assert whys(label="y") == whys(label="x", seed=2) == ["not there"]
    assert whys(label="z", variant="x") == ["not there"]
    with monkeypatch.context() as patch:
        patch.setattr(manifest, "library_sha256", lambda: "another")
        assert whys(label="x") == ["library"]
    with monkeypatch.context() as patch:
        data = tmp_path / "data"
        shutil.copytree(toys, data)
        (data / "toy" / "more.csv").write_text("a\n")
        patch.setenv("PARTNERSHIPS_DATA", str(data))
        assert whys(label="x") == ["data toy"]
    with monkeypatch.context() as patch:
        imports = tmp_path / "imports"
        (imports / "sipri").mkdir(parents=True)
        (imports / "sipri" / "register.csv").write_text("a\n")
        patch.setenv("PARTNERSHIPS_IMPORTS", str(imports))
        assert whys(label="x") == ["data imported/sipri"]
    with monkeypatch.context() as patch:
        own = tmp_path / "notebooks"
        shutil.copytree(NOTEBOOKS, own)
        (own / "shows.ipynb").write_text((own / "shows.ipynb").read_text() + "\n")
        patch.setattr(paths, "notebooks_dir", lambda: own)
        assert whys(label="x") == ["notebook"]
    with monkeypatch.context() as patch:
        lock = tmp_path / "lock.txt"
        lock.write_bytes(paths.lock_file().read_bytes() + b"more==1.0\n")
        patch.setattr(paths, "lock_file", lambda: lock)
        assert whys(label="x") == ["lock"]
    os.utime(out / "PAK" / "manifest.json", (0, 0))
    assert whys(label="x") == []
    (out / "PAK" / "shows--label-x.html").write_text("changed")
    assert whys(label="x") == ["shows--label-x.html is not as it was made"]


@pytest.mark.slow
def test_a_report_may_be_given_a_time_limit(made, tmp_path, monkeypatch):
    own = tmp_path / "notebooks"
    shutil.copytree(NOTEBOOKS, own)
    text = (own / "picky.ipynb").read_text()
    sleeps = "import time\\n\",\n    \"time.sleep(60 * (country == 'IND'))"
    start = text.index('"if country ==')
    end = text.index("]", start)
    (own / "picky.ipynb").write_text(f'{text[:start]}"{sleeps}"\n   {text[end:]}')
    monkeypatch.setattr(paths, "notebooks_dir", lambda: own)
    began = time.monotonic()
    outcomes = batch.make(
        plan(["IND", "PAK"], "picky", tmp_path / "out"), out=tmp_path / "out", jobs=2, timeout=5
    )
    assert [o.status for o in outcomes] == ["failed", "made"]
    assert "timed out" in outcomes[0].error.lower()
    assert time.monotonic() - began < 20


def test_whatever_goes_wrong_is_an_outcome(tmp_path, monkeypatch):
    real = run.build

    def build(state, *rest, **options):
        if state == "IND":
            raise MemoryError("no memory\nat all")
        return real(state, *rest, **options)

    monkeypatch.setattr(run, "build", build)
    outcomes = batch.make(plan(["IND", "PAK"], "picky", tmp_path), out=tmp_path, jobs=2)
    assert [o.status for o in outcomes] == ["failed", "made"]
    assert str(outcomes[0]) == "IND picky: MemoryError: no memory"


def test_a_disk_that_is_full_loses_nothing_finished(made, tmp_path, monkeypatch):
    out = tmp_path / "reports"
    shutil.copytree(made[0], out)
    real, written = publish._write, []

    def full(folder, path, content):
        written.append(path)
        if len(written) > 3:
            raise OSError(28, "No space left on device")
        real(folder, path, content)

    before = contents(out / "PAK")
    with monkeypatch.context() as patch:
        patch.setattr(publish, "_write", full)
        outcomes = batch.make(plan(["PAK"], "shows", out, label="y"), out=out)
    assert "No space left" in outcomes[0].error
    assert contents(out / "PAK") == before
    assert not list(out.glob(".staging*"))


def test_two_runs_do_not_overlap(tmp_path):
    tasks = plan(["PAK"], "picky", tmp_path)
    with (
        publish.only_run(tmp_path),
        pytest.raises(ParameterError, match=rf"process {os.getpid()}\) is at work"),
    ):
        batch.make(tasks, out=tmp_path)
    assert names(tmp_path) == []
    assert [o.status for o in batch.make(tasks, out=tmp_path)] == ["made"]


def test_a_worker_with_other_data_is_refused(tmp_path):
    task = plan(["PAK"], "picky", tmp_path)[0]
    other = batch.replace(task, wanted={**task.wanted, "data": {}, "python": "3.0"})
    outcome = batch.make([other], out=tmp_path)[0]
    assert "python, data countries, sources.bib, toy changed since" in outcome.error
    assert "or the worker has others than this machine" in outcome.error


def test_parameters_go_to_the_notebooks_that_have_them():
    values = planning.parse(["picky", "shows"], {"seed": "3", "label": "x"})
    assert values == {"picky": {}, "shows": {"seed": 3, "label": "x"}}
    with pytest.raises(ParameterError, match="None of these notebooks has a parameter sead"):
        planning.parse(["picky", "shows"], {"sead": "3"})


def test_all_notebooks_are_those_that_need_nobody(tmp_path, monkeypatch):
    own = tmp_path / "notebooks"
    own.mkdir()
    for name in ("picky", "shows"):
        shutil.copy(NOTEBOOKS / f"{name}.ipynb", own)
    notebook = json.loads((own / "shows.ipynb").read_text())
    notebook["metadata"]["partnerships"] = {"interactive": True}
    (own / "shows.ipynb").write_text(json.dumps(notebook))
    monkeypatch.setattr(paths, "notebooks_dir", lambda: own)
    assert planning.notebooks("all") == ["picky"]
    assert planning.notebooks("shows") == ["shows"]


# --- progress ------------------------------------------------------------------------------------

OUTCOMES = [
    planning.Outcome("PAK", "arms", "made", Path("PAK/arms.html"), attempts=1, seconds=2.5),
    planning.Outcome("IND", "arms", "fresh", Path("IND/arms.html")),
    planning.Outcome("TUR", "arms", "failed", cell=3, error="ValueError: [red]\x1b", attempts=2),
]


def shown(kind):
    stream = io.StringIO()
    told = progress.chosen(kind, stream=stream)
    with told.of(len(OUTCOMES)):
        for outcome in OUTCOMES:
            told.tell(outcome)
    return stream.getvalue()


def test_plain_progress_is_a_line_a_report():
    lines = shown("plain").splitlines()
    assert [line.split(" ")[0] for line in lines] == ["[1/3]", "[2/3]", "[3/3]"]
    assert "a minute" in lines[0]
    assert "left" in lines[0]
    assert lines[2].startswith("[3/3] TUR arms: cell 3: ValueError")


def test_progress_for_machines_is_json():
    events = [json.loads(line) for line in shown("json").splitlines()]
    assert [e["event"] for e in events] == ["start", "report", "report", "report", "end"]
    assert events[0] == {"event": "start", "total": 3}
    assert events[3]["error"] == "ValueError: [red]\x1b"
    assert events[-1] == {"event": "end", "made": 1, "fresh": 1, "failed": 1}


@pytest.mark.parametrize("kind", ["plain", "rich", "json"])
def test_no_progress_holds_orders_for_a_terminal(kind):
    assert "\x1b" not in shown(kind)
    assert "\\u001b" in shown(kind)


def test_quiet_says_nothing_and_rich_what_failed():
    assert shown("quiet") == ""
    assert "TUR arms: cell 3: ValueError: [red]" in shown("rich")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (89, "89 s"), (300, "5 min"), (12_000, "3 h 20 min")]
)
def test_spans_are_written_for_people(seconds, text):
    assert progress.span(seconds) == text


# --- kill -9 -------------------------------------------------------------------------------------

STATES = ["PAK", "IND", "TUR", "KIR", "LUX", "USA"]
KILLS = 200
#: one run in so many has kernels; the others do little but put reports in place
WITH_KERNELS = 5


def work(out, kernels):
    """One run, in a process of its own; what it prints is of no interest."""
    os.setsid()
    if not kernels:
        write = publish._write
        # as on a slow disk: most kills fall while something is written
        publish._write = lambda *file: (time.sleep(0.005), write(*file))
        run.execute = lambda source, values, timeout: source
    batch.make(plan(STATES, "echo", out, resume=True, text="x"), out=out, jobs=2)


def strike(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def descendants(pid):
    """Processes that a process has started, and those that they have."""
    below = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            child, rest = path.read_text().split(" (", 1)
            below.setdefault(int(rest.rsplit(") ", 1)[1].split()[1]), []).append(int(child))
    found = [pid]
    for one in found:
        found += below.get(one, [])
    return found[1:]


def half_made(out):
    """What no reader may ever see."""
    wrong = verify.verify(out)[1] if report_folder.states(out) else []
    shown = {path.name for path in out.iterdir() if path.name[0] != "."}
    return wrong + sorted(shown - set(STATES) - {"failed"})


@pytest.mark.slow
def test_a_run_killed_at_any_moment_leaves_whole_reports_only(tmp_path, monkeypatch):
    """200 runs are killed: the driver, the warm process, a kernel, or all; then one may end.

    The moments are random, within what a run takes which nobody kills.
    """
    # the less there is to import, the more moments there are at which something is under way
    monkeypatch.setattr(kernel, "PRELOAD", [])
    monkeypatch.setattr(kernel, "WARM_UP", "")
    draw = random.Random(1)
    context = multiprocessing.get_context("fork")
    began = time.monotonic()
    runner = context.Process(target=work, args=(tmp_path / "whole", False))
    runner.start()
    runner.join()
    longest = time.monotonic() - began
    assert set(report_folder.states(tmp_path / "whole")) == set(STATES)
    tmp_path /= "killed"
    tmp_path.mkdir()
    finished, struck = set(), set()
    for kill in range(KILLS):
        kernels = kill % WITH_KERNELS == 0
        runner = context.Process(target=work, args=(tmp_path, kernels))
        runner.start()
        runner.join(draw.uniform(0.0, 1.5 if kernels else longest))
        below = descendants(runner.pid)
        if kill % 3 == 0 and below:  # the run goes on for a while without one of them
            strike(draw.choice(below))
            runner.join(draw.uniform(0.0, 0.5))
        if runner.is_alive():
            strike(runner.pid)
        for pid in below if kill % 3 == 1 else []:
            strike(pid)
        runner.join()
        struck |= set(tmp_path.glob(".staging*"))
        assert half_made(tmp_path) == [], kill
        there = set(report_folder.states(tmp_path))
        assert finished <= there, kill
        finished = there
        if len(there) == len(STATES):  # begin again, so that there is always something to do
            finished = set()
            shutil.rmtree(tmp_path)
            tmp_path.mkdir()
    assert len(struck) > KILLS / 40  # while a report was being put in place
    before = {state: contents(tmp_path / state) for state in report_folder.states(tmp_path)}
    runner = context.Process(target=work, args=(tmp_path, True))
    runner.start()
    runner.join(60)
    assert runner.exitcode == 0
    assert set(report_folder.states(tmp_path)) == set(STATES)
    assert half_made(tmp_path) == []
    assert {state: contents(tmp_path / state) for state in before} == before
    assert not list(tmp_path.glob(".staging*"))


# --- a cluster -----------------------------------------------------------------------------------


def start(*command, **options):
    return subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        **options,
    )


def stop(process):
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stderr.close()


@pytest.fixture
def cluster(toys, tmp_path):  # noqa: F811
    """A scheduler and two workers, each a process of its own; gives the address and the workers."""
    found_at = tmp_path / "scheduler.json"
    code = f"from analysis import paths; from pathlib import Path; paths.notebooks_dir = lambda: Path({str(NOTEBOOKS)!r})"  # noqa: E501
    preload = tmp_path / "toys_only.py"
    preload.write_text(code)
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONWARNINGS": "ignore"}
    common = ["--scheduler-file", str(found_at), "--no-dashboard"]
    everybody = [
        start("-m", "distributed.cli.dask_scheduler", *common, "--port", "0", env=env, cwd=tmp_path)
    ]
    workers = [
        start(
            "-m",
            "distributed.cli.dask_worker",
            *common,
            "--nthreads",
            "1",
            "--no-nanny",
            "--preload",
            str(preload),
            "--local-directory",
            str(tmp_path / f"worker{n}"),
            env=env,
            cwd=tmp_path,
        )
        for n in (1, 2)
    ]
    everybody += workers
    try:
        yield wait_for(found_at), workers
    finally:
        for process in everybody:
            stop(process)


def wait_for(path):
    for _ in range(600):
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads(path.read_text())["address"]
        time.sleep(0.1)
    raise TimeoutError(path)


@pytest.mark.slow
def test_a_cluster_makes_the_same_reports_even_if_a_worker_dies(cluster, tmp_path):
    address, workers = cluster
    tasks = plan(STATES, "shows", tmp_path / "dask", label="x")
    told = []

    def tell(outcome):
        told.append(outcome)
        if len(told) == 2:
            os.killpg(workers[0].pid, signal.SIGKILL)

    outcomes = batch.make(tasks, out=tmp_path / "dask", dask=address, tell=tell)
    assert [str(o) for o in outcomes] == [f"{state} shows--label-x: made" for state in STATES]
    assert len(told) == len(STATES)
    local = tmp_path / "local"
    batch.make(plan(STATES, "shows", local, label="x"), out=local, jobs=2)
    assert contents(tmp_path / "dask") == contents(local)


@pytest.mark.slow
def test_no_scheduler_is_a_plain_message(tmp_path):
    tasks = plan(["PAK"], "picky", tmp_path)
    with pytest.raises(ParameterError, match=r"--dask tcp://127.0.0.1:9: no scheduler answers"):
        batch.make(tasks, out=tmp_path, dask="tcp://127.0.0.1:9")
