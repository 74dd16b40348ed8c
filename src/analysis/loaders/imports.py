"""Import a user's own download: read it, check it, and keep it beside the shipped data."""

from pathlib import Path

import pandas as pd

from .. import paths
from ..errors import ParameterError
from ..sources import catalog, imported, ledger, sidecars, user_tables
from ..sources.store import files_of, read_ledger
from . import sipri

#: sources a user may import, and the loader that reads the file they download
IMPORTABLE = ("sipri",)


def import_source(
    name: str, path: Path, *, replace: bool = False, wait: bool = False
) -> pd.DataFrame:
    """Read a user's own download and keep it beside the shipped data."""
    if name not in IMPORTABLE:
        raise ParameterError(
            f"Cannot import {name!r}. What can be imported: {', '.join(IMPORTABLE)} (arms"
            f" transfers, as exported from SIPRI's site); {', '.join(user_tables.KINDS)} (tables of"
            " your own, see docs/methods.md)."
        )
    with imported.of(path, wait=wait) as new:
        found = sipri.read_import(new.copy, _shipped_arms)
        key = found.audit.source
        sidecar = _own_copy(catalog.read_sidecar(paths.data_dir() / key), found, path=new.copy)
        other = found.unattributed.round(6)
        tables = {"ledger.csv": ledger.pack(found.rows), "unattributed.csv": other}
        files, summary = files_of(sidecar, tables=tables, audits=[found.audit])
        new.keep_source(key, files, replace=replace)
    return summary


def _shipped_arms() -> pd.DataFrame:
    """Every supplier of a few states: what a file has to hold to be of all suppliers."""
    return read_ledger(catalog.read_sidecar(paths.data_dir() / "sipri_register"))


def _own_copy(shipped: catalog.Source, found: sipri.Import, *, path: Path) -> dict:
    """Sidecar of an import: the shipped one's facts, with the user's file as the origin."""
    fields = {name: getattr(shipped, name) for name in sidecars.FIELDS if name != "files"}
    fields["title"] = shipped.title.split(" (extract")[0]
    fields["version"] = f"user's download: {path.name}"
    fields["coverage"] = found.coverage
    fields["caveats"] = [*shipped.caveats, *([found.caveat] if found.caveat else [])]
    # a file that may lack suppliers is shown, and makes no share
    whole = shipped.sampling["systematic"] and not found.caveat
    unit = shipped.sampling["unit_imported"]
    fields["sampling"] = {**shipped.sampling, "unit": unit, "systematic": whole}
    fields["licence"] = {
        **shipped.licence,
        "redistribute": False,
        "why": "The user's own download, under its terms.",
    }
    fields["changes"] = ["Read by this project's loader; see audit.csv."]
    fields["origin"] = [
        {"file": path.name, "sha256": catalog.sha256(path), "rows": found.audit.rows_read}
    ]
    return fields
