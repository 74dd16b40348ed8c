"""The tests that a table of claims may name: each a question to the record, each with its number.

A test takes a row of the table and a state. It says what it found, with what is not known of it and
how many defensible ways to look agree; docs/methods.md has the list.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import NormalDist

import numpy as np
import pandas as pd

from . import alignment, catalog, countries, disparity, ledger, peacekeeping, specification, store
from .differences import difference
from .diversity import hill
from .estimates import measure
from .panel import portfolio, shares

SUPPORTED, CONTRADICTED, MIXED = "supported", "contradicted", "mixed"
UNKNOWN = "not measurable with this data"
VERDICTS = (SUPPORTED, CONTRADICTED, MIXED, UNKNOWN)
#: share of specifications that must agree for "supported", and may for "contradicted"
AGREE, DISAGREE = 0.8, 0.2
_HALF = 0.5
#: stands for whoever has the largest share
FIRST = "first"

_WINDOWS = specification.WINDOWS
_WINDOW = 5
#: a year is a choice; others as good lie so far from it
_NEAR = (-2, 0, 2)
#: spans of years over which amounts are added up, the first one told
_SPANS = (10, 7, 5)
#: flags of events of which it is not sure that they took place as reported
_DOUBTFUL = ("disputed", "announced", "unsigned", "undelivered")


@dataclass(frozen=True)
class Finding:
    """What a test found: its number with what is known of it, and what follows.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    estimate, low, high : float
        NaN where there is none.
    unit : str
        Of the estimate.
    interval : str
        What kind of interval it is.
    specifications, agree : float
        How many ways to look at it there are, and what share of them agree.
    reason : str
        In words.
    """

    verdict: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    unit: str = ""
    interval: str = "none"
    specifications: float = np.nan
    agree: float = np.nan
    reason: str = ""


@dataclass(frozen=True)
class Test:
    """A test, and what a row that names it must say.

    Attributes
    ----------
    run : callable
        Takes the row, the state's code, and draws and seed; gives a `Finding`.
    needs : tuple of str
        Columns that must not be empty.
    partners : int or None
        How many partners it takes; none: any number, or none.
    first : bool
        Whether `first` may stand for the partner.
    in_order : bool
        Whether `before` must come before `after`.
    events : bool
        Whether it counts events, which not every source records.
    systematic : bool
        Whether its source must have looked for all partners alike.
    table : str
        The table that its source must have.
    instrument : str
        What that table is about, if it is no ledger.
    """

    run: Callable[..., Finding]
    needs: tuple[str, ...] = ("source", "after")
    partners: int | None = None
    first: bool = False
    in_order: bool = True
    events: bool = False
    systematic: bool = False
    table: str = "ledger.csv"
    instrument: str = ""


# --- what tests have in common --------------------------------------------------------------------


def _made(part: Mapping, code: str, *, window: int = _WINDOW) -> pd.DataFrame:
    """Portfolios of the part's source and instrument in the windows it names."""
    instrument = part["instrument"].split("/")[0]
    records = store.load(instrument, country=code, sources=[part["source"]])
    ends = [int(year) for year in (part["before"], part["after"]) if not np.isnan(year)]
    made = portfolio(
        records, window=window, years=(min(ends), max(ends)), countries=[code],
        sources=[part["source"]],
    )  # fmt: skip
    return made[made["end"].isin(ends) & (made["instrument"] == part["instrument"])]


def _at(made: pd.DataFrame, year: float) -> pd.DataFrame:
    return made[made["end"] == year]


def _absent(made: pd.DataFrame) -> Finding | None:
    """Say why portfolios cannot be measured, if one cannot."""
    lacking = made.loc[made["status"] != "measured", ["start", "end", "status"]]
    if len(lacking) == 0 and len(made):
        return None
    first = lacking.iloc[0] if len(lacking) else {"start": "", "end": "", "status": "not_covered"}
    why = {
        "empty": "nothing is on record", "not_covered": "the source does not cover it",
        "not_in_system": "the state did not exist", "negligible": "every tie is too small to weigh",
    }[first["status"]]  # fmt: skip
    return Finding(UNKNOWN, reason=f"{first['start']}–{first['end']}: {why}")


def _partners(part: Mapping, made: pd.DataFrame) -> list[str]:
    if part["partners"] == FIRST:
        return [shares(made)["partner"].iloc[0]]
    return part["partners"].split()


def _bounds(made: pd.DataFrame, partners: list[str]) -> tuple[float, float]:
    """Least and greatest share of the partners, whatever the source leaves open."""
    own = made["partner"].isin(partners)
    low, high = (made.loc[own, f"weight_{end}"].sum() for end in ("low", "high"))
    other_low, other_high = (made.loc[~own, f"weight_{end}"].sum() for end in ("low", "high"))
    return low / (low + other_high), high / (high + other_low)


def _share(made: pd.DataFrame, partners: list[str], **options: object) -> pd.Series:
    """Share of the partners, with the interval or the bounds that the source has for it."""
    asked = {"distances": disparity.indicator(partners), "limits": (0.0, 1.0), **options}
    row = measure(made, alignment.position, **asked).iloc[0].copy()
    ends = _bounds(made, partners)
    if ends[1] - ends[0] > 1e-12:
        row["low"], row["high"] = ends
        row["interval"] = "bounds over all splits of spread deliveries"
    return row


def _verdict(low: float, high: float, estimate: float, *, border: float, agree: float) -> str:
    """Supported if above the border whatever is not known, and by most specifications."""
    low, high = (estimate if np.isnan(end) else end for end in (low, high))
    if low > border and not agree < AGREE:
        return SUPPORTED
    return CONTRADICTED if high <= border and not agree > DISAGREE else MIXED


def _agreeing(found: list[bool]) -> tuple[float, float]:
    return (float(len(found)), float(np.mean(found))) if found else (0.0, np.nan)


_TIMES = ("before", "after")


# --- tests ---------------------------------------------------------------------------------------


def _share_at_least(part: Mapping, code: str, *, below: bool = False, **options: int) -> Finding:
    """Whether partners had at least a share of the window that ends in `after`, or less."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partners = _partners(part, made)
    row = _share(made, partners, **options)
    found = [
        (_share(one, partners)["estimate"] >= part["threshold"]) != below
        for one in (_made(part, code, window=window) for window in _WINDOWS)
        if _absent(one) is None
    ]
    sign = -1 if below else 1
    low, high = (row["high"], row["low"]) if below else (row["low"], row["high"])
    number, agree = _agreeing(found)
    verdict = _verdict(
        sign * low, sign * high, sign * row["estimate"], border=sign * part["threshold"] - 1e-12,
        agree=agree,
    )  # fmt: skip
    who = ", ".join(map(countries.name_of, partners))
    return Finding(
        verdict, row["estimate"], row["low"], row["high"], "share", row["interval"], number, agree,
        f"{who} in {_years(row)}; asked for: {'below' if below else 'at least'}"
        f" {part['threshold']:.0%}",
    )  # fmt: skip


def _share_grew(part: Mapping, code: str, **options: int) -> Finding:
    """Whether the share of partners is higher in the window of `after` than in that of `before`."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partners = part["partners"].split()
    early, late = (_at(made, part[name]) for name in _TIMES)
    row = difference(
        late, early, alignment.position, distances=disparity.indicator(partners), **options
    ).iloc[0]
    found = []
    for window in _WINDOWS:
        one = _made(part, code, window=window)
        if _absent(one) is None:
            ends = [_share(_at(one, part[n]), partners)["estimate"] for n in ("after", "before")]
            found.append(ends[0] > ends[1])
    number, agree = _agreeing(found)
    verdict = _verdict(row["low"], row["high"], row["difference"], border=0.0, agree=agree)
    who = ", ".join(map(countries.name_of, partners))
    return Finding(
        verdict, row["difference"], row["low"], row["high"], "difference of shares",
        row["interval"], number, agree,
        f"{who}: {row['estimate_before']:.1%} in {row['start_before']:.0f}–{row['end_before']:.0f},"
        f" {row['estimate']:.1%} in {_years(row)}",
    )  # fmt: skip


def _first_partner(part: Mapping, code: str, **options: int) -> Finding:
    """Whether a partner has the largest share of the window that ends in `after`."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partner = part["partners"]
    found = []
    for window in _WINDOWS:
        one = _made(part, code, window=window)
        if _absent(one) is None:
            found.append(_is_first(shares(one), partner))
    number, agree = _agreeing(found)
    row, table = _share(made, [partner], **options), shares(made)
    first = table.iloc[0]
    verdict = SUPPORTED if agree >= AGREE else CONTRADICTED if agree <= DISAGREE else MIXED
    return Finding(
        verdict, row["estimate"], row["low"], row["high"], "share", row["interval"], number, agree,
        f"{countries.name_of(partner)} in {_years(row)}; first is {first['partner_name']} with"
        f" {first['share']:.1%}",
    )  # fmt: skip


def _is_first(table: pd.DataFrame, partner: str) -> bool:
    own = table.loc[table["partner"] == partner, "share"]
    return bool(len(own)) and own.iloc[0] >= table["share"].max() - 1e-12


def _more_diverse(part: Mapping, code: str, **options: int) -> Finding:
    """Whether a portfolio became more diverse: by most measures, windows and weightings."""
    curve = specification.curve(
        code, part["instrument"], before=int(part["before"]), after=int(part["after"]),
        sources=[part["source"]] if part["source"] else None,
    )  # fmt: skip
    counted = specification.agreement(curve)
    if not counted["judged"]:
        return Finding(UNKNOWN, reason="no source covers both windows")
    own = {**part, "source": part["source"] or curve.loc[curve["agrees"].notna(), "source"].iloc[0]}
    made = _made(own, code)
    if absent := _absent(made):
        return absent
    early, late = (_at(made, part[name]) for name in _TIMES)
    row = difference(late, early, hill, order=1, **options).iloc[0]
    agree = counted["share"]
    verdict = _verdict(row["low"], row["high"], row["difference"], border=0.0, agree=agree)
    partners = [one["partner"].nunique() for one in (early, late)]
    return Finding(
        verdict, row["difference"], row["low"], row["high"], "difference of effective partners",
        row["interval"], counted["judged"], agree,
        f"{row['estimate_before']:.2f} effective partners in"
        f" {row['start_before']:.0f}–{row['end_before']:.0f}, {row['estimate']:.2f} in"
        f" {_years(row)} ({own['source']}); named partners {partners[0]}, then {partners[1]}",
    )  # fmt: skip


def _partners_counted(part: Mapping, code: str, *, grew: bool, **_: int) -> Finding:
    """Whether there are at least so many partners, or more than before."""
    made = _made(part, code)
    late = _at(made, part["after"])
    if absent := _absent(late):
        return absent
    number, border = _enough_partners(part, code, 0, grew=grew)
    found = [_enough_partners(part, code, years, grew=grew) for years in _NEAR]
    judged, agree = _agreeing([pair[0] >= pair[1] for pair in found if pair])
    return Finding(
        _verdict(number, number, number, border=border - 0.5, agree=agree), float(number),
        unit="partners", interval="none: a count", specifications=judged, agree=agree,
        reason=f"{number} in {part['after']:.0f}"
        + (f", {border - 1:.0f} in {part['before']:.0f}" if grew else f"; asked for: {border:.0f}"),
    )  # fmt: skip


def _enough_partners(
    part: Mapping, code: str, years: int, *, grew: bool
) -> tuple[int, float] | None:
    """Count partners, and those asked for, some years off; None outside the source's years."""
    ends = {name: part[name] + years for name in ("before", "after")}
    first, last = catalog.get(part["source"]).years
    if not first <= ends["after"] <= last or (grew and ends["before"] < first):
        return None
    made = _made({**part, **ends}, code)
    number, before = (_at(made, ends[name])["partner"].nunique() for name in ("after", "before"))
    return number, before + 1 if grew else part["threshold"]


def _events(part: Mapping, code: str) -> pd.DataFrame:
    """Events of the part's source with any of its partners, of those named alike; each once."""
    rows = store.load(part["instrument"], country=code, sources=[part["source"]])
    rows = rows[~ledger.has_flag(rows, "unrecognised")]
    rows = rows.assign(partner=rows["partner"].replace(countries.continuing()))
    if part["partners"]:
        rows = rows[rows["partner"].isin(part["partners"].split())]
    if part["events"]:
        rows = rows[rows["event_id"].str.startswith(part["events"])]
    return rows


def _events_grew(part: Mapping, code: str, **_: int) -> Finding:
    """Whether there are more events in the window of `after` than in that of `before`."""
    first, last = catalog.get(part["source"]).years
    if part["before"] - _WINDOW + 1 < first or part["after"] > last:
        return Finding(UNKNOWN, reason=f"the source covers {first}–{last} only")
    events = _events(part, code).drop_duplicates("event_id")
    began = events["start"].dt.year

    def count(end: float, window: int) -> int:
        return int(began.between(end - window + 1, end).sum())

    early, late = count(part["before"], _WINDOW), count(part["after"], _WINDOW)
    if not early and not late:
        return Finding(UNKNOWN, reason="nothing is on record in either window")
    found = [count(part["after"], w) > count(part["before"], w) for w in _WINDOWS]
    # half an event more in each, so that none is not nothing (Haldane 1956; Anscombe 1956)
    ratio = np.log((late + 0.5) / (early + 0.5))
    reach = NormalDist().inv_cdf(0.975) * np.sqrt(1 / (late + 0.5) + 1 / (early + 0.5))
    low, high = np.exp(ratio - reach), np.exp(ratio + reach)
    number, agree = _agreeing(found)
    return Finding(
        _verdict(low, high, np.exp(ratio), border=1.0, agree=agree), np.exp(ratio), low, high,
        "ratio of numbers of events", "95% of a ratio of two Poisson numbers", number, agree,
        f"{early} in {part['before'] - _WINDOW + 1:.0f}–{part['before']:.0f}, {late} in"
        f" {part['after'] - _WINDOW + 1:.0f}–{part['after']:.0f}",
    )  # fmt: skip


def _recorded(part: Mapping, code: str, **_: int) -> Finding:
    """Whether at least so many events are on record; a list cannot show that there were none."""
    events = _events(part, code)
    first = -np.inf if np.isnan(part["before"]) else part["before"]
    within = events[events["start"].dt.year.between(first, part["after"])]
    sure = within[~ledger.has_flag(within, *_DOUBTFUL)]
    number, fewer = (rows["event_id"].nunique() for rows in (within, sure))
    enough = number >= part["threshold"]
    judged, agree = _agreeing([enough, fewer >= part["threshold"]]) if enough else (np.nan, np.nan)
    return Finding(
        SUPPORTED if agree == 1 else MIXED if enough else UNKNOWN, float(number),
        unit="events on record", interval="none: a list", specifications=judged, agree=agree,
        reason=f"{number} on record; asked for: {part['threshold']:.0f}"
        + ("" if fewer == number else f"; {fewer} without those in doubt")
        + ("" if enough else "; the list was put together by searching, so more may exist"),
    )  # fmt: skip


def _parties_at_least(part: Mapping, code: str, **_: int) -> Finding:
    """Whether events of a series have at least so many parties each, in the median."""
    events = _events(part, code).drop_duplicates("event_id")
    sizes = events.loc[events["start"].dt.year <= part["after"], "parties"].astype(float)
    if sizes.empty:
        return Finding(UNKNOWN, reason="no such event is on record")
    middle = float(sizes.median())
    found = (sizes >= part["threshold"]).tolist()
    number, agree = _agreeing(found)
    verdict = _verdict(
        sizes.min(), sizes.max(), middle, border=part["threshold"] - 0.5, agree=agree
    )
    return Finding(
        verdict, middle, float(sizes.min()), float(sizes.max()), "states in the median event",
        "least and greatest event", number, agree,
        f"{len(sizes)} events on record; asked for: {part['threshold']:.0f} states",
    )  # fmt: skip


def _new_partners(part: Mapping, code: str, **_: int) -> Finding:
    """Whether partners are on record up to `after`, and none of them up to `before`."""
    events = _events(part, code)
    firsts = events.groupby("partner")["start"].min().dt.year
    wanted = part["partners"].split()
    there = firsts[firsts <= part["after"]].reindex(wanted)
    found = (there > part["before"]).tolist()
    number, agree = _agreeing(found)
    verdict = SUPPORTED if agree == 1 else CONTRADICTED if agree == 0 else MIXED
    known = {countries.name_of(code): year for code, year in there.dropna().items()}
    told = ", ".join(f"{name} {year:.0f}" for name, year in known.items())
    return Finding(
        UNKNOWN if not known else verdict, float(sum(found)), unit="new partners on record",
        specifications=number, agree=agree,
        reason=f"first on record: {told or 'none'}; of {len(wanted)} named",
    )  # fmt: skip


def _amount_above(part: Mapping, code: str, **_: int) -> Finding:
    """Whether the ten years up to `after` brought more than the ten years up to `before`."""
    rows = _events(part, code)
    years, unit = rows["end"].dt.year, catalog.get(part["source"]).unit
    sums = [
        [rows.loc[years.between(part[n] - span + 1, part[n]), "value"].sum() for n in _TIMES]
        for span in _SPANS
    ]
    early, late = sums[0]
    if not late and not early:
        return Finding(UNKNOWN, reason="nothing is on record in either span")
    number, agree = _agreeing([one[1] > one[0] for one in sums if any(one)])
    return Finding(
        _verdict(late, late, late, border=early, agree=agree), late / max(early, 1.0),
        unit="ratio of amounts", interval="none: accounts", specifications=number, agree=agree,
        reason=f"{late:,.0f} {unit} in {part['after'] - 9:.0f}–{part['after']:.0f},"
        f" {early:,.0f} in {part['before'] - 9:.0f}–{part['before']:.0f}",
    )  # fmt: skip


def _contributions(part: Mapping, code: str, figures: Iterable[str]) -> list[pd.DataFrame]:
    """Where the state stands from `before` to `after`, by each figure that covers half of it."""
    span = range(int(part["before"]), int(part["after"]) + 1)
    found = [
        peacekeeping.standing(code, span, figure=figure, source=part["source"])
        for figure in figures
    ]
    return [one[one["covered"]] for one in found if one["covered"].mean() >= _HALF]


def _among_first(part: Mapping, code: str, **_: int) -> Finding:
    """Whether the state was among the first contributors in at least half of the years."""
    tables = _contributions(part, code, peacekeeping.FIGURES)
    if not tables:
        return Finding(UNKNOWN, reason="the source covers less than half of these years")
    # a year without a rank is one in which the source does not show the state among the first
    found = [float((one["rank"] <= part["threshold"]).mean()) for one in tables]
    own = tables[0]
    number, agree = _agreeing([share >= _HALF for share in found])
    ranks, among = own["rank"].dropna(), int((own["rank"] <= part["threshold"]).sum())
    places = f"places {ranks.min():.0f} to {ranks.max():.0f}" if len(ranks) else "no place"
    return Finding(
        _verdict(found[0], found[0], found[0], border=_HALF - 1e-12, agree=agree), found[0],
        unit="share", interval="none: a count", specifications=number, agree=agree,
        reason=f"among the first {part['threshold']:.0f} in {among} of {len(own)} covered years,"
        f" {_span(own)}; {places}; asked for: half of the years",
    )  # fmt: skip


def _contribution_at_least(part: Mapping, code: str, **_: int) -> Finding:
    """Whether the state sent at least a share of all troops of the years."""
    tables = _contributions(part, code, peacekeeping.TROOPS)
    if not tables or tables[0]["value"].isna().all():
        return Finding(UNKNOWN, reason="the source gives no troops of it in these years")
    own = tables[0]
    found = [one["value"].sum() / one["total"].sum() for one in tables]
    number, agree = _agreeing([share >= part["threshold"] for share in found])
    high = found[0] + (own["unnamed"] * own["total"]).sum() / own["total"].sum()
    return Finding(
        _verdict(found[0], high, found[0], border=part["threshold"] - 1e-12, agree=agree),
        found[0], found[0], high, "share", "bounds over who sent the troops of nobody named",
        number, agree,
        f"of all troops on the maps of {_span(own)}, in {own['value'].notna().sum()} years of"
        f" {len(own)} covered; asked for: at least {part['threshold']:.0%}",
    )  # fmt: skip


def _span(table: pd.DataFrame) -> str:
    return f"{table['year'].min()}–{table['year'].max()}"


def _not_measurable(part: Mapping, code: str, **_: int) -> Finding:
    """Say that no source here speaks of it."""
    return Finding(UNKNOWN, reason="no source that is a systematic record of it ships")


def _years(row: pd.Series) -> str:
    return f"{row['start']:.0f}–{row['end']:.0f}"


_BOTH = ("source", "before", "after")
_CONTRIBUTED = (*_BOTH, "threshold")
_OF_CONTRIBUTORS = {
    "partners": 0, "systematic": True, "table": peacekeeping.TABLE, "instrument": "peacekeeping",
}  # fmt: skip
_SHARE = ("source", "partners", "after", "threshold")

#: name of a test in a table of claims -> the test
TESTS: dict[str, Test] = {
    "share_at_least": Test(_share_at_least, _SHARE, first=True, systematic=True),
    "share_below": Test(
        partial(_share_at_least, below=True), _SHARE, first=True, systematic=True
    ),
    "share_grew": Test(_share_grew, (*_BOTH, "partners"), systematic=True),
    "first_partner": Test(
        _first_partner, ("source", "partners", "after"), partners=1, systematic=True
    ),
    "more_diverse": Test(_more_diverse, ("before", "after"), partners=0, systematic=True),
    "partners_at_least": Test(
        partial(_partners_counted, grew=False), ("source", "after", "threshold"), partners=0,
        systematic=True,
    ),
    "more_partners": Test(
        partial(_partners_counted, grew=True), _BOTH, partners=0, systematic=True
    ),
    "events_grew": Test(_events_grew, _BOTH, events=True),
    "recorded": Test(_recorded, ("source", "after", "threshold"), events=True),
    "parties_at_least": Test(_parties_at_least, ("source", "after", "threshold"), events=True),
    "new_partners": Test(_new_partners, (*_BOTH, "partners"), events=True),
    "amount_above": Test(_amount_above, _BOTH, in_order=False),
    "among_first": Test(_among_first, _CONTRIBUTED, **_OF_CONTRIBUTORS),
    "contribution_at_least": Test(_contribution_at_least, _CONTRIBUTED, **_OF_CONTRIBUTORS),
    "not_measurable": Test(_not_measurable, ()),
}  # fmt: skip
