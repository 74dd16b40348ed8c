"""Read strategic rivalries (Thompson, Sakuwa & Suhas 2021): who was whose rival, from when to when.

Coding rules
------------
- A row of the source is a rivalry of two states, by Correlates of War number, from one year to
  another; its last year, 2020, means that it was not over when the book was written.
- Kept are the years from 1816 in which both were members of the state system. A rivalry is split
  where one of the two had another code before or after (the Soviet Union, Russia).
- A row of which nothing is left is set aside.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require, set_aside

KEY = "rivalries"
COLUMNS = ["tssr_id", "rivalry", "ccode1", "ccode2", "start", "end"]
FIRST_YEAR = 1816


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of rivalries.

    Returns
    -------
    DataFrame
        One row a spell: rivalry (its number in the source), iso3, rival, first_year, last_year.
        Each pair of states is there once, in the order of the source.
    Audit
        A row is a rivalry; row 1 is the first.
    """
    path = Path(path)
    table = _r.table(path, COLUMNS, texts=["rivalry"])
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    years = _years(table, path.name)
    gone = table[~table["line"].isin(years["line"])]
    set_aside(gone, audit, reason="in no year from 1816 were both states", column="rivalry")
    return _spells(years), audit


def _check(table: pd.DataFrame, file: str) -> None:
    for column, low, high, expected in (
        ("tssr_id", 1, 9_999, "the number of a rivalry"),
        ("ccode1", 1, 999, "a number of Correlates of War"),
        ("ccode2", 1, 999, "a number of Correlates of War"),
        ("start", 1400, 2100, "a year"),
        ("end", 1400, 2100, "a year"),
    ):
        number = pd.to_numeric(table[column], errors="coerce").astype("float64")
        good = number.between(low, high) & (number % 1 == 0)
        require(table, good, column, expected=expected, file=file)
    order = table["end"] >= table["start"]
    require(table, order, "end", expected="a year not before start", file=file)
    two = table["ccode1"] != table["ccode2"]
    require(table, two, "ccode2", expected="another state than ccode1", file=file)
    once = ~table.duplicated("tssr_id")
    require(table, once, "tssr_id", expected="each rivalry once", file=file)


def _years(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """One row a rivalry and year in which both of its states were members of the state system."""
    first = np.maximum(table["start"].astype("int64"), FIRST_YEAR)
    spans = [range(a, int(b) + 1) for a, b in zip(first, table["end"], strict=True)]
    years = table.assign(year=spans).explode("year").dropna(subset="year")
    years = years.astype({"year": "int64", "tssr_id": "int64"}).reset_index(drop=True)
    for column, name in (("ccode1", "iso3"), ("ccode2", "rival")):
        where = f"{file}, column {column}"
        found = countries.match(
            years[column], years=years["year"], scheme="cow", outside="keep", where=where
        )
        years[name] = found["iso3"]
    there = [
        countries.exists(row.iso3, row.year) and countries.exists(row.rival, row.year)
        for row in years.itertuples()
    ]
    return years[np.array(there, dtype=bool)].rename(
        columns={"rivalry": "title", "tssr_id": "rivalry"}
    )


def _spells(years: pd.DataFrame) -> pd.DataFrame:
    same = ["rivalry", "iso3", "rival"]
    before = years.shift()
    goes_on = (years[same] == before[same]).all(axis=1) & (years["year"] == before["year"] + 1)
    spell = (~goes_on).cumsum().rename("spell")
    made = years.groupby(spell).agg(
        rivalry=("rivalry", "first"),
        iso3=("iso3", "first"),
        rival=("rival", "first"),
        first_year=("year", "min"),
        last_year=("year", "max"),
    )
    return made.sort_values(["rivalry", "first_year"], ignore_index=True)
