"""Synthetic control: what a mixture of other units did, and how unusual the difference is.

A unit is set against the mixture of others (donors) that followed its path best before a shock.
What the shock did is not observed; the same is done to each donor, which had no shock, and the
spread of their differences is the measure of what is not known.
"""

from typing import Any

import numpy as np

from ._arrays import as_floats
from .errors import ParameterError

#: differences below this are rounding, not distance
_TINY = 1e-12


def weights(own: Any, donors: Any) -> np.ndarray:
    """Weights of donors, not negative and with sum 1, whose mixture is nearest to a path.

    W = argmin ‖x - Σ w_j x_j‖, by Wolfe's algorithm for the point of a convex hull nearest to
    another: exact, and with no more donors than it needs. If the path lies inside the hull, other
    mixtures fit as well.

    Parameters
    ----------
    own : array_like of shape (n_times,)
        The path to be followed.
    donors : array_like of shape (n_donors, n_times)
        Those of the donors, in the same unit.

    Returns
    -------
    ndarray of shape (n_donors,)

    Raises
    ------
    ParameterError
        If there is no donor or no time, shapes differ, or a value is missing.

    References
    ----------
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic Control Methods for Comparative
    Case Studies. Journal of the American Statistical Association 105(490), 493-505.
    Wolfe, P. (1976). Finding the nearest point in a polytope. Mathematical Programming 11, 128-149.

    Examples
    --------
    >>> weights([2.0], [[1.0], [5.0]]).tolist()
    [0.75, 0.25]
    """
    x, y = as_floats(own, "own"), as_floats(donors, "donors")
    if x.ndim != 1 or y.ndim != 2 or y.shape[1] != len(x) or not y.size:
        raise ParameterError(
            f"own has shape {x.shape} and donors {y.shape}; expected (n_times,) and (n_donors,"
            " n_times), with one of each at least."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise ParameterError("a path has a missing value; leave out the time or the donor.")
    scale = max(np.abs(y - x).max(), 1e-300)
    return _nearest((y - x) / scale)


def _nearest(points: np.ndarray) -> np.ndarray:
    """Weights of the mixture of points that is nearest to the origin."""
    chosen = [int(np.argmin((points**2).sum(axis=1)))]
    mixed = np.ones(1)
    # each round brings the mixture nearer, so no set of points comes twice; the limit is for
    # rounding
    for _ in range(100 * len(points)):
        at = mixed @ points[chosen]
        gains = points @ at
        new = int(np.argmin(gains))
        if at @ at - gains[new] <= _TINY or new in chosen:
            break
        chosen, mixed = _inside([*chosen, new], np.append(mixed, 0.0), points)
    out = np.zeros(len(points))
    out[chosen] = mixed
    return out / out.sum()


def _inside(chosen: list[int], mixed: np.ndarray, points: np.ndarray) -> tuple[list, np.ndarray]:
    """Go from a mixture towards the nearest of all sums with weights 1, as far as none is below 0.

    Points whose weight runs out are dropped.
    """
    while True:
        wanted = _affine(points[chosen])
        if (wanted > _TINY).all():
            return chosen, wanted
        falling = wanted <= _TINY
        steps = mixed[falling] / np.maximum(mixed[falling] - wanted[falling], 1e-300)
        mixed = mixed + min(1.0, steps.min()) * (wanted - mixed)
        kept = mixed > _TINY
        chosen, mixed = [c for c, keep in zip(chosen, kept, strict=True) if keep], mixed[kept]


def _affine(points: np.ndarray) -> np.ndarray:
    """Weights with sum 1, of any sign, of the combination nearest to the origin."""
    number = len(points)
    system = np.ones((number + 1, number + 1))
    system[0, 0] = 0.0
    system[1:, 1:] = points @ points.T
    return np.linalg.lstsq(system, np.eye(number + 1)[0], rcond=None)[0][1:]


def gaps(paths: Any, n_before: int) -> np.ndarray:
    """Difference of each unit from its synthetic control, made of all the others.

    Parameters
    ----------
    paths : array_like of shape (n_units, n_times)
        The first row is the unit that had the shock; the others are the donors.
    n_before : int
        How many of the times, the first ones, lie before the shock: mixtures are fitted to these.

    Returns
    -------
    ndarray of shape (n_units, n_times)
        Row 0 is the estimate, the others its placebos. Before the shock it is what the fit lacks.

    Raises
    ------
    ParameterError
        For fewer than two units or one time before the shock, and as for `weights`.

    References
    ----------
    Abadie, Diamond & Hainmueller (2010), as for `weights`; there too the unit that had the shock is
    a donor of the placebos, which keeps all units alike.
    """
    x = as_floats(paths, "paths")
    if x.ndim != 2 or len(x) < 2 or not 1 <= n_before <= x.shape[1]:
        raise ParameterError(
            f"paths has shape {x.shape} and n_before is {n_before}; two units and one time before"
            " the shock are the least."
        )
    out = np.empty_like(x)
    for place in range(len(x)):
        others = np.delete(x, place, axis=0)
        out[place] = x[place] - weights(x[place, :n_before], others[:, :n_before]) @ others
    return out


def placebo_rank(effects: Any) -> float:
    """Share of units whose difference is as large as that of the first, itself among them.

    Under the null hypothesis of no effect, and if the shock might have met any of the units, this
    is a p-value. It cannot be below 1/n_units.

    Parameters
    ----------
    effects : array_like of shape (n_units,)
        Differences after the shock; the first is that of the unit that had it.

    Returns
    -------
    float
        From 1/n_units to 1; NaN if one is missing.

    Raises
    ------
    ParameterError
        If there is none.

    References
    ----------
    As for `gaps`.

    Examples
    --------
    >>> placebo_rank([3.0, -1.0, 0.5, 2.0])
    0.25
    """
    size = np.abs(as_floats(effects, "effects"))
    if size.ndim != 1 or not size.size:
        raise ParameterError(f"effects has shape {size.shape}; expected one for each unit.")
    return float((size >= size[0] - _TINY).mean()) if np.isfinite(size).all() else float("nan")
