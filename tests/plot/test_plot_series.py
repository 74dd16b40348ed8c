"""Every figure shows each series of its table under a name of its own, or refuses the table."""

import inspect

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
import test_plot as cases
from matplotlib.text import Text

import analysis as an
from analysis import plot
from analysis.errors import ParameterError
from analysis.plot.parts import series
from analysis.plot.parts.series import DRAWS

FIGURES = sorted(name for name in plot.__all__ if f"describe_{name}" in plot.__all__)
#: of what there are two -> the second value, and what a figure calls both
SECOND = {
    "country": ("IND", "India"),
    "source": ("another_source", "another_source"),
    "instrument": ("training", "Training"),
    "measure": ("another measure", "nother measure"),
    "weighting": ("another weighting", "another weighting"),
    "window": (3, "3-year window"),
}
#: figures whose table has no column for what it is of, as made by the package
NEVER = {
    "coverage": ("instrument", "measure", "weighting", "window"),
    "timeline": ("source", "instrument", "measure", "weighting", "window"),
    "verdicts": ("instrument", "measure", "weighting", "window"),
    "specification": ("source", "instrument", "measure", "weighting", "window"),
    "yearly": ("instrument", "measure", "weighting", "window"),
    # of these several states are the rule
    "peers": ("country",),
    "against_peers": ("country",),
}
EACH = [
    (figure, column)
    for figure in FIGURES
    for column in SECOND
    if column not in NEVER.get(figure, ())
]


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def tables_of(figure):
    """What a figure is usually drawn from, the table with the series first."""
    if figure == "verdicts":  # to judge all claims takes long
        return pd.DataFrame(
            {
                "part": ["a1", "a2"],
                "part_text": "A claim",
                "verdict": ["supported", "mixed"],
                "reach": "to 2021",
                "specifications": 3.0,
                "agree": [1.0, np.nan],
            }
        ), []
    one = {"compositions": "one", "hill_profile": "one"}.get(figure, "usual")
    first, *rest = cases.tables_of(figure, one if figure in cases.CASES else "usual")
    return first, rest


def in_table(figure, table, change):
    """Change the table of a figure, each of its panels if they are several."""
    if isinstance(table, dict):
        return {title: change(part) for title, part in table.items()}
    return change(table)


def first_series(figure, table):
    """Keep the rows of the first series, in those figures that take several."""
    keys = [name for name in DRAWS[figure].apart if name in table and name != "country"]
    return table[(table[keys] == table[keys].iloc[0]).all(axis=1)] if keys else table


def doubled(table, column):
    """Give the same rows for a second state, source, measure, ...: a table of two."""
    if column not in table:
        table = table.assign(**{column: {"country": "PAK", "window": 5}.get(column, "first")})
    second, _ = SECOND[column]
    other = table.assign(**{column: second})
    if column == "country" and "partner" in table:
        other["partner"] = table["partner"].mask(table["partner"] == "PAK", "IND")
    return pd.concat([table, other], ignore_index=True)


def texts(drawn):
    figure = drawn.figure if hasattr(drawn, "transAxes") else drawn
    return " ".join(" ".join(text.get_text().split()) for text in figure.get_figure().findobj(Text))


def both(figure, table, rest):
    """Draw and describe."""
    drawn = getattr(plot, figure)(table, *rest)
    return texts(drawn), getattr(plot, f"describe_{figure}")(table, *rest)


def refused(figure, table, rest):
    with pytest.raises(ParameterError, match=figure):
        getattr(plot, figure)(table, *rest)
    with pytest.raises(ParameterError, match=figure):
        getattr(plot, f"describe_{figure}")(table, *rest)


def test_every_figure_declares_what_it_draws():
    assert sorted(DRAWS) == FIGURES


@pytest.mark.parametrize(("figure", "column"), EACH)
def test_two_of_anything_are_both_shown_or_refused(figure, column):
    first, rest = tables_of(figure)
    table = in_table(figure, first, lambda part: doubled(first_series(figure, part), column))
    if column in DRAWS[figure].apart:
        said = both(figure, table, rest)
        _, name = SECOND[column]
        assert [name.casefold() in text.casefold() for text in said] == [True, True], said
    else:
        refused(figure, table, rest)


@pytest.mark.parametrize("figure", FIGURES)
def test_an_empty_table_one_row_and_no_value_are_said_or_drawn(figure):
    first, rest = tables_of(figure)
    for change in (lambda part: part.head(0), lambda part: part.head(1), unknown):
        said = both(figure, in_table(figure, first, change), rest)
        assert all(said), (figure, said)


def unknown(table):
    """The same table without any number."""
    numbers = table.select_dtypes("number").columns.difference(
        [
            "start",
            "end",
            "window",
            "year",
            "order",
            "removed",
            "first_year",
            "last_year",
            "n_ties",
            "n_partners",
            "n_events",
            "n_placed",
            "n_tied",
            "correlation",
            "n_peers",
            "pact_year",
        ]
    )
    gone = dict.fromkeys(numbers, np.nan)
    if "status" in table:
        gone["status"] = "not_covered"
    return table.assign(**gone)


def test_a_line_of_each_state_has_its_own_colour_and_its_values():
    table = doubled(cases.measures(series=[("mme", "exercise", 2024, 6.0)]), "country")
    table.loc[table["country"] == "IND", ["estimate", "low", "high"]] *= 2
    ax = plot.trend(table)
    lines = {
        line.get_label(): line for line in ax.lines if line.get_label() in ("Pakistan", "India")
    }
    assert lines["Pakistan"].get_color() != lines["India"].get_color()
    for code, name in (("PAK", "Pakistan"), ("IND", "India")):
        own = table.loc[table["country"] == code, "estimate"]
        assert lines[name].get_ydata() == pytest.approx(own.to_numpy())
    said = plot.describe_trend(table)
    assert "India: " in said
    assert "Pakistan: " in said


def test_states_and_instruments_are_told_apart_in_every_look():
    table = doubled(cases.measures(), "country")
    found = series.of(table, "trend")
    assert len(set(map(str, found.looks.values()))) == len(found.labels) == 10
    assert len(set(found.labels.values())) == 10
    colours = {key[0]: look[0] for key, look in found.looks.items()}
    assert all(look[0] == colours[key[0]] for key, look in found.looks.items())


def test_more_states_than_colours_are_refused():
    table = cases.measures(series=[("mme", "exercise", 2024, 6.0)], years=[2020])
    many = pd.concat([table.assign(country=f"X{letter}") for letter in "ABCDEFGHIJKLMNOPQ"])
    with pytest.raises(ParameterError, match="Select fewer"):
        plot.trend(many)


def test_a_state_that_is_no_peer_is_not_left_out_in_silence():
    measures, chosen = cases.tables_of("against_peers", "usual")
    extra = measures[measures["country"] == measures["country"].iloc[0]].assign(country="ARG")
    refused("against_peers", pd.concat([measures, extra]), [chosen])


def test_a_refusal_says_what_there_is_and_how_to_select():
    table = doubled(cases.over_time(), "country")
    with pytest.raises(ParameterError, match=r"2 states \(PAK, IND\).*table\['country'\] == 'PAK'"):
        plot.composition(table)


@pytest.mark.parametrize("name", FIGURES)
def test_refusals_are_documented(name):
    assert "ParameterError" in inspect.getdoc(getattr(plot, name)) or DRAWS[name].one == ()


# --- one source after another --------------------------------------------------------------------


def taken_over():
    """An exact source to 2021, and one with bounds that goes on to 2024."""
    exact = cases.measures(series=[("sipri_tiv", "arms", 2021, 4.0)], years=range(2000, 2022))
    exact[["low", "high"]] = np.nan
    after = cases.measures(series=[("sipri_register", "arms", 2024, 3.0)], years=range(2022, 2025))
    return pd.concat([exact, after], ignore_index=True)


def test_an_exact_source_and_one_with_bounds_after_it_are_one_picture():
    table = taken_over()
    ax = plot.trend(table)
    (line,) = [one for one in ax.lines if one.get_label() == "Arms imports (SIPRI)"]
    (dots,) = [one for one in ax.lines if one.get_label() == "Arms imports (SIPRI register)"]
    assert line.get_color() == dots.get_color()
    assert dots.get_linestyle() == "None"
    assert dots.get_xdata().tolist() == [2022, 2023, 2024]
    (seam,) = [one for one in ax.lines if one.get_gid() == "seam"]
    assert list(seam.get_xdata()) == [2021.5, 2021.5]
    assert "from 2022 (dots and bars): SIPRI register" in texts(ax)
    said = plot.describe_trend(table)
    assert said.index("SIPRI register") < said.index("(SIPRI):")  # the newest first


def test_sources_of_the_same_years_stay_two_lines():
    ax = plot.trend(cases.CASES["trend"]["two sources"])
    assert [one for one in ax.lines if one.get_gid() == "seam"] == []


def test_arms_go_on_by_the_register_where_the_annual_tables_end():
    every = an.selections.portfolios("PAK", start=2015, end=2024)
    arms = an.selections.for_instrument(
        an.selections.continued_arms(every), "arms"
    ).drop_duplicates("end")
    assert arms["end"].tolist() == list(range(2015, 2025))
    assert set(arms.loc[arms["end"] <= 2021, "source"]) == {"sipri_tiv"}
    assert set(arms.loc[arms["end"] > 2021, "source"]) == {"sipri_register"}
    none = every[every["source"] != "sipri_register"]
    assert set(an.selections.continued_arms(none)["source"]) == set(
        an.selections.one_arms_source(none)["source"]
    )
