"""What a caller hands over: refused in words where it is something else than was expected."""

from collections.abc import Iterable
from typing import overload

import numpy as np
import pandas as pd

from .errors import ParameterError

#: tables that are handed on, the most special first: what they are, and columns that tell
_TABLES = {
    "a table of measures, as an.measure gives it": {"measure", "estimate"},
    "shares, as an.shares gives them": {"partner", "share", "weight"},
    "portfolios, as an.portfolio gives them": {"event_id", "weight_low", "basis", "status"},
    "records, as an.load gives them": {"event_id", "direction", "value", "parties"},
}
_PORTFOLIOS = "portfolios, as an.portfolio gives them"
_RECORDS = "records, as an.load gives them"


def portfolios(table: pd.DataFrame, name: str = "portfolios") -> pd.DataFrame:
    """Return portfolios as they are."""
    return _table(table, name, _PORTFOLIOS, "an.portfolio(records)")


def records(table: pd.DataFrame, name: str = "records") -> pd.DataFrame:
    """Return records as they are."""
    return _table(table, name, _RECORDS, 'an.load("exercise", country="PAK")')


def _table(table: object, name: str, expected: str, instead: str) -> pd.DataFrame:
    if isinstance(table, pd.DataFrame):
        if _TABLES[expected] <= set(table):
            return table
        found = next((what for what, tell in _TABLES.items() if tell <= set(table)), None)
        what = found or f"a table with the columns {', '.join(map(str, table.columns))}"
    else:
        what = describe(table)
    raise ParameterError(
        f"{name}: expected {expected}; got {what}. Hand over what {instead} gives."
    )


def describe(value: object) -> str:
    """Say what a value is."""
    if isinstance(value, str | int | float | None):
        return repr(value)
    return f"a {type(value).__name__}"


@overload
def names(values: Iterable[str], name: str) -> list[str]: ...
@overload
def names(values: None, name: str) -> None: ...
def names(values: Iterable[str] | None, name: str) -> list[str] | None:
    """Return a list of names; none stays none."""
    if values is None:
        return None
    if isinstance(values, str):
        raise ParameterError(f"{name} is the text {values!r}; give a list: {name}=[{values!r}].")
    listed = list(values) if isinstance(values, Iterable) else [values]
    if wrong := [value for value in listed if not isinstance(value, str)]:
        raise ParameterError(f"{name}: expected a list of texts; got {describe(wrong[0])}.")
    return listed


def years(pair: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return a first and a last year; none stays none."""
    if pair is None:
        return None
    ends = list(pair) if isinstance(pair, Iterable) and not isinstance(pair, str) else [pair]
    if len(ends) != 2 or not all(is_whole(year) for year in ends):
        raise ParameterError(
            f"years is {pair!r}; give the first and the last year: years=(2006, 2010)."
        )
    if ends[0] > ends[1]:
        raise ParameterError(f"years run from {ends[0]} to {ends[1]}: the first is the later.")
    return int(ends[0]), int(ends[1])


def whole(value: int | None, name: str) -> int | None:
    """Return a whole number of at least 0; none stays none."""
    if value is not None and not (is_whole(value) and value >= 0):
        raise ParameterError(f"{name} is {value!r}; it must be a whole number, 0 or more.")
    return value


def is_whole(value: object) -> bool:
    """Whether it is a whole number; True and False are none."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
