"""The tables of a country profile: what the notebook shows and the command line prints."""

from collections.abc import Iterable
from functools import partial

import numpy as np
import pandas as pd

from .. import words
from ..measures import diversity, similarity
from ..measures._specs import Measure
from ..portfolios import losses as portfolios_losses
from ..portfolios.differences import DIFFERENCE, difference
from ..portfolios.disparity import distances
from ..portfolios.measure import measure
from ..portfolios.panel import in_order, portfolio, shares
from ..sources import catalog, countries, store
from ..words import PORTFOLIO

#: the measures of a profile: what each is called, its function, its options
_BATTERY = (
    ("number of partners", diversity.hill, {"order": 0}),
    ("effective partners, q = 1", diversity.hill, {"order": 1}),
    ("effective partners, q = 2", diversity.hill, {"order": 2}),
    ("effective partners, q = ∞", diversity.hill, {"order": np.inf}),
    ("Shannon entropy", diversity.shannon, {}),
    ("evenness", diversity.evenness, {}),
    ("Herfindahl–Hirschman index", diversity.hhi, {}),
    ("normalised Herfindahl–Hirschman index", diversity.hhi, {"normalised": True}),
    ("share of the first partner (CR1)", diversity.concentration_ratio, {"k": 1}),
    ("share of the first three (CR3)", diversity.concentration_ratio, {"k": 3}),
    ("Rao's quadratic entropy", similarity.rao, {}),
    ("effective unlike partners, q = 1", similarity.leinster_cobbold, {"order": 1}),
)


def measures(*, draws: int = 0, seed: int | None = None) -> dict[str, partial[pd.DataFrame]]:
    """Every measure of a profile by `measure_id`, ready to be called with portfolios.

    Parameters
    ----------
    draws, seed : int
        Of the bootstrap; see `analysis.measure`.
    """
    apart = distances("ideal_point")
    made = {}
    for label, function, options in _BATTERY:
        asked = Measure.of(function, options)
        told = {"distances": apart} if asked.told_by()[1] else {}
        made[asked.id] = partial(
            measure, function=function, draws=draws, seed=seed, label=label, **told, **options
        )
    return made


#: the three properties of diversity (Stirling 2007), each by one of the measures above
PROPERTIES = {"variety": "hill_0", "balance": "evenness_1", "disparity": "rao"}


def systematic_sources(*instruments: str) -> list[str]:
    """List the sources from which shares may be computed, in the order of their instruments."""
    keys = [key for key in store.sources_of(*instruments) if catalog.get(key).is_measurable]
    return sorted(keys, key=lambda key: (words.instrument_rank(_first_instrument(key)), key))


def _first_instrument(key: str) -> str:
    return min(catalog.get(key).instrument.split(), key=words.instrument_rank)


def why_unmeasured(instrument: str) -> str:
    """Say why there is no portfolio of an instrument: what its sources are, if there are any."""
    keys = store.sources_of(instrument)
    notes = [f"{key}: {catalog.get(key).sampling['note'].rstrip('.')}." for key in keys]
    name = words.instrument_name(instrument)
    plain = f"Of {name} no diversity can be measured: no source is a systematic record of them."
    return " ".join([plain, *notes])


def portfolios(
    country: str | Iterable[str], *, start: int, end: int, window: int = 5,
    weighting: str | None = None, continuing: str = "one",
    instruments: tuple[str, ...] = (),
) -> pd.DataFrame:  # fmt: skip
    """Portfolios of one country, or of several, in all windows that end from `start` to `end`.

    Parameters
    ----------
    country : str or list of str
        ISO3 code or name.
    start, end : int
        Years.
    window, weighting, continuing
        See `analysis.portfolio`.
    instruments : tuple of str
        Which instruments; none: all.

    Returns
    -------
    DataFrame
        See `analysis.portfolio`.
    """
    names = [country] if isinstance(country, str) else country
    codes = [countries.lookup(name) for name in names]
    keys = systematic_sources(*instruments)
    records = store.load(*instruments, country=codes, sources=keys)
    return portfolio(
        records, window=window, weighting=weighting, years=(start, end), countries=codes,
        sources=keys, continuing=continuing,
    )  # fmt: skip


def effective(
    made: pd.DataFrame, *, draws: int, seed: int, order: float = 1.0, distance: str | None = None
) -> pd.DataFrame:  # fmt: skip
    """Measure the effective number of partners (a Hill number), the headline of a report.

    With a kind of distance, partners who are alike count less (Leinster and Cobbold's number).

    Parameters
    ----------
    made : DataFrame
        Portfolios.
    draws, seed : int
        Of the bootstrap.
    order : float
        Of the Hill number.
    distance : str, optional
        See `analysis.distances`; none: all partners are equally unlike.
    """
    asked = {"draws": draws, "seed": seed, "order": order, "label": effective_name(order, distance)}
    if distance is None:
        return measure(made, diversity.hill, **asked)
    return measure(made, similarity.leinster_cobbold, distances=distances(distance), **asked)


def effective_name(order: float, distance: str | None = None) -> str:
    """Name the effective number of partners of an `order`, by a kind of `distance`."""
    of = f"unlike partners by {distance.replace('_', ' ')}" if distance else "partners"
    return f"effective {of}, {order_name(order)}"


def order_name(order: float) -> str:
    """Write the order of a Hill number."""
    return f"q = {'∞' if np.isinf(order) else f'{order:g}'}"


def latest(made: pd.DataFrame) -> pd.DataFrame:
    """Keep the last window with a tie of each state, source and instrument, the newest first."""
    measured = made[made["status"] == "measured"]
    last = measured.groupby(["country", "source", "instrument"])["end"].transform("max")
    found = measured[measured["end"] == last]
    # of one instrument: by the last year, whatever else the order is
    turn = pd.Series(range(len(found)), found.index)
    block = turn.groupby([found["country"], found["instrument"]]).transform("min")
    order = pd.DataFrame({"block": block, "end": -found["end"]}).sort_values(
        ["block", "end"], kind="stable"
    )
    return found.loc[order.index]


def changes(made: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Measure the last window of each instrument against its first, in effective partners.

    Parameters
    ----------
    made : DataFrame
        Portfolios of one country in many windows.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    DataFrame
        See `analysis.portfolios.differences.difference`; without instruments that have one window only.
    """
    measured = made[made["status"] == "measured"]
    ends = measured.groupby(["source", "instrument"])["end"]
    first, last = ends.transform("min"), ends.transform("max")
    several = first < last
    earliest, newest = (measured[several & (measured["end"] == end)] for end in (first, last))
    if newest.empty:
        return pd.DataFrame(columns=DIFFERENCE)
    return difference(
        newest, earliest, diversity.hill, order=1, draws=draws, seed=seed,
        label="effective partners, q = 1",
    )  # fmt: skip


def over_time(made: pd.DataFrame, ids: list[str], *, draws: int, seed: int) -> pd.DataFrame:
    """Put some measures of every window one under the other.

    Parameters
    ----------
    made : DataFrame
        Portfolios.
    ids : list of str
        Which of `measures`.
    draws, seed : int
        Of the bootstrap.
    """
    every = measures(draws=draws, seed=seed)
    return pd.concat([every[one](made) for one in ids], ignore_index=True)


def ever(made: pd.DataFrame) -> pd.DataFrame:
    """Leave out instruments in which a state has no tie in any window shown."""
    measured = made["status"].eq("measured")
    series = [made[name] for name in ("country", "source", "instrument")]
    return made[measured.groupby(series).transform("any")]


def best_arms(made: pd.DataFrame) -> pd.DataFrame:
    """Keep the arms portfolios of the annual tables, else those of the register.

    Exact beats spread, and one series must come from one source, so the register is kept only
    where the tables have no tie at all.
    """
    arms = chosen(made, "arms")
    is_exact = arms["source"].isin(catalog.exact(arms["source"].unique()))
    exact = arms[is_exact]
    return exact if (exact["status"] == "measured").any() else arms[~is_exact]


def distinct(made: pd.DataFrame) -> pd.DataFrame:
    """Keep one source of arms imports (see `best_arms`) beside all other instruments."""
    rest = made[made["instrument"] != "arms"]
    parts = [part for part in (best_arms(made), rest) if len(part)]
    return in_order(pd.concat(parts or [made]))


def continued(made: pd.DataFrame) -> pd.DataFrame:
    """Keep, as `distinct`, one source of arms imports a window: the exact one as far as it goes.

    After the last window that the annual tables cover, the register's follow, with their bounds. No
    window is of two sources, and each row says which one it is of.
    """
    best = distinct(made)
    arms = best[best["instrument"] == "arms"]
    last = arms.loc[arms["status"] != "not_covered", "end"].max()
    before = best[(best["instrument"] != "arms") | (best["end"] <= last)]
    known = made["status"] != "not_covered"
    after = made[(made["instrument"] == "arms") & (made["end"] > last) & known]
    return in_order(pd.concat([before, after])) if len(after) else best


def only(measured: pd.DataFrame, made: pd.DataFrame) -> pd.DataFrame:
    """Keep of a table of measures those of some portfolios, in the order of these.

    Parameters
    ----------
    measured : DataFrame
        As `analysis.measure` gives it.
    made : DataFrame
        The portfolios.
    """
    found = made[PORTFOLIO].drop_duplicates().merge(measured, on=PORTFOLIO)
    return found[measured.columns]


def headline(series: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Effective partners in every window by instrument, the most important series first.

    Treaties all weigh the same, so they are left out, unless there is nothing else.

    Parameters
    ----------
    series : DataFrame
        Effective partners of one country, as `effective` gives them.

    Returns
    -------
    dict of str to DataFrame
        Name of the instrument -> its rows.
    """
    flows = series[series["basis"] == "flow"]
    shown = flows if len(flows) else series
    return {
        words.instrument_name(name): rows for name, rows in shown.groupby("instrument", sort=False)
    } or {"effective partners": shown}


def chosen(made: pd.DataFrame, instrument: str) -> pd.DataFrame:
    """Keep the portfolios of one instrument.

    Parameters
    ----------
    made : DataFrame
        Portfolios.
    instrument : str
        Such as "arms".
    """
    return made[made["instrument"] == instrument]


def properties(made: pd.DataFrame, *, draws: int, seed: int) -> dict[str, pd.DataFrame]:
    """Variety, balance and disparity in every window.

    Treaties in force all weigh the same, so they have no balance and are left out there; a state
    that has no other ties has no balance at all.

    Parameters
    ----------
    made : DataFrame
        Portfolios.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to DataFrame
        Name of the property -> its measure, as `analysis.measure` gives it.
    """
    every = measures(draws=draws, seed=seed)
    weighed = made[made["basis"] == "flow"]
    found = {
        name: every[measure](weighed if name == "balance" else made)
        for name, measure in PROPERTIES.items()
    }
    return {name: table for name, table in found.items() if len(table)} or found


def stacked(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Put the measures of several properties one under the other, with a column `property`."""
    parts = [table.assign(property=name) for name, table in tables.items()]
    return pd.concat(parts, ignore_index=True)


def side_by_side(made: pd.DataFrame, *, draws: int, seed: int) -> pd.DataFrame:
    """Every measure of every portfolio as text with its interval: a row each, a column a portfolio.

    Empty if there is no portfolio.

    Parameters
    ----------
    made : DataFrame
        Portfolios, one for each source and instrument (see `latest`).
    draws, seed : int
        Of the bootstrap.
    """
    table = over_time(made, list(measures()), draws=draws, seed=seed)
    heads = [words.portfolio_name(row) for row in table.itertuples()]
    cells = [words.estimate_of(row) for row in table.itertuples()]
    wide = table.assign(head=heads, cell=cells).pivot(
        index="measure", columns="head", values="cell"
    )
    wide = wide.reindex(index=table["measure"].unique(), columns=list(dict.fromkeys(heads)))
    return wide.rename_axis(index="measure", columns=None)


def unattributed(made: pd.DataFrame) -> pd.DataFrame:
    """Tell what is left out of each arms portfolio: suppliers unknown, or with next to nothing.

    Parameters
    ----------
    made : DataFrame
        Portfolios.

    Returns
    -------
    DataFrame
        One row for each measured portfolio of a source that says so: its columns, and
        share_left_out (0 to 1, of the portfolio and what was left out together: from suppliers that
        are no states, or not named) and n_negligible (suppliers whose deliveries the source rounds
        to 0).
    """
    rows = []
    totals = made[made["status"] == "measured"].groupby(PORTFOLIO, sort=False)["weight"].sum()
    for key, total in totals.items():
        if "unattributed.csv" not in catalog.get(key[1]).files:
            continue
        other = store.table(key[1], "unattributed.csv")
        inside = (other["country"] == key[0]) & other["year"].between(key[3], key[4])
        left_out = other.loc[inside, "value"].sum()
        rows.append([*key, left_out / (left_out + total), _negligible(*key)])
    return pd.DataFrame(rows, columns=[*PORTFOLIO, "share_left_out", "n_negligible"])


def _negligible(country: str, source: str, instrument: str, start: int, end: int) -> int:
    """Count the partners with whom all of a state's ties in some years are of the value 0."""
    ties = store.load(instrument, country=country, sources=[source])
    inside = ties[ties["start"].dt.year.between(start, end)]
    partners = inside["partner"].replace(countries.continuing())
    return int((inside["value"].groupby(partners).sum() == 0).sum())


def losses(made: pd.DataFrame, *, draws: int = 0, seed: int | None = None) -> pd.DataFrame:
    """Tell what the loss of the first partner does to the last window of each instrument.

    Left out are portfolios of several partners that all have the same weight: none is the first.

    Parameters
    ----------
    made : DataFrame
        Portfolios.
    draws, seed : int
        Of the bootstrap.
    """
    every = measures(draws=draws, seed=seed)
    shown = [every[one] for one in ("hill_0", "hill_1", "rao")]
    return portfolios_losses.loss(_with_a_first(latest(made)), {one.keywords["label"]: one for one in shown})


def _with_a_first(made: pd.DataFrame) -> pd.DataFrame:
    table = shares(made)
    most, least = (table.groupby(PORTFOLIO)["share"].agg(how) for how in ("max", "min"))
    first = most.index[(most > least + 1e-9) | (most == 1)]
    return made[pd.MultiIndex.from_frame(made[PORTFOLIO]).isin(first)]


def summary(
    country: str, instrument: str, *, start: int, end: int, weighting: str | None = None,
    continuing: str = "one", draws: int = 1000, seed: int = 1,
) -> list[dict]:  # fmt: skip
    """Everything measured of one instrument in one period: a plain object for each portfolio.

    Parameters
    ----------
    country, instrument : str
        Whose ties, of which kind.
    start, end : int
        First and last year of the window, at most ten years.
    weighting, continuing : str, optional
        See `analysis.portfolio`.
    draws, seed : int
        Of the bootstrap.

    Returns
    -------
    list of dict
        Ready for JSON: numbers that are missing are None.
    """
    made = portfolios(
        country, start=end, end=end, window=end - start + 1, weighting=weighting,
        continuing=continuing, instruments=(instrument,),
    )  # fmt: skip
    partners = shares(made)
    tables = [function(made) for function in measures(draws=draws, seed=seed).values()]
    measured = pd.concat(tables, ignore_index=True)
    out = []
    for key, rows in measured.groupby(PORTFOLIO, sort=False):
        source = catalog.get(key[1])
        own = partners[(partners[PORTFOLIO] == list(key)).all(axis=1) & partners["partner"].notna()]
        first = rows.iloc[0]
        out.append(
            {
                **{name: _plain(value) for name, value in zip(PORTFOLIO, key, strict=True)},
                "country_name": countries.name_of(key[0]),
                "status": first["status"], "weighting": first["weighting"],
                "window": int(first["window"]), "basis": first["basis"], "unit": source.unit,
                "continuing": continuing, "notes": _notes(own["partner"], key),
                "seed": seed, "draws": draws, "n_events": int(first["n_events"]),
                "source_title": source.title, "source_version": source.version,
                "coverage": list(source.years), "citation": source.citation,
                "spread": bool((own["share_high"] > own["share_low"] + 1e-12).any()),
                "advice": "" if source.observes(key[0]) else catalog.how_to_get(source.key),
                "shares": [_record(row, _SHARE) for row in own.to_dict("records")],
                "measures": [_record(row, _MEASURE) for row in rows.to_dict("records")],
            }
        )  # fmt: skip
    return out


def _notes(partners: pd.Series, key: tuple) -> list[str]:
    """Say which states count as one in a portfolio though they have two codes."""
    country, _, _, first, last = key
    heirs = countries.continuing()
    return [
        words.one_state(
            countries.name_of(code),
            countries.name_of(heirs[code]),
            countries.first_year_as_heir(code),
        )
        for code in countries.joined([country, *partners], first, last)
    ]


_SHARE = ("partner", "partner_name", "weight", "share", "share_low", "share_high", "n_events")
_MEASURE = (
    "measure", "measure_id", "estimate", "low", "high", "interval", "interval_kind", "held",
    "weight_without_distance",
)  # fmt: skip


def _record(row: dict, names: tuple[str, ...]) -> dict:
    return {name: _plain(row[name]) for name in names}


def _plain(value: object) -> object:
    if isinstance(value, np.integer | int):
        return int(value)
    if isinstance(value, np.floating | float):
        return None if np.isnan(value) else float(value)
    return value
