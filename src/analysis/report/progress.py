"""Tell how far a run is: to a person, to a log, or to a program. Never to a report."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, TextIO

from .._terminal import plain
from ..errors import ParameterError
from . import names

if TYPE_CHECKING:
    from .planning import Outcome

KINDS = ("auto", "rich", "plain", "json", "quiet")


class Progress(Protocol):
    """Progress of a run: how many reports there will be, and each outcome."""

    @contextmanager
    def of(self, total: int) -> Iterator[None]:
        """Begin to tell of `total` reports, and end."""

    def tell(self, outcome: "Outcome") -> None:
        """Tell of one."""


def chosen(kind: str, *, stream: TextIO | None = None) -> Progress:
    """Make the one that is asked for.

    Parameters
    ----------
    kind : str
        "rich": a bar with rate and time left; "plain": a line for each report; "json": a line of
        JSON for each event; "quiet": nothing. "auto" is rich on a terminal, else plain.
    stream : TextIO, optional
        Where to; default: standard error.
    """
    if kind not in KINDS:
        raise ParameterError(f"progress is {kind!r}; it is one of {', '.join(KINDS)}.")
    stream = stream or sys.stderr
    if kind == "auto":
        kind = "rich" if stream.isatty() else "plain"
    made: dict[str, Any] = {"rich": _Rich, "plain": _Plain, "json": _Json}
    return made[kind](stream) if kind in made else _Quiet()


def span(seconds: float) -> str:
    """Write a time span: 40 s, 5 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


class _Quiet:
    @contextmanager
    def of(self, total: int) -> Iterator[None]:
        yield

    def tell(self, outcome: "Outcome") -> None:
        pass


class _Plain:
    """A line for each report, with the rate and the time left."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    @contextmanager
    def of(self, total: int) -> Iterator[None]:
        self.total, self.done, self.fresh, self.began = total, 0, 0, monotonic()
        yield

    def tell(self, outcome: "Outcome") -> None:
        self.done += 1
        self.fresh += outcome.status == "fresh"
        line = f"[{self.done}/{self.total}] {plain(outcome)}{self._rate()}"
        print(line, file=self.stream, flush=True)

    def _rate(self) -> str:
        worked, passed = self.done - self.fresh, monotonic() - self.began
        if not worked or self.done == self.total:
            return ""
        left = passed / worked * (self.total - self.done)
        return f"; {60 * worked / passed:.1f} a minute, {span(left)} left"


class _Json(_Plain):
    """A line of JSON for each event."""

    @contextmanager
    def of(self, total: int) -> Iterator[None]:
        self._say(event="start", total=total)
        counts = self.counts = {"made": 0, "fresh": 0, "failed": 0}
        yield
        self._say(event="end", **counts)

    def tell(self, outcome: "Outcome") -> None:
        self.counts[outcome.status] += 1
        self._say(
            event="report",
            state=outcome.state,
            notebook=names.notebook_of(outcome.report),
            report=outcome.report,
            status=outcome.status,
            cell=outcome.cell,
            error=outcome.error,
            attempts=outcome.attempts,
            seconds=round(outcome.seconds, 3),
            path=str(outcome.path) if outcome.path else None,
        )

    def _say(self, **event: object) -> None:
        print(json.dumps(event), file=self.stream, flush=True)


class _Rich:
    """A bar on a terminal; failures stay above it."""

    def __init__(self, stream: TextIO):
        self.stream = stream

    @contextmanager
    def of(self, total: int) -> Iterator[None]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import (
            Progress as Bar,
        )

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TextColumn("left:"),
            TimeRemainingColumn(),
            TextColumn("{task.description}"),
        )
        self.began, self.worked = monotonic(), 0
        with Bar(*columns, console=Console(file=self.stream)) as self.bar:
            self.task = self.bar.add_task("", total=total, rate="")
            yield

    def tell(self, outcome: "Outcome") -> None:
        from rich.markup import escape

        self.worked += outcome.status != "fresh"
        rate = 60 * self.worked / (monotonic() - self.began)
        if outcome.status == "failed":
            self.bar.console.print(escape(plain(outcome)), style="red", highlight=False)
        name = escape(plain(f"{outcome.state} {outcome.report}"))
        self.bar.update(self.task, advance=1, description=name, rate=f"{rate:.1f} a minute")
