"""States that go on under another code: one partner in portfolios, in distances and in changes."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import analysis as an
from analysis import cli
from analysis.errors import ParameterError
from analysis.portfolios import disparity
from analysis.sources import countries, user_tables
from analysis.studies import text, ties
from analysis.studies.agreements_and_alliances import tables as agreements
from analysis.studies.arms import tables as arms
from analysis.studies.events import peers as event_peers

TABLE = Path(__file__).parents[2] / "data/countries/continuing.csv"


def india(continuing="one", end=1995, window=5):
    records = an.load("arms", country="IND", sources=["sipri_tiv"])
    return an.portfolio(records, window=window, years=(end, end), continuing=continuing)


def partners(portfolios):
    return set(portfolios["partner"].dropna())


# --- the table ---


def test_every_state_that_has_gone_since_1945_is_decided_with_its_basis():
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = {row["code"]: row for row in csv.DictReader(lines)}
    gone = {
        code
        for code in countries.codes()
        if countries.exists(code, 1946) or any(countries.exists(code, y) for y in range(1946, 2020))
        if not countries.exists(code, 2020)
    }
    assert gone <= set(rows) | {"TBT"}  # Tibet was in no list of members of the United Nations
    for code, row in rows.items():
        assert row["basis"], code
        assert row["source"], code
        heir = row["continues_as"]
        assert heir in countries.codes() | {""}
        if heir == code:  # one code throughout
            assert countries.exists(code, int(row["from_year"]))


def test_the_practice_of_the_united_nations():
    """Russia and Serbia went on with a membership; Yugoslavia's seat was kept, though contested."""
    assert countries.continuing() == {"SUN": "RUS", "SCG": "SRB", "YUG": "SRB"}


@pytest.mark.parametrize(
    ("code", "year", "then"),
    [
        ("RUS", 1900, "RUS"),
        ("RUS", 1922, "SUN"),
        ("RUS", 1991, "SUN"),
        ("RUS", 1992, "RUS"),
        ("SRB", 1910, "SRB"),
        ("SRB", 1991, "YUG"),
        ("SRB", 1992, "SCG"),
        ("SRB", 2005, "SCG"),
        ("SRB", 2006, "SRB"),
        ("DEU", 1980, "DEU"),
    ],
)
def test_the_code_that_a_state_bore_in_a_year(code, year, then):
    assert countries.code_in(code, year) == then


# --- portfolios ---


def test_india_bought_from_one_moscow():
    """1991 to 1995, SIPRI's annual tables: 5.62 effective suppliers as two states, 3.81 as one."""
    one, two = (
        an.measure(india(how), an.hill, order=1)["estimate"].item() for how in ("one", "apart")
    )
    assert one == pytest.approx(3.81, abs=0.005)
    assert two == pytest.approx(5.62, abs=0.005)
    shares = an.shares(india()).set_index("partner")["share"]
    two_shares = an.shares(india("apart")).set_index("partner")["share"]
    assert shares["RUS"] == pytest.approx(two_shares["RUS"] + two_shares["SUN"])
    assert "SUN" not in shares.index


def test_apart_are_the_codes_of_the_ledger():
    assert {"SUN", "RUS"} <= partners(india("apart"))
    with pytest.raises(ParameterError, match="one or apart"):
        india("two")


def test_a_partner_is_called_as_it_was_in_the_last_year_of_the_window():
    names = [an.shares(india(end=end)).set_index("partner")["partner_name"] for end in (1990, 1995)]
    assert [name["RUS"] for name in names] == ["Soviet Union", "Russia"]


def test_a_state_of_today_holds_the_ties_of_the_one_that_it_continues():
    records = an.load("exercise", country="RUS")
    assert set(records["country"]) == {"SUN", "RUS"}
    portfolios = an.portfolio(records, years=(1990, 1994))
    assert set(portfolios["country"]) == {"RUS"}
    assert set(portfolios["status"]) == {"measured"}
    apart = an.portfolio(records, years=(1990, 1994), countries=["RUS"], continuing="apart")
    assert apart.loc[apart["end"] == 1990, "status"].tolist() == ["not_in_system"]


def test_a_former_code_has_its_own_ties_alone():
    records = an.load("exercise", country="SUN")
    portfolios = an.portfolio(records, years=(1991, 1998))
    assert set(portfolios["country"]) == {"SUN"}
    assert portfolios.loc[portfolios["end"] == 1998, "status"].tolist() == ["not_in_system"]


def test_ties_that_were_not_loaded_are_not_taken_for_none():
    records = an.load("exercise", country="RUS")
    portfolios = an.portfolio(records[records["country"] == "RUS"], years=(1990, 1990))
    assert portfolios["status"].tolist() == ["not_in_system"]


def test_the_tie_is_the_same_from_both_ends():
    """As many exercises of Russia with the United States as of the United States with Russia."""
    records = an.load("exercise", country=["RUS", "USA"])
    portfolios = an.portfolio(
        records, countries=["RUS", "USA"], years=(1994, 1994), weighting="count"
    )
    number = portfolios.groupby(["country", "partner"])["event_id"].nunique()
    assert number["RUS", "USA"] == number["USA", "RUS"] > 0


# --- whatever is made of portfolios ---


def test_who_entered_and_left():
    portfolios = arms.windows("IND", start=1986, end=1996, window=5)
    changes = arms.joined_and_left(portfolios)
    assert not changes[["entered", "gone"]].map(lambda names: "Russia" in names).any(axis=None)
    assert not changes[["entered", "gone"]].map(lambda names: "Soviet" in names).any(axis=None)


def test_who_joined_and_left_by_treaty():
    portfolios = agreements.pledges("MNG", start=1985, end=1995)
    changes = agreements.joined_and_left(portfolios)
    in_1992 = changes[changes["year"] == 1992]
    assert not in_1992["left"].str.contains("Soviet Union").any()


def test_ranks_follow_one_partner():
    portfolios = arms.windows("IND", start=1986, end=1996, window=5)
    ranked = ties.partner_ranks(an.shares(portfolios[portfolios["source"] == "sipri_tiv"]))
    first = ranked[ranked["rank"] == 1]
    assert set(first["partner"]) == {"RUS"}
    assert set(first["partner_name"]) == {"Soviet Union", "Russia"}


def test_a_partner_has_the_distances_of_its_years():
    """A window over 1991 takes the votes of both; one before it those of the Soviet Union."""
    points = an.distances("ideal_point", years=(1985, 1990))
    assert points.loc["RUS"].drop(["RUS", "SUN"]).equals(points.loc["SUN"].drop(["RUS", "SUN"]))
    table = pd.read_csv(TABLE.parents[1] / "unga/ideal_points.csv").set_index(["iso3", "year"])
    years = [("SUN", 1990), ("SUN", 1991), ("RUS", 1992)]
    mean = np.mean([table.loc[key, "ideal_point"] for key in years])
    assert disparity.ideal_points(1990, 1992)["RUS"] == pytest.approx(mean)


@pytest.mark.parametrize("end", [1990, 1993])
@pytest.mark.parametrize(
    "kind", ["ideal_point", "region", "regime", "geographic", "voting", "alliance_s"]
)
def test_no_weight_is_lost_for_want_of_a_distance(kind, end):
    portfolios = india(end=end)
    found = an.measure(portfolios, an.rao, distances=an.distances(kind))
    weight = an.shares(portfolios).set_index("partner")["share"]
    absent = set(weight.index) - set(an.distances(kind, years=(end - 4, end)).index)
    assert not {"RUS", "SUN"} & absent
    assert found["weight_without_distance"].item() == pytest.approx(weight[list(absent)].sum())


def test_where_it_lies_on_the_map():
    before, after = (ties.locations(an.shares(india(end=end))) for end in (1990, 1995))
    before, after = before.set_index("partner"), after.set_index("partner")
    assert "UKR" in before.loc["RUS", "lands"].split()
    assert after.loc["RUS", "lands"] == "RUS"
    assert "SUN" not in before.index.union(after.index)
    assert before.loc["RUS", "longitude"] == pytest.approx(37.6, abs=0.1)


def test_where_it_stands_and_with_whom_it_has_pacts():
    records = an.load("arms", country="IND", sources=["sipri_tiv"])
    portfolios = an.portfolio(records, years=(1984, 1984))
    stood = ties.positions(an.shares(portfolios)).set_index("partner")
    assert stood["ideal_point"].notna()["RUS"]
    assert "RUS" in stood.loc["POL", "pacts"].split()  # the Warsaw Pact


def test_taking_out_either_takes_out_both():
    portfolios = india()
    assert an.losses.without(portfolios, "SUN").equals(an.losses.without(portfolios, "RUS"))
    apart = india("apart")
    assert "RUS" in partners(an.losses.without(apart, "SUN"))


def test_peers_of_an_event_are_found_on_both_sides_of_1991():
    row = pd.Series(
        {
            "source": "mme",
            "instrument": "exercise",
            "start_before": 1987,
            "end_before": 1991,
            "start": 1992,
            "end": 1996,
        }
    )
    found = event_peers.nearest(
        row, "USA", ends=[1991, 1996], without={"USA"}, named={"RUS", "SUN"}, most=5
    )
    assert found == ["RUS"]
    apart = event_peers.nearest(
        row,
        "USA",
        ends=[1991, 1996],
        without={"USA"},
        named={"RUS", "SUN"},
        most=5,
        continuing="apart",
    )
    assert apart == []  # neither has partners in both years


def _exercises(how):
    record = an.exercises.record("POL", continuing=how)
    return pd.concat(record.values())["partner"]


def _exercises_by_window(how):
    span = {"start": 1994, "end": 1994, "window": 5}
    return an.exercises.windows("POL", **span, continuing=how)["partner"]


def _pledges(how):
    return agreements.pledges("MNG", start=1985, end=1995, continuing=how)["partner"]


def _signed(how):
    return agreements.signed("TUR", continuing=how)["partner"]


@pytest.mark.parametrize(
    ("table", "former"),
    [(_exercises, "SUN"), (_exercises_by_window, "SUN"), (_pledges, "SUN"), (_signed, "SCG")],
)
def test_every_report_counts_them_as_one_or_apart(table, former):
    one, apart = (set(table(how).dropna()) for how in ("one", "apart"))
    assert countries.continuing()[former] in one
    assert former not in one
    assert former in apart
    assert apart - one <= set(countries.continuing())


@pytest.mark.parametrize(("how", "partners"), [("one", {"RUS"}), ("apart", {"SUN", "RUS"})])
def test_claims_count_them_as_one_or_apart(how, partners):
    """India's suppliers of 1991 to 1995: "first" is Russia as one, and the Soviet Union apart."""
    row = {
        "claim": "a", "text": "x", "part": "a1", "part_text": "x", "state": "IND",
        "instrument": "arms", "source": "sipri_tiv", "partners": "first", "test": "share_at_least",
        "before": np.nan, "after": 1995.0, "threshold": 0.3, "years": "1991-1995", "events": "",
        "shock": "", "border": "", "note": "",
    }  # fmt: skip
    found = an.claims.assess(pd.DataFrame([row]), "IND", draws=0, seed=1, continuing=how)
    portfolios = india(how)
    first = an.shares(portfolios).iloc[0]
    assert first["partner"] in partners
    assert found["estimate"].item() == pytest.approx(first["share"])


def test_an_event_study_counts_them_as_one_or_apart():
    """Suppliers of arms to India in 1990 to 1994."""
    shocks = an.events.table()
    row = shocks.iloc[[0]].assign(shock="x", year=1989, state="IND", partner="", text="a test")
    number = {}
    for how in ("one", "apart"):
        found = an.events.study(row, "IND", continuing=how, order=0, instruments=["arms"]).changes
        number[how] = found.loc[found["measure_id"] == "hill_0", "after"].item()
    assert number["apart"] == number["one"] + 1


def test_both_ways_stand_in_the_specification_curve():
    curve = an.specification.curve("IND", "arms", before=1985, after=1995, sources=["sipri_tiv"])
    assert set(curve["continuing"]) == {"one", "apart"}
    of_three = curve[curve["window"] == 3]  # 1993 to 1995: nothing to join
    assert set(of_three["continuing"]) == {"one"}
    late = an.specification.curve("IND", "arms", before=2010, after=2020, sources=["sipri_tiv"])
    assert set(late["continuing"]) == {"one"}


def test_a_report_says_so_in_one_sentence():
    said = text.continuing(india())
    assert said == (
        "The Soviet Union (to 1991) and Russia count as one state: Russia continued its membership"
        " of the United Nations."
    )
    assert text.continuing(an.shares(india())) == said
    assert text.continuing(india(end=2020)) == ""
    assert text.continuing(india("apart")) == ""


def test_the_command_measures_both_ways_and_says_so(capsys):
    asked = ["measure", "IND", "--instrument", "arms", "--from", "1991", "--to", "1995"]
    assert cli.main(asked) == 0
    assert "count as one state" in capsys.readouterr().out
    assert cli.main([*asked, "--continuing", "apart", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"SUN", "RUS"} <= {row["partner"] for row in found[0]["shares"]}
    assert found[0]["continuing"] == "apart"
    assert found[0]["notes"] == []


@pytest.mark.parametrize(
    ("year", "said"),
    [("1992", []), ("1970", ["BGD: no such state in 1970"]), ("soon", [])],
)
def test_tables_of_claims_and_shocks_name_states_that_existed(year, said):
    """The Soviet Union goes on, so that either code will do; Bangladesh was not there in 1970."""
    assert user_tables.unknown_states(["PAK", "SUN", "RUS", "BGD", "XXQ"], year, year) == [
        "XXQ: no ISO3 code of a state",
        *said,
    ]


@pytest.mark.parametrize("draw", [an.plot.bump, an.plot.composition, an.plot.heatmap])
def test_a_figure_over_time_has_one_line_with_the_name_of_today(draw):
    portfolios = arms.windows("IND", start=1986, end=1996, window=5)
    ax = draw(ties.partner_ranks(an.shares(portfolios[portfolios["source"] == "sipri_tiv"])))
    said = " ".join(text.get_text() for text in ax.figure.findobj(Text))
    assert "Russia" in said
    assert "Soviet Union" not in said
