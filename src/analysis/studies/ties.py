"""The tables of ties: where the partners lie, where they stand, how they rank."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from ..portfolios.panel import PORTFOLIO
from ..sources import catalog, countries, store

#: states that have gone, and today's states on their land, where it is no smaller part of one
LANDS = {
    "SUN": "ARM AZE BLR EST GEO KAZ KGZ LTU LVA MDA RUS TJK TKM UKR UZB",
    "YUG": "BIH HRV MKD MNE SRB SVN XKX",
    "SCG": "MNE SRB XKX",
    "CSK": "CZE SVK",
    "ANT": "CUW SXM",
    "UPC": "CRI GTM HND NIC SLV",
    "JOS": "KOR PRK",
    "AUH": "AUT BIH CZE HRV HUN SVK SVN",
    "GCL": "COL ECU PAN VEN",
}
_TERMS = ["weighting", "window", "basis", "status"]


def locations(shares: pd.DataFrame) -> pd.DataFrame:
    """Where every state lies that a partner could have come from, and what share it has.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it: one portfolio.

    Returns
    -------
    DataFrame
        One row for the state itself, each partner, and each other state there was in these years:
        the portfolio's columns, partner, partner_name, role ("self", "partner", or "none": no tie
        on record), share (missing but for partners), longitude and latitude of the capital
        (degrees; missing for territories), lands (ISO3 codes of today's states on its land, one
        space between them).
        A portfolio that is not measured has no partner, and its state no ties that could be drawn.
    """
    if shares.empty:
        return pd.DataFrame(columns=[*PORTFOLIO, *_PLACE, *_TERMS])
    head = shares.iloc[0]
    known = shares[shares["partner"].notna()]
    codes = _there(head["country"], known["partner"], head["start"], head["end"])
    share = known.set_index("partner")["share"].reindex(codes)
    places = pd.DataFrame({"partner": codes, "share": share.to_numpy()})
    places["role"] = np.where(places["share"].notna(), "partner", "none")
    places.loc[places["partner"] == head["country"], "role"] = "self"
    then = places["partner"].map(lambda code: countries.code_in(code, int(head["end"])))
    places["partner_name"] = then.map(countries.name_of)
    places["lands"] = then.map(lambda code: LANDS.get(code, code))
    places = places.assign(then=then).join(_capitals(head["start"], head["end"]), on="then")
    for name in (*PORTFOLIO, *_TERMS):
        places[name] = head[name]
    return places[[*PORTFOLIO, *_PLACE, *_TERMS]]


_PLACE = ["partner", "partner_name", "role", "share", "longitude", "latitude", "lands"]


def _there(country: str, partners: Iterable[str], first: int, last: int) -> list[str]:
    years = range(int(first), int(last) + 1)
    states = {code for year in years for code in countries.all_states(year)}
    shown = {country, *partners}
    joined = {code for code, heir in countries.continuing().items() if heir in shown} - shown
    return sorted((states - joined) | shown)


def _capitals(first: int, last: int) -> pd.DataFrame:
    """Place of each capital, the last that a state had in these years."""
    table = store.table("capitals", "capitals.csv")
    there = table[(table["first_year"] <= last) & (table["last_year"] >= first)]
    there = there.sort_values(["iso3", "first_year"]).drop_duplicates("iso3", keep="last")
    return there.set_index("iso3")[["longitude", "latitude"]]


def positions(shares: pd.DataFrame) -> pd.DataFrame:
    """Where partners stand in the United Nations, and which have pacts of defence with another.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it: one portfolio.

    Returns
    -------
    DataFrame
        One row for each partner, the largest share first, and one for the state itself, whose share
        is missing: the portfolio's columns, partner, partner_name, share, ideal_point (the mean
        over the window), point_low and point_high (least and greatest of its years), pacts (ISO3
        codes of others in the table to whom defence is promised either way, one space between
        them), pact_year (the last of the window that ATOP covers; missing if there is none).

    References
    ----------
    Bailey, M. A., Strezhnev, A. & Voeten, E. (2017). Estimating Dynamic State Preferences from
    United Nations Voting Data. Journal of Conflict Resolution 61(2), 430-456.
    """
    known = shares[shares["partner"].notna()]
    if known.empty:
        return shares.assign(**dict.fromkeys(_STANDING, np.nan)).iloc[:1]
    head = known.iloc[0]
    own = known.head(1).assign(
        partner=head["country"],
        partner_name=countries.name_of(head["country"]),
        weight=np.nan,
        share=np.nan,
        share_low=np.nan,
        share_high=np.nan,
    )
    portfolios = pd.concat([known, own], ignore_index=True)
    portfolios = portfolios.join(
        _points(portfolios["partner"], int(head["start"]), int(head["end"])), on="partner"
    )
    last = min(int(head["end"]), catalog.get("atop").years[1])
    year = last if last >= int(head["start"]) else None
    pacts = _pacts(list(portfolios["partner"]), year)
    return portfolios.assign(pacts=portfolios["partner"].map(pacts), pact_year=year)


_STANDING = ["ideal_point", "point_low", "point_high", "pacts", "pact_year"]


def _points(codes: Iterable[str], first: int, last: int) -> pd.DataFrame:
    """Ideal points of states, those that go on under another code with the years of both."""
    table = store.table("unga", "ideal_points.csv")
    table = table[table["year"].between(first, last)].set_index("iso3")["ideal_point"]
    own = {code: table[table.index.isin(countries.codes_of(code))] for code in codes}
    found = {code: [points.mean(), points.min(), points.max()] for code, points in own.items()}
    return pd.DataFrame.from_dict(found, orient="index", columns=_STANDING[:3])


def _pacts(codes: list[str], year: int | None) -> dict[str, str]:
    """For each state those of the others with which it had a pact of defence in a year."""
    pairs: set[tuple[str, str]] = set()
    now = {} if year is None else {countries.code_in(code, year): code for code in codes}
    if year is not None:
        owed = store.read("alliance", sources=["atop"], years=(year, year))
        owed = owed[owed["country"].isin(now) & owed["partner"].isin(now)]
        owed = owed[owed["flags"].str.contains(r"\bdefense\b").astype(bool)]
        one_way = set(zip(owed["country"].map(now), owed["partner"].map(now), strict=True))
        pairs = one_way | {(other, code) for code, other in one_way}
    return {code: " ".join(sorted(b for a, b in pairs if a == code)) for code in codes}


def partner_ranks(shares: pd.DataFrame) -> pd.DataFrame:
    """Rank the partners of each window by their shares; windows side by side, the last one kept.

    Parameters
    ----------
    shares : DataFrame
        As `analysis.shares` returns it: one country, source and instrument, windows that overlap.

    Returns
    -------
    DataFrame
        The rows of every n-th window, n being its length, so that none shares a year with another,
        and `rank`: 1 for the largest share; equal shares have equal ranks, and the next rank is
        left out (1, 2, 2, 4). Missing where a window has no partner.
    """
    if shares.empty:
        return shares.assign(rank=pd.Series(dtype=float))
    measured = shares.loc[shares["status"] == "measured", "end"]
    last = measured.max() if len(measured) else shares["end"].max()
    kept = shares[(last - shares["end"]) % shares["window"] == 0]
    # shares that differ by rounding only are equal
    rank = kept["share"].round(9).groupby(kept["end"]).rank(method="min", ascending=False)
    return kept.assign(rank=rank).reset_index(drop=True)
