"""Open files that people hand over: ordinary files only, up to a size."""

import os
import stat
from io import BufferedReader
from pathlib import Path

from ..errors import SourceFileError

#: files are read whole, and none of the sources is nearly as large
LARGEST = 100_000_000


def open_file(path: Path) -> BufferedReader:
    """Open an ordinary file for reading, without waiting for anyone to write to it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY)
    except FileNotFoundError as error:
        raise SourceFileError(f"{path} does not exist. Check the name and the folder.") from error
    except (OSError, ValueError) as error:
        if Path(path).is_dir():
            raise _no_file(path, is_folder=True) from error
        reason = getattr(error, "strerror", None) or error
        raise SourceFileError(f"{path} cannot be read: {reason}.") from error
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _no_file(path, is_folder=stat.S_ISDIR(mode))
    return os.fdopen(descriptor, "rb")


_BINARY = getattr(os, "O_BINARY", 0)


def _no_file(path: Path, *, is_folder: bool) -> SourceFileError:
    if is_folder:
        return SourceFileError(f"{path} is a folder; expected a file. Name the file in it.")
    return SourceFileError(
        f"{path} is no ordinary file (a pipe or a device). Save the export to disk and name it."
    )


def read_bytes(path: Path, *, most: int = LARGEST) -> bytes:
    """Read an ordinary file whole."""
    with open_file(path) as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise SourceFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    if len(data) > most:
        raise too_large(path, most)
    return data


def too_large(path: Path, most: int) -> SourceFileError:
    """Say that a file is larger than one of its kind can be."""
    return SourceFileError(f"{path} is larger than {most:,} bytes: it is not the file expected.")
