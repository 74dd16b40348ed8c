"""What every measure must obey, whatever the portfolio."""

import doctest

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.measures import bounds, diversity, rarefaction, risk, similarity
from analysis.measures.diversity import (
    concentration_ratio,
    evenness,
    hhi,
    hill,
    n_partners,
    pielou,
    shannon,
    shares,
    top_share,
)
from analysis.measures.similarity import leinster_cobbold, rao, rao_equivalent, stirling


def law(*strategies):
    """Hold for examples which are the same in every run."""
    chosen = settings(max_examples=150)
    return lambda test: chosen(given(*strategies)(test))


weights = arrays(
    np.float64,
    st.integers(1, 12),
    elements=st.one_of(
        st.just(0.0), st.integers(1, 1000).map(float), st.floats(1e-12, 1e12), st.floats(0.1, 10)
    ),
).filter(np.any)

orders = st.one_of(
    st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf]),
    st.floats(0, 5),
    st.floats(-1e-9, 1e-9).map(lambda x: 1 + x),
    st.floats(5, 1e4),
)

#: one number each from weights alone
SCALARS = [n_partners, hill, shannon, hhi, pielou, evenness, concentration_ratio, top_share]


def close(found, expected, rel=1e-10):
    np.testing.assert_allclose(found, expected, rtol=rel, atol=1e-12)


@st.composite
def with_distances(draw):
    """Weights, and distances between points on a line: of portfolios unlike each other or not."""
    w = draw(weights)
    points = draw(arrays(np.float64, len(w), elements=st.floats(0, 1)))
    return w, np.abs(points[:, None] - points)


@pytest.mark.parametrize("module", [diversity, similarity, bounds])
def test_examples_in_the_documentation_hold(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0


@law(weights, orders)
def test_hill_is_between_one_and_the_number_of_partners(w, q):
    assert 1 <= hill(w, q) <= n_partners(w)


@law(weights, orders, st.sampled_from([1e-9, 0.3, 7.0, 1e9]))
def test_the_unit_does_not_matter(w, q, unit):
    close(hill(w * unit, q), hill(w, q))
    for measure in SCALARS:
        close(measure(w * unit), measure(w))


@law(weights, orders, st.randoms(use_true_random=False))
def test_the_order_of_partners_does_not_matter(w, q, random):
    places = list(range(len(w)))
    random.shuffle(places)
    close(hill(w[places], q), hill(w, q))
    for measure in SCALARS:
        close(measure(w[places]), measure(w))


@law(weights, orders, st.integers(0, 5), st.integers(0, 12))
def test_absent_partners_do_not_count(w, q, number, place):
    more = np.insert(w, min(place, len(w)), np.zeros(number))
    close(hill(more, q), hill(w, q))
    for measure in SCALARS:
        close(measure(more), measure(w))


@law(weights, orders, st.integers(2, 4))
def test_disjoint_copies_multiply_the_effective_number(w, q, copies):
    close(hill(np.tile(w, copies), q), copies * hill(w, q), rel=1e-9)


@law(weights, orders, orders)
def test_hill_does_not_rise_with_the_order(w, one, other):
    low, high = sorted([one, other])
    assert hill(w, low) >= hill(w, high) * (1 - 1e-12)


@law(st.integers(1, 300), orders, st.floats(1e-9, 1e9))
def test_equal_shares_give_the_number_of_partners(n, q, each):
    close(hill(np.full(n, each), q), n)
    close(evenness(np.full(n, each), q), 1)


@law(weights)
def test_hhi_and_entropy_are_hill_numbers(w):
    close(hhi(w), 1 / hill(w, 2))
    close(shannon(w), np.log(hill(w, 1)))
    close(top_share(w), 1 / hill(w, np.inf))
    close(hhi(w), (shares(w) ** 2).sum())


@law(weights)
def test_hill_is_continuous_at_its_special_orders(w):
    close(hill(w, 1 - 1e-9), hill(w, 1), rel=1e-5)
    close(hill(w, 1 + 1e-9), hill(w, 1), rel=1e-5)
    close(hill(w, 2 + 1e-9), hill(w, 2), rel=1e-6)
    close(hill(w, 1e9), hill(w, np.inf), rel=1e-6)
    # on either side of where the formula changes
    close(hill(w, 0.5 - 1e-12), hill(w, 0.5 + 1e-12))
    close(hill(w, 1.5 - 1e-12), hill(w, 1.5 + 1e-12))


@law(weights, orders, st.floats(0.0, 1.0))
def test_a_transfer_to_a_smaller_partner_does_not_make_it_less_diverse(w, q, part):
    """Pigou and Dalton's principle."""
    assume(len(w) > 1)
    rich, poor = w.argmax(), w.argmin()
    moved = w.copy()
    gift = part * (w[rich] - w[poor]) / 2
    moved[rich] -= gift
    moved[poor] += gift
    assert hill(moved, q) >= hill(w, q) * (1 - 1e-12)
    assert hhi(moved) <= hhi(w) * (1 + 1e-12)


@law(weights, st.integers(1, 14))
def test_concentration_rises_with_k_to_one(w, k):
    found = [concentration_ratio(w, i) for i in range(1, k + 1)]
    assert (np.diff(found) >= -1e-12).all()
    assert found[0] == top_share(w)
    if k >= n_partners(w):
        assert found[-1] == pytest.approx(1)


@law(weights)
def test_indices_keep_to_their_range(w):
    number = n_partners(w)
    assert 1 / number <= hhi(w) * (1 + 1e-12) <= 1 + 1e-11
    assert 0 <= shannon(w) <= np.log(number) + 1e-12
    if number > 1:
        assert 0 <= hhi(w, normalised=True) <= 1 + 1e-12
        assert 0 <= pielou(w) <= 1


# --- distances and similarities -----------------------------------------------------------------


@law(weights)
def test_rao_with_unit_distances_is_one_minus_hhi(w):
    unit = 1.0 - np.eye(len(w))
    close(rao(w, unit), 1 - hhi(w))
    close(rao_equivalent(w, unit), hill(w, 2), rel=1e-8)


@law(with_distances())
def test_rao_is_the_mean_distance_of_two_draws(pair):
    w, d = pair
    p = shares(w)
    close(rao(w, d), sum(p[i] * p[j] * d[i, j] for i in range(len(w)) for j in range(len(w))))
    assert 0 <= rao(w, d) <= 1 - 1 / n_partners(w) + 1e-12


@law(with_distances())
def test_stirling_has_the_others_as_special_cases(pair):
    w, d = pair
    number = n_partners(w)
    close(stirling(w, d), rao(w, d))
    close(stirling(w, d, alpha=0), 1 - hhi(w))
    assert stirling(w, d, alpha=0, beta=0) == number * (number - 1)
    here = np.ix_(w > 0, w > 0)
    close(stirling(w, d, beta=0), d[here].sum())


@law(weights, orders)
def test_without_similarity_leinster_cobbold_is_hill(w, q):
    close(leinster_cobbold(w, np.eye(len(w)), q), hill(w, q))


@law(weights, orders)
def test_partners_all_alike_are_one(w, q):
    close(leinster_cobbold(w, np.ones((len(w), len(w))), q), 1)


@law(with_distances(), orders, orders)
def test_leinster_cobbold_is_below_hill_and_does_not_rise_with_the_order(pair, one, other):
    w, d = pair
    low, high = sorted([one, other])
    assert 1 <= leinster_cobbold(w, 1 - d, low) <= hill(w, low) * (1 + 1e-12)
    assert leinster_cobbold(w, 1 - d, low) >= leinster_cobbold(w, 1 - d, high) * (1 - 1e-12)


@law(with_distances())
def test_order_two_is_the_equivalent_of_rao(pair):
    w, d = pair
    close(leinster_cobbold(w, 1 - d, 2), rao_equivalent(w, d), rel=1e-8)


@law(with_distances(), orders)
def test_partners_that_resemble_each_other_more_are_less_diverse(pair, q):
    w, d = pair
    assert leinster_cobbold(w, 1 - d / 2, q) <= leinster_cobbold(w, 1 - d, q) * (1 + 1e-12)
    assert rao(w, d / 2) <= rao(w, d) + 1e-15


@law(with_distances(), orders)
def test_absent_partners_do_not_count_whomever_they_resemble(pair, q):
    w, d = pair
    there = w > 0
    close(rao(w, d), rao(w[there], d[np.ix_(there, there)]))
    both = (1 - d), (1 - d)[np.ix_(there, there)]
    close(leinster_cobbold(w, both[0], q), leinster_cobbold(w[there], both[1], q))


@law(with_distances(), orders, st.floats(0.01, 0.99))
def test_an_identical_partner_adds_nothing(pair, q, part):
    """Splitting one partner into two that are alike in all respects changes nothing."""
    w, d = pair
    place = int(w.argmax())
    split = np.append(w, w[place] * part)
    split[place] *= 1 - part
    wider = np.pad(d, (0, 1))
    wider[-1, :-1] = wider[:-1, -1] = d[place]
    close(leinster_cobbold(split, 1 - wider, q), leinster_cobbold(w, 1 - d, q), rel=1e-9)
    close(rao(split, wider), rao(w, d))


@law(with_distances(), orders, st.randoms(use_true_random=False))
def test_the_order_of_partners_and_distances_does_not_matter(pair, q, random):
    w, d = pair
    places = list(range(len(w)))
    random.shuffle(places)
    turned = d[np.ix_(places, places)]
    close(rao(w[places], turned), rao(w, d))
    close(stirling(w[places], turned, alpha=0.5, beta=2), stirling(w, d, alpha=0.5, beta=2))
    close(leinster_cobbold(w[places], 1 - turned, q), leinster_cobbold(w, 1 - d, q))


@law(st.integers(1, 6), st.integers(1, 8), orders, st.randoms(use_true_random=False))
def test_many_at_once_are_as_each_alone(rows, n, q, random):
    table = np.array(
        [[random.choice([0, 0, 1, 3, 1e-6, 40]) for _ in range(n)] for _ in range(rows)]
    )
    points = np.array([random.random() for _ in range(n)])
    d = np.abs(points[:, None] - points)
    for measure in (
        lambda w: hill(w, q),
        lambda w: rao(w, d),
        lambda w: stirling(w, d, alpha=0.5),
        lambda w: leinster_cobbold(w, 1 - d, q),
    ):
        close(measure(table), [measure(row) for row in table])


def test_arrays_without_an_axis_of_any_partner_have_no_value():
    nobody = np.empty((2, 0))
    for found in (
        hill(nobody),
        risk.shortfall(nobody),
        rarefaction.at_size(nobody, size=1, order=1),
    ):
        close(found, [np.nan, np.nan])
    close(bounds.unknown_bounds(nobody, 2.0, n_unknown=3), [[1.0, 1.0], [3.0, 3.0]])
