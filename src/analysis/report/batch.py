"""Reports by the hundred: several at a time, only what is missing, whatever fails.

Notebooks are run by workers, which write nothing: threads of this process, each with a kernel of
its own, or the workers of a Dask cluster. What they send back is put in place here, one after
another. So a run that is killed leaves finished reports and nothing half-made.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic

from .. import parameters
from ..errors import ParameterError, PartnershipError
from ..sources import countries
from . import manifest, names, publish, run
from . import pdf as typeset
from .execution import kernel
from .parameters import declared
from .site import index, run_log

EVERY = "all"
#: seconds in which the scheduler of a cluster must have answered
_GREET = 10
#: seconds beyond its own time in which a report must have come to an end: to start a kernel, and
#: to make a page
_BEGIN = 180
#: seconds in which workers must have ended, and after which is looked whether the run is to end
_END, _TICK = 20, 0.2
#: by which threads of this module are known
WORKER = "report-worker"
MADE, FRESH, FAILED = "made", "fresh", "failed"


@dataclass(frozen=True)
class Task:
    """A report to be made, and why.

    Attributes
    ----------
    state, report : str
        ISO3 code, and name of the report (see `names`).
    notebook : str
        Name or path.
    values : dict
        Parameters, checked.
    variant : str or None
        What the user calls it.
    wanted : dict
        What it will be made from, as `manifest.inputs` gives it.
    whys : list of str
        Why it has to be made; empty if it is what it would be.
    pdf : bool
        Whether as PDF too.
    fault : str
        What is wrong with its notebook; nothing is run then.
    """

    state: str
    report: str
    notebook: str
    values: dict[str, object]
    variant: str | None
    wanted: dict
    whys: list[str]
    pdf: bool = False
    fault: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of a report.

    Attributes
    ----------
    state, report : str
        ISO3 code, and name of the report.
    status : str
        "made", "fresh" (it was there already, and would be the same) or "failed".
    path : Path
        Its page; of a failed one the notebook as far as it ran, or None if it did not.
    cell : int, optional
        Of a failed one, the number of the failing cell.
    error : str
        What was raised.
    attempts : int
        How often it was tried.
    seconds : float
        From its start, or that of its last attempt, to its end.
    """

    state: str
    report: str
    status: str
    path: Path | None = None
    cell: int | None = None
    error: str = ""
    attempts: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        """One line that names state, notebook, cell and error."""
        if self.status != FAILED:
            return f"{self.state} {self.report}: {self.status}"
        where = f"cell {self.cell}: " if self.cell else ""
        tried = f" (tried {self.attempts} times)" if self.attempts > 1 else ""
        see = f". See {self.path}" if self.path else ""
        return f"{self.state} {self.report}: {where}{self.error}{tried}{see}"


def notebooks(name: str) -> list[str]:
    """Names of the notebooks meant by a name: itself, or all that need nobody.

    Raises
    ------
    ParameterError
        If there is none of that name.
    """
    if name == EVERY:
        return run.unattended()
    run.find(name)
    return [name]


def parse(
    asked: Sequence[str], texts: Mapping[str, str]
) -> dict[str, dict[str, object] | ParameterError]:
    """Turn parameters as typed on a command line into values for each notebook that has them.

    Parameters
    ----------
    asked : list of str
        Notebooks, by name or path.
    texts : dict
        Name of a parameter -> text.

    Returns
    -------
    dict
        Notebook -> name -> value; of one among several that cannot be run, why.

    Raises
    ------
    ParameterError
        If no notebook has a parameter of that name, the text does not fit, or the only notebook
        cannot be run.
    """
    takes, faults = {}, {}
    for name in asked:
        try:
            takes[name] = declared(run.read(run.find(name)))
        except ParameterError as error:
            if len(asked) == 1:
                raise
            faults[name] = error
    known = {name for own in takes.values() for name in own}
    if len(takes) > 1 and (unknown := sorted(texts.keys() - known)):
        raise ParameterError(
            f"None of these notebooks has a parameter {', '.join(unknown)}. There are:"
            f" {', '.join(sorted(known))}."
        )
    parsed = {
        name: parameters.parse(
            own, texts if len(takes) == 1 else {k: v for k, v in texts.items() if k in own}
        )
        for name, own in takes.items()
    }
    return parsed | faults


def plan(
    states: Iterable[str],
    given: Mapping[str, Mapping[str, object] | ParameterError],
    *,
    out: Path,
    variant: str | None = None,
    resume: bool = False,
    pdf: bool = False,
    existing: bool = False,
) -> list[Task]:
    """List the reports to be made. Everything is checked before anything runs.

    Parameters
    ----------
    states : list of str
        ISO3 codes.
    given : dict
        Notebook -> name of a parameter -> value, as `parse` gives it.
    out : Path
        Folder of all reports.
    variant : str, optional
        What the user calls reports by these parameters; else each is named after them.
    resume : bool
        Whether a report stays that is there and would be the same. What decides is the content of
        notebook, library, data, parameters and lock file, not their age.
    pdf : bool
        Whether to make each as PDF as well.
    existing : bool
        Whether to leave out a state where it did not exist in the years of a report.

    Raises
    ------
    ParameterError
        For values that do not fit, and folders that hold something else.
    """
    tasks, states = [], list(states)
    reports = {
        notebook: _name(notebook, own, states[0], variant) for notebook, own in given.items()
    }
    publish.check(out, states, list(reports.values()), files=index.FILES)
    for state in states:
        for notebook, own in given.items():
            report = reports[notebook]
            if isinstance(own, ParameterError):
                tasks.append(
                    Task(state, report, notebook, {}, None, {}, ["asked for"], fault=str(own))
                )
                continue
            values = run.checked(notebook, state, own)
            if existing and not _existed(state, values):
                continue
            wanted = manifest.inputs(notebook=run.find(notebook), parameters=values)
            whys = ["asked for"]
            if resume:
                set_by = {"pdf": typeset.made_by()} if pdf else {}
                whys = manifest.stale(out / state, report, {**wanted, **set_by})
                whys += ["failed before"] if publish.has_failed(out, state, report) else []
            tasks.append(Task(state, report, notebook, values, variant, wanted, whys, pdf))
    return tasks


def _existed(state: str, values: Mapping[str, object]) -> bool:
    """Tell whether a state existed in a year from `start` to `end`; without years it did."""
    years = [values.get("start"), values.get("end")]
    if not all(isinstance(year, int) for year in years):
        return True
    return any(countries.exists(state, year) for year in range(years[0], years[1] + 1))


def _name(notebook: str, own: object, state: str, variant: str | None) -> str:
    """Name the reports by a notebook: of all states alike."""
    if isinstance(own, ParameterError):
        return names.of_notebook(Path(notebook).stem)
    return run.report_name(notebook, run.checked(notebook, state, own), variant)


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
        self._before: dict[int, object] = {}

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
    """Make reports; one that fails does not stop the others.

    Parameters
    ----------
    tasks : list of Task
        As `plan` gives them.
    out : Path
        Folder of all reports.
    jobs : int
        How many at a time; with `dask`, as many as the cluster has threads.
    retry : int
        How often a failed one is tried again.
    timeout : float, optional
        Seconds that one may run.
    dask : str, optional
        Address of a Dask scheduler whose workers run the notebooks.
    stop : Stop, optional
        What may order an end before all are made.
    tell : callable, optional
        Is told of each outcome as it comes.

    Returns
    -------
    list of Outcome
        In the order of the tasks; of those that came to an end.

    Raises
    ------
    ParameterError
        If another run is at work on the folder, or nothing can be written there.
    """
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
    """Write down what a run has done, and make the site anew.

    Parameters
    ----------
    out : Path
        Folder of all reports.
    outcomes : list of Outcome
        Of this run.

    Returns
    -------
    list of str
        What the site leaves out, and why; a line each.

    Raises
    ------
    PartnershipError
        If the disk is full, or the like. The reports are not touched.
    """
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
