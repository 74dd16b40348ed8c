"""Labels that do not collide: placed when the figure is measured or drawn, at its final size."""

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.collections import LineCollection
from matplotlib.patches import Patch
from matplotlib.text import Annotation, Text
from matplotlib.transforms import Bbox
from numpy.typing import ArrayLike

from .colours import ink_on

#: room between a mark and its label, and around a label, in points
APART, MARGIN = 5.0, 1.5


class Arrange(Artist):
    """An invisible artist that runs a function before its Axes is measured and before it is drawn.

    Where labels may go depends on the size of the panel, which the layout settles late and a
    caller may change; placing them earlier would let them collide. One that is not in the layout
    (`set_in_layout`) runs before drawing only: for what takes no room of its own.

    Parameters
    ----------
    place : callable
        Takes the renderer, moves or hides texts.
    """

    def __init__(self, place: Callable[[RendererBase], None]):
        super().__init__()
        self._place = place
        self.set_zorder(-10)

    def draw(self, renderer: RendererBase) -> None:
        """Place the labels; nothing is drawn."""
        self._place(renderer)

    def get_tightbbox(self, renderer: Any = None) -> None:
        """Place the labels, whose own boxes count for the layout."""
        self._place(renderer)


def arrange(ax: Axes, place: Callable, *args: object, takes_room: bool = True) -> None:
    """Have `place(ax, *args, renderer)` called whenever the Axes is measured or drawn.

    What takes no room is placed when it is drawn only.
    """
    artist = Arrange(functools.partial(place, ax, *args))
    ax.add_artist(artist)
    artist.set_in_layout(takes_room)
    artist.set_clip_on(False)  # what is clipped to the axes is left out of the measuring
    artist.set_clip_path(None)


def spread(wanted: ArrayLike, height: float, *, low: float, high: float) -> np.ndarray:
    """Move positions apart as little as possible.

    Returns
    -------
    array of shape (n,)
        The positions with the least sum of squared moves (isotonic regression by pooling adjacent
        violators; Barlow et al. 1972), in the order of `wanted`.
    """
    best = np.asarray(wanted, float)
    order = np.argsort(best, kind="stable")
    steps = height * np.arange(len(best))
    blocks: list[list[float]] = []
    for value in best[order] - steps:
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            value, count = blocks.pop()
            blocks[-1][0] = np.average([blocks[-1][0], value], weights=[blocks[-1][1], count])
            blocks[-1][1] += count
    level = np.repeat([b[0] for b in blocks], [int(b[1]) for b in blocks])
    top = high - (steps[-1] if len(steps) else 0)
    level = np.clip(level, low, top) if top >= low else np.full(len(level), (low + top) / 2)
    placed = np.empty(len(best))
    placed[order] = level + steps
    return placed


# --- labels in the right margin -------------------------------------------------------------------


def end_labels(
    ax: Axes,
    points: Sequence[tuple],
    *,
    size: float = 8.5,
    chips: bool = False,
    unless: Mapping[int, Text] | None = None,
) -> list[Annotation]:
    """Write labels in the right margin, level with their points, moved apart where they would meet.

    Parameters
    ----------
    points : list of (x, y, text, colour)
        In data coordinates. A leader joins a label to its point where it had to move, or where
        the point is not at the right edge. A label without a point (x is NaN) has none.
    size : float
        Of the type, in points; smaller where the panel is too low for all labels.
    chips : bool
        Whether the colour is that of the ground the text stands on, rather than of the text.
    unless : mapping of int to Text, optional
        Labels, by their place in `points`, which are left out while another text is visible.
    """
    labels = [_end_label(ax, point, size, chips) for point in points]
    if labels:
        # far cheaper to measure and draw than an arrow for each annotation
        leaders = LineCollection(
            [],
            linewidths=0.8,
            linestyles=[(0, (1, 1.5))],
            transform=ax.transAxes,
            zorder=2.9,
            clip_on=False,
            gid="leader",
        )
        leaders.set_in_layout(False)
        ax.add_collection(leaders, autolim=False)
        pointless = [bool(np.isnan(x)) for x, *_ in points]
        where = _EndLabels(labels, [colour for *_, colour in points], pointless, chips)
        arrange(ax, _place_end_labels, where, leaders, size, dict(unless or {}))
    return labels


@dataclass(frozen=True)
class _EndLabels:
    labels: list[Annotation]
    colours: list
    #: which have no point to be joined to
    pointless: list[bool]
    chips: bool


def _end_label(ax: Axes, point: tuple, size: float, chips: bool) -> Annotation:
    x, y, text, colour = point
    x = ax.get_xlim()[1] if np.isnan(x) else x
    ground = {"facecolor": colour, "edgecolor": "none", "pad": 1.2} if chips else None
    return ax.annotate(
        text,
        (x, y),
        (1, y),
        xycoords="data",
        textcoords=("axes fraction", "data"),
        va="center",
        ha="left",
        fontsize=size,
        color=ink_on(colour) if chips else colour,
        bbox=ground,
        annotation_clip=False,
        parse_math=False,
        gid="label",
    )


def _place_end_labels(
    ax: Axes,
    where: _EndLabels,
    leaders: LineCollection,
    size: float,
    unless: dict[int, Text],
    renderer: object,
) -> None:
    for at, label in enumerate(where.labels):
        label.set_visible(at not in unless or not unless[at].get_visible())
    shown = [at for at, label in enumerate(where.labels) if label.get_visible()]
    if not shown:
        leaders.set_segments([])
        return
    labels = [where.labels[at] for at in shown]
    dots = ax.figure.get_figure(root=True).dpi / 72
    box = ax.bbox
    size = max(5.5, min(size, box.height / dots / (1.4 * len(labels))))
    anchors = ax.transData.transform([label.xy for label in labels])
    half = size * 0.6 * dots
    middles = spread(anchors[:, 1], size * 1.4 * dots, low=box.y0 + half, high=box.y1 - half)
    led = (np.abs(middles - anchors[:, 1]) > 2 * dots) | (box.x1 - anchors[:, 0] > 10 * dots)
    left = 1 + (12 if led.any() else APART) * dots / box.width
    for label, middle in zip(labels, middles, strict=True):
        label.set_fontsize(size)
        label.xyann = (left, ax.transData.inverted().transform((0, middle))[1])
    led &= ~np.array(where.pointless)[shown]
    begin = box.x0 + left * box.width - (1.2 if where.chips else 2.0) * dots
    ends = np.column_stack([np.full(led.sum(), begin), middles[led]])
    leaders.set_segments(list(_joined(anchors[led], ends, 3 * dots, box)))
    leaders.set_color([where.colours[at] for at, is_led in zip(shown, led, strict=True) if is_led])


def _joined(points: np.ndarray, ends: np.ndarray, apart: float, box: Bbox) -> np.ndarray:
    """Lines from near each point to its label, in fractions of the Axes."""
    way = ends - points
    far = np.hypot(way[:, 0], way[:, 1])[:, None]
    starts = points + way * np.minimum(apart / np.maximum(far, apart), 1.0)
    return (np.stack([starts, ends], axis=1) - box.p0) / box.size


# --- labels beside their marks --------------------------------------------------------------------


# --- labels inside an area ------------------------------------------------------------------------


def keep_inside(ax: Axes, text: Text, patch: Patch) -> None:
    """Show a text only where the patch it stands in has room for it, upright if it must be."""
    text.set_in_layout(False)
    arrange(ax, _show_if_it_fits, text, patch, takes_room=False)


def _show_if_it_fits(ax: Axes, text: Text, patch: Patch, renderer: RendererBase) -> None:
    room = Bbox.intersection(patch.get_window_extent(renderer), ax.bbox)
    for turned in (0, 90):
        text.set_visible(True)
        text.set_rotation(turned)
        extent = text.get_window_extent(renderer)
        if room and extent.width + 4 < room.width and extent.height + 4 < room.height:
            return
    text.set_visible(False)


def band_labels(ax: Axes, bands: Sequence[tuple], *, size: float = 8.5) -> list[Text]:
    """Write the names of stacked bands into them, where they are thick and long enough.

    Parameters
    ----------
    bands : list of (years, low, high, text, colour)
        years: consecutive; low and high: arrays of shape (n_years,) in data coordinates, NaN where
        there is no band. A year fills the half year before and after it.
    """
    labels = [
        ax.text(
            0,
            0,
            text,
            ha="center",
            va="center",
            fontsize=size,
            color=colour,
            clip_on=True,
            parse_math=False,
            gid="label",
        )
        for _, _, _, text, colour in bands
    ]
    for label in labels:
        label.set_in_layout(False)
    if labels:
        # others are left out where these are shown, so it takes room whether they are
        arrange(ax, _place_band_labels, list(bands), labels)
    return labels


def _place_band_labels(
    ax: Axes, bands: list[tuple], labels: list[Text], renderer: RendererBase
) -> None:
    for (x, low, high, _, _), label in zip(bands, labels, strict=True):
        label.set_visible(True)
        extent = label.get_window_extent(renderer)
        below = ax.transData.transform(np.column_stack([x, low]))
        above = ax.transData.transform(np.column_stack([x, high]))[:, 1]
        at, middle, height = _roomiest(below[:, 1], above, extent.width * 1.1 / _pixels_a_year(ax))
        label.set_visible(height > extent.height * 1.1)
        if label.get_visible():
            label.set_position((x[at], ax.transData.inverted().transform((0, middle))[1]))


def _pixels_a_year(ax: Axes) -> float:
    return ax.bbox.width / np.ptp(ax.get_xlim())


def _roomiest(low: np.ndarray, high: np.ndarray, width: float) -> tuple[int, float, float]:
    """Position, middle and height of the highest box, `width` years wide, that a band can hold."""
    aside = max(0, int(np.ceil((width - 1) / 2)))
    best = (0, 0.0, 0.0)
    for at in range(aside, len(low) - aside):
        floor = low[at - aside : at + aside + 1].max()
        roof = high[at - aside : at + aside + 1].min()
        if roof - floor > best[2]:
            best = (at, (floor + roof) / 2, roof - floor)
    return best
