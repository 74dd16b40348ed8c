"""Read the electoral democracy index (polyarchy) of Varieties of Democracy (Coppedge et al. 2025).

Coding rules
------------
- One row is a state in a year; `polyarchy` is `v2x_polyarchy`, from 0 (least) to 1 (most
  democratic).
- States by V-Dem's own letter codes, in the year of the row.
- Set aside: rows without an estimate, territories (Hong Kong, Gaza, Somaliland), colonies and
  others in years in which they were no member of the state system, and the second row where two
  codes mean one state: Piedmont-Sardinia in the year in which it became Italy.
"""

from pathlib import Path

import pandas as pd

from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require

KEY = "vdem"
COLUMNS = ["country_text_id", "year", "v2x_polyarchy"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of country-years.

    Returns
    -------
    DataFrame
        One row a state and year: iso3, year, polyarchy (0 to 1).
    Audit
        A row is a country-year; row 1 is the first.
    """
    path = Path(path)
    table = _r.table(path, COLUMNS, texts=["country_text_id"])
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    table["year"] = table["year"].astype("int64")
    where = f"{path.name}, column country_text_id"
    found = countries.match(
        table["country_text_id"], years=table["year"], scheme="vdem", outside="keep", where=where
    )
    table["iso3"] = found["iso3"]
    table = _sieve(table, table["v2x_polyarchy"].isna(), audit, "no estimate")
    table = _sieve(table, table["iso3"].isna(), audit, "no state: territory")
    outside = [
        not countries.exists(code, year)
        for code, year in zip(table["iso3"], table["year"], strict=True)
    ]
    table = _sieve(
        table, pd.Series(outside, index=table.index, dtype=bool), audit, "no state in that year"
    )
    own = table["country_text_id"] == table["iso3"]
    table = table.assign(own=own).sort_values(
        ["iso3", "year", "own"], ascending=[True, True, False]
    )
    table = _sieve(table, table.duplicated(["iso3", "year"]), audit, "the state has another row")
    table["polyarchy"] = table["v2x_polyarchy"].astype("float64")
    return table[["iso3", "year", "polyarchy"]].reset_index(drop=True), audit


def _check(table: pd.DataFrame, file: str) -> None:
    year, value = (pd.to_numeric(table[name], errors="coerce") for name in COLUMNS[1:])
    good = year.between(1780, 2100) & (year % 1 == 0)
    require(table, good, "year", expected="a year", file=file)
    good = table["v2x_polyarchy"].isna() | value.between(0, 1)
    require(table, good, "v2x_polyarchy", expected="a number from 0 to 1", file=file)
    once = ~table.duplicated(["country_text_id", "year"])
    require(table, once, "country_text_id", expected="each country once a year", file=file)


def _sieve(table: pd.DataFrame, out: pd.Series, audit: Audit, reason: str) -> pd.DataFrame:
    """Set the rows `out` aside and return the others."""
    for row in table[out].itertuples():
        value = f"{row.country_text_id} {row.year}"
        audit.note(
            "set_aside", reason, row=row.line, column="country_text_id", value=value, scope="row"
        )
    return table[~out]
