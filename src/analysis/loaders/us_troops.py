"""Read the numbers of US active-duty troops by host and year (Allen, Flynn and Machain 2022).

Coding rules
------------
- One row of the ledger is one host in one year; a true zero is no tie.
- The file lists hosts with zeros, but not every zero means that there were none. Not covered are
  the years of a state without a row; those in which it stands only under a name that never has a
  value, since it was missed when names changed (Swaziland until 2015) or has never been reported;
  and zeros between two years with twenty troops or more (Kuwait 2003 to 2005).
- The producer's version 1.0.0 has faults that its change log names. Iraq in 2006 and 2007 is the
  year's estimate counted three times over: where the file has these very sums, the estimates take
  their place (flag `corrected`). The values of 2008 hold two reports, some of them twice over: they
  are kept and flagged `maybe_doubled`, since nothing here tells by how much.
- Two names of one state in one year are added up.
- Hosts that were no members of the state system yet (Bahrain in 1951) are flagged
  `outside_state_years`; territories, which belong to some other state, are set aside.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..files import tables
from ..sources.audit import Audit
from . import _checks

KEY = "us_troops"

COLUMNS = ("countryname", "year", "troops_ad")

#: host and year -> what the file says wrongly, and the estimate (change log of troopdata, versions
#: 0.1.4, where they are given, and 1.0.1, where the sums are withdrawn)
KNOWN_FAULTS = {("IRQ", 2006): (423_300, 141_100), ("IRQ", 2007): (510_000, 170_000)}
#: year in which two reports were added up (change log, versions 1.0.3 and 1.0.4)
DOUBLED = 2008

#: a zero between two years with as many is a gap in the reports
MANY = 20


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the table of troops by country and year.

    Returns
    -------
    DataFrame
        A ledger: one row for each host and year, `value` in persons on active duty.
    Audit
        A row is one host in one year.
    """
    path = Path(path)
    table = tables.read_table(path, COLUMNS)
    audit = Audit(KEY, path.name, len(table))
    once = ~table.duplicated(["countryname", "year"])
    _checks.require(table, once, "countryname", expected="each host once a year", file=path.name)
    table["value"] = _checks.counts(table, "troops_ad", path.name)
    table["year"] = _checks.years(table, "year", path.name)
    rows = _checks.keep_states(table, audit, column="countryname")
    _note_gaps(rows, audit)
    rows = _checks.sieve(rows, rows["value"] == 0, audit, reason="no troops", column="countryname")
    rows = _corrected(_one_a_year(rows, audit), audit)
    rows["flags"] = rows["flags"].mask(rows["year"] == DOUBLED, "maybe_doubled")
    rows = _checks.yearly(rows, lambda year: year).assign(direction="in")
    return _checks.finish(rows, audit, instrument="deployment", unit="persons")


def _note_gaps(rows: pd.DataFrame, audit: Audit) -> None:
    """Tell the years of states in which a zero, or no row, does not mean that there were none."""
    years = range(rows["year"].min(), rows["year"].max() + 1)
    audit.gap("no row", _checks.unlisted(rows, years))
    has_value = rows.groupby("countryname")["value"].transform("max") > 0
    named = rows[has_value]
    missed = _pairs(rows[~has_value]) - _pairs(named)
    audit.gap("listed only under a name that never has a value", missed)
    audit.gap("zero between years of many", _between_many(named))


def _pairs(rows: pd.DataFrame) -> set[tuple[str, int]]:
    return set(zip(rows["country"], rows["year"], strict=True))


def _between_many(rows: pd.DataFrame) -> set[tuple[str, int]]:
    """Zeros of a state between a year before and one after with `MANY` troops each."""
    sums = rows.groupby(["country", "year"], as_index=False)["value"].sum()
    known = sums["value"].where(sums["value"] > 0)
    by_state = known.groupby(sums["country"])
    around = np.minimum(by_state.ffill(), by_state.bfill())
    return _pairs(sums[(sums["value"] == 0) & (around >= MANY)])


def _one_a_year(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    again = rows[rows.duplicated(["country", "year"])]
    for line, name in zip(again["line"], again["countryname"], strict=True):
        audit.note(
            "changed",
            "another name of the same state: added to it",
            row=line,
            column="countryname",
            value=name,
        )
    return _checks.add_up(rows)


def _corrected(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    rows = rows.assign(flags="")
    for (country, year), (wrong, right) in KNOWN_FAULTS.items():
        here = (rows["country"] == country) & (rows["year"] == year) & (rows["value"] == wrong)
        for line in rows["line"][here]:
            audit.note(
                "changed",
                "an estimate counted three times: taken once",
                row=line,
                column="troops_ad",
                value=wrong,
            )
        rows.loc[here, ["value", "flags"]] = [float(right), "corrected"]
    return rows
