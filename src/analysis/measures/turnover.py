"""Change of partners: who came, who went, who stayed.

Two portfolios of a state are compared, `before` and `after`: amounts or counts of shape
(..., n_partners), as in `diversity`, with partners in the same order. A and B are the sets of
partners before and after. All functions return an array of shape (...), between 0 and 1. Weights
that cannot be, and another number of partners, raise ParameterError.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import checked_weights, quiet
from .inequality import finger_kreinin


def bray_curtis(before: Any, after: Any, *, relative: bool = False) -> np.ndarray:
    """Bray–Curtis dissimilarity: what part of the ties has no match with the same partner.

    How much of a portfolio has changed, in amounts.

    Σ|x_i - y_i| / Σ(x_i + y_i)

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts x and y, in one unit.
    relative : bool
        Whether to compare shares, not amounts: a portfolio that only grows has then not changed.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if both are empty, or, if relative, either.

    References
    ----------
    Bray, J. R. & Curtis, J. T. (1957). An ordination of the upland forest communities of southern
    Wisconsin. Ecological Monographs 27, 325-349.

    Examples
    --------
    >>> float(bray_curtis([3, 1, 0], [3, 0, 1]))
    0.25
    """
    x, y = _pair(before, after)
    if relative:
        return finger_kreinin(x, y)
    with quiet():
        return np.abs(x - y).sum(axis=-1) / (x + y).sum(axis=-1)


def jaccard(before: Any, after: Any) -> np.ndarray:
    """Jaccard dissimilarity: what part of all partners are not partners both times.

    How much the circle of partners has changed, whatever their weight.

    1 - |A ∩ B| / |A ∪ B|, of the partners A `before` and B `after`; NaN if both are empty.

    References
    ----------
    Jaccard, P. (1912). The distribution of the flora in the alpine zone. New Phytologist 11, 37-50.

    Examples
    --------
    >>> float(jaccard([3, 1, 0], [3, 0, 1]).round(6))
    0.666667
    """
    x, y = _pair(before, after)
    return _ratio((x > 0) ^ (y > 0), (x > 0) | (y > 0))


def entry(before: Any, after: Any) -> np.ndarray:
    """Rate of entry: what part of the partners now were none before.

    |B - A| / |B|, of the partners A `before` and B `after`; NaN if there are no partners now.

    Examples
    --------
    >>> float(entry([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x == 0) & (y > 0), y > 0)


def leaving(before: Any, after: Any) -> np.ndarray:
    """Rate of exit: what part of the partners before are none now.

    |A - B| / |A|, of the partners A `before` and B `after`; NaN if there were no partners before.

    Examples
    --------
    >>> float(leaving([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x > 0) & (y == 0), x > 0)


def survival(before: Any, after: Any) -> np.ndarray:
    """Rate of survival: what part of the partners before are partners still; 1 - `leaving`.

    |A ∩ B| / |A|, of the partners A `before` and B `after`; NaN if there were no partners before.

    Examples
    --------
    >>> float(survival([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x > 0) & (y > 0), x > 0)


def _pair(before: Any, after: Any) -> tuple[np.ndarray, np.ndarray]:
    x, y = checked_weights(before, "before"), checked_weights(after, "after")
    if x.shape[-1] != y.shape[-1]:
        raise ParameterError(
            f"before has {x.shape[-1]} partners and after {y.shape[-1]}; they must be the same, in "
            "the same order, with weight 0 for those who are none."
        )
    return x, y


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with quiet():
        return part.sum(axis=-1) / whole.sum(axis=-1)
