"""Measure how diverse a state's military partnerships are.

Data        load, list_sources, cite; modules ledger, catalog, countries, store
Portfolios  portfolio, shares, measure, draw, difference, compare, rows, choose_peers, distances;
            modules panel, uncertainty, differences, disparity, losses, specification, battery
Measures    hill, hhi, shannon, evenness, concentration_ratio, n_partners, rao, stirling,
            leinster_cobbold; modules diversity, similarity, unseen, rarefaction, partition,
            turnover, inequality, trends, alignment, risk, bounds, effective
Studies     one room a notebook, of the same name, with its tables and sentences: country_profile,
            arms, exercises, agreements_and_alliances, peers, isolation, claims, change; shared by
            several: selections, coverage, yearly, ties, peacekeeping, peer_rules, blocs,
            events, text
Reports     show (a figure or table in a notebook), plot (table to figure), display, words and
            numbers (how names and numbers are written), explore (the interactive explorer)

The data flow in this order. Names are loaded on first use, so `import analysis` costs next to
nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import display, explore, numbers, plot, words
    from .display import show
    from .measures import (
        alignment,
        bounds,
        diversity,
        effective,
        inequality,
        partition,
        rarefaction,
        risk,
        similarity,
        trends,
        turnover,
        unseen,
    )
    from .measures.diversity import concentration_ratio, evenness, hhi, hill, n_partners, shannon
    from .measures.similarity import leinster_cobbold, rao, stirling
    from .portfolios import (
        battery,
        differences,
        disparity,
        losses,
        panel,
        specification,
        uncertainty,
    )
    from .portfolios.differences import difference
    from .portfolios.disparity import distances
    from .portfolios.measure import draw, measure
    from .portfolios.panel import portfolio
    from .portfolios.shares import shares
    from .sources import catalog, countries, ledger, store
    from .sources.catalog import cite, list_sources
    from .sources.store import load
    from .studies import (
        agreements_and_alliances,
        arms,
        blocs,
        change,
        claims,
        country_profile,
        coverage,
        events,
        exercises,
        isolation,
        peacekeeping,
        peer_rules,
        peers,
        selections,
        text,
        ties,
        yearly,
    )
    from .studies.compare import compare, rows
    from .studies.peer_rules import choose_peers

__version__ = "0.1.0"

_NAMES = {
    "load": "sources.store",
    "cite": "sources.catalog",
    "list_sources": "sources.catalog",
    "portfolio": "portfolios.panel",
    "shares": "portfolios.shares",
    "show": "display",
    "measure": "portfolios.measure",
    "draw": "portfolios.measure",
    "difference": "portfolios.differences",
    "choose_peers": "studies.peer_rules",
    "compare": "studies.compare",
    "rows": "studies.compare",
    "distances": "portfolios.disparity",
    "hill": "measures.diversity",
    "hhi": "measures.diversity",
    "shannon": "measures.diversity",
    "evenness": "measures.diversity",
    "concentration_ratio": "measures.diversity",
    "n_partners": "measures.diversity",
    "rao": "measures.similarity",
    "stirling": "measures.similarity",
    "leinster_cobbold": "measures.similarity",
}

_MODULES = {
    "catalog": "sources.catalog",
    "countries": "sources.countries",
    "ledger": "sources.ledger",
    "store": "sources.store",
    "alignment": "measures.alignment",
    "bounds": "measures.bounds",
    "diversity": "measures.diversity",
    "effective": "measures.effective",
    "inequality": "measures.inequality",
    "partition": "measures.partition",
    "rarefaction": "measures.rarefaction",
    "risk": "measures.risk",
    "similarity": "measures.similarity",
    "trends": "measures.trends",
    "turnover": "measures.turnover",
    "unseen": "measures.unseen",
    "battery": "portfolios.battery",
    "differences": "portfolios.differences",
    "disparity": "portfolios.disparity",
    "losses": "portfolios.losses",
    "panel": "portfolios.panel",
    "specification": "portfolios.specification",
    "uncertainty": "portfolios.uncertainty",
    "country_profile": "studies.country_profile",
    "arms": "studies.arms",
    "exercises": "studies.exercises",
    "agreements_and_alliances": "studies.agreements_and_alliances",
    "peers": "studies.peers",
    "isolation": "studies.isolation",
    "claims": "studies.claims",
    "change": "studies.change",
    "selections": "studies.selections",
    "coverage": "studies.coverage",
    "yearly": "studies.yearly",
    "ties": "studies.ties",
    "peacekeeping": "studies.peacekeeping",
    "peer_rules": "studies.peer_rules",
    "blocs": "studies.blocs",
    "events": "studies.events",
    "text": "studies.text",
    "plot": "plot",
    "display": "display",
    "words": "words",
    "numbers": "numbers",
    "explore": "explore",
}

__all__ = [
    "__version__",
    "agreements_and_alliances",
    "alignment",
    "arms",
    "battery",
    "blocs",
    "bounds",
    "catalog",
    "change",
    "choose_peers",
    "cite",
    "claims",
    "compare",
    "concentration_ratio",
    "countries",
    "country_profile",
    "coverage",
    "difference",
    "differences",
    "disparity",
    "display",
    "distances",
    "diversity",
    "draw",
    "effective",
    "evenness",
    "events",
    "exercises",
    "explore",
    "hhi",
    "hill",
    "inequality",
    "isolation",
    "ledger",
    "leinster_cobbold",
    "list_sources",
    "load",
    "losses",
    "measure",
    "n_partners",
    "numbers",
    "panel",
    "partition",
    "peacekeeping",
    "peer_rules",
    "peers",
    "plot",
    "portfolio",
    "rao",
    "rarefaction",
    "risk",
    "rows",
    "selections",
    "shannon",
    "shares",
    "show",
    "similarity",
    "specification",
    "stirling",
    "store",
    "text",
    "ties",
    "trends",
    "turnover",
    "uncertainty",
    "unseen",
    "words",
    "yearly",
]


def __getattr__(name: str) -> object:
    if name in _NAMES:
        return getattr(import_module(f".{_NAMES[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{_MODULES[name]}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
