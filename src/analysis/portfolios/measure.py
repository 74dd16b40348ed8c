"""Measures of portfolios, each with the interval that fits its data."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from ..errors import ParameterError
from ..measures._specs import Measure
from . import calls
from ._interval_columns import (
    Drawing,
    add_bounds,
    add_intervals,
    check_draws,
    drawable,
    no_interval,
)
from .calibration import IntervalKind
from .calls import Distances, MeasureCall
from .layout import PortfolioArrays, measure_rows
from .panel import PORTFOLIO

MEASURED = [
    *PORTFOLIO, "measure", "estimate", "low", "high", "interval", "n_partners", "n_events",
    "coverage", "status", "weighting", "window", "basis", "weight_without_distance",
    "interval_coverage", "interval_kind", "measure_id",
]  # fmt: skip


def measure(
    portfolios: pd.DataFrame,
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
    portfolios : DataFrame
        As `portfolio` returns it.
    function : callable
        Takes weights of shape (..., n_partners) and gives an array of shape (...); any of
        `analysis.measures.diversity` and `analysis.measures.similarity`, or your own.
    draws : int
        Bootstrap draws over the source's sampling unit (events or deals); 0 for none.
    seed : int, optional
        Required with draws. Each portfolio draws from its own stream, so a subset of portfolios
        has the same intervals as the whole.
    level : float
        Coverage of the bootstrap interval; see `analysis.portfolios.uncertainty.interval`.
    distances : DataFrame, Series or callable, optional
        Labelled distances between partners, handed to `function` as `distances`; or labelled points
        of each partner, handed to it as `points`; or a function (first year, last year) of either,
        such as `analysis.portfolios.disparity.ideal_points`. Aligned by label.
    label : str, optional
        Name of the measure in the result; default: the function's name and options.
    limits : (float, float), optional
        Least and greatest value the measure can have; known for ours, else there are none.
    most_unseen : int, optional
        How many partners the record may have missed; default: as many as there are states, or none
        with `distances`. Say 0 for a function that can measure the recorded partners only.
    resampling : str
        See `analysis.portfolios.uncertainty.bootstrap`.
    **options
        Passed on to `function`; of several values of `order`, one after the other. An estimator
        from counts takes `sampling_unit` too, such as "deal": what is counted instead of amounts.

    Returns
    -------
    DataFrame
        One row a portfolio (and order), with columns `MEASURED`: `status` is that of the portfolio,
        or "refused" if the function raised an error for it; `interval` says what kind it is, or why
        there is none, `coverage` the first and last year of the source, `weight_without_distance`
        the share of weight left out for want of a distance.

    Raises
    ------
    ParameterError
        For draws without a seed, or a level outside (0, 1).
    Exception
        What the function raises, if it does for every portfolio.
    """
    check_draws(draws, seed=seed, level=level, resampling=resampling, most_unseen=most_unseen)
    called = Measure.of(function, options)
    orders = called.options.get("order", 0)
    tables = []
    for one in [called.with_order(order) for order in orders] if np.ndim(orders) else [called]:
        arrays, table, call = calls.prepare(portfolios, one, distances=distances)
        table["estimate"] = _estimates(arrays, table, call)
        add_bounds(arrays, table, call)
        if draws and seed is not None:
            drawing = Drawing(draws, seed, most_unseen, resampling)
            ends = limits or one.spec.limits
            add_intervals(arrays, table, call, drawing, level=level, limits=ends)
        tables.append(table.assign(measure=label or _label(one), measure_id=one.id)[MEASURED])
    return pd.concat(tables, ignore_index=True)


def draw(
    portfolios: pd.DataFrame,
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
    portfolios, function, draws, seed, distances, label, most_unseen, resampling, **options
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
    check_draws(draws, seed=seed, resampling=resampling, most_unseen=most_unseen)
    if not draws:
        raise ParameterError("draws is 0; at least one is needed.")
    called = Measure.of(function, options)
    arrays, table, call = calls.prepare(portfolios, called, distances=distances)
    drawing = Drawing(draws, seed, most_unseen, resampling)
    _, _, ready = drawable(arrays, table, call)
    rows = [
        table.loc[[place], PORTFOLIO]
        .merge(pd.DataFrame({"draw": np.arange(1, draws + 1), "value": drawn.samples}), how="cross")
        .assign(model=drawn.model)
        for place, drawn in drawing.of(arrays, table, call, ready)
        if not isinstance(drawn, Exception)
    ]
    names = [*PORTFOLIO, "draw", "value", "model"]
    every = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame(columns=names)
    every.insert(len(PORTFOLIO), "measure", label or _label(called))
    return every


def _label(called: Measure) -> str:
    options = ", ".join(f"{name}={value}" for name, value in called.options.items())
    return f"{called.name}({options})" if options else called.name


def _estimates(arrays: PortfolioArrays, table: pd.DataFrame, call: MeasureCall) -> np.ndarray:
    """Measure every portfolio; one that the function cannot measure is `refused`, with its error.

    What the function raises for all portfolios is raised.
    """
    out = np.full(len(table), np.nan)
    sums = arrays.sums()
    faults: dict[int, Exception] = {}
    number = 0
    for which, cells, function in call.batches(arrays, table, np.ones(len(table), dtype=bool)):
        number += len(which)
        try:
            out[which] = measure_rows(function, sums[cells])
        except Exception:  # whatever a function may raise that some portfolio does not suit
            for place, own in zip(which.tolist(), cells, strict=True):
                try:
                    out[place] = measure_rows(function, sums[own][None])[0]
                except Exception as raised:
                    faults[place] = raised
    if faults and len(faults) == number:
        raise next(iter(faults.values()))
    for place, fault in faults.items():
        table.loc[place, "status"] = "refused"
        no_interval(table, place, IntervalKind.FAILED, fault)
    return out
