"""How often do intervals of nominal 95% hold the truth? Prints the table of docs/methods.md.

    python benchmarks/simulate_intervals.py [SAMPLES]

Events with one partner each are drawn from a known practice, an interval is made from each sample
as `analysis.measure` makes it, and it is counted how often it holds the practice's Hill number.
"""

import sys

import numpy as np

from analysis.diversity import hill
from analysis.layout import Ties
from analysis.uncertainty import bootstrap, interval

PARTNERS = (3, 10, 30, 60)
EVENTS = (10, 30, 100, 300, 1000)
ORDERS = (1, 2)
#: as many as there are other states
POOL = 200
SHAPES = {
    "equal": np.ones,
    "1/rank": lambda n: 1 / np.arange(1, n + 1),
    "one has half": lambda n: np.array([n - 1.0, *np.ones(n - 1)]),
}


def holds(
    shape: str, partners: int, events: int, *, samples: int, draws: int = 300,
    resampling: str = "multinomial",
) -> list[float]:  # fmt: skip
    """Per cent of intervals that hold the true Hill number, for each order."""
    weights = SHAPES[shape](partners)
    p = weights / weights.sum()
    rng = np.random.default_rng(7)
    hits = np.zeros(len(ORDERS))
    for seed, counts in enumerate(rng.multinomial(events, p, size=samples)):
        seen = counts[counts > 0]
        record = np.repeat(np.eye(len(seen)), seen, axis=0)
        ties = Ties(record, record, record, [str(n) for n in range(len(seen))])
        for place, order in enumerate(ORDERS):
            drawn = bootstrap(
                ties, lambda w, q=order: hill(w, q), draws=draws, seed=seed, key=(order,),
                most_unseen=POOL - len(seen), resampling=resampling,
            )  # fmt: skip
            low, high = interval(drawn, hill(seen, order), level=0.95, limits=(1, np.inf))
            hits[place] += low <= hill(p, order) * (1 + 1e-9) and hill(p, order) <= high * (
                1 + 1e-9
            )
    return (100 * hits / samples).tolist()


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(f"| partners | shares | {' | '.join(f'{n:,} events' for n in EVENTS)} |")
    print("|---" * (2 + len(EVENTS)) + "|")
    for partners in PARTNERS:
        for shape in SHAPES:
            cells = [holds(shape, partners, n, samples=samples) for n in EVENTS]
            shown = " | ".join(" ".join(f"{hit:.0f}" for hit in cell) for cell in cells)
            print(f"| {partners} | {shape} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
