"""From the ledger to portfolios: who the partners are, in which window, with what weight.

A portfolio is what one source says of one country's ties by one instrument in one window of years.
Sources are never mixed within a portfolio, and each obligation of alliances has one by itself,
since adding a defence pact to a non-aggression treaty measures nothing. A state that goes on under
another code (the Soviet Union as Russia, see `countries.continuing`) is one partner, under its code
of today.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pandas as pd

from .. import _arguments, words
from ..errors import ParameterError
from ..sources import catalog, ledger
from ..words import PORTFOLIO
from ._windows import (
    States,
    absent_windows,
    by_state,
    list_windows,
    missed_years,
    touch_gaps,
    weigh,
)

COLUMNS = [
    *PORTFOLIO, "event_id", "partner", "weight", "weight_low", "weight_high", "weighting",
    "window", "basis", "status",
]  # fmt: skip

#: no portfolio at all; columns are of the kinds they always have
_NONE = pd.DataFrame(columns=COLUMNS, dtype="str").astype(
    dict.fromkeys(("start", "end", "window"), "int64")
    | dict.fromkeys(("weight", "weight_low", "weight_high"), "float64")
)
#: an event with one of these flags took place beside the partnership, or is not known to have
LEFT_OUT = ("observer", "unsigned", "unrecognised", "from_mme", "subset_of_arms")


def portfolio(
    records: pd.DataFrame,
    *,
    window: int = 5,
    weighting: str | Mapping[str, str] | None = None,
    years: tuple[int, int] | None = None,
    countries: Iterable[str] | None = None,
    sources: Iterable[str] | None = None,
    stock: Iterable[str] | None = None,
    continuing: str = "one",
) -> pd.DataFrame:
    """Gather ties into rolling windows of years.

    Parameters
    ----------
    records : DataFrame
        A ledger.
    window : int
        Length of the window in years, 1 to 10. SIPRI's convention for arms is five, since
        deliveries are lumpy. Portfolios of stocks always span one year.
    weighting : str or mapping of instrument to str, optional
        `value` (the amount), `count` (1 for each event with the partner) or `fractional`
        (each event weighs 1 in all, divided among the partners counted in it). Default: that of
        the instrument. One string applies to all instruments recorded as events; amounts keep
        `value`.
    years : (int, int), optional
        First and last year in which a window may end. Default: what each source covers.
    countries : list of str, optional
        ISO3 codes or names; each has a portfolio even if it has no tie. Default: those in
        `records`. The portfolio of a state of today holds the ties of the state that it continues,
        if these are in `records`; one that is asked for by its former code (SUN) has
        the ties of that time only.
    sources : list of str, optional
        Short names, likewise. Default: those in `records` which are systematic records; shares of
        the others say more about what was looked for, so they must be asked for by name.
    stock : list of str, optional
        Instruments counted while in force; the others count in the year in which they began.
        Default: `words.stocks()`, those that are kept up until they end.
    continuing : {"one", "apart"}
        Whether a state that goes on under another code (`countries.continuing`) is one state, under
        the code of today, or two.

    Returns
    -------
    DataFrame
        One row for each portfolio, event and partner, with columns `COLUMNS`: `weight` in the
        unit of the source or in events; `weight_low` and `weight_high` where the source leaves
        the amount open. A tie whose amount the source rounds to 0 has no weight, and is left out. A
        portfolio without ties has one row, `partner` missing, and the `status` that says why:
        `empty`, `negligible` (there are ties, all without a weight), `not_covered` or
        `not_in_system`.

    Raises
    ------
    ParameterError
        For a window, weighting or range of years that cannot be, or a tie that is in twice.
    """
    years, stock = _arguments.years(years), _arguments.names(stock, "stock")
    _check_choices(window, weighting, stock)
    records = _each_once(records)
    kinds = {
        key: list(dict.fromkeys(rows["instrument"])) for key, rows in records.groupby("source")
    }
    stocks = words.stocks() if stock is None else tuple(stock)

    def terms_of(source: catalog.Source) -> pd.DataFrame:
        return _terms(
            source,
            kinds.get(source.key) or source.instrument.split(),
            window=window,
            weighting=weighting,
            years=years,
            stocks=stocks,
        )

    keys = _keys(records, sources, weighting)
    return _gather(*by_state(records, countries, continuing), keys, terms_of)


def _gather(
    records: pd.DataFrame,
    states: States,
    keys: list[str],
    terms_of: Callable[[catalog.Source], pd.DataFrame],
) -> pd.DataFrame:
    parts = [
        _of_source(records[records["source"] == source.key], source, states, terms_of(source))
        for source in map(catalog.get, keys)
    ]
    return in_order(pd.concat([part for part in parts if len(part)] or [_NONE]))[COLUMNS]


def _each_once(records: pd.DataFrame) -> pd.DataFrame:
    """Index the rows afresh; raise if a tie is there twice and would count twice."""
    again = _arguments.records(records).duplicated(ledger.KEY)
    if again.any():
        first = records[again].iloc[0]
        raise ParameterError(
            f"{again.sum()} of {len(records)} rows repeat a tie that is there already, such as"
            f" {first['source']} {first['event_id']}, {first['country']} with {first['partner']}."
            " Records put together from several calls of `load` overlap: load them in one call, or"
            " use drop_duplicates."
        )
    return records.reset_index(drop=True)


def whole(
    records: pd.DataFrame,
    *,
    weighting: str | None = None,
    countries: Iterable[str] | None = None,
    sources: Iterable[str] | None = None,
    continuing: str = "one",
) -> pd.DataFrame:
    """Gather all ties of each source, of flows such as exercises, into one window of its coverage.

    `records`, `weighting`, `countries`, `sources`, `continuing` and the table are as for
    `portfolio`.
    """
    records = _each_once(records)

    def terms_of(source: catalog.Source) -> pd.DataFrame:
        first, last = source.years
        return _terms(
            source,
            source.instrument.split(),
            window=last - first + 1,
            weighting=weighting,
            years=(last, last),
            stocks=(),
        )

    keys = _keys(records, sources, weighting)
    return _gather(*by_state(records, countries, continuing), keys, terms_of)


def spread_evenly(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Take amounts whose split over years is open as the source spreads them.

    `measure` then draws deals again, as it does other events, and gives no bounds. The interval is
    for what other deals there may have been, and says nothing of when these were delivered.

    Parameters
    ----------
    portfolios : DataFrame
        As `portfolio` returns it.

    Returns
    -------
    DataFrame
        The same, `weight_low` and `weight_high` equal to `weight`.
    """
    return portfolios.assign(weight_low=portfolios["weight"], weight_high=portfolios["weight"])


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by country, instrument (arms first), source (exact first), window, event, partner."""
    keys = ["country", "rank", "spread", "source", "start", "end", "event_id", "partner"]
    order = sorted(set(rows["instrument"]), key=words.instrument_rank)
    ranked = rows.assign(
        rank=rows["instrument"].map(order.index),
        spread=~rows["source"].isin(catalog.exact(rows["source"].unique())),
    )
    return ranked.sort_values(keys, ignore_index=True).drop(columns=["rank", "spread"])


def _keys(records: pd.DataFrame, asked: Iterable[str] | None, weighting: object) -> list[str]:
    """List the sources of portfolios; refuse a weighting that none of them can give."""
    keys = _arguments.names(asked, "sources")
    if keys is None:
        on_record = records["source"].unique()
        keys = [key for key in on_record if catalog.get(key).sampling["systematic"]]
    keys = sorted(set(keys))
    if isinstance(weighting, str) and keys:
        are_amounts = [catalog.get(key).unit != "event" for key in keys]
        if (weighting == "value") not in are_amounts:
            can = "count or fractional" if weighting == "value" else "value"
            raise ParameterError(
                f"Weighting {weighting!r} cannot be had from {', '.join(keys)}; it can be {can}."
            )
    return keys


def _check_choices(window: int, weighting: object, stock: list[str] | None) -> None:
    if not (_arguments.is_whole(window) and 1 <= window <= 10):
        raise ParameterError(f"window is {window!r}; it must be a whole number from 1 to 10.")
    asked = weighting.values() if isinstance(weighting, Mapping) else [weighting]
    if wrong := [w for w in asked if w not in (None, *words.WEIGHTINGS)]:
        raise ParameterError(
            f"Unknown weighting {wrong[0]!r}; it is {words.listed(words.WEIGHTINGS, last='or')}."
        )
    named = [*(stock or []), *(weighting if isinstance(weighting, Mapping) else [])]
    if wrong := [name for name in named if name not in words.instruments()]:
        raise ParameterError(
            f"Unknown instrument {wrong[0]!r}. There are: {', '.join(words.instruments())}."
        )


def _of_source(
    records: pd.DataFrame, source: catalog.Source, states: States, terms: pd.DataFrame
) -> pd.DataFrame:
    """Build the portfolios of one source, which may have none of the rows."""
    records = records[~ledger.has_flag(records, *LEFT_OUT)]
    ties = weigh(list_windows(_by_instrument(records, terms), terms, source.years), terms)
    ties = ties[~touch_gaps(ties, terms, missed_years(source, states))]
    rows = pd.concat(
        [ties[ties["weight_high"] > 0], absent_windows(ties, terms, source, states)],
        ignore_index=True,
    )
    of_each = terms[["weighting", "window", "basis"]].iloc[rows["place"]]
    return rows.assign(
        instrument=terms["label"].to_numpy()[rows["place"]],
        source=source.key,
        start=rows["end"] - of_each["window"].to_numpy() + 1,
        **{name: of_each[name].array for name in of_each},
    ).reindex(columns=COLUMNS)


def _terms(
    source: catalog.Source,
    kinds: Iterable[str],
    *,
    window: int,
    weighting: str | Mapping[str, str] | None,
    years: tuple[int, int] | None,
    stocks: tuple[str, ...],
) -> pd.DataFrame:
    """Say how the portfolios of each instrument are built, a row for each obligation.

    `first` and `last` are the years in which windows end.
    """
    rows = []
    for name in kinds:
        is_stock = name in stocks
        span = 1 if is_stock else window
        first, last = years or (source.years[0] + span - 1, source.years[1])
        of_all = {
            "instrument": name,
            "weighting": _weighting(name, source, weighting),
            "window": span,
            "basis": "stock" if is_stock else "flow",
            "first": first,
            "last": last,
        }
        parts = words.obligations(name) or [""]
        rows += [{**of_all, "flag": p, "label": f"{name}/{p}" if p else name} for p in parts]
    return pd.DataFrame(rows)


def _weighting(
    instrument: str, source: catalog.Source, asked: str | Mapping[str, str] | None
) -> str:
    if source.unit != "event":
        return "value"
    default = words.instrument(instrument).weighting
    if isinstance(asked, Mapping):
        asked = asked.get(instrument)
    return asked if asked in ("count", "fractional") else default


def _by_instrument(records: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """Give each tie the `place` of its terms; an alliance is there for each of its obligations."""
    rows = []
    for name, flag in zip(terms["instrument"], terms["flag"], strict=True):
        of_name = records["instrument"].eq(name)
        rows.append(np.flatnonzero(of_name & ledger.has_flag(records, flag) if flag else of_name))
    places = np.repeat(np.arange(len(rows)), [len(of_one) for of_one in rows])
    return records.iloc[np.concatenate(rows)].assign(place=places)
