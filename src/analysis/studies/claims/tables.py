"""Claims of an essay against the record: each part by a stated test, with what is not known.

A claim is a sentence; its parts are what would have to be so. Each part names a test from a short
list, a source and years, so that anybody can write a table of claims about any state. The verdicts
follow rules, not judgement; docs/methods.md explains them.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ... import numbers, paths, words
from ...measures.diversity import concentration_ratio, hill
from ...portfolios import battery
from ...portfolios.measure import measure
from ...sources import catalog, countries
from .. import selections
from .rows import COLUMNS, import_table, read, table
from .rules import (
    CONTRADICTED,
    IN_PART,
    MIXED,
    ON_RECORD,
    SHARES,
    SUPPORTED,
    UNKNOWN,
    VERDICTS,
    Finding,
    by_coverage,
    described,
)
from .tests import TESTS

__all__ = [
    "ASSESSED",
    "COLUMNS",
    "CONTRADICTED",
    "IN_PART",
    "MIXED",
    "ON_RECORD",
    "SUPPORTED",
    "TESTS",
    "UNKNOWN",
    "VERDICTS",
    "assess",
    "both_sides",
    "changes",
    "import_table",
    "overview",
    "parts_table",
    "read",
    "sides_table",
    "sources",
    "stated",
    "table",
    "verdicts",
]  # fmt: skip

ASSESSED = [
    "claim", "text", "part", "part_text", "test", "verdict", "reach", "estimate", "low", "high",
    "unit", "interval", "specifications", "agree", "looks", "years", "n_years", "n_covered",
    "coverage", "source", "reason", "border", "note", "measure_id", "interval_kind",
]  # fmt: skip
#: verdicts before the rules were as they are now, and why each is another
EARLIER = "claims_earlier.csv"


def assess(
    table: pd.DataFrame, country: str, *, draws: int, seed: int, continuing: str = "one"
) -> pd.DataFrame:
    """Hold each part of each claim about a state against the record.

    Parameters
    ----------
    table : DataFrame
        As `read` returns it.
    country : str
        ISO3 code or name.
    draws, seed : int
        Of the bootstrap, where the source records events.
    continuing : str
        See `analysis.portfolio`. A rise of diversity is looked at both ways, whichever is chosen.

    Returns
    -------
    DataFrame
        One row for each part, with columns `ASSESSED`; empty if there is no claim about the state.
        `years` are those that the claim speaks of, `coverage` those of the source, `n_covered` how
        many of the claim's `n_years` are among them.

    Raises
    ------
    UnknownCountryError
        For a name that is no state's.
    """
    code, heirs = countries.lookup(country), countries.heirs(continuing)
    rows = []
    for row in table[table["state"] == code].to_dict("records"):
        source = row["source"] and catalog.for_state(row["source"], code).key
        part = {**row, "source": source}
        partners = [heirs.get(other, other) for other in part["partners"].split()]
        asked = {
            **part,
            "partners": " ".join(dict.fromkeys(partners)),
            "continuing": continuing,
        }
        found = TESTS[part["test"]].run(asked, code, draws=draws, seed=seed)
        rows.append({**part, **_row(found), **_judged(part, found)})
    return pd.DataFrame(rows, columns=ASSESSED)


def _row(found: Finding) -> dict:
    number = len(found.looks)
    agree = sum(look.agrees for look in found.looks)
    return {
        "estimate": found.estimate,
        "low": found.low,
        "high": found.high,
        "unit": found.unit,
        "interval": found.interval,
        "measure_id": found.measure_id,
        "interval_kind": found.interval_kind,
        "reason": found.reason,
        "looks": described(found.looks),
        "specifications": float(number) if number else np.nan,
        "agree": agree / number if number else np.nan,
    }


def _judged(part: Mapping, found: Finding) -> dict:
    """Say which years a part speaks of, how many its source covers, and what it can say of them."""
    span = [int(year) for year in part["years"].replace("–", "-").split("-") if year]
    span = span or sorted(int(part[n]) for n in ("before", "after") if not np.isnan(part[n]))
    years = range(span[0], span[-1] + 1) if span else range(0)
    texts = {"years": "–".join(map(str, dict.fromkeys(span))) or None, "n_years": len(years)}
    if not part["source"]:
        absent = {"source": None, "coverage": None, "n_covered": 0, "reach": ""}
        return {**texts, **absent, "verdict": found.verdict}
    first, last = catalog.get(part["source"]).years
    covered = [year for year in years if first <= year <= last]
    verdict = by_coverage(found, source=part["source"], n_covered=len(covered), n_years=len(years))
    return {
        **texts,
        "source": part["source"],
        "coverage": f"{first}–{last}",
        "n_covered": len(covered),
        "verdict": verdict,
        "reach": _reach(covered, years, verdict),
    }


def _reach(covered: list[int], years: range, verdict: str) -> str:
    """Say how far a verdict reaches, if not over all years of the claim: "to 2010"."""
    if verdict in (UNKNOWN, ON_RECORD) or not covered or len(covered) == len(years):
        return ""
    if covered[0] == years[0]:
        return f"to {covered[-1]}"
    return f"from {covered[0]}" + (f" to {covered[-1]}" if covered[-1] < years[-1] else "")


def stated(row: Any) -> str:
    """Write the verdict on a part with the years that it reaches: "supported to 2010".

    Parameters
    ----------
    row : tuple
        Of a table as `assess` returns it.
    """
    plain = {whole: name for name, whole in IN_PART.items()}.get(row.verdict, row.verdict)
    return f"{plain} {row.reach}".strip()


def parts_table(assessed: pd.DataFrame) -> pd.DataFrame:
    """Lay out the parts of claims for reading: verdict, number, interval, agreement, coverage.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.
    """
    return pd.DataFrame(
        {
            "part": assessed["part"],
            "verdict": [
                stated(row).replace(UNKNOWN, "not measurable") for row in assessed.itertuples()
            ],
            "number": [_number(row) for row in assessed.itertuples()],
            "unit": assessed["unit"].replace("", "–"),
            "specifications that agree": [
                "–"
                if pd.isna(row.agree)
                else f"{row.agree * row.specifications:.0f} of {row.specifications:.0f}"
                for row in assessed.itertuples()
            ],
            "years covered": [
                f"{row.n_covered} of {row.n_years}" if row.n_years else "–"
                for row in assessed.itertuples()
            ],
            "source": assessed["source"].map(words.source_title, na_action="ignore").fillna("–"),
        }
    )


def _number(row: Any) -> str:
    """Write an estimate with its interval; shares as percentages."""
    write = numbers.share_estimate if row.measure_id in SHARES else numbers.estimate
    return write(row.estimate, row.low, row.high)


def verdicts(assessed: pd.DataFrame) -> pd.DataFrame:
    """Sum up each claim by its parts.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.

    Returns
    -------
    DataFrame
        One row a claim: claim, text, verdict, and how many parts have each verdict. Supported or
        contradicted if all parts that can be measured are, in part of its years if one of them is
        only that; else mixed. What is only on record decides nothing beside what is measured.
    """
    rows = []
    for (claim, text), parts in assessed.groupby(["claim", "text"], sort=False):
        counts = parts["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
        rows.append({"claim": claim, "text": text, "verdict": _whole(parts["verdict"]), **counts})
    return pd.DataFrame(rows, columns=["claim", "text", "verdict", *VERDICTS])


def overview(summed: pd.DataFrame) -> pd.DataFrame:
    """Lay out `verdicts` for reading: the numbers of parts in words.

    Parameters
    ----------
    summed : DataFrame
        As `verdicts` returns it.
    """
    parts = [
        ", ".join(f"{row[name]} {name}" for name in VERDICTS if row[name])
        for row in summed.to_dict("records")
    ]
    return summed[["claim", "text", "verdict"]].assign(parts=parts)


def _whole(parts: pd.Series) -> str:
    found = set(parts)
    known = found - {UNKNOWN, ON_RECORD}
    for base, in_part in IN_PART.items():
        if known and known <= {base, in_part}:
            return in_part if in_part in known else base
    return MIXED if known else ON_RECORD if ON_RECORD in found else UNKNOWN


def changes(assessed: pd.DataFrame, name: str | None = None) -> pd.DataFrame:
    """Set the verdicts of former rules beside those of now, with the reason for each change.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it, of the table that ships.
    name : str, optional
        Of a table of one's own, which has no former verdicts.

    Returns
    -------
    DataFrame
        One row for each part of which the verdict, or what it rests on, is another: part,
        part_text, earlier, now, why.
    """
    earlier = pd.read_csv(paths.data_dir() / EARLIER, dtype="str", keep_default_na=False)
    now = assessed.assign(now=[stated(row) for row in assessed.itertuples()])
    rows = now.merge(earlier, on="part") if name is None and len(now) else now[:0]
    return rows.reindex(columns=["part", "part_text", "earlier", "now", "why"])


def sources(assessed: pd.DataFrame) -> list[str]:
    """Short names of the sources by which claims are judged.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.
    """
    return sorted(set(assessed["source"].dropna()))


def both_sides(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Measure what an essay on dependence would quote, and what one on variety would.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios of one country in many windows.

    Returns
    -------
    DataFrame
        As `analysis.measure` gives it, with the column `property`: "dependence", share of the first
        arms supplier, by the best source there is, where there is anything; "variety", number of
        partners of each instrument.
    """
    arms = selections.best_arms_source(portfolios)
    first = measure(arms, concentration_ratio, k=1, label="share of the first supplier")
    sides = {"dependence": first} if first["estimate"].notna().any() else {}
    variety = measure(portfolios, hill, order=0, label="number of partners")
    return battery.stacked({**sides, "variety": variety})


def sides_table(portfolios: pd.DataFrame) -> pd.DataFrame:
    """Compare each other kind of tie with the first arms supplier, over the years both cover.

    All pacts are one kind, and a partner of several counts once.

    Parameters
    ----------
    portfolios : DataFrame
        As for `both_sides`.

    Returns
    -------
    DataFrame
        One row a source and kind with two common windows or more: source, kind, start and end
        (last years of the first and the last of them), partners_first, partners_last, share_first,
        share_last (of the first arms supplier).
    """
    sides = both_sides(portfolios)
    first = sides[sides["measure_id"] == "concentration_ratio_1"]
    share = first.dropna(subset="estimate").set_index("end")["estimate"]
    others = portfolios[
        (portfolios["instrument"] != "arms") & portfolios["status"].isin(["measured", "empty"])
    ]
    others = others.assign(kind=others["instrument"].str.split("/").str[0])
    number = others.groupby(["source", "kind", "end"], sort=False)["partner"].nunique()
    rows = []
    for (source, kind), own in number.groupby(["source", "kind"], sort=False):
        ends = sorted(set(own.index.get_level_values("end")) & set(share.index))
        if len(ends) > 1:
            start, end = ends[0], ends[-1]
            partners = [int(own[source, kind, year]) for year in (start, end)]
            rows.append([source, kind, start, end, *partners, share[start], share[end]])
    columns = [
        "source",
        "kind",
        "start",
        "end",
        "partners_first",
        "partners_last",
        "share_first",
        "share_last",
    ]
    return pd.DataFrame(rows, columns=columns)
