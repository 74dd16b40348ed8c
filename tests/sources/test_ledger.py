import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.errors import LedgerError
from analysis.sources import countries, ledger, store

STATES = ["CHN", "FRA", "PAK", "SAU", "TUR", "USA"]


def rows(**changes):
    """One good row of a loader, with changes."""
    good = {
        "source": "mme",
        "event_id": "e1",
        "instrument": "exercise",
        "country": "PAK",
        "partner": "USA",
        "direction": "mutual",
        "start": pd.Timestamp("1995-03-01"),
        "end": pd.Timestamp("1995-03-04"),
        "date_precision": "day",
        "value": 1.0,
        "value_low": np.nan,
        "value_high": np.nan,
        "unit": "event",
        "parties": 2,
        "flags": "",
        "line": 7,
    }
    return pd.DataFrame([good | changes])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("source", ""),
        ("event_id", None),
        ("instrument", "trade"),
        ("country", "PAKISTAN"),
        ("partner", "QQQ"),
        ("partner", "PAK"),
        ("direction", "both"),
        ("start", pd.NaT),
        ("end", pd.Timestamp("1995-02-01")),
        ("date_precision", "decade"),
        ("value", -1.0),
        ("value", np.nan),
        ("value", np.inf),
        ("value_low", 0.5),
        ("unit", "dollars"),
        ("parties", 1),
        ("flags", "sea air"),
        ("flags", "Air"),
        ("flags", "air  sea"),
    ],
)
def test_a_broken_rule_names_file_row_and_column(column, value):
    with pytest.raises(LedgerError) as caught:
        ledger.finish(rows(**{column: value}), file="some.csv")
    assert "some.csv, row 7, column" in str(caught.value)
    assert f"column {column}" in str(caught.value)


def test_every_offending_row_is_listed():
    bad = pd.concat([rows(event_id=f"e{i}", partner="QQQ", line=i) for i in range(2, 30)])
    with pytest.raises(LedgerError) as caught:
        ledger.finish(bad, file="some.csv")
    assert str(caught.value).startswith("28 fault(s) in some.csv:")
    assert all(f"row {i}," in str(caught.value) for i in range(2, 30))


def test_a_repeated_key_is_refused():
    with pytest.raises(LedgerError, match="repeats the key"):
        ledger.finish(pd.concat([rows(), rows(value=2.0, line=8)]), file="some.csv")


def test_bounds_must_enclose_the_value():
    good = ledger.finish(rows(value=3.0, value_low=0.0, value_high=9.0), file="some.csv")
    assert good.loc[0, "value_high"] == 9
    with pytest.raises(LedgerError, match="column value_high"):
        ledger.finish(rows(value=3.0, value_low=0.0, value_high=2.0), file="some.csv")


def test_missing_and_unknown_columns_are_named():
    with pytest.raises(LedgerError, match=r"lacks the column\(s\) partner"):
        ledger.check(ledger.blank().drop(columns="partner"))
    with pytest.raises(LedgerError, match=r"unknown column\(s\) colour"):
        ledger.check(ledger.blank().assign(colour=""))


def test_blank_ledger_keeps_the_contract():
    ledger.check(ledger.blank())


@given(st.lists(st.lists(st.sampled_from(STATES), max_size=6), max_size=6))
def test_mutual_events_give_every_ordered_pair_once(parties):
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(len(parties))]})
    ties = ledger.both_ways(events, pd.Series(parties, dtype=object))
    expected = {
        (f"e{i}", a, b)
        for i, states in enumerate(parties)
        for a in states
        for b in states
        if a != b
    }
    assert len(ties) == len(expected)
    assert set(zip(ties["event_id"], ties["country"], ties["partner"], strict=True)) == expected


@st.composite
def ledgers(draw):
    """Ledgers with events seen from all sides, from one side, and one-sided spread deals."""
    parts = []
    for number in range(draw(st.integers(1, 5))):
        kind = draw(st.sampled_from(["clique", "star", "spread"]))
        states = draw(st.lists(st.sampled_from(STATES), min_size=2, max_size=5, unique=True))
        base = rows(event_id=f"e{number}", parties=len(states), flags="air sea")
        if kind == "clique":
            ties = ledger.both_ways(base.drop(columns=["country", "partner"]), pd.Series([states]))
            parts.append(ties)
            continue
        for partner in states[1:]:
            years = [2001, 2003] if kind == "spread" else [2001]
            parts += [
                rows(
                    event_id=f"e{number}",
                    country=states[0],
                    partner=partner,
                    direction="in" if kind == "spread" else "mutual",
                    parties=len(states),
                    start=pd.Timestamp(year, 1, 1),
                    end=pd.Timestamp(year, 12, 31),
                    value=1.5,
                    value_low=0.0 if kind == "spread" else np.nan,
                    value_high=3.0 if kind == "spread" else np.nan,
                )
                for year in years
            ]
    return ledger.finish(pd.concat(parts, ignore_index=True), file="made.csv")


@settings(max_examples=40)
@given(ledgers())
def test_storing_and_reading_back_gives_the_same_ledger(made):
    again = ledger.unpack(ledger.pack(made), source="mme")
    pd.testing.assert_frame_equal(made, again)


def test_a_large_exercise_is_stored_in_one_row():
    base = rows(parties=6).drop(columns=["country", "partner"])
    made = ledger.finish(ledger.both_ways(base, pd.Series([STATES])), file="made.csv")
    assert len(made) == 30
    assert len(ledger.pack(made)) == 1


def test_flags_are_found_as_whole_words():
    made = ledger.finish(rows(flags="air sea"), file="made.csv")
    assert ledger.has_flag(made, "air").all()
    assert not ledger.has_flag(made, "ai").any()


@pytest.mark.parametrize("side", ["country", "partner"])
@pytest.mark.parametrize(
    ("code", "start", "end", "flags"),
    [
        ("BGD", 1970, 1970, "outside_state_years"),
        ("BGD", 1970, 1971, ""),
        ("SUN", 1992, 1992, "outside_state_years"),
        ("SUN", 1991, 1991, ""),
        ("EST", 1960, 1960, "outside_state_years"),
        ("AUT", 1815, 1815, ""),
        ("HKG", 1960, 1960, ""),
    ],
)
def test_ties_of_a_state_that_did_not_exist_are_flagged(side, code, start, end, flags):
    if (side, code) == ("country", "HKG"):
        return  # a territory is a partner only
    span = {"start": pd.Timestamp(f"{start}-03-01"), "end": pd.Timestamp(f"{end}-12-31")}
    assert ledger.finish(rows(**{side: code}, **span), file="x")["flags"].tolist() == [flags]


def test_shipped_ties_of_a_state_that_did_not_exist_are_flagged():
    ties = store.load()
    years = ties.assign(first=ties["start"].dt.year, last=ties["end"].dt.year)
    flagged = ledger.has_flag(ties, "outside_state_years")
    for side in ("country", "partner"):
        cases = years[~flagged][[side, "first", "last"]].drop_duplicates()
        for code, first, last in cases.itertuples(index=False):
            lived = (countries.existed(code, year) for year in range(first, last + 1))
            assert code in countries.territories() or any(lived), (code, first, last)
