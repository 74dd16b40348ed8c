"""Tables out of R's data files."""

import io
import warnings
from collections.abc import Collection
from pathlib import Path

import pandas as pd

from ..errors import SourceFileError
from ..files import inputs


def table(path: Path, columns: list[str], *, texts: Collection[str] = ()) -> pd.DataFrame:
    """Read the columns wanted of the one table in an `.rda` file, and add `line`."""
    data = inputs.read_bytes(path)
    try:
        import rdata
    except ImportError as error:
        raise SourceFileError(
            f"{path.name} is an R file; reading it needs rdata: pip install"
            " 'partnership-diversity[sources]'."
        ) from error
    try:
        with warnings.catch_warnings():  # it knows no tibbles, and reads them as data frames
            warnings.simplefilter("ignore", UserWarning)
            found = next(iter(rdata.read_rda(io.BytesIO(data)).values()))
        found = pd.DataFrame({name: found[name].to_numpy() for name in found.columns})
    except Exception as error:  # the parser raises many kinds for a file that is damaged
        raise SourceFileError(
            f"{path.name}: expected an R data file (.rda) with one table, and it cannot be read as"
            f" one ({type(error).__name__}). Download it again."
        ) from error
    return typed(found, columns, texts=texts, file=path.name)


def typed(
    found: pd.DataFrame, columns: list[str], *, texts: Collection[str] = (), file: str
) -> pd.DataFrame:
    """Keep the columns wanted of a table out of a program's data file, and add `line`."""
    if missing := [name for name in columns if name not in found.columns]:
        raise SourceFileError(f"{file}: lacks the column(s) {', '.join(missing)}.")
    if found.empty:
        raise SourceFileError(f"{file}: its table has no row. Download it again.")
    wrong = [name for name in columns if not _is_of_kind(found[name], name in texts)]
    if wrong:
        raise SourceFileError(
            f"{file}: the column(s) {', '.join(wrong)} do not hold"
            " what they should (numbers, or text). Download it again."
        )
    return found[columns].assign(line=range(1, len(found) + 1))


def _is_of_kind(column: pd.Series, is_text: bool) -> bool:
    if is_text:
        return all(isinstance(value, str) for value in column.dropna())
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
