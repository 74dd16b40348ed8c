"""Indices of concentration and inequality from other fields: parties, trade, incomes.

Weights are as in `diversity`, and what cannot be one raises ParameterError. Where an index depends
on the number n of partners that there might have been, `absent` says whether partners without ties
count among them: then the axis of partners must hold all that there might have been, and no others.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import checked_weights, quiet
from .diversity import hill, n_partners, shares


def golosov(weights: Any) -> np.ndarray:
    """Golosov's effective number of partners.

    Like the Hill number of order 2, but a portfolio with one dominant partner counts as fewer.

    Σ_i p_i / (p_i + p_1² - p_i²), p_1 the largest share

    Returns
    -------
    ndarray of shape (...)
        Between 1 and the number of partners; NaN if empty.

    References
    ----------
    Golosov, G. V. (2010). The effective number of parties: a new approach. Party Politics 16(2),
    171-192.

    Examples
    --------
    >>> float(golosov([94545, 74162, 25273]).round(6))
    2.178407
    """
    p = _shares(weights)
    with quiet():
        top = p.max(axis=-1, keepdims=True, initial=0.0)
        # each term is 1/(1 + p_1²/p - p); an absent partner's is 0
        total = (1 / (1 + top**2 / p - p)).sum(axis=-1, where=p > 0)
    return np.where(_empty(p), np.nan, total)[()]


def unctad_concentration(weights: Any, *, absent: bool = False) -> np.ndarray:
    """UNCTAD's concentration index: the root of the HHI, normalised.

    How far a portfolio is from equal shares, in the form trade statistics use.

    (√Σp² - √(1/n)) / (1 - √(1/n))

    With `absent`, partners of the weight 0 in `weights` count among the n.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if empty, or if n is 1.

    References
    ----------
    UNCTAD (annual). UNCTAD Handbook of Statistics: concentration and diversification indices.

    Examples
    --------
    >>> round(float(unctad_concentration([3, 1])), 6)
    0.284959
    """
    w = checked_weights(weights)
    number = _number(w, absent)
    with quiet():
        least = np.sqrt(1 / number)
        index = (np.sqrt(1 / hill(w, 2)) - least) / (1 - least)
    return np.where(number > 1, np.maximum(index, 0.0), np.nan)[()]


def finger_kreinin(weights: Any, others: Any) -> np.ndarray:
    """Dissimilarity of two portfolios: UNCTAD's diversification index, after Finger and Kreinin.

    What part of its ties a state would have to shift between partners to be like the other, or like
    the world as a whole.

    ½ Σ_i |p_i - r_i|

    Parameters
    ----------
    weights, others : array_like of shape (..., n_partners)
        The two portfolios, each in one unit; partners in the same order.

    Returns
    -------
    ndarray of shape (...)
        Between 0 (alike) and 1 (no partner in common); NaN if either is empty.

    Notes
    -----
    Finger and Kreinin's own similarity is Σ min(p_i, r_i), which is 1 minus this.

    References
    ----------
    Finger, J. M. & Kreinin, M. E. (1979). A measure of "export similarity" and its possible uses.
    Economic Journal 89, 905-912.

    Examples
    --------
    >>> float(finger_kreinin([3, 1, 0], [1, 1, 2]))
    0.5
    """
    p, r = _shares(weights), _shares(others)
    if p.shape[-1] != r.shape[-1]:
        raise ParameterError(f"one has {p.shape[-1]} partners, the other {r.shape[-1]}.")
    with quiet():
        unlike = np.abs(p - r).sum(axis=-1) / 2
    return np.where(_empty(p) | _empty(r), np.nan, np.minimum(unlike, 1.0))[()]


def gini(weights: Any, *, absent: bool = True) -> np.ndarray:
    """Gini coefficient: inequality of partners.

    How unlike two partners drawn at random are in weight, relative to the mean.

    Σ_i Σ_j |w_i - w_j| / (2 n Σ w)

    With `absent`, partners of the weight 0 in `weights` count among the n.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1 - 1/n; NaN if empty.

    References
    ----------
    Gini, C. (1912). Variabilità e mutabilità. Bologna: Cuppini.

    Examples
    --------
    >>> float(gini([1, 2, 3, 4]).round(12))
    0.25
    """
    w = checked_weights(weights)
    p = np.sort(_shares(w), axis=-1)
    number = _number(w, absent)
    # those without ties come first, and change no more than the rank of the others
    rank = np.arange(1, p.shape[-1] + 1) - (p.shape[-1] - number[..., None])
    with quiet():
        value = ((2 * rank - number[..., None] - 1) * p).sum(axis=-1) / number
    return np.where(_empty(p), np.nan, np.maximum(value, 0.0))[()]


def hoover(weights: Any, *, absent: bool = True) -> np.ndarray:
    """Hoover index: what part of all ties would have to be shifted to make partners equal.

    The same as `finger_kreinin` against equal shares.

    ½ Σ_i |p_i - 1/n|

    With `absent`, partners of the weight 0 in `weights` count among the n.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1 - 1/n; NaN if empty.

    References
    ----------
    Hoover, E. M. (1936). The measurement of industrial localization. Review of Economics and
    Statistics 18, 162-171.

    Examples
    --------
    >>> float(hoover([1, 2, 3, 4]).round(12))
    0.2
    """
    w = checked_weights(weights)
    p, number = _shares(w), _number(w, absent)
    with quiet():
        # what those above an equal share have too much
        excess = np.maximum(p - 1 / number[..., None], 0.0).sum(axis=-1)
    return np.where(_empty(p), np.nan, excess)[()]


def theil(weights: Any, *, absent: bool = True) -> np.ndarray:
    """Theil's T: how far entropy falls short of that of equal shares.

    Inequality of partners, most sensitive to the large ones.

    Σ_i p_i ln(n p_i) = ln n - H

    With `absent`, partners of the weight 0 in `weights` count among the n.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and ln n; NaN if empty.

    References
    ----------
    Theil, H. (1967). Economics and Information Theory. Amsterdam: North-Holland.

    Examples
    --------
    >>> float(theil([0, 2, 3, 4]).round(6)), float(theil([0, 2, 3, 4], absent=False).round(6))
    (0.325437, 0.037755)
    """
    w = checked_weights(weights)
    with quiet():
        return np.maximum(np.log(_number(w, absent) / hill(w, 1)), 0.0)[()]


def _shares(weights: Any) -> np.ndarray:
    """Shares, with 0 for a portfolio that is empty."""
    return np.nan_to_num(shares(weights))


def _empty(p: np.ndarray) -> np.ndarray:
    return np.logical_not((p > 0).any(axis=-1))


def _number(w: np.ndarray, absent: bool) -> np.ndarray:
    present = np.asarray(n_partners(w), dtype=np.float64)
    return np.full_like(present, w.shape[-1]) if absent else present
