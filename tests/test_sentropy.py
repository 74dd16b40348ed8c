"""Measures against sentropy, an independent package for similarity-sensitive diversity, run here.

sentropy computes with numpy unless told otherwise, but imports torch (several gigabytes), and takes
one class of it. Where there is no torch, a class of that name stands in for it.
"""

import sys
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest

from analysis import partition
from analysis.diversity import hill
from analysis.similarity import leinster_cobbold

#: sentropy's own, of a newer pandas
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")

#: what sentropy calls an order above 100 is infinity
ORDERS = [0, 0.5, 1, 1.5, 2, 7, np.inf]


@pytest.fixture(scope="module")
def sentropy():
    with pytest.MonkeyPatch.context() as patch:
        if find_spec("torch") is None:
            stand_in = ModuleType("torch")
            stand_in.Tensor = type("Tensor", (), {})
            patch.setitem(sys.modules, "torch", stand_in)
        yield pytest.importorskip("sentropy", reason="`make test` installs it").sentropy


def asked(sentropy, parts, measure, similarity=None):
    """Values of shape (n_parts, n_orders), and those of the whole: (n_orders,)."""
    made = sentropy(
        np.transpose(parts), similarity=similarity, q=ORDERS, measure=measure, level="both",
        return_dataframe=True,
    )  # fmt: skip
    whole = made["level"].astype(str) == "overall"
    values = made[measure].to_numpy(float)
    return values[~whole].reshape(len(ORDERS), -1).T, values[whole]


@pytest.fixture
def portfolios(rng):
    """Six portfolios of nine partners, some of them absent."""
    counts = rng.poisson(rng.gamma(0.5, 8, size=(6, 9))).astype(float)
    counts[:, 0] += 1
    return counts


@pytest.fixture
def similarity(rng):
    points = rng.random((9, 2))
    apart = np.linalg.norm(points[:, None] - points, axis=-1)
    return np.exp(-3 * apart)


def test_hill_numbers_are_those_of_sentropy(sentropy, portfolios):
    found, _ = asked(sentropy, portfolios, "normalized_alpha")
    np.testing.assert_allclose(hill(portfolios, ORDERS), found, rtol=1e-8)


def test_similarity_sensitive_diversity_is_that_of_sentropy(sentropy, portfolios, similarity):
    found, _ = asked(sentropy, portfolios, "normalized_alpha", similarity)
    np.testing.assert_allclose(leinster_cobbold(portfolios, similarity, ORDERS), found, rtol=1e-8)


@pytest.mark.parametrize("with_similarity", [False, True])
@pytest.mark.parametrize(
    ("measure", "normalised"),
    [
        ("alpha", False), ("alpha", True), ("beta", False), ("beta", True), ("rho", False),
        ("rho", True), ("gamma", True),
    ],
)  # fmt: skip
def test_parts_and_the_whole_are_those_of_sentropy(
    sentropy, portfolios, similarity, measure, normalised, with_similarity
):
    """Parts and their means as Reeve et al. (2016) have them, each part as large as it is."""
    like = similarity if with_similarity else None
    prefix = "normalized_" if normalised and measure != "gamma" else ""
    each, whole = asked(sentropy, portfolios, prefix + measure, like)
    options = {"emphasis": "size", "similarity": like, "normalised": normalised}
    ours = partition.component(portfolios, measure, ORDERS, **options)
    np.testing.assert_allclose(ours, each, rtol=1e-8)
    ours = partition.components(portfolios, measure, ORDERS, **options)
    np.testing.assert_allclose(ours, whole, rtol=1e-8)
