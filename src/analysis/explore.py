"""Interactive explorer: controls that update one figure and one table.

Nothing is computed here: each change of a control asks `studies`, `plot` and `display` again. In a
notebook with ipywidgets (JupyterLab, Voilà) there are controls; anywhere else, as in a report, the
first view shows like any other figure and table.
"""

import base64
import html
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import pandas as pd

from . import display, numbers, plot, words
from .errors import PartnershipError
from .parameters import SCHEMA, Parameter
from .plot.parts.style import frame
from .portfolios import battery
from .portfolios.panel import PORTFOLIO
from .portfolios.shares import shares
from .sources import catalog, countries
from .studies import coverage, selections, text

if TYPE_CHECKING:
    from ipywidgets import DOMWidget

#: a list that offers None would show it as if nothing were chosen
_NONE = ""
#: values that are offered of parameters that may have any: text -> value
ORDERS = {
    "0 (number of partners)": 0.0, "0.5": 0.5, "1 (exp. entropy)": 1.0, "1.5": 1.5,
    "2 (1/HHI)": 2.0, "3": 3.0, "∞ (1/first share)": math.inf,
}  # fmt: skip
#: kinds whose tables for all windows are made in a fraction of a second
DISTANCES = {
    "all equally unlike": _NONE, "ideal point": "ideal_point", "region": "region",
    "regime": "regime", "capitals": "geographic",
}  # fmt: skip
#: each control, in their order -> its label
_CONTROLS = {
    name: SCHEMA[name].label
    for name in (
        "country",
        "instrument",
        "start",
        "end",
        "window",
        "weighting",
        "continuing",
        "order",
    )
} | {"distance": "Distance"}
#: partners of a portfolio that have a row of their own
_MOST = 10


@dataclass(frozen=True)
class Choice:
    """What the controls say; the parameters of `Explorer`."""

    country: str
    instrument: str
    start: int
    end: int
    window: int
    weighting: str | None
    order: float
    distance: str | None
    continuing: str = "one"

    def portfolios(self) -> pd.DataFrame:
        """Gather what is chosen; of instruments with ties, those without any are left out."""
        return _portfolios(
            self.country,
            start=self.start,
            end=self.end,
            window=self.window,
            weighting=self.weighting,
            continuing=self.continuing,
            instruments=(self.instrument,),
        )


@lru_cache(maxsize=32)
def _portfolios(country: str, **options: Any) -> pd.DataFrame:
    """Portfolios, once for all choices that differ only in how they are measured."""
    portfolios = selections.portfolios(country, **options)
    return (
        selections.drop_silent_instruments(portfolios)
        if portfolios["status"].eq("measured").any()
        else portfolios
    )


@lru_cache(maxsize=32)
def measured(choice: Choice, *, draws: int, seed: int) -> pd.DataFrame:
    """Measure what is chosen.

    Parameters
    ----------
    choice : Choice
        What the controls say.
    draws, seed : int
        Of the bootstrap.
    """
    return battery.effective(
        choice.portfolios(), draws=draws, seed=seed, order=choice.order, distance=choice.distance
    )


@lru_cache(maxsize=128)
def figure(choice: Choice, *, draws: int, seed: int, live: bool = False) -> display.Output:
    """Draw what is chosen; if it cannot be, say why.

    Parameters
    ----------
    choice, draws, seed
        As of `measured`.
    live : bool
        Whether it is one of many, to be drawn in no time: only as SVG, and as large as all others.
    """
    caption = _caption(choice)
    try:
        found = measured(choice, draws=draws, seed=seed)
    except PartnershipError as error:
        return display.nothing(caption, str(error).rstrip("."))
    if draws and found.equals(measured(choice, draws=0, seed=seed)):
        return figure(choice, draws=0, seed=seed, live=live)  # nothing could be drawn from
    return display.figure(
        plot.trend(found, ax=frame(), source_note=display.source_note(found)),
        found,
        name="effective",
        caption=caption,
        alt=plot.describe_trend(found),
        crop=not live,
    )


def table(choice: Choice) -> display.Output:
    """List the first partners in the last window of what is chosen; if there can be none, say why.

    Parameters
    ----------
    choice : Choice
        What the controls say.
    """
    caption = f"{countries.name_of(choice.country)}: first partners in the last window with a tie."
    try:
        portfolios = choice.portfolios()
        rows, more = partners(portfolios)
    except PartnershipError as error:
        return display.nothing(caption, str(error).rstrip("."))
    note = display.source_note(portfolios)
    return display.table(rows, name="partners", caption=caption, notes=more, source_note=note)


@lru_cache(maxsize=32)
def limits(country: str, *, start: int, end: int) -> display.Output:
    """Say what the sources can and cannot tell of a state.

    Parameters
    ----------
    country : str
        ISO3.
    start, end : int
        Years that are asked about.
    """
    return display.prose(text.limits(country, coverage.coverage(country, start=start, end=end)))


def partners(portfolios: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """List the first partners in the last window of each portfolio, and say how many have no row.

    Parameters
    ----------
    portfolios : DataFrame
        Portfolios of one country.
    """
    rows = shares(selections.latest(portfolios))
    top = rows.groupby(PORTFOLIO, sort=False).head(_MOST)
    table = pd.DataFrame(
        {
            "instrument": top["instrument"].map(words.instrument_name),
            "source": top["source"].map(words.source_title),
            "years": list(map(words.years, top["start"], top["end"])),
            "partner": top["partner_name"],
            "share": top.apply(numbers.share_of, axis=1),
        }
    )
    left = len(rows) - len(top)
    return table, f"Not listed: {left} more, with the same or smaller shares." if left else ""


def _caption(choice: Choice) -> str:
    kind = words.instrument_name(choice.instrument)
    name = battery.effective_name(choice.order, choice.distance)
    span = (
        "year"
        if words.instrument(choice.instrument).is_stock
        else f"window of {choice.window} years"
    )
    return f"{countries.name_of(choice.country)}, {kind}: {name}, in each {span}."


class Explorer:
    """Controls, and what follows them; each part is shown by a cell of its own.

    Parameters
    ----------
    country : str
        ISO3 code or name of the state to begin with.
    instrument : str, optional
        Arms, exercise, agreement or alliance; none: the first in which the state has ties.
    start, end : int
        Years in which the first and the last window shown end.
    window, weighting, continuing
        See `analysis.portfolio`.
    order : float
        Of the Hill number.
    distance : str, optional
        A kind of `analysis.distances`, by which like partners count less; none: all are unlike.
    draws, seed : int
        Of the bootstrap. Estimates and bounds show at once, drawn bands as soon as they are made.
    peers : list of str
        Codes of states to compare with: behind `country`, they begin the list of states.

    Attributes
    ----------
    figure, table, limits : Output
        For the last line of a cell: the measure over time, the first partners, what the sources
        can and cannot tell.
    controls : dict of str to Widget
        By parameter; empty without ipywidgets.

    Raises
    ------
    UnknownCountryError
        For a country that there is not; whatever else cannot be shown is said in its place.
    """

    def __init__(
        self,
        country: str = "PAK",
        *,
        instrument: str | None = None,
        start: int = 1990,
        end: int = 2024,
        window: int = 5,
        weighting: str | None = None,
        continuing: str = "one",
        order: float = 1.0,
        distance: str | None = None,
        draws: int = 200,
        seed: int = 1,
        peers: Iterable[str] = (),
    ):
        code = countries.lookup(country)
        kind = instrument or _first_instrument(code, start=start, end=end)
        first = Choice(
            code, kind, start, end, window, weighting, float(order), distance, continuing
        )
        self._draws, self._seed = draws, seed
        self.figure, self.table = figure(first, draws=draws, seed=seed), table(first)
        self.limits = limits(code, start=start, end=end)
        self.controls: dict[str, Any] = {}
        if _can_control():
            self._live(first, [code, *peers])

    def _live(self, first: Choice, states: list[str]) -> None:
        """Put controls above the figure, and in each part's place one that can change."""
        import ipywidgets as widgets

        self.controls = _controls(first, states)
        self._view, self._rows, self._told = widgets.HTML(), widgets.HTML(), widgets.Output()
        self._show(first, draws=self._draws)
        for control in self.controls.values():
            control.observe(self._changed, names="value")
        row = widgets.Box([*self.controls.values()], layout={"flex_flow": "row wrap"})
        self.figure = _with(widgets.VBox([row, self._view]), self.figure)
        self.table = _with(self._rows, self.table)
        self.limits = _with(self._told, self.limits)

    def choice(self) -> Choice:
        """Read the controls."""
        values: dict[str, Any] = {
            name: None if control.value == _NONE else control.value
            for name, control in self.controls.items()
        }
        return Choice(**values)

    def _changed(self, _: object) -> None:
        chosen = self.choice()
        self._show(chosen, draws=0)
        self._view.value = _as_html(figure(chosen, draws=self._draws, seed=self._seed, live=True))

    def _show(self, chosen: Choice, *, draws: int) -> None:
        """Put a choice in the place of the last; what stays the same is not sent again."""
        self._view.value = _as_html(figure(chosen, draws=draws, seed=self._seed, live=True))
        self._rows.value = _as_html(table(chosen))
        texts = limits(chosen.country, start=chosen.start, end=chosen.end)
        data, _ = texts._repr_mimebundle_()
        self._told.outputs = ({"output_type": "display_data", "data": data, "metadata": {}},)


def _first_instrument(country: str, *, start: int, end: int) -> str:
    """Find the first instrument, in the usual order, of which a tie is on record."""
    portfolios = selections.portfolios(country, start=start, end=end)
    there = portfolios.loc[portfolios["status"] == "measured", "instrument"]
    return there.iloc[0].partition("/")[0] if len(there) else "exercise"


def _can_control() -> bool:
    return find_spec("ipywidgets") is not None


def _controls(first: Choice, nearest: list[str]) -> dict[str, "DOMWidget"]:
    """Make a control for each parameter, which offers what it begins with, whatever that is."""
    years = [source.years for source in catalog.all_sources().values()]
    span = {"min": min(first for first, _ in years), "max": max(last for _, last in years)}
    others = sorted(countries.all_states(), key=countries.name_of)
    states = {countries.name_of(code): code for code in [*nearest, *others]}
    offered: dict[str, Any] = {
        "country": states,
        "start": span,
        "end": span,
        "order": ORDERS,
        "distance": DISTANCES,
        "continuing": {"as one state": "one", "as two states": "apart"},
        **{name: _offered(SCHEMA[name]) for name in ("instrument", "window", "weighting")},
    }
    values = {name: getattr(first, name) for name in _CONTROLS}
    return {
        name: _control(_NONE if values[name] is None else values[name], label, offered[name])
        for name, label in _CONTROLS.items()
    }


def _offered(parameter: Parameter) -> dict[str, Any]:
    """List what a parameter may be: its limits, or each choice by what it is called."""
    if parameter.limits:
        return dict(zip(("min", "max"), parameter.limits, strict=True))
    if parameter.name == "instrument":  # the explorer begins with one, so none is no choice
        return {words.instrument_name(key): key for key in parameter.choices}
    return {"as usual": _NONE} | {words.weighting_name(key): key for key in parameter.choices}


def _control(value: object, label: str, offered: dict) -> "DOMWidget":
    """Make a list to choose from, or a box for a number between `min` and `max`."""
    import ipywidgets as widgets

    how = {
        "description": label,
        "value": value,
        "layout": {"width": "21em", "max_width": "100%"},
        "style": {"description_width": "8em"},
    }
    if "min" in offered:
        return widgets.BoundedIntText(**how, **offered)
    known = offered if value in offered.values() else {**offered, f"{value}": value}
    return widgets.Dropdown(**how, options=list(known.items()))


def _with(widget: "DOMWidget", first: display.Output) -> display.Output:
    """Show a widget where there can be one, and anywhere else what it shows first."""
    data, about = first._repr_mimebundle_()
    live = {display.WIDGET_MIME: widget._repr_mimebundle_()[display.WIDGET_MIME]}
    return display.Output({**live, **data}, about[display.META])


def _as_html(shown: display.Output) -> str:
    """Write a figure, a table or a sentence as HTML; all text is escaped, and an image is inert."""
    data, about = shown._repr_mimebundle_()
    if "text/html" in data:
        return data["text/html"]
    if "image/svg+xml" not in data:
        return f'<p role="status">{html.escape(data["text/plain"])}</p>'
    image = base64.b64encode(data["image/svg+xml"].encode()).decode()
    caption, alt = (html.escape(about[display.META][name]) for name in ("caption", "alt"))
    # decoded at once, and of a size that is known before: nothing flickers or jumps
    return (
        f'<figure style="margin:0"><figcaption role="status">{caption}</figcaption>'
        f'<img src="data:image/svg+xml;base64,{image}" alt="{alt}" decoding="sync" width="730"'
        ' height="384" style="max-width:100%;height:auto"></figure>'
    )
