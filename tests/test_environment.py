"""The lock files, environment.yml and pyproject.toml say the same."""

import os
import re
import runpy
import shutil
import subprocess
import tomllib
from itertools import product
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PROJECT = PYPROJECT["project"]
EXTRAS = PROJECT["optional-dependencies"]

#: lock file -> the extra it is made for
EVERYWHERE = "report,pdf,notify,excel,dask"
SIZES = {"report": EVERYWHERE, "test": "test", "lab": f"{EVERYWHERE},notebook"}
each_lock = pytest.mark.parametrize("lock", [*SIZES, "uv", "oracles"])

#: sys.platform -> os.name and platform.system() there
PLATFORMS = {"linux": ("posix", "Linux"), "darwin": ("posix", "Darwin"), "win32": ("nt", "Windows")}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
MACHINES = [
    {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": platform,
        "os_name": os_name,
        "platform_system": system,
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    for python, (platform, (os_name, system)) in product(PYTHONS, PLATFORMS.items())
]


def entries(lock: str) -> list[str]:
    """One line for each package, its hashes included."""
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if not line.startswith("#")]


def pins(lock: str, machine: dict) -> dict[str, str]:
    """Version of each package which the lock file gives a machine."""
    locked = [Requirement(entry.split("--hash")[0].strip()) for entry in entries(lock)]
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in locked
        if pin.marker is None or pin.marker.evaluate(machine)
    }


def unfolded(requirements: list[str]) -> list[Requirement]:
    """Requirements, with the package's own extras replaced by what is in them."""
    found = []
    for requirement in map(Requirement, requirements):
        if requirement.name == PROJECT["name"]:
            for extra in sorted(requirement.extras):
                found += unfolded(EXTRAS[extra])
        else:
            found.append(requirement)
    return found


@each_lock
def test_lock_files_hold_exact_versions_and_hashes_only(lock):
    pinned = re.compile(r"[a-z0-9-]+==\S+( ; [^#]*?)?( +--hash=sha256:[0-9a-f]{64})+ *")
    assert [entry for entry in entries(lock) if not pinned.fullmatch(entry)] == []


@each_lock
def test_lock_files_say_nothing_of_where_packages_come_from(lock):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text("utf-8")
    assert re.findall(r"://|index|find-links|file:|(?<!\w)/\w+|@", text) == []


@pytest.mark.parametrize("lock", SIZES)
def test_lock_files_are_for_every_platform(lock):
    # a lock file made from a mirror of one platform's files would have a few hashes each
    numpy = [entry for entry in entries(lock) if entry.startswith("numpy==")]
    assert min(entry.count("--hash") for entry in numpy) >= 30


@pytest.mark.parametrize("lock", SIZES)
def test_lock_files_meet_the_project_s_requirements(lock):
    wanted = unfolded([*PROJECT["dependencies"], f"{PROJECT['name']}[{SIZES[lock]}]"])
    wanted += unfolded(PYPROJECT["dependency-groups"]["build"])
    for machine in MACHINES:
        locked = pins(lock, machine)
        assert [str(r) for r in wanted if not r.specifier.contains(locked.get(r.name, "0"))] == []


def test_larger_environments_keep_what_the_smaller_one_has():
    for machine in MACHINES:
        assert pins("report", machine).items() <= pins("test", machine).items()
        assert pins("report", machine).items() <= pins("lab", machine).items()


def test_environments_agree_on_what_they_share():
    for machine in MACHINES:
        test, lab = pins("test", machine), pins("lab", machine)
        assert {n: test[n] for n in test if n in lab} == {n: lab[n] for n in lab if n in test}


def test_a_report_needs_neither_jupyterlab_nor_the_test_tools():
    for machine in MACHINES:
        assert not pins("report", machine).keys() & {"jupyterlab", "pytest", "scipy", "rdata"}


def test_uv_is_pinned_as_the_project_asks():
    (wanted,) = map(Requirement, PYPROJECT["dependency-groups"]["setup"])
    assert wanted.specifier.contains(pins("uv", MACHINES[0])["uv"])


def test_oracles_are_pinned_and_bring_nothing_with_them():
    wanted = map(Requirement, PYPROJECT["dependency-groups"]["oracles"])
    locked = pins("oracles", MACHINES[0])
    assert {r.name: str(r.specifier).removeprefix("==") for r in wanted} == locked
    assert not locked.keys() & pins("test", MACHINES[0]).keys()


def test_environment_yml_holds_the_same_requirements():
    conda = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    assert conda["name"] == PROJECT["name"]
    assert conda["channels"] == ["conda-forge"]
    *packages, by_pip = conda["dependencies"]
    wanted = unfolded([*PROJECT["dependencies"], f"{PROJECT['name']}[{','.join(EXTRAS)}]"])
    *others, own = by_pip["pip"]
    assert own == "-e ."
    assert {str(Requirement(line)) for line in [*packages, *others]} == {
        f"python{PROJECT['requires-python']}",
        "pip",
        *map(str, wanted),
    }


def test_environment_yml_is_as_the_tool_writes_it():
    tool = runpy.run_path(str(ROOT / "tools" / "environment.py"))
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    assert tool["environment"](text) == (ROOT / "environment.yml").read_text("utf-8")


def test_the_pages_name_targets_that_the_makefile_has():
    targets = re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.M)
    pages = "".join((ROOT / page).read_text("utf-8") for page in ("README.md", "CONTRIBUTING.md"))
    snippets = re.findall(r"^```\w*\n.*?^```|`make [^`]*`", pages, re.M | re.S)
    named = {t for snippet in snippets for t in re.findall(r"[`\n]make ([a-z-]+)", snippet)}
    assert named - set(targets) == set()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
@pytest.mark.parametrize("by", ["argument", "environment"])
@pytest.mark.parametrize(
    ("target", "name"),
    [("report", "COUNTRY"), ("data", "SOURCES"), ("lock", "LOCKFLAGS"), ("new-venv", "PYTHON")],
)
@pytest.mark.parametrize(
    "order",
    ["ZZZ; touch x", "$(touch x)", "`touch x`", "$(shell touch x)", '"; touch x; "', "a|touch x"],
)
def test_nothing_in_a_variable_of_make_is_run(target, name, by, order, tmp_path):
    """In a folder where every program of the environment is one that does nothing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in ("requirements", "tools", "src", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "pyproject.toml").touch()
    for path in (".venv/bin/partnerships", ".venv/bin/python", "bin/uv"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("#!/bin/sh\nprintf '<%s>' \"$@\" >> said\n")
        (tmp_path / path).chmod(0o755)
    for size in ("report", "test"):
        (tmp_path / ".venv" / f".{size}").touch()
    given = {name: order} if by == "environment" else {}
    env = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", **given}
    env = {key: value for key, value in env.items() if key not in ("MAKEFLAGS", "MAKELEVEL")}
    words = [] if given else [f"{name}={order}"]
    subprocess.run(
        ["make", "-o", ".venv/.report", "-o", ".venv/.test", target, *words],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        check=False,
    )
    assert not (tmp_path / "x").exists()
    # PYTHON in the environment may mean anything, and chooses no interpreter
    taken = (name, by) != ("PYTHON", "environment")
    assert (order.split()[-1] in (tmp_path / "said").read_text()) == taken


@pytest.fixture
def set_up(monkeypatch, tmp_path):
    """`tools/set_up.py` as a user finds it whose pip has settings of its own."""
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_", "SSL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\ntrusted-host = mirror.example\n"
        f"cert = {tmp_path / 'ca.pem'}\n[install]\nuser = true\nprefix = /elsewhere\n"
    )
    return runpy.run_path(str(ROOT / "tools" / "set_up.py"))


def test_uv_fetches_from_where_pip_does(set_up, monkeypatch, tmp_path):
    assert set_up["for_uv"]() == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INSECURE_HOST": "mirror.example",
        "SSL_CERT_FILE": str(tmp_path / "ca.pem"),
        "UV_SYSTEM_CERTS": "1",
        "UV_NATIVE_TLS": "1",
    }
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://mine.example")
    assert "UV_DEFAULT_INDEX" not in set_up["for_uv"]()
    monkeypatch.setenv("PIP_INDEX_URL", "https://of.the.environment")
    monkeypatch.delenv("UV_DEFAULT_INDEX")
    assert set_up["for_uv"]()["UV_DEFAULT_INDEX"] == "https://of.the.environment"


def test_where_pip_puts_packages_does_not_reach_the_set_up(set_up, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_TARGET", "/elsewhere")
    monkeypatch.setenv("PIP_USER", "1")
    ran = []
    monkeypatch.setattr(
        set_up["fetch"].__globals__["subprocess"],
        "run",
        lambda command, **options: ran.append((command, options)),
    )
    set_up["fetch"]("python")
    command, options = ran[-1]
    assert {name for name in options["env"] if name.startswith("PIP_")} == {"PIP_CONFIG_FILE"}
    assert options["env"]["PIP_CONFIG_FILE"] == os.devnull
    assert "--no-user" in command
    assert command[command.index("--index-url") + 1] == "https://mirror.example/simple"


def test_the_citation_file_is_of_this_version():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= citation.keys()
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"]
