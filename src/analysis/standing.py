"""A state among others like it, by its main series."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from . import catalog, countries, diversity, profile, store
from .estimates import measure
from .panel import portfolio

#: orders of a Hill profile
ORDERS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, np.inf)


def main(made: pd.DataFrame) -> pd.DataFrame:
    """Keep the series that stands for a state: the first, in their order, of flows that has a tie.

    Parameters
    ----------
    made : DataFrame
        Portfolios of one country.

    Returns
    -------
    DataFrame
        All windows of one source and instrument; empty if nothing but treaties is measured, which
        all weigh the same.
    """
    flows = made[(made["status"] == "measured") & (made["basis"] == "flow")]
    first = flows[["source", "instrument"]].head(1)
    return made.merge(first, on=["source", "instrument"])


def neighbours(made: pd.DataFrame, *, most: int = 4) -> list[str]:
    """States to compare a country with: of its region, nearest in the number of ties on record.

    Parameters
    ----------
    made : DataFrame
        One portfolio.
    most : int
        How many at most.

    Returns
    -------
    list of str
        ISO3 codes of states with a tie by the same source in the same window, the nearest first.
    """
    if made.empty:
        return []
    row = made.iloc[0]
    instrument = row["instrument"].partition("/")[0]
    ties = store.load(instrument, sources=[row["source"]], years=(row["start"], row["end"]))
    number = ties.groupby("country")["event_id"].nunique()
    region = countries.region_of(row["country"])
    near = [
        code
        for code in number.index
        if countries.region_of(code) == region and countries.exists(code, row["end"])
    ]
    apart = (number[near] - number.get(row["country"], 0)).abs().sort_values(kind="stable")
    return [code for code in apart.index if code != row["country"]][:most]


def hill_profiles(
    made: pd.DataFrame, *, peers: Iterable[str], draws: int, seed: int
) -> pd.DataFrame:
    """Hill profile of a country's portfolio, and of the same portfolio of others.

    Parameters
    ----------
    made : DataFrame
        One portfolio of a country: a source, an instrument, a window.
    peers : list of str
        The others, ISO3 codes or names; none: see `neighbours`.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with order and name; one row for each state and order. Those
        that have no tie in this window, or are not covered, are left out.
    """
    if made.empty:
        return measure(made, diversity.hill, order=1).assign(order=[], name=[])
    row = made.iloc[0]
    codes = [countries.lookup(peer) for peer in peers] or neighbours(made)
    states = list(dict.fromkeys([row["country"], *codes]))
    every = pd.concat([made, _same(row, states[1:])], ignore_index=True)
    every = every[every["status"] == "measured"]
    found = measure(every, diversity.hill, order=list(ORDERS), draws=draws, seed=seed)
    found = found.assign(order=np.repeat(ORDERS, len(found) // len(ORDERS)))
    rank = {code: at for at, code in enumerate(states)}
    found = found.sort_values("country", key=lambda code: code.map(rank), kind="stable")
    return found.assign(name=found["country"].map(countries.name_of)).reset_index(drop=True)


def _same(row: pd.Series, states: list[str]) -> pd.DataFrame:
    """Portfolios of other states by the same source, instrument, window and weighting."""
    seen = [code for code in states if catalog.get(row["source"]).observes(code)]
    kind = row["instrument"].partition("/")[0]
    records = store.load(kind, country=seen, sources=[row["source"]])
    made = portfolio(
        records, window=int(row["window"]), weighting={kind: row["weighting"]},
        years=(int(row["end"]), int(row["end"])), countries=seen, sources=[row["source"]],
    )  # fmt: skip
    return profile.chosen(made, row["instrument"])
