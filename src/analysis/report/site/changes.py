"""What changes when a report takes the place of an older one.

Compared are estimates that left their old interval, partners that came and went, sources that were
updated, parameters, and the version of this package.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ...files.folders import Folder
from . import folder as report_folder
from .headline import as_number, as_year

_SERIES = ("source", "instrument", "start", "end", "measure", "weighting", "window")
_MEASURED = frozenset({*_SERIES, "estimate", "low", "high"})
_PARTNERS = frozenset({"source", "instrument", "start", "end", "partner", "partner_name"})
#: parameters in spite of which estimates of one window can be compared, or its partners
_SAME_WINDOW = {"start", "end"}
_SAME_PARTNERS = {"draws", "seed"}


def between(old: Path | Folder, new: Path | Folder, *, before: Mapping, after: Mapping) -> dict:
    """Compare a report with the one that takes its place.

    Returns
    -------
    dict
        `measures`, `partners`, `sources`, `parameters`, `library`: each only if it changed. Like is
        compared with like: where parameters changed that decide what is measured, measures and
        partners are not compared, and partners of the last window neither where its years changed;
        a parameter that the older notebook did not have is no change.
    """
    was, now = (report_folder.described({"report": entry})["report"] for entry in (before, after))
    parameters = {
        key: [was.parameters[key], now.parameters[key]]
        for key in sorted(was.parameters.keys() & now.parameters.keys())
        if was.parameters[key] != now.parameters[key]
    }
    same = [path for path in now.of_kind("csv") if path in was.files]
    renewed = [path for path in same if before["files"][path] != after["files"][path]]
    other = parameters.keys() - _SAME_PARTNERS
    for_measures = [] if other - _SAME_WINDOW else renewed
    for_partners = [] if other else renewed
    compared = {
        "measures": _once(move for path in for_measures for move in _moves(old, new, path)),
        "partners": [turn for path in for_partners for turn in _turnover(old, new, path)],
        "sources": _sources(*(report_folder.mapping(e.get("sources")) for e in (before, after))),
        "parameters": parameters,
        "library": [was.library, now.library] if was.library != now.library else [],
    }
    return {part: changed for part, changed in compared.items() if changed}


def _once(moves: Iterable[dict]) -> list[dict]:
    """Keep one of the moves that several tables show."""
    return list({tuple(move.items()): move for move in moves}.values())


def _moves(old: Path | Folder, new: Path | Folder, path: str) -> Iterator[dict]:
    """Estimates of a table outside the interval that the old one gave for the same thing."""
    was, now = (
        {_series(row): row for row in report_folder.rows(folder, path, needs=_MEASURED)}
        for folder in (old, new)
    )
    for series in now:
        move = _move(was.get(series, {}), now[series])
        if move:
            yield {**dict(zip(_SERIES[:5], series[:5], strict=True)), **move}


def _series(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row[column] for column in _SERIES)


def _move(was: Mapping[str, str], now: Mapping[str, str]) -> dict | None:
    """Both estimates if the new one lies outside the old interval.

    An estimate without an interval has moved if it is not the same to nine digits.
    """
    before, after = as_number(was.get("estimate", "")), as_number(now["estimate"])
    if before is None or after is None:
        return None
    low, high = as_number(was["low"]), as_number(was["high"])
    slack = 1e-9 * max(abs(before), abs(after))
    if low is None and high is None:
        low = high = before
    first, last = -math.inf if low is None else low, math.inf if high is None else high
    if first - slack <= after <= last + slack:
        return None
    return {"before": before, "low": low, "high": high, "after": after}


def _turnover(old: Path | Folder, new: Path | Folder, path: str) -> Iterator[dict]:
    """Partners that the last window of each series has and had not, and the reverse."""
    was, now = (_last_partners(folder, path) for folder in (old, new))
    for series in sorted(was.keys() & now.keys()):
        came, went = (
            now[series].keys() - was[series].keys(),
            was[series].keys() - now[series].keys(),
        )
        if came or went:
            yield {
                "source": series[0],
                "instrument": series[1],
                "came": sorted(now[series][code] for code in came),
                "went": sorted(was[series][code] for code in went),
            }


def _last_partners(folder: Path | Folder, path: str) -> dict[tuple[str, str], dict[str, str]]:
    """(source, instrument) -> code of each partner in its last window -> name."""
    if not path.endswith("-partners.csv"):
        return {}
    table = report_folder.rows(folder, path, needs=_PARTNERS)
    ends: dict[tuple[str, str], int] = {}
    for row in table:
        key = row["source"], row["instrument"]
        ends[key] = max(ends.get(key, 0), as_year(row["end"]) or 0)
    partners: dict[tuple[str, str], dict[str, str]] = {key: {} for key in ends}
    for row in table:
        key = row["source"], row["instrument"]
        if as_year(row["end"]) == ends[key]:
            partners[key][row["partner"]] = row["partner_name"]
    return partners


def _sources(was: Mapping, now: Mapping) -> list[dict]:
    """List the sources whose version or tables are others than they were, or that came or went."""
    return [
        {"source": key, "from": _version(was.get(key)), "to": _version(now.get(key))}
        for key in sorted({*was, *now})
        if _content(was.get(key)) != _content(now.get(key))
    ]


def _version(source: object) -> str | None:
    return None if source is None else str(report_folder.mapping(source).get("version", ""))


def _content(source: object) -> tuple | None:
    about = report_folder.mapping(source)
    return None if source is None else (about.get("version"), about.get("files"))
