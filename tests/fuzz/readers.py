"""Every reader of files that people hand over, with a small valid input of made-up facts."""

import io
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pandas as pd
import rdata
import yaml

from analysis import paths
from analysis.loaders import (
    LOADERS,
    _sipri_extract,
    atop,
    curated,
    dcad,
    geopko,
    greenbook,
    imports,
    mme,
    sipri,
)
from analysis.report import manifest, verify
from analysis.sources import catalog, countries, sidecars
from analysis.studies.claims import tables as claims
from analysis.studies.events import shock_table


@dataclass(frozen=True)
class Reader:
    """A reader: `read` is called with the first of `files`, which lie in one folder.

    A file is a text, or a table that `write` turns into bytes.
    """

    read: Callable[[Path], object]
    files: Mapping[str, str | pd.DataFrame]
    write: Callable[[pd.DataFrame], bytes] | None = None


def _csv(rows: list[Mapping[str, object]], columns: list[str]) -> str:
    return pd.DataFrame(rows).reindex(columns=columns).to_csv(index=False, lineterminator="\n")


def _mme() -> str:
    row = {
        "MMEID": "mme1",
        "s.year": 2001,
        "s.month": 2,
        "s.day": "xx",
        "e.year": 2001,
        "e.month": 3,
        "e.day": 4,
        **dict.fromkeys(mme.KINDS, 0),
        "StateA": "Pakistan",
        "StateB": "China",
        "StateC": "NATO",
    }
    return _csv([row, {**row, "MMEID": "mme2", "StateC": "Turkey"}], mme.REQUIRED)


def _dcad() -> str:
    row = {
        "DCAid": "DCADv1.0-0001",
        "ccode1": 770,
        "cowName1": "PAK",
        "ccode2": 710,
        "cowName2": "CHN",
        "signDay": 3,
        "signMonth": 4,
        "signYear": 1999,
        "endYearEstimate": 2010,
        "type": "general",
        "category1": "DCA",
    }
    columns = [*dcad.REQUIRED, *dcad.CATEGORIES]
    return _csv([row, {**row, "DCAid": "DCADv1.0-0002", "signDay": -99}], columns)


def _curated() -> dict[str, str]:
    row = {
        "event_id": "EX-A-2001",
        "domain": "exercise",
        "name": "A",
        "start_date": "2001-02-03",
        "end_date": "2001-02-05",
        "date_precision": "day",
        "country_iso3": "PAK",
        "partner_iso3": "CHN",
        "role": "host",
        "service": "navy",
        "quantity": 3,
        "unit": "countries",
        "source_title": "T",
        "source_publisher": "P",
        "source_url": "https://example.org/a",
        "source_date": "2001",
        "confidence": "confirmed",
    }
    beside = {"event_id": "EX-A-2001", "partner_iso3": "CHN", "partner_role": "participant"}
    return {
        "events.csv": _csv([row], curated.REQUIRED),
        "events_extra.csv": _csv([beside], curated.EXTRA),
    }


def _geopko() -> dict[str, str]:
    places = 'mission,year,location,No.TCC,year.overview\nA,2001,X,2,"Nepal (10), India (5)"\n'
    maps = (
        "source,mission,year,month,tcc_name,tcc_troops\nm,A,2001,1,Nepal,10\nm,A,2001,2,India,5\n"
    )
    return {"places.csv": places, geopko.BESIDE: maps}


_DEALS = (
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,"
    "Number delivered, ,Year(s) of delivery,status,Comments,SIPRI TIV per unit,"
    "SIPRI TIV for total order,SIPRI TIV of delivered weapons\n"
    "Pakistan,China,2008,?,9,,A,tank,9,,2014; 2015,New,,5,45,45\n"
    'Iran,Russia,2010,,1,,B,ship,1,,2015,New,"One; two, three",100,100,100\n'
)
_OPENING = (
    "Transfers of major conventional arms from All countries  to All countries . Deals with"
    " deliveries made for the year range '1995' to '2025' ;\nSource: SIPRI;\n"
)
_DELIVERIES = (
    "Deal ID,Seller,Buyer,Order date,Order date is estimate,Delivery year,Status,"
    "TIV delivery values,Local production\n"
    "1,China,Pakistan,2015,No,2016,New,1.5,Yes\n2,Italy,Iran,2015,Yes,2017,Second hand,10,No\n"
)
_ANNUAL = (
    '"TIV of arms imports to Pakistan, 2014-2016"\n\n"",2014,2015,2016,Total\n'
    "China,1,2,,3\nItaly,,4,0,4\nTotal,1,6,0,7\n"
)
_TIDY = "supplier,recipient,year,value\nChina,Pakistan,2015,1\nItaly,India,2015,2\n"
_TOTALS = "Exports by,2014,2015,2014-2015\nChina,1,2,3\nItaly,4,,4\nTotal,5,2,7\n"


def _sipri(text: str) -> Reader:
    return Reader(_import, {"export.csv": text})


def _import(path: Path) -> object:
    try:
        return sipri.read_import(path, imports._shipped_arms)
    finally:
        sipri.layout(path)


def _row(table: str) -> str:
    """Column names and first row of a table that ships."""
    shipped = pd.read_csv(paths.data_dir() / table, dtype=str, keep_default_na=False)
    return shipped.head(2).to_csv(index=False, lineterminator="\n")


def _sidecar(path: Path) -> object:
    return catalog.read_sidecar(path.parent)


def _manifest(path: Path) -> object:
    return manifest.read(path.parent), verify.verify(path.parent)


_COUNTRIES = (
    "states.csv",
    "system.csv",
    "codes.csv",
    "aliases.csv",
    "not_states.csv",
    "territories.csv",
)


def _read_countries(path: Path) -> object:
    """Look names up in the tables of a folder, in place of those that ship."""
    before = os.environ.get("PARTNERSHIPS_DATA")
    caches = [thing for thing in vars(countries).values() if hasattr(thing, "cache_clear")]
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "countries").symlink_to(path.parent, target_is_directory=True)
        os.environ["PARTNERSHIPS_DATA"] = folder
        try:
            for cache in caches:
                cache.cache_clear()
            countries.match(["Afghanistan", "Antigua"], years=[1990, 1990])
            return countries.codes(), countries.territories(), countries.exists("AFG", 1950)
        finally:
            os.environ.pop("PARTNERSHIPS_DATA")
            if before is not None:
                os.environ["PARTNERSHIPS_DATA"] = before
            for cache in caches:
                cache.cache_clear()


def _countries() -> dict[str, str]:
    folder = paths.data_dir() / "countries"
    return {
        path.name: "".join(path.read_text("utf-8").splitlines(keepends=True)[:60])
        for path in sorted(folder.glob("*.csv"), key=lambda path: path.name != _COUNTRIES[0])
    }


def _r_file(table: pd.DataFrame) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.rda"
        rdata.write_rda(path, {"table": table})
        return path.read_bytes()


def _stata(table: pd.DataFrame) -> bytes:
    file = io.BytesIO()
    table.to_stata(file, write_index=False, version=118)
    return file.getvalue()


def _workbook(table: pd.DataFrame) -> bytes:
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in (["Greenbook"], list(table.columns), *table.to_numpy(dtype=object).tolist()):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def _table(name: str, rows: list[list], columns: list[str], write: Callable) -> Reader:
    return Reader(LOADERS[name], {"table": pd.DataFrame(rows, columns=columns)}, write)


def all_readers() -> dict[str, Reader]:
    """Every reader by name."""
    text = {
        "mme": {"mme.csv": _mme()},
        "dcad": {"dcad.csv": _dcad()},
        "curated": _curated(),
        "geopko": _geopko(),
        "fmtrpt": {"t.csv": "country,report,program,trainees\nIndia,2003_2004,IMET FY03,5\n"},
        "us_troops": {"t.csv": "countryname,year,troops_ad\nIndia,2003,5\nIraq,2003,0\n"},
    }
    visits = {
        "travels": "id,role,name,start_date,end_date,country,remarks\n"
        "1,president,X,1959-12-07,1959-12-09,Pakistan,State visit.\n",
        "visits": "id,visitor,start_date,end_date,from_country,description,n_from\n"
        "1,President Ayub Khan,1961-07-11,1961-07-18,Pakistan,State visit.,1\n",
    }
    obligations = [[770, 710, 1950 + n, 1, 0, 0, 0, 1] for n in range(3)]
    calls = pd.DataFrame([[1, 1, 0.0, "R/1"]], columns=["rcid", "session", "date", "unres"])
    votes = pd.DataFrame([[1, "Pakistan", "yes"]], columns=["rcid", "country", "vote"])
    account = [2001, "Pakistan", "Military", 1, "DOD", "FMF", 100]
    points = ["ccode", "year", "idealpointall", "idealpointfp", "nvotesall"]
    return {
        **{name: Reader(LOADERS[name], files) for name, files in text.items()},
        **{n: Reader(LOADERS["state_visits"], {"t.csv": content}) for n, content in visits.items()},
        "sipri deals": _sipri(_OPENING + _DEALS),
        "sipri deals, bare": _sipri(_DEALS),
        "sipri deliveries": _sipri(_OPENING + _DELIVERIES.replace(",", ";")),
        "sipri annual": _sipri(_ANNUAL),
        "sipri tidy": _sipri(_TIDY),
        "sipri totals": Reader(_sipri_extract.read_totals, {"t.csv": _TOTALS}),
        "claims": Reader(claims.read, {"t.csv": _row("claims.csv")}),
        "shocks": Reader(shock_table.read, {"t.csv": _row("shocks.csv")}),
        "sidecar": Reader(
            _sidecar,
            {"source.yml": yaml.safe_dump(sidecars.parse(paths.data_dir() / "mme" / "source.yml"))},
        ),
        "manifest": Reader(_manifest, {"manifest.json": _MANIFEST}),
        "countries": Reader(_read_countries, _countries()),
        "atop": _table("atop", obligations, atop.COLUMNS, _r_file),
        "capitals": _table(
            "capitals",
            [[770, "Islamabad", -1000.0, 9000.0, 33.7, 73.1]],
            ["gwcode", "capital", "stdate", "enddate", "lat", "lng"],
            _r_file,
        ),
        "nmc": _table("nmc", [[770, 2000, 0.01]], ["ccode", "year", "cinc"], _r_file),
        "rivalries": _table(
            "rivalries",
            [[1, "India-Pakistan", 750, 770, 1947, 2020]],
            ["tssr_id", "rivalry", "ccode1", "ccode2", "start", "end"],
            _r_file,
        ),
        "vdem": _table(
            "vdem", [["PAK", 2000, 0.2]], ["country_text_id", "year", "v2x_polyarchy"], _r_file
        ),
        "un_votes": Reader(
            LOADERS["un_votes"], {"votes.rda": votes, "un_roll_calls.rda": calls}, _r_file
        ),
        "unga": _table("unga", [[770.0, 2000.0, -0.5, -0.4, 60.0]] * 1, points, _stata),
        "greenbook": _table("greenbook", [account], list(greenbook.COLUMNS), _workbook),
    }


_MANIFEST = """{
 "format": 1,
 "country": "PAK",
 "reports": {"arms": {"files": {"arms.html": "00"}, "parameters": {}, "sources": {}, "data": {}}},
 "files": {"index.html": "00"}
}
"""
