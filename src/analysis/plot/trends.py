"""Figures of measures: trend, the three properties of diversity, Hill profile."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from .. import numbers, words
from ..numbers import estimate_of, number_of
from ..words import capital, clean
from .parts import colours, interval_ends, series, style
from .parts.labels import end_labels
from .parts.sentences import sentences, with_shared
from .parts.style import reason

#: bands higher than half as much again as so many times the highest estimate are cut at so many
_MOST = 3.0
#: what is no silence of the sources
_FINDINGS = (words.ABSENCES["empty"].name, words.ABSENCES["measured"].name)
_COLUMNS = [*words.PORTFOLIO, "measure", "estimate", "low", "high", "status"]


@style.styled
def trend(measures: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """One measure over time: a line for each state, source and instrument, with its band.

    Parameters
    ----------
    measures : DataFrame
        As `analysis.measure` returns it; one measure. A year is the last of its window. Each state,
        instrument, source, weighting and length of window has a line of its own.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Where one source takes over from another (see
        `analysis.studies.selections.continued_arms`), both are one picture: a line, and after the
        seam dots with bars. Lines break where there is no estimate. Years for which no source has
        one are hatched if no source covers them, and say so if there was no tie, or the measure is
        not defined.

    Raises
    ------
    ParameterError
        If the table holds several measures, or several values of one line in a year.
    """
    style.need(measures, _COLUMNS, "trend")
    lines = series.of(measures, "trend")
    ax = style.canvas(ax)
    if measures["estimate"].notna().any():
        _lines(ax, measures, lines)
        name = words.clean(measures["measure"].iloc[0], 60)
        style.heading(
            ax,
            words.capital(name),
            series.joined(lines.shared, _interval_terms(measures), _seams(measures, lines)),
        )
        style.year_axis(ax, *span_of(measures), label=year_label(measures))
        ax.set_ylabel(style.axis_label(name, 38), parse_math=False)
    else:
        style.no_data(ax, style.reason(measures))
        if len(measures):
            name = words.capital(words.clean(measures["measure"].iloc[0], 60))
            style.heading(ax, name, lines.shared)
    style.note(ax, source_note)
    return ax


@style.styled
def triptych(
    measures: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    source_note: str = "",
) -> Figure | SubFigure:
    """Properties of diversity over time, one panel each, all with the same years.

    Parameters
    ----------
    measures : DataFrame
        As `analysis.measure` returns it, with the column `property` (variety, balance, disparity):
        one measure for each.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        A series has the same look in all panels.

    Raises
    ------
    ParameterError
        As of `trend`, for each panel.

    References
    ----------
    Stirling, A. (2007). A general framework for analysing diversity in science, technology and
    society. Journal of the Royal Society Interface 4, 707-719.
    """
    style.need(measures, [*_COLUMNS, "property"], "triptych")
    tables = _by_property(measures)
    for table in tables.values():
        series.of(table, "triptych")
    fig = style.sheet(fig, 0.6 + 2.35 * max(1, len(tables)))
    every = measures
    panels = fig.subplots(max(1, len(tables)), 1, sharex=True, squeeze=False)[:, 0]
    shown = every["estimate"].notna().any()
    lines = series.arranged(every, series.DRAWS["triptych"].apart)
    for ax, (title, table) in zip(panels, tables.items(), strict=True):
        said = lines.shared if ax is panels[0] else ""
        _property(style.canvas(ax), title, table, every, lines, said)
    if shown:
        style.year_axis(panels[-1], *span_of(every), label=year_label(every))
    style.sheet_note(fig, source_note)
    return fig


def _by_property(measures: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Take a table apart into its panels; one without rows is a single panel."""
    parts = measures.groupby("property", sort=False)
    return {str(name): rows.drop(columns="property") for name, rows in parts} or {"": measures}


def _property(
    ax: Axes, title: str, table: pd.DataFrame, every: pd.DataFrame, lines: series.Series, said: str
) -> None:
    name = words.clean(table["measure"].iloc[0], 60) if len(table) else ""
    cut = "Band cut where it leaves the panel" if _is_cut(table) else ""
    open_ = words.capital(style.OPEN) if interval_ends.has_open_ends(table) else ""
    terms = series.joined(said, cut, open_, _seams(table, lines))
    style.heading(ax, f"{words.capital(title)}: {name}" if name else words.capital(title), terms)
    if not table["estimate"].notna().any():
        if every["estimate"].notna().any():
            ax.set_xlim(*span_of(every))
            style.gap(ax, *span_of(every), text=style.reason(table))
            ax.set_yticks([])
        else:
            style.no_data(ax, style.reason(table))
        return
    _lines(ax, table, lines, span=span_of(every))
    ax.set_ylabel(style.axis_label(name, 22), parse_math=False)


def span_of(measures: pd.DataFrame) -> tuple[int, int]:
    """Give the first and last year that the x axis shows."""
    return int(measures["end"].min()), int(measures["end"].max())


def _lines(
    ax: Axes, measures: pd.DataFrame, lines: series.Series, *, span: tuple[int, int] | None = None
) -> None:
    """Draw bands, lines, labels and gaps; the y axis begins at 0, since all measures do."""
    first, last = span or span_of(measures)
    every = np.arange(first, last + 1)
    ends = []
    known = np.zeros(len(every), bool)
    for key, rows in lines.split(measures):
        line = rows.set_index("end").reindex(every)
        y = line["estimate"].to_numpy(float)
        if np.isnan(y).all():
            continue
        known |= ~np.isnan(y)
        look, label = lines.looks[lines.heads.get(key, key)], lines.labels[key]
        if key in lines.heads:
            _dots_of(ax, line, look, label=label)
        else:
            line_of(ax, line, look, label=label)
        end = int(np.flatnonzero(~np.isnan(y))[-1])
        until = "" if every[end] == last else f", to {every[end]}"
        ends.append((every[end], y[end], label + until, look[0]))
    low, high = _limits(measures)
    ax.set_xlim(first - 0.6, last + 0.6)
    ax.set_ylim(low, high)
    mark_silences(ax, every, known, measures=measures)
    end_labels(ax, ends)
    counts = measures["estimate"].dropna() % 1 == 0
    ax.yaxis.set_major_locator(MaxNLocator(6, integer=bool(counts.all())))
    ax.grid(axis="y")


def line_of(ax: Axes, line: pd.DataFrame, look: tuple, *, label: str) -> None:
    """Draw one measure with its band; `line` is indexed by year, without gaps."""
    colour, dashes, marker = look
    x, y = line.index.to_numpy(float), line["estimate"].to_numpy(float)
    _band(ax, x, line, colour)
    # a value between two gaps makes no line, and would not be seen without its marker
    some = _alone(y) if len(y) > 12 else ~np.isnan(y)
    every = max(1, len(y) // 8)
    some = some | (~np.isnan(y) & (np.arange(len(y)) % every == every // 2))
    ax.plot(
        x,
        y,
        color=colour,
        linestyle=dashes,
        marker=marker,
        label=label,
        markevery=[int(at) for at in np.flatnonzero(some)],
    )


def _band(ax: Axes, x: np.ndarray, rows: pd.DataFrame, colour: str) -> None:
    """Draw intervals as a band; those with one end reach to the estimate and have an arrow."""
    low, high, below, above = interval_ends.ends_of(rows)
    for part in (~below & ~above, below | above):
        ends = [np.where(part, end, np.nan) for end in (low, high)]
        if not np.isnan(ends).all():
            ax.fill_between(x, ends[0], ends[1], color=colour, alpha=0.14, linewidth=0)
            alone = _alone(ends[0])
            ax.vlines(x[alone], *(end[alone] for end in ends), color=colour, alpha=0.35, lw=4)
    y = rows["estimate"].to_numpy(float)
    for which, towards in ((below, "down"), (above, "up")):
        interval_ends.open_ends(ax, x[which], y[which], colour=colour, towards=towards)


def _dots_of(ax: Axes, line: pd.DataFrame, look: tuple, *, label: str) -> None:
    """Draw one measure as dots with bars, after a seam: by another source than the line before."""
    colour, _, marker = look
    known = line[line["estimate"].notna()]
    x = known.index.to_numpy(float)
    ax.axvline(x[0] - 0.5, color=colours.MUTED, linestyle=":", linewidth=1, gid="seam")
    low, high, *open_ = interval_ends.ends_of(known)
    ax.vlines(x, low, high, color=colour, linewidth=1.6, alpha=0.6)
    for which, towards in zip(open_, ("down", "up"), strict=True):
        y = known["estimate"].to_numpy(float)[which]
        interval_ends.open_ends(ax, x[which], y, colour=colour, towards=towards)
    ax.plot(
        x,
        known["estimate"],
        color=colour,
        linestyle="none",
        marker=marker,
        mfc="white",
        ms=5,
        label=label,
    )


def _seams(measures: pd.DataFrame, lines: series.Series) -> str:
    """Say which source takes over from which, and when."""
    known = measures[measures["estimate"].notna()]
    firsts = {key: int(rows["end"].min()) for key, rows in lines.split(known)}
    at = lines.columns.index("source") if lines.heads else 0
    texts = {
        f"from {firsts[key]} (dots and bars): {words.source_title(key[at])}"
        for key in lines.heads
        if key in firsts
    }
    return "; ".join(sorted(texts))


def _alone(y: np.ndarray) -> np.ndarray:
    gone = np.isnan(np.concatenate([[np.nan], y, [np.nan]]))
    return ~gone[1:-1] & gone[:-2] & gone[2:]


def _limits(measures: pd.DataFrame) -> tuple[float, float]:
    top = max(0.0, np.nanmax(measures[["estimate", "low", "high"]].to_numpy(float)))
    bottom = min(0.0, np.nanmin(measures[["estimate", "low", "high"]].to_numpy(float)))
    if _is_cut(measures):
        top = _MOST * float(measures["estimate"].max())
    if top <= 0 <= bottom:
        top = 1.0  # nothing but zeros
    below = 0.05 * (top - bottom) if bottom < 0 else 0.02 * top
    return bottom - below, top + (0.0 if _is_cut(measures) else 0.06 * (top - bottom))


def _is_cut(measures: pd.DataFrame) -> bool:
    """Say whether a band reaches so high that the lines could no longer be read beside it."""
    most = measures["estimate"].max()
    return bool(most > 0 and measures["high"].max() > 1.5 * _MOST * most)


def mark_silences(
    ax: Axes, every: np.ndarray, known: np.ndarray, *, measures: pd.DataFrame
) -> None:
    """Mark the stretches without any estimate, and say why; hatched where nothing is to be said."""
    for start, end, text in _silences(every, known, measures):
        style.gap(ax, start, end, text=text, hatch="" if text in _FINDINGS else "////")


def _silences(
    every: np.ndarray, known: np.ndarray, measures: pd.DataFrame
) -> list[tuple[float, float, str]]:
    """Stretches without any estimate, from the last year that has one to the next, and why."""
    found = measures.groupby("end")["status"].agg(set).reindex(every)
    why = ["" if k else _why(status) for k, status in zip(known, found, strict=True)]
    starts = [at for at in range(len(why)) if at == 0 or why[at] != why[at - 1]]
    return [
        (_edge(every, known, first, -1), _edge(every, known, last - 1, 1), why[first])
        for first, last in zip(starts, [*starts[1:], len(why)], strict=True)
        if why[first]
    ]


def _why(status: object) -> str:
    """Tell silence of the sources from a true absence, and from a measure that is not defined."""
    return words.absence(status if isinstance(status, set) else ()).name


def _edge(every: np.ndarray, known: np.ndarray, at: int, side: int) -> float:
    """Where a stretch that begins or ends with a year meets what is beside it."""
    beside = at + side
    if not 0 <= beside < len(every):
        return every[at] + 0.6 * side
    return every[at] + (0.85 if known[beside] else 0.5) * side


def _interval_terms(measures: pd.DataFrame) -> str:
    drawn = measures[numbers.has_interval(measures)]
    if drawn.empty or "interval" not in drawn:
        return ""
    cut = " · cut where they leave the figure" if _is_cut(measures) else ""
    return f"{interval_ends.interval_kinds(drawn, 'bands')}{cut}"


def year_label(measures: pd.DataFrame) -> str:
    """Name the x axis after the windows."""
    windows = sorted(set(measures["end"] - measures["start"] + 1))
    if windows == [1]:
        return "Year"
    return f"Last year of each {'–'.join(str(int(w)) for w in windows if w > 1)}-year window"


# --- Hill profile ---------------------------------------------------------------------------------


def describe_trend(measures: pd.DataFrame) -> str:
    """Alt text of `trend`: first, last, lowest and highest estimate of each line."""
    lines = series.of(measures, "trend")
    return sentences(
        with_shared(_lines_of(measures), lines), _line_texts(measures, lines), measures
    )


def _lines_of(measures: pd.DataFrame) -> str:
    name = clean(measures["measure"].iloc[0], 60) if len(measures) else "a measure"
    return f"Lines of {name} over time"


def _line_texts(measures: pd.DataFrame, lines: series.Series) -> list[str]:
    every = dict(lines.split(measures))
    # of one that takes over from another, the newest comes first
    place = {key: at for at, key in enumerate(every)}

    def turn(key: tuple) -> tuple[int, bool]:
        head = lines.heads.get(key, key)
        return place.get(head, place[key]), key not in lines.heads

    order = sorted(every, key=turn)
    return [f"{lines.labels[key]}: {_course_text(every[key])}" for key in order]


def _course_text(rows: pd.DataFrame) -> str:
    known = rows[rows["estimate"].notna()].sort_values("end")
    if known.empty:
        return reason(rows)
    first, last = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return f"{estimate_of(first)} in {int(first['end'])}"
    if known["estimate"].min() == known["estimate"].max():
        return f"{estimate_of(last)} throughout, {int(first['end'])} to {int(last['end'])}"
    low = known.loc[known["estimate"].idxmin()]
    high = known.loc[known["estimate"].idxmax()]
    return (
        f"{estimate_of(first)} in {int(first['end'])}, {estimate_of(last)} in {int(last['end'])};"
        f" lowest {number_of(low)} in {int(low['end'])},"
        f" highest {number_of(high)} in {int(high['end'])}"
    )


def describe_triptych(measures: pd.DataFrame) -> str:
    """Alt text of `triptych`: that of each panel."""
    tables = _by_property(measures)
    for table in tables.values():
        series.of(table, "triptych")
    lines = series.arranged(measures, series.DRAWS["triptych"].apart)
    parts = [
        sentences(
            f"{capital(clean(title))}: {_lines_of(table).removeprefix('Lines of ')}",
            _line_texts(table, lines),
            table,
        )
        for title, table in tables.items()
    ]
    return " ".join([f"{with_shared('Panels of lines', lines)}.", *parts])
