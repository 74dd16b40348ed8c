"""What reports are called: variants beside one another, notebooks of any name."""

import json
import re

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toys import NOTEBOOKS, contents, toys  # noqa: F401

from analysis import cli, paths
from analysis.parameters import Parameter
from analysis.report import names, verify
from analysis.report.site import folder as report_folder
from analysis.report.site import history

pytestmark = pytest.mark.usefixtures("toys")

TAKES = {
    "country": Parameter("country", str, default="PAK"),
    "window": Parameter("window", int, default=5),
    "order": Parameter("order", float, default=1.0),
    "peers": Parameter("peers", str, default=[], many=True),
}


def name_of(**values):
    return names.of_report(
        "arms", names.differing(TAKES, {n: p.default for n, p in TAKES.items()} | values)
    )


def test_the_usual_report_is_called_after_its_notebook_and_a_variant_after_what_differs():
    assert name_of(country="IND") == name_of(window=5, order=1.0) == "arms"
    assert name_of(window=3) == "arms--window-3"
    assert name_of(window=3, order=0.5) == "arms--order-0.5--window-3"
    assert name_of(peers=["ind", "irn"]) != name_of(peers=["ind,irn"])
    assert names.label({"order": 0.5, "peers": [], "window": 3}) == (
        "order = 0.5, peers = none, window = 3"
    )


VALUES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.lists(st.text())
)


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "ä"]), VALUES), unique_by=lambda one: one[0]))
def test_every_variant_has_a_name_that_a_file_may_have(pairs):
    made = names.of_report("arms", dict(pairs))
    assert names.is_report(made)
    assert names.notebook_of(made) == "arms"
    assert report_folder.is_file(f"data/{made}-partners.csv")


@given(st.text(min_size=1), st.text(min_size=1))
def test_two_notebooks_have_two_names_and_none_is_that_of_another_page(one, other):
    made = names.of_notebook(one)
    assert names.is_report(made)
    assert names.notebook_of(made) == made != "index"
    assert (made == names.of_notebook(other)) == (one == other)


@pytest.fixture
def report(tmp_path, monkeypatch, capsys):
    """Make reports with a notebook folder of one's own; give status, paths printed and messages."""
    own = tmp_path / "notebooks"
    own.mkdir()
    (own / "shows.ipynb").write_bytes((NOTEBOOKS / "shows.ipynb").read_bytes())
    monkeypatch.setattr(paths, "notebooks_dir", lambda: own)
    monkeypatch.chdir(tmp_path)

    def make(*arguments):
        status = cli.main(["report", "PAK", *arguments, "--quiet"])
        said = capsys.readouterr()
        return status, said.out.split("\n")[:-1], said.err

    return make


@pytest.mark.slow
def test_variants_stand_side_by_side_and_none_is_news(report, tmp_path):
    made = [
        report("--notebook", "shows", *more)[1]
        for more in ((), ("-p", "seed=3"), ("-p", "seed=3", "--as", "mine"), ("-p", "seed=1"))
    ]
    assert made == [
        [f"reports/PAK/{name}.html"] for name in ("shows", "shows--seed-3", "shows--mine", "shows")
    ]
    out = tmp_path / "reports"
    reports = report_folder.reports(out / "PAK")
    assert [(one.name, one.variant) for one in reports.values()] == [
        ("shows", ""),
        ("shows--mine", "mine: seed = 3"),
        ("shows--seed-3", "seed = 3"),
    ]
    assert history.read(out) == []
    assert verify.verify(out)[1] == []
    for page in ("index.html", "PAK/index.html"):
        text = (out / page).read_text("utf-8")
        assert all(f"{name}.html" in text for name in reports)
        assert "Everything there is (seed = 3)" in text
    assert 'href="index.html#shows"' in (out / "PAK" / "shows--seed-3.html").read_text("utf-8")
    # what is there, and would be the same, is not made again
    before = contents(out / "PAK")
    assert report("--notebook", "shows", "-p", "seed=3", "--resume")[0] == 0
    assert contents(out / "PAK") == before
    log = [json.loads(line)["report"] for line in (out / "runs.jsonl").read_text().splitlines()]
    assert log == ["shows", "shows--seed-3", "shows--mine", "shows"]
    # a name that is used again for something else tells so, and compares nothing
    report("--notebook", "shows", "-p", "seed=4", "--as", "mine")
    assert [change["says"] for change in history.read(out)] == [["Parameter seed: 3 became 4."]]


@pytest.mark.parametrize("name", ["", "a--b", "../x", "A", "a b", "x" * 31, "-x", "é"])
def test_a_name_that_cannot_be_one_of_a_file_is_refused(report, name, tmp_path):
    status, _, err = report("--notebook", "shows", f"--as={name}")
    assert (status, err.count("\n")) == (2, 1)
    assert not (tmp_path / "reports").exists()


# --- notebooks of one's own ----------------------------------------------------------------------

#: names that JupyterLab gives, or lets be given
NAMES = ["Untitled 1", "Ünïcode", "a.b", "-dash", "index", "arms-Copy1", "a'b\"<i>&", "x..."]


def write(path, *sources, **metadata):
    """A notebook of Markdown, where a source begins with #, and code."""
    kinds = {True: nbformat.v4.new_markdown_cell, False: nbformat.v4.new_code_cell}
    cells = [kinds[source.startswith("#")](source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=metadata), path)


@pytest.mark.slow
def test_notebooks_of_any_name_run_without_parameters_and_a_bad_one_fails_alone(report, tmp_path):
    folder = tmp_path / "notebooks"
    (folder / "shows.ipynb").unlink()
    for name in NAMES:
        write(folder / f"{name}.ipynb", f"## On {name}", "1 + 1")
    (folder / "bad one.ipynb").write_text("{")
    (folder / "of nothing.ipynb").write_text('{"nbformat": 4, "nbformat_minor": 5}')
    (folder / ".hidden.ipynb").write_text("{")
    status, made, err = report("--notebook", "all")
    assert status == 1
    assert len(made) == len(set(made)) == len(NAMES)
    assert all(re.fullmatch(r"reports/PAK/[a-z0-9_.-]+\.html", path) for path in made)
    lines = err.splitlines()
    assert [line.split(":")[0] for line in lines[:2]] == ["partnerships"] * 2
    assert "bad one.ipynb is not a notebook" in err
    assert "of nothing.ipynb is not a notebook" in err
    reports = report_folder.reports(tmp_path / "reports" / "PAK")
    assert sorted(one.title for one in reports.values()) == sorted(f"On {name}" for name in NAMES)
    assert verify.verify(tmp_path / "reports")[1] == []


@pytest.mark.slow
def test_a_notebook_elsewhere_is_named_by_its_path(report, tmp_path, monkeypatch):
    (tmp_path / "else where").mkdir()
    path = tmp_path / "else where" / "Mine.ipynb"
    write(path, "# What is mine?", "1")
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in (str(path), "else where/Mine.ipynb", "~/else where/Mine.ipynb"):
        status, made, err = report("--notebook", name)
        assert (status, len(made), err) == (0, 1, "")
    assert str(tmp_path) not in (tmp_path / "reports/PAK/manifest.json").read_text("utf-8")
    assert report("--notebook", "else where/Other.ipynb")[0] == 2
    write(tmp_path / "else where" / "shows.ipynb", "# Another", "1")
    status, _, err = report("--notebook", "else where/shows.ipynb")
    assert status == 2
    assert "give yours another name" in err


PLAIN = """import matplotlib.pyplot as plt
import pandas as pd
plt.plot([1, 2], [3, 1])"""
STYLED = """rows = pd.DataFrame({"x": [1, 2], "y": ["<script>alert(1)</script>", "b"]})
rows.style.highlight_max(subset=["x"], color="gold")"""


def test_plain_figures_tables_and_styles_show_in_the_same_bytes_each_time(report, tmp_path):
    path = tmp_path / "plain.ipynb"
    write(path, "# Plain?", PLAIN, "rows = pd.DataFrame({'x': [1]})\nrows", STYLED)
    pages = []
    for _ in range(2):
        assert report("--notebook", "plain.ipynb")[0] == 0
        pages.append(contents(tmp_path / "reports" / "PAK"))
    assert pages[0] == pages[1]
    page = pages[0]["plain.html"].decode()
    assert page.count('src="data:image/png;base64,') == 1
    assert page.count("<table") == 2
    assert 'style="background-color:gold"' in page
    assert "<script" not in page


def test_a_report_never_overwrites_a_file_of_another(report, tmp_path):
    table = "from analysis import display\nimport pandas as pd\n"
    table += 'display.table(pd.DataFrame({"x": [1]}), name="NAME", caption="c")'
    write(tmp_path / "notebooks" / "a.ipynb", "# a", table.replace("NAME", "b-c"))
    write(tmp_path / "notebooks" / "a-b.ipynb", "# a-b", table.replace("NAME", "c"))
    assert report("--notebook", "a")[0] == 0
    status, _, err = report("--notebook", "a-b")
    assert status == 1
    assert "data/a-b-c.csv would replace that of another report" in err
