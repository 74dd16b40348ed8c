"""Tables for pages and papers: aligned, escaped, and LaTeX that another parser reads as meant."""

import re

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexMacroNode, LatexWalker
from toys import HOSTILE

from analysis import display
from analysis.display import _tables

DIGIT, POINT = "\u2007", "\u2008"
COMMANDS = r"\input{/etc/passwd} \write18{x} 100% A & B a_b #1 $x$ ~ ^ [x] \\ *"


def laid_out(frame, **changed):
    options = {
        "name": "t",
        "caption": "c",
        "units": {},
        "notes": [],
        "source_note": "",
        "formats": {},
        **changed,
    }
    return _tables.format_cells(frame, **options)


def column(*cells):
    return laid_out(pd.DataFrame({"partner": [*"abcdef"][: len(cells)], "x": cells}))


def cells_of(text):
    return re.findall(r"<td[^>]*>(.*?)</td>", text)


def plain(latex):
    """What a LaTeX text says, as another program reads it."""
    return LatexNodes2Text(math_mode="text", keep_comments=False).latex_to_text(latex)


# --- aligned --------------------------------------------------------------------------------------


def test_points_stand_below_each_other():
    html = _tables.html(column("12.3 (9 to 15)", "6.71 (5 to 8)", "0.530", "–", "4"))
    shown = [re.sub(r" ?<span.*", "", cell) for cell in cells_of(html)]
    assert shown == [
        f"12.3{DIGIT}{DIGIT}",
        f"{DIGIT}6.71{DIGIT}",
        f"{DIGIT}0.530",
        "–",
        f"{DIGIT}4{POINT}{DIGIT}{DIGIT}{DIGIT}",
    ]


def test_whole_numbers_and_a_minus_align_too():
    html = _tables.html(laid_out(pd.DataFrame({"p": ["a", "b"], "n": [1, 200], "d": [-0.25, 1.5]})))
    assert cells_of(html) == ["1", "−0.250", "200", f"1.50{DIGIT}"]
    assert html.count('<td class="num">') == 4


def test_texts_are_no_numbers():
    html = _tables.html(column("12", "about 13"))
    assert "class=" not in html.partition("<tbody>")[2]
    html = _tables.html(column("2010-01-02", "2011-03"))
    assert "class=" not in html.partition("<tbody>")[2]


def test_texts_that_need_lines_are_marked_and_others_stay_on_one():
    """On a narrow window dates were broken in two, and lists of states had a word on a line."""
    frame = pd.DataFrame({"date": ["1954-04-02"], "with": ["Australia, France"], "n": [1.5]})
    html = _tables.html(laid_out(frame))
    assert '<th scope="row">1954-04-02</th><td class="long">Australia, France</td>' in html


def test_intervals_stand_beside_in_html_and_below_in_latex():
    made = column("4.59 (3.2 to 6.1)", "10.1")
    assert "4.59</span>" not in _tables.html(made)
    assert '<span class="interval">(3.2 to 6.1)</span>' in _tables.html(made)
    rows = [line for line in _tables.latex(made).splitlines() if line.endswith(r"\\")]
    assert rows[-2:] == [
        r"a & \begin{tabular}[t]{@{}c@{}}\phantom{0}4.59\\(3.2 to 6.1)\end{tabular} \\",
        r"b & 10.1\phantom{0} \\",
    ]


# --- what a table consists of ---------------------------------------------------------------------


def test_units_notes_and_source_are_in_both():
    frame = pd.DataFrame({"partner": ["CHN"], "share": [72.0]})
    made = laid_out(frame, units={"share": "%"}, notes=["A note."], source_note="Data: SIPRI.")
    html, latex = _tables.html(made), _tables.latex(made)
    assert '<th scope="col" class="num">share <span class="unit">(%)</span></th>' in html
    assert html.index("A note.") < html.index("Data: SIPRI.")
    assert r" & (\%) \\" in latex
    assert latex.index("A note.") < latex.index("Data: SIPRI.") < latex.index(r"\end{table}")


def test_the_caption_names_the_table_for_those_who_cannot_see_it():
    html = _tables.html(column("1"))
    assert '<figcaption id="caption-t">c</figcaption>' in html
    assert '<table aria-labelledby="caption-t">' in html
    assert '<th scope="row">a</th>' in html


def test_a_unit_for_no_column_is_refused():
    with pytest.raises(display.ParameterError, match="units for 'shares', but the columns are x"):
        display.table(pd.DataFrame({"x": [1]}), name="t", caption="c", units={"shares": "%"})


# --- LaTeX ----------------------------------------------------------------------------------------


def environments(latex):
    """Every environment, in order, and every command that is no part of the layout."""
    nodes, _, _ = LatexWalker(latex, tolerant_parsing=False).get_latex_nodes()
    found, todo = [], list(nodes)
    while todo:
        node = todo.pop(0)
        if isinstance(node, LatexEnvironmentNode):
            found.append(node.environmentname)
        if isinstance(node, LatexMacroNode):
            found.append(node.macroname)
        inner = list(getattr(node, "nodelist", None) or [])
        arguments = getattr(getattr(node, "nodeargd", None), "argnlist", None) or []
        todo = [*inner, *(one for one in arguments if one is not None), *todo]
    return found


@pytest.mark.parametrize("rows", [1, _tables._PAGE + 1])
def test_hostile_texts_are_only_texts(rows):
    hostile = f"{COMMANDS} {HOSTILE}"
    frame = pd.DataFrame({hostile: [hostile] * rows, "n": range(rows)})
    latex = _tables.latex(
        laid_out(frame, caption=hostile, units={"n": hostile}, notes=[hostile], source_note=hostile)
    )
    found = environments(latex)
    outer = ["table", "tabular"] if rows == 1 else ["longtable"]
    assert [name for name in found if name in ("table", "tabular", "longtable")] == outer
    assert not {"input", "write18", "write"} & {*found}
    assert r"\input" not in latex
    assert "/etc/passwd" in plain(latex)
    ends = [line for line in latex.splitlines() if line.endswith(r" \\")]
    unescaped = [len(re.findall(r"(?<!\\)&", line)) for line in ends]
    assert {*unescaped} == {1}  # each row has two cells


# the parser does not know the commands for these
UNKNOWN = '"<>|`~^'
LATIN = st.characters(
    codec="latin-1", exclude_categories=("Cc", "Zs", "Cf"), exclude_characters=UNKNOWN
)


@given(st.text(LATIN))
@example("--progress, ''quoted'', ,,low'', ---")
def test_escaped_text_reads_as_it_was(text):
    assert plain(_tables.escape_latex(text)).strip() == text


def test_escaped_text_is_one_line_without_control_characters():
    assert _tables.escape_latex("a\n\nb\t\x00c\u202ed  e") == "a b c d e"


def test_long_texts_are_broken_and_many_rows_go_over_pages():
    frame = pd.DataFrame({"event": ["word " * 30] * 40, "n": range(40)})
    latex = _tables.latex(laid_out(frame, notes=["Below."]))
    assert "% needs \\usepackage{booktabs,array,longtable}" in latex
    assert latex.count(r"\toprule") == 2  # on the first page and on the next ones
    share = float(re.search(r"p\{([\d.]+)\\linewidth\}", latex)[1])
    assert 0.3 < share < 0.9
    assert latex.rstrip().endswith(r"Below.\par}")


def test_a_wide_table_is_set_smaller():
    narrow = column("1")
    wide = laid_out(pd.DataFrame({f"a head of {n}": ["1.23 (0.12 to 4.56)"] for n in range(9)}))
    assert r"\small" in _tables.latex(narrow)
    assert r"\scriptsize" in _tables.latex(wide)


def test_a_table_wider_than_a_page_is_turned_and_loses_no_column():
    heads = [f"a head of {n}" for n in range(9)]
    latex = _tables.latex(
        laid_out(pd.DataFrame([["a", *["1.23 (0.12 to 4.56)"] * 8]], columns=heads))
    )
    assert latex.startswith("% needs \\usepackage{booktabs,array,longtable,lscape}\n")
    assert [n for n in environments(latex) if n in ("table", "longtable", "landscape")] == [
        "landscape",
        "longtable",
    ]
    assert re.search(r"\\begin\{longtable\}\{(\w+)\}", latex)[1] == "lcccccccc"


def test_the_longest_texts_are_broken_and_dates_are_not():
    row = {"date": "1954-04-02", "event": "word " * 30, "with": "United Kingdom", "n": 1}
    latex = _tables.latex(laid_out(pd.DataFrame([row])))
    share = r">\{\\raggedright\\arraybackslash\}p\{0\.\d\d\\linewidth\}"
    assert re.search(rf"\{{tabular\}}\{{l{share}lr\}}", latex)
    assert "landscape" not in latex


def test_an_address_may_be_broken_at_its_points_only_where_texts_are():
    address = "a-long-name.of-a-site.example.org"
    narrow = _tables.latex(laid_out(pd.DataFrame({"site": [address], "n": [1]})))
    assert address in narrow
    texts = dict.fromkeys(["event", "source", "with"], "word " * 30)
    wide = _tables.latex(laid_out(pd.DataFrame([{**texts, "site": address, "n": 1.5}])))
    assert r"name.\allowbreak{}of-a-site.\allowbreak{}example.\allowbreak{}org" in wide
    assert address in plain(wide)


def test_rows_of_several_lines_go_over_pages_as_many_rows_do():
    """A float of thirty rows, each of them three lines, ran off the foot of its page."""
    short, tall = (
        _tables.latex(laid_out(pd.DataFrame({"a": ["x"] * 30, "with": [text] * 30})))
        for text in ("China", "Australia, France, " * 7)
    )
    assert r"\begin{table}" in short
    assert r"\begin{longtable}" in tall
    assert r"\addlinespace" in tall
    assert r"\addlinespace" not in short
