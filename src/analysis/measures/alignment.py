"""Where a portfolio stands politically: partners' positions on a scale, and how far away they are.

The scale is usually that of ideal points from votes in the United Nations General Assembly
(`disparity.ideal_points`), but any number a partner will do. A partner without a point is left out,
its weight shared among the others; through `analysis.measure` the share left out is reported.
Weights that cannot be, and points that are not one for each partner, raise ParameterError.
"""

from typing import Any

import numpy as np

from ..errors import ParameterError
from ._arrays import as_floats, checked_weights, quiet


def position(weights: Any, points: Any) -> np.ndarray:
    """Alignment position: the weighted mean of partners' points.

    On which side of world politics a state's partners stand, whatever its own votes.

    μ = Σ p_i x_i

    Parameters
    ----------
    weights : array_like of shape (..., n_partners)
        Amounts or counts, not negative, in one unit.
    points : array_like of shape (n_partners,)
        Each partner's point x, in any unit; NaN where there is none.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN where no partner with a point has a weight.

    References
    ----------
    Bailey, M. A., Strezhnev, A. & Voeten, E. (2017). Estimating Dynamic State Preferences from
    United Nations Voting Data. Journal of Conflict Resolution 61(2), 430-456.

    Examples
    --------
    >>> float(position([3, 1], [-1.0, 1.0]))
    -0.5
    """
    p, x = _with_points(weights, points)
    return (p @ x)[()]


def spread(weights: Any, points: Any) -> np.ndarray:
    """Alignment spread: the weighted variance of partners' points.

    Whether the partners are of one camp or of several.

    σ² = Σ p_i (x_i - μ)², which is half of Rao's entropy with squared differences as distances

    Takes `weights` and `points` as `position` does.

    Returns
    -------
    ndarray of shape (...)
        In the square of the points' unit; 0 with one partner; NaN as for `position`.

    Examples
    --------
    >>> float(spread([3, 1], [-1.0, 1.0]))
    0.75
    """
    p, x = _with_points(weights, points)
    away = x - (p @ x)[..., None]
    return (p * away**2).sum(axis=-1)[()]


def vulnerability(weights: Any, points: Any, own: float) -> np.ndarray:
    """Geopolitical vulnerability: the weighted mean distance of partners from the state itself.

    How far a state depends on partners with whom it does not agree.

    V = Σ p_i |x_i - x_own|

    Parameters
    ----------
    weights, points
        As for `position`.
    own : float
        The point of the state whose portfolio it is; NaN if it has none.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN also where the state has no point.

    References
    ----------
    Aiyar, S. & Ohnsorge, F. (2024). Geoeconomic Fragmentation and "Connector" Countries. CEPR
    Discussion Paper 19352 (there for trade, loans and investment).

    Examples
    --------
    >>> float(vulnerability([3, 1], [-1.0, 1.0], own=-0.5))
    0.75
    """
    return position(weights, np.abs(_points(points) - own))


def connectedness(weights: Any, points: Any, own: float) -> np.ndarray:
    """Geopolitical connectedness: the weighted standard deviation of partners' distances.

    Whether a state has partners both near and far, and so may stand between camps.

    C = √(Σ p_i (|x_i - x_own| - V)²)

    Takes `weights`, `points` and `own` as `vulnerability` does.

    Returns
    -------
    ndarray of shape (...)
        In the unit of the points; NaN as for `vulnerability`.

    Examples
    --------
    >>> round(float(connectedness([3, 1], [-1.0, 1.0], own=-0.5)), 6)
    0.433013
    """
    return np.sqrt(spread(weights, np.abs(_points(points) - own)))


def _points(points: Any) -> np.ndarray:
    x = as_floats(points, "points")
    if x.ndim != 1 or np.isinf(x).any():
        raise ParameterError(
            f"points must be one finite number (or NaN) for each partner; got shape {x.shape}."
        )
    return x


def _with_points(weights: Any, points: Any) -> tuple[np.ndarray, np.ndarray]:
    """Shares of the partners that have points, and these points."""
    w, x = checked_weights(weights), _points(points)
    if w.shape[-1] != len(x):
        raise ParameterError(f"there are {w.shape[-1]} partners and {len(x)} points.")
    known = ~np.isnan(x)
    w = w[..., known]
    with quiet():
        # where no partner is known 0/0 is NaN, as it should be; an empty sum would be 0
        p = w / w.sum(axis=-1, keepdims=True)
    if not known.any():
        return np.full((*w.shape[:-1], 1), np.nan), np.zeros(1)
    return p, x[known]


def agreement(votes: np.ndarray, *, none: str = ".") -> tuple[np.ndarray, np.ndarray]:
    """Share of roll calls in which two states voted alike, of those in which both voted.

    An abstention agrees with an abstention only.

    Parameters
    ----------
    votes : ndarray of str, shape (n_states, n_roll_calls)
        One letter a vote.
    none : str
        The letter of those who cast no vote.

    Returns
    -------
    share : ndarray of shape (n_states, n_states)
        Between 0 and 1; NaN where the two never voted in the same roll call.
    both : ndarray of shape (n_states, n_states)
        Number of roll calls in which both voted; on the diagonal, the votes a state cast.

    References
    ----------
    Lijphart, A. (1963). The Analysis of Bloc Voting in the General Assembly. American Political
    Science Review 57(4), 902-917; there, half a point is given for one abstention, here none.

    Examples
    --------
    >>> share, both = agreement(np.array([list("yyna."), list("ynnyy")]))
    >>> share[0, 1].item(), both[0, 1].item()
    (0.5, 4.0)
    """
    votes = np.ma.filled(votes, none)
    both = _shared(votes != none)
    same = sum((_shared(votes == kind) for kind in np.unique(votes) if kind != none), 0 * both)
    with np.errstate(invalid="ignore"):
        return same / both, both


def s_score(portfolios: np.ndarray, *, span: float) -> np.ndarray:
    r"""Signorino and Ritter's S, unweighted: similarity of portfolios by absolute distance.

    .. math:: S_{ij} = 1 - 2 \frac{\sum_k |x_{ik} - x_{jk}|}{n\,\Delta}

    with n items and the span Δ between the least and greatest commitment there can be. Most pairs
    of states have no alliance at all, and S counts each such pair as agreement, so it is high for
    states which share nothing: see `kappa` and `scott_pi`.

    Parameters
    ----------
    portfolios : ndarray of shape (n_states, n_items)
        Commitments, 0 for none.
    span : float
        Greatest commitment there can be, less the least.

    Returns
    -------
    ndarray of shape (n_states, n_states)
        Between -1 (opposite) and 1 (identical).

    References
    ----------
    Signorino, C. S. & Ritter, J. M. (1999). Tau-b or Not Tau-b: Measuring the Similarity of Foreign
    Policy Positions. International Studies Quarterly 43(1), 115-144.

    Examples
    --------
    >>> s_score(np.array([[3, 3, 0], [0, 3, 3]]), span=3).round(3).tolist()
    [[1.0, -0.333], [-0.333, 1.0]]
    """
    return 1 - 2 * _mean_over_items(as_floats(portfolios, "portfolios"), np.abs) / span


def kappa(portfolios: np.ndarray) -> np.ndarray:
    r"""Cohen's κ with squared distances: agreement of portfolios beyond chance.

    .. math:: \kappa_{ij} = 1 - \frac{D_o}{D_e}, \quad
        D_o = \frac{1}{n}\sum_k (x_{ik} - x_{jk})^2, \quad
        D_e = s_i^2 + s_j^2 + (\bar x_i - \bar x_j)^2

    D_e is the mean squared distance if both kept their commitments but spread them at random
    (means and variances with divisor n). Portfolios are as for `s_score`.

    Returns
    -------
    ndarray of shape (n_states, n_states)
        Between -1 and 1, 0 for agreement by chance; NaN where both portfolios are constant and the
        same.

    References
    ----------
    Häge, F. M. (2011). Choice or Circumstance? Adjusting Measures of Foreign Policy Similarity for
    Chance Agreement. Political Analysis 19(3), 287-305. Cohen, J. (1968). Weighted Kappa.
    Psychological Bulletin 70(4), 213-220.
    """
    return _beyond_chance(portfolios, share=1.0)


def scott_pi(portfolios: np.ndarray) -> np.ndarray:
    r"""Scott's π with squared distances: as `kappa`, with chance the same for both states.

    .. math:: D_e = s_i^2 + s_j^2 + \tfrac{1}{2}(\bar x_i - \bar x_j)^2

    Chance is drawn from the two portfolios put together, so that a difference in how much two
    states commit themselves counts as disagreement.

    Returns
    -------
    ndarray of shape (n_states, n_states)
        As of `kappa`.

    References
    ----------
    Häge (2011), as above. Scott, W. A. (1955). Reliability of Content Analysis. Public Opinion
    Quarterly 19(3), 321-325.
    """
    return _beyond_chance(portfolios, share=0.5)


def _beyond_chance(portfolios: np.ndarray, *, share: float) -> np.ndarray:
    portfolios = as_floats(portfolios, "portfolios")
    means, spread = portfolios.mean(axis=1), portfolios.var(axis=1)
    expected = np.add.outer(spread, spread) + share * np.subtract.outer(means, means) ** 2
    with np.errstate(invalid="ignore"):
        return 1 - _mean_over_items(portfolios, np.square) / expected


def _mean_over_items(portfolios: np.ndarray, of: np.ufunc) -> np.ndarray:
    """Mean of a function of the differences of any two rows; row by row, to spare memory."""
    return np.array([of(portfolios - own).mean(axis=1) for own in portfolios])


def _shared(marked: np.ndarray) -> np.ndarray:
    """Count the columns that are marked in both of two rows."""
    ones = marked.astype(np.float64)
    return ones @ ones.T
