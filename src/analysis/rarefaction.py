"""Samples of different size compared: Hill numbers of order 0, 1 and 2 at equal size or coverage.

A state with 1,900 recorded exercises shows more partners than one with 60 for that reason alone.
Here the larger sample is brought down (rarefied) or the smaller one up (extrapolated) to the same
number of events or, better, to the same coverage: the same share of what there is to see. Arguments
and errors are as in `estimators`. Extrapolation to more than twice the events on record means
little.
"""

from typing import Any

import numpy as np

from ._arrays import as_floats, quiet
from .entropy import full_entropy, observed_entropy
from .errors import ParameterError
from .estimators import (
    Sample,
    estimate_coverage,
    estimate_unseen,
    log_falling,
    unseen_ratio,
)


def asymptotic(counts: Any, order: int) -> np.ndarray:
    """Hill number of order 0, 1 or 2 including partners not yet seen.

    The effective number of partners if one went on recording for ever.

    Order 0: `chao1`; 1: exp of `chao_wang_jost`; 2: 1 / `unbiased_simpson`

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray of shape (...)
        At least 1; of order 2 infinite if no partner was seen twice; NaN for fewer than two events.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or the order another.

    References
    ----------
    Chao, A. et al. (2014). Rarefaction and extrapolation with Hill numbers: a framework for
    sampling and estimation in species diversity studies. Ecological Monographs 84(1), 45-67.

    Examples
    --------
    >>> float(asymptotic([6, 2, 2, 1], 2).round(6))
    3.235294
    """
    _check_order(order)
    sample = Sample.of(counts)
    return sample.spread(_asymptote(sample, order))


def at_size(counts: Any, size: Any, order: int) -> np.ndarray:
    """Hill number expected in a sample of a given number of events.

    How many effective partners the record would show if it held so many events.

    Fewer events than observed: the Hill number of the expected numbers of partners seen k times
    (order 0: Σ 1 - C(n-n_i, m) / C(n, m)). More: D(n) + (D(∞) - D(n)) (1 - (1-β)^(m-n)), with β
    such that the curve is smooth at n. Order 2: 1 / (1/m + (m-1)/m λ), λ the unbiased Simpson index

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    size : array_like of shape (...)
        Number of events m, at least 1, for all portfolios or each; between two whole numbers the
        value is interpolated.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN if empty, or for more events than one where there is only one.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, a size below 1, or the order another.

    Notes
    -----
    Orders 0 and 2 are as in Chao et al. (2014). Beyond the sample, order 1 is as in iNEXT 3, by the
    same law as order 0; the paper instead mixes the entropies seen and estimated by n/m, which does
    not continue the rarefied curve smoothly.

    References
    ----------
    Chao, A. et al. (2014). Rarefaction and extrapolation with Hill numbers: a framework for
    sampling and estimation in species diversity studies. Ecological Monographs 84(1), 45-67.
    Hurlbert, S. H. (1971). The nonconcept of species diversity. Ecology 52, 577-586.

    Examples
    --------
    >>> float(at_size([6, 2, 2, 1], 5, 0).round(6))
    2.906926
    """
    _check_order(order)
    sample = Sample.of(counts)
    sizes = _sizes(sample, size, "size", least=1.0)
    return sample.spread(_at(sample, sizes, order))


def at_coverage(counts: Any, coverage: Any, order: int) -> np.ndarray:
    """Hill number expected in a sample of a given coverage.

    How many effective partners the record would show if it were complete to that degree: the fair
    way to compare states of which more or less is recorded.

    The size of a sample of that coverage is found first (`size_of`); then as `at_size`

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    coverage : array_like of shape (...)
        Share of all events that are with partners seen, above 0; 1 gives `asymptotic`.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN for fewer than two events.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, a coverage not within (0, 1], or the order
        another.

    References
    ----------
    Chao, A. & Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples
    by completeness rather than size. Ecology 93(12), 2533-2547.

    Examples
    --------
    >>> float(at_coverage([6, 2, 2, 1], 0.8, 0).round(4))
    3.4182
    """
    _check_order(order)
    sample = Sample.of(counts)
    sizes = _size_of(sample, _sizes(sample, coverage, "coverage", least=0.0, most=1.0))
    return sample.spread(np.where(sample.n > 1, _at(sample, sizes, order), np.nan))


def size_of(counts: Any, coverage: Any) -> np.ndarray:
    """Find how many events are expected to give a sample of that coverage.

    How long one would have to record until the record is complete to that degree.

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    coverage : array_like of shape (...)
        Above 0 and up to 1.

    Returns
    -------
    ndarray of shape (...)
        At least 1; infinite for a coverage of 1 if there are partners unseen; NaN for fewer than
        two events.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or a coverage not within (0, 1].

    Examples
    --------
    >>> float(size_of([6, 2, 2, 1], 0.8).round(4))
    7.0
    """
    sample = Sample.of(counts)
    sizes = _size_of(sample, _sizes(sample, coverage, "coverage", least=0.0, most=1.0))
    return sample.spread(np.where(sample.n > 1, sizes, np.nan))


def coverage_at(counts: Any, size: Any) -> np.ndarray:
    """Coverage expected of a sample of a given number of events.

    How complete the record would be if it held so many events.

    m < n: 1 - Σ n_i/n C(n-n_i, m) / C(n-1, m); m >= n: 1 - f₁/n A^(m-n+1), A as in
    `estimators.coverage`

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    size : array_like of shape (...)
        Number of events m, at least 1, for all portfolios or each.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or a size below 1.

    References
    ----------
    Chao, A. & Jost, L. (2012), as for `at_coverage`.

    Examples
    --------
    >>> float(coverage_at([6, 2, 2, 1], 5).round(6))
    0.725108
    """
    sample = Sample.of(counts)
    sizes = _sizes(sample, size, "size", least=1.0)
    return sample.spread(np.where(sample.n > 1, _coverage(sample, sizes), np.nan))


def _check_order(order: object) -> None:
    if isinstance(order, bool) or not isinstance(order, int | float | np.number):
        raise ParameterError(f"order is {order!r}; estimators for samples are of order 0, 1 or 2.")
    if order not in (0, 1, 2):
        raise ParameterError(f"order is {order}; estimators for samples are of order 0, 1 or 2.")


def _sizes(
    sample: Sample, given: Any, name: str, *, least: float, most: float = np.inf
) -> np.ndarray:
    """One size or coverage for each portfolio that is not empty."""
    try:
        values = np.broadcast_to(as_floats(given, name), sample.full.shape)
    except (ParameterError, ValueError):
        raise ParameterError(f"{name} must be a number, or one for each portfolio.") from None
    if not ((values >= least) & (values <= most) & (values > 0)).all():
        least_text = f"at least {least:g}" if least else "above 0"
        limit = f" and at most {most:g}" if np.isfinite(most) else ""
        raise ParameterError(f"{name} must be {least_text}{limit}; got {given!r}.")
    return values[sample.full]


def _asymptote(sample: Sample, order: int) -> np.ndarray:
    if order == 0:
        value = sample.seen + estimate_unseen(sample, "chao_jost")
    elif order == 1:
        value = np.exp(full_entropy(sample))
    else:
        with quiet():
            value = sample.n * (sample.n - 1) / sample.sum(sample.x * (sample.x - 1))
    return np.where(sample.n > 1, value, np.nan)


def _at(sample: Sample, sizes: np.ndarray, order: int) -> np.ndarray:
    n = sample.n
    if order == 2:
        with quiet():
            pairs = np.where(n > 1, sample.sum(sample.x * (sample.x - 1)) / (n * (n - 1)), np.nan)
            value = 1 / (1 / sizes + (1 - 1 / sizes) * pairs)
        return np.where(sizes == 1, 1.0, value)
    inside = np.minimum(sizes, n)
    below = np.floor(inside)
    part = inside - below
    low, high = (_rarefied(sample, m, order) for m in (below, np.minimum(below + 1, n)))
    value = (1 - part) * low + part * high
    beyond = sizes > n
    return np.where(beyond, _extrapolated(sample, sizes, order), value) if beyond.any() else value


def _rarefied(sample: Sample, m: np.ndarray, order: int) -> np.ndarray:
    """Of whole numbers of events, none above those observed."""
    x, n, size = sample.x, sample.each(sample.n), sample.each(m)
    with quiet():
        if order == 0:
            return sample.sum(1 - np.exp(_log_absent(x, n, size)))
        # partners with the same count are expected alike
        kinds, where = np.unique(np.stack([x, n, size]), axis=1, return_inverse=True)
        return np.exp(np.maximum(sample.sum(_expected_terms(*kinds)[where.reshape(-1)]), 0.0))


def _log_absent(x: np.ndarray, n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Logarithm of C(n-x, m) / C(n, m): the chance that none of x events is among m of n."""
    return log_falling(n - m, x) - log_falling(n, x)


def _expected_terms(x: np.ndarray, n: np.ndarray, m: np.ndarray) -> np.ndarray:
    """Find what -k/m ln k/m is expected to be, where k of x events are among m of n."""
    total = np.zeros_like(x)
    every = log_falling(n, x)
    # k further from its mean has no chance that a float would show
    mean = x * m / n
    reach = 10 * np.sqrt(mean * (1 - m / n)) + 40
    first = np.maximum.reduce([np.ones_like(x), m - (n - x), np.floor(mean - reach)])
    last = np.minimum.reduce([x, m, np.ceil(mean + reach)])
    for step in range(int((last - first).max(initial=-1)) + 1):
        k = first + step
        # C(x, k) ways to have k of them among the m, and the others not
        ways = log_falling(x, k) - log_falling(k, k)
        chance = np.exp(ways + log_falling(m, k) + log_falling(n - m, x - k) - every)
        total -= np.where(k <= last, chance, 0.0) * (k / m) * np.log(k / m)
    return total


def _extrapolated(sample: Sample, sizes: np.ndarray, order: int) -> np.ndarray:
    seen = sample.seen if order == 0 else np.exp(observed_entropy(sample))
    final = _asymptote(sample, order)
    before = _rarefied(sample, np.maximum(sample.n - 1, 1), order)
    with quiet():
        beta = np.where(final > seen, (seen - before) / (final - before), 0.0)
        reached = -np.expm1((sizes - sample.n) * np.log1p(-beta))
        return seen + (final - seen) * np.where(final > seen, reached, 0.0)


def _coverage(sample: Sample, sizes: np.ndarray) -> np.ndarray:
    inside = np.minimum(sizes, sample.n)
    below = np.floor(inside)
    part = inside - below
    low, high = (_rarefied_coverage(sample, m) for m in (below, np.minimum(below + 1, sample.n)))
    with quiet():
        rest = sample.f1 / sample.n * unseen_ratio(sample) ** (sizes - sample.n + 1)
    return np.where(sizes > sample.n, 1 - rest, (1 - part) * low + part * high)


def _rarefied_coverage(sample: Sample, m: np.ndarray) -> np.ndarray:
    """Of whole numbers of events, none above those observed."""
    x, n, size = sample.x, sample.each(sample.n), sample.each(m)
    with quiet():
        # C(n-x, m) / C(n-1, m) of the other n-1 events
        absent = _log_absent(x, n, size) + np.log(n / (n - size))
        covered = 1 - sample.sum(x / n * np.exp(absent))
    return np.where(m < sample.n, covered, estimate_coverage(sample, "turing"))


def _size_of(sample: Sample, coverage: np.ndarray) -> np.ndarray:
    # the least whole number of events that reaches it
    low, high = np.zeros_like(sample.n), sample.n
    while (high - low > 1).any():
        middle = np.floor((low + high) / 2)
        reached = _rarefied_coverage(sample, middle) >= coverage
        low, high = np.where(reached, low, middle), np.where(reached, middle, high)
    below, above = (_rarefied_coverage(sample, np.maximum(m, 1)) for m in (low, high))
    with quiet():
        inside = np.where(low >= 1, low + (coverage - below) / (above - below), 1.0)
        further = np.log((1 - coverage) * sample.n / sample.f1) / np.log(unseen_ratio(sample)) - 1
    return np.where(above >= coverage, inside, sample.n + further)
