"""Read US military assistance from the Greenbook (US Overseas Loans and Grants), an Excel workbook.

Coding rules
------------
- One row of the ledger is one country in one fiscal year: the sum of all its rows of category
  Military, in historical (current) US dollars. They are obligations, not deliveries or payments.
- The fiscal year ran from July to June until 1976 and runs from October to September since. It
  stands for the calendar year of its number (precision: year), in which half or more of it lies.
  The quarter in between, July to September 1976 (year 1976.9 in the file), is an event of its own,
  `<country>-FY1976TQ`, with its true dates and the flag `transition_quarter`.
- A negative amount takes back an earlier obligation and is taken off the year's sum. A country and
  year whose sum is negative is set aside as a net de-obligation, and one whose sum is nought as no
  tie: neither is an amount of assistance.
- A year in which nobody has a row of category Military (1946) is not covered; in any other a
  country without one got nothing.
- `Vietnam` is the South until 1975; `(not specified)` regions are set aside.
"""

import io
import itertools
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..files import inputs
from ..sources.audit import Audit
from . import _checks

KEY = "greenbook"

YEAR, CATEGORY, AMOUNT = "Fiscal Year", "Assistance Category", "Obligations (Historical Dollars)"
#: what tells one row from another
IDENTITY = (YEAR, "Country", CATEGORY, "Publication Row", "Funding Agency", "Funding Account Name")
CONSTANT = "Obligations (Constant Dollars)"
COLUMNS = (*IDENTITY, AMOUNT)

QUARTER = 1976.9  # how the file writes the transition quarter
_HEADER_WITHIN = 60
_MAX_BYTES = 200_000_000  # unpacked; the edition of 2020 has 30 million


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the workbook.

    Returns
    -------
    DataFrame
        A ledger: one row for each country and fiscal year, `value` in historical US dollars.
    Audit
        A row is a row of the sheet, economic assistance among them.
    """
    path = Path(path)
    table = _table(path)
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    economic = table[CATEGORY] == "Economic"
    rows = _checks.sieve(table, economic, audit, reason="economic assistance", column=CATEGORY)
    fiscal = rows[YEAR].astype("float64")
    rows = rows.assign(year=fiscal.astype("int64"), quarter=fiscal == QUARTER, value=rows[AMOUNT])
    rows = _checks.keep_states(rows, audit, column="Country")
    reported = set(rows["year"])
    every = table[YEAR].astype("int64")
    years = range(every.min(), every.max() + 1)
    silent = [pair for pair in _checks.unlisted(rows, years) if pair[1] not in reported]
    audit.gap("no military assistance to anyone in the year", silent)
    sums = _sums(rows, audit)
    return _checks.finish(
        _dated(sums).assign(direction="in"), audit, instrument="assistance", unit="USD"
    )


def read_constant(path: Path) -> pd.DataFrame:
    """Read what the same amounts are worth in dollars of one year, by the producer's own deflator.

    Returns
    -------
    DataFrame
        country, year (the fiscal year; the transition quarter counts in 1976), value, unit (which
        names the year of the dollars), in the order of the countries and years of `read`.
    """
    path = Path(path)
    table = _table(path, (*COLUMNS, CONSTANT))
    rows = table[table[CATEGORY] == "Military"]
    rows = rows.assign(year=rows[YEAR].astype("float64").astype("int64"))
    rows = _checks.keep_states(rows, Audit(KEY, path.name, len(rows)), column="Country")
    rows = rows.astype({AMOUNT: "float64", CONSTANT: "float64"})
    sums = rows.groupby(["country", "year"], as_index=False)[[AMOUNT, CONSTANT]].sum()
    kept = sums[sums[AMOUNT] > 0].rename(columns={CONSTANT: "value"})
    unit = f"USD of {_worth_of(path)}"
    return kept[["country", "year", "value"]].round(0).assign(unit=unit).reset_index(drop=True)


def _worth_of(path: Path) -> str:
    """Find the year of the constant dollars in what stands above the column names."""
    for _, cells in itertools.islice(_rows(path), _HEADER_WITHIN):
        found = re.search(r"Constant (\d{4}) \$US", " ".join(map(str, cells)))
        if found:
            return found[1]
    raise SourceFileError(f"{path}: nothing says of which year its constant dollars are.")


def _sums(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Sum by country and fiscal year; sums that are no assistance are set aside."""
    by = ["country", "year", "quarter"]
    total = rows.astype({"value": "float64"}).groupby(by)["value"].transform("sum")
    for reason, mask in (("net de-obligation", total < 0), ("nothing obligated", total == 0)):
        _checks.set_aside(rows[mask], audit, reason=reason, column=AMOUNT)
    rows = rows[total > 0].astype({"value": "float64"})
    taken_back = rows[rows["value"] < 0]
    for line, value in zip(taken_back["line"], taken_back["value"], strict=True):
        audit.note(
            "changed",
            "de-obligation: taken off the year's sum",
            row=line,
            column=AMOUNT,
            value=f"{value:.0f}",
        )
    return rows.groupby(by, as_index=False).agg(value=("value", "sum"), line=("line", "min"))


def _dated(sums: pd.DataFrame) -> pd.DataFrame:
    rows = _checks.yearly(sums, lambda year: "FY" + year)
    quarter = rows["quarter"]
    rows["event_id"] += np.where(quarter, "TQ", "")
    rows["flags"] = np.where(quarter, "transition_quarter", "")
    rows.loc[quarter, ["start", "end"]] = [pd.Timestamp(1976, 7, 1), pd.Timestamp(1976, 9, 30)]
    rows.loc[quarter, "date_precision"] = "month"
    return rows


def _check(table: pd.DataFrame, file: str) -> None:
    """Refuse a sheet with anything but years, known categories and amounts, or rows twice."""
    kinds = table[CATEGORY].isin(["Economic", "Military"])
    _checks.require(table, kinds, CATEGORY, expected="Economic or Military", file=file)
    numbers = {name: _numbers(table[name]) for name in (YEAR, AMOUNT)}
    whole = numbers[YEAR].between(1940, 2100) & (numbers[YEAR] % 1 == 0)
    fiscal = whole | (numbers[YEAR] == QUARTER)
    _checks.require(table, fiscal, YEAR, expected=f"a year, or {QUARTER}", file=file)
    finite = np.isfinite(numbers[AMOUNT])
    _checks.require(table, finite, AMOUNT, expected="a number", file=file)
    once = ~table.duplicated(list(IDENTITY))
    _checks.require(
        table, once, "Country", expected="each account once a country and year", file=file
    )


def _numbers(cells: pd.Series) -> pd.Series:
    """Cells that hold a number; all others, text and logical values among them, are NaN."""
    return pd.Series(
        [x if isinstance(x, int | float) and not isinstance(x, bool) else np.nan for x in cells],
        index=cells.index,
        dtype="float64",
    )


# --- the workbook --------------------------------------------------------------------------------


def _table(path: Path, columns: tuple[str, ...] = COLUMNS) -> pd.DataFrame:
    """Rows below the column names, as the sheet has them, and `line`, the row's number there."""
    rows = _rows(path)
    names = _header(rows, path, columns)
    at = [names.index(name) for name in columns]
    body = [
        (*(cells[i] if i < len(cells) else None for i in at), line)
        for line, cells in rows
        if any(cell is not None for cell in cells)
    ]
    if not body:
        raise SourceFileError(f"{path}: no row follows the column names. Download it again.")
    return pd.DataFrame(body, columns=[*columns, "line"]).astype({"Country": "str"})


def _header(rows: Iterator[tuple[int, tuple]], path: Path, columns: tuple[str, ...]) -> list[str]:
    """Read on to the row of column names and return it; the rows below it are left to read."""
    nearest: tuple[int, list] = (1, [])
    most = -1
    for line, cells in itertools.islice(rows, _HEADER_WITHIN):
        names = ["" if cell is None else str(cell).strip() for cell in cells]
        hits = len(set(columns) & set(names))
        if hits == len(columns):
            return names
        if hits > most:
            nearest, most = (line, names), hits
    missing = ", ".join(name for name in columns if name not in nearest[1])
    found = ", ".join(name for name in nearest[1] if name)[:300] or "nothing"
    raise SourceFileError(
        f"{path}: no row of its first sheet has all column names of the Greenbook; missing from"
        f" row {nearest[0]}: {missing}. Found there: {found}. Download the complete Greenbook (all"
        " years, by account) from https://foreignassistance.gov/reports."
    )


def _rows(path: Path) -> Iterator[tuple[int, tuple]]:
    """Yield the number and the cells of each row of the first sheet."""
    try:
        import python_calamine
    except ModuleNotFoundError as error:
        raise SourceFileError(
            f"{path} is an Excel workbook, for which python-calamine is needed. Install it:"
            " pip install 'partnership-diversity[sources]'"
        ) from error
    data = _bytes(path)
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except Exception as error:  # whatever a damaged workbook makes it raise
        kind = type(error).__name__
        raise SourceFileError(
            f"{path} is no Excel workbook, or a damaged one ({kind}: {str(error)[:200]})."
            " Download it again."
        ) from error
    for line, cells in enumerate(rows, 1):
        yield line, tuple(map(_cell, cells))


def _cell(content: object) -> object:
    """Content as the sheet shows it: nothing in an empty cell, no decimals in a whole number."""
    if isinstance(content, float) and content.is_integer():
        return int(content)
    return None if content == "" else content


def _bytes(path: Path) -> bytes:
    """Content of the file, after a look at how large it is when unpacked."""
    try:
        data = inputs.read_bytes(path)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            size = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise SourceFileError(
            f"{path} is no Excel workbook (.xlsx), or it is cut short: expected a zip archive."
            " Download it again, and do not save it in another form."
        ) from error
    if size > _MAX_BYTES:
        raise SourceFileError(
            f"{path} unpacks to {size:,} bytes, more than {_MAX_BYTES:,}: it is not the Greenbook."
        )
    return data
