"""Inspection of figures: positions of words, and colours as different eyes see them."""

from collections.abc import Iterable
from functools import cache
from itertools import combinations

import numpy as np
import numpy.typing as npt
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

import realpolitik as rp
from realpolitik_viz.canvas import house

Words = list[tuple[str, Bbox]]
EYES = {
    "all cones": np.eye(3),
    "no red cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no green cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
}
"""Linear RGB as seen (Machado, Oliveira & Fernandes 2009, severity 1.0)."""
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
WHITE = np.array([0.95047, 1.0, 1.08883])


@cache
def score_sheet() -> rp.ScoreSheet:
    """Return the score sheet of the base case at its values, which takes seconds."""
    return rp.validate(worlds=20, uncertainty="none")


def words_of(figure: Figure) -> Words:
    """Return every text that is drawn, with its box in pixels."""
    canvas = FigureCanvasAgg(figure)
    with house():
        figure.draw_without_rendering()
        renderer = canvas.get_renderer()  # type: ignore[no-untyped-call]
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        return [(text.get_text(), text.get_window_extent(renderer)) for text in texts]


def outside(figure: Figure, words: Words) -> list[str]:
    """Return the texts that leave the canvas."""
    width, height = figure.get_size_inches() * figure.dpi
    return [word for word, box in words if min(box.x0, box.y0) < 0 or box.x1 > width or box.y1 > height]


def touching(words: Words) -> list[tuple[str, str]]:
    """Return the pairs of texts that overlap."""
    return [(one, other) for (one, a), (other, b) in combinations(words, 2) if a.overlaps(b)]


def crossed(figure: Figure) -> list[str]:
    """Return the texts that a line runs through."""
    words = words_of(figure)
    lines = [line for line in figure.findobj(Line2D) if line.get_visible() and line.get_linestyle() != "None"]
    paths = [line.get_transform().transform_path(line.get_path()) for line in lines if np.size(line.get_xdata())]
    return [word for word, box in words if any(path.intersects_bbox(box, filled=False) for path in paths)]


def linear(colour: str) -> npt.NDArray[np.float64]:
    """Return linear RGB of "#rrggbb"."""
    encoded = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted(float(XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def apart(colours: Iterable[str], eye: str) -> float:
    """Return how far the closest two colours are apart to an eye, in CIELAB; 2.3 is just noticeable."""
    seen = [_lab(np.clip(EYES[eye] @ linear(colour), 0, 1)) for colour in colours]
    return min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2))


def _lab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    share = XYZ @ rgb / WHITE
    f = np.where(share > 216 / 24389, np.cbrt(share), (24389 / 27 * share + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
