"""The explorer where people use it: JupyterLab and Voilà, in a real browser."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from analysis import paths

if not os.environ.get("CI"):
    pytest.importorskip("playwright")
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.slow

NOTEBOOK = "explore.ipynb"
#: of each wait, in milliseconds; on a machine that does nothing else, a few seconds are enough
PATIENCE = 55_000
LABELS = (
    "State", "Instrument", "First year", "Last year", "Window (years)", "Weighting", "Order q",
    "Distance",
)  # fmt: skip
#: tells of every image that is not whole in the frame in which it is put on the page
WATCH = """
window.blank = 0;
new MutationObserver((changes) => {
  if (!changes.some((change) => change.addedNodes.length)) return;
  requestAnimationFrame(() => {
    for (const image of document.querySelectorAll('.widget-html figure img'))
      if (!image.complete || !image.naturalWidth) window.blank += 1;
  });
}).observe(document.body, {childList: true, subtree: true});
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def served(folder: Path, *command: str) -> Iterator[str]:
    """Run a server on a port of its own, all its settings in `folder`; give its address."""
    notebooks = folder / "notebooks"
    shutil.copytree(paths.notebooks_dir(), notebooks, ignore=shutil.ignore_patterns(".*"))
    news = folder / "settings" / "@jupyterlab" / "apputils-extension"
    news.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (news / "notification.jupyterlab-settings").write_text(json.dumps(quiet), "utf-8")
    own = {
        "HOME": folder,
        "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
    }
    env = {**os.environ, **{name: str(place) for name, place in own.items()}}
    port = free_port()
    log = folder / "log"
    with log.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", *command, f"--port={port}", "--no-browser"],
            env=env,
            cwd=notebooks,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/static/favicon.ico", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(30)


def wait_for(address: str, server: subprocess.Popen, log: Path) -> None:
    """Return as soon as somebody answers, whatever the answer."""
    end = time.monotonic() + PATIENCE / 1000
    while time.monotonic() < end and server.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=PATIENCE / 1000).close()
            return
        except urllib.error.HTTPError as error:
            error.close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"no server: {log.read_text('utf-8')}")


@pytest.fixture
def page(browser) -> Iterator[Page]:
    """Page that reaches nothing but the server; `faults` and `outside` tell what it met."""
    opened = browser.new_page(viewport={"width": 1200, "height": 1000})
    opened.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    opened.faults, opened.outside = [], []
    opened.on("pageerror", lambda error: opened.faults.append(str(error)))
    own = re.compile(r"(http|ws)://127\.0\.0\.1:|data:|blob:")

    def answer(route):
        if own.match(route.request.url):
            route.continue_()
        else:
            opened.outside.append(route.request.url)
            route.abort()

    opened.route("**/*", answer)
    yield opened
    opened.close()


def use(page: Page) -> None:
    """Change controls as a person does, and see the figure, table and text follow."""
    image = page.locator(".widget-html figure img")
    expect(image).to_have_attribute("alt", re.compile("Arms imports"))
    for label in LABELS:
        expect(page.get_by_label(label, exact=True)).to_have_count(1)
    page.evaluate(WATCH)
    caption = page.locator(".widget-html figcaption").first
    before = image.get_attribute("src")
    page.get_by_label("State").select_option("India")
    expect(caption).to_have_text(re.compile("^India, arms imports: .* window of 5 years"))
    expect(page.get_by_text("India: first partners in the last window")).to_be_visible()
    after = image.get_attribute("src")
    window = page.get_by_label("Window (years)")
    window.fill("3")
    window.press("Enter")
    expect(caption).to_have_text(re.compile("window of 3 years"))
    assert len({before, after, image.get_attribute("src")}) == 3
    assert page.evaluate("window.blank") == 0
    page.get_by_label("State").select_option("Kiribati")
    expect(page.get_by_text(re.compile("Nothing to show for “Kiribati, arms"))).to_be_visible()
    expect(page.get_by_text("partnerships import sipri FILE").first).to_be_visible()
    expect(image).to_have_count(0)
    assert page.get_by_text("Traceback").count() == 0
    assert page.faults == []


def test_in_jupyterlab(page, tmp_path):
    token = secrets.token_hex(16)
    command = ["jupyterlab", "--allow-root", f"--IdentityProvider.token={token}"]
    with served(tmp_path, *command, "--ServerApp.port_retries=0") as address:
        page.goto(f"{address}/lab/tree/{NOTEBOOK}?token={token}&reset")
        # before its kernel is there, a notebook that is run asks which it should be
        status = page.locator("#jp-main-statusbar")
        expect(status).to_contain_text("(ipykernel) | Idle")
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        use(page)
        assert page.outside == []


def test_in_voila(page, tmp_path):
    """Its own template asks elsewhere for icons, in vain here; the page works without them."""
    with served(tmp_path, "voila", NOTEBOOK, "--Voila.ip=127.0.0.1") as address:
        page.goto(address)
        use(page)
        page.set_viewport_size({"width": 400, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") == 400
