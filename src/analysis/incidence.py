"""Partners missed by a record of events that may have several partners each.

Where each event has one partner these are `estimators.chao1` and `estimators.coverage`. But an
exercise of forty navies is one event, not forty: what is counted is in how many a partner was.
"""

from typing import Any

import numpy as np

from .errors import ParameterError


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


def _exactly(seen_in: np.ndarray, number: int) -> np.ndarray:
    return (seen_in == number).sum(axis=-1)


def _checked(seen_in: Any, n_events: int) -> np.ndarray:
    seen_in = np.asarray(seen_in, dtype=float)
    wrong = ~((seen_in >= 0) & (seen_in <= n_events) & (seen_in == np.floor(seen_in)))
    if wrong.any():
        raise ParameterError(
            f"{wrong.sum()} of {seen_in.size} numbers cannot be in how many of {n_events} events a"
            f" partner was, such as {seen_in[wrong].flat[0]:g}: whole numbers from 0 to"
            f" {n_events} are expected."
        )
    return seen_in
