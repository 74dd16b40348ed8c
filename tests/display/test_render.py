"""A figure drawn in one go is the figure that matplotlib draws in two."""

import base64
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.patches import Circle
from PIL import Image

from analysis import display
from analysis.display import _images, _render
from analysis.plot.parts import labels


def crowded(layout):
    """Two panels, one of them with labels that have to make way for each other."""
    figure, axes = plt.subplots(2, 1, figsize=(4, 5), layout=layout)
    years = np.arange(1990, 2021)
    for ax, title in zip(axes, ("first", "second"), strict=True):
        ax.plot(years, np.sqrt(years - 1980))
        ax.set_title(title, loc="left")
    ends = [(2020, 6.3, "a long name at the end", "black"), (2020, 6.32, "another", "red")]
    labels.end_labels(axes[0], ends)
    words = axes[1].text(2000, 4.5, "what does not fit is hidden " * 3)
    labels.keep_inside(axes[1], words, axes[1].patch)
    return figure


@pytest.mark.parametrize("layout", ["constrained", None])
def test_it_is_what_matplotlib_draws(layout):
    stream = io.StringIO()
    metadata = {"Date": None, "Creator": None}
    with plt.rc_context({"svg.hashsalt": display._images._SALT, "svg.fonttype": "path"}):
        twice = crowded(layout)
        twice.savefig(stream, format="svg", bbox_inches="tight", metadata=metadata)
    once = crowded(layout)
    drawn = []
    real = type(once).draw
    once.draw = lambda renderer: drawn.append(renderer) or real(once, renderer)
    assert _images.images_of(once, crop=True)["image/svg+xml"] == stream.getvalue()
    assert len(drawn) == 1  # SVG and PNG together
    plt.close("all")


def lines(ax):
    ax.plot([0, 1, 2], [0, 2, 1], lw=4, ls="--", marker="D", ms=12, mec="black")
    ax.axhspan(0.5, 0.7, hatch="//", facecolor="none", edgecolor="grey")


def points(ax):
    ax.scatter([0, 1, 2], [0, 2, 1], s=[40, 400, 900], c=["red", "blue", "green"], alpha=0.5)


def pixels(ax):
    ax.imshow(np.arange(12).reshape(3, 4))


def cells(ax):
    ax.pcolormesh(np.arange(12).reshape(3, 4), edgecolors="white", lw=2)


def triangles(ax):
    ax.tripcolor([0, 1, 0.5], [0, 0, 1], [1, 2, 3], shading="gouraud")


def clipped(ax):
    (line,) = ax.plot([0, 1], [0, 1], lw=30)
    line.set_clip_path(Circle((0.5, 0.5), 0.3, transform=ax.transData))


def texts(ax):
    ax.text(0.1, 0.2, r"slanting $\frac{x}{2}$", rotation=30, fontsize=14)
    ax.text(0.9, 0.9, "at the\ntop", ha="right", va="top", bbox={"facecolor": "yellow"})


@pytest.mark.parametrize("fill", [lines, points, pixels, cells, triangles, clipped, texts])
def test_its_pixels_are_those_of_matplotlib(fill):
    """But for the rounding of places, which moves an edge by a pixel at most."""

    def drawn():
        figure, ax = plt.subplots(figsize=(4, 3))
        fill(ax)
        return figure

    stream = io.BytesIO()
    drawn().savefig(stream, dpi=200, bbox_inches="tight")
    _, made = _render.draw(drawn(), 200)
    plt.close("all")
    theirs = Image.open(stream).convert("RGB")
    assert np.abs(np.subtract(made.size, theirs.size)).max() <= 3  # letters measured without hints
    few = (100, 75)
    ours, theirs = (
        np.asarray(image.convert("RGB").resize(few, Image.Resampling.BOX), float)
        for image in (made, theirs)
    )
    assert np.abs(ours - theirs).mean() < 1.5
    assert theirs.std() > 5  # something is on it
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.985


@pytest.mark.parametrize("ground", [(255, 255, 255), (17, 34, 51)])
def test_the_ground_keeps_its_colour_among_few(ground):
    figure, ax = plt.subplots(figsize=(3, 2), facecolor=np.divide(ground, 255))
    ax.imshow(np.random.default_rng(0).random((20, 20, 3)))
    made = _images.images_of(figure, crop=True)["image/png"]
    image = Image.open(io.BytesIO(base64.b64decode(made))).convert("RGB")
    assert image.getpixel((0, 0)) == ground
    assert (np.asarray(image) == ground).all(axis=2).mean() > 0.3
