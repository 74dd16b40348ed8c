"""Sentences of the report on arms imports; as in `prose`, names from data are escaped."""

import pandas as pd

from ...numbers import estimate_of, percent, percent_of, share_of, share_parts
from ...portfolios import specification
from ...portfolios.battery import order_name
from ...sources import catalog
from ...words import PORTFOLIO, capital, escape, source_title, the, years
from ..text import no_arms, state, too_small
from .tables import YEARS_AGO


def opening(country: str, shares: pd.DataFrame, measured: pd.DataFrame) -> str:
    """Say who comes first by each source, and how concentrated imports are.

    Parameters
    ----------
    country : str
        ISO3.
    shares : DataFrame
        Of the last window of each source (see `analysis.shares`).
    measured : DataFrame
        As `analysis.studies.arms.tables.latest` gives it.
    """
    who = state(country)
    if measured.empty:
        return no_arms(country) or (
            f"**No import of major arms by {who} is on record in these years.** The sources cover"
            " the country, so that is a finding, within what they count as major arms."
        )
    first = shares[shares["partner"].notna()].groupby(PORTFOLIO, sort=False).first()
    groups = measured.groupby(PORTFOLIO, sort=False)
    lines = [_line(rows, first.loc[key]) for key, rows in groups]
    return "\n".join([f"What the record last shows of the arms imports of {who}:", "", *lines])


def _line(rows: pd.DataFrame, first: pd.Series) -> str:
    effective, index = rows.iloc[0], rows.iloc[1]
    span = years(effective["start"], effective["end"])
    count = effective["n_partners"]
    head = f"- **{span}, {source_title(effective['source'])}**:"
    supplier, order = escape(first["partner_name"]), order_name(effective["order"])
    if count == 1:
        return f"{head} one supplier, {supplier}."
    return (
        f"{head} {capital(the(supplier))} supplied {share_of(first)} of {count} suppliers'"
        f" deliveries; {estimate_of(effective)} effective suppliers ({order});"
        f" Herfindahl–Hirschman index {estimate_of(index)}."
    )


def spread(both: pd.DataFrame) -> str:
    """Say how far the register, spread over years, is from the exact tables; plain text."""
    is_exact = both["source"].isin(catalog.exact(both["source"].unique()))
    exact, other = both[is_exact], both[~is_exact].set_index("partner")
    if exact.empty or other.empty:
        return "One source only knows of these years, so there is nothing to set it against."
    top = exact.iloc[0]
    text = f"{years(top['start'], top['end'])}: the annual tables give {the(top['partner_name'])}"
    text += f" {percent(top['share'])}"
    if top["partner"] not in other.index:
        return f"{text}, the register nothing."
    row = other.loc[top["partner"]]
    _, bounds = share_parts(row["share"], row["share_low"], row["share_high"])
    return (
        f"{text}; spreading each deal evenly over its delivery years gives {percent_of(row)},"
        f" and the register allows anything from {bounds}."
    )


def findings(
    changes: pd.DataFrame, curve: pd.DataFrame, left_out: pd.DataFrame, *, aid: pd.DataFrame
) -> str:
    """Say what the record says: concentration, who came and went, what is in no share, aid.

    Parameters
    ----------
    changes : DataFrame
        As `analysis.studies.arms.tables.joined_and_left` gives it.
    curve : DataFrame
        As `analysis.studies.arms.tables.more_concentrated` gives it.
    left_out : DataFrame
        As `analysis.studies.country_profile.tables.unattributed` gives it.
    aid : DataFrame
        As `analysis.studies.yearly.united_states` gives it.
    """
    lines = [*_curve(curve), *_changes(changes), *_left_out(left_out), *_aid(aid)]
    return "\n".join(f"- {line}" for line in lines)


def _curve(curve: pd.DataFrame) -> list[str]:
    count = specification.agreement(curve)
    if not count["judged"]:
        return []
    return [
        f"**More concentrated than {YEARS_AGO} years before?** {count['agree']} of"
        f" {count['judged']} defensible specifications ({percent(count['share'])}) say so, and the"
        " others do not."
    ]


def _changes(changes: pd.DataFrame) -> list[str]:
    if changes.empty:
        return []
    row = changes.iloc[-1]
    came, went = (escape(row[name]) or "nobody" for name in ("entered", "gone"))
    return [
        f"**From the window before to {years(row['start'], row['end'])}**"
        f" ({source_title(row['source'])}): came {came}; went {went}."
        f" {percent(row['bray_curtis'])} of the deliveries, as shares, changed hands. Suppliers"
        " that deliver one system in ten years come and go without a change of policy."
    ]


def _left_out(left_out: pd.DataFrame) -> list[str]:
    return [
        f"In {years(row['start'], row['end'])} ({source_title(row['source'])})"
        f" {percent(row['share_left_out'])} of the value came from suppliers that are no states or"
        " are not named; it is in no share."
        for _, row in left_out[left_out["share_left_out"] > 0].iterrows()
    ] + [
        f"In {years(row['start'], row['end'])} ({source_title(row['source'])})"
        f" {too_small(row['n_negligible'])}."
        for _, row in left_out[left_out["n_negligible"] > 0].iterrows()
    ]


def _aid(aid: pd.DataFrame) -> list[str]:
    if aid.empty:
        return []
    known = aid[aid["covered"]]
    paid = known[known["value"] > 0]
    return [
        f"**US military assistance** is on record for {len(paid)} of {len(known)} years in"
        f" {years(known['year'].min(), known['year'].max())}, last in {paid['year'].max()}. It is"
        " in dollars of each year, so years far apart must not be compared, and counts promises"
        " rather than deliveries, so it is set beside the deliveries and not added to them."
    ]


def limits(country: str, coverage: pd.DataFrame) -> str:
    """Say what the sources of arms imports cannot tell, whatever they hold.

    Parameters
    ----------
    country : str
        ISO3.
    coverage : DataFrame
        As `analysis.studies.coverage.coverage_of` gives it.
    """
    who = state(country)
    covered = coverage[coverage["observed"] & coverage["systematic"]]
    if covered.empty:
        return (
            f"No source here covers the arms imports of {who}, so nothing above may be read as"
            " their absence."
        )
    return (
        "The sources count deliveries of major arms in SIPRI's trend indicator values: military"
        " worth, neither money nor need. Small arms, ammunition, most services and whatever was"
        " produced at home are not in them; nor is what a delivery was for."
    )
