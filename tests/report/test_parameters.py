import ast
import dataclasses
import math

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import PythonTranslator
from toys import HOSTILE, NOTEBOOKS

from analysis import cli, parameters, paths
from analysis.errors import ParameterError
from analysis.parameters import SCHEMA
from analysis.report.parameters import declared


def declare(source: str) -> dict[str, parameters.Parameter]:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    return declared(nbformat.v4.new_notebook(cells=[cell]))


ALL = declare('''"""What it takes."""
# a line of its own is no explanation
country: str = "PAK"  # ISO3 code
start: int | None = None  # first year; none: all
window = 5
order: float = 1  # of the Hill number
peers: list[str] = ["IND",
                    "BGD"]  # compared with
years: list[int] | None = None
weighting: str = "count"  # how events weigh
hide = False
''')


def test_types_come_from_annotations_or_defaults():
    assert {name: p.type_name for name, p in ALL.items()} == {
        "country": "str",
        "start": "int | None",
        "window": "int",
        "order": "float",
        "peers": "list[str]",
        "years": "list[int] | None",
        "weighting": "str",
        "hide": "bool",
    }


def test_a_comment_explains_and_decides_nothing():
    own = declare("share: float = 0.5  # of all, from 0 to 1\nmode = 'a'  # one of: a, b\nbare = 1")
    assert [one.explanation for one in own.values()] == ["of all, from 0 to 1", "one of: a, b", ""]
    assert parameters.parse(own, {"share": "7", "mode": "c"}) == {"share": 7.0, "mode": "c"}


# --- the schema ----------------------------------------------------------------------------------

#: where a notebook that ships has another default than the schema
OTHER_DEFAULTS = {"agreements_and_alliances": {"start": 1946}, "explore": {"draws": 200}}
SHIPPED = sorted(paths.notebooks_dir().glob("*.ipynb"))


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_notebooks_that_ship_say_what_the_schema_says(path):
    notebook = nbformat.read(path, as_version=4)
    [cell] = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    for line in cell.source.splitlines():
        name, _, rest = line.partition(": ")
        kind, _, rest = rest.partition(" = ")
        default, _, comment = rest.partition("  # ")
        own = OTHER_DEFAULTS.get(path.stem, {}).get(name, SCHEMA[name].default)
        assert (kind, ast.literal_eval(default), comment) == (
            SCHEMA[name].type_name,
            own,
            SCHEMA[name].explanation,
        ), line
    assert {**declared(notebook)} == {
        name: dataclasses.replace(SCHEMA[name], default=one.default)
        for name, one in declared(notebook).items()
    }


def test_what_the_schema_knows_is_checked_whatever_the_comment_says():
    taken = declare("window: int = 5  # years\nrule: list[str] = []\nweighting = None")
    for name, wrong in (("window", "99"), ("window", "0"), ("rule", "x"), ("weighting", "x")):
        with pytest.raises(ParameterError, match=f"Parameter {name}="):
            parameters.parse(taken, {name: wrong})
    assert parameters.parse(taken, {"window": "10"}) == {"window": 10}


def test_a_name_of_the_schema_with_another_type_is_the_notebooks_own():
    taken = declare("window: float = 99.5\nstart: str = '2020-01-01'")
    assert parameters.parse(taken, {"window": "0.1", "start": "x"}) == {"window": 0.1, "start": "x"}
    with pytest.raises(ParameterError, match=r"from 1 to 10.*give yours another name"):
        declare("window = 12")


def test_every_default_of_the_schema_fits():
    for one in SCHEMA.values():
        assert one.check(one.default) == one.default


def test_help_and_documentation_are_made_from_the_schema(capsys):
    text = (paths.notebooks_dir().parent / "docs" / "own-notebooks.md").read_text("utf-8")
    assert parameters.table() in text
    with pytest.raises(SystemExit):
        cli.main(["report", "--help"])
    said = capsys.readouterr().out
    assert all(one.explanation in said for one in SCHEMA.values() if one.name != "country")


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("country", HOSTILE, HOSTILE),
        ("country", "none", "none"),
        ("country", "", ""),
        ("start", " 1990 ", 1990),
        ("start", "None", None),
        ("window", "+3", 3),
        ("order", "2", 2.0),
        ("order", "inf", math.inf),
        ("order", "-1e3", -1000.0),
        ("peers", "A, B,C", ["A", "B", "C"]),
        ("peers", "", []),
        ("years", "1999,2001", [1999, 2001]),
        ("years", "none", None),
        ("weighting", "fractional", "fractional"),
        ("hide", "Yes", True),
        ("hide", "false", False),
    ],
)
def test_texts_become_values(name, text, value):
    parsed = ALL[name].parse(text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("start", "1990.0"),
        ("start", "199O"),
        ("start", "٣"),
        ("start", "1" * 30),
        ("start", "1+1"),
        ("start", ""),
        ("window", "none"),
        ("order", "nan"),
        ("order", "1,5"),
        ("order", "1.2.3"),
        ("years", "1999,x"),
        ("weighting", "Count"),
        ("hide", "2"),
        ("country", "bad\udcff"),
        ("country", "nul\0"),
        ("peers", "A,\ud800"),
    ],
)
def test_texts_that_do_not_fit_are_refused(name, text):
    with pytest.raises(ParameterError, match=f"Parameter {name}=") as caught:
        ALL[name].parse(text)
    str(caught.value).encode()  # can be printed
    assert "\n" not in str(caught.value)


def test_everything_wrong_is_said_at_once_with_the_nearest():
    with pytest.raises(ParameterError) as caught:
        parameters.parse(ALL, {"contry": "IND", "window": "x", "weighting": "fractionl"})
    lines = str(caught.value).split("\n")
    assert lines[0].startswith("Unknown parameter 'contry'. Did you mean country?")
    assert "country, start, window, order, peers, years, weighting, hide" in lines[0]
    assert lines[1].startswith("Parameter window='x': expected int (length of a window")
    assert lines[2].endswith("one of value, count, fractional. Did you mean fractional?")


def test_values_are_checked_like_texts():
    values = parameters.resolve(ALL, {"order": 2, "peers": ("A",), "country": "IND"})
    assert list(values) == list(ALL)
    assert (values["order"], values["peers"], values["country"]) == (2.0, ["A"], "IND")
    assert values["window"] == 5
    for name, wrong in (
        ("window", True),
        ("hide", 1),
        ("country", None),
        ("peers", "A"),
        ("peers", [1]),
        ("order", math.nan),
        ("window", 5.0),
    ):
        with pytest.raises(ParameterError):
            parameters.resolve(ALL, {name: wrong})


def test_only_what_was_given_is_parsed():
    assert parameters.parse(ALL, {"window": "3"}) == {"window": 3}


@pytest.mark.parametrize(
    "source",
    [
        "end = 2000 + 24",
        "import os",
        "a = b = 1",
        "a, b = 1, 2",
        "a.b = 1",
        "a: int",
        "print()",
        "d = {}",
        "t = (1, 2)",
        'a: int = "x"',
        "a: Path = 1",
        "a: int | str = 1",
        "a = ",
    ],
)
def test_cells_that_are_no_declarations_are_refused(source):
    with pytest.raises(ParameterError):
        declare(source)


def test_a_notebook_with_parameters_that_are_computed_is_refused():
    with pytest.raises(ParameterError):
        declared(nbformat.read(NOTEBOOKS / "computes_parameters.ipynb", as_version=4))


def test_a_notebook_without_parameters_takes_none():
    taken = declared(nbformat.read(NOTEBOOKS / "no_parameters.ipynb", as_version=4))
    assert taken == {}
    with pytest.raises(ParameterError, match="The notebook takes: none"):
        parameters.parse(taken, {"window": "3"})


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(VALUES | st.lists(st.text()))
def test_papermill_writes_values_as_literals(value):
    """The cell that papermill adds holds an assignment of the value and nothing else."""
    body = ast.parse(PythonTranslator.codify({"x": value})).body
    assert len(body) == 1
    namespace = {"float": float}
    literal = ast.unparse(body[0].value)
    assert eval(literal, {"__builtins__": {}}, namespace) == value
