"""The log of runs, `runs.jsonl`: when each report was last made, or failed.

No report holds a time of day; this log does. The environment variable SOURCE_DATE_EPOCH, if set, is
the time of everything.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from ..._terminal import plain
from ...errors import ParameterError
from ...files.folders import Folder
from ...files.staging import opened
from .. import manifest, names
from . import folder

NAME = "runs.jsonl"
MADE, FAILED = "made", "failed"
_LONG = 20_000
#: all of these are times that can be written
_SECONDS = re.compile(r"[0-9]{1,11}\Z", re.ASCII)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")


def now() -> str:
    """Return the time, UTC, to the second; SOURCE_DATE_EPOCH stands for it where it is set."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        moment = datetime.now(UTC)
    elif _SECONDS.match(given):
        moment = datetime.fromtimestamp(int(given), UTC)
    else:
        raise ParameterError(
            f"SOURCE_DATE_EPOCH={plain(given)[:60]}: expected seconds since 1970, up to 11 digits"
            " (the year 5138). Correct the environment variable, or unset it."
        )
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def is_time(text: object) -> bool:
    """Tell whether something is a time as `now` writes it."""
    return isinstance(text, str) and bool(_TIME.match(text))


def record(out: Path | Folder, state: str, report: str, *, error: str | None = None) -> None:
    """Note that a report was made, or that it failed with an `error`."""
    line = {"at": now(), "state": state, "report": report, "status": FAILED if error else MADE}
    append(out, NAME, {**line, "error": error} if error else line)


def append(out: Path | Folder, name: str, line: Mapping[str, object]) -> None:
    """Add a line to a log in one write, so that a killed process leaves at most its end torn.

    A torn line, which a full disk can leave as well, ends where the next begins.
    """
    with opened(out) as top:
        top.append(name, as_text([line]).encode())


def as_text(logged: Iterable[Mapping[str, object]]) -> str:
    """JSON of some lines of a log, each with its line break."""
    texts = (json.dumps(line, ensure_ascii=False, allow_nan=False) for line in logged)
    return "".join(f"{plain(text)}\n" for text in texts)


def lines(out: Path | Folder, name: str) -> list[dict]:
    """Objects of a log, oldest first; a torn line, or one of another program, is left out."""
    parsed = (manifest.from_json(line) for line in (folder.read(out, name) or "").splitlines())
    return [line for line in parsed if isinstance(line, dict) and _is_ours(line)]


def _is_ours(line: dict) -> bool:
    state, report = line.get("state"), line.get("report")
    named = isinstance(state, str) and folder.is_state(state)
    return is_time(line.get("at")) and named and isinstance(report, str) and names.is_report(report)


def shorten(out: Folder) -> None:
    """Keep of a log that has grown long the last line of each report; call with `out` locked."""
    if len(lines(out, NAME)) > _LONG:
        kept = sorted(last(out).values(), key=lambda line: line["at"])
        out.replace(NAME, as_text(kept).encode())


def last(out: Path | Folder) -> dict[tuple[str, str], dict]:
    """Last line of each report: (state, name of the notebook) -> `at`, `status`, `error`."""
    return {(line["state"], line["report"]): line for line in lines(out, NAME)}
