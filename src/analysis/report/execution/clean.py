"""Remove from an executed notebook what differs from run to run."""

import re

import nbformat

from ...display import WIDGET_MIME

_PATH_END = re.compile(r"[\s\"'<>\[\]]")
_STYLER_ID = re.compile(r"(?<![\w-])T_[0-9a-f]{5}(?![0-9a-f])")
#: of an object in memory, in the text that Python shows of it
_ADDRESS = re.compile(r"\bat 0x[0-9a-f]+")
_KEPT_CELL_METADATA = ("tags", "jupyter")
#: the name of a cell's file, but for the folder; and what cannot be in a path
CELL_FILE = re.compile(r"[/\\]ipykernel_\d+[/\\](\d+)\.py")


def strip(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Remove in place what differs from run to run: times, paths, ids; and return the notebook."""
    notebook.metadata = nbformat.from_dict(
        {
            **{key: notebook.metadata[key] for key in ("title",) if key in notebook.metadata},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        for key in list(cell.metadata):
            if key not in _KEPT_CELL_METADATA or not cell.metadata[key]:
                del cell.metadata[key]
        if cell.cell_type == "code":
            cell.outputs = _calm(cell.outputs)
    return notebook


def _calm(outputs: list) -> list:
    """Join stream outputs that follow each other: how they are cut up is chance; end widgets."""
    calm: list = []
    streams: dict = {}
    for output in [*outputs, None]:
        if output is not None and output.output_type == "stream":
            streams.setdefault(output.name, []).append(output.text)
            continue
        calm += [
            nbformat.v4.new_output("stream", name=name, text=_without_paths("".join(streams[name])))
            for name in sorted(streams, reverse=True)
        ]
        streams = {}
        if output is not None:
            # a widget lives as long as its kernel; what it showed first stays
            output.get("data", {}).pop(WIDGET_MIME, None)
            if "text/html" in output.get("data", {}):
                output.data["text/html"] = _with_counted_ids(output.data["text/html"])
            if "text/plain" in output.get("data", {}):
                output.data["text/plain"] = _ADDRESS.sub("at 0x…", output.data["text/plain"])
            if output.output_type == "error":
                output.traceback = [_without_paths(line) for line in output.traceback]
            calm.append(output)
    return calm


def _with_counted_ids(html: str) -> str:
    """Replace the ids that a pandas Styler draws at random by numbers in their order."""
    ids = dict.fromkeys(_STYLER_ID.findall(html))
    numbers = {name: f"T_{number}" for number, name in enumerate(ids, start=1)}
    return _STYLER_ID.sub(lambda found: numbers[found[0]], html)


def _without_paths(text: str) -> str:
    """Take folder and process number out of the names that the kernel gives to cells."""
    kept, at = [], 0
    for name in CELL_FILE.finditer(text):
        before = text[at : name.start()]
        # backwards to where the path begins: a pattern for it would try every sign of a long word
        begin = max((end.end() for end in _PATH_END.finditer(before)), default=0)
        kept += [before[:begin], f"cell-{name[1]}.py"]
        at = name.end()
    return "".join([*kept, text[at:]])
