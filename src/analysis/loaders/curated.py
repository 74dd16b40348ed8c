"""Read the list of events of Pakistan's military diplomacy that was compiled for this project.

Coding rules
------------
- One row of the file is one event with one partner, seen from Pakistan alone: what the partners do
  with one another is not recorded.
- `MUL` (unnamed states), `UNO` and `CMF` are no partners and are set aside; so are rows whose
  confidence is not `confirmed`, and an event that a later one supersedes.
- The Baghdad Pact and CENTO, its later name, are one alliance.
- Flags: `observer` where either side only looked on; `unsigned` for deals reported but not signed;
  `subset_of_arms` for production that is part of an arms deal; `from_mme` for exercises that
  come from MME, where they are counted; and the service (naval, land, air, joint).
- Arms: `in` where Pakistan is the recipient, `out` where it is the supplier.
- Each row must have a public source with an address.
"""

import re
from pathlib import Path

import pandas as pd

from .. import countries, ledger
from ..audit import Audit
from ..errors import SourceFileError
from . import _text

KEY = "curated"
NO_PARTNER = {"MUL": "unnamed states", "UNO": "organisation", "CMF": "organisation"}
CONFIRMED = "confirmed"
#: event -> the one that replaced it
SUPERSEDED = {"AR-AZE-JF17-2024": "AR-AZE-JF17-2025"}
#: event -> the one of which it is another name
SAME = {"AL-CENTO-1959": "AL-BAGHDAD-1955"}
DIRECTIONS = {"recipient": "in", "supplier": "out"}
REQUIRED = [
    "event_id", "domain", "name", "start_date", "end_date", "date_precision", "country_iso3",
    "partner_iso3", "role", "service", "source_title", "source_publisher", "source_url",
    "source_date", "confidence",
]  # fmt: skip
EXTRA = ["event_id", "partner_iso3", "partner_role", "location", "instrument_type", "notes"]
CITED = [
    "event_id", "partner", "name", "role", "partner_role", "service", "place", "source_title",
    "source_publisher", "source_url", "source_date", "confidence",
]  # fmt: skip


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the list; `events_extra.csv` must lie beside it.

    Parameters
    ----------
    path : Path
        `events.csv`.

    Returns
    -------
    DataFrame
        A ledger of several instruments, seen from Pakistan.
    Audit
        A row is an event with one partner.

    Raises
    ------
    SourceFileError
        If a file is damaged or a row has no public source or no date.
    UnknownCountryError
        If a code is no state's.
    """
    table = _joined(Path(path))
    audit = Audit(KEY, Path(path).name, len(table))
    _check_sources(table, audit)
    table = _left_out(table, audit)
    for side in ("country", "partner"):
        where = f"{audit.file}, column {side}_iso3"
        found = countries.match(table[f"{side}_iso3"], scheme="iso3", where=where)
        table[side] = found["iso3"]
    none = table["partner"].isna() & ~table["partner_iso3"].isin(countries.territories())
    _note(audit, table[none], "set_aside", "no state")
    table = table[~none].reset_index(drop=True)
    table["partner"] = table["partner"].fillna(table["partner_iso3"])
    table = _one_alliance(_dated(table, audit), audit)
    table["flags"] = [_flags(row) for row in table.to_dict("records")]
    table["direction"] = table["role"].map(DIRECTIONS).where(table["domain"] == "arms", "mutual")
    rows = table.rename(columns={"domain": "instrument"}).assign(
        source=KEY, value=1.0, unit="event",
        parties=table.groupby("event_id")["partner"].transform("nunique") + 1,
    )  # fmt: skip
    return ledger.finish(rows[_GIVEN], file=audit.file), audit


_GIVEN = [c for c in ledger.COLUMNS if c not in ("value_low", "value_high")] + ["line"]


def read_citations(path: Path) -> pd.DataFrame:
    """Read where each row of the list is from.

    Parameters
    ----------
    path : Path
        `events.csv`.

    Returns
    -------
    DataFrame
        One row for each event and partner: event_id, partner, name, role, partner_role, service,
        place, source_title, source_publisher, source_url, source_date, confidence.
    """
    table = _joined(Path(path))
    table = table.rename(columns={"partner_iso3": "partner", "location": "place"})
    table["event_id"] = table["event_id"].replace(SAME)
    kept = table[table["confidence"] == CONFIRMED]
    return kept.drop_duplicates(["event_id", "partner"])[CITED].sort_values(
        ["event_id", "partner"], ignore_index=True
    )


def _joined(path: Path) -> pd.DataFrame:
    events = _text.read_table(path, REQUIRED)
    extra = _text.read_table(path.with_name("events_extra.csv"), EXTRA)
    table = events.merge(
        extra[EXTRA], on=["event_id", "partner_iso3"], how="left", validate="one_to_one"
    )
    if table["partner_role"].isna().any():
        lines = ", ".join(map(str, table.loc[table["partner_role"].isna(), "line"].head(10)))
        raise SourceFileError(f"{path.name}: events_extra.csv lacks the events of row(s) {lines}.")
    return table


def _check_sources(table: pd.DataFrame, audit: Audit) -> None:
    good = table["source_url"].str.match(r"https?://[^\s]+\Z") & (table["source_title"] != "")
    if not good.all():
        lines = ", ".join(map(str, table.loc[~good, "line"].head(10)))
        raise SourceFileError(
            f"{audit.file}, columns source_title and source_url: no public source with an http(s)"
            f" address in row(s) {lines}. Give one, or leave the row out."
        )


def _left_out(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    rules = {
        "not confirmed": table["confidence"] != CONFIRMED,
        "superseded by a later event": table["event_id"].isin(SUPERSEDED),
    }
    rules |= {
        f"no partner: {kind}": table["partner_iso3"] == code
        for code, kind in sorted(NO_PARTNER.items())
    }
    gone = pd.Series(False, index=table.index)
    for reason, mask in rules.items():
        _note(audit, table[mask & ~gone], "set_aside", reason)
        gone |= mask
    return table[~gone].reset_index(drop=True)


def _note(audit: Audit, rows: pd.DataFrame, action: str, reason: str) -> None:
    for row in rows.itertuples():
        value = f"{row.event_id} {row.partner_iso3}"
        scope = "cell" if action == "changed" else "row"
        audit.note(action, reason, row=row.line, column="event_id", value=value, scope=scope)


def _dated(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """First day of the start and last day of the end, as far as either is known."""
    lengths = {4: "year", 7: "month", 10: "day"}
    for column in ("start_date", "end_date"):
        bad = ~table[column].str.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?")
        if bad.any():
            row = table[bad].iloc[0]
            raise SourceFileError(
                f"{audit.file}, row {row['line']}, column {column}: {row[column]!r} is no date such"
                " as 2025, 2025-02 or 2025-02-07."
            )
    table["start"] = pd.to_datetime((table["start_date"] + "-01-01").str[:10], format="%Y-%m-%d")
    ends = pd.to_datetime((table["end_date"] + "-01-01").str[:10], format="%Y-%m-%d")
    known = table["end_date"].str.len().map(lengths)
    ends = ends.mask(known == "month", ends + pd.offsets.MonthEnd(0))
    table["end"] = ends.mask(known == "year", ends + pd.offsets.YearEnd(0))
    back = table["end"] < table["start"]
    _note(audit, table[back], "changed", "ends before it starts: end taken for the start")
    table["end"] = table["end"].mask(back, table["start"])
    return table


def _one_alliance(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    renamed = table["event_id"].isin(SAME)
    _note(audit, table[renamed], "changed", "another name of an alliance that is listed: joined")
    table["event_id"] = table["event_id"].replace(SAME)
    keys = ["event_id", "partner"]
    table["end"] = table.groupby(keys)["end"].transform("max")
    return table.sort_values([*keys, "start"]).drop_duplicates(keys).reset_index(drop=True)


def _flags(row: dict) -> str:
    found = set() if row["service"] in ("", "na") else {row["service"]}
    if "observer" in (row["role"], row["partner_role"]):
        found.add("observer")
    if row["instrument_type"].startswith("reported"):
        found.add("unsigned")
    if row["domain"] == "production" and "subset of" in row["notes"]:
        found.add("subset_of_arms")
    if re.match(r"EX-MME-\d+\Z", row["event_id"]):
        found.add("from_mme")
    if row["partner"] in countries.territories():
        found.add("territory")
    return " ".join(sorted(found))
