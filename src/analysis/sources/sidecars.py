"""Read `source.yml`, the sidecar of a source: plain YAML, every field checked.

A sidecar of an import lies in the user's folder and may be anything; whatever is wrong with it is
told in one line that names the file and the field.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from ..errors import SourceFileError
from ..files import inputs

#: fields of a sidecar, none of them empty; without `short` a source goes by its key
FIELDS = (
    "title", "short", "producer", "version", "published", "accessed", "url", "licence", "citation",
    "unit", "instrument", "coverage", "sampling", "caveats", "changes", "origin", "files",
)  # fmt: skip

_LARGEST = 1_000_000
_DATED = ("published", "accessed")
_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?\Z")
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
_STATE = re.compile(r"[A-Z]{3}\Z")

Check = Callable[[object], Iterator[str]]


def read(path: Path) -> dict[str, Any]:
    """Read a sidecar.

    Parameters
    ----------
    path : Path
        The file `source.yml`.

    Returns
    -------
    dict
        Its fields, as they are written; `version`, `published` and `accessed` as text.

    Raises
    ------
    SourceFileError
        If it is no YAML mapping, a name stands twice in one, a field is missing, empty, unknown or
        not of its kind: all are listed.
    """
    fields = {"short": path.parent.name, **parse(path)}
    wrong = [f"lacks {name}" for name in FIELDS if fields.get(name) in (None, "", [], {})]
    wrong += [f"has the unknown field {name}" for name in fields if name not in FIELDS]
    wrong += [
        f"{name} {fault}"
        for name, check in _CHECKS.items()
        if fields.get(name) not in (None, "", [], {})
        for fault in check(fields[name])
    ]
    if wrong:
        raise SourceFileError(f"{path} {'; '.join(wrong)}.")
    for name in ("version", *_DATED):
        fields[name] = str(fields[name])
    return fields


def parse(path: Path) -> dict[str, Any]:
    """Read the mapping of a sidecar, its fields unchecked.

    Raises
    ------
    SourceFileError
        If it is no YAML mapping, or a name stands twice in one.
    """
    try:
        fields = yaml.load(inputs.read_bytes(path, most=_LARGEST).decode("utf-8"), _Plain)
    except RecursionError as error:
        raise SourceFileError(f"{path} cannot be read: lists within lists without end.") from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise SourceFileError(f"{path} cannot be read: {_reason(error)}.") from error
    if not isinstance(fields, dict):
        raise SourceFileError(f"{path} is not a list of `field: value` lines.")
    return fields


def _reason(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return " ".join(str(error).split())[:200]
    return f"line {mark.line + 1}: {' '.join(str(getattr(error, 'problem', '')).split())[:200]}"


class _Plain(yaml.SafeLoader):
    """YAML without aliases, which may grow without end, tags, names that stand twice, and dates."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Build a node, which must not stand for another."""
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(
                None, None, "anchors and aliases (& and *) are not allowed", event.start_mark
            )
        if getattr(event, "tag", None):
            raise yaml.composer.ComposerError(
                None, None, "tags (!) are not allowed", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """Build a mapping, in which each name stands once."""
        names = [self.construct_object(name, deep=True) for name, _ in node.value]
        if twice := [name for at, name in enumerate(names) if name in names[:at]]:
            mark = node.value[names.index(twice[0], names.index(twice[0]) + 1)][0].start_mark
            raise yaml.constructor.ConstructorError(
                None, None, f"the name {twice[0]!r} stands twice", mark
            )
        return super().construct_mapping(node, deep=deep)


_NOT_RESOLVED = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge")
#: a date stays text, and is checked as such
_Plain.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag not in _NOT_RESOLVED]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


# --- what may stand in each field: each check yields what is wrong -------------------------------


def _is_text(value: object) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"is {_shown(value)}; a text is expected"


def _is_dated(value: object) -> Iterator[str]:
    text = str(value) if isinstance(value, str | int) else ""
    if not _DATE.match(text) or not _exists(text):
        yield f"is {_shown(value)}; a date is expected, as 2020, 2020-02 or 2020-02-29"


def _exists(text: str) -> bool:
    parts = [int(part) for part in text.split("-")]
    try:
        date(*parts, *[1] * (3 - len(parts)))
    except ValueError:
        return False
    return True


def _is_version(value: object) -> Iterator[str]:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        yield f"is {_shown(value)}; a text is expected"


def _is_texts(value: object) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        yield f"is {_shown(value)}; a list of texts is expected"


def _is_mapping(**checks: Check) -> Check:
    """Make the check of a mapping from those of its fields; `_`: the field may be missing."""
    names = {name.removeprefix("_"): check for name, check in checks.items()}
    needed = [name for name in checks if not name.startswith("_")]

    def faults(value: object) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"is {_shown(value)}; a mapping is expected"
            return
        yield from (f"lacks {name}" for name in needed if name not in value)
        yield from (f"has the unknown field {name}" for name in value if name not in names)
        for name, check in names.items():
            if name in value:
                yield from (f"{name} {fault}" for fault in check(value[name]))

    return faults


def _is_list_of(check: Check) -> Check:
    def faults(value: object) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"is {_shown(value)}; a list is expected"
            return
        for number, entry in enumerate(value, 1):
            yield from (f"{number} {fault}" for fault in check(entry))

    return faults


def _is_years(value: object) -> Iterator[str]:
    good = (
        isinstance(value, list)
        and len(value) == 2
        and all(type(year) is int and 1 <= year <= 9999 for year in value)
        and value[0] <= value[1]
    )
    if not good:
        yield f"is {_shown(value)}; two years are expected, the first not after the last"


def _is_states(value: object) -> Iterator[str]:
    is_list = isinstance(value, list) and all(
        isinstance(code, str) and _STATE.match(code) for code in value
    )
    if value != "all" and not (is_list and value):
        yield f"is {_shown(value)}; `all` or a list of ISO3 codes is expected"


def _is_flag(value: object) -> Iterator[str]:
    if not isinstance(value, bool):
        yield f"is {_shown(value)}; true or false is expected"


def _is_count(value: object) -> Iterator[str]:
    if type(value) is not int or value < 0:
        yield f"is {_shown(value)}; a number of rows is expected"


def _are_files(value: object) -> Iterator[str]:
    good = isinstance(value, dict) and all(
        isinstance(text, str) and pattern.match(text)
        for pair in value.items()
        for text, pattern in zip(pair, (_FILE, _SHA256), strict=True)
    )
    if not good:
        yield f"is {_shown(value)}; file names, each with its SHA-256, are expected"


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


_CHECKS: dict[str, Check] = {
    **dict.fromkeys(
        ("title", "short", "producer", "url", "citation", "unit", "instrument"), _is_text
    ),
    "version": _is_version,
    **dict.fromkeys(_DATED, _is_dated),
    "licence": _is_mapping(name=_is_text, url=_is_text, redistribute=_is_flag, why=_is_text),
    "coverage": _is_mapping(years=_is_years, countries=_is_states, _note=_is_text),
    "sampling": _is_mapping(
        unit=_is_text,
        systematic=_is_flag,
        _searched=_is_flag,
        _exact=_is_flag,
        _note=_is_text,
        _unit_imported=_is_text,
    ),
    **dict.fromkeys(("caveats", "changes"), _is_texts),
    "origin": _is_list_of(_is_mapping(file=_is_text, sha256=_is_text, rows=_is_count)),
    "files": _are_files,
}
