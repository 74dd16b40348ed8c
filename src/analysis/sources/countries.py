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

import difflib
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from .. import paths
from ..errors import ParameterError, SourceFileError, UnknownCountryError
from ..files.delimited import read_table

#: scheme -> the tables it looks in, one after the other
SCHEMES = {
    "name": ("name",),
    "us": ("us", "name"),  # tables of the United States Government
    "sipri": ("sipri", "name"),
    "un_pko": ("un_pko", "name"),  # United Nations peacekeeping
    "cow": ("cow",),
    "cow_abbreviation": ("cow_abbreviation",),
    "gw": ("gw",),
    "iso2": ("iso2",),
    "iso3": ("iso3",),
    "vdem": ("vdem", "iso3"),
    "polity": ("polity", "cow"),
}

#: what a row of `match` can be; all but `state` are set aside
KINDS = ("state", "territory", "organisation", "non_state", "unknown", "missing")

#: in a sentence
_NO_STATE = {
    "territory": "a territory", "organisation": "an organisation", "non_state": "a non-state party",
    "unknown": "several states or none in particular", "missing": "a sign for a missing name",
}  # fmt: skip

_NO_YEAR = -1
#: first year of the lists of the state system
_LISTS_BEGIN = 1816
_EVER = (-(10**6), 10**6)
_MARKS = {"*": "non_state", "**": "organisation"}
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")
    | dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-")
)


class _Spell(NamedTuple):
    """One line of aliases.csv or codes.csv: what a name means in some years.

    `iso3` is the code of a state; or several with blanks between, if the name may mean any of them.
    """

    iso3: str
    first: int
    last: int
    undated: bool


def codes() -> frozenset[str]:
    """Every code that can stand in the ledger: states of today and states that have gone."""
    return frozenset(_states())


def territories() -> frozenset[str]:
    """Codes of territories which sources name as partners; no states, so never a `country`.

    Forces of these take part in exercises under the territory's own name. They carry the flag
    `territory` in the ledger. All other territories are set aside.
    """
    return frozenset(_territories())


def name_of(iso3: str) -> str:
    """Short English name for display; an unknown code raises UnknownCountryError."""
    return _state(iso3)["name"]


def region_of(iso3: str) -> str:
    """Region: one of the seven of the World Bank (as of 2024)."""
    return _state(iso3)["region"]


@cache
def continuing() -> dict[str, str]:
    """Code of each state that goes on under another code -> that code: SUN -> RUS, YUG -> SRB.

    By the practice of the United Nations: a state goes on if another keeps its seat. Where all who
    followed were admitted as new members it goes on as none, as CSK. Yugoslavia's case is
    contested, and counts as going on, for its seat was kept. All cases, each with its basis, are
    in `data/countries/continuing.csv`.
    """
    return {
        row["code"]: row["continues_as"]
        for row in _rows("continuing.csv")
        if row["continues_as"] not in ("", row["code"])
    }


def codes_of(iso3: str) -> list[str]:
    """Codes under which a state is on record: its own, then those that go on as it.

    RUS gives RUS and SUN, but SUN gives SUN alone.
    """
    return [iso3, *(code for code, heir in continuing().items() if heir == iso3)]


def code_in(iso3: str, year: int) -> str:
    """Code that a state bore in a year: RUS is SUN in 1922 to 1991, and RUS in all other years.

    Parameters
    ----------
    iso3 : str
        Code of the state.
    year : int
        Calendar year.
    """
    return next(
        (
            code
            for code in codes_of(iso3)[1:]
            if year < first_year_as_heir(code) and exists(code, year)
        ),
        iso3,
    )


def joined(codes: Iterable[str], first: int, last: int) -> list[str]:
    """Former codes of states that count as one, under another code, from `first` to `last`.

    Parameters
    ----------
    codes : iterable of str
        Codes of the states that are counted; two codes of one state are two states.
    first, last : int
        Years, both included.
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
    return next(int(row["from_year"]) for row in _rows("continuing.csv") if row["code"] == iso3)


def exists(iso3: str, year: int, *, system: str | None = None) -> bool:
    """Say whether a state was a member of the state system on some day of `year`.

    Parameters
    ----------
    iso3 : str
        Code of the state.
    year : int
        Calendar year. Spells open when the lists were last revised are taken to last.
    system : {"cow", "gw"}, optional
        Follow Correlates of War (2016) or Gleditsch and Ward alone; else either is enough.
    """
    _state(iso3)
    return any(
        first <= year <= last for name, first, last in _system()[iso3] if system in (None, name)
    )


def all_states(year: int | None = None, *, system: str | None = None) -> list[str]:
    """Codes of all states, or of the state system's members in `year`, in alphabetical order."""
    if year is None:
        return sorted(_states())
    return [code for code in sorted(_states()) if exists(code, year, system=system)]


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
    at = _NO_YEAR if year is None else year
    if year is None and text.strip().upper() in _states():
        return text.strip().upper()
    iso3, kind = _find(normalise(text), at, ("iso3", "name"))
    if iso3:
        return iso3
    if kind:
        raise UnknownCountryError(f"{text.strip()!r} is {_NO_STATE[kind]}, not a state.")
    hint = _hint(text, ("name", "iso3"), at) or "give an ISO3 code or an English name"
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
    keys = [*(normalise(_text(name)) for name in found_names), ""]  # the last is of those missing
    pair_at = pair_at.ravel()
    keep = outside == "keep"
    results = [_find(keys[name], int(at), SCHEMES[scheme], keep=keep) for name, at in pairs.T]
    bad = [at for at, (_, kind) in enumerate(results) if not kind]
    if bad:
        raise UnknownCountryError(_report(bad, pairs, found_names, pair_at, scheme, where))
    iso3 = pd.array([iso3 for iso3, _ in results], dtype="str")
    kind = pd.array([kind for _, kind in results], dtype="str")
    return pd.DataFrame({"iso3": iso3.take(pair_at), "kind": kind.take(pair_at)}, index=rows.index)


def normalise(text: str) -> str:
    """Undo what does not tell names apart: case, blanks, accents, apostrophes, dashes, controls."""
    text = unicodedata.normalize("NFKD", text.translate(_PUNCTUATION))
    kept = (
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or not unicodedata.category(letter).startswith(("M", "C"))
    )
    return " ".join("".join(kept).casefold().split())


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
        spells = _index(table).get(bare, ())
        if iso3 := _in_year(spells, year):
            fits = iso3 in _states() and (keep or existed(iso3, year))
            return (iso3, "state") if fits and not mark else (None, None)
        if kind := _set_aside(table).get(bare):
            return None, kind
        if keep and (iso3 := _in_year(spells, _NO_YEAR)) in _states() and not mark:
            return iso3, "state"
    return None, _MARKS.get(mark) if bare and not _names_a_state(bare, tables) else None


def existed(iso3: str, year: int) -> bool:
    """Say whether a state existed in a year, as far as the lists can tell, which begin in 1816.

    Parameters
    ----------
    iso3 : str
        Code of the state.
    year : int
        Calendar year.
    """
    return year < _LISTS_BEGIN or exists(iso3, year)


def _in_year(spells: Iterable[_Spell], year: int) -> str | None:
    if year == _NO_YEAR:
        return next((spell.iso3 for spell in spells if spell.undated), None)
    return next((spell.iso3 for spell in spells if spell.first <= year <= spell.last), None)


def _names_a_state(key: str, tables: tuple[str, ...]) -> bool:
    return any(key in _index(table) for table in tables)


def _years(years: Iterable | int | None, length: int) -> np.ndarray:
    if years is None or np.isscalar(years):
        return np.full(length, _NO_YEAR if years is None else int(years), dtype=np.int64)
    given = pd.to_numeric(pd.Series(list(years), dtype=object), errors="coerce")
    if len(given) != length:
        raise ValueError(f"{length} names but {len(given)} years")
    return given.fillna(_NO_YEAR).to_numpy(dtype=np.int64)


def _text(value: object) -> str:
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _report(bad, pairs, found_names, pair_at, scheme, where) -> str:
    """Write one line for each unmatched name: rows, years, nearest names."""
    rows = np.bincount(pair_at, minlength=pairs.shape[1])
    by_name: dict[str, list[int]] = {}
    for at in bad:
        by_name.setdefault(_text(found_names[pairs[0][at]]), []).append(at)
    lines = [
        _fault(name, sorted(pairs[1][at]), rows[at].sum(), SCHEMES[scheme])
        for name, at in sorted(by_name.items())
    ]
    place = f" in {where}" if where else ""
    head = f"{len(lines)} name(s){place} not in the table of countries (scheme {scheme}):"
    advice = "Correct them in the source, or add them to data/countries/ (see its README)."
    return "\n".join([head, *lines, advice])


def _fault(name: str, years: list[int], rows: int, tables: tuple[str, ...]) -> str:
    dated = sorted({int(year) for year in years} - {_NO_YEAR})
    span = f", {dated[0]} to {dated[-1]}" if len(dated) > 1 else f", {dated[0]}" if dated else ""
    hint = _hint(name, tables, years[0]) or "nothing near"
    return f"  {name!r}: {rows} row(s){span or ', no year'}; {hint}"


def _hint(name: str, tables: tuple[str, ...], year: int) -> str:
    """Say why a name means no state in a year: by its own years, or by names like it."""
    key = normalise(name).rstrip("* ")
    known = [spell for table in tables for spell in _index(table).get(key, ())]
    if (iso3 := _in_year(known, year)) and iso3 not in _states():
        return f"may be {' or '.join(f'{name_of(code)} ({code})' for code in iso3.split())}"
    if known:
        return f"has no such year; it means {'; '.join(dict.fromkeys(map(_means, known)))}"
    near = _nearest(name, tables, year)
    return f"nearest: {', '.join(near)}" if near else ""


def _means(spell: _Spell) -> str:
    """Say what a name means in which years: those of its state, unless the table bounds them."""
    bounded = (spell.first, spell.last) != _EVER
    lives = [(spell.first, spell.last)] if bounded else _lives(spell.iso3)
    spans = [
        ("" if first == _EVER[0] else f" from {first}")
        + ("" if last == _EVER[1] else f" to {last}")
        for first, last in lives
    ]
    return f"{spell.iso3.replace(' ', ' or ')}{','.join(spans)}"


def _lives(iso3: str) -> list[tuple[int, int]]:
    """First and last years in which a state existed, by both lists together."""
    found: list[tuple[int, int]] = []
    for _, first, last in sorted(_system()[iso3], key=lambda spell: spell[1:]):
        if found and first <= found[-1][1] + 1:
            first, last = found[-1][0], max(found.pop()[1], last)
        found.append((first, last))
    return found


def _nearest(text: str, tables: tuple[str, ...], year: int) -> list[str]:
    """Names close to `text`, with the code each stands for: to be shown, never to be used."""
    candidates = {
        key: iso3
        for table in tables
        for key, spells in _index(table).items()
        if (iso3 := _in_year(spells, year) or spells[-1].iso3) in _states()
    }
    close = difflib.get_close_matches(normalise(text), sorted(candidates), n=6, cutoff=0.6)
    return [
        f"{name_of(code)} ({code})" for code in dict.fromkeys(candidates[key] for key in close)
    ][:3]


# --- the tables, read once when first needed ------------------------------------------------------


#: columns of each table that are read; others are for people
_COLUMNS = {
    "states.csv": ("iso3", "name", "region", "iso2"),
    "territories.csv": ("iso3", "name", "region"),
    "system.csv": ("iso3", "list", "start", "end"),
    "codes.csv": ("scheme", "code", "iso3", "first_year", "last_year", "undated"),
    "aliases.csv": ("scheme", "alias", "iso3", "first_year", "last_year", "undated"),
    "not_states.csv": ("scheme", "name", "kind"),
    "continuing.csv": ("code", "continues_as", "from_year"),
}
#: what stands in columns of years and dates, if anything does
_DATED = {
    **dict.fromkeys(("first_year", "last_year", "from_year"), r"([0-9]{4})?"),
    **dict.fromkeys(("start", "end"), r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"),
}


def _rows(file: str) -> list[dict[str, str]]:
    path = paths.data_dir() / "countries" / file
    table = read_table(path, _COLUMNS[file], encodings=["utf-8"])
    for column in set(_DATED) & set(_COLUMNS[file]):
        wrong = table[~table[column].str.fullmatch(_DATED[column])]
        if len(wrong):
            raise SourceFileError(
                f"{path}, row {wrong['line'].iloc[0]}: {column} is {wrong[column].iloc[0][:60]!r};"
                " a year or a date is expected, or nothing."
            )
    return table.to_dict("records")


@cache
def _states() -> dict[str, dict[str, str]]:
    return {row["iso3"]: row for row in _rows("states.csv")}


@cache
def _territories() -> dict[str, dict[str, str]]:
    return {row["iso3"]: row for row in _rows("territories.csv")}


def _state(iso3: str) -> dict[str, str]:
    if iso3 in _territories():
        return _territories()[iso3]
    if iso3 not in _states():
        near = difflib.get_close_matches(str(iso3).upper(), sorted(_states()), n=3)
        raise UnknownCountryError(
            f"No state has the code {iso3!r}."
            + (f" Nearest: {', '.join(near)}." if near else " See data/countries/states.csv.")
        )
    return _states()[iso3]


@cache
def _system() -> dict[str, list[tuple[str, int, int]]]:
    """Code -> spells of membership: (list, first year, last year)."""
    spells: dict[str, list[tuple[str, int, int]]] = {}
    for row in _rows("system.csv"):
        spell = row["list"], int(row["start"][:4]), int(row["end"][:4] or _EVER[1])
        spells.setdefault(row["iso3"], []).append(spell)
    return spells


@cache
def _all_spells() -> dict[str, dict[str, list[_Spell]]]:
    """Scheme -> normalised name or code -> its spells, as the tables list them."""
    tables: dict[str, dict[str, list[_Spell]]] = {}
    for row in _rows("codes.csv") + _rows("aliases.csv"):
        bounded = bool(row["first_year"] or row["last_year"])
        spell = _Spell(
            row["iso3"],
            int(row["first_year"] or _EVER[0]),
            int(row["last_year"] or _EVER[1]),
            not bounded or row["undated"] == "yes",
        )
        key = normalise(row.get("code") or row["alias"])
        tables.setdefault(row["scheme"], {}).setdefault(key, []).append(spell)
    return tables


@cache
def _index(scheme: str) -> dict[str, list[_Spell]]:
    """Spells of a scheme; a display name or code that is not listed holds in every year."""
    listed = dict(_all_spells().get(scheme, {}))
    column = {"name": "name", "iso3": "iso3"}.get(scheme)
    if column:
        for code, row in _states().items():
            listed.setdefault(normalise(row[column]), [_Spell(code, *_EVER, True)])
    return listed


@cache
def _set_aside(scheme: str) -> dict[str, str]:
    """Normalised name or code -> kind, of what is knowingly no state."""
    return {
        normalise(row["name"]): row["kind"]
        for row in _rows("not_states.csv")
        if row["scheme"] == scheme
    }
