"""What a warm process does before it is copied; imports nothing that a notebook does not need."""

import analysis

from .. import plot_world


def warm_up() -> None:
    """Do once what every report would begin with: imports, the ledger, the outlines of states."""
    for name in analysis.__all__:
        getattr(analysis, name)
    analysis.load()
    plot_world.outlines()
