"""Resampling: the only module with a random number generator.

The unit that is resampled is the event (an exercise, an agreement, a deal), never the year and
never the partner's share: the ties of one event come and go together.
"""

import zlib
from collections.abc import Callable

import numpy as np

from .layout import Ties, measure_rows

#: events below which resampling them says nothing
MIN_EVENTS = 5


def bootstrap(
    ties: Ties, function: Callable[[np.ndarray], np.ndarray], *, draws: int, seed: int, key: tuple
) -> np.ndarray:
    """Draw events with replacement and measure each draw.

    Parameters
    ----------
    ties : Ties
        The portfolio.
    function : callable
        Weights of shape (draws, n_partners) to values of shape (draws,).
    draws : int
        How many.
    seed : int
        Of the run.
    key : tuple
        What identifies the portfolio: it has its own stream, whatever else is measured.

    Returns
    -------
    ndarray of shape (draws,)

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 6 and 13.
    """
    n = len(ties.weights)
    rng = np.random.default_rng([seed, zlib.crc32("|".join(map(str, key)).encode())])
    counts = rng.multinomial(n, np.full(n, 1 / n), size=draws)
    return measure_rows(function, counts @ ties.weights)


def interval(
    drawn: np.ndarray, estimate: float, *, level: float, limits: tuple[float, float]
) -> tuple[float, float]:
    """Central percentile interval of the draws, centred on the estimate.

    A draw has fewer distinct events than the record, so it loses partners and is less diverse on
    average than the record itself; uncentred, the interval can lie wholly below the estimate. The
    draws are moved (by a factor, if all are positive) until their mean is the estimate.

    Parameters
    ----------
    drawn : ndarray of shape (draws,)
        Draws of a measure; missing ones are left out.
    estimate : float
        The measure of the record itself.
    level : float
        Between 0 and 1: 0.95 gives the 2.5th and the 97.5th percentile.
    limits : (float, float)
        Least and greatest value the measure can have.

    Returns
    -------
    low, high : float
        Missing where the estimate is.

    Notes
    -----
    With few events over many partners it is still too narrow and too low, since partners that the
    record has missed are in none of the draws.

    References
    ----------
    Efron, B. & Tibshirani, R. J. (1993). An Introduction to the Bootstrap, ch. 10 and 13.
    """
    drawn = drawn[~np.isnan(drawn)]
    if np.isnan(estimate) or not len(drawn):
        return np.nan, np.nan
    if estimate > 0 and (drawn > 0).all():
        moved = drawn * (estimate / np.exp(np.log(drawn).mean()))
    else:
        moved = drawn + (estimate - drawn.mean())
    tail = (1 - level) / 2
    low, high = np.clip(np.quantile(moved, [tail, 1 - tail]), *limits)
    return float(min(low, estimate)), float(max(high, estimate))
