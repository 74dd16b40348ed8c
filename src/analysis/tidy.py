"""Hill numbers straight from a long table: one row for each portfolio and partner.

Millions of portfolios with few partners each need no array with a column for every partner: memory
and time grow with the rows of the table.
"""

from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from ._arrays import as_floats
from .cores import share_out
from .diversity import Order, checked_orders, checked_weights, effective, quiet
from .errors import ParameterError

#: orders for which sums over the weights themselves will do, if these are within these limits
_USUAL = (0.0, 1.0, 2.0, np.inf)
_SMALL, _LARGE = 1e-140, 1e140
#: rows worked on in one go
ROWS = 200_000
#: as many faults as one message names
_NAMED = 10


def hill_of_rows(
    weights: Any, portfolios: Any, order: Order = 1.0, *, partners: Any = None,
    n_portfolios: int | None = None,
) -> np.ndarray:  # fmt: skip
    """Hill numbers of the portfolios of a long table.

    The same as `diversity.hill`, for tables too long or too sparse to be turned into arrays.

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

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, an order negative or missing, the portfolios
        are not whole numbers from 0, one for each row, or a partner has two rows in one.

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
    made = _measured(x, codes, orders)
    if made is None:
        # rows to put in order, zeros to leave out, or what cannot be a weight
        checked_weights(weights)
        places = np.argsort(codes, kind="stable")
        x, codes = x[places], codes[places]
        there = x > 0
        made = _measured(x[there], codes[there], orders)
    number = _number(codes, n_portfolios)
    numbers, values = made
    out = np.full((number, orders.size), np.nan)
    out[numbers] = values
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
            for k in np.sort(places[1:][again])[:_NAMED].tolist()
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
    """Portfolios that have rows, and their numbers; nothing if rows are not in order or not > 0."""
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
    # made once: new arrays for every block cost as much as a logarithm
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
    with quiet():
        total = np.add.reduceat(x, starts)
        if not (x.min() > 0 and (total.max() < np.inf or x.max() < np.inf)):
            return None
        if np.isin(orders, _USUAL).all() and total.min() > _SMALL and total.max() < _LARGE:
            return _usual_orders(x, starts, total, orders, work)
        return _any_orders(x, starts, total, orders)


def _usual_orders(
    x: np.ndarray, starts: np.ndarray, total: np.ndarray, orders: np.ndarray, work: np.ndarray
) -> np.ndarray:
    """From sums over the weights themselves: no array of shares is made."""
    number = np.diff(starts, append=x.size)
    out = np.empty((starts.size, orders.size))
    for column, q in enumerate(orders):
        if q == 0:
            value = number
        elif q == 1:
            products = _products(x, np.log(x, out=work), starts, number, work)
            value = np.exp(np.log(total) - products / total)
        elif q == 2:
            value = total**2 / _products(x, x, starts, number, work)
        else:
            value = total / np.maximum.reduceat(x, starts)
        out[:, column] = value
    return np.clip(out, 1.0, number[:, None], out=out)


def _products(
    x: np.ndarray, y: np.ndarray, starts: np.ndarray, number: np.ndarray, work: np.ndarray
) -> np.ndarray:
    """Sum x times y over the rows of each portfolio; `work` may be lost."""
    if number.size and (number == number[0]).all():  # an array, in half the time
        return np.vecdot(x.reshape(-1, number[0]), y.reshape(-1, number[0]))
    return np.add.reduceat(np.multiply(x, y, out=work), starts)


def _any_orders(
    x: np.ndarray, starts: np.ndarray, total: np.ndarray, orders: np.ndarray
) -> np.ndarray:
    number = np.diff(starts, append=x.size)
    if not total.max() < np.inf:
        x = x * 2.0**-64
        total = np.add.reduceat(x, starts)
    p = x / np.repeat(total, number)
    # a share too small for a float is still a partner
    return effective(np.maximum(p, np.finfo(np.float64).smallest_subnormal), starts, orders)
