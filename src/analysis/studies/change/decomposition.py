"""Why a measure changed between two portfolios: who came, who went, who grew, who moved apart.

Four things can change: partners enter, partners go, those who stay are weighed differently against
each other, and the distances between partners change. Each gets its Shapley value: what it adds to
the measure, on average over all orders in which the four could have happened. Within each of the
first three, each partner gets its own in the same way (its Owen value). All of them add up to the
whole change.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain, combinations, permutations
from math import factorial

import numpy as np
import pandas as pd

from ...measures._arrays import checked_weights
from ...portfolios import calls
from ...portfolios.calls import Distances
from ...portfolios.differences import matched
from ...portfolios.layout import measure_rows
from ...portfolios.shares import shares
from ...sources import countries

ENTERED, GONE, REBALANCED, DISPARITY = "entered", "gone", "rebalanced", "disparity"
#: partners of one kind that are looked at one by one; minor ones beyond are taken together
MOST = 10
EXPLAINED = [
    "source", "instrument", "country", "start", "end", "start_before", "end_before", "factor",
    "partner", "partner_name", "bloc", "share_before", "share", "contribution",
]  # fmt: skip

Function = Callable[..., np.ndarray]


@dataclass(frozen=True)
class Contributions:
    """What each partner, and the change of distances, adds to the change of a measure.

    Attributes
    ----------
    factors : ndarray of str of shape (n_partners,)
        Whether the partner entered, is gone or stayed ("rebalanced"); "" if in neither portfolio.
    by_partner : ndarray of shape (n_partners,)
        What it adds.
    disparity : float
        What the change of distances adds.
    """

    factors: np.ndarray
    by_partner: np.ndarray
    disparity: float


def contributions(
    before: np.ndarray,
    after: np.ndarray,
    function: Function,
    *,
    distances: tuple[np.ndarray, np.ndarray] | None = None,
) -> Contributions:
    """Split the difference of a measure between two portfolios.

    While some of the four have happened and others have not, weights are taken relative to all
    partners who stay: these have their shares among themselves of before or of after; those who go
    and those who enter keep their ratio to them. So a newcomer who leaves the ratios of the others
    as they are has made all of the change. Where nobody stays, newcomers enter before others go.

    Parameters
    ----------
    before, after : ndarray of shape (n_partners,)
        Weights of the same partners; 0 for those absent.
    function : callable
        A measure: weights of shape (n, n_partners) to values of shape (n,); with `distances` it is
        handed these too.
    distances : (ndarray, ndarray) of shape (n_partners, n_partners), optional
        Of before and of after.

    Returns
    -------
    Contributions
        Adding up to function(after) - function(before). Of more than `MOST` partners of one kind,
        those whose shares change least are taken together, and what they add is divided in
        proportion to that change.

    References
    ----------
    Shapley, L. S. (1953). A value for n-person games. Contributions to the Theory of Games 2,
    307-317.
    Owen, G. (1977). Values of games with a priori unions. Mathematical Economics and Game Theory,
    76-88.
    Shorrocks, A. F. (2013). Decomposition procedures for distributional analysis: a unified
    framework based on the Shapley value. Journal of Economic Inequality 11, 99-126.
    """
    game = _Game.of(
        checked_weights(before, "before"), checked_weights(after, "after"), function, distances
    )
    by_partner = np.zeros(len(game.before))
    for factor in (ENTERED, GONE, REBALANCED):
        for players, value in game.owen(factor):
            change = np.abs(game.after - game.before)[players]
            by_partner[players] += value * change / change.sum()
    apart = sum(value for _, value in game.owen(DISPARITY))
    return Contributions(game.kinds, by_partner, float(apart))


@dataclass(frozen=True)
class _Game:
    """Weights of both portfolios relative to those who stay, and the measure of any mixture."""

    before: np.ndarray
    after: np.ndarray
    kinds: np.ndarray
    function: Function
    distances: tuple[np.ndarray, np.ndarray] | None

    @classmethod
    def of(
        cls,
        before: np.ndarray,
        after: np.ndarray,
        function: Function,
        distances: tuple[np.ndarray, np.ndarray] | None,
    ) -> "_Game":
        was, is_now = before > 0, after > 0
        stayed = was & is_now
        kinds = np.select([stayed, is_now, was], [REBALANCED, ENTERED, GONE], "")
        base = stayed if stayed.any() else was | is_now
        return cls(
            before / before[base].sum(), after / after[base].sum(), kinds, function, distances
        )

    def players(self, factor: str) -> list[np.ndarray]:
        """Who acts alone: partners, those that change least taken together."""
        if factor == DISPARITY:
            return [] if self.distances is None else [np.array([], dtype=int)]
        change = np.abs(self.after - self.before) * (self.kinds == factor)
        places = np.flatnonzero(change)
        places = places[np.argsort(-change[places], kind="stable")]
        if len(places) <= MOST:
            return [places[[k]] for k in range(len(places))]
        return [*(places[[k]] for k in range(MOST - 1)), places[MOST - 1 :]]

    def factors(self) -> list[str]:
        return [f for f in (ENTERED, GONE, REBALANCED, DISPARITY) if self.players(f)]

    def contexts(self, factor: str) -> dict[frozenset[str], float]:
        """Find what has happened before it is a factor's turn, and in what part of all orders."""
        orders = list(permutations(self.factors()))
        if not (self.kinds == REBALANCED).any() and {ENTERED, GONE} <= set(self.factors()):
            # else there would be no portfolio in between
            orders = [o for o in orders if o.index(ENTERED) < o.index(GONE)]
        found: dict[frozenset[str], float] = {}
        for order in orders:
            happened = frozenset(order[: order.index(factor)])
            found[happened] = found.get(happened, 0.0) + 1 / len(orders)
        return found

    def owen(self, factor: str) -> list[tuple[np.ndarray, float]]:
        """Give the value of each player of a factor."""
        players = self.players(factor)
        if not players:
            return []
        some = _subsets(len(players))
        values = np.zeros(len(players))
        for happened, chance in self.contexts(factor).items():
            worth = dict(zip(some, self._worth(happened, factor, players, some), strict=True))
            values += chance * np.array(
                [_shapley(worth, k, len(players)) for k in range(len(players))]
            )
        return list(zip(players, values.tolist(), strict=True))

    def _worth(
        self,
        happened: frozenset[str],
        factor: str,
        players: list[np.ndarray],
        some: list[frozenset],
    ) -> np.ndarray:
        """Measure the portfolios in which a factor has happened to some of its players."""
        done = np.isin(self.kinds, list(happened))
        changed = np.tile(done, (len(some), 1))
        for row, members in enumerate(some):
            for k in members:
                changed[row, players[k]] = True
        weights = np.where(changed, self.after, self.before)
        if self.distances is None:
            return measure_rows(self.function, weights)
        now = [DISPARITY in happened or (factor == DISPARITY and bool(members)) for members in some]
        out = np.empty(len(some))
        for late, table in enumerate(self.distances):
            rows = np.array(now) == bool(late)
            if rows.any():
                out[rows] = measure_rows(partial(self.function, distances=table), weights[rows])
        return out


def _subsets(number: int) -> list[frozenset[int]]:
    every = chain.from_iterable(combinations(range(number), size) for size in range(number + 1))
    return [frozenset(members) for members in every]


def _shapley(worth: Mapping[frozenset[int], float], player: int, number: int) -> float:
    total = 0.0
    for members, value in worth.items():
        if player not in members:
            size = len(members)
            chance = factorial(size) * factorial(number - size - 1) / factorial(number)
            total += chance * (worth[members | {player}] - value)
    return total


def explain(
    portfolios: pd.DataFrame,
    before: pd.DataFrame,
    function: Function,
    *,
    distances: Distances | None = None,
    blocs: Mapping[str, str] | None = None,
    **options: object,
) -> pd.DataFrame:
    """Say which partners make the difference between two portfolios, and which blocs.

    Parameters
    ----------
    portfolios, before, function, distances
        As for `analysis.difference`. While some things have changed and others have not, partners
        of different windows meet: of two without a distance in one window that of the other is
        taken, and of two without any the mean of all. Partners without a distance in their own
        window are left out.
    blocs : mapping of str to str, optional
        ISO3 -> bloc; default: the region of the world.
    **options
        Passed on to `function`.

    Returns
    -------
    DataFrame
        With columns `EXPLAINED`: for each source and instrument that both have measured, a row for
        each partner in either, and with distances one of factor "disparity" for their change.
        `contribution` adds up, over these rows, to the difference of the measure: by `factor` or
        `bloc` it says what each of them made.

    Raises
    ------
    ParameterError
        As for `analysis.difference`.
    """
    asked = calls.of_shares(function, options)

    def of_weights(weights: np.ndarray, *, distances: np.ndarray | None = None) -> np.ndarray:
        return calls.with_distances(asked, distances)(weights)

    tables = []
    for source, instrument in matched(portfolios, before):
        early, late = (
            part[
                (part["source"] == source)
                & (part["instrument"] == instrument)
                & (part["status"] == "measured")
            ]
            for part in (before, portfolios)
        )
        if len(early) and len(late):
            tables.append(_explained(early, late, of_weights, distances))
    tables = [table for table in tables if len(table)]
    table = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=EXPLAINED)
    table["partner_name"] = table["partner"].map(countries.name_of, na_action="ignore")
    blocs = blocs or {code: countries.region_of(code) for code in table["partner"].dropna()}
    table["bloc"] = table["partner"].map(blocs)
    return table[EXPLAINED]


def _explained(
    before: pd.DataFrame, portfolios: pd.DataFrame, function: Function, distances: Distances | None
) -> pd.DataFrame:
    early, late = (shares(part).set_index("partner")["weight"] for part in (before, portfolios))
    filled = None
    if distances is not None:
        tables = [
            calls.table_of(distances, (part["start"].iloc[0], part["end"].iloc[0]))
            for part in (before, portfolios)
        ]
        early, late = (w[w.index.isin(t.index)] for w, t in zip((early, late), tables, strict=True))
    partners = sorted(set(early.index) | set(late.index))
    if distances is not None:
        filled = _filled(*(table.reindex(index=partners, columns=partners) for table in tables))
    early, late = early.reindex(partners, fill_value=0.0), late.reindex(partners, fill_value=0.0)
    if early.sum() == 0 or late.sum() == 0:
        return pd.DataFrame()
    found = contributions(early.to_numpy(), late.to_numpy(), function, distances=filled)
    table = pd.DataFrame(
        {
            "factor": found.factors,
            "partner": partners,
            "share_before": early / early.sum(),
            "share": late / late.sum(),
            "contribution": found.by_partner,
        }
    ).reset_index(drop=True)
    if filled is not None:
        table.loc[len(table), ["factor", "contribution"]] = DISPARITY, found.disparity
    ends = {"start_before": before["start"].iloc[0], "end_before": before["end"].iloc[0]}
    keys = ["source", "instrument", "country", "start", "end"]
    return table.assign(**portfolios[keys].iloc[0].to_dict(), **ends)


def _filled(early: pd.DataFrame, late: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Fill what either table lacks: it matters only while some have changed and others have not."""
    known = np.concatenate([t.to_numpy()[~np.eye(len(t), dtype=bool)] for t in (early, late)])
    usual = np.nanmean(known) if (~np.isnan(known)).any() else 0.0
    return tuple(
        one.fillna(other).fillna(usual).to_numpy() for one, other in ((early, late), (late, early))
    )
