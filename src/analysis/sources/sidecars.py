"""Read `source.yml`, the sidecar of a source: plain YAML, every field checked.

A sidecar of an import lies in the user's folder and may be anything; whatever is wrong with it is
listed in one line that names the file and the fields.
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
    """Read a sidecar; raise SourceFileError unless it is a mapping with every field as it must be.

    Fields are as written, but `version`, `published` and `accessed` are texts.
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
    """Read the mapping of a sidecar, its fields unchecked; a name that stands twice is refused."""
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


def _expect(expected: str, is_good: Callable[[Any], bool]) -> Check:
    """Build the check of a single value."""

    def faults(value: object) -> Iterator[str]:
        if not is_good(value):
            text = repr(value)
            shown = text if len(text) <= 60 else f"{text[:57]}..."
            yield f"is {shown}; {expected}"

    return faults


def _mapping(**checks: Check) -> Check:
    """Build the check of a mapping from those of its fields; `_`: the field may be missing."""
    names = {name.removeprefix("_"): check for name, check in checks.items()}
    needed = [name for name in checks if not name.startswith("_")]
    is_mapping = _expect("a mapping is expected", lambda value: isinstance(value, dict))

    def faults(value: Any) -> Iterator[str]:
        yield from (wrong := list(is_mapping(value)))
        if wrong:
            return
        yield from (f"lacks {name}" for name in needed if name not in value)
        yield from (f"has the unknown field {name}" for name in value if name not in names)
        for name, check in names.items():
            if name in value:
                yield from (f"{name} {fault}" for fault in check(value[name]))

    return faults


def _list_of(check: Check) -> Check:
    is_list = _expect("a list is expected", lambda value: isinstance(value, list))

    def faults(value: Any) -> Iterator[str]:
        yield from (wrong := list(is_list(value)))
        for number, entry in enumerate([] if wrong else value, 1):
            yield from (f"{number} {fault}" for fault in check(entry))

    return faults


def _is_date(value: object) -> bool:
    if not isinstance(value, str | int) or not _DATE.match(str(value)):
        return False
    parts = [int(part) for part in str(value).split("-")]
    try:
        date(*parts, *[1] * (3 - len(parts)))
    except ValueError:
        return False
    return True


def _are_years(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(year) is int and 1 <= year <= 9999 for year in value)
        and value[0] <= value[1]
    )


def _are_texts(value: object, pattern: re.Pattern = re.compile("")) -> bool:
    return isinstance(value, list) and all(
        isinstance(entry, str) and pattern.match(entry) for entry in value
    )


def _are_files(value: object) -> bool:
    return (
        isinstance(value, dict)
        and _are_texts([*value], _FILE)
        and _are_texts([*value.values()], _SHA256)
    )


_text = _expect("a text is expected", lambda value: isinstance(value, str))
_flag = _expect("true or false is expected", lambda value: isinstance(value, bool))
_texts = _expect("a list of texts is expected", _are_texts)
_version = _expect(
    "a text is expected",
    lambda value: isinstance(value, str | int | float) and not isinstance(value, bool),
)
_dated = _expect("a date is expected, as 2020, 2020-02 or 2020-02-29", _is_date)
_years = _expect("two years are expected, the first not after the last", _are_years)
_states = _expect(
    "`all` or a list of ISO3 codes is expected",
    lambda value: value == "all" or (bool(value) and _are_texts(value, _STATE)),
)
_count = _expect("a number of rows is expected", lambda value: type(value) is int and value >= 0)
_files = _expect("file names, each with its SHA-256, are expected", _are_files)

_CHECKS: dict[str, Check] = {
    **dict.fromkeys(("title", "short", "producer", "url", "citation", "unit", "instrument"), _text),
    "version": _version,
    **dict.fromkeys(_DATED, _dated),
    "licence": _mapping(name=_text, url=_text, redistribute=_flag, why=_text),
    "coverage": _mapping(years=_years, countries=_states, _note=_text),
    "sampling": _mapping(
        unit=_text,
        systematic=_flag,
        _searched=_flag,
        _exact=_flag,
        _note=_text,
        _unit_imported=_text,
    ),
    **dict.fromkeys(("caveats", "changes"), _texts),
    "origin": _list_of(_mapping(file=_text, sha256=_text, rows=_count)),
    "files": _files,
}
