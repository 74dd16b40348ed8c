"""A notebook's parameters: what it takes, and whether what it was given will do.

The cell tagged `parameters` declares them, one assignment of a literal each::

    country: str = "PAK"  # state whose partnerships are reported
    end: int | None = None  # last year; none: as far as the sources go
    weighting: str = "count"  # how events weigh; one of: count, fractional
    window: int = 5  # length in years, from 1 to 10

papermill only warns of a parameter that the notebook does not have, and then reports on the
default; here nothing runs until every value is known to fit.
"""

import ast
import io
import math
import re
import tokenize
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ..errors import ParameterError

_TYPES = {"str": str, "int": int, "float": float, "bool": bool}
_WORDS = {"true": True, "yes": True, "false": False, "no": False}
_CHOICES = re.compile(r"\bone of: ([^;]+)\s*\Z")
_LIMITS = re.compile(r"\bfrom (-?[0-9]+) to (-?[0-9]+)\s*\Z")


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name : str
        The variable.
    kind : type
        str, int, float or bool: of the value, or of each item of a list.
    many : bool
        Whether it is a list.
    optional : bool
        Whether it may be None.
    default : object
        Used where nothing is given.
    doc : str
        The comment behind the assignment.
    choices : tuple of str
        The only values it may have; empty if any will do.
    limits : (int, int), optional
        Least and greatest value of a number.
    """

    name: str
    kind: type
    many: bool
    optional: bool
    default: object
    doc: str
    choices: tuple[str, ...]
    limits: tuple[int, int] | None = None

    @property
    def type_name(self) -> str:
        """The type as an annotation would spell it."""
        inner = f"list[{self.kind.__name__}]" if self.many else self.kind.__name__
        return f"{inner} | None" if self.optional else inner

    def parse(self, text: str) -> object:
        """Turn the text after `NAME=` on a command line into a value; it is never run as code.

        Raises
        ------
        ParameterError
            If the text does not spell a value of this type.
        """
        if self.optional and text.strip().lower() == "none":
            return None
        try:
            if self.many:
                parts = [part.strip() for part in text.split(",")] if text.strip() else []
                value = [_PARSERS[self.kind](part) for part in parts]
            else:
                value = _PARSERS[self.kind](text)
        except ValueError:
            raise self._misfit(text) from None
        return self.check(value)

    def check(self, value: object) -> object:
        """Return a value if it fits; a whole number will do for a float.

        Raises
        ------
        ParameterError
            If it has another type, or is none of the choices.
        """
        if value is None and self.optional:
            return None
        if self.many:
            if not isinstance(value, list | tuple):
                raise self._misfit(value)
            return [self._check_one(item) for item in value]
        return self._check_one(value)

    def _check_one(self, value: object) -> object:
        if self.kind is float and type(value) is int:
            value = float(value)
        if type(value) is not self.kind or (self.kind is float and math.isnan(value)):
            raise self._misfit(value)
        if isinstance(value, str) and not _is_text(value):
            raise self._misfit(value)
        if self.choices and value not in self.choices:
            raise ParameterError(
                f"Parameter {self.name}={_shown(value)}: it is one of {', '.join(self.choices)}."
                + _nearest(str(value), self.choices)
            )
        if self.limits and not self.limits[0] <= value <= self.limits[1]:
            raise ParameterError(
                f"Parameter {self.name}={_shown(value)}: it must lie from {self.limits[0]} to"
                f" {self.limits[1]}."
            )
        return value

    def _misfit(self, value: object) -> ParameterError:
        return ParameterError(
            f"Parameter {self.name}={_shown(value)}: expected {self.type_name}"
            + (f" ({self.doc})." if self.doc else ".")
        )


def declared(notebook: Mapping) -> dict[str, Parameter]:
    """Read what a notebook takes.

    Parameters
    ----------
    notebook : NotebookNode
        With exactly one code cell tagged `parameters`.

    Returns
    -------
    dict
        Name -> Parameter, in the order of the cell.

    Raises
    ------
    ParameterError
        If there is no such cell, or it holds anything but assignments of literals.
    """
    cells = [
        cell
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and "parameters" in cell["metadata"].get("tags", [])
    ]
    if len(cells) != 1:
        raise ParameterError(
            f"The notebook has {len(cells) or 'no'} cell{'s' * (len(cells) > 1)} tagged"
            " `parameters`; a report needs one."
        )
    source = "".join(cells[0]["source"])
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise ParameterError(f"The parameters cell is no Python: {error}.") from error
    comments = _comments(source)
    assignments = [node for node in body if not _is_text_only(node)]
    made = [_declare(node, comments.get(node.end_lineno, "")) for node in assignments]
    return {parameter.name: parameter for parameter in made}


def resolve(parameters: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, object]:
    """Check what was given, and add the defaults of the rest.

    Parameters
    ----------
    parameters : dict of Parameter
        What the notebook takes.
    given : dict
        Name -> value, already of the right type.

    Returns
    -------
    dict
        A value for every parameter, in the order of the notebook.

    Raises
    ------
    ParameterError
        For names that the notebook does not take and values that do not fit; lists all of them.
    """
    return _resolve(parameters, given, Parameter.check)


def parse(parameters: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, object]:
    """Turn texts from a command line into values.

    Parameters
    ----------
    parameters : dict of Parameter
        What the notebook takes.
    given : dict
        Name -> text.

    Returns
    -------
    dict
        Name -> value, for those given only.

    Raises
    ------
    ParameterError
        As `resolve`.
    """
    made = _resolve(parameters, given, Parameter.parse)
    return {name: made[name] for name in given}


def _resolve(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, object],
    convert: Callable[[Parameter, object], object],
) -> dict[str, object]:
    faults = [_unknown(name, parameters) for name in given if name not in parameters]
    values = {}
    for name, parameter in parameters.items():
        try:
            values[name] = convert(parameter, given[name]) if name in given else parameter.default
        except ParameterError as error:
            faults.append(str(error))
    if faults:
        raise ParameterError("\n".join(faults))
    return values


def _unknown(name: str, valid: Iterable[str]) -> str:
    return (
        f"Unknown parameter {_shown(name)}.{_nearest(name, valid)} The notebook takes:"
        f" {', '.join(valid)}."
    )


def _nearest(text: str, valid: Iterable[str]) -> str:
    close = get_close_matches(text, list(valid), n=1)
    return f" Did you mean {close[0]}?" if close else ""


def _shown(value: object) -> str:
    return f"{ascii(value) if not _is_text(value) else repr(value):.100}"


def _is_text(value: object) -> bool:
    """Say whether a string can be written as UTF-8 and holds no NUL."""
    if not isinstance(value, str):
        return True
    try:
        return "\0" not in value.encode().decode()
    except UnicodeError:
        return False


# --- from a command line -------------------------------------------------------------------------


def _integer(text: str) -> int:
    if not re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", text):
        raise ValueError(text)
    return int(text)


def _number(text: str) -> float:
    if not re.fullmatch(r"\s*[+-]?([0-9.]+(e[+-]?[0-9]+)?|inf)\s*", text, re.ASCII | re.IGNORECASE):
        raise ValueError(text)
    return float(text)


def _truth(text: str) -> bool:
    try:
        return _WORDS[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


_PARSERS = {str: str, int: _integer, float: _number, bool: _truth}


# --- from the notebook ---------------------------------------------------------------------------


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


def _declare(node: ast.stmt, doc: str) -> Parameter:
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
    listed = _CHOICES.search(doc)
    choices = tuple(word.strip() for word in listed[1].split(",")) if listed else ()
    ends = _LIMITS.search(doc)
    limits = (int(ends[1]), int(ends[2])) if ends else None
    made = Parameter(target, _TYPES[kind], many, optional, None, doc, choices, limits)
    return Parameter(**{**vars(made), "default": made.check(default)})


def _assignment(node: ast.stmt) -> tuple[str, ast.expr]:
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    plain = isinstance(node, ast.Assign | ast.AnnAssign) and len(targets) == 1
    if not plain or not isinstance(targets[0], ast.Name) or node.value is None:
        raise ParameterError(
            f"The parameters cell may only assign literals to names; line {node.lineno} does"
            f" something else: {ast.unparse(node):.80}"
        )
    return targets[0].id, node.value


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
