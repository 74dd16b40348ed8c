"""Make one HTML page of an executed notebook: self-contained, without code, inert.

The page asks for nothing from anywhere: styles are inside, figures are data, and a
Content-Security-Policy forbids the rest. Whatever comes from data is text: the template escapes by
default, HTML inside Markdown shows as it is written, and HTML outputs are made inert. nbconvert's
exporter gives no such guarantee, reads templates from the user's folders, and parses every finished
page a second time.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from pathlib import Path

import mistune
import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from ..display import META, NOTHING
from ..parameters import Parameter
from . import names, outputs
from .inert import inert

_TEMPLATES = Path(__file__).with_name("template")
_TAG = re.compile(r"<[^<>]+>")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
#: what an output shows if it is none of ours, best first
_SHOWN = ("image/svg+xml", "image/png", "image/jpeg", "text/html", "text/markdown", "text/plain")
#: what the files beside a page are called
_KINDS = {"svg": "SVG", "png": "PNG", "csv": "numbers (CSV)", "tex": "LaTeX"}
_CONTENTS_FROM = 3


class _Renderer(mistune.HTMLRenderer):
    """Markdown to HTML: raw HTML is escaped, headings can be linked to, images are data only."""

    def __init__(self):
        super().__init__(escape=True)
        self.headings: list[dict] = []

    def heading(self, text: str, level: int, **_: object) -> str:
        plain = unescape(_TAG.sub("", text)).strip()
        slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or "section"
        used = {heading["id"] for heading in self.headings}
        unique = next(
            name
            for n in range(1, len(used) + 2)
            if (name := slug if n == 1 else f"{slug}-{n}") not in used
        )
        self.headings.append({"id": unique, "level": level, "text": plain})
        return f'<h{level} id="{unique}">{text}</h{level}>\n'

    def image(self, text: str, url: str, title: str | None = None) -> str:
        if url.startswith(("data:image/png;base64,", "data:image/svg+xml;base64,")):
            return f'<img alt="{escape(unescape(text))}" src="{escape(url)}">'
        return text


def render(
    notebook: nbformat.NotebookNode,
    *,
    report: str,
    subject: str,
    parameters: Mapping[str, Parameter],
    entry: Mapping,
) -> str:
    """Make the page."""
    renderer = _Renderer()
    markdown = mistune.Markdown(
        renderer, plugins=[mistune.import_plugin(name) for name in ("table", "strikethrough")]
    )
    cells = _telling(notebook.cells)
    blocks = [block for cell in cells for block in _blocks(cell, markdown, report)]
    headings = renderer.headings
    sections = [heading for heading in headings if heading["level"] == 2]
    return _template("report.html.j2").render(
        blocks=blocks,
        subject=subject,
        title=entry["title"],
        group=names.notebook_of(report),
        has_heading=any(heading["level"] == 1 for heading in headings),
        contents=sections if len(sections) >= _CONTENTS_FROM else [],
        parameters=[(parameters[name], value) for name, value in entry["parameters"].items()],
        entry=entry,
        notebook=f"{report}.ipynb",
        style=Markup(_part("report.css")),
    )


def title(notebook: nbformat.NotebookNode, name: str) -> str:
    """Title of a `notebook`: as its metadata say, else its first heading, else its `name`."""
    given = notebook.metadata.get("title")
    first = next((heading["text"] for heading in _headings(notebook)), "")
    return (given if isinstance(given, str) else "") or first or name


def question(notebook: nbformat.NotebookNode) -> str:
    """Find what a notebook asks: its first heading of the first level; empty if it has none."""
    return next((found["text"] for found in _headings(notebook) if found["level"] == 1), "")


def _headings(notebook: nbformat.NotebookNode) -> list[dict]:
    renderer = _Renderer()
    markdown = mistune.Markdown(renderer)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            markdown(cell.source)
    return renderer.headings


def page(template: str, *, script: str | None = None, **values: object) -> str:
    """Make a page of the site."""
    style = _part("report.css") + _part("site.css")
    code = _part(script) if script else ""
    scripts = _hash(code) if code else "'none'"
    policy = (
        f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {scripts};"
        " base-uri 'none'; form-action 'none'"
    )
    return _template(template).render(
        **values, style=Markup(style), script=Markup(code), policy=policy
    )


def _part(name: str) -> str:
    return (_TEMPLATES / name).read_text("utf-8")


def _hash(text: str) -> str:
    """Hash of an inline style or script, as a Content-Security-Policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _template(name: str) -> Template:
    env = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return env.get_template(name)


def _telling(cells: list[nbformat.NotebookNode]) -> Iterator[nbformat.NotebookNode]:
    """Leave out the sections in which every output says that there is nothing to show."""
    section: list[nbformat.NotebookNode] = []
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            yield from _worth(section)
            section = []
        section.append(cell)
    yield from _worth(section)


def _worth(section: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    every = [output for cell in section for output in cell.get("outputs", [])]
    kinds = {output.get("metadata", {}).get(META, {}).get("kind") for output in every}
    return [] if kinds == {NOTHING} else section


def _blocks(cell: nbformat.NotebookNode, markdown: mistune.Markdown, report: str) -> Iterator[dict]:
    if cell.cell_type == "markdown":
        yield {"kind": "markdown", "files": [], "html": Markup(markdown(cell.source))}
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            yield {"kind": "text", "text": _ANSI.sub("", output.text)}
        elif output.output_type in ("display_data", "execute_result"):
            yield from _shown(output, markdown, report)


def _shown(
    output: nbformat.NotebookNode, markdown: mistune.Markdown, report: str
) -> Iterator[dict]:
    data, about = output.data, output.get("metadata", {}).get(META, {})
    paths = outputs.files_of(output, report)
    links = {"name": about.get("name"), "files": [(path, _kind(path)) for path in paths]}
    html = Markup(inert(data["text/html"], name=about.get("name"))) if "text/html" in data else ""
    kinds = (kind for kind in _SHOWN if kind in data and (kind != "text/html" or html))
    kind = next(kinds, None)
    if kind is None:
        return
    if kind == "text/html":
        ours = about.get("kind") == "table"
        yield {"kind": "table" if ours else "foreign", **links, "html": html}
    elif kind.startswith("image/"):
        yield {
            "kind": "figure",
            **links,
            "src": _as_address(kind, data[kind]),
            "alt": about.get("alt", "A figure without a description"),
            "caption": about.get("caption"),
            "width": _width(output, kind),
        }
    elif kind == "text/markdown":
        yield {"kind": "markdown", **links, "html": Markup(markdown(data[kind]))}
    else:
        yield {"kind": "text", "text": _ANSI.sub("", data[kind])}


def _width(output: nbformat.NotebookNode, kind: str) -> int | None:
    """In pixels, where an output has more of them for sharp screens."""
    sizes = output.get("metadata", {}).get(kind, {})
    width = sizes.get("width") if isinstance(sizes, dict) else None
    return width if isinstance(width, int) else None


def _kind(path: str) -> str:
    return _KINDS[path.rpartition(".")[2]]


def _as_address(kind: str, content: str) -> str:
    """Embed an image: as an image, not as part of the page, so nothing in it can act."""
    raw = content.encode() if kind == "image/svg+xml" else base64.b64decode(content)
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"
