"""What is missing is missing to every measure, whatever hides it."""

import inspect
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ParameterError
from analysis.measures import (
    alignment,
    bounds,
    diversity,
    effective,
    partition,
    risk,
    similarity,
    trends,
    turnover,
)
from analysis.measures._arrays import as_floats
from analysis.measures._specs import SPECS
from analysis.studies.change import decomposition
from analysis.studies.events import synthetic
from analysis.studies.peers import ranking

APART = 1 - np.eye(3)
#: what measures have to be told beside weights
TOLD = {
    "distances": APART, "similarity": np.eye(3), "points": [0.0, 1.0, 2.0], "own": 0.5, "size": 2,
    "level": 0.5, "n_events": 9, "order": 1,
}  # fmt: skip
MASKED = np.ma.array([6.0, 3.0, 1.0], mask=[False, True, False])
#: the same three weights, one of them not there
WITHOUT = {
    "mask": MASKED,
    "whole numbers with a mask": MASKED.astype(int),
    "NaN": np.array([6.0, np.nan, 1.0]),
    "None": [6, None, 1],
    "NA": pd.Series([6, pd.NA, 1], dtype="Int64"),
    "array": pd.array([6, None, 1], "Float64"),
    "objects": np.array([Decimal(6), pd.NA, 1], dtype=object),
}


def told(function):
    """Take of `TOLD` what a function must be given."""
    needed = list(inspect.signature(function).parameters.values())[1:]
    return {p.name: TOLD[p.name] for p in needed if p.default is p.empty}


@pytest.mark.parametrize("weights", WITHOUT.values(), ids=WITHOUT)
def test_what_is_missing_becomes_nan(weights):
    np.testing.assert_array_equal(as_floats(weights, "w"), [6, np.nan, 1])


@pytest.mark.parametrize("function", SPECS, ids=lambda f: f"{f.__module__[9:]}.{f.__name__}")
def test_no_measure_takes_a_weight_that_is_not_there(function):
    # alone, of several portfolios one, and in lists
    rows = [np.ma.array([MASKED, MASKED]), [MASKED, MASKED], [[MASKED], [MASKED]]]
    for weights in [*WITHOUT.values(), *rows]:
        with pytest.raises(ParameterError, match=r"nan at \[|such as nan"):
            function(weights, **told(function))


def test_a_mask_over_nothing_hides_nothing():
    for weights in (np.ma.array([6.0, 3, 1]), np.ma.array([6, 3, 1], mask=[0, 0, 0])):
        assert diversity.hill(weights) == diversity.hill([6, 3, 1])


@pytest.mark.parametrize(
    ("weights", "same"),
    [
        ([Decimal("1.5"), Decimal("0.5")], [1.5, 0.5]),
        ([True, True, False], [1, 1, 0]),
        (pd.Series([2, 1], dtype="Int64"), [2, 1]),
        ([2.0, -0.0, 1.0], [2, 0, 1]),
        (np.array([2, 1], dtype=np.float16), [2, 1]),
        (np.array([2, 1], dtype=np.uint8), [2, 1]),
        (pd.DataFrame({"a": [2.0], "b": [1.0]}), [[2, 1]]),
        ((2, 1), [2, 1]),
    ],
)
def test_numbers_of_any_type_are_numbers(weights, same):
    for function in (diversity.n_partners, diversity.hill, diversity.hhi):
        np.testing.assert_array_equal(function(weights), function(np.array(same, float)))


@pytest.mark.parametrize(
    "weights",
    [
        ["2", "1"],
        np.array(["2", "1"], dtype=object),
        [2 + 0j, 1],
        [2, np.inf],
        [2, -1],
        np.array(["2001-01-01"], dtype="datetime64[D]"),
        [[1, 2], [1]],
        {"CHN": 1},
        [10**400],
        np.ma.masked,
        np.ma.array([2 + 1j], mask=[0]),
        pd.Series(["a"]),
        [{}],
        3.0,
        None,
    ],
    ids=repr,
)
def test_what_is_no_weight_is_refused_in_words(weights):
    for function in (diversity.n_partners, diversity.hill, risk.robustness):
        with pytest.raises(ParameterError, match="weights must"):
            function(weights)


def test_masked_distances_are_missing_and_masked_points_are_none():
    hidden = np.ma.array(APART, mask=np.fliplr(np.eye(3)))
    for function, more in ((similarity.rao, {}), (similarity.stirling, {}), (risk.variance, {})):
        with pytest.raises(ParameterError, match="missing or outside"):
            function([1, 1, 1], hidden, **more)
    points = np.ma.array([0.0, 5.0, 2.0], mask=[0, 1, 0])
    for function in (alignment.position, alignment.spread):
        assert function([1, 1, 1], points) == function([1, 1, 1], [0.0, np.nan, 2.0])


def test_masked_orders_are_refused():
    with pytest.raises(ParameterError, match="order is"):
        diversity.hill([1, 2], np.ma.array([0.0, 1.0], mask=[0, 1]))


ONES = [1, 1, 1]


@pytest.mark.parametrize(
    "call",
    [
        lambda w: turnover.jaccard(w, ONES),
        lambda w: turnover.bray_curtis(ONES, w),
        lambda w: partition.gamma([w, w]),
        lambda w: bounds.hill_bounds(w, [9, 9, 9]),
        lambda w: bounds.hhi_bounds([0, 0, 0], w),
        lambda w: bounds.unknown_bounds(w, 1.0),
        lambda w: bounds.unknown_bounds([[1], [1], [1]], w),
        diversity.shares,
        lambda w: synthetic.weights(w, [ONES]),
        lambda w: synthetic.gaps([w, ONES], 2),
        lambda w: effective.hill_of_rows(w, [0, 0, 1]),
        lambda w: effective.hill_of_rows(ONES, w),
        lambda w: effective.hill_of_rows(ONES, [0, 0, 0], partners=w),
        lambda w: decomposition.contributions(w, ONES, diversity.hill),
        lambda w: decomposition.contributions(ONES, w, diversity.hill),
    ],
)
def test_what_is_masked_is_refused_wherever_weights_go(call):
    for weights in (MASKED, MASKED.astype(int)):
        with pytest.raises(ParameterError):
            call(weights)


def test_series_leave_out_what_is_masked_as_they_do_what_is_missing():
    values = np.ma.array([1.0, 99.0, 2.0, 4.0, 3.0], mask=[0, 1, 0, 0, 0])
    plain = values.filled(np.nan)
    for function in (trends.mann_kendall, trends.sen_slope):
        np.testing.assert_equal(function(values)._asdict(), function(plain)._asdict())
    np.testing.assert_array_equal(ranking.rank_of(values), ranking.rank_of(plain))
    votes = np.ma.array([["y", "n"], ["y", "y"]], mask=[[0, 1], [0, 0]])
    assert alignment.agreement(votes)[1][0, 1] == 1
    ties = np.ma.array([[3.0, 1], [3, 1]], mask=[[0, 1], [0, 0]])
    assert np.isnan(alignment.s_score(ties, span=3)[0, 1])
