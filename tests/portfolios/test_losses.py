import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.portfolios import losses, panel


def portfolio_of(**weights):
    """One portfolio with these weights, an event a partner."""
    rows = pd.DataFrame(
        [
            {
                "country": "PAK",
                "source": "sipri_tiv",
                "instrument": "arms",
                "start": 2017,
                "end": 2021,
                "event_id": f"e{partner}",
                "partner": partner,
                "weight": weight,
                "weight_low": weight,
                "weight_high": weight,
                "weighting": "value",
                "window": 5,
                "basis": "flow",
                "status": "measured",
            }
            for partner, weight in weights.items()
        ]
    )
    return rows[panel.COLUMNS]


HILL = {"effective": lambda portfolios: an.measure(portfolios, an.hill, order=2)}


def test_loss_of_the_first_partner_by_hand():
    """Weights 6, 3, 1: order 2 is 100/46; without the first (3 + 1)^2 / (9 + 1) = 1.6."""
    row = losses.loss(portfolio_of(CHN=6, TUR=3, USA=1), HILL).iloc[0]
    assert (row["partner"], row["share_lost"]) == ("CHN", 0.6)
    assert row["before"] == pytest.approx(100 / 46)
    assert row["after"] == pytest.approx(1.6)
    second = losses.loss(portfolio_of(CHN=6, TUR=3, USA=1), HILL, rank=2).iloc[0]
    assert (second["partner"], second["after"]) == ("TUR", pytest.approx(49 / 37))


def test_loss_of_the_only_partner_leaves_an_empty_portfolio():
    alone = portfolio_of(CHN=6)
    row = losses.loss(alone, HILL).iloc[0]
    assert (row["share_lost"], row["before"]) == (1.0, 1.0)
    assert np.isnan(row["after"])
    left = losses.without(alone, "CHN")
    assert left["status"].tolist() == ["empty"]
    assert left["partner"].isna().all()


def test_without_somebody_who_is_no_partner_changes_nothing():
    portfolios = portfolio_of(CHN=6, TUR=3)
    pd.testing.assert_frame_equal(losses.without(portfolios, "FRA"), portfolios)


def test_removal_curve_falls_from_one_to_nothing():
    curve = losses.removal(portfolio_of(CHN=6, TUR=3, USA=1))
    assert curve["removed"].tolist() == [0, 1, 2, 3]
    assert curve["share_left"].tolist() == pytest.approx([1.0, 0.4, 0.1, 0.0])
    assert curve["partner"].tolist()[1:] == ["CHN", "TUR", "USA"]


def test_the_area_under_the_removal_curve_is_that_of_its_points():
    portfolios = portfolio_of(CHN=6, TUR=3, USA=1)
    left = losses.removal(portfolios)["share_left"].iloc[1:]
    area = an.measure(portfolios, an.risk.robustness)["estimate"].item()
    assert area == pytest.approx(left.mean())


def test_pakistan_without_china():
    """In SIPRI's annual tables 28.0% of 2017-21 is left."""
    records = an.load("arms", country="PAK", sources=["sipri_tiv"])
    portfolios = an.portfolio(records, years=(2021, 2021))
    row = losses.loss(portfolios, HILL).iloc[0]
    assert (row["partner"], 1 - row["share_lost"]) == ("CHN", pytest.approx(0.280, abs=5e-4))
