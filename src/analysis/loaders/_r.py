"""Tables out of R's data files."""

import io
import warnings
from pathlib import Path

import pandas as pd

from .. import inputs
from ..errors import SourceFileError


def table(path: Path, columns: list[str]) -> pd.DataFrame:
    """Read the columns wanted of the one table in an `.rda` file, and add `line`.

    Parameters
    ----------
    path : Path
        The file.
    columns : list of str
        Others are left out.

    Returns
    -------
    DataFrame
        These columns as they are, and `line`: the row's number, from 1.

    Raises
    ------
    SourceFileError
        If there is no such file, it cannot be read, columns are missing, or the package that
        reads it is.
    """
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
        missing = [name for name in columns if name not in found.columns]
    except Exception as error:  # the parser raises many kinds for a file that is damaged
        raise SourceFileError(
            f"{path.name}: expected an R data file (.rda) with one table, and it cannot be read as"
            f" one ({type(error).__name__}). Download it again."
        ) from error
    if missing:
        raise SourceFileError(f"{path.name}: lacks the column(s) {', '.join(missing)}.")
    kept = pd.DataFrame({name: found[name].to_numpy() for name in columns})
    return kept.assign(line=range(1, len(kept) + 1))
