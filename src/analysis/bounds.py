r"""Bounds: the least and the greatest a measure can be where amounts are known only within limits.

A source may give a deal's total and its years of delivery but not the split, or leave a supplier
unnamed. Then each partner's weight lies somewhere between a low and a high value, and every measure
has a range which no sampling theory is needed for.

How the extremes of the Hill number are found, over the box of all weights between low and high:

*Greatest.* For a given total the vector clip(c, low, high) is majorised by every other vector of the
box with that total, and Hill numbers fall with majorisation, so the greatest lies on the curve
c -> clip(c, low, high). Between two neighbouring limits the weights that are not c are fixed, and
setting the derivative to zero gives one stationary point, c = (A_q / A_1)^(1/(q-1)) with A_r the sum
of the r-th powers of the fixed weights. So it is enough to look at all limits and stationary points.

*Least.* In each weight alone the Hill number first rises, then falls, so the least is at a corner of
the box. With up to `EXACT` open weights all corners are looked at. With more, the sum of convex
terms (powers, or w ln w) is replaced by its concave envelope, whose greatest value for a given total
is reached by filling the steepest chords first; that can only make the range wider, never narrower.

References
----------
Marshall, A. W., Olkin, I. & Arnold, B. C. (2011). Inequalities: Theory of Majorization, ch. 1 and 3.
Taagepera, R. (1997). Effective number of parties for incomplete data. Electoral Studies 16(2).
"""

import numpy as np
from numpy.typing import ArrayLike

from .diversity import checked_weights, hill
from .errors import ParameterError

#: open weights up to which all corners are looked at: 2^12 rows
EXACT = 12


def _box(low: ArrayLike, high: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    low, high = checked_weights(low), checked_weights(high)
    if low.shape != high.shape or low.ndim != 1:
        raise ParameterError("low and high must be two lists of weights of the same length.")
    if (low > high).any():
        place = int(np.argmax(low > high))
        raise ParameterError(f"low exceeds high at {place}: {low[place]} > {high[place]}.")
    open_ = high > 0
    return low[open_], high[open_]


def share_bounds(low: ArrayLike, high: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest share of each partner.

    Parameters
    ----------
    low, high : array_like of shape (n_partners,)
        Limits of the weights.

    Returns
    -------
    least, greatest : ndarray of shape (n_partners,)
        NaN where all weights may be zero.

    Examples
    --------
    >>> least, greatest = share_bounds([1, 1], [3, 1])
    >>> least.tolist(), greatest.tolist()
    ([0.5, 0.25], [0.75, 0.5])
    """
    low, high = checked_weights(low), checked_weights(high)
    with np.errstate(invalid="ignore", divide="ignore"):
        least = low / (low + high.sum() - high)
        greatest = high / (high + low.sum() - low)
    return least, greatest


def hill_bounds(low: ArrayLike, high: ArrayLike, order: float = 1.0) -> tuple[float, float]:
    """Least and greatest Hill number over all weights between two limits.

    Parameters
    ----------
    low, high : array_like of shape (n_partners,)
        Limits of the weights.
    order : float
        q, any real number from 0 up, or infinity.

    Returns
    -------
    least, greatest : float
        In partners; NaN if no weight can be above zero. The greatest is exact; so is the least with
        up to `EXACT` open weights, else it is a bound which may not be reached.

    Raises
    ------
    ParameterError
        If a low limit exceeds its high limit.

    Notes
    -----
    A weight that may be zero need not be: a limit of zero stands for "as little as you like".

    Examples
    --------
    >>> [round(x, 5) for x in hill_bounds([50, 30, 10, 0], [50, 30, 10, 10], order=2)]
    [2.31429, 2.77778]
    """
    low, high = _box(low, high)
    if not len(high):
        return np.nan, np.nan
    if order == 0:
        return float(max((low > 0).sum(), 1)), float(len(high))
    if np.isinf(order):
        least, greatest = 1 / np.max(share_bounds(low, high)[1]), _greatest(low, high, order)
        return float(least), greatest
    exact = (high > low).sum() <= EXACT
    least = _least_at_corners(low, high, order) if exact else _least_by_envelope(low, high, order)
    return least, _greatest(low, high, order)


def hhi_bounds(low: ArrayLike, high: ArrayLike, normalised: bool = False) -> tuple[float, float]:
    """Least and greatest Herfindahl–Hirschman index over all weights between two limits.

    Parameters
    ----------
    low, high : array_like of shape (n_partners,)
        Limits of the weights.
    normalised : bool
        Whether to rescale; the number of partners is then taken as that of all which may have a
        weight.

    Returns
    -------
    least, greatest : float
        See `hill_bounds`; NaN if no weight can be above zero.

    Examples
    --------
    >>> [round(x, 2) for x in hhi_bounds([1, 1], [1, 9])]
    [0.5, 0.82]
    """
    fewest, most = hill_bounds(low, high, 2.0)
    least, greatest = 1 / most, 1 / fewest
    if not normalised:
        return least, greatest
    evenly = 1 / max(len(_box(low, high)[1]), 1)
    if evenly == 1:
        return np.nan, np.nan
    return max((least - evenly) / (1 - evenly), 0.0), (greatest - evenly) / (1 - evenly)


def _greatest(low: np.ndarray, high: np.ndarray, order: float) -> float:
    levels = np.unique(np.concatenate([low, high]))
    levels = np.unique(np.concatenate([levels, _stationary(low, high, order, levels)]))
    levels = levels[levels > 0]
    return float(np.nanmax(hill(np.clip(levels[:, None], low, high), order)))


def _stationary(low: np.ndarray, high: np.ndarray, order: float, levels: np.ndarray) -> np.ndarray:
    """Stationary level of each stretch between two neighbouring limits, held inside the stretch."""
    if np.isinf(order) or len(levels) < 2:
        return levels
    below, above = levels[:-1], levels[1:]
    middle = (below + above)[:, None] / 2
    fixed = np.where(high <= middle, high, np.where(low >= middle, low, 0.0))
    some = (fixed > 0).any(axis=1)
    fixed = fixed / np.where(some, fixed.max(axis=1), 1.0)[:, None]
    scale = np.where(
        some, np.where(high <= middle, high, np.where(low >= middle, low, 0.0)).max(1), 1
    )
    log = np.log(np.where(fixed > 0, fixed, 1.0))
    total = np.where(some, fixed.sum(axis=1), 1.0)
    if order == 1:
        level = np.exp((fixed * log).sum(axis=1) / total)
    else:
        powers = np.where(fixed > 0, np.exp(order * log), 0.0).sum(axis=1)
        with np.errstate(divide="ignore", over="ignore"):
            level = np.exp(np.log(powers / total) / (order - 1))
    return np.clip(np.where(some, level * scale, above), below, above)


def _least_at_corners(low: np.ndarray, high: np.ndarray, order: float) -> float:
    open_ = np.flatnonzero(high > low)
    picks = (np.arange(2 ** len(open_))[:, None] >> np.arange(len(open_))) & 1
    corners = np.tile(low, (len(picks), 1))
    corners[:, open_] = np.where(picks == 1, high[open_], low[open_])
    return float(np.nanmin(hill(corners, order)))


def _least_by_envelope(low: np.ndarray, high: np.ndarray, order: float) -> float:
    """Fill the steepest chords first, and look at the best point of each stretch on the way.

    With S the total and F(S) the envelope of the sum of convex terms, F is a + b S on each stretch,
    and setting the derivative of the Hill number to zero gives one point: q a / (b (1 - q)), or -a
    for q = 1.
    """
    scale = high.max()
    low, high = low / scale, high / scale
    term = _convex_term(order)
    width = high - low
    open_ = width > 0
    steepness = (term(high[open_]) - term(low[open_])) / width[open_]
    by_slope = np.argsort(-steepness, kind="stable")
    slope, step = steepness[by_slope], width[open_][by_slope]
    total = low.sum() + np.concatenate([[0.0], np.cumsum(step)])
    height = term(low).sum() + np.concatenate([[0.0], np.cumsum(slope * step)])
    offset = height[:-1] - slope * total[:-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        best = -offset if order == 1 else order * offset / (slope * (1 - order))
    inside = np.clip(np.nan_to_num(best, nan=0.0), total[:-1], total[1:])
    sums = np.concatenate([total, inside])
    heights = np.concatenate([height, offset + slope * inside])
    with np.errstate(divide="ignore", invalid="ignore"):
        if order == 1:
            logs = np.log(sums) - heights / sums
        else:
            logs = (np.log(np.abs(heights)) - order * np.log(sums)) / (1 - order)
    return float(max(np.exp(np.nanmin(logs[np.isfinite(logs)])), 1.0))


def _convex_term(order: float):
    if order == 1:
        return lambda w: np.where(w > 0, w * np.log(np.where(w > 0, w, 1.0)), 0.0)
    sign = 1.0 if order > 1 else -1.0
    return lambda w: sign * w**order


def unknown_bounds(known: ArrayLike, unknown: float, order: float = 2.0) -> tuple[float, float]:
    r"""Least and greatest Hill number when part of the ties are with partners not named.

    Over all ways to distribute the unknown amount: to any of the known partners, to others, or
    among infinitely many others.

    Parameters
    ----------
    known : array_like of shape (n_partners,)
        Weights of the partners that are named.
    unknown : float
        Weight of the rest, in the same unit.
    order : float
        q, above 0.

    Returns
    -------
    least, greatest : float
        In partners. The least gives all of it to the largest partner; the greatest spreads it so
        thinly that it adds to the total alone (for q at most 1 that has no limit: infinity).

    Raises
    ------
    ParameterError
        If the unknown amount is negative or missing.

    Notes
    -----
    For q = 2 the greatest is :math:`P^2 / \sum A^2`, Taagepera's upper bound.

    References
    ----------
    Taagepera, R. (1997). Effective number of parties for incomplete data. Electoral Studies 16(2),
    145-151.

    Examples
    --------
    >>> round(unknown_bounds([50, 30, 10], 10, order=2)[1], 5)
    2.85714
    """
    known = checked_weights(known)
    rest = float(checked_weights([unknown])[0])
    to_largest = known.copy()
    if len(known):
        to_largest[np.argmax(known)] += rest
    else:
        to_largest = np.array([rest])
    least = float(hill(to_largest, order))
    total = known.sum() + rest
    if rest == 0:
        return least, float(hill(known, order))
    if order <= 1:
        return least, np.inf
    if np.isinf(order):
        return least, float(total / known.max()) if len(known) else np.inf
    with np.errstate(divide="ignore"):
        logs = np.log(((known / total) ** order).sum()) / (1 - order)
    return least, float(np.exp(logs))
