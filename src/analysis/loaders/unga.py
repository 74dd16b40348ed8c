"""Read ideal points from votes in the UN General Assembly (Bailey, Strezhnev & Voeten 2017).

Coding rules
------------
- One row is a state in a session, which is named after the year in which it began.
- States by their Correlates of War number in that year: the file's own ISO3 gives one code to both
  Yemens and keeps Yugoslavia's after its end.
- `ideal_point` is the estimate from all votes, `ideal_point_fp` that from foreign-policy votes; a
  row with neither is set aside.
"""

import io
from pathlib import Path

import pandas as pd

from ..errors import SourceFileError
from ..files import inputs
from ..sources import countries
from ..sources.audit import Audit
from . import _r
from ._checks import require

KEY = "unga"
COLUMNS = {
    "ccode": "ccode", "year": "year", "idealpointall": "ideal_point",
    "idealpointfp": "ideal_point_fp", "nvotesall": "n_votes",
}  # fmt: skip


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the Stata file of ideal points.

    Returns
    -------
    DataFrame
        One row a state and session: iso3, year, ideal_point, ideal_point_fp (no unit, about -3 to
        3, high is close to the United States), n_votes.
    Audit
        A row is a state in a session; row 1 is the first.
    """
    path = Path(path)
    table = _stata(path)
    audit = Audit(KEY, path.name, len(table))
    table = table.rename(columns=COLUMNS)
    _check(table, path.name)
    table["year"] = table["year"].astype("int64")
    neither = table["ideal_point"].isna() & table["ideal_point_fp"].isna()
    _set_aside(audit, table[neither], "no estimate")
    table = table[~neither]
    where = f"{path.name}, column ccode"
    found = countries.match(
        table["ccode"], years=table["year"], scheme="cow", outside="keep", where=where
    )
    none = found["iso3"].isna()
    _set_aside(audit, table[none], "no state")
    table = table.assign(iso3=found["iso3"])[~none]
    again = table.duplicated(["iso3", "year"], keep=False)
    if again.any():
        pairs = table.loc[again, ["iso3", "year"]].drop_duplicates().to_numpy().tolist()
        shown = ", ".join(f"{code} in {year}" for code, year in pairs[:10])
        raise SourceFileError(f"{path.name}: several rows for {shown}.")
    table["n_votes"] = table["n_votes"].astype("Int64")
    kept = ["iso3", "year", "ideal_point", "ideal_point_fp", "n_votes"]
    return table[kept].sort_values(["iso3", "year"], ignore_index=True), audit


def _stata(path: Path) -> pd.DataFrame:
    data = inputs.read_bytes(path)
    _check_end(data, path)
    try:
        table = pd.read_stata(io.BytesIO(data))
    except Exception as error:  # pandas raises many kinds for a file that is damaged
        raise SourceFileError(
            f"{path.name}: expected a Stata file (.dta) of ideal points, and it cannot be read as"
            f" one ({error}). Download it again."
        ) from error
    return _r.typed(table, list(COLUMNS), file=path.name)


def _check_end(data: bytes, path: Path) -> None:
    """Refuse a file that lacks its last bytes, which pandas does not read."""
    opening, closing = b"<stata_dta>", b"</stata_dta>"  # since format 117
    if data.startswith(opening) and not data.rstrip().endswith(closing):
        raise SourceFileError(f"{path.name} is cut short: its end is missing. Download it again.")


def _check(table: pd.DataFrame, file: str) -> None:
    years, votes = table["year"], table["n_votes"]
    good = years.between(1945, 2100) & (years % 1 == 0)
    require(table, good, "year", expected="a year", file=file)
    good = votes.isna() | (votes.between(1, 10_000) & (votes % 1 == 0))
    require(table, good, "n_votes", expected="a number of votes", file=file)
    for column in ("ideal_point", "ideal_point_fp"):
        good = table[column].isna() | (table[column].abs() < 10)
        require(table, good, column, expected="a number near 0", file=file)


def _set_aside(audit: Audit, rows: pd.DataFrame, reason: str) -> None:
    for row in rows.itertuples():
        audit.note("set_aside", reason, row=row.line, column="ccode", value=row.ccode, scope="row")
