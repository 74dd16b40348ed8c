"""Read the outlines of states and territories (Natural Earth, as the TopoJSON of world-atlas).

Coding rules
------------
- An outline goes by ISO3 code. Natural Earth gives some areas no number in ISO 3166: Kosovo is XKX,
  the Indian Ocean territories are Australia's; the others, which are no states' own, keep their
  names (Siachen Glacier, Somaliland, N. Cyprus). Antarctica is set aside.
- Borders are arcs that neighbours share. A point of an arc goes if the triangle with its neighbours
  is small (Visvalingam & Whyatt 1993), so that thinning leaves no slit between two states.
- Islands below 4,000 km² are left out, unless a state has no larger one.
- A line that crosses the 180th meridian is cut there (Sutherland & Hodgman 1974).
"""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd

from .. import paths
from ..errors import SourceFileError
from ..files import inputs
from ..sources.audit import Audit

KEY = "outlines"
#: outlines without a number in ISO 3166, by the name they have there
UNNUMBERED = {"Kosovo": "XKX", "Indian Ocean Ter.": "AUS"}
#: a triangle smaller than this is cut off, in squares of the Earth's radius: 800 km²
_TRIANGLE, _TURNS = 800 / 6371**2, 24
#: an island smaller than this is left out: 4,000 km²
_LEAST = 4000 / 6371**2


def read(path: Path) -> tuple[pd.DataFrame, Audit]:
    """Read the outlines of countries.

    Returns
    -------
    DataFrame
        One row a corner of an outline, in order: code (ISO3, or the name of an area that has
        none), ring (of the code, from 1), longitude, latitude (degrees, to thousandths). The last
        corner of a ring is the first one again.
    Audit
        A row is a shape, from 1.
    """
    path = Path(path)
    topology = _topology(path)
    shapes = topology["objects"]["countries"]["geometries"]
    arcs, numbers = _arcs(topology), _numbers()
    audit = Audit(KEY, path.name, len(shapes))
    rings: dict[str, list[np.ndarray]] = {}
    for row, shape in enumerate(shapes, start=1):
        code = _code(shape, numbers, f"{path.name}, shape {row}")
        if code == "ATA":
            audit.note("set_aside", "no state's land", row=row, value="Antarctica", scope="row")
            continue
        if "id" not in shape:
            audit.note(
                "changed",
                "has no number in ISO 3166: goes by this code or name",
                row=row,
                column="name",
                value=f"{shape['properties']['name']}: {code}",
            )
        rings.setdefault(code, []).extend(_rings(shape, arcs))
    return _table({code: _large(rings[code]) for code in sorted(rings)}), audit


def _topology(path: Path) -> dict:
    try:
        topology = json.loads(inputs.read_bytes(path))
        topology["objects"]["countries"]["geometries"], topology["arcs"], topology["transform"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise SourceFileError(
            f"{path.name}: expected TopoJSON with the object `countries`, as world-atlas has it."
        ) from error
    return topology


def _numbers() -> dict[str, str]:
    with (paths.data_dir() / "countries" / "numeric.csv").open(encoding="utf-8", newline="") as f:
        return {row["numeric"]: row["iso3"] for row in csv.DictReader(f)}


def _code(shape: dict, numbers: dict[str, str], where: str) -> str:
    name = shape["properties"]["name"]
    if "id" not in shape:
        return UNNUMBERED.get(name, name)
    if shape["id"] not in numbers:
        raise SourceFileError(f"{where}: {name} has the number {shape['id']}, not in ISO 3166-1.")
    return numbers[shape["id"]]


def _arcs(topology: dict) -> list[np.ndarray]:
    """Arcs of borders, thinned, each of shape (n, 2): longitude and latitude."""
    scale, origin = (np.array(topology["transform"][k]) for k in ("scale", "translate"))
    # each arc is coded as differences from point to point
    places = [np.cumsum(arc, axis=0) * scale + origin for arc in topology["arcs"]]
    return [_thinned(arc) for arc in places]


def _thinned(arc: np.ndarray) -> np.ndarray:
    """Leave out points that make no difference: in turns, every other one at most, no end."""
    for turn in range(_TURNS):
        x, y = _on_the_ground(arc).T
        double = np.abs(
            (x[1:-1] - x[:-2]) * (y[2:] - y[:-2]) - (x[2:] - x[:-2]) * (y[1:-1] - y[:-2])
        )
        goes = (double < 2 * _TRIANGLE) & (np.arange(len(double)) % 2 == turn % 2)
        arc = np.delete(arc, np.flatnonzero(goes) + 1, axis=0)
    return arc


def _on_the_ground(places: np.ndarray) -> np.ndarray:
    """Project by Lambert's cylinder, which keeps areas: they are those on a sphere of radius 1."""
    radians = np.radians(places)
    return np.column_stack([radians[:, 0], np.sin(radians[:, 1])])


def _rings(shape: dict, arcs: list[np.ndarray]) -> list[np.ndarray]:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    rings = [_ring(ring, arcs) for polygon in polygons for ring in polygon]
    return [part for ring in rings for part in split_at_180(ring)]


def _ring(numbers: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """Join arcs, of which the last point of one is the first of the next; ~n is n backwards."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def split_at_180(ring: np.ndarray) -> list[np.ndarray]:
    """Split a closed line where it crosses the 180th meridian, so that no edge crosses the map."""
    turned = np.unwrap(ring[:, 0], period=360)
    unrolled = np.column_stack([turned, ring[:, 1]])
    if np.abs(turned).max() <= 180:
        return [unrolled]
    edge = 180.0 if turned.max() > 180 else -180.0
    inside = _clip(unrolled, edge, np.sign(edge))
    outside = _clip(unrolled, edge, -np.sign(edge)) - [2 * edge, 0]
    return [part for part in (inside, outside) if len(part) > 3]


def _clip(ring: np.ndarray, edge: float, side: float) -> np.ndarray:
    """Part of a closed line on one side of a meridian."""
    depth = side * (edge - ring[:, 0])
    made = []
    for at in range(len(ring) - 1):
        if depth[at] >= 0:
            made.append(ring[at])
        if depth[at] * depth[at + 1] < 0:
            part = depth[at] / (depth[at] - depth[at + 1])
            made.append(ring[at] + part * (ring[at + 1] - ring[at]))
    return np.array([*made, made[0]]) if made else np.empty((0, 2))


def _large(rings: list[np.ndarray]) -> list[np.ndarray]:
    areas = [_area(_on_the_ground(ring)) for ring in rings]
    least = min(_LEAST, max(areas))
    return [ring for ring, size in zip(rings, areas, strict=True) if size >= least]


def _area(ring: np.ndarray) -> float:
    x, y = ring.T
    return float(abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2)


def _table(rings: dict[str, list[np.ndarray]]) -> pd.DataFrame:
    parts = [
        pd.DataFrame(
            {"code": code, "ring": number, "longitude": ring[:, 0], "latitude": ring[:, 1]}
        )
        for code, own in rings.items()
        for number, ring in enumerate(own, start=1)
    ]
    return pd.concat(parts, ignore_index=True).round(3)
