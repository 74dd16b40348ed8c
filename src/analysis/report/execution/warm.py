"""What a warm process does before it is copied; imports nothing that a notebook does not need."""

from pathlib import Path

import analysis

from ... import display, paths
from ...plot.parts import borders, style


def warm_up() -> list[Path]:
    """Do once what every report would begin with: imports, the ledger, the first figure."""
    for name in analysis.__all__:
        getattr(analysis, name)
    analysis.load()
    borders.outlines()
    analysis.distances("ideal_point", years=(2020, 2024))
    ax = style.canvas(None)
    style.heading(ax, "Letters and signs", "as in every figure")
    display.figure(ax, analysis.list_sources(), name="first", caption="None.", alt="None.")
    folders = (paths.data_dir(), paths.imports_dir())
    return [found for folder in folders for found in (folder, *folder.rglob("*"))]
