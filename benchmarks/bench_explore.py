"""How long the explorer takes to answer a change of a control, on the shipped data.

    python benchmarks/bench_explore.py [STATE ...]

For each control: from the change until the new figure is handed over to the browser, and until all
is: table, text, and the figure with its drawn bands. Each choice is new, nothing is answered from
memory. Instruments in which a state has no ties are left out, since a sentence is quick. Beside the
time stands that of the processor, which other work on the machine lengthens less.
"""

import sys
import time

import numpy as np

from analysis import explore

STATES = sys.argv[1:] or ["PAK", "IND", "USA", "TUR", "KOR", "KIR"]
CHANGES = {
    "instrument": ["exercise", "agreement", "alliance", "arms"],
    "start": [1985, 1995, 2000, 1990],
    "end": [2010, 2015, 2020, 2024],
    "window": [3, 4, 7, 10, 5],
    "weighting": ["count", "fractional", ""],
    "order": [0.0, 0.5, 1.5, 2.0, 3.0, float("inf"), 1.0],
    "distance": ["ideal_point", "region", "regime", "geographic", ""],
}


REMEMBERED = (explore.figure, explore.measured, explore.limits, explore._portfolios)


def clocks() -> np.ndarray:
    """Milliseconds by the clock, and of the processor."""
    return 1000 * np.array([time.perf_counter(), time.process_time()])


def timed(explorer: explore.Explorer, name: str, value: object) -> np.ndarray | None:
    """Give both clocks at the new figure and at the end; nothing where a sentence is the answer."""
    for function in REMEMBERED:
        function.cache_clear()
    shown = []
    explorer._view.observe(lambda _: shown.append(clocks()), names="value")
    began = clocks()
    explorer.controls[name].value = value
    ended = clocks()
    explorer._view.unobserve_all("value")
    is_figure = "<img" in explorer._view.value
    return np.concatenate([shown[0] - began, ended - began]) if is_figure else None


def main() -> dict[str, np.ndarray]:
    explorer = explore.Explorer("CAN", instrument="exercise")
    found: dict[str, list] = {name: [] for name in ("country", *CHANGES)}
    for state in STATES:
        found["country"].append(timed(explorer, "country", state))
        for name, values in CHANGES.items():
            first = explorer.controls[name].value
            found[name] += [timed(explorer, name, value) for value in values if value != first]
            explorer.controls[name].value = first
    return {name: np.array([t for t in times if t is not None]) for name, times in found.items()}


if __name__ == "__main__":
    heads = [f"{part} {clock}" for part in ("figure", "all") for clock in ("ms", "cpu")]
    print(f"{'control':12}   n " + "".join(f"{head:>12} {'max':>6}" for head in heads))
    for name, times in main().items():
        pairs = zip(np.median(times, axis=0), times.max(axis=0), strict=True)
        print(f"{name:12} {len(times):3} " + "".join(f"{a:12.0f} {b:6.0f}" for a, b in pairs))
