"""What the command line prints: plain text in columns."""

import re
from collections.abc import Callable, Mapping, Sequence

#: kinds of interval that need no words
_WITHOUT = ("none", "exact")
_SILENCE = {
    "empty": "No tie in these years, as far as this source goes.",
    "negligible": "Ties on record, but each so small that the source rounds it to nothing.",
    "not_covered": "This source does not cover these years, or this state.",
    "not_in_system": "There was no such state in these years.",
}

#: signs that a terminal, or whoever reads it, could take for orders: controls but tab and line
#: break, marks that turn the direction of a text, line breaks of other kinds, half signs
_ORDERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: object) -> str:
    r"""Write signs that a terminal could obey as `\u001b`; in JSON they still mean the same."""
    return _ORDERS.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text))


def portfolio(found: Mapping) -> str:
    """Spell out a portfolio: what it is, the partners' shares, the measures.

    Parameters
    ----------
    found : dict
        As `analysis.profile.summary` returns it.
    """
    first, last = found["coverage"]
    lines = [
        f"{found['country_name']}, {found['instrument']}, {found['start']}–"
        f"{found['end']}: {found['source_title']} ({found['source']},"
        f" {found['source_version']}), which covers {first}–{last}",
        f"{found['basis']}, weighting {found['weighting']}, unit {found['unit']},"
        f" {found['n_events']} {'totals' if found['weighting'] == 'value' else 'events'},"
        f" seed {found['seed']}",
    ]
    if found["spread"]:
        lines.append("spread: deals over several years are split evenly; ranges hold for any split")
    lines += found["notes"]
    if found["status"] != "measured":
        said = [_SILENCE.get(found["status"], found["status"]), found["advice"]]
        return "\n".join([*lines, *filter(None, said)])
    shares = [
        [row["partner"], row["partner_name"], _share(row["share"]),
         _range(row["share_low"], row["share_high"], _share)]
        for row in found["shares"]
    ]  # fmt: skip
    measures = [
        [row["measure"], _number(row["estimate"]), _range(row["low"], row["high"], _number),
         row["interval"] if row["interval_kind"] not in _WITHOUT else ""]
        for row in found["measures"]
    ]  # fmt: skip
    return "\n".join([*lines, "", columns(shares), "", columns(measures)])


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _range(low: float | None, high: float | None, spell: Callable) -> str:
    return "" if low is None or low == high else f"{spell(low)} to {spell(high)}"


def columns(rows: Sequence[Sequence[object]]) -> str:
    """Lay out `rows` in columns, each as wide as its widest cell."""
    texts = [[" ".join(plain(cell).splitlines()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    )
