"""Read roll-call votes of the United Nations General Assembly (Voeten, Strezhnev & Bailey 2009).

Coding rules
------------
- Two files: the votes, and beside them the roll calls, which give each its session.
- A session is named after the year in which it began, as with the ideal points: the first is 1946.
- A vote is yes, no or abstain; who was absent, did not vote or was no member has none.
- States by the source's name in that year: Russia's seat is the Soviet Union's until 1991.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require

KEY = "un_votes"
BESIDE = "un_roll_calls.rda"
LETTERS = {"yes": "y", "no": "n", "abstain": "a"}
NONE = "."

_COLUMNS = ["rcid", "country", "vote"]
_CALLS = ["rcid", "session", "date", "unres"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of votes, and that of roll calls beside it.

    Returns
    -------
    DataFrame
        One row a state and session: iso3, year, votes. `votes` has one letter for each of the
        session's roll calls, in the order of `roll_calls`: y, n, a, or a point for none.
    Audit
        A row is a vote; row 1 is the first.
    """
    path = Path(path)
    table = _r.table(path, _COLUMNS, texts=["country", "vote"])
    audit = Audit(KEY, path.name, len(table))
    table["vote"] = table["vote"].astype("str")
    good = table["vote"].isin(LETTERS)
    require(table, good, "vote", expected=" or ".join(LETTERS), file=path.name)
    calls, _ = roll_calls(path.with_name(BESIDE))
    good = table["rcid"].isin(calls["roll_call"])
    require(table, good, "rcid", expected=f"a roll call of {BESIDE}", file=path.name)
    calls["place"] = calls.groupby("year").cumcount()
    table = table.merge(calls, left_on="rcid", right_on="roll_call", how="left")
    where = f"{path.name}, column country"
    found = countries.match(table["country"], years=table["year"], outside="keep", where=where)
    for row in table[found["iso3"].isna()].itertuples():
        audit.note(
            "set_aside", "no state", row=row.line, column="country", value=row.country, scope="row"
        )
    table = table.assign(iso3=found["iso3"])[found["iso3"].notna()]
    once = ~table.duplicated(["iso3", "rcid"])
    require(table, once, "country", expected="each state once a roll call", file=path.name)
    return _strings(table, calls.groupby("year").size()), audit


def roll_calls(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of roll calls.

    Returns
    -------
    DataFrame
        One row a roll call, in the order of `votes`: year (of the session), roll_call (the
        source's number), date, resolution.
    Audit
        A row is a roll call; all are kept.
    """
    path = Path(path)
    table = _r.table(path, _CALLS, texts=["unres"])
    session, number = (pd.to_numeric(table[name], errors="coerce") for name in ("session", "rcid"))
    good = session.between(1, 150) & (session % 1 == 0)
    require(table, good, "session", expected="the number of a session", file=path.name)
    good = number.between(1, 1_000_000) & (number % 1 == 0) & ~number.duplicated()
    require(table, good, "rcid", expected="a number of its own", file=path.name)
    good = table["date"].between(-10_000, 48_000)
    require(table, good, "date", expected="a day as a number, 0 being 1970-01-01", file=path.name)
    calls = pd.DataFrame(
        {
            "year": session.astype("int64") + 1945,
            "roll_call": number.astype("int64"),
            "date": pd.to_datetime(table["date"], unit="D").dt.strftime("%Y-%m-%d"),
            "resolution": table["unres"],
        }
    )
    calls = calls.sort_values(["year", "roll_call"], ignore_index=True)
    return calls, Audit(KEY, path.name, len(table))


def _strings(table: pd.DataFrame, lengths: pd.Series) -> pd.DataFrame:
    """Put each state's votes of a session into a string, one letter a roll call."""
    letters = table["vote"].map(LETTERS).to_numpy("U1")
    places = table["place"].to_numpy()
    rows = []
    for (iso3, year), at in sorted(table.groupby(["iso3", "year"]).indices.items()):
        line = np.full(lengths[year], NONE, dtype="U1")
        line[places[at]] = letters[at]
        rows.append((iso3, year, "".join(line)))
    return pd.DataFrame(rows, columns=["iso3", "year", "votes"])
