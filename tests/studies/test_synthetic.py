"""Synthetic controls: against closed forms, conditions of optimality, and planted effects."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analysis.errors import ParameterError
from analysis.studies.events import synthetic

values = st.floats(-100, 100).map(lambda x: round(x, 3))


def test_one_donor_has_all_the_weight():
    assert synthetic.weights([1, 2, 3], [[9, 9, 9]]).tolist() == [1.0]


def test_two_donors_are_weighed_by_projection():
    """Closed form: w = (x - b)·(a - b) / |a - b|², cut at 0 and 1."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        x, a, b = rng.normal(size=(3, 4))
        expected = np.clip((x - b) @ (a - b) / ((a - b) @ (a - b)), 0, 1)
        assert synthetic.weights(x, [a, b])[0] == pytest.approx(expected, abs=1e-9)


def test_a_mixture_of_independent_donors_is_found():
    rng = np.random.default_rng(2)
    donors = rng.normal(size=(5, 8))
    mixed = np.array([0.5, 0.0, 0.2, 0.3, 0.0])
    assert synthetic.weights(mixed @ donors, donors) == pytest.approx(mixed, abs=1e-9)


@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 8).flatmap(lambda n: arrays(float, (n, 4), elements=values)),
    arrays(float, 4, elements=values),
)
def test_no_donor_could_bring_the_mixture_nearer(donors, own):
    """Condition of Karush, Kuhn and Tucker: no point lies nearer along the gradient."""
    w = synthetic.weights(own, donors)
    assert (w >= 0).all()
    assert w.sum() == pytest.approx(1)
    away = donors - own
    scale = max(np.abs(away).max() ** 2, 1e-12)
    at = w @ away
    assert (away @ at >= at @ at - 1e-9 * scale).all()


def test_units_do_not_matter():
    rng = np.random.default_rng(3)
    donors, own = rng.normal(size=(4, 6)), rng.normal(size=6)
    small = synthetic.weights(own * 1e-6 + 7, donors * 1e-6 + 7)
    assert small == pytest.approx(synthetic.weights(own, donors), abs=1e-6)


def panel(*, effect, seed, donors=19):
    """Units that follow two common factors; the first has an effect after ten years."""
    rng = np.random.default_rng(seed)
    factors = rng.normal(size=(2, 14)).cumsum(axis=1)
    paths = 20 + rng.uniform(0, 1, size=(donors + 1, 2)) @ factors
    paths += rng.normal(scale=0.2, size=paths.shape)
    paths[0, 10:] += effect
    return paths


def test_a_planted_effect_is_found_and_its_size_too():
    gaps = synthetic.gaps(panel(effect=8.0, seed=4), 10)
    assert gaps[0, -1] == pytest.approx(8.0, abs=1.5)
    assert synthetic.placebo_rank(gaps[:, -1]) == 1 / 20


def test_without_an_effect_ranks_are_as_chance_has_them():
    """Under the null the rank is uniform on 1/20 ... 1: its mean is 0.525, and one in ten ≤ 0.1."""
    ranks = [
        synthetic.placebo_rank(synthetic.gaps(panel(effect=0.0, seed=seed), 10)[:, -1])
        for seed in range(60)
    ]
    assert np.mean(ranks) == pytest.approx(0.525, abs=4 * 0.29 / 60**0.5)
    assert np.mean(np.array(ranks) <= 0.1) < 0.1 + 4 * (0.09 / 60) ** 0.5


def test_ranks_count_the_unit_itself_and_ties():
    assert synthetic.placebo_rank([-3, 1, 3, 2]) == 0.5
    assert synthetic.placebo_rank([0, 0]) == 1
    assert np.isnan(synthetic.placebo_rank([1, np.nan]))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: synthetic.weights([1, 2], [[1, 2, 3]]), "shape"),
        (lambda: synthetic.weights([1], np.zeros((0, 1))), "one of each"),
        (lambda: synthetic.weights([np.nan], [[1]]), "missing value"),
        (lambda: synthetic.gaps([[1, 2]], 1), "two units"),
        (lambda: synthetic.gaps([[1, 2], [1, 2]], 3), "n_before is 3"),
        (lambda: synthetic.placebo_rank([]), "one for each unit"),
    ],
)
def test_what_cannot_be_is_refused(call, text):
    with pytest.raises(ParameterError, match=text):
        call()
