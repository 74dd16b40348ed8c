"""The table of shocks, and one of the user's own."""

import re
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from ...sources import countries, user_tables

COLUMNS = ["shock", "state", "year", "partner", "text", "title", "url", "note"]


def table(name: str | None = None) -> pd.DataFrame:
    """Read the table of shocks that ships, or one of your own.

    Parameters
    ----------
    name : str, optional
        Of your own, as `partnerships import shocks NAME.csv` has taken it in.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    SourceFileError
        As `read`.
    """
    return read(user_tables.path_of("shocks", name))


def read(path: Path | None = None) -> pd.DataFrame:
    """Read a table of shocks.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns `COLUMNS`: a name of the shock, the states it met (ISO3 codes with
        blanks between; empty: all of them), its year, the partner it came from (or empty), what
        happened, and a public source with its address; default: the table that ships.

    Returns
    -------
    DataFrame
        As written, with years as numbers, in order of the years.

    Raises
    ------
    SourceFileError
        If a column is missing, or a row has an unknown state, no year or no source; all such rows
        are named.
    """
    path = user_tables.path_of("shocks") if path is None else Path(path)
    found = user_tables.read(path, _kind())
    return found.astype({"year": int}).sort_values("year", kind="stable", ignore_index=True)


def import_table(path: Path, *, replace: bool = False, wait: bool = False) -> pd.DataFrame:
    """Check a table of shocks and keep it with the user's imported data, under its own name.

    Parameters
    ----------
    path : Path
        The CSV; its name, without the ending, is what `shocks` is called by in a report.
    replace : bool
        Whether it may take the place of another table of its name.
    wait : bool
        Whether to wait for the end of another import.

    Returns
    -------
    DataFrame
        The shocks that were read: name, year and states.

    Raises
    ------
    ParameterError
        If its name cannot be that of a table, or is that of another one.
    SourceFileError
        As `read`; nothing is kept then.
    """
    found = user_tables.import_table(path, _kind(), replace=replace, wait=wait)
    return found[["shock", "year", "state"]].replace({"state": {"": "all"}})


def _kind() -> user_tables.Kind:
    return user_tables.Kind("shocks", columns=tuple(COLUMNS), unique=("shock",), faults=_faults)


def _faults(row: Mapping[str, str]) -> list[str]:
    faults = [f"{n} is empty" for n in ("shock", "text", "title") if not row[n].strip()]
    if not (re.fullmatch("[0-9]{4}", row["year"]) and 1816 <= int(row["year"]) <= 2100):
        faults.append(f"year is {row['year']!r}; a year from 1816 to 2100 is expected")
    if not row["url"].startswith(("https://", "http://")):
        faults.append(f"url is {row['url']!r}; the address of a public source is expected")
    if len(row["partner"].split()) > 1:
        faults.append(f"partner is {row['partner']!r}; one code or none is expected")
    codes = [*row["state"].split(), *row["partner"].split()]
    return [*faults, *user_tables.unknown_states(codes, row["year"], row["year"])]


def concerning(shocks: pd.DataFrame, country: str) -> pd.DataFrame:
    """Keep the shocks that met a state: those that name it, and those that met all.

    Parameters
    ----------
    shocks : DataFrame
        As `read` gives them.
    country : str
        ISO3 code or name.
    """
    code = countries.lookup(country)
    met = [not states or code in states.split() for states in shocks["state"]]
    return shocks[met].reset_index(drop=True)
