"""Warm kernels behave as ordinary ones do, and leave nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_event_loop
from nbclient import NotebookClient
from toys import contents, toys  # noqa: F401

import warmkernel
from analysis.report import run
from analysis.report.execution import kernel
from warmkernel import parent, provisioner

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere kernels are ordinary")

ROOT = Path(warmkernel.__file__).resolve().parents[1]
PYTHONPATH = str(ROOT)


class Spec(KernelSpecManager):
    """One kernelspec, as a user would write it."""

    def get_kernel_spec(self, kernel_name):
        return KernelSpec(
            argv=[
                sys.executable,
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
                "--HistoryManager.enabled=False",
            ],
            display_name="warm",
            language="python",
            env=dict(os.environ, OPENBLAS_NUM_THREADS="1", PYTHONPATH=PYTHONPATH),
        )


def manager(folder, preload=("numpy",), warm_up=""):
    made = KernelManager(
        kernel_spec_manager=Spec(), transport="ipc", connection_file=str(folder / "k.json")
    )
    made.provisioner = provisioner.WarmProvisioner(
        parent=made,
        kernel_id="x",
        kernel_spec=made.kernel_spec,
        preload=list(preload),
        warm_up=warm_up,
    )
    return made


class Running:
    """A kernel with a client, in a folder of its own."""

    def __init__(self, folder, **options):
        self.folder, self.options = folder, options

    def __enter__(self):
        self.manager = manager(self.folder, **self.options)
        self.manager.start_kernel(cwd=str(self.folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=30)
        return self

    def __exit__(self, *_):
        self.client.stop_channels()
        if self.manager.has_kernel:
            self.manager.shutdown_kernel(now=True)
        self.manager.context.destroy()

    def run(self, code, **options):
        """What the code prints, or the name of what it raises."""
        said = []

        def hear(message):
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])

        reply = self.client.execute_interactive(
            textwrap.dedent(code), output_hook=hear, timeout=30, **options
        )
        content = reply["content"]
        return "".join(said) if content["status"] == "ok" else content["ename"]


@pytest.fixture
def folder(tmp_path_factory):
    # short, since the path of a socket must be
    return tmp_path_factory.mktemp("k")


@pytest.fixture
def warm(folder):
    with Running(folder) as running:
        yield running


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ")[1][0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=10):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def test_it_is_a_copy_that_is_a_process_of_its_own(warm):
    assert isinstance(warm.manager.provisioner.process, provisioner.Kernel)
    told = warm.run("import os; print(os.getpid(), os.getpgid(0), os.getppid())")
    pid, group, above = map(int, told.split())
    assert pid == group == warm.manager.provisioner.pid
    assert above in {one.process.pid for one in provisioner.WarmProcess._all.values()}
    assert warm.run("import sys; print('numpy' in sys.modules, __name__)") == "True __main__\n"


def test_it_has_the_environment_and_folder_that_an_ordinary_one_has(warm, tmp_path_factory):
    """Nothing differs but what says which kernel it is."""
    tell = """
        import os, sys
        own = ("JPY_PARENT_PID", "_", "PYTEST_CURRENT_TEST")
        print(sorted((n, v) for n, v in os.environ.items() if n not in own), os.getcwd())
        print(sys.argv[0], sys.path, sys.flags)
    """
    folder = tmp_path_factory.mktemp("k")
    with Running(folder, warm_up="no_such:module") as ordinary:
        expected = ordinary.run(tell).replace(str(folder), "HERE")
    assert warm.run(tell).replace(str(warm.folder), "HERE") == expected


def test_nothing_goes_from_one_kernel_to_the_next(folder, tmp_path_factory):
    tell = """
        import os, random, sys, signal, threading
        import numpy as np
        import matplotlib.pyplot as plt
        mask = os.umask(0o22)
        os.umask(mask)
        print([os.environ.get("LEFT"), "left" in globals(), hasattr(np, "left"), os.getcwd(),
               threading.active_count(), len(os.listdir("/proc/self/fd")), mask,
               signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL, len(sys.modules),
               "wave" in sys.modules, sys.path, plt.get_fignums(), plt.rcParams["font.size"]])
    """
    spoil = """
        import os, signal
        left = np.left = open("left", "w")
        os.environ["LEFT"] = "1"
        import wave, matplotlib.pyplot as plt
        plt.figure()
        plt.rcParams["font.size"] = 99
        os.umask(0)
        sys.path.append("left")
        np.random.seed(1); random.seed(1)
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    """
    draw = "print(np.random.random(), random.random())"
    found = []
    for place in (folder, tmp_path_factory.mktemp("k")):
        with Running(place, preload=("numpy", "matplotlib.pyplot")) as one:
            found.append(one.run(tell).replace(str(place), "HERE"))
            found.append(one.run(draw))
            one.run(spoil)
    assert found[0] == found[2]
    assert found[1] != found[3]


def test_it_can_be_interrupted_and_goes_on(warm):
    soon = threading.Timer(0.5, with_loop(lambda _: warm.manager.interrupt_kernel()), [None])
    soon.start()
    assert warm.run("import time; time.sleep(20)") == "KeyboardInterrupt"
    assert warm.run("print(1)") == "1\n"


def test_it_can_be_restarted(warm):
    warm.run("left = 1")
    before = warm.manager.provisioner.pid
    warm.manager.restart_kernel(now=True)
    warm.client.wait_for_ready(timeout=30)
    assert warm.run("print('left' in globals())") == "False\n"
    assert warm.manager.provisioner.pid != before
    assert not is_alive(before)


def test_it_can_ask_for_input(warm):
    def answer(message):
        warm.client.input("forty")

    code = "print(input('how many? '))"
    assert warm.run(code, allow_stdin=True, stdin_hook=answer) == "forty\n"


@pytest.mark.slow
def test_it_can_be_debugged(warm):
    """As JupyterLab does it: the debugger was imported before the copy was made."""
    session, control = warm.client.session, warm.client.control_channel

    def ask(command, **arguments):
        content = {"type": "request", "seq": 1, "command": command, "arguments": arguments}
        control.send(message := session.msg("debug_request", content))
        while (reply := control.get_msg(timeout=30))["parent_header"]["msg_id"] != message[
            "msg_id"
        ]:
            pass
        assert reply["content"]["success"]
        return reply["content"].get("body")

    code = "first = 1\nsecond = first + 1\n"
    ask("initialize", clientID="test", adapterID="", pathFormat="path")
    ask("attach")
    path = ask("dumpCell", code=code)["sourcePath"]
    ask("setBreakpoints", breakpoints=[{"line": 2}], source={"path": path})
    ask("configurationDone")
    warm.client.execute(code)
    while (said := warm.client.get_iopub_msg(timeout=30))["content"].get("event") != "stopped":
        pass
    assert said["content"]["body"]["reason"] == "breakpoint"
    ask("continue", threadId=said["content"]["body"]["threadId"])
    assert warm.run("print(second)") == "2\n"


@pytest.mark.parametrize(
    ("code", "status"),
    [("os._exit(3)", 3), ("os.kill(os.getpid(), 9)", -9), ("os.abort()", -signal.SIGABRT)],
)
def test_how_it_ended_is_known(warm, code, status):
    process = warm.manager.provisioner.process
    warm.client.execute(f"import os; {code}")
    assert wait_until(lambda: process.poll() is not None)
    assert process.poll() == status
    assert not warm.manager.is_alive()


def test_a_shutdown_runs_what_was_to_run_at_the_end(warm):
    warm.run("""
        import atexit
        atexit.register(lambda: open("ended", "w").close())
    """)
    pid = warm.manager.provisioner.pid
    warm.manager.shutdown_kernel()
    assert not is_alive(pid)
    assert (warm.folder / "ended").exists()


def test_many_at_once(tmp_path_factory):
    def one(number):
        with Running(tmp_path_factory.mktemp("k")) as running:
            return running.run(f"import os; print({number}, os.getppid())").split()

    with ThreadPoolExecutor(5) as threads:
        found = list(threads.map(with_loop(one), range(10)))
    assert [int(number) for number, _ in found] == list(range(10))
    assert len({above for _, above in found}) == 1


def with_loop(function):
    """Close the event loop that Jupyter's client opens in a thread."""

    def run_in_thread(number):
        try:
            return function(number)
        finally:
            ensure_event_loop().close()

    return run_in_thread


def test_nobody_else_can_reach_the_warm_process(warm):
    """Its only connection is a pair of sockets without a name."""
    above = int(warm.run("import os; print(os.getppid())"))
    links = [str(path.readlink()) for path in Path(f"/proc/{above}/fd").iterdir()]
    own = {link[8:-1] for link in links if link.startswith("socket:")}
    named = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    assert [row[7] for row in named if row[6] in own and len(row) > 7] == []
    assert len(list(Path(f"/proc/{above}/task").iterdir())) == 1


DRIVER = """
import os, sys, time
sys.path[:0] = [{root!r}, *{tests!r}]
from pathlib import Path
from test_warmkernel import Running
with Running(Path(sys.argv[1])) as one:
    copy = {copied:d} and os.fork()
    if {copied:d} and copy == 0:
        time.sleep(60)
        os._exit(0)
    print(copy, one.run("import os; print(os.getpid(), os.getppid())"), flush=True)
    time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.parametrize("copied", [False, True])
def test_all_of_it_ends_with_whoever_started_it(folder, copied):
    """Even if a copy of that process, which has its files, lives on."""
    code = DRIVER.format(
        root=str(ROOT), tests=[*map(str, Path(__file__).parents[:2])], copied=copied
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)], stdout=subprocess.PIPE, text=True
    ) as driver:
        copy, *pids = [int(pid) for pid in driver.stdout.readline().split()]
        assert all(map(is_alive, pids))
        driver.kill()
        ended = wait_until(lambda: not any(map(is_alive, pids)))
        if copy:
            os.kill(copy, signal.SIGKILL)
    assert ended, pids


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"preload": ["no_such_module"]}, "ModuleNotFoundError"),
        ({"warm_up": "test_warmkernel_threads:start"}, "2 threads"),
    ],
)
def test_an_ordinary_kernel_is_started_instead(folder, options, why, monkeypatch, caplog):
    (folder / "test_warmkernel_threads.py").write_text(
        "import threading, time\n"
        "def start():\n    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()\n"
    )
    monkeypatch.setattr(f"{__name__}.PYTHONPATH", f"{folder}{os.pathsep}{ROOT}")
    with Running(folder, **options) as one:
        assert one.run("print(1)") == "1\n"
        assert not isinstance(one.manager.provisioner.process, provisioner.Kernel)
    assert "No warm kernel, so an ordinary one is started" in caplog.text
    assert why in caplog.text


@pytest.mark.slow
def test_few_warm_processes_are_kept(folder, monkeypatch):
    made = [
        provisioner.WarmProcess.of([sys.executable], dict(os.environ, N=str(n)), ["json"], "")
        for n in range(4)
    ]
    assert [one.process.poll() is None for one in made] == [False, False, True, True]
    again = provisioner.WarmProcess.of([sys.executable], dict(os.environ, N="3"), ["json"], "")
    assert again is made[3]


def start_once(folder, **options):
    """Process id of the warm process that a kernel is copied from; None for an ordinary one."""
    with Running(folder, **options) as running:
        kernel = running.manager.provisioner.process
        return (
            int(running.run("import os; print(os.getppid())"))
            if (isinstance(kernel, provisioner.Kernel))
            else None
        )


@pytest.fixture
def read_by(folder, monkeypatch):
    """A module and a data file, read by the warm process when it begins."""
    monkeypatch.setattr(f"{__name__}.PYTHONPATH", os.pathsep.join([str(ROOT), str(folder)]))
    (folder / "code_of_mine.py").write_text(
        "from pathlib import Path\n"
        "FILE = Path(__file__).with_name('data.csv')\n"
        "def read():\n"
        "    return [FILE, FILE.with_name('not_there')]\n"
    )
    (folder / "data.csv").write_text("1")
    time.sleep(0.02)
    return {"preload": ["code_of_mine"], "warm_up": "code_of_mine:read"}


@pytest.mark.parametrize("name", ["code_of_mine.py", "data.csv", "not_there"])
def test_what_has_changed_is_read_again(folder, read_by, name):
    first = start_once(folder, **read_by)
    assert start_once(folder, **read_by) == first is not None
    file = folder / name
    file.write_text(file.read_text() + "\n" if file.exists() else "")
    second = start_once(folder, **read_by)
    assert second not in (first, None)
    assert start_once(folder, **read_by) == second


@pytest.mark.slow
def test_a_kernel_goes_on_when_what_it_was_copied_from_is_out_of_date(folder, read_by):
    with Running(folder, **read_by) as running:
        (folder / "data.csv").write_text("12")
        again = folder / "again"
        again.mkdir()
        assert start_once(again, **read_by) is not None
        assert running.run("print(1)") == "1\n"


def test_a_stopped_warm_process_is_given_up(folder, monkeypatch, caplog):
    stopped = start_once(folder)
    os.kill(stopped, signal.SIGSTOP)
    monkeypatch.setattr(provisioner, "_COPY", 0.3)
    assert start_once(folder) is None
    assert "has not answered within 0.3 seconds" in caplog.text
    assert wait_until(lambda: not is_alive(stopped))
    assert start_once(folder) not in (None, stopped)


def test_a_stopped_warm_process_does_not_keep_its_user_from_ending(monkeypatch):
    monkeypatch.setattr(provisioner, "_END", 0.3)
    env = {"PATH": os.environ["PATH"]}
    warm = provisioner.WarmProcess([sys.executable], env, [], "")
    os.kill(warm.process.pid, signal.SIGSTOP)
    warm.end()
    assert warm.process.returncode == -signal.SIGKILL


def test_other_systems_have_ordinary_kernels(folder, monkeypatch, caplog):
    monkeypatch.setattr("warmkernel.provisioner.sys.platform", "darwin")
    with pytest.raises(provisioner.NoWarmKernelError, match="darwin"):
        manager(folder).provisioner._copy([sys.executable], {})


def test_the_package_needs_nothing_of_the_project():
    text = "".join(path.read_text() for path in (ROOT / "warmkernel").glob("*.py"))
    assert "analysis" not in text
    assert "import analysis" not in text


def test_the_exit_status_of_a_lost_warm_process_is_that_of_a_kill():
    told, tells = os.pipe()
    one = provisioner.Kernel(2**22 + 1, told)
    assert one.poll() is None
    os.close(tells)
    assert one.poll() == -signal.SIGKILL
    told, tells = os.pipe()
    os.write(tells, parent.STATUS.pack(7))
    os.close(tells)
    assert asyncio.run(waited(provisioner.Kernel(2**22 + 1, told))) == 7


async def waited(process):
    return process.wait()


@pytest.mark.slow
def test_the_installed_kernelspec_is_one_like_any_other():
    """nbclient, which knows nothing of warm kernels, runs a notebook by its name alone."""
    code = "import os, sys; print(open(f'/proc/{os.getppid()}/cmdline').read().split(chr(0))[1])"
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code), nbformat.v4.new_code_cell("1 / 0")]
    )
    client = NotebookClient(notebook, kernel_name="partnerships-warm", allow_errors=True)
    client.execute()
    assert notebook.cells[0].outputs[0].text.strip() == str(Path(parent.__file__))
    assert notebook.cells[1].outputs[0].ename == "ZeroDivisionError"


@pytest.mark.slow
def test_reports_are_the_same_from_warm_and_ordinary_kernels(toys, tmp_path, monkeypatch):  # noqa: F811
    run.make_report("PAK", "shows", out=tmp_path / "warm")
    monkeypatch.setenv(kernel.WARM, "0")
    run.make_report("PAK", "shows", out=tmp_path / "ordinary")
    assert contents(tmp_path / "warm") == contents(tmp_path / "ordinary")
    assert json.loads((tmp_path / "warm" / "PAK" / "manifest.json").read_text())["reports"]


def test_a_copy_whose_parent_is_gone_ends():
    """The warm process can be killed before its copy has asked to be killed with it."""
    copy = os.fork()
    if not copy:
        parent._be_own_process({"env": {}, "cwd": os.sep}, [], os.getpid())
        os._exit(0)
    _, status = os.waitpid(copy, 0)
    assert os.waitstatus_to_exitcode(status) == 1
