"""The command `partnerships`.

Exit status: 0 only if everything asked for was made; 2 for a mistake of the user's, with a message
that says what was wrong and what would be right, and nothing written; 1 for a failure.
"""

import argparse
import io
import json
import logging
import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from . import _report_command
from ._report_command import StoppedError
from ._terminal import FAILURE, INTERRUPTED, MISTAKE, complain, log, plain, say
from .errors import (
    DiskError,
    ParameterError,
    PartnershipError,
    SourceFileError,
    UnknownCountryError,
)
from .parameters import SCHEMA


class _Notes(logging.Handler):
    """Shows what other parts have to say; what the command itself says is shown already."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != log.name:
            sys.stderr.write(f"partnerships: {plain(record.getMessage())}\n")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line; argparse would print the usage as well."""
        self.exit(MISTAKE, f"{self.prog}: {plain(message)}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command."""
    _open_streams()
    notes = _Notes(logging.WARNING)
    log.addHandler(notes)
    try:
        status = _run(argv)
    finally:
        log.removeHandler(notes)
    batch = sys.modules.get("analysis.report.batch")
    if batch and batch.is_stuck():  # else it would be waited for without end
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os._exit(status)
    return status


def _run(argv: Sequence[str] | None) -> int:
    """Run a command; a mistake or a failure becomes one line and the exit status."""
    arguments = _parser().parse_args(argv)
    if hasattr(sys.stdout, "reconfigure"):  # a terminal that lacks a sign shows another
        sys.stdout.reconfigure(errors="replace")
    try:
        status = arguments.run(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except StoppedError as error:
        return complain(error, error.status)
    except (ParameterError, UnknownCountryError) as error:
        return complain(error, MISTAKE)
    except (PartnershipError, OSError) as error:
        return complain(error, FAILURE)
    except MemoryError:
        return complain("There is not enough memory for this.", FAILURE)
    return status


class _Stream(io.TextIOWrapper):
    """A standard stream that leads nowhere once nobody reads it: `partnerships sources | head`."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self.fileno())
        os.close(nowhere)


def _open_streams() -> None:
    """Let standard streams that were closed (`>&-`), or will be, lead nowhere."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nowhere = os.open(os.devnull, os.O_RDWR)
            # also for what this process starts
            if nowhere == number:
                os.set_inheritable(number, True)
            else:
                os.dup2(nowhere, number)
                os.close(nowhere)
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is io.TextIOWrapper:
            settings: dict[str, Any] = {
                "encoding": stream.encoding,
                "line_buffering": stream.line_buffering,
            }
            setattr(sys, name, _Stream(stream.detach(), errors="backslashreplace", **settings))


def _parser() -> argparse.ArgumentParser:
    text = f"{_SUMMARY} Each COMMAND has its own --help."
    parser = _Parser(prog="partnerships", description=text)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, (run, summary, declare) in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary.capitalize()}.")
        command.set_defaults(run=run)
        declare(command)
    return parser


# --- report --------------------------------------------------------------------------------------


# --- measure -------------------------------------------------------------------------------------


def _declare_measure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("country", metavar="STATE", help="ISO3 code or name")
    parser.add_argument("--instrument", required=True, help="such as arms or exercise")
    parser.add_argument("--from", dest="start", type=int, required=True, metavar="YEAR")
    parser.add_argument("--to", dest="end", type=int, required=True, metavar="YEAR")
    parser.add_argument("--weighting", help=SCHEMA["weighting"].explanation)
    continuing = SCHEMA["continuing"]
    parser.add_argument(
        "--continuing",
        choices=continuing.choices,
        default=continuing.default,
        help=continuing.explanation,
    )
    parser.add_argument("--json", action="store_true", help="print JSON: one object a portfolio")


def _measure(arguments: argparse.Namespace) -> int:
    from . import _terminal
    from .sources import countries
    from .studies import selections
    from .studies.country_profile.summary import summarise

    state = countries.lookup(arguments.country)
    _check_window(arguments.start, arguments.end)
    found = summarise(
        state,
        arguments.instrument,
        start=arguments.start,
        end=arguments.end,
        weighting=arguments.weighting,
        continuing=arguments.continuing,
    )
    if not found:
        raise ParameterError(
            f"{selections.why_unmeasured(arguments.instrument)} Measurable:"
            f" {', '.join(_measurable())}."
        )
    if arguments.json:
        say(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        say("\n\n".join(_terminal.portfolio(one) for one in found))
    # no tie is a finding; a source that could not have seen any is none
    return 0 if any(one["status"] in ("measured", "empty") for one in found) else FAILURE


def _measurable() -> list[str]:
    from .sources import catalog

    sources = catalog.all_sources().values()
    systematic = (s for s in sources if s.sampling["systematic"] and s.instrument != "none")
    return sorted({name for source in systematic for name in source.instrument.split()})


def _check_window(start: int, end: int) -> None:
    from .sources import catalog

    covered = [year for source in catalog.all_sources().values() for year in source.years]
    first, last = min(covered), max(covered)
    if start > end:
        raise ParameterError(f"--from {start} comes after --to {end}.")
    if wrong := [year for year in (start, end) if not first <= year <= last]:
        raise ParameterError(f"{wrong[0]}: the sources cover {first} to {last}.")


# --- sources, import, cite, check ----------------------------------------------------------------


def _declare_nothing(parser: argparse.ArgumentParser) -> None:
    pass


def _sources(_: argparse.Namespace) -> int:
    from . import _terminal
    from .sources import catalog

    heading = ["source", "version", "instrument", "years", "states", "passed on", "title"]
    rows = [
        [
            s.key,
            s.version,
            s.instrument,
            f"{s.years[0]}–{s.years[1]}",
            _observed(s),
            "yes" if s.licence["redistribute"] else "no",
            s.title,
        ]
        for s in catalog.all_sources().values()
    ]
    say(_terminal.columns([heading, *rows]))
    return 0


def _observed(source: Any) -> str:
    seen = source.coverage["countries"]
    return "all" if seen == "all" else " ".join(seen) if len(seen) < 6 else str(len(seen))


def _declare_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="whose data: sipri; or claims or shocks, a table of your own",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="as its producer exported it")
    parser.add_argument(
        "--replace", action="store_true", help="in place of an earlier import of the same name"
    )
    parser.add_argument("--wait", action="store_true", help="for the end of another import")


def _import(arguments: argparse.Namespace) -> int:
    from . import _terminal
    from .loaders import imports
    from .sources import store
    from .studies.claims import tables as claims
    from .studies.events import shock_table

    own = {"claims": claims.import_table, "shocks": shock_table.import_table}
    try:
        if arguments.source in own:
            import_file = own[arguments.source]
        else:
            import_file = partial(imports.import_source, arguments.source)
        summary = import_file(arguments.file, replace=arguments.replace, wait=arguments.wait)
    except DiskError as error:
        return complain(error, FAILURE)
    except PartnershipError as error:  # the file is the user's
        return complain(error, MISTAKE)
    if arguments.source not in own:
        for line in store.hidden_by_imports():
            complain(line, 0)
    cells = summary.astype(object).to_numpy().tolist()
    say(_terminal.columns([list(summary.columns), *cells]))
    return 0


def _declare_cite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("country", metavar="STATE", help="ISO3 code or name")


def _cite(arguments: argparse.Namespace) -> int:
    from .sources import catalog, countries, store

    records = store.load(country=countries.lookup(arguments.country))
    if records.empty:
        return complain(f"No source records a tie of {arguments.country}.", FAILURE)
    say(catalog.cite(records))
    return 0


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="of reports; default: the data"
    )


def _check(arguments: argparse.Namespace) -> int:
    from .report import verify

    if arguments.folder is None:
        number, wrong = _check_data()
    else:
        if not arguments.folder.is_dir():
            raise ParameterError(f"{arguments.folder} is not a folder.")
        number, wrong = verify.verify(arguments.folder)
    for line in wrong:
        complain(line, FAILURE)
    say(f"{number} files compared, {len(wrong)} wrong")
    return FAILURE if wrong else 0


def _check_data() -> tuple[int, list[str]]:
    """Compare every table with its sidecar, and look for tables that no sidecar lists."""
    from .sources import catalog, imported, user_tables

    number, wrong = 0, []
    for source in catalog.all_sources().values():
        for name in source.files:
            number += 1
            try:
                source.path(name)
            except SourceFileError as error:
                wrong.append(str(error))
        wrong += [f"{path}: no sidecar lists it" for path in _unlisted(source)]
    for kind in user_tables.KINDS:
        compared, faults = imported.check_tables(kind)
        number, wrong = number + compared, wrong + faults
    return number, wrong


def _unlisted(source: Any) -> Iterable[Path]:
    known = {"source.yml", *source.files}
    return [path for path in sorted(source.folder.iterdir()) if path.name not in known]


_SUMMARY = "How diverse are a state's military partnerships?"
_COMMANDS = {
    "report": (_report_command.run, "make reports on states", _report_command.declare),
    "measure": (_measure, "measure one instrument of one state", _declare_measure),
    "sources": (_sources, "list the sources at hand", _declare_nothing),
    "import": (_import, "take in your own download of a source", _declare_import),
    "cite": (_cite, "print the sources on a state for a bibliography", _declare_cite),
    "check": (_check, "compare data, or reports, with their checksums", _declare_check),
}
