"""The four sources that see the United States only: against published facts and the files' sums."""

import csv
import io
import random
import re
import zipfile
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import openpyxl
import pandas as pd
import pytest
import yaml

from analysis import loaders, paths
from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import fmtrpt, greenbook, state_visits, us_troops
from analysis.sources import countries, ledger
from analysis.sources.audit import Audit

FILES = {
    "greenbook": "us-assistance/us_greenbook_1946_2020.xlsx",
    "fmtrpt": "us-assistance/fmtrpt_country_report_program_derived.csv",
    "us_troops": "us-assistance/us-troops-country-year.csv",
    "travels": "visits/us_president_secstate_travels_derived.csv",
    "visits": "visits/foreign_leader_visits_to_us_derived.csv",
}
LOADERS = {
    "greenbook": greenbook, "fmtrpt": fmtrpt, "us_troops": us_troops, "travels": state_visits,
    "visits": state_visits,
}  # fmt: skip
SOURCES = ("fmtrpt", "greenbook", "state_visits", "us_troops")
each_file = pytest.mark.parametrize("name", FILES)

#: every flag that the docstrings explain
FLAGS = {
    "greenbook": {"transition_quarter"},
    "fmtrpt": set(),
    "us_troops": {"corrected", "maybe_doubled"},
    "travels": {"president", "president_elect", "secretary_of_state"},
    "visits": {"head_of_state", "head_of_government", "other_leader"},
}
KINDS = {"state", "official", "official_working", "working", "informal", "unofficial", "private"}


@pytest.fixture(scope="module")
def read(source_dir: Path) -> dict[str, tuple[pd.DataFrame, Audit]]:
    return {name: LOADERS[name].read(source_dir / file) for name, file in FILES.items()}


def amounts(rows: pd.DataFrame, country: str) -> dict[int, float]:
    own = rows[rows["country"] == country]
    return own.groupby(own["end"].dt.year)["value"].sum().to_dict()


def days(rows: pd.DataFrame, country: str, flag: str) -> set[tuple[str, str]]:
    own = rows[(rows["country"] == country) & ledger.has_flag(rows, flag)]
    return set(zip(own["start"].astype(str), own["end"].astype(str), strict=True))


# --- all of them ---------------------------------------------------------------------------------


@each_file
def test_every_row_is_kept_or_set_aside_for_a_reason(read, source_dir, name):
    summary = read[name][1].summary()
    rows = summary[summary["scope"] == "row"].groupby("outcome")["rows"].sum()
    assert rows["read"] == rows["kept"] + rows["set_aside"]
    assert set(rows.index) == {"read", "kept", "set_aside"}
    if FILES[name].endswith(".csv"):
        with (source_dir / FILES[name]).open(encoding="utf-8-sig", newline="") as lines:
            assert rows["read"] == len(list(csv.reader(lines))) - 1


@each_file
def test_the_partner_is_the_united_states_and_flags_are_explained(read, name):
    rows, _ = read[name]
    assert set(rows["partner"]) == {"USA"}
    assert "USA" not in set(rows["country"])
    assert set(rows["direction"]) == ({"out"} if name == "visits" else {"in"})
    assert (rows["value"] > 0).all()
    known = FLAGS[name] | {"outside_state_years"}
    if name in ("travels", "visits"):
        known |= {f"{kind}_visit" for kind in KINDS}
    assert {flag for text in rows["flags"].unique() for flag in text.split()} <= known


@each_file
def test_rows_outside_a_state_s_years_say_so(read, name):
    rows, _ = read[name]
    outside = ledger.has_flag(rows, "outside_state_years")
    years = rows["start"].dt.year
    known = [countries.exists(c, y) for c, y in zip(rows["country"], years, strict=True)]
    assert (outside != np.array(known)).all()


@pytest.mark.parametrize("key", SOURCES)
def test_sidecars_say_that_shares_mean_nothing_and_cover_every_row(read, key):
    sidecar = yaml.safe_load((paths.data_dir() / key / "source.yml").read_text("utf-8"))
    assert sidecar["sampling"]["systematic"] is False
    assert sidecar["licence"]["redistribute"] is True
    names = ["travels", "visits"] if key == "state_visits" else [key]
    rows = pd.concat([read[name][0] for name in names])
    assert set(rows["source"]) == {key}
    assert set(rows["instrument"]) == {sidecar["instrument"]}
    assert set(rows["unit"]) == {sidecar["unit"]}
    first, last = sidecar["coverage"]["years"]
    assert rows["start"].dt.year.min() >= first
    assert rows["end"].dt.year.max() == last


def test_the_loaders_are_known_by_name():
    assert set(SOURCES) <= set(loaders.LOADERS)


# --- assistance ----------------------------------------------------------------------------------


def military(path: Path) -> dict[tuple[str, float], int]:
    """Sums by country and fiscal year, cell by cell, from the XML in the workbook itself."""
    with zipfile.ZipFile(path) as archive:
        parts = ("xl/sharedStrings.xml", "xl/worksheets/sheet1.xml")
        strings, sheet = (archive.read(part).decode() for part in parts)
    texts = ["".join(entry.itertext()) for entry in ElementTree.fromstring(strings)]
    cells: dict[str, dict[str, str]] = defaultdict(dict)
    for column, row, value in re.findall(r'<c r="([ACDH])(\d+)"[^>]*><v>([^<]*)', sheet):
        cells[column][row] = value
    sums: dict[tuple[str, float], int] = defaultdict(int)
    for row, dollars in cells["H"].items():
        if texts[int(cells["D"][row])] == "Military":
            sums[texts[int(cells["C"][row])], float(cells["A"][row])] += int(dollars)
    return sums


def test_assistance_is_the_sum_of_the_military_accounts(read, source_dir):
    rows, _ = read["greenbook"]
    sums = military(source_dir / FILES["greenbook"])
    names = {"PAK": "Pakistan", "IND": "India", "ISR": "Israel", "TUR": "Turkey", "EGY": "Egypt"}
    for code, name in names.items():
        own = rows[rows["country"] == code]
        quarter = ledger.has_flag(own, "transition_quarter")
        found = dict(zip(own["start"].dt.year.where(~quarter, 1976.9), own["value"], strict=True))
        assert found == {year: value for (who, year), value in sums.items() if who == name}
    states = sum(
        v
        for (who, _), v in sums.items()
        if "(not specified)" not in who and who != "China (Hong Kong)"
    )
    assert rows["value"].sum() == states


def test_constant_dollars_are_those_of_the_producer(source_dir):
    """Column I of the sheet, added up by another reader; the base year stands above its head."""
    calamine = pytest.importorskip("python_calamine")
    path = source_dir / FILES["greenbook"]
    _, *rows = calamine.CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()[6:]
    expected = sum(
        row[8] for row in rows if row[2:4] == ["Pakistan", "Military"] and row[0] == 1964
    )
    found = greenbook.read_constant(path)
    own = found[found["country"] == "PAK"].set_index("year")["value"]
    assert own[1964] == pytest.approx(expected)
    assert set(found["unit"]) == {"USD of 2020"}
    assert not found.duplicated(["country", "year"]).any()


def test_assistance_to_pakistan_follows_the_known_breaks(read):
    million = {year: value / 1e6 for year, value in amounts(read["greenbook"][0], "PAK").items()}
    # the alliance of 1954, the embargo after the war of 1965, the Symington amendment
    assert min(million) == 1955
    assert million[1962] > 90 > 2 > million[1966]
    assert {1980, 1981} & set(million) == set()
    # the six-year programme with the F-16s, cut by the Pressler amendment on 1 October 1990
    assert all(180 < million[year] < 330 for year in range(1983, 1991))
    assert 1991 not in million
    assert sum(million.get(year, 0) for year in range(1991, 2001)) < 6
    # CRS, Direct Overt U.S. Aid ... to Pakistan (6 March 2014), FY2002-FY2008: FMF 1,566, IMET 11,
    # counternarcotics 135; excess articles are not in it; 6,697 of reimbursements are in neither
    assert 1_690 < sum(million[year] for year in range(2002, 2009)) < 1_900


def test_assistance_to_israel_and_egypt_after_camp_david(read):
    rows, _ = read["greenbook"]
    # CRS, U.S. Foreign Aid to Israel (RL33222): 2,700 of loans and 1,300 of grants
    assert amounts(rows, "ISR")[1979] == 4_000_000_000
    assert amounts(rows, "EGY")[1979] == pytest.approx(1_500_000_000, rel=0.001)
    assert amounts(rows, "EGY").keys() & set(range(1946, 1978)) == set()


def test_the_transition_quarter_is_an_event_of_its_own(read):
    rows, _ = read["greenbook"]
    quarter = rows[ledger.has_flag(rows, "transition_quarter")]
    assert set(quarter["event_id"]) == set(quarter["country"] + "-FY1976TQ")
    assert set(quarter["start"].astype(str)) == {"1976-07-01"}
    assert set(quarter["end"].astype(str)) == {"1976-09-30"}
    years = rows[~ledger.has_flag(rows, "transition_quarter")]
    assert (years["event_id"] == years["country"] + "-FY" + years["end"].dt.year.astype(str)).all()


def test_vietnam_was_the_south_until_1975(read):
    for name in ("greenbook", "us_troops"):
        rows = read[name][0]
        assert max(amounts(rows, "RVN")) == 1975 - (name == "us_troops")
        assert min(amounts(rows, "VNM")) > 1975


HEADER = ["Fiscal Year", "Region", "Country", "Assistance Category", "Publication Row",
          "Funding Agency", "Funding Account Name", "Obligations (Historical Dollars)",
          "Obligations (Constant Dollars)"]  # fmt: skip


def account(year, country, dollars, *, kind="Military", name="A") -> list:
    return [year, "Asia", country, kind, "FMF", "Department of State", name, dollars, 0]


def workbook(path: Path, rows: list[list], header: list[str] = HEADER) -> Path:
    book = openpyxl.Workbook()
    for row in (["Greenbook"], [None], header, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_net_de_obligations_are_set_aside(tmp_path):
    path = workbook(
        tmp_path / "book.xlsx",
        [
            account(2001, "Pakistan", 100),
            account(2001, "Pakistan", -30, name="B"),
            account(2002, "Pakistan", 10),
            account(2002, "Pakistan", -11, name="B"),
            account(2003, "Pakistan", 5),
            account(2003, "Pakistan", -5, name="B"),
            account(2003, "India", 7, kind="Economic"),
            account(1976.9, "India", 8),
            account(2003, "World (not specified)", 9),
        ],
    )
    rows, audit = greenbook.read(path)
    assert dict(zip(rows["event_id"], rows["value"], strict=True)) == {
        "IND-FY1976TQ": 8,
        "PAK-FY2001": 70,
    }
    notes = audit.table.set_index("row")
    assert notes["reason"].to_dict() == {
        5: "de-obligation: taken off the year's sum",
        6: "net de-obligation",
        7: "net de-obligation",
        8: "nothing obligated",
        9: "nothing obligated",
        10: "economic assistance",
        12: "no state: unknown",
    }
    counts = audit.summary().query("scope == 'row'").groupby("outcome")["rows"].sum()
    assert counts.to_dict() == {"read": 9, "kept": 3, "set_aside": 6}


def test_nothing_but_economic_assistance_gives_an_empty_ledger(tmp_path):
    path = workbook(tmp_path / "book.xlsx", [account(2001, "India", 1, kind="Economic")])
    rows, audit = greenbook.read(path)
    assert rows.empty
    assert list(rows.columns) == ledger.COLUMNS
    assert audit.rows_read == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (account("many", "India", 1), "Fiscal Year"),
        (account(1976.5, "India", 1), "Fiscal Year"),
        (account(None, "India", 1), "Fiscal Year"),
        (account(2001, "India", "1,000"), "Obligations"),
        (account(2001, "India", None), "Obligations"),
        (account(2001, "India", True), "Obligations"),
        (account(2001, "India", 1, kind="Other"), "Assistance Category"),
        (account(2000, "Pakistan", 2), "Country"),
    ],
)
def test_a_faulty_cell_is_named(tmp_path, row, column):
    path = workbook(tmp_path / "book.xlsx", [account(2000, "Pakistan", 1), row])
    with pytest.raises(SourceFileError, match=rf"column {column}.*\n  row 5: "):
        greenbook.read(path)


def test_a_workbook_of_another_kind_is_refused(tmp_path):
    path = workbook(tmp_path / "book.xlsx", [account(2000, "Pakistan", 1)], HEADER[:7])
    with pytest.raises(SourceFileError, match=r"missing from row 3: Obligations \(Hist"):
        greenbook.read(path)
    path = workbook(tmp_path / "book.xlsx", [])
    with pytest.raises(SourceFileError, match="no row follows"):
        greenbook.read(path)


def test_an_unknown_recipient_is_named(tmp_path):
    path = workbook(tmp_path / "book.xlsx", [account(2000, "Pakistann", 1)])
    with pytest.raises(UnknownCountryError, match="Pakistann"):
        greenbook.read(path)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_workbook_cut_short_is_refused(tmp_path, share):
    whole = workbook(tmp_path / "whole.xlsx", [account(2000, "Pakistan", 1)]).read_bytes()
    path = tmp_path / "cut.xlsx"
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(SourceFileError, match=r"cut\.xlsx"):
        greenbook.read(path)


def test_a_damaged_sheet_is_refused(tmp_path):
    path = workbook(
        tmp_path / "book.xlsx", [account(2000, "Pakistan", n, name=str(n)) for n in range(1, 200)]
    )
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
        for content in (parts[name][: len(parts[name]) // 2], None):
            damaged = io.BytesIO()
            with zipfile.ZipFile(damaged, "w") as archive:
                for part, data in {**parts, name: content}.items():
                    if data is not None:
                        archive.writestr(part, data)
            path.write_bytes(damaged.getvalue())
            with pytest.raises(SourceFileError, match=r"book\.xlsx"):
                greenbook.read(path)


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    path = workbook(tmp_path / "book.xlsx", [account(2000, "Pakistan", 1)])
    monkeypatch.setattr(greenbook, "_MAX_BYTES", 1000)
    with pytest.raises(SourceFileError, match="unpacks to"):
        greenbook.read(path)


# --- training ------------------------------------------------------------------------------------


def test_from_2001_on_training_agrees_with_the_totals_by_country(read, source_dir):
    # another table of the same reports; before 2001 it mixes training given with training planned
    path = source_dir / "us-assistance" / "fmtrpt_country_report_derived.csv"
    totals = pd.read_csv(path, keep_default_na=False)
    totals["year"] = totals["report"].str[:4].astype(int)
    match = countries.match(totals["country"], years=totals["year"], scheme="us", outside="keep")
    sums = totals.assign(code=match["iso3"]).groupby(["code", "year"])["trainees"].sum()
    rows = read["fmtrpt"][0]
    found = rows.groupby([rows["country"], rows["end"].dt.year])["value"].sum()
    since = [key for key in sums.index if key[1] >= 2001 and sums[key] > 0]
    assert since == [key for key in found.index if key[1] >= 2001]
    assert found[since].to_numpy() == pytest.approx(sums[since].to_numpy())
    # South Korea's report 1999-2000: 2,397 given and 6,529 planned
    assert sums["KOR", 1999] == 2397 + 6529
    assert found["KOR", 1999] == 2397


def test_training_planned_is_no_training(read, source_dir):
    with (source_dir / FILES["fmtrpt"]).open(encoding="utf-8", newline="") as lines:
        records = list(csv.DictReader(lines))
    given = {"99": 0.0, "00": 0.0}
    for record in records:
        label = record["program"][-2:]
        if record["country"] == "Pakistan" and record["report"][2:4] == label in given:
            given[label] += float(record["trainees"])
    found = amounts(read["fmtrpt"][0], "PAK")
    assert [found[1999], found[2000]] == [given["99"], given["00"]] == [10, 47]


def test_years_and_states_which_the_reports_leave_out(read):
    rows = read["fmtrpt"][0]
    years = rows["end"].dt.year
    assert set(years) == set(range(1999, 2021)) - {2006}
    # 22 U.S.C. 2416(a)(2), since 2002: not on members of NATO, Australia, Japan and New Zealand
    exempt = {"AUS", "JPN", "NZL", "BGR", "EST", "LTU", "LVA", "ROU", "SVK", "SVN"}
    assert not rows[years >= 2005]["country"].isin(exempt).any()
    assert exempt <= set(rows[years < 2005]["country"])


def test_spellings_of_a_country_are_one_country(read):
    rows = read["fmtrpt"][0]
    assert not rows.duplicated(["country", "start"]).any()
    for code in ("CHN", "CIV", "COD", "COG", "CPV", "KOR", "KNA", "PNG", "TTO", "VCT"):
        assert len(amounts(rows, code)) >= 17


TRAINING = ["country", "report", "program", "n_items", "trainees", "cost_usd"]


def table(path: Path, header: list[str], rows: list[list[str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
    return path


def test_programmes_are_added_up_by_the_year_they_name(tmp_path):
    rows, audit = fmtrpt.read(
        table(
            tmp_path / "t.csv",
            TRAINING,
            [
                ["Pakistan", "1999_2000", "IMET, FY 99", "1", "4", "0"],
                ["Pakistan", "1999_2000", "Section 1004 (Note 1), FY99", "1", "3", "0"],
                ["Pakistan", "1999_2000", "IMET, FY  00", "1", "50", "0"],
                ["Pakistan", "1999_2000", "Miscellaneous, FY", "1", "60", "0"],
                [
                    "Pakistan",
                    "2012_2013",
                    "IMET-1 - Fiscal Year 2012 Department of State Training",
                    "1",
                    "7",
                    "0",
                ],
                ["Pakistan", "2007_2008", "CTFP - FY 2007 DoD Training", "1", "0", "0"],
                ["Indochina", "2007_2008", "CTFP - FY 2007 DoD Training", "1", "1", "0"],
                ["Pakistan", "2007_2008", "CTFP - FY 2003 DoD Training", "1", "8", "0"],
            ],
        )
    )
    assert dict(zip(rows["event_id"], rows["value"], strict=True)) == {
        "PAK-FY1999": 7,
        "PAK-FY2012": 7,
    }
    assert audit.table.set_index("row")["reason"].to_dict() == {
        4: "planned for the year after, not given",
        5: "no fiscal year in the programme's name",
        7: "no trainees",
        8: "no state: unknown",
        9: "of neither year of its report",
    }


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["India", "2003", "IMET, FY03", "1", "1", "0"], "report"),
        (["India", "2003_2005", "IMET, FY03", "1", "1", "0"], "report"),
        (["India", "2003_2004", "IMET, FY03", "1", "some", "0"], "trainees"),
        (["India", "2003_2004", "IMET, FY03", "1", "-1", "0"], "trainees"),
        (["India", "2003_2004", "IMET, FY03", "1", "1e999", "0"], "trainees"),
        (["Pakistan", "2003_2004", "IMET, FY03", "1", "1", "0"], "program"),
    ],
)
def test_a_faulty_row_of_training_is_named(tmp_path, row, column):
    good = ["Pakistan", "2003_2004", "IMET, FY03", "1", "1", "0"]
    with pytest.raises(SourceFileError, match=rf"column {column}.*\n  row 3: "):
        fmtrpt.read(table(tmp_path / "t.csv", TRAINING, [good, row]))


# --- deployments ---------------------------------------------------------------------------------


def test_troops_of_the_known_garrisons(read):
    rows = read["us_troops"][0]
    germany, japan, korea = (amounts(rows, code) for code in ("DEU", "JPN", "KOR"))
    assert all(196_000 < germany[year] < 280_000 for year in range(1955, 1991))
    assert all(30_000 < germany[year] < 50_000 for year in range(2009, 2025))
    assert all(35_000 < japan[year] < 62_000 for year in range(1973, 2008))
    assert all(24_000 < korea[year] < 45_600 for year in range(1978, 2024) if year != 2008)
    # the peak in South Viet Nam, given as 536,100 for the end of 1968; out by March 1973
    assert amounts(rows, "RVN")[1968] == pytest.approx(536_100, rel=0.01)
    assert amounts(rows, "RVN")[1974] < 200


def test_the_listening_post_near_peshawar_closed_in_1970(read):
    pakistan = amounts(read["us_troops"][0], "PAK")
    assert all(pakistan[year] > 1_000 for year in range(1962, 1969))
    assert all(pakistan[year] < 60 for year in range(1970, 2001))


def test_iraq_is_not_counted_three_times(read):
    rows, audit = read["us_troops"]
    iraq = amounts(rows, "IRQ")
    # troopdata 0.1.4: 141,100 and 170,000; at no time were there more than in 2007
    assert (iraq[2006], iraq[2007]) == (141_100, 170_000)
    assert max(iraq, key=iraq.get) == 2007
    corrected = rows[ledger.has_flag(rows, "corrected")]
    assert list(corrected["event_id"]) == ["IRQ-2006", "IRQ-2007"]
    notes = audit.table.query("column == 'troops_ad'")
    assert set(notes["value"].astype(int)) == {3 * 141_100, 3 * 170_000}


def test_2008_is_flagged_since_it_was_counted_twice(read):
    rows = read["us_troops"][0]
    flagged = ledger.has_flag(rows, "maybe_doubled")
    assert (flagged == (rows["start"].dt.year == 2008)).all()
    germany = amounts(rows, "DEU")
    assert germany[2008] > 1.4 * max(germany[2007], germany[2009])


def test_zeros_and_territories_are_no_ties(read, source_dir):
    notes = read["us_troops"][1].table.query("action == 'set_aside'")
    with (source_dir / FILES["us_troops"]).open(encoding="utf-8", newline="") as lines:
        records = enumerate(csv.DictReader(lines), 2)
        zeros = {line for line, record in records if record["troops_ad"] == "0"}
    no_troops = notes["reason"] == "no troops"
    assert set(notes["row"][no_troops]) == zeros - set(notes["row"][~no_troops])
    territories = notes["value"][notes["reason"] == "no state: territory"]
    assert {"Aden", "Guam", "Diego Garcia", "Hong Kong", "Puerto Rico"} <= set(territories)


TROOPS = ["countryname", "year", "troops_ad"]


def test_two_names_of_one_state_are_added_up(tmp_path):
    rows, audit = us_troops.read(
        table(
            tmp_path / "t.csv",
            TROOPS,
            [
                ["Bosnia & Herzegovina", "2013", "9"],
                ["Bosnia and Herzegovina", "2013", "2"],
                ["Iraq", "2006", "423300"],
                ["Iraq", "2007", "160000"],
                ["China", "1950", "0"],
                ["United States", "1990", "5"],
                ["Guam", "1990", "5"],
            ],
        )
    )
    assert dict(zip(rows["event_id"], rows["value"], strict=True)) == {
        "BIH-2013": 11,
        "IRQ-2006": 141_100,
        "IRQ-2007": 160_000,
    }
    assert list(rows["flags"]) == ["", "corrected", ""]
    counts = audit.summary().query("scope == 'row'").groupby("outcome")["rows"].sum()
    assert counts.to_dict() == {"read": 7, "kept": 4, "set_aside": 3}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (["India", "1951", "x"], "troops_ad"),
        (["India", "1951", ""], "troops_ad"),
        (["India", "1951", "-3"], "troops_ad"),
        (["India", "1951", "2.5"], "troops_ad"),
        (["India", "51", "3"], "year"),
        (["Pakistan", "1951", "3"], "countryname"),
    ],
)
def test_a_faulty_row_of_troops_is_named(tmp_path, row, column):
    good = ["Pakistan", "1951", "16"]
    with pytest.raises(SourceFileError, match=rf"column {column}.*\n  row 3: "):
        us_troops.read(table(tmp_path / "t.csv", TROOPS, [good, row]))


def test_all_faulty_rows_are_counted_and_ten_are_shown(tmp_path):
    bad = [["Pakistan", str(year), "?"] for year in range(1950, 1965)]
    with pytest.raises(SourceFileError, match=r"15 row\(s\)(.|\n)*row 11: (.|\n)*and 5 more"):
        us_troops.read(table(tmp_path / "t.csv", TROOPS, bad))


# --- visits --------------------------------------------------------------------------------------


def test_five_presidents_have_been_to_pakistan(read):
    assert days(read["travels"][0], "PAK", "president") == {
        ("1959-12-07", "1959-12-09"),  # Eisenhower, Karachi
        ("1967-12-23", "1967-12-23"),  # Johnson, Karachi
        ("1969-08-01", "1969-08-02"),  # Nixon, Lahore
        ("2000-03-25", "2000-03-25"),  # Clinton, Islamabad
        ("2006-03-03", "2006-03-04"),  # Bush, Islamabad
    }


def test_state_visits_of_pakistan_s_presidents(read):
    assert days(read["visits"][0], "PAK", "state_visit") == {
        ("1961-07-11", "1961-07-14"),  # Ayub Khan
        ("1965-12-14", "1965-12-16"),  # Ayub Khan
        ("1982-12-06", "1982-12-09"),  # Zia ul-Haq
    }
    assert ("1950-05-03", "1950-05-05") in days(read["visits"][0], "PAK", "head_of_government")


def test_other_visits_everyone_knows(read):
    travels, visits = read["travels"][0], read["visits"][0]
    assert ("1972-02-21", "1972-02-28") in days(travels, "CHN", "president")
    assert ("2016-03-20", "2016-03-22") in days(travels, "CUB", "president")
    assert {start[:4] for start, _ in days(travels, "IND", "president")} == {
        "1959",
        "1969",
        "1978",
        "2000",
        "2006",
        "2010",
        "2015",
        "2020",
        "2023",
    }
    # Radhakrishnan, Manmohan Singh, Modi
    assert {start[:4] for start, _ in days(visits, "IND", "state_visit")} == {
        "1963",
        "2009",
        "2023",
    }
    # Khrushchev, Brezhnev, Gorbachev twice
    soviet = visits[visits["country"] == "SUN"]["start"].dt.year
    assert set(soviet) >= {1959, 1973, 1987, 1990}
    # the Holy See: Paul VI in 1965 was the first pope in the United States
    assert visits[visits["country"] == "VAT"]["start"].min() == pd.Timestamp(1965, 10, 4)


def test_visits_keep_the_producer_s_ids_and_days(read, source_dir):
    for name, prefix in (("travels", "travel-"), ("visits", "visit-")):
        with (source_dir / FILES[name]).open(encoding="utf-8", newline="") as lines:
            dates = {r["id"]: (r["start_date"], r["end_date"]) for r in csv.DictReader(lines)}
        rows = read[name][0]
        found = rows["event_id"].str.removeprefix(prefix)
        assert not found.duplicated().any()
        stated = zip(rows["start"].astype(str), rows["end"].astype(str), strict=True)
        assert [dates[one] for one in found] == list(stated)


def test_every_travel_is_a_president_s_or_a_secretary_s(read):
    rows = read["travels"][0]
    president, secretary = (ledger.has_flag(rows, f) for f in ("president", "secretary_of_state"))
    assert (president ^ secretary).all()
    assert president[ledger.has_flag(rows, "president_elect")].all()
    ranks = [ledger.has_flag(read["visits"][0], flag) for flag in FLAGS["visits"]]
    assert (np.sum(ranks, axis=0) == 1).all()


TRAVELS = [
    "id",
    "role",
    "name",
    "start_date",
    "end_date",
    "country_id",
    "country",
    "locale",
    "remarks",
]
VISITS = [
    "id",
    "start_date",
    "end_date",
    "visitor",
    "from_id",
    "from_country",
    "description",
    "n_from",
]


def travel(number: int, remark: str, **other: str) -> list[str]:
    fields = {
        "id": str(number),
        "role": "president",
        "name": "X",
        "start_date": "1959-12-07",
        "end_date": "1959-12-09",
        "country": "Pakistan",
        "remarks": remark,
    }
    return [{**fields, **other}.get(name, "") for name in TRAVELS]


def visit(number: int, visitor: str, remark: str = "", **other: str) -> list[str]:
    fields = {
        "id": str(number),
        "visitor": visitor,
        "start_date": "1961-07-11",
        "end_date": "1961-07-14",
        "from_country": "Pakistan",
        "description": remark,
        "n_from": "1",
    }
    return [{**fields, **other}.get(name, "") for name in VISITS]


def test_stops_on_the_way_are_no_visits(tmp_path):
    remarks = {
        "Stopped en route to India.": False,
        "Refueling stop en route from Uruguay.": False,
        "Overnight stop while returning to the U.S.": False,
        "Stopover en route to Italy.": False,
        "Stopped en route to India; met with President Ayub Khan.": True,
        "Official visit. Stopped en route to China.": True,
        "Met with the King during a refueling stop.": True,
        "": True,
    }
    path = table(
        tmp_path / "t.csv",
        TRAVELS,
        [travel(n, remark, name=f"X{n}") for n, remark in enumerate(remarks)],
    )
    rows, audit = state_visits.read(path)
    kept = {f"travel-{n}" for n, visited in enumerate(remarks.values()) if visited}
    assert set(rows["event_id"]) == kept
    assert set(audit.table["reason"]) == {"a stop on the way"}


def test_kinds_of_visit_and_ranks_of_visitors(tmp_path):
    cases = [
        ("President Ayub Khan", "State visit.", "head_of_state state_visit"),
        (
            "King Hussein I",
            "Met with the President during a private visit.",
            "head_of_state private_visit",
        ),
        ("Princess Anne", "", "other_leader"),
        (
            "Prime Minister Khan",
            "Official Working Visit.",
            "head_of_government official_working_visit",
        ),
        ("Prime Minster Khan", "Offical visit.", "head_of_government official_visit"),
        ("Chancellor Kohl", "Unofficial visit.", "head_of_government unofficial_visit"),
        ("Chancellor-elect Schroeder", "", "other_leader"),
        ("President-elect Fox", "Informal, unofficial.", "other_leader"),
        ("President- elect Zedillo", "", "other_leader"),
        ("President of the Council of Ministers Ershad", "", "head_of_government"),
        ("Vice Premier Deng", "", "other_leader"),
        ("Emir Hamad", "Working visit; later an official visit.", "head_of_state working_visit"),
    ]
    path = table(
        tmp_path / "v.csv",
        VISITS,
        [visit(n, visitor, remark) for n, (visitor, remark, _) in enumerate(cases)],
    )
    rows, _ = state_visits.read(path)
    found = dict(zip(rows["event_id"], rows["flags"], strict=True))
    assert found == {f"visit-{n}": flags for n, (*_, flags) in enumerate(cases)}


def test_what_is_no_visit_by_one_state_is_set_aside(tmp_path):
    path = table(
        tmp_path / "v.csv",
        VISITS,
        [
            visit(1, "President Ayub Khan"),
            visit(2, "President Ayub Khan"),
            visit(
                3,
                "King Kalakaua",
                from_country="Hawaii",
                start_date="1874-12-12",
                end_date="1874-12-23",
            ),
            visit(4, "President Nasser", from_country="Egypt; Syria", n_from="2"),
        ],
    )
    rows, audit = state_visits.read(path)
    assert list(rows["event_id"]) == ["visit-1"]
    assert audit.table.set_index("row")["reason"].to_dict() == {
        3: "the same visit listed again",
        4: "no state: territory",
        5: "on behalf of several countries",
    }


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (travel(2, "", start_date="7 December 1959"), "start_date"),
        (travel(2, "", end_date="1959-02-30"), "end_date"),
        (travel(2, "", end_date=""), "end_date"),
        (travel(2, "", end_date="1959-12-06"), "end_date"),
        (travel(2, "", role="senator"), "role"),
        (travel(1, ""), "id"),
    ],
)
def test_a_faulty_visit_is_named(tmp_path, row, column):
    path = table(tmp_path / "t.csv", TRAVELS, [travel(1, "", name="Y"), row])
    with pytest.raises(SourceFileError, match=rf"column {column}.*\n  row 3: "):
        state_visits.read(path)


def test_a_country_of_another_time_is_named(tmp_path):
    path = table(
        tmp_path / "v.csv",
        VISITS,
        [
            visit(1, "President X", from_country="South Sudan", start_date="1961-07-11"),
            visit(2, "President X", from_country="Ruritania"),
        ],
    )
    with pytest.raises(UnknownCountryError, match="Ruritania"):
        state_visits.read(path)


# --- files that are something else ---------------------------------------------------------------

OTHERS = {
    "empty": b"",
    "blank": b"\n\n",
    "web page": b"<!DOCTYPE html><html><body>Log in</body></html>",
    "binary": bytes(range(256)) * 10,
    "other columns": b"a,b,c\n1,2,3\n",
    "names only": None,
    "zip": b"PK\x03\x04" + bytes(50),
}


@pytest.mark.parametrize("kind", OTHERS)
@each_file
def test_another_file_is_refused(tmp_path, name, kind):
    headers = {"fmtrpt": TRAINING, "us_troops": TROOPS, "travels": TRAVELS, "visits": VISITS}
    content = OTHERS[kind]
    if content is None:
        content = ",".join(headers.get(name, HEADER)).encode() + b"\n"
    path = tmp_path / "other.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"other\.csv"):
        LOADERS[name].read(path)


@each_file
def test_a_missing_file_and_a_folder_are_refused(tmp_path, name):
    for path in (tmp_path / "absent.csv", tmp_path):
        with pytest.raises(SourceFileError, match=path.name):
            LOADERS[name].read(path)


@pytest.mark.parametrize("name", ["fmtrpt", "us_troops", "travels", "visits"])
def test_a_loader_refuses_the_files_of_the_others(source_dir, name):
    for other in set(FILES) - {name, "travels" if name == "visits" else "visits"}:
        with pytest.raises(SourceFileError):
            LOADERS[name].read(source_dir / FILES[other])


@pytest.mark.parametrize("name", ["fmtrpt", "us_troops", "travels", "visits"])
def test_the_order_of_rows_and_columns_does_not_matter(source_dir, tmp_path, name):
    with (source_dir / FILES[name]).open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = csv.reader(lines)
    chance = random.Random(5)
    chance.shuffle(rows)
    columns = list(range(len(header)))
    chance.shuffle(columns)
    path = table(
        tmp_path / "shuffled.csv",
        [header[i] for i in columns],
        [[row[i] for i in columns] for row in rows],
    )
    drop = ["event_id"] if name in ("travels", "visits") else []  # one of two like visits is kept
    shuffled, straight = (LOADERS[name].read(p)[0] for p in (path, source_dir / FILES[name]))
    if drop:
        shuffled, straight = (
            rows.drop(columns=drop).sort_values(["country", "start", "end", "flags"])
            for rows in (shuffled, straight)
        )
        shuffled, straight = (rows.reset_index(drop=True) for rows in (shuffled, straight))
    pd.testing.assert_frame_equal(shuffled, straight)
