"""Each notebook is run as the command line runs it, and what comes out is looked at."""

import csv
import io
import json
import re

import pytest

from analysis.report import manifest, run

STATES = ("PAK", "KIR")


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Reports on a state with much and one with almost nothing on record."""
    out = tmp_path_factory.mktemp("reports")
    for state in STATES:
        run.make_report(state, out=out, parameters={"draws": 100})
    return out


@pytest.mark.parametrize("state", STATES)
def test_a_report_is_complete_and_matches_its_manifest(reports, state):
    folder = reports / state
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert {"country_profile.html", "country_profile.ipynb", "manifest.json"} <= names
    figures = {name for name in names if name.startswith("figures/")}
    assert len(figures) == 5
    tables = {name.split("/")[1].removesuffix(".csv") for name in names if name.startswith("data/")}
    assert {name.split("/")[1].removesuffix(".svg") for name in figures} <= tables
    assert manifest.verify(folder)[1] == []


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
    assert report["parameters"]["draws"] == 100
    named = json.dumps(report["sources"])
    assert all(key in named for key in ("atop", "dcad", "mme", "sipri_tiv", "unga"))
    bib = (reports / "PAK" / "sources.bib").read_text("utf-8")
    assert "sipri_at" in bib
    assert "leeds2002" in bib


@pytest.mark.parametrize("state", STATES)
def test_a_report_hides_its_code_and_loads_nothing_from_outside(reports, state):
    page = (reports / state / "country_profile.html").read_text("utf-8")
    assert "import analysis" not in page
    assert not re.search(r"<script|@import|(src=|<link[^>]+href=)[\"']?(https?:)?//", page)
    assert page.count("<img ") == len(re.findall(r'<img [^>]*alt="[^"]{20,}"', page)) == 5


def test_a_report_says_what_it_cannot_say(reports):
    page = (reports / "KIR" / "country_profile.html").read_text("utf-8")
    assert "Of arms imports nothing can be said here" in page
    assert "partnerships import sipri FILE" in page
    assert "it says nothing" in page


def test_two_runs_give_the_same_bytes(reports, tmp_path):
    run.make_report("KIR", out=tmp_path, parameters={"draws": 100})
    one, two = reports / "KIR", tmp_path / "KIR"
    names = sorted(p.relative_to(one) for p in one.rglob("*") if p.is_file())
    assert names == sorted(p.relative_to(two) for p in two.rglob("*") if p.is_file())
    assert [n for n in names if (one / n).read_bytes() != (two / n).read_bytes()] == []


@pytest.mark.slow
@pytest.mark.parametrize("state", ["IND", "TUR", "CUB", "LUX", "USA", "VAT"])
def test_other_states_have_reports_too(state, tmp_path):
    page = run.make_report(state, out=tmp_path, parameters={"draws": 100})
    assert manifest.verify(page.parent)[1] == []
