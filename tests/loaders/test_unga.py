"""Ideal points: against the estimates' own published quantiles, rules of coding, damaged files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import unga
from analysis.sources import countries

FILE = Path("unga") / "IdealpointsJuly2025.dta"


def state(ccode: float, year: float, point: float | None = 0.5, **values: object) -> dict:
    """One row as in the file."""
    row = {"ccode": ccode, "iso3c": "QQQ", "countryname": "Somewhere", "year": year}
    row |= {"idealpointall": point, "idealpointfp": point, "idealpointlegacy": 0.1}
    return row | {"nvotesall": None if point is None else 70.0} | values


def save(path: Path, rows: list[dict]) -> Path:
    table = pd.DataFrame(rows)
    numbers = [name for name in table.columns if name not in ("iso3c", "countryname")]
    table = table.astype(dict.fromkeys(numbers, "float64"))
    table.to_stata(path, write_index=False, version=118)
    return path


def read(folder: Path, *rows: dict) -> pd.DataFrame:
    return unga.read(save(folder / "points.dta", list(rows)))[0]


@pytest.fixture(scope="module")
def source(source_dir: Path):
    return unga.read(source_dir / FILE)


@pytest.fixture(scope="module")
def points(source) -> pd.DataFrame:
    return source[0].pivot(index="year", columns="iso3", values="ideal_point")


# --- the source ----------------------------------------------------------------------------------


def test_every_row_is_accounted_for(source):
    table, audit = source
    by_row = audit.summary().query("scope == 'row'").groupby("outcome")["rows"].sum()
    assert by_row["read"] == 11_440
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]
    assert by_row["kept"] == len(table)
    assert list(table.columns) == ["iso3", "year", "ideal_point", "ideal_point_fp", "n_votes"]
    assert not table.duplicated(["iso3", "year"]).any()


@pytest.mark.parametrize(("column", "quantile"), [("ideal_point", "all"), ("ideal_point_fp", "fp")])
def test_estimates_lie_within_their_published_quantiles(source, source_dir, column, quantile):
    published = pd.read_stata(source_dir / FILE)
    years = published["year"].astype(int)
    published["iso3"] = countries.match(
        published["ccode"], years=years, scheme="cow", outside="keep"
    )["iso3"]
    both = source[0].merge(published, on=["iso3", "year"])
    both = both.dropna(subset=[column, f"q5{quantile}"])
    assert len(both) > 11_000
    assert both[column].between(both[f"q5{quantile}"], both[f"q95{quantile}"]).mean() > 0.999
    assert both[column].between(both[f"qo{quantile}"], both[f"q100{quantile}"]).all()


def test_a_row_without_estimate_has_the_reason_in_the_file(source, source_dir):
    published = pd.read_stata(source_dir / FILE)
    none = published["idealpointall"].isna() & published["idealpointfp"].isna()
    assert source[1].table["row"].tolist() == (np.flatnonzero(none) + 1).tolist()


def test_the_united_states_are_high_and_often_highest(points):
    ranks = points.rank(axis=1, ascending=False)["USA"]
    assert ranks.max() <= 20
    assert ranks.median() == 1


def test_pakistan_is_nearer_to_those_it_agrees_with(points):
    # agreement in votes 2010-19: India 0.82, China 0.81, Saudi Arabia 0.77, UK 0.39, USA 0.19
    gaps = points.sub(points["PAK"], axis=0).loc[2010:2019].abs().mean()
    near, far = gaps[["IND", "CHN"]], gaps[["GBR", "USA"]]
    assert near.max() < gaps["SAU"] < far.min()
    assert gaps["GBR"] < gaps["USA"]


def test_states_are_those_of_the_year(points):
    assert points["SUN"].dropna().index.max() <= 1991
    assert points["RUS"].dropna().index.min() >= 1991
    assert points["YMD"].dropna().index.max() <= 1989
    assert points["BGD"].dropna().index.min() == 1974
    assert 1964 not in points.index  # a session without votes by roll-call


# --- rules of coding -----------------------------------------------------------------------------


def test_the_number_counts_not_the_files_own_code(tmp_path):
    table = read(tmp_path, state(365, 1980, iso3c="RUS"), state(680, 1980, iso3c="YAR"))
    assert table["iso3"].tolist() == ["SUN", "YMD"]


def test_a_row_without_code_or_name_is_matched_by_its_number(tmp_path):
    table = read(tmp_path, state(770, 1980, iso3c="", countryname=""))
    assert table["iso3"].tolist() == ["PAK"]


def test_a_row_with_neither_estimate_is_set_aside(tmp_path):
    rows = [state(770, 1980), state(770, 1981, None), state(770, 1982, None, idealpointfp=0.2)]
    table, audit = unga.read(save(tmp_path / "points.dta", rows))
    assert table["year"].tolist() == [1980, 1982]
    assert table["ideal_point"].isna().tolist() == [False, True]
    assert audit.table["row"].tolist() == [2]


# --- files ---------------------------------------------------------------------------------------


def test_columns_in_another_order_are_the_same(tmp_path):
    rows = [state(770, 1980), state(750, 1980, -0.2)]
    turned = [dict(reversed(row.items())) for row in rows]
    assert read(tmp_path, *rows).equals(read(tmp_path, *turned))


@pytest.mark.parametrize("column", ["ccode", "year", "idealpointall", "nvotesall"])
def test_a_missing_column_is_refused(tmp_path, column):
    row = state(770, 1980)
    del row[column]
    with pytest.raises(SourceFileError, match=rf"points\.dta.*{column}"):
        read(tmp_path, row)


@pytest.mark.parametrize(
    "values",
    [{"year": 1980.5}, {"year": None}, {"year": 30}, {"idealpointall": 99.0}, {"nvotesall": -1}],
)
def test_a_value_that_cannot_be_is_refused_with_its_row(tmp_path, values):
    rows = [state(750, 1980), state(770, 1980) | values]
    with pytest.raises(SourceFileError, match=r"(?s)points\.dta, column .*row 2: "):
        read(tmp_path, *rows)


def test_a_state_twice_in_a_session_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match="PAK in 1980"):
        read(tmp_path, state(770, 1980), state(770, 1980))


def test_an_unknown_number_is_refused(tmp_path):
    with pytest.raises(UnknownCountryError, match="999"):
        read(tmp_path, state(999, 1980))


def test_what_is_no_such_file_is_refused(tmp_path):
    good = save(tmp_path / "good.dta", [state(770, year) for year in range(1950, 2000)])
    content = good.read_bytes()
    path = tmp_path / "Idealpoints.dta"
    damaged = [b"", b"<!doctype html><html>", b"ccode,year\n770,1980\n", b"PK\x03\x04 zip"]
    damaged += [content[: len(content) * part // 10] for part in range(1, 10)]
    damaged += [content[:-1], content[:-20]]
    for data in damaged:
        path.write_bytes(data)
        with pytest.raises(SourceFileError, match=r"Idealpoints\.dta.*again"):
            unga.read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match="does not exist"):
        unga.read(tmp_path / "points.dta")
