"""Windows of years: which there are, what each event weighs in one, and why one is missing."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial

import numpy as np
import pandas as pd

from .. import _arguments
from ..sources import catalog, countries

#: the states of portfolios, each with the codes under which its ties are on record
States = Mapping[str, Sequence[str]]


def list_windows(ties: pd.DataFrame, terms: pd.DataFrame, covered: tuple[int, int]) -> pd.DataFrame:
    """Repeat each tie for every window it falls into; `end` is the window's last year."""
    of_each = terms.iloc[ties["place"]]
    span, is_stock = of_each["window"].to_numpy(), of_each["basis"].eq("stock").to_numpy()
    began, over = ties["start"].dt.year.to_numpy(), ties["end"].dt.year.to_numpy()
    lowest = np.maximum(of_each["first"].to_numpy(), covered[0] + span - 1)
    highest = np.minimum(of_each["last"].to_numpy(), covered[1])
    low = np.maximum(began, lowest)
    high = np.minimum(np.where(is_stock, over, began + span - 1), highest)
    times = np.maximum(high - low + 1, 0)
    offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
    rows = ties.iloc[np.repeat(np.arange(len(ties)), times)]
    return rows.assign(end=np.repeat(low, times) + offset)


def missed_years(source: catalog.Source, states: States) -> dict[str, set[int]]:
    """Years that the source does not cover, by state."""
    found = {
        state: set().union(*(source.missed.get(code, ()) for code in codes))
        for state, codes in states.items()
    }
    return {state: years for state, years in found.items() if years}


def touch_gaps(
    ties: pd.DataFrame, terms: pd.DataFrame, missed: Mapping[str, set[int]]
) -> np.ndarray:
    """Mark ties whose window has a year that is not covered: those on record are not all."""
    if not missed:
        return np.zeros(len(ties), dtype=bool)
    spans = terms["window"].to_numpy()[ties["place"]]
    return np.array(
        [
            not missed.get(state, set()).isdisjoint(range(end - span + 1, end + 1))
            for state, end, span in zip(ties["country"], ties["end"], spans, strict=True)
        ],
        dtype=bool,
    )


def weigh(rows: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """Sum the rows of one event with one partner in one window.

    Rows whose source leaves the split open share one total, `value_high`: it lies wholly inside the
    window if the rows there add up to it, and then nothing is open; else any amount from 0 to the
    total may have fallen inside.
    """
    keys = ["place", "country", "end", "event_id", "partner"]
    weighting = terms["weighting"].to_numpy()
    if (weighting == "value").any():  # of a source, all or none
        out = rows.groupby(keys, as_index=False).agg(
            weight=("value", "sum"), total=("value_high", "max")
        )
        inside = out["weight"] >= out["total"] * (1 - 1e-9)
        open_ = out["total"].notna() & ~inside
        out["weight_low"] = out["weight"].mask(open_, 0.0)
        out["weight_high"] = out["weight"].mask(open_, out.pop("total"))
    else:
        # an event counts once with a partner however many rows it has in the window
        out = rows[keys].drop_duplicates().sort_values(keys, ignore_index=True)
        whole = (weighting == "count")[out["place"]]
        # not by `parties`, among whom there may be organisations, observers and the unnamed
        partners = out.groupby(keys[:-1])["partner"].transform("size")
        weight = np.where(whole, 1.0, 1.0 / partners)
        out = out.assign(weight=weight, weight_low=weight, weight_high=weight)
    return out.assign(status="measured")


def absent_windows(
    ties: pd.DataFrame, terms: pd.DataFrame, source: catalog.Source, states: States
) -> pd.DataFrame:
    """Give a row for each portfolio without ties, with the reason for its absence."""
    number = pd.Index(list(states)).get_indexer(ties["country"])
    place_of, ends = ties["place"].to_numpy(), ties["end"].to_numpy()
    weighty = ties["weight_high"].to_numpy() > 0
    reasons = cache(partial(_reasons, source, states))  # those of obligations are the same
    parts = []
    for place, window, first, last in zip(
        terms.index, terms["window"], terms["first"], terms["last"], strict=True
    ):
        why = reasons(window, first, last).copy()
        absent = np.ones(why.shape, dtype=bool)
        own = place_of == place
        why[number[own], ends[own] - first] = "negligible"
        own &= weighty
        absent[number[own], ends[own] - first] = False
        which, end = np.nonzero(absent)
        why = why[which, end].astype(str)
        country = np.array(list(states), dtype=str)[which]
        parts.append(
            pd.DataFrame({"place": place, "country": country, "end": end + first, "status": why})
        )
    return pd.concat(parts)


def _reasons(
    source: catalog.Source, states: States, window: int, first: int, last: int
) -> np.ndarray:
    """Say why each portfolio, by state and last year of its window, would have no ties."""
    end = np.arange(first, last + 1)
    begins, ends = source.years
    seen = [any(map(source.observes, codes)) for codes in states.values()]
    observed = np.array(seen, dtype=bool)[:, None]
    covered = observed & (end - window + 1 >= begins) & (end <= ends)
    years = range(first - window + 1, last + 1)
    each = [
        any(countries.exists(code, year) for code in codes)
        for codes in states.values()
        for year in years
    ]
    missed = missed_years(source, states)
    gaps = [year in missed.get(state, ()) for state in states for year in years]
    shape = len(states), len(years)
    lived, holds_gap = (
        np.lib.stride_tricks.sliding_window_view(
            np.array(found, dtype=bool).reshape(shape), window, axis=1
        ).any(axis=2)
        for found in (each, gaps)
    )
    covered &= ~holds_gap
    why = np.where(covered, np.where(lived, "empty", "not_in_system"), "not_covered")
    return why.astype(object)


def by_state(
    records: pd.DataFrame, asked: Iterable[str] | None, continuing: str
) -> tuple[pd.DataFrame, States]:
    """Give the ties of the states asked for, states that go on under another code as one or two.

    Codes without a row in `records` may not have been loaded, so nothing is said of their years.
    """
    if asked is not None:
        asked = [countries.lookup(name) for name in _arguments.names(asked, "countries")]
    heirs = countries.heirs(continuing)
    known = set(records["country"])
    wanted = {code for code in known if heirs.get(code) not in known} if asked is None else asked
    states = {
        code: [code, *(other for other in heirs if heirs[other] == code and other in known)]
        for code in sorted(set(wanted))
    }
    parts = [records[records["country"].isin(states)]] + [
        records[records["country"] == other].assign(country=code)
        for code, codes in states.items()
        for other in codes[1:]
    ]
    own = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return own.assign(partner=own["partner"].replace(heirs)), states
