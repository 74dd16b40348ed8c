"""How unlike partners are: labelled partner × partner tables of distances between 0 and 1."""

from collections.abc import Callable
from functools import cache, partial

import numpy as np
import pandas as pd

from . import store
from .errors import ParameterError

Distances = Callable[[int, int], pd.DataFrame]


def ideal_points(first: int, last: int) -> pd.Series:
    """Mean ideal point of each state over the sessions of some years.

    Parameters
    ----------
    first, last : int
        Years, both included; a session counts in the year in which it began.

    Returns
    -------
    Series
        Indexed by ISO3; states without an estimate in these years are absent, not zero.

    References
    ----------
    Bailey, M. A., Strezhnev, A. & Voeten, E. (2017). Estimating Dynamic State Preferences from
    United Nations Voting Data. Journal of Conflict Resolution 61(2), 430-456.
    """
    table = _ideal_points()
    chosen = table[table["year"].between(first, last)].dropna(subset="ideal_point")
    return chosen.groupby("iso3")["ideal_point"].mean()


@cache
def _ideal_points() -> pd.DataFrame:
    return store.table("unga", "ideal_points.csv")


def ideal_point_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of ideal points, divided by the widest distance between any two states then.

    Parameters
    ----------
    first, last : int
        Years over which ideal points are averaged.

    Returns
    -------
    DataFrame
        Square and symmetric, labelled by ISO3 both ways, zero diagonal, entries in [0, 1]. Empty
        if no session falls into these years.
    """
    points = ideal_points(first, last)
    apart = np.abs(points.to_numpy()[:, None] - points.to_numpy()[None, :])
    width = apart.max(initial=0.0)
    return pd.DataFrame(apart / width if width > 0 else apart, points.index, points.index)


KINDS: dict[str, Distances] = {"ideal_point": ideal_point_distances}


def distances(kind: str, *, years: tuple[int, int] | None = None) -> pd.DataFrame | Distances:
    """Distances of one kind between all states.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    years : (int, int), optional
        First and last year. Without them a function of both is returned, which `measure` calls for
        the window of each portfolio.

    Returns
    -------
    DataFrame or callable
        Labelled by ISO3; see the function of each kind.

    Raises
    ------
    ParameterError
        For an unknown kind.
    """
    if kind not in KINDS:
        raise ParameterError(f"Unknown distance {kind!r}. There are: {', '.join(KINDS)}.")
    return KINDS[kind](*years) if years else _remembered(kind)


@cache
def _remembered(kind: str) -> Distances:
    return cache(partial(KINDS[kind]))
