"""Run until the time is over: `python -m tests.fuzz --minutes 10 --seed 1`."""

import argparse
import sys
import time
import traceback

from . import run


def main() -> int:
    """Print each case in which a reader fails otherwise than in the package's own words."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1, help="of the first case; others follow it")
    parser.add_argument("--reader", help="only this one")
    options = parser.parse_args()
    readers = run.readers.all_readers()
    if options.reader:
        readers = {options.reader: readers[options.reader]}
    end, seed, found, read = time.monotonic() + 60 * options.minutes, options.seed, {}, 0
    while time.monotonic() < end:
        for name, reader in readers.items():
            try:
                read += run.case(reader, seed)
            except Exception as error:  # what is looked for
                place = traceback.extract_tb(error.__traceback__)[-1]
                key = name, type(error).__name__, place.filename, place.lineno
                if key not in found:
                    found[key] = seed
                    sys.stdout.write(f"{name}, seed {seed}: {''.join(traceback.format_exc())}\n")
        seed += 1
    cases = (seed - options.seed) * len(readers)
    sys.stdout.write(f"{cases} cases, {read} of them read, {len(found)} faults\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
