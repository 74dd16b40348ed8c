"""The report on change: trends by disjoint windows, who made the difference, what changed hands."""

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.studies.change import tables

SPAN = {"start": 1990, "end": 2024, "window": 5, "weighting": None, "continuing": "one"}


@pytest.fixture(scope="module")
def pakistan():
    return an.change.portfolios("PAK", **SPAN)


def series(values, *, window=1, first=2000):
    ends = np.arange(first, first + len(values))
    return pd.DataFrame(
        {
            "source": "mme", "instrument": "exercise", "start": ends - window + 1, "end": ends,
            "estimate": values, "window": window, "basis": "flow",
        }
    )  # fmt: skip


def test_a_rise_is_one_and_noise_is_none(rng):
    rising = tables.trend(series(np.arange(12.0)))
    assert (rising["direction"].item(), rising["slope"].item()) == ("rose", 1.0)
    assert tables.trend(series(-np.arange(12.0)))["direction"].item() == "fell"
    false = [tables.trend(series(rng.normal(size=12)))["direction"].item() for _ in range(200)]
    assert np.mean([one != "open" for one in false]) < 0.1  # 0.05, but for chance


def test_windows_that_overlap_make_no_trend(rng):
    """Means of five random years in a row look like a trend unless only disjoint ones count."""
    found = []
    for _ in range(100):
        years = rng.normal(size=34)
        means = np.convolve(years, np.ones(5) / 5, mode="valid")
        found.append(tables.trend(series(means, window=5))["direction"].item())
    assert np.mean([one in ("rose", "fell") for one in found]) < 0.1


def test_three_disjoint_windows_are_too_few():
    assert tables.trend(series(np.arange(15.0), window=5))["direction"].item() == "too short"


def test_windows_keep_their_place_where_years_between_them_are_missing():
    """Without the years 2005 to 2012 the windows of every fifth year left share no year."""
    values = np.arange(30.0)
    values[6:13] = np.nan
    found = tables.trend(series(values, window=5, first=2000)).iloc[0]
    ends = [2029, 2024, 2019, 2014, 2004]  # 2009 is not known
    assert found["n_windows"] == len(ends)
    assert (found["start"], found["end"], found["slope"]) == (2000, 2029, 1.0)


def test_treaties_that_last_make_no_trend_by_lasting(rng):
    """A walk without a drift: values near each other are alike, and the test allows for it."""
    found = []
    for _ in range(60):
        walk = series(np.cumsum(rng.normal(size=40))).assign(basis="stock")
        plain = an.trends.mann_kendall(walk["estimate"].to_numpy()).p < 0.05
        found.append((plain, tables.trend(walk)["direction"].item() != "open"))
    plain, corrected = np.mean(found, axis=0)
    assert corrected < plain


def test_a_new_level_begins_where_it_does():
    values = [2.0, 2.4, 1.8, 2.2, 2.1, 1.9, 8.1, 7.8, 8.3, 8.0, 7.9, 8.2]
    assert "2006" in tables.trend(series(values, first=2000))["breaks"].item().split(", ")


def test_contributions_add_up_to_the_difference(pakistan):
    found = an.change.explained(pakistan)
    early, late = tables.ends_of(pakistan[pakistan["basis"] == "flow"])
    change = an.difference(late, early, an.hill, order=1).set_index("instrument")["difference"]
    total = found.groupby("instrument")["contribution"].sum()
    assert total.to_dict() == pytest.approx(change[total.index].to_dict())
    assert (
        early["end"].groupby(early["instrument"]).max() < late.groupby("instrument")["start"].min()
    ).all()


def test_overlap_lies_between_one_and_the_number_of_instruments(pakistan):
    found = an.change.overlap(pakistan)
    assert len(found) > 10
    assert (found["beta"] >= 1 - 1e-9).all()
    assert (found["beta"] <= found["n_parts"] + 1e-9).all()


def test_turnover_is_that_of_two_windows_by_hand(pakistan):
    found = an.change.turnover(pakistan)
    arms = found[(found["instrument"] == "arms") & (found["end"] == 2021)].set_index("property")
    held = an.shares(pakistan[pakistan["instrument"] == "arms"])
    old, new = (set(held[held["end"] == end]["partner"]) for end in (2016, 2021))
    assert arms.loc["joined", "estimate"] == pytest.approx(len(new - old) / len(new))
    assert arms.loc["left", "estimate"] == pytest.approx(len(old - new) / len(old))


@pytest.mark.parametrize("country", ["KIR", "VAT", "LUX"])
def test_states_with_little_on_record_have_a_report(country):
    made = an.change.portfolios(country, **SPAN)
    trend = an.change.trend(an.change.effective(made))
    text = an.change.opening(country, trend)
    assert "nan" not in text
    assert an.countries.name_of(country) in text
    found, overlap = an.change.explained(made), an.change.overlap(made)
    assert "nan" not in an.change.findings(found, overlap)
    an.change.explained_table(found)
    an.change.overlap_table(overlap)
    an.change.turnover(made)
