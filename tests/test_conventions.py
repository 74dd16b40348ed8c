"""What a reviewer would otherwise have to look for, held by inspection of the files themselves."""

import ast
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import analysis
from analysis import words
from analysis.measures import _specs
from analysis.sources import catalog

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "analysis"
DATA = ROOT / "data"

MAX_BODY_LINES = 60
MAX_POSITIONAL = 3
MAX_CODE_CELLS = 16
MAX_CELL_LINES = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


# --- the code -----------------------------------------------------------------------------------


def module_name(path: Path) -> str:
    """Name within the package: `panel`, `loaders.sipri`; the package itself is empty."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


TREES = {
    module_name(path): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))
}
PUBLIC_TREES = {
    name: tree
    for name, tree in TREES.items()
    if not any(part.startswith("_") for part in name.split("."))
}


def public_definitions() -> Iterator[tuple[str, Function | ast.ClassDef]]:
    """Public functions and classes at the top of public modules, and these classes' methods."""
    for module, tree in PUBLIC_TREES.items():
        for node in tree.body:
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            yield f"{module}.{node.name}", node
            if isinstance(node, ast.ClassDef):
                for method in node.body:
                    if isinstance(method, Function) and not method.name.startswith("_"):
                        yield f"{module}.{node.name}.{method.name}", method


PUBLIC = dict(public_definitions())
FUNCTIONS = {name: node for name, node in PUBLIC.items() if isinstance(node, Function)}


def positional(function: Function) -> list[ast.arg]:
    arguments = [*function.args.posonlyargs, *function.args.args]
    return [argument for argument in arguments if argument.arg not in ("self", "cls")]


def parameters(function: Function) -> list[ast.arg]:
    """Everything a caller can hand over, in the order of the signature."""
    spec = function.args
    found = [*positional(function), spec.vararg, *spec.kwonlyargs, spec.kwarg]
    return [argument for argument in found if argument is not None]


def _home(thing: object) -> str:
    return getattr(thing, "__module__", None) or ""


def offered() -> Iterator[str]:
    """Names of the functions that a user reaches from `analysis`."""
    for name in analysis.__all__:
        thing = getattr(analysis, name)
        if not isinstance(thing, ModuleType):
            inside = [thing]
        elif hasattr(thing, "__all__"):
            inside = [getattr(thing, one) for one in thing.__all__]
        else:
            inside = [f for f in vars(thing).values() if _home(f) == thing.__name__]
        for found in inside:
            if _home(found).startswith("analysis."):
                yield f"{found.__module__.removeprefix('analysis.')}.{found.__name__}"


#: what a user meets; what modules lend one another, as those of the report do, is left out
OFFERED = {name: FUNCTIONS[name] for name in sorted(set(offered())) if name in FUNCTIONS}


def assert_none(faults: list[str] | dict[str, object]) -> None:
    """Fail with every fault, a line each."""
    lines = faults if isinstance(faults, list) else [f"{n}: {what}" for n, what in faults.items()]
    assert not lines, "\n".join(["", *lines])


def test_everything_public_is_documented():
    assert_none([name for name, tree in TREES.items() if not ast.get_docstring(tree)])
    assert_none([name for name, node in PUBLIC.items() if not ast.get_docstring(node)])


def test_every_parameter_that_a_user_meets_is_documented():
    # of a function with a single parameter, the summary line and the type hint say enough
    undocumented = {
        name: missing
        for name, function in OFFERED.items()
        if len(parameters(function)) > 1
        and (missing := [p.arg for p in parameters(function) if not mentions(function, p.arg)])
    }
    assert_none(undocumented)


def mentions(function: Function, parameter: str) -> bool:
    return bool(re.search(rf"\b{parameter}\b", ast.get_docstring(function) or ""))


SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-{3,}$|\Z)", re.M | re.S)


def test_a_parameters_section_is_that_of_the_signature():
    wrong = {}
    for name, function in OFFERED.items():
        if section := SECTION.search(ast.get_docstring(function) or ""):
            heads = re.findall(r"^([*\w][^:\n]*)", section[1], re.M)
            names = [one.strip(" *") for head in heads for one in head.split(",")]
            if names != [p.arg for p in parameters(function)]:
                wrong[name] = names
    assert_none(wrong)


def test_everything_public_has_type_hints():
    bare = [
        name
        for name, function in FUNCTIONS.items()
        if function.returns is None or any(p.annotation is None for p in parameters(function))
    ]
    assert_none(bare)


def test_few_parameters_are_positional():
    assert_none(
        [name for name, node in FUNCTIONS.items() if len(positional(node)) > MAX_POSITIONAL]
    )


def body_lines(function: Function) -> int:
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_functions_are_short():
    long = {
        f"{module}.{node.name}": body_lines(node)
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, Function) and body_lines(node) > MAX_BODY_LINES
    }
    assert_none(long)


# --- which way imports go -----------------------------------------------------------------------


def imports(module: str) -> tuple[set[str], set[str]]:
    """Our own modules, and the top-level names of all others, that `module` imports anywhere."""
    is_package = (PACKAGE / Path(*module.split(".")) / "__init__.py").is_file()
    here = module.split(".") if is_package else module.split(".")[:-1]
    ours, others = set(), set()
    for node in ast.walk(TREES[module]):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ["analysis", *here[: len(here) - node.level + 1]] if node.level else []
            base += node.module.split(".") if node.module else []
            names = [".".join([*base, alias.name]) for alias in node.names]
        else:
            continue
        for name in names:
            top, _, rest = name.partition(".")
            if top == "analysis":
                ours.add(longest_module(rest))
            else:
                others.add(top)
    return ours - {module}, others - set(sys.stdlib_module_names)


def longest_module(name: str) -> str:
    """`loaders.sipri.read` is of the module `loaders.sipri`; one that is missing stays as it is."""
    parts = name.split(".")
    ends = (".".join(parts[:n]) for n in range(len(parts), 0, -1))
    return next((end for end in ends if end in TREES), name)


def layer(*names: str) -> list[str]:
    """Those of the modules named which there are, a package standing for all that is in it."""
    return [m for m in TREES if any(m == name or m.startswith(f"{name}.") for name in names)]


#: of the optional extras, and slow to import
HEAVY = {
    "papermill",
    "nbconvert",
    "nbformat",
    "nbclient",
    "jupyter_client",
    "IPython",
    "jupyterlab",
}

#: what any room may use: it uses nothing of ours but itself
BASE = {"errors", "paths", "words", "numbers", "_arguments", "parameters", "_terminal"}
#: the rooms in the order in which data flow, and the rooms that each may import from
ROOMS = {
    "files": set(),
    "measures": set(),
    "sources": {"files"},
    "loaders": {"files", "sources"},
    "portfolios": {"sources", "measures"},
    "studies": {"sources", "measures", "portfolios"},
    "plot": {"sources"},
    "display": {"plot", "sources"},
    "report": {"files", "sources", "plot", "display", ""},  # the warm process imports it all
}
#: modules of a room
MAX_MODULES = 16
MAX_LINES = 400


def room(module: str) -> str:
    """`studies` of `studies.arms.tables`; of a module outside of all rooms its own name."""
    return module.partition(".")[0]


@pytest.mark.parametrize("name", ROOMS)
def test_imports_go_one_way(name):
    allowed = {name, *ROOMS[name], *BASE}
    assert_none(
        {m: f for m in layer(name) if (f := {t for t in imports(m)[0] if room(t) not in allowed})}
    )


def test_the_base_uses_no_room():
    assert_none({m: f for m in sorted(BASE) if (f := {t for t in imports(m)[0] if t not in BASE})})


def study(module: str) -> str:
    """Folder of a study; empty of what several studies share."""
    parts = module.split(".")
    is_folder = len(parts) == 3 or any(name.startswith(f"{module}.") for name in TREES)
    return parts[1] if is_folder and parts[0] == "studies" and parts[1] != "events" else ""


def test_no_study_imports_another():
    wrong = {
        name: found
        for name in layer("studies")
        if (found := {t for t in imports(name)[0] if study(t) not in ("", study(name))})
    }
    assert_none(wrong)


def test_tables_import_no_sentences():
    tables = [m for m in layer("studies") if not m.endswith("text") and f"{m}.text" not in TREES]
    tables += [m for name in ("sources", "portfolios", "measures") for m in layer(name)]
    assert_none(
        {m: found for m in tables if (found := {t for t in imports(m)[0] if t.endswith(".text")})}
    )


def test_rooms_are_small():
    """A room has few modules; loaders have one for each source."""
    folders = {path.parent for path in PACKAGE.rglob("*.py")} - {PACKAGE / "loaders"}
    counts = {folder.name: len(list(folder.glob("*.py"))) for folder in folders}
    assert_none({name: number for name, number in counts.items() if number > MAX_MODULES})


def test_modules_are_short():
    lines = {path: len(path.read_text("utf-8").splitlines()) for path in PACKAGE.rglob("*.py")}
    assert_none({p.relative_to(PACKAGE).as_posix(): n for p, n in lines.items() if n > MAX_LINES})


def test_measures_need_numpy_only():
    wrong = {name: found for name in layer("measures") if (found := imports(name)[1] - {"numpy"})}
    assert_none(wrong)


def test_nothing_imports_the_command_line():
    users = {name for name in TREES if "cli" in imports(name)[0]}
    assert users <= {"__main__"}


def test_the_core_does_without_the_report_tools():
    core = set(TREES) - set(layer("report", "cli", "__main__"))
    wrong = {name: found for name in core if (found := imports(name)[1] & HEAVY)}
    assert_none(wrong)


def test_importing_the_package_is_cheap():
    heavy = sorted(HEAVY | {"pandas", "matplotlib", "seaborn"})
    code = f"import analysis, sys; print(*[name for name in {heavy} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(PACKAGE.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.split() == []


def test_every_public_name_is_there():
    for name in analysis.__all__:
        assert getattr(analysis, name) is not None


def test_no_public_function_has_the_name_of_a_room():
    """Once imported, a room is an attribute of the package, in place of any function so called."""
    rooms = {path.parent.name for path in PACKAGE.glob("*/__init__.py")} | set(TREES)
    functions = {name for name in analysis._NAMES if name in rooms}
    assert functions == set()


def test_the_architecture_page_names_every_room():
    """The page is a map: of rooms, and of what stands outside of all."""
    page = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    tree = re.search(r"^```\nsrc/analysis/\n(.*?)^```", page, re.M | re.S)
    listed = re.findall(r"^  ([\w/]+(?:\.py|/))", tree[1], re.M)
    folders = {p.parent.relative_to(PACKAGE).as_posix() + "/" for p in PACKAGE.rglob("*.py")} - {
        "./"
    }
    there = folders | {path.name for path in PACKAGE.glob("*.py")}
    gone, new = {*listed} - there, there - {*listed}
    assert_none([f"not there: {name}" for name in gone] + [f"not listed: {name}" for name in new])
    assert len(page.splitlines()) <= 100


#: rooms whose docstring is a table of contents
CONTENTS = (
    "files", "measures", "plot.parts", "portfolios", "report", "report.execution", "report.site",
    "sources",
)  # fmt: skip


@pytest.mark.parametrize("room", CONTENTS)
def test_the_docstring_of_a_room_names_its_modules(room):
    folder = PACKAGE / room.replace(".", "/")
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
    there = {path.stem for path in folder.glob("[a-z]*.py")}
    there |= {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    assert_none([name for name in sorted(there) if not re.search(rf"(^|[ ,]){name}", said, re.M)])
    listed = re.findall(r"^([a-z_]+/?)(?:, ([a-z_]+))?  +\w", said, re.M)
    assert_none(sorted({name for names in listed for name in names if name} - there))


def test_the_docstring_of_figures_names_each():
    figures = [
        name for name in analysis.plot.__all__ if f"describe_{name}" in analysis.plot.__all__
    ]
    assert_none([name for name in figures if not re.search(rf"\b{name}\b", analysis.plot.__doc__)])


# --- measures: one function and one entry -----------------------------------------------------

#: modules of which each function of weights or counts is a measure of portfolios
OF_PORTFOLIOS = (
    "measures.diversity", "measures.similarity", "measures.inequality", "measures.alignment",
    "measures.risk", "measures.unseen", "measures.rarefaction",
)  # fmt: skip


def is_measure(function: Function) -> bool:
    """Whether it gives one number for the weights or counts of a portfolio."""
    names = [p.arg for p in parameters(function)]
    found = re.search(r"^Returns\n-+\n(.*)$", ast.get_docstring(function) or "", re.M)
    return (
        names[:1] in (["weights"], ["counts"])
        and "others" not in names  # of two portfolios
        and found is not None
        and re.match(r"ndarray (of int )?of shape \(\.\.\.\)", found[1]) is not None
    )


def test_every_public_measure_has_an_entry():
    measures = {
        name: getattr(importlib.import_module(f"analysis.{module}"), name.rpartition(".")[2])
        for module in OF_PORTFOLIOS
        for name, function in FUNCTIONS.items()
        if name.startswith(f"{module}.") and is_measure(function)
    }
    assert_none({name: "no entry" for name, f in measures.items() if f not in _specs.SPECS})
    unknown = set(_specs.SPECS) - set(measures.values())
    assert_none([f"no public measure: {f.__name__}" for f in unknown])


def test_programs_tell_measures_apart():
    ids = [_specs.Measure.of(function, {}).id for function in _specs.SPECS]
    assert {one for one in ids if ids.count(one) > 1} == set()


# --- words are for people, ids for programs -----------------------------------------------------

#: columns of labels: what they say may be reworded, so no program looks into them
LABELS = {"measure", "interval", "kind", "way", "property", "partner_name", "name"}
#: how one looks into a text, or compares it
LOOKS = {
    "eq",
    "ne",
    "isin",
    "startswith",
    "endswith",
    "contains",
    "match",
    "fullmatch",
    "split",
    "partition",
    "rpartition",
    "removeprefix",
    "removesuffix",
    "extract",
}


def label_in(node: ast.AST) -> bool:
    """Whether it is a column of labels, as a whole or of one row; `.str` of it likewise."""
    if isinstance(node, ast.Attribute) and node.attr == "str":
        return label_in(node.value)
    if isinstance(node, ast.Attribute):  # of a row; other objects have names and kinds too
        return node.attr in {"measure", "interval", "partner_name"}
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value in LABELS
    )


def is_fixed(node: ast.AST) -> bool:
    """Whether it is a text written down here, or a constant."""
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(map(is_fixed, node.elts))
    if isinstance(node, ast.Subscript):
        return is_fixed(node.value)
    if isinstance(node, ast.Name | ast.Attribute):
        return (node.id if isinstance(node, ast.Name) else node.attr).isupper()
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def looks_into_labels(node: ast.AST) -> bool:
    """Whether an expression compares a label with a fixed text, or takes it apart."""
    if isinstance(node, ast.Compare):
        sides = [node.left, *node.comparators]
        return any(map(label_in, sides)) and any(map(is_fixed, sides))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        fixed = any(map(is_fixed, node.args))
        return node.func.attr in LOOKS and label_in(node.func.value) and fixed
    return False


def test_no_program_looks_into_labels():
    found = [
        f"{module}:{node.lineno}: {ast.unparse(node)}"
        for module, tree in TREES.items()
        if not module.startswith("loaders")  # what is a label there is the producer's
        for node in ast.walk(tree)
        if looks_into_labels(node)
    ]
    assert_none(found)


@pytest.mark.parametrize(
    "line",
    [
        'rows["measure"] == "effective partners, q = 1"',
        'kinds["interval"].eq("none")',
        'row.interval.startswith("bounds")',
        'rows["interval"].str.startswith(("none", "bounds"))',
        'by_year["kind"] == "with one other state"',
        'both["way"] == WAYS["sipri_tiv"]',
        'rows["measure"].isin(PLACED_BY)',
        'row["measure"].partition(", ")[2]',
        '"bounds" in row["interval"]',
    ],
)
def test_looks_into_labels_are_found(line):
    assert any(map(looks_into_labels, ast.walk(ast.parse(line))))


def test_instruments_are_declared_once():
    """No list of instruments stands anywhere but in `words`: a new one would not be in it."""
    keys = set(words.INSTRUMENTS)
    found = []
    for module, tree in TREES.items():
        if module in ("", "words") or module.startswith("loaders"):
            continue  # names of modules; the declaration; what each producer's file holds
        for node in ast.walk(tree):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
            named = [p.value for p in parts if isinstance(p, ast.Constant) and p.value in keys]
            if len(named) > 1:
                found.append(f"{module}:{node.lineno}: {', '.join(named)}")
    assert_none(found)


# --- the files in git ---------------------------------------------------------------------------


UNTRACKED = re.compile(r"(\.venv|build|dist|reports|data/imported|.*__pycache__|\.\w+_cache)/")


def tracked() -> list[Path]:
    """Files in git; of a copy without git, those that would be."""
    command = ["git", "ls-files", "-z"]
    try:
        listing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        files = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
        return [ROOT / path for path in files if not UNTRACKED.match(path.as_posix())]
    # a file that is deleted, but not yet in git, is no longer there to be read
    return [path for name in listing.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_nothing_names_the_machine_it_was_made_on():
    home = re.compile(r"/(home|root|Users)/\w|[A-Z]:\\Users\\", re.I)
    found = []
    for path in tracked():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        at = [number for number, line in enumerate(lines, 1) if home.search(line)]
        found += [f"{path.relative_to(ROOT)}:{number}" for number in at]
    assert_none(found)


# --- the data -----------------------------------------------------------------------------------

#: the project's own tables, written by hand and reviewed as text; no producer, and no terms
HAND_MADE = {"countries"}
FOLDERS = sorted(
    folder
    for folder in DATA.iterdir()
    if folder.is_dir() and folder.name not in {"imported", *HAND_MADE}
)
each_folder = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
#: those that ship tables; of the others only the sidecar is there
SHIPPED = [folder for folder in FOLDERS if len(list(folder.iterdir())) > 1]
each_shipped = pytest.mark.parametrize("folder", SHIPPED, ids=lambda folder: folder.name)


def sidecar(folder: Path) -> dict:
    return yaml.safe_load((folder / "source.yml").read_text("utf-8"))


@each_folder
def test_sidecars_say_what_may_be_done_with_the_data(folder):
    licence = sidecar(folder)["licence"]
    assert set(licence) == {"name", "url", "redistribute", "why"}
    assert isinstance(licence["redistribute"], bool)
    assert all(licence[field] for field in ("name", "url", "why"))


@each_shipped
def test_sidecars_are_complete(folder):
    # raises if a field is missing, empty or unknown
    source = catalog.read_sidecar(folder)
    assert source.years[0] <= source.years[1]
    assert source.files


@each_folder
def test_sidecars_say_what_a_source_is_called_for_short(folder):
    assert 0 < len(sidecar(folder)["short"]) <= 18


@each_shipped
def test_sidecars_list_every_file_with_its_hash(folder):
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "source.yml"
    }
    assert sidecar(folder)["files"] == there


@each_folder
def test_what_may_not_be_passed_on_is_not_in_git(folder):
    if sidecar(folder)["licence"]["redistribute"] is not True:
        assert [f for f in tracked() if folder in f.parents and f.name != "source.yml"] == []


def test_nothing_imported_or_reported_is_in_git():
    private = (DATA / "imported", ROOT / "reports")
    inside = [f for f in tracked() if any(folder in f.parents for folder in private)]
    assert [f.relative_to(ROOT).as_posix() for f in inside] in ([], ["reports/README.md"])


def test_every_citation_is_in_the_bibliography():
    cited = {sidecar(folder)["citation"] for folder in FOLDERS}
    assert cited - set(catalog.bibliography()) == set()


def test_the_bibliography_is_well_formed():
    for key, entry in catalog.bibliography().items():
        assert re.match(rf"@\w+\{{{re.escape(key)},\n", entry), key
        assert entry.count("{") == entry.count("}"), key
        assert {"title", "year"} <= set(re.findall(r"^\s+(\w+)\s*=", entry, re.M)), key


# --- the notebooks ------------------------------------------------------------------------------

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

#: a file's name, a path or an address: what a notebook reads and writes is no business of its own
PLACE = re.compile(r"://|^[~/]|\.\.?/|\.(csv|ya?ml|json|html?|png|svg|pdf|ipynb|bib|xlsx?)$")


def cells(path: Path, kind: str | None = None) -> list[dict]:
    notebook = json.loads(path.read_text("utf-8"))
    return [cell for cell in notebook["cells"] if kind in (None, cell["cell_type"])]


def text(cell: dict) -> str:
    return "".join(cell["source"])


def code(path: Path) -> list[ast.AST]:
    return [node for cell in cells(path, "code") for node in ast.walk(ast.parse(text(cell)))]


@each_notebook
def test_notebooks_open_with_one_question(path):
    first = cells(path)[0]
    assert first["cell_type"] == "markdown"
    assert re.match(r"# [^\n]+\?$", text(first), re.M)
    titles = [line for c in cells(path, "markdown") for line in re.findall(r"^# .*", text(c), re.M)]
    assert len(titles) == 1


@each_notebook
def test_notebooks_have_one_cell_of_literal_parameters(path):
    tagged = [c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", [])]
    assert len(tagged) == 1
    for statement in ast.parse(text(tagged[0])).body:
        assert isinstance(statement, ast.Assign | ast.AnnAssign)
        ast.literal_eval(statement.value)


#: what every notebook takes, by the same name and with the same meaning
TAKEN = {
    "country", "start", "end", "window", "weighting", "continuing", "order", "seed", "peers",
}  # fmt: skip


def test_notebooks_take_the_same_parameters():
    said, lacking = {}, {}
    for path in NOTEBOOKS:
        tagged = [c for c in cells(path, "code") if "parameters" in c["metadata"].get("tags", [])]
        lines = [line.partition("#") for line in text(tagged[0]).splitlines() if ":" in line]
        own = {head.partition(":")[0]: (head.partition("=")[0], doc) for head, _, doc in lines}
        if missing := TAKEN - {*own}:
            lacking[path.stem] = missing
        for name, what in own.items():
            said.setdefault(name, set()).add(what)
    assert_none(lacking)
    assert_none({name: whats for name, whats in said.items() if len(whats) > 1})


@each_notebook
def test_notebooks_are_kept_without_outputs(path):
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@each_notebook
def test_notebooks_only_call_the_package(path):
    # a line magic or a shell command would not parse
    nodes = code(path)
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
    assert [ast.unparse(node) for node in nodes if isinstance(node, definitions)] == []
    strings = [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    assert [string for string in strings if PLACE.search(string)] == []


@each_notebook
def test_notebooks_say_whose_data_each_figure_and_table_shows(path):
    calls = [(ast.unparse(n.func), n) for n in code(path) if isinstance(n, ast.Call)]
    # `show` adds the source line, and refuses a table that does not say whose data it is
    bare = [n for name, n in calls if re.match(r"an\.(plot\.|display\.(figure|table))", name)]
    assert [ast.unparse(node) for node in bare] == []


def test_every_figure_has_its_alt_text_beside_it():
    figures = [getattr(analysis.plot, name) for name in analysis.plot.__all__ if name.islower()]
    figures = [f for f in figures if not f.__name__.startswith("describe_")]
    assert len(figures) > 20
    homes = {f.__name__: importlib.import_module(f.__module__) for f in figures}
    assert_none([name for name, home in homes.items() if not hasattr(home, f"describe_{name}")])


@each_notebook
def test_notebooks_are_short(path):
    code_cells = cells(path, "code")
    assert len(code_cells) <= MAX_CODE_CELLS
    steps = [c for c in code_cells if "parameters" not in c["metadata"].get("tags", [])]
    assert [text(c) for c in steps if len(text(c).splitlines()) > MAX_CELL_LINES] == []


@each_notebook
def test_notebooks_end_with_sources_and_citations(path):
    headings = [h for c in cells(path, "markdown") for h in re.findall(r"^#+ (.*)", text(c), re.M)]
    assert re.search(r"\bsources\b", headings[-1], re.I)
    last = cells(path)[-1]
    assert last["cell_type"] == "code"
    assert re.search(r"\b(cite|sources)\b", text(last))
