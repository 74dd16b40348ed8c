"""Tables of portfolios give what arrays made by hand give."""

import numpy as np
import pandas as pd
import pytest

import analysis as an
from analysis.errors import ParameterError
from analysis.studies.change import between

ORDERS = [0, 1, 2]


@pytest.fixture(scope="module")
def pakistan():
    return an.portfolio(an.load(country="PAK"), years=(2000, 2024))


def array(made, **chosen):
    """Instruments, or windows, by partners, of the shipped ledger's own rows."""
    rows = made[(made["status"] == "measured")]
    for name, value in chosen.items():
        rows = rows[rows[name] == value]
    keys = [n for n in ("source", "instrument", "end") if n not in chosen]
    parts = sorted(set(rows[keys].itertuples(index=False, name=None)))
    partners = sorted(set(rows["partner"]))
    out = np.zeros((len(parts), len(partners)))
    for row in rows.itertuples():
        key = tuple(getattr(row, name) for name in keys)
        out[parts.index(key), partners.index(row.partner)] += row.weight
    return out, partners


def test_instruments_are_parts_of_a_whole(pakistan):
    made = pakistan[pakistan["source"].isin(["sipri_tiv", "mme"])]
    found = between.instruments(made, order=ORDERS)
    assert list(found.columns) == between.INSTRUMENTS
    row = found[(found["end"] == 2010)]
    weights, partners = array(made, end=2010)
    assert len(weights) == 2
    for name in ("alpha", "beta", "gamma"):
        np.testing.assert_allclose(row[name], getattr(an.partition, name)(weights, ORDERS))
    np.testing.assert_allclose(row["alpha"] * row["beta"], row["gamma"])
    assert set(row["parts"]) == {"mme exercise; sipri_tiv arms"}
    assert set(row["n_partners"]) == {len(partners)}
    assert row["beta"].between(1, 2).all()


def test_distances_are_aligned_by_label_and_what_they_lack_is_told(pakistan):
    made = pakistan[pakistan["source"].isin(["sipri_tiv", "mme"]) & (pakistan["end"] == 2010)]
    distances = an.distances("ideal_point")
    found = between.instruments(made, distances=distances).iloc[0]
    weights, partners = array(made)
    apart = distances(2006, 2010)
    known = [p in apart.index for p in partners]
    names = [p for p in partners if p in apart.index]
    similarity = 1 - apart.loc[names, names].to_numpy()
    expected = an.partition.beta(weights[:, known], similarity=similarity)
    assert found["beta"] == pytest.approx(float(expected), rel=1e-12)
    lost = 1 - weights[:, known].sum(axis=1) / weights.sum(axis=1)
    assert found["weight_without_distance"] == pytest.approx(lost.mean(), abs=1e-12)
    shuffled = apart.sample(frac=1, random_state=1).sample(frac=1, axis=1, random_state=2)
    again = between.instruments(made, distances=shuffled).iloc[0]
    assert again["beta"] == pytest.approx(found["beta"], rel=1e-12)


def test_windows_that_overlap_are_left_out(pakistan):
    made = pakistan[pakistan["source"] == "sipri_tiv"]
    found = between.windows(made).iloc[0]
    own = made[made["end"].isin([2021, 2016, 2011, 2006, 2001])]  # the source ends in 2021
    assert found["parts"] == "1997–2001; 2002–2006; 2007–2011; 2012–2016; 2017–2021"
    assert (found["start"], found["end"], found["n_parts"]) == (1997, 2021, 5)
    assert found["beta"] == pytest.approx(float(an.partition.beta(array(own)[0])), rel=1e-12)


def test_partners_that_never_change_are_one_window():
    never = pd.DataFrame(
        {
            "country": "PAK",
            "source": "mme",
            "instrument": "exercise",
            "start": [2000, 2001] * 2,
            "end": [2000, 2001] * 2,
            "event_id": list("abcd"),
            "partner": ["CHN", "CHN", "TUR", "TUR"],
            "weight": 1.0,
            "weight_low": 1.0,
            "weight_high": 1.0,
            "weighting": "count",
            "window": 1,
            "basis": "flow",
            "status": "measured",
        }
    )
    assert between.windows(never, order=ORDERS)["beta"].tolist() == pytest.approx([1, 1, 1])
    found = between.turnovers(never).iloc[0]
    assert (found["n_stayed"], found["entry"], found["survival"]) == (2, 0, 1)
    assert found["bray_curtis"] == 0


def test_who_came_and_went(pakistan):
    found = between.turnovers(pakistan)
    assert list(found.columns) == between.TURNOVER
    row = found[(found["source"] == "sipri_tiv") & (found["end"] == 2020)].iloc[0]
    before, after = (
        pakistan[
            (pakistan["source"] == "sipri_tiv")
            & (pakistan["end"] == end)
            & (pakistan["status"] == "measured")
        ]
        .groupby("partner")["weight"]
        .sum()
        for end in (2015, 2020)
    )
    assert row["before"] == 2015
    assert row["n_stayed"] == len(before.index.intersection(after.index))
    assert row["entry"] == pytest.approx(len(after.index.difference(before.index)) / len(after))
    both = pd.concat([before, after], axis=1).fillna(0).to_numpy().T
    assert row["jaccard"] == pytest.approx(float(an.turnover.jaccard(*both)))
    assert row["bray_curtis"] == pytest.approx(float(an.turnover.bray_curtis(*both)))
    relative = float(an.turnover.bray_curtis(*both, relative=True))
    assert row["bray_curtis_of_shares"] == pytest.approx(relative)


def test_what_is_not_measured_is_missing_and_says_why():
    made = an.portfolio(an.load(country=["KIR", "SSD"]), years=(1990, 2024))
    for found in (between.turnovers(made), between.windows(made), between.instruments(made)):
        measures = found.columns.intersection(["alpha", "beta", "gamma", "entry", "jaccard"])
        missing = found["status"] != "measured"
        assert found.loc[missing, measures].isna().all(axis=None)
        assert found.loc[missing, "status"].isin(["empty", "not_covered", "not_in_system"]).all()
    early = between.instruments(made).query("country == 'SSD' and end == 2000").iloc[0]
    assert early["status"] in ("not_in_system", "not_covered")
    assert early["n_parts"] == 0


def test_a_window_without_an_earlier_one_has_no_turnover(pakistan):
    flows = pakistan[pakistan["basis"] == "flow"]
    found = between.turnovers(flows)
    assert found["end"].min() == 2005
    assert between.turnovers(flows[flows["end"] == 2010]).empty


def test_what_cannot_be_is_refused(pakistan):
    with pytest.raises(ParameterError, match="order"):
        between.instruments(pakistan, order=-1)
    with pytest.raises(ParameterError, match="emphasis"):
        between.windows(pakistan, emphasis="most")
