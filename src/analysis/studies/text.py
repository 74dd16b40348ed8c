"""Sentences made from the numbers, so that they stay true for any state.

Every function takes finished tables and returns Markdown; names from data are escaped.
"""

import pandas as pd

from .. import numbers, words
from ..portfolios.calibration import IntervalKind
from ..sources import catalog, countries
from ..words import escape


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


def no_arms(country: str) -> str:
    """Say how to get arms data for a state that the shipped extracts do not cover; else nothing."""
    if any(
        source.instrument == "arms" and source.observes(country)
        for source in catalog.all_sources().values()
    ):
        return ""
    who = state(country)
    plain = "**Of arms imports nothing can be said here.**"
    return f"{plain} The project ships none for {who}. {catalog.how_to_get('sipri_tiv')}\n\n"


def reading(measured: pd.DataFrame, left_out: pd.DataFrame) -> list[str]:
    """Explain the terms of a table of measures: weighting, window, interval of each portfolio.

    Parameters
    ----------
    measured : DataFrame
        One measure of each portfolio.
    left_out : DataFrame
        As `analysis.studies.country_profile.tables.unattributed` returns it.
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
            f" {numbers.percent(row['share_left_out'])} of the value came from suppliers that are"
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


def loss(losses: pd.DataFrame) -> str:
    """Say what would be left of each instrument without its first partner."""
    wide = losses[losses["measure_id"] == "hill_1"]
    lines = []
    for _, row in wide.iterrows():
        before, after = numbers.loss_of(row)
        left = (
            "nothing would be left"
            if pd.isna(row["after"])
            else f"{numbers.percent(1 - row['share_lost'])} would be left, as diverse as {after}"
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
