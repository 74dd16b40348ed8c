"""Claims held against the record: against published figures, and by rules that cut both ways."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError, SourceFileError
from analysis.plot.claims import describe_verdicts, verdicts
from analysis.sources import user_tables
from analysis.studies.claims import shares as claim_shares
from analysis.studies.claims import tables as claims


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def table():
    return claims.read()


@pytest.fixture(scope="module")
def assessed(table):
    return claims.assess(table, "PAK", draws=100, seed=1).set_index("part")


def part(**changed):
    row = {
        "claim": "x",
        "state": "PAK",
        "text": "A claim",
        "part": "x1",
        "part_text": "A part",
        "test": "share_at_least",
        "instrument": "arms",
        "source": "sipri_tiv",
        "partners": "CHN",
        "events": "",
        "before": np.nan,
        "after": 2021.0,
        "threshold": 0.5,
        "years": "",
        "shock": "",
        "border": "",
        "note": "",
    }
    return pd.DataFrame([{**row, **changed}])


def verdict(**changed):
    return claims.assess(part(**changed), "PAK", draws=50, seed=1).iloc[0]


# --- published figures ---------------------------------------------------------------------------


def test_shares_are_those_that_were_published(assessed):
    """SIPRI: China 72.0% in 2017-21."""
    assert assessed.loc["a1", "estimate"] == pytest.approx(0.720, abs=5e-4)
    assert assessed.loc["a1", "verdict"] == claims.IN_PART[claims.SUPPORTED]


def test_shares_are_of_all_partners_and_territories_are_some_of_them():
    """Antigua and Barbuda 1987-91: Bermuda has 11.1%, so Dominica 20.4%, not 22.9%."""
    asked = {"test": "share_at_least", "instrument": "exercise", "source": "mme", "state": "ATG"}
    row = claims.assess(
        part(**asked, partners="DMA", after=1991.0, threshold=0.2), "ATG", draws=0, seed=1
    ).iloc[0]
    made = an.portfolio(an.load("exercise", country="ATG"), years=(1991, 1991))
    share = an.shares(made).set_index("partner")["share"]
    assert row["estimate"] == pytest.approx(share["DMA"])
    assert row["estimate"] == pytest.approx(0.204, abs=5e-4)


def test_allies_are_those_of_atop(assessed):
    """ATOP: seven had promised to defend Pakistan in 1960; non-aggression 2 in 2003, 38 in 2018."""
    assert assessed.loc["f1", "estimate"] == 7
    assert assessed.loc["c5", "reason"].startswith(
        "38 in 2018, 2 in 2003; new ones by year: 2004 13"
    )


def test_the_text_on_pacts_says_that_they_are_two_treaties(table):
    """All but Saudi Arabia (1951) came in by accessions from 2004 on; ATOP dates one to 2015."""
    note = table.set_index("part").loc["c5", "note"]
    assert "All but one" in note
    assert "two regional treaties" in note
    pacts = an.load("alliance", country="PAK", sources=["atop"], years=(2018, 2018))
    began = pacts[pacts["flags"].str.contains("nonaggression")].groupby("partner")["start"].min()
    assert len(began) == 38
    assert began.index[began.dt.year < 2004].tolist() == ["SAU"]


def test_editions_of_aman_are_those_that_took_place(assessed):
    """37 states with Pakistan in 2017, 45 in 2021, 50 in 2023, 60 in 2025; 2019 was announced."""
    row = assessed.loc["d2"]
    assert [
        f"{year}: {n} came" in row["reason"]
        for year, n in ((2013, 27), (2017, 36), (2021, 44), (2023, 49), (2025, 59))
    ] == [True] * 5
    assert "2019" not in row["reason"]
    assert "left out, for only announced: 1" in row["reason"]


def test_observers_and_the_host_are_no_teams(assessed):
    """PATS: 12 teams each in 2024 and 2025; the edition of 2026 is after the years of the part."""
    reason = assessed.loc["d3", "reason"]
    assert reason.startswith(
        "without Pakistan, 2024: 17 came, named 12 as taking part and 5 as obs"
    )
    assert "2026" not in reason


def test_dependence_and_variety_are_both_told(assessed):
    """Arms became less diverse by every order; of exercises five are too few to say anything."""
    assert assessed.loc["c2", "estimate"] < 0
    assert "Hill number, q = 1: no (3 years, 5 years, 7 years)" in assessed.loc["c2", "looks"]
    assert assessed.loc["c2", "verdict"] == claims.MIXED  # by one of twelve, which is named
    assert "number of partners: yes (7 years)" in assessed.loc["c2", "looks"]
    for name in ("c3", "c4", "e2"):
        assert assessed.loc[name, "verdict"] == claims.UNKNOWN
        assert assessed.loc[name, "reason"].startswith("too few")


def test_years_of_a_claim_that_its_source_covers_are_part_of_the_verdict(assessed):
    """SIPRI's tables end in 2021, MME in 2010; the claims speak of 2001-2025."""
    assert assessed.loc[["a1", "d1", "d2", "g1"], "n_covered"].tolist() == [21, 10, 25, 24]
    assert assessed.loc["a1", "years"] == "2001–2025"
    rows = {row.Index: claims.stated(row) for row in assessed.itertuples()}
    assert (rows["a1"], rows["d1"], rows["a5"], rows["f1"]) == (
        "supported to 2021",
        "supported to 2010",
        "contradicted to 2010",
        "supported",
    )
    short = assessed[assessed["n_covered"] < assessed["n_years"]]
    assert not set(short["verdict"]) & {claims.SUPPORTED, claims.CONTRADICTED}
    row = verdict(source="mme", instrument="exercise", after=2010.0, before=1970.0)
    assert (row["years"], row["n_years"], row["n_covered"]) == ("1970–2010", 41, 31)


def test_events_that_were_searched_for_are_on_record_and_no_more(assessed):
    own = assessed[assessed["source"] == "curated"]
    assert set(own["verdict"]) == {claims.ON_RECORD, claims.UNKNOWN}
    assert own.index[own["verdict"] == claims.UNKNOWN].tolist() == ["d6"]
    grew = {"test": "events_grew", "instrument": "exercise", "source": "curated", "partners": ""}
    assert verdict(**grew, before=2010.0, after=2025.0)["verdict"] == claims.ON_RECORD


def test_absence_from_a_list_that_was_searched_for_counts_neither_way(assessed):
    """Libya is in no exercise of the list; of the six others the first one is named."""
    assert assessed.loc["c1", "verdict"] == claims.ON_RECORD
    assert "Libya" not in assessed.loc["c1", "looks"]
    assert "none with Libya" in assessed.loc["c1", "reason"]


def test_a_first_place_has_a_test_of_its_own(assessed):
    """Of sixteen agreements three are with China: of redraws it is first in half, alone in a third.

    Oracle: the agreements drawn again in numpy alone.
    """
    row = assessed.loc["a4"]
    assert row["verdict"] == claims.MIXED
    rows = an.load("agreement", country="PAK", sources=["dcad"])
    rows = rows[rows["start"].dt.year.between(2006, 2010)]
    partners = rows["partner"].to_numpy()
    names = np.unique(partners)
    drawn = np.random.default_rng(5).choice(partners, size=(20_000, len(partners)))
    counts = (drawn[:, :, None] == names).sum(axis=1)
    own = counts[:, names == "CHN"]
    others = counts[:, names != "CHN"].max(axis=1, keepdims=True)
    first, alone = (f"{share:.2f}" for share in ((own >= others).mean(), (own > others).mean()))
    told = row["reason"].split("; ")[-1]
    found = [float(word.strip("%,")) / 100 for word in told.split() if word.endswith(("%", "%,"))]
    assert found == pytest.approx([float(first), float(alone)], abs=0.1)  # 100 draws


def test_shares_that_tie_are_not_alone_in_first_place():
    made = pd.DataFrame({"partner": ["AAA", "BBB", "CCC"], "weight": [2.0, 2.0, 1.0]})
    assert claim_shares.is_first(made, "AAA", alone=False)
    assert not claim_shares.is_first(made, "AAA", alone=True)
    assert claim_shares.is_first(made.drop(index=1), "AAA", alone=True)
    assert not claim_shares.is_first(made, "ZZZ", alone=False)


@pytest.mark.slow
def test_claims_and_the_report_on_isolation_print_the_same_of_1990_and_1998(assessed):
    """Before, after, peers and their median, read from the sentences of either."""
    study = an.events.study(an.events.table(), "PAK", draws=100, seed=1)
    printed = an.isolation.after_shocks("PAK", study)
    for part, year, what in (("e1", 1990, "arms imports"), ("e2", 1998, "joint exercises")):
        (line,) = re.findall(rf"\*\*{year}, [^*]*\*\*, {what}:.*", printed)
        told = re.search(
            r"(\S+) in (\S+), (\S+) in (\S+); of (\d+) peers the median changed by ([^;]+);", line
        )
        before, early, after, late, peers, median = told.groups()
        reason = assessed.loc[part, "reason"].replace("+", "")
        assert f"{before} effective partners in {early}, {after} in {late}; {peers} peers" in reason
        assert f"changed by {median} in the median" in reason


def test_a_verdict_on_a_shock_needs_five_peers_and_a_change_that_stands_out(assessed, monkeypatch):
    """Of arms in 1990 three peers are on record; all other numbers here are made up."""
    assert assessed.loc["e1", "verdict"] == claims.UNKNOWN
    assert assessed.loc["e1", "reason"].endswith("a verdict needs 5 peers")
    row = {
        "source": "sipri_tiv",
        "instrument": "arms",
        "measure_id": "hill_1",
        "status": "measured",
        "start_before": 1985,
        "end_before": 1989,
        "start": 1991,
        "end": 1995,
        "before": 2.0,
        "after": 9.0,
        "change": 7.0,
        "low": np.nan,
        "high": np.nan,
        "interval": "none",
        "interval_kind": "exact",
        "peers_low": -1.0,
        "peers_change": 0.0,
        "peers_high": 1.0,
    }
    out, usual = an.events.tables.STANDS_OUT, an.events.tables.USUAL
    for change, n_peers, said, expected in (
        (7.0, 12, out, claims.SUPPORTED),
        (7.0, 12, usual, claims.MIXED),
        (7.0, 4, out, claims.UNKNOWN),
        (-1.0, 5, usual, claims.CONTRADICTED),
        (-1.0, 4, usual, claims.UNKNOWN),
    ):
        found = pd.DataFrame([{**row, "change": change, "n_peers": n_peers, "verdict": said}])
        study = an.events.Study(found, found, found)
        monkeypatch.setattr(an.events.tables, "study", lambda *_, study=study, **__: study)
        shock = {"test": "more_diverse_after", "shock": "pressler-1990", "partners": ""}
        assert verdict(**shock, before=np.nan, after=np.nan)["verdict"] == expected


def test_specifications_are_distinct_and_their_windows_share_no_year(assessed):
    """Windows of seven years, five years apart, and two weightings of agreements of two states."""
    assert assessed.loc["b1", "specifications"] == 2
    assert "7 years" not in assessed.loc["b1", "looks"]
    row = verdict(
        test="more_diverse",
        instrument="agreement",
        source="dcad",
        partners="",
        before=1998.0,
        after=2008.0,
        threshold=np.nan,
    )
    assert "by fractional" not in str(row["looks"])


def test_money_of_different_years_is_compared_in_dollars_of_one_year(assessed):
    """The Greenbook's own constant dollars, added up from the ledger of the producer by hand."""
    row = assessed.loc["f2"]
    assert "4,872 million USD of 2020 in 1955–1964, 4,115 million in 1980–1989" in row["reason"]
    assert row["verdict"] == claims.MIXED  # by seven years and by five, the later were more


def test_every_specification_agrees_with_what_is_supported(assessed):
    for verdict_, share in ((claims.SUPPORTED, 1.0), (claims.CONTRADICTED, 0.0)):
        whole = {verdict_, claims.IN_PART[verdict_]}
        assert set(assessed.loc[assessed["verdict"].isin(whole), "agree"]) == {share}
    judged = assessed[~assessed["verdict"].isin([claims.UNKNOWN, claims.ON_RECORD])]
    assert (judged["specifications"] >= 2).all()


def test_the_table_of_parts_is_for_reading(assessed):
    rows = claims.parts_table(assessed.reset_index()).set_index("part")
    assert rows.loc["a1", ["verdict", "number", "years covered"]].tolist() == [
        "supported to 2021",
        "72.0%",
        "21 of 25",
    ]
    assert rows.loc["a1", "specifications that agree"] == "3 of 3"
    assert rows.loc["d2", "number"] == "44 (2 to 59)"
    assert rows.loc["g1", "number"] == "87.5%"


def test_what_has_no_interval_says_why(assessed):
    """Not only tables, censuses and counts have none: records that are too thin have none too."""
    notes = " ".join(an.claims.reading(assessed.reset_index()))
    assert "a1, a2, b3, c2, e1, e3: exact amounts" in notes
    assert "c3, e2: fewer than 10 exercises" in notes
    assert "c4: fewer than 10 agreements" in notes
    assert "d6, h2: a list" in notes


def test_of_a_sample_nothing_is_certain_without_draws():
    row = claims.assess(
        part(
            test="share_at_least",
            instrument="exercise",
            source="mme",
            partners="USA",
            after=2010.0,
            threshold=0.1,
        ),
        "PAK",
        draws=0,
        seed=1,
    ).iloc[0]
    assert row["verdict"] == claims.UNKNOWN
    grown = part(
        test="more_partners",
        instrument="exercise",
        source="mme",
        partners="",
        before=2000.0,
        after=2010.0,
        threshold=np.nan,
    )
    assert claims.assess(grown, "PAK", draws=10, seed=1)["verdict"].tolist() == [claims.UNKNOWN]


def test_what_no_source_covers_is_not_judged():
    row = verdict(test="not_measurable", source="", partners="")
    assert row["verdict"] == claims.UNKNOWN
    assert pd.isna(row["estimate"])
    assert claims.parts_table(pd.DataFrame([row]))["number"].tolist() == ["–"]
    assert (
        verdict(
            test="events_grew",
            instrument="exercise",
            source="mme",
            partners="",
            before=2010.0,
            after=2020.0,
        )["verdict"]
        == claims.UNKNOWN
    )


# --- verdicts turn with the data -----------------------------------------------------------------


def test_the_border_decides():
    assert verdict(threshold=0.5)["verdict"] == claims.SUPPORTED
    assert verdict(threshold=0.9)["verdict"] == claims.CONTRADICTED
    assert verdict(threshold=0.5, test="share_below")["verdict"] == claims.CONTRADICTED
    assert verdict(threshold=0.9, test="share_below")["verdict"] == claims.SUPPORTED


def test_growth_turned_round_is_contradicted():
    assert verdict(test="share_grew", before=2012.0)["verdict"] == claims.SUPPORTED
    assert verdict(test="share_grew", partners="USA", before=2012.0)["verdict"] == (
        claims.CONTRADICTED
    )


def test_bounds_that_reach_to_both_sides_are_mixed():
    row = verdict(source="sipri_register", threshold=0.7)
    assert row["low"] < 0.7 < row["high"]
    assert row["verdict"] == claims.MIXED
    assert row["interval"].startswith("bounds")


def test_a_list_that_was_searched_for_cannot_contradict():
    row = verdict(test="recorded", instrument="production", source="curated", threshold=1000.0)
    assert row["verdict"] == claims.UNKNOWN
    assert "more may have taken place" in row["reason"]


def test_few_events_are_mixed_and_many_are_not():
    """5 and 27: log ratio 1.61 ± 0.92. 8 and 13: 0.46 ± 0.86, which reaches below 0."""
    grown = {"test": "events_grew", "instrument": "exercise", "source": "mme", "after": 2010.0}
    row = verdict(**grown, partners="", before=2000.0)
    half = 1.959964 * (1 / 27.5 + 1 / 5.5) ** 0.5
    assert row["low"] == pytest.approx(5 * np.exp(-half), rel=1e-6)
    assert row["verdict"] == claims.SUPPORTED
    few = verdict(**grown, partners="TUR SAU ARE QAT KWT BHR OMN", before=2005.0)
    assert few["verdict"] == claims.MIXED


def test_first_partner():
    first = {"test": "first_partner", "instrument": "exercise", "source": "mme", "after": 2010.0}
    assert verdict(**first, partners="USA")["verdict"] == claims.MIXED  # alone in 9 of 10 redraws
    assert verdict(test="first_partner")["verdict"] == claims.SUPPORTED
    assert verdict(**first, partners="CHN")["verdict"] == claims.CONTRADICTED


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["supported", "supported"], "supported"),
        (["supported", claims.UNKNOWN], "supported"),
        (["contradicted", "contradicted"], "contradicted"),
        (["supported", "contradicted"], "mixed"),
        (["mixed", "supported"], "mixed"),
        ([claims.UNKNOWN], claims.UNKNOWN),
        (["supported", claims.IN_PART["supported"]], claims.IN_PART["supported"]),
        ([claims.IN_PART["supported"], "contradicted"], "mixed"),
        ([claims.ON_RECORD, claims.UNKNOWN], claims.ON_RECORD),
        ([claims.ON_RECORD, "contradicted"], "contradicted"),
    ],
)
def test_a_claim_is_summed_up_from_its_parts(parts, whole):
    table = pd.DataFrame({"claim": "x", "text": "t", "verdict": parts})
    row = claims.verdicts(table).iloc[0]
    assert row["verdict"] == whole
    assert sum(row[name] for name in claims.VERDICTS) == len(parts)
    told = claims.overview(claims.verdicts(table))["parts"].iloc[0]
    assert all(f"{parts.count(name)} {name}" in told for name in set(parts))


# --- tables of one's own -------------------------------------------------------------------------


def write(table, path):
    table.to_csv(path, index=False)
    return path


def test_the_shipped_table_covers_the_claims_of_the_essay(table):
    assert list(dict.fromkeys(table["claim"])) == list("abcdefgh")
    assert set(table["test"]) <= set(claims.TESTS)


def test_the_years_of_every_part_bind_what_it_counts(table):
    """All rows: a year in which something is counted lies within the years of the part."""
    for row in table.itertuples():
        first, last = (float(year) for year in row.years.split("-"))
        assert np.isnan(row.after) or first <= row.after <= last, row.part
        if row.test in ("recorded", "parties_at_least", "among_first", "contribution_at_least"):
            assert first <= row.before <= last, row.part
    words = {"ten years": 10, "twenty years": 20}
    for row in table.itertuples():
        for text, years in words.items():
            if f"than {text} before" in row.part_text:
                assert row.after - row.before == years, row.part


def test_every_border_of_the_shipped_table_says_where_it_is_from(table):
    needs = table["threshold"].notna()
    assert (table["border"].ne("") == needs).all(), table.loc[needs, "part"].tolist()


def test_what_the_rules_changed_is_told_for_every_part(table, assessed):
    changed = claims.changes(assessed.reset_index())
    assert set(changed["part"]) <= set(table["part"])
    other = changed.set_index("part")
    for name in ("a3", "a4", "c3", "c4", "d2", "e2", "f2"):
        assert other.loc[name, "earlier"] == "supported"
        assert other.loc[name, "now"] != "supported"
    assert changed["why"].str.len().min() > 10
    assert claims.changes(assessed.reset_index(), "mine").empty
    assert claims.changes(assessed.reset_index().iloc[:0]).empty


def test_a_table_of_ones_own_is_read_and_a_path_is_no_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path))
    (tmp_path / "claims").mkdir()
    write(part(after="2021"), tmp_path / "claims" / "mine.csv")
    write(part(), tmp_path / "secret.csv")
    assert claims.table("mine")["part"].tolist() == ["x1"]
    for name in ("../secret", "/etc/passwd", "yours", ""):
        with pytest.raises(ParameterError, match="There are: mine"):
            claims.table(name)


#: what is wrong with one row -> what is said of it
WRONG = [
    ({"test": "guess"}, "'guess'; it is one of share_at_least"),
    ({"source": "rumours"}, "'rumours'"),
    ({"partners": "CHN XXQ"}, "XXQ: no ISO3"),
    ({"state": "../X"}, "../X: no ISO3"),
    ({"partners": "BGD", "after": "1970"}, "BGD: no such state in the years to 1970"),
    ({"state": "SSD", "after": "2005"}, "SSD: no such state in the years to 2005"),
    ({"after": "soon"}, "'soon'; a year"),
    ({"after": "1e308"}, "'1e308'; a year"),
    ({"text": ""}, "text is empty"),
    ({"text": "   "}, "text is empty"),
    ({"threshold": ""}, "share_at_least needs threshold"),
    ({"threshold": "50"}, "a share from 0 to 1"),
    ({"threshold": "nan"}, "'nan'; a number"),
    ({"partners": ""}, "share_at_least needs partners"),
    ({"source": ""}, "share_at_least needs source"),
    ({"instrument": "tanks"}, "'tanks'; it is one of arms"),
    ({"instrument": "exercise"}, "sipri_tiv is about arms, not exercise"),
    ({"source": "curated"}, "needs a systematic source"),
    ({"years": "2025-2001"}, "two years are expected"),
    ({"years": "2001-2020"}, "after is 2021, outside the years of the part, 2001-2020"),
    ({"shock": "rain"}, "'rain'; the table of shocks has none"),
    ({"events": "EX"}, "share_at_least takes no events"),
    ({"test": "share_grew", "before": "2021"}, "before must be earlier"),
    ({"test": "share_grew", "before": "2012", "partners": "first"}, "first cannot stand"),
    ({"test": "first_partner", "partners": "CHN USA"}, "takes 1 partner, and there are 2"),
    ({"test": "more_diverse", "before": "2012"}, "takes no partners"),
    ({"test": "recorded"}, "counts events; source sipri_tiv records TIV million"),
]


def test_all_faults_are_named_with_their_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(user_tables, "_NAMED", 99)
    wrong = [part(part=f"x{n}", **{"after": "2021", **one}) for n, (one, _) in enumerate(WRONG)]
    with pytest.raises(SourceFileError) as told:
        claims.read(write(pd.concat([*wrong, part(part="x0")]), tmp_path / "wrong.csv"))
    lines = str(told.value).splitlines()
    for number, (_, text) in enumerate(WRONG, start=2):
        own = [line for line in lines if f"row {number}: " in line]
        assert [line for line in own if text in line], (text, own)
    assert "x0 is there twice" in lines[-1]


def test_of_many_faults_the_first_are_told(tmp_path):
    wrong = pd.concat([part(part=f"x{n}", test="guess") for n in range(30)])
    with pytest.raises(SourceFileError) as told:
        claims.read(write(wrong, tmp_path / "wrong.csv"))
    assert str(told.value).endswith("and 10 more")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        bytes(range(256)),
        b"<html>",
        b"claim;state\n1;2\n",
        b'claim,state\n"abc',
        b"claim,state\na,b,c,d\n",
        "claim\n\xe9".encode("latin-1"),
        b"x" * 1_000_001,
    ],
)
def test_a_file_that_is_no_table_of_claims_is_refused(content, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"mine\.csv"):
        claims.read(path)


def test_a_table_is_taken_in_under_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path / "imports"))
    one = part(state="IND", after=2021)
    counts = claims.import_table(write(one, tmp_path / "mine.csv"))
    assert counts.to_dict("records") == [{"state": "IND", "claims": 1, "parts": 1}]
    assert claims.table("mine")["state"].tolist() == ["IND"]
    with pytest.raises(ParameterError, match="cannot name"):
        claims.import_table(write(one, tmp_path / "My Claims.csv"))
    with pytest.raises(SourceFileError):
        claims.import_table(write(part(test="guess"), tmp_path / "bad.csv"))
    assert [path.name for path in (tmp_path / "imports" / "claims").glob("*.csv")] == ["mine.csv"]


def test_a_table_without_a_column_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match=r"column\(s\) threshold are missing"):
        claims.read(write(part().drop(columns="threshold"), tmp_path / "short.csv"))


def test_hostile_texts_are_only_texts():
    hostile = "<script>alert(1)</script> [a](http://b.c) $x$"
    found = claims.assess(part(text=hostile, part_text=hostile), "PAK", draws=0, seed=1)
    told = an.claims.claim_by_claim(found)
    assert "<script>" not in told
    ax = verdicts(found)
    assert "<script>" in ax.get_yticklabels()[0].get_text().replace("\n", "")


# --- what is shown -------------------------------------------------------------------------------


def test_the_figure_has_a_mark_for_each_part(assessed):
    rows = assessed.reset_index()
    ax = verdicts(rows)
    columns = [int(line.get_xdata()[0]) for line in ax.lines]
    assert columns == [claims.VERDICTS.index(v) for v in rows["verdict"]]
    shown = [text.get_text() for text in ax.texts if text.get_gid() == "value"]
    assert shown[:2] == ["3 of 3, to 2021"] * 2
    told = describe_verdicts(rows)
    assert "g1" in told
    assert "not measurable" in told


def test_kinds_of_tie_are_set_beside_arms_over_the_years_both_cover():
    """Three pacts of one state are one partner, and a series that ends earlier is no other's."""
    rows = [
        ("arms", "tiv", end, partner, share)
        for end, share in ((2000, 3.0), (2010, 1.0))
        for partner, share in (("CHN", share), ("USA", 1.0))
    ]
    rows += [("alliance/defense", "a", end, "USA", 1.0) for end in (2000, 2010)]
    rows += [("alliance/consultation", "a", 2010, "USA", 1.0), ("exercise", "m", 2010, "TUR", 1.0)]
    made = pd.DataFrame(rows, columns=["instrument", "source", "end", "partner", "weight"])
    made = made.assign(
        country="PAK",
        start=made["end"],
        status="measured",
        event_id="e",
        weighting="count",
        window=1,
        basis="flow",
        weight_low=made["weight"],
        weight_high=made["weight"],
        source=made["source"].map({"tiv": "sipri_tiv", "a": "atop", "m": "mme"}),
    )
    table = claims.sides_table(made)
    assert table["kind"].tolist() == ["alliance"]
    assert table[["start", "end", "partners_first", "partners_last"]].iloc[0].tolist() == [
        2000,
        2010,
        1,
        1,
    ]
    assert table[["share_first", "share_last"]].iloc[0].tolist() == [0.75, 0.5]
    assert "2000 to 2010: partners on record 1 → 1" in an.claims.note_on_both_sides("PAK", table)


def test_a_state_without_claims_is_told_so(table):
    found = claims.assess(table, "LUX", draws=0, seed=1)
    assert found.empty
    assert "no claim about Luxembourg" in an.claims.opening("LUX", claims.verdicts(found))
    assert describe_verdicts(found).startswith("A figure without content")
