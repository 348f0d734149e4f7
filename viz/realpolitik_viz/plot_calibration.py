"""The figure of a calibration: dates before and after the fit, how each range narrowed, and which did not."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.calibration import Calibration
from realpolitik.texts import minus
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house, middles
from realpolitik_viz.captions import DOT
from realpolitik_viz.months import month_axis, months_between, number
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import leading, lines, listed

WIDTH = 10.0
TOP, ROW = 1.62, 0.24
LABELS, NARROWED = 3.9, 1.5
MOST = 30
FOOT_LINES = 5
DATE_ROW = 0.3
"""Inches of the row of one outcome: a line for the ranges above one for the sample."""
BETWEEN = 1.05
"""Inches from the last date to the first range."""


def calibration_figure(calibration: Calibration, ink: Ink = LIGHT) -> Figure:
    """Draw when outcomes happen before and after the fit, and the ranges that the data narrowed or moved.

    Parameters
    ----------
    calibration
        What `realpolitik.calibrate` returned.
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
    >>> figure = calibration_figure(rp.calibrate("karabakh", settings=32, error=12))
    >>> isinstance(figure, Figure)
    True
    """
    result = calibration.to_dict()
    informed = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])[:MOST]
    rows = [max(ROW, leading(BODY) * len(_path(row)) + 0.06) for row in informed]
    dates = DATE_ROW * len(result["predicted"])
    ranges = TOP + dates + BETWEEN
    foot = ranges + sum(rows) + 0.5
    with house():
        title = f"What history says about {calibration.scenario.document['meta']['title']}"
        canvas = Canvas(WIDTH, foot + 0.15 * FOOT_LINES + 0.5, ink, title, _caption(result))
        canvas.head(result["verdict"])
        left = MARGIN + LABELS + 0.15
        _dates(canvas, left, canvas.place(left, TOP, WIDTH - left - MARGIN - 0.2, dates), result)
        axes = canvas.place(left, ranges, WIDTH - left - NARROWED - MARGIN, sum(rows) or ROW)
        _heads(canvas, left, ranges)
        _scale(axes, sum(rows) or ROW, ink)
        for row, middle in zip(informed, middles(rows), strict=True):
            _range(axes, middle, row, ink)
            _words(canvas, ranges + middle, row)
        _undetermined(canvas, foot, result)
        canvas.sign()
    return canvas


def _caption(result: Mapping[str, Any]) -> str:
    source = f"{result['scenario']} {result['sha256'][:12]}"
    return DOT.join((result["command"], source, f"realpolitik {result['version']}"))


def _dates(canvas: Canvas, left: float, axes: Axes, result: Mapping[str, Any]) -> None:
    """Draw the middle 80% and the median of worlds of the ranges and of the sample, and the dates of history."""
    canvas.panel_head(MARGIN, TOP - 0.42, "Outcome", "* held out of the fit", LABELS)
    note = "80% of worlds and median: above of the ranges, below of the sample; diamond: history"
    canvas.panel_head(left, TOP - 0.42, "When it happens, before and after the fit", note, WIDTH)
    months = months_between(*result["span"])
    first, last = number(months[0]), len(months) - 1
    month_axis(axes, months, canvas.ink)
    axes.set_ylim(DATE_ROW * len(result["predicted"]), 0)
    for n, row in enumerate(result["predicted"]):
        middle = DATE_ROW * (n + 0.5)
        label = row["row"] + "*" * row["holdout"]
        canvas.block(MARGIN + LABELS, TOP + middle, lines(label, LABELS, BODY), ha="right")
        for kind, up, colour in (("prior", -0.05, canvas.ink.muted), ("posterior", 0.05, canvas.ink.series)):
            low, high = (last if row[kind][key] is None else number(row[kind][key]) - first for key in ("p10", "p90"))
            axes.plot([low, high], [middle + up] * 2, color=colour, linewidth=2, alpha=0.35 if kind == "prior" else 0.8)
            if row[kind]["median"] is not None:
                axes.plot(number(row[kind]["median"]) - first, middle + up, "o", markersize=3, color=colour)
        if row["date"] != "never":
            axes.plot(number(row["date"]) - first, middle, "D", markersize=5, color=canvas.ink.text, zorder=4)


def _heads(canvas: Canvas, left: float, top: float) -> None:
    canvas.panel_head(MARGIN, top - 0.42, "Number", "those that narrowed or moved", LABELS)
    canvas.panel_head(left, top - 0.42, "From the low to the high end of its range", "line: 80%, dot: mean", WIDTH)
    canvas.write(WIDTH - MARGIN, top - 0.42, "Narrowed by", 10, ha="right", weight="bold")
    canvas.write(WIDTH - MARGIN, top - 0.25, "and 95% interval", SMALL, ha="right", color=canvas.ink.muted)


def _scale(axes: Axes, height: float, ink: Ink) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(height, 0)
    axes.set_xticks([0, 0.5, 1], ["low", "middle", "high"])
    for tick in (0, 0.5, 1):
        axes.axvline(tick, color=ink.faint, linewidth=0.6)


def _range(axes: Axes, at: float, row: Mapping[str, Any], ink: Ink) -> None:
    low, high = row["prior"]
    start, middle, end = ((row[key] - low) / (high - low) for key in ("p10", "mean", "p90"))
    axes.plot([0, 1], [at, at], color=ink.faint, linewidth=4, solid_capstyle="butt")
    axes.plot([start, end], [at, at], color=ink.series, linewidth=4, solid_capstyle="butt")
    axes.plot(middle, at, "o", markersize=4, color=ink.text)


def _path(row: Mapping[str, Any]) -> list[str]:
    return lines(row["path"], LABELS, BODY)


def _words(canvas: Canvas, middle: float, row: Mapping[str, Any]) -> None:
    canvas.block(MARGIN + LABELS, middle, _path(row), ha="right")
    span = f"{row['narrowed']:.0%}  ({row['narrowed_low']:.0%} to {row['narrowed_high']:.0%})"
    canvas.write(WIDTH - MARGIN, middle + 0.04, minus(span), ha="right")


def _undetermined(canvas: Canvas, top: float, result: Mapping[str, Any]) -> None:
    """Write the numbers that the data leave undetermined, as many as fit, and how many more there are."""
    room, names = WIDTH - 2 * MARGIN, result["uninformed"]
    head = f"Not determined by the data: {len(names)} of {len(result['narrowings'])} numbers"
    canvas.write(MARGIN, top, head, 10, weight="bold")
    for down, line in enumerate(listed(names, room, SMALL, FOOT_LINES)):
        canvas.write(MARGIN, top + 0.18 + 0.14 * down, line, SMALL, color=canvas.ink.muted)
