"""SIPRI Arms Transfers Database: whichever layout of its exports a user has.

Source: Stockholm International Peace Research Institute,
https://www.sipri.org/databases/armstransfers.

One row of the ledger is what one recipient got from one supplier in one year, within one deal
(`sipri_register`) or altogether (`sipri_tiv`), in millions of trend-indicator values.

Coding rules:

- A register of the older layout gives a deal's total and its years of delivery, not the split. The
  total is never repeated: each year carries an even share, flagged `spread`, with 0 and the total
  as its bounds. Deals of one year, the newer layout and the annual tables are exact.
- `event_id` is recipient, supplier and what tells the deal apart: its year of order and a hash of
  its facts (older layout), SIPRI's own number (newer layout), or the year (annual tables).
- Names mean the state that bore them in the first year of delivery ("Serbia" in 1995 is SCG), or
  where SIPRI uses a name beyond its state's years, that state ("Soviet Union" in 1992 stays SUN).
  Where a state was no member of the state system in the year of delivery (a colony, or a deal that
  runs over the break), the row is flagged `outside_state_years`.
- A record that a line end inside its comment has cut in two is joined; both files of 2025 at hand
  have four such records, of which a plain reader makes eight.
- The tidy form of the annual tables is not SIPRI's own. The file in circulation lacks 901 of the
  22,225 amounts, mostly West Germany's: prefer a folder of the tables themselves.
- Non-state groups (`*`), organisations (`**`), unknown suppliers and recipients, and deals not yet
  delivered are set aside and counted in the audit.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from ..errors import SourceFileError
from ..files import delimited, tables
from ..sources import countries, ledger
from ..sources.audit import Audit
from . import _sipri_register, _sipri_scope, _sipri_tables
from ._sipri_register import Source

KEY = "sipri"

LAYOUTS = {
    "deals": "trade register, one row a deal, without preamble",
    "deals with preamble": "trade register, one row a deal, with SIPRI's preamble",
    "deliveries": "trade register, one row a deal and year of delivery (since 2023)",
    "exports": "annual TIV table of one supplier",
    "imports": "annual TIV table of one recipient",
    "folder": "folder of annual TIV tables",
    "tidy": "annual TIVs, one row a supplier, recipient and year",
    "totals": "values table, one row a state and a column a year, without partners",
}

_READERS = {
    "deals": _sipri_register.read_deals,
    "deals with preamble": _sipri_register.read_deals,
    "deliveries": _sipri_register.read_deliveries,
    "exports": _sipri_tables.read_annual,
    "imports": _sipri_tables.read_annual,
    "tidy": _sipri_tables.read_tidy,
}
_COLUMNS = {
    "deals": _sipri_register.DEALS,
    "deliveries": _sipri_register.DELIVERIES,
    "tidy": _sipri_tables.TIDY,
}
#: what tells how the fields are delimited
_NAMES = {
    *(name for columns in _COLUMNS.values() for name in columns),
    *_sipri_register.FORMER_NAMES,
    *_sipri_tables.TOTALS,
}

_SUMMED = ("event_id", "value", "value_low", "value_high", "flags")


def layout(path: Path) -> str:
    """Say in words which of SIPRI's layouts a file, or a folder of annual tables, has."""
    path = Path(path)
    if path.is_dir():
        _recognise_folder(path)
        return LAYOUTS["folder"]
    return LAYOUTS[_recognise(path).kind]


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read an export of the trade register or of the annual tables, whichever layout it has.

    Returns
    -------
    DataFrame
        A ledger of source `sipri_register` or `sipri_tiv`.
    Audit
        A row is a row of the file: a deal, a delivery, or a partner's line in an annual table.
    """
    path = Path(path)
    return _to_ledger(*_deliveries(_sources(path), path))


class Import(NamedTuple):
    """A user's download, and what it could show.

    Attributes
    ----------
    rows : DataFrame
        As `read` gives them.
    audit : Audit
        The same.
    unattributed : DataFrame
        As `unattributed` gives them.
    coverage : dict
        years and countries: which the file could have recorded, all suppliers of each.
    caveat : str
        What has to be said of it, or nothing.
    """

    rows: pd.DataFrame
    audit: Audit
    unattributed: pd.DataFrame
    coverage: dict
    caveat: str


def read_import(path: Path, known: Callable[[], pd.DataFrame]) -> Import:
    """Read a download that shall take the place of the extract that ships.

    Parameters
    ----------
    path : Path
        As for `read`.
    known : callable
        Gives a ledger with all suppliers of some recipients: what a file lacks of it tells that one
        without its opening lines is not of all suppliers.
    """
    path = Path(path)
    sources = _sources(path)
    scope = _sipri_scope.of(sources, is_folder=path.is_dir())
    deliveries, audit = _deliveries(sources, path)
    other = _unattributed(deliveries, audit)
    rows, audit = _to_ledger(deliveries, audit)
    if rows.empty:
        raise SourceFileError(f"{path}: no tie between two states in it; nothing was imported.")
    caveat = _sipri_scope.check_suppliers(rows, scope, known, file=str(path))
    return Import(rows, audit, other, _sipri_scope.coverage(rows, scope), caveat)


def unattributed(path: Path) -> pd.DataFrame:
    """Read what each state received from suppliers that are no states or are not named.

    It is in no share, since it belongs to no partner; a report says how much it is.

    Returns
    -------
    DataFrame
        country, year, kind (unknown, non_state, organisation, territory), value in TIV million,
        spread evenly over a deal's years where the source does not split it.
    """
    path = Path(path)
    return _unattributed(*_deliveries(_sources(path), path))


def _unattributed(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    country = _match(rows["recipient"], rows["year"], audit.file)
    supplier = _match(rows["supplier"], rows["year"], audit.file)
    rows = rows.assign(country=country["iso3"], kind=supplier["kind"])
    rows = rows[country["iso3"].notna() & supplier["iso3"].isna()]
    return rows.groupby(["country", "year", "kind"], as_index=False)["value"].sum()


def _sources(path: Path) -> list[Source]:
    return _recognise_folder(path) if path.is_dir() else [_recognise(path)]


def _deliveries(sources: list[Source], path: Path) -> tuple[pd.DataFrame, Audit]:
    """One row a delivery in a year, names as in the source."""
    if path.is_dir():
        return _sipri_tables.read_folder(sources, path)
    source = sources[0]
    if source.kind == "totals":
        raise SourceFileError(
            f"{path} is SIPRI's {LAYOUTS['totals']}: no tie can be made of it. On"
            " https://www.sipri.org/databases/armstransfers export the trade register (all"
            " suppliers, all recipients) instead; read_totals() reads this file as a check."
        )
    return _READERS[source.kind](source)


def _recognise(path: Path) -> Source:
    """Tell which layout a file has, by its column names alone."""
    rows, ends = delimited.read_records(path, _NAMES)
    rows = _sipri_register.with_present_names(rows)
    for kind, columns in _COLUMNS.items():
        for at, (_, fields) in enumerate(rows[:60]):
            if set(columns) <= {field.strip() for field in fields}:
                named = f"{kind} with preamble" if at and kind == "deals" else kind
                return Source(named, path, rows, at, ends)
    role, *_ = _sipri_tables.title(rows)
    if role and (line := _sipri_tables.header(rows, ("",))):
        kind = "exports" if role == "supplier" else "imports"
        return Source(kind, path, rows, line, ends)
    if (line := _sipri_tables.header(rows, _sipri_tables.TOTALS)) is not None:
        return Source("totals", path, rows, line, ends)
    _refuse_other_tables(path, rows)
    return _unrecognised(path, rows)


#: column names of SIPRI's tables that no ledger can be made of -> what they are
_OTHER_TABLES = {
    ("Rank", "Supplier"): "list of the top suppliers: totals, without partners",
    ("Rank", "Recipient"): "list of the top recipients: totals, without partners",
    ("supplier", "recipient"): "values table by pairs, which may be of one supplier only",
}


def _refuse_other_tables(path: Path, rows: delimited.Rows) -> None:
    for (one, other), what in _OTHER_TABLES.items():
        for _, fields in rows[:60]:
            starts = [field.strip() for field in fields]
            has_both = any(f.startswith(one) for f in starts) and any(
                f.startswith(other) for f in starts
            )
            if has_both and any(map(_sipri_tables.is_year, fields)):
                raise SourceFileError(
                    f"{path} is SIPRI's {what}. No share of a state's arms can be had from it: on"
                    " https://www.sipri.org/databases/armstransfers export the trade register (all"
                    " suppliers, all recipients) instead."
                )


def _unrecognised(path: Path, rows: list) -> Source:
    """Name the columns that are missing from the nearest layout, or all layouts there are."""
    there = {field.strip() for _, fields in rows[:60] for field in fields}
    near = max(_COLUMNS, key=lambda kind: len(there & set(_COLUMNS[kind])) / len(_COLUMNS[kind]))
    if len(there & set(_COLUMNS[near])) * 2 >= len(_COLUMNS[near]):
        tables.find_header(rows, _COLUMNS[near], file=path)
    if any(_sipri_tables.title(rows)) or len(rows) < 2:
        raise SourceFileError(
            f"{path} has no line of column names below its {len(rows)} line(s): it is cut short."
            " Export it again."
        )
    raise SourceFileError(
        f"{path} has none of the layouts of SIPRI's Arms Transfers Database, which are:"
        f" {'; '.join(LAYOUTS.values())}. Its line {rows[0][0]} reads"
        f" {','.join(rows[0][1])[:120]!r}. Export the trade register from"
        " https://www.sipri.org/databases/armstransfers and name that file."
    )


def _recognise_folder(folder: Path) -> list[Source]:
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() == ".csv" and not path.name.startswith(".")
    )
    if not paths:
        raise SourceFileError(f"{folder} holds no .csv file: expected {LAYOUTS['folder']}.")
    sources, faults = [], []
    for path in paths:
        try:
            source = _recognise(path)
            if source.kind not in ("exports", "imports"):
                raise SourceFileError(f"{path} is a {LAYOUTS[source.kind]}: name it by itself.")
            sources.append(source)
        except SourceFileError as error:
            faults.append(str(error))
    if faults:
        raise SourceFileError(
            f"{folder} is no {LAYOUTS['folder']} only: {len(faults)} file(s) are something else.\n"
            + "\n".join(faults)
        )
    return sources


def _to_ledger(deliveries: pd.DataFrame, audit: Audit) -> tuple[pd.DataFrame, Audit]:
    """Names to codes, others set aside, and the ledger's columns."""
    rows = _with_codes(deliveries, audit)
    rows["source"], rows["instrument"], rows["direction"] = audit.source, "arms", "in"
    rows["event_id"] = rows["country"] + "-" + rows["partner"] + "-" + rows["event"]
    year = rows["year"].astype("str")
    rows["start"] = pd.to_datetime(year + "-01-01", format="%Y-%m-%d")
    rows["end"] = pd.to_datetime(year + "-12-31", format="%Y-%m-%d")
    rows["date_precision"], rows["unit"], rows["parties"] = "year", "TIV million", 2
    rows = _merge_names(rows, audit)
    return ledger.finish(rows[[*ledger.COLUMNS, "line"]], file=audit.file), audit


def _with_codes(deliveries: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Add `country` and `partner`; set aside rows where either is no state."""
    names = pd.concat([deliveries["recipient"], deliveries["supplier"]], ignore_index=True)
    # one deal is one state's, even if that state changes its name or code before it is complete
    first = deliveries.groupby(["recipient", "supplier", "event"])["year"].transform("min")
    matched = _match(names, pd.concat([first, first], ignore_index=True), audit.file)
    rows = deliveries.reset_index(drop=True)
    rows["country"], rows["partner"] = _halves(matched["iso3"], len(rows))
    kinds = dict(zip(("recipient", "supplier"), _halves(matched["kind"], len(rows)), strict=True))
    left = pd.Series(True, index=rows.index)
    for column, code in (("recipient", "country"), ("supplier", "partner")):
        out = left & rows[code].isna()
        for kind, group in rows[out].groupby(kinds[column][out], sort=True):
            _set_aside(group, f"{column} is no state: {kind}", column, audit)
        left &= ~out
    same = left & (rows["country"] == rows["partner"])
    _set_aside(rows[same], "from a state to itself", "recipient", audit)
    return rows[left & ~same].reset_index(drop=True)


def _match(names: pd.Series, years: pd.Series, where: str) -> pd.DataFrame:
    return countries.match(names, years=years, scheme="sipri", outside="keep", where=where)


def _halves(values: pd.Series, n: int) -> tuple[pd.Series, pd.Series]:
    one, other = values.iloc[:n], values.iloc[n:].reset_index(drop=True)
    return one.reset_index(drop=True).astype("str"), other.astype("str")


def _set_aside(rows: pd.DataFrame, reason: str, column: str, audit: Audit) -> None:
    """Note each row of the file once, however many years it has."""
    for row in rows.drop_duplicates("line").itertuples():
        name, place = getattr(row, column), getattr(row, "place", "")
        value = f"{name} ({place})" if place else name
        audit.note("set_aside", reason, row=row.line, column=column, value=value, scope="row")


def _merge_names(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Add up annual amounts of two names that are one state (North Yemen, Yemen Arab Republic)."""
    again = rows.duplicated(["event_id", "start"])
    if audit.source != "sipri_tiv" or not again.any():
        return rows
    for row in rows[again].itertuples():
        audit.note(
            "changed",
            "another name of the same state: added to it",
            row=row.line,
            column="recipient",
            value=f"{row.recipient} from {row.supplier}, {row.year}",
        )
    rows["value"] = rows.groupby(["event_id", "start"])["value"].transform("sum")
    return rows[~again].reset_index(drop=True)
