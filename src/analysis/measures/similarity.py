"""Disparity: measures that know how unlike partners are.

Weights are arrays of shape (..., n_partners) as in `diversity`; distances and similarities are
arrays of shape (n_partners, n_partners) in the same order of partners. A labelled table has an
order of its own, so it is refused until `aligned` has put it in that of the weights.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..errors import ParameterError
from ._arrays import NAMED, Order, as_floats, floats, quiet
from .diversity import shares
from .effective import effective_numbers

#: rounding that a distance or similarity may carry
_TOLERANCE = 1e-9
#: what a partner's own entry must be
_OWN = {"distances": 0.0, "similarity": 1.0}


class Labelled(Protocol):
    """A table with labels both ways, as a pandas DataFrame is."""

    index: Any
    columns: Any

    def to_numpy(self, dtype: Any = None, *, na_value: Any = None) -> np.ndarray:
        """Return the entries without labels.

        Parameters
        ----------
        dtype, na_value
            As in pandas.
        """


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


def checked_matrix(
    matrix: Any, n: int, kind: str, *, labels: Sequence[str] | None = None
) -> np.ndarray:
    """Entries as floats from 0 to 1, or an error that names every pair at fault.

    Parameters
    ----------
    matrix : array_like of shape (n, n)
        Distances or similarities, in the order of the weights.
    n : int
        Number of partners.
    kind : str
        `distances` or `similarity`.
    labels : sequence of str, optional
        Names of the partners for the error; default: their positions.

    Raises
    ------
    ParameterError
        For a labelled table, another shape, or entries missing, outside [0, 1], not symmetric or
        wrong on the diagonal.
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

    Raises
    ------
    ParameterError
        For weights or distances that cannot be; each position or pair is named.

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
    return _quadratic(p, d)


def rao_equivalent(weights: Any, distances: Any) -> np.ndarray:
    """Rao's quadratic entropy as an effective number of partners.

    As many partners with equal shares and nothing in common would be as diverse as these.

    1 / (1 - Q)

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    distances : array_like of shape (n_partners, n_partners)
        Between 0 and 1, symmetric, 0 on the diagonal.

    Returns
    -------
    ndarray of shape (...)
        Between 1 and the number of partners; NaN if empty. Equal to `leinster_cobbold` of order 2
        with similarities 1 - d.

    Raises
    ------
    ParameterError
        For weights or distances that cannot be.

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
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    distances : array_like of shape (n_partners, n_partners)
        Between 0 and 1, symmetric, 0 on the diagonal.
    alpha : float
        Emphasis on disparity, at least 0; at 0 all partners are equally unlike.
    beta : float
        Emphasis on balance, at least 0; at 0 shares do not matter, only who is a partner.

    Returns
    -------
    ndarray of shape (...)
        At least 0; NaN if empty. α = β = 1 is Rao's Q; α = 0, β = 1 is 1 - HHI; α = β = 0 is
        S(S-1), the number of ordered pairs.

    Raises
    ------
    ParameterError
        For weights or distances that cannot be, or a negative α or β.

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
        return _quadratic(np.where(p > 0, p**beta, p), d)


def leinster_cobbold(weights: Any, similarity: Any, order: Order = 1.0) -> np.ndarray:
    """Similarity-sensitive diversity: the effective number of partners with nothing in common.

    As many wholly unlike partners with equal shares would be as diverse as these; five that
    resemble each other count for little more than one.

    D_q = (Σ p_i (Zp)_i^(q-1))^(1/(1-q));  D_1 = exp(-Σ p_i ln (Zp)_i);  D_∞ = 1 / max (Zp)_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    similarity : array_like of shape (n_partners, n_partners)
        Z, between 0 and 1, symmetric, 1 on the diagonal; commonly 1 - distances.
    order : float or sequence of float
        Any q from 0 to infinity, as in `diversity.hill`.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1 and the Hill number of the same order; NaN if empty.

    Raises
    ------
    ParameterError
        For weights, similarities or orders that cannot be; each position or pair is named.

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


def _quadratic(x: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    if x.shape[-1] == 0:
        return np.full(x.shape[:-1], np.nan)[()]
    with quiet():
        return np.einsum("...i,...i->...", x @ matrix, x)
