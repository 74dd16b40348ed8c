import base64
import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pypdf
import pytest
from PIL import Image
from toys import HOSTILE, contents, toys  # noqa: F401

from analysis import display
from analysis.errors import ParameterError
from analysis.report import pages, pdf, planning, run, verify

pytestmark = pytest.mark.usefixtures("toys", "pango")

ENTRY = {
    "title": "N",
    "variant": "",
    "parameters": {},
    "sources": {},
    "python": "3",
    "library": {"name": "x", "version": "1", "sha256": "0" * 64},
    "notebook": {"name": "n.ipynb", "sha256": "0" * 64},
}


@pytest.fixture(scope="module")
def pango():
    """Skip where the library is missing, which is no part of the lock files; CI must have it."""
    try:
        pdf.require()
    except ParameterError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def page(*cells: nbformat.NotebookNode) -> str:
    notebook = nbformat.v4.new_notebook(cells=[markdown("# What is it?"), *cells])
    return pages.render(notebook, report="n", subject="Nowhere", parameters={}, entry=ENTRY)


def markdown(text: str) -> nbformat.NotebookNode:
    return nbformat.v4.new_markdown_cell(text)


def shown(data: dict, **about) -> nbformat.NotebookNode:
    cell = nbformat.v4.new_code_cell("1")
    metadata = {display.META: about} if about else {}
    cell.outputs = [nbformat.v4.new_output("display_data", data=data, metadata=metadata)]
    return cell


def image(width: int, height: int) -> dict:
    stream = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(stream, "png")
    return {"image/png": base64.b64encode(stream.getvalue()).decode()}


def table(rows: int) -> nbformat.NotebookNode:
    body = "".join(f"<tr><th scope='row'>row {n}.</th><td>{n}</td></tr>" for n in range(rows))
    html = (
        '<figure class="table"><figcaption>Many rows</figcaption><div class="scroll"><table>'
        f"<thead><tr><th>Heading</th><th>n</th></tr></thead><tbody>{body}</tbody></table></div>"
        "</figure>"
    )
    return shown({"text/html": html}, kind="table", name="t")


def read(text: str) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pdf.render(text)))


def drawn(page: pypdf.PageObject) -> bytes:
    """What draws a page; ` Do` in it puts an image there."""
    return page.get_contents().get_data()


def texts(made: pypdf.PdfReader) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in made.pages]


@pytest.mark.slow
def test_a_report_has_its_pdf_beside_it_and_in_the_manifest(tmp_path):
    made = run.make_report("PAK", "shows", out=tmp_path, parameters={"label": HOSTILE}, pdf=True)
    beside = made.with_suffix(".pdf")
    assert beside.read_bytes() == pdf.render(made.read_text("utf-8"))
    assert verify.verify(tmp_path)[1] == []
    assert f'href="{beside.name}"' in (made.parent / "index.html").read_text("utf-8")
    assert HOSTILE.split()[0] in "".join(texts(pypdf.PdfReader(beside)))


def test_pages_are_numbered_and_say_what_they_are_of():
    made = read(page(markdown("## One\n\n" + "word " * 3000)))
    found = texts(made)
    assert len(found) > 2
    assert all(f"{n} / {len(found)}" in text for n, text in enumerate(found, 1))
    assert all("Nowhere N" in text for text in found)


def test_a_reader_finds_title_language_bookmarks_and_tags():
    made = read(page(markdown("## One\n\ntext\n\n## Two\n\ntext"), shown(image(9, 9), alt="A box")))
    assert made.metadata.title == "Nowhere – N"
    assert made.metadata.creation_date is None
    root = made.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b'pdfuaid:part="1"' in root["/Metadata"].get_object().get_data()
    first = made.outline[0]
    assert first.title == "What is it?"
    assert [entry.title for entry in made.outline[1]] == ["One", "Two", "How this report was made"]
    assert "A box" in alts(root["/StructTreeRoot"])


def alts(node: object) -> list[str]:
    """Alternative texts in the tree of tags."""
    node = node.get_object() if isinstance(node, pypdf.generic.IndirectObject) else node
    if isinstance(node, list):
        return [text for child in node for text in alts(child)]
    if not isinstance(node, dict):
        return []
    return [*([node["/Alt"]] if "/Alt" in node else []), *alts(node.get("/K"))]


def test_links_lead_to_the_web_and_within_but_not_to_files_beside_it():
    links = "[web](https://example.org/a?b=c) [here](#two) [file](data/x.csv) [root](/etc/passwd)"
    made = read(page(markdown(f"{links}\n\n## Two")))
    found = [note.get_object() for one in made.pages for note in one.get("/Annots", [])]
    assert [note["/A"]["/URI"] for note in found if "/A" in note] == ["https://example.org/a?b=c"]
    assert len(found) == 2


def test_every_font_is_embedded():
    made = read(page(markdown("## A\n\n*b* **c** `d` Türkiye ≤ ∞ – “e”\n\n```\nf\n```")))
    fonts = [one.get_object() for p in made.pages for one in p["/Resources"]["/Font"].values()]
    names = set()
    for font in fonts:
        [below] = font["/DescendantFonts"]
        about = below.get_object()["/FontDescriptor"]
        assert {"/FontFile", "/FontFile2", "/FontFile3"} & {*about}
        names.add(font["/BaseFont"].partition("+")[2])
    ours = ("Serif", "Serif-Italic", "Serif-Bold", "Sans", "Sans-Bold", "Mono")
    assert names == {f"Report-{name}" for name in ours}


@pytest.mark.parametrize("before", [0, 400, 700])
@pytest.mark.parametrize("size", [(700, 300), (600, 900), (200, 2000)])
def test_a_figure_is_whole_and_with_its_caption(before, size):
    figure = shown(image(*size), kind="figure", name="f", alt="a", caption="What it shows.")
    made = read(page(markdown("word " * before), figure, markdown("word " * 900)))
    on = [n for n, one in enumerate(made.pages) if b" Do" in drawn(one)]
    assert on == [n for n, text in enumerate(texts(made)) if "Figure 1. What it shows." in text]
    assert len(on) == 1


@pytest.mark.slow
def test_a_table_is_cut_only_if_no_page_can_hold_it():
    def pages_with(rows, what):
        made = texts(read(page(markdown("word " * 400), table(rows))))
        return [n for n, text in enumerate(made) if what in text]

    assert len(pages_with(30, "row ")) == 1
    assert pages_with(150, "Heading") == pages_with(150, "row ")
    assert len(pages_with(150, "row ")) > 2


def test_nothing_outside_the_page_is_read(tmp_path):
    """Else a notebook could put a file of the machine into a PDF that is passed on."""
    box = base64.b64decode(image(40, 40)["image/png"])
    (tmp_path / "secret.png").write_bytes(box)
    addresses = [
        (tmp_path / "secret.png").as_uri(),
        f"data:image/png;base64,{base64.b64encode(box).decode()}",
    ]
    seen = []
    for address in addresses:
        inside = (
            '<svg xmlns="http://www.w3.org/2000/svg" width="50" height="50">'
            f'<image href="{address}" width="40" height="40"/></svg>'
        )
        made = read(page(shown({"image/svg+xml": inside}, kind="figure", name="f", alt="a")))
        seen.append(any(b" Do" in drawn(one) for one in made.pages))
    assert seen == [False, True]


AGAIN = """
import hashlib, sys
from pathlib import Path
from analysis.report import pdf
print(hashlib.sha256(pdf.render(Path(sys.argv[1]).read_text("utf-8"))).hexdigest())
"""


@pytest.mark.slow
def test_another_process_in_another_place_and_time_makes_the_same_bytes(tmp_path):
    figure = shown(image(90, 90), kind="figure", name="f", alt="a", caption="What it shows.")
    text = page(markdown("## One\n\n*b* **c** `d`"), figure, table(60))
    (tmp_path / "page.html").write_text(text, "utf-8")
    package = Path(pdf.__file__).parents[2]
    made = subprocess.run(
        [sys.executable, "-c", AGAIN, "page.html"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(package),
            "PYTHONHASHSEED": "7",
            "HOME": "/nowhere",
            "TZ": "Asia/Karachi",
            "SOURCE_DATE_EPOCH": "1",
            "LC_ALL": "C",
        },
    )
    assert made.stdout.strip() == hashlib.sha256(pdf.render(text)).hexdigest()


@pytest.mark.parametrize("error", [ImportError("no module"), OSError("no library libpango")])
def test_what_is_missing_is_named(error, monkeypatch):
    def missing():
        raise error

    monkeypatch.setattr(pdf, "_silently_imported", missing)
    with pytest.raises(ParameterError, match=r"--pdf needs .*(weasyprint|Pango)"):
        pdf.require()


@pytest.mark.slow
def test_a_report_without_its_pdf_is_made_again_and_one_with_it_is_not(tmp_path, monkeypatch):
    def whys(**asked):
        [task] = planning.plan(["PAK"], {"shows": {}}, out=tmp_path, resume=True, **asked)
        return task.whys

    run.make_report("PAK", "shows", out=tmp_path)
    assert (whys(), whys(pdf=True)) == ([], ["pdf"])
    run.make_report("PAK", "shows", out=tmp_path, pdf=True)
    assert (whys(), whys(pdf=True)) == ([], [])
    monkeypatch.setattr(pdf, "made_by", lambda: {"weasyprint": "0"})
    assert whys(pdf=True) == ["pdf"]
