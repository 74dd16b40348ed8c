"""States set beside one another in one call, and the rows behind a number."""

import numpy as np
import pytest

import analysis as an
from analysis.errors import ParameterError
from analysis.studies import compare as module


def test_each_state_is_measured_as_by_itself():
    found = an.compare(["PAK", "IND", "BGD"], instrument="arms", end=2021, draws=0)
    exact = found[found["source"] == "sipri_tiv"].set_index("country")
    for code in ("PAK", "IND", "BGD"):
        alone = an.portfolio(
            an.load("arms", country=code, sources=["sipri_tiv"]),
            years=(2021, 2021),
            countries=[code],
        )
        value = an.measure(alone, an.hill, order=1)["estimate"].item()
        assert exact.loc[code, "estimate"] == pytest.approx(value)
    apart = exact["estimate"] - exact.loc["PAK", "estimate"]
    others = ["IND", "BGD"]
    assert exact.loc[others, "difference"].tolist() == pytest.approx(apart[others].tolist())
    assert np.isnan(exact.loc["PAK", "difference"])


def test_without_an_end_it_is_the_last_window_in_which_most_have_a_tie():
    found = an.compare(["PAK", "IND"], instrument="exercise", draws=0)
    assert set(found["end"]) == {2010}
    assert found["name"].tolist() == ["Pakistan", "India"]


def test_another_measure_and_its_options():
    found = an.compare(["PAK", "IND"], instrument="arms", measure=an.hhi, end=2021, draws=0)
    exact = found[(found["source"] == "sipri_tiv") & (found["country"] == "PAK")]
    assert exact["estimate"].item() == pytest.approx(0.530, abs=5e-4)  # SIPRI's own tables


@pytest.mark.parametrize(
    ("states", "asked", "said"),
    [
        (["PAK"], {}, "two states or more"),
        (["PAK", "Pakistan"], {}, "two states or more"),
        (
            ["PAK", "IND"],
            {"instrument": "arms", "end": 1900},
            "No source measures arms of Pakistan",
        ),
    ],
)
def test_what_cannot_be_compared_is_said(states, asked, said):
    with pytest.raises(ParameterError, match=said):
        an.compare(states, draws=0, **asked)


def test_rows_add_up_to_the_weights_of_a_portfolio():
    made = an.portfolio(
        an.load("arms", country="PAK", sources=["sipri_tiv"]), years=(2021, 2021), countries=["PAK"]
    )
    behind = an.rows(made)
    assert behind["value"].sum() == pytest.approx(made["weight"].sum())
    assert set(behind["start"].dt.year) <= set(range(2017, 2022))
    assert an.rows(an.measure(made, an.hill, order=1)).equals(behind)


def test_rows_of_two_windows_say_which_they_are_of():
    made = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2009, 2010), countries=["PAK"]
    )
    behind = an.rows(made)
    assert set(behind["portfolio_end"]) == {2009, 2010}
    one = behind[behind["portfolio_end"] == 2010]
    assert one["event_id"].nunique() == made[made["end"] == 2010]["event_id"].nunique()


def test_a_table_without_a_window_has_no_rows():
    with pytest.raises(ParameterError, match="lacks source, instrument"):
        module.rows(
            an.shares(an.portfolio(an.load("arms", country="PAK")))[["country", "start", "end"]]
        )
