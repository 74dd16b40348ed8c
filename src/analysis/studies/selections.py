"""Select portfolios for a report: sources, windows and instruments."""

from collections.abc import Iterable

import pandas as pd

from .. import words
from ..portfolios.panel import in_order, portfolio
from ..sources import catalog, countries, store
from ..words import PORTFOLIO


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
    country: str | Iterable[str],
    *,
    start: int,
    end: int,
    window: int = 5,
    weighting: str | None = None,
    continuing: str = "one",
    instruments: tuple[str, ...] = (),
) -> pd.DataFrame:
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
    found = portfolio(
        records,
        window=window,
        weighting=weighting,
        years=(start, end),
        countries=codes,
        sources=keys,
        continuing=continuing,
    )
    pairs = pd.MultiIndex.from_frame(found[["source", "country"]])
    replaced = [pair for pair in pairs.unique() if catalog.is_replaced(*pair)]
    return found[~pairs.isin(replaced)] if replaced else found


def latest(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep the last window with a tie of each state, source and instrument, the newest first."""
    measured = portfolios[portfolios["status"] == "measured"]
    last = measured.groupby(["country", "source", "instrument"])["end"].transform("max")
    found = measured[measured["end"] == last]
    # of one instrument: by the last year, whatever else the order is
    turn = pd.Series(range(len(found)), found.index)
    block = turn.groupby([found["country"], found["instrument"]]).transform("min")
    order = pd.DataFrame({"block": block, "end": -found["end"]}).sort_values(
        ["block", "end"], kind="stable"
    )
    return found.loc[order.index]


def drop_silent_instruments(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Leave out instruments in which a state has no tie in any window shown."""
    measured = portfolios["status"].eq("measured")
    series = [portfolios[name] for name in ("country", "source", "instrument")]
    return portfolios[measured.groupby(series).transform("any")]


def best_arms_source(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep the arms portfolios of the annual tables, else those of the register.

    Exact beats spread, and one series must come from one source, so the register is kept only
    where the tables have no tie at all.
    """
    arms = for_instrument(portfolios, "arms")
    is_exact = arms["source"].isin(catalog.exact(arms["source"].unique()))
    exact = arms[is_exact]
    return exact if (exact["status"] == "measured").any() else arms[~is_exact]


def one_arms_source(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep one source of arms imports (see `best_arms_source`) beside all other instruments."""
    rest = portfolios[portfolios["instrument"] != "arms"]
    parts = [part for part in (best_arms_source(portfolios), rest) if len(part)]
    return in_order(pd.concat(parts or [portfolios]))


def continued_arms(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep one source of arms imports a window: the exact one as far as it goes.

    After the last window that the annual tables cover, the register's follow, with their bounds. No
    window is of two sources, and each row says which one it is of.
    """
    best = one_arms_source(portfolios)
    arms = best[best["instrument"] == "arms"]
    last = arms.loc[arms["status"] != "not_covered", "end"].max()
    before = best[(best["instrument"] != "arms") | (best["end"] <= last)]
    known = portfolios["status"] != "not_covered"
    after = portfolios[(portfolios["instrument"] == "arms") & (portfolios["end"] > last) & known]
    return in_order(pd.concat([before, after])) if len(after) else best


def keep_portfolios(measured: pd.DataFrame, portfolios: pd.DataFrame) -> pd.DataFrame:
    """Keep of a table of measures those of some portfolios, in the order of these.

    Parameters
    ----------
    measured : DataFrame
        As `analysis.measure` gives it.
    portfolios : DataFrame
        The portfolios.
    """
    found = portfolios[PORTFOLIO].drop_duplicates().merge(measured, on=PORTFOLIO)
    return found[measured.columns]


def by_instrument(series: pd.DataFrame) -> pd.DataFrame:
    """Effective partners in every window by instrument, the most important series first.

    Treaties all weigh the same, so they are left out, unless there is nothing else.

    Parameters
    ----------
    series : DataFrame
        Effective partners of one country, as `analysis.battery.effective` gives them.

    Returns
    -------
    DataFrame
        The same rows, with the column `property`: the name of the instrument.
    """
    flows = series[series["basis"] == "flow"]
    shown = flows if len(flows) else series
    return shown.assign(property=shown["instrument"].map(words.instrument_name))


def for_instrument(portfolios: pd.DataFrame, instrument: str) -> pd.DataFrame:
    """Keep the portfolios of one instrument.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios.
    instrument : str
        Such as "arms".
    """
    return portfolios[portfolios["instrument"] == instrument]
