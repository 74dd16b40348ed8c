"""Hill profiles: effective partners by how much large partners count."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ..numbers import number
from .parts import series, style
from .parts.labels import end_labels
from .parts.sentences import sentences, with_shared
from .trends import _band, _interval_terms


def describe_hill_profile(profile: pd.DataFrame) -> str:
    """Alt text of `hill_profile`: the ends and the middle of each profile."""
    known = profile[profile["estimate"].notna()]
    lines = series.of(known, "hill_profile")
    parts = [
        f"{lines.labels[key]}: {_orders_text(rows)}" if lines.labels[key] else _orders_text(rows)
        for key, rows in lines.split(known)
    ]
    return sentences(with_shared("Effective number of partners by order q", lines), parts, profile)


def _orders_text(rows: pd.DataFrame) -> str:
    wanted = rows[rows["order"].isin([0, 1, 2, np.inf])].sort_values("order")
    shown = wanted if len(wanted) else rows.sort_values("order").iloc[[0, -1]]
    pairs = zip(shown["order"], shown["estimate"], strict=True)
    return ", ".join(
        f"{number(value)} at q = {'∞' if np.isinf(order) else f'{order:g}'}"
        for order, value in pairs
    )


@style.styled
def hill_profile(profile: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Effective number of partners by the order of the Hill number.

    Parameters
    ----------
    profile : DataFrame
        order, estimate, low, high; and, if it holds several portfolios, what tells them apart:
        `name`, or the columns of a portfolio. The order may be infinite.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        A flat profile means equal shares; the steeper, the more a few partners dominate.

    Raises
    ------
    ParameterError
        If a portfolio has several values of one order.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences. Ecology
    54, 427-432.
    """
    style.need(profile, ["order", "estimate", "low", "high"], "hill_profile")
    ax = style.canvas(ax)
    known = profile[profile["estimate"].notna()]
    if known.empty:
        style.no_data(ax, style.reason(profile))
        style.note(ax, source_note)
        return ax
    finite = known["order"].replace(np.inf, np.nan)
    infinity = finite.max() + 1 if finite.notna().any() else 1.0
    known = known.assign(x=finite.fillna(infinity))
    lines = series.of(known, "hill_profile")
    points = [
        _profile(ax, rows, lines.looks[key], lines.labels[key], infinity)
        for key, rows in lines.split(known)
    ]
    if len(points) > 1:
        end_labels(ax, points)
    _orders(ax, known, infinity)
    ax.set_ylim(0, np.nanmax(known[["estimate", "high"]].to_numpy(float)) * 1.06)
    ax.set_ylabel("Effective number of partners")
    ax.grid(axis="y")
    only = f": {points[0][2]}" if len(points) == 1 and points[0][2] else ""
    said = _interval_terms(known) or "Hill numbers by order q"
    style.heading(ax, f"Hill profile{only}", series.joined(lines.shared, said))
    style.note(ax, source_note)
    return ax


def _profile(
    ax: Axes, rows: pd.DataFrame, look: tuple, label: str, infinity: float
) -> tuple[float, float, str, str]:
    """Draw one profile; return where its label belongs."""
    colour, dashes, marker = look
    rows = rows.sort_values("x")
    x, y = rows["x"].to_numpy(), rows["estimate"].to_numpy()
    _band(ax, x, rows, colour)
    named = [int(at) for at in np.flatnonzero(np.isin(x, (0, 1, 2, infinity)))]
    ax.plot(x, y, color=colour, linestyle=dashes, marker=marker, label=label, markevery=named)
    return x[-1], y[-1], label, colour


def _orders(ax: Axes, known: pd.DataFrame, infinity: float) -> None:
    meaning = {0: "partners", 1: "exp.\nentropy", 2: "1/HHI"}
    whole = sorted({x for x in known["x"] if float(x).is_integer() and x != infinity})
    labels = [f"{x:.0f}\n{meaning.get(x, '')}".rstrip() for x in whole]
    if np.isinf(known["order"]).any():
        whole, labels = [*whole, infinity], [*labels, "∞\n1/top\nshare"]
    ax.set_xticks(whole, labels)
    ax.set_xlabel("Order q: the higher, the more large partners count")
