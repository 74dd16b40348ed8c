"""From a notebook and a state to a report in its folder."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

import nbformat

from .. import catalog, countries, paths
from ..errors import ParameterError
from . import manifest, outputs, pages, place
from . import parameters as params
from . import pdf as typeset
from .kernel import NotebookError, execute

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

    def __init__(self, state: str, report: str, cause: NotebookError, kept: Path):
        self.state, self.report, self.cell, self.kept = state, report, cause.cell, kept
        self.error = cause.error.strip().split("\n")[0]
        super().__init__(f"{state} {report}: cell {self.cell}: {self.error}. See {kept}")


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
        The HTML page. The executed notebook, `figures/`, `data/`, `sources.bib` and
        `manifest.json` lie beside it.

    Raises
    ------
    UnknownCountryError, ParameterError
        Before anything is run or written.
    ReportError
        If the notebook fails. It is kept in `out/failed/`; what was in `out/ISO3/` stays.
    """
    state = countries.lookup(country)
    path = find(notebook)
    source = read(path)
    declared = params.declared(source)
    values = check(declared, {**(parameters or {}), "country": state})
    out = Path(out)
    place.check_target(out / state)
    with place.staging(out) as aside:
        try:
            made = execute(source, values)
            collected = outputs.collect(made, notebook)
        except NotebookError as error:
            kept = place.keep_failed(
                out, aside, state=state, report=notebook, notebook=_as_bytes(error.notebook)
            )
            raise ReportError(state, notebook, error, kept) from error
        files = {f"{notebook}.ipynb": _as_bytes(made), **collected.files}
        entry = manifest.entry(
            notebook=path, title=pages.title(made, notebook), question=pages.question(made),
            parameters=values, sources=collected.sources, files=files,
        )  # fmt: skip
        page = pages.render(
            made, prefix=notebook, subject=countries.name_of(state), parameters=declared,
            entry=entry,
        )  # fmt: skip
        files[f"{notebook}.html"] = page.encode()
        if pdf:
            files[f"{notebook}.pdf"] = typeset.render(page)
        entry["files"] = manifest.digests(files)
        folder = place.publish(out, aside, state=state, report=notebook, entry=entry, files=files)
    return folder / f"{notebook}.html"


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
    declared: Mapping[str, params.Parameter], given: Mapping[str, object]
) -> dict[str, object]:
    """Check all values that a notebook would get, the years among them.

    Parameters
    ----------
    declared : dict of Parameter
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
        Also for a `start` after the `end`, and for years of which no source knows anything.
    """
    values = params.resolve(declared, given)
    covered = [year for source in catalog.all_sources().values() for year in source.years]
    first, last = min(covered), max(covered)
    for name in ("start", "end"):
        year = given.get(name)
        if isinstance(year, int) and not first <= year <= last:
            raise ParameterError(f"{name}={year}: the sources cover {first} to {last}.")
    start, end = values.get("start"), values.get("end")
    if isinstance(start, int) and isinstance(end, int) and start > end:
        raise ParameterError(f"start={start} comes after end={end}.")
    return values


def _as_bytes(notebook: nbformat.NotebookNode) -> bytes:
    return (nbformat.writes(notebook) + "\n").encode()
