"""Each notebook is run by the command line, and what comes out is looked at."""

import csv
import html
import io
import json
import re
import shutil
import subprocess

import numpy as np
import pytest
from PIL import Image

from analysis import cli, paths
from analysis.errors import ParameterError
from analysis.portfolios.measure import MEASURED
from analysis.report import run, verify
from analysis.sources import catalog
from analysis.studies.exercises import tables as exercises

#: a rich state, with so much on record that its reports take minutes
RICH = "USA"
#: notebooks, and how many figures a report on each of the states has
FIGURES = {
    "country_profile": {"PAK": 11, "KIR": 5, "USA": 10},
    "exercises": {"PAK": 7, "KIR": 0, "USA": 6},
    "arms": {"PAK": 7, "KIR": 1, "USA": 0},
    "agreements_and_alliances": {"PAK": 7, "KIR": 3, "USA": 5},
    "claims": {"PAK": 3, "KIR": 1, "USA": 2},
    "peers": {"PAK": 4, "KIR": 0, "USA": 3},
    "isolation": {"PAK": 6, "KIR": 3, "USA": 5},
    "explore": {"PAK": 1, "KIR": 1, "USA": 1},
    "change": {"PAK": 2, "KIR": 1, "USA": 2},
}
#: of one that is not named above, a report on Pakistan shows every figure
FIGURES |= {
    path.stem: {"PAK": path.read_text("utf-8").count("an.plot.")}
    for path in sorted(paths.notebooks_dir().glob("*.ipynb"))
    if path.stem not in FIGURES
}
REPORTS = [(state, notebook) for notebook, counts in FIGURES.items() for state in counts]
SLOW = {RICH: pytest.mark.slow}
each_report = pytest.mark.parametrize(
    ("state", "notebook"), [pytest.param(*one, marks=SLOW.get(one[0], ())) for one in REPORTS]
)


@pytest.fixture(scope="module")
def reports(make_reports):
    """Reports on a state with much and one with almost nothing on record."""
    return make_reports("PAK", "KIR")


@pytest.fixture(scope="module")
def rich(make_reports):
    """Reports on the rich state, made only where a test of them is run."""
    return make_reports(RICH)


@pytest.fixture
def folder(request, state):
    """Where the reports on the state of a test are."""
    return request.getfixturevalue("rich" if state == RICH else "reports") / state


@each_report
def test_a_report_is_complete_and_matches_its_manifest(folder, state, notebook):
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {f"{notebook}.html", f"{notebook}.ipynb", "manifest.json"} <= names
    figures = {name.split("/")[1] for name in names if name.startswith(f"figures/{notebook}-")}
    vector, pixels = ({n[:-4] for n in figures if n.endswith(end)} for end in (".svg", ".png"))
    assert len(vector) == FIGURES[notebook][state]
    assert vector == pixels
    tables = {name.split("/")[1].removesuffix(".csv") for name in names if name.startswith("data/")}
    assert vector <= tables
    papers = {name.split("/")[1] for name in names if name.startswith(f"tables/{notebook}-")}
    own = {name for name in tables if name.startswith(f"{notebook}-")}
    behind_text = {"country_profile-series", "change-totals"}
    assert {name.removesuffix(".tex") for name in papers} == own - vector - behind_text
    assert verify.verify(folder)[1] == []


@each_report
def test_no_figure_is_cut_off(folder, notebook):
    """What reaches beyond the sheet would leave ink on its edge."""
    for path in sorted((folder / "figures").glob(f"{notebook}-*.png")):
        pixels = np.asarray(Image.open(path).convert("L"))
        edges = (pixels[:2], pixels[-2:], pixels[:, :2], pixels[:, -2:])
        assert all((edge == 255).all() for edge in edges), path.name
        assert (pixels < 255).any()


def test_a_report_shows_the_numbers_of_its_data(reports):
    """SIPRI's published 72.0% for 2017-21 is in the CSV behind the figure."""
    text = (reports / "PAK" / "data" / "country_profile-partners.csv").read_text("utf-8")
    rows = list(csv.DictReader(io.StringIO(text)))
    china = [r for r in rows if r["source"] == "sipri_tiv" and r["partner"] == "CHN"]
    assert [(r["start"], r["end"]) for r in china] == [("2017", "2021")]
    assert float(china[0]["share"]) == pytest.approx(0.720, abs=5e-4)
    page = (reports / "PAK" / "country_profile.html").read_text("utf-8")
    assert "72.0%" in page


def test_a_report_names_its_sources_and_parameters(reports):
    entry = json.loads((reports / "PAK" / "manifest.json").read_text("utf-8"))
    report = entry["reports"]["country_profile"]
    assert report["parameters"]["country"] == "PAK"
    assert report["parameters"]["draws"] == 50
    named = json.dumps(report["sources"])
    assert all(key in named for key in ("atop", "dcad", "mme", "sipri_tiv", "unga"))
    bib = (reports / "PAK" / "sources.bib").read_text("utf-8")
    assert "sipri_at" in bib
    assert "leeds2002" in bib


@each_report
def test_a_report_hides_its_code_and_loads_nothing_from_outside(folder, state, notebook):
    page = (folder / f"{notebook}.html").read_text("utf-8")
    assert "import analysis" not in page
    assert not re.search(r"<script|@import|(src=|<link[^>]+href=)[\"']?(https?:)?//", page)
    described = re.findall(r'<img [^>]*alt="[^"]{20,}"', page)
    assert page.count("<img ") == len(described) == FIGURES[notebook][state]


@each_report
def test_a_report_calls_its_sources_by_their_titles(folder, state, notebook):
    page = (folder / f"{notebook}.html").read_text("utf-8")
    text = re.sub(r"<(style|svg|pre|code)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    keys = [key for key in catalog.all_sources() if key != "capitals"]  # a word as well
    assert [key for key in keys if re.search(rf"\b{key}\b", html.unescape(text))] == []


@each_report
def test_every_table_says_whose_data_it_shows(folder, state, notebook):
    page = (folder / f"{notebook}.html").read_text("utf-8")
    shown = re.findall(r'<figure class="table">.*?</figure>', page, re.DOTALL)
    assert len(shown) == page.count("<table aria")
    assert [table for table in shown if not re.search(r'<p class="notes">Data: \w', table)] == []


@each_report
def test_a_section_with_nothing_to_show_is_left_out(folder, state, notebook):
    page = (folder / f"{notebook}.html").read_text("utf-8")
    sections = re.split(r"<h2", page)[1:]
    assert sections
    bare = [part for part in sections if "Nothing to show" in part and "<figure" not in part]
    assert bare == []


def test_a_report_says_what_it_cannot_say(reports):
    page = (reports / "KIR" / "country_profile.html").read_text("utf-8")
    assert "Of arms imports nothing can be said here" in page
    assert "partnerships import sipri FILE" in page
    assert "no data for 2019–2024" in page


def test_two_runs_give_the_same_bytes(reports, tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "notebooks_dir", lambda: reports.parent / "notebooks")
    run.make_report("KIR", "arms", out=tmp_path)
    one, two = reports / "KIR", tmp_path / "KIR"
    made = sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
    names = [name for name in made if name.name.startswith("arms")]
    assert len(names) > 2
    assert [n for n in names if (one / n).read_bytes() != (two / n).read_bytes()] == []


def test_exercises_by_both_weightings_are_in_the_data(reports):
    """Pakistan 1980-2010: 12.34 effective partners (q = 2) by full count, else 6.71."""
    table = read(reports, "PAK", "exercises-over_time")
    assert {row["property"] for row in table} == set(exercises.WAYS.values())
    shares = [r for r in read(reports, "PAK", "exercises-partners") if r["partner"]]
    for way, known in zip(exercises.WAYS.values(), (6.71, 12.34), strict=True):
        simpson = sum(float(row["share"]) ** 2 for row in shares if row["way"] == way)
        assert 1 / simpson == pytest.approx(known, abs=5e-3)


def test_arms_imports_by_both_sources_are_in_the_data(reports):
    """SIPRI: China 72.0% in 2017-21; by the register it is 81.2% in 2020-24, within bounds."""
    rows = read(reports, "PAK", "arms-composition")
    china = {(r["source"], r["end"]): r for r in rows if r["partner"] == "CHN"}
    exact, spread = china["sipri_tiv", "2021"], china["sipri_register", "2024"]
    assert float(exact["share"]) == pytest.approx(0.720, abs=5e-4)
    assert float(spread["share"]) == pytest.approx(0.812, abs=5e-4)
    assert float(spread["share_low"]) < 0.812 < float(spread["share_high"])
    rows = read(reports, "PAK", "arms-concentration")
    index = [r for r in rows if r["source"] == "sipri_tiv" and r["end"] == "2021"]
    assert {r["property"] for r in index} == {"concentration", "dependence", "diversity"}
    assert float(index[0]["estimate"]) == pytest.approx(0.530, abs=5e-4)


def test_of_two_sources_of_arms_the_profile_shows_the_newest_first(reports):
    """SIPRI's register reaches to 2024, its annual tables to 2021: in table, figure and text."""
    heads = [name for name in read(reports, "PAK", "country_profile-measures")[0] if "arms" in name]
    assert [re.search(r"\d{4}.\d{4}", head)[0] for head in heads] == ["2020–2024", "2017–2021"]
    for name in ("country_profile-partners", "country_profile-loss"):
        rows = [r for r in read(reports, "PAK", name) if r["instrument"] == "arms"]
        assert list(dict.fromkeys(r["source"] for r in rows)) == ["sipri_register", "sipri_tiv"]
    rows = read(reports, "PAK", "country_profile-composition")
    assert {r["end"] for r in rows if r["source"] == "sipri_register"} == {"2022", "2023", "2024"}
    page = (reports / "PAK" / "country_profile.html").read_text("utf-8")
    assert page.index("Arms imports, 2020–2024") < page.index("Arms imports, 2017–2021")


def test_a_state_without_arms_data_is_told_how_to_get_them_once_and_no_panel_is_empty(reports):
    page = (reports / "KIR" / "arms.html").read_text("utf-8")
    assert "Of arms imports nothing can be said here" in page
    assert re.findall(r'<figure[^>]*id="([^"]*)"', page) == ["figure-aid"]
    assert "may be read as their absence" in page


def test_pledges_are_kept_apart_in_the_data(reports):
    """ATOP: defence-pact partners fell from 7 to 1 in 1973; non-aggression 2, 17, 38."""
    rows = read(reports, "PAK", "agreements_and_alliances-pledges")
    found = {(r["instrument"], r["end"]): r["estimate"] for r in rows}
    assert [float(found["alliance/defense", year]) for year in ("1972", "1973", "2018")] == [
        7,
        1,
        1,
    ]
    known = [float(found["alliance/nonaggression", year]) for year in ("2003", "2004", "2018")]
    assert known == [2, 17, 38]


def test_peers_have_places_and_those_that_are_not_covered_are_named(reports):
    """By SIPRI's annual tables Pakistan is the least diverse importer of the four that ship."""
    rows = [r for r in read(reports, "PAK", "peers-places") if r["source"] == "sipri_tiv"]
    hill = {r["country"]: r["place"] for r in rows if r["measure"].startswith("effective")}
    assert {code: place for code, place in hill.items() if place} == {
        "IND": "1.0",
        "LKA": "2.0",
        "BGD": "3.0",
        "PAK": "4.0",
    }
    page = (reports / "PAK" / "peers.html").read_text("utf-8")
    assert "Afghanistan, Nepal, Bhutan and the Maldives (not covered by the source)" in page
    lonely = (reports / "KIR" / "peers.html").read_text("utf-8")
    assert "No peer of Kiribati has a tie by the same instrument" in lonely
    assert "partnerships import sipri FILE" in lonely


def test_a_rule_that_is_none_is_refused_before_anything_runs(tmp_path):
    with pytest.raises(ParameterError, match=r"rule='neighbour'.*one of region, capabilities"):
        run.make_report("PAK", "peers", out=tmp_path, parameters={"rule": ["neighbour"]})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("notebook", "kind"), [("claims", "claims"), ("isolation", "shocks")])
@pytest.mark.parametrize("name", ["../mine", "yours", "", "/etc/passwd", "mine.csv"])
def test_a_table_that_is_not_there_is_refused_before_anything_runs(
    notebook, kind, name, tmp_path, monkeypatch, capsys
):
    taken_in = tmp_path / "imports" / kind
    taken_in.mkdir(parents=True)
    for there in (taken_in / "mine.csv", taken_in.parent / "mine.csv"):
        there.write_text("what it holds is looked at when it is read")
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(taken_in.parent))
    out = tmp_path / "out"
    for asked in (notebook, "all"):
        arguments = ["report", "PAK", "--notebook", asked, "-p", f"{kind}={name}"]
        assert cli.main([*arguments, "--out", str(out)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith(f"partnerships: Parameter {kind}={name!r}: there is no such")
        assert "There are: mine." in said.err
        assert said.err.count("\n") == 1
    assert not out.exists()
    assert run.checked(notebook, "PAK", {kind: "mine"})[kind] == "mine"
    assert run.checked(notebook, "PAK", {})[kind] is None


def test_the_headline_is_a_table_of_measures(reports):
    """The series of a state in order of importance, window by window, and one source in each."""
    rows = read(reports, "PAK", "country_profile-headline")
    assert list(dict.fromkeys(row["instrument"] for row in rows)) == [
        "arms",
        "exercise",
        "agreement",
    ]
    assert set(MEASURED) <= set(rows[0])
    assert {row["measure"] for row in rows} == {"effective partners, q = 1"}
    arms = {row["end"]: row for row in rows if row["instrument"] == "arms"}
    assert sorted(arms) == [str(year) for year in range(1990, 2025)]
    assert arms["2021"]["source"] == "sipri_tiv"
    assert (arms["2024"]["source"], arms["2024"]["interval_kind"]) == ("sipri_register", "bounds")
    simpson = read(reports, "PAK", "country_profile-hill_profile")
    pakistan = [r for r in simpson if r["country"] == "PAK" and r["order"] == "1.0"]
    assert arms["2021"]["estimate"] == pakistan[0]["estimate"]
    # what the site reads has every source and window, with the same numbers
    series = read(reports, "PAK", "country_profile-series")
    assert {row["instrument"] for row in series} > {"arms", "exercise", "alliance/nonaggression"}
    same = {(row["source"], row["instrument"], row["end"]): row["estimate"] for row in series}
    assert all(
        same[row["source"], row["instrument"], row["end"]] == row["estimate"] for row in rows
    )


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
@pytest.mark.parametrize("state", ["PAK", "KIR", RICH])
def test_tables_for_papers_can_be_set_and_none_is_wider_than_its_page(folder, tmp_path):
    """On the page of LaTeX's own `article`, the narrowest that papers have."""
    files = sorted((folder / "tables").glob("*.tex"))
    assert files
    body = "\n".join(rf"\input{{{path.as_posix()}}}\clearpage" for path in files)
    (tmp_path / "paper.tex").write_text(
        "\\documentclass{article}\\usepackage[T1]{fontenc}\n"
        f"\\usepackage{{booktabs,array,longtable,lscape}}\\begin{{document}}{body}\\end{{document}}"
    )
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    for _ in range(2):  # widths of tables over several pages are known the second time
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]
    said = (tmp_path / "paper.log").read_text("latin-1")
    wrong = ("Overfull", "Float too large", "Missing character")
    assert [line for line in said.splitlines() if line.startswith(wrong)] == []


def read(reports, state, name):
    """Rows of the numbers behind a figure or table."""
    text = (reports / state / "data" / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.slow
@pytest.mark.parametrize("notebook", FIGURES)
@pytest.mark.parametrize("state", ["IND", "TUR", "CUB", "LUX", "VAT"])
def test_other_states_have_reports_too(state, notebook, tmp_path):
    page = run.make_report(state, notebook, out=tmp_path, parameters={"draws": 50})
    assert verify.verify(page.parent)[1] == []
