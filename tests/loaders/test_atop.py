"""Alliances: published counts, every dyad-year of the source, rules of coding, damaged files."""

import gzip
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import atop
from analysis.sources import countries, ledger

rdata = pytest.importorskip("rdata")

OBLIGATIONS = {
    "atop_defense": "defense", "atop_offense": "offense", "atop_neutral": "neutrality",
    "atop_nonagg": "nonaggression", "atop_consul": "consultation",
}  # fmt: skip
COLUMNS = ["ccode1", "ccode2", "year", *OBLIGATIONS]

USA, PAK, JPN, RUS, CHN = 2, 770, 740, 365, 710


def owes(by: int, to: int, years: range, *obligations: str) -> list[list[int]]:
    """Rows which say that `by` owes `to` these obligations in these years."""
    marks = [int(name in obligations) for name in OBLIGATIONS.values()]
    return [[by, to, year, *marks] for year in years]


def save(path: Path, rows: list[list[int]], columns: list[str] = COLUMNS) -> Path:
    table = pd.DataFrame(rows, columns=columns).astype("float64")
    rdata.write_rda(path, {"atop_alliance": table})
    return path


def read(folder: Path, *parts: list[list[int]]) -> pd.DataFrame:
    rows = [row for part in parts for row in part]
    return atop.read(save(folder / "atop.rda", rows))[0]


def spells(rows: pd.DataFrame, country: str) -> list[tuple]:
    own = rows[rows["country"] == country]
    years = own["start"].dt.year, own["end"].dt.year
    return list(zip(own["partner"], own["direction"], *years, own["flags"], strict=True))


def in_force(rows: pd.DataFrame, year: int) -> pd.DataFrame:
    return rows[(rows["start"].dt.year <= year) & (rows["end"].dt.year >= year)]


@pytest.fixture(scope="module")
def source(source_dir: Path):
    return atop.read(source_dir / "alliances" / "atop_alliance.rda")


@pytest.fixture(scope="module")
def oracle(source_dir: Path) -> pd.DataFrame:
    path = source_dir / "oracles" / "oracles_atop.csv"
    return pd.read_csv(path, dtype={"partner_cow_codes": str})


# --- published results ---------------------------------------------------------------------------


def test_pakistans_partners_by_year_and_kind(source, oracle):
    rows = source[0]
    rows = rows[rows["country"] == "PAK"]
    kinds = ("defense", "nonaggression", "consultation")
    for year, any_kind, *by_kind, codes in oracle.itertuples(index=False):
        there = in_force(rows, year)
        published = countries.match(codes.split(), years=year, scheme="cow", outside="keep")["iso3"]
        assert set(there["partner"]) == set(published), year
        assert there["partner"].nunique() == any_kind == len(published), year
        found = [there.loc[ledger.has_flag(there, kind), "partner"].nunique() for kind in kinds]
        assert found == by_kind, year


def test_the_oracle_covers_every_year_of_pakistan(oracle):
    assert oracle["year"].tolist() == list(range(1951, 2019))


def test_pledges_may_be_one_sided(source):
    # Security treaty of 1951: the United States are to defend Japan, and not the reverse
    defence = source[0][ledger.has_flag(source[0], "defense")]
    for year in range(1951, 2019):
        there = in_force(defence, year)
        pairs = {*zip(there["country"], there["partner"], strict=True)}
        assert ("JPN", "USA") in pairs
        assert ("USA", "JPN") not in pairs


def test_cento_is_consultation_and_no_defence(source):
    rows = source[0]
    for partner in ("GBR", "IRN", "TUR"):
        both = rows[(rows["country"] == "PAK") & (rows["partner"] == partner)]
        there = in_force(both, 1974)
        assert ledger.has_flag(there, "consultation").any()
        assert not ledger.has_flag(there, "defense").any()


def test_every_row_is_accounted_for(source):
    summary = source[1].summary()
    by_row = summary[summary["scope"] == "row"].groupby("outcome")["rows"].sum()
    assert by_row["read"] == 273_296
    assert by_row["set_aside"] == 170
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]


def test_spells_spread_out_again_are_the_dyad_years_of_the_source(source, source_dir):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (table,) = rdata.read_rda(source_dir / "alliances" / "atop_alliance.rda").values()
    table = pd.DataFrame({name: table[name].to_numpy() for name in COLUMNS}).astype(int)
    for side in ("ccode1", "ccode2"):
        table[side] = countries.match(
            table[side], years=table["year"], scheme="cow", outside="keep"
        )["iso3"]
    key = ["ccode1", "ccode2", "year"]
    expected = table[table[list(OBLIGATIONS)].any(axis=1)].groupby(key)[list(OBLIGATIONS)].max()

    rows = source[0]
    first = rows["start"].dt.year
    length = rows["end"].dt.year - first + 1
    years = rows.loc[rows.index.repeat(length)]
    years["year"] = first.repeat(length) + years.groupby(level=0).cumcount()
    marks = {column: ledger.has_flag(years, flag) for column, flag in OBLIGATIONS.items()}
    found = years.assign(**marks).astype(dict.fromkeys(OBLIGATIONS, int))
    found = found.set_index(["partner", "country", "year"])[list(OBLIGATIONS)].sort_index()
    assert found.index.is_unique
    pd.testing.assert_frame_equal(found, expected, check_names=False, check_index_type=False)


def test_a_mutual_tie_is_one_event_from_both_sides(source):
    rows = source[0]
    mutual = rows[rows["direction"] == "mutual"]
    assert (mutual.groupby("event_id").size() == 2).all()
    assert len(mutual.drop_duplicates(["event_id", "start", "end", "flags"])) == len(mutual) / 2
    assert (rows[rows["direction"] == "in"].groupby("event_id").size() == 1).all()
    assert set(rows["direction"]) == {"mutual", "in"}


# --- rules of coding -----------------------------------------------------------------------------


def test_consecutive_years_are_a_spell(tmp_path):
    years = range(1990, 1996)
    rows = read(
        tmp_path,
        owes(PAK, CHN, years, "defense", "consultation"),
        owes(CHN, PAK, years, "defense", "consultation"),
        owes(USA, JPN, range(1980, 2001), "defense"),
    )
    assert spells(rows, "PAK") == [("CHN", "mutual", 1990, 1995, "consultation defense")]
    assert spells(rows, "CHN") == [("PAK", "mutual", 1990, 1995, "consultation defense")]
    pair = rows[rows["country"].isin(["PAK", "CHN"])]
    assert len(set(pair["event_id"])) == 1
    assert set(pair["start"]) == {pd.Timestamp("1990-01-01")}
    assert set(pair["end"]) == {pd.Timestamp("1995-12-31")}
    assert set(pair["date_precision"]) == {"year"}
    assert set(pair["parties"]) == {2}


def test_a_gap_or_another_obligation_begins_a_new_spell(tmp_path):
    rows = read(
        tmp_path,
        owes(USA, PAK, range(1960, 1963), "defense"),
        owes(USA, PAK, range(1964, 1966), "defense"),
        owes(USA, PAK, range(1966, 1968), "defense", "consultation"),
        owes(USA, JPN, range(1970, 1971), "defense"),
    )
    assert spells(rows, "PAK") == [
        ("USA", "in", 1960, 1962, "defense"),
        ("USA", "in", 1964, 1965, "defense"),
        ("USA", "in", 1966, 1967, "consultation defense"),
    ]
    assert spells(rows, "USA") == []


def test_a_spell_that_reaches_the_last_year_is_censored(tmp_path):
    rows = read(
        tmp_path,
        owes(USA, PAK, range(2000, 2019), "defense"),
        owes(USA, JPN, range(2000, 2018), "defense"),
    )
    assert spells(rows, "PAK") == [("USA", "in", 2000, 2018, "censored defense")]
    assert spells(rows, "JPN") == [("USA", "in", 2000, 2017, "defense")]


def test_a_year_without_obligation_is_set_aside(tmp_path):
    rows = [*owes(USA, PAK, range(1960, 1962), "defense"), *owes(PAK, USA, range(1960, 1962))]
    table, audit = atop.read(save(tmp_path / "atop.rda", rows))
    assert spells(table, "PAK") == [("USA", "in", 1960, 1961, "censored defense")]
    assert spells(table, "USA") == []
    assert audit.table["row"].tolist() == [3, 4]
    assert set(audit.table["action"]) == {"set_aside"}


def test_a_number_means_the_state_of_its_year(tmp_path):
    rows = read(tmp_path, owes(RUS, PAK, range(1989, 1995), "nonaggression"))
    assert spells(rows, "PAK") == [
        ("RUS", "in", 1992, 1994, "censored nonaggression"),
        ("SUN", "in", 1989, 1991, "nonaggression"),
    ]


def test_two_numbers_of_one_state_are_joined(tmp_path):
    rows = [
        *owes(255, USA, range(1990, 1991), "defense"),
        *owes(260, USA, range(1989, 1991), "consultation", "defense"),
    ]
    table, audit = atop.read(save(tmp_path / "atop.rda", rows))
    assert spells(table, "USA") == [("DEU", "in", 1989, 1990, "censored consultation defense")]
    assert audit.table["action"].tolist() == ["changed"]


# --- files ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def good(tmp_path_factory) -> bytes:
    rows = owes(USA, PAK, range(1950, 2019), "defense")
    return save(tmp_path_factory.mktemp("rda") / "atop.rda", rows).read_bytes()


def test_columns_in_another_order_are_the_same(tmp_path):
    rows = owes(USA, PAK, range(1950, 2019), "defense")
    turned = save(tmp_path / "b.rda", [row[::-1] for row in rows], COLUMNS[::-1])
    assert atop.read(turned)[0].equals(read(tmp_path, rows))


@pytest.mark.parametrize("column", ["ccode2", "year", "atop_consul"])
def test_a_missing_column_is_refused(tmp_path, column):
    at = COLUMNS.index(column)
    rows = [row[:at] + row[at + 1 :] for row in owes(USA, PAK, range(1950, 1952), "defense")]
    path = save(tmp_path / "atop.rda", rows, COLUMNS[:at] + COLUMNS[at + 1 :])
    with pytest.raises(SourceFileError, match=rf"atop\.rda.*{column}"):
        atop.read(path)


@pytest.mark.parametrize(
    ("at", "value"), [(0, float("nan")), (1, -9), (2, 19.5), (2, 20010), (3, 2), (7, float("nan"))]
)
def test_a_value_that_cannot_be_is_refused_with_its_row(tmp_path, at, value):
    rows = owes(USA, PAK, range(1950, 1952), "defense")
    rows[1][at] = value
    with pytest.raises(SourceFileError, match=rf"(?s)atop\.rda, column {COLUMNS[at]}.*row 2: "):
        atop.read(save(tmp_path / "atop.rda", rows))


def test_a_dyad_year_that_stands_twice_is_refused(tmp_path):
    rows = owes(USA, PAK, range(1950, 1952), "defense") * 2
    with pytest.raises(SourceFileError, match="once a year"):
        atop.read(save(tmp_path / "atop.rda", rows))


def test_an_unknown_number_is_refused(tmp_path):
    with pytest.raises(UnknownCountryError, match="999"):
        read(tmp_path, owes(999, PAK, range(1950, 1952), "defense"))


def test_what_is_no_such_file_is_refused(tmp_path, good):
    damaged = {
        "empty": b"",
        "a web page": b"<!doctype html><html>not found</html>",
        "text": b"ccode1,ccode2,year\n2,770,1950\n",
        "cut short": good[: len(good) // 2],
        "cut short by a little": good[:-10],
        "another archive": gzip.compress(b"hello"),
    }
    path = tmp_path / "atop_alliance.rda"
    for content in damaged.values():
        path.write_bytes(content)
        with pytest.raises(SourceFileError, match=r"atop_alliance\.rda.*again"):
            atop.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match="does not exist"):
        atop.read(tmp_path / "atop.rda")


def test_another_object_is_refused(tmp_path):
    rdata.write_rda(tmp_path / "atop.rda", {"x": [1, 2, 3]})
    with pytest.raises(SourceFileError, match=r"atop\.rda"):
        atop.read(tmp_path / "atop.rda")


def test_without_rdata_it_says_what_to_install(tmp_path, good, monkeypatch):
    path = tmp_path / "atop.rda"
    path.write_bytes(good)
    monkeypatch.setitem(sys.modules, "rdata", None)
    with pytest.raises(SourceFileError, match=r"pip install 'partnership-diversity\[sources\]'"):
        atop.read(path)
