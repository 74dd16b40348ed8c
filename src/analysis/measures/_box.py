"""Most and least diverse of all portfolios low <= w <= high, for `bounds`.

Write D_q for the Hill number of order q of weights w.

**Most diverse.** Of all vectors in the box with the same sum, clip(c, low, high) is majorised by
every other: water filled to one level c. D_q is Schur-concave and does not depend on the unit, so
its maximum is at some clip(c). Between two neighbouring bounds the entries at c are the same ones;
let A and B be the sums of w and w^q over the other, fixed entries. Then d ln D_q / dc has the sign
of c* - c, where c* = (B/A)^(1/(q-1)), the power mean of order q - 1 of the fixed entries, each
weighted by itself (q = 1: exp(Σ w ln w / Σ w)). Over all pieces, Σ w (c^(q-1) - w^(q-1)) / (q-1)
does not fall with c, so the sign changes once, and the first piece in which c* is not above its
upper end has the maximum, at c* or at the lower end.

**Least diverse.** D_q is quasi-concave in w (of q > 1, ‖w‖_q / ‖w‖_1 is convex over linear; q < 1
likewise with concave; q = 1 as the limit), so its minimum is at a corner of the box: each entry at
one of its ends. No simple rule finds the corner: with q = 2 and high + low the same
for all entries, Σw² is linear in Σw, and the least D_2 asks for a subset of the widths high - low
with a given sum (Subset Sum, which is NP-hard). So corners are searched, but few of them. With
A = Σ w and E = Σ (w^q - w)/(q-1) (q = 1: Σ w ln w) one has

    -ln D_q = ψ(A, E) = log1p((q-1) E/A) / (q-1) - ln A,

which rises with E, and whose upper level sets are convex in (A, E). Raising an entry from low to
high adds its own (a, e) to (A, E). Hence (1) no completion of a partial choice goes beyond its
entries taken by falling e/a, the one at the maximum in part: an upper limit in closed form; and (2)
of two partial choices of the same entries, the one with greater A and no greater E + κA is useless,
where κ is such that ψ falls with A for fixed E + κA. The largest entry of the best corner is at its
high, for D_q falls while the largest rises: each entry is tried as the leader, and is the unit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import checked_weights, quiet
from .diversity import concentration_ratio, hill

#: ln D_q to which the search is exact
_TOLERANCE = 1e-12
#: partial choices of one portfolio at which the search gives up and returns the limit
_WIDEST = 2_000
#: entries of an array that are worked on at a time
_CHUNK = 2_000_000
#: this close to order 1 the level is found as for order 1, to which D_q is insensitive
_AT_ONE = 1e-8


def boxes(low: Any, high: Any) -> tuple[np.ndarray, np.ndarray, tuple[int, ...]]:
    """Check least and greatest weights; as rows, and the shape that these had."""
    lows, highs = checked_weights(low, "low"), checked_weights(high, "high")
    try:
        lows, highs = np.broadcast_arrays(lows, highs)
    except ValueError:
        raise ParameterError(
            f"low has shape {lows.shape} and high {highs.shape}; they must be the same."
        ) from None
    if (lows > highs).any():
        wrong = np.argwhere(lows > highs)[:10]
        at = [f"{lows[tuple(i)]} > {highs[tuple(i)]} at {i.tolist()}" for i in wrong]
        raise ParameterError(f"low must not be above high; got {', '.join(at)}.")
    n = lows.shape[-1]
    if n == 0:
        raise ParameterError("low and high have no partners.")
    return lows.reshape(-1, n), highs.reshape(-1, n), lows.shape[:-1]


def _chunks(high: np.ndarray) -> Iterator[np.ndarray]:
    """Positions of portfolios that can have any tie, as many at a time as there is room for."""
    rows = np.flatnonzero((high > 0).any(axis=1))
    step = max(1, _CHUNK // high.shape[1] ** 2)
    yield from (rows[first : first + step] for first in range(0, rows.size, step))


def concentration(low: np.ndarray, high: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """Least and greatest share of the k largest, for arrays of shape (n_portfolios, n_partners)."""
    out = np.full((2, len(low)), np.nan)
    for part in _chunks(high):
        unit = high[part].max(axis=1, keepdims=True)
        bottom, top = low[part] / unit, high[part] / unit
        out[0, part] = _least_concentrated(bottom, top, k)
        out[1, part] = _most_concentrated(bottom, top, k)
    return out[0], out[1]


def _least_concentrated(low: np.ndarray, high: np.ndarray, k: int) -> np.ndarray:
    """Water at some level, as for Hill; between two ends the share is monotone in the level."""
    level = np.concatenate([low, high], axis=1)[:, :, None]
    return np.nanmin(concentration_ratio(np.clip(level, low[:, None], high[:, None]), k), axis=1)


def _most_concentrated(low: np.ndarray, high: np.ndarray, k: int) -> np.ndarray:
    """Find the k to be at their high, the others at their low, by Dinkelbach's method."""
    k = min(k, low.shape[1])
    odds = np.zeros((len(low), 1))
    while True:
        with quiet():
            gain = np.nan_to_num(high + odds * low)
            chosen = np.argpartition(gain, -k, axis=1)[:, -k:]
            rest = low.copy()
            np.put_along_axis(rest, chosen, 0.0, axis=1)
            top = np.take_along_axis(high, chosen, axis=1).sum(axis=1, keepdims=True)
            better = top / rest.sum(axis=1, keepdims=True)
            if not (better > odds).any():
                return 1 / (1 + 1 / odds[:, 0])
        odds = np.fmax(better, odds)


def greatest(low: np.ndarray, high: np.ndarray, q: float) -> np.ndarray:
    """Largest Hill number of order q, for arrays of shape (n_portfolios, n_partners)."""
    if q == 0:
        return hill(high, 0)
    with quiet():
        unit = high.max(axis=1, keepdims=True, initial=0.0)
        level = _level(low / unit, high / unit, q) * unit
    return hill(np.clip(np.nan_to_num(level), low, high), q)


def _level(low: np.ndarray, high: np.ndarray, q: float) -> np.ndarray:
    if np.isinf(q):
        least = np.where(high > 0, high, np.inf).min(axis=1, keepdims=True)
        top = low.max(axis=1, keepdims=True)
        return np.where(top > 0, top, least)
    n = low.shape[1]
    both = np.concatenate([low, high], axis=1)
    # stable, so that an entry whose ends are equal is never fixed at both
    order = np.argsort(both, axis=1, kind="stable")
    ends = np.take_along_axis(both, order, axis=1)
    at_low = order < n
    fixed = np.log(
        _above(np.where(at_low, ends, 0.0), np.add) + _below(np.where(at_low, 0.0, ends), np.add)
    )
    log = np.log(ends)
    if abs(q - 1) < _AT_ONE:
        x = np.where(ends > 0, ends * log, 0.0)
        total = _above(np.where(at_low, x, 0.0), np.add) + _below(np.where(at_low, 0.0, x), np.add)
        mean = total / np.exp(fixed)
    else:
        x = q * log
        total = np.logaddexp(
            _above(np.where(at_low, x, -np.inf), np.logaddexp),
            _below(np.where(at_low, -np.inf, x), np.logaddexp),
        )
        mean = (total - fixed) / (q - 1)
    # nothing but zeros is fixed: any level within the piece will do, except 0
    mean = np.where(np.isfinite(mean), mean, np.where(ends[:, 1:] > 0, log[:, 1:], np.inf))
    piece = np.argmax(mean <= log[:, 1:], axis=1)[:, None]
    return np.exp(
        np.maximum(
            np.take_along_axis(mean, piece, axis=1), np.take_along_axis(log[:, :-1], piece, axis=1)
        )
    )


def _above(x: np.ndarray, add: np.ufunc) -> np.ndarray:
    """Total of all ends above each piece."""
    return add.accumulate(x[:, :0:-1], axis=1)[:, ::-1]


def _below(x: np.ndarray, add: np.ufunc) -> np.ndarray:
    """Total of all ends below each piece."""
    return add.accumulate(x[:, :-1], axis=1)


def least(low: np.ndarray, high: np.ndarray, q: float) -> np.ndarray:
    """Smallest Hill number of order q, for arrays of shape (n_portfolios, n_partners)."""
    if q == 0:
        some = (high > 0).any(axis=1)
        return np.where(some, np.maximum(np.count_nonzero(low, axis=1), 1.0), np.nan)
    find = _dominated if np.isinf(q) else _searched
    out = np.full(len(low), np.nan)
    with quiet():
        for part in _chunks(high):
            out[part] = find(low[part], high[part], q)
    return np.maximum(out, 1.0)


def _dominated(low: np.ndarray, high: np.ndarray, q: float) -> np.ndarray:
    """Order infinity: the leader at its high, all others at their low."""
    del q
    n = low.shape[1]
    others = low[:, None, :] * ~np.eye(n, dtype=bool)
    top = np.maximum(high, others.max(axis=2))
    number = (high + others.sum(axis=2)) / top
    return np.where(high > 0, number, np.inf).min(axis=1)


@dataclass(frozen=True)
class _Roots:
    """For each portfolio and leader: what is settled, and what may be raised from low to high.

    `a` and `e` have shape (n_roots, n_partners), by falling e/a, zeros last; `sum_a` and `sum_e`
    are their sums from the left, beginning with 0.
    """

    row: np.ndarray
    settled: tuple[np.ndarray, np.ndarray]
    a: np.ndarray
    e: np.ndarray
    sum_a: np.ndarray
    sum_e: np.ndarray
    kappa: np.ndarray


def _roots(low: np.ndarray, high: np.ndarray, q: float) -> _Roots:
    n = low.shape[1]
    unit = high[:, :, None]
    bottom, top = low[:, None, :] / unit, high[:, None, :] / unit
    other = ~np.eye(n, dtype=bool)
    # of equal leaders the first one leads
    later = np.triu(np.ones((n, n), dtype=bool), 1)
    can_lead = (high > 0) & ~((bottom > 1) & other).any(axis=2)
    row, _ = np.nonzero(can_lead)
    loose = other & (bottom < top) & ((top < 1) | ((top == 1) & later))
    bottom = np.where(other, bottom, 1.0)
    e = np.where(loose, _excess(top, q) - _excess(bottom, q), 0.0)[can_lead]
    a = np.where(loose, top - bottom, 0.0)[can_lead]
    order = np.argsort(np.where(a > 0, -e / a, np.inf), axis=1, kind="stable")
    a, e = (np.take_along_axis(x, order, axis=1) for x in (a, e))
    bottom, loose, top = bottom[can_lead], loose[can_lead], top[can_lead]
    smallest = np.where(bottom > 0, bottom, np.where(loose, top, 1.0)).min(axis=1)
    return _Roots(
        row,
        (bottom.sum(axis=1), _excess(bottom, q).sum(axis=1)),
        a,
        e,
        _sums(a),
        _sums(e),
        kappa=-1 - q * _excess(smallest, q) / smallest,
    )


def _sums(x: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros((len(x), 1)), np.cumsum(x, axis=1)], axis=1)


def _excess(w: np.ndarray, q: float) -> np.ndarray:
    """(w^q - w) / (q - 1), for q = 1 w ln w."""
    if abs(q - 1) > 0.5:
        return (w**q - w) / (q - 1)
    log = np.log(np.where(w > 0, w, 1.0))
    return w * (log if q == 1 else np.expm1((q - 1) * log) / (q - 1))


def _psi(a: np.ndarray, e: np.ndarray, q: float) -> np.ndarray:
    """-ln D_q."""
    return (e / a if q == 1 else np.log1p((q - 1) * e / a) / (q - 1)) - np.log(a)


def _searched(low: np.ndarray, high: np.ndarray, q: float) -> np.ndarray:
    """Finite orders: branch and bound over all portfolios and leaders at once."""
    roots = _roots(low, high, q)
    best = np.full(len(low), -np.inf)
    node, (a, e) = np.arange(roots.row.size), roots.settled
    for k in range(low.shape[1] + 1):
        reached, limit = _limits(roots, node, a, e, k, q)
        np.maximum.at(best, roots.row[node], reached)
        _give_up(best, roots.row[node], limit)
        keep = np.flatnonzero(limit > best[roots.row[node]] + _TOLERANCE)
        keep = keep[_useful(roots, node[keep], a[keep], e[keep])]
        node, a, e = node[keep], a[keep], e[keep]
        if not node.size:
            break
        raised = roots.a[node, k] > 0
        up = node[raised]
        a = np.concatenate([a, a[raised] + roots.a[up, k]])
        e = np.concatenate([e, e[raised] + roots.e[up, k]])
        node = np.concatenate([node, up])
    return np.exp(-best)


def _limits(
    roots: _Roots, node: np.ndarray, a: np.ndarray, e: np.ndarray, k: int, q: float
) -> tuple[np.ndarray, np.ndarray]:
    """Best completion by falling e/a, and what no completion exceeds; entries from k are open."""
    a = a[:, None] + roots.sum_a[node, k:] - roots.sum_a[node, k, None]
    e = e[:, None] + roots.sum_e[node, k:] - roots.sum_e[node, k, None]
    reached = _psi(a, e, q).max(axis=1)
    da, de = roots.a[node, k:], roots.e[node, k:]
    a, e = a[:, :-1], e[:, :-1]
    part = (de * a - da * a - q * da * e) / (da * (da + (q - 1) * de))
    part = np.where(da > 0, np.clip(part, 0, 1), 0.0)
    limit = _psi(a + part * da, e + part * de, q).max(axis=1, initial=-np.inf)
    return reached, np.maximum(reached, limit)


def _give_up(best: np.ndarray, row: np.ndarray, limit: np.ndarray) -> None:
    """Take the limit, a bound still, as the result of portfolios with too many partial choices."""
    if row.size > _WIDEST:
        wide = np.bincount(row, minlength=best.size) > _WIDEST
        np.maximum.at(best, row[wide[row]], limit[wide[row]])


def _useful(roots: _Roots, node: np.ndarray, a: np.ndarray, e: np.ndarray) -> np.ndarray:
    """Positions of the partial choices that no other one of the same root makes useless."""
    value = e + roots.kappa[node] * a
    # in each root's own unit, or one with a minute partner would blur the others; and rounded, so
    # that the same choice reached in two ways is one
    scale = np.full(roots.row.size, 1e-300)
    np.maximum.at(scale, node, np.abs(value))
    rank = np.unique(np.round(value / scale[node], 13), return_inverse=True)[1]
    order = np.lexsort((-e, np.round(a, 12), node))
    height = rank[order] + node[order] * (rank.size + 1)
    highest = np.maximum.accumulate(height)
    new = np.ones(node.size, dtype=bool)
    new[1:] = height[1:] > highest[:-1]
    return order[new]


def numbers_of_partners(lows: np.ndarray, highs: np.ndarray) -> Iterator[tuple]:
    """Greatest weights, and number, of each number of partners there can be.

    Partners that may be none come in by falling greatest weight: of as many partners, these leave
    the most open.
    """
    optional = (lows == 0) & (highs > 0)
    place = np.argsort(np.argsort(-np.where(optional, highs, -1.0), axis=1, kind="stable"), axis=1)
    for k in range(int(optional.sum(axis=1).max(initial=0)) + 1):
        chosen = np.where(optional & (place >= k), 0.0, highs)
        yield chosen, np.count_nonzero(chosen, axis=1)


# --- a remainder whose partners are unknown -----------------------------------------------------


def check_room(
    a: np.ndarray, r: np.ndarray, among: str, n_unknown: int | None, largest: float | None
) -> None:
    """Raise if the remainder does not fit into so many unknown partners."""
    if n_unknown is None:
        return
    room = n_unknown * (np.inf if largest is None else largest) if n_unknown else 0.0
    lacking = r > room
    if among == "any":
        lacking &= ~(a > 0).any(axis=1)
    if lacking.any():
        raise ParameterError(
            f"A remainder of {r[lacking].max()} does not fit into {n_unknown} unknown partners"
            + (f" of at most {largest} each." if largest is not None else ".")
        )


def least_even(a: np.ndarray, r: np.ndarray, among: str, largest: float | None) -> np.ndarray:
    """Give the remainder to as few partners as may be."""
    if among == "any":
        # the largest known partner, or a new one if none is known
        joined = np.concatenate([a, np.zeros((len(a), 1))], axis=1)
        joined[np.arange(len(a)), joined.argmax(axis=1)] += r
        return joined
    if largest is None:
        return np.concatenate([a, r[:, None]], axis=1)
    parts = np.arange(int(np.ceil(r.max(initial=0.0) / largest)))
    return np.concatenate([a, np.clip(r[:, None] - parts * largest, 0.0, largest)], axis=1)


def most_even(a: np.ndarray, r: np.ndarray, among: str, n_unknown: int) -> np.ndarray:
    """Divide the remainder among unknown partners as evenly as may be."""
    new = np.zeros((len(a), n_unknown))
    if among == "new":
        return np.concatenate([a, new + r[:, None] / max(n_unknown, 1)], axis=1)
    # filled up to one level: of the k lowest alone it would be (r + their sum) / k, which is never
    # below the level of all
    who = np.concatenate([np.where(a > 0, a, np.inf), new], axis=1)
    ranked = np.sort(who, axis=1)
    level = (r[:, None] + np.cumsum(ranked, axis=1)) / np.arange(1, ranked.shape[1] + 1)
    return np.where(np.isinf(who), 0.0, np.maximum(who, level.min(axis=1, keepdims=True)))


def without_limit(a: np.ndarray, r: np.ndarray, orders: np.ndarray) -> np.ndarray:
    """Measure with no limit to unknown partners: of order above 1 they thin out the known."""
    total = a.sum(axis=1)
    with quiet():
        power = np.where(np.isinf(orders), 1.0, orders / (orders - 1))
        thinned = hill(a, orders) * ((total + r) / total)[:, None] ** power
    endless = (r > 0)[:, None] & ((orders <= 1) | (total == 0)[:, None])
    return np.where(endless, np.inf, np.where((r > 0)[:, None], thinned, hill(a, orders)))
