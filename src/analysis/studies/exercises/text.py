"""Sentences of the report on exercises; as in `studies.text`, names from data are escaped."""

import pandas as pd

from ...numbers import estimate_of, has_interval, number_of, percent, percent_of
from ...sources import catalog
from ...words import capital, counted, escape, the, years
from ..text import state
from .tables import ENOUGH, WAYS


def opening(
    country: str, both: pd.DataFrame, measured: pd.DataFrame, *, by_year: pd.DataFrame
) -> str:
    """Say how many exercises there are on record, with whom, and what the weighting does.

    Parameters
    ----------
    country : str
        ISO3.
    both : DataFrame
        As `analysis.studies.exercises.tables.by_both_weightings` gives it.
    measured : DataFrame
        As `analysis.studies.exercises.tables.effective` gives it.
    by_year : DataFrame
        As `analysis.studies.exercises.tables.by_year` gives it.
    """
    who, first = state(country), measured.iloc[0]
    title, span = _source(first["source"]), years(first["start"], first["end"])
    if first["status"] != "measured":
        return (
            f"**{title} records no exercise of {who} with another state in {span}.** The"
            " source is made of news reports, in which small drills are missed, so this is no"
            " proof that there was none."
        )
    alone = int(by_year.loc[by_year["kind_id"] == "bilateral", "value"].sum())
    text = (
        f"**{title} records {counted(first['n_events'], 'exercise')} of {who} with"
        f" {counted(first['n_partners'], 'other state')} in {span}**, {alone or 'none'} of them"
        " with one other state only. How diverse that is hangs on what an exercise of many states"
        " counts for:\n\n"
    )
    return text + "\n".join(_way(*way, both, measured) for way in WAYS.items())


def _way(weighting: str, name: str, both: pd.DataFrame, measured: pd.DataFrame) -> str:
    rows = measured[measured["weighting"] == weighting].set_index("order")
    top = both[(both["weighting"] == weighting) & both["share"].notna()].iloc[0]
    first = capital(the(escape(top["partner_name"])))
    return (
        f"- **{name}**: as diverse as {estimate_of(rows.loc[1.0])} equal partners at order 1,"
        f" {estimate_of(rows.loc[2.0])} at order 2. {first} comes first with {percent_of(top)}."
    )


def _source(key: str) -> str:
    return escape(catalog.get(key).title)


def why_intervals(measured: pd.DataFrame) -> list[str]:
    """Explain the intervals of `analysis.studies.exercises.tables.side_by_side`; plain text."""
    kinds = measured.loc[has_interval(measured), "interval"].drop_duplicates()
    notes = [f"Intervals: {kind}." for kind in kinds]
    return [
        *notes,
        "The number of partners (q = 0) has none, and cannot differ between the columns.",
    ]


def why_equal_coverage(compared: pd.DataFrame) -> list[str]:
    """Explain the table of completeness, and say where the country stands; plain text."""
    row = compared[compared["highlighted"]].iloc[0]
    few = compared.loc[compared["n_events"] < ENOUGH, "name"]
    notes = [
        "At the least: with the partners that the record must have missed (Chao2). Coverage: the"
        " estimated share of ties that are with partners on record. Effective: by full count.",
    ]
    if pd.notna(row["estimate"]):
        known = compared[compared["estimate"].notna()]
        place = int((known["estimate"] > row["estimate"]).sum()) + 1
        notes.append(
            f"Brought to {percent(row['level'])} coverage ({row['size']:.0f} of {row['n_events']}"
            f" exercises), {the(row['name'])} has {estimate_of(row)} effective partners:"
            f" place {place} of {len(known)}."
        )
    if len(few):
        notes.append(
            f"Fewer than {ENOUGH} exercises, too few for an estimate: {', '.join(sorted(few))}."
        )
    return notes


def note_on_later_events(country: str, events: pd.DataFrame) -> str:
    """Say what the reviewed list holds after the systematic record ends, and what it is not.

    Parameters
    ----------
    country : str
        ISO3.
    events : DataFrame
        As `analysis.studies.exercises.tables.after_the_record` gives it.
    """
    who = state(country)
    if events.empty:
        return (
            f"Of later exercises of {who} nothing is on record here: the reviewed list does not"
            " cover them. That is a gap, not an end of exercises."
        )
    sure = int((events["confidence"] == "confirmed").sum())
    first, last = events["date"].min()[:4], events["date"].max()[:4]
    return (
        f"**The reviewed list holds {counted(len(events), 'exercise')} of {who} in"
        f" {years(int(first), int(last))}**, {sure} of them confirmed. They were found by searching"
        " for named exercises and partners, so how many there are says how much was searched: no"
        " share, number of partners or trend is computed from them, and they must not be set"
        " against the numbers above."
    )


def findings(measured: pd.DataFrame, compared: pd.DataFrame) -> str:
    """Say what the record says: what holds whatever the weighting, and what does not.

    Parameters
    ----------
    measured : DataFrame
        As `analysis.studies.exercises.tables.effective` gives it.
    compared : DataFrame
        As `analysis.studies.exercises.tables.at_equal_coverage` gives it.
    """
    known = measured[(measured["order"] == 2) & measured["estimate"].notna()]
    if known.empty:
        return "Nothing is on record from which shares could be computed."
    fractional, full = (known.loc[known["weighting"] == way].iloc[0] for way in WAYS)
    row = compared[compared["highlighted"]].iloc[0]
    text = (
        f"The weighting decides the level: {number_of(full)} effective partners by full"
        f" count, {number_of(fractional)} if each exercise counts once."
    )
    if pd.notna(row["coverage"]):
        text += (
            f" The record holds an estimated {percent(row['coverage'])} of the ties, and has missed"
            f" {max(row['chao2'] - row['n_partners'], 0):.0f} partners or more besides the"
            f" {row['n_partners']} it shows."
        )
    return text
