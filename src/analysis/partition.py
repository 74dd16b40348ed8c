"""Diversity within and between parts of a portfolio: alpha, beta and gamma.

Parts are instruments, periods or regions; weights are arrays of shape (..., n_parts, n_partners).
Gamma is the diversity of all parts together, alpha that of a typical part, and beta = gamma / alpha
the effective number of parts with no partner in common. A part without ties says nothing and is
left out.

How much each part counts is a choice (`emphasis`), since amounts in different units must not be
added: `equal`; `size`, in proportion to their totals, if all are in one unit; or numbers.

`alpha`, `beta` and `gamma` partition the whole (Jost 2007; Marcon et al. 2014; with similarity,
Reeve et al. 2016); `component` tells how each part compares with the whole, and `components` is the
mean of that (Reeve et al. 2016; R's rdiversity).

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

from .diversity import Laid, Order, checked_orders, checked_weights, power_means, quiet
from .errors import ParameterError
from .similarity import checked_matrix

MEASURES = ("alpha", "beta", "rho", "gamma")


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
    parts = _Parts(weights, emphasis, similarity)
    orders = checked_orders(order)
    return _unwrap(parts.mean(parts.of("gamma", orders), orders), order)


def alpha(
    weights: Any, order: Order = 1.0, *, emphasis: Any = "equal", similarity: Any = None
) -> np.ndarray:
    """Diversity of a typical part.

    The effective number of partners within one instrument or period.

    (Σ_j w_j Σ_i p_ij^q)^(1/(1-q)); q = 1: exp of the mean entropy

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

    Notes
    -----
    The mean of the parts' diversities of order 1 - q: at order 0 the mean number of partners.
    Jost's own alpha weighs parts by w_j^q; with equal emphasis the two are the same.

    Examples
    --------
    >>> float(alpha([[1, 1, 0], [0, 0, 5]], 0))
    1.5
    """
    parts = _Parts(weights, emphasis, similarity)
    orders = checked_orders(order)
    return _unwrap(parts.mean(parts.of("alpha", orders), orders), order)


def beta(
    weights: Any, order: Order = 1.0, *, emphasis: Any = "equal", similarity: Any = None
) -> np.ndarray:
    """Diversity between parts: the effective number of parts with nothing in common.

    Whether a state has the same partners in all instruments (1) or others in each.

    gamma / alpha

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
        Without similarity at least 1 and, if the emphasis is equal, at most the number of parts;
        NaN if all parts are empty.

    Raises
    ------
    ParameterError
        For weights, orders, emphasis or similarities that cannot be.

    Examples
    --------
    >>> [float(beta(w, 2)) for w in ([[1, 1, 0], [0, 0, 5]], [[1, 1, 0], [2, 2, 0]])]
    [2.0, 1.0]
    """
    options = {"emphasis": emphasis, "similarity": similarity}
    with quiet():
        return gamma(weights, order, **options) / alpha(weights, order, **options)


def component(
    weights: Any,
    measure: str,
    order: Order = 1.0,
    *,
    emphasis: Any = "equal",
    similarity: Any = None,
    normalised: bool = True,
) -> np.ndarray:
    """Tell how each part compares with the whole.

    Which instrument, or which period, has partners of its own, and which is most like all others.

    With p_i = Σ_j w_j p_ij and z_ij one of p_ij (alpha), p_ij / p_i (rho) and p_i (gamma), the
    value of part j is (Σ_i p_ij z_ij^(q-1))^(1/(1-q)); beta is 1 / rho. With similarity, Z p
    takes the place of p in z

    Parameters
    ----------
    weights : array_like of shape (..., n_parts, n_partners)
        Amounts or counts, not negative, in one unit within each part.
    measure : str
        `alpha`, the diversity of the part; `beta`, its distinctness; `rho`, how well it represents
        the whole; `gamma`, what it adds to the diversity of the whole.
    order : float or sequence of float
        Any q from 0 to infinity.
    emphasis : str or array_like of shape (..., n_parts)
        How much each part counts: `equal`, `size` or numbers.
    similarity : array_like of shape (n_partners, n_partners), optional
        Between 0 and 1, symmetric, 1 on the diagonal.
    normalised : bool
        Whether the part is taken for itself, or (raw) as large as it is: raw alpha is divided by
        its weight, raw rho too, and raw beta multiplied. Gamma is the same.

    Returns
    -------
    ndarray of shape (..., n_parts), or (..., n_parts, n_orders) if `order` is a sequence
        NaN for a part that is empty or has no weight.

    Raises
    ------
    ParameterError
        For weights, orders, emphasis or similarities that cannot be, or an unknown measure.

    Examples
    --------
    >>> component([[1, 1, 0], [2, 0, 0], [3, 1, 0]], "rho", 0, emphasis="size").round(6).tolist()
    [1.0, 0.75, 1.0]
    """
    parts = _Parts(weights, emphasis, similarity)
    orders = checked_orders(order)
    return _unwrap(parts.of(measure, orders, normalised=normalised), order)


def components(
    weights: Any,
    measure: str,
    order: Order = 1.0,
    *,
    emphasis: Any = "equal",
    similarity: Any = None,
    normalised: bool = True,
) -> np.ndarray:
    """Average `component` over the parts.

    The power mean of order 1 - q, each part weighing as much as its emphasis

    Parameters
    ----------
    weights : array_like of shape (..., n_parts, n_partners)
        Amounts or counts, not negative, in one unit within each part.
    measure : str
        `alpha`, `beta`, `rho` or `gamma`.
    order : float or sequence of float
        Any q from 0 to infinity.
    emphasis : str or array_like of shape (..., n_parts)
        How much each part counts: `equal`, `size` or numbers.
    similarity : array_like of shape (n_partners, n_partners), optional
        Between 0 and 1, symmetric, 1 on the diagonal.
    normalised : bool
        As for `component`.

    Returns
    -------
    ndarray of shape (...), or (..., n_orders) if `order` is a sequence
        NaN if all parts are empty. Alpha and gamma are the functions of that name; beta is their
        ratio for order 1 only.

    Raises
    ------
    ParameterError
        For weights, orders, emphasis or similarities that cannot be, or an unknown measure.

    Examples
    --------
    >>> float(components([[1, 1, 0], [0, 0, 5]], "beta", 1).round(6))
    2.0
    """
    parts = _Parts(weights, emphasis, similarity)
    orders = checked_orders(order)
    return _unwrap(parts.mean(parts.of(measure, orders, normalised=normalised), orders), order)


class _Parts:
    """Shares within parts, weights of parts, and what each partner is like within each."""

    def __init__(self, weights: Any, emphasis: Any, similarity: Any) -> None:
        w = checked_weights(weights)
        if w.ndim < 2:
            raise ParameterError("weights must have an axis of parts and one of partners.")
        self.laid = Laid.of(w)
        self.weight = _emphasis(w, self.laid.full, emphasis)
        within = np.zeros(w.shape)
        within[self.laid.there] = self.laid.shares
        like = within
        if similarity is not None:
            with quiet():
                like = within @ checked_matrix(similarity, w.shape[-1], "similarity")
        with quiet():
            whole = (self.weight[..., None] * like).sum(axis=-2, keepdims=True)
        # a part of no weight may have partners that nobody else has; it is not counted
        whole = np.maximum(whole, np.finfo(np.float64).smallest_subnormal)
        self.like = np.maximum(like[self.laid.there], self.laid.shares)
        self.like_whole = np.broadcast_to(whole, w.shape)[self.laid.there]

    def of(self, measure: str, orders: np.ndarray, *, normalised: bool = True) -> np.ndarray:
        """Values of shape (..., n_parts, n_orders)."""
        if measure not in MEASURES:
            raise ParameterError(f"Unknown measure {measure!r}; it is {', '.join(MEASURES)}.")
        with quiet():
            z = {"alpha": self.like, "gamma": self.like_whole}.get(
                measure, self.like / self.like_whole
            )
            values = power_means(self.laid.shares, self.laid.starts, orders, values=z)
            values = self.laid.spread(values)
            weight = self.weight[..., None]
            if measure == "beta":
                values = 1 / values if normalised else weight / values
            elif measure != "gamma" and not normalised:
                values = values / weight
        return np.where(weight > 0, values, np.nan)

    def mean(self, values: np.ndarray, orders: np.ndarray) -> np.ndarray:
        """Power means over the parts, of shape (..., n_orders)."""
        counted = np.isfinite(self.weight) & (self.weight > 0)
        number = np.count_nonzero(counted, axis=-1)
        some = number > 0
        starts = np.cumsum(number[some]) - number[some]
        out = np.full((*some.shape, orders.size), np.nan)
        with quiet():
            for column in range(orders.size):
                z = 1 / values[..., column][counted]
                one = orders[column : column + 1]
                out[some, column] = power_means(self.weight[counted], starts, one, values=z)[:, 0]
        return out


def _emphasis(w: np.ndarray, full: np.ndarray, emphasis: Any) -> np.ndarray:
    """Weights of the parts, adding up to 1 over those that are not empty."""
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


def _unwrap(values: np.ndarray, order: Order) -> np.ndarray:
    return values if np.ndim(order) else values[..., 0]
