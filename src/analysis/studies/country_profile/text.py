"""Sentences of a country profile; names from data are escaped."""

import pandas as pd

from ... import numbers, words
from ...sources import catalog
from ...words import PORTFOLIO, escape
from ..text import limits, loss, no_arms, paragraphs, state


def opening(country: str, shares: pd.DataFrame, effective: pd.DataFrame) -> str:
    """Say for each instrument how many partners there are and how many they amount to.

    Parameters
    ----------
    country : str
        ISO3.
    shares : DataFrame
        Of the last window of each portfolio (see `analysis.shares`).
    effective : DataFrame
        Effective partners (q = 1) of the same portfolios, with intervals.
    """
    who = state(country)
    measured = effective[effective["status"] == "measured"]
    wanting = no_arms(country)
    if measured.empty:
        return wanting + (
            "**No source from which shares can be computed records a tie of"
            f" {who} in these years.** That is a statement about the sources; what each could have"
            " seen is shown below."
        )
    known = shares[shares["partner"].notna()]
    most = known.groupby(PORTFOLIO)["share"].transform("max")
    first = known[known["share"] >= most - 1e-9].set_index(PORTFOLIO).sort_index()
    lines = [f"What the record last shows of {who}:", ""]
    for _, row in measured.iterrows():
        top = first.loc[[tuple(row[PORTFOLIO])]]
        partners = words.counted(row["n_partners"], words.instrument(row["instrument"]).partner)
        line = f"- **{words.series_label(row)}**: {partners}"
        if row["n_partners"] == 1:
            line += f", {words.the(escape(top['partner_name'].iloc[0]))}"
        elif len(top) == row["n_partners"]:
            line += ", all with the same weight"
        else:
            but = ", but so unequal that they count" if _is_unequal(row) else ", which count"
            line += f"{but} as {numbers.estimate_of(row)} equal ones. {_first(top)}"
        lines.append(f"{line} ({_terms(row)}).")
    return wanting + "\n".join(lines)


def _is_unequal(row: pd.Series) -> bool:
    return row["estimate"] < 0.8 * row["n_partners"]


def _first(top: pd.DataFrame) -> str:
    """Name whoever comes first: one partner, or several with the same share."""
    part = numbers.share_of(top.iloc[0])
    names = [escape(name) for name in top["partner_name"]]
    if len(names) == 1:
        return f"{words.capital(words.the(names[0]))} comes first with {part}"
    who = words.listed(names) if len(names) < 4 else f"{len(names)} partners"
    return f"{who} come first with {part} each"


def _terms(row: pd.Series) -> str:
    basis_text = "in force" if row["basis"] == "stock" else f"{row['window']}-year window"
    how = words.weighting_sentence(row["weighting"], row["instrument"])
    kind = f"; {row['interval']}" if numbers.has_interval(row) else ""
    return f"{words.source_title(row['source'])}; {basis_text}, {how}{kind}"


def change(differences: pd.DataFrame) -> str:
    """Say how the last window of each instrument differs from the first, without overstating it.

    Parameters
    ----------
    differences : DataFrame
        As `analysis.studies.country_profile.tables.changes` returns it.
    """
    lines = []
    for _, row in differences[differences["difference"].notna()].iterrows():
        old, new = numbers.both_of(row)
        lines.append(
            f"- {words.sourced_label(row)}: {old} in"
            f" {words.years(row['start_before'], row['end_before'])}, {new} in"
            f" {words.years(row['start'], row['end'])}; {_verdict(row)}."
        )
    return "\n".join(lines) or "No instrument has two windows to compare."


def _verdict(row: pd.Series) -> str:
    found = row["difference"]
    word = "no change" if abs(found) < 1e-9 else "higher" if found > 0 else "lower"
    if not numbers.has_interval(row):
        stock = not catalog.get(row["source"]).is_sample
        return f"{word}; {'the source is a full count' if stock else 'too few events to tell'}"
    size, ends = numbers.difference_parts(row)
    if not (row["low"] > 0 or row["high"] < 0):
        return f"the difference may be anything {ends}; {row['interval']}: no change can be claimed"
    return f"{word}, by {size.lstrip('−')} (difference {ends}; {row['interval']})"


def conclusion(
    country: str, *, changes: pd.DataFrame, losses: pd.DataFrame, coverage: pd.DataFrame
) -> str:
    """Say what has changed, what a loss would leave, and what the sources cannot speak of.

    Parameters
    ----------
    country : str
        ISO3.
    changes : DataFrame
        As `analysis.studies.country_profile.tables.changes` gives it.
    losses : DataFrame
        As `analysis.studies.country_profile.tables.losses` gives it.
    coverage : DataFrame
        As `analysis.studies.coverage.coverage` gives it.
    """
    return paragraphs(
        [
            "Effective partners in the last window on record, against the first:",
            change(changes),
            "If the first partner went:",
            loss(losses),
            "What each source can and cannot tell:",
            limits(country, coverage),
        ]
    )
