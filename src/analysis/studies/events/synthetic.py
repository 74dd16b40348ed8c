"""Synthetic control: what a mixture of other units did, and how unusual the difference is.

A unit is set against the mixture of others (donors) that followed its path best before a shock.
What the shock did is not observed; the same is done to each donor, which had no shock, and the
spread of their differences is the measure of what is not known.
"""

from typing import Any

import numpy as np

from ...errors import ParameterError
from ...measures._arrays import as_floats

#: differences below this are rounding, not distance
_TINY = 1e-12


def weights(own: Any, donors: Any) -> np.ndarray:
    """Weights of donors, not negative and with sum 1, whose mixture is nearest to a path.

    W = argmin ‖x - Σ w_j x_j‖, by Wolfe's algorithm for the point of a convex hull nearest to
    another: exact, and with no more donors than it needs. If the path lies inside the hull, other
    mixtures fit as well.

    References
    ----------
    Abadie, A., Diamond, A. & Hainmueller, J. (2010). Synthetic Control Methods for Comparative
    Case Studies. Journal of the American Statistical Association 105(490), 493-505.
    Wolfe, P. (1976). Finding the nearest point in a polytope. Mathematical Programming 11, 128-149.

    Examples
    --------
    >>> weights([2.0], [[1.0], [5.0]]).round(6).tolist()
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

    References
    ----------
    Abadie, Diamond & Hainmueller (2010), as for `weights`; there too the unit that had the shock is
    a donor of the placebos, which keeps all units alike.
    """
    x = _checked_paths(paths, n_before)
    return np.array([gap(x, place, n_before) for place in range(len(x))])


def _checked_paths(paths: Any, n_before: int) -> np.ndarray:
    x = as_floats(paths, "paths")
    if x.ndim != 2 or len(x) < 2 or not 1 <= n_before <= x.shape[1]:
        raise ParameterError(
            f"paths has shape {x.shape} and n_before is {n_before}; two units and one time before"
            " the shock are the least."
        )
    return x


def gap(paths: np.ndarray, place: int, n_before: int) -> np.ndarray:
    """Difference of one unit from its synthetic control, made of all the others."""
    x = _checked_paths(paths, n_before)
    others = np.delete(x, place, axis=0)
    return x[place] - weights(x[place, :n_before], others[:, :n_before]) @ others


def placebo_rank(effects: Any) -> float:
    """Share of units whose difference is as large as that of the first, itself among them.

    Under the null hypothesis of no effect, and if the shock might have met any of the units, this
    is a p-value. It cannot be below 1/n_units. A unit that was not met by chance, such as the one
    with the highest level, which no mixture of the others can follow, looks unusual more often:
    see `false_alarms`.

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


def null_panels(paths: Any, n_before: int, *, panels: int, rng: np.random.Generator) -> np.ndarray:
    """Panels of units like those given, each at its own level, in which nothing happens.

    At each time a donor's value is a line over the donors' levels before, and what is left: with
    its own persistence, and as wide as its level calls for. What is left is drawn anew, for every
    unit, as a Gaussian mixture of that of the donors.
    """
    x = _checked_paths(paths, n_before)
    donors = x[1:]
    if len(donors) < 4:
        raise ParameterError(f"there are {len(donors)} donors; to draw panels needs four or more.")
    level = x[:, :n_before].mean(axis=1)
    design = np.column_stack([np.ones(len(x)), level])
    line = design @ np.linalg.lstsq(design[1:], donors, rcond=None)[0]
    left = donors - line[1:]
    scale = _scale(left, level)
    noise = rng.standard_normal((panels, len(x), len(donors))) @ (left / scale[1:, None])
    return line + scale[:, None] * noise / np.sqrt(len(donors) - 2)


def _scale(left: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Width of what is left at each level: a power of it between 0, the same for all, and 1."""
    width, size = np.sqrt((left**2).mean(axis=1)), np.abs(level)
    known = (width > _TINY) & (size[1:] > _TINY)
    if not known.any() or np.ptp(size[1:][known]) <= _TINY:
        return np.ones(len(level))
    power = np.polyfit(np.log(size[1:][known]), np.log(width[known]), 1)[0]
    return np.maximum(size, size[1:][known].min()) ** np.clip(power, 0.0, 1.0)


def false_alarms(panels: Any, n_before: int, *, rank: float, worst_fit: float = np.inf) -> float:
    """Share of panels without a shock in which the first unit ranks as high as `rank`.

    What a placebo rank as small as that is worth for a unit at this level, which is how it was
    chosen; a verdict by the rank alone would be wrong so often.

    Parameters
    ----------
    panels : array_like of shape (n_panels, n_units, n_times)
        As `null_panels` gives them.
    n_before : int
        How many of the times lie before the shock.
    rank : float
        The `placebo_rank` that was found.
    worst_fit : float
        Panels in which the mixture misses the first unit before by more than this share of its
        level are left out, because nothing would be said there.

    References
    ----------
    Abadie, A. (2021). Using Synthetic Controls: Feasibility, Data Requirements, and Methodological
    Aspects. Journal of Economic Literature 59(2), 391-425.
    """
    kept = [
        x
        for x in (_checked_paths(panel, n_before) for panel in panels)
        if misfit(gap(x, 0, n_before), x[0], n_before) <= worst_fit
    ]
    found = [_ranks_so_high(x, n_before, rank) for x in kept]
    return float(np.mean(found)) if found else float("nan")


def misfit(gaps_of: Any, path: Any, n_before: int) -> float:
    """Root mean square of a unit's gaps before the shock, as a share of its mean level there."""
    before = as_floats(gaps_of, "gaps")[:n_before]
    level = abs(as_floats(path, "path")[:n_before].mean())
    missed = float(np.sqrt((before**2).mean()))
    return missed / level if level > 0 else float("inf") if missed else 0.0


def _ranks_so_high(x: np.ndarray, n_before: int, rank: float) -> bool:
    """Whether the first unit's last gap is among the largest; without all gaps, if not needed."""
    most = int(np.floor(rank * len(x) + 1e-9))
    own, larger = abs(gap(x, 0, n_before)[-1]), 1
    for place in range(1, len(x)):
        larger += abs(gap(x, place, n_before)[-1]) >= own - _TINY
        if larger > most:
            return False
    return True
