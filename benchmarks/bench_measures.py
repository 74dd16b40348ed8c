"""Hill numbers of 20,000 portfolios, beside other ways to compute them on the same data.

    python benchmarks/bench_measures.py

Every way is checked against the first before it is timed. Times are by the clock, so nothing else
should run: medians of several runs, one after another in one process; ratios are to the first row
of each table. Long tables we measure on all cores, everything else has one, matrix products too.
sentropy computes with numpy, as it does unless told otherwise; where there is no torch, which it
imports all the same, a class stands in for it.
"""

import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from importlib.util import find_spec
from platform import python_version
from statistics import median
from time import perf_counter
from types import ModuleType

# before numpy is loaded
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pandas as pd
from skbio.diversity import alpha_diversity

from analysis.measures._arrays import CORES
from analysis.measures.diversity import hill
from analysis.measures.effective import hill_of_rows
from analysis.measures.similarity import leinster_cobbold

N_PORTFOLIOS, N_PARTNERS = 20_000, 200
ORDERS = [0, 1, 2]
RUNS, RUNS_OF_SLOW = 25, 3
SLOW = 0.5  # seconds


def portfolios(filled: float) -> np.ndarray:
    """Weights of shape (N_PORTFOLIOS, N_PARTNERS), whole numbers; none of them empty."""
    rng = np.random.default_rng(0)
    w = rng.integers(1, 100, size=(N_PORTFOLIOS, N_PARTNERS)).astype(float)
    w[rng.random(w.shape) >= filled] = 0.0
    w[~w.any(axis=1), 0] = 1.0
    return w


def long_table(w: np.ndarray) -> pd.DataFrame:
    """One row a portfolio and partner; partners are named, as in the ledger."""
    portfolio, partner = np.nonzero(w)
    names = np.array([f"P{k:03}" for k in range(N_PARTNERS)])
    made = {"portfolio": portfolio, "partner": names[partner], "weight": w[w > 0]}
    return pd.DataFrame(made).astype({"partner": "str"})


def scikit_bio(w: np.ndarray) -> np.ndarray:
    return np.column_stack([alpha_diversity("hill", w, order=q).to_numpy() for q in ORDERS])


def wide(table: pd.DataFrame) -> np.ndarray:
    """The array that other packages want, from a long table."""
    return table.pivot(index="portfolio", columns="partner", values="weight").fillna(0.0).to_numpy()


def sentropy_of(w: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """What sentropy has for each portfolio: its "normalised alpha" is a Hill number."""
    if "torch" not in sys.modules and find_spec("torch") is None:
        sys.modules["torch"] = ModuleType("torch")
        sys.modules["torch"].Tensor = type("Tensor", (), {})
    from sentropy import sentropy

    made = sentropy(
        w.T,
        similarity=like,
        q=ORDERS,
        measure="normalized_alpha",
        level="both",
        return_dataframe=True,
    )
    own = made[made["level"].astype(str) != "overall"]
    return own["normalized_alpha"].to_numpy(float).reshape(len(ORDERS), len(w)).T


def textbook(w: np.ndarray) -> np.ndarray:
    p = w / w.sum(axis=1, keepdims=True)
    entropy = -(p * np.log(np.where(p > 0, p, 1.0))).sum(axis=1)
    return np.column_stack([(p > 0).sum(axis=1), np.exp(entropy), 1 / (p**2).sum(axis=1)])


def pandas_columns(table: pd.DataFrame) -> np.ndarray:
    """Plain pandas, no function called for each group."""
    p = table["weight"] / table.groupby("portfolio")["weight"].transform("sum")
    made = pd.DataFrame({"zero": 1.0, "one": -p * np.log(p), "two": p**2})
    sums = made.groupby(table["portfolio"]).sum()
    return np.column_stack([sums["zero"], np.exp(sums["one"]), 1 / sums["two"]])


def _profile(weights: pd.Series) -> pd.Series:
    p = weights / weights.sum()
    return pd.Series([len(p), np.exp(-(p * np.log(p)).sum()), 1 / (p**2).sum()])


def pandas_apply(table: pd.DataFrame) -> np.ndarray:
    """What most people write: a function applied to each group."""
    return table.groupby("portfolio")["weight"].apply(_profile).unstack().to_numpy()


def seconds(work: Callable[[], object]) -> float:
    """Median over several runs; few of them if one takes long."""

    def once() -> float:
        began = perf_counter()
        work()
        return perf_counter() - began

    first = once()
    return median(once() for _ in range(RUNS if first < SLOW else RUNS_OF_SLOW))


def compare(title: str, ways: dict[str, Callable[[], np.ndarray]], *, same: int = 99) -> None:
    """Print the times of several ways, of which the first `same` must give the same."""
    expected = next(iter(ways.values()))()
    for name, way in list(ways.items())[1:same]:
        np.testing.assert_allclose(way(), expected, rtol=1e-9, err_msg=name)
    times = {name: seconds(way) for name, way in ways.items()}
    own = next(iter(times.values()))
    print(f"\n{title}\n{'':44}{'ms':>9}{'ratio':>9}")
    for name, time in times.items():
        print(f"{name:44}{time * 1e3:9.2f}{time / own:9.2f}")


def compare_dense(title: str, w: np.ndarray) -> None:
    ways = {
        "diversity.hill": lambda: hill(w, ORDERS),
        "numpy, textbook": lambda: textbook(w),
        f"scikit-bio {version('scikit-bio')}": lambda: scikit_bio(w),
        **with_sentropy(w),
        "one read of the values (sum)": w.sum,
    }
    compare(title, ways, same=3 + len(with_sentropy(w)))


def with_sentropy(w: np.ndarray, like: np.ndarray | None = None) -> dict:
    if find_spec("sentropy") is None:
        return {}
    return {f"sentropy {version('sentropy')}": lambda: sentropy_of(w, like)}


def compare_long(title: str, w: np.ndarray) -> None:
    table = long_table(w)
    mixed = table.sample(frac=1, random_state=0)
    x, codes = table["weight"].to_numpy(), table["portfolio"].to_numpy()
    ways = {
        "effective.hill_of_rows": lambda: hill_of_rows(x, codes, ORDERS),
        "effective.hill_of_rows, from the DataFrame": lambda: hill_of_rows(
            table["weight"], table["portfolio"], ORDERS
        ),
        "effective.hill_of_rows, rows in no order": lambda: hill_of_rows(
            mixed["weight"], mixed["portfolio"], ORDERS
        ),
        f"pandas {pd.__version__}, groupby and columns": lambda: pandas_columns(table),
        f"pandas {pd.__version__}, groupby.apply": lambda: pandas_apply(table),
        f"scikit-bio {version('scikit-bio')}, pivoted": lambda: scikit_bio(wide(table)),
        **{f"{name}, pivoted": lambda: sentropy_of(wide(table)) for name in with_sentropy(w)},
        "pivot alone": lambda: wide(table),
        "one logarithm of each weight": lambda: np.log(x),
        "one read of the long table (sums)": lambda: x.sum() + codes.sum(),
        "one read of the whole array (sum)": w.sum,
    }
    compare(f"Long table, {title}: {len(table):,} rows", ways, same=6 + len(with_sentropy(w)))


def compare_similarity(title: str, w: np.ndarray) -> None:
    rng = np.random.default_rng(1)
    points = rng.random(N_PARTNERS)
    like = 1 - abs(np.subtract.outer(points, points))
    ways = {
        "similarity.leinster_cobbold": lambda: leinster_cobbold(w, like, ORDERS),
        **with_sentropy(w, like),
        "matrix product alone": lambda: w @ like,
    }
    compare(f"Array and 200 x 200 similarities, {title}", ways, same=len(ways) - 1)


def main() -> None:
    print(f"{N_PORTFOLIOS:,} portfolios x {N_PARTNERS} partners, q = 0, 1, 2")
    print(f"Python {python_version()}, numpy {np.__version__}, {CORES} cores")
    sparse, filled = portfolios(0.1), portfolios(1.0)
    compare_long("10% filled", sparse)
    compare_long("filled", filled)
    compare_dense("Array, 10% filled", sparse)
    compare_dense("Array, filled", filled)
    compare_similarity("10% filled", sparse)
    compare_similarity("filled", filled)


if __name__ == "__main__":
    main()
