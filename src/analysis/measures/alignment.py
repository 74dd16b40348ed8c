"""Where a portfolio stands politically: partners' positions on a scale, and how far away they are.

The scale is usually that of ideal points from votes in the United Nations General Assembly
(`disparity.ideal_points`), but any number a partner will do. A partner without a point is left out,
its weight shared among the others; through `analysis.measure` the share left out is reported.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import as_floats, checked_weights, quiet


def position(weights: Any, points: Any) -> np.ndarray:
    """Alignment position: the weighted mean of partners' points.

    On which side of world politics a state's partners stand, whatever its own votes.

    μ = Σ p_i x_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    points : array_like of shape (n_partners,)
        Each partner's point x, in any unit; NaN where there is none.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN where no partner with a point has a weight.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the points are not one for each partner.

    References
    ----------
    Bailey, M. A., Strezhnev, A. & Voeten, E. (2017). Estimating Dynamic State Preferences from
    United Nations Voting Data. Journal of Conflict Resolution 61(2), 430-456.

    Examples
    --------
    >>> float(position([3, 1], [-1.0, 1.0]))
    -0.5
    """
    p, x = _with_points(weights, points)
    return (p @ x)[()]


def spread(weights: Any, points: Any) -> np.ndarray:
    """Alignment spread: the weighted variance of partners' points.

    Whether the partners are of one camp or of several.

    σ² = Σ p_i (x_i - μ)², which is half of Rao's entropy with squared differences as distances

    Parameters
    ----------
    weights, points
        As for `position`.

    Returns
    -------
    ndarray of shape (...)
        In the square of the points' unit; 0 with one partner; NaN as for `position`.

    Raises
    ------
    ParameterError
        As for `position`.

    References
    ----------
    As for `position`.

    Examples
    --------
    >>> float(spread([3, 1], [-1.0, 1.0]))
    0.75
    """
    p, x = _with_points(weights, points)
    away = x - (p @ x)[..., None]
    return (p * away**2).sum(axis=-1)[()]


def vulnerability(weights: Any, points: Any, own: float) -> np.ndarray:
    """Geopolitical vulnerability: the weighted mean distance of partners from the state itself.

    How far a state depends on partners with whom it does not agree.

    V = Σ p_i |x_i - x_own|

    Parameters
    ----------
    weights, points
        As for `position`.
    own : float
        The point of the state whose portfolio it is; NaN if it has none.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN also where the state has no point.

    Raises
    ------
    ParameterError
        As for `position`.

    References
    ----------
    Aiyar, S. & Ohnsorge, F. (2024). Geoeconomic Fragmentation and "Connector" Countries. CEPR
    Discussion Paper 19352 (there for trade, loans and investment).

    Examples
    --------
    >>> float(vulnerability([3, 1], [-1.0, 1.0], own=-0.5))
    0.75
    """
    return position(weights, np.abs(_points(points) - own))


def connectedness(weights: Any, points: Any, own: float) -> np.ndarray:
    """Geopolitical connectedness: the weighted standard deviation of partners' distances.

    Whether a state has partners both near and far, and so may stand between camps.

    C = √(Σ p_i (|x_i - x_own| - V)²)

    Parameters
    ----------
    weights, points, own
        As for `vulnerability`.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN as for `vulnerability`.

    Raises
    ------
    ParameterError
        As for `position`.

    References
    ----------
    As for `vulnerability`.

    Examples
    --------
    >>> round(float(connectedness([3, 1], [-1.0, 1.0], own=-0.5)), 6)
    0.433013
    """
    return np.sqrt(spread(weights, np.abs(_points(points) - own)))


def _points(points: Any) -> np.ndarray:
    x = as_floats(points, "points")
    if x.ndim != 1 or np.isinf(x).any():
        raise ParameterError(
            f"points must be one finite number (or NaN) for each partner; got shape {x.shape}."
        )
    return x


def _with_points(weights: Any, points: Any) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the partners that have points, and these points."""
    w, x = checked_weights(weights), _points(points)
    if w.shape[-1] != len(x):
        raise ParameterError(f"there are {w.shape[-1]} partners and {len(x)} points.")
    known = ~np.isnan(x)
    w = w[..., known]
    with quiet():
        # where no partner is known 0/0 is NaN, as it should be; an empty sum would be 0
        p = w / w.sum(axis=-1, keepdims=True)
    if not known.any():
        return np.full((*w.shape[:-1], 1), np.nan), np.zeros(1)
    return p, x[known]
