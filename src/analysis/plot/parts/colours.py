"""Colours, dashes and markers: colour-blind safe, and different in grey as well."""

import hashlib
from collections.abc import Iterable, Sequence

from matplotlib.colors import to_rgb

from ... import words
from ...errors import ParameterError

INK, MUTED, FAINT = "#222222", "#666666", "#b0b0b0"
ACCENT, PLAIN, OTHER = "#004488", "#8a9bb0", "#c9c9c9"

#: colour, dashes and marker of an instrument: three ways to tell lines apart, two left in grey
_OF_INSTRUMENTS = (
    ("#004488", "-", "o"), ("#b07d00", "--", "s"), ("#bb5566", "-.", "D"), ("#222222", ":", "^"),
    ("#882255", (0, (6, 2, 1, 2)), "<"), ("#aa4499", (0, (1, 1)), "X"),
    ("#228877", (0, (5, 1)), "v"), ("#777722", (0, (3, 1, 1, 1)), "P"),
)  # fmt: skip
#: in the order in which instruments are declared; those beyond take a spare one
_LOOKS = dict(zip(words.portfolio_instruments(), _OF_INSTRUMENTS, strict=False))
_SPARE = (
    ("#4a7fc1", (0, (4, 1.5)), "h"), ("#7a5c99", "--", "*"), ("#55882b", "-.", "p"),
    ("#99502e", ":", ">"), ("#3b8ea5", (0, (5, 1)), "d"), ("#666666", (0, (3, 1, 1, 1)), "8"),
)  # fmt: skip

#: of several states, each has one of these
_STATES = (*_OF_INSTRUMENTS, *_SPARE)

#: the same colour for the same partner in every figure, for those that matter in most portfolios
PARTNERS = {
    "USA": "#0072b2", "CHN": "#c24f00", "RUS": "#8e4585", "SUN": "#5b2a56", "GBR": "#56b4e9",
    "FRA": "#009e73", "DEU": "#e69f00", "TUR": "#cc79a7", "ITA": "#1b6b3a", "SAU": "#999933",
    "UKR": "#f0e442",
}  # fmt: skip
#: for all others; all of these and the above differ to the colour-blind too (a test holds that)
_FREE = (
    "#3939c6", "#b4e29c", "#2d392d", "#725a62", "#39c668", "#e7c4ee", "#222277", "#e29c9c",
    "#4f3317", "#acd161",
)  # fmt: skip


def looks(states: Sequence[str], instruments: Sequence[str]) -> list[tuple]:
    """Colour, dashes and marker of each series, given its state and its instrument.

    Of one state, an instrument keeps its look in all figures; a second series of it, and what has
    no look of its own, take a spare one. Of several states, each has a colour; dashes and marker
    are those of the instrument, or of the state where each has one series.
    """
    order = list(dict.fromkeys(states))
    if len(order) < 2:
        found = _of_one_state(instruments)
    else:
        found = [()] * len(states)
        single = len(states) == len(order)
        for state, look in zip(order, _STATES, strict=False):
            own = [place for place, other in enumerate(states) if other == state]
            for place, other in zip(own, _of_one_state([instruments[n] for n in own]), strict=True):
                found[place] = look if single else (look[0], *other[1:])
    if () in found or len({str(look) for look in found}) < len(found):
        raise ParameterError(
            f"a figure can tell {len(_STATES)} states apart, and some {len(_LOOKS) + len(_SPARE)}"
            f" series of each; the table has {len(order)} states and {len(found)} series. Select"
            " fewer."
        )
    return found


def _of_one_state(instruments: Sequence[str]) -> list[tuple]:
    used: set[str] = set()
    spare = 0
    found = []
    for instrument in instruments:
        if instrument in _LOOKS and instrument not in used:
            found.append(_LOOKS[instrument])
        else:
            turn, place = divmod(spare, len(_SPARE))
            other = _SPARE[(place + turn) % len(_SPARE)]
            found.append((_SPARE[place][0], *other[1:]))
            spare += 1
        used.add(instrument)
    return found


def partner_colours(partners: Iterable[str]) -> dict[str, str]:
    """Colour of each partner: fixed for large ones, for others by their code.

    Parameters
    ----------
    partners : list of str
        ISO3 codes in one figure, the most important first: on a clash of two small partners the
        later one moves to the next free colour.
    """
    made: dict[str, str] = {}
    for partner in partners:
        if partner in PARTNERS:
            made[partner] = PARTNERS[partner]
            continue
        first = hashlib.sha256(partner.encode()).digest()[0] % len(_FREE)
        turns = [_FREE[(first + step) % len(_FREE)] for step in range(len(_FREE))]
        made[partner] = next((c for c in turns if c not in made.values()), turns[0])
    return made


def ink_on(colour: str) -> str:
    """Black or white, whichever is easier to read on a colour (contrast as WCAG 2.2 has it)."""
    light = _luminance(colour) + 0.05
    return INK if light / (_luminance(INK) + 0.05) > 1.05 / light else "white"


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
