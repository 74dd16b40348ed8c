"""How unlike partners are: labelled partner × partner tables of distances between 0 and 1.

A kind of distance is a function of the `first` and the `last` year of a window, both included. Its
table is square, symmetric, labelled by ISO3 both ways, with a diagonal of zeros, and complete: a
state about which the source says nothing in these years has no label (`measure` leaves it out and
reports what share of the weight it had); there is never a 0 for what is not known. `known` lists
which states a kind has.

A state that goes on under another code (`countries.continuing`) has one history, and stands in the
table under each code that it bore in these years and under that of today, with the same distances.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import TypeAlias

import numpy as np
import pandas as pd

from .. import _arguments
from ..errors import ParameterError
from ..measures._arrays import as_floats
from ..sources import countries
from ._records import (
    STRENGTH,
    alliance_kappa_distances,
    alliance_pi_distances,
    alliance_portfolios,
    alliance_s_distances,
    means_of,
    table_of,
    under_every_code,
    voting_distances,
)

__all__ = [
    "KINDS",
    "STRENGTH",
    "Distances",
    "alliance_kappa_distances",
    "alliance_pi_distances",
    "alliance_portfolios",
    "alliance_s_distances",
    "combine",
    "distances",
    "geographic_distances",
    "ideal_point_distances",
    "ideal_points",
    "ideal_points_from",
    "indicator",
    "known",
    "regime_distances",
    "region_distances",
    "voting_distances",
]

Distances: TypeAlias = Callable[[int, int], pd.DataFrame]


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
    return means_of("unga", "ideal_points.csv", "ideal_point", first, last)


def ideal_points_from(country: str) -> Callable[[int, int], pd.Series]:
    """How far each state's ideal point is from that of one state, in years to be chosen.

    With it `analysis.measure(portfolios, alignment.position, distances=...)` is geopolitical
    vulnerability.

    Parameters
    ----------
    country : str
        ISO3.

    Returns
    -------
    callable
        (first year, last year) -> Series as `ideal_points` gives it, of absolute differences;
        empty if the state itself has no point in these years.
    """

    def distance_to(first: int, last: int) -> pd.Series:
        points = ideal_points(first, last)
        own = points.get(country)
        return points.iloc[:0] if own is None else (points - own).abs()

    return distance_to


def indicator(partners: Iterable[str], continuing: str = "one") -> pd.Series:
    """1 for some partners, 0 for all others: the weighted mean of these points is their share.

    With it `analysis.measure(portfolios, alignment.position, distances=...)` is a share with its
    interval.

    Parameters
    ----------
    partners : list of str
        ISO3 codes; of a state that goes on under another code, either will do.
    continuing : {"one", "apart"}
        Whether such a state is one state, or two.

    Returns
    -------
    Series
        Indexed by ISO3: all that can be a partner, territories among them.
    """
    heirs = countries.heirs(continuing)
    wanted = {heirs.get(code, code) for code in partners}
    every = sorted(countries.codes() | countries.territories())
    return pd.Series([float(heirs.get(code, code) in wanted) for code in every], index=every)


def ideal_point_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of ideal points, divided by the widest distance between any two states then.

    Ideal points are averaged from `first` to `last`; the table is empty if no session falls into
    these years. The source is that of `ideal_points`.
    """
    table = _differences(ideal_points(first, last))
    width = table.to_numpy().max(initial=0.0)
    return table / width if width > 0 else table


def region_distances(first: int, last: int) -> pd.DataFrame:
    """Distance by region: 0 between states of one region, 1 between any others.

    The table has all states and territories of `data/countries`, gone ones included, by the seven
    regions of the World Bank (2024); `first` and `last` make no difference.
    """
    codes = sorted(countries.codes() | countries.territories())
    regions = np.array([countries.region_of(code) for code in codes])
    return pd.DataFrame((regions[:, None] != regions[None, :]).astype(float), codes, codes)


def regime_distances(first: int, last: int) -> pd.DataFrame:
    """Difference of electoral democracy (V-Dem's polyarchy, 0 to 1), mean of `first` to `last`.

    It is not stretched to the widest difference, so 0.3 means the same in every window. Years in
    which a state has no estimate do not count; the table has states with an estimate in any of
    these years (1816-2024; without most states of fewer than half a million people).

    References
    ----------
    Teorell, J., Coppedge, M., Lindberg, S. & Skaaning, S.-E. (2019). Measuring Polyarchy Across
    the Globe, 1900-2017. Studies in Comparative International Development 54, 71-95.
    """
    return _differences(means_of("vdem", "polyarchy.csv", "polyarchy", first, last))


def geographic_distances(first: int, last: int) -> pd.DataFrame:
    """Great-circle distance between capitals, as a share of half the Earth's circumference.

    1 is the antipodes, about 20,015 km. By the haversine formula, on a sphere. A state's capital is
    the last that it had from `first` to `last`; the table has states with a capital on record in
    these years (1816-2024; no territories).
    """
    table = table_of("capitals", "capitals.csv")
    seats = table[(table["first_year"] <= last) & (table["last_year"] >= first)]
    seats = seats.sort_values(["iso3", "first_year"]).drop_duplicates("iso3", keep="last")
    north, east = np.radians(seats[["latitude", "longitude"]].to_numpy()).T
    half_chord = np.sin(np.subtract.outer(north, north) / 2) ** 2 + (
        np.multiply.outer(np.cos(north), np.cos(north))
        * np.sin(np.subtract.outer(east, east) / 2) ** 2
    )
    angle = 2 * np.arcsin(np.sqrt(half_chord.clip(0, 1)))
    table = pd.DataFrame(angle / np.pi, seats["iso3"].array, seats["iso3"].array)
    return under_every_code(table, first, last)


def _differences(points: pd.Series) -> pd.DataFrame:
    """Absolute differences between points on a line."""
    values = points.to_numpy()
    return pd.DataFrame(np.abs(np.subtract.outer(values, values)), points.index, points.index)


KINDS: dict[str, Distances] = {
    "ideal_point": ideal_point_distances,
    "region": region_distances,
    "regime": regime_distances,
    "geographic": geographic_distances,
    "voting": voting_distances,
    "alliance_s": alliance_s_distances,
    "alliance_kappa": alliance_kappa_distances,
    "alliance_pi": alliance_pi_distances,
}

#: kinds of distance by their source
_OF_SOURCE = {
    "capitals": "geographic", "unga": "ideal_point", "vdem": "regime", "un_votes": "voting",
    "atop": "alliance_s",
}  # fmt: skip


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
    if not isinstance(kind, str) or kind not in KINDS:
        meant = f" Did you mean {_OF_SOURCE[kind]}?" if str(kind) in _OF_SOURCE else ""
        raise ParameterError(f"Unknown distance {kind!r}.{meant} There are: {', '.join(KINDS)}.")
    years = _arguments.years(years)
    return KINDS[kind](*years) if years else _remembered(kind)


@cache
def _remembered(kind: str) -> Distances:
    return cache(partial(KINDS[kind]))


def combine(
    kinds: Sequence[str],
    weights: Sequence[float] | None = None,
    *,
    years: tuple[int, int] | None = None,
) -> pd.DataFrame | Distances:
    """Weighted mean of several kinds of distance, between the states that all of them have.

    Kinds spread differently over 0 to 1: another region is 1, but of all pairs of capitals in 2014
    half are less than 0.37 apart, and half of all pairs of states disagree in less than 0.22 of
    their votes. Equal weights are not equal influence. `known` says which states a kind costs.

    Parameters
    ----------
    kinds : list of str
        Some of `KINDS`.
    weights : list of float, optional
        One for each, not negative; they are divided by their sum. Default: all the same.
    years : (int, int), optional
        As of `distances`.

    Returns
    -------
    DataFrame or callable
        As of `distances`.

    Raises
    ------
    ParameterError
        For no kind, an unknown one or one named twice, or weights that cannot be.
    """
    if isinstance(kinds, str) or not kinds or len(set(kinds)) < len(kinds):
        raise ParameterError(f"kinds is {kinds!r}; give a list of different ones.")
    chosen = [distances(kind) for kind in kinds]
    given = as_floats([1.0] * len(kinds) if weights is None else weights, "weights")
    if given.shape != (len(kinds),) or not (np.isfinite(given).all() and (given >= 0).all()):
        raise ParameterError(f"weights is {weights!r}; give one for each kind, none negative.")
    if given.sum() == 0:
        raise ParameterError("weights are all 0.")
    mean = cache(partial(_mean, chosen, given / given.sum()))
    return mean(*years) if years else mean


def _mean(kinds: list[Distances], weights: np.ndarray, first: int, last: int) -> pd.DataFrame:
    tables = [kind(first, last) for kind in kinds]
    states = sorted(set.intersection(*(set(table.index) for table in tables)))
    parts = zip(weights, tables, strict=True)
    total = sum(weight * table.loc[states, states].to_numpy() for weight, table in parts)
    return pd.DataFrame(total, states, states)


def known(partners: Iterable[str], *, years: tuple[int, int]) -> pd.DataFrame:
    """Say which kinds of distance have which partners.

    Parameters
    ----------
    partners : iterable of str
        ISO3 codes.
    years : (int, int)
        First and last year.

    Returns
    -------
    DataFrame
        One row a partner, one column a kind: True or False.
    """
    rows = list(dict.fromkeys(partners))
    return pd.DataFrame(
        {kind: pd.Index(rows).isin(distances(kind)(*years).index) for kind in KINDS},
        index=pd.Index(rows, name="partner"),
    )
