"""Places of several states by one measure, and what is not known about them.

The first place has the greatest value. A place is 1 and the number of states with a greater value,
so that states of equal value share the better place. A state without a value has no place, and
counts for none of the others.
"""

import numpy as np

from ._arrays import as_floats
from .errors import ParameterError


def places(values: np.ndarray) -> np.ndarray:
    """Place of each state.

    Parameters
    ----------
    values : ndarray of shape (..., n_states)
        A measure; missing where it could not be computed.

    Returns
    -------
    ndarray of shape (..., n_states)
        From 1; missing where the value is.
    """
    values = as_floats(values, "values")
    above = (values[..., None, :] > values[..., :, None]).sum(axis=-1)
    return np.where(np.isnan(values), np.nan, above + 1.0)


def drawn_places(
    values: np.ndarray, level: float = 0.95, *, open_above: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Interval of each state's place from draws of its value.

    Parameters
    ----------
    values : ndarray of shape (draws, n_states)
        Draw k of all states makes one table of places. A state of which there are no draws (all
        missing) may stand anywhere: it counts for the worst place of the others, not for the best.
    level : float
        Between 0 and 1.
    open_above : ndarray of bool of shape (n_states,), optional
        States whose value may be any above its draws: each may stand first, and counts for the
        worst place of the others. Default: none.

    Returns
    -------
    low, high : ndarray of shape (n_states,)
        Best and worst place; missing for a state without draws.

    Raises
    ------
    ParameterError
        For a level outside (0, 1).

    References
    ----------
    Goldstein, H. & Spiegelhalter, D. J. (1996). League tables and their limitations: statistical
    issues in comparisons of institutional performance. Journal of the Royal Statistical Society A
    159(3), 385-443.
    """
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    values = as_floats(values, "values")
    silent = np.isnan(values).all(axis=0)
    known = values[~np.isnan(values[:, ~silent]).any(axis=1)]
    if silent.all() or not len(known):
        return np.full(len(silent), np.nan), np.full(len(silent), np.nan)
    is_open = np.zeros(len(silent), bool) if open_above is None else np.asarray(open_above, bool)
    tail, raised = (1 - level) / 2, np.where(is_open & ~silent, np.inf, known)
    worst = 1 + (raised[:, None, :] > known[:, :, None]).sum(axis=-1) - (is_open & ~silent)
    low = np.quantile(places(known), tail, axis=0, method="lower")
    high = np.quantile(worst, 1 - tail, axis=0, method="higher") + silent.sum()
    return np.where(is_open & ~silent, 1.0, low), np.where(silent, np.nan, high)


def bounded_places(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place of each state where values are known within bounds.

    Parameters
    ----------
    low, high : ndarray of shape (n_states,)
        Least and greatest value; the same where nothing is open, missing where nothing is known.

    Returns
    -------
    best, worst : ndarray of shape (n_states,)
        Every place that some values within the bounds give lies between these.
    """
    low, high = as_floats(low, "low"), as_floats(high, "high")
    unknown = np.isnan(low) | np.isnan(high)
    others = ~np.eye(len(low), dtype=bool)
    best = 1.0 + ((low[None, :] > high[:, None]) & others).sum(axis=1)
    worst = 1.0 + ((high[None, :] > low[:, None]) & others).sum(axis=1)
    return np.where(unknown, np.nan, best), np.where(unknown, np.nan, worst)


def places_with_one_changed(
    values: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place of each state if one state's value, its own or another's, is changed.

    Parameters
    ----------
    values : ndarray of shape (n_states,)
        The values as they are.
    low, high : ndarray of shape (n_states,)
        Least and greatest value of each, if something is left out of its record.

    Returns
    -------
    best, worst : ndarray of shape (n_states,)
        For a census: how far the place hangs on any one entry.
    """
    values, low, high = as_floats(values, "values"), as_floats(low, "low"), as_floats(high, "high")
    changed = [values]
    for place in range(len(values)):
        for end in (low, high):
            one = values.copy()
            one[place] = end[place] if np.isfinite(end[place]) else values[place]
            changed.append(one)
    found = places(np.array(changed))
    return found.min(axis=0), found.max(axis=0)
