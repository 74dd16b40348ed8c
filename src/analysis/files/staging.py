"""Replace a folder atomically, even if the process is killed.

It is made in a staging folder beside its place, on the same file system. The old one moves into
the staging folder and the new one out of it: two renames. The staging folder holds a lock for as
long as its process lives; so the next run can tell what a killed one has left, ends the exchange or
takes it back, and clears up.
"""

import errno
import json
import logging
import os
import secrets
import stat
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ..errors import ParameterError
from .folders import Folder, ForeignError

try:
    import fcntl
except ImportError:  # Windows: one run at a time is up to the user there
    fcntl = None  # type: ignore[assignment]

PREFIX = ".staging-"
_PRIVATE = 0o700
LOCK = ".lock"
_OLD, _OURS = "old", "ours.json"
#: how often a lock is looked at again while it is waited for
_TICK = 0.2
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS, errno.EINVAL)

_log = logging.getLogger("partnerships.notes")


# --- locks ---------------------------------------------------------------------------------------


class Lock:
    """A locked file in a folder; the lock ends with the process.

    Attributes
    ----------
    works : bool
        Whether the file system has locks.
    """

    def __init__(self, folder: Folder, name: str, *, wait: bool):
        self._folder, self._name = folder, name
        while True:
            self.descriptor = folder.open_file(name, os.O_RDWR | os.O_CREAT, 0o644)
            try:
                self.works = self._take(wait)
                if self._is_in_place():
                    return
            except BaseException:
                os.close(self.descriptor)
                raise
            os.close(self.descriptor)

    def _take(self, wait: bool) -> bool:
        if os.fstat(self.descriptor).st_nlink > 1:
            path = self._folder.path / self._name
            raise ForeignError(f"{path} has another name elsewhere; remove it. It was not touched.")
        if fcntl is None:
            return False
        while True:
            try:
                fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except OSError as error:
                if error.errno in _NO_LOCKS:
                    return False
                if not wait:
                    raise
            time.sleep(_TICK)

    def _is_in_place(self) -> bool:
        """Tell whether the file still has its name.

        Whoever held the lock before removed the file; a lock on a removed file protects nothing.
        """
        there = self._folder.look(self._name)
        return there is not None and os.path.samestat(os.fstat(self.descriptor), there)

    def end(self, *, remove: bool = True) -> None:
        """Give the lock back and `remove` its file."""
        if remove:
            with suppress(OSError, ForeignError):
                self._folder.remove(self._name)
        os.close(self.descriptor)


@contextmanager
def locked(folder: Path | Folder) -> Iterator[None]:
    """Wait until no other process changes a folder."""
    with opened(folder) as held:
        lock = Lock(held, LOCK, wait=True)
        try:
            yield
        finally:
            lock.end()


@contextmanager
def opened(folder: Path | Folder) -> Iterator[Folder]:
    """Open a folder, unless it is open."""
    if isinstance(folder, Folder):
        yield folder
    else:
        with Folder.open(folder) as found:
            yield found


@contextmanager
def made(path: Path) -> Iterator[Folder]:
    """Open a folder; one that had to be made, and has stayed empty, is removed again."""
    existed = path.exists()
    with Folder.open(path, make=True) as folder:
        try:
            yield folder
        finally:
            if not existed:
                with suppress(OSError):
                    path.rmdir()


@contextmanager
def only_one(folder: Folder, name: str, *, wait: bool = False) -> Iterator[None]:
    """Hold a folder for one run; nothing is left of it afterwards."""
    try:
        lock = Lock(folder, name, wait=False)
    except BlockingIOError:
        busy = f"{folder.path}: another run (process {_holder(folder, name)}) is at work on it"
        if not wait:
            raise ParameterError(
                f"{busy}; wait for its end with --wait, or choose another folder."
            ) from None
        _log.warning("%s; waiting for its end", busy)
        lock = Lock(folder, name, wait=True)
    try:
        if not lock.works:
            _log.warning(
                "%s: this file system has no locks, so see to it that no other run works on it at"
                " the same time.",
                folder.path,
            )
        os.ftruncate(lock.descriptor, 0)
        os.write(lock.descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        lock.end()


def _holder(folder: Folder, name: str) -> str:
    try:
        text = folder.read(name, most=100).decode("ascii", "replace")
    except OSError:  # it has ended just now
        text = ""
    return text.strip() if text.strip().isdigit() else "unknown"


# --- staging -------------------------------------------------------------------------------------


@contextmanager
def workspace(folder: Folder, prefix: str = PREFIX) -> Iterator[Folder]:
    """Make a private folder to work in; it is gone afterwards, and if killed, with the next run."""
    clear_up(folder, prefix)
    made, lock = _make(folder, prefix)
    try:
        yield made
    finally:
        _end(folder, made, lock)


def _make(folder: Folder, prefix: str) -> tuple[Folder, Lock]:
    """Make a folder and lock it, again if another process has taken it for a dead one's before."""
    while True:
        name = f"{prefix}{secrets.token_hex(4)}"
        if folder.look(name) is not None:
            continue
        made = folder.inner(name, make=True, mode=_PRIVATE)
        try:
            return made, Lock(made, LOCK, wait=False)
        except (FileNotFoundError, BlockingIOError):
            made.close()


def _end(folder: Folder, made: Folder, lock: Lock) -> None:
    """Settle an exchange that has begun, and remove the staging folder.

    What cannot be settled now, on a full disk say, stays there for the next run.
    """
    try:
        if made.is_folder(_OLD):
            with locked(folder):
                _settle(made, folder)
        with suppress(OSError):
            made.clear(but=LOCK)
    finally:
        # the lock goes last: without it a folder is not known to be ours
        lock.end(remove=made.names() == [LOCK])
        made.close()
        folder.remove_empty(made.path.name)


def clear_up(folder: Folder, prefix: str = PREFIX) -> None:
    """Clear away the folders of processes that were killed; what is not ours is left alone."""
    for name in folder.names():
        if name.startswith(prefix) and _is_own(folder, name):
            left = folder.inner(name)
            lock = _lock_of_the_dead(left)
            if lock is not None:
                _end(folder, left, lock)
                continue
            left.close()
            folder.remove_empty(name)  # killed before it took its lock; else not ours, or alive


def _is_own(folder: Folder, name: str) -> bool:
    """Tell whether a folder is of this user, and closed to all others as it was made."""
    about = folder.look(name)
    if about is None or not folder.is_folder(name):
        return False
    return not hasattr(os, "geteuid") or (
        about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) & 0o777 == _PRIVATE
    )


def _lock_of_the_dead(left: Folder) -> Lock | None:
    """Take over a staging folder whose process has ended; None if it is alive, or not ours."""
    try:
        if left.has_file(LOCK):
            lock = Lock(left, LOCK, wait=False)
            if lock.works:
                return lock
            lock.end(remove=False)
    except (BlockingIOError, FileNotFoundError, ForeignError):
        pass
    return None


# --- two renames ---------------------------------------------------------------------------------


def swap(aside: Folder, name: str, folder: Folder, *, ours: Collection[str]) -> None:
    """Put a new folder of a `workspace` where an old one may be; call with `folder` locked."""
    if not folder.has_folder(name):
        aside.move(name, folder)
        return
    with folder.inner(name) as old, aside.inner(name) as new:
        _keep_likeness(old, new)
    aside.create(_OURS, json.dumps(sorted(ours)).encode())
    with aside.inner(_OLD, make=True) as spare:
        folder.move(name, spare)
    aside.move(name, folder)
    _settle(aside, folder)
    aside.remove_tree(_OLD)


def _keep_likeness(old: Folder, new: Folder) -> None:
    """Give a new folder, and those in it, the permissions and owners of the old ones."""
    new.be_like(old)
    for name in new.names():
        if new.is_folder(name) and old.is_folder(name):
            with old.inner(name) as was, new.inner(name) as now:
                _keep_likeness(was, now)


def _settle(aside: Folder, folder: Folder) -> None:
    """End an exchange: its old folder is put back if the new one is not in place."""
    with aside.inner(_OLD) as spare:
        for name in spare.names():
            if name.startswith("."):
                continue  # a copy that was not finished
            in_place = not aside.is_folder(name)
            ours = set(json.loads(aside.read(_OURS))) if in_place else set()
            _bring_back(name, spare, folder, ours=ours)


def _bring_back(name: str, spare: Folder, folder: Folder, *, ours: set[str]) -> None:
    if folder.look(name) is None:
        spare.move(name, folder)
        return
    with spare.inner(name) as old, folder.inner(name) as new:
        _move_over(old, new, without=ours)


def _move_over(old: Folder, new: Folder, *, without: set[str], above: str = "") -> None:
    """Move what the new folder lacks out of the old one, but for some paths."""
    for name in old.names():
        path = f"{above}{name}"
        if path in without:
            continue
        if new.look(name) is None and not any(one.startswith(f"{path}/") for one in without):
            old.move(name, new)
        elif old.is_folder(name):
            there = new.look(name) is not None
            with old.inner(name) as was, new.inner(name, make=True) as now:
                if not there:
                    now.be_like(was)
                _move_over(was, now, without=without, above=f"{path}/")
            if not there:
                new.remove_empty(name)
