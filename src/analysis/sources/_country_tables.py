"""The tables of countries, as they are in `data/countries`."""

import difflib
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import NamedTuple

import numpy as np

from .. import paths
from ..errors import SourceFileError, UnknownCountryError
from ..files.tables import read_table

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
#: form of what stands in columns of years and dates, if anything does
_DATED = {
    **dict.fromkeys(("first_year", "last_year", "from_year"), r"([0-9]{4})?"),
    **dict.fromkeys(("start", "end"), r"([0-9]{4}-[0-9]{2}-[0-9]{2})?"),
}
EVER = (-(10**6), 10**6)
NO_YEAR = -1
_PUNCTUATION = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u00b4`", "'")
    | dict.fromkeys("\u2010\u2011\u2013\u2014\u2212", "-")
)
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


class Spell(NamedTuple):
    """One line of aliases.csv or codes.csv: what a name means in some years.

    `iso3` is the code of a state; or several with blanks between, if the name may mean any of them.
    """

    iso3: str
    first: int
    last: int
    undated: bool


def rows_of(file: str) -> list[dict[str, str]]:
    """Read one of the tables."""
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
def state_rows() -> dict[str, dict[str, str]]:
    """Give the row of each state, by its code."""
    return {row["iso3"]: row for row in rows_of("states.csv")}


@cache
def territory_rows() -> dict[str, dict[str, str]]:
    """Give the row of each territory, by its code."""
    return {row["iso3"]: row for row in rows_of("territories.csv")}


def state_row(iso3: str) -> dict[str, str]:
    """Give the row of one state."""
    if iso3 in territory_rows():
        return territory_rows()[iso3]
    if iso3 not in state_rows():
        near = difflib.get_close_matches(str(iso3).upper(), sorted(state_rows()), n=3)
        raise UnknownCountryError(
            f"No state has the code {iso3!r}."
            + (f" Nearest: {', '.join(near)}." if near else " See data/countries/states.csv.")
        )
    return state_rows()[iso3]


@cache
def systems() -> dict[str, list[tuple[str, int, int]]]:
    """Code -> spells of membership: (list, first year, last year)."""
    spells: dict[str, list[tuple[str, int, int]]] = {}
    for row in rows_of("system.csv"):
        spell = row["list"], int(row["start"][:4]), int(row["end"][:4] or EVER[1])
        spells.setdefault(row["iso3"], []).append(spell)
    return spells


@cache
def _all_spells() -> dict[str, dict[str, list[Spell]]]:
    """Scheme -> normalised name or code -> its spells, as the tables list them."""
    tables: dict[str, dict[str, list[Spell]]] = {}
    for row in rows_of("codes.csv") + rows_of("aliases.csv"):
        bounded = bool(row["first_year"] or row["last_year"])
        spell = Spell(
            row["iso3"],
            int(row["first_year"] or EVER[0]),
            int(row["last_year"] or EVER[1]),
            not bounded or row["undated"] == "yes",
        )
        key = normalise(row.get("code") or row["alias"])
        tables.setdefault(row["scheme"], {}).setdefault(key, []).append(spell)
    return tables


@cache
def index_of(scheme: str) -> dict[str, list[Spell]]:
    """Spells of a scheme; a display name or code that is not listed holds in every year."""
    listed = dict(_all_spells().get(scheme, {}))
    column = {"name": "name", "iso3": "iso3"}.get(scheme)
    if column:
        for code, row in state_rows().items():
            listed.setdefault(normalise(row[column]), [Spell(code, *EVER, True)])
    return listed


@cache
def names_set_aside(scheme: str) -> dict[str, str]:
    """Normalised name or code -> kind, of what is knowingly no state."""
    return {
        normalise(row["name"]): row["kind"]
        for row in rows_of("not_states.csv")
        if row["scheme"] == scheme
    }


def in_year(spells: Iterable[Spell], year: int) -> str | None:
    """Find the code that a name has in a year, if it has one."""
    if year == NO_YEAR:
        return next((spell.iso3 for spell in spells if spell.undated), None)
    return next((spell.iso3 for spell in spells if spell.first <= year <= spell.last), None)


def normalise(text: str) -> str:
    """Undo what distinguishes no names: case, blanks, accents, apostrophes, dashes, controls."""
    text = unicodedata.normalize("NFKD", text.translate(_PUNCTUATION))
    kept = (
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or not unicodedata.category(letter).startswith(("M", "C"))
    )
    return " ".join("".join(kept).casefold().split())


def text_of(value: object) -> str:
    """Write a name as text; what is missing is empty."""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def name_of(iso3: str) -> str:
    """Short English name for display; an unknown code raises UnknownCountryError."""
    return state_row(iso3)["name"]
