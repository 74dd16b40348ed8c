"""The tables and sentences of the report on alliances and agreements."""

import numpy as np
import pytest

import analysis as an
from analysis.measures import alignment

YEARS = {"start": 1946, "end": 2024}


@pytest.fixture(scope="module")
def pakistan():
    return an.agreements_and_alliances.pledges("PAK", **YEARS)


def test_partners_by_obligation_are_the_published_numbers(pakistan):
    """Defence 7 until 1972, then 1; non-aggression 2 in 2003, 17 in 2004 and 38 in 2018."""
    table = an.agreements_and_alliances.numbers(pakistan).set_index(["instrument", "end"])[
        "estimate"
    ]
    assert table["alliance/defense"].loc[[1972, 1973, 2018]].tolist() == [7, 1, 1]
    assert table["alliance/nonaggression"].loc[[2003, 2004, 2018]].tolist() == [2, 17, 38]


def test_years_before_there_was_a_state_are_not_zero(pakistan):
    table = an.agreements_and_alliances.numbers(pakistan).set_index(["instrument", "end"])[
        "estimate"
    ]
    assert np.isnan(table["alliance/defense"].loc[1946])
    assert table["alliance/defense"].loc[1950] == 0
    assert pakistan["end"].max() == 2018


def test_comings_and_goings_add_up(pakistan):
    numbers = an.agreements_and_alliances.numbers(pakistan).set_index(["instrument", "end"])[
        "estimate"
    ]
    changes = an.agreements_and_alliances.joined_and_left(pakistan)
    for _, row in changes.iterrows():
        own = numbers[row["instrument"]]
        assert own[row["year"]] - own[row["year"] - 1] == row["n_joined"] - row["n_left"]
    seato = changes.query("year == 1973 and instrument == 'alliance/defense'").iloc[0]
    assert seato["n_left"] == 6
    assert "United States" not in seato["left"]
    assert len(an.agreements_and_alliances.joined_and_left_table(changes)) == len(changes)


def test_agreements_by_kind_add_up_to_all(pakistan):
    by_year = an.agreements_and_alliances.signed_by_year("PAK", **YEARS)
    total = an.shares(an.agreements_and_alliances.signed("PAK"))["n_events"].sum()
    assert by_year["value"].sum() == total
    assert by_year.loc[~by_year["year"].between(1980, 2010), "value"].isna().all()


def test_alliances_are_compared_as_by_all_states_together():
    """Of a few rows only, for speed; the indices compare two rows and need no others."""
    found = an.agreements_and_alliances.alike("PAK", powers=["USA", "CHN"], start=1960, end=1960)
    portfolios = an.disparity.alliance_portfolios(1960)
    at = [list(portfolios.index).index(code) for code in ("PAK", "USA", "CHN")]
    whole = alignment.kappa(portfolios.to_numpy())
    kappa = next(table for label, table in found.groupby("property") if "κ" in label)
    assert kappa.set_index("instrument")["estimate"].to_dict() == pytest.approx(
        {"USA": whole[at[0], at[1]], "CHN": whole[at[0], at[2]]}
    )
    distances = an.distances("alliance_s", years=(1960, 1960))
    s = next(table for label, table in found.groupby("property") if label.startswith("S"))
    known = 1 - 2 * distances.loc["PAK", "USA"]
    assert s.set_index("instrument")["estimate"]["USA"] == pytest.approx(known)


def test_a_predecessor_stands_in_until_the_year_it_is_gone():
    found = an.agreements_and_alliances.alike("PAK", powers=["RUS"], start=1985, end=1995)
    s = found[found["property"].str.startswith("S")].set_index("end")["estimate"]
    distances = an.distances("alliance_s", years=(1985, 1985))
    assert s[1985] == pytest.approx(1 - 2 * distances.loc["PAK", "SUN"])
    assert s.diff().abs().max() < 0.2  # no year in which an empty portfolio stands for Russia


def test_lapsed_pacts_are_in_the_reviewed_list_with_their_citation():
    events = an.agreements_and_alliances.listed("PAK", **YEARS)
    names = " ".join(events["name"])
    assert "SEATO" in names
    assert "CENTO" in names
    assert events["source_url"].str.match("https?://").all()
    assert set(events["instrument"]) <= set(an.agreements_and_alliances.LISTED)


def test_sentences_say_what_the_tables_say(pakistan):
    shares, signed = an.shares(pakistan), an.shares(an.agreements_and_alliances.signed("PAK"))
    text = an.agreements_and_alliances.opening("PAK", shares, signed)
    assert "**Defence pacts in force, 2018**: United States." in text
    assert "**Non-aggression pacts in force, 2018**: 38 states." in text
    assert "43 with 25 states; most with China (7)" in text
    text = an.agreements_and_alliances.findings(
        an.agreements_and_alliances.numbers(pakistan),
        an.agreements_and_alliances.joined_and_left(pakistan),
    )
    assert "most joined at once in 2004 (15)" in text
    assert "must not be added up" in text


@pytest.mark.parametrize("country", ["USA", "LUX", "VAT"])
def test_other_states_have_sentences_too(country):
    made = an.agreements_and_alliances.pledges(country, **YEARS)
    signed = an.shares(an.agreements_and_alliances.signed(country))
    text = an.agreements_and_alliances.opening(country, an.shares(made), signed)
    assert "no defence agreement" in text if country == "VAT" else "in force, 2018" in text
    alike = an.agreements_and_alliances.alike(country, powers=["USA", "FRA"], start=2010, end=2011)
    assert all(
        "nan" not in line
        for line in an.agreements_and_alliances.note_on_similarity(alike).split("\n")
    )
    events = an.agreements_and_alliances.listed(country, **YEARS)
    assert "does not cover" in an.agreements_and_alliances.note_on_list(country, events)
