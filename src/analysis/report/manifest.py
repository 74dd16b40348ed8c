"""What a report was made from, and whether its files are still what was made.

`manifest.json` lies beside the reports on one state. It holds no time of day and no path of the
machine it was made on: the same inputs give the same manifest.
"""

import hashlib
import json
import math
import platform
import sys
import time
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from .. import paths
from .._terminal import plain
from ..errors import ParameterError
from ..files.folders import Folder
from ..files.staging import opened
from ..sources import catalog

NAME = "manifest.json"
BIBLIOGRAPHY = "sources.bib"
FORMAT = 1
#: a longer file is none of ours
_LARGEST = 32_000_000
_DEEPEST = 50
_LISTS = ("files", "data", "sources", "parameters", "library", "packages", "notebook")
#: nanoseconds in which a file can change twice and show the same time
_JUST_NOW = 100_000_000

_DISTRIBUTION = "partnership-diversity"
_PACKAGE = Path(__file__).resolve().parents[1]
#: packages that decide what a report says or how it looks
_PACKAGES = (
    "numpy", "pandas", "matplotlib", "seaborn", "papermill", "nbclient", "ipykernel", "ipython",
    "jinja2", "mistune",
)  # fmt: skip


def entry(
    made_from: Mapping,
    *,
    title: str,
    question: str,
    variant: str,
    sources: Iterable[str],
    files: Mapping[str, bytes],
) -> dict:
    """Describe one report.

    Returns
    -------
    dict
        Ready for JSON: title, question, variant, all of `inputs`, sources (with version, licence
        and the SHA-256 of each table), files.
    """
    return {
        "title": title,
        "question": question,
        "variant": variant,
        **made_from,
        "sources": {key: _source(catalog.get(key)) for key in sorted(sources)},
        "files": digests(files),
    }


def inputs(*, notebook: Path, parameters: Mapping[str, object]) -> dict:
    """Describe all that decides what a report says: while it is the same, so is the report.

    Returns
    -------
    dict
        Ready for JSON: notebook, parameters, seed, library, python, packages, lock (the SHA-256 of
        the file of locked versions), and data: the SHA-256 of every table there is, used or not,
        imported ones included.
    """
    return {
        "notebook": {"name": notebook.name, "sha256": _sha256(notebook)},
        "parameters": {name: _for_json(value) for name, value in parameters.items()},
        "seed": parameters.get("seed"),
        "library": {"name": _DISTRIBUTION, "version": version(), "sha256": library_sha256()},
        "python": platform.python_version(),
        "packages": _versions(),
        "lock": _sha256(paths.lock_file()),
        "data": _tables(paths.data_dir(), "") | _tables(paths.imports_dir(), "imported/"),
    }


def _versions() -> dict[str, str]:
    """Versions of the packages that decide."""
    return _versions_in(tuple(catalog.state(Path(folder)) for folder in sys.path))


@cache
def _versions_in(_state: tuple[tuple[int, ...], ...]) -> dict[str, str]:
    """Find them out again only when something was installed: it takes longer than all the rest."""
    return {name: metadata.version(name) for name in _PACKAGES}


@dataclass(frozen=True)
class Snapshot:
    """What a report would be made from at a moment.

    Attributes
    ----------
    inputs : dict
        As `inputs` gives them.
    states : dict
        Path of each file of data -> its state: one that is changed and changed back is another.
    """

    inputs: dict
    states: dict[str, tuple[int, ...]]

    @classmethod
    def take(cls, notebook: Path, parameters: Mapping[str, object]) -> "Snapshot":
        """Take one for a report by a `notebook` with these `parameters`."""
        if library_sha256() != _LOADED:
            raise ParameterError(
                "The package was changed since this program began; start it again, so that reports"
                " are made by one version."
            )
        data = [file for base in (paths.data_dir(), paths.imports_dir()) for file in _files(base)]
        states = {str(path): catalog.state(path) for path in [notebook, paths.lock_file(), *data]}
        return cls(inputs(notebook=notebook, parameters=parameters), states)


def differences(before: Mapping, after: Mapping) -> list[str]:
    """Name what is not the same in two `inputs`; of data, the tables."""
    names = [name for name in after if name != "data" and before.get(name) != after[name]]
    old, new = before.get("data", {}), after["data"]
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    return names + ([f"data {', '.join(changed)}"] if changed else [])


def stale(folder: Path, report: str, wanted: Mapping) -> list[str]:
    """Tell why a report would have to be made again."""
    made = (read(folder) or {"reports": {}})["reports"].get(report)
    if made is None:
        return ["not there"]
    return differences(made, wanted) + [
        f"{path} is not as it was made"
        for path, digest in made["files"].items()
        if _sha256_in(folder, path) != digest
    ]


def _sha256_in(folder: Path | Folder, path: str) -> str | None:
    """SHA-256 of a file in a folder; None if the path leads out of it, or to no plain file."""
    try:
        with opened(folder) as top:
            return hashlib.sha256(top.read(path)).hexdigest()
    except (OSError, ParameterError, ValueError):
        return None


def _tables(folder: Path, prefix: str) -> dict[str, str]:
    """SHA-256 of every table in a folder of data, and of every folder of tables."""
    return {
        f"{prefix}{path.name}": _sha256_of_folder(path) if path.is_dir() else _sha256(path)
        for path in _own(folder)
    }


def _own(folder: Path) -> list[Path]:
    """Tables and folders of tables in a folder of data.

    A name that begins with a dot is that of a lock, or of an import that is under way.
    """
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    shown = (path for path in found if path.name[0] != ".")
    return [
        path
        for path in shown
        if (path.name != "imported" if path.is_dir() else path.suffix in (".csv", ".bib"))
    ]


def _files(folder: Path) -> list[Path]:
    """All files that the tables of a folder of data consist of."""
    return [file for path in _own(folder) for file in (_below(path) if path.is_dir() else [path])]


def _below(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _sha256_of_folder(folder: Path) -> str:
    named = ((path.relative_to(folder).as_posix(), path) for path in _below(folder))
    listing = (f"{name}\0{_sha256(path)}\n" for name, path in named)
    return hashlib.sha256("".join(listing).encode()).hexdigest()


def _sha256(path: Path) -> str:
    """SHA-256 of a file; found out again when it has changed, or might have just now."""
    state = catalog.state(path)
    if not state or time.time_ns() - state[-1] < _JUST_NOW:
        return catalog.sha256(path)
    return _sha256_in_state(path, state)


@cache
def _sha256_in_state(path: Path, _state: tuple[int, ...]) -> str:
    return catalog.sha256(path)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each content, by path."""
    return {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}


def version() -> str:
    """Version of this package: the checkout's own, else the installed one."""
    project = _PACKAGE.parents[1] / "pyproject.toml"
    if project.is_file():
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return metadata.version(_DISTRIBUTION)


def library_sha256() -> str:
    """One SHA-256 over the package's own files: their names and contents, in order."""
    total = hashlib.sha256()
    kinds = {".py", ".j2", ".css", ".js", ".mplstyle"}
    own = (p for p in _PACKAGE.rglob("*") if p.suffix in kinds and not _is_shipped_data(p))
    for path in sorted(own, key=lambda p: p.relative_to(_PACKAGE).as_posix()):
        name = path.relative_to(_PACKAGE).as_posix()
        total.update(f"{name}\0{_sha256(path)}\n".encode())
    return total.hexdigest()


def _is_shipped_data(path: Path) -> bool:
    return path.relative_to(_PACKAGE).parts[0] in ("_data", "_notebooks")


#: of the package as this process has loaded it
_LOADED = library_sha256()


def _source(source: catalog.Source) -> dict:
    return {
        "title": source.title,
        "version": source.version,
        "url": source.url,
        "coverage": list(source.years),
        "licence": source.licence["name"],
        "redistribute": bool(source.licence["redistribute"]),
        "citation": source.citation,
        "imported": source.imported,
        "files": dict(sorted(source.files.items())),
    }


def _for_json(value: object) -> object:
    """JSON has no infinity: an order of a Hill number, say."""
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def as_bytes(content: Mapping) -> bytes:
    """JSON as it is written: UTF-8, two blanks of indent, a line break at the end."""
    text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
    return f"{plain(text)}\n".encode()


def read(folder: Path | Folder) -> dict | None:
    """Read the manifest of a folder; None if the folder has none, or another program's."""
    try:
        with opened(folder) as top:
            return parse(top.read(NAME, most=_LARGEST).decode())
    except (OSError, ParameterError, UnicodeDecodeError):
        return None


def parse(text: str) -> dict | None:
    """Content of a manifest; None if the text is none of this program's."""
    content = from_json(text)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        return None
    reports = content.get("reports")
    parts = [content, *reports.values()] if isinstance(reports, dict) else [None]
    return content if all(map(_is_part, parts)) else None


def _is_part(part: object) -> bool:
    """Tell whether a manifest or the entry of a report has lists of files, data and so on."""
    return (
        isinstance(part, dict)
        and "files" in part
        and all(isinstance(part.get(name, {}), dict) for name in _LISTS)
        and all(isinstance(digest, str) for digest in part["files"].values())
    )


def from_json(text: str) -> object:
    """Parse JSON that can be written again: no infinity, no half signs; None if it is not so."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return None if _is_deep(content) else content


def _is_deep(content: object) -> bool:
    """Tell whether lists lie in lists so deep that they cannot be written again."""
    level = [content]
    for _ in range(_DEEPEST):
        lists = (one for one in level if isinstance(one, dict | list))
        level = [
            one for many in lists for one in (many.values() if isinstance(many, dict) else many)
        ]
        if not level:
            return False
    return True
