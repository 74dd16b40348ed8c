"""Resampling: the only module with a random number generator.

The unit that is resampled is the event (an exercise, an agreement, a deal), never the year and
never the partner's share: the ties of one event come and go together.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class Ties:
    """One portfolio as matrices of shape (n_events, n_partners); partners in alphabetical order.

    Attributes
    ----------
    weights, low, high : ndarray
        The weight of each event with each partner, and its bounds.
    partners : list of str
        Labels of the columns.
    """

    weights: np.ndarray
    low: np.ndarray
    high: np.ndarray
    partners: list[str]

    @classmethod
    def of(cls, part: pd.DataFrame) -> "Ties":
        """Build from the rows of one portfolio."""
        events, _ = pd.factorize(part["event_id"], sort=True)
        columns, partners = pd.factorize(part["partner"], sort=True)
        shape = (events.max() + 1, len(partners))
        made = []
        for name in ("weight", "weight_low", "weight_high"):
            matrix = np.zeros(shape)
            np.add.at(matrix, (events, columns), part[name].to_numpy(float))
            made.append(matrix)
        return cls(*made, partners=list(partners))

    @property
    def is_open(self) -> bool:
        """Whether the source leaves any amount open."""
        return bool((self.high > self.low).any())


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
    return np.asarray(function(counts @ ties.weights))


def percentiles(drawn: np.ndarray, level: float) -> tuple[float, float]:
    """Central interval of the draws: level 0.95 gives the 2.5th and the 97.5th percentile.

    Parameters
    ----------
    drawn : ndarray of shape (draws,)
        Draws of a measure; missing ones are left out.
    level : float
        Between 0 and 1.
    """
    tail = (1 - level) / 2
    low, high = np.quantile(drawn[~np.isnan(drawn)], [tail, 1 - tail])
    return float(low), float(high)
