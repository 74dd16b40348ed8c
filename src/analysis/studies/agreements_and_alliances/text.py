"""Sentences of the report on alliances and agreements; as in `studies.text`, names are escaped."""

import pandas as pd

from ...numbers import number
from ...words import capital, escape, instrument_name, years
from ..text import named, state

#: how many partners are named in a sentence
_NAMED = 6


def opening(country: str, pledged: pd.DataFrame, signed: pd.DataFrame) -> str:
    """Say with whom each obligation was last in force, and how many agreements were signed.

    Parameters
    ----------
    country : str
        ISO3.
    pledged : DataFrame
        Shares (see `analysis.shares`) of
        `analysis.studies.agreements_and_alliances.tables.pledges`.
    signed : DataFrame
        Shares of `analysis.studies.agreements_and_alliances.tables.signed`.
    """
    who = state(country)
    lines = [*_in_force(pledged), *_signed(signed)]
    if not lines:
        return (
            f"**No treaty of alliance and no defence agreement of {who} is on record** in the"
            " sources that are measured here; what they cover is said below."
        )
    return "\n".join([f"What the record last shows of the treaties of {who}:", "", *lines])


def _in_force(pledged: pd.DataFrame) -> list[str]:
    lines = []
    for instrument, rows in pledged.groupby("instrument", sort=False):
        known = rows[rows["status"].isin(["measured", "empty"])]
        if known.empty:
            continue
        last = known[known["end"] == known["end"].max()]
        name = capital(instrument_name(instrument))
        partners = last["partner_name"].dropna()
        lines.append(f"- **{name} in force, {last['end'].iloc[0]}**: {_named(partners)}.")
    return lines


def _named(partners: pd.Series) -> str:
    if partners.empty:
        return "none any more"
    if len(partners) > _NAMED:
        return f"{len(partners)} states"
    count = "" if len(partners) == 1 else f"{len(partners)} states: "
    return count + ", ".join(escape(name) for name in sorted(partners))


def _signed(signed: pd.DataFrame) -> list[str]:
    known = signed[signed["partner"].notna()]
    if known.empty:
        return []
    first = known.iloc[0]
    most = known[known["n_events"] == first["n_events"]]["partner_name"]
    return [
        f"- **Bilateral defence agreements signed, {years(first['start'], first['end'])}**:"
        f" {known['n_events'].sum()} with {len(known)} {'state' if len(known) == 1 else 'states'};"
        f" most with {_named(most)} ({first['n_events']}"
        f"{' each' if len(most) > 1 else ''})."
    ]


def findings(numbers: pd.DataFrame, changes: pd.DataFrame) -> str:
    """Say how each obligation has developed, and when most partners came or went.

    Parameters
    ----------
    numbers : DataFrame
        As `analysis.studies.agreements_and_alliances.tables.numbers` gives it.
    changes : DataFrame
        As `analysis.studies.agreements_and_alliances.tables.joined_and_left` gives it.
    """
    lines = []
    for instrument, rows in numbers.groupby("instrument", sort=False):
        known = rows[rows["estimate"].notna()]
        own = changes[changes["instrument"] == instrument]
        if len(known):
            name = capital(instrument_name(instrument))
            lines.append(f"- **{name}**: {_course(known)}{_largest(own)}.")
    if len(lines) > 1:
        lines.append(
            "- These must not be added up: a promise not to attack binds more states and weighs"
            " less than a promise to come to their defence."
        )
    return "\n".join(lines)


def _course(known: pd.DataFrame) -> str:
    first, last = known.iloc[0], known.iloc[-1]
    most = known.loc[known["estimate"].idxmax()]
    ends = f"{_partners(first)} in {first['end']}, {last['estimate']:.0f} in {last['end']}"
    if most["estimate"] > max(first["estimate"], last["estimate"]):
        return f"{ends}; most in {most['end']} ({most['estimate']:.0f})"
    return ends


def _partners(row: pd.Series) -> str:
    return f"{row['estimate']:.0f} {'partner' if row['estimate'] == 1 else 'partners'}"


def _largest(own: pd.DataFrame) -> str:
    parts = []
    for name, verb in (("joined", "joined"), ("left", "left")):
        if own[f"n_{name}"].max() > 1:
            row = own.loc[own[f"n_{name}"].idxmax()]
            parts.append(f"most {verb} at once in {row['year']} ({row[f'n_{name}']})")
    return "".join(f"; {part}" for part in parts)


def note_on_similarity(alike: pd.DataFrame) -> str:
    """Say whose alliances were last most and least like the state's own, by each index.

    Parameters
    ----------
    alike : DataFrame
        As `analysis.studies.agreements_and_alliances.tables.alike` gives it.
    """
    lines = []
    for label, table in alike.groupby("property", sort=False):
        last = table[table["end"] == table["end"].max()].sort_values("estimate")
        if len(last) > 1:
            low, high = last.iloc[0], last.iloc[-1]
            lines.append(
                f"- By {label} alliances were in {high['end']} most like those of"
                f" {named(high['name'])} ({number(high['estimate'])}), least like those of"
                f" {named(low['name'])} ({number(low['estimate'])})."
            )
    return "\n".join(lines)


def contacts(table: pd.DataFrame) -> str:
    """Say what is on record of contacts with the United States, which makes no portfolio.

    Parameters
    ----------
    table : DataFrame
        As `analysis.studies.yearly.united_states` gives it.
    """
    lines = []
    for panel, rows in table.groupby("panel", sort=False):
        known = rows[rows["covered"]]
        some = known[known["value"] > 0]
        of_known = f" of {len(known)}" if len(some) < len(known) else ""
        span = years(known["year"].min(), known["year"].max())
        lines.append(
            f"- **{panel}**: on record in {len(some)}{of_known} years in {span}, last in"
            f" {some['year'].max()}."
        )
    return "\n".join(lines)


def note_on_list(country: str, events: pd.DataFrame) -> str:
    """Say what the reviewed list holds, and what it is not.

    Parameters
    ----------
    country : str
        ISO3.
    events : DataFrame
        As `analysis.studies.agreements_and_alliances.tables.listed` gives it.
    """
    who = state(country)
    if events.empty:
        return f"The reviewed list of pacts, agreements and visits does not cover {who}."
    counts = events["instrument"].value_counts()
    said = ", ".join(f"{counts[name]} of {name}" for name in sorted(counts.index))
    return (
        f"The reviewed list holds {len(events)} events ({said}). They were searched for, so their"
        " number says how much was searched, and nothing is computed from them."
    )
