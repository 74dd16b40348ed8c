"""Read Alliance Treaty Obligations and Provisions (Leeds et al. 2002), directed dyad-years.

Coding rules
------------
- In the source a row is what `ccode1` owes to `ccode2` in a year. Here `country` is the one to whom
  it is owed and `partner` the one who owes it: a portfolio of defence pacts is made of those who
  have pledged to come. Pledges may be one-sided: the United States owe Pakistan defence, Pakistan
  owes them consultation.
- Consecutive years with the same obligations are one spell, `mutual` if the other side owes the
  very same in the very same years, else `in`.
- Obligations are flags (defense, offense, neutrality, nonaggression, consultation); they must not
  be added up. A dyad-year with none of the five is set aside.
- A spell still in force in the last year of the source is `censored`.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources import countries, ledger
from ..sources.audit import Audit
from . import _r
from ._checks import require

KEY = "atop"
OBLIGATIONS = {
    "atop_defense": "defense", "atop_offense": "offense", "atop_neutral": "neutrality",
    "atop_nonagg": "nonaggression", "atop_consul": "consultation",
}  # fmt: skip
COLUMNS = ["ccode1", "ccode2", "year", *OBLIGATIONS]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of directed dyad-years.

    Returns
    -------
    DataFrame
        A ledger: one row a spell of one pledging state and one pledged to.
    Audit
        A row is a dyad-year; row 1 is the first.
    """
    path = Path(path)
    table = _dyad_years(path)
    audit = Audit(KEY, path.name, len(table))
    _set_aside(audit, table[table["code"] == 0], "none of the five obligations")
    table = table[table["code"] > 0].reset_index(drop=True)
    for side, name in (("ccode1", "partner"), ("ccode2", "country")):
        where = f"{path.name}, column {side}"
        found = countries.match(
            table[side], years=table["year"], scheme="cow", outside="keep", where=where
        )
        table[name] = found["iso3"]
    stateless = table["partner"].isna() | table["country"].isna()
    _set_aside(audit, table[stateless], "no state")
    spells = _spells(_merged(table[~stateless], audit))
    spells["flags"] = _flags(spells["code"], spells["last"] == table["year"].max())
    pair = spells[["country", "partner"]]
    ids = pair.min(axis=1) + "-" + pair.max(axis=1)
    spells["direction"] = np.where(_mirrored(spells), "mutual", "in")
    owes = np.where(spells["direction"] == "in", "-by-" + spells["partner"], "")
    rows = spells.assign(
        event_id=ids + "-" + spells["first"].astype("str") + owes,
        start=pd.to_datetime(spells["first"].astype("str") + "-01-01"),
        end=pd.to_datetime(spells["last"].astype("str") + "-12-31"),
        source=KEY,
        instrument="alliance",
        date_precision="year",
        value=1.0,
        unit="event",
        parties=2,
    )
    return ledger.finish(rows[_GIVEN], file=path.name), audit


_GIVEN = [c for c in ledger.COLUMNS if c not in ("value_low", "value_high")] + ["line"]


def _dyad_years(path: Path) -> pd.DataFrame:
    """Columns of the source as whole numbers, `line`, and `code`: the obligations as bits."""
    table = _whole(_r.table(path, list(COLUMNS)), path.name)
    bits = 1 << np.arange(len(OBLIGATIONS))
    table["code"] = table[list(OBLIGATIONS)].to_numpy() @ bits
    return table


def _whole(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """Check every value."""
    allowed = {"year": (1800, 2100, "a year"), **dict.fromkeys(OBLIGATIONS, (0, 1, "0 or 1"))}
    for column in COLUMNS:
        low, high, expected = allowed.get(column, (1, 999, "a Correlates of War number"))
        number = pd.to_numeric(table[column], errors="coerce")
        good = number.between(low, high) & (number % 1 == 0)
        require(table, good, column, expected=expected, file=file)
        table[column] = number.astype("int64")
    once = ~table.duplicated(["ccode1", "ccode2", "year"])
    require(table, once, "ccode1", expected="each pair of states once a year", file=file)
    return table


def _set_aside(audit: Audit, rows: pd.DataFrame, reason: str) -> None:
    for row in rows.itertuples():
        value = f"{row.ccode1}-{row.ccode2} {row.year}"
        audit.note("set_aside", reason, row=row.line, column="ccode1", value=value, scope="row")


def _merged(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Join rows that two numbers of one state give for one year: Germany had both in 1990."""
    keys = ["country", "partner", "year"]
    for row in table[table.duplicated(keys)].itertuples():
        audit.note(
            "changed",
            "two numbers of one state in one year: joined",
            row=row.line,
            column="ccode1",
            value=f"{row.ccode1}-{row.ccode2} {row.year}",
        )
    bits = {f"bit{bit}": (table["code"].to_numpy() >> bit) & 1 for bit in range(len(OBLIGATIONS))}
    joined = (
        table.assign(**bits)
        .groupby(keys, as_index=False)
        .agg(line=("line", "min"), **{name: (name, "max") for name in bits})
    )
    joined["code"] = joined[list(bits)].to_numpy() @ (1 << np.arange(len(OBLIGATIONS)))
    return joined.drop(columns=list(bits))


def _spells(table: pd.DataFrame) -> pd.DataFrame:
    """Join consecutive years of a directed dyad with the same obligations."""
    table = table.sort_values(["country", "partner", "year"], ignore_index=True)
    before = table.shift()
    kept = ["country", "partner", "code"]
    same = (table[kept] == before[kept]).all(axis=1)
    begins = ~(same & (table["year"] == before["year"] + 1))
    return table.groupby(begins.cumsum().rename("spell"), as_index=False).agg(
        country=("country", "first"),
        partner=("partner", "first"),
        code=("code", "first"),
        first=("year", "min"),
        last=("year", "max"),
        line=("line", "min"),
    )


def _mirrored(spells: pd.DataFrame) -> pd.Series:
    keys = ["first", "last", "code"]
    there = pd.MultiIndex.from_frame(spells[["country", "partner", *keys]])
    back = pd.MultiIndex.from_frame(spells[["partner", "country", *keys]])
    return pd.Series(back.isin(there), index=spells.index)


def _flags(codes: pd.Series, censored: pd.Series) -> pd.Series:
    names = {
        code: [flag for bit, flag in enumerate(OBLIGATIONS.values()) if code >> bit & 1]
        for code in codes.unique()
    }
    return pd.Series(
        [
            " ".join(sorted([*names[code], "censored"] if still else names[code]))
            for code, still in zip(codes, censored, strict=True)
        ],
        index=codes.index,
        dtype="str",
    )
