"""Event studies: how far a state is from its synthetic control, and what that is worth.

A gap larger than nearly all placebos proves nothing of a state that was not met by chance: one with
more partners than all others is far from every mixture of them at any time. So each gap that seems
rare is compared with panels in which nothing happens, with the state at its own level; and the same
comparison is made for years before the shock, as if it had come then.
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

from . import synthetic

#: windows before a shock to which a mixture is fitted: at most, and at least
MOST_BEFORE, LEAST_BEFORE = 10, 3
#: a mixture that missed the state's level before the shock by this share says nothing of it after
POOR_FIT = 0.25
#: a gap is rare if no larger share of states has one as large; no verdict may be wrong more often
RARE = 0.1
#: panels without a shock that are drawn for one gap
PANELS = 200
#: years before a shock that are taken as if it had come then
EARLIER = 5

COMPARED = [
    "n_peers", "peers_change", "peers_low", "peers_high", "synthetic", "gap", "placebo_low",
    "placebo_high", "rank", "false_alarms", "n_windows", "fit", "compared",
]  # fmt: skip
IN_TIME = ["placebo_year", "gap", "misfit"]


def complete(measures: pd.DataFrame, before: int, after: int) -> pd.DataFrame:
    """Cut measures to the windows of a comparison, and keep peers that have all of these."""
    known = measures.iloc[0].dropna().index
    return measures.loc[:, compared_ends(known, before, after)].dropna()


def compared_ends(ends: Collection[int], before: int, after: int) -> list[int]:
    """Last years of the windows of a comparison: without a gap before the shock."""
    span = range(before - MOST_BEFORE + 1, after + 1)
    silent = [end for end in span if end <= before and end not in ends]
    return [end for end in span if end in ends and end > max(silent, default=-1)]


def compare(
    wide: pd.DataFrame, before: int, *, spared: bool, rng: np.random.Generator
) -> tuple[dict, pd.DataFrame]:
    """Compare a state with its peers, and with their mixture."""
    values, ends = wide.to_numpy(float), wide.columns.to_numpy()
    early = ends <= before
    n_peers, n_windows = len(values) - 1, int(early.sum())
    found = {"n_peers": n_peers, "n_windows": n_windows, "compared": "no peer has all windows"}
    if n_peers < 1:
        return found, wide[:0]
    moved = values[1:, -1] - values[1:, n_windows - 1]
    ends_of = zip(("peers_low", "peers_change", "peers_high"), (0.25, 0.5, 0.75), strict=True)
    found |= {name: float(np.quantile(moved, at)) for name, at in ends_of}
    if not spared or n_peers < 2 or n_windows < LEAST_BEFORE:
        short = f"fewer than {LEAST_BEFORE} windows before"
        few = "one peer makes no mixture" if n_peers < 2 else short
        return found | {"compared": few if spared else "no state was spared"}, wide[:0]
    gaps = synthetic.gaps(values, n_windows)
    found["fit"] = float(np.sqrt((gaps[0, early] ** 2).mean()))
    if synthetic.misfit(gaps[0], values[0], n_windows) > POOR_FIT:
        return found | {"compared": "no mixture of the peers followed its path before"}, wide[:0]
    low, high = gaps[1:].min(axis=0), gaps[1:].max(axis=0)
    control = values[0] - gaps[0]
    rank = synthetic.placebo_rank(gaps[:, -1])
    found |= {
        "synthetic": control[-1],
        "gap": gaps[0, -1],
        "placebo_low": low[-1],
        "placebo_high": high[-1],
        "rank": rank,
        "compared": "synthetic control",
        "false_alarms": _false_alarms(values, n_windows, rank, rng),
    }
    path = pd.DataFrame(
        {
            "end": ends,
            "estimate": values[0],
            "synthetic": control,
            "placebo_low": control + low,
            "placebo_high": control + high,
        }
    )
    return found, path


def _false_alarms(
    values: np.ndarray, n_windows: int, rank: float, rng: np.random.Generator
) -> float:
    """How often a verdict by this rank would be wrong; missing where there is none to be had."""
    if rank > RARE:
        return float("nan")
    panels = synthetic.null_panels(values, n_windows, panels=PANELS, rng=rng)
    return synthetic.false_alarms(panels, n_windows, rank=rank, worst_fit=POOR_FIT)


def in_time(measures: pd.DataFrame, year: int, window: int) -> pd.DataFrame:
    """Compare as if the shock had come earlier: no window of these holds its year or a later one.

    Returns
    -------
    DataFrame
        placebo_year, gap and misfit (see `synthetic.misfit`; above `POOR_FIT` the gap says little),
        for each of the last `EARLIER` years that has two peers and `LEAST_BEFORE` windows before.
    """
    rows = []
    for placebo in range(year - 1 - window - EARLIER + 1, year - window):
        before, after = placebo - 1, placebo + window
        if after not in measures or pd.isna(measures[after].iloc[0]):
            continue
        wide = complete(measures, before, after)
        paths, n_windows = wide.to_numpy(float), int((wide.columns <= before).sum())
        if len(paths) < 3 or n_windows < LEAST_BEFORE:
            continue
        gap = synthetic.gap(paths, 0, n_windows)
        rows.append([placebo, gap[-1], synthetic.misfit(gap, paths[0], n_windows)])
    return pd.DataFrame(rows, columns=IN_TIME)
