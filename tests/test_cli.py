import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from toys import HOSTILE, contents, names, toys  # noqa: F401

from analysis import cli
from analysis.errors import LedgerError
from analysis.loaders import imports
from analysis.sources import catalog, ledger, store
from analysis.studies.country_profile import summary as summary_module

pytestmark = pytest.mark.usefixtures("toys")


@pytest.fixture
def run(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; return its exit status, output and messages."""
    monkeypatch.chdir(tmp_path)

    def command(*arguments: str) -> tuple[int, str, str]:
        try:
            status = cli.main(arguments)
        except SystemExit as end:  # argparse's way
            status = end.code
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


# --- mistakes ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("report Pakistn", "'Pakistn': nearest: Pakistan"),
        ("report PAK XXQ Narnya --notebook shows", "'Narnya'"),
        ("report --notebook shows", "at least one state"),
        ("report PAK --all --notebook shows", "not both"),
        ("report PAK --notebook shws", "Did you mean shows? There are: broken,"),
        ("report PAK --notebook ../shows", "Unknown notebook '../shows'"),
        ("report PAK --notebook /etc/passwd", "Unknown notebook"),
        ("report PAK --notebook no_parameters -p seed=1", "The notebook takes: none"),
        ("report PAK --notebook shows -p lable=x", "Did you mean label? The notebook takes:"),
        ("report PAK --notebook shows -p seed=one", "expected int (of the bootstrap, from 0"),
        ("report PAK --notebook shows -p seed", "expected NAME=VALUE"),
        ("report PAK --notebook shows -p seed=1 -p seed=2", "given twice"),
        ("report PAK --notebook shows -p start=1990 --from 1990", "given twice"),
        ("report PAK --notebook shows -p country=IND", "name the state itself"),
        ("report PAK --notebook shows --from 3000", "cover 1950 to 2020"),
        ("report PAK --notebook shows --from 2010 --to 2000", "comes after"),
        ("report PAK --notebook shows --from soon", "invalid int value"),
        ("report PAK --notebook broken --from 1990", "takes: country"),
        ("report PAK --notebook shows --out /dev/null/x", "cannot write there"),
        ("measure PAK --instrument arms --from 2010 --to 2000", "comes after"),
        ("measure PAK --instrument arms --from 2010 --to 9999", "cover 1950 to 2020"),
        ("measure Pakistn --instrument arms --from 2010 --to 2011", "nearest: Pakistan"),
        ("measure PAK --instrument arms --from 2010", "required: --to"),
        ("import sipri missing.csv", "missing.csv does not exist"),
        ("cite Pakistn", "nearest: Pakistan"),
        ("check nowhere", "nowhere is not a folder"),
        ("check .", "holds no report"),
        ("reprot PAK", "invalid choice: 'reprot'"),
        ("", "required: COMMAND"),
    ],
)
def test_mistakes_get_one_line_and_change_nothing(run, arguments, message, tmp_path):
    status, out, err = run(*arguments.split())
    assert status == 2
    assert out == ""
    assert message in err
    assert err.startswith("partnerships")
    # an unknown state has a line each
    assert err.count("\n") == max(1, len({"XXQ", "Narnya"} & {*arguments.split()}))
    assert names(tmp_path) == []


def test_a_name_that_is_no_text_is_refused(run):
    status, _, err = run("report", "PAK", "--notebook", "shows", "-p", "label=\udcff")
    assert status == 2
    assert err == "partnerships: Parameter label='\\udcff': expected str (a text from outside).\n"


# --- report --------------------------------------------------------------------------------------


def test_one_failure_does_not_stop_the_others(run, tmp_path):
    status, out, err = run("report", "India", "PAK", "pakistan", "--notebook", "picky", "--quiet")
    assert status == 1
    assert out == "reports/PAK/picky.html\n"
    assert err.splitlines() == [
        "partnerships: IND picky: cell 3: LookupError: nothing on IND."
        " See reports/failed/IND/picky.ipynb",
        "partnerships: 1 of 2 reports failed",
    ]
    assert names(tmp_path / "reports") == [
        "PAK",
        "changes.atom",
        "changes.html",
        "changes.json",
        "failed",
        "index.html",
        "runs.jsonl",
    ]

    assert run("check", "reports")[:2] == (0, "3 files compared, 0 wrong\n")
    page = tmp_path / "reports" / "PAK" / "picky.html"
    page.write_text("changed")
    status, out, err = run("check", "reports/PAK")
    assert (status, out) == (1, "3 files compared, 1 wrong\n")
    assert err == "partnerships: reports/PAK/picky.html: was changed after it was made\n"


def test_years_and_parameters_reach_the_notebook(run, tmp_path):
    status, out, err = run(
        "report",
        "PAK",
        "--notebook",
        "shows",
        "--from",
        "1990",
        "--to",
        "2000",
        "-p",
        f"label={HOSTILE}=",
        "-p",
        "seed=7",
        "--out",
        "deep/er",
    )
    assert (status, err) == (0, "")
    assert re.fullmatch(
        r"deep/er/PAK/shows--end-2000--label-[a-z0-9_.-]+--seed-7--start-1990\.html\n", out
    )
    report = Path(out).stem
    manifest = json.loads((tmp_path / "deep/er/PAK/manifest.json").read_text("utf-8"))
    assert manifest["reports"][report]["parameters"] == {
        "country": "PAK",
        "start": 1990,
        "end": 2000,
        "label": f"{HOSTILE}=",
        "seed": 7,
    }


def test_all_are_the_states_of_the_ledger(run, monkeypatch):
    rows = pd.DataFrame({"country": ["SWE", "PAK", "SWE"]})
    monkeypatch.setattr(store, "load", lambda: rows)
    status, out, _ = run("report", "--all", "--notebook", "picky")
    assert (status, out) == (0, "reports/PAK/picky.html\nreports/SWE/picky.html\n")


def test_all_are_those_that_existed_in_the_years_asked_for(run, monkeypatch):
    monkeypatch.setattr(store, "load", lambda: pd.DataFrame({"country": ["BAV", "SUN", "PAK"]}))
    for years, states in (((1990, 2000), "PAK SUN"), ((1992, 2000), "PAK"), ((1860, 1865), "BAV")):
        start, end = map(str, years)
        monkeypatch.setattr(catalog.Source, "years", (1816, 2020))
        asked = ("--all", "--notebook", "shows", "--from", start, "--to", end, "--progress", "json")
        assert [
            json.loads(line)["state"]
            for line in run("report", *asked)[2].splitlines()
            if '"report"' in line
        ] == states.split()


def test_a_full_disk_is_a_failure_and_leaves_nothing(run, monkeypatch, tmp_path):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analysis.report.publish._write", full)
    status, out, err = run("report", "PAK", "--notebook", "picky")
    assert (status, out) == (1, "")
    assert "No space left" in err
    assert contents(tmp_path) == {}


def test_missing_report_tools_are_named(run, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    status, _, err = run("report", "PAK")
    assert status == 2
    assert "papermill, ipykernel, jinja2, mistune, nh3: pip install" in err


# --- the other commands --------------------------------------------------------------------------

FOUND = {
    "country": "PAK", "source": "toy", "instrument": "arms", "start": 2017, "end": 2021,
    "country_name": "Pakistan", "status": "measured", "weighting": "value", "window": 5,
    "basis": "flow", "unit": "TIV million", "seed": 1, "draws": 1000, "n_events": 9,
    "source_title": "A toy", "source_version": "1", "coverage": [1950, 2021],
    "citation": "toy", "advice": "", "spread": False, "continuing": "one", "notes": [],
    "shares": [
        {"partner": "CHN", "partner_name": "China", "weight": 3.0, "share": 0.75,
         "share_low": 0.5, "share_high": 1.0, "n_events": 2},
        {"partner": "SWE", "partner_name": "Sweden", "weight": 1.0, "share": 0.25,
         "share_low": 0.25, "share_high": 0.25, "n_events": 1},
    ],
    "measures": [
        {"measure": "Herfindahl–Hirschman index", "estimate": 0.625, "low": 0.5, "high": 1.0,
         "interval": "bounds", "interval_kind": "bounds", "weight_without_distance": 0.0},
        {"measure": "evenness", "estimate": None, "low": None, "high": None,
         "interval": "none", "interval_kind": "none", "weight_without_distance": 0.0},
    ],
}  # fmt: skip
MEASURE = ("measure", "Pakistan", "--instrument", "arms", "--from", "2016", "--to", "2020")


@pytest.fixture
def measured(monkeypatch):
    """What the command asks for, and gets: two portfolios, one of them without a tie."""
    asked = []

    def summary(*arguments, **options):
        asked.append((arguments, options))
        return [FOUND, {**FOUND, "status": "empty", "shares": [], "measures": []}]

    monkeypatch.setattr(summary_module, "summarise", summary)
    return asked


def test_measure_prints_json(run, measured):
    status, out, _ = run(*MEASURE, "--weighting", "value", "--json")
    assert status == 0
    assert json.loads(out)[0] == FOUND
    asked = {"start": 2016, "end": 2020, "weighting": "value", "continuing": "one"}
    assert measured == [(("PAK", "arms"), asked)]


def test_measure_prints_tables(run, measured):
    status, out, _ = run(*MEASURE)
    assert status == 0
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "Pakistan, arms, 2017–2021: A toy (toy, 1), which covers 1950–2021",
        "flow, weighting value, unit TIV million, 9 totals, seed 1",
        "",
        "CHN China 75% 50% to 100%",
        "SWE Sweden 25.0%",
        "",
        "Herfindahl–Hirschman index 0.62 0.50 to 1.00 bounds",
        "evenness –",
        "",
        "Pakistan, arms, 2017–2021: A toy (toy, 1), which covers 1950–2021",
        "flow, weighting value, unit TIV million, 9 totals, seed 1",
        "The sources cover these years and record no tie.",
    ]


def test_measure_says_what_can_be_measured(run, monkeypatch):
    monkeypatch.setattr(summary_module, "summarise", lambda *_, **__: [])
    status, _, err = run(*MEASURE)
    assert status == 2
    assert err.endswith("Measurable: exercise.\n")


def test_sources_are_listed(run):
    status, out, _ = run("sources")
    assert status == 0
    assert out.splitlines()[1].split() == [
        "toy",
        "1",
        "exercise",
        "1950–2020",
        "all",
        "yes",
        "A",
        "toy",
        "source",
    ]


def test_cite_gives_the_sources_on_a_state(run, monkeypatch):
    monkeypatch.setattr(store, "load", lambda country: pd.DataFrame({"source": ["toy"]}))
    assert run("cite", "Pakistan") == (0, f"{catalog.cite(['toy'])}\n", "")
    monkeypatch.setattr(store, "load", lambda country: ledger.blank())
    status, out, err = run("cite", "Pakistan")
    assert (status, out) == (1, "")
    assert "No source records a tie of Pakistan" in err


def test_import_prints_what_became_of_the_rows(run, monkeypatch, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text("x")
    summary = pd.DataFrame({"outcome": ["read", "kept"], "rows": [3, 3]})
    monkeypatch.setattr(imports, "import_source", lambda name, path, **_: summary)
    status, out, _ = run("import", "sipri", str(file))
    assert (status, out) == (0, "outcome  rows\nread     3\nkept     3\n")


def test_a_bad_import_is_the_users_mistake(run, monkeypatch, tmp_path):
    def refuse(name, path, **_):
        raise LedgerError("2 fault(s) in register.csv:\n  row 1\n  row 2")

    monkeypatch.setattr(imports, "import_source", refuse)
    status, _, err = run("import", "sipri", str(tmp_path))
    assert status == 2
    assert err == "partnerships: 2 fault(s) in register.csv:\n  row 1\n  row 2\n"


def test_check_compares_the_data_with_its_sidecars(run, toys, monkeypatch, tmp_path):  # noqa: F811
    assert run("check") == (0, "1 files compared, 0 wrong\n", "")
    extra, table = toys / "toy" / "extra.csv", toys / "toy" / "toy.csv"
    before = table.read_bytes()
    try:
        extra.write_text("x")
        table.write_text("changed")
        status, out, err = run("check")
    finally:
        extra.unlink()
        table.write_bytes(before)
    assert (status, out) == (1, "1 files compared, 2 wrong\n")
    assert "toy.csv: expected SHA-256" in err
    assert "extra.csv: no sidecar lists it" in err


#: what a terminal would obey: colours, a title, a cleared screen, text from right to left
ORDERS = "\x1b[31m \x1b]0;t\x07 \x9b2J \x7f \u202e \u2028 \r"


def assert_plain(text):
    assert [sign for sign in text if not (sign.isprintable() or sign in "\n\t")] == []
    assert "1b[31m" in text


def test_no_order_from_data_reaches_a_terminal_or_a_log(run, monkeypatch, tmp_path):
    named = {
        **FOUND,
        "source_title": ORDERS,
        "shares": [{**FOUND["shares"][0], "partner_name": ORDERS}],
    }
    monkeypatch.setattr(summary_module, "summarise", lambda *_, **__: [named])
    assert_plain(run(*MEASURE)[1])
    status, out, _ = run(*MEASURE, "--json")
    assert_plain(out)
    assert json.loads(out)[0]["source_title"] == ORDERS

    def refuse(name, path, **_):
        raise LedgerError(f"1 fault in register.csv: {ORDERS}")

    monkeypatch.setattr(imports, "import_source", refuse)
    assert_plain(run("import", "sipri", str(tmp_path))[2])
    assert_plain(run("report", ORDERS, "--notebook", "shows")[2])
    assert_plain(run("report", f"--{ORDERS}")[2])
    assert_plain(run("cite", ORDERS)[2])
    status, _, err = run(
        "report",
        "PAK",
        "--notebook",
        "says",
        "-p",
        f"text={ORDERS}",
        "--progress",
        "plain",
        "--log",
        "log.txt",
    )
    assert status == 1
    for text in (
        err,
        *((tmp_path / name).read_text("utf-8") for name in ("log.txt", "reports/runs.jsonl")),
    ):
        assert_plain(text)


@pytest.mark.slow
def test_what_a_kernel_writes_past_jupyter_reaches_no_terminal(toys):  # noqa: F811
    code = (
        "from analysis.report.execution import kernel; import nbformat; n = nbformat.v4;"
        "cell = n.new_code_cell('import os; os.system(\"echo x; echo x >&2\")');"
        "kernel.execute(n.new_notebook(cells=[cell]), {})"
    )
    for warm in "01":
        made = process("-c", code, PARTNERSHIPS_WARM_KERNELS=warm)
        assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


# --- as a process --------------------------------------------------------------------------------


def process(*arguments: str, **options) -> subprocess.CompletedProcess:
    source = str(Path(cli.__file__).parents[1])
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": source, **options},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_module_is_the_command(toys):  # noqa: F811
    made = process("-m", "analysis", "sources", PYTHONIOENCODING="ascii")
    assert (made.returncode, made.stderr) == (0, "")
    assert "1950?2020" in made.stdout


def test_a_reader_that_goes_away_is_no_traceback():
    code = (
        "from analysis.cli import main; import sys; sys.stdin.read(); sys.exit(main(['sources']))"
    )
    source = str(Path(cli.__file__).parents[1])
    made = subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": source},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    made.stdout.close()
    made.stdin.close()
    with made.stderr:
        assert made.stderr.read() == ""
    assert made.wait() == 0  # it leads nowhere, and a run goes on


def test_starting_the_command_is_cheap():
    heavy = ["pandas", "numpy", "matplotlib", "papermill", "yaml"]
    code = f"import analysis.cli, sys; print(*[name for name in {heavy} if name in sys.modules])"
    assert process("-c", code).stdout.split() == []
