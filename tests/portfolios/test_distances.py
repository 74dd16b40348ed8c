"""Distances between partners: laws that hold for every kind, and facts known from elsewhere."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError, SourceFileError, UnknownCountryError
from analysis.loaders import capitals, un_votes, vdem
from analysis.measures import alignment
from analysis.portfolios import _records as records
from analysis.portfolios import disparity
from analysis.sources import countries, store

rdata = pytest.importorskip("rdata")

WINDOWS = [(1955, 1959), (1988, 1992), (2010, 2014)]


def save(path: Path, rows: list[dict]) -> Path:
    """Write an R file such as the producers': numbers are floats, the rest is text."""
    table = pd.DataFrame(rows)
    numbers = table.select_dtypes("number").columns
    rdata.write_rda(path, {"table": table.astype(dict.fromkeys(numbers, "float64"))})
    return path


def outcomes(audit) -> pd.Series:
    by_row = audit.summary().query("scope == 'row'").groupby("outcome")["rows"].sum()
    assert by_row["read"] == by_row.drop("read").sum()
    return by_row


def damaged(path: Path) -> list[bytes]:
    """What a download that went wrong leaves behind."""
    good = path.read_bytes()
    return [b"", b"<!doctype html><html>", b"iso3,year\nPAK,1980\n", good[: len(good) // 2]]


# --- every kind -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", disparity.KINDS)
@pytest.mark.parametrize("years", WINDOWS, ids=str)
def test_every_kind_is_a_complete_table_of_distances(kind, years):
    table = an.distances(kind, years=years)
    assert table.index.is_unique
    assert table.index.is_monotonic_increasing
    assert table.index.equals(table.columns)
    assert set(table.index) <= countries.codes() | countries.territories()
    apart = table.to_numpy()
    assert (apart == apart.T).all()
    assert (np.diag(apart) == 0).all()
    assert apart.min() == 0
    assert 0 < apart.max() <= 1
    assert {"PAK", "IND", "USA"} <= set(table.index)


@pytest.mark.parametrize("kind", disparity.KINDS)
def test_without_years_a_kind_is_a_function_of_them(kind):
    table = an.distances(kind)(2010, 2014)
    pd.testing.assert_frame_equal(table, an.distances(kind, years=(2010, 2014)))


@pytest.mark.parametrize("kind", disparity.KINDS)
def test_every_kind_can_measure_a_portfolio(kind):
    portfolios = an.portfolio(an.load("exercise", country="PAK"), years=(2006, 2010), window=5)
    row = an.measure(portfolios, an.rao, distances=an.distances(kind)).iloc[-1]
    assert 0 < row["estimate"] < 1
    assert 0 <= row["weight_without_distance"] < 0.2


def test_kind_must_be_known():
    with pytest.raises(ParameterError, match="ideal_point"):
        an.distances("friendship")


# --- ideal points ---------------------------------------------------------------------------------


def test_distances_are_distances():
    table = an.distances("ideal_point", years=(2015, 2019))
    assert (table.index == table.columns).all()
    apart = table.to_numpy()
    assert np.allclose(apart, apart.T)
    assert (np.diag(apart) == 0).all()
    assert apart.max() == 1
    assert apart.min() == 0


def test_the_united_states_stand_apart_from_pakistan_and_china():
    """Bailey et al. 2017: the US ideal point is far above both in the 2010s."""
    points = disparity.ideal_points(2010, 2019)
    assert points["USA"] > points["GBR"] > points["PAK"] > points["CHN"] - 1
    table = an.distances("ideal_point", years=(2010, 2019))
    assert table.loc["PAK", "CHN"] < 0.25 < 0.5 < table.loc["PAK", "USA"]


def test_states_without_an_estimate_are_absent_not_zero():
    assert "SSD" not in disparity.ideal_points(1990, 1995)
    assert "SUN" in disparity.ideal_points(1980, 1985)
    assert "SUN" not in disparity.ideal_points(2000, 2005)
    assert disparity.ideal_point_distances(1930, 1940).empty


# --- region ---------------------------------------------------------------------------------------


def test_regions_are_alike_or_not():
    table = an.distances("region", years=(2010, 2014))
    assert table.loc["SAU", "ARE"] == table.loc["SUN", "RUS"] == 0
    assert table.loc["SAU", "USA"] == table.loc["CHN", "TUR"] == 1
    assert set(np.unique(table)) == {0.0, 1.0}
    assert set(table.index) == countries.codes() | countries.territories()


# --- regime ---------------------------------------------------------------------------------------


def country(code: str, year: float, polyarchy: float | None = 0.5) -> dict:
    value = np.nan if polyarchy is None else polyarchy
    return {
        "vdem_country_name": "Land",
        "country_text_id": code,
        "year": year,
        "v2x_polyarchy": value,
    }


@pytest.fixture(scope="module")
def polyarchy(source_dir: Path):
    return vdem.read(source_dir / "states" / "democracyData_vdem_simple.rda")


def test_every_country_year_is_accounted_for(polyarchy):
    table, audit = polyarchy
    by_row = outcomes(audit)
    assert by_row["read"] == 27_913
    assert by_row["kept"] == len(table)
    assert not table.duplicated(["iso3", "year"]).any()
    assert table["polyarchy"].between(0, 1).all()


def test_what_ships_is_what_was_read(polyarchy):
    shipped = store.table("vdem", "polyarchy.csv")
    pd.testing.assert_frame_equal(shipped, polyarchy[0].round(3), check_dtype=False)


def test_democracies_are_near_each_other_and_far_from_autocracies():
    table = an.distances("regime", years=(2015, 2019))
    assert table.loc["SWE", "DNK"] < 0.05
    assert table.loc["SWE", "SAU"] > 0.8
    # Pakistan lies between India and China, and Spain's regime changed after 1975
    assert table.loc["PAK", "IND"] < table.loc["CHN", "IND"]
    old, new = (an.distances("regime", years=years) for years in [(1965, 1974), (1985, 1994)])
    assert new.loc["ESP", "FRA"] < 0.1 < 0.5 < old.loc["ESP", "FRA"]


def test_regime_is_the_mean_over_the_years_of_the_window():
    one, two, both = (
        an.distances("regime", years=years).loc["SAU", "SWE"]
        for years in [(2001, 2001), (2002, 2002), (2001, 2002)]
    )
    assert both == pytest.approx((one + two) / 2)


def test_states_without_an_estimate_of_their_regime_have_no_label():
    table = an.distances("regime", years=(2010, 2014))
    assert not {"BRN", "SUN", "HKG", "ATG"} & set(table.index)
    assert an.distances("regime", years=(2030, 2034)).empty


def test_rules_of_polyarchy(tmp_path):
    rows = [
        country("PAK", 1950),
        country("PAK", 1940),
        country("ZZB", 1950),
        country("IND", 1950, None),
        country("SPD", 1861, 0.3),
        country("ITA", 1861, 0.4),
        country("VDR", 1960),
        country("RUS", 1960),
    ]
    table, audit = vdem.read(save(tmp_path / "v.rda", rows))
    found = list(zip(table["iso3"], table["year"], table["polyarchy"], strict=True))
    assert found == [("ITA", 1861, 0.4), ("PAK", 1950, 0.5), ("RVN", 1960, 0.5), ("SUN", 1960, 0.5)]
    assert outcomes(audit)["set_aside"] == 4
    assert audit.table["reason"].tolist() == [
        "no state in that year",
        "no state: territory",
        "no estimate",
        "the state has another row",
    ]


@pytest.mark.parametrize(
    ("rows", "what"),
    [
        ([country("PAK", 1950, 1.2)], "from 0 to 1.*row 1"),
        ([country("PAK", 1950.5)], "a year.*row 1"),
        ([country("PAK", 1950), country("PAK", 1950)], "once a year.*row 2"),
        ([{"country_text_id": "PAK", "year": 1950}], "v2x_polyarchy"),
    ],
)
def test_polyarchy_that_cannot_be_is_refused(tmp_path, rows, what):
    with pytest.raises(SourceFileError, match=rf"(?s)v\.rda.*{what}"):
        vdem.read(save(tmp_path / "v.rda", rows))


def test_an_unknown_code_of_a_country_is_refused(tmp_path):
    with pytest.raises(UnknownCountryError, match="QQQ"):
        vdem.read(save(tmp_path / "v.rda", [country("QQQ", 1950)]))


def test_a_damaged_r_file_is_refused(tmp_path, monkeypatch):
    path = save(tmp_path / "v.rda", [country("PAK", year) for year in range(1950, 1990)])
    for data in damaged(path):
        path.write_bytes(data)
        with pytest.raises(SourceFileError, match=r"v\.rda.*again"):
            vdem.read(path)
    with pytest.raises(SourceFileError, match="does not exist"):
        vdem.read(tmp_path / "none.rda")
    monkeypatch.setitem(__import__("sys").modules, "rdata", None)
    with pytest.raises(SourceFileError, match="sources"):
        vdem.read(path)


# --- geography ------------------------------------------------------------------------------------

HALF_ROUND = 20_015.0  # km
#: its capital there is another city, or far from the city's place (Apia in the wrong hemisphere)
CEPII_DIFFERS = {"MMR", "NZL", "COL", "GIN", "WSM"}
CEPII_CODES = {"ROU": "ROM", "COD": "ZAR", "TLS": "TMP"}


def spell(gwcode: float, capital: str, first: str, last: str, **values: float) -> dict:
    days = [(pd.Timestamp(day) - pd.Timestamp("1970-01-01")).days for day in (first, last)]
    row = {"gwcode": gwcode, "statenme": "Land", "capital": capital}
    return row | {"stdate": days[0], "enddate": days[1], "lat": 10.0, "lng": 20.0} | values


@pytest.fixture(scope="module")
def places(source_dir: Path):
    return capitals.read(source_dir / "states" / "gw_capitals.rda")


def test_every_capital_is_accounted_for(places):
    table, audit = places
    by_row = outcomes(audit)
    assert (by_row["read"], by_row["kept"], by_row["set_aside"]) == (264, 260, 4)
    pd.testing.assert_frame_equal(store.table("capitals", "capitals.csv"), table)
    # spells of one state do not overlap
    ordered = table.sort_values(["iso3", "first_year"])
    following = ordered.groupby("iso3")["first_year"].shift(-1)
    assert (following.isna() | (following > ordered["last_year"])).all()


def test_distances_are_those_of_cepii(source_dir):
    """CEPII's distances between capitals (Mayer & Zignago 2011), in about 2005."""
    published = pd.read_stata(source_dir / "states" / "cepii_dist_cepii.dta")
    published = published.pivot(index="iso_o", columns="iso_d", values="distcap")
    ours = an.distances("geographic", years=(2005, 2005)) * HALF_ROUND
    ours = ours.rename(index=CEPII_CODES, columns=CEPII_CODES)
    both = sorted((set(ours.index) & set(published.index)) - CEPII_DIFFERS)
    assert len(both) > 180
    error = (ours.loc[both, both] - published.loc[both, both]).abs().to_numpy()
    error = error[~np.eye(len(both), dtype=bool)]  # there, a state is not at 0 from itself
    assert error.max() < 100
    assert np.median(error) < 10


def test_known_distances():
    table = an.distances("geographic", years=(2015, 2019)) * HALF_ROUND
    # Paris-London 344 km, Islamabad-Delhi 680 km, Washington-Moscow 7,840 km
    for one, other, km in (("FRA", "GBR", 344), ("PAK", "IND", 680), ("USA", "RUS", 7_830)):
        assert table.loc[one, other] == pytest.approx(km, abs=25)


def test_capitals_are_those_of_the_last_year():
    past, between, now = (
        an.distances("geographic", years=years).loc["PAK", "IND"] * HALF_ROUND
        for years in [(1950, 1954), (1955, 1961), (1970, 1974)]
    )
    # Karachi lies 1,090 km from Delhi, Rawalpindi and Islamabad lie 680 km from it
    assert past == pytest.approx(1_090, abs=25)
    assert between == pytest.approx(now, abs=25)
    assert now == pytest.approx(680, abs=25)


def test_a_state_that_was_not_there_has_no_place():
    table = an.distances("geographic", years=(1970, 1974))
    assert {"SUN", "DDR", "YUG"} <= set(table.index)
    assert not {"HRV", "VAT", "HKG"} & set(table.index)
    assert (table.loc["RUS"] == table.loc["SUN"]).all()  # one state, under its code of today too
    assert an.distances("geographic", years=(1993, 1995)).index.isin(["SUN", "DDR"]).sum() == 0


def test_rules_of_capitals(tmp_path):
    rows = [
        spell(770, "Karachi", "1947-01-01", "1959-06-12"),
        spell(770, "Pindi", "1959-06-13", "1959-12-30"),
        spell(770, "Islamabad", "1959-12-31", "1980-12-31"),
        spell(255, "Berlin", "1920-01-01", "1960-12-31", lat=52.5),
        spell(260, "Bonn", "1949-01-01", "1960-12-31"),
        spell(670, "Riyadh", "1990-01-01", "1991-12-31"),
    ]
    table, audit = capitals.read(save(tmp_path / "c.rda", rows))
    found = list(table[["iso3", "first_year", "last_year", "capital"]].itertuples(index=False))
    assert [tuple(row) for row in found] == [
        ("DEU", 1920, 1945, "Berlin"),
        ("DEU", 1949, 1960, "Bonn"),
        ("PAK", 1947, 1958, "Karachi"),
        ("PAK", 1959, 1980, "Islamabad"),
        ("SAU", 1990, 1991, "Riyadh"),
    ]
    assert table["latitude"].tolist() == [52.5, 10, 10, 10, 24.69]
    assert audit.table[["row", "action"]].to_numpy().tolist() == [[2, "set_aside"], [6, "changed"]]


@pytest.mark.parametrize(
    ("values", "what"),
    [
        ({"lat": 91.0}, "a latitude.*row 1"),
        ({"lng": 200.0}, "a longitude.*row 1"),
        ({"enddate": -20_000}, "not before stdate.*row 1"),
        ({"gwcode": 0}, "Gleditsch.*row 1"),
    ],
)
def test_a_capital_that_cannot_be_is_refused(tmp_path, values, what):
    rows = [spell(770, "Karachi", "1947-01-01", "1959-06-12") | values]
    with pytest.raises(SourceFileError, match=rf"(?s)c\.rda.*{what}"):
        capitals.read(save(tmp_path / "c.rda", rows))


# --- votes ----------------------------------------------------------------------------------------


def calls(folder: Path, *numbers: tuple[float, float]) -> None:
    """Roll calls: number and session."""
    rows = [
        {"rcid": number, "session": session, "date": -8766.0 + number, "unres": "R/1/1"}
        for number, session in numbers
    ]
    save(folder / "un_roll_calls.rda", rows)


def vote(number: float, country: str, vote: str) -> dict:
    return {"rcid": number, "country": country, "country_code": "XX", "vote": vote}


@pytest.mark.parametrize(
    ("other", "agreement"),
    [("IND", 0.82), ("CHN", 0.81), ("SAU", 0.77), ("GBR", 0.39), ("USA", 0.19)],
)
def test_pakistan_agrees_as_published(other, agreement):
    """Sessions 65 to 74; abstention is a vote of its own; roll calls in which both voted."""
    table = an.distances("voting", years=(2010, 2019))
    assert round(1 - table.loc["PAK", other], 2) == agreement


def test_agreement_by_hand():
    votes = np.array([list("yyna."), list("ynnyy"), list("....y"), list("aaaa.")])
    share, both = alignment.agreement(votes)
    assert both.tolist() == [[4, 4, 0, 4], [4, 5, 1, 4], [0, 1, 1, 0], [4, 4, 0, 4]]
    expected = [
        [1, 0.5, np.nan, 0.25],
        [0.5, 1, 1, 0],
        [np.nan, 1, 1, np.nan],
        [0.25, 0, np.nan, 1],
    ]
    np.testing.assert_array_equal(share, expected)


def test_agreement_does_not_depend_on_the_order_of_roll_calls(rng):
    votes = rng.choice(list("yna."), size=(6, 80))
    share, _ = alignment.agreement(votes)
    shuffled, _ = alignment.agreement(votes[:, rng.permutation(80)])
    np.testing.assert_array_equal(share, shuffled)
    by_hand = [
        [np.mean([a == b for a, b in zip(x, y, strict=True) if "." not in (a, b)]) for y in votes]
        for x in votes
    ]
    np.testing.assert_allclose(share, by_hand)


def test_states_that_never_voted_together_are_not_both_there():
    """Czechoslovakia voted until 1992, its successors from 1993; Russia went on."""
    table = an.distances("voting", years=(1990, 1994))
    assert not {"CSK", "CZE"} <= set(table.index)
    assert {"SUN", "RUS", "KAZ"} <= set(table.index)
    assert "SUN" in an.distances("voting", years=(1987, 1990)).index
    assert not an.distances("voting", years=(1990, 1994)).isna().any(axis=None)


def test_a_session_without_enough_votes_gives_no_distance():
    assert an.distances("voting", years=(1964, 1964)).empty  # one roll call
    assert an.distances("voting", years=(2020, 2024)).empty
    assert len(an.distances("voting", years=(1946, 1946))) > 50


def test_votes_and_ideal_points_tell_the_same_story():
    """Bailey et al. estimate the latter from the former."""
    votes, points = (an.distances(kind, years=(2010, 2014)) for kind in ("voting", "ideal_point"))
    both = votes.index.intersection(points.index)
    upper = np.triu_indices(len(both), k=1)
    pairs = [table.loc[both, both].to_numpy()[upper] for table in (votes, points)]
    assert np.corrcoef(pairs)[0, 1] > 0.85


def test_every_session_has_a_letter_for_each_roll_call():
    votes = store.table("un_votes", "votes.csv")
    roll_calls = store.table("un_votes", "roll_calls.csv")
    assert len(roll_calls) == 6_203
    lengths = votes["votes"].str.len().groupby(votes["year"])
    expected = roll_calls.groupby("year").size()
    assert lengths.min().to_dict() == lengths.max().to_dict() == expected.to_dict()
    assert votes["votes"].str.fullmatch("[yna.]*[yna][yna.]*").all()
    assert votes["votes"].str.count("[yna]").sum() == 870_109
    assert not votes.duplicated(["iso3", "year"]).any()
    assert votes.loc[votes["iso3"] == "SUN", "year"].max() == 1991
    assert votes.loc[votes["iso3"] == "RUS", "year"].min() == 1992


def test_rules_of_votes(tmp_path):
    calls(tmp_path, (3, 46), (4, 46), (5, 47))
    rows = [
        vote(4, "Russia", "no"),
        vote(5, "Russia", "yes"),
        vote(3, "Russia", "yes"),
        vote(3, "Pakistan", "abstain"),
    ]
    table, audit = un_votes.read(save(tmp_path / "votes.rda", rows))
    assert table.to_numpy().tolist() == [
        ["PAK", 1991, "a."],
        ["RUS", 1992, "y"],
        ["SUN", 1991, "yn"],
    ]
    assert outcomes(audit)["kept"] == 4


@pytest.mark.parametrize(
    ("row", "what"),
    [
        (vote(3, "India", "maybe"), "votes.rda.*yes or no or abstain.*row 2"),
        (vote(9, "India", "yes"), "votes.rda.*a roll call of.*row 2"),
        (vote(3, "Pakistan", "no"), "votes.rda.*once a roll call.*row 2"),
    ],
)
def test_a_vote_that_cannot_be_is_refused(tmp_path, row, what):
    calls(tmp_path, (3, 46))
    path = save(tmp_path / "votes.rda", [vote(3, "Pakistan", "yes"), row])
    with pytest.raises(SourceFileError, match=rf"(?s){what}"):
        un_votes.read(path)


def test_roll_calls_that_cannot_be_are_refused(tmp_path):
    path = save(tmp_path / "votes.rda", [vote(3, "Pakistan", "yes")])
    with pytest.raises(SourceFileError, match=r"un_roll_calls\.rda does not exist"):
        un_votes.read(path)
    calls(tmp_path, (3, 46.5))
    with pytest.raises(SourceFileError, match=r"(?s)un_roll_calls\.rda.*session.*row 1"):
        un_votes.read(path)
    calls(tmp_path, (3, 46), (3, 46))
    with pytest.raises(SourceFileError, match=r"(?s)un_roll_calls\.rda.*of its own.*row 2"):
        un_votes.read(path)
    calls(tmp_path, (3, 46))
    with pytest.raises(UnknownCountryError, match="Nowhere"):
        un_votes.read(save(tmp_path / "votes.rda", [vote(3, "Nowhere", "yes")]))


# --- alliances ------------------------------------------------------------------------------------

#: two allies, two states without any alliance; each is bound to itself
ALLIES = np.array([[3, 3, 0, 0], [3, 3, 0, 0], [0, 0, 3, 0], [0, 0, 0, 3]], dtype=float)


def s_score(portfolios):
    return alignment.s_score(portfolios, span=3)


def test_similarity_of_portfolios_by_hand():
    three = ALLIES[:3, :3]
    # ally and third state: |x - y| is 3, 3, 3 of at most 3, 3, 3
    assert s_score(three)[0].tolist() == [1, 1, -1]
    # means 2 and 1, variances 2 and 2, mean squared distance 9
    assert alignment.kappa(three)[0, 2] == pytest.approx(1 - 9 / (2 + 2 + 1))
    assert alignment.scott_pi(three)[0, 2] == pytest.approx(1 - 9 / (2 + 2 + 1 / 2))
    # two states without allies, of four: distances 0, 0, 3, 3; means 3/4, variances 27/16
    assert s_score(ALLIES)[2, 3] == 0
    assert alignment.kappa(ALLIES)[2, 3] == pytest.approx(1 - (18 / 4) / (27 / 8)) == -1 / 3
    assert alignment.scott_pi(ALLIES)[2, 3] == pytest.approx(-1 / 3)
    # ally and a state without: distances 3, 3, 0, 3; means 3/2 and 3/4, variances 9/4 and 27/16
    assert s_score(ALLIES)[0, 3] == pytest.approx(-0.5)
    assert alignment.kappa(ALLIES)[0, 3] == pytest.approx(1 - (27 / 4) / (63 / 16 + 9 / 16))
    assert alignment.scott_pi(ALLIES)[0, 3] == pytest.approx(1 - (27 / 4) / (63 / 16 + 9 / 32))


def weighted_agreement(x, y, *, pooled: bool) -> float:
    """Cohen's κ (1968) or Scott's π from the table of categories, with squared weights."""
    levels = np.arange(4)
    weights = (levels[:, None] - levels[None, :]) ** 2
    observed = np.array([[np.mean((x == a) & (y == b)) for b in levels] for a in levels])
    rows, columns = observed.sum(axis=1), observed.sum(axis=0)
    if pooled:
        rows = columns = (rows + columns) / 2
    return 1 - (weights * observed).sum() / (weights * np.outer(rows, columns)).sum()


def test_kappa_and_pi_are_those_of_the_table_of_categories(rng):
    portfolios = rng.choice(4, size=(8, 40), p=[0.7, 0.1, 0.1, 0.1]).astype(float)
    for ours, pooled in ((alignment.kappa, False), (alignment.scott_pi, True)):
        expected = [
            [weighted_agreement(x, y, pooled=pooled) for y in portfolios] for x in portfolios
        ]
        np.testing.assert_allclose(ours(portfolios), expected, atol=1e-12)


@pytest.mark.parametrize("similarity", [s_score, alignment.kappa, alignment.scott_pi])
def test_similarity_lies_between_opposite_and_identical(similarity, rng):
    for _ in range(50):
        found = similarity(rng.choice(4, size=(6, 12)).astype(float))
        assert (np.abs(found) <= 1 + 1e-12).all()
        assert (found == found.T).all()
        assert (np.diag(found) == 1).all()
    opposite = np.array([[0, 3, 0, 3], [3, 0, 3, 0]], dtype=float)
    assert similarity(opposite)[0, 1] == -1


def test_agreement_by_chance_is_zero_for_kappa_and_pi_but_not_for_s(rng):
    portfolios = rng.choice(4, size=(2, 200_000), p=[0.9, 0, 0.05, 0.05]).astype(float)
    assert alignment.kappa(portfolios)[0, 1] == pytest.approx(0, abs=0.02)
    assert alignment.scott_pi(portfolios)[0, 1] == pytest.approx(0, abs=0.02)
    assert s_score(portfolios)[0, 1] > 0.5


def test_portfolios_are_what_atop_says():
    """The defence pacts of Pakistan in 1955-72: SEATO's members and the United States."""
    row = records.alliance_portfolios(1960).loc["PAK"]
    defence = {"AUS", "FRA", "GBR", "NZL", "PHL", "THA", "USA"}
    assert set(row.index[row == 3]) == {*defence, "PAK"}
    assert {"TUR", "IRN"} <= set(row.index[row == 2])  # the Baghdad Pact is consultation
    now = records.alliance_portfolios(2015)
    # the United States owe Pakistan defence, Pakistan owes them consultation
    assert (now.loc["USA", "PAK"], now.loc["PAK", "USA"]) == (3, 2)
    assert set(now.loc["PAK"].drop("PAK").unique()) == {0, 1, 2}


def test_members_of_one_alliance_are_alike_and_rivals_are_not():
    table = an.distances("alliance_kappa", years=(1960, 1964))
    assert table.loc["BEL", "NLD"] < 0.05
    assert table.loc["POL", "SUN"] < 0.1
    assert table.loc["BEL", "POL"] > 0.45
    # since Helsinki (1975) all of Europe owes all of Europe not to attack
    assert an.distances("alliance_kappa", years=(1980, 1984)).loc["BEL", "POL"] < 0.3
    s = an.distances("alliance_s", years=(1960, 1964))
    assert s.loc["BEL", "POL"] < 0.35  # S takes the many who are allied with neither for agreement


def test_alliances_are_those_of_the_last_year_covered():
    table = an.distances("alliance_pi", years=(2016, 2024))
    pd.testing.assert_frame_equal(table, an.distances("alliance_pi", years=(2018, 2018)))
    assert an.distances("alliance_pi", years=(2019, 2023)).empty
    assert an.distances("alliance_pi", years=(1800, 1810)).empty
    assert "DDR" not in an.distances("alliance_pi", years=(1989, 1993)).index


# --- several kinds --------------------------------------------------------------------------------


def test_combined_distances_are_the_weighted_mean_on_common_states():
    years = (2010, 2014)
    table = disparity.combine(["region", "regime", "voting"], [2, 1, 1], years=years)
    parts = [an.distances(kind, years=years) for kind in ("region", "regime", "voting")]
    assert set(table.index) == set.intersection(*(set(part.index) for part in parts))
    region, regime, voting = (part.loc["PAK", "TUR"] for part in parts)
    assert table.loc["PAK", "TUR"] == pytest.approx(region / 2 + regime / 4 + voting / 4)
    assert not table.isna().any(axis=None)
    assert table.to_numpy().max() <= 1


def test_weights_of_a_combination_are_relative():
    years = (2010, 2014)
    even = disparity.combine(["region", "geographic"], years=years)
    fives = disparity.combine(["geographic", "region"], [5, 5])(*years)
    pd.testing.assert_frame_equal(even, fives)
    alone = disparity.combine(["region", "geographic"], [0, 3], years=years)
    part = an.distances("geographic", years=years).loc[alone.index, alone.index]
    np.testing.assert_array_equal(alone, part)


def test_a_combination_is_empty_where_one_kind_is():
    assert disparity.combine(["region", "voting"], years=(2022, 2024)).empty


def test_a_combination_measures_a_portfolio():
    portfolios = an.portfolio(an.load("agreement", country="PAK"), years=(2006, 2010), window=5)
    both = disparity.combine(["region", "alliance_kappa"])
    combined, region, kappa = (
        an.measure(portfolios, an.rao, distances=table)["estimate"].iloc[-1]
        for table in (both, an.distances("region"), an.distances("alliance_kappa"))
    )
    # Rao's quadratic entropy is linear in the distances, and both know the same partners
    assert combined == pytest.approx((region + kappa) / 2)


@pytest.mark.parametrize(
    ("kinds", "weights"),
    [
        ([], None),
        ("region", None),
        (["region", "region"], None),
        (["region", "friendship"], None),
        (["region"], [1, 2]),
        (["region"], [-1]),
        (["region"], [0]),
        (["region"], [np.nan]),
    ],
)
def test_a_combination_that_cannot_be_is_refused(kinds, weights):
    with pytest.raises(ParameterError):
        disparity.combine(kinds, weights)


def test_it_is_said_which_kinds_know_a_partner():
    table = disparity.known(["TUR", "BRN", "TWN", "SUN", "TUR"], years=(2010, 2014))
    assert list(table.index) == ["TUR", "BRN", "TWN", "SUN"]
    assert list(table.columns) == list(disparity.KINDS)
    assert table.loc["TUR"].all()
    assert not table.loc["BRN", "regime"]
    assert not table.loc["TWN", ["ideal_point", "voting"]].any()
    assert table.loc["TWN", ["region", "regime", "geographic"]].all()
    assert table.columns[table.loc["SUN"]].tolist() == ["region"]
