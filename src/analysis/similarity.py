"""Measures that know how unlike partners are: they need a distance or a similarity between each two.

Matrices are aligned with the weights by position; `aligned` brings a labelled table into the order
of the partners, and checks it. `analysis.measure` does so by itself.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from .diversity import shares
from .errors import ParameterError


def aligned(table: pd.DataFrame, labels: list[str], *, diagonal: float = 0.0) -> np.ndarray:
    """Bring a labelled matrix into the order of the partners.

    Parameters
    ----------
    table : DataFrame of shape (n, n)
        Distances (zero diagonal) or similarities (unit diagonal) between 0 and 1, with the same
        labels both ways, in any order.
    labels : list of str, length n_partners
        The partners wanted, in the order of the weights.
    diagonal : float
        What a partner has with itself: 0 for distances, 1 for similarities.

    Returns
    -------
    ndarray of shape (n_partners, n_partners)

    Raises
    ------
    ParameterError
        If labels are missing or repeated, or an entry is missing, outside [0, 1], not the same both
        ways, or wrong on the diagonal; names the pair.
    """
    missing = [name for name in labels if name not in table.index or name not in table.columns]
    if missing:
        raise ParameterError(f"The matrix lacks {', '.join(map(str, missing))}.")
    if not (table.index.is_unique and table.columns.is_unique):
        raise ParameterError("The matrix has a label twice.")
    matrix = table.loc[labels, labels].to_numpy(float)
    on_diagonal = np.eye(len(labels), dtype=bool)
    rules = {
        "is missing": np.isnan(matrix),
        "lies outside 0 to 1": (matrix < 0) | (matrix > 1),
        f"must be {diagonal:g}": on_diagonal & (matrix != diagonal),
        "is not the same both ways": ~np.isclose(matrix, matrix.T, rtol=0, atol=1e-12),
    }
    for text, bad in rules.items():
        if bad.any():
            i, j = np.argwhere(bad)[0]
            raise ParameterError(
                f"The entry of {labels[i]} with {labels[j]} {text}: {matrix[i, j]}."
            )
    return matrix


def rao(weights: ArrayLike, distances: np.ndarray) -> np.ndarray:
    r"""Rao's quadratic entropy: how far apart two ties drawn at random are on average.

    .. math:: Q = \sum_i \sum_j d_{ij} p_i p_j

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    distances : ndarray of shape (n_partners, n_partners)
        Between 0 and 1, zero diagonal.

    Returns
    -------
    ndarray of shape (...)
        From 0 (one partner, or all alike) up to 1 - HHI; NaN for an empty portfolio.

    Notes
    -----
    The sum runs over ordered pairs, so with all distances 1 it equals 1 - HHI; packages that sum
    over i < j give half of it.

    References
    ----------
    Rao, C. R. (1982). Diversity and dissimilarity coefficients: a unified approach. Theoretical
    Population Biology 21, 24-43.

    Examples
    --------
    >>> float(rao([1, 1], np.array([[0, 1], [1, 0]])))
    0.5
    """
    p = shares(weights)
    return ((p @ distances) * p).sum(axis=-1)


def stirling(
    weights: ArrayLike, distances: np.ndarray, alpha: float = 1.0, *, beta: float = 1.0
) -> np.ndarray:
    r"""Stirling's diversity: variety, balance and disparity in one, with the say of each.

    .. math:: \Delta = \sum_{i \ne j} d_{ij}^\alpha (p_i p_j)^\beta

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    distances : ndarray of shape (n_partners, n_partners)
        Between 0 and 1, zero diagonal.
    alpha : float
        Say of disparity: 0 takes all partners as equally unlike.
    beta : float
        Say of balance: 0 counts pairs of partners whatever their share.

    Returns
    -------
    ndarray of shape (...)
        From 0 up; NaN for an empty portfolio.

    Notes
    -----
    Sums over ordered pairs, so alpha = beta = 1 is Rao's quadratic entropy.

    References
    ----------
    Stirling, A. (2007). A general framework for analysing diversity in science, technology and
    society. Journal of the Royal Society Interface 4, 707-719.

    Examples
    --------
    >>> float(stirling([1, 1], np.array([[0, 1], [1, 0]]), beta=0))
    2.0
    """
    p = shares(weights)
    apart = np.where(np.eye(len(distances), dtype=bool), 0.0, np.asarray(distances, float) ** alpha)
    powers = np.where(p > 0, p**beta, np.where(np.isnan(p), np.nan, 0.0))
    return ((powers @ apart) * powers).sum(axis=-1)


def leinster_cobbold(weights: ArrayLike, similarity: np.ndarray, order: float = 1.0) -> np.ndarray:
    r"""Similarity-sensitive diversity: effective number of partners that have nothing in common.

    .. math:: {}^qD^Z = \left(\sum_i p_i (Zp)_i^{q-1}\right)^{1/(1-q)}

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        In any unit.
    similarity : ndarray of shape (n_partners, n_partners)
        Z: between 0 and 1, unit diagonal; often 1 - distance.
    order : float
        q, any real number from 0 up, or infinity.

    Returns
    -------
    ndarray of shape (...)
        In partners: between 1 and the Hill number of that order; NaN for an empty portfolio.

    Raises
    ------
    ParameterError
        If the order is negative or missing.

    Notes
    -----
    With Z the identity it is the Hill number; with all partners alike it is 1.

    References
    ----------
    Leinster, T. & Cobbold, C. A. (2012). Measuring diversity: the importance of species similarity.
    Ecology 93(3), 477-489.

    Examples
    --------
    >>> z = np.array([[1, 0.2], [0.2, 1]])
    >>> float(leinster_cobbold([0.7, 0.3], z, order=1).round(8))
    1.55022481
    """
    if not order >= 0:
        raise ParameterError(f"order is {order!r}; it must be a number from 0 up, or infinity.")
    p = shares(weights)
    empty = np.isnan(p).any(axis=-1)
    present = p > 0
    log_z = np.log(np.where(present, np.nan_to_num(p) @ similarity, 1.0))
    if np.isinf(order):
        out = np.exp(-np.where(present, log_z, -np.inf).max(axis=-1, initial=-np.inf))
    elif order == 1:
        out = np.exp(-(np.where(present, p, 0.0) * log_z).sum(axis=-1))
    else:
        # as for Hill numbers: 1 + x, which neither cancels near order 1 ...
        if abs(order - 1) < 0.5:
            x = (np.where(present, p, 0.0) * np.expm1((order - 1) * log_z)).sum(axis=-1)
            return np.where(empty, np.nan, np.exp(-np.log1p(x) / (order - 1)))
        # ... nor overflows far from it
        with np.errstate(divide="ignore"):
            terms = np.where(
                present, np.log(np.where(present, p, 1.0)) + (order - 1) * log_z, -np.inf
            )
        largest = np.nan_to_num(terms.max(axis=-1, initial=-np.inf, keepdims=True), neginf=0.0)
        with np.errstate(divide="ignore"):
            log_sum = np.log(np.exp(terms - largest).sum(axis=-1)) + largest[..., 0]
        out = np.exp(log_sum / (1 - order))
    return np.where(empty, np.nan, out)
