"""Event studies: what changed after a shock, and how much of it happened to states without one.

A shock is a line of a table: whom it met, when, and a public source. Windows that hold the year of
the shock are in neither period. The comparison is with states that were near in the last window
before: their own changes, and the mixture of them that had followed the same path (module
`synthetic`). docs/methods.md says what this can and cannot show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ... import words
from ...measures import alignment, diversity, trends
from ...portfolios import battery, disparity, uncertainty
from ...portfolios.differences import difference
from ...sources import catalog, countries
from .. import selections
from . import gaps
from . import peers as event_peers
from .shock_table import concerning

#: most donors: too many would follow any path before a shock, whatever they have to do with it
MOST_DONORS = 20

CHANGES = [
    "shock", "year", "text", "country", "source", "instrument", "start_before", "end_before",
    "start", "end", "measure", "before", "after", "change", "low", "high", "interval", "status",
    *gaps.COMPARED, "corrected", "verdict", "interval_coverage", "interval_kind", "measure_id",
]  # fmt: skip
PATHS = [
    "shock", "year", "country", "source", "instrument", "measure", "end", "period", "estimate",
    "synthetic", "placebo_low", "placebo_high", "n_peers",
]  # fmt: skip
IN_TIME = [
    "shock", "year", "country", "source", "instrument", "measure", *gaps.IN_TIME,
]  # fmt: skip
#: what a change comes to beside those of states without a shock
STANDS_OUT, NO_VERDICT, USUAL = "stands out", "no verdict", "as large elsewhere"
_SERIES = ["source", "instrument"]
_KEYS = [*_SERIES, "measure"]


@dataclass(frozen=True)
class Study:
    """What event studies found.

    Attributes
    ----------
    changes : DataFrame
        With columns `CHANGES`: a row for each shock, instrument and measure; where a window is
        missing, one that says so. `change` is the window
        after less the one before, with its interval; `peers_change` the median of the peers', with
        their quartiles; `gap` the window after less that of the synthetic control; `placebo_low`
        and `placebo_high` the least and greatest gap of a peer treated as if it had had the shock;
        `rank` the share of states whose gap is as large; `fit` the root mean square of the gaps
        before. `compared` says why there is no synthetic control, if there is none. Where the rank
        is at most `gaps.RARE`, `false_alarms` is the share of panels without a shock in which
        a state at the level of this one ranks as high; `corrected` is that, or the rank, after
        correction for all changes of the measure that were looked at (Holm 1979). `verdict`:
        `STANDS_OUT` only if that is at most `gaps.RARE`; `NO_VERDICT` where the rank alone
        would have said so; else `USUAL`.
    paths : DataFrame
        With columns `PATHS`: the first measure window by window, with that of the synthetic
        control and the range of the placebos around it. Treaties, which change by whole
        organisations, have a path only if nothing else has.
    in_time : DataFrame
        With columns `IN_TIME`: gaps of the first measure as if the shock had come in earlier years,
        none of whose windows holds its year, with what the mixture missed before (`misfit`). They
        overlap, so they show what is usual, and give no chance.
    """

    changes: pd.DataFrame
    paths: pd.DataFrame
    in_time: pd.DataFrame

    @property
    def headline(self) -> pd.DataFrame:
        """Changes of the first measure, which is the one that figures show."""
        return self.changes[self.changes["measure"] == next(iter(self.changes["measure"]), None)]


class Windows(NamedTuple):
    """First and last years of the windows before and after a shock."""

    start_before: int
    end_before: int
    start: int
    end: int


def windows_around(year: int, window: int = 5) -> Windows:
    """Give the windows before and after a shock; neither holds the year of the shock.

    Parameters
    ----------
    year : int
        Of the shock.
    window : int
        Length in years.

    Examples
    --------
    >>> windows_around(1990, 5)
    Windows(start_before=1985, end_before=1989, start=1991, end=1995)
    """
    return Windows(year - window, year - 1, year + 1, year + window)


def study(
    shocks: pd.DataFrame,
    country: str,
    *,
    window: int = 5,
    weighting: str | None = None,
    continuing: str = "one",
    order: float = 1.0,
    draws: int = 0,
    seed: int | None = None,
    peers: Iterable[str] = (),
    instruments: Iterable[str] | None = None,
) -> Study:
    """Compare the windows before and after each shock that met a state.

    The window before ends in the year before the shock, the one after begins in the year after it.
    Of treaties it is the year before and the year in which the window after ends.

    Parameters
    ----------
    shocks : DataFrame
        As `read` gives them.
    country : str
        ISO3 code or name.
    window, weighting, continuing
        See `analysis.portfolio`.
    order : float
        Of the Hill number, the first of the measures.
    draws, seed : int
        Of the bootstrap of the change.
    peers : list of str
        States to compare with, codes or names. None: the `MOST_DONORS` nearest in the number of
        partners on record, by the same source, in the window before, of those with a partner in
        every window compared. Never a state that the shock met, nor the partner it came from.
    instruments : list of str
        Which to study.

    Returns
    -------
    Study

    Raises
    ------
    ParameterError, UnknownCountryError
        As `analysis.portfolio`.

    References
    ----------
    Those of `analysis.studies.events.synthetic`; Holm, S. (1979). A simple sequentially rejective
    multiple test procedure. Scandinavian Journal of Statistics 6(2), 65-70.
    """
    code = countries.lookup(country)
    events = [
        _Event.of(shock, window=window, order=order, continuing=continuing)
        for shock in concerning(shocks, code).to_dict("records")
    ]
    if not events:
        return Study(*(pd.DataFrame(columns=names) for names in (CHANGES, PATHS, IN_TIME)))
    back = gaps.MOST_BEFORE + window + gaps.EARLIER
    first = min(event.before for event in events) - back
    portfolios = selections.portfolios(
        code,
        start=first,
        end=max(event.after for event in events),
        window=window,
        weighting=weighting,
        continuing=continuing,
    )
    portfolios = portfolios[
        portfolios["instrument"].isin(words.outcomes() if instruments is None else instruments)
    ]
    # of a state without any tie, every row says why there is none
    portfolios = kept if len(kept := selections.drop_silent_instruments(portfolios)) else portfolios
    own = [_own(event, portfolios, draws=draws, seed=seed) for event in events]
    named = [countries.lookup(peer) for peer in peers]
    near = [
        _near(event, table, portfolios, named, continuing)
        for event, table in zip(events, own, strict=True)
    ]
    asked = {name: what for event in events for name, what in event.measures.items()}
    ends = first, max(event.after for event in events)
    values = event_peers.values(portfolios, near, measures=asked, ends=ends, continuing=continuing)
    every = [
        _compared(event, code, some, values, seed=seed or 0)
        for event, some in zip(events, near, strict=True)
    ]
    changes = [
        table.merge(found, on=_KEYS, how="left")
        for table, (found, *_) in zip(own, every, strict=True)
    ]
    return Study(
        _judged(pd.concat(changes, ignore_index=True))[CHANGES],
        _flows_first([path for _, some, _ in every for path in some], PATHS),
        _flows_first([part for *_, some in every for part in some], IN_TIME),
    )


def _judged(changes: pd.DataFrame) -> pd.DataFrame:
    """Say which changes stand out, of all of one measure that were looked at."""
    chance = changes["false_alarms"].fillna(changes["rank"])
    corrected = chance.groupby(changes["measure"]).transform(trends.holm)
    verdict = np.where(changes["rank"] <= gaps.RARE, NO_VERDICT, USUAL)
    verdict = np.where(corrected <= gaps.RARE, STANDS_OUT, verdict)
    verdict = pd.Series(verdict, changes.index).where(chance.notna())
    return changes.assign(corrected=corrected, verdict=verdict)


def _flows_first(tables: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Put tables one under the other; those of treaties only if there are no others."""
    if not tables:
        return pd.DataFrame(columns=columns)
    every = pd.concat(tables, ignore_index=True)[columns]
    flows = ~every["instrument"].map(lambda key: words.instrument(key).is_stock).astype(bool)
    return every[flows | ~flows.any()].reset_index(drop=True)


@dataclass(frozen=True)
class _Event:
    """One shock: the last year of the window before, of the one after, and what is measured."""

    shock: Mapping
    before: int
    after: int
    measures: Mapping[str, dict]

    @classmethod
    def of(cls, shock: Mapping, *, window: int, order: float, continuing: str) -> "_Event":
        measures: dict[str, dict] = {
            battery.effective_name(order): {"function": diversity.hill, "order": order},
            "Herfindahl–Hirschman index": {"function": diversity.hhi},
            "share of the first partner (CR1)": {
                "function": diversity.concentration_ratio,
                "k": 1,
            },
        }
        if partner := shock["partner"]:
            points = disparity.indicator([partner], continuing)
            of_partner = {"function": alignment.position, "distances": points}
            measures[f"share of {countries.name_of(partner)}"] = of_partner
        ends = windows_around(shock["year"], window)
        return cls(shock, ends.end_before, ends.end, measures)


def _own(event: _Event, portfolios: pd.DataFrame, *, draws: int, seed: int | None) -> pd.DataFrame:
    """Differences of the state itself; where a window is missing, of the first measure only."""
    portfolios = _best(portfolios, event)
    late, early = (portfolios[portfolios["end"] == end] for end in (event.after, event.before))
    tables: list[pd.DataFrame] = []
    for name, asked in event.measures.items():
        if tables:
            known = tables[0].loc[tables[0]["status"] == "measured", _SERIES]
            known = known[event_peers.is_informative(known["instrument"], asked)]
            late, early = (part.merge(known, on=_SERIES) for part in (late, early))
        if len(late):
            tables.append(difference(late, early, draws=draws, seed=seed, label=name, **asked))
    table = pd.concat(tables, ignore_index=True).rename(
        columns={"estimate": "after", "estimate_before": "before", "difference": "change"}
    )
    return table.assign(**{name: event.shock[name] for name in ("shock", "year", "text")})


def _best(portfolios: pd.DataFrame, event: _Event) -> pd.DataFrame:
    """Keep one source of arms: the exact one, unless only the other covers both windows."""
    ends = portfolios[
        portfolios["end"].isin([event.before, event.after]) & (portfolios["instrument"] == "arms")
    ]
    covered = (ends["status"] != "not_covered").groupby(ends["source"]).all()
    able = covered.index[covered]
    known = sorted(able if len(able) else covered.index)
    best = [*catalog.exact(known), *known][:1]
    return portfolios[(portfolios["instrument"] != "arms") | portfolios["source"].isin(best)]


def _near(
    event: _Event, table: pd.DataFrame, portfolios: pd.DataFrame, named: list[str], continuing: str
) -> dict[tuple[str, str], list[str]]:
    """Peers of each series that has both windows (see `study`)."""
    code = portfolios["country"].iloc[0]
    heirs = countries.continuing()
    hit = {code, event.shock["partner"], *event.shock["state"].split()}
    hit |= {heirs[other] for other in hit & heirs.keys()}
    measured = table[table["status"] == "measured"].drop_duplicates(_SERIES)
    known = portfolios[portfolios["status"] == "measured"].groupby(_SERIES)["end"].agg(set)
    return {
        (row.source, row.instrument): event_peers.nearest(
            row,
            code,
            without=hit,
            named=named,
            most=MOST_DONORS,
            continuing=continuing,
            ends=gaps.compared_ends(known[row.source, row.instrument], event.before, event.after),
        )
        for row in measured.itertuples()
    }


def _compared(
    event: _Event, code: str, near: Mapping, values: Mapping, *, seed: int
) -> tuple[pd.DataFrame, list[pd.DataFrame], list[pd.DataFrame]]:
    """Set each series and measure against its peers; of the first measure, with paths and years."""
    rows, paths, earlier = [], [], []
    first = next(iter(event.measures))
    for (source, instrument), peers in near.items():
        for name in event.measures:
            if (source, instrument, name) not in values:
                continue
            keys = {"source": source, "instrument": instrument, "measure": name}
            about = {**keys, **{key: event.shock[key] for key in ("shock", "year")}}
            of_all = values[source, instrument, name].reindex([code, *peers])
            wide = gaps.complete(of_all, event.before, event.after)
            found, path = gaps.compare(
                wide,
                event.before,
                spared=bool(event.shock["state"]),
                rng=uncertainty.stream(seed, tuple(about.values())),
            )
            rows.append({**keys, **found})
            if name == first and len(path):  # a figure of every measure would be too many
                about |= {"country": code}
                paths.append(
                    path.assign(**about, n_peers=len(wide) - 1, period=_periods(path["end"], event))
                )
                window = event.after - event.shock["year"]
                placebos = gaps.in_time(of_all, event.shock["year"], window)
                earlier.append(placebos.assign(**about))
    numbers = dict.fromkeys(gaps.COMPARED[:-1], float)
    table = pd.DataFrame(rows, columns=[*_KEYS, *gaps.COMPARED]).astype(numbers)
    return table, paths, earlier


def _periods(ends: pd.Series, event: _Event) -> np.ndarray:
    later = np.where(ends < event.after, "during", "after")
    return np.where(ends <= event.before, "before", later)
