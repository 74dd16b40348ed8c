"""Sentences of the report on claims; as in `studies.text`, texts from data are escaped."""

from typing import Any

import pandas as pd

from ...numbers import estimate, has_interval, percent, share_estimate
from ...words import escape, instrument_name, listed, source_title
from ..text import paragraphs, state
from .rules import SHARES
from .shares import FEWEST_PEERS
from .tables import ON_RECORD, UNKNOWN, stated


def opening(country: str, summed: pd.DataFrame) -> str:
    """Say how many claims there are, and what became of them.

    Parameters
    ----------
    country : str
        ISO3.
    summed : DataFrame
        As `analysis.studies.claims.tables.verdicts` gives it.
    """
    who = state(country)
    if summed.empty:
        return (
            f"**The table has no claim about {who}.** A table of your own, with the columns of the"
            " one that ships, can be judged by the record in the same way: `partnerships import"
            " claims mine.csv`, which says what is wrong with it, and then the parameter"
            " `claims=mine`."
        )
    counts = summed["verdict"].value_counts()
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return (
        f"**{len(summed)} claims about the military diplomacy of {who}: {told}.** A claim is"
        " supported or contradicted only if all of its parts that can be measured are, and in part"
        " of its years if a source ends before them. Most essays claim several things at once, and"
        " so end as mixed."
    )


def claim_by_claim(assessed: pd.DataFrame) -> str:
    """Go through the claims, part by part, with the numbers.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.studies.claims.tables.assess` gives it.
    """
    texts = []
    for (claim, text), parts in assessed.groupby(["claim", "text"], sort=False):
        lines = [f"### ({escape(claim)}) {escape(text)}", ""]
        lines += [_line(row) for row in parts.itertuples()]
        texts.append("\n".join(lines))
    return paragraphs(texts)


def _line(row: Any) -> str:
    head = f"- **{escape(row.part)}, {stated(row)}.** {escape(row.part_text)}:"
    found = [f"{head} {escape(row.reason)}"]
    if not (pd.isna(row.low) and pd.isna(row.high)):
        found.append(f"{row.unit} {_written(row)}; {escape(row.interval)}")
    elif row.measure_id in SHARES:
        found.append(f"share {_written(row)}")
    if row.looks:
        found.append(f"specifications that agree: {escape(row.looks)}")
    if row.border:
        found.append(f"border: {escape(row.border)}")
    if not pd.isna(row.source):
        title = escape(source_title(row.source))
        found.append(f"source: {title}, {row.coverage}{_covered(row)}")
    return "; ".join(found) + "." + (f" {escape(row.note)}" if row.note else "")


def _covered(row: Any) -> str:
    if not row.n_years:
        return ""
    if row.n_covered == row.n_years:
        return f", which covers all years of the claim ({row.years})"
    return f", which covers {row.n_covered} of the {row.n_years} years of the claim ({row.years})"


def _written(row: Any) -> str:
    write = share_estimate if row.measure_id in SHARES else estimate
    return write(row.estimate, row.low, row.high)


def note_on_both_sides(country: str, table: pd.DataFrame) -> str:
    """Set the share of the first arms supplier beside the numbers of partners.

    Parameters
    ----------
    country : str
        ISO3.
    table : DataFrame
        As `analysis.studies.claims.tables.sides_table` gives it.
    """
    if table.empty:
        who = state(country)
        return f"For {who} the record does not reach far enough to set one beside the other."
    lines = [
        f"- {instrument_name(row.kind).capitalize()} ({source_title(row.source)}),"
        f" {row.start} to {row.end}: partners on record {row.partners_first} → {row.partners_last};"
        f" share of the first arms supplier {percent(row.share_first)} →"
        f" {percent(row.share_last)}."
        for row in table.itertuples()
    ]
    head = "Each kind of tie beside arms imports, from the first to the last window both cover:"
    more = (
        "All pacts are one kind, and a partner of several counts once. Records of exercises and"
        " agreements are samples, so a longer list may be a better record. More named partners and"
        " more dependence on one can both be true, and neither is the whole."
    )
    return paragraphs([head, "\n".join(lines), more])


def reading(assessed: pd.DataFrame) -> list[str]:
    """Say how to read the table of parts: what kinds of interval there are. Plain text.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.studies.claims.tables.assess` gives it.
    """
    has = has_interval(assessed)
    named = {"Intervals": assessed[has], "Without an interval": assessed[~has]}
    return [
        *(f"{head}: {_by_interval(rows)}." for head, rows in named.items() if len(rows)),
        "Specifications: other windows, orders, weightings or years that would be as defensible."
        " One that does not agree makes a part mixed; those that share years are no independent"
        " evidence.",
    ]


def _by_interval(rows: pd.DataFrame) -> str:
    return "; ".join(
        f"{', '.join(own['part'])}: {kind}" for kind, own in rows.groupby("interval", sort=False)
    )


def changed(table: pd.DataFrame) -> str:
    """Say of how many parts the verdict changed with the rules. Plain text.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.claims.tables.changes` gives it.
    """
    other = int((table["earlier"] != table["now"]).sum())
    return (
        f"Of {len(table)} parts {other} had another verdict. The reasons are rules, applied to"
        " every part alike."
    )


def limits(assessed: pd.DataFrame) -> str:
    """Say what the verdicts cannot mean.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.studies.claims.tables.assess` gives it.
    """
    parts = {
        verdict: listed([escape(part) for part in rows["part"]])
        for verdict, rows in assessed.groupby("verdict", sort=False)
    }
    lines = [
        "- Supported: above the border asked for, whatever the interval or the bounds leave open,"
        " and by every other specification; contradicted: the reverse. Everything between is"
        " mixed, and says what does not agree.",
        "- A verdict reaches as far as its source: of the years after that it says nothing.",
    ]
    if UNKNOWN in parts:
        lines.append(
            f"- Not measurable here: {parts[UNKNOWN]}. A record too thin for an interval is not"
            f" measurable, nor is a change that fewer than {FEWEST_PEERS} peers can be compared"
            " against."
        )
    if ON_RECORD in parts:
        lines.append(
            f"- On record: {parts[ON_RECORD]}. These events were searched for: they took place, and"
            " the list shows neither growth nor how much of the whole they were, nor that anything"
            " did not take place."
        )
    return "\n".join(lines)
