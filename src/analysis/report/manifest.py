"""What a report was made from, and whether its files are still what was made.

`manifest.json` lies beside the reports on one state. It holds no time of day and no path of the
machine it was made on: the same inputs give the same manifest.
"""

import hashlib
import json
import math
import platform
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path

from .. import catalog, paths
from ..errors import ParameterError
from ..folders import Folder
from ..staging import opened
from ..terminal import plain

NAME = "manifest.json"
BIBLIOGRAPHY = "sources.bib"
FORMAT = 1
#: a longer file is none of ours
_LARGEST = 32_000_000

_DISTRIBUTION = "partnership-diversity"
_PACKAGE = Path(__file__).resolve().parents[1]
#: packages that decide what a report says or how it looks
_PACKAGES = (
    "numpy", "pandas", "matplotlib", "seaborn", "papermill", "nbclient", "ipykernel", "ipython",
    "jinja2", "mistune",
)  # fmt: skip


def entry(
    *, notebook: Path, title: str, question: str, variant: str, parameters: Mapping[str, object],
    sources: Iterable[str], files: Mapping[str, bytes],
) -> dict:  # fmt: skip
    """Describe one report.

    Parameters
    ----------
    notebook : Path
        The notebook it was made with.
    title, question : str
        What the notebook is called, and what it asks.
    variant : str
        What makes it a variant; empty for the usual report.
    parameters : dict
        All of them, defaults included.
    sources : list of str
        Short names of the sources it uses.
    files : dict
        Path in the report's folder -> content.

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
        **inputs(notebook=notebook, parameters=parameters),
        "sources": {key: _source(catalog.get(key)) for key in sorted(sources)},
        "files": digests(files),
    }


def inputs(*, notebook: Path, parameters: Mapping[str, object]) -> dict:
    """Describe all that decides what a report says: while it is the same, so is the report.

    Parameters
    ----------
    notebook : Path
        The notebook it is made with.
    parameters : dict
        All of them, defaults included.

    Returns
    -------
    dict
        Ready for JSON: notebook, parameters, seed, library, python, packages, lock (the SHA-256 of
        the file of locked versions), and data: the SHA-256 of every table there is, used or not,
        imported ones included.
    """
    return {
        "notebook": {"name": notebook.name, "sha256": catalog.sha256(notebook)},
        "parameters": {name: _for_json(value) for name, value in parameters.items()},
        "seed": parameters.get("seed"),
        "library": {"name": _DISTRIBUTION, "version": version(), "sha256": library_sha256()},
        "python": platform.python_version(),
        "packages": _versions(),
        "lock": catalog.sha256(paths.lock_file()),
        "data": _tables(paths.data_dir(), "") | _tables(paths.imports_dir(), "imported/"),
    }


@cache
def _versions() -> dict[str, str]:
    """Versions of the packages that decide; finding out takes longer than all the rest."""
    return {name: metadata.version(name) for name in _PACKAGES}


def stale(folder: Path, report: str, wanted: Mapping) -> list[str]:
    """Tell why a report would have to be made again.

    Parameters
    ----------
    folder : Path
        The state's folder.
    report : str
        Name of the notebook.
    wanted : dict
        What it would be made from now, as `inputs` gives it.

    Returns
    -------
    list of str
        What is missing, or has changed; empty if the report is what it would be.
    """
    made = (read(folder) or {"reports": {}})["reports"].get(report)
    if made is None:
        return ["not there"]
    whys = [name for name in wanted if name != "data" and made.get(name) != wanted[name]]
    old, new = made.get("data", {}), wanted["data"]
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    whys += [f"data {', '.join(changed)}"] if changed else []
    return whys + [
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
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    # a name that begins with a dot is that of a lock, or of an import that is under way
    own = (p for p in found if (p.is_dir() or p.suffix in (".csv", ".bib")) and p.name[0] != ".")
    return {
        f"{prefix}{path.name}": _sha256_of_folder(path) if path.is_dir() else catalog.sha256(path)
        for path in own
        if not (path.is_dir() and path.name == "imported")
    }


def _sha256_of_folder(folder: Path) -> str:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    listing = (f"{path.relative_to(folder).as_posix()}\0{catalog.sha256(path)}\n" for path in files)
    return hashlib.sha256("".join(listing).encode()).hexdigest()


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """SHA-256 of each content, by path."""
    return {path: hashlib.sha256(files[path]).hexdigest() for path in sorted(files)}


def version() -> str:
    """Version of this package: the checkout's own, else the installed one."""
    project = _PACKAGE.parents[1] / "pyproject.toml"
    if project.is_file():
        return tomllib.loads(project.read_text("utf-8"))["project"]["version"]
    return metadata.version(_DISTRIBUTION)


@cache
def library_sha256() -> str:
    """One SHA-256 over the package's own files: their names and contents, in order."""
    total = hashlib.sha256()
    kinds = {".py", ".j2", ".css", ".js", ".mplstyle"}
    own = (p for p in _PACKAGE.rglob("*") if p.suffix in kinds and not _is_shipped_data(p))
    for path in sorted(own, key=lambda p: p.relative_to(_PACKAGE).as_posix()):
        name = path.relative_to(_PACKAGE).as_posix()
        total.update(f"{name}\0{catalog.sha256(path)}\n".encode())
    return total.hexdigest()


def _is_shipped_data(path: Path) -> bool:
    return path.relative_to(_PACKAGE).parts[0] in ("_data", "_notebooks")


def _source(source: catalog.Source) -> dict:
    return {
        "title": source.title, "version": source.version, "url": source.url,
        "coverage": list(source.years), "licence": source.licence["name"],
        "redistribute": bool(source.licence["redistribute"]), "citation": source.citation,
        "imported": source.imported, "files": dict(sorted(source.files.items())),
    }  # fmt: skip


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
    listed = (part.get("files") if isinstance(part, dict) else None for part in parts)
    return content if all(isinstance(files, dict) for files in listed) else None


def from_json(text: str) -> object:
    """Parse JSON that can be written again: no infinity, no half signs; None if it is not so."""
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return content


def bibliography(reports: Mapping[str, Mapping]) -> bytes:
    """BibTeX of all sources of some reports, as far as the catalogue still knows them."""
    known = catalog.all_sources()
    keys = {key for report in reports.values() for key in report["sources"] if key in known}
    return f"{catalog.cite(keys)}\n".encode() if keys else b""


def verify(reports: Path) -> tuple[int, list[str]]:
    """Compare every file of every report with its manifest.

    Parameters
    ----------
    reports : Path
        A folder of reports (one folder a state), or the folder of one state.

    Returns
    -------
    (int, list of str)
        How many files were compared, and what is wrong: one line each.

    Raises
    ------
    ParameterError
        If there is no manifest.
    """
    with Folder.open(reports) as top:
        below = [name for name in top.names() if top.is_folder(name) and name[0] != "."]
        results = [_verify_one(top)] if top.look(NAME) else []
        for name in below:
            with top.inner(name) as folder:
                results += [_verify_one(folder)] if folder.look(NAME) else []
    if not results:
        raise ParameterError(f"{reports} holds no report: there is no {NAME} in it or one below.")
    return sum(n for n, _ in results), [line for _, lines in results for line in lines]


def _verify_one(folder: Folder) -> tuple[int, list[str]]:
    content, path = read(folder), folder.path
    if content is None:
        return 0, [f"{path / NAME}: cannot be read as a manifest"]
    listed = dict(content["files"])
    for report in content["reports"].values():
        listed |= report["files"]
    present = set(folder.walk())
    wrong = [f"{path / one}: is missing" for one in sorted(listed.keys() - present)]
    wrong += [
        f"{path / one}: was changed after it was made"
        for one in sorted(listed.keys() & present)
        if _sha256_in(folder, one) != listed[one]
    ]
    extra = sorted(present - listed.keys() - {NAME})
    return len(listed), wrong + [f"{path / one}: is in no manifest" for one in extra]
