"""Measures against sentropy, an independent package for similarity-sensitive diversity, run here.

sentropy computes with numpy unless told otherwise, but imports torch (several gigabytes), and takes
one class of it. Where there is no torch, a class of that name stands in for it.
"""

import sys
from importlib.util import find_spec
from types import ModuleType

import numpy as np
import pytest

from analysis.measures import partition
from analysis.measures.diversity import hill
from analysis.measures.similarity import leinster_cobbold

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
    table = sentropy(
        np.transpose(parts),
        similarity=similarity,
        q=ORDERS,
        measure=measure,
        level="both",
        return_dataframe=True,
    )
    whole = table["level"].astype(str) == "overall"
    values = table[measure].to_numpy(float)
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
def test_parts_and_the_whole_are_those_of_sentropy(
    sentropy, portfolios, similarity, with_similarity
):
    """Within and of all parts, as Reeve et al. (2016) have them, each part as large as it is."""
    like = similarity if with_similarity else None
    options = {"emphasis": "size", "similarity": like}
    _, within = asked(sentropy, portfolios, "normalized_alpha", like)
    np.testing.assert_allclose(partition.alpha(portfolios, ORDERS, **options), within, rtol=1e-8)
    _, whole = asked(sentropy, portfolios, "gamma", like)
    np.testing.assert_allclose(partition.gamma(portfolios, ORDERS, **options), whole, rtol=1e-8)
    # of order 1 the mean of parts is the ratio of the two
    _, between = asked(sentropy, portfolios, "normalized_beta", like)
    found = partition.beta(portfolios, ORDERS, **options)
    np.testing.assert_allclose(found[2], between[2], rtol=1e-8)
