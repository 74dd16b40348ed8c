from functools import partial
from itertools import combinations

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import analysis as an
from analysis.errors import ParameterError
from analysis.measures import diversity, rarefaction, unseen
from analysis.measures._specs import Measure
from analysis.portfolios import _interval_columns, calibration
from analysis.portfolios.uncertainty import (
    Draws,
    Practice,
    Ties,
    bootstrap,
    interval,
    paired,
    paired_interval,
)
from analysis.studies.peers import ranking


def ties(*events):
    """Build ties from events, each a mapping of partner to weight."""
    rows = [
        {"event_id": f"e{i}", "partner": p, "weight": w, "weight_low": w, "weight_high": w}
        for i, event in enumerate(events)
        for p, w in event.items()
    ]
    return Ties.of(pd.DataFrame(rows))


def effective(weights):
    return diversity.hill(weights, 1)


def second_share(weights):
    return weights[:, 1] / weights.sum(axis=1)


def many(**counts):
    return ties(*({partner: 1.0} for partner, n in counts.items() for _ in range(n)))


def test_ties_are_a_matrix_of_events_and_partners():
    portfolios = ties({"USA": 1.0, "TUR": 0.5}, {"TUR": 2.0})
    assert portfolios.partners == ["TUR", "USA"]
    assert portfolios.weights.tolist() == [[0.5, 1.0], [2.0, 0.0]]


# --- the model --------------------------------------------------------------------------------


def test_nothing_is_added_to_a_complete_record():
    model = Practice.of(many(CHN=5, TUR=4, USA=3).weights)
    assert model.unseen == 0
    assert model.coverage == 1
    assert model.expected().tolist() == [5, 4, 3]


def test_unseen_partners_are_as_many_and_as_likely_as_chao_and_jost_say():
    """Counts 5, 2, 2, 1, 1, 1: 2.0625 unseen, so 3; they hold 1 less the coverage, 0.777."""
    counts = [5, 2, 2, 1, 1, 1]
    model = Practice.of(many(**{f"P{i}": n for i, n in enumerate(counts)}).weights)
    expected = model.expected()
    assert model.unseen == 3 == np.ceil(unseen.chao1(counts) - 6)
    assert expected.sum() == pytest.approx(12)
    assert expected[6:].sum() / 12 == pytest.approx(1 - unseen.coverage(counts))
    # as published: p (1 - λ (1 - p)^n)
    p = np.array(counts) / 12
    lam = (1 - unseen.coverage(counts)) / (p * (1 - p) ** 12).sum()
    assert expected[:6] / 12 == pytest.approx(p * (1 - lam * (1 - p) ** 12))


def test_there_are_no_more_unseen_partners_than_there_can_be():
    record = many(**{f"P{i}": 1 for i in range(9)}).weights
    assert Practice.of(record).unseen > 5
    assert Practice.of(record, 5).unseen == 5
    assert Practice.of(record, 0).expected().tolist() == [1] * 9


def test_samples_of_the_model_have_its_shares_on_average():
    portfolios = many(CHN=8, TUR=3, USA=1, FRA=1, ITA=1)
    model = Practice.of(portfolios.weights)
    rng = np.random.default_rng(1)
    counts = rng.multinomial(14, np.full(14, 1 / 14), size=40_000).astype(float)
    drawn = model.draw(counts, rng)
    assert drawn.sum(axis=1) == pytest.approx(np.full(40_000, 14))
    assert drawn.mean(axis=0) == pytest.approx(model.expected(), rel=0.05)


# --- drawing ----------------------------------------------------------------------------------


def test_events_are_drawn_whole():
    """Two partners who are in every event together stay together in every draw."""
    portfolios = ties(*({"USA": 1.0, "TUR": 1.0} for _ in range(6)))
    drawn = bootstrap(portfolios, effective, draws=50, seed=1, key=("a",))
    assert drawn.samples == pytest.approx(np.full(50, 2.0))


@pytest.mark.parametrize(("resampling", "n"), [("multinomial", 40), ("dirichlet", 41)])
def test_variance_of_a_share_is_the_known_one(resampling, n):
    """p(1-p)/n with replacement; p(1-p)/(n+1) with weights of a Dirichlet distribution."""
    portfolios = many(CHN=28, USA=12)
    drawn = bootstrap(
        portfolios, second_share, draws=20_000, seed=5, key=("share",), resampling=resampling
    ).samples
    assert drawn.mean() == pytest.approx(0.3, abs=0.003)
    assert drawn.var() == pytest.approx(0.3 * 0.7 / n, rel=0.05)


def test_an_unknown_way_of_resampling_is_refused():
    with pytest.raises(ParameterError, match="multinomial, dirichlet"):
        bootstrap(many(CHN=5), effective, draws=1, seed=1, key=(), resampling="jackknife")


def test_portfolios_of_the_same_events_are_drawn_alike():
    portfolios = many(CHN=9, USA=6, TUR=4)
    one, other = paired(
        portfolios, portfolios, (effective, effective), draws=200, seed=1, key=("a",)
    )
    assert one.samples == pytest.approx(other.samples)
    assert one.samples.std() > 0.05


def test_portfolios_without_a_common_event_are_drawn_apart():
    """The variance of a difference of independent shares is the sum of their variances."""
    whole = many(CHN=28, USA=12).weights
    nothing = np.zeros_like(whole)
    one = Ties(np.vstack([whole, nothing]), ["CHN", "USA"])
    other = Ties(np.vstack([nothing, whole]), ["CHN", "USA"])
    first, second = paired(
        one, other, (second_share, second_share), draws=20_000, seed=2, key=("b",)
    )
    assert np.corrcoef(first.samples, second.samples)[0, 1] == pytest.approx(0, abs=0.03)
    difference = first.samples - second.samples
    assert difference.var() == pytest.approx(2 * 0.3 * 0.7 / 40, rel=0.05)


def test_half_common_events_are_half_correlated():
    """Of 200 events of each 100 are common: so are half of the terms of either share."""
    rng = np.random.default_rng(4)
    is_usa = rng.random(300) < 0.5
    events = np.column_stack([~is_usa, is_usa]).astype(float)
    one, other = events.copy(), events.copy()
    one[200:], other[:100] = 0, 0
    first, second = paired(
        *(Ties(w, ["CHN", "USA"]) for w in (one, other)),
        (second_share, second_share),
        draws=4_000,
        seed=3,
        key=("c",),
    )
    assert np.corrcoef(first.samples, second.samples)[0, 1] == pytest.approx(0.5, abs=0.05)


# --- intervals --------------------------------------------------------------------------------


def test_interval_is_the_central_95_percent_and_not_90():
    drawn = Draws(np.linspace(-1, 1, 200_001), 0.0, 1.0)
    low, high = interval(drawn, 0.0, level=0.95, limits=(-9, 9))
    assert (low, high) == (pytest.approx(-0.95, abs=1e-4), pytest.approx(0.95, abs=1e-4))


def test_interval_corrects_the_bias_that_the_draws_show():
    """Draws a tenth below their model tell that the record is a tenth below the practice."""
    drawn = Draws(np.exp(np.linspace(-0.3, 0.3, 2_001)) * 4.5, 5.0, 1.0)
    low, high = interval(drawn, 9.0, level=0.95, limits=(1, 99))
    assert (low * high) ** 0.5 == pytest.approx(10)


def test_interval_reaches_as_far_to_either_side_as_the_longer_tail():
    skewed = np.exp(np.concatenate([np.zeros(900), np.full(100, 1.0)]))
    low, high = interval(Draws(skewed, np.exp(0.1), 1.0), 3.0, level=0.95, limits=(0, 99))
    assert (low, high) == (pytest.approx(3 * np.exp(-0.9)), pytest.approx(3 * np.exp(0.9)))


NORMAL = np.random.default_rng(6).normal(size=(2, 4_000)) / 50
FAR = {"level": 0.95, "limits": (-np.inf, np.inf)}


@pytest.mark.parametrize("r", [-0.5, 0.0, 0.8])
def test_interval_of_a_difference_is_that_of_the_normal_distribution(r):
    """Of two normal estimates with correlation r: 1.96 times √(σ² + τ² - 2rστ)."""
    x, y = NORMAL[0], 2 * (r * NORMAL[0] + np.sqrt(1 - r**2) * NORMAL[1])
    low, high = paired_interval((Draws(x, 0.0, 1.0), Draws(y, 0.0, 1.0)), (5.0, 4.0), **FAR)
    sigma, tau = 1 / 50, 2 / 50
    reach = 1.96 * np.sqrt(sigma**2 + tau**2 - 2 * r * sigma * tau)
    assert (1 - low, high - 1) == (pytest.approx(reach, rel=0.08), pytest.approx(reach, rel=0.08))


def test_what_is_drawn_alike_does_not_differ_and_what_is_missing_is_missing():
    one = Draws(np.exp(NORMAL[0]), 1.0, 1.0)
    same = paired_interval((one, one), (3.0, 3.0), **FAR)
    assert same == (pytest.approx(0, abs=1e-9), pytest.approx(0, abs=1e-9))
    assert np.isnan(paired_interval((one, one), (3.0, np.nan), **FAR)).all()


def test_what_one_record_leaves_open_is_open_in_the_difference():
    """Where one is known, the interval is that of the other, turned or not."""
    one, known = Draws(np.exp(NORMAL[0]), 1.0, 1.0), Draws(np.full(4_000, 2.0), 2.0, 1.0)
    low, high = interval(one, 3.0, **FAR)
    assert paired_interval((one, known), (3.0, 2.0), **FAR) == pytest.approx((low - 2, high - 2))
    assert paired_interval((known, one), (2.0, 3.0), **FAR) == pytest.approx((2 - high, 2 - low))


@given(st.lists(st.integers(1, 9), min_size=2, max_size=8), st.integers(0, 9))
def test_interval_holds_the_estimate_and_keeps_to_the_limits(counts, seed):
    portfolios = many(**{f"P{i}": n for i, n in enumerate(counts)})
    estimate = float(effective(np.array(counts, dtype=float)))
    drawn = bootstrap(portfolios, effective, draws=50, seed=seed, key=("x",), most_unseen=20)
    low, high = interval(drawn, estimate, level=0.95, limits=(1, 12))
    assert 1 <= low <= estimate <= high <= 12


def test_interval_of_a_missing_estimate_is_missing():
    nothing = Draws(np.full(5, np.nan), np.nan, 1.0)
    assert np.isnan(interval(nothing, np.nan, level=0.9, limits=(0, 1))).all()


# --- what was missed ----------------------------------------------------------------------------


@given(st.lists(st.integers(1, 12), min_size=1, max_size=20))
def test_events_with_one_partner_each_are_counts(counts):
    n = sum(counts)
    assert float(unseen.chao1(counts, n_events=n)) == pytest.approx(float(unseen.chao1(counts)))
    found, known = float(unseen.coverage(counts, n_events=n)), float(unseen.coverage(counts))
    assert found == pytest.approx(known, nan_ok=True)


def test_partners_missed_by_events_with_several():
    """T = 5, Q1 = 2, Q2 = 1, U = 8: 4 + 4/5 · 4/2, and 1 - 2/8 · 8/10."""
    assert unseen.chao1([4, 2, 1, 1], n_events=5) == pytest.approx(5.6)
    assert unseen.coverage([4, 2, 1, 1], n_events=5) == pytest.approx(0.8)


def subsets(events, size):
    """Every way to choose `size` of the rows."""
    return [events[list(chosen)] for chosen in combinations(range(len(events)), size)]


@given(st.integers(0, 10_000), st.integers(2, 6))
def test_a_thinned_record_is_the_mean_over_all_choices_of_its_events(seed, size):
    """By enumeration: how many partners are met in k events, and what a further event adds."""
    events = np.random.default_rng(seed).random((7, 5)) < [0.9, 0.6, 0.4, 0.3, 0.2]
    events[:, 0] = True
    seen_in = events.sum(axis=0)
    found = [rarefaction.at_size(seen_in, n_events=7, size=size, order=q) for q in (0, 1, 2)]
    k = np.array([rows.sum(axis=0) for rows in subsets(events, size)])
    share = k / (seen_in.sum() * size / 7)
    logs = np.log(share, where=k > 0, out=np.zeros(k.shape))
    assert found[0] == pytest.approx((k > 0).sum(axis=1).mean())
    assert found[1] == pytest.approx(np.exp(-(share * logs).sum(axis=1).mean()))
    assert found[2] == pytest.approx(1 / (share**2).sum(axis=1).mean())
    met = sum(((seen_in - row) * (row > 0)).sum() for row in k)
    expected = met / sum((seen_in - row).sum() for row in k)
    assert rarefaction.coverage_at(seen_in, n_events=7, size=size) == pytest.approx(expected)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=20).filter(any))
def test_a_record_that_is_not_thinned_stays_as_it_is(seen_in):
    for order in (0, 1, 2):
        known = float(diversity.hill(seen_in, order=order))
        whole = rarefaction.at_size(seen_in, n_events=9, size=9, order=order)
        assert whole == pytest.approx(known)
    covered = float(rarefaction.coverage_at(seen_in, n_events=9, size=9))
    assert covered == pytest.approx(float(unseen.coverage(seen_in, n_events=9)))
    if covered > 0:
        size = rarefaction.size_of(seen_in, n_events=9, level=covered / 2)
        assert rarefaction.coverage_at(seen_in, n_events=9, size=size) >= covered / 2
        less = rarefaction.coverage_at(seen_in, n_events=9, size=max(size - 1, 1))
        assert size == 1 or less < covered / 2


def test_a_record_is_not_thinned_to_more_than_it_has():
    with pytest.raises(ParameterError, match="from 1 to 9"):
        rarefaction.at_size([3, 2], n_events=9, size=10, order=0)
    with pytest.raises(ParameterError, match="covers no more"):
        rarefaction.size_of([3, 2], n_events=9, level=1.5)
    with pytest.raises(ParameterError, match="order 0, 1 or 2"):
        rarefaction.at_size([3, 2], n_events=9, size=5, order=0.5)


def test_a_partner_cannot_be_in_more_events_than_there_are():
    with pytest.raises(ParameterError, match="n_events=5"):
        unseen.chao1([6, 1], n_events=5)


# --- how often intervals hold -------------------------------------------------------------------


def test_an_interval_says_how_often_such_held_unless_it_is_as_often_as_it_says():
    assert calibration.caveat(calibration.interval_coverage("order 1", 16, 0.2)) == ""
    assert (
        calibration.caveat(calibration.interval_coverage("order 1", 16, 0.6))
        == "; in tests it contained the truth 83 times in 100"
    )
    # the row and column that a record belongs to
    for n_events, coverage, row, column in [(10, 0, 0, 0), (19, 0.79, 0, 1), (99, 1.0, 2, 3)]:
        found = calibration.interval_coverage("order 2", n_events, coverage)
        assert found == calibration.INTERVALS["order 2"][row][column]
    assert "not simulated" in calibration.caveat(calibration.interval_coverage("order 1", 300, 0.2))
    assert "not simulated" in calibration.caveat(calibration.interval_coverage(None, 300, 1.0))


def test_an_interval_is_doubtful_if_such_held_too_seldom_or_nobody_knows():
    held = pd.Series([95.0, 92.0, 100.0, np.nan])
    drawn = pd.Series(["bootstrap"] * 4)
    assert calibration.is_doubtful(drawn, held).tolist() == [False, True, False, True]
    assert not calibration.is_doubtful(pd.Series(["bounds"] * 4), held).any()


def test_every_table_has_a_cell_for_each_record():
    for table in calibration.INTERVALS.values():
        assert len(table) == len(calibration.EVENTS)
        assert {len(row) for row in table} == {len(calibration.COVERAGE)}
        cells = [cell for row in table for cell in row if cell is not None]
        assert min(cells) >= 0
        assert max(cells) <= 100
        assert all(row[-1] is not None for row in table)


@pytest.mark.parametrize(
    ("function", "options", "kind"),
    [
        (diversity.hill, {}, "order 1"),
        (diversity.hill, {"order": 2}, "order 2"),
        (diversity.hill, {"order": np.inf}, "order ∞"),
        (diversity.shannon, {}, "order 1"),
        (diversity.hhi, {}, "order 2"),
        (diversity.hhi, {"normalised": True}, None),
        (diversity.top_share, {}, "order ∞"),
        (diversity.concentration_ratio, {"k": 3}, None),
        (diversity.evenness, {}, "evenness"),
        (lambda w: w.max(), {}, None),
    ],
)
def test_each_measure_is_judged_by_its_own_simulation(function, options, kind):
    for asked in (Measure.of(function, options), Measure.of(partial(function, **options), {})):
        assert calibration.kind(asked, distances=False) == kind
        assert calibration.kind(asked, distances=True) == "distances"


# --- ends that a record does not bear out ---------------------------------------------------------


@pytest.fixture(scope="module")
def thin():
    """Pakistan's agreements of 2006-10: 16, with 13 partners, most of them met once."""
    return an.selections.portfolios("PAK", start=2010, end=2010, instruments=("agreement",))


@pytest.mark.parametrize(
    ("function", "options", "kind", "missing"),
    [
        (an.hill, {"order": 1}, "at_least", ["high"]),
        (an.shannon, {}, "at_least", ["high"]),
        (an.hhi, {}, "at_most", ["low"]),
        (an.concentration_ratio, {"k": 1}, "at_most", ["low"]),
        (an.concentration_ratio, {"k": 3}, "at_most", ["low"]),
        (an.evenness, {}, "too_few", ["low", "high"]),
    ],
)
def test_an_end_that_a_thin_record_does_not_bear_out_is_left_open(
    thin, function, options, kind, missing
):
    row = an.measure(thin, function, draws=200, seed=1, **options).iloc[0]
    assert row["interval_kind"] == kind
    assert [name for name in ("low", "high") if np.isnan(row[name])] == missing
    known = [row[name] for name in ("low", "high") if name not in missing]
    assert all(end == pytest.approx(row["estimate"], rel=0.6) for end in known)


def test_an_open_end_is_told_alike_in_text_table_figure_and_alt_text(thin):
    found = an.battery.effective(thin, draws=200, seed=1)
    said = "at least about 12"
    assert said in an.country_profile.opening("PAK", an.shares(thin), found)
    assert "too few events for an upper limit" in an.country_profile.opening(
        "PAK", an.shares(thin), found
    )
    wide = an.country_profile.side_by_side(thin, draws=200, seed=1)
    assert wide.loc["effective partners, q = 1"].item() == said
    assert said in an.plot.describe_trend(found)
    ax = an.plot.trend(found)
    assert [line for line in ax.lines if line.get_gid() == "open end"]
    assert any("rrows: no limit" in text.get_text().replace("\n", " ") for text in ax.texts)
    plt.close(ax.figure)


def test_an_end_that_passes_all_states_is_left_open():
    rising, falling = (Measure.of(f, {}) for f in (an.hill, an.hhi))
    record = _interval_columns.Record(2010, 400, 0.99)
    states = len(an.countries.all_states(2010)) - 1
    for ends, informative in [((2.0, states), (True, True)), ((2.0, states + 1), (True, False))]:
        assert (
            _interval_columns.informative_ends(rising, ends, record, distances=False) == informative
        )
        turned = (1 / ends[1], 1 / ends[0])
        assert (
            _interval_columns.informative_ends(falling, turned, record, distances=False)
            == informative[::-1]
        )


def test_a_difference_is_open_where_one_of_the_two_is(thin):
    portfolios = an.selections.portfolios(
        ["PAK", "USA"], start=2005, end=2010, instruments=("agreement",)
    )
    broad = portfolios[(portfolios["country"] == "USA") & (portfolios["end"] == 2005)]
    own = an.measure(broad, an.hill, draws=200, seed=1).iloc[0]
    row = an.difference(thin, broad, an.hill, draws=200, seed=1).iloc[0]
    assert own["interval_kind"] in ("bootstrap", "at_least")
    whole = own["interval_kind"] == "bootstrap"
    assert row["interval_kind"] == ("at_least" if whole else "too_few")
    assert np.isnan(row["high"])
    assert np.isnan(row["low"]) != whole


def test_a_state_of_open_value_may_stand_first_and_pushes_others_back():
    values = np.tile([5.0, 3.0, 1.0], (100, 1))
    low, high = ranking.drawn_ranks(values, open_above=np.array([False, False, True]))
    assert (low.tolist(), high.tolist()) == ([1, 2, 1], [2, 3, 3])
    low, high = ranking.drawn_ranks(values)
    assert (low.tolist(), high.tolist()) == ([1, 2, 3], [1, 2, 3])
