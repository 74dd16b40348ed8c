"""Read Multinational Military Exercises (D'Orazio & Galambos 2021), version 7.

Coding rules
------------
- One event is one row; participants stand in the columns StateA ... StateAM. `-9` is missing.
- `parties` counts every participant named once, states or not. Two names of one state count once;
  `-9` beside names is not counted, and the event is flagged `parties_incomplete`.
- Organisations and groups of states are set aside: they are no partners, and take no part of the
  weight of an event. The four territories of
  `data/countries/territories.csv` are partners, as in the published counts, flagged `territory`.
- A day `xx` is unknown: the date is the first of the month, of precision month. A month `-9` is
  unknown: the date is the first of the year, of precision year.
- An end that is missing or before the start is taken for the start, noted, and flagged
  `end_unclear`.
- Ids that stand twice are numbered in the order of the file.
"""

from pathlib import Path
from string import ascii_uppercase

import numpy as np
import pandas as pd

from ..files import tables
from ..sources import countries, ledger
from ..sources.audit import Audit
from ._checks import require

KEY = "mme"
MISSING = "-9"
UNKNOWN_DAY = "xx"
TERRITORIES = {
    "Bermuda": "BMU",
    "Hong Kong SAR China": "HKG",
    "Netherlands Antilles": "ANT",
    "New Caledonia": "NCL",
}
#: column of 0 and 1 -> flag
KINDS = {
    "CPX": "command_post", "Air": "air", "Land": "land", "Sea": "sea", "Amphibious": "amphibious",
    "Cyber": "cyber", "Warfighting": "warfighting", "Peacekeeping": "peacekeeping",
    "Humanitarian": "humanitarian",
}  # fmt: skip
DATES = ["s.year", "s.month", "s.day", "e.year", "e.month", "e.day"]
#: all 39 of them: a file that lacks one would lose participants unseen
PARTICIPANTS = [f"State{x}" for x in [*ascii_uppercase, *(f"A{y}" for y in ascii_uppercase[:13])]]
REQUIRED = ["MMEID", *DATES, *KINDS, *PARTICIPANTS]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the file of exercises.

    Returns
    -------
    DataFrame
        A ledger: both directions of every pair of participants.
    Audit
        A row is an exercise.
    """
    path = Path(path)
    table = tables.read_table(path, REQUIRED)
    audit = Audit(KEY, path.name, len(table))
    table = _dated(_numbered(table, audit), audit)
    table["flags"] = _flags(table, path.name)
    members = _members(table, audit)
    counts = members.groupby("at").agg(
        states=("iso3", lambda codes: sorted(codes.dropna().unique())), parties=("who", "nunique")
    )
    table = table.join(counts)
    table["states"] = [s if isinstance(s, list) else [] for s in table["states"]]
    too_few = table["states"].str.len() < 2
    for row in table[too_few].itertuples():
        reason = "no state named" if not row.states else "only one state named"
        audit.note("set_aside", reason, row=row.line, column="StateA", value=row.MMEID, scope="row")
    kept = table[~too_few].reset_index(drop=True)
    events = kept[["event_id", "start", "end", "date_precision", "parties", "flags", "line"]]
    ties = ledger.both_ways(events.astype({"parties": int}), kept["states"])
    ties = _without_territories_view(ties)
    ties = ties.assign(source=KEY, instrument="exercise", value=1.0, unit="event")
    return ledger.finish(ties, file=path.name), audit


def _numbered(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    require(table, table["MMEID"] != "", "MMEID", expected="an id", file=audit.file)
    times = table.groupby("MMEID").cumcount() + 1
    again = times > 1
    table["event_id"] = table["MMEID"].mask(again, table["MMEID"] + "-" + times.astype("str"))
    _note(audit, table[again], "id stands twice: numbered", "MMEID")
    return table


def _note(audit: Audit, rows: pd.DataFrame, reason: str, column: str) -> None:
    for line, value in zip(rows["line"], rows[column], strict=True):
        audit.note("changed", reason, row=line, column=column, value=value)


def _dated(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Add start, end, date_precision and end_unclear."""
    start, begun, table["date_precision"] = _days(table, "s", audit)
    _, end, _ = _days(table, "e", audit)
    expected = "a year that is known"
    require(table, start.notna(), "s.year", expected=expected, file=audit.file)
    missing, back = end.isna(), end < start
    _note(audit, table[missing], "no end: end taken for the start", "e.year")
    _note(audit, table[back], "ends before it starts: end taken for the start", "e.day")
    unclear = missing | back
    return table.assign(start=start, end=end.mask(unclear, begun), end_unclear=unclear)


def _days(table: pd.DataFrame, side: str, audit: Audit) -> tuple[pd.Series, pd.Series, np.ndarray]:
    """First and last day that a date can mean, NaT without a year; and its precision."""
    year, month, day = (_part(table, f"{side}.{name}", audit) for name in ("year", "month", "day"))
    day = day.where(month.notna())
    date = {"year": year, "month": month.fillna(1), "day": day.fillna(1)}
    first = pd.to_datetime(pd.DataFrame(date), errors="coerce")
    exists = first.notna() | year.isna()
    require(table, exists, f"{side}.day", expected="a day of the calendar", file=audit.file)
    _note(audit, table[day.isna() & year.notna()], "day unknown: whole month", f"{side}.day")
    last = first.mask(day.isna(), first + pd.offsets.MonthEnd(0))
    last = last.mask(month.isna(), first + pd.offsets.YearEnd(0))
    return first, last, np.select([month.isna(), day.isna()], ["year", "month"], "day")


def _part(table: pd.DataFrame, column: str, audit: Audit) -> pd.Series:
    """Numbers of a column; NaN where the file says that it is not known."""
    digits = "[0-9]{4}" if column.endswith("year") else "[0-9]{1,2}"
    good = table[column].str.fullmatch(f"{digits}|{MISSING}|{UNKNOWN_DAY}")
    expected = f"a number, {MISSING} or {UNKNOWN_DAY}"
    require(table, good, column, expected=expected, file=audit.file)
    number = pd.to_numeric(table[column], errors="coerce").astype("float64")
    return number.where(number > 0)


def _flags(table: pd.DataFrame, file: str) -> pd.Series:
    for column in KINDS:
        good = table[column].isin(["0", "1"])
        require(table, good, column, expected="0 or 1", file=file)
    found = {flag: table[column] == "1" for column, flag in KINDS.items()}
    found["end_unclear"] = table["end_unclear"]
    found["parties_incomplete"] = (table[PARTICIPANTS] == MISSING).any(axis=1)
    marked = pd.DataFrame(found)[sorted(found)].to_dict("records")
    texts = [" ".join(flag for flag, is_so in row.items() if is_so) for row in marked]
    return pd.Series(texts, index=table.index, dtype="str")


def _members(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """One row for each exercise and participant named: at (row of the table), who, iso3."""
    columns = [name for name in table.columns if name.startswith("State")]
    long = table[columns].melt(var_name="column", value_name="name", ignore_index=False)
    long = long.rename_axis("at").reset_index().sort_values("at", kind="stable")
    long = long[long["name"] != ""]
    line = table["line"].to_numpy()[long["at"]]
    year = table["start"].dt.year.to_numpy()[long["at"]]
    long = long.assign(line=line, year=year)
    for row in long[long["name"] == MISSING].itertuples():
        audit.note("set_aside", "missing", row=row.line, column=row.column, value=MISSING)
    long = long[long["name"] != MISSING].reset_index(drop=True)
    where = f"{audit.file}, columns StateA to StateAM"
    found = countries.match(long["name"], years=long["year"], outside="keep", where=where)
    long["iso3"] = found["iso3"].fillna(long["name"].map(TERRITORIES))
    long["kind"] = found["kind"]
    for row in long[long["iso3"].isna()].itertuples():
        audit.note("set_aside", row.kind, row=row.line, column=row.column, value=row.name)
    long["who"] = long["iso3"].fillna(long["name"])
    for row in long[long.duplicated(["at", "who"])].itertuples():
        audit.note("set_aside", "named again", row=row.line, column=row.column, value=row.name)
    return long


def _without_territories_view(ties: pd.DataFrame) -> pd.DataFrame:
    """Flag ties with a territory, and leave out those seen from one: it is not a state."""
    territories = set(TERRITORIES.values())
    ties = ties[~ties["country"].isin(territories)].reset_index(drop=True)
    with_territory = ties["partner"].isin(territories)
    marked = ties["flags"].map(lambda text: " ".join(sorted({*text.split(), "territory"})))
    ties["flags"] = ties["flags"].where(~with_territory, marked)
    return ties
