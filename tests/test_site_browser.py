"""The pages of the site as a browser shows them: data stay text, our script runs, no other."""

import os
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

import pytest
from test_report_site import SCRIPT, measured, partner, put
from toys import toys  # noqa: F401

from analysis.report import place, runs, site

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
#: would change the page's title, if it ran
ACTS = "<script>document.title='taken'</script>"

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("toys")]


@pytest.fixture(scope="module")
def browser() -> str:
    """Path of a Chromium; without one the tests are skipped, but not in CI."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and not os.environ.get("CI"):
        pytest.skip(f"needs one of {', '.join(BROWSERS)}")
    assert found, "CI must have a Chromium"
    return found


@pytest.fixture
def dom(browser, tmp_path):
    """Return a function: the document that a page has become once its scripts have run."""

    def dump(page: Path) -> str:
        options = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path}/user",
        ]
        made = subprocess.run(
            [browser, *options, "--dump-dom", page.as_uri()],
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        return made.stdout

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
    with place.staging(out) as aside:
        place.keep_failed(out, aside, state="IND", report="arms", notebook=b"{}")
    runs.record(out, "IND", "arms", error=ACTS)
    site.write(out)
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
