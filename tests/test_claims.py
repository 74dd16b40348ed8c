"""Claims held against the record: against published figures, and by rules that cut both ways."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis import claims, own_tables
from analysis.errors import ParameterError, SourceFileError
from analysis.plot_claims import describe_verdicts, verdicts


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
        "claim": "x", "state": "PAK", "text": "A claim", "part": "x1", "part_text": "A part",
        "test": "share_at_least", "instrument": "arms", "source": "sipri_tiv", "partners": "CHN",
        "events": "", "before": np.nan, "after": 2021.0, "threshold": 0.5, "years": "",
    }  # fmt: skip
    return pd.DataFrame([{**row, **changed}])


def verdict(**changed):
    return claims.assess(part(**changed), "PAK", draws=50, seed=1).iloc[0]


# --- published figures ---------------------------------------------------------------------------


def test_shares_are_those_that_were_published(assessed):
    """SIPRI: China 72.0% in 2017-21."""
    assert assessed.loc["a1", "estimate"] == pytest.approx(0.720, abs=5e-4)
    assert assessed.loc["a1", "verdict"] == claims.SUPPORTED


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
    assert assessed.loc["c5", "reason"] == "38 in 2018, 2 in 2003"


def test_editions_of_aman_are_those_on_record(assessed):
    """37 states in 2017, 50 in 2023, 60 in 2025; 28 and 46 in between."""
    row = assessed.loc["d2"]
    assert (row["low"], row["estimate"], row["high"]) == (28, 46, 60)


def test_dependence_and_variety_are_both_told(assessed):
    """Arms became less diverse while exercises became more so: the page must show both."""
    assert assessed.loc["c2", "verdict"] == claims.CONTRADICTED
    assert assessed.loc["c3", "verdict"] == claims.SUPPORTED
    assert assessed.loc["a2", "verdict"] == claims.SUPPORTED


def test_years_of_a_claim_that_its_source_covers_are_counted(assessed):
    """SIPRI's tables end in 2021, MME in 2010; the claims speak of 2001-2025."""
    assert assessed.loc[["a1", "c3", "d2", "g1"], "n_covered"].tolist() == [21, 10, 25, 24]
    assert assessed.loc["a1", "years"] == "2001–2025"
    row = verdict(source="mme", instrument="exercise", after=2010.0, before=1970.0)
    assert (row["years"], row["n_years"], row["n_covered"]) == ("1970–2010", 41, 31)


def test_every_part_that_is_judged_says_how_many_specifications_agree(assessed):
    known = assessed[assessed["verdict"] != claims.UNKNOWN]
    assert known["agree"].notna().all()
    assert (known["specifications"] >= 2).all()
    supported = known.loc[known["verdict"] == claims.SUPPORTED, "agree"]
    assert supported.min() >= claims.AGREE


def test_the_table_of_parts_is_for_reading(assessed):
    rows = claims.laid_out(assessed.reset_index()).set_index("part")
    assert rows.loc["a1", ["number", "years covered"]].tolist() == ["72.0%", "21 of 25"]
    assert rows.loc["d2", "number"] == "46 (28 to 60)"
    assert rows.loc["g1", "number"] == "87.5%"


def test_what_no_source_covers_is_not_judged():
    row = verdict(test="not_measurable", source="", partners="")
    assert row["verdict"] == claims.UNKNOWN
    assert pd.isna(row["estimate"])
    assert claims.laid_out(pd.DataFrame([row]))["number"].tolist() == ["–"]
    assert verdict(test="events_grew", instrument="exercise", source="mme", partners="",
                   before=2010.0, after=2020.0)["verdict"] == claims.UNKNOWN  # fmt: skip


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
    assert "searching" in row["reason"]


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
    assert verdict(**first, partners="USA")["verdict"] == claims.SUPPORTED
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
    ],
)
def test_a_claim_is_summed_up_from_its_parts(parts, whole):
    table = pd.DataFrame({"claim": "x", "text": "t", "verdict": parts})
    row = claims.verdicts(table).iloc[0]
    assert row["verdict"] == whole
    assert sum(row[name] for name in claims.VERDICTS) == len(parts)


# --- tables of one's own -------------------------------------------------------------------------


def write(table, path):
    table.to_csv(path, index=False)
    return path


def test_the_shipped_table_covers_the_claims_of_the_essay(table):
    assert list(dict.fromkeys(table["claim"])) == list("abcdefgh")
    assert set(table["test"]) <= set(claims.TESTS)


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
    ({"events": "EX"}, "share_at_least takes no events"),
    ({"test": "share_grew", "before": "2021"}, "before must be earlier"),
    ({"test": "share_grew", "before": "2012", "partners": "first"}, "first cannot stand"),
    ({"test": "first_partner", "partners": "CHN USA"}, "takes 1 partner, and there are 2"),
    ({"test": "more_diverse", "before": "2012"}, "takes no partners"),
    ({"test": "recorded"}, "counts events; source sipri_tiv records TIV million"),
]


def test_all_faults_are_named_with_their_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(own_tables, "_TOLD", 99)
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
        b"", bytes(range(256)), b"<html>", b"claim;state\n1;2\n", b'claim,state\n"abc',
        b"claim,state\na,b,c,d\n", "claim\n\xe9".encode("latin-1"), b"x" * 1_000_001,
    ],
)  # fmt: skip
def test_a_file_that_is_no_table_of_claims_is_refused(content, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(SourceFileError, match=r"mine\.csv"):
        claims.read(path)


def test_a_table_is_taken_in_under_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path / "imports"))
    one = part(state="IND", after=2021)
    counts = claims.take_in(write(one, tmp_path / "mine.csv"))
    assert counts.to_dict("records") == [{"state": "IND", "claims": 1, "parts": 1}]
    assert claims.table("mine")["state"].tolist() == ["IND"]
    with pytest.raises(ParameterError, match="cannot name"):
        claims.take_in(write(one, tmp_path / "My Claims.csv"))
    with pytest.raises(SourceFileError):
        claims.take_in(write(part(test="guess"), tmp_path / "bad.csv"))
    assert [path.name for path in (tmp_path / "imports" / "claims").iterdir()] == ["mine.csv"]


def test_a_table_without_a_column_is_refused(tmp_path):
    with pytest.raises(SourceFileError, match=r"column\(s\) threshold are missing"):
        claims.read(write(part().drop(columns="threshold"), tmp_path / "short.csv"))


def test_hostile_texts_are_only_texts():
    hostile = "<script>alert(1)</script> [a](http://b.c) $x$"
    found = claims.assess(part(text=hostile, part_text=hostile), "PAK", draws=0, seed=1)
    told = an.prose_claims.claim_by_claim(found)
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
    assert shown == [f"{share:.0%}" for share in rows["agree"].dropna()]
    told = describe_verdicts(rows)
    assert "g1" in told
    assert "not measurable" in told


def test_a_state_without_claims_is_told_so(table):
    found = claims.assess(table, "LUX", draws=0, seed=1)
    assert found.empty
    assert "no claim about Luxembourg" in an.prose_claims.opening("LUX", claims.verdicts(found))
    assert describe_verdicts(found).startswith("A figure without content")
