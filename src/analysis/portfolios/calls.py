"""Calls of a measure on portfolios, with its options and the distances it needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from .. import _arguments
from ..errors import ParameterError
from ..measures._specs import Measure
from ..sources import catalog
from .calibration import IntervalKind
from .disparity import KINDS
from .layout import PortfolioArrays
from .panel import PORTFOLIO

Table: TypeAlias = pd.DataFrame | pd.Series
#: between partners, or of each; or a function of the first and last year that gives these
Distances: TypeAlias = Table | Callable[[int, int], Table]
#: by first and last year of a window: distances or points, and the place of each partner in them
_Tables: TypeAlias = dict[tuple[int, int], tuple[np.ndarray, dict[str, int]]]


@dataclass(frozen=True)
class MeasureCall:
    """A measure with its options, and with the distances of each window if it needs them."""

    measure: Measure
    tables: _Tables | None

    def batches(
        self, arrays: PortfolioArrays, table: pd.DataFrame, wanted: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]]:
        """Portfolios that can be measured at once, their cells, and the function of weights."""
        if self.tables is None:
            function = with_distances(self.measure, None)
            yield from ((*batch, function) for batch in arrays.by_width(wanted))
            return
        windows = list(zip(table["start"], table["end"], strict=True))
        for which, cells in arrays.by_width(wanted):
            for place, own in zip(which, cells, strict=True):
                values, order = self.tables[windows[place]]
                places = [order[partner] for partner in arrays.partners[own]]
                yield np.array([place]), own[None], _distances_between(self.measure, values, places)


def _counted(portfolios: pd.DataFrame, name: str, sampling_unit: str | None) -> pd.DataFrame:
    """Give each partner of an event the weight 1, for the estimator from counts of a `name`.

    Amounts are not taken for counts: `sampling_unit`, as the source's sidecar has it, says what is
    counted, unless the portfolios count events already.
    """
    for key in sorted(portfolios["source"].unique()):
        unit = catalog.get(key).sampling["unit"]
        weighting = portfolios.loc[portfolios["source"] == key, "weighting"].iloc[0]
        if unit == "none" and (sampling_unit or weighting != "count"):
            raise ParameterError(
                f"{name} needs counts; {key} has no sampling unit that can be counted."
            )
        if sampling_unit and unit != sampling_unit:
            raise ParameterError(f"{key} is a sample of {unit!r}, not {sampling_unit!r}.")
        if not sampling_unit and weighting != "count":
            raise ParameterError(
                f"{name} needs counts; {key} is weighted by {weighting}. Say"
                f" sampling_unit={unit!r} to count these, or give an.portfolio weighting='count'."
            )
    ones = portfolios["weight"].where(portfolios["weight"].isna(), 1.0)
    return portfolios.assign(weight=ones, weight_low=ones, weight_high=ones)


def of_shares(function: Callable, options: Mapping[str, Any]) -> Measure:
    """Combine a measure with its options; refuse one that estimates from counts."""
    measure = Measure.of(function, options)
    if measure.spec.needs_counts:
        raise ParameterError(
            f"{measure.name} needs counts, and here shares are measured; analysis.measure counts"
            " events."
        )
    return measure


def prepare(
    portfolios: pd.DataFrame, measure: Measure, *, distances: Distances | None
) -> tuple[PortfolioArrays, pd.DataFrame, MeasureCall]:
    """Lay out all portfolios, with the call that measures them; a table with one row each."""
    portfolios = _arguments.portfolios(portfolios)
    options = dict(measure.options)
    sampling_unit = options.pop("sampling_unit", None)
    measure = Measure(measure.function, options)
    if measure.spec.needs_counts:
        portfolios = _counted(portfolios, measure.name, sampling_unit)
    elif sampling_unit:
        raise ParameterError("sampling_unit is for estimators from counts, such as chao1.")
    owners = portfolios.groupby(PORTFOLIO, sort=False).ngroup().to_numpy()
    table = _without_estimates(portfolios, owners)
    measured = table["status"].eq("measured").to_numpy()
    rows, owners = portfolios[measured[owners]], owners[measured[owners]]
    tables = None
    if distances is not None:
        tables = _tables(table.loc[measured, ["start", "end"]], distances)
        known = _have_distances(rows, owners, table, tables)
        table["weight_without_distance"] = _lost(rows["weight"], owners, known, len(table))
        rows, owners = rows[known], owners[known]
    return PortfolioArrays.of(rows, owners, len(table)), table, MeasureCall(measure, tables)


def of_partners(
    measure: Measure, partners: list[str], *, distances: Distances | None, years: tuple[int, int]
) -> Callable[[np.ndarray], np.ndarray]:
    """Give a measure the distances of some partners, which all have them in these years."""
    if distances is None:
        return with_distances(measure, None)
    table = table_of(distances, years)
    places = table.index.get_indexer(partners).tolist()
    return _distances_between(measure, table.to_numpy(float), places)


def _distances_between(
    measure: Measure, values: np.ndarray, places: list[int]
) -> Callable[[np.ndarray], np.ndarray]:
    """Give a measure the distances or points of the states in some places of all `values`."""
    return with_distances(
        measure, values[places] if values.ndim == 1 else values[np.ix_(places, places)]
    )


def with_distances(
    measure: Measure, values: np.ndarray | None
) -> Callable[[np.ndarray], np.ndarray]:
    """Give a measure distances or points of its partners, in the order of their weights.

    `values` has shape (n_partners, n_partners) or (n_partners,). Raises ParameterError if the
    measure needs what is not given, or takes something else.
    """
    if unknown := measure.unknown_options():
        raise ParameterError(
            f"{measure.name} takes no option {', '.join(map(repr, unknown))}; it takes:"
            f" {', '.join(measure.takes()) or 'none'}."
        )
    if missing := measure.missing_options():
        options = ", ".join(f"{option}=…" for option in missing)
        raise ParameterError(f"{measure.name} needs {' and '.join(missing)}: say {options}.")
    name, needed = measure.partner_argument()
    function = partial(measure.function, **measure.options)
    if values is None:
        if needed:
            kind = "disparity.ideal_points" if name == "points" else "distances('ideal_point')"
            raise ParameterError(
                f"{measure.name} has to know how unlike partners are: say distances=an.{kind}."
            )
        return function
    given = "points" if values.ndim == 1 else "distances"
    if not name and measure.is_known:
        raise ParameterError(f"{measure.name} takes no {given}: leave distances= out.")
    name = name or given
    if (name == "points") != (given == "points"):
        raise ParameterError(f"{measure.name} takes {name}; these are {given}.")
    return partial(function, **{name: 1 - values if name == "similarity" else values})


def table_of(distances: Distances, years: tuple[int, int]) -> Table:
    """Distances or points in the `years` of a window, each state once, checked."""
    table = distances(*years) if callable(distances) else distances
    if not isinstance(table, pd.DataFrame | pd.Series):
        raise ParameterError(
            "distances: expected a table labelled by partner, or a function of two years that gives"
            f" one; got {_arguments.describe(table)}. Say distances=an.distances(kind), with a kind"
            f" of {', '.join(KINDS)}; or distances=an.disparity.ideal_points for points."
        )
    ends = table.index if isinstance(table, pd.Series) else table.columns
    if not table.index.is_unique or set(table.index) != set(ends):
        raise ParameterError(
            f"distances in {years[0]}–{years[1]}: each partner must have one row and one"
            " column, with the same label."
        )
    if isinstance(table, pd.Series):
        return table.dropna()
    return table if table.columns.equals(table.index) else table[table.index]


def _without_estimates(portfolios: pd.DataFrame, owners: np.ndarray) -> pd.DataFrame:
    """One row a portfolio; the columns of estimates are there, still empty."""
    _, firsts = np.unique(owners, return_index=True)
    table = portfolios[[*PORTFOLIO, "status", "weighting", "window", "basis"]].iloc[firsts]
    table = table.reset_index(drop=True)
    years = {key: catalog.get(key).years for key in table["source"].unique()}
    return table.assign(
        estimate=np.nan,
        low=np.nan,
        high=np.nan,
        interval="none",
        interval_kind=IntervalKind.NONE.value,
        interval_coverage=np.nan,
        n_partners=_n_distinct(portfolios["partner"], owners, len(table)),
        n_events=_n_distinct(portfolios["event_id"], owners, len(table)),
        coverage=table["source"].map({k: f"{first}–{last}" for k, (first, last) in years.items()}),
        weight_without_distance=0.0,
    )


def _n_distinct(labels: pd.Series, owners: np.ndarray, number: int) -> np.ndarray:
    """Count the distinct labels of each portfolio; missing ones are none."""
    codes, names = pd.factorize(labels)
    base = max(len(names), 1)
    # np.unique hashes, which takes twice as long for a million rows that are nearly in order
    pairs = np.sort((owners * base + codes)[codes >= 0], kind="stable")
    new = np.diff(pairs, prepend=-1) > 0
    return np.bincount(pairs[new] // base, minlength=number)


def _tables(windows: pd.DataFrame, distances: Distances) -> _Tables:
    """Distances or points in each window, once, and the place of each partner in them."""
    tables = {}
    for years in windows.drop_duplicates().itertuples(index=False, name=None):
        table = table_of(distances, years)
        places = {partner: place for place, partner in enumerate(table.index)}
        tables[years] = table.to_numpy(float), places
    return tables


def _have_distances(
    rows: pd.DataFrame, owners: np.ndarray, table: pd.DataFrame, tables: _Tables
) -> np.ndarray:
    """Say of each row whether the partner has distances in the portfolio's window."""
    codes, partners = pd.factorize(rows["partner"])
    places = {years: place for place, years in enumerate(tables)}
    known = np.array([[p in order for p in partners] for _, order in tables.values()])
    own = [places.get(years, 0) for years in zip(table["start"], table["end"], strict=True)]
    return known[np.array(own)[owners], codes] if len(rows) else np.zeros(0, dtype=bool)


def _lost(weights: pd.Series, owners: np.ndarray, known: np.ndarray, number: int) -> np.ndarray:
    """Share of each portfolio's weight with partners that have no distances."""
    total = np.bincount(owners, weights, minlength=number)
    lost = np.bincount(owners[~known], weights[~known], minlength=number)
    return np.divide(lost, total, out=np.zeros(number), where=total > 0)
