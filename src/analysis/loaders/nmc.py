"""Read material capabilities: the Composite Index of National Capability (Singer et al. 1972).

Coding rules
------------
- One row is a state in a year; `cinc` is the mean of its shares of the world's population, urban
  population, iron and steel, energy, military spending and military personnel: from 0 to 1.
- States by Correlates of War number, in the year of the row.
- Set aside: rows without an index, and the second row where two numbers mean one state (Germany and
  Yemen in the year of their union): the greater of the two is kept, as the state's that went on.
- Six significant digits are kept.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require, sieve

KEY = "nmc"
COLUMNS = ["ccode", "year", "cinc"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of state-years.

    Returns
    -------
    DataFrame
        One row a state and year: iso3, year, cinc (0 to 1).
    Audit
        A row is a state-year; row 1 is the first.
    """
    path = Path(path)
    table = _r.table(path, COLUMNS)
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    table["year"] = table["year"].astype("int64")
    where = f"{path.name}, column ccode"
    found = countries.match(
        table["ccode"], years=table["year"], scheme="cow", outside="keep", where=where
    )
    table["iso3"] = found["iso3"]
    table = sieve(table, table["cinc"].isna(), audit, reason="no index", column="ccode")
    table = table.sort_values(["iso3", "year", "cinc"], ascending=[True, True, False])
    again = table.duplicated(["iso3", "year"])
    table = sieve(table, again, audit, reason="the state has another row", column="ccode")
    table["cinc"] = [float(f"{value:.6g}") for value in table["cinc"]]
    return table[["iso3", "year", "cinc"]], audit


def _check(table: pd.DataFrame, file: str) -> None:
    number, year, value = (pd.to_numeric(table[name], errors="coerce") for name in COLUMNS)
    require(
        table, number.between(1, 999), "ccode", expected="a number of Correlates of War", file=file
    )
    good = year.between(1816, 2100) & (year % 1 == 0)
    require(table, good, "year", expected="a year", file=file)
    good = table["cinc"].isna() | (np.isfinite(value) & (value > 0) & (value <= 1))
    require(table, good, "cinc", expected="a number above 0, at most 1", file=file)
    once = ~table.duplicated(["ccode", "year"])
    require(table, once, "ccode", expected="each state once a year", file=file)
