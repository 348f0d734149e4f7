"""The figure of a comparison: the change of each outcome with its interval, and the curves of the main outcomes."""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.comparing import Comparison
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.months import month_axis
from realpolitik_viz.palette import LIGHT, Ink, actor_colours
from realpolitik_viz.selection import main_events
from realpolitik_viz.words import fitted, inches

WIDTH = 10.0
KEY, TOP = 1.12, 1.9
"""Inches to the baseline of the legend, and to the first row."""
LINE, PAD = 0.15, 0.17
"""Inches per scenario of a row, and between rows."""
LABELS = 3.4
COLUMNS, CELL, GAP = 4, 1.25, 0.3
MOST = 8


def comparison_figure(comparison: Comparison, ink: Ink = LIGHT) -> Figure:
    """Draw a comparison: differences in probability with their 95% intervals above, cumulative curves below."""
    result, document = comparison.to_dict(), comparison.first.scenario.document
    others = result["scenarios"][1:]
    colours = actor_colours(f"scenario {name}" for name in others)
    named = dict(zip(others, colours.values(), strict=True))
    main = main_events(comparison.first.to_dict(), document, MOST)
    events = [name for name in main if name in result["outcomes"]] or comparison.outcomes[:MOST]
    row = PAD + LINE * len(others)
    lower = TOP + row * len(events) + 0.95
    with house():
        height = lower + CELL * ceil(len(events) / COLUMNS) + 0.5
        canvas = Canvas(WIDTH, height, ink, _title(comparison), _caption(result))
        canvas.head(document["meta"]["question"])
        _key(canvas, result["scenarios"], named)
        _differences(canvas, result, events, named, row)
        canvas.panel_head(MARGIN, lower - 0.32, "When", "Share of worlds in which it has happened by each month", WIDTH)
        _curves(canvas, lower, comparison, events, named)
        canvas.sign()
    return canvas


def _title(comparison: Comparison) -> str:
    titles = [ensemble.scenario.document["meta"]["title"] for ensemble in comparison.ensembles.values()]
    distinct = titles if len(set(titles)) == len(titles) else list(comparison.ensembles)
    since = f", from {comparison.fork}" if comparison.fork else ""
    return f"{distinct[0]}, against {', '.join(distinct[1:])}{since}"


def _caption(result: Mapping[str, Any]) -> str:
    hashes = ", ".join(f"{name} {digest[:12]}" for name, digest in result["sha256"].items())
    worlds = f"{result['worlds']:,} paired worlds, seed {result['seed']}, {numbers_of(result['uncertainty'])}"
    return DOT.join((worlds, f"sha256 {hashes}", f"realpolitik {result['version']}"))


def _key(canvas: Canvas, names: Sequence[str], colours: Mapping[str, str]) -> None:
    """Write every scenario in its colour, as many as fit."""
    left = MARGIN
    for name in names:
        colour = colours.get(name, canvas.ink.series)
        words = fitted(name, 2.2, BODY, "bold")
        if left + inches(words, BODY, "bold") > WIDTH - MARGIN:
            return
        canvas.write(left, KEY, words, color=colour, weight="bold")
        left += inches(words, BODY, "bold") + 0.3


def _differences(
    canvas: Canvas, result: Mapping[str, Any], events: Sequence[str], colours: Mapping[str, str], row: float
) -> None:
    note = f"Change in probability against {result['scenarios'][0]}, paired by world, with 95% interval"
    canvas.panel_head(MARGIN, KEY + 0.36, "What differs", note, WIDTH - 2 * MARGIN)
    left = MARGIN + LABELS + 0.15
    axes = canvas.place(left, TOP, WIDTH - left - MARGIN - 0.2, row * len(events))
    axes.set_ylim(row * len(events), 0)
    axes.set_xlim(-1.04, 1.04)
    axes.set_xticks([-1, -0.5, 0, 0.5, 1], ["\N{MINUS SIGN}1", "\N{MINUS SIGN}0.5", "0", "+0.5", "+1"])
    axes.axvline(0, color=canvas.ink.muted, linewidth=0.8)
    for n, event in enumerate(events):
        rows = result["outcomes"][event]
        label = fitted(rows[result["scenarios"][0]]["label"], LABELS, BODY)
        canvas.write(MARGIN + LABELS, TOP + row * (n + 0.5) + 0.04, label, ha="right")
        axes.axhline(row * (n + 1), color=canvas.ink.faint, linewidth=0.6)
        for line, (name, colour) in enumerate(colours.items()):
            _interval(axes, row * n + PAD / 2 + LINE * (line + 0.5), rows[name], colour)


def _interval(axes: Axes, at: float, row: Mapping[str, Any], colour: str) -> None:
    axes.plot([row["low"], row["high"]], [at, at], color=colour, linewidth=1.4)
    axes.plot(row["difference"], at, "o", color=colour, markersize=4)


def _curves(
    canvas: Canvas, top: float, comparison: Comparison, events: Sequence[str], colours: Mapping[str, str]
) -> None:
    months = comparison.first.months
    room = (WIDTH - 2 * MARGIN - GAP * (COLUMNS - 1)) / COLUMNS
    for n, event in enumerate(events):
        row, column = divmod(n, COLUMNS)
        left, high = MARGIN + column * (room + GAP), top + row * CELL
        axes = canvas.place(left, high + 0.22, room, CELL - 0.55)
        month_axis(axes, months, canvas.ink, most=4, labels=n + COLUMNS >= len(events))
        axes.set_ylim(-0.02, 1.02)
        for name, ensemble in comparison.ensembles.items():
            counts = ensemble.tally.when[ensemble.case.outcomes.index(event)]
            share = np.cumsum(counts)[: len(months)] / ensemble.worlds
            axes.plot(share, color=colours.get(name, canvas.ink.series), linewidth=1.3)
        for end in (0, 1):
            axes.axhline(end, color=canvas.ink.faint, linewidth=0.6, zorder=0)
        label = comparison.first.scenario.document["outcomes"][event]["label"]
        canvas.write(left, high + 0.13, fitted(label, room, SMALL, "bold"), SMALL, weight="bold")
