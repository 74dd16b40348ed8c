"""Records of different size compared: Hill numbers at equal size or, better, at equal coverage.

A state with 1,900 recorded exercises shows more partners than one with 60 for that reason alone.
Here the larger record is thinned (rarefied) to the same number of events or, better, to the same
coverage: the same share of what there is to see. No record is continued beyond its events.
`counts`, `n_events`, n_i and n are as in `unseen`, m is the number of events of the smaller record.
What cannot be, such as a level that a record does not reach, raises ParameterError.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import as_floats, quiet
from .unseen import Record, estimate_coverage

#: from one less on, Stirling's series has all digits
_TABLE = 32


def coverage_at(counts: Any, *, size: Any, n_events: Any = None) -> np.ndarray:
    """Sample coverage expected of a smaller record, of `size` events drawn from this one.

    1 - Σ n_i/Σ n_i C(n-n_i, m) / C(n-1, m); at m = n as `coverage`. The sources are those of
    `at_size`.

    `size` is the number m of events, from 1 to n; `counts` and `n_events` are as for
    `unseen.chao1`.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if empty.

    Examples
    --------
    >>> float(coverage_at([4, 2, 1, 1], size=2, n_events=5).round(6))
    0.625
    """
    record = Record.of(counts, n_events)
    return _coverage_at(record, _sizes(record, size))[()]


def size_of(counts: Any, *, level: float, n_events: Any = None) -> np.ndarray:
    """Find the smallest number of events whose expected coverage reaches a level.

    The `level` lies above 0 and at most at the coverage of the poorest record; `counts` and
    `n_events` are as for `unseen.chao1`.

    Returns
    -------
    ndarray of shape (...)
        A whole number of at least 1; NaN for fewer than two events.

    Examples
    --------
    >>> float(size_of([4, 2, 1, 1], level=0.5, n_events=5))
    2.0
    """
    record = Record.of(counts, n_events)
    sizes = _size_of(record, level)
    return np.where(record.n > 1, sizes, np.nan)[()]


def at_size(counts: Any, *, size: Any, order: int, n_events: Any = None) -> np.ndarray:
    """Hill number expected of a smaller record, of `size` events drawn from this one.

    How many effective partners the record would show if it held so many events. It is thinned by
    events, not by ties, so that the partners of one event come and go together.

    The Hill number of the expected numbers of partners met in k of the m events; k is
    hypergeometric. Order 0: Σ 1 - C(n-n_i, m) / C(n, m)

    Parameters
    ----------
    counts
        As for `unseen.chao1`.
    size : int or array_like of shape (...)
        Number of events m, from 1 to n.
    order : int
        0, 1 or 2.
    n_events
        As for `unseen.chao1`.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN if empty.

    References
    ----------
    Chao, A. et al. (2014). Rarefaction and extrapolation with Hill numbers: a framework for
    sampling and estimation in species diversity studies. Ecological Monographs 84(1), 45-67.
    Hurlbert, S. H. (1971). The nonconcept of species diversity. Ecology 52, 577-586.

    Examples
    --------
    >>> float(at_size([6, 2, 2, 1], size=5, order=0).round(6))
    2.906926
    """
    record = Record.of(counts, n_events)
    return _at_size(record, _sizes(record, size), _checked_order(order))[()]


def at_coverage(counts: Any, *, level: float, order: int, n_events: Any = None) -> np.ndarray:
    """Hill number expected of a record of a given coverage.

    How many effective partners the record would show if it were complete to that degree only: the
    fair way to compare states of which more and less is recorded.

    Between the two whole numbers of events next to that coverage, in proportion

    The `level` is as for `size_of`, the `order` 0, 1 or 2; `counts` and `n_events` are as for
    `unseen.chao1`.

    Returns
    -------
    ndarray of shape (...)
        At least 1; NaN for fewer than two events.

    References
    ----------
    As for `unseen.coverage`.

    Examples
    --------
    >>> float(at_coverage([6, 2, 2, 1], level=0.8, order=0).round(4))
    3.4182
    """
    order = _checked_order(order)
    record = Record.of(counts, n_events)
    above = _size_of(record, level)
    below = np.maximum(above - 1, 1)
    reached = _coverage_at(record, above), _coverage_at(record, below)
    with quiet():
        part = np.where(above > 1, (level - reached[1]) / (reached[0] - reached[1]), 1.0)
    value = part * _at_size(record, above, order) + (1 - part) * _at_size(record, below, order)
    return np.where(record.n > 1, value, np.nan)[()]


def _checked_order(order: Any) -> int:
    if isinstance(order, bool) or np.ndim(order) or order not in (0, 1, 2):
        raise ParameterError(f"order is {order!r}; estimators for samples are of order 0, 1 or 2.")
    return int(order)


def _sizes(record: Record, size: Any) -> np.ndarray:
    try:
        sizes = np.broadcast_to(as_floats(size, "size"), record.n.shape)
    except (ParameterError, ValueError):
        raise ParameterError("size must be a number, or one for each portfolio.") from None
    fits = (sizes >= 1) & (sizes <= record.n) & (sizes == np.floor(sizes))
    if not (fits | (record.n == 0)).all():
        raise ParameterError(
            f"size is {size!r}; a whole number from 1 to {record.n.min():g} is expected."
        )
    return sizes


def _log_absent(record: Record, size: np.ndarray) -> np.ndarray:
    """Logarithm of C(n-n_i, m) / C(n, m): the chance that none of n_i events is among m of n."""
    n = record.n[..., None]
    return _log_falling(n - size[..., None], record.x) - _log_falling(n, record.x)


def _coverage_at(record: Record, size: np.ndarray) -> np.ndarray:
    x, n = record.x, record.n
    with quiet():
        # C(n-x, m) / C(n-1, m) = C(n-x, m) / C(n, m) * n / (n-m)
        absent = np.exp(_log_absent(record, size)) * (n / (n - size))[..., None]
        thinned = 1 - (x * absent).sum(axis=-1) / x.sum(axis=-1)
    return np.where(size < n, thinned, estimate_coverage(record))


def _size_of(record: Record, level: float) -> np.ndarray:
    least = np.nanmin(estimate_coverage(record), initial=1.0)
    if not 0 < level <= least:
        raise ParameterError(
            f"level is {level!r}; coverage lies above 0, and the poorest record covers no more than"
            f" {least:.3f}."
        )
    low, high = np.zeros(record.n.shape), record.n
    while (high - low > 1).any():
        middle = np.maximum(np.floor((low + high) / 2), 1)
        enough = _coverage_at(record, middle) >= level
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.maximum(high, 1)


def _at_size(record: Record, size: np.ndarray, order: int) -> np.ndarray:
    x, n = record.x, record.n
    with quiet():
        met = x.sum(axis=-1) * size / n
        if order == 0:
            found = (1 - np.exp(_log_absent(record, size))).sum(axis=-1)
        elif order == 1:
            found = met / size * np.exp(-_expected_logs(record, size) / met)
        else:
            chance, m = x / n[..., None], size[..., None]
            spread = m * chance * (1 - chance) * ((n - size) / np.maximum(n - 1, 1))[..., None]
            found = met**2 / (spread + (m * chance) ** 2).sum(axis=-1)
    return np.where(met > 0, found, np.nan)


def _expected_logs(record: Record, size: np.ndarray) -> np.ndarray:
    """Find what Σ k ln(k/m) is expected to be, where k of n_i events are among m of n."""
    rows = record.x.reshape(record.n.size, record.x.shape[-1])
    pairs = np.stack([record.n.ravel(), size.ravel()], axis=1)
    out = np.full(len(rows), np.nan)
    for n, m in np.unique(pairs[pairs[:, 0] > 0], axis=0):
        same = (pairs == (n, m)).all(axis=1)
        # partners seen equally often are expected alike, and draws of one record hold few numbers
        kinds, where = np.unique(rows[same], return_inverse=True)
        k = np.arange(1.0, min(m, kinds.max(initial=0.0)) + 1)
        x = kinds[:, None]
        ways = _log_falling(x, k) - _log_falling(k, k) + _log_falling(np.array(m), k)
        chance = ways + _log_falling(np.array(n - m), x - k) - _log_falling(np.array(n), x)
        terms = np.where(k <= x, np.exp(chance), 0.0) * k * np.log(k / m)
        out[same] = terms.sum(axis=1)[where].reshape(rows[same].shape).sum(axis=1)
    return out.reshape(record.n.shape)


def _log_falling(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    """Logarithm of n (n-1) … (n-k+1), of whole numbers; minus infinity where k > n.

    Not the difference of two logarithms of factorials, which would cost digits for large n.
    """
    n, k = np.broadcast_arrays(n, k)
    rest = n - k
    factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1.0, _TABLE)))])
    # what of the product is below the table's end, and what is above
    end = _TABLE - 1
    low = factorial[np.clip(n, 0, end).astype(int)] - factorial[np.clip(rest, 0, end).astype(int)]
    a = np.maximum(rest, end)
    above = np.maximum(n, end) - a
    b = a + above
    high = (a + 0.5) * np.log1p(above / a) + above * np.log(b) - above + _series(b) - _series(a)
    return np.where(rest < 0, -np.inf, low + high)


def _series(z: np.ndarray) -> np.ndarray:
    """Stirling's series for ln z! beyond its main terms."""
    return (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * z**2)) / z**2) / z**2) / z
