"""Estimators for samples: published results, sums written out in fractions, and simulation."""

import warnings
from fractions import Fraction
from math import comb, log, perm

import numpy as np
import pytest
from skbio.diversity import alpha as skbio

from analysis.diversity import hill
from analysis.entropy import (
    chao_shen,
    chao_wang_jost,
    digamma,
    grassberger,
    miller_madow,
)
from analysis.errors import ParameterError
from analysis.estimators import (
    chao1,
    chao1_interval,
    coverage,
    log_falling,
    unbiased_simpson,
)
from analysis.rarefaction import asymptotic, at_coverage, at_size, coverage_at, size_of

#: vegan's `BCI`, plot 1; iNEXT's `spider`, Girdled; the example of R's package entropy
BCI_1 = (
    [25, 24, 22, 21, 18, 17, 15, 14, 14, 13, 13, 12, 12, 11, 11, 10, 9, 8, 7]
    + [6] * 4 + [5] * 6 + [4] * 6 + [3] * 9 + [2] * 18 + [1] * 31
)  # fmt: skip
GIRDLED = [46, 22, 17, 15, 15, 9, 8, 6, 6, 4, 2, 2, 2, 2] + [1] * 12
Y = [4, 2, 3, 0, 2, 4, 0, 0, 2, 1, 1]

ENTROPIES = [miller_madow, chao_shen, grassberger, chao_wang_jost]
SCALARS = [unbiased_simpson, chao1, coverage, *ENTROPIES]


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
        (BCI_1, "bias_corrected", 117.473684211, 11.583784849),
    ],
)
def test_chao1_published(counts, variant, expected, error):
    assert chao1(counts, variant) == pytest.approx(expected, abs=1e-6)
    if error:
        assert chao1_interval(counts, variant)[0] == pytest.approx(error, abs=1e-6)


def test_chao1_interval_published():
    _, low, high = chao1_interval(GIRDLED)
    assert low == pytest.approx(30.511048, abs=5e-7)
    assert high == pytest.approx(96.971164, abs=5e-7)


def test_coverage_published():
    assert coverage(GIRDLED) == pytest.approx(0.9289, abs=5e-5)
    assert coverage(GIRDLED, "good") == pytest.approx(1 - 12 / 168, rel=1e-14)


@pytest.mark.parametrize(
    ("function", "options", "expected"),
    [
        # entropart
        (miller_madow, {}, 2.5642699726),
        (chao_shen, {"coverage": "zhang_huang"}, 2.64476375053),
        (chao_shen, {"coverage": "good"}, 2.64438782052),
        (grassberger, {}, 2.58446944054),
        (chao_wang_jost, {}, 2.62656920864),
    ],
)
def test_entropy_published(function, options, expected):
    assert function(GIRDLED, **options) == pytest.approx(expected, rel=5e-11)


def test_entropy_published_by_another_package():
    assert miller_madow(Y) == pytest.approx(2.15259293504, rel=5e-12)
    assert chao_shen(Y) == pytest.approx(2.20113710128, rel=5e-12)


@pytest.mark.parametrize(
    ("size", "order", "expected", "digits"),
    [
        (50, 0, 15.03009832, 5e-9),
        (100, 0, 20.45942616, 5e-9),
        (168, 0, 26, 1e-10),
        (300, 0, 33.31773282, 5e-9),
        (100, 1, 11.266546322, 5e-10),
        (168, 1, 12.059650499, 5e-10),
        (168, 2, 7.84, 1e-10),
        # printed in the documentation of divent, from iNEXT
        (300, 0, 33.317733, 5e-7),
        (300, 1, 12.869603, 5e-7),
        (300, 2, 7.983882, 5e-7),
    ],
)
def test_hill_at_size_published(size, order, expected, digits):
    assert at_size(GIRDLED, size, order) == pytest.approx(expected, abs=digits)


def test_rarefied_number_published():
    assert at_size(BCI_1, 50, 0) == pytest.approx(32.0321401485, abs=5e-11)
    assert at_size(BCI_1, 100, 0) == pytest.approx(48.2535173316, abs=5e-11)


def test_asymptotic_published():
    found = [asymptotic(GIRDLED, order) for order in (0, 1, 2)]
    np.testing.assert_allclose(found, [43.892857, 13.826253448, 8.174825175], atol=2e-7)
    assert found[1:] == pytest.approx([13.826253448, 8.174825175], abs=5e-10)


def test_at_coverage_published():
    assert coverage_at(GIRDLED, 100) == pytest.approx(0.9072003688, abs=5e-11)
    assert coverage_at(GIRDLED, 300) == pytest.approx(0.9579518, abs=5e-8)
    # iNEXT looks for the size numerically, to about 0.001 events
    for order, expected in enumerate([19.00035, 10.98221, 7.53763]):
        assert at_coverage(GIRDLED, 0.9, order) == pytest.approx(expected, abs=2e-5)


# --- another package ----------------------------------------------------------------------------


def test_estimators_equal_scikit_bio(rng):
    for counts in rng.poisson(rng.gamma(0.5, 6, size=(30, 40))):
        found = chao1(counts, "bias_corrected")
        assert found == pytest.approx(skbio.chao1(counts, bias_corrected=True), rel=1e-12)
        if (counts == 2).any():
            found = chao1(counts, "classic")
            assert found == pytest.approx(skbio.chao1(counts, bias_corrected=False), rel=1e-12)
        assert coverage(counts, "good") == pytest.approx(skbio.goods_coverage(counts), rel=1e-12)


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
        assert at_size(counts, m, order) == pytest.approx(rarefied(counts, m, order), rel=1e-12)


@pytest.mark.parametrize("m", [2, 300, 2000, 3999, 4000])
def test_rarefaction_of_many_events(m):
    counts = [3000, 900, 90, 9, 1]
    assert at_size(counts, m, 1) == pytest.approx(rarefied(counts, m, 1), rel=1e-11)


@pytest.mark.parametrize("counts", SMALL)
def test_rarefied_coverage_is_an_unbiased_expectation(counts):
    n = sum(counts)
    for m in range(1, n):
        terms = (Fraction(x, n) * Fraction(comb(n - x, m), comb(n - 1, m)) for x in counts)
        assert coverage_at(counts, m) == pytest.approx(float(1 - sum(terms)), abs=1e-12)


@pytest.mark.parametrize("counts", [*SMALL, [40, 1, 1, 1, 1], [1] * 9, [2] * 30 + [1], Y, GIRDLED])
def test_chao_wang_jost_as_it_is_written(counts):
    """In fractions, and with the series of the logarithm, which loses no digits."""
    counts = [x for x in counts if x]
    n, f1, f2 = sum(counts), counts.count(1), counts.count(2)
    if f2:
        a = Fraction(2 * f2, (n - 1) * f1 + 2 * f2)
    else:
        a = Fraction(2, (n - 1) * (f1 - 1) + 2) if f1 else Fraction(1)
    seen = sum(Fraction(x, n) * sum(Fraction(1, k) for k in range(x, n)) for x in counts)
    # Σ_{r >= n} (1-a)^(r-n+1) / r, until what is left is nothing
    z, r, unseen, power = float(1 - a), n, 0.0, float(1 - a)
    while power > 1e-18:
        unseen += power / r
        power *= z
        r += 1
    expected = float(seen) + f1 / n * unseen
    assert chao_wang_jost(counts) == pytest.approx(expected, abs=2e-13)


@pytest.mark.parametrize("counts", [*SMALL, Y, GIRDLED, BCI_1])
def test_zhang_huang_coverage_as_it_is_written(counts):
    n = sum(counts)
    terms = (
        Fraction((-1) ** (k + 1) * counts.count(k), comb(n, k)) for k in range(1, max(counts) + 1)
    )
    if n > 1:
        assert coverage(counts, "zhang_huang") == pytest.approx(float(1 - sum(terms)), abs=1e-12)


def test_special_functions():
    k = np.array([1, 2, 3, 31, 32, 33, 100, 10_000])
    exact = [sum(Fraction(1, i) for i in range(1, j)) for j in k[:-1].tolist()]
    np.testing.assert_allclose(
        digamma(k[:-1]), [float(x) - np.euler_gamma for x in exact], rtol=1e-15
    )
    # ψ(k + 1) = ψ(k) + 1/k, across the end of the table
    k = np.arange(1, 200)
    np.testing.assert_allclose(digamma(k + 1), digamma(k) + 1 / k, rtol=1e-14)


@pytest.mark.parametrize("n", [0, 1, 5, 30, 31, 32, 33, 64, 500])
def test_log_falling_equals_whole_numbers(n):
    k = np.arange(n + 1)
    expected = [log(perm(n, i)) for i in k.tolist()]
    np.testing.assert_allclose(log_falling(np.float64(n), k), expected, rtol=1e-14, atol=1e-15)
    assert log_falling(np.float64(n), n + 1) == -np.inf


def test_log_falling_keeps_its_digits():
    # ln n (n-1), of which each factor is about 21
    n = 10.0**9
    assert log_falling(n, np.float64(2)) == pytest.approx(2 * log(n) + np.log1p(-1 / n), rel=1e-15)


# --- laws ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("counts", [GIRDLED, BCI_1, Y, [6, 2, 2, 1], [3, 3]])
def test_the_curve_rises_without_a_break_from_one_to_the_asymptote(counts, order):
    n = sum(counts)
    sizes = np.concatenate([np.linspace(1, n, 60), n * np.array([1.01, 1.5, 2, 10, 1e9])])
    found = at_size(np.tile(counts, (sizes.size, 1)), sizes, order)
    assert (np.diff(found) >= -1e-9).all()
    assert found[0] == pytest.approx(1, rel=1e-12)
    assert found[59] == pytest.approx(hill(counts, order), rel=1e-12)
    assert found[-1] == pytest.approx(asymptotic(counts, order), rel=1e-6)
    # as many more partners for the next event as for the last one
    step = at_size(np.tile(counts, (3, 1)), [n - 1, n, n + 1], order)
    assert step[2] - step[1] <= step[1] - step[0] + 1e-9


@pytest.mark.parametrize("counts", [GIRDLED, BCI_1, Y])
def test_size_and_coverage_are_inverse(counts):
    sizes = np.array([1, 1.5, 7, 12.25, sum(counts) - 1, sum(counts), 2 * sum(counts)])
    many = np.tile(counts, (sizes.size, 1))
    np.testing.assert_allclose(size_of(many, coverage_at(many, sizes)), sizes, rtol=1e-9)
    for order in (0, 1, 2):
        expected = at_size(many, sizes, order)
        found = at_coverage(many, coverage_at(many, sizes), order)
        np.testing.assert_allclose(found, expected, rtol=1e-9)
        full = at_coverage(counts, 1, order)
        assert full == pytest.approx(asymptotic(counts, order), rel=1e-12)


def test_a_size_reaching_less_coverage_than_one_event_is_one_event():
    assert size_of([6, 2, 2, 1], 1e-6) == 1
    assert at_coverage([6, 2, 2, 1], 1e-6, 0) == pytest.approx(1)


def test_samples_of_one_population_agree_at_equal_coverage(rng):
    """What `at_coverage` is for: 60 events compare with 1,900."""
    p = rng.dirichlet(np.full(40, 0.4))
    small, large = (rng.multinomial(n, p, size=300) for n in (60, 1900))
    for order in (0, 1, 2):
        raw = hill(small, order).mean() / hill(large, order).mean()
        fair = at_coverage(small, 0.85, order).mean() / at_coverage(large, 0.85, order).mean()
        assert abs(fair - 1) < 0.05
        assert abs(fair - 1) < abs(raw - 1)


def test_unbiased_simpson_is_unbiased_and_entropies_are_less_biased(rng):
    p = rng.dirichlet(np.full(30, 0.7))
    samples = rng.multinomial(60, p, size=4000)
    found = unbiased_simpson(samples)
    error = found.std() / np.sqrt(found.size)
    assert abs(found.mean() - (p**2).sum()) < 4 * error
    entropy = -(p * np.log(p)).sum()
    naive = entropy - np.log(hill(samples, 1)).mean()
    for function in ENTROPIES:
        assert abs(entropy - function(samples).mean()) < naive / 2


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
    for function in (at_size, at_coverage):
        with pytest.raises(ParameterError, match="not a sample"):
            function([0.5, 2], 1, 0)
    for function in (size_of, coverage_at):
        with pytest.raises(ParameterError, match="not a sample"):
            function([0.5, 2], 1)
    with pytest.raises(ParameterError, match="not a sample"):
        asymptotic([0.5, 2], 0)


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
        for variant in ("chao_jost", "classic", "bias_corrected"):
            error, low, high = chao1_interval(many, variant)
            assert np.isfinite(high[1:]).all()
            assert (error[1:] >= 0).all()
            assert (low[1:] >= (many[1:] > 0).sum(axis=1)).all()
        for order in (0, 1, 2):
            for size in (1, 2, 3.5, 50):
                found = at_size(many, size, order)
                assert np.isnan(found[0])
                assert (found[2:] >= 1 - 1e-12).all()
            assert np.isnan(at_coverage(many, 0.7, order)[:2]).all()
            assert (at_coverage(many, 0.7, order)[2:] >= 1 - 1e-12).all()


def test_one_event_says_nothing_of_what_is_unseen():
    for function in (unbiased_simpson, coverage, chao_shen):
        assert np.isnan(function([1, 0]))
    for order in (0, 1, 2):
        assert np.isnan(asymptotic([1, 0], order))
        assert np.isnan(at_size([1, 0], 2, order))
        assert at_size([1, 0], 1, order) == 1
    assert np.isinf(asymptotic([1, 1, 1], 2))


@pytest.mark.parametrize("counts", [[4, 4, 4], [9]])
def test_without_rare_partners_nothing_is_unseen(counts):
    number = len(counts)
    assert chao1(counts) == number
    assert [float(x) for x in chao1_interval(counts)] == [0, number, number]
    assert coverage(counts) == 1
    assert size_of(counts, 1) <= sum(counts)
    assert at_size(counts, 1000, 0) == pytest.approx(number)


def test_unknown_choices_are_refused():
    with pytest.raises(ParameterError, match="Unknown variant 'chao2'"):
        chao1(GIRDLED, "chao2")
    with pytest.raises(ParameterError, match="Unknown estimator 'best'"):
        coverage(GIRDLED, "best")
    with pytest.raises(ParameterError, match="level is 95"):
        chao1_interval(GIRDLED, level=95)
    for order in (3, 0.5, "1", None, True, [0, 1]):
        with pytest.raises(ParameterError, match="order is"):
            asymptotic(GIRDLED, order)
    for size in (0, -1, np.nan, "all", [1, 2]):
        with pytest.raises(ParameterError, match="size must be"):
            at_size(GIRDLED, size, 0)
    for level in (0, 1.1, np.nan):
        with pytest.raises(ParameterError, match="coverage must be"):
            at_coverage(GIRDLED, level, 0)


def test_shapes():
    many = np.tile(GIRDLED, (2, 3, 1))
    for function in SCALARS:
        assert function(many).shape == (2, 3)
    assert at_size(many, 20, 1).shape == (2, 3)
    sizes = np.array([[10, 20, 30], [100, 168, 300]])
    found = at_size(many, sizes, 1)
    assert found[1, 2] == at_size(GIRDLED, 300, 1)
    assert at_coverage(many, np.full((2, 3), 0.9), 0).shape == (2, 3)
