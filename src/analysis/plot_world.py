"""The outlines of the world's states on a plane: geometry for maps, nothing of ours.

The outlines are those of Natural Earth (1:50 million, public domain), which show who controls a
territory and judge nobody's claim. They come with the package mapcraft, as TopoJSON: borders are
arcs which neighbours share, so that thinning an arc leaves no slit between them.
"""

import functools
import gzip
import json
from collections.abc import Mapping
from importlib.resources import files

import numpy as np
from matplotlib.path import Path

#: who made the outlines, for the note of a figure
OUTLINES = "outlines of today: Natural Earth, by who controls a territory"
#: outlines without a number in ISO 3166, by the name they have there; the rest are no states' own
_UNNUMBERED = {"Kosovo": "XKX", "Indian Ocean Ter.": "AUS"}
_PACK = "packs/world-countries-2024.json.gz"
#: corners of an outline smaller than this are cut, in squares of the Earth's radius: 800 km²
_TRIANGLE, _TURNS = 800 / 6371**2, 24
#: islands smaller than this are left out, unless a state has no larger one: 4,000 km²
_LEAST = 4000 / 6371**2
_A = (1.340264, -0.081106, 0.000893, 0.003796)


def equal_earth(longitude: np.ndarray, latitude: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Project places on a sphere of radius 1 by Equal Earth: areas are as on the ground.

    Parameters
    ----------
    longitude, latitude : array
        In degrees, the longitude from the central meridian.

    Returns
    -------
    x, y : array
        Of the same shape, in radii of the sphere; x within ±2.7066, y within ±1.3174.

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
    pack = _read()
    arcs = _arcs(pack["topology"])
    made: dict[str, list[np.ndarray]] = {}
    for shape in pack["topology"]["objects"][pack["object"]]["geometries"]:
        code = _code(shape, pack["regions"])
        if code != "ATA":
            made.setdefault(code, []).extend(_rings(shape, arcs))
    return {code: _path(made[code]) for code in sorted(made)}


def _read() -> dict:
    return json.loads(gzip.decompress((files("mapcraft") / _PACK).read_bytes()))


def _code(shape: dict, regions: dict) -> str:
    name = shape["properties"]["name"]
    if "id" not in shape:
        return _UNNUMBERED.get(name, name)
    named = regions[shape["id"]]["aliases"]
    return next((a for a in named if len(a) == 3 and a.isalpha() and a.isupper()), name)


def _arcs(topology: dict) -> list[np.ndarray]:
    """Arcs of borders, thinned, each of shape (n, 2): longitude and latitude."""
    scale, origin = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    lengths = [len(arc) for arc in topology["arcs"]]
    steps = np.concatenate([np.array(arc, float) for arc in topology["arcs"]])
    starts = np.cumsum([0, *lengths[:-1]])
    # each arc is coded as differences: run on through all, and take away what went before it
    run = np.cumsum(steps, axis=0)
    before = np.repeat(run[starts] - steps[starts], lengths, axis=0)
    places = (run - before) * scale + origin
    arc = np.repeat(np.arange(len(lengths)), lengths)
    kept = _thinned(np.column_stack(equal_earth(*places.T)), arc)
    return np.split(places[kept], np.flatnonzero(np.diff(arc[kept])) + 1)


def _thinned(points: np.ndarray, arc: np.ndarray) -> np.ndarray:
    """Positions of the points of arcs that make a difference: in turns, the ends always.

    A point goes if the triangle with its neighbours is small (Visvalingam & Whyatt 1993), in each
    turn every other one at most.
    """
    kept = np.arange(len(points))
    for turn in range(_TURNS):
        x, y = points[kept].T
        double = np.abs(
            (x[1:-1] - x[:-2]) * (y[2:] - y[:-2]) - (x[2:] - x[:-2]) * (y[1:-1] - y[:-2])
        )
        inner = (arc[kept[:-2]] == arc[kept[1:-1]]) & (arc[kept[2:]] == arc[kept[1:-1]])
        goes = inner & (double < 2 * _TRIANGLE) & (np.arange(len(double)) % 2 == turn % 2)
        kept = np.delete(kept, np.flatnonzero(goes) + 1)
    return kept


def _rings(shape: dict, arcs: list[np.ndarray]) -> list[np.ndarray]:
    """Rings of a shape, projected."""
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
    parts = [part for ring in rings for part in split_at_180(ring)]
    return [np.column_stack(equal_earth(*part.T)) for part in parts]


def _ring(numbers: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """Join arcs, of which the last point of one is the first of the next; ~n is n backwards."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def split_at_180(ring: np.ndarray) -> list[np.ndarray]:
    """Split a closed line where it crosses the 180th meridian, so that no edge crosses the map.

    Parameters
    ----------
    ring : array of shape (n, 2)
        Longitude and latitude in degrees, the first place again at the end.

    Returns
    -------
    list of array of shape (m, 2)
        The line itself if it does not cross, else a closed line for each side.
    """
    turned = np.unwrap(ring[:, 0], period=360)
    unrolled = np.column_stack([turned, ring[:, 1]])
    if np.abs(turned).max() <= 180:
        return [unrolled]
    edge = 180.0 if turned.max() > 180 else -180.0
    inside = _clip(unrolled, edge, np.sign(edge))
    outside = _clip(unrolled, edge, -np.sign(edge)) - [2 * edge, 0]
    return [part for part in (inside, outside) if len(part) > 3]


def _clip(ring: np.ndarray, edge: float, side: float) -> np.ndarray:
    """Part of a closed line on one side of a meridian (Sutherland & Hodgman 1974)."""
    depth = side * (edge - ring[:, 0])
    made = []
    for at in range(len(ring) - 1):
        if depth[at] >= 0:
            made.append(ring[at])
        if depth[at] * depth[at + 1] < 0:
            part = depth[at] / (depth[at] - depth[at + 1])
            made.append(ring[at] + part * (ring[at + 1] - ring[at]))
    return np.array([*made, made[0]]) if made else np.empty((0, 2))


def area(ring: np.ndarray) -> float:
    """Area within a closed line of shape (n, 2), whichever way it runs."""
    x, y = ring.T
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def _path(rings: list[np.ndarray]) -> Path:
    areas = [area(ring) for ring in rings]
    least = min(_LEAST, max(areas))
    kept = [ring for ring, size in zip(rings, areas, strict=True) if size >= least]
    codes = [[Path.MOVETO, *[Path.LINETO] * (len(r) - 2), Path.CLOSEPOLY] for r in kept]
    return Path(np.concatenate(kept), np.concatenate(codes))


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
