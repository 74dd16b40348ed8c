import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis import words
from analysis.errors import ParameterError
from analysis.portfolios import panel
from analysis.portfolios.panel import PORTFOLIO
from analysis.sources import ledger
from analysis.studies import text
from analysis.studies.country_profile import tables


@pytest.fixture(scope="module")
def exercises():
    """Pakistan's exercises over all the years that the source covers, as one window."""
    records = an.load("exercise", country="PAK", sources=["mme"])
    return records.assign(start=pd.Timestamp("2010-01-01"), end=pd.Timestamp("2010-12-31"))


def one_window(records, weighting):
    """All ties as one portfolio: every event is dated into the last year covered."""
    return an.portfolio(records, window=1, weighting=weighting, years=(2010, 2010))


def test_published_exercises_by_full_count(exercises):
    """MME v7, Pakistan 1980-2010: 156 pairs, HHI 0.0810, 12.34 effective partners."""
    portfolios = one_window(exercises, "count")
    weights = an.shares(portfolios).set_index("partner")["weight"]
    assert weights.sum() == 156
    assert weights[["USA", "FRA", "GBR", "TUR", "SAU", "CHN"]].tolist() == [34, 13, 12, 11, 10, 7]
    assert an.measure(portfolios, an.hhi)["estimate"].item() == pytest.approx(0.0810, abs=5e-5)
    assert an.measure(portfolios, an.hill, order=2)["estimate"].item() == pytest.approx(
        12.34, abs=5e-3
    )


def test_published_exercises_by_fractional_count(exercises):
    """The weighting halves the answer: 6.71 effective partners."""
    portfolios = one_window(exercises, "fractional")
    weights = an.shares(portfolios).set_index("partner")["weight"]
    published = {"USA": 19.290, "SAU": 9.091, "TUR": 6.033, "FRA": 5.457, "CHN": 5.216}
    assert weights[list(published)].tolist() == pytest.approx(list(published.values()), abs=5e-4)
    assert an.measure(portfolios, an.hhi)["estimate"].item() == pytest.approx(0.1491, abs=5e-5)
    assert an.measure(portfolios, an.hill, order=2)["estimate"].item() == pytest.approx(
        6.71, abs=5e-3
    )


def arms(source, years):
    records = an.load("arms", country="PAK", sources=[source])
    return an.portfolio(records, window=years[1] - years[0] + 1, years=(years[1], years[1]))


def china(portfolios):
    return an.shares(portfolios).set_index("partner").loc["CHN"]


def test_published_arms_from_annual_tables():
    """SIPRI: China 72.0% of Pakistan's imports in 2017-21; HHI 0.530."""
    portfolios = arms("sipri_tiv", (2017, 2021))
    row = china(portfolios)
    assert row["share"] == pytest.approx(0.720, abs=5e-4)
    assert row["share_low"] == row["share"] == row["share_high"]
    assert an.measure(portfolios, an.hhi)["estimate"].item() == pytest.approx(0.530, abs=5e-4)


def test_spread_arms_carry_bounds_that_hold_the_published_share():
    """The register spread evenly says 78.1%; its bounds hold the 72.0% of the annual tables."""
    portfolios = arms("sipri_register", (2017, 2021))
    row = china(portfolios)
    assert row["share"] == pytest.approx(0.781, abs=5e-4)
    assert row["share_low"] < 0.720 < row["share_high"]
    measured = an.measure(portfolios, an.hhi).iloc[0]
    assert measured["estimate"] == pytest.approx(0.616, abs=5e-4)
    assert measured["low"] < 0.530 < measured["high"]
    assert measured["interval"] == "bounds over all splits of spread deliveries"


def test_published_arms_of_the_latest_window():
    """SIPRI (2025): China 81% in 2020-24."""
    assert china(arms("sipri_register", (2020, 2024)))["share"] == pytest.approx(0.81, abs=5e-3)


def test_published_agreements():
    """DCAD 1980-2010: 43 agreements of Pakistan with 25 partners; China 7, Turkey 5."""
    records = an.load("agreement", country="PAK", sources=["dcad"])
    records = records.assign(start=pd.Timestamp("2010-01-01"), end=pd.Timestamp("2010-12-31"))
    weights = an.shares(one_window(records, "count")).set_index("partner")["weight"]
    assert (weights.sum(), len(weights)) == (43, 25)
    assert weights[["CHN", "TUR", "AZE", "IRN", "MYS"]].tolist() == [7, 5, 3, 3, 3]


def test_published_alliances_by_year_and_obligation(source_dir):
    """ATOP: Pakistan's partners in each year from 1951, by obligation, never added up."""
    oracle = pd.read_csv(source_dir / "oracles" / "oracles_atop.csv")
    portfolios = an.portfolio(
        an.load("alliance", country="PAK", sources=["atop"]), years=(1951, 2018)
    )
    counted = portfolios.groupby(["instrument", "end"])["partner"].nunique().unstack(0)
    for column, obligation in [
        ("partners_defense", "defense"),
        ("partners_nonaggression", "nonaggression"),
        ("partners_consultation", "consultation"),
    ]:
        found = counted[f"alliance/{obligation}"].loc[oracle["year"]]
        assert found.tolist() == oracle[column].tolist(), obligation


def test_outside_coverage_is_missing_not_zero():
    records = an.load("exercise", country="PAK", sources=["mme"])
    portfolios = an.portfolio(records, window=5, years=(1982, 2014))
    status = portfolios.drop_duplicates("end").set_index("end")["status"]
    assert (status.loc[[1982, 1983, 2011, 2014]] == "not_covered").all()
    assert status.loc[2010] == "measured"
    assert status.loc[1985] == "empty"  # the first exercise recorded with Pakistan is of 1992
    assert (
        an.measure(portfolios, an.hill).set_index("end")["estimate"].loc[[1985, 2014]].isna().all()
    )


def test_a_state_that_does_not_exist_has_no_portfolio():
    portfolios = an.portfolio(
        an.load("exercise", country="UZB"),
        countries=["UZB"],
        sources=["mme"],
        window=3,
        years=(1985, 1995),
    )
    status = portfolios.drop_duplicates("end").set_index("end")["status"]
    assert status.loc[1988] == "not_in_system"
    assert status.loc[1995] != "not_in_system"


def test_states_without_ties_still_have_portfolios():
    portfolios = an.portfolio(
        ledger.blank(), countries=["LUX"], sources=["sipri_tiv"], years=(2021, 2021)
    )
    assert portfolios[["country", "status"]].to_numpy().tolist() == [["LUX", "not_covered"]]
    assert an.measure(portfolios, an.hill)["estimate"].isna().all()
    assert an.shares(portfolios)["share"].isna().all()


def test_shares_of_a_portfolio_add_up():
    portfolios = an.portfolio(
        an.load("exercise", "agreement", country="PAK", sources=["mme", "dcad"])
    )
    sums = an.shares(portfolios).dropna(subset="partner").groupby(panel.PORTFOLIO)["share"].sum()
    assert sums.tolist() == pytest.approx([1.0] * len(sums))


def test_windows_hold_the_events_of_their_years():
    """Oracle: a plain filter of the ledger."""
    records = an.load("exercise", country="TUR", sources=["mme"])
    portfolios = an.portfolio(records, window=4, weighting="count", years=(1995, 2001))
    for end, rows in portfolios.groupby("end"):
        inside = records[records["start"].dt.year.between(end - 3, end)]
        expected = inside.drop_duplicates(["event_id", "partner"])["partner"].value_counts()
        found = rows.groupby("partner")["weight"].sum()
        pd.testing.assert_series_equal(
            found.sort_index(), expected.astype(float).sort_index(), check_names=False
        )


def test_bootstrap_needs_a_seed_and_repeats():
    portfolios = arms("sipri_register", (2020, 2024))
    with pytest.raises(ParameterError, match="seed"):
        an.measure(portfolios, an.hill, draws=10)
    portfolios = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2005, 2010)
    )
    one = an.measure(portfolios, an.hill, draws=200, seed=3)
    pd.testing.assert_frame_equal(one, an.measure(portfolios, an.hill, draws=200, seed=3))
    assert (one["low"] <= one["high"]).all()
    assert not one["low"].equals(an.measure(portfolios, an.hill, draws=200, seed=4)["low"])
    alone = portfolios[portfolios["end"] == 2010]
    assert an.measure(alone, an.hill, draws=200, seed=3)["low"].item() == one["low"].iloc[-1]


def test_band_of_a_census_is_that_of_all_records_without_one():
    """Oracle: each treaty in force taken out of the table by hand."""
    records = an.load("alliance", sources=["atop"])
    records = records[records["country"].isin(["PAK", "TUR"])]
    portfolios = an.portfolio(records, years=(1956, 1962))
    table = an.measure(portfolios, an.rao, distances=an.distances("ideal_point"), draws=1, seed=1)
    table = table[table["interval"].str.startswith("sensitivity")]
    keys = ["country", "instrument", "end"]
    groups = portfolios.groupby(keys)
    for key, row in table.groupby(keys):
        own, end = groups.get_group(key), key[-1]
        every = [own, *(own[own["event_id"] != event] for event in own["event_id"].unique())]
        apart = an.distances("ideal_point", years=(end, end))
        found = [
            an.rao(np.ones(len(known)), apart.loc[known, known].to_numpy())
            for known in ([p for p in part["partner"] if p in apart.index] for part in every)
        ]
        ends = row[["low", "high"]].to_numpy()[0]
        assert ends == pytest.approx((np.nanmin(found), np.nanmax(found)))
    assert len(table) > 20


def test_several_orders_are_measured_in_one_call():
    portfolios = arms("sipri_tiv", (2017, 2021))
    many = an.measure(portfolios, an.hill, order=[0, 1, np.inf])
    alone = [an.measure(portfolios, an.hill, order=q) for q in (0, 1, np.inf)]
    pd.testing.assert_frame_equal(many, pd.concat(alone, ignore_index=True))
    assert many["estimate"].is_monotonic_decreasing


def test_a_users_own_function_works_like_ours():
    portfolios = arms("sipri_tiv", (2017, 2021))
    own = an.measure(portfolios, lambda w: w.max(axis=-1) / w.sum(axis=-1), label="top share")
    assert own["measure"].item() == "top share"
    assert own["estimate"].item() == pytest.approx(0.720, abs=5e-4)


def test_rao_aligns_distances_by_label():
    portfolios = arms("sipri_tiv", (2017, 2021))
    apart = an.distances("ideal_point", years=(2017, 2021))
    first = an.measure(portfolios, an.rao, distances=apart)["estimate"].item()
    shuffled = apart.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    assert an.measure(portfolios, an.rao, distances=shuffled)["estimate"].item() == pytest.approx(
        first
    )
    table = an.shares(portfolios)
    p = table.set_index("partner")["share"]
    pairs = sum(apart.loc[a, b] * p[a] * p[b] for a in p.index for b in p.index)
    assert first == pytest.approx(pairs)


def test_partners_without_a_distance_are_reported():
    portfolios = arms("sipri_tiv", (2017, 2021))
    apart = an.distances("ideal_point", years=(2017, 2021)).drop("CHN").drop(columns="CHN")
    row = an.measure(portfolios, an.rao, distances=apart).iloc[0]
    assert row["weight_without_distance"] == pytest.approx(0.720, abs=5e-4)
    assert np.isfinite(row["estimate"])


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ({"window": 0}, "1 to 10"),
        ({"window": 2.5}, "1 to 10"),
        ({"weighting": "money"}, "value, count or fractional"),
        ({"weighting": "value", "sources": ["mme"]}, "cannot be had from mme"),
        ({"weighting": "count", "sources": ["sipri_tiv"]}, "it can be value"),
        ({"years": (2010, 2000)}, "first is the later"),
    ],
)
def test_choices_that_cannot_be_are_refused(choice, text):
    with pytest.raises(ParameterError, match=text):
        an.portfolio(ledger.blank(), **choice)


def test_unknown_instrument_source_and_country_are_named():
    with pytest.raises(ParameterError, match="'trade'"):
        an.load("trade")
    with pytest.raises(ParameterError, match="'wikipedia'"):
        an.load(sources=["wikipedia"])


def test_shares_of_an_unsystematic_list_must_be_asked_for():
    """The curated list reflects what was searched for: never measured without saying so."""
    records = an.load("exercise", country="PAK")
    assert "curated" in set(records["source"])
    assert set(an.portfolio(records)["source"]) == {"mme"}
    asked = an.portfolio(records, sources=["curated"], years=(2020, 2024))
    assert set(asked["source"]) == {"curated"}
    assert set(asked["instrument"]) == {"exercise"}


def test_ties_loaded_twice_are_not_counted_twice():
    records = an.load("exercise", country="PAK", sources=["mme"])
    twice = pd.concat([records, records.iloc[:3]])
    with pytest.raises(ParameterError, match=r"3 of \d+ rows repeat a tie"):
        an.portfolio(twice)
    # two disjoint parts have the same row labels, and are put together right
    parts = pd.concat(
        [
            an.load(name, country="PAK", sources=[source]).reset_index(drop=True)
            for name, source in (("exercise", "mme"), ("agreement", "dcad"))
        ]
    )
    whole = an.portfolio(an.load("exercise", "agreement", country="PAK", sources=["mme", "dcad"]))
    pd.testing.assert_frame_equal(an.portfolio(parts), whole)


def test_estimators_of_counts_refuse_amounts():
    for key in ("sipri_tiv", "sipri_register"):
        for options in ({}, {"sampling_unit": "deal"}):
            with pytest.raises(ParameterError, match=rf"chao1 needs counts; {key} has no"):
                an.measure(arms(key, (2017, 2021)), an.unseen.chao1, **options)
    portfolios = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2009, 2010)
    )
    with pytest.raises(ParameterError, match=r"weighted by fractional.*sampling_unit='exercise'"):
        an.measure(portfolios, an.unseen.chao1)
    with pytest.raises(ParameterError, match="'exercise', not 'deal'"):
        an.measure(portfolios, an.unseen.chao1, sampling_unit="deal")
    with pytest.raises(ParameterError, match="estimators from counts"):
        an.measure(portfolios, an.hill, sampling_unit="exercise")


def test_estimators_of_counts_count_the_unit_that_is_named():
    """Oracle: in how many exercises each partner is."""
    portfolios = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2009, 2010)
    )
    found = an.measure(
        portfolios, an.unseen.chao1, sampling_unit="exercise", draws=50, seed=1
    ).set_index("end")
    for end, own in portfolios.groupby("end"):
        counts = own.groupby("partner")["event_id"].nunique()
        expected = float(an.unseen.chao1(counts.to_numpy()))
        assert found.loc[end, "estimate"] == pytest.approx(expected)
        assert found.loc[end, "low"] <= expected <= found.loc[end, "high"]
    counted = an.portfolio(
        an.load("exercise", country="PAK", sources=["mme"]), years=(2009, 2010), weighting="count"
    )
    assert an.measure(counted, an.unseen.chao1)["estimate"].tolist() == (found["estimate"].tolist())


def test_of_no_country_there_are_no_portfolios():
    for sources in (None, ["mme"], ["sipri_tiv", "atop"]):
        portfolios = an.portfolio(an.load(country="PAK"), countries=[], sources=sources)
        assert portfolios.empty
        assert list(portfolios.columns) == panel.COLUMNS


def test_every_event_weighs_one_over_the_partners_counted_in_it():
    """NATO and the Baltic States took part in three exercises, and are no partners."""
    for key, instrument in (("mme", "exercise"), ("dcad", "agreement"), ("curated", "exercise")):
        ties = an.load(instrument, sources=[key])
        portfolios = an.portfolio(ties, weighting="fractional", sources=[key], window=1)
        portfolios = portfolios[portfolios["status"] == "measured"]
        weights = portfolios.groupby([*PORTFOLIO, "event_id"])["weight"].sum()
        np.testing.assert_allclose(weights, 1.0)
        assert key != "mme" or {"mme2860", "mme3058", "mme3493"} <= set(portfolios["event_id"])
    # by code of its own from the producer's file: events, partners and index of 2006-2010
    for code, n_events, n_partners, index in (("SWE", 35, 83, 0.039355), ("SVK", 12, 45, 0.096957)):
        ties = an.load("exercise", country=code, sources=["mme"])
        found = an.measure(an.portfolio(ties, years=(2010, 2010)), an.hhi).iloc[0]
        assert (found["n_events"], found["n_partners"]) == (n_events, n_partners)
        assert found["estimate"] == pytest.approx(index, abs=1e-6)


def delivered(values):
    """Turn years and suppliers into records of Pakistan's imports, by annual tables."""
    ties = an.load("arms", country="PAK", sources=["sipri_tiv"]).head(len(values)).copy()
    for place, (year, supplier, value) in enumerate(values):
        row = ties.index[place]
        ties.loc[row, ["partner", "event_id", "value"]] = supplier, f"{supplier}-{year}", value
        ties.loc[row, ["start", "end"]] = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    return ties


def test_a_delivery_that_is_rounded_to_nothing_makes_no_partner():
    ties = delivered(
        [(2001, "CHN", 5.0), (2001, "FRA", 0.0), (2003, "FRA", 0.0), (2005, "FRA", 1.0)]
    )
    portfolios = an.portfolio(ties, window=1, years=(2001, 2005))
    table = an.measure(portfolios, an.n_partners).set_index("end")
    assert table["status"].tolist() == ["measured", "empty", "negligible", "empty", "measured"]
    assert table["n_partners"].tolist() == [1, 0, 0, 0, 1]
    assert table["estimate"].dropna().tolist() == [1, 1]
    shares = an.shares(portfolios).set_index("end")
    assert shares.loc[2001, "partner"] == "CHN"
    assert shares["n_partners"].tolist() == [1, 0, 0, 0, 1]
    assert words.absence(["negligible", "not_covered"]).name == "too small"


def test_partners_are_counted_alike_wherever_amounts_are_exact():
    """Sri Lanka's 68 windows of SIPRI's tables: 31 had a partner more in one column."""
    ties = an.load("arms", sources=["sipri_tiv"])
    for window in (1, 5):
        portfolios = an.portfolio(ties, window=window, sources=["sipri_tiv"])
        table = an.measure(portfolios, an.n_partners)
        known = table[table["status"] == "measured"]
        assert (known["n_partners"] == known["estimate"]).all()
        counted = an.shares(portfolios).drop_duplicates(PORTFOLIO)["n_partners"]
        assert counted.tolist() == table["n_partners"].tolist()
    # by code of its own from the producer's file
    bangladesh = known[(known["country"] == "BGD") & (known["end"] == 2021)].iloc[0]
    assert bangladesh["n_partners"] == 14
    (row,) = tables.unattributed(
        portfolios[(portfolios["country"] == "BGD") & (portfolios["end"] == 2021)]
    ).to_dict("records")
    assert row["n_negligible"] == 1
    assert "1 more supplier delivered so little" in text.too_small(row["n_negligible"])
