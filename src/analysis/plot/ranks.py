"""Ranks of partners over time: a bump chart."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from .. import words
from .parts import colours, series, style
from .parts.labels import end_labels
from .parts.point_labels import Near, near_labels

_COLUMNS = [
    *words.PORTFOLIO, "partner", "share", "rank", "weighting", "window", "basis", "status",
]  # fmt: skip


@style.styled
def bump(
    table: pd.DataFrame, *, ax: Axes | None = None, top: int = 6, source_note: str = ""
) -> Axes:
    """Ranks of the largest partners, window by window.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.ties.partner_ranks` gives it: one country, source and instrument,
        windows side by side.
    ax : Axes, optional
        To draw on; else a new one.
    top : int
        Ranks shown: a partner has a line while it is among so many.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Each mark bears the partner's code, so that nothing hangs on its colour. Those with equal
        shares, which have equal ranks, are joined by a bar. A line breaks while a partner is below
        the ranks shown, or has no tie; windows that the source does not cover are hatched.

    Raises
    ------
    ParameterError
        If the table holds more than one portfolio a window.
    """
    style.need(table, _COLUMNS, "bump")
    series.of(table, "bump")
    ax = style.canvas(ax, height=1.5 + 0.38 * top)
    known = table[table["rank"].notna()]
    if known.empty:
        style.no_data(ax, style.reason(table))
        style.note(ax, source_note)
        return ax
    ends = np.sort(table["end"].unique())
    slots = _slots(known, top)
    rows = int(slots["slot"].max()) if len(slots) else top
    wide = slots.pivot_table(index="partner", columns="end", values="slot").reindex(columns=ends)
    ax.set_xlim(-0.45, len(ends) - 0.55)
    ax.set_ylim(rows + 0.6, 0.4)
    _silence(ax, table, ends)
    _ties(ax, slots, ends)
    _lines(ax, wide, slots, known)
    _rank_axes(ax, table, ends, rows)
    first = known.iloc[0]
    more = f" · the first {top}" if known["rank"].max() > top else ""
    equal = " · bars join equal shares" if slots["tied"].any() else ""
    title = f"{words.instrument_label(first['instrument'])}: rank of partners by share"
    style.heading(ax, title, series.terms(first) + more + equal)
    style.note(ax, source_note)
    return ax


def _slots(known: pd.DataFrame, top: int) -> pd.DataFrame:
    """Give each partner a row of its own in each window: its rank, or after those it equals.

    Those who tie stand in the order they had in the window before, so that fewer lines cross. If
    more tie than there are rows for, none of these is shown.
    """
    rows: list = []
    before: dict = {}
    for end, window in known.groupby("end", sort=True):
        late = window["partner"].map(before).fillna(np.inf)
        ordered = window.assign(late=late, name=style.partner_names(window))
        ordered = ordered.sort_values(["rank", "late", "name"], kind="stable")
        ordered["slot"] = np.arange(1, len(ordered) + 1)
        last = ordered.groupby("rank")["slot"].transform("max")
        ordered["tied"] = ordered.duplicated("rank", keep=False)
        shown = ordered[last <= top]
        before = dict(zip(shown["partner"], shown["slot"], strict=True))
        rows.append(shown.assign(end=end))
    return pd.concat(rows, ignore_index=True)


def _silence(ax: Axes, table: pd.DataFrame, ends: np.ndarray) -> None:
    status = table.drop_duplicates("end").set_index("end")["status"].reindex(ends)
    for at, what in enumerate(status):
        if what == "empty":
            style.gap(ax, at - 0.5, at + 0.5, text=words.absence([what]).name, hatch="")
        elif what != "measured":
            style.gap(ax, at - 0.5, at + 0.5)


def _ties(ax: Axes, slots: pd.DataFrame, ends: np.ndarray) -> None:
    for (end, _), rows in slots[slots["tied"]].groupby(["end", "rank"]):
        at = int(np.searchsorted(ends, end))
        ax.vlines(
            at,
            rows["slot"].min(),
            rows["slot"].max(),
            color=colours.FAINT,
            linewidth=7,
            zorder=1.5,
            gid="tie",
        )


def _lines(ax: Axes, wide: pd.DataFrame, slots: pd.DataFrame, known: pd.DataFrame) -> None:
    order = known.groupby("partner")["share"].sum().sort_values(ascending=False, kind="stable")
    shown = [code for code in order.index if code in wide.index]
    palette = colours.partner_colours(shown)
    named = slots.drop_duplicates("partner", keep="last").set_index("partner")["name"]
    ends, gone, size = [], [], 7.5 if wide.shape[1] < 10 else 6.5
    for code in shown:
        y, colour, name = wide.loc[code].to_numpy(float), palette[code], named[code]
        x = np.arange(len(y))
        ax.plot(x, y, color=colour, linewidth=2, zorder=2, label=words.clean(name, 20), gid="line")
        marks = np.column_stack([x, y])[~np.isnan(y)]
        for at, row in marks:
            ax.text(
                at,
                row,
                words.clean(code, 3),
                ha="center",
                va="center",
                fontsize=size,
                zorder=3,
                color=colours.ink_on(colour),
                parse_math=False,
                gid="mark",
                bbox={"boxstyle": "round,pad=0.3", "facecolor": colour, "edgecolor": "white"},
            )
        if np.isnan(y[-1]):
            gone.append(Near(marks, words.clean(name, 20), colours.INK, must=False))
        else:
            ends.append((x[-1] + 0.45, y[-1], words.clean(name, 20), colours.INK))
    end_labels(ax, ends)
    rows, columns = np.nonzero(wide.notna().to_numpy())
    near_labels(ax, gone, _around(columns, wide.to_numpy()[rows, columns]), size=7.5)


def _around(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Points all over the marks, which other labels keep off."""
    aside = np.array([[dx, dy] for dx in (-0.35, 0, 0.35) for dy in (-0.2, 0, 0.2)])
    points = np.column_stack([x, y])[:, None] + aside
    return np.concatenate([points, np.full((len(points), 1, 2), np.nan)], axis=1).reshape(-1, 2)


def _rank_axes(ax: Axes, table: pd.DataFrame, ends: np.ndarray, rows: int) -> None:
    starts = table.drop_duplicates("end").set_index("end")["start"]
    texts = [str(end) if starts[end] == end else _span(starts[end], end) for end in ends]
    ax.set_xticks(np.arange(len(ends)), texts, fontsize=9 if len(ends) < 10 else 8)
    ax.set_yticks(np.arange(1, rows + 1))
    ax.set_ylabel("Rank")
    ax.tick_params(length=0)
    ax.spines[["left", "bottom"]].set_visible(False)


def _span(first: int, last: int) -> str:
    short = f"{last % 100:02d}" if first // 100 == last // 100 else f"{last}"
    return f"{first}\n–{short}"


def describe_bump(table: pd.DataFrame) -> str:
    """Alt text of `bump`: who came first in each window."""
    found = series.of(table, "bump")
    known = table[table["rank"].notna()]
    if known.empty:
        return f"Ranks of partners over time: {style.reason(table)}."
    parts = []
    for _, rows in known.groupby("end", sort=True):
        first = rows.iloc[0]
        best = style.partner_names(rows[rows["rank"] == 1])
        who = best.iloc[0] if len(best) == 1 else f"{len(best)} with equal shares"
        parts.append(f"{words.years(first['start'], first['end'])}: {who}")
    what = words.instrument_label(known["instrument"].iloc[0])
    return f"Ranks of partners over time, {what} ({found.shared}). First: {'; '.join(parts)}."
