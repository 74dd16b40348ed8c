"""From a notebook and a state to a report in its folder."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import nbformat

from .. import catalog, countries, own_tables, parameters, paths
from ..errors import ParameterError
from ..folders import Folder
from . import manifest, outputs, pages, place
from . import pdf as typeset
from .kernel import NotebookError, execute
from .parameters import declared

DEFAULT = "country_profile"
_NAME = re.compile(r"[a-z0-9_]+\Z")


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


def make_report(
    country: str,
    notebook: str = DEFAULT,
    *,
    out: Path,
    parameters: Mapping[str, object] | None = None,
    pdf: bool = False,
) -> Path:
    """Make a report on one state.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    notebook : str
        Name of a notebook that comes with the package.
    out : Path
        Folder of all reports; this one goes to `out/ISO3/`.
    parameters : dict, optional
        Values for the notebook's parameters, apart from `country`.
    pdf : bool
        Make the page as PDF as well.

    Returns
    -------
    Path
        The HTML page. The executed notebook, `figures/`, `data/`, `tables/`, `sources.bib` and
        `manifest.json` lie beside it.

    Raises
    ------
    UnknownCountryError, ParameterError
        Before anything is run or written.
    ReportError
        If the notebook fails. It is kept in `out/failed/`; what was in `out/ISO3/` stays.
    """
    state = countries.lookup(country)
    find(notebook)
    out = Path(out)
    place.check(out, [state], [notebook])
    values = checked(notebook, state, parameters or {})
    with place.staging(out) as aside:
        made = build(state, notebook, values, pdf=pdf)
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
    state: str, notebook: str, values: Mapping[str, object], *, pdf: bool = False,
    timeout: float | None = None,
) -> Built | Failed:  # fmt: skip
    """Run a notebook and make its page. Nothing is written; both results can be sent anywhere.

    Parameters
    ----------
    state : str
        ISO3.
    notebook : str
        Name.
    values : dict
        Parameters, as `checked` gives them.
    pdf : bool
        Whether to make a PDF as well.
    timeout : float, optional
        Seconds that the notebook may run.
    """
    path = find(notebook)
    source = read(path)
    try:
        made = execute(source, values, timeout=timeout)
        collected = outputs.collect(made, notebook)
    except NotebookError as error:
        return Failed(state, notebook, error.cell, error.error, _as_bytes(error.notebook))
    entry = manifest.entry(
        notebook=path, title=pages.title(made, notebook), question=pages.question(made),
        parameters=values, sources=collected.sources, files=collected.files,
    )  # fmt: skip
    page = pages.render(
        made, prefix=notebook, subject=countries.name_of(state),
        parameters=declared(source), entry=entry,
    )  # fmt: skip
    outputs.lighten(made)
    files = {f"{notebook}.ipynb": _as_bytes(made), **collected.files}
    files[f"{notebook}.html"] = page.encode()
    if pdf:
        files[f"{notebook}.pdf"] = typeset.render(page)
        entry["pdf"] = typeset.made_by()
    entry["files"] = manifest.digests(files)
    return Built(state, notebook, files, entry)


def put(out: Path, aside: Folder, made: Built | Failed) -> Path:
    """Put a report in its place, or the notebook that failed apart from the reports.

    Parameters
    ----------
    out, aside : Path and Folder
        Folder of all reports, and the staging folder inside it.
    made : Built or Failed
        What `build` gave.

    Returns
    -------
    Path
        The HTML page.

    Raises
    ------
    ReportError
        If it failed.
    """
    if isinstance(made, Failed):
        kept = place.keep_failed(
            out, aside, state=made.state, report=made.report, notebook=made.notebook
        )
        raise ReportError(made, kept)
    folder = place.publish(
        out, aside, state=made.state, report=made.report, entry=made.entry, files=made.files
    )
    return folder / f"{made.report}.html"


def checked(notebook: str, state: str, given: Mapping[str, object]) -> dict[str, object]:
    """Check all values that a notebook would get.

    Parameters
    ----------
    notebook : str
        Name.
    state : str
        ISO3; a notebook without a parameter `country` does without it.
    given : dict
        Name -> value, apart from `country`.

    Raises
    ------
    ParameterError
        As `check`.
    """
    takes = declared(read(find(notebook)))
    return check(takes, {**given, **({"country": state} if "country" in takes else {})})


def unattended() -> list[str]:
    """Names of the notebooks that need nobody: all but those marked as interactive."""
    return [
        name for name in available()
        if not read(find(name)).metadata.get("partnerships", {}).get("interactive")
    ]  # fmt: skip


def available() -> list[str]:
    """Names of the notebooks there are reports by."""
    return sorted(
        path.stem for path in paths.notebooks_dir().glob("*.ipynb") if _NAME.match(path.stem)
    )


def find(notebook: str) -> Path:
    """Path of a notebook that comes with the package.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    """
    known = available()
    if notebook not in known:
        close = get_close_matches(notebook, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise ParameterError(
            f"Unknown notebook {notebook!r}.{hint} There are: {', '.join(known) or 'none'}."
        )
    return paths.notebooks_dir() / f"{notebook}.ipynb"


def read(path: Path) -> nbformat.NotebookNode:
    """Read a notebook.

    Raises
    ------
    ParameterError
        If the file is none.
    """
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError) as error:
        raise ParameterError(f"{path} is not a notebook: {error}".split("\n")[0]) from error


def check(
    takes: Mapping[str, parameters.Parameter], given: Mapping[str, object]
) -> dict[str, object]:
    """Check all values that a notebook would get, years and names of tables among them.

    Parameters
    ----------
    takes : dict of Parameter
        What the notebook takes.
    given : dict
        Name -> value.

    Returns
    -------
    dict
        A value for every parameter.

    Raises
    ------
    ParameterError
        Also for a `start` after the `end`, for years of which no source knows anything, and for a
        table of one's own that has not been taken in.
    """
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
    for kind in own_tables.KINDS:
        if isinstance(name := values.get(kind), str):
            own_tables.path_of(kind, name)
    return values


def _as_bytes(notebook: nbformat.NotebookNode) -> bytes:
    return (nbformat.writes(notebook) + "\n").encode()
