"""What a notebook takes: the names and defaults in its cell tagged `parameters`.

The cell holds one assignment of a literal each::

    country: str = "PAK"  # state whose partnerships are reported
    window: int = 5  # length of a window in years, from 1 to 10
    threshold: float = 0.5  # a parameter of the notebook's own

A name that `analysis.parameters.SCHEMA` knows, of the type that it says, has the ranges and choices
of the schema. Any other is the notebook's own: its type is that of the annotation, else of the
default. A comment explains, and decides nothing.

papermill only warns of a parameter that the notebook does not have, and then reports on the
default; here nothing runs until every value is known to fit.
"""

import ast
import io
import re
import tokenize
from collections.abc import Mapping
from dataclasses import replace

from ..errors import ParameterError
from ..parameters import SCHEMA, Parameter

_TYPES = {"str": str, "int": int, "float": float, "bool": bool}


def declared(notebook: Mapping) -> dict[str, Parameter]:
    """Read what a notebook takes."""
    cells = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", [])
    ]
    if len(cells) > 1:
        raise ParameterError(
            f"The notebook has {len(cells)} cells tagged `parameters`; a report needs one, or none."
        )
    source = "".join(cells[0]["source"]) if cells else ""
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"The parameters cell is no Python: {error}.") from error
    comments = _comments(source)
    assignments = [node for node in body if not _is_text_only(node)]
    found = [_declare(node, comments.get(node.end_lineno or 0, "")) for node in assignments]
    return {parameter.name: parameter for parameter in found}


def _comments(source: str) -> dict[int, str]:
    """Comment at the end of each line, by line number."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT and token.line.strip() != token.string
    }


def _is_text_only(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _declare(node: ast.stmt, comment: str) -> Parameter:
    target, value = _assignment(node)
    try:
        default = ast.literal_eval(value)
    except ValueError as error:
        raise ParameterError(f"Parameter {target}: its default must be a literal.") from error
    annotation = getattr(node, "annotation", None)
    kind, many, optional = _inferred(default) if annotation is None else _annotated(annotation)
    if kind not in _TYPES:
        raise ParameterError(
            f"Parameter {target}: its type must be {', '.join(_TYPES)}, a list of one of them, or"
            " either with `| None`."
        )
    own = Parameter(target, _TYPES[kind], comment, many=many, optional=optional)
    return _with_default(_as_in_schema(own), default)


def _as_in_schema(own: Parameter) -> Parameter:
    """Take range, choices and meaning from the schema, if it knows this parameter."""
    known = SCHEMA.get(own.name)
    if known is None or (known.kind, known.many) != (own.kind, own.many):
        return own
    return replace(known, optional=own.optional)


def _with_default(parameter: Parameter, default: object) -> Parameter:
    try:
        return replace(parameter, default=parameter.check(default))
    except ParameterError as error:
        if parameter.name not in SCHEMA:
            raise
        raise ParameterError(
            f"{error} The package has a parameter of this name ({parameter.explanation}); give"
            " yours another name."
        ) from None


def _assignment(node: ast.stmt) -> tuple[str, ast.expr]:
    targets: list = []
    value: ast.expr | None = None
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign):
        targets, value = [node.target], node.value
    if len(targets) != 1 or not isinstance(targets[0], ast.Name) or value is None:
        raise ParameterError(
            f"The parameters cell may only assign literals to names; line {node.lineno} does"
            f" something else: {ast.unparse(node):.80}"
        )
    return targets[0].id, value


def _inferred(default: object) -> tuple[str, bool, bool]:
    """Type of a parameter without annotation: that of its default; None may become a text."""
    if default is None:
        return "str", False, True
    if isinstance(default, list):
        return (type(default[0]).__name__ if default else "str"), True, False
    return type(default).__name__, False, False


def _annotated(annotation: ast.expr) -> tuple[str, bool, bool]:
    text = ast.unparse(annotation).replace(" ", "")
    parts = [part for part in text.split("|") if part != "None"]
    inner = parts[0] if len(parts) == 1 else ""
    listed = re.fullmatch(r"list\[(\w+)\]", inner)
    return (listed[1] if listed else inner), bool(listed), "|None" in text or "None|" in text
