"""One number, one print: what a report says in text stands in a table or a CSV of the same report.

A number in a sentence, a caption or an alt text that has decimals or is a percentage must be the
print, by `words`, of a value in the numbers behind a figure or table; with an interval, of a row
that has it. Whole numbers may be counts, and years are years.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from analysis import numbers
from analysis.studies.events import gaps as event_gaps
from analysis.studies.isolation import tables as isolation

TABLE = "application/vnd.partnership-diversity.table+json"
#: value -> its ends, by the columns of tables
ENDS = {
    "estimate": ("low", "high"), "difference": ("low", "high"), "change": ("low", "high"),
    "place": ("low", "high"), "share": ("share_low", "share_high"),
    "share_lost": ("share_low", "share_high"), "before": ("before_low", "before_high"),
    "after": ("after_low", "after_high"), "gap": ("placebo_low", "placebo_high"),
    "peers_change": ("peers_low", "peers_high"),
}  # fmt: skip
#: a number with decimals, or a percentage; no part of an address, a name or a date
NUMBER = re.compile(r"(?<![\w.,/%\-–])[−]?\d[\d,]*(?:\.\d+%?|%)(?![\w/]|\.\d)")
#: thresholds that sentences on method name: those that the code declares
METHOD = {f"{share:.0%}" for share in (event_gaps.RARE, event_gaps.POOR_FIT, *isolation.DEFAULTS)}
_ANY = r"[−]?\d[\d,]*(?:\.\d+)?%?"
WITH_INTERVAL = re.compile(
    rf"(?<![\w.])(?<!of ){_ANY} \((?:at (?:least|most) {_ANY}|{_ANY} to {_ANY})\)"
)


def outputs(path: Path) -> Iterator[tuple[dict, dict]]:
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            if "data" in output:
                about = output["metadata"].get("partnerships", {})
                yield (
                    {
                        kind: "".join(x) if isinstance(x, list) else x
                        for kind, x in output["data"].items()
                    },
                    about,
                )


def said(path: Path) -> Iterator[str]:
    """Sentences, captions and alt texts of a report."""
    for data, about in outputs(path):
        yield from (about[name] for name in ("caption", "alt") if name in about)
        if about.get("kind") == "prose":
            yield data["text/markdown"].replace("\\", "")


def number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def prints(path: Path) -> set[str]:
    """All that the numbers of a report may look like; texts in its tables as they are."""
    found: set[str] = set()
    for data, _ in outputs(path):
        if TABLE not in data:
            continue
        for row in csv.DictReader(io.StringIO(data[TABLE]["csv"])):
            values = {name: number(text) for name, text in row.items()}
            for name, text in row.items():
                if math.isnan(values[name]):
                    found.update([text, *NUMBER.findall(text), *WITH_INTERVAL.findall(text)])
                    continue
                low, high = (values.get(end, math.nan) for end in ENDS.get(name, ("", "")))
                found |= written(values[name], low, high)
            found |= compared(values)
    return found


def written(value: float, low: float = math.nan, high: float = math.nan) -> set[str]:
    """All prints of a value: with its interval and alone, as a share, and what is left of it."""
    texts = {numbers.estimate(value, low, high), numbers.number(value), numbers.signed(value)}
    if 0 <= value <= 1:
        texts |= {numbers.share_estimate(value, low, high), numbers.percent(1 - value)}
    parts = {part for text in texts for part in NUMBER.findall(text)}
    return texts | parts | {part.lstrip("−") for part in parts}


def compared(values: dict[str, float]) -> set[str]:
    """Both estimates of a difference, which have its digits."""
    if not {"estimate", "estimate_before", "difference", "low", "high"} <= values.keys():
        return set()
    reach = [values[end] - values["difference"] for end in ("low", "high")]
    return {
        numbers.number(values[name], *(values[name] + part for part in reach))
        for name in ("estimate", "estimate_before")
    }


@pytest.mark.parametrize(
    "state", ["PAK", *(pytest.param(code, marks=pytest.mark.slow) for code in ("KIR", "USA"))]
)
def test_every_number_in_a_text_is_the_print_of_one_in_a_table(make_reports, state):
    folder = make_reports(*({"PAK", "KIR"} if state != "USA" else {"USA"})) / state
    faults = []
    for path in sorted(folder.glob("*.ipynb")):
        known = prints(path)
        for text in said(path):
            for pattern in (WITH_INTERVAL, NUMBER):
                for found in pattern.finditer(text):
                    if found[0] not in known | METHOD:
                        near = text[max(0, found.start() - 60) : found.end() + 30]
                        faults.append(f"{path.stem}: {found[0]!r} in {near!r}")
    assert not faults, "\n".join(["", *dict.fromkeys(faults)])


@pytest.mark.parametrize(
    "text",
    ["**Arms**: 3.26 (2.9 to 4.1) equal ones", "China 72.0%, Türkiye <0.1%", "by −0.25; 1,204.5"],
)
def test_numbers_are_found_in_texts(text):
    assert NUMBER.search(text)


@pytest.mark.parametrize(
    "text", ["in 1990–1994", "2.7.1", "https://a.org/98.5/x", "v5.1", "62 exercises", "q = 1"]
)
def test_years_counts_and_addresses_are_no_numbers(text):
    assert not NUMBER.search(text)
