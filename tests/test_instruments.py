"""A new instrument is one declaration, and a new source one folder: nothing else names them."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from test_site import measured, put

import analysis as an
from analysis import paths, words
from analysis.report.site import index
from analysis.sources import ledger, sidecars, store
from analysis.sources.audit import Audit

DRILL = words.Instrument("drill", "joint drills", "drill")
ATTENDANCE = words.Instrument("patrol/escort", "escort patrols", "patrol", is_stock=True)
PATROL = words.Instrument("patrol", "patrols", "patrol", is_stock=True)


def ties(source: str, instrument: str, flags: str) -> pd.DataFrame:
    """Pakistan's ties with three states, twelve of them from 1990 to 2001; both ways round."""
    rows = []
    for year in range(1990, 2002):
        partner = ("CHN", "TUR", "CHN", "USA")[year % 4]
        for one, other in (("PAK", partner), (partner, "PAK")):
            rows.append(
                {
                    "source": source,
                    "event_id": f"e{year}",
                    "instrument": instrument,
                    "country": one,
                    "partner": other,
                    "direction": "mutual",
                    "start": f"{year}-06-01",
                    "end": f"{year + 2}-06-01",
                    "date_precision": "day",
                    "value": 1.0,
                    "unit": "event",
                    "parties": 2,
                    "flags": flags,
                }
            )
    table = pd.DataFrame(rows).reindex(columns=ledger.COLUMNS)
    table = table.astype(ledger.blank().dtypes).sort_values(ledger.KEY, ignore_index=True)
    ledger.check(table)
    return table


@pytest.fixture
def new(tmp_path, monkeypatch):
    """A source of each new instrument, as if it had been imported."""
    monkeypatch.setenv("PARTNERSHIPS_IMPORTS", str(tmp_path))
    for one in (DRILL, PATROL, ATTENDANCE):
        monkeypatch.setitem(words.INSTRUMENTS, one.key, one)
    shipped = an.catalog.get("mme")
    for key, instrument, flags in (("drills", "drill", ""), ("patrols", "patrol", "escort")):
        fields = {name: getattr(shipped, name) for name in sidecars.FIELDS if name != "files"}
        fields |= {
            "short": key.upper(),
            "title": f"A made-up record of {key}",
            "instrument": instrument,
            "coverage": {"years": [1990, 2005], "countries": "all", "note": "All."},
            "sampling": {"unit": instrument, "systematic": True, "note": "Made up."},
        }
        table = ledger.pack(ties(key, instrument, flags))
        store.write_source(
            tmp_path / key,
            fields,
            tables={"ledger.csv": table},
            audits=[Audit(key, "made-up.csv", 24)],
        )
    assert paths.imports_dir() == tmp_path


def test_a_new_instrument_goes_from_its_record_to_the_site(new, tmp_path):
    records = an.load("drill", country="PAK")
    assert len(records) == 12
    made = an.selections.portfolios("PAK", start=1995, end=2005)
    assert {"drill", "patrol/escort"} <= set(made["instrument"])
    found = an.battery.effective(an.selections.latest(made), draws=20, seed=1)
    drills = found[found["instrument"] == "drill"].iloc[0]
    assert drills["status"] == "measured"
    text = an.country_profile.opening("PAK", an.shares(an.selections.latest(made)), found)
    assert "**Joint drills, 2001–2005**: " in text
    assert "DRILLS; 5-year window, each drill counts in full for every partner" in text
    coverage = an.coverage.coverage_of("drill", country="PAK", start=1990, end=2005)
    assert coverage["source"].tolist() == ["drills"]
    assert "record of drills covers 1990–2005" in an.text.limits("PAK", coverage)
    assert "Joint drills" in an.plot.describe_trend(found[found["instrument"] == "drill"])
    plt.close(an.plot.coverage(coverage).figure)
    assert words.instrument_rank("drill") > words.instrument_rank("training")


def test_the_site_names_a_new_instrument_last(new, tmp_path):
    out = tmp_path / "reports"
    rows = [measured(2005, 3.0, source=one, instrument=one[:-1]) for one in ("drills", "patrols")]
    put(out, headline="".join([*rows, measured(2010, 4.0, source="mme")]))
    assert index.write(out) == []
    page = (out / "index.html").read_text("utf-8")
    names = [page.index(name) for name in ("Joint exercises", "Joint drills", "Patrols")]
    assert names == sorted(names)
    assert "DRILLS" in page


def test_the_obligations_of_a_new_instrument_are_kept_apart(new):
    made = an.selections.portfolios("PAK", start=1995, end=2000, instruments=("patrol",))
    assert set(made["instrument"]) == {"patrol/escort"}
    assert set(made["basis"]) == {"stock"}
    assert (made["end"] == made["start"]).all()
