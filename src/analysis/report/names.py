"""What reports are called: the notebook's name, and whatever tells a variant from the usual one.

A report by other parameters than the notebook's own is a variant, and has a name of its own, such
as `arms--window-3`: so it stands beside the usual report and never takes its place. Names are made
of small letters, digits, `_`, `-` and `.`; whatever else a notebook or a value holds is left out,
and a part of the SHA-256 of the whole keeps two of them apart.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from ..errors import ParameterError
from ..parameters import Parameter

_BETWEEN = "--"
#: what a report may be called; no two hyphens but before a part of a variant
REPORT = re.compile(r"[a-z0-9_]+(?:(?:--?|\.)[a-z0-9_]+)*\Z")
LONGEST = 100
_PART = re.compile(r"[a-z0-9_]+(?:[.-][a-z0-9_]+)*\Z")
_LONGEST_PART = 30
#: names that mean something else: the front page of a folder, and devices of Windows
_TAKEN = re.compile(r"(index|con|prn|aux|nul|(com|lpt)[0-9])\Z")


def is_report(name: str) -> bool:
    """Tell whether a report may be called so."""
    return len(name) <= LONGEST and bool(REPORT.match(name))


def notebook_of(report: str) -> str:
    """Name of the notebook in the name of a report, be it a variant or not."""
    return report.partition(_BETWEEN)[0]


def of_notebook(stem: str) -> str:
    """Name a report after a file: `Untitled 1` is `untitled_1-` and six digits of its SHA-256."""
    return _safe(stem, "_")


def differing(takes: Mapping[str, Parameter], values: Mapping[str, object]) -> dict[str, object]:
    """Find the values that are not the notebook's own; which state it is about is no difference."""
    return {
        name: values[name]
        for name in sorted(takes)
        if name != "country" and values[name] != takes[name].default
    }


def of_report(notebook: str, different: Mapping[str, object], given: str | None = None) -> str:
    """Name a report."""
    if given is not None:
        return f"{notebook}{_BETWEEN}{given}"
    parts = [f"{_safe(name, '_')}-{_safe(_text(value), '-')}" for name, value in different.items()]
    name = _BETWEEN.join([notebook, *parts])
    if len(name) <= LONGEST:
        return name
    return f"{notebook}{_BETWEEN}{_digest(_BETWEEN.join(parts))}"


def label(different: Mapping[str, object], given: str | None = None) -> str:
    """Say for people what makes a report a variant; empty for the usual one."""
    said = ", ".join(f"{name} = {_text(value) or 'none'}" for name, value in different.items())
    return ": ".join(filter(None, (given, said)))


def check_given(name: str) -> str:
    """Return a name that a user gives to a variant."""
    if len(name) > _LONGEST_PART or not _PART.match(name):
        raise ParameterError(
            f"--as {name[:60]!r}: up to {_LONGEST_PART} small letters, digits and _, with - or ."
            " between them."
        )
    return name


def _text(value: object) -> str:
    if isinstance(value, list):
        return ",".join(repr(one) if one == "" or "," in str(one) else str(one) for one in value)
    if value is None or isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and float(f"{value:g}") == value else str(value)


def _safe(text: str, gap: str) -> str:
    """Make a part of a name: the text itself if it can be one, else what can be, and a digest."""
    if len(text) <= _LONGEST_PART and _PART.match(text) and not _TAKEN.match(text):
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    kept = re.sub(r"[^a-z0-9]+", gap, plain)[:_LONGEST_PART].strip(gap)
    return "-".join(filter(None, (kept, _digest(text))))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
