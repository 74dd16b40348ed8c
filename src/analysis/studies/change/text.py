"""Sentences of the report on change; names from data are escaped."""

from typing import Any

import pandas as pd

from ...numbers import number, signed
from ...words import capital, escape, instrument_name, listed, source_title, sourced_label, years
from ..text import named, no_arms, paragraphs, state
from .tables import FELL, FEWEST, OPEN, ROSE, SHORT

_SAYS = {
    ROSE: "diversity has risen",
    FELL: "diversity has fallen",
    OPEN: "no trend that chance could not make",
    SHORT: f"fewer than {FEWEST} windows that share no year, so there is no test of a trend",
}


def opening(country: str, trend: pd.DataFrame) -> str:
    """Say for each series whether diversity has risen or fallen, and since when.

    Parameters
    ----------
    country : str
        ISO3.
    trend : DataFrame
        As `analysis.change.trend` gives it.
    """
    who = state(country)
    if trend.empty:
        return no_arms(country) + (
            f"**No source of which shares can be computed records a tie of {who} in these years.**"
            " So there is no change to measure."
        )
    lines = [f"How the diversity of {who}'s partnerships has changed:", ""]
    return "\n".join(lines + [_line(row) for row in trend.itertuples()])


def _line(row: Any) -> str:
    ends = f"{number(row.first)} effective partners in the window to {row.start},"
    ends += f" {number(row.last)} in that to {row.end}"
    since = f"; new level in the window to {row.breaks}" if row.breaks else ""
    return f"- **{escape(sourced_label(row))}**: {_SAYS[row.direction]} ({ends}{since})."


def made_by(found: pd.DataFrame) -> str:
    """Say which partner and which bloc added and took the most, by series.

    Parameters
    ----------
    found : DataFrame
        As `analysis.change.explained` gives it.
    """
    lines = []
    keys = ["source", "instrument", "start_before", "end_before", "start", "end"]
    for key, rows in found.groupby(keys, sort=False):
        source, instrument = key[:2]
        total = rows["contribution"].sum()
        by = rows.dropna(subset="partner").groupby("partner_name")["contribution"].sum()
        if by.empty:
            continue
        most = by.abs().sort_values(ascending=False).index[:2]
        parts = [f"{named(name)} {signed(by[name])}" for name in most]
        blocs = rows.dropna(subset="bloc").groupby("bloc")["contribution"].sum()
        bloc = blocs.abs().idxmax()
        lines.append(
            f"- {capital(instrument_name(instrument))} ({source_title(source)}),"
            f" {years(*key[2:4])} to {years(*key[4:])}: {signed(total)} effective partners; most by"
            f" {listed(parts)}; by region, {escape(bloc)} {signed(blocs[bloc])}."
        )
    return "\n".join(lines)


def overlapping(found: pd.DataFrame) -> str:
    """Say whether the partners in different instruments are the same ones.

    Parameters
    ----------
    found : DataFrame
        As `analysis.change.overlap` gives it.
    """
    if found.empty:
        return "No window has ties by two instruments, so there is nothing to set side by side."
    row = found.iloc[-1]
    return (
        f"In {years(row['start'], row['end'])} the instruments with ties are as unlike as"
        f" **{number(row['beta'])} of {row['n_parts']}** without a partner in common: 1 would mean"
        f" the same partners with the same shares, {row['n_parts']} none in common."
    )


def reading(trend: pd.DataFrame) -> list[str]:
    """Explain the columns of the table of trends; plain text."""
    notes = [
        "Sen's slope with its 95% interval; p of the Mann-Kendall test, corrected for the number of"
        " series (Holm). Windows that overlap share years, so only disjoint ones count.",
    ]
    if (trend["direction"] == SHORT).any():
        notes.append(f"Too short: fewer than {FEWEST} disjoint windows.")
    return notes


def findings(found: pd.DataFrame, overlap: pd.DataFrame) -> str:
    """Put the sentences on who made the change and on the overlap of instruments together.

    Parameters
    ----------
    found, overlap : DataFrame
        As for `made_by` and `overlapping`.
    """
    return paragraphs([text for text in (made_by(found), overlapping(overlap)) if text])
