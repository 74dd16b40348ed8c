"""Figures, tables and prose as outputs of a notebook.

A notebook writes no files: what it shows carries its name, its caption and the numbers behind it
along, and the report command takes them from there. In JupyterLab the same objects simply show.
"""

import re
import sys
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

import pandas as pd

from ..errors import ParameterError
from ..words import escape, source_title
from . import _tables
from ._images import figure_of, images_of, why_empty

#: carries a table's name and its CSV text beside what is shown
TABLE_MIME = "application/vnd.partnership-diversity.table+json"
#: of an output that asks its kernel for what it shows
WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
#: names what follows in an output's metadata: kind, name, caption, alt, sources
META = "partnerships"

#: kind of an output that says there is nothing to show
NOTHING = "nothing"

#: names become file names: nothing that any file system or address treats specially
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\Z")

#: where a spreadsheet may take a text for a formula: at the beginning of a cell, which it may find
#: after a line break, a tab or a semicolon as well, depending on the country it is set up for
_FORMULA = re.compile(r"(^|[\n\t;])(?=[=+\-@\t\n＝＋－＠])")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?\Z")


class Output:
    """Something a notebook shows: a bundle of the same thing in several formats.

    Parameters
    ----------
    data : dict
        MIME type -> content.
    metadata : dict
        What the report command needs to know of it.
    """

    def __init__(self, data: Mapping[str, object], metadata: Mapping[str, object]):
        self._data = dict(data)
        self._metadata = {META: dict(metadata)}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple:
        return self._data, self._metadata

    def __repr__(self) -> str:
        """Give what a plain terminal can show."""
        return str(self._data["text/plain"])


def show(
    what: Callable[..., object] | pd.DataFrame,
    *tables: pd.DataFrame,
    name: str,
    caption: str,
    sources: pd.DataFrame | Iterable[str] | None = None,
    also: Iterable[str] = (),
    **options: Any,
) -> Output:
    """Show a figure with its numbers, alt text and source line; or a table with its source line.

    Parameters
    ----------
    what : callable or DataFrame
        A function of `analysis.plot`, which draws the tables; or a finished table.
    *tables : DataFrame
        What is drawn; the numbers of the first are saved beside the figure.
    name, caption : str
        As for `figure`.
    sources : DataFrame or list of str, optional
        Whose data it shows: short names, or a table with a column `source`; default: the table.
    also : list of str
        Short names of further sources that went into it.
    **options
        Of the figure (see `analysis.plot`), or of the table (see `table`).

    Raises
    ------
    ParameterError
        As `figure` and `table`, and for a table without a column `source` if no source is named.
    """
    shown = tables[0] if callable(what) else what
    used = shown if sources is None else sources
    if isinstance(used, pd.DataFrame) and "source" not in used:
        raise ParameterError(f'show({name!r}): say whose data it is, as in sources=["mme"].')
    note = source_note(used, *also)
    if not callable(what):
        return table(what, name=name, caption=caption, source_note=note, **options)
    describe = getattr(sys.modules[what.__module__], f"describe_{what.__name__}")
    known = signature(describe).parameters
    parts = {key: value for key, value in options.items() if key in known}
    alt = describe(*tables[: len(known)], **parts)
    drawn = what(*tables, source_note=note, **options)
    return figure(drawn, tables[0], name=name, caption=caption, alt=alt)


def figure(
    drawn: object, table: pd.DataFrame, *, name: str, caption: str, alt: str, crop: bool = True
) -> Output:
    """Show a finished figure together with the numbers behind it.

    The figure is laid out here, once, drawn as SVG and as PNG, and closed. Of one that has nothing
    in any panel, a sentence says so instead.

    Parameters
    ----------
    drawn : Axes or Figure
        A matplotlib Axes, a Figure, or anything with a `figure` (a seaborn grid).
    table : DataFrame
        The numbers drawn; saved as CSV.
    name : str
        Lower-case letters, digits, `_` and `-`; unique in the notebook. Names the files.
    caption : str
        What the figure shows, with unit, period and source. Plain text.
    alt : str
        What a reader who cannot see it needs to know. Plain text.
    crop : bool
        Whether the sheet is cut to what is on it, and drawn as PNG too; in a hurry, neither.

    Returns
    -------
    Output

    Raises
    ------
    ParameterError
        If the name cannot name a file, or caption or alt are empty.
    """
    _check(name, caption=caption, alt=alt)
    import matplotlib.pyplot as plt

    found = figure_of(drawn)
    if why := why_empty(found):
        plt.close(found)
        return nothing(caption, why)
    data = {
        **images_of(found, crop),
        TABLE_MIME: {"name": name, "csv": csv_text(table)},
        "text/plain": f"Figure {name}: {caption}",
    }
    return Output(data, {"kind": "figure", "name": name, "caption": caption, "alt": alt})


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    units: Mapping[str, str] | None = None,
    notes: str | Iterable[str] = (),
    source_note: str = "",
    formats: Mapping[str, str] | None = None,
) -> Output:
    """Show a finished table; the first column labels its rows. Of an empty one, a sentence says so.

    Parameters
    ----------
    frame : DataFrame
        What to show; an index with a name becomes the first column(s).
    name : str
        As for `figure`.
    caption : str
        What the table shows, with its period. Plain text.
    units : mapping of column to str, optional
        Unit of a column's numbers, printed below its head. Plain text.
    notes : str or list of str
        Remarks to print below. Plain text.
    source_note : str
        Line below it that says whose data it shows, as figures have it. Plain text.
    formats : mapping of column to str, optional
        Format specifications; default for fractional numbers, and for all that end in %: as in
        text (see `analysis.words`). The CSV keeps
        all digits.

    Returns
    -------
    Output

    Raises
    ------
    ParameterError
        If the name cannot name a file, the caption is empty, or a unit or format names no column.
    """
    _check(name, caption=caption)
    if frame.empty:
        return nothing(caption, "the table is empty")
    flat = _flat(frame)
    units, formats = dict(units or {}), dict(formats or {})
    _check_columns(name, flat, units=units, formats=formats)
    made = _tables.format_cells(
        flat,
        name=name,
        caption=caption,
        units=units,
        source_note=source_note,
        formats=formats,
        notes=[notes] if isinstance(notes, str) else list(notes),
    )
    data = {
        "text/html": _tables.html(made),
        TABLE_MIME: {"name": name, "csv": csv_text(frame), "latex": _tables.latex(made)},
        "text/plain": f"Table {name}: {caption}\n{flat.to_string(index=False)}",
    }
    return Output(data, {"kind": "table", "name": name, "caption": caption})


def source_note(used: pd.DataFrame | Iterable[str], *also: str) -> str:
    """Write the line below a figure or table: whose data it shows. Plain text.

    Parameters
    ----------
    used : DataFrame or list of str
        What it shows, with a column `source`, or short names of sources.
    *also : str
        Short names of further sources that went into it.
    """
    from ..sources import catalog

    producers: dict[str, list[str]] = {}
    keys = used["source"].dropna() if isinstance(used, pd.DataFrame) else used
    for key in sorted({*keys, *also}):
        producers.setdefault(catalog.get(key).producer, []).append(source_title(key))
    named = "; ".join(f"{who} ({', '.join(keys)})" for who, keys in producers.items())
    return f"Data: {named}." if named else ""


def nothing(caption: str, why: str) -> Output:
    """Say that there is nothing to show, and why.

    Parameters
    ----------
    caption : str
        What would be shown. Plain text.
    why : str
        The reason, without a full stop. Plain text.
    """
    what = caption.rstrip(".")
    text = f"**Nothing to show** for “{escape(what)}”: {escape(why)}."
    plain = f"Nothing to show for “{what}”: {why}."
    return Output({"text/markdown": text, "text/plain": plain}, {"kind": NOTHING})


def prose(text: str, numbers: pd.DataFrame | None = None, *, name: str = "") -> Output:
    """Show Markdown; put names and other text from data through `escape` first.

    Parameters
    ----------
    text : str
        Markdown.
    numbers : DataFrame, optional
        What it is written from; saved as CSV.
    name : str
        Of the numbers, as for `figure`.

    Raises
    ------
    ParameterError
        If the name cannot name a file.
    """
    data: dict[str, object] = {"text/markdown": text, "text/plain": text}
    if numbers is None:
        return Output(data, {"kind": "prose"})
    _check(name)
    data[TABLE_MIME] = {"name": name, "csv": csv_text(numbers)}
    return Output(data, {"kind": "prose", "name": name})


def sources(used: pd.DataFrame | Iterable[str]) -> Output:
    """List the sources of a report; they go into its manifest and its bibliography.

    Parameters
    ----------
    used : DataFrame or list of str
        Short names, or any table with a column `source`.

    Returns
    -------
    Output
        What each source is, what it covers, its licence and its caveats.

    Raises
    ------
    ParameterError
        For an unknown source.
    """
    from ..sources import catalog

    keys = sorted(set(used["source"].dropna() if isinstance(used, pd.DataFrame) else used))
    text = "\n".join(_source_entry(catalog.get(key)) for key in keys)
    data = {"text/markdown": text, "text/plain": text}
    return Output(data, {"kind": "sources", "sources": keys})


def csv_text(frame: pd.DataFrame) -> str:
    """CSV of a table: UTF-8, LF, all digits; no text in it that a spreadsheet would run.

    A text (not a number) that begins with `=`, `+`, `-`, `@`, a tab or a line break, or has one of
    them after a semicolon, a tab or a line break, gets an apostrophe before it; all line breaks
    within texts are LF.
    """
    safe = _flat(frame)
    safe.columns = [_guard(str(column)) for column in safe.columns]
    for at, kind in enumerate(safe.dtypes):
        if not (pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_datetime64_any_dtype(kind)):
            safe.isetitem(at, safe.iloc[:, at].astype(object).map(_guard))
    return safe.to_csv(index=False, lineterminator="\n")


def _guard(cell: object) -> object:
    if not isinstance(cell, str):
        return cell
    # the writer does not quote a lone carriage return, at which a spreadsheet begins a new row
    text = cell.replace("\r\n", "\n").replace("\r", "\n")
    return text if _NUMBER.match(text) else _FORMULA.sub(r"\1'", text)


def _check(name: str, **texts: str) -> None:
    if not NAME.match(name):
        raise ParameterError(
            f"{name!r} cannot name a figure or table: lower-case letters, digits, _ and - only."
        )
    if empty := [label for label, text in texts.items() if not text.strip()]:
        raise ParameterError(f"{name}: {' and '.join(empty)} must not be empty.")


def _check_columns(name: str, frame: pd.DataFrame, **given: Mapping[str, str]) -> None:
    for what, by_column in given.items():
        if unknown := [column for column in by_column if column not in frame.columns]:
            raise ParameterError(
                f"Table {name}: {what} for {', '.join(map(repr, unknown))}, but the columns are"
                f" {', '.join(map(str, frame.columns))}."
            )


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a table; an index that means something becomes columns, column labels become text."""
    named = any(name is not None for name in frame.index.names)
    flat = frame.reset_index() if named else frame.reset_index(drop=True)
    flat.columns = [
        " ".join(str(part) for part in label if part != "") if isinstance(label, tuple) else label
        for label in flat.columns
    ]
    return flat


def _source_entry(source: Any) -> str:
    first, last = source.years
    passed_on = "may" if source.licence["redistribute"] else "may not"
    lines = [
        f"- **{escape(source.title)}** (`{source.key}`), {escape(source.producer)}, version"
        f" {escape(source.version)}. Covers {first}–{last}. Licence:"
        f" {escape(source.licence['name'])}; {passed_on} be passed on. Cite as"
        f" {escape(source.citation)}. <{source.url}>",
        *[f"  - {escape(caveat)}" for caveat in source.caveats],
    ]
    return "\n".join(lines)
