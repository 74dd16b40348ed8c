"""A map of ties: whose share is how large, and where in the world."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.patches import Patch
from matplotlib.path import Path

from .. import numbers, words
from .parts import borders as world
from .parts import colours, series, style
from .parts.point_labels import Near, near_labels

_COLUMNS = [
    *words.PORTFOLIO, "partner", "role", "share", "longitude", "latitude", "lands", "weighting",
    "window", "basis", "status",
]  # fmt: skip
#: lower end of each class of shares, and its colour: darker in even steps of lightness
CLASSES = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5)
SHADES = ("#d9e6b8", "#a3cfa8", "#63adb0", "#3583ac", "#28569a", "#1d2c6b")
NONE, OWN, SEA = "#efefef", "#e0703a", "#b9b9b9"
#: an outline smaller than this, in squares of the Earth's radius, has a dot as well: 40,000 km²
_SMALL = 40_000 / 6371**2
_NAMED = 6


@style.styled
def world_map(table: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Map of the world, each partner in the shade of its share, areas as on the ground.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.ties.locations` gives it: one portfolio.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure; where the outlines are from is added.

    Returns
    -------
    Axes
        A partner too small to be seen has a dot at its capital too. Land that was no state's in
        these years is hatched, and so is what the outlines give to no state. A state that has gone
        fills the land of those that followed it, but for those which have ties of their own; the
        line below the title names it, and every partner that could not be drawn.

    Raises
    ------
    ParameterError
        If the table lacks a column, or holds more than one portfolio.

    References
    ----------
    Šavrič, B., Patterson, T. & Jenny, B. (2018). The Equal Earth map projection. International
    Journal of Geographical Information Science 33(3), 454-465.
    """
    style.need(table, _COLUMNS, "world_map")
    series.of(table, "world_map")
    ax = style.canvas(ax, height=3.9)
    partners = table[table["role"] == "partner"]
    if partners.empty:
        style.no_data(ax, style.reason(table))
        style.note(ax, source_note)
        return ax
    first = partners.iloc[0]
    style.heading(ax, style.titled(first), _terms(first, partners))
    fills = _fills(table)
    _draw_lands(ax, fills)
    dots = _dots(table)
    ax.scatter(
        dots["x"],
        dots["y"],
        s=22,
        c=dots["fill"],
        edgecolors="white",
        linewidths=0.7,
        zorder=3,
        gid="dots",
    )
    _frame(ax)
    _name(ax, table, dots)
    _key(ax, partners, fills)
    style.note(ax, f"{source_note} {words.capital(world.OUTLINES)}.".strip())
    return ax


def _terms(first: pd.Series, partners: pd.DataFrame) -> str:
    text = f"Share of {style.whole(first)} · {series.terms(first)}"
    gone = partners[partners["lands"].str.contains(" ")]
    for name, share in zip(style.partner_names(gone), gone["share"], strict=True):
        text += f" · {name} ({numbers.percent(share)}): on the land of those that followed it"
    drawn = world.outlines()
    lost = partners[
        ~partners["lands"].map(lambda lands: any(code in drawn for code in lands.split()))
        & partners["longitude"].isna()
    ]
    if len(lost):
        text += f" · not on the map: {', '.join(style.partner_names(lost))}"
    return text


def shade(share: float) -> str:
    """Colour of a share, by `CLASSES`."""
    return SHADES[int(np.searchsorted(CLASSES, share, side="right")) - 1]


def _fill(role: str, share: float) -> str:
    return {"self": OWN, "none": NONE}.get(role) or shade(share)


def _fills(table: pd.DataFrame) -> dict[str, str]:
    """Colour of each outline that was a state's; one's own tie goes over that of a state gone."""
    many = table["lands"].str.count(" ")
    level = table["role"].map({"none": 0, "partner": 1, "self": 2})
    order = table.assign(many=-many, level=level).sort_values(["level", "many"], kind="stable")
    fills = {}
    for row in order.itertuples():
        for code in row.lands.split():
            fills[code] = _fill(row.role, row.share)
    return fills


def _draw_lands(ax: Axes, fills: dict[str, str]) -> None:
    drawn = world.outlines()
    for colour in dict.fromkeys([NONE, *SHADES, OWN]):
        paths = [drawn[code] for code in drawn if fills.get(code) == colour]
        _draw(ax, paths, facecolor=colour, gid=f"lands {colour}")
    rest = [drawn[code] for code in drawn if code not in fills]
    _draw(ax, rest, facecolor="#f6f6f6", hatch="//////", gid="gap")


def _draw(ax: Axes, paths: list[Path], **look: Any) -> None:
    if paths:
        ax.add_collection(
            PathCollection(paths, edgecolor=SEA, linewidth=0.3, zorder=1, **look), autolim=False
        )


def _dots(table: pd.DataFrame) -> pd.DataFrame:
    """Mark partners too small to be seen, or without an outline, and the state itself if so."""
    drawn = world.outlines()
    rows = []
    for row in table[table["role"] != "none"].itertuples():
        outline = drawn.get(row.lands)
        size, middle = world.largest(outline) if outline else (0.0, np.full(2, np.nan))
        if size > _SMALL or " " in row.lands:
            continue
        x, y = world.equal_earth(row.longitude, row.latitude)
        x, y = (x, y) if np.isfinite(x) else middle
        rows.append([row.partner, x, y, _fill(row.role, row.share)])
    dots = pd.DataFrame(rows, columns=["partner", "x", "y", "fill"])
    return dots[dots["x"].notna()]


def _frame(ax: Axes) -> None:
    ax.set_aspect("equal")
    ax.set_xlim(-2.72, 2.72)
    ax.set_ylim(*world.equal_earth(np.zeros(2), np.array([-56, 84]))[1])
    ax.set(xticks=[], yticks=[])
    ax.spines[["left", "bottom"]].set_visible(False)


def _name(ax: Axes, table: pd.DataFrame, dots: pd.DataFrame) -> None:
    """Name the state itself and its largest partners, where there is room."""
    at = dict(zip(dots["partner"], dots[["x", "y"]].to_numpy(float), strict=True))
    shown = table[table["role"] != "none"]
    places = [at.get(row.partner, _middle(row)) for row in shown.itertuples()]
    shown = shown.assign(place=places, name=style.partner_names(shown))
    shown = shown[[np.isfinite(place).all() for place in places]]
    wanted = [
        Near(row.place[None], words.clean(row.name, 26) + _share(row), colours.INK, must=own)
        for own in (True, False)
        for row in _named(shown[(shown["role"] == "self") == own]).itertuples()
    ]
    near_labels(ax, wanted, _apart(np.array([*shown["place"]])), size=8)


def _apart(points: np.ndarray) -> np.ndarray:
    """Points with breaks between them, so that no line of marks runs from one to the next."""
    return np.stack([points, np.full_like(points, np.nan)], axis=1).reshape(-1, 2)


def _share(row: Any) -> str:
    return "" if row.role == "self" else f" {numbers.percent_of(row)}"


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    """Those to name: the largest, and of equal shares all or none."""
    ordered = rows.sort_values("share", ascending=False, kind="stable")
    if len(ordered) <= _NAMED:
        return ordered
    return ordered[ordered["share"] > ordered["share"].iloc[_NAMED] + 1e-9].head(_NAMED)


def _middle(row: Any) -> np.ndarray:
    """Middle of the largest outline of a state; of one that has gone, its capital."""
    outline = world.outlines().get(row.lands)
    if outline is not None:
        return world.largest(outline)[1]
    return np.array(world.equal_earth(row.longitude, row.latitude))


def _key(ax: Axes, partners: pd.DataFrame, fills: dict[str, str]) -> None:
    ends = [*CLASSES[1:], 1.0]
    texts = [f"{100 * low:g}–{100 * high:g}%" for low, high in zip(CLASSES, ends, strict=True)]
    texts[0], texts[-1] = "below 1%", "50% and more"
    used = {shade(share) for share in partners["share"]}
    ramp = [
        Patch(facecolor=colour, edgecolor=SEA, label=text)
        for colour, text in zip(SHADES, texts, strict=True)
        if colour in used
    ]
    rest = [
        Patch(facecolor=OWN, edgecolor=SEA, label="the state itself"),
        Patch(facecolor=NONE, edgecolor=SEA, label="no tie on record"),
    ]
    if any(code not in fills for code in world.outlines()):
        rest.append(Patch(facecolor="#f6f6f6", edgecolor=SEA, hatch="//////", label="not a state"))
    for at, keys in enumerate((ramp, rest)):
        row = ax.legend(
            handles=keys,
            loc="upper left",
            bbox_to_anchor=(0, -0.005 - 0.065 * at),
            frameon=False,
            ncols=len(keys),
            fontsize=8,
            handlelength=1.4,
            columnspacing=1.2,
            borderaxespad=0,
            borderpad=0.2,
        )
        if at == 0:
            ax.add_artist(row)


def describe_world_map(table: pd.DataFrame) -> str:
    """Alt text of `world_map`: how many partners there are, and the first of them."""
    series.of(table, "world_map")
    partners = table[table["role"] == "partner"].sort_values(
        "share", ascending=False, kind="stable"
    )
    if partners.empty:
        return f"Map of the world: {style.reason(table)}."
    first = partners.iloc[0]
    pairs = zip(style.partner_names(partners.head(5)), partners.itertuples(), strict=False)
    best = ", ".join(f"{name} {numbers.percent_of(row)}" for name, row in pairs)
    count = len(partners)
    most = f"; the largest are {best}" if count > 1 else f": {best}"
    return (
        f"Map of the world, {style.titled(first)} ({series.terms(first)}), the darker the larger"
        f" the share. {count} partner{'s' if count > 1 else ''}{most}."
    )
