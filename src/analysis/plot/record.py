"""Figures of the record itself: what each source covers, and events in time."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .. import words
from ..words import clean, counted, instrument_label, years
from .parts import colours, series, style
from .parts.point_labels import Near, near_labels
from .parts.sentences import sentences

_COVERAGE = [
    "source", "title", "first_year", "last_year", "observed", "first_tie_year", "last_tie_year",
    "n_ties", "start", "end",
]  # fmt: skip


@style.styled
def coverage(table: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Show what each source could have seen of a country in the years of a report, and what it saw.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.coverage.coverage` returns it.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Pale: covered; dark: from the first to the last tie; hatched: silent, which is no zero.

    Raises
    ------
    ParameterError
        If a source stands in it twice, or it is of several states.
    """
    style.need(table, _COVERAGE, "coverage")
    series.of(table, "coverage")
    ax = style.canvas(ax, height=1.35 + 0.52 * max(1, len(table)))
    if table.empty:
        style.no_data(ax, style.reason(table))
        style.note(ax, source_note)
        return ax
    start, end = int(table["start"].min()), int(table["end"].max())
    for place, row in enumerate(table.itertuples()):
        _covered(ax, place, row, start, end)
        ax.annotate(
            _tie_count(row),
            (1, place),
            (5, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            color=colours.MUTED,
            parse_math=False,
            gid="value",
        )
    labels = [_source_label(row) for _, row in table.iterrows()]
    ax.set_yticks(np.arange(len(table)), labels, parse_math=False, fontsize=style.SMALL)
    ax.tick_params(axis="y", length=0)
    style.year_axis(ax, start, end)
    ax.set_xlim(start - 0.5, end + 0.5)
    ax.set_ylim(len(table) - 0.45, -0.55)
    ax.spines["left"].set_visible(False)
    key = "Pale: covered · dark: from first to last tie · hatched: silent"
    style.heading(ax, f"What the sources cover, {words.years(start, end)}", key)
    style.note(ax, source_note)
    return ax


def _source_label(row: pd.Series) -> str:
    title = words.clean(row["title"], 300)
    return textwrap.fill(title, 31, max_lines=3, placeholder=" …")


def _covered(ax: Axes, place: int, row: Any, start: int, end: int) -> None:
    """One row: hatched where silent, pale where covered, dark over the span of the ties."""
    left, right, rows = start - 0.5, end + 0.5, (place - 0.3, place + 0.3)
    if not row.observed:
        style.gap(ax, left, right, text="no data: this country is not in it", rows=rows)
        return
    first, last = max(row.first_year - 0.5, left), min(row.last_year + 0.5, right)
    if first >= last:
        span = words.years(row.first_year, row.last_year)
        style.gap(ax, left, right, text=f"no data: it covers {span}", rows=rows)
        return
    if first > left:
        style.gap(ax, left, first, rows=rows)
    if last < right:
        style.gap(ax, last, right, rows=rows)
    ax.barh(place, last - first, left=first, height=0.6, color="#d3deea", gid="covered")
    if row.n_ties and pd.notna(row.first_tie_year):
        tie_first = max(row.first_tie_year - 0.5, first)
        tie_last = min(row.last_tie_year + 0.5, last)
        if tie_first < tie_last:
            ax.barh(
                place, tie_last - tie_first, left=tie_first, height=0.6, color="#5b7fa6", gid="ties"
            )


def _tie_count(row: Any) -> str:
    if not row.observed:
        return ""
    if not row.n_ties or pd.isna(row.first_tie_year):
        return "no ties"
    noun = "tie" if row.n_ties == 1 else "ties"
    return f"{row.n_ties:,} {noun}\n{words.years(row.first_tie_year, row.last_tie_year)}"


# --- timeline -------------------------------------------------------------------------------------

_EVENTS = ["date", "instrument", "name", "partner_names", "confidence"]
#: events that are candidates for a name: more would cost time and find no room
_LABELLED = 60


@style.styled
def timeline(events: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Events by date, one lane an instrument, with as many names as there is room for.

    Parameters
    ----------
    events : DataFrame
        date (ISO 8601 text or datetime), instrument, name, partner_names, confidence.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Filled: confirmed; hollow: anything less. The heading says how many events there are.

    Raises
    ------
    ParameterError
        If the events are of several states.
    """
    style.need(events, _EVENTS, "timeline")
    series.of(events, "timeline")
    kinds = list(events["instrument"].drop_duplicates())
    ax = style.canvas(ax, height=1.3 + 1.0 * max(1, len(kinds)))
    if events.empty:
        style.no_data(ax, "no data: no event is listed")
        style.note(ax, source_note)
        return ax
    dates = pd.to_datetime(events["date"])
    rows = events.assign(x=dates.dt.year + (dates.dt.day_of_year - 1) / 366)
    rows["y"] = _stagger(rows, kinds)
    looks = dict(zip(kinds, colours.looks([""] * len(kinds), kinds), strict=True))
    for kind in kinds:
        _lane(ax, rows[rows["instrument"] == kind], looks[kind])
    ax.set_yticks(range(len(kinds)), [words.listed_label(kind) for kind in kinds], parse_math=False)
    ax.hlines(
        np.arange(1, len(kinds)) - 0.5,
        0,
        1,
        transform=ax.get_yaxis_transform(),
        color="#e4e4e4",
        linewidth=0.7,
    )
    ax.tick_params(axis="y", length=0)
    style.year_axis(ax, dates.dt.year.min(), dates.dt.year.max() + 1)
    ax.set_ylim(len(kinds) - 0.5, -0.5)
    _names(ax, rows, looks)
    count = f"{len(rows)} event{'s' if len(rows) > 1 else ''}"
    key = "Filled: confirmed · hollow: less certain · names where there is room"
    style.heading(ax, f"Recorded events: {count}", key)
    style.note(ax, source_note)
    return ax


def _stagger(rows: pd.DataFrame, kinds: list[str]) -> np.ndarray:
    """Height of each event: its lane, and within it one of three levels in turn."""
    lane = rows["instrument"].map({kind: at for at, kind in enumerate(kinds)})
    turn = rows.sort_values("x", kind="stable").groupby("instrument").cumcount() % 3
    return (lane + (turn.reindex(rows.index) - 1) * 0.24).to_numpy(float)


def _lane(ax: Axes, rows: pd.DataFrame, look: tuple) -> None:
    colour, _, marker = look
    sure = (rows["confidence"] == "confirmed").to_numpy()
    for group, fill in ((sure, colour), (~sure, "white")):
        ax.plot(rows["x"][group], rows["y"][group], marker, color=colour, mfc=fill, ms=5, mew=1.1)


def _names(ax: Axes, rows: pd.DataFrame, looks: dict) -> None:
    once = rows[~rows.duplicated("name", keep=False)]  # a name that recurs tells nothing apart
    rank = once.assign(free=_room(once)).sort_values("free", ascending=False, kind="stable")
    chosen = rank.head(_LABELLED)
    wanted = [
        Near(np.array([[x, y]]), words.clean(name, 32), looks[instrument][0], must=False)
        for x, y, name, instrument in zip(
            chosen["x"], chosen["y"], chosen["name"], chosen["instrument"], strict=True
        )
    ]
    marks = np.column_stack([rows["x"], rows["y"]])
    apart = np.full_like(marks, np.nan)
    near_labels(ax, wanted, np.stack([marks, apart], axis=1).reshape(-1, 2), size=7.5, radius=3.2)


def _room(rows: pd.DataFrame) -> pd.Series:
    """Years to the nearest other event of the lane, the smaller of both sides counting first."""
    ordered = rows.sort_values("x", kind="stable").groupby("instrument")["x"]
    before, after = ordered.diff().fillna(99), -ordered.diff(-1).fillna(-99)
    return np.minimum(before, after) + np.maximum(before, after) / 100


def describe_coverage(table: pd.DataFrame) -> str:
    """Alt text of `coverage`: for every source, what it covers and how many ties it has."""
    series.of(table, "coverage")
    parts = []
    for _, row in table.iterrows():
        covered = f"covers {years(row['first_year'], row['last_year'])}"
        ties = counted(int(row["n_ties"]), "tie") if row["n_ties"] else "no ties"
        if row["n_ties"] and pd.notna(row["first_tie_year"]):
            ties += f" from {years(row['first_tie_year'], row['last_tie_year'])}"
        seen = f"{covered}, {ties}" if row["observed"] else "does not cover this country"
        parts.append(f"{clean(row['title'], 84)} {seen}")
    span = f", {years(table['start'].min(), table['end'].max())}" if len(table) else ""
    return sentences(f"Years covered by each source{span}", parts, table)


def describe_timeline(events: pd.DataFrame) -> str:
    """Alt text of `timeline`: how many events of each kind, and the span of dates."""
    if events.empty:
        return "Events by date. no data: no event is listed."
    series.of(events, "timeline")
    counts = events.groupby("instrument", sort=False).size()
    kinds = ", ".join(f"{instrument_label(kind)} {count}" for kind, count in counts.items())
    dates = pd.to_datetime(events["date"]).dt.year
    sure = int((events["confidence"] == "confirmed").sum())
    opening = f"{counted(len(events), 'event')} by date, {years(dates.min(), dates.max())}"
    return sentences(opening, [kinds, f"{sure} of them confirmed"], events)
