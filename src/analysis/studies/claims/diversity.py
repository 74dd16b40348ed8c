"""Tests of claims that a portfolio became more diverse."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...measures.diversity import evenness, hill
from ...numbers import both_of, number, signed
from ...portfolios import specification
from ...portfolios.differences import difference
from ...portfolios.uncertainty import MIN_EVENTS
from ...sources import catalog
from ...words import counted, source_title
from ..events import shock_table
from ..events import tables as event_study
from .rules import MIXED, SUPPORTED, UNKNOWN, Finding, Look, judge
from .shares import (
    FEWEST_PEERS,
    TIMES,
    WINDOW,
    absent,
    at,
    ends_of,
    interval_of,
    portfolios,
    settled,
    years_of,
)

#: choices of a specification in words
_WAYS = {
    "value": "by value", "count": "full count", "fractional": "each event 1",
    "one": "continuing states as one", "apart": "continuing states apart",
}  # fmt: skip


def more_diverse(part: Mapping, code: str, **options: Any) -> Finding:
    """Test whether a portfolio became more diverse: by every order of the Hill number and window.

    Evenness is another property and decides nothing, and stands in the reason.
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
    windows = portfolios(own, code)
    if missing := absent(windows):
        return missing
    early, late = (at(windows, part[name]) for name in TIMES)
    row = difference(late, early, hill, order=1, **options).iloc[0]
    looks, balance = _looks_of(curve)
    partners = [one["partner"].nunique() for one in (early, late)]
    old, new = both_of(row)
    found = Finding(
        judge(ends_of(row, "difference"), border=0.0, looks=looks),
        row["difference"],
        row["low"],
        row["high"],
        "hill_1_difference",
        interval_of(row),
        looks,
        f"{old} effective partners in {years_of(row, '_before')},"
        f" {new} in {years_of(row)} ({source_title(own['source'])}); named partners"
        f" {partners[0]}, then {partners[1]}; {balance}",
        row["interval_kind"],
    )
    return settled(found, windows)


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

    The windows and the peers are those of `analysis.events.study`: none holds the year of the
    shock. Fewer than `FEWEST_PEERS` allow no verdict; only a change that stands out there is
    supported.
    """
    shock = shock_table.table().set_index("shock").loc[[part["shock"]]].reset_index()
    ends = event_study.windows_around(int(shock["year"].iloc[0]), WINDOW)
    own = {**part, "before": ends.end_before, "after": ends.end}
    windows = portfolios(own, code)
    if missing := absent(windows):
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
        ends_of(row, "change"),
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
        interval_of(row),
        looks,
        f"{number(row['before'])} effective partners in {years_of(row, '_before')},"
        f" {number(row['after'])} in {years_of(row)}; {counted(int(row['n_peers']), 'peer')}"
        f" changed by {signed(peers['peers_change'])} in the median, half of them between"
        f" {signed(peers['peers_low'])} and {signed(peers['peers_high'])}{said}",
        row["interval_kind"],
    )
    return settled(found, windows)


def _change_after(
    shocks: pd.DataFrame, part: Mapping, code: str, *, window: int, **options: Any
) -> pd.Series | None:
    """Find what an event study of one shock says of a part's source, by effective partners."""
    asked: dict[str, Any] = options if window == WINDOW else {}
    only = [part["instrument"]]
    asked = {**asked, "continuing": part["continuing"], "instruments": only}
    changes = event_study.study(shocks, code, window=window, **asked).changes
    rows = changes[
        (changes["source"] == part["source"])
        & (changes["instrument"] == part["instrument"])
        & (changes["measure_id"] == "hill_1")
    ]
    return rows.iloc[0] if len(rows) else None
