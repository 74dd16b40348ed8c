"""Long tables give what arrays give."""

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ParameterError
from analysis.measures import _arrays, effective
from analysis.measures.diversity import hill
from analysis.measures.effective import hill_of_rows
from analysis.measures.similarity import leinster_cobbold

USUAL = [0, 1, 2, np.inf]
ORDERS = [0, 0.5, 1, 1 + 1e-9, 2, 3.7, 700, np.inf]


def long(w):
    """Rows of a table, and the portfolio of each."""
    portfolios, partners = np.nonzero(w)
    return w[portfolios, partners], portfolios


@pytest.mark.parametrize("orders", [USUAL, ORDERS, 1, 0.3])
@pytest.mark.parametrize("block", [1, 7, 65_536])
def test_rows_equal_arrays(orders, block, rng, monkeypatch):
    monkeypatch.setattr(effective, "ROWS", block)
    w = rng.gamma(0.5, size=(60, 12)) * (rng.random((60, 12)) < 0.4)
    found = hill_of_rows(*long(w), orders, n_portfolios=60)
    np.testing.assert_allclose(found, hill(w, orders), rtol=1e-12)


@pytest.mark.parametrize("number", [1, 2, 5])
def test_cores_make_no_difference(number, rng, monkeypatch):
    w = rng.gamma(0.5, size=(60, 12)) * (rng.random((60, 12)) < 0.4)
    w[20:45] = 0.0
    w[20, :] = 1.0
    x, portfolios = long(w)
    monkeypatch.setattr(effective, "ROWS", 16)
    alone = hill_of_rows(x, portfolios, ORDERS, n_portfolios=60)
    monkeypatch.setattr(_arrays, "FOR_ONE", 8)
    monkeypatch.setattr(_arrays, "CORES", number)
    places = rng.permutation(x.size)
    for rows in (slice(None), places):
        found = hill_of_rows(x[rows], portfolios[rows], ORDERS, n_portfolios=60)
        np.testing.assert_allclose(found, alone, rtol=1e-13)
    np.testing.assert_array_equal(
        hill_of_rows(x, portfolios, ORDERS, n_portfolios=60), alone, strict=True
    )
    one = hill_of_rows(x, np.zeros_like(portfolios), 1.0)
    np.testing.assert_allclose(one, hill(x[None], 1.0), rtol=1e-12)


@pytest.mark.parametrize("number", [2, 3, 40])
@pytest.mark.parametrize("orders", [USUAL, ORDERS])
def test_arrays_give_the_same_bits_on_any_number_of_cores(number, orders, rng, monkeypatch):
    monkeypatch.setattr(effective, "BLOCK", 96)
    monkeypatch.setattr(effective, "PRODUCT", 300)
    w = rng.gamma(0.5, size=(60, 12)) * (rng.random((60, 12)) < 0.4)
    points = rng.random(12)
    like = 1 - abs(np.subtract.outer(points, points))
    alone = hill(w, orders), leinster_cobbold(w, like, orders)
    monkeypatch.setattr(_arrays, "FOR_ONE", 8)
    monkeypatch.setattr(_arrays, "CORES", number)
    np.testing.assert_array_equal(hill(w, orders), alone[0], strict=True)
    np.testing.assert_array_equal(leinster_cobbold(w, like, orders), alone[1], strict=True)
    w[50, 3] = -1
    with pytest.raises(ParameterError, match="50, 3"):
        hill(w, orders)


def test_portfolios_of_equal_length(rng):
    w = rng.gamma(0.5, size=(60, 12)) + 1e-9
    for orders in (USUAL, ORDERS):
        np.testing.assert_allclose(hill_of_rows(*long(w), orders), hill(w, orders), rtol=1e-12)


def test_order_of_rows_does_not_matter(rng):
    w = rng.poisson(1, size=(40, 9)).astype(float)
    x, portfolios = long(w)
    places = rng.permutation(x.size)
    found = hill_of_rows(x[places], portfolios[places], ORDERS, n_portfolios=40)
    np.testing.assert_allclose(found, hill(w, ORDERS), rtol=1e-12)


def test_rows_of_a_data_frame():
    table = pd.DataFrame(
        {
            "country": ["PAK", "PAK", "IND", "PAK", "IND"],
            "year": [2001, 2001, 2001, 2002, 2001],
            "weight": [3, 1, 5, 2, 5],
        }
    )
    groups = table.groupby(["country", "year"]).ngroup()
    assert hill_of_rows(table["weight"], groups, 2).tolist() == [2, 1.6, 1]


def test_zeros_and_gaps():
    found = hill_of_rows([0, 3, 1, 0, 0], [0, 1, 1, 1, 3], 0, n_portfolios=5)
    np.testing.assert_array_equal(found, [np.nan, 2, np.nan, np.nan, np.nan])
    assert hill_of_rows([], []).shape == (0,)
    assert np.isnan(hill_of_rows([], [], [0, 1], n_portfolios=3)).all()


def test_extreme_weights():
    x = [1e308, 1e308, 5e-324, 1, 1e-300, 1e-300]
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = hill_of_rows(x, [0, 0, 1, 1, 2, 2], ORDERS)
    expected = hill([[1e308, 1e308], [5e-324, 1], [1e-300, 1e-300]], ORDERS)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_impossible_tables_are_refused():
    with pytest.raises(ParameterError, match=r"-2.0 at \[1\]"):
        hill_of_rows([1, -2], [0, 0])
    with pytest.raises(ParameterError, match="there is a -1"):
        hill_of_rows([1, 2], [0, -1])
    for wrong in ([0.0, 1.0], ["a", "b"], [[0, 1]]):
        with pytest.raises(ParameterError, match="portfolios must be whole numbers"):
            hill_of_rows([1, 2], wrong)
    with pytest.raises(ParameterError, match=r"\(3,\) weights and \(2,\) portfolios"):
        hill_of_rows([1, 2, 3], [0, 1])
    with pytest.raises(ParameterError, match="n_portfolios is 2, but there is a portfolio 4"):
        hill_of_rows([1, 2], [0, 4], n_portfolios=2)
    with pytest.raises(ParameterError, match="order is"):
        hill_of_rows([1, 2], [0, 0], -1)


def test_a_partner_twice_in_a_portfolio_is_named():
    rows = [5, 2, 1, 4], [0, 0, 1, 0]
    assert hill_of_rows(*rows, 0, partners=["CHN", "USA", "CHN", "TUR"]).tolist() == [3, 1]
    with pytest.raises(ParameterError, match="CHN in portfolio 0, row 3"):
        hill_of_rows(*rows, 0, partners=["CHN", "USA", "CHN", "CHN"])
