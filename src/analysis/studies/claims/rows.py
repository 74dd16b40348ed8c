"""Tables of claims: what may stand in their rows."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd

from ... import words
from ...sources import catalog, user_tables
from ..events import shock_table
from .shares import FIRST
from .tests import TESTS, Test

COLUMNS = [
    "claim", "state", "text", "part", "part_text", "test", "instrument", "source", "partners",
    "events", "before", "after", "threshold", "years", "shock", "border", "note",
]  # fmt: skip
#: columns that may be missing from a table
_OPTIONAL = ("events", "years", "shock", "border", "note")
_FILLED = ("claim", "state", "text", "part", "part_text", "test", "instrument")
_NUMBERS = ("before", "after", "threshold")
_SHARES = ("share_at_least", "share_below", "contribution_at_least")
#: tests that count events from `before` on, which is no year to compare with
_EVENTS_FROM_BEFORE = ("recorded", "parties_at_least", "among_first", "contribution_at_least")
_YEAR = re.compile(r"(1[89]|20)[0-9]{2}(\.0)?\Z")
_YEARS = re.compile(r"([0-9]{4})[-–]([0-9]{4})\Z")


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
    return read(user_tables.path_of("claims", name))


def import_table(path: Path, *, replace: bool = False, wait: bool = False) -> pd.DataFrame:
    """Check a table of claims and keep it with the user's imported data, under its own name.

    Parameters
    ----------
    path : Path
        The CSV; its name, without the ending, is what `claims` is called by in a report.
    replace : bool
        Whether it may take the place of another table of its name.
    wait : bool
        Whether to wait for the end of another import.

    Returns
    -------
    DataFrame
        What was read: a row for each state, with its numbers of claims and parts.

    Raises
    ------
    ParameterError
        If its name cannot be that of a table, or is that of another one.
    SourceFileError
        As `read`; nothing is kept then.
    """
    claims = user_tables.import_table(path, _kind(), replace=replace, wait=wait)
    counts = claims.groupby("state", sort=True).agg(
        claims=("claim", "nunique"), parts=("part", "size")
    )
    return counts.reset_index()


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
    path = user_tables.path_of("claims") if path is None else Path(path)
    claims = user_tables.read(path, _kind())
    for name in _NUMBERS:
        claims[name] = pd.to_numeric(claims[name]).astype(float)
    return claims


def _kind() -> user_tables.Kind:
    return user_tables.Kind(
        "claims",
        columns=tuple(COLUMNS),
        unique=("state", "part"),
        faults=_faults,
        optional=_OPTIONAL,
    )


def _faults(row: Mapping[str, str]) -> Iterator[str]:
    """Say what is wrong with a row, in the order of its columns."""
    yield from (f"{name} is empty" for name in _FILLED if not row[name])
    codes = [row["state"], *row["partners"].split()]
    named = (code for code in codes if code and code != FIRST)
    yield from user_tables.unknown_states(named, "1816", row["after"])
    yield from _wrong_numbers(row)
    if row["test"] not in TESTS:
        yield f"test is {row['test']!r}; it is one of {', '.join(TESTS)}"
        return
    test = TESTS[row["test"]]
    yield from (f"{row['test']} needs {name}" for name in test.needs if not row[name])
    yield from _wrong_partners(row, test)
    if test.in_order and _after_its_end(row):
        yield f"before is {row['before']}, after {row['after']}: before must be earlier"
    yield from _outside_its_years(row)
    if row["shock"] and row["shock"] not in set(shock_table.table()["shock"]):
        yield f"shock is {row['shock']!r}; the table of shocks has none of that name"
    yield from _wrong_source(row, test)


def _outside_its_years(row: Mapping[str, str]) -> Iterator[str]:
    """Hold a part to its years, which bind its events; what it is compared with may lie before."""
    if not (found := _YEARS.match(row["years"])):
        return
    names = ("before", "after") if row["test"] in _EVENTS_FROM_BEFORE else ("after",)
    for name in names:
        if _YEAR.match(row[name]) and not float(found[1]) <= float(row[name]) <= float(found[2]):
            yield f"{name} is {row[name]}, outside the years of the part, {row['years']}"


def _wrong_numbers(row: Mapping[str, str]) -> Iterator[str]:
    for name in ("before", "after"):
        if row[name] and not _YEAR.match(row[name]):
            yield f"{name} is {row[name]!r}; a year is expected"
    if row["threshold"] and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,9})?", row["threshold"]):
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
    if row["instrument"] and instrument not in words.instruments():
        yield f"instrument is {row['instrument']!r}; it is one of {', '.join(words.instruments())}"
    if not row["source"]:
        return
    if row["source"] not in catalog.all_sources():
        yield f"source is {row['source']!r}; there is none of that name"
        return
    source = catalog.for_state(row["source"], row["state"])
    what, about = f"source {source.key}", source.instrument
    if test.instrument:
        what, about = row["test"], test.instrument
    if instrument in words.instruments() and instrument not in about.split():
        yield f"{what} is about {about}, not {instrument}"
    if test.table not in source.files:
        yield f"{row['test']} needs {test.table}, which source {source.key} does not have"
    if test.events and source.unit != "event":
        yield f"{row['test']} counts events; source {source.key} records {source.unit}"
    if test.systematic and not source.sampling["systematic"]:
        yield f"{row['test']} needs a systematic source; {source.key} is none"
