"""The explorer: what its controls change, without a browser and in one."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest

import analysis as an
from analysis import display, explore
from analysis.plot.parts.style import frame
from analysis.portfolios import battery
from analysis.report import run
from analysis.sources import countries
from analysis.studies import selections


@pytest.fixture
def pakistan():
    return explore.Explorer("PAK", instrument="arms", draws=0)


def seen(explorer: explore.Explorer) -> str:
    return explorer._view.value


# --- what is shown -------------------------------------------------------------------------------


def test_the_first_view_is_that_of_the_parameters(pakistan):
    """SIPRI's published 72.0% from China in 2017-21; at q = ∞ the effective number is 1/0.72."""
    data, about = pakistan.table._repr_mimebundle_()
    assert re.search(r"2017–2021</td><td[^>]*>China</td><td[^>]*>72\.0%", data["text/html"])
    assert about[display.META]["kind"] == "table"
    pakistan.controls["order"].value = np.inf
    measured = explore.measured(pakistan.choice(), draws=0, seed=1)
    last = measured[(measured["source"] == "sipri_tiv") & (measured["end"] == 2021)]
    assert last["estimate"].tolist() == pytest.approx([1 / 0.720], abs=1e-3)


CHANGES = {
    "country": "IND", "instrument": "exercise", "start": 1980, "end": 2010, "window": 3,
    "order": 2.0, "distance": "region",
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), CHANGES.items())
def test_each_control_changes_the_figure_and_back(pakistan, name, value):
    before, was = seen(pakistan), pakistan.controls[name].value
    pakistan.controls[name].value = value
    assert seen(pakistan) != before
    pakistan.controls[name].value = was
    assert seen(pakistan) == before


def test_the_weighting_changes_the_exercises():
    explorer = explore.Explorer("PAK", instrument="exercise", draws=0)
    before = seen(explorer)
    explorer.controls["weighting"].value = "count"
    assert seen(explorer) != before
    explorer.controls["weighting"].value = "fractional"
    assert seen(explorer) == before  # as is usual for exercises


def test_states_that_go_on_count_as_one_or_two():
    explorer = explore.Explorer("IND", instrument="arms", start=1990, end=2000, draws=0)
    before = seen(explorer)
    explorer.controls["continuing"].value = "apart"
    assert seen(explorer) != before
    explorer.controls["continuing"].value = "one"
    assert seen(explorer) == before


def test_the_figure_table_and_limits_are_of_the_same_state(pakistan):
    pakistan.controls["country"].value = "LKA"
    told = pakistan._told.outputs[0]["data"]["text/plain"]
    assert "Sri Lanka, arms imports" in seen(pakistan)
    assert "Sri Lanka: first partners" in pakistan._rows.value
    assert told == an.text.limits("LKA", an.coverage.coverage("LKA", start=1990, end=2024))


def test_bands_come_after_estimates():
    """Both are of the same estimates; those at once have no drawn band."""
    explorer = explore.Explorer("PAK", instrument="exercise", draws=20)
    choice = explorer.choice()
    at_once, later = (explore.measured(choice, draws=n, seed=1) for n in (0, 20))
    assert at_once["estimate"].equals(later["estimate"])
    assert at_once["low"].isna().all()
    assert later["low"].notna().any()


def test_by_regions_that_are_wholly_unlike_partners_are_as_diverse_as_their_regions():
    """With distances of 0 and 1 similar states are one (Leinster and Cobbold 2012, naive model)."""
    made = selections.latest(
        selections.portfolios("PAK", start=2010, end=2010, instruments=("arms",))
    )
    found = battery.effective(made, draws=0, seed=1, order=2.0, distance="region")
    shares = an.shares(made)
    shares["region"] = shares["partner"].map(countries.region_of)
    by_region = shares.groupby(["source", "region"])["share"].sum()
    expected = 1 / (by_region**2).groupby("source").sum()
    assert dict(zip(found["source"], found["estimate"], strict=True)) == pytest.approx(
        expected.to_dict()
    )
    assert set(found["measure"]) == {"effective unlike partners by region, q = 2"}


# --- what cannot be shown ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"country": "KIR"}, "Nothing to show for “Kiribati, arms imports"),
        ({"country": "KIR"}, "not covered by the source"),
        ({"weighting": "count"}, "Weighting &#x27;count&#x27; cannot be had from"),
        ({"end": 1989}, "the first is the later"),
        ({"start": 2025, "end": 2026}, "not covered"),
    ],
)
def test_what_cannot_be_is_a_sentence(pakistan, changes, said):
    for name, value in changes.items():
        pakistan.controls[name].value = value
    assert said in seen(pakistan)
    assert "<img" not in seen(pakistan)
    pakistan.controls["country"].value = "PAK"


def test_a_state_without_arms_data_is_told_how_to_get_them(pakistan):
    pakistan.controls["country"].value = "KIR"
    assert "partnerships import sipri FILE" in pakistan._told.outputs[0]["data"]["text/markdown"]


def test_a_state_begins_with_an_instrument_in_which_it_has_ties():
    assert "Kiribati, alliances" in seen(explore.Explorer("KIR", draws=0))
    assert "Pakistan, arms imports" in seen(explore.Explorer("PAK", draws=0))


def test_a_value_that_no_list_offers_is_offered():
    explorer = explore.Explorer("PAK", order=0.7, distance="voting", start=2018, draws=0)
    assert (explorer.controls["order"].value, explorer.controls["distance"].value) == (
        0.7,
        "voting",
    )
    assert "by voting, q = 0.7" in seen(explorer)


NO_CONTROL = ("draws", "seed", "peers")


def test_the_list_of_states_begins_with_the_state_and_its_peers():
    explorer = explore.Explorer("PAK", peers=["IND", "LKA"], draws=0)
    codes = [code for _, code in explorer.controls["country"].options]
    assert codes[:3] == ["PAK", "IND", "LKA"]
    assert sorted(codes) == countries.all_states()


def test_every_parameter_of_the_notebook_has_a_control_but_those_of_the_draws(pakistan):
    declared = run.declared(run.read(run.find("explore")))
    controlled = [name for name in declared if name not in NO_CONTROL]
    assert [*pakistan.controls] == [*controlled, "distance"]
    for name in ("instrument", "weighting"):
        offered = {value for _, value in pakistan.controls[name].options} - {""}
        assert offered == set(declared[name].choices)


# --- the figure ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("country", "instrument"), [("PAK", "arms"), ("PAK", "alliance"), ("USA", "exercise")]
)
def test_nothing_is_cut_off(country, instrument):
    """Since the place of the Axes is fixed, whatever the labels."""
    made = selections.drop_silent_instruments(
        selections.portfolios(country, start=1990, end=2024, instruments=(instrument,))
    )
    found = battery.effective(made, draws=10, seed=1, distance="ideal_point")
    ax = an.plot.trend(found, ax=frame(), source_note=an.display.source_note(found))
    ax.figure.canvas.draw()
    box, sheet = ax.figure.get_tightbbox(), ax.figure.get_size_inches()
    plt.close(ax.figure)
    assert min(box.x0, box.y0) >= 0
    assert (box.x1, box.y1) <= (sheet[0], sheet[1])


def test_the_figure_has_alt_text_and_is_inert(pakistan):
    image = r'<img src="data:image/svg\+xml;base64,[^"]+" alt="Lines of effective [^"]{60,}"'
    assert re.search(image, seen(pakistan))


# --- elsewhere -----------------------------------------------------------------------------------


def test_without_widgets_the_first_view_is_shown(monkeypatch, pakistan):
    monkeypatch.setattr(explore, "_can_control", lambda: False)
    plain = explore.Explorer("PAK", instrument="arms", draws=0)
    assert plain.controls == {}
    for part in ("figure", "table", "limits"):
        data, about = getattr(plain, part)._repr_mimebundle_()
        live, live_about = getattr(pakistan, part)._repr_mimebundle_()
        assert display.WIDGET_MIME in live
        assert {k: v for k, v in live.items() if k != display.WIDGET_MIME} == data
        assert live_about == about
