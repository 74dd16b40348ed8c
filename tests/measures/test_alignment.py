import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as an
from analysis.errors import ParameterError
from analysis.measures import alignment, similarity

PORTFOLIO = st.lists(st.tuples(st.floats(0.1, 9), st.floats(-3, 3)), min_size=1, max_size=8).map(
    lambda pairs: tuple(np.array(side) for side in zip(*pairs, strict=True))
)


def test_worked_by_hand():
    """Shares 0.75 and 0.25 at -1 and 1: mean -0.5, variance 0.75."""
    assert alignment.position([3, 1], [-1, 1]) == -0.5
    assert alignment.spread([3, 1], [-1, 1]) == 0.75
    assert alignment.vulnerability([3, 1], [-1, 1], own=-0.5) == 0.75
    assert alignment.connectedness([3, 1], [-1, 1], own=-0.5) == pytest.approx(0.75**0.5 / 2)


@given(PORTFOLIO, st.floats(-5, 5))
def test_moving_all_points_moves_the_position_only(portfolio, by):
    w, x = portfolio
    assert alignment.position(w, x + by) == pytest.approx(alignment.position(w, x) + by)
    assert alignment.spread(w, x + by) == pytest.approx(alignment.spread(w, x), abs=1e-9)
    moved = alignment.vulnerability(w, x + by, own=by)
    assert moved == pytest.approx(alignment.vulnerability(w, x, own=0))


@given(PORTFOLIO)
def test_spread_is_half_of_raos_entropy_of_squared_differences(portfolio):
    w, x = portfolio
    squares = np.subtract.outer(x, x) ** 2
    top = squares.max() or 1.0
    rao = similarity.rao(w, squares / top) * top
    assert alignment.spread(w, x) == pytest.approx(rao / 2, abs=1e-9)


@given(PORTFOLIO, st.floats(-3, 3))
def test_vulnerability_is_at_least_the_distance_of_the_position(portfolio, own):
    """The mean of distances is never below the distance of the mean (Jensen)."""
    w, x = portfolio
    far = abs(alignment.position(w, x) - own)
    assert alignment.vulnerability(w, x, own) >= far - 1e-12


def test_a_partner_without_a_point_is_left_out():
    assert alignment.position([3, 1, 6], [-1, 1, np.nan]) == -0.5
    assert np.isnan(alignment.position([3, 1], [np.nan, np.nan]))
    assert np.isnan(alignment.position([0, 0, 6], [-1, 1, np.nan]))
    assert np.isnan(alignment.vulnerability([3, 1], [-1, 1], own=np.nan))


def test_many_at_once():
    found = alignment.position([[3, 1], [0, 2], [0, 0]], [-1, 1])
    assert found[:2].tolist() == [-0.5, 1.0]
    assert np.isnan(found[2])


@pytest.mark.parametrize("points", [[1], [1, np.inf], [[1, 2]]])
def test_points_that_cannot_be_are_refused(points):
    with pytest.raises(ParameterError, match=r"points|partners"):
        alignment.position([1, 2], points)


def test_portfolios_are_measured_with_the_points_of_their_window():
    """Oracle: the sum over partners by hand, for Pakistan's arms imports."""
    portfolios = an.portfolio(
        an.load("arms", country="PAK", sources=["sipri_tiv"]), years=(2010, 2021)
    )
    apart = an.disparity.ideal_points_from("PAK")
    table = an.measure(portfolios, an.alignment.position, distances=apart, label="vulnerability")
    shares = an.shares(portfolios).dropna(subset="partner")
    for row in table.itertuples():
        points = an.disparity.ideal_points(row.start, row.end)
        p = shares[shares["end"] == row.end].set_index("partner")["share"]
        known = p.index.intersection(points.index)
        by_hand = (p[known] * (points[known] - points["PAK"]).abs()).sum() / p[known].sum()
        assert row.estimate == pytest.approx(by_hand)
        assert row.weight_without_distance == pytest.approx(1 - p[known].sum())
    assert len(table) == 12


def test_a_state_without_a_point_has_no_vulnerability():
    portfolios = an.portfolio(
        an.load("alliance", country="VAT", sources=["atop"]), countries=["VAT"]
    )
    apart = an.disparity.ideal_points_from("VAT")
    assert an.measure(portfolios, an.alignment.position, distances=apart)["estimate"].isna().all()
