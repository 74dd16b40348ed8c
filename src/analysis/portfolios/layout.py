"""Ties of many portfolios as flat arrays, so that all are measured in a few calls."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..errors import ParameterError
from ..measures._arrays import as_floats

_AMOUNTS = ("weight", "weight_low", "weight_high")
#: how far a measure of many portfolios at once may be from that of one alone, as a ratio
_SAME = 1e-9


@dataclass(frozen=True)
class Ties:
    """Weights of one portfolio, of shape (n_events, n_partners), and the labels of its partners."""

    weights: np.ndarray
    partners: list[str]

    @classmethod
    def of(cls, part: pd.DataFrame) -> "Ties":
        """Build from the rows of one portfolio."""
        return PortfolioArrays.of(part, np.zeros(len(part), dtype=np.intp), 1).ties(0)


@dataclass(frozen=True)
class PortfolioArrays:
    """Portfolios one after another; within each, rows are ordered by event.

    A cell is a partner of a portfolio; the cells of one portfolio are in alphabetical order.

    Attributes
    ----------
    amounts : ndarray of shape (3, n_rows)
        Weight of one event with one partner, and its lower and upper bound.
    events : ndarray of int of shape (n_rows,)
        Place of the event within its portfolio.
    cells : ndarray of int of shape (n_rows,)
        Cell of each row.
    partners : ndarray of str of shape (n_cells,)
        Label of each cell.
    row_starts, cell_starts : ndarray of int of shape (n_portfolios + 1,)
        Where the rows and cells of each portfolio begin.
    """

    amounts: np.ndarray
    events: np.ndarray
    cells: np.ndarray
    partners: np.ndarray
    row_starts: np.ndarray
    cell_starts: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame, portfolios: np.ndarray, number: int) -> "PortfolioArrays":
        """Lay out rows of `portfolio`, none of them of an absent portfolio.

        `portfolios` numbers the portfolio of each row, from 0; of `number` portfolios, some may
        have no row.
        """
        events, names = pd.factorize(rows["event_id"], sort=True)
        partners, labels = pd.factorize(rows["partner"], sort=True)
        event_keys = portfolios * max(len(names), 1) + events
        if (np.diff(event_keys) < 0).any():
            places = np.argsort(event_keys, kind="stable")
            rows, event_keys = rows.iloc[places], event_keys[places]
            portfolios, partners = portfolios[places], partners[places]
        edges = np.arange(number + 1)
        row_starts = np.searchsorted(portfolios, edges)
        keys, cells = np.unique(portfolios * max(len(labels), 1) + partners, return_inverse=True)
        owners, codes = np.divmod(keys, max(len(labels), 1))
        return cls(
            amounts=np.array([rows[name].to_numpy(float) for name in _AMOUNTS]),
            events=_places(event_keys, portfolios, row_starts),
            cells=cells,
            partners=np.asarray(labels, dtype=object)[codes],
            row_starts=row_starts,
            cell_starts=np.searchsorted(owners, edges),
        )

    def sums(self, amount: int = 0) -> np.ndarray:
        """Sum an amount (0 the weight, 1 and 2 its bounds) over the events of each cell."""
        return np.bincount(self.cells, self.amounts[amount], minlength=len(self.partners))

    def ties(self, portfolio: int) -> Ties:
        """Ties of one portfolio that has some, partners in alphabetical order."""
        rows = slice(*self.row_starts[portfolio : portfolio + 2])
        first, last = self.cell_starts[portfolio : portfolio + 2]
        events, width = self.events[rows], last - first
        shape = (events[-1] + 1, width)
        places = events * width + (self.cells[rows] - first)
        weights = np.bincount(places, self.amounts[0][rows], minlength=shape[0] * width)
        return Ties(weights.reshape(shape), self.partners[first:last].tolist())

    def n_events(self) -> np.ndarray:
        """Count the events of each portfolio."""
        last = self.row_starts[1:] - 1
        full = np.diff(self.row_starts) > 0
        return np.where(full, self.events[last] + 1 if len(self.events) else 0, 0)

    def is_open(self) -> np.ndarray:
        """Say for each portfolio whether the source leaves any amount open."""
        left_open = self.amounts[2] > self.amounts[1]
        return np.diff(np.concatenate([[0], np.cumsum(left_open)])[self.row_starts]) > 0

    def without_each(self, portfolios: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Leave out every event of some portfolios in turn, each by itself.

        The portfolios, in rising order, all have the same number of partners. Gives one row an
        event, those of a portfolio together; and where each portfolio begins.
        """
        width = np.diff(self.cell_starts)[portfolios[0]]
        numbers = self.n_events()[portfolios]
        starts = np.cumsum(numbers) - numbers
        totals = self.sums()[self.cell_starts[portfolios][:, None] + np.arange(width)]
        out = np.repeat(totals, numbers, axis=0)
        spans = np.diff(self.row_starts)[portfolios]
        own = np.repeat(self.row_starts[portfolios] - (np.cumsum(spans) - spans), spans)
        rows = own + np.arange(spans.sum())
        which = np.repeat(np.arange(len(portfolios)), spans)
        columns = self.cells[rows] - self.cell_starts[portfolios][which]
        np.subtract.at(out, (starts[which] + self.events[rows], columns), self.amounts[0][rows])
        return np.maximum(out, 0.0), starts

    def by_width(self, wanted: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Portfolios with the same number of partners, and their cells, one row a portfolio.

        None is filled up with zeros, which would change measures of absent partners.
        """
        widths = np.diff(self.cell_starts)
        for width in np.unique(widths[wanted & (widths > 0)]):
            which = np.flatnonzero(wanted & (widths == width))
            yield which, self.cell_starts[which][:, None] + np.arange(width)


def _places(event_keys: np.ndarray, portfolios: np.ndarray, row_starts: np.ndarray) -> np.ndarray:
    """Place of the event within its portfolio, from 0."""
    new = np.ones(len(event_keys), dtype=np.intp)
    new[1:] = event_keys[1:] != event_keys[:-1]
    running = np.cumsum(new)
    return running - running[row_starts[portfolios]]


def measure_rows(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray:
    """Apply a measure to each row: to all at once if that gives the same, else one by one.

    A function that gives anything but one number for each row raises ParameterError.
    """
    many = _at_once(function, rows) if len(rows) > 1 else None
    return np.array([_one(function, row) for row in rows]) if many is None else many


def _at_once(function: Callable[[np.ndarray], np.ndarray], rows: np.ndarray) -> np.ndarray | None:
    """Measure all rows in one call; None if three of them by themselves give another value."""
    try:
        many = as_floats(function(rows), "a measure")
        if many.shape != (len(rows),):
            return None
        for place in (0, len(rows) // 2, len(rows) - 1):
            single = as_floats(function(rows[place : place + 1]), "a measure")
            if single.size != 1 or not _same(many[place], single.item()):
                return None
    except Exception:  # whatever a function for one portfolio may raise
        return None
    return many


def _one(function: Callable[[np.ndarray], np.ndarray], row: np.ndarray) -> float:
    value = as_floats(function(row), "a measure")
    if value.size != 1:
        raise ParameterError(
            "A measure must give one number for a portfolio; this one gives an array of shape"
            f" {value.shape}. Ask for one order (or k) at a time."
        )
    return float(value.item())


def _same(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * abs(other) or one == other or (one != one and other != other)
