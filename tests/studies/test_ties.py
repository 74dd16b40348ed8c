"""Partners by ideal point and by rank: tables against known facts, figures by their artists."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.path import Path

import analysis as an
from analysis.errors import ParameterError
from analysis.plot import describe_network, network, ranks
from analysis.studies import ties

BASE = {
    "country": "PAK",
    "source": "sipri_tiv",
    "instrument": "arms",
    "weighting": "value",
    "window": 5,
    "basis": "flow",
}
NAMES = {
    "CHN": "China",
    "USA": "United States",
    "GBR": "United Kingdom",
    "FRA": "France",
    "TUR": "Türkiye",
    "VAT": "Vatican City",
    "ITA": "Italy",
}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def window(parts, end=2010, status="measured"):
    """Shares of one window: `parts` maps partners to shares."""
    head = BASE | {"start": end - 4, "end": end, "status": status}
    rows = [
        head
        | {
            "partner": c,
            "partner_name": NAMES.get(c, c),
            "share": s,
            "weight": s,
            "share_low": s,
            "share_high": s,
        }
        for c, s in parts.items()
    ]
    none = {"partner": None, "partner_name": None, "share": np.nan}
    return pd.DataFrame(rows or [head | none])


def over_time(**windows):
    """`y2010={"CHN": 0.5}`: shares of the window that ends then; a text is a silent status."""
    return pd.concat(
        [
            window({}, int(year[1:]), parts)
            if isinstance(parts, str)
            else window(parts, int(year[1:]))
            for year, parts in windows.items()
        ],
        ignore_index=True,
    )


def texts(ax, gid):
    return [t.get_text() for t in ax.texts if t.get_gid() == gid]


def by_gid(ax, gid):
    return [a for a in (*ax.collections, *ax.lines, *ax.patches) if a.get_gid() == gid]


# --- where partners stand ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def standings():
    return ties.positions(window({"CHN": 0.5, "GBR": 0.2, "USA": 0.2, "VAT": 0.1}))


def test_standings_are_means_of_the_years_within_their_range(standings):
    """The United States at one end, China near the other; the Holy See has no vote."""
    point = standings.set_index("partner")["ideal_point"]
    assert point["USA"] > point["GBR"] > 1 > 0 > point["CHN"]
    assert np.isnan(point["VAT"])
    known = standings.dropna(subset="ideal_point")
    assert (known["point_low"] <= known["ideal_point"]).all()
    assert (known["ideal_point"] <= known["point_high"]).all()
    years = an.store.table("unga", "ideal_points.csv").query(
        "iso3 == 'CHN' and 2006 <= year <= 2010"
    )
    assert point["CHN"] == pytest.approx(years["ideal_point"].mean())


def test_standings_know_the_pacts_of_the_window_s_last_year(standings):
    """ATOP 2010: NATO joins the British and the Americans; Pakistan's pact is with these."""
    pacts = standings.set_index("partner")["pacts"]
    assert pacts["GBR"] == "USA"
    assert "GBR" in pacts["USA"].split()
    assert pacts["CHN"] == pacts["VAT"] == ""
    assert set(standings["pact_year"]) == {2010}
    assert "PAK" in pacts["USA"].split()


def test_standings_hold_the_state_itself_without_a_share(standings):
    own = standings[standings["partner"] == "PAK"]
    assert len(own) == 1
    assert own["share"].isna().all()


def test_pacts_are_those_of_the_last_year_on_record_or_none():
    late = ties.positions(window({"USA": 1.0}, end=2021))
    assert set(late["pact_year"]) == {2018}
    after = ties.positions(window({"USA": 1.0}, end=2024))
    assert after["pact_year"].isna().all()
    assert set(after["pacts"]) == {""}


def test_states_without_any_treaty_have_no_pacts():
    """Taiwan's last treaty, with the United States, ended in 1980."""
    alone = ties.positions(window({"VAT": 1.0}).assign(country="TWN"))
    assert list(alone["pacts"]) == ["", ""]


def test_nothing_stands_nowhere():
    silent = ties.positions(window({}, status="empty"))
    assert len(texts(network(silent), "no data")) == 1
    assert "record no tie" in describe_network(silent)
    assert texts(network(ties.positions(window({}).iloc[:0])), "no data")


def test_marks_lie_at_ideal_points_with_areas_in_proportion(standings):
    ax = network(standings)
    (marks,) = by_gid(ax, "partners")
    at = np.asarray(marks.get_offsets())
    shown = standings.dropna(subset="share").sort_values("share", ascending=False, kind="stable")
    known = shown["ideal_point"].notna().to_numpy()
    np.testing.assert_allclose(at[known, 0], shown["ideal_point"].dropna())
    assert at[:, 1].tolist() == [0, 1, 2, 3]
    assert marks.get_sizes()[0] / marks.get_sizes()[1] == pytest.approx(0.5 / 0.2)


def test_a_partner_without_a_point_stands_apart_and_is_said_to(standings):
    ax = network(standings)
    (marks,) = by_gid(ax, "partners")
    assert np.asarray(marks.get_offsets())[3, 0] < standings["point_low"].min() - 0.1
    assert texts(ax, "unknown") == ["no ideal point"]
    assert "Vatican City 10.0%" in texts(ax, "label")


def test_arcs_join_allies_once(standings):
    ax = network(standings)
    (arcs,) = by_gid(ax, "pacts")
    assert (arcs.get_path().codes == Path.MOVETO).sum() == 1  # GBR and USA
    (marks,) = by_gid(ax, "partners")
    assert np.argmax(marks.get_linewidths()) == 2  # the United States, bound to Pakistan
    assert "Pacts of defence between partners: 1." in describe_network(standings)


def test_names_stand_in_rows_of_their_own(standings):
    ax = network(standings)
    ax.figure.canvas.draw()
    boxes = [t.get_window_extent() for t in ax.texts if t.get_gid() == "label"]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_partners_left_out_are_counted():
    table = ties.positions(window(dict.fromkeys(["CHN", "USA", "GBR", "FRA", "TUR"], 0.2)))
    ax = network(table, top=3)
    said = texts(ax, "terms")[0].replace("\n", " ")
    assert said.endswith("largest 3 of 5 partners, of equal ones the first by code")


# --- ranks ----------------------------------------------------------------------------------------


def test_ranks_are_of_windows_side_by_side_the_last_one_kept():
    table = ties.partner_ranks(pd.concat([window({"CHN": 1.0}, end) for end in range(1998, 2011)]))
    assert sorted(table["end"]) == [2000, 2005, 2010]


def test_equal_shares_have_equal_ranks_and_the_next_is_left_out():
    table = ties.partner_ranks(
        window({"CHN": 0.4, "USA": 0.2, "GBR": 0.2 + 1e-15, "FRA": 0.2 - 1e-3})
    )
    assert table.set_index("partner")["rank"].to_dict() == {"CHN": 1, "USA": 2, "GBR": 2, "FRA": 4}


def test_the_last_window_kept_is_the_last_that_is_measured():
    table = ties.partner_ranks(
        over_time(y2005={"CHN": 1.0}, y2010={"USA": 1.0}, y2012="not_covered")
    )
    assert sorted(table["end"]) == [2005, 2010]
    assert ties.partner_ranks(window({}).iloc[:0]).empty


@pytest.fixture
def bumped():
    return ties.partner_ranks(
        over_time(
            y1995={"CHN": 0.5, "USA": 0.3, "GBR": 0.2},
            y2000="not_covered",
            y2005={"USA": 0.4, "CHN": 0.4, "FRA": 0.2},
            y2010={"USA": 0.6, "CHN": 0.4},
        )
    )


def lines(ax):
    return {line.get_label(): line.get_ydata() for line in by_gid(ax, "line")}


def test_lines_follow_ranks_and_break_over_gaps(bumped):
    found = lines(ranks.bump(bumped))
    np.testing.assert_array_equal(found["China"], [1, np.nan, 1, 2])
    np.testing.assert_array_equal(found["United States"], [2, np.nan, 2, 1])
    np.testing.assert_array_equal(found["France"], [np.nan, np.nan, 3, np.nan])


def test_equal_shares_are_joined_and_a_gap_is_hatched(bumped):
    ax = ranks.bump(bumped)
    (tie,) = by_gid(ax, "tie")
    assert tie.get_segments()[0].tolist() == [[2, 1], [2, 2]]
    (gap,) = by_gid(ax, "gap")
    assert gap.get_hatch()
    assert (gap.get_x(), gap.get_width()) == (0.5, 1.0)


def test_every_mark_bears_its_code(bumped):
    ax = ranks.bump(bumped)
    assert sorted(texts(ax, "mark")) == sorted(bumped["partner"].dropna())


def test_more_equal_shares_than_rows_are_not_shown_by_chance():
    shares = {"CHN": 0.5} | dict.fromkeys(["USA", "GBR", "FRA", "TUR", "ITA"], 0.1)
    assert set(lines(ranks.bump(ties.partner_ranks(window(shares)), top=4))) == {"China"}
    equal = ties.partner_ranks(window(dict.fromkeys(["USA", "GBR", "FRA", "TUR", "ITA"], 0.2)))
    assert lines(ranks.bump(equal, top=4)) == {}


def test_ranks_of_nothing_say_why():
    table = ties.partner_ranks(window({}, status="not_covered"))
    assert texts(ranks.bump(table), "no data")
    assert "not covered" in ranks.describe_bump(table)


def test_the_alt_text_of_ranks_names_who_came_first(bumped):
    assert ranks.describe_bump(bumped) == (
        "Ranks of partners over time, Arms imports (Pakistan · SIPRI). First: 1991–1995: China;"
        " 2001–2005: 2 with equal shares; 2006–2010: United States."
    )


def test_ranks_of_two_series_are_refused(bumped):
    other = bumped.assign(instrument="exercise")
    with pytest.raises(ParameterError, match="holds 2 instruments"):
        ranks.bump(pd.concat([bumped, other]))


def test_hostile_names_are_drawn_as_they_are(standings):
    hostile = "<b>$x^2$_"
    table = standings.assign(partner_name=hostile)
    assert any(hostile in text for text in texts(network(table), "label"))
