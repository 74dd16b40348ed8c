"""The readers of the fuzz run: valid inputs are read, and what failed once stays mended."""

import pytest
from fuzz import readers, run

READERS = readers.all_readers()

#: cases in which a reader ended in a traceback: its name, and seeds of `tests.fuzz`
FAILED = {
    "capitals": (17, 62), "countries": (1, 2, 4, 5, 18, 26, 27, 32, 39, 42, 66, 74, 5213),
    "rivalries": (62,), "un_votes": (89, 20246), "unga": (37, 41, 5097), "fmtrpt": (5160,),
    "greenbook": (5172,), "us_troops": (5202,), "mme": (5213,), "shocks": (5213,), "vdem": (4,),
}  # fmt: skip


@pytest.mark.parametrize("name", READERS)
def test_the_valid_input_is_read(name):
    assert run.case(READERS[name], None)


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_some_mutations_are_read_or_refused(name):
    for seed in range(5):
        run.case(READERS[name], seed)


@pytest.mark.parametrize(
    ("name", "seed"), [(n, seed) for n, seeds in FAILED.items() for seed in seeds]
)
def test_what_failed_once_does_not_fail_again(name, seed):
    run.case(READERS[name], seed)
