"""Check the files of reports against their manifest."""

from collections.abc import Mapping
from pathlib import Path

from ..errors import ParameterError
from ..files.folders import Folder
from ..sources import catalog
from .manifest import NAME, _sha256_in, read


def bibliography(reports: Mapping[str, Mapping]) -> bytes:
    """BibTeX of all sources of some reports, as far as the catalogue still knows them."""
    known = catalog.all_sources()
    keys = {key for report in reports.values() for key in report.get("sources", {}) if key in known}
    return f"{catalog.cite(keys)}\n".encode() if keys else b""


def verify(reports: Path) -> tuple[int, list[str]]:
    """Compare every file of every report with its manifest."""
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
