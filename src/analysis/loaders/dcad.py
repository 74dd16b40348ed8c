"""Read the Defense Cooperation Agreement Dataset (Kinne 2020), version 1.0.

Coding rules
------------
- One row is one bilateral agreement; its id is DCAid.
- Parties by their Correlates of War number in the year of signature. Where the abbreviation beside
  it, if there is one, is another state's, that state is taken, and noted: version 1.0 has Egypt
  with Syria's number
  and Venezuela with Bolivia's, in an agreement with Bolivia.
- It starts on the day of signature, and ends on 31 December of `endYearEstimate`. 2010 means that
  it was in force when coding stopped: flag `censored`. Without an estimate it is taken to end with
  the year in which it was signed: flag `end_unknown`.
- -66, -77, -88 and -99 are codes for missing.
- Flags: the type (general, sector) and the categories.
"""

import re
from pathlib import Path

import pandas as pd

from ..files import tables
from ..sources import countries, ledger
from ..sources.audit import Audit
from ._checks import require

KEY = "dcad"
LAST = 2010
CATEGORIES = ["type", "category1", "category2", "category3"]
DATES = ["signDay", "signMonth", "signYear", "endYearEstimate"]
REQUIRED = ["DCAid", "ccode1", "cowName1", "ccode2", "cowName2", *DATES]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the main file, one row an agreement.

    Returns
    -------
    DataFrame
        A ledger: both directions of every agreement.
    Audit
        A row is an agreement.
    """
    path = Path(path)
    table = tables.read_table(path, [*REQUIRED, *CATEGORIES], encodings=("utf-8", "latin-1"))
    audit = Audit(KEY, path.name, len(table))
    once = table["DCAid"].str.fullmatch(r"DCADv[0-9.]+-[0-9]{4,}") & ~table["DCAid"].duplicated()
    require(table, once, "DCAid", expected="an id such as DCADv1.0-0001, once", file=path.name)
    table = _dated(table, audit)
    for side in ("1", "2"):
        table[f"iso{side}"] = _party(table, side, audit)
    table["flags"] = [_flags(row) for row in table.to_dict("records")]
    stateless = table["iso1"].isna() | table["iso2"].isna()
    for row in table[stateless].itertuples():
        audit.note(
            "set_aside",
            "no state",
            row=row.line,
            column="ccode1",
            value=f"{row.cowName1} {row.cowName2}",
            scope="row",
        )
    table = table[~stateless]
    itself = table["iso1"] == table["iso2"]
    for row in table[itself].itertuples():
        audit.note(
            "set_aside",
            "both parties are the same state",
            row=row.line,
            column="ccode2",
            value=row.ccode2,
            scope="row",
        )
    kept = table[~itself].reset_index(drop=True)
    pairs = pd.Series([list(pair) for pair in zip(kept["iso1"], kept["iso2"], strict=True)])
    events = kept.rename(columns={"DCAid": "event_id"})
    events = events[["event_id", "start", "end", "date_precision", "flags", "line"]]
    ties = ledger.both_ways(events, pairs).assign(
        source=KEY, instrument="agreement", value=1.0, unit="event", parties=2
    )
    return ledger.finish(ties, file=path.name), audit


def _party(table: pd.DataFrame, side: str, audit: Audit) -> pd.Series:
    """State by its number; by its abbreviation where that is another state's."""
    found = {}
    for column, scheme in ((f"ccode{side}", "cow"), (f"cowName{side}", "cow_abbreviation")):
        where = f"{audit.file}, column {column}"
        years = table["start"].dt.year
        found[scheme] = countries.match(
            table[column], years=years, scheme=scheme, outside="keep", where=where
        )
    by_number, by_name = (matched["iso3"] for matched in found.values())
    named = table[f"cowName{side}"] != ""
    differ = by_number.ne(by_name).fillna(True).astype(bool) & named
    for row in table[differ].itertuples():
        number, name = getattr(row, f"ccode{side}"), getattr(row, f"cowName{side}")
        audit.note(
            "changed",
            "number of another state than the abbreviation: abbreviation taken",
            row=row.line,
            column=f"ccode{side}",
            value=f"{number} {name}",
        )
    return by_number.mask(differ, by_name)


def _part(table: pd.DataFrame, column: str, audit: Audit) -> pd.Series:
    """Numbers of a column; NaN where it is blank or has a negative code for missing."""
    is_year = "Year" in column
    good = table[column].str.fullmatch("([12][0-9]{3}|-[0-9]+)?" if is_year else "(-?[0-9]{1,3})?")
    expected = f"a {'year' if is_year else 'number'}, a negative code, or nothing"
    require(table, good, column, expected=expected, file=audit.file)
    number = pd.to_numeric(table[column], errors="coerce").astype("float64")
    return number.where(number > 0)


def _dated(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    parts = {name: _part(table, name, audit) for name in DATES}
    known = parts["signYear"].notna()
    require(table, known, "signYear", expected="a year that is known", file=audit.file)
    date = {
        "year": parts["signYear"],
        "month": parts["signMonth"].fillna(1),
        "day": parts["signDay"].where(parts["signMonth"].notna()).fillna(1),
    }
    table["start"] = pd.to_datetime(pd.DataFrame(date), errors="coerce")
    wrong = table["start"].isna()
    for row in table[wrong].itertuples():
        audit.note(
            "changed",
            "no such day: first of the month",
            row=row.line,
            column="signDay",
            value=row.signDay,
        )
    first = pd.to_datetime(pd.DataFrame({**date, "day": 1}), errors="coerce")
    require(table, first.notna(), "signMonth", expected="a month of the year", file=audit.file)
    table["start"] = table["start"].fillna(first)
    table["date_precision"] = "day"
    table.loc[parts["signDay"].isna() | wrong, "date_precision"] = "month"
    table.loc[parts["signMonth"].isna(), "date_precision"] = "year"
    last = parts["endYearEstimate"]
    for row in table[last.isna()].itertuples():
        audit.note(
            "changed",
            "end unknown: end of the year of signature",
            row=row.line,
            column="endYearEstimate",
            value=row.endYearEstimate,
        )
    early = last < parts["signYear"]
    for row in table[early].itertuples():
        audit.note(
            "changed",
            "ends before it is signed: end of the year of signature",
            row=row.line,
            column="endYearEstimate",
            value=row.endYearEstimate,
        )
    ending = last.mask(last.isna() | early, parts["signYear"])
    table["end"] = pd.to_datetime(ending.astype(int).astype("str") + "-12-31")
    table["end_flag"] = ""
    table.loc[last.isna() | early, "end_flag"] = "end_unknown"
    table.loc[last == LAST, "end_flag"] = "censored"
    return table


def _flags(row: dict) -> str:
    words = {re.sub(r"[^a-z0-9]+", "_", row[name].lower()).strip("_") for name in CATEGORIES}
    return " ".join(sorted({word for word in words | {row["end_flag"]} if re.match("[a-z]", word)}))
