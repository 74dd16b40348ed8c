"""Variety and balance against published values, scikit-bio, and answers known to go wrong."""

import warnings
from fractions import Fraction

import numpy as np
import pytest
from skbio.diversity import alpha as skbio

from analysis.errors import ParameterError
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

MEASURES = [shares, hill, shannon, hhi, pielou, evenness, concentration_ratio, top_share]

#: vegan's data sets `dune` (sites 1 and 2) and `BCI` (plot 1), iNEXT's `spider` (Girdled)
DUNE_1 = [7, 4, 4, 2, 1]
DUNE_2 = [7, 5, 5, 5, 4, 4, 4, 3, 3, 2]
BCI_1 = (
    [25, 24, 22, 21, 18, 17, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 9, 8, 7]
    + [6] * 4
    + [5] * 6
    + [4] * 6
    + [3] * 9
    + [2] * 18
    + [1] * 31
)
GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + [1] * 12


# --- published values ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "order", "expected"),
    [
        (DUNE_1, 1, 4.22272959156),
        (DUNE_1, 2, 3.76744186047),
        (DUNE_1, np.inf, 2.57142857143),
        (DUNE_2, 1, 9.51163970973),
        (DUNE_2, 2, 9.09278350515),
        (DUNE_2, np.inf, 6),
        (BCI_1, 0, 93),
        (BCI_1, 2, 39.4155538099),
        (GIRDLED, 0, 26),
        (GIRDLED, 1, 12.059650499),
        (GIRDLED, 2, 7.84),
        ([6, 2, 2, 1], 1, 3.2172224873),
        ([0.7, 0.3], 1, 1.84202277504),
        # Laakso and Taagepera's effective number of parties
        ([94545, 74162, 25273], 2, 2.49565782355),
    ],
)
def test_hill_published(counts, order, expected):
    assert hill(counts, order) == pytest.approx(expected, rel=1e-11)


def test_hill_of_several_orders():
    expected = [5, 4.68423304, 4.43598780, 4.09090909, 3.34923645, 3]
    found = hill([1, 2, 3, 4, 5], [0, 0.5, 1, 2, 10, np.inf])
    np.testing.assert_allclose(found, expected, atol=5e-9)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (DUNE_1, 1.44048174159),
        (DUNE_2, 2.25251628122),
        (BCI_1, 4.01841166223),
        (GIRDLED, 2.48986521069),
        ([6, 2, 2, 1], 1.1685184057),
        ([10, 5, 5, 3, 1, 1, 1], 1.6267093488),
        ([4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1], 1.96838240873),
    ],
)
def test_shannon_published(counts, expected):
    assert shannon(counts) == pytest.approx(expected, rel=5e-11)


def test_hhi_published():
    assert 1 - hhi(DUNE_1) == pytest.approx(0.734567901235, abs=1e-12)
    assert hhi([6, 2, 2, 1]) == pytest.approx(0.3719008264, abs=5e-11)
    assert hhi([10, 5, 5, 3, 1, 1, 1]) == pytest.approx(0.2396449704, abs=5e-11)
    assert hhi([30, 30, 20, 20]) * 10_000 == pytest.approx(2600, rel=1e-14)


def test_normalised_hhi_in_closed_form():
    # (9 + 4 + 1) / 36 of three partners
    assert hhi([3, 2, 1], True) == pytest.approx((14 / 36 - 1 / 3) / (2 / 3), rel=1e-14)
    assert hhi([4, 4, 4, 4], True) == 0


def test_evenness_published():
    assert pielou([6, 2, 2, 1]) == pytest.approx(0.8429078546, abs=5e-11)
    assert evenness([6, 2, 2, 1]) == pytest.approx(3.2172224873 / 4, rel=1e-10)
    assert evenness(DUNE_1, [0, np.inf]).tolist() == pytest.approx([1, 2.57142857143 / 5])


def test_concentration_in_closed_form():
    assert concentration_ratio([5, 1, 3, 1], 1) == 0.5
    assert concentration_ratio([5, 1, 3, 1], 2) == 0.8
    assert concentration_ratio([5, 1, 3, 1], 4) == 1
    assert concentration_ratio([5, 1, 3, 1], 9) == 1
    assert top_share([5, 1, 3, 1]) == 0.5


# --- another package ----------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 0.25, 0.5, 0.999, 1, 1.001, 1.5, 2, 3, 7.5, 30])
def test_hill_equals_scikit_bio(order, rng):
    for counts in rng.poisson(rng.gamma(0.7, 20, size=(25, 40))):
        assert hill(counts, order) == pytest.approx(skbio.hill(counts, order), rel=1e-12)


def test_others_equal_scikit_bio(rng):
    for counts in rng.poisson(rng.gamma(0.7, 20, size=(25, 40))):
        assert shannon(counts) == pytest.approx(skbio.shannon(counts, base=np.e), rel=1e-12)
        assert 1 / hhi(counts) == pytest.approx(skbio.inv_simpson(counts), rel=1e-12)
        assert pielou(counts) == pytest.approx(skbio.pielou_e(counts), rel=1e-12)
        assert top_share(counts) == pytest.approx(skbio.berger_parker_d(counts), rel=1e-12)
        assert n_partners(counts) == skbio.sobs(counts)


# --- answers that go wrong elsewhere ------------------------------------------------------------


@pytest.mark.parametrize("function", MEASURES)
def test_an_empty_portfolio_is_nan_and_does_not_disturb_the_others(function):
    panel = np.array([[3, 1, 0], [0, 0, 0], [0, 2, 2]])
    found = function(panel)
    assert np.isnan(found[1]).all()
    np.testing.assert_array_equal(found[[0, 2]], function(panel[[0, 2]]))
    assert np.isnan(function(panel[1])).all()


def test_an_empty_portfolio_has_no_partners():
    assert n_partners([[3, 1, 0], [0, 0, 0]]).tolist() == [2, 0]
    assert n_partners([]) == 0


@pytest.mark.parametrize("function", [hill, shannon, hhi, pielou, evenness, concentration_ratio])
def test_no_partners_at_all_are_an_empty_portfolio(function):
    assert np.isnan(function([]))
    assert np.isnan(function(np.zeros((3, 0)))).tolist() == [True] * 3
    assert function(np.zeros((0, 4))).shape == (0,)


def test_near_order_one():
    assert hill([1, 2, 3], 1 - 1e-13) == pytest.approx(2.749459273997, abs=5e-13)
    around = 1 + np.array([-1e-3, -1e-6, -1e-9, -1e-15, 0, 2.3e-16, 1e-12, 1e-7, 1e-4])
    found = hill([1, 2, 3], around)
    assert (np.diff(found) <= 1e-15).all()
    # D_q ≈ D_1 (1 - (q - 1) var(ln p) / 2)
    p = np.array([1, 2, 3]) / 6
    variance = (p * np.log(p) ** 2).sum() - (p * np.log(p)).sum() ** 2
    slope = -variance / 2 * found[4]
    np.testing.assert_allclose(found - found[4], slope * (around - 1), rtol=2e-3, atol=2e-15)


@pytest.mark.parametrize(
    ("weights", "order", "expected"),
    [
        (GIRDLED, 700, 3.658948060890),
        ([0.7, 0.3], 101.5, 1.433650),
        ([1, 1e-10], 0, 2),
        # beyond any sum of powers: the largest share alone counts
        ([0.7, 0.3], 1e308, 1 / 0.7),
        ([1] * 1000, 1e6, 1000),
        ([1, 5e-324], 0, 2),
    ],
)
def test_extreme_orders_and_shares(weights, order, expected):
    assert hill(weights, order) == pytest.approx(expected, rel=5e-7 if order == 101.5 else 1e-12)


def exact_hill(counts, order):
    """With fractions: order is a whole number of at least 2."""
    total = Fraction(0)
    for count in counts:
        total += Fraction(count, sum(counts)) ** order
    return float(total) ** (1 / (1 - order))


@pytest.mark.parametrize("order", [2, 3, 5, 20])
def test_whole_orders_equal_fractions(order):
    for counts in (DUNE_1, BCI_1, GIRDLED, [10**9, 1, 1]):
        assert hill(counts, order) == pytest.approx(exact_hill(counts, order), rel=1e-13)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int32", "int64", "float16", "float32", "bool"])
def test_sums_are_floats_whatever_comes_in(dtype):
    weights = np.full(200, 100).astype(dtype)
    np.testing.assert_allclose(hill(weights, [0, 0.5, 1, 2, 5, np.inf]), 200, rtol=1e-13)
    assert shares(weights).dtype == np.float64


def test_large_integers_do_not_overflow():
    assert hhi(np.array([60_000, 60_000], dtype=np.int32)) == 0.5
    assert hhi(np.array([2**62, 2**62, 2**62])) == pytest.approx(1 / 3, rel=1e-15)
    np.testing.assert_allclose(hill([1e308, 1e308, 1e308], [0, 0.5, 1, 2, np.inf]), 3)
    np.testing.assert_allclose(shares([1.5e308, 0.5e308]), [0.75, 0.25])


@pytest.mark.parametrize("function", [*MEASURES, n_partners])
@pytest.mark.parametrize("value", [-1, np.nan, np.inf])
def test_what_cannot_be_a_weight_is_refused_by_position(function, value):
    weights = np.ones((3, 4))
    weights[2, 1] = value
    with pytest.raises(ParameterError, match=rf"{float(value)} at \[2, 1\]"):
        function(weights)


def test_all_weights_at_fault_are_named():
    with pytest.raises(ParameterError, match=r"-1.0 at \[0, 0\], nan at \[1, 1\]"):
        hill([[-1, 2], [3, np.nan]])
    with pytest.raises(ParameterError, match="and 15 more"):
        hill(np.full(25, -1))


@pytest.mark.parametrize("weights", ["abc", ["a", "b"], 3, None, [1j, 2], [[1, 2], [3]]])
def test_what_are_no_weights_is_refused(weights):
    with pytest.raises(ParameterError, match="weights must"):
        hill(weights)


@pytest.mark.parametrize("order", [-1, np.nan, "two", None, [1, -2], [[1, 2]]])
def test_unknown_orders_are_refused(order):
    with pytest.raises(ParameterError, match="order is"):
        hill([1, 2], order)


@pytest.mark.parametrize("k", [0, -1, 1.5, True, "2"])
def test_unknown_numbers_of_partners_are_refused(k):
    with pytest.raises(ParameterError, match="k is"):
        concentration_ratio([1, 2], k)


# --- shapes and side effects --------------------------------------------------------------------


def test_shapes(rng):
    weights = rng.random((4, 3, 7))
    assert hill(weights).shape == (4, 3)
    assert hill(weights, [1]).shape == (4, 3, 1)
    assert hill(weights, (0, 1)).shape == (4, 3, 2)
    assert hill(weights, []).shape == (4, 3, 0)
    assert evenness(weights, [0, 1]).shape == (4, 3, 2)
    for function in (n_partners, hhi, shannon, pielou, concentration_ratio):
        assert function(weights).shape == (4, 3)
    assert np.ndim(hill([1, 2, 3])) == 0


@pytest.mark.parametrize("function", MEASURES)
def test_many_at_once_are_as_each_alone(function, rng):
    weights = rng.random((4, 3, 7)) * (rng.random((4, 3, 7)) < 0.5)
    weights[1, 2] = 0
    flat = weights.reshape(12, 7)
    alone = np.array([function(row) for row in flat])
    np.testing.assert_array_equal(function(weights).reshape(alone.shape), alone)
    # and in another layout in memory
    turned = np.asfortranarray(flat)
    np.testing.assert_allclose(function(turned).reshape(alone.shape), alone, rtol=1e-14)


def test_portfolios_worked_on_in_blocks_are_as_each_alone(rng, monkeypatch):
    weights = rng.random((50, 7)) * (rng.random((50, 7)) < 0.5)
    weights[13] = 0
    # one whose sums need another way, which its block then goes
    weights[20] *= 1e-300
    orders = [0, 0.5, 1, 2, np.inf]
    whole, usual = hill(weights, orders), hill(weights, [0, 1, 2, np.inf])
    for block in (1, 20, 30 * 7):
        monkeypatch.setattr("analysis.measures.effective.BLOCK", block)
        np.testing.assert_allclose(hill(weights, orders), whole, rtol=1e-14)
        np.testing.assert_allclose(hill(weights, [0, 1, 2, np.inf]), usual, rtol=1e-14)
        np.testing.assert_array_equal(np.isnan(usual).all(axis=1), np.arange(50) == 13)


@pytest.mark.parametrize("unit", [1e-300, 1e-141, 1e-139, 1e-9, 1, 1e139, 1e141, 1e300])
def test_a_value_does_not_depend_on_what_else_is_asked(unit):
    """Some orders alone are had from sums over the weights, with others from shares."""
    weights = np.array([*DUNE_1, 0]) * unit
    usual = hill(weights, [0, 1, 2, np.inf])
    np.testing.assert_allclose(usual, hill(weights, [0, 1, 2, np.inf, 0.3])[:4], rtol=1e-13)
    expected = [5, 4.22272959156, 3.76744186047, 2.57142857143]
    np.testing.assert_allclose(usual, expected, rtol=1e-11)


def test_nothing_is_changed_and_nothing_is_warned_of():
    weights = np.array([[1e308, 1e308, 0], [0, 0, 0], [5e-324, 1e-300, 3]])
    kept = weights.copy()
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        before = np.geterr()
        for function in MEASURES:
            function(weights)
        hill(weights, [0, 1e-300, 0.3, 1 - 1e-15, 1, 2, 700, 1e300, np.inf])
        hhi(weights, normalised=True)
        assert np.geterr() == before
    np.testing.assert_array_equal(weights, kept)


def test_one_partner_has_no_balance():
    assert np.isnan(pielou([5, 0]))
    assert np.isnan(hhi([5, 0], normalised=True))
    assert evenness([5, 0]) == 1
    assert hill([5, 0], [0, 1, 2, np.inf]).tolist() == [1, 1, 1, 1]
