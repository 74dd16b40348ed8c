"""How alike two states' records are: agreement in votes, by arrays of shape (n_states, n_items)."""

import numpy as np


def agreement(votes: np.ndarray, *, none: str = ".") -> tuple[np.ndarray, np.ndarray]:
    """Share of roll calls in which two states voted alike, of those in which both voted.

    An abstention is a vote of its own kind: it agrees with an abstention only.

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
    both = _shared(votes != none)
    same = sum((_shared(votes == kind) for kind in np.unique(votes) if kind != none), 0 * both)
    with np.errstate(invalid="ignore"):
        return same / both, both


def _shared(marked: np.ndarray) -> np.ndarray:
    """Count the columns that are marked in both of two rows."""
    ones = marked.astype(np.float64)
    return ones @ ones.T
