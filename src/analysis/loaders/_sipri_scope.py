"""What an export of SIPRI's was asked for: which suppliers, which recipients, which years.

A share of a recipient's arms means something only if every supplier could have been in the file.
The opening lines of an export say for whom it was made; a file without them has to show it.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from ..errors import SourceFileError
from . import _sipri_tables
from ._sipri_register import Source

ALL, SOME, UNSAID = "all", "some", "not said"
_WORLD = frozenset({"all", "all countries", "world", "all suppliers", "all recipients"})

_YEARS = r".*?'?([0-9]{4}|Not specified)'? *(?:to|[-–]) *'?([0-9]{4}|Not specified)'?"
#: the opening lines of the register, by their wording: who gave, who got, from when to when
_OPENINGS = (
    re.compile(r"Transfers of .*? from (?P<supplier>.+?)\s+to (?P<recipient>.+?) *[.,]" + _YEARS),
    re.compile(r"buyer '(?P<recipient>.+?)' and seller +'(?P<supplier>.+?)'" + _YEARS),
)
_RANGE = re.compile(r"([0-9]{4}) *[-–] *([0-9]{4})")

#: codes of the largest suppliers, of which each delivers to most of the world in every decade
LARGEST = (("USA",), ("SUN", "RUS"), ("FRA",), ("GBR",), ("CHN",), ("DEU", "FRG"))
#: recipients of a file that does not say for whom it was made: up to so many, the largest suppliers
#: need not be among theirs
FEW = 5


class Scope(NamedTuple):
    """What a file could show.

    Attributes
    ----------
    suppliers, recipients : str
        `ALL`, `SOME`, or `UNSAID`.
    first, last : int or None
        Years asked for; None where the file does not say.
    """

    suppliers: str
    recipients: str
    first: int | None
    last: int | None


def of(sources: list[Source], *, is_folder: bool) -> Scope:
    """Tell what the file, or the folder of annual tables, was asked for."""
    if sources[0].kind in ("exports", "imports"):
        return _of_annual(sources, is_folder=is_folder)
    opening = "\n".join(",".join(fields) for _, fields in sources[0].rows[: sources[0].at])
    for pattern in _OPENINGS:
        if found := pattern.search(opening):
            years = [int(year) if year.isdigit() else None for year in found.groups()[-2:]]
            return Scope(_extent(found["supplier"]), _extent(found["recipient"]), *years)
    return Scope(UNSAID, UNSAID, None, None)


def _of_annual(sources: list[Source], *, is_folder: bool) -> Scope:
    """Annual tables: each is of one state, with all of its partners."""
    spans = [_RANGE.findall(_sipri_tables.title(source.rows)[2])[0] for source in sources]
    first, last = max(int(one) for one, _ in spans), min(int(other) for _, other in spans)
    if sources[0].kind == "imports":
        return Scope(ALL, SOME, first, last)
    return Scope(UNSAID if is_folder else SOME, ALL, first, last)


def _extent(name: str) -> str:
    return ALL if name.strip(" '\"").lower() in _WORLD else SOME


def check_suppliers(
    rows: pd.DataFrame, scope: Scope, known: Callable[[], pd.DataFrame], *, file: str
) -> str:
    """Refuse a file in which suppliers could not be seen that its recipients may have."""
    if scope.suppliers == ALL:
        return ""
    suppliers = set(rows["partner"])
    if scope.suppliers == SOME or len(suppliers) == 1:
        named = ", ".join(sorted(suppliers)[:5])
        raise SourceFileError(
            f"{file} holds the deliveries of some suppliers only ({named}), so it cannot tell what"
            f" part of a state's arms they are. {_ADVICE}"
        )
    lacking = _lacking(rows, known())
    if not lacking:
        return ""
    said = (
        "does not say that all suppliers were asked for, and lacks suppliers of its recipients:"
        f" {', '.join(lacking)}"
    )
    if scope.recipients == ALL or rows["country"].nunique() > FEW:
        raise SourceFileError(f"{file} {said}. {_ADVICE}")
    return f"The file {said}. It makes no share, for these may have delivered too."


_ADVICE = (
    "Export the trade register for all suppliers, and keep the lines above the column names, which"
    " say so."
)


def _lacking(rows: pd.DataFrame, known: pd.DataFrame) -> list[str]:
    """Suppliers that would be in a file of all of them: by a fuller record, else the largest."""
    years = rows["start"].dt.year
    same = known["country"].isin(set(rows["country"])) & known["start"].dt.year.between(
        years.min(), years.max()
    )
    suppliers = set(rows["partner"])
    if not same.any():
        return ["/".join(codes) for codes in LARGEST if suppliers.isdisjoint(codes)]
    shares = known[same].groupby("partner")["value"].sum() / known.loc[same, "value"].sum()
    return sorted(set(shares.index[shares >= 0.01]) - suppliers)


def coverage(rows: pd.DataFrame, scope: Scope) -> dict:
    """Say which years and states a file could have recorded, for its sidecar.

    Years in which it has nothing at its end are not covered: SIPRI's form offers the year that is
    running. A file that does not say for whom it was made is taken to be of all recipients if it
    has a hundred.
    """
    years = rows["start"].dt.year
    first = years.min() if scope.first is None else scope.first
    last = years.max() if scope.last is None else min(years.max(), scope.last)
    states = sorted(rows["country"].unique())
    whole = scope.recipients == ALL or (scope.recipients == UNSAID and len(states) >= 100)
    return {"years": [int(first), int(last)], "countries": "all" if whole else states}
