"""Whether diversity has risen, since when, who made it so, and how much changed hands."""

import numpy as np
import pandas as pd

from ... import numbers, words
from ...measures import diversity, trends
from ...portfolios import battery
from ...sources import countries
from .. import selections
from ..compare import compare
from .between import instruments as compare_instruments
from .between import turnovers
from .decomposition import EXPLAINED, explain

_SERIES = ["source", "instrument"]
#: chance below which a trend is one
_RARE = 0.05
#: lags of autocorrelation that correct a trend of treaties, which last (Hamed & Rao 1998)
_LAGS = 3
#: disjoint windows that a trend needs
FEWEST = 4
#: what can be said of a trend
ROSE, FELL, OPEN, SHORT = "rose", "fell", "open", "too short"
TRENDS = [
    *_SERIES, "start", "end", "n_windows", "first", "last", "slope", "slope_low", "slope_high", "p",
    "direction", "breaks",
]  # fmt: skip
#: what turnover is shown by: property -> column of `turnovers`, and its name
_TURNOVER = {
    "joined": ("entry", "share of partners that are new"),
    "left": ("leaving", "share of earlier partners that are gone"),
    "shifted": ("bray_curtis_of_shares", "part of the shares that changed hands"),
}


def effective(
    portfolios: pd.DataFrame, *, order: float = 1.0, draws: int = 0, seed: int = 1
) -> pd.DataFrame:
    """Measure effective partners in every window, by instrument.

    Parameters
    ----------
    portfolios : DataFrame
        Of one country.
    order, draws, seed
        As of `analysis.battery.effective`.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `property`, the instrument's name.
    """
    found = battery.effective(portfolios, order=order, draws=draws, seed=seed)
    return selections.by_instrument(found)


def trend(measures: pd.DataFrame) -> pd.DataFrame:
    """Test each series for a trend, and find when its level changed.

    Windows that overlap share years, so of a length of 5 only every fifth is taken, the last and
    those before it. Treaties are counted in every year, and the test corrected for how they last.

    Parameters
    ----------
    measures : DataFrame
        One measure of one country in many windows, as `analysis.measure` gives it.

    Returns
    -------
    DataFrame
        One row a series, with columns `TRENDS`: Sen's slope a year with its interval, the chance
        `p` of such a trend by accident (Mann–Kendall, corrected by Holm for the number of series),
        the `direction` ("rose", "fell", "open", or "too short" with fewer than `FEWEST` windows),
        and the last years of the windows in which a new level begins.
    """
    rows = []
    for key, part in measures.groupby(_SERIES, sort=False):
        known = part[part["estimate"].notna()].sort_values("end")
        if known.empty:
            continue
        # years without a value keep their place, or windows that overlap would seem disjoint
        ends = np.arange(known["end"].iloc[0], known["end"].iloc[-1] + 1)
        values = known.set_index("end")["estimate"].reindex(ends).to_numpy(float)
        is_flow = known["basis"].iloc[0] == "flow"
        step = int(known["window"].iloc[0]) if is_flow else 1
        asked = {"overlap": step, "lags": 0 if is_flow else _LAGS}
        found = trends.mann_kendall(values, **asked)
        slope = trends.sen_slope(values, ends, **asked)
        long = int(found.n) >= FEWEST
        new = ends[trends.breaks(values, overlap=step).first] if long else ends[:0]
        rows.append(
            [
                *key, ends[0], ends[-1], int(found.n), values[0], values[-1], float(slope.slope),
                float(slope.low), float(slope.high), float(found.p) if long else np.nan, "",
                ", ".join(map(str, new)),
            ]
        )  # fmt: skip
    table = pd.DataFrame(rows, columns=TRENDS)
    table["p"] = trends.holm(table["p"].to_numpy(float))
    signs = np.where(table["slope"] > 0, ROSE, FELL)
    sure = (table["p"] < _RARE).to_numpy()
    table["direction"] = np.where(table["n_windows"] < FEWEST, SHORT, np.where(sure, signs, OPEN))
    return table


def trend_table(table: pd.DataFrame) -> pd.DataFrame:
    """Lay out `trend` for reading: a row a series."""
    slopes = [
        numbers.estimate(*ends)
        for ends in zip(table["slope"], table["slope_low"], table["slope_high"], strict=True)
    ]
    return pd.DataFrame(
        {
            "series": [words.sourced_label(row) for row in table.itertuples()],
            "windows end in": [
                words.years(*y) for y in zip(table["start"], table["end"], strict=True)
            ],
            "disjoint windows": table["n_windows"],
            "first": table["first"],
            "last": table["last"],
            "change a year": slopes,
            "p": table["p"],
            "verdict": table["direction"],
            "new level from": table["breaks"].replace("", "–"),
        }
    )


def ends_of(portfolios: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give the first and the last window of each series that has two which share no year.

    Parameters
    ----------
    portfolios : DataFrame
        Of one country, one source an instrument.
    """
    known = portfolios[portfolios["status"] == "measured"]
    ends = known.groupby(_SERIES)["end"]
    first, last = ends.transform("min"), ends.transform("max")
    far = (last - first >= known["window"]) | (known["basis"] == "stock") & (last > first)
    return known[far & (known["end"] == first)], known[far & (known["end"] == last)]


def explained(portfolios: pd.DataFrame, *, order: float = 1.0) -> pd.DataFrame:
    """Say which partners make the difference between the first and the last window of each series.

    Parameters
    ----------
    portfolios : DataFrame
        Of one country, one source an instrument.
    order : float
        Of the Hill number.

    Returns
    -------
    DataFrame
        As `explain` gives it, largest contributions first.
    """
    early, late = ends_of(portfolios[portfolios["basis"] == "flow"])
    if late.empty:
        return pd.DataFrame(columns=EXPLAINED)
    found = explain(late, early, diversity.hill, order=order)
    size = found["contribution"].abs()
    at = found.assign(size=-size, rank=found["instrument"].map(words.instrument_rank))
    return found.loc[at.sort_values(["rank", "source", "size"], kind="stable").index]


def explained_table(found: pd.DataFrame, *, by: str = "partner_name", top: int = 6) -> pd.DataFrame:
    """Lay out `explained` for reading: the largest of each series, by partner or by bloc.

    Parameters
    ----------
    found : DataFrame
        As `explained` gives it.
    by : {"partner_name", "bloc"}
        Of what.
    top : int
        How many of each series.
    """
    keys = [*_SERIES, "start_before", "end_before", "start", "end"]
    parts = []
    for key, rows in found.dropna(subset=by).groupby(keys, sort=False):
        total = rows.groupby(by)[["share_before", "share", "contribution"]].sum()
        total = total.loc[total["contribution"].abs().sort_values(ascending=False).index].head(top)
        row = dict(zip(keys, key, strict=True))
        spans = (
            words.years(row["start_before"], row["end_before"]),
            words.years(row["start"], row["end"]),
        )
        total = total.reset_index().assign(series=words.instrument_label(row["instrument"]))
        parts.append(total.assign(earlier=spans[0], later=spans[1]))
    columns = {
        "series": "series", by: "partner" if by == "partner_name" else "bloc", "earlier": "from",
        "share_before": "share then", "later": "to", "share": "share now",
        "contribution": "effective partners added",
    }  # fmt: skip
    table = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(columns))
    return table[list(columns)].rename(columns=columns)


def totals(found: pd.DataFrame) -> pd.DataFrame:
    """Add up `explained` by series: the difference between the first and the last window.

    Parameters
    ----------
    found : DataFrame
        As `explained` gives it.
    """
    keys = [*_SERIES, "start_before", "end_before", "start", "end"]
    return found.groupby(keys, sort=False, as_index=False)["contribution"].sum()


def overlap(portfolios: pd.DataFrame, *, order: float = 1.0) -> pd.DataFrame:
    """Tell how far the partners in different instruments are the same, window by window.

    Parameters
    ----------
    portfolios : DataFrame
        Of one country, one source an instrument.
    order : float
        Of the Hill number.

    Returns
    -------
    DataFrame
        As `instruments` gives it, of windows in which two instruments or more have ties.
    """
    flows = portfolios[portfolios["basis"] == "flow"]
    found = compare_instruments(flows, order=order)
    return found[(found["status"] == "measured") & (found["n_parts"] > 1)].reset_index(drop=True)


def overlap_table(found: pd.DataFrame, *, every: int = 5) -> pd.DataFrame:
    """Lay out `overlap` for reading: the last window and every fifth before it.

    Parameters
    ----------
    found : DataFrame
        As `overlap` gives it.
    every : int
        Years between the windows shown.
    """
    shown = found[(found["end"].max() - found["end"]) % every == 0] if len(found) else found
    return pd.DataFrame(
        {
            "window": [
                words.years(*span) for span in zip(shown["start"], shown["end"], strict=True)
            ],
            "instruments": [_instruments(parts) for parts in shown["parts"]],
            "in a typical one": shown["alpha"].tolist(),
            "in all together": shown["gamma"].tolist(),
            "as many unlike instruments as": shown["beta"].tolist(),
        }
    )


def _instruments(parts: str) -> str:
    """Name the instruments of parts, each a source and an instrument: arms imports, exercises."""
    keys = [part.partition(" ")[2] for part in parts.split("; ")]
    return ", ".join(map(words.instrument_name, sorted(keys, key=words.instrument_rank)))


def turnover(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Measure how many partners came and went, and what part of the ties changed hands.

    Parameters
    ----------
    portfolios : DataFrame
        Of one country, one source an instrument.

    Returns
    -------
    DataFrame
        As `analysis.plot.triptych` takes it: a row a window and property, set against the window
        just before it that shares no year with it. Properties are "joined", "left" and "shifted".
    """
    flows = portfolios[portfolios["basis"] == "flow"]
    found = turnovers(flows)
    terms = flows.drop_duplicates(_SERIES)[[*_SERIES, "weighting", "window", "basis"]]
    found = found.merge(terms, on=_SERIES)
    unknown = {"low": np.nan, "high": np.nan, "interval": "none", "interval_kind": "none"}
    return battery.stacked(
        {
            name: found.assign(estimate=found[column], measure=label, measure_id=column, **unknown)
            for name, (column, label) in _TURNOVER.items()
        }
    )


def portfolios(
    country: str, *, start: int, end: int, window: int, weighting: str | None, continuing: str
) -> pd.DataFrame:
    """Portfolios of a state by one source for each instrument in which it has a tie.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end, window, weighting, continuing
        As of `analysis.selections.portfolios`.
    """
    code = countries.lookup(country)
    every = selections.portfolios(
        code, start=start, end=end, window=window, weighting=weighting, continuing=continuing
    )
    return selections.drop_silent_instruments(selections.one_arms_source(every))


def beside(
    portfolios: pd.DataFrame, others: list[str], *, window: int, draws: int, seed: int
) -> pd.DataFrame:
    """Compare a state with others by its main instrument; empty if it has none, or no others.

    Parameters
    ----------
    portfolios : DataFrame
        Of the state.
    others : list of str
        ISO3 codes or names.
    window, draws, seed
        As of `analysis.compare`.
    """
    flows = portfolios[(portfolios["status"] == "measured") & (portfolios["basis"] == "flow")]
    if flows.empty or not others:
        return battery.effective(portfolios.iloc[:0], draws=0, seed=seed)
    return compare(
        [flows["country"].iloc[0], *others],
        instrument=flows["instrument"].iloc[0],
        window=window,
        draws=draws,
        seed=seed,
    )


def beside_table(compared: pd.DataFrame) -> pd.DataFrame:
    """Lay out `beside` for reading: a row a state and source.

    Parameters
    ----------
    compared : DataFrame
        As `beside` gives it.
    """
    known = compared[compared["status"] == "measured"]
    if known.empty:
        return pd.DataFrame()
    ends = zip(known["difference"], known["difference_low"], known["difference_high"], strict=True)
    return pd.DataFrame(
        {
            "state": known["name"],
            "series": [words.portfolio_name(row) for row in known.itertuples()],
            "effective partners": [numbers.estimate_of(row) for row in known.itertuples()],
            "less those of the first": [numbers.estimate(*end) for end in ends],
        }
    )
