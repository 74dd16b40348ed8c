"""The pages of the site as a browser shows them: data stay text, our script runs, no other."""

import re
from html import escape
from pathlib import Path

import pytest
from test_site import SCRIPT, measured, partner, put
from toys import toys  # noqa: F401

from analysis.report import publish
from analysis.report.site import index, run_log

#: would change the page's title, if it ran
ACTS = "<script>document.title='taken'</script>"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("toys")]


@pytest.fixture
def dom(browser):
    """Return a function: the document that a page has become once its scripts have run."""

    def dump(file: Path, width: int = 1280) -> str:
        page = browser.new_page(viewport={"width": width, "height": 900})
        page.goto(file.as_uri())
        shown = page.content()
        page.close()
        return shown

    return dump


@pytest.fixture
def hostile(tmp_path) -> Path:
    """Folder of reports in which every text that comes from outside is a script."""
    out = tmp_path / "out"
    about = {"title": ACTS, "question": f"{ACTS}{SCRIPT}", "parameters": {"x": ACTS}}
    sources = {ACTS: {"version": "1"}}
    series = measured(2010, 3.0, 2, 4)
    put(out, headline=series, partners=partner("CHN", "China"), sources=sources, **about)
    series = series.replace("3.0", "9.0").replace("toy", ACTS) + series.replace("3.0", "8.0")
    put(out, headline=series, partners=partner("XXX", SCRIPT) + partner("YYY", ACTS), **about)
    with publish.staging(out) as aside:
        publish.keep_failed(out, aside, state="IND", report="arms", notebook=b"{}")
    run_log.record(out, "IND", "arms", error=ACTS)
    index.write(out)
    return out


@pytest.mark.parametrize("name", ["index.html", "changes.html", "PAK/index.html"])
def test_scripts_from_data_are_text(name, hostile, dom):
    shown = dom(hostile / name)
    assert "<title>taken</title>" not in shown
    assert escape(ACTS, quote=False) in shown
    if name != "PAK/index.html":
        assert f"Partners that came, joint exercises (toy): {escape(SCRIPT)}" in shown
    assert shown.count("<script>") == (name == "index.html")


def test_our_own_script_runs(hostile, dom):
    """That it has shown the search and counted the states proves that its hash is right."""
    shown = dom(hostile / "index.html")
    assert re.search(r'<form id="find" role="search">', shown)
    assert re.search(r'<p id="count" role="status">1 of 1</p>', shown)
    assert shown.count("<button") == 4


def test_another_script_on_the_page_would_not_run(hostile, dom):
    """The second wall: even if a text were not escaped."""
    page = hostile / "changes.html"
    page.write_text(page.read_text("utf-8").replace("</main>", f"{ACTS}</main>"), "utf-8")
    assert "<title>taken</title>" not in dom(page)
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text("utf-8"))
    page.write_text(bare, "utf-8")
    assert "<title>taken</title>" in dom(page)


# --- search and sort -----------------------------------------------------------------------------


@pytest.fixture
def acted(tmp_path, dom):
    """Return a function: the index of three states after a script has used it."""
    put(tmp_path / "out", headline=measured(2010, 12.0))
    put(tmp_path / "out", state="IND", headline=measured(2010, 9.0))
    put(tmp_path / "out", state="KIR")
    put(tmp_path / "out", state="TUR", headline=measured(2010, 10.5))
    index.write(tmp_path / "out")

    def after(script: str, **options: int) -> str:
        text = (tmp_path / "out" / "index.html").read_text("utf-8")
        text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", text)
        page = tmp_path / "out" / "acted.html"
        page.write_text(text.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
        return dom(page, **options)

    return after


def order(shown: str) -> list[str]:
    """Codes of the rows that are not hidden, from the top."""
    return [
        row for row, rest in re.findall(r'<tr id="(\w+)"([^>]*)>', shown) if "hidden" not in rest
    ]


PRESS = "document.querySelectorAll('th button')[{}].click();"


@pytest.mark.parametrize(
    ("presses", "expected"),
    [
        ([], ["IND", "KIR", "PAK", "TUR"]),
        ([1], ["IND", "TUR", "PAK", "KIR"]),  # 9 < 10.5 < 12: as numbers, not as text
        ([1, 1], ["PAK", "TUR", "IND", "KIR"]),  # what has no number stays last
        ([0, 0], ["TUR", "PAK", "KIR", "IND"]),
        ([1, 0], ["IND", "KIR", "PAK", "TUR"]),
    ],
)
def test_columns_sort_both_ways(presses, expected, acted):
    shown = acted("".join(PRESS.format(column) for column in presses))
    assert order(shown) == expected
    assert len(re.findall("<th[^>]* aria-sort=", shown)) == bool(presses)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("pak", ["PAK"]),
        ("TURKIYE", ["TUR"]),
        ("asia", ["IND", "KIR", "PAK", "TUR"]),
        ("south asia", ["IND", "PAK"]),
        ("country PROFILE k", ["KIR", "PAK", "TUR"]),
        ("(", []),
        ("  ", ["IND", "KIR", "PAK", "TUR"]),
    ],
)
def test_search_finds_states_whatever_the_accents(typed, expected, acted):
    script = f"const box = document.getElementById('text'); box.value = '{typed}';"
    shown = acted(f"{script} box.dispatchEvent(new Event('input', {{bubbles: true}}));")
    assert order(shown) == expected
    assert f">{len(expected)} of 4</p>" in shown


def test_the_table_scrolls_and_not_the_page(acted):
    script = "document.title = `${document.documentElement.scrollWidth} of ${innerWidth}`;"
    assert "<title>400 of 400</title>" in acted(script, width=400)
