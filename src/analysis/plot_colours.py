"""Colours, dashes and markers: colour-blind safe, and told apart in grey as well."""

import hashlib
from collections.abc import Iterable, Sequence

from matplotlib.colors import to_rgb

INK, MUTED, FAINT = "#222222", "#666666", "#b0b0b0"
ACCENT, PLAIN, OTHER = "#004488", "#8a9bb0", "#c9c9c9"

#: colour, dashes and marker of an instrument: three ways to tell lines apart, two left in grey
_LOOKS = {
    "arms": ("#004488", "-", "o"),
    "exercise": ("#b07d00", "--", "s"),
    "agreement": ("#bb5566", "-.", "D"),
    "alliance/defense": ("#222222", ":", "^"),
    "alliance/nonaggression": ("#228877", (0, (5, 1)), "v"),
    "alliance/consultation": ("#777722", (0, (3, 1, 1, 1)), "P"),
    "alliance/neutrality": ("#aa4499", (0, (1, 1)), "X"),
    "alliance/offense": ("#882255", (0, (6, 2, 1, 2)), "<"),
}
_SPARE = (
    ("#4a7fc1", (0, (4, 1.5)), "h"), ("#7a5c99", "--", "*"), ("#55882b", "-.", "p"),
    ("#99502e", ":", ">"), ("#3b8ea5", (0, (5, 1)), "d"), ("#666666", (0, (3, 1, 1, 1)), "8"),
)  # fmt: skip

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


def looks(keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], tuple]:
    """Colour, dashes and marker for each (source, instrument).

    An instrument keeps its look in all figures; a second source of it, and what has none of its
    own, takes a spare one.
    """
    spare = iter(_SPARE * (len(keys) // len(_SPARE) + 1))
    used: set[str] = set()
    made = {}
    for source, instrument in keys:
        own = instrument in _LOOKS and instrument not in used
        made[source, instrument] = _LOOKS[instrument] if own else next(spare)
        used.add(instrument)
    return made


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
