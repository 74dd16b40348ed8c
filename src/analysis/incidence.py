"""Partners missed by a record of events that may have several partners each.

Where each event has one partner these are `estimators.chao1` and `estimators.coverage`. But an
exercise of forty navies is one event, not forty: what is counted is in how many a partner was.
"""

from typing import Any

import numpy as np

from ._arrays import as_floats
from .errors import ParameterError
from .estimators import log_falling


def chao2(seen_in: Any, n_events: int) -> np.ndarray:
    """Count partners including those not yet seen, at the least, from incidences.

    S + (T-1)/T Q₁²/(2 Q₂), or S + (T-1)/T Q₁(Q₁-1)/2 where Q₂ = 0;
    Q₁ and Q₂ are the numbers of partners that were in exactly one and two of T events

    Parameters
    ----------
    seen_in : array_like of shape (..., n_partners)
        In how many events each partner was; whole numbers.
    n_events : int
        How many events there are.

    Returns
    -------
    ndarray of shape (...)
        At least the number of partners seen.

    Raises
    ------
    ParameterError
        For numbers that are not whole, negative, or above the number of events.

    References
    ----------
    Chao, A. (1987). Estimating the population size for capture-recapture data with unequal
    catchability. Biometrics 43, 783-791.

    Examples
    --------
    >>> float(chao2([4, 2, 1, 1], n_events=5))
    5.6
    """
    seen_in = _checked(seen_in, n_events)
    once, twice = _exactly(seen_in, 1), _exactly(seen_in, 2)
    pairs = np.where(twice > 0, once**2 / (2 * np.maximum(twice, 1)), once * (once - 1) / 2)
    return (seen_in > 0).sum(axis=-1) + pairs * (n_events - 1) / max(n_events, 1)


def coverage(seen_in: Any, n_events: int) -> np.ndarray:
    """Sample coverage from incidences: the share of all ties that are with partners seen.

    C = 1 - Q₁/U · (T-1)Q₁ / ((T-1)Q₁ + 2Q₂), with U = Σ incidences; where Q₂ = 0,
    (T-1)(Q₁-1) / ((T-1)(Q₁-1) + 2) stands for the factor

    Parameters
    ----------
    seen_in, n_events
        As for `chao2`.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN for fewer than two events, which say nothing about it.

    Raises
    ------
    ParameterError
        As for `chao2`.

    References
    ----------
    Chao, A. et al. (2014). Rarefaction and extrapolation with Hill numbers. Ecological Monographs
    84(1), 45-67.

    Examples
    --------
    >>> float(coverage([4, 2, 1, 1], n_events=5))
    0.8
    """
    seen_in = _checked(seen_in, n_events)
    once, twice = _exactly(seen_in, 1), _exactly(seen_in, 2)
    total = seen_in.sum(axis=-1)
    # without a partner seen twice, Chao's bias-corrected form
    more = (n_events - 1) * np.where(twice > 0, once, np.maximum(once - 1, 0))
    factor = more / np.maximum(more + 2 * np.maximum(twice, 1), 1)
    covered = 1 - once / np.maximum(total, 1) * factor
    return np.where((total > 0) & (n_events > 1), covered, np.nan)[()]


def coverage_at(seen_in: Any, n_events: int, *, size: int) -> np.ndarray:
    """Sample coverage expected of a smaller record, of `size` events drawn from this one.

    1 - Σ Y_i/U C(T-Y_i, t) / C(T-1, t), with Y_i the events that partner i was in; at t = T as
    `coverage`

    Parameters
    ----------
    seen_in, n_events
        As for `chao2`.
    size : int
        Number of events t, from 1 to `n_events`.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN without a tie.

    Raises
    ------
    ParameterError
        As for `chao2`, and for another size.

    References
    ----------
    As for `coverage` (Chao et al. 2014, incidence data).

    Examples
    --------
    >>> float(coverage_at([4, 2, 1, 1], 5, size=2).round(6))
    0.625
    """
    seen_in = _checked(seen_in, n_events)
    _check_size(size, n_events)
    if size == n_events:
        return coverage(seen_in, n_events)
    total = seen_in.sum(axis=-1)
    # C(T-Y, t) / C(T-1, t) = C(T-Y, t) / C(T, t) * T / (T-t)
    absent = np.exp(_log_absent(seen_in, n_events, size)) * n_events / (n_events - size)
    missed = (seen_in * absent).sum(axis=-1) / np.maximum(total, 1)
    return np.where(total > 0, 1 - missed, np.nan)[()]


def size_of(seen_in: Any, n_events: int, *, level: float) -> int:
    """Find the smallest number of events whose expected coverage reaches a level.

    Parameters
    ----------
    seen_in : array_like of shape (n_partners,)
        As for `chao2`, of one record.
    n_events : int
        How many events there are.
    level : float
        Coverage, above 0 and at most that of the record.

    Returns
    -------
    int
        From 1 to `n_events`.

    Raises
    ------
    ParameterError
        As for `chao2`, and for a level that the record does not reach.

    Examples
    --------
    >>> size_of([4, 2, 1, 1], 5, level=0.5)
    2
    """
    if not 0 < level <= coverage(seen_in, n_events):
        raise ParameterError(f"level is {level!r}; this record covers no more than"
                             f" {coverage(seen_in, n_events):.3f}.")  # fmt: skip
    low, high = 0, n_events
    while high - low > 1:
        middle = (low + high) // 2
        reached = coverage_at(seen_in, n_events, size=middle) >= level
        low, high = (low, middle) if reached else (middle, high)
    return high


def at_size(seen_in: Any, n_events: int, *, size: int, order: int) -> np.ndarray:
    """Hill number expected of a smaller record, of `size` events drawn from this one.

    How many effective partners (by full count) a state would show with so many events on record:
    the fair way to compare states with many and with few. Rarefaction by events, not by ties, so
    that the partners of one event come and go together.

    The Hill number of the expected numbers of partners met in k of the t events; k is
    hypergeometric. Order 0: Σ 1 - C(T-Y_i, t) / C(T, t)

    Parameters
    ----------
    seen_in, n_events
        As for `chao2`.
    size : int
        Number of events t, from 1 to `n_events`.
    order : int
        0, 1 or 2.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN without a tie.

    Raises
    ------
    ParameterError
        As for `chao2`, and for another size or order.

    References
    ----------
    As for `coverage` (Chao et al. 2014, incidence data).

    Examples
    --------
    >>> float(at_size([4, 2, 1, 1], 5, size=2, order=0).round(6))
    2.5
    """
    seen_in = _checked(seen_in, n_events)
    _check_size(size, n_events)
    if order not in (0, 1, 2):
        raise ParameterError(f"order is {order!r}; estimators for samples are of order 0, 1 or 2.")
    met = seen_in.sum(axis=-1) * size / n_events
    with np.errstate(invalid="ignore", divide="ignore"):
        if order == 0:
            found = (1 - np.exp(_log_absent(seen_in, n_events, size))).sum(axis=-1)
        elif order == 1:
            found = met * np.exp(-_expected_logs(seen_in, n_events, size).sum(axis=-1) / met)
        else:
            chance = seen_in / n_events
            spread = size * chance * (1 - chance) * (n_events - size) / max(n_events - 1, 1)
            found = met**2 / (spread + (size * chance) ** 2).sum(axis=-1)
    return np.where(met > 0, found, np.nan)[()]


def _check_size(size: int, n_events: int) -> None:
    if not 1 <= size <= n_events or size != int(size):
        raise ParameterError(f"size is {size!r}; a whole number from 1 to {n_events} is expected.")


def _log_absent(seen_in: np.ndarray, n_events: int, size: int) -> np.ndarray:
    """Logarithm of C(T-Y, t) / C(T, t): the chance that none of Y events is among t of T."""
    return log_falling(n_events - size, seen_in) - log_falling(n_events, seen_in)


def _expected_logs(seen_in: np.ndarray, n_events: int, size: int) -> np.ndarray:
    """Find what k ln k is expected to be, where k of Y events are among t of T."""
    # partners seen equally often are expected alike, and draws of one record hold few numbers
    kinds, where = np.unique(seen_in, return_inverse=True)
    every = np.minimum.outer(kinds, np.arange(2, min(size, int(kinds.max(initial=0))) + 1))
    k = np.broadcast_to(np.arange(2, every.shape[1] + 2), every.shape)
    there = kinds[:, None]
    ways = log_falling(there, k) - log_falling(k, k) + log_falling(np.array(size), k)
    with np.errstate(invalid="ignore"):
        chance = ways + log_falling(np.array(n_events - size), there - k)
        chance = np.exp(chance - log_falling(np.array(n_events), there))
    chance = np.where(k <= there, chance, 0.0)
    return (chance * k * np.log(k)).sum(axis=1)[where].reshape(seen_in.shape)


def _exactly(seen_in: np.ndarray, number: int) -> np.ndarray:
    return (seen_in == number).sum(axis=-1)


def _checked(seen_in: Any, n_events: int) -> np.ndarray:
    seen_in = as_floats(seen_in, "seen_in")
    wrong = ~((seen_in >= 0) & (seen_in <= n_events) & (seen_in == np.floor(seen_in)))
    if wrong.any():
        raise ParameterError(
            f"{wrong.sum()} of {seen_in.size} numbers cannot be in how many of {n_events} events a"
            f" partner was, such as {seen_in[wrong].flat[0]:g}: whole numbers from 0 to"
            f" {n_events} are expected."
        )
    return seen_in
