"""Read Multinational Military Exercises (D'Orazio & Galambos 2021), version 7.

Coding rules
------------
- One event is one row; participants stand in the columns StateA ... StateAM. `-9` is missing.
- `parties` counts every participant named once, states or not: in the published counts for a state
  each event weighs 1/(parties - 1).
- Organisations and groups of states are set aside. The four territories of
  `data/countries/territories.csv` are partners, as in the published counts, flagged `territory`.
- A day `xx` is unknown: the date is the first of the month, of precision month.
- An end before the start is taken for the start, and noted.
- Ids that stand twice are numbered in the order of the file.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from .. import countries, ledger
from ..audit import Audit
from ..errors import SourceFileError
from . import _text

KEY = "mme"
MISSING = "-9"
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
REQUIRED = ["MMEID", *DATES, *KINDS, "StateA", "StateB"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the file of exercises.

    Parameters
    ----------
    path : Path
        The CSV as deposited (latin-1), columns in any order.

    Returns
    -------
    DataFrame
        A ledger: both directions of every pair of participants.
    Audit
        A row is an exercise.

    Raises
    ------
    SourceFileError
        If the file is damaged, is something else, or has a date that is none.
    UnknownCountryError
        If a participant is neither a state in that year nor known to be something else.
    """
    path = Path(path)
    table = _text.read_table(path, REQUIRED, encodings=("latin-1",))
    audit = Audit(KEY, path.name, len(table))
    table = _dated(_numbered(table, audit), audit)
    table["flags"] = _kinds(table, path.name)
    members = _members(table, audit)
    counts = members.groupby("at").agg(
        states=("iso3", lambda codes: sorted(codes.dropna().unique())), parties=("name", "nunique")
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
    again = table.groupby("MMEID").cumcount()
    numbered = table["MMEID"] + "-" + (again + 1).astype("str")
    table["event_id"] = table["MMEID"].where(again == 0, numbered)
    _note(audit, table[again > 0], "id stands twice: numbered", "MMEID")
    return table


def _dated(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Add start, end and precision; a month or a day that is no number is unknown."""
    parts = {name: pd.to_numeric(table[name], errors="coerce") for name in DATES}
    bad = parts["s.year"].isna() | parts["e.year"].isna()
    if bad.any():
        lines = ", ".join(map(str, table.loc[bad, "line"].head(10)))
        raise SourceFileError(f"{audit.file}, column s.year or e.year: no year in row(s) {lines}.")
    for side, name in (("s", "start"), ("e", "end")):
        date = {
            "year": parts[f"{side}.year"],
            "month": parts[f"{side}.month"].fillna(1 if side == "s" else 12),
            "day": parts[f"{side}.day"].fillna(1),
        }
        table[name] = pd.to_datetime(pd.DataFrame(date))
        unknown = parts[f"{side}.day"].isna()
        if side == "e":  # the last day of the month
            table[name] = table[name].mask(unknown, table[name] + pd.offsets.MonthEnd(0))
        _note(audit, table[unknown], "day unknown: whole month", f"{side}.day")
    table["date_precision"] = np.select(
        [parts["s.month"].isna(), parts["s.day"].isna()], ["year", "month"], "day"
    )
    back = table["end"] < table["start"]
    _note(audit, table[back], "ends before it starts: end taken for the start", "e.day")
    table["end"] = table["end"].mask(back, table["start"])
    return table


def _note(audit: Audit, rows: pd.DataFrame, reason: str, column: str) -> None:
    for line, value in zip(rows["line"], rows[column], strict=True):
        audit.note("changed", reason, row=line, column=column, value=value)


def _kinds(table: pd.DataFrame, file: str) -> pd.Series:
    bad = ~table[list(KINDS)].isin(["0", "1"])
    if bad.to_numpy().any():
        at, column = np.argwhere(bad.to_numpy())[0]
        raise SourceFileError(
            f"{file}, row {table['line'].iloc[at]}, column {list(KINDS)[column]}: expected 0 or 1."
        )
    marked = [[flag for name, flag in KINDS.items() if row[name] == "1"]
              for row in table[list(KINDS)].to_dict("records")]  # fmt: skip
    return pd.Series([" ".join(sorted(flags)) for flags in marked], index=table.index, dtype="str")


def _members(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """One row for each exercise and participant named: at (row of the table), name, iso3."""
    columns = [name for name in table.columns if name.startswith("State")]
    long = table[columns].rename_axis("at").reset_index().melt("at", columns, "column", "name")
    long = long.sort_values(["at", "column"], kind="stable", ignore_index=True)
    long = long[long["name"] != ""]
    line = table["line"].to_numpy()[long["at"]]
    year = table["start"].dt.year.to_numpy()[long["at"]]
    long = long.assign(line=line, year=year)
    for row in long[long["name"] == MISSING].itertuples():
        audit.note("set_aside", "missing", row=row.line, column=row.column, value=MISSING)
    long = long[long["name"] != MISSING].reset_index(drop=True)
    where = f"{audit.file}, columns StateA to StateAM"
    found = countries.match(long["name"], years=long["year"], where=where)
    long["iso3"] = found["iso3"].fillna(long["name"].map(TERRITORIES))
    for row in long[long["iso3"].isna()].assign(kind=found["kind"]).itertuples():
        audit.note("set_aside", row.kind, row=row.line, column=row.column, value=row.name)
    return long


def _without_territories_view(ties: pd.DataFrame) -> pd.DataFrame:
    """Flag ties with a territory, and leave out those seen from one: it is not a state."""
    territories = set(TERRITORIES.values())
    ties = ties[~ties["country"].isin(territories)].reset_index(drop=True)
    with_territory = ties["partner"].isin(territories)
    marked = ties["flags"].map(lambda text: " ".join(sorted({*text.split(), "territory"})))
    ties["flags"] = ties["flags"].where(~with_territory, marked)
    return ties
