"""A canvas: a figure whose parts are placed in inches from the top left corner, with fixed Matplotlib settings."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from realpolitik_viz.palette import Ink
from realpolitik_viz.words import ONE_AT_A_TIME, drawn, leading, lines

TITLE, HEADING, UNDER, BODY, SMALL, TINY = 15.0, 10.0, 9.5, 8.5, 7.5, 6.8
"""Font sizes in points."""
MARGIN = 0.35
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
    """A figure with a title and a caption, measured in inches from the top left corner.

    `height` is that of a figure whose title, line below it and caption take one line each. If they take more, `head`,
    which is called first, makes the figure taller and moves down all that is placed later.
    """

    def __init__(self, width: float, height: float, ink: Ink, title: str = "", caption: str = "") -> None:
        super().__init__(figsize=(width, height), facecolor=ink.paper)
        self.width, self.height, self.ink = width, height, ink
        self.title, self.caption = drawn(title), drawn(caption)
        self.down, self.total = 0.0, height

    @property
    def room(self) -> float:
        """Inches between the margins."""
        return self.width - 2 * MARGIN

    def place(self, left: float, top: float, width: float, height: float) -> Axes:
        """Return new axes without frame or ticks."""
        bottom = 1 - (self.down + top + height) / self.total
        axes = self.add_axes((left / self.width, bottom, width / self.width, height / self.total), facecolor="none")
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL, labelcolor=self.ink.muted, pad=3)
        axes.set(xticks=[], yticks=[])
        return axes

    def write(self, left: float, top: float, words: str, size: float = BODY, **style: Any) -> Text:
        """Write words with their baseline at `top`; they are not parsed as mathematics."""
        style = {"color": self.ink.text, "va": "baseline", **style}
        at = 1 - (self.down + top) / self.total
        return self.text(left / self.width, at, drawn(words), fontsize=size, **style)

    def block(self, left: float, middle: float, rows: Sequence[str], size: float = BODY, **style: Any) -> None:
        """Write lines around a height, so that one line is centred there."""
        first = middle + 0.005 * size - leading(size) * (len(rows) - 1) / 2
        for n, row in enumerate(rows):
            self.write(left, first + leading(size) * n, row, size, **style)

    def head(self, below: str) -> None:
        """Write the title and a line below it, each on as many lines as it needs."""
        title, under = lines(self.title, self.room, TITLE, "bold"), lines(below, self.room, UNDER)
        caption = len(lines(self.caption, self.room, TINY))
        first = leading(TITLE) * (max(1, len(title)) - 1)
        self.down = first + leading(UNDER) * (max(1, len(under)) - 1)
        self.total = self.height + self.down + leading(TINY) * (max(1, caption) - 1)
        self.set_size_inches(self.width, self.total)
        for n, row in enumerate(title):
            self.write(MARGIN, 0.48 - self.down + leading(TITLE) * n, row, TITLE, weight="bold")
        for n, row in enumerate(under):
            down = 0.74 - self.down + first + leading(UNDER) * n
            self.write(MARGIN, down, row, UNDER, color=self.ink.muted)

    def panel_head(self, left: float, top: float, words: str, note: str, room: float) -> None:
        """Write the heading of a panel and a note in smaller type; `taller` has what they take beyond two lines."""
        titles = lines(words, room, HEADING, "bold")
        for n, row in enumerate(titles):
            self.write(left, top + leading(HEADING) * n, row, HEADING, weight="bold")
        under = top + 0.17 + leading(HEADING) * (max(1, len(titles)) - 1)
        for n, row in enumerate(lines(note, room, SMALL)):
            self.write(left, under + leading(SMALL) * n, row, SMALL, color=self.ink.muted)

    def sign(self) -> None:
        """Write the caption, with what is needed to make the figure again, at the foot."""
        for n, row in enumerate(lines(self.caption, self.room, TINY)):
            self.write(MARGIN, self.height - 0.2 + leading(TINY) * n, row, TINY, color=self.ink.muted)


def middles(rows: Sequence[float]) -> list[float]:
    """Return the middle of every row of these heights, from the top of the first."""
    return [sum(rows[:n]) + row / 2 for n, row in enumerate(rows)]


def taller(words: str, note: str, room: float) -> float:
    """Return by how many inches the heading of a panel is taller than one with a line each for words and note."""
    titles, notes = len(lines(words, room, HEADING, "bold")), len(lines(note, room, SMALL))
    return leading(HEADING) * (max(1, titles) - 1) + leading(SMALL) * (max(1, notes) - 1)
