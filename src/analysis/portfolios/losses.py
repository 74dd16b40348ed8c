"""What the loss of a partner, or of a bloc of them, does to a portfolio."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from .. import _arguments
from ..measures._specs import Measure
from ..sources import countries
from . import calls
from .layout import measure_rows
from .panel import PORTFOLIO, in_order
from .shares import names_then, shares

LOSS = [
    *PORTFOLIO, "partner", "partner_name", "share_lost", "measure", "measure_id", "before", "after",
    "before_low", "before_high", "after_low", "after_high", "status",
]  # fmt: skip
EACH = [*PORTFOLIO, "lost", "n_lost", "share_lost", "before", "after"]


def without(portfolios: pd.DataFrame, *partners: str) -> pd.DataFrame:
    """Take partners out of portfolios.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` returns it.
    *partners : str
        ISO3 codes, or names. Of a state that goes on under another code, either will do where it is
        one partner.

    Returns
    -------
    DataFrame
        Of the same form; a portfolio that has lost all its partners stays as one `empty` row.
    """
    on_record, heirs = set(_arguments.portfolios(portfolios)["partner"]), countries.continuing()
    named = _arguments.names(partners, "partners, one after the other")
    called = [countries.lookup(name) if len(name) > 3 else name for name in named]
    codes = [code if code in on_record else heirs.get(code, code) for code in called]
    gone = portfolios["partner"].isin(codes)
    left = portfolios[~gone]
    emptied = portfolios[gone].drop_duplicates(PORTFOLIO).set_index(PORTFOLIO)
    emptied = emptied[~emptied.index.isin(left.set_index(PORTFOLIO).index)].reset_index()
    emptied[["event_id", "partner"]] = None
    emptied[["weight", "weight_low", "weight_high"]] = np.nan
    emptied["status"] = "empty"
    both = pd.concat([part for part in (left, emptied) if len(part)] or [left])
    return in_order(both)[portfolios.columns]


def loss(
    portfolios: pd.DataFrame,
    measures: Mapping[str, Callable[[pd.DataFrame], pd.DataFrame]],
    *,
    rank: int = 1,
) -> pd.DataFrame:
    """Measure portfolios before and after the loss of their largest partner.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` returns it.
    measures : mapping of str to callable
        Name of the measure -> function from portfolios to a table as `measure` returns it.
    rank : int
        Which partner goes: 1 is the one with the largest share (ties by alphabet).

    Returns
    -------
    DataFrame
        One row for each portfolio and measure: the portfolio's columns, partner, partner_name,
        share_lost, measure, measure_id, before, after, the ends of their intervals (before_low and
        so on), status. `after` is missing where nobody is left.

    References
    ----------
    Albert, R., Jeong, H. & Barabási, A.-L. (2000). Error and attack tolerance of complex networks.
    Nature 406, 378-382 (removal of the largest first).
    """
    first = shares(portfolios)
    first = first[first["partner"].notna()].groupby(PORTFOLIO).nth(rank - 1)
    lost = first.set_index(PORTFOLIO)[["partner", "share"]]
    tags = portfolios[PORTFOLIO].apply(tuple, axis=1)
    gone = pd.Series(tags.map(lost["partner"].to_dict()), index=portfolios.index)
    reduced = pd.concat(
        [without(part, partner) for partner, part in portfolios.groupby(gone, sort=True)]
        or [portfolios.iloc[:0]]
    )
    tables = []
    for name, function in measures.items():
        before = function(portfolios).set_index(PORTFOLIO)
        after = function(reduced).set_index(PORTFOLIO) if len(reduced) else before.iloc[:0]
        table = before[["measure_id", "status"]]
        for when, found in (("before", before), ("after", after.reindex(before.index))):
            ends = {f"{when}_{end}": found[end] for end in ("low", "high")}
            table = table.assign(**{when: found["estimate"]}, **ends)
        tables.append(table.assign(measure=name).join(lost))
    out = pd.concat(tables).reset_index().rename(columns={"share": "share_lost"})
    out["partner_name"] = names_then(out["partner"], out["end"])
    return out[LOSS]


def removal(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Worst-k removal curve: the share of the portfolio left when its largest partners go in turn.

    Returns
    -------
    DataFrame
        One row for each portfolio and k from 0 to its number of partners: the portfolio's columns,
        removed (k), partner and partner_name (the k-th to go), share_left (0 to 1).
    """
    table = shares(portfolios)
    table = table[table["partner"].notna()]
    table["removed"] = table.groupby(PORTFOLIO).cumcount() + 1
    left = 1 - table.groupby(PORTFOLIO)["share"].cumsum()
    table["share_left"] = left.clip(lower=0.0)
    start = table.drop_duplicates(PORTFOLIO).assign(removed=0, share_left=1.0)
    start[["partner", "partner_name"]] = None
    both = pd.concat([start, table]).sort_values([*PORTFOLIO, "removed"], ignore_index=True)
    return both[[*PORTFOLIO, "removed", "partner", "partner_name", "share_left"]]


def each(
    portfolios: pd.DataFrame,
    function: Callable[..., np.ndarray],
    *,
    distances: calls.Distances | None = None,
    blocs: Callable[[int, int], Mapping[str, frozenset[str]]] | None = None,
    **options: object,
) -> pd.DataFrame:
    """Measure portfolios without each of their partners in turn, or without each bloc of them.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` returns it.
    function, distances
        As for `analysis.measure`. With distances, partners that have none are in neither value;
        `share_lost` is of all.
    blocs : callable, optional
        (first year, last year) -> name of a bloc -> codes of its members, such as
        `analysis.studies.blocs.by_region`; blocs without a partner are left out. Default: each
        partner.
    **options
        Passed on to `function`.

    Returns
    -------
    DataFrame
        One row for each measured portfolio and each that goes, the largest first: the portfolio's
        columns, lost (code, or name of the bloc), n_lost, share_lost, before, after (missing if
        nobody is left).

    References
    ----------
    As for `loss`.
    """
    called = calls.of_shares(function, options)
    table = shares(portfolios)
    rows = []
    groups_of = table[table["partner"].notna()].groupby(PORTFOLIO, sort=False)
    for number, (key, own) in enumerate(groups_of):
        codes, weights = own["partner"].to_numpy(), own["share"].to_numpy(float)
        groups = {code: {code} for code in codes} if blocs is None else blocs(*key[3:])
        members = {name: np.isin(codes, sorted(group)) for name, group in groups.items()}
        members = {name: inside for name, inside in members.items() if inside.any()}
        if not members:
            continue
        left = np.vstack([weights, *(np.where(gone, 0.0, weights) for gone in members.values())])
        before, *after = _measured(left, codes, called, distances=distances, years=key[3:])
        rows += [
            [*key, name, int(gone.sum()), float(weights[gone].sum()), before, value, number]
            for (name, gone), value in zip(members.items(), after, strict=True)
        ]
    out = pd.DataFrame(rows, columns=[*EACH, "number"]).sort_values(
        ["number", "share_lost", "lost"], ascending=[True, False, True], ignore_index=True
    )
    return out[EACH]


def _measured(
    left: np.ndarray,
    codes: np.ndarray,
    measure: Measure,
    *,
    distances: calls.Distances | None,
    years: tuple[int, int],
) -> np.ndarray:
    """Measure rows of weights; missing where nobody is left."""
    if distances is not None:
        known = np.isin(codes, calls.table_of(distances, years).index)
        left, codes = left[:, known], codes[known]
    function = calls.of_partners(measure, codes.tolist(), distances=distances, years=years)
    out = np.full(len(left), np.nan)
    some = left.sum(axis=1) > 0
    if some.any():
        out[some] = measure_rows(function, left[some])
    return out
