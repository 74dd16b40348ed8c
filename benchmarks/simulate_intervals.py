"""How often do intervals of nominal 95% hold the truth? Prints the tables of docs/methods.md.

    python benchmarks/simulate_intervals.py [SAMPLES]

Events are drawn from a known practice, intervals are made from each sample as `analysis.measure`
makes them, and it is counted how often these hold the value of the practice. The first table is by
practice: partners, their shares, events. The others, which `analysis.portfolios.calibration` has,
are by what can be seen of a record: its events, and the coverage estimated from it.
"""

import sys
from collections.abc import Iterator
from itertools import pairwise, product

import numpy as np

from analysis.measures.diversity import hill
from analysis.measures.similarity import rao
from analysis.portfolios.calibration import COVERAGE
from analysis.portfolios.calibration import EVENTS as LEAST
from analysis.portfolios.layout import Ties
from analysis.portfolios.uncertainty import Draws, Practice, bootstrap, interval, paired_interval

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
    shape: str,
    partners: int,
    events: int,
    *,
    samples: int,
    draws: int = 300,
    resampling: str = "multinomial",
) -> list[float]:
    """Per cent of intervals that hold the true Hill number, for each order."""
    weights = SHAPES[shape](partners)
    p = weights / weights.sum()
    rng = np.random.default_rng(7)
    hits = np.zeros(len(ORDERS))
    for seed, counts in enumerate(rng.multinomial(events, p, size=samples)):
        seen = counts[counts > 0]
        record = np.repeat(np.eye(len(seen)), seen, axis=0)
        ties = Ties(record, [str(n) for n in range(len(seen))])
        for place, order in enumerate(ORDERS):
            drawn = bootstrap(
                ties,
                lambda w, q=order: hill(w, q),
                draws=draws,
                seed=seed,
                key=(order,),
                most_unseen=POOL - len(seen),
                resampling=resampling,
            )
            low, high = interval(drawn, hill(seen, order), level=0.95, limits=(1, np.inf))
            hits[place] += low <= hill(p, order) * (1 + 1e-9) and hill(p, order) <= high * (
                1 + 1e-9
            )
    return (100 * hits / samples).tolist()


# --- by what can be seen of a record ------------------------------------------------------------

#: events of the records in each row of the tables
IN_ROW = ((10, 15), (20, 35), (50, 75), (100, 200), (300, 1000))
#: partners of an event, where it may have several; the event weighs 1 in all
PARTIES = np.array([1, 1, 1, 2, 5, 10])
#: what is said of the tables of lower ends
LOWER = ", lower end"
HILL_ORDERS = {"order 1": 1, "order 2": 2, "order ∞": np.inf}


def drawn_events(
    p: np.ndarray, number: int, rng: np.random.Generator, *, several: bool
) -> np.ndarray:
    """Events of shape (number, n_partners): partners drawn one after the other, each once."""
    keys = rng.gumbel(size=(number, p.size)) + np.log(p)
    place = np.argsort(np.argsort(-keys, axis=1), axis=1)
    size = np.minimum(rng.choice(PARTIES, number), p.size) if several else np.ones(number)
    return (place < size[:, None]) / size[:, None]


def practices() -> Iterator[tuple[np.ndarray, np.ndarray, bool]]:
    """Chances of partners, their shares in the long run, whether events may have several."""
    for partners, shape, several in product(PARTNERS, SHAPES.values(), (False, True)):
        p = shape(partners) / shape(partners).sum()
        long_run = drawn_events(p, 100_000, np.random.default_rng(1), several=True).sum(axis=0)
        yield p, long_run if several else p, several


def drawn(
    record: np.ndarray, rng: np.random.Generator, *, most: int, draws: int
) -> tuple[np.ndarray, float]:
    """Weights in the model and in each draw from it; the coverage of the record."""
    model = Practice.of(record, most)
    number = len(record)
    counts = rng.multinomial(number, np.full(number, 1 / number), size=draws).astype(float)
    return np.vstack([model.expected(), model.draw(counts, rng)]), model.coverage


def hits(
    kind: str, values: np.ndarray, estimate: float, truth: float, limits: tuple
) -> dict[str, bool]:
    """Whether the interval, and its lower end, hold the truth; the first value is the model's."""
    ends = interval(as_draws(values), float(estimate), level=0.95, limits=limits)
    return {kind: inside(truth, ends), f"{kind}{LOWER}": inside(truth, (ends[0], np.inf))}


def as_draws(values: np.ndarray) -> Draws:
    return Draws(values[1:], float(values[0]), np.nan)


def inside(truth: float, ends: tuple[float, float]) -> bool:
    slack = 1e-9 * abs(truth)
    return ends[0] - slack <= truth <= ends[1] + slack


def hits_of(
    record: np.ndarray, shares: np.ndarray, rng: np.random.Generator, draws: int
) -> tuple[dict[str, bool], float, tuple]:
    """Which intervals of a record hold, its coverage, and what a difference needs."""
    apart = np.abs(np.subtract.outer(*[np.random.default_rng(3).random(len(shares))] * 2))
    here = record.any(axis=0)
    record, own = record[:, here], record.sum(axis=0)[here]
    rows, coverage = drawn(record, rng, most=POOL - len(own), draws=draws)
    numbers, estimates, truths = (hill(x, [*HILL_ORDERS.values()]) for x in (rows, own, shares))
    even = numbers[:, 0] / (rows > 0).sum(axis=1)
    known, _ = drawn(record, rng, most=0, draws=draws)
    near = apart[np.ix_(here, here)]
    made = {}
    for k, kind in enumerate(HILL_ORDERS):
        made |= hits(kind, numbers[:, k], estimates[k], truths[k], (1, np.inf))
    made |= hits("evenness", even, estimates[0] / len(own), truths[0] / len(shares), (0, 1))
    made |= hits("distances", rao(known, near), rao(own, near), float(rao(shares, apart)), (0, 1))
    return made, coverage, (numbers[:, 0], estimates[0], truths[0])


def calibrate(samples: int, *, rows: tuple = IN_ROW, draws: int = 200) -> dict[str, np.ndarray]:
    """Per cent of intervals that hold, by kind: (n_rows, n_columns), NaN where there are none."""
    whole = (*HILL_ORDERS, "evenness", "distances")
    kinds = (*whole, *(f"{kind}{LOWER}" for kind in whole), "difference")
    tallies = {kind: np.zeros((2, len(rows), len(COVERAGE))) for kind in kinds}
    every = list(practices())
    for row, events in enumerate(rows):
        for number, sample in product(events, range(samples)):
            rng = np.random.default_rng([number, sample])
            made = []
            for p, shares, several in every:
                record = drawn_events(p, number, rng, several=several)
                made.append(hits_of(record, shares, rng, draws))
            for found, coverage, _ in made:
                for kind, held in found.items():
                    _count(tallies[kind][:, row], coverage, held)
            for one, other in pairwise(made[k] for k in rng.permutation(len(made))):
                both = as_draws(one[2][0]), as_draws(other[2][0])
                found = one[2][1], other[2][1]
                ends = paired_interval(both, found, level=0.95, limits=(1, np.inf))
                held = inside(one[2][2] - other[2][2], ends)
                _count(tallies["difference"][:, row], min(one[1], other[1]), held)
    with np.errstate(invalid="ignore"):
        # what came up a few times says nothing
        return {k: np.where(n >= samples, 100 * h / n, np.nan) for k, (h, n) in tallies.items()}


def _count(tally: np.ndarray, coverage: float, held: bool) -> None:
    tally[:, np.searchsorted(COVERAGE, coverage, side="right") - 1] += held, 1


def main() -> None:
    samples = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    print(f"| partners | shares | {' | '.join(f'{n:,} events' for n in EVENTS)} |")
    print("|---" * (2 + len(EVENTS)) + "|")
    for partners, shape in product(PARTNERS, SHAPES):
        cells = [holds(shape, partners, n, samples=samples) for n in EVENTS]
        shown = " | ".join(" ".join(f"{hit:.0f}" for hit in cell) for cell in cells)
        print(f"| {partners} | {shape} | {shown} |", flush=True)
    for kind, table in calibrate(max(samples // 25, 1)).items():
        print(f"\n{kind}, coverage from {', '.join(map(str, COVERAGE))}")
        for least, line in zip(LEAST, table, strict=True):
            print(f"| {least} | {' | '.join(f'{cell:.0f}' for cell in line)} |", flush=True)


if __name__ == "__main__":
    main()
