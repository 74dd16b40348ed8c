"""Change of partners: who came, who went, who stayed.

Two portfolios of a state are compared, `before` and `after`, both of shape (..., n_partners) with
partners in the same order; or a series of them, of shape (..., n_periods, n_partners).
"""

from typing import Any

import numpy as np

from ._arrays import checked_weights, quiet
from .errors import ParameterError
from .inequality import finger_kreinin


def bray_curtis(before: Any, after: Any, *, relative: bool = False) -> np.ndarray:
    """Bray–Curtis dissimilarity: what part of the ties has no match with the same partner.

    How much of a portfolio has changed, in amounts.

    Σ|x_i - y_i| / Σ(x_i + y_i)

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    relative : bool
        Whether to compare shares, not amounts: a portfolio that only grows has then not changed.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if both are empty, or, if relative, either.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the shapes differ.

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

    1 - |A ∩ B| / |A ∪ B|

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts, not negative.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if both are empty.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the shapes differ.

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

    |B - A| / |B|

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts, not negative.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if there are no partners now.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the shapes differ.

    Examples
    --------
    >>> float(entry([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x == 0) & (y > 0), y > 0)


def leaving(before: Any, after: Any) -> np.ndarray:
    """Rate of exit: what part of the partners before are none now.

    |A - B| / |A|

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts, not negative.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1; NaN if there were no partners before.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the shapes differ.

    Examples
    --------
    >>> float(leaving([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x > 0) & (y == 0), x > 0)


def survival(before: Any, after: Any) -> np.ndarray:
    """Rate of survival: what part of the partners before are partners still.

    |A ∩ B| / |A|

    Parameters
    ----------
    before, after : array_like of shape (..., n_partners)
        Amounts or counts, not negative.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1, the complement of `leaving`; NaN if there were no partners before.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or the shapes differ.

    Examples
    --------
    >>> float(survival([3, 1, 0], [3, 0, 1]))
    0.5
    """
    x, y = _pair(before, after)
    return _ratio((x > 0) & (y > 0), x > 0)


def survival_curve(weights: Any) -> np.ndarray:
    """Kaplan–Meier estimate of how long ties last.

    The chance that a tie which has begun is still there k periods later; ties in force at the end
    are taken as not ended, not as lasting for ever.

    S(k) = Π_{j <= k} (1 - ended at age j / at risk at age j)

    Parameters
    ----------
    weights : array_like of shape (..., n_periods, n_partners)
        Amounts or counts, not negative; periods must not overlap.

    Returns
    -------
    ndarray of shape (..., n_periods - 1)
        For k = 0, 1, …: 1 at first, not rising; NaN from the first age on at which no tie was
        observed.

    Raises
    ------
    ParameterError
        If a weight is negative, missing or infinite, or there is no axis of periods.

    Notes
    -----
    Ties in force in the first period are left out, since nobody knows when they began. A partner
    who comes back begins a new tie.

    References
    ----------
    Kaplan, E. L. & Meier, P. (1958). Nonparametric estimation from incomplete observations. Journal
    of the American Statistical Association 53, 457-481.

    Examples
    --------
    >>> survival_curve([[0, 0], [1, 1], [1, 0], [1, 0]]).tolist()
    [1.0, 0.5, 0.5]
    """
    w = checked_weights(weights)
    if w.ndim < 2:
        raise ParameterError("weights must have an axis of periods and one of partners.")
    there = w > 0
    periods = w.shape[-2]
    at_risk, ended = np.zeros((2, *w.shape[:-2], max(periods - 1, 0)))
    # how many periods a tie has lasted; far below 0 if it was there from the first
    age = np.where(there[..., :1, :], -periods, 0).sum(axis=-2)
    for now in range(1, periods):
        before, after = there[..., now - 1, :], there[..., now, :]
        for k in range(1, now):
            risk = before & (age == k)
            at_risk[..., k] += risk.sum(axis=-1)
            ended[..., k] += (risk & ~after).sum(axis=-1)
        age = np.where(after, np.where(before, age + 1, 1), 0)
    with quiet():
        kept = 1 - ended / at_risk
    # all that begin are there at age 0, if there are any
    kept[..., :1] = np.where(at_risk[..., 1:2] > 0, 1.0, np.nan)
    return np.cumprod(kept, axis=-1)


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
