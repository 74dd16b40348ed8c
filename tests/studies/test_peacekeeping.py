"""Contributors to United Nations peacekeeping: against published strengths, and by closed forms."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.errors import ParameterError, SourceFileError, UnknownCountryError
from analysis.loaders import geopko
from analysis.sources import store
from analysis.studies import peacekeeping
from analysis.studies.claims import tables as claims

PLACES = "mission,year,location,No.TCC,year.overview\n"
MAPS = "source,mission,year,month,location,tcc_name,tcc_troops\n"


def save(folder: Path, places: str, maps: str = "A,M,2001,1,X,Nepal,10\n") -> Path:
    """Write two files such as the producers'."""
    (folder / geopko.BESIDE).write_text(MAPS + maps, "utf-8")
    path = folder / "p.csv"
    path.write_text(PLACES + places, "utf-8")
    return path


def read(folder: Path, *files: str) -> pd.DataFrame:
    return geopko.read(save(folder, *files))[0].set_index(["iso3", "year"])


@pytest.fixture(scope="module")
def folder(source_dir):
    return source_dir / "peacekeeping"


@pytest.fixture(scope="module")
def made(folder):
    return geopko.read(folder / "GeoPKO-TCCMap-v2.3.csv")


@pytest.fixture(scope="module")
def shipped():
    return store.table("geopko", "contributors.csv")


@pytest.fixture(scope="module")
def published(source_dir):
    """Strengths that the United Nations have published: iso3, year, value, rank of Pakistan."""
    path = source_dir / "oracles" / "oracles_un.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    rows = rows[rows["status"].str.startswith("confirmed") & rows["date"].str.match(r"\d{4}")]
    found = []
    for row in rows[~rows["scope"].str.startswith("cumulative")].itertuples():
        pairs = [("PAK", row.personnel), *re.findall(r"\b([A-Z]{3}) (\d+)", row.detail)]
        found += [(code, int(row.date[:4]), float(n), row.rank) for code, n in pairs]
    return pd.DataFrame(found, columns=["iso3", "year", "published", "place"])


# --- published figures ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "off", "bias"), [("troops", 0.16, 0.16), ("troops_mean", 0.19, 0.03)]
)
def test_strengths_are_near_those_published(shipped, published, figure, off, bias):
    """Readings of symbols against heads counted on a day: the tolerance is told in the sidecar."""
    both = published.merge(shipped, on=["iso3", "year"]).dropna(subset=figure)
    ratio = both[figure] / both["published"]
    assert len(ratio) >= 30
    assert both["iso3"].nunique() >= 7
    assert (ratio - 1).abs().median() < off
    assert abs(ratio.median() - 1) < bias
    assert ((ratio - 1).abs() < 0.4).mean() > 0.8


def test_places_among_contributors_are_near_those_published(published):
    """Pakistan's rank by the last list published of each year, two places either way.

    Not by the first of 2001: it rose from ninth to second in that year.
    """
    own = published[(published["iso3"] == "PAK") & (published["place"] != "")]
    last = own.groupby("year")["place"].last().astype(int)
    table = peacekeeping.standing("PAK", last.index).set_index("year")
    assert len(last) >= 8
    assert ((table["rank"] - last).abs() <= 2).all()
    assert ((table["rank"] - last).abs() <= 1).mean() >= 0.8


def test_the_table_of_places_has_the_greatest_of_the_maps(folder):
    """What the coding rules say of the producer's two files is so where both have a place."""
    maps, _ = geopko.by_map(folder / geopko.BESIDE)
    keys = ["mission", "year", "location", "iso3"]
    most = maps.groupby([*keys, "month", "source"])["troops"].sum(min_count=1).groupby(keys).max()
    places, _ = geopko._places(folder / "GeoPKO-TCCMap-v2.3.csv")
    both = pd.concat([most, places.groupby(keys)["troops"].sum(min_count=1)], axis=1).dropna()
    assert len(both) > 6_000
    assert (both.iloc[:, 0] == both.iloc[:, 1]).mean() > 0.98


def test_what_ships_is_what_was_read(made):
    table, audit = made
    named = table[table["iso3"] != geopko.NOBODY].reset_index(drop=True)
    pd.testing.assert_frame_equal(
        store.table("geopko", "contributors.csv"), named, check_dtype=False, check_exact=True
    )
    assert not named.duplicated(["iso3", "year"]).any()
    told = audit.summary().set_index(["outcome", "reason"])["rows"]
    assert told["read", ""] == told["kept", ""] == 4_927
    assert told["changed", "size not given"] == 769


def test_years_in_which_missing_months_count_as_zero_are_far_from_the_maps(folder, shipped):
    """A second-hand table with zeros for missing months: its bad years stand out, so maps can tell.

    2010, 2012 and 2017 are known to be wrong in it; the other years agree with the maps.
    """
    rows = pd.read_csv(folder / "un_pko_country_mission_year_2010_2021_FLAWED.csv")
    totals = rows.groupby("Year")["Total"].sum()
    maps = shipped.groupby("year")["troops_mean"].sum()
    ratio = (totals / maps).dropna().loc[2010:2020]
    assert set(ratio.index[ratio < 0.8]) == {2010, 2012, 2017}
    assert ratio[ratio >= 0.8].between(0.9, 1.25).all()


# --- by hand -------------------------------------------------------------------------------------


def test_figures_of_a_year_are_those_worked_out_by_hand(tmp_path):
    """Nepal moves from X to Y: 100, 200, then 0 on the last map."""
    maps = (
        "A,M,2001,1,X,Nepal,100\nA,M,2001,1,X,India,10\nB,M,2001,6,Y,Nepal,150\n"
        "B,M,2001,6,Y,Nepal,50\nC,M,2001,12,X,India,30\nD,N,2001,3,Z,Nepal,7\n"
    )
    places = 'M,2001,X,2,"India (30), Nepal (100)"\nM,2001,Y,1,Nepal (200)\nN,2001,Z,1,Nepal (7)\n'
    table = read(tmp_path, places, maps)
    assert table.loc["NPL", 2001].tolist() == [2, 307, 107, 207, 7]
    assert table.loc["IND", 2001].tolist() == [1, 30, pytest.approx(40 / 3, abs=0.05), 30, 30]


def test_a_size_that_is_not_given_is_missing_and_not_zero(tmp_path):
    places = 'M,2001,X,2,"India (size unknown), Nepal (5)"\n'
    maps = "A,M,2001,1,X,India,unknown\nA,M,2001,1,X,Nepal,5\nB,M,2001,2,X,Nepal,5\n"
    table = read(tmp_path, places, maps)
    assert table.loc[("IND", 2001), "n_missions"] == 1
    assert table.loc[("IND", 2001), geopko.FIGURES].isna().all()


def test_names_with_brackets_and_senders_not_named_are_read(tmp_path):
    places = 'M,2001,X,3,"Korea (ROK) (150), TCC name unknown (40), UK (10)"\n'
    path = save(tmp_path, places)
    table, audit = geopko.read(path)
    troops = table.set_index("iso3")["troops"].dropna()
    assert troops.to_dict() == {"GBR": 10, "KOR": 150, geopko.NOBODY: 40}
    assert audit.table["value"].tolist() == ["TCC name unknown"]


@pytest.mark.parametrize(
    ("places", "maps", "what"),
    [
        ("M,2001,X,2,Nepal (150)\n", None, "No.TCC"),
        ("M,2001,X,1,Nepal 150\n", None, "year.overview"),
        ("M,20,X,1,Nepal (150)\n", None, "a year"),
        ("M,2001,X,1,Nepal (150)\n", "A,M,2001,13,X,Nepal,1\n", "1 to 12"),
        ("M,2001,X,1,Nepal (150)\n", "A,M,2001,1,X,Nepal,-1\n", "tcc_troops"),
    ],
)
def test_files_that_are_not_right_are_refused(tmp_path, places, maps, what):
    with pytest.raises(SourceFileError, match=re.escape(what)):
        geopko.read(save(tmp_path, places, *([maps] if maps else [])))


def test_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(UnknownCountryError, match="Atlantis"):
        geopko.read(save(tmp_path, "M,2001,X,1,Atlantis (150)\n"))


# --- places and shares ---------------------------------------------------------------------------


@pytest.mark.parametrize("figure", peacekeeping.FIGURES)
def test_shares_of_a_year_add_up_to_one_with_those_of_nobody(figure):
    table = peacekeeping.contributors(figure)
    years = table.groupby("year")
    np.testing.assert_allclose(years["share"].sum() + years["unnamed"].first(), 1)
    first = table.loc[years["value"].idxmax()]
    assert (first["rank"] == 1).all()


def test_years_outside_the_source_are_missing_and_never_zero():
    table = peacekeeping.standing("PAK", range(1990, 2027)).set_index("year")
    assert not table.loc[[1990, 1993, 2025, 2026], "covered"].any()
    assert table.loc[~table["covered"], "value"].isna().all()
    # the source covers 1999, but no map of that year names Pakistan
    assert table.loc[1999, "covered"]
    assert pd.isna(table.loc[1999, "value"])
    shown = peacekeeping.by_year("PAK", start=1990, end=2026).set_index("year")
    assert shown.loc[[1990, 1999, 2025], "value"].isna().all()
    assert peacekeeping.by_year("PRK", start=1990, end=2026).empty
    assert not peacekeeping.standing("SSD", [2005, 2012])["covered"].tolist()[0]


def test_an_unknown_figure_is_refused():
    with pytest.raises(ParameterError, match="troops_mean"):
        peacekeeping.contributors("soldiers")


# --- the claim -----------------------------------------------------------------------------------


def part(**changed) -> pd.DataFrame:
    row = {
        "claim": "x",
        "state": "PAK",
        "text": "A claim",
        "part": "x1",
        "part_text": "A part",
        "test": "among_first",
        "instrument": "peacekeeping",
        "source": "geopko",
        "partners": "",
        "events": "",
        "before": 2001,
        "after": 2024,
        "threshold": 5,
        "years": "",
    }
    return pd.DataFrame([{**row, **changed}])


def found(tmp_path, **changed) -> pd.Series:
    path = tmp_path / "c.csv"
    part(**changed).to_csv(path, index=False)
    return claims.assess(claims.read(path), changed.get("state", "PAK"), draws=0, seed=1).iloc[0]


def test_the_verdict_turns_with_the_number_asked_for(tmp_path):
    assert found(tmp_path)["verdict"] == claims.SUPPORTED
    assert found(tmp_path, threshold=1)["verdict"] != claims.SUPPORTED
    assert found(tmp_path, state="PRK")["verdict"] == claims.CONTRADICTED
    assert found(tmp_path, before=1960, after=1990)["verdict"] == claims.UNKNOWN
    assert found(tmp_path, before=2021)["specifications"] == 2  # the maps end in 2020


def test_the_share_is_that_of_all_troops_with_bounds_over_those_of_nobody(tmp_path, shipped):
    row = found(tmp_path, test="contribution_at_least", threshold=0.05)
    years = shipped[shipped["year"].between(2001, 2024)]
    nobody = store.table("geopko", "unattributed.csv").query("2001 <= year <= 2024")["troops"].sum()
    own, total = years.loc[years["iso3"] == "PAK", "troops"].sum(), years["troops"].sum() + nobody
    assert row["estimate"] == row["low"] == pytest.approx(own / total)
    assert row["high"] == pytest.approx((own + nobody) / total)
    assert row["verdict"] == claims.SUPPORTED
    least = found(tmp_path, test="contribution_at_least", threshold=0.2)
    assert least["verdict"] == claims.CONTRADICTED


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"source": "mme", "instrument": "exercise"}, "needs contributors.csv"),
        ({"test": "share_at_least", "partners": "IND", "threshold": 0.5}, "needs ledger.csv"),
        ({"test": "contribution_at_least", "threshold": 5}, "a share from 0 to 1"),
        ({"instrument": "arms"}, "is about peacekeeping, not arms"),
        ({"partners": "IND"}, "takes no partners"),
        ({"threshold": ""}, "needs threshold"),
    ],
)
def test_a_row_that_does_not_say_what_the_test_needs_is_refused(tmp_path, changed, fault):
    with pytest.raises(SourceFileError, match=re.escape(fault)):
        found(tmp_path, **changed)
