"""A newcomer who hands over the wrong thing reads what to hand over instead."""

import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError, UnknownCountryError
from analysis.sources import store
from analysis.studies import coverage


@pytest.fixture(scope="module")
def given():
    """Give one of each table that is handed on."""
    found = an.load("exercise", country="PAK", sources=["mme"])
    portfolios = an.portfolio(found, years=(2009, 2010))
    return {
        "records": found,
        "portfolios": portfolios,
        "shares": an.shares(portfolios),
        "a table of measures": an.measure(portfolios, an.hill),
        "a table with the columns a": pd.DataFrame({"a": [1]}),
        "'PAK'": "PAK",
        "None": None,
        "a list": [1, 2],
        "3": 3,
    }


#: what takes which table
TAKES = {
    "portfolio": ("records", an.portfolio),
    "shares": ("portfolios", an.shares),
    "measure": ("portfolios", lambda table: an.measure(table, an.hill)),
    "draw": ("portfolios", lambda table: an.draw(table, an.hill, draws=2, seed=1)),
    "difference": ("portfolios", lambda table: an.difference(table, table, an.hill)),
    "without": ("portfolios", lambda table: an.losses.without(table, "USA")),
    "each": ("portfolios", lambda table: an.losses.each(table, an.hill)),
}


@pytest.mark.parametrize("name", TAKES)
def test_another_table_is_named_and_what_makes_the_right_one(name, given):
    wanted, function = TAKES[name]
    for what, table in given.items():
        if what != wanted:
            with pytest.raises(ParameterError) as error:
                function(table)
            assert f"expected {wanted}, as an." in str(error.value)
            assert f"got {what}" in str(error.value)
            assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p, r: an.load(sources="mme"), r"give a list: sources=\['mme'\]"),
        (lambda p, r: an.load(sources=[3]), "sources: expected a list of texts; got 3"),
        (lambda p, r: an.load(["arms"]), "Name one or several, one after the other: arms"),
        (lambda p, r: an.load("arms", country=3), "country: expected a list of texts; got 3"),
        (lambda p, r: an.load("arms", years=2005), r"years=\(2006, 2010\)"),
        (lambda p, r: an.load("arms", years=("2005", "2006")), "the first and the last year"),
        (lambda p, r: an.load("arms", years=(2010, 2005)), "the first is the later"),
        (lambda p, r: an.load("arms", years=(2005, 2006, 2007)), "the first and the last year"),
        (
            lambda p, r: an.load("exercise", sources=["mme"], years=(2015, 2020)),
            r"mme covers 1980–2010\)\. Ask for other years",
        ),
        (lambda p, r: an.portfolio(r, sources="mme"), r"sources=\['mme'\]"),
        (lambda p, r: an.portfolio(r, countries="PAK"), r"countries=\['PAK'\]"),
        (lambda p, r: an.portfolio(r, years=2010), "the first and the last year"),
        (lambda p, r: an.portfolio(r, window=True), "window is True"),
        (lambda p, r: an.portfolio(r, stock="alliance"), r"stock=\['alliance'\]"),
        (lambda p, r: an.portfolio(r, stock=["alliances"]), "Unknown instrument 'alliances'"),
        (lambda p, r: an.portfolio(r, weighting={"exercises": "count"}), "'exercises'. There are"),
        (lambda p, r: an.measure(p, "hill"), "such as an.hill; got 'hill'"),
        (lambda p, r: an.measure(p, an.diversity), "such as an.hill; got a module"),
        (lambda p, r: an.measure(an.hill, p), "such as an.hill; got a DataFrame"),
        (lambda p, r: an.measure(p, an.hill, q=1), "takes no option 'q'; it takes: order"),
        (
            lambda p, r: an.measure(p, an.rao, distances="capitals"),
            r"got 'capitals'. Say distances=an.distances\(kind\), .*geographic",
        ),
        (lambda p, r: an.measure(p, an.rao, distances=[[0]]), "labelled by partner.*got a list"),
        (lambda p, r: an.measure(p, an.rao, distances=lambda a, b: None), "got None"),
        (
            lambda p, r: an.difference(
                p[p["end"] == 2010], p[p["end"] == 2009], an.rao, distances="capitals"
            ),
            "labelled by partner",
        ),
        (lambda p, r: an.losses.each(p, an.rao, distances="capitals"), "labelled by partner"),
        (lambda p, r: an.measure(p, an.hill, draws="9", seed=1), "draws is '9'"),
        (lambda p, r: an.measure(p, an.hill, draws=9.5, seed=1), "draws is 9.5"),
        (lambda p, r: an.measure(p, an.hill, draws=9, seed="a"), "seed is 'a'"),
        (lambda p, r: an.measure(p, an.hill, draws=9, seed=-1), "seed is -1"),
        (lambda p, r: an.measure(p, an.hill, draws=9, seed=1, resampling="x"), "multinomial, dir"),
        (lambda p, r: an.measure(p, an.hill, level="95%"), "level is '95%'"),
        (lambda p, r: an.distances("capitals"), "Did you mean geographic"),
        (lambda p, r: an.distances(3), "Unknown distance 3"),
        (lambda p, r: an.distances("region", years=2005), "the first and the last year"),
        (lambda p, r: an.losses.without(p, ["USA", "CHN"]), "one after the other: expected"),
        (lambda p, r: an.cite(pd.DataFrame({"a": [1]})), "no column `source`"),
        (lambda p, r: an.cite("mne"), "Unknown source 'mne'"),
    ],
)
def test_each_mistake_says_what_to_do_instead(call, message, given):
    with pytest.raises(ParameterError, match=message):
        call(given["portfolios"], given["records"])


def test_states_go_by_code_or_name(given):
    portfolios, found = given["portfolios"], given["records"]
    named = an.portfolio(found, years=(2009, 2010), countries=["Pakistan"])
    pd.testing.assert_frame_equal(named, portfolios)
    gone = an.losses.without(portfolios, "United States")
    pd.testing.assert_frame_equal(gone, an.losses.without(portfolios, "USA"))
    assert len(gone) < len(portfolios)
    with pytest.raises(UnknownCountryError, match="nearest: Pakistan"):
        an.portfolio(found, countries=["Pakistn"])


def test_years_that_some_source_covers_are_no_mistake():
    assert an.load("exercise", country="PAK", years=(2009, 2030))["start"].dt.year.min() >= 2009
    # what modules read of one another's years may lie outside
    assert store.read("exercise", sources=["mme"], years=(2015, 2020)).empty
    assert coverage.events("PAK", start=1800, end=1801).empty
