import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError
from analysis.measures import diversity, inequality, similarity
from analysis.portfolios import panel
from analysis.portfolios.layout import PortfolioArrays, measure_rows

RNG = np.random.default_rng(20)
ROWS = RNG.integers(1, 9, size=(7, 4)).astype(float)


@pytest.fixture(scope="module")
def portfolios():
    """Portfolios of four unlike states, measured and absent, exact and open."""
    states = ["PAK", "LUX", "KIR", "TUR"]
    records = an.load("arms", "exercise", "agreement", country=states)
    return an.portfolio(records, years=(2000, 2010))


def by_hand(portfolios, function):
    """Measure portfolio by portfolio, with pandas alone."""
    return [
        float(function(ties.groupby("partner")["weight"].sum().to_numpy()))
        if ties["status"].iloc[0] == "measured"
        else np.nan
        for _, ties in portfolios.groupby(panel.PORTFOLIO, sort=False)
    ]


@pytest.mark.parametrize("function", [an.hill, an.hhi, inequality.gini])
def test_all_portfolios_at_once_are_as_one_by_one(portfolios, function):
    found = an.measure(portfolios, function)["estimate"]
    assert found.notna().sum() > 20
    assert found.isna().any()
    assert found.tolist() == pytest.approx(by_hand(portfolios, function), rel=1e-12, nan_ok=True)


def test_partners_and_events_are_counted(portfolios):
    groups = portfolios.groupby(panel.PORTFOLIO, sort=False)
    found = an.measure(portfolios, an.hill)
    assert found["n_partners"].tolist() == groups["partner"].nunique().tolist()
    assert found["n_events"].tolist() == groups["event_id"].nunique().tolist()


def test_order_of_rows_does_not_matter(portfolios):
    keys = panel.PORTFOLIO
    asked = {"function": an.hill, "order": 2, "draws": 40, "seed": 3}
    whole = an.measure(portfolios, **asked).sort_values(keys, ignore_index=True)
    mixed = an.measure(portfolios.sample(frac=1, random_state=1), **asked)
    mixed = mixed.sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(mixed, whole)


def test_a_subset_of_portfolios_has_the_same_intervals(portfolios):
    asked = {"function": an.hill, "order": 1, "draws": 40, "seed": 3}
    whole = an.measure(portfolios, **asked)
    part = an.measure(portfolios[portfolios["country"] == "TUR"], **asked)
    own = whole[whole["country"] == "TUR"].reset_index(drop=True)
    assert own["low"].notna().sum() > 5
    pd.testing.assert_frame_equal(part, own, check_exact=True)


def test_distances_follow_labels_and_windows(portfolios):
    """Oracle: Σ d p p by hand; the distance table differs by window and lacks one partner."""
    partners = sorted(portfolios["partner"].dropna().unique())[::-1]
    partners.remove("USA")

    def distances(first, last):
        spots = np.array([(ord(p[0]) * 7 + ord(p[2]) * last) % 50 for p in partners]) / 50
        apart = abs(np.subtract.outer(spots, spots))
        return pd.DataFrame(apart, partners, partners)

    found = an.measure(portfolios, similarity.rao, distances=distances)
    measured = portfolios[portfolios["status"] == "measured"]
    for key, ties in measured.groupby(panel.PORTFOLIO):
        p = ties.groupby("partner")["weight"].sum()
        row = found[(found[panel.PORTFOLIO] == list(key)).all(axis=1)].iloc[0]
        assert row["weight_without_distance"] == pytest.approx(p.get("USA", 0.0) / p.sum())
        p = p.drop("USA", errors="ignore")
        d = distances(*key[3:]).loc[p.index, p.index]
        expected = (d.mul(p, axis=0) * p).sum().sum() / p.sum() ** 2 if len(p) else np.nan
        assert row["estimate"] == pytest.approx(expected, abs=1e-12, nan_ok=True)


def test_distances_with_a_label_twice_are_refused(portfolios):
    labels = ["USA", "USA"]
    table = pd.DataFrame(np.zeros((2, 2)), index=labels, columns=labels)
    with pytest.raises(ParameterError, match="one row and one"):
        an.measure(portfolios, similarity.rao, distances=table)


def along_the_last_axis(w):
    return w.max(axis=-1) / w.sum(axis=-1)


@pytest.mark.parametrize(
    "function",
    [
        along_the_last_axis,
        lambda w: w.max() / w.sum(),
        lambda w: max(w) / sum(w),
        lambda w: w.max(axis=-1) / w.sum(axis=-1) * len(w) / 4,
        lambda w: np.sort(w)[-1] / w.sum(),
    ],
)
def test_ones_own_measure_may_be_for_one_portfolio_only(function):
    """A function that is wrong for several portfolios at once is applied to each."""
    for rows in (ROWS, ROWS[:4], ROWS[:1]):
        assert measure_rows(function, rows) == pytest.approx(rows.max(axis=1) / rows.sum(axis=1))


def test_a_measure_that_gives_several_numbers_is_refused(portfolios):
    with pytest.raises(ParameterError, match="one number"):
        an.measure(portfolios, lambda w: diversity.hill(w, [0, 1, 2]))


def test_errors_of_a_measure_are_its_own():
    def refuse(w):
        raise ParameterError("no counts")

    with pytest.raises(ParameterError, match="no counts"):
        measure_rows(refuse, ROWS)


def test_one_portfolio_that_cannot_be_measured_does_not_stop_the_others(portfolios):
    """Neither alone nor with draws; but what can measure none is an error."""

    def few_only(w):
        if np.shape(w)[-1] > 3:
            raise ValueError("more than three partners")
        return diversity.hhi(w)

    expected = an.measure(portfolios, diversity.hhi)
    many = (expected["n_partners"] > 3).to_numpy()
    assert 0 < many.sum() < (expected["status"] == "measured").sum()
    for options in ({}, {"draws": 20, "seed": 1}):
        found = an.measure(portfolios, few_only, **options)
        assert found["status"].eq("refused").tolist() == many.tolist()
        assert found.loc[many, "interval"].eq("none: more than three partners").all()
        kept = found.loc[~many, "estimate"]
        np.testing.assert_array_equal(kept, expected.loc[~many, "estimate"])
    with pytest.raises(ValueError, match="more than three"):
        an.measure(portfolios[portfolios["partner"].notna()], lambda w: few_only(np.ones(9)))


def test_draws_that_cannot_be_measured_stop_no_others(portfolios):
    """Draws have partners that were missed, and may have too many where the record has not."""
    most = int(an.measure(portfolios, diversity.hhi)["n_partners"].max())

    def as_many_as_recorded(w):
        if np.shape(w)[-1] > most:
            raise ValueError("too many partners")
        return diversity.hhi(w)

    expected = an.measure(portfolios, diversity.hhi, draws=20, seed=1)
    found = an.measure(portfolios, as_many_as_recorded, draws=20, seed=1)
    failed = found["interval"].eq("none: too many partners")
    assert 0 < failed.sum() < found["low"].notna().sum()
    assert found.loc[failed, "low"].isna().all()
    pd.testing.assert_series_equal(found["estimate"], expected["estimate"])
    names = set(an.draw(portfolios, as_many_as_recorded, draws=5, seed=1)["source"])
    assert names <= {"mme", "dcad"}


def test_layout_of_no_ties():
    arrays = PortfolioArrays.of(pd.DataFrame(columns=panel.COLUMNS), np.zeros(0, dtype=int), 3)
    assert arrays.n_events().tolist() == [0, 0, 0]
    assert arrays.is_open().tolist() == [False] * 3
    assert list(arrays.by_width(np.ones(3, dtype=bool))) == []
