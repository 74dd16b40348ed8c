"""The outlines of the world's states on a plane: geometry for maps, nothing of ours.

They are those of Natural Earth (1:50 million, public domain), which show who controls a territory
and judge nobody's claim; `loaders.outlines` compiles them into `data/outlines`.
"""

import functools
from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.path import Path

from ... import paths

#: who made the outlines, for the note of a figure
OUTLINES = "outlines of today: Natural Earth, by who controls a territory"
_A = (1.340264, -0.081106, 0.000893, 0.003796)


def equal_earth(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project places on a sphere of radius 1 by Equal Earth: areas are as on the ground.

    References
    ----------
    Šavrič, B., Patterson, T. & Jenny, B. (2018). The Equal Earth map projection. International
    Journal of Geographical Information Science 33(3), 454-465.
    """
    theta = np.arcsin(np.sqrt(3) / 2 * np.sin(np.radians(np.asarray(latitude, float))))
    square = theta**2
    sixth = square**3
    y = theta * (_A[0] + _A[1] * square + sixth * (_A[2] + _A[3] * square))
    slope = _A[0] + 3 * _A[1] * square + sixth * (7 * _A[2] + 9 * _A[3] * square)
    x = 2 * np.sqrt(3) * np.radians(np.asarray(longitude, float)) * np.cos(theta) / (3 * slope)
    return x, y


@functools.cache
def outlines() -> Mapping[str, Path]:
    """Outline of each state and territory, projected by `equal_earth`.

    Returns
    -------
    dict of str to Path
        By ISO3 code; by the name that Natural Earth gives it where an area has no such code
        (Siachen Glacier, Somaliland, N. Cyprus). Antarctica is left out. What crosses the 180th
        meridian is cut there.
    """
    file = paths.data_dir() / "outlines" / "outlines.csv"
    table = pd.read_csv(file, keep_default_na=False)  # a code may read NAM, a name NA
    x, y = equal_earth(table["longitude"], table["latitude"])
    points = np.column_stack([x, y])
    rings = table.groupby(["code", "ring"], sort=False)
    steps = np.full(len(table), Path.LINETO, Path.code_type)
    steps[rings.head(1).index], steps[rings.tail(1).index] = Path.MOVETO, Path.CLOSEPOLY
    places = table.groupby("code", sort=True).indices
    return {code: Path(points[own], steps[own]) for code, own in places.items()}


def area(ring: np.ndarray) -> float:
    """Area within a closed line of shape (n, 2), whichever way it runs."""
    x, y = ring.T
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def largest(outline: Path) -> tuple[float, np.ndarray]:
    """Area of the largest part of an outline, and the middle of it, of shape (2,)."""
    starts = np.flatnonzero(outline.codes == Path.MOVETO)
    rings = np.split(outline.vertices, starts[1:])
    ring = max(rings, key=area)
    x, y = ring.T
    cross = x[:-1] * y[1:] - x[1:] * y[:-1]
    if abs(cross.sum()) < 1e-12:
        return 0.0, ring.mean(axis=0)
    middle = [((v[:-1] + v[1:]) * cross).sum() / (3 * cross.sum()) for v in (x, y)]
    return abs(float(cross.sum())) / 2, np.array(middle)
