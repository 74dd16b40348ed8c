"""Who is comparable with a state: peers chosen by a stated rule, or named by the user.

======================  ====================================================================
rule                    peers are
======================  ====================================================================
`region`                of its region (World Bank), the nearest in CINC first
`capabilities`          anywhere, the nearest in CINC first
`regime`                of a third to three times its CINC, the nearest in polyarchy first
`rivalry`               its rivals by Thompson, Sakuwa & Suhas, the oldest rivalry first
`record`                of its region, the nearest in the number of exercises on record first
======================  ====================================================================

CINC is compared as a ratio (distance |ln a - ln b|), since it spans five orders of magnitude. A
state of which a rule knows nothing is listed with the reason, and never taken for a peer.
"""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from ..errors import ParameterError
from ..sources import catalog, countries, store

#: how many times weaker or stronger a peer by regime may be
BAND = 3.0
#: exercises on record below which a comparison of records says nothing
ENOUGH = 10
#: rule -> the sources it asks
SOURCES = {
    "region": ("nmc",),
    "capabilities": ("nmc",),
    "regime": ("nmc", "vdem"),
    "rivalry": ("rivalries",),
    "record": ("mme",),
}
#: status of a state that may be chosen
COMPARABLE = "comparable"
CHOSEN = [
    "of", "country", "name", "rule", "compared", "distance", "rank", "year", "status", "source",
]  # fmt: skip


def choose_peers(
    country: str,
    *,
    rule: str | Iterable[str] = "region",
    year: int | None = None,
    most: int = 8,
    named: Iterable[str] = (),
) -> pd.DataFrame:
    """Choose peers of a state.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    rule : str or list of str
        Of `RULES`; of several, the nearest by each in turn, each state once.
    year : int, optional
        In which states are compared. Default, and for a later year: the last that is covered.
    most : int
        How many at most.
    named : list of str
        Codes or names of the peers; if any is given, the rule is not asked.

    Returns
    -------
    DataFrame
        of, country, name, rule, compared (what, in words), distance (by the rule; none for
        rivalries and named peers), rank (from 1), year, status, source. Below the peers, without a
        rank, stand those that could not be compared, and why; if that is the state itself, it
        alone.

    Raises
    ------
    ParameterError
        For an unknown rule, or `most` below 1.
    UnknownCountryError
        For an unknown country.
    """
    code = countries.lookup(country)
    rules = [rule] if isinstance(rule, str) else list(dict.fromkeys(rule))
    if unknown := [name for name in rules if name not in RULES]:
        raise ParameterError(
            f"Unknown rule {', '.join(map(repr, unknown))}. There are: {', '.join(RULES)}."
        )
    if most < 1 or not rules:
        raise ParameterError("At least one rule and one peer must be asked for.")
    if codes := [found for found in map(countries.lookup, named) if found != code]:
        tables = [_named(list(dict.fromkeys(codes)))]
        most = len(codes)
    else:
        tables = [RULES[name](code, year).assign(rule=name) for name in rules]
    table = _in_turn(tables, most=most)
    table["name"] = [countries.name_of(found) for found in table["country"]]
    return table.assign(of=code)[CHOSEN]


def peer_codes(chosen: pd.DataFrame) -> list[str]:
    """List the codes of the peers in a table of `peers`, without those not comparable."""
    return chosen.loc[chosen["rank"].notna(), "country"].tolist()


def sources(chosen: pd.DataFrame, *, rule: Iterable[str]) -> list[str]:
    """List the sources that were asked for peers; none if they were named.

    Parameters
    ----------
    chosen : DataFrame
        As `peers` gives it.
    rule : list of str
        The rules asked for.
    """
    if (chosen["rule"] == "named").any():
        return []
    return sorted({key for name in rule for key in SOURCES[name]})


def peers_table(chosen: pd.DataFrame) -> pd.DataFrame:
    """Lay out peers for reading; below them those not comparable, and why."""
    peer = chosen["rank"].notna()
    return pd.DataFrame(
        {
            "state": chosen["name"],
            "chosen by": chosen["rule"].where(peer, "not comparable"),
            "what was compared": chosen["compared"].where(peer, chosen["status"]),
            "in": [str(year) if pd.notna(year) else "–" for year in chosen["year"]],
        }
    )


def _in_turn(tables: list[pd.DataFrame], *, most: int) -> pd.DataFrame:
    """Take the first of each table, then the second of each, and so on; each state once."""
    every = pd.concat([table.assign(turn=range(len(table))) for table in tables], ignore_index=True)
    known = every["status"] == COMPARABLE
    found = every[known].sort_values("turn", kind="stable")
    said = found.groupby("country")[["rule", "compared"]].agg("; ".join)
    found = found.drop_duplicates("country").head(most)
    found = found.assign(rank=np.arange(1.0, len(found) + 1))
    found[["rule", "compared"]] = said.loc[found["country"]].to_numpy()
    unknown = every[~known].assign(rank=np.nan).drop_duplicates(["country", "status"])
    unknown = unknown[~unknown["country"].isin(found["country"])]
    parts = [part for part in (found, unknown) if len(part)] or [found]
    return pd.concat(parts, ignore_index=True).drop(columns="turn")


def _named(codes: list[str]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "country": codes,
            "rule": "named",
            "compared": "named, not chosen",
            "distance": np.nan,
            "year": pd.NA,
            "status": COMPARABLE,
            "source": "",
        }
    )


# --- the rules ------------------------------------------------------------------------------------


def _by_region(code: str, year: int | None) -> pd.DataFrame:
    used = _used(year, "nmc")
    region = countries.region_of(code)
    pool = [state for state in _others(code, used) if countries.region_of(state) == region]
    return _nearest_in_cinc(code, used, pool)


def _by_capabilities(code: str, year: int | None) -> pd.DataFrame:
    used = _used(year, "nmc")
    return _nearest_in_cinc(code, used, _others(code, used))


def _nearest_in_cinc(code: str, used: int, pool: list[str]) -> pd.DataFrame:
    cinc = _values("nmc", "capabilities.csv", used)
    return _table(
        code,
        pool,
        cinc,
        label="CINC",
        used=used,
        source="nmc",
        apart=lambda values: np.log(values / cinc[code]).abs(),
        said=lambda value: f"CINC {_plain(value)}, {_plain(value / cinc[code])} times its own",
    )


def _by_regime(code: str, year: int | None) -> pd.DataFrame:
    used = _used(year, *SOURCES["regime"])
    cinc = _values("nmc", "capabilities.csv", used)
    regime = _values("vdem", "polyarchy.csv", used)
    for values, label, source in ((cinc, "CINC", "nmc"), (regime, "polyarchy", "vdem")):
        if code not in values:
            return _unknown([code], label, used, source)
    others = _others(code, used)
    near = [s for s in others if s in cinc and 1 / BAND <= cinc[s] / cinc[code] <= BAND]
    found = _table(
        code,
        near,
        regime,
        label="polyarchy",
        used=used,
        source="vdem",
        apart=lambda values: (values - regime[code]).abs(),
        said=lambda value: f"polyarchy {value:.2f}, its own {regime[code]:.2f}",
    )
    weighed = _unknown([state for state in others if state not in cinc], "CINC", used, "nmc")
    return pd.concat([part for part in (found, weighed) if len(part)] or [found])


def _by_rivalry(code: str, year: int | None) -> pd.DataFrame:
    used = _used(year, "rivalries")
    table = store.table("rivalries", "rivalries.csv")
    table = table[(table["first_year"] <= used) & (used <= table["last_year"])]
    both = pd.concat([table, table.rename(columns={"iso3": "rival", "rival": "iso3"})])
    own = both[both["iso3"] == code].sort_values(["first_year", "rival"])
    said = [f"rivals since {first}" for first in own["first_year"]]
    return _rows(own["rival"].tolist(), said, np.nan, used=used, source="rivalries")


def _by_record(code: str, year: int | None) -> pd.DataFrame:
    used = _used(year, "mme")
    return in_record(code, source="mme", years=(0, used), at_least=ENOUGH)


def in_record(
    country: str, *, source: str, years: tuple[int, int], at_least: int = 1
) -> pd.DataFrame:
    """Find states of the same region, the nearest in the number of events on record first.

    Parameters
    ----------
    country : str
        ISO3 code.
    source : str
        Whose record.
    years : (int, int)
        First and last year; a state that was gone in the last is no peer.
    at_least : int
        Events below which a record is not comparable.

    Returns
    -------
    DataFrame
        country, compared, distance (difference of the numbers), year, status, source.
    """
    events = store.read(sources=[source], years=years)
    heirs = countries.continuing()
    then = {code: countries.code_in(heir, years[1]) for code, heir in heirs.items()}
    number = events.groupby(events["country"].replace(then))["event_id"].nunique()
    own, region = int(number.get(country, 0)), countries.region_of(country)
    pool = [
        state
        for state in number.index
        if state != country
        and countries.region_of(state) == region
        and countries.exists(state, years[1])
    ]
    found = number[pool].astype(int)
    apart = (found - own).abs()
    made = _rows(
        pool,
        [f"events on record {count:,}, its own {own:,}" for count in found],
        apart.to_numpy(float),
        used=years[1],
        source=source,
    )
    few = (found < at_least).to_numpy()
    made.loc[few, "status"] = f"fewer than {at_least} events on record"
    return made.sort_values(["distance", "country"], ignore_index=True)


#: name of the rule -> function of a code and a year
RULES: dict[str, Callable[[str, int | None], pd.DataFrame]] = {
    "region": _by_region,
    "capabilities": _by_capabilities,
    "regime": _by_regime,
    "rivalry": _by_rivalry,
    "record": _by_record,
}


# --- what they share ------------------------------------------------------------------------------


def _used(year: int | None, *keys: str) -> int:
    """Give the year in which states are compared: the one asked for, or the last covered by all."""
    last = min(catalog.get(key).years[1] for key in keys)
    return last if year is None else min(year, last)


def _others(code: str, year: int) -> list[str]:
    return [state for state in countries.all_states(year) if state != code]


def _values(key: str, file: str, year: int) -> pd.Series:
    """Read the values of one year, by ISO3."""
    table = store.table(key, file)
    return table[table["year"] == year].set_index("iso3").drop(columns="year").iloc[:, 0]


def _table(
    code: str,
    pool: list[str],
    values: pd.Series,
    *,
    label: str,
    used: int,
    source: str,
    apart: Callable[[pd.Series], pd.Series],
    said: Callable[[float], str],
) -> pd.DataFrame:
    """Order a pool by the distance of a value; those without one below, with the reason."""
    if code not in values:
        return _unknown([code], label, used, source)
    found = values[values.index.isin(pool)]
    rows = _rows(
        found.index.tolist(),
        [said(value) for value in found],
        apart(found).to_numpy(float),
        used=used,
        source=source,
    )
    rows = rows.sort_values(["distance", "country"], kind="stable")
    silent = _unknown([state for state in pool if state not in values], label, used, source)
    return pd.concat([part for part in (rows, silent) if len(part)] or [rows], ignore_index=True)


def _unknown(states: list[str], label: str, used: int, source: str) -> pd.DataFrame:
    rows = _rows(states, "", np.nan, used=used, source=source)
    return rows.assign(status=f"no {label} on record in {used}")


def _plain(value: float) -> str:
    """Write a number with two significant digits, and no exponent."""
    return np.format_float_positional(value, precision=2, fractional=False, trim="-")


def _rows(
    states: list[str],
    compared: list[str] | str,
    distance: np.ndarray | float,
    *,
    used: int,
    source: str,
) -> pd.DataFrame:
    made = pd.DataFrame({"country": pd.Series(states, dtype="str")})
    made = made.assign(compared=compared, distance=distance, year=used)
    return made.assign(status=COMPARABLE, source=source)
