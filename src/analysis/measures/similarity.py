"""Disparity: measures that know how unlike partners are.

Weights are arrays of shape (..., n_partners) as in `diversity`; distances and similarities are
arrays of shape (n_partners, n_partners) in the same order of partners, between 0 and 1 and
symmetric, with 0 (similarities: 1) on the diagonal. What cannot be raises ParameterError, which
names each position or pair. A labelled table may have another order, so it is refused until
`aligned` has put it in that of the weights.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import ParameterError
from ._arrays import Order, checked_matrix, floats, quadratic, quiet
from .diversity import shares
from .effective import effective_numbers


class Labelled(Protocol):
    """A table with labels both ways, as a pandas DataFrame is."""

    index: Any
    columns: Any

    def to_numpy(self, dtype: Any = None, *, na_value: Any = None) -> np.ndarray:
        """Return the entries without labels, as in pandas."""


def aligned(matrix: Labelled, labels: Sequence[str], kind: str = "distances") -> np.ndarray:
    """Put a labelled table of distances or similarities in the order of the weights.

    Parameters
    ----------
    matrix : DataFrame
        Partners both ways, in any order, and others besides.
    labels : sequence of str
        The partners in the order of the weights.
    kind : str
        `distances` (0 to itself) or `similarity` (1 to itself).

    Returns
    -------
    ndarray of shape (n_partners, n_partners)

    Raises
    ------
    ParameterError
        If a label is missing or there twice, rows and columns are not labelled alike, or an entry
        is missing, outside [0, 1], not symmetric or wrong on the diagonal; each pair is named.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame([[0, 1], [1, 0]], index=["b", "a"], columns=["b", "a"])
    >>> aligned(table, ["a", "b"]).tolist()
    [[0.0, 1.0], [1.0, 0.0]]
    """
    if not (hasattr(matrix, "index") and hasattr(matrix, "columns")):
        raise ParameterError(f"{kind} must be a table with labels both ways, to be put in order.")
    labels = list(labels)
    _check_labels(matrix, labels, kind)
    rows, columns = (axis.get_indexer(labels) for axis in (matrix.index, matrix.columns))
    entries = matrix.to_numpy(dtype=np.float64, na_value=np.nan)[np.ix_(rows, columns)]
    return checked_matrix(entries, len(labels), kind, labels=labels)


def _check_labels(matrix: Labelled, labels: list[str], kind: str) -> None:
    for axis, name in ((matrix.index, "rows"), (matrix.columns, "columns")):
        if not axis.is_unique:
            twice = sorted(set(axis[axis.duplicated()].astype(str)))
            raise ParameterError(f"{kind} has {name} of the same label: {', '.join(twice)}.")
    alone = sorted(map(str, set(matrix.index) ^ set(matrix.columns)))
    if alone:
        raise ParameterError(f"{kind} has rows or columns without the other: {', '.join(alone)}.")
    if missing := sorted(map(str, set(labels) - set(matrix.index))):
        raise ParameterError(
            f"{kind} has no entries for {', '.join(missing)}. Leave these partners out, and say "
            "what share of the weight they had."
        )


def rao(weights: Any, distances: Any) -> np.ndarray:
    """Rao's quadratic entropy: how unlike two partners are on average.

    The expected distance between the partners of two ties drawn at random.

    Q = Σ_i Σ_j d_ij p_i p_j

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    distances : array_like of shape (n_partners, n_partners)
        Between 0 and 1, symmetric, 0 on the diagonal.

    Returns
    -------
    ndarray of shape (...)
        Between 0 and 1 - 1/S; NaN if empty.

    Notes
    -----
    The sum is over ordered pairs, each pair twice: with all distances 1 it is 1 - HHI. Some
    packages sum over i < j and give half of it.

    References
    ----------
    Rao, C. R. (1982). Diversity and dissimilarity coefficients: a unified approach. Theoretical
    Population Biology 21, 24-43.

    Examples
    --------
    >>> float(rao([1, 1], [[0, 0.5], [0.5, 0]]))
    0.25
    """
    p = shares(weights)
    d = checked_matrix(distances, p.shape[-1], "distances")
    return quadratic(p, d)


def rao_equivalent(weights: Any, distances: Any) -> np.ndarray:
    """Rao's quadratic entropy as an effective number of partners.

    As many partners with equal shares and nothing in common would be as diverse as these.

    1 / (1 - Q)

    Takes `weights` and `distances` as `rao` does.

    Returns
    -------
    ndarray of shape (...)
        Between 1 and the number of partners; NaN if empty. Equal to `leinster_cobbold` of order 2
        with similarities 1 - d.

    References
    ----------
    Ricotta, C. & Szeidl, L. (2009). Diversity partitioning of Rao's quadratic entropy. Theoretical
    Population Biology 76, 299-302.

    Examples
    --------
    >>> float(rao_equivalent([1, 1], [[0, 1], [1, 0]]))
    2.0
    """
    return 1.0 / (1.0 - rao(weights, distances))


def stirling(weights: Any, distances: Any, *, alpha: float = 1.0, beta: float = 1.0) -> np.ndarray:
    """Stirling's Δ: variety, balance and disparity in one index, each with its own emphasis.

    How far a portfolio is spread over partners that are unlike each other.

    Δ = Σ_{i≠j} d_ij^α (p_i p_j)^β, over the partners that are present

    Parameters
    ----------
    weights, distances
        As for `rao`.
    alpha : float
        Emphasis on disparity, at least 0; at 0 all partners are equally unlike.
    beta : float
        Emphasis on balance, at least 0; at 0 shares do not matter, only who is a partner.

    Returns
    -------
    ndarray of shape (...)
        At least 0; NaN if empty. α = β = 1 is Rao's Q; α = 0, β = 1 is 1 - HHI; α = β = 0 is
        S(S-1), the number of ordered pairs.

    Notes
    -----
    The sum is over ordered pairs, as in `rao`.

    References
    ----------
    Stirling, A. (2007). A general framework for analysing diversity in science, technology and
    society. Journal of the Royal Society Interface 4, 707-719.

    Examples
    --------
    >>> float(stirling([1, 1], [[0, 0.25], [0.25, 0]], alpha=0.5))
    0.25
    """
    for name, value in (("alpha", alpha), ("beta", beta)):
        if not (isinstance(value, int | float | np.number) and 0 <= value < np.inf):
            raise ParameterError(f"{name} is {value!r}; it must be a number of at least 0.")
    p = shares(weights)
    d = checked_matrix(distances, p.shape[-1], "distances")
    with quiet():
        d = d**alpha
        # at α = 0 a partner would differ from itself, and at β = 0 one without ties would count
        np.fill_diagonal(d, 0.0)
        return quadratic(np.where(p > 0, p**beta, p), d)


def leinster_cobbold(weights: Any, similarity: Any, order: Order = 1.0) -> np.ndarray:
    """Similarity-sensitive diversity: the effective number of partners with nothing in common.

    As many wholly unlike partners with equal shares would be as diverse as these; five that
    resemble each other count for little more than one.

    D_q = (Σ p_i (Zp)_i^(q-1))^(1/(1-q));  D_1 = exp(-Σ p_i ln (Zp)_i);  D_∞ = 1 / max (Zp)_i

    Parameters
    ----------
    weights
        As for `rao`.
    similarity : array_like of shape (n_partners, n_partners)
        Z, between 0 and 1, symmetric, 1 on the diagonal; commonly 1 - distances.
    order : float or sequence of float
        Any q from 0 to infinity, as in `diversity.hill`.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1 and the Hill number of the same order; NaN if empty.

    References
    ----------
    Leinster, T. & Cobbold, C. A. (2012). Measuring diversity: the importance of species
    similarity. Ecology 93(3), 477-489.

    Examples
    --------
    >>> leinster_cobbold([7, 3], [[1, 0.2], [0.2, 1]], order=[0, 2]).round(6).tolist()
    [1.602871, 1.506024]
    """
    w = floats(weights)
    z = checked_matrix(similarity, w.shape[-1], "similarity")
    return effective_numbers(w, order, like=z)
