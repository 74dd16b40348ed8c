"""The measures that every report shows of a portfolio, by name and by property."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ..measures import diversity, similarity
from ..measures._specs import Measure
from .disparity import distances
from .measure import measure

#: the measures of a profile: what each is called, its function, its options
_BATTERY: tuple[tuple[str, Callable[..., np.ndarray], dict[str, Any]], ...] = (
    ("number of partners", diversity.hill, {"order": 0}),
    ("effective partners, q = 1", diversity.hill, {"order": 1}),
    ("effective partners, q = 2", diversity.hill, {"order": 2}),
    ("effective partners, q = ∞", diversity.hill, {"order": np.inf}),
    ("Shannon entropy", diversity.shannon, {}),
    ("evenness", diversity.evenness, {}),
    ("Herfindahl–Hirschman index", diversity.hhi, {}),
    ("normalised Herfindahl–Hirschman index", diversity.hhi, {"normalised": True}),
    ("share of the first partner (CR1)", diversity.concentration_ratio, {"k": 1}),
    ("share of the first three (CR3)", diversity.concentration_ratio, {"k": 3}),
    ("Rao's quadratic entropy", similarity.rao, {}),
    ("effective unlike partners, q = 1", similarity.leinster_cobbold, {"order": 1}),
)
#: the three properties of diversity (Stirling 2007), each by one of the measures above
PROPERTIES = {"variety": "hill_0", "balance": "evenness_1", "disparity": "rao"}


def measures(*, draws: int = 0, seed: int | None = None) -> dict[str, partial[pd.DataFrame]]:
    """Every measure of a profile by `measure_id`, ready to be called with portfolios.

    `draws` and `seed` are of the bootstrap; see `analysis.measure`.
    """
    unlike = distances("ideal_point")
    ready = {}
    for label, function, options in _BATTERY:
        called = Measure.of(function, options)
        given = {"distances": unlike, **options} if called.partner_argument()[1] else options
        ready[called.id] = partial(
            measure, function=function, draws=draws, seed=seed, label=label, **given
        )
    return ready


def effective(
    portfolios: pd.DataFrame,
    *,
    draws: int,
    seed: int,
    order: float = 1.0,
    distance: str | None = None,
) -> pd.DataFrame:
    """Measure the effective number of partners (a Hill number), the headline of a report.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` returns it.
    draws, seed : int
        Of the bootstrap; see `analysis.measure`.
    order : float
        Of the Hill number.
    distance : str, optional
        A kind of `analysis.distances`: partners who are alike count less (Leinster and Cobbold's
        number). Default: all partners are equally unlike.

    Returns
    -------
    DataFrame
        As `analysis.measure` returns it.
    """
    label = effective_name(order, distance)
    given: dict[str, Any] = {"draws": draws, "seed": seed, "order": order, "label": label}
    if distance is None:
        return measure(portfolios, diversity.hill, **given)
    return measure(portfolios, similarity.leinster_cobbold, distances=distances(distance), **given)


def effective_name(order: float, distance: str | None = None) -> str:
    """Name the effective number of partners of an `order`, by a kind of `distance`."""
    of = f"unlike partners by {distance.replace('_', ' ')}" if distance else "partners"
    return f"effective {of}, {order_name(order)}"


def order_name(order: float) -> str:
    """Write the order of a Hill number."""
    return f"q = {'∞' if np.isinf(order) else f'{order:g}'}"


def over_time(portfolios: pd.DataFrame, ids: list[str], *, draws: int, seed: int) -> pd.DataFrame:
    """Stack the measures of these `ids` (of `measures`) of all portfolios in one table.

    `draws` and `seed` are of the bootstrap.
    """
    every = measures(draws=draws, seed=seed)
    return pd.concat([every[one](portfolios) for one in ids], ignore_index=True)


def properties(portfolios: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Measure variety, balance and disparity in every window.

    Treaties in force all weigh the same, so they have no balance and are left out there; a state
    that has no other ties has no balance at all.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` returns it.
    draws, seed : int
        Of the bootstrap; see `analysis.measure`.

    Returns
    -------
    DataFrame
        As `analysis.measure` returns it, with the column `property`.
    """
    every = measures(draws=draws, seed=seed)
    weighed = portfolios[portfolios["basis"] == "flow"]
    return stacked(
        {
            name: every[measure](weighed if name == "balance" else portfolios)
            for name, measure in PROPERTIES.items()
        }
    )


def stacked(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Stack the tables of several properties, with the column `property`."""
    parts = [table.assign(property=name) for name, table in tables.items()]
    return pd.concat([part for part in parts if len(part)] or parts, ignore_index=True)
