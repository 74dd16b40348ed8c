"""A finished table as HTML for a page and as LaTeX for a paper; every text from data escaped.

Numbers stand with their points below each other, intervals beside them (HTML) or below them, as
papers have it (LaTeX). `display.table` shows both; see there for what a table consists of.
"""

import html as markup
import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

#: what stands for a value that is missing
MISSING = "–"

#: sign, whole part, decimals, and an interval in brackets
_NUMBER = re.compile(r"([-−]?)(\d[\d,]*)((?:\.\d+)?%?)( \(.*\))?\Z")
#: blanks as wide as a digit and as a point
_DIGIT, _POINT = "\u2007", "\u2008"

#: letters on a line of a page, in the sizes that LaTeX has
_SIZES = ((85, r"\small"), (100, r"\footnotesize"), (120, r"\scriptsize"))
_HEAD, _LONG_TEXT, _LONGEST_TEXT = 14, 26, 44
#: how much of their width texts may lose before the letters get smaller
_PRESSED = 0.6
#: rows of a table that still fits on a page
_PAGE = 30

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"\char34{}",
    "`": r"\textasciigrave{}", "\u00a0": "~", "…": r"\ldots{}", "−": "$-$", "×": r"$\times$",
    "±": r"$\pm$", "≥": r"$\geq$", "≤": r"$\leq$", "∞": r"$\infty$", "→": r"$\rightarrow$",
    "[": "{[}", "]": "{]}", "*": "{*}",  # after the end of a row they would be its option
}  # fmt: skip


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
        self.is_number = may_be_numbers and bool(known) and others <= {MISSING}
        self.has_interval = self.is_number and any(one[4] for one in known)
        self._whole = max((len(one[1] + one[2]) for one in known), default=0)
        self._decimals = max((one[3] for one in known), key=len, default="")
        self.cells = cells

    def parts(self, cell: str) -> tuple[str, str, str, str]:
        """Split a number: blanks before it, itself, blanks after it, its interval."""
        one = _NUMBER.match(cell)
        if not one:
            return "", cell, "", ""
        sign, whole, decimals, interval = one.groups("")
        number = f"{'−' if sign else ''}{whole}{decimals}"
        before = _DIGIT * (self._whole - len(sign + whole))
        return before, number, _blank(self._decimals[len(decimals) :]), interval.strip()


def _blank(text: str) -> str:
    """Blanks as wide as a text of digits and points."""
    return re.sub(r"[.,]", _POINT, re.sub(r"[^.,]", _DIGIT, text))


def lay_out(
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
    name, caption, source_note : str
        As in `Table`.
    units, formats : mapping of column to str
        Unit, and format specification, of some columns; default `.2f` for fractional numbers.
    notes : list of str
        Remarks to print below.
    """
    rows = [
        tuple(_cell(value, formats.get(column)) for value, column in zip(row, frame, strict=True))
        for row in frame.itertuples(index=False, name=None)
    ]
    return Table(
        name=name, caption=caption, heads=tuple(map(str, frame.columns)),
        units=tuple(units.get(column, "") for column in frame.columns), rows=tuple(rows),
        notes=tuple(notes), source_note=source_note,
    )  # fmt: skip


def _cell(value: object, spec: str | None) -> str:
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return MISSING
    if spec is None and isinstance(value, float):
        spec = ".2f"
    return format(value, spec) if spec else str(value)


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
    return ' class="num"' if column.is_number else ""


def _unit(unit: str) -> str:
    return f' <span class="unit">({_text(unit)})</span>' if unit else ""


def _html_row(row: Sequence[str], columns: Sequence[_Column]) -> str:
    first, *rest = (_html_cell(cell, column) for cell, column in zip(row, columns, strict=True))
    others = (
        f"<td{_css(column)}>{text}</td>" for text, column in zip(rest, columns[1:], strict=True)
    )
    return f'<tr><th scope="row">{first}</th>{"".join(others)}</tr>'


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
    return "".join(_LATEX.get(sign, sign) for sign in re.sub(" +", " ", shown).strip())


def latex(table: Table) -> str:
    """Make a booktabs table; one of many rows is a longtable, which may break over pages."""
    widths = [_width(table, at) for at in range(len(table.heads))]
    size, shares = _fit(table.columns, widths)
    parts = {
        "size": size,
        "columns": "".join(map(_spec, table.columns, shares)),
        "head": "\n".join(_heads(table, widths)),
        "body": "\n".join(line for row in table.rows for line in _latex_rows(row, table.columns)),
        "caption": rf"\caption{{{escape_latex(table.caption)}}}\label{{tab:{table.name}}}",
    }
    below = "".join(
        f"{{\\footnotesize\\raggedright {escape_latex(t)}\\par}}\n" for t in table.below
    )
    if len(table.rows) > _PAGE:
        return f"% needs \\usepackage{{booktabs,array,longtable}}\n{_paged(**parts)}{below}"
    return f"% needs \\usepackage{{booktabs,array}}\n{_floating(**parts, below=below)}"


def _floating(*, size: str, columns: str, head: str, body: str, caption: str, below: str) -> str:
    under = f"\\par\\smallskip\n{below}" if below else ""
    return (
        f"\\begin{{table}}[htbp]\n\\centering\n{caption}\n{size}\n\\begin{{tabular}}{{{columns}}}\n"
        f"\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\n{under}"
        "\\end{table}\n"
    )


def _paged(*, size: str, columns: str, head: str, body: str, caption: str) -> str:
    return (
        f"\\begingroup{size}\n\\begin{{longtable}}{{{columns}}}\n{caption}\\\\\n\\toprule\n{head}\n"
        f"\\midrule\n\\endfirsthead\n\\toprule\n{head}\n\\midrule\n\\endhead\n\\bottomrule\n"
        f"\\endfoot\n{body}\n\\end{{longtable}}\n\\endgroup\n"
    )


def _width(table: Table, at: int) -> int:
    """Letters that a column is wide, long heads and long texts broken into lines."""
    column = table.columns[at]
    cells = [max(map(len, _pieces(column, cell)), default=0) for cell in column.cells]
    longest = max([*cells, min(_HEAD, len(table.heads[at])), len(table.units[at]) + 2])
    return longest if column.is_number else min(longest, _LONGEST_TEXT)


def _pieces(column: _Column, cell: str) -> tuple[str, ...]:
    before, number, after, interval = column.parts(cell) if column.is_number else ("", cell, "", "")
    return f"{before}{number}{after}", interval


def _fit(columns: Sequence[_Column], widths: Sequence[int]) -> tuple[str, list[float]]:
    """Choose the size of letters, and of each column of long texts its share of the line."""
    long = [
        w if not c.is_number and w > _LONG_TEXT else 0 for c, w in zip(columns, widths, strict=True)
    ]
    fixed = sum(widths) - sum(long) + 2 * len(widths)
    least = fixed + _PRESSED * sum(long)
    line, size = next((pair for pair in _SIZES if least <= pair[0]), _SIZES[-1])
    room = max(line - fixed, _PRESSED * sum(long))
    scale = min(1.0, room / sum(long)) if any(long) else 1.0
    return size, [width * scale / line for width in long]


def _spec(column: _Column, share: float) -> str:
    if share:
        return rf">{{\raggedright\arraybackslash}}p{{{share:.2f}\linewidth}}"
    return "c" if column.has_interval else "r" if column.is_number else "l"


def _heads(table: Table, widths: Sequence[int]) -> list[str]:
    """Lines of the heads, the last ones filled first, with the units below them."""
    lines = [
        textwrap.wrap(head, max(width, _HEAD), break_long_words=False)
        for head, width in zip(table.heads, widths, strict=True)
    ]
    most = max(map(len, lines))
    padded = [[""] * (most - len(own)) + own for own in lines]
    if any(table.units):
        units = [f"({unit})" if unit else "" for unit in table.units]
        padded = [[*own, unit] for own, unit in zip(padded, units, strict=True)]
    return [_line(map(escape_latex, row)) for row in zip(*padded, strict=True)]


def _latex_rows(row: Sequence[str], columns: Sequence[_Column]) -> list[str]:
    """Lines of a row: its numbers, and if there are any, their intervals below."""
    above, below = [], []
    for cell, column in zip(row, columns, strict=True):
        if not column.is_number:
            above.append(escape_latex(cell))
            below.append("")
            continue
        before, number, after, interval = column.parts(cell)
        left = _phantom(before) if column.has_interval else ""
        above.append(f"{left}{escape_latex(number)}{_phantom(after)}")
        below.append(escape_latex(interval))
    return [_line(above), _line(below)] if any(below) else [_line(above)]


def _phantom(blanks: str) -> str:
    text = blanks.replace(_DIGIT, "0").replace(_POINT, ".")
    return rf"\phantom{{{text}}}" if text else ""


def _line(cells: object) -> str:
    return " & ".join(cells) + r" \\"
