"""A figure drawn in one go is the figure that matplotlib draws in two."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from analysis import display, plot_labels


def crowded(layout):
    """Two panels, one of them with labels that have to make way for each other."""
    figure, axes = plt.subplots(2, 1, figsize=(4, 5), layout=layout)
    years = np.arange(1990, 2021)
    for ax, title in zip(axes, ("first", "second"), strict=True):
        ax.plot(years, np.sqrt(years - 1980))
        ax.set_title(title, loc="left")
    ends = [(2020, 6.3, "a long name at the end", "black"), (2020, 6.32, "another", "red")]
    plot_labels.end_labels(axes[0], ends)
    words = axes[1].text(2000, 4.5, "what does not fit is hidden " * 3)
    plot_labels.keep_inside(axes[1], words, axes[1].patch)
    return figure


@pytest.mark.parametrize("layout", ["constrained", None])
def test_it_is_what_matplotlib_draws(layout):
    stream = io.StringIO()
    metadata = {"Date": None, "Creator": None}
    with plt.rc_context({"svg.hashsalt": display._SALT, "svg.fonttype": "path"}):
        twice = crowded(layout)
        twice.savefig(stream, format="svg", bbox_inches="tight", metadata=metadata)
    once = crowded(layout)
    drawn = []
    real = type(once).draw
    once.draw = lambda renderer: drawn.append(renderer) or real(once, renderer)
    assert display._images(once, crop=True)["image/svg+xml"] == stream.getvalue()
    assert len(drawn) == 2  # as SVG and as PNG
    plt.close("all")
