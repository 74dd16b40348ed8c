"""The tables of a country profile."""

import pandas as pd

from ... import numbers, words
from ...measures import diversity
from ...portfolios import losses as portfolios_losses
from ...portfolios.battery import measures, over_time
from ...portfolios.differences import DIFFERENCE, difference
from ...portfolios.shares import shares
from ...sources import catalog, countries, store
from ...words import PORTFOLIO
from ..selections import latest


def changes(portfolios: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Measure the last window of each instrument against its first, in effective partners.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios of one country in many windows.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        See `analysis.portfolios.differences.difference`; without instruments that have one window
        only.
    """
    measured = portfolios[portfolios["status"] == "measured"]
    ends = measured.groupby(["source", "instrument"])["end"]
    first, last = ends.transform("min"), ends.transform("max")
    several = first < last
    earliest, newest = (measured[several & (measured["end"] == end)] for end in (first, last))
    if newest.empty:
        return pd.DataFrame(columns=DIFFERENCE)
    return difference(
        newest,
        earliest,
        diversity.hill,
        order=1,
        draws=draws,
        seed=seed,
        label="effective partners, q = 1",
    )


def side_by_side(portfolios: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Every measure of every portfolio as text with its interval: a row each, a column a portfolio.

    Empty if there is no portfolio.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios, one for each source and instrument (see `latest`).
    draws, seed : int
        Of the bootstrap.
    """
    table = over_time(portfolios, list(measures()), draws=draws, seed=seed)
    heads = [words.portfolio_name(row) for row in table.itertuples()]
    cells = [numbers.estimate_of(row) for row in table.itertuples()]
    wide = table.assign(head=heads, cell=cells).pivot(
        index="measure", columns="head", values="cell"
    )
    wide = wide.reindex(index=table["measure"].unique(), columns=list(dict.fromkeys(heads)))
    return wide.rename_axis(index="measure", columns=None)


def unattributed(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Tell what is left out of each arms portfolio: suppliers unknown, or with next to nothing.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.

    Returns
    -------
    DataFrame
        One row for each measured portfolio of a source that says so: its columns, and
        share_left_out (0 to 1, of the portfolio and what was left out together: from suppliers that
        are no states, or not named) and n_negligible (suppliers whose deliveries the source rounds
        to 0).
    """
    rows = []
    totals = (
        portfolios[portfolios["status"] == "measured"]
        .groupby(PORTFOLIO, sort=False)["weight"]
        .sum()
    )
    for key, total in totals.items():
        if "unattributed.csv" not in catalog.get(key[1]).files:
            continue
        other = store.table(key[1], "unattributed.csv")
        inside = (other["country"] == key[0]) & other["year"].between(key[3], key[4])
        left_out = other.loc[inside, "value"].sum()
        rows.append([*key, left_out / (left_out + total), _negligible(*key)])
    return pd.DataFrame(rows, columns=[*PORTFOLIO, "share_left_out", "n_negligible"])


def _negligible(country: str, source: str, instrument: str, start: int, end: int) -> int:
    """Count the partners with whom all of a state's ties in some years are of the value 0."""
    ties = store.load(instrument, country=country, sources=[source])
    inside = ties[ties["start"].dt.year.between(start, end)]
    partners = inside["partner"].replace(countries.continuing())
    return int((inside["value"].groupby(partners).sum() == 0).sum())


def losses(portfolios: pd.DataFrame, *, draws: int = 0, seed: int | None = None) -> pd.DataFrame:
    """Tell what the loss of the first partner does to the last window of each instrument.

    Left out are portfolios of several partners that all have the same weight: none is the first.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.
    draws, seed : int
        Of the bootstrap.
    """
    every = measures(draws=draws, seed=seed)
    shown = [every[one] for one in ("hill_0", "hill_1", "rao")]
    return portfolios_losses.loss(
        _with_a_first(latest(portfolios)), {one.keywords["label"]: one for one in shown}
    )


def _with_a_first(portfolios: pd.DataFrame) -> pd.DataFrame:
    table = shares(portfolios)
    most, least = (table.groupby(PORTFOLIO)["share"].agg(how) for how in ("max", "min"))
    first = most.index[(most > least + 1e-9) | (most == 1)]
    return portfolios[pd.MultiIndex.from_frame(portfolios[PORTFOLIO]).isin(first)]
