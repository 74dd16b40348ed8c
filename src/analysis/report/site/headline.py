"""The headline of a state: effective partners over time, by instrument.

Read from the table `series` of the report `country_profile`: what the report's own text is written
from. Sources of one instrument stand in one picture, and the newest window that any of them covers
comes first.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from ... import numbers, words
from ...files.folders import Folder
from .. import outputs
from . import folder as report_folder

TABLE = "series"
_NEEDS = frozenset(
    {"instrument", "source", "start", "end", "estimate", "low", "high", "interval_kind", "status",
     "coverage"}
)  # fmt: skip
#: what an interval is, or why there is none
_KINDS = {
    "exact": "exact", "bounds": "least and greatest that the source allows",
    "bootstrap": "95% interval", "sensitivity": "with any one entry left out",
    "too_few": "too few events for an interval",
}  # fmt: skip
#: statuses of a window that was covered, and holds nothing
_NONE = ("empty", "negligible")
_MARGIN = 3


@dataclass(frozen=True)
class Point:
    """One window of one source: years, estimate and interval; None where there is none."""

    source: str
    start: int
    end: int
    estimate: float | None
    low: float | None
    high: float | None
    kind: str = ""
    status: str = ""

    @property
    def value(self) -> float:
        """The estimate of a point that has one."""
        return math.nan if self.estimate is None else self.estimate

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the interval; where there is none, the estimate."""
        low, high = (self.value if end is None else end for end in (self.low, self.high))
        return low, high

    @property
    def text(self) -> str:
        """The estimate with its interval, as the report writes it; a dash where there is no tie."""
        if self.estimate is None:
            return numbers.MISSING
        return numbers.estimate(
            *(math.nan if one is None else one for one in (self.estimate, self.low, self.high))
        )

    @property
    def window(self) -> str:
        """The years as text."""
        return words.years(self.start, self.end)

    @property
    def about(self) -> str:
        """Years, source, and what the interval is."""
        if self.estimate is None:
            none = words.absence([self.status]).name
            return f"{none} in {self.window}, {words.source_title(self.source)}"
        parts = [self.window, words.source_title(self.source), _KINDS.get(self.kind, "")]
        return ", ".join(filter(None, parts))

    @property
    def has_band(self) -> bool:
        """Whether its interval has a width."""
        return None not in (self.low, self.high) and self.low != self.high


@dataclass(frozen=True)
class Series:
    """One instrument: the windows of each of its sources, in the order of the report."""

    instrument: str
    sources: Mapping[str, tuple[Point, ...]]
    coverage: tuple[str, ...]

    @property
    def name(self) -> str:
        """What the instrument is called in a sentence."""
        return words.instrument_name(self.instrument)

    @property
    def points(self) -> list[Point]:
        """All windows with an estimate, source by source."""
        return [p for points in self.sources.values() for p in points if p.estimate is not None]

    @property
    def newest(self) -> Point | None:
        """The last window that a source covers; among equals one with ties, then the first."""
        covered = [
            point
            for points in self.sources.values()
            for point in points
            if point.estimate is not None or point.status in _NONE
        ]
        return max(covered, key=lambda p: (p.end, p.estimate is not None), default=None)

    @property
    def older(self) -> list[Point]:
        """The last window with ties of each source, without the newest window of all."""
        lasts = [
            max((p for p in points if p.estimate is not None), key=lambda p: p.end, default=None)
            for points in self.sources.values()
        ]
        return [point for point in lasts if point is not None and point is not self.newest]

    @property
    def absence(self) -> str:
        """Why no window is covered: for the years of the sources, or for the state."""
        ends = {point.end for points in self.sources.values() for point in points}
        spans = [(as_year(years[:4]), as_year(years[5:])) for years in self.coverage]
        inside = any(a and b and a <= end <= b for a, b in spans for end in ends)
        years = "" if inside else words.listed(self.coverage)
        return f"the record has {years} only" if years else "no record covers this state"

    @property
    def summary(self) -> str:
        """The first and the last estimate of each source in words: what the picture shows."""
        parts = []
        for source, points in self.sources.items():
            known = [point for point in points if point.estimate is not None]
            ends = dict.fromkeys([*known[:1], *known[-1:]])
            if ends:
                said = ", ".join(f"{point.text} in {point.window}" for point in ends)
                parts.append(f"{words.source_title(source)}: {said}")
        return f"Effective partners, {self.name}; {'; '.join(parts)}"


def read(folder: Path | Folder, reports: Mapping[str, report_folder.Report]) -> list[Series]:
    """Series of a state's folder, in the order of the report.

    Parameters
    ----------
    folder : Folder
        Of the state.
    reports : dict of Report
        As `found.described` gives them. The first one by the main notebook counts: the usual
        report, or a variant where there is no usual one.
    """
    main = next(
        (one.name for one in reports.values() if one.notebook == report_folder.MAIN),
        report_folder.MAIN,
    )
    rows = report_folder.rows(folder, outputs.data_path(main, TABLE), needs=_NEEDS)
    lines: dict[str, dict[str, list[Point]]] = {}
    coverage: dict[str, list[str]] = {}
    for row in rows:
        if point := _point(row):
            lines.setdefault(row["instrument"], {}).setdefault(point.source, []).append(point)
            coverage.setdefault(row["instrument"], []).append(words.clean(row["coverage"], 12))
    return [
        Series(
            instrument,
            {key: tuple(sorted(some, key=lambda p: p.end)) for key, some in points.items()},
            tuple(dict.fromkeys(coverage[instrument])),
        )
        for instrument, points in lines.items()
    ]


def _point(row: dict[str, str]) -> Point | None:
    start, end = (as_year(row[column]) for column in ("start", "end"))
    if start is None or end is None:
        return None
    estimate, low, high = (as_number(row[column]) for column in ("estimate", "low", "high"))
    return Point(
        row["source"], start, end, estimate, low, high, row["interval_kind"], row["status"]
    )


def as_year(text: str) -> int | None:
    """Year of a cell of a table; None if it holds none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 4 else None


def as_number(text: str) -> float | None:
    """Finite number of a cell of a table; None if it holds none."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def span(series: Iterable[Series]) -> tuple[int, int]:
    """First and last year that any of the series shows."""
    years = [point.end for one in series for point in one.points]
    return (min(years), max(years)) if years else (0, 0)


def sparkline(
    series: Series, years: tuple[int, int], *, width: int = 120, height: int = 32
) -> Markup:
    """Draw a series as small lines with their bands, on a scale of its own that begins at 1.

    Each source is a line, broken where it has no estimate; one whose interval is of bounds is
    dashed. A band is cut off at twice the greatest value, so that the lines can be seen.
    """
    points = series.points
    top = min(max(p.ends[1] for p in points), 2 * max(p.value for p in points))

    def at(year: int, value: float) -> str:
        x = (year - years[0]) / max(years[1] - years[0], 1)
        y = 1 - (value - 1) / max(top - 1, 1e-9)
        inner = (width - 2 * _MARGIN, height - 2 * _MARGIN)
        return f"{_MARGIN + x * inner[0]:.1f},{_MARGIN + min(max(y, 0), 1) * inner[1]:.1f}"

    runs = [run for points in series.sources.values() for run in _runs(points)]
    bands = [_polygon(run, at) for run in runs if any(point.has_band for point in run)]
    lines = [_polyline(run, at) for run in runs]
    last = max(points, key=lambda point: point.end)
    x, y = at(last.end, last.value).split(",")
    return Markup(
        '<svg class="spark" role="img" viewBox="0 0 {w} {h}" width="{w}" height="{h}"'
        ' aria-label="{label}">{shapes}<circle cx="{x}" cy="{y}" r="2.5"/></svg>'
    ).format(
        w=width, h=height, label=series.summary, shapes=Markup().join([*bands, *lines]), x=x, y=y
    )


def _runs(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Stretches of windows that have an estimate."""
    for there, run in groupby(points, key=lambda point: point.estimate is not None):
        if there:
            yield list(run)


def _polyline(run: list[Point], at: Callable[[int, float], str]) -> Markup:
    dashed = Markup(' class="open"') if run[-1].kind == "bounds" else ""
    return Markup('<polyline{} points="{}"/>').format(
        dashed, " ".join(at(point.end, point.value) for point in run)
    )


def _polygon(run: list[Point], at: Callable[[int, float], str]) -> Markup:
    low, high = ([at(p.end, p.ends[end]) for p in run] for end in (0, 1))
    return Markup('<polygon points="{}"/>').format(" ".join([*low, *reversed(high)]))
