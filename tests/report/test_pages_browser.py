"""Every page of the reports in a real browser: quiet, narrow enough, accessible."""

import io
import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from analysis.report import run

if not os.environ.get("CI"):
    pytest.importorskip("axe_playwright_python")

pytestmark = pytest.mark.slow

#: a state with much on record, one with almost nothing: all reports; one with most: the main one
STATES, LARGE = ("PAK", "KIR"), "USA"
PAGES = [
    "index.html",
    "changes.html",
    f"{LARGE}/{run.DEFAULT}.html",
    *(f"{state}/{name}.html" for state in STATES for name in ("index", *run.unattended())),
]
#: what axe calls a fault that somebody could not get past, or would hardly
GRAVE = {"serious", "critical"}


@pytest.fixture(scope="module")
def reports(make_reports) -> Path:
    """All reports on these states."""
    make_reports(LARGE, notebook=run.DEFAULT)
    return make_reports(*STATES)


@pytest.fixture(scope="module")
def opened(reports, browser) -> Iterator:
    """A window that goes from page to page; the policy of the pages is lifted, for axe only."""
    context = browser.new_context(viewport={"width": 400, "height": 800}, bypass_csp=True)
    yield context
    context.close()


def grave(page) -> list[str]:
    """Faults of accessibility that axe-core finds, each with the first places where it is."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        "\n    ".join(
            [f"{fault['id']}: {fault['help']}", *(n["html"][:200] for n in fault["nodes"])]
        )
        for fault in found
        if fault["impact"] in GRAVE
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_and_narrow_and_accessible(name, reports, opened):
    page = opened.new_page()
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((reports / name).as_uri())
    assert said == []
    assert [url for url in asked if not re.match(r"data:|file:", url)] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 400
    assert grave(page) == []
    page.set_viewport_size({"width": 1280, "height": 800})
    assert grave(page) == []
    page.close()


def brightness(element) -> list[float]:
    """Mean of the outermost pixels at the left and right of what an element shows, 255 is white."""
    shot = np.asarray(Image.open(io.BytesIO(element.screenshot())).convert("L"), float)
    return [float(shot[:, columns].mean()) for columns in (slice(1, 3), slice(-3, -1))]


def test_a_shadow_says_on_which_side_there_is_more(reports, opened):
    """Without it a figure that is cut by the edge of the window looks like one that ends there."""
    page = opened.new_page()
    page.goto((reports / "PAK" / "claims.html").as_uri())
    for kind in ("table", "image"):
        cut = page.locator(f"figure.{kind} .scroll").first
        assert cut.evaluate("box => box.scrollWidth > box.clientWidth + 100")
        left, right = brightness(cut)
        assert right < left - 20
        cut.evaluate("box => box.scrollTo(box.scrollWidth, 0)")
        assert brightness(cut)[1] > right + 10  # of paper and ink
    page.close()


def test_faults_would_be_found(opened):
    page = opened.new_page()
    page.set_content('<p style="color: #ccc">pale</p><img src="data:,">')
    assert {fault.partition(":")[0] for fault in grave(page)} >= {"color-contrast", "image-alt"}
    page.close()


def test_the_policy_of_the_pages_lets_no_script_in(reports, browser):
    """What axe needs is refused by the pages themselves, as anybody else opens them."""
    page = browser.new_page()
    page.goto((reports / "PAK" / "country_profile.html").as_uri())
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.evaluate(
        "const added = document.createElement('script'); added.textContent = 'window.taken = 1';"
        " document.head.append(added);"
    )
    assert page.evaluate("window.taken") is None
    page.close()
    assert len(said) == 1
    assert "Content Security Policy" in said[0]
