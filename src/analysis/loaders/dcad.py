"""Read the Defense Cooperation Agreement Dataset (Kinne 2020), version 1.0.

Coding rules
------------
- One row is one bilateral agreement; its id is DCAid.
- Parties by their Correlates of War number in the year of signature.
- It starts on the day of signature, and ends on 31 December of `endYearEstimate`. 2010 means that
  it was in force when coding stopped: flag `censored`. Without an estimate it is taken to end with
  the year in which it was signed: flag `end_unknown`.
- -66, -77, -88 and -99 are codes for missing.
- Flags: the type (general, sector) and the categories.
"""

import re
from pathlib import Path

import pandas as pd

from .. import countries, ledger
from ..audit import Audit
from ..errors import SourceFileError
from . import _text

KEY = "dcad"
LAST = 2010
CATEGORIES = ["type", "category1", "category2", "category3"]
REQUIRED = ["DCAid", "ccode1", "ccode2", "signDay", "signMonth", "signYear", "endYearEstimate"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the main file, one row an agreement.

    Parameters
    ----------
    path : Path
        The CSV as published, columns in any order.

    Returns
    -------
    DataFrame
        A ledger: both directions of every agreement.
    Audit
        A row is an agreement.

    Raises
    ------
    SourceFileError
        If the file is damaged, is something else, or a year of signature is no year.
    UnknownCountryError
        If a number is no state's in that year; lists all.
    """
    path = Path(path)
    table = _text.read_table(path, [*REQUIRED, *CATEGORIES], encodings=("utf-8-sig", "latin-1"))
    audit = Audit(KEY, path.name, len(table))
    table = _dated(table, audit)
    year = table["start"].dt.year
    for side in ("1", "2"):
        where = f"{path.name}, column ccode{side}"
        found = countries.match(table[f"ccode{side}"], years=year, scheme="cow", where=where)
        table[f"iso{side}"] = found["iso3"]
    table["flags"] = [_flags(row) for row in table.to_dict("records")]
    itself = table["iso1"] == table["iso2"]
    for row in table[itself].itertuples():
        audit.note("set_aside", "both parties are the same state", row=row.line, column="ccode2",
                   value=row.ccode2, scope="row")  # fmt: skip
    kept = table[~itself].reset_index(drop=True)
    pairs = pd.Series([list(pair) for pair in zip(kept["iso1"], kept["iso2"], strict=True)])
    events = kept.rename(columns={"DCAid": "event_id"})
    events = events[["event_id", "start", "end", "date_precision", "flags", "line"]]
    ties = ledger.both_ways(events, pairs).assign(
        source=KEY, instrument="agreement", value=1.0, unit="event", parties=2
    )
    return ledger.finish(ties, file=path.name), audit


def _dated(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    parts = {
        name: pd.to_numeric(table[name], errors="coerce").where(lambda x: x > 0)
        for name in ("signDay", "signMonth", "signYear", "endYearEstimate")
    }
    bad = parts["signYear"].isna()
    if bad.any():
        lines = ", ".join(map(str, table.loc[bad, "line"].head(10)))
        raise SourceFileError(f"{audit.file}, column signYear: no year in row(s) {lines}.")
    date = {
        "year": parts["signYear"],
        "month": parts["signMonth"].fillna(1),
        "day": parts["signDay"].where(parts["signMonth"].notna()).fillna(1),
    }
    table["start"] = pd.to_datetime(pd.DataFrame(date), errors="coerce")
    wrong = table["start"].isna()
    for row in table[wrong].itertuples():
        audit.note("changed", "no such day: first of the month", row=row.line, column="signDay",
                   value=row.signDay)  # fmt: skip
    first = pd.to_datetime(pd.DataFrame({**date, "day": 1}))
    table["start"] = table["start"].fillna(first)
    table["date_precision"] = "day"
    table.loc[parts["signDay"].isna() | wrong, "date_precision"] = "month"
    table.loc[parts["signMonth"].isna(), "date_precision"] = "year"
    last = parts["endYearEstimate"]
    for row in table[last.isna()].itertuples():
        audit.note("changed", "end unknown: end of the year of signature", row=row.line,
                   column="endYearEstimate", value=row.endYearEstimate)  # fmt: skip
    early = last < parts["signYear"]
    for row in table[early].itertuples():
        audit.note("changed", "ends before it is signed: end of the year of signature",
                   row=row.line, column="endYearEstimate", value=row.endYearEstimate)  # fmt: skip
    ending = last.mask(last.isna() | early, parts["signYear"])
    table["end"] = pd.to_datetime(ending.astype(int).astype("str") + "-12-31")
    table["end_flag"] = ""
    table.loc[last.isna() | early, "end_flag"] = "end_unknown"
    table.loc[last == LAST, "end_flag"] = "censored"
    return table


def _flags(row: dict) -> str:
    words = {re.sub(r"[^a-z0-9]+", "_", row[name].lower()).strip("_") for name in CATEGORIES}
    return " ".join(sorted({word for word in words | {row["end_flag"]} if re.match("[a-z]", word)}))
