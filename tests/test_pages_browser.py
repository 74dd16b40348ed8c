"""Every page of the reports in a real browser: quiet, narrow enough, accessible."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis.report import run

pytestmark = pytest.mark.slow

#: a state with much on record, one with most, one with almost nothing
STATES = ("PAK", "USA", "KIR")
PAGES = [
    "index.html", "changes.html",
    *(f"{state}/{name}.html" for state in STATES for name in ("index", *run.unattended())),
]  # fmt: skip
#: what axe calls a fault that somebody could not get past, or would hardly
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def reports(tmp_path_factory) -> Path:
    """All reports on these states, few draws, made by the command as a user would."""
    out = tmp_path_factory.mktemp("reports")
    command = ["-m", "analysis", "report", *STATES, "--notebook", "all", "-p", "draws=20"]
    made = subprocess.run(
        [sys.executable, *command, "--jobs", "2", "--out", str(out)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return out


@pytest.fixture(scope="module")
def opened(reports, browser) -> Iterator:
    """A narrow window that goes from page to page; the policy of the pages is lifted for axe."""
    context = browser.new_context(viewport={"width": 400, "height": 800}, bypass_csp=True)
    yield context
    context.close()


@pytest.fixture(scope="module")
def axe():
    if not os.environ.get("CI"):
        pytest.importorskip("axe_playwright_python")
    from axe_playwright_python.sync_playwright import Axe

    return Axe()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_and_narrow_and_accessible(name, reports, opened, axe):
    page = opened.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((reports / name).as_uri())
    assert said == []
    assert [url for url in asked if not re.match(r"data:|file:", url)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    found = axe.run(page).response["violations"]
    page.close()
    grave = [fault for fault in found if fault["impact"] in GRAVE]
    assert grave == [], "\n".join(map(told, grave))


def told(fault: dict) -> str:
    """A fault with the first places where it is."""
    places = "\n".join(f"    {node['html'][:200]}" for node in fault["nodes"][:4])
    return f"{fault['id']}: {fault['help']} ({len(fault['nodes'])})\n{places}"


def test_the_policy_of_the_pages_holds_without_the_tests_way_round_it(reports, browser):
    """What axe needs is refused by the pages themselves: no script may be put on them."""
    page = browser.new_page()
    page.goto((reports / "PAK" / "country_profile.html").as_uri())
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(
        "(code) => { const s = document.createElement('script'); s.textContent = code;"
        " document.head.append(s); }",
        "document.title = 'taken'",
    )
    assert page.title() != "taken"
    page.close()
    assert len(said) == 1
    assert "Content Security Policy" in said[0]
