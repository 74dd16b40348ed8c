"""Messages on a name that is no state's."""

import difflib
from collections.abc import Sequence

import numpy as np

from ._country_tables import (
    EVER,
    NO_YEAR,
    SCHEMES,
    Spell,
    in_year,
    index_of,
    name_of,
    normalise,
    state_rows,
    systems,
    text_of,
)


def report_unknown(
    bad: list[int],
    pairs: np.ndarray,
    names: Sequence,
    pair_at: np.ndarray,
    *,
    scheme: str,
    where: str,
) -> str:
    """Write one line for each unmatched name: rows, years, nearest names.

    `pairs` has a column for each name (a place among `names`) and year, `bad` are those unmatched;
    `pair_at` is the pair of each row.
    """
    rows = np.bincount(pair_at, minlength=pairs.shape[1])
    by_name: dict[str, list[int]] = {}
    for at in bad:
        by_name.setdefault(text_of(names[pairs[0][at]]), []).append(at)
    lines = [
        _fault(name, sorted(pairs[1][at]), rows[at].sum(), SCHEMES[scheme])
        for name, at in sorted(by_name.items())
    ]
    place = f" in {where}" if where else ""
    head = f"{len(lines)} name(s){place} not in the table of countries (scheme {scheme}):"
    advice = "Correct them in the source, or add them to data/countries/ (see its README)."
    return "\n".join([head, *lines, advice])


def _fault(name: str, years: list[int], rows: int, tables: tuple[str, ...]) -> str:
    dated = sorted({int(year) for year in years} - {NO_YEAR})
    span = f", {dated[0]} to {dated[-1]}" if len(dated) > 1 else f", {dated[0]}" if dated else ""
    hint = hint_for(name, tables, years[0]) or "nothing near"
    return f"  {name!r}: {rows} row(s){span or ', no year'}; {hint}"


def hint_for(name: str, tables: tuple[str, ...], year: int) -> str:
    """Say why a name means no state in a year: by its own years, or by names like it."""
    key = normalise(name).rstrip("* ")
    known = [spell for table in tables for spell in index_of(table).get(key, ())]
    if (iso3 := in_year(known, year)) and iso3 not in state_rows():
        return f"may be {' or '.join(f'{name_of(code)} ({code})' for code in iso3.split())}"
    if known:
        return f"has no such year; it means {'; '.join(dict.fromkeys(map(_means, known)))}"
    near = _nearest(name, tables, year)
    return f"nearest: {', '.join(near)}" if near else ""


def _means(spell: Spell) -> str:
    """Say what a name means in which years: those of its state, unless the table bounds them."""
    bounded = (spell.first, spell.last) != EVER
    lives = [(spell.first, spell.last)] if bounded else _lives(spell.iso3)
    spans = [
        ("" if first == EVER[0] else f" from {first}") + ("" if last == EVER[1] else f" to {last}")
        for first, last in lives
    ]
    return f"{spell.iso3.replace(' ', ' or ')}{','.join(spans)}"


def _lives(iso3: str) -> list[tuple[int, int]]:
    """First and last years in which a state existed, by both lists together."""
    found: list[tuple[int, int]] = []
    for _, first, last in sorted(systems()[iso3], key=lambda spell: spell[1:]):
        if found and first <= found[-1][1] + 1:
            first, last = found[-1][0], max(found.pop()[1], last)
        found.append((first, last))
    return found


def _nearest(text: str, tables: tuple[str, ...], year: int) -> list[str]:
    """Names close to `text`, with the code each stands for: to be shown only."""
    candidates = {
        key: iso3
        for table in tables
        for key, spells in index_of(table).items()
        if (iso3 := in_year(spells, year) or spells[-1].iso3) in state_rows()
    }
    close = difflib.get_close_matches(normalise(text), sorted(candidates), n=6, cutoff=0.6)
    return [
        f"{name_of(code)} ({code})" for code in dict.fromkeys(candidates[key] for key in close)
    ][:3]
