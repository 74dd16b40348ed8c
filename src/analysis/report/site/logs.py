"""A log file of the command: what it says, with the time."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..._terminal import plain
from ...errors import ParameterError
from ...files.folders import Folder, ForeignError
from . import run_log

NAME = "partnerships"


class _Lines(logging.Formatter):
    """Time, level and message in one line, whatever the message holds."""

    def format(self, record: logging.LogRecord) -> str:
        text = " | ".join(record.getMessage().splitlines())
        return f"{run_log.now()} {record.levelname} {plain(text)}"


@contextmanager
def to_file(path: Path | None) -> Iterator[None]:
    """Append to a file, for as long as this lasts, what the command says; not at all for None."""
    if path is None:
        yield
        return
    try:
        with Folder.open(path.parent) as folder:
            opened = folder.open_file(path.name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    except (OSError, ForeignError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ParameterError(f"--log {path}: cannot write there ({reason}).") from error
    file = os.fdopen(opened, "w", encoding="utf-8", errors="replace")
    handler = logging.StreamHandler(file)
    handler.setFormatter(_Lines())
    logger = logging.getLogger(NAME)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        handler.close()
        file.close()
