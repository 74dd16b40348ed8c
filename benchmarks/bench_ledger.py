"""Portfolios of every state in the shipped ledger, measured with 1,000 bootstrap draws each.

    python benchmarks/bench_ledger.py

Peak memory is that of the whole process, with the ledger in it.
"""

import resource
from collections.abc import Callable
from time import perf_counter

import pandas as pd

import analysis as an
from analysis.portfolios.panel import PORTFOLIO

DRAWS = 1_000
ORDERS = (0, 1, 2)


def timed(name: str, work: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    began = perf_counter()
    made = work()
    print(f"{name:52}{perf_counter() - began:8.1f} s{len(made):>12,} rows")
    return made


def main() -> None:
    began = perf_counter()
    records = timed("load", an.load)
    made = timed("portfolio", lambda: an.portfolio(records))
    timed("shares", lambda: an.shares(made))
    for order in ORDERS:
        timed(f"measure, hill, q = {order}", lambda q=order: an.measure(made, an.hill, order=q))
    apart = an.distances("ideal_point")
    timed("measure, rao, by ideal points", lambda: an.measure(made, an.rao, distances=apart))
    drawing = perf_counter()
    for order in ORDERS:
        measured = timed(
            f"measure, hill, q = {order}, {DRAWS:,} draws",
            lambda q=order: an.measure(made, an.hill, order=q, draws=DRAWS, seed=1),
        )
    ended = perf_counter()
    kinds = measured["interval"].value_counts()
    print(f"\ndraws of all orders {ended - drawing:.1f} s; everything {ended - began:.1f} s")
    # Linux counts in kibibytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MiB")
    print(
        f"{len(made.drop_duplicates(PORTFOLIO)):,} portfolios; {made['country'].nunique()} states"
    )
    print(kinds.rename_axis(None).to_string())


if __name__ == "__main__":
    main()
