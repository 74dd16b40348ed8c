"""Claims of an essay against the record: each part by a stated test, with what is not known.

A claim is a sentence; its parts are what would have to be so. Each part names a test from the short
list here, a source and years, so that anybody can write a table of claims about any state. The
verdicts follow rules, not judgement; docs/methods.md explains them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

from . import alignment, catalog, countries, ledger, paths, profile, specification, store
from .differences import difference
from .diversity import concentration_ratio, hill
from .errors import ParameterError, SourceFileError
from .estimates import measure
from .panel import portfolio, shares

SUPPORTED, CONTRADICTED, MIXED = "supported", "contradicted", "mixed"
UNKNOWN = "not measurable with this data"
VERDICTS = (SUPPORTED, CONTRADICTED, MIXED, UNKNOWN)
#: share of specifications that must agree for "supported", and may for "contradicted"
AGREE, DISAGREE = 0.8, 0.2

COLUMNS = [
    "claim", "state", "text", "part", "part_text", "test", "instrument", "source", "partners",
    "events", "before", "after", "threshold",
]  # fmt: skip
ASSESSED = [
    "claim", "text", "part", "part_text", "test", "verdict", "estimate", "low", "high", "unit",
    "interval", "specifications", "agree", "coverage", "source", "reason",
]  # fmt: skip
_NEEDED = ["claim", "state", "text", "part", "part_text", "test", "instrument", "after"]
_FIRST = "first"
_WINDOWS = specification.WINDOWS
_WINDOW = 5


@dataclass(frozen=True)
class Finding:
    """What a test found: its number with what is known of it, and what follows.

    Attributes
    ----------
    verdict : str
        One of `VERDICTS`.
    estimate, low, high : float
        NaN where there is none.
    unit : str
        Of the estimate.
    interval : str
        What kind of interval it is.
    specifications, agree : float
        How many ways to look at it there are, and what share of them agree.
    reason : str
        In words.
    """

    verdict: str
    estimate: float = np.nan
    low: float = np.nan
    high: float = np.nan
    unit: str = ""
    interval: str = "none"
    specifications: float = np.nan
    agree: float = np.nan
    reason: str = ""


def table(name: str | None = None) -> pd.DataFrame:
    """Read the table that ships, or one of your own.

    Parameters
    ----------
    name : str, optional
        Of your own: it lies in the folder of imported data, as `claims/NAME.csv`.

    Raises
    ------
    ParameterError
        If there is none of that name; a name is no path.
    SourceFileError
        As `read`.
    """
    if name is None:
        return read()
    folder = paths.imports_dir() / "claims"
    there = sorted(path.stem for path in folder.glob("*.csv")) if folder.is_dir() else []
    if name not in there:
        raise ParameterError(
            f"claims={name!r}: there is no such table in {folder}. There are:"
            f" {', '.join(there) or 'none'}."
        )
    return read(folder / f"{name}.csv")


def read(path: Path | None = None) -> pd.DataFrame:
    """Read a table of claims.

    Parameters
    ----------
    path : Path, optional
        CSV with the columns `COLUMNS`; default: the table that ships with the project.

    Returns
    -------
    DataFrame
        As written, with codes for states, years as numbers.

    Raises
    ------
    SourceFileError
        If a column is missing, or a row has an unknown test, state, source or year; all such rows
        are named.
    """
    path = paths.data_dir() / "claims.csv" if path is None else Path(path)
    try:
        table = pd.read_csv(path, dtype="str", keep_default_na=False)
    except (OSError, UnicodeDecodeError, pd.errors.ParserError) as error:
        raise SourceFileError(f"{path}: not a table of claims ({error}).") from error
    if missing := [name for name in COLUMNS if name not in table]:
        raise SourceFileError(f"{path}: the column {', '.join(missing)} is missing.")
    faults = [
        f"{path}, row {number + 2}: {fault}"
        for number, row in enumerate(table.to_dict("records"))
        for fault in _faults(row)
    ]
    if repeated := sorted(set(table.loc[table.duplicated(["state", "part"]), "part"])):
        faults.append(f"{path}: the part {', '.join(repeated)} is there twice for one state")
    if faults:
        raise SourceFileError("\n".join(faults))
    for name in ("before", "after", "threshold"):
        table[name] = pd.to_numeric(table[name])
    return table[COLUMNS]


def _faults(row: Mapping[str, str]) -> list[str]:
    faults = [f"{name} is empty" for name in _NEEDED if not row[name].strip()]
    if row["test"] not in TESTS:
        faults.append(f"test is {row['test']!r}; it is one of {', '.join(TESTS)}")
    if row["source"] and row["source"] not in catalog.all_sources():
        faults.append(f"source is {row['source']!r}; there is none of that name")
    for name in ("before", "after", "threshold"):
        try:
            float(row[name] or 0)
        except ValueError:
            faults.append(f"{name} is {row[name]!r}; a number is expected")
    codes = [row["state"], *(code for code in row["partners"].split() if code != _FIRST)]
    unknown = [code for code in codes if code not in countries.codes()]
    if unknown:
        faults.append(f"{', '.join(unknown)}: no ISO3 code of a state")
    return faults


def assess(table: pd.DataFrame, country: str, *, draws: int, seed: int) -> pd.DataFrame:
    """Hold each part of each claim about a state against the record.

    Parameters
    ----------
    table : DataFrame
        As `read` returns it.
    country : str
        ISO3 code or name.
    draws, seed : int
        Of the bootstrap, where the source records events.

    Returns
    -------
    DataFrame
        One row for each part, with columns `ASSESSED`; empty if there is no claim about the state.

    Raises
    ------
    UnknownCountryError
        For a name that is no state's.
    """
    code = countries.lookup(country)
    rows = []
    for part in table[table["state"] == code].to_dict("records"):
        found = TESTS[part["test"]](part, code, draws=draws, seed=seed)
        covered = catalog.get(part["source"]).years if part["source"] else ()
        covered = "–".join(map(str, covered)) or None
        source = part["source"] or None
        rows.append({**part, **vars(found), "coverage": covered, "source": source})
    return pd.DataFrame(rows, columns=ASSESSED)


def verdicts(assessed: pd.DataFrame) -> pd.DataFrame:
    """Sum up each claim by its parts.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.

    Returns
    -------
    DataFrame
        One row a claim: claim, text, verdict, and how many parts have each verdict. Supported or
        contradicted if all parts that can be measured are; not measurable if none can; else mixed.
    """
    rows = []
    for (claim, text), parts in assessed.groupby(["claim", "text"], sort=False):
        counts = parts["verdict"].value_counts().reindex(VERDICTS, fill_value=0)
        known = set(parts["verdict"]) - {UNKNOWN}
        verdict = known.pop() if len(known) == 1 else MIXED if known else UNKNOWN
        rows.append({"claim": claim, "text": text, "verdict": verdict, **counts})
    return pd.DataFrame(rows, columns=["claim", "text", "verdict", *VERDICTS])


def sources(assessed: pd.DataFrame) -> list[str]:
    """Short names of the sources that claims were held against.

    Parameters
    ----------
    assessed : DataFrame
        As `assess` returns it.
    """
    return sorted(set(assessed["source"].dropna()))


def both_sides(made: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Measure what an essay on dependence would quote, and what one on variety would.

    Parameters
    ----------
    made : DataFrame
        Portfolios of one country in many windows.

    Returns
    -------
    dict of str to DataFrame
        "dependence": share of the first arms supplier, by the best source there is; "variety":
        number of partners of each instrument. Each as `analysis.measure` gives it; the first only
        where there is anything.
    """
    arms = profile.best_arms(made)
    first = measure(arms, concentration_ratio, k=1, label="share of the first supplier")
    sides = {"dependence": first} if first["estimate"].notna().any() else {}
    return {**sides, "variety": measure(made, hill, order=0, label="number of partners")}


# --- what tests have in common --------------------------------------------------------------------


def _made(part: Mapping, code: str, *, window: int = _WINDOW) -> pd.DataFrame:
    """Portfolios of the part's source and instrument in the windows it names."""
    instrument = part["instrument"].split("/")[0]
    records = store.load(instrument, country=code, sources=[part["source"]])
    ends = [int(year) for year in (part["before"], part["after"]) if not np.isnan(year)]
    made = portfolio(
        records, window=window, years=(min(ends), max(ends)), countries=[code],
        sources=[part["source"]],
    )  # fmt: skip
    return made[made["end"].isin(ends) & (made["instrument"] == part["instrument"])]


def _at(made: pd.DataFrame, year: float) -> pd.DataFrame:
    return made[made["end"] == year]


def _absent(made: pd.DataFrame) -> Finding | None:
    """Say why portfolios cannot be measured, if one cannot."""
    lacking = made.loc[made["status"] != "measured", ["start", "end", "status"]]
    if len(lacking) == 0 and len(made):
        return None
    first = lacking.iloc[0] if len(lacking) else {"start": "", "end": "", "status": "not_covered"}
    why = {
        "empty": "nothing is on record", "not_covered": "the source does not cover it",
        "not_in_system": "the state did not exist",
    }[first["status"]]  # fmt: skip
    return Finding(UNKNOWN, reason=f"{first['start']}–{first['end']}: {why}")


def _indicator(partners: list[str]) -> pd.Series:
    """1 for the partners, 0 for all others: the weighted mean of these is the share."""
    every = sorted(countries.codes())
    return pd.Series([float(code in partners) for code in every], index=every)


def _partners(part: Mapping, made: pd.DataFrame) -> list[str]:
    if part["partners"] == _FIRST:
        return [shares(made)["partner"].iloc[0]]
    return part["partners"].split()


def _bounds(made: pd.DataFrame, partners: list[str]) -> tuple[float, float]:
    """Least and greatest share of the partners, whatever the source leaves open."""
    own = made["partner"].isin(partners)
    low, high = (made.loc[own, f"weight_{end}"].sum() for end in ("low", "high"))
    other_low, other_high = (made.loc[~own, f"weight_{end}"].sum() for end in ("low", "high"))
    return low / (low + other_high), high / (high + other_low)


def _share(made: pd.DataFrame, partners: list[str], **options: object) -> pd.Series:
    """Share of the partners, with the interval or the bounds that the source has for it."""
    asked = {"distances": _indicator(partners), "limits": (0.0, 1.0), **options}
    row = measure(made, alignment.position, **asked).iloc[0].copy()
    ends = _bounds(made, partners)
    if ends[1] - ends[0] > 1e-12:
        row["low"], row["high"] = ends
        row["interval"] = "bounds over all splits of spread deliveries"
    return row


def _verdict(low: float, high: float, estimate: float, *, border: float, agree: float) -> str:
    """Supported if above the border whatever is not known, and by most specifications."""
    low, high = (estimate if np.isnan(end) else end for end in (low, high))
    if low > border and not agree < AGREE:
        return SUPPORTED
    return CONTRADICTED if high <= border and not agree > DISAGREE else MIXED


def _agreeing(found: list[bool]) -> tuple[float, float]:
    return (float(len(found)), float(np.mean(found))) if found else (0.0, np.nan)


# --- tests ---------------------------------------------------------------------------------------


def _share_at_least(part: Mapping, code: str, *, below: bool = False, **options: int) -> Finding:
    """Whether partners had at least a share of the window that ends in `after`, or less."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partners = _partners(part, made)
    row = _share(made, partners, **options)
    found = [
        (_share(one, partners)["estimate"] >= part["threshold"]) != below
        for one in (_made(part, code, window=window) for window in _WINDOWS)
        if _absent(one) is None
    ]
    sign = -1 if below else 1
    low, high = (row["high"], row["low"]) if below else (row["low"], row["high"])
    number, agree = _agreeing(found)
    verdict = _verdict(
        sign * low, sign * high, sign * row["estimate"], border=sign * part["threshold"] - 1e-12,
        agree=agree,
    )  # fmt: skip
    who = ", ".join(map(countries.name_of, partners))
    return Finding(
        verdict, row["estimate"], row["low"], row["high"], "share", row["interval"], number, agree,
        f"{who} in {_years(row)}; asked for: {'below' if below else 'at least'}"
        f" {part['threshold']:.0%}",
    )  # fmt: skip


def _share_grew(part: Mapping, code: str, **options: int) -> Finding:
    """Whether the share of partners is higher in the window of `after` than in that of `before`."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partners = part["partners"].split()
    late, early = (_at(made, part[name]) for name in ("after", "before"))
    row = difference(
        late, early, alignment.position, distances=_indicator(partners), **options
    ).iloc[0]
    found = []
    for window in _WINDOWS:
        one = _made(part, code, window=window)
        if _absent(one) is None:
            ends = [_share(_at(one, part[n]), partners)["estimate"] for n in ("after", "before")]
            found.append(ends[0] > ends[1])
    number, agree = _agreeing(found)
    verdict = _verdict(row["low"], row["high"], row["difference"], border=0.0, agree=agree)
    who = ", ".join(map(countries.name_of, partners))
    return Finding(
        verdict, row["difference"], row["low"], row["high"], "difference of shares",
        row["interval"], number, agree,
        f"{who}: {row['estimate_before']:.1%} in {row['start_before']:.0f}–{row['end_before']:.0f},"
        f" {row['estimate']:.1%} in {_years(row)}",
    )  # fmt: skip


def _first_partner(part: Mapping, code: str, **options: int) -> Finding:
    """Whether a partner has the largest share of the window that ends in `after`."""
    made = _made(part, code)
    if absent := _absent(made):
        return absent
    partner = part["partners"]
    found = []
    for window in _WINDOWS:
        one = _made(part, code, window=window)
        if _absent(one) is None:
            found.append(_is_first(shares(one), partner))
    number, agree = _agreeing(found)
    row, table = _share(made, [partner], **options), shares(made)
    first = table.iloc[0]
    verdict = SUPPORTED if agree >= AGREE else CONTRADICTED if agree <= DISAGREE else MIXED
    return Finding(
        verdict, row["estimate"], row["low"], row["high"], "share", row["interval"], number, agree,
        f"{countries.name_of(partner)} in {_years(row)}; first is {first['partner_name']} with"
        f" {first['share']:.1%}",
    )  # fmt: skip


def _is_first(table: pd.DataFrame, partner: str) -> bool:
    own = table.loc[table["partner"] == partner, "share"]
    return bool(len(own)) and own.iloc[0] >= table["share"].max() - 1e-12


def _more_diverse(part: Mapping, code: str, **options: int) -> Finding:
    """Whether a portfolio became more diverse: by most measures, windows and weightings."""
    curve = specification.curve(
        code, part["instrument"], before=int(part["before"]), after=int(part["after"]),
        sources=[part["source"]] if part["source"] else None,
    )  # fmt: skip
    counted = specification.agreement(curve)
    if not counted["judged"]:
        return Finding(UNKNOWN, reason="no source covers both windows")
    own = {**part, "source": part["source"] or curve.loc[curve["agrees"].notna(), "source"].iloc[0]}
    made = _made(own, code)
    if absent := _absent(made):
        return absent
    late, early = (_at(made, part[name]) for name in ("after", "before"))
    row = difference(late, early, hill, order=1, **options).iloc[0]
    agree = counted["share"]
    verdict = _verdict(row["low"], row["high"], row["difference"], border=0.0, agree=agree)
    partners = [one["partner"].nunique() for one in (early, late)]
    return Finding(
        verdict, row["difference"], row["low"], row["high"], "effective partners, q = 1",
        row["interval"], counted["judged"], agree,
        f"{row['estimate_before']:.2f} effective partners in"
        f" {row['start_before']:.0f}–{row['end_before']:.0f}, {row['estimate']:.2f} in"
        f" {_years(row)} ({own['source']}); named partners {partners[0]}, then {partners[1]}",
    )  # fmt: skip


def _partners_counted(part: Mapping, code: str, *, grew: bool, **_: int) -> Finding:
    """Whether there are at least so many partners, or more than before."""
    made = _made(part, code)
    late = _at(made, part["after"])
    if absent := _absent(late):
        return absent
    number = late["partner"].nunique()
    border = part["threshold"]
    if grew:
        border = _at(made, part["before"])["partner"].nunique() + 1
    return Finding(
        SUPPORTED if number >= border else CONTRADICTED, float(number), unit="partners",
        reason=f"{number} in {part['after']:.0f}"
        + (f", {border - 1:.0f} in {part['before']:.0f}" if grew else f"; asked for: {border:.0f}"),
    )  # fmt: skip


def _events(part: Mapping, code: str) -> pd.DataFrame:
    """Events of the part's source with any of its partners, of those named alike; each once."""
    rows = store.load(part["instrument"], country=code, sources=[part["source"]])
    rows = rows[~ledger.has_flag(rows, "unrecognised")]
    if part["partners"]:
        rows = rows[rows["partner"].isin(part["partners"].split())]
    if part["events"]:
        rows = rows[rows["event_id"].str.startswith(part["events"])]
    return rows


def _events_grew(part: Mapping, code: str, **_: int) -> Finding:
    """Whether there are more events in the window of `after` than in that of `before`."""
    first, last = catalog.get(part["source"]).years
    if part["before"] - _WINDOW + 1 < first or part["after"] > last:
        return Finding(UNKNOWN, reason=f"the source covers {first}–{last} only")
    events = _events(part, code).drop_duplicates("event_id")
    began = events["start"].dt.year

    def count(end: float, window: int) -> int:
        return int(began.between(end - window + 1, end).sum())

    early, late = count(part["before"], _WINDOW), count(part["after"], _WINDOW)
    if not early and not late:
        return Finding(UNKNOWN, reason="nothing is on record in either window")
    found = [count(part["after"], w) > count(part["before"], w) for w in _WINDOWS]
    # half an event more in each, so that none is not nothing (Haldane 1956; Anscombe 1956)
    ratio = np.log((late + 0.5) / (early + 0.5))
    reach = NormalDist().inv_cdf(0.975) * np.sqrt(1 / (late + 0.5) + 1 / (early + 0.5))
    low, high = np.exp(ratio - reach), np.exp(ratio + reach)
    number, agree = _agreeing(found)
    return Finding(
        _verdict(low, high, np.exp(ratio), border=1.0, agree=agree), np.exp(ratio), low, high,
        "ratio of numbers of events", "95% of a ratio of two Poisson numbers", number, agree,
        f"{early} in {part['before'] - _WINDOW + 1:.0f}–{part['before']:.0f}, {late} in"
        f" {part['after'] - _WINDOW + 1:.0f}–{part['after']:.0f}",
    )  # fmt: skip


def _recorded(part: Mapping, code: str, **_: int) -> Finding:
    """Whether at least so many events are on record; a list cannot show that there were none."""
    events = _events(part, code)
    first = -np.inf if np.isnan(part["before"]) else part["before"]
    number = events.loc[events["start"].dt.year.between(first, part["after"]), "event_id"].nunique()
    enough = number >= part["threshold"]
    return Finding(
        SUPPORTED if enough else UNKNOWN, float(number), unit="events on record",
        reason=f"{number} on record; asked for: {part['threshold']:.0f}"
        + ("" if enough else "; the list was put together by searching, so more may exist"),
    )  # fmt: skip


def _parties_at_least(part: Mapping, code: str, **_: int) -> Finding:
    """Whether events of a series have at least so many parties each, in the median."""
    events = _events(part, code).drop_duplicates("event_id")
    sizes = events.loc[events["start"].dt.year <= part["after"], "parties"].astype(float)
    if sizes.empty:
        return Finding(UNKNOWN, reason="no such event is on record")
    middle = float(sizes.median())
    found = (sizes >= part["threshold"]).tolist()
    number, agree = _agreeing(found)
    verdict = _verdict(
        sizes.min(), sizes.max(), middle, border=part["threshold"] - 0.5, agree=agree
    )
    return Finding(
        verdict, middle, float(sizes.min()), float(sizes.max()), "states in the median event",
        "least and greatest event", number, agree,
        f"{len(sizes)} events on record; asked for: {part['threshold']:.0f} states",
    )  # fmt: skip


def _new_partners(part: Mapping, code: str, **_: int) -> Finding:
    """Whether partners are on record up to `after`, and none of them up to `before`."""
    events = _events(part, code)
    firsts = events.groupby("partner")["start"].min().dt.year
    wanted = part["partners"].split()
    there = firsts[firsts <= part["after"]].reindex(wanted)
    found = (there > part["before"]).tolist()
    number, agree = _agreeing(found)
    verdict = SUPPORTED if agree == 1 else CONTRADICTED if agree == 0 else MIXED
    known = {countries.name_of(code): year for code, year in there.dropna().items()}
    told = ", ".join(f"{name} {year:.0f}" for name, year in known.items())
    return Finding(
        UNKNOWN if not known else verdict, float(sum(found)), unit="new partners on record",
        specifications=number, agree=agree,
        reason=f"first on record: {told or 'none'}; of {len(wanted)} named",
    )  # fmt: skip


def _amount_above(part: Mapping, code: str, **_: int) -> Finding:
    """Whether the ten years up to `after` brought more than the ten years up to `before`."""
    rows = _events(part, code)
    years = rows["end"].dt.year
    late, early = (
        rows.loc[years.between(part[name] - 9, part[name]), "value"].sum()
        for name in ("after", "before")
    )
    unit = catalog.get(part["source"]).unit
    if not late and not early:
        return Finding(UNKNOWN, reason="nothing is on record in either span")
    return Finding(
        SUPPORTED if late > early else CONTRADICTED, late / max(early, 1.0), unit="ratio",
        reason=f"{late:,.0f} {unit} in {part['after'] - 9:.0f}–{part['after']:.0f},"
        f" {early:,.0f} in {part['before'] - 9:.0f}–{part['before']:.0f}",
    )  # fmt: skip


def _not_measurable(part: Mapping, code: str, **_: int) -> Finding:
    """Say that no source here speaks of it."""
    return Finding(UNKNOWN, reason="no source that is a systematic record of it ships")


def _years(row: pd.Series) -> str:
    return f"{row['start']:.0f}–{row['end']:.0f}"


#: name of a test in a table of claims -> function
TESTS: dict[str, Callable[..., Finding]] = {
    "share_at_least": _share_at_least,
    "share_below": partial(_share_at_least, below=True),
    "share_grew": _share_grew,
    "first_partner": _first_partner,
    "more_diverse": _more_diverse,
    "partners_at_least": partial(_partners_counted, grew=False),
    "more_partners": partial(_partners_counted, grew=True),
    "events_grew": _events_grew,
    "recorded": _recorded,
    "parties_at_least": _parties_at_least,
    "new_partners": _new_partners,
    "amount_above": _amount_above,
    "not_measurable": _not_measurable,
}
