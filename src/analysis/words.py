"""Words and numbers as people read them: in text, tables, figures, the site and the command line.

Whatever has a name is declared here once: instruments, weightings, reasons for absence. Short
titles of sources stand in their sidecars. A number is written by one rule, so that a report prints
it alike wherever it stands. Nothing here escapes texts: who writes HTML or Markdown does.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from . import paths

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


#: what identifies a portfolio, in every table
PORTFOLIO = ["country", "source", "instrument", "start", "end"]
#: ends the short name of a shipped source behind an import of the same name
EXTRACT = "_extract"


# --- instruments ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Instrument:
    """One instrument of military diplomacy.

    Attributes
    ----------
    key : str
        In tables: the ledger's instrument, or `instrument/obligation` for part of one.
    name : str
        In a sentence, in the plural.
    event : str
        One of what is counted.
    partner : str
        Whom it is had with.
    is_stock : bool
        Whether it lasts and is counted while in force, as treaties are, not when it begins.
    weighting : str
        How events weigh unless the caller says otherwise.
    is_measured : bool
        Whether a systematic record of it ships, of which shares may be computed.
    short : str
        At a line in a figure, where the name is too long for it.
    listed : str
        What its events are called in a list of those in both directions; default: as at a line.
    shown_in : str
        The notebook that shows its reviewed events, if one does.
    is_outcome : bool
        Whether event studies look at it: of treaties at the strongest pledge and at the widest.
    """

    key: str
    name: str
    event: str = "event"
    partner: str = "partner"
    is_stock: bool = False
    weighting: str = "count"
    is_measured: bool = False
    short: str = ""
    listed: str = ""
    shown_in: str = ""
    is_outcome: bool = False


def _pact(obligation: str, name: str, *, is_outcome: bool = False) -> Instrument:
    return Instrument(
        f"alliance/{obligation}", name, "treaty tie", is_stock=True, is_outcome=is_outcome
    )


_TREATIES = "agreements_and_alliances"


#: all instruments, in the order of tables and figures; an alliance is measured by obligation
INSTRUMENTS = {
    one.key: one
    for one in (
        Instrument(
            "arms",
            "arms imports",
            "delivery",
            "supplier",
            is_measured=True,
            listed="arms transfers",
            is_outcome=True,
        ),
        Instrument(
            "exercise",
            "joint exercises",
            "exercise",
            weighting="fractional",
            is_measured=True,
            short="exercises",
            is_outcome=True,
        ),
        Instrument(
            "agreement",
            "defence agreements",
            "agreement",
            is_measured=True,
            short="agreements",
            shown_in=_TREATIES,
            is_outcome=True,
        ),
        Instrument(
            "alliance",
            "alliances",
            "treaty tie",
            is_stock=True,
            is_measured=True,
            shown_in=_TREATIES,
        ),
        _pact("defense", "defence pacts", is_outcome=True),
        _pact("offense", "offensive pacts"),
        _pact("neutrality", "neutrality pacts"),
        _pact("nonaggression", "non-aggression pacts", is_outcome=True),
        _pact("consultation", "consultation pacts"),
        Instrument("visit", "visits", "visit", shown_in=_TREATIES),
        Instrument("deployment", "deployments", "deployment"),
        Instrument("peacekeeping", "peacekeeping contributions", "contribution"),
        Instrument("production", "joint production", "project", shown_in=_TREATIES),
        Instrument("assistance", "military assistance", "grant", "donor"),
        Instrument("training", "military training", "course"),
    )
}


def instrument(key: str) -> Instrument:
    """Look up an instrument; one that is not declared goes by its own key."""
    return INSTRUMENTS.get(key) or Instrument(key, clean(key, 30))


def instrument_name(key: str) -> str:
    """Name an instrument in a sentence."""
    return instrument(key).name


def instrument_label(key: str) -> str:
    """Name an instrument in a figure."""
    return capital(instrument(key).short or instrument_name(key))


def listed_label(key: str) -> str:
    """Name an instrument in a list of events in both directions."""
    return capital(instrument(key).listed) or instrument_label(key)


def series_label(row: Any) -> str:
    """Name the instrument and years of a row, at the beginning of a line."""
    return f"{capital(instrument_name(row.instrument))}, {years(row.start, row.end)}"


def portfolio_name(row: Any) -> str:
    """Name the portfolio of a row inside a sentence: joint exercises 2006–2010 (MME)."""
    span = years(row.start, row.end)
    return f"{instrument_name(row.instrument)} {span} ({source_title(row.source)})"


def sourced_label(row: Any) -> str:
    """Name the instrument and source of a row, at the beginning of a line."""
    return capital(sourced_name(row))


def sourced_name(row: Any) -> str:
    """Name the instrument and source of a row inside a sentence: joint exercises (MME)."""
    return f"{instrument_name(row.instrument)} ({source_title(row.source)})"


def instruments() -> list[str]:
    """List the instruments of a ledger; obligations are parts of one."""
    return [key for key in INSTRUMENTS if "/" not in key]


def measured_instruments() -> list[str]:
    """List the instruments of a ledger of which a systematic record ships."""
    return [key for key in instruments() if INSTRUMENTS[key].is_measured]


def obligations(key: str) -> list[str]:
    """List the obligations by which an instrument is measured; most have none."""
    return [part for one, _, part in (k.partition("/") for k in INSTRUMENTS) if part and one == key]


def stocks() -> tuple[str, ...]:
    """List the instruments of a ledger that are counted while in force."""
    return tuple(key for key in instruments() if INSTRUMENTS[key].is_stock)


def portfolio_instruments() -> list[str]:
    """List the instruments of portfolios: one that is measured by obligation is its obligations."""
    whole = [key for key in measured_instruments() if not obligations(key)]
    return [key for key in INSTRUMENTS if key in whole or "/" in key]


def outcomes() -> tuple[str, ...]:
    """List the instruments that event studies look at."""
    return tuple(key for key, one in INSTRUMENTS.items() if one.is_outcome)


def shown_in(notebook: str) -> list[str]:
    """List the instruments whose reviewed events a notebook shows."""
    return [key for key, one in INSTRUMENTS.items() if one.shown_in == notebook]


def instrument_rank(key: str) -> tuple[int, str]:
    """Sort instruments as they are declared; those that are not come last, by key."""
    order = list(INSTRUMENTS)
    return (order.index(key) if key in INSTRUMENTS else len(order)), key


# --- sources, weightings, reasons -----------------------------------------------------------------


def source_title(key: str) -> str:
    """Short title of a source, by its sidecar; one without a sidecar goes by its key."""
    if key.endswith(EXTRACT):
        return f"{source_title(key.removesuffix(EXTRACT))} (extract)"
    for base in (paths.imports_dir(), paths.data_dir()):
        sidecar = base / key / "source.yml"
        if Path(key).name == key and sidecar.is_file():
            return clean(_short_title(sidecar) or key, 30)
    return clean(key, 30)


@cache
def _short_title(sidecar: Path) -> str | None:
    lines = sidecar.read_text("utf-8").splitlines()
    return next((line[6:].strip(" '\"") for line in lines if line.startswith("short:")), None)


@dataclass(frozen=True)
class Weighting:
    """How ties weigh: in a figure, and in a sentence about events of a kind."""

    name: str
    sentence: str


WEIGHTINGS = {
    "value": Weighting("by value", "weighted by value"),
    "count": Weighting("full count", "each {event} counts in full for every partner"),
    "fractional": Weighting(
        "each event weighs 1", "each {event} counts once, divided among its participants"
    ),
}


def weighting_name(key: str) -> str:
    """Name a weighting in a figure."""
    return WEIGHTINGS[key].name if key in WEIGHTINGS else clean(key, 20)


def weighting_sentence(key: str, instrument_key: str) -> str:
    """Say how the ties of an instrument weigh by a weighting, `key` and `instrument_key`."""
    if key not in WEIGHTINGS:
        return clean(key, 20)
    return WEIGHTINGS[key].sentence.format(event=instrument(instrument_key).event)


@dataclass(frozen=True)
class Absence:
    """Why there is no value: at a mark in a figure, and in a sentence."""

    name: str
    sentence: str


#: status of a portfolio that has no value -> why it has none, the most telling one first
ABSENCES = {
    "empty": Absence("no ties", "the sources cover these years and record no tie"),
    "negligible": Absence("too small", "ties on record, but all so small that they have no weight"),
    "measured": Absence("not defined", "the measure is not defined for these ties"),
    "not_covered": Absence("no data", "not covered by the source"),
    "not_in_system": Absence("not a state", "not a state in these years"),
    "refused": Absence("not measured", "the measure cannot be computed"),
}


def absence(statuses: Iterable[str]) -> Absence:
    """Choose, of the statuses of several portfolios without ties, the most telling one."""
    found = set(statuses)
    return next(
        (one for key, one in ABSENCES.items() if key in found), Absence("no data", "no data")
    )


# --- numbers --------------------------------------------------------------------------------------


# --- texts ----------------------------------------------------------------------------------------


def years(first: float, last: float) -> str:
    """Write a window of years, from `first` to `last`: 2020–2024, or one year."""
    return f"{int(first)}" if first == last else f"{int(first)}–{int(last)}"


def counted(count: float, noun: str, plural: str = "") -> str:
    """Write a number of things: 1 treaty tie, 1,204 events.

    Parameters
    ----------
    count : int
        How many.
    noun, plural : str
        What; the plural takes an s, or es, unless it is given.
    """
    many = plural or f"{noun}{'es' if noun.endswith(('s', 'x', 'ch', 'sh')) else 's'}"
    return f"{count:,.0f} {noun if count == 1 else many}"


def listed(names: Iterable[str], most: int | None = None, *, last: str = "and") -> str:
    """Join names: a, b and c; with more than `most` of them, the first and how many more.

    Parameters
    ----------
    names : list of str
        At least one.
    most : int, optional
        How many are written; one more is written rather than counted.
    last : str
        Before the last of them: and, or.
    """
    names = list(names)
    if most is not None and len(names) > most + 1:
        names = [*names[:most], f"{len(names) - most} more"]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}"


#: names of states that take an article in a sentence: by their last word, or whole
_ARTICLE = (" Republic", " Islands", " Union", " Kingdom", " States", " Emirates")
_WITH_ARTICLE = {
    "Bahamas", "Comoros", "DR Congo", "Gambia", "Maldives", "Netherlands", "Philippines",
    "Seychelles",
}  # fmt: skip


def the(name: str) -> str:
    """Name a state inside a sentence: the United States, Türkiye."""
    return f"the {name}" if name in _WITH_ARTICLE or name.endswith(_ARTICLE) else name


def one_state(old: str, new: str, year: int) -> str:
    """Say that a state counts as one with the one that it continued.

    Parameters
    ----------
    old, new : str
        Its names before and after.
    year : int
        First year under the new name.
    """
    return capital(
        f"{the(old)} (to {year - 1}) and {the(new)} count as one state: {the(new)} continued its"
        " membership of the United Nations."
    )


def clean(text: object, limit: int = 200) -> str:
    """Put a text from data on one line, without control characters, cut with an ellipsis.

    Parameters
    ----------
    text : object
        What is written.
    limit : int
        How long it may be.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def capital(text: str) -> str:
    """Begin a text with a capital letter, leaving the rest as it is."""
    return text[:1].upper() + text[1:]


def escape(text: object) -> str:
    """Make a text from data inert wherever it lands in Markdown: it shows as it is."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(str(text).split()))
