"""Places of states: against scipy, against every order within bounds, and on planted practices."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import rankdata

import analysis as an
from analysis.errors import ParameterError
from analysis.portfolios import uncertainty
from analysis.portfolios.layout import Ties
from analysis.studies.peers import ranking

values = st.lists(st.integers(0, 5).map(float), min_size=1, max_size=7)


@given(values)
def test_places_are_those_of_scipy(x):
    expected = rankdata(-np.array(x), method="min")
    assert ranking.rank_of(x).tolist() == expected.tolist()


def test_a_state_without_a_value_has_no_place_and_counts_for_none():
    found = ranking.rank_of([[3.0, np.nan, 5.0], [np.nan, 1.0, 2.0]])
    np.testing.assert_array_equal(found, [[2, np.nan, 1], [np.nan, 2, 1]])


boxes = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 4)), min_size=1, max_size=5)


@settings(deadline=None)
@given(boxes, st.integers(0, 10**6))
def test_every_order_within_the_bounds_lies_between_best_and_worst(box, seed):
    low = np.array([a for a, _ in box], float)
    high = low + np.array([b for _, b in box])
    best, worst = ranking.bounded_ranks(low, high)
    inside = np.random.default_rng(seed).uniform(low, high, size=(50, len(low)))
    found = ranking.rank_of(inside)
    assert (found >= best).all()
    assert (found <= worst).all()
    for at in range(len(low)):  # and both ends are reached
        ends = [
            np.where(np.arange(len(low)) == at, own, rest)
            for own, rest in ((high, low), (low, high))
        ]
        assert [ranking.rank_of(x)[at] for x in ends] == [best[at], worst[at]]


def test_nothing_known_within_bounds_is_no_place():
    best, worst = ranking.bounded_ranks([1.0, np.nan, 2.0], [1.5, np.nan, 2.0])
    np.testing.assert_array_equal(best, [2, np.nan, 1])
    np.testing.assert_array_equal(worst, [2, np.nan, 1])


def test_one_entry_left_out_changes_one_state_at_a_time():
    """A 5 and a 4 may swap by one entry of either; the 3 may share with the 4 but not pass both."""
    x, low = np.array([5.0, 4.0, 3.0]), np.array([3.5, 3.0, 1.0])
    best, worst = ranking.ranks_with_one_changed(x, low, x)
    assert best.tolist() == [1, 1, 2]
    assert worst.tolist() == [2, 2, 3]
    best, worst = ranking.ranks_with_one_changed(x, np.full(3, np.nan), x)
    assert best.tolist() == worst.tolist() == [1, 2, 3]


def test_states_far_apart_have_their_place_for_sure_and_equal_ones_any(rng):
    far = rng.normal([10, 20, 30], 0.1, size=(400, 3))
    low, high = ranking.drawn_ranks(far)
    assert low.tolist() == high.tolist() == [3, 2, 1]
    same = rng.normal(0, 1, size=(400, 5))
    low, high = ranking.drawn_ranks(same)
    assert low.tolist() == [1] * 5
    assert high.tolist() == [5] * 5


def test_a_state_without_draws_may_stand_anywhere(rng):
    draws = rng.normal([10, 20], 0.1, size=(100, 2))
    low, high = ranking.drawn_ranks(np.column_stack([draws, np.full(100, np.nan)]))
    np.testing.assert_array_equal(low, [2, 1, np.nan])
    np.testing.assert_array_equal(high, [3, 2, np.nan])
    assert np.isnan(ranking.drawn_ranks(np.full((5, 2), np.nan))).all()
    with pytest.raises(ParameterError, match="level"):
        ranking.drawn_ranks(draws, level=1.0)


def test_of_twelve_equal_states_one_is_told_apart_by_chance_in_one_panel_of_twenty():
    """Each pair by itself, at the same level, would part it from another in four of ten panels."""
    rng = np.random.default_rng(3)
    apart = alone = 0
    for _ in range(300):
        draws = rng.normal(rng.normal(size=12), 1.0, size=(300, 12))
        low, high = ranking.drawn_ranks(draws)
        apart += low[0] > 1 or high[0] < 12
        pairs = [ranking.drawn_ranks(draws[:, [0, peer]]) for peer in range(1, 12)]
        alone += any(low[0] == high[0] for low, high in pairs)
    assert apart <= 300 * 0.05 + 3 * np.sqrt(300 * 0.05 * 0.95)
    assert alone > 0.25 * 300


def test_a_state_of_which_nothing_is_sure_is_told_apart_from_none():
    values = np.tile([5.0, 3.0, 1.0], (100, 1))
    first = np.array([True, False, False])
    low, high = ranking.drawn_ranks(values, open_above=first, open_below=first)
    assert (low.tolist(), high.tolist()) == ([1, 1, 2], [3, 2, 3])


def test_a_higher_level_leaves_no_fewer_places(rng):
    draws = rng.normal(np.arange(6), 2.0, size=(500, 6))
    narrow, wide = (ranking.drawn_ranks(draws, level) for level in (0.5, 0.95))
    assert (wide[0] <= narrow[0]).all()
    assert (wide[1] >= narrow[1]).all()


def test_corrected_draws_have_the_ends_of_the_interval(rng):
    drawn = uncertainty.Draws(rng.gamma(5, 1, size=2001), 5.5, 1.0)
    ends = uncertainty.interval(drawn, 6.0, level=0.95, limits=(0, np.inf))
    tails = np.quantile(uncertainty.corrected(drawn, 6.0), [0.025, 0.975], axis=1)
    assert (tails[0].min(), tails[1].max()) == pytest.approx(ends, rel=1e-3)
    nothing = uncertainty.Draws(np.full(3, np.nan), np.nan, np.nan)
    assert np.isnan(uncertainty.corrected(nothing, 6.0)).all()


#: planted practices: so many partners, with shares as 1/rank
PLANTED = (5, 8, 11, 14, 17, 20)


def held(events, samples):
    """Per cent of the planted places that intervals hold."""
    rng = np.random.default_rng(7)
    practices = [1 / np.arange(1, n + 1) for n in PLANTED]
    truth = ranking.rank_of([an.hill(weights) for weights in practices])
    hits = np.zeros(len(practices))
    for seed in range(samples):
        drawn = [drawn_of(rng, weights, events, seed) for weights in practices]
        ends = [ranking.drawn_ranks(np.array([c[way] for c in drawn]).T) for way in (0, 1)]
        low, high = np.minimum(ends[0][0], ends[1][0]), np.maximum(ends[0][1], ends[1][1])
        hits += (low <= truth) & (truth <= high)
    return 100 * hits.mean() / samples


def drawn_of(rng, weights, events, seed):
    counts = rng.multinomial(events, weights / weights.sum())
    seen = counts[counts > 0]
    record = np.repeat(np.eye(len(seen)), seen, axis=0)
    ties = Ties(record, [str(n) for n in range(len(seen))])
    drawn = uncertainty.bootstrap(
        ties, an.hill, draws=100, seed=seed, key=(len(weights),), most_unseen=200 - len(seen)
    )
    return uncertainty.corrected(drawn, an.hill(seen))


@pytest.mark.parametrize(("events", "stated"), [(15, 92), (60, 99)])
def test_intervals_hold_the_planted_place_as_often_as_is_said(events, stated):
    said = " ".join((Path(__file__).parents[2] / "docs" / "methods.md").read_text("utf-8").split())
    assert "92 hold the true one with 15 events each, and 99 with 60." in said
    slack = 400 * np.sqrt(stated * (100 - stated) / 1e4 / (15 * len(PLANTED)))
    assert held(events, samples=15) >= stated - slack


# --- of real records ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def last():
    chosen = an.choose_peers("PAK", named=["IND", "LKA", "BGD", "NPL"])
    made = an.peers.portfolios("PAK", chosen, start=2000, end=2024)
    return an.peers.side_by_side(made, "PAK")


@pytest.fixture(scope="module")
def placed(last):
    return an.peers.ranks(last, "PAK", order=1.0, draws=40, seed=1)


def test_the_place_by_exact_amounts_is_that_of_the_values(last, placed):
    """SIPRI's annual tables, 2017-21, by entropy in pandas alone."""
    own = last[(last["source"] == "sipri_tiv") & (last["status"] == "measured")]
    weights = own.groupby(["country", "partner"])["weight"].sum()
    share = weights / weights.groupby("country").transform("sum")
    share = share[share > 0]
    hill = np.exp(-(share * np.log(share)).groupby("country").sum())
    rows = placed[(placed["source"] == "sipri_tiv") & placed["measure"].str.startswith("effective")]
    found = rows.set_index("country")["place"]
    assert found.dropna().to_dict() == hill.rank(ascending=False).to_dict()
    assert np.isnan(found["NPL"])
    assert rows["low"].isna().all()
    assert set(rows["n_placed"]) == {4}


def test_each_kind_of_data_has_its_kind_of_range(placed):
    own = placed[placed["highlighted"]].set_index(["source", "instrument", "measure"])
    assert set(own.index.get_level_values("measure")) == {
        "effective partners, q = 1",
        "number of partners",
        "evenness",
        "Rao's quadratic entropy",
    }
    register = own.loc[("sipri_register", "arms", "effective partners, q = 1")]
    assert register["interval"].startswith("bounds")
    exercises = own.loc[("mme", "exercise", "effective partners, q = 1")]
    assert exercises["interval"].startswith("95% bootstrap over exercises")
    treaties = own.loc[("atop", "alliance/nonaggression", "number of partners")]
    assert treaties["interval"].startswith("sensitivity")
    for row in (register, exercises, treaties):
        assert 1 <= row["low"] <= row["place"] <= row["high"] <= row["n_placed"]
    # of Sri Lanka nothing is open, but of others: its place has their kind of range
    rows = placed[(placed["source"] == "sipri_register") & placed["low"].notna()]
    assert rows["interval"].str.startswith("bounds").all()
    assert "LKA" in set(rows["country"])
    # treaties all weigh the same: no balance, and no effective number beside the number
    assert set(own.loc["atop"].index.get_level_values("measure")) == {
        "number of partners",
        "Rao's quadratic entropy",
    }


def test_without_draws_there_are_places_and_no_ranges(last):
    placed = an.peers.ranks(last, "PAK", order=2.0, draws=0, seed=1)
    rows = placed[placed["source"] == "mme"]
    assert rows["place"].notna().any()
    assert rows["low"].isna().all()


def test_the_headline_is_the_series_that_places_most_states(placed):
    table = an.peers.headline_ranks(placed)
    assert set(table["source"]) == {"mme"}
    assert table["estimate"].notna().sum() == 5
    pd.testing.assert_series_equal(
        table["low"],
        placed.loc[placed["source"].eq("mme"), "estimate_low"].head(5),
        check_names=False,
        check_index=False,
    )
    assert an.peers.headline_ranks(placed.iloc[:0]).empty
