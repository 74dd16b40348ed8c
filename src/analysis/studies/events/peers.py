"""Peers of an event study: which states are near, and what the measures of all of them are."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import pandas as pd

from ... import words
from ...measures import diversity
from ...portfolios.measure import measure
from ...portfolios.panel import portfolio, spread_evenly
from ...sources import countries, ledger, store

#: of treaties, which all weigh the same, these say no more than their number
_CONCENTRATION = (diversity.hhi, diversity.concentration_ratio)

#: (source, instrument) -> codes
Peers = Mapping[tuple[str, str], list[str]]


def is_informative(instruments: pd.Series, asked: Mapping) -> pd.Series:
    """Say of each instrument whether a measure tells anything of it."""
    plain = asked["function"] not in _CONCENTRATION
    names = instruments.unique()
    return instruments.isin(
        [name for name in names if plain or not words.instrument(name).is_stock]
    )


def nearest(
    row: Any,
    code: str,
    *,
    ends: list[int],
    without: Collection[str],
    named: Collection[str],
    most: int,
    continuing: str = "one",
) -> list[str]:
    """States with about as many partners before, and some in every window, the nearest first."""
    length = row.end - row.start
    ties = _ties(row.source, row.instrument, (ends[0] - length, ends[-1]), continuing)
    counts = {
        end: ties[(ties["first"] <= end) & (ties["last"] >= end - length)]
        .groupby("country")["partner"]
        .nunique()
        for end in ends
    }
    early = counts[row.end_before]
    able = set.intersection(*(set(found.index) for found in counts.values())) - set(without)
    able &= set(named) or able
    apart = (early[early.index.isin(able)] - early[code]).abs().sort_values(kind="stable")
    return apart.index[:most].tolist()


def _ties(source: str, instrument: str, span: tuple[int, int], continuing: str) -> pd.DataFrame:
    """Ties of all states on record in some years, with the first and last year in which each is."""
    kind, _, obligation = instrument.partition("/")
    ties = store.read(kind, sources=[source], years=span)
    if obligation:
        ties = ties[ledger.has_flag(ties, obligation)]
    first = ties["start"].dt.year
    last = ties["end"].dt.year if obligation else first
    codes = ties[["country", "partner"]].replace(countries.heirs(continuing))
    return codes.assign(first=first, last=last)


def _portfolios(
    like: pd.Series, states: list[str], ends: tuple[int, int], continuing: str
) -> pd.DataFrame:
    """Portfolios of other states by the same source and weighting, where they have a tie."""
    kind = like["instrument"].partition("/")[0]
    records = store.load(kind, country=states, sources=[like["source"]])
    portfolios = portfolio(
        records,
        window=int(like["window"]),
        weighting={kind: like["weighting"]},
        years=ends,
        sources=[like["source"]],
        continuing=continuing,
    )
    return portfolios[portfolios["status"] == "measured"]


def values(
    portfolios: pd.DataFrame,
    near: Iterable[Peers],
    *,
    measures: Mapping[str, dict],
    ends: tuple[int, int],
    continuing: str = "one",
) -> dict[tuple[str, str, str], pd.DataFrame]:
    """Measure a state and all its peers in all windows, each source at once."""
    every: dict[str, dict[str, set[str]]] = {}
    for peers in near:
        for (source, instrument), codes in peers.items():
            every.setdefault(source, {}).setdefault(instrument, set()).update(codes)
    out = {}
    for source, wanted in every.items():
        # peers have no interval, so what a source leaves open need not be gone through
        own = portfolios[portfolios["source"] == source]
        panel = spread_evenly(_panel(own, wanted, ends, continuing))
        for name, asked in measures.items():
            rows = panel[is_informative(panel["instrument"], asked)]
            found = measure(rows, **asked).groupby("instrument") if len(rows) else ()
            for instrument, part in found:
                out[source, instrument, name] = part.pivot(
                    index="country", columns="end", values="estimate"
                )
    return out


def _panel(
    own: pd.DataFrame, wanted: Mapping[str, set[str]], ends: tuple[int, int], continuing: str
) -> pd.DataFrame:
    """Portfolios of the state and, for each instrument, of its peers."""
    own = own[(own["status"] == "measured") & own["instrument"].isin(wanted)]
    codes = sorted(set().union(*wanted.values()))
    if not codes:
        return own
    others = _portfolios(own.iloc[0], codes, ends, continuing)
    asked = [
        others[(others["instrument"] == instrument) & others["country"].isin(own_codes)]
        for instrument, own_codes in sorted(wanted.items())
    ]
    return pd.concat([own, *asked])
