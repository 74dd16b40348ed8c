"""Trends and breaks against scipy, every division of short series, and a well-known one."""

import warnings
from itertools import combinations, pairwise

import numpy as np
import pytest
from scipy import stats

from analysis.errors import ParameterError
from analysis.measures.trends import breaks, holm, mann_kendall, sen_slope

#: annual flow of the Nile at Aswan, 1871–1970 (Cobb 1978; R's `Nile`)
NILE = [
    1120, 1160, 963, 1210, 1160, 1160, 813, 1230, 1370, 1140, 995, 935, 1110, 994, 1020, 960, 1180,
    799, 958, 1140, 1100, 1210, 1150, 1250, 1260, 1220, 1030, 1100, 774, 840, 874, 694, 940, 833,
    701, 916, 692, 1020, 1050, 969, 831, 726, 456, 824, 702, 1120, 1100, 832, 764, 821, 768, 845,
    864, 862, 698, 845, 744, 796, 1040, 759, 781, 865, 845, 944, 984, 897, 822, 1010, 771, 676, 649,
    846, 812, 742, 801, 1040, 860, 874, 848, 890, 744, 749, 838, 1050, 918, 986, 797, 923, 975, 815,
    1020, 906, 901, 1170, 912, 746, 919, 718, 714, 740,
]  # fmt: skip


# --- trend --------------------------------------------------------------------------------------


@pytest.mark.parametrize("ties", [False, True])
def test_mann_kendall_equals_scipy(ties, rng):
    for n in (4, 9, 30, 80):
        x = rng.normal(size=n) + 0.02 * np.arange(n)
        x = np.round(2 * x) if ties else x
        found = mann_kendall(x)
        tau = stats.kendalltau(np.arange(n), x, method="asymptotic")
        assert found.tau == pytest.approx(tau.statistic, rel=1e-12)
        # scipy has no continuity correction
        z = found.z * found.s / (found.s - np.sign(found.s)) if found.s else 0.0
        assert 2 * stats.norm.sf(abs(z)) == pytest.approx(tau.pvalue, rel=1e-9)
        assert found.p == pytest.approx(2 * stats.norm.sf(abs(found.z)), rel=1e-12)


def test_mann_kendall_in_closed_form():
    # rising throughout: S = n(n-1)/2, var = n(n-1)(2n+5)/18
    found = mann_kendall(np.arange(10) ** 3)
    assert (found.s, found.tau, found.n) == (45, pytest.approx(1), 10)
    assert found.z == pytest.approx(44 / np.sqrt(125), rel=1e-14)
    # a tie of three: 3·2·11/18 less
    found = mann_kendall([1, 1, 1, 2, 3, 4])
    assert found.s == 12
    assert found.z == pytest.approx(11 / np.sqrt((6 * 5 * 17 - 66) / 18), rel=1e-14)


ROLLING = [
    4.0,
    4.8,
    4.4,
    5.0,
    5.4,
    5.8,
    5.2,
    6.4,
    6.8,
    6.2,
    6.6,
    7.0,
    7.0,
    7.0,
    7.6,
    7.2,
    7.0,
    6.6,
    7.0,
    7.0,
]
TIES = [1, 1, 2, 2, 2, 3, 3, 2, 2, 1, 1, 2, 3, 4, 4, 4]


@pytest.mark.parametrize(
    ("values", "lags", "z"),
    [
        (ROLLING, 3, 3.312709249594408),
        (TIES, 3, 1.7507846042068411),
        (TIES, 15, 2.314631803134191),
        (NILE, 3, -2.609473498565488),
        (
            [2.1, 2.4, 2.2, 2.9, 3.1, 3.0, 3.6, 3.4, 4.1, 4.4, 4.0, 4.8, 5.1, 5.0, 5.6],
            3,
            10.733235376800089,
        ),
    ],
)
def test_the_correction_of_hamed_and_rao_equals_pymannkendall(values, lags, z):
    """`hamed_rao_modification_test(values, lag=lags)` of pymannkendall 1.4.3 (Hussain 2019)."""
    assert mann_kendall(values, lags=lags).z == pytest.approx(z, rel=1e-12)
    both = np.array([values, [*values[:-1], np.nan]])
    assert mann_kendall(both, lags=lags).z[0] == pytest.approx(z, rel=1e-12)


def test_a_variance_below_zero_is_no_test():
    assert np.isnan(mann_kendall([1, 5, 2, 6, 1, 5, 2, 7, 1, 6, 2, 6, 1, 5, 3, 7], lags=3).p)


def test_overlapping_windows_of_noise_have_no_trend(rng):
    """Taken as independent, windows of five years show a trend in far more than one in twenty."""
    rolling = np.lib.stride_tricks.sliding_window_view(rng.normal(size=(400, 54)), 5, axis=1)
    means = rolling.mean(axis=-1)
    assert (mann_kendall(means).p < 0.05).mean() > 0.25
    assert (mann_kendall(means, overlap=5).p < 0.05).mean() < 0.07
    assert (mann_kendall(means, lags=4).p < 0.05).mean() < 0.17  # better, but not enough
    wide = sen_slope(means, overlap=5)
    assert ((wide.low > 0) | (wide.high < 0)).mean() < 0.07


def test_windows_side_by_side_are_the_last_and_every_one_before_it():
    x = np.arange(12.0)
    assert mann_kendall(x, overlap=5).n == 3
    assert sen_slope(x, overlap=5).slope == 1
    steps = [0.0] * 6 + [9.0] * 6
    assert breaks(steps, 1.0, overlap=3, min_length=1).first.nonzero()[0].tolist() == [8]


def test_many_tests_are_corrected_for_their_number():
    found = holm([0.01, np.nan, 0.04, 0.03])
    np.testing.assert_allclose(found, [0.03, np.nan, 0.06, 0.06])
    assert holm([]).size == 0


def test_mann_kendall_depends_on_ranks_alone(rng):
    x = rng.normal(size=25)
    np.testing.assert_allclose(mann_kendall(np.exp(x)), mann_kendall(x), rtol=1e-14)
    falling = mann_kendall(-x)
    rising = mann_kendall(x)
    assert falling.s == -rising.s
    assert falling.p == rising.p


def test_a_series_without_trend_rarely_has_one(rng):
    found = mann_kendall(rng.normal(size=(4000, 20)))
    assert (found.p < 0.05).mean() == pytest.approx(0.05, abs=0.012)


def test_overlapping_windows_seem_to_have_trends(rng):
    """What the module warns of: no trend at all, yet most windows moved by one year 'have' one."""
    years = rng.normal(size=(2000, 24))
    windows = np.lib.stride_tricks.sliding_window_view(years, 5, axis=1).mean(axis=-1)
    assert (mann_kendall(windows).p < 0.05).mean() > 0.25
    assert (mann_kendall(windows[:, ::5]).p < 0.05).mean() < 0.07


@pytest.mark.parametrize("ties", [False, True])
def test_sen_slope_equals_scipy(ties, rng):
    for n in (12, 25, 60):
        years = 1960 + np.cumsum(rng.integers(1, 4, size=n))
        x = rng.normal(size=n) + 0.05 * years
        x = np.round(x) if ties else x
        found = sen_slope(x, years)
        slope, intercept, low, high = stats.theilslopes(x, years, 0.95)
        assert found.slope == pytest.approx(slope, rel=1e-12)
        assert found.intercept == pytest.approx(intercept, rel=1e-9)
        assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))


def test_sen_slope_is_not_led_astray():
    x = 3 + 0.5 * np.arange(20.0)
    x[[4, 11, 17]] = [90, -70, 400]
    found = sen_slope(x)
    assert found.slope == pytest.approx(0.5, rel=1e-12)
    assert found.low <= 0.5 <= found.high


def test_sen_intervals_hold_as_often_as_they_say(rng):
    x = rng.normal(size=(3000, 20)) + 0.3 * np.arange(20)
    found = sen_slope(x)
    assert ((found.low <= 0.3) & (found.high >= 0.3)).mean() == pytest.approx(0.95, abs=0.015)


# --- breaks -------------------------------------------------------------------------------------


def cost(x, firsts):
    ends = [0, *firsts, len(x)]
    pieces = [x[a:b] for a, b in pairwise(ends)]
    return sum(((piece - piece.mean()) ** 2).sum() for piece in pieces)


@pytest.mark.parametrize("min_length", [1, 2, 3])
@pytest.mark.parametrize("penalty", [0.05, 0.8, 5])
def test_breaks_are_the_best_of_all_divisions(min_length, penalty, rng):
    for _ in range(15):
        x = rng.normal(size=9) + np.repeat(rng.normal(size=3) * 2, 3)
        every = [
            firsts
            for number in range(9)
            for firsts in combinations(range(1, 9), number)
            if not number or min(np.diff([0, *firsts, 9])) >= min_length
        ]
        best = min(every, key=lambda firsts: cost(x, firsts) + penalty * len(firsts))
        found = breaks(x, penalty, min_length=min_length)
        assert tuple(np.flatnonzero(found.first)) == best


def test_the_nile_fell_in_1899():
    found = breaks(NILE)
    assert (1871 + np.flatnonzero(found.first)).tolist() == [1899]
    assert found.level[[0, -1]] == pytest.approx([1097.75, 849.9722], abs=5e-5)
    trend = mann_kendall(NILE)
    assert trend.p < 1e-4


def test_more_penalty_means_fewer_breaks(rng):
    x = np.cumsum(rng.normal(size=60))
    number = [breaks(x, penalty).first.sum() for penalty in (0.1, 1, 5, 20, 1e6)]
    assert number == sorted(number, reverse=True)
    assert number[-1] == 0


def test_noise_seldom_has_a_break(rng):
    found = breaks(rng.normal(size=(400, 30)))
    assert found.first.any(axis=1).mean() < 0.35
    stepped = rng.normal(size=(400, 30)) + np.repeat([0, 5], 15)
    found = breaks(stepped)
    assert found.first[:, 14:17].any(axis=1).mean() > 0.95


def test_a_series_that_is_all_steps():
    found = breaks([1, 1, 1, 4, 4, 4, 4, 2, 2])
    assert np.flatnonzero(found.first).tolist() == [3, 7]
    assert found.penalty == 0
    assert not breaks([3, 3, 3, 3]).first.any()
    assert not breaks([3, 3, 3, 3], 0).first.any()


def test_breaks_do_not_depend_on_level_and_scale_with_the_unit(rng):
    x = rng.normal(size=40) + np.repeat([0, 4], 20)
    found, moved = breaks(x), breaks(1000 * x + 1e6)
    np.testing.assert_array_equal(found.first, moved.first)
    assert moved.penalty == pytest.approx(1e6 * found.penalty)


# --- gaps, shapes and faults --------------------------------------------------------------------


def test_gaps_are_left_out():
    x = np.array([2, np.nan, 3, 3, np.nan, np.nan, 8, 9, 8, np.nan])
    there = ~np.isnan(x)
    np.testing.assert_allclose(mann_kendall(x), mann_kendall(x[there]))
    years = np.arange(2000.0, 2010)
    np.testing.assert_allclose(sen_slope(x, years), sen_slope(x[there], years[there]))
    found = breaks(x, 2)
    assert np.flatnonzero(found.first).tolist() == [6]
    assert found.level[[0, 5, 9]] == pytest.approx([8 / 3, 8 / 3, 25 / 3])
    assert breaks(x).penalty == breaks(x[there]).penalty


def test_many_at_once_are_as_each_alone(rng):
    x = np.round(rng.normal(size=(2, 3, 15)), 1)
    x[rng.random(x.shape) < 0.2] = np.nan
    x[0, 1] = np.nan
    for function in (mann_kendall, sen_slope, breaks):
        found = function(x)
        for i in range(2):
            for j in range(3):
                alone = function(x[i, j])
                for part, whole in zip(alone, found, strict=True):
                    np.testing.assert_allclose(whole[i, j], part, rtol=1e-12)


@pytest.mark.parametrize("x", [[], [np.nan, np.nan], [3.0], [3.0, np.nan], [2.0, 2.0, 2.0]])
def test_too_little_to_say_anything(x):
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mann_kendall(x)
        assert found.s == 0
        assert np.isnan([found.z, found.p, found.tau]).all()
        slope = sen_slope(x)
        assert np.isnan(slope.slope) or slope.slope == 0
        assert not breaks(x).first.any()


def test_impossible_choices_are_refused():
    for function in (mann_kendall, sen_slope, breaks):
        for x in ([1, np.inf], 3, ["a", "b"]):
            with pytest.raises(ParameterError, match="values must be"):
                function(x)
    for times in ([1, 2], [3, 2, 1], [1, 1, 2]):
        with pytest.raises(ParameterError, match="times must be 3 numbers"):
            sen_slope([1, 2, 3], times)
    with pytest.raises(ParameterError, match="level is 95"):
        sen_slope([1, 2, 3], level=95)
    for penalty in (-1, np.nan, "aic", None):
        with pytest.raises(ParameterError, match="penalty is"):
            breaks([1, 2, 3], penalty)
    with pytest.raises(ParameterError, match="min_length is 0"):
        breaks([1, 2, 3], min_length=0)
