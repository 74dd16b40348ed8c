import pytest

from analysis.sources.audit import Audit


def test_counts_add_up_to_the_rows_read():
    """Kept, set aside and refused partition the rows; notes on cells take no row out."""
    audit = Audit("demo", "demo.csv", rows_read=10)
    audit.note("set_aside", "organisation", row=3, column="StateB", value="NATO")
    audit.note("set_aside", "only one state", row=4, scope="row")
    audit.note("refused", "no date", row=5, scope="row")
    audit.note("refused", "no state", row=5, scope="row")
    audit.note("changed", "end before start", row=6, column="end")
    rows = audit.summary().query("scope == 'row'").set_index("outcome")["rows"]
    assert rows["read"] == 10
    assert rows["kept"] == 8
    assert rows.drop("read").sum() == rows["read"]
    cells = audit.summary().query("scope == 'cell'").set_index("reason")["rows"]
    assert cells.to_dict() == {"end before start": 1, "organisation": 1}


def test_an_unknown_action_is_a_programming_error():
    with pytest.raises(ValueError, match="dropped"):
        Audit("demo", "demo.csv", rows_read=1).note("dropped", "why", row=1)
