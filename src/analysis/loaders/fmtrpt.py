"""Read the US foreign military training reports: persons trained, by country and fiscal year.

Coding rules
------------
- A report is named after two fiscal years. By law (22 U.S.C. 2416) it tells what training was given
  in the first and what is planned for the second: `2003_2004` is about October 2002 to September
  2003. Only what was given counts.
- Which of the two a row is about stands at the end of its programme's name (`FY03`, `FY 2007`,
  `Fiscal Year 2010`). The reports 1999_2000 and 2000_2001 list both, so their totals by country mix
  the done with the planned, and count fiscal years 2000 and 2001 twice. The table by programme is
  therefore read, not the one by country.
- The fiscal year stands for the calendar year of its number, in which nine of its months lie.
- A report lists the countries with programmes, some of them without trainees. A year without its
  report (2006) is not covered, nor is a year of a country that its report does not list, since the
  law exempts some from being reported.
- Spellings of a country are added up. Programmes without trainees are no tie.
"""

import re
from pathlib import Path

import pandas as pd

from ..files import tables
from ..sources.audit import Audit
from . import _checks

KEY = "fmtrpt"

COLUMNS = ("country", "report", "program", "trainees")

_FISCAL_YEAR = r"(?:FY|Fiscal Year)\s*([0-9]{4}|[0-9]{2})\b"


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the table of trainees by country, report and programme.

    Returns
    -------
    DataFrame
        A ledger: one row for each country and fiscal year, `value` in persons (places in courses:
        someone who attends two counts twice).
    Audit
        A row is one programme of one report in one country.
    """
    path = Path(path)
    table = tables.read_table(path, COLUMNS)
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    table["value"] = _checks.counts(table, "trainees", path.name)
    table["year"] = table["report"].str[:4].astype("int64")
    rows = _checks.keep_states(table, audit, column="country")
    _note_gaps(rows, audit)
    rows = _given(rows, audit)
    rows = _checks.yearly(_checks.add_up(rows), lambda year: "FY" + year)
    return _checks.finish(
        rows.assign(direction="in", flags=""), audit, instrument="training", unit="persons"
    )


def _check(table: pd.DataFrame, file: str) -> None:
    years = table["report"].str.extract(r"^([0-9]{4})_([0-9]{4})$").astype("float64")
    good = years[1] == years[0] + 1
    _checks.require(table, good, "report", expected="two years, such as 2003_2004", file=file)
    once = ~table.duplicated(["country", "report", "program"])
    _checks.require(table, once, "program", expected="each once by country and report", file=file)


def _note_gaps(rows: pd.DataFrame, audit: Audit) -> None:
    """Tell the years of which no report says anything, and those of states without a row."""
    years = range(rows["year"].min(), rows["year"].max() + 1)
    unlisted = _checks.unlisted(rows, years)
    reported = set(rows["year"])
    audit.gap("no report of the year", [pair for pair in unlisted if pair[1] not in reported])
    audit.gap("no row in the year's report", unlisted)


def _fiscal_year(program: str) -> str:
    """Last two digits of the last fiscal year that a programme's name tells, or nothing."""
    found = re.findall(_FISCAL_YEAR, program)
    return found[-1][-2:] if found else ""


def _given(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Keep programmes that trained someone in the report's first year."""
    labels = rows["program"].map(_fiscal_year)
    first, second = rows["report"].str[2:4], rows["report"].str[-2:]
    verdict = pd.Series("", index=rows.index, dtype="str")
    for reason, mask in (
        ("no trainees", rows["value"] == 0),
        ("no fiscal year in the programme's name", labels == ""),
        ("planned for the year after, not given", labels == second),
        ("of neither year of its report", labels != first),
    ):
        verdict = verdict.mask((verdict == "") & mask, reason)
    for reason in verdict[verdict != ""].unique():
        _checks.set_aside(rows[verdict == reason], audit, reason=reason, column="program")
    return rows[verdict == ""]
