"""Years of states that a source does not cover, though it covers both: missing, never zero."""

import pandas as pd
import pytest

import analysis as an
from analysis.loaders import fmtrpt, us_troops
from analysis.sources import catalog
from analysis.sources.audit import Audit
from analysis.studies import yearly


def gaps(audit: Audit) -> dict[str, list[tuple[int, int]]]:
    spells = audit.gaps.groupby("country")[["first_year", "last_year"]]
    return {code: list(found.itertuples(index=False, name=None)) for code, found in spells}


def troops(folder, rows: dict[str, dict[int, int]]) -> Audit:
    path = folder / "troops.csv"
    lines = [f"{name},{year},{n}" for name, own in rows.items() for year, n in own.items()]
    path.write_text("\n".join(["countryname,year,troops_ad", *lines, ""]), "utf-8")
    return us_troops.read(path)[1]


def test_zeros_under_a_name_that_never_has_a_value_are_gaps(tmp_path):
    audit = troops(
        tmp_path,
        {
            "Swaziland": {1998: 0, 1999: 0, 2000: 0},
            "Eswatini": {2000: 5},
            "Bhutan": {1998: 0, 1999: 0, 2000: 0},
            "India": {1998: 0, 1999: 4, 2000: 0},
        },
    )
    found = gaps(audit)
    assert found["SWZ"] == [(1998, 1999)]
    assert found["BTN"] == [(1998, 2000)]
    assert "IND" not in found  # zeros beside a few are zeros


def test_years_without_a_row_and_zeros_between_many_are_gaps(tmp_path):
    audit = troops(
        tmp_path,
        {
            "Kuwait": {1998: 500, 1999: 0, 2000: 0, 2001: 900, 2002: 0},
            "India": {1998: 5, 2000: 6, 2002: 4},
            "Iran": {1998: 30, 1999: 0, 2000: 1},
        },
    )
    found = gaps(audit)
    assert found["KWT"] == [(1999, 2000)]
    assert found["IND"] == [(1999, 1999), (2001, 2001)]
    assert found["IRN"] == [(2001, 2002)]
    summary = audit.summary()
    told = summary[summary["scope"] == "state_year"].set_index("reason")["rows"]
    assert told["zero between years of many"] == 2
    by_row = summary[summary["scope"] == "row"].set_index("outcome")["rows"]
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]


def test_a_year_without_its_report_is_a_gap_for_all(tmp_path):
    path = tmp_path / "training.csv"
    path.write_text(
        "country,report,program,trainees\nIndia,2004_2005,IMET FY04,5\n"
        "India,2006_2007,IMET FY06,5\nIran,2006_2007,IMET FY06,0\n",
        "utf-8",
    )
    audit = fmtrpt.read(path)[1]
    found = gaps(audit)
    assert found["IND"] == [(2005, 2005)]
    assert found["IRN"] == [(2004, 2004), (2005, 2005)]  # listed without trainees in 2006: a zero
    assert set(audit.gaps["reason"]) == {"no report of the year", "no row in the year's report"}


@pytest.mark.parametrize(
    ("source", "state", "missing", "known"),
    [
        ("us_troops", "SWZ", [1968, 1990, 2015], [2016, 2024]),
        ("us_troops", "KWT", [2003, 2005], [2002, 2006]),
        ("us_troops", "BTN", [1971, 2024], []),
        ("us_troops", "PAK", [], [1980, 2024]),
        ("fmtrpt", "PAK", [2006], [2005, 2007]),
        ("greenbook", "PAK", [], [1947, 2020]),
        ("greenbook", "FRA", [1946], [1947]),
    ],
)
def test_what_ships_says_which_years_are_missing(source, state, missing, known):
    found = catalog.get(source)
    assert not any(found.covers(state, year) for year in missing)
    assert all(found.covers(state, year) for year in known)


def test_a_window_that_holds_a_gap_is_not_covered():
    records = an.load(country="SWZ", sources=["us_troops"])
    asked = {"countries": ["SWZ"], "sources": ["us_troops"], "years": (2014, 2024)}
    made = an.portfolio(records, window=3, **asked)
    status = made.groupby("end")["status"].first()
    assert (status[status.index <= 2017] == "not_covered").all()
    assert (status[status.index >= 2018] == "measured").all()
    assert made.loc[made["status"] == "not_covered", "weight"].isna().all()


def test_amounts_by_year_are_missing_in_a_gap():
    table = yearly.united_states("SWZ", "us_troops", start=2010, end=2020).set_index("year")
    assert table.loc[2010:2015, "value"].isna().all()
    assert (table.loc[2016:2020, "value"] > 0).all()
    training = yearly.united_states("PAK", "fmtrpt", start=2005, end=2007).set_index("year")
    assert training["covered"].tolist() == [True, False, True]


def test_every_gap_lies_within_the_coverage():
    for key, source in catalog.all_sources().items():
        years = [year for found in source.missed.values() for year in found]
        if years:
            table = pd.read_csv(source.path(catalog.GAPS))
            assert source.years[0] <= min(years) <= max(years) <= source.years[1], key
            assert (table["first_year"] <= table["last_year"]).all()
