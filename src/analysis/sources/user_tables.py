"""Tables that people write by hand, such as claims and shocks: checked by row, found by name."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .. import paths
from ..errors import ParameterError, SourceFileError
from ..files import tables
from . import countries, imported

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}\Z")
_YEAR = re.compile(r"(1[89]|20)[0-9]{2}(\.0)?")
#: kinds of tables; a report's parameter of this name takes a table's name
KINDS = ("claims", "shocks")
#: a table is written by hand; a longer file is something else
_LARGEST = 1_000_000
#: how many faults are named; the others are counted
_NAMED = 20


@dataclass(frozen=True)
class Kind:
    """What a kind of table holds.

    Attributes
    ----------
    name : str
        One of `KINDS`. Of "claims" `claims.csv` ships; a parameter `claims` names another.
    columns, optional : tuple of str
        In their order; those that may be missing.
    unique : tuple of str
        Columns that together must not repeat; the last one names the row.
    faults : callable
        Row -> what is wrong with it.
    """

    name: str
    columns: tuple[str, ...]
    unique: tuple[str, ...]
    faults: Callable[[Mapping[str, str]], Iterable[str]]
    optional: tuple[str, ...] = ()


def path_of(kind: str, name: str | None = None) -> Path:
    """Find the table that ships, or an imported one of a `name`, which is no path."""
    if name is None:
        return paths.data_dir() / f"{kind}.csv"
    folder = paths.imports_dir() / kind
    known = sorted(path.stem for path in folder.glob("*.csv")) if folder.is_dir() else []
    if name not in known or not _NAME.match(name):
        raise ParameterError(
            f"Parameter {kind}={name[:60]!r}: there is no such table in {folder}. There are:"
            f" {', '.join(known) or 'none'}. Import one: partnerships import {kind} FILE."
        )
    return folder / f"{name}.csv"


def import_table(
    path: Path, kind: Kind, *, replace: bool = False, wait: bool = False
) -> pd.DataFrame:
    """Check a table and keep it with the user's imported data, under its own name.

    The CSV's name, without the ending, is what the table is called by in a report. `replace`: it
    may take the place of another table of its name; `wait` for the end of another import. Nothing
    is kept of a table that `read` refuses.
    """
    path = Path(path)
    if not _NAME.match(path.stem) or path.suffix != ".csv":
        raise ParameterError(
            f"{path.name!r} cannot name a table of {kind.name}: small letters, digits, _, -, then"
            " .csv."
        )
    with imported.of(path, most=_LARGEST, wait=wait) as new:
        found = read(new.copy, kind)
        new.keep_table(kind.name, replace=replace)
    return found


def read(path: Path, kind: Kind) -> pd.DataFrame:
    """Read a table, every cell as text, and name all that is wrong with it.

    The columns are those of its kind, as written but for blanks around a text. The first rows that
    are wrong or repeated are named in a SourceFileError, and the others counted.
    """
    needed = [name for name in kind.columns if name not in kind.optional]
    found = tables.read_table(Path(path), needed, largest=_LARGEST)
    table = found.reindex(columns=list(kind.columns), fill_value="")
    faults = [
        f"{path}, row {line}: {fault}"
        for line, row in zip(found["line"], table.to_dict("records"), strict=True)
        for fault in kind.faults(row)
    ]
    *_, label = unique = list(kind.unique)
    if repeated := sorted(set(table.loc[table.duplicated(unique), label])):
        within = f" for one {unique[0]}" if len(unique) > 1 else ""
        faults.append(f"{path}: the {label} {', '.join(repeated)} is there twice{within}")
    if len(faults) > _NAMED:
        faults = [*faults[:_NAMED], f"and {len(faults) - _NAMED} more"]
    if faults:
        raise SourceFileError("\n".join(faults))
    return table


def unknown_states(codes: Iterable[str], first: str, last: str) -> list[str]:
    """Say which codes are no state's, or of a state that did not exist; nothing if all are good.

    Of a state that goes on under another code, either will do. Each must have existed in one of the
    years from `first` to `last`, as they stand in the table; what is no year is found elsewhere.
    """
    named = list(dict.fromkeys(codes))
    unknown = [code for code in named if code not in countries.codes()]
    faults = [f"{', '.join(unknown)}: no ISO3 code of a state"] if unknown else []
    if not (_YEAR.fullmatch(first) and _YEAR.fullmatch(last)):
        return faults
    years = range(int(float(first)), int(float(last)) + 1)
    absent = [code for code in named if code not in unknown and not _existed(code, years)]
    span = last if first == last else f"the years to {years[-1]}"
    return [*faults, *([f"{', '.join(absent)}: no such state in {span}"] if absent else [])]


def _existed(code: str, years: Iterable[int]) -> bool:
    today = countries.continuing().get(code, code)
    return any(countries.existed(countries.code_in(today, year), year) for year in years)
