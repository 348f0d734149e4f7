"""Months: in words, and as an axis."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from realpolitik_viz.palette import Ink
from realpolitik_viz.scales import apart, mark, width_of

NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STEPS = (3, 6, 12, 24, 60, 120, 240, 600, 1200)
"""Months between two labels; the first step with few enough labels is used."""


def number(date: str) -> int:
    """Return months since year 0 of a date "YYYY-MM", or of one with a day."""
    year, month = date.split("-")[:2]
    return int(year) * 12 + int(month) - 1


def months_between(start: str, end: str) -> list[str]:
    """Return all months from one date through another."""
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number(start), number(end) + 1)]


def in_words(date: str) -> str:
    """Return a month in words.

    >>> in_words("2023-02")
    'Feb 2023'
    """
    year, month = date.split("-")[:2]
    return f"{NAMES[int(month) - 1]} {year}"


def ticks(months: Sequence[str], room: float, most: int = 11) -> dict[int, str]:
    """Return positions with labels that fit into `room` inches: years, or quarters of a short span."""
    first, last = number(months[0]), number(months[-1])
    for step in STEPS:
        found = [n for n in range(first, last + 1) if n % step == 0] or [first]
        marks = {n - first: _label(n, n == found[0]) for n in found}
        if len(marks) <= most and apart(marks, (-0.5, len(months) - 0.5), room):
            return marks
    return dict([*marks.items()][:1])


def _label(month: int, first: bool) -> str:
    """Return the year for January and the name of other months, with the year for the first label."""
    year, index = divmod(month, 12)
    if index == 0:
        return str(year)
    return f"{NAMES[index]} {year}" if first else NAMES[index]


def month_axis(axes: Axes, months: Sequence[str], ink: Ink, labels: bool = True) -> None:
    """Label months along the bottom of axes, with thin vertical lines."""
    axes.set_xlim(-0.5, len(months) - 0.5)
    marks = ticks(months, width_of(axes))
    mark(axes, marks if labels else dict.fromkeys(marks, ""))
    for at in marks:
        axes.axvline(at, color=ink.faint, linewidth=0.5, zorder=0)


def mark_cutoff(axes: Axes, months: Sequence[str], cutoff: str | None, ink: Ink) -> int | None:
    """Draw a dotted line at the month after which nothing was used; return its position if it is on the axis."""
    at = None if cutoff is None else number(str(cutoff)) - number(months[0])
    if at is None or not 0 <= at < len(months):
        return None
    axes.axvline(at, color=ink.muted, linewidth=0.8, linestyle=(0, (1, 2)), zorder=1)
    return at
