"""What is asked of portfolios: a measure, with its options and the distances it needs."""

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


@dataclass(frozen=True)
class MeasureCall:
    """A measure with its options, and with the distances of each window if it needs them."""

    measure: Measure
    tables: dict[tuple[int, int], tuple[np.ndarray, dict[str, int]]] | None

    def batches(
        self, laid: PortfolioArrays, table: pd.DataFrame, wanted: np.ndarray
    ) -> Iterator[tuple[np.ndarray, np.ndarray, Callable[[np.ndarray], np.ndarray]]]:
        """Portfolios that can be measured at once, their cells, and the function of weights."""
        if self.tables is None:
            function = with_distances(self.measure, None)
            yield from ((*batch, function) for batch in laid.by_width(wanted))
            return
        windows = list(zip(table["start"], table["end"], strict=True))
        for which, cells in laid.by_width(wanted):
            for place, own in zip(which, cells, strict=True):
                values, order = self.tables[windows[place]]
                places = [order[partner] for partner in laid.partners[own]]
                yield np.array([place]), own[None], distance_arguments(self.measure, values, places)


def counted(portfolios: pd.DataFrame, name: str, sampling_unit: str | None) -> pd.DataFrame:
    """Give each partner of an event the weight 1, for an estimator from counts.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.
    name : str
        What the estimator is called.
    sampling_unit : str, optional
        What is counted, as the source's sidecar has it; needed unless events are counted already.

    Raises
    ------
    ParameterError
        If amounts would be taken for counts, or the source has another sampling unit, or none.
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
                f" sampling_unit={unit!r} to count these, or weighting='count' when the portfolios"
                " are made."
            )
    ones = portfolios["weight"].where(portfolios["weight"].isna(), 1.0)
    return portfolios.assign(weight=ones, weight_low=ones, weight_high=ones)


def of_shares(function: Callable, options: Mapping[str, Any]) -> Measure:
    """Take a measure with its options, to be given shares.

    Parameters
    ----------
    function, options
        The measure.

    Raises
    ------
    ParameterError
        If it estimates from counts.
    """
    measure = Measure.of(function, options)
    if measure.spec.needs_counts:
        raise ParameterError(
            f"{measure.name} needs counts, and here shares are measured; analysis.measure counts"
            " events."
        )
    return measure


def prepare(
    made: pd.DataFrame, measure: Measure, *, distances: Distances | None
) -> tuple[PortfolioArrays, pd.DataFrame, MeasureCall]:
    """Lay out all portfolios, with what is to be asked of them; a table with one row each."""
    made = _arguments.portfolios(made)
    options: dict[str, Any] = dict(measure.options)
    sampling_unit = options.pop("sampling_unit", None)
    measure = Measure(measure.function, options)
    if measure.spec.needs_counts:
        made = counted(made, measure.name, sampling_unit)
    elif sampling_unit:
        raise ParameterError("sampling_unit is for estimators from counts, such as chao1.")
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
    return PortfolioArrays.of(rows, portfolios, len(table)), table, MeasureCall(measure, tables)


def distance_arguments(
    measure: Measure, whole: np.ndarray, places: list[int]
) -> Callable[[np.ndarray], np.ndarray]:
    """Tell a measure of some partners: the distances between them, or their points.

    Parameters
    ----------
    measure : Measure
        What is to be told.
    whole : ndarray of shape (n_states, n_states) or (n_states,)
        Of all states: distances, or points.
    places : list of int
        Which of them the partners are.

    Returns
    -------
    callable
        The measure of their weights.

    Raises
    ------
    ParameterError
        As `told`.
    """
    return with_distances(
        measure, whole[places] if whole.ndim == 1 else whole[np.ix_(places, places)]
    )


def with_distances(
    measure: Measure, values: np.ndarray | None
) -> Callable[[np.ndarray], np.ndarray]:
    """Tell a measure of its partners, in the order of their weights.

    Parameters
    ----------
    measure : Measure
        What is to be told.
    values : ndarray of shape (n_partners, n_partners) or (n_partners,), optional
        Distances, or points; or none.

    Returns
    -------
    callable
        The measure of weights.

    Raises
    ------
    ParameterError
        If the measure needs what is not there, or takes something else.
    """
    if unknown := measure.unknown_options():
        raise ParameterError(
            f"{measure.name} takes no option {', '.join(map(repr, unknown))}; it takes:"
            f" {', '.join(measure.takes()) or 'none'}."
        )
    name, needed = measure.told_by()
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
    """Distances or points in the `years` of a window, each state once.

    Raises
    ------
    ParameterError
        If it is no table, a state has several rows or columns, or one has no column.
    """
    table = distances(*years) if callable(distances) else distances
    if not isinstance(table, pd.DataFrame | pd.Series):
        raise ParameterError(
            "distances: expected a table labelled by partner, or a function of two years that gives"
            f" one; got {_arguments.said(table)}. Say distances=an.distances(kind), with a kind of"
            f" {', '.join(KINDS)}; or distances=an.disparity.ideal_points for points."
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
        interval_kind=IntervalKind.NONE.value,
        held=np.nan,
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
    windows: pd.DataFrame, distances: Distances
) -> dict[tuple[int, int], tuple[np.ndarray, dict[str, int]]]:
    """Distances or points in each window, once, and the place of each partner in them."""
    made = {}
    for years in windows.drop_duplicates().itertuples(index=False, name=None):
        table = table_of(distances, years)
        made[years] = (
            table.to_numpy(float),
            {partner: place for place, partner in enumerate(table.index)},
        )
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
