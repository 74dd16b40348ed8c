"""Figures of who the partners are: bars of their shares, Lorenz curve."""

import math
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import PercentFormatter

from .. import numbers, words
from ..numbers import percent_of
from .parts import colours, series, style
from .parts.labels import end_labels
from .parts.sentences import sentences, top_partners, with_shared
from .parts.style import reason

_COLUMNS = [*words.PORTFOLIO, "partner", "share", "weighting", "window", "basis", "status"]
#: bars beyond those asked for, for partners with equal shares
_MORE = 3


@style.styled
def partners(
    shares: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    top: int = 10,
    source_note: str = "",
) -> Figure | SubFigure:
    """Bars of the largest partners, one panel for each portfolio.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it, one window of each instrument and source. Intervals are
        drawn where `share_low` and `share_high` differ.
    fig : Figure, optional
        To be filled; else a new one.
    top : int
        How many partners have a bar of their own; the rest make one bar, `n others`. Of partners
        with equal shares all have one, or, where that would be many more, they make one bar
        together: to name some of them would be to choose by alphabet.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        All panels have the same scale; their headings tell the portfolios apart.

    Raises
    ------
    ParameterError
        If a portfolio has a partner twice.
    """
    style.need(shares, _COLUMNS, "partners")
    found = series.of(shares, "partners")
    groups = list(found.split(shares))
    columns = 1 if len(groups) < 2 else 2
    rows = [groups[i : i + columns] for i in range(0, len(groups), columns)]
    bars = [_ranked(part, top) for _, part in groups]
    slots = [max(2, len(ranked)) for ranked in bars]
    tall = [max(slots[i : i + columns]) for i in range(0, len(slots), columns)]
    fig = style.sheet(fig, max(1.7, sum(0.205 * n + 0.95 for n in tall)))
    limit = max([_room(b) for b in bars if len(b)], default=1.0)
    # columns of their own, so that both are as wide however long the names in them
    halves = fig.subfigures(1, columns, squeeze=False)[0]
    for column, half in enumerate(halves):
        panels = half.subplots(
            max(1, len(rows)), 1, squeeze=False, height_ratios=[n + 4 for n in tall] or None
        )[:, 0]
        for at, ax in enumerate(panels):
            style.canvas(ax)
            number = at * columns + column
            if number < len(groups):
                key, part = groups[number]
                _bars(ax, part, bars[number], slots=tall[at], limit=limit)
                style.heading(ax, found.titles[key], _bar_terms(part.iloc[0], bars[number]))
            elif groups:
                ax.set_axis_off()
            else:
                style.no_data(ax, style.reason(shares))
    style.sheet_note(fig, source_note)
    return fig


def _ranked(part: pd.DataFrame, top: int) -> pd.DataFrame:
    """One row a bar: label, colour, share, low, high, end (of what is drawn), other (or not)."""
    rows = part[part["partner"].notna() & part["share"].notna()]
    rows = rows.assign(label=style.partner_names(rows), rank=-rows["share"].round(9))
    rows = rows.sort_values(["rank", "label"], kind="stable", ignore_index=True)
    own, equal, rest = _cut(rows, top)
    made = pd.DataFrame(
        {
            "label": own["label"].map(lambda name: words.clean(name, 20)),
            "colour": own["partner"].map(lambda code: colours.PARTNERS.get(code, colours.PLAIN)),
            "share": own["share"],
            "low": own.get("share_low"),
            "high": own.get("share_high"),
            "other": False,
        }
    )
    for some, text in ((equal, _equal_label(equal)), (rest, _rest_label(rest))):
        if len(some):
            # the index runs from 0, so this adds a row and replaces none
            made.loc[len(made)] = {
                "label": text,
                "colour": colours.OTHER,
                "low": math.nan,
                "high": math.nan,
                "share": round(float(some["share"].sum()), 9),
                "other": True,
            }
    bounds = made[["low", "high"]].astype(float)
    exact = ~((bounds["high"] - bounds["low"]) > 5e-4)
    made[["low", "high"]] = bounds.mask(exact)
    made["end"] = made["high"].fillna(made["share"])
    return made


def _cut(rows: pd.DataFrame, top: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Split ranked partners: with a bar of their own, equal ones across the cut, the rest."""
    if len(rows) <= top + 1:
        return rows, rows.iloc[:0], rows.iloc[:0]
    level = rows["rank"].iloc[top - 1]
    first, last = int((rows["rank"] < level).sum()), int((rows["rank"] <= level).sum())
    if last <= top + _MORE:
        first = last
    return rows.iloc[:first], rows.iloc[first:last], rows.iloc[last:]


def _equal_label(equal: pd.DataFrame) -> str:
    return f"{len(equal)} with {numbers.percent(equal['share'].iloc[0])} each" if len(equal) else ""


def _rest_label(rest: pd.DataFrame) -> str:
    return words.clean(rest["label"].iloc[0], 20) if len(rest) == 1 else f"{len(rest)} others"


def _bars(ax: Axes, part: pd.DataFrame, ranked: pd.DataFrame, *, slots: int, limit: float) -> None:
    if ranked.empty:
        style.no_data(ax, style.reason(part))
        return
    places = np.arange(len(ranked))
    ax.barh(
        places,
        ranked["share"],
        height=0.72,
        color=ranked["colour"],
        edgecolor="white",
        hatch=["////" if other else None for other in ranked["other"]],
    )
    open_ = ranked["low"].notna()
    low, high, ink = ranked["low"][open_], ranked["high"][open_], colours.INK
    ax.hlines(places[open_], low, high, color=ink, linewidth=1.2)
    for end in (low, high):
        ax.plot(end, places[open_], "|", color=ink, markersize=5)
    for place, row in zip(places, ranked.itertuples(), strict=True):
        ax.annotate(
            _printed(row),
            (row.end, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            parse_math=False,
            gid="value",
        )
    ax.set_yticks(places, ranked["label"], parse_math=False)
    ax.set_ylim(slots - 0.4, -0.6)
    ax.set_xlim(0, limit)
    ax.set_xticks([])
    ax.tick_params(axis="y", length=0)
    ax.spines["bottom"].set_visible(False)
    ax.spines["left"].set_bounds(-0.5, len(ranked) - 0.5)


def _bar_terms(first: pd.Series, ranked: pd.DataFrame) -> str:
    text = f"Share of {style.whole(first)} · {series.terms(first)}"
    if len(ranked) and ranked["low"].notna().any():
        text += " · lines: all splits of deliveries over years"
    return text


def _room(ranked: pd.DataFrame) -> float:
    """Length of the axis that bars and the numbers beside them need."""
    return float(ranked["end"].max()) * (1.75 if ranked["low"].notna().any() else 1.32)


def _printed(row: Any) -> str:
    return numbers.share_estimate(row.share, row.low, row.high)


# --- Lorenz curve ---------------------------------------------------------------------------------


@style.styled
def lorenz(shares: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Lorenz curve of each portfolio: what the smaller partners add up to.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it, one window of each instrument and source.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        On the diagonal all partners have equal shares; partners with no tie do not count.

    Raises
    ------
    ParameterError
        If a portfolio has a partner twice.

    References
    ----------
    Lorenz, M. O. (1905). Methods of measuring the concentration of wealth. Publications of the
    American Statistical Association 9, 209-219.
    """
    style.need(shares, _COLUMNS, "lorenz")
    ax = style.canvas(ax, height=4.6)
    known = shares[shares["partner"].notna() & shares["share"].notna()]
    found = series.of(known, "lorenz")
    groups = [(key, rows) for key, rows in found.split(known) if len(rows) > 1]
    if not groups:
        alone = "no data: fewer than two partners" if len(known) else style.reason(shares)
        style.no_data(ax, alone)
        style.note(ax, source_note)
        return ax
    ax.plot([0, 1], [0, 1], color=colours.FAINT, linewidth=1, linestyle="-", gid="equal")
    ax.annotate(
        "equal shares",
        (0.3, 0.3),
        (-4, 6),
        textcoords="offset points",
        ha="right",
        fontsize=style.SMALL,
        color=colours.MUTED,
        parse_math=False,
        gid="label",
    )
    drawn, ends = [], []
    for key, rows in groups:
        colour, dashes, marker = found.looks[key]
        y = np.concatenate([[0.0], np.cumsum(np.sort(rows["share"].to_numpy()))])
        x = np.linspace(0, 1, len(y))
        some = slice(1, -1, max(1, len(x) // 12))
        ax.plot(
            x,
            y,
            color=colour,
            linestyle=dashes,
            marker=marker,
            markevery=some,
            markersize=3.5,
            label=found.labels[key],
        )
        # the last step is the largest partner
        ends.append((x[-2], y[-2], found.labels[key], colour))
        drawn.append(f"{found.titles[key]} ({len(rows)} partners)")
    end_labels(ax, ends)
    style.heading(
        ax, "How evenly ties are spread over partners", series.joined(found.shared, *drawn)
    )
    ax.set(
        xlim=(0, 1.02),
        ylim=(-0.02, 1),
        xlabel="Partners, smallest first (cumulative share)",
        ylabel="Ties (cumulative share)",
    )
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    style.note(ax, source_note)
    return ax


def describe_partners(shares: pd.DataFrame) -> str:
    """Alt text of `partners`: the first three partners of each portfolio."""
    found = series.of(shares, "partners")
    parts = [
        f"{found.titles[key]} ({series.terms(rows.iloc[0])}): {_portfolio_text(rows)}"
        for key, rows in found.split(shares)
    ]
    return sentences("Bars of partners' shares", parts, shares)


def _portfolio_text(rows: pd.DataFrame) -> str:
    known = rows[rows["share"].notna()]
    if known.empty:
        return reason(rows)
    more = len(known) - 3
    rest = f" and {more} more" if more > 0 else ""
    return f"{top_partners(known)}{rest}"


def describe_lorenz(shares: pd.DataFrame) -> str:
    """Alt text of `lorenz`: what the first and the last of the partners hold."""
    known = shares[shares["share"].notna()]
    found = series.of(known, "lorenz")
    parts = [
        f"{found.titles[key]}: of {len(rows)} partners the first holds"
        f" {percent_of(rows.loc[rows['share'].idxmax()])}, the last"
        f" {percent_of(rows.loc[rows['share'].idxmin()])}"
        for key, rows in found.split(known)
        if len(rows) > 1
    ]
    if len(known) and not parts:
        parts = ["no data: fewer than two partners"]
    return sentences(with_shared("Lorenz curves of ties over partners", found), parts, shares)
