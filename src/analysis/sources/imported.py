"""Keep what a user has imported: checked as stored, all or nothing, never replaced unasked.

A file is copied into a private folder first, and read from there: so what was checked is what is
kept, even if the original changes meanwhile. The new folder is written through to the disk before
it takes the place of the old one.
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from .. import paths
from ..errors import DiskError, ParameterError, PartnershipError, SourceFileError
from ..files import inputs, staging
from ..files.folders import Folder

_RUN = ".import.lock"
_CHUNK = 1 << 20
#: lists the tables of a folder that has no sidecar, as `sha256sum` does
LISTING = "SHA256SUMS"


class Import:
    """An import at work; `copy` is what the user has handed over, as it is read."""

    def __init__(self, top: Folder, aside: Folder, copy: Path):
        self._top, self._aside, self.copy = top, aside, copy

    def keep_source(self, name: str, files: Mapping[str, bytes], *, replace: bool) -> None:
        """Keep a source, in a folder by itself, in place of what may be there if `replace`."""
        if self._top.has_folder(name):
            with self._top.inner(name) as old:
                if all(old.has_file(one) and old.read(one) == files[one] for one in files):
                    return
            if not replace:
                raise _is_there(self._top.path / name)
        put(self._top, self._aside, name=name, files=files)

    def keep_table(self, kind: str, *, replace: bool) -> None:
        """Keep the copy itself as a table of some kind, beside others."""
        name, content = self.copy.name, self.copy.read_bytes()
        listed, before = {}, None
        with self._aside.inner(kind, make=True) as new:
            if self._top.has_folder(kind):
                with self._top.inner(kind) as old:
                    listed = listing(old)
                    before = old.read(name) if old.has_file(name) else None
                    for other in sorted(listed.keys() - {name}):
                        if old.has_file(other):
                            old.link(other, new)
            if before is not None and before != content and not replace:
                raise _is_there(self._top.path / kind / name)
            listed[name] = hashlib.sha256(content).hexdigest()
            new.create(name, content, durable=True)
            new.create(LISTING, _as_listing(listed), durable=True)
            new.sync()
        staging.swap(self._aside, kind, self._top, ours={LISTING, *listed})
        self._top.sync()


@contextmanager
def of(path: Path, *, most: int = inputs.LARGEST, wait: bool = False) -> Iterator[Import]:
    """Copy what a user hands over, a file or a folder of files, to be read and kept.

    A file has at most `most` bytes; `wait` waits for the end of another import. Errors about the
    copy name the original. If nothing can be written, on a full disk say, nothing is changed.
    """
    where, path = paths.imports_dir(), Path(path)
    copy = path
    try:
        with (
            staging.made(where) as top,
            staging.only_one(top, _RUN, wait=wait),
            staging.workspace(top) as aside,
            aside.inner("read", make=True) as room,
        ):
            copy = room.path / ((path.name.strip(".") and path.name) or path.resolve().name)
            _copy(path, copy, most)
            yield Import(top, aside, copy)
    except OSError as error:
        reason = error.strerror or error
        raise DiskError(
            f"{where}: cannot write there ({reason}), so nothing was imported. The environment"
            " variable PARTNERSHIPS_IMPORTS names another folder."
        ) from error
    except PartnershipError as error:
        raise type(error)(str(error).replace(str(copy), str(path))) from error


def _copy(path: Path, copy: Path, most: int) -> None:
    if path.is_dir():
        copy.mkdir()
        for one in sorted(path.iterdir()):
            if one.suffix.lower() == ".csv":
                _copy(one, copy / one.name, most)
        return
    left = most
    with inputs.open_file(path) as file, copy.open("xb") as target:
        while chunk := file.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise inputs.too_large(path, most)
            target.write(chunk)


def put(top: Folder, aside: Folder, *, name: str, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in place of one that may be there; others in it stay.

    `top` is where it will be, `aside` a workspace there.
    """
    with aside.inner(name, make=True) as new:
        for file, content in files.items():
            new.create(file, content, durable=True)
        new.sync()
    staging.swap(aside, name, top, ours=_ours(top, name) | {*files})
    top.sync()


def _ours(top: Folder, name: str) -> set[str]:
    """Names of the files that a source consists of, as far as its sidecar can be read."""
    from . import sidecars

    try:
        return {"source.yml", *sidecars.read(top.path / name / "source.yml")["files"]}
    except SourceFileError:
        return {"source.yml"}


def _is_there(path: Path) -> ParameterError:
    return ParameterError(
        f"{path} is there already, and another one would take its place. Nothing was changed; say"
        " --replace if that is what you want."
    )


# --- the listing ---------------------------------------------------------------------------------


def listing(folder: Folder) -> dict[str, str]:
    """Name -> SHA-256 of the tables that were imported into a folder."""
    if not folder.has_file(LISTING):
        return {}
    lines = folder.read(LISTING).decode("utf-8", "replace").splitlines()
    parts = (line.split("  ", 1) for line in lines)
    return {part[1]: part[0] for part in parts if len(part) == 2 and "/" not in part[1]}


def _as_listing(listed: Mapping[str, str]) -> bytes:
    return "".join(f"{listed[name]}  {name}\n" for name in sorted(listed)).encode()


def check_tables(kind: str) -> tuple[int, list[str]]:
    """Compare the imported tables of a kind with their listing.

    Gives how many were compared, and a line for each that is wrong.
    """
    path = paths.imports_dir() / kind
    if not path.is_dir():
        return 0, []
    with Folder.open(path) as folder:
        listed = listing(folder)
        present = {*folder.walk()} - {LISTING}
        wrong = [f"{path / name}: is missing" for name in sorted(listed.keys() - present)]
        wrong += [
            f"{path / name}: was changed after it was imported; import it again with --replace"
            for name in sorted(listed.keys() & present)
            if hashlib.sha256(folder.read(name)).hexdigest() != listed[name]
        ]
        extra = sorted(present - listed.keys())
        return len(listed), wrong + [f"{path / one}: was not imported" for one in extra]
