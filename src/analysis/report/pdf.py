"""The page of a report as PDF: numbered pages, bookmarks, tags, fonts embedded.

WeasyPrint sets it, from the very HTML page and with fonts that come with matplotlib: so it needs
neither a browser nor a network, and fonts that a machine happens to have change nothing. Links to
files beside the page lead nowhere from a PDF that has been passed on, and are plain text in it.

Needs the extra `pdf`, and the library Pango with HarfBuzz's subsets.
"""

import logging
import sys
import warnings
from contextlib import redirect_stderr, redirect_stdout
from functools import cache
from importlib import metadata
from io import StringIO
from pathlib import Path
from threading import Lock
from typing import Any

from ..errors import ParameterError

_STYLE = Path(__file__).with_name("template") / "print.css"
#: family, file in matplotlib's folder of fonts, weight, style
_FONTS = (
    ("Report Serif", "STIXGeneral", "normal", "normal"),
    ("Report Serif", "STIXGeneralItalic", "normal", "italic"),
    ("Report Serif", "STIXGeneralBol", "bold", "normal"),
    ("Report Serif", "STIXGeneralBolIta", "bold", "italic"),
    ("Report Sans", "DejaVuSans", "normal", "normal"),
    ("Report Sans", "DejaVuSans-Bold", "bold", "normal"),
    ("Report Sans", "DejaVuSans-Oblique", "normal", "italic"),
    ("Report Mono", "DejaVuSansMono", "normal", "normal"),
)
#: Pango is one library with one state for all threads
_ONE_AT_A_TIME = Lock()
_OUTSIDE = ("#", "http://", "https://")


def require() -> None:
    """Raise unless PDF can be made here."""
    try:
        _silently_imported()
    except ImportError as error:
        raise ParameterError(
            "--pdf needs weasyprint: pip install 'partnership-diversity[pdf]'."
        ) from error
    except OSError as error:
        raise ParameterError(
            "--pdf needs the libraries Pango and HarfBuzz: apt install libpango-1.0-0"
            " libpangoft2-1.0-0 libharfbuzz-subset0, or brew install pango, or conda install pango."
        ) from error


def made_by() -> dict[str, str]:
    """Versions of the packages that decide what a PDF looks like, for the manifest."""
    return {name: metadata.version(name) for name in ("weasyprint", "pydyf", "fonttools")}


def render(page: str) -> bytes:
    """Set a page."""
    weasyprint = _silently_imported()
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    with _ONE_AT_A_TIME:
        fonts = FontConfiguration()
        html = weasyprint.HTML(string=page, url_fetcher=URLFetcher(allowed_protocols=("data",)))
        for link in html.etree_element.iter("a"):
            if not link.get("href", "").startswith(_OUTSIDE):
                link.attrib.pop("href", None)
        own = html.etree_element.find("head/style")
        styles = [weasyprint.CSS(string=css, font_config=fonts) for css in (own.text, _style())]
        own.text = ""  # else it would overrule the style for print
        return html.write_pdf(stylesheets=styles, font_config=fonts, pdf_variant="pdf/ua-1")


def _silently_imported() -> Any:
    """Import the library; without Pango it prints a page of advice.

    Without HarfBuzz's part for subsets of fonts it only warns, and would make other bytes.
    """
    if "weasyprint" not in sys.modules:
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()), warnings.catch_warnings():
            warnings.filterwarnings("error", "HarfBuzz-Subset", DeprecationWarning)
            try:
                import weasyprint
            except DeprecationWarning as missing:
                raise OSError(str(missing)) from missing
        # it warns of rules in the stylesheet that are for browsers
        for name in ("weasyprint", "fontTools"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
    import weasyprint

    return weasyprint


@cache
def _style() -> str:
    import matplotlib

    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    faces = [
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; font-style: {style};'
        f' src: url("{(folder / f"{name}.ttf").as_uri()}"); }}'
        for family, name, weight, style in _FONTS
    ]
    return "\n".join([*faces, _STYLE.read_text("utf-8")])
