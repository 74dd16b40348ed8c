"""Sentences that alt texts share."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ...numbers import percent_of
from ...words import years
from . import series
from .style import partner_names, reason


def spans_of(found: Iterable[int]) -> str:
    """Write years as runs: 1990–1994, 1997."""
    ordered = np.sort(np.asarray(list(found), int))
    parts = np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1)
    return ", ".join(years(part[0], part[-1]) for part in parts)


def top_partners(known: pd.DataFrame, count: int = 3) -> str:
    """Name the partners with the largest shares."""
    best = known.sort_values("share", ascending=False, kind="stable").head(count)
    pairs = zip(partner_names(best), best.itertuples(), strict=True)
    return ", ".join(f"{name} {percent_of(row)}" for name, row in pairs)


def with_shared(opening: str, found: series.Series) -> str:
    """Add to an opening what all that is shown has in common: the state, the source."""
    return f"{opening} ({found.shared})" if found.shared else opening


def sentences(opening: str, parts: list[str], table: pd.DataFrame) -> str:
    """Put an opening and parts together; without parts, say why the figure is empty."""
    return f"{opening}. {'; '.join(parts) if parts else reason(table)}."
