"""Make many reports, several at a time; each failure is named, and the others go on.

Notebooks are run by workers, which write nothing: threads of this process, each with a kernel of
its own, or the workers of a Dask cluster. What they send back is put in place here, one after
another. So a run that is killed leaves finished reports and nothing half-made.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from time import monotonic
from typing import Any

from ..errors import ParameterError, PartnershipError
from . import manifest, publish, run
from .execution import kernel
from .planning import FAILED, FRESH, MADE, Outcome, Task
from .site import index, run_log

#: seconds in which the scheduler of a cluster must have answered
_GREET = 10
#: seconds beyond its own time in which a report must have come to an end: to start a kernel, and
#: to make a page
_BEGIN = 180
#: seconds in which workers must have ended, and after which is looked whether the run is to end
_END, _TICK = 20, 0.2
#: by which threads of this module are known
WORKER = "report-worker"


class Stop:
    """Takes the first Ctrl-C, SIGTERM or SIGHUP as an order to come to an end.

    Kernels are ended, nothing more is begun, and what is being put in place is put there. A second
    signal does what it would do without this.

    Attributes
    ----------
    signal : int or None
        The one that came.
    """

    def __init__(self):
        self.signal: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Stop":
        """Begin to wait for signals; other threads than the main one cannot."""
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)
                # one that is ignored, as SIGHUP by nohup, stays so
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        """Wait no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before = {}

    def _take(self, number: int, _: object) -> None:
        self.signal = number
        self.__exit__()
        kernel.stop_all()


def make(
    tasks: Iterable[Task],
    *,
    out: Path,
    jobs: int = 1,
    retry: int = 0,
    timeout: float | None = None,
    dask: str | None = None,
    stop: Stop | None = None,
    tell: Callable[[Outcome], None] = lambda outcome: None,
) -> list[Outcome]:
    """Make reports; one that fails does not stop the others."""
    tasks, stop = list(tasks), stop or Stop()
    outcomes = {}
    with publish.only_run(out), _workers(jobs, dask, stop) as workers:
        for task in tasks:
            if not task.whys:
                page = out / task.state / f"{task.report}.html"
                outcomes[task.state, task.report] = Outcome(task.state, task.report, FRESH, page)
                tell(outcomes[task.state, task.report])
        for outcome in _all(tasks, workers, stop, out=out, retry=retry, timeout=timeout):
            outcomes[outcome.state, outcome.report] = outcome
            tell(outcome)
    return [
        outcomes[task.state, task.report] for task in tasks if (task.state, task.report) in outcomes
    ]


def finish(out: Path, outcomes: Iterable[Outcome]) -> list[str]:
    """Write down what a run has done, and make the site anew."""
    if not out.is_dir():
        return []
    try:
        for outcome in outcomes:
            if outcome.status != FRESH:
                error = str(outcome) if outcome.status == FAILED else None
                run_log.record(out, outcome.state, outcome.report, error=error)
        return index.write(out)
    except OSError as error:
        raise PartnershipError(
            f"{out}: the reports that were made are there, but the log of runs and the site over"
            f" them could not be brought up to date ({error.strerror or error}). Mend that, and run"
            " the same again with --resume."
        ) from error


def is_stuck(seconds: float = 5.0) -> bool:
    """Whether a worker has not ended after some seconds, so that the process would wait for it."""
    until = monotonic() + seconds
    for thread in threading.enumerate():
        if thread.name.startswith(WORKER):
            thread.join(max(until - monotonic(), 0))
    return any(thread.name.startswith(WORKER) for thread in threading.enumerate())


@contextmanager
def _workers(jobs: int, dask: str | None, stop: Stop) -> Iterator[Executor]:
    if dask is None:
        workers = ThreadPoolExecutor(jobs, thread_name_prefix=WORKER)
        is_whole = False
        try:
            yield workers
            is_whole = stop.signal is None
        finally:  # one that hangs is not waited for
            workers.shutdown(wait=False, cancel_futures=True)
            if not is_whole:
                _end_kernels()
        return
    try:
        from distributed import Client
        from distributed.comm import connect
    except ImportError:
        raise ParameterError(
            "--dask needs distributed: pip install 'partnership-diversity[dask]'."
        ) from None

    async def greet() -> None:
        comm = await asyncio.wait_for(connect(dask, timeout=_GREET), _GREET)
        await comm.close()

    try:
        # distributed itself waits without end for one that takes the call and never answers
        asyncio.run(greet())
        client = Client(dask, timeout=_GREET, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        why = error if str(error) else "it has taken the call, and says nothing"
        raise ParameterError(f"--dask {dask}: no scheduler answers there ({why}).") from error
    with client, client.get_executor(pure=False) as workers:
        is_whole = False
        try:
            yield workers
            is_whole = stop.signal is None
        finally:
            if not is_whole:
                workers.shutdown(wait=False)


def _end_kernels() -> None:
    """End all kernels, those too that are just beginning, until the workers have noticed."""
    until = monotonic() + _END
    while True:
        kernel.stop_all()
        if not is_stuck(_TICK) or monotonic() > until:
            return


def _all(
    tasks: Iterable[Task],
    workers: Executor,
    stop: Stop,
    *,
    out: Path,
    retry: int,
    timeout: float | None,
) -> Iterator[Outcome]:
    """Outcomes as they come."""

    def begin(task: Task, attempt: int) -> None:
        future = workers.submit(_work, task, timeout)
        running[future] = task, attempt

    running: dict[Future, tuple[Task, int]] = {}
    for task in tasks:
        if task.fault:
            yield Outcome(task.state, task.report, FAILED, error=task.fault.removesuffix("."))
        elif task.whys:
            begin(task, 1)
    silence = timeout and timeout + _BEGIN
    heard = monotonic()
    while running:
        done, _ = wait(running, timeout=_TICK, return_when=FIRST_COMPLETED)
        if stop.signal is not None:
            return
        heard = monotonic() if done else heard
        if silence is not None and monotonic() > heard + silence:
            # they hang where no kernel can be ended, or on a cluster that is gone
            for future, (task, attempt) in running.items():
                future.cancel()
                error = f"TimeoutError: nothing has come of it within {silence:g} seconds"
                yield Outcome(task.state, task.report, FAILED, error=error, attempts=attempt)
            return
        for future in done:
            task, attempt = running.pop(future)
            outcome = replace(_put(future, task, out), attempts=attempt)
            if outcome.status == FAILED and attempt <= retry:
                begin(task, attempt + 1)
            else:
                yield outcome


def _work(task: Task, timeout: float | None) -> tuple[run.Built | run.Failed, float]:
    """Make one report; in a worker, perhaps on another machine."""
    began = monotonic()
    here = manifest.inputs(notebook=run.find(task.notebook), parameters=task.values)
    if unlike := manifest.differences(task.wanted, here):
        raise run.ChangedError(
            f"{', '.join(unlike)} changed since the run began, or the worker has others than this"
            " machine. Run the same again with --resume."
        )
    made = run.build(
        task.state, task.notebook, task.values, variant=task.variant, pdf=task.pdf, timeout=timeout
    )
    return made, monotonic() - began


def _put(future: Future, task: Task, out: Path) -> Outcome:
    """Put in place what a worker has made, or say what went wrong, whatever it was."""
    outcome = Outcome(task.state, task.report, FAILED)
    try:
        made, seconds = future.result()
        outcome = replace(outcome, seconds=seconds)
        with publish.staging(out) as aside:
            return replace(outcome, status=MADE, path=run.put(out, aside, made))
    except run.ReportError as error:
        return replace(outcome, path=error.kept, cell=error.cell, error=error.error)
    except Exception as error:  # a worker that died, a full disk, a fault of ours: the others go on
        lines = str(error).strip().split("\n")
        return replace(outcome, error=f"{type(error).__name__}: {lines[0]}")
