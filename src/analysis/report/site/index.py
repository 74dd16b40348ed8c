"""The page over all states in a folder of reports, and its feeds.

Made anew from what lies in the folder; it holds nothing that cannot be made again. The pages ask
for nothing from anywhere, and work without their script, which only searches and sorts.
"""

from collections.abc import Iterable
from pathlib import Path

from ... import words
from ...files.folders import Folder
from ...sources import countries
from .. import pages, publish
from . import folder as report_folder
from . import headline, history, run_log

PAGE = "index.html"
FILES = (PAGE, "changes.html", "changes.json", "changes.atom")
#: this many changes are on the front page; all that are kept are on their own
_SHOWN = 8
#: a file that holds this may be replaced: we have made it
_MARK = "partnership-diversity"


def write(out: Path) -> list[str]:
    """Make `index.html`, `changes.html`, `.json` and `.atom` in a folder of reports."""
    with Folder.open(out) as top, publish.locked(top):
        history.shorten(top)
        run_log.shorten(top)
        log = run_log.last(top)
        states, unread = _states(top, log)
        changed = history.read(top)
        files = {
            PAGE: _index(top, states, log=log, changed=changed),
            "changes.html": pages.page("changes.html.j2", title="What changed", changed=changed),
            "changes.json": history.as_json(changed),
            "changes.atom": history.as_atom(changed),
        }
        kept = [name for name in FILES if not _replace(top, name, files[name])]
    notes = [f"{out / s}: its manifest cannot be read; it is not on the index" for s in unread]
    return notes + [f"{out / name}: is not of this program; it was left alone" for name in kept]


def _states(top: Folder, log: dict) -> tuple[list[dict], list[str]]:
    """Say all that the index says of each state, and which manifests are not ours."""
    parts, unread = [], []
    for state in report_folder.states(top):
        with top.inner(state) as folder:
            reports = report_folder.reports(folder)
            if reports is None:
                unread.append(state)
            else:
                parts.append(_state(folder, reports, log))
    return parts, unread


def _state(folder: Folder, reports: dict[str, report_folder.Report], log: dict) -> dict:
    """All that the index says of one state."""
    state = folder.path.name
    times = [log[state, name]["at"] for name in reports if (state, name) in log]
    return {
        "state": state,
        "name": countries.name_of(state),
        "region": countries.region_of(state),
        "page": "index.html" if report_folder.read(folder, "index.html") else "manifest.json",
        "reports": [one for one in reports.values() if f"{one.name}.html" in one.files],
        "series": {one.instrument: one for one in headline.read(folder, reports)},
        "made": max(times, default=""),
    }


def _index(out: Folder, states: list[dict], *, log: dict, changed: list[dict]) -> str:
    shown = [one for state in states for one in state["series"].values()]
    years = headline.span(shown)
    for state in states:
        state["lines"] = {
            name: headline.sparkline(one, years)
            for name, one in state["series"].items()
            if one.points
        }
    failed = [
        {
            "state": code,
            "name": countries.name_of(code),
            "report": name,
            "error": str(log.get((code, name), {}).get("error", "")),
        }
        for code, name in report_folder.failures(out)
    ]
    return pages.page(
        "index.html.j2",
        script="site.js",
        title="Military partnerships: reports by state",
        states=states,
        instruments=_instruments(shown),
        notebooks=_notebooks(states),
        years=years,
        failed=failed,
        last_run=max((line["at"] for line in log.values()), default=""),
        changed=changed[:_SHOWN],
        total=len(changed),
    )


def _instruments(shown: Iterable[headline.Series]) -> dict[str, str]:
    """Instrument -> what it is called, of those of which any state has an estimate."""
    there = {one.instrument: one.name for one in shown if one.points}
    return {key: there[key] for key in sorted(there, key=words.instrument_rank)}


def _notebooks(states: Iterable[dict]) -> dict[str, str]:
    """Name -> title of every notebook that any state has a report by."""
    titles = {one.notebook: one.title for state in states for one in state["reports"]}
    return dict(sorted(titles.items()))


def _replace(out: Folder, name: str, text: str) -> bool:
    """Write a file in one step, unless there is one that somebody else has made."""
    if out.look(name) is not None and _MARK not in (report_folder.read(out, name) or ""):
        return False
    out.replace(name, text.encode())
    return True
