"""The figure of a tornado: how far the range of each number moves an outcome."""

from collections.abc import Iterator, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from realpolitik.swings import Swing, Tornado
from realpolitik.texts import counted, minus
from realpolitik.version import __version__
from realpolitik_viz.canvas import MARGIN, SMALL, TINY, Canvas, house
from realpolitik_viz.captions import DOT, caption_of_scenario
from realpolitik_viz.months import in_words, ticks
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import inches
from realpolitik_viz.words import lines as wrapped

WIDTH = 10.0
HEAD, FOOT = 0.95, 0.95
"""Inches from the line below the title to the first row, and below the last row."""
TITLE = 15
"""Font size of the title in points."""
ROW, LINE = 0.34, 0.125
"""Inches of a row, and of each line of the name of its number."""
NAMES, SPAN = 0.34, 0.75
"""Share of the width for the names of the numbers, and inches for the column on the right."""
FAINT, STRONG = 0.35, 0.85
"""Opacity of the bars of the low and of the high end."""


def tornado_figure(found: Tornado, ink: Ink = LIGHT, width: float = WIDTH) -> Figure:
    """Draw the numbers that move an outcome most, the widest on top; `width` is in inches, 5 or more.

    Parameters
    ----------
    found
        What `realpolitik.tornado` returned.
    ink
        Colours of paper, text and lines: LIGHT by default, or DARK.
    width
        In inches, 5 or more.

    Returns
    -------
    matplotlib.figure.Figure
        A figure, sized in inches, that `save` writes.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from matplotlib.figure import Figure
    >>> figure = tornado_figure(rp.tornado("karabakh", "withdrawal", worlds=8), width=6)
    >>> isinstance(figure, Figure)
    True
    """
    names = [list(broken(swing.path, NAMES * width - 0.15, SMALL)) for swing in found.shown]
    heights = [max(ROW, LINE * len(lines) + 0.1) for lines in names]
    words = f"What moves: {found.label}"
    title = wrapped(words, width - 2 * MARGIN, TITLE, "bold")
    head = 0.48 + 0.26 * len(title) + HEAD
    with house():
        canvas = Canvas(width, head + (sum(heights) or ROW) + FOOT, ink, words, _caption(found))
        _head(canvas, title, head, _below(found))
        left = MARGIN + NAMES * width
        axes = canvas.place(left, head, width - left - SPAN - MARGIN, sum(heights) or ROW)
        scale = Scale(found, axes, width - left - SPAN - MARGIN, ink)
        _key(canvas, left, head)
        top = 0.0
        for swing, lines, height in zip(found.shown, names, heights, strict=True):
            middle = top + height / 2
            scale.bars(swing, middle)
            _words(canvas, head + middle, left, lines, found, swing)
            top += height
            axes.axhline(top, color=ink.faint, linewidth=0.5, zorder=0)
        axes.set_ylim(top or ROW, 0)
        _foot(canvas, found)
    return canvas


class Scale:
    """The axis of the outcome, and the bars on it; vertical positions are in inches from its top."""

    def __init__(self, found: Tornado, axes: Axes, width: float, ink: Ink) -> None:
        levels = [level for s in found.shown for level in (s.at_low, s.at_high) if level is not None]
        low, high = min([found.value, *levels]), max([found.value, *levels])
        least = {"probability": 0.01, "measure": 1e-6, "month": 1.0}[found.statistic]
        tip = max((inches(words, TINY) for s in found.shown for words in labels(s)), default=0.0) + 0.1
        self.unit = max(high - low, least) / (width - 2 * tip)
        self.found, self.axes, self.ink = found, axes, ink
        axes.set_xlim(low - tip * self.unit, max(high, low + least) + tip * self.unit)
        most = max(2, int(width / 1.1))
        if found.statistic == "month":
            months = found.case.dates()[int(low) : int(high) + 2]
            marks = ticks(months, most)
            axes.set_xticks([int(low) + mark for mark in marks], list(marks.values()))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(most))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: self._tick(value)))
        axes.xaxis.tick_top()
        axes.grid(axis="x", color=ink.faint, linewidth=0.6)
        axes.axvline(found.value, color=ink.text, linewidth=1.0)

    def _tick(self, value: float) -> str:
        if self.found.statistic == "measure":
            return minus(f"{value:.3g}")
        return f"{value:.3%}".rstrip("%").rstrip("0").rstrip(".") + "%" if -1e-9 <= value <= 1 + 1e-9 else ""

    def bars(self, swing: Swing, middle: float) -> None:
        """Draw the bars of both ends: side by side, or one above the other if both are on the same side."""
        value = self.found.value
        shifts = [0.0 if level is None else level - value for level in (swing.at_low, swing.at_high)]
        both = shifts[0] * shifts[1] > 0
        side = 1.0 if shifts[0] > 0 or shifts[1] < 0 else -1.0
        for n, (words, shift) in enumerate(zip(labels(swing), shifts, strict=True)):
            height = 0.11 if both else 0.22
            centre = middle + (0.055 if n else -0.055) * both
            face = self.ink.series if swing.clear else "none"
            self.axes.barh(
                centre,
                shift,
                height,
                value,
                facecolor=face,
                edgecolor=self.ink.series,
                linewidth=0.7,
                alpha=STRONG if n else FAINT,
                zorder=2,
            )
            way = (1.0 if shift > 0 else -1.0) if shift else (-side if n else side)
            self.axes.text(
                value + shift + 0.05 * way * self.unit,
                centre,
                words,
                fontsize=TINY,
                color=self.ink.muted,
                ha="left" if way > 0 else "right",
                va="center_baseline",
            )


def labels(swing: Swing) -> tuple[str, str]:
    """Return the words at the tips of the bars: the ends of the range, and where the outcome never happens."""
    low, high = (" never" * (level is None) for level in (swing.at_low, swing.at_high))
    return minus(f"{swing.low:g}") + low, minus(f"{swing.high:g}") + high


def broken(path: str, room: float, size: float) -> Iterator[str]:
    """Yield a dotted path as lines of at most `room` inches, broken after dots, or anywhere if a part is too long."""
    line = ""
    for part in path.split("."):
        part = part if not line else f".{part}"
        if line and inches(line + part + ".", size) > room:
            yield f"{line}."
            line, part = "", part[1:]
        for character in part:
            if line and inches(line + character, size) > room:
                yield line
                line = ""
            line += character
    yield line


def width_of(found: Tornado, swing: Swing) -> str:
    """Return the width of a swing in words."""
    if swing.width is None:
        return "\N{EN DASH}"
    if found.statistic == "month":
        return f"{swing.width:.1f} months"
    return f"{100 * swing.width:.1f} points" if found.statistic == "probability" else f"{swing.width:.3g}"


def _words(canvas: Canvas, middle: float, left: float, lines: Sequence[str], found: Tornado, swing: Swing) -> None:
    colour = canvas.ink.text if swing.clear or swing.width is None else canvas.ink.muted
    for n, line in enumerate(lines):
        down = middle + 0.035 + LINE * (n - (len(lines) - 1) / 2)
        canvas.write(left - 0.1, down, line, SMALL, ha="right", color=colour)
    canvas.write(canvas.width - MARGIN, middle + 0.035, width_of(found, swing), SMALL, ha="right", color=colour)


def _below(found: Tornado) -> str:
    value = found.level(found.value)
    levels = {
        "probability": lambda: f"{value:.1%} likely by {in_words(found.by)}",
        "measure": lambda: f"Mean {minus(f'{value:.3g}')}, where it happens",
        "month": lambda: f"Median {in_words(str(value))}",
    }
    level = levels[found.statistic]()
    return f"{level}, with every number at its value (the line)"


def _head(canvas: Canvas, title: Sequence[str], head: float, below: str) -> None:
    """Write the complete title, and a line below it."""
    for n, line in enumerate(title):
        canvas.write(MARGIN, 0.48 + 0.26 * n, line, TITLE, weight="bold")
    for n, line in enumerate(wrapped(below, canvas.width - 2 * MARGIN, 9.5)):
        canvas.write(MARGIN, head - HEAD + 0.16 * n, line, 9.5, color=canvas.ink.muted)


def _key(canvas: Canvas, left: float, head: float) -> None:
    """Write what the bars are, above the scale."""
    words = "Faint: number at its low end. Solid: at its high end. Outlined: within sampling noise"
    room = canvas.width - MARGIN - left
    lines = wrapped(words, room, SMALL)
    for n, line in enumerate(lines):
        canvas.write(left, head - 0.36 - 0.14 * (len(lines) - 1 - n), line, SMALL, color=canvas.ink.muted)


def _foot(canvas: Canvas, found: Tornado) -> None:
    more, still = len(found.swings) - len(found.shown), len(found.unmoved)
    others = [f"{more:,} other numbers move it less"] if more else []
    others += [f"{still:,} do not move it"] if still else []
    ranges = len(found.swings) + still
    level = f"Noise: intervals of 95% for all {ranges:,} ranges together"
    room = canvas.width - 2 * MARGIN
    for n, line in enumerate(wrapped(". ".join([", ".join(others)] * bool(others) + [level]), room, SMALL)):
        canvas.write(MARGIN, canvas.height - FOOT + 0.27 + 0.15 * n, line, SMALL, color=canvas.ink.muted)
    caption = wrapped(canvas.caption, room, TINY)
    for n, line in enumerate(caption):
        canvas.write(MARGIN, canvas.height - 0.2 - 0.13 * (len(caption) - 1 - n), line, TINY, color=canvas.ink.muted)


def _caption(found: Tornado) -> str:
    scenario = found.scenario
    return DOT.join(
        (
            caption_of_scenario(scenario.name, scenario.sha256, scenario.overrides),
            f"{counted(found.worlds, 'world')} per end of a range, seed {found.seed}",
            f"weights by {scenario.document['theory']['weights']}",
            f"realpolitik {__version__}",
        )
    )
