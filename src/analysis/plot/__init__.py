"""Figures: finished table in, Axes or Figure out; nothing is computed but geometry.

Who          partners, composition, compositions, heatmap, bump, lorenz
Where        world_map, network
How diverse  trend, triptych, hill_profile
How exposed  loss, removal, blocs, defaults, changes, paths
Compared     peers, places, against_peers, specification, verdicts
The record   coverage, timeline, yearly, ways

Each has a `describe_...` that makes the alt text from the same table. Figures of one panel take
`ax`, figures of several take `fig`; all take `source_note`, the line below them. The look is in
`partnerships.mplstyle`. Text from data is drawn as it is: a `$` begins no formula.
"""

from .alt import (
    describe_composition,
    describe_compositions,
    describe_coverage,
    describe_heatmap,
    describe_hill_profile,
    describe_lorenz,
    describe_loss,
    describe_partners,
    describe_peers,
    describe_removal,
    describe_specification,
    describe_timeline,
    describe_trend,
    describe_triptych,
)
from .claims import describe_verdicts, verdicts
from .composition import composition, compositions, heatmap
from .exposure import loss, removal
from .losses import blocs, describe_blocs, describe_joint_default, joint_default
from .network import describe_network, network
from .partners import lorenz, partners
from .parts.style import STYLE
from .peers import against_peers, describe_against_peers, describe_peer_ranks, peer_ranks
from .ranks import bump, describe_bump
from .record import coverage, timeline
from .shock_effects import (
    describe_shock_effects,
    describe_synthetic_paths,
    shock_effects,
    synthetic_paths,
)
from .specification import peers, specification
from .trends import hill_profile, trend, triptych
from .world import describe_world_map, world_map
from .years import describe_two_weightings, describe_yearly, two_weightings, yearly

__all__ = [
    "STYLE",
    "against_peers",
    "blocs",
    "bump",
    "shock_effects",
    "composition",
    "compositions",
    "coverage",
    "joint_default",
    "describe_against_peers",
    "describe_blocs",
    "describe_bump",
    "describe_shock_effects",
    "describe_composition",
    "describe_compositions",
    "describe_coverage",
    "describe_joint_default",
    "describe_heatmap",
    "describe_hill_profile",
    "describe_lorenz",
    "describe_loss",
    "describe_network",
    "describe_partners",
    "describe_synthetic_paths",
    "describe_peers",
    "describe_peer_ranks",
    "describe_removal",
    "describe_specification",
    "describe_timeline",
    "describe_trend",
    "describe_triptych",
    "describe_verdicts",
    "describe_two_weightings",
    "describe_world_map",
    "describe_yearly",
    "heatmap",
    "hill_profile",
    "lorenz",
    "loss",
    "network",
    "partners",
    "synthetic_paths",
    "peers",
    "peer_ranks",
    "removal",
    "specification",
    "timeline",
    "trend",
    "triptych",
    "verdicts",
    "two_weightings",
    "world_map",
    "yearly",
]
