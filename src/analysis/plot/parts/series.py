"""Which series a table holds: what tells them apart, what each is called, and how it looks.

A figure shows every series of its table under a label of its own, or refuses the table and says
what to select. `DRAWS` declares for each figure what it tells apart and what it shows one of.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import NamedTuple

import pandas as pd

from ... import words
from ...errors import ParameterError, UnknownCountryError
from ...sources import countries
from . import colours, style

#: column -> what two different values of it are called in a message
NOUNS = {
    "country": "states", "source": "sources", "instrument": "instruments", "measure": "measures",
    "weighting": "weightings", "window": "lengths of window", "start": "first years",
    "end": "last years", "name": "names", "way": "ways of counting", "shock": "shocks",
    "unit": "units", "of": "states whose peers they are",
}  # fmt: skip
_SERIES = ("country", "source", "instrument", "weighting", "window")
_PORTFOLIO = (*_SERIES, "start", "end")
#: what a label says where two series would otherwise be called the same, in this order
_TOLD = (
    "country", "instrument", "measure", "shock", "source", "weighting", "window", "years", "way",
)  # fmt: skip


class Draws(NamedTuple):
    """What a figure draws: series kept `apart`, `one` of some things, one row for `each` place."""

    apart: tuple[str, ...] = ()
    one: tuple[str, ...] = ()
    each: tuple[str, ...] | None = None


_ONE_SERIES = Draws(one=_SERIES, each=("end", "partner"))
_ONE_PORTFOLIO = Draws(one=_PORTFOLIO, each=("partner",))
#: figure -> what it draws; a column that a table lacks is left out of account
DRAWS = {
    "partners": Draws(_PORTFOLIO, each=("partner",)),
    "lorenz": Draws(_PORTFOLIO, each=("partner",)),
    "composition": Draws(
        one=("country", "instrument", "weighting", "window"), each=("end", "partner")
    ),
    "compositions": Draws(_SERIES, each=("end", "partner")),
    "heatmap": _ONE_SERIES,
    "bump": _ONE_SERIES,
    "world_map": _ONE_PORTFOLIO,
    "network": _ONE_PORTFOLIO,
    "trend": Draws((*_SERIES, "name"), one=("measure",), each=("end",)),
    "triptych": Draws((*_SERIES, "name"), one=("measure",), each=("end",)),
    "hill_profile": Draws((*_PORTFOLIO, "name"), each=("order",)),
    "loss": Draws(_PORTFOLIO, each=("measure",)),
    "removal": Draws(_PORTFOLIO, each=("removed",)),
    "blocs": Draws(_PORTFOLIO, each=("rule", "bloc")),
    "joint_default": Draws(_PORTFOLIO, one=("measure",), each=("together", "correlation")),
    "shock_effects": Draws(("instrument",), one=("country", "measure"), each=("shock",)),
    "synthetic_paths": Draws(
        ("shock", "source", "instrument"), one=("country", "measure"), each=("end",)
    ),
    "peers": Draws(
        ("country",), one=("source", "instrument", "measure", "weighting", "window"), each=()
    ),
    "peer_ranks": Draws((*_PORTFOLIO[1:], "measure"), one=("country",), each=()),
    "against_peers": Draws(("country",), one=(*_SERIES[1:], "measure"), each=("end",)),
    "specification": Draws(one=("country",)),
    "verdicts": Draws(one=("country", "state"), each=("part",)),
    "coverage": Draws(one=("country",), each=("source",)),
    "timeline": Draws(one=("country",)),
    "yearly": Draws(("panel",), one=("country",), each=("year", "kind")),
    "two_weightings": Draws(("way",), one=("country", "instrument"), each=("partner",)),
}


@dataclass(frozen=True)
class Series:
    """The series of a table.

    Attributes
    ----------
    columns : list of str
        What tells them apart: their keys are the values of these.
    firsts : DataFrame
        The first row of each.
    labels : dict
        Key -> what a series is called.
    titles : dict
        Key -> the same with the years of its window, where it has one.
    shared : str
        What all of them have in common and no label says: the state, the instrument, the source.
    heads : dict
        Key of a series by a source that takes over where another one ends -> key of that one.
    """

    columns: list[str]
    firsts: pd.DataFrame
    labels: dict[tuple, str]
    titles: dict[tuple, str]
    shared: str
    heads: dict[tuple, tuple]

    @cached_property
    def looks(self) -> dict[tuple, tuple]:
        """Key -> colour, dashes and marker; see `plot_colours.looks`."""
        looks = colours.looks(_column(self.firsts, "country"), _column(self.firsts, "instrument"))
        return dict(zip(self.labels, looks, strict=True))

    def split(self, table: pd.DataFrame) -> Iterator[tuple[tuple, pd.DataFrame]]:
        """Give each series of a table that holds some of these: its key and rows."""
        if not self.columns:
            yield from [((), table)] if len(table) else []
        else:
            yield from table.groupby(self.columns, sort=False, dropna=False)

    def keys(self, table: pd.DataFrame) -> list[tuple]:
        """Give the key of each row."""
        return list(table[self.columns].itertuples(index=False, name=None))


def of(table: pd.DataFrame, figure: str, *, each: Sequence[str] | None = None) -> Series:
    """Take a table apart into the series that a figure draws."""
    asked = DRAWS[figure]
    refuse_several(table, figure, asked.one)
    found = arranged(table, asked.apart)
    each = asked.each if each is None else each
    if each is not None:
        _refuse_mixtures(table, figure, [*found.columns, *each])
    return found


def in_turn(table: pd.DataFrame, figure: str) -> str:
    """Say which sources tell of which windows, where one takes over from another."""
    for _, rows in table.groupby("end"):
        refuse_several(rows, figure, ("source",))
    firsts = table.sort_values("end", kind="stable").groupby("source", sort=False)["end"].min()
    later = [f"{words.source_title(key)} from {year}" for key, year in firsts.items()][1:]
    return "".join(f" · {text}" for text in later)


def refuse_several(table: pd.DataFrame, figure: str, one: Sequence[str]) -> None:
    """Raise if a table holds several of what a figure shows one of."""
    values_of = {name: list(table[name].dropna().unique()) for name in one if name in table}
    several = {name: values for name, values in values_of.items() if len(values) > 1}
    if several:
        listed = "; ".join(
            f"{len(values)} {NOUNS.get(name, name)} ({_listed(values)})"
            for name, values in several.items()
        )
        name, values = next(iter(several.items()))
        raise ParameterError(
            f"{figure} shows one of each, and the table holds {listed}. Draw them one by one, such"
            f" as table[table[{name!r}] == {values[0]!r}]."
        )


def _listed(values: list, most: int = 6) -> str:
    texts = [words.clean(value, 40) for value in values[:most]]
    return ", ".join(texts + ["…"] * (len(values) > most))


def _refuse_mixtures(table: pd.DataFrame, figure: str, places: list[str]) -> None:
    places = [name for name in places if name in table]
    twice = table[table.duplicated(places, keep=False)] if places else table.iloc[: len(table) > 1]
    if twice.empty:
        return
    first = twice[places].iloc[0]
    same = twice[(twice[places].eq(first) | (twice[places].isna() & first.isna())).all(axis=1)]
    unlike = [name for name in table if name not in places and len(same[name].unique()) > 1]
    where = ", ".join(f"{name} {words.clean(value, 40)}" for name, value in first.items())
    raise ParameterError(
        f"{figure} draws one value for each place, and the table has {len(same)} rows for"
        f" {where or 'the only one'}"
        + (f", which differ in {_listed(unlike)}" if unlike else ", all alike")
        + ". Select one of them, or draw them one by one."
    )


def arranged(table: pd.DataFrame, apart: Sequence[str]) -> Series:
    """Name all series of a table, and give each a look of its own, without refusing any."""
    columns = [name for name in apart if name in table]
    firsts = table.drop_duplicates(columns) if columns else table.head(1)
    firsts = firsts.reset_index(drop=True)
    keys = list(firsts[columns].itertuples(index=False, name=None)) or [()] * len(firsts)
    labels = _labels(firsts, columns)
    titles = labels
    if {"start", "end"} <= set(columns):
        spans = [words.years(row.start, row.end) for row in firsts.itertuples()]
        titles = [
            label if span in label else f"{label}, {span}"
            for label, span in zip(labels, spans, strict=True)
        ]
    named, titled = (dict(zip(keys, texts, strict=True)) for texts in (labels, titles))
    return Series(columns, firsts, named, titled, _shared(firsts), _heads(table, columns))


def _heads(table: pd.DataFrame, columns: list[str]) -> dict[tuple, tuple]:
    """Find series that differ from another in their source only, and begin where that one ends."""
    if not {"estimate", "end"} <= set(table) or "end" in columns or "source" not in columns:
        return {}
    known = table[table["estimate"].notna()]
    spans = known.groupby(columns, sort=False, dropna=False)["end"].agg(["min", "max"])
    at = columns.index("source")
    found = {}
    for (key, (first, _)), (other, (_, last)) in permutations(
        zip(map(_as_key, spans.index), spans.to_numpy(), strict=True), 2
    ):
        if key[:at] + key[at + 1 :] == other[:at] + other[at + 1 :] and first > last:
            found[key] = other
    return found


def _as_key(index: object) -> tuple:
    return index if isinstance(index, tuple) else (index,)


def _column(rows: pd.DataFrame, name: str) -> list[str]:
    return rows[name].tolist() if name in rows else [""] * len(rows)


def _labels(firsts: pd.DataFrame, columns: list[str]) -> list[str]:
    """Name each series as its table does, or by its state, if there are several, and instrument.

    Its source, weighting, window and years are added where two would be called the same.
    """
    labels = pd.Series([_base(row, firsts) for _, row in firsts.iterrows()], index=firsts.index)
    if "name" in columns:
        labels = (
            firsts["name"]
            .map(lambda name: words.clean(name, 34))
            .where(firsts["name"].notna(), labels)
        )
    for column in _TOLD:
        texts = _texts(firsts, column)
        if texts is None or not labels.duplicated().any():
            continue
        several = texts.groupby(labels).transform("nunique") > 1
        labels = labels.where(~several, labels + " (" + texts + ")").str.replace(") (", ", ")
    return labels.tolist()


def _base(row: pd.Series, firsts: pd.DataFrame) -> str:
    what = words.instrument_label(row["instrument"]) if "instrument" in row else ""
    if not _several(firsts, "country"):
        return what
    state = state_name(row["country"])
    return f"{state}: {what[:1].lower()}{what[1:]}" if _several(firsts, "instrument") else state


def _several(rows: pd.DataFrame, name: str) -> bool:
    return name in rows and len(rows[name].unique()) > 1


def state_name(code: object) -> str:
    """Name a state, by its code where there is no other name."""
    try:
        return words.clean(countries.name_of(str(code)), 34)
    except UnknownCountryError:
        return words.clean(code, 34)


def terms(row: pd.Series) -> str:
    """Say whose portfolio it is, and how it was made."""
    return f"{state_name(row['country'])} · {style.terms(row)}"


def _texts(firsts: pd.DataFrame, column: str) -> pd.Series | None:
    """Say what a column holds, in words; None where the table lacks it."""
    if column == "years" and {"start", "end"} <= set(firsts):
        return firsts.apply(lambda row: words.years(row["start"], row["end"]), axis=1)
    if column not in firsts:
        return None
    return firsts[column].map(_SAY.get(column, lambda text: words.clean(text, 30)))


_SAY = {
    "country": state_name,
    "instrument": words.instrument_label,
    "source": words.source_title,
    "weighting": words.weighting_name,
    "window": lambda window: f"{window:.0f}-year window",
}


def _shared(firsts: pd.DataFrame) -> str:
    """Say what all series have in common: state, instrument if labels leave it out, source."""
    one = {
        name: firsts[name].iloc[0]
        for name in ("country", "instrument", "source")
        if len(firsts) and name in firsts and not _several(firsts, name)
    }
    if "country" in one:
        one.pop("instrument", None)
    return joined(*(_SAY[name](value) for name, value in one.items()))


def joined(*texts: str) -> str:
    """Put texts on one line, without those that are empty."""
    return " · ".join(text for text in texts if text)
