"""The figure of a calibration: how the data narrowed each range, and which ranges they left unchanged."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.calibration import Calibration
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house, middles
from realpolitik_viz.captions import DOT
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import leading, lines, listed

WIDTH = 10.0
TOP, ROW = 1.62, 0.24
LABELS, NARROWED = 3.9, 1.5
MOST = 30
FOOT_LINES = 5


def calibration_figure(calibration: Calibration, ink: Ink = LIGHT) -> Figure:
    """Draw the ranges that the data narrowed or moved, each from its low end to its high end."""
    result = calibration.to_dict()
    informed = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])[:MOST]
    rows = [max(ROW, leading(BODY) * len(_path(row)) + 0.06) for row in informed]
    foot = TOP + sum(rows) + 0.5
    with house():
        title = f"What history says about {calibration.scenario.document['meta']['title']}"
        canvas = Canvas(WIDTH, foot + 0.15 * FOOT_LINES + 0.5, ink, title, _caption(result))
        canvas.head(result["verdict"])
        left = MARGIN + LABELS + 0.15
        axes = canvas.place(left, TOP, WIDTH - left - NARROWED - MARGIN, sum(rows) or ROW)
        _heads(canvas, left)
        _scale(axes, sum(rows) or ROW, ink)
        for row, middle in zip(informed, middles(rows), strict=True):
            _range(axes, middle, row, ink)
            _words(canvas, TOP + middle, row)
        _undetermined(canvas, foot, result)
        canvas.sign()
    return canvas


def _caption(result: Mapping[str, Any]) -> str:
    source = f"{result['scenario']} {result['sha256'][:12]}"
    return DOT.join((result["command"], source, f"realpolitik {result['version']}"))


def _heads(canvas: Canvas, left: float) -> None:
    canvas.panel_head(MARGIN, TOP - 0.42, "Number", "those that narrowed or moved", LABELS)
    canvas.panel_head(left, TOP - 0.42, "From the low to the high end of its range", "line: 80%, dot: mean", WIDTH)
    canvas.write(WIDTH - MARGIN, TOP - 0.42, "Narrowed by", 10, ha="right", weight="bold")
    canvas.write(WIDTH - MARGIN, TOP - 0.25, "and 95% interval", SMALL, ha="right", color=canvas.ink.muted)


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
    canvas.write(WIDTH - MARGIN, middle + 0.04, span.replace("-", "\N{MINUS SIGN}"), ha="right")


def _undetermined(canvas: Canvas, top: float, result: Mapping[str, Any]) -> None:
    """Write the numbers that the data leave undetermined, as many as fit, and how many more there are."""
    room, names = WIDTH - 2 * MARGIN, result["uninformed"]
    head = f"Not determined by the data: {len(names)} of {len(result['narrowings'])} numbers"
    canvas.write(MARGIN, top, head, 10, weight="bold")
    for down, line in enumerate(listed(names, room, SMALL, FOOT_LINES)):
        canvas.write(MARGIN, top + 0.18 + 0.14 * down, line, SMALL, color=canvas.ink.muted)
