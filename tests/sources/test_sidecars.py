"""Sidecars: what is wrong with one is told in one line that names the file and the field."""

import copy
from pathlib import Path

import pytest
import yaml

from analysis import paths
from analysis.errors import SourceFileError
from analysis.sources import catalog, sidecars

GOOD = sidecars.parse(paths.data_dir() / "mme" / "source.yml")


def write(folder: Path, content: dict | str) -> Path:
    folder.mkdir(exist_ok=True)
    text = content if isinstance(content, str) else yaml.safe_dump(content)
    (folder / "source.yml").write_text(text, "utf-8")
    return folder


def changed(place: str, value: object) -> dict:
    fields = copy.deepcopy(GOOD)
    inner = fields
    *way, last = place.split(".")
    for name in way:
        inner = inner[name]
    inner[last] = value
    return fields


@pytest.mark.parametrize(
    "base", sorted(p.parent.name for p in paths.data_dir().glob("*/source.yml"))
)
def test_the_sidecars_that_ship_are_good(base):
    assert catalog.read_sidecar(paths.data_dir() / base).key == base


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("published", "2020-02-30", "published is '2020-02-30'"),
        ("accessed", "soon", "accessed is 'soon'"),
        ("accessed", "٢٠٢٠", "accessed is"),
        ("title", ["x"], "title is"),
        ("licence", "CC0", "licence is 'CC0'"),
        ("licence.redistribute", "no", "licence redistribute is 'no'"),
        ("coverage", {"countries": "all"}, "coverage lacks years"),
        ("coverage.years", [1980, {2010: "x"}], "coverage years is"),
        ("coverage.years", [2010, 1980], "coverage years is"),
        ("coverage.years", [1980], "coverage years is"),
        ("coverage.years", [True, 2010], "coverage years is"),
        ("coverage.countries", "Pakistan", "coverage countries is 'Pakistan'"),
        ("coverage.countries", [], r"coverage countries is \[\]"),
        ("coverage.colour", "red", "coverage has the unknown field colour"),
        ("sampling", {"unit": "deal"}, "sampling lacks systematic"),
        ("caveats", "one", "caveats is 'one'"),
        ("origin", [{"file": "x"}], "origin 1 lacks sha256"),
        ("files", {"../x.csv": "0" * 64}, "files is"),
        ("files", {"x.csv": "none"}, "files is"),
        ("files", ["x.csv"], "files is"),
    ],
)
def test_a_field_that_is_not_of_its_kind_is_named(tmp_path, place, value, said):
    with pytest.raises(SourceFileError, match=said) as told:
        catalog.read_sidecar(write(tmp_path / "demo", changed(place, value)))
    assert str(told.value).startswith(str(tmp_path / "demo" / "source.yml"))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x\n", r"line 1: anchors and aliases"),
        ("a: 1\nb: 2\na: 3\n", "line 3: the name 'a' stands twice"),
        ("a: {b: 1, b: 2}\n", "'b' stands twice"),
        ("a: !!int x\n", "tags"),
        ("a: !!python/object:os.system {}\n", "tags"),
        ("[" * 20_000, "cannot be read"),
        ("a: [1\n", "line 2"),
        ("<<: {a: 1}\n", "lacks title"),
        ("? [1]\n: 2\n", "cannot be read"),
        ("- a\n", "not a list of"),
        ("a: \x00\n", "cannot be read"),
        ("x" * 1_000_001, "larger than"),
    ],
)
def test_only_plain_yaml_is_read(tmp_path, text, said):
    with pytest.raises(SourceFileError, match=said) as told:
        catalog.read_sidecar(write(tmp_path / "demo", text))
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 1000
