"""From a notebook and a state to a report in its folder."""

import logging
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import nbformat

from .. import parameters, paths
from ..errors import ParameterError, PartnershipError
from ..files.folders import Folder
from ..sources import catalog, countries, user_tables
from . import manifest, names, outputs, pages, publish
from . import pdf as typeset
from .execution.kernel import NotebookError, execute
from .parameters import declared

DEFAULT = "country_profile"
_ENDING = ".ipynb"


class ReportError(Exception):
    """A report that could not be made; nothing of it is shown.

    Attributes
    ----------
    state, report : str
        ISO3 code, and name of the notebook.
    cell : int
        Number of the failing cell among the code cells.
    error : str
        What it raised: name and first line.
    kept : Path
        The executed notebook, the failing cell marked.
    """

    def __init__(self, made: "Failed", kept: Path):
        self.state, self.report, self.cell, self.kept = made.state, made.report, made.cell, kept
        self.error = made.error.strip().split("\n")[0].removesuffix(".")
        super().__init__(f"{self.state} {self.report}: cell {self.cell}: {self.error}. See {kept}")


class ChangedError(PartnershipError):
    """A report that was not made from one state of its data, notebook or package."""


def make_report(
    country: str,
    notebook: str = DEFAULT,
    *,
    out: Path,
    parameters: Mapping[str, object] | None = None,
    variant: str | None = None,
    pdf: bool = False,
) -> Path:
    """Make a report on one state.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    notebook : str
        Name of a notebook, or the path of one.
    out : Path
        Folder of all reports; this one goes to `out/ISO3/`.
    parameters : dict, optional
        Values for the notebook's parameters, apart from `country`.
    variant : str, optional
        What to call a report by other parameters than the notebook's own; else it is named after
        them (see `names`).
    pdf : bool
        Make the page as PDF as well.

    Returns
    -------
    Path
        The HTML page. The executed notebook, `figures/`, `data/`, `tables/`, `sources.bib` and
        `manifest.json` lie beside it.
    """
    state = countries.lookup(country)
    find(notebook)
    out = Path(out)
    values = checked(notebook, state, parameters or {})
    publish.check(out, [state], [report_name(notebook, values, variant)])
    with publish.staging(out) as aside:
        made = build(state, notebook, values, variant=variant, pdf=pdf)
        return put(out, aside, made)


@dataclass(frozen=True)
class Built:
    """A report not yet in its place: its files by path, and its part of the manifest."""

    state: str
    report: str
    files: dict[str, bytes]
    entry: dict


@dataclass(frozen=True)
class Failed:
    """A report that could not be made: the number of its cell, what it raised, the notebook."""

    state: str
    report: str
    cell: int
    error: str
    notebook: bytes


def build(
    state: str,
    notebook: str,
    values: Mapping[str, object],
    *,
    variant: str | None = None,
    pdf: bool = False,
    timeout: float | None = None,
) -> Built | Failed:
    """Run a notebook and make its page. Nothing is written; both results can be sent anywhere."""
    path = find(notebook)
    before = manifest.Snapshot.take(path, values)
    source = read(path)
    takes = declared(source)
    different = names.differing(takes, values)
    report = report_name(notebook, values, variant)
    try:
        made = execute(source, values, timeout=timeout)
        collected = outputs.collect(made, report)
    except NotebookError as error:
        return Failed(state, report, error.cell, error.error, _as_bytes(error.notebook))
    entry = manifest.entry(
        before.inputs,
        title=pages.title(made, path.stem),
        question=pages.question(made),
        variant=names.label(different, variant),
        sources=collected.sources,
        files=collected.files,
    )
    _refuse_changes(before, manifest.Snapshot.take(path, values))
    page = pages.render(
        made, report=report, subject=countries.name_of(state), parameters=takes, entry=entry
    )
    outputs.lighten(made)
    files = {f"{report}.ipynb": _as_bytes(made), **collected.files}
    files[f"{report}.html"] = page.encode()
    if pdf:
        files[f"{report}.pdf"] = typeset.render(page)
        entry["pdf"] = typeset.made_by()
    entry["files"] = manifest.digests(files)
    return Built(state, report, files, entry)


def _refuse_changes(before: manifest.Snapshot, after: manifest.Snapshot) -> None:
    """Raise if a report may have been made from other things than those it would name."""
    changed = manifest.differences(before.inputs, after.inputs) or sorted(
        Path(path).name
        for path in before.states.keys() | after.states.keys()
        if before.states.get(path) != after.states.get(path)
    )
    if changed:
        raise ChangedError(
            f"{', '.join(changed)} changed while the report was made, so it may mix old and new."
            " Make it again."
        )


def report_name(notebook: str, values: Mapping[str, object], variant: str | None) -> str:
    """Name a report by a notebook with checked values; a `variant` is what the user calls it."""
    path = find(notebook)
    different = names.differing(declared(read(path)), values)
    return names.of_report(names.of_notebook(path.stem), different, variant)


def put(out: Path, aside: Folder, made: Built | Failed) -> Path:
    """Put a report in its place, or the notebook that failed apart from the reports."""
    if isinstance(made, Failed):
        kept = publish.keep_failed(
            out, aside, state=made.state, report=made.report, notebook=made.notebook
        )
        raise ReportError(made, kept)
    folder = publish.publish(
        out, aside, state=made.state, report=made.report, entry=made.entry, files=made.files
    )
    return folder / f"{made.report}.html"


def checked(notebook: str, state: str, given: Mapping[str, object]) -> dict[str, object]:
    """Check all values that a notebook would get."""
    takes = declared(read(find(notebook)))
    return check(takes, {**given, **({"country": state} if "country" in takes else {})})


def unattended() -> list[str]:
    """Names of the notebooks that need nobody: all but those marked as interactive."""
    return [name for name in available() if not _is_interactive(find(name))]


def _is_interactive(path: Path) -> bool:
    try:
        about = read(path).metadata.get("partnerships", {})
    except ParameterError:  # told when it is to be run
        return False
    return isinstance(about, dict) and bool(about.get("interactive"))


def available() -> list[str]:
    """Names of the notebooks in the folder of notebooks, whatever they are called."""
    there = paths.notebooks_dir().glob(f"*{_ENDING}")
    return sorted(path.stem for path in there if not path.name.startswith(".") and path.is_file())


def find(notebook: str) -> Path:
    """Find a notebook by its name in the folder of notebooks, or by a path that ends in .ipynb."""
    known, folder = available(), paths.notebooks_dir()
    stem = notebook.removesuffix(_ENDING)
    for name in (notebook, stem):
        if name in known:
            return folder / f"{name}{_ENDING}"
    if stem == notebook:
        close = get_close_matches(notebook, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise ParameterError(
            f"Unknown notebook {notebook!r}.{hint} There are: {', '.join(known) or 'none'}; or name"
            f" the path of one, which ends in {_ENDING}."
        )
    path = Path(notebook).expanduser()
    if not path.is_file():
        raise ParameterError(f"{notebook}: there is no such notebook.")
    if path.stem in known and not path.samefile(folder / path.name):
        raise ParameterError(
            f"{notebook}: the notebook {path.stem} in {folder} has reports of this name; give yours"
            " another name."
        )
    return path.absolute()


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook."""
    log = logging.getLogger("nbformat")
    log.addHandler(logging.NullHandler())  # what is wrong is raised here, and said once
    log.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.read(path, as_version=4)
            nbformat.validate(notebook)
    except Exception as error:  # whatever a reader of many formats stumbles over
        raise ParameterError(f"{path} is not a notebook: {error}".split("\n")[0]) from error
    return notebook


def check(
    takes: Mapping[str, parameters.Parameter], given: Mapping[str, object]
) -> dict[str, object]:
    """Check all values that a notebook would get, years and names of tables among them."""
    values = parameters.resolve(takes, given)
    covered = [year for source in catalog.all_sources().values() for year in source.years]
    first, last = min(covered), max(covered)
    for name in ("start", "end"):
        year = given.get(name)
        if isinstance(year, int) and not first <= year <= last:
            raise ParameterError(f"{name}={year}: the sources cover {first} to {last}.")
    start, end = values.get("start"), values.get("end")
    if isinstance(start, int) and isinstance(end, int) and start > end:
        raise ParameterError(f"start={start} comes after end={end}.")
    for kind in user_tables.KINDS:
        if isinstance(own := values.get(kind), str):
            user_tables.path_of(kind, own)
    return values


def _as_bytes(notebook: nbformat.NotebookNode) -> bytes:
    return (nbformat.writes(notebook) + "\n").encode()
