"""Measures of portfolios, each with the interval that fits its data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from . import bounds, catalog, diversity, similarity, uncertainty
from .errors import ParameterError
from .layout import Layout, measure_rows
from .panel import PORTFOLIO

MEASURED = [
    *PORTFOLIO, "measure", "estimate", "low", "high", "interval", "status", "weighting", "window",
    "basis", "n_partners", "n_events", "coverage", "weight_without_distance",
]  # fmt: skip

_BOUNDS = {
    diversity.hill: bounds.hill_bounds,
    diversity.hhi: bounds.hhi_bounds,
    diversity.shannon: bounds.shannon_bounds,
    diversity.concentration_ratio: bounds.concentration_bounds,
}
#: least and greatest value of measures that have them
_LIMITS = {
    diversity.hill: (1.0, np.inf),
    diversity.n_partners: (1.0, np.inf),
    diversity.shannon: (0.0, np.inf),
    diversity.hhi: (0.0, 1.0),
    diversity.evenness: (0.0, 1.0),
    diversity.pielou: (0.0, 1.0),
    diversity.concentration_ratio: (0.0, 1.0),
    diversity.top_share: (0.0, 1.0),
    similarity.rao: (0.0, 1.0),
    similarity.rao_equivalent: (1.0, np.inf),
    similarity.stirling: (0.0, np.inf),
    similarity.leinster_cobbold: (1.0, np.inf),
}


def measure(
    made: pd.DataFrame,
    function: Callable[..., np.ndarray],
    *,
    draws: int = 0,
    seed: int | None = None,
    level: float = 0.95,
    distances: pd.DataFrame | Callable[[int, int], pd.DataFrame] | None = None,
    label: str | None = None,
    limits: tuple[float, float] | None = None,
    **options: object,
) -> pd.DataFrame:
    """Apply a measure to every portfolio, with its interval.

    Parameters
    ----------
    made : DataFrame
        As `portfolio` returns it.
    function : callable
        Takes weights of shape (..., n_partners) and gives an array of shape (...); any of
        `analysis.diversity` and `analysis.similarity`, or your own.
    draws : int
        Bootstrap draws over the source's sampling unit (events or deals); 0 for none.
    seed : int, optional
        Required with draws. Each portfolio draws from its own stream, so a subset of portfolios
        has the same intervals as the whole.
    level : float
        Coverage of the bootstrap interval; see `analysis.uncertainty.interval`.
    distances : DataFrame or callable, optional
        Labelled distances between partners, or a function (first year, last year) -> DataFrame;
        handed to `function` as `distances`, aligned by label.
    label : str, optional
        Name of the measure in the result; default: the function's name and options.
    limits : (float, float), optional
        Least and greatest value the measure can have; known for ours, else there are none.
    **options
        Passed on to `function`.

    Returns
    -------
    DataFrame
        One row a portfolio, with columns `MEASURED`: `interval` says what kind it is, `coverage`
        the first and last year of the source, `weight_without_distance` the share of weight left
        out for want of a distance.

    Raises
    ------
    ParameterError
        For draws without a seed, or a level outside (0, 1).
    """
    if draws and seed is None:
        raise ParameterError("draws need a seed, so that results can be repeated.")
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    limits = limits or _LIMITS.get(function, (-np.inf, np.inf))
    portfolios = made.groupby(PORTFOLIO, sort=False).ngroup().to_numpy()
    table = _heads(made, portfolios)
    there = table["status"].eq("measured").to_numpy()[portfolios]
    rows, portfolios = made[there], portfolios[there]
    tables = None
    if distances is not None:
        tables = _tables(table.loc[table["status"] == "measured", ["start", "end"]], distances)
        known = _known(rows, portfolios, table, tables)
        table["weight_without_distance"] = _lost(rows["weight"], portfolios, known, len(table))
        rows, portfolios = rows[known], portfolios[known]
    laid = Layout.of(rows, portfolios, len(table))
    question = _Question(function, options, tables)
    table["estimate"] = _estimates(laid, table, question)
    _add_bounds(laid, table, question)
    if draws:
        _add_intervals(laid, table, question, draws=draws, seed=seed, level=level)
    table.insert(len(PORTFOLIO), "measure", label or _label(function, options))
    return table[MEASURED]


def _label(function: Callable, options: Mapping[str, object]) -> str:
    name = getattr(function, "__name__", "measure")
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})" if options else name


@dataclass(frozen=True)
class _Question:
    """A measure with its options, and with the distances of each window if it needs them."""

    function: Callable[..., np.ndarray]
    options: dict
    tables: dict[tuple[int, int], tuple[np.ndarray, dict[str, int]]] | None

    def batches(
        self, laid: Layout, table: pd.DataFrame, wanted: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]]:
        """Portfolios that can be measured at once, their cells, and the function of weights."""
        if self.tables is None:
            function = partial(self.function, **self.options)
            yield from ((*batch, function) for batch in laid.by_width(wanted))
            return
        windows = list(zip(table["start"], table["end"], strict=True))
        for which, cells in laid.by_width(wanted):
            for place, own in zip(which, cells, strict=True):
                values, order = self.tables[windows[place]]
                places = [order[partner] for partner in laid.partners[own]]
                between = values[np.ix_(places, places)]
                function = partial(self.function, **self.options, distances=between)
                yield np.array([place]), own[None], function


def _heads(made: pd.DataFrame, portfolios: np.ndarray) -> pd.DataFrame:
    """One row a portfolio: all but what is measured."""
    _, firsts = np.unique(portfolios, return_index=True)
    table = made[[*PORTFOLIO, "status", "weighting", "window", "basis"]].iloc[firsts]
    table = table.reset_index(drop=True)
    years = {key: catalog.get(key).years for key in table["source"].unique()}
    return table.assign(
        estimate=np.nan,
        low=np.nan,
        high=np.nan,
        interval="none",
        n_partners=_distinct(made["partner"], portfolios, len(table)),
        n_events=_distinct(made["event_id"], portfolios, len(table)),
        coverage=table["source"].map({k: f"{first}–{last}" for k, (first, last) in years.items()}),
        weight_without_distance=0.0,
    )


def _distinct(labels: pd.Series, portfolios: np.ndarray, number: int) -> np.ndarray:
    """Count the distinct labels of each portfolio; missing ones are none."""
    codes, names = pd.factorize(labels)
    base = max(len(names), 1)
    pairs = np.sort((portfolios * base + codes)[codes >= 0], kind="stable")
    new = np.diff(pairs, prepend=-1) > 0
    return np.bincount(pairs[new] // base, minlength=number)


def _tables(
    windows: pd.DataFrame, distances: pd.DataFrame | Callable[[int, int], pd.DataFrame]
) -> dict[tuple[int, int], tuple[np.ndarray, dict[str, int]]]:
    """Distances in each window, once, and the place of each partner in them."""
    made = {}
    for years in windows.drop_duplicates().itertuples(index=False, name=None):
        table = distances(*years) if callable(distances) else distances
        if not table.index.is_unique or set(table.index) != set(table.columns):
            raise ParameterError(
                f"distances in {years[0]}–{years[1]}: each partner must have one row and one"
                " column, with the same label."
            )
        values = table[table.index].to_numpy()
        made[years] = values, {partner: place for place, partner in enumerate(table.index)}
    return made


def _known(
    rows: pd.DataFrame, portfolios: np.ndarray, table: pd.DataFrame, tables: dict
) -> np.ndarray:
    """Say of each row whether the partner has distances in the portfolio's window."""
    codes, partners = pd.factorize(rows["partner"])
    places = {years: place for place, years in enumerate(tables)}
    known = np.array([[p in order for p in partners] for _, order in tables.values()])
    own = [places.get(years, 0) for years in zip(table["start"], table["end"], strict=True)]
    return known[np.array(own)[portfolios], codes] if len(rows) else np.zeros(0, dtype=bool)


def _lost(weights: pd.Series, portfolios: np.ndarray, known: np.ndarray, number: int) -> np.ndarray:
    """Share of each portfolio's weight with partners that have no distances."""
    total = np.bincount(portfolios, weights, minlength=number)
    lost = np.bincount(portfolios[~known], weights[~known], minlength=number)
    return np.divide(lost, total, out=np.zeros(number), where=total > 0)


def _estimates(laid: Layout, table: pd.DataFrame, question: _Question) -> np.ndarray:
    out = np.full(len(table), np.nan)
    sums = laid.sums()
    everything = np.ones(len(table), dtype=bool)
    for which, cells, function in question.batches(laid, table, everything):
        out[which] = measure_rows(function, sums[cells])
    return out


def _add_bounds(laid: Layout, table: pd.DataFrame, question: _Question) -> None:
    """Give what the source leaves open as bounds, where there are any for the measure."""
    bounds_of = _BOUNDS.get(question.function)
    if bounds_of is None:
        return
    lows, highs = laid.sums(1), laid.sums(2)
    for which, cells in laid.by_width(laid.is_open()):
        low, high = bounds_of(lows[cells], highs[cells], **question.options)
        table.loc[which, "low"], table.loc[which, "high"] = low, high
        table.loc[which, "interval"] = "bounds over all splits of spread deliveries"


def _add_intervals(
    laid: Layout, table: pd.DataFrame, question: _Question, *, draws: int, seed: int, level: float
) -> None:
    """Draw the source's sampling units again, or say why not; one portfolio is held at a time."""
    units = {key: catalog.get(key).sampling["unit"] for key in table["source"].unique()}
    unit = table["source"].map(units)
    number = laid.n_events()
    able = unit.ne("none").to_numpy() & (number > 0) & ~laid.is_open()
    said = table["interval"].mask(able, f"{level:.0%} centred bootstrap over " + unit + "s")
    few = able & (number < uncertainty.MIN_EVENTS)
    said = said.mask(few, f"none: fewer than {uncertainty.MIN_EVENTS} " + unit + "s")
    if question.function is diversity.n_partners or question.options.get("order") == 0:
        missed = "none: " + unit + "s drawn again cannot show partners that were missed"
        table["interval"] = table["interval"].mask(able, missed)
        return
    table["interval"] = said
    limits = _LIMITS.get(question.function, (-np.inf, np.inf))
    ends = np.full((len(table), 2), np.nan)
    keys = list(table[PORTFOLIO].itertuples(index=False, name=None))
    estimates = table["estimate"].to_numpy()
    for which, _, function in question.batches(laid, table, able & ~few):
        for place in which:
            drawn = uncertainty.bootstrap(
                laid.ties(place), function, draws=draws, seed=seed, key=keys[place]
            )
            ends[place] = uncertainty.interval(drawn, estimates[place], level=level, limits=limits)
    drawn_for = able & ~few
    table.loc[drawn_for, ["low", "high"]] = ends[drawn_for]
