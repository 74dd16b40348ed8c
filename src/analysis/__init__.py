"""Measure how diverse a state's military partnerships are.

Data        load, sources, cite
Portfolios  portfolio, shares, measure, draw, difference
Measures    hill, hhi, shannon, evenness, concentration_ratio, n_partners (module diversity),
            rao, stirling, leinster_cobbold (module similarity); modules unseen,
            rarefaction (samples of events), partition, inequality, effective
Disparity   distances
Peers       peers; modules peer_rules, standing, league, ranking
Change      modules change, turnover, between, trends, specification
Exposure    shocks.without, shocks.loss, shocks.each, shocks.removal; modules blocs, alignment,
            risk, bounds; event_study, synthetic (what shocks have done)
Reports     modules profile, arms, exercises, treaties, ties, isolation, standing, records,
            context, peacekeeping (tables); prose, prose_arms, prose_exercises, prose_isolation,
            prose_peers, prose_treaties (sentences); plot, display

Names are loaded on first use, so `import analysis` costs next to nothing.
"""

from importlib import import_module

_NAMES = {
    "load": "store",
    "sources": "catalog",
    "cite": "catalog",
    "portfolio": "panel",
    "shares": "panel",
    "measure": "estimates",
    "draw": "estimates",
    "difference": "differences",
    "hill": "diversity",
    "hhi": "diversity",
    "shannon": "diversity",
    "evenness": "diversity",
    "concentration_ratio": "diversity",
    "n_partners": "diversity",
    "rao": "similarity",
    "stirling": "similarity",
    "leinster_cobbold": "similarity",
    "distances": "disparity",
    "peers": "peer_rules",
}

_MODULES = (
    "alignment", "arms", "between", "blocs", "bounds", "catalog", "change", "claims", "context",
    "countries", "differences", "disparity", "display", "diversity", "effective",
    "estimates", "event_study", "exercises", "explore", "inequality",
    "isolation", "league", "ledger", "panel", "partition", "peacekeeping", "peer_rules", "plot",
    "profile", "prose", "prose_arms", "prose_claims", "prose_exercises", "prose_isolation",
    "prose_peers", "prose_treaties", "ranking", "rarefaction", "records", "risk", "shocks",
    "similarity", "specification", "standing", "store", "synthetic", "ties", "treaties", "trends",
    "turnover", "uncertainty", "unseen",
)  # fmt: skip

__all__ = [*_NAMES, *_MODULES]


def __getattr__(name: str) -> object:
    if name in _NAMES:
        return getattr(import_module(f".{_NAMES[name]}", __name__), name)
    if name in _MODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
