"""Names and codes of countries to ISO 3166-1 alpha-3, bounded by year.

Coding rules (tables and their columns: `data/countries/README.md`):

1. A state's code is its ISO 3166-1 alpha-3; of a state that has gone, its ISO 3166-3 code (SUN,
   DDR, YUG, SCG, CSK, YMD); where there is none, a code of our own which ISO has never given away.
2. Where a divided state was united, the side that went on keeps the code: DEU is the Federal
   Republic and united Germany, VNM the North and united Viet Nam, YEM the North and united Yemen.
   Where a state goes on under another code, `continuing.csv` says so: SUN as RUS, YUG and SCG as
   SRB.
3. A name or code means the state that bore it in that year: Russia is SUN in 1922 to 1991, COW 345
   is YUG to 1991, SCG in 1992 to 2005 and SRB afterwards. A year of change goes to the state which
   had most of it. Without a year, a name is taken only if its table says so (column `undated`).
   In a year in which that state was in no list of the state system, it is refused: Bangladesh in
   1970, the Soviet Union in 1992. Loaders keep such a tie, for that is what the source says, and
   `ledger.finish` flags it `outside_state_years`. The lists begin in 1816; before, nothing is said.
   A name that several states bear in a year is refused, and all of them named.
4. Matching is exact after normalising case, blanks, accents, apostrophes and dashes. There is no
   guess: what is not in the tables is an error that lists every such name.
5. Territories, organisations, non-state parties and unknown parties are set aside by name. SIPRI
   marks a non-state party with `*` and an organisation with `**`; the mark alone decides where the
   name is not in the tables.
"""

from collections.abc import Iterable
from functools import cache

import numpy as np
import pandas as pd

from ..errors import ParameterError, UnknownCountryError
from ._country_messages import hint_for, report_unknown
from ._country_tables import (
    NO_YEAR,
    SCHEMES,
    in_year,
    index_of,
    names_set_aside,
    normalise,
    rows_of,
    state_row,
    state_rows,
    systems,
    territory_rows,
    text_of,
)
from ._country_tables import name_of as name_of

#: what a row of `match` can be; all but `state` are set aside
KINDS = ("state", "territory", "organisation", "non_state", "unknown", "missing")

#: in a sentence
_NO_STATE = {
    "territory": "a territory", "organisation": "an organisation", "non_state": "a non-state party",
    "unknown": "several states or none in particular", "missing": "a sign for a missing name",
}  # fmt: skip

#: first year of the lists of the state system
_LISTS_BEGIN = 1816
_MARKS = {"*": "non_state", "**": "organisation"}


def codes() -> frozenset[str]:
    """Every code that can stand in the ledger: states of today and states that have gone."""
    return frozenset(state_rows())


def territories() -> frozenset[str]:
    """Codes of territories which sources name as partners; no states, so never a `country`.

    Forces of these take part in exercises under the territory's own name. They carry the flag
    `territory` in the ledger. All other territories are set aside.
    """
    return frozenset(territory_rows())


def region_of(iso3: str) -> str:
    """Region: one of the seven of the World Bank (as of 2024)."""
    return state_row(iso3)["region"]


@cache
def continuing() -> dict[str, str]:
    """Code of each state that goes on under another code -> that code: SUN -> RUS, YUG -> SRB.

    By the practice of the United Nations: a state goes on if another keeps its seat. Where all who
    followed were admitted as new members it goes on as none, as CSK. Yugoslavia's case is
    contested, and counts as going on, for its membership was not ended. All cases, each with its
    basis, are in `data/countries/continuing.csv`.
    """
    return {
        row["code"]: row["continues_as"]
        for row in rows_of("continuing.csv")
        if row["continues_as"] not in ("", row["code"])
    }


def heirs(how: str = "one") -> dict[str, str]:
    """Codes that count as another one: those of `continuing`, or none if `how` is "apart"."""
    if how not in ("one", "apart"):
        raise ParameterError(f"continuing is {how!r}; it is one or apart.")
    return continuing() if how == "one" else {}


def codes_of(iso3: str) -> list[str]:
    """Codes under which a state is on record: its own, then those that go on as it.

    RUS gives RUS and SUN, but SUN gives SUN alone.
    """
    return [iso3, *(code for code, heir in continuing().items() if heir == iso3)]


def code_in(iso3: str, year: int) -> str:
    """Code that a state (`iso3`) bore in a `year`: RUS is SUN in 1922 to 1991, else RUS."""
    for code in codes_of(iso3)[1:]:
        if year < first_year_as_heir(code) and exists(code, year):
            return code
    return iso3


def joined(codes: Iterable[str], first: int, last: int) -> list[str]:
    """Former codes of states that count as one, under another code, from `first` to `last`.

    `codes` are those of the states that are counted; two codes of one state are two states.
    """
    counted = set(codes)
    return [
        code
        for code, heir in continuing().items()
        if heir in counted and code not in counted and first < first_year_as_heir(code) <= last
    ]


@cache
def first_year_as_heir(iso3: str) -> int:
    """First year in which a state that goes on under another code bears that one: 1992 for SUN."""
    return next(int(row["from_year"]) for row in rows_of("continuing.csv") if row["code"] == iso3)


def exists(iso3: str, year: int, *, system: str | None = None) -> bool:
    """Whether a state (`iso3`) was a member of the state system on some day of `year`.

    `system` follows Correlates of War (2016, "cow") or Gleditsch and Ward ("gw") alone; else either
    is enough. Spells open when the lists were last revised are taken to last.
    """
    state_row(iso3)
    return any(
        first <= year <= last for name, first, last in systems()[iso3] if system in (None, name)
    )


def all_states(year: int | None = None, *, system: str | None = None) -> list[str]:
    """Codes of all states, or of the state system's members in `year`, in alphabetical order."""
    if year is None:
        return sorted(state_rows())
    return [code for code in sorted(state_rows()) if exists(code, year, system=system)]


def lookup(text: str, year: int | None = None) -> str:
    """Turn what a person typed, a code or a name in any case, into a code.

    Parameters
    ----------
    text : str
        ISO3 code or English name.
    year : int, optional
        The state that bore the name in that year; else the one that bears it now or last did.

    Returns
    -------
    str
        Code of the state.

    Raises
    ------
    UnknownCountryError
        One line, with the nearest names and codes.
    """
    if not isinstance(text, str) or not text.strip():
        raise UnknownCountryError(f"Expected the code or name of a country, got {text!r}.")
    at = NO_YEAR if year is None else year
    if year is None and text.strip().upper() in state_rows():
        return text.strip().upper()
    iso3, kind = _find(normalise(text), at, ("iso3", "name"))
    if iso3:
        return iso3
    if kind:
        raise UnknownCountryError(f"{text.strip()!r} is {_NO_STATE[kind]}, not a state.")
    hint = hint_for(text, ("name", "iso3"), at) or "give an ISO3 code or an English name"
    raise UnknownCountryError(
        f"Unknown country {text.strip()!r}{'' if year is None else f' in {year}'}: {hint}."
    )


def match(
    names: Iterable,
    *,
    years: Iterable | int | None = None,
    scheme: str = "name",
    outside: str = "refuse",
    where: str = "",
) -> pd.DataFrame:
    """Match names or codes with states, row by row.

    Parameters
    ----------
    names : iterable of str or numbers
        As found in the source.
    years : iterable of int, int or None
        Year of each row, aligned with `names`; missing where the source gives none.
    scheme : str
        One of `SCHEMES`: what the names are.
    outside : {"refuse", "keep"}
        What becomes of a name in a year in which the state that it means did not exist.
    where : str
        File and column, for the message.

    Returns
    -------
    DataFrame
        Aligned with `names` (same index if it is a Series): `iso3`, missing where a row is set
        aside, and `kind`, one of `KINDS`.

    Raises
    ------
    UnknownCountryError
        Lists every name that is not in the tables, with its rows, years and nearest names.
    """
    if scheme not in SCHEMES:
        raise ParameterError(f"Unknown scheme {scheme!r}. There are: {', '.join(SCHEMES)}.")
    rows = names if isinstance(names, pd.Series) else pd.Series(list(names), dtype=object)
    name_at, found_names = pd.factorize(rows)
    year = _years(years, len(rows))
    pairs, pair_at = np.unique(np.stack([name_at, year]), axis=1, return_inverse=True)
    keys = [*(normalise(text_of(name)) for name in found_names), ""]  # the last is of those missing
    pair_at = pair_at.ravel()
    keep = outside == "keep"
    results = [_find(keys[name], int(at), SCHEMES[scheme], keep=keep) for name, at in pairs.T]
    bad = [at for at, (_, kind) in enumerate(results) if not kind]
    if bad:
        raise UnknownCountryError(
            report_unknown(bad, pairs, found_names, pair_at, scheme=scheme, where=where)
        )
    iso3 = pd.array([iso3 for iso3, _ in results], dtype="str")
    kind = pd.array([kind for _, kind in results], dtype="str")
    return pd.DataFrame({"iso3": iso3.take(pair_at), "kind": kind.take(pair_at)}, index=rows.index)


def _find(
    key: str, year: int, tables: tuple[str, ...], *, keep: bool = False
) -> tuple[str | None, str | None]:
    """Return (code, kind); kind is None if the key is in no table, or means no state that year.

    With `keep`, a name stands for its state in years too in which that did not exist.
    """
    if not key:
        return None, "missing"
    bare = key.rstrip("*").rstrip()
    mark = key[len(bare) :].strip()
    for table in tables:
        spells = index_of(table).get(bare, ())
        if iso3 := in_year(spells, year):
            fits = iso3 in state_rows() and (keep or existed(iso3, year))
            return (iso3, "state") if fits and not mark else (None, None)
        if kind := names_set_aside(table).get(bare):
            return None, kind
        if keep and (iso3 := in_year(spells, NO_YEAR)) in state_rows() and not mark:
            return iso3, "state"
    names_a_state = any(bare in index_of(table) for table in tables)
    return None, _MARKS.get(mark) if bare and not names_a_state else None


def existed(iso3: str, year: int) -> bool:
    """Whether a state (`iso3`) existed in a `year`, as far as the lists go, which begin in 1816."""
    return year < _LISTS_BEGIN or exists(iso3, year)


def _years(years: Iterable | int | None, length: int) -> np.ndarray:
    if not isinstance(years, Iterable):
        return np.full(length, NO_YEAR if years is None else int(years), dtype=np.int64)
    given = pd.to_numeric(pd.Series(list(years), dtype=object), errors="coerce")
    if len(given) != length:
        raise ValueError(f"{length} names but {len(given)} years")
    return given.fillna(NO_YEAR).to_numpy(dtype=np.int64)
