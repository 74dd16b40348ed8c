"""The command `partnerships`.

Exit status: 0 only if everything asked for was made; 2 for a mistake of the user's, with a message
that says what was wrong and what would be right, and nothing written; 1 for a failure.
"""

import argparse
import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NoReturn

from ._terminal import plain
from .errors import (
    DiskError,
    ParameterError,
    PartnershipError,
    SourceFileError,
    UnknownCountryError,
)
from .loaders import imports
from .parameters import SCHEMA
from .report import planning, verify
from .studies import selections
from .studies.country_profile.summary import summarise
from .studies.events import shock_table

FAILURE, MISTAKE, INTERRUPTED = 1, 2, 130

#: what is said goes here too, for `report --log`
_log = logging.getLogger("partnerships")
_log.addHandler(logging.NullHandler())
_log.propagate = False


class _StoppedError(PartnershipError):
    """A run that Ctrl-C or another signal has ended early."""

    def __init__(self, number: int, done: str):
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        super().__init__(
            f"Stopped by {name}: {done}, and the site shows them. Run the same again with --resume."
        )
        self.status = 128 + number


class _Notes(logging.Handler):
    """Shows what other parts have to say; what the command itself says is shown already."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name != _log.name:
            sys.stderr.write(f"partnerships: {plain(record.getMessage())}\n")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """Say what is wrong in one line; argparse would print the usage as well."""
        self.exit(MISTAKE, f"{self.prog}: {plain(message)}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : list of str, optional
        Its arguments; default: those of this process.

    Returns
    -------
    int
        The exit status.
    """
    _open_streams()
    notes = _Notes(logging.WARNING)
    _log.addHandler(notes)
    try:
        status = _run(argv)
    finally:
        _log.removeHandler(notes)
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
    except _StoppedError as error:
        return _complain(error, error.status)
    except (ParameterError, UnknownCountryError) as error:
        return _complain(error, MISTAKE)
    except (PartnershipError, OSError) as error:
        return _complain(error, FAILURE)
    except MemoryError:
        return _complain("There is not enough memory for this.", FAILURE)
    return status


class _Stream(io.TextIOWrapper):
    """A standard stream that leads nowhere once nobody reads it: `partnerships sources | head`."""

    def write(self, text: str) -> int:
        try:
            return super().write(text)
        except BrokenPipeError:
            return self._drop() or len(text)

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
            settings = {"encoding": stream.encoding, "line_buffering": stream.line_buffering}
            setattr(sys, name, _Stream(stream.detach(), errors="backslashreplace", **settings))


def _complain(message: object, status: int) -> int:
    sys.stderr.write(f"partnerships: {plain(message)}\n")
    _log.log(logging.ERROR if status else logging.WARNING, "%s", message)
    return status


def _say(text: object) -> None:
    sys.stdout.write(f"{plain(text)}\n")
    sys.stdout.flush()
    _log.info("%s", text)


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


def _declare_report(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("countries", nargs="*", metavar="STATE", help="ISO3 code or name")
    parser.add_argument(
        "--all",
        action="store_true",
        help="every state with a tie on record that existed in the years of the report",
    )
    parser.add_argument(
        "--notebook",
        default="country_profile",
        metavar="NAME",
        help="or a path that ends in .ipynb, or `all`; default: %(default)s",
    )
    for flag, name in (("--from", "start"), ("--to", "end")):
        parser.add_argument(
            flag, dest=name, type=int, metavar="YEAR", help=SCHEMA[name].explanation
        )
    parser.add_argument(
        "-p",
        dest="parameters",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the notebooks that have it; may be given several times",
    )
    parser.add_argument(
        "--as",
        dest="variant",
        metavar="NAME",
        help="what to call reports by these parameters; default: by the parameters, as in"
        " arms--window-3",
    )
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["parameters, for -p:", *_parameter_lines()])
    parser.add_argument(
        "--out", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument("--pdf", action="store_true", help="make each report as PDF as well")
    parser.add_argument(
        "--jobs", type=_number(1), default=1, metavar="N", help="how many at a time; default: 1"
    )
    parser.add_argument(
        "--resume",
        action="store_true",
        help="make only what is missing, has failed, or would no longer be the same",
    )
    parser.add_argument(
        "--wait", action="store_true", help="for the end of another run in the same folder"
    )
    parser.add_argument(
        "--retry", type=_number(0), default=0, metavar="N", help="try a failed one N times more"
    )
    parser.add_argument(
        "--timeout", type=_number(1), metavar="SECONDS", help="how long one report may run"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="run on the cluster of this scheduler, as tcp://host:8786"
    )
    parser.add_argument(
        "--progress",
        default="auto",
        choices=("auto", "rich", "plain", "json", "quiet"),
        help="on standard error; auto: rich on a terminal, else plain; nothing for one report",
    )
    parser.add_argument(
        "--quiet", dest="progress", action="store_const", const="quiet", help="no progress"
    )
    parser.add_argument(
        "--notify",
        action="append",
        default=[],
        metavar="URL",
        help="tell of failures and changes, such as mailto://... (apprise); may be given several"
        " times, or in the environment variable PARTNERSHIPS_NOTIFY",
    )
    parser.add_argument("--log", type=Path, metavar="FILE", help="append what is said to a file")


def _parameter_lines() -> Iterable[str]:
    """Say of each parameter that -p takes what it means and may be."""
    for one in SCHEMA.values():
        if one.name != "country":
            yield f"  {one.name:<12} {one.explanation}"


def _number(least: int) -> Callable[[str], int]:
    """Make a parser of whole numbers that are not too small."""

    def whole_number(text: str) -> int:
        if int(text) < least:
            raise ValueError
        return int(text)

    return whole_number


def _report(arguments: argparse.Namespace) -> int:
    _require_report_tools()
    from .report import pdf
    from .report.site import logs, notify

    if arguments.pdf:
        pdf.require()
    addresses = [*arguments.notify, *os.environ.get(notify.VARIABLE, "").split()]
    service = notify.service(addresses) if addresses else None
    with logs.to_file(arguments.log):
        before = notify.known(arguments.out)
        try:
            failures = _make_all(arguments)
        except (PartnershipError, OSError) as error:  # nobody may be there to read it
            _log.error("%s", error)
            if service is not None:
                told = notify.message(arguments.out, before=before, failures=[str(error)])
                notify.send(service, told)
            raise
        told = notify.message(arguments.out, before=before, failures=failures)
        if service is not None and not notify.send(service, told):
            return _complain("--notify: not every address could be reached.", FAILURE)
    return FAILURE if failures else 0


def _make_all(arguments: argparse.Namespace) -> list[str]:
    """Make what was asked for, and the site over it; return what failed, a line each."""
    from .report import batch, names, progress, publish

    variant = None if arguments.variant is None else names.check_given(arguments.variant)
    states = _states(arguments.countries, everyone=arguments.all)
    values = planning.parse(planning.notebooks(arguments.notebook), _texts(arguments))
    if arguments.wait:
        with publish.only_run(arguments.out, wait=True):
            pass
    tasks = planning.plan(
        states,
        values,
        out=arguments.out,
        variant=variant,
        resume=arguments.resume,
        pdf=arguments.pdf,
        existing=arguments.all,
    )
    kind = arguments.progress
    if kind == "auto" and len(tasks) == 1:
        kind = "quiet"
    shown = progress.chosen(kind)

    def tell(outcome: planning.Outcome) -> None:
        shown.tell(outcome)
        if outcome.status != planning.FAILED:
            _say(outcome.path)

    with batch.Stop() as stop:
        with shown.of(len(tasks)):
            outcomes = batch.make(
                tasks,
                out=arguments.out,
                jobs=arguments.jobs,
                retry=arguments.retry,
                timeout=arguments.timeout,
                dask=arguments.dask,
                stop=stop,
                tell=tell,
            )
        failures = [outcome for outcome in outcomes if outcome.status == planning.FAILED]
        for outcome in failures:
            _complain(outcome, FAILURE)
        if len(outcomes) > 1 and failures:
            _complain(f"{len(failures)} of {len(outcomes)} reports failed", FAILURE)
        for line in batch.finish(arguments.out, outcomes):
            _complain(line, FAILURE)
    if stop.signal is not None:
        raise _StoppedError(stop.signal, f"{len(outcomes)} of {len(tasks)} reports are there")
    return [str(outcome) for outcome in failures]


def _require_report_tools() -> None:
    from importlib.util import find_spec

    wanted = ("papermill", "ipykernel", "jinja2", "mistune", "nh3")
    if missing := [name for name in wanted if find_spec(name) is None]:
        raise ParameterError(
            f"Reports need {', '.join(missing)}: pip install 'partnership-diversity[report]'."
        )


def _states(names: Sequence[str], *, everyone: bool) -> list[str]:
    """ISO3 codes of the states asked for, each once; all unknown ones are named together."""
    from .sources import countries

    if everyone == bool(names):
        raise ParameterError("Name at least one state, or say --all, not both.")
    if everyone:
        from .sources import store

        return sorted(store.load()["country"].unique())
    found, unknown = [], []
    for name in names:
        try:
            found.append(countries.lookup(name))
        except UnknownCountryError as error:
            unknown.append(str(error))
    if unknown:
        raise UnknownCountryError("\n".join(unknown))
    return list(dict.fromkeys(found))


def _texts(arguments: argparse.Namespace) -> dict[str, str]:
    """Gather parameters as they were typed, by name."""
    years = {"start": arguments.start, "end": arguments.end}
    given = {name: str(year) for name, year in years.items() if year is not None}
    for text in arguments.parameters:
        name, equals, value = text.partition("=")
        if not equals:
            raise ParameterError(f"-p {text}: expected NAME=VALUE.")
        if name == "country":
            raise ParameterError("-p country: name the state itself, as in `report PAK`.")
        if name in given:
            raise ParameterError(f"Parameter {name} is given twice.")
        given[name] = value
    return given


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
        _say(json.dumps(found, ensure_ascii=False, indent=2, allow_nan=False))
    else:
        _say("\n\n".join(_terminal.portfolio(one) for one in found))
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
    _say(_terminal.columns([heading, *rows]))
    return 0


def _observed(source: object) -> str:
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
    from .sources import store
    from .studies.claims import tables as claims

    own = {"claims": claims.take_in, "shocks": shock_table.import_table}
    try:
        if arguments.source in own:
            take_in = own[arguments.source]
        else:
            take_in = partial(imports.import_source, arguments.source)
        summary = take_in(arguments.file, replace=arguments.replace, wait=arguments.wait)
    except DiskError as error:
        return _complain(error, FAILURE)
    except PartnershipError as error:  # the file is the user's
        return _complain(error, MISTAKE)
    if arguments.source not in own:
        for line in store.hidden_by_imports():
            _complain(line, 0)
    cells = summary.astype(object).to_numpy().tolist()
    _say(_terminal.columns([list(summary.columns), *cells]))
    return 0


def _declare_cite(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("country", metavar="STATE", help="ISO3 code or name")


def _cite(arguments: argparse.Namespace) -> int:
    from .sources import catalog, countries, store

    records = store.load(country=countries.lookup(arguments.country))
    if records.empty:
        return _complain(f"No source records a tie of {arguments.country}.", FAILURE)
    _say(catalog.cite(records))
    return 0


def _declare_check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "folder", nargs="?", type=Path, metavar="DIR", help="of reports; default: the data"
    )


def _check(arguments: argparse.Namespace) -> int:
    if arguments.folder is None:
        number, wrong = _check_data()
    else:
        if not arguments.folder.is_dir():
            raise ParameterError(f"{arguments.folder} is not a folder.")
        number, wrong = verify.verify(arguments.folder)
    for line in wrong:
        _complain(line, FAILURE)
    _say(f"{number} files compared, {len(wrong)} wrong")
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


def _unlisted(source: object) -> Iterable[Path]:
    known = {"source.yml", *source.files}
    return [path for path in sorted(source.folder.iterdir()) if path.name not in known]


_SUMMARY = "How diverse are a state's military partnerships?"
_COMMANDS = {
    "report": (_report, "make reports on states", _declare_report),
    "measure": (_measure, "measure one instrument of one state", _declare_measure),
    "sources": (_sources, "list the sources at hand", _declare_nothing),
    "import": (_import, "take in your own download of a source", _declare_import),
    "cite": (_cite, "print the sources on a state for a bibliography", _declare_cite),
    "check": (_check, "compare data, or reports, with their checksums", _declare_check),
}
