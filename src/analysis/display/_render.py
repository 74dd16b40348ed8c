"""A figure as SVG and as pixels: laid out, measured and drawn once for both.

`Figure.savefig(bbox_inches="tight")` lays a figure out anew and draws it twice for each format, and
measures its texts with renderers that share nothing. Here one renderer measures, and hands on to
two others what it is told to draw. The SVG that comes out is the same.
"""

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font
from matplotlib.path import Path
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D, Bbox, TransformedPath
from PIL import Image

from ..plot.parts.labels import Arrange
from ..plot.parts.style import SHEET

#: of SVG: neither the date nor the version of matplotlib
METADATA = {"Date": None, "Creator": None}


class _Letters(TextToPath):
    """Sets each text once, whoever asks for it and at whatever size."""

    #: texts that are kept, the last used ones
    KEPT = 2000

    def __init__(self):
        super().__init__()
        #: name of a letter -> its outline
        self._outlines: dict = {}
        #: font and text -> letters with their places, as `get_glyphs_with_font` gives them
        self._set: dict[tuple, list] = {}

    def get_glyphs_with_font(
        self,
        font: FT2Font,
        s: str,
        glyph_map: dict | None = None,
        return_new_glyphs_only: bool = False,
        **how: Any,
    ) -> tuple[list, dict, list]:
        """Give letters, the outlines of those not in the map, and no lines."""
        # not its file: two fonts may begin with the same one and fall back on different ones
        key = (font, s, *how.values())
        if (letters := self._set.pop(key, None)) is None:
            letters, _, _ = super().get_glyphs_with_font(font, s, self._outlines, **how)
        self._set[key] = letters
        if len(self._set) > self.KEPT:
            del self._set[next(iter(self._set))]
        known = glyph_map or {}
        found = {name: self._outlines[name] for name, *_ in letters if name not in known}
        return letters, found if return_new_glyphs_only else {**known, **found}, []

    def get_text_path(  # type: ignore[override]
        self, prop: FontProperties, s: str, ismath: bool = False, **how: Any
    ) -> tuple[np.ndarray, np.ndarray]:
        """Give the outline of a whole text."""
        if ismath or not s.strip():
            vertices, codes = super().get_text_path(prop, s, ismath, **how)
            return vertices, codes
        font = self._get_font(prop)  # type: ignore[attr-defined]  # of matplotlib, not in its stubs
        letters, _, _ = self.get_glyphs_with_font(font, s, **how)
        parts = [(*self._outlines[name], x, y) for name, x, y, _ in letters]
        places = np.repeat(
            [(x, y) for _, _, x, y in parts], [len(points) for points, *_ in parts], axis=0
        )
        return (
            np.concatenate([points for points, *_ in parts]) + places,
            np.concatenate([codes for _, codes, *_ in parts]),
        )


_LETTERS = _Letters()


class _Both(RendererBase):
    """Measures as for SVG, and draws on two sheets: SVG, and pixels `times` as large.

    What is told in pixels of the first is enlarged for the second; what is told in points, as the
    width of a line, is not: the second has a resolution of its own.
    """

    def __init__(self):
        super().__init__()
        self._text2path = _LETTERS

    def draw_on(self, svg: RendererSVG, pixels: RendererAgg) -> None:
        """Take the sheets to draw on."""
        self._svg, self._pixels = svg, pixels
        self._svg._text2path = self._text2path
        self._times = pixels.dpi / FigureCanvasSVG.fixed_dpi
        self._enlarge = Affine2D().scale(self._times)

    def _large(self, gc: GraphicsContextBase) -> GraphicsContextBase:
        made = self.new_gc()
        made.copy_properties(gc)
        if (clip := gc.get_clip_rectangle()) is not None:
            made.set_clip_rectangle(self._enlarge.transform_bbox(clip))
        path, place = gc.get_clip_path()
        if path is not None and place is not None:
            made.set_clip_path(TransformedPath(path, place + self._enlarge))  # type: ignore[arg-type]
        return made

    # docstrings inherited from here on; positions and names of arguments are matplotlib's

    def draw_path(self, gc, path, transform, rgbFace=None):
        self._svg.draw_path(gc, path, transform, rgbFace)
        self._pixels.draw_path(self._large(gc), path, transform + self._enlarge, rgbFace)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        self._svg.draw_markers(gc, marker_path, marker_trans, path, trans, rgbFace)
        self._pixels.draw_markers(
            self._large(gc),
            marker_path,
            marker_trans + self._enlarge,
            path,
            trans + self._enlarge,
            rgbFace,
        )

    def draw_path_collection(
        self, gc, master_transform, paths, all_transforms, offsets, offset_trans, *looks, **kwargs
    ):
        at = all_transforms, offsets
        self._svg.draw_path_collection(
            gc, master_transform, paths, *at, offset_trans, *looks, **kwargs
        )
        self._pixels.draw_path_collection(
            self._large(gc),
            master_transform + self._enlarge,
            paths,
            *at,
            offset_trans + self._enlarge,
            *looks,
            **kwargs,
        )

    def draw_quad_mesh(
        self,
        gc,
        master_transform,
        meshWidth,
        meshHeight,
        coordinates,
        offsets,
        offsetTrans,
        *looks,
    ):
        mesh = meshWidth, meshHeight, coordinates, offsets
        self._svg.draw_quad_mesh(gc, master_transform, *mesh, offsetTrans, *looks)
        self._pixels.draw_quad_mesh(
            self._large(gc),
            master_transform + self._enlarge,
            *mesh,
            offsetTrans + self._enlarge,
            *looks,
        )

    def draw_gouraud_triangles(self, gc, triangles_array, colors_array, transform):
        self._svg.draw_gouraud_triangles(gc, triangles_array, colors_array, transform)
        self._pixels.draw_gouraud_triangles(
            self._large(gc), triangles_array, colors_array, transform + self._enlarge
        )

    def draw_image(self, gc, x, y, im, transform=None):
        self._svg.draw_image(gc, x, y, im, transform)
        self._pixels.draw_image(self._large(gc), x * self._times, y * self._times, im)

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        self._svg.draw_text(gc, x, y, s, prop, angle, ismath, mtext)
        large = self._large(gc)
        if ismath:
            at = x * self._times, y * self._times
            self._pixels.draw_text(large, *at, s, prop, angle, ismath, mtext)
            return
        # as one path, where the letters are on the other sheet
        how = {
            "features": mtext and mtext.get_fontfeatures(),
            "language": mtext and mtext.get_language(),
        }
        vertices, codes = self._text2path.get_text_path(prop, s, **how)
        outline = Path(vertices, codes)
        size = prop.get_size_in_points() / self._text2path.FONT_SCALE
        place = Affine2D().scale(size).rotate_deg(angle).translate(x, self._svg.height - y)
        large.set_linewidth(0)
        self._pixels.draw_path(large, outline, place + self._enlarge, gc.get_rgb())

    def get_text_width_height_descent(self, s, prop, ismath):
        return self._text2path.get_text_width_height_descent(s, prop, ismath)

    def open_group(self, s, gid=None):
        self._svg.open_group(s, gid)

    def close_group(self, s):
        self._svg.close_group(s)

    def flipy(self):
        return True

    def get_canvas_width_height(self):
        return self._svg.get_canvas_width_height()

    def get_image_magnification(self):
        return self._times


class _Canvas(FigureCanvasSVG):
    """Measures and draws with one renderer, so that no text is measured twice."""

    def __init__(self, figure: Figure, dpi: float):
        super().__init__(figure)
        self._renderer, self._dpi = _Both(), dpi

    def get_renderer(self) -> RendererBase:
        """Give the renderer that the layout measures with."""
        return self._renderer

    def print_svg(self, filename: Any, *, metadata: Any = None, **_: Any) -> Image.Image:
        """Draw; `print_figure` has cut the figure to size."""
        width, height = self.figure.get_size_inches()
        small, large = self.fixed_dpi, self._dpi
        self.figure.dpi = small
        svg = RendererSVG(width * small, height * small, filename, None, large, metadata=metadata)
        pixels = RendererAgg(width * large, height * large, large)
        self._renderer.draw_on(svg, pixels)
        # letters fitted to pixels would be wider than they were measured
        with mpl.rc_context({"text.hinting": "no_hinting"}):
            self.figure.draw(self._renderer)
        svg.finalize()
        size = int(pixels.width), int(pixels.height)
        return Image.frombuffer("RGBA", size, pixels.buffer_rgba(), "raw", "RGBA", 0, 1)


def draw(figure: Figure, dpi: float) -> tuple[str, Image.Image]:
    """Draw a figure, cut to what is on it, as SVG and as pixels.

    Returns
    -------
    str
        SVG, without a date or a version.
    Image
        The same in pixels, RGBA.
    """
    canvas = _Canvas(figure, dpi)
    box = settle_layout(figure, canvas.get_renderer())
    stream = io.StringIO()
    pixels = canvas.print_figure(stream, format="svg", bbox_inches=box, metadata=METADATA)
    return stream.getvalue(), pixels


def settle_layout(figure: Figure, renderer: RendererBase) -> Bbox:
    """Settle where everything in a figure lies, at the scale of SVG, and give what it fills.

    Returns
    -------
    Bbox
        In inches, with matplotlib's margin: the sheet, if everything has been fitted to that; else
        all that is drawn, which takes a third measuring.
    """
    figure.set_dpi(FigureCanvasSVG.fixed_dpi)
    if (engine := figure.get_layout_engine()) is not None:
        engine.execute(figure)
    with mpl.rc_context({"figure.autolayout": False, "figure.constrained_layout.use": False}):
        figure.set_layout_engine(None)
    for artist in figure.findobj(Arrange):
        artist.draw(renderer)
        artist.remove()
    if figure.get_label() == SHEET:
        filled = Bbox.from_extents(0, 0, *figure.get_size_inches())
    else:
        filled = figure.get_tightbbox(renderer)
    return filled.padded(mpl.rcParams["savefig.pad_inches"])
