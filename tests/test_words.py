"""Names and numbers as people read them."""

import math

import pytest

import analysis as an
from analysis import numbers, words
from analysis.sources import catalog
from analysis.studies import text
from analysis.studies.peers import text as peer_text

NAN = math.nan


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (3.2612, NAN, NAN, "3.26"),
        (14.99, NAN, NAN, "15.0"),
        (0.04567, NAN, NAN, "0.046"),
        (13.0, NAN, NAN, "13"),
        (1234.5, NAN, NAN, "1,234"),
        (0.0, NAN, NAN, "0"),
        (-0.0001, NAN, NAN, "0.000"),
        (-1.5, NAN, NAN, "−1.50"),
        (NAN, NAN, NAN, "–"),
        (math.inf, NAN, NAN, "∞"),
        (14.99, 14.11, 30.15, "15 (14 to 30)"),
        (3.2612, 2.91, 4.13, "3.3 (2.9 to 4.1)"),
        (0.4521, 0.4012, 0.5199, "0.45 (0.40 to 0.52)"),
        (-0.52, -1.9, 0.8, "−0.5 (−1.9 to 0.8)"),
        (13.0, 12.2, 14.9, "13.0 (12.2 to 14.9)"),
        (3.2612, 3.2611, 3.2613, "3.26"),
        (2.0, 2.0, 2.0, "2"),
        (1.0, 1.0, 250.3, "1 (1 to 250)"),
        (11.94, 11.94, NAN, "at least about 12"),
        (11.94, 8.21, NAN, "about 12 (at least 8)"),
        (2.41, 1.83, NAN, "about 2.4 (at least 1.8)"),
        (0.31, NAN, 0.31, "at most about 0.31"),
    ],
)
def test_the_digits_of_a_number_follow_its_interval(value, low, high, text):
    assert numbers.estimate(value, low, high) == text
    assert numbers.number(value, low, high) in text


@pytest.mark.parametrize(
    ("share", "low", "high", "text"),
    [
        (0.2038, NAN, NAN, "20.4%"),
        (0.45, 0.301, 0.602, "45% (30% to 60%)"),
        (0.45, 0.431, 0.482, "45.0% (43.1% to 48.2%)"),
        (0.0001, NAN, NAN, "<0.1%"),
        (0.9999, NAN, NAN, ">99.9%"),
        (1.0, NAN, NAN, "100%"),
        (0.0, 0.0, 1.0, "0% (0% to 100%)"),
        (NAN, NAN, NAN, "–"),
    ],
)
def test_a_share_is_written_by_the_same_rule(share, low, high, text):
    assert numbers.share_estimate(share, low, high) == text
    assert numbers.percent(share, low, high) in text


def test_nouns_and_lists():
    assert words.counted(1, "supplier") == "1 supplier"
    assert words.counted(1204, "loss") == "1,204 losses"
    assert words.counted(2, "body", "bodies") == "2 bodies"
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a", "b", "c"], most=2) == "a, b and c"
    assert words.listed(["a", "b", "c", "d"], most=2) == "a, b and 2 more"
    assert words.years(2020, 2024.0) == "2020–2024"
    assert words.years(2018, 2018) == "2018"
    assert words.the("United States") == "the United States"
    assert words.the("Türkiye") == "Türkiye"


def test_texts_from_data_stay_on_one_line():
    assert words.clean("a\n\tb\x1b[31m", 10) == "a b [31m"
    assert words.clean("abcdef", 4) == "abc…"


def test_every_source_has_a_short_title():
    assert words.source_title("mme") == "MME"
    assert all(words.source_title(key) == s.short for key, s in catalog.all_sources().items())
    assert words.source_title("unheard of") == "unheard of"
    assert words.source_title("../mme") == "../mme"


def test_an_instrument_is_declared_once():
    assert words.obligations("alliance")[0] == "defense"
    assert words.obligations("arms") == []
    assert "alliance/defense" not in words.instruments()
    assert sorted(["drill", "exercise", "arms"], key=words.instrument_rank)[0] == "arms"
    assert words.instrument_name("drill") == "drill"
    assert words.weighting_sentence("fractional", "exercise").startswith(
        "each exercise counts once"
    )


def test_the_most_telling_absence_is_named():
    assert words.absence(["not_covered", "empty"]).name == "no ties"
    assert words.absence([]).name == "no data"


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("USA", "the United States"),
        ("ARE", "the United Arab Emirates"),
        ("IND", "India"),
        ("NLD", "the Netherlands"),
        ("PHL", "the Philippines"),
    ],
)
def test_a_state_has_its_article_in_every_sentence(code, name):
    assert text.state(code) == text.named(name.removeprefix("the ")) == name
    chosen = an.choose_peers("PAK", named=[code]).assign(status="")
    assert f": {name}." in peer_text.opening("PAK", chosen, rule=[])
