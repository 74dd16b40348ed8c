"""Everything measured of one instrument, as plain objects for the command line."""

import numpy as np
import pandas as pd

from ... import words
from ...portfolios.battery import measures
from ...portfolios.shares import shares
from ...sources import catalog, countries
from ...words import PORTFOLIO
from ..selections import portfolios

_SHARE = ("partner", "partner_name", "weight", "share", "share_low", "share_high", "n_events")
_MEASURE = (
    "measure", "measure_id", "estimate", "low", "high", "interval", "interval_kind",
    "interval_coverage", "weight_without_distance",
)  # fmt: skip


def summarise(
    country: str,
    instrument: str,
    *,
    start: int,
    end: int,
    weighting: str | None = None,
    continuing: str = "one",
    draws: int = 1000,
    seed: int = 1,
) -> list[dict]:
    """Everything measured of one instrument in one period: a plain object for each portfolio.

    Parameters
    ----------
    country, instrument : str
        Whose ties, of which kind.
    start, end : int
        First and last year of the window, at most ten years.
    weighting, continuing : str, optional
        See `analysis.portfolio`.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    list of dict
        Ready for JSON: numbers that are missing are None.
    """
    windows = portfolios(
        country,
        start=end,
        end=end,
        window=end - start + 1,
        weighting=weighting,
        continuing=continuing,
        instruments=(instrument,),
    )
    partners = shares(windows)
    tables = [function(windows) for function in measures(draws=draws, seed=seed).values()]
    measured = pd.concat(tables, ignore_index=True)
    out = []
    for key, rows in measured.groupby(PORTFOLIO, sort=False):
        source = catalog.get(key[1])
        own = partners[(partners[PORTFOLIO] == list(key)).all(axis=1) & partners["partner"].notna()]
        first = rows.iloc[0]
        out.append(
            {
                **{name: _plain(value) for name, value in zip(PORTFOLIO, key, strict=True)},
                "country_name": countries.name_of(key[0]),
                "status": first["status"],
                "weighting": first["weighting"],
                "window": int(first["window"]),
                "basis": first["basis"],
                "unit": source.unit,
                "continuing": continuing,
                "notes": _notes(own["partner"], key),
                "seed": seed,
                "draws": draws,
                "n_events": int(first["n_events"]),
                "source_title": source.title,
                "source_version": source.version,
                "coverage": list(source.years),
                "citation": source.citation,
                "spread": bool((own["share_high"] > own["share_low"] + 1e-12).any()),
                "advice": "" if source.observes(key[0]) else catalog.how_to_get(source.key),
                "shares": [_record(row, _SHARE) for row in own.to_dict("records")],
                "measures": [_record(row, _MEASURE) for row in rows.to_dict("records")],
            }
        )
    return out


def _notes(partners: pd.Series, key: tuple) -> list[str]:
    """Say which states count as one in a portfolio though they have two codes."""
    country, _, _, first, last = key
    heirs = countries.continuing()
    return [
        words.one_state(
            countries.name_of(code),
            countries.name_of(heirs[code]),
            countries.first_year_as_heir(code),
        )
        for code in countries.joined([country, *partners], first, last)
    ]


def _record(row: dict, names: tuple[str, ...]) -> dict:
    return {name: _plain(row[name]) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return None if np.isnan(value) else float(value)
    return value
