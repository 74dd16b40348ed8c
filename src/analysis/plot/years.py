"""Figures of amounts and counts: year by year, and one portfolio by two ways of counting."""

import math

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .. import numbers, words
from ..errors import ParameterError
from .parts import colours, series, style

#: fill of a kind: its pattern is seen in grey too
_FILLS = (
    ("#004488", ""), ("#d9a441", "---"), ("#bb5566", "\\\\\\\\"), ("#7fb8a8", "////"),
    ("#777722", "xxxx"), ("#c9c9c9", ""),
)  # fmt: skip


@style.styled
def yearly(
    table: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Amounts by year, stacked by kind, a panel for each subject.

    Parameters
    ----------
    table : DataFrame
        panel, year, kind, value, unit, covered (bool). One row or more for every year of a panel;
        `value` is missing where `covered` is not.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        Years that are not covered are hatched; a covered year without a bar has a true zero.

    Raises
    ------
    ParameterError
        If a panel has several units or sources, or two values of one kind in a year; or if the
        table is of several states.
    """
    style.need(table, ["panel", "year", "kind", "value", "unit", "covered"], "yearly")
    series.of(table, "yearly")
    _one_unit(table)
    panels = list(table["panel"].drop_duplicates())
    fig = style.sheet(fig, 0.9 + 1.75 * max(1, len(panels)))
    axes = fig.subplots(max(1, len(panels)), 1, sharex=True, squeeze=False)[:, 0]
    if table.empty:
        style.no_data(style.canvas(axes[0]), style.reason(table))
    for ax, panel in zip(axes, panels, strict=False):
        _years(style.canvas(ax), table[table["panel"] == panel])
    if table["value"].sum() > 0:
        style.year_axis(axes[-1], table["year"].min(), table["year"].max())
    style.sheet_note(fig, source_note)
    return fig


def _one_unit(table: pd.DataFrame) -> None:
    for _, rows in table.groupby("panel"):
        series.refuse_several(rows, "a panel of yearly", ("unit", "source"))


def _years(ax: Axes, rows: pd.DataFrame) -> None:
    if not rows["value"].sum() > 0:
        style.heading(ax, words.clean(rows["panel"].iloc[0], 80))
        style.no_data(ax, "no data: none is recorded in the years covered")
        return
    every = [kind for kind in rows["kind"].drop_duplicates() if pd.notna(kind)]
    fills = dict(zip(every, _FILLS * len(every), strict=False))
    wide = rows.pivot_table(index="year", columns="kind", values="value", aggfunc="sum")
    wide = wide.reindex(columns=every).fillna(0.0)
    kinds = [kind for kind in every if wide[kind].sum() > 0]  # others need no place in the key
    low = np.zeros(len(wide))
    for kind in kinds:
        colour, hatch = fills[kind]
        ax.bar(
            wide.index,
            wide[kind],
            bottom=low,
            width=0.86,
            color=colour,
            hatch=hatch,
            edgecolor="white",
            linewidth=0.4,
            label=words.clean(kind, 40),
        )
        low = low + wide[kind].to_numpy()
    _uncovered(ax, rows)
    unit = words.clean(rows["unit"].iloc[0], 40)
    only = f"{unit}, all {words.clean(kinds[0], 40)}" if len(every) > 1 else unit
    style.heading(ax, words.clean(rows["panel"].iloc[0], 80), only if len(kinds) < 2 else "")
    if len(kinds) > 1:
        ax.legend(
            loc="upper left",
            fontsize=style.SMALL,
            ncols=3,
            borderaxespad=0.2,
            handlelength=1.1,
            handletextpad=0.5,
            columnspacing=1.1,
            facecolor="white",
            edgecolor="none",
            framealpha=0.9,
        )
        ax.set_ylabel(words.capital(unit))
    rows_of_legend = math.ceil(len(kinds) / 3) if len(kinds) > 1 else 0
    ax.set_ylim(0, float(low.max()) * (1.08 + 0.22 * rows_of_legend))
    ax.yaxis.set_major_locator(
        MaxNLocator(4, steps=[1, 2, 3, 5, 10], integer=bool((low % 1 == 0).all()))
    )
    ax.yaxis.set_major_formatter("{x:,.10g}")
    ax.grid(axis="y")


def _uncovered(ax: Axes, rows: pd.DataFrame) -> None:
    covered = rows.groupby("year")["covered"].any()
    silent = covered.index[~covered].to_numpy(int)
    for run in np.split(silent, np.flatnonzero(np.diff(silent) > 1) + 1):
        if len(run):
            style.gap(ax, run[0] - 0.5, run[-1] + 0.5)


@style.styled
def two_weightings(
    table: pd.DataFrame, *, ax: Axes | None = None, top: int = 14, source_note: str = ""
) -> Axes:
    """Show partners' shares by two ways of counting the same ties, a row a partner.

    Parameters
    ----------
    table : DataFrame
        partner, partner_name, way, share; optionally share_low and share_high, drawn where they
        differ.
    ax : Axes, optional
        To draw on; else a new one.
    top : int
        How many partners are shown: those with the largest share by any way.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Filled: the first way in the table; hollow: the second.

    Raises
    ------
    ParameterError
        If a partner stands in it twice by one way, there is a third way, or several states.
    """
    style.need(table, ["partner", "way", "share"], "two_weightings")
    series.of(table, "two_weightings")
    _two_ways(table)
    known = table[table["share"].notna() & table["partner"].notna()].reset_index(drop=True)
    order = known.groupby("partner")["share"].max().sort_values(ascending=False, kind="stable")
    shown = list(order.index if len(order) == top + 1 else order.index[:top])
    ax = style.canvas(ax, height=1.5 + 0.25 * max(2, len(shown)))
    if known.empty:
        style.no_data(ax, style.reason(table))
        style.note(ax, source_note)
        return ax
    names = list(known["way"].drop_duplicates())
    kept = known[known["partner"].isin(shown)]
    places = kept["partner"].map({partner: at for at, partner in enumerate(shown)})
    ends = kept["share"].groupby(places).agg(["min", "max"])
    ax.hlines(ends.index, ends["min"], ends["max"], color=colours.FAINT, linewidth=2, zorder=1)
    for name, fill in zip(names, (colours.ACCENT, "white"), strict=False):
        _one_way(ax, kept[kept["way"] == name], places, fill)
    labels = style.partner_names(kept).groupby(places).first()
    ax.set_yticks(range(len(shown)), [words.clean(label, 24) for label in labels], parse_math=False)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.set_xlabel("Share of the portfolio")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")
    rest = len(order) - len(shown)
    more = f" · the other {rest} partners are smaller" if rest else ""
    key = " · ".join(f"{mark} {name}" for mark, name in zip("●○", names, strict=False))
    style.heading(ax, "Partners' shares by two ways of counting", key + more)
    style.note(ax, source_note)
    return ax


def _two_ways(table: pd.DataFrame) -> None:
    if len(ways_ := list(table["way"].drop_duplicates())) > 2:
        raise ParameterError(
            f"ways shows two ways of counting, and the table holds {len(ways_)}"
            f" ({', '.join(words.clean(name, 40) for name in ways_)}). Select two of them."
        )


def _one_way(ax: Axes, rows: pd.DataFrame, places: pd.Series, fill: str) -> None:
    at = places[rows.index]
    if {"share_low", "share_high"} <= set(rows.columns):
        open_ = rows["share_high"] - rows["share_low"] > 5e-4
        ax.hlines(
            at[open_],
            rows["share_low"][open_],
            rows["share_high"][open_],
            color=colours.ACCENT,
            linewidth=1,
            zorder=2,
        )
    ax.plot(rows["share"], at, "o", mfc=fill, mec=colours.ACCENT, mew=1.4, ms=6.5, zorder=3)


def describe_yearly(table: pd.DataFrame) -> str:
    """Alt text of `yearly`: of each panel how many years have something, and which most."""
    series.of(table, "yearly")
    _one_unit(table)
    parts = []
    for name, rows in table.groupby("panel", sort=False):
        totals = rows[rows["covered"]].groupby("year")["value"].sum()
        if not totals.any():
            why = "none in the years covered" if len(totals) else "not covered by the source"
            parts.append(f"{words.clean(name, 80)}: no data: {why}.")
            continue
        peak = int(totals.idxmax())
        parts.append(
            f"{words.clean(name, 80)} ({words.clean(rows['unit'].iloc[0], 40)}),"
            f" {words.years(totals.index[0], totals.index[-1])}: some in {(totals > 0).sum()} of"
            f" {len(totals)} years, most in {peak} ({numbers.number(totals[peak])})."
        )
    return " ".join(["Bars by year.", *parts])


def describe_two_weightings(table: pd.DataFrame) -> str:
    """Alt text of `ways`: the first three partners by each way."""
    series.of(table, "two_weightings")
    _two_ways(table)
    parts = []
    for name, rows in table[table["share"].notna()].groupby("way", sort=False):
        best = rows.sort_values("share", ascending=False, kind="stable").head(3)
        pairs = zip(style.partner_names(best), best.itertuples(), strict=True)
        first = ", ".join(f"{who} {numbers.percent_of(row)}" for who, row in pairs)
        parts.append(f"{words.clean(name, 60)}: {first}.")
    parts = parts or [f"{style.reason(table)}."]
    return " ".join(["Partners' shares by two ways of counting.", *parts])
