"""Sentences of the report on peers; as in `prose`, names from data are escaped."""

import pandas as pd

from ...numbers import has_interval, number
from ...portfolios import calibration
from ...portfolios.calibration import IntervalKind
from ...words import (
    absence,
    capital,
    counted,
    escape,
    instrument_name,
    listed,
    source_title,
    sourced_label,
    years,
)
from .. import peer_rules
from ..text import named, no_arms, paragraphs, state
from .ranking import compared

_RULES = {
    "region": "of its region, the nearest in material capabilities (CINC) first",
    "capabilities": "anywhere, the nearest in material capabilities (CINC) first",
    "regime": "of a third to three times its material capabilities, the nearest in electoral"
    " democracy (polyarchy) first",
    "rivalry": "its rivals by the list of Thompson, Sakuwa & Suhas, the oldest rivalry first",
    "record": "of its region, the nearest in the number of exercises on record first",
}

_PERHAPS = "perhaps"
_HOW = (
    "with events drawn for both at once, corrected for the number of peers (Holm), and said only"
    " where it holds by orders 0, 1, 2 and ∞ and in windows of 3, 5 and 7 years and a year earlier"
)
_WITHOUT = {IntervalKind.EXACT: "exact amounts", IntervalKind.NONE: "no interval"}


def opening(country: str, chosen: pd.DataFrame, *, rule: list[str]) -> str:
    """Say by which rule the peers were chosen, and who they are.

    Parameters
    ----------
    country : str
        ISO3.
    chosen : DataFrame
        As `analysis.peers` gives it.
    rule : list of str
        What was asked for.
    """
    who = state(country)
    peers = chosen[chosen["rank"].notna()]
    asked = "; and ".join(_RULES[one] for one in dict.fromkeys(rule))
    if peers.empty:
        return (
            f"{no_arms(country)}**{capital(who)} has no peer by this rule** ({asked})."
            f" {_why_none(chosen)}"
        )
    names = [named(peer) for peer in peers["name"]]
    how = "named by the reader" if (peers["rule"] == "named").all() else asked
    when = sorted({int(year) for year in peers["year"].dropna()})
    dated = f" Compared in {' and '.join(map(str, when))}." if when else ""
    return (
        f"{no_arms(country)}{capital(who)} is compared with"
        f" **{counted(len(names), 'state')}**, {how}:"
        f" {listed(names)}.{dated}{_left_out(chosen)}"
    )


def _why_none(chosen: pd.DataFrame) -> str:
    said = [f"{escape(row['name'])}: {escape(row['status'])}. " for _, row in chosen.iterrows()]
    reason = "".join(said[:3]) or "The source names none in this year. "
    return f"{reason}Choose another rule, or name the peers."


def _left_out(chosen: pd.DataFrame) -> str:
    unknown = chosen[chosen["rank"].isna()]
    if unknown.empty:
        return ""
    parts = [
        f"{listed([named(who) for who in rows['name']])} ({escape(status)})"
        for status, rows in unknown.groupby("status", sort=False)
    ]
    return f" Could not be compared: {'; '.join(parts)}."


def findings(country: str, placed: pd.DataFrame, apart: pd.DataFrame) -> str:
    """Say where the state stands, how sure that is, and from which peers it differs.

    Parameters
    ----------
    country : str
        ISO3.
    placed : DataFrame
        As `analysis.studies.peers.ranking.ranks` gives it.
    apart : DataFrame
        As `analysis.studies.peers.tables.differences_from_peers` gives it.
    """
    who, own = state(country), compared(placed)
    if placed["country"].nunique() < 2:
        return f"There is no peer to compare {who} with."
    if own.empty:
        return f"No peer of {who} has a tie by the same instrument, so there is nothing to compare."
    first = own[own["measure"] == own["measure"].iloc[0]]
    lines = [f"- {_place(row)}" for _, row in first.iterrows()]
    by = escape(first["measure"].iloc[0])
    head = f"{capital(who)} by {by}, among the states that can be compared:"
    texts = [head, "\n".join(lines)]
    if told := [_told(rows) for _, rows in apart.groupby(["source", "instrument"], sort=False)]:
        texts += [f"Against each peer, {_HOW}:", "\n".join(told)]
        if any(_PERHAPS in line for line in told):
            texts.append(
                "Perhaps: 0 is outside the interval, but in tests too few of such intervals"
                " contained the truth."
            )
    return paragraphs([text for text in texts if text.strip()])


def _place(row: pd.Series) -> str:
    text = (
        f"{sourced_label(row)},"
        f" {years(row['start'], row['end'])}: place {number(row['place'])} of {row['n_placed']}"
    )
    if pd.isna(row["low"]):
        kind = _WITHOUT.get(row["interval_kind"], row["interval"])
        return f"{text} ({kind})."
    if row["low"] == 1 and row["high"] == row["n_placed"]:
        return f"{text}, but any place is possible ({row['interval']})."
    if row["low"] == row["high"]:
        return f"{text}, and no other place is possible ({row['interval']})."
    ends = f"{number(row['low'])} to {number(row['high'])}"
    return f"{text}; places {ends} are possible ({row['interval']})."


def _told(rows: pd.DataFrame) -> str:
    """Sort peers by what can be said of the difference."""
    known = rows[rows["difference"].notna()]
    narrow = calibration.is_doubtful(known["interval_kind"], known["interval_coverage"])
    stands = {name: known["stands"] == name for name in known["stands"].unique()}
    none = pd.Series(False, index=known.index)
    above, below = stands.get("above", none), stands.get("below", none)
    groups = {
        "more diverse than": known[above & ~narrow],
        "less diverse than": known[below & ~narrow],
        f"{_PERHAPS} more diverse than": known[above & narrow],
        f"{_PERHAPS} less diverse than": known[below & narrow],
        "not significantly different from": known[stands.get("open", none)],
        "without an interval against": known[stands.get("unknown", none)],
    }
    parts = [
        f"{words} {listed([named(peer) for peer in part['name']])}"
        for words, part in groups.items()
        if len(part)
    ]
    if len(turning := known[stands.get("turns", none)]):
        counts = [
            f"{named(row['name'])} (not {'less' if row['difference'] > 0 else 'more'} diverse in"
            f" {row['same']:.0f} of {row['looks']:.0f})"
            for _, row in turning.iterrows()
        ]
        parts.append(f"it depends on the order or window against {listed(counts)}")
    row = rows.iloc[0]
    said = "; ".join(parts) or "no peer has a tie"
    return f"- {sourced_label(row)}, {years(row['start'], row['end'])}: {said}."


def limits(chosen: pd.DataFrame, placed: pd.DataFrame) -> str:
    """Say which peers the sources do not cover, and what places cannot tell.

    Parameters
    ----------
    chosen : DataFrame
        As `analysis.peers` gives it.
    placed : DataFrame
        As `analysis.studies.peers.ranking.ranks` gives it.
    """
    if not peer_rules.peer_codes(chosen):
        return ""
    lines = [
        "What places cannot tell:",
        "",
        "- Places are relative: a state falls when another rises, and with other peers it stands"
        " elsewhere. Read them with the values.",
        "- Peers are chosen once, for all years; who was comparable then may not"
        " have been earlier.",
        "- A state that is recorded less well looks like one that does less.",
        *_silent(placed[placed["place"].isna()]),
    ]
    return "\n".join(lines)


def _silent(placed: pd.DataFrame) -> list[str]:
    """Name the peers without a place by an instrument, each group of them once."""
    said: dict[tuple[str, str], list[str]] = {}
    once = placed.drop_duplicates(["source", "instrument", "country"])
    for (source, instrument, status), rows in once.groupby(
        ["source", "instrument", "status"], sort=False
    ):
        who = listed([named(peer) for peer in rows["name"]])
        label = f"{instrument_name(instrument)} ({source_title(source)})"
        said.setdefault((absence([status]).sentence, who), []).append(label)
    return [f"- Not ranked by {listed(by)}: {who} ({why})." for (why, who), by in said.items()]


def why_intervals(apart: pd.DataFrame) -> list[str]:
    """Explain the intervals of the differences from peers; plain text."""
    kinds = apart.loc[has_interval(apart), "interval"].drop_duplicates()
    silent = apart.loc[apart["difference"].notna() & ~has_interval(apart), "source"]
    notes = [f"Intervals: {kind}." for kind in kinds]
    if apart["p"].notna().any():
        notes.append(
            "Each interval is of one comparison; which peers differ is corrected for their number"
            " (Holm), so 0 may lie outside an interval and the difference not count."
        )
    if len(silent):
        notes.append(f"Without an interval: exact amounts, or too few events ({_keys(silent)}).")
    return notes


def _keys(sources: pd.Series) -> str:
    return ", ".join(sorted(map(source_title, set(sources))))
