"""Loaders by name: each reads its producer's file into a ledger and an audit of every row.

==============  ==================================================  ================
name            source                                              instrument
==============  ==================================================  ================
`sipri`         SIPRI Arms Transfers Database, any of its exports   arms
`mme`           Multinational Military Exercises                    exercise
`atop`          Alliance Treaty Obligations and Provisions          alliance
`dcad`          Defense Cooperation Agreement Dataset               agreement
`unga`          ideal points from votes in the United Nations       none: a table
`curated`       events of Pakistan, each with its citation          several
`fmtrpt`        US foreign military training reports                training
`greenbook`     US foreign assistance                               assistance
`state_visits`  US leaders abroad, foreign leaders in the US        visit
`us_troops`     US troops by host                                   deployment
`capitals`      where states have their capitals                    none: a table
`geopko`        troops in United Nations peacekeeping               none: a table
`nmc`           material capabilities (CINC)                        none: a table
`outlines`      outlines of states and territories                  none: a table
`rivalries`     who was whose rival, from when to when              none: a table
`un_votes`      votes in the United Nations                         none: a table
`vdem`          electoral democracy (V-Dem)                         none: a table
==============  ==================================================  ================

A loader's module is imported when it is first called.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pandas as pd

from ..sources.audit import Audit

_NAMES = (
    "atop", "capitals", "curated", "dcad", "fmtrpt", "geopko", "greenbook", "mme", "nmc",
    "outlines", "rivalries", "sipri", "state_visits", "un_votes", "unga", "us_troops", "vdem",
)  # fmt: skip


def _lazily(name: str) -> Callable[[Path], tuple[pd.DataFrame, Audit]]:
    def read(path: Path) -> tuple[pd.DataFrame, Audit]:
        return import_module(f".{name}", __name__).read(path)

    return read


LOADERS = {name: _lazily(name) for name in _NAMES}
