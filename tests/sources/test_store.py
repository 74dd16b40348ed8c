import os
import stat

import pandas as pd
import pytest
import yaml

import analysis as an
from analysis import paths
from analysis.errors import ParameterError, SourceFileError
from analysis.loaders import build
from analysis.loaders.imports import import_source
from analysis.portfolios import panel
from analysis.sources import catalog, ledger, store
from analysis.sources.audit import Audit


@pytest.fixture
def imports(tmp_path, monkeypatch):
    """An empty folder for imported sources, used instead of the user's."""
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path / "imports"))
    return tmp_path / "imports"


REGISTER = (
    "Recipient,Supplier,Year of order, ,Number ordered, ,Weapon designation,Weapon description,"
    "Number delivered, ,Year(s) of delivery,status,Comments,SIPRI TIV per unit,"
    "SIPRI TIV for total order,SIPRI TIV of delivered weapons\n"
    "Turkiye,Italy,2008,,9,,ATAK,helicopter,9,,2014; 2015,New,,5,45,45\n"
    "Turkiye,Spain,2010,,1,,LHD,ship,1,,2015,New,,100,100,100\n"
    "Turkiye,unknown supplier(s),2010,,1,,gun,gun,1,,2015,New,,1,1,1\n"
)
#: what SIPRI writes above a register of one recipient and all suppliers
WHOLE = (
    "Transfers of major weapons from All countries to Turkiye. Deals with deliveries or"
    " orders made for the year range '2008' to '2015'\n\n"
)


def test_every_shipped_ledger_keeps_the_contract():
    records = an.load()
    ledger.check(records)
    assert set(records["source"]) == set(store.sources_of())


def test_coverage_holds_every_row():
    """No tie lies outside the years or states its source says it covers."""
    for key, rows in an.load().groupby("source"):
        source = catalog.get(key)
        assert rows["start"].dt.year.min() >= source.years[0], key
        assert rows["start"].dt.year.max() <= source.years[1], key
        assert all(source.observes(code) for code in rows["country"].unique()), key


def test_arms_are_an_extract_for_four_importers():
    arms = an.load("arms", sources=["sipri_tiv", "sipri_register"])
    assert set(arms["country"]) == set(build.ARMS_EXTRACT)


def test_load_selects_by_country_and_years():
    rows = an.load("alliance", country="Pakistan", years=(1954, 1960))
    assert set(rows["country"]) == {"PAK"}
    assert (rows["start"].dt.year <= 1960).all()
    assert (rows["end"].dt.year >= 1954).all()


def test_an_imported_register_replaces_the_extract(imports, tmp_path):
    file = tmp_path / "register.csv"
    file.write_text(WHOLE + REGISTER, "utf-8")
    assert an.load("arms", country="TUR", sources=["sipri_register"]).empty
    summary = import_source("sipri", file)
    counts = summary[summary["scope"] == "row"].set_index("outcome")["rows"]
    assert (counts["read"], counts["kept"], counts["set_aside"]) == (3, 2, 1)
    rows = an.load("arms", country="TUR", sources=["sipri_register"])
    assert rows["value"].sum() == 145
    source = catalog.get("sipri_register")
    assert source.imported
    assert source.coverage["countries"] == ["TUR"]
    assert source.sampling["unit"] == "deal"
    assert source.licence["redistribute"] is False
    assert "extract" not in source.title
    # of the states that the file is not about, the shipped extract still tells
    extract = catalog.get("sipri_register_extract")
    assert extract.coverage["countries"] == ["BGD", "IND", "LKA", "PAK"]
    assert not an.load("arms", country="PAK", sources=["sipri_register_extract"]).empty
    assert store.table("sipri_register", "unattributed.csv")["value"].tolist() == [1.0]
    portfolios = an.portfolio(rows, years=(2015, 2015), window=1)
    italy = an.shares(portfolios).set_index("partner").loc["ITA"]
    assert italy["share_low"] == 0
    assert italy["share"] == pytest.approx(22.5 / 122.5)
    assert italy["share_high"] == pytest.approx(45 / 145)


def test_deals_of_an_import_are_drawn_again_once_their_split_is_settled(imports, tmp_path):
    deal = "Turkiye,{},2008,,9,,ATAK,helicopter,9,,2014; 2015,New,,5,{total},{total}\n"
    suppliers = ["Italy", "Spain", "Germany", "China"] * 4
    deals = [deal.format(name, total=10 + n) for n, name in enumerate(suppliers)]
    file = tmp_path / "register.csv"
    file.write_text(WHOLE + REGISTER.split("\n")[0] + "\n" + "".join(deals), "utf-8")
    import_source("sipri", file)
    portfolios = an.portfolio(an.load("arms", country="TUR"), years=(2015, 2015), window=1)
    asked = {"order": 2, "draws": 200, "seed": 1}
    bounds = an.measure(portfolios, an.hill, **asked).squeeze()
    assert bounds["interval"] == "bounds over all splits of spread deliveries"
    drawn = an.measure(panel.spread_evenly(portfolios), an.hill, **asked).squeeze()
    assert drawn["interval"].startswith("95% bootstrap over deals")
    assert drawn["estimate"] == bounds["estimate"]
    assert drawn["low"] <= drawn["estimate"] <= drawn["high"]
    assert len(an.draw(panel.spread_evenly(portfolios), an.hill, **asked)) == 200


@pytest.mark.parametrize("text", ["", "<!DOCTYPE html><html></html>", REGISTER[:300], "a,b\n1,2\n"])
def test_a_bad_import_changes_nothing(imports, tmp_path, text):
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_text(REGISTER, "utf-8")
    bad.write_text(text, "utf-8")
    import_source("sipri", good)
    before = {path: path.read_bytes() for path in imports.rglob("*") if path.is_file()}
    with pytest.raises(SourceFileError, match=r"bad\.csv"):
        import_source("sipri", bad)
    assert {path: path.read_bytes() for path in imports.rglob("*") if path.is_file()} == before


OPENING = (
    "Transfers of major conventional arms from {}  to {} . Deals with deliveries made for the year"
    " range '{}' to '{}' \nA '?' in a column indicates uncertain data.\n\n"
)


def deals(suppliers, recipients=("Turkiye",), year=2015):
    row = "{},{},2008,,9,,ATAK,helicopter,9,,{},New,,5,45,45\n"
    header = REGISTER.split("\n")[0] + "\n"
    return header + "".join(row.format(r, s, year) for r in recipients for s in suppliers)


TABLE = '"TIV of arms {}, 2014-2016"\n\n"",2014,2015,2016,Total\n{},1,2,,3\nTotal,1,2,,3\n'
PAIRS = "supplier,recipients,2014,2015\nChina,Pakistan,1,2\n,India,,2\n"
TOP = "Suppliers of major arms\n\n,Rank 2014-2015,,Supplier,2014,2015\n,1,,China,1,2\n"
TIDY = "supplier,recipient,year,value\nChina,Pakistan,2015,1\nChina,India,2015,1\n"
DELIVERIES = (
    "SIPRI AT Database ID,Supplier,Recipient,Delivery year,TIV delivery values\n"
    "1,China,Pakistan,2015,1\n2,China,India,2015,1\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (OPENING.format("China", "All countries", 2015, 2016) + deals(["China"]), "some suppliers"),
        (
            OPENING.format("China, Italy", "all", 2015, 2016) + deals(["China", "Italy"]),
            "some supp",
        ),
        (deals(["China"], ["Turkiye", "Pakistan"]), "some suppliers"),
        (deals(["China", "Italy"], ["Turkiye", "Iran", "Iraq", "Qatar", "Chad", "Mali"]), "USA"),
        (deals(["China", "Italy"], ["Pakistan", "Iran", "Iraq", "Qatar", "Chad", "Mali"]), "lacks"),
        (TABLE.format("exports from China", "Pakistan"), "some suppliers"),
        (TIDY, "some suppliers"),
        (DELIVERIES, "some suppliers"),
        (PAIRS, "export the trade register"),
        (TOP, "top suppliers"),
        (TOP.replace("Supplier", "Recipient"), "top recipients"),
        ("Exports by,2014,2015,2014-2015\nChina,1,2,3\nTotal,1,2,3\n", "without partners"),
    ],
)
def test_what_cannot_show_all_suppliers_is_refused(imports, tmp_path, text, said):
    file = tmp_path / "export.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(SourceFileError, match=said):
        import_source("sipri", file)
    assert not imports.exists()


def test_a_folder_of_some_suppliers_is_refused(imports, tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    for name in ("China", "Italy"):
        text = TABLE.format(f"exports from {name}", "Pakistan")
        (folder / f"{name}.csv").write_text(text, "utf-8")
    with pytest.raises(SourceFileError, match=r"(?s)lacks suppliers of its recipients.*USA"):
        import_source("sipri", folder)


@pytest.mark.parametrize(
    ("text", "years", "states"),
    [
        (
            OPENING.format("All countries", "All countries", 2010, 2015) + deals(["Italy"]),
            [2010, 2015],
            "all",
        ),
        (
            OPENING.format("All countries", "Turkiye", 2010, 2020) + deals(["Italy"]),
            [2010, 2015],
            ["TUR"],
        ),
        (
            OPENING.format("All countries", "All countries", "Not specified", "Not specified")
            + deals(["Italy"]),
            [2015, 2015],
            "all",
        ),
        (TABLE.format("imports to Turkiye", "Italy"), [2014, 2015], ["TUR"]),
    ],
)
def test_coverage_is_what_was_asked_for(imports, tmp_path, text, years, states):
    file = tmp_path / "export.csv"
    file.write_text(text, "utf-8")
    key = import_source("sipri", file)["source"].iloc[0]
    source = catalog.get(key)
    assert (source.coverage["years"], source.coverage["countries"]) == (years, states)
    portfolios = an.portfolio(
        an.load(sources=[key]), countries=["ARE"], window=1, years=(years[1],) * 2
    )
    expected = "empty" if states == "all" else "not_covered"
    assert portfolios["status"].tolist() == [expected]
    assert any(f"covers {years[0]}–2015 only" in line for line in store.hidden_by_imports())


def test_a_file_on_one_state_leaves_the_others_their_extract(imports, tmp_path):
    """Sources of arms by state, and one number of each, before and after an import on Pakistan."""
    asked = {"start": 2024, "end": 2024, "instruments": ("arms",)}

    def sources_and_diversity(country):
        portfolios = an.selections.portfolios(country, **asked)
        known = an.measure(portfolios, an.hill, order=1).dropna(subset="estimate")
        return set(portfolios["source"]), known["estimate"].tolist()

    before = {code: sources_and_diversity(code) for code in ("IND", "PAK", "USA")}
    file = tmp_path / "export.csv"
    file.write_text(
        OPENING.format("All countries", "Pakistan", 1950, 2024)
        + deals(["China", "Italy"], ["Pakistan"], 2024),
        "utf-8",
    )
    import_source("sipri", file)
    assert catalog.get("sipri_register_extract").coverage["countries"] == ["BGD", "IND", "LKA"]
    sources, estimates = sources_and_diversity("IND")
    assert sources == {"sipri_tiv", "sipri_register_extract"}
    assert estimates == before["IND"][1]
    assert sources_and_diversity("PAK") == ({"sipri_tiv", "sipri_register"}, [2.0])
    rows = an.load("arms", country=["IND", "PAK"])
    rows = rows[rows["source"] != "curated"]
    by_state = rows.groupby("country")["source"].unique().map(set).to_dict()
    assert by_state == {
        "IND": {"sipri_tiv", "sipri_register_extract"},
        "PAK": {"sipri_tiv", "sipri_register"},
    }
    assert an.words.source_title("sipri_register_extract") == "SIPRI register (extract)"
    listed = an.coverage.coverage("IND", start=2020, end=2024)["source"]
    assert "sipri_register" not in set(listed)
    assert an.text.no_arms("USA")  # how to get them is still said
    assert not an.text.no_arms("PAK")


def test_a_file_that_cannot_show_whether_it_is_whole_carries_a_caveat(imports, tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(deals(["China", "Italy"], ["Pakistan"]), "utf-8")
    import_source("sipri", file)
    (caveat,) = [c for c in catalog.get("sipri_register").caveats if "does not say" in c]
    assert "RUS" in caveat
    # it is shown, and makes no share
    assert "sipri_register" not in an.selections.systematic_sources("arms")
    assert not an.load("arms", country="PAK", sources=["sipri_register"]).empty
    for country in ("PAK", "IND"):
        portfolios = an.selections.portfolios(country, start=2018, end=2020, instruments=("arms",))
        assert set(portfolios["source"]) == {"sipri_tiv", "sipri_register_extract"}
    assert any("may lack suppliers" in line for line in store.hidden_by_imports())


def test_only_some_sources_can_be_imported(tmp_path):
    with pytest.raises(ParameterError, match=r"imported: sipri .*; claims, shocks"):
        import_source("mme", tmp_path)


def test_writing_a_source_is_all_or_nothing(tmp_path):
    folder = tmp_path / "demo"
    audit = Audit("demo", "demo.csv", rows_read=1)
    table = pd.DataFrame({"a": [1]})
    store.write_source(folder, {"title": "old"}, tables={"t.csv": table}, audits=[audit])
    before = sorted((p.name, p.read_bytes()) for p in folder.iterdir())

    class Broken(pd.DataFrame):
        def to_csv(self, *args, **kwargs):
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        store.write_source(
            folder, {"title": "new"}, tables={"t.csv": Broken({"a": [2]})}, audits=[audit]
        )
    assert sorted((p.name, p.read_bytes()) for p in folder.iterdir()) == before
    assert [p.name for p in tmp_path.iterdir()] == ["demo"]


def test_a_changed_table_is_noticed(tmp_path, monkeypatch):
    copy = tmp_path / "data"
    (copy / "unga").mkdir(parents=True)
    for path in (paths.data_dir() / "unga").iterdir():
        (copy / "unga" / path.name).write_bytes(path.read_bytes())
    (copy / "unga" / "ideal_points.csv").write_text("iso3\n", "utf-8")
    monkeypatch.setenv("PARTNERSHIPS_DATA", str(copy))
    with pytest.raises(SourceFileError, match=r"expected SHA-256 .*, found"):
        catalog.get("unga").path("ideal_points.csv")


def test_a_sidecar_with_faults_lists_them_all(tmp_path):
    (tmp_path / "demo").mkdir()
    fields = {"title": "x", "colour": "red"}
    (tmp_path / "demo" / "source.yml").write_text(yaml.safe_dump(fields), "utf-8")
    with pytest.raises(SourceFileError, match=r"lacks producer;.*lacks files.*field colour"):
        catalog.read_sidecar(tmp_path / "demo")


def test_citations_are_those_of_the_sources_in_use():
    text = an.cite(an.load("exercise", country="PAK", sources=["mme"]))
    assert text.startswith("@")
    assert "D'Orazio" in text
    assert "Kinne" not in text
    assert text.count("@") == 1


def test_the_codebook_and_the_descriptor_are_current():
    assert (paths.data_dir() / "README.md").read_text("utf-8") == build.codebook()
    descriptor = (paths.data_dir() / "datapackage.json").read_text("utf-8")
    assert yaml.safe_load(descriptor) == build.datapackage()


@pytest.mark.slow
def test_compiling_again_gives_the_very_same_data(source_dir, tmp_path, monkeypatch):
    """What is committed is what the command makes: every table and sidecar, byte for byte."""
    copy = tmp_path / "data"
    for path in sorted(paths.data_dir().rglob("*")):
        if path.is_file() and "imported" not in path.parts:
            to = copy / path.relative_to(paths.data_dir())
            to.parent.mkdir(parents=True, exist_ok=True)
            to.write_bytes(path.read_bytes())
            to.chmod(stat.S_IRUSR | stat.S_IWUSR)
    before = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    monkeypatch.setenv("PARTNERSHIPS_DATA", str(copy))
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", os.devnull)
    build.compile_all(source_dir)
    after = {p.relative_to(copy): p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    assert [str(name) for name in before if before[name] != after.get(name)] == []
    assert set(before) == set(after)
