"""How unlike partners are: labelled partner × partner tables of distances between 0 and 1.

A kind of distance is a function of the first and last year of a window. Its table is square,
symmetric and complete: a state about which the source says nothing in these years has no label
(`measure` leaves it out and says what share of the weight it had); there is never a 0 for what is
not known. `known` says which states a kind has.

A state that goes on under another code (`countries.continuing`) has one history, and stands in the
table under each code that it bore in these years and under that of today, with the same distances.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from typing import TypeVar

import numpy as np
import pandas as pd

from .. import _arguments
from ..errors import ParameterError
from ..measures import alignment
from ..measures._arrays import as_floats
from ..sources import catalog, countries, store

Distances = Callable[[int, int], pd.DataFrame]
_Known = TypeVar("_Known", pd.Series, pd.DataFrame)

#: obligation -> strength of the commitment, as ATOP ranks them for its own S-scores
STRENGTH = {
    "defense": 3, "offense": 3, "neutrality": 2, "consultation": 2, "nonaggression": 1,
}  # fmt: skip

#: votes that two states must have cast in the same roll calls
MIN_VOTES = 10


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
    return _means("unga", "ideal_points.csv", "ideal_point", first, last)


def ideal_points_from(country: str) -> Callable[[int, int], pd.Series]:
    """How far each state's ideal point is from that of one state, in years to be chosen.

    With it `analysis.measure(made, alignment.position, distances=...)` is geopolitical
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

    def apart(first: int, last: int) -> pd.Series:
        points = ideal_points(first, last)
        own = points.get(country)
        return points.iloc[:0] if own is None else (points - own).abs()

    return apart


def indicator(partners: Iterable[str]) -> pd.Series:
    """1 for some partners, 0 for all others: the weighted mean of these points is their share.

    With it `analysis.measure(made, alignment.position, distances=...)` is a share with its
    interval.

    Parameters
    ----------
    partners : list of str
        ISO3 codes; of a state that goes on under another code, either will do.

    Returns
    -------
    Series
        Indexed by ISO3: all that can be a partner, territories among them.
    """
    heirs = countries.continuing()
    wanted = {heirs.get(code, code) for code in partners}
    every = sorted(countries.codes() | countries.territories())
    return pd.Series([float(heirs.get(code, code) in wanted) for code in every], index=every)


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
    apart = _apart(ideal_points(first, last))
    width = apart.to_numpy().max(initial=0.0)
    return apart / width if width > 0 else apart


def region_distances(first: int, last: int) -> pd.DataFrame:
    """Distance by region: 0 between states of one region, 1 between any others.

    Parameters
    ----------
    first, last : int
        Years; they make no difference.

    Returns
    -------
    DataFrame
        All states and territories of `data/countries`, gone ones included, by the seven regions of
        the World Bank (2024).
    """
    codes = sorted(countries.codes() | countries.territories())
    regions = np.array([countries.region_of(code) for code in codes])
    return pd.DataFrame((regions[:, None] != regions[None, :]).astype(float), codes, codes)


def regime_distances(first: int, last: int) -> pd.DataFrame:
    """Difference of electoral democracy (V-Dem's polyarchy, 0 to 1), averaged over some years.

    It is not stretched to the widest difference, so 0.3 means the same in every window.

    Parameters
    ----------
    first, last : int
        Years over which each state's index is averaged; those without an estimate do not count.

    Returns
    -------
    DataFrame
        States with an estimate in these years (1816-2024; without most states of fewer than half a
        million people).

    References
    ----------
    Teorell, J., Coppedge, M., Lindberg, S. & Skaaning, S.-E. (2019). Measuring Polyarchy Across
    the Globe, 1900-2017. Studies in Comparative International Development 54, 71-95.
    """
    return _apart(_means("vdem", "polyarchy.csv", "polyarchy", first, last))


def geographic_distances(first: int, last: int) -> pd.DataFrame:
    """Great-circle distance between capitals, as a share of half the Earth's circumference.

    1 is the antipodes, about 20,015 km. By the haversine formula, on a sphere.

    Parameters
    ----------
    first, last : int
        Years; a state's capital is the last that it had in these.

    Returns
    -------
    DataFrame
        States with a capital on record in these years (1816-2024; no territories).
    """
    table = _table("capitals", "capitals.csv")
    there = table[(table["first_year"] <= last) & (table["last_year"] >= first)]
    there = there.sort_values(["iso3", "first_year"]).drop_duplicates("iso3", keep="last")
    north, east = np.radians(there[["latitude", "longitude"]].to_numpy()).T
    half_chord = np.sin(np.subtract.outer(north, north) / 2) ** 2 + (
        np.multiply.outer(np.cos(north), np.cos(north))
        * np.sin(np.subtract.outer(east, east) / 2) ** 2
    )
    angle = 2 * np.arcsin(np.sqrt(half_chord.clip(0, 1)))
    table = pd.DataFrame(angle / np.pi, there["iso3"].array, there["iso3"].array)
    return _under_every_code(table, first, last)


def voting_distances(first: int, last: int) -> pd.DataFrame:
    """1 less the share of agreement in roll calls of the UN General Assembly.

    Agreement is the same vote (yes, no or abstain) among the roll calls in which both voted. Where
    two states have fewer than `MIN_VOTES` of these, as Czechoslovakia and its successors have,
    one is left out, so that the table is complete: first the state that lacks the most others.

    Parameters
    ----------
    first, last : int
        Years; a session counts in the year in which it began.

    Returns
    -------
    DataFrame
        Members of the United Nations who voted in these years (1946-2019).

    References
    ----------
    Voeten, E., Strezhnev, A. & Bailey, M. (2009). United Nations General Assembly Voting Data.
    Harvard Dataverse, doi:10.7910/DVN/LEJUQZ. For agreement see `likeness.agreement`.
    """
    table = _table("un_votes", "votes.csv")
    chosen = table[table["year"].between(first, last)]
    if chosen.empty:
        return pd.DataFrame(dtype=float)
    lengths = chosen.groupby("year")["votes"].first().str.len()
    sessions = chosen.pivot(index="iso3", columns="year", values="votes")
    sessions = sessions.fillna({year: "." * length for year, length in lengths.items()})
    votes = np.array([list("".join(row)) for row in sessions.to_numpy()])
    share, both = alignment.agreement(votes)
    kept = _complete(both)
    states = sessions.index[kept].array
    table = pd.DataFrame(1 - share[np.ix_(kept, kept)], states, states)
    return _under_every_code(table, first, last)


def _complete(both: np.ndarray) -> np.ndarray:
    """Positions of states of which any two have enough votes in common.

    The state that lacks the most others goes, and so on; of several, the one with fewest votes.
    """
    cast = np.diag(both)
    kept = np.flatnonzero(cast >= MIN_VOTES)
    while (lacking := (both[np.ix_(kept, kept)] < MIN_VOTES).sum(axis=1)).any():
        kept = np.delete(kept, np.lexsort((cast[kept], -lacking))[0])
    return kept


def alliance_portfolios(year: int) -> pd.DataFrame:
    """Tabulate what each state had promised each other state by treaty in a year (ATOP).

    Parameters
    ----------
    year : int
        Calendar year.

    Returns
    -------
    DataFrame
        Members of the state system of Correlates of War both ways, the promising state in the
        rows: its strongest obligation by `STRENGTH`, 0 for none; to itself 3, as is usual. Empty
        outside the years of the source (1815-2018).

    References
    ----------
    Leeds, B. A., Ritter, J. M., Mitchell, S. M. & Long, A. G. (2002). Alliance Treaty Obligations
    and Provisions, 1815-1944. International Interactions 28(3), 237-260.
    """
    first, last = catalog.get("atop").years
    states = countries.all_states(year, system="cow") if first <= year <= last else []
    ties = store.read("alliance", sources=["atop"], years=(year, year))
    ties = ties[ties["partner"].isin(states) & ties["country"].isin(states)]
    flags = ties["flags"].unique()
    strongest = {own: max(STRENGTH.get(flag, 0) for flag in own.split()) for own in flags}
    strength = ties["flags"].map(strongest).to_numpy(float)
    portfolios = np.diag(np.full(len(states), float(max(STRENGTH.values()))))
    # `partner` is the one who owes, `country` the one to whom it is owed
    places = np.searchsorted(states, ties["partner"]), np.searchsorted(states, ties["country"])
    np.maximum.at(portfolios, places, strength)
    return pd.DataFrame(portfolios, states, states)


def alliance_s_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of alliance portfolios by Signorino and Ritter's S, as (1 - S) / 2.

    Most pairs of states have no treaty at all, and S counts that as agreement: see
    `alliance_kappa_distances`.

    Parameters
    ----------
    first, last : int
        Years; the portfolios are those of the last of these which ATOP covers.

    Returns
    -------
    DataFrame
        Members of the state system in that year (1816-2018). Promises of wide circles count like
        others: after the Helsinki Final Act of 1975, members of NATO and of the Warsaw Pact are
        near each other.

    References
    ----------
    Those of `alliance_portfolios` and of `likeness.s_score`.
    """
    return _portfolios_apart(first, last, partial(alignment.s_score, span=max(STRENGTH.values())))


def alliance_kappa_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of alliance portfolios beyond chance, as (1 - κ) / 2.

    0.5 is what two states would have that spread their promises at random.

    Parameters
    ----------
    first, last : int
        Years; the portfolios are those of the last of these which ATOP covers.

    Returns
    -------
    DataFrame
        As of `alliance_s_distances`.

    References
    ----------
    Those of `alliance_portfolios` and of `likeness.kappa`.
    """
    return _portfolios_apart(first, last, alignment.kappa)


def alliance_pi_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of alliance portfolios beyond chance, as (1 - π) / 2.

    As κ, but that one state promises more than the other counts as disagreement too.

    Parameters
    ----------
    first, last : int
        Years; the portfolios are those of the last of these which ATOP covers.

    Returns
    -------
    DataFrame
        As of `alliance_s_distances`.

    References
    ----------
    Those of `alliance_portfolios` and of `likeness.scott_pi`.
    """
    return _portfolios_apart(first, last, alignment.scott_pi)


def _portfolios_apart(
    first: int, last: int, similarity: Callable[[np.ndarray], np.ndarray]
) -> pd.DataFrame:
    year = min(last, catalog.get("atop").years[1])
    portfolios = alliance_portfolios(year) if first <= year else pd.DataFrame()
    if portfolios.empty:
        return pd.DataFrame(dtype=float)
    apart = (1 - similarity(portfolios.to_numpy())) / 2
    table = pd.DataFrame(apart.clip(0, 1), portfolios.index, portfolios.index)
    return _under_every_code(table, first, last)


@cache
def _table(source: str, name: str) -> pd.DataFrame:
    """Read a table of a source, all years of a state under its code of today."""
    table = store.table(source, name)
    return table.assign(iso3=table["iso3"].replace(countries.continuing()))


def _means(source: str, name: str, column: str, first: int, last: int) -> pd.Series:
    """Mean of each state over the years in which it has a number; absent if in none."""
    means = _by_year(source, name, column).loc[:, first:last].mean(axis=1).dropna().rename(column)
    return _under_every_code(means, first, last)


def _under_every_code(known: _Known, first: int, last: int) -> _Known:
    """Repeat a state that goes on under another code: under each of some years, and of today."""
    labels = {code: code for code in known.index}
    for code, heir in countries.continuing().items():
        bore = any(countries.exists(code, year) for year in range(first, last + 1))
        if bore and (has := {code, heir} & labels.keys()):
            labels |= {other: labels[min(has)] for other in {code, heir} - has}
    names, rows = sorted(labels), [labels[name] for name in sorted(labels)]
    if isinstance(known, pd.Series):
        return known.loc[rows].set_axis(names)
    return known.loc[rows, rows].set_axis(names, axis=0).set_axis(names, axis=1)


@cache
def _by_year(source: str, name: str, column: str) -> pd.DataFrame:
    table = _table(source, name)
    return table.pivot(index="iso3", columns="year", values=column).sort_index(axis=1)


def _apart(points: pd.Series) -> pd.DataFrame:
    """Absolute differences between points on a line."""
    values = points.to_numpy()
    apart = np.abs(values[:, None] - values[None, :])
    return pd.DataFrame(apart, points.index, points.index)


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

#: kinds of distance by the source that they are made from
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
