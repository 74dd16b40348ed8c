"""Put reports in place: whole or not at all, whenever the process may die.

Everything is made in a staging folder beside its target, on the same file system, and moved there
in one step. The staging folder holds a lock for as long as its process lives; so the next run can
tell what a killed one has left, and clears it away.
"""

import ctypes
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ParameterError
from . import changes, country, history, manifest

try:
    import fcntl
except ImportError:  # Windows: one run at a time is up to the user there
    fcntl = None

_PREFIX = ".staging-"
_LOCK = ".lock"
_RUN = ".run.lock"
FAILED = "failed"
#: "the names are paths from the working directory" and "exchange the two", of Linux and of macOS
_AT_FDCWD, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2


@contextmanager
def staging(out: Path) -> Iterator[Path]:
    """Make a folder inside `out` to work in; it is gone afterwards, whatever happens.

    Raises
    ------
    ParameterError
        If nothing can be written there.
    """
    with _blaming(out):
        existed = out.exists()
        out.mkdir(parents=True, exist_ok=True)
        with locked(out):
            _clear_up(out)
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=out))
            held = _hold(folder / _LOCK, wait=False)
    try:
        yield folder
    finally:
        os.close(held)
        shutil.rmtree(folder, ignore_errors=True)
        if not existed and not any(out.iterdir()):
            out.rmdir()


@contextmanager
def _blaming(out: Path) -> Iterator[None]:
    """Take an error of the file system for a wrong choice of folder."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise ParameterError(f"--out {out}: cannot write there ({reason}).") from error


def check_target(folder: Path) -> None:
    """Raise unless a folder is free for a state's reports, or holds such reports already.

    Raises
    ------
    ParameterError
        If there is something else of that name.
    """
    with _blaming(folder.parent):
        there = folder.is_symlink() or folder.exists()
        is_folder = there and folder.is_dir() and not folder.is_symlink()
        holds_files = is_folder and any(folder.iterdir())
    if there and not is_folder:
        raise ParameterError(f"{folder} is not a folder; move it away or choose another --out.")
    if holds_files and manifest.read(folder) is None:
        raise ParameterError(
            f"{folder} holds files but no {manifest.NAME} of this program; move it away or choose"
            " another --out."
        )


def publish(
    out: Path, aside: Path, *, state: str, report: str, entry: Mapping, files: Mapping[str, bytes]
) -> Path:
    """Put one report into its state's folder, beside the reports of other notebooks.

    Parameters
    ----------
    out : Path
        Folder of all reports.
    aside : Path
        Staging folder inside it.
    state, report : str
        ISO3 code, and name of the notebook.
    entry : dict
        The report's part of the manifest.
    files : dict
        Path in the state's folder -> content.

    Returns
    -------
    Path
        The state's folder.
    """
    folder, new = out / state, aside / state
    new.mkdir()
    for path, content in files.items():
        _write(new / path, content)
    with locked(out):
        check_target(folder)
        old = manifest.read(folder) or {"reports": {}, "files": {}}
        before = old["reports"].get(report)
        replaced = {manifest.NAME, country.PAGE, *old["files"], *(before or {}).get("files", {})}
        _carry_over(folder, new, without=replaced)
        reports = dict(sorted({**old["reports"], report: entry}.items()))
        cited = manifest.bibliography(reports)
        common = {manifest.BIBLIOGRAPHY: cited} if cited else {}
        common[country.PAGE] = country.page(state, reports, new)
        content = {
            "format": manifest.FORMAT, "country": state, "reports": reports,
            "files": manifest.digests(common),
        }  # fmt: skip
        for path, data in {**common, manifest.NAME: manifest.as_bytes(content)}.items():
            _write(new / path, data)
        if before is not None:
            change = changes.between(folder, new, before=before, after=entry)
            history.record(out, state=state, report=report, change=change)
        _swap(new, folder, spare=aside / "old")
        _forget_failure(out, state, report)
    return folder


def keep_failed(out: Path, aside: Path, *, state: str, report: str, notebook: bytes) -> Path:
    """Put a notebook that failed into `failed/`, apart from the reports.

    Parameters
    ----------
    out, aside : Path
        Folder of all reports, and the staging folder inside it.
    state, report : str
        ISO3 code, and name of the notebook.
    notebook : bytes
        As far as it was executed.

    Returns
    -------
    Path
        Where it lies now.

    Raises
    ------
    ParameterError
        If its folder is a link, which may lead anywhere.
    """
    made, path = aside / "failed.ipynb", _failed(out, state, report)
    made.write_bytes(notebook)
    with locked(out):
        for folder in (path.parent.parent, path.parent):
            if folder.is_symlink():
                raise ParameterError(f"{folder} is a link; move it away.")
        path.parent.mkdir(parents=True, exist_ok=True)
        made.replace(path)
    return path


def has_failed(out: Path, state: str, report: str) -> bool:
    """Tell whether a `report` on a `state` in `out` has failed and was not made since."""
    return _failed(out, state, report).is_file()


def _failed(out: Path, state: str, report: str) -> Path:
    return out / FAILED / state / f"{report}.ipynb"


def _forget_failure(out: Path, state: str, report: str) -> None:
    """Remove the notebook of an earlier failure, now that the report is there."""
    path = _failed(out, state, report)
    path.unlink(missing_ok=True)
    for folder in (path.parent, path.parent.parent):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _carry_over(folder: Path, new: Path, *, without: set[str]) -> None:
    """Bring along what else is in a folder: other notebooks' reports, and a user's own files."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        target = new / name
        if path.is_dir() and not path.is_symlink():
            continue
        if name in without or target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        _link(path, target)


def _link(path: Path, target: Path) -> None:
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:  # a file system without hard links
        shutil.copy2(path, target, follow_symlinks=False)


# --- the one step --------------------------------------------------------------------------------


def _swap(new: Path, folder: Path, *, spare: Path) -> None:
    """Put a new folder where an old one may be; the old one ends up in staging.

    Where the system can exchange two folders, there is no moment without one of them. Elsewhere
    there is one, between two renames, and the next run puts the old folder back if it was the last.
    """
    if folder.exists():
        if exchange(new, folder):
            return
        spare.mkdir()
        folder.rename(spare / folder.name)
    try:
        new.rename(folder)
    except OSError:
        if (spare / folder.name).exists():
            (spare / folder.name).rename(folder)
        raise


def exchange(one: Path, other: Path) -> bool:
    """Exchange `one` folder with the `other` in one step; False where the system cannot."""
    call = _exchange_call()
    return call is not None and call(os.fsencode(one), os.fsencode(other)) == 0


def _exchange_call() -> Callable[[bytes, bytes], int] | None:
    if os.name != "posix":
        return None
    library = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "linux" and hasattr(library, "renameat2"):
        return lambda one, other: library.renameat2(
            _AT_FDCWD, one, _AT_FDCWD, other, _RENAME_EXCHANGE
        )
    if sys.platform == "darwin" and hasattr(library, "renamex_np"):
        return lambda one, other: library.renamex_np(one, other, _RENAME_SWAP)
    return None


# --- who is at work ------------------------------------------------------------------------------


def _clear_up(out: Path) -> None:
    """Clear away the staging folders of runs that were killed; call with `out` locked."""
    for left in sorted(out.glob(f"{_PREFIX}*")):
        if not (left / _LOCK).is_file():
            with suppress(OSError):  # killed before it took its lock; else not ours, and not empty
                left.rmdir()
            continue
        try:
            held = _hold(left / _LOCK, wait=False)
        except OSError:
            continue  # its process is alive
        for saved in sorted(left.glob("old/*")):
            if not (out / saved.name).exists():  # killed between the two renames
                saved.rename(out / saved.name)
        os.close(held)
        shutil.rmtree(left, ignore_errors=True)


def _hold(path: Path, *, wait: bool) -> int:
    """Open and lock a file; the lock ends with the process. BlockingIOError if it is taken."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if fcntl is not None:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Hold a folder of reports for one run; nothing is left of it afterwards, even if killed.

    Raises
    ------
    ParameterError
        If another run holds it, or nothing can be written there.
    """
    with _blaming(out):
        existed = out.exists()
        out.mkdir(parents=True, exist_ok=True)
        held = _hold_for_run(out)
        os.ftruncate(held, 0)
        os.write(held, f"{os.getpid()}\n".encode())
    try:
        yield
    finally:
        with suppress(OSError):
            (out / _RUN).unlink()
        os.close(held)
        if not existed and out.is_dir() and not any(out.iterdir()):
            out.rmdir()


def _hold_for_run(out: Path) -> int:
    path = out / _RUN
    while True:
        try:
            held = _hold(path, wait=False)
        except BlockingIOError:
            who = path.read_text("ascii", "replace").strip() or "unknown"
            raise ParameterError(
                f"--out {out}: another run (process {who}) is at work on it; wait for its end, or"
                " choose another folder."
            ) from None
        if _is_open_file(held, path):
            return held
        os.close(held)


@contextmanager
def locked(out: Path) -> Iterator[None]:
    """Wait until no other process changes `out`."""
    path = out / _LOCK
    while True:
        held = _hold(path, wait=True)
        if _is_open_file(held, path):
            break
        os.close(held)
    try:
        yield
    finally:
        with suppress(OSError):
            path.unlink()
        os.close(held)


def _is_open_file(descriptor: int, path: Path) -> bool:
    """Tell whether a path still leads to an open file.

    Whoever held the lock before removed the file; a lock on a removed file protects nothing.
    """
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
