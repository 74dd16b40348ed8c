"""Portfolio risk: how far the support of all partners may fall short if partners default.

A portfolio of partners is like one of assets (Conybeare 1992): each may fail to deliver, and those
of one bloc tend to fail together. What is at stake is the share of the portfolio that is delivered.
Weights are as in `diversity`. Weights, distances or chances that cannot be raise ParameterError.

References
----------
Conybeare, J. A. C. (1992). A Portfolio Diversification Model of Alliances. Journal of Conflict
Resolution 36(1), 53-85.
Narang, N. & LeVeck, B. L. (2019). International reputation and alliance portfolios. Journal of
Peace Research 56(3), 379-394.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import checked_matrix, quadratic, quiet
from .diversity import shares

#: partners of unlike weights up to which all outcomes are gone through
MOST = 20


def variance(
    weights: Any, distances: Any = None, *, default: float = 0.1, correlation: float = 0.0
) -> np.ndarray:
    """Variance of the share of support that is delivered, when each partner may default.

    The less, the better the risk is spread, over many partners that do not fail together.

    Var = d (1 - d) Σ_i Σ_j p_i p_j r_ij, with r_ii = 1 and r_ij = ρ (1 - d_ij)

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    distances : array_like of shape (n_partners, n_partners), optional
        Between 0 and 1, as for `similarity.rao`: the nearer two partners, the more they default
        together. With distances by region these are blocs. By default each defaults by itself.
    default : float
        Chance d that a partner does not deliver, from 0 to 1, the same for all.
    correlation : float
        Correlation ρ of the defaults of two partners at no distance, from 0 to 1; it needs
        distances.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1/4; the delivered share itself is 1 - d on average. NaN if empty.

    Examples
    --------
    >>> float(variance([1, 1], default=0.5))
    0.125
    """
    _check_chance(default, "default")
    together = _joint(shares(weights), distances, correlation)
    return default * (1 - default) * together


def independent_partners(
    weights: Any, distances: Any = None, *, correlation: float = 0.0
) -> np.ndarray:
    """Effective number of partners that default independently of each other.

    As many equal partners, each by itself, would carry the same risk. Without correlation this is
    the Hill number of order 2.

    N = 1 / Σ_i Σ_j p_i p_j r_ij

    Takes `weights`, `distances` and `correlation` as `variance` does.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN if empty.

    Examples
    --------
    >>> float(independent_partners([1, 1], [[0, 0], [0, 0]], correlation=0.5).round(3))
    1.333
    """
    return 1 / _joint(shares(weights), distances, correlation)


def shortfall(weights: Any, *, default: float = 0.1, needed: float = 0.5) -> np.ndarray:
    """Chance that less than a needed share of support is delivered, by independent defaults.

    Exact: all ways in which partners can default are gone through.

    Parameters
    ----------
    weights, default
        As for `variance`. Partners of unlike weights are at most `MOST`; more raise ParameterError.
    needed : float
        Share of the portfolio, from 0 to 1.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if empty.

    Examples
    --------
    >>> float(shortfall([8, 1, 1], default=0.5, needed=0.5))
    0.5
    """
    _check_chance(default, "default")
    _check_chance(needed, "needed")
    p = shares(weights)
    values = [_shortfall(p[place], default, needed) for place in np.ndindex(p.shape[:-1])]
    return np.array(values).reshape(p.shape[:-1])[()]


def robustness(weights: Any) -> np.ndarray:
    """Area under the removal curve: what is left, on average, as the largest partners go in turn.

    One number for `losses.removal`: whether a portfolio wears away or breaks with the first loss.

    R = 1/S Σ_k r_k, with r_k what is left when the k largest of the S partners are gone; this is
    (1 - 1/S - G) / 2, with G the Gini coefficient of those who are partners

    Returns
    -------
    ndarray of shape (...)
        From 0 (one partner) to (1 - 1/S) / 2 (equal shares); NaN if empty.

    References
    ----------
    Schneider, C. M. et al. (2011). Mitigation of malicious attacks on networks. PNAS 108(10),
    3838-3841; there of the largest connected part of a network, here of the share that is left.

    Examples
    --------
    >>> float(robustness([6, 3, 1]).round(6))
    0.166667
    """
    p = -np.sort(-shares(weights), axis=-1)
    number = np.count_nonzero(p > 0, axis=-1)
    with quiet():
        # the k-th to go is left k - 1 times
        left = (p * np.arange(p.shape[-1])).sum(axis=-1) / number
    return np.where(number > 0, left, np.nan)[()]


def _shortfall(p: np.ndarray, default: float, needed: float) -> float:
    if np.isnan(p).any() or not p.size:
        return np.nan
    p = p[p > 0]
    delivered: np.ndarray = np.zeros(1)
    chance: np.ndarray = np.ones(1)
    for share in p:
        both = np.concatenate([delivered, delivered + share])
        chance = np.concatenate([chance * default, chance * (1 - default)])
        # partners of equal shares deliver the same in many ways
        delivered, places = np.unique(both.round(12), return_inverse=True)
        chance = np.bincount(places, chance)
        if len(delivered) > 2**MOST:
            raise ParameterError(
                f"{len(p)} partners can deliver more than 2^{MOST} amounts; shortfall goes through"
                " all of them. Use `variance`, round the weights, or add up minor partners."
            )
    # rounding must not turn what is just enough into too little
    return float(chance[delivered < needed - 1e-12].sum())


def _check_chance(value: float, name: str) -> None:
    if not (isinstance(value, int | float | np.number) and 0 <= value <= 1):
        raise ParameterError(f"{name} is {value!r}; it must lie from 0 to 1.")


def _joint(p: np.ndarray, distances: Any, correlation: float) -> np.ndarray:
    """Add up p_i p_j r_ij over all pairs."""
    _check_chance(correlation, "correlation")
    squares = (p**2).sum(axis=-1)
    if p.shape[-1] == 0:
        return np.full(p.shape[:-1], np.nan)[()]
    if distances is None:
        if correlation:
            raise ParameterError("a correlation needs distances, to say who defaults with whom.")
        return squares
    pairs = quadratic(p, 1 - checked_matrix(distances, p.shape[-1], "distances"))
    return squares + correlation * (pairs - squares)
