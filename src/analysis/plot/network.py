"""The network of partners, laid out by where they stand in the United Nations."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from .. import numbers, words
from .parts import colours, series, style

_COLUMNS = [
    *words.PORTFOLIO, "partner", "share", "ideal_point", "point_low", "point_high", "pacts",
    "weighting", "window", "basis", "status",
]  # fmt: skip
#: area of a mark for the whole of a portfolio, in points²; and the least, so that it is seen
_AREA, _LEAST_AREA = 900.0, 14.0


@style.styled
def network(
    table: pd.DataFrame, *, ax: Axes | None = None, top: int = 16, source_note: str = ""
) -> Axes:
    """Partners by ideal point, the largest share on top, joined where they are allied.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.ties.positions` gives it: one portfolio.
    ax : Axes, optional
        To draw on; else a new one.
    top : int
        How many partners are drawn: those with the largest shares.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        A row is a partner, so that no two names meet; to the right stand states that vote as the
        United States do. The area of a mark is its share; the line through it spans the window's
        years. A line at the state's own point lies behind. Arcs are pacts of defence between
        partners; a dark rim is one with the state itself. Partners without an ideal point stand
        apart, at the left edge.

    Raises
    ------
    ParameterError
        If the table holds more than one portfolio.
    """
    style.need(table, _COLUMNS, "network")
    series.of(table, "network")
    partners = table[table["share"].notna() & table["partner"].notna()]
    shown = partners.sort_values("share", ascending=False, kind="stable").head(top)
    shown = shown.reset_index(drop=True)
    ax = style.canvas(ax, height=1.6 + 0.235 * max(4, len(shown)))
    if shown.empty or shown["ideal_point"].isna().all():
        why = style.reason(table) if shown.empty else "no data: no partner has an ideal point"
        style.no_data(ax, why)
        style.note(ax, source_note)
        return ax
    own = _own(table)
    x, left, right = _places(shown, own)
    ax.set_xlim(left, right)
    ax.set_ylim(len(shown) - 0.4, -1.3)
    _pacts(ax, shown, x, own["partner"])
    _own_line(ax, own, len(shown))
    _marks(ax, shown, x, own["partner"])
    _names(ax, shown, x, (left + right) / 2)
    _axes(ax, shown, left)
    title = f"{style.titled(shown.iloc[0])}: where partners stand"
    style.heading(ax, title, _terms(shown, partners["share"]))
    style.note(ax, source_note)
    return ax


def _own(table: pd.DataFrame) -> pd.Series:
    """Row of the state itself; one without a point where the table has none."""
    own = table[table["partner"] == table["country"]]
    nothing = pd.Series({"partner": table["country"].iloc[0]}).reindex(table.columns)
    return nothing if own.empty else own.iloc[0]


def _places(shown: pd.DataFrame, own: pd.Series) -> tuple[np.ndarray, float, float]:
    """Where each partner stands, and the ends of the axis; one without a point, at the left."""
    ends = pd.concat([shown, own.to_frame().T])[["point_low", "point_high"]].to_numpy(float)
    low, high = np.nanmin(ends), np.nanmax(ends)
    width = max(high - low, 0.5)
    unknown = shown["ideal_point"].isna()
    left = low - width * (0.26 if unknown.any() else 0.08)
    x = shown["ideal_point"].fillna(left + 0.05 * width).to_numpy(float)
    return x, left, high + 0.08 * width


def _pacts(ax: Axes, shown: pd.DataFrame, x: np.ndarray, own: str) -> None:
    """Arcs between partners that are bound to one another; those over more rows bow out more."""
    at = {code: row for row, code in enumerate(shown["partner"])}
    paths = []
    for row, bound in enumerate(shown["pacts"].fillna("")):
        for other in (at[code] for code in bound.split() if at.get(code, -1) > row):
            bow = (x[row] + x[other]) / 2 + 0.03 * (other - row) * np.ptp(ax.get_xlim())
            paths.append([(x[row], row), (bow, (row + other) / 2), (x[other], other)])
    codes = [Path.MOVETO, Path.CURVE3, Path.CURVE3]
    if paths:
        arcs = Path(np.concatenate(paths), codes * len(paths))
        ax.add_patch(
            PathPatch(
                arcs,
                facecolor="none",
                edgecolor=colours.PLAIN,
                linewidth=0.7,
                alpha=min(0.8, 0.3 + 6 / len(paths)),
                zorder=1,
                gid="pacts",
            )
        )


def _own_line(ax: Axes, own: pd.Series, rows: int) -> None:
    if pd.isna(own["ideal_point"]):
        return
    ax.plot(
        [own["ideal_point"]] * 2,
        [-0.6, rows - 0.4],
        color=colours.INK,
        linewidth=1,
        linestyle=(0, (4, 2)),
        zorder=0.8,
        gid="own",
    )
    ax.annotate(
        words.clean(style.partner_names(own.to_frame().T).iloc[0], 26),
        (own["ideal_point"], -0.6),
        (0, 1),
        textcoords="offset points",
        ha="center",
        va="bottom",
        fontsize=style.SMALL,
        color=colours.INK,
        parse_math=False,
        gid="label",
    )


def _marks(ax: Axes, shown: pd.DataFrame, x: np.ndarray, own: str) -> None:
    rows = np.arange(len(shown))
    ax.hlines(
        rows,
        shown["point_low"],
        shown["point_high"],
        color=colours.MUTED,
        linewidth=0.9,
        zorder=2,
        gid="range",
    )
    bound = shown["pacts"].fillna("").str.split().map(lambda codes: own in codes)
    unknown = shown["ideal_point"].isna()
    ax.scatter(
        x,
        rows,
        s=np.maximum(_LEAST_AREA, _AREA * shown["share"]),
        zorder=3,
        gid="partners",
        c=[
            "white" if u else colours.PARTNERS.get(code, colours.PLAIN)
            for code, u in zip(shown["partner"], unknown, strict=True)
        ],
        edgecolors=[
            colours.INK if b else colours.PLAIN if u else "white"
            for b, u in zip(bound, unknown, strict=True)
        ],
        linewidths=np.where(bound, 1.8, 0.8).tolist(),
    )


def _names(ax: Axes, shown: pd.DataFrame, x: np.ndarray, middle: float) -> None:
    """Name each partner beside its mark, on the side where there is room."""
    ends = shown[["point_low", "point_high"]].to_numpy(float)
    radius = np.sqrt(np.maximum(_LEAST_AREA, _AREA * shown["share"]) / np.pi)
    names = zip(style.partner_names(shown), shown.itertuples(), strict=True)
    for row, (name, partner) in enumerate(names):
        right = x[row] <= middle
        edge = x[row] if np.isnan(ends[row]).any() else ends[row][int(right)]
        ax.annotate(
            f"{words.clean(name, 24)} {numbers.percent_of(partner)}",
            (edge, row),
            ((1 if right else -1) * (radius.iloc[row] + 3), 0),
            textcoords="offset points",
            ha="left" if right else "right",
            va="center",
            fontsize=style.SMALL,
            parse_math=False,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.6},
            zorder=4,
            gid="label",
        )


def _axes(ax: Axes, shown: pd.DataFrame, left: float) -> None:
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    ax.set_xlabel("Ideal point in the United Nations (to the right: nearer the United States)")
    ax.grid(axis="x")
    unknown = shown["ideal_point"].isna()
    if unknown.any():
        ax.set_xticks([tick for tick in ax.get_xticks() if tick >= shown["point_low"].min() - 0.5])
        ax.annotate(
            "no ideal point",
            (left, 0),
            (2, 3),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            fontsize=8,
            color=colours.MUTED,
            parse_math=False,
            gid="unknown",
        )


def _terms(shown: pd.DataFrame, every: pd.Series) -> str:
    first = shown.iloc[0]
    text = f"Area: share of {style.whole(first)} · {series.terms(first)}"
    if "pact_year" in shown and pd.notna(first["pact_year"]):
        text += f" · arcs: pacts of defence in {int(first['pact_year'])} (ATOP); dark rim: with the"
        text += " state itself"
    rest = len(every) - len(shown)
    if not rest:
        return text
    equal = (every >= shown["share"].iloc[-1] - 1e-9).sum() > len(shown)
    by_code = ", of equal ones the first by code" if equal else ""
    return f"{text} · largest {len(shown)} of {len(every)} partners{by_code}"


def describe_network(table: pd.DataFrame) -> str:
    """Alt text of `network`: where the first partners stand, and how many pacts join them."""
    found = series.of(table, "network")
    partners = table[table["share"].notna() & table["partner"].notna()]
    if partners.empty:
        return f"Partners by ideal point: {style.reason(table)}."
    best = partners.sort_values("share", ascending=False, kind="stable").head(5)
    points = [
        f"{name} {numbers.percent_of(row)} at {_point(row.ideal_point)}"
        for name, row in zip(style.partner_names(best), best.itertuples(), strict=True)
    ]
    own = table[table["partner"] == table["country"]]
    stands = (
        f" The state itself stands at {_point(own['ideal_point'].iloc[0])}." if len(own) else ""
    )
    pairs = partners["pacts"].fillna("").str.split()
    inside = set(partners["partner"])
    count = sum(len(inside & set(codes)) for codes in pairs) // 2
    return (
        f"Partners by ideal point in the United Nations, {style.titled(best.iloc[0])}"
        f" ({found.shared}): {', '.join(points)}.{stands} Pacts of defence between partners:"
        f" {count}."
    )


def _point(value: float) -> str:
    return "no known point" if pd.isna(value) else numbers.number(value)
