"""Shares of the partners in each portfolio."""

import numpy as np
import pandas as pd

from .. import _arguments
from ..sources import countries
from ..words import PORTFOLIO

_KEPT = ["weighting", "window", "basis", "status"]
SHARES = [
    *PORTFOLIO, "partner", "partner_name", "weight", "share", "share_low", "share_high", "n_events",
    "n_partners", *_KEPT,
]  # fmt: skip


def shares(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Sum a portfolio's ties by partner.

    Parameters
    ----------
    portfolios : DataFrame
        As `portfolio` returns it.

    Returns
    -------
    DataFrame
        One row for each portfolio and partner: the portfolio's columns, partner, partner_name
        (as it was called in the last year), weight, share (0 to 1), share_low and share_high
        (bounds over all amounts the source leaves open; equal to the share where it leaves none),
        n_events, n_partners, weighting, window, basis, status. Largest share first within a
        portfolio.
    """
    groups = _arguments.portfolios(portfolios).groupby(
        [*PORTFOLIO, "partner"], dropna=False, sort=False
    )
    out = groups.agg(
        low=("weight_low", "sum"),
        high=("weight_high", "sum"),
        n_events=("event_id", "nunique"),
        **{name: (name, "first") for name in _KEPT},
    )
    # not a function of each group, which would be a hundred times slower
    out = out.assign(weight=groups["weight"].sum(min_count=1)).reset_index()
    out["place"] = out.groupby(PORTFOLIO, sort=False).ngroup()
    total, low, high = (
        out.groupby(PORTFOLIO)[name].transform("sum") for name in ("weight", "low", "high")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        out["share"] = out["weight"] / total
        out["share_low"] = out["low"] / (out["low"] + (high - out["high"]))
        out["share_high"] = out["high"] / (out["high"] + (low - out["low"]))
    present = out["partner"].notna()
    out.loc[~present, ["share", "share_low", "share_high"]] = np.nan
    out["n_partners"] = present.groupby([out[c] for c in PORTFOLIO]).transform("sum")
    out["partner_name"] = names_then(out["partner"], out["end"])
    out = out.sort_values(
        ["place", "share", "partner"], ascending=[True, False, True], ignore_index=True
    )
    return out[SHARES]


def names_then(partners: pd.Series, years: pd.Series) -> pd.Series:
    """Name each partner as it was called in a year: RUS is the Soviet Union in 1985."""
    names = partners.map({code: countries.name_of(code) for code in partners.dropna().unique()})
    changed = partners.isin(set(countries.continuing().values()))
    names[changed] = [
        countries.name_of(countries.code_in(code, int(year)))
        for code, year in zip(partners[changed], years[changed], strict=True)
    ]
    return names
