"""Which reports a run makes, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .. import parameters
from ..errors import ParameterError
from ..sources import countries
from . import manifest, names, publish, run
from . import pdf as typeset
from .parameters import declared
from .site import index

EVERY = "all"
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
    """Names of the notebooks meant by a name: itself, or all that need nobody."""
    if name == EVERY:
        return run.unattended()
    run.find(name)
    return [name]


def parse(
    asked: Sequence[str], texts: Mapping[str, str]
) -> dict[str, dict[str, object] | ParameterError]:
    """Turn parameters as typed on a command line into values for each notebook that has them."""
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
    first, last = values.get("start"), values.get("end")
    if not (isinstance(first, int) and isinstance(last, int)):
        return True
    return any(countries.exists(state, year) for year in range(first, last + 1))


def _name(notebook: str, own: Mapping | ParameterError, state: str, variant: str | None) -> str:
    """Name the reports by a notebook: of all states alike."""
    if isinstance(own, ParameterError):
        return names.of_notebook(Path(notebook).stem)
    return run.report_name(notebook, run.checked(notebook, state, own), variant)
