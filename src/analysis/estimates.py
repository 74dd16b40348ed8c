"""Measures of portfolios, each with the interval that fits its data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
import pandas as pd

from . import bounds, calibration, catalog, countries, diversity, questions, similarity, uncertainty
from .errors import ParameterError
from .layout import Layout, measure_rows
from .panel import PORTFOLIO
from .questions import Distances, Question

MEASURED = [
    *PORTFOLIO, "measure", "estimate", "low", "high", "interval", "status", "weighting", "window",
    "basis", "n_partners", "n_events", "coverage", "weight_without_distance",
]  # fmt: skip

_BOUNDS = {
    diversity.hill: bounds.hill_bounds,
    diversity.hhi: bounds.hhi_bounds,
    diversity.shannon: bounds.shannon_bounds,
    diversity.concentration_ratio: bounds.concentration_bounds,
    diversity.top_share: bounds.concentration_bounds,
    diversity.n_partners: partial(bounds.hill_bounds, order=0.0),
    diversity.evenness: bounds.evenness_bounds,
    diversity.pielou: bounds.pielou_bounds,
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
#: Hill numbers, and what follows from one of them: its order
_BY_ORDER = {
    diversity.hill: 1.0,
    diversity.shannon: 1.0,
    diversity.hhi: 2.0,
    diversity.concentration_ratio: np.inf,
    diversity.top_share: np.inf,
}
#: measures that hang on the number of partners, which no sample gives without bias
_BY_NUMBER = {diversity.evenness, diversity.pielou}
#: the band of a census
_SENSITIVITY = "sensitivity: least and greatest with any one entry left out"


def measure(
    made: pd.DataFrame,
    function: Callable[..., np.ndarray],
    *,
    draws: int = 0,
    seed: int | None = None,
    level: float = 0.95,
    distances: Distances | None = None,
    label: str | None = None,
    limits: tuple[float, float] | None = None,
    most_unseen: int | None = None,
    resampling: str = "multinomial",
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
    distances : DataFrame, Series or callable, optional
        Labelled distances between partners, handed to `function` as `distances`; or labelled points
        of each partner, handed to it as `points`; or a function (first year, last year) of either,
        such as `analysis.disparity.ideal_points`. Aligned by label.
    label : str, optional
        Name of the measure in the result; default: the function's name and options.
    limits : (float, float), optional
        Least and greatest value the measure can have; known for ours, else there are none.
    most_unseen : int, optional
        How many partners the record may have missed; default: as many as there are states, or none
        with `distances`. Say 0 for a function that can measure the recorded partners only.
    resampling : str
        See `analysis.uncertainty.bootstrap`.
    **options
        Passed on to `function`; of several values of `order`, one after the other. An estimator
        from counts takes `sampling_unit` too, such as "deal": what is counted instead of amounts.

    Returns
    -------
    DataFrame
        One row a portfolio (and order), with columns `MEASURED`: `status` is that of the portfolio,
        or "refused" if the function raised an error for it; `interval` says what kind it is, or why
        there is none,
        `coverage` the first and last year of the source, `weight_without_distance` the share of
        weight left out for want of a distance.

    Raises
    ------
    ParameterError
        For draws without a seed, or a level outside (0, 1).
    Exception
        What the function raises, if it does for every portfolio.
    """
    check_draws(draws, seed=seed, level=level)
    if np.ndim(options.get("order", 0)):
        one = partial(
            measure, made, function, draws=draws, seed=seed, level=level, distances=distances,
            label=label, limits=limits, most_unseen=most_unseen, resampling=resampling,
        )  # fmt: skip
        orders = [one(**{**options, "order": order}) for order in options["order"]]
        return pd.concat(orders, ignore_index=True)
    limits = limits or limits_of(function)
    laid, table, question = questions.prepared(made, function, distances=distances, options=options)
    table["estimate"] = _estimates(laid, table, question)
    _add_bounds(laid, table, question)
    if draws:
        drawing = _Drawing(draws, seed, most_unseen, resampling)
        _add_intervals(laid, table, question, drawing, level=level, limits=limits)
    table.insert(len(PORTFOLIO), "measure", label or _label(function, options))
    return table[MEASURED]


def draw(
    made: pd.DataFrame,
    function: Callable[..., np.ndarray],
    *,
    draws: int,
    seed: int,
    distances: Distances | None = None,
    label: str | None = None,
    most_unseen: int | None = None,
    resampling: str = "multinomial",
    **options: object,
) -> pd.DataFrame:
    """Give the draws behind the intervals of `measure`, one by one.

    Parameters
    ----------
    made, function, draws, seed, distances, label, most_unseen, resampling, **options
        As for `measure`, which has the same draws.

    Returns
    -------
    DataFrame
        One row a draw of each portfolio that has a bootstrap interval: its columns, measure, draw
        (from 1), value, and model, the value of what is drawn from. How far `value` lies from
        `model` tells how far the record may lie from the practice.

    Raises
    ------
    ParameterError
        As for `measure`, and for no draws.
    """
    check_draws(draws, seed=seed, level=0.95)
    if not draws:
        raise ParameterError("draws is 0; at least one is needed.")
    laid, table, question = questions.prepared(made, function, distances=distances, options=options)
    drawing = _Drawing(draws, seed, most_unseen, resampling)
    _, _, ready = _drawable(laid, table, question)
    rows = [
        table.loc[[place], PORTFOLIO]
        .merge(pd.DataFrame({"draw": np.arange(1, draws + 1), "value": drawn.samples}), how="cross")
        .assign(model=drawn.model)
        for place, drawn in drawing.of(laid, table, question, ready)
        if not isinstance(drawn, Exception)
    ]
    names = [*PORTFOLIO, "draw", "value", "model"]
    every = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    every.insert(len(PORTFOLIO), "measure", label or _label(function, options))
    return every


def check_draws(draws: int, *, seed: int | None, level: float) -> None:
    """Raise unless `draws` can be drawn from `seed`, and `level` is one.

    Raises
    ------
    ParameterError
        For draws below 0 or without a seed, or a level outside (0, 1).
    """
    if draws < 0:
        raise ParameterError(f"draws is {draws!r}; it must not be negative.")
    if draws and seed is None:
        raise ParameterError("draws need a seed, so that results can be repeated.")
    if not 0 < level < 1:
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")


def limits_of(function: Callable) -> tuple[float, float]:
    """Least and greatest value of a measure, as far as they are known."""
    return _LIMITS.get(function, (-np.inf, np.inf))


def most_unseen_in(year: int, seen: int) -> int:
    """How many partners can have been missed: the other states of a `year` less those `seen`."""
    return max(_n_states(year) - 1 - seen, 0)


@cache
def _n_states(year: int) -> int:
    return len(countries.all_states(year))


def _label(function: Callable, options: Mapping[str, object]) -> str:
    name = getattr(function, "__name__", "measure")
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})" if options else name


def _estimates(laid: Layout, table: pd.DataFrame, question: Question) -> np.ndarray:
    """Measure every portfolio; one that the function cannot measure is `refused`, with its error.

    Raises
    ------
    Exception
        What the function raises, if it does for all.
    """
    out = np.full(len(table), np.nan)
    sums = laid.sums()
    faults: dict[int, Exception] = {}
    number = 0
    for which, cells, function in question.batches(laid, table, np.ones(len(table), dtype=bool)):
        number += len(which)
        try:
            out[which] = measure_rows(function, sums[cells])
        except Exception:  # whatever a function may raise that some portfolio does not suit
            for place, own in zip(which.tolist(), cells, strict=True):
                try:
                    out[place] = measure_rows(function, sums[own][None])[0]
                except Exception as fault:
                    faults[place] = fault
    if faults and len(faults) == number:
        raise next(iter(faults.values()))
    for place, fault in faults.items():
        table.loc[place, ["status", "interval"]] = "refused", f"none: {fault}"
    return out


def _add_bounds(laid: Layout, table: pd.DataFrame, question: Question) -> None:
    """Give what the source leaves open as bounds, where there are any for the measure."""
    bounds_of = _BOUNDS.get(question.function)
    if bounds_of is None:
        return
    lows, highs = laid.sums(1), laid.sums(2)
    for which, cells in laid.by_width(laid.is_open()):
        low, high = bounds_of(lows[cells], highs[cells], **question.options)
        table.loc[which, "low"], table.loc[which, "high"] = low, high
        table.loc[which, "interval"] = "bounds over all splits of spread deliveries"


@dataclass(frozen=True)
class _Drawing:
    """How to draw."""

    draws: int
    seed: int
    most_unseen: int | None
    resampling: str

    def of(
        self, laid: Layout, table: pd.DataFrame, question: Question, wanted: np.ndarray
    ) -> Iterator[tuple[int, uncertainty.Draws | Exception]]:
        """Draws of the portfolios wanted, one after the other, or what the function raises."""
        keys = list(table[PORTFOLIO].itertuples(index=False, name=None))
        for which, _, function in question.batches(laid, table, wanted):
            for place in which:
                ties = laid.ties(place)
                most = self._most(question, int(table.loc[place, "end"]), len(ties.partners))
                try:
                    drawn = uncertainty.bootstrap(
                        ties, function, draws=self.draws, seed=self.seed, key=keys[place],
                        most_unseen=most, resampling=self.resampling,
                    )  # fmt: skip
                except Exception as fault:  # draws may have more partners than the function takes
                    yield place, fault
                else:
                    yield place, drawn

    def _most(self, question: Question, year: int, seen: int) -> int:
        if self.most_unseen is not None:
            return self.most_unseen
        if question.tables is not None or questions.takes_counts(question.function):
            return 0
        return most_unseen_in(year, seen)


def _drawable(
    laid: Layout, table: pd.DataFrame, question: Question
) -> tuple[pd.Series, np.ndarray, np.ndarray]:
    """Find the sampling unit of each portfolio; which have one; which of these have enough."""
    units = {key: catalog.get(key).sampling["unit"] for key in table["source"].unique()}
    unit, number = table["source"].map(units), laid.n_events()
    able = unit.ne("none").to_numpy() & (number > 0) & ~laid.is_open()
    able &= table["status"].ne("refused").to_numpy()
    enough = number >= (
        np.inf if is_number(question.function, question.options) else uncertainty.MIN_EVENTS
    )
    return unit, able, able & enough


def is_number(function: Callable, options: Mapping[str, object]) -> bool:
    """Tell if `function` with `options` is the number of partners, which no resampling gives."""
    return function is diversity.n_partners or options.get("order") == 0


def _add_intervals(
    laid: Layout, table: pd.DataFrame, question: Question, drawing: _Drawing, *, level: float,
    limits: tuple[float, float],
) -> None:  # fmt: skip
    """Draw the source's sampling units again, or say why not."""
    unit, able, ready = _drawable(laid, table, question)
    few = "none: fewer than " + str(uncertainty.MIN_EVENTS) + " " + unit + "s"
    number = "none: " + unit + "s drawn again cannot show partners that were missed"
    table["interval"] = table["interval"].mask(
        able, number if is_number(question.function, question.options) else few
    )
    ends = np.full((len(table), 2), np.nan)
    held, failed = np.full(len(table), "", dtype=object), {}
    numbers, function = laid.n_events(), question.function
    kind = simulated(function, question.options, distances=question.tables is not None)
    estimates = table["estimate"].to_numpy()
    for place, drawn in drawing.of(laid, table, question, ready):
        if isinstance(drawn, Exception):
            failed[place] = f"none: {drawn}"
            continue
        ends[place] = uncertainty.interval(drawn, estimates[place], level=level, limits=limits)
        held[place] = calibration.said(kind, numbers[place], drawn.coverage)
    said = f"{level:.0%} bootstrap over " + unit + "s" + held
    table["interval"] = table["interval"].mask(ready, said)
    table.loc[ready, ["low", "high"]] = ends[ready]
    for place, why in failed.items():
        table.loc[place, "interval"] = why
    _add_sensitivity(laid, table, question)


def simulated(function: Callable, options: Mapping, *, distances: bool) -> str | None:
    """Say by which kind of interval in `calibration` that of a measure was simulated, if by any.

    Parameters
    ----------
    function, options
        The measure.
    distances : bool
        Whether it has any.
    """
    if distances:
        return "distances"
    if options.get("normalised") or options.get("k", 1) > 1:
        return None
    if function in _BY_ORDER:
        return calibration.kind_of_order(options.get("order", _BY_ORDER[function]))
    return "evenness" if function in _BY_NUMBER else None


def _add_sensitivity(laid: Layout, table: pd.DataFrame, question: Question) -> None:
    """Say of treaties in force, a census, how much hangs on any one of them."""
    stock = table["basis"].eq("stock").to_numpy() & (laid.n_events() > 1)
    wanted = stock & table["interval"].eq("none").to_numpy() & table["estimate"].notna().to_numpy()
    least, greatest = (table["estimate"].to_numpy(copy=True) for _ in range(2))
    for which, _, function in question.batches(laid, table, wanted):
        rows, starts = laid.without_each(which)
        values = measure_rows(function, rows)
        least[which] = np.fmin(least[which], np.fmin.reduceat(values, starts))
        greatest[which] = np.fmax(greatest[which], np.fmax.reduceat(values, starts))
    table["low"] = table["low"].mask(wanted, least)
    table["high"] = table["high"].mask(wanted, greatest)
    table["interval"] = table["interval"].mask(wanted, _SENSITIVITY)
