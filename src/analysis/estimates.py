"""Measures of portfolios, each with the interval that fits its data."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from . import bounds, catalog, diversity, similarity, uncertainty
from .errors import ParameterError
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
    rows = [
        _measure_one(
            key, part, function, draws=draws, seed=seed, level=level, distances=distances,
            limits=limits, options=options,
        )
        for key, part in made.groupby(PORTFOLIO, sort=False)
    ]  # fmt: skip
    out = pd.DataFrame(rows, columns=[name for name in MEASURED if name != "measure"])
    out.insert(len(PORTFOLIO), "measure", label or _label(function, options))
    return out


def _label(function: Callable, options: Mapping[str, object]) -> str:
    name = getattr(function, "__name__", "measure")
    return f"{name}({', '.join(f'{k}={v}' for k, v in options.items())})" if options else name


def _measure_one(
    key: tuple, part: pd.DataFrame, function: Callable, *, draws: int, seed: int | None,
    level: float, distances: object, limits: tuple[float, float], options: dict,
) -> dict:  # fmt: skip
    source = catalog.get(key[1])
    first = part.iloc[0]
    row = dict(zip(PORTFOLIO, key, strict=True))
    row |= {"estimate": np.nan, "low": np.nan, "high": np.nan, "interval": "none"}
    row |= {name: first[name] for name in ("status", "weighting", "window", "basis")}
    row |= {
        "n_partners": part["partner"].nunique(), "n_events": part["event_id"].nunique(),
        "coverage": f"{source.years[0]}–{source.years[1]}", "weight_without_distance": 0.0,
    }  # fmt: skip
    if first["status"] != "measured":
        return row
    if distances is not None:
        part, options, row["weight_without_distance"] = _with_distances(
            part, distances, options, years=(key[3], key[4])
        )
        if part.empty:
            return row
    ties = uncertainty.Ties.of(part)
    row["estimate"] = float(function(ties.weights.sum(axis=0), **options))
    if ties.is_open:
        if function in _BOUNDS:
            low, high = ties.low.sum(axis=0), ties.high.sum(axis=0)
            row["low"], row["high"] = map(float, _BOUNDS[function](low, high, **options))
            row["interval"] = "bounds over all splits of spread deliveries"
    elif draws and source.sampling["unit"] != "none":
        units = f"{source.sampling['unit']}s"
        if function is diversity.n_partners or options.get("order") == 0:
            row["interval"] = f"none: {units} drawn again cannot show partners that were missed"
            return row
        if len(ties.weights) < uncertainty.MIN_EVENTS:
            row["interval"] = f"none: fewer than {uncertainty.MIN_EVENTS} {units}"
            return row
        drawn = uncertainty.bootstrap(
            ties, lambda weights: function(weights, **options), draws=draws, seed=seed, key=key
        )
        row["low"], row["high"] = uncertainty.interval(
            drawn, row["estimate"], level=level, limits=limits
        )
        row["interval"] = f"{level:.0%} centred bootstrap over {units}"
    return row


def _with_distances(
    part: pd.DataFrame, distances: object, options: dict, *, years: tuple[int, int]
) -> tuple[pd.DataFrame, dict, float]:
    """Keep the partners with a known distance, and say what share of the weight the others had."""
    table = distances(*years) if callable(distances) else distances
    known = part["partner"].isin(table.index)
    lost = float(part.loc[~known, "weight"].sum() / part["weight"].sum())
    part = part[known]
    partners = sorted(part["partner"].unique())
    return part, {**options, "distances": table.loc[partners, partners].to_numpy()}, lost
