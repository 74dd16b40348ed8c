"""The small extract of SIPRI's data that ships."""

from pathlib import Path

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..sources import ledger
from ..sources.audit import Audit
from . import _sipri_tables
from .sipri import _SUMMED, LAYOUTS, _match, _recognise


def read_totals(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the values table: each recipient's (or supplier's) total by year, to check against.

    Returns
    -------
    DataFrame
        Columns role (recipient or supplier), name, iso3 (missing unless a state), kind, year,
        value (TIV million), below_half (stated as 0: less than 0.5), line. No row for blanks.
    Audit
        Parties which are no states are noted, and kept.
    """
    source = _recognise(Path(path))
    if source.kind != "totals":
        raise SourceFileError(
            f"{path} is SIPRI's {LAYOUTS[source.kind]}, not the {LAYOUTS['totals']}: use read()."
        )
    totals, audit = _sipri_tables.read_sums(source)
    matched = _match(totals["name"], totals["year"], audit.file)
    totals["iso3"], totals["kind"] = matched["iso3"].to_numpy(), matched["kind"].to_numpy()
    for row in totals[totals["iso3"].isna()].drop_duplicates("line").itertuples():
        audit.note(
            "set_aside", f"no state: {row.kind}", row=row.line, column="name", value=row.name
        )
    columns = ["role", "name", "iso3", "kind", "year", "value", "below_half", "line"]
    return totals[columns], audit


def compact(rows: pd.DataFrame) -> pd.DataFrame:
    """Add up deals of the same recipient and supplier with the very same years of delivery.

    Bounds over any window stay what they were: such deals lie inside it, touch it or miss it
    together.

    Returns
    -------
    DataFrame
        A ledger without any single deal's designation or date of order: `event_id` is recipient,
        supplier and years (`PAK-CHN-2017.2019.2020`), `flags` are `spread` and `deals_` with the
        number of deals.
    """
    if rows.empty or (rows["source"] == "sipri_tiv").all():
        return rows.reset_index(drop=True)
    rows = rows.assign(spread=ledger.has_flag(rows, "spread"), years=_years_of_deals(rows))
    same = [name for name in ledger.COLUMNS if name not in _SUMMED]
    sums = rows.groupby([*same, "years", "spread"], as_index=False).agg(
        value=("value", "sum"), deals=("value", "size"), value_high=("value_high", "sum")
    )
    sums["value_high"] = sums["value_high"].where(sums["spread"])
    sums["value_low"] = sums["value_high"] * 0
    sums["event_id"] = sums["country"] + "-" + sums["partner"] + "-" + sums["years"]
    sums["flags"] = "deals_" + sums["deals"].astype(str)
    sums["flags"] = sums["flags"].where(~sums["spread"], sums["flags"] + " spread")
    sums["line"] = np.arange(1, len(sums) + 1)
    return ledger.finish(sums[[*ledger.COLUMNS, "line"]], file="compacted register")


def _years_of_deals(rows: pd.DataFrame) -> pd.Series:
    """Write the years of each row's deal, such as `2017.2019`."""
    deal = rows["country"] + "." + rows["partner"] + "." + rows["event_id"]
    pairs = pd.DataFrame({"deal": deal, "year": rows["start"].dt.year.astype("str")})
    pairs = pairs.sort_values(["deal", "year"], kind="stable")
    years: dict[str, str] = {}
    for name, year in pairs.itertuples(index=False):
        years[name] = f"{years[name]}.{year}" if name in years else year
    return deal.map(years)
