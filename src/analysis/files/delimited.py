"""Read a delimited text file in bounded memory, or say why it is none.

Nothing here knows a source. Files are read as their producers write them, and as spreadsheets save
them again: comma, semicolon or tab between the fields, with or without a line `sep=;`, in UTF-8,
Windows-1252 or UTF-16 with its mark, with blank rows and columns at the end, decimal commas.
Every refusal is a `SourceFileError` that names the file, says what was expected and what was found,
and what to do.
"""

import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from . import inputs

_CHUNK = 1 << 16
_LONGEST_LINE = 1_000_000  # bytes
SHOWN = 10  # offenders listed in one message
HEADER_WITHIN = 60  # records searched for the line of column names

#: an import takes at most four times its file and 200 MB; of that the libraries take 110 MB
_TIMES_FILE, _BESIDE, _LIBRARIES = 4, 200_000_000, 110_000_000
#: bytes that a record, a field in it, and the index of a text take as Python objects
_PER_RECORD, _PER_FIELD, _PER_TEXT = 150, 8, 100
#: how many times the records are held while tables are made of them
_COPIES = 2

#: first bytes of files that people take for text
_MAGIC = {
    b"PK\x03\x04": "an Excel workbook or a zip archive",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF",
}
_HTML = (b"<!doctype html", b"<html", b"<head", b"<body", b"<table", b"<?xml")
_MARKS_OF_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_MARK_OF_UTF8 = b"\xef\xbb\xbf"

#: as spreadsheets write them; of two that fit as well, the first is taken
_DELIMITERS = (",", ";", "\t")
_YEAR = re.compile("(19|20)[0-9]{2}")
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]', re.DOTALL)

#: a number with a decimal comma, its thousands apart or not; two years are none
_DECIMAL_COMMA = re.compile(
    r"(?![0-9]{4},[0-9]{4}\Z)[-+]?([0-9]{1,3}([. '’\u00a0\u202f][0-9]{3})+|[0-9]+),[0-9]+\Z"
)
_THOUSANDS_BY_POINT = re.compile(r"[-+]?[0-9]{1,3}(\.[0-9]{3})+\Z")
_NUMBER = re.compile(r"[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]{1,3})?\Z")
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([, '’\u00a0\u202f][0-9]{3})+(\.[0-9]+)?\Z")
_BETWEEN_GROUPS = re.compile(r"[, '’\u00a0\u202f]")

Rows = list[tuple[int, list[str]]]


class Records(NamedTuple):
    """What a delimited text holds.

    Attributes
    ----------
    rows : list of (int, list of str)
        Line on which each record begins, as a text editor counts, and its fields, not stripped;
        without blank records.
    ends_in_newline : bool
        Whether the last line is closed.
    """

    rows: Rows
    ends_in_newline: bool


def read_records(
    path: Path,
    names: Iterable[str],
    *,
    encodings: Sequence[str] = ("utf-8", "cp1252"),
    largest: int = inputs.LARGEST,
) -> Records:
    """Split a file into records, or refuse it, saying what it is instead.

    Parameters
    ----------
    path : Path
        File to read.
    names : iterable of str
        Column names that it may have, besides years; what is between them tells what delimits the
        fields.
    encodings : sequence of str
        Tried in this order, where no mark at the beginning tells which it is.
    largest : int
        Bytes that a text of this kind can have; reading stops there.
    """
    path = Path(path)
    names = set(names)
    data, encoding = _decodable(_read_bytes(path, largest), path, encodings)
    delimiter, is_named = _delimiter(data, encoding, names)
    rows = _split(data, encoding, delimiter, path)
    if is_named:
        rows = rows[1:]
    if not rows:
        raise SourceFileError(f"{path} is empty. Export or download it again.")
    if delimiter == ",":
        _take_off_stray_semicolons(rows, names)
    else:
        _take_points_for_commas(rows)
    return Records(rows, data.endswith((b"\n", b"\r")))


def _read_bytes(path: Path, largest: int) -> bytes:
    """Read chunk by chunk and stop at the first sign that this is no text."""
    chunks: list[bytes] = []
    run = size = 0
    with inputs.open_file(path) as file:
        while chunk := _next_chunk(file, path):
            if not chunks:
                _check_start(chunk, path)
            chunks.append(chunk)
            if not chunks[0].startswith(_MARKS_OF_UTF16):
                _check_chunk(chunk, path)
            run = _longest_line(chunk, run, path)
            size += len(chunk)
            if size > largest:
                raise inputs.too_large(path, largest)
    return b"".join(chunks)


def _next_chunk(file: BinaryIO, path: Path) -> bytes:
    try:
        return file.read(_CHUNK)
    except OSError as error:
        raise SourceFileError(f"{path} cannot be read: {error.strerror or error}.") from error


def _check_start(chunk: bytes, path: Path) -> None:
    for magic, kind in _MAGIC.items():
        if chunk.startswith(magic):
            raise SourceFileError(f"{path} is {kind}, not delimited text. Save it as CSV (UTF-8).")
    opening = chunk.removeprefix(_MARK_OF_UTF8).lstrip()[:200].lower()
    if opening.startswith(_HTML):
        raise SourceFileError(
            f"{path} is a web page (HTML or XML), not delimited text: the download gave an error or"
            " a log-in page. Export it again and look at it in a text editor."
        )


def _check_chunk(chunk: bytes, path: Path) -> None:
    if b"\0" in chunk:
        raise SourceFileError(
            f"{path} holds NUL bytes: it is binary, or UTF-16 without its mark, not delimited text."
            " Save it as CSV (UTF-8)."
        )


def _longest_line(chunk: bytes, run: int, path: Path) -> int:
    """Length of the line that is still open after this chunk; `run` is what it was before."""
    parts = chunk.replace(b"\r", b"\n").split(b"\n")
    lengths = [len(part) for part in parts]
    lengths[0] += run
    if max(lengths) > _LONGEST_LINE:
        raise SourceFileError(
            f"{path} has a line of more than {_LONGEST_LINE:,} bytes: it is not delimited text."
            " Export or download it again."
        )
    return lengths[-1]


def _decodable(data: bytes, path: Path, encodings: Sequence[str]) -> tuple[bytes, str]:
    """Content without any mark at its beginning, and the encoding in which it is text."""
    if data.startswith(_MARKS_OF_UTF16):
        encodings = ["utf-16"]
    elif data.startswith(_MARK_OF_UTF8):
        data, encodings = data.removeprefix(_MARK_OF_UTF8), ["utf-8"]
    text, encoding = _decode(data, path, encodings)
    if encoding == "utf-16":
        data, encoding = text.encode("utf-8"), "utf-8"
        _check_chunk(data, path)
    if not data.strip():
        raise SourceFileError(f"{path} is empty. Export or download it again.")
    return data, encoding


def _decode(data: bytes, path: Path, encodings: Sequence[str]) -> tuple[str, str]:
    faults = []
    for encoding in encodings:
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            faults.append(f"not {encoding} (byte 0x{data[error.start]:02x} in line {line})")
    raise SourceFileError(
        f"{path} cannot be decoded: {'; '.join(faults)}. Save it as UTF-8, or download it again."
    )


def _delimiter(data: bytes, encoding: str, names: set[str]) -> tuple[str, bool]:
    """Tell what is between the fields, and whether a first line of its own names it."""
    opening = data[: 4 * _CHUNK].decode(encoding, "ignore")
    if named := _SEPARATOR_LINE.match(opening):
        return named[1], True
    return max(_DELIMITERS, key=lambda delimiter: _hits(opening, delimiter, names)), False


def _hits(opening: str, delimiter: str, names: set[str]) -> tuple[int, int]:
    """Most of the names, and most years, that one of the first records has."""
    found, years = [0], [0]
    try:
        reader = csv.reader(io.StringIO(opening, newline=""), delimiter=delimiter)
        for _, fields in zip(range(HEADER_WITHIN), reader, strict=False):
            found.append(len(names & {field.strip() for field in fields}))
            years.append(sum(bool(_YEAR.fullmatch(field.strip())) for field in fields))
    except csv.Error:  # said with its line when the whole file is split
        pass
    return max(found), max(years)


def _split(data: bytes, encoding: str, delimiter: str, path: Path) -> Rows:
    """Split a text into records, as long as they fit into the memory that an import may take."""
    limit = _TIMES_FILE * len(data) + _BESIDE
    left = (limit - _LIBRARIES - len(data)) // _COPIES
    known: dict[str, str] = {}  # most fields stand many times in a table; each is held once
    rows: Rows = []
    for line, fields in _records(data, encoding, delimiter, path):
        if not any(field and not field.isspace() for field in fields):
            continue
        new = [field for field in fields if field not in known]
        rows.append((line, [known.setdefault(field, field) for field in fields]))
        left -= _PER_RECORD + _PER_FIELD * len(fields)
        left -= sum(_PER_TEXT + sys.getsizeof(field) for field in new)
        if left < 0:
            raise _too_much(path, limit, f"records and fields, up to line {line},")
    return rows


def check_fits(path: Path, needed: int, what: str) -> None:
    """Refuse a file of which tables would be made that take more memory than an import may."""
    size = path.stat().st_size
    limit = _TIMES_FILE * size + _BESIDE
    if needed > limit - _LIBRARIES - size:
        raise _too_much(path, limit, what)


def _too_much(path: Path, limit: int, what: str) -> SourceFileError:
    return SourceFileError(
        f"{path} has so many {what} that it takes more memory than an import may,"
        f" {limit // 1_000_000} MB ({_TIMES_FILE} times the file and {_BESIDE // 1_000_000} MB): it"
        " is not the export expected."
    )


def _records(
    data: bytes, encoding: str, delimiter: str, path: Path
) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the line on which it begins."""
    lines = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    line = 1
    try:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        for fields in reader:
            yield line, fields
            line = reader.line_num + 1
    except csv.Error as error:
        raise SourceFileError(
            f"{path}, line {line}: a record that is not well formed ({error}). A quotation mark is"
            " missing or the file is cut short: export or download it again."
        ) from error


def _take_off_stray_semicolons(rows: Rows, names: set[str]) -> None:
    """Clear the ends of records if there are semicolons behind the column names too.

    A spreadsheet puts them there, and SIPRI's tool.
    """
    opening = (fields for _, fields in rows[:HEADER_WITHIN])
    heads = [fields for fields in opening if len(names & {f.strip("; ") for f in fields}) > 1]
    if any(fields[-1].rstrip().endswith(";") for fields in heads):
        for _, fields in rows:
            fields[-1] = fields[-1].rstrip("; ")


def _take_points_for_commas(rows: Rows) -> None:
    """Write numbers with a decimal point where the file has decimal commas."""
    if not any(_DECIMAL_COMMA.match(field.strip()) for _, fields in rows for field in fields):
        return
    for _, fields in rows:
        for at, field in enumerate(fields):
            stripped = field.strip()
            if _DECIMAL_COMMA.match(stripped) or _THOUSANDS_BY_POINT.match(stripped):
                whole, _, decimals = stripped.partition(",")
                whole = re.sub(r"[. '’\u00a0\u202f]", "", whole)
                fields[at] = f"{whole}.{decimals}" if decimals else whole


def numbers(text: pd.Series) -> pd.Series:
    """Read a column of text as numbers; NaN where it is none, written in the digits 0 to 9.

    Thousands may stand apart, as in `1,234.5` or `1 234.5`.
    """
    found = {entry: _number(entry) for entry in text.unique()}
    return text.map(found).astype("float64")


def _number(text: str) -> float:
    if _GROUPED.match(text):
        text = _BETWEEN_GROUPS.sub("", text)
    return float(text) if _NUMBER.match(text) else np.nan
