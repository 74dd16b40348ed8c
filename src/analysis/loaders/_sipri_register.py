"""Read the two layouts of SIPRI's trade register: one row a deal, or one row a delivery year.

The older layout gives the total of a deal and the years in which it was delivered, but not the
split. The total is spread evenly over those years, flagged `spread`, and bounded by nothing and
all of it. The newer layout (since 2023) gives each year's amount.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..errors import SourceFileError
from ..files import delimited, tables
from ..sources.audit import Audit

DEALS = ("Recipient", "Supplier", "Year(s) of delivery", "SIPRI TIV of delivered weapons")
DELIVERIES = (
    "SIPRI AT Database ID", "Supplier", "Recipient", "Delivery year", "TIV delivery values",
)  # fmt: skip
#: column names of the text that SIPRI's tool gave before 2023 -> those it gives since
FORMER_NAMES = {"Deal ID": "SIPRI AT Database ID", "Seller": "Supplier", "Buyer": "Recipient"}

#: what tells one deal from another; the unnamed columns of marks are not among them, since in a
#: file with its columns in another order nothing says which mark is which
_IDENTITY = [
    "Recipient", "Supplier", "Year of order", "Number ordered", "Weapon designation",
    "Weapon description", "Number delivered", "Year(s) of delivery", "status", "Comments",
    "SIPRI TIV per unit", "SIPRI TIV for total order", "SIPRI TIV of delivered weapons",
]  # fmt: skip

#: unnamed column on the right of a named one, holding `?` -> flag
_MARKS = {
    "Year of order?": "order_year_estimated",
    "Number ordered?": "number_ordered_estimated",
    "Number delivered?": "number_delivered_estimated",
}

_ESTIMATES = {
    "Order date is estimate": "order_year_estimated",
    "Numbers delivered is estimate": "number_delivered_estimated",
    "Delivery year is estimate": "delivery_year_estimated",
    "Local production": "local_production",
}
_YES = ("yes", "y", "true", "1", "?")

_STATUS = {
    "new": ("new",),
    "second hand": ("second_hand",),
    "second hand but modernized": ("modernized", "second_hand"),
}

_PER_YEAR = 1000  # bytes that a year of a deal takes in a ledger
_MAX_REFUSED = 0.01  # of the rows; more than that is no slip, but another or a damaged file
_YEARS = (1900, 2100)

#: columns of the table of deliveries that every layout is brought to
COLUMNS = [
    "recipient", "supplier", "year", "value", "value_low", "value_high", "event", "flags", "line",
]  # fmt: skip


class Source(NamedTuple):
    """A file that was read and recognised, before anything is made of it."""

    kind: str
    path: Path
    rows: list[tuple[int, list[str]]]
    at: int
    ends_in_newline: bool


def with_present_names(rows: delimited.Rows) -> delimited.Rows:
    """Give the columns of an export from before 2023 the names that they have since."""
    return [
        (line, [FORMER_NAMES.get(field.strip(), field) for field in fields])
        if set(FORMER_NAMES) <= {field.strip() for field in fields}
        else (line, fields)
        for line, fields in rows
    ]


def read_deals(source: Source) -> tuple[pd.DataFrame, Audit]:
    """Read the layout with one row a deal.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: one row for each deal and year of delivery; `event` is the year of order
        and the first eight digits of the SHA-1 of what identifies the deal, with a number behind
        it from the second of several like deals on.
    Audit
        Every row of the file that is not in the table, and every change.
    """
    table, audit = _table(source, DEALS)
    _check_last_deal(source, table)
    total, bad_total = numbers(table["SIPRI TIV of delivered weapons"])
    years, bad_years = _year_lists(table["Year(s) of delivery"])
    delimited.check_fits(source.path, _PER_YEAR * years.map(len).sum(), "years of delivery")
    kept = _sieve(
        table,
        audit,
        "SIPRI TIV of delivered weapons",
        "Year(s) of delivery",
        bad_total,
        bad_years,
        no_year=years.map(len) == 0,
        no_value=total.isna(),
    )
    table["event"] = _deal_ids(table)
    _note_deals(table[kept], years[kept], audit)
    return _spread(table[kept], total[kept], years[kept]), audit


def read_deliveries(source: Source) -> tuple[pd.DataFrame, Audit]:
    """Read the layout with one row a delivery year; its amounts are exact.

    Returns
    -------
    DataFrame
        Columns `COLUMNS`: one row for each deal and year of delivery; `event` is SIPRI's own
        number of the deal.
    Audit
        Every row of the file that is not in the table, and every change.
    """
    table, audit = _table(source, DELIVERIES)
    value, bad_value = numbers(table["TIV delivery values"])
    years, bad_years = _year_lists(table["Delivery year"])
    kept = _sieve(
        table,
        audit,
        "TIV delivery values",
        "Delivery year",
        bad_value,
        bad_years | (years.map(len) > 1),
        no_year=years.map(len) == 0,
        no_value=value.isna(),
    )
    rows = pd.DataFrame(
        {
            "recipient": table["Recipient"],
            "supplier": table["Supplier"],
            "year": years.str[0],
            "value": value,
            "value_low": np.nan,
            "value_high": np.nan,
            "event": table["SIPRI AT Database ID"],
            "flags": _flags(table, value, "Status"),
            "line": table["line"],
        }
    )[kept]
    return _add_up(rows, audit), audit


def numbers(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Amounts of a column of text (blank: missing), and where there is something else."""
    found = delimited.numbers(text)
    bad = (text != "") & ~(np.isfinite(found) & (found >= 0))
    return found.mask(bad), bad


def join_flags(tokens: Iterable[tuple[str, pd.Series]], index: pd.Index) -> pd.Series:
    """Write flags: each token in the rows of its mask, in alphabetical order."""
    flags = pd.Series("", index=index, dtype="str")
    for token, mask in sorted(tokens, key=lambda pair: pair[0]):
        flags = flags.where(~mask, flags + f" {token}")
    return flags.str.strip()


def _table(source: Source, required: tuple[str, ...]) -> tuple[pd.DataFrame, Audit]:
    """Table of the records below the column names, with cut records joined again."""
    rows = tables.trimmed(source.rows[source.at :])
    rows, halves = tables.rejoin(rows, len(rows[0][1]))
    table = tables.to_table(rows, required, file=source.path)
    audit = Audit("sipri_register", source.path.name, len(table) + len(halves))
    for first, second in halves:
        audit.note("changed", "cut in two by a line end: joined", row=first)
        audit.note("set_aside", "second half of the record above", row=second, scope="row")
    return table, audit


def _check_last_deal(source: Source, table: pd.DataFrame) -> None:
    """Refuse a file that stops amid its last number: no line end, and an amount that is off."""
    wanted = ("SIPRI TIV per unit", "Number delivered", "SIPRI TIV of delivered weapons")
    if source.ends_in_newline or not set(wanted) <= set(table.columns):
        return
    unit, number, total = pd.to_numeric(table[list(wanted)].iloc[-1], errors="coerce")
    rounding = 0.005 * number + 0.006  # TIVs have two decimals
    if not abs(unit * number - total) <= rounding:
        raise SourceFileError(
            f"{source.path}: the last line ({table['line'].iloc[-1]}) has no line end, and its TIV"
            " of delivered weapons is not number × TIV per unit: the file is cut short. Export it"
            " again; if it is whole, add a line end."
        )


def _year_lists(text: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Distinct years in order, as lists, of texts such as `2017; 2018`; and where they are none."""
    form = text.str.fullmatch(r"([0-9]{4}\s*;?\s*)*")
    lists = {
        entry: sorted({int(year) for year in entry.replace(";", " ").split()})
        for entry in text[form].unique()
    }
    outside = [
        entry
        for entry, years in lists.items()
        if years and not _YEARS[0] <= years[0] <= years[-1] <= _YEARS[1]
    ]
    bad = ~form | text.isin(outside)
    return text.map(lambda entry: lists.get(entry, [])), bad


def _sieve(
    table: pd.DataFrame,
    audit: Audit,
    amount: str,
    date: str,
    bad_amount: pd.Series,
    bad_date: pd.Series,
    *,
    no_year: pd.Series,
    no_value: pd.Series,
) -> pd.Series:
    """Note the rows of which no delivery can be made; return the mask of the others."""
    left = pd.Series(True, index=table.index)
    for action, column, reason, mask in (
        ("refused", date, "no year of delivery", bad_date),
        ("refused", amount, "no amount", bad_amount),
        ("set_aside", date, "not delivered", no_year),
        ("set_aside", amount, "delivered, but without an amount", no_value),
    ):
        out = table[left & mask]
        for line, value in zip(out["line"], out[column], strict=True):
            audit.note(action, reason, row=line, column=column, value=value, scope="row")
        left &= ~mask
    _check_refused(table[bad_amount | bad_date], len(table), amount, date, audit.file)
    return left


def _check_refused(refused: pd.DataFrame, n_rows: int, amount: str, date: str, file: str) -> None:
    if len(refused) <= max(1, _MAX_REFUSED * n_rows):
        return
    shown = [
        f"  row {line}: {date} {when!r}, {amount} {what!r}"
        for line, when, what in zip(refused["line"], refused[date], refused[amount], strict=True)
    ]
    more = [f"  and {len(shown) - 20} more"] if len(shown) > 20 else []
    text = f"{file}: {len(refused)} of {n_rows} rows have no years or no amount where expected:"
    raise SourceFileError(
        "\n".join([text, *shown[:20], *more, "The columns are mixed up: export the file again."])
    )


def _deal_ids(table: pd.DataFrame) -> pd.Series:
    """Year of order and hash of each deal; like deals are numbered, whatever their order."""
    known = table.reindex(columns=_IDENTITY, fill_value="")
    order = known["Year of order"].where(
        known["Year of order"].str.fullmatch(r"[0-9]{4}"), "undated"
    )
    years, _ = _year_lists(known["Year(s) of delivery"])
    known["Year(s) of delivery"] = years.map(str)
    digests = [
        hashlib.sha1("\x1f".join(facts).encode(), usedforsecurity=False).hexdigest()[:8]
        for facts in zip(*(known[column] for column in _IDENTITY), strict=True)
    ]
    names = order + "-" + pd.Series(digests, index=table.index, dtype="str")
    # Like deals may differ in their marks: number them by content, not by place in the file.
    marks = table.reindex(columns=list(_MARKS), fill_value="").sum(axis=1)
    sorted_names = pd.DataFrame({"name": names, "marks": marks}).sort_values(
        ["name", "marks"], kind="stable"
    )
    number = sorted_names.groupby("name").cumcount().reindex(table.index) + 1
    return names.where(number == 1, names + "-" + number.astype(str))


def _note_deals(table: pd.DataFrame, years: pd.Series, audit: Audit) -> None:
    repeated = table["Year(s) of delivery"].str.findall(r"[0-9]{4}").map(len) > years.map(len)
    for row, text in zip(
        table.loc[repeated, "line"], table.loc[repeated, "Year(s) of delivery"], strict=True
    ):
        audit.note(
            "changed",
            "a year of delivery stands twice: taken once",
            row=row,
            column="Year(s) of delivery",
            value=text,
        )
    like = table["event"].str.count("-") > 1
    for row, event in zip(table.loc[like, "line"], table.loc[like, "event"], strict=True):
        audit.note("changed", "like another deal: kept and numbered", row=row, value=event)
    if "Year of order" in table:
        odd = ~table["Year of order"].str.fullmatch(r"([0-9]{4})?")
        for row, text in zip(table.loc[odd, "line"], table.loc[odd, "Year of order"], strict=True):
            audit.note(
                "set_aside",
                "no year of order: not used",
                row=row,
                column="Year of order",
                value=text,
            )


def _spread(table: pd.DataFrame, total: pd.Series, years: pd.Series) -> pd.DataFrame:
    """One row for each deal and year: the even share, and its bounds if there are several years."""
    n_years = years.map(len)
    several = n_years > 1
    flags = _flags(table, total, "status", ("spread", several))
    rows = pd.DataFrame(
        {
            "recipient": table["Recipient"],
            "supplier": table["Supplier"],
            "year": years,
            "value": total / n_years,
            "value_low": np.where(several, 0.0, np.nan),
            "value_high": total.where(several),
            "event": table["event"],
            "flags": flags,
            "line": table["line"],
        }
    )
    rows = rows.explode("year", ignore_index=True)
    rows["year"] = rows["year"].astype("int64")
    return rows[COLUMNS]


def _flags(
    table: pd.DataFrame, value: pd.Series, status: str, *more: tuple[str, pd.Series]
) -> pd.Series:
    tokens = [("below_half", value == 0), *more]
    if set(_MARKS) <= set(table.columns):
        tokens += [(flag, table[column] == "?") for column, flag in _MARKS.items()]
    tokens += [
        (flag, table[column].str.lower().isin(_YES))
        for column, flag in _ESTIMATES.items()
        if column in table
    ]
    if status in table:
        lower = table[status].str.lower()
        for token in ("modernized", "new", "second_hand"):
            words = [word for word, named in _STATUS.items() if token in named]
            tokens.append((token, lower.isin(words)))
    return join_flags(tokens, table.index)


def _add_up(rows: pd.DataFrame, audit: Audit) -> pd.DataFrame:
    """Add up several deliveries of one deal within one year."""
    rows = rows.astype({"year": "int64"})
    key = ["recipient", "supplier", "event", "year"]
    again = rows[rows.duplicated(key)]
    for line, event in zip(again["line"], again["event"], strict=True):
        audit.note(
            "changed",
            "another delivery of the same deal and year: added to it",
            row=line,
            column="SIPRI AT Database ID",
            value=event,
        )
    several = rows.duplicated(key, keep=False)
    added = (
        rows[several]
        .groupby(key, sort=False, as_index=False)
        .agg(
            value=("value", "sum"),
            value_low=("value_low", "first"),
            value_high=("value_high", "first"),
            flags=("flags", _union),
            line=("line", "first"),
        )
    )
    return pd.concat([rows[~several], added], ignore_index=True)[COLUMNS]


def _union(flags: pd.Series) -> str:
    return " ".join(sorted(set(" ".join(flags).split())))
