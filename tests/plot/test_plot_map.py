"""The map of ties: geometry against published values, shades and marks by what they hold."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.path import Path

import analysis as an
from analysis.errors import ParameterError
from analysis.loaders.outlines import split_at_180
from analysis.plot import world
from analysis.plot.parts import borders
from analysis.sources import countries
from analysis.studies import ties

EARTH = 6371.0  # km


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def outlines():
    return borders.outlines()


def shares(parts, *, country="PAK", first=2017, last=2021, status="measured"):
    """One portfolio: `parts` maps partners to shares."""
    base = {
        "country": country,
        "source": "sipri_tiv",
        "instrument": "arms",
        "start": first,
        "end": last,
        "weighting": "value",
        "window": last - first + 1,
        "basis": "flow",
        "status": status,
    }
    rows = [base | {"partner": code, "share": share} for code, share in parts.items()]
    return pd.DataFrame(rows or [base | {"partner": None, "share": np.nan}])


def drawn(parts, **options):
    table = ties.locations(shares(parts, **options))
    return world.world_map(table)


def painted(ax, code):
    """Colours of the areas on the map which hold the outline of a state."""
    outline = borders.outlines()[code]
    found = [
        to_hex(c.get_facecolor()[0])
        for c in ax.collections
        if c.get_gid() != "dots"
        for path in c.get_paths()
        if path is outline
    ]
    assert len(found) == 1
    return found[0]


def terms(ax):
    return next(t.get_text() for t in ax.texts if t.get_gid() == "terms").replace("\n", " ")


# --- the projection -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "known", "digits"),
    [
        ((122, 47), (1.55, 0.89), 2),  # the example in the manual of PROJ, for a sphere of radius 1
        # the extent of EPSG:8857 in metres, by the radius of the sphere of the Earth's area
        ((180, 0), (17_243_959.06 / 6_371_007.18, 0.0), 6),
        ((0, 90), (0.0, 8_392_927.6 / 6_371_007.18), 6),
    ],
)
def test_equal_earth_gives_published_coordinates(place, known, digits):
    assert borders.equal_earth(*place) == pytest.approx(known, abs=0.5 * 10**-digits)


def test_the_pole_is_a_line_0_59_times_as_long_as_the_equator():
    assert borders.equal_earth(180, 90)[0] / borders.equal_earth(180, 0)[0] == pytest.approx(
        0.59, abs=0.005
    )


def test_equal_earth_keeps_areas_everywhere():
    """A cell of a degree has the same area on the sphere and on the map, to a thousandth."""
    for latitude in (-80, -45, 0, 30, 60, 75):
        for longitude in (-170, 0, 120):
            corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)], float)
            x, y = borders.equal_earth(*(corners + np.array([longitude, latitude])).T)
            ends = np.sin(np.radians([latitude, latitude + 1]))
            on_the_ground = np.radians(1) * (ends[1] - ends[0])
            assert borders.area(np.column_stack([x, y])) == pytest.approx(on_the_ground, 1e-3)


# --- the outlines ---------------------------------------------------------------------------------


def test_every_state_of_today_has_an_outline_or_a_capital(outlines):
    without = [code for code in countries.all_states(2020) if code not in outlines]
    assert without == ["TUV"]
    assert ties.locations(shares({"TUV": 1.0})).query("partner == 'TUV'")["longitude"].notna().all()


def test_outlines_without_a_code_are_three_and_named(outlines):
    assert [name for name in outlines if len(name) != 3] == [
        "N. Cyprus",
        "Siachen Glacier",
        "Somaliland",
    ]


def test_outlines_of_territories_are_no_states(outlines):
    others = {code for code in outlines if len(code) == 3} - countries.codes()
    assert others - countries.territories() == {
        "ABW",
        "AIA",
        "ALA",
        "ASM",
        "ATF",
        "BLM",
        "COK",
        "CUW",
        "CYM",
        "ESH",
        "FLK",
        "FRO",
        "GGY",
        "GRL",
        "GUM",
        "HMD",
        "IMN",
        "IOT",
        "JEY",
        "MAC",
        "MAF",
        "MNP",
        "MSR",
        "NFK",
        "NIU",
        "PCN",
        "PRI",
        "PYF",
        "SGS",
        "SHN",
        "SPM",
        "SXM",
        "TCA",
        "VGB",
        "VIR",
        "WLF",
    }


@pytest.mark.parametrize(
    ("code", "area"),  # of land and inland waters in km² (UN Demographic Yearbook)
    [("PAK", 796_095), ("IND", 3_287_263), ("FRA", 640_000), ("ZAF", 1_221_037), ("TUR", 783_562)],
)
def test_outlines_are_as_large_as_the_states(outlines, code, area):
    path = outlines[code]
    starts = np.flatnonzero(path.codes == Path.MOVETO)
    found = sum(borders.area(ring) for ring in np.split(path.vertices, starts[1:]))
    # Kashmir is drawn by who controls it, islands of less than 4,000 km² are left out
    assert found * EARTH**2 == pytest.approx(area, rel=0.15)


@pytest.mark.parametrize("code", ["RUS", "FJI", "USA", "KIR", "NZL"])
def test_no_edge_runs_across_the_map(outlines, code):
    path = outlines[code]
    steps = np.abs(np.diff(path.vertices[:, 0]))
    assert steps[path.codes[1:] != Path.MOVETO].max() < 0.5


def test_a_line_across_the_180th_meridian_is_split_in_two():
    square = np.array([(170, 0), (-170, 0), (-170, 10), (170, 10), (170, 0)], float)
    west, east = split_at_180(square)
    assert (west[:, 0].min(), west[:, 0].max()) == (170, 180)
    assert (east[:, 0].min(), east[:, 0].max()) == (-180, -170)
    assert borders.area(west) == borders.area(east) == 100


def test_borders_are_thinned_alike_on_both_sides(outlines):
    """Points of the border of India and Pakistan are the same in both outlines: no slit."""
    india, pakistan = (set(map(tuple, outlines[code].vertices)) for code in ("IND", "PAK"))
    assert len(india & pakistan) >= 10


# --- the table ------------------------------------------------------------------------------------


def test_places_hold_the_state_its_partners_and_all_others_of_the_time():
    table = ties.locations(shares({"CHN": 0.7, "USA": 0.3}, first=1970, last=1971))
    role = table.set_index("partner")["role"]
    assert role["PAK"] == "self"
    assert set(role[role == "partner"].index) == {"CHN", "USA"}
    assert role["SUN"] == "none"
    assert "UKR" not in role
    assert "BGD" in role  # of 1971
    assert table["share"].sum() == pytest.approx(1)


def test_places_know_capitals_of_their_time():
    table = ties.locations(shares({"DEU": 1.0}, first=1985, last=1989)).set_index("partner")
    assert table.loc["DEU", "latitude"] == pytest.approx(50.7, abs=0.1)  # Bonn
    assert table.loc["PAK", "latitude"] == pytest.approx(33.7, abs=0.1)


def test_places_of_nothing_are_drawn_as_nothing():
    empty = ties.locations(shares({}).iloc[:0])
    assert "no data" in [t.get_gid() for t in world.world_map(empty).texts]
    silent = ties.locations(shares({}, status="not_covered"))
    assert "not covered" in world.describe_world_map(silent)


# --- the figure -----------------------------------------------------------------------------------


def test_partners_have_the_shade_of_their_share():
    ax = drawn({"CHN": 0.72, "USA": 0.2, "BRA": 0.08})
    assert painted(ax, "CHN") == world.SHADES[-1]
    assert painted(ax, "USA") == world.SHADES[3]
    assert painted(ax, "BRA") == world.SHADES[2]
    assert painted(ax, "PAK") == world.OWN
    assert painted(ax, "IND") == world.NONE


@pytest.mark.parametrize(
    ("share", "place"), [(0.0099, 0), (0.01, 1), (0.5, 5), (1.0, 5), (1e-6, 0)]
)
def test_classes_hold_their_lower_end(share, place):
    assert world.shade(share) == world.SHADES[place]


def test_a_state_gone_fills_its_land_but_not_that_of_others_with_ties():
    ax = drawn({"SUN": 0.6, "UKR": 0.02, "CHN": 0.38}, first=1988, last=1992)
    assert painted(ax, "KAZ") == painted(ax, "RUS") == world.SHADES[5]
    assert painted(ax, "UKR") == world.SHADES[1]
    assert "Soviet Union (60.0%)" in terms(ax).replace("\xa0", " ")


def test_states_gone_that_are_part_of_one_of_today_have_a_dot():
    ax = drawn({"DDR": 0.4, "DEU": 0.6}, first=1985, last=1989)
    assert painted(ax, "DEU") == world.SHADES[5]
    (dots,) = [c for c in ax.collections if c.get_gid() == "dots"]
    berlin = np.array(borders.equal_earth(13.44, 52.5))
    assert np.abs(np.asarray(dots.get_offsets()) - berlin).min() < 1e-6


@pytest.mark.parametrize("code", ["LUX", "KIR", "SGP", "VAT", "MDV", "TUV"])
def test_small_states_have_a_dot_whether_partner_or_own(code):
    for options in ({"country": "PAK"}, {"country": code}):
        partner = code if options["country"] == "PAK" else "CHN"
        ax = drawn({partner: 1.0}, **options)
        (dots,) = [c for c in ax.collections if c.get_gid() == "dots"]
        assert len(dots.get_offsets()) == 1


def test_land_of_no_state_is_hatched():
    ax = drawn({"CHN": 1.0}, first=1960, last=1964)
    (gap,) = [c for c in ax.collections if c.get_gid() == "gap"]
    assert gap.get_hatch()
    hatched = {code for code, path in borders.outlines().items() if path in gap.get_paths()}
    assert {"AGO", "MOZ", "GRL", "ESH"} <= hatched
    assert not hatched & {"IND", "USA", "FRA"}


def test_a_partner_that_cannot_be_drawn_is_named():
    assert "not on the map: Hesse Electoral" in terms(drawn({"HSE": 1.0}, first=2000, last=2004))


def test_no_code_of_the_ledger_vanishes_from_the_map():
    """Every state or territory there ever was has a shape, a dot, or a line that names it."""
    every = sorted((countries.codes() | countries.territories()) - {"PAK"})
    table = ties.locations(shares(dict.fromkeys(every, 1 / len(every)), first=1900, last=2020))
    partners = table[table["role"] == "partner"]
    assert set(partners["partner"]) == set(every)
    named = world._terms(partners.iloc[0], partners)
    dots = set(world._dots(table)["partner"])
    shapes = set(borders.outlines())
    lost = [
        row.partner
        for row in partners.itertuples()
        if row.partner not in dots
        and not shapes & set(row.lands.split())
        and row.partner_name not in named
    ]
    assert lost == []


def test_names_do_not_meet_and_equal_shares_are_not_named_by_chance():
    ax = drawn(
        dict.fromkeys(["CHN", "USA", "GBR", "FRA", "DEU", "ITA", "TUR", "SAU", "RUS"], 1 / 9)
    )
    ax.figure.canvas.draw()
    shown = [t for t in ax.texts if t.get_gid() == "label" and t.get_visible()]
    assert [t.get_text() for t in shown] == ["Pakistan"]
    ax = drawn({"CHN": 0.5, "FRA": 0.2, "DEU": 0.12, "GBR": 0.1, "NLD": 0.08})
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_gid() == "label" and t.get_visible()]
    assert len(boxes) >= 4
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_the_alt_text_names_the_largest_partners():
    text = world.describe_world_map(ties.locations(shares({"CHN": 0.72, "USA": 0.28})))
    assert "2 partners" in text
    assert "China 72.0%, United States 28.0%" in text


def test_a_map_is_small_and_the_same_each_time():
    made = []
    for _ in range(2):
        stream = io.BytesIO()
        with plt.rc_context({"svg.hashsalt": "x"}):
            drawn({"CHN": 0.7, "USA": 0.3}).figure.savefig(
                stream, format="svg", metadata={"Date": None}
            )
        made.append(stream.getvalue())
    assert made[0] == made[1]
    assert len(made[0]) < 300_000


def test_a_table_without_places_is_refused():
    with pytest.raises(ParameterError, match="longitude, latitude, lands"):
        world.world_map(shares({"CHN": 1.0}))


def test_the_map_is_public():
    assert an.plot.world_map is world.world_map
