"""One case: mutate the input of a reader, and read it."""

import random
import tempfile
from pathlib import Path

import pandas as pd

from analysis.errors import PartnershipError

from . import mutate, readers


def case(reader: readers.Reader, seed: int | None) -> bool:
    """Say whether the mutated input is read; without a seed it is the valid one.

    Raises
    ------
    Exception
        Any but the package's own errors: a fault of the reader.
    """
    with tempfile.TemporaryDirectory() as folder:
        for name, content in _mutated(reader, seed).items():
            (Path(folder) / name).write_bytes(content)
        try:
            reader.read(Path(folder) / next(iter(reader.files)))
        except PartnershipError:
            return False
    return True


def _mutated(reader: readers.Reader, seed: int | None) -> dict[str, bytes]:
    files = {name: _as_bytes(reader, content) for name, content in reader.files.items()}
    if seed is None:
        return files
    chance = random.Random(seed)
    name = chance.choice(sorted(files))
    content = reader.files[name]
    if isinstance(content, str):
        return {**files, name: mutate.text(content, chance)}
    try:
        data = _as_bytes(reader, mutate.table(content, chance))
    except Exception:  # a table that cannot be written as such a file is no case
        data = files[name]
    return {**files, name: mutate.binary(data, chance)}


def _as_bytes(reader: readers.Reader, content: str | pd.DataFrame) -> bytes:
    return content.encode() if isinstance(content, str) else reader.write(content)
