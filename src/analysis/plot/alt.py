"""Alt text: what each figure shows, in a few sentences with the numbers, from the same tables."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from ..words import (
    ABSENCES,
    capital,
    clean,
    counted,
    estimate_of,
    instrument_label,
    loss_of,
    number,
    number_of,
    percent,
    percent_of,
    years,
)
from .parts import series
from .parts.style import partner_names, reason


def describe_partners(shares: pd.DataFrame) -> str:
    """Alt text of `partners`: the first three partners of each portfolio."""
    found = series.of(shares, "partners")
    parts = [
        f"{found.titles[key]} ({series.terms(rows.iloc[0])}): {_portfolio(rows)}"
        for key, rows in found.split(shares)
    ]
    return _sentences("Bars of partners' shares", parts, shares)


def _of(opening: str, found: series.Series) -> str:
    """Add to an opening what all that is shown has in common: the state, the source."""
    return f"{opening} ({found.shared})" if found.shared else opening


def _portfolio(rows: pd.DataFrame) -> str:
    known = rows[rows["share"].notna()]
    if known.empty:
        return reason(rows)
    more = len(known) - 3
    rest = f" and {more} more" if more > 0 else ""
    return f"{_top(known)}{rest}"


def _top(known: pd.DataFrame, count: int = 3) -> str:
    best = known.sort_values("share", ascending=False, kind="stable").head(count)
    pairs = zip(partner_names(best), best.itertuples(), strict=True)
    return ", ".join(f"{name} {percent_of(row)}" for name, row in pairs)


def describe_composition(shares: pd.DataFrame) -> str:
    """Alt text of `composition`: the first partners at both ends, and the gaps."""
    series.of(shares, "composition")
    later = series.in_turn(shares, "composition")
    known = shares[shares["share"].notna()]
    if known.empty:
        return _sentences("Stacked areas of partners' shares over time", [], shares)
    first = known.iloc[0]
    ends = sorted({int(known["end"].min()), int(known["end"].max())})
    parts = [_window(known[known["end"] == end]) for end in ends]
    opening = f"Stacked areas of partners' shares, {instrument_label(first['instrument'])}"
    return _sentences(f"{opening} ({series.terms(first)}{later})", [*parts, *_gaps(shares)], shares)


def describe_compositions(shares: pd.DataFrame) -> str:
    """Alt text of `compositions`: that of each panel."""
    found = series.of(shares, "compositions")
    parts = [describe_composition(rows) for _, rows in found.split(shares)]
    return " ".join(parts) or describe_composition(shares)


def _window(rows: pd.DataFrame) -> str:
    span = years(rows["start"].iloc[0], rows["end"].iloc[0])
    return f"{span}: {_top(rows)} ({counted(len(rows), 'partner')})"


def _gaps(shares: pd.DataFrame) -> list[str]:
    status = shares.drop_duplicates("end").set_index("end")["status"]
    return [
        f"{why.name} for windows ending {_runs(status.index[status == kind])}"
        for kind, why in ABSENCES.items()
        if kind != "measured" and (status == kind).any()
    ]


def _runs(found: Iterable[int]) -> str:
    ordered = np.sort(np.asarray(list(found), int))
    parts = np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1)
    return ", ".join(years(part[0], part[-1]) for part in parts)


def describe_heatmap(shares: pd.DataFrame) -> str:
    """Alt text of `heatmap`: the first partner of each window, or of both ends if they are many."""
    found = series.of(shares, "heatmap")
    known = shares[shares["share"].notna()]
    if known.empty:
        return _sentences("Table of partners' shares by window", [], shares)
    ends = np.sort(known["end"].unique())
    shown = ends if len(ends) <= 8 else ends[[0, -1]]
    rows = [known[known["end"] == end] for end in shown]
    parts = [f"{years(r['start'].iloc[0], r['end'].iloc[0])}: {_first(r)}" for r in rows]
    opening = f"Shares of partners by window, {instrument_label(known['instrument'].iloc[0])}"
    return _sentences(_of(opening, found), [*parts, *_gaps(shares)], shares)


def _first(rows: pd.DataFrame) -> str:
    """Name the largest partner of a window, and how many there are."""
    return f"{_top(rows, 1)}, {'the only one' if len(rows) == 1 else f'first of {len(rows)}'}"


def describe_lorenz(shares: pd.DataFrame) -> str:
    """Alt text of `lorenz`: what the first and the last of the partners hold."""
    known = shares[shares["share"].notna()]
    found = series.of(known, "lorenz")
    parts = [
        f"{found.titles[key]}: of {len(rows)} partners the first holds"
        f" {percent_of(rows.loc[rows['share'].idxmax()])}, the last"
        f" {percent_of(rows.loc[rows['share'].idxmin()])}"
        for key, rows in found.split(known)
        if len(rows) > 1
    ]
    if len(known) and not parts:
        parts = ["no data: fewer than two partners"]
    return _sentences(_of("Lorenz curves of ties over partners", found), parts, shares)


def describe_trend(measures: pd.DataFrame) -> str:
    """Alt text of `trend`: first, last, lowest and highest estimate of each line."""
    lines = series.of(measures, "trend")
    return _sentences(_of(_lines_of(measures), lines), _line_texts(measures, lines), measures)


def _lines_of(measures: pd.DataFrame) -> str:
    name = clean(measures["measure"].iloc[0], 60) if len(measures) else "a measure"
    return f"Lines of {name} over time"


def _line_texts(measures: pd.DataFrame, lines: series.Series) -> list[str]:
    every = dict(lines.split(measures))
    # of one that takes over from another, the newest comes first
    place = {key: at for at, key in enumerate(every)}
    order = sorted(
        every, key=lambda key: (place.get(lines.heads.get(key), place[key]), key not in lines.heads)
    )
    return [f"{lines.labels[key]}: {_course(every[key])}" for key in order]


def _course(rows: pd.DataFrame) -> str:
    known = rows[rows["estimate"].notna()].sort_values("end")
    if known.empty:
        return reason(rows)
    first, last = known.iloc[0], known.iloc[-1]
    if len(known) == 1:
        return f"{estimate_of(first)} in {int(first['end'])}"
    if known["estimate"].min() == known["estimate"].max():
        return f"{estimate_of(last)} throughout, {int(first['end'])} to {int(last['end'])}"
    low = known.loc[known["estimate"].idxmin()]
    high = known.loc[known["estimate"].idxmax()]
    return (
        f"{estimate_of(first)} in {int(first['end'])}, {estimate_of(last)} in {int(last['end'])};"
        f" lowest {number_of(low)} in {int(low['end'])},"
        f" highest {number_of(high)} in {int(high['end'])}"
    )


def describe_triptych(tables: Mapping[str, pd.DataFrame]) -> str:
    """Alt text of `triptych`: that of each panel."""
    for table in tables.values():
        series.of(table, "triptych")
    lines = series.arranged(pd.concat(tables.values()), series.DRAWS["triptych"].apart)
    parts = [
        _sentences(
            f"{capital(clean(title))}: {_lines_of(table).removeprefix('Lines of ')}",
            _line_texts(table, lines),
            table,
        )
        for title, table in tables.items()
    ]
    return " ".join([f"{_of('Panels of lines', lines)}.", *parts])


def describe_hill_profile(profile: pd.DataFrame) -> str:
    """Alt text of `hill_profile`: the ends and the middle of each profile."""
    known = profile[profile["estimate"].notna()]
    lines = series.of(known, "hill_profile")
    parts = [
        f"{lines.labels[key]}: {_orders(rows)}" if lines.labels[key] else _orders(rows)
        for key, rows in lines.split(known)
    ]
    return _sentences(_of("Effective number of partners by order q", lines), parts, profile)


def _orders(rows: pd.DataFrame) -> str:
    wanted = rows[rows["order"].isin([0, 1, 2, np.inf])].sort_values("order")
    shown = wanted if len(wanted) else rows.sort_values("order").iloc[[0, -1]]
    pairs = zip(shown["order"], shown["estimate"], strict=True)
    return ", ".join(
        f"{number(value)} at q = {'∞' if np.isinf(order) else f'{order:g}'}"
        for order, value in pairs
    )


def describe_loss(losses: pd.DataFrame) -> str:
    """Alt text of `loss`: before and after, for every portfolio and measure."""
    known = losses[losses["before"].notna() & losses["partner"].notna()]
    found = series.of(losses, "loss")
    parts = []
    for key, rows in found.split(known):
        first = rows.iloc[0]
        changes = ", ".join(
            f"{clean(row.measure, 60)} {' to '.join(loss_of(row))}" for row in rows.itertuples()
        )
        lost = f"{partner_names(rows).iloc[0]} ({percent(first['share_lost'])})"
        parts.append(f"{found.titles[key]} without {lost}: {changes}")
    return _sentences(
        _of("Portfolios before and after the loss of a partner", found), parts, losses
    )


def describe_removal(curve: pd.DataFrame, *, value: str = "share_left") -> str:
    """Alt text of `removal`: what is left after one and after three losses."""
    known = curve[curve[value].notna()].sort_values("removed", kind="stable")
    found = series.of(curve, "removal")
    parts = []
    for key, rows in found.split(known):
        steps = rows[rows["removed"].isin([1, 3])]
        left = ", ".join(
            f"{percent(x) if value == 'share_left' else number(x)} after {counted(int(k), 'loss')}"
            for k, x in zip(steps["removed"], steps[value], strict=True)
        )
        gone = partner_names(rows[rows["removed"] == 1])
        first = f" (first to go: {gone.iloc[0]})" if len(gone) else ""
        parts.append(f"{found.titles[key]}{first}: {left or 'nobody to lose'}")
    return _sentences(_of("What is left as the largest partners go", found), parts, curve)


def describe_coverage(table: pd.DataFrame) -> str:
    """Alt text of `coverage`: for every source, what it covers and how many ties it has."""
    series.of(table, "coverage")
    parts = []
    for _, row in table.iterrows():
        covered = f"covers {years(row['first_year'], row['last_year'])}"
        ties = counted(int(row["n_ties"]), "tie") if row["n_ties"] else "no ties"
        if row["n_ties"] and pd.notna(row["first_tie_year"]):
            ties += f" from {years(row['first_tie_year'], row['last_tie_year'])}"
        seen = f"{covered}, {ties}" if row["observed"] else "does not cover this country"
        parts.append(f"{clean(row['title'], 84)} {seen}")
    span = f", {years(table['start'].min(), table['end'].max())}" if len(table) else ""
    return _sentences(f"Years covered by each source{span}", parts, table)


def describe_timeline(events: pd.DataFrame) -> str:
    """Alt text of `timeline`: how many events of each kind, and the span of dates."""
    if events.empty:
        return "Events by date. no data: no event is listed."
    series.of(events, "timeline")
    counts = events.groupby("instrument", sort=False).size()
    kinds = ", ".join(f"{instrument_label(kind)} {count}" for kind, count in counts.items())
    dates = pd.to_datetime(events["date"]).dt.year
    sure = int((events["confidence"] == "confirmed").sum())
    opening = f"{counted(len(events), 'event')} by date, {years(dates.min(), dates.max())}"
    return _sentences(opening, [kinds, f"{sure} of them confirmed"], events)


def describe_peers(standing: pd.DataFrame) -> str:
    """Alt text of `peers`: where the highlighted country stands, and both ends of the list."""
    found = series.of(standing, "peers")
    known = standing[standing["estimate"].notna()]
    known = known.sort_values(["estimate", "name"], ascending=[False, True], kind="stable")
    if known.empty:
        return _sentences("Dots of one measure by country", [], standing)
    chosen = np.flatnonzero(known["highlighted"])
    parts = [f"{_stand(known, at)}, place {at + 1} of {len(known)}" for at in chosen]
    parts += [f"highest {_stand(known, 0)}", f"lowest {_stand(known, -1)}"]
    if missing := len(standing) - len(known):
        parts.append(f"no data for {missing}")
    name = clean(known["measure"].iloc[0], 60) if "measure" in known else "one measure"
    return _sentences(_of(f"Dots of {name} by country", found), parts, standing)


def _stand(known: pd.DataFrame, at: int) -> str:
    row = known.iloc[at]
    return f"{clean(row['name'], 40)} with {estimate_of(row)}"


def describe_specification(curve: pd.DataFrame) -> str:
    """Alt text of `specification`: how many agree, and the range and middle of the estimates."""
    series.of(curve, "specification", each=None)
    known = curve[curve["estimate"].notna()]
    if known.empty:
        return _sentences("Estimates under all specifications", [], curve)
    low, middle, high = known["estimate"].quantile([0, 0.5, 1], interpolation="lower")
    agree = int(known["agrees"].fillna(False).sum())
    parts = [
        f"{agree} of {len(known)} agree",
        f"estimates from {number(low)} to {number(high)}, the middle one {number(middle)}",
    ]
    return _sentences("Estimates under all specifications, in order", parts, curve)


def _sentences(opening: str, parts: list[str], table: pd.DataFrame) -> str:
    return f"{opening}. {'; '.join(parts) if parts else reason(table)}."
