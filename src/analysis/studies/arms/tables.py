"""The tables of a report on arms imports: who supplies, how concentrated, what has changed.

Two sources of one producer stand side by side and are never mixed: annual totals, which are exact,
and a register of deals, whose deliveries are spread over years and known within bounds only.
"""

from typing import Any

import pandas as pd

from ... import words
from ...measures import diversity, turnover
from ...portfolios import battery, specification
from ...portfolios.measure import measure
from ...portfolios.panel import PORTFOLIO
from ...portfolios.shares import shares
from ...sources import catalog
from .. import selections

#: how far back the concentration of today is compared with
YEARS_AGO = 10


def windows(
    country: str, *, start: int, end: int, window: int, continuing: str = "one"
) -> pd.DataFrame:
    """Portfolios of arms imports by each source, those only in which a supplier is on record.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end, window, continuing
        See `analysis.studies.selections.portfolios`.
    """
    portfolios = selections.portfolios(
        country, start=start, end=end, window=window, continuing=continuing, instruments=("arms",)
    )
    return selections.drop_silent_instruments(portfolios)


def latest(portfolios: pd.DataFrame, *, order: float, draws: int, seed: int) -> pd.DataFrame:
    """Measure the last window of each source: effective suppliers and the index of concentration.

    A column `order` says of which order the effective suppliers are.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.
    order : float
        Of the Hill number.
    draws, seed : int
        Of the bootstrap.
    """
    last = selections.latest(portfolios)
    asked: dict[str, Any] = {"draws": draws, "seed": seed}
    return pd.concat(
        [
            battery.effective(last, order=order, **asked).assign(order=order),
            measure(last, diversity.hhi, label=_HHI, **asked),
        ],
        ignore_index=True,
    )


_HHI = "Herfindahl–Hirschman index"


def concentration(portfolios: pd.DataFrame, *, order: float, draws: int, seed: int) -> pd.DataFrame:
    """Measure every window by each source: concentration, dependence on the first, diversity.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.
    order : float
        Of the Hill number.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `property`.
    """
    every = battery.measures(draws=draws, seed=seed)
    first = every["concentration_ratio_1"](portfolios)
    return battery.stacked(
        {
            "concentration": every["hhi"](portfolios),
            "dependence": first.assign(measure="share of the first supplier"),
            "diversity": battery.effective(portfolios, order=order, draws=draws, seed=seed),
        }
    )


def both_sources(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Shares of suppliers by each source, in the last window that both cover, with a column `way`.

    Empty where one source only knows of the country.
    """
    measured = portfolios[portfolios["status"] == "measured"]
    sources = measured.groupby("end")["source"].nunique()
    both = sources.index[sources > 1]
    rows = measured[measured["end"] == (both.max() if len(both) else None)]
    table = shares(rows)
    return table.assign(way=table["source"].map(words.source_title))


def joined_and_left(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Say which suppliers came and went between windows that lie side by side.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios in rolling windows; of the exact source where there is one.

    Returns
    -------
    DataFrame
        A row a window, from the second: start, end, source, n_suppliers, entered, gone (names, the
        largest share first), n_entered, n_gone, jaccard (part of all suppliers of both windows that
        are not in both), bray_curtis (part of the deliveries, as shares, that changed hands).
    """
    table = shares(_side_by_side(selections.best_arms_source(portfolios)))
    known = table[table["partner"].notna()]
    wide = known.pivot_table(index="end", columns="partner", values="share", fill_value=0.0)
    names = known.drop_duplicates("partner", keep="last").set_index("partner")["partner_name"]
    rows = [
        _between(wide.loc[before], wide.loc[after], names)
        for before, after in zip(wide.index[:-1], wide.index[1:], strict=True)
    ]
    heads = known.drop_duplicates(PORTFOLIO).sort_values("end")[["start", "end", "source"]].iloc[1:]
    return pd.concat([heads.reset_index(drop=True), pd.DataFrame(rows, columns=_COMINGS)], axis=1)


_COMINGS = ["n_suppliers", "entered", "gone", "n_entered", "n_gone", "jaccard", "bray_curtis"]


def _side_by_side(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep every n-th window, so that none shares a year with another; the last one is kept."""
    measured = portfolios[portfolios["status"] == "measured"]
    back = measured["end"].max() - measured["end"]
    return measured[back % measured["window"] == 0]


def _between(before: pd.Series, after: pd.Series, names: pd.Series) -> dict:
    new = after[(after > 0) & (before == 0)].sort_values(ascending=False, kind="stable")
    gone = before[(before > 0) & (after == 0)].sort_values(ascending=False, kind="stable")
    return {
        "n_suppliers": int((after > 0).sum()),
        "entered": ", ".join(names[new.index]),
        "gone": ", ".join(names[gone.index]),
        "n_entered": len(new),
        "n_gone": len(gone),
        "jaccard": float(turnover.jaccard(before, after)),
        "bray_curtis": float(turnover.bray_curtis(before, after, relative=True)),
    }


def joined_and_left_table(changes: pd.DataFrame) -> pd.DataFrame:
    """Lay out `joined_and_left` for reading, the latest window first."""
    rows = changes.iloc[::-1]
    table = pd.DataFrame({"window": list(map(words.years, rows["start"], rows["end"]))})
    for column, head in (
        ("n_suppliers", "suppliers"),
        ("entered", "entered"),
        ("gone", "gone"),
        ("bray_curtis", "share that changed hands"),
    ):
        table[head] = rows[column].to_numpy()
    return table.replace("", "–")


def more_concentrated(
    country: str, portfolios: pd.DataFrame, *, years: int = YEARS_AGO
) -> pd.DataFrame:
    """Compare the last window with the one some years before, by all defensible choices.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    portfolios : DataFrame
        Portfolios: each source is compared from its own last window.
    years : int
        How far back.

    Returns
    -------
    DataFrame
        As `analysis.portfolios.specification.curve` gives it, but `agrees` says whether diversity
        fell.
    """
    ends = portfolios[portfolios["status"] == "measured"].groupby("source", sort=False)["end"].max()
    parts = [
        specification.curve(
            country, "arms", before=int(end) - years, after=int(end), sources=[source]
        ).assign(before=int(end) - years, after=int(end))
        for source, end in ends.items()
        if end - years >= catalog.get(source).years[0]
    ]
    if not parts:
        return pd.DataFrame(columns=[*_CURVE, "before", "after"])
    table = pd.concat(parts, ignore_index=True).sort_values("estimate", ignore_index=True)
    fell = (table["estimate"] < -1e-12).astype(object)
    return table.assign(agrees=fell.where(table["agrees"].notna(), None))


_CURVE = [
    "source", "measure", "window", "weighting", "continuing", "estimate", "low", "high", "agrees",
]  # fmt: skip
