"""Variety and balance of portfolios: Hill numbers and what follows from them.

Every function takes weights of shape (..., n_partners): one portfolio, or any number at once. A
weight is an amount, a number of events or a share, in any unit, the same for all partners, and of
any numeric type; 0 is a partner without ties. A weight that is negative, infinite, masked or
missing raises ParameterError, which names each position. A portfolio without any tie has no
diversity: its value is NaN, and only the number of its partners is 0. What depends on how unlike
partners are is in `similarity`.
"""

from typing import Any

import numpy as np

from ._arrays import Grid, Order, checked_weights, checked_whole, floats, in_range, quiet
from .effective import effective_numbers


def shares(weights: Any) -> np.ndarray:
    """Each partner's share of a portfolio.

    How much of all ties, deliveries or events each partner stands for.

    p_i = w_i / Σ_j w_j

    Returns
    -------
    ndarray of shape (..., n_partners)
        Between 0 and 1, adding up to 1; NaN throughout an empty portfolio.

    Examples
    --------
    >>> shares([3, 1, 0]).tolist()
    [0.75, 0.25, 0.0]
    """
    w, total = in_range(checked_weights(weights), Grid())
    with quiet():
        return w / total[..., None]


def n_partners(weights: Any) -> np.ndarray:
    """Count partners: Stirling's variety, the Hill number of order 0.

    With how many states there is any tie, however thin.

    S = #{i : w_i > 0}

    Returns
    -------
    ndarray of int of shape (...)
        0 for an empty portfolio.

    Examples
    --------
    >>> int(n_partners([3, 1, 0]))
    2
    """
    return np.count_nonzero(checked_weights(weights), axis=-1)


def hill(weights: Any, order: Order = 1.0) -> np.ndarray:
    """Hill number: the effective number of partners.

    As many partners with equal shares would be as diverse as these; the higher the order, the less
    minor partners count.

    D_q = (Σ p_i^q)^(1/(1-q));  D_1 = exp(-Σ p_i ln p_i);  D_∞ = 1 / max p_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    order : float or sequence of float
        Any q from 0 to infinity. 0 counts partners, 1 weighs them by their share, 2 is the inverse
        of the Herfindahl–Hirschman index, infinity the inverse of the largest share.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1 and the number of partners, not rising with the order; NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or an order negative or missing.

    Notes
    -----
    Near q = 1, ln D_q = -log1p(Σ p_i expm1((q-1) ln p_i)) / (q-1) keeps all digits; elsewhere the
    largest share is taken out of the sum, so that no order is too high.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences. Ecology
    54(2), 427-432.

    Examples
    --------
    >>> hill([7, 4, 4, 2, 1], order=[0, 1, 2]).round(3).tolist()
    [5.0, 4.223, 3.767]
    """
    return effective_numbers(floats(weights), order)


def shannon(weights: Any) -> np.ndarray:
    """Shannon entropy in nats, as observed (of samples: `unseen`).

    How uncertain one is with which partner the next tie will be.

    H = -Σ p_i ln p_i

    Returns
    -------
    ndarray of shape (...)
        Between 0 and the logarithm of the number of partners; NaN if empty.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal
    27, 379-423.

    Examples
    --------
    >>> float(shannon([7, 4, 4, 2, 1]).round(6))
    1.440482
    """
    return np.log(hill(weights, 1.0))


def hhi(weights: Any, normalised: bool = False) -> np.ndarray:
    """Herfindahl–Hirschman index: concentration on few partners.

    The chance that two ties drawn at random, the first put back, are with the same partner.

    HHI = Σ p_i²;  normalised: (HHI - 1/S) / (1 - 1/S)

    Parameters
    ----------
    weights
        As for `hill`.
    normalised : bool
        Whether to take out the number of partners S, so that equal shares give 0.

    Returns
    -------
    ndarray of shape (...)
        Between 1/S and 1, or 0 and 1 if normalised; NaN if empty. Times 10,000 it is the scale of
        competition authorities.

    Notes
    -----
    This is Simpson's λ; "Simpson's index" is elsewhere also 1 - λ or 1/λ. With a single partner
    the normalised index is 0/0: NaN, since there is no balance to speak of.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.

    Examples
    --------
    >>> float(hhi([30, 30, 20, 20]))
    0.26
    """
    w = checked_weights(weights)
    with quiet():
        index = 1.0 / effective_numbers(w, 2.0)
        if not normalised:
            return index
        floor = 1.0 / effective_numbers(w, 0.0)
        return (index - floor) / (1.0 - floor)


def pielou(weights: Any) -> np.ndarray:
    """Pielou's evenness: Stirling's balance, as entropy relative to its maximum.

    How equally ties are spread over the partners there are, whatever their number.

    J = H / ln S

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1 (equal shares); NaN if empty, or with a single partner (0/0).

    References
    ----------
    Pielou, E. C. (1966). The measurement of diversity in different types of biological
    collections. Journal of Theoretical Biology 13, 131-144.

    Examples
    --------
    >>> float(pielou([6, 2, 2, 1]).round(6))
    0.842908
    """
    both = effective_numbers(checked_weights(weights), [0.0, 1.0])
    with quiet():
        return np.log(both[..., 1]) / np.log(both[..., 0])


def evenness(weights: Any, order: Order = 1.0) -> np.ndarray:
    """Evenness as the ratio of effective to actual partners.

    Which part of the partners there are would be as diverse if their shares were equal.

    E_q = D_q / D_0

    Parameters
    ----------
    weights, order
        As for `hill`.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1/S and 1 (equal shares); NaN if empty.

    References
    ----------
    Jost, L. (2010). The relation between evenness and diversity. Diversity 2(2), 207-232.

    Examples
    --------
    >>> float(evenness([6, 2, 2, 1]).round(6))
    0.804306
    """
    w = checked_weights(weights)
    number = effective_numbers(w, 0.0)
    return effective_numbers(w, order) / (number if np.ndim(order) == 0 else number[..., None])


def concentration_ratio(weights: Any, k: int = 1) -> np.ndarray:
    """Concentration ratio CR_k: what the k largest partners stand for together.

    How far a state depends on its first one, two or k partners.

    CR_k = p_(1) + … + p_(k), largest first

    Parameters
    ----------
    weights
        As for `hill`.
    k : int
        How many partners, at least 1.

    Returns
    -------
    ndarray of shape (...)
        Between k/S and 1; 1 where there are no more than k partners, NaN if empty.

    Examples
    --------
    >>> float(concentration_ratio([50, 30, 10, 10], k=2))
    0.8
    """
    checked_whole(k, "k", least=1)
    p = shares(weights)
    if k >= p.shape[-1]:
        # their shares add up to 1, but for rounding
        return np.where(np.isnan(p).any(-1) | (p.shape[-1] == 0), np.nan, 1.0)[()]
    return np.minimum(np.partition(p, -k, axis=-1)[..., -k:].sum(-1), 1.0)


def top_share(weights: Any) -> np.ndarray:
    """Share of the largest partner: Berger–Parker dominance, CR_1.

    How far a state depends on a single partner.

    max p_i

    Returns
    -------
    ndarray of shape (...)
        Between 1/S and 1; NaN if empty.

    Examples
    --------
    >>> float(top_share([50, 30, 10, 10]))
    0.5
    """
    return concentration_ratio(weights, 1)
