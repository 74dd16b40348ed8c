"""Who is chosen as a peer, and what is drawn and said of them."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from test_plot import HOSTILE, NOTE, assert_apart, said_in

import analysis as an
from analysis.errors import ParameterError, UnknownCountryError
from analysis.sources import countries, store
from analysis.studies import peer_rules
from analysis.studies.peer_rules import peer_codes
from analysis.studies.peers.ranking import compared

YEARS = {"start": 2000, "end": 2024}


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    plt.close("all")


def cinc(year):
    table = store.table("nmc", "capabilities.csv")
    return table[table["year"] == year].set_index("iso3")["cinc"]


# --- rules ----------------------------------------------------------------------------------------


def test_rivals_are_those_of_the_book():
    """Thompson, Sakuwa & Suhas 2021: Pakistan's rivals since 1947 are India and Afghanistan."""
    for year in (1947, 1971, 2020):
        assert set(peer_codes(an.choose_peers("PAK", rule="rivalry", year=year))) == {"AFG", "IND"}
    chosen = an.choose_peers("United States", rule="rivalry", year=1980)
    assert set(peer_codes(chosen)) == {"CUB", "SUN"}
    assert chosen["compared"].tolist() == ["rivals since 1945", "rivals since 1959"]
    assert an.choose_peers("LUX", rule="rivalry").empty


def test_peers_of_a_region_are_all_of_it_and_the_nearest_first():
    chosen = an.choose_peers("PAK", most=20)
    assert set(peer_codes(chosen)) == {"AFG", "BGD", "BTN", "IND", "LKA", "MDV", "NPL"}
    ratio = (cinc(2022)[peer_codes(chosen)] / cinc(2022)["PAK"]).map(np.log).abs()
    assert ratio.is_monotonic_increasing
    np.testing.assert_allclose(chosen["distance"], ratio)
    assert set(chosen["year"]) == {2022}


def test_no_other_state_is_nearer_in_capabilities():
    year = 1999
    chosen = an.choose_peers("IND", rule="capabilities", year=year, most=5)
    apart = (cinc(year) / cinc(year)["IND"]).map(np.log).abs().drop("IND").sort_values()
    assert peer_codes(chosen) == apart.index[:5].tolist()


def test_peers_by_regime_are_within_the_band_and_no_other_in_it_is_nearer():
    chosen = an.choose_peers("PAK", rule="regime", most=4)
    weight = cinc(2022) / cinc(2022)["PAK"]
    table = store.table("vdem", "polyarchy.csv").query("year == 2022").set_index("iso3")
    apart = (table["polyarchy"] - table.loc["PAK", "polyarchy"]).abs().drop("PAK")
    band = weight.index[weight.between(1 / 3, 3)].intersection(apart.index)
    assert peer_codes(chosen) == apart[band].sort_values(kind="stable").index[:4].tolist()


def test_peers_by_record_have_the_nearest_numbers_of_exercises():
    chosen = an.choose_peers("LUX", rule="record", most=4)
    events = an.load("exercise", sources=["mme"])
    state = events["country"].replace(countries.continuing())  # Serbia, with Montenegro to 2005
    number = events.groupby(state)["event_id"].nunique()
    region = countries.region_of("LUX")
    others = [
        code
        for code in number.index[number >= peer_rules.ENOUGH]
        if countries.region_of(code) == region and countries.exists(code, 2010) and code != "LUX"
    ]
    apart = (number[others] - number["LUX"]).abs().sort_values()
    assert sorted(apart[peer_codes(chosen)]) == apart.iloc[:4].tolist()
    few = chosen[chosen["rank"].isna()]
    assert set(few["status"]) == {"fewer than 10 events on record"}
    assert "MNE" in set(few["country"])


def test_what_is_not_known_is_said_and_never_a_peer():
    chosen = an.choose_peers("PAK", rule="capabilities")
    silent = chosen[chosen["rank"].isna()].set_index("country")["status"]
    assert silent.to_dict() == dict.fromkeys(["PSE", "VAT"], "no CINC on record in 2022")
    # of Kiribati V-Dem has no estimate, and in 1940 there was no Pakistan
    for chosen in (an.choose_peers("KIR", rule="regime"), an.choose_peers("PAK", year=1940)):
        assert peer_codes(chosen) == []
        assert chosen["country"].tolist() == chosen["of"].tolist()
        assert chosen["status"].str.startswith("no ").all()


def test_several_rules_take_turns_and_nobody_comes_twice():
    rules = ["region", "regime", "rivalry"]
    chosen = an.choose_peers("PAK", rule=rules)
    codes = peer_codes(chosen)
    firsts = [peer_codes(an.choose_peers("PAK", rule=rule))[0] for rule in rules]
    assert codes[:3] == list(dict.fromkeys(firsts))
    assert len(codes) == len(set(codes)) == 8
    by = chosen.set_index("country")
    assert by.loc["IND", "rule"] == "region; rivalry"
    assert "times its own; rivals since 1947" in by.loc["IND", "compared"]


def test_named_peers_win_over_the_rule():
    chosen = an.choose_peers("PAK", rule="rivalry", named=["Iran", "TUR", "PAK", "IRN"], most=1)
    assert peer_codes(chosen) == ["IRN", "TUR"]
    assert set(chosen["rule"]) == {"named"}


def test_a_later_year_is_compared_in_the_last_that_is_covered():
    assert an.choose_peers("PAK", year=2030).equals(an.choose_peers("PAK"))


def test_the_sources_of_a_rule_are_cited_though_it_finds_nobody():
    assert an.peer_rules.sources(an.choose_peers("LUX", rule="rivalry"), rule=["rivalry"]) == [
        "rivalries"
    ]
    chosen = an.choose_peers("PAK", rule=["regime", "record"])
    assert an.peer_rules.sources(chosen, rule=["regime", "record"]) == ["mme", "nmc", "vdem"]
    assert set(chosen["source"]) <= {"mme", "nmc", "vdem"}
    assert an.peer_rules.sources(an.choose_peers("PAK", named=["IND"]), rule=["region"]) == []
    assert set(peer_rules.SOURCES) == set(peer_rules.RULES)


def test_what_cannot_be_is_refused():
    with pytest.raises(ParameterError, match=r"'neighbour'.*region, capabilities, regime"):
        an.choose_peers("PAK", rule=["region", "neighbour"])
    with pytest.raises(ParameterError, match="At least one"):
        an.choose_peers("PAK", most=0)
    with pytest.raises(UnknownCountryError, match="nearest"):
        an.choose_peers("PAK", named=["Idnia"])


# --- differences and figures ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def chosen():
    return an.choose_peers("PAK", named=["IND", "LKA", "BTN", "USA"])


@pytest.fixture(scope="module")
def made(chosen):
    return an.peers.portfolios("PAK", chosen, **YEARS)


@pytest.fixture(scope="module")
def last(made):
    return an.peers.side_by_side(made, "PAK")


@pytest.fixture(scope="module")
def placed(last):
    return an.peers.ranks(last, "PAK", order=1.0, draws=10, seed=1)


def test_all_states_have_the_same_series_and_window(made, last, chosen):
    own = made[made["country"] == "PAK"]
    assert list(dict.fromkeys(made["country"])) == ["PAK", *peer_codes(chosen)]
    for code, rows in made.groupby("country"):
        assert set(rows["source"]) == set(own["source"]), code
    ends = last.groupby(["source", "instrument"])["end"].agg(["min", "max"])
    assert (ends["min"] == ends["max"]).all()
    assert ends["max"]["mme", "exercise"] == 2010


def test_of_two_sources_of_arms_the_newest_stands_first(last, placed):
    """The register reaches to 2024, the annual tables to 2021; within either the state is first."""
    table = an.peers.differences_from_peers(last, "PAK", order=1.0, draws=0, seed=1)
    for found in (last, placed, table):
        arms = found[found["instrument"] == "arms"]
        assert list(dict.fromkeys(zip(arms["source"], arms["end"], strict=True))) == [
            ("sipri_register", 2024),
            ("sipri_tiv", 2021),
        ]
    assert (last.groupby(["source", "instrument"])["country"].first() == "PAK").all()
    text = an.peers.findings("PAK", placed, table)
    assert text.index("2020–2024") < text.index("2017–2021")


def test_differences_are_those_of_the_values(last, placed):
    table = an.peers.differences_from_peers(last, "PAK", order=1.0, draws=20, seed=1)
    rows = table.set_index(["source", "country_before"])
    values = an.measure(last, an.hill, order=1).set_index(["source", "country"])["estimate"]
    expected = values["sipri_tiv", "PAK"] - values["sipri_tiv", "IND"]
    assert rows.loc[("sipri_tiv", "IND"), "difference"] == pytest.approx(expected)
    assert rows.loc[("sipri_tiv", "USA"), "status"] == "not_covered"
    assert rows.loc[("mme", "USA"), "high"] < 0  # it trains with far more states
    text = an.peers.findings("PAK", placed, table)
    assert "2006–2010: less diverse than the United States" in text  # of such, 95 of 100 held
    doubtful = table.assign(
        interval_coverage=table["interval_coverage"].where(table["source"] != "mme", 85.0)
    )
    text = an.peers.findings("PAK", placed, doubtful)
    assert "perhaps less diverse than the United States" in text
    assert "too few of such intervals contained the truth" in " ".join(text.split())
    assert "2017–2021: less diverse than India; it depends on the order or window" in text
    assert "against Sri Lanka (not more diverse in 9 of 16)" in text
    assert list(an.peers.differences_table(table).index) == [
        "India",
        "Sri Lanka",
        "United States",
    ]


def test_a_comparison_is_stated_only_where_it_holds_over_orders_and_windows():
    """Bangladesh 2017-21: 0.047 more by order 1, but less by order 2 in three years and in 2016-20.

    Oracle: Hill numbers in numpy alone.
    """
    codes = ["PAK", "BGD", "IND", "LKA"]
    made = an.peers.portfolios("PAK", an.choose_peers("PAK", named=codes[1:]), start=2021, end=2021)
    last = made[made["source"] == "sipri_tiv"]
    table = an.peers.differences_from_peers(last, "PAK", order=1.0, draws=0, seed=1)
    by = table.set_index("country_before")
    assert by.loc["BGD", "difference"] == pytest.approx(-0.047, abs=5e-4)
    assert by["stands"].to_dict() == {"BGD": "turns", "IND": "below", "LKA": "turns"}
    rows = an.load("arms", country=codes, sources=["sipri_tiv"])
    for look in an.peers.looks(last, "PAK").query("order == 2").itertuples():
        own, peer = (
            hill_of_order_2(rows, code, look.end, look.window)
            for code in ("PAK", look.country_before)
        )
        assert look.difference == pytest.approx(own - peer), look
    placed = an.peers.ranks(last, "PAK", order=1.0, draws=0, seed=1)
    open_ = an.peers.with_differences(placed, table).query("highlighted and headline").iloc[0]
    assert (open_["place"], open_["low"], open_["high"]) == (4, 2, 4)
    text = an.peers.findings("PAK", an.peers.with_differences(placed, table), table)
    assert "less diverse than India; it depends" in text
    assert "Bangladesh (not more diverse in 11 of 16)" in text


def hill_of_order_2(rows, code, end, window):
    own = rows[(rows["country"] == code) & rows["start"].dt.year.between(end - window + 1, end)]
    weights = own.groupby("partner")["value"].sum().to_numpy()
    return weights.sum() ** 2 / (weights**2).sum()


def test_of_many_peers_some_differ_by_chance_and_places_follow_the_differences():
    """Two of three intervals leave out 0; corrected for their number one does, and that is all."""
    table = pd.DataFrame(
        {
            "source": "mme",
            "instrument": "exercise",
            "country_before": ["AAA", "BBB", "CCC"],
            "difference": [5.0, -3.0, 1.0],
            "low": [3.0, -6.0, -2.0],
            "high": [7.0, -0.1, 4.0],
            "above": [0.999, 0.024, 0.7],
            "interval_kind": "bootstrap",
            "interval_coverage": 95.0,
        }
    )
    looks = pd.DataFrame(
        {
            "source": "mme",
            "instrument": "exercise",
            "country_before": ["AAA", "BBB", "CCC"],
            "order": 1.0,
            "window": 5,
            "end": 2010,
            "difference": [5.0, -3.0, 1.0],
        }
    )
    judged = an.peers.tables._judged(table, looks)
    np.testing.assert_allclose(judged["p"], [0.006, 0.096, 0.6])
    assert judged["stands"].tolist() == ["above", "open", "open"]
    placed = pd.DataFrame(
        {
            "source": "mme",
            "instrument": "exercise",
            "country": "PAK",
            "place": [2.0],
            "low": [2.0],
            "high": [2.0],
            "n_placed": 4,
            "interval": "",
            "highlighted": True,
            "headline": True,
        }
    )
    found = an.peers.with_differences(placed, judged).iloc[0]
    assert (found["low"], found["high"]) == (1, 3)


def test_a_panel_for_each_peer_with_a_line_and_the_state_behind_all(made, chosen):
    table = an.peers.over_time(made, "arms", order=1.0, draws=0, seed=1)
    assert set(table["source"]) == {"sipri_tiv"}
    figure = an.plot.against_peers(table, chosen, source_note=NOTE)
    panels = [ax for ax in figure.axes if ax.axison]
    assert [ax.get_title(loc="left") for ax in panels] == ["India", "Sri Lanka"]
    own = table[table["country"] == "PAK"].set_index("end")["estimate"]
    for ax in panels:
        (behind,) = [line for line in ax.lines if line.get_gid() == "own"]
        np.testing.assert_allclose(behind.get_ydata(), own.reindex(behind.get_xdata()))
        assert ax.get_ylim() == panels[0].get_ylim()
        assert [p.get_gid() for p in ax.patches] == ["gap"]  # 2022 to 2024
    (note,) = [text.get_text() for text in figure.texts if text.get_gid() == "note"]
    assert "Without a panel: Bhutan, United States (not covered" in note.replace("\n", " ")
    assert_apart(*said_in(figure))
    assert "Sri Lanka" in an.plot.describe_against_peers(table, chosen)


def test_names_in_panels_are_literal_and_an_empty_figure_says_why(made, chosen):
    table = an.peers.over_time(made, "exercise", order=1.0, draws=0, seed=1)
    named = chosen.assign(name=HOSTILE)
    figure = an.plot.against_peers(table, named, source_note=NOTE)
    said, whole = said_in(figure)
    assert_apart(said, whole)
    assert any(HOSTILE in text for text, _, _ in said)
    assert [text for text, _, formula in said if "$" in text and formula] == []
    for rows, peers in ((table.iloc[:0], chosen), (table, chosen.iloc[:0])):
        figure = an.plot.against_peers(rows, peers)
        assert [ax.get_label() for ax in figure.axes] == [an.plot.parts.style.EMPTY]
        assert "no " in an.plot.describe_against_peers(rows, peers)
    twice = pd.concat([table, table.assign(source="other")])
    with pytest.raises(ParameterError, match=r"2 sources \(mme, other\)"):
        an.plot.against_peers(twice, chosen)
    with pytest.raises(ParameterError, match="rank"):
        an.plot.against_peers(table, chosen[["of"]])


def test_years_without_a_tie_are_not_hatched(made, chosen):
    """India has no exercise on record in a window before 1992; after 2010 nothing is known."""
    table = an.peers.over_time(made, "exercise", order=1.0, draws=0, seed=1)
    table.loc[(table["country"] == "IND") & (table["end"] < 2003), ["estimate", "status"]] = (
        np.nan,
        "empty",
    )
    ax = an.plot.against_peers(table, chosen).axes[0]
    gaps = [(patch.get_x() < 2003, bool(patch.get_hatch())) for patch in ax.patches]
    assert sorted(gaps) == [(False, True), (True, False)]


# --- sentences ------------------------------------------------------------------------------------


def test_the_opening_names_the_rule_the_peers_and_who_is_missing():
    chosen = an.choose_peers("PAK", rule=["rivalry", "capabilities"], most=3)
    text = an.peers.opening("PAK", chosen, rule=["rivalry", "capabilities"])
    assert "**3 states**" in text
    assert "rivals by the list of Thompson" in text
    assert "Afghanistan, Iran and India" in text
    assert "Palestine and Vatican City (no CINC on record in 2022)" in text
    none = an.peers.opening("LUX", an.choose_peers("LUX", rule="rivalry"), rule=["rivalry"])
    assert "has no peer" in none
    assert "The source names none in this year" in none
    unknown = an.peers.opening("KIR", an.choose_peers("KIR", rule="regime"), rule=["regime"])
    assert "Kiribati: no polyarchy on record in 2022" in unknown
    assert "Of arms imports nothing can be said" in none


def test_what_has_no_place_is_named_once_for_each_reason(placed, chosen):
    text = an.peers.limits(chosen, placed)
    assert "by arms imports (SIPRI register) and arms imports (SIPRI)" in text
    assert text.count("not covered by the source") == 1
    assert an.peers.limits(chosen.iloc[:0], placed) == ""


def test_names_are_escaped():
    chosen = an.choose_peers("PAK").assign(name="<b>*x*")
    assert "<b>" not in an.peers.opening("PAK", chosen, rule=["region"])


def test_alone_it_has_no_place_to_show():
    table = pd.DataFrame(
        {"highlighted": [True], "place": [1.0], "n_placed": [1], "measure": ["x"], "name": ["A"]}
    )
    assert compared(table).empty
    assert "without content" in an.plot.describe_peer_ranks(table)


def test_states_that_go_on_are_kept_apart_from_peers_too():
    chosen = an.choose_peers("IND", named=["PAK"])
    span = {"start": 1995, "end": 1995, "window": 7, "weighting": None}
    found = {}
    for how in ("one", "apart"):
        made = an.peers.portfolios("IND", chosen, **span, continuing=how)
        looks = an.peers.looks(made, "IND", continuing=how)
        arms = looks[(looks["source"] == "sipri_tiv") & (looks["order"] == 0)]
        found[how] = arms.set_index(["window", "end"])["difference"]
    # the Soviet Union and Russia both delivered to India in windows that span 1991, and to Pakistan
    # in none of them
    assert (found["apart"] >= found["one"]).all()
    assert found["apart"].loc[(7, 1995)] == found["one"].loc[(7, 1995)] + 1
