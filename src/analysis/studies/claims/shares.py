"""Tests of claims about the weights of partners: shares, first places, diversity, its rise."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ...measures import alignment
from ...measures.diversity import evenness, hill
from ...portfolios import disparity, specification
from ...portfolios.calibration import IntervalKind
from ...portfolios.differences import difference
from ...portfolios.measure import draw, measure
from ...portfolios.panel import portfolio, shares
from ...portfolios.uncertainty import MIN_EVENTS
from ...sources import catalog, countries, store
from ...words import (
    ABSENCES,
    both_of,
    counted,
    has_interval,
    instrument,
    number,
    percent,
    signed,
    source_title,
)
from ..events import tables as event_study
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
#: choices of a specification in words
_WAYS = {
    "value": "by value", "count": "full count", "fractional": "each event 1",
    "one": "continuing states as one", "apart": "continuing states apart",
}  # fmt: skip


def portfolios(part: Mapping, code: str, *, window: int = WINDOW) -> pd.DataFrame:
    """Portfolios of a part's source and instrument in the windows that it names.

    Parameters
    ----------
    part : mapping
        Row of a table of claims.
    code : str
        ISO3 of the state.
    window : int
        Length in years.
    """
    kind = part["instrument"].split("/")[0]
    records = store.load(kind, country=code, sources=[part["source"]])
    ends = [int(part[name]) for name in TIMES if not np.isnan(part[name])]
    made = portfolio(
        records,
        window=window,
        years=(min(ends), max(ends)),
        countries=[code],
        sources=[part["source"]],
    )
    return made[made["end"].isin(ends) & (made["instrument"] == part["instrument"])]


def at(made: pd.DataFrame, year: float) -> pd.DataFrame:
    """Keep the portfolio whose window ends in a year."""
    return made[made["end"] == year]


def absent(made: pd.DataFrame) -> Finding | None:
    """Say why portfolios cannot be measured, if one is not there."""
    if made.empty:
        return Finding(UNKNOWN, reason="the source does not cover these years")
    lacking = made[made["status"] != "measured"]
    if lacking.empty:
        return None
    row = lacking.iloc[0]
    return Finding(UNKNOWN, reason=f"{_years(row)}: {ABSENCES[row['status']].sentence}")


def settled(finding: Finding, made: pd.DataFrame) -> Finding:
    """Take back the verdict of a sample that is too thin for an interval, or has none drawn."""
    source = catalog.get(made["source"].iloc[0])
    if not source.is_sample:
        return finding
    unit = source.sampling["unit"]
    why = "of a sample nothing is certain without an interval, and none was drawn"
    interval, kind = "none drawn", IntervalKind.NONE
    if is_thin(made):
        numbers = made.groupby(["start", "end"])["event_id"].nunique()
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


def is_thin(made: pd.DataFrame) -> bool:
    """Tell if one of some portfolios of a sample has too few events for an interval."""
    if not catalog.get(made["source"].iloc[0]).is_sample:
        return False
    return bool(made.groupby(["start", "end"])["event_id"].nunique().min() < MIN_EVENTS)


def _interval(row: pd.Series) -> str:
    """Name the interval, or say why there is none: all amounts or treaties are known."""
    if has_interval(row):
        return row["interval"]
    return "a census" if instrument(row["instrument"]).is_stock else "exact amounts"


def _ways(part: Mapping, code: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the portfolios of each length of window in which the part can be looked at.

    The two windows of a comparison must not share years, and the later one must lie within the
    years of the part. Treaties in force are counted in one year, whatever the window.
    """
    for window in specification.WINDOWS:
        made = portfolios(part, code, window=window)
        stock = made["basis"].eq("stock").any()
        shared = part["after"] - part["before"] < window
        outside = part["after"] - window + 1 < span(part)[0]
        usable = stock or not (shared or outside)
        if usable and absent(made) is None and not is_thin(made):
            yield ("in force" if stock else f"{window} years"), made
        if stock:
            return


def _partners(part: Mapping, made: pd.DataFrame) -> list[str]:
    if part["partners"] == FIRST:
        return [shares(made)["partner"].iloc[0]]
    return part["partners"].split()


def _share(made: pd.DataFrame, partners: list[str], **options: object) -> pd.Series:
    """Share of the partners, with the interval or the bounds that the source has for it."""
    asked = {"distances": disparity.indicator(partners), "limits": (0.0, 1.0), **options}
    row = measure(made, alignment.position, **asked).iloc[0].copy()
    ends = _bounds(made, partners)
    if ends[1] - ends[0] > _SMALL:
        row["low"], row["high"] = ends
        row["interval"] = "bounds over all splits of spread deliveries"
        row["interval_kind"] = IntervalKind.BOUNDS
    return row


def _bounds(made: pd.DataFrame, partners: list[str]) -> tuple[float, float]:
    """Least and greatest share of the partners, whatever the source leaves open."""
    own = made["partner"].isin(partners)
    low, high = (made.loc[own, f"weight_{end}"].sum() for end in ("low", "high"))
    other_low, other_high = (made.loc[~own, f"weight_{end}"].sum() for end in ("low", "high"))
    return low / (low + other_high), high / (high + other_low)


def _ends(row: pd.Series, estimate: str = "estimate") -> tuple[float, float]:
    """Least and greatest value: the interval, or the number itself where it is exact."""
    if not has_interval(row):
        return exact(row[estimate])
    low, high = row["low"], row["high"]
    return -np.inf if np.isnan(low) else low, np.inf if np.isnan(high) else high


def share_at_least(part: Mapping, code: str, *, below: bool = False, **options: int) -> Finding:
    """Test whether partners had at least a share of the window that ends in `after`, or less."""
    made = portfolios(part, code)
    if missing := absent(made):
        return missing
    partners = _partners(part, made)
    row = _share(made, partners, **options)
    looks = [
        Look(
            "share",
            window,
            (_share(one, partners)["estimate"] >= part["threshold"] - _SMALL) != below,
        )
        for window, one in _ways(part, code)
    ]
    low, high = _ends(row)
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
        _interval(row),
        tuple(looks),
        f"{_names(partners)} in {_years(row)}; asked for: {'below' if below else 'at least'}"
        f" {part['threshold']:.0%}",
        row["interval_kind"],
    )
    return settled(found, made)


def share_grew(part: Mapping, code: str, **options: int) -> Finding:
    """Test whether the share of partners is higher in the later window than in the earlier one."""
    made = portfolios(part, code)
    if missing := absent(made):
        return missing
    partners = part["partners"].split()
    early, late = (at(made, part[name]) for name in TIMES)
    row = difference(
        late, early, alignment.position, distances=disparity.indicator(partners), **options
    ).iloc[0]
    looks = []
    for window, one in _ways(part, code):
        then, now = (_share(at(one, part[name]), partners)["estimate"] for name in TIMES)
        looks.append(Look("share", window, now > then + _SMALL))
    found = Finding(
        judge(_ends(row, "difference"), border=0.0, looks=looks),
        row["difference"],
        row["low"],
        row["high"],
        "share_difference",
        _interval(row),
        tuple(looks),
        f"{_names(partners)}: {percent(row['estimate_before'])} in {_years(row, '_before')},"
        f" {percent(row['estimate'])} in {_years(row)}",
        row["interval_kind"],
    )
    return settled(found, made)


def first_partner(part: Mapping, code: str, **options: int) -> Finding:
    """Test whether one partner alone has the largest share of the window that ends in `after`."""
    made = portfolios(part, code)
    if missing := absent(made):
        return missing
    partner = part["partners"]
    row = _share(made, [partner], **options)
    looks = tuple(
        Look("alone in first place", window, is_first(one, partner, alone=True))
        for window, one in _ways(part, code)
    )
    chances, said = _first_chances(made, partner, **options)
    verdict = MIXED
    if chances[0] >= _OFTEN and all(look.agrees for look in looks):
        verdict = SUPPORTED
    elif chances[1] <= _SELDOM and not any(look.agrees for look in looks):
        verdict = CONTRADICTED
    table = shares(made)
    most = table[table["share"] >= table["share"].iloc[0] - _SMALL]
    found = Finding(
        verdict,
        row["estimate"],
        row["low"],
        row["high"],
        "share",
        _interval(row),
        looks,
        f"{countries.name_of(partner)} in {_years(row)}; first is {_names(most['partner'])} with"
        f" {percent(most['share'].iloc[0])}{said}",
        row["interval_kind"],
    )
    return settled(found, made)


def is_first(portfolio: pd.DataFrame, partner: str, *, alone: bool) -> bool:
    """Tell if no partner weighs more than one, or alone: if none weighs as much.

    Parameters
    ----------
    portfolio : DataFrame
        partner and weight.
    partner : str
        Which one.
    alone : bool
        Whether a tie is not enough.
    """
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
    made: pd.DataFrame, partner: str, **options: int
) -> tuple[tuple[float, float], str]:
    """Chance of being first alone, and of being first or one of the first; and how it is known."""
    if catalog.get(made["source"].iloc[0]).is_sample:
        alone, any_ = (
            draw(made, _first, distances=disparity.indicator([partner]), alone=is_alone, **options)[
                "value"
            ].mean()
            for is_alone in (True, False)
        )
        return (alone, any_), f"; first in {percent(any_)} of redraws, alone in {percent(alone)}"
    ends = made.groupby("partner")[["weight_low", "weight_high"]].sum()
    own = ends.loc[partner] if partner in ends.index else pd.Series(0.0, ends.columns)
    others = ends.drop(index=partner, errors="ignore").max()
    surely = own["weight_low"] > others.get("weight_high", 0.0)
    possibly = own["weight_high"] > 0 and own["weight_high"] >= others.get("weight_low", 0.0)
    return (float(surely), float(possibly)), ""


def more_diverse(part: Mapping, code: str, **options: int) -> Finding:
    """Test whether a portfolio became more diverse: by every order of the Hill number and window.

    Evenness is another property and decides nothing; what it says is told.
    """
    curve = specification.curve(
        code,
        part["instrument"].split("/")[0],
        before=int(part["before"]),
        after=int(part["after"]),
        sources=[part["source"]] if part["source"] else None,
    )
    curve = curve[(curve["instrument"] == part["instrument"]) & curve["agrees"].notna()]
    if curve.empty:
        return Finding(UNKNOWN, reason="no source covers both windows, or these share years")
    own = {**part, "source": part["source"] or curve["source"].iloc[0]}
    made = portfolios(own, code)
    if missing := absent(made):
        return missing
    early, late = (at(made, part[name]) for name in TIMES)
    row = difference(late, early, hill, order=1, **options).iloc[0]
    looks, balance = _looks_of(curve)
    partners = [one["partner"].nunique() for one in (early, late)]
    old, new = both_of(row)
    found = Finding(
        judge(_ends(row, "difference"), border=0.0, looks=looks),
        row["difference"],
        row["low"],
        row["high"],
        "hill_1_difference",
        _interval(row),
        looks,
        f"{old} effective partners in {_years(row, '_before')},"
        f" {new} in {_years(row)} ({source_title(own['source'])}); named partners"
        f" {partners[0]}, then {partners[1]}; {balance}",
        row["interval_kind"],
    )
    return settled(found, made)


def _looks_of(curve: pd.DataFrame) -> tuple[tuple[Look, ...], str]:
    """Give the looks by orders of the Hill number, and say what evenness tells beside them."""
    thin = curve["n_events"] < MIN_EVENTS
    sampled = curve["source"].map(lambda key: catalog.get(key).is_sample)
    kept = curve[~(thin & sampled)].sort_values(["window", "weighting"], kind="stable")
    rank = {name: place for place, name in enumerate(specification.MEASURES)}
    kept = kept.sort_values("measure", key=lambda names: names.map(rank), kind="stable")
    functions = [specification.MEASURES[name][0] for name in kept["measure"]]
    is_balance = np.array([function is evenness for function in functions], dtype=bool)
    orders, even = kept[~is_balance], kept[is_balance]
    several = [name for name in ("weighting", "continuing") if len(orders[name].unique()) > 1]
    looks = tuple(
        Look(
            row.measure,
            " ".join([f"{row.window} years", *(_WAYS[getattr(row, name)] for name in several)]),
            bool(row.agrees),
        )
        for row in orders.itertuples()
    )
    rose = int(even["agrees"].astype(bool).sum())
    return looks, f"evenness rose in {rose} of {len(even)} such comparisons"


def more_diverse_after(part: Mapping, code: str, **options: int) -> Finding:
    """Test whether a portfolio became more diverse after a shock, and more so than its peers'.

    The windows and the peers are those of `event_study`: no window holds the year of the shock.
    Fewer than `FEWEST_PEERS` allow no verdict; only a change that stands out there is supported.
    """
    shock = event_study.table().set_index("shock").loc[[part["shock"]]].reset_index()
    ends = event_study.windows_around(int(shock["year"].iloc[0]), WINDOW)
    own = {**part, "before": ends.end_before, "after": ends.end}
    made = portfolios(own, code)
    if missing := absent(made):
        return missing
    studied = {
        window: _change_after(shock, part, code, window=window, **options)
        for window in specification.WINDOWS
    }
    row = studied[WINDOW]
    if row is None or row["status"] != "measured":
        return Finding(UNKNOWN, reason="the source does not cover both windows around the shock")
    if not row["n_peers"] > 0:
        return Finding(UNKNOWN, reason="there is no peer with both windows to compare with")
    looks = tuple(
        Look(
            "rise above the median of the peers",
            f"{window} years",
            one["change"] > max(one["peers_change"], 0.0),
        )
        for window, one in studied.items()
        if one is not None and one["status"] == "measured" and one["n_peers"] > 0
    )
    peers = row[["peers_low", "peers_change", "peers_high"]].astype(float)
    verdict = judge(
        _ends(row, "change"),
        border=max(peers["peers_high"], 0.0),
        looks=looks,
        least=max(peers["peers_change"], 0.0),
    )
    said = ""
    if row["n_peers"] < FEWEST_PEERS:
        verdict, looks = UNKNOWN, ()
        said = f"; a verdict needs {FEWEST_PEERS} peers"
    elif verdict == SUPPORTED and row["verdict"] != event_study.STANDS_OUT:
        verdict, said = MIXED, "; among states without the shock it does not stand out"
    found = Finding(
        verdict,
        row["change"],
        row["low"],
        row["high"],
        "hill_1_difference",
        _interval(row),
        looks,
        f"{number(row['before'])} effective partners in {_years(row, '_before')},"
        f" {number(row['after'])} in {_years(row)}; {counted(int(row['n_peers']), 'peer')} changed"
        f" by {signed(peers['peers_change'])} in the median, half of them between"
        f" {signed(peers['peers_low'])} and {signed(peers['peers_high'])}{said}",
        row["interval_kind"],
    )
    return settled(found, made)


def _change_after(
    shocks: pd.DataFrame, part: Mapping, code: str, *, window: int, **options: int
) -> pd.Series | None:
    """Find what an event study of one shock says of a part's source, by effective partners."""
    asked = options if window == WINDOW else {}
    only = [part["instrument"]]
    changes = event_study.study(shocks, code, window=window, instruments=only, **asked).changes
    rows = changes[
        (changes["source"] == part["source"])
        & (changes["instrument"] == part["instrument"])
        & (changes["measure_id"] == "hill_1")
    ]
    return rows.iloc[0] if len(rows) else None


def _names(codes: list[str] | pd.Series) -> str:
    return ", ".join(map(countries.name_of, codes))


def _years(row: pd.Series, suffix: str = "") -> str:
    return f"{row[f'start{suffix}']:.0f}–{row[f'end{suffix}']:.0f}"
