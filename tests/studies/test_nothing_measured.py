"""Where nothing is on record there is nothing to measure: said plainly, and nowhere an error."""

import json

import pytest

import analysis as an
from analysis import cli, words
from analysis.portfolios import battery, losses
from analysis.studies import selections
from analysis.studies.country_profile import summary, tables
from analysis.studies.peers import tables as peer_tables

#: instruments of which no source is a systematic record of partners
UNMEASURED = ("visit", "deployment", "peacekeeping", "production", "assistance", "training")
SPAN = ("--from", "2001", "--to", "2005")


def run(capsys, *arguments):
    status = cli.main(["measure", *arguments, *SPAN])
    return status, *capsys.readouterr()


def test_the_instruments_are_all_there_are():
    assert {*UNMEASURED, "arms", "exercise", "agreement", "alliance"} == {*words.instruments()}


@pytest.mark.parametrize(
    ("country", "form"), [("PAK", ("--json",)), ("USA", ()), ("KIR", ("--json",))]
)
@pytest.mark.parametrize("instrument", UNMEASURED)
def test_what_cannot_be_measured_is_said_in_one_line(capsys, instrument, country, form):
    status, out, err = run(capsys, country, "--instrument", instrument, *form)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert "no source is a systematic record of them." in err
    if instrument in ("assistance", "training", "deployment"):
        assert "but of one partner, the United States" in err


@pytest.mark.parametrize("instrument", ["arms", "exercise", "agreement", "alliance"])
def test_a_state_without_ties_says_why(capsys, instrument):
    status, out, _ = run(capsys, "KIR", "--instrument", instrument, "--json")
    found = json.loads(out)
    assert found
    # that there is no tie is a finding; that nobody could have seen one is none
    assert status == (0 if {one["status"] for one in found} & {"measured", "empty"} else 1)
    assert run(capsys, "KIR", "--instrument", instrument)[0] == status


def test_of_no_portfolio_everything_is_an_empty_table():
    none = an.portfolio(an.load("visit", country="PAK"), countries=["PAK"])
    some = an.portfolio(an.load("exercise", country="PAK", sources=["mme"]), years=(2009, 2010))
    assert none.dtypes.equals(some.dtypes)
    drawn = {"draws": 5, "seed": 1}
    found = [
        an.measure(none, an.hill, order=[0, 1], **drawn),
        an.draw(none, an.hill, **drawn),
        an.measure(none, an.rao, distances=an.distances("region"), **drawn),
        an.shares(none),
        losses.each(none, an.hill),
        losses.removal(none),
        losses.without(none, "USA"),
        selections.latest(none),
        selections.drop_silent_instruments(none),
        selections.one_arms_source(none),
        tables.losses(none),
        tables.changes(none, **drawn),
        battery.over_time(none, ["hill_1"], **drawn),
        tables.unattributed(none),
        peer_tables.headline_series(none),
    ]
    assert [len(table) for table in found] == [0] * len(found)
    assert all(len(table.columns) for table in found)
    assert summary.summarise("PAK", "visit", start=2001, end=2005) == []
