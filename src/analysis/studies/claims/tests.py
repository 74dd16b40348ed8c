"""The tests that a table of claims may name, and what a row that names one must say.

A test takes a row of the table and a state. It says what it found, with what is not known of it and
which defensible ways to look agree; docs/methods.md has the list.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from .. import peacekeeping
from . import diversity, shares
from . import events as claim_events
from .rules import Finding


@dataclass(frozen=True)
class Test:
    """A test, and what a row that names it must say.

    Attributes
    ----------
    run : callable
        Takes the row, the state's code, and draws and seed; gives a `Finding`.
    needs : tuple of str
        Columns that must not be empty.
    partners : int or None
        How many partners it takes; none: any number, or none.
    first : bool
        Whether `first` may stand for the partner.
    in_order : bool
        Whether `before` must come before `after`.
    events : bool
        Whether it counts events, which not every source records.
    systematic : bool
        Whether its source must have looked for all partners alike.
    table : str
        The table that its source must have.
    instrument : str
        What that table is about, if it is no ledger.
    """

    run: Callable[..., Finding]
    needs: tuple[str, ...] = ("source", "after")
    partners: int | None = None
    first: bool = False
    in_order: bool = True
    events: bool = False
    systematic: bool = False
    table: str = "ledger.csv"
    instrument: str = ""


_BOTH = ("source", "before", "after")
_CONTRIBUTED = (*_BOTH, "threshold")
_OF_CONTRIBUTORS: dict[str, Any] = {
    "partners": 0, "systematic": True, "table": peacekeeping.TABLE, "instrument": "peacekeeping",
}  # fmt: skip
_SHARE = ("source", "partners", "after", "threshold")

#: name of a test in a table of claims -> the test
TESTS: dict[str, Test] = {
    "share_at_least": Test(shares.share_at_least, _SHARE, first=True, systematic=True),
    "share_below": Test(
        partial(shares.share_at_least, below=True), _SHARE, first=True, systematic=True
    ),
    "share_grew": Test(shares.share_grew, (*_BOTH, "partners"), systematic=True),
    "first_partner": Test(
        shares.first_partner, ("source", "partners", "after"), partners=1, systematic=True
    ),
    "more_diverse": Test(diversity.more_diverse, ("before", "after"), partners=0, systematic=True),
    "more_diverse_after": Test(
        diversity.more_diverse_after, ("source", "shock"), partners=0, systematic=True
    ),
    "partners_at_least": Test(
        partial(claim_events.partners_counted, grew=False),
        ("source", "after", "threshold"),
        partners=0,
        systematic=True,
    ),
    "more_partners": Test(
        partial(claim_events.partners_counted, grew=True), _BOTH, partners=0, systematic=True
    ),
    "events_grew": Test(claim_events.events_grew, _BOTH, events=True),
    "recorded": Test(claim_events.recorded, ("source", "after", "threshold"), events=True),
    "parties_at_least": Test(
        claim_events.parties_at_least,
        ("source", "after"),
        events=True,
        table=claim_events.SIZES,
    ),
    "new_partners": Test(claim_events.new_partners, (*_BOTH, "partners"), events=True),
    "amount_above": Test(claim_events.amount_above, _BOTH, in_order=False),
    "among_first": Test(claim_events.among_first, _CONTRIBUTED, **_OF_CONTRIBUTORS),
    "contribution_at_least": Test(
        claim_events.contribution_at_least, _CONTRIBUTED, **_OF_CONTRIBUTORS
    ),
    "not_measurable": Test(claim_events.not_measurable, ()),
}
