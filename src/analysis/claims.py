"""Claims of an essay against the record: each part by a stated test, with what is not known.

A claim is a sentence; its parts are what would have to be so. Each part names a test from a short
list, a source and years, so that anybody can write a table of claims about any state. The verdicts
follow rules, not judgement; docs/methods.md explains them.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from . import catalog, countries, profile, words
from .claims_table import COLUMNS, read, table, take_in
from .claims_tests import (
    AGREE,
    CONTRADICTED,
    DISAGREE,
    MIXED,
    SUPPORTED,
    TESTS,
    UNKNOWN,
    VERDICTS,
)
from .diversity import concentration_ratio, hill
from .estimates import measure

__all__ = [
    "AGREE", "ASSESSED", "COLUMNS", "CONTRADICTED", "DISAGREE", "MIXED", "SUPPORTED", "TESTS",
    "UNKNOWN", "VERDICTS", "assess", "both_sides", "laid_out", "read", "sources", "table",
    "take_in", "verdicts",
]  # fmt: skip

ASSESSED = [
    "claim", "text", "part", "part_text", "test", "verdict", "estimate", "low", "high", "unit",
    "interval", "specifications", "agree", "years", "n_years", "n_covered", "coverage", "source",
    "reason",
]  # fmt: skip


def assess(table: pd.DataFrame, country: str, *, draws: int, seed: int) -> pd.DataFrame:
    """Hold each part of each claim about a state against the record.

    Parameters
    ----------
    table : DataFrame
        As `read` returns it.
    country : str
        ISO3 code or name.
    draws, seed : int
        Of the bootstrap, where the source records events.

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
    code, heirs = countries.lookup(country), countries.continuing()
    rows = []
    for part in table[table["state"] == code].to_dict("records"):
        partners = [heirs.get(other, other) for other in part["partners"].split()]
        asked = {**part, "partners": " ".join(dict.fromkeys(partners))}
        found = TESTS[part["test"]].run(asked, code, draws=draws, seed=seed)
        rows.append({**part, **vars(found), **_coverage(part), "source": part["source"] or None})
    return pd.DataFrame(rows, columns=ASSESSED)


def _coverage(part: Mapping) -> dict:
    """Say which years a claim speaks of, and how many of them its source covers."""
    span = [int(year) for year in part["years"].replace("–", "-").split("-") if year]
    span = span or sorted(int(part[n]) for n in ("before", "after") if not np.isnan(part[n]))
    years = range(span[0], span[-1] + 1) if span else range(0)
    told = {"years": "–".join(map(str, dict.fromkeys(span))) or None, "n_years": len(years)}
    if not part["source"]:
        return {**told, "coverage": None, "n_covered": 0}
    first, last = catalog.get(part["source"]).years
    covered = sum(first <= year <= last for year in years)
    return {**told, "coverage": f"{first}–{last}", "n_covered": covered}


def laid_out(assessed: pd.DataFrame) -> pd.DataFrame:
    """Lay out the parts of claims for reading: verdict, number, interval, agreement, coverage.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.
    """
    return pd.DataFrame(
        {
            "part": assessed["part"],
            "verdict": assessed["verdict"].replace(UNKNOWN, "not measurable"),
            "number": [_number(row) for row in assessed.itertuples()],
            "unit": assessed["unit"].replace("", "–"),
            "specifications that agree": [
                "–" if pd.isna(row.agree) else f"{row.agree:.0%} of {row.specifications:.0f}"
                for row in assessed.itertuples()
            ],
            "years covered": [
                f"{row.n_covered} of {row.n_years}" if row.n_years else "–"
                for row in assessed.itertuples()
            ],
            "source": assessed["source"].fillna("–"),
        }
    )


def _number(row: tuple) -> str:
    """Write an estimate with its interval; shares as percentages."""
    if not row.unit.endswith(("share", "shares")):
        return words.estimate_of(row)
    return words.share_estimate(row.estimate, row.low, row.high)


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
        contradicted if all parts that can be measured are; not measurable if none can; else mixed.
    """
    rows = []
    for (claim, text), parts in assessed.groupby(["claim", "text"], sort=False):
        counts = parts["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
        known = set(parts["verdict"]) - {UNKNOWN}
        verdict = known.pop() if len(known) == 1 else MIXED if known else UNKNOWN
        rows.append({"claim": claim, "text": text, "verdict": verdict, **counts})
    return pd.DataFrame(rows, columns=["claim", "text", "verdict", *VERDICTS])


def sources(assessed: pd.DataFrame) -> list[str]:
    """Short names of the sources that claims were held against.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.
    """
    return sorted(set(assessed["source"].dropna()))


def both_sides(made: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Measure what an essay on dependence would quote, and what one on variety would.

    Parameters
    ----------
    made : DataFrame
        Portfolios of one country in many windows.

    Returns
    -------
    dict of str to DataFrame
        "dependence": share of the first arms supplier, by the best source there is; "variety":
        number of partners of each instrument. Each as `analysis.measure` gives it; the first only
        where there is anything.
    """
    arms = profile.best_arms(made)
    first = measure(arms, concentration_ratio, k=1, label="share of the first supplier")
    sides = {"dependence": first} if first["estimate"].notna().any() else {}
    return {**sides, "variety": measure(made, hill, order=0, label="number of partners")}
