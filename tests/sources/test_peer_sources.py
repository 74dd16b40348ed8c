"""Capabilities and rivalries: what peers are chosen by."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import nmc, rivalries
from analysis.sources import countries, store

rdata = pytest.importorskip("rdata")

COMPONENTS = ["milex", "milper", "irst", "pec", "tpop", "upop"]


def save(path: Path, rows: list[dict]) -> Path:
    """Write an R file such as the producers'."""
    rdata.write_rda(path, {"table": pd.DataFrame(rows)})
    return path


@pytest.fixture(scope="module")
def capabilities(source_dir):
    return nmc.read(source_dir / "states" / "cow_nmc.rda")


@pytest.fixture(scope="module")
def spells(source_dir):
    return rivalries.read(source_dir / "states" / "tss_rivalries.rda")


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_the_index_is_the_mean_of_the_shares_of_its_components(source_dir, capabilities):
    """Singer, Bremer & Stuckey 1972: six shares of the world, those that are known of a state."""
    raw = next(iter(rdata.read_rda(source_dir / "states" / "cow_nmc.rda").values()))
    parts = raw[COMPONENTS].where(raw[COMPONENTS] >= 0)
    shares = parts / parts.groupby(raw["year"]).transform("sum")
    raw = raw.assign(mean=shares.mean(axis=1))
    ours = capabilities[0].set_index(["iso3", "year"])["cinc"]
    for number, code in ((770, "PAK"), (750, "IND"), (710, "CHN"), (2, "USA"), (946, "KIR")):
        own = raw[raw["ccode"] == number].set_index("year")["mean"]
        for year in (2000, 2010, 2022):
            assert ours[code, year] == pytest.approx(own[year], rel=1e-5)


def test_what_ships_of_capabilities_is_what_was_read(capabilities):
    table, audit = capabilities
    shipped = store.table("nmc", "capabilities.csv")
    pd.testing.assert_frame_equal(shipped, table, check_dtype=False, check_exact=True)
    assert len(table) == 17_119
    summary = audit.summary().set_index("outcome")["rows"]
    assert summary.to_dict() == {"read": 17_121, "kept": 17_119, "set_aside": 2}
    assert not table.duplicated(["iso3", "year"]).any()


def test_the_first_of_a_year_are_those_that_everybody_knows(capabilities):
    table = capabilities[0]
    first = table.sort_values("cinc", ascending=False).groupby("year")["iso3"].agg(list)
    assert first[1870][0] == "GBR"
    assert first[1950][:3] == ["USA", "SUN", "CHN"]
    assert first[2007][:3] == ["CHN", "USA", "IND"]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"cinc": 1.2}, "above 0.*row 1"),
        ({"cinc": -9.0}, "above 0.*row 1"),
        ({"year": 1950.5}, "a year.*row 1"),
        ({"ccode": 0.0}, "Correlates of War.*row 1"),
    ],
)
def test_capabilities_that_cannot_be_are_refused(tmp_path, row, what):
    rows = [{"ccode": 770.0, "year": 1950.0, "cinc": 0.01} | row]
    with pytest.raises(SourceFileError, match=rf"(?s)c\.rda.*{what}"):
        nmc.read(save(tmp_path / "c.rda", rows))


def test_of_two_numbers_of_one_state_the_greater_counts(tmp_path):
    rows = [{"ccode": float(n), "year": 1990.0, "cinc": c} for n, c in ((255, 0.03), (260, 0.02))]
    rows.append({"ccode": 770.0, "year": 1990.0, "cinc": float("nan")})
    table, audit = nmc.read(save(tmp_path / "c.rda", rows))
    assert table.to_numpy().tolist() == [["DEU", 1990, 0.03]]
    assert audit.table["reason"].tolist() == ["the state has another row", "no index"]


def test_a_number_of_no_state_is_refused(tmp_path):
    with pytest.raises(UnknownCountryError, match="999"):
        nmc.read(save(tmp_path / "c.rda", [{"ccode": 999.0, "year": 1950.0, "cinc": 0.1}]))


def pair(table: pd.DataFrame, one: str, other: str) -> list[tuple[int, int]]:
    rows = table[table[["iso3", "rival"]].isin([one, other]).all(axis=1)]
    return list(rows[["first_year", "last_year"]].itertuples(index=False, name=None))


def test_known_rivalries(spells):
    """Thompson, Sakuwa & Suhas 2021, pages 34 to 46."""
    table = spells[0]
    assert pair(table, "PAK", "IND") == [(1947, 2020)]
    assert pair(table, "PAK", "AFG") == [(1947, 2020)]
    assert pair(table, "USA", "SUN") == [(1945, 1989)]
    assert pair(table, "USA", "RUS") == [(1918, 1920), (2007, 2020)]
    assert pair(table, "USA", "CHN") == [(1949, 1972), (1996, 2020)]
    assert pair(table, "EGY", "ISR") == [(1948, 2020)]
    assert pair(table, "FRA", "GBR") == [(1816, 1904)]
    assert pair(table, "PAK", "CHN") == []


def test_what_ships_of_rivalries_is_what_was_read(spells):
    table, audit = spells
    pd.testing.assert_frame_equal(
        store.table("rivalries", "rivalries.csv"), table, check_dtype=False
    )
    summary = audit.summary().set_index("outcome")["rows"]
    assert summary.to_dict() == {"read": 264, "kept": 248, "set_aside": 16}
    assert table["rivalry"].nunique() == 248
    for row in table.itertuples():
        for code in (row.iso3, row.rival):
            assert countries.exists(code, row.first_year)
            assert countries.exists(code, row.last_year)


RIVALS = {
    "tssr_id": 1.0,
    "rivalry": "A-B",
    "ccode1": 365.0,
    "ccode2": 710.0,
    "start": 1910.0,
    "end": 1930.0,
}


def test_a_rivalry_is_split_where_a_state_has_another_code(tmp_path):
    rows = [RIVALS, RIVALS | {"tssr_id": 2.0, "start": 1500.0, "end": 1600.0}]
    table, audit = rivalries.read(save(tmp_path / "r.rda", rows))
    assert table.to_numpy().tolist() == [
        [1, "RUS", "CHN", 1910, 1921],
        [1, "SUN", "CHN", 1922, 1930],
    ]
    assert audit.table["row"].tolist() == [2]


@pytest.mark.parametrize(
    ("row", "what"),
    [
        ({"end": 1900.0}, "not before start.*row 1"),
        ({"ccode2": 365.0}, "another state.*row 1"),
        ({"start": 1.0}, "a year.*row 1"),
        ({"tssr_id": 1.5}, "number of a rivalry.*row 1"),
    ],
)
def test_a_rivalry_that_cannot_be_is_refused(tmp_path, row, what):
    with pytest.raises(SourceFileError, match=rf"(?s)r\.rda.*{what}"):
        rivalries.read(save(tmp_path / "r.rda", [RIVALS | row]))
