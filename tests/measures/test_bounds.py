"""Bounds against every corner of the box, dense samples of it, and Taagepera's formulas."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import ParameterError
from analysis.measures import bounds
from analysis.measures.diversity import (
    concentration_ratio,
    evenness,
    hhi,
    hill,
    pielou,
    shannon,
    shares,
)

ORDERS = [0, 0.1, 0.5, 1 - 1e-9, 1, 1 + 1e-12, 1.3, 2, 3, 50, 700, np.inf]

amounts = st.one_of(st.integers(0, 4).map(float), st.floats(1e-12, 10), st.floats(1e-9, 1e-6))
boxes = st.lists(st.tuples(amounts, st.one_of(st.just(0.0), amounts)), min_size=1, max_size=7).map(
    lambda pairs: (np.array([a for a, _ in pairs]), np.array([a + b for a, b in pairs]))
)

factors = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(1e-6, 1))


def corners(low, high):
    return np.array(list(product(*zip(low, high, strict=True))))


def inside(low, high):
    """Many portfolios of the box: at random, and with water filled to each of many levels."""
    at_random = low + (high - low) * np.random.default_rng(5).random((200, len(low)))
    ends = np.unique(np.concatenate([low, high]))
    levels = np.unique(np.concatenate([ends, *np.linspace(ends[:-1], ends[1:], 40)]))
    return np.concatenate([at_random, np.clip(levels[:, None], low, high)])


@given(boxes)
@settings(max_examples=150)
def test_least_hill_number_is_that_of_the_best_corner(box):
    least, _ = bounds.hill_bounds(*box, ORDERS)
    if not box[1].any():
        assert np.isnan(least).all()
        return
    expected = np.nanmin(hill(corners(*box), ORDERS), axis=0)
    np.testing.assert_allclose(least, expected, rtol=1e-10)


@given(boxes)
@settings(max_examples=150)
def test_no_portfolio_inside_is_beyond_the_bounds(box):
    found = hill(inside(*box), ORDERS)
    found = found[~np.isnan(found).any(axis=1)]
    least, greatest = bounds.hill_bounds(*box, ORDERS)
    assert (found >= least * (1 - 1e-11)).all()
    assert (found <= greatest * (1 + 1e-11)).all()


@pytest.mark.parametrize("q", [0.3, 1, 2, 5])
def test_greatest_hill_number_is_reached(q, rng):
    low = rng.random((50, 6)) * (rng.random((50, 6)) < 0.7)
    high = low + rng.random((50, 6))
    _, greatest = bounds.hill_bounds(low, high, q)
    levels = np.linspace(0, high.max(), 4001)[1:, None, None]
    dense = hill(np.clip(levels, low, high), q).max(axis=0)
    np.testing.assert_allclose(greatest, dense, rtol=2e-6)
    assert (greatest >= dense * (1 - 1e-14)).all()


def test_one_partner_of_unknown_weight_in_closed_form():
    # 2 + x + ... of order 2: (4 + x)² / (4 + 4 + x²) is greatest at x = 2, and here between 1 and 3
    least, greatest = bounds.hill_bounds([2, 2, 1], [2, 2, 3], 2)
    assert greatest == pytest.approx(3, rel=1e-15)
    assert least == pytest.approx(min(25 / 9, 49 / 17), rel=1e-15)


def test_where_everything_is_known_both_bounds_are_the_value():
    weights = np.array([[7, 4, 4, 2, 1], [0, 0, 3, 0, 0], [0, 0, 0, 0, 0]])
    for low, value in (
        (bounds.hill_bounds(weights, weights, ORDERS), hill(weights, ORDERS)),
        (bounds.hhi_bounds(weights, weights), hhi(weights)),
        (bounds.hhi_bounds(weights, weights, True), hhi(weights, True)),
        (bounds.shannon_bounds(weights, weights), shannon(weights)),
        (bounds.share_bounds(weights, weights), shares(weights)),
        (bounds.concentration_bounds(weights, weights, 2), concentration_ratio(weights, 2)),
    ):
        np.testing.assert_allclose(low[0], value, rtol=1e-14)
        np.testing.assert_allclose(low[1], value, rtol=1e-14)


def test_subset_sum_is_solved():
    """No rule of thumb finds this corner: the raised widths must add up to a given number.

    With low + high = 1 for each, D_2 is least where the widths of those raised add up to a number
    (see `_box`), which one more partner, of known weight f, moves by f - 2f².
    """
    widths = np.array([0.31, 0.47, 0.53, 0.59, 0.61, 0.71, 0.83, 0.97])
    for known in np.linspace(0, 0.5, 6):
        low = np.append((1 - widths) / 2, known)
        high = np.append((1 + widths) / 2, known)
        least, _ = bounds.hill_bounds(low, high, 2)
        assert least == pytest.approx(hill(corners(low, high), 2).min(), rel=1e-12)


def test_many_alike_are_found_quickly():
    # 60 partners with 0 or 1 open unit each beside one with 5: as few as possible raised
    low, high = np.append(5.0, np.ones(60)), np.append(5.0, np.full(60, 2.0))
    least, greatest = bounds.hill_bounds(low, high, 2)
    raised = np.arange(61)
    assert least == pytest.approx((((65 + raised) ** 2) / (85 + 3 * raised)).min(), rel=1e-12)
    assert greatest == pytest.approx(125**2 / 265, rel=1e-12)


def best_found(low, high, q):
    """Least Hill number of a corner that no single partner can better, from either end."""
    flips, found = np.eye(len(low), dtype=bool), np.inf
    for raised in (high == high.max(), low < high):
        value = np.inf
        while True:
            near = hill(np.where(flips ^ raised, high, low), q)
            if not near.min() < value:
                break
            value, raised = near.min(), flips[near.argmin()] ^ raised
        found = min(found, value)
    return found


@pytest.mark.parametrize("n", [30, 60, 150])
def test_of_many_partners_the_least_is_at_a_corner_or_hardly_below(n, rng):
    """Widths as in `test_subset_sum_is_solved`, for which the search may have to give up."""
    widths = rng.random(n)
    low, high = (1 - widths) / 2, (1 + widths) / 2
    least, _ = bounds.hill_bounds(low, high, 2)
    assert least == pytest.approx(best_found(low, high, 2), rel=1e-6)
    assert least <= best_found(low, high, 2) * (1 + 1e-12)


@pytest.mark.parametrize("widest", [0, 3])
@pytest.mark.parametrize("q", [0.3, 1, 2, 5])
def test_where_the_search_gives_up_the_least_still_holds(widest, q, rng, monkeypatch):
    monkeypatch.setattr(bounds._box, "_WIDEST", widest)
    widths = rng.random((40, 8))
    low, high = (1 - widths) / 2, (1 + widths) / 2
    least, _ = bounds.hill_bounds(low, high, q)
    true = np.array([hill(corners(*ends), q).min() for ends in zip(low, high, strict=True)])
    assert (least <= true * (1 + 1e-12)).all()
    # at worst, at once: within 2 per cent
    assert (least >= true * 0.98).all()
    # and it did give up; of higher orders the best corner is found at once
    assert q == 5 or (least < true * (1 - 1e-9)).any()


def test_a_minute_partner_elsewhere_does_not_blur_the_search():
    """Ends drawn at random for which choices must be told apart, beside the same with one more."""
    rng = np.random.default_rng(14)
    low = rng.random((2000, 7)) * 0.3
    high = low + rng.random((2000, 7)) * (1 - low)
    unit = np.zeros((2000, 1))
    for q in (0.3, 0.5, 0.8):
        alone, _ = bounds.hill_bounds(low, high, q)
        minute = np.vstack([unit, unit + 1e-300])
        beside, _ = bounds.hill_bounds(
            np.hstack([np.vstack([low, low]), minute]),
            np.hstack([np.vstack([high, high]), minute]),
            q,
        )
        np.testing.assert_allclose(beside[:2000], alone, rtol=1e-11)


@given(boxes, st.lists(st.tuples(factors, st.floats(0, 5)), min_size=7, max_size=7))
@settings(max_examples=100)
def test_knowing_less_never_narrows_the_bounds(box, wider):
    low, high = box
    down, up = np.array(wider)[: len(low)].T
    both = (low, high), (low * down, high + up)
    if not high.any():
        return
    for function in (
        lambda *ends: bounds.hill_bounds(*ends, [0, 0.5, 1, 2, np.inf]),
        bounds.shannon_bounds,
        bounds.hhi_bounds,
        bounds.share_bounds,
        lambda *ends: bounds.concentration_bounds(*ends, 2),
    ):
        (least, greatest), (lower, higher) = (function(*ends) for ends in both)
        assert (lower <= least + 1e-9).all()
        assert (higher >= greatest - 1e-9).all()
        # without regard for rounding
        assert not (least > greatest).any()


def test_many_at_once_are_as_each_alone(rng):
    low = rng.random((4, 3, 6)) * (rng.random((4, 3, 6)) < 0.5)
    high = low + rng.random((4, 3, 6)) * (rng.random((4, 3, 6)) < 0.7)
    low[1, 2] = high[1, 2] = 0
    flat = low.reshape(12, 6), high.reshape(12, 6)
    orders = [0, 0.5, 1, 2, np.inf]
    for function, shape in (
        (bounds.hill_bounds, (4, 3)),
        (lambda *ends: bounds.hill_bounds(*ends, orders), (4, 3, 5)),
        (bounds.shannon_bounds, (4, 3)),
        (bounds.hhi_bounds, (4, 3)),
        (lambda *ends: bounds.hhi_bounds(*ends, True), (4, 3)),
        (bounds.share_bounds, (4, 3, 6)),
        (bounds.concentration_bounds, (4, 3)),
    ):
        for side in (0, 1):
            found = function(low, high)[side]
            assert found.shape == shape
            alone = [function(a, b)[side] for a, b in zip(*flat, strict=True)]
            np.testing.assert_allclose(found, np.array(alone).reshape(shape), rtol=1e-11)


@given(boxes, st.randoms(use_true_random=False), st.sampled_from([1e-9, 7.0, 1e9]))
@settings(max_examples=60)
def test_neither_unit_nor_order_of_partners_matters(box, random, unit):
    low, high = box
    places = list(range(len(low)))
    random.shuffle(places)
    for function in (
        lambda *ends: bounds.hill_bounds(*ends, [0, 0.5, 1, 2, np.inf]),
        lambda *ends: bounds.hhi_bounds(*ends, True),
        lambda *ends: bounds.concentration_bounds(*ends, 2),
    ):
        turned = function(low[places] * unit, high[places] * unit)
        np.testing.assert_allclose(turned, function(low, high), rtol=1e-9, atol=1e-9)


@given(boxes)
@settings(max_examples=60)
def test_concentration_bounds_hold_and_the_greatest_is_a_corner(box):
    if not box[1].any():
        return
    for k in (1, 2, 3):
        least, greatest = bounds.concentration_bounds(*box, k)
        assert greatest == pytest.approx(np.nanmax(concentration_ratio(corners(*box), k)), rel=1e-9)
        found = concentration_ratio(inside(*box), k)
        assert np.nanmin(found) >= least - 1e-11
        assert np.nanmin(found) == pytest.approx(least, abs=1e-9)


@given(boxes)
@settings(max_examples=60)
def test_hhi_bounds_hold(box):
    if not box[1].any():
        return
    for normalised in (False, True):
        least, greatest = bounds.hhi_bounds(*box, normalised)
        found = hhi(np.concatenate([inside(*box), corners(*box)]), normalised)
        found = found[~np.isnan(found)]
        assert (found >= least - 1e-9).all()
        assert (found <= greatest + 1e-9).all()


def traces(low, high):
    """Each corner, and the same with a trace of every partner who may be one."""
    found = corners(low, high)
    return np.concatenate([found, np.maximum(found, 1e-13 * (high > 0) * high)])


@given(boxes, st.sampled_from([0.0, 0.5, 1.0, 2.0, np.inf]))
@settings(max_examples=80, deadline=None, derandomize=True)
def test_evenness_bounds_hold_and_the_least_is_approached(box, order):
    if not box[1].any():
        return
    least, greatest = bounds.evenness_bounds(*box, order)
    found = evenness(np.concatenate([inside(*box), traces(*box)]), order)
    assert (found[~np.isnan(found)] >= least - 1e-9).all()
    assert (found[~np.isnan(found)] <= greatest + 1e-9).all()
    if order >= 1:
        assert np.nanmin(found) == pytest.approx(least, rel=1e-6)


@given(boxes)
@settings(max_examples=60, deadline=None, derandomize=True)
def test_pielou_bounds_hold(box):
    least, greatest = bounds.pielou_bounds(*box)
    found = pielou(np.concatenate([inside(*box), traces(*box)]))
    found = found[~np.isnan(found)]
    assert np.isnan(greatest) == (np.count_nonzero(box[1]) < 2)
    assert (found >= least - 1e-7).all()
    assert (found <= greatest + 1e-7).all()


def test_greatest_evenness_is_that_of_those_who_can_be_equal():
    """With 4 and at most 1: alone 1, which two of 4 and 1 do not reach."""
    assert bounds.evenness_bounds([4, 0], [4, 1], 2)[1] == 1
    # with a partner for certain: 4 and 1, or 4, 1 and 1 of which the third may be less
    least, greatest = bounds.evenness_bounds([4, 1, 0], [4, 1, 1], 2)
    assert greatest == pytest.approx(25 / 17 / 2)
    assert least == pytest.approx(25 / 17 / 3)
    with pytest.raises(ParameterError, match="one order at a time"):
        bounds.evenness_bounds([4, 0], [4, 1], [1, 2])


@given(boxes)
@settings(max_examples=60)
def test_share_bounds_are_reached_at_corners(box):
    if not box[1].any():
        return
    least, greatest = bounds.share_bounds(*box)
    found = shares(corners(*box))
    np.testing.assert_allclose(least, np.nanmin(found, axis=0), rtol=1e-9)
    np.testing.assert_allclose(greatest, np.nanmax(found, axis=0), rtol=1e-9)


def test_a_partner_that_is_the_only_possible_one_has_all_or_nothing():
    least, greatest = bounds.share_bounds([[0, 0], [0, 0]], [[5, 0], [5, 1]])
    assert least.tolist() == [[1, 0], [0, 0]]
    assert greatest.tolist() == [[1, 0], [1, 1]]


def test_empty_portfolios_have_no_bounds():
    for pair in (
        bounds.hill_bounds([[0, 0], [1, 2]], [[0, 0], [1, 3]]),
        bounds.hhi_bounds([[0, 0], [1, 2]], [[0, 0], [1, 3]], normalised=True),
        bounds.concentration_bounds([[0, 0], [1, 2]], [[0, 0], [1, 3]]),
        bounds.share_bounds([[0, 0], [1, 2]], [[0, 0], [1, 3]]),
    ):
        for values in pair:
            assert np.isnan(values[0]).all()
            assert not np.isnan(values[1]).any()


def test_rounding_does_not_put_the_least_above_the_greatest():
    weights = [[1, 3, 3], [1, 2, 4], [0.1, 0.2, 0.7]]
    for k in (1, 2):
        least, greatest = bounds.concentration_bounds(weights, weights, k)
        assert (least <= greatest).all()


def test_low_above_high_is_refused_by_position():
    with pytest.raises(ParameterError, match=r"low must not be above high; got 3.0 > 2.0 at \[1\]"):
        bounds.hill_bounds([1, 3], [1, 2])
    with pytest.raises(ParameterError, match=r"shape \(2,\) and high \(3,\)"):
        bounds.hill_bounds([1, 3], [1, 2, 3])


# --- an unknown remainder -----------------------------------------------------------------------


def test_taagepera_1997():
    """10 of 100 incomplete, known 50, 30 and 10: 2.77778 to 2.85714."""
    least, greatest = bounds.unknown_bounds([50, 30, 10], 10, 2)
    assert least == pytest.approx(100**2 / (10**2 + 3500), rel=1e-14)
    assert greatest == pytest.approx(100**2 / 3500, rel=1e-14)
    assert [round(float(x), 5) for x in (least, greatest)] == [2.77778, 2.85714]
    assert round(float(least + greatest) / 2, 5) == 2.81746


def test_taagepera_with_the_smallest_known_as_limit():
    # P² / (RL + ΣA²), where L divides R
    least, _ = bounds.unknown_bounds([40, 25, 5], 30, 2, largest=5)
    assert least == pytest.approx(100**2 / (30 * 5 + 40**2 + 25**2 + 5**2), rel=1e-14)
    # where it does not, his bound still holds
    least, _ = bounds.unknown_bounds([40, 25, 5], 32, 2, largest=5)
    assert least == pytest.approx(102**2 / (6 * 25 + 4 + 2250), rel=1e-14)
    assert least > 102**2 / (32 * 5 + 2250)


@pytest.mark.parametrize("among", ["new", "any"])
@pytest.mark.parametrize("q", [0, 0.5, 1, 2, np.inf])
def test_unknown_bounds_hold_for_any_division(among, q, rng):
    known, residual = np.array([5.0, 3, 1, 0]), 4.0
    least, greatest = bounds.unknown_bounds(known, residual, q, among=among, n_unknown=3)
    divided = np.concatenate([np.eye(7), rng.dirichlet(np.full(7, 0.3), size=4000)])
    divided[:, : 4 if among == "new" else 0] = 0
    divided[:, 3] = 0
    divided = divided[divided.any(axis=1)]
    divided *= residual / divided.sum(axis=1, keepdims=True)
    found = hill(np.append(known, np.zeros(3)) + divided, q)
    assert (found >= least * (1 - 1e-12)).all()
    assert (found <= greatest * (1 + 1e-12)).all()
    # giving all to one partner is among them
    assert found.min() == pytest.approx(least, rel=1e-12)
    assert found.max() == pytest.approx(greatest, rel=0.1)


def test_unknown_among_any_in_closed_form():
    # all 10 to the largest; or 1 of 10 to each of ten new ones
    least, greatest = bounds.unknown_bounds([50, 30, 10], 10, 2, among="any", n_unknown=10)
    assert least == pytest.approx(100**2 / (60**2 + 30**2 + 10**2), rel=1e-14)
    assert greatest == pytest.approx(100**2 / (3500 + 10), rel=1e-14)


def test_unknown_among_the_known_only():
    least, greatest = bounds.unknown_bounds([5, 3], 2, 2, among="any", n_unknown=0)
    assert least == pytest.approx(100 / (49 + 9), rel=1e-14)
    assert greatest == pytest.approx(2, rel=1e-14)
    with pytest.raises(ParameterError, match="does not fit into 0 unknown partners"):
        bounds.unknown_bounds([0, 0], 2, 2, among="any", n_unknown=0)


def test_without_limit_low_orders_have_no_greatest_value():
    least, greatest = bounds.unknown_bounds([50, 30, 10], 10, [0, 0.5, 1, 1.5, np.inf])
    assert np.isinf(greatest[:3]).all()
    assert least[0] == 4
    many = hill(np.append([50, 30, 10], np.full(200_000, 10 / 200_000)), [1.5, np.inf])
    np.testing.assert_allclose(greatest[3:], many, rtol=1e-2)
    assert greatest[4] == pytest.approx(2, rel=1e-14)


def test_no_remainder_leaves_nothing_open():
    known = [[7, 4, 4, 2, 1], [0, 0, 0, 0, 0]]
    least, greatest = bounds.unknown_bounds(known, [0, 0], ORDERS)
    np.testing.assert_allclose(least, hill(known, ORDERS))
    np.testing.assert_allclose(greatest, hill(known, ORDERS))


def test_remainders_that_do_not_fit_are_refused():
    with pytest.raises(ParameterError, match="does not fit into 0 unknown partners"):
        bounds.unknown_bounds([5, 3], 2, n_unknown=0)
    with pytest.raises(ParameterError, match=r"does not fit into 3 unknown partners of at most 1"):
        bounds.unknown_bounds([5, 3], 4, n_unknown=3, largest=1)
    with pytest.raises(ParameterError, match="among is 'old'"):
        bounds.unknown_bounds([5, 3], 4, among="old")
    with pytest.raises(ParameterError, match="residual must have one number"):
        bounds.unknown_bounds([[5, 3], [1, 1]], [4, 4, 4])
