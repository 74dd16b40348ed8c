"""Compile `data/` from the producers' files: `python -m analysis.loaders.build FOLDER`.

The descriptive part of each sidecar is written by hand; this fills in what can be computed (origin,
hashes), writes the tables, and generates the codebook and the Frictionless descriptor from them.
"""

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from .. import _terminal, loaders, paths, words
from ..errors import ParameterError, PartnershipError, SourceFileError
from ..sources import catalog, ledger, sidecars, store
from ..sources.audit import Audit
from . import _sipri_extract

#: importers whose arms are shipped: all that fits into SIPRI's fair use together
ARMS_EXTRACT = ("BGD", "IND", "LKA", "PAK")

Tables = dict[str, pd.DataFrame]

COLUMN_NOTES = {
    "instrument": "kind of tie: " + ", ".join(words.instruments()),
    "event_id": "the event, spell or deal within the source",
    "country": "ISO3 of the state whose ties these are; empty if seen from all of the event's",
    "partners": "ISO3 of its partners, or of all states in the event, one blank between them",
    "direction": "mutual; in: country receives; out: country gives",
    "start": "first day, as far as date_precision says",
    "end": "last day, likewise",
    "date_precision": "day, month or year",
    "value": "amount in unit; 1 for an event",
    "value_low": "least amount, where the source leaves the split over years open",
    "value_high": "greatest amount, likewise",
    "unit": "one of " + ", ".join(ledger.UNITS),
    "parties": "number of participants in the event",
    "flags": "tokens, one blank between them",
    "took_part": "partners named as participants, observers and the country itself left out",
    "observers": "partners named as observers",
    "came": "partners named or, if more, states counted by the source less the country itself",
    "announced": "1 if the list was published before the event, else 0",
    "n_missions": "missions in which the state is named in the year",
    "troops": "persons: over places of all missions, the greatest that a map of the year shows",
    "troops_mean": "persons: over missions, the mean of the year's maps",
    "troops_max": "persons: over missions, the greatest of the year's maps",
    "troops_last": "persons: over missions, the last of the year's maps",
}


def compile_all(folder: Path, only: list[str] | None = None) -> pd.DataFrame:
    """Compile every source found in a folder of the producers' files."""
    if unknown := [key for key in only or () if key not in RECIPES]:
        raise ParameterError(
            f"Unknown source {', '.join(unknown)}. There are: {', '.join(RECIPES)}."
        )
    # all are read before any is written, so a bad file changes nothing
    made = {
        key: _compile(key, recipe, _find(folder, recipe.file))
        for key, recipe in RECIPES.items()
        if not only or key in only
    }
    summaries = [
        store.write_source(paths.data_dir() / key, sidecar, tables=tables, audits=audits)
        for key, (sidecar, tables, audits) in made.items()
    ]
    write_descriptors()
    return pd.concat(summaries, ignore_index=True)


def _find(folder: Path, name: str) -> Path:
    found = sorted(folder.rglob(name))
    if len(found) != 1:
        raise SourceFileError(f"{folder}: expected one file {name!r} in it, found {len(found)}.")
    return found[0]


def _compile(key: str, recipe: "Recipe", path: Path) -> tuple[dict, Tables, list[Audit]]:
    tables, audits = recipe.tables(path)
    gaps = pd.concat([audit.gaps for audit in audits], ignore_index=True)
    if len(gaps):
        tables = {**tables, catalog.GAPS: gaps}
    read = {audit.file: audit.rows_read for audit in audits}
    read |= {name: len(pd.read_csv(path.with_name(name))) for name in recipe.beside}
    return _sidecar(key, path, read), tables, audits


def _sidecar(key: str, path: Path, read: dict[str, int]) -> dict:
    fields = sidecars.parse(paths.data_dir() / key / "source.yml")
    fields = {name: fields[name] for name in sidecars.FIELDS if name in fields}
    fields.pop("files", None)
    fields["origin"] = [
        {"file": name, "sha256": catalog.sha256(path.with_name(name)), "rows": rows}
        for name, rows in read.items()
    ]
    return fields


@dataclass(frozen=True)
class Recipe:
    """How one source's tables are made.

    Attributes
    ----------
    file : str
        Name of its file (or folder).
    tables : callable
        Reads it: path -> tables by file name, and an audit of each file read.
    beside : tuple of str
        Names of files that are read together with it and have no audit of their own.
    """

    file: str
    tables: Callable[[Path], tuple[Tables, list[Audit]]]
    beside: tuple[str, ...] = ()


def _ledger_of(loader: str) -> Callable[[Path], tuple[Tables, list[Audit]]]:
    def tables(path: Path) -> tuple[Tables, list[Audit]]:
        rows, audit = loaders.LOADERS[loader](path)
        return {"ledger.csv": ledger.pack(rows)}, [audit]

    return tables


def _arms_extract(path: Path) -> tuple[Tables, list[Audit]]:
    from . import sipri

    rows, audit = sipri.read(path)
    kept = _sipri_extract.compact(rows[rows["country"].isin(ARMS_EXTRACT)])
    other = sipri.unattributed(path)
    other = other[other["country"].isin(ARMS_EXTRACT)].round(6)
    return {"ledger.csv": ledger.pack(kept), "unattributed.csv": other}, [audit]


def _ideal_points(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["unga"](path)
    return {"ideal_points.csv": rows.round(6)}, [audit]


def _polyarchy(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["vdem"](path)
    return {"polyarchy.csv": rows.round(3)}, [audit]


def _capitals(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["capitals"](path)
    return {"capitals.csv": rows}, [audit]


def _capabilities(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["nmc"](path)
    return {"capabilities.csv": rows}, [audit]


def _outlines(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["outlines"](path)
    return {"outlines.csv": rows}, [audit]


def _contributors(path: Path) -> tuple[Tables, list[Audit]]:
    from . import geopko

    rows, audit = geopko.read(path)
    _, beside = geopko.by_map(path.with_name(geopko.BESIDE))
    nobody = rows["iso3"] == geopko.NOBODY
    other = rows[nobody].drop(columns=["iso3", "n_missions"])
    return {"contributors.csv": rows[~nobody], "unattributed.csv": other}, [audit, beside]


def _rivalries(path: Path) -> tuple[Tables, list[Audit]]:
    rows, audit = loaders.LOADERS["rivalries"](path)
    return {"rivalries.csv": rows}, [audit]


def _curated(path: Path) -> tuple[Tables, list[Audit]]:
    from . import curated

    rows, audit = curated.read(path)
    cited = curated.read_citations(path)
    cited = cited[cited["event_id"].isin(rows["event_id"])]
    sizes = curated.read_sizes(path)
    return {"ledger.csv": ledger.pack(rows), "citations.csv": cited, "sizes.csv": sizes}, [audit]


def _greenbook(path: Path) -> tuple[Tables, list[Audit]]:
    from . import greenbook

    rows, audit = greenbook.read(path)
    worth = greenbook.read_constant(path)
    return {"ledger.csv": ledger.pack(rows), "constant.csv": worth}, [audit]


def _state_visits(path: Path) -> tuple[Tables, list[Audit]]:
    both = [path, path.with_name("foreign_leader_visits_to_us_derived.csv")]
    parts = [loaders.LOADERS["state_visits"](file) for file in both]
    rows = pd.concat([rows for rows, _ in parts]).sort_values(ledger.KEY, ignore_index=True)
    return {"ledger.csv": ledger.pack(rows)}, [audit for _, audit in parts]


def _votes(path: Path) -> tuple[Tables, list[Audit]]:
    from . import un_votes

    rows, audit = un_votes.read(path)
    calls, other = un_votes.roll_calls(path.with_name(un_votes.BESIDE))
    return {"votes.csv": rows, "roll_calls.csv": calls}, [audit, other]


RECIPES = {
    "atop": Recipe("atop_alliance.rda", _ledger_of("atop")),
    "capitals": Recipe("gw_capitals.rda", _capitals),
    "curated": Recipe("events.csv", _curated, beside=("events_extra.csv",)),
    "dcad": Recipe("DCAD-v1.0-main.csv", _ledger_of("dcad")),
    "fmtrpt": Recipe("fmtrpt_country_report_program_derived.csv", _ledger_of("fmtrpt")),
    "geopko": Recipe("GeoPKO-TCCMap-v2.3.csv", _contributors),
    "greenbook": Recipe("us_greenbook_1946_2020.xlsx", _greenbook),
    "mme": Recipe("mme_v7.csv", _ledger_of("mme")),
    "nmc": Recipe("cow_nmc.rda", _capabilities),
    "outlines": Recipe("countries-50m.json", _outlines),
    "rivalries": Recipe("tss_rivalries.rda", _rivalries),
    "sipri_register": Recipe("trade-register-1950-2024.csv", _arms_extract),
    "sipri_tiv": Recipe("tiv-tables-1950-2021", _arms_extract),
    "state_visits": Recipe("us_president_secstate_travels_derived.csv", _state_visits),
    "un_votes": Recipe("un_votes.rda", _votes),
    "unga": Recipe("IdealpointsJuly2025.dta", _ideal_points),
    "us_troops": Recipe("us-troops-country-year.csv", _ledger_of("us_troops")),
    "vdem": Recipe("democracyData_vdem_simple.rda", _polyarchy),
}


def write_descriptors() -> None:
    """Write `data/README.md` and `data/datapackage.json` from the sidecars."""
    (paths.data_dir() / "README.md").write_text(codebook(), "utf-8")
    text = json.dumps(datapackage(), indent=1, ensure_ascii=False) + "\n"
    (paths.data_dir() / "datapackage.json").write_text(text, "utf-8")


def _shipped() -> list[catalog.Source]:
    """List the sources that ship, whatever a user has imported in their place."""
    folders = sorted(path.parent for path in paths.data_dir().glob("*/source.yml"))
    return [catalog.read_sidecar(folder) for folder in folders]


def codebook() -> str:
    """Text of `data/README.md`: sources, columns, caveats, licences."""
    lines = [
        "# Data",
        "",
        "Generated from the sidecars (`*/source.yml`) by `python -m analysis.loaders.build`;"
        " do not edit.",
        "Facts only, in the project's own schema. The producers' own files are not passed on.",
        "",
        "| source | title | version | instrument | years | countries | unit | licence |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for s in _shipped():
        seen = s.coverage["countries"]
        seen = seen if seen == "all" else ", ".join(seen)
        lines.append(
            f"| [{s.key}]({s.url}) | {s.title} | {s.version} | {s.instrument} |"
            f" {s.years[0]}–{s.years[1]} | {seen} | {s.unit} |"
            f" [{s.licence['name']}]({s.licence['url']}) |"
        )
    lines += ["", "## Columns of `ledger.csv`", "", "| column | meaning |", "|---|---|"]
    lines += [f"| {name} | {COLUMN_NOTES[name]} |" for name in ledger.STORED]
    for s in _shipped():
        lines += ["", f"## {s.key}: {s.title}", "", f"{s.producer}, {s.published}. <{s.url}>", ""]
        lines += [f"Licence: {s.licence['name']}. {s.licence['why']}", ""]
        lines += [f"Coverage: {s.coverage['note']} Sampling: {s.sampling['note']}", ""]
        lines += [f"- {text}" for text in [*s.caveats, *s.changes]]
        if missed := sum(map(len, s.missed.values())):
            lines += [
                f"- {missed:,} years of states within its coverage are not covered (gaps.csv)."
            ]
        lines += [
            f"- Compiled from `{o['file']}` ({o['rows']:,} rows, SHA-256 `{o['sha256']}`)."
            for o in s.origin
        ]
    return "\n".join(lines) + "\n"


def datapackage() -> dict:
    """Frictionless Data Package (v1) descriptor of all shipped tables."""
    resources = []
    for s in _shipped():
        for name, digest in s.files.items():
            header = pd.read_csv(s.folder / name, nrows=0).columns
            resources.append(
                {
                    "name": f"{s.key}-{Path(name).stem}".replace("_", "-"),
                    "path": f"{s.key}/{name}",
                    "profile": "tabular-data-resource",
                    "title": s.title,
                    "format": "csv",
                    "mediatype": "text/csv",
                    "encoding": "utf-8",
                    "hash": f"sha256:{digest}",
                    "schema": {"fields": [_field(column, name) for column in header]},
                    "sources": [{"title": s.producer, "path": s.url}],
                    "licenses": [{"title": s.licence["name"], "path": s.licence["url"]}],
                }
            )
    return {
        "name": "partnership-diversity-data",
        "profile": "tabular-data-package",
        "resources": resources,
    }


def _field(column: str, file: str) -> dict:
    numbers = {
        "value",
        "value_low",
        "value_high",
        "ideal_point",
        "ideal_point_fp",
        "polyarchy",
        "latitude",
        "longitude",
        "cinc",
        "troops",
        "troops_mean",
        "troops_max",
        "troops_last",
    }
    whole = {
        "parties",
        "rows",
        "year",
        "first_year",
        "last_year",
        "roll_call",
        "rivalry",
        "n_missions",
        "took_part",
        "observers",
        "came",
        "announced",
        "ring",
    }
    kind = "number" if column in numbers else "integer" if column in whole else "string"
    kind = "date" if file == "ledger.csv" and column in ("start", "end") else kind
    field = {"name": column, "type": kind}
    return field | ({"description": COLUMN_NOTES[column]} if column in COLUMN_NOTES else {})


def main(argv: list[str] | None = None) -> int:
    """Command line: compile `data/`, print what became of every row read."""
    parser = argparse.ArgumentParser(
        prog="python -m analysis.loaders.build", description=main.__doc__
    )
    parser.add_argument("folder", type=Path, help="folder with the producers' files")
    parser.add_argument("sources", nargs="*", help="sources to compile (default: all)")
    options = parser.parse_args(argv)
    try:
        summary = compile_all(options.folder, options.sources)
    except PartnershipError as error:
        sys.stderr.write(f"{_terminal.plain(error)}\n")
        return 2
    sys.stdout.write(f"{_terminal.plain(summary.to_string(index=False))}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
