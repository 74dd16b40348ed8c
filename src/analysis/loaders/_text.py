"""Read a delimited text file safely: bounded memory, and a plain refusal of all that is not one.

Nothing here knows a source. Every refusal is a `SourceFileError` that names the file, says what was
expected and what was found, and what to do.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from ..errors import SourceFileError

_CHUNK = 1 << 16
_SHOWN = 10  # offenders listed in one message
_HEADER_WITHIN = 60  # records searched for the line of column names

#: first bytes of files that people take for text
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
    b"\xff\xfe": "UTF-16 text",
    b"\xfe\xff": "UTF-16 text",
}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<?xml")


def read_text(
    path: Path,
    *,
    encodings: Sequence[str] = ("utf-8-sig", "cp1252"),
    max_line: int = 1_000_000,
    max_bytes: int = 500_000_000,
) -> str:
    """Text of a file, or a refusal that says what the file is instead.

    Parameters
    ----------
    path : Path
        File to read.
    encodings : sequence of str
        Tried in this order. A file that begins with the UTF-8 mark is read as UTF-8 only.
    max_line : int
        Longest line, in bytes, that a text of this kind can have; reading stops there.
    max_bytes : int
        Largest file.

    Returns
    -------
    str
        The whole text, line ends untouched.

    Raises
    ------
    SourceFileError
        If the file is missing, a folder, empty, too large, not text, a web page, or in none of the
        encodings.
    """
    path = Path(path)
    _check_is_file(path)
    try:
        data = _read_bytes(path, max_line, max_bytes)
    except OSError as error:
        raise SourceFileError(f"{path} cannot be read: {error.strerror or error}.") from error
    return _decode(data, path, encodings)


def _check_is_file(path: Path) -> None:
    if path.is_dir():
        raise SourceFileError(f"{path} is a folder; expected a text file. Name the file in it.")
    if not path.exists():
        raise SourceFileError(f"{path} does not exist. Check the name and the folder.")
    if not path.is_file():
        raise SourceFileError(f"{path} is no ordinary file. Save the export to disk and name it.")


def _read_bytes(path: Path, max_line: int, max_bytes: int) -> bytes:
    """Read chunk by chunk and stop at the first sign that this is no text."""
    chunks, run, size = [], 0, 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not chunks:
                _check_start(chunk, path)
            _check_chunk(chunk, path)
            run = _longest_line(chunk, run, path, max_line)
            chunks.append(chunk)
            size += len(chunk)
            if size > max_bytes:
                raise SourceFileError(
                    f"{path} is larger than {max_bytes:,} bytes: it is not the export expected."
                )
    data = b"".join(chunks)
    if not data.removeprefix(b"\xef\xbb\xbf").strip():
        raise SourceFileError(f"{path} is empty. Export or download it again.")
    return data


def _check_start(chunk: bytes, path: Path) -> None:
    for magic, kind in _MAGIC.items():
        if chunk.startswith(magic):
            raise SourceFileError(
                f"{path} is {kind}, not delimited text in UTF-8 or Windows-1252. Save it as CSV."
            )
    opening = chunk.removeprefix(b"\xef\xbb\xbf").lstrip()[:200].lower()
    if opening.startswith(_HTML):
        raise SourceFileError(
            f"{path} is a web page (HTML or XML), not delimited text: the download gave an error or"
            " a log-in page. Export it again and look at it in a text editor."
        )


def _check_chunk(chunk: bytes, path: Path) -> None:
    if b"\0" in chunk:
        raise SourceFileError(
            f"{path} holds NUL bytes: it is binary or UTF-16, not delimited text in UTF-8 or"
            " Windows-1252. Save it as CSV (UTF-8)."
        )


def _longest_line(chunk: bytes, run: int, path: Path, max_line: int) -> int:
    """Length of the line that is still open after this chunk; `run` is what it was before."""
    parts = chunk.replace(b"\r", b"\n").split(b"\n")
    lengths = [len(part) for part in parts]
    lengths[0] += run
    if max(lengths) > max_line:
        raise SourceFileError(
            f"{path} has a line of more than {max_line:,} bytes: it is not delimited text."
            " Export or download it again."
        )
    return lengths[-1]


def _decode(data: bytes, path: Path, encodings: Sequence[str]) -> str:
    marked = data.startswith(b"\xef\xbb\xbf")
    faults = []
    for encoding in ["utf-8-sig"] if marked else encodings:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            faults.append(f"not {encoding} (byte 0x{data[error.start]:02x} in line {line})")
    raise SourceFileError(
        f"{path} cannot be decoded: {'; '.join(faults)}. Save it as UTF-8, or download it again."
    )


def split_rows(text: str, *, file: object, delimiter: str = ",") -> list[tuple[int, list[str]]]:
    """Split a text into records; blank lines are left out.

    Parameters
    ----------
    text : str
        From `read_text`.
    file : object
        Name to print.
    delimiter : str
        One character.

    Returns
    -------
    list of (int, list of str)
        Line on which each record begins, as a text editor counts, and its fields, not stripped.

    Raises
    ------
    SourceFileError
        If a quotation mark is never closed (the file is cut short) or stands amid a field.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records, line = [], 1
    try:
        for fields in reader:
            if fields:
                records.append((line, fields))
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceFileError(
            f"{file}, line {line}: a record that is not well formed ({error}). A quotation mark is"
            " missing or the file is cut short: export or download it again."
        ) from error
    return records


def read_rows(
    path: Path, *, delimiter: str = ",", encodings: Sequence[str] = ("utf-8-sig", "cp1252")
) -> list[tuple[int, list[str]]]:
    """Split a file into records with their lines: `read_text`, then `split_rows`."""
    return split_rows(read_text(path, encodings=encodings), file=path, delimiter=delimiter)


def read_table(
    path: Path,
    required: Iterable[str],
    *,
    delimiter: str = ",",
    encodings: Sequence[str] = ("utf-8-sig", "cp1252"),
) -> pd.DataFrame:
    """Read a file with a line of column names, with or without a preamble above it.

    Returns
    -------
    DataFrame
        As `to_table`.

    Raises
    ------
    SourceFileError
        As `read_text`, `split_rows` and `to_table`.
    """
    rows = read_rows(path, delimiter=delimiter, encodings=encodings)
    return to_table(rows, required, file=path)


def to_table(
    rows: list[tuple[int, list[str]]], required: Iterable[str], *, file: object
) -> pd.DataFrame:
    """Make a table of text from records: names may stand in any order, below any preamble.

    Parameters
    ----------
    rows : list of (int, list of str)
        From `split_rows`.
    required : iterable of str
        Columns without which the file is refused.
    file : object
        Name to print.

    Returns
    -------
    DataFrame
        One row a record, every column of the file as text, stripped, named as in
        `header_and_body`. Column `line` is the line in the file.

    Raises
    ------
    SourceFileError
        If columns are missing (lists missing and found); or as `header_and_body`.
    """
    at = find_header(rows, required, file=file)
    names, body = header_and_body(rows[at:], file=file)
    columns = list(zip(*(fields for _, fields in body), strict=True))
    table = pd.DataFrame(
        {name: pd.Series([value.strip() for value in column], dtype="str")
         for name, column in zip(names, columns, strict=True)}
    )  # fmt: skip
    table["line"] = [line for line, _ in body]
    return table


def header_and_body(
    rows: list[tuple[int, list[str]]], *, file: object
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Take off the column names, which are the first record, and check all against them.

    Returns
    -------
    names : list of str
        Distinct: a blank name becomes the name on its left and a question mark.
    body : list of (int, list of str)
        The other records.

    Raises
    ------
    SourceFileError
        If a name stands twice, no record follows, or records have too few or too many fields.
    """
    (line, header), body = rows[0], rows[1:]
    names = _named([field.strip() for field in header], file)
    if not body:
        raise SourceFileError(f"{file}: no record follows the column names in line {line}.")
    _check_widths(body, len(names), file)
    return names, body


def find_header(rows: list[tuple[int, list[str]]], required: Iterable[str], *, file: object) -> int:
    """Position of the record that holds all of the required column names.

    Raises
    ------
    SourceFileError
        If there is none: lists what is missing from, and what was found in, the likeliest one.
    """
    required = list(required)
    found = [{field.strip() for field in fields} for _, fields in rows[:_HEADER_WITHIN]]
    hits = [sum(name in names for name in required) for names in found]
    best = max(range(len(rows[:_HEADER_WITHIN])), key=lambda at: (hits[at], -at))
    if hits[best] == len(required):
        return best
    missing = [name for name in required if name not in found[best]]
    there = [field.strip() for field in rows[best][1]][:40]
    raise SourceFileError(
        f"{file}: the column(s) {', '.join(missing)} are missing. Found in line {rows[best][0]}:"
        f" {', '.join(there)[:500]}. Is it the right file, and comma-separated?"
    )


def rejoin(
    rows: list[tuple[int, list[str]]], width: int
) -> tuple[list[tuple[int, list[str]]], list[tuple[int, int]]]:
    """Mend records that a line end inside a field without quotation marks has cut in two.

    Two neighbours are one record only if together they have exactly `width` fields, the last of
    the first and the first of the second being the halves of one; empty fields at the end, with
    which another program may have filled the halves up, do not count. All others stay as they are.

    Parameters
    ----------
    rows : list of (int, list of str)
        The column names and the records below them.
    width : int
        Number of columns.

    Returns
    -------
    rows : list of (int, list of str)
        With the halves joined by a blank.
    halves : list of (int, int)
        Lines of the two halves of each record that was mended.
    """
    mended: list[tuple[int, list[str]]] = []
    halves, before = [], width
    for line, fields in rows:
        filled = _filled(fields)
        if before < width and before + filled == width + 1:
            begins, head = mended.pop()
            joined = f"{head[before - 1].rstrip()} {fields[0].lstrip()}".strip()
            mended.append((begins, [*head[: before - 1], joined, *fields[1:filled]]))
            halves.append((begins, line))
            before = width
        else:
            mended.append((line, fields))
            before = filled
    return mended, halves


def _filled(fields: list[str]) -> int:
    """Count the fields up to the last one that holds something, but at least one."""
    filled = len(fields)
    while filled > 1 and not fields[filled - 1].strip():
        filled -= 1
    return filled


def _named(names: list[str], file: object) -> list[str]:
    repeated = sorted(name for name, n in Counter(names).items() if name and n > 1)
    if repeated:
        raise SourceFileError(
            f"{file}: the column name(s) {', '.join(repeated)} stand more than once, so it is"
            " unclear which is meant. Export the file again, or remove or rename a column."
        )
    given: list[str] = []
    for name in names:
        candidate = name or f"{given[-1] if given else ''}?"
        given.append(candidate if candidate not in given else f"column {len(given) + 1}")
    return given


def _check_widths(body: list[tuple[int, list[str]]], expected: int, file: object) -> None:
    wrong = [(line, len(fields)) for line, fields in body if len(fields) != expected]
    if not wrong:
        return
    line, found = wrong[0]
    if len(wrong) == 1 and line == body[-1][0] and found < expected:
        raise SourceFileError(
            f"{file}: the last record (line {line}) has {found} of {expected} fields: the file is"
            " cut short. Export or download it again."
        )
    listed = ", ".join(f"line {at} ({n})" for at, n in wrong[:_SHOWN])
    more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
    raise SourceFileError(
        f"{file}: {len(wrong)} record(s) have not {expected} fields: {listed}{more}. A quotation"
        " mark or a delimiter is wrong there: export the file again, or mend these lines."
    )
