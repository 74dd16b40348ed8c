"""Event studies: what changed after a shock, and how much of it happened to states without one.

A shock is a line of a table: whom it met, when, and a public source. Windows that hold the year of
the shock are in neither period. The comparison is with states that were near in the last window
before: their own changes, and the mixture of them that had followed the same path (module
`synthetic`). docs/methods.md says what this can and cannot show.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from . import (
    alignment,
    countries,
    disparity,
    diversity,
    ledger,
    own_tables,
    profile,
    store,
    synthetic,
)
from .differences import difference
from .estimates import measure
from .panel import EXACT_FIRST, portfolio

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


@dataclass(frozen=True)
class Study:
    """What event studies found.

    Attributes
    ----------
    changes : DataFrame
        With columns `CHANGES`: a row for each shock, instrument and measure. `change` is the window
        after less the one before, with its interval; `peers_change` the median of the peers', with
        their quartiles; `gap` the window after less that of the synthetic control; `placebo_low`
        and `placebo_high` the least and greatest gap of a peer treated as if it had had the shock;
        `rank` the share of states whose gap is as large; `fit` the root mean square of the gaps
        before. `compared` says why there is no synthetic control, if there is none.
    paths : DataFrame
        With columns `PATHS`: the first measure window by window, with that of the synthetic
        control and the range of the placebos around it.
    """

    changes: pd.DataFrame
    paths: pd.DataFrame


def table(name: str | None = None) -> pd.DataFrame:
    """Read the table of shocks that ships, or one of your own.

    Parameters
    ----------
    name : str, optional
        Of your own: it lies in the folder of imported data, as `shocks/NAME.csv`.

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
    found = own_tables.read(path, "shocks", columns=COLUMNS, faults=_faults, unique=["shock"])
    return found.astype({"year": int}).sort_values("year", kind="stable", ignore_index=True)


def _faults(row: Mapping[str, str]) -> list[str]:
    faults = [f"{n} is empty" for n in ("shock", "text", "title") if not row[n].strip()]
    if not (row["year"].isdecimal() and 1816 <= int(row["year"]) <= 2100):
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
    rows = concerning(shocks, code)
    changes, paths = [pd.DataFrame(columns=CHANGES)], [pd.DataFrame(columns=PATHS)]
    if len(rows):
        ends = rows["year"].min() - MOST_BEFORE, rows["year"].max() + window
        made = profile.portfolios(
            code, start=ends[0], end=ends[1], window=window, weighting=weighting
        )
        made = made[made["instrument"].isin(INSTRUMENTS)]
        # of a state without any tie, every row says why there is none
        made = kept if len(kept := profile.ever(made)) else made
        named = [countries.lookup(peer) for peer in peers]
        for shock in rows.to_dict("records"):
            one = _Event(shock, code, window, order, named)
            changes += one.changes(made, draws=draws, seed=seed)
            paths += one.paths
    return Study(*(_joined(parts) for parts in (changes, paths)))


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [part for part in parts[1:] if len(part)]
    return pd.concat(filled, ignore_index=True)[list(parts[0])] if filled else parts[0]


class _Event:
    """One shock of one state: its windows, measures and peers."""

    def __init__(self, shock: Mapping, code: str, window: int, order: float, named: list[str]):
        self.shock, self.code, self.window, self.order = shock, code, window, order
        self.named = [peer for peer in named if peer != code]
        self.before, self.after = shock["year"] - 1, shock["year"] + window
        self.paths: list[pd.DataFrame] = []
        self.measures = _measures(order, shock["partner"])

    def changes(self, made: pd.DataFrame, *, draws: int, seed: int | None) -> list[pd.DataFrame]:
        own = _best(made[made["end"].between(self.before - MOST_BEFORE + 1, self.after)], self)
        early, late = (own[own["end"] == end] for end in (self.before, self.after))
        found = [
            difference(late, early, draws=draws, seed=seed, label=name, **asked)
            for name, asked in self.measures.items()
        ]
        table = pd.concat(found, ignore_index=True).rename(
            columns={"estimate": "after", "estimate_before": "before", "difference": "change"}
        )
        told = [
            measure in self._asked(instrument)
            for instrument, measure in zip(table["instrument"], table["measure"], strict=True)
        ]
        table = table[told]
        table = table.assign(**{name: self.shock[name] for name in ("shock", "year", "text")})
        table = table.merge(self._compared(own, table), on=[*_SERIES, "measure"], how="left")
        return [table.reindex(columns=CHANGES)]

    def _compared(self, own: pd.DataFrame, table: pd.DataFrame) -> pd.DataFrame:
        """Set each series that has both windows against its peers, source by source."""
        first = table[(table["measure"] == next(iter(self.measures)))]
        measured = first[first["status"] == "measured"]
        rows = []
        for source, series in measured.groupby("source", sort=False):
            panels = self._panels(own[own["source"] == source], series)
            for instrument, panel in panels.items():
                rows += self._against(source, instrument, panel)
        columns = [*_SERIES, "measure", *CHANGES[CHANGES.index("n_peers") :]]
        table = pd.DataFrame(rows, columns=columns)
        numbers = [name for name in columns[len(_SERIES) + 1 :] if name != "compared"]
        return table.astype(dict.fromkeys(numbers, float))

    def _panels(self, own: pd.DataFrame, series: pd.DataFrame) -> dict[str, pd.DataFrame]:
        """Portfolios of the state and its peers in all windows, for each instrument."""
        peers = {row.instrument: self._peers(row) for row in series.itertuples()}
        codes = sorted({code for some in peers.values() for code in some})
        known = own[own["instrument"].isin(peers) & (own["status"] == "measured")]
        if codes:
            ends = int(known["end"].min()), self.after
            known = pd.concat([known, _portfolios(known.iloc[0], codes, ends, self.window)])
        return {
            name: known[(known["instrument"] == name) & known["country"].isin([self.code, *some])]
            for name, some in peers.items()
        }

    def _peers(self, row: tuple) -> list[str]:
        """States to compare with, the nearest first (see `study`)."""
        early, late = (
            _partners(row.source, row.instrument, span)
            for span in ((row.start_before, row.end_before), (row.start, row.end))
        )
        hit = {self.code, self.shock["partner"], *self.shock["state"].split()}
        able = [code for code in early.index if code in late.index and code not in hit]
        able = [code for code in able if not self.named or code in self.named]
        apart = (early[able] - early[self.code]).abs().sort_values(kind="stable")
        return apart.index[:MOST_DONORS].tolist()

    def _asked(self, instrument: str) -> dict[str, dict]:
        """Measures by name; of treaties, which all weigh the same, those that are no concentration.

        The first partner's share of them says no more than their number.
        """
        if not instrument.startswith("alliance"):
            return self.measures
        plain = (diversity.hhi, diversity.concentration_ratio)
        return {n: asked for n, asked in self.measures.items() if asked["function"] not in plain}

    def _against(self, source: str, instrument: str, panel: pd.DataFrame) -> list[dict]:
        """Compare by every measure."""
        rows = []
        for place, (name, asked) in enumerate(self._asked(instrument).items()):
            wide = measure(panel, **asked).pivot(index="country", columns="end", values="estimate")
            wide = wide.loc[:, _run(wide.loc[self.code], self.before)]
            wide = wide.dropna().sort_index(key=lambda codes: codes != self.code, kind="stable")
            found, path = _compare(wide, self.before, spared=bool(self.shock["state"]))
            keys = {"source": source, "instrument": instrument, "measure": name}
            rows.append({**keys, **found})
            if place == 0 and len(path):  # a figure of every measure would be too many
                about = {**keys, "shock": self.shock["shock"], "year": self.shock["year"]}
                path = path.assign(**about, country=self.code, n_peers=len(wide) - 1)
                path["period"] = np.where(
                    path["end"] <= self.before, "before",
                    np.where(path["end"] < self.after, "during", "after"),
                )  # fmt: skip
                self.paths.append(path)
        return rows


def _measures(order: float, partner: str) -> dict[str, dict]:
    """Measures of an event study: name -> what `analysis.measure` is to be asked."""
    made = {
        profile.effective_name(order): {"function": diversity.hill, "order": order},
        "Herfindahl–Hirschman index": {"function": diversity.hhi},
        "share of the first partner (CR1)": {"function": diversity.concentration_ratio, "k": 1},
    }
    if partner:
        points = disparity.indicator([partner])
        of_partner = {"function": alignment.position, "distances": points}
        made[f"share of {countries.name_of(partner)}"] = of_partner
    return made


def _best(made: pd.DataFrame, event: _Event) -> pd.DataFrame:
    """Keep one source of arms: the exact one, unless only the other covers both windows."""
    ends = made[made["end"].isin([event.before, event.after]) & (made["instrument"] == "arms")]
    covered = (ends["status"] != "not_covered").groupby(ends["source"]).all()
    able = covered.index[covered]
    best = sorted(able if len(able) else covered.index, key=lambda key: key not in EXACT_FIRST)[:1]
    return made[(made["instrument"] != "arms") | made["source"].isin(best)]


def _partners(source: str, instrument: str, span: tuple[int, int]) -> pd.Series:
    """Count the partners that each state has on record in some years."""
    kind, _, obligation = instrument.partition("/")
    ties = store.load(kind, sources=[source], years=span)
    if obligation:
        ties = ties[ledger.has_flag(ties, obligation)]
    else:
        ties = ties[ties["start"].dt.year.between(*span)]
    return ties.groupby("country")["partner"].nunique()


def _portfolios(
    like: pd.Series, states: list[str], ends: tuple[int, int], window: int
) -> pd.DataFrame:
    """Portfolios of other states by the same source and weighting, where they have a tie."""
    kind = like["instrument"].partition("/")[0]
    records = store.load(kind, country=states, sources=[like["source"]])
    made = portfolio(
        records, window=window, weighting={kind: like["weighting"]}, years=ends,
        sources=[like["source"]],
    )  # fmt: skip
    return made[made["status"] == "measured"]


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
