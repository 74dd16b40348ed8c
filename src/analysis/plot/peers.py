"""Figures of a state among its peers: its places, and the course of each peer beside its own."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from .. import numbers, words
from ..errors import ParameterError
from . import trends
from .parts import colours, series, style

_PLACED = ["measure", "source", "instrument", "place", "low", "high", "n_placed", "highlighted"]
_COLUMNS = 2
#: bands are cut at so many times the highest estimate
_MOST = 2.0


@style.styled
def peer_ranks(
    table: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Place of a state among its peers: a panel for each measure, a row for each instrument.

    Parameters
    ----------
    table : DataFrame
        measure, source, instrument, start, end, name, place, low, high, n_placed, highlighted; as
        `analysis.studies.peers.ranking.ranks` gives it. The rows highlighted are drawn, where more
        than one state has a place.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        A bar spans the places that the data leave open. Hollow: which these are is not known.

    Raises
    ------
    ParameterError
        If several states are highlighted, or one has two places by one measure and instrument.
    """
    style.need(table, [*_PLACED, "start", "end", "name", "interval"], "peer_ranks")
    shown = _own(table)
    found = series.of(shown, "peer_ranks")
    panels = [rows for _, rows in shown.groupby("measure", sort=False)]
    sizes = [len(rows) for rows in panels] or [2]
    fig = style.sheet(fig, 1.0 + 0.62 * len(sizes) + 0.27 * sum(sizes))
    axes = fig.subplots(len(sizes), 1, sharex=True, squeeze=False, height_ratios=sizes)[:, 0]
    if not panels:
        style.no_data(style.canvas(axes[0]), "no data: no peer has a tie by the same instrument")
    most = int(shown["n_placed"].max()) if panels else 1
    for place, (ax, rows) in enumerate(zip(axes, panels, strict=False)):
        said = (
            f"{found.shared} · bar: places that the data leave open · hollow: not known"
            if not place
            else ""
        )
        _tracks(style.canvas(ax), rows.reset_index(drop=True), most, said=said)
        ax.set_yticks(
            np.arange(len(rows)), _track_names(rows), parse_math=False, fontsize=style.SMALL
        )
    if panels:
        axes[-1].set_xlabel("Place, 1 being the most diverse")
    style.sheet_note(fig, source_note)
    return fig


def _own(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the state's own ranks, where it is not the only one that has a rank."""
    own = table["highlighted"].astype(bool)
    return table[own & table["place"].notna() & (table["n_placed"] > 1)]


def _tracks(ax: Axes, rows: pd.DataFrame, most: int, *, said: str) -> None:
    at = np.arange(len(rows))
    ax.hlines(at, 1, rows["n_placed"], color=colours.OTHER, linewidth=1.0, zorder=1)
    ax.hlines(at, rows["low"], rows["high"], color=colours.ACCENT, linewidth=4, alpha=0.4, zorder=2)
    sure = rows["low"].notna().to_numpy()
    for group, fill in ((sure, colours.ACCENT), (~sure, "white")):
        ax.plot(
            rows["place"][group],
            at[group],
            "D",
            color=colours.ACCENT,
            markerfacecolor=fill,
            markersize=6,
            zorder=3,
        )
    for place, row in zip(at, rows.itertuples(), strict=True):
        ax.annotate(
            _said(row),
            (most, place),
            (12, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            color=colours.MUTED,
            parse_math=False,
            annotation_clip=False,
            gid="value",
        )
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0.7, most + 0.3)
    ax.xaxis.set_major_locator(MaxNLocator(9, integer=True, steps=[1, 2, 5, 10]))
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    style.heading(ax, words.capital(words.clean(rows["measure"].iloc[0], 60)), said)


def _track_names(rows: pd.DataFrame) -> list[str]:
    """Name the rows of one measure."""
    return list(series.arranged(rows, series.DRAWS["peer_ranks"].apart).titles.values())


def _said(row: Any) -> str:
    """Write a place with its interval: 2 of 7 (1 to 5)."""
    shared = ", shared" if getattr(row, "n_tied", 0) else ""
    ends = (
        "no other"
        if row.low == row.high
        else f"{numbers.number(row.low)} to {numbers.number(row.high)}"
    )
    open_ = "" if np.isnan(row.low) else f" ({ends})"
    return f"{numbers.number(row.place)} of {row.n_placed}{shared}{open_}"


@style.styled
def against_peers(
    measures: pd.DataFrame,
    chosen: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    source_note: str = "",
) -> Figure | SubFigure:
    """One measure over time: a panel for each peer, with the state's own line in grey behind it.

    Parameters
    ----------
    measures : DataFrame
        One measure by one source and instrument, of the state and its peers, as `analysis.measure`
        gives it.
    chosen : DataFrame
        of, country, name, rank; as `analysis.peers` gives it. Its order is that of the panels.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        All panels have the same axes. Years of which the source says nothing are hatched. A peer
        without any estimate has no panel, and is named below with the reason.

    Raises
    ------
    ParameterError
        If the table holds more than one measure, source, instrument, weighting or length of window,
        the peers are those of several states, or columns are missing.
    """
    style.need(
        measures,
        [*words.PORTFOLIO, "measure", "estimate", "low", "high", "status"],
        "against_peers",
    )
    style.need(chosen, ["of", "country", "name", "rank"], "against_peers")
    _checked(measures, chosen)
    own = measures[measures["country"].isin(chosen["of"])]
    peers = chosen[chosen["rank"].notna()]
    with_line = peers["country"].isin(measures.loc[measures["estimate"].notna(), "country"])
    drawn = peers[with_line]
    rows = max(1, -(-len(drawn) // _COLUMNS))
    fig = style.sheet(fig, 1.0 + 1.75 * rows)
    if drawn.empty or not own["estimate"].notna().any():
        why = style.reason(own) if len(peers) else "no data: no peers"
        style.no_data(style.canvas(fig.add_subplot()), why)
        style.sheet_note(fig, source_note)
        return fig
    panels = fig.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False)
    shown = pd.concat([own, measures[measures["country"].isin(drawn["country"])]])
    for ax, peer in zip(panels.ravel(), drawn.itertuples(), strict=False):
        theirs = measures[measures["country"] == peer.country]
        _panel(style.canvas(ax), own, theirs, shown, name=peer.name)
    for ax in panels.ravel()[len(drawn) :]:
        ax.set_axis_off()
    _label(fig, panels, len(drawn), shown)
    style.sheet_note(fig, f"{_without(measures, peers[~with_line])} {source_note}".strip())
    return fig


def _checked(measures: pd.DataFrame, chosen: pd.DataFrame) -> None:
    series.of(measures, "against_peers")
    series.refuse_several(chosen, "against_peers", ("of",))
    others = sorted({*measures["country"]} - {*chosen["of"], *chosen["country"]})
    if others and len(chosen):
        raise ParameterError(
            f"against_peers shows a state and its peers; {', '.join(others)} are neither. Leave"
            " them out of the measures, or choose them as peers."
        )


def _without(measures: pd.DataFrame, peers: pd.DataFrame) -> str:
    """Name the peers that have no panel, and why."""
    said: dict[str, list[str]] = {}
    for peer in peers.itertuples():
        why = style.reason(measures[measures["country"] == peer.country])
        said.setdefault(why.removeprefix("no data: "), []).append(words.clean(peer.name, 40))
    parts = [f"{', '.join(names)} ({why})" for why, names in said.items()]
    return f"Without a panel: {'; '.join(parts)}." if parts else ""


def _panel(
    ax: Axes, own: pd.DataFrame, theirs: pd.DataFrame, shown: pd.DataFrame, *, name: str
) -> None:
    first, last = trends.span_of(shown)
    years = np.arange(first, last + 1)
    behind, line = (
        rows.drop_duplicates("end").set_index("end").reindex(years) for rows in (own, theirs)
    )
    ax.plot(years, behind["estimate"], color=colours.FAINT, linewidth=2.2, gid="own", zorder=1.5)
    trends.line_of(ax, line, (colours.ACCENT, "-", "o"), label=name)
    trends.mark_silences(ax, years, line["estimate"].notna().to_numpy(), measures=theirs)
    ax.set_xlim(first - 0.6, last + 0.6)
    ax.set_ylim(0, _top(shown))
    ax.grid(axis="y")
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    style.heading(ax, words.clean(name, 30))


def _top(shown: pd.DataFrame) -> float:
    """Upper end of the y axis: bands are cut where they would leave the lines no room."""
    return 1.06 * min(np.nanmax(shown[["estimate", "high"]]), _MOST * shown["estimate"].max())


def _label(fig: Figure | SubFigure, panels: np.ndarray, number: int, shown: pd.DataFrame) -> None:
    """Label the years below each column, and say above all panels what is drawn."""
    for column in range(_COLUMNS):
        filled = panels.ravel()[:number][column::_COLUMNS]
        for ax in filled[-1:]:
            style.year_axis(ax, *trends.span_of(shown), label=trends.year_label(shown))
            ax.tick_params(labelbottom=True)
    measure = style.axis_label(words.clean(shown["measure"].iloc[0], 60), 24)
    for ax in panels[:, 0]:
        ax.set_ylabel(measure, parse_math=False, fontsize=style.SMALL)
    state = shown.iloc[0]
    name = words.clean(state["name"] if "name" in shown else state["country"], 34)
    cut = ", cut where it leaves the panel" if shown["high"].max() > _top(shown) else ""
    handles = [
        Line2D([], [], color=colours.FAINT, linewidth=2.2, label=name),
        Line2D([], [], color=colours.ACCENT, marker="o", label=f"the peer, with its band{cut}"),
    ]
    if not numbers.has_interval(shown).any():
        handles[1].set_label("the peer")
    fig.legend(handles=handles, loc="outside upper left", ncols=2, frameon=False)


# --- alt text -------------------------------------------------------------------------------------


def describe_peer_ranks(table: pd.DataFrame) -> str:
    """Alt text of `places`: every place with its interval."""
    shown = _own(table)
    series.of(shown, "peer_ranks")
    if shown.empty:
        return "A figure without content: no peer has a tie by the same instrument."
    parts = []
    for measure, rows in shown.groupby("measure", sort=False):
        names = zip(_track_names(rows), rows.itertuples(), strict=True)
        said = [f"{name} {_said(row)}" for name, row in names]
        parts.append(f"{words.capital(words.clean(measure, 60))}: {', '.join(said)}")
    who = words.clean(shown["name"].iloc[0], 40)
    return f"Places of {who} among its peers, 1 the most diverse. {'. '.join(parts)}."


def describe_against_peers(measures: pd.DataFrame, chosen: pd.DataFrame) -> str:
    """Alt text of `against_peers`: first and last estimate of the state and of each peer.

    Parameters
    ----------
    measures, chosen : DataFrame
        As for `against_peers`.
    """
    _checked(measures, chosen)
    named = chosen[chosen["rank"].notna()]
    if named.empty:
        return "A figure without content: no peers."
    names = dict(zip(named["country"], named["name"], strict=True))
    parts = []
    for code in dict.fromkeys([*chosen["of"], *named["country"]]):
        rows = measures[measures["country"] == code].sort_values("end")
        who = words.clean(names.get(code, f"the state ({code})"), 40)
        parts.append(f"{who} {_course(rows)}")
    name = words.clean(measures["measure"].iloc[0], 60) if len(measures) else "one measure"
    return f"A panel for each peer: lines of {name} over time. {'; '.join(parts)}."


def _course(rows: pd.DataFrame) -> str:
    known = rows[rows["estimate"].notna()]
    if known.empty:
        return style.reason(rows)
    first, last = known.iloc[0], known.iloc[-1]
    start = f"{numbers.number_of(first)} in {int(first['end'])}"
    if len(known) == 1:
        return start
    return f"{start}, {numbers.number_of(last)} in {int(last['end'])}"
