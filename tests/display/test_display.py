import csv
import io

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from hypothesis import given
from hypothesis import strategies as st

from analysis import display, plot, words
from analysis.errors import ParameterError

ROWS = pd.DataFrame({"partner": ["CHN", "USA"], "share": [0.75, 0.25]})


def bundle(output):
    data, metadata = output._repr_mimebundle_()
    return data, metadata["partnerships"]


def drawn():
    _, ax = plt.subplots()
    ax.plot([1, 2], [3, 4])
    return ax


def test_a_figure_carries_its_numbers_and_texts():
    output = display.figure(drawn(), ROWS, name="share", caption="Shares", alt="Two bars")
    data, about = bundle(output)
    assert data["image/svg+xml"].startswith("<?xml")
    assert data[display.TABLE_MIME] == {
        "name": "share",
        "csv": "partner,share\nCHN,0.75\nUSA,0.25\n",
    }
    assert about == {"kind": "figure", "name": "share", "caption": "Shares", "alt": "Two bars"}
    assert repr(output) == "Figure share: Shares"


def test_a_figure_is_drawn_the_same_every_time_and_closed():
    texts = [
        bundle(display.figure(drawn(), ROWS, name="a", caption="b", alt="c"))[0] for _ in range(2)
    ]
    assert texts[0] == texts[1]
    assert plt.get_fignums() == []


def test_figures_are_found_whatever_holds_them():
    plain, parts = drawn().figure, plt.figure().subfigures(1, 2)
    parts[0].subplots().plot([1, 2])
    grid = sns.FacetGrid(ROWS, col="partner")
    for holder in (plain, plain.axes[0], parts[0], parts[0].axes[0], grid):
        data, _ = bundle(display.figure(holder, ROWS, name="a", caption="b", alt="c"))
        assert data["image/svg+xml"].rstrip().endswith("</svg>")
    assert plt.get_fignums() == []


@pytest.mark.parametrize("name", ["", "../up", "Share", "a b", "a/b", "-x", "a" * 81, "a\n", ".x"])
def test_names_that_cannot_name_a_file_are_refused(name):
    with pytest.raises(ParameterError, match="cannot name"):
        display.table(ROWS, name=name, caption="c")


def test_empty_texts_are_refused():
    with pytest.raises(ParameterError, match="caption and alt"):
        display.figure(None, ROWS, name="a", caption=" ", alt="")


def test_a_table_shows_escaped_text_and_formatted_numbers():
    rows = pd.DataFrame(
        {"<b>": ["<script>", "a & b"], "year": [1999, 2000], "p": [0.5, np.nan], "x": [1 / 3, 2]}
    )
    output = display.table(
        rows, name="t", caption="<i>c</i>", notes=["n < 5"], formats={"p": ".1%"}
    )
    html = bundle(output)[0]["text/html"]
    for text in (
        "&lt;b&gt;",
        "&lt;script&gt;",
        "a &amp; b",
        "&lt;i&gt;c&lt;/i&gt;",
        "n &lt; 5",
        ">1999<",
        ">50.0%<",
        ">–<",
        ">0.333<",
        ">2\u2008",
    ):
        assert text in html
    assert '<th scope="row">&lt;script&gt;</th>' in html


def test_a_format_for_no_column_is_refused():
    with pytest.raises(ParameterError, match="'shares', but the columns are partner, share"):
        display.table(ROWS, name="t", caption="c", formats={"shares": ".1%"})


def test_a_named_index_becomes_columns_and_labels_become_text():
    wide = ROWS.assign(year=2020).pivot_table(index="partner", columns="year", values=["share"])
    assert display.csv_text(wide) == "partner,share 2020\nCHN,0.75\nUSA,0.25\n"
    assert display.csv_text(ROWS[::-1]) == "partner,share\nUSA,0.25\nCHN,0.75\n"


def test_no_text_in_a_csv_is_a_formula():
    rows = pd.DataFrame(
        {
            "=name": ["=1+1", "+1+x", "-1", "@a", "\tb", "\rc", "a;b - c; -d", "a\r=b;\t-c;＝d"],
            "number": [-1, -2.5, np.nan, 0, 1, 2, 3, 4],
            "mixed": ["-", -1, None, 2.5, "=x", True, "y", "z"],
            "kind": pd.Categorical(["=k"] * 8),
        }
    )
    found = list(csv.reader(io.StringIO(display.csv_text(rows), newline="")))
    assert found[0] == ["'=name", "number", "mixed", "kind"]
    assert [row[0] for row in found[1:]] == [
        "'=1+1",
        "'+1+x",
        "-1",
        "'@a",
        "'\tb",
        "'\nc",
        "a;b - c; -d",
        "a\n'=b;'\t'-c;'＝d",
    ]
    assert [row[1] for row in found[1:4]] == ["-1.0", "-2.5", ""]
    assert [row[2] for row in found[1:]] == ["'-", "-1", "", "2.5", "'=x", "True", "y", "z"]
    assert {row[3] for row in found[1:]} == {"'=k"}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_csv_keeps_every_digit(values):
    text = display.csv_text(pd.DataFrame({"x": values}))
    assert [float(line) for line in text.split("\n")[1:-1]] == values


def test_escaped_text_is_one_line():
    assert words.escape("a\n\n# b\t c") == r"a \# b c"


def test_a_figure_of_nothing_is_a_sentence():
    table = pd.DataFrame(columns=["panel", "year", "kind", "value", "unit", "covered"])
    shown = display.figure(
        plot.yearly(table), table, name="x", caption="Events <b>.", alt="Bars of events by year."
    )
    data, about = shown._repr_mimebundle_()
    assert set(data) == {"text/markdown", "text/plain"}
    assert about[display.META] == {"kind": display.NOTHING}
    assert "Events \\<b\\>" in data["text/markdown"]
    assert not plt.get_fignums()


def test_a_table_of_nothing_is_a_sentence():
    data, about = display.table(pd.DataFrame(), name="x", caption="Ties.")._repr_mimebundle_()
    assert "Nothing to show" in data["text/markdown"]
    assert about[display.META] == {"kind": display.NOTHING}
