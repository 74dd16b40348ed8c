"""What all figures have in common: colours, names, panels, headings, gaps and source lines."""

import functools
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path as FilePath

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure, SubFigure
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation, Text

from ... import words
from ...errors import ParameterError
from .colours import FAINT, INK, MUTED
from .labels import arrange, keep_inside

#: the file of the house style, for `matplotlib.pyplot.style.use`
STYLE = FilePath(__file__).with_name("partnerships.mplstyle")

WIDTH, SMALL = 6.4, 8.5
#: label of a panel that has nothing to show; a figure of such panels only is not worth showing
EMPTY = "nothing to show"
#: label of a figure of ours, on whose sheet everything has been fitted
SHEET = "sheet"
#: what is said where ends of intervals are open
OPEN = "arrows: no limit on that side, for there are too few events"


@functools.cache
def _house() -> dict:
    return dict(mpl.rc_params_from_file(STYLE, use_default_template=False))


def styled(draw: Callable) -> Callable:
    """Make a plot function draw in the house style, whatever the caller's settings."""

    @functools.wraps(draw)
    def inside(*args: object, **kwargs: object) -> object:
        with mpl.rc_context(_house()):
            return draw(*args, **kwargs)

    return inside


# --- words ----------------------------------------------------------------------------------------


def axis_label(name: str, width: int) -> str:
    """Break the name of a measure into lines, none of them within `q = 1`."""
    return textwrap.fill(words.capital(name).replace("q = ", "q\u00a0=\u00a0"), width)


def terms(row: pd.Series) -> str:
    """How a portfolio was made: its source, window and weighting."""
    window = int(row["window"])
    basis_text = "in force" if row["basis"] == "stock" else f"{window}-year window"
    how = words.weighting_name(row["weighting"])
    return f"{words.source_title(row['source'])} · {basis_text} · {how}"


def titled(row: pd.Series) -> str:
    """Name a portfolio: instrument and years."""
    span = words.years(row["start"], row["end"])
    return f"{words.instrument_label(row['instrument'])}, {span}"


def whole(row: pd.Series) -> str:
    """Say what a portfolio's shares are shares of."""
    if row["weighting"] == "value":
        return "value"
    return "ties" if row["basis"] == "stock" else "events"


def partner_names(table: pd.DataFrame) -> pd.Series:
    """Name of each row's partner: `partner_name`, or the code where there is none."""
    names = table["partner"]
    if "partner_name" in table:
        names = table["partner_name"].where(table["partner_name"].notna(), names)
    return names.map(words.clean, na_action="ignore")


def reason(table: pd.DataFrame) -> str:
    """Why a table has nothing to draw: the first of its statuses, the most telling one first."""
    if "status" not in table:
        return "no data: nothing to show"
    return f"no data: {words.absence(table['status']).sentence}"


def need(table: pd.DataFrame, columns: Iterable[str], figure: str) -> None:
    """Raise unless the table has all columns that a figure draws."""
    if absent := [name for name in columns if name not in table.columns]:
        raise ParameterError(
            f"{figure}: the table lacks the column(s) {', '.join(absent)};"
            f" it has {', '.join(map(str, table.columns))}."
        )


# --- panels ---------------------------------------------------------------------------------------


def canvas(ax: Axes | None, height: float = 3.8) -> Axes:
    """Prepare the Axes to draw on: the caller's, or that of a new figure (height in inches)."""
    if ax is None:
        ax = sheet(None, height).add_subplot()
    ax.tick_params(colors="#888888", labelcolor="#444444", labelsize=9, length=3)
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set(color=FAINT, linewidth=0.8)
    return ax


@styled
def frame() -> Axes:
    """Make a figure of one Axes in a fixed place: fitting a layout takes as long as drawing.

    There is room around it for two lines of terms, two of sources, and for labels at the right.
    """
    return plt.figure(figsize=(7.6, 4.0)).add_axes((0.1, 0.2, 0.63, 0.64))


def sheet(fig: Figure | SubFigure | None, height: float) -> Figure | SubFigure:
    """Give the figure to fill with panels: the caller's, or a new one (height in inches)."""
    if fig is None:
        fig = plt.figure(figsize=(WIDTH, height), layout="constrained")
        fig.set_label(SHEET)
    return fig


def heading(ax: Axes, title: str, terms: str = "") -> None:
    """Title of a panel, and below it in smaller type how its numbers were made.

    Both begin where the labels of the y axis do.
    """
    room = _width(ax) - 0.1
    below = wrapped(terms, room, SMALL)
    lines = below.count("\n") + 1 if below else 0
    # finding out whether ticks are in the title's way costs a measuring of all of them
    place = None if ax.xaxis.get_ticks_position() == "top" else 1.0
    above = ax.set_title(
        wrapped(title, room, 11.5),
        loc="left",
        y=place,
        color=INK,
        parse_math=False,
        pad=6 + lines * SMALL * 1.4,
    )
    under = ax.annotate(
        below,
        (0, 1),
        (0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        va="bottom",
        fontsize=SMALL,
        color=MUTED,
        parse_math=False,
        gid="terms",
    )
    under.set_in_layout(False)  # the title above it makes the room, and has no width in layouts
    ax.heading = above, under  # type: ignore[attr-defined]  # found again by _flush_left
    arrange(ax, _flush_left, takes_room=False)


def panel_title(ax: Axes, text: str) -> None:
    """Name a panel of a figure with several, in as many lines as its width takes."""
    line = ax.set_title(
        text, loc="left", parse_math=False, fontsize=9, fontweight="normal", color=MUTED
    )
    arrange(ax, _fit, line, text)


def _fit(ax: Axes, line: Text, text: str, renderer: RendererBase) -> None:
    """Break a text into lines that an Axes is wide enough for."""
    line.set_text(text)
    for width in range(len(text), 4, -1):
        if line.get_window_extent(renderer).width <= ax.bbox.width:
            return
        line.set_text(textwrap.fill(text.replace("q = ", "q\u00a0=\u00a0"), width))


def _flush_left(ax: Axes, renderer: RendererBase) -> None:
    """Place the headings of a column of panels, when it is the turn of the first of them."""
    headed = [other for other in _column(ax) if hasattr(other, "heading")]
    if headed[0] is ax:
        left = _left(ax, renderer)
        for other in headed:
            above, under = other.heading
            at = _fraction(other, left)
            above.set_x(at)
            under.xy = (at, 1)


def _column(ax: Axes) -> list[Axes]:
    """Find the panels that begin where an Axes does."""
    return [other for other in ax.figure.axes if abs(other.bbox.x0 - ax.bbox.x0) < 1]


def _left(ax: Axes, renderer: RendererBase) -> float:
    """Left end of the y labels of the column of panels that an Axes is in, in pixels."""
    labels = [other.yaxis.get_tightbbox(renderer) for other in _column(ax) if other.axison]
    return min([ax.bbox.x0, *(box.x0 for box in labels if box)])


def _fraction(ax: Axes, x: float) -> float:
    """Turn pixels into a fraction of the width of an Axes."""
    return (x - ax.bbox.x0) / ax.bbox.width


def _width(ax: Axes) -> float:
    """Width in inches of the column of the figure an Axes lies in."""
    spec = ax.get_subplotspec()
    columns = spec.get_gridspec().ncols if spec else 1
    span = len(spec.colspan) if spec else 1
    return ax.figure.bbox.width / ax.figure.get_figure(root=True).dpi * span / columns


def note(ax: Axes, text: str) -> None:
    """Source line under a figure: under the whole of it where the Axes has one to itself."""
    if not text:
        return
    figure = ax.figure
    if len(figure.axes) == 1 and figure.get_figure(root=True).get_layout_engine() is not None:
        sheet_note(figure, text)
        return
    line = ax.annotate(
        wrapped(text, _width(ax) * 0.85, 8),
        (0, 0),
        (0, -5),
        textcoords="offset points",
        va="top",
        xycoords=("axes fraction", ax.xaxis.label),
        fontsize=8,
        color=MUTED,
        parse_math=False,
        gid="note",
    )
    arrange(ax, _move_left, line)


def _move_left(ax: Axes, line: Annotation, renderer: RendererBase) -> None:
    line.xy = (_fraction(ax, _left(ax, renderer)), 0)


def sheet_note(fig: Figure | SubFigure, text: str) -> None:
    """Source line under a figure of several panels."""
    if text:
        width = fig.bbox.width / fig.get_figure(root=True).dpi
        fig.supxlabel(
            wrapped(text, width, 8),
            x=0.01,
            ha="left",
            fontsize=8,
            color=MUTED,
            parse_math=False,
            gid="note",
        )


def wrapped(text: str, inches: float, size: float) -> str:
    """Break a text into lines for a width; a letter is 0.54 of the size wide on average."""
    tied = " ".join(text.split()).replace(" · ", "\u00a0· ")  # no line begins with a dot
    return textwrap.fill(tied, max(20, int(inches * 72 / (size * 0.54))))


def no_data(ax: Axes, why: str) -> Axes:
    """Turn a panel into a plain statement that, and why, there is nothing in it."""
    ax.set_label(EMPTY)
    ax.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(0, 1))
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.add_patch(_hatched((0, 0), 1, 1))
    ax.text(
        0.5,
        0.5,
        textwrap.fill(why, int(_width(ax) * 8)),
        ha="center",
        va="center",
        color=MUTED,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 4},
        parse_math=False,
        gid="no data",
    )
    return ax


def gap(
    ax: Axes,
    first: float,
    last: float,
    *,
    text: str = "no data",
    hatch: str = "////",
    rows: tuple[float, float] | None = None,
) -> None:
    """Mark a stretch in which a source is silent, and say so where the words fit."""
    low, high = rows or (0, 1)
    patch = _hatched((first, low), last - first, high - low, hatch)
    words = ax.text(
        (first + last) / 2,
        (low + high) / 2,
        text,
        ha="center",
        va="center",
        fontsize=SMALL,
        color=MUTED,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.5},
        gid="no data",
        parse_math=False,
        clip_on=True,
        zorder=4,
    )
    if rows is None:
        for artist in (patch, words):
            artist.set_transform(ax.get_xaxis_transform())
    ax.add_patch(patch)
    keep_inside(ax, words, patch)


def _hatched(
    corner: tuple[float, float], width: float, height: float, hatch: str = "////"
) -> Rectangle:
    return Rectangle(
        corner,
        width,
        height,
        facecolor="#f6f6f6" if hatch else "none",
        edgecolor="#d5d5d5",
        hatch=hatch or None,
        linewidth=0,
        zorder=0.5,
        gid="gap",
    )


def year_axis(ax: Axes, first: float, last: float, *, label: str = "Year") -> None:
    """Set an x axis of whole years, ticks on round ones, and room for a single year."""
    first, last = int(first), int(last)
    pad = 0.6 if last > first else 1.5
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 1000) if (last - first) / s <= 8)
    ticks = [year for year in range(first, last + 1) if year % step == 0] or [first]
    ax.set_xlim(first - pad, last + pad)
    ax.set_xticks(ticks, [str(year) for year in ticks])
    ax.set_xlabel(label)
