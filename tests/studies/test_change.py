import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as an
from analysis.measures import diversity, similarity
from analysis.studies.change import decomposition

SIZE = 6
WEIGHTS = st.lists(st.one_of(st.just(0.0), st.floats(0.1, 9)), min_size=SIZE, max_size=SIZE).filter(
    any
)
POINTS = st.lists(st.floats(0, 1), min_size=SIZE, max_size=SIZE)


def effective(weights):
    return diversity.hill(weights, 1)


def apart(points):
    return np.abs(np.subtract.outer(points, points))


def whole(found):
    return found.by_partner.sum() + found.disparity


@given(WEIGHTS, WEIGHTS, st.sampled_from([0, 0.5, 1, 2, np.inf]))
def test_all_adds_up_to_the_change(before, after, order):
    found = decomposition.contributions(before, after, lambda w: diversity.hill(w, order))
    expected = diversity.hill(after, order) - diversity.hill(before, order)
    assert whole(found) == pytest.approx(expected, abs=1e-10)


@given(WEIGHTS, WEIGHTS, POINTS, POINTS)
def test_all_adds_up_with_distances_too(before, after, early, late):
    tables = apart(early), apart(late)
    found = decomposition.contributions(before, after, similarity.rao, distances=tables)
    expected = similarity.rao(after, tables[1]) - similarity.rao(before, tables[0])
    assert whole(found) == pytest.approx(expected, abs=1e-10)


@given(WEIGHTS, WEIGHTS)
def test_backwards_it_has_the_other_sign(before, after):
    """Where some stayed; else newcomers come before the others go, whichever way round."""
    if not (np.array(before) * np.array(after)).any():
        return
    there = decomposition.contributions(before, after, effective)
    back = decomposition.contributions(after, before, effective)
    assert there.by_partner == pytest.approx(-back.by_partner, abs=1e-10)


@given(WEIGHTS, st.floats(0.1, 9))
def test_nothing_changed_nothing_added(weights, factor):
    found = decomposition.contributions(weights, np.array(weights) * factor, effective)
    assert found.by_partner == pytest.approx(np.zeros(SIZE), abs=1e-12)


@given(WEIGHTS, WEIGHTS, st.permutations(range(SIZE)))
def test_the_order_of_partners_does_not_matter(before, after, order):
    before, after = np.array(before), np.array(after)
    found = decomposition.contributions(before, after, effective)
    moved = decomposition.contributions(before[order], after[order], effective)
    assert moved.by_partner == pytest.approx(found.by_partner[order], abs=1e-10)


def test_who_stays_with_the_same_ratio_has_not_rebalanced():
    """A newcomer halves the shares of two equal partners: all of the change is its own."""
    found = decomposition.contributions([1, 1, 0], [1, 1, 2], lambda w: diversity.hill(w, 0))
    assert found.factors.tolist() == ["rebalanced", "rebalanced", "entered"]
    assert found.by_partner == pytest.approx([0, 0, 1])


def test_number_of_partners_is_entries_less_exits():
    found = decomposition.contributions(
        [1, 2, 3, 0, 0], [5, 0, 0, 1, 0], lambda w: diversity.hill(w, 0)
    )
    assert found.by_partner == pytest.approx([0, -1, -1, 1, 0])
    assert found.factors.tolist() == ["rebalanced", "gone", "gone", "entered", ""]


def test_two_factors_worked_by_hand():
    """HHI of (1, 1, 0) to (1, 0, 1): 1/2 to 1/2. Entering first 1/2 → 1/3 → 1/2; going first
    1/2 → 1 → 1/2. Entering adds (-1/6 - 1/2)/2 = -1/3, going 1/3."""
    found = decomposition.contributions([1, 1, 0], [1, 0, 1], diversity.hhi)
    assert found.by_partner == pytest.approx([0, 1 / 3, -1 / 3])


def test_a_full_exchange_has_no_empty_portfolio_in_between():
    """(1, 0, 0) to (0, 1, 1): the newcomers come first, 1 → 3 partners → 2."""
    found = decomposition.contributions([1, 0, 0], [0, 1, 1], lambda w: diversity.hill(w, 0))
    assert found.by_partner == pytest.approx([-1, 1, 1])


def test_distances_alone():
    weights = np.ones(3)
    early, late = apart([0, 0.5, 1]), apart([0, 0.25, 1])
    found = decomposition.contributions(weights, weights, similarity.rao, distances=(early, late))
    assert found.by_partner.tolist() == [0, 0, 0]
    expected = similarity.rao(weights, late) - similarity.rao(weights, early)
    assert found.disparity == pytest.approx(expected)


def test_many_partners_are_explained_too():
    rng = np.random.default_rng(1)
    before, after = rng.integers(0, 9, (2, 40)).astype(float)
    found = decomposition.contributions(before, after, effective)
    assert whole(found) == pytest.approx(effective(after) - effective(before))


def test_portfolios_are_explained_by_partner_and_bloc():
    made = an.portfolio(an.load("arms", country="PAK", sources=["sipri_tiv"]), years=(2012, 2021))
    early, late = made[made["end"] == 2012], made[made["end"] == 2021]
    for function, options in (
        (an.hill, {"order": 1}),
        (an.rao, {"distances": an.distances("ideal_point")}),
    ):
        table = an.change.explain(late, early, function, **options)
        whole = an.difference(late, early, function, **options)["difference"].item()
        assert table["contribution"].sum() == pytest.approx(whole, abs=1e-10)
        assert table["share"].sum() == pytest.approx(1)
    by_bloc = table.groupby("bloc", dropna=False)["contribution"].sum()
    assert by_bloc.sum() == pytest.approx(whole, abs=1e-10)
    assert set(table["factor"]) == {"entered", "gone", "rebalanced", "disparity"}
    china = an.change.explain(late, early, an.hhi).set_index("partner").loc["CHN"]
    assert china["factor"] == "rebalanced"
    assert china["share"] == pytest.approx(0.720, abs=5e-4)
    assert china["contribution"] > 0.05


def test_a_portfolio_that_is_not_covered_is_left_out():
    made = an.portfolio(an.load("exercise", country="PAK", sources=["mme"]), years=(2008, 2014))
    late, early = made[made["end"] == 2014], made[made["end"] == 2010]
    assert an.change.explain(late, early, an.hhi).empty
