"""Figures, tables and prose as outputs of a notebook.

A notebook writes no files: what it shows carries its name, its caption and the numbers behind it
along, and the report command takes them from there. In JupyterLab the same objects simply show.
"""

import html
import io
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from .errors import ParameterError

#: carries a table's name and its CSV text beside what is shown
TABLE_MIME = "application/vnd.partnership-diversity.table+json"
#: names what follows in an output's metadata: kind, name, caption, alt, sources
META = "partnerships"

#: kind of an output that says there is nothing to show
NOTHING = "nothing"

#: names become file names: nothing that any file system or address treats specially
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,79}\Z")

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
#: a spreadsheet takes a text that begins so for a formula
_FORMULA = ("=", "+", "-", "@", "\t", "\n")
#: makes the ids inside a figure the same in every run
_SALT = "partnership-diversity"


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


def figure(drawn: object, table: pd.DataFrame, *, name: str, caption: str, alt: str) -> Output:
    """Show a finished figure together with the numbers behind it.

    The figure is rendered here, once, and closed. Of one that has nothing in any panel, a sentence
    says so instead.

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

    found = _figure_of(drawn)
    if why := _why_empty(found):
        plt.close(found)
        return _nothing(caption, why)
    data = {
        "image/svg+xml": _svg(found),
        TABLE_MIME: {"name": name, "csv": csv_text(table)},
        "text/plain": f"Figure {name}: {caption}",
    }
    return Output(data, {"kind": "figure", "name": name, "caption": caption, "alt": alt})


def table(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    notes: str | Iterable[str] = (),
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
        What the table shows, with unit, period and source. Plain text.
    notes : str or list of str
        Remarks to print below. Plain text.
    formats : mapping of column to str, optional
        Format specifications such as `.1%`; default `.2f` for fractional numbers. The CSV keeps
        all digits.

    Returns
    -------
    Output

    Raises
    ------
    ParameterError
        If the name cannot name a file, the caption is empty, or a format names no column.
    """
    _check(name, caption=caption)
    if frame.empty:
        return _nothing(caption, "the table is empty")
    flat = _flat(frame)
    formats = dict(formats or {})
    if unknown := [column for column in formats if column not in flat.columns]:
        raise ParameterError(
            f"Table {name}: formats for {', '.join(map(repr, unknown))}, but the columns are"
            f" {', '.join(map(str, flat.columns))}."
        )
    notes = [notes] if isinstance(notes, str) else list(notes)
    data = {
        "text/html": _html(flat, caption, notes, formats),
        TABLE_MIME: {"name": name, "csv": csv_text(frame)},
        "text/plain": f"Table {name}: {caption}\n{flat.to_string(index=False)}",
    }
    return Output(data, {"kind": "table", "name": name, "caption": caption})


def prose(text: str) -> Output:
    """Show Markdown; put names and other text from data through `escape` first."""
    return Output({"text/markdown": text, "text/plain": text}, {"kind": "prose"})


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
    from . import catalog

    keys = sorted(set(used["source"].dropna() if isinstance(used, pd.DataFrame) else used))
    text = "\n".join(_source_entry(catalog.get(key)) for key in keys)
    data = {"text/markdown": text, "text/plain": text}
    return Output(data, {"kind": "sources", "sources": keys})


def escape(text: object) -> str:
    """Make a text from data inert wherever it lands in Markdown: it shows as it is."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(str(text).split()))


def csv_text(frame: pd.DataFrame) -> str:
    """CSV of a table: UTF-8, LF, all digits; no text in it that a spreadsheet would run.

    A text (not a number) that begins with `=`, `+`, `-`, `@`, a tab or a line break gets an
    apostrophe in front; all line breaks within texts are LF.
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
    return f"'{text}" if text.startswith(_FORMULA) else text


def _check(name: str, **texts: str) -> None:
    if not NAME.match(name):
        raise ParameterError(
            f"{name!r} cannot name a figure or table: lower-case letters, digits, _ and - only."
        )
    if empty := [label for label, text in texts.items() if not text.strip()]:
        raise ParameterError(f"{name}: {' and '.join(empty)} must not be empty.")


def _flat(frame: pd.DataFrame) -> pd.DataFrame:
    """Copy a table; an index that means something becomes columns, column labels become text."""
    named = any(name is not None for name in frame.index.names)
    flat = frame.reset_index() if named else frame.reset_index(drop=True)
    flat.columns = [
        " ".join(str(part) for part in label if part != "") if isinstance(label, tuple) else label
        for label in flat.columns
    ]
    return flat


def _figure_of(drawn: object) -> object:
    """Find the outermost Figure of an Axes, a subfigure or a seaborn grid."""
    found = getattr(drawn, "figure", drawn)
    while (outer := getattr(found, "figure", found)) is not found:
        found = outer
    return found


def _why_empty(figure: object) -> str:
    """Say why a figure has nothing to show; empty if it has something."""
    from .plot_style import EMPTY

    panels = [ax for ax in figure.axes if ax.axison]
    if not panels or any(ax.get_label() != EMPTY for ax in panels):
        return ""
    said = [text.get_text() for ax in panels for text in ax.texts if text.get_gid() == "no data"]
    return " ".join(said[0].split()).removeprefix("no data: ")


def _nothing(caption: str, why: str) -> Output:
    text = f"**Nothing to show** for “{escape(caption.rstrip('.'))}”: {escape(why)}."
    return Output({"text/markdown": text, "text/plain": text}, {"kind": NOTHING})


def _svg(figure: object) -> str:
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    stream = io.StringIO()
    # text as paths looks the same everywhere; no date, no version, no random ids
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path"}):
        figure.savefig(
            stream, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None}
        )
    plt.close(figure)  # else JupyterLab shows it a second time
    return stream.getvalue()


def _html(frame: pd.DataFrame, caption: str, notes: list[str], formats: Mapping[str, str]) -> str:
    numeric = [pd.api.types.is_numeric_dtype(kind) for kind in frame.dtypes]
    classes = [' class="num"' if is_number else "" for is_number in numeric]
    head = "".join(
        f'<th scope="col"{css}>{_text(label)}</th>'
        for label, css in zip(frame.columns, classes, strict=True)
    )
    specs = [formats.get(label) for label in frame.columns]
    body = "\n".join(_row(cells, specs, classes) for cells in frame.itertuples(index=False))
    below = "".join(f'<p class="notes">{_text(note)}</p>' for note in notes)
    label = html.escape(caption, quote=True)
    return (
        f'<figure class="table"><figcaption>{_text(caption)}</figcaption>'
        f'<div class="scroll" role="region" tabindex="0" aria-label="{label}">'
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
        f"{below}</figure>"
    )


def _row(cells: tuple, specs: list[str | None], classes: list[str]) -> str:
    parts = [
        f"<td{css}>{_text(_cell(value, spec))}</td>"
        for value, spec, css in zip(cells, specs, classes, strict=True)
    ]
    if parts:
        parts[0] = f'<th scope="row"{parts[0][3:-5]}</th>'
    return f"<tr>{''.join(parts)}</tr>"


def _cell(value: object, spec: str | None) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return "–"
    if spec is None and isinstance(value, float):
        spec = ".2f"
    return format(value, spec) if spec else str(value)


def _text(value: object) -> str:
    return html.escape(str(value), quote=False)


def _source_entry(source: object) -> str:
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
