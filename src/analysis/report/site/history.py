"""The history of changes: a log in `changes.jsonl`, written in words, in JSON and as an Atom feed.

A change is logged before its report is put in place; a run that is killed between the two does it
again, and the change is logged once.
"""

import hashlib
import json
import math
import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from ... import numbers, words
from ..._terminal import plain
from ...files.folders import Folder
from ...sources import countries
from . import run_log

LOG = "changes.jsonl"
FORMAT = 1
#: changes kept in the log; moves, partners or sources named of one
_KEPT, _NAMED = 1000, 20
#: date of the feed as long as there is no change
_NEVER = "1970-01-01T00:00:00Z"
_NO_XML = re.compile("[^\\t\\n\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")
_SPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:partnership-diversity:changes")


def record(out: Path | Folder, *, state: str, report: str, change: Mapping) -> None:
    """Log a change, if there is one; call with `out` locked."""
    if not change:
        return
    short = {
        part: what[:_NAMED] if isinstance(what, list) else what for part, what in change.items()
    }
    left_out = {p: len(change[p]) - len(short[p]) for p in change if len(change[p]) > len(short[p])}
    line = {"state": state, "report": report, "change": short, "left_out": left_out}
    same = [
        old for old in run_log.lines(out, LOG) if (old["state"], old["report"]) == (state, report)
    ]
    if not same or any(same[-1].get(part) != line[part] for part in line):
        run_log.append(out, LOG, {"at": run_log.now(), **line})


def shorten(out: Folder) -> None:
    """Keep the last changes only; call with `out` locked."""
    logged = run_log.lines(out, LOG)
    if len(logged) > _KEPT:
        out.replace(LOG, run_log.as_text(logged[-_KEPT:]).encode())


def read(out: Path | Folder) -> list[dict]:
    """Read the changes, the last one first."""
    parts = (_told(line) for line in reversed(run_log.lines(out, LOG)[-_KEPT:]))
    return [line for line in parts if line is not None]


def _told(line: dict) -> dict | None:
    """Add name, id and sentences to a line of the log; None if it is not as we write it."""
    try:
        said = list(_sentences(line["change"], line["left_out"]))
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
        return None
    digest = hashlib.sha256(json.dumps(line, sort_keys=True).encode()).hexdigest()
    about = {part: line[part] for part in ("at", "state", "report", "change", "left_out")}
    name = countries.name_of(line["state"])
    notebook, _, variant = line["report"].replace("_", " ").partition("--")
    title = notebook.capitalize() + (f" ({variant.replace('--', ', ')})" if variant else "")
    return {
        "id": f"urn:uuid:{uuid.uuid5(_SPACE, digest)}",
        "name": name,
        "title": title,
        **about,
        "says": said,
    }


def _sentences(change: Mapping, left_out: Mapping) -> Iterator[str]:
    for move in change.get("measures", []):
        yield _moved(move)
    for turn in change.get("partners", []):
        series = _series(turn)
        for verb in ("came", "went"):
            if turn[verb]:
                yield f"Partners that {verb}, {series}: {', '.join(map(str, turn[verb]))}."
    for source in change.get("sources", []):
        yield _updated(source)
    for name, (before, after) in change.get("parameters", {}).items():
        yield f"Parameter {name}: {_literal(before)} became {_literal(after)}."
    if library := change.get("library"):
        yield f"Made with version {library[1]} of the package; before, with {library[0]}."
    for part, count in left_out.items():
        yield f"And {int(count)} more {part}."


def _moved(move: Mapping) -> str:
    years = "–".join(dict.fromkeys(str(move[end]) for end in ("start", "end")))
    low, high = (math.nan if move[end] is None else move[end] for end in ("low", "high"))
    before, after = (numbers.number(move[end], low, high) for end in ("before", "after"))
    inside = numbers.estimate_parts(move["before"], low, high)[1]
    outside = f", outside {inside}" if inside else ""
    return f"{move['measure']}, {_series(move, years)}: {before} became {after}{outside}."


def _series(change: Mapping, years: str = "") -> str:
    name, title = words.instrument_name(change["instrument"]), words.source_title(change["source"])
    return f"{' '.join(filter(None, (name, years)))} ({title})"


def _updated(source: Mapping) -> str:
    before, after = source["from"], source["to"]
    if before is None or after is None:
        return f"Source {source['source']} {'is no longer used' if after is None else 'is new'}."
    versions = f"{before} became {after}" if before != after else f"still {after}, with other data"
    return f"Source {source['source']}: {versions}."


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


# --- for machines --------------------------------------------------------------------------------


def as_json(changes: list[dict]) -> str:
    """JSON of the changes, the last one first."""
    content = {"generator": "partnership-diversity", "format": FORMAT, "changes": changes}
    return plain(json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)) + "\n"


def as_atom(changes: list[dict]) -> str:
    """Atom feed (RFC 4287) of the changes, the last one first; the dates are those of the log."""
    updated = max((change["at"] for change in changes), default=_NEVER)
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        "<generator>partnership-diversity</generator>",
        "<title>What changed in the reports on military partnerships</title>",
        f"<id>urn:uuid:{_SPACE}</id>",
        f"<updated>{updated}</updated>",
        "<author><name>partnership-diversity</name></author>",
        '<link rel="alternate" type="text/html" href="changes.html"/>',
    ]
    return "\n".join([*head, *map(_entry, changes), "</feed>", ""])


def _entry(change: Mapping) -> str:
    link = quoteattr(f"{change['state']}/{change['report']}.html")
    content = "\n".join(change["says"])
    return "\n".join(
        [
            "<entry>",
            f"<title>{_xml(change['name'])}: {_xml(change['title'])}</title>",
            f"<id>{change['id']}</id>",
            f"<updated>{change['at']}</updated>",
            f'<link rel="alternate" type="text/html" href={link}/>',
            f'<content type="text">{_xml(content)}</content>',
            "</entry>",
        ]
    )


def _xml(text: str) -> str:
    """Escape a text for XML; signs that XML cannot hold become a question mark."""
    return escape(_NO_XML.sub("?", text))
