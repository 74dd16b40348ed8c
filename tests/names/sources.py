"""Every country name and code in the source files, with the years beside it.

Each reader returns a table of columns scheme, name, year (NA where the file gives none).
"""

import csv
import re
import warnings
from functools import cache
from pathlib import Path

import pandas as pd


def _table(name, year=None, scheme="name") -> pd.DataFrame:
    name = pd.Series(name).reset_index(drop=True)
    if year is None:
        year = pd.Series(pd.NA, index=name.index)
    year = pd.to_numeric(pd.Series(year).reset_index(drop=True), errors="coerce").astype("Int64")
    frame = pd.DataFrame({"scheme": scheme, "name": name, "year": year})
    frame["name"] = frame["name"].map(lambda x: x if isinstance(x, str) else _whole(x))
    return frame


def _whole(x):
    return pd.NA if pd.isna(x) else str(int(x)) if isinstance(x, float) else str(x)


@cache
def read_rda(path: Path) -> pd.DataFrame:
    """Read the one table of an R file; not to be changed by the caller."""
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        (frame,) = rdata.read_rda(path).values()
    frame.columns = [str(column) for column in frame.columns]
    return frame


def sipri_registers(base: Path) -> pd.DataFrame:
    """Read both vintages: each deal in its delivery years, or else in the year of its order."""
    files = {
        "trade-register-1950-2024.csv": {"encoding": "utf-8-sig"},
        "trade-register-generated-2025-03-13.csv": {"encoding": "cp1252", "skiprows": 11},
    }
    parts = []
    for file, layout in files.items():
        deals = pd.read_csv(base / "sipri" / file, dtype=str, **layout)
        deals = deals[deals["Recipient"].notna()]  # four lines are the torn-off end of another
        years = deals["Year(s) of delivery"].fillna("").str.findall(r"\d{4}")
        rows = deals.assign(year=years).explode("year")
        rows["year"] = rows["year"].fillna(rows["Year of order"])
        parts += [_table(rows[side], rows["year"], "sipri") for side in ("Supplier", "Recipient")]
    return pd.concat(parts)


def sipri_annual(base: Path) -> pd.DataFrame:
    flows = pd.read_csv(base / "sipri/tiv-supplier-recipient-year-1950-2021.csv", dtype=str)
    parts = [_table(flows[side], flows["year"], "sipri") for side in ("supplier", "recipient")]
    parts += [
        _table(flows[f"{side}_cown"], flows["year"], "cow") for side in ("supplier", "recipient")
    ]
    values = pd.read_csv(base / "sipri/import-export-values-sample.csv", skiprows=9, dtype=str)
    values = values[~values["Recipient"].str.startswith("Total")]
    parts.append(_table(values["Recipient"], scheme="sipri"))
    for path in sorted((base / "sipri/tiv-tables-1950-2021").glob("*.csv")):
        lines = path.read_text("cp1252").splitlines()
        title = re.search(r"arms exports from (.*), 1950-2021", lines[0]).group(1)
        parts.append(_table([title], scheme="sipri"))
        table = _annual(path)
        named = table[table.index != "Total"]
        years = [year for year in named if named[year].notna().any()]
        parts += [
            _table(
                named.index[named[year].notna()], [year] * int(named[year].notna().sum()), "sipri"
            )
            for year in years
        ]
    return pd.concat(parts)


def _annual(path: Path) -> pd.DataFrame:
    """Read the table below the preamble; a comma may be missing or stray at a line's end."""
    lines = path.read_text("cp1252").splitlines()[10:]
    years = lines[0].split(",")[1:-1]
    cells = list(csv.reader(lines[1:]))
    rows = {line[0]: line[1 : len(years) + 1] for line in cells if line and line[0]}
    return pd.DataFrame.from_dict(rows, orient="index", columns=years).replace("", pd.NA)


def mme(base: Path) -> pd.DataFrame:
    events = pd.read_csv(base / "exercises/mme_v7.csv", encoding="latin-1", dtype=str)
    parties = [column for column in events if re.fullmatch(r"State[A-Z]{1,2}", column)]
    years = events["s.year"].where(events["s.year"] != "-9", events["e.year"])
    years = years.where(years != "-9")
    return pd.concat([_table(events[column], years) for column in parties]).dropna(subset="name")


def jme(base: Path) -> pd.DataFrame:
    events = pd.read_excel(base / "exercises/jme_v3.xls", engine="calamine", dtype=str)
    parties = [c for c in events if re.match(r"(?i)state ?[A-Z]{1,2}$", str(c))]
    return pd.concat([_table(events[c], events["s.year"], "iso3") for c in parties])


def atop(base: Path) -> pd.DataFrame:
    dyads = read_rda(base / "alliances/atop_alliance.rda")
    parts = [_table(dyads[c], dyads["year"], "cow") for c in ("ccode1", "ccode2")]
    members = pd.read_csv(base / "alliances/atop_4_01_member_level.csv", low_memory=False)
    parts.append(_table(members["member"], members["yrent"], "cow"))
    pacts = pd.read_csv(base / "alliances/atop_4_01_alliance_level.csv", low_memory=False)
    seats = [c for c in pacts if re.fullmatch(r"mem\d+", c)]
    parts += [_table(pacts[c], pacts["begyr"], "cow").dropna(subset="name") for c in seats]
    return pd.concat(parts)


def dcad(base: Path) -> pd.DataFrame:
    pacts = pd.read_csv(base / "agreements/DCAD-v1.0-main.csv", encoding="latin-1", dtype=str)
    codes = [_table(pacts[f"ccode{i}"], pacts["signYear"], "cow") for i in (1, 2)]
    names = [_table(pacts[f"cowName{i}"], pacts["signYear"], "cow_abbreviation") for i in (1, 2)]
    return pd.concat(codes + names)


def unga(base: Path) -> pd.DataFrame:
    points = pd.read_stata(base / "unga/IdealpointsJuly2025.dta")
    return pd.concat(
        [
            _table(points["countryname"], points["year"]),
            _table(points["ccode"], points["year"], "cow"),
            _table(points["iso3c"], points["year"], "iso3"),
        ]
    )


def peacekeeping(base: Path) -> pd.DataFrame:
    folder = base / "peacekeeping"
    one = pd.read_csv(folder / "geopko_tcc_long_1994_2020_derived.csv", dtype=str)
    two = pd.read_csv(folder / "geopko_v2_3_tcc_long_derived.csv", dtype=str)
    three = pd.read_csv(folder / "GeoPKO-TCCMap-v2.3.csv", dtype=str)
    four = pd.read_csv(folder / "un_pko_country_mission_year_2010_2021_FLAWED.csv", dtype=str)
    listed = three.assign(name=three["year.overview"].str.split(", ")).explode("name")
    listed["name"] = listed["name"].str.replace(r"\s*\(.*?\)?$", "", regex=True)
    return pd.concat(
        [
            _table(one["tcc_name"], one["year"], "un_pko"),
            _table(one["host_country"], one["year"], "un_pko"),
            _table(one["tcc_cow"], one["year"], "cow"),
            _table(one["host_cow"], one["year"], "cow"),
            _table(two["tcc_name"], two["year"], "un_pko"),
            _table(listed["name"], listed["year"], "un_pko"),
            _table(four["Country"], four["Year"], "un_pko"),
        ]
    )


def visits(base: Path) -> pd.DataFrame:
    folder = base / "visits"
    to_us = pd.read_csv(folder / "foreign_leader_visits_to_us_derived.csv", dtype=str)
    abroad = pd.read_csv(folder / "us_president_secstate_travels_derived.csv", dtype=str)
    chinese = pd.read_csv(folder / "aiddata_chinese_public_diplomacy_2000_2018.csv", dtype=str)
    leaders = pd.read_excel(
        folder / "WHO-WHERE-WHEN_v1_1_chinese_leaders_travel_1949_2020.xlsx",
        sheet_name="Dataset",
        engine="calamine",
    )
    service = pd.read_excel(
        folder / "us-service-secretaries-1992-2012.xls", engine="calamine", dtype=str
    )
    return pd.concat(
        [
            _table(to_us["from_country"], to_us["start_date"].str[:4], "us"),
            _table(abroad["country"], abroad["start_date"].str[:4], "us"),
            _table(chinese["receiving_country"], chinese["year"]),
            _table(leaders["Country"], leaders["Year"], "sipri"),  # as there, Vietnam is the North
            _table(service["State Visit"], service["Start Year"], "iso3"),
        ]
    )


def us_assistance(base: Path) -> pd.DataFrame:
    folder = base / "us-assistance"
    training = pd.read_csv(folder / "fmtrpt_country_report_derived.csv", dtype=str)
    programmes = pd.read_csv(folder / "fmtrpt_country_report_program_derived.csv", dtype=str)
    troops = pd.read_csv(folder / "us-troops-country-year.csv", dtype=str, encoding="latin-1")
    bases = pd.read_csv(folder / "us-bases.csv", dtype=str, encoding="latin-1")
    aid = pd.read_excel(folder / "us_greenbook_1946_2020.xlsx", header=6, engine="calamine")
    year = pd.to_numeric(aid["Fiscal Year"].replace("1976tq", 1976), errors="coerce").floordiv(1)
    return pd.concat(
        [
            _table(training["country"], training["report"].str[:4], "us"),
            _table(programmes["country"], programmes["report"].str[:4], "us"),
            _table(troops["countryname"], troops["year"], "us"),
            _table(troops["ccode"], troops["year"], "cow"),
            _table(troops["iso3c"], troops["year"], "iso3"),
            _table(bases["countryname"], None, "us"),
            _table(bases["ccode"], None, "cow"),
            _table(bases["iso3c"], None, "iso3"),
            _table(aid["Country"], year, "us"),
        ]
    )


def states(base: Path) -> pd.DataFrame:
    folder = base / "states"
    cow = pd.read_csv(folder / "cow_states2016.csv")
    gw = read_rda(folder / "gw_states.rda")
    both = read_rda(folder / "isard_cw_gw_panel.rda")
    parts = [
        _table(both["gwcode"], both["year"], "gw"),
        _table(both["ccode"], both["year"], "cow"),
        _table(both["gw_name"], both["year"], "sipri"),
        _table(both["cw_name"], both["year"], "sipri"),
    ]
    for at in ("styear", "endyear"):
        parts.append(_table(cow["statenme"], cow[at], "sipri"))
        parts.append(_table(cow["ccode"], cow[at], "cow"))
        parts.append(_table(cow["stateabb"], cow[at], "cow_abbreviation"))
    for at in ("startdate", "enddate"):
        parts.append(_table(gw["statename"], _day(gw[at]), "sipri"))
        parts.append(_table(gw["gwcode"], _day(gw[at]), "gw"))
    for file, scheme in (("cow_capitals", "cow"), ("gw_capitals", "gw")):
        capitals = read_rda(folder / f"{file}.rda")  # ends are 2024 even for states long gone
        parts.append(_table(capitals[capitals.columns[0]], _day(capitals["stdate"]), scheme))
        parts.append(_table(capitals["statenme"], _day(capitals["stdate"]), "sipri"))
    return pd.concat(parts)


def _day(days_since_1970: pd.Series) -> pd.Series:
    return pd.to_datetime(days_since_1970, unit="D").dt.year


def dyads(base: Path) -> pd.DataFrame:
    folder = base / "states"
    border = read_rda(folder / "cow_contdir.rda")
    majors = read_rda(folder / "cow_majors.rda")
    distance = read_rda(folder / "cow_mindist.rda")
    power = read_rda(folder / "cow_nmc.rda")
    parts = [
        _table(majors["ccode"], majors["styear"], "cow"),
        _table(power["ccode"], power["year"], "cow"),
    ]
    for side in ("ccode1", "ccode2"):
        parts.append(_table(distance[side], distance["year"], "cow"))
        parts += [_table(border[side], _day(border[at]), "cow") for at in ("stdate", "enddate")]
    return pd.concat(parts)


def regimes(base: Path) -> pd.DataFrame:
    folder = base / "states"
    polity = read_rda(folder / "democracyData_polity5.rda")
    vdem = read_rda(folder / "democracyData_vdem_simple.rda")
    rivals = read_rda(folder / "tss_rivalries.rda")
    km = pd.read_stata(folder / "cepii_dist_cepii.dta")
    parts = [
        _table(polity["polity_annual_country"], polity["year"], "sipri"),
        _table(vdem["vdem_country_name"], vdem["year"], "sipri"),
        _table(polity["polity_annual_ccode"], polity["year"], "polity"),
        _table(vdem["country_text_id"], vdem["year"], "vdem"),
        _table(km["iso_o"].drop_duplicates(), None, "iso3"),
    ]
    for side in ("ccode1", "ccode2"):
        parts.append(_table(rivals[side], rivals["end"], "cow"))
    return pd.concat(parts)


def icews_samples(base: Path) -> pd.DataFrame:
    month = pd.read_csv(base / "events/icews_events.2018.sample.tab", sep="\t", dtype=str)
    june = read_rda(base / "events/icews_sample_2018-06_events.rda")
    parts = []
    for sample in (month, june):
        columns = [c for c in sample if c.lower().endswith("country")]
        parts += [_table(sample[c], [2018] * len(sample)) for c in columns]
    return pd.concat(parts)


def curated(base: Path) -> pd.DataFrame:
    events = pd.read_csv(base / "curated/events.csv", dtype=str, keep_default_na=False)
    extra = pd.read_csv(base / "curated/events_extra.csv", dtype=str, keep_default_na=False)
    year = events["start_date"].str[:4]
    parts = [_table(events[c], year, "iso3") for c in ("country_iso3", "partner_iso3")]
    return pd.concat([*parts, _table(extra["partner_iso3"], None, "iso3")])


def oracles(base: Path) -> pd.DataFrame:
    pacts = pd.read_csv(base / "oracles/oracles_atop.csv", dtype=str)
    pacts = pacts.assign(code=pacts["partner_cow_codes"].str.findall(r"\d+")).explode("code")
    shares = pd.read_csv(base / "oracles/oracles_sipri.csv", dtype=str)
    names = shares["measure"].str.extract(r"^(\w[\w ]*?) share of (\w+) arms imports")
    parts = [_table(names[c].dropna()) for c in (0, 1)]
    return pd.concat([_table(pacts["code"], pacts["year"], "cow"), *parts])


READERS = {
    reader.__name__: reader
    for reader in (
        sipri_registers,
        sipri_annual,
        mme,
        jme,
        atop,
        dcad,
        unga,
        peacekeeping,
        visits,
        us_assistance,
        states,
        dyads,
        regimes,
        icews_samples,
        curated,
        oracles,
    )
}
