"""Read where states have had their capitals (peacesciencer's list after Gleditsch and Ward).

Coding rules
------------
- A row of the source is a capital from one day to another, whether or not there was a state all
  that time; years outside the state system are left out. A row of which nothing is left is set
  aside.
- A year has the capital it ended with. Consecutive years with the same capital are one spell.
- The source gives Germany Berlin all along, beside a row for the Federal Republic: the row that
  began last counts, so it is Bonn from 1949 to 1990.
- Some coordinates in the source are the middle of the country or of a large municipality, not of
  the city: they are corrected (`CORRECTED`).
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require

KEY = "capitals"
COLUMNS = ["gwcode", "capital", "stdate", "enddate", "lat", "lng"]

#: city -> latitude and longitude, degrees north and east
CORRECTED = {
    "Beijing": (39.90, 116.41),
    "Brasilia": (-15.79, -47.88),
    "Djibouti": (11.59, 43.15),
    "Riyadh": (24.69, 46.72),
    "Tunis": (36.81, 10.18),
}


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the R file of capitals.

    Returns
    -------
    DataFrame
        One row a spell: iso3, first_year, last_year, capital, latitude, longitude (degrees north
        and east, to hundredths: about a kilometre).
    Audit
        A row is a capital of a state from one day to another; row 1 is the first.
    """
    path = Path(path)
    table = _r.table(path, COLUMNS, texts=["capital"])
    audit = Audit(KEY, path.name, len(table))
    _check(table, path.name)
    years = _years(_corrected(table, audit), path.name)
    for row in table[~table["line"].isin(years["line"])].itertuples():
        audit.note(
            "set_aside",
            "no state at the end of any of these years, or another capital",
            row=row.line,
            column="capital",
            value=row.capital,
            scope="row",
        )
    return _spells(years), audit


def _check(table: pd.DataFrame, file: str) -> None:
    for column, low, high, expected in (
        ("gwcode", 1, 999, "a number of Gleditsch and Ward"),
        ("stdate", -66_000, 48_000, "a day as a number, 0 being 1 January 1970"),
        ("enddate", -66_000, 48_000, "a day as a number, 0 being 1 January 1970"),
        ("lat", -90, 90, "a latitude in degrees"),
        ("lng", -180, 180, "a longitude in degrees"),
    ):
        number = pd.to_numeric(table[column], errors="coerce")
        require(table, number.between(low, high), column, expected=expected, file=file)
    order = table["enddate"] >= table["stdate"]
    require(table, order, "enddate", expected="a day not before stdate", file=file)
    require(table, table["capital"].notna(), "capital", expected="a name", file=file)


def _corrected(table: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    for row in table[table["capital"].isin(CORRECTED)].itertuples():
        audit.note(
            "changed",
            "coordinates are not the city's: corrected",
            row=row.line,
            column="lat",
            value=f"{row.capital} {row.lat:.2f} {row.lng:.2f}",
        )
    right = [
        CORRECTED.get(name, place)
        for name, place in zip(
            table["capital"], zip(table["lat"], table["lng"], strict=True), strict=True
        )
    ]
    return table.assign(**dict(zip(("latitude", "longitude"), np.round(right, 2).T, strict=True)))


def _years(table: pd.DataFrame, file: str) -> pd.DataFrame:
    """One row a state and year of its membership of the state system: its last capital then."""
    first, last = (pd.to_datetime(table[day], unit="D").dt.year for day in ("stdate", "enddate"))
    spans = [range(a, b + 1) for a, b in zip(first, last, strict=True)]
    years = table.assign(year=spans).explode("year").reset_index(drop=True)
    years["year"] = years["year"].astype("int64")
    where = f"{file}, column gwcode"
    found = countries.match(
        years["gwcode"], years=years["year"], scheme="gw", outside="keep", where=where
    )
    years = years.assign(iso3=found["iso3"])[found["iso3"].notna()]
    there = [
        countries.exists(code, year)
        for code, year in zip(years["iso3"], years["year"], strict=True)
    ]
    years = years[np.array(there, dtype=bool)].sort_values(["iso3", "year", "stdate", "line"])
    return years.drop_duplicates(["iso3", "year"], keep="last").reset_index(drop=True)


def _spells(years: pd.DataFrame) -> pd.DataFrame:
    same = ["iso3", "capital", "latitude", "longitude"]
    before = years.shift()
    goes_on = (years[same] == before[same]).all(axis=1) & (years["year"] == before["year"] + 1)
    return (
        years.groupby((~goes_on).cumsum().rename("spell"))
        .agg(
            iso3=("iso3", "first"),
            first_year=("year", "min"),
            last_year=("year", "max"),
            capital=("capital", "first"),
            latitude=("latitude", "first"),
            longitude=("longitude", "first"),
        )
        .reset_index(drop=True)
    )
