"""What the sources hold of a country: coverage, and the reviewed events with their citations."""

import numpy as np
import pandas as pd

from ..sources import catalog, countries, store


def coverage(country: str, *, start: int, end: int) -> pd.DataFrame:
    """Tell what each source could have seen of a country, and what it saw.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years that are asked about.

    Returns
    -------
    DataFrame
        source, title, instrument, first_year, last_year, observed, systematic, imported,
        first_tie_year, last_tie_year, n_ties, start, end.
    """
    code = countries.lookup(country)
    keys = [key for key in store.sources_of() if not catalog.is_replaced(key, code)]
    table = catalog.list_sources(keys)
    ties = store.load(country=code)
    seen = ties.assign(first=ties["start"].dt.year, last=ties["end"].dt.year).groupby("source")
    found = seen.agg(
        first_tie_year=("first", "min"),
        last_tie_year=("last", "max"),
        n_ties=("event_id", "nunique"),
    )
    table["observed"] = [catalog.get(key).observes(code) for key in table["source"]]
    table = table.join(found, on="source").assign(start=start, end=end)
    table["n_ties"] = table["n_ties"].fillna(0).astype(int)
    keep = [
        "source",
        "title",
        "instrument",
        "first_year",
        "last_year",
        "observed",
        "systematic",
        "imported",
        "first_tie_year",
        "last_tie_year",
        "n_ties",
        "start",
        "end",
    ]
    return table[keep]


def events(country: str, *, start: int, end: int, without: str | None = None) -> pd.DataFrame:
    """Events of the curated list by year and instrument, with their citations.

    Parameters
    ----------
    country : str
        ISO3 code or name.
    start, end : int
        Years.
    without : str, optional
        An instrument to leave out.

    Returns
    -------
    DataFrame
        date, instrument, name, partners, partner_names, source_title, source_url, confidence,
        source; empty for a country that the list does not cover.
    """
    code = countries.lookup(country)
    rows = store.read(country=code, years=(start, end), sources=["curated"])
    rows = rows[rows["instrument"] != without]
    cited = store.table("curated", "citations.csv").drop_duplicates("event_id")
    named = rows.assign(partner_name=rows["partner"].map(countries.name_of))
    joined = named.groupby(["event_id", "instrument", "start"], as_index=False).agg(
        partners=("partner", lambda p: " ".join(sorted(p))),
        partner_names=("partner_name", lambda p: ", ".join(sorted(p))),
    )
    columns = ["event_id", "name", "source_title", "source_url", "confidence"]
    joined = joined.merge(cited[columns], on="event_id", how="left")
    joined["date"] = joined["start"].dt.strftime("%Y-%m-%d")
    joined = joined.sort_values(["date", "event_id"], ignore_index=True)
    joined = joined.assign(source="curated")
    return joined[
        [
            "date",
            "instrument",
            "name",
            "partners",
            "partner_names",
            "source_title",
            "source_url",
            "confidence",
            "source",
        ]
    ]


def cited(events: pd.DataFrame) -> pd.DataFrame:
    """Lay out reviewed events for reading: a row an event, with its citation."""
    table = pd.DataFrame({"date": events["date"], "event": events["name"]})
    table["with"] = events["partner_names"].map(shortened)
    table["confidence"], table["source"] = events["confidence"], events["source_title"]
    table["site"] = events["source_url"].str.extract(r"//(?:www\.)?([^/]+)", expand=False)
    return table


def shortened(names: str, most: int = 5) -> str:
    """Cut a list of names, separated by commas, telling how many more there are.

    Parameters
    ----------
    names : str
        The list.
    most : int
        How many are kept.
    """
    every = names.split(", ")
    more = len(every) - most
    return names if more < 2 else f"{', '.join(every[:most])} and {more} more"


def coverage_of(*instruments: str, country: str, start: int, end: int) -> pd.DataFrame:
    """Keep of `coverage` the sources of some instruments, reviewed lists only if they hold ties.

    Parameters
    ----------
    *instruments : str
        Which; none: all of which there is a systematic record.
    country : str
        ISO3 code or name.
    start, end : int
        Years that are asked about.
    """
    table = coverage(country, start=start, end=end)
    measured = table.loc[table["systematic"], "instrument"].str.split().explode()
    wanted = set(instruments or measured)
    of_them = np.array([bool(wanted & {*kinds.split()}) for kinds in table["instrument"]])
    return table[of_them & (table["systematic"] | (table["n_ties"] > 0))]


def sources_used(coverage: pd.DataFrame) -> list[str]:
    """List the sources that a report draws on: those with ties, and the ideal points."""
    return [*coverage.loc[coverage["n_ties"] > 0, "source"], "unga"]
