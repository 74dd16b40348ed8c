"""Read the State Department's lists of visits: US leaders abroad, and foreign leaders in the US.

Coding rules
------------
- One row of the ledger is one visit. `in`: the President or the Secretary of State visits the
  country; `out`: the country's leader visits the United States. Ids are the producer's, with
  `travel-` or `visit-` before them.
- The country is the one the list names, which for a colony is its state: Trinidad in 1936 is a
  visit to the United Kingdom.
- A stop on the way somewhere else is no visit and is set aside: the remark begins with the stop
  and tells of nothing done there. So is the same visit by the same person listed again.
- Who: `president` or `secretary_of_state` for US visitors, `president_elect` besides where the trip
  was made before taking office; for foreign ones `head_of_state` or `head_of_government` by their
  title, else `other_leader` (president-elect, crown prince, party leader).
- What kind, where the remark says so: `state_visit`, `official_visit`, `official_working_visit`,
  `working_visit`, `informal_visit`, `unofficial_visit`, `private_visit` (holidays among them).
- Nothing else is taken from the remarks.
"""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from ..files import delimited, tables
from ..sources.audit import Audit
from . import _checks

KEY = "state_visits"

TRAVELS = ("id", "role", "name", "start_date", "end_date", "country", "remarks")
VISITS = ("id", "visitor", "start_date", "end_date", "from_country", "description", "n_from")

ROLES = {"president": "president", "secretary": "secretary_of_state"}

#: titles with which a visitor's name begins -> flag; the first that fits counts
TITLES = {
    r"(Acting |Interim )?Prime Mini?ster|(Federal )?Chancellor\b(?!-)|Premier\b|Taoiseach\b"
    r"|President of the Council\b": "head_of_government",
    r"(Acting |Interim |Provisional )?President\b(?! ?-)|(King|Queen|Emperor|Shah|[AE]mir|Sultan"
    r"|Pope|Grand (Duke|Duchess)|Prince|Regent|(Head|Chief) of State)\b": "head_of_state",
}  # fmt: skip

_KIND = r"(?i)\b(state|official working|offici?al|working|private|informal|unofficial) visit\b"
_HOLIDAY = r"(?i)(?:vacation|fishing trip)\b"
_STOP = r"(?i)(?:overnight |refueling )?stop(?:ped|over)?\b"
_DONE = r"(?i)\b(?:met|meetings? with|attended|discussed|addressed|inspected|briefed)\b"


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read one of the two lists; its columns tell which it is.

    Returns
    -------
    DataFrame
        A ledger: one row a visit, dates by day.
    Audit
        A row is a visit.
    """
    path = Path(path)
    rows = delimited.read_records(path, [*TRAVELS, *VISITS]).rows
    header = {field.strip() for _, fields in rows[:1] for field in fields}
    abroad = len(header & set(TRAVELS)) >= len(header & set(VISITS))
    table = tables.to_table(rows, TRAVELS if abroad else VISITS, file=path)
    audit = Audit(KEY, path.name, len(table))
    _checks.require(
        table,
        ~table.duplicated("id") & (table["id"] != ""),
        "id",
        expected="each id once",
        file=path.name,
    )
    table = _dated(table, path.name)
    visits = (_abroad if abroad else _to_the_us)(table, audit)
    visits = visits.assign(value=1.0, date_precision="day")
    return _checks.finish(visits, audit, instrument="visit", unit="event")


def _dated(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """Add `start`, `end` and `year`; refuse what is no date, or ends before it starts."""
    dates = {}
    for name in ("start", "end"):
        column = f"{name}_date"
        dates[name] = pd.to_datetime(table[column], format="%Y-%m-%d", errors="coerce")
        good = dates[name].notna() & table[column].str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}")
        _checks.require(table, good, column, expected="a date, such as 1959-12-07", file=file)
    ordered = dates["end"] >= dates["start"]
    _checks.require(table, ordered, "end_date", expected="no end before its start", file=file)
    return table.assign(**dates, year=dates["start"].dt.year)


def _abroad(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Visits of US leaders to other countries."""
    known = table["role"].isin(list(ROLES))
    _checks.require(table, known, "role", expected=" or ".join(ROLES), file=audit.file)
    rows = _checks.keep_states(table, audit, column="country")
    remarks = rows["remarks"]
    stop = remarks.str.match(_STOP) & ~remarks.str.contains(_DONE)
    rows = _checks.sieve(rows, stop, audit, reason="a stop on the way", column="country")
    rows = _once(rows, ["role", "name"], audit)
    elect = rows["remarks"].str.contains("as President-elect", regex=False)
    flags = rows["role"].map(ROLES) + np.where(elect, " president_elect", "")
    return rows.assign(
        event_id="travel-" + rows["id"], direction="in", flags=flags + _kind(rows["remarks"])
    )


def _to_the_us(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Visits of foreign leaders to the United States."""
    several = table["n_from"] != "1"
    rows = _checks.sieve(
        table, several, audit, reason="on behalf of several countries", column="from_country"
    )
    rows = _checks.keep_states(rows, audit, column="from_country")
    rows = _once(rows, ["visitor"], audit)
    flags = rows["visitor"].map(_rank) + _kind(rows["description"])
    return rows.assign(event_id="visit-" + rows["id"], direction="out", flags=flags)


def _once(rows: pd.DataFrame, person: list[str], audit: Audit) -> pd.DataFrame:
    again = rows.duplicated([*person, "country", "start", "end"])
    return _checks.sieve(rows, again, audit, reason="the same visit listed again", column="id")


def _rank(visitor: str) -> str:
    """Flag of the title with which a name begins."""
    ranks = (flag for title, flag in TITLES.items() if re.match(title, visitor))
    return next(ranks, "other_leader")


def _kind(remarks: pd.Series) -> pd.Series:
    """Flag, with a blank before it, of the first kind of visit a remark names; else nothing."""
    kind = remarks.str.extract(_KIND)[0].str.lower().str.replace("offical", "official")
    flag = (" " + kind.str.replace(" ", "_") + "_visit").fillna("")
    return flag.mask((flag == "") & remarks.str.match(_HOLIDAY), " private_visit")
