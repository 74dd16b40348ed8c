"""Estimators for samples: published results, sums written out in fractions, and simulation."""

import warnings
from fractions import Fraction
from functools import partial
from math import comb, log, perm

import numpy as np
import pytest
from skbio.diversity import alpha as skbio

from analysis.errors import ParameterError
from analysis.measures.diversity import hill
from analysis.measures.rarefaction import _log_falling, at_coverage, at_size, coverage_at, size_of
from analysis.measures.unseen import chao1, chao1_interval, chao_shen, coverage, unbiased_simpson

#: vegan's `BCI`, plot 1; iNEXT's `spider`, Girdled; the example of R's package entropy
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
Y = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]

SCALARS = [unbiased_simpson, chao1, coverage, chao_shen]


# --- published values ---------------------------------------------------------------------------


def test_unbiased_simpson_published():
    assert 1 - unbiased_simpson(BCI_1) == pytest.approx(0.976809683605, abs=1e-12)
    assert unbiased_simpson([6, 2, 2, 1]) == pytest.approx(0.3090909091, abs=5e-11)
    assert unbiased_simpson([10, 5, 5, 3, 1, 1, 1]) == pytest.approx(0.2092307692, abs=5e-11)
    assert 1 / unbiased_simpson(GIRDLED) == pytest.approx(8.174825175, abs=5e-10)


@pytest.mark.parametrize(
    ("counts", "variant", "expected", "error"),
    [
        # iNEXT, vegan and, for the estimates alone, scikit-bio
        (GIRDLED, "chao_jost", 43.892857, 14.305578),
        (GIRDLED, "classic", 44, None),
        (GIRDLED, "bias_corrected", 39.2, None),
        (BCI_1, "bias_corrected", 117.473684211, None),
    ],
)
def test_chao1_published(counts, variant, expected, error):
    assert chao1(counts, variant) == pytest.approx(expected, abs=1e-6)
    if error:
        assert chao1_interval(counts)[0] == pytest.approx(error, abs=1e-6)


def test_chao1_interval_published():
    _, low, high = chao1_interval(GIRDLED)
    assert low == pytest.approx(30.511048, abs=5e-7)
    assert high == pytest.approx(96.971164, abs=5e-7)


def test_coverage_published():
    assert coverage(GIRDLED) == pytest.approx(0.9289, abs=5e-5)


def test_entropy_published():
    # entropart; R's entropy
    assert chao_shen(GIRDLED) == pytest.approx(2.64438782052, rel=5e-12)
    assert chao_shen(Y) == pytest.approx(2.20113710128, rel=5e-12)


@pytest.mark.parametrize(
    ("size", "order", "expected", "digits"),
    [
        (50, 0, 15.03009832, 5e-9),
        (100, 0, 20.45942616, 5e-9),
        (168, 0, 26, 1e-10),
        (100, 1, 11.266546322, 5e-10),
        (168, 1, 12.059650499, 5e-10),
        (168, 2, 7.84, 1e-10),
    ],
)
def test_hill_at_size_published(size, order, expected, digits):
    assert at_size(GIRDLED, size=size, order=order) == pytest.approx(expected, abs=digits)


def test_rarefied_number_published():
    assert at_size(BCI_1, size=50, order=0) == pytest.approx(32.0321401485, abs=5e-11)
    assert at_size(BCI_1, size=100, order=0) == pytest.approx(48.2535173316, abs=5e-11)


def test_at_coverage_published():
    assert coverage_at(GIRDLED, size=100) == pytest.approx(0.9072003688, abs=5e-11)
    # iNEXT looks for the size numerically, to about 0.001 events
    for order, expected in enumerate([19.00035, 10.98221, 7.53763]):
        assert at_coverage(GIRDLED, level=0.9, order=order) == pytest.approx(expected, abs=2e-5)


# --- another package ----------------------------------------------------------------------------


def test_estimators_equal_scikit_bio(rng):
    for counts in rng.poisson(rng.gamma(0.5, 6, size=(30, 40))):
        found = chao1(counts, "bias_corrected")
        assert found == pytest.approx(skbio.chao1(counts, bias_corrected=True), rel=1e-12)
        if (counts == 2).any():
            found = chao1(counts, "classic")
            assert found == pytest.approx(skbio.chao1(counts, bias_corrected=False), rel=1e-12)


# --- formulas written out -----------------------------------------------------------------------

SMALL = [[6, 2, 2, 1], [1, 1, 1], [3], [4, 4], [7, 1], [5, 3, 2, 2, 1, 1, 1]]


def chances(x, n, m):
    """Chance of k of x events among m of n, for each k."""
    return [Fraction(comb(x, k) * comb(n - x, m - k), comb(n, m)) for k in range(min(x, m) + 1)]


def rarefied(counts, m, order):
    n = sum(counts)
    if order == 0:
        return float(sum(1 - chances(x, n, m)[0] for x in counts))
    expected = sum(
        float(chance) * (-k / m * log(k / m) if order == 1 else (k / m) ** 2)
        for x in counts
        for k, chance in enumerate(chances(x, n, m))
        if k
    )
    return np.exp(expected) if order == 1 else 1 / expected


@pytest.mark.parametrize("counts", SMALL)
@pytest.mark.parametrize("order", [0, 1, 2])
def test_rarefaction_is_the_expectation_over_all_subsamples(counts, order):
    for m in range(1, sum(counts) + 1):
        assert at_size(counts, size=m, order=order) == pytest.approx(
            rarefied(counts, m, order), rel=1e-12
        )


@pytest.mark.parametrize("m", [2, 300, 2000, 3999, 4000])
def test_rarefaction_of_many_events(m):
    counts = [3000, 900, 90, 9, 1]
    assert at_size(counts, size=m, order=1) == pytest.approx(rarefied(counts, m, 1), rel=1e-11)


@pytest.mark.parametrize("counts", SMALL)
def test_rarefied_coverage_is_an_unbiased_expectation(counts):
    n = sum(counts)
    for m in range(1, n):
        terms = (Fraction(x, n) * Fraction(comb(n - x, m), comb(n - 1, m)) for x in counts)
        assert coverage_at(counts, size=m) == pytest.approx(float(1 - sum(terms)), abs=1e-12)


@pytest.mark.parametrize("n", [0, 1, 5, 30, 31, 32, 33, 64, 500])
def test_log_falling_equals_whole_numbers(n):
    k = np.arange(n + 1)
    expected = [log(perm(n, i)) for i in k.tolist()]
    np.testing.assert_allclose(_log_falling(np.float64(n), k), expected, rtol=1e-14, atol=1e-15)
    assert _log_falling(np.float64(n), n + 1) == -np.inf


def test_log_falling_keeps_its_digits():
    # ln n (n-1), of which each factor is about 21
    n = 10.0**9
    assert _log_falling(n, np.float64(2)) == pytest.approx(2 * log(n) + np.log1p(-1 / n), rel=1e-15)


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("counts", [GIRDLED, BCI_1, Y, [6, 2, 2, 1], [3, 3]])
def test_the_curve_rises_from_one_to_the_whole_record(counts, order):
    n = sum(counts)
    sizes = np.arange(1, n + 1)
    found = at_size(np.tile(counts, (n, 1)), size=sizes, order=order)
    assert (np.diff(found) >= -1e-9).all()
    # and ever less
    assert (np.diff(found, 2) <= 1e-9).all()
    assert found[0] == pytest.approx(1, rel=1e-12)
    assert found[-1] == pytest.approx(hill(counts, order), rel=1e-12)


@pytest.mark.parametrize("counts", [GIRDLED, BCI_1, Y])
def test_size_and_coverage_are_inverse(counts):
    sizes = np.array([1, 2, 7, sum(counts) - 1, sum(counts)])
    for size in sizes:
        level = float(coverage_at(counts, size=size))
        assert size_of(counts, level=level) == size
        for order in (0, 1, 2):
            expected = at_size(counts, size=size, order=order)
            assert at_coverage(counts, level=level, order=order) == pytest.approx(expected)


def test_a_coverage_below_that_of_one_event_is_that_of_one_event():
    assert size_of([6, 2, 2, 1], level=1e-6) == 1
    assert at_coverage([6, 2, 2, 1], level=1e-6, order=0) == pytest.approx(1)


def test_a_record_is_not_continued_beyond_what_it_holds():
    with pytest.raises(ParameterError, match=r"poorest record covers no more than 0\.931"):
        at_coverage([[6, 2, 2, 1], [5, 2, 2, 1]], level=0.95, order=0)
    with pytest.raises(ParameterError, match="whole number from 1 to 11"):
        at_size([6, 2, 2, 1], size=12, order=0)


def test_samples_of_one_population_agree_at_equal_coverage(rng):
    """What `at_coverage` is for: 60 events compare with 1,900."""
    p = rng.dirichlet(np.full(40, 0.4))
    small, large = (rng.multinomial(n, p, size=300) for n in (60, 1900))
    small = small[coverage(small) >= 0.8]
    for order in (0, 1, 2):
        fair_of = partial(at_coverage, level=0.8, order=order)
        raw = hill(small, order).mean() / hill(large, order).mean()
        fair = fair_of(small).mean() / fair_of(large).mean()
        assert abs(fair - 1) < 0.05
        assert abs(fair - 1) < abs(raw - 1)


def test_unbiased_simpson_is_unbiased_and_entropy_is_less_biased(rng):
    p = rng.dirichlet(np.full(30, 0.7))
    samples = rng.multinomial(60, p, size=4000)
    found = unbiased_simpson(samples)
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - (p**2).sum()) < 4 * error
    entropy = -(p * np.log(p)).sum()
    naive = entropy - np.log(hill(samples, 1)).mean()
    assert abs(entropy - chao_shen(samples).mean()) < naive / 2


def test_chao1_intervals_hold_as_often_as_they_say(rng):
    p = np.full(40, 1 / 40)
    samples = rng.multinomial(60, p, size=3000)
    _, low, high = chao1_interval(samples)
    assert 0.92 < ((low <= 40) & (high >= 40)).mean() <= 1


# --- what goes wrong elsewhere ------------------------------------------------------------------


def test_large_integers_do_not_overflow():
    counts = np.array([60_000, 60_000], dtype=np.int32)
    assert unbiased_simpson(counts) == pytest.approx(0.499995833299, abs=1e-12)


def test_ninety_five_percent_are_from_the_two_and_a_halfth_percentile():
    _, low, high = chao1_interval(GIRDLED, level=0.95)
    _, narrow, wide = chao1_interval(GIRDLED, level=0.9)
    assert low < narrow < wide < high
    # the ends are unseen / k and unseen * k, with ln k proportional to z
    unseen = chao1(GIRDLED) - 26
    ratio = np.log((high - 26) / unseen) / np.log((wide - 26) / unseen)
    assert ratio == pytest.approx(1.959963984540054 / 1.6448536269514722, rel=1e-9)


@pytest.mark.parametrize("function", SCALARS)
def test_amounts_are_refused(function):
    with pytest.raises(ParameterError, match=r"2.5 at \[0, 1\].*not a sample"):
        function([[3, 2.5], [1, 1]])
    with pytest.raises(ParameterError, match=r"counts must be finite.*-1.0 at \[1\]"):
        function([3, -1])


def test_amounts_are_refused_by_rarefaction():
    for call in (
        partial(at_size, size=1, order=0),
        partial(at_coverage, level=0.5, order=0),
        partial(size_of, level=0.5),
        partial(coverage_at, size=1),
    ):
        with pytest.raises(ParameterError, match="not a sample"):
            call([0.5, 2])


#: small and lopsided samples at which others break off
AWKWARD = [[0, 0, 0], [1, 0, 0], [2, 0, 0], [1, 1, 0], [1, 1, 1], [2, 2, 2], [9, 1, 0], [2, 1, 1]]
HUGE = [30_000, 1, 2]


def test_awkward_samples_do_not_disturb_the_others():
    many = np.array([*AWKWARD, HUGE, [5, 3, 2]])
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        for function in SCALARS:
            found = function(many)
            alone = np.array([function(row) for row in many])
            np.testing.assert_array_equal(found, alone)
            assert np.isnan(found[0])
            assert np.isfinite(found[-1])
        error, low, high = chao1_interval(many)
        assert np.isfinite(high[1:]).all()
        assert (error[1:] >= 0).all()
        assert (low[1:] >= (many[1:] > 0).sum(axis=1)).all()
        for order in (0, 1, 2):
            found = at_size(many, size=1, order=order)
            assert np.isnan(found[0])
            np.testing.assert_allclose(found[1:], 1)
            some = many[coverage(many) >= 0.1]
            found = at_coverage(np.vstack([some, many[:2]]), level=0.1, order=order)
            assert np.isnan(found[-2:]).all()
            assert (found[:-2] >= 1 - 1e-12).all()


def test_one_event_says_nothing_of_what_is_unseen():
    for function in (unbiased_simpson, coverage, chao_shen):
        assert np.isnan(function([1, 0]))
    for order in (0, 1, 2):
        assert at_size([1, 0], size=1, order=order) == 1
        assert np.isnan(at_coverage([1, 0], level=0.5, order=order))


@pytest.mark.parametrize("counts", [[4, 4, 4], [9]])
def test_without_rare_partners_nothing_is_unseen(counts):
    number = len(counts)
    assert chao1(counts) == number
    assert [float(x) for x in chao1_interval(counts)] == [0, number, number]
    assert coverage(counts) == 1
    assert size_of(counts, level=1.0) <= sum(counts)


def test_unknown_choices_are_refused():
    with pytest.raises(ParameterError, match="Unknown variant 'chao2'"):
        chao1(GIRDLED, "chao2")
    with pytest.raises(ParameterError, match="level is 95"):
        chao1_interval(GIRDLED, level=95)
    for order in (3, 0.5, "1", None, True, [0, 1]):
        with pytest.raises(ParameterError, match="order is"):
            at_size(GIRDLED, size=2, order=order)
    for size in (0, -1, np.nan, "all", [1, 2]):
        with pytest.raises(ParameterError, match=r"size (must be|is)"):
            at_size(GIRDLED, size=size, order=0)
    for level in (0, 1.1, np.nan):
        with pytest.raises(ParameterError, match="level is"):
            at_coverage(GIRDLED, level=level, order=0)


def test_shapes():
    many = np.tile(GIRDLED, (2, 3, 1))
    for function in SCALARS:
        assert function(many).shape == (2, 3)
    assert at_size(many, size=20, order=1).shape == (2, 3)
    found = at_size(many, size=[[10, 20, 30], [100, 120, 168]], order=1)
    assert found[1, 2] == at_size(GIRDLED, size=168, order=1)
    assert at_coverage(many, level=0.9, order=0).shape == (2, 3)
