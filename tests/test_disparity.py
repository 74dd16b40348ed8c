import numpy as np
import pytest

import analysis as an
from analysis import disparity
from analysis.errors import ParameterError


def test_distances_are_distances():
    table = an.distances("ideal_point", years=(2015, 2019))
    assert (table.index == table.columns).all()
    apart = table.to_numpy()
    assert np.allclose(apart, apart.T)
    assert (np.diag(apart) == 0).all()
    assert apart.max() == 1
    assert apart.min() == 0


def test_the_united_states_stand_apart_from_pakistan_and_china():
    """Bailey et al. 2017: the US ideal point is far above both in the 2010s."""
    points = disparity.ideal_points(2010, 2019)
    assert points["USA"] > points["GBR"] > points["PAK"] > points["CHN"] - 1
    table = an.distances("ideal_point", years=(2010, 2019))
    assert table.loc["PAK", "CHN"] < 0.25 < 0.5 < table.loc["PAK", "USA"]


def test_states_without_an_estimate_are_absent_not_zero():
    assert "SSD" not in disparity.ideal_points(1990, 1995)
    assert "SUN" in disparity.ideal_points(1980, 1985)
    assert "SUN" not in disparity.ideal_points(2000, 2005)
    assert disparity.ideal_point_distances(1930, 1940).empty


def test_kind_must_be_known():
    with pytest.raises(ParameterError, match="ideal_point"):
        an.distances("friendship")
