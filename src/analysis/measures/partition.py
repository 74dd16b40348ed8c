"""Diversity within and between parts of a portfolio: alpha, beta and gamma.

Parts are instruments, periods or regions; weights are arrays of shape (..., n_parts, n_partners).
Gamma is the diversity of all parts together, alpha that of a typical part, and beta = gamma / alpha
the effective number of parts with no partner in common. A part without ties says nothing and is
left out.

How much each part counts is a choice (`emphasis`), since amounts in different units must not be
added: `equal`; `size`, in proportion to their totals, if all are in one unit; or numbers.

References
----------
Jost, L. (2007). Partitioning diversity into independent alpha and beta components. Ecology 88(10),
2427-2439.
Marcon, E., Scotti, I., Hérault, B., Rossi, V. & Lang, G. (2014). Generalization of the partitioning
of Shannon diversity. PLoS ONE 9(3), e90289.
Reeve, R. et al. (2016). How to partition diversity. arXiv:1404.6520.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import (
    Grid,
    Order,
    checked_matrix,
    checked_orders,
    checked_weights,
    power_means,
    quiet,
)
from .diversity import shares
from .effective import effective_numbers


def gamma(
    weights: Any, order: Order = 1.0, *, emphasis: Any = "equal", similarity: Any = None
) -> np.ndarray:
    """Diversity of all parts together.

    The effective number of partners of the whole portfolio, across instruments or periods.

    The Hill number (with similarity, Leinster and Cobbold's) of Σ_j w_j p_j, where p_j are the
    shares in part j

    Parameters
    ----------
    weights : array_like of shape (..., n_parts, n_partners)
        Amounts or counts, not negative, in one unit within each part.
    order : float or sequence of float
        Any q from 0 to infinity.
    emphasis : str or array_like of shape (..., n_parts)
        How much each part counts: `equal`, `size` or numbers.
    similarity : array_like of shape (n_partners, n_partners), optional
        Between 0 and 1, symmetric, 1 on the diagonal.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        Between 1 and the number of partners; NaN if all parts are empty.

    Raises
    ------
    ParameterError
        For weights, orders, emphasis or similarities that cannot be.

    Examples
    --------
    >>> float(gamma([[1, 1, 0], [0, 0, 5]], 0))
    3.0
    """
    w, like = _parts(weights, similarity)
    within = np.nan_to_num(shares(w))
    whole = (_emphasis(w, emphasis)[..., None] * within).sum(axis=-2)
    return effective_numbers(whole, order, like=like)


def alpha(
    weights: Any, order: Order = 1.0, *, emphasis: Any = "equal", similarity: Any = None
) -> np.ndarray:
    """Diversity of a typical part.

    The effective number of partners within one instrument or period.

    (Σ_j w_j Σ_i p_ij^q)^(1/(1-q)); q = 1: exp of the mean entropy

    Takes `weights`, `order`, `emphasis` and `similarity` as `gamma` does.

    Returns
    -------
    ndarray
        Of the shape and range of `gamma`.

    Notes
    -----
    The mean of the parts' diversities of order 1 - q: at order 0 the mean number of partners.
    Jost's own alpha weighs parts by w_j^q; with equal emphasis the two are the same.

    Examples
    --------
    >>> float(alpha([[1, 1, 0], [0, 0, 5]], 0))
    1.5
    """
    w, like = _parts(weights, similarity)
    orders = checked_orders(order)
    within = effective_numbers(w, orders, like=like)
    counted = _emphasis(w, emphasis)
    out = np.empty((*w.shape[:-2], orders.size))
    for column, q in enumerate(orders):
        # an empty part has no diversity, and does not count
        z = 1 / np.nan_to_num(within[..., column], nan=1.0)
        one = power_means(counted, np.array([q]), Grid(), total=counted.sum(axis=-1), near=z)
        out[..., column] = one[..., 0]
    return out if np.ndim(order) else out[..., 0]


def beta(
    weights: Any, order: Order = 1.0, *, emphasis: Any = "equal", similarity: Any = None
) -> np.ndarray:
    """Diversity between parts: the effective number of parts with nothing in common.

    Whether a state has the same partners in all instruments (1) or others in each.

    gamma / alpha

    Takes `weights`, `order`, `emphasis` and `similarity` as `gamma` does.

    Returns
    -------
    ndarray
        Of the shape of `gamma`. Without similarity at least 1 and, if the emphasis is equal, at
        most the number of parts; NaN if all parts are empty.

    Examples
    --------
    >>> [float(beta(w, 2)) for w in ([[1, 1, 0], [0, 0, 5]], [[1, 1, 0], [2, 2, 0]])]
    [2.0, 1.0]
    """
    options = {"emphasis": emphasis, "similarity": similarity}
    with quiet():
        return gamma(weights, order, **options) / alpha(weights, order, **options)


def _parts(weights: Any, similarity: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Check the weights of all parts, and the similarity."""
    w = checked_weights(weights)
    if w.ndim < 2:
        raise ParameterError("weights must have an axis of parts and one of partners.")
    like = None if similarity is None else checked_matrix(similarity, w.shape[-1], "similarity")
    return w, like


def _emphasis(w: np.ndarray, emphasis: Any) -> np.ndarray:
    """Weights of the parts, adding up to 1 over those that are not empty."""
    full = w.any(axis=-1)
    if isinstance(emphasis, str):
        if emphasis not in ("equal", "size"):
            raise ParameterError(f"emphasis is {emphasis!r}; it is equal, size or numbers.")
        given = w.sum(axis=-1) if emphasis == "size" else np.ones(full.shape)
    else:
        given = checked_weights(emphasis, "emphasis")
        try:
            given = np.broadcast_to(given, full.shape)
        except ValueError:
            raise ParameterError(
                f"emphasis has shape {given.shape}; one number is needed for each of "
                f"{full.shape[-1]} parts."
            ) from None
    kept = np.where(full, given, 0.0)
    with quiet():
        return np.nan_to_num(kept / kept.sum(axis=-1, keepdims=True))
