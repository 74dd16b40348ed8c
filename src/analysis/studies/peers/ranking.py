"""League tables: the places of a state and its peers, and which of them the data leave open."""

from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from ...errors import ParameterError
from ...measures import diversity
from ...measures._arrays import as_floats
from ...measures.trends import holm
from ...portfolios import battery, calibration, uncertainty
from ...portfolios import measure as measuring
from ...portfolios.calibration import IntervalKind
from ...portfolios.measure import measure
from ...portfolios.panel import PORTFOLIO
from ...sources import countries

#: beside the effective partners, what states are placed by: variety, balance, disparity
PLACED_BY = tuple(battery.PROPERTIES.values())
PLACES = [
    *PORTFOLIO, "name", "measure", "measure_id", "estimate", "estimate_low", "estimate_high",
    "place", "low", "high", "interval", "interval_kind", "n_placed", "n_tied", "status",
    "highlighted", "headline",
]  # fmt: skip
_SERIES = ["source", "instrument"]
#: where the range of a place follows from differences
_BY_DIFFERENCES = "by the difference from each peer"
#: kinds of interval that have ends
WITH_ENDS = (
    IntervalKind.BOOTSTRAP, IntervalKind.AT_LEAST, IntervalKind.AT_MOST, IntervalKind.BOUNDS,
    IntervalKind.SENSITIVITY,
)  # fmt: skip


def ranks(
    portfolios: pd.DataFrame, country: str, *, order: float, draws: int, seed: int
) -> pd.DataFrame:
    """Place of a state and each of its peers, by effective partners and by the three properties.

    Parameters
    ----------
    portfolios : DataFrame
        One window of each source and instrument (see `side_by_side`).
    country : str
        ISO3 of the state.
    order : float
        Of the Hill number.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        One row for each measure, source, instrument and state, with columns `PLACES`: `place` from
        1, the most diverse; `low` and `high`, the best and worst place that the interval leaves
        open; `interval`, of which kind it is; `n_placed`, states that have a place; `n_tied`,
        others with the same value; `headline`, whether the measure is effective partners. A state
        without an estimate has no place; `status` says why.

    References
    ----------
    Those of `analysis.studies.peers.ranking.drawn_ranks`.
    """
    asked: dict[str, Any] = {"draws": draws, "seed": seed}
    every = battery.measures(**asked)
    effective: Any = partial(
        measure, function=diversity.hill, order=order, label=battery.effective_name(order), **asked
    )
    variety, balance, disparity = (every[one] for one in PLACED_BY)
    # treaties in force all weigh the same: they have no balance, and amount to their number
    flows = portfolios[portfolios["basis"] == "flow"]
    parts = [pd.DataFrame(columns=PLACES)]
    for function, weighed in (
        (effective, flows),
        (variety, portfolios),
        (balance, flows),
        (disparity, portfolios),
    ):
        drawn = _drawn(weighed, function)
        for key, rows in function(weighed).groupby(_SERIES, sort=False):
            placed = _placed(rows.reset_index(drop=True), drawn.get(key, {}))
            parts.append(placed.assign(headline=function is effective))
    table = pd.concat(parts[1:] or parts, ignore_index=True)
    table["highlighted"] = table["country"] == country
    table["name"] = table["country"].map(countries.name_of)
    return table[PLACES]


def with_differences(placed: pd.DataFrame, apart: pd.DataFrame) -> pd.DataFrame:
    """Give the state's place by effective partners the range that its differences leave open.

    A peer can stand above the state unless it is less diverse whatever the chance, the order and
    the window, and below it unless it is more diverse; so places and differences never disagree.

    Parameters
    ----------
    placed : DataFrame
        As `places` gives it.
    apart : DataFrame
        As `analysis.studies.peers.tables.differences_from_peers` gives it, of the same portfolios.

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for Ranks with
    Applications to Mobility across Neighbourhoods and Academic Achievement across Countries. Review
    of Economic Studies 91(1), 476-518.
    """
    narrow = calibration.is_doubtful(apart["interval_kind"], apart["interval_coverage"])
    stands = apart["stands"].mask(narrow & apart["stands"].isin(["above", "below"]), "open")
    counts = pd.crosstab([apart[name] for name in _SERIES], stands)
    table = placed.copy()
    own = table["highlighted"].astype(bool) & table["headline"].astype(bool)
    for place, row in table[own & table["place"].notna()].iterrows():
        found = counts.loc[row["source"], row["instrument"]] if len(counts) else pd.Series()
        table.loc[place, "low"] = 1.0 + found.get("below", 0)
        table.loc[place, "high"] = float(row["n_placed"] - found.get("above", 0))
        table.loc[place, "interval"] = _BY_DIFFERENCES
    return table


def _drawn(
    portfolios: pd.DataFrame, function: partial
) -> dict[tuple, dict[str, uncertainty.Draws]]:
    """Draws of a measure by source and instrument, and by state."""
    if not function.keywords["draws"]:
        return {}
    table = measuring.draw(portfolios, **function.keywords)
    found: dict[tuple, dict[str, uncertainty.Draws]] = {}
    for (country, *key), rows in table.groupby(["country", *_SERIES], sort=False):
        drawn = uncertainty.Draws(rows["value"].to_numpy(), rows["model"].iloc[0], np.nan)
        found.setdefault(tuple(key), {})[country] = drawn
    return found


def _placed(rows: pd.DataFrame, drawn: dict[str, uncertainty.Draws]) -> pd.DataFrame:
    """Add the places of one source and instrument, and what the kind of interval leaves open."""
    values = rows["estimate"].round(9).to_numpy(float)
    found = rank_of(values)
    low, high = _open_places(rows, drawn)
    known = np.isfinite(found) & np.isfinite(low) & np.isfinite(high)
    ties = (values[:, None] == values[None, :]).sum(axis=1) - 1
    # a state with nothing open of its own is placed among others that have
    silent = ~rows["interval_kind"].isin(WITH_ENDS)
    other = rows[~silent].head(1)
    return rows.rename(columns={"low": "estimate_low", "high": "estimate_high"}).assign(
        place=found,
        low=np.where(known, np.fmin(low, found), np.nan),
        high=np.where(known, np.fmax(high, found), np.nan),
        **{
            name: rows[name].mask(silent & known, next(iter(other[name]), rows[name]))
            for name in ("interval", "interval_kind")
        },
        n_placed=int(np.isfinite(found).sum()),
        n_tied=np.where(np.isfinite(values), ties, 0),
    )


def _open_places(
    rows: pd.DataFrame, drawn: dict[str, uncertainty.Draws]
) -> tuple[np.ndarray, np.ndarray]:
    values = rows["estimate"].to_numpy(float)
    low, high = (
        rows[end].where(rows[end].notna(), rows["estimate"]).to_numpy(float)
        for end in ("low", "high")
    )
    kinds = rows["interval_kind"]
    if kinds.eq(IntervalKind.BOUNDS).any():
        return bounded_ranks(low, high)
    if kinds.eq(IntervalKind.SENSITIVITY).any():
        return ranks_with_one_changed(values, low, high)
    return _drawn_places(rows[rows["estimate"].notna()], drawn, len(rows))


def _drawn_places(
    rows: pd.DataFrame, drawn: dict[str, uncertainty.Draws], number: int
) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place by the draws as they are and turned round, as `interval` has it.

    A state whose intervals contained the truth too seldom in tests differs from none, as in
    `with_differences`.
    """
    low, high = np.full((2, number), np.nan)
    if not drawn:
        return low, high
    draws = len(next(iter(drawn.values())).samples)
    none = uncertainty.Draws(np.full(draws, np.nan), np.nan, np.nan)
    values = np.array(
        [
            uncertainty.corrected(
                drawn.get(row.country, none) if row.interval_kind in WITH_ENDS else none,
                row.estimate,
            )
            for row in rows.itertuples()
        ]
    )
    doubtful = calibration.is_doubtful(rows["interval_kind"], rows["interval_coverage"]).to_numpy()
    open_above = rows["interval_kind"].eq(IntervalKind.AT_LEAST).to_numpy() | doubtful
    ends = [
        drawn_ranks(values[:, way].T, open_above=open_above, open_below=doubtful) for way in (0, 1)
    ]
    low[rows.index] = np.minimum(ends[0][0], ends[1][0])
    high[rows.index] = np.maximum(ends[0][1], ends[1][1])
    return low, high


def headline_ranks(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of a table of `places`, effective partners by the series that places most states.

    Parameters
    ----------
    table : DataFrame
        As `places` gives it.

    Returns
    -------
    DataFrame
        For `analysis.plot.peers`; empty if no peer has a flow by the same instrument.
    """
    first = table[table["headline"].astype(bool) & (table["n_placed"] > 1)]
    most = first[first["n_placed"] == first["n_placed"].max()]
    kept = most.merge(most[_SERIES].head(1), on=_SERIES).drop(columns=["low", "high"])
    return kept.rename(columns={"estimate_low": "low", "estimate_high": "high"})


def rank_of(values: np.ndarray) -> np.ndarray:
    """Place of each state.

    Parameters
    ----------
    values : ndarray of shape (..., n_states)
        A measure; missing where it could not be computed.

    Returns
    -------
    ndarray of shape (..., n_states)
        From 1; missing where the value is.
    """
    values = as_floats(values, "values")
    above = (values[..., None, :] > values[..., :, None]).sum(axis=-1)
    return np.where(np.isnan(values), np.nan, above + 1.0)


def drawn_ranks(
    values: np.ndarray,
    level: float = 0.95,
    *,
    open_above: np.ndarray | None = None,
    open_below: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Places of each state that its differences from all others leave open, from draws of values.

    A state stands above another if the interval of their difference leaves out 0, corrected for the
    number of others (Holm); else the two may stand either way.

    Parameters
    ----------
    values : ndarray of shape (draws, n_states)
        A state of which there are no draws (all missing) may stand anywhere: it counts for the
        worst place of the others, not for the best.
    level : float
        Of the intervals of differences, between 0 and 1.
    open_above : ndarray of bool of shape (n_states,), optional
        States whose value may be any above its draws: each may stand first, and counts for the
        worst place of the others. Default: none.
    open_below : ndarray of bool of shape (n_states,), optional
        States whose value may be any below its draws. Default: none.

    Returns
    -------
    low, high : ndarray of shape (n_states,)
        Best and worst place; missing for a state without draws.

    Raises
    ------
    ParameterError
        For a level outside (0, 1).

    References
    ----------
    Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for Ranks with
    Applications to Mobility across Neighbourhoods and Academic Achievement across Countries. Review
    of Economic Studies 91(1), 476-518.
    """
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    values = as_floats(values, "values")
    silent = np.isnan(values).all(axis=0)
    known = values[~np.isnan(values[:, ~silent]).any(axis=1)]
    if silent.all() or not len(known):
        return np.full(len(silent), np.nan), np.full(len(silent), np.nan)
    up, down = (
        np.zeros(len(silent), bool) if one is None else np.asarray(one, bool)
        for one in (open_above, open_below)
    )
    less = known[:, :, None] - known[:, None, :]
    middle, tail = less.mean(axis=0), (1 - level) / 2
    low, high = np.quantile(less, [tail, 1 - tail], axis=0)
    # the end nearer to 0, which is not known where it rests on an open one
    is_open = np.where(middle > 0, down[:, None] | up, up[:, None] | down)
    reach = np.where(is_open, np.inf, np.where(middle > 0, middle - low, high - middle))
    sure = _is_sure(middle, reach, level)
    above, below = (sure & (middle < 0)).sum(axis=1), (sure & (middle > 0)).sum(axis=1)
    worst = np.where(silent, np.nan, len(silent) - below)
    return np.where(silent, np.nan, 1.0 + above), worst


def bounded_ranks(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place of each state where values are known within bounds.

    Parameters
    ----------
    low, high : ndarray of shape (n_states,)
        Least and greatest value; the same where nothing is open, missing where nothing is known.

    Returns
    -------
    best, worst : ndarray of shape (n_states,)
        Every place that some values within the bounds give lies between these.
    """
    low, high = as_floats(low, "low"), as_floats(high, "high")
    unknown = np.isnan(low) | np.isnan(high)
    others = ~np.eye(len(low), dtype=bool)
    best = 1.0 + ((low[None, :] > high[:, None]) & others).sum(axis=1)
    worst = 1.0 + ((high[None, :] > low[:, None]) & others).sum(axis=1)
    return np.where(unknown, np.nan, best), np.where(unknown, np.nan, worst)


def ranks_with_one_changed(
    values: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst place of each state if one state's value, its own or another's, is changed.

    Parameters
    ----------
    values : ndarray of shape (n_states,)
        The values as they are.
    low, high : ndarray of shape (n_states,)
        Least and greatest value of each, if something is left out of its record.

    Returns
    -------
    best, worst : ndarray of shape (n_states,)
        For a census: how far the place hangs on any one entry.
    """
    values, low, high = as_floats(values, "values"), as_floats(low, "low"), as_floats(high, "high")
    changed = [values]
    for place in range(len(values)):
        for end in (low, high):
            one = values.copy()
            one[place] = end[place] if np.isfinite(end[place]) else values[place]
            changed.append(one)
    found = rank_of(np.array(changed))
    return found.min(axis=0), found.max(axis=0)


def compared(table: pd.DataFrame) -> pd.DataFrame:
    """Keep of a table of ranks the state's own, where it is not the only one that has a rank."""
    own = table["highlighted"].astype(bool)
    return table[own & table["place"].notna() & (table["n_placed"] > 1)]


def _is_sure(middle: np.ndarray, reach: np.ndarray, level: float) -> np.ndarray:
    """Tell which differences count among all of a state, by normal chances of such a reach."""
    normal = NormalDist()
    with np.errstate(divide="ignore", invalid="ignore"):
        z = normal.inv_cdf((1 + level) / 2) * np.abs(middle) / reach
    chance = np.array([[2 - 2 * normal.cdf(one) for one in row] for row in z])
    np.fill_diagonal(chance, np.nan)
    return np.array([holm(row) for row in chance]) < 1 - level
