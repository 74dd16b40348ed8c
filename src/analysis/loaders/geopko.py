"""Read who contributes troops to United Nations peacekeeping: Geo-PKO (Cil et al. 2020).

Coding rules
------------
- Two files. In the producer's table of places a row is a place of a mission in a year, with the
  states whose troops were there; a number is the greatest that any map of the year shows there.
  Beside it is the table of source maps, in which a row is a contributor at a place on one map.
- `troops` adds up the first file over places and missions. A contingent that moved within a year
  counts at both places, so it is rather too much.
- From the maps: the troops of a contributor on a map are added up over its places; of the year's
  maps of a mission the mean, the greatest and the last is taken, and added up over missions. A map
  that shows a mission without a contributor shows none of its troops there.
- A size that no map gives is missing, not zero: it is left out of a sum, and a contributor without
  any size in a year has no troops but is counted among its missions.
- States by name in the year of the row. Troops whose sender is not named, or is no state, are kept
  apart under an empty code, so that shares are of all troops.
- Being in the same mission is no tie between two states, so there is no ledger.
"""

import re
from pathlib import Path

import pandas as pd

from ..files import delimited, tables
from ..sources import countries
from ..sources.audit import Audit
from ._checks import require, years

KEY = "geopko"
BESIDE = "geopko_tcc_long_1994_2020_derived.csv"
#: code of troops whose sender is not named, or no state
NOBODY = ""
FIGURES = ["troops", "troops_mean", "troops_max", "troops_last"]

_PLACES = ["mission", "year", "location", "No.TCC", "year.overview"]
_MAPS = ["source", "mission", "year", "month", "tcc_name", "tcc_troops"]
_ONE = re.compile(r"(.+?) \(([0-9]+|size unknown)\)(?:, |$)")
_MAP = ["mission", "year", "month", "source"]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the table of places, and that of source maps beside it.

    Returns
    -------
    DataFrame
        One row a contributor and year: iso3 (empty: not named, or no state), year, n_missions,
        and in persons troops, troops_mean, troops_max, troops_last (missing where no size is
        given, the last three also where there are no maps).
    Audit
        Of the places; a contributor is a cell of a row.
    """
    path = Path(path)
    places, audit = _places(path)
    maps, _ = by_map(path.with_name(BESIDE))
    keys = ["iso3", "year"]
    found = places.groupby(keys).agg(n_missions=("mission", "nunique"))
    found["troops"] = places.groupby(keys)["troops"].sum(min_count=1)
    table = found.join(_by_maps(maps), how="outer").reset_index()
    # a state that only a map names is in as many missions as maps say
    named = maps.groupby(keys)["mission"].nunique()
    only = pd.MultiIndex.from_frame(table[keys]).map(named)
    table["n_missions"] = table["n_missions"].fillna(pd.Series(only, table.index)).astype("int64")
    return table[[*keys, "n_missions", *FIGURES]].round(1), audit


def _places(path: Path) -> tuple[pd.DataFrame, Audit]:
    """One row a contributor at a place in a year: iso3, year, mission, troops."""
    table = tables.read_table(path, _PLACES)
    audit = Audit(KEY, path.name, len(table))
    table["year"] = years(table, "year", path.name)
    found = table["year.overview"].map(_ONE.findall)
    whole = found.map(lambda pairs: ", ".join(f"{name} ({size})" for name, size in pairs))
    good = (whole == table["year.overview"]) & (found.str.len().astype("str") == table["No.TCC"])
    require(
        table,
        good,
        "year.overview",
        expected="as many contributors as No.TCC says, as 'Nepal (150), India (size unknown)'",
        file=path.name,
    )
    rows = table.assign(pair=found).explode("pair", ignore_index=True)
    rows["name"], size = rows["pair"].str[0], rows["pair"].str[1]
    rows["troops"] = pd.to_numeric(size.where(size != "size unknown")).astype("float64")
    return _coded(rows, audit, "name", "year.overview"), audit


def by_map(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the table of source maps.

    Returns
    -------
    DataFrame
        One row a contributor at a place on a map, with iso3, year, mission, month, source and
        troops beside the file's own columns.
    Audit
        Of the same rows.
    """
    table = tables.read_table(path, _MAPS)
    audit = Audit(KEY, path.name, len(table))
    table["year"] = years(table, "year", path.name)
    month = delimited.numbers(table["month"])
    require(table, month.isin(range(1, 13)), "month", expected="1 to 12", file=path.name)
    size = table["tcc_troops"].str.casefold()
    good = (size == "unknown") | size.str.fullmatch("[0-9]{1,5}")
    require(table, good, "tcc_troops", expected="a number or 'unknown'", file=path.name)
    troops = pd.to_numeric(size.where(size != "unknown")).astype("float64")
    table = table.assign(month=month, troops=troops)
    return _coded(table, audit, "tcc_name", "tcc_name"), audit


def _coded(rows: pd.DataFrame, audit: Audit, name: str, column: str) -> pd.DataFrame:
    """Add `iso3`, and note names that are no state's and sizes that are not given."""
    where = f"{audit.file}, column {column}"
    found = countries.match(
        rows[name], years=rows["year"], scheme="un_pko", outside="keep", where=where
    )
    rows = rows.assign(iso3=found["iso3"].fillna(NOBODY), kind=found["kind"])
    for row in rows[rows["iso3"] == NOBODY].itertuples():
        audit.note(
            "changed",
            f"no state, kept as troops of nobody: {row.kind}",
            row=row.line,
            column=column,
            value=getattr(row, name),
        )
    for row in rows[rows["troops"].isna()].itertuples():
        audit.note(
            "changed", "size not given", row=row.line, column=column, value=getattr(row, name)
        )
    return rows


def _by_maps(maps: pd.DataFrame) -> pd.DataFrame:
    """Troops of each contributor and year by the mean, greatest and last map of each mission."""
    shown = maps.groupby([*_MAP, "iso3"])["troops"].sum(min_count=1)
    unknown = shown.isna().unstack(fill_value=False)
    # absent from a map: no troops there; there without a size: missing
    wide = shown.unstack(fill_value=0.0).mask(unknown).groupby(["mission", "year"])
    sized = shown.notna().groupby(["mission", "year", "iso3"]).any().unstack(fill_value=False)
    made = {
        "troops_mean": wide.mean(),
        "troops_max": wide.max(),
        # pandas' own `last` would take an earlier map where the last gives no size
        "troops_last": wide.nth(-1).droplevel(["month", "source"]),
    }
    sums = {
        figure: table.where(sized).groupby("year").sum(min_count=1).unstack()
        for figure, table in made.items()
    }
    return pd.DataFrame(sums).dropna(how="all")
