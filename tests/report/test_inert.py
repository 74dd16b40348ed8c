"""HTML of an own notebook's outputs: what shows text stays, and nothing acts in a browser."""

import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_report import ENTRY, Page

from analysis import display
from analysis.report import pages
from analysis.report.inert import inert
from analysis.report.outputs import _is_drawing

#: each would run, load, leave, submit, or cover the page
ACTS = [
    "<script>document.title='taken'</script>",
    "<img src=x onerror=\"document.title='taken'\">",
    "<img src='http://127.0.0.1:9/pixel.png'>",
    "<svg onload=\"document.title='taken'\"><script>document.title='taken'</script></svg>",
    "<svg><a xlink:href='javascript:document.title=1'><text>x</text></a></svg>",
    "<iframe srcdoc=\"<script>parent.document.title='taken'</script>\"></iframe>",
    "<iframe src='http://b.c/'></iframe><object data='x.html'></object><embed src='x.html'>",
    "<form action='http://127.0.0.1:9/'><input name=a><button>go</button></form>",
    "<meta http-equiv='refresh' content='0; url=http://127.0.0.1:9/'>",
    "<base href='http://127.0.0.1:9/'><link rel=stylesheet href='x.css'>",
    "<a href='http://127.0.0.1:9/'>out</a><a href='javascript:document.title=1'>run</a>",
    "<style>* { display: none } body::before { content: 'taken' }</style>",
    "<style>#a { position: fixed; inset: 0; background: url(//b.c/p) }</style><p id=a>x</p>",
    "<div style='position:fixed;top:0;left:0;width:100vw;height:100vh;background:red'>x</div>",
    "<div style='background:url(http://127.0.0.1:9/p);color:red' class='hidden'>x</div>",
    "<p style='color:re\\64;background:u\\72l(http://127.0.0.1:9/p)'>x</p>",
    "<math><mtext></p><script>document.title='taken'</script></math>",
    "<noscript><p title='</noscript><img src=x onerror=document.title=1>'></noscript>",
    "<table><tr><td onclick='document.title=1' onmouseover='document.title=1'>x</td></tr></table>",
    "</main></body><plaintext>",
    "<!--><script>document.title='taken'</script>-->",
]


@pytest.mark.parametrize("html", ACTS)
def test_nothing_that_acts_is_left(html):
    made = Page(inert(f"<table><tr><td>{html}</td></tr></table>"))
    assert {*made.tags} <= {"table", "tbody", "tr", "td", "p", "div"}
    assert {(name, value) for _, name, value in made.attributes if name != "style"} <= {
        ("class", "")
    }
    assert "url" not in "".join(made.values("style"))
    assert "position" not in "".join(made.values("style"))


@given(st.text())
def test_no_text_becomes_more_than_text(text):
    made = Page(inert(f"<p>{text}</p>"))
    assert not {name for _, name, _ in made.attributes if name.startswith("on")}
    assert not {*made.tags} & {"script", "iframe", "img", "a", "svg", "form", "style"}


def test_colours_of_a_styler_and_our_own_tables_stay():
    rows = pd.DataFrame({"x": [1, 2], "y": ["a", "b"]})
    styled = rows.style.highlight_max(subset=["x"], color="gold").bar(subset=["x"])
    assert "background-color:gold" in inert(styled.to_html())
    data, _ = display.table(rows, name="t", caption="c <b>", source_note="n")._repr_mimebundle_()
    assert inert(data["text/html"], name="t") == data["text/html"]
    assert inert("<div> <script>1</script>&nbsp;</div>") == ""


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        "<g onload='1'/>",
        "<a href='http://b.c'/>",
        "<image href='http://b.c'/>",
        "<foreignObject/>",
        "<",
        "<use x:href='http://b.c#x' xmlns:x='http://www.w3.org/1999/xlink'/>",
    ],
)
def test_a_figure_that_does_more_than_draw_is_refused(inside):
    svg = "<svg xmlns='http://www.w3.org/2000/svg'>{}</svg>"
    assert not _is_drawing(svg.format(inside).encode())
    assert _is_drawing(svg.format("<g id='x'><use href='#x'/></g>").encode())


@pytest.mark.slow
def test_a_browser_shows_such_a_page_and_nothing_happens(browser, tmp_path):
    """Nothing is asked for, run, left for elsewhere or covered, whatever is clicked."""
    outputs = [
        nbformat.v4.new_output("display_data", data={"text/html": html}, metadata=about)
        for html in ACTS
        for about in ({}, {display.META: {"kind": "table", "name": "t"}})
    ]
    cell = nbformat.v4.new_code_cell("1", outputs=outputs)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Q?"), cell])
    text = pages.render(notebook, report="n", subject="Nowhere", parameters={}, entry=ENTRY)
    path = tmp_path / "n.html"
    path.write_text(text, "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    for element in page.locator("main *").all():
        element.dispatch_event("click")
        element.dispatch_event("mouseover")
    assert (page.title(), page.url) == ("Nowhere – N", path.as_uri())
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).display") == "block"
    header = page.locator("header").bounding_box()
    at = f"document.elementFromPoint({header['x'] + 5}, {header['y'] + 30}).closest('header')"
    assert page.evaluate(f"{at} !== null")
    page.close()
