"""What the command line prints: plain text in columns, one line for a mistake."""

import logging
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence

from . import numbers, words

FAILURE, MISTAKE, INTERRUPTED = 1, 2, 130

#: what is said goes here too, for `report --log`
log = logging.getLogger("partnerships")
log.addHandler(logging.NullHandler())
log.propagate = False

#: kinds of interval that need no words
_WITHOUT = ("none", "exact")

#: signs that a terminal, or whoever reads it, could take for orders: controls but tab and line
#: break, marks that turn the direction of a text, line breaks of other kinds, half signs
_ORDERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


def plain(text: object) -> str:
    r"""Write signs that a terminal could obey as `\u001b`; in JSON they still mean the same."""
    return _ORDERS.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text))


def portfolio(found: Mapping) -> str:
    """Spell out a portfolio: what it is, the partners' shares, the measures."""
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
        why = words.absence([found["status"]]).sentence
        said = [f"{words.capital(why)}.", found["advice"]]
        return "\n".join([*lines, *filter(None, said)])
    shares = [
        [
            row["partner"],
            row["partner_name"],
            *numbers.share_parts(*_known(row, "share", "share_low", "share_high")),
        ]
        for row in found["shares"]
    ]
    measures = [
        [
            row["measure"],
            *numbers.estimate_parts(*_known(row, "estimate", "low", "high")),
            row["interval"] if row["interval_kind"] not in _WITHOUT else "",
        ]
        for row in found["measures"]
    ]
    return "\n".join([*lines, "", columns(shares), "", columns(measures)])


def _known(row: Mapping, *names: str) -> list[float]:
    """Take numbers out of a row of JSON, in which what is missing is None."""
    return [math.nan if row[name] is None else row[name] for name in names]


def columns(rows: Sequence[Sequence[object]]) -> str:
    """Lay out `rows` in columns, each as wide as its widest cell."""
    texts = [[" ".join(plain(cell).splitlines()) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in texts
    )


def complain(message: object, status: int) -> int:
    """Say what went wrong in one line, and return the exit status."""
    sys.stderr.write(f"partnerships: {plain(message)}\n")
    log.log(logging.ERROR if status else logging.WARNING, "%s", message)
    return status


def say(text: object) -> None:
    """Print a line of the answer."""
    sys.stdout.write(f"{plain(text)}\n")
    sys.stdout.flush()
    log.info("%s", text)


def number_from(least: int) -> Callable[[str], int]:
    """Make a parser of whole numbers that are not too small."""

    def whole_number(text: str) -> int:
        if int(text) < least:
            raise ValueError
        return int(text)

    return whole_number
