"""Blocs of partners, each by a stated rule from data that ship; no list of members is typed here.

A rule is a function of the first and last year of a window, and gives the members of each bloc by
name. Blocs of one rule may overlap, and need not hold everybody.
"""

from collections.abc import Callable, Iterable, Mapping

from ..portfolios import disparity
from ..sources import catalog, countries, ledger, store

#: names of blocs -> codes of their members
Blocs = Mapping[str, frozenset[str]]
Rule = Callable[[int, int], Blocs]

#: whose sides and pacts are looked at unless others are named
POWERS = ("USA", "CHN", "RUS")


def by_region(first: int, last: int) -> Blocs:
    """Regions of the World Bank (2024), gone states and territories among them.

    Parameters
    ----------
    first, last : int
        Years; they make no difference.
    """
    made: dict[str, set[str]] = {}
    for code in sorted(countries.codes() | countries.territories()):
        made.setdefault(countries.region_of(code), set()).add(code)
    return {name: frozenset(members) for name, members in made.items()}


def by_side(powers: Iterable[str] = POWERS[:2]) -> Rule:
    """Sides in the United Nations General Assembly: each state is of the power it is nearest to.

    Nearest by ideal point, averaged over the window. States and powers without one are of no side.

    Parameters
    ----------
    powers : list of str
        ISO3 codes.

    Returns
    -------
    callable
        (first year, last year) -> blocs.

    References
    ----------
    Those of `analysis.portfolios.disparity.ideal_points`.
    """
    listed = list(powers)

    def sides(first: int, last: int) -> Blocs:
        points = disparity.ideal_points(first, last)
        there = [power for power in listed if power in points.index]
        if len(there) < 2:
            return {}
        apart = {power: (points - points[power]).abs() for power in there}
        side = {code: min(there, key=lambda power: apart[power][code]) for code in points.index}
        return {
            f"votes nearest to {countries.name_of(power)}": frozenset(
                code for code, own in side.items() if own == power
            )
            for power in there
        }

    return sides


def by_pact(powers: Iterable[str] = POWERS) -> Rule:
    """Name each power with the states that have a defence pact with it (ATOP).

    Whoever has pledged to defend the other: the power, the state, or both. In the last year of the
    window, or the last one that ATOP covers.

    Parameters
    ----------
    powers : list of str
        ISO3 codes.

    Returns
    -------
    callable
        (first year, last year) -> blocs.

    References
    ----------
    Leeds, B. A., Ritter, J. M., Mitchell, S. M. & Long, A. G. (2002). Alliance Treaty Obligations
    and Provisions, 1815-1944. International Interactions 28(3), 237-260.
    """
    listed = list(powers)

    def pacts(first: int, last: int) -> Blocs:
        year = min(last, catalog.get("atop").years[1])
        ties = store.read("alliance", sources=["atop"], years=(year, year))
        ties = ties[ledger.has_flag(ties, "defense")]
        heirs = countries.continuing()
        ends = ties["country"].replace(heirs), ties["partner"].replace(heirs)
        former = {heir: code for code, heir in heirs.items()}
        found = {}
        for power in listed:
            own = {power, *ends[1][ends[0] == power], *ends[0][ends[1] == power]}
            own |= {former[code] for code in own & former.keys()}
            found[f"{countries.name_of(power)} and its defence pacts"] = frozenset(own)
        return found

    return pacts


#: rules by name
RULES: dict[str, Rule] = {
    "region": by_region,
    "votes in the United Nations": by_side(),
    "defence pacts": by_pact(),
}
