"""Tables of claims: read, checked row by row, taken in from outside."""

import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from . import catalog, countries, ledger, paths
from .claims_tests import FIRST, TESTS, Test
from .errors import ParameterError, SourceFileError

COLUMNS = [
    "claim", "state", "text", "part", "part_text", "test", "instrument", "source", "partners",
    "events", "before", "after", "threshold", "years",
]  # fmt: skip
#: columns that may be missing from a table
_OPTIONAL = ("events", "years")
_FILLED = ("claim", "state", "text", "part", "part_text", "test", "instrument")
_NUMBERS = ("before", "after", "threshold")
_SHARES = ("share_at_least", "share_below")
_YEAR = re.compile(r"(1[89]|20)\d\d(\.0)?\Z")
_YEARS = re.compile(r"(\d{4})[-–](\d{4})\Z")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")
#: a table is written by hand; a longer file is something else
_LARGEST = 1_000_000
#: how many faults are told; the others are counted
_TOLD = 20


def table(name: str | None = None) -> pd.DataFrame:
    """Read the table that ships, or one of your own.

    Parameters
    ----------
    name : str, optional
        Of your own, as `partnerships import claims NAME.csv` has taken it in.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    SourceFileError
        As `read`.
    """
    if name is None:
        return read()
    folder = _folder()
    there = sorted(path.stem for path in folder.glob("*.csv")) if folder.is_dir() else []
    if name not in there or not _NAME.match(name):
        raise ParameterError(
            f"claims={name[:60]!r}: there is no such table in {folder}. There are:"
            f" {', '.join(there) or 'none'}. Take one in: partnerships import claims FILE."
        )
    return read(folder / f"{name}.csv")


def take_in(path: Path) -> pd.DataFrame:
    """Check a table of claims and keep it with the user's imported data, under its own name.

    Parameters
    ----------
    path : Path
        The CSV; its name, without the ending, is what `claims` is called by in a report.

    Returns
    -------
    DataFrame
        What was read: a row for each state, with its numbers of claims and parts.

    Raises
    ------
    ParameterError
        If its name cannot be that of a table.
    SourceFileError
        As `read`; nothing is kept then.
    """
    path = Path(path)
    if not _NAME.match(path.stem) or path.suffix != ".csv":
        raise ParameterError(
            f"{path.name!r} cannot name a table of claims: small letters, digits, _, -, then .csv."
        )
    claims = read(path)
    _folder().mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, _folder() / path.name)
    counts = claims.groupby("state", sort=True).agg(
        claims=("claim", "nunique"), parts=("part", "size")
    )
    return counts.reset_index()


def _folder() -> Path:
    return paths.imports_dir() / "claims"


def read(path: Path | None = None) -> pd.DataFrame:
    """Read a table of claims.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns `COLUMNS`; default: the table that ships with the project.

    Returns
    -------
    DataFrame
        As written, with years and thresholds as numbers.

    Raises
    ------
    SourceFileError
        If a column is missing, or a row does not say what its test needs; all such rows are named.
    """
    path = paths.data_dir() / "claims.csv" if path is None else Path(path)
    claims = _raw(path)
    if missing := [n for n in COLUMNS if n not in claims and n not in _OPTIONAL]:
        raise SourceFileError(f"{path}: the column {', '.join(missing)} is missing.")
    claims = claims.reindex(columns=COLUMNS, fill_value="")
    faults = [
        f"{path}, row {number + 2}: {fault}"
        for number, row in enumerate(claims.to_dict("records"))
        for fault in _faults(row)
    ]
    if repeated := sorted(set(claims.loc[claims.duplicated(["state", "part"]), "part"])):
        faults.append(f"{path}: the part {', '.join(repeated)} is there twice for one state")
    if more := len(faults) - _TOLD if len(faults) > _TOLD else 0:
        faults = [*faults[:_TOLD], f"and {more} more"]
    if faults:
        raise SourceFileError("\n".join(faults))
    for name in _NUMBERS:
        claims[name] = pd.to_numeric(claims[name]).astype(float)
    return claims


def _raw(path: Path) -> pd.DataFrame:
    """Read every cell as a text without blanks around it."""
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceFileError(f"{path}: not a table of claims (over {_LARGEST:,} bytes).")
        found = pd.read_csv(path, dtype="str", keep_default_na=False, encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        why = str(error).splitlines()[0]
        raise SourceFileError(f"{path}: not a table of claims ({why}).") from error
    if not isinstance(found.index, pd.RangeIndex):
        raise SourceFileError(f"{path}: not a table of claims (rows longer than their heads).")
    return found.fillna("").map(str.strip)


def _faults(row: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a row, in the order of its columns."""
    yield from (f"{name} is empty" for name in _FILLED if not row[name])
    codes = [row["state"], *row["partners"].split()]
    if unknown := [c for c in codes if c and c != FIRST and c not in countries.codes()]:
        yield f"{', '.join(unknown)}: no ISO3 code of a state"
    yield from _wrong_numbers(row)
    if row["test"] not in TESTS:
        yield f"test is {row['test']!r}; it is one of {', '.join(TESTS)}"
        return
    test = TESTS[row["test"]]
    yield from (f"{row['test']} needs {name}" for name in test.needs if not row[name])
    yield from _wrong_partners(row, test)
    if test.in_order and _after_its_end(row):
        yield f"before is {row['before']}, after {row['after']}: before must be earlier"
    yield from _wrong_source(row, test)


def _wrong_numbers(row: Mapping[str, str]) -> Iterator[str]:
    for name in ("before", "after"):
        if row[name] and not _YEAR.match(row[name]):
            yield f"{name} is {row[name]!r}; a year is expected"
    if row["threshold"] and not re.fullmatch(r"\d{1,6}(\.\d{1,9})?", row["threshold"]):
        yield f"threshold is {row['threshold']!r}; a number from 0 is expected"
    elif row["test"] in _SHARES and float(row["threshold"] or 0) > 1:
        yield f"threshold is {row['threshold']}; a share from 0 to 1 is expected"
    found = _YEARS.match(row["years"])
    if row["years"] and (not found or found[1] > found[2]):
        yield f"years is {row['years']!r}; two years are expected, as 2001-2025"


def _wrong_partners(row: Mapping[str, str], test: Test) -> Iterator[str]:
    named = row["partners"].split()
    if FIRST in named and not (test.first and len(named) == 1):
        yield f"{FIRST} cannot stand in partners of {row['test']}"
    if test.partners is not None and named and len(named) != test.partners:
        most = "1 partner" if test.partners else "no partners"
        yield f"{row['test']} takes {most}, and there are {len(named)}"
    if row["events"] and not test.events:
        yield f"{row['test']} takes no events"


def _after_its_end(row: Mapping[str, str]) -> bool:
    times = row["before"], row["after"]
    return all(map(_YEAR.match, times)) and float(times[0]) >= float(times[1])


def _wrong_source(row: Mapping[str, str], test: Test) -> Iterator[str]:
    instrument = row["instrument"].partition("/")[0]
    if row["instrument"] and instrument not in ledger.INSTRUMENTS:
        yield f"instrument is {row['instrument']!r}; it is one of {', '.join(ledger.INSTRUMENTS)}"
    if not row["source"]:
        return
    if row["source"] not in catalog.all_sources():
        yield f"source is {row['source']!r}; there is none of that name"
        return
    source = catalog.get(row["source"])
    if instrument in ledger.INSTRUMENTS and instrument not in source.instrument.split():
        yield f"source {source.key} is about {source.instrument}, not {instrument}"
    if test.events and source.unit != "event":
        yield f"{row['test']} counts events; source {source.key} records {source.unit}"
    if test.systematic and not source.sampling["systematic"]:
        yield f"{row['test']} needs a systematic source; {source.key} is none"
