"""How long the explorer takes to answer a change of a control, on the shipped data.

    python benchmarks/bench_explore.py [STATE ...]

For each control: from the change to the new figure, table and text being handed over to the
browser, without the drawn bands, which follow, and with them. Each choice is new, nothing is
answered from memory. Instruments in which a state has no ties are left out, since a sentence is
quick. Beside the time stands that of the processor, which other work on the machine lengthens less.
"""

import sys
import time
from statistics import median

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


def timed(explorer: explore.Explorer, name: str, value: object) -> tuple[float, float] | None:
    """Milliseconds by the clock and of the processor; nothing where a sentence is the answer."""
    began, worked = time.perf_counter(), time.process_time()
    explorer.controls[name].value = value
    times = time.perf_counter() - began, time.process_time() - worked
    return tuple(1000 * t for t in times) if "<img" in explorer._view.value else None


def forget() -> None:
    for remembered in (explore.answer, explore._gathered, explore._limits):
        remembered.cache_clear()


def main(draws: int) -> dict[str, list[tuple[float, float]]]:
    explorer = explore.Explorer(STATES[-1], instrument="exercise", draws=draws)
    found: dict[str, list] = {name: [] for name in ("country", *CHANGES)}
    for state in STATES:
        forget()
        found["country"].append(timed(explorer, "country", state))
        for name, values in CHANGES.items():
            first = explorer.controls[name].value
            for value in values:
                if value != first:
                    forget()
                    found[name].append(timed(explorer, name, value))
            explorer.controls[name].value = first
    return {name: [t for t in times if t] for name, times in found.items()}


if __name__ == "__main__":
    at_once, in_all = main(0), main(200)
    print(f"{'':12} {'':>4}    at once                      with bands")
    print(f"{'control':12} {'n':>4} {'median':>8} {'max':>6} {'cpu':>6} {'max':>6}"
          f" {'median':>8} {'max':>6} {'cpu':>6} {'max':>6}")  # fmt: skip
    for name in at_once:
        row = [f"{name:12} {len(at_once[name]):4}"]
        for times in (at_once[name], in_all[name]):
            for part in zip(*times, strict=True):
                row.append(f"{median(part):8.0f} {max(part):6.0f}")
        print(" ".join(row))
