"""Disparity against published values, sums written out, and answers known to go wrong."""

import warnings

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ParameterError
from analysis.measures.diversity import hill
from analysis.measures.similarity import aligned, leinster_cobbold, rao, rao_equivalent, stirling

ORDERS = [0, 0.3, 1, 2, 7, 700, np.inf]


def similarity_of(points):
    points = np.asarray(points, dtype=float)
    return 1 - np.abs(points[:, None] - points)


# --- published values, and formulas written out -------------------------------------------------


def test_leinster_cobbold_published():
    # sentropy's examples
    z = [[1, 0.2], [0.2, 1]]
    found = leinster_cobbold([0.7, 0.3], z, [0, 1, 2, np.inf])
    expected = [1.6028708134, 1.55022480766, 1.50602409639, 1.31578947368]
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    z = [[1, 0.3, 0.3], [0.3, 1, 0.09], [0.3, 0.09, 1]]
    assert leinster_cobbold([20, 1, 1], z) == pytest.approx(1.17670191193, rel=1e-11)


@pytest.mark.parametrize("q", [0, 0.5, 1, 1 + 1e-9, 2, 3.5, 30, np.inf])
def test_leinster_cobbold_as_it_is_written(q, rng):
    z = similarity_of(rng.random(9))
    for w in rng.gamma(0.5, size=(20, 9)):
        p = w / w.sum()
        zp = z @ p
        if q == np.inf:
            expected = 1 / zp.max()
        elif abs(q - 1) < 1e-6:
            expected = np.exp(-(p * np.log(zp)).sum())
        else:
            expected = (p * zp ** (q - 1)).sum() ** (1 / (1 - q))
        assert leinster_cobbold(w, z, q) == pytest.approx(expected, rel=1e-8)


def test_rao_says_which_pairs_are_summed():
    """Ordered pairs, each twice: p = (½, ¼, ¼), 2 (⅛·1 + ⅛·½ + 1/16·½)."""
    d = [[0, 1, 0.5], [1, 0, 0.5], [0.5, 0.5, 0]]
    assert rao([2, 1, 1], d) == pytest.approx(2 * (0.125 + 0.0625 + 0.03125), rel=1e-15)
    assert rao_equivalent([2, 1, 1], d) == pytest.approx(1 / (1 - 0.4375), rel=1e-15)


@pytest.mark.parametrize(("alpha", "beta"), [(1, 1), (0.5, 1), (2, 0.5), (0, 2), (3, 0)])
def test_stirling_as_it_is_written(alpha, beta, rng):
    d = 1 - similarity_of(rng.random(6))
    w = rng.gamma(0.5, size=6)
    w[2] = 0
    p = w / w.sum()
    here = [i for i in range(6) if p[i] > 0]
    expected = sum(d[i, j] ** alpha * (p[i] * p[j]) ** beta for i in here for j in here if i != j)
    assert stirling(w, d, alpha=alpha, beta=beta) == pytest.approx(expected, rel=1e-12)


def test_five_partners_alike_are_not_five_options():
    # two blocs of identical partners: as diverse as two
    bloc = np.array([0, 0, 0, 0, 0, 1, 1])
    z = (bloc[:, None] == bloc).astype(float)
    w = [1, 1, 1, 1, 1, 2, 3]
    np.testing.assert_allclose(leinster_cobbold(w, z, ORDERS), 2, rtol=1e-14)
    assert hill(w, 0) == 7


def test_an_absent_partner_like_all_others_does_not_count():
    z = [[1, 0, 0.9], [0, 1, 0.9], [0.9, 0.9, 1]]
    for orders in (ORDERS, [0, 1, 2, np.inf]):
        np.testing.assert_allclose(leinster_cobbold([1, 1, 0], z, orders), 2, rtol=1e-14)


# --- labels -------------------------------------------------------------------------------------

LABELS = ["a", "b", "c"]


def labelled(order=LABELS):
    z = pd.DataFrame(np.eye(3), LABELS, LABELS)
    z.loc["b", "c"] = z.loc["c", "b"] = 0.9
    return z.loc[list(order), list(order)]


@pytest.mark.parametrize("order", ["abc", "cab", "bca", "cba"])
def test_labels_are_aligned_whatever_their_order(order):
    z = aligned(labelled(order), LABELS, "similarity")
    assert leinster_cobbold([1, 9, 5], z) == pytest.approx(1.334956864, abs=5e-10)


def test_rows_and_columns_may_be_in_different_orders():
    z = labelled("cab")[["b", "c", "a"]]
    np.testing.assert_array_equal(aligned(z, LABELS, "similarity"), labelled().to_numpy())


def test_partners_are_picked_by_label():
    np.testing.assert_array_equal(
        aligned(labelled(), ["c", "b"], "similarity"), [[1, 0.9], [0.9, 1]]
    )
    assert aligned(labelled(), [], "similarity").shape == (0, 0)


@pytest.mark.parametrize("function", [rao, rao_equivalent, stirling, leinster_cobbold])
def test_a_labelled_table_is_never_taken_by_position(function):
    with pytest.raises(ParameterError, match=r"pass similarity\.aligned\("):
        function([1, 9, 5], labelled("cab"))


def test_labels_at_fault_are_named():
    table = labelled()
    with pytest.raises(ParameterError, match="no entries for d, e"):
        aligned(table, ["a", "e", "d"], "similarity")
    with pytest.raises(ParameterError, match="without the other: c"):
        aligned(table[["a", "b"]], ["a"], "similarity")
    twice = pd.concat([table, table.loc[["b"]]])
    with pytest.raises(ParameterError, match="rows of the same label: b"):
        aligned(twice, LABELS, "similarity")
    with pytest.raises(ParameterError, match="must be a table with labels"):
        aligned(table.to_numpy(), LABELS, "similarity")
    with pytest.raises(ParameterError, match="Unknown kind 'nearness'"):
        aligned(table, LABELS, "nearness")


# --- entries ------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [5, -0.1, np.nan, np.inf])
def test_impossible_entries_are_refused_by_pair(value):
    z = labelled()
    z.loc["a", "c"] = z.loc["c", "a"] = value
    with pytest.raises(ParameterError, match=rf"\n  a and c: {float(value)} is missing or outside"):
        aligned(z, LABELS, "similarity")
    with pytest.raises(ParameterError, match=rf"\n  0 and 2: {float(value)} is missing or outside"):
        leinster_cobbold([1, 9, 5], z.to_numpy())
    d = 1 - np.eye(3)
    d[0, 1] = d[1, 0] = value
    for function in (rao, rao_equivalent, stirling):
        with pytest.raises(ParameterError, match="\n  0 and 1: "):
            function([1, 9, 5], d)


def test_wrong_diagonals_are_refused():
    z = labelled()
    z.loc["b", "b"] = 0.5
    with pytest.raises(ParameterError, match=r"b and b: 0.5 is not 1 with itself"):
        aligned(z, LABELS, "similarity")
    with pytest.raises(ParameterError, match=r"0 and 0: 1.0 is not 0 with itself"):
        rao([1, 9, 5], np.ones((3, 3)))


def test_asymmetric_entries_are_refused():
    d = 1 - np.eye(3)
    d[0, 2] = 0.25
    with pytest.raises(ParameterError, match=r"0 and 2: 0.25 and 1.0 is not the same both ways"):
        rao([1, 9, 5], d)


def test_missing_values_of_pandas_are_refused():
    z = labelled().astype("Float64")
    z.loc["a", "c"] = z.loc["c", "a"] = pd.NA
    with pytest.raises(ParameterError, match="a and c: nan is missing"):
        aligned(z, LABELS, "similarity")
    # but not asked for, they do no harm
    assert aligned(z, ["b", "c"], "similarity")[0, 1] == 0.9


def test_rounding_of_entries_does_no_harm():
    """Off by less than 1e-9 they pass, but a large partner must not multiply that."""
    z = np.array([[1, -1e-10, 0], [-1e-10, 1, 1 + 1e-10], [0, 1 + 1e-10, 1]])
    # the two small partners are the same one
    np.testing.assert_allclose(leinster_cobbold([1e12, 1, 1], z, [0, 2]), [2, 1], rtol=1e-8)
    np.testing.assert_allclose(leinster_cobbold([1e12, 1, 1], z, [0, 0.25])[0], 2, rtol=1e-8)
    d = 1 - z
    assert rao([0, 1, 1], d) == 0
    assert stirling([0, 1, 1], d, alpha=0.5) == 0


def test_a_trace_of_a_partner_counts_at_order_zero_whatever_else_is_asked():
    z = np.eye(3)
    for orders in ([0], [0, 1, 2, np.inf], [0, 0.3, 7]):
        assert leinster_cobbold([1, 0, 1e-320], z, orders)[0] == pytest.approx(2)


def test_all_pairs_at_fault_are_counted():
    with pytest.raises(ParameterError, match="and 5 more"):
        rao(np.ones(6), np.full((6, 6), 2.0) - 2 * np.eye(6))


@pytest.mark.parametrize("shape", [(2, 2), (3,), (3, 2), (2, 3, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ParameterError, match="for 3 partners it is"):
        rao([1, 2, 3], np.zeros(shape))


def test_other_options_are_refused():
    for option in ({"alpha": -1}, {"beta": np.nan}, {"alpha": "1"}, {"beta": np.inf}):
        with pytest.raises(ParameterError, match="must be a number of at least 0"):
            stirling([1, 2], 1 - np.eye(2), **option)
    with pytest.raises(ParameterError, match="order is"):
        leinster_cobbold([1, 2], np.eye(2), -1)
    with pytest.raises(ParameterError, match=r"nan at \[1\]"):
        leinster_cobbold([1, np.nan], np.eye(2))


# --- shapes and extremes ------------------------------------------------------------------------


def test_many_at_once_are_as_each_alone(rng):
    z = similarity_of(rng.random(7))
    w = rng.random((4, 3, 7)) * (rng.random((4, 3, 7)) < 0.5)
    w[1, 2] = 0
    for function in (
        lambda x: rao(x, 1 - z),
        lambda x: stirling(x, 1 - z, alpha=0.5, beta=0),
        lambda x: leinster_cobbold(x, z),
        lambda x: leinster_cobbold(x, z, ORDERS),
    ):
        found = function(w)
        assert found.shape[:2] == (4, 3)
        assert np.isnan(found[1, 2]).all()
        assert np.isnan(function(w[1, 2])).all()
        alone = np.array([function(row) for row in w.reshape(12, 7)]).reshape(found.shape)
        np.testing.assert_allclose(found, alone, rtol=1e-13)


def test_no_partners_at_all():
    none = np.zeros((0, 0))
    assert np.isnan(rao([], none))
    assert np.isnan(stirling(np.zeros((2, 0)), none)).tolist() == [True, True]
    assert np.isnan(leinster_cobbold([], none))


def test_extreme_weights_and_orders_raise_no_warning():
    w = np.array([[1e308, 1e308, 0], [0, 0, 0], [5e-324, 1e-300, 3]])
    z = labelled().to_numpy()
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = leinster_cobbold(w, z, [0, 1e-300, 0.4, 1 - 1e-15, 1, 2, 700, 1e300, np.inf])
        stirling(w, 1 - z, alpha=30, beta=30)
        rao(w, 1 - z)
    np.testing.assert_allclose(found[0], 2, rtol=1e-12)
    assert np.isnan(found[1]).all()
    np.testing.assert_allclose(found[2, 3:], 1, rtol=1e-12)
