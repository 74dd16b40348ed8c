"""Effective numbers of partners, of arrays and of long tables: how Hill numbers are computed.

A long table has one row for each portfolio and partner. Millions of portfolios with few partners
each need no array with a column for every partner: memory and time grow with the rows of the table.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import (
    LEAST,
    NAMED,
    Grid,
    Order,
    Runs,
    as_floats,
    checked_orders,
    checked_weights,
    in_range,
    power_means,
    quiet,
    share_out,
)

#: orders that need no power of each weight
_CHEAP = (0.0, 1.0, 2.0, np.inf)
#: values worked on at a time: what fits into a processor's own memory
BLOCK = 131_072
#: values multiplied with similarities in one go
PRODUCT = 16 * BLOCK
#: rows worked on in one go
ROWS = 200_000


def hill_of_rows(
    weights: Any,
    portfolios: Any,
    order: Order = 1.0,
    *,
    partners: Any = None,
    n_portfolios: int | None = None,
) -> np.ndarray:
    """Hill numbers of the portfolios of a long table.

    The same as `diversity.hill`, for tables too long or too sparse to be turned into arrays. What
    cannot be raises ParameterError.

    Parameters
    ----------
    weights : array_like of shape (n_rows,)
        Amounts or counts, not negative; a partner has one row in each portfolio.
    portfolios : array_like of int of shape (n_rows,)
        Which portfolio each row belongs to, from 0; as `DataFrame.groupby(...).ngroup()` gives it.
        Fastest if in order.
    order : float or sequence of float
        Any q from 0 to infinity.
    partners : array_like of shape (n_rows,), optional
        Whose row it is; only to make sure that a partner has one row in each portfolio.
    n_portfolios : int, optional
        How many there are; by default one more than the highest number.

    Returns
    -------
    ndarray of shape (n_portfolios,), or (n_portfolios, n_orders) if `order` is a sequence
        NaN for a portfolio without rows or of zeros only.

    Examples
    --------
    >>> hill_of_rows([7, 4, 4, 2, 1, 5, 5], [0, 0, 0, 0, 0, 2, 2], order=2).round(3).tolist()
    [3.767, nan, 2.0]
    """
    x, codes = _floats(weights), _codes(portfolios)
    if x.shape != codes.shape:
        raise ParameterError(f"{x.shape} weights and {codes.shape} portfolios: one for each row.")
    if partners is not None:
        _check_once(codes, partners)
    orders = checked_orders(order)
    found = _measured(x, codes, orders)
    if found is None:
        # rows to put in order, zeros to leave out, or what cannot be a weight
        checked_weights(weights)
        places = np.argsort(codes, kind="stable")
        x, codes = x[places], codes[places]
        present = x > 0
        found = _measured(x[present], codes[present], orders)
    out = np.full((_number(codes, n_portfolios), orders.size), np.nan)
    if found is not None:  # None cannot be found twice
        out[found[0]] = found[1]
    return out if np.ndim(order) else out[:, 0]


def _check_once(codes: np.ndarray, partners: Any) -> None:
    """Raise if a partner has two rows in a portfolio: either may be wrong, or both."""
    if np.ma.is_masked(partners):
        raise ParameterError("partners has rows that are masked: say whose each row is.")
    names, own = np.unique(np.asarray(partners), return_inverse=True)
    if own.shape != codes.shape:
        raise ParameterError(
            f"{own.shape} partners and {codes.shape} portfolios: one for each row."
        )
    places = np.lexsort((own, codes))
    again = (np.diff(own[places]) == 0) & (np.diff(codes[places]) == 0)
    if again.any():
        rows = [
            f"{names[own[k]]} in portfolio {codes[k]}, row {k}"
            for k in np.sort(places[1:][again])[:NAMED].tolist()
        ]
        raise ParameterError(
            f"{again.sum()} rows are of a partner that has one already: {'; '.join(rows)}. Add them"
            " up, or leave them out, before they are measured."
        )


def _floats(weights: Any) -> np.ndarray:
    """Weights of the right type; their values are looked at while they are worked on."""
    x = as_floats(weights, "weights")
    return x if x.ndim == 1 else checked_weights(x)


def _number(codes: np.ndarray, asked: int | None) -> int:
    least, most = (int(codes[0]), int(codes[-1])) if codes.size else (0, -1)
    if least < 0:
        raise ParameterError(f"portfolios are numbered from 0; there is a {least}.")
    if asked is not None and asked <= most:
        raise ParameterError(f"n_portfolios is {asked}, but there is a portfolio {most}.")
    return most + 1 if asked is None else asked


def _codes(portfolios: Any) -> np.ndarray:
    codes = np.asarray(portfolios)
    if (
        np.ma.is_masked(portfolios)
        or codes.ndim != 1
        or (codes.dtype.kind not in "iu" and codes.size)
    ):
        raise ParameterError("portfolios must be whole numbers, one for each row.")
    return codes.astype(np.intp, copy=False)


def _measured(x: np.ndarray, codes: np.ndarray, orders: np.ndarray) -> tuple | None:
    """Portfolios that have rows, and their numbers; None if rows are not in order or not > 0."""
    # each block begins with a portfolio: if rows are in order, which is seen below
    limits = np.searchsorted(codes, codes[ROWS::ROWS])
    blocks = list(pairwise(np.unique([0, *limits.tolist(), x.size]).tolist()))
    parts = share_out(partial(_piece, x, codes, orders), blocks, x.size)
    if not all(parts):
        return None
    numbers, values = (np.concatenate(part) for part in zip(*parts, strict=True))
    return (numbers, values) if _rising(numbers) else None


def _rising(numbers: np.ndarray) -> bool:
    return bool((numbers[1:] > numbers[:-1]).all())


def _piece(
    x: np.ndarray, codes: np.ndarray, orders: np.ndarray, blocks: list[tuple[int, int]]
) -> tuple[np.ndarray, np.ndarray] | None:
    """As `_measured`, some thousand whole portfolios at a time, on one core."""
    numbers, values = [np.empty(0, np.intp)], [np.empty((0, orders.size))]
    # one room for all: new arrays for every block cost as much as a logarithm
    longest = max((last - first for first, last in blocks), default=0)
    work, new = np.empty(longest), np.ones(longest, dtype=bool)
    for first, last in blocks:
        own, rows = codes[first:last], slice(last - first)
        np.not_equal(own[1:], own[:-1], out=new[rows][1:])
        starts = np.flatnonzero(new[rows])
        numbers.append(own[starts])
        found = _block(x[first:last], starts, orders, work[rows]) if _rising(numbers[-1]) else None
        if found is None:
            return None
        values.append(found)
    return np.concatenate(numbers), np.concatenate(values)


def _block(
    x: np.ndarray, starts: np.ndarray, orders: np.ndarray, work: np.ndarray
) -> np.ndarray | None:
    number = np.diff(starts, append=x.size)
    by = Runs(starts, number, work)
    x, total = in_range(x, by)
    if not (x.min() > 0 and total.max() < np.inf):
        return None
    values = power_means(x, orders, by, total=total)
    return np.clip(values, 1.0, number[:, None], out=values)


# --- what the other modules of measures borrow --------------------------------------------------


def effective_numbers(w: np.ndarray, order: Order, *, like: np.ndarray | None = None) -> np.ndarray:
    """Effective numbers of portfolios, between 1 and the number of partners in spite of rounding.

    `w`, of shape (..., n_partners), is as `floats` gives it: its values are checked while they are
    worked on. `order` is as of `hill`, `like` the similarity of partners.
    """
    orders = checked_orders(order)
    out = np.full((*w.shape[:-1], orders.size), np.nan)
    if w.size and not out.size:
        checked_weights(w)
    elif w.size:
        rows, values = w.reshape(-1, w.shape[-1]), out.reshape(-1, orders.size)
        # products have threads themselves, which are in the way of ours: they come first
        step = len(rows) if like is None else max(1, PRODUCT // w.shape[-1])
        room = np.empty((0 if like is None else min(step, len(rows)), w.shape[-1]))
        for first in range(0, len(rows), step):
            part, near = slice(first, first + step), None
            if like is not None:
                with quiet():
                    near = np.matmul(rows[part], like, out=room[: len(rows[part])])
            _fill(rows[part], orders, values[part], partial(checked_weights, w), like, near)
    return out if np.ndim(order) else out[..., 0]


def _fill(
    w: np.ndarray,
    orders: np.ndarray,
    out: np.ndarray,
    check: Callable[[], object],
    like: np.ndarray | None,
    near: np.ndarray | None,
) -> None:
    """Measure all rows, some thousand at a time, on all cores."""
    step = max(1, BLOCK // w.shape[1])
    way = _with_absent if np.isin(orders, _CHEAP).all() else _without_absent

    def measure(blocks: range) -> None:
        # one room for all: new arrays for every block cost as much as a logarithm
        work = np.empty((min(step, len(w)), w.shape[1]))
        for first in blocks:
            rows = slice(first, first + step)
            own, by = w[rows], Grid(work[: len(w[rows])])
            part, total = in_range(own, by)
            # where it is a weight that cannot be, and not only a sum, this is an error
            if not (own.min() >= 0 and total.max() < np.inf):
                check()
            z = None
            if like is not None and near is not None:
                z = near[rows] if part is own else part @ like
                np.maximum(z, LEAST, out=z)
            out[rows] = np.clip(way(part, orders, by, total, z), 1.0, by.count(own)[:, None])

    share_out(measure, range(0, len(w), step), w.size)


def _with_absent(
    w: np.ndarray, orders: np.ndarray, by: Grid, total: np.ndarray, near: np.ndarray | None
) -> np.ndarray:
    return power_means(w, orders, by, total=total, near=near)


def _without_absent(
    w: np.ndarray, orders: np.ndarray, by: Grid, total: np.ndarray, near: np.ndarray | None
) -> np.ndarray:
    """Leave out who is absent: their powers would cost as much as those of partners."""
    present, some = w > 0, total > 0
    number = by.count(w)[some]
    runs = Runs(np.cumsum(number) - number, number, np.empty(int(number.sum())))
    out = np.full((len(w), orders.size), np.nan)
    if some.any():
        z = None if near is None else near[present]
        out[some] = power_means(w[present], orders, runs, total=total[some], near=z)
    return out
