"""Figure of claims and what the record says of them."""

import textwrap
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from .. import words
from .parts import colours, series, style

#: verdict -> how it is drawn: marker, filled, colour
_DRAWN = {
    "supported": ("o", True, colours.ACCENT),
    "supported in part of its years": ("o", False, colours.ACCENT),
    "contradicted": ("X", True, colours.INK),
    "contradicted in part of its years": ("x", False, colours.INK),
    "mixed": ("D", False, colours.INK),
    "on record": ("s", False, colours.MUTED),
    "not measurable with this data": ("_", False, colours.MUTED),
}
_HEADS = (
    "supported", "supported in part", "contradicted", "contradicted in part", "mixed", "on record",
    "not measurable",
)  # fmt: skip
#: signs in a line of a part's text
_WIDE = 40


@style.styled
def verdicts(assessed: pd.DataFrame, *, ax: Axes | None = None, source_note: str = "") -> Axes:
    """Show what became of each part of each claim, and how many specifications agree.

    Parameters
    ----------
    assessed : DataFrame
        part, part_text, verdict, reach (of which years it is, if not of all), specifications (how
        many, or missing), agree (share of them); as `analysis.studies.claims.tables.assess` gives
        it.
    ax : Axes, optional
        To draw on; else a new one.
    source_note : str
        Line below the figure.

    Returns
    -------
    Axes
        A row for each part, a column for each verdict.

    Raises
    ------
    ParameterError
        If a part stands in it twice, or it is of several states.
    """
    needed = ["part", "part_text", "verdict", "reach", "specifications", "agree"]
    style.need(assessed, needed, "verdicts")
    series.of(assessed, "verdicts")
    ax = style.canvas(ax, height=1.9 + 0.36 * max(3, len(assessed)))
    if assessed.empty:
        style.no_data(ax, "no data: no claim about this state")
    else:
        _grid(ax, assessed)
    style.heading(ax, "Parts of the claims; at the right: specifications that agree, years reached")
    style.note(ax, source_note)
    return ax


def _grid(ax: Axes, assessed: pd.DataFrame) -> None:
    columns = list(_DRAWN)
    for place, row in enumerate(assessed.itertuples()):
        marker, filled, colour = _DRAWN[row.verdict]
        ax.plot(
            columns.index(row.verdict),
            place,
            marker,
            color=colour,
            markersize=8,
            markerfacecolor=colour if filled else "none",
            markeredgewidth=1.6,
        )
        if said := _said(row):
            ax.annotate(
                said,
                (len(columns) - 0.35, place),
                va="center",
                ha="left",
                fontsize=style.SMALL,
                color=colours.MUTED,
                annotation_clip=False,
                gid="value",
            )
    labels = [
        textwrap.fill(
            f"{row.part}  {words.clean(row.part_text, 3 * _WIDE)}",
            _WIDE,
            max_lines=2,
            placeholder="…",
        )
        for row in assessed.itertuples()
    ]
    ax.set_yticks(range(len(labels)), labels, parse_math=False, fontsize=style.SMALL)
    ax.xaxis.tick_top()
    ax.set_xticks(range(len(columns)), _HEADS, fontsize=style.SMALL, rotation=90)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(length=0)
    ax.grid(axis="y")


def _said(row: Any) -> str:
    """Say how many specifications agree, and how far the verdict reaches: 3 of 3, to 2021."""
    agree = "" if pd.isna(row.agree) else f"{row.agree * row.specifications:.0f} of"
    return ", ".join(filter(None, [agree and f"{agree} {row.specifications:.0f}", row.reach]))


def describe_verdicts(assessed: pd.DataFrame) -> str:
    """Put the figure into words, for those who cannot see it.

    Parameters
    ----------
    assessed : DataFrame
        As for `verdicts`.
    """
    if assessed.empty:
        return "A figure without content: the table has no claim about this state."
    series.of(assessed, "verdicts")
    parts = [
        f"{', '.join(rows['part'])} {verdict}"
        for verdict, rows in assessed.groupby("verdict", sort=False)
    ]
    return f"Verdicts on {len(assessed)} parts of claims: {'; '.join(parts)}."
