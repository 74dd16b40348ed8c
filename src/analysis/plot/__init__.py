"""Figures: finished table in, Axes or Figure out; nothing is computed but geometry.

Who          partners, composition, compositions, heatmap, bump, lorenz
Where        world_map, network
How diverse  trend, triptych, hill_profile
How exposed  loss, removal, blocs, joint_default, shock_effects, synthetic_paths
Compared     peers, peer_ranks, against_peers, specification, verdicts
The record   coverage, timeline, yearly, two_weightings

Each has a `describe_...` that makes the alt text from the same table. Figures of one panel take
`ax`, figures of several take `fig`; all take `source_note`, the line below them. The look is in
`partnerships.mplstyle`. Text from data is drawn as it is: a `$` begins no formula.
"""

from .claims import describe_verdicts, verdicts
from .composition import (
    composition,
    compositions,
    describe_composition,
    describe_compositions,
    describe_heatmap,
    heatmap,
)
from .exposure import describe_loss, describe_removal, loss, removal
from .hill_profiles import describe_hill_profile, hill_profile
from .losses import blocs, describe_blocs, describe_joint_default, joint_default
from .network import describe_network, network
from .partners import describe_lorenz, describe_partners, lorenz, partners
from .parts.style import STYLE
from .peers import against_peers, describe_against_peers, describe_peer_ranks, peer_ranks
from .ranks import bump, describe_bump
from .record import coverage, describe_coverage, describe_timeline, timeline
from .shock_effects import (
    describe_shock_effects,
    describe_synthetic_paths,
    shock_effects,
    synthetic_paths,
)
from .specification import describe_peers, describe_specification, peers, specification
from .trends import describe_trend, describe_triptych, trend, triptych
from .world import describe_world_map, world_map
from .years import describe_two_weightings, describe_yearly, two_weightings, yearly

__all__ = [
    "STYLE",
    "against_peers",
    "blocs",
    "bump",
    "composition",
    "compositions",
    "coverage",
    "describe_against_peers",
    "describe_blocs",
    "describe_bump",
    "describe_composition",
    "describe_compositions",
    "describe_coverage",
    "describe_heatmap",
    "describe_hill_profile",
    "describe_joint_default",
    "describe_lorenz",
    "describe_loss",
    "describe_network",
    "describe_partners",
    "describe_peer_ranks",
    "describe_peers",
    "describe_removal",
    "describe_shock_effects",
    "describe_specification",
    "describe_synthetic_paths",
    "describe_timeline",
    "describe_trend",
    "describe_triptych",
    "describe_two_weightings",
    "describe_verdicts",
    "describe_world_map",
    "describe_yearly",
    "heatmap",
    "hill_profile",
    "joint_default",
    "lorenz",
    "loss",
    "network",
    "partners",
    "peer_ranks",
    "peers",
    "removal",
    "shock_effects",
    "specification",
    "synthetic_paths",
    "timeline",
    "trend",
    "triptych",
    "two_weightings",
    "verdicts",
    "world_map",
    "yearly",
]
