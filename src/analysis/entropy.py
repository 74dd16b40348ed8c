"""Shannon entropy of what the events on record are a sample of, by the estimators in use.

The entropy observed is too low, and the more so the smaller the sample and the more partners there
are. Arguments and errors are as in `estimators`; all values are in nats, and `exp` of one is an
effective number of partners.
"""

from typing import Any

import numpy as np

from ._arrays import quiet
from .estimators import Sample, estimate_coverage, unseen_ratio

#: terms of the asymptotic series of the digamma function, by rising power of 1/k²
_SERIES = (1 / 12, -1 / 120, 1 / 252, -1 / 240)
#: from here on the series has all digits
_TABLE = 32
#: where `_unseen_entropy` takes its integrand
_NODES = np.arange(-70.0, 40.0, 0.2)
#: portfolios it works on at a time
_ROWS = 4096


def miller_madow(counts: Any) -> np.ndarray:
    """Entropy with the first-order correction for the size of the sample.

    The entropy observed, raised by what a sample of this size misses if it has seen all partners.

    H + (S - 1) / (2n)

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.

    Returns
    -------
    ndarray of shape (...)
        In nats, at least 0; NaN if empty.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole.

    References
    ----------
    Miller, G. A. (1955). Note on the bias of information estimates. In Quastler (ed.), Information
    Theory in Psychology, 95-100.

    Examples
    --------
    >>> float(miller_madow([4, 2, 3, 2, 4, 2, 1, 1]).round(6))
    2.152593
    """
    sample = Sample.of(counts)
    return sample.spread(observed_entropy(sample) + (sample.seen - 1) / (2 * sample.n))


def chao_shen(counts: Any, coverage: str = "good") -> np.ndarray:
    """Entropy including partners not yet seen, by coverage and Horvitz and Thompson's weights.

    Shares are lowered to what the sample covers, and each partner is weighed by how likely it was
    to be seen at all.

    -Σ C p_i ln(C p_i) / (1 - (1 - C p_i)^n)

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.
    coverage : str
        Estimator of C: `good`, as in the paper and R's entropy, where a sample of nothing but
        partners seen once is taken to have one less; `turing`; `zhang_huang`, as in entropart.

    Returns
    -------
    ndarray of shape (...)
        In nats, at least 0; NaN for fewer than two events.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole, or the estimator of coverage unknown.

    References
    ----------
    Chao, A. & Shen, T.-J. (2003). Nonparametric estimation of Shannon's index of diversity when
    there are unseen species in sample. Environmental and Ecological Statistics 10, 429-443.

    Examples
    --------
    >>> float(chao_shen([4, 2, 3, 2, 4, 2, 1, 1]).round(6))
    2.201137
    """
    sample = Sample.of(counts)
    covered = estimate_coverage(sample, coverage)
    # a sample without any repetition would cover nothing
    covered = np.where(covered > 0, covered, 1 / sample.n)
    with quiet():
        p = sample.each(covered) * sample.x / sample.each(sample.n)
        # for tiny p, 1 - (1-p)^n keeps its digits this way; p = 1 gives 0
        seen = -np.expm1(sample.each(sample.n) * np.log1p(-p))
        entropy = sample.sum(-p * np.log(p) / seen)
    return sample.spread(np.where(sample.n > 1, np.maximum(entropy, 0.0), np.nan))


def grassberger(counts: Any) -> np.ndarray:
    """Entropy with Grassberger's correction of 1988.

    The entropy observed, each logarithm of a count replaced by one of nearly the right expectation.

    Σ n_i/n (ln n - ψ(n_i) - (-1)^n_i / (n_i + 1))

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.

    Returns
    -------
    ndarray of shape (...)
        In nats; NaN if empty.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole.

    References
    ----------
    Grassberger, P. (1988). Finite sample corrections to entropy and dimension estimates. Physics
    Letters A 128, 369-373.

    Examples
    --------
    >>> float(grassberger([4, 2, 3, 2, 4, 2, 1, 1]).round(4))
    2.0997
    """
    sample = Sample.of(counts)
    x = sample.x
    sign = np.where(x % 2 == 0, 1.0, -1.0)
    total = sample.sum(x * (digamma(x) + sign / (x + 1)))
    return sample.spread(np.log(sample.n) - total / sample.n)


def chao_wang_jost(counts: Any) -> np.ndarray:
    """Entropy including partners not yet seen, from the accumulation of partners.

    What the entropy would be if one went on recording for ever; the least biased of those here.

    Σ n_i/n (ψ(n) - ψ(n_i)) + f₁/n (1-A)^(1-n) (-ln A - Σ_{r<n} (1-A)^r / r),
    A = 2f₂/((n-1)f₁ + 2f₂), or 2/((n-1)(f₁-1) + 2) where f₂ = 0

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        Events with each partner, whole numbers.

    Returns
    -------
    ndarray of shape (...)
        In nats, at least 0; NaN if empty.

    Raises
    ------
    ParameterError
        If a count is negative, missing or not whole.

    References
    ----------
    Chao, A., Wang, Y. T. & Jost, L. (2013). Entropy and the species accumulation curve: a novel
    entropy estimator via discovery rates of new species. Methods in Ecology and Evolution 4,
    1091-1100.

    Examples
    --------
    >>> float(chao_wang_jost([4, 2, 3, 2, 4, 2, 1, 1]).round(4))
    2.1971
    """
    sample = Sample.of(counts)
    return sample.spread(full_entropy(sample))


# --- what `rarefaction` borrows -----------------------------------------------------------------


def observed_entropy(sample: Sample) -> np.ndarray:
    """Shannon entropy of the sample as it is."""
    p = sample.x / sample.each(sample.n)
    return np.maximum(sample.sum(-p * np.log(p)), 0.0)


def full_entropy(sample: Sample) -> np.ndarray:
    """`chao_wang_jost` of each portfolio."""
    n, x = sample.n, sample.x
    seen = sample.sum(x * (digamma(sample.each(n)) - digamma(x))) / n
    return np.maximum(seen, 0.0) + sample.f1 / n * _unseen_entropy(n, 1 - unseen_ratio(sample))


def _unseen_entropy(n: np.ndarray, a: np.ndarray) -> np.ndarray:
    """(1-A)^(1-n) (-ln A - Σ_{r<n} (1-A)^r / r), without the cancellation.

    It is ∫ z (1-s)^(n-1) / (A + z s) ds over 0 < s < 1, with z = 1-A. In y = ln(s / (1-s)) the
    integrand is analytic around the whole real line and falls off on both sides, so that the
    trapezoidal rule has all digits.
    """
    out = np.empty(n.shape)
    s = 1 / (1 + np.exp(-_NODES))
    log_rest = -np.logaddexp(0.0, _NODES)
    for first in range(0, n.size, _ROWS):
        part = slice(first, first + _ROWS)
        z = (1 - a[part])[:, None]
        with quiet():
            terms = np.exp(n[part, None] * log_rest) * (z * s / (a[part, None] + z * s))
        out[part] = terms.sum(axis=1) * (_NODES[1] - _NODES[0])
    return out


def digamma(k: np.ndarray) -> np.ndarray:
    """Digamma function of whole numbers from 1."""
    small = np.concatenate([[np.nan, 0.0], np.cumsum(1 / np.arange(1.0, _TABLE))]) - np.euler_gamma
    z = np.maximum(k, _TABLE)
    series = np.log(z) - 0.5 / z
    for power, term in enumerate(_SERIES, 1):
        series = series - term / z ** (2 * power)
    return np.where(k < _TABLE, small[np.minimum(k, _TABLE).astype(int)], series)
