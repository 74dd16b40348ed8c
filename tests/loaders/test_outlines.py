"""Outlines, read from a small made-up file in the producer's layout: two states side by side."""

import json

import pytest

from analysis.errors import SourceFileError
from analysis.loaders import outlines

#: arcs as world-atlas codes them: a first point, then steps; here in whole degrees
ARCS = [
    [[70, 20], [0, 10]],  # the border that both share, northwards
    [[70, 30], [-10, 0], [0, -10], [10, 0]],  # round the western one, back to its start
    [[70, 30], [10, 0], [0, -10], [-10, 0]],  # round the eastern one
    [[0, -80], [10, 0], [0, -5], [-10, 0], [0, 5]],
]


def shape(name, number, arcs):
    known = {} if number is None else {"id": number}
    return {"type": "Polygon", "arcs": [arcs], "properties": {"name": name}, **known}


def topology(*shapes):
    return {
        "type": "Topology",
        "transform": {"scale": [1, 1], "translate": [0, 0]},
        "objects": {"countries": {"type": "GeometryCollection", "geometries": list(shapes)}},
        "arcs": ARCS,
    }


PAKISTAN, INDIA = shape("Pakistan", "586", [0, 1]), shape("India", "356", [0, 2])
ANTARCTICA = shape("Antarctica", "010", [3])


@pytest.fixture
def read(tmp_path):
    def reading(what):
        file = tmp_path / "countries.json"
        file.write_text(what if isinstance(what, str) else json.dumps(what), "utf-8")
        return outlines.read(file)

    return reading


def test_two_neighbours_share_their_border(read):
    rows, audit = read(topology(PAKISTAN, INDIA))
    rings = {
        code: list(zip(own["longitude"], own["latitude"], strict=True))
        for code, own in rows.groupby("code")
    }
    assert set(rings) == {"PAK", "IND"}
    assert {(70.0, 20.0), (70.0, 30.0)} <= set(rings["PAK"]) & set(rings["IND"])
    assert all(ring[0] == ring[-1] for ring in rings.values())
    assert set(rings["PAK"]) == {(70.0, 20.0), (70.0, 30.0), (60.0, 30.0), (60.0, 20.0)}
    assert audit.rows_read == 2


def test_what_is_no_states_land_is_set_aside_and_what_has_no_number_goes_by_its_name(read):
    kosovo, island = shape("Kosovo", None, [0, 1]), shape("Somaliland", None, [0, 2])
    rows, audit = read(topology(ANTARCTICA, kosovo, island))
    assert set(rows["code"]) == {"XKX", "Somaliland"}
    counts = audit.summary().set_index("outcome")["rows"]
    assert counts["set_aside"] == 1
    assert counts["changed"].sum() == 2


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("not json", "expected TopoJSON"),
        ({"type": "Topology"}, "expected TopoJSON"),
        (topology(shape("Nowhere", "999", [0, 1])), "shape 1: Nowhere has the number 999"),
    ],
)
def test_another_file_is_refused(read, what, said):
    with pytest.raises(SourceFileError, match=said):
        read(what)
