"""The tables and sentences of the report on arms imports."""

import numpy as np
import pytest

import analysis as an


@pytest.fixture(scope="module")
def pakistan():
    return an.arms.windows("PAK", start=1990, end=2024, window=5)


def test_concentration_is_the_published_one(pakistan):
    """From SIPRI's annual tables of 2017-21: HHI 0.530, first supplier 72.0%."""
    found = an.arms.concentration(pakistan, order=2.0, draws=0, seed=1)
    last = {
        name: table[(table["source"] == "sipri_tiv") & (table["end"] == 2021)]["estimate"].item()
        for name, table in found.groupby("property")
    }
    assert last["concentration"] == pytest.approx(0.530, abs=5e-4)
    assert last["dependence"] == pytest.approx(0.720, abs=5e-4)
    assert last["diversity"] == pytest.approx(1 / last["concentration"])


def test_bounds_hold_the_exact_value(pakistan):
    """What the register leaves open must contain what the tables say, but for their rounding."""
    found = an.arms.concentration(pakistan, order=1.0, draws=0, seed=1)
    found = found[found["property"] == "concentration"]
    wide = found.pivot(index="end", columns="source", values=["estimate", "low", "high"]).dropna(
        subset=[("estimate", "sipri_tiv")]
    )
    exact = wide["estimate", "sipri_tiv"]
    assert (exact > wide["low", "sipri_register"] - 0.01).all()
    assert (exact < wide["high", "sipri_register"] + 0.01).all()
    assert len(exact) == 32


def test_the_two_sources_are_compared_in_the_same_years(pakistan):
    both = an.arms.both_sources(pakistan)
    assert set(zip(both["start"], both["end"], strict=True)) == {(2017, 2021)}
    text = an.arms.spread(both)
    assert "annual tables give China 72.0%" in text
    assert "gives 78%" in text  # what spreading evenly makes of the same years


def test_comings_and_goings_add_up(pakistan):
    changes = an.arms.joined_and_left(pakistan)
    assert list(changes["end"]) == [1996, 2001, 2006, 2011, 2016, 2021]
    assert (changes["end"] - changes["start"] == 4).all()
    step = changes["n_suppliers"].diff() - (changes["n_entered"] - changes["n_gone"])
    assert (step.dropna() == 0).all()
    assert changes["bray_curtis"].between(0, 1).all()
    for _, row in changes.iterrows():
        assert len(row["entered"].split(", ")) == row["n_entered"]
    # half the sum of absolute differences of shares, from the portfolios themselves
    exact = an.shares(pakistan).query("source == 'sipri_tiv' and end in [2016, 2021]")
    wide = exact.pivot_table(index="partner", columns="end", values="share", fill_value=0.0)
    by_hand = (wide[2021] - wide[2016]).abs().sum() / 2
    assert changes["bray_curtis"].iloc[-1] == pytest.approx(by_hand)


def test_more_concentrated_is_less_diverse(pakistan):
    curve = an.arms.more_concentrated("PAK", pakistan)
    judged = curve[curve["agrees"].notna()]
    assert (judged["agrees"].astype(bool) == (judged["estimate"] < -1e-12)).all()
    assert curve.groupby("source")["after"].first().to_dict() == {
        "sipri_register": 2024,
        "sipri_tiv": 2021,
    }
    assert (curve["after"] - curve["before"] == an.arms.YEARS_AGO).all()


def test_sentences_say_what_the_tables_say(pakistan):
    latest = an.arms.latest(pakistan, order=1.0, draws=0, seed=1)
    text = an.arms.opening("PAK", an.shares(an.selections.latest(pakistan)), latest)
    assert "2017–2021, SIPRI**: China supplied 72.0% of 13 suppliers'" in text
    assert "China supplied 81% (" in text
    aid = an.yearly.united_states("PAK", "greenbook", start=1990, end=2024)
    changes = an.arms.joined_and_left(pakistan)
    curve = an.arms.more_concentrated("PAK", pakistan)
    left_out = an.country_profile.unattributed(an.selections.latest(pakistan))
    text = an.arms.findings(changes, curve, left_out, aid=aid)
    count = an.specification.agreement(curve)
    assert f"{count['agree']} of {count['judged']} defensible specifications" in text
    assert "came Netherlands, Qatar; went Jordan, France" in text.replace("\\", "")


def test_aid_is_zero_where_covered_and_missing_where_not():
    aid = an.yearly.united_states("PAK", "greenbook", start=1990, end=2024).set_index("year")
    assert aid.loc[1995, "value"] == 0  # the Pressler amendment
    assert np.isnan(aid.loc[2021, "value"])
    assert not aid.loc[2021, "covered"]
    assert an.yearly.united_states("USA", "greenbook", start=1990, end=2024).empty


def test_training_without_a_row_is_not_known():
    """Members of NATO are exempt from the report from 2003 on."""
    rows = an.yearly.united_states("TUR", "fmtrpt", start=1999, end=2020)
    assert rows.empty or rows.loc[rows["value"].isna(), "covered"].eq(False).all()
    pakistan = an.yearly.united_states("PAK", "fmtrpt", start=1999, end=2020).set_index("year")
    assert not pakistan.loc[2006, "covered"]


@pytest.mark.parametrize("country", ["USA", "KIR", "LUX", "TUR"])
def test_a_state_without_arms_data_gets_empty_tables_and_a_sentence(country):
    made = an.arms.windows(country, start=1990, end=2024, window=5)
    assert made.empty
    assert an.arms.both_sources(made).empty
    assert an.arms.joined_and_left_table(an.arms.joined_and_left(made)).empty
    assert an.arms.more_concentrated(country, made).empty
    latest = an.arms.latest(made, order=1.0, draws=0, seed=1)
    assert "partnerships import sipri FILE" in an.arms.opening(country, made, latest)
