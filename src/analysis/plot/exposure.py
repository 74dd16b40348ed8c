"""Figures of what the loss of partners would do."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from .. import numbers, words
from ..numbers import loss_of, number, percent
from ..words import clean, counted
from .parts import colours, series, style
from .parts.labels import end_labels
from .parts.point_labels import Near, near_labels
from .parts.sentences import sentences, with_shared
from .parts.style import partner_names

_COLUMNS = [*words.PORTFOLIO, "partner", "share_lost", "measure", "before", "after"]


@style.styled
def loss(
    losses: pd.DataFrame, *, fig: Figure | SubFigure | None = None, source_note: str = ""
) -> Figure | SubFigure:
    """Measures before and after the loss of a partner: a row a portfolio, a panel a measure.

    Parameters
    ----------
    losses : DataFrame
        As `analysis.portfolios.losses.loss` returns it.
    fig : Figure, optional
        To be filled; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        Hollow: before; filled: after. Where nobody would be left, there is no filled mark and
        the row says so.

    Raises
    ------
    ParameterError
        If a portfolio has two values of one measure.
    """
    style.need(losses, _COLUMNS, "loss")
    known = losses[losses["before"].notna() & losses["partner"].notna()]
    names = list(known["measure"].drop_duplicates())
    found = series.of(losses, "loss")
    lost = list(found.split(known))
    fig = style.sheet(fig, 1.6 + 0.52 * max(1, len(lost)))
    if known.empty:
        style.no_data(style.canvas(fig.add_subplot()), style.reason(losses))
        style.sheet_note(fig, source_note)
        return fig
    panels = fig.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for ax, name in zip(panels, names, strict=True):
        ends = [rows.loc[rows["measure"] == name, ["before", "after"]] for _, rows in lost]
        _dumbbells(
            style.canvas(ax),
            pd.concat([one.reindex(one.index[:1]) if len(one) else _NONE for one in ends]),
        )
        style.panel_title(ax, words.capital(words.clean(name, 60)))
    fig.suptitle(
        series.joined("Without the first partner: ○ before, ● after", found.shared),
        x=0.01,
        ha="left",
        fontsize=10.5,
        fontweight="bold",
        parse_math=False,
    )
    _rows(panels[0], [(found.titles[key], rows.iloc[:1]) for key, rows in lost])
    style.sheet_note(fig, source_note)
    return fig


#: a portfolio of which a measure is not known
_NONE = pd.DataFrame({"before": [np.nan], "after": [np.nan]})


def _dumbbells(ax: Axes, rows: pd.DataFrame) -> None:
    places = np.arange(len(rows))
    before, after = rows["before"].to_numpy(float), rows["after"].to_numpy(float)
    top = np.nanmax(np.concatenate([before, after])) or 1.0
    ax.hlines(places, np.fmin(before, after), np.fmax(before, after), color=colours.PLAIN, lw=2)
    ax.plot(before, places, "o", mfc="white", mec=colours.ACCENT, mew=1.4, ms=7, label="before")
    ax.plot(after, places, "o", color=colours.ACCENT, ms=7, label="after")
    for place, row in enumerate(rows.itertuples()):
        _print_change(ax, place, row)
    ax.set_xlim(-0.38 * top, top * 1.22)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.xaxis.set_major_locator(MaxNLocator(3, steps=[1, 2, 5, 10]))
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.grid(axis="x")


def _print_change(ax: Axes, place: float, row: Any) -> None:
    """Print both numbers on the outer sides of their marks, or one above where they coincide."""
    if np.isnan(row.before):
        return
    old, new = numbers.loss_of(row)
    if np.isnan(row.after):
        _value(ax, row.before, place, f"{old}, {new}", right=True)
        return
    _value(ax, row.before, place, old, right=row.before >= row.after)
    _value(ax, row.after, place, new, right=row.before < row.after)


def _value(ax: Axes, x: float, place: float, text: str, *, right: bool) -> None:
    ax.annotate(
        text,
        (x, place),
        (7 if right else -7, 0),
        textcoords="offset points",
        va="center",
        ha="left" if right else "right",
        fontsize=style.SMALL,
        parse_math=False,
        gid="value",
    )


def _rows(ax: Axes, portfolios: list[tuple[str, pd.DataFrame]]) -> None:
    labels = [
        f"{title}\nwithout {words.the(words.clean(style.partner_names(row).iloc[0], 22))}"
        f" ({numbers.percent(row['share_lost'].iloc[0])})"
        for title, row in portfolios
    ]
    ax.set_yticks(np.arange(len(labels)), labels, parse_math=False)


@style.styled
def removal(
    curve: pd.DataFrame,
    *,
    ax: Axes | None = None,
    value: str = "share_left",
    source_note: str = "",
) -> Axes:
    """Show what is left of each portfolio when its largest partners go, one after the other.

    Parameters
    ----------
    curve : DataFrame
        As `analysis.portfolios.losses.removal` returns it: removed (0, 1, 2, ...), the partner
        that goes, and what is left.
    ax : Axes, optional
        To draw on; else a new one.
    value : str
        The column to draw: `share_left` (0 to 1), or another, such as `effective` partners left.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        The first partners to go are named in the heading; all of them if there is one line only.
        A portfolio of one partner is not drawn, but named, beside others.

    Raises
    ------
    ParameterError
        If a portfolio has two values after one number of losses.

    References
    ----------
    Albert, R., Jeong, H. & Barabási, A.-L. (2000). Error and attack tolerance of complex networks.
    Nature 406, 378-382.
    """
    style.need(curve, [*words.PORTFOLIO, "removed", "partner", value], "removal")
    ax = style.canvas(ax)
    found = series.of(curve, "removal")
    known = curve[curve[value].notna()]
    if known.empty:
        style.no_data(ax, style.reason(curve))
        style.note(ax, source_note)
        return ax
    every = list(found.split(known))
    drawn = [(key, rows) for key, rows in every if rows["removed"].max() > 1] or every
    last = int(min(known["removed"].max(), 12))
    _curves(ax, drawn, found, value=value, last=last)
    ax.set_xlim(-0.15, last + 0.15)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("Partners lost, the largest first (number)")
    if value == "share_left":
        ax.set_ylim(-0.02, 1.03)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.set_ylabel("Share of the portfolio left")
    else:
        ax.set_ylim(0, None)
        ax.set_ylabel(f"{words.clean(value.replace('_', ' '), 40).capitalize()} left")
    ax.grid(axis="y")
    shown = {key for key, _ in drawn}
    windows = [found.titles[key] + _first_gone(rows) for key, rows in drawn]
    windows += [
        f"not drawn: {found.titles[key]} (one partner)" for key, _ in every if key not in shown
    ]
    style.heading(ax, "When the largest partners go", series.joined(found.shared, *windows))
    style.note(ax, source_note)
    return ax


def _curves(
    ax: Axes,
    drawn: list[tuple[tuple, pd.DataFrame]],
    found: series.Series,
    *,
    value: str,
    last: int,
) -> None:
    ends = []
    for key, curve in drawn:
        colour, dashes, marker = found.looks[key]
        rows = curve[curve["removed"] <= last].sort_values("removed")
        points = rows[["removed", value]].to_numpy(float)
        label = found.labels[key]
        ax.plot(*points.T, color=colour, linestyle=dashes, marker=marker, ms=4, label=label)
        ends.append((*points[-1], label, colour))
    if len(drawn) > 1:
        end_labels(ax, ends)
        return
    gone = [words.the(words.clean(name, 22)) for name in style.partner_names(rows).iloc[1:]]
    steps = zip(gone, points[1:], strict=True)
    wanted = [
        Near(at[None], f"without {name}", colours.INK, points, must=False) for name, at in steps
    ]
    near_labels(ax, wanted, points)


def _first_gone(rows: pd.DataFrame) -> str:
    """Name the first partner to go."""
    first = style.partner_names(rows.sort_values("removed")).iloc[1:2]
    return f" (first: {words.clean(first.iloc[0], 22)})" if len(first) else ""


def describe_loss(losses: pd.DataFrame) -> str:
    """Alt text of `loss`: before and after, for every portfolio and measure."""
    known = losses[losses["before"].notna() & losses["partner"].notna()]
    found = series.of(losses, "loss")
    parts = []
    for key, rows in found.split(known):
        first = rows.iloc[0]
        changes = ", ".join(
            f"{clean(row.measure, 60)} {' to '.join(loss_of(row))}" for row in rows.itertuples()
        )
        lost = f"{words.the(partner_names(rows).iloc[0])} ({percent(first['share_lost'])})"
        parts.append(f"{found.titles[key]} without {lost}: {changes}")
    return sentences(
        with_shared("Portfolios before and after the loss of a partner", found), parts, losses
    )


def describe_removal(curve: pd.DataFrame, *, value: str = "share_left") -> str:
    """Alt text of `removal`, of the same `curve` and `value`: what one and three losses leave."""
    known = curve[curve[value].notna()].sort_values("removed", kind="stable")
    found = series.of(curve, "removal")
    parts = []
    for key, rows in found.split(known):
        steps = rows[rows["removed"].isin([1, 3])]
        left = ", ".join(
            f"{percent(x) if value == 'share_left' else number(x)} after {counted(int(k), 'loss')}"
            for k, x in zip(steps["removed"], steps[value], strict=True)
        )
        gone = partner_names(rows[rows["removed"] == 1])
        first = f" (first to go: {gone.iloc[0]})" if len(gone) else ""
        parts.append(f"{found.titles[key]}{first}: {left or 'nobody to lose'}")
    return sentences(with_shared("What is left as the largest partners go", found), parts, curve)
