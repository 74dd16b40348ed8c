"""Measures of how many partners there are and how evenly the ties are spread over them.

Variety        n_partners, hill (order 0)
Diversity      hill (any order), shannon
Evenness       evenness (ratio of Hill numbers), pielou
Concentration  hhi, concentration_ratio, top_share

All are pure functions of arrays of weights, shape (..., n_partners): any scale, zero for an absent
partner. An empty portfolio (all weights zero) has no partners, and every other measure of it is NaN.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .errors import ParameterError

#: |q - 1| below which the sum of powers is taken as 1 + x, so that nothing cancels near q = 1
_NEAR_ONE = 0.5


def weights_of(weights: ArrayLike) -> np.ndarray:
    """Check weights and return them as floats.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite; names the first one and its place.
    """
    array = np.asarray(weights, dtype=float)
    bad = ~(np.isfinite(array) & (array >= 0))
    if bad.any():
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        raise ParameterError(
            f"{int(bad.sum())} weight(s) are no numbers from 0 up: the first is {array[place]} at"
            f" {place}."
        )
    return array


def shares(weights: ArrayLike) -> np.ndarray:
    r"""Divide weights by their sum: :math:`p_i = w_i / \sum_j w_j`.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.

    Returns
    -------
    ndarray of shape (..., n_partners)
        Between 0 and 1, adding up to 1; NaN for an empty portfolio.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    Examples
    --------
    >>> shares([3, 1]).tolist()
    [0.75, 0.25]
    """
    array = weights_of(weights)
    largest = array.max(axis=-1, keepdims=True, initial=0.0)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = array / largest  # the sum of huge weights would overflow
        return scaled / scaled.sum(axis=-1, keepdims=True)


def n_partners(weights: ArrayLike) -> np.ndarray:
    """Number of partners with any weight: variety.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.

    Returns
    -------
    ndarray of int, shape (...)
        0 for an empty portfolio.

    Examples
    --------
    >>> int(n_partners([3, 1, 0]))
    2
    """
    return (weights_of(weights) > 0).sum(axis=-1)


def hill(weights: ArrayLike, order: float | Sequence[float] = 1.0) -> np.ndarray:
    r"""Hill number: the number of equal partners that would be as diverse.

    The higher the order, the less small partners count: order 0 is the number of partners, 1 the
    exponential of the Shannon entropy, 2 the inverse of the Herfindahl–Hirschman index, infinity
    the inverse of the largest share.

    .. math:: {}^qD = \left(\sum_i p_i^q\right)^{1/(1-q)}

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    order : float or sequence of float
        q, any real number from 0 up, or infinity.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) for a sequence of orders
        In partners: between 1 and the number of partners; NaN for an empty portfolio.

    Raises
    ------
    ParameterError
        If an order is negative or missing, or a weight no number from 0 up.

    Notes
    -----
    Near q = 1 the sum of powers is computed as 1 + x with `expm1` and `log1p`, elsewhere by its
    logarithm, so no order overflows or cancels.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences. Ecology
    54(2), 427-432. Jost, L. (2006). Entropy and diversity. Oikos 113(2), 363-375.

    Examples
    --------
    >>> hill([1, 2, 3, 4, 5], order=[0, 2, float("inf")]).round(8).tolist()
    [5.0, 4.09090909, 3.0]
    """
    p = shares(weights)
    orders = np.atleast_1d(np.asarray(order, dtype=float))
    if np.isnan(orders).any() or (orders < 0).any():
        raise ParameterError(f"order is {order!r}; it must be a number from 0 up, or infinity.")
    with np.errstate(divide="ignore"):
        log_p = np.where(p > 0, np.log(p), 0.0)
    found = np.stack([_hill_one(p, log_p, float(q)) for q in orders], axis=-1)
    return found[..., 0] if np.ndim(order) == 0 else found


def _hill_one(p: np.ndarray, log_p: np.ndarray, q: float) -> np.ndarray:
    empty = np.isnan(p).any(axis=-1) | (p.shape[-1] == 0)
    present = p > 0
    if q == 0:
        out = present.sum(axis=-1).astype(float)
    elif np.isinf(q):
        with np.errstate(divide="ignore"):
            out = 1.0 / p.max(axis=-1, initial=0.0)
    elif q == 1:
        out = np.exp(-(p * log_p).sum(axis=-1))
    elif abs(q - 1) < _NEAR_ONE:
        x = (p * np.expm1((q - 1) * log_p)).sum(axis=-1)
        out = np.exp(-np.log1p(x) / (q - 1))
    else:
        powers = np.where(present, q * log_p, -np.inf)
        largest = powers.max(axis=-1, initial=-np.inf, keepdims=True)
        largest = np.where(np.isfinite(largest), largest, 0.0)
        with np.errstate(divide="ignore"):
            log_sum = np.log(np.exp(powers - largest).sum(axis=-1)) + largest[..., 0]
        out = np.exp(log_sum / (1 - q))
    return np.where(empty, np.nan, out)


def shannon(weights: ArrayLike) -> np.ndarray:
    r"""Shannon entropy in nats: the uncertainty with which partner a tie is.

    .. math:: H = -\sum_i p_i \ln p_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.

    Returns
    -------
    ndarray of shape (...)
        From 0 (one partner) to the logarithm of their number; NaN for an empty portfolio.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal
    27, 379-423.

    Examples
    --------
    >>> float(shannon([1, 1]).round(6))
    0.693147
    """
    return np.log(hill(weights, 1.0))


def evenness(weights: ArrayLike, order: float = 1.0) -> np.ndarray:
    r"""Hill evenness: effective partners as a share of the partners there are; balance.

    .. math:: E_q = {}^qD / {}^0D

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    order : float
        q of the Hill number.

    Returns
    -------
    ndarray of shape (...)
        Above 0 and at most 1 (all equal, or only one); NaN for an empty portfolio.

    References
    ----------
    Jost, L. (2010). The relation between evenness and diversity. Diversity 2(2), 207-232.

    Examples
    --------
    >>> float(evenness([5, 5, 5]).round(6))
    1.0
    """
    return hill(weights, order) / hill(weights, 0.0)


def pielou(weights: ArrayLike) -> np.ndarray:
    r"""Pielou's evenness: entropy as a share of the most there could be.

    .. math:: J = H / \ln S

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN with fewer than two partners, where it is not defined.

    References
    ----------
    Pielou, E. C. (1966). The measurement of diversity in different types of biological
    collections. Journal of Theoretical Biology 13, 131-144.

    Examples
    --------
    >>> float(pielou([6, 2, 2, 1]).round(10))
    0.8429078546
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        return shannon(weights) / np.log(hill(weights, 0.0))


def hhi(weights: ArrayLike, normalised: bool = False) -> np.ndarray:
    r"""Herfindahl–Hirschman index: the chance that two ties drawn are with the same partner.

    .. math:: HHI = \sum_i p_i^2, \qquad HHI^* = \frac{HHI - 1/S}{1 - 1/S}

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    normalised : bool
        Whether to rescale to 0 (all equal) ... 1, whatever the number of partners S.

    Returns
    -------
    ndarray of shape (...)
        Plain: between 1/S and 1. NaN for an empty portfolio; normalised, also for one partner.

    Notes
    -----
    On the scale from 0 to 1; multiply by 10,000 for that of competition authorities.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.

    Examples
    --------
    >>> float(hhi([30, 30, 20, 20]).round(6))
    0.26
    """
    plain = 1.0 / hill(weights, 2.0)
    if not normalised:
        return plain
    least = 1.0 / hill(weights, 0.0)
    with np.errstate(invalid="ignore"):
        return (plain - least) / np.where(least == 1, np.nan, 1 - least)


def concentration_ratio(weights: ArrayLike, k: int = 1) -> np.ndarray:
    """Concentration ratio: the share that the k largest partners hold together.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    k : int
        How many partners, from 1 up.

    Returns
    -------
    ndarray of shape (...)
        Above 0 and at most 1; NaN for an empty portfolio.

    Raises
    ------
    ParameterError
        If k is no whole number from 1 up.

    Examples
    --------
    >>> float(concentration_ratio([5, 3, 1, 1], k=2))
    0.8
    """
    if not isinstance(k, int | np.integer) or k < 1:
        raise ParameterError(f"k is {k!r}; it must be a whole number from 1 up.")
    ordered = np.sort(shares(weights), axis=-1)
    return np.where(ordered.shape[-1] == 0, np.nan, ordered[..., -k:].sum(axis=-1))


def top_share(weights: ArrayLike) -> np.ndarray:
    """Share of the largest partner (Berger–Parker dominance): the concentration ratio for k = 1.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.

    Returns
    -------
    ndarray of shape (...)
        Above 0 and at most 1; NaN for an empty portfolio.

    Examples
    --------
    >>> float(top_share([3, 1]))
    0.75
    """
    return concentration_ratio(weights, 1)
