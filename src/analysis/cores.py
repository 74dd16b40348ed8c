"""Large arrays are worked on by all cores at once; what comes out does not depend on how many."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import TypeVar

CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
#: numbers for which a core of their own is worth while
FOR_ONE = 200_000

Block = TypeVar("Block")
Made = TypeVar("Made")


def share_out(
    work: Callable[[Sequence[Block]], Made], blocks: Sequence[Block], size: int
) -> list[Made]:
    """Apply a function to blocks, shared out among threads.

    Parameters
    ----------
    work : callable
        Takes some consecutive blocks; must not hang on which others there are. numpy lets other
        threads run while it computes.
    blocks : sequence
        What is computed in one go: the same ones on every machine.
    size : int
        Numbers in all blocks together.

    Returns
    -------
    list
        What `work` gave, in order: one for each thread.
    """
    n = max(1, min(CORES, size // FOR_ONE))
    if n == 1:
        return [work(blocks)]
    ends = [k * len(blocks) // n for k in range(n + 1)]
    pieces = [blocks[first:last] for first, last in pairwise(ends)]
    # this thread takes a share too: one fewer has to begin
    with ThreadPoolExecutor(n - 1) as pool:
        others = [pool.submit(work, piece) for piece in pieces[1:]]
        return [work(pieces[0]), *(other.result() for other in others)]
