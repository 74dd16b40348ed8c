"""Sentences of the report on claims; as in `prose`, texts from data are escaped."""

from collections.abc import Mapping

import pandas as pd

from . import countries
from .claims import AGREE, DISAGREE, SUPPORTED, UNKNOWN
from .display import escape
from .prose import paragraphs
from .words import estimate_of, share_estimate


def opening(country: str, summed: pd.DataFrame) -> str:
    """Say how many claims there are, and what became of them.

    Parameters
    ----------
    country : str
        ISO3.
    summed : DataFrame
        As `analysis.claims.verdicts` gives it.
    """
    who = escape(countries.name_of(country))
    if summed.empty:
        return (
            f"**The table has no claim about {who}.** A table of your own, with the columns of the"
            " one that ships, can be held against the record in the same way: `partnerships import"
            " claims mine.csv`, which says what is wrong with it, and then the parameter"
            " `claims=mine`."
        )
    counts = summed["verdict"].value_counts()
    told = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    return (
        f"**{len(summed)} claims about the military diplomacy of {who}: {told}.** A claim is"
        " supported or contradicted only if all of its parts that can be measured are; most essays"
        " claim several things at once, and so end as mixed."
    )


def claim_by_claim(assessed: pd.DataFrame) -> str:
    """Go through the claims, part by part, with the numbers.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.claims.assess` gives it.
    """
    texts = []
    for (claim, text), parts in assessed.groupby(["claim", "text"], sort=False):
        lines = [f"### ({escape(claim)}) {escape(text)}", ""]
        lines += [_line(row) for row in parts.itertuples()]
        texts.append("\n".join(lines))
    return paragraphs(texts)


def _line(row: tuple) -> str:
    head = f"- **{escape(row.part)}, {row.verdict}.** {escape(row.part_text)}:"
    found = [f"{head} {escape(row.reason)}"]
    if not pd.isna(row.low):
        found.append(f"{row.unit} {_pair(row)}; {escape(row.interval)}")
    elif row.unit == "share":
        found.append(f"share {row.estimate:.1%}")
    if not pd.isna(row.agree):
        found.append(f"{row.agree:.0%} of {row.specifications:.0f} specifications agree")
    if not pd.isna(row.source):
        found.append(f"source {escape(row.source)}, {row.coverage}{_covered(row)}")
    return "; ".join(found) + "."


def _covered(row: tuple) -> str:
    if not row.n_years:
        return ""
    if row.n_covered == row.n_years:
        return f", which covers all years of the claim ({row.years})"
    return f", which covers {row.n_covered} of the {row.n_years} years of the claim ({row.years})"


def _pair(row: tuple) -> str:
    if row.unit.endswith(("share", "shares")):
        return share_estimate(row.estimate, row.low, row.high)
    return estimate_of(row)


def both_sides(country: str, sides: Mapping[str, pd.DataFrame]) -> str:
    """Set the share of the first arms supplier beside the numbers of partners.

    Parameters
    ----------
    country : str
        ISO3.
    sides : dict of str to DataFrame
        As `analysis.claims.both_sides` gives them.
    """
    who = escape(countries.name_of(country))
    if len(sides) < 2:
        return f"For {who} the record does not reach far enough to set one beside the other."
    first, partners = sides["dependence"], sides["variety"]
    known = first[first["estimate"].notna()]
    grew = []
    for _, rows in partners[partners["instrument"] != "arms"].groupby(["source", "instrument"]):
        ends = rows.loc[rows["estimate"].notna(), "estimate"]
        if len(ends) > 1:
            grew.append(ends.iloc[-1] > ends.iloc[0])
    if len(known) < 2 or not grew:
        return f"For {who} the record does not reach far enough to set one beside the other."
    old, new = known.iloc[0], known.iloc[-1]
    rose = "rose" if new["estimate"] > old["estimate"] else "did not rise"
    return (
        f"The share of the first arms supplier {rose}: {old['estimate']:.1%} in"
        f" {old['start']}–{old['end']}, {new['estimate']:.1%} in {new['start']}–{new['end']}."
        f" Within these years {sum(grew)} of {len(grew)} other kinds of tie gained partners. More"
        " named partners and more dependence on one can both be true, and neither is the whole."
    )


def reading(assessed: pd.DataFrame) -> list[str]:
    """Say how to read the table of parts: what kinds of interval there are. Plain text.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.claims.assess` gives it.
    """
    found = assessed[assessed["low"].notna()]
    kinds = [
        f"{', '.join(rows['part'])}: {kind}" for kind, rows in found.groupby("interval", sort=False)
    ]
    return [
        f"Intervals: {'; '.join(kinds)}." if kinds else "No part has an interval.",
        "Without an interval: exact annual tables, censuses and counts.",
        "Specifications: other windows, measures, weightings or years that would be as defensible.",
    ]


def limits(assessed: pd.DataFrame) -> str:
    """Say what the verdicts cannot mean.

    Parameters
    ----------
    assessed : DataFrame
        As `analysis.claims.assess` gives it.
    """
    lost = assessed.loc[assessed["verdict"] == UNKNOWN, "part"]
    listed = (assessed["source"] == "curated") & (assessed["verdict"] == SUPPORTED)
    lines = [
        "- Supported: above the border asked for, whatever the interval or the bounds leave open,"
        f" and by {AGREE:.0%} of specifications or more; contradicted: the reverse, with"
        f" {DISAGREE:.0%} or fewer. Everything between is mixed.",
        "- A verdict is about the record and its years, not about the years after it.",
    ]
    short = assessed[assessed["n_covered"].between(1, assessed["n_years"] / 2, inclusive="left")]
    if len(short):
        lines.append(
            f"- Of {', '.join(map(escape, short['part']))} the source covers less than half of the"
            " years of the claim: the verdict may be another for the rest."
        )
    if len(lost):
        lines.append(f"- Not measurable here: {', '.join(map(escape, lost))}.")
    if listed.any():
        lines.append(
            f"- {', '.join(map(escape, assessed.loc[listed, 'part']))} rest on a list that was put"
            " together by searching: it shows that something happened, never how much of the whole"
            " it was."
        )
    return "\n".join(lines)
