"""Places of several states by one measure, and what is not known about them.

The first place has the greatest value. A place is 1 and the number of states with a greater value,
so that states of equal value share the better place. A state without a value has no place, and
counts for none of the others.
"""

from statistics import NormalDist

import numpy as np

from ...errors import ParameterError
from ...measures._arrays import as_floats
from ...measures.trends import holm


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
    values: np.ndarray, level: float = 0.95, *, open_above: np.ndarray | None = None,
    open_below: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Places of each state that its differences from all others leave open, from draws of values.

    A state stands above another if the interval of their difference leaves out 0, corrected for the
    number of others (Holm); else the two may stand either way.

    Parameters
    ----------
    values : ndarray of shape (draws, n_states)
        A state of which there are no draws (all missing) may stand anywhere: it counts for the
        worst place of the others, not for the best.
    level : float
        Of the intervals of differences, between 0 and 1.
    open_above : ndarray of bool of shape (n_states,), optional
        States whose value may be any above its draws: each may stand first, and counts for the
        worst place of the others. Default: none.
    open_below : ndarray of bool of shape (n_states,), optional
        States whose value may be any below its draws. Default: none.

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
    Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for Ranks with
    Applications to Mobility across Neighbourhoods and Academic Achievement across Countries. Review
    of Economic Studies 91(1), 476-518.
    """
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    values = as_floats(values, "values")
    silent = np.isnan(values).all(axis=0)
    known = values[~np.isnan(values[:, ~silent]).any(axis=1)]
    if silent.all() or not len(known):
        return np.full(len(silent), np.nan), np.full(len(silent), np.nan)
    up, down = (
        np.zeros(len(silent), bool) if one is None else np.asarray(one, bool)
        for one in (open_above, open_below)
    )
    less = known[:, :, None] - known[:, None, :]
    middle, tail = less.mean(axis=0), (1 - level) / 2
    low, high = np.quantile(less, [tail, 1 - tail], axis=0)
    # the end nearer to 0, which is not known where it rests on an open one
    is_open = np.where(middle > 0, down[:, None] | up, up[:, None] | down)
    reach = np.where(is_open, np.inf, np.where(middle > 0, middle - low, high - middle))
    sure = _is_sure(middle, reach, level)
    above, below = (sure & (middle < 0)).sum(axis=1), (sure & (middle > 0)).sum(axis=1)
    worst = np.where(silent, np.nan, len(silent) - below)
    return np.where(silent, np.nan, 1.0 + above), worst


def _is_sure(middle: np.ndarray, reach: np.ndarray, level: float) -> np.ndarray:
    """Tell which differences count among all of a state, by normal chances of such a reach."""
    normal = NormalDist()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = normal.inv_cdf((1 + level) / 2) * np.abs(middle) / reach
    chance = np.array([[2 - 2 * normal.cdf(one) for one in row] for row in z])
    np.fill_diagonal(chance, np.nan)
    return np.array([holm(row) for row in chance]) < 1 - level


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
