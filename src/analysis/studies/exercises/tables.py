"""The tables of a report on exercises: with whom, how many of them, and how complete the record is.

Two sources, never mixed: a systematic record, which is measured, and the reviewed list of events,
which begins where the record ends and is shown only, since it holds what was searched for.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ... import numbers, words
from ...measures import diversity, rarefaction, unseen
from ...portfolios import battery
from ...portfolios.measure import measure
from ...portfolios.panel import whole
from ...portfolios.shares import shares
from ...sources import catalog, countries, store
from .. import coverage, selections, yearly
from ..peer_rules import ENOUGH

#: weightings, by what they are called
WAYS = {key: words.weighting_sentence(key, "exercise") for key in ("fractional", "count")}
ORDERS = (0.0, 1.0, 2.0, np.inf)
#: exercises with one other state, and with several
KINDS = {"bilateral": "with one other state", "multilateral": "with several"}


def record(country: str, *, continuing: str = "one") -> dict[str, pd.DataFrame]:
    """Gather all exercises of the systematic record into one portfolio, by both weightings.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    continuing : str
        See `analysis.portfolio`.

    Returns
    -------
    dict of str to DataFrame
        Name of the weighting (see `WAYS`) -> portfolio, as `analysis.portfolio` gives it.
    """
    code = countries.lookup(country)
    keys = selections.systematic_sources("exercise")
    ties = store.load("exercise", country=code, sources=keys)
    return {
        name: whole(
            ties, weighting=weighting, countries=[code], sources=keys, continuing=continuing
        )
        for weighting, name in WAYS.items()
    }


def by_both_weightings(portfolios: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Shares of partners by each weighting, one under the other, with a column `way`."""
    parts = [shares(portfolio).assign(way=name) for name, portfolio in portfolios.items()]
    return pd.concat(parts, ignore_index=True)


def effective(
    portfolios: dict[str, pd.DataFrame], *, order: float, draws: int, seed: int
) -> pd.DataFrame:
    """Hill numbers by each weighting.

    Parameters
    ----------
    portfolios : dict of str to DataFrame
        As `record` gives them.
    order : float
        Of the headline, beside 0, 1, 2 and infinity.
    draws, seed : int
        Of the bootstrap over exercises.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the columns `way` and `order`.
    """
    orders = sorted({*ORDERS, order})
    parts = []
    for name, portfolio in portfolios.items():
        found = measure(portfolio, diversity.hill, order=orders, draws=draws, seed=seed)
        parts.append(found.assign(way=name, order=np.repeat(orders, len(found) // len(orders))))
    return pd.concat(parts, ignore_index=True)


def side_by_side(measured: pd.DataFrame) -> pd.DataFrame:
    """Lay out Hill numbers as text with their intervals: a row an order, a column a weighting."""
    known = measured[measured["estimate"].notna()]
    cells = known.assign(
        label=known["order"].map(battery.effective_name),
        cell=[numbers.estimate_of(row) for row in known.itertuples()],
    )
    wide = cells.pivot(index=["order", "label"], columns="way", values="cell")
    wide = wide.reindex(columns=[way for way in WAYS.values() if way in wide])
    return wide.droplevel("order").rename_axis(index="measure", columns=None)


def by_year(country: str, *, start: int, end: int) -> pd.DataFrame:
    """Count the exercises of each year by how many states took part.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years shown, besides all that the record covers.

    Returns
    -------
    DataFrame
        panel, year, kind, kind_id (of `KINDS`), value, unit, covered, source; for
        `analysis.plot.yearly`.
    """
    code = countries.lookup(country)
    tables = [_by_year(code, key, start, end) for key in selections.systematic_sources("exercise")]
    return pd.concat(tables, ignore_index=True)


def _by_year(code: str, key: str, start: int, end: int) -> pd.DataFrame:
    first, last = catalog.get(key).years
    events = store.load("exercise", country=code, sources=[key]).drop_duplicates("event_id")
    events = events.assign(
        year=events["start"].dt.year,
        kind=np.where(events["parties"] == 2, *KINDS.values()),
        value=1.0,
    )
    years = range(min(start, first), max(end, last) + 1)
    lived = [year for year in years if countries.exists(countries.code_in(code, year), year)]
    covered = [year for year in lived if first <= year <= last]
    table = yearly.yearly(
        events,
        panel="Exercises recorded",
        unit="exercises",
        years=years,
        covered=covered,
        kinds=list(KINDS.values()),
    )
    ids = {name: one for one, name in KINDS.items()}
    return table.assign(source=key, kind_id=table["kind"].map(ids))


def windows(
    country: str,
    *,
    start: int,
    end: int,
    window: int,
    weighting: str | None = None,
    continuing: str = "one",
) -> pd.DataFrame:
    """Portfolios of the systematic record in windows, none of them beyond its coverage.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Last years of the first and the last window; years beyond the coverage are cut off, unless
        nothing would be left.
    window, weighting, continuing
        See `analysis.portfolio`.
    """
    first, last = _covered()
    if start <= last and first + window - 1 <= end:
        start, end = max(start, first + window - 1), min(end, last)
    return selections.portfolios(
        country,
        start=start,
        end=end,
        window=window,
        weighting=weighting,
        continuing=continuing,
        instruments=("exercise",),
    )


def _covered() -> tuple[int, int]:
    years = [catalog.get(key).years for key in selections.systematic_sources("exercise")]
    return min(first for first, _ in years), max(last for _, last in years)


def over_time(
    country: str,
    *,
    start: int,
    end: int,
    window: int,
    order: float,
    draws: int,
    seed: int,
    continuing: str = "one",
) -> pd.DataFrame:
    """Effective partners in every window by each weighting.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end, window
        As of `windows`.
    order : float
        Of the Hill number.
    draws, seed : int
        Of the bootstrap.
    continuing : str
        See `analysis.portfolio`.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `property`: the name of the weighting.
    """
    portfolios = {
        name: windows(
            country,
            start=start,
            end=end,
            window=window,
            weighting=weighting,
            continuing=continuing,
        )
        for weighting, name in WAYS.items()
    }
    return battery.stacked(
        {
            name: battery.effective(rows, order=order, draws=draws, seed=seed)
            for name, rows in portfolios.items()
        }
    )


def completeness(compared: pd.DataFrame) -> pd.DataFrame:
    """Lay out `at_equal_coverage` for reading: a row a state; empty if none has an exercise."""
    rows = compared if compared["n_events"].any() else compared.iloc[:0]
    heads = {
        "name": "state",
        "n_events": "exercises",
        "n_partners": "partners on record",
        "chao2": "partners, at the least",
        "coverage": "coverage of ties",
        "observed": "effective, on record",
    }
    table = rows[list(heads)].rename(columns=heads)
    table["effective, at equal coverage"] = [numbers.estimate_of(row) for row in rows.itertuples()]
    return table


def at_equal_coverage(
    country: str,
    *,
    others: Iterable[str],
    order: float,
    draws: int,
    seed: int,
    continuing: str = "one",
) -> pd.DataFrame:
    """Compare states as if each had been recorded equally well.

    Every record is brought down to the sample coverage of the least complete one (Chao & Jost
    2012), by drawing exercises from it, so that the partners of one come and go together. The full
    count is used, since estimators of what was missed need whole numbers.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    others : list of str
        The states compared with.
    order : float
        Of the Hill number; 1 is used for one that has no estimator (0, 1 and 2 have).
    draws, seed : int
        Of the bootstrap over exercises.
    continuing : str
        See `analysis.portfolio`.

    Returns
    -------
    DataFrame
        One row a state, the largest first: country, name, highlighted, source, n_events, n_ties,
        n_partners, coverage (of its record), chao2 (partners with those missed, at the least),
        observed (effective partners on record), level (coverage that they are compared at), size
        (exercises that reach it), estimate, low, high, interval, interval_coverage,
        interval_kind, measure,
        measure_id, status. States with fewer than `ENOUGH` exercises have no estimate; a country
        without any is not compared.

    References
    ----------
    Chao, A. & Jost, L. (2012). Coverage-based rarefaction and extrapolation: standardizing samples
    by completeness rather than size. Ecology 93(12), 2533-2547.
    """
    code = countries.lookup(country)
    states = list(dict.fromkeys([code, *(countries.lookup(other) for other in others)]))
    keys = selections.systematic_sources("exercise")
    ties = store.load("exercise", country=states, sources=keys)
    if code not in set(ties["country"]):
        states = [code]  # nothing to compare the others with
    asked: dict[str, Any] = {"countries": states, "sources": keys, "continuing": continuing}
    portfolio = whole(ties, weighting="count", **asked)
    every = dict(list(portfolio.groupby("country")))
    counts = {state: rows.groupby("partner").size().to_numpy() for state, rows in every.items()}
    table = pd.DataFrame([_completeness(every[state], counts[state]) for state in every])
    enough = table["n_events"] >= ENOUGH
    level, q = table.loc[enough, "coverage"].min(), int(order) if order in (0, 1, 2) else 1
    asked = {"draws": draws, "seed": seed}
    found = [
        _compared(every[state], counts[state], level=level, order=q, **asked)
        for state in table.loc[enough, "country"]
    ]
    table = table.merge(pd.DataFrame(found, columns=["country", *_COMPARED]), how="left")
    table = table.astype(dict.fromkeys(["observed", "estimate", "low", "high"], float))
    table = table.assign(
        level=level,
        highlighted=table["country"] == code,
        name=table["country"].map(countries.name_of),
        measure=f"{battery.effective_name(q)}, at {numbers.percent(level)} coverage",
    )
    return table.sort_values(["estimate", "name"], ascending=[False, True], ignore_index=True)


_MEASURED = [
    "estimate", "low", "high", "interval", "interval_coverage", "interval_kind", "measure_id",
]  # fmt: skip
_COMPARED = ["size", "observed", *_MEASURED]


def _completeness(rows: pd.DataFrame, counts: np.ndarray) -> dict:
    """Count what the record of one state holds, and how much it has missed."""
    first, n_events = rows.iloc[0], rows["event_id"].nunique()
    several = n_events > 1
    return {
        "country": first["country"],
        "source": first["source"],
        "status": first["status"],
        "n_events": n_events,
        "n_ties": int(counts.sum()),
        "n_partners": len(counts),
        "coverage": float(unseen.coverage(counts, n_events=n_events)) if several else np.nan,
        "chao2": float(unseen.chao1(counts, n_events=n_events)) if several else np.nan,
    }


def _compared(
    rows: pd.DataFrame, counts: np.ndarray, *, level: float, order: int, draws: int, seed: int
) -> dict:
    n_events = rows["event_id"].nunique()
    size = int(rarefaction.size_of(counts, level=level, n_events=n_events))
    function = partial(rarefaction.at_size, n_events=n_events, size=size, order=order)
    # drawn from the record itself: a model with partners unseen has no whole numbers to rarefy
    found = measure(rows, function, draws=draws, seed=seed, most_unseen=0, label="rarefied")
    observed = rarefaction.at_size(counts, size=n_events, order=order, n_events=n_events)
    kept = found.iloc[0][["country", *_MEASURED]]
    return {**kept, "size": size, "observed": float(observed)}


def after_the_record(country: str, *, end: int) -> pd.DataFrame:
    """List the reviewed exercises that began after the systematic record ends.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    end : int
        Last year.

    Returns
    -------
    DataFrame
        As `analysis.studies.coverage.events` gives it; the latest first.
    """
    _, last = _covered()
    if last >= end:
        return coverage.events(country, start=end, end=end).iloc[:0]
    found = coverage.events(country, start=last + 1, end=end)
    found = found[(found["instrument"] == "exercise") & (found["date"] > f"{last}-12-31")]
    return found.iloc[::-1].reset_index(drop=True)
