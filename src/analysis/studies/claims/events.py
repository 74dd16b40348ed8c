"""Tests of claims about events, their numbers, who took part, and amounts."""

from collections.abc import Iterable, Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from ... import words
from ...portfolios import specification
from ...sources import catalog, countries, ledger, store
from .. import peacekeeping
from .rules import UNKNOWN, Finding, Look, by_looks, exact, is_searched, judge, span
from .shares import TIMES, WINDOW, absent, at, portfolios

#: a year is a choice; others as good lie so far from it
_NEAR = (-2, 0, 2)
#: spans of years over which amounts are added up; the first is printed
_SPANS = (10, 7, 5)
_HALF = 0.5
#: flags of events of which it is not sure that they took place as reported
_DOUBTFUL = ("disputed", "announced", "unsigned", "undelivered")
#: table of amounts in money of one year's worth
CONSTANT = "constant.csv"
#: table of how many states took part in events
SIZES = "sizes.csv"


def _events(part: Mapping, code: str) -> pd.DataFrame:
    """Events of the part's source with any of its partners, of those named alike; each once."""
    rows = store.load(part["instrument"], country=code, sources=[part["source"]])
    rows = rows[~ledger.has_flag(rows, "unrecognised")]
    rows = rows.assign(partner=rows["partner"].replace(countries.heirs(part["continuing"])))
    if part["partners"]:
        rows = rows[rows["partner"].isin(part["partners"].split())]
    return rows[rows["event_id"].str.startswith(part["events"])]


def _within(part: Mapping) -> tuple[float, float]:
    """First and last year in which an event counts for a part: its years bind its events."""
    first, last = span(part)
    return np.nanmax([first, part["before"]]), np.nanmin([last, part["after"]])


def recorded(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether events are on record within the years; that there are none shows nothing."""
    events = _events(part, code)
    within = events[events["start"].dt.year.between(*_within(part))]
    sure = within[~ledger.has_flag(within, *_DOUBTFUL)]
    number, fewer = (rows["event_id"].nunique() for rows in (within, sure))
    looks = (
        Look("events on record", "all", number >= part["threshold"]),
        Look("events on record", "without those in doubt", fewer >= part["threshold"]),
    )
    enough = number >= part["threshold"]
    first, last = _within(part)
    years = f"{first:.0f}–{last:.0f}" if np.isfinite(first) else f"to {last:.0f}"
    return Finding(
        (by_looks(looks) if enough else UNKNOWN),
        float(number),
        measure_id="events",
        interval="a list",
        looks=looks if enough else (),
        reason=f"{number} on record in {years}"
        + ("" if fewer == number else f"; {fewer} without those in doubt")
        + ("" if enough else f"; asked for: {part['threshold']:.0f}; more may have taken place"),
    )


def new_partners(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether partners are on record from the year after `before` on, and not before."""
    firsts = _events(part, code).groupby("partner")["start"].min().dt.year
    wanted = part["partners"].split()
    there = firsts[firsts <= _within({**part, "before": np.nan})[1]].reindex(wanted)
    known = there.dropna()
    # who is absent from a list that was searched for counts neither way
    looks = tuple(
        Look("first on record", countries.name_of(code), year > part["before"])
        for code, year in (known if is_searched(part["source"]) else there).items()
    )
    parts = ", ".join(
        f"{words.the(countries.name_of(code))} {year:.0f}" for code, year in known.items()
    )
    without = [words.the(countries.name_of(code)) for code in there.index[there.isna()]]
    said = f"; none with {', '.join(without)}" if without else ""
    return Finding(
        by_looks(looks) if len(known) else UNKNOWN,
        float(sum(look.agrees for look in looks)),
        measure_id="new_partners",
        interval="a count",
        looks=looks,
        reason=f"first on record: {parts or 'none'}{said}; of {len(wanted)} named",
    )


def events_grew(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether there are more events in the window of `after` than in that of `before`."""
    first, last = catalog.get(part["source"]).years
    if part["before"] - WINDOW + 1 < first or part["after"] > last:
        return Finding(UNKNOWN, reason=f"the source covers {first}–{last} only")
    began = _events(part, code).drop_duplicates("event_id")["start"].dt.year

    def count(end: float, window: int) -> int:
        return int(began.between(end - window + 1, end).sum())

    early, late = count(part["before"], WINDOW), count(part["after"], WINDOW)
    if not early and not late:
        return Finding(UNKNOWN, reason="nothing is on record in either window")
    apart = part["after"] - part["before"]
    looks = tuple(
        Look("events", f"{w} years", count(part["after"], w) > count(part["before"], w))
        for w in specification.WINDOWS
        if w <= apart and part["before"] - w + 1 >= first
    )
    # half an event more in each, so that none is not nothing (Haldane 1956; Anscombe 1956)
    ratio = np.log((late + 0.5) / (early + 0.5))
    reach = NormalDist().inv_cdf(0.975) * np.sqrt(1 / (late + 0.5) + 1 / (early + 0.5))
    low, high = np.exp(ratio - reach), np.exp(ratio + reach)
    return Finding(
        judge((low, high), border=1.0, looks=looks),
        np.exp(ratio),
        low,
        high,
        "event_ratio",
        "95% of a ratio of two Poisson numbers",
        looks,
        f"{early} in {part['before'] - WINDOW + 1:.0f}–{part['before']:.0f}, {late} in"
        f" {part['after'] - WINDOW + 1:.0f}–{part['after']:.0f}",
    )


def parties_at_least(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether events of a series have at least so many states each, without the state itself.

    The least number are those named that took part, the greatest all that came: observers too, and
    whoever the source counts without a name. An event that was only announced is left out.
    """
    events = store.table(part["source"], SIZES)
    events = events[(events["instrument"] == part["instrument"]) & (events["country"] == code)]
    events = events[events["event_id"].str.startswith(part["events"])]
    events = events[events["start"].str[:4].astype(int).between(*_within(part))]
    announced = events["announced"].astype(bool)
    events = events[~announced]
    if events.empty:
        return Finding(UNKNOWN, reason="no such event is on record")
    looks = tuple(
        Look(f"states that {name}", row.start[:4], number >= part["threshold"])
        for row in events.itertuples()
        for name, number in (("took part", row.took_part), ("came", row.came))
        if number and not np.isnan(part["threshold"])
    )
    low, high = float(events["took_part"].replace(0, np.nan).min()), float(events["came"].max())
    border = 0.0 if np.isnan(part["threshold"]) else part["threshold"] - 0.5
    parts = "; ".join(map(_size, events.itertuples()))
    left_out = f"; left out, for only announced: {announced.sum()}" if announced.any() else ""
    return Finding(
        judge((low, high), border=border, looks=looks),
        float(events["came"].median()),
        low,
        high,
        "parties",
        "from fewest named as taking part to most that came, observers among them",
        looks,
        f"without {words.the(countries.name_of(code))}, {parts}{left_out}",
    )


def _size(row: Any) -> str:
    """Say how many came to an event, and how many are named as what."""
    named = {"taking part": row.took_part, "observers": row.observers}
    parts = " and ".join(f"{number} as {name}" for name, number in named.items() if number)
    return f"{row.start[:4]}: {row.came} came" + (f", named {parts}" if parts else ", none named")


def partners_counted(part: Mapping, code: str, *, grew: bool, **_: int) -> Finding:
    """Test whether there are at least so many partners, or more than before."""
    windows = portfolios(part, code)
    late = at(windows, part["after"])
    if missing := absent(late):
        return missing
    if (counted := _enough_partners(part, code, 0, grew=grew)) is None:
        return Finding(UNKNOWN, reason="the source does not cover these years")
    number, border = counted
    sampled = catalog.get(part["source"]).is_sample
    if sampled and grew:
        return Finding(UNKNOWN, reason="a sample does not show how many partners it missed")
    found = {years: _enough_partners(part, code, years, grew=grew) for years in _NEAR}
    looks = tuple(
        Look("partners", f"{part['after'] + years:.0f}", pair[0] >= pair[1])
        for years, pair in found.items()
        if pair
    )
    said = f"; asked for: {border:.0f}"
    if grew:
        since = _joined_since(part, code, late)
        said = f", {border - 1:.0f} in {part['before']:.0f}{since}"
    ends = (number, np.inf) if sampled else exact(number)
    return Finding(
        judge(ends, border=border - 0.5, looks=looks),
        float(number),
        measure_id="partners",
        interval="a sample, which shows the least number" if sampled else "a census",
        looks=looks,
        reason=f"{number} in {part['after']:.0f}{said}",
    )


def _joined_since(part: Mapping, code: str, late: pd.DataFrame) -> str:
    """Say of partners when those came that are new, for one treaty may bring many."""
    rows = _events({**part, "instrument": part["instrument"].split("/")[0]}, code)
    began = rows[rows["event_id"].isin(late["event_id"])].groupby("partner")["start"].min().dt.year
    years = began[began > part["before"]].value_counts().sort_index()
    return f"; new ones by year: {', '.join(f'{y} {n}' for y, n in years.items()) or 'none'}"


def _enough_partners(
    part: Mapping, code: str, years: int, *, grew: bool
) -> tuple[int, float] | None:
    """Count partners some years off, and those asked for; None outside the years that count."""
    first, last = catalog.get(part["source"]).years
    after = part["after"] + years
    if not first <= after <= min(last, span(part)[1]) or (grew and part["before"] < first):
        return None
    windows = portfolios({**part, "after": after}, code)
    number, before = (at(windows, end)["partner"].nunique() for end in (after, part["before"]))
    return number, before + 1 if grew else part["threshold"]


def amount_above(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether the ten years up to `after` brought more than the ten years up to `before`."""
    source = catalog.get(part["source"])
    if CONSTANT in source.files:
        table = store.table(source.key, CONSTANT)
        rows, unit = table[table["country"] == code], table["unit"].iloc[0]
    elif source.unit == "USD":
        reason = "amounts of different years are in dollars of their own worth; no deflator ships"
        return Finding(UNKNOWN, reason=reason)
    else:
        rows = _events(part, code)
        rows, unit = rows.assign(year=rows["end"].dt.year), source.unit
    sums = {
        years: [
            rows.loc[rows["year"].between(part[n] - years + 1, part[n]), "value"].sum()
            for n in TIMES
        ]
        for years in _SPANS
        if years <= abs(part["after"] - part["before"])
    }
    if not sums or not any(sums[max(sums)]):
        return Finding(UNKNOWN, reason="the spans share years, or nothing is on record in either")
    years = max(sums)
    early, late = sums[years]
    looks = tuple(
        Look("amounts", f"{n} years", one[1] > one[0]) for n, one in sums.items() if any(one)
    )
    return Finding(
        judge(exact(late), border=early, looks=looks),
        late / early if early else np.nan,
        measure_id="amount_ratio",
        interval="accounts",
        looks=looks,
        reason=f"{late / 1e6:,.0f} million {unit} in {part['after'] - years + 1:.0f}–"
        f"{part['after']:.0f}, {early / 1e6:,.0f} million in"
        f" {part['before'] - years + 1:.0f}–{part['before']:.0f}",
    )


def _contributions(part: Mapping, code: str, figures: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Where the state stands from `before` to `after`, by each figure that covers half of it."""
    years = range(int(part["before"]), int(part["after"]) + 1)
    found = {
        figure: peacekeeping.standing(code, years, figure=figure, source=part["source"])
        for figure in figures
    }
    return {
        figure: one[one["covered"]]
        for figure, one in found.items()
        if one["covered"].mean() >= _HALF
    }


def among_first(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether the state was among the first contributors in at least half of the years."""
    tables = _contributions(part, code, peacekeeping.FIGURES)
    if not tables:
        return Finding(UNKNOWN, reason="the source covers less than half of these years")
    # a year without a rank is one in which the source does not show the state among the first
    found = {name: float((t["rank"] <= part["threshold"]).mean()) for name, t in tables.items()}
    looks = tuple(
        Look("share of years", peacekeeping.FIGURES[name], share >= _HALF)
        for name, share in found.items()
    )
    own, share = next(iter(tables.values())), next(iter(found.values()))
    ranks, among = own["rank"].dropna(), int((own["rank"] <= part["threshold"]).sum())
    places = f"places {ranks.min():.0f} to {ranks.max():.0f}" if len(ranks) else "no place"
    return Finding(
        judge(exact(share), border=_HALF - 1e-12, looks=looks),
        share,
        measure_id="share_of_years",
        interval="a count of years",
        looks=looks,
        reason=f"among the first {part['threshold']:.0f} in {among} of {len(own)} covered years,"
        f" {_covered(own)}; {places}; asked for: half of the years",
    )


def contribution_at_least(part: Mapping, code: str, **_: int) -> Finding:
    """Test whether the state sent at least a share of all troops of the years."""
    tables = _contributions(part, code, peacekeeping.TROOPS)
    if not tables or next(iter(tables.values()))["value"].isna().all():
        return Finding(UNKNOWN, reason="the source gives no troops of it in these years")
    own = next(iter(tables.values()))
    found = {name: one["value"].sum() / one["total"].sum() for name, one in tables.items()}
    looks = tuple(
        Look("share of troops", peacekeeping.FIGURES[name], share >= part["threshold"])
        for name, share in found.items()
    )
    low = next(iter(found.values()))
    high = low + (own["unnamed"] * own["total"]).sum() / own["total"].sum()
    return Finding(
        judge((low, high), border=part["threshold"] - 1e-12, looks=looks),
        low,
        low,
        high,
        "share",
        "bounds over who sent the troops of nobody named",
        looks,
        f"of all troops on the maps of {_covered(own)}, in {own['value'].notna().sum()} years of"
        f" {len(own)} covered; asked for: at least {part['threshold']:.0%}",
    )


def _covered(table: pd.DataFrame) -> str:
    return f"{table['year'].min()}–{table['year'].max()}"


def not_measurable(part: Mapping, code: str, **_: int) -> Finding:
    """Say that no source here speaks of it."""
    return Finding(UNKNOWN, reason="no source that is a systematic record of it ships")
