import numpy as np
import pytest

import analysis as an
from analysis.errors import ParameterError
from analysis.portfolios import specification


def test_every_combination_of_choices_is_there_once():
    table = specification.curve("PAK", "exercise", before=2000, after=2010, sources=["mme"])
    assert len(table) == 5 * 3 * 2 - 3  # the number of partners is the same by either weighting
    assert not table.duplicated(["measure", "window", "weighting"]).any()
    assert table["estimate"].dropna().is_monotonic_increasing


def test_one_specification_is_the_plain_comparison():
    """Oracle: the two windows measured one by one."""
    table = specification.curve("PAK", "exercise", before=2000, after=2010, sources=["mme"])
    chosen = table.query("window == 5 and weighting == 'count'").set_index("measure")
    records = an.load("exercise", country="PAK", sources=["mme"])
    old, new = (an.portfolio(records, weighting="count", years=(end, end)) for end in (2000, 2010))
    before, after = (an.measure(p, an.hill, order=2)["estimate"].item() for p in (old, new))
    found = chosen.loc["Hill number, q = 2"]
    assert found["estimate"] == pytest.approx(after / before - 1)
    assert found["agrees"] == (after > before)


def test_amounts_make_one_specification_whatever_the_weighting():
    table = specification.curve("PAK", "arms", before=2012, after=2021, sources=["sipri_tiv"])
    assert set(table["weighting"]) == {"value"}
    assert len(table) == 5 * 3


def test_two_weightings_of_events_of_two_states_are_one_specification():
    table = specification.curve("PAK", "agreement", before=1998, after=2008, sources=["dcad"])
    assert set(table["weighting"]) == {"count"}
    assert len(table) == 5 * 3


def test_windows_that_share_years_are_left_out():
    table = specification.curve("PAK", "arms", before=1990, after=1995, sources=["sipri_tiv"])
    assert set(table["window"]) == {3, 5}
    assert specification.curve("PAK", "arms", before=1990, after=1992).empty


def test_pakistans_arms_became_less_diverse_by_all_but_the_number():
    """China's share of Pakistan's imports rose from 45 to 72 per cent (SIPRI)."""
    table = specification.curve("PAK", "arms", before=2012, after=2021, sources=["sipri_tiv"])
    balanced = table[table["measure"].str.startswith("Hill") & (table["window"] == 5)]
    assert not balanced["agrees"].astype(bool).any()


def test_what_is_not_covered_is_not_judged():
    table = specification.curve("PAK", "exercise", before=2005, after=2015, sources=["mme"])
    assert table["agrees"].isna().all()
    counted = specification.agreement(table)
    assert (counted["specifications"], counted["judged"], counted["agree"]) == (27, 0, 0)
    assert np.isnan(counted["share"])


def test_agreement_counts_those_that_can_be_judged():
    table = specification.curve("PAK", "exercise", before=2000, after=2010, sources=["mme"])
    counted = specification.agreement(table)
    assert counted["judged"] == table["agrees"].notna().sum()
    assert counted["share"] == pytest.approx((table["estimate"].dropna() > 0).mean())


def test_periods_must_follow_one_another():
    with pytest.raises(ParameterError, match="earlier"):
        specification.curve("PAK", "arms", before=2020, after=2010)
