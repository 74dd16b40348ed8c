"""A state among others like it: the same series, side by side, and how far apart."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from ... import numbers, words
from ...measures import diversity, trends
from ...portfolios import battery, differences, specification
from ...portfolios.calibration import IntervalKind
from ...portfolios.measure import measure
from ...portfolios.panel import portfolio
from ...sources import catalog, countries, store
from .. import peer_rules, selections

_SERIES = ["source", "instrument"]

#: orders over which a difference from a peer must hold
COMPARED = (0.0, 1.0, 2.0, np.inf)
_LOOK = ["order", "window", "end"]
#: chance below which a difference is taken for one
_CHANCE = 0.05
#: orders of a Hill profile
ORDERS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0, np.inf)


def headline_series(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep the instrument that stands for a state: the first, in their order, of flows with a tie.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios of one country.

    Returns
    -------
    DataFrame
        All windows of one instrument; empty if nothing but treaties is measured, which all weigh
        the same.
    """
    flows = portfolios[(portfolios["status"] == "measured") & (portfolios["basis"] == "flow")]
    return portfolios[portfolios["instrument"].isin(flows["instrument"].head(1))].reset_index(
        drop=True
    )


def hill_profiles(
    portfolios: pd.DataFrame,
    *,
    peers: Iterable[str],
    draws: int,
    seed: int,
    continuing: str = "one",
) -> pd.DataFrame:
    """Hill profile of a country's portfolio, and of the same portfolio of others.

    Parameters
    ----------
    portfolios : DataFrame
        One portfolio of a country: a source, an instrument, a window.
    peers : list of str
        The others, ISO3 codes or names; none: of its region, the four nearest in the
        number of events on record.
    draws, seed : int
        Of the bootstrap.
    continuing : str
        As of `analysis.portfolio`: that of `portfolios`.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with order and name; one row for each state and order. Those
        that have no tie in this window, or are not covered, are left out.
    """
    if portfolios.empty:
        return measure(portfolios, diversity.hill, order=1).assign(order=[], name=[])
    row = portfolios.iloc[0]
    codes = [countries.lookup(peer) for peer in peers] or _nearest(row)
    states = list(dict.fromkeys([row["country"], *codes]))
    every = pd.concat([portfolios, _same(row, states[1:], continuing)], ignore_index=True)
    every = every[every["status"] == "measured"]
    found = measure(every, diversity.hill, order=list(ORDERS), draws=draws, seed=seed)
    found = found.assign(order=np.repeat(ORDERS, len(found) // len(ORDERS)))
    rank = {code: at for at, code in enumerate(states)}
    found = found.sort_values("country", key=lambda code: code.map(rank), kind="stable")
    return found.assign(name=found["country"].map(countries.name_of)).reset_index(drop=True)


def _nearest(row: pd.Series, most: int = 4) -> list[str]:
    span = int(row["start"]), int(row["end"])
    near = peer_rules.in_record(row["country"], source=row["source"], years=span)
    return near["country"].head(most).tolist()


def _same(row: pd.Series, states: list[str], continuing: str) -> pd.DataFrame:
    """Portfolios of other states by the same source, instrument, window and weighting."""
    seen = [code for code in states if catalog.get(row["source"]).observes(code)]
    kind = row["instrument"].partition("/")[0]
    records = store.load(kind, country=seen, sources=[row["source"]])
    portfolios = portfolio(
        records,
        window=int(row["window"]),
        weighting={kind: row["weighting"]},
        years=(int(row["end"]), int(row["end"])),
        countries=seen,
        sources=[row["source"]],
        continuing=continuing,
    )
    return selections.for_instrument(portfolios, row["instrument"])


def portfolios(
    country: str,
    chosen: pd.DataFrame,
    *,
    start: int,
    end: int,
    window: int = 5,
    weighting: str | None = None,
    continuing: str = "one",
) -> pd.DataFrame:
    """Portfolios of a state and its peers, by the sources and instruments in which it has a tie.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    chosen : DataFrame
        Its peers, as `analysis.peers` gives them.
    start, end, window, weighting, continuing
        As of `analysis.studies.selections.portfolios`.

    Returns
    -------
    DataFrame
        See `analysis.portfolio`; the state's come first, then those of its peers in their order.
    """
    code = countries.lookup(country)
    asked: dict[str, Any] = {"start": start, "end": end, "window": window, "weighting": weighting}
    asked["continuing"] = continuing
    own = selections.drop_silent_instruments(selections.portfolios(code, **asked))
    series = own[_SERIES].drop_duplicates()
    peers = peer_rules.peer_codes(chosen)
    others = selections.portfolios(peers, **asked).merge(series, on=_SERIES)
    others = others.sort_values("country", key=lambda codes: codes.map(peers.index), kind="stable")
    return pd.concat([part for part in (own, others) if len(part)] or [own], ignore_index=True)


def side_by_side(portfolios: pd.DataFrame, country: str) -> pd.DataFrame:
    """Keep, of each source and instrument, the last window in which a state has a tie.

    They stand in the order of `analysis.studies.selections.latest`: of one instrument the newest
    first.

    Parameters
    ----------
    portfolios : DataFrame
        As `together` gives it.
    country : str
        ISO3 of the state.
    """
    last = selections.latest(portfolios[portfolios["country"] == country])
    found = last[[*_SERIES, "end"]].drop_duplicates().merge(portfolios, on=[*_SERIES, "end"])
    return found[portfolios.columns]


def over_time(
    portfolios: pd.DataFrame, instrument: str, *, order: float, draws: int, seed: int
) -> pd.DataFrame:
    """Effective partners of a state and its peers in every window, by one instrument.

    Parameters
    ----------
    portfolios : DataFrame
        As `together` gives it.
    instrument : str
        Such as "exercise"; of arms imports one source is kept, as `profile.best_arms` does.
    order : float
        Of the Hill number.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `name`; empty if the state has no such tie.
    """
    kept = selections.for_instrument(portfolios, instrument)
    if instrument == "arms" and len(kept):
        own = kept[kept["country"] == kept["country"].iloc[0]]
        kept = kept[kept["source"].isin(selections.best_arms_source(own)["source"])]
    found = battery.effective(kept, order=order, draws=draws, seed=seed)
    return found.assign(name=found["country"].map(countries.name_of))


def differences_from_peers(
    portfolios: pd.DataFrame,
    country: str,
    *,
    order: float,
    draws: int,
    seed: int,
    continuing: str = "one",
) -> pd.DataFrame:
    """Effective partners of a state less those of each peer, with events drawn for both at once.

    Parameters
    ----------
    portfolios, country, order, draws, seed
        As of `analysis.studies.peers.ranking.ranks`; treaties, which all weigh the same, are left
        out.
    continuing : str
        As of `analysis.portfolio`: that of `portfolios`.

    Returns
    -------
    DataFrame
        See `analysis.portfolios.differences.difference`: the peer is `country_before`, and called
        `name`.
        `p` is the chance of a difference as large if there were none, corrected for the number of
        peers (Holm); `looks`, in how many orders and windows the two can be compared (see `looks`),
        and `same`, in how many of these the difference is not of the other sign; `stands`, what
        can be said: "above" or "below", if it does not hang on chance nor on the order or window,
        "turns", if it hangs on these, "open", or "unknown" where there is no interval.
    """
    flows = portfolios[portfolios["basis"] == "flow"]
    own = flows[flows["country"] == country]
    peers = dict(list(flows[flows["country"] != country].groupby("country", sort=False)))
    label = battery.effective_name(order)
    parts = [
        differences.difference(
            own, rows, diversity.hill, order=order, draws=draws, seed=seed, label=label
        )
        for rows in peers.values()
    ]
    empty = pd.DataFrame(columns=differences.DIFFERENCE)
    table = pd.concat(parts or [empty], ignore_index=True)
    table = table.assign(name=table["country_before"].map(countries.name_of))
    return _judged(table, looks(portfolios, country, continuing=continuing))


def looks(portfolios: pd.DataFrame, country: str, *, continuing: str = "one") -> pd.DataFrame:
    """Compare a state with each peer by several orders of the Hill number and several windows.

    Parameters
    ----------
    portfolios, country, continuing
        As of `apart`.

    Returns
    -------
    DataFrame
        source, instrument, country_before (the peer), window, end, order, difference: by `COMPARED`
        orders, in windows of 3, 5 and 7 years that end in the same year, and in the window of the
        same length that ends a year earlier. Without pairs of which one has no tie there.
    """
    flows = portfolios[(portfolios["basis"] == "flow") & (portfolios["status"] == "measured")]
    parts = [pd.DataFrame(columns=[*_SERIES, "country_before", *_LOOK, "difference"])]
    for _, rows in flows.groupby(_SERIES, sort=False):
        states = [country, *rows.loc[rows["country"] != country, "country"].unique()]
        row = rows.iloc[0]
        spans = [(window, row["end"]) for window in sorted({*specification.WINDOWS, row["window"]})]
        for window, end in [*spans, (row["window"], row["end"] - 1)]:
            same = _same(pd.Series({**row, "window": window, "end": end}), states, continuing)
            found = measure(same, diversity.hill, order=list(COMPARED))
            found["order"] = np.repeat(COMPARED, len(found) // len(COMPARED))
            wide = found.pivot(index="country", columns="order", values="estimate")
            if country in wide.index:
                less = (wide.loc[country] - wide.drop(index=country)).reset_index(names="peer")
                less = less.melt("peer", var_name="order", value_name="difference").dropna()
                less = less.rename(columns={"peer": "country_before"})
                parts.append(less.assign(**row[_SERIES], window=window, end=end))
    return pd.concat(parts[1:] or parts, ignore_index=True)[parts[0].columns]


def _judged(table: pd.DataFrame, compared: pd.DataFrame) -> pd.DataFrame:
    """Say of each difference what can be said, whatever the chance, the order and the window."""
    signs = np.sign(compared["difference"].astype(float).round(9))
    counts = compared.assign(n_above=signs > 0, n_below=signs < 0, looks=1)
    counts = counts.groupby([*_SERIES, "country_before"])[["n_above", "n_below", "looks"]].sum()
    table = table.merge(counts.reset_index(), on=[*_SERIES, "country_before"], how="left")
    above = table["above"].astype(float)
    chance = 2 * np.minimum(above, 1 - above)
    table["p"] = chance.groupby([table[name] for name in _SERIES]).transform(trends.holm)
    exact = table["interval_kind"].eq(IntervalKind.EXACT)
    low, high = (table[end].mask(exact, table["difference"]) for end in ("low", "high"))
    sure = table["p"].isna() | (table["p"] < _CHANCE)
    other = table["n_below"].where(table["difference"] > 0, table["n_above"])
    is_above, is_below, turns = sure & (low > 0), sure & (high < 0), other > 0
    stands = np.select(
        [low.isna() & high.isna(), (is_above | is_below) & turns, is_above, is_below],
        ["unknown", "turns", "above", "below"],
        "open",
    )
    table = table.assign(same=table["looks"] - other, stands=stands)
    return table.drop(columns=["n_above", "n_below"])


def differences_table(table: pd.DataFrame) -> pd.DataFrame:
    """Lay out `apart` for reading: a row a peer, a column for each source and instrument."""
    rows = table.assign(
        head=[words.portfolio_name(row) for row in table.itertuples()],
        cell=list(map(numbers.estimate, table["difference"], table["low"], table["high"])),
    )
    known = rows[rows["difference"].notna()]
    heads = [head for head in rows["head"].unique() if head in set(known["head"])]
    wide = known.pivot(index="name", columns="head", values="cell")
    wide = wide.reindex(index=known["name"].unique(), columns=heads)
    return wide.rename_axis(index="state less", columns=None)
