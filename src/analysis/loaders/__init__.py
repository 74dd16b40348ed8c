"""The loaders by name: each reads its producer's file into a ledger and an audit."""

from . import atop, dcad, fmtrpt, greenbook, mme, sipri, state_visits, unga, us_troops

LOADERS = {
    "atop": atop.read,
    "dcad": dcad.read,
    "fmtrpt": fmtrpt.read,
    "greenbook": greenbook.read,
    "mme": mme.read,
    "sipri": sipri.read,
    "state_visits": state_visits.read,
    "unga": unga.read,
    "us_troops": us_troops.read,
}
