"""The tables of a report on alliances and agreements: pledges, agreements, likeness, contacts.

Pledges are kept apart by obligation, since adding a defence pact to a promise not to attack
measures nothing; treaties, agreements signed and reviewed events are three records, never mixed.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ... import words
from ...measures import alignment
from ...portfolios import battery, disparity
from ...portfolios.panel import whole
from ...portfolios.shares import shares
from ...sources import catalog, countries, store
from .. import coverage, selections, yearly

#: the sources measured here
PLEDGES, SIGNED = "atop", "dcad"
#: states whose alliances a state's own are compared with, unless others are named
POWERS = ("USA", "CHN", "RUS", "GBR", "FRA")
#: kinds of agreement by flag; one of several kinds counts as the first of them
KINDS = {
    "dca": "general cooperation",
    "dic": "defence industry",
    "procurement": "procurement",
    "research": "research and development",
    "trex": "training and exchange",
    "commission": "joint commission",
}
_OTHER = "other"
#: instruments of the reviewed list that belong here
LISTED = words.shown_in("agreements_and_alliances")
_INDICES = {
    "S, with no treaty counted as agreement": "s",
    "kappa (κ), agreement beyond chance": "kappa",
    "pi (π), as kappa, but the level counts": "pi",
}


def pledges(country: str, *, start: int, end: int, continuing: str = "one") -> pd.DataFrame:
    """Partners by treaty in every year, an instrument for each obligation the state ever had.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years; those after the record's end are left out, unless none would be left.
    continuing : str
        See `analysis.portfolio`.

    Returns
    -------
    DataFrame
        As `analysis.portfolio` gives it; a partner is one who has promised.
    """
    last = catalog.get(PLEDGES).years[1]
    end = min(end, last) if start <= last else end
    portfolios = selections.portfolios(
        country, start=start, end=end, continuing=continuing, instruments=("alliance",)
    )
    return selections.drop_silent_instruments(portfolios)


def numbers(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Count the partners of each obligation in every year; a year without any is a true zero."""
    found = battery.measures()["hill_0"](portfolios)
    none = found["status"] == "empty"
    return found.assign(estimate=found["estimate"].mask(none, 0.0))


def joined_and_left(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Say for each obligation who joined and who left, year by year.

    Parameters
    ----------
    portfolios : DataFrame
        As `pledges` gives it.

    Returns
    -------
    DataFrame
        year, source, instrument, joined and left (names), n_joined, n_left; years without a change
        are left out. Partners of the first year with data are no newcomers.
    """
    rows = []
    table = shares(portfolios)
    for (source, instrument), own in table.groupby(["source", "instrument"], sort=False):
        known = own[own["status"].isin(["measured", "empty"])]
        members = known.groupby("end")["partner"].agg(lambda codes: frozenset(codes.dropna()))
        for before, (year, now) in zip(members.iloc[:-1], members.iloc[1:].items(), strict=True):
            if now != before:
                rows.append([year, source, instrument, now - before, before - now])
    found = pd.DataFrame(rows, columns=["year", "source", "instrument", "joined", "left"])
    for name in ("joined", "left"):
        found[f"n_{name}"] = found[name].map(len).astype(int)
        found[name] = found[name].map(_names)
    return found.sort_values(["year", "instrument"], ignore_index=True)


def _names(codes: Iterable[str]) -> str:
    return ", ".join(sorted(countries.name_of(code) for code in codes))


def joined_and_left_table(changes: pd.DataFrame) -> pd.DataFrame:
    """Lay out `joined_and_left` for reading, the latest year first."""
    rows = changes.iloc[::-1]
    table = pd.DataFrame({"year": rows["year"].astype(str)})
    table["obligation"] = rows["instrument"].map(words.instrument_name)
    for name in ("joined", "left"):
        table[name] = (
            rows[name].map(lambda names: coverage.shortened(names, most=8)).replace("", "–")
        )
    return table.reset_index(drop=True)


def signed(country: str, *, continuing: str = "one") -> pd.DataFrame:
    """All agreements of the systematic record as one portfolio.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    continuing : str
        See `analysis.portfolio`.

    Returns
    -------
    DataFrame
        As `analysis.portfolio` gives it, with one window as long as the record.
    """
    code = countries.lookup(country)
    ties = store.load("agreement", country=code, sources=[SIGNED])
    return whole(ties, countries=[code], sources=[SIGNED], continuing=continuing)


def signed_by_year(country: str, *, start: int, end: int) -> pd.DataFrame:
    """Count the agreements signed in each year by kind.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years shown.

    Returns
    -------
    DataFrame
        For `analysis.plot.yearly`, with the column `source`.
    """
    code = countries.lookup(country)
    first, last = catalog.get(SIGNED).years
    rows = store.load("agreement", country=code, sources=[SIGNED]).drop_duplicates("event_id")
    rows = rows.assign(year=rows["start"].dt.year, kind=rows["flags"].map(_kind), value=1.0)
    years = range(min(start, first), max(end, last) + 1)
    lived = [year for year in years if countries.exists(countries.code_in(code, year), year)]
    covered = [year for year in lived if first <= year <= last]
    kinds = [kind for kind in (*KINDS.values(), _OTHER) if (rows["kind"] == kind).any()]
    return yearly.yearly(
        rows,
        panel="Defence agreements signed",
        unit="agreements",
        years=years,
        covered=covered,
        kinds=kinds,
    ).assign(source=SIGNED)


def _kind(flags: str) -> str:
    return next((name for flag, name in KINDS.items() if flag in flags.split()), _OTHER)


def alike(country: str, *, powers: Iterable[str], start: int, end: int) -> pd.DataFrame:
    """Similarity of the state's alliances with those of other states, year by year, by 3 indices.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    powers : list of str
        The states compared with, in each year under the code they bore then.
    start, end : int
        Years; those after the record's end are left out.

    Returns
    -------
    DataFrame
        As `analysis.plot.triptych` takes it, with the columns `property`, the index, and `name`; a
        line (`instrument`) for each power. Empty for a country outside the state system throughout.
    """
    code = countries.lookup(country)
    others = [other for other in map(countries.lookup, powers) if other != code]
    last = min(end, catalog.get(PLEDGES).years[1])
    rows = [row for year in range(start, last + 1) for row in _alike(code, others, year)]
    table = pd.DataFrame(rows, columns=["end", "instrument", *_INDICES.values()])
    table = table.assign(
        country=code,
        source=PLEDGES,
        start=table["end"],
        status="measured",
        name=table["instrument"].map(countries.name_of),
    )
    unknown = {"measure": "similarity", "low": np.nan, "high": np.nan}
    return battery.stacked(
        {label: table.assign(estimate=table[index], **unknown) for label, index in _INDICES.items()}
    )


def _alike(code: str, others: list[str], year: int) -> list[list]:
    portfolios = disparity.alliance_portfolios(year)
    own = countries.code_in(code, year)
    then = {other: countries.code_in(other, year) for other in others}
    there = {other: name for other, name in then.items() if name in portfolios.index}
    if own not in portfolios.index or not there:
        return []
    chosen = portfolios.loc[[own, *there.values()]].to_numpy()
    span = float(max(disparity.STRENGTH.values()))
    found = (
        alignment.s_score(chosen, span=span),
        alignment.kappa(chosen),
        alignment.scott_pi(chosen),
    )
    return [
        [year, other, *(float(index[0, at]) for index in found)]
        for at, other in enumerate(there, start=1)
    ]


def listed(country: str, *, start: int, end: int) -> pd.DataFrame:
    """Pacts, agreements, visits and production in the reviewed list, the earliest first.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years.

    Returns
    -------
    DataFrame
        As `analysis.studies.coverage.events` gives it.
    """
    found = coverage.events(country, start=start, end=end)
    return found[found["instrument"].isin(LISTED)].reset_index(drop=True)
