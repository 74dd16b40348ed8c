"""What a measure is, is known whatever is put around it."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError
from analysis.measures import alignment, diversity, risk, similarity, unseen
from analysis.measures._specs import SPECS, Measure
from analysis.portfolios import losses


def arms(source, years):
    records = an.load("arms", country="PAK", sources=[source])
    return an.portfolio(records, years=years)


@pytest.fixture(scope="module")
def register():
    """Two windows whose deals are spread over years."""
    return arms("sipri_register", (2020, 2021))


def assert_same(one, other):
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "wrapped",
    [
        partial(unseen.chao1),
        partial(unseen.chao1, variant="classic"),
        partial(partial(unseen.chao1), variant="classic"),
    ],
)
def test_a_partial_estimator_refuses_amounts_as_the_estimator_does(wrapped):
    with pytest.raises(ParameterError, match="chao1 needs counts; sipri_tiv has no sampling unit"):
        an.measure(arms("sipri_tiv", (2021, 2021)), wrapped)


@pytest.mark.parametrize("function", [f for f, spec in SPECS.items() if spec.needs_counts])
def test_no_estimator_from_counts_takes_amounts_or_shares(function, register):
    for wrapped in (function, partial(function)):
        with pytest.raises(ParameterError, match="needs counts"):
            an.measure(register, wrapped)
        with pytest.raises(ParameterError, match="needs counts, and here shares"):
            losses.each(register, wrapped)
        with pytest.raises(ParameterError, match="needs counts, and here shares"):
            an.change.explain(register, register, wrapped)


@pytest.mark.parametrize(
    ("function", "options"),
    [
        (diversity.hill, {"order": 1}),
        (diversity.hill, {"order": 2}),
        (diversity.hhi, {"normalised": True}),
        (diversity.concentration_ratio, {"k": 3}),
        (diversity.evenness, {}),
        (diversity.shannon, {}),
        (diversity.n_partners, {}),
    ],
)
def test_a_partial_keeps_bounds_limits_and_name(function, options, register):
    plain = an.measure(register, function, **options)
    assert plain["interval_kind"].eq("bounds").all()
    assert_same(an.measure(register, partial(function, **options)), plain)
    assert_same(an.measure(register, partial(partial(function), **options)), plain)


def test_an_option_said_last_holds(register):
    asked = partial(diversity.hill, order=2)
    assert_same(an.measure(register, asked, order=1), an.measure(register, diversity.hill, order=1))
    both = an.measure(register, partial(diversity.hill, order=[0, 2]))
    assert_same(both, an.measure(register, diversity.hill, order=[0, 2]))


class Largest:
    """A measure that is an object, and has no hash."""

    __hash__ = None

    def __call__(self, weights):
        return weights.max(axis=-1) / weights.sum(axis=-1)


def of_others(share, weights):
    return weights.max(axis=-1) * share


@pytest.mark.parametrize(
    "function",
    [
        lambda w: w.max(axis=-1),
        Largest(),
        partial(Largest()),
        partial(of_others, 0.5),
        an.inequality.gini,
        partial(an.inequality.gini),
        risk.robustness,
    ],
)
def test_what_is_open_is_not_passed_over_where_bounds_are_not_known(function, register):
    found = an.measure(register, function, draws=20, seed=1)
    assert found["estimate"].notna().all()
    assert set(found["interval"]) == {"none: bounds of this measure are not known"}
    assert set(found["interval_kind"]) == {"unknown"}
    assert found["low"].isna().all()
    late, early = register[register["end"] == 2021], register[register["end"] == 2020]
    apart = an.difference(late, early, function, draws=20, seed=1).iloc[0]
    assert apart["interval_kind"] == "unknown"
    assert np.isnan(apart["low"])


def test_the_kind_of_every_interval_is_a_plain_word():
    exact = arms("sipri_tiv", (2021, 2021))
    mme = an.load("exercise", country="PAK", sources=["mme"])
    events = an.portfolio(mme, years=(1984, 2010))
    treaties = an.portfolio(
        an.load("alliance", country="PAK", sources=["atop"]), years=(2000, 2000)
    )
    assert an.measure(exact, an.hill)["interval_kind"].tolist() == ["exact"]
    assert set(an.measure(events, an.hill)["interval_kind"]) == {"none"}
    drawn = an.measure(events, an.hill, draws=20, seed=1)
    assert {"bootstrap", "too_few"} <= set(drawn["interval_kind"])
    assert drawn["interval_kind"].isin(["bootstrap", "at_least"]).equals(drawn["low"].notna())
    assert drawn["interval_kind"].eq("bootstrap").equals(drawn["high"].notna())
    assert (
        drawn.loc[drawn["interval_kind"] == "bootstrap", "interval_coverage"].between(0, 100).any()
    )
    number = an.measure(events, an.n_partners, draws=20, seed=1)
    assert "number" in set(number["interval_kind"])
    assert "sensitivity" in set(an.measure(treaties, an.hill, draws=20, seed=1)["interval_kind"])
    for kind in drawn["interval_kind"]:
        assert type(kind) is str


def test_measures_have_a_name_for_programs():
    names = {
        "hill_1": (diversity.hill, {}),
        "hill_inf": (diversity.hill, {"order": np.inf}),
        "hill_0.5": (partial(diversity.hill, order=0.5), {}),
        "concentration_ratio_3": (diversity.concentration_ratio, {"k": 3}),
        "hhi": (diversity.hhi, {"normalised": False}),
        "hhi_normalised": (diversity.hhi, {"normalised": True}),
        "chao1_variant_classic": (unseen.chao1, {"variant": "classic"}),
        "chao1": (unseen.chao1, {"variant": "chao_jost"}),
        "measure": (lambda w: w, {}),
    }
    assert {Measure.of(*asked).id: name for name, asked in names.items()} == {
        name: name for name in names
    }


def test_a_measure_is_told_of_its_partners_by_the_argument_it_takes(register):
    apart = an.distances("region")
    found = an.measure(register, similarity.leinster_cobbold, distances=apart, order=2)
    equivalent = an.measure(register, similarity.rao_equivalent, distances=apart)
    np.testing.assert_allclose(found["estimate"], equivalent["estimate"])
    for function in (similarity.rao, similarity.leinster_cobbold, alignment.position):
        with pytest.raises(ParameterError, match="has to know how unlike partners are"):
            an.measure(register, function)
    with pytest.raises(ParameterError, match="hill takes no distances"):
        an.measure(register, an.hill, distances=apart)
    with pytest.raises(ParameterError, match="position takes points; these are distances"):
        an.measure(register, alignment.position, distances=apart)


@pytest.mark.parametrize(
    ("function", "options", "needed"),
    [
        (an.alignment.vulnerability, {"distances": an.disparity.ideal_points}, "own"),
        (an.rarefaction.at_size, {}, "size and order"),
        (an.rarefaction.at_coverage, {"order": 1}, "level"),
    ],
)
def test_a_measure_that_lacks_an_option_says_which(function, options, needed):
    events = an.load("exercise", country="PAK", sources=["mme"])
    made = an.portfolio(events, years=(2010, 2010), weighting="count")
    with pytest.raises(ParameterError, match=f"{function.__name__} needs {needed}: say"):
        an.measure(made, function, **options)
