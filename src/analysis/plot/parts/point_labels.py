"""Labels beside points on a map."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.text import Annotation
from matplotlib.transforms import Bbox

from .labels import APART, MARGIN, arrange

_SIDES = (
    (1, 0, "left", "center"), (0, 1, "center", "bottom"), (0, -1, "center", "top"),
    (1, 1, "left", "bottom"), (1, -1, "left", "top"), (-1, 1, "right", "bottom"),
    (-1, -1, "right", "top"), (-1, 0, "right", "center"),
)  # fmt: skip


@dataclass(frozen=True)
class Near:
    """A label that may stand at any of several points, the best first.

    Attributes
    ----------
    anchors : array of shape (n, 2)
        Points in data coordinates.
    text, colour : str
        The label.
    line : array of shape (m, 2), optional
        The line it belongs to: it keeps a little away from all others.
    must : bool
        Whether it is shown even where it covers something; else it is left out there.
    """

    anchors: np.ndarray
    text: str
    colour: str
    line: np.ndarray = field(default_factory=lambda: np.empty((0, 2)))
    must: bool = True


def near_labels(
    ax: Axes, wanted: Sequence[Near], marks: np.ndarray, *, size: float = 8.5, radius: float = 0.0
) -> list[Annotation]:
    """Write labels beside their marks where they cover neither marks nor one another."""
    labels = [
        ax.annotate(
            want.text,
            want.anchors[0],
            (0, 0),
            textcoords="offset points",
            fontsize=size,
            color=want.colour,
            annotation_clip=False,
            parse_math=False,
            gid="label",
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5},
        )
        for want in wanted
    ]
    if labels:
        arrange(ax, _place_near_labels, list(wanted), labels, marks, radius)
    return labels


def _place_near_labels(
    ax: Axes,
    wanted: list[Near],
    labels: list[Annotation],
    marks: np.ndarray,
    radius: float,
    renderer: RendererBase,
) -> None:
    dots = ax.figure.get_figure(root=True).dpi / 72
    covered = _along(ax.transData.transform(marks), 3 * dots)
    fixed = [
        t.get_window_extent(renderer).extents
        for t in ax.texts
        if t not in labels and t.get_visible() and t.get_gid() in ("label", "no data")
    ]
    choices, boxes, costs = [], [], []
    for want, label in zip(wanted, labels, strict=True):
        label.set_visible(True)
        sides, found = _choices(ax, want, label.get_window_extent(renderer), dots)
        own = _along(ax.transData.transform(want.line), 3 * dots)
        choices.append(sides)
        boxes.append(found)
        cost = _cost(found, covered, own, ax.bbox, dots, radius)
        costs.append(cost + [_reach(s) for _, s in sides])
    chosen = _choose(boxes, costs, np.array(fixed).reshape(-1, 4), [w.must for w in wanted])
    for label, sides, at in zip(labels, choices, chosen, strict=True):
        label.set_visible(at is not None)
        if at is not None:
            anchor, (right, up, ha, va) = sides[at]
            label.xy = tuple(anchor)
            label.xyann = (right * APART, up * APART)
            label.set(ha=ha, va=va)


def _choices(ax: Axes, want: Near, extent: Bbox, dots: float) -> tuple[list, np.ndarray]:
    """Each point and side, and the box (x0, y0, x1, y1) that the label would fill there."""
    width, height, away, pad = extent.width, extent.height, APART * dots, MARGIN * dots
    left = {"left": 0, "center": -width / 2, "right": -width}
    below = {"bottom": 0, "center": -height / 2, "top": -height}
    sides, boxes = [], []
    for far in (1, 2.4):
        for anchor, (right, up, ha, va) in itertools.product(want.anchors, _SIDES):
            x, y = ax.transData.transform(anchor)
            x, y = x + right * far * away + left[ha], y + up * far * away + below[va]
            sides.append((anchor, (right * far, up * far, ha, va)))
            boxes.append((x - pad, y - pad, x + width + pad, y + height + pad))
    return sides, np.array(boxes)


def _reach(side: tuple) -> float:
    """Prefer a label close to its point."""
    return 0.2 * (max(abs(side[0]), abs(side[1])) > 1)


def _cost(
    boxes: np.ndarray,
    covered: np.ndarray,
    own: np.ndarray,
    panel: Bbox,
    dots: float,
    radius: float,
) -> np.ndarray:
    """Points of marks under each box; leaving the panel weighs most.

    Points of other lines close by, whose label it might seem, count a little.
    """
    outside = (boxes[:, :2] < panel.p0).any(axis=1) | (boxes[:, 2:] > panel.p1).any(axis=1)
    grow = dots * np.array([-1, -1, 1, 1])
    cost = _within(boxes + radius * grow, covered) + 500.0 * outside
    if len(own):
        wide = boxes + 7 * grow
        cost += 0.02 * np.maximum(0, _within(wide, covered) - _within(wide, own))
    return cost


def _within(boxes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Count the points inside each box."""
    x, y = points[:, 0], points[:, 1]
    x0, y0, x1, y1 = boxes.T[:, :, None]
    return ((x > x0) & (x < x1) & (y > y0) & (y < y1)).sum(axis=1)


def _choose(
    boxes: list[np.ndarray], costs: list[np.ndarray], fixed: np.ndarray, must: list[bool]
) -> list[int | None]:
    """Choose a box for each label: the best for each in turn, three times over.

    The first labels choose before the others have; later turns mend what that cost the others.
    """
    chosen: list[int | None] = [None] * len(boxes)
    for _ in range(3):
        for at in range(len(boxes)):
            others = [boxes[i][c] for i, c in enumerate(chosen) if c is not None and i != at]
            taken = np.vstack([fixed, *[box[None] for box in others]])
            total = costs[at] + 1000 * _overlaps(boxes[at], taken)
            best = int(np.argmin(total))
            chosen[at] = best if must[at] or total[best] < 1 else None
    return chosen


def _overlaps(boxes: np.ndarray, taken: np.ndarray) -> np.ndarray:
    """Count how many of the taken boxes each box meets."""
    x0, y0, x1, y1 = boxes.T[:, :, None]
    meet = (x0 < taken[:, 2]) & (x1 > taken[:, 0]) & (y0 < taken[:, 3]) & (y1 > taken[:, 1])
    return meet.sum(axis=1)


def _along(points: np.ndarray, step: float) -> np.ndarray:
    """Points along lines, close enough that no label slips between two of them."""
    whole = points[np.isfinite(points).all(axis=1)]
    if len(points) < 2:
        return whole
    ends = np.hstack([points[:-1], points[1:]])
    ends = ends[np.isfinite(ends).all(axis=1)]
    parts = [whole]
    for x0, y0, x1, y1 in ends:
        count = int(np.hypot(x1 - x0, y1 - y0) / step) + 2
        parts.append(np.column_stack([np.linspace(x0, x1, count), np.linspace(y0, y1, count)]))
    return np.concatenate(parts)
