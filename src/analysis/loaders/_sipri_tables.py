"""Read SIPRI's tables of annual volumes: by pairs of states, and totals by state.

An annual amount is exact. `0` means more than nothing and less than 0.5: it stays 0, since any
other number would be invented, and is flagged `below_half`. A blank means no delivery.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..files import delimited, tables
from ..sources.audit import Audit
from ._sipri_register import COLUMNS, Source, numbers

TIDY = ("supplier", "recipient", "year", "value")

#: first column name of the values table -> whose totals it holds
TOTALS = {
    "Recipient": "recipient", "Supplier": "supplier",
    "Imports by": "recipient", "Exports by": "supplier",
}  # fmt: skip

_TITLE = re.compile(
    r"TIV of arms (exports|imports) (from|to|by|of) (.+?),? *([0-9]{4} *[-–] *[0-9]{4})",
    re.IGNORECASE,
)
_WORLD = ("all", "all countries", "world", "all suppliers", "all recipients")
_OVER_YEARS = re.compile(r"total|[0-9]{4} *[-–] *[0-9]{4}", re.IGNORECASE)
_SHOWN = 20


def title(rows: delimited.Rows) -> tuple[str, str, str]:
    """Role (supplier or recipient), name and years of the state whose table this is, or blanks."""
    for _, fields in rows[:5]:
        if found := _TITLE.search(",".join(fields)):
            flow, word, name, years = found.groups()
            from_it = word.lower() == "from" or (
                flow.lower() == "exports" and word.lower() in ("by", "of")
            )
            return ("supplier" if from_it else "recipient"), name.strip(), years
    return "", "", ""


def header(rows: delimited.Rows, first: Iterable[str]) -> int | None:
    """Position of the record with years as column names behind a first name that is in `first`."""
    for at, (_, fields) in enumerate(rows[:60]):
        years = [field for field in fields if is_year(field)]
        if years and fields[0].strip() in first:
            return at
    return None


def is_year(text: str) -> bool:
    """Say whether a text is a year, blanks around it aside."""
    return bool(re.fullmatch(r"\s*(19|20)[0-9]{2}\s*", text))


def read_annual(source: Source) -> tuple[pd.DataFrame, Audit]:
    """Read the table of one supplier (or of one recipient), as SIPRI's web tool makes it.

    Returns
    -------
    DataFrame
        Columns of the register's table of deliveries: one row for each partner and year.
    Audit
        Its rows are the partners of the table.
    """
    cells, n_rows = _annual(source)
    return cells, Audit("sipri_tiv", source.path.name, n_rows)


def _annual(source: Source) -> tuple[pd.DataFrame, int]:
    role, name, _ = title(source.rows)
    if name.lower() in _WORLD:
        raise SourceFileError(
            f"{source.path} holds totals for {name!r}, without partners: no tie can be made of it."
            " Export the table of one supplier (or of each), or the trade register."
        )
    grid = _grid(source)
    other = "recipient" if role == "supplier" else "supplier"
    cells = _exact(_cells(grid).rename(columns={"name": other}))
    cells[role] = name
    return cells[COLUMNS], len(grid.names)


def read_folder(sources: list[Source], folder: Path) -> tuple[pd.DataFrame, Audit]:
    """Read a folder of annual tables, all of suppliers or all of recipients.

    The audit numbers the rows of all the tables through, in the order of the file names; the
    column `place` of the table says file and line.
    """
    _check_folder(sources, folder)
    parts, faults, before = [], [], 0
    for source in sources:
        try:
            cells, n_rows = _annual(source)
        except SourceFileError as error:
            faults.append(str(error))
            continue
        lines = np.unique(cells["line"])
        cells["place"] = [f"{source.path.name}, line {line}" for line in cells["line"]]
        cells["line"] = before + 1 + np.searchsorted(lines, cells["line"])
        before += n_rows
        parts.append(cells)
    if faults:
        raise SourceFileError("\n".join(faults))
    return pd.concat(parts, ignore_index=True), Audit("sipri_tiv", folder.name, before)


def _check_folder(sources: list[Source], folder: Path) -> None:
    titles = [(*title(source.rows)[:2], source.path.name) for source in sources]
    if len({role for role, _, _ in titles}) > 1:
        raise SourceFileError(
            f"{folder} holds tables of exports and of imports, which repeat each other: keep one"
            " kind in the folder."
        )
    names = pd.DataFrame(titles, columns=["role", "name", "file"]).groupby("name")["file"].agg(list)
    if len(twice := names[names.map(len) > 1]):
        text = "; ".join(f"{name} in {', '.join(files)}" for name, files in twice.items())
        raise SourceFileError(f"{folder} holds more than one table of a state: {text}. Keep one.")


def read_tidy(source: Source) -> tuple[pd.DataFrame, Audit]:
    """Read a file with one row for each supplier, recipient and year."""
    table = tables.to_table(source.rows, TIDY, file=source.path)
    value, bad_value = numbers(table["value"])
    bad_year = ~table["year"].map(is_year)
    twice = table.duplicated(["supplier", "recipient", "year"], keep=False)
    _refuse(
        [(line, "value", text) for line, text in _pairs(table, "value", bad_value | value.isna())]
        + [(line, "year", text) for line, text in _pairs(table, "year", bad_year)]
        + [
            (line, "year", f"{text}, the same pair twice")
            for line, text in _pairs(table, "year", twice)
        ],
        source.path,
    )
    cells = table[["recipient", "supplier", "line"]].assign(
        year=table["year"].astype("int64"), value=value
    )
    return _exact(cells)[COLUMNS], Audit("sipri_tiv", source.path.name, len(table))


def read_sums(source: Source) -> tuple[pd.DataFrame, Audit]:
    """Read the table of totals: one row a recipient (or supplier), one column a year.

    Returns
    -------
    DataFrame
        role (recipient or supplier), name, year, value (TIV million), below_half, line.
    Audit
        Its rows are the states and other parties of the table.
    """
    grid = _grid(source)
    cells = _cells(grid)
    cells["role"] = TOTALS[source.rows[source.at][1][0].strip()]
    cells["below_half"] = cells["value"] == 0
    columns = ["role", "name", "year", "value", "below_half", "line"]
    return cells[columns], Audit("sipri_tiv", source.path.name, len(grid.names))


class _Grid(NamedTuple):
    """A table with a row a state and a column a year; `amounts` is NaN where it is blank."""

    names: np.ndarray
    lines: np.ndarray
    years: np.ndarray
    amounts: np.ndarray


def _grid(source: Source) -> _Grid:
    """Read names and amounts, and compare them with the totals that close the table."""
    rows = [row for row in source.rows[source.at :] if any(field.strip() for field in row[1])]
    header, body = tables.header_and_body(rows, file=source.path)
    text = np.char.strip(np.array([fields for _, fields in body], dtype="str"))
    lines = np.array([line for line, _ in body])
    _check_total_line(text[:, 0], lines, source.path)
    of_year = np.array([is_year(name) for name in header])
    amounts, total = _amounts(text[:, of_year], lines, np.array(header)[of_year], source.path)
    years = np.array(header, dtype="str")[of_year]
    _check_sums(amounts, total, years, source.path)
    for at in (at for at, name in enumerate(header) if _OVER_YEARS.fullmatch(name)):
        stated, _ = numbers(pd.Series(text[:-1, at], dtype="str"))
        _check_sums(amounts.T, stated.to_numpy(), text[:-1, 0], source.path)
    return _Grid(text[:-1, 0], lines[:-1], years.astype(int), amounts)


def _check_total_line(names: np.ndarray, lines: np.ndarray, path: Path) -> None:
    """Require the line of totals, once and last: without it the file is cut short."""
    is_total = np.char.startswith(np.char.lower(names), "total")
    if not is_total[-1] or is_total.sum() != 1 or len(names) < 2:
        raise SourceFileError(
            f"{path}: expected states and then one line of totals, which is the last (line"
            f" {lines[-1]} reads {names[-1]!r}): the file is cut short or was changed. Export it"
            " again."
        )


def _amounts(
    text: np.ndarray, lines: np.ndarray, years: np.ndarray, path: Path
) -> tuple[np.ndarray, np.ndarray]:
    """Amounts by state and year, and the line of totals below them."""
    found, bad = numbers(pd.Series(text.ravel(), dtype="str"))
    wrong = np.argwhere(bad.to_numpy().reshape(text.shape))
    _refuse([(lines[row], years[at], str(text[row, at])) for row, at in wrong], path)
    amounts = found.to_numpy().reshape(text.shape)
    return amounts[:-1], amounts[-1]


def _check_sums(amounts: np.ndarray, stated: np.ndarray, names: np.ndarray, path: Path) -> None:
    """Compare each column's sum with what the table states; each number is rounded to 1."""
    found, stated = np.nansum(amounts, axis=0), np.nan_to_num(stated)
    slack = 0.5 * np.isfinite(amounts).sum(axis=0) + 0.5
    off = np.flatnonzero(np.abs(found - stated) > slack + 1e-9)
    if len(off):
        shown = [f"{names[at]}: sum {found[at]:g}, stated {stated[at]:g}" for at in off[:_SHOWN]]
        raise SourceFileError(
            f"{path}: {len(off)} total(s) differ from the sum by more than the rounding allows"
            f" ({'; '.join(shown)}): rows are missing or were changed. Export it again."
        )


def _cells(grid: _Grid) -> pd.DataFrame:
    """One row for each state and year with an amount: name, line, year, value."""
    row, at = np.nonzero(np.isfinite(grid.amounts))
    return pd.DataFrame(
        {
            "name": pd.Series(grid.names[row], dtype="str"),
            "line": grid.lines[row],
            "year": grid.years[at],
            "value": grid.amounts[row, at],
        }
    )


def _refuse(faults: list[tuple[int, str, str]], path: Path) -> None:
    if not faults:
        return
    shown = [f"  row {row}, column {column}: {text!r}" for row, column, text in sorted(faults)]
    more = [f"  and {len(shown) - _SHOWN} more"] if len(shown) > _SHOWN else []
    opening = f"{path}: {len(faults)} value(s) that are no year or no amount (0 or more):"
    raise SourceFileError("\n".join([opening, *shown[:_SHOWN], *more, "Export the file again."]))


def _pairs(table: pd.DataFrame, column: str, mask: pd.Series) -> list[tuple[int, str]]:
    return list(zip(table.loc[mask, "line"], table.loc[mask, column], strict=True))


def _exact(cells: pd.DataFrame) -> pd.DataFrame:
    flags = pd.Series("", index=cells.index, dtype="str").mask(cells["value"] == 0, "below_half")
    return cells.assign(
        value_low=np.nan, value_high=np.nan, event=cells["year"].astype("str"), flags=flags
    )
