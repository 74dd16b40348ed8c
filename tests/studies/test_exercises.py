"""The tables and sentences of the report on exercises."""

import numpy as np
import pytest

import analysis as an


@pytest.fixture(scope="module")
def pakistan():
    return an.exercises.record("PAK")


def test_both_weightings_give_the_published_numbers(pakistan):
    """Pakistan 1980-2010: 12.34 effective partners (q = 2) by full count, else 6.71."""
    table = an.exercises.effective(pakistan, order=1.0, draws=0, seed=1)
    found = table[table["order"] == 2].set_index("way")["estimate"]
    assert found["each exercise counts in full for every partner"] == pytest.approx(12.34, abs=5e-3)
    assert found["each exercise counts once, divided among its participants"] == pytest.approx(
        6.71, abs=5e-3
    )
    assert (table.loc[table["order"] == 0, "estimate"] == 34).all()
    assert set(table["n_events"]) == {62}


def test_an_order_of_ones_own_is_measured_too(pakistan):
    table = an.exercises.effective(pakistan, order=0.5, draws=0, seed=1)
    assert sorted(set(table["order"])) == [0, 0.5, 1, 2, np.inf]
    assert list(an.exercises.side_by_side(table).index)[1] == "effective partners, q = 0.5"


def test_exercises_with_one_state_and_with_several_add_up_to_all(pakistan):
    """In MME, 42 of Pakistan's 62 exercises are bilateral."""
    table = an.exercises.by_year("PAK", start=1990, end=2024)
    totals = table.groupby("kind")["value"].sum()
    assert totals.to_dict() == {"with one other state": 42, "with several": 20}
    assert table.loc[table["year"] > 2010, "value"].isna().all()
    assert table.loc[table["year"].between(1980, 2010), "value"].notna().all()


def test_a_state_that_did_not_exist_has_no_zero():
    table = an.exercises.by_year("KAZ", start=1985, end=2010).set_index("year")
    assert not table.loc[1989, "covered"].any()
    assert table.loc[1995, "covered"].all()


def test_the_least_complete_record_is_compared_as_it_is():
    table = an.exercises.at_equal_coverage(
        "PAK", others=["IND", "BGD", "LKA", "NPL", "MDV"], order=1.0, draws=20, seed=1
    ).set_index("country")
    least = table["coverage"][table["n_events"] >= an.peer_rules.ENOUGH].idxmin()
    assert table.loc[least, "size"] == table.loc[least, "n_events"]
    assert table.loc[least, "estimate"] == pytest.approx(table.loc[least, "observed"])
    compared = table[table["estimate"].notna()]
    assert (compared["estimate"] <= compared["observed"] + 1e-9).all()
    assert (compared["low"] <= compared["high"]).all()
    assert np.isnan(table.loc["MDV", "estimate"])  # three exercises only


def test_windows_stay_within_the_record():
    made = an.exercises.windows("PAK", start=1990, end=2024, window=5)
    assert (made["end"].min(), made["end"].max()) == (1990, 2010)
    later = an.exercises.windows("PAK", start=2015, end=2024, window=5)
    assert set(later["status"]) == {"not_covered"}


def test_later_exercises_are_cited():
    events = an.exercises.after_the_record("PAK", end=2024)
    assert events["date"].between("2011-01-01", "2024-12-31").all()
    assert events["date"].is_monotonic_decreasing
    table = an.coverage.cited(events)
    assert table.notna().all(axis=None)
    assert len(table) == len(events)
    assert an.exercises.after_the_record("PAK", end=2005).empty


def test_sentences_say_what_the_tables_say(pakistan):
    measured = an.exercises.effective(pakistan, order=1.0, draws=0, seed=1)
    by_year = an.exercises.by_year("PAK", start=1990, end=2024)
    both = an.exercises.by_both_weightings(pakistan)
    text = an.exercises.opening("PAK", both, measured, by_year=by_year)
    assert "62 exercises of Pakistan with 34 other states in 1980–2010**, 42 of them" in text
    assert "12.3 at order 2. The United States comes first with 21.8%" in text
    assert "6.71 at order 2. The United States comes first with 31.1%" in text


def test_a_state_without_exercises_is_told_so():
    record = an.exercises.record("KIR")
    measured = an.exercises.effective(record, order=1.0, draws=10, seed=1)
    by_year = an.exercises.by_year("KIR", start=1990, end=2024)
    both = an.exercises.by_both_weightings(record)
    text = an.exercises.opening("KIR", both, measured, by_year=by_year)
    assert "records no exercise of Kiribati" in text
    compared = an.exercises.at_equal_coverage("KIR", others=["FJI"], order=1.0, draws=0, seed=1)
    assert an.exercises.completeness(compared).empty
    assert "Nothing is on record" in an.exercises.findings(measured, compared)
    events = an.exercises.after_the_record("KIR", end=2024)
    assert "That is a gap" in an.exercises.note_on_later_events("KIR", events)
