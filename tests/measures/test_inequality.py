"""Indices of other fields against published values and their definitions."""

import warnings

import numpy as np
import pytest

from analysis.errors import ParameterError
from analysis.measures.diversity import hhi
from analysis.measures.inequality import (
    finger_kreinin,
    gini,
    golosov,
    hoover,
    theil,
    unctad_concentration,
)

ALONE = [golosov, unctad_concentration, gini, hoover, theil]
OF_ALL = [gini, hoover, theil]


def test_golosov_published():
    assert golosov([94545, 74162, 25273]) == pytest.approx(2.17840743269, rel=1e-11)
    # equal shares, and one partner
    assert golosov([5, 5, 5, 0]) == pytest.approx(3)
    assert golosov([5, 0]) == 1


def test_inequality_where_others_go_wrong():
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25, rel=1e-14)
    assert hoover([1, 2, 3, 4]) == pytest.approx(0.2, rel=1e-14)
    # a member without anything is a member
    assert theil([0, 2, 3, 4]) == pytest.approx(0.325437413962, abs=5e-13)


def test_unctad_as_it_is_written():
    w = np.array([5, 3, 1, 1])
    expected = (np.sqrt(hhi(w)) - np.sqrt(1 / 4)) / (1 - np.sqrt(1 / 4))
    assert unctad_concentration(w) == pytest.approx(expected, rel=1e-14)
    assert unctad_concentration([5, 3, 1, 1, 0]) == pytest.approx(expected, rel=1e-14)
    wider = (np.sqrt(hhi(w)) - np.sqrt(1 / 5)) / (1 - np.sqrt(1 / 5))
    assert unctad_concentration([5, 3, 1, 1, 0], absent=True) == pytest.approx(wider, rel=1e-14)
    assert unctad_concentration([2, 2, 2]) == 0
    assert np.isnan(unctad_concentration([2, 0]))
    assert unctad_concentration([2, 0], absent=True) == 1


def test_inequality_as_it_is_written(rng):
    for w in rng.gamma(0.4, size=(20, 7)):
        n, p = 7, w / w.sum()
        apart = np.abs(w[:, None] - w).sum()
        assert gini(w) == pytest.approx(apart / (2 * n * w.sum()), rel=1e-12)
        assert hoover(w) == pytest.approx(np.abs(p - 1 / n).sum() / 2, rel=1e-12)
        assert hoover(w) == pytest.approx(finger_kreinin(w, np.ones(7)), rel=1e-12)
        assert theil(w) == pytest.approx((p * np.log(p * n)).sum(), rel=1e-12)


@pytest.mark.parametrize("function", OF_ALL)
def test_absent_partners_count_if_asked(function):
    assert function([0, 2, 3, 4], absent=False) == pytest.approx(function([2, 3, 4]), rel=1e-14)
    assert function([0, 2, 3, 4]) > function([2, 3, 4])
    assert function([3, 3, 3]) == pytest.approx(0, abs=1e-15)
    assert function([3, 0, 3, 0], absent=False) == pytest.approx(0, abs=1e-15)


def test_one_has_all():
    assert gini([0, 0, 0, 9]) == pytest.approx(0.75)
    assert hoover([0, 0, 0, 9]) == pytest.approx(0.75)
    assert theil([0, 0, 0, 9]) == pytest.approx(np.log(4))


@pytest.mark.parametrize("function", ALONE)
def test_unit_and_order_of_partners_do_not_matter(function, rng):
    w = rng.gamma(0.5, size=(10, 6)) * (rng.random((10, 6)) < 0.8)
    w[:, 0] += 0.1
    np.testing.assert_allclose(function(w * 1e6), function(w), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(function(w[:, ::-1]), function(w), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("function", [unctad_concentration, *OF_ALL])
def test_a_transfer_to_a_smaller_partner_lowers_inequality(function):
    assert function([6, 3, 1]) > function([5, 3, 2])
    assert golosov([6, 3, 1]) < golosov([5, 3, 2])


def test_finger_kreinin_in_closed_form():
    assert finger_kreinin([1, 1, 2], [25, 25, 50]) == 0
    assert finger_kreinin([1, 1, 0], [0, 0, 3]) == 1
    # 1 - Σ min(p, r)
    assert finger_kreinin([5, 3, 2], [2, 3, 5]) == pytest.approx(1 - (0.2 + 0.3 + 0.2))
    assert finger_kreinin([[5, 3, 2], [1, 0, 0]], [2, 3, 5]).shape == (2,)
    with pytest.raises(ParameterError, match="one has 2 partners, the other 3"):
        finger_kreinin([1, 2], [1, 2, 3])


@pytest.mark.parametrize("function", ALONE)
def test_empty_portfolios_and_impossible_weights(function):
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function([[3, 1, 0], [0, 0, 0], [5e-324, 0, 1]])
        assert np.isnan(found).tolist() == [False, True, False]
        assert np.isnan(function([]))
        assert np.isnan(function(np.zeros((2, 0)))).all()
    with pytest.raises(ParameterError, match=r"-1.0 at \[1\]"):
        function([3, -1])


def test_nothing_to_compare_with():
    assert np.isnan(finger_kreinin([[1, 2], [0, 0]], [[0, 0], [1, 2]])).all()
