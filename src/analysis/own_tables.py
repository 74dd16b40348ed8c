"""Tables that people write by hand, such as claims and shocks: found by name, read with checks."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pandas as pd

from . import countries, paths
from .errors import ParameterError, SourceFileError


def path_of(kind: str, name: str | None = None) -> Path:
    """Find the table that ships, or one of the user's own.

    Parameters
    ----------
    kind : str
        Such as "claims": `claims.csv` ships.
    name : str, optional
        Of one's own: it lies in the folder of imported data, as `KIND/NAME.csv`.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    """
    if name is None:
        return paths.data_dir() / f"{kind}.csv"
    folder = paths.imports_dir() / kind
    there = sorted(path.stem for path in folder.glob("*.csv")) if folder.is_dir() else []
    if name not in there:
        raise ParameterError(
            f"{kind}={name!r}: there is no such table in {folder}. There are:"
            f" {', '.join(there) or 'none'}."
        )
    return folder / f"{name}.csv"


def read(
    path: Path, kind: str, *, columns: Iterable[str],
    faults: Callable[[Mapping[str, str]], list[str]], unique: Iterable[str],
) -> pd.DataFrame:  # fmt: skip
    """Read a table, every cell as text, and name all that is wrong with it.

    Parameters
    ----------
    path : Path
        CSV.
    kind : str
        What it is a table of, for the message.
    columns : list of str
        That it must have.
    faults : callable
        Row -> what is wrong with it.
    unique : list of str
        Columns that together must not repeat; the last one names the row.

    Returns
    -------
    DataFrame
        With these columns, as written.

    Raises
    ------
    SourceFileError
        If it is no table, a column is missing, or a row is wrong or repeated; all are named.
    """
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SourceFileError(f"{path}: not a table of {kind} ({error}).") from error
    columns, unique = list(columns), list(unique)
    if missing := [name for name in columns if name not in table]:
        raise SourceFileError(f"{path}: the column {', '.join(missing)} is missing.")
    found = [
        f"{path}, row {number + 2}: {fault}"
        for number, row in enumerate(table.to_dict("records"))
        for fault in faults(row)
    ]
    if repeated := sorted(set(table.loc[table.duplicated(unique), unique[-1]])):
        found.append(f"{path}: the {unique[-1]} {', '.join(repeated)} is there twice")
    if found:
        raise SourceFileError("\n".join(found))
    return table[columns]


def unknown_states(codes: Iterable[str]) -> list[str]:
    """Say which codes are no state's; nothing if all are."""
    unknown = [code for code in codes if code not in countries.codes()]
    return [f"{', '.join(unknown)}: no ISO3 code of a state"] if unknown else []
