"""What a loader did with each row it read, so that nothing is lost in silence."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import pandas as pd

COLUMNS = ["source", "file", "row", "column", "value", "scope", "action", "reason"]

#: years of a state in which the source could not have recorded it, though it covers both
GAPS = ["country", "first_year", "last_year", "reason"]

#: what can happen to a row, or to one cell (one party) of a row that is otherwise kept
ACTIONS = ("changed", "set_aside", "refused")


@dataclass
class Audit:
    """Notes on one source `file` (its name, as it shall be printed) of `rows_read` data rows.

    A *row*-scoped note of `set_aside` or `refused` takes the whole row out of the ledger; all other
    rows are kept. A *cell*-scoped note concerns one value of a row that is kept.
    """

    source: str
    file: str
    rows_read: int
    _notes: list[tuple] = field(default_factory=list, repr=False)
    _gaps: dict[tuple[str, int], str] = field(default_factory=dict, repr=False)

    def note(
        self,
        action: str,
        reason: str,
        *,
        row: int,
        column: str = "",
        value: object = "",
        scope: str = "cell",
    ) -> None:
        """Record one note; `row` is the line in the file as a text editor counts it."""
        if action not in ACTIONS or scope not in ("row", "cell"):
            raise ValueError(f"no such audit action or scope: {action!r}, {scope!r}")
        self._notes.append(
            (self.source, self.file, int(row), column, str(value), scope, action, reason)
        )

    def gap(self, reason: str, state_years: Iterable[tuple[str, int]]) -> None:
        """Record that the file does not cover these states in these years; the first reason stays.

        There a value is missing, not zero.
        """
        for country, year in state_years:
            self._gaps.setdefault((country, int(year)), reason)

    @property
    def gaps(self) -> pd.DataFrame:
        """Spells of years that are not covered: one row each, columns as in `GAPS`."""
        rows: list[list] = []
        for (country, year), reason in sorted(self._gaps.items()):
            if rows and rows[-1][0] == country and rows[-1][2:] == [year - 1, reason]:
                rows[-1][2] = year
            else:
                rows.append([country, year, year, reason])
        return pd.DataFrame(rows, columns=GAPS)

    @property
    def table(self) -> pd.DataFrame:
        """Every note: one row each, columns as in `COLUMNS`."""
        return pd.DataFrame(self._notes, columns=COLUMNS).sort_values(
            ["row", "column", "reason", "value"], kind="stable", ignore_index=True
        )

    def summary(self) -> pd.DataFrame:
        """Count rows by what became of them: `read` equals the sum of the others.

        Scope `row` partitions the rows read; scope `cell` counts notes on rows that were kept, or
        that also lost a cell; scope `state_year` counts years of states that are not covered.
        """
        notes = self.table
        whole = notes[(notes["scope"] == "row") & (notes["action"] != "changed")]
        whole = whole.drop_duplicates("row")
        lines = [
            ("row", "read", "", self.rows_read),
            ("row", "kept", "", self.rows_read - len(whole)),
        ]
        cells = notes[(notes["scope"] == "cell") | (notes["action"] == "changed")]
        lines += [
            (scope, action, reason, len(group))
            for scope, part in (("row", whole), ("cell", cells))
            for (action, reason), group in part.groupby(["action", "reason"], sort=True)
        ]
        missed = Counter(self._gaps.values())
        lines += [
            ("state_year", "not_covered", reason, missed[reason]) for reason in sorted(missed)
        ]
        frame = pd.DataFrame(lines, columns=["scope", "outcome", "reason", "rows"])
        frame.insert(0, "file", self.file)
        frame.insert(0, "source", self.source)
        return frame
