"""A canvas: a figure whose parts are placed in inches from the top left corner, with fixed Matplotlib settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from realpolitik_viz.palette import Ink
from realpolitik_viz.words import ONE_AT_A_TIME, drawn, fitted, wrapped

BODY, SMALL, TINY = 8.5, 7.5, 6.8
"""Font sizes in points."""
MARGIN = 0.35
LEADING = 0.13
"""Inches between the lines of a caption."""
HOUSE = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial"],
    "font.size": BODY,
    "text.parse_math": False,
    "text.usetex": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "realpolitik",
    "pdf.fonttype": 42,
}


@contextmanager
def house() -> Iterator[None]:
    """Use the project's Matplotlib settings in a block; threads share the settings, hence the lock."""
    with ONE_AT_A_TIME, matplotlib.style.context(["default", HOUSE]):
        yield


class Canvas(Figure):
    """A figure with a title and a caption, measured in inches from the top left corner."""

    def __init__(self, width: float, height: float, ink: Ink, title: str = "", caption: str = "") -> None:
        super().__init__(figsize=(width, height), facecolor=ink.paper)
        self.width, self.height, self.ink = width, height, ink
        self.title, self.caption = drawn(title), drawn(caption)

    def place(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return new axes without frame or ticks."""
        box = (left / self.width, 1 - (top + height) / self.height, width / self.width, height / self.height)
        axes = self.add_axes(box, facecolor="none")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=self.ink.muted, pad=3)
        axes.set(xticks=[], yticks=[])
        return axes

    def write(self, left: float, top: float, words: str, size: float = BODY, **style: Any) -> Text:
        """Write words with their baseline at `top`; they are not parsed as mathematics."""
        style = {"color": self.ink.text, "va": "baseline", **style}
        return self.text(left / self.width, 1 - top / self.height, drawn(words), fontsize=size, **style)

    def head(self, below: str) -> None:
        """Write the title and a line below it."""
        room = self.width - 2 * MARGIN
        self.write(MARGIN, 0.48, fitted(self.title, room, 15, "bold"), 15, weight="bold")
        self.write(MARGIN, 0.74, fitted(below, room, 9.5), 9.5, color=self.ink.muted)

    def panel_head(self, left: float, top: float, words: str, note: str, room: float) -> None:
        """Write the heading of a panel and a note in smaller type."""
        self.write(left, top, fitted(words, room, 10, "bold"), 10, weight="bold")
        self.write(left, top + 0.17, fitted(note, room, SMALL), SMALL, color=self.ink.muted)

    def sign(self) -> None:
        """Write the caption, with what is needed to make the figure again, at the foot, in one line or two."""
        lines = wrapped(self.caption, self.width - 2 * MARGIN, TINY)
        for n, line in enumerate(reversed(lines)):
            self.write(MARGIN, self.height - 0.2 - LEADING * n, line, TINY, color=self.ink.muted)
