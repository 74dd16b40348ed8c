"""What docs/methods.md and README.md say: every measure is there, every name and number is true."""

import ast
import inspect
import re
import runpy
from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest

import analysis as an
from analysis.portfolios import calibration
from analysis.portfolios.uncertainty import MIN_EVENTS

ROOT = Path(__file__).resolve().parents[1]
METHODS = (ROOT / "docs" / "methods.md").read_text("utf-8")
README = (ROOT / "README.md").read_text("utf-8")

PACKAGE = ROOT / "src" / "analysis"
#: modules of which every measure must be explained
MODULES = (
    *(f"measures.{path.stem}" for path in sorted((PACKAGE / "measures").glob("[a-z]*.py"))),
    "portfolios.disparity", "portfolios.losses", "portfolios.specification", "studies.blocs",
    "studies.change.decomposition", "studies.events.synthetic", "studies.peers.ranking",
)  # fmt: skip

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
BLOCKS = {
    f"{name}-{number}": code
    for name, text in (("README", README), ("methods", METHODS))
    for number, (kind, code) in enumerate(BLOCK.findall(text), 1)
    if kind == "python"
}
PROSE = BLOCK.sub("", METHODS)
SPANS = re.findall(r"`(an\.[^`]*)`", PROSE)


def measures(module):
    """Public functions of a module, without what it lends to other modules."""
    code = Path(import_module(f"analysis.{module}").__file__).read_text("utf-8")
    own = ast.parse(code.partition("\n# --- what")[0])
    functions = [node for node in own.body if isinstance(node, ast.FunctionDef)]
    if module.startswith("studies.peers"):  # of the ranks, not of the tables of these
        functions = [f for f in functions if "ndarray" in ast.unparse(f.args.args[0])]
    for_users = [f.name for f in functions if f.args.args[0].arg != "sample"]
    return [name for name in for_users if not name.startswith(("_", "checked_"))]


def called(text):
    """Name and call, if it is one, of a span of code such as `an.hill(weights, order=2)`."""
    node = ast.parse(text, mode="eval").body
    call = node if isinstance(node, ast.Call) else None
    return ast.unparse(call.func if call else node), call


def found(name):
    thing = an
    for part in name.split(".")[1:]:
        thing = getattr(thing, part)
    return thing


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_every_measure_is_explained(module):
    known = {found(called(span)[0]) for span in SPANS}
    own = import_module(f"analysis.{module}")
    assert [name for name in measures(module) if getattr(own, name) not in known] == []
    assert measures(module)


def test_every_kind_of_distance_is_explained():
    rows = re.findall(r"^\| `(\w+)` \| `an\.disparity\.(\w+)\(", PROSE, re.M)
    assert {kind: found(f"an.disparity.{name}") for kind, name in rows} == an.disparity.KINDS


def test_every_module_of_measures_is_looked_at():
    """A module that takes an array of weights, counts or values is one of measures."""
    arrays = {"weights", "counts", "values", "before", "known", "low"}
    helpers = {"uncertainty"}
    paths = [path for path in sorted(PACKAGE.rglob("[a-z]*.py")) if "_" not in path.stem[:1]]
    assert len(paths) > 100
    for path in paths:
        module = ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
        if module in MODULES or path.stem in helpers or module.startswith(("plot", "report")):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        public = [n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name[0] != "_"]
        taken = [n.name for n in public if n.args.args and n.args.args[0].arg in arrays]
        assert not taken, f"{path.stem} is not among the modules explained"


def test_every_name_exists_and_can_be_called_so():
    for span in SPANS:
        name, call = called(span)
        thing = found(name)
        if call:
            keywords = {keyword.arg: None for keyword in call.keywords}
            inspect.signature(thing).bind(*call.args, **keywords)


# --- code and numbers ---------------------------------------------------------------------------

NUMBER = re.compile(r"#\s*(-?\d+(?:\.(\d+))?)$")


def run(code, names):
    """Run a block; an expression with a number behind it must have that value, as printed."""
    lines = code.splitlines()
    checked = 0
    for node in ast.parse(code).body:
        stated = NUMBER.search(lines[node.end_lineno - 1])
        if stated and isinstance(node, ast.Expr):
            value = eval(ast.unparse(node), names)  # our own page
            assert f"{value:.{len(stated[2] or '')}f}" == stated[1], ast.unparse(node)
            checked += 1
        else:
            exec(ast.unparse(node), names)
    return checked


def test_the_code_of_the_page_runs_and_its_numbers_are_true():
    names = {}
    checked = [run(code, names) for name, code in BLOCKS.items() if name.startswith("methods")]
    assert sum(checked) > 30


def test_the_code_of_the_readme_runs(capsys):
    for name, code in BLOCKS.items():
        if name.startswith("README"):
            run(code, {})
    plt.close("all")
    assert "@" in capsys.readouterr().out  # BibTeX


def test_the_numbers_of_the_text_are_those_of_the_code():
    """Numbers in sentences stand behind an expression too, and so are computed."""
    code = "".join(BLOCKS.values())
    for number in ("12.34", "6.71", "43.892857", "2.64439", "0.616"):
        assert f"# {number}" in code
    for share in ("78.1%", "72.0%", "28.0%"):
        assert share in PROSE
        assert f"# {float(share[:-1]) / 100:.3f}" in code


def test_alliances_are_as_the_text_has_them():
    years = [2003, 2004, 2018]
    made = an.portfolio(an.load("alliance", country="PAK", sources=["atop"]), years=(2003, 2018))
    counted = made.groupby(["instrument", "end"])["partner"].nunique().unstack(0).loc[years]
    assert counted["alliance/nonaggression"].tolist() == [2, 17, 38]
    assert counted["alliance/defense"].tolist() == [1, 1, 1]
    assert "2 partners in non-aggression in 2003, 17 in\n2004 and 38 in 2018" in METHODS


def test_what_evenness_does_after_a_loss_and_with_the_curve():
    """The six specifications that disagree are those of evenness."""
    table = an.specification.curve("PAK", "exercise", before=2000, after=2010, sources=["mme"])
    assert set(table.loc[~table["agrees"].astype(bool), "measure"]) == {"evenness"}
    assert (table["measure"] == "evenness").sum() == 6
    assert len(table) == 27


def test_limits_of_the_interval_are_stated():
    assert f"fewer than {MIN_EVENTS} events" in METHODS


# --- how often intervals hold -------------------------------------------------------------------

ROW = re.compile(r"^\| (\d+) \| (equal|1/rank|one has half) \| ([\d ·|]+) \|$", re.M)
SIMULATION = Path(__file__).parents[1] / "benchmarks" / "simulate_intervals.py"


def cells_of(row):
    return [[int(part) for part in cell.split("·")] for cell in row[2].split("|")]


def check(row, columns, samples):
    simulate = runpy.run_path(str(SIMULATION))
    for place in columns:
        events, stated = simulate["EVENTS"][place], np.array(cells_of(row)[place])
        # half the draws of the table: they make 0.3 per cent less hold, on average over its rows
        found = simulate["holds"](row[1], int(row[0]), events, samples=samples, draws=150)
        share = np.clip(stated / 100, 0.02, 0.98)
        # four standard errors of this simulation and of that of the table, and a point of rounding
        slack = 1 + 400 * np.sqrt(share * (1 - share) * (1 / samples + 1 / 1000))
        assert (np.abs(found - stated) <= slack).all(), (events, found)


@pytest.mark.parametrize("row", ROW.findall(METHODS)[::3], ids=" ".join)
def test_intervals_hold_as_often_as_the_table_says(row):
    check(row, (0, 1), samples=40)


@pytest.mark.slow
@pytest.mark.parametrize("row", ROW.findall(METHODS), ids=" ".join)
def test_intervals_hold_as_often_as_the_whole_table_says(row):
    check(row, range(5), samples=100)


def test_the_table_has_all_its_rows_and_what_is_said_of_it_is_so():
    rows = [cells_of(row) for row in ROW.findall(METHODS)]
    assert len(rows) == 12
    least = np.array(rows).min(axis=(0, 2))
    assert f"from 100 events on, 95% means {least[2]}% or more" in METHODS
    assert f"from 300 on, {least[3:].min()}% or more" in METHODS


HELD = re.compile(r"^\| ([a-z]+(?: [12∞])?) \| ([\d ·|–]+) \|$", re.M)


def held_in(table):
    return {
        kind: tuple(
            tuple(None if part.strip() == "–" else int(part) for part in cell.split("·"))
            for cell in cells.split("|")
        )
        for kind, cells in table.findall(METHODS)
        if kind in calibration.INTERVALS
    }


def test_the_page_has_how_often_intervals_held_by_what_a_record_holds():
    shown = held_in(HELD)
    below = held_in(re.compile(HELD.pattern.replace(r") \|", r"), lower end \|", 1), re.M))
    assert shown == calibration.INTERVALS
    assert below == calibration.LOWER_ENDS
    assert "| coverage from 0 · 0.5 · 0.8 · 0.95 | 10 events | 20 | 50 | 100 | 300 |" in METHODS
    assert (calibration.EVENTS, calibration.COVERAGE) == (
        (10, 20, 50, 100, 300),
        (0, 0.5, 0.8, 0.95),
    )


@pytest.mark.slow
def test_intervals_hold_as_often_as_the_label_says():
    """Some 200 records a cell: within four standard errors, and what other practices may make."""
    simulate = runpy.run_path(str(SIMULATION))
    found = simulate["calibrate"](8, rows=((10, 15), (20, 35)), draws=150)
    for kind, table in found.items():
        whole = kind.removesuffix(simulate["LOWER"])
        held = calibration.INTERVALS if whole == kind else calibration.LOWER_ENDS
        if whole not in held:  # with distances, the lower end is not judged by itself
            continue
        stated = np.array(held[whole][:2], dtype=float)
        assert np.nanmax(np.abs(table - stated)) < 16, kind


# --- the page -----------------------------------------------------------------------------------


def test_links_within_the_page_lead_somewhere():
    heads = re.findall(r"^#+ (.*)$", PROSE, re.M)
    anchors = {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
    assert set(re.findall(r"\]\(#([^)]*)\)", METHODS)) <= anchors


def test_every_reference_is_cited_and_every_citation_is_listed():
    text, _, references = METHODS.partition("## References")
    listed = re.findall(r"^- (\w+).*?\((\d{4}|annual)\)", references, re.M)
    assert len(listed) > 40
    for author, year in listed:
        when = "" if year == "annual" else year
        assert re.search(rf"\b{author}\b[^;()]{{0,40}}{when}", text), (author, year)
    cited = re.findall(r"([A-Z]\w+)(?: & [A-Z]\w+| et\s+al\.)? ((?:1[89]|20)\d\d)\b", text)
    authors = {author for author, _ in listed}
    assert [(a, y) for a, y in cited if a in authors and (a, y) not in listed] == []


def test_formulas_use_only_what_github_renders():
    """Markdown eats a backslash before punctuation, and GitHub refuses some macros."""
    formulas = re.findall(r"\$\$(.*?)\$\$", METHODS, re.S)
    assert len(formulas) > 10
    for formula in formulas:
        assert not re.search(r"\\[^a-zA-Z]|\\operatorname", formula), formula
