"""The command `partnerships report`: its options, and a run of reports."""

import argparse
import os
import signal
from collections.abc import Iterable, Sequence
from pathlib import Path

from ._terminal import FAILURE, complain, log, number_from, say
from .errors import ParameterError, PartnershipError, UnknownCountryError
from .parameters import SCHEMA


class StoppedError(PartnershipError):
    """A run that Ctrl-C or another signal has ended early."""

    def __init__(self, number: int, done: str):
        name = "Ctrl-C" if number == signal.SIGINT else signal.Signals(number).name
        super().__init__(
            f"Stopped by {name}: {done}, and the site shows them. Run the same again with --resume."
        )
        self.status = 128 + number


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the command."""
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
    _declare_run(parser)


def _declare_run(parser: argparse.ArgumentParser) -> None:
    """Declare how reports are made, rather than which."""
    parser.add_argument(
        "--out", type=Path, default=Path("reports"), metavar="DIR", help="default: %(default)s"
    )
    parser.add_argument("--pdf", action="store_true", help="make each report as PDF as well")
    parser.add_argument(
        "--jobs", type=number_from(1), default=1, metavar="N", help="how many at a time; default: 1"
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
        "--retry", type=number_from(0), default=0, metavar="N", help="try a failed one N times more"
    )
    parser.add_argument(
        "--timeout", type=number_from(1), metavar="SECONDS", help="how long one report may run"
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


def run(arguments: argparse.Namespace) -> int:
    """Make the reports that were asked for, and return the exit status."""
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
            log.error("%s", error)
            if service is not None:
                parts = notify.message(arguments.out, before=before, failures=[str(error)])
                notify.send(service, parts)
            raise
        parts = notify.message(arguments.out, before=before, failures=failures)
        if service is not None and not notify.send(service, parts):
            return complain("--notify: not every address could be reached.", FAILURE)
    return FAILURE if failures else 0


def _make_all(arguments: argparse.Namespace) -> list[str]:
    """Make what was asked for, and the site over it; return what failed, a line each."""
    from .report import batch, names, planning, progress, publish

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
            say(outcome.path)

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
            complain(outcome, FAILURE)
        if len(outcomes) > 1 and failures:
            complain(f"{len(failures)} of {len(outcomes)} reports failed", FAILURE)
        for line in batch.finish(arguments.out, outcomes):
            complain(line, FAILURE)
    if stop.signal is not None:
        raise StoppedError(stop.signal, f"{len(outcomes)} of {len(tasks)} reports are there")
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
