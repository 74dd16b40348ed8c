"""The parameters of notebooks: names, types, ranges and choices, in one table.

Whatever takes them is checked by, or made from, `SCHEMA`: `report -p`, the cells of the notebooks
that ship, the controls of the explorer, `--help`, and the table in docs/own-notebooks.md.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from . import words
from .errors import ParameterError

_TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name : str
        The variable.
    kind : type
        str, int, float or bool: of the value, or of each item of a list.
    doc : str
        What it means; `explanation` adds what it may be.
    default : object
        Used where nothing is given.
    many : bool
        Whether it is a list.
    optional : bool
        Whether it may be None.
    choices : tuple of str
        The only values it may have; empty if any will do.
    limits : (int, int), optional
        Least and greatest value of a number.
    label : str
        Of its control.
    """

    name: str
    kind: Any
    doc: str = ""
    default: object = None
    many: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()
    limits: tuple[int, int] | None = None
    label: str = ""

    @property
    def type_name(self) -> str:
        """The type as an annotation would spell it."""
        inner = f"list[{self.kind.__name__}]" if self.many else self.kind.__name__
        return f"{inner} | None" if self.optional else inner

    @property
    def explanation(self) -> str:
        """What it means and may be; the comment behind it in a notebook that ships."""
        if self.choices:
            return f"{self.doc}; one of: {', '.join(self.choices)}".removeprefix("; ")
        if self.limits:
            return f"{self.doc}, from {self.limits[0]} to {self.limits[1]}".removeprefix(", ")
        return self.doc

    def parse(self, text: str) -> object:
        """Turn the text after `NAME=` on a command line into a value; it is never run as code."""
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
        """Return a value if it fits; a whole number will do for a float."""
        if value is None and self.optional:
            return None
        if self.many:
            if not isinstance(value, list | tuple):
                raise self._misfit(value)
            return [self._check_one(item) for item in value]
        return self._check_one(value)

    def _check_one(self, value: Any) -> Any:
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
            + (f" ({self.explanation})." if self.explanation else ".")
        )


#: every parameter of the notebooks that ship, by name
SCHEMA = {
    one.name: one
    for one in (
        Parameter("country", str, "ISO3 code or name of the state", "PAK", label="State"),
        Parameter(
            "instrument",
            str,
            "none: first with ties",
            optional=True,
            label="Instrument",
            choices=tuple(words.measured_instruments()),
        ),
        Parameter("start", int, "last year of the first window shown", 1990, label="First year"),
        Parameter("end", int, "last year of the last window shown", 2024, label="Last year"),
        Parameter(
            "window",
            int,
            "length of a window in years",
            5,
            limits=(1, 10),
            label="Window (years)",
        ),
        Parameter(
            "weighting",
            str,
            "none: by instrument",
            optional=True,
            label="Weighting",
            choices=tuple(words.WEIGHTINGS),
        ),
        Parameter(
            "continuing",
            str,
            "the Soviet Union and Russia, and the like",
            "one",
            choices=("one", "apart"),
            label="USSR, Russia",
        ),
        Parameter(
            "order",
            float,
            "of the Hill number in the headline: the higher, the more large partners count",
            1.0,
            label="Order q",
        ),
        Parameter("draws", int, "bootstrap draws", 1000, limits=(0, 100_000)),
        Parameter("seed", int, "of the bootstrap", 1, limits=(0, 1_000_000_000)),
        Parameter(
            "peers",
            str,
            "states to compare with: codes or names; none: chosen by a stated rule",
            [],
            many=True,
        ),
        Parameter(
            "rule",
            str,
            "who is a peer",
            ["region"],
            many=True,
            choices=("region", "capabilities", "regime", "rivalry", "record"),
        ),
        Parameter(
            "claims", str, "name of a table of your own; none: the one that ships", optional=True
        ),
        Parameter(
            "shocks", str, "name of a table of your own; none: the one that ships", optional=True
        ),
    )
}


def resolve(parameters: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, object]:
    """Check what was given, and add the defaults of the rest."""
    return _resolve(parameters, given, Parameter.check)


def parse(parameters: Mapping[str, Parameter], given: Mapping[str, str]) -> dict[str, object]:
    """Turn texts from a command line into values."""
    parsed = _resolve(parameters, given, Parameter.parse)
    return {name: parsed[name] for name in given}


def table() -> str:
    """Table of all parameters in Markdown, for the documentation."""
    rows = [
        f"| `{one.name}` | `{one.type_name}` | `{one.default!r}` | {one.explanation} |"
        for one in SCHEMA.values()
    ]
    return "\n".join(["| name | type | default | meaning |", "|---|---|---|---|", *rows]).replace(
        " | None`", " \\| None`"
    )


def _resolve(
    parameters: Mapping[str, Parameter],
    given: Mapping[str, object],
    convert: Callable[[Parameter, Any], object],
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
        f" {', '.join(valid) or 'none'}."
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
        return _TRUTHS[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


_PARSERS: dict[type, Callable] = {str: str, int: _integer, float: _number, bool: _truth}
