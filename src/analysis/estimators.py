"""Diversity of which the events on record are a sample: what is unseen, estimated.

The events observed with each partner are taken as a random sample of a state's practice. Measures
of the sample as it is (`diversity`) miss rare partners, and the more the smaller the sample. All
these estimators count events: amounts of money or of arms are no sample, and are refused unless
they are whole numbers, in which case only the caller can know better. Entropies are in `entropy`;
how to compare samples of different size is in `rarefaction`.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from ._arrays import checked_weights, quiet
from .errors import ParameterError

#: from one less on, Stirling's series has all digits
_TABLE = 32

VARIANTS = ("chao_jost", "classic", "bias_corrected")
COVERAGES = ("turing", "good", "zhang_huang")


def unbiased_simpson(counts: Any) -> np.ndarray:
    """Concentration, estimated without bias: Simpson's own index.

    The chance that two different events drawn at random are with the same partner.

    λ = Σ n_i (n_i - 1) / (n (n - 1))

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events. The expectation of λ is Σ p², whatever the
        size of the sample; 1 - λ is the unbiased "Simpson diversity" of other packages.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole.

    References
    ----------
    Simpson, E. H. (1949). Measurement of diversity. Nature 163, 688.

    Examples
    --------
    >>> float(unbiased_simpson([6, 2, 2, 1]).round(10))
    0.3090909091
    """
    sample = Sample.of(counts)
    with quiet():
        return sample.spread(sample.sum(sample.x * (sample.x - 1)) / (sample.n * (sample.n - 1)))


def chao1(counts: Any, variant: str = "chao_jost") -> np.ndarray:
    """Count partners including those not yet seen, at the least.

    How many partners a state has if those seen once or twice tell of others never seen.

    S + (n-1)/n f₁²/(2 f₂), or S + (n-1)/n f₁(f₁-1)/2 where f₂ = 0;
    f₁ and f₂ are the numbers of partners seen once and twice

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    variant : str
        `chao_jost`, as above, as in iNEXT; `classic`, without (n-1)/n; `bias_corrected`,
        S + f₁(f₁-1)/(2(f₂+1)), as in vegan and scikit-bio.

    Returns
    -------
    ndarray of shape (...)
        At least the number of partners seen; NaN if empty. A lower bound in expectation.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or the variant unknown.

    References
    ----------
    Chao, A. (1984). Nonparametric estimation of the number of classes in a population.
    Scandinavian Journal of Statistics 11, 265-270.

    Examples
    --------
    >>> [float(chao1([5, 2, 2, 1, 1, 1], v)) for v in ("classic", "bias_corrected")]
    [8.25, 7.0]
    """
    sample = Sample.of(counts)
    return sample.spread(sample.seen + estimate_unseen(sample, variant))


def chao1_interval(
    counts: Any, variant: str = "chao_jost", *, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate the error of `chao1`, with a log-normal interval.

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    variant : str
        As in `chao1`. All variances are by the delta method, as in Chao (1987), iNEXT and vegan;
        scikit-bio has an approximation for the bias-corrected one.
    level : float
        Between 0 and 1.

    Returns
    -------
    (ndarray, ndarray, ndarray) of shape (...)
        Standard error, low and high; low is never below the number seen. Where no partner is
        estimated to be unseen, the error is that of nothing and the interval a point.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, the variant unknown, or the level not between
        0 and 1.

    References
    ----------
    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal
    catchability. Biometrics 43, 783-791.
    """
    if not (isinstance(level, float) and 0 < level < 1):
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    sample = Sample.of(counts)
    unseen = estimate_unseen(sample, variant)
    variance = _chao1_variance(sample, unseen, variant)
    z = NormalDist().inv_cdf((1 + level) / 2)
    with quiet():
        spread = np.exp(z * np.sqrt(np.log1p(variance / unseen**2)))
        low = np.where(unseen > 0, unseen / spread, 0.0)
        high = np.where(unseen > 0, unseen * spread, 0.0)
    values = np.sqrt(variance), sample.seen + low, sample.seen + high
    return tuple(sample.spread(value) for value in values)


def estimate_unseen(sample: "Sample", variant: str) -> np.ndarray:
    """Count partners not yet seen, by `chao1`.

    Parameters
    ----------
    sample : Sample
        Counts, checked and sorted.
    variant : str
        One of `VARIANTS`.
    """
    if variant not in VARIANTS:
        raise ParameterError(f"Unknown variant {variant!r}; it is {', '.join(VARIANTS)}.")
    f1, f2 = sample.f1, sample.f2
    if variant == "bias_corrected":
        return f1 * (f1 - 1) / (2 * (f2 + 1))
    factor = (sample.n - 1) / sample.n if variant == "chao_jost" else 1.0
    return factor * np.where(f2 > 0, f1**2 / (2 * np.maximum(f2, 1)), f1 * (f1 - 1) / 2)


def _chao1_variance(sample: "Sample", unseen: np.ndarray, variant: str) -> np.ndarray:
    """By the delta method; the numbers f_k of partners seen k times covary as a multinomial."""
    f1, f2 = sample.f1, sample.f2
    if variant == "bias_corrected":
        by_f1, by_f2 = (2 * f1 - 1) / (2 * (f2 + 1)), -f1 * (f1 - 1) / (2 * (f2 + 1) ** 2)
    else:
        k = (sample.n - 1) / sample.n if variant == "chao_jost" else 1.0
        ratio = f1 / np.maximum(f2, 1)
        by_f1 = k * np.where(f2 > 0, ratio, f1 - 0.5)
        by_f2 = k * np.where(f2 > 0, -(ratio**2) / 2, 0.0)
    # every f_k adds to the number seen, f1 and f2 also to the number unseen
    squares = sample.seen + f1 * by_f1 * (2 + by_f1) + f2 * by_f2 * (2 + by_f2)
    mean = sample.seen + f1 * by_f1 + f2 * by_f2
    variance = squares - mean**2 / (sample.seen + unseen)
    return np.where(f1 > 0, np.maximum(variance, 0.0), 0.0)


def coverage(counts: Any, estimator: str = "turing") -> np.ndarray:
    """Sample coverage: how complete the sample is.

    The share of all events, of which those on record are a sample, that are with partners seen.

    C = 1 - f₁/n · (n-1)f₁ / ((n-1)f₁ + 2f₂); where f₂ = 0, (n-1)(f₁-1) / ((n-1)(f₁-1) + 2)

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    estimator : str
        `turing`, as above (Chao and Jost, as in iNEXT); `good`, 1 - f₁/n; `zhang_huang`,
        1 - Σ_k (-1)^(k+1) f_k / C(n, k).

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events, which say nothing about it.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or the estimator unknown.

    References
    ----------
    Good, I. J. (1953). The population frequencies of species and the estimation of population
    parameters. Biometrika 40, 237-264.
    Chao, A. & Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples
    by completeness rather than size. Ecology 93(12), 2533-2547.
    Zhang, Z. & Huang, H. (2007). Turing's formula revisited. Journal of Quantitative Linguistics
    14, 222-241.

    Examples
    --------
    >>> float(coverage([5, 2, 2, 1, 1, 1]).round(4))
    0.777
    """
    sample = Sample.of(counts)
    return sample.spread(np.where(sample.n > 1, estimate_coverage(sample, estimator), np.nan))


def estimate_coverage(sample: "Sample", estimator: str) -> np.ndarray:
    """Estimate the `coverage` of each portfolio.

    Parameters
    ----------
    sample : Sample
        Counts, checked and sorted.
    estimator : str
        One of `COVERAGES`.
    """
    if estimator not in COVERAGES:
        raise ParameterError(f"Unknown estimator {estimator!r}; it is {', '.join(COVERAGES)}.")
    if estimator == "good":
        return 1 - sample.f1 / sample.n
    if estimator == "turing":
        return 1 - sample.f1 / sample.n * unseen_ratio(sample)
    # one term a partner: those seen k times are f_k
    sign = np.where(sample.x % 2 == 1, 1.0, -1.0)
    n = sample.each(sample.n)
    with quiet():
        terms = sign * np.exp(log_falling(sample.x, sample.x) - log_falling(n, sample.x))
    return 1 - sample.sum(terms)


def unseen_ratio(sample: "Sample") -> np.ndarray:
    """Chao and Jost's factor: how far one more event would lower the share unseen."""
    f1, f2, n = sample.f1, sample.f2, sample.n
    with quiet():
        usual = (n - 1) * f1 / ((n - 1) * f1 + 2 * f2)
        ratio = np.where(f2 > 0, usual, (n - 1) * (f1 - 1) / ((n - 1) * (f1 - 1) + 2))
    return np.where(f1 > 0, ratio, 1.0)


# --- what `entropy` and `rarefaction` borrow ----------------------------------------------------


def checked_counts(counts: Any) -> np.ndarray:
    """Return counts as floats, or raise an error that names the positions at fault.

    Raises
    ------
    ParameterError
        If one is negative, missing or not a whole number.
    """
    x = checked_weights(counts, "counts")
    if (x != np.floor(x)).any():
        wrong = np.argwhere(x != np.floor(x))[:10]
        at = ", ".join(f"{x[tuple(i)]} at {i.tolist()}" for i in wrong)
        raise ParameterError(
            f"counts must be whole numbers of events; got {at}. Amounts (money, TIV) and "
            "fractional weights are not a sample: count the deals or events with each partner."
        )
    return x


@dataclass(frozen=True)
class Sample:
    """Counts of many portfolios one after another, absent partners and empty portfolios left out.

    Attributes
    ----------
    x : ndarray of shape (n_values,)
        Events with each partner, at least 1.
    starts, n, seen, f1, f2 : ndarray of shape (n_portfolios,)
        Where each begins; its events; its partners; those of them seen once; and twice.
    full : ndarray of bool of shape (...)
        Which portfolios are not empty.
    """

    x: np.ndarray
    starts: np.ndarray
    n: np.ndarray
    seen: np.ndarray
    f1: np.ndarray
    f2: np.ndarray
    full: np.ndarray

    @classmethod
    def of(cls, counts: Any) -> "Sample":
        """Lay out counts of shape (..., n_partners)."""
        counts = checked_counts(counts)
        there = counts > 0
        number = np.count_nonzero(there, axis=-1)
        full = number > 0
        seen = number[full]
        x, starts = counts[there], np.cumsum(seen) - seen
        once, twice = (np.add.reduceat((x == k).astype(float), starts) for k in (1, 2))
        return cls(x, starts, np.add.reduceat(x, starts), seen.astype(float), once, twice, full)

    def sum(self, values: np.ndarray) -> np.ndarray:
        """Add up one value a partner, by portfolio."""
        return np.add.reduceat(values, self.starts)

    def each(self, values: np.ndarray) -> np.ndarray:
        """Repeat one value a portfolio for each of its partners."""
        return np.repeat(values, self.seen.astype(int))

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Put one value a portfolio back, NaN where it is empty."""
        out = np.full(self.full.shape, np.nan)
        out[self.full] = values
        return out[()]


def log_falling(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Logarithm of n (n-1) … (n-k+1), of whole numbers; minus infinity where k > n.

    Not the difference of two logarithms of factorials, which would cost digits for large n.
    """
    n, k = np.broadcast_arrays(n, k)
    rest = n - k
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, _TABLE)))])
    # what of the product is below the table's end, and what is above
    end = _TABLE - 1
    low = factorial[np.clip(n, 0, end).astype(int)] - factorial[np.clip(rest, 0, end).astype(int)]
    a = np.maximum(rest, end)
    above = np.maximum(n, end) - a
    b = a + above
    high = (a + 0.5) * np.log1p(above / a) + above * np.log(b) - above + _series(b) - _series(a)
    return np.where(rest < 0, -np.inf, low + high)


def _series(z: np.ndarray) -> np.ndarray:
    """Stirling's series for ln z! beyond its main terms."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * z**2)) / z**2) / z**2) / z
