"""Sentences made from the numbers, so that they stay true for any state.

Every function takes finished tables and returns Markdown; names from data are escaped.
"""

from collections.abc import Iterable

import pandas as pd

from .. import words
from ..display import escape
from ..portfolios.calibration import IntervalKind
from ..sources import catalog, countries
from ..words import PORTFOLIO


def source_note(used: pd.DataFrame | Iterable[str], *also: str) -> str:
    """Write the line below a figure or table: whose data it shows. Plain text.

    Parameters
    ----------
    used : DataFrame or list of str
        What it shows, with a column `source`, or short names of sources.
    *also : str
        Short names of further sources that went into it.
    """
    producers = {}
    keys = used["source"].dropna() if isinstance(used, pd.DataFrame) else used
    for key in sorted({*keys, *also}):
        producers.setdefault(catalog.get(key).producer, []).append(words.source_title(key))
    named = "; ".join(f"{who} ({', '.join(keys)})" for who, keys in producers.items())
    return f"Data: {named}." if named else ""


def state(country: str) -> str:
    """Name a state inside a sentence, by its code: the United States."""
    return named(countries.name_of(country))


def named(name: str) -> str:
    """Write the name of a state inside a sentence."""
    return escape(words.the(name))


def series(table: pd.DataFrame) -> str:
    """Name the instrument and the years of a table of one portfolio; plain text."""
    if table.empty:
        return "nothing on record"
    row = table.iloc[0]
    return f"{words.instrument_name(row['instrument'])}, {words.years(row['start'], row['end'])}"


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
            line += f"{but} as {words.estimate_of(row)} equal ones. {_first(top)}"
        lines.append(f"{line} ({_terms(row)}).")
    return wanting + "\n".join(lines)


def no_arms(country: str) -> str:
    """Say how to get arms data for a state that the shipped extracts do not cover; else nothing."""
    keys = [k for k, s in catalog.all_sources().items() if "arms" in s.instrument and s.imported]
    keys += [k for k in ("sipri_register", "sipri_tiv") if catalog.get(k).observes(country)]
    if keys:
        return ""
    who = state(country)
    plain = "**Of arms imports nothing can be said here.**"
    return f"{plain} The project ships none for {who}. {catalog.how_to_get('sipri_tiv')}\n\n"


def _is_unequal(row: pd.Series) -> bool:
    return row["estimate"] < 0.8 * row["n_partners"]


def _first(top: pd.DataFrame) -> str:
    """Name whoever comes first: one partner, or several with the same share."""
    part = words.share_of(top.iloc[0])
    names = [escape(name) for name in top["partner_name"]]
    if len(names) == 1:
        return f"{words.capital(words.the(names[0]))} comes first with {part}"
    who = words.listed(names) if len(names) < 4 else f"{len(names)} partners"
    return f"{who} come first with {part} each"


def _terms(row: pd.Series) -> str:
    held = "in force" if row["basis"] == "stock" else f"{row['window']}-year window"
    how = words.weighting_sentence(row["weighting"], row["instrument"])
    kind = f"; {row['interval']}" if words.has_interval(row) else ""
    return f"{words.source_title(row['source'])}; {held}, {how}{kind}"


def reading(measured: pd.DataFrame, left_out: pd.DataFrame) -> list[str]:
    """Explain the terms of a table of measures: weighting, window, interval of each portfolio.

    Parameters
    ----------
    measured : DataFrame
        One measure of each portfolio.
    left_out : DataFrame
        As `analysis.studies.profile.unattributed` returns it.
    """
    lines = []
    for _, row in measured.iterrows():
        silent = row["interval_kind"] in (IntervalKind.EXACT, IntervalKind.NONE)
        kind = "no interval" if silent else row["interval"]
        drawn = row["interval_kind"] in (IntervalKind.BOOTSTRAP, IntervalKind.AT_LEAST)
        if drawn and row["low"] == row["estimate"]:
            kind += "; the lower end is the record itself, since it must have missed partners"
        lines.append(
            f"{words.sourced_label(row)}:"
            f" {words.weighting_sentence(row['weighting'], row['instrument'])};"
            f" {words.counted(row['n_events'], _unit(row))}; {kind}."
        )
    for _, row in left_out[left_out["share_left_out"] > 0].iterrows():
        lines.append(
            f"{words.sourced_label(row)}:"
            f" {words.percent(row['share_left_out'])} of the value came from suppliers that are"
            " no states or are not named, and is in no share."
        )
    for _, row in left_out[left_out["n_negligible"] > 0].iterrows():
        lines.append(f"{words.sourced_label(row)}: {too_small(row['n_negligible'])}.")
    return lines


def too_small(n_negligible: int) -> str:
    """Say that suppliers are not counted because the source rounds their deliveries to 0."""
    who = words.counted(n_negligible, "more supplier")
    are = "is" if n_negligible == 1 else "are"
    return f"{who} delivered so little that the source rounds it to 0, and {are} in no number"


def _unit(row: pd.Series) -> str:
    return "total" if row["weighting"] == "value" else words.instrument(row["instrument"]).event


def change(differences: pd.DataFrame) -> str:
    """Say how the last window of each instrument differs from the first, without overstating it.

    Parameters
    ----------
    differences : DataFrame
        As `analysis.studies.profile.changes` returns it.
    """
    lines = []
    for _, row in differences[differences["difference"].notna()].iterrows():
        old, new = words.both_of(row)
        lines.append(
            f"- {words.sourced_label(row)}: {old} in"
            f" {words.years(row['start_before'], row['end_before'])}, {new} in"
            f" {words.years(row['start'], row['end'])}; {_verdict(row)}."
        )
    return "\n".join(lines) or "No instrument has two windows to compare."


def _verdict(row: pd.Series) -> str:
    found = row["difference"]
    word = "no change" if abs(found) < 1e-9 else "higher" if found > 0 else "lower"
    if not words.has_interval(row):
        stock = not catalog.get(row["source"]).is_sample
        return f"{word}; {'the source is a full count' if stock else 'too few events to tell'}"
    size, ends = words.difference_parts(row)
    if not (row["low"] > 0 or row["high"] < 0):
        return f"the difference may be anything {ends}; {row['interval']}: no change can be claimed"
    return f"{word}, by {size.lstrip('−')} (difference {ends}; {row['interval']})"


def loss(losses: pd.DataFrame) -> str:
    """Say what would be left of each instrument without its first partner."""
    wide = losses[losses["measure_id"] == "hill_1"]
    lines = []
    for _, row in wide.iterrows():
        before, after = words.loss_of(row)
        left = (
            "nothing would be left"
            if pd.isna(row["after"])
            else f"{words.percent(1 - row['share_lost'])} would be left, as diverse as {after}"
            f" equal partners (now {before})"
        )
        lost = words.the(escape(row["partner_name"]))
        lines.append(f"- {words.series_label(row)}: without {lost}, {left}.")
    return "\n".join(lines) or "No instrument has a first partner to lose."


def limits(country: str, coverage: pd.DataFrame) -> str:
    """Say plainly which instruments and years the sources cannot speak of.

    Parameters
    ----------
    country : str
        ISO3.
    coverage : DataFrame
        As `analysis.studies.coverage.coverage` returns it.
    """
    who = state(country)
    lines: list[str] = []
    for _, row in coverage.iterrows():
        covered = words.years(row["first_year"], row["last_year"])
        label = escape(row["title"])
        if not row["observed"]:
            how = catalog.how_to_get(row["source"])
            how = "" if any(how in line for line in lines) else how
            lines.append(f"- {label} does not cover {who} as shipped. {how}".rstrip())
        elif row["n_ties"] == 0:
            lines.append(f"- {label} covers {who} in {covered} and records no tie.")
        else:
            silent = _silent(row)
            ties = words.counted(row["n_ties"], "tie")
            lines.append(f"- {label} covers {covered} and records {ties}{silent}.")
        if not row["systematic"]:
            note = escape(catalog.get(row["source"]).sampling["note"])
            again = any(note in line for line in lines)
            lines[-1] += f" No shares are computed from it. {'' if again else note}".rstrip()
    return "\n".join(lines)


def conclusion(
    country: str, *, changes: pd.DataFrame, losses: pd.DataFrame, coverage: pd.DataFrame
) -> str:
    """Say what has changed, what a loss would leave, and what the sources cannot speak of.

    Parameters
    ----------
    country : str
        ISO3.
    changes : DataFrame
        As `analysis.studies.profile.changes` gives it.
    losses : DataFrame
        As `analysis.studies.profile.losses` gives it.
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


def continuing(portfolios: pd.DataFrame) -> str:
    """Say in a sentence which states count as one though they have two codes; else nothing.

    Parameters
    ----------
    portfolios : DataFrame
        As `analysis.portfolio` gives them, or their shares.
    """
    pairs = countries.continuing().items()
    return " ".join(_joined(code, heir) for code, heir in pairs if _joins(portfolios, code, heir))


def _joins(portfolios: pd.DataFrame, code: str, heir: str) -> bool:
    """Whether a state is one in portfolios from before and after it took another code."""
    rows = portfolios[portfolios["status"] == "measured"]
    rows = rows[(rows["partner"] == heir) | (rows["country"] == heir)]
    codes = {*portfolios["country"], *portfolios["partner"].dropna()}
    return len(rows) > 0 and code in countries.joined(codes, rows["start"].min(), rows["end"].max())


def _joined(code: str, heir: str) -> str:
    old, new = (escape(countries.name_of(one)) for one in (code, heir))
    return words.one_state(old, new, countries.first_year_as_heir(code))


def paragraphs(texts: list[str]) -> str:
    """Put texts one under the other; empty ones are left out."""
    return "\n\n".join(text for text in texts if text)


def _silent(row: pd.Series) -> str:
    parts = []
    if row["start"] < row["first_year"]:
        parts.append(words.years(row["start"], row["first_year"] - 1))
    if row["end"] > row["last_year"]:
        parts.append(words.years(row["last_year"] + 1, row["end"]))
    return f"; no data for {' and '.join(parts)}" if parts else ""
