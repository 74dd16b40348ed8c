"""Reach files through an open folder; no link is followed.

Others may be able to write in a folder of reports, and put a link or a device where a file of ours
is expected, at any moment. So a folder is opened once, and what is in it is opened, moved and
deleted relative to that open folder, by its name alone. Anything that is not as this program makes
it raises `ForeignError` and is not touched. Where a system cannot do this (Windows), each name is
looked at just before it is used.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from ..errors import ParameterError

_RELATIVE = {os.open, os.stat, os.mkdir, os.rename, os.unlink, os.rmdir} <= os.supports_dir_fd
_READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = _READ | getattr(os, "O_DIRECTORY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
#: what is not a plain file is neither followed nor waited for
_PLAIN = _NO_LINK | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | _READ
_KINDS = {
    stat.S_IFREG: "a file", stat.S_IFDIR: "a folder", stat.S_IFLNK: "a link",
    stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket",
}  # fmt: skip


class ForeignError(ParameterError):
    """Something that this program has not put into a folder, at a name that it needs."""


class Folder:
    """A folder that is held open.

    Attributes
    ----------
    path : Path
        Where it was when it was opened; for messages.
    """

    def __init__(self, path: Path, descriptor: int | None, owners: frozenset[int] = frozenset()):
        self.path, self._descriptor = path, descriptor
        #: users whose files are taken for ours, besides those of this process
        self._owners = owners | {self.about().st_uid}

    @classmethod
    def open(cls, path: Path, *, make: bool = False) -> "Folder":
        """Open a folder that the user has named; a link on the way to it is the user's own."""
        if make:
            Path(path).mkdir(parents=True, exist_ok=True)
        return cls(Path(path), os.open(path, _FOLDER) if _RELATIVE else None)

    def inner(self, name: str, *, make: bool = False, mode: int = 0o777) -> "Folder":
        """Open a folder in this one; `make` it, with this `mode`, if there is none of that name."""
        at, where = self._at(name)
        if make:
            with suppress(FileExistsError):
                os.mkdir(at, mode, **where)
        if not self.has_folder(name):
            raise FileNotFoundError(errno.ENOENT, "no such folder", str(self.path / name))
        if not _RELATIVE:
            return Folder(self.path / name, None, self._owners)
        with self._unless_swapped(name):
            descriptor = os.open(at, _FOLDER | _NO_LINK, **where)
        return Folder(self.path / name, descriptor, self._owners)

    def __enter__(self) -> "Folder":
        """Give itself; it is let go at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let it go."""
        self.close()

    def close(self) -> None:
        """Let it go; it cannot be used any more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _at(self, name: str) -> tuple[str | Path, dict[str, Any]]:
        """How a name in this folder is given to a function of `os`."""
        if name in ("", ".", "..") or "/" in name or os.sep in name:
            raise ValueError(f"{name!r} is no name of a file")
        if self._descriptor is None:
            return self.path / name, {}
        return name, {"dir_fd": self._descriptor}

    # --- looking ---------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Names of all that is in it, in order."""
        return sorted(os.listdir(self._it()))

    def walk(self, above: str = "") -> Iterator[str]:
        """Path of all that is in it and below, but for folders; links are not followed."""
        for name in self.names():
            if self.is_folder(name):
                with self.inner(name) as folder:
                    yield from folder.walk(f"{above}{name}/")
            else:
                yield f"{above}{name}"

    def about(self) -> os.stat_result:
        """Ask the system about the folder itself."""
        return os.stat(self._it())

    def _it(self) -> Any:
        """How the folder itself is given to a function of `os`."""
        return self.path if self._descriptor is None else self._descriptor

    def look(self, name: str) -> os.stat_result | None:
        """Ask the system about a name in it, links not followed; None if there is none."""
        at, where = self._at(name)
        try:
            return os.stat(at, follow_symlinks=False, **where)
        except FileNotFoundError:
            return None

    def has_file(self, path: str) -> bool:
        """Tell whether there is a file at a path; ForeignError if there is something else."""
        try:
            with self._holding(path) as (folder, name):
                return folder._has(name, stat.S_IFREG)
        except FileNotFoundError:
            return False

    def has_folder(self, name: str) -> bool:
        """Tell whether there is a folder of this name; ForeignError if there is something else."""
        return self._has(name, stat.S_IFDIR)

    def is_folder(self, name: str) -> bool:
        """Tell whether there is a folder of this name, whoever's; a link to one is none."""
        about = self.look(name)
        return about is not None and stat.S_ISDIR(about.st_mode)

    def _has(self, name: str, kind: int) -> bool:
        about = self.look(name)
        if about is not None:
            self._refuse(name, about, kind)
        return about is not None

    def _refuse(self, name: str, about: os.stat_result, kind: int) -> None:
        """Raise unless a name is of this kind, and belongs to this user or a trusted one."""
        found = stat.S_IFMT(about.st_mode)
        if found != kind:
            what = _KINDS.get(found, "a device")
            self._complain(name, f"is {what} where this program keeps {_KINDS[kind]}")
        user = os.geteuid() if hasattr(os, "geteuid") else about.st_uid
        # who may do everything may keep folders of others; nothing in them is believed for that
        anyone = user == 0 and kind == stat.S_IFDIR
        if not anyone and about.st_uid not in {user, *self._owners}:
            self._complain(name, f"belongs to another user ({about.st_uid})")

    def _complain(self, name: str, fault: str) -> None:
        raise ForeignError(
            f"{self.path / name} {fault}; move it away, or choose another folder. It was not"
            " touched."
        )

    @contextmanager
    def _unless_swapped(self, name: str) -> Iterator[None]:
        """Say what it is if a link or the like has taken the place of what was looked at."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENOTDIR, errno.ENXIO):
                self._complain(name, "is not what it was a moment ago")
            raise

    # --- files -----------------------------------------------------------------------------------

    def open_file(self, name: str, flags: int = _READ, mode: int = 0o666) -> int:
        """Open a plain file, and nothing else; gives its descriptor."""
        self.has_file(name)
        at, where = self._at(name)
        with self._unless_swapped(name):
            descriptor = os.open(at, flags | _PLAIN, mode, **where)
        try:
            self._refuse(name, os.fstat(descriptor), stat.S_IFREG)
        except ForeignError:
            os.close(descriptor)
            raise
        return descriptor

    def read(self, path: str, *, most: int | None = None) -> bytes:
        """Content of a file in this folder or below it; OSError if it is longer than `most`."""
        with self._holding(path) as (folder, name):
            descriptor = folder.open_file(name)
        with os.fdopen(descriptor, "rb") as file:
            if most is not None and os.fstat(descriptor).st_size > most:
                raise OSError(errno.EFBIG, "file too large", str(self.path / path))
            return file.read()

    def create(self, path: str, content: bytes, *, durable: bool = False) -> None:
        """Write a file that is not there yet, and the folders on the way to it.

        A `durable` one is on the disk when this returns, not in the system's memory only.
        """
        with self._holding(path, make=True) as (folder, name):
            descriptor = folder.open_file(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                if durable:
                    os.fsync(file.fileno())

    def replace(self, name: str, content: bytes, *, durable: bool = False) -> None:
        """Write a file in one step, whether there is one of that name or not."""
        aside = f".{name}.new"
        self.has_file(name)
        self.remove(aside)  # a killed process may have left it
        try:
            self.create(aside, content, durable=durable)
            self.move(aside, self, name)
        except OSError:  # a full disk, say
            self.remove(aside)
            raise
        if durable:
            self.sync()

    def append(self, name: str, content: bytes) -> None:
        """Add a line to a file in one write; it begins on a line of its own even after a torn one.

        A file with a second name elsewhere is replaced by a longer copy: the other is not ours.
        """
        descriptor = self.open_file(name, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            about = os.fstat(descriptor)
            file.seek(max(about.st_size - 1, 0))
            torn = file.read(1) not in (b"", b"\n")
            added = b"\n" * torn + content
            if about.st_nlink < 2:
                file.write(added)
            else:
                file.seek(0)
                self.replace(name, file.readall() + added)

    def remove(self, name: str) -> None:
        """Remove a file, if there is one; ForeignError if it is something else."""
        at, where = self._at(name)
        if self.has_file(name):
            with suppress(FileNotFoundError):
                os.unlink(at, **where)

    def sync(self) -> None:
        """Have the names in this folder on the disk; what cannot be asked for is left out."""
        with suppress(OSError):
            os.fsync(self._it())

    @contextmanager
    def _holding(self, path: str, *, make: bool = False) -> Iterator[tuple["Folder", str]]:
        """Open the folder that a path in this one leads to, and give the name in it."""
        *above, name = PurePosixPath(path).parts
        if not above:
            yield self, name
            return
        below = "/".join([*above[1:], name])
        with (
            self.inner(above[0], make=make) as folder,
            folder._holding(below, make=make) as found,
        ):
            yield found

    # --- folders ---------------------------------------------------------------------------------

    def remove_tree(self, name: str) -> None:
        """Remove a folder and all in it; links in it are removed, not followed."""
        at, where = self._at(name)
        if self.has_folder(name):
            shutil.rmtree(at, **where)

    def clear(self, *, but: str) -> None:
        """Remove all that is in it, whatever it is, `but` one file."""
        for name in self.names():
            at, where = self._at(name)
            if self.is_folder(name):
                shutil.rmtree(at, **where)
            elif name != but:
                os.unlink(at, **where)

    def remove_empty(self, name: str) -> None:
        """Remove a folder, if it is there and empty."""
        at, where = self._at(name)
        if self.has_folder(name):
            with suppress(OSError):
                os.rmdir(at, **where)

    def move(self, name: str, folder: "Folder", new: str | None = None) -> None:
        """Move whatever has a `name` to another `folder`, perhaps under a `new` one, in one step.

        A folder in the lower layer of an overlay cannot be moved: it is copied, put in place when
        the copy is whole, and then removed.
        """
        try:
            _rename(self._at(name), folder._at(new or name))
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            self._copy(name, folder, copy := f".{new or name}.copy")
            _rename(folder._at(copy), folder._at(new or name))
            self.remove_tree(name)

    def _copy(self, name: str, folder: "Folder", new: str) -> None:
        """Copy a folder, a file or a link with its permissions, owner and times."""
        (at, where), (to, there) = self._at(name), folder._at(new)
        about = os.stat(at, follow_symlinks=False, **where)
        if stat.S_ISDIR(about.st_mode):
            with self.inner(name) as old, folder.inner(new, make=True) as made:
                for one in old.names():
                    old._copy(one, made, one)
                made.be_like(old)
                os.utime(made._it(), ns=(about.st_atime_ns, about.st_mtime_ns))
        elif stat.S_ISLNK(about.st_mode):
            os.symlink(os.readlink(at, **where), to, **there)
        else:  # a hard link of a file, a FIFO or a device is that file, FIFO or device
            os.link(at, to, follow_symlinks=False, **_ends(where, there))

    def link(self, path: str, folder: "Folder") -> None:
        """Give a file the same path in another folder; copy it where there are no hard links."""
        with self._holding(path) as (old, name), folder._holding(path, make=True) as (new, _):
            old.has_file(name)
            (at, where), (to, there) = old._at(name), new._at(name)
            try:
                os.link(at, to, follow_symlinks=False, **_ends(where, there))
            except (OSError, NotImplementedError):
                new.create(name, old.read(name))
            new.has_file(name)

    def trust(self, other: "Folder") -> None:
        """Take the files of the owners of another folder for ours, as they are in that one."""
        self._owners |= other._owners

    def be_like(self, other: "Folder") -> None:
        """Take over the permissions, owner and access lists of another folder."""
        own, wanted = self.about(), other.about()
        try:
            if (own.st_uid, own.st_gid) != (wanted.st_uid, wanted.st_gid):
                os.chown(self._it(), wanted.st_uid, wanted.st_gid)
        except PermissionError:
            raise ForeignError(
                f"{other.path} belongs to user {wanted.st_uid} and group {wanted.st_gid}, to whom"
                " you cannot give a folder; it can be replaced by its owner only."
            ) from None
        os.chmod(self._it(), stat.S_IMODE(wanted.st_mode))
        for name in os.listxattr(other._it()) if hasattr(os, "listxattr") else ():
            with suppress(OSError):  # some are the system's own
                os.setxattr(self._it(), name, os.getxattr(other._it(), name))


def _rename(old: tuple, new: tuple) -> None:
    (at, where), (to, there) = old, new
    os.replace(at, to, **_ends(where, there))


def _ends(where: dict[str, int], there: dict[str, int]) -> dict[str, int]:
    """Name two open folders as functions of `os` do that take two."""
    ends = (("src", where), ("dst", there))
    return {f"{end}_{name}": held for end, at in ends for name, held in at.items()}
