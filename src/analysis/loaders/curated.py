"""Read the list of events of Pakistan's military diplomacy that was compiled for this project.

Coding rules
------------
- One row of the file is one event with one partner, seen from Pakistan alone: what the partners do
  with one another is not recorded.
- `MUL` (unnamed states), `UNO` and `CMF` are no partners and are set aside; so are rows whose
  confidence is not `confirmed`, a partner whose part in an event is doubtful, and an event that a
  later one supersedes.
- The Baghdad Pact and CENTO, its later name, are one alliance.
- `parties` is the number of states named, Pakistan among them, or that which the source states if
  it is larger. `parties_incomplete`: not all of them are named.
- Flags: `observer` where either side only looked on; `unsigned` for deals that are reported but not
  signed; `subset_of_arms` for production that is part of an arms deal; `from_mme` for exercises
  that come from MME, where they are counted; the service (naval, land, air, joint); and what the
  notes say of an event's facts (`NOTED`).
- Arms: `in` where Pakistan is the recipient, `out` where it is the supplier.
- Each row must have a public source with an address, and dates that can be.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..files import tables
from ..sources import countries, ledger
from ..sources.audit import Audit
from ._checks import require

KEY = "curated"
COUNTRY = "PAK"
NO_PARTNER = {"MUL": "unnamed states", "UNO": "organisation", "CMF": "organisation"}
CONFIRMED = "confirmed"
#: event -> the one that replaced it
SUPERSEDED = {"AR-AZE-JF17-2024": "AR-AZE-JF17-2025"}
#: event -> the one of which it is another name
SAME = {"AL-CENTO-1959": "AL-BAGHDAD-1955"}
#: event and partner listed as a member of its organisation: nothing says that it came
DOUBTFUL = {("EX-PEACEMISSION-2018", "UZB")}
#: flag -> events whose notes say so
NOTED = {
    # lasts on, so that the list has the beginning only; or the end is from a doubtful source
    "end_unclear": ("AL-USA-MNNA-2004", "AL-IMCTC-2015", "AL-SCO-2017", "AL-SEATO-1954"),
    # an agency told its parliament of a sale that might be made
    "unsigned": ("AR-USA-F16SUP-2019",),
    # with the Libyan National Army, which is not the recognised government
    "unrecognised": ("AG-LBY-2025", "AR-LBY-JF17-2025", "AR-LBY-SM-2025", "VI-LBY-2025"),
    "undelivered": ("AR-TUR-T129-2018",),
    # the sources disagree about the seller, or about the partner
    "disputed": ("AR-MMR-JF17-2015", "EX-EBROTHER-02"),
    # the list of participants was published beforehand
    "announced": ("EX-AMAN-2019", "EX-PEACEMISSION-2018"),
    # that of the approval, the delivery or the report, or worked out from it
    "date_unclear": (
        "AG-KGZ-2018", "AG-QAT-2022", "AR-IRN-SM", "AR-NGA-SM-2016", "AR-QAT-SEAKING-2022",
        "EX-ALSAMSAM-08", "EX-TURNSF-2025", "VI-EGY-2025", "VI-RUS-2019",
    ),
}  # fmt: skip
DIRECTIONS = {"recipient": "in", "supplier": "out"}
#: kind of event -> what Pakistan can be in it
ROLES = {
    "agreement": ("signatory", "supplier"),
    "alliance": ("commander", "designee", "member", "signatory"),
    "arms": ("recipient", "supplier"),
    "exercise": ("host", "observer", "participant"),
    "peacekeeping": ("contributor",),
    "production": ("co-producer",),
    "visit": ("host", "visited", "visitor"),
}
PARTNER_ROLES = ("counterpart", "observer", "participant", "unnamed", "unspecified")
#: kind of event -> more days than it can have taken
LONGEST = {"agreement": 3660, "alliance": 36600, "exercise": 120, "visit": 31}
#: units in which the source states how many states took part
_STATES = r"(?!.*announced)(?:countries|flags hoisted|air forces|members)\b"
_URL = r"https?://[\w.-]+\.\w+\.?(?::\d+)?(?:[/?#][^\s<>\"]*)?"
REQUIRED = [
    "event_id", "domain", "name", "start_date", "end_date", "date_precision", "country_iso3",
    "partner_iso3", "role", "service", "quantity", "unit", "source_title", "source_publisher",
    "source_url", "source_date", "confidence",
]  # fmt: skip
EXTRA = ["event_id", "partner_iso3", "partner_role", "location", "instrument_type", "notes"]
CITED = [
    "event_id", "partner", "name", "role", "partner_role", "service", "place", "source_title",
    "source_publisher", "source_url", "source_date", "confidence",
]  # fmt: skip


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the list; `events_extra.csv` must lie beside it.

    Returns
    -------
    DataFrame
        A ledger of several instruments, seen from Pakistan.
    Audit
        A row is an event with one partner.
    """
    table = _joined(Path(path))
    audit = Audit(KEY, Path(path).name, len(table))
    _check(table, audit.file)
    table = _left_out(table, audit)
    for side in ("country", "partner"):
        where = f"{audit.file}, column {side}_iso3"
        found = countries.match(table[f"{side}_iso3"], scheme="iso3", where=where)
        table[side] = found["iso3"]
    none = table["partner"].isna() & ~table["partner_iso3"].isin(countries.territories())
    _note(audit, table[none], "set_aside", "no state")
    table = table[~none].reset_index(drop=True)
    table["partner"] = table["partner"].fillna(table["partner_iso3"])
    table = _sized(_one_alliance(_dated(table, audit.file), audit))
    table["flags"] = [_flags(row) for row in table.to_dict("records")]
    table["direction"] = table["role"].map(DIRECTIONS).where(table["domain"] == "arms", "mutual")
    rows = table.rename(columns={"domain": "instrument"}).assign(
        source=KEY, value=1.0, unit="event"
    )
    return ledger.finish(rows[_GIVEN], file=audit.file), audit


_GIVEN = [c for c in ledger.COLUMNS if c not in ("value_low", "value_high")] + ["line"]


def read_citations(path: Path) -> pd.DataFrame:
    """Read where each row of the list is from.

    Returns
    -------
    DataFrame
        One row for each event and partner in the ledger: event_id, partner, name, role,
        partner_role, service, place, source_title, source_publisher, source_url, source_date,
        confidence. Facts and citations, no notes.
    """
    table = _joined(Path(path))
    _check(table, Path(path).name)
    table = _left_out(table, Audit(KEY, Path(path).name, len(table)))
    table = table.rename(columns={"partner_iso3": "partner", "location": "place"})
    table["place"] = table["place"].replace("-9", "")  # MME's code for missing
    table["event_id"] = table["event_id"].replace(SAME)
    return table.drop_duplicates(["event_id", "partner"])[CITED].sort_values(
        ["event_id", "partner"], ignore_index=True
    )


def read_sizes(path: Path) -> pd.DataFrame:
    """Read how many states took part in each exercise, also where the source names none of them.

    Returns
    -------
    DataFrame
        One row an event: event_id, instrument, country, start, took_part (partners named as
        participants), observers (partners named as such), came (all that are named or, if they are
        more, as many as the source counts without the country itself), announced (1 if the list
        was published beforehand, else 0). Without exercises that come from MME.
    """
    table = _joined(Path(path))
    _check(table, Path(path).name)
    own = table["domain"].eq("exercise") & table["confidence"].eq(CONFIRMED)
    table = table[own & ~table["event_id"].map(_is_from_mme)].rename(
        columns={"domain": "instrument", "country_iso3": "country"}
    )
    named = ~table["partner_iso3"].isin(NO_PARTNER)
    pairs = zip(table["event_id"], table["partner_iso3"], strict=True)
    named &= np.array([pair not in DOUBTFUL for pair in pairs])
    stated = table["quantity"].where(table["unit"].str.match(_STATES))
    table = table.assign(
        start=table["start_date"],
        named=named,
        stated=pd.to_numeric(stated, errors="coerce") - 1,
        took_part=named & table["partner_role"].isin(["participant", "counterpart"]),
        observers=named & table["partner_role"].eq("observer"),
        announced=table["event_id"].isin(NOTED["announced"]).astype(int),
    )
    keys = ["event_id", "instrument", "country", "start"]
    counts = table.groupby(keys, as_index=False).agg(
        took_part=("took_part", "sum"),
        observers=("observers", "sum"),
        named=("named", "sum"),
        stated=("stated", "max"),
        announced=("announced", "first"),
    )
    counts["came"] = counts[["named", "stated"]].max(axis=1).astype("int64")
    return counts[[*keys, "took_part", "observers", "came", "announced"]]


def _joined(path: Path) -> pd.DataFrame:
    events = tables.read_table(path, REQUIRED)
    extra = tables.read_table(path.with_name("events_extra.csv"), EXTRA)
    key = ["event_id", "partner_iso3"]
    for table, file in ((events, path.name), (extra, "events_extra.csv")):
        once = ~table.duplicated(key)
        require(table, once, "event_id", expected="each partner of an event once", file=file)
    table = events.merge(extra[EXTRA], on=key, how="left")
    if table["partner_role"].isna().any():
        lines = ", ".join(map(str, table.loc[table["partner_role"].isna(), "line"].head(10)))
        raise SourceFileError(f"{path.name}: events_extra.csv lacks the events of row(s) {lines}.")
    unnamed = table.loc[table["partner_iso3"] == "MUL", "event_id"]
    return table.assign(unnamed=table["event_id"].isin(unnamed))


def _check(table: pd.DataFrame, file: str) -> None:
    """Refuse the list if a row has no public source, or a value that cannot be."""
    for column in ("event_id", "name", "source_title", "source_publisher", "source_date"):
        require(table, table[column] != "", column, expected="some text", file=file)
    good = table["source_url"].str.fullmatch(_URL)
    require(table, good, "source_url", expected="a public http(s) address", file=file)
    good = table["country_iso3"] == COUNTRY
    require(table, good, "country_iso3", expected=COUNTRY, file=file)
    known = {(domain, role) for domain, roles in ROLES.items() for role in roles}
    good = pd.Series([pair in known for pair in zip(table["domain"], table["role"], strict=True)])
    require(table, good, "role", expected="a role that there is in this domain", file=file)
    good = table["partner_role"].isin(PARTNER_ROLES)
    require(table, good, "partner_role", expected=" or ".join(PARTNER_ROLES), file=file)


def _left_out(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    rules = {
        "not confirmed": table["confidence"] != CONFIRMED,
        "part in the event not confirmed": pd.Series(
            [p in DOUBTFUL for p in zip(table["event_id"], table["partner_iso3"], strict=True)]
        ),
        "superseded by a later event": table["event_id"].isin(SUPERSEDED),
    }
    rules |= {
        f"no partner: {code}, {kind}": table["partner_iso3"] == code
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


def _dated(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """First day of the start and last day of the end, as far as either is known."""
    starts, ends = (_days(table, column, file) for column in ("start_date", "end_date"))
    table = table.assign(start=starts["first"], end=ends["last"])
    rank = {"day": 0, "month": 1, "year": 2}
    stated = table["date_precision"].map(rank)
    good = (stated >= starts["coarseness"]) & (stated >= ends["coarseness"])
    expected = "day, month or year, no finer than the dates"
    require(table, good, "date_precision", expected=expected, file=file)
    good = table["end"] >= table["start"]
    require(table, good, "end_date", expected="no end before the start", file=file)
    days = (table["end"] - table["start"]).dt.days
    longest = table["domain"].map(LONGEST)
    good = ~(days > longest) | (table["date_precision"] == "year")
    require(table, good, "end_date", expected="an end not so long after the start", file=file)
    return table


def _days(table: pd.DataFrame, column: str, file: str) -> pd.DataFrame:
    """First and last day that a date such as 2025, 2025-02 or 2025-02-07 can mean."""
    text = table[column]
    first = pd.to_datetime((text + "-01-01").str[:10], format="%Y-%m-%d", errors="coerce")
    good = text.str.fullmatch(r"(19|20)[0-9]{2}(-[0-9]{2}(-[0-9]{2})?)?") & first.notna()
    expected = "a date such as 2025, 2025-02 or 2025-02-07"
    require(table, good, column, expected=expected, file=file)
    coarseness = text.str.len().map({10: 0, 7: 1, 4: 2})
    last = first.mask(coarseness == 1, first + pd.offsets.MonthEnd(0))
    last = last.mask(coarseness == 2, first + pd.offsets.YearEnd(0))
    return pd.DataFrame({"first": first, "last": last, "coarseness": coarseness})


def _sized(table: pd.DataFrame) -> pd.DataFrame:
    """Add `parties`, and `incomplete` where not all of them are named."""
    named = table.groupby("event_id")["partner"].transform("nunique") + 1
    counts_states = table["unit"].str.match(_STATES) & ~table["event_id"].map(_is_from_mme)
    stated = pd.to_numeric(table["quantity"].where(counts_states), errors="coerce").fillna(0)
    parties = stated.astype("int64").where(stated > named, named)
    return table.assign(parties=parties, incomplete=table["unnamed"] | (stated > named))


def _one_alliance(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    renamed = table["event_id"].isin(SAME)
    _note(audit, table[renamed], "changed", "another name of an alliance that is listed: joined")
    table["event_id"] = table["event_id"].replace(SAME)
    keys = ["event_id", "partner"]
    table["end"] = table.groupby(keys)["end"].transform("max")
    return table.sort_values([*keys, "start"]).drop_duplicates(keys).reset_index(drop=True)


def _flags(row: dict) -> str:
    rules = {
        row["service"]: row["service"] not in ("", "na"),
        "observer": "observer" in (row["role"], row["partner_role"]),
        "unsigned": row["instrument_type"].startswith("reported"),
        "subset_of_arms": row["domain"] == "production" and "subset of" in row["notes"],
        "from_mme": _is_from_mme(row["event_id"]),
        "territory": row["partner"] in countries.territories(),
        "parties_incomplete": row["incomplete"],
    }
    noted = {flag for flag, events in NOTED.items() if row["event_id"] in events}
    return " ".join(sorted(noted | {flag for flag, is_so in rules.items() if is_so}))


def _is_from_mme(event_id: str) -> bool:
    return bool(re.fullmatch(r"EX-MME-\d+", event_id))
