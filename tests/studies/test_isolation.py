"""Losses of partners and blocs, and defaults: against sums by hand and published shares."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import analysis as an
from analysis.studies.isolation import tables as isolation


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def last():
    made = an.selections.portfolios("PAK", start=2005, end=2021)
    return an.selections.latest(
        an.selections.drop_silent_instruments(an.selections.one_arms_source(made))
    )


@pytest.fixture(scope="module")
def lost(last):
    return isolation.partners_lost(last, order=1)


def of(table, instrument):
    return table[table["instrument"] == instrument]


# --- partners ------------------------------------------------------------------------------------


def test_losses_are_those_of_the_portfolio_measured_without(last, lost):
    """Oracle: take the partner out of the portfolio, and measure again."""
    for instrument, partner in (("arms", "CHN"), ("exercise", "USA"), ("agreement", "CHN")):
        made = of(last, instrument)
        row = of(lost, instrument).set_index("partner").loc[partner]
        left = an.losses.without(made, partner)
        found = an.measure(left, an.hill, order=1)["estimate"].item()
        assert row["effective_after"] == pytest.approx(found)
        found = an.measure(left, an.rao, distances=an.distances("ideal_point"))["estimate"].item()
        assert row["rao_after"] == pytest.approx(found)


def test_the_first_to_go_is_that_of_the_loss(last, lost):
    known = an.country_profile.losses(last)
    known = known[known["measure"] == "effective partners, q = 1"].set_index("instrument")
    first = lost.drop_duplicates("instrument").set_index("instrument")
    for instrument in known.index:
        assert first.loc[instrument, "partner"] == known.loc[instrument, "partner"]
        assert first.loc[instrument, "share_lost"] == pytest.approx(
            known.loc[instrument, "share_lost"]
        )
    assert first.loc["arms", "share_lost"] == pytest.approx(0.720, abs=5e-4)  # SIPRI, 2017-21


def test_shares_lost_add_up_to_one_and_an_only_partner_leaves_nothing(lost):
    sums = lost.groupby(["source", "instrument"])["share_lost"].sum()
    assert sums.tolist() == pytest.approx([1] * len(sums))
    pact = of(lost, "alliance/defense")
    assert len(pact) == 1
    assert np.isnan(pact["effective_after"].item())
    table = isolation.partners_table(lost)
    assert not table["of"].str.contains("non-aggression").any()  # all weigh the same
    assert (
        "none left"
        in table.loc[table["of"].str.startswith("defence pacts"), "effective partners"].item()
    )


# --- blocs ---------------------------------------------------------------------------------------


def test_the_loss_of_a_bloc_is_that_of_its_members(last):
    made = of(last, "exercise")
    table = an.losses.each(made, an.hill, order=2, blocs=an.blocs.by_region).set_index("lost")
    shares = an.shares(made)
    region = shares["partner"].map(an.countries.region_of)
    assert table["share_lost"].to_dict() == pytest.approx(
        shares.groupby(region)["share"].sum().to_dict()
    )
    gone = shares.loc[region == "South Asia", "partner"]
    left = an.measure(an.losses.without(made, *gone), an.hill, order=2)["estimate"].item()
    assert table.loc["South Asia", "after"] == pytest.approx(left)


def test_sides_are_the_nearer_ideal_point():
    sides = an.blocs.by_side(["USA", "CHN"])(2015, 2018)
    usa, china = sides["votes nearest to United States"], sides["votes nearest to China"]
    assert not usa & china
    assert {"USA", "GBR", "ISR"} <= usa
    assert {"CHN", "RUS", "PAK"} <= china
    assert an.blocs.by_side(["USA", "CHN"])(1955, 1960) == {}  # China's seat was Taiwan's


def test_pacts_are_those_of_atop():
    """NATO in 2010; the Collective Security Treaty."""
    pacts = an.blocs.by_pact()(2006, 2010)
    assert {"USA", "GBR", "TUR", "JPN"} <= pacts["United States and its defence pacts"]
    assert {"RUS", "KAZ", "BLR"} <= pacts["Russia and its defence pacts"]
    assert "RUS" not in pacts["United States and its defence pacts"]
    late = an.blocs.by_pact(["USA"])(2020, 2024)
    assert late == an.blocs.by_pact(["USA"])(2018, 2018)  # the last year on record


def test_every_region_has_one_name():
    """A territory is of the region of its neighbours, not of one spelt otherwise."""
    regions = an.blocs.by_region(2000, 2005)
    assert len(regions) == 7
    assert {"HKG", "CHN"} <= regions["East Asia and Pacific"]


# --- vulnerability and defaults ------------------------------------------------------------------


def test_vulnerability_is_the_mean_distance_by_hand(last):
    found = isolation.vulnerability("PAK", of(last, "arms"), draws=0, seed=1)
    found = found.set_index("property")
    points = an.disparity.ideal_points(2017, 2021)
    shares = an.shares(of(last, "arms")).set_index("partner")["share"]
    apart = (points - points["PAK"]).abs()[shares.index]
    mean = (shares * apart).sum()
    assert found.loc["vulnerability", "estimate"] == pytest.approx(mean)
    deviation = np.sqrt((shares * (apart - mean) ** 2).sum())
    assert found.loc["connectedness", "estimate"] == pytest.approx(deviation)


def test_without_correlation_partners_are_those_of_order_two(last):
    risks = isolation.risks(of(last, "arms"))
    none = risks[risks["correlation"] == 0]["estimate"]
    two = an.measure(of(last, "arms"), an.hill, order=2)["estimate"].item()
    assert none.tolist() == pytest.approx([two, two])
    full = risks[(risks["correlation"] == 1) & (risks["together"] == "partners of one region")]
    shares = an.shares(of(last, "arms"))
    by_region = shares.groupby(shares["partner"].map(an.countries.region_of))["share"].sum()
    assert full["estimate"].item() == pytest.approx(1 / (by_region**2).sum())


def test_a_shortfall_of_equal_partners_is_binomial(last):
    """Less than half of 38 equal partners deliver: at least 20 default."""
    from scipy.stats import binom

    rows = of(isolation.shortfalls(last), "alliance/nonaggression").set_index("default")
    assert rows.loc[0.25, "alone"] == pytest.approx(binom.sf(19, 38, 0.25), rel=1e-9)
    one = of(isolation.shortfalls(last), "alliance/defense")
    assert one["alone"].tolist() == pytest.approx(one["default"].tolist())


# --- what is shown -------------------------------------------------------------------------------


def test_the_grid_of_blocs_has_every_share(last):
    table = isolation.blocs_lost(last, order=1)
    ax = an.plot.blocs(table)
    shown = [text.get_text() for text in ax.texts if text.get_gid() == "value"]
    assert len(shown) == len(table)
    assert "72.0%" in shown
    assert "China 88.0%" in an.plot.describe_blocs(table)
    an.plot.blocs(table[:0])


def test_lines_of_defaults_end_where_the_table_does(last):
    table = isolation.risks(last)
    fig = an.plot.joint_default(table)
    assert len(fig.axes) == 2
    ends = {
        line.get_ydata()[-1] for ax in fig.axes for line in ax.lines if len(line.get_xdata()) > 2
    }
    known = table[(table["correlation"] == 1) & (table["n_partners"] > 1)]["estimate"]
    assert sorted(ends) == pytest.approx(sorted(known))
    fig.savefig("/dev/null", format="svg")  # no warning of a layout that collapses
    assert "without content" in an.plot.describe_joint_default(table[:0])
    an.plot.joint_default(table[:0])


def test_the_text_names_the_first_partner_and_the_largest_blocs(last, lost):
    told = an.isolation.opening("PAK", lost, isolation.blocs_lost(last, order=1))
    assert "China has 72.0%; 1 of 13 partners holds half" in told
    assert "votes nearest to China 88.0%" in told
    nothing = an.isolation.opening("KIR", lost[:0], isolation.blocs_lost(last, order=1)[:0])
    assert "nothing can be said of its isolation" in nothing
