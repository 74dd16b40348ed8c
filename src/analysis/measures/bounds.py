"""Least and greatest value of a measure over all portfolios that the sources leave open.

Where only a range is known of some weights, every portfolio within the ranges may be the true one.
These are hard bounds, not intervals: nothing is drawn and nothing assumed, and no level of
confidence goes with them. The mathematics is in `_box`.

`low` and `high` are arrays of shape (..., n_partners): the least and greatest weight of each
partner, equal where it is known. A weight that is negative, missing or infinite, or a low one above
its high one, raises ParameterError. All functions return two arrays of shape (...), the least and
the greatest value, in the unit and range of the measure; NaN where no partner can have any weight.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from ..errors import ParameterError
from . import _box
from ._arrays import (
    Order,
    as_floats,
    checked_orders,
    checked_weights,
    checked_whole,
    quiet,
)
from .diversity import hill, n_partners

Pair = tuple[np.ndarray, np.ndarray]


def hill_bounds(low: Any, high: Any, order: Order = 1.0) -> Pair:
    """Bounds of a Hill number over all weights from low to high.

    How many effective partners there may have been at least and at most.

    Parameters
    ----------
    low, high : array_like of shape (..., n_partners)
        Least and greatest weight of each partner; equal where it is known.
    order : float or sequence of float
        Any q from 0 to infinity.

    Returns
    -------
    (ndarray, ndarray) of shape (...), or (..., n_orders) if `order` is a sequence
        Least and greatest value; NaN if no partner can have any weight.

    Notes
    -----
    Both are exact, and reached. Only where the search would go through more than 2,000 partial
    choices of one portfolio is the least one a little too small, but still a bound. A partner whose
    weight may be 0 may be none: at order 0 it counts for the greatest value only.

    References
    ----------
    Marshall, A. W., Olkin, I. & Arnold, B. C. (2011). Inequalities: Theory of Majorization and Its
    Applications, 2nd ed., ch. 3 and 5.

    Examples
    --------
    >>> low, high = hill_bounds([5, 0], [5, 5], order=2)
    >>> float(low), float(high)
    (1.0, 2.0)
    """
    lows, highs, shape = _box.boxes(low, high)
    orders = checked_orders(order)
    known = (lows == highs).all(axis=1)
    out = np.empty((2, len(lows), orders.size))
    for column, q in enumerate(orders):
        greatest = _box.greatest(lows, highs, q)
        least = np.where(known, greatest, _box.least(lows, highs, q))
        out[:, :, column] = np.fmin(least, greatest), greatest
    out = out.reshape(2, *shape, orders.size)
    return (out[0], out[1]) if np.ndim(order) else (out[0, ..., 0], out[1, ..., 0])


def shannon_bounds(low: Any, high: Any) -> Pair:
    """Bounds of Shannon entropy over all weights from low to high.

    The logarithms of the bounds of the Hill number of order 1; `low` and `high` as for
    `hill_bounds`.
    """
    least, greatest = hill_bounds(low, high, 1.0)
    return np.log(least), np.log(greatest)


def hhi_bounds(low: Any, high: Any, normalised: bool = False) -> Pair:
    """Bounds of the Herfindahl–Hirschman index over all weights from low to high.

    How concentrated a portfolio may have been at least and at most.

    Parameters
    ----------
    low, high
        As for `hill_bounds`.
    normalised : bool
        Whether to take out the number of partners, as in `diversity.hhi`; NaN if there cannot be
        two.

    Notes
    -----
    The number of partners is itself open where a weight may be 0. For a given HHI, the normalised
    index rises with that number, so it is greatest when all have at least a trace; for the least,
    each possible number is tried, with those partners who may have had the most.

    Examples
    --------
    >>> low, high = hhi_bounds([5, 0], [5, 5])
    >>> float(low), float(high)
    (0.5, 1.0)
    """
    least, greatest = hill_bounds(low, high, 2.0)
    if not normalised:
        return 1.0 / greatest, 1.0 / least
    lows, highs, shape = _box.boxes(low, high)
    most = _normalised(least.reshape(-1), np.count_nonzero(highs, axis=1))
    out = np.full(len(lows), np.nan)
    for chosen, number in _box.numbers_of_partners(lows, highs):
        out = np.fmin(out, _normalised(_box.greatest(lows, chosen, 2.0), number))
    return np.fmin(out, most).reshape(shape)[()], most.reshape(shape)[()]


def _normalised(effective: np.ndarray, number: np.ndarray) -> np.ndarray:
    with quiet():
        index = (1 / effective - 1 / number) / (1 - 1 / number)
    return np.where(number > 1, np.maximum(index, 0.0), np.nan)


def evenness_bounds(low: Any, high: Any, order: float = 1.0) -> Pair:
    """Bounds of evenness, D_q / D_0, over all weights from low to high.

    How evenly ties may have been spread at least and at most.

    Parameters
    ----------
    low, high
        As for `hill_bounds`.
    order : float
        Any q from 0 to infinity.

    Notes
    -----
    The number of partners is itself open where a weight may be 0. A trace of a tie makes a partner
    and leaves the Hill number as it is, so the least value is that of the least Hill number with
    all who can be partners; it is approached, and reached where no weight may be 0. For the
    greatest, each possible number is tried, with those partners who may have had the most.

    Examples
    --------
    >>> low, high = evenness_bounds([5, 1], [5, 5])
    >>> round(float(low), 3), float(high)
    (0.785, 1.0)
    """
    orders = checked_orders(order)
    return _over_numbers(low, high, orders, lambda effective, number: effective / number)


def pielou_bounds(low: Any, high: Any) -> Pair:
    """Bounds of Pielou's evenness over all weights from low to high.

    As `evenness_bounds`, for H / ln S, of `low` and `high` weights; NaN if there cannot be two
    partners.
    """
    return _over_numbers(
        low,
        high,
        np.ones(1),
        lambda effective, number: np.where(number > 1, np.log(effective) / np.log(number), np.nan),
    )


def _over_numbers(low: Any, high: Any, orders: np.ndarray, index: Callable) -> Pair:
    """Bounds of an index that rises with a Hill number and falls with that of partners."""
    if orders.size > 1:
        raise ParameterError("bounds of evenness are of one order at a time.")
    (order,) = orders
    lows, highs, shape = _box.boxes(low, high)
    with quiet():
        if order == 0:
            least = index(hill(highs, 0.0), n_partners(highs))
        else:
            effective = np.reshape(hill_bounds(low, high, order)[0], -1)
            least = index(effective, n_partners(highs))
        greatest = np.full(len(lows), np.nan)
        for chosen, number in _box.numbers_of_partners(lows, highs):
            reached = index(_box.greatest(lows, chosen, order), number)
            greatest = np.fmax(greatest, np.minimum(reached, 1.0))
    return np.fmin(least, greatest).reshape(shape)[()], greatest.reshape(shape)[()]


def share_bounds(low: Any, high: Any) -> Pair:
    """Bounds of each partner's share over all weights from low to high.

    How much of all deliveries may have come from each partner.

    Returns
    -------
    (ndarray, ndarray) of shape (..., n_partners)
        Least share: the partner at `low` and all others at `high`; greatest: the reverse.

    Examples
    --------
    >>> low, high = share_bounds([6, 0], [6, 2])
    >>> low.tolist(), high.tolist()
    ([0.75, 0.0], [1.0, 0.25])
    """
    lows, highs, shape = _box.boxes(low, high)
    n = lows.shape[1]
    others = ~np.eye(n, dtype=bool)
    others_low, others_high = lows @ others, highs @ others
    with quiet():
        # with nobody else, any weight is the whole
        least = np.where((others_high == 0) & (highs > 0), 1.0, lows / (lows + others_high))
        greatest = np.where(highs > 0, highs / (highs + others_low), 0.0)
    empty = ~(highs > 0).any(axis=1, keepdims=True)
    least, greatest = (np.where(empty, np.nan, np.nan_to_num(x)) for x in (least, greatest))
    return least.reshape(*shape, n), greatest.reshape(*shape, n)


def concentration_bounds(low: Any, high: Any, k: int = 1) -> Pair:
    """Bounds of the share of the k largest partners over all weights from low to high.

    How far a state may have depended on its first k partners at least and at most.

    Parameters
    ----------
    low, high
        As for `hill_bounds`.
    k : int
        How many partners, at least 1.

    Examples
    --------
    >>> low, high = concentration_bounds([6, 0, 0], [6, 2, 2])
    >>> round(float(low), 6), round(float(high), 6)
    (0.6, 1.0)
    """
    checked_whole(k, "k", least=1)
    lows, highs, shape = _box.boxes(low, high)
    least, greatest = _box.concentration(lows, highs, k)
    return np.fmin(least, greatest).reshape(shape)[()], greatest.reshape(shape)[()]


def unknown_bounds(
    known: Any,
    residual: Any,
    order: Order = 1.0,
    *,
    among: str = "new",
    n_unknown: int | None = None,
    largest: float | None = None,
) -> Pair:
    """Bounds of a Hill number over all ways to distribute an unknown remainder.

    How diverse a portfolio may be if some of its ties are known to exist, but not with whom.

    Parameters
    ----------
    known : array_like of shape (..., n_partners)
        Weights of the known partners.
    residual : array_like of shape (...)
        Weight with partners unknown, not negative.
    order : float or sequence of float
        Any q from 0 to infinity.
    among : str
        Who the unknown partners may be: `new` ones only, as in a category "other"; or `any`, the
        known ones included.
    n_unknown : int, optional
        At most so many new partners; by default any number, and then the greatest value is
        infinite for orders up to 1.
    largest : float, optional
        None of the unknown partners has more than this, say the smallest known one; only with
        `new`.

    Returns
    -------
    (ndarray, ndarray) of shape (...), or (..., n_orders) if `order` is a sequence
        Least and greatest value (its limit, where the number of partners has none).

    Notes
    -----
    Taagepera's bounds for order 2, with P the total, R the remainder, A the known and L the
    smallest known weight, are P²/ΣA² (greatest), P²/(R² + ΣA²) (least) and P²/(RL + ΣA²) (least if
    nobody unknown has more than L; exact here also where L does not divide R). All follow from the
    least and the most even way to divide R, in the sense of majorisation, hence hold for every
    order.

    References
    ----------
    Taagepera, R. (1997). Effective number of parties for incomplete data. Electoral Studies 16(2),
    145-151.

    Examples
    --------
    >>> low, high = unknown_bounds([50, 30, 10], 10, order=2)
    >>> round(float(low), 5), round(float(high), 5)
    (2.77778, 2.85714)
    """
    if among not in ("new", "any"):
        raise ParameterError(f"among is {among!r}; it is 'new' or 'any'.")
    if n_unknown is not None:
        checked_whole(n_unknown, "n_unknown", least=0)
    if largest is not None and (among == "any" or not 0 < largest < np.inf):
        raise ParameterError("largest must be a positive number, and among 'new'.")
    rest = checked_weights(as_floats(residual, "residual")[..., None], "residual")
    given = checked_weights(known, "known")
    try:
        shape = np.broadcast_shapes(given.shape[:-1], rest.shape[:-1])
    except ValueError:
        raise ParameterError("residual must have one number for each portfolio.") from None
    r = np.broadcast_to(rest, (*shape, 1)).reshape(-1)
    a = np.broadcast_to(given, (*shape, given.shape[-1])).reshape(r.size, given.shape[-1])
    _box.check_room(a, r, among, n_unknown, largest)
    orders = checked_orders(order)
    least = hill(_box.least_even(a, r, among, largest), orders)
    if n_unknown is None:
        greatest = _box.without_limit(a, r, orders)
    else:
        greatest = hill(_box.most_even(a, r, among, n_unknown), orders)
    least, greatest = (x.reshape(*shape, orders.size) for x in (least, greatest))
    return (least, greatest) if np.ndim(order) else (least[..., 0], greatest[..., 0])
