"""Exercises: the published results for Pakistan, rules of coding, and damaged files."""

import csv
import io
import string
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import LOADERS, mme
from analysis.sources import countries, ledger

few = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])

STATES = [*string.ascii_uppercase, *(f"A{x}" for x in string.ascii_uppercase[:13])]
HEADER = [
    "MMEID",
    "Ex_Name",
    "Location",
    "s.year",
    "s.month",
    "s.day",
    "e.year",
    "e.month",
    "e.day",
    "CPX",
    "Air",
    "Land",
    "Sea",
    "Amphibious",
    "Cyber",
    "Warfighting",
    "Peacekeeping",
    "Humanitarian",
    *(f"State{letters}" for letters in STATES),
]


def exercise(*names: str, **values: str) -> dict[str, str]:
    """One row: a week in May 2005, at sea, unless `values` say otherwise (`s_day` is `s.day`)."""
    row = dict.fromkeys(HEADER, "")
    row |= dict.fromkeys(HEADER[9:18], "0")
    row |= {"MMEID": "mme1", "Ex_Name": "-9", "Sea": "1", "Warfighting": "1"}
    row |= {"s.year": "2005", "s.month": "5", "s.day": "2"}
    row |= {"e.year": "2005", "e.month": "5", "e.day": "8"}
    row |= {f"State{letters}": name for letters, name in zip(STATES, names, strict=False)}
    return row | {name.replace("_", "."): value for name, value in values.items()}


def save(path: Path, rows: list[dict[str, str]], encoding: str = "utf-8") -> Path:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(folder: Path, *rows: dict[str, str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ledger and audit table of a file with these rows."""
    table, audit = mme.read(save(folder / "mme.csv", list(rows)))
    return table, audit.table


@pytest.fixture(scope="module")
def source(source_dir: Path):
    return mme.read(source_dir / "exercises" / "mme_v7.csv")


@pytest.fixture(scope="module")
def pakistan(source):
    rows = source[0]
    return rows[rows["country"] == "PAK"]


# --- published results ---------------------------------------------------------------------------


def test_pakistans_partners_by_full_count(pakistan):
    assert len(pakistan) == 156
    assert pakistan["event_id"].nunique() == 62
    counts = pakistan["partner"].value_counts()
    assert len(counts) == 34
    published = {"USA": 34, "FRA": 13, "GBR": 12, "TUR": 11, "SAU": 10, "CHN": 7}
    assert counts.head(6).to_dict() == published
    shares = counts / counts.sum()
    assert (shares**2).sum() == pytest.approx(0.0810, abs=5e-5)
    assert 1 / (shares**2).sum() == pytest.approx(12.34, abs=5e-3)


def test_pakistans_partners_when_each_event_weighs_the_same(pakistan):
    weights = (1 / (pakistan["parties"] - 1)).groupby(pakistan["partner"]).sum()
    assert weights.sum() == pytest.approx(62)
    published = {"USA": 19.290, "SAU": 9.091, "TUR": 6.033, "FRA": 5.457, "CHN": 5.216}
    assert weights.nlargest(5).round(3).to_dict() == pytest.approx(published)
    shares = weights / weights.sum()
    assert (shares**2).sum() == pytest.approx(0.1491, abs=5e-5)
    assert 1 / (shares**2).sum() == pytest.approx(6.71, abs=5e-3)


def test_every_exercise_is_accounted_for(source):
    rows, audit = source
    summary = audit.summary()
    by_row = summary[summary["scope"] == "row"].groupby("outcome")["rows"].sum()
    assert by_row["read"] == 3707
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]
    assert rows["event_id"].nunique() == by_row["kept"]


def test_as_many_days_are_unknown_as_its_documentation_says(source):
    notes = source[1].table
    assert ((notes["column"] == "s.day") & (notes["value"] == "xx")).sum() == 814
    assert (notes["column"] == "MMEID").sum() == 3


def test_the_soviet_union_and_the_germanies_are_themselves(source):
    rows = source[0]
    seen = rows.groupby("country")["start"].agg(["min", "max"])
    year = seen.map(lambda date: date.year)
    assert year.loc["SUN", "max"] <= 1991 < year.loc["RUS", "min"]
    assert year.loc["DDR", "max"] <= 1990
    assert year.loc["DEU", "min"] == 1980
    assert set(rows["country"]) <= countries.codes()


def test_ledger_is_stored_and_read_back(pakistan):
    assert ledger.unpack(ledger.pack(pakistan), source="mme").equals(
        pakistan.sort_values(ledger.KEY, ignore_index=True)
    )


# --- rules of coding -----------------------------------------------------------------------------


def test_a_tie_is_seen_from_both_sides(tmp_path):
    rows, _ = read(tmp_path, exercise("Pakistan", "China"))
    assert rows[["country", "partner"]].to_numpy().tolist() == [["CHN", "PAK"], ["PAK", "CHN"]]
    assert set(rows["direction"]) == {"mutual"}
    assert set(rows["flags"]) == {"sea warfighting"}
    assert set(rows["parties"]) == {2}
    assert set(rows["start"]) == {pd.Timestamp("2005-05-02")}
    assert set(rows["end"]) == {pd.Timestamp("2005-05-08")}


def test_a_name_means_the_state_of_its_year(tmp_path):
    cold_war = exercise("Russia", "German Democratic Republic", s_year="1980", e_year="1980")
    assert set(read(tmp_path, cold_war)[0]["country"]) == {"SUN", "DDR"}
    assert set(read(tmp_path, exercise("Russia", "Germany"))[0]["country"]) == {"RUS", "DEU"}


def test_what_is_no_state_counts_in_the_size_only(tmp_path):
    rows, notes = read(tmp_path, exercise("NATO", "Baltic States", "Pakistan", "Turkey"))
    assert set(rows["country"]) == {"PAK", "TUR"}
    assert set(rows["parties"]) == {4}
    assert sorted(notes["value"]) == ["Baltic States", "NATO"]
    assert set(notes["scope"]) == {"cell"}


def test_a_territory_is_a_partner_but_has_no_portfolio(tmp_path):
    rows, _ = read(tmp_path, exercise("New Caledonia", "Pakistan", "Japan"))
    assert "NCL" not in set(rows["country"])
    with_it = rows[rows["partner"] == "NCL"]
    assert set(with_it["country"]) == {"PAK", "JPN"}
    assert ledger.has_flag(with_it, "territory").all()
    assert not ledger.has_flag(rows[rows["partner"] != "NCL"], "territory").any()


def test_a_missing_participant_is_not_counted_and_said(tmp_path):
    rows, notes = read(tmp_path, exercise("-9", "Pakistan", "Turkey"))
    assert set(rows["parties"]) == {2}
    assert ledger.has_flag(rows, "parties_incomplete").all()
    assert notes["value"].tolist() == ["-9"]


@pytest.mark.parametrize("again", [("Poland", "Poland"), ("St. Kitts & Nevis", "st. christopher")])
def test_a_participant_named_again_counts_once(tmp_path, again):
    rows, notes = read(tmp_path, exercise(*again, "Pakistan"))
    assert len(rows) == 2
    assert set(rows["parties"]) == {2}
    assert notes["reason"].tolist() == ["named again"]


@pytest.mark.parametrize("names", [("-9",), ("Pakistan",), ("Pakistan", "NATO"), ("NATO",)])
def test_an_exercise_without_a_pair_of_states_is_set_aside(tmp_path, names):
    rows, notes = read(tmp_path, exercise(*names), exercise("Iran", "Oman", MMEID="mme2"))
    assert set(rows["event_id"]) == {"mme2"}
    assert notes[notes["scope"] == "row"]["row"].tolist() == [2]


def test_ids_that_stand_twice_stay_apart(tmp_path):
    rows, notes = read(tmp_path, exercise("Pakistan", "China"), exercise("Pakistan", "China"))
    assert set(rows["event_id"]) == {"mme1", "mme1-2"}
    assert (notes["action"] == "changed").all()


@pytest.mark.parametrize(
    ("dates", "start", "end", "precision"),
    [
        ({"s_day": "xx", "e_day": "xx"}, "2005-05-01", "2005-05-31", "month"),
        ({"s_day": "xx"}, "2005-05-01", "2005-05-08", "month"),
        ({"e_day": "xx"}, "2005-05-02", "2005-05-31", "day"),
        ({"s_month": "-9", "e_month": "-9"}, "2005-01-01", "2005-12-31", "year"),
        ({"s_month": "2", "e_month": "2", "e_day": "xx"}, "2005-02-02", "2005-02-28", "day"),
        ({"s_month": "2", "s_day": "29", "s_year": "2004"}, "2004-02-29", "2005-05-08", "day"),
    ],
)
def test_unknown_parts_of_a_date(tmp_path, dates, start, end, precision):
    rows, _ = read(tmp_path, exercise("Pakistan", "China", **dates))
    assert set(rows["start"]) == {pd.Timestamp(start)}
    assert set(rows["end"]) == {pd.Timestamp(end)}
    assert set(rows["date_precision"]) == {precision}
    assert not ledger.has_flag(rows, "end_unclear").any()


@pytest.mark.parametrize("dates", [{"e_month": "4"}, {"e_day": "1"}, {"e_year": "-9"}])
def test_an_end_that_cannot_be_is_the_start_and_said(tmp_path, dates):
    rows, notes = read(tmp_path, exercise("Pakistan", "China", **dates))
    assert set(rows["end"]) == {pd.Timestamp("2005-05-02")}
    assert ledger.has_flag(rows, "end_unclear").all()
    assert "changed" in set(notes["action"])


NAMES = ["China", "France", "Iran", "Japan", "NATO", "New Caledonia", "Pakistan", "Turkey", "-9"]


@given(st.lists(st.lists(st.sampled_from(NAMES), min_size=1, max_size=9), min_size=1, max_size=6))
@few
def test_every_event_weighs_one_unless_a_participant_was_set_aside(tmp_path, events):
    ids = [f"mme{n}" for n in range(len(events))]
    rows, _ = read(
        tmp_path, *(exercise(*names, MMEID=i) for i, names in zip(ids, events, strict=True))
    )
    weights = (1 / (rows["parties"] - 1)).groupby([rows["event_id"], rows["country"]]).sum()
    assert (weights < 1 + 1e-9).all()
    all_partners = [i for i, names in zip(ids, events, strict=True) if "NATO" not in names]
    exact = weights[weights.index.get_level_values(0).isin(all_partners)]
    assert np.allclose(exact, 1)


# --- files ---------------------------------------------------------------------------------------


def test_columns_in_another_order_are_the_same(tmp_path):
    rows = [exercise("Pakistan", "China", "-9"), exercise("Iran", "Oman", MMEID="mme2", Air="1")]
    turned = [{name: row[name] for name in reversed(HEADER)} for row in rows]
    assert read(tmp_path, *rows)[0].equals(read(tmp_path, *turned)[0])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings(tmp_path, encoding):
    path = save(tmp_path / "mme.csv", [exercise("Pakistan", "Côte d’Ivoire")], encoding)
    assert set(mme.read(path)[0]["country"]) == {"PAK", "CIV"}


@pytest.mark.parametrize("column", ["MMEID", "s.day", "e.year", "Cyber", "StateA", "StateAM"])
def test_a_missing_column_is_refused(tmp_path, column):
    row = {name: value for name, value in exercise("Iran", "Oman").items() if name != column}
    with pytest.raises(SourceFileError, match=rf"mme\.csv: the column\(s\) {column} are missing"):
        mme.read(save(tmp_path / "mme.csv", [row]))


@pytest.mark.parametrize(
    "values",
    [
        {"s_month": "2", "s_day": "30"},
        {"s_month": "13"},
        {"s_day": "May"},
        {"s_year": "-9"},
        {"s_year": "20055"},
        {"e_day": "0x1"},
        {"Air": "2"},
        {"CPX": ""},
        {"MMEID": ""},
    ],
)
def test_a_value_that_cannot_be_is_refused_with_its_row(tmp_path, values):
    rows = [exercise("Iran", "Oman", MMEID="mme2"), exercise("Pakistan", "China", **values)]
    with pytest.raises(SourceFileError, match=r"(?s)mme\.csv, column .*row 3: .*again"):
        mme.read(save(tmp_path / "mme.csv", rows))


def test_unknown_names_are_listed_all_at_once(tmp_path):
    row = exercise("Pakistan", "Freedonia", "Sylvania")
    with pytest.raises(UnknownCountryError, match=r"(?s)mme\.csv.*Freedonia.*Sylvania"):
        mme.read(save(tmp_path / "mme.csv", [row]))


@pytest.mark.parametrize("content", [b"", b"\n\n", b"<!doctype html>", b"PK\x03\x04", b"a,b\n"])
def test_what_is_no_such_file_is_refused(tmp_path, content):
    path = tmp_path / "mme_v7.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"mme_v7\.csv"):
        mme.read(path)


def test_utf_16_is_read(tmp_path):
    path = save(tmp_path / "mme.csv", [exercise("Pakistan", "China")], "utf-16")
    assert len(mme.read(path)[0]) == 2


@given(st.integers(min_value=1, max_value=200))
@few
def test_a_file_cut_within_its_last_record_is_refused(tmp_path, cut):
    rows = [exercise("Pakistan", "China", MMEID=f"mme{n}") for n in range(3)]
    path = save(tmp_path / "mme.csv", rows)
    content = path.read_bytes()
    last = len(content) - 1 - content[:-1].rfind(b"\n")
    path.write_bytes(content[: -1 - min(cut, last - 2)])
    with pytest.raises(SourceFileError, match="cut short"):
        mme.read(path)


def test_every_loader_is_in_the_table():
    folder = Path(mme.__file__).parent
    modules = {path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")} - {
        "build",
        "imports",
    }
    assert set(LOADERS) == modules


def test_the_table_reads_as_the_module_does(tmp_path):
    path = save(tmp_path / "mme.csv", [exercise("Pakistan", "China")])
    assert LOADERS["mme"](path)[0].equals(mme.read(path)[0])
