"""Figures of event studies: what changed after shocks, and a state beside its synthetic control."""

import textwrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from .. import numbers, words
from .parts import colours, interval_ends, series, style

#: panels side by side
_ACROSS = 3
#: placebos below this number are drawn as a thin line: their range is narrow because they are few
_FEW = 10


@style.styled
def shock_effects(
    study: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Show what changed after each shock, beside what a synthetic control leaves: a row a shock.

    Parameters
    ----------
    study : DataFrame
        As `changes` of `analysis.studies.events.tables.study`: one state and one measure, such as
        `study.headline`.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        A panel an instrument. Dot: the change, with its interval; diamond: the change beyond the
        synthetic control, over the range of the placebos. Hatched: what no source covers, or where
        nothing is on record.

    Raises
    ------
    ParameterError
        If the table holds several states or measures, or a shock twice.
    """
    need = [
        "shock",
        "year",
        "text",
        "source",
        "instrument",
        "measure",
        "status",
        "change",
        "low",
        "high",
        "gap",
        "placebo_low",
        "placebo_high",
        "n_peers",
    ]
    style.need(study, need, "shock_effects")
    found = series.of(study, "shock_effects")
    shown = [rows for _, rows in found.split(study) if (rows["status"] == "measured").any()]
    shocks = study.drop_duplicates("shock")
    deep = -(-len(shown) // _ACROSS) or 1
    fig = style.sheet(fig, 0.9 + deep * (0.6 + 0.46 * max(3, len(shocks))))
    if not shown:
        style.no_data(style.canvas(fig.add_subplot()), style.reason(study))
        style.sheet_note(fig, source_note)
        return fig
    wide = min(_ACROSS, len(shown))
    panels = fig.subplots(deep, wide, sharey=True, squeeze=False)
    for ax, rows in zip(panels.flat, shown, strict=False):
        _shocks(style.canvas(ax), rows.set_index("shock"), shocks)
        ax.set_title(
            style.wrapped(_sourced(rows), 4.8 / wide, 9.5),
            loc="left",
            fontsize=9.5,
            fontweight="bold",
            color=colours.INK,
        )
    for ax in panels.flat[len(shown) :]:
        ax.set_visible(False)
    fig.suptitle(
        style.wrapped(
            f"{found.shared}: change of {words.clean(study['measure'].iloc[0], 40)}: ● before to"
            " after, with interval; ◇ beyond the synthetic control, grey: placebos (thin: fewer"
            f" than {_FEW})",
            6.2,
            10,
        ),
        x=0.01,
        ha="left",
        fontsize=10,
        fontweight="bold",
        parse_math=False,
    )
    style.sheet_note(fig, source_note)
    return fig


def _shocks(ax: Axes, rows: pd.DataFrame, shocks: pd.DataFrame) -> None:
    rows = rows.reindex(shocks["shock"])
    names = ["change", "low", "high", "gap", "placebo_low", "placebo_high"]
    every = rows[names].to_numpy(float)
    few = (rows["n_peers"] < _FEW).tolist()
    reach = 1.15 * np.nanmax(np.abs(every), initial=0.5)
    ax.set_xlim(-reach, reach)
    for place, (change, low, high, gap, least, most) in enumerate(every):
        if np.isnan(change):
            status = rows["status"].iloc[place]
            style.gap(
                ax,
                -reach,
                reach,
                text=words.absence([status]).name,
                hatch="////" if status != "empty" else "",
                rows=(place - 0.42, place + 0.42),
            )
            continue
        ax.hlines(place + 0.2, least, most, color=colours.FAINT, lw=1.2 if few[place] else 6)
        ax.plot(gap, place + 0.2, "D", mfc="white", mec=colours.INK, ms=5, gid="gap mark")
        for end, arrow in ((low, "left"), (high, "right")):
            if np.isnan(end) and not np.isnan([low, high]).all():
                interval_ends.open_ends(
                    ax, change, place - 0.15, colour=colours.ACCENT, towards=arrow
                )
        ends = np.where(np.isnan([low, high]), change, [low, high])
        ax.hlines(place - 0.15, *ends, color=colours.ACCENT, lw=1.6)
        ax.plot(change, place - 0.15, "o", color=colours.ACCENT, ms=5.5, gid="change mark")
    ax.axvline(0, color=colours.MUTED, lw=0.8, zorder=1)
    labels = [
        textwrap.fill(f"{row.year}: {words.clean(row.text, 60)}", 26) for row in shocks.itertuples()
    ]
    ax.set_yticks(range(len(labels)), labels, parse_math=False, fontsize=7.5)
    ax.set_ylim(len(labels) - 0.5, -0.5)
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.tick_params(axis="y", length=0)


def describe_shock_effects(study: pd.DataFrame) -> str:
    """Alt text of `changes`: the change after each shock, and what is not known."""
    found = series.of(study, "shock_effects")
    known = study[study["status"] == "measured"]
    if known.empty:
        return "A figure without content: no shock has a window before and after on record."
    parts = [
        f"{row.year}, {_sourced(known.iloc[[place]])}: {_change(row)}"
        for place, row in enumerate(known.itertuples())
    ]
    left = len(study) - len(known)
    return (
        f"Dots of the change of {words.clean(known['measure'].iloc[0], 40)} after shocks"
        f" ({found.shared}):"
        f" {'; '.join(parts)}. {left} more cannot be measured."
    )


def _sourced(rows: pd.DataFrame) -> str:
    """Name the instrument of a panel and its source; of another source, the years of its shocks."""
    most, *others = rows["source"].value_counts().index
    parts = [words.source_title(most)]
    for source in others:
        years = rows.loc[rows["source"] == source, "year"].astype(str)
        parts.append(f"{', '.join(years)}: {words.source_title(source)}")
    return f"{words.instrument_label(rows['instrument'].iloc[0])} ({'; '.join(parts)})"


def _change(row: Any) -> str:
    text = numbers.estimate(row.change, row.low, row.high)
    if np.isnan(row.gap):
        return text
    gap, placebos = numbers.estimate_parts(row.gap, row.placebo_low, row.placebo_high)
    return f"{text}, {gap} beyond the synthetic control (placebos {placebos or gap})"


@style.styled
def synthetic_paths(
    table: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Draw a state and its synthetic control window by window: a panel for each shock.

    Parameters
    ----------
    table : DataFrame
        As `paths` of `analysis.studies.events.tables.study`.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        Solid: the state; dashed: the synthetic control, with the range of the placebos around it;
        dotted: ends of the last window before the shock and the first one after.

    Raises
    ------
    ParameterError
        If the table holds several states or measures, or a window twice.
    """
    need = [
        "shock",
        "year",
        "source",
        "instrument",
        "end",
        "period",
        "estimate",
        "synthetic",
        "placebo_low",
        "placebo_high",
        "n_peers",
    ]
    style.need(table, need, "synthetic_paths")
    found = series.of(table, "synthetic_paths")
    shown = [rows for _, rows in found.split(table)]
    deep = -(-len(shown) // _ACROSS) or 1
    fig = style.sheet(fig, 0.6 + 1.9 * deep)
    if not shown:
        why = "no data: no shock has peers and enough windows before it"
        style.no_data(style.canvas(fig.add_subplot()), why)
        style.sheet_note(fig, source_note)
        return fig
    panels = fig.subplots(deep, min(_ACROSS, len(shown)), squeeze=False)
    several = set(table["source"].groupby(table["instrument"]).nunique()) != {1}
    for ax, own in zip(panels.flat, shown, strict=False):
        _path(style.canvas(ax), own.sort_values("end"), with_source=several)
    for ax in panels.flat[len(shown) :]:
        ax.set_visible(False)
    who = f"{found.shared}, {words.clean(table['measure'].iloc[0], 40)}"
    fig.suptitle(
        style.wrapped(f"{who}: ─ the state, - - synthetic control, band: placebos", 6.2, 10),
        x=0.01,
        ha="left",
        fontsize=10,
        fontweight="bold",
        parse_math=False,
    )
    style.sheet_note(fig, source_note)
    return fig


def _path(ax: Axes, own: pd.DataFrame, *, with_source: bool) -> None:
    ends = own["end"].to_numpy(float)
    ax.fill_between(
        ends, own["placebo_low"], own["placebo_high"], color=colours.OTHER, alpha=0.5, lw=0
    )
    ax.plot(ends, own["synthetic"], color=colours.INK, linestyle="--", lw=1.2, label="synthetic")
    ax.plot(ends, own["estimate"], color=colours.ACCENT, lw=1.8, label="own")
    for period, pick in (("before", "max"), ("after", "min")):
        ax.axvline(
            getattr(own.loc[own["period"] == period, "end"], pick)(),
            color=colours.MUTED,
            linestyle=":",
            lw=1,
        )
    first = own.iloc[0]
    source = f" ({words.source_title(first['source'])})" if with_source else ""
    ax.set_title(
        f"{first['year']}, {words.instrument_label(first['instrument']).lower()}{source}\n"
        f"{int(first['n_peers'])} peers",
        loc="left",
        fontsize=8.5,
        fontweight="normal",
    )
    ax.xaxis.set_major_locator(MaxNLocator(3, integer=True))
    ax.yaxis.set_major_locator(MaxNLocator(4))
    ax.set_ylim(bottom=0)
    ax.tick_params(labelsize=8)


def describe_synthetic_paths(table: pd.DataFrame) -> str:
    """Alt text of `paths`: where the state and its synthetic control end."""
    if table.empty:
        return "A figure without content: no shock has peers and enough windows before it."
    found = series.of(table, "synthetic_paths")
    last = table.groupby(found.columns, sort=False).tail(1)
    parts = [
        f"{row.year}, {words.instrument_label(row.instrument)} ({words.source_title(row.source)}):"
        f" {numbers.number(row.estimate)} in"
        f" {row.end}, synthetic control {numbers.number(row.synthetic)}, placebos from"
        f" {numbers.number(row.placebo_low)} to {numbers.number(row.placebo_high)}"
        for row in last.itertuples()
    ]
    return f"Lines of a state and its synthetic control ({found.shared}): {'; '.join(parts)}."
