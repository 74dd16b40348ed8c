"""Figures that set one result among others: peers, and all defensible choices."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from .. import numbers, words
from ..numbers import estimate_of, number
from ..words import clean
from .parts import colours, interval_ends, series, style
from .parts.sentences import sentences, with_shared


@style.styled
def peers(standing: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """One measure for a country and its peers, the largest on top.

    Parameters
    ----------
    standing : DataFrame
        country, name, estimate, low, high, highlighted (bool); `measure` names the axis, `status`
        says why an estimate is missing.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        Countries without an estimate stand below the others, and say so.

    Raises
    ------
    ParameterError
        If a state stands in it twice, or for several measures, sources or instruments.
    """
    style.need(standing, ["country", "name", "estimate", "low", "high", "highlighted"], "peers")
    series.of(standing, "peers")
    rows = standing.sort_values(["estimate", "name"], ascending=[False, True], kind="stable")
    ax = style.canvas(ax, height=1.3 + 0.24 * max(3, len(rows)))
    measure = words.clean(rows["measure"].iloc[0], 60) if "measure" in rows and len(rows) else ""
    if not rows["estimate"].notna().any():
        style.no_data(ax, style.reason(standing))
    else:
        _dots(ax, rows.reset_index(drop=True))
        ax.set_xlabel(words.capital(measure) or "Estimate", parse_math=False)
    named = ", ".join(words.clean(name, 30) for name in rows.loc[rows["highlighted"], "name"])
    title = f"{words.capital(measure) or 'Comparison'}: {named or 'peers'}"
    style.heading(ax, f"{title} among its peers" if named else title, _interval(rows))
    style.note(ax, source_note)
    return ax


def _dots(ax: Axes, rows: pd.DataFrame) -> None:
    chosen = rows["highlighted"].to_numpy(bool)
    places = np.arange(len(rows))
    for group, colour, marker in ((~chosen, colours.PLAIN, "o"), (chosen, colours.ACCENT, "D")):
        part = rows[group]
        low, high, *open_ = interval_ends.ends_of(part)
        ax.hlines(places[group], low, high, color=colour, linewidth=1.6)
        for which, arrow in zip(open_, ("left", "right"), strict=True):
            x = part["estimate"].to_numpy(float)[which]
            interval_ends.open_ends(ax, x, places[group][which], colour=colour, towards=arrow)
        ax.plot(part["estimate"], places[group], marker, color=colour, markersize=6)
    for place, row in zip(places, rows.itertuples(), strict=True):
        silent = np.isnan(row.estimate)
        ends = [x for x in (row.estimate, row.high) if not np.isnan(x)]
        is_open = np.isnan(row.high) and not np.isnan(row.low)
        ax.annotate(
            _silence(row) if silent else numbers.estimate_of(row),
            (max(ends, default=0), place),
            (7 + 11 * is_open, 0),
            textcoords="offset points",
            va="center",
            fontsize=style.SMALL,
            color=colours.MUTED if silent else colours.INK,
            parse_math=False,
            gid="value",
            fontweight="bold" if row.highlighted and not silent else "normal",
        )
    ax.set_yticks(places, [words.clean(name, 26) for name in rows["name"]], parse_math=False)
    for label, bold in zip(ax.get_yticklabels(), chosen, strict=True):
        label.set_fontweight("bold" if bold else "normal")
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * np.nanmax(rows[["estimate", "high"]].to_numpy(float)))
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x")


def _silence(row: tuple) -> str:
    return words.absence([getattr(row, "status", "")]).name


def _interval(rows: pd.DataFrame) -> str:
    if "interval" not in rows or not numbers.has_interval(rows).any():
        return ""
    return interval_ends.interval_kinds(rows, "lines")


# --- specification curve --------------------------------------------------------------------------

_RESULT = ("estimate", "low", "high", "agrees")


@style.styled
def specification(
    curve: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    choices: list[str] | None = None,
    source_note: str = "",
) -> Figure | SubFigure:
    """Every defensible specification in order of its estimate, and below it how it was made.

    Parameters
    ----------
    curve : DataFrame
        estimate, low, high, agrees (bool: the specification supports the conclusion), and a column
        for each choice.
    fig : Figure, optional
        To be filled; else a new one.
    choices : list of str, optional
        The columns of choices; default: all but estimate, low, high and agrees.
    source_note : str
        Line below the figure.

    Returns
    -------
    Figure
        Filled and dark: agrees; hollow and light: does not.

    Raises
    ------
    ParameterError
        If two rows are of the same choices, so that one specification would count twice.

    References
    ----------
    Simonsohn, U., Simmons, J. P. & Nelson, L. D. (2020). Specification curve analysis. Nature Human
    Behaviour 4, 1208-1214.
    """
    names = [name for name in curve.columns if name not in _RESULT] if choices is None else choices
    style.need(curve, [*_RESULT, *names], "specification")
    series.of(curve, "specification", each=names)
    known = curve[curve["estimate"].notna()].sort_values("estimate", kind="stable")
    rows = _options(known, names)
    fig = style.sheet(fig, 3.2 + 0.19 * max(1, len(rows)))
    if known.empty:
        style.no_data(style.canvas(fig.add_subplot()), style.reason(curve))
        style.sheet_note(fig, source_note)
        return fig
    above, below = fig.subplots(2, 1, sharex=True, height_ratios=[9, max(1, len(rows))])
    agrees = known["agrees"].fillna(False).to_numpy(bool)
    _estimates(style.canvas(above), known, agrees)
    _matrix(style.canvas(below), known, rows, agrees)
    missing = len(curve) - len(known)
    said = f"{agrees.sum()} of {len(known)} specifications agree"
    style.heading(above, said, f"Dark: agrees · light: does not · {missing} could not be computed")
    style.sheet_note(fig, source_note)
    return fig


def _options(known: pd.DataFrame, names: list[str]) -> list[tuple[str, object]]:
    """Each choice with each of its options, in the order of the choices."""
    return [(name, value) for name in names for value in sorted(known[name].unique(), key=str)]


def _estimates(ax: Axes, known: pd.DataFrame, agrees: np.ndarray) -> None:
    at = np.arange(len(known))
    low, high = known["low"].to_numpy(float), known["high"].to_numpy(float)
    size = float(np.clip(160 / len(known), 1.5, 5))
    for group, colour, fill in ((agrees, colours.ACCENT, True), (~agrees, colours.PLAIN, False)):
        ax.vlines(at[group], low[group], high[group], color=colour, alpha=0.45, linewidth=size / 3)
        ax.plot(
            at[group],
            known["estimate"].to_numpy(float)[group],
            "o",
            color=colour,
            ms=size,
            mfc=colour if fill else "white",
        )
    ax.set_ylabel("Estimate")
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.tick_params(axis="x", length=0, labelbottom=False)
    ax.grid(axis="y")


def _matrix(
    ax: Axes, known: pd.DataFrame, rows: list[tuple[str, object]], agrees: np.ndarray
) -> None:
    at = np.arange(len(known))
    size = float(np.clip(160 / len(known), 1.5, 5))
    for place, (name, value) in enumerate(rows):
        made = (known[name] == value).to_numpy()
        for group, colour in ((agrees, colours.ACCENT), (~agrees, colours.PLAIN)):
            x = at[made & group]
            ax.plot(x, np.full(len(x), place), "|", color=colour, markersize=6, mew=size / 3)
    labels = [f"{words.clean(name, 16)}: {words.clean(value, 18)}" for name, value in rows]
    ax.set_yticks(np.arange(len(rows)), labels, parse_math=False, fontsize=style.SMALL)
    ax.set_ylim(max(1, len(rows)) - 0.4, -0.6)
    ax.set_xlim(-0.8, len(known) - 0.2)
    ax.set_xticks([])
    ax.set_xlabel("Specifications, in order of their estimates")
    ax.tick_params(axis="y", length=0)
    changes = [at for at in range(1, len(rows)) if rows[at][0] != rows[at - 1][0]]
    ax.hlines(np.array(changes) - 0.5, *ax.get_xlim(), color="#e4e4e4", linewidth=0.7)


def describe_peers(standing: pd.DataFrame) -> str:
    """Alt text of `peers`: where the highlighted country stands, and both ends of the list."""
    found = series.of(standing, "peers")
    known = standing[standing["estimate"].notna()]
    known = known.sort_values(["estimate", "name"], ascending=[False, True], kind="stable")
    if known.empty:
        return sentences("Dots of one measure by country", [], standing)
    chosen = np.flatnonzero(known["highlighted"]).tolist()
    parts = [f"{_stand_text(known, at)}, place {at + 1} of {len(known)}" for at in chosen]
    parts += [f"highest {_stand_text(known, 0)}", f"lowest {_stand_text(known, -1)}"]
    if missing := len(standing) - len(known):
        parts.append(f"no data for {missing}")
    name = clean(known["measure"].iloc[0], 60) if "measure" in known else "one measure"
    return sentences(with_shared(f"Dots of {name} by country", found), parts, standing)


def _stand_text(known: pd.DataFrame, at: int) -> str:
    row = known.iloc[at]
    return f"{clean(row['name'], 40)} with {estimate_of(row)}"


def describe_specification(curve: pd.DataFrame) -> str:
    """Alt text of `specification`: how many agree, and the range and middle of the estimates."""
    series.of(curve, "specification", each=None)
    known = curve[curve["estimate"].notna()]
    if known.empty:
        return sentences("Estimates under all specifications", [], curve)
    low, middle, high = known["estimate"].quantile([0, 0.5, 1], interpolation="lower")
    agree = int(known["agrees"].fillna(False).sum())
    parts = [
        f"{agree} of {len(known)} agree",
        f"estimates from {number(low)} to {number(high)}, the middle one {number(middle)}",
    ]
    return sentences("Estimates under all specifications, in order", parts, curve)
