"""Mutated inputs for every reader: each is read, or refused in the package's own words.

Not part of the default run: `python -m tests.fuzz --minutes 10 --seed 1`.
"""
