import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as an
from analysis.errors import ParameterError
from analysis.measures import diversity, inequality, risk

WEIGHTS = st.lists(st.floats(0.1, 9), min_size=2, max_size=8).map(np.array)
BLOCS = np.array([[0, 0, 1], [0, 0, 1], [1, 1, 0]])


@given(WEIGHTS, st.floats(0, 1))
def test_independent_defaults_are_a_matter_of_the_hhi(w, default):
    found = risk.variance(w, default=default)
    assert found == pytest.approx(default * (1 - default) * diversity.hhi(w))
    assert risk.independent_partners(w) == pytest.approx(diversity.hill(w, 2))


@given(WEIGHTS, st.integers(0, 3))
def test_area_under_the_removal_curve_is_a_matter_of_the_gini(w, absent):
    found = risk.robustness([*w, *[0.0] * absent])
    gini = inequality.gini(w, absent=False)
    assert found == pytest.approx((1 - 1 / len(w) - gini) / 2)
    curve = [np.sort(w)[: len(w) - k].sum() / w.sum() for k in range(1, len(w) + 1)]
    assert found == pytest.approx(np.mean(curve))


def test_equal_partners_wear_away_and_one_partner_breaks():
    assert risk.robustness([[2, 2, 2, 2], [5, 0, 0, 0]]).tolist() == [0.375, 0]
    assert np.isnan(risk.robustness([0, 0]))
    assert np.isnan(risk.robustness([]))


@given(WEIGHTS)
def test_partners_of_one_bloc_that_fail_as_one_are_one_partner(w):
    together = np.zeros((len(w), len(w)))
    assert risk.independent_partners(w, together, correlation=1.0) == pytest.approx(1)
    apart = 1 - np.eye(len(w))
    assert risk.variance(w, apart, correlation=1.0) == pytest.approx(risk.variance(w))


def test_blocs_worked_by_hand():
    """p = (.5, .25, .25), a bloc of the first two, ρ = .4: .375 + 2 · .4 · .125 = .475."""
    p = [2, 1, 1]
    assert risk.variance(p, BLOCS, default=0.2, correlation=0.4) == pytest.approx(0.16 * 0.475)
    assert risk.independent_partners(p, BLOCS, correlation=0.4) == pytest.approx(1 / 0.475)


def test_variance_is_that_of_simulated_defaults():
    """A bloc whose members follow a common draw with chance √ρ each default with correlation ρ."""
    rng = np.random.default_rng(1)
    default, correlation, runs = 0.3, 0.25, 400_000
    common = rng.random(runs) < default
    follows = rng.random((runs, 3)) < np.sqrt(correlation)
    alone = rng.random((runs, 3)) < default
    fails = np.where(follows & [True, True, False], common[:, None], alone)
    delivered = (~fails) @ np.array([0.5, 0.25, 0.25])
    expected = risk.variance([2, 1, 1], BLOCS, default=default, correlation=correlation)
    assert delivered.mean() == pytest.approx(1 - default, abs=0.002)
    assert delivered.var() == pytest.approx(float(expected), rel=0.01)


def test_shortfall_of_equal_partners_is_binomial():
    """Of five equal partners at most two deliver with chance Σ C(5, k) .7^k .3^(5-k), k ≤ 2."""
    expected = sum(c * 0.7**k * 0.3 ** (5 - k) for k, c in enumerate([1, 5, 10]))
    assert risk.shortfall(np.ones(5), default=0.3, needed=0.5) == pytest.approx(expected)
    # exactly enough is enough
    expected = sum(c * 0.7**k * 0.3 ** (5 - k) for k, c in enumerate([1, 5]))
    assert risk.shortfall(np.ones(5), default=0.3, needed=0.4) == pytest.approx(expected)


@given(WEIGHTS, st.floats(0, 1), st.floats(0, 1))
def test_a_shortfall_is_no_likelier_than_markovs_bound(w, default, needed):
    """What is not delivered is d on average, and a shortfall is more than 1 - needed of it."""
    found = risk.shortfall(w, default=default, needed=needed)
    assert -1e-12 <= found <= 1 + 1e-12
    if needed < 1:
        assert found <= default / (1 - needed) + 1e-9


def test_no_partner_no_risk():
    assert np.isnan(risk.variance([0, 0]))
    assert np.isnan(risk.shortfall([0, 0]))
    assert np.isnan(risk.independent_partners([]))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: risk.variance([1], default=1.5), "default is 1.5"),
        (lambda: risk.variance([1], correlation=0.5), "needs distances"),
        (lambda: risk.variance([1, 1], BLOCS[:2, :2], correlation=-0.5), "correlation is -0.5"),
        (lambda: risk.shortfall(2.0 ** np.arange(22) + 1), "22 partners"),
        (lambda: risk.shortfall([1], needed=2), "needed is 2"),
    ],
)
def test_what_cannot_be_is_refused(call, text):
    with pytest.raises(ParameterError, match=text):
        call()


def test_portfolios_are_measured_by_regions():
    portfolios = an.portfolio(
        an.load("arms", country="PAK", sources=["sipri_tiv"]), years=(2021, 2021)
    )
    regions = an.distances("region")
    options = {"default": 0.1, "correlation": 0.5}
    found = an.measure(portfolios, an.risk.variance, distances=regions, **options)[
        "estimate"
    ].item()
    alone = an.measure(portfolios, an.risk.variance, default=0.1)["estimate"].item()
    hhi = an.measure(portfolios, an.hhi)["estimate"].item()
    assert alone == pytest.approx(0.09 * hhi)
    assert alone < found < 0.09
