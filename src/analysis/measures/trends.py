"""Whether a measure has changed over time: trend, its slope, and breaks.

Values are arrays of shape (..., n_periods), in the order of time; NaN is a period without a value,
which is left out. A value that is infinite or no number, and options that cannot be, raise
ParameterError. The tests take the periods as independent of each other. Windows that overlap are
not: five-year windows moved by one year share four years of data, and any such series seems to have
a trend. `overlap` keeps windows side by side only; `lags` corrects for what persists besides.
"""

from math import erfc
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from ..errors import ParameterError
from ._arrays import as_floats, checked_whole, normal_score, quiet


class Trend(NamedTuple):
    """Result of the Mann–Kendall test, each part of shape (...).

    `s` is the number of pairs of periods with a rise, minus those with a fall; `tau` Kendall's τ-b,
    between -1 and 1; `z` the standard score, with continuity correction; `p` the two-sided chance
    of it without any trend; `n` the number of periods with a value.
    """

    s: np.ndarray
    tau: np.ndarray
    z: np.ndarray
    p: np.ndarray
    n: np.ndarray


class Slope(NamedTuple):
    """Sen's slope with its interval, by unit of time, and the value of the line at time 0."""

    slope: np.ndarray
    low: np.ndarray
    high: np.ndarray
    intercept: np.ndarray


class Breaks(NamedTuple):
    """Result of the search for breaks.

    `first` and `level`, of shape (..., n_periods), say whether a new level begins in this period,
    and the mean from one break to the next; `penalty`, of shape (...), what each break had to gain,
    in squared units of the values.
    """

    first: np.ndarray
    level: np.ndarray
    penalty: np.ndarray


def mann_kendall(values: Any, *, overlap: int = 1, lags: int = 0) -> Trend:
    """Test for a monotone trend, by Mann and Kendall, corrected for ties.

    Whether a portfolio has become more or less diverse, in whatever steps.

    S = Σ_{i<j} sign(x_j - x_i);
    var S = (n(n-1)(2n+5) - Σ t(t-1)(2t+5)) / 18, over groups of t equal values

    Parameters
    ----------
    values : array_like of shape (..., n_periods)
        In the order of time; NaN is left out.
    overlap : int
        Length of the windows, in steps from one to the next: the last is kept, and those before it
        that lie side by side.
    lags : int
        The variance of S is multiplied by what the significant autocorrelations of the ranks, of so
        many lags, add to it (Hamed & Rao 1998, who propose 3); 0: values are independent.

    Returns
    -------
    Trend
        NaN for fewer than two values, or where all are equal (but S, which is then 0), or where
        autocorrelations make the variance negative: there are too few values for so many lags. The
        normal approximation is good from about ten values on.

    References
    ----------
    Mann, H. B. (1945). Nonparametric tests against trend. Econometrica 13, 245-259.
    Kendall, M. G. (1975). Rank Correlation Methods, 4th ed. London: Griffin.
    Hamed, K. H. & Rao, A. R. (1998). A modified Mann-Kendall trend test for autocorrelated data.
    Journal of Hydrology 204(1-4), 182-196.

    Examples
    --------
    >>> found = mann_kendall([1, 2, 2, 3, 5])
    >>> float(found.s), float(found.tau.round(4))
    (9.0, 0.9487)
    """
    x = _side_by_side(values, overlap)
    n = np.count_nonzero(~np.isnan(x), axis=-1)
    earlier, later = np.triu_indices(x.shape[-1], 1)
    with quiet():
        s = np.nan_to_num(np.sign(x[..., later] - x[..., earlier])).sum(axis=-1)
        variance, tied = _variance(x)
        variance = variance * _inflation(x, lags)
        pairs = n * (n - 1.0)
        tau = 2 * s / np.sqrt(pairs * (pairs - tied))
        z = np.where(variance > 0, (s - np.sign(s)) / np.sqrt(variance), np.nan)
        p = np.vectorize(erfc, otypes=[float])(np.abs(z) / np.sqrt(2))
    return Trend(*(np.asarray(part)[()] for part in (s, tau, z, p, n)))


def holm(p_values: Any) -> np.ndarray:
    """Correct the p-values of several tests for their number, by Holm.

    Of many comparisons some are rare by chance; what is still small after this is not.

    Parameters
    ----------
    p_values : array_like of shape (n_tests,)
        NaN is a test that was not done, and does not count.

    References
    ----------
    Holm, S. (1979). A simple sequentially rejective multiple test procedure. Scandinavian Journal
    of Statistics 6(2), 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03]).round(6).tolist()
    [0.03, 0.06, 0.06]
    """
    p = _series(p_values)
    order = np.argsort(p, kind="stable")
    number = int(np.count_nonzero(~np.isnan(p)))
    steps = np.maximum(number - np.arange(p.size), 1) * p[order]
    out = np.full(p.shape, np.nan)
    out[order[:number]] = np.minimum(np.maximum.accumulate(steps[:number]), 1.0)
    return out


def sen_slope(
    values: Any, times: Any = None, *, level: float = 0.95, overlap: int = 1, lags: int = 0
) -> Slope:
    """Estimate the slope of a trend, by Sen: the median of the slopes between any two periods.

    By how much diversity has risen or fallen a year, not led astray by single years.

    Parameters
    ----------
    values : array_like of shape (..., n_periods)
        As for `mann_kendall`.
    times : array_like of shape (n_periods,), optional
        Years or other times, rising; by default 0, 1, 2, ….
    level : float
        Of the interval, between 0 and 1.
    overlap, lags : int
        As for `mann_kendall`.

    Returns
    -------
    Slope
        NaN for fewer than two values; the interval, from the variance of Mann and Kendall's S, is
        NaN where there are too few for its level. The line goes through the medians.

    References
    ----------
    Sen, P. K. (1968). Estimates of the regression coefficient based on Kendall's tau. Journal of
    the American Statistical Association 63, 1379-1389.

    Examples
    --------
    >>> float(sen_slope([1, 2, 2, 9], [2000, 2001, 2002, 2003]).slope.round(6))
    1.833333
    """
    score = normal_score(level)
    x = _side_by_side(values, overlap)
    t = np.arange(x.shape[-1], dtype=float) if times is None else _series(times)
    if t.shape != x.shape[-1:] or not (np.diff(t) > 0).all():
        raise ParameterError(f"times must be {x.shape[-1]} numbers, each above the one before.")
    earlier, later = np.triu_indices(t.size, 1)
    slopes = np.sort((x[..., later] - x[..., earlier]) / (t[later] - t[earlier]), axis=-1)
    number = np.count_nonzero(~np.isnan(slopes), axis=-1)
    with quiet():
        reach = score * np.sqrt(_variance(x)[0] * _inflation(x, lags))
    low = _at(slopes, np.round((number - reach) / 2) - 1, number)
    high = _at(slopes, np.round((number + reach) / 2), number)
    slope = _median(slopes)
    intercept = _median(x) - slope * _median(np.where(np.isnan(x), np.nan, t))
    return Slope(slope, low, high, intercept)


def breaks(
    values: Any, penalty: float | str = "bic", *, min_length: int = 2, overlap: int = 1
) -> Breaks:
    """Find the periods in which a measure moved to another level.

    When a portfolio became more or less diverse for good: the levels that fit best, each break
    having to gain more than the penalty.

    Least Σ (x_t - mean of its segment)² + penalty · number of breaks, over all divisions

    Parameters
    ----------
    values : array_like of shape (..., n_periods)
        In the order of time; NaN is left out.
    penalty : float or str
        In squared units of the values; or `bic`, 2 σ² ln n, with σ estimated from the differences
        of neighbouring values by their median absolute deviation.
    min_length : int
        Fewest values in a segment.
    overlap : int
        As of `mann_kendall`: overlapping windows smear a break over their length.

    Returns
    -------
    Breaks
        Exact, by dynamic programming (PELT finds the same); of two divisions as good, that with the
        longer last segment. State the penalty used with the result.

    References
    ----------
    Jackson, B. et al. (2005). An algorithm for optimal partitioning of data on an interval. IEEE
    Signal Processing Letters 12(2), 105-108.
    Killick, R., Fearnhead, P. & Eckley, I. A. (2012). Optimal detection of changepoints with a
    linear computational cost. Journal of the American Statistical Association 107, 1590-1598.

    Examples
    --------
    >>> found = breaks([2, 3, 2, 3, 8, 9, 8, 9], penalty=3)
    >>> found.first.nonzero()[0].tolist(), found.level.tolist()
    ([4], [2.5, 2.5, 2.5, 2.5, 8.5, 8.5, 8.5, 8.5])
    """
    checked_whole(min_length, "min_length", least=1)
    x = _side_by_side(values, overlap)
    rows = x.reshape(int(np.prod(x.shape[:-1])), x.shape[-1])
    each = _penalties(rows, penalty)
    first = _backwards(_forwards(rows, each, min_length))
    level = _levels(rows, first)
    return Breaks(first.reshape(x.shape), level.reshape(x.shape), each.reshape(x.shape[:-1])[()])


def _series(values: Any) -> np.ndarray:
    x = as_floats(values, "values")
    if x.ndim == 0 or np.isinf(x).any():
        raise ParameterError("values must be finite or NaN, with an axis of periods.")
    return x


def _side_by_side(values: Any, overlap: int) -> np.ndarray:
    """Leave out all windows but the last, and those before it that share nothing with another."""
    checked_whole(overlap, "overlap", least=1)
    x = _series(values)
    from_last = np.arange(x.shape[-1])[::-1]
    return np.where(from_last % overlap == 0, x, np.nan)


def _inflation(x: np.ndarray, lags: int) -> np.ndarray:
    """How many times as large the variance of S is, by the autocorrelation of ranks."""
    checked_whole(lags, "lags", least=0)
    return np.apply_along_axis(_inflation_of, -1, x, lags) if lags else np.ones(x.shape[:-1])


def _inflation_of(row: np.ndarray, lags: int) -> float:
    y = row[~np.isnan(row)]
    n = y.size
    if n < 3:
        return 1.0
    left = y - np.arange(1, n + 1) * sen_slope(y).slope
    ranks = (left[:, None] > left).sum(axis=1) + (left[:, None] == left).sum(axis=1) / 2
    ranks = ranks - ranks.mean()
    if not (squares := ranks @ ranks):
        return 1.0
    k = np.arange(1, min(lags, n - 1) + 1)
    alike = np.array([ranks[lag:] @ ranks[: n - lag] for lag in k]) / squares
    alike[np.abs(alike) <= NormalDist().inv_cdf(0.975) / np.sqrt(n)] = 0.0
    factor = 1 + 2 * ((n - k) * (n - k - 1) * (n - k - 2) * alike).sum() / (n * (n - 1) * (n - 2))
    return factor if factor > 0 else np.nan


def _variance(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Variance of Mann and Kendall's S, and Σ t(t-1) over groups of t equal values."""
    n = np.count_nonzero(~np.isnan(x), axis=-1)
    # of each value, how many are equal to it: a group of t adds t times what each member adds
    same = (x[..., :, None] == x[..., None, :]).sum(axis=-1)
    others = np.maximum(same - 1.0, 0.0)
    tied = (others * (2 * same + 5)).sum(axis=-1)
    return (n * (n - 1.0) * (2 * n + 5) - tied) / 18, others.sum(axis=-1)


def _at(ordered: np.ndarray, place: np.ndarray, number: np.ndarray) -> np.ndarray:
    """Pick the value at a place of each row, NaN beyond its numbers."""
    inside = (place >= 0) & (place < number)
    index = np.where(inside, place, 0).astype(int)[..., None]
    if ordered.shape[-1] == 0:
        return np.full(ordered.shape[:-1], np.nan)[()]
    return np.where(inside, np.take_along_axis(ordered, index, axis=-1)[..., 0], np.nan)[()]


def _median(x: np.ndarray) -> np.ndarray:
    ordered = np.sort(x, axis=-1)
    number = np.count_nonzero(~np.isnan(x), axis=-1)
    low, high = (_at(ordered, place, number) for place in ((number - 1) // 2, number // 2))
    return (low + high) / 2


def _penalties(rows: np.ndarray, penalty: float | str) -> np.ndarray:
    if isinstance(penalty, str):
        if penalty != "bic":
            raise ParameterError(f"penalty is {penalty!r}; it is a number or 'bic'.")
        return _bic(rows)
    if not (isinstance(penalty, int | float | np.number) and 0 <= penalty < np.inf):
        raise ParameterError(f"penalty is {penalty!r}; it must be a number of at least 0.")
    return np.full(len(rows), float(penalty))


def _bic(rows: np.ndarray) -> np.ndarray:
    n = np.count_nonzero(~np.isnan(rows), axis=1)
    # values to the front, so that neighbours are neighbours across a gap
    front = np.take_along_axis(rows, np.argsort(np.isnan(rows), axis=1, kind="stable"), axis=1)
    steps = np.diff(front, axis=1)
    deviation = _median(np.abs(steps - np.expand_dims(_median(steps), -1)))
    sigma = deviation / NormalDist().inv_cdf(0.75) / np.sqrt(2)
    return np.nan_to_num(2 * sigma**2 * np.log(np.maximum(n, 1)))


def _forwards(rows: np.ndarray, penalty: np.ndarray, min_length: int) -> np.ndarray:
    """Where the last segment begins in the best division of the first t periods, for every t."""
    known = ~np.isnan(rows)
    x = np.where(known, rows, 0.0)
    # around zero, so that sums of squares keep their digits
    x -= known * (x.sum(axis=1) / np.maximum(known.sum(axis=1), 1))[:, None]
    count, total, squares = (
        np.concatenate([np.zeros((len(x), 1)), np.cumsum(part, axis=1)], axis=1)
        for part in (known.astype(float), x, x**2)
    )
    begins = np.zeros((len(x), x.shape[1] + 1), dtype=int)
    best = np.full(begins.shape, np.inf)
    best[:, 0] = -penalty
    # a tie within rounding is a tie
    slack = 1e-12 * squares[:, -1]
    for t in range(1, x.shape[1] + 1):
        n = count[:, t, None] - count[:, :t]
        mean = (total[:, t, None] - total[:, :t]) / np.maximum(n, 1)
        cost = best[:, :t] + squares[:, t, None] - squares[:, :t] - n * mean**2 + penalty[:, None]
        allowed = (n >= min_length) & known[:, :t]
        # the first segment may begin with a gap, and may be all there is, however few
        allowed[:, 0] = (n[:, 0] >= min_length) | (t == x.shape[1])
        cost = np.where(allowed, cost, np.inf)
        least = cost.min(axis=1)
        begins[:, t] = np.argmax(cost <= (least + slack)[:, None], axis=1)
        best[:, t] = least
    return begins


def _backwards(begins: np.ndarray) -> np.ndarray:
    first = np.zeros((len(begins), begins.shape[1] - 1), dtype=bool)
    end = np.full(len(begins), begins.shape[1] - 1)
    while (end > 0).any():
        end = begins[np.arange(len(begins)), end]
        first[np.flatnonzero(end), end[end > 0]] = True
    return first


def _levels(rows: np.ndarray, first: np.ndarray) -> np.ndarray:
    n = rows.shape[1]
    segment = np.cumsum(first, axis=1) + np.arange(len(rows))[:, None] * n
    known = ~np.isnan(rows)
    size = len(rows) * n
    total = np.bincount(segment[known], rows[known], size)
    with quiet():
        return (total / np.bincount(segment[known], None, size))[segment]
