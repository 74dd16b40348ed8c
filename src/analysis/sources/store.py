"""Read the ledger that ships with the project, and what the user imported."""

import csv
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pandas as pd
import yaml

from .. import _arguments, paths, words
from ..errors import ParameterError, SourceFileError
from ..files import staging
from . import catalog, countries, imported, ledger
from .audit import Audit


def load(
    *instruments: str,
    country: str | Iterable[str] | None = None,
    years: tuple[int, int] | None = None,
    sources: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Load ties from the shipped and imported sources.

    Parameters
    ----------
    *instruments : str
        Such as "arms" or "exercise"; none means all.
    country : str or list of str, optional
        ISO3 codes or names of the states whose ties are wanted; default all. Of a state that
        continues another (`countries.continuing`), the other's ties come too, under its code.
    years : (int, int), optional
        Keep ties in force at some time between these years, both included.
    sources : list of str, optional
        Short names; default all.

    Returns
    -------
    DataFrame
        A ledger (see `analysis.sources.ledger`).

    Raises
    ------
    ParameterError
        For an unknown instrument or source, or years that none of the sources covers.
    UnknownCountryError
        For an unknown country.
    """
    found = read(*instruments, country=country, years=years, sources=sources)
    if years is not None and found.empty:
        _check_covered(sources_of(*instruments) if sources is None else sources, years)
    return found


def _check_covered(keys: Iterable[str], years: tuple[int, int]) -> None:
    """Raise where a table without rows would look as if nothing had happened."""
    covered = {key: catalog.get(key).years for key in keys}
    if covered and not any(a <= years[1] and years[0] <= b for a, b in covered.values()):
        spans = "; ".join(f"{key} covers {a}–{b}" for key, (a, b) in covered.items())
        raise ParameterError(
            f"years={years}: no source of what is asked for covers any of them, so nothing can be"
            f" said of them ({spans}). Ask for other years, or leave years out."
        )


def read(
    *instruments: str,
    country: str | Iterable[str] | None = None,
    years: tuple[int, int] | None = None,
    sources: Iterable[str] | None = None,
) -> pd.DataFrame:
    """Read ties of `instruments`, `country`, `years` and `sources` as `load` does.

    Of years that no source covers there are none.
    """
    if unknown := [name for name in instruments if name not in words.instruments()]:
        raise ParameterError(
            f"Unknown instrument {', '.join(map(repr, unknown))}. Name one or several, one after"
            f" the other: {', '.join(words.instruments())}."
        )
    years, sources = _arguments.years(years), _arguments.names(sources, "sources")
    keys = sources_of(*instruments) if sources is None else sources
    codes = _arguments.names([country] if isinstance(country, str) else country, "country")
    if codes is not None:
        codes = [code for name in codes for code in countries.codes_of(countries.lookup(name))]
    # each source by itself, before all are put together: a state's ties are few
    parts = [_select(read_ledger(catalog.get(key)), instruments, codes, years) for key in keys]
    return pd.concat([part for part in parts if len(part)] or [ledger.blank()], ignore_index=True)


def _select(
    rows: pd.DataFrame,
    instruments: tuple[str, ...],
    codes: list[str] | None,
    years: tuple[int, int] | None,
) -> pd.DataFrame:
    """Keep the rows asked for; what is None or empty leaves out none."""
    if codes is not None:
        rows = rows[rows["country"].isin(codes)]
    if instruments:
        rows = rows[rows["instrument"].isin(instruments)]
    if years is not None:
        first, last = years
        rows = rows[(rows["start"].dt.year <= last) & (rows["end"].dt.year >= first)]
    return rows


def sources_of(*instruments: str) -> list[str]:
    """Short names of the sources that record any of these instruments; none given means all."""
    return [
        key
        for key, source in catalog.all_sources().items()
        if "ledger.csv" in source.files
        and (not instruments or set(instruments) & set(source.instrument.split()))
    ]


def read_ledger(source: catalog.Source) -> pd.DataFrame:
    """Read the ledger of a source, as it was checked when it was stored."""
    rows = _unpacked(source.path("ledger.csv"), source.key, source.files["ledger.csv"])
    if source.key.endswith(words.EXTRACT):  # the others are the import's
        rows = rows[rows["country"].isin(source.coverage["countries"])]
    return rows


@cache
def _unpacked(path: Path, key: str, _sha256: str) -> pd.DataFrame:
    """Keep each table in memory after its first use; callers must not change it in place."""
    stored = pd.read_csv(path, dtype="str", keep_default_na=False)
    if list(stored.columns) != ledger.STORED:
        raise SourceFileError(f"{path}: expected the columns {', '.join(ledger.STORED)}.")
    rows = ledger.unpack(stored, source=key)
    ledger.check(rows, file=f"{key}/ledger.csv")
    return rows


def table(source: str, name: str) -> pd.DataFrame:
    """Read a table of a source, by file name, which is not a ledger, such as ideal points."""
    return pd.read_csv(catalog.get(source).path(name), keep_default_na=False, na_values=[""])


def _as_csv(rows: pd.DataFrame) -> bytes:
    """Write a CSV the one way all shipped tables are written: UTF-8, LF, floats as they are."""
    return rows.to_csv(index=False, lineterminator="\n", quoting=csv.QUOTE_MINIMAL).encode()


def write_source(
    folder: Path, sidecar: dict, *, tables: dict[str, pd.DataFrame], audits: Iterable[Audit]
) -> pd.DataFrame:
    """Write a source's tables, audit and sidecar, all or nothing; give the audit's summary.

    `sidecar` has the fields of `source.yml` except `files`, `tables` are by file name; there is one
    of `audits` for each file read. An existing folder is replaced.
    """
    files, summary = files_of(sidecar, tables=tables, audits=audits)
    with staging.made(folder.parent) as top, staging.workspace(top) as aside:
        imported.put(top, aside, name=folder.name, files=files)
    return summary


def files_of(
    sidecar: dict, *, tables: dict[str, pd.DataFrame], audits: Iterable[Audit]
) -> tuple[dict[str, bytes], pd.DataFrame]:
    """Give the files of a source, of its `sidecar`, `tables` and `audits`, and the audit."""
    summary = pd.concat([audit.summary() for audit in audits], ignore_index=True)
    files = {name: _as_csv(rows) for name, rows in {**tables, "audit.csv": summary}.items()}
    hashes = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    fields = {**sidecar, "files": hashes}
    text = yaml.safe_dump(fields, sort_keys=False, allow_unicode=True, width=96)
    return {**files, "source.yml": text.encode()}, summary


def hidden_by_imports() -> list[str]:
    """Say what an import does not cover that the shipped extract in its place would."""
    lines = []
    for source in catalog.all_sources().values():
        shipped = paths.data_dir() / source.key
        if not (source.imported and shipped.is_dir()):
            continue
        if not source.is_measurable:
            lines.append(
                f"{source.key}: your import may lack suppliers, so it makes no share. Shares are"
                f" still made of the shipped extract, as {source.key}{words.EXTRACT}."
            )
            continue
        covered = catalog.read_sidecar(shipped).years
        first, last = source.years
        if covered[0] < first or last < covered[1]:
            lines.append(
                f"{source.key}: your import covers {first}–{last} only, not {covered[0]}–"
                f"{covered[1]} as the shipped extract does. Import a download of all years, or"
                f" delete {source.folder} to go back to the extract."
            )
    return lines
