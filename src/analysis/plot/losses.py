"""Figures of a report on isolation: losses of blocs, and defaults together."""

import textwrap

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from .. import numbers, words
from .parts import colours, series, style
from .parts.labels import end_labels

#: so many portfolios have room for their names side by side
_ABREAST = 8


@style.styled
def blocs(lost: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Share of each portfolio that goes with each bloc: a row a bloc, a column a portfolio.

    Parameters
    ----------
    lost : DataFrame
        As `analysis.studies.isolation.tables.blocs_lost` gives it.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        The darker, the larger the share; blocs of different rules overlap.

    Raises
    ------
    ParameterError
        If a portfolio has two shares of one bloc.
    """
    style.need(lost, [*words.PORTFOLIO, "rule", "bloc", "share_lost"], "blocs")
    found = series.of(lost, "blocs")
    wide = _grid(lost[lost["share_lost"].notna()], found)
    ax = style.canvas(ax, height=2.1 + 0.3 * max(3, len(wide)))
    if wide.empty:
        style.no_data(ax, "no data: no partners on record")
    else:
        _cells(ax, wide)
    said = series.joined(found.shared, "share of the portfolio; blocs of two rules overlap")
    style.heading(ax, "What goes with a bloc", said)
    style.note(ax, source_note)
    return ax


def _grid(lost: pd.DataFrame, found: series.Series) -> pd.DataFrame:
    """Shares by (rule, bloc) and portfolio, in the order of the table."""
    heads = ["\n".join(found.titles[key].rsplit(", ", 1)) for key in found.keys(lost)]
    wide = lost.assign(head=heads).pivot_table(
        index=["rule", "bloc"], columns="head", values="share_lost", sort=False
    )
    rules = list(dict.fromkeys(lost["rule"]))
    return wide.sort_index(level="rule", key=lambda r: r.map(rules.index), sort_remaining=False)


def _cells(ax: Axes, wide: pd.DataFrame) -> None:
    rows, columns = wide.shape
    rules = wide.index.get_level_values("rule")
    # a blank row between rules
    places = np.arange(rows) + np.concatenate([[0], np.cumsum(rules[1:] != rules[:-1])]) * 0.5
    for place, (_, row) in zip(places, wide.iterrows(), strict=True):
        for column, share in enumerate(row):
            if np.isnan(share):
                ax.text(column, place, "–", ha="center", va="center", color=colours.MUTED)
                continue
            ax.fill_between(
                [column - 0.48, column + 0.48],
                place - 0.46,
                place + 0.46,
                lw=0,
                color=colours.ACCENT,
                alpha=0.08 + 0.82 * share,
            )
            ax.text(
                column,
                place,
                numbers.percent(share),
                ha="center",
                va="center",
                fontsize=style.SMALL,
                color="white" if share > 0.45 else colours.INK,
                gid="value",
            )
    names = [words.capital(words.clean(name, 38)) for _, name in wide.index]
    ax.set_yticks(places, names, parse_math=False)
    heads = [_head(text, upright=columns > _ABREAST) for text in wide.columns]
    turn = 90 if columns > _ABREAST else 0
    ax.set_xticks(range(columns), heads, fontsize=7.5, rotation=turn, parse_math=False)
    ax.set_xlim(-0.5, columns - 0.5)
    ax.set_ylim(places[-1] + 0.6, -0.6)
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _head(text: str, *, upright: bool) -> str:
    wide = 24 if upright else 12
    return "\n".join(textwrap.fill(t, wide, break_long_words=False) for t in text.split("\n"))


def describe_blocs(lost: pd.DataFrame) -> str:
    """Alt text of `blocs`: the largest bloc of each portfolio, by each rule."""
    found = series.of(lost, "blocs")
    known = lost[lost["share_lost"].notna()]
    if known.empty:
        return "A figure without content: no partners are on record."
    most = known.loc[known.groupby([*found.columns, "rule"], sort=False)["share_lost"].idxmax()]
    parts = [
        f"{found.titles[key]}, by {row['rule']}: {words.clean(row['bloc'], 60)}"
        f" {numbers.percent(row['share_lost'])}"
        for key, (_, row) in zip(found.keys(most), most.iterrows(), strict=True)
    ]
    return f"Grid of the share that each bloc has ({found.shared}); largest: {'; '.join(parts)}."


@style.styled
def joint_default(
    risked: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Partners that default independently, by how far they default together: a panel a rule.

    Parameters
    ----------
    risked : DataFrame
        As `analysis.studies.isolation.tables.risks` gives it.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        At the left each partner defaults by itself, at the right those at no distance do as one.
        Portfolios of one partner, for which nothing changes, are not drawn.

    Raises
    ------
    ParameterError
        If a portfolio has two values at one correlation, or there are several measures.
    """
    style.need(risked, [*words.PORTFOLIO, "together", "correlation", "estimate"], "joint_default")
    known = risked[risked["estimate"].notna() & (risked["n_partners"] > 1)]
    found = series.of(known, "joint_default")
    kinds = list(dict.fromkeys(known["together"]))
    fig = style.sheet(fig, 0.6 + 2.5 * max(1, len(kinds)))
    if known.empty:
        style.no_data(style.canvas(fig.add_subplot()), "no data: no portfolio has two partners")
        style.sheet_note(fig, source_note)
        return fig
    panels = fig.subplots(len(kinds), 1, sharex=True, squeeze=False)[:, 0]
    for ax, kind in zip(panels, kinds, strict=True):
        _fall(style.canvas(ax), known[known["together"] == kind], found)
        style.heading(ax, f"If {kind} default together", found.shared if ax is panels[0] else "")
    panels[-1].set_xlabel("Correlation of the defaults of two partners at no distance")
    style.sheet_note(fig, source_note)
    return fig


def _fall(ax: Axes, rows: pd.DataFrame, found: series.Series) -> None:
    ends = []
    for key, own in found.split(rows):
        colour, dashes, marker = found.looks[key]
        line = own.sort_values("correlation")
        ax.plot(
            line["correlation"],
            line["estimate"],
            color=colour,
            linestyle=dashes,
            marker=marker,
            ms=4,
            label=found.labels[key],
        )
        last = line.iloc[-1]
        ends.append((last["correlation"], last["estimate"], found.labels[key], colour))
    ax.set_xlim(-0.03, 1.03)
    # partners by the dozen and by ones, in one panel
    ax.set_yscale("log")
    ax.set_ylim(0.93, 1.3 * max(2.0, rows["estimate"].max()))
    ax.yaxis.set_major_locator(FixedLocator([1, 2, 5, 10, 20, 50, 100]))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.set_ylabel("Effective independent\npartners")
    ax.grid(axis="y")
    end_labels(ax, ends)


def describe_joint_default(risked: pd.DataFrame) -> str:
    """Alt text of `defaults`: both ends of each line."""
    known = risked[risked["estimate"].notna() & (risked["n_partners"] > 1)]
    if known.empty:
        return "A figure without content: no portfolio has two partners."
    found = series.of(known, "joint_default")
    parts = []
    for kind, rows in known.groupby("together", sort=False):
        for key, own in found.split(rows):
            ends = own.sort_values("correlation")["estimate"]
            fall = f"{numbers.number(ends.iloc[0])} to {numbers.number(ends.iloc[-1])}"
            parts.append(f"{found.titles[key]}, {kind}: {fall}")
    texts = "; ".join(parts)
    return (
        f"Lines of independent partners ({found.shared}), from no correlation of defaults to full:"
        f" {texts}."
    )
