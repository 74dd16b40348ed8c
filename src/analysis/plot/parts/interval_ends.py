"""Ends of intervals: closed, open, or none."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.path import Path
from matplotlib.transforms import Affine2D
from numpy.typing import ArrayLike

from ... import numbers, words
from .style import OPEN

_ARROW = Path([(0, 0), (0, 1), (-0.3, 0.6), (0, 1), (0.3, 0.6)], [1, 2, 1, 2, 2])
_TURN = {"up": 0, "left": 90, "down": 180, "right": 270}


def interval_kinds(rows: pd.DataFrame, drawn_as: str = "") -> str:
    """Name the kinds of interval in a table: each once, with how often they contained the truth."""
    known = rows[numbers.has_interval(rows)]
    whole = known["low"].notna() & known["high"].notna()
    kinds = [words.clean(kind, 90).partition("; ")[0] for kind in known.loc[whole, "interval"]]
    said = [": ".join(filter(None, [drawn_as, ", ".join(dict.fromkeys(kinds))]))] if kinds else []
    rarely = known.loc[whole, "interval_coverage"].min() if "interval_coverage" in known else 100
    if kinds and rarely < 93:
        said[0] += f" (in tests they contained the truth {rarely:.0f} times in 100 or more)"
    if has_open_ends(rows):
        said.append(OPEN)
    return words.capital("; ".join(said))


def has_open_ends(rows: pd.DataFrame) -> bool:
    """Tell if an interval in a table has one end only."""
    return bool((rows["low"].isna() != rows["high"].isna()).any())


def ends_of(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Give the ends of intervals as they are drawn, and which of them are open."""
    value, low, high = (rows[name].to_numpy(float) for name in ("estimate", "low", "high"))
    open_below, open_above = np.isnan(low) & ~np.isnan(high), np.isnan(high) & ~np.isnan(low)
    return (
        np.where(open_below, value, low),
        np.where(open_above, value, high),
        open_below,
        open_above,
    )


def open_ends(
    ax: Axes, x: ArrayLike, y: ArrayLike, *, colour: str, towards: str, size: float = 9
) -> None:
    """Mark ends of intervals that are open by arrows."""
    if np.size(x):
        turned = _ARROW.transformed(Affine2D().rotate_deg(_TURN[towards]))
        ax.plot(
            x,
            y,
            ls="none",
            marker=turned,
            mec=colour,
            mfc="none",
            mew=1.2,
            markersize=2 * size,
            gid="open end",
            zorder=3,
        )
