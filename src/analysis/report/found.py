"""What lies in a folder of reports, believed only as far as it has been checked.

Anyone may have put a file there. A name becomes part of a path or an address only if it is one
that this package gives; nothing is read through a symbolic link; what is not as it should be is
left out.
"""

import csv
import io
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .. import countries
from . import manifest

#: what a notebook, and so its report, may be called
REPORT = re.compile(r"[a-z0-9_]{1,60}\Z")
#: the report whose table `headline` the site shows
MAIN = "country_profile"
_STATE = re.compile(r"[A-Z]{3}\Z")
_FILE = re.compile(r"(?:(?:figures|data|tables)/)?[a-z0-9][a-z0-9_-]{0,150}\.(\w{2,5})\Z")
_KINDS = ("html", "pdf", "ipynb", "csv", "svg", "png", "tex", "bib")
_LARGEST = 32_000_000


@dataclass(frozen=True)
class Report:
    """One report of a state, as its manifest describes it.

    Attributes
    ----------
    name, title, question : str
        Of the notebook; title and question fall back to the name.
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
    library: str
    parameters: Mapping[str, object]
    sources: Mapping[str, str]
    files: tuple[str, ...]

    def of_kind(self, *kinds: str) -> list[str]:
        """Paths of the files of some kinds, in the order of these."""
        return [path for kind in kinds for path in self.files if path.endswith(f".{kind}")]


def states(out: Path) -> list[str]:
    """ISO3 codes of the states that have a folder of reports, in order of their names."""
    folders = (path for path in out.iterdir() if not path.is_symlink() and path.is_dir())
    codes = [path.name for path in folders if is_state(path.name)]
    there = (code for code in codes if read(out / code, manifest.NAME) is not None)
    return sorted(there, key=lambda code: (countries.name_of(code), code))


def is_state(name: str) -> bool:
    """Tell whether a name is the code of a state; the names of all others stay out of addresses."""
    return bool(_STATE.match(name)) and name in countries.codes()


def reports(folder: Path) -> dict[str, Report] | None:
    """Read the reports of a state's folder by name; None if its manifest is not one of ours."""
    content = manifest.parse(read(folder, manifest.NAME) or "")
    if content is None or content.get("country") != folder.name:
        return None
    return described(content["reports"])


def described(entries: Mapping[str, object]) -> dict[str, Report]:
    """Describe reports by name, given the `reports` of a manifest; the main one comes first."""
    names = sorted(filter(REPORT.match, entries), key=lambda name: (name != MAIN, name))
    return {name: _report(name, mapping(entries[name])) for name in names}


def _report(name: str, entry: Mapping) -> Report:
    title = _text(entry.get("title")) or name.replace("_", " ").capitalize()
    sources = mapping(entry.get("sources"))
    return Report(
        name=name,
        title=title,
        question=_text(entry.get("question")) or title,
        library=_text(mapping(entry.get("library")).get("version")),
        parameters=mapping(entry.get("parameters")),
        sources={key: _text(mapping(sources[key]).get("version")) for key in sorted(sources)},
        files=tuple(path for path in sorted(mapping(entry.get("files"))) if is_file(path)),
    )


def is_file(path: str) -> bool:
    """Tell whether a path is one that a report gives to a file."""
    found = _FILE.match(path)
    return bool(found) and found[1] in _KINDS


def mapping(value: object) -> Mapping:
    """Return a dict as it is; an empty one in place of anything else."""
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    return " ".join(value.split())[:300] if isinstance(value, str) else ""


def read(folder: Path, path: str) -> str | None:
    """Text of a file; None if it is missing, no plain file, behind a link, too large or no text."""
    whole = folder
    try:
        for part in Path(path).parts:
            whole = whole / part
            if stat.S_ISLNK(whole.lstat().st_mode):
                return None
        about = whole.lstat()
        if not stat.S_ISREG(about.st_mode) or about.st_size > _LARGEST:
            return None
        return whole.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write(path: Path, text: str) -> None:
    """Write a file in one step; whatever bears its name makes way, and no link is followed."""
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    try:
        with aside.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        aside.replace(path)
    except OSError:  # a full disk, say
        aside.unlink(missing_ok=True)
        raise


def rows(folder: Path, path: str, *, needs: frozenset[str]) -> list[dict[str, str]]:
    """Rows of a table of a report; none if it is missing or lacks one of the columns it `needs`."""
    try:
        return list(_rows(read(folder, path) or "", needs))
    except csv.Error:
        return []


def _rows(text: str, needs: frozenset[str]) -> Iterator[dict[str, str]]:
    table = csv.DictReader(io.StringIO(text, newline=""), restval="")
    if needs <= set(table.fieldnames or ()):
        yield from table


def failures(out: Path) -> list[tuple[str, str]]:
    """State and name of each report that failed last time, in order."""
    below = (path for path in (out / "failed").glob("*/*.ipynb") if is_state(path.parent.name))
    named = ((path.parent.name, path.stem) for path in below if REPORT.match(path.stem))
    return sorted(
        pair for pair in named if read(out, f"failed/{pair[0]}/{pair[1]}.ipynb") is not None
    )
