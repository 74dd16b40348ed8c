"""Curated events: against MME and published sizes, the rules of the list, wrong rows."""

import re
from pathlib import Path

import pandas as pd
import pytest

from analysis.errors import SourceFileError, UnknownCountryError
from analysis.loaders import curated, mme
from analysis.sources import ledger

CITED = [
    "event_id", "partner", "name", "role", "partner_role", "service", "place", "source_title",
    "source_publisher", "source_url", "source_date", "confidence",
]  # fmt: skip

EVENT = {
    "event_id": "EX-ONE-2021", "domain": "exercise", "name": "One", "start_date": "2021-03-04",
    "end_date": "2021-03-09", "date_precision": "day", "country_iso3": "PAK",
    "partner_iso3": "TUR", "role": "host", "service": "naval", "quantity": "", "unit": "",
    "source_title": "A page", "source_publisher": "A paper",
    "source_url": "https://example.org/a?b=1", "source_date": "2021-03-10",
    "confidence": "confirmed",
}  # fmt: skip
EXTRA = {
    "event_id": "EX-ONE-2021", "partner_iso3": "TUR", "partner_role": "participant",
    "location": "Karachi", "instrument_type": "bilateral", "notes": "",
}  # fmt: skip


def save(folder: Path, *rows: dict[str, str]) -> Path:
    """Both files of the list; a row has the columns of both."""
    events = pd.DataFrame([{name: (EVENT | row)[name] for name in EVENT} for row in rows])
    extra = pd.DataFrame([{name: (EXTRA | row).get(name, "") for name in EXTRA} for row in rows])
    events.to_csv(folder / "events.csv", index=False)
    extra.to_csv(folder / "events_extra.csv", index=False)
    return folder / "events.csv"


def read(folder: Path, *rows: dict[str, str]) -> pd.DataFrame:
    return curated.read(save(folder, *rows))[0]


def flags(folder: Path, **row: str) -> set[str]:
    """Flags of a single row."""
    return set(read(folder, row)["flags"].item().split())


@pytest.fixture(scope="module")
def path(source_dir: Path) -> Path:
    return source_dir / "curated" / "events.csv"


@pytest.fixture(scope="module")
def source(path):
    return curated.read(path)


@pytest.fixture(scope="module")
def listed(path) -> pd.DataFrame:
    """Both files side by side, as they are."""
    files = [path, path.with_name("events_extra.csv")]
    events, extra = (pd.read_csv(file, dtype=str, keep_default_na=False) for file in files)
    return events.merge(extra, on=["event_id", "partner_iso3"])


def pairs(table: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(table["event_id"], table["partner"], strict=True))


# --- the list ------------------------------------------------------------------------------------


def test_every_row_is_accounted_for(source):
    rows, audit = source
    summary = audit.summary()
    by_row = summary[summary["scope"] == "row"].groupby("outcome")["rows"].sum()
    assert by_row["read"] == 678
    assert by_row["read"] == by_row["kept"] + by_row["set_aside"]
    joined = audit.table["reason"].str.contains("another name").sum()
    assert len(rows) == by_row["kept"] - joined


def test_exercises_of_mme_are_those_of_mme(source, source_dir):
    rows = source[0]
    copied = rows[ledger.has_flag(rows, "from_mme")]
    assert copied["event_id"].nunique() == 62
    copied = copied.assign(event_id="mme" + copied["event_id"].str.removeprefix("EX-MME-"))
    exercises, _ = mme.read(source_dir / "exercises" / "mme_v7.csv")
    original = exercises[exercises["country"] == "PAK"]
    assert pairs(copied) == pairs(original)
    both = copied.merge(original, on=["event_id", "partner"])
    for column in ("start", "end", "parties"):
        assert (both[f"{column}_x"] == both[f"{column}_y"]).all()


def test_sizes_of_aman_are_those_published(source, source_dir):
    published = pd.read_csv(source_dir / "oracles" / "oracles_aman.csv")
    published = published[published["status"].str.startswith("confirmed")]
    sizes = source[0].groupby("event_id")["parties"].first()
    checked = 0
    for edition in published.itertuples():
        if (event := f"EX-AMAN-{edition.year}") in sizes:
            assert edition.countries_low <= sizes[event] <= edition.countries_high, event
            checked += 1
    assert checked == 4


def test_only_pakistan_has_ties_and_only_with_states(source, listed):
    rows = source[0]
    assert set(rows["country"]) == {"PAK"}
    assert not set(rows["partner"]) & {"MUL", "UNO", "CMF", "PAK"}
    assert {"MUL", "UNO", "CMF"} < set(listed["partner_iso3"])


def test_nothing_unconfirmed_is_left(source, listed):
    doubtful = set(listed.loc[listed["confidence"] != "confirmed", "event_id"])
    assert len(doubtful) > 0
    assert not doubtful & set(source[0]["event_id"])
    assert ("EX-PEACEMISSION-2018", "UZB") not in pairs(source[0])
    assert ("EX-PEACEMISSION-2018", "CHN") in pairs(source[0])


def test_reported_deals_are_unsigned(source, listed):
    rows = source[0]
    unsigned = set(rows.loc[ledger.has_flag(rows, "unsigned"), "event_id"])
    reported = {"AR-IRQ-JF17-2023", "AR-LBY-JF17-2025", "AR-LBY-SM-2025", "AR-SDN-2026"}
    assert unsigned == reported | {"AR-USA-F16SUP-2019"}
    assert reported == set(
        listed.loc[listed["instrument_type"].str.startswith("reported"), "event_id"]
    )


def test_production_within_an_arms_deal(source):
    rows = source[0]
    parts = set(rows.loc[ledger.has_flag(rows, "subset_of_arms"), "event_id"])
    assert parts == {"PR-CHN-HANGOR-2015", "PR-TUR-MILGEM-2018"}
    assert {event.replace("PR-", "AR-") for event in parts} <= set(rows["event_id"])


def test_the_baghdad_pact_and_cento_are_one_alliance(source):
    rows = source[0]
    assert "AL-CENTO-1959" not in set(rows["event_id"])
    pact = rows[rows["event_id"] == "AL-BAGHDAD-1955"].set_index("partner")
    assert sorted(pact.index) == ["GBR", "IRN", "IRQ", "TUR"]
    assert set(pact["start"]) == {pd.Timestamp("1955-09-23")}
    assert pact.loc["IRQ", "end"] == pd.Timestamp("1959-03-24")
    assert set(pact.drop(index="IRQ")["end"]) == {pd.Timestamp("1979-03-12")}


def test_a_later_contract_supersedes_the_earlier(source):
    events = set(source[0]["event_id"])
    assert "AR-AZE-JF17-2025" in events
    assert "AR-AZE-JF17-2024" not in events


def test_observers_are_kept_apart(source, listed):
    rows = source[0]
    looked_on = (listed["role"] == "observer") | (listed["partner_role"] == "observer")
    expected = set(
        zip(listed["event_id"][looked_on], listed["partner_iso3"][looked_on], strict=True)
    )
    assert pairs(rows[ledger.has_flag(rows, "observer")]) == expected & pairs(rows)
    assert len(expected) == 65


def test_arms_have_a_direction_and_nothing_else_has(source, listed):
    rows = source[0]
    arms = rows[rows["instrument"] == "arms"].set_index("event_id")["direction"]
    roles = listed[listed["domain"] == "arms"].set_index("event_id")["role"]
    expected = roles.map({"recipient": "in", "supplier": "out"})
    assert arms.to_dict() == expected[arms.index].to_dict()
    assert set(rows.loc[rows["instrument"] != "arms", "direction"]) == {"mutual"}


def test_every_event_named_in_a_rule_is_in_the_list(listed):
    events = set(listed["event_id"])
    named = {event for events in curated.NOTED.values() for event in events}
    named |= {*curated.SUPERSEDED, *curated.SUPERSEDED.values(), *curated.SAME}
    named |= {event for event, _ in curated.DOUBTFUL}
    assert named <= events


def test_every_tie_has_one_citation_and_the_reverse(source, path):
    cited = curated.read_citations(path)
    assert list(cited.columns) == CITED
    assert not cited.duplicated(["event_id", "partner"]).any()
    assert pairs(cited) == pairs(source[0])
    assert set(cited["confidence"]) == {"confirmed"}
    assert cited["source_url"].str.fullmatch(r"https?://\S+").all()
    assert (cited[["name", "source_title", "source_publisher", "source_date"]] != "").all(axis=None)
    assert "-9" not in set(cited["place"])


# --- rules of coding -----------------------------------------------------------------------------


def test_a_row_becomes_a_tie(tmp_path):
    row = read(tmp_path, {}).iloc[0]
    assert row["instrument"] == "exercise"
    assert row[["country", "partner", "direction"]].tolist() == ["PAK", "TUR", "mutual"]
    assert row["start"] == pd.Timestamp("2021-03-04")
    assert row["end"] == pd.Timestamp("2021-03-09")
    assert row["value"] == 1
    assert row["parties"] == 2
    assert row["flags"] == "naval"


@pytest.mark.parametrize(
    ("dates", "start", "end"),
    [
        (("2021", "2021", "year"), "2021-01-01", "2021-12-31"),
        (("2020-02", "2020-02", "month"), "2020-02-01", "2020-02-29"),
        (("2021-12-13", "2021-12", "month"), "2021-12-13", "2021-12-31"),
    ],
)
def test_incomplete_dates(tmp_path, dates, start, end):
    row = dict(zip(("start_date", "end_date", "date_precision"), dates, strict=True))
    found = read(tmp_path, row).iloc[0]
    assert found["start"] == pd.Timestamp(start)
    assert found["end"] == pd.Timestamp(end)
    assert found["date_precision"] == dates[2]


@pytest.mark.parametrize(
    ("quantity", "unit", "parties", "incomplete"),
    [
        ("", "", 3, False),
        ("3", "countries", 3, False),
        ("2", "countries", 3, False),
        ("46", "flags hoisted incl. Pakistan", 46, True),
        ("9", "air forces", 9, True),
        ("70", "Russian troops (over)", 3, False),
        ("20", "countries (announced)", 3, False),
    ],
)
def test_the_size_is_that_stated_if_larger(tmp_path, quantity, unit, parties, incomplete):
    size = {"quantity": quantity, "unit": unit}
    rows = read(tmp_path, size, size | {"partner_iso3": "SAU"})
    assert set(rows["parties"]) == {parties}
    assert set(ledger.has_flag(rows, "parties_incomplete")) == {incomplete}


def test_unnamed_states_leave_the_event_incomplete(tmp_path):
    unnamed = {"partner_iso3": "MUL", "partner_role": "unnamed"}
    rows, audit = curated.read(save(tmp_path, {}, unnamed))
    assert rows["partner"].tolist() == ["TUR"]
    assert ledger.has_flag(rows, "parties_incomplete").all()
    assert audit.table["row"].tolist() == [3]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"role": "observer"}, {"naval", "observer"}),
        ({"partner_role": "observer"}, {"naval", "observer"}),
        ({"event_id": "EX-MME-12"}, {"naval", "from_mme"}),
        ({"service": "na"}, set()),
        ({"partner_iso3": "NCL"}, {"naval", "territory"}),
        (
            {"event_id": "AL-SEATO-1954", "domain": "alliance", "role": "signatory"},
            {"naval", "end_unclear"},
        ),
    ],
)
def test_flags(tmp_path, row, expected):
    assert flags(tmp_path, **row) == expected


# --- rows and files that are wrong ---------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        {"source_url": ""},
        {"source_url": "javascript:alert(1)"},
        {"source_url": "https://"},
        {"source_url": "https://example.org/<script>"},
        {"source_url": "https://example org/"},
        {"source_url": "see above"},
        {"source_title": ""},
        {"source_publisher": ""},
        {"source_date": ""},
        {"name": ""},
        {"country_iso3": "IND"},
        {"domain": "war"},
        {"role": "recipient"},
        {"partner_role": "enemy"},
        {"start_date": "2021-02-30"},
        {"start_date": "3 May 2021"},
        {"start_date": "1821-03-04"},
        {"end_date": ""},
        {"end_date": "2021-03-03"},
        {"end_date": "2023-03-03"},
        {"end_date": "2021-03"},
        {"date_precision": "week"},
    ],
)
def test_a_row_that_cannot_be_is_refused_with_its_line(tmp_path, row):
    rows = [{}, row | {"event_id": "EX-TWO-2021"}]
    with pytest.raises(SourceFileError, match=r"(?s)events\.csv, column .*row 3: "):
        read(tmp_path, *rows)


@pytest.mark.parametrize("code", ["QQQ", "Turkey", "RUS1"])
def test_an_unknown_partner_is_refused(tmp_path, code):
    with pytest.raises(UnknownCountryError, match=re.escape(code)):
        read(tmp_path, {"partner_iso3": code})


def test_a_partner_that_stands_twice_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match="once"):
        read(tmp_path, {}, {})


def test_the_second_file_must_be_there_and_complete(tmp_path):
    path = save(tmp_path, {}, {"partner_iso3": "SAU"})
    extra = tmp_path / "events_extra.csv"
    extra.write_text("".join(extra.read_text("utf-8").splitlines(keepends=True)[:2]), "utf-8")
    with pytest.raises(SourceFileError, match=r"events_extra\.csv lacks .*row\(s\) 3"):
        curated.read(path)
    extra.unlink()
    with pytest.raises(SourceFileError, match=r"events_extra\.csv does not exist"):
        curated.read(path)


@pytest.mark.parametrize("column", ["source_url", "partner_iso3", "quantity"])
def test_a_missing_column_is_refused(tmp_path, column):
    path = save(tmp_path, {})
    pd.read_csv(path, dtype=str).drop(columns=column).to_csv(path, index=False)
    with pytest.raises(
        SourceFileError, match=rf"events\.csv: the column\(s\) {column} are missing"
    ):
        curated.read(path)


@pytest.mark.parametrize("content", [b"", b"<!doctype html>", b"PK\x03\x04", b"event_id,domain\n"])
def test_what_is_no_such_file_is_refused(tmp_path, content):
    path = save(tmp_path, {})
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"events\.csv"):
        curated.read(path)


def test_sizes_tell_who_took_part_from_who_looked_on_and_keep_events_without_names(source_dir):
    """PATS 2024: 12 teams and 5 observers; AMAN 2021: up to 45 states, none of them named."""
    sizes = curated.read_sizes(source_dir / "curated" / "events.csv").set_index("event_id")
    columns = ["took_part", "observers", "came", "announced"]
    assert sizes.loc["EX-PATS-2024", columns].tolist() == [12, 5, 17, 0]
    assert sizes.loc["EX-AMAN-2021", columns].tolist() == [0, 0, 44, 0]
    assert sizes.loc["EX-AMAN-2019", "announced"] == 1
    assert not sizes.index.str.startswith("EX-MME").any()
    assert sizes.index.is_unique
