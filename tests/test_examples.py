"""The examples of schedules are what their tools read, and ask for what the command knows."""

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from analysis import cli

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
FILES = sorted(path for path in EXAMPLES.iterdir() if path.is_file())
COMMAND = re.compile(r"\S*partnerships\"? (?:report|check)\b[^\n>#|`]*")


def commands(path: Path) -> list[list[str]]:
    """Arguments of every call of the command in a file, lines that are continued joined."""
    text = re.sub(r"\\\n\s*", " ", path.read_text("utf-8"))
    if path.suffix == ".yml":
        jobs = yaml.safe_load(text)["jobs"].values()
        text = "\n".join(step.get("run", "") for job in jobs for step in job["steps"])
    if path.suffix == ".py":
        text = "\n".join(
            node.value
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        )
    if path.name == "reports.sh":
        text = text.replace("${PARTNERSHIPS:-partnerships}", "partnerships").replace(
            "$(getconf _NPROCESSORS_ONLN)", "2"
        )
    return [shlex.split(found)[1:] for found in COMMAND.findall(text)]


ASKED = [
    (path.name, arguments)
    for path in [*FILES, ROOT / "docs" / "scheduling.md"]
    for arguments in commands(path)
]


def test_each_example_asks_for_reports():
    with_reports = {name for name, arguments in ASKED if arguments[0] == "report"}
    assert with_reports == {
        "reports.sh",
        "partnerships.service",
        "github-actions.yml",
        "prefect_flow.py",
        "scheduling.md",
    }


@pytest.mark.parametrize(("name", "arguments"), ASKED)
def test_the_command_knows_what_it_is_asked_for(name, arguments):
    asked = cli._parser().parse_args(arguments)
    if arguments[0] == "report":
        assert asked.all
        assert asked.resume
        assert asked.notebook == "all"


# --- cron ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [0, 1, 2])
def test_the_script_hands_on_status_and_errors_and_nothing_else(status, tmp_path):
    stub = tmp_path / "bin" / "partnerships"
    stub.parent.mkdir()
    stub.write_text(
        f'#!/bin/sh\nprintf "%s\\n" "$@" > "$0.asked"\necho page\necho fault >&2\nexit {status}\n'
    )
    stub.chmod(0o755)
    made = subprocess.run(
        ["sh", EXAMPLES / "reports.sh", "a folder"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={"PATH": f"{stub.parent}:{os.environ['PATH']}"},
        check=False,
    )
    assert (made.returncode, made.stdout, made.stderr) == (status, "", "fault\n")
    asked = cli._parser().parse_args((tmp_path / "bin/partnerships.asked").read_text().splitlines())
    assert asked.out == Path("a folder/reports")
    assert asked.log == Path("a folder/partnerships.log")
    assert asked.jobs >= 1
    assert (tmp_path / "a folder").is_dir()


def test_the_script_wants_a_folder():
    made = subprocess.run(
        ["sh", EXAMPLES / "reports.sh"], capture_output=True, text=True, check=False
    )
    assert made.returncode
    assert "usage" in made.stderr


def test_the_crontab_is_one():
    lines = [line for line in (EXAMPLES / "crontab").read_text().splitlines() if line[:1] != "#"]
    entries = [line for line in lines if not re.match(r"\w+=", line)]
    bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]
    assert len(entries) == 2
    for entry in entries:
        *fields, command = entry.split(maxsplit=5)
        for field, (low, high) in zip(fields, bounds, strict=True):
            numbers = [int(number) for number in re.findall(r"\d+", field)]
            assert field == "*" or (numbers and all(low <= n <= high for n in numbers))
        script = Path(command.split()[0])
        assert (EXAMPLES / script.name).stat().st_mode & 0o111


# --- systemd -------------------------------------------------------------------------------------


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str
    parser.read_string((EXAMPLES / name).read_text("utf-8"))
    return parser


def test_the_units_belong_together():
    assert {"Unit", "Timer", "Install"} == {*unit("partnerships.timer").sections()}
    assert unit("partnerships.service")["Service"]["Type"] == "oneshot"
    assert {path.stem for path in EXAMPLES.glob("partnerships.*")} == {"partnerships"}


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="needs systemd-analyze")
def test_systemd_takes_the_units(tmp_path):
    for name in ("partnerships.service", "partnerships.timer"):
        text = (EXAMPLES / name).read_text("utf-8")
        (tmp_path / name).write_text(re.sub(r"ExecStart=\S+", "ExecStart=/bin/true", text))
    command = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    ours = [line for line in made.stderr.splitlines() if "partnerships" in line]
    assert (made.returncode, ours) == (0, [])
    when = unit("partnerships.timer")["Timer"]["OnCalendar"]
    subprocess.run(["systemd-analyze", "calendar", when], check=True, capture_output=True)


# --- GitHub Actions, Prefect ---------------------------------------------------------------------


def test_the_workflow_asks_for_as_little_as_it_needs():
    workflow = yaml.load((EXAMPLES / "github-actions.yml").read_text("utf-8"), yaml.BaseLoader)
    assert [one["cron"].count(" ") for one in workflow["on"]["schedule"]] == [4]
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["concurrency"]["cancel-in-progress"] == "false"
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert all(("uses" in step) != ("run" in step) for step in steps)
    assert all(re.fullmatch(r"actions/[\w-]+@v\d+", s["uses"]) for s in steps if "uses" in s)
    # a secret reaches the command by its environment, never by a line that is printed
    assert not [step for step in steps if "secrets." in step.get("run", "")]


def test_the_flow_is_python_and_calls_no_shell():
    tree = ast.parse((EXAMPLES / "prefect_flow.py").read_text("utf-8"))
    keywords = {
        word.arg for node in ast.walk(tree) if isinstance(node, ast.Call) for word in node.keywords
    }
    assert "shell" not in keywords
    decorated = {
        n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.decorator_list
    }
    assert decorated == {"make", "check", "reports"}
