"""What a test of a claim finds, and the rules by which its verdict follows.

The number with its interval must lie on one side of the border, and every other defensible way to
look must agree: one that does not is named, and makes the part mixed. Windows of several lengths
that end in one year share years: they are looks at one record, so no share of them is a
probability. A record too thin for an interval is not measurable, and never certain for want of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from ...portfolios.calibration import IntervalKind
from ...sources import catalog

SUPPORTED, CONTRADICTED, MIXED = "supported", "contradicted", "mixed"
#: a verdict by a source that covers some of the years only of which the claim speaks
IN_PART = {
    SUPPORTED: "supported in part of its years",
    CONTRADICTED: "contradicted in part of its years",
}
#: events that were searched for: they took place, and more cannot be said
ON_RECORD = "on record"
UNKNOWN = "not measurable with this data"
VERDICTS = (
    SUPPORTED,
    IN_PART[SUPPORTED],
    CONTRADICTED,
    IN_PART[CONTRADICTED],
    MIXED,
    ON_RECORD,
    UNKNOWN,
)


@dataclass(frozen=True)
class Look:
    """One defensible way to look at a part of a claim.

    Attributes
    ----------
    measure : str
        By what, such as "Hill number, q = 1".
    choice : str
        In which window or by which other choice, such as "5 years".
    agrees : bool
        Whether it agrees with the part.
    """

    measure: str
    choice: str
    agrees: bool


#: what an estimate is, by its `measure_id`
UNITS = {
    "share": "share",
    "share_of_years": "share",
    "share_difference": "difference of shares",
    "hill_1_difference": "difference of effective partners",
    "events": "events on record",
    "new_partners": "new partners on record",
    "event_ratio": "ratio of numbers of events",
    "parties": "states that came to the median event",
    "partners": "partners",
    "amount_ratio": "ratio of amounts",
}
#: of these, those written in per cent
SHARES = ("share", "share_of_years", "share_difference")


@dataclass(frozen=True)
class Finding:
    """What a test found: its number with what is known of it, and what follows.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    estimate, low, high : float
        NaN where there is none.
    measure_id : str
        What the estimate is: one of `UNITS`; empty where nothing is measured.
    interval : str
        What kind of interval it is, in words; or, without one, why there is none.
    looks : tuple of Look
        The ways to look at it, each of them once.
    reason : str
        In words.
    interval_kind : str
        The same for programs, an `IntervalKind`.
    """

    verdict: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    measure_id: str = ""
    interval: str = "nothing measured"
    looks: tuple[Look, ...] = field(default=())
    reason: str = ""
    interval_kind: str = IntervalKind.NONE

    @property
    def unit(self) -> str:
        """What the estimate counts, in words."""
        return UNITS.get(self.measure_id, "")


def judge(
    ends: tuple[float, float], *, border: float, looks: Iterable[Look], least: float | None = None
) -> str:
    """Give the verdict on a number that should lie above a border."""
    agree = [look.agrees for look in looks]
    if ends[0] > border and all(agree):
        return SUPPORTED
    low_enough = ends[1] <= (border if least is None else least)
    return CONTRADICTED if low_enough and not any(agree) else MIXED


def by_looks(looks: Iterable[Look]) -> str:
    """Give the verdict where looks are all there is: each is a case of the claim."""
    agree = [look.agrees for look in looks]
    return SUPPORTED if all(agree) else MIXED if any(agree) else CONTRADICTED


def exact(value: float) -> tuple[float, float]:
    """Give both ends of a number that is known."""
    return value, value


def described(looks: Iterable[Look]) -> str:
    """Write looks by measure, those that agree and those that do not: "q = 1: 3, 5 years yes"."""
    found: dict[str, dict[bool, list[str]]] = {}
    for look in looks:
        found.setdefault(look.measure, {}).setdefault(look.agrees, []).append(look.choice)
    return "; ".join(
        f"{measure}: "
        + ", ".join(
            f"{'yes' if agrees else 'no'} ({', '.join(choices)})"
            for agrees, choices in sorted(ways.items(), reverse=True)
        )
        for measure, ways in found.items()
    )


def by_coverage(finding: Finding, *, source: str, n_covered: int, n_years: int) -> str:
    """Narrow a verdict to what its source can say: the one place where this is decided."""
    if source and is_searched(source) and finding.verdict != UNKNOWN:
        return ON_RECORD if finding.estimate > 0 else UNKNOWN
    return IN_PART.get(finding.verdict, finding.verdict) if n_covered < n_years else finding.verdict


def is_searched(source: str) -> bool:
    """Tell if a source is a list of events that were searched for, so that absence says nothing."""
    return bool(catalog.get(source).sampling.get("searched", False))


def span(part: Mapping) -> tuple[float, float]:
    """First and last year of which a part speaks; without limit where it names none."""
    first, _, last = part["years"].replace("–", "-").partition("-")
    return (float(first), float(last)) if last else (-np.inf, np.inf)
