"""Run a notebook in a kernel that nothing but this package decides about.

The kernel is this very interpreter, whatever kernelspecs are installed. Of the user's settings for
Jupyter, IPython and matplotlib it sees none, since they could change what a report says or how it
looks; neither do locale, time zone and hash seed vary.
"""

import logging
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from copy import deepcopy
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import ClassVar

import nbformat
import papermill
import zmq
import zmq.asyncio
from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import ensure_event_loop
from papermill.engines import NBClientEngine, papermill_engines
from papermill.execute import remove_error_markers

from warmkernel.provisioner import WarmProcess, WarmProvisioner

from .clean import strip
from .surroundings import _place_for_sockets, environment, private_folder

KERNEL = "partnerships"
#: set to 0, this environment variable makes every kernel an ordinary one
WARM = "PARTNERSHIPS_WARM_KERNELS"
#: what each notebook needs, imported once for all of them
PRELOAD = ["numpy", "pandas", "matplotlib.pyplot", "matplotlib.backends.backend_svg", "seaborn"]
#: milliseconds after which a client looks again for a kernel that is just beginning
_RECONNECT = 5
#: seconds in which what a kernel tells of itself must have come, or it is asked again
_LISTEN = 0.2
FAILED = "partnerships-failed"
#: seconds after the end of its time in which a notebook's client must have seen it
_GRACE = 3.0

#: apart from this module, whose imports no notebook needs
WARM_UP = "analysis.report.execution.warm:warm_up"


class NotebookError(Exception):
    """A notebook that did not run to its end.

    Attributes
    ----------
    notebook : NotebookNode
        As far as it came, the failing cell marked.
    cell : int
        Number of that cell among the code cells, as `In [..]` shows it.
    error : str
        Name and text of what it raised.
    """

    def __init__(self, notebook: nbformat.NotebookNode, cell: int, error: str):
        super().__init__(f"In [{cell}]: {error}")
        self.notebook, self.cell, self.error = notebook, cell, error


class _Engine(NBClientEngine):
    """papermill's own engine; lets the caller keep the notebook even when the kernel dies."""

    @classmethod
    def execute_managed_notebook(cls, nb_man, kernel_name, *, keep, output_path=None, **options):
        keep(nb_man.nb)
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(KERNEL, _Engine)


class _OwnSpec(KernelSpecManager):
    """Knows one kernel only: the interpreter that runs now."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        # figures that nobody closes show as in JupyterLab, sharp and in few bytes
        quiet = [
            "--HistoryManager.enabled=False",
            "--InteractiveShell.colors=nocolor",
            "--matplotlib=inline",
            "--InlineBackend.figure_format=retina",
        ]
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", *quiet],
            display_name="Python 3",
            language="python",
            resource_dir="",
            metadata={"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
        )


def execute(
    notebook: nbformat.NotebookNode,
    parameters: Mapping[str, object],
    *,
    timeout: float | None = None,
) -> nbformat.NotebookNode:
    """Run a notebook with parameters.

    Parameters
    ----------
    notebook : NotebookNode
        Is not changed.
    parameters : dict
        Checked values (see `parameters.resolve`); papermill writes them into a cell as literals.
    timeout : float, optional
        Seconds that all of its cells may take; default: as long as they like. Until a kernel is
        there does not count: Jupyter has a limit of its own for that.
    """
    kept = [deepcopy(notebook)]
    failure = None
    clock = _Clock(timeout)
    with private_folder() as folder, _SILENCE, _event_loop(), clock:
        try:
            papermill.execute_notebook(
                notebook,
                None,
                parameters=dict(parameters),
                engine_name=KERNEL,
                kernel_name=KERNEL,
                language="python",
                progress_bar=False,
                kernel_manager_class=_manager(folder, clock),
                keep=kept.append,
                resources={"metadata": {"path": str(folder / "work")}},
                timeout_func=timeout and clock.left,
                record_timing=False,
                store_widget_state=False,
                shutdown_kernel="immediate",
            )
        except papermill.PapermillExecutionError as error:
            failure = f"{error.ename}: {error.evalue}"
        except (RuntimeError, TimeoutError) as error:  # the kernel died, or a cell took too long
            failure = f"{type(error).__name__}: {str(error).strip()}".split("\n")[0]
    made = remove_error_markers(kept[-1])
    at, complete = _end(made)
    fault = failure or (at >= 0 and _error_in(made.cells[at])) or None
    strip(made)
    if fault or not complete:
        raise failed(made, at, fault or "the notebook was not run to its end")
    return made


class _Clock:
    """Gives each cell what the cells before it have left; the first one starts it.

    nbclient looks at the time between the messages of a kernel, which may come without end: some
    seconds after the time is over the kernel is killed.
    """

    #: those that run
    all: ClassVar[set["_Clock"]] = set()

    def __init__(self, seconds: float | None):
        self.seconds, self.stopped = seconds or 0.0, False
        self.began: float | None = None
        self.manager: AsyncKernelManager | None = None
        self._alarm = threading.Timer(self.seconds + _GRACE, self.kill)
        self._alarm.daemon = True

    def __enter__(self):
        self.all.add(self)
        return self

    def __exit__(self, *_):
        self.all.discard(self)
        self._alarm.cancel()

    def left(self, cell: object) -> float:
        """Seconds that a cell may take; 0 would mean no limit."""
        if self.began is None:
            self.began = monotonic()
            self._alarm.start()
        return max(self.began + self.seconds - monotonic(), 0.01)

    def kill(self) -> None:
        """End the kernel, whatever it does."""
        process = self.manager and getattr(self.manager.provisioner, "process", None)
        if process:
            process.kill()


@contextmanager
def _event_loop() -> Iterator[None]:
    """Close what Jupyter's client opens in a thread of ours; that of the main thread stays."""
    try:
        yield
    finally:
        if threading.current_thread() is not threading.main_thread():
            ensure_event_loop().close()


class _Silence:
    """Keeps libraries from logging what is raised or returned anyway, while any notebook runs."""

    def __init__(self, *names: str):
        self._loggers = [logging.getLogger(name) for name in names]
        self._lock, self._running = threading.Lock(), 0
        self._levels: list[int] = []

    def __enter__(self):
        with self._lock:
            if not self._running:  # the first of several threads
                self._levels = [logger.level for logger in self._loggers]
                for logger in self._loggers:
                    logger.setLevel(logging.CRITICAL + 1)
            self._running += 1

    def __exit__(self, *_):
        with self._lock:
            self._running -= 1
            if not self._running:
                for logger, level in zip(self._loggers, self._levels, strict=True):
                    logger.setLevel(level)


_SILENCE = _Silence("papermill", "traitlets")


class _Client(AsyncKernelClient):
    """Is ready when the kernel has answered; Jupyter's then waits 0.2 seconds for stray messages.

    There may be some of them, about the kernel's own state; nbclient passes over what does not
    belong to the cell that runs.
    """

    def _context_default(self) -> zmq.asyncio.Context:
        context = super()._context_default()
        # it is there before the kernel, and else would look for it every 0.1 seconds
        context.setsockopt(zmq.RECONNECT_IVL, _RECONNECT)
        return context

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers, on both of the channels that cells need."""
        until = monotonic() + (timeout or float("inf"))
        while monotonic() < until:
            self.kernel_info()
            with suppress(Empty):
                await self.get_shell_msg(timeout=1)
                # what it tells before it is listened to is lost: then it is asked again
                await self.get_iopub_msg(timeout=_LISTEN)
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


def stop_all() -> None:
    """End all kernels of this process; whoever waits for one has a `NotebookError` at once."""
    running = list(_Clock.all)
    for clock in running:
        clock.stopped = True
    # one that is being copied comes to nothing
    WarmProcess.kill_all()
    for clock in running:
        clock.kill()


def _manager(folder: Path, clock: _Clock) -> type[AsyncKernelManager]:
    """Make the class that starts one kernel, its files all in `folder`."""

    class Manager(AsyncKernelManager):
        def __init__(self, **options):
            # sockets in a private folder cannot race for a port with another kernel's, and nobody
            # else can read at them
            super().__init__(
                **options,
                kernel_spec_manager=_OwnSpec(),
                connection_file=str(folder / "kernel.json"),
                transport="ipc" if _place_for_sockets() else "tcp",
                client_factory=_Client,
            )
            clock.manager = self

        async def _async_pre_start_kernel(self, **options):
            if clock.stopped:
                raise RuntimeError("the run was stopped")
            options["env"] = environment(folder)
            # what code writes past Jupyter would reach the terminal as it is
            options["stdout"] = options["stderr"] = subprocess.DEVNULL
            if self.provisioner is None and os.environ.get(WARM, "1") != "0":
                self.kernel_id = str(uuid.uuid4())
                self.provisioner = WarmProvisioner(
                    parent=self,
                    kernel_id=self.kernel_id,
                    kernel_spec=self.kernel_spec,
                    preload=PRELOAD,
                    warm_up=WARM_UP,
                )
            return await super()._async_pre_start_kernel(**options)

        pre_start_kernel = _async_pre_start_kernel

    return Manager


def _end(notebook: nbformat.NotebookNode) -> tuple[int, bool]:
    """Position of the last code cell that was started (-1: none), and whether it was the last."""
    started = [
        bool(cell.metadata.get("papermill", {}).get("start_time")) for cell in notebook.cells
    ]
    code = [at for at, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    return max((at for at in code if started[at]), default=-1), all(started)


def _error_in(cell: nbformat.NotebookNode) -> str | None:
    """Tell what a cell raised; `sys.exit(0)`, which papermill lets pass, counts as well."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    return f"{errors[0].ename}: {errors[0].evalue}" if errors else None


def failed(notebook: nbformat.NotebookNode, at: int, error: str) -> NotebookError:
    """Mark the cell of `notebook` at position `at` and make the `error` to raise.

    -1 stands for a failure before any code cell was reached.
    """
    number = sum(cell.cell_type == "code" for cell in notebook.cells[: at + 1])
    where = f"cell {number} of {sum(cell.cell_type == 'code' for cell in notebook.cells)}"
    notes = {
        max(at, 0): f"### ⚠ The report failed in the next cell\n\nThis is code {where}: the cells"
        " below it were not run, or not used.",
        0: f"**This report failed** in code {where}: look for ⚠ below.",
    }
    for position, text in notes.items():
        note = nbformat.v4.new_markdown_cell(text, id=f"failed-{position}")
        note.metadata["tags"] = [FAILED]
        notebook.cells.insert(position, note)
    return NotebookError(notebook, number, error)
