"""The tables of a report on isolation: what goes with a partner or a bloc, what shocks did."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from ... import numbers, words
from ...measures import alignment, diversity, risk
from ...measures.similarity import rao
from ...portfolios import battery, disparity, losses
from ...portfolios.measure import measure
from ...portfolios.panel import PORTFOLIO
from ...portfolios.shares import shares
from .. import blocs
from ..events import gaps as event_gaps
from ..events import tables as event_study

#: assumptions of portfolio risk, none of them known: a report shows the whole range
DEFAULTS = (0.05, 0.1, 0.25)
CORRELATIONS = (0.0, 0.25, 0.5, 0.75, 1.0)
#: share of the support that is needed
NEEDED = 0.5
#: kinds of distance by which partners are taken to default together
TOGETHER = {"region": "partners of one region", "ideal_point": "partners that vote alike"}
#: shares are rounded to one part in so many, so that many ways to default come to the same
_PARTS = 2000


def partners_lost(portfolios: pd.DataFrame, *, order: float) -> pd.DataFrame:
    """Tell what the loss of each partner does to each portfolio.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios, one for each source and instrument (see `analysis.studies.selections.latest`).
    order : float
        Of the Hill number.

    Returns
    -------
    DataFrame
        A row for each partner: the portfolio's columns, partner, partner_name, share_lost,
        share_low, share_high (where the source leaves it open), effective_before, effective_after
        (Hill numbers), rao_before, rao_after (disparity; missing for a partner without an ideal
        point).
    """
    both = losses.each(portfolios, diversity.hill, order=order).rename(columns={"lost": "partner"})
    apart = losses.each(portfolios, rao, distances=disparity.distances("ideal_point"))
    keys = [*PORTFOLIO, "partner"]
    both = both.merge(
        apart.rename(columns={"lost": "partner"})[[*keys, "before", "after"]],
        on=keys,
        suffixes=("_of_hill", "_of_rao"),
    )
    known = shares(portfolios)[[*keys, "partner_name", "share_low", "share_high"]]
    known = known[known["partner"].notna()].astype({"partner": both["partner"].dtype})
    names = {
        "before_of_hill": "effective_before",
        "after_of_hill": "effective_after",
        "before_of_rao": "rao_before",
        "after_of_rao": "rao_after",
    }
    columns = [*keys, "partner_name", "share_lost", "share_low", "share_high", *names.values()]
    return both.merge(known, on=keys).rename(columns=names)[columns]


def partners_table(lost: pd.DataFrame, *, most: int = 3) -> pd.DataFrame:
    """Lay out `partners_lost` for reading: the largest partners of each portfolio.

    Portfolios of several partners that all have the same weight are left out: none is the first.

    Parameters
    ----------
    lost : DataFrame
        As `partners_lost` gives it.
    most : int
        How many partners of each.
    """
    share = lost.groupby(PORTFOLIO)["share_lost"]
    unequal = share.transform("max") - share.transform("min") > 1e-9
    rows = lost[unequal | (lost["share_lost"] == 1)].groupby(PORTFOLIO, sort=False).head(most)
    table = pd.DataFrame({"without": rows["partner_name"], "of": _named(rows)})
    table["share lost"] = rows["share_lost"]
    for name, column in (("effective partners", "effective"), ("disparity (Rao's Q)", "rao")):
        ends = rows[[f"{column}_before", f"{column}_after"]].to_numpy()
        table[name] = [" → ".join(map(_or_none, pair)) for pair in ends]
    return table.reset_index(drop=True)


def _or_none(value: float) -> str:
    return "none left" if np.isnan(value) else numbers.number(value)


def _named(rows: pd.DataFrame) -> list[str]:
    return [
        f"{words.instrument_name(row.instrument)}, {words.years(row.start, row.end)}"
        for row in rows.itertuples()
    ]


def blocs_lost(portfolios: pd.DataFrame, *, order: float) -> pd.DataFrame:
    """Tell what the loss of each bloc does to each portfolio, by every rule of `blocs.RULES`.

    Parameters
    ----------
    portfolios, order
        As for `partners_lost`.

    Returns
    -------
    DataFrame
        The portfolio's columns, rule, bloc, n_lost, share_lost, before, after (Hill numbers).
    """
    parts = [
        losses.each(portfolios, diversity.hill, blocs=rule, order=order).assign(rule=name)
        for name, rule in blocs.RULES.items()
    ]
    table = pd.concat(parts, ignore_index=True).rename(columns={"lost": "bloc"})
    return table[[*PORTFOLIO, "rule", "bloc", "n_lost", "share_lost", "before", "after"]]


def vulnerability(country: str, portfolios: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Measure how far partners are from the state by their votes, and whether all are as far.

    Parameters
    ----------
    country : str
        ISO3.
    portfolios : DataFrame
        Portfolios in many windows.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `property`: "vulnerability" and
        "connectedness".
    """
    asked: dict[str, Any] = {
        "distances": disparity.ideal_points_from(country),
        "limits": (0.0, np.inf),
        "draws": draws,
        "seed": seed,
    }
    mean = measure(portfolios, alignment.position, label="mean distance of ideal points", **asked)
    deviation = measure(portfolios, _deviation, label="their standard deviation", **asked)
    return battery.stacked({"vulnerability": mean, "connectedness": deviation})


def _deviation(weights: np.ndarray, *, points: np.ndarray) -> np.ndarray:
    return np.sqrt(alignment.spread(weights, points))


def risks(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Count partners that default independently of each other, over the range of assumptions.

    Parameters
    ----------
    portfolios : DataFrame
        As for `partners_lost`.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, for each of `TOGETHER` (column together) and each of
        `CORRELATIONS` (column correlation).
    """
    parts = [
        measure(
            portfolios,
            risk.independent_partners,
            distances=disparity.distances(kind),
            correlation=correlation,
            label="partners that default independently",
        ).assign(together=name, correlation=correlation)
        for kind, name in TOGETHER.items()
        for correlation in CORRELATIONS
    ]
    return pd.concat(parts, ignore_index=True)


def shortfalls(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Tell how likely less than half of the support is delivered: the best case and the worst.

    Parameters
    ----------
    portfolios : DataFrame
        As for `partners_lost`.

    Returns
    -------
    DataFrame
        A row for each portfolio and each chance of default in `DEFAULTS`: the portfolio's columns,
        default, alone and together: chances that less than `NEEDED` is delivered if each partner
        defaults by itself, and if each region does as one. Shares are rounded to half a thousandth.
    """
    table = shares(portfolios)
    rows = []
    for key, own in table[table["partner"].notna()].groupby(PORTFOLIO, sort=False):
        regions = blocs.by_region(*key[3:])
        members = {code: name for name, group in regions.items() for code in group}
        parts = (own["share"] * _PARTS).round().clip(lower=1.0)
        together = parts.groupby(own["partner"].map(members)).sum()
        for default in DEFAULTS:
            ask = partial(risk.shortfall, default=default, needed=NEEDED)
            rows.append([*key, default, float(ask(parts)), float(ask(together))])
    return pd.DataFrame(rows, columns=[*PORTFOLIO, "default", "alone", "together"])


def shortfalls_table(risked: pd.DataFrame) -> pd.DataFrame:
    """Lay out `shortfalls` for reading: chances by chance of default.

    Parameters
    ----------
    risked : DataFrame
        As `shortfalls` gives it.
    """
    if risked.empty:
        return pd.DataFrame()
    named = risked.assign(portfolio=_named(risked))
    cells = [
        f"{numbers.percent(row.alone)} to {numbers.percent(row.together)}"
        for row in named.itertuples()
    ]
    heads = [f"default {numbers.percent(value)}" for value in named["default"]]
    wide = named.assign(cell=cells, head=heads).pivot(
        index="portfolio", columns="head", values="cell"
    )
    order = [list(dict.fromkeys(names)) for names in (named["portfolio"], heads)]
    return wide.reindex(index=order[0], columns=order[1]).rename_axis(columns=None)


def shocks_table(study: event_study.Study) -> pd.DataFrame:
    """Lay out the changes of event studies for reading: what is not covered says so.

    Parameters
    ----------
    study : Study
        As `analysis.studies.events.tables.study` gives it.
    """
    rows = study.changes
    if rows.empty:
        return pd.DataFrame()
    silent = rows["status"] != "measured"
    # one row says for all measures that a source is silent
    rows = rows[~silent | ~rows.duplicated(["shock", "source", "instrument"])]
    return pd.DataFrame([_cells(row) for row in rows.itertuples()])


def _cells(row: Any) -> dict[str, str]:
    """Write one change; what there is none of is a dash."""
    known = row.status == "measured"
    before, after = words.years(row.start_before, row.end_before), words.years(row.start, row.end)
    cells = {
        "shock": f"{row.year}",
        "of": words.sourced_name(row),
        "windows": f"{before}, {after}",
        "measure": row.measure if known else words.absence([row.status]).name,
        "before → after": " → ".join(map(numbers.number, (row.before, row.after))),
    }
    for head, ends in {
        "change": ("change", "low", "high"),
        "peers' change": ("peers_change", "peers_low", "peers_high"),
        "beyond the synthetic control": ("gap", "placebo_low", "placebo_high"),
    }.items():
        cells[head] = numbers.estimate(*(getattr(row, end) for end in ends)) if known else "–"
    ranked = not np.isnan(row.rank)
    cells["as large in"] = (
        f"{numbers.percent(row.rank)} of {row.n_peers + 1:.0f}" if ranked else "–"
    )
    alarms = f"{numbers.percent(row.false_alarms)} / {numbers.percent(row.corrected)}"
    cells["false alarms"] = "–" if np.isnan(row.false_alarms) else alarms
    cells["verdict"] = row.verdict if ranked else "–"
    return cells


def earlier_years_table(study: event_study.Study) -> pd.DataFrame:
    """Lay out in-time placebos for reading: what the same comparison gives for earlier years.

    Parameters
    ----------
    study : Study
        As `analysis.studies.events.tables.study` gives it.
    """
    keys = ["shock", "year", "source", "instrument"]
    placebos = dict(list(study.in_time.groupby(keys)))
    shown = study.paths[keys].drop_duplicates().merge(study.headline[[*keys, "gap"]])
    return pd.DataFrame(
        [
            {
                "shock": f"{row.year}",
                "of": words.sourced_name(row),
                "beyond the synthetic control": numbers.number(row.gap),
                **_earlier(row.gap, placebos.get(tuple(row)[1:5])),
            }
            for row in shown.itertuples()
        ]
    )


def _earlier(gap: float, placebos: pd.DataFrame | None) -> dict[str, str]:
    if placebos is None:
        return {"as if it had come in": "too few windows or peers before", "as large in": "–"}
    fits = placebos["misfit"] <= event_gaps.POOR_FIT
    texts = [
        f"{row.placebo_year}: {numbers.number(row.gap) if fit else f'({numbers.number(row.gap)})'}"
        for row, fit in zip(placebos.itertuples(), fits, strict=True)
    ]
    larger = (placebos.loc[fits, "gap"].abs() >= abs(gap)).sum()
    return {
        "as if it had come in": "; ".join(texts),
        "as large in": f"{larger} of {fits.sum()}" if fits.any() else "–",
    }
