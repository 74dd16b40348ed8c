"""A finished table as HTML for a page and as LaTeX for a paper; every text from data escaped.

Numbers stand with their points below each other, intervals beside them (HTML) or below them, as
papers have it (LaTeX). `display.table` shows both; see there for what a table consists of.
"""

import html as markup
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from .. import numbers

#: words before a number, sign, whole part, decimals, and an interval in brackets
_NUMBER = re.compile(
    r"(at (?:least|most) about |about (?=.*\(at )|[<>]?)([-−]?)(\d[\d,]*)((?:\.\d+)?%?)( \(.*\))?\Z"
)
#: blanks as wide as a digit and as a point
_DIGIT, _POINT = "\u2007", "\u2008"

#: letters on a line of the page that LaTeX's class `article` has, by size
_SIZES = ((72, r"\small"), (78, r"\footnotesize"), (84, r"\scriptsize"))
#: how many times longer a line is on a page that is turned
_TURNED = 1.5
#: letters that stand on one line of a page however narrow the window is: of a text, and of a head
_LONG, _HEAD = 16, 11
#: letters of a text on one line, at the most and, if the page is to stay as it is, at the least
_LONGEST_TEXT, _SHORTEST_TEXT = 44, 18
#: letters that the space between two columns is wide
_BETWEEN = 2
#: where a text may be broken, apart from its blanks, so that addresses fit a column
_BREAK = re.compile(r"(?<=\w{3}[./_])(?=\w)")
#: lines of a table that still fits on a page
_PAGE = 36

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}",
    "`": r"\textasciigrave{}", "\u00a0": "~", "…": r"\ldots{}", "−": "$-$", "×": r"$\times$",
    "±": r"$\pm$", "≥": r"$\geq$", "≤": r"$\leq$", "∞": r"$\infty$", "→": r"$\rightarrow$",
    "[": "{[}", "]": "{]}", "*": "{*}",  # after the end of a row they would be its option
}  # fmt: skip


#: signs of which LaTeX makes another one where two of them meet
_LIGATURE = re.compile(r"([-',])(?=\1)")


@dataclass(frozen=True)
class Table:
    """A table laid out for reading: its texts, and which columns hold numbers.

    Attributes
    ----------
    name : str
        For labels and links.
    caption, source_note : str
        Above and below it.
    heads, units : tuple of str
        Of each column; a unit may be empty.
    rows : tuple of tuple of str
        Cells; the first of a row is its label.
    notes : tuple of str
        Remarks below it.
    """

    name: str
    caption: str
    heads: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    source_note: str = ""

    @cached_property
    def columns(self) -> list["_Column"]:
        """How each column is set."""
        return [_Column(cells, at > 0) for at, cells in enumerate(zip(*self.rows, strict=True))]

    @property
    def below(self) -> list[str]:
        """All that stands below it, the source last."""
        return [*self.notes, *([self.source_note] if self.source_note else [])]


class _Column:
    """Cells of a column, and whether and how its numbers align."""

    def __init__(self, cells: Sequence[str], may_be_numbers: bool):
        found = [_NUMBER.match(cell) for cell in cells]
        known = [one for one in found if one]
        others = {cell for cell, one in zip(cells, found, strict=True) if not one}
        self.is_number = may_be_numbers and bool(known) and others <= {numbers.MISSING}
        self.has_interval = self.is_number and any(one[5] for one in known)
        self._whole = max((len(one[2] + one[3]) for one in known), default=0)
        self._decimals = max((one[4] for one in known), key=len, default="")
        self.cells = cells

    def parts(self, cell: str) -> tuple[str, str, str, str]:
        """Split a number: blanks before it, itself, blanks after it, its interval."""
        one = _NUMBER.match(cell)
        if not one:
            return "", cell, "", ""
        said, sign, whole, decimals, interval = one.groups("")
        number = f"{said}{'−' if sign else ''}{whole}{decimals}"
        before = "" if said else _DIGIT * (self._whole - len(sign + whole))
        return before, number, _blank(self._decimals[len(decimals) :]), interval.strip()


def _blank(text: str) -> str:
    """Blanks as wide as a text of digits and points."""
    return re.sub(r"[.,]", _POINT, re.sub(r"[^.,]", _DIGIT, text))


def format_cells(
    frame: pd.DataFrame,
    *,
    name: str,
    caption: str,
    units: Mapping[str, str],
    notes: Sequence[str],
    source_note: str,
    formats: Mapping[str, str],
) -> Table:
    """Write the cells of a table as texts.

    Parameters
    ----------
    frame : DataFrame
        What to show; its columns are the heads.
    name, caption, notes, source_note
        As in `Table`.
    units, formats : mapping of column to str
        Unit, and format specification, of some columns; default `numbers.number`, and
        `numbers.percent` for all that end in %.
    """
    rows = [
        tuple(_cell(value, formats.get(column)) for value, column in zip(row, frame, strict=True))
        for row in frame.itertuples(index=False, name=None)
    ]
    return Table(
        name=name,
        caption=caption,
        heads=tuple(map(str, frame.columns)),
        units=tuple(units.get(column, "") for column in frame.columns),
        rows=tuple(rows),
        notes=tuple(notes),
        source_note=source_note,
    )


def _cell(value: Any, spec: str | None) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return numbers.MISSING
    if spec is None:
        return numbers.number(value) if isinstance(value, float) else str(value)
    return numbers.percent(value) if spec.endswith("%") else format(value, spec)


# --- HTML ----------------------------------------------------------------------------------------


def html(table: Table) -> str:
    """Make a figure element: caption, table that scrolls by itself, notes, source line."""
    heads = "".join(
        f'<th scope="col"{_css(column)}>{_text(head)}{_unit(unit)}</th>'
        for head, unit, column in zip(table.heads, table.units, table.columns, strict=True)
    )
    body = "\n".join(_html_row(row, table.columns) for row in table.rows)
    below = "".join(f'<p class="notes">{_text(note)}</p>' for note in table.below)
    caption = f"caption-{table.name}"
    return (
        f'<figure class="table"><figcaption id="{caption}">{_text(table.caption)}</figcaption>'
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{caption}">'
        f'<table aria-labelledby="{caption}"><thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>{below}</figure>"
    )


def _css(column: _Column) -> str:
    if column.has_interval:
        return ' class="estimate"'
    if column.is_number:
        return ' class="num"'
    return ' class="long"' if max(map(len, column.cells), default=0) > _LONG else ""


def _unit(unit: str) -> str:
    return f' <span class="unit">({_text(unit)})</span>' if unit else ""


def _html_row(row: Sequence[str], columns: Sequence[_Column]) -> str:
    first, *rest = (_html_cell(cell, column) for cell, column in zip(row, columns, strict=True))
    others = (
        f"<td{_css(column)}>{text}</td>" for text, column in zip(rest, columns[1:], strict=True)
    )
    return f'<tr><th scope="row"{_css(columns[0])}>{first}</th>{"".join(others)}</tr>'


def _html_cell(cell: str, column: _Column) -> str:
    if not column.is_number:
        return _text(cell)
    before, number, after, interval = column.parts(cell)
    if not column.has_interval:
        return f"{number}{after}"  # the right edge aligns it
    beside = f' <span class="interval">{_text(interval)}</span>' if interval else ""
    return f"{before}{number}{after}{beside}"


def _text(value: str) -> str:
    return markup.escape(value, quote=False)


# --- LaTeX ---------------------------------------------------------------------------------------


def escape_latex(text: str) -> str:
    """Make a text from data inert in LaTeX: one line, no command, no control characters."""
    shown = "".join(sign if sign.isprintable() or sign in _LATEX else " " for sign in text)
    signs = (_LATEX.get(sign, sign) for sign in re.sub(" +", " ", shown).strip())
    return _LIGATURE.sub(r"\1{}", "".join(signs))


def latex(table: Table) -> str:
    """Make a booktabs table, as wide as a page at the most.

    One of many rows is a longtable, which may break over pages; one of many columns is set in
    smaller letters, and what still does not fit stands on pages that are turned.
    """
    page = _fit(table)
    tall = any(page.shares) or any(column.has_interval for column in table.columns)
    rows = [_latex_row(row, table.columns, page.shares) for row in table.rows]
    parts = {
        "size": rf"{page.size}\setlength{{\tabcolsep}}{{4pt}}",
        "columns": "".join(map(_spec, table.columns, page.shares)),
        "head": "\n".join(_heads(table, page.widths)),
        "body": ("\n\\addlinespace\n" if tall else "\n").join(rows),
        "caption": rf"\caption{{{escape_latex(table.caption)}}}\label{{tab:{table.name}}}",
    }
    below = "".join(
        f"{{\\footnotesize\\raggedright {escape_latex(t)}\\par}}\n" for t in table.below
    )
    needs = "% needs \\usepackage{booktabs,array"
    if page.turned:
        turned = f"\\begin{{landscape}}\n{_paged(**parts)}{below}\\end{{landscape}}\n"
        return f"{needs},longtable,lscape}}\n{turned}"
    if sum(_lines(row, table.columns, page.widths) for row in table.rows) > _PAGE:
        return f"{needs},longtable}}\n{_paged(**parts)}{below}"
    return f"{needs}}}\n{_floating(**parts, below=below)}"


def _floating(*, size: str, columns: str, head: str, body: str, caption: str, below: str) -> str:
    under = f"\\par\\smallskip\n{below}" if below else ""
    return (
        f"\\begin{{table}}[htbp]\n\\centering\n{caption}\n{size}\n\\begin{{tabular}}{{{columns}}}\n"
        f"\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\n{under}"
        "\\end{table}\n"
    )


def _paged(*, size: str, columns: str, head: str, body: str, caption: str) -> str:
    return (
        f"\\begingroup{size}\\setlength{{\\LTcapwidth}}{{\\linewidth}}\n"
        f"\\begin{{longtable}}{{{columns}}}\n{caption}\\\\\n\\toprule\n{head}\n"
        f"\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n\\bottomrule\n"
        f"\\endfoot\n{body}\n\\end{{longtable}}\n\\endgroup\n"
    )


@dataclass(frozen=True)
class _Page:
    """How a table is set: turned or not, in which size, how wide each column is.

    Attributes
    ----------
    turned : bool
        Whether on a page that is turned.
    size : str
        Command for the size of letters.
    widths : list of int
        Letters on a line of each column.
    shares : list of float
        Of the line, for columns whose texts are broken into several; 0 for others.
    """

    turned: bool
    size: str
    widths: list[int]
    shares: list[float]


def _fit(table: Table) -> _Page:
    """Choose the largest letters in which a table fits; the longest texts are broken first."""
    whole, least = (list(ends) for ends in zip(*_widths(table), strict=True))
    lines = [
        (turned, int(line * (_TURNED if turned else 1)), size)
        for turned in (False, True)
        for line, size in _SIZES
    ]
    tried = [
        (line, [max(low, min(full, most)) for full, low in zip(whole, least, strict=True)])
        for line in lines
        for most in range(_LONGEST_TEXT, _SHORTEST_TEXT - 1, -1)
    ]
    fitting = (
        (line, widths) for line, widths in tried if sum(widths) + _BETWEEN * len(widths) <= line[1]
    )
    (turned, line, size), widths = next(fitting, (lines[-1], least))
    shares = [
        0.0 if column.is_number or max(map(len, column.cells)) <= width else width / line
        for column, width in zip(table.columns, widths, strict=True)
    ]
    return _Page(turned, size, widths, shares)


def _widths(table: Table) -> Iterator[tuple[int, int]]:
    """Letters that each column is wide, and those it needs when its texts are broken."""
    units = _in_brackets(table.units)
    for column, head, unit in zip(table.columns, table.heads, units, strict=True):
        words = max(map(len, [*head.split(), *unit.split()]), default=0)
        longest = max((len(p) for cell in column.cells for p in _pieces(column, cell)), default=0)
        whole = max(words, longest, *(min(_HEAD, len(text)) for text in (head, unit)))
        parts = (len(part) for cell in column.cells for part in _unbroken(cell))
        yield whole, whole if column.is_number else max(words, *parts, 1)


def _unbroken(text: str) -> list[str]:
    """Parts of a text that stand on one line whatever happens."""
    return [part for word in text.split() for part in re.split(rf"(?<=-)|{_BREAK.pattern}", word)]


def _pieces(column: _Column, cell: str) -> tuple[str, ...]:
    before, number, after, interval = column.parts(cell) if column.is_number else ("", cell, "", "")
    return f"{before}{number}{after}", interval


def _spec(column: _Column, share: float) -> str:
    if share:
        return rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
    return "c" if column.has_interval else "r" if column.is_number else "l"


def _heads(table: Table, widths: Sequence[int]) -> list[str]:
    """Lines of the heads, the last ones filled first, with the units below them."""
    heads, units = (
        [textwrap.wrap(t, w, break_long_words=False) for t, w in zip(texts, widths, strict=True)]
        for texts in (table.heads, _in_brackets(table.units))
    )
    above, below = (max(map(len, lines)) for lines in (heads, units))
    padded = [
        [""] * (above - len(head)) + head + unit + [""] * (below - len(unit))
        for head, unit in zip(heads, units, strict=True)
    ]
    return [_line(map(escape_latex, row)) for row in zip(*padded, strict=True)]


def _in_brackets(units: Sequence[str]) -> list[str]:
    return [f"({unit})" if unit else "" for unit in units]


def _lines(row: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> int:
    """Lines that a row takes at the least."""
    return max(
        len(list(filter(None, _pieces(column, cell))))
        if column.is_number
        else -(-len(cell) // width)
        for cell, column, width in zip(row, columns, widths, strict=True)
    )


def _latex_row(row: Sequence[str], columns: Sequence[_Column], shares: Sequence[float]) -> str:
    """Write a row; the interval of a number stands below it, whatever is beside it."""
    return _line(map(_latex_cell, row, columns, shares))


def _latex_cell(cell: str, column: _Column, share: float) -> str:
    if not column.is_number:
        return r"\allowbreak{}".join(map(escape_latex, _BREAK.split(cell) if share else [cell]))
    before, number, after, interval = column.parts(cell)
    left = _phantom(before) if column.has_interval else ""
    shown = f"{left}{escape_latex(number)}{_phantom(after)}"
    if not interval:
        return shown
    return rf"\begin{{tabular}}[t]{{@{{}}c@{{}}}}{shown}\\{escape_latex(interval)}\end{{tabular}}"


def _phantom(blanks: str) -> str:
    text = blanks.replace(_DIGIT, "0").replace(_POINT, ".")
    return rf"\phantom{{{text}}}" if text else ""


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + r" \\"
