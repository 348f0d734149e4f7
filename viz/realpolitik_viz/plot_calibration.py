"""The figure of a calibration: how the data narrowed each range, and which ranges they left unchanged."""

from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.calibration import Calibration
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import DOT
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import fitted, wrapped

WIDTH = 10.0
TOP, ROW = 1.62, 0.24
LABELS, NARROWED = 3.9, 1.5
MOST = 30
FOOT_LINES = 5
LETTERS = 1_000
"""More than fits on the lines at the foot."""


def calibration_figure(calibration: Calibration, ink: Ink = LIGHT) -> Figure:
    """Draw the ranges that the data narrowed or moved, each from its low end to its high end."""
    result = calibration.to_dict()
    informed = sorted((n for n in result["narrowings"] if n["informed"]), key=lambda n: -n["narrowed"])[:MOST]
    foot = TOP + ROW * len(informed) + 0.5
    with house():
        title = f"What history says about {calibration.scenario.document['meta']['title']}"
        canvas = Canvas(WIDTH, foot + 0.15 * FOOT_LINES + 0.5, ink, title, _caption(result))
        canvas.head(result["verdict"])
        left = MARGIN + LABELS + 0.15
        axes = canvas.place(left, TOP, WIDTH - left - NARROWED - MARGIN, ROW * max(1, len(informed)))
        _heads(canvas, left)
        _scale(axes, len(informed), ink)
        for n, row in enumerate(informed):
            _range(axes, n, row, ink)
            _words(canvas, TOP + ROW * (n + 0.5) + 0.04, row)
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


def _scale(axes: Axes, rows: int, ink: Ink) -> None:
    axes.set_xlim(-0.02, 1.02)
    axes.set_ylim(max(1, rows), 0)
    axes.set_xticks([0, 0.5, 1], ["low", "middle", "high"])
    for tick in (0, 0.5, 1):
        axes.axvline(tick, color=ink.faint, linewidth=0.6)


def _range(axes: Axes, n: int, row: Mapping[str, Any], ink: Ink) -> None:
    low, high = row["prior"]
    start, middle, end = ((row[key] - low) / (high - low) for key in ("p10", "mean", "p90"))
    axes.plot([0, 1], [n + 0.5, n + 0.5], color=ink.faint, linewidth=4, solid_capstyle="butt")
    axes.plot([start, end], [n + 0.5, n + 0.5], color=ink.series, linewidth=4, solid_capstyle="butt")
    axes.plot(middle, n + 0.5, "o", markersize=4, color=ink.text)


def _words(canvas: Canvas, base: float, row: Mapping[str, Any]) -> None:
    canvas.write(MARGIN + LABELS, base, fitted(row["path"], LABELS, BODY), ha="right")
    span = f"{row['narrowed']:.0%}  ({row['narrowed_low']:.0%} to {row['narrowed_high']:.0%})"
    canvas.write(WIDTH - MARGIN, base, span.replace("-", "\N{MINUS SIGN}"), ha="right")


def _undetermined(canvas: Canvas, top: float, result: Mapping[str, Any]) -> None:
    """Write the numbers that the data leave undetermined, as many as fit."""
    room, names = WIDTH - 2 * MARGIN, result["uninformed"]
    head = f"Not determined by the data: {len(names)} of {len(result['narrowings'])} numbers"
    canvas.write(MARGIN, top, fitted(head, room, 10, "bold"), 10, weight="bold")
    for down, line in enumerate(wrapped(_joined(names), room, SMALL, FOOT_LINES)):
        canvas.write(MARGIN, top + 0.18 + 0.14 * down, line, SMALL, color=canvas.ink.muted)


def _joined(names: list[str]) -> str:
    """Join names, up to a limit: measuring thousands of letters takes minutes."""
    words = ", ".join(names)
    return words if len(words) <= LETTERS else words[:LETTERS]
