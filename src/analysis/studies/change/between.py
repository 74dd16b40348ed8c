"""Portfolios side by side: what instruments or windows have in common, and who came and went.

Tables in, tables out: the measures themselves, for arrays, are in `partition` and `turnover`.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ... import words
from ...measures import partition, turnover
from ...measures._arrays import checked_orders
from ...portfolios.calls import Distances, table_of
from ...portfolios.panel import PORTFOLIO

#: what identifies a series of windows
SERIES = ["country", "source", "instrument"]
_FOUND = [
    "order", "alpha", "beta", "gamma", "status", "n_parts", "parts", "n_partners",
    "weight_without_distance",
]  # fmt: skip
INSTRUMENTS = ["country", "start", "end", *_FOUND]
WINDOWS = [*SERIES, "start", "end", *_FOUND]
TURNOVER = [
    *PORTFOLIO, "before", "status", "n_before", "n_after", "n_stayed", "entry", "leaving",
    "survival", "jaccard", "bray_curtis", "bray_curtis_of_shares",
]  # fmt: skip


def instruments(
    portfolios: pd.DataFrame,
    *,
    order: float | Sequence[float] = 1.0,
    distances: Distances | None = None,
    emphasis: str = "equal",
) -> pd.DataFrame:
    """Diversity within and between instruments, for each state and last year of a window.

    Parameters
    ----------
    portfolios : DataFrame
        As `portfolio` returns it. Two sources of one instrument are two parts: choose one.
    order : float or sequence of float
        Any q from 0 to infinity; a row for each.
    distances : DataFrame or callable, optional
        As for `analysis.measure`; similarity is 1 less the distance.
    emphasis : str
        How much each instrument counts: `equal`, or `size` if all are in one unit.

    Returns
    -------
    DataFrame
        With columns `INSTRUMENTS`: `alpha` partners within a typical instrument, `gamma` in all
        together, `beta` instruments with no partner in common. `parts` names the instruments that
        have ties, which are those compared; `status` is that of the state's portfolios, the most
        telling one if none has ties. `weight_without_distance` is a mean of these parts.

    Raises
    ------
    ParameterError
        For orders, an emphasis or distances that cannot be.
    """
    return _compared(
        portfolios,
        ["country", "end"],
        ["source", "instrument"],
        INSTRUMENTS,
        order=order,
        distances=distances,
        emphasis=emphasis,
    )


def windows(
    portfolios: pd.DataFrame,
    *,
    order: float | Sequence[float] = 1.0,
    distances: Distances | None = None,
    emphasis: str = "equal",
) -> pd.DataFrame:
    """Diversity within and between windows of years, for each state, source and instrument.

    Of windows that overlap the last that the source covers is taken, the last before that, and so
    on.

    Parameters
    ----------
    portfolios, order, distances, emphasis
        As for `instruments`. Distances are those of the years from the first to the last window.

    Returns
    -------
    DataFrame
        With columns `WINDOWS`, as those of `instruments`: `beta` is the number of windows with no
        partner in common, 1 if partners and shares never change.

    Raises
    ------
    ParameterError
        As for `instruments`.
    """
    covered = portfolios["end"].where(portfolios["status"] != "not_covered")
    last = (
        covered.groupby([portfolios[name] for name in SERIES])
        .transform("max")
        .fillna(portfolios["end"])
    )
    apart = portfolios[
        (portfolios["end"] <= last) & ((last - portfolios["end"]) % portfolios["window"] == 0)
    ]
    return _compared(
        apart,
        SERIES,
        ["start", "end"],
        WINDOWS,
        order=order,
        distances=distances,
        emphasis=emphasis,
    )


def turnovers(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Say who came and went between each window and the one just before it.

    Parameters
    ----------
    portfolios : DataFrame
        As `portfolio` returns it.

    Returns
    -------
    DataFrame
        With columns `TURNOVER`: a row for each window that has an earlier one in the table which
        ends where it begins (`before`: the last year of that), with the numbers of partners and the
        measures of `analysis.measures.turnover`. `status` is "measured" if both are; else it is
        that of the window, or, if the window has ties, that of the one before, and all measures
        are missing.
    """
    every = portfolios.groupby(PORTFOLIO, sort=False).agg(
        status=("status", "first"), window=("window", "first")
    )
    weights = _weights(portfolios)
    rows = []
    for (*series, start, end), status, window in every.itertuples():
        earlier = (*series, start - window, end - window)
        if earlier not in every.index:
            continue
        old = every["status"].loc[earlier]
        row = {**dict(zip(PORTFOLIO, (*series, start, end), strict=True)), "before": end - window}
        row["status"] = status if status != "measured" else old
        if row["status"] == "measured":
            row |= _turnover(weights[earlier], weights[(*series, start, end)])
        rows.append(row)
    return pd.DataFrame(rows, columns=TURNOVER)


def _turnover(before: pd.Series, after: pd.Series) -> dict[str, float]:
    pair = pd.concat([before, after], axis=1, sort=True).fillna(0.0).to_numpy().T
    there = pair > 0
    return {
        "n_before": there[0].sum(),
        "n_after": there[1].sum(),
        "n_stayed": there.all(axis=0).sum(),
        "entry": float(turnover.entry(*pair)),
        "leaving": float(turnover.leaving(*pair)),
        "survival": float(turnover.survival(*pair)),
        "jaccard": float(turnover.jaccard(*pair)),
        "bray_curtis": float(turnover.bray_curtis(*pair)),
        "bray_curtis_of_shares": float(turnover.bray_curtis(*pair, relative=True)),
    }


def _weights(portfolios: pd.DataFrame) -> dict[tuple, pd.Series]:
    """Weight of each partner in each portfolio that has ties."""
    there = portfolios[portfolios["status"] == "measured"]
    sums = there.groupby([*PORTFOLIO, "partner"])["weight"].sum()
    return {
        key: own.droplevel(PORTFOLIO)
        for key, own in sums.groupby(level=list(range(len(PORTFOLIO))), sort=False)
    }


def _compared(
    portfolios: pd.DataFrame,
    keys: list[str],
    part: list[str],
    columns: list[str],
    *,
    order: float | Sequence[float],
    distances: Distances | None,
    emphasis: str,
) -> pd.DataFrame:
    """Partition each group of portfolios; a row for each group and order."""
    orders = checked_orders(order)
    parts = []
    for key, group in portfolios.groupby(keys, sort=False):
        years = int(group["start"].min()), int(group["end"].max())
        of_all = {**dict(zip(keys, key, strict=True)), "start": years[0], "end": years[1]}
        parts.append(_partitioned(group, part, years, orders, distances, emphasis).assign(**of_all))
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def _partitioned(
    group: pd.DataFrame,
    part: list[str],
    years: tuple[int, int],
    orders: np.ndarray,
    distances: Distances | None,
    emphasis: str,
) -> pd.DataFrame:
    there = group[group["status"] == "measured"]
    wide = there.pivot_table(
        index=part, columns="partner", values="weight", aggfunc="sum", fill_value=0.0
    )
    similarity, lost = None, 0.0
    if distances is not None and len(wide):
        table = table_of(distances, years)
        known = wide.columns.isin(table.index)
        lost = (1 - wide.loc[:, known].sum(axis=1) / wide.sum(axis=1)).mean()
        wide = wide.loc[:, known]
        similarity = 1 - table.loc[wide.columns, wide.columns].to_numpy()
    statuses = set(group["status"])
    why = next(one for one in words.ABSENCES if one in statuses)
    found = pd.DataFrame(
        {
            "order": orders,
            "alpha": np.nan,
            "beta": np.nan,
            "gamma": np.nan,
            "status": "measured" if len(there) else why,
            "n_parts": len(wide),
            "parts": "; ".join(_named(key) for key in wide.index),
            "n_partners": wide.shape[1],
            "weight_without_distance": lost,
        }
    )
    if wide.size:
        options = {"emphasis": emphasis, "similarity": similarity}
        for name in ("alpha", "beta", "gamma"):
            found[name] = getattr(partition, name)(wide.to_numpy(), orders, **options)
    return found


def _named(key: tuple) -> str:
    """Name a part: source and instrument, or first and last year."""
    return "–".join(map(str, key)) if isinstance(key[0], int) else " ".join(key)
