"""The figure of a forecast: the answer to every question, and those of simple forecasters and rival theories."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.forecasts import Forecast
from realpolitik.texts import counted
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house, middles
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.scales import number_axis
from realpolitik_viz.words import leading, lines

WIDTH, TOP, ROW, KEY = 10.0, 1.62, 0.3, 0.3
LABELS, RIGHT = 4.9, 0.65
SHAPES = ("|", "x", "s", "^", "v", "D", "<", ">", "p", "h")
"""Marks of the other forecasters, in their order; the flat forecast is the line at one half."""
FLAT = "flat"


def forecast_figure(found: Forecast, ink: Ink = LIGHT) -> Figure:
    """Draw one row per question: a filled dot for the answer, hollow marks for the others; none if it cannot say.

    A line through the dot is one standard error long on each side, as far as the scale goes.

    Parameters
    ----------
    found
        What `realpolitik.forecast` returned.
    ink
        Colours of paper, text and lines: LIGHT by default, or DARK.

    Returns
    -------
    matplotlib.figure.Figure
        A figure, sized in inches, that `save` writes.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from matplotlib.figure import Figure
    >>> figure = forecast_figure(rp.forecast("karabakh", worlds=4000, tolerance=12))
    >>> isinstance(figure, Figure)
    True
    """
    result = found.to_dict()
    questions = result["questions"]
    rows = [max(ROW, leading(BODY) * len(_text(row)) + 0.1) for row in questions]
    with house():
        canvas = Canvas(WIDTH, TOP + sum(rows) + 0.85, ink, f"Forecast: {result['title']}", _caption(result))
        canvas.head(_below(result))
        left = MARGIN + LABELS + 0.15
        axes = canvas.place(left, TOP, WIDTH - left - RIGHT - MARGIN, sum(rows))
        axes.set_ylim(sum(rows), 0)
        number_axis(axes, 0.0, 1.0, ink, percent=True)
        axes.axvline(0.5, color=ink.muted, linewidth=0.8)
        shapes = _shapes(questions)
        _key(canvas, left, shapes)
        for row, middle, height in zip(questions, middles(rows), rows, strict=True):
            _marks(axes, middle, row, shapes, ink)
            axes.axhline(middle + height / 2, color=ink.faint, linewidth=0.5, zorder=0)
            canvas.block(MARGIN, TOP + middle, _text(row))
            answer = "cannot say" if row["chance"] is None else f"{row['chance']:.0%}"
            size, weight = (SMALL, "normal") if row["chance"] is None else (BODY, "bold")
            canvas.write(WIDTH - MARGIN, TOP + middle + 0.04, answer, size, ha="right", weight=weight)
        canvas.sign()
    return canvas


def _shapes(questions: list[dict[str, Any]]) -> dict[str, str]:
    names = next((list(row["others"]) for row in questions if row["others"]), [])
    return dict(zip((name for name in names if name != FLAT), SHAPES, strict=False))


def _text(row: Mapping[str, Any]) -> list[str]:
    return lines(f"{row['text']} (by {row['by']})", LABELS, BODY)


def _below(result: Mapping[str, Any]) -> str:
    agreeing = ", ".join(
        f"{counted(next(iter(one['agreeing'].values()))['worlds'], 'world')} of {name}"
        for name, one in result["scenarios"].items()
    )
    return f"Probability of a yes, in {agreeing} that agree with the history up to {result['cutoff']}"


def _caption(result: Mapping[str, Any]) -> str:
    hashes = ", ".join(f"{name} {one['sha256'][:12]}" for name, one in result["scenarios"].items())
    drawn = f"up to {counted(result['worlds'], 'world')} per theory, seed {result['seed']}, {numbers_of('prior')}"
    held = f"tolerance {counted(result['tolerance'], 'month')}, allowance {result['allowance']:g}"
    return DOT.join((hashes, drawn, held, "line: standard error", f"realpolitik {result['version']}"))


def _key(canvas: Canvas, left: float, shapes: Mapping[str, str]) -> None:
    """Write what the marks mean, three per line, above the axis."""
    names = {"answer": "o", **shapes}
    wide = (WIDTH - left - MARGIN) / 4
    for n, (name, shape) in enumerate(names.items()):
        row, column = divmod(n, 4)
        top = TOP - 0.48 + KEY * 0.7 * row
        axes = canvas.place(left + wide * column, top - 0.11, 0.15, 0.15)
        axes.set(xlim=(-1, 1), ylim=(-1, 1))
        _mark(axes, 0.0, 0.0, shape, canvas.ink, filled=name == "answer")
        canvas.write(left + wide * column + 0.2, top, name, SMALL, color=canvas.ink.muted)


def _marks(axes: Axes, middle: float, row: Mapping[str, Any], shapes: Mapping[str, str], ink: Ink) -> None:
    if row["chance"] is None:
        return
    for name, shape in shapes.items():
        _mark(axes, row["others"][name], middle, shape, ink, filled=False)
    ends = np.clip([row["chance"] - row["error"], row["chance"] + row["error"]], 0.0, 1.0)
    axes.plot(ends, [middle, middle], color=ink.series, linewidth=1.4, solid_capstyle="butt", zorder=4)
    _mark(axes, row["chance"], middle, "o", ink, filled=True)


def _mark(axes: Axes, at: float, middle: float, shape: str, ink: Ink, *, filled: bool) -> None:
    face = ink.series if filled else "none"
    size, order = (6.5, 5) if filled else (4.5, 4)
    axes.plot(at, middle, shape, markersize=size, markerfacecolor=face, markeredgecolor=ink.series, zorder=order,
              clip_on=False)  # fmt: skip
