"""Names to ISO3: published facts, hand-checked lists, and every name in every source."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from names import sources

from analysis.errors import ParameterError, UnknownCountryError
from analysis.sources import _country_tables, countries

NAMES = Path(__file__).parents[1] / "names"
TABLES = Path(__file__).parents[2] / "data" / "countries"
SLOW = {"dyads", "regimes", "sipri_annual"}


def read(file: Path) -> list[list[str]]:
    lines = file.read_text("utf-8").split("\n")
    return [[cell.strip(" ") for cell in line.split(" | ")] for line in lines if "|" in line[1:]][
        1:
    ]


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(TABLES / name, dtype=str, keep_default_na=False)


def code(name, year=None, scheme="name", outside="refuse"):
    row = countries.match([name], years=year, scheme=scheme, outside=outside).iloc[0]
    return row["iso3"] if row["kind"] == "state" else row["kind"]


# --- hand-checked lists ---


@pytest.mark.parametrize("file", sorted(NAMES.glob("names_*.txt")), ids=lambda file: file.stem)
def test_listed_names_mean_what_was_checked_by_hand(file):
    rows = pd.DataFrame(read(file), columns=["scheme", "name", "year", "expected"])
    for scheme, group in rows.groupby("scheme"):
        years = pd.to_numeric(group["year"], errors="coerce")
        found = countries.match(group["name"], years=years, scheme=scheme, outside="keep")
        got = found["iso3"].where(found["kind"] == "state", found["kind"])
        wrong = group.assign(got=got)[got != group["expected"]]
        assert wrong.empty, wrong.to_string()


def test_names_that_must_not_match_are_refused():
    rows = [(*line, "")[:3] for line in read(NAMES / "must_not_match.txt")]
    accepted = []
    for scheme, name, year in rows:
        try:
            accepted.append((scheme, name, year, code(name, int(year) if year else None, scheme)))
        except UnknownCountryError:
            continue
    assert len(rows) > 40
    assert accepted == []


# --- every name in every source file ---


@pytest.mark.parametrize(
    "source",
    [pytest.param(key, marks=pytest.mark.slow if key in SLOW else ()) for key in sources.READERS],
)
def test_every_name_in_the_source_is_known_or_set_aside(source, source_dir):
    for scheme, rows in sources.READERS[source](source_dir).groupby("scheme"):
        found = countries.match(
            rows["name"], years=rows["year"], scheme=scheme, outside="keep", where=source
        )
        empty = rows["name"].isna() | rows["name"].isin(["", "-9"])
        assert (found["kind"] == "missing").to_numpy().tolist() == empty.to_list()


def disagreements(rows: pd.DataFrame, schemes: dict[str, str], year: str | None) -> set[tuple]:
    """Rows in which names and codes of one source stand for different states."""
    rows = rows[[*schemes, *([year] if year else [])]].drop_duplicates()
    years = rows[year] if year else None
    found = pd.DataFrame(index=rows.index)
    for column, scheme in schemes.items():
        matched = countries.match(rows[column], years=years, scheme=scheme, outside="keep")
        found[column] = matched["iso3"]
    named = ({state for state in states if pd.notna(state)} for states in found.to_numpy())
    unlike = rows[[len(states) > 1 for states in named]]
    return set(unlike[list(schemes)].itertuples(index=False, name=None))


@pytest.mark.slow
def test_names_and_codes_in_one_row_of_a_source_agree(source_dir):
    """The sources' own pairs of name and code are the independent truth for our tables."""
    states = source_dir / "states"
    both = sources.read_rda(states / "isard_cw_gw_panel.rda")
    # the lists of states call only one of the two Congos so, as SIPRI does
    columns = {"gwcode": "gw", "ccode": "cow", "gw_name": "sipri", "cw_name": "sipri"}
    assert disagreements(both, columns, "year") == set()
    polity = sources.read_rda(states / "democracyData_polity5.rda")
    columns = {"polity_annual_country": "sipri", "polity_annual_ccode": "polity"}
    assert disagreements(polity, columns, "year") == set()
    vdem = sources.read_rda(states / "democracyData_vdem_simple.rda")
    columns = {"vdem_country_name": "sipri", "country_text_id": "vdem"}
    assert disagreements(vdem, columns, "year") == set()
    flows = pd.read_csv(source_dir / "sipri/tiv-supplier-recipient-year-1950-2021.csv", dtype=str)
    for side in ("supplier", "recipient"):
        assert disagreements(flows, {side: "sipri", f"{side}_cown": "cow"}, "year") == set()
    codes = sources.read_rda(states / "countrycode_codelist.rda").dropna(subset="iso3c")
    columns = {"country.name.en": "name", "iso3c": "iso3", "iso2c": "iso2", "cown": "cow"}
    assert disagreements(codes, columns | {"iso.name.en": "name"}, None) == set()


@pytest.mark.slow
def test_where_a_source_contradicts_itself_we_know_it(source_dir):
    pacts = pd.read_csv(source_dir / "agreements/DCAD-v1.0-main.csv", dtype=str, encoding="latin-1")
    for side, known in (("1", set()), ("2", {("145", "VEN"), ("652", "EGY")})):
        columns = {f"ccode{side}": "cow", f"cowName{side}": "cow_abbreviation"}
        assert disagreements(pacts, columns, "signYear") == known
    points = pd.read_stata(source_dir / "unga/IdealpointsJuly2025.dta")
    columns = {"countryname": "name", "ccode": "cow", "iso3c": "iso3"}
    assert disagreements(points, columns, "year") == {("Yemen People's Republic", 680, "YAR")}
    troops = pd.read_csv(source_dir / "us-assistance/us-troops-country-year.csv", dtype=str)
    columns = {"countryname": "us", "ccode": "cow", "iso3c": "iso3"}
    assert disagreements(troops, columns, "year") == {("Vietnam", "816", "VNM")}


ENGLISH = [
    "country.name.en", "cow.name", "iso.name.en", "p4.name", "un.name.en", "vdem.name",
    "cldr.name.en", "cldr.short.en", "cldr.variant.en",
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("column", ENGLISH)
def test_every_english_name_of_the_countrycode_list_means_its_code(column, source_dir):
    """Independent truth: names as the UN, ISO, Unicode, COW, Polity and V-Dem write them."""
    listed = sources.read_rda(source_dir / "states/countrycode_codelist.rda")
    rows = listed[["iso3c", column]].dropna().astype(str)
    found = countries.match(rows[column])
    known = rows["iso3c"].isin(countries.codes())
    wrong = rows[known & (found["iso3"] != rows["iso3c"])][column]
    # here another state than the Vatican City, and a part of Palestine
    assert set(wrong) <= {"Papal States", "Palestine/Gaza"}
    assert set(found.loc[~known, "kind"]) <= {"territory"}


# --- history ---


@pytest.mark.parametrize(
    ("name", "scheme", "by_year"),
    [
        ("Russia", "name", {1914: "RUS", 1921: "RUS", 1922: "SUN", 1991: "SUN", 1992: "RUS"}),
        ("365", "cow", {1816: "RUS", 1921: "RUS", 1922: "SUN", 1991: "SUN", 1992: "RUS"}),
        ("Soviet Union", "name", {1950: "SUN", 1991: "SUN"}),
        ("Germany", "name", {1900: "DEU", 1949: "DEU", 1975: "DEU", 1990: "DEU", 2020: "DEU"}),
        ("East Germany (GDR)", "name", {1949: "DDR", 1990: "DDR"}),
        ("255", "cow", {1939: "DEU", 1990: "DEU", 2000: "DEU"}),
        ("260", "cow", {1955: "DEU", 1989: "DEU"}),
        ("260", "gw", {1949: "DEU", 2010: "DEU"}),
        ("265", "cow", {1954: "DDR", 1990: "DDR"}),
        ("Yugoslavia", "name", {1950: "YUG", 1991: "YUG", 1992: "SCG", 2005: "SCG", 2006: "SRB"}),
        ("345", "cow", {1900: "SRB", 1918: "YUG", 1991: "YUG", 1992: "SCG", 2006: "SRB"}),
        ("Serbia", "name", {1914: "SRB", 1950: "YUG", 1999: "SCG", 2006: "SRB"}),
        ("340", "gw", {1900: "SRB", 2006: "SRB"}),
        ("341", "cow", {1912: "MNE", 2006: "MNE"}),
        ("347", "cow", {2008: "XKX"}),
        ("Czechoslovakia", "name", {1938: "CSK", 1992: "CSK"}),
        ("315", "cow", {1938: "CSK", 1992: "CSK"}),
        ("316", "cow", {1993: "CZE"}),
        ("317", "cow", {1993: "SVK"}),
        ("Czechia", "name", {1992: "CSK", 1993: "CZE"}),
        ("North Yemen", "name", {1962: "YEM", 1989: "YEM"}),
        ("South Yemen", "name", {1967: "YMD", 1990: "YMD"}),
        ("678", "cow", {1934: "YEM", 1990: "YEM"}),
        ("678", "gw", {1989: "YEM", 2010: "YEM"}),
        ("679", "cow", {1990: "YEM", 2018: "YEM"}),
        ("680", "cow", {1967: "YMD", 1990: "YMD"}),
        ("Viet Nam", "name", {1976: "VNM"}),
        ("Viet Nam", "sipri", {1954: "VNM", 1974: "VNM", 1976: "VNM"}),
        ("South Vietnam", "name", {1955: "RVN", 1975: "RVN"}),
        ("Vietnam", "us", {1966: "RVN", 1975: "RVN", 1995: "VNM"}),
        ("816", "cow", {1962: "VNM", 1980: "VNM"}),
        ("817", "cow", {1962: "RVN", 1975: "RVN"}),
        ("Pakistan", "name", {1947: "PAK", 1970: "PAK", 1971: "PAK", 1972: "PAK"}),
        ("Bangladesh", "name", {1971: "BGD", 1972: "BGD"}),
        ("Sudan", "name", {1960: "SDN", 2010: "SDN", 2012: "SDN"}),
        ("South Sudan", "name", {2011: "SSD"}),
        ("Zanzibar", "name", {1962: "territory", 1963: "ZAN", 1964: "ZAN", 1965: "territory"}),
        ("Tibet", "name", {1913: "TBT", 1950: "TBT", 1951: "territory"}),
        ("United Arab Republic", "name", {1958: "EGY", 1961: "EGY"}),
        ("Republic of China", "name", {1945: "CHN", 1949: "CHN", 1950: "TWN", 1966: "TWN"}),
        ("Rhodesia", "name", {1966: "ZWE"}),
        ("Burma", "name", {1955: "MMR"}),
        ("Zaire", "name", {1980: "COD"}),
        ("Korea", "name", {1894: "JOS"}),
        ("Korea", "us", {1953: "KOR"}),
        ("327", "cow", {1850: "PAP", 2000: "VAT"}),
        ("970", "gw", {2000: "KIR"}),
        ("970", "cow", {2000: "NRU"}),
    ],
    ids=str,
)
def test_a_name_means_the_state_that_bore_it_that_year(name, scheme, by_year):
    assert {year: code(name, year, scheme) for year in by_year} == by_year


@pytest.mark.parametrize(
    ("iso3", "system", "first", "last"),
    [
        ("PAK", "cow", 1947, None),
        ("BGD", "cow", 1971, None),
        ("BGD", "gw", 1971, None),
        ("DDR", "cow", 1954, 1990),
        ("DDR", "gw", 1949, 1990),
        ("SSD", "cow", 2011, None),
        ("XKX", "cow", 2008, None),
        ("SUN", "cow", 1922, 1991),
        ("CSK", "cow", 1945, 1992),
        ("SCG", "cow", 1992, 2006),
        ("YMD", "cow", 1967, 1990),
        ("RVN", "cow", 1954, 1975),
        ("ZAN", "cow", 1963, 1964),
        ("TBT", "gw", 1913, 1950),
        ("TWN", "cow", 1949, None),
        ("ZWE", "gw", 1965, None),
        ("KIR", "cow", 1999, None),
        ("KIR", "gw", 1979, None),
        ("VAT", None, 1929, None),
        ("PSE", None, 2012, None),
        ("SIC", "cow", 1816, 1861),
    ],
)
def test_published_spells_of_membership(iso3, system, first, last):
    assert countries.exists(iso3, first, system=system)
    if first > 1816 and iso3 != "CSK":
        assert not countries.exists(iso3, first - 1, system=system)
    assert countries.exists(iso3, last or 2030, system=system)
    assert last is None or not countries.exists(iso3, last + 1, system=system)


def test_interruptions_of_membership():
    poland = [countries.exists("POL", year, system="cow") for year in (1939, 1942, 1945)]
    assert poland == [True, False, True]
    assert [countries.exists("EST", year) for year in (1940, 1960, 1991)] == [True, False, True]
    assert not countries.exists("SYR", 1960, system="cow")
    assert countries.exists("SYR", 1960, system="gw")


def test_size_of_the_state_system_is_the_published_one():
    """Correlates of War, v2016: 23 members in 1816 and 195 in 2016."""
    assert len(countries.all_states(1816, system="cow")) == 23
    assert len(countries.all_states(2016, system="cow")) == 195


def test_members_in_each_year_are_those_of_the_list(source_dir):
    spells = pd.read_csv(source_dir / "states/cow_states2016.csv")
    for year in range(1816, 2017):
        members = spells[(spells["styear"] <= year) & (year <= spells["endyear"])]["ccode"].unique()
        expected = set(countries.match(members, years=year, scheme="cow")["iso3"])
        found = set(countries.all_states(year, system="cow"))
        assert found - expected <= {"RUS", "YUG", "SCG", "SRB"}, year  # two in a year of change
        assert expected <= found, year


def test_all_states_without_a_year_are_all_the_codes():
    assert countries.all_states() == sorted(countries.codes())
    assert countries.all_states(1960) == sorted(countries.all_states(1960))


# --- matching ---


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Côte d’Ivoire", "CIV"),
        ("COTE D'IVOIRE", "CIV"),
        ("  cote   d`ivoire ", "CIV"),
        ("CÃ´te d\u00e2\x80\x99Ivoire", "CIV"),
        ("Guinea–Bissau", "GNB"),
        ("TÜRKIYE", "TUR"),
        ("South\u00a0Korea", "KOR"),
        ("Hezbollah (Lebanon)*", "non_state"),
        ("Some new rebels*", "non_state"),
        ("NATO**", "organisation"),
        ("Some new organisation **", "organisation"),
        ("unknown supplier(s)", "unknown"),
        ("Hong Kong SAR China", "territory"),
        ("New Caledonia", "territory"),
        ("Netherlands Antilles", "territory"),
        ("-9", "missing"),
        ("", "missing"),
        (None, "missing"),
        (np.nan, "missing"),
    ],
)
def test_spellings_and_marks(name, expected):
    assert code(name) == expected


def test_match_keeps_rows_order_and_index():
    names = pd.Series(["India", "NATO**", "Russia", "Russia"], index=[7, 3, 3, 9])
    found = countries.match(names, years=[2000, 2000, 1980, pd.NA])
    assert found.index.tolist() == [7, 3, 3, 9]
    assert found["kind"].tolist() == ["state", "organisation", "state", "state"]
    assert found["iso3"].fillna("-").tolist() == ["IND", "-", "SUN", "RUS"]


def test_numeric_codes_may_be_numbers():
    for codes in ([2, 770], [2.0, 770.0], ["2", "770"], np.array([2, 770])):
        assert countries.match(codes, scheme="cow")["iso3"].tolist() == ["USA", "PAK"]


def test_no_rows_give_no_rows():
    assert countries.match([]).empty


def test_the_error_lists_every_name_with_rows_years_and_the_nearest():
    names = ["Pakstan"] * 3 + ["India", "Soviet Union", "Xyzzy"]
    with pytest.raises(UnknownCountryError) as error:
        countries.match(names, years=[2001, 2002, 2004, 2000, 1999, 2000], where="deals.csv")
    head, *lines, advice = str(error.value).split("\n")
    assert "3 name(s) in deals.csv" in head
    assert lines == [
        "  'Pakstan': 3 row(s), 2001 to 2004; nearest: Pakistan (PAK), Tajikistan (TJK),"
        " Kazakhstan (KAZ)",
        "  'Soviet Union': 1 row(s), 1999; has no such year; it means SUN from 1917 to 1991",
        "  'Xyzzy': 1 row(s), 2000; nothing near",
    ]
    assert "data/countries/" in advice


def test_wrong_calls_are_refused():
    with pytest.raises(ParameterError, match="iso2"):
        countries.match(["PK"], scheme="iso-2")
    with pytest.raises(ValueError, match="2 names but 1 years"):
        countries.match(["India", "China"], years=[2000])


def test_each_name_and_year_is_looked_up_once(monkeypatch):
    calls, find = [], countries._find
    monkeypatch.setattr(countries, "_find", lambda *at, **how: calls.append(at) or find(*at, **how))
    names = pd.Series(["Pakistan", "Russia", "India"] * 100_000)
    countries.match(names, years=np.tile(np.repeat([1980, 1995], 3), 50_000))
    assert len(calls) == 6


known = st.sampled_from(sorted(set(table("states.csv")["name"]) - {"Russia", "Serbia", "Czechia"}))


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    once = _country_tables.normalise(text)
    assert _country_tables.normalise(once) == once


@given(known, st.data())
def test_case_and_blanks_do_not_matter(name, data):
    blank = st.sampled_from([" ", "  ", "\t", "\u00a0", " \n"])
    varied = "".join(data.draw(blank) if letter == " " else letter for letter in name)
    varied = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(varied)
    assert code(f" {varied}\t") == code(name)


@given(st.text(min_size=1), st.integers(1800, 2030))
def test_what_is_not_in_the_tables_raises(text, year):
    key = _country_tables.normalise(text)
    listed = key.rstrip("* ") in _country_tables.index_of("name") | _country_tables.names_set_aside(
        "name"
    )
    if not key or listed or key.endswith("*"):
        return
    with pytest.raises(UnknownCountryError):
        countries.match([text], years=year)


# --- looking up what a person typed ---


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Pakistan", "PAK"),
        ("PAK", "PAK"),
        ("pak", "PAK"),
        (" pakistan ", "PAK"),
        ("UK", "GBR"),
        ("Turkey", "TUR"),
        ("türkiye", "TUR"),
        ("sun", "SUN"),
        ("Yugoslavia", "YUG"),
        ("Russia", "RUS"),
        ("Vietnam", "VNM"),
    ],
)
def test_lookup_takes_codes_and_names(text, expected):
    assert countries.lookup(text) == expected


def test_lookup_can_be_dated():
    assert countries.lookup("Russia", 1980) == "SUN"


@pytest.mark.parametrize(
    ("name", "year", "hint"),
    [
        ("Bangladesh", 1970, "BGD from 1971"),
        ("South Sudan", 2005, "SSD from 2011"),
        ("Kosovo", 2000, "XKX from 2008"),
        ("UAE", 1960, "ARE from 1971"),
        ("Pakistan", 1946, "PAK from 1947"),
        ("Soviet Union", 1992, "SUN from 1917 to 1991"),
        ("Estonia", 1960, "EST from 1918 to 1940, from 1991"),
        ("Algeria", 1900, "from 1962"),
        ("South Vietnam", 1980, "RVN from 1945 to 1975"),
        ("East Pakistan", 1972, "PAK"),
        ("Congo", 1962, "may be DR Congo (COD) or Congo (COG)"),
        ("Congo", 1965, "may be DR Congo (COD) or Congo (COG)"),
        ("Vietnam", 1965, "may be Viet Nam (VNM) or South Vietnam (RVN)"),
        ("Viet Nam", 1975, "may be Viet Nam (VNM) or South Vietnam (RVN)"),
        ("Yemen", 1970, "may be Yemen (YEM) or South Yemen (YMD)"),
        ("Korea", 1995, "may be South Korea (KOR) or North Korea (PRK)"),
    ],
)
def test_a_state_that_did_not_exist_in_the_year_is_refused(name, year, hint):
    for ask in (lambda: countries.lookup(name, year), lambda: countries.match([name], years=year)):
        with pytest.raises(UnknownCountryError, match=re.escape(hint)):
            ask()


@pytest.mark.parametrize(("name", "code"), [("Germany", "DEU"), ("China", "CHN")])
def test_a_name_by_which_all_sources_mean_one_state_is_that_state(name, code):
    """The others have names of their own: East Germany, Taiwan."""
    assert countries.lookup(name, 1970) == code


@pytest.mark.parametrize(
    ("scheme", "name", "year"),
    [
        ("cow", "771", 1970),
        ("gw", "771", 1970),
        ("iso3", "BGD", 1970),
        ("iso2", "BD", 1970),
        ("cow", "626", 2005),
        ("cow", "347", 2000),
        ("cow", "696", 1960),
        ("cow", "770", 1946),
        ("vdem", "BGD", 1965),
        ("us", "Bangladesh", 1970),
        ("sipri", "Bangladesh", 1970),
    ],
)
def test_so_it_is_by_every_scheme(scheme, name, year):
    with pytest.raises(UnknownCountryError):
        code(name, year, scheme)
    assert code(name, 2015, scheme) == code(name, year, scheme, outside="keep")


def test_no_name_passes_in_a_year_without_its_state():
    """Every code and every spelling, in every tenth year: a state that existed, or an error."""
    for scheme in _country_tables.SCHEMES:
        for name in sorted(_country_tables.index_of(_country_tables.SCHEMES[scheme][0])):
            for year in range(1820, 2030, 10):
                iso3, kind = countries._find(name, year, _country_tables.SCHEMES[scheme])
                assert kind != "state" or countries.exists(iso3, year), (scheme, name, year)


@pytest.mark.parametrize(
    ("name", "year", "expected"),
    [
        ("East Pakistan", 1965, "PAK"),
        ("West Pakistan", 1965, "PAK"),
        ("Congo", 1980, "COG"),
        ("Congo-Leopoldville", 1962, "COD"),
        ("Zaire", 1975, "COD"),
        ("Congo", None, "COG"),
    ],
)
def test_names_of_parts_and_of_the_two_congos(name, year, expected):
    assert code(name, year) == expected


def test_sources_that_name_both_congos_apart_keep_theirs():
    assert [code("Congo", 1965, scheme) for scheme in ("us", "sipri")] == ["COG", "COG"]


def test_what_a_source_says_of_other_years_is_kept():
    """A name outside its years stands for its state, where a loader asks for that."""
    for name, year, iso3 in (("Soviet Union", 1992, "SUN"), ("Kuwait", 1955, "KWT")):
        assert code(name, year, "sipri", outside="keep") == iso3


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("PAKI", "Pakistan (PAK)"),
        ("Pakstan", "Pakistan (PAK)"),
        ("Korea", "South Korea (KOR)"),
        ("Hong Kong", "'Hong Kong' is a territory, not a state."),
        ("EU", "'EU' is an organisation"),
        ("ASEAN", "organisation"),
        ("GCC", "organisation"),
        ("Hezbollah (Lebanon)*", "non-state"),
        ("", "code or name"),
        ("qqqqq", "ISO3"),
    ],
)
def test_lookup_refuses_in_one_line_with_the_nearest(text, hint):
    with pytest.raises(UnknownCountryError, match=re.escape(hint)) as error:
        countries.lookup(text)
    assert "\n" not in str(error.value)


def test_unknown_codes_are_refused_everywhere():
    for function in (countries.name_of, countries.region_of, lambda x: countries.exists(x, 2000)):
        with pytest.raises(UnknownCountryError, match="PAX"):
            function("PAX")


def test_names_and_regions():
    assert countries.name_of("CIV") == "Côte d'Ivoire"
    assert countries.name_of("DDR") == "East Germany"
    assert countries.region_of("PAK") == "South Asia"


# --- the tables ---


def test_each_state_has_a_code_a_name_a_region_and_a_spell():
    states = table("states.csv")
    assert states["iso3"].str.fullmatch("[A-Z]{3}").all()
    assert states["iso3"].is_unique
    assert states["iso3"].is_monotonic_increasing
    assert states["name"].map(_country_tables.normalise).is_unique
    assert (states["name"] != "").all()
    assert states["region"].nunique() <= 8
    assert "" not in set(states["region"])
    assert set(table("system.csv")["iso3"]) == set(states["iso3"])


@pytest.mark.slow
def test_own_codes_are_not_taken_by_iso(source_dir):
    states = table("states.csv")
    own = set(states.loc[states["note"].str.startswith("own code"), "iso3"])
    iso = set(sources.read_rda(source_dir / "states/countrycode_codelist.rda")["iso3c"].dropna())
    gone = {"ANT", "BUR", "BYS", "CSK", "DDR", "SCG", "SUN", "TMP", "VDR", "YMD", "YUG", "ZAR"}
    assert not own & (iso | gone)
    assert set(states["iso3"]) - own <= iso | gone | {"XKX"}


def test_spells_of_one_state_in_one_list_do_not_overlap():
    spells = table("system.csv").sort_values(["iso3", "list", "start"])
    end = spells.groupby(["iso3", "list"])["end"].shift()
    assert (end.isna() | ((end != "") & (end < spells["start"]))).all()
    assert ((spells["end"] == "") | (spells["start"] <= spells["end"])).all()


def test_a_name_has_one_meaning_in_each_year():
    lines = [*table("codes.csv").itertuples(), *table("aliases.csv").itertuples()]
    taken: dict[tuple, list] = {}
    for line in lines:
        assert set(line.iso3.split()) <= countries.codes(), line
        spell = int(line.first_year or -9999), int(line.last_year or 9999)
        assert spell[0] <= spell[1], line
        others = taken.setdefault((line.scheme, _country_tables.normalise(line[2])), [])
        assert all(spell[1] < first or last < spell[0] for first, last, _ in others), line
        assert not (line.undated and any(undated for *_, undated in others)), line
        others.append((*spell, line.undated))
    assert {scheme for scheme, _ in taken} <= {
        t for tables in _country_tables.SCHEMES.values() for t in tables
    }


def test_nothing_is_both_a_state_and_set_aside():
    aside = table("not_states.csv")
    assert set(aside["kind"]) <= set(countries.KINDS) - {"state"}
    keys = aside["name"].map(_country_tables.normalise)
    assert not aside.assign(key=keys).duplicated(["scheme", "key"]).any()
    in_both = {
        key
        for scheme, key in zip(aside["scheme"], keys, strict=True)
        if key in _country_tables.index_of(scheme)
    }
    assert in_both == {"zanzibar", "zzb", "tibet"}  # states in a few years only


def test_importing_reads_no_table():
    program = (
        "import analysis.sources._country_tables as c; assert c.state_rows.cache_info().misses == 0"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
