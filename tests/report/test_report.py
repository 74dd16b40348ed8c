import ast
import base64
import hashlib
import io
import json
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from toys import HOSTILE, NOTEBOOKS, contents, names, toys  # noqa: F401

from analysis import display, paths, words
from analysis.errors import ParameterError, UnknownCountryError
from analysis.report import names as names_of_reports
from analysis.report import outputs, pages, run, verify
from analysis.report.execution import clean, kernel

pytestmark = pytest.mark.usefixtures("toys")

#: the report that shows everything, by another label than the notebook's own
SHOWS = names_of_reports.of_report("shows", {"label": HOSTILE})


@pytest.fixture(scope="module")
def shown(toys, tmp_path_factory) -> Path:  # noqa: F811
    """Folder of a report which has everything that a report can have."""
    out = tmp_path_factory.mktemp("shown")
    page = run.make_report("Pakistan", "shows", out=out, parameters={"label": HOSTILE})
    assert page == out / "PAK" / f"{SHOWS}.html"
    return page.parent


class Page(HTMLParser):
    """Tags, attributes and visible text of a page."""

    def __init__(self, text: str):
        super().__init__()
        self.tags, self.attributes, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        if self.tags[-1:] != ["style"]:
            self.text += data

    def values(self, name: str) -> list[str]:
        return [value for _, attribute, value in self.attributes if attribute == name]


@pytest.fixture(scope="module")
def page(shown) -> Page:
    return Page((shown / f"{SHOWS}.html").read_text("utf-8"))


# --- a report ------------------------------------------------------------------------------------


def test_a_report_is_complete(shown):
    assert sorted(contents(shown)) == [
        f"data/{SHOWS}-partners.csv",
        f"data/{SHOWS}-share.csv",
        f"figures/{SHOWS}-share.png",
        f"figures/{SHOWS}-share.svg",
        "index.html",
        "manifest.json",
        f"{SHOWS}.html",
        f"{SHOWS}.ipynb",
        "sources.bib",
        f"tables/{SHOWS}-partners.tex",
    ]
    assert names(shown.parent) == ["PAK"]
    assert shown.stat().st_mode & 0o777 == 0o777 & ~_umask()
    assert (shown / f"data/{SHOWS}-share.csv").read_text() == (
        "year,share\n2001,0.5\n2002,0.25\n2003,0.3333333333333333\n"
    )
    assert "title = {A toy source}" in (shown / "sources.bib").read_text()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_two_runs_give_the_same_bytes(shown, tmp_path, monkeypatch):
    """Whatever the user has set up for Jupyter, IPython, matplotlib or the system."""
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "mine.py").write_text("print('started')")
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "x", "language": "R"})
    )
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 9\nsavefig.transparent: True\n")
    for name, value in {
        "IPYTHONDIR": tmp_path / "ipython",
        "JUPYTER_PATH": tmp_path / "jupyter",
        "MATPLOTLIBRC": tmp_path,
        "MPLBACKEND": "svg",
        "PYTHONSTARTUP": startup / "mine.py",
        "PYTHONHASHSEED": "7",
        "TZ": "Asia/Karachi",
        "LC_ALL": "C",
        "COLUMNS": "40",
    }.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.chdir(tmp_path)
    again = run.make_report(
        "PAK", "shows", out=Path("some/where"), parameters={"label": HOSTILE}
    ).parent
    assert contents(again) == contents(shown)


def test_the_manifest_says_what_the_report_was_made_from(shown, toys):  # noqa: F811
    content = json.loads((shown / "manifest.json").read_text("utf-8"))
    report = content["reports"][SHOWS]
    assert content["country"] == "PAK"
    assert report["parameters"] == {
        "country": "PAK",
        "start": None,
        "end": None,
        "label": HOSTILE,
        "seed": 1,
    }
    assert report["seed"] == 1
    assert report["notebook"]["sha256"] == _sha256(NOTEBOOKS / "shows.ipynb")
    assert report["sources"]["toy"]["files"] == {"toy.csv": _sha256(toys / "toy" / "toy.csv")}
    assert report["sources"]["toy"]["licence"] == "CC0"
    assert set(report["data"]) == {"countries", "sources.bib", "toy"}
    assert report["lock"] == _sha256(paths.lock_file())
    assert set(report["packages"]) >= {"numpy", "pandas", "matplotlib"}
    assert re.fullmatch(r"[0-9a-f]{64}", report["library"]["sha256"])
    assert verify.verify(shown) == verify.verify(shown.parent) == (9, [])


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_no_time_and_no_place_is_in_any_file(shown):
    everything = b"\n".join(contents(shown).values()).decode(errors="replace")
    places = (str(shown.parent), str(Path.home()), str(NOTEBOOKS), "ipykernel_", "papermill.")
    assert [place for place in places if place in everything] == []
    assert re.findall(r"20\d\d-\d\d-\d\dT\d\d:\d\d", everything) == []


def test_the_executed_notebook_is_valid_and_clean(shown):
    notebook = nbformat.read(shown / f"{SHOWS}.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    assert set(notebook.metadata) == {"kernelspec", "language_info", "title"}
    assert {key for cell in notebook.cells for key in cell.metadata} == {"tags"}
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


# --- the page ------------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_from_elsewhere(page):
    assert {*page.tags} <= {
        "html",
        "head",
        "meta",
        "title",
        "link",
        "style",
        "body",
        "header",
        "p",
        "span",
        "nav",
        "ol",
        "ul",
        "li",
        "a",
        "main",
        "h1",
        "h2",
        "figure",
        "img",
        "figcaption",
        "div",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "strong",
        "code",
        "pre",
        "footer",
        "dl",
        "dt",
        "dd",
    }
    assert all(value.startswith("data:image/svg+xml;base64,") for value in page.values("src"))
    assert [v for tag, name, v in page.attributes if name == "href" and tag == "link"] == ["data:,"]
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert {*page.values("style")} == {"text-align:right"}  # a DataFrame's own
    assert not re.search(r"url\(|@import", pages._TEMPLATES.joinpath("report.css").read_text())
    policy = page.values("content")[0]
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in policy


def test_links_lead_to_files_of_the_report_or_to_the_sources(page, shown):
    links = {v for tag, name, v in page.attributes if name == "href" and tag == "a"}
    local = {link for link in links if not link.startswith(("https://example.org/", "#"))}
    others = set(contents(shown)) - {f"{SHOWS}.html", "index.html"}
    assert local == others | {"index.html", "index.html#shows"}
    assert {link[1:] for link in links if link.startswith("#")} <= {*page.values("id")}


def test_texts_from_data_are_inert(page):
    # in caption and alt of a figure, a table, prose, a heading, printed text and a parameter
    assert page.text.count("<script>alert(1)</script>") >= 8
    assert page.text.count("[a](http://b.c) $x$ _y_") >= 7  # pandas cuts long texts
    assert [value for value in page.values("alt") if "<script>" in value] != []
    assert "Nobody & <i>sons</i>" in page.text


def test_the_page_can_be_read_by_everyone(page):
    assert ("html", "lang", "en") in page.attributes
    assert page.tags.count("h1") == 1
    assert page.tags.count("img") == len([alt for alt in page.values("alt") if alt])
    assert len({*page.values("id")}) == len(page.values("id"))
    assert page.text.strip().startswith("Pakistan – Everything there is")


def test_the_figure_on_the_page_is_the_one_beside_it(page, shown):
    embedded = base64.b64decode(page.values("src")[0].partition("base64,")[2])
    assert embedded == (shown / f"figures/{SHOWS}-share.svg").read_bytes()
    assert b"<script>" not in embedded


def test_a_png_lies_beside_each_figure_and_in_no_notebook(shown):
    content = (shown / f"figures/{SHOWS}-share.png").read_bytes()
    image = Image.open(io.BytesIO(content))
    assert image.width / image.info["dpi"][0] == pytest.approx(7, abs=0.5)
    assert {key for key in image.info if key != "transparency"} == {"dpi"}  # no program, no time
    assert b"image/png" not in (shown / f"{SHOWS}.ipynb").read_bytes()


def test_a_table_for_papers_lies_beside_each_table(shown):
    text = (shown / f"tables/{SHOWS}-partners.tex").read_text("utf-8")
    assert r"\toprule" in text
    assert r"\textless{}script\textgreater{}" in text


def test_the_code_is_not_on_the_page(page):
    assert "import matplotlib" not in page.text
    assert "display.figure" not in page.text


ENTRY = {
    "title": "N",
    "variant": "",
    "parameters": {},
    "sources": {},
    "python": "3",
    "library": {
        "name": "x",
        "version": "1",
        "sha256": "0" * 64,
    },
    "notebook": {"name": "n.ipynb", "sha256": "0" * 64},
}


def render(*shown_outputs: dict, markdown: str = "") -> Page:
    """Page of a notebook with one Markdown cell and one code cell with these outputs."""
    cell = nbformat.v4.new_code_cell("1")
    cell.outputs = [nbformat.v4.new_output("display_data", data=data) for data in shown_outputs]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(markdown), cell])
    return Page(pages.render(notebook, report="n", subject="Nowhere", parameters={}, entry=ENTRY))


PLAIN = render()


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"))))
def test_escaped_text_shows_as_it_is(text):
    made = render({"text/markdown": f"before {words.escape(text)} after"})
    assert f"before {' '.join(text.split())} after".replace("  ", " ") in re.sub(
        r" +", " ", made.text
    )
    assert made.tags == [*PLAIN.tags[: -_footer()], "p", *PLAIN.tags[-_footer() :]]


def _footer() -> int:
    return len(PLAIN.tags) - PLAIN.tags.index("footer")


def test_outputs_of_others_are_shown_without_their_html():
    made = render(
        {"text/html": "<iframe src='http://b.c'></iframe>", "text/plain": "a <b> table"},
        {"image/png": base64.b64encode(b"png").decode(), "text/plain": "<Axes>"},
        {"application/javascript": "alert(1)"},
        markdown="<script>alert(1)</script>\n\n![far](http://b.c/d.png) [x](javascript:alert(1))",
    )
    assert "iframe" not in made.tags + re.findall(r"\w+", made.text)
    assert "a <b> table" in made.text
    assert made.values("src") == [f"data:image/png;base64,{base64.b64encode(b'png').decode()}"]
    assert "script" not in made.tags
    assert "far" in made.text
    assert not [v for v in made.values("href") if "javascript" in v]


def test_headings_of_one_name_have_ids_of_their_own():
    made = render(markdown="## Arms\n\n## Arms\n\n## Arms 2\n\n## –")
    assert [v for v in made.values("id") if v != "made"] == [
        "arms",
        "arms-2",
        "arms-2-2",
        "section",
    ]
    assert made.tags.count("h1") == 1  # made from the name of the state


# --- parameters ----------------------------------------------------------------------------------


def test_parameters_arrive_as_they_were_given(toys, tmp_path):  # noqa: F811
    text = (
        '"; import os\nos._exit(1)\n\'\'\'"""\\" \\N{BULLET} {x} %s $HOME é☃\U0001f600\r\t'
        + HOSTILE
    )
    given_values = {
        "text": text,
        "many": [text, "", "\\"],
        "whole": -3,
        "real": float("inf"),
        "flag": True,
        "weighting": "fractional",
    }
    page = run.make_report("PAK", "echo", out=tmp_path, parameters=given_values)
    notebook = nbformat.read(page.with_suffix(".ipynb"), as_version=4)
    printed = notebook.cells[-1].outputs[0].text.replace("inf", "1e999")
    assert ast.literal_eval(printed) == ["PAK", *given_values.values()]


@pytest.mark.parametrize(
    ("country", "notebook", "parameters", "error"),
    [
        ("Pakistn", "shows", {}, UnknownCountryError),
        ("PAK", "shws", {}, ParameterError),
        ("PAK", "../shows", {}, ParameterError),
        ("PAK", str(NOTEBOOKS / "shows"), {}, ParameterError),
        ("PAK", "no_parameters", {"window": 3}, ParameterError),
        ("PAK", "computes_parameters", {}, ParameterError),
        ("PAK", "shows", {"lable": "x"}, ParameterError),
        ("PAK", "shows", {"seed": "1"}, ParameterError),
        ("PAK", "shows", {"start": 2010, "end": 2000}, ParameterError),
        ("PAK", "shows", {"start": 3000}, ParameterError),
        ("PAK", "shows", {"end": 1500}, ParameterError),
    ],
)
def test_mistakes_are_found_before_anything_is_written(
    country, notebook, parameters, error, tmp_path
):
    with pytest.raises(error):
        run.make_report(country, notebook, out=tmp_path / "out", parameters=parameters)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_notebook_is_refused(tmp_path, monkeypatch):
    (tmp_path / "fake.ipynb").write_text("<html>")
    monkeypatch.setattr(paths, "notebooks_dir", lambda: tmp_path)
    with pytest.raises(ParameterError, match="is not a notebook"):
        run.make_report("PAK", "fake", out=tmp_path / "out")


def test_a_folder_of_someone_else_is_not_touched(tmp_path):
    (tmp_path / "PAK").mkdir()
    (tmp_path / "PAK" / "letter.txt").write_text("mine")
    with pytest.raises(ParameterError, match="move it away"):
        run.make_report("PAK", "shows", out=tmp_path)
    assert contents(tmp_path) == {"PAK/letter.txt": b"mine"}


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notebook", "cell", "error"),
    [
        ("broken", 4, "ValueError: no data for PAK"),
        ("sysexit", 3, "SystemExit: 0"),
        ("dies", 3, "DeadKernelError: Kernel died"),
        ("same_name", 5, "the output name 'rows' is used twice"),
    ],
)
def test_a_failed_notebook_is_kept_apart_and_marked(notebook, cell, error, tmp_path, capfd):
    with pytest.raises(run.ReportError) as caught:
        run.make_report("PAK", notebook, out=tmp_path)
    kept = tmp_path / "failed" / "PAK" / f"{notebook}.ipynb"
    assert (caught.value.cell, caught.value.error, caught.value.kept) == (cell, error, kept)
    assert list(contents(tmp_path)) == [f"failed/PAK/{notebook}.ipynb"]
    made = nbformat.read(kept, as_version=4)
    nbformat.validate(made)
    notes = [at for at, c in enumerate(made.cells) if kernel.FAILED in c.metadata.get("tags", [])]
    code = [at for at, c in enumerate(made.cells) if c.cell_type == "code"]
    assert notes == [0, code[cell - 1] - 1]
    assert f"code cell {cell} of {len(code)}" in made.cells[0].source
    assert capfd.readouterr().err == ""


def test_a_cell_may_be_given_a_time_limit(tmp_path):
    notebook = nbformat.read(NOTEBOOKS / "broken.ipynb", as_version=4)
    notebook.cells[2].source = "import time\n\ntime.sleep(60)"
    with pytest.raises(kernel.NotebookError, match="timed out") as caught:
        kernel.execute(notebook, {"country": "PAK"}, timeout=3)
    assert caught.value.cell == 3


def test_streams_are_joined_however_they_were_cut():
    def cut(*parts):
        pieces = [nbformat.v4.new_output("stream", name=n, text=t) for n, t in parts]
        table = nbformat.v4.new_output("display_data", data={"text/plain": "table"})
        cell = nbformat.v4.new_code_cell("1", outputs=[*pieces, table, *pieces])
        return clean.strip(nbformat.v4.new_notebook(cells=[cell])).cells[0].outputs

    path = "/tmp/ipykernel_123/456.py:1: UserWarning\n"
    one = cut(("stdout", "ab"), ("stderr", path), ("stdout", "c"))
    other = cut(("stderr", path.replace("123", "99")), ("stdout", "a"), ("stdout", "bc"))
    assert one == other
    assert [output.get("text") for output in one] == [
        "abc",
        "cell-456.py:1: UserWarning\n",
        None,
        "abc",
        "cell-456.py:1: UserWarning\n",
    ]


def test_names_that_cannot_name_a_file_fail_the_report():
    output = nbformat.v4.new_output(
        "display_data",
        data={display.TABLE_MIME: {"name": "x", "csv": ""}},
        metadata={display.META: {"kind": "table", "name": "../../x"}},
    )
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1", outputs=[output])])
    with pytest.raises(kernel.NotebookError, match="cannot name a file"):
        outputs.collect(notebook, "n")
