"""Read untrusted report folders defensively.

Anyone may have put a file there. A name becomes part of a path or an address only if it is one
that this package gives; nothing is read through a symbolic link; what is not as it should be is
left out.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from ...errors import ParameterError
from ...files.folders import Folder
from ...files.staging import opened
from ...sources import countries
from .. import manifest, names

#: the report whose table `headline` the site shows
MAIN = "country_profile"
_STATE = re.compile(r"[A-Z]{3}\Z")
_FILE = re.compile(r"(?:(?:figures|data|tables)/)?[a-z0-9_][a-z0-9_.-]{0,200}\.([a-z]{2,5})\Z")
_KINDS = ("html", "pdf", "ipynb", "csv", "svg", "png", "tex", "bib")
_LARGEST = 32_000_000


@dataclass(frozen=True)
class Report:
    """One report of a state, as its manifest describes it.

    Attributes
    ----------
    name : str
        Of the report (see `names`).
    title, question : str
        Of the notebook; both fall back to its name.
    variant : str
        What makes it a variant; empty for the usual report.
    library : str
        Version of this package that made it.
    parameters : dict
        Name -> value.
    sources : dict of str
        Short name -> version.
    files : tuple of str
        Paths in the state's folder.
    """

    name: str
    title: str
    question: str
    variant: str
    library: str
    parameters: Mapping[str, object]
    sources: Mapping[str, str]
    files: tuple[str, ...]

    @property
    def notebook(self) -> str:
        """Name of the notebook."""
        return names.notebook_of(self.name)

    @property
    def label(self) -> str:
        """Title, and what makes it a variant."""
        return f"{self.title} ({self.variant})" if self.variant else self.title

    def of_kind(self, *kinds: str) -> list[str]:
        """Paths of the files of some kinds, in the order of these."""
        return [path for kind in kinds for path in self.files if path.endswith(f".{kind}")]


def states(out: Path | Folder) -> list[str]:
    """ISO3 codes of the states that have a folder of reports, in order of their names."""
    with opened(out) as top:
        codes = [name for name in top.names() if is_state(name) and top.is_folder(name)]
        there = [code for code in codes if read(top, f"{code}/{manifest.NAME}") is not None]
    return sorted(there, key=lambda code: (countries.name_of(code), code))


def is_state(name: str) -> bool:
    """Tell whether a name is the code of a state; the names of all others stay out of addresses."""
    return bool(_STATE.match(name)) and name in countries.codes()


def reports(folder: Path | Folder) -> dict[str, Report] | None:
    """Read the reports of a state's folder by name; None if its manifest is not one of ours."""
    with opened(folder) as state:
        content = manifest.read(state)
    if content is None or content.get("country") != state.path.name:
        return None
    return described(content["reports"])


def described(entries: Mapping[str, object]) -> dict[str, Report]:
    """Describe reports by name, given the `reports` of a manifest; the main one comes first."""
    there = sorted(filter(names.is_report, entries), key=_order)
    return {name: _report(name, mapping(entries[name])) for name in there}


def _order(report: str) -> tuple[bool, str, str]:
    """Sort the main notebook first, and of each notebook the usual report before its variants."""
    notebook = names.notebook_of(report)
    return notebook != MAIN, notebook, report


def _report(name: str, entry: Mapping) -> Report:
    title = _text(entry.get("title")) or names.notebook_of(name).replace("_", " ").capitalize()
    sources = mapping(entry.get("sources"))
    return Report(
        name=name,
        title=title,
        question=_text(entry.get("question")) or title,
        variant=_text(entry.get("variant")),
        library=_text(mapping(entry.get("library")).get("version")),
        parameters=mapping(entry.get("parameters")),
        sources={key: _text(mapping(sources[key]).get("version")) for key in sorted(sources)},
        files=tuple(path for path in sorted(mapping(entry.get("files"))) if is_file(path)),
    )


def is_file(path: str) -> bool:
    """Tell whether a path is one that a report gives to a file."""
    found = _FILE.match(path)
    return found is not None and found[1] in _KINDS


def mapping(value: object) -> Mapping:
    """Return a dict as it is; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


def read(folder: Path | Folder, path: str) -> str | None:
    """Text of a file; None if it is missing, no plain file, behind a link, too large or no text."""
    try:
        with opened(folder) as top:
            return top.read(path, most=_LARGEST).decode()
    except (OSError, ParameterError, UnicodeDecodeError):
        return None


def rows(folder: Path | Folder, path: str, *, needs: frozenset[str]) -> list[dict[str, str]]:
    """Rows of a table of a report; none if it is missing or lacks one of the columns it `needs`."""
    try:
        return list(_rows(read(folder, path) or "", needs))
    except csv.Error:
        return []


def _rows(text: str, needs: frozenset[str]) -> Iterator[dict[str, str]]:
    table = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if needs <= set(table.fieldnames or ()):
        yield from table


def failures(out: Path | Folder) -> list[tuple[str, str]]:
    """State and name of each report that failed last time, in order."""
    with ExitStack() as stack:
        try:
            top = stack.enter_context(opened(out))
            failed = stack.enter_context(top.inner("failed"))
        except (OSError, ParameterError):
            return []
        return [
            (state, name.removesuffix(".ipynb"))
            for state in failed.names()
            if is_state(state) and failed.is_folder(state)
            for name in _names(failed, state)
            if name.endswith(".ipynb")
            and names.is_report(name.removesuffix(".ipynb"))
            and read(failed, f"{state}/{name}") is not None
        ]


def _names(folder: Folder, name: str) -> list[str]:
    with folder.inner(name) as below:
        return below.names()
