"""The headline of a state: effective partners over time, one line an instrument and source.

Read from the table `headline` of the report `country_profile`.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from markupsafe import Markup

from .. import words
from ..folders import Folder
from . import found, outputs

_NEEDS = frozenset({"instrument", "source", "start", "end", "estimate", "low", "high"})
_MARGIN = 3


@dataclass(frozen=True)
class Point:
    """One window: first and last year, estimate and interval; None where there is none."""

    start: int
    end: int
    estimate: float | None
    low: float | None
    high: float | None

    @property
    def text(self) -> str:
        """The estimate, as reports write it."""
        return self._parts[0]

    @property
    def window(self) -> str:
        """The years as text."""
        return words.years(self.start, self.end)

    @property
    def interval(self) -> str:
        """Its interval; empty where there is none, or none that can be seen."""
        return self._parts[1]

    @property
    def _parts(self) -> tuple[str, str]:
        ends = (self.estimate, self.low, self.high)
        return words.estimate_parts(*(math.nan if end is None else end for end in ends))


@dataclass(frozen=True)
class Series:
    """One instrument in one source, window by window."""

    instrument: str
    source: str
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        """What the instrument is called in a sentence."""
        return words.instrument_name(self.instrument)

    @property
    def title(self) -> str:
        """Short title of the source."""
        return words.source_title(self.source)

    @property
    def last(self) -> Point:
        """The last window with an estimate."""
        return [point for point in self.points if point.estimate is not None][-1]

    @property
    def summary(self) -> str:
        """The first and the last estimate in words: what the line shows."""
        first = next(point for point in self.points if point.estimate is not None)
        ends = [first] if first == self.last else [first, self.last]
        said = ", ".join(f"{point.text} in {point.window}" for point in ends)
        return f"Effective partners, {self.name} ({self.title}): {said}"


def read(folder: Path | Folder, reports: Mapping[str, found.Report]) -> list[Series]:
    """Series of a state's folder that have an estimate, in the order of the report.

    Parameters
    ----------
    folder : Folder
        Of the state.
    reports : dict of Report
        As `found.described` gives them. The first one by the main notebook counts: the usual
        report, or a variant where there is no usual one.
    """
    main = next((one.name for one in reports.values() if one.notebook == found.MAIN), found.MAIN)
    lines: dict[tuple[str, str], list[Point]] = {}
    for row in found.rows(folder, outputs.data_path(main, "headline"), needs=_NEEDS):
        if point := _point(row):
            lines.setdefault((row["instrument"], row["source"]), []).append(point)
    made = (
        Series(*key, tuple(sorted(points, key=lambda point: point.end)))
        for key, points in lines.items()
    )
    return [one for one in made if any(point.estimate is not None for point in one.points)]


def _point(row: dict[str, str]) -> Point | None:
    start, end = (as_year(row[column]) for column in ("start", "end"))
    if start is None or end is None:
        return None
    return Point(start, end, *(as_number(row[column]) for column in ("estimate", "low", "high")))


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


def one_an_instrument(series: Iterable[Series]) -> dict[str, Series]:
    """For each instrument the series that reaches furthest; the report's first among equals."""
    chosen: dict[str, Series] = {}
    for one in series:
        other = chosen.get(one.instrument)
        if other is None or one.last.end > other.last.end:
            chosen[one.instrument] = one
    return chosen


def span(series: Iterable[Series]) -> tuple[int, int]:
    """First and last year that any of the series shows."""
    years = [point.end for one in series for point in one.points]
    return (min(years), max(years)) if years else (0, 0)


def sparkline(
    series: Series, years: tuple[int, int], *, width: int = 120, height: int = 32
) -> Markup:
    """Draw a series as a small line with its band, on a scale of its own that begins at 1.

    The band is cut off at twice the line's greatest value, so that the line can be seen.

    Parameters
    ----------
    series : Series
        What to draw; the line breaks where there is no estimate.
    years : (int, int)
        First and last year of the drawing.
    width, height : int
        In pixels.

    Returns
    -------
    Markup
        An inline SVG element, labelled with the first and the last estimate.
    """
    top = min(
        max(p.estimate if p.high is None else p.high for p in series.points if p.estimate),
        2 * max(p.estimate for p in series.points if p.estimate),
    )

    def at(year: int, value: float) -> str:
        x = (year - years[0]) / max(years[1] - years[0], 1)
        y = 1 - (value - 1) / max(top - 1, 1e-9)
        inner = (width - 2 * _MARGIN, height - 2 * _MARGIN)
        return f"{_MARGIN + x * inner[0]:.1f},{_MARGIN + min(max(y, 0), 1) * inner[1]:.1f}"

    bands = [_polygon(run, at) for run in _runs(series.points) if any(p.interval for p in run)]
    lines = [
        Markup('<polyline points="{}"/>').format(" ".join(at(p.end, p.estimate) for p in run))
        for run in _runs(series.points)
    ]
    x, y = at(series.last.end, series.last.estimate).split(",")
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


def _polygon(run: list[Point], at: object) -> Markup:
    low = [at(p.end, p.estimate if p.low is None else p.low) for p in run]
    high = [at(p.end, p.estimate if p.high is None else p.high) for p in run]
    return Markup('<polygon points="{}"/>').format(" ".join([*low, *reversed(high)]))
