"""Take figures and tables out of an executed notebook."""

import base64
from dataclasses import dataclass
from xml.etree import ElementTree

import nbformat

from ..display import META, NAME, TABLE_MIME
from .execution.kernel import failed

#: image types and what their files are called
IMAGES = {"image/svg+xml": "svg", "image/png": "png"}
#: elements that act when a drawing is opened by itself
_ACTIVE = {"script", "foreignObject", "iframe", "a", "set", "animate"}


@dataclass(frozen=True)
class Collected:
    """What a notebook carries out.

    Attributes
    ----------
    files : dict
        Path within the report's folder -> content: `figures/…`, `data/…` and `tables/…`, in the
        notebook's order. Every name begins with the notebook's, so that notebooks can share a
        folder.
    sources : tuple of str
        Short names of the sources it says it used.
    """

    files: dict[str, bytes]
    sources: tuple[str, ...]


def collect(notebook: nbformat.NotebookNode, prefix: str) -> Collected:
    """Find the images of all named figures, the numbers of all named outputs, tables as LaTeX."""
    files: dict[str, bytes] = {}
    sources: set[str] = set()
    for at, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            about = output.get("metadata", {}).get(META, {})
            sources.update(about.get("sources", []))
            for path, content in files_of(output, prefix).items():
                if path.endswith(".svg") and not _is_drawing(content):
                    raise failed(
                        notebook, at, f"the figure {about.get('name')!r} does not only draw"
                    )
                if not NAME.match(str(about.get("name"))) or path in files:
                    fault = "is used twice" if path in files else "cannot name a file"
                    raise failed(notebook, at, f"the output name {about.get('name')!r} {fault}")
                files[path] = content
    return Collected(files, tuple(sorted(sources)))


def _is_drawing(svg: bytes) -> bool:
    """Tell whether an SVG only draws: it runs nothing, and links to nothing outside itself."""
    try:
        elements = list(ElementTree.fromstring(svg).iter())
    except ElementTree.ParseError:
        return False
    attributes = [
        (name.rpartition("}")[2].lower(), value)
        for element in elements
        for name, value in element.items()
    ]
    return not (
        any(element.tag.rpartition("}")[2] in _ACTIVE for element in elements)
        or any(name.startswith("on") for name, _ in attributes)
        or any(
            n == "href" and not value.startswith(("#", "data:image/")) for n, value in attributes
        )
    )


def files_of(output: nbformat.NotebookNode, prefix: str) -> dict[str, bytes]:
    """Files that one output of the notebook `prefix` carries: path -> content."""
    data, about = output.get("data", {}), output.get("metadata", {}).get(META, {})
    found = {}
    if about.get("kind") == "figure":
        for kind, extension in IMAGES.items():
            if kind in data:
                content = data[kind]
                raw = content.encode() if extension == "svg" else base64.b64decode(content)
                found[figure_path(prefix, about.get("name"), extension)] = raw
    if TABLE_MIME in data:
        found[data_path(prefix, about.get("name"))] = data[TABLE_MIME]["csv"].encode()
    if "latex" in data.get(TABLE_MIME, {}):
        found[table_path(prefix, about.get("name"))] = data[TABLE_MIME]["latex"].encode()
    return found


def lighten(notebook: nbformat.NotebookNode) -> None:
    """Leave of each figure in `notebook` one image, its SVG: the PNG lies beside it."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            kind = output.get("metadata", {}).get(META, {}).get("kind")
            if kind == "figure" and "image/svg+xml" in output.data:
                output.data.pop("image/png", None)


def figure_path(prefix: str, name: str, extension: str) -> str:
    """Path of an image: `prefix` is the report's name, `name` the figure's, then `extension`."""
    return f"figures/{prefix}-{name}.{extension}"


def data_path(prefix: str, name: str) -> str:
    """Path of the numbers behind an output: `prefix` is the report's name, `name` its own."""
    return f"data/{prefix}-{name}.csv"


def table_path(prefix: str, name: str) -> str:
    """Path of a table for papers: `prefix` is the report's name, `name` the table's."""
    return f"tables/{prefix}-{name}.tex"
