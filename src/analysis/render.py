"""Where everything in a figure lies: laid out and measured once, before it is drawn.

`Figure.savefig(bbox_inches="tight")` draws a figure twice, the first time only to lay it out, and
measures every text with three renderers which share nothing. What comes out here is the same.
"""

import io

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox

from .plot_labels import Arrange


class _Canvas(FigureCanvasSVG):
    """Has one renderer for all measuring, so that no text is measured twice."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self._measuring = RendererSVG(*figure.bbox.size, io.StringIO())

    def get_renderer(self) -> RendererSVG:
        """Give the renderer that the layout measures with."""
        return self._measuring


def lay_out(figure: Figure) -> Bbox:
    """Settle where everything in a figure lies, at the scale of SVG, and give what it fills.

    Parameters
    ----------
    figure : Figure
        Has no layout engine afterwards: nothing moves any more.

    Returns
    -------
    Bbox
        All that is drawn, and matplotlib's margin around it, in inches.
    """
    figure.set_dpi(FigureCanvasSVG.fixed_dpi)
    canvas = _Canvas(figure)
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
    with mpl.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)
    for artist in figure.findobj(Arrange):
        artist.draw(canvas.get_renderer())
        artist.remove()
    return figure.get_tightbbox(canvas.get_renderer()).padded(mpl.rcParams["savefig.pad_inches"])
