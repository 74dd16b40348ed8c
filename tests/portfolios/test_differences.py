import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError


@pytest.fixture(scope="module")
def exercises():
    records = an.load("exercise", "agreement", sources=["mme", "dcad"])
    records = records[records["country"].isin(["PAK", "IND", "USA"])]
    return an.portfolio(records, years=(2008, 2010))


def of(portfolios, country, end):
    return portfolios[(portfolios["country"] == country) & (portfolios["end"] == end)]


def test_a_difference_is_that_of_the_two_estimates(exercises):
    pakistan, india = of(exercises, "PAK", 2010), of(exercises, "IND", 2010)
    table = an.difference(pakistan, india, an.hill, order=1)
    one, other = (an.measure(part, an.hill, order=1) for part in (pakistan, india))
    assert table["difference"].tolist() == (one["estimate"] - other["estimate"]).tolist()
    assert table["interval"].tolist() == ["none", "none"]
    assert table["low"].isna().all()


def test_a_portfolio_does_not_differ_from_itself(exercises):
    pakistan = of(exercises, "PAK", 2010)
    table = an.difference(pakistan, pakistan, an.hill, order=1, draws=200, seed=1)
    assert table["difference"].tolist() == [0, 0]
    # too few agreements for an upper limit of either, so for none of the difference
    assert table["interval_kind"].tolist() == ["bootstrap", "too_few"]
    assert table["low"].iloc[0] <= 0 <= table["high"].iloc[0]
    assert table.loc[1, ["low", "high"]].isna().all()
    assert table["above"].to_numpy() == pytest.approx([0.5, 0.5], abs=0.25)
    assert (table["n_events_shared"] > 5).all()


def test_the_other_way_round_it_has_the_other_sign(exercises):
    pakistan, india = of(exercises, "PAK", 2010), of(exercises, "IND", 2010)
    there = an.difference(pakistan, india, an.hhi, draws=4_000, seed=1)
    back = an.difference(india, pakistan, an.hhi, draws=4_000, seed=1)
    assert there["difference"].tolist() == (-back["difference"]).tolist()
    assert there["low"].to_numpy() == pytest.approx(-back["high"].to_numpy(), abs=0.02, nan_ok=True)
    assert there["above"].to_numpy() == pytest.approx(
        1 - back["above"].to_numpy(), abs=0.04, nan_ok=True
    )


def test_windows_that_share_events_are_compared_more_sharply_than_by_their_intervals(exercises):
    """Var(X - Y) = Var X + Var Y - 2 Cov(X, Y), and two windows share three years of five."""
    late, early = of(exercises, "USA", 2010), of(exercises, "USA", 2008)
    table = an.difference(late, early, an.hill, order=1, draws=500, seed=1).set_index("source")
    apart = [
        an.measure(part, an.hill, order=1, draws=500, seed=1).set_index("source")
        for part in (late, early)
    ]
    paired = table.loc["mme", "high"] - table.loc["mme", "low"]
    down, up = (
        [abs(part.loc["mme", end] - part.loc["mme", "estimate"]) for part in apart]
        for end in ("low", "high")
    )
    # of independent samples
    wide = np.hypot(down[0], up[1]) + np.hypot(up[0], down[1])
    assert table.loc["mme", "n_events_shared"] > 100
    assert paired < 0.85 * wide
    assert table.loc["mme", "interval"].startswith("95% bootstrap over exercises, paired")


def test_events_of_both_states_count_as_shared(exercises):
    table = an.difference(of(exercises, "PAK", 2010), of(exercises, "USA", 2010), an.hill, order=2)
    both = [set(of(exercises, code, 2010)["event_id"].dropna()) for code in ("PAK", "USA")]
    assert table["n_events_shared"].sum() == len(both[0] & both[1]) > 0


def test_with_distances_partners_that_have_none_are_left_out(exercises):
    apart = an.distances("ideal_point")
    pakistan, india = of(exercises, "PAK", 2010), of(exercises, "IND", 2010)
    table = an.difference(pakistan, india, an.rao, distances=apart, draws=200, seed=1)
    one, other = (an.measure(part, an.rao, distances=apart) for part in (pakistan, india))
    assert table["difference"].tolist() == (one["estimate"] - other["estimate"]).tolist()
    assert (table["low"] <= table["difference"]).all()
    assert (table["difference"] <= table["high"]).all()


def test_what_a_source_leaves_open_is_open_in_the_difference():
    records = an.load("arms", country="PAK", sources=["sipri_register"])
    portfolios = an.portfolio(records, years=(2016, 2021))
    late, early = of(portfolios, "PAK", 2021), of(portfolios, "PAK", 2016)
    table = an.difference(late, early, an.hhi, draws=50, seed=1).iloc[0]
    one, other = (an.measure(part, an.hhi).iloc[0] for part in (late, early))
    assert table["low"] == one["low"] - other["high"]
    assert table["high"] == one["high"] - other["low"]
    assert table["interval"].startswith("bounds")
    assert np.isnan(table["above"])


def test_a_portfolio_that_is_not_covered_has_no_difference():
    portfolios = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2008, 2014)
    )
    table = an.difference(
        of(portfolios, "PAK", 2014), of(portfolios, "PAK", 2010), an.hill, draws=9, seed=1
    )
    assert table["status"].tolist() == ["not_covered"]
    assert table["difference"].isna().all()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            lambda portfolios: pd.concat(
                [of(portfolios, "PAK", 2010), of(portfolios, "IND", 2010)]
            ),
            "several of",
        ),
        (
            lambda portfolios: of(portfolios, "PAK", 2010).assign(source="atop"),
            "nothing in common|no source",
        ),
        (
            lambda portfolios: of(portfolios, "PAK", 2010).assign(weighting="value"),
            "cannot be compared",
        ),
        (
            lambda portfolios: of(portfolios, "PAK", 2010).assign(window=3),
            "has the window 3, the other",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(exercises, change, text):
    with pytest.raises(ParameterError, match=text):
        an.difference(change(exercises), of(exercises, "PAK", 2010), an.hill)


def test_draws_can_be_had(exercises):
    """They are those of the interval: its ends can be had from them."""
    portfolios = of(exercises, "USA", 2010)
    table = an.draw(portfolios, an.hill, order=1, draws=100, seed=1)
    assert table.groupby("source").size().tolist() == [100, 100]
    own = table[table["source"] == "mme"]
    measured = (
        an.measure(portfolios, an.hill, order=1, draws=100, seed=1).set_index("source").loc["mme"]
    )
    off = np.log(own["value"] / own["model"])
    low, high = np.quantile(off - off.mean(), [0.025, 0.975])
    high_end = measured["estimate"] * np.exp(-off.mean() + max(high, -low))
    assert measured["high"] == pytest.approx(high_end)
    with pytest.raises(ParameterError, match="at least one"):
        an.draw(portfolios, an.hill, order=1, draws=0, seed=1)
