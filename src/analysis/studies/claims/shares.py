"""Tests of claims about the weights of partners: shares, first places, diversity, its rise."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ... import words
from ...measures import alignment
from ...numbers import has_interval, percent
from ...portfolios import disparity, specification
from ...portfolios.calibration import IntervalKind
from ...portfolios.differences import difference
from ...portfolios.measure import draw, measure
from ...portfolios.panel import portfolio
from ...portfolios.shares import shares
from ...portfolios.uncertainty import MIN_EVENTS
from ...sources import catalog, countries, store
from ...words import ABSENCES, instrument
from .rules import (
    CONTRADICTED,
    MIXED,
    SUPPORTED,
    UNKNOWN,
    Finding,
    Look,
    exact,
    judge,
    span,
)

#: stands for whoever has the largest share
FIRST = "first"
WINDOW = 5
TIMES = ("before", "after")
#: with fewer peers, no verdict on a change against theirs
FEWEST_PEERS = 5
#: share of redraws in which a partner is first for that to be supported, and contradicted
_OFTEN, _SELDOM = 0.95, 0.05
_SMALL = 1e-12


def portfolios(part: Mapping, code: str, *, window: int = WINDOW) -> pd.DataFrame:
    """Portfolios of a part's source and instrument in the windows that it names."""
    kind = part["instrument"].split("/")[0]
    records = store.load(kind, country=code, sources=[part["source"]])
    ends = [int(part[name]) for name in TIMES if not np.isnan(part[name])]
    portfolios = portfolio(
        records,
        window=window,
        years=(min(ends), max(ends)),
        countries=[code],
        sources=[part["source"]],
        continuing=part["continuing"],
    )
    return portfolios[
        portfolios["end"].isin(ends) & (portfolios["instrument"] == part["instrument"])
    ]


def at(portfolios: pd.DataFrame, year: float) -> pd.DataFrame:
    """Keep the portfolio whose window ends in a year."""
    return portfolios[portfolios["end"] == year]


def absent(portfolios: pd.DataFrame) -> Finding | None:
    """Say why portfolios cannot be measured, if one is not there."""
    if portfolios.empty:
        return Finding(UNKNOWN, reason="the source does not cover these years")
    lacking = portfolios[portfolios["status"] != "measured"]
    if lacking.empty:
        return None
    row = lacking.iloc[0]
    return Finding(UNKNOWN, reason=f"{years_of(row)}: {ABSENCES[row['status']].sentence}")


def settled(finding: Finding, portfolios: pd.DataFrame) -> Finding:
    """Take back the verdict of a sample that is too thin for an interval, or has none drawn."""
    source = catalog.get(portfolios["source"].iloc[0])
    if not source.is_sample:
        return finding
    unit = source.sampling["unit"]
    why = "of a sample nothing is certain without an interval, and none was drawn"
    interval, kind = "none drawn", IntervalKind.NONE
    if is_thin(portfolios):
        numbers = portfolios.groupby(["start", "end"])["event_id"].nunique()
        few = ", ".join(f"{n} in {start}–{end}" for (start, end), n in numbers.items())
        why = f"too few {unit}s: {few}; an interval needs {MIN_EVENTS}"
        interval, kind = f"fewer than {MIN_EVENTS} {unit}s", IntervalKind.TOO_FEW
    elif not (np.isnan(finding.low) and np.isnan(finding.high)):
        return finding
    return replace(
        finding,
        verdict=UNKNOWN,
        low=np.nan,
        high=np.nan,
        interval=interval,
        looks=(),
        interval_kind=kind,
        reason="; on record: ".join(filter(None, [why, finding.reason])),
    )


def is_thin(portfolios: pd.DataFrame) -> bool:
    """Tell if one of some portfolios of a sample has too few events for an interval."""
    if not catalog.get(portfolios["source"].iloc[0]).is_sample:
        return False
    return bool(portfolios.groupby(["start", "end"])["event_id"].nunique().min() < MIN_EVENTS)


def interval_of(row: pd.Series) -> str:
    """Name the interval, or say why there is none: all amounts or treaties are known."""
    if has_interval(row):
        return row["interval"]
    return "a census" if instrument(row["instrument"]).is_stock else "exact amounts"


def ways_to_look(part: Mapping, code: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the portfolios of each length of window in which the part can be looked at.

    The two windows of a comparison must not share years, and the later one must lie within the
    years of the part. Treaties in force are counted in one year, whatever the window.
    """
    for window in specification.WINDOWS:
        windows = portfolios(part, code, window=window)
        stock = windows["basis"].eq("stock").any()
        shared = part["after"] - part["before"] < window
        outside = part["after"] - window + 1 < span(part)[0]
        usable = stock or not (shared or outside)
        if usable and absent(windows) is None and not is_thin(windows):
            yield ("in force" if stock else f"{window} years"), windows
        if stock:
            return


def _partners(part: Mapping, portfolios: pd.DataFrame) -> list[str]:
    if part["partners"] == FIRST:
        return [shares(portfolios)["partner"].iloc[0]]
    return part["partners"].split()


def _share(portfolios: pd.DataFrame, partners: list[str], **options: object) -> pd.Series:
    """Share of the partners, with the interval or the bounds that the source has for it."""
    asked = {"distances": _exactly(partners), "limits": (0.0, 1.0), **options}
    row = measure(portfolios, alignment.position, **asked).iloc[0].copy()
    ends = _bounds(portfolios, partners)
    if ends[1] - ends[0] > _SMALL:
        row["low"], row["high"] = ends
        row["interval"] = "bounds over all splits of spread deliveries"
        row["interval_kind"] = IntervalKind.BOUNDS
    return row


def _exactly(partners: list[str]) -> pd.Series:
    """1 for these codes alone: `assess` has settled which codes count as one."""
    return disparity.indicator(partners, continuing="apart")


def _bounds(portfolios: pd.DataFrame, partners: list[str]) -> tuple[float, float]:
    """Least and greatest share of the partners, whatever the source leaves open."""
    own = portfolios["partner"].isin(partners)
    low, high = (portfolios.loc[own, f"weight_{end}"].sum() for end in ("low", "high"))
    other_low, other_high = (portfolios.loc[~own, f"weight_{end}"].sum() for end in ("low", "high"))
    return low / (low + other_high), high / (high + other_low)


def ends_of(row: pd.Series, estimate: str = "estimate") -> tuple[float, float]:
    """Least and greatest value: the interval, or the number itself where it is exact."""
    if not has_interval(row):
        return exact(row[estimate])
    low, high = row["low"], row["high"]
    return -np.inf if np.isnan(low) else low, np.inf if np.isnan(high) else high


def share_at_least(part: Mapping, code: str, *, below: bool = False, **options: int) -> Finding:
    """Test whether partners had at least a share of the window that ends in `after`, or less."""
    windows = portfolios(part, code)
    if missing := absent(windows):
        return missing
    partners = _partners(part, windows)
    row = _share(windows, partners, **options)
    looks = [
        Look(
            "share",
            window,
            (_share(one, partners)["estimate"] >= part["threshold"] - _SMALL) != below,
        )
        for window, one in ways_to_look(part, code)
    ]
    low, high = ends_of(row)
    border = part["threshold"] - _SMALL
    verdict = (
        judge((-high, -low), border=-border, looks=looks)
        if below
        else judge((low, high), border=border, looks=looks)
    )
    found = Finding(
        verdict,
        row["estimate"],
        row["low"],
        row["high"],
        "share",
        interval_of(row),
        tuple(looks),
        f"{names_of(partners)} in {years_of(row)}; asked for: {'below' if below else 'at least'}"
        f" {part['threshold']:.0%}",
        row["interval_kind"],
    )
    return settled(found, windows)


def share_grew(part: Mapping, code: str, **options: Any) -> Finding:
    """Test whether the share of partners is higher in the later window than in the earlier one."""
    windows = portfolios(part, code)
    if missing := absent(windows):
        return missing
    partners = part["partners"].split()
    early, late = (at(windows, part[name]) for name in TIMES)
    row = difference(late, early, alignment.position, distances=_exactly(partners), **options).iloc[
        0
    ]
    looks = []
    for window, one in ways_to_look(part, code):
        then, now = (_share(at(one, part[name]), partners)["estimate"] for name in TIMES)
        looks.append(Look("share", window, now > then + _SMALL))
    found = Finding(
        judge(ends_of(row, "difference"), border=0.0, looks=looks),
        row["difference"],
        row["low"],
        row["high"],
        "share_difference",
        interval_of(row),
        tuple(looks),
        f"{names_of(partners)}: {percent(row['estimate_before'])} in {years_of(row, '_before')},"
        f" {percent(row['estimate'])} in {years_of(row)}",
        row["interval_kind"],
    )
    return settled(found, windows)


def first_partner(part: Mapping, code: str, **options: int) -> Finding:
    """Test whether one partner alone has the largest share of the window that ends in `after`."""
    windows = portfolios(part, code)
    if missing := absent(windows):
        return missing
    partner = part["partners"]
    row = _share(windows, [partner], **options)
    looks = tuple(
        Look("alone in first place", window, is_first(one, partner, alone=True))
        for window, one in ways_to_look(part, code)
    )
    chances, said = _first_chances(windows, partner, **options)
    verdict = MIXED
    if chances[0] >= _OFTEN and all(look.agrees for look in looks):
        verdict = SUPPORTED
    elif chances[1] <= _SELDOM and not any(look.agrees for look in looks):
        verdict = CONTRADICTED
    table = shares(windows)
    most = table[table["share"] >= table["share"].iloc[0] - _SMALL]
    found = Finding(
        verdict,
        row["estimate"],
        row["low"],
        row["high"],
        "share",
        interval_of(row),
        looks,
        f"{names_of([partner])} in {years_of(row)}; first is"
        f" {names_of(most['partner'])} with {percent(most['share'].iloc[0])}{said}",
        row["interval_kind"],
    )
    return settled(found, windows)


def is_first(portfolio: pd.DataFrame, partner: str, *, alone: bool) -> bool:
    """Tell if no partner weighs more than one, or alone: if none weighs as much."""
    weights = portfolio.groupby("partner")["weight"].sum()
    points = (weights.index == partner).astype(float)
    return bool(_first(weights.to_numpy(float), points=points, alone=alone))


def _first(weights: np.ndarray, *, points: np.ndarray, alone: bool) -> np.ndarray:
    """1 where the partner with point 1 has the largest weight, else 0."""
    own = weights @ points
    others = np.where(points > 0, 0.0, weights).max(axis=-1, initial=0.0)
    slack = _SMALL * weights.sum(axis=-1)
    enough = own > others + slack if alone else own >= others - slack
    return np.where(own > 0, enough, False).astype(float)


def _first_chances(
    portfolios: pd.DataFrame, partner: str, **options: Any
) -> tuple[tuple[float, float], str]:
    """Chance of being first alone, and of being first or one of the first; and how it is known."""
    if catalog.get(portfolios["source"].iloc[0]).is_sample:
        alone, any_ = (
            draw(
                portfolios,
                _first,
                distances=_exactly([partner]),
                alone=is_alone,
                **options,
            )["value"].mean()
            for is_alone in (True, False)
        )
        return (alone, any_), f"; first in {percent(any_)} of redraws, alone in {percent(alone)}"
    ends = portfolios.groupby("partner")[["weight_low", "weight_high"]].sum()
    own = ends.loc[partner] if partner in ends.index else pd.Series(0.0, ends.columns)
    others = ends.drop(index=partner, errors="ignore").max()
    surely = own["weight_low"] > others.get("weight_high", 0.0)
    possibly = own["weight_high"] > 0 and own["weight_high"] >= others.get("weight_low", 0.0)
    return (float(surely), float(possibly)), ""


def names_of(codes: list[str] | pd.Series) -> str:
    """Name states inside a sentence, by their codes."""
    return ", ".join(words.the(countries.name_of(code)) for code in codes)


def years_of(row: pd.Series, suffix: str = "") -> str:
    """Write the years of a window."""
    return f"{row[f'start{suffix}']:.0f}–{row[f'end{suffix}']:.0f}"
