"""Sentences of the report on isolation; as in `prose`, texts from data are escaped."""

from typing import Any

import pandas as pd

from ...numbers import estimate_parts, number, percent
from ...portfolios.panel import PORTFOLIO
from ...words import escape, instrument, instrument_name, series_label, years
from .. import text
from ..events.gaps import EARLIER, PANELS, POOR_FIT, RARE
from ..events.shock_table import concerning
from ..events.tables import MOST_DONORS, STANDS_OUT, USUAL, Study
from ..text import no_arms, paragraphs, state
from .tables import DEFAULTS


def opening(country: str, lost: pd.DataFrame, blocs: pd.DataFrame) -> str:
    """Say for each instrument what the first partner holds, and the largest bloc by each rule.

    Parameters
    ----------
    country : str
        ISO3.
    lost : DataFrame
        As `analysis.studies.isolation.tables.partners_lost` gives it.
    blocs : DataFrame
        As `analysis.studies.isolation.tables.blocs_lost` gives it.
    """
    who = state(country)
    if lost.empty:
        return no_arms(country) + (
            "**No source from which shares can be computed records a tie of"
            f" {who} in these years.** So there is nothing that could be lost by these sources, and"
            " nothing can be said of its isolation."
        )
    lines = [f"How much of the ties of {who} hangs on one partner, and on one bloc:", ""]
    for key, own in lost.groupby(PORTFOLIO, sort=False):
        sides = blocs[(blocs[PORTFOLIO] == list(key)).all(axis=1)]
        lines.append(_exposure(own, sides))
    return no_arms(country) + "\n".join(lines)


def _exposure(own: pd.DataFrame, blocs: pd.DataFrame) -> str:
    first = own.iloc[0]
    head = f"- **{series_label(first)}**:"
    most = blocs.sort_values("share_lost", ascending=False, kind="stable")
    most = most.drop_duplicates("rule").sort_index()
    largest = ", ".join(
        f"{escape(row.bloc)} {percent(row.share_lost)}" for row in most.itertuples()
    )
    if len(own) == 1:
        return f"{head} one partner, {escape(first['partner_name'])}; without it nothing is left."
    return f"{head} {_first(own)} Largest bloc by each rule: {largest}."


def _first(own: pd.DataFrame) -> str:
    """Say who comes first, and how many of the largest hold half."""
    half = int((own["share_lost"].cumsum() < 0.5 - 1e-9).sum()) + 1
    partners = f"{half} of {len(own)} partners"
    if own["share_lost"].max() - own["share_lost"].min() < 1e-9:
        return f"all {len(own)} partners have the same weight."
    first = own.iloc[0]
    share = percent(first["share_lost"])
    if first["share_high"] - first["share_low"] > 5e-4:
        share += f" ({percent(first['share_low'])} to {percent(first['share_high'])})"
    holds = "holds" if half == 1 else "hold"
    return f"{escape(first['partner_name'])} has {share}; {partners} {holds} half."


def risk(risked: pd.DataFrame, shortfalls: pd.DataFrame) -> str:
    """Say how much the number of independent partners hangs on what is assumed.

    Parameters
    ----------
    risked : DataFrame
        As `analysis.studies.isolation.tables.risks` gives it.
    shortfalls : DataFrame
        As `analysis.studies.isolation.tables.shortfalls` gives it.
    """
    known = risked[risked["estimate"].notna() & (risked["n_partners"] > 1)]
    lines = []
    for key, own in known.groupby(PORTFOLIO, sort=False):
        chance = shortfalls[(shortfalls[PORTFOLIO] == list(key)).all(axis=1)]
        ends = chance[["alone", "together"]].to_numpy()
        low, high = ends.min(), ends.max()
        lines.append(
            f"- {series_label(own.iloc[0])}: {number(own['estimate'].min())} to"
            f" {number(own['estimate'].max())} independent partners; the chance that less than half"
            f" is delivered lies between {percent(low)} and {percent(high)}."
        )
    return "\n".join(lines) or "No portfolio has two partners that could default apart."


def after_shocks(country: str, study: Study) -> str:
    """Say what changed after each shock, and what of it stands out from peers and placebos.

    Parameters
    ----------
    country : str
        ISO3.
    study : Study
        As `analysis.studies.events.tables.study` gives it.
    """
    who = state(country)
    rows = study.changes
    if rows.empty:
        return f"The table of shocks has none that met {who}; a table of your own may."
    rows = rows[rows["measure"] == rows["measure"].iloc[0]]
    known = rows[rows["status"] == "measured"]
    ranked = known[known["rank"].notna()]
    number_of = rows["shock"].nunique()
    text = (
        f"{number_of} shock{'' if number_of == 1 else 's'} of the table met {who}. Of"
        f" {len(rows)} pairs of shock and instrument {len(known)} have a window before and after on"
        f" record, and {len(ranked)} a synthetic control that fits. {_verdicts(ranked)}"
    ).rstrip()
    flows = known[~known["instrument"].map(lambda key: instrument(key).is_stock).astype(bool)]
    lines = [_shock(row) for row in (flows if len(flows) else known).itertuples()]
    return paragraphs([text, "\n".join(lines)])


def _verdicts(ranked: pd.DataFrame) -> str:
    """Say which changes stand out, of all that were looked at."""
    if ranked.empty:
        return ""
    rare = ranked[ranked["verdict"] != USUAL]
    if rare.empty:
        return (
            "No change is larger than those of nine states in ten without the shock, so none stands"
            " out."
        )
    named = [f"{row.year}, {instrument_name(row.instrument)}" for row in rare.itertuples()]
    parts = [one for one, said in zip(named, rare["verdict"], strict=True) if said == STANDS_OUT]
    found = f"these stand out: {'; '.join(parts)}" if parts else "none stands out"
    return (
        f"By their rank alone {len(rare)} would be rare ({'; '.join(named)}). Held against"
        f" simulated panels without a shock, and corrected for the {len(ranked)} looked at,"
        f" {found}."
    )


def _shock(row: Any) -> str:
    text = (
        f"- **{row.year}, {escape(row.text)}**, {instrument_name(row.instrument)}:"
        f" {number(row.before)} in {years(row.start_before, row.end_before)},"
        f" {number(row.after)} in {years(row.start, row.end)}"
    )
    if ends := estimate_parts(row.change, row.low, row.high)[1]:
        text += f" (difference {ends}; {row.interval})"
    if row.n_peers > 0:
        text += f"; of {row.n_peers:.0f} peers the median changed by {number(row.peers_change)}"
    if pd.isna(row.gap):
        return f"{text}; no synthetic control: {row.compared}."
    return (
        f"{text}; {number(row.gap)} beyond the synthetic control, where placebos lie from"
        f" {number(row.placebo_low)} to {number(row.placebo_high)} (as large in"
        f" {percent(row.rank)} of {row.n_peers + 1:.0f} states{_false_alarms(row)})."
    )


def _false_alarms(row: Any) -> str:
    """Say how often a verdict by the rank would be wrong, and whether there is one."""
    if pd.isna(row.false_alarms):
        return ""
    said = "" if row.verdict == STANDS_OUT else ", so no verdict"
    many = ", and not rare among all that were looked at" if row.false_alarms <= RARE else ""
    return (
        f"; a false alarm in {percent(row.false_alarms)} of panels without a shock"
        f"{many if said else ''}{said}"
    )


def findings(country: str, study: Study, *, shocks: pd.DataFrame, coverage: pd.DataFrame) -> str:
    """Say what the record says of shocks, where they are documented, and what it cannot say.

    Parameters
    ----------
    country : str
        ISO3.
    study : Study
        As `analysis.studies.events.tables.study` gives it.
    shocks : DataFrame
        The table of shocks, as `analysis.studies.events.shock_table.read` gives it.
    coverage : DataFrame
        As `analysis.studies.coverage.coverage_of` gives it.
    """
    met = concerning(shocks, country)
    cited = [f"- {row.year}: {escape(row.title)}, {escape(row.url)}" for row in met.itertuples()]
    said = "\n".join(["Where the shocks are documented:", "", *cited]) if cited else ""
    return paragraphs(
        [
            after_shocks(country, study),
            said,
            "How far these numbers reach:",
            limits(),
            "What each source can and cannot tell:",
            text.limits(country, coverage),
        ]
    )


def reading() -> list[str]:
    """Explain the terms of the table of shocks."""
    return [
        "Windows before and after; of treaties, the years. Change: with its"
        " interval, or bounds. Peers' change: their median, with quartiles.",
        "Beyond the synthetic control: the window after less that of the mixture, with the least"
        " and greatest of what the same gives for the peers. As large in: the share of states,"
        " this one among them, whose difference is as large.",
        f"False alarms: where that share is {RARE:.0%} or less, in how many of {PANELS} simulated"
        " panels without a shock a state at this level would have as large a difference; after the"
        " slash, corrected for the number of changes looked at. A change stands out only if the"
        f" corrected one is at most {RARE:.0%}.",
    ]


def earlier_years() -> str:
    """Explain the table of shocks moved to earlier years."""
    return (
        f"Up to {EARLIER} years, none of whose windows holds the year of the shock. They share most"
        " of their data, so they show what is usual, and give no chance. In brackets: no mixture"
        " followed the path before (see the limits), so it is not counted."
    )


def limits() -> str:
    """Say what the numbers of this report cannot mean."""
    chances = " to ".join(f"{value:.0%}" for value in (DEFAULTS[0], DEFAULTS[-1]))
    return "\n".join(
        [
            "- A loss is arithmetic: nobody steps in for the partner that goes, nobody follows it"
            " out. Blocs of one rule are not camps: of two powers each state is given to the one it"
            " votes nearer to, however far from both.",
            f"- Chances of default are assumed ({chances} for every partner), not known; only the"
            " order of portfolios, and how wide the range is, can be read from them.",
            f"- Peers (at most {MOST_DONORS}) are states with about as many partners by the same"
            " source. A synthetic control is given only where the mixture missed the windows before"
            f" by no more than {POOR_FIT:.0%} of their level; with fewer than {1 / RARE - 1:.0f}"
            " peers, as for arms in the data that ship, no result can be rare.",
            "- What happened after a shock need not be its work: other things happened in the same"
            " years, peers felt some shocks too, and a delivery follows its order by years.",
            "- A row that says *no data* is a silence of the source, and no finding.",
        ]
    )
