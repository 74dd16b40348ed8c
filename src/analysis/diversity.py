"""Variety and balance of portfolios: Hill numbers and what follows from them.

Every function takes weights of shape (..., n_partners): one portfolio, or any number at once. A
weight is an amount, a number of events or a share, in any unit and of any numeric type; 0 is a
partner without ties, and a weight that is masked or missing is refused. A portfolio without any tie
has no diversity: its value is NaN, and only the number of its partners is 0. What depends on how
unlike partners are is in `similarity`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from ._arrays import as_floats
from .cores import share_out
from .errors import ParameterError

#: a number of at least 0 or infinity, or several
Order = float | Sequence[float] | np.ndarray

#: within this distance of order 1 the textbook formula loses digits, beyond it this one would
_NEAR_ONE = 0.5
#: as many faults as one message names
_NAMED = 10
_LEAST = np.finfo(np.float64).smallest_subnormal
_SMALLEST = np.finfo(np.float64).smallest_normal
#: orders for which sums over the weights themselves will do, if these are within these limits
_USUAL = (0.0, 1.0, 2.0, np.inf)
_SMALL, _LARGE = 1e-140, 1e140
#: values worked on at a time: what fits into a processor's own memory
BLOCK = 131_072
#: values multiplied with similarities in one go
PRODUCT = 16 * BLOCK


def shares(weights: Any) -> np.ndarray:
    """Each partner's share of a portfolio.

    How much of all ties, deliveries or events each partner stands for.

    p_i = w_i / Σ_j w_j

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.

    Returns
    -------
    ndarray of shape (..., n_partners)
        Between 0 and 1, adding up to 1; NaN throughout an empty portfolio.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite; each such position is named.

    Examples
    --------
    >>> shares([3, 1, 0]).tolist()
    [0.75, 0.25, 0.0]
    """
    w, total = _with_totals(checked_weights(weights))
    with quiet():
        return w / total[..., None]


def n_partners(weights: Any) -> np.ndarray:
    """Count partners: Stirling's variety, the Hill number of order 0.

    With how many states there is any tie, however thin.

    S = #{i : w_i > 0}

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative.

    Returns
    -------
    ndarray of int of shape (...)
        0 for an empty portfolio.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    Examples
    --------
    >>> int(n_partners([3, 1, 0]))
    2
    """
    return np.count_nonzero(checked_weights(weights), axis=-1)


def hill(weights: Any, order: Order = 1.0) -> np.ndarray:
    """Hill number: the effective number of partners.

    As many partners with equal shares would be as diverse as these; the higher the order, the less
    minor partners count.

    D_q = (Σ p_i^q)^(1/(1-q));  D_1 = exp(-Σ p_i ln p_i);  D_∞ = 1 / max p_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    order : float or sequence of float
        Any q from 0 to infinity. 0 counts partners, 1 weighs them by their share, 2 is the inverse
        of the Herfindahl–Hirschman index, infinity the inverse of the largest share.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1 and the number of partners, not rising with the order; NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or an order negative or missing.

    Notes
    -----
    Near q = 1, ln D_q = -log1p(Σ p_i expm1((q-1) ln p_i)) / (q-1) keeps all digits; elsewhere the
    largest share is taken out of the sum, so that no order is too high.

    References
    ----------
    Hill, M. O. (1973). Diversity and evenness: a unifying notation and its consequences. Ecology
    54(2), 427-432.

    Examples
    --------
    >>> hill([7, 4, 4, 2, 1], order=[0, 1, 2]).round(3).tolist()
    [5.0, 4.223, 3.767]
    """
    return _hill(floats(weights), order)


def shannon(weights: Any) -> np.ndarray:
    """Shannon entropy in nats, as observed (estimators for samples: `estimators`).

    How uncertain one is with which partner the next tie will be.

    H = -Σ p_i ln p_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and the logarithm of the number of partners; NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    References
    ----------
    Shannon, C. E. (1948). A mathematical theory of communication. Bell System Technical Journal
    27, 379-423.

    Examples
    --------
    >>> float(shannon([7, 4, 4, 2, 1]).round(6))
    1.440482
    """
    return np.log(hill(weights, 1.0))


def hhi(weights: Any, normalised: bool = False) -> np.ndarray:
    """Herfindahl–Hirschman index: concentration on few partners.

    The chance that two ties drawn at random, the first put back, are with the same partner.

    HHI = Σ p_i²;  normalised: (HHI - 1/S) / (1 - 1/S)

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    normalised : bool
        Whether to take out the number of partners S, so that equal shares give 0.

    Returns
    -------
    ndarray of shape (...)
        Between 1/S and 1, or 0 and 1 if normalised; NaN if empty. Times 10,000 it is the scale of
        competition authorities.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    Notes
    -----
    This is Simpson's λ; "Simpson's index" is elsewhere also 1 - λ or 1/λ. With a single partner
    the normalised index is 0/0: NaN, since there is no balance to speak of.

    References
    ----------
    Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.

    Examples
    --------
    >>> float(hhi([30, 30, 20, 20]))
    0.26
    """
    w = checked_weights(weights)
    with quiet():
        index = 1.0 / _hill(w, 2.0)
        if not normalised:
            return index
        floor = 1.0 / _hill(w, 0.0)
        return (index - floor) / (1.0 - floor)


def pielou(weights: Any) -> np.ndarray:
    """Pielou's evenness: Stirling's balance, as entropy relative to its maximum.

    How equally ties are spread over the partners there are, whatever their number.

    J = H / ln S

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1 (equal shares); NaN if empty, or with a single partner (0/0).

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    References
    ----------
    Pielou, E. C. (1966). The measurement of diversity in different types of biological
    collections. Journal of Theoretical Biology 13, 131-144.

    Examples
    --------
    >>> float(pielou([6, 2, 2, 1]).round(6))
    0.842908
    """
    both = _hill(checked_weights(weights), [0.0, 1.0])
    with quiet():
        return np.log(both[..., 1]) / np.log(both[..., 0])


def evenness(weights: Any, order: Order = 1.0) -> np.ndarray:
    """Evenness as the ratio of effective to actual partners.

    Which part of the partners there are would be as diverse if their shares were equal.

    E_q = D_q / D_0

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    order : float or sequence of float
        Any q from 0 to infinity.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1/S and 1 (equal shares); NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or an order negative or missing.

    References
    ----------
    Jost, L. (2010). The relation between evenness and diversity. Diversity 2(2), 207-232.

    Examples
    --------
    >>> float(evenness([6, 2, 2, 1]).round(6))
    0.804306
    """
    w = checked_weights(weights)
    number = _hill(w, 0.0)
    return _hill(w, order) / (number if np.ndim(order) == 0 else number[..., None])


def concentration_ratio(weights: Any, k: int = 1) -> np.ndarray:
    """Concentration ratio CR_k: what the k largest partners stand for together.

    How far a state depends on its first one, two or k partners.

    CR_k = p_(1) + … + p_(k), largest first

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    k : int
        How many partners, at least 1.

    Returns
    -------
    ndarray of shape (...)
        Between k/S and 1; 1 where there are no more than k partners, NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or k not a whole number of at least 1.

    Examples
    --------
    >>> float(concentration_ratio([50, 30, 10, 10], k=2))
    0.8
    """
    checked_whole(k, "k", least=1)
    p = shares(weights)
    if k >= p.shape[-1]:
        # their shares add up to 1, but for rounding
        return np.where(np.isnan(p).any(-1) | (p.shape[-1] == 0), np.nan, 1.0)[()]
    return np.minimum(np.partition(p, -k, axis=-1)[..., -k:].sum(-1), 1.0)


def top_share(weights: Any) -> np.ndarray:
    """Share of the largest partner: Berger–Parker dominance, CR_1.

    How far a state depends on a single partner.

    max p_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.

    Returns
    -------
    ndarray of shape (...)
        Between 1/S and 1; NaN if empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite.

    Examples
    --------
    >>> float(top_share([50, 30, 10, 10]))
    0.5
    """
    return concentration_ratio(weights, 1)


# --- what the other modules of measures borrow --------------------------------------------------


def checked_weights(weights: Any, name: str = "weights") -> np.ndarray:
    """Weights as floats, or an error that names every position at fault.

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        What a caller handed over.
    name : str
        What the caller calls it.

    Raises
    ------
    ParameterError
        If they are no numbers, have no axis of partners, or one is negative, missing or infinite.
    """
    w = floats(weights, name)
    # a comparison with NaN is false
    if w.size and not (w.min() >= 0 and w.max() < np.inf):
        wrong = np.argwhere(~((w >= 0) & (w < np.inf)))
        at = [f"{w[tuple(i)]} at {i.tolist()}" for i in wrong[:_NAMED]]
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise ParameterError(
            f"{name} must be finite and not negative; got {', '.join(at)}{more}. "
            "A partner without ties has the weight 0; what is unknown must be left out."
        )
    return w


def floats(weights: Any, name: str = "weights") -> np.ndarray:
    """Weights as floats; their values are not looked at.

    Parameters
    ----------
    weights, name
        As for `checked_weights`.

    Raises
    ------
    ParameterError
        If they are no numbers, or have no axis of partners.
    """
    w = as_floats(weights, name)
    if w.ndim == 0:
        raise ParameterError(f"{name} must have an axis of partners; got the number {w[()]}.")
    return w


def checked_whole(value: Any, name: str, *, least: int) -> int:
    """Return the value if it is a whole number, not below `least`.

    Parameters
    ----------
    value : int
        What a caller handed over.
    name : str
        What the caller calls it.
    least : int
        What it must reach.

    Raises
    ------
    ParameterError
        If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise ParameterError(f"{name} is {value!r}; it must be a whole number, {least} or more.")
    return int(value)


def quiet() -> np.errstate:
    """Silence numpy's warnings where a special case is meant, within one `with` only."""
    return np.errstate(all="ignore")


def checked_orders(order: Order) -> np.ndarray:
    """Orders as a one-dimensional array of floats.

    Raises
    ------
    ParameterError
        If an order is not a number from 0 to infinity.
    """
    try:
        orders = np.atleast_1d(as_floats(order, "order"))
    except ParameterError:
        orders = np.array([np.nan])
    if orders.ndim > 1 or not (orders >= 0).all():
        raise ParameterError(f"order is {order!r}; it must be one or more numbers from 0 to ∞.")
    return orders


@dataclass(frozen=True)
class Laid:
    """Portfolios one after another, without absent partners and empty portfolios.

    Attributes
    ----------
    shares : ndarray of shape (n_values,)
        All positive.
    starts : ndarray of int of shape (n_portfolios,)
        Where each portfolio begins.
    there : ndarray of bool of shape (..., n_partners)
        Where the values come from.
    full : ndarray of bool of shape (...)
        Which portfolios are not empty.
    """

    shares: np.ndarray
    starts: np.ndarray
    there: np.ndarray
    full: np.ndarray

    @classmethod
    def of(cls, w: np.ndarray) -> "Laid":
        """Lay out weights as `checked_weights` gives them."""
        there = w > 0
        counts = np.count_nonzero(there, axis=-1)
        full = counts > 0
        w, total = _with_totals(w)
        lengths = counts[full]
        p = w[there]
        with quiet():
            p /= np.repeat(total[full], lengths)
        # a share too small for a float is still a partner
        np.maximum(p, _LEAST, out=p)
        return cls(p, np.cumsum(lengths) - lengths, there, full)

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Put values of shape (n_portfolios, k) back, NaN where a portfolio is empty."""
        out = np.full((*self.full.shape, values.shape[-1]), np.nan)
        out[self.full] = values
        return out


def effective(
    counted: np.ndarray, starts: np.ndarray, orders: np.ndarray, *, seen: np.ndarray | None = None
) -> np.ndarray:
    """Effective numbers of portfolios that lie one after another, without absent partners.

    Parameters
    ----------
    counted : ndarray of shape (n_values,)
        Shares p, all positive.
    starts : ndarray of int of shape (n_portfolios,)
        Where each portfolio begins; none is empty.
    orders : ndarray of shape (n_orders,)
        As `checked_orders` gives them.
    seen : ndarray of shape (n_values,), optional
        What partners are like each, itself included: at least p; by default p.

    Returns
    -------
    ndarray of shape (n_portfolios, n_orders)
        Between 1 and the number of partners, in spite of rounding.
    """
    lengths = np.diff(starts, append=counted.size)
    means = power_means(counted, starts, orders, values=seen)
    return np.clip(means, 1.0, lengths[:, None], out=means)


def power_means(
    counted: np.ndarray, starts: np.ndarray, orders: np.ndarray, *, values: np.ndarray | None = None
) -> np.ndarray:
    """Weighted power means of 1/z, of order 1 - q: (Σ p_i z_i^(q-1))^(1/(1-q)).

    The one kernel of Hill (z = p), Leinster and Cobbold, and the partition of diversity.

    Parameters
    ----------
    counted : ndarray of shape (n_values,)
        Weights p, all positive, adding up to 1 in each group.
    starts : ndarray of int of shape (n_groups,)
        Where each group begins; none is empty.
    orders : ndarray of shape (n_orders,)
        q, as `checked_orders` gives them.
    values : ndarray of shape (n_values,), optional
        z, positive; by default p.

    Returns
    -------
    ndarray of shape (n_groups, n_orders)
    """
    z = counted if values is None else values
    lengths = np.diff(starts, append=counted.size)
    out = np.empty((starts.size, orders.size))
    with quiet():
        # p/z, since p z^(q-1) would overflow for tiny z at q < 1
        ratio = None if values is None else counted / values
        log = np.log(z) if (np.abs(orders - 1) < _NEAR_ONE).any() else None
        for column, q in enumerate(orders):
            if q == 0:
                value = lengths if ratio is None else np.add.reduceat(ratio, starts)
            elif q == 1:
                value = np.exp(-np.add.reduceat(counted * log, starts))
            elif q == 2:
                value = 1.0 / np.add.reduceat(counted * z, starts)
            elif np.isinf(q):
                value = 1.0 / np.maximum.reduceat(z, starts)
            elif abs(q - 1) < _NEAR_ONE:
                mean = np.add.reduceat(counted * np.expm1((q - 1) * log), starts)
                value = np.exp(-np.log1p(mean) / (q - 1))
            else:
                value = _far_from_one(z, ratio, starts, lengths, q)
            out[:, column] = value
    return out


def _far_from_one(
    z: np.ndarray, ratio: np.ndarray | None, starts: np.ndarray, lengths: np.ndarray, q: float
) -> np.ndarray:
    top = np.maximum.reduceat(z, starts)
    terms = (z / np.repeat(top, lengths)) ** q
    if ratio is not None:
        terms *= ratio
    return np.exp((q / (1 - q)) * np.log(top) + np.log(np.add.reduceat(terms, starts)) / (1 - q))


def _hill(w: np.ndarray, order: Order) -> np.ndarray:
    return numbers(w, checked_orders(order), scalar=np.ndim(order) == 0)


def numbers(
    w: np.ndarray, orders: np.ndarray, *, like: np.ndarray | None = None, scalar: bool
) -> np.ndarray:
    """Effective numbers of portfolios, with or without similarity.

    Parameters
    ----------
    w : ndarray of shape (..., n_partners)
        As `floats` gives them; their values are checked while they are worked on.
    orders : ndarray of shape (n_orders,)
        As `checked_orders` gives them.
    like : ndarray of shape (n_partners, n_partners), optional
        Similarity of partners.
    scalar : bool
        Whether there is one order only, and no axis for it in the result.

    Returns
    -------
    ndarray of shape (...) or (..., n_orders)

    Raises
    ------
    ParameterError
        As `checked_weights`.
    """
    out = np.full((*w.shape[:-1], orders.size), np.nan)
    if w.size and not out.size:
        checked_weights(w)
    elif w.size:
        rows, values = w.reshape(-1, w.shape[-1]), out.reshape(-1, orders.size)
        check = partial(checked_weights, w)
        if like is None:
            _fill(rows, orders, values, check)
        else:
            _fill_alike(rows, orders, values, check, like)
    return out[..., 0] if scalar else out


def _fill_alike(
    w: np.ndarray, orders: np.ndarray, out: np.ndarray, check: Callable[[], object],
    like: np.ndarray,
) -> None:  # fmt: skip
    """Measure all rows with similarity: some thousand at a time are multiplied, then measured.

    The product has threads of its own, whose work is in the way of ours.
    """
    step = max(1, PRODUCT // w.shape[1])
    room = np.empty((min(step, len(w)), w.shape[1]))
    for first in range(0, len(w), step):
        part, values = w[first : first + step], out[first : first + step]
        seen = None
        if np.isin(orders, _USUAL).all():
            with quiet():
                seen = np.matmul(part, like, out=room[: len(part)])
        _fill(part, orders, values, check, like=like, seen=seen)


def _fill(
    w: np.ndarray, orders: np.ndarray, out: np.ndarray, check: Callable[[], object], *,
    like: np.ndarray | None = None, seen: np.ndarray | None = None,
) -> None:  # fmt: skip
    """Measure all rows, on several cores unless there are products yet to be made."""
    usual = np.isin(orders, _USUAL).all()
    step = max(1, BLOCK // w.shape[1])

    def measure(blocks: range) -> None:
        # made once: new arrays for every block cost as much as a logarithm
        work = np.empty((min(step, len(w)), w.shape[1]))
        for first in blocks:
            rows = slice(first, first + step)
            part, near = w[rows], None if seen is None else seen[rows]
            with quiet():
                total = part.sum(axis=1)
                if not (part.min() >= 0 and total.max() < np.inf):
                    # where it is a weight that cannot be, and not only a sum, this is an error
                    check()
                some = total[total > 0]
                if usual and ((some > _SMALL) & (some < _LARGE)).all():
                    out[rows] = _usual_orders(part, total, orders, near, work[: len(part)])
                else:
                    out[rows] = _any_orders(part, orders, like)

    blocks = range(0, len(w), step)
    if like is None or seen is not None:
        share_out(measure, blocks, w.size)
    else:
        measure(blocks)


def _usual_orders(
    w: np.ndarray, total: np.ndarray, orders: np.ndarray, near: np.ndarray | None,
    work: np.ndarray,
) -> np.ndarray:  # fmt: skip
    """From sums over the weights themselves: no array of shares is made.

    `near` is, for each partner, the weight of all that are like it.
    """
    number = np.bitwise_count(np.packbits(w > 0, axis=1)).sum(axis=1)
    seen = w
    if near is not None:  # above 0 for absent partners too, whose terms are 0
        seen = np.maximum(near, _LEAST, out=near)
    out = np.empty((len(w), orders.size))
    for column, q in enumerate(orders):
        if q == 0 and near is None:
            value = number
        elif q == 0:
            value = np.divide(w, seen, out=work).sum(axis=1)
        elif q == 1:
            np.log(np.maximum(w, _SMALLEST, out=work) if near is None else seen, out=work)
            value = np.exp(np.log(total) - np.vecdot(w, work) / total)
        elif q == 2:
            value = total**2 / np.vecdot(w, seen)
        else:
            value = total / (seen if near is None else np.where(w > 0, seen, 0.0)).max(axis=1)
        out[:, column] = value
    np.clip(out, 1.0, number[:, None], out=out)
    out[number == 0] = np.nan
    return out


def _any_orders(w: np.ndarray, orders: np.ndarray, like: np.ndarray | None) -> np.ndarray:
    laid = Laid.of(w)
    seen = None
    if like is not None:
        p = np.zeros_like(w)
        p[laid.there] = laid.shares
        # rounding, or a share too small for a float, must not make it less than one's own share
        seen = np.maximum((p @ like)[laid.there], laid.shares)
    return laid.spread(effective(laid.shares, laid.starts, orders, seen=seen))


def _with_totals(w: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and their sums over partners, in smaller units where a sum would be too large."""
    with quiet():
        total = w.sum(axis=-1)
        if not total.max(initial=0.0) < np.inf:
            w = np.where(np.isinf(total)[..., None], w * 2.0**-64, w)
            total = w.sum(axis=-1)
    return w, total
