"""Axes of numbers: they fit what is drawn, and their labels keep apart from each other."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from realpolitik.texts import minus
from realpolitik_viz.canvas import SMALL
from realpolitik_viz.palette import Ink
from realpolitik_viz.words import inches

MOST_TICKS = 6
BETWEEN = 0.12
"""Inches between two labels."""
BEYOND = 0.14
"""Inches by which a label may leave its axis; those that would leave it further are written inwards."""
LEAST = 0.01
"""Least length of an axis of differences."""


Side = Literal["left", "center", "right"]


def width_of(axes: Axes) -> float:
    """Return the width of axes in inches."""
    return float(axes.bbox.width / axes.figure.dpi)


def side(at: float, label: str, span: tuple[float, float], room: float) -> tuple[Side, float, float]:
    """Return how a label is aligned at its place on an axis, and from where to where it goes, in inches."""
    low, high = span
    place, half = (at - low) / (high - low) * room, inches(label, SMALL) / 2
    if place - half < -BEYOND:
        return "left", place, place + 2 * half
    if place + half > room + BEYOND:
        return "right", place - 2 * half, place
    return "center", place - half, place + half


def apart(marks: Mapping[int, str] | Mapping[float, str], span: tuple[float, float], room: float) -> bool:
    """Return whether labels keep apart on an axis of `room` inches."""
    places = [side(at, label, span, room)[1:] for at, label in marks.items()]
    return all(end + BETWEEN <= start for (_, end), (start, _) in pairwise(places))


def mark(axes: Axes, marks: Mapping[int, str] | Mapping[float, str]) -> None:
    """Label positions along the bottom of axes."""
    axes.set_xticks(list(marks), list(marks.values()))
    for (at, label), text in zip(marks.items(), axes.get_xticklabels(), strict=True):
        text.set_horizontalalignment(side(at, label, axes.get_xlim(), width_of(axes))[0])


def number_axis(axes: Axes, low: float, high: float, ink: Ink, *, sign: bool = False, percent: bool = False) -> None:
    """Label numbers along the bottom of axes, as many as fit, with thin vertical lines."""
    axes.set_xlim(low, high)
    room = width_of(axes)
    for count in range(MOST_TICKS, 0, -1):
        marks = {at: in_figures(at, sign=sign, percent=percent) for at in round_numbers(low, high, count)}
        if apart(marks, (low, high), room):
            break
    mark(axes, marks)
    for at in marks:
        axes.axvline(at, color=ink.faint, linewidth=0.5, zorder=0)


def round_numbers(low: float, high: float, most: int) -> list[float]:
    """Return round numbers within an axis, at the same distances."""
    found = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return [float(at) for at in found if low <= at <= high]


def in_figures(number: float, *, sign: bool = False, percent: bool = False) -> str:
    """Return a number as a label of an axis.

    >>> in_figures(0.1 + 0.2, sign=True)
    '+0.3'
    >>> in_figures(0.1 + 0.2, percent=True)
    '30%'
    """
    number = round(100 * number if percent else number, 12)
    digits = f"{number:+g}" if sign and number else f"{number:g}"
    return minus(digits) + "%" * (percent and number != 0)


def span_of(values: Iterable[float]) -> tuple[float, float]:
    """Return an axis on which some values fit, with a little room on both sides."""
    held = list(values)
    pad = max(0.05 * (max(held) - min(held)), (LEAST - (max(held) - min(held))) / 2)
    return min(held) - pad, max(held) + pad


def difference_axis(axes: Axes, values: Iterable[float], ink: Ink, *, percent: bool = False) -> None:
    """Label an axis that holds 0 and all the values, and no more than that; a line marks 0."""
    number_axis(axes, *span_of([0.0, *values]), ink, sign=True, percent=percent)
    axes.axvline(0, color=ink.muted, linewidth=0.8)
