"""What all measures share: numbers as floats, checks, sums over partners, all cores.

A masked entry, pandas' NA and None are missing, whatever number lies behind the mask. A measure
refuses what is missing, or leaves it out, as it does with NaN. What cannot be raises
ParameterError; `name` is what the caller calls a value.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np

from ..errors import ParameterError

#: a number of at least 0 or infinity, or several
Order = float | Sequence[float] | np.ndarray

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: numbers for which another core is worth while
FOR_ONE = 200_000
#: as many faults as one message names
NAMED = 10
#: within this distance of order 1 the textbook formula loses digits, beyond it this one would
_NEAR_ONE = 0.5
LEAST = np.finfo(np.float64).smallest_subnormal
_SMALLEST = np.finfo(np.float64).smallest_normal
#: weights whose sums lie between these are measured in the unit they have
_SMALL, _LARGE = 1e-140, 1e140

#: rounding that a distance or similarity may carry
_TOLERANCE = 1e-9
#: what a partner's own entry must be
_OWN = {"distances": 0.0, "similarity": 1.0}

Result = TypeVar("Result")


def as_floats(values: Any, name: str) -> np.ndarray:
    """Numbers of any real type as an array of floats, NaN where one is missing.

    Texts, complex numbers, dates, and rows of different lengths are refused.
    """
    if type(values) is np.ndarray and values.dtype == np.float64:
        return values
    try:
        array, mask = _array(values)
        if array.dtype.kind == "O":
            array = np.array([_number(x) for x in array.ravel()], float).reshape(array.shape)
    except (TypeError, ValueError, OverflowError) as fault:
        raise ParameterError(f"{name} must be an array of numbers: {fault}.") from None
    if array.dtype.kind not in "buif":
        raise ParameterError(f"{name} must be real numbers; got {array.dtype}.")
    floats = array.astype(np.float64, copy=False)
    return np.where(mask, np.nan, floats) if np.any(mask) else floats


def _array(values: Any) -> tuple[np.ndarray, np.ndarray | np.bool | bool]:
    """Numbers, and where a mask is over them; of a list of masked arrays too."""
    if isinstance(values, np.ma.MaskedArray):
        return np.ma.getdata(values), np.ma.getmask(values)
    if isinstance(values, list | tuple) and any(map(_may_be_masked, values)):
        arrays, masks = zip(*map(_array, values), strict=True)
        masks = [np.broadcast_to(m, a.shape) for a, m in zip(arrays, masks, strict=True)]
        return np.asarray(arrays), np.asarray(masks)
    return np.asarray(values), False


def _may_be_masked(value: Any) -> bool:
    return isinstance(value, np.ma.MaskedArray | list | tuple)


def _number(value: Any) -> float:
    """One entry of an array of objects: a number such as Decimal, or missing."""
    if value is None or type(value).__name__ == "NAType":
        return np.nan
    if isinstance(value, str | bytes):
        raise ValueError(f"{value!r} is a text")
    return float(value)


def floats(weights: Any, name: str = "weights") -> np.ndarray:
    """Weights as floats with an axis of partners; their values are not checked."""
    w = as_floats(weights, name)
    if w.ndim == 0:
        raise ParameterError(f"{name} must have an axis of partners; got the number {w[()]}.")
    return w


def checked_weights(weights: Any, name: str = "weights") -> np.ndarray:
    """Weights as floats, or an error that names every position at fault."""
    w = floats(weights, name)
    # a comparison with NaN is false
    if w.size and not (w.min() >= 0 and w.max() < np.inf):
        wrong = ~((w >= 0) & (w < np.inf))
        more = f" and {wrong.sum() - NAMED} more" if wrong.sum() > NAMED else ""
        raise ParameterError(
            f"{name} must be finite and not negative; got {positions(w, wrong)}{more}. "
            "A partner without ties has the weight 0; what is unknown must be left out."
        )
    return w


def positions(values: np.ndarray, marked: np.ndarray) -> str:
    """Name the first few values that are marked, and where they are."""
    return ", ".join(f"{values[tuple(i)]} at {i.tolist()}" for i in np.argwhere(marked)[:NAMED])


def checked_matrix(
    matrix: Any, n: int, kind: str, *, labels: Sequence[str] | None = None
) -> np.ndarray:
    """Entries of shape (n, n) as floats from 0 to 1, or an error that names every pair at fault.

    `kind` is `distances` or `similarity`; by default positions stand for the `labels` of the error.
    """
    if kind not in _OWN:
        raise ParameterError(f"Unknown kind {kind!r}; it is {' or '.join(_OWN)}.")
    if hasattr(matrix, "columns"):
        raise ParameterError(
            f"{kind} is a labelled table, whose order need not be that of the weights: "
            f"pass similarity.aligned({kind}, labels, {kind!r}), with the weights' labels."
        )
    entries = as_floats(matrix, kind)
    if entries.shape != (n, n):
        raise ParameterError(f"{kind} has shape {entries.shape}; for {n} partners it is {(n, n)}.")
    _check_entries(entries, kind, range(n) if labels is None else labels)
    # below 0 by rounding, an entry could outweigh a small partner's own
    return entries.clip(0.0, 1.0)


def _check_entries(entries: np.ndarray, kind: str, labels: Sequence) -> None:
    own = np.eye(len(entries), dtype=bool)
    with quiet():
        outside = ~((entries >= -_TOLERANCE) & (entries <= 1 + _TOLERANCE))
        wrong = own & (np.abs(entries - _OWN[kind]) > _TOLERANCE)
        uneven = np.abs(entries - entries.T) > _TOLERANCE
    outside |= outside.T
    faults = {
        "missing or outside [0, 1]": outside,
        f"not {_OWN[kind]:.0f} with itself": wrong & ~outside,
        "not the same both ways": uneven & ~outside,
    }
    lines = []
    for what, where in faults.items():
        for i, j in np.argwhere(np.triu(where)).tolist():
            there, back = entries[i, j], entries[j, i]
            value = f"{there}" if there == back or there != there else f"{there} and {back}"
            lines.append(f"{labels[i]} and {labels[j]}: {value} is {what}")
    if lines:
        more = [f"and {len(lines) - NAMED} more"] if len(lines) > NAMED else []
        raise ParameterError("\n  ".join([f"{kind} that cannot be:", *lines[:NAMED], *more]))


def checked_orders(order: Order) -> np.ndarray:
    """Orders, numbers from 0 to infinity, as a one-dimensional array of floats."""
    try:
        orders = np.atleast_1d(as_floats(order, "order"))
    except ParameterError:
        orders = np.array([np.nan])
    if orders.ndim > 1 or not (orders >= 0).all():
        raise ParameterError(f"order is {order!r}; it must be one or more numbers from 0 to ∞.")
    return orders


def checked_whole(value: Any, name: str, *, least: int) -> int:
    """Return the value if it is a whole number, not below `least`."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ParameterError(f"{name} is {value!r}; it must be a whole number, {least} or more.")
    return int(value)


def normal_score(level: float) -> float:
    """Give the score beyond which a normal distribution lies with the chance 1 - `level`."""
    if not (isinstance(level, float | np.floating) and 0 < level < 1):
        raise ParameterError(f"level is {level!r}; it must lie between 0 and 1.")
    return NormalDist().inv_cdf((1 + level) / 2)


def quiet() -> np.errstate:
    """Silence numpy's warnings where a special case is meant, within one `with` only."""
    return np.errstate(all="ignore")


@dataclass(frozen=True)
class Grid:
    """Weights of shape (n_portfolios, n_partners): sums over partners, 0 for those absent.

    `work`, of that shape, is room for products: new arrays for every block cost as much as a
    logarithm.
    """

    work: np.ndarray | None = None

    def add(self, x: np.ndarray) -> np.ndarray:
        """Sum over the partners of each portfolio."""
        return x.sum(axis=-1)

    def dot(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Sum products over the partners of each portfolio."""
        return np.vecdot(x, y)

    def most(self, x: np.ndarray) -> np.ndarray:
        """Find the largest value of each portfolio."""
        return x.max(axis=-1)

    def log(self, x: np.ndarray) -> np.ndarray:
        """Take logarithms; those of 0 are finite, since they are multiplied with 0."""
        return np.log(np.maximum(x, _SMALLEST, out=self.work), out=self.work)

    def count(self, w: np.ndarray) -> np.ndarray:
        """Count the partners of each portfolio."""
        return np.bitwise_count(np.packbits(w > 0, axis=-1)).sum(axis=-1, dtype=np.intp)

    def each(self, values: np.ndarray) -> np.ndarray:
        """Repeat one value a portfolio for each of its partners."""
        return values[..., None]


@dataclass(frozen=True)
class Runs:
    """Weights of shape (n_rows,), portfolio after portfolio, absent partners left out.

    `starts` says where each portfolio begins (none is empty), `number` how many rows it has; `work`
    and the methods are as of `Grid`.
    """

    starts: np.ndarray
    number: np.ndarray
    work: np.ndarray

    def add(self, x: np.ndarray) -> np.ndarray:
        return np.add.reduceat(x, self.starts)

    def dot(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Sum products; `work` may be one of the two."""
        if (self.number == self.number[0]).all():  # an array, in half the time
            return np.vecdot(x.reshape(-1, self.number[0]), y.reshape(-1, self.number[0]))
        return self.add(np.multiply(x, y, out=self.work))

    def most(self, x: np.ndarray) -> np.ndarray:
        return np.maximum.reduceat(x, self.starts)

    def log(self, x: np.ndarray) -> np.ndarray:
        """Take logarithms; no weight is 0."""
        return np.log(x, out=self.work)

    def count(self, w: np.ndarray) -> np.ndarray:
        del w
        return self.number

    def each(self, values: np.ndarray) -> np.ndarray:
        return np.repeat(values, self.number)


def quadratic(x: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Sum x_i m_ij x_j over all pairs of partners; NaN without any partner."""
    if x.shape[-1] == 0:
        return np.full(x.shape[:-1], np.nan)[()]
    with quiet():
        return np.einsum("...i,...i->...", x @ matrix, x)


def power_means(
    w: np.ndarray,
    orders: np.ndarray,
    by: Grid | Runs,
    *,
    total: np.ndarray,
    near: np.ndarray | None = None,
) -> np.ndarray:
    """Weighted power means of 1/z, of order 1 - q: (Σ p_i z_i^(q-1))^(1/(1-q)).

    The one kernel of Hill (z = p), Leinster and Cobbold, and the partition of diversity. It works
    on the weights themselves, with no array of shares.

    Parameters
    ----------
    w : ndarray
        Weights as `by` takes them; p are the shares of these.
    orders : ndarray of shape (n_orders,)
        q, as `checked_orders` gives them.
    by : Grid or Runs
        How weights lie, and are summed.
    total : ndarray of shape (...)
        Sums of the weights, as `in_range` gives both.
    near : ndarray, optional
        z in the unit of the weights, positive; by default the weights.

    Returns
    -------
    ndarray of shape (..., n_orders)
        NaN for a portfolio without weights.
    """
    number = by.count(w)
    z = w if near is None else near
    out = np.empty((*total.shape, orders.size))
    with quiet():
        for column, q in enumerate(orders):
            if q == 0:
                value = number if near is None else by.add(np.divide(w, z, out=by.work))
            elif q == 1:
                value = np.exp(np.log(total) - by.dot(w, by.log(z)) / total)
            elif q == 2:
                value = total**2 / by.dot(w, z)
            elif np.isinf(q):
                value = total / by.most(z if near is None else np.where(w > 0, z, 0.0))
            elif abs(q - 1) < _NEAR_ONE:
                change = np.expm1((q - 1) * by.log(z / by.each(total)))
                value = np.exp(-np.log1p(by.dot(w, change) / total) / (q - 1))
            else:
                value = _far_from_one(w, near, total, by, q)
            out[..., column] = value
    out[number == 0] = np.nan
    return out


def _far_from_one(
    w: np.ndarray, near: np.ndarray | None, total: np.ndarray, by: Grid | Runs, q: float
) -> np.ndarray:
    """Take the largest z out of the sum, so that no order is too high."""
    top = by.most(w if near is None else np.where(w > 0, near, 0.0))
    if near is None:
        terms = (w / by.each(top)) ** q
    else:  # w z^(q-1) itself would overflow for tiny z at q < 1
        terms = np.minimum(near / by.each(top), 1.0) ** q * (w / near)
    return np.exp((q / (1 - q)) * np.log(top / total) + np.log(by.add(terms)) / (1 - q))


def in_range(w: np.ndarray, by: Grid | Runs) -> tuple[np.ndarray, np.ndarray]:
    """Weights and their sums, in units of which no square is too large or small for a float."""
    with quiet():
        total = by.add(w)
        some = total[total > 0]
        if ((some > _SMALL) & (some < _LARGE)).all():
            return w, total
        exponent = np.frexp(by.most(w))[1]
        # a share too small for a float is still a partner
        w = np.where(w > 0, np.maximum(np.ldexp(w, -by.each(exponent)), LEAST), 0.0)
        return w, by.add(w)


def share_out(work: Callable[[Any], Result], blocks: Sequence, size: int) -> list[Result]:
    """Apply a function to blocks, shared out among threads; give one result a thread, in order.

    `work` takes some consecutive blocks, the same ones on every machine, and must not depend on
    which others there are. numpy lets other threads run while it computes. `size` is how many
    numbers there are in all blocks together.
    """
    n = max(1, min(CORES, size // FOR_ONE))
    if n == 1:
        return [work(blocks)]
    ends = [k * len(blocks) // n for k in range(n + 1)]
    pieces = [blocks[first:last] for first, last in pairwise(ends)]
    # this thread takes a share too: one fewer has to begin
    with ThreadPoolExecutor(n - 1) as pool:
        others = [pool.submit(work, piece) for piece in pieces[1:]]
        return [work(pieces[0]), *(other.result() for other in others)]
