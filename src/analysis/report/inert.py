"""Make the HTML of an output inert: what shows text in rows and colours stays, all else goes.

Nothing that is left loads, runs, links, submits, or reaches beyond its own place: no script, frame,
form, image or link, no event handler, and of style only what colours and sets text. So the HTML of
any notebook, and of any data in it, can stand in a page.
"""

import re
from html import escape

import nh3

_TAGS = {
    "table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td", "figure",
    "figcaption", "div", "p", "span", "b", "strong", "i", "em", "u", "s", "small", "sub", "sup",
    "br", "code", "pre", "ul", "ol", "li", "dl", "dt", "dd", "h3", "h4", "h5", "h6",
}  # fmt: skip
#: those whose content is no text
_WITH_CONTENT = {
    "script", "style", "iframe", "object", "svg", "math", "template", "noscript", "noembed",
    "noframes", "title", "textarea", "select", "button", "xmp",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"style"},
    "th": {"style", "scope", "colspan", "rowspan"},
    "td": {"style", "colspan", "rowspan"},
    "div": {"style", "role", "tabindex", "aria-labelledby"},
    "table": {"style", "aria-labelledby"},
    "figcaption": {"style", "id"},
}
#: those of `analysis.display._tables`
_CLASSES = {
    "figure": {"table"}, "div": {"scroll"}, "p": {"notes"}, "span": {"unit", "interval"},
    "th": {"num", "estimate", "long"}, "td": {"num", "estimate", "long"},
}  # fmt: skip
_PROPERTIES = {
    "color", "background-color", "background", "font-weight", "font-style", "text-align",
    "text-decoration",
}  # fmt: skip
#: a rule of a pandas Styler: some cells by id, and their style
_RULE = re.compile(r"(#[\w-]+(?:,\s*#[\w-]+)*)\s*\{([^{}]*)\}")
_CELL = re.compile(r'<(?:td|th)\s+id="([\w-]+)"')
_STYLE = re.compile(r"<style\b[^>]*>([^<]*)</style>", re.IGNORECASE)


def inert(html: str, *, name: object = None) -> str:
    """Make HTML inert."""

    def kept(tag: str, attribute: str, value: str) -> str | None:
        if attribute in ("id", "aria-labelledby"):
            return value if value == f"caption-{name}" else None
        if attribute == "style":
            return None if re.search(r"url|\\", value, re.IGNORECASE) else value
        return value

    made = nh3.clean(
        _with_styles_in_cells(html),
        tags=_TAGS,
        clean_content_tags=_WITH_CONTENT,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        filter_style_properties=_PROPERTIES,
        attribute_filter=kept,
        url_schemes=set(),
        link_rel=None,
    )
    return made if re.sub(r"<[^>]*>|&nbsp;|\s", "", made) else ""


def _with_styles_in_cells(html: str) -> str:
    """Write the style that a pandas Styler gives to each cell by its id into the cell itself."""
    by_id: dict[str, str] = {}
    for sheet in _STYLE.findall(html):
        for ids, style in _RULE.findall(sheet):
            for one in ids.split(","):
                key = one.strip().removeprefix("#")
                by_id[key] = f"{by_id.get(key, '')}{' '.join(style.split())};"
    return _CELL.sub(
        lambda cell: f'{cell[0]} style="{escape(by_id.get(cell[1], ""))}"' if by_id else cell[0],
        html,
    )
