"""Publish reports atomically, even if the process is killed.

Everything is made in a staging folder beside its place and put there by `staging.swap`. All in a
folder of reports is reached through `folders.Folder`, so that no link in it leads anywhere.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path

from ..errors import ParameterError, PartnershipError
from ..files import staging as stages
from ..files.folders import Folder, ForeignError
from ..files.staging import locked
from . import manifest, verify
from .site import changes, country, history, run_log
from .site import folder as report_folder

_RUN = ".run.lock"
FAILED = "failed"
_PARTS = ("figures", "data", "tables")


@contextmanager
def staging(out: Path) -> Iterator[Folder]:
    """Make a folder inside `out` to work in; it is gone afterwards, whatever happens."""
    with ExitStack() as stack:
        with _blaming(out):
            top = stack.enter_context(stages.made(out))
            aside = stack.enter_context(stages.workspace(top))
            _remove_dead_lock(top)
        yield aside


@contextmanager
def only_run(out: Path, *, wait: bool = False) -> Iterator[None]:
    """Hold a folder of reports for one run; nothing is left of it afterwards."""
    with ExitStack() as stack:
        with _blaming(out):
            top = stack.enter_context(stages.made(out))
            stack.enter_context(stages.only_one(top, _RUN, wait=wait))
            stages.clear_up(top)
            _remove_dead_lock(top)
        yield


def _remove_dead_lock(top: Folder) -> None:
    """Remove the lock of a process that was killed: whoever holds it removes it afterwards."""
    if top.has_file(stages.LOCK):
        with locked(top):
            pass


@contextmanager
def _blaming(out: Path) -> Iterator[None]:
    """Take an error of the file system for a wrong choice of folder."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ParameterError(f"--out {out}: cannot write there ({reason}).") from error


# --- what is there -------------------------------------------------------------------------------


def check(
    out: Path, states: Iterable[str], reports: Collection[str], *, files: Iterable[str] = ()
) -> None:
    """Raise unless every name that a run needs is free, or holds what this program puts there."""
    run_log.now()
    with _blaming(out):
        if not out.exists():
            return
        with Folder.open(out) as top:
            for name in (stages.LOCK, _RUN, history.LOG, run_log.NAME, *files):
                top.has_file(name)
                top.has_file(f".{name}.new")
            for name in top.names():
                if name.startswith(stages.PREFIX) and not top.is_folder(name):
                    top.has_folder(name)
            stages.clear_up(top)  # a killed run may have left a state's folder half moved
            for state in states:
                _check_state(top, state, reports)
                _check_failed(top, state, reports)


def _check_state(top: Folder, state: str, reports: Collection[str]) -> None:
    if not top.has_folder(state):
        return
    with top.inner(state) as folder:
        if not folder.names():
            return
        content = manifest.read(folder)
        if content is None:
            raise ParameterError(
                f"{folder.path} holds files but no {manifest.NAME} of this program; move it away or"
                " choose another --out."
            )
        ours = _ours(content)
        begins = tuple(f"{report}{sign}" for report in reports for sign in "-.")
        for path in ours:
            folder.has_file(path)
        for part in _PARTS:
            if folder.has_folder(part):
                with folder.inner(part) as below:
                    for name in below.names():
                        if name.startswith(begins):
                            below.has_file(name)
        for name in folder.names():
            if name.startswith(begins):
                folder.has_file(name)


def _check_failed(top: Folder, state: str, reports: Collection[str]) -> None:
    if top.has_folder(FAILED):
        with top.inner(FAILED) as failed:
            if failed.has_folder(state):
                with failed.inner(state) as folder:
                    for report in reports:
                        folder.has_file(f"{report}.ipynb")


def _ours(content: Mapping) -> set[str]:
    """Paths of all that this program has put into a state's folder, by its manifest."""
    listed = {*content["files"]}.union(*(one["files"] for one in content["reports"].values()))
    common = {manifest.NAME, manifest.BIBLIOGRAPHY, country.PAGE}
    return common | {path for path in listed if report_folder.is_file(path)}


# --- what is put there ---------------------------------------------------------------------------


def publish(
    out: Path, aside: Folder, *, state: str, report: str, entry: Mapping, files: Mapping[str, bytes]
) -> Path:
    """Put one report into its state's folder, beside the reports of other notebooks."""
    with Folder.open(out) as top, aside.inner(state, make=True) as new:
        for path, content in files.items():
            _write(new, path, content)
        with locked(top):
            _check_state(top, state, [report])
            with top.inner(state) if top.has_folder(state) else nullcontext() as old:
                if old:
                    new.trust(old)
                there = (old and manifest.read(old)) or {"reports": {}, "files": {}}
                ours = _ours(there) if old else set()
                before = there["reports"].get(report)
                if old:
                    others = {*ours} - {*there["files"], *(before or {}).get("files", ())}
                    _carry_over(old, new, others - {*files, manifest.NAME})
                _refuse_clash(there["reports"], report, files)
                reports = dict(sorted({**there["reports"], report: entry}.items()))
                _write_common(new, state, reports)
                if old:
                    _refuse_unlisted(old, {*_ours(manifest.read(new) or {})} - ours)
                if old and before is not None:
                    change = changes.between(old, new, before=before, after=entry)
                    history.record(top, state=state, report=report, change=change)
            _swap(aside, state, top, ours=ours)
            _forget_failure(top, state, report)
    return out / state


def _write_common(new: Folder, state: str, reports: Mapping[str, Mapping]) -> None:
    """Write what the reports on a state share: sources, front page, manifest."""
    cited = verify.bibliography(reports)
    common = {manifest.BIBLIOGRAPHY: cited} if cited else {}
    common[country.PAGE] = country.page(state, reports, new)
    content = {
        "format": manifest.FORMAT,
        "country": state,
        "reports": reports,
        "files": manifest.digests(common),
    }
    for path, data in {**common, manifest.NAME: manifest.as_bytes(content)}.items():
        _write(new, path, data)


def _refuse_clash(reports: Mapping[str, Mapping], report: str, files: Iterable[str]) -> None:
    """Raise if one of the new files of a report has the name of a file of another one."""
    others = {path for name, one in reports.items() if name != report for path in one["files"]}
    if clash := sorted(others & {*files}):
        raise PartnershipError(
            f"its file {clash[0]} would replace that of another report; give the notebook, the"
            " output or the variant another name"
        )


def _refuse_unlisted(old: Folder, paths: Iterable[str]) -> None:
    """Raise if one of the new files has the name of a file that is somebody's own."""
    for path in sorted(paths):
        if old.has_file(path):
            raise ForeignError(
                f"{old.path / path} was not made by this program; move it away. It was not touched."
            )


def _write(folder: Folder, path: str, content: bytes) -> None:
    folder.create(path, content)


def _carry_over(old: Folder, new: Folder, paths: Iterable[str]) -> None:
    """Bring along the reports of other notebooks."""
    for path in sorted(paths):
        if old.has_file(path):
            old.link(path, new)


def _swap(aside: Folder, state: str, top: Folder, *, ours: Collection[str]) -> None:
    stages.swap(aside, state, top, ours=ours)


# --- what failed ---------------------------------------------------------------------------------


def keep_failed(out: Path, aside: Folder, *, state: str, report: str, notebook: bytes) -> Path:
    """Put a notebook that failed into `failed/`, apart from the reports."""
    aside.create("failed.ipynb", notebook)
    with (
        Folder.open(out) as top,
        locked(top),
        top.inner(FAILED, make=True) as failed,
        failed.inner(state, make=True) as folder,
    ):
        folder.has_file(f"{report}.ipynb")
        aside.move("failed.ipynb", folder, f"{report}.ipynb")
    return out / FAILED / state / f"{report}.ipynb"


def has_failed(out: Path, state: str, report: str) -> bool:
    """Tell whether a `report` on a `state` in `out` has failed and was not made since."""
    if not out.exists():
        return False
    with Folder.open(out) as top:
        return top.has_file(f"{FAILED}/{state}/{report}.ipynb")


def _forget_failure(top: Folder, state: str, report: str) -> None:
    """Remove the notebook of an earlier failure, now that the report is there."""
    if not top.has_folder(FAILED):
        return
    with top.inner(FAILED) as failed:
        if failed.has_folder(state):
            with failed.inner(state) as folder:
                folder.remove(f"{report}.ipynb")
            failed.remove_empty(state)
    top.remove_empty(FAILED)
