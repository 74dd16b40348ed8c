"""The contract: what one row of the ledger is, and the one gate that checks it.

One row is a tie of one country with one partner, in one event or spell, from one source.

========== ========== =====================================================================
column     type       meaning
========== ========== =====================================================================
source     str        short name of the source: the name of its folder in `data/`
event_id   str        the event, spell or deal within that source
instrument str        one of `words.instruments`
country    str        ISO 3166-1 alpha-3 (or the code of a state that has gone: SUN, YUG, ...)
partner    str        the other side, likewise
direction  str        `mutual`; `in`: country receives; `out`: country gives
start      datetime   first day (first day of the month or year where only that is known)
end        datetime   last day, likewise; a spell in force when coverage ends is `censored`
precision  str        named `date_precision`: day, month or year
value      float      amount in `unit`; 1 for an event
value_low  float      least and greatest amounts this row can have where the source does not
value_high float      give it exactly (flag `spread`); both missing where `value` is exact
unit       str        one of `UNITS`
parties    int        participants in the event, this country among them: 2 if bilateral
flags      str        sorted tokens, one blank between them
========== ========== =====================================================================

Rows of one event that carry `spread` share one total: each row's `value_high` is that total, and
the rows' values add up to it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from .. import words
from ..errors import LedgerError
from . import countries

DIRECTIONS = ("mutual", "in", "out")
PRECISIONS = ("day", "month", "year")
UNITS = ("event", "TIV million", "USD", "persons")

COLUMNS = [
    "source", "event_id", "instrument", "country", "partner", "direction", "start", "end",
    "date_precision", "value", "value_low", "value_high", "unit", "parties", "flags",
]  # fmt: skip
KEY = ["source", "event_id", "country", "partner", "direction", "start"]

_OUTSIDE = " outside_state_years"
_FLAGS = re.compile(r"([a-z0-9_]+( [a-z0-9_]+)*)?\Z")
_CHOICES = {
    "direction": DIRECTIONS, "date_precision": PRECISIONS, "unit": UNITS,
}  # fmt: skip


def blank() -> pd.DataFrame:
    """Return an empty ledger with the right columns and types."""
    return _typed(pd.DataFrame(columns=COLUMNS))


def check(ledger: pd.DataFrame, *, file: str = "ledger", line: pd.Series | None = None) -> None:
    """Raise LedgerError unless every row keeps the contract.

    One line for each fault names the `file`, the row, the column, what was found and what is
    expected. `line` is the line each row came from, aligned with `ledger`; else its position, from
    1.
    """
    if absent := [name for name in COLUMNS if name not in ledger.columns]:
        raise LedgerError(f"{file}: the ledger lacks the column(s) {', '.join(absent)}.")
    if extra := [name for name in ledger.columns if name not in COLUMNS]:
        raise LedgerError(f"{file}: the ledger has unknown column(s) {', '.join(extra)}.")
    lines = np.arange(1, len(ledger) + 1) if line is None else line.to_numpy()
    faults = [
        (int(lines[at]), column, f"{ledger[column].iloc[at]!s:.80}", expected)
        for column, bad, expected in _rules(ledger)
        for at in np.flatnonzero(bad)
    ]
    if faults:
        text = [f"{len(faults)} fault(s) in {file}:"]
        text += [
            f"  {file}, row {row}, column {column}: {found!r} — {expected}"
            for row, column, found, expected in sorted(faults)
        ]
        raise LedgerError("\n".join(text))


def _rules(ledger: pd.DataFrame) -> Iterator[tuple[str, Any, str]]:
    """Yield (column, mask of offending rows, what is expected), one rule after the other."""
    for column in ("source", "event_id"):
        yield column, (ledger[column].isna() | (ledger[column] == "")), "must not be empty"
    for column, allowed in {**_CHOICES, "instrument": words.instruments()}.items():
        yield column, ~ledger[column].isin(allowed), f"must be one of {', '.join(allowed)}"
    known = countries.codes() | countries.territories()
    for column in ("country", "partner"):
        unknown = ~ledger[column].isin(known)
        yield column, unknown, "must be an ISO3 code of data/countries/states.csv"
    yield "partner", ledger["partner"] == ledger["country"], "a country is no partner of itself"
    typed = [pd.api.types.is_datetime64_any_dtype(ledger[name]) for name in ("start", "end")]
    for column, is_date in zip(("start", "end"), typed, strict=True):
        wrong = ledger[column].isna() if is_date else np.ones(len(ledger), bool)
        yield column, wrong, "must be a date"
    if all(typed):
        yield "end", ledger["end"] < ledger["start"], "must not be before the start"
    numbers = {
        name: pd.to_numeric(ledger[name], errors="coerce")
        for name in ("value", "value_low", "value_high", "parties")
    }
    value, low, high = numbers["value"], numbers["value_low"], numbers["value_high"]
    yield "value", ~(np.isfinite(value) & (value >= 0)), "must be a number, not negative"
    yield "value_low", low.isna() != high.isna(), "is given together with value_high, or neither is"
    yield "value_low", (low < 0) | (low > value * (1 + 1e-9)), "must lie between 0 and the value"
    yield "value_high", high < value * (1 - 1e-9), "must not be less than the value"
    yield "parties", ~(numbers["parties"] >= 2), "must be 2 or more"
    flags = ledger["flags"].fillna("?").astype(str)
    improper = np.array([not _FLAGS.match(text) or text != _tidy(text) for text in flags], bool)
    wanted = "must be distinct lower-case tokens in alphabetical order, one blank between them"
    yield "flags", improper, wanted
    yield "event_id", ledger.duplicated(KEY, keep=False), f"repeats the key ({', '.join(KEY)})"


def _tidy(flags: str) -> str:
    return " ".join(sorted(set(flags.split())))


def finish(rows: pd.DataFrame, *, file: str) -> pd.DataFrame:
    """Turn a loader's rows into a checked, sorted ledger; `file` is its name in messages.

    Rows have the columns of the ledger, and `line`: the line of the source file each row came from.
    `value_low`, `value_high` and `flags` may be left out.
    """
    rows = rows.reset_index(drop=True)
    for column, default in (("value_low", np.nan), ("value_high", np.nan), ("flags", "")):
        if column not in rows:
            rows[column] = default
    check(rows.drop(columns="line"), file=file, line=rows["line"])
    rows = _flag_outside_state_years(rows)
    return _typed(rows[COLUMNS].sort_values(KEY, kind="stable", ignore_index=True))


def _flag_outside_state_years(rows: pd.DataFrame) -> pd.DataFrame:
    """Flag ties of states in years in none of which that state existed (`countries.existed`)."""

    @cache
    def absent(code: str, first: int, last: int) -> bool:
        years = range(first, last + 1)
        return code in countries.codes() and not any(countries.existed(code, y) for y in years)

    first, last = rows["start"].dt.year, rows["end"].dt.year
    sides = zip(rows["country"], rows["partner"], first, last, strict=True)
    outside = [absent(one, *years) or absent(other, *years) for one, other, *years in sides]
    flags = rows["flags"].mask(np.array(outside, dtype=bool), rows["flags"] + _OUTSIDE)
    return rows.assign(flags=flags.map(_tidy))


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    types = dict.fromkeys(COLUMNS, "str")
    types |= {"start": "datetime64[s]", "end": "datetime64[s]", "parties": "int64"}
    types |= dict.fromkeys(("value", "value_low", "value_high"), "float64")
    return rows.astype(types)


def both_ways(events: pd.DataFrame, parties: pd.Series) -> pd.DataFrame:
    """Spread mutual events over all ordered pairs of the states which took part.

    There is one event a row, with any columns; `parties` are the states in each, aligned; repeats
    count once. Each ordered pair becomes a row with `country`, `partner` and `direction` = mutual;
    an event with fewer than two states gives no row.
    """
    members = [sorted(set(states)) for states in parties]
    n_pairs = [len(states) * (len(states) - 1) for states in members]
    pairs = [(a, b) for states in members for a in states for b in states if a != b]
    rows = events.loc[events.index.repeat(n_pairs)].reset_index(drop=True)
    rows["country"] = pd.Series([a for a, _ in pairs], dtype="str")
    rows["partner"] = pd.Series([b for _, b in pairs], dtype="str")
    rows["direction"] = "mutual"
    return rows


def has_flag(ledger: pd.DataFrame, *flags: str) -> pd.Series:
    """Whether each row of a `ledger` carries one of the `flags`."""
    # a missing text must not take the flags of another row
    codes, texts = pd.factorize(ledger["flags"], use_na_sentinel=False)
    found = np.array([not set(flags).isdisjoint(text.split()) for text in texts], dtype=bool)
    return pd.Series(found[codes], index=ledger.index)


# --- the compact form in which ledgers are stored: a mutual event is one row, not n(n-1) ---------

_EVENT = [c for c in COLUMNS if c not in ("source", "country", "partner")]
STORED = [
    "instrument", "event_id", "country", "partners", "direction", "start", "end",
    "date_precision", "value", "value_low", "value_high", "unit", "parties", "flags",
]  # fmt: skip


def pack(ledger: pd.DataFrame) -> pd.DataFrame:
    """Write the ledger of one source compactly, as texts in the columns `STORED`.

    An event seen from all its states is one row, with the states in `partners` and an empty
    `country`; ties seen from one side keep their `country`. Raises LedgerError if `unpack` would
    not give back the very same ledger.
    """

    def joined(states: pd.Series) -> str:
        return " ".join(sorted(set(states)))

    pairs = ledger.groupby(_EVENT, dropna=False)["country"]
    n_states = pairs.transform("nunique")
    whole = (ledger["direction"] == "mutual") & (
        pairs.transform("size") == n_states * (n_states - 1)
    )
    cliques = ledger[whole].groupby(_EVENT, dropna=False)["country"].agg(joined)
    stars = ledger[~whole].groupby([*_EVENT, "country"], dropna=False)["partner"].agg(joined)
    parts = [part.rename("partners").reset_index() for part in (cliques, stars)]
    stored = pd.concat([parts[0].assign(country=""), parts[1]], ignore_index=True)
    for column in ("start", "end"):
        stored[column] = pd.to_datetime(stored[column]).dt.strftime("%Y-%m-%d")
    for column in ("value", "value_low", "value_high"):
        numbers = stored[column].astype(float)
        stored[column] = ["" if np.isnan(x) else f"{x:.10g}" for x in numbers]
    stored["parties"] = stored["parties"].astype(str)
    stored = stored[STORED].sort_values(STORED, kind="stable", ignore_index=True).astype("str")
    if len(ledger):
        source = ledger["source"].iloc[0]
        if not _same(ledger, unpack(stored, source=source)):
            raise LedgerError(f"{source}: the ledger is not the same after storing and reading it.")
    return stored


def unpack(stored: pd.DataFrame, *, source: str) -> pd.DataFrame:
    """Read the stored form of a source back to a typed ledger (see `pack`)."""
    events = stored.copy()
    events["source"] = source
    for column in ("start", "end"):
        events[column] = pd.to_datetime(events[column], format="%Y-%m-%d")
    for column in ("value", "value_low", "value_high", "parties"):
        events[column] = pd.to_numeric(events[column].mask(events[column] == ""))
    whole = events["country"] == ""
    cliques, stars = (events[mask].reset_index(drop=True) for mask in (whole, ~whole))
    without_states = cliques.drop(columns=["partners", "country"])
    pairs = both_ways(without_states, cliques["partners"].str.split())
    ties = stars.assign(partner=stars["partners"].str.split()).explode("partner")
    both = pd.concat([frame[COLUMNS] for frame in (pairs, ties) if len(frame)] or [blank()])
    return _typed(both.sort_values(KEY, kind="stable", ignore_index=True))


def _same(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    try:
        pd.testing.assert_frame_equal(
            one[COLUMNS].reset_index(drop=True), other, rtol=1e-9, check_dtype=False
        )
    except AssertionError:
        return False
    return True
