"""The front page of a state's folder: its headline, its reports, their files.

Made from the manifest and the tables of the folder and nothing else, so it is the same in each run.
"""

from collections.abc import Mapping
from itertools import groupby
from operator import attrgetter

from ... import words
from ...files.folders import Folder
from ...sources import countries
from .. import pages
from . import folder as report_folder
from . import headline

PAGE = "index.html"


def page(state: str, entries: Mapping[str, Mapping], folder: Folder) -> bytes:
    """Make the page."""
    described = report_folder.described(entries)
    reports = list(described.values())
    series = headline.read(folder, described)
    years = headline.span(series)
    sources = {
        words.source_title(key): version for one in reports for key, version in one.sources.items()
    }
    return pages.page(
        "country.html.j2",
        title=countries.name_of(state),
        state=state,
        notebooks=[
            [_card(one) for one in same] for _, same in groupby(reports, attrgetter("notebook"))
        ],
        series=[
            (one, headline.sparkline(one, years, width=240, height=56) if one.points else "")
            for one in series
        ],
        sources=dict(sorted(sources.items())),
    ).encode()


def _card(report: report_folder.Report) -> dict:
    """Split the files of a report by what they are."""
    shown = _by_name(report)
    figures = sum(kinds[0][1] in _IMAGES for _, kinds in shown)
    return {
        "about": report,
        "pages": [(path, _KINDS[path.rpartition(".")[2]]) for path in _documents(report)],
        "shown": shown,
        "figures": figures,
        "tables": len(shown) - figures,
        "parameters": [
            (name, value)
            for name, value in report.parameters.items()
            if name != "country" and value not in (None, [])
        ],
    }


_IMAGES = ("svg", "png")
_KINDS = {"html": "Page", "pdf": "PDF", "ipynb": "Notebook"}


def _documents(report: report_folder.Report) -> list[str]:
    return [path for path in report.of_kind(*_KINDS) if "/" not in path]


def _by_name(report: report_folder.Report) -> list[tuple[str, list[tuple[str, str]]]]:
    """Name of each figure and table, without what the report's all share, with its files."""
    shown: dict[str, list[tuple[str, str]]] = {}
    for path in report.of_kind(*_IMAGES, "csv", "tex"):
        name, _, kind = path.rpartition("/")[2].rpartition(".")
        if "/" in path:
            shown.setdefault(name.removeprefix(f"{report.name}-"), []).append((path, kind))
    return sorted(shown.items(), key=lambda item: (item[1][0][1] not in _IMAGES, item[0]))
