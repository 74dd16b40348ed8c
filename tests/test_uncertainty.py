import numpy as np
import pandas as pd
import pytest

from analysis import diversity
from analysis.uncertainty import Ties, bootstrap, interval


def ties(*events):
    """Build ties from events, each a mapping of partner to weight."""
    rows = [
        {"event_id": f"e{i}", "partner": p, "weight": w, "weight_low": w, "weight_high": w}
        for i, event in enumerate(events)
        for p, w in event.items()
    ]
    return Ties.of(pd.DataFrame(rows))


def test_ties_are_a_matrix_of_events_and_partners():
    made = ties({"USA": 1.0, "TUR": 0.5}, {"TUR": 2.0})
    assert made.partners == ["TUR", "USA"]
    assert made.weights.tolist() == [[0.5, 1.0], [2.0, 0.0]]
    assert not made.is_open


def test_events_are_drawn_whole():
    """Two partners who are in every event together stay together in every draw."""
    made = ties(*({"USA": 1.0, "TUR": 1.0} for _ in range(6)))
    drawn = bootstrap(made, lambda w: diversity.hill(w, 1), draws=50, seed=1, key=("a",))
    assert drawn == pytest.approx(np.full(50, 2.0))


def test_variance_of_a_share_is_the_binomial_one():
    """For n events with one partner each, a share has variance p(1-p)/n under resampling."""
    made = ties(*([{"USA": 1.0}] * 12 + [{"CHN": 1.0}] * 28))
    drawn = bootstrap(made, lambda w: w[:, 1] / w.sum(axis=1), draws=20_000, seed=5, key=("share",))
    assert drawn.mean() == pytest.approx(0.3, abs=0.003)
    assert drawn.var() == pytest.approx(0.3 * 0.7 / 40, rel=0.05)


def test_interval_is_the_central_95_percent_and_not_90():
    drawn = np.linspace(-1, 1, 200_001)
    low, high = interval(drawn, 0.0, level=0.95, limits=(-9, 9))
    assert (low, high) == (pytest.approx(-0.95, abs=1e-4), pytest.approx(0.95, abs=1e-4))


def test_interval_holds_the_estimate_and_keeps_to_the_limits():
    made = ties(*({p: 1.0} for p in ["USA", "CHN", "TUR", "FRA", "ITA", "SAU"]))
    drawn = bootstrap(made, lambda w: diversity.hill(w, 1), draws=500, seed=2, key=("x",))
    assert drawn.max() <= 6  # a draw never has more partners than the record
    low, high = interval(drawn, 6.0, level=0.95, limits=(1, np.inf))
    assert 1 <= low < 6 < high
    low, high = interval(drawn / 6, 1.0, level=0.95, limits=(0, 1))
    assert high == 1


def test_interval_of_a_missing_estimate_is_missing():
    assert np.isnan(interval(np.full(5, np.nan), np.nan, level=0.9, limits=(0, 1))).all()
