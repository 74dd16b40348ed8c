import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis import numbers
from analysis.portfolios import panel

YEARS = {"start": 2005, "end": 2024}


@pytest.fixture(scope="module")
def pakistan():
    return an.selections.portfolios("PAK", **YEARS)


def test_only_systematic_sources_make_portfolios(pakistan):
    assert set(pakistan["source"]) == {"atop", "dcad", "mme", "sipri_register", "sipri_tiv"}


def test_every_window_asked_for_is_there(pakistan):
    windows = pakistan.drop_duplicates(panel.PORTFOLIO)
    assert (windows.groupby(["source", "instrument"])["end"].nunique() == 20).all()


def test_instruments_come_arms_first(pakistan):
    order = list(dict.fromkeys(pakistan["instrument"]))
    assert order[:4] == ["arms", "exercise", "agreement", "alliance/defense"]


def test_latest_is_the_last_window_with_a_tie(pakistan):
    last = an.selections.latest(pakistan).drop_duplicates(panel.PORTFOLIO)
    ends = last.set_index(["source", "instrument"])["end"]
    assert ends[("sipri_register", "arms")] == 2024
    assert ends[("sipri_tiv", "arms")] == 2021
    assert ends[("mme", "exercise")] == 2010
    assert ends[("atop", "alliance/defense")] == 2018


def test_summary_holds_published_numbers_and_is_plain():
    """SIPRI: China 72.0% of Pakistan's imports in 2017-21, HHI 0.530."""
    found = {
        p["source"]: p for p in an.country_profile.summarise("PAK", "arms", start=2017, end=2021)
    }
    assert set(found) == {"sipri_register", "sipri_tiv"}
    exact = found["sipri_tiv"]
    assert exact["shares"][0]["partner"] == "CHN"
    assert exact["shares"][0]["share"] == pytest.approx(0.720, abs=5e-4)
    measures = {m["measure"]: m for m in exact["measures"]}
    assert measures["Herfindahl–Hirschman index"]["estimate"] == pytest.approx(0.530, abs=5e-4)
    assert measures["effective partners, q = 2"]["estimate"] == pytest.approx(1 / 0.5302, abs=1e-3)
    assert measures["share of the first partner (CR1)"]["estimate"] == pytest.approx(0.72, abs=5e-4)
    assert measures["effective partners, q = ∞"]["estimate"] == pytest.approx(1 / 0.72, abs=1e-3)
    assert exact["window"] == 5
    assert exact["weighting"] == "value"
    assert all(
        value is None or isinstance(value, str | int | float)
        for row in exact["shares"] + exact["measures"]
        for value in row.values()
    )


def test_summary_says_when_a_source_is_silent():
    (found,) = an.country_profile.summarise("PAK", "exercise", start=2015, end=2019)
    assert found["status"] == "not_covered"
    assert found["shares"] == []
    assert all(m["estimate"] is None for m in found["measures"])


def test_balance_leaves_treaties_out(pakistan):
    properties = an.battery.properties(
        an.selections.drop_silent_instruments(pakistan), draws=0, seed=1
    )
    properties = dict(list(properties.groupby("property")))
    assert set(properties) == {"variety", "balance", "disparity"}
    assert not properties["balance"]["instrument"].str.startswith("alliance").any()
    assert properties["variety"]["instrument"].str.startswith("alliance").any()


def test_coverage_tells_silence_from_absence():
    table = an.coverage.coverage("LUX", start=1990, end=2024).set_index("source")
    assert not table.loc["sipri_tiv", "observed"]
    assert table.loc["mme", "observed"]
    assert table.loc["mme", "n_ties"] > 0
    assert table.loc["curated", "n_ties"] == 0


def test_events_carry_their_citation():
    table = an.coverage.events("PAK", start=2015, end=2026)
    assert len(table) > 50
    assert table["source_url"].str.match("https?://").all()
    assert table["name"].notna().all()
    assert (table["date"] >= "2015").all()
    assert an.coverage.events("LUX", start=2015, end=2026).empty


def test_opening_says_what_the_tables_say(pakistan):
    last = an.selections.latest(pakistan)
    effective = an.battery.effective(last, draws=100, seed=1)
    text = an.country_profile.opening("PAK", an.shares(last), effective)
    share = an.shares(last).query("source == 'sipri_tiv'")["share"].iloc[0]
    assert f"China comes first with {share:.1%}" in text
    assert "**Defence pacts, 2018**: 1 partner, the United States" in text
    assert "partnerships import" not in text


@pytest.mark.parametrize("country", ["LUX", "CUB", "TUR", "KIR", "VAT"])
def test_a_state_without_arms_data_is_told_how_to_get_them(country):
    made = an.selections.portfolios(country, **YEARS)
    last = an.selections.latest(made)
    text = an.country_profile.opening(
        country, an.shares(last), an.battery.effective(last, draws=0, seed=1)
    )
    assert "partnerships import sipri FILE" in text
    limits = an.text.limits(country, an.coverage.coverage(country, **YEARS))
    assert "does not cover" in limits


def test_a_state_without_any_tie_gets_a_plain_statement():
    made = an.selections.portfolios("VAT", **YEARS)
    last = an.selections.latest(made)
    assert last.empty
    text = an.country_profile.opening(
        "VAT", an.shares(last), an.battery.effective(last, draws=0, seed=1)
    )
    assert "No source from which shares can be computed" in text


@pytest.mark.parametrize(
    ("source", "difference", "low", "high", "said"),
    [
        ("mme", 2.0, 1.0, 3.0, "higher, by 2 (difference 1 to 3"),
        ("mme", -2.0, -3.0, -1.0, "lower, by 2 (difference −3 to −1"),
        ("mme", 2.0, -0.5, 4.0, "no change can be claimed"),
        ("mme", 1.0, np.nan, np.nan, "higher; too few events to tell"),
        ("sipri_tiv", -1.0, np.nan, np.nan, "lower; the source is a full count"),
        ("sipri_tiv", 0.0, np.nan, np.nan, "no change"),
    ],
)
def test_change_is_not_overstated(source, difference, low, high, said):
    row = {
        "source": source,
        "instrument": "exercise",
        "start": 2006,
        "end": 2010,
        "estimate": 5.0,
        "start_before": 1996,
        "end_before": 2000,
        "estimate_before": 5.0 - difference,
        "difference": difference,
        "low": low,
        "high": high,
        "interval": "95% bootstrap",
    }
    assert said in an.country_profile.change(pd.DataFrame([row]))


def test_the_last_window_is_measured_against_the_first(pakistan):
    changes = an.country_profile.changes(pakistan, draws=50, seed=1).set_index(
        ["source", "instrument"]
    )
    shares = changes.loc[("sipri_tiv", "arms")]
    own = an.battery.effective(pakistan, draws=0, seed=1).query("source == 'sipri_tiv'")
    known = own[own["estimate"].notna()]["estimate"]
    assert shares["difference"] == pytest.approx(known.iloc[-1] - known.iloc[0])
    assert changes.loc[("mme", "exercise"), "interval"].startswith("95% bootstrap over exercises")


def test_names_from_data_are_inert_in_prose(pakistan):
    last = an.selections.latest(pakistan)
    partners = an.shares(last).assign(partner_name="<script>alert(1)</script> *x*")
    text = an.country_profile.opening("PAK", partners, an.battery.effective(last, draws=0, seed=1))
    assert "<script>" not in text
    assert "\\<script\\>" in text


def test_partners_who_share_the_first_place_are_all_named():
    """India's agreements of 2006-10: South Korea and Singapore both have two of 21."""
    last = an.selections.latest(an.selections.portfolios("IND", start=2005, end=2012))
    text = an.country_profile.opening(
        "IND", an.shares(last), an.battery.effective(last, draws=0, seed=1)
    )
    assert "Singapore and South Korea come first with 9.5% each" in text.replace(
        "South Korea and Singapore", "Singapore and South Korea"
    )


def test_what_unnamed_suppliers_sent_is_said_and_in_no_share():
    """SIPRI's register has 3 TIV from unknown suppliers among Pakistan's imports of 2020-24."""
    made = an.selections.portfolios("PAK", start=2024, end=2024, instruments=("arms",))
    left_out = an.country_profile.unattributed(made)
    total = an.shares(made).query("source == 'sipri_register'")["weight"].sum()
    (share,) = left_out["share_left_out"]
    assert share == pytest.approx(3.0 / (3.0 + total))
    text = " ".join(an.text.reading(an.battery.effective(made, draws=0, seed=1), left_out))
    assert f"{numbers.percent(share)} of the value came from suppliers" in text


def test_where_a_record_is_the_lower_end_of_its_interval_it_is_said():
    """Of Pakistan's agreements of 2006-10 nearly all are with partners met once."""
    made = an.selections.portfolios("PAK", start=2010, end=2010, instruments=("agreement",))
    found = an.battery.effective(made, draws=100, seed=1)
    assert found["low"].item() == found["estimate"].item()
    assert np.isnan(found["high"].item())
    (line,) = an.text.reading(found, an.country_profile.unattributed(made))
    assert "the lower end is the record itself" in line


def test_one_source_of_arms_is_shown_and_the_exact_one_first(pakistan):
    kept = an.selections.one_arms_source(pakistan)
    assert set(kept.loc[kept["instrument"] == "arms", "source"]) == {"sipri_tiv"}
    rest = pakistan[pakistan["instrument"] != "arms"]
    assert len(kept[kept["instrument"] != "arms"]) == len(rest)
    assert kept["instrument"].iloc[0] == "arms"


def test_the_headline_leaves_treaties_out_unless_there_is_nothing_else(pakistan):
    kept = an.selections.one_arms_source(pakistan)
    found = an.selections.by_instrument(an.battery.effective(kept, order=2.0, draws=0, seed=1))
    found = dict(list(found.groupby("property", sort=False)))
    assert list(found) == ["arms imports", "joint exercises", "defence agreements"]
    shares = an.shares(pakistan).query("source == 'sipri_tiv' and end == 2021")["share"]
    last = found["arms imports"].set_index("end")["estimate"]
    assert last[2021] == pytest.approx(1 / (shares**2).sum())
    made = an.selections.drop_silent_instruments(an.selections.portfolios("KIR", **YEARS))
    measured = an.battery.effective(made, draws=0, seed=1)
    assert set(an.selections.by_instrument(measured)["property"]) == {"consultation pacts"}


def test_profiles_of_neighbours_are_those_of_their_own_portfolios(pakistan):
    main = an.peers.headline_series(an.selections.one_arms_source(pakistan))
    last = an.selections.latest(main)
    found = an.peers.hill_profiles(last, peers=["India", "LKA", "USA"], draws=0, seed=1)
    assert list(dict.fromkeys(found["country"])) == ["PAK", "IND", "LKA"]  # no arms data of the US
    india = an.selections.portfolios("IND", start=2021, end=2021, instruments=("arms",))
    index = an.shares(india).query("source == 'sipri_tiv'")["share"].pow(2).sum()
    own = found[(found["country"] == "IND") & (found["order"] == 2)]["estimate"].item()
    assert own == pytest.approx(1 / index)
    falls = found.groupby("country")["estimate"].apply(lambda d: (d.diff().dropna() <= 1e-9).all())
    assert falls.all()


def test_a_state_without_flows_has_no_main_series():
    made = an.selections.portfolios("KIR", **YEARS)
    assert an.peers.headline_series(made).empty
    assert an.peers.hill_profiles(an.peers.headline_series(made), peers=[], draws=0, seed=1).empty
