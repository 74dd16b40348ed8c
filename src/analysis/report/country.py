"""The front page of a state's folder: its headline, its reports, their files.

Made from the manifest and the tables of the folder and nothing else, so it is the same in each run.
"""

from collections.abc import Mapping
from pathlib import Path

from .. import countries
from . import found, headline, pages

PAGE = "index.html"


def page(state: str, entries: Mapping[str, Mapping], folder: Path) -> bytes:
    """Make the page.

    Parameters
    ----------
    state : str
        ISO3 code.
    entries : dict
        The `reports` of the manifest.
    folder : Path
        Where the files of these reports lie.
    """
    reports = list(found.described(entries).values())
    series = headline.read(folder)
    years = headline.span(series)
    sources = {key: version for one in reports for key, version in one.sources.items()}
    return pages.page(
        "country.html.j2",
        title=countries.name_of(state),
        state=state,
        reports=[_card(one) for one in reports],
        series=[(one, headline.sparkline(one, years, width=240, height=56)) for one in series],
        sources=dict(sorted(sources.items())),
    ).encode()


def _card(report: found.Report) -> dict:
    """Split the files of a report by what they are."""
    return {
        "about": report,
        "pages": [(path, _KINDS[path.rpartition(".")[2]]) for path in _documents(report)],
        "figures": _named(report, "figures/"),
        "data": _named(report, "data/"),
        "parameters": [
            (name, value)
            for name, value in report.parameters.items()
            if name != "country" and value not in (None, [])
        ],
    }


_KINDS = {"html": "Page", "pdf": "PDF", "ipynb": "Notebook"}


def _documents(report: found.Report) -> list[str]:
    return [path for path in report.of_kind(*_KINDS) if "/" not in path]


def _named(report: found.Report, folder: str) -> list[tuple[str, str]]:
    """Paths in a folder, each with the part of the name that the report does not share."""
    paths = (path for path in report.files if path.startswith(folder))
    return [(path, path.removeprefix(f"{folder}{report.name}-")) for path in paths]
