import ast
import math

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.translators import PythonTranslator
from toys import HOSTILE, NOTEBOOKS

from analysis.errors import ParameterError
from analysis.report import parameters as params


def declare(source: str) -> dict[str, params.Parameter]:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    return params.declared(nbformat.v4.new_notebook(cells=[cell]))


ALL = declare('''"""What it takes."""
# a line of its own is no explanation
country: str = "PAK"  # ISO3 code
start: int | None = None  # first year; none: all
window = 5
order: float = 1  # of the Hill number
peers: list[str] = ["IND",
                    "BGD"]  # compared with
years: list[int] | None = None
weighting: str = "count"  # how events weigh; one of: value, count, fractional
hide = False
''')


def test_types_come_from_annotations_or_defaults():
    assert {name: p.type_name for name, p in ALL.items()} == {
        "country": "str", "start": "int | None", "window": "int", "order": "float",
        "peers": "list[str]", "years": "list[int] | None", "weighting": "str", "hide": "bool",
    }  # fmt: skip


def test_comments_explain():
    assert ALL["start"].doc == "first year; none: all"
    assert ALL["peers"].doc == "compared with"
    assert ALL["window"].doc == ""
    assert ALL["weighting"].choices == ("value", "count", "fractional")


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
        ("start", "1990.0"), ("start", "199O"), ("start", "٣"), ("start", "1" * 30),
        ("start", "1+1"), ("start", ""), ("window", "none"), ("order", "nan"), ("order", "1,5"),
        ("order", "1.2.3"), ("years", "1999,x"), ("weighting", "Count"), ("hide", "2"),
        ("country", "bad\udcff"), ("country", "nul\0"), ("peers", "A,\ud800"),
    ],
)  # fmt: skip
def test_texts_that_do_not_fit_are_refused(name, text):
    with pytest.raises(ParameterError, match=f"Parameter {name}=") as caught:
        ALL[name].parse(text)
    str(caught.value).encode()  # can be printed
    assert "\n" not in str(caught.value)


def test_everything_wrong_is_said_at_once_with_the_nearest():
    with pytest.raises(ParameterError) as caught:
        params.parse(ALL, {"contry": "IND", "window": "x", "weighting": "fractionl"})
    lines = str(caught.value).split("\n")
    assert lines[0].startswith("Unknown parameter 'contry'. Did you mean country?")
    assert "country, start, window, order, peers, years, weighting, hide" in lines[0]
    assert lines[1] == "Parameter window='x': expected int."
    assert lines[2].endswith("one of value, count, fractional. Did you mean fractional?")


def test_values_are_checked_like_texts():
    values = params.resolve(ALL, {"order": 2, "peers": ("A",), "country": "IND"})
    assert list(values) == list(ALL)
    assert (values["order"], values["peers"], values["country"]) == (2.0, ["A"], "IND")
    assert values["window"] == 5
    for name, wrong in (("window", True), ("hide", 1), ("country", None), ("peers", "A"),
                        ("peers", [1]), ("order", math.nan), ("window", 5.0)):  # fmt: skip
        with pytest.raises(ParameterError):
            params.resolve(ALL, {name: wrong})


def test_only_what_was_given_is_parsed():
    assert params.parse(ALL, {"window": "3"}) == {"window": 3}


@pytest.mark.parametrize(
    "source",
    ["end = 2000 + 24", "import os", "a = b = 1", "a, b = 1, 2", "a.b = 1", "a: int", "print()",
     "d = {}", "t = (1, 2)", 'a: int = "x"', "a: Path = 1", "a: int | str = 1", "a = "],
)  # fmt: skip
def test_cells_that_are_no_declarations_are_refused(source):
    with pytest.raises(ParameterError):
        declare(source)


@pytest.mark.parametrize("name", ["no_parameters", "computes_parameters"])
def test_notebooks_without_proper_parameters_are_refused(name):
    with pytest.raises(ParameterError):
        params.declared(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4))


VALUES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(VALUES | st.lists(st.text()))
def test_papermill_writes_values_as_literals(value):
    """The cell that papermill adds holds an assignment of the value and nothing else."""
    body = ast.parse(PythonTranslator.codify({"x": value})).body
    assert len(body) == 1
    namespace = {"float": float}
    literal = ast.unparse(body[0].value)
    assert eval(literal, {"__builtins__": {}}, namespace) == value


def test_numbers_keep_to_their_limits():
    """A comment that ends in `from A to B` bounds a number, before anything runs."""
    declared = declare("window: int = 5  # length of a window in years, from 1 to 10")
    assert params.parse(declared, {"window": "10"}) == {"window": 10}
    for wrong in ("0", "11", "-3"):
        with pytest.raises(ParameterError, match=r"window=.*must lie from 1 to 10"):
            params.parse(declared, {"window": wrong})
