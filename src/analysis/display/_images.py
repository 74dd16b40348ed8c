"""Images of a finished figure: SVG, and PNG beside it."""

import base64
import io
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL.Image import Image

#: makes the ids inside a figure the same in every run
_SALT = "partnership-diversity"
#: of the PNG beside each figure, in dots per inch
PNG_DPI = 200


def figure_of(drawn: object) -> Any:
    """Find the outermost Figure of an Axes, a subfigure or a seaborn grid."""
    found = getattr(drawn, "figure", drawn)
    while (outer := getattr(found, "figure", found)) is not found:
        found = outer
    return found


def why_empty(figure: Any) -> str:
    """Say why a figure has nothing to show; empty if it has something."""
    from ..plot.parts.style import EMPTY

    panels = [ax for ax in figure.axes if ax.axison]
    if not panels or any(ax.get_label() != EMPTY for ax in panels):
        return ""
    said = [text.get_text() for ax in panels for text in ax.texts if text.get_gid() == "no data"]
    return " ".join(said[0].split()).removeprefix("no data: ")


def images_of(figure: Any, crop: bool) -> dict[str, str]:
    """Draw a figure in both formats, or in a hurry as SVG only, and close it."""
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    from . import _render

    # text as paths looks the same everywhere; no random ids
    with mpl.rc_context({"svg.hashsalt": _SALT, "svg.fonttype": "path"}):
        if crop:
            svg, pixels = _render.draw(figure, PNG_DPI)
            made = {"image/svg+xml": svg, "image/png": _png(pixels)}
        else:
            stream = io.StringIO()
            figure.savefig(stream, format="svg", metadata=_render.METADATA)
            made = {"image/svg+xml": stream.getvalue()}
    plt.close(figure)  # else JupyterLab shows it a second time
    return made


def _png(pixels: "Image") -> str:
    """PNG in base64, of as many colours as one byte can name: a third of the size."""
    from PIL import Image

    image = pixels.convert("RGB")
    ground: Any = image.getpixel((0, 0))
    # colours are chosen from every ninth point, in a fifth of the time
    few = image.resize((image.width // 3, image.height // 3), Image.Resampling.NEAREST)
    palette = few.quantize(256, dither=Image.Dither.NONE)
    image = image.quantize(palette=palette, dither=Image.Dither.NONE)
    colours: list = image.getpalette() or []
    corner: Any = image.getpixel((0, 0))
    place = 3 * corner
    colours[place : place + 3] = ground  # rounding may leave it a shade off
    image.putpalette(colours)
    stream = io.BytesIO()
    # the usual level 6 takes half as long again, for a twentieth less
    image.save(stream, "PNG", dpi=(PNG_DPI, PNG_DPI), compress_level=4)
    return base64.b64encode(stream.getvalue()).decode()
