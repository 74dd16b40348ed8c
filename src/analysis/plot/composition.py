"""Figures of how the partners change: composition over time, heat map."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import PercentFormatter

from .. import numbers, words
from ..words import ABSENCES, counted, instrument_label, years
from .parts import colours, series, style
from .parts.labels import band_labels, end_labels
from .parts.sentences import sentences, spans_of, top_partners, with_shared

_COLUMNS = [*words.PORTFOLIO, "partner", "share", "weighting", "window", "basis", "status"]


@style.styled
def composition(
    shares: pd.DataFrame, *, ax: Axes | None = None, top: int = 7, source_note: str = ""
) -> Axes:
    """Stacked shares of the largest partners, window by window.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it: one country and instrument. Where one source takes over
        from another (see `analysis.profile.continued`), both are one picture.
    ax : Axes, optional
        To draw on; else a new one.
    top : int
        How many partners are shown apart: those with the largest shares over all windows.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        A year is the last of its window. Years that the source does not cover are hatched, and
        years without a tie are said to have none; neither is drawn as a zero. A line pattern lies
        over windows in which shares are known only within bounds.

    Raises
    ------
    ParameterError
        If the table holds more than one portfolio a year.
    """
    style.need(shares, _COLUMNS, "composition")
    series.of(shares, "composition")
    later = series.in_turn(shares, "composition")
    ax = style.canvas(ax)
    known = shares[shares["partner"].notna() & shares["share"].notna()]
    if known.empty:
        return _nothing(ax, shares, source_note)
    first = known.iloc[0]
    title = f"{words.instrument_label(first['instrument'])}: partners' shares"
    open_ = _open_windows(known)
    key = " · dotted: shares known within bounds only" if len(open_) else ""
    style.heading(ax, title, f"{series.terms(first)}{later}{key}")
    span = np.arange(int(shares["end"].min()), int(shares["end"].max()) + 1)
    wide = known.pivot_table(index="end", columns="partner", values="share", aggfunc="sum")
    wide = wide.reindex(span)
    wide.loc[wide.notna().any(axis=1)] = wide.fillna(0.0)
    _stack(ax, wide, known, top)
    for begin, end in _runs(open_):
        ax.axvspan(
            begin - 0.5,
            end + 0.5,
            facecolor="none",
            edgecolor="white",
            hatch="...",
            linewidth=0,
            alpha=0.45,
            gid="open",
        )
    _mark_silence(ax, shares, span, span)
    style.year_axis(ax, span[0], span[-1], label=_year_label(first))
    ax.set_xlim(span[0] - 0.5, span[-1] + 0.5)
    ax.set_ylim(0, 1)
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0, symbol="%"))
    ax.set_ylabel(f"Share of {style.whole(first)}")
    style.note(ax, source_note)
    return ax


@style.styled
def compositions(
    shares: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    top: int = 7,
    source_note: str = "",
) -> Figure | SubFigure:
    """Draw a `composition` for each state, instrument and source, one above the other.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it.
    fig : Figure, optional
        To be filled; else a new one.
    top : int
        As of `composition`.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        Years in which one source is silent and the other is not are hatched.

    Raises
    ------
    ParameterError
        If a portfolio has a partner twice in a window.
    """
    style.need(shares, _COLUMNS, "compositions")
    parts = [part for _, part in series.of(shares, "compositions").split(shares)]
    fig = style.sheet(fig, 0.4 + 3.1 * max(1, len(parts)))
    panels = fig.subplots(max(1, len(parts)), 1, squeeze=False)[:, 0]
    if not parts:
        style.no_data(style.canvas(panels[0]), style.reason(shares))
    for ax, part in zip(panels, parts, strict=False):
        composition(part, ax=ax, top=top)
    style.sheet_note(fig, source_note)
    return fig


def _nothing(ax: Axes, table: pd.DataFrame, source_note: str) -> Axes:
    style.no_data(ax, style.reason(table))
    if len(table):
        first = table.iloc[0].copy()
        first["start"], first["end"] = table["start"].min(), table["end"].max()
        style.heading(ax, style.titled(first), series.terms(first))
    style.note(ax, source_note)
    return ax


def _stack(ax: Axes, wide: pd.DataFrame, known: pd.DataFrame, top: int) -> None:
    order = wide.sum().sort_values(ascending=False, kind="stable").index
    own = list(order) if len(order) <= top + 1 else list(order[:top])
    palette = colours.partner_colours(own)
    names = known.assign(name=style.partner_names(known)).drop_duplicates("partner", keep="last")
    names = names.set_index("partner")["name"].map(lambda name: words.clean(name, 20))
    layers = [(names[code], palette[code], wide[code]) for code in own]
    if rest := [code for code in order if code not in own]:
        others = wide[rest].sum(axis=1, skipna=False)
        layers.append((f"{len(rest)} others", colours.OTHER, others))
    span, low, bands = wide.index.to_numpy(), 0.0, []
    for name, colour, values in layers:
        high = low + values.to_numpy()
        base = np.where(np.isnan(high), np.nan, low)
        x = np.repeat(np.append(span - 0.5, span[-1] + 0.5), 2)[1:-1]  # a year has width
        ax.fill_between(
            x,
            np.repeat(base, 2),
            np.repeat(high, 2),
            facecolor=colour,
            linewidth=0.7,
            edgecolor="white",
            label=name,
        )
        bands.append((span, base, high, name, colour))
        low = high
    _name_bands(ax, bands)


def _name_bands(ax: Axes, bands: list[tuple]) -> None:
    """Name bands at the right edge; one that has ended by then, within itself where it fits."""
    last = int(np.flatnonzero(~np.isnan(bands[0][1]))[-1])
    ends, inside = [], {}
    for at, (span, low, high, name, colour) in enumerate(bands):
        text, x = name, span[last] + 0.5
        if high[last] - low[last] < 1e-9:
            x = np.nan  # there is no band at the right edge to point to
            until = span[np.flatnonzero(np.nan_to_num(high - low) > 1e-9)[-1]]
            text = f"{name} (to {until})"
            inside[at] = (span, low, high, name, colours.ink_on(colour))
        ends.append((x, (low[last] + high[last]) / 2, text, colour))
    within = dict(zip(inside, band_labels(ax, list(inside.values())), strict=True))
    end_labels(ax, ends, chips=True, unless=within)


def _open_windows(known: pd.DataFrame) -> np.ndarray:
    """Last years of the windows in which a source gives shares within bounds only."""
    if not {"share_low", "share_high"} <= set(known.columns):
        return np.array([], int)
    return known.loc[known["share_high"] - known["share_low"] > 5e-4, "end"].unique()


def _mark_silence(ax: Axes, shares: pd.DataFrame, span: np.ndarray, at: np.ndarray) -> None:
    """Mark windows that end in `span`, drawn at `at`, one unit wide, if they have no shares."""
    status = shares.drop_duplicates("end").set_index("end")["status"].reindex(span)
    silent = ~status.isin(["measured", "empty"]).to_numpy()
    for mask, text, hatch in (
        ((status == "empty").to_numpy(), "no ties", ""),
        (silent, "no data", "////"),
    ):
        for first, last in _runs(np.flatnonzero(mask)):
            style.gap(ax, at[first] - 0.5, at[last] + 0.5, text=text, hatch=hatch)


def _runs(found: np.ndarray) -> list[tuple[int, int]]:
    """First and last of each run of consecutive years."""
    found = np.sort(np.asarray(found, int))
    parts = np.split(found, np.flatnonzero(np.diff(found) > 1) + 1)
    return [(int(part[0]), int(part[-1])) for part in parts if len(part)]


def _year_label(first: pd.Series) -> str:
    window = int(first["window"])
    return "Year" if window == 1 else f"Last year of each {window}-year window"


# --- heat map -------------------------------------------------------------------------------------


@style.styled
def heatmap(
    shares: pd.DataFrame, *, ax: Axes | None = None, top: int = 15, source_note: str = ""
) -> Axes:
    """Partner by window: the darker, the larger the share; numbers where they fit.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it: one country, source and instrument. Non-overlapping
        windows are the easiest to read.
    ax : Axes, optional
        To draw on; else a new one.
    top : int
        Rows: the partners with the largest shares over all windows.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Windows that the source does not cover are hatched, windows without ties say so.

    Raises
    ------
    ParameterError
        If the table holds more than one portfolio a window.
    """
    style.need(shares, _COLUMNS, "heatmap")
    series.of(shares, "heatmap")
    known = shares[shares["partner"].notna() & shares["share"].notna()]
    ends = np.sort(shares["end"].unique())
    wide = known.pivot_table(index="partner", columns="end", values="share", aggfunc="sum")
    order = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index
    wide = wide.loc[order[:top]].reindex(columns=ends)
    ax = style.canvas(ax, height=1.2 + 0.24 * max(4, len(wide)))
    if known.empty:
        return _nothing(ax, shares, source_note)
    first = known.iloc[0]
    shown = "" if len(order) <= top else f" · largest {top} of {len(order)} partners"
    title = f"{words.instrument_label(first['instrument'])}: partners' shares by window"
    style.heading(ax, title, series.terms(first) + shown)
    filled = wide.where(wide > 0)
    import seaborn as sns  # slow to import, and needed by this figure only

    sns.heatmap(
        filled,
        ax=ax,
        cmap="YlGnBu",
        vmin=0,
        vmax=max(0.3, float(filled.max(axis=None))),
        cbar=False,
        linecolor="white",
        linewidths=0.8 if len(ends) <= 12 else 0.2,
        xticklabels=False,
        yticklabels=False,
    )
    mesh = ax.collections[0]
    _mark_silence(ax, shares, ends, np.arange(len(ends)) + 0.5)
    _heat_axes(ax, wide, shares)
    style.note(ax, source_note)
    _number_cells(ax, filled, mesh)
    return ax


def _number_cells(ax: Axes, filled: pd.DataFrame, mesh: Any) -> None:
    if filled.shape[1] > 12:
        bar = ax.figure.colorbar(mesh, ax=ax, format=PercentFormatter(1, decimals=0), pad=0.01)
        bar.set_label("Share")
        bar.outline.set_visible(False)
        return
    for (row, column), share in np.ndenumerate(filled.to_numpy()):
        if share > 0:
            rgb = mesh.cmap(mesh.norm(share))
            ax.text(
                column + 0.5,
                row + 0.5,
                numbers.percent(share),
                ha="center",
                va="center",
                fontsize=style.SMALL,
                color=colours.ink_on(rgb[:3]),
                parse_math=False,
                gid="value",
            )


def _heat_axes(ax: Axes, wide: pd.DataFrame, shares: pd.DataFrame) -> None:
    named = dict(zip(shares["partner"], style.partner_names(shares), strict=True))
    ax.set_yticks(
        np.arange(len(wide)) + 0.5,
        [words.clean(named[code], 22) for code in wide.index],
        parse_math=False,
    )
    ax.set_ylabel("")  # seaborn writes the name of the column there
    ax.set_ylim(len(wide), 0)
    starts = shares.drop_duplicates("end").set_index("end")["start"]
    ends = wide.columns
    if len(ends) <= 8:
        ax.set_xticks(np.arange(len(ends)) + 0.5, [_short(starts[end], end) for end in ends])
        ax.set_xlabel("Window" if int(shares["window"].iloc[0]) > 1 else "Year")
    else:
        at = np.arange(0, len(ends), math.ceil(len(ends) / 9))
        ax.set_xticks(at + 0.5, [str(end) for end in ends[at]])
        ax.set_xlabel(_year_label(shares.iloc[0]))
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _short(first: int, last: int) -> str:
    if first == last:
        return str(last)
    same = first // 100 == last // 100
    return f"{first}–{last % 100:02d}" if same else f"{first}–{last}"


def describe_composition(shares: pd.DataFrame) -> str:
    """Alt text of `composition`: the first partners at both ends, and the gaps."""
    series.of(shares, "composition")
    later = series.in_turn(shares, "composition")
    known = shares[shares["share"].notna()]
    if known.empty:
        return sentences("Stacked areas of partners' shares over time", [], shares)
    first = known.iloc[0]
    ends = sorted({int(known["end"].min()), int(known["end"].max())})
    parts = [_window_text(known[known["end"] == end]) for end in ends]
    opening = f"Stacked areas of partners' shares, {instrument_label(first['instrument'])}"
    return sentences(f"{opening} ({series.terms(first)}{later})", [*parts, *_gaps(shares)], shares)


def describe_compositions(shares: pd.DataFrame) -> str:
    """Alt text of `compositions`: that of each panel."""
    found = series.of(shares, "compositions")
    parts = [describe_composition(rows) for _, rows in found.split(shares)]
    return " ".join(parts) or describe_composition(shares)


def _window_text(rows: pd.DataFrame) -> str:
    span = years(rows["start"].iloc[0], rows["end"].iloc[0])
    return f"{span}: {top_partners(rows)} ({counted(len(rows), 'partner')})"


def _gaps(shares: pd.DataFrame) -> list[str]:
    status = shares.drop_duplicates("end").set_index("end")["status"]
    return [
        f"{why.name} for windows ending {spans_of(status.index[status == kind])}"
        for kind, why in ABSENCES.items()
        if kind != "measured" and (status == kind).any()
    ]


def describe_heatmap(shares: pd.DataFrame) -> str:
    """Alt text of `heatmap`: the first partner of each window, or of both ends if they are many."""
    found = series.of(shares, "heatmap")
    known = shares[shares["share"].notna()]
    if known.empty:
        return sentences("Table of partners' shares by window", [], shares)
    ends = np.sort(known["end"].unique())
    shown = ends if len(ends) <= 8 else ends[[0, -1]]
    rows = [known[known["end"] == end] for end in shown]
    parts = [f"{years(r['start'].iloc[0], r['end'].iloc[0])}: {_first_text(r)}" for r in rows]
    opening = f"Shares of partners by window, {instrument_label(known['instrument'].iloc[0])}"
    return sentences(with_shared(opening, found), [*parts, *_gaps(shares)], shares)


def _first_text(rows: pd.DataFrame) -> str:
    """Name the largest partner of a window, and how many there are."""
    return (
        f"{top_partners(rows, 1)}, {'the only one' if len(rows) == 1 else f'first of {len(rows)}'}"
    )
