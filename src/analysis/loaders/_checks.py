"""What the sources that see one partner only, the United States, have in common.

With one partner every share is 1 whatever happens, so their sidecars say `systematic: false`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..files import delimited
from ..sources import countries, ledger
from ..sources.audit import Audit

PARTNER = "USA"

_SHOWN = 10  # offenders listed in one message
_GIVEN = [name for name in ledger.COLUMNS if name not in ("value_low", "value_high")]


def require(table: pd.DataFrame, good: pd.Series, column: str, *, expected: str, file: str) -> None:
    """Refuse the file unless every row is `good`; shows what stands in `column` of the others."""
    bad = table[~good.to_numpy(bool)]
    if bad.empty:
        return
    found = zip(bad["line"], bad[column], strict=True)
    shown = [f"  row {line}: {str(value)[:60]!r}" for line, value in list(found)[:_SHOWN]]
    more = [f"  and {len(bad) - _SHOWN} more"] if len(bad) > _SHOWN else []
    head = f"{file}, column {column}: expected {expected}, but not in {len(bad)} row(s):"
    advice = "Download the file again, or correct these rows."
    raise SourceFileError("\n".join([head, *shown, *more, advice]))


def counts(table: pd.DataFrame, column: str, file: str) -> pd.Series:
    """Read a column of persons: whole numbers, not negative, or the file is refused."""
    found = delimited.numbers(table[column])
    good = np.isfinite(found) & (found >= 0) & (found % 1 == 0)
    require(table, good, column, expected="a whole number, not negative", file=file)
    return found


def years(table: pd.DataFrame, column: str, file: str) -> pd.Series:
    """Read a column of calendar years, or refuse the file."""
    good = table[column].str.fullmatch("(18|19|20)[0-9]{2}")
    require(table, good, column, expected="a year", file=file)
    return table[column].astype("int64")


def set_aside(rows: pd.DataFrame, audit: Audit, *, reason: str, column: str) -> None:
    """Note that these rows are not in the ledger, and why."""
    for line, value in zip(rows["line"], rows[column], strict=True):
        audit.note("set_aside", reason, row=line, column=column, value=value, scope="row")


def sieve(
    table: pd.DataFrame, out: pd.Series, audit: Audit, *, reason: str, column: str
) -> pd.DataFrame:
    """Set the rows `out` aside and return the others."""
    set_aside(table[out], audit, reason=reason, column=column)
    return table[~out].reset_index(drop=True)


def keep_states(table: pd.DataFrame, audit: Audit, *, column: str) -> pd.DataFrame:
    """Add `country`, the code of the state in `column` in `year`; set the other rows aside."""
    where = f"{audit.file}, column {column}"
    matched = countries.match(
        table[column], years=table["year"], scheme="us", outside="keep", where=where
    )
    own = matched["iso3"].eq(PARTNER).fillna(False).astype(bool)
    none = matched["iso3"].isna()
    for kind, rows in table[none].groupby(matched["kind"][none], sort=True):
        set_aside(rows, audit, reason=f"no state: {kind}", column=column)
    set_aside(table[own], audit, reason="the United States itself", column=column)
    kept = ~none & ~own
    return table[kept].assign(country=matched["iso3"][kept]).reset_index(drop=True)


def add_up(rows: pd.DataFrame) -> pd.DataFrame:
    """Sum `value` by country and year; `line` is that of the first row."""
    groups = rows.groupby(["country", "year"], as_index=False, sort=True)
    return groups.agg(value=("value", "sum"), line=("line", "min"))


def unlisted(listed: pd.DataFrame, years: range) -> set[tuple[str, int]]:
    """States and years without a row in a file that lists a state also where it has nothing."""
    there = set(zip(listed["country"], listed["year"], strict=True))
    return {
        (code, year)
        for code in countries.codes() - {PARTNER}
        for year in years
        if (code, year) not in there and countries.exists(code, year)
    }


def yearly(rows: pd.DataFrame, name: Callable[[pd.Series], pd.Series]) -> pd.DataFrame:
    """Add what a row of one country and year has: `event_id` by `name(year)`, and the dates."""
    year = rows["year"].astype("str")
    return rows.assign(
        event_id=rows["country"] + "-" + name(year),
        start=pd.to_datetime(year + "-01-01", format="%Y-%m-%d"),
        end=pd.to_datetime(year + "-12-31", format="%Y-%m-%d"),
        date_precision="year",
    )


def finish(
    rows: pd.DataFrame, audit: Audit, *, instrument: str, unit: str
) -> tuple[pd.DataFrame, Audit]:
    """Make the ledger: adds the partner.

    Parameters
    ----------
    rows : DataFrame
        Columns country, year, event_id, direction, start, end, date_precision, value, line, flags
        (tokens in any order).
    audit : Audit
        Handed back beside the ledger.
    instrument, unit : str
        As in the ledger.
    """
    rows = rows.assign(
        flags=rows["flags"].map(lambda text: " ".join(sorted(set(text.split())))),
        source=audit.source,
        instrument=instrument,
        partner=PARTNER,
        unit=unit,
        parties=2,
    )
    return ledger.finish(rows[[*_GIVEN, "line"]], file=audit.file), audit
