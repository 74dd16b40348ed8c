"""Change of partners against scipy, and cases counted by hand."""

import numpy as np
import pytest
from scipy.spatial import distance

from analysis.errors import ParameterError
from analysis.measures.turnover import bray_curtis, entry, jaccard, leaving, survival

PAIRS = [bray_curtis, jaccard, entry, leaving, survival]


def test_dissimilarities_equal_scipy(rng):
    before, after = rng.poisson(1.5, size=(2, 40, 12))
    for x, y in zip(before, after, strict=True):
        assert bray_curtis(x, y) == pytest.approx(distance.braycurtis(x, y), rel=1e-14)
        assert jaccard(x, y) == pytest.approx(distance.jaccard(x > 0, y > 0), rel=1e-14)
        relative = distance.braycurtis(x / x.sum(), y / y.sum())
        assert bray_curtis(x, y, relative=True) == pytest.approx(relative, rel=1e-12)


def test_bray_curtis_by_hand():
    # 6, 7, 4 and 10, 0, 6: 4 + 7 + 2 of 33
    assert bray_curtis([6, 7, 4], [10, 0, 6]) == pytest.approx(13 / 33, rel=1e-15)


def test_rates_by_hand():
    # three stay, one goes, two come
    before, after = [5, 1, 2, 4, 0, 0], [1, 1, 9, 0, 1, 1]
    assert survival(before, after) == 3 / 4
    assert leaving(before, after) == 1 / 4
    assert entry(before, after) == 2 / 5
    assert jaccard(before, after) == 3 / 6


def test_growth_alone_is_no_turnover():
    assert bray_curtis([1, 2], [3, 6]) == 0.5
    assert bray_curtis([1, 2], [3, 6], relative=True) == 0
    assert [float(f([1, 2], [3, 6])) for f in (jaccard, entry, leaving, survival)] == [0, 0, 0, 1]


def test_entry_and_exit_change_places_with_time(rng):
    before, after = rng.poisson(0.7, size=(2, 50, 9))
    np.testing.assert_array_equal(entry(before, after), leaving(after, before))
    np.testing.assert_allclose(survival(before, after), 1 - leaving(before, after))
    for function in (bray_curtis, jaccard):
        np.testing.assert_array_equal(function(before, after), function(after, before))


def test_empty_portfolios():
    none, some = [0, 0], [1, 2]
    for function in PAIRS:
        assert np.isnan(function(none, none))
    assert bray_curtis(none, some) == 1
    assert jaccard(none, some) == 1
    assert entry(none, some) == 1
    assert np.isnan(leaving(none, some))
    assert np.isnan(survival(none, some))
    assert survival(some, none) == 0
    assert np.isnan(bray_curtis(none, some, relative=True))


def test_impossible_portfolios_are_refused():
    for function in PAIRS:
        with pytest.raises(ParameterError, match="before has 2 partners and after 3"):
            function([1, 2], [1, 2, 3])
        with pytest.raises(ParameterError, match=r"after must be finite.*nan at \[0\]"):
            function([1, 2], [np.nan, 2])
