"""Alpha, beta and gamma against rdiversity, entropart, and what must hold."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.errors import ParameterError
from analysis.measures.diversity import hill
from analysis.measures.partition import alpha, beta, gamma
from analysis.measures.similarity import leinster_cobbold

#: three parts as in rdiversity's example: what is in each column of its table
ABC = [[1, 1, 0], [2, 0, 0], [3, 1, 0]]
#: entropart's example, with the weights of its communities
COMMUNITIES = [[10, 10, 10, 10], [0, 20, 35, 5], [25, 15, 0, 2]]
ORDERS = [0, 0.5, 1, 1 + 1e-9, 2, 7, np.inf]

orders = st.sampled_from(ORDERS)
tables = st.tuples(st.integers(1, 4), st.integers(1, 5)).flatmap(
    lambda shape: arrays(
        np.float64, shape, elements=st.one_of(st.integers(0, 9).map(float), st.floats(0.1, 5))
    )
)


def law(*strategies):
    """Hold for examples which are the same in every run."""
    chosen = settings(max_examples=100)
    return lambda test: chosen(given(*strategies)(test))


# --- published values ---------------------------------------------------------------------------


def test_means_of_published_parts():
    """Of rdiversity's parts, by their size: alpha 2, 1 and 2; gamma 8/3, 4/3 and 2."""
    size = np.array([2, 2, 4]) / 8
    assert alpha(ABC, 0, emphasis="size") == pytest.approx(size @ [2, 1, 2], rel=1e-14)
    assert gamma(ABC, 0, emphasis="size") == pytest.approx(size @ [8 / 3, 4 / 3, 2], rel=1e-14)


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        (0, [3.25, 1.23076923077, 4]),
        (1, [2.70688033901, 1.36978659883, 3.70784841302]),
    ],
)
def test_partition_published(q, expected):
    options = {"emphasis": [1, 2, 1]}
    found = [function(COMMUNITIES, q, **options) for function in (alpha, beta, gamma)]
    np.testing.assert_allclose(found, expected, rtol=5e-12)


def test_alpha_as_jost_wrote_it():
    # with equal weights, (mean Σ p^q)^(1/(1-q))
    p = np.array(COMMUNITIES) / np.sum(COMMUNITIES, axis=1, keepdims=True)
    for q in (0.5, 2, 3):
        assert alpha(COMMUNITIES, q) == pytest.approx((p**q).sum(axis=1).mean() ** (1 / (1 - q)))


# --- laws ---------------------------------------------------------------------------------------


@law(tables, orders)
def test_alpha_times_beta_is_gamma(w, q):
    for emphasis in ("equal", "size"):
        options = {"emphasis": emphasis}
        found = alpha(w, q, **options) * beta(w, q, **options)
        np.testing.assert_allclose(found, gamma(w, q, **options), rtol=1e-12)


@law(tables, orders)
def test_gamma_is_the_diversity_of_all_together(w, q):
    np.testing.assert_allclose(gamma(w, q, emphasis="size"), hill(w.sum(axis=0), q), rtol=1e-9)
    some = w[w.any(axis=1)]
    pooled = (some / some.sum(axis=1, keepdims=True)).sum(axis=0)
    np.testing.assert_allclose(gamma(w, q), hill(pooled, q), rtol=1e-9)


@law(tables, orders)
def test_beta_of_equal_parts_is_between_one_and_their_number(w, q):
    number = np.count_nonzero(w.any(axis=1))
    if number:
        assert 1 - 1e-9 <= beta(w, q) <= number * (1 + 1e-9)
        assert beta(w, q, emphasis="size") >= 1 - 1e-9


@law(tables, orders, st.integers(1, 4))
def test_parts_alike_are_one_and_parts_apart_are_as_many(w, q, number):
    row = w[0]
    if not row.any():
        return
    scaled = row * np.arange(1, number + 1)[:, None]
    np.testing.assert_allclose(beta(scaled, q), 1, rtol=1e-9)
    apart = np.kron(np.eye(number), row)
    np.testing.assert_allclose(beta(apart, q), number, rtol=1e-9)
    np.testing.assert_allclose(alpha(apart, q), hill(row, q), rtol=1e-9)


@law(tables, orders)
def test_alpha_is_between_the_least_and_most_diverse_part(w, q):
    each = hill(w, q)
    if w.any():
        assert np.nanmin(each) * (1 - 1e-9) <= alpha(w, q) <= np.nanmax(each) * (1 + 1e-9)


@law(tables, orders)
def test_without_similarity_identity_is_assumed(w, q):
    same = np.eye(w.shape[1])
    for function in (alpha, beta, gamma):
        np.testing.assert_allclose(function(w, q, similarity=same), function(w, q), rtol=1e-12)


@law(tables, orders)
def test_with_similarity_parts_are_as_leinster_and_cobbold_have_them(w, q):
    points = np.linspace(0, 1, w.shape[1]) ** 2
    z = 1 - np.abs(points[:, None] - points)
    one = alpha(w[:1], q, similarity=z)
    np.testing.assert_allclose(one, leinster_cobbold(w[0], z, q), rtol=1e-9)
    found = gamma(w, q, similarity=z, emphasis="size")
    np.testing.assert_allclose(found, leinster_cobbold(w.sum(axis=0), z, q), rtol=1e-9)
    np.testing.assert_allclose(
        alpha(w, q, similarity=z) * beta(w, q, similarity=z), gamma(w, q, similarity=z), rtol=1e-12
    )


def test_alike_partners_do_not_make_instruments_distinct():
    # arms from two states, exercises with two others, each like one of the former
    w = [[1, 1, 0, 0], [0, 0, 1, 1]]
    z = np.kron(np.ones((2, 2)), np.eye(2))
    np.testing.assert_allclose(beta(w, ORDERS), 2, rtol=1e-9)
    np.testing.assert_allclose(beta(w, ORDERS, similarity=z), 1, rtol=1e-9)


# --- shapes, gaps and faults --------------------------------------------------------------------


def test_empty_parts_are_left_out():
    full = [[3, 1, 0], [0, 2, 2]]
    gaps = [[0, 0, 0], [3, 1, 0], [0, 0, 0], [0, 2, 2]]
    for function in (alpha, beta, gamma):
        for emphasis in ("equal", "size"):
            found = function(gaps, ORDERS, emphasis=emphasis)
            np.testing.assert_allclose(found, function(full, ORDERS, emphasis=emphasis), rtol=1e-14)
        assert function(gaps, 1, emphasis=[9, 1, 9, 3]) == function(full, 1, emphasis=[1, 3])
        assert np.isnan(function(np.zeros((3, 2))))


def test_many_at_once_are_as_each_alone(rng):
    w = rng.poisson(1, size=(5, 3, 4)).astype(float)
    w[2] = 0
    weights = rng.random((5, 3))
    for function in (alpha, beta, gamma):
        found = function(w, ORDERS, emphasis=weights)
        assert found.shape == (5, len(ORDERS))
        alone = [function(x, ORDERS, emphasis=y) for x, y in zip(w, weights, strict=True)]
        np.testing.assert_allclose(found, alone, rtol=1e-12)


def test_nothing_is_warned_of():
    w = np.array([[[1e308, 1e308, 0], [5e-324, 0, 1]], [[0, 0, 0], [0, 0, 0]]])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in (alpha, beta, gamma):
            function(w, [0, 0.3, 1, 2, 700, np.inf])


def test_impossible_choices_are_refused():
    with pytest.raises(ParameterError, match="an axis of parts"):
        alpha([1, 2, 3])
    with pytest.raises(ParameterError, match="emphasis is 'none'"):
        beta(ABC, emphasis="none")
    with pytest.raises(ParameterError, match=r"emphasis has shape \(2,\).*each of 3 parts"):
        gamma(ABC, emphasis=[1, 2])
    with pytest.raises(ParameterError, match=r"emphasis must be finite and not negative"):
        gamma(ABC, emphasis=[1, 2, -1])
    with pytest.raises(ParameterError, match="0 and 0"):
        alpha(ABC, similarity=np.zeros((3, 3)))
