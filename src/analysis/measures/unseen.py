"""What a record of events has missed, estimated: partners unseen, and coverage.

The events on record are taken as a random sample of a state's practice. Measures of the sample as
it is (`diversity`) miss rare partners, and the more the smaller the sample. Everything here counts
events: amounts of money or of arms are no sample, and are refused unless they are whole numbers, in
which case only the caller can know better.

`counts`, of shape (..., n_partners), are the numbers n_i of events with each partner. Where each
event has one partner, there are as many events n as their sum. But an exercise of forty navies is
one event, not forty: counts are then in how many events each partner was, and `n_events` says how
many there are. f₁ and f₂ are the numbers of partners seen in exactly one and two events. A count
that is negative, missing, not whole or above `n_events` raises ParameterError. How to compare
records of different size is in `rarefaction`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import as_floats, checked_weights, normal_score, positions, quiet

VARIANTS = ("chao_jost", "classic", "bias_corrected")


def unbiased_simpson(counts: Any) -> np.ndarray:
    """Concentration, estimated without bias: Simpson's own index.

    The chance that two different events drawn at random are with the same partner.

    λ = Σ n_i (n_i - 1) / (n (n - 1))

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events. The expectation of λ is Σ p², whatever the
        size of the sample; 1 - λ is the unbiased "Simpson diversity" of other packages.

    References
    ----------
    Simpson, E. H. (1949). Measurement of diversity. Nature 163, 688.

    Examples
    --------
    >>> float(unbiased_simpson([6, 2, 2, 1]).round(10))
    0.3090909091
    """
    record = Record.of(counts)
    x, n = record.x, record.n
    with quiet():
        return ((x * (x - 1)).sum(axis=-1) / (n * (n - 1)))[()]


def chao1(counts: Any, variant: str = "chao_jost", *, n_events: Any = None) -> np.ndarray:
    """Count partners including those not yet seen, at the least: Chao1, and Chao2.

    How many partners a state has, if those seen once or twice are a sign of others never seen.

    S + (n-1)/n f₁²/(2 f₂), or S + (n-1)/n f₁(f₁-1)/2 where f₂ = 0

    Parameters
    ----------
    counts : array_like of shape (..., n_partners)
        In how many events each partner was, whole numbers.
    variant : str
        `chao_jost`, as above, as in iNEXT; `classic`, without (n-1)/n; `bias_corrected`,
        S + f₁(f₁-1)/(2(f₂+1)), as in vegan and scikit-bio.
    n_events : int or array_like of shape (...), optional
        How many events there are, which is Chao2; default: each event has one partner.

    Returns
    -------
    ndarray of shape (...)
        At least the number of partners seen; NaN if empty. A lower bound in expectation.

    References
    ----------
    Chao, A. (1984). Nonparametric estimation of the number of classes in a population.
    Scandinavian Journal of Statistics 11, 265-270.
    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal
    catchability. Biometrics 43, 783-791.

    Examples
    --------
    >>> [float(chao1([5, 2, 2, 1, 1, 1], v)) for v in ("classic", "bias_corrected")]
    [8.25, 7.0]
    >>> float(chao1([4, 2, 1, 1], n_events=5))
    5.6
    """
    if variant not in VARIANTS:
        raise ParameterError(f"Unknown variant {variant!r}; it is {', '.join(VARIANTS)}.")
    record = Record.of(counts, n_events)
    f1, f2 = record.seen_in(1), record.seen_in(2)
    if variant == "bias_corrected":
        missed = f1 * (f1 - 1) / (2 * (f2 + 1))
    else:
        missed = _missed(f1, f2) * (record.factor if variant == "chao_jost" else 1.0)
    return np.where(record.n > 0, record.seen + missed, np.nan)[()]


def chao1_interval(
    counts: Any, *, level: float = 0.95, n_events: Any = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate the error of `chao1`, with a log-normal interval.

    Parameters
    ----------
    counts
        As for `chao1`.
    level : float
        Between 0 and 1.
    n_events
        As for `chao1`.

    Returns
    -------
    (ndarray, ndarray, ndarray) of shape (...)
        Standard error by the delta method, as in iNEXT; low and high, low never below the number
        seen. Where no partner is estimated to be unseen, the error is that of nothing and the
        interval a point.

    References
    ----------
    Chao (1987), as for `chao1`.

    Examples
    --------
    >>> [float(x.round(3)) for x in chao1_interval([5, 2, 2, 1, 1, 1])]
    [3.14, 6.241, 23.645]
    """
    z = normal_score(level)
    record = Record.of(counts, n_events)
    f1, f2, k = record.seen_in(1), record.seen_in(2), record.factor
    unseen = _missed(f1, f2) * k
    # the numbers f_k of partners seen k times covary as a multinomial; every one adds to the number
    # seen, f1 and f2 also to the number unseen
    ratio = f1 / np.maximum(f2, 1)
    by_f1 = k * np.where(f2 > 0, ratio, f1 - 0.5)
    by_f2 = k * np.where(f2 > 0, -(ratio**2) / 2, 0.0)
    with quiet():
        squares = record.seen + f1 * by_f1 * (2 + by_f1) + f2 * by_f2 * (2 + by_f2)
        mean = record.seen + f1 * by_f1 + f2 * by_f2
        variance = squares - mean**2 / (record.seen + unseen)
        variance = np.where(f1 > 0, np.maximum(variance, 0.0), 0.0)
        spread = np.where(unseen > 0, np.exp(z * np.sqrt(np.log1p(variance / unseen**2))), 1.0)
        found = np.sqrt(variance), record.seen + unseen / spread, record.seen + unseen * spread
    error, low, high = (np.where(record.n > 0, value, np.nan)[()] for value in found)
    return error, low, high


def coverage(counts: Any, *, n_events: Any = None) -> np.ndarray:
    """Sample coverage: how complete the record is.

    The share of all ties, of which those on record are a sample, that are with partners seen.

    C = 1 - f₁/Σ n_i · (n-1)f₁ / ((n-1)f₁ + 2f₂); where f₂ = 0, (n-1)(f₁-1) / ((n-1)(f₁-1) + 2)

    Takes `counts` and `n_events` as `chao1` does.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events, which say nothing about it.

    References
    ----------
    Chao, A. & Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples
    by completeness rather than size. Ecology 93(12), 2533-2547.

    Examples
    --------
    >>> float(coverage([5, 2, 2, 1, 1, 1]).round(4))
    0.777
    >>> float(coverage([4, 2, 1, 1], n_events=5))
    0.8
    """
    return estimate_coverage(Record.of(counts, n_events))[()]


def chao_shen(counts: Any) -> np.ndarray:
    """Entropy including partners not yet seen, by coverage and Horvitz and Thompson's weights.

    Shares are lowered to what the sample covers, and each partner is weighed by how likely it was
    to be seen at all. `exp` of it is an effective number of partners.

    -Σ C p_i ln(C p_i) / (1 - (1 - C p_i)^n), C = 1 - f₁/n

    Returns
    -------
    ndarray of shape (...)
        In nats, at least 0; NaN for fewer than two events. C is Good's, as in the paper and R's
        entropy, where a sample of nothing but partners seen once is taken to have one less.

    References
    ----------
    Chao, A. & Shen, T.-J. (2003). Nonparametric estimation of Shannon's index of diversity when
    there are unseen species in sample. Environmental and Ecological Statistics 10, 429-443.

    Examples
    --------
    >>> float(chao_shen([4, 2, 3, 2, 4, 2, 1, 1]).round(6))
    2.201137
    """
    record = Record.of(counts)
    n, once = record.n[..., None], record.seen_in(1)
    # a sample without any repetition would cover nothing
    covered = np.maximum(record.n - once, 1)[..., None]
    with quiet():
        p = covered / n * record.x / n
        # for tiny p, 1 - (1-p)^n keeps its digits this way; p = 1 gives 0
        terms = -p * np.log(p) / -np.expm1(n * np.log1p(-p))
        entropy = np.where(record.x > 0, terms, 0.0).sum(axis=-1)
    return np.where(record.n > 1, np.maximum(entropy, 0.0), np.nan)[()]


# --- what `rarefaction` borrows -----------------------------------------------------------------


@dataclass(frozen=True)
class Record:
    """Checked counts `x` of shape (..., n_partners) and numbers of events `n` of shape (...)."""

    x: np.ndarray
    n: np.ndarray

    @classmethod
    def of(cls, counts: Any, n_events: Any = None) -> "Record":
        """Check counts, and n_events; by default there are as many events as counts."""
        x = _checked_counts(counts)
        if n_events is None:
            return cls(x, x.sum(axis=-1))
        try:
            n = np.broadcast_to(as_floats(n_events, "n_events"), x.shape[:-1])
        except ValueError:
            raise ParameterError("n_events must be a number, or one for each portfolio.") from None
        wrong = ~(x <= n[..., None])
        if wrong.any():
            raise ParameterError(
                f"{wrong.sum()} of {x.size} counts cannot be in how many of n_events={n_events}"
                f" events a partner was, such as {x[wrong].flat[0]:g}."
            )
        return cls(x, np.where(x.any(axis=-1), n, 0.0))

    @property
    def seen(self) -> np.ndarray:
        """Count the partners seen."""
        return np.count_nonzero(self.x, axis=-1)

    @property
    def factor(self) -> np.ndarray:
        """Give (n-1)/n."""
        return (self.n - 1) / np.maximum(self.n, 1)

    def seen_in(self, number: int) -> np.ndarray:
        """Count the partners seen in exactly so many events."""
        return np.count_nonzero(self.x == number, axis=-1)


def _checked_counts(counts: Any) -> np.ndarray:
    x = checked_weights(counts, "counts")
    if (wrong := x != np.floor(x)).any():
        raise ParameterError(
            f"counts must be whole numbers of events; got {positions(x, wrong)}. Amounts (money, "
            "TIV) and fractional weights are not a sample: count the deals or events with each"
            " partner."
        )
    return x


def _missed(f1: np.ndarray, f2: np.ndarray) -> np.ndarray:
    return np.where(f2 > 0, f1**2 / (2 * np.maximum(f2, 1)), f1 * (f1 - 1) / 2)


def estimate_coverage(record: Record) -> np.ndarray:
    """Estimate the `coverage` of each record."""
    f1, f2, n = record.seen_in(1), record.seen_in(2), record.n
    more = (n - 1) * np.where(f2 > 0, f1, np.maximum(f1 - 1, 0))
    ratio = more / np.maximum(more + 2 * np.maximum(f2, 1), 1)
    covered = 1 - f1 / np.maximum(record.x.sum(axis=-1), 1) * ratio
    return np.where(n > 1, covered, np.nan)
