"""Event studies: what changed after a shock, and how much of it happened to states without one.

A shock is a line of a table: whom it met, when, and a public source. Windows that hold the year of
the shock are in neither period. The comparison is with states that were near in the last window
before: their own changes, and the mixture of them that had followed the same path (module
`synthetic`). docs/methods.md says what this can and cannot show.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from . import (
    alignment,
    countries,
    disparity,
    diversity,
    event_peers,
    own_tables,
    profile,
    synthetic,
)
from .differences import difference
from .panel import EXACT_FIRST

#: most donors: too many would follow any path before a shock, whatever they have to do with it
MOST_DONORS = 20
#: windows before a shock to which a mixture is fitted: at most, and at least
MOST_BEFORE, LEAST_BEFORE = 10, 3

COLUMNS = ["shock", "state", "year", "partner", "text", "title", "url", "note"]
CHANGES = [
    "shock", "year", "text", "country", "source", "instrument", "measure", "start_before",
    "end_before", "start", "end", "before", "after", "change", "low", "high", "interval", "status",
    "n_peers", "peers_change", "peers_low", "peers_high", "synthetic", "gap", "placebo_low",
    "placebo_high", "rank", "n_windows", "fit", "compared",
]  # fmt: skip
PATHS = [
    "shock", "year", "country", "source", "instrument", "measure", "end", "period", "estimate",
    "synthetic", "placebo_low", "placebo_high", "n_peers",
]  # fmt: skip
#: a mixture that missed the state's level before the shock by this share says nothing of it after
POOR_FIT = 0.25
#: treaties that are studied: the strongest pledge, and the widest
INSTRUMENTS = ("arms", "exercise", "agreement", "alliance/defense", "alliance/nonaggression")
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
        before. `compared` says why there is no synthetic control, if there is none.
    paths : DataFrame
        With columns `PATHS`: the first measure window by window, with that of the synthetic
        control and the range of the placebos around it. Treaties, which change by whole
        organisations, have a path only if nothing else has.
    """

    changes: pd.DataFrame
    paths: pd.DataFrame

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


def table(name: str | None = None) -> pd.DataFrame:
    """Read the table of shocks that ships, or one of your own.

    Parameters
    ----------
    name : str, optional
        Of your own, as `partnerships import shocks NAME.csv` has taken it in.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    SourceFileError
        As `read`.
    """
    return read(own_tables.path_of("shocks", name))


def read(path: Path | None = None) -> pd.DataFrame:
    """Read a table of shocks.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns `COLUMNS`: a name of the shock, the states it met (ISO3 codes with
        blanks between; empty: all of them), its year, the partner it came from (or empty), what
        happened, and a public source with its address; default: the table that ships.

    Returns
    -------
    DataFrame
        As written, with years as numbers, in order of the years.

    Raises
    ------
    SourceFileError
        If a column is missing, or a row has an unknown state, no year or no source; all such rows
        are named.
    """
    path = own_tables.path_of("shocks") if path is None else Path(path)
    found = own_tables.read(path, _kind())
    return found.astype({"year": int}).sort_values("year", kind="stable", ignore_index=True)


def take_in(path: Path) -> pd.DataFrame:
    """Check a table of shocks and keep it with the user's imported data, under its own name.

    Parameters
    ----------
    path : Path
        The CSV; its name, without the ending, is what `shocks` is called by in a report.

    Returns
    -------
    DataFrame
        The shocks that were read: name, year and states.

    Raises
    ------
    ParameterError
        If its name cannot be that of a table.
    SourceFileError
        As `read`; nothing is kept then.
    """
    found = own_tables.take_in(path, _kind())
    return found[["shock", "year", "state"]].replace({"state": {"": "all"}})


def _kind() -> own_tables.Kind:
    return own_tables.Kind("shocks", columns=tuple(COLUMNS), unique=("shock",), faults=_faults)


def _faults(row: Mapping[str, str]) -> list[str]:
    faults = [f"{n} is empty" for n in ("shock", "text", "title") if not row[n].strip()]
    if not (re.fullmatch("[0-9]{4}", row["year"]) and 1816 <= int(row["year"]) <= 2100):
        faults.append(f"year is {row['year']!r}; a year from 1816 to 2100 is expected")
    if not row["url"].startswith(("https://", "http://")):
        faults.append(f"url is {row['url']!r}; the address of a public source is expected")
    if len(row["partner"].split()) > 1:
        faults.append(f"partner is {row['partner']!r}; one code or none is expected")
    return [*faults, *own_tables.unknown_states([*row["state"].split(), *row["partner"].split()])]


def concerning(shocks: pd.DataFrame, country: str) -> pd.DataFrame:
    """Keep the shocks that met a state: those that name it, and those that met all.

    Parameters
    ----------
    shocks : DataFrame
        As `read` gives them.
    country : str
        ISO3 code or name.
    """
    code = countries.lookup(country)
    met = [not states or code in states.split() for states in shocks["state"]]
    return shocks[met].reset_index(drop=True)


def study(
    shocks: pd.DataFrame, country: str, *, window: int = 5, weighting: str | None = None,
    order: float = 1.0, draws: int = 0, seed: int | None = None, peers: Iterable[str] = (),
) -> Study:  # fmt: skip
    """Compare the windows before and after each shock that met a state.

    The window before ends in the year before the shock, the one after begins in the year after it.
    Of treaties, which are held, it is the year before and the year in which the window after ends.

    Parameters
    ----------
    shocks : DataFrame
        As `read` gives them.
    country : str
        ISO3 code or name.
    window, weighting
        See `analysis.portfolio`.
    order : float
        Of the Hill number, the first of the measures.
    draws, seed : int
        Of the bootstrap of the change.
    peers : list of str
        States to compare with, codes or names. None: the `MOST_DONORS` nearest in the number of
        partners on record, by the same source, in the window before, of those with a partner in the
        window after too. Never a state that the shock met, nor the partner it came from.

    Returns
    -------
    Study

    Raises
    ------
    ParameterError, UnknownCountryError
        As `analysis.portfolio`.

    References
    ----------
    Those of `analysis.synthetic`.
    """
    code = countries.lookup(country)
    events = [
        _Event.of(shock, window=window, order=order)
        for shock in concerning(shocks, code).to_dict("records")
    ]
    if not events:
        return Study(pd.DataFrame(columns=CHANGES), pd.DataFrame(columns=PATHS))
    first = min(event.before for event in events) - MOST_BEFORE + 1
    made = profile.portfolios(
        code, start=first, end=max(event.after for event in events), window=window,
        weighting=weighting,
    )  # fmt: skip
    made = made[made["instrument"].isin(INSTRUMENTS)]
    # of a state without any tie, every row says why there is none
    made = kept if len(kept := profile.ever(made)) else made
    own = [_own(event, made, draws=draws, seed=seed) for event in events]
    named = [countries.lookup(peer) for peer in peers]
    near = [_near(event, table, code, named) for event, table in zip(events, own, strict=True)]
    asked = {name: what for event in events for name, what in event.measures.items()}
    ends = first, max(event.after for event in events)
    values = event_peers.values(made, near, measures=asked, ends=ends)
    both = [_compared(event, code, some, values) for event, some in zip(events, near, strict=True)]
    changes = [table.merge(found, on=_KEYS, how="left")
               for table, (found, _) in zip(own, both, strict=True)]  # fmt: skip
    return Study(
        pd.concat(changes, ignore_index=True)[CHANGES],
        _flows_first([path for _, some in both for path in some]),
    )


def _flows_first(paths: list[pd.DataFrame]) -> pd.DataFrame:
    """Put paths one under the other; those of treaties only if there are no others."""
    if not paths:
        return pd.DataFrame(columns=PATHS)
    every = pd.concat(paths, ignore_index=True)[PATHS]
    flows = ~every["instrument"].str.startswith("alliance")
    return every[flows | ~flows.any()].reset_index(drop=True)


@dataclass(frozen=True)
class _Event:
    """One shock: the last year of the window before, of the one after, and what is measured."""

    shock: Mapping
    before: int
    after: int
    measures: Mapping[str, dict]

    @classmethod
    def of(cls, shock: Mapping, *, window: int, order: float) -> "_Event":
        made = {
            profile.effective_name(order): {"function": diversity.hill, "order": order},
            "Herfindahl–Hirschman index": {"function": diversity.hhi},
            "share of the first partner (CR1)": {
                "function": diversity.concentration_ratio, "k": 1,
            },
        }  # fmt: skip
        if partner := shock["partner"]:
            points = disparity.indicator([partner])
            of_partner = {"function": alignment.position, "distances": points}
            made[f"share of {countries.name_of(partner)}"] = of_partner
        ends = windows_around(shock["year"], window)
        return cls(shock, ends.end_before, ends.end, made)


def _own(event: _Event, made: pd.DataFrame, *, draws: int, seed: int | None) -> pd.DataFrame:
    """Differences of the state itself; where a window is missing, of the first measure only."""
    made = _best(made, event)
    late, early = (made[made["end"] == end] for end in (event.after, event.before))
    tables = []
    for name, asked in event.measures.items():
        if tables:
            known = tables[0].loc[tables[0]["status"] == "measured", _SERIES]
            known = known[event_peers.told(known["instrument"], asked)]
            late, early = (part.merge(known, on=_SERIES) for part in (late, early))
        if len(late):
            tables.append(difference(late, early, draws=draws, seed=seed, label=name, **asked))
    table = pd.concat(tables, ignore_index=True).rename(
        columns={"estimate": "after", "estimate_before": "before", "difference": "change"}
    )
    return table.assign(**{name: event.shock[name] for name in ("shock", "year", "text")})


def _best(made: pd.DataFrame, event: _Event) -> pd.DataFrame:
    """Keep one source of arms: the exact one, unless only the other covers both windows."""
    ends = made[made["end"].isin([event.before, event.after]) & (made["instrument"] == "arms")]
    covered = (ends["status"] != "not_covered").groupby(ends["source"]).all()
    able = covered.index[covered]
    best = sorted(able if len(able) else covered.index, key=lambda key: key not in EXACT_FIRST)[:1]
    return made[(made["instrument"] != "arms") | made["source"].isin(best)]


def _near(
    event: _Event, table: pd.DataFrame, code: str, named: list[str]
) -> dict[tuple[str, str], list[str]]:
    """Peers of each series that has both windows (see `study`)."""
    heirs = countries.continuing()
    hit = {code, event.shock["partner"], *event.shock["state"].split()}
    hit |= {heirs[other] for other in hit & heirs.keys()}
    measured = table[table["status"] == "measured"].drop_duplicates(_SERIES)
    return {
        (row.source, row.instrument): event_peers.nearest(
            row, code, without=hit, named=named, most=MOST_DONORS
        )
        for row in measured.itertuples()
    }


def _compared(
    event: _Event, code: str, near: Mapping, values: Mapping
) -> tuple[pd.DataFrame, list[pd.DataFrame]]:
    """Set each series and measure against its peers; and give the paths of the first measure."""
    rows, paths = [], []
    first = next(iter(event.measures))
    for (source, instrument), peers in near.items():
        for name in event.measures:
            if (source, instrument, name) not in values:
                continue
            wide = values[source, instrument, name].reindex([code, *peers])
            wide = wide.loc[:, event.before - MOST_BEFORE + 1 : event.after]
            wide = wide.loc[:, _run(wide.loc[code], event.before)].dropna()
            found, path = _compare(wide, event.before, spared=bool(event.shock["state"]))
            keys = {"source": source, "instrument": instrument, "measure": name}
            rows.append({**keys, **found})
            if name == first and len(path):  # a figure of every measure would be too many
                about = {**keys, "shock": event.shock["shock"], "year": event.shock["year"]}
                paths.append(path.assign(**about, country=code, n_peers=len(wide) - 1,
                                         period=_periods(path["end"], event)))  # fmt: skip
    columns = CHANGES[CHANGES.index("n_peers") :]
    numbers = dict.fromkeys(columns[:-1], float)
    return pd.DataFrame(rows, columns=[*_KEYS, *columns]).astype(numbers), paths


def _periods(ends: pd.Series, event: _Event) -> np.ndarray:
    later = np.where(ends < event.after, "during", "after")
    return np.where(ends <= event.before, "before", later)


def _run(own: pd.Series, before: int) -> list[int]:
    """Last years of the windows in which a state has a value, without a gap before the shock."""
    known = own.dropna().index
    silent = [end for end in own.index if end <= before and end not in known]
    return [end for end in known if not silent or end > max(silent)]


def _compare(wide: pd.DataFrame, before: int, *, spared: bool) -> tuple[dict, pd.DataFrame]:
    """Compare the first row with the others, and with their mixture; `before` ends the fit."""
    values, ends = wide.to_numpy(float), wide.columns.to_numpy()
    early = ends <= before
    n_peers, n_windows = len(values) - 1, int(early.sum())
    found = {"n_peers": n_peers, "n_windows": n_windows, "compared": "no peer has all windows"}
    if not n_peers:
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
    if found["fit"] > POOR_FIT * values[0, early].mean():
        return found | {"compared": "no mixture of the peers followed its path before"}, wide[:0]
    low, high = gaps[1:].min(axis=0), gaps[1:].max(axis=0)
    control = values[0] - gaps[0]
    found |= {
        "synthetic": control[-1], "gap": gaps[0, -1], "placebo_low": low[-1],
        "placebo_high": high[-1], "rank": synthetic.placebo_rank(gaps[:, -1]),
        "compared": "synthetic control",
    }  # fmt: skip
    path = pd.DataFrame(
        {"end": ends, "estimate": values[0], "synthetic": control, "placebo_low": control + low,
         "placebo_high": control + high}
    )  # fmt: skip
    return found, path
