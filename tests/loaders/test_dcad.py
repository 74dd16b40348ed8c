"""Agreements: published counts, rules of coding, and damaged files."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import dcad
from analysis.sources import countries, ledger

HEADER = [
    "ccode1", "cowName1", "ccode2", "cowName2", "signDay", "signMonth", "signYear", "type",
    "category1", "category2", "category3", "terminated", "endYearEstimate", "DCAid",
]  # fmt: skip

#: entries of version 1.0 which name one state twice
SAME_STATE = {"DCADv1.0-1625", "DCADv1.0-1847"}


def agreement(number: int = 1, **values: str) -> dict[str, str]:
    """One row: Pakistan and China, 4 June 2003 to 2009, unless `values` say otherwise."""
    row = dict.fromkeys(HEADER, "")
    row |= {"ccode1": "770", "cowName1": "PAK", "ccode2": "710", "cowName2": "CHN"}
    row |= {"signDay": "4", "signMonth": "6", "signYear": "2003", "endYearEstimate": "2009"}
    row |= {"type": "general", "category1": "DCA", "DCAid": f"DCADv1.0-{number:04}"}
    return row | values


def save(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(folder: Path, *rows: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ledger and audit table of a file with these rows."""
    table, audit = dcad.read(save(folder / "dcad.csv", list(rows)))
    return table, audit.table


@pytest.fixture(scope="module")
def source(source_dir: Path):
    return dcad.read(source_dir / "agreements" / "DCAD-v1.0-main.csv")


@pytest.fixture(scope="module")
def table(source_dir: Path) -> pd.DataFrame:
    path = source_dir / "agreements" / "DCAD-v1.0-main.csv"
    rows = pd.read_csv(path, dtype=str, keep_default_na=False).set_index("DCAid")
    return rows.drop(index=list(SAME_STATE))


# --- published results ---------------------------------------------------------------------------


def test_pakistans_agreements(source):
    rows = source[0]
    rows = rows[rows["country"] == "PAK"]
    assert rows["event_id"].nunique() == len(rows) == 43
    counts = rows["partner"].value_counts()
    assert len(counts) == 25
    published = {"CHN": 7, "TUR": 5, "AZE": 3, "IRN": 3, "MYS": 3}
    assert counts.head(5).sort_index().to_dict() == dict(sorted(published.items()))
    assert counts.iloc[5:].max() < 3


def test_every_agreement_is_accounted_for(source):
    rows, audit = source
    summary = audit.summary()
    by_row = summary[summary["scope"] == "row"].groupby("outcome")["rows"].sum()
    assert by_row["read"] == 1871
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]
    assert rows["event_id"].nunique() == by_row["kept"] == 1871 - len(SAME_STATE)
    assert (rows.groupby("event_id").size() == 2).all()


def test_parties_are_those_of_the_abbreviations(source, table):
    found = source[0].groupby("event_id")["country"].agg(set)
    years = table["signYear"].astype(int)
    sides = [
        countries.match(
            table[f"cowName{i}"], years=years, scheme="cow_abbreviation", outside="keep"
        )["iso3"]
        for i in (1, 2)
    ]
    expected = pd.Series([set(pair) for pair in zip(*sides, strict=True)], table.index)
    assert found.to_dict() == expected.to_dict()


def test_two_numbers_of_version_1_are_wrong(source):
    rows, audit = source
    parties = rows.groupby("event_id")["country"].agg(set)
    assert parties["DCADv1.0-0108"] == {"USA", "EGY"}  # the file has Syria's number
    assert parties["DCADv1.0-0297"] == {"BOL", "VEN"}  # the file has Bolivia's number twice
    changed = audit.table[audit.table["action"] == "changed"]
    assert changed["row"].tolist() == [109, 293]


def test_dates_are_as_precise_as_in_the_source(source, table):
    rows = source[0].drop_duplicates("event_id").set_index("event_id").loc[table.index]
    expected = pd.Series("day", table.index)
    expected[table["signDay"] == ""] = "month"
    expected[table["signMonth"] == ""] = "year"
    assert (rows["date_precision"] == expected).all()
    assert (rows["start"].dt.year == table["signYear"].astype(int)).all()
    assert (rows["end"].dt.year == table["endYearEstimate"].astype(int)).all()
    assert (ledger.has_flag(rows, "censored") == (table["endYearEstimate"] == "2010")).all()


# --- rules of coding -----------------------------------------------------------------------------


def test_an_agreement_is_seen_from_both_sides(tmp_path):
    rows, _ = read(tmp_path, agreement(category2="TREX"))
    assert rows[["country", "partner"]].to_numpy().tolist() == [["CHN", "PAK"], ["PAK", "CHN"]]
    assert set(rows["event_id"]) == {"DCADv1.0-0001"}
    assert set(rows["direction"]) == {"mutual"}
    assert set(rows["flags"]) == {"dca general trex"}
    assert set(rows["start"]) == {pd.Timestamp("2003-06-04")}
    assert set(rows["end"]) == {pd.Timestamp("2009-12-31")}
    assert set(rows["parties"]) == {2}


@pytest.mark.parametrize("missing", ["", "-66", "-77", "-88", "-99"])
def test_codes_for_missing(tmp_path, missing):
    rows, notes = read(
        tmp_path,
        agreement(1, signDay=missing),
        agreement(2, signDay=missing, signMonth=missing),
        agreement(3, category1=missing, category2=missing, endYearEstimate=missing),
    )
    rows = rows[rows["country"] == "PAK"].set_index("event_id")
    assert rows["date_precision"].tolist() == ["month", "year", "day"]
    assert rows["start"].dt.strftime("%Y-%m-%d").tolist() == [
        "2003-06-01",
        "2003-01-01",
        "2003-06-04",
    ]
    assert rows["end"].dt.year.tolist() == [2009, 2009, 2003]
    assert rows["flags"].tolist() == ["dca general", "dca general", "end_unknown general"]
    assert notes["row"].tolist() == [4]


def test_what_lasts_to_the_end_of_coding_is_censored(tmp_path):
    rows, _ = read(tmp_path, agreement(1, endYearEstimate="2010"), agreement(2))
    flags = rows.groupby("event_id")["flags"].first()
    assert flags.tolist() == ["censored dca general", "dca general"]


def test_a_number_means_the_state_of_its_year(tmp_path):
    russia = {"ccode2": "365", "cowName2": "RUS"}
    rows, _ = read(
        tmp_path,
        agreement(1, signYear="1988", **russia),
        agreement(2, signYear="1995", **russia),
    )
    partners = rows[rows["country"] == "PAK"].set_index("event_id")["partner"]
    assert partners.tolist() == ["SUN", "RUS"]


def test_the_abbreviation_counts_where_the_number_is_anothers(tmp_path):
    rows, notes = read(tmp_path, agreement(cowName2="IRN"))
    assert set(rows["country"]) == {"PAK", "IRN"}
    assert notes["action"].tolist() == ["changed"]
    assert notes["value"].tolist() == ["710 IRN"]


def test_an_agreement_of_a_state_with_itself_is_set_aside(tmp_path):
    rows, notes = read(tmp_path, agreement(1), agreement(2, ccode2="770", cowName2="PAK"))
    assert set(rows["event_id"]) == {"DCADv1.0-0001"}
    assert notes[["row", "scope", "action"]].to_numpy().tolist() == [[3, "row", "set_aside"]]


# --- files ---------------------------------------------------------------------------------------


@given(st.permutations(HEADER))
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_columns_in_another_order_are_the_same(tmp_path, order):
    rows = [agreement(1), agreement(2, signDay="")]
    shuffled = [{name: row[name] for name in order} for row in rows]
    assert read(tmp_path, *rows)[0].equals(read(tmp_path, *shuffled)[0])


@pytest.mark.parametrize("column", ["DCAid", "ccode1", "cowName2", "signYear", "category3"])
def test_a_missing_column_is_refused(tmp_path, column):
    row = {name: value for name, value in agreement().items() if name != column}
    with pytest.raises(SourceFileError, match=rf"dcad\.csv: the column\(s\) {column} are missing"):
        dcad.read(save(tmp_path / "dcad.csv", [row]))


@pytest.mark.parametrize(
    "values",
    [
        {"signYear": ""},
        {"signYear": "-88"},
        {"signYear": "20033"},
        {"signYear": "last"},
        {"endYearEstimate": "20100"},
        {"signMonth": "13"},
        {"signDay": "4th"},
        {"DCAid": "DCADv1.0-0001"},
        {"DCAid": "DCADv1"},
        {"DCAid": ""},
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_row(tmp_path, values):
    rows = [agreement(1), agreement(2, **values)]
    with pytest.raises(SourceFileError, match=r"(?s)dcad\.csv, column .*row 3: .*again"):
        dcad.read(save(tmp_path / "dcad.csv", rows))


@pytest.mark.parametrize("values", [{"ccode2": "999"}, {"cowName1": "ATL"}, {"ccode1": "USA"}])
def test_unknown_states_are_refused(tmp_path, values):
    with pytest.raises(UnknownCountryError, match=r"dcad\.csv"):
        dcad.read(save(tmp_path / "dcad.csv", [agreement(**values)]))


@pytest.mark.parametrize("content", [b"", b"<html><body>", b"PK\x03\x04", b"DCAid,ccode1\n"])
def test_what_is_no_such_file_is_refused(tmp_path, content):
    path = tmp_path / "DCAD.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"DCAD\.csv"):
        dcad.read(path)


def test_utf_16_is_read(tmp_path):
    assert len(dcad.read(save(tmp_path / "dcad.csv", [agreement()], "utf-16"))[0]) == 2


@pytest.mark.parametrize("cut", [1, 2, 5, 13, 14, 20, 40])
def test_a_file_cut_within_its_last_record_is_refused(tmp_path, cut):
    path = save(tmp_path / "dcad.csv", [agreement(n) for n in (1, 2, 3)])
    content = path.read_bytes().rstrip(b"\n")
    path.write_bytes(content[:-cut])
    with pytest.raises(SourceFileError, match=r"cut short|column DCAid"):
        dcad.read(path)


def test_a_party_without_abbreviation_goes_by_its_number_and_one_without_state_is_set_aside(
    tmp_path,
):
    rows = [agreement(1), agreement(2, cowName1=""), agreement(3, ccode1="1004", cowName1="")]
    found, audit = dcad.read(save(tmp_path / "dcad.csv", rows))
    assert sorted(set(found["event_id"])) == ["DCADv1.0-0001", "DCADv1.0-0002"]
    out = audit.table[audit.table["action"] == "set_aside"]
    assert out[["row", "reason"]].to_numpy().tolist() == [[4, "no state"]]
