"""Tables of text, with the columns that are expected."""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import pandas as pd

from ..errors import SourceFileError
from . import inputs
from .delimited import HEADER_WITHIN, SHOWN, Rows, read_records


def read_table(
    path: Path,
    required: Iterable[str],
    *,
    encodings: Sequence[str] = ("utf-8", "cp1252"),
    largest: int = inputs.LARGEST,
) -> pd.DataFrame:
    """Read a file with a line of column names, with or without a preamble above it."""
    required = list(required)
    rows = read_records(path, required, encodings=encodings, largest=largest).rows
    return to_table(rows, required, file=path)


def to_table(rows: Rows, required: Iterable[str], *, file: object) -> pd.DataFrame:
    """Make a table of text from records: names may stand in any order, below any preamble.

    Returns
    -------
    DataFrame
        One row a record, every column of the file as text, stripped, named as in
        `header_and_body`. Column `line` is the line in the file.
    """
    at = find_header(rows, required, file=file)
    names, body = header_and_body(rows[at:], file=file)
    columns = list(zip(*(fields for _, fields in body), strict=True))
    table = pd.DataFrame(
        {
            name: pd.Series([value.strip() for value in column], dtype="str")
            for name, column in zip(names, columns, strict=True)
        }
    )
    table["line"] = [line for line, _ in body]
    return table


def header_and_body(rows: Rows, *, file: object) -> tuple[list[str], Rows]:
    """Take off the column names, which are the first record, and check all against them.

    Returns
    -------
    names : list of str
        Distinct: a blank name becomes the name on its left and a question mark. Columns at the
        end in which nothing stands are left out.
    body : list of (int, list of str)
        The other records.
    """
    (line, header), *body = trimmed(rows)
    names = _named([field.strip() for field in header], file)
    if not body:
        raise SourceFileError(f"{file}: no record follows the column names in line {line}.")
    _check_widths(body, len(names), file)
    return names, body


def find_header(rows: Rows, required: Iterable[str], *, file: object) -> int:
    """Position of the record that holds all of the required column names."""
    required = list(required)
    found = [{field.strip() for field in fields} for _, fields in rows[:HEADER_WITHIN]]
    hits = [sum(name in names for name in required) for names in found]
    best = max(range(len(rows[:HEADER_WITHIN])), key=lambda at: (hits[at], -at))
    if hits[best] == len(required):
        return best
    missing = [name for name in required if name not in found[best]]
    there = [field.strip() for field in rows[best][1]][:40]
    raise SourceFileError(
        f"{file}: the column(s) {', '.join(missing)} are missing. Found in line {rows[best][0]}:"
        f" {', '.join(there)[:500]}. Is it the right file?"
    )


def trimmed(rows: Rows) -> Rows:
    """Leave out the columns at the end in which nothing stands, as spreadsheets save them."""
    width = max(_filled(fields) for _, fields in rows)
    return [(line, fields[:width]) for line, fields in rows]


def rejoin(rows: Rows, width: int) -> tuple[Rows, list[tuple[int, int]]]:
    """Mend records that a line end inside a field without quotation marks has cut in two.

    Two neighbours are one record only if together they have exactly `width` fields, the last of
    the first and the first of the second being the halves of one; empty fields at the end, with
    which another program may have filled the halves up, do not count. All others stay as they are.

    Returns
    -------
    rows : list of (int, list of str)
        With the halves joined by a blank.
    halves : list of (int, int)
        Lines of the two halves of each record that was mended.
    """
    mended: Rows = []
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


def _check_widths(body: Rows, expected: int, file: object) -> None:
    wrong = [(line, len(fields)) for line, fields in body if len(fields) != expected]
    if not wrong:
        return
    line, found = wrong[0]
    if len(wrong) == 1 and line == body[-1][0] and found < expected:
        raise SourceFileError(
            f"{file}: the last record (line {line}) has {found} of {expected} fields: the file is"
            " cut short. Export or download it again."
        )
    listed = ", ".join(f"line {at} ({n})" for at, n in wrong[:SHOWN])
    more = f" and {len(wrong) - SHOWN} more" if len(wrong) > SHOWN else ""
    raise SourceFileError(
        f"{file}: {len(wrong)} record(s) have not {expected} fields: {listed}{more}. A quotation"
        " mark or a delimiter is wrong there: export the file again, or mend these lines."
    )
