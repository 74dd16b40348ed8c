"""Distances between states by their records: votes and alliances."""

from collections.abc import Callable
from functools import cache, partial
from typing import TypeVar

import numpy as np
import pandas as pd

from ..measures import alignment
from ..sources import catalog, countries, store

#: votes that two states must have cast in the same roll calls
MIN_VOTES = 10
#: obligation -> strength of the commitment, as ATOP ranks them for its own S-scores
STRENGTH = {
    "defense": 3, "offense": 3, "neutrality": 2, "consultation": 2, "nonaggression": 1,
}  # fmt: skip
Known = TypeVar("Known", pd.Series, pd.DataFrame)


def voting_distances(first: int, last: int) -> pd.DataFrame:
    """1 less the share of agreement in roll calls of the UN General Assembly, `first` to `last`.

    Agreement is the same vote (yes, no or abstain) among the roll calls in which both voted. Where
    two states have fewer than `MIN_VOTES` of these, as Czechoslovakia and its successors have,
    one is left out, so that the table is complete: first the state that lacks the most others. The
    table has members of the United Nations who voted in these years (1946-2019); a session counts
    in the year in which it began.

    References
    ----------
    Voeten, E., Strezhnev, A. & Bailey, M. (2009). United Nations General Assembly Voting Data.
    Harvard Dataverse, doi:10.7910/DVN/LEJUQZ. For agreement see `alignment.agreement`.
    """
    table = table_of("un_votes", "votes.csv")
    cast = table[table["year"].between(first, last)]
    if cast.empty:
        return pd.DataFrame(dtype=float)
    lengths = cast.groupby("year")["votes"].first().str.len()
    sessions = cast.pivot(index="iso3", columns="year", values="votes")
    sessions = sessions.fillna({year: "." * length for year, length in lengths.items()})
    votes = np.array([list("".join(row)) for row in sessions.to_numpy()])
    share, both = alignment.agreement(votes)
    kept = _complete(both)
    states = sessions.index[kept].array
    table = pd.DataFrame(1 - share[np.ix_(kept, kept)], states, states)
    return under_every_code(table, first, last)


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
    """Tabulate what each state has promised each other state by treaty in a year (ATOP).

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
    `alliance_kappa_distances`. The portfolios are those of the last year from `first` to `last`
    which ATOP covers; the table has members of the state system in that year (1816-2018). Promises
    of wide circles count like others: after the Helsinki Final Act of 1975, members of NATO and of
    the Warsaw Pact are near each other.

    References
    ----------
    Those of `alliance_portfolios` and of `alignment.s_score`.
    """
    return _alliance_distances(first, last, partial(alignment.s_score, span=max(STRENGTH.values())))


def alliance_kappa_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of alliance portfolios beyond chance, as (1 - κ) / 2.

    0.5 is what two states would have that spread their promises at random. The years `first` and
    `last` and the table are as for `alliance_s_distances`.

    References
    ----------
    Those of `alliance_portfolios` and of `alignment.kappa`.
    """
    return _alliance_distances(first, last, alignment.kappa)


def alliance_pi_distances(first: int, last: int) -> pd.DataFrame:
    """Distance of alliance portfolios beyond chance, as (1 - π) / 2.

    As κ, but that one state promises more than the other counts as disagreement too. The years
    `first` and `last` and the table are as for `alliance_s_distances`.

    References
    ----------
    Those of `alliance_portfolios` and of `alignment.scott_pi`.
    """
    return _alliance_distances(first, last, alignment.scott_pi)


def _alliance_distances(
    first: int, last: int, similarity: Callable[[np.ndarray], np.ndarray]
) -> pd.DataFrame:
    year = min(last, catalog.get("atop").years[1])
    portfolios = alliance_portfolios(year) if first <= year else pd.DataFrame()
    if portfolios.empty:
        return pd.DataFrame(dtype=float)
    distances = (1 - similarity(portfolios.to_numpy())) / 2
    table = pd.DataFrame(distances.clip(0, 1), portfolios.index, portfolios.index)
    return under_every_code(table, first, last)


@cache
def table_of(source: str, name: str) -> pd.DataFrame:
    """Read a table of a source, all years of a state under its code of today."""
    table = store.table(source, name)
    return table.assign(iso3=table["iso3"].replace(countries.continuing()))


def means_of(source: str, name: str, column: str, first: int, last: int) -> pd.Series:
    """Mean of each state over the years in which it has a number; absent if in none."""
    means = by_year(source, name, column).loc[:, first:last].mean(axis=1).dropna().rename(column)
    return under_every_code(means, first, last)


def under_every_code(known: Known, first: int, last: int) -> Known:
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
def by_year(source: str, name: str, column: str) -> pd.DataFrame:
    """Give a column of a table by state and year."""
    table = table_of(source, name)
    return table.pivot(index="iso3", columns="year", values=column).sort_index(axis=1)
