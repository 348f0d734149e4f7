"""Figures of sweeps: which inputs matter, and where an outcome happens."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import MaxNLocator

from realpolitik.sweeps.designs import Levels
from realpolitik.sweeps.discovery import Discovery
from realpolitik.sweeps.indices import Sensitivity
from realpolitik.sweeps.opening import by_point
from realpolitik.sweeps.plan import Plan
from realpolitik.version import __version__
from realpolitik_viz.canvas import MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import DOT
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import fitted

WIDTH = 10.0
TOP, FOOT = 1.45, 0.75
ROW, BETWEEN = 0.3, 0.75
NAMES = 3.2
"""Inches for the names of inputs."""
MOST_INPUTS = 20
SQUARE = 4.6
WORDS = {
    "first": "alone",
    "total": "with all interactions",
    "mu_star": "mean size of the change",
    "sigma": "its spread",
}


def sensitivity_figure(found: Sensitivity, ink: Ink = LIGHT) -> Figure:
    """Draw the indices of every input as dots with intervals, one panel per outcome, the largest on top."""
    panels = [(name, found.of(name)[:MOST_INPUTS]) for name in found.outcomes]
    heights = [ROW * len(rows) + BETWEEN for _, rows in panels]
    plan = found.sweep.plan
    with house():
        canvas = Canvas(
            WIDTH, TOP - 0.35 + sum(heights) + FOOT - BETWEEN + 0.4, ink, "What the outcome depends on", caption(plan)
        )
        canvas.head(shown_indices(found))
        top = TOP
        for (name, rows), height in zip(panels, heights, strict=True):
            label = plan.scenario["document"]["outcomes"].get(name, {}).get("label", name)
            canvas.panel_head(MARGIN, top - 0.25, label, f"{name}: mean {rows[0]['mean']:.3f}", WIDTH - 2 * MARGIN)
            _dots(canvas, top, rows, _drawn(found))
            top += height
        canvas.sign()
    return canvas


def shown_indices(found: Sensitivity) -> str:
    """Return what the dots are."""
    first, second = (WORDS[index] for index in _drawn(found))
    what = "Share of the outcome's variance" if found.kind == "sobol" else "Effect of an input over its range"
    return f"{what}: open, {first}; filled, {second}. Bars: 95%"


def _drawn(found: Sensitivity) -> tuple[str, str]:
    return ("first", "total") if found.kind == "sobol" else ("sigma", "mu_star")


def _dots(canvas: Canvas, top: float, rows: Sequence[Mapping[str, Any]], indices: tuple[str, str]) -> None:
    width = WIDTH - 2 * MARGIN - NAMES
    axes = canvas.place(MARGIN + NAMES, top, width, ROW * len(rows))
    ends = [row[index + "_high"] or 0.0 for row in rows for index in indices]
    axes.set(xlim=(min(0.0, *(row[indices[0] + "_low"] or 0.0 for row in rows)), max(*ends, 1e-9) * 1.02))
    axes.set(ylim=(len(rows) - 0.5, -0.5))
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.grid(axis="x", color=canvas.ink.faint, linewidth=0.6)
    for n, row in enumerate(rows):
        words = fitted(row["input"], NAMES - 0.15, SMALL)
        canvas.write(MARGIN + NAMES - 0.1, top + ROW * (n + 0.5) + 0.04, words, SMALL, ha="right")
        for index, shift, filled in zip(indices, (-0.14, 0.14), (False, True), strict=True):
            _dot(axes, row, index, n + shift, canvas.ink, filled=filled)


def _dot(axes: Axes, row: Mapping[str, Any], index: str, y: float, ink: Ink, *, filled: bool) -> None:
    if row[index] is None:
        return
    axes.plot([row[index + "_low"], row[index + "_high"]], [y, y], color=ink.series, linewidth=1.2, zorder=2)
    face = ink.series if filled else ink.paper
    axes.plot([row[index]], [y], "o", markersize=5, markerfacecolor=face, markeredgecolor=ink.series, zorder=3)


def discovery_figure(found: Discovery, ink: Ink = LIGHT) -> Figure:
    """Draw every point by the share of its worlds in which the outcome happens, and the boxes, over two inputs."""
    plan = found.sweep.plan
    with house():
        label = plan.scenario["document"]["outcomes"][found.outcome]["label"]
        canvas = Canvas(6.4, TOP + SQUARE + 1.1, ink, label, caption(plan))
        canvas.head("Each dot is a setting: the darker, the more likely. Frames: boxes in which it happens")
        axes = canvas.place(1.1, TOP - 0.3, SQUARE, SQUARE)
        _scatter(axes, found, main_inputs(found), ink)
        canvas.sign()
    return canvas


def main_inputs(found: Discovery) -> list[int]:
    """Return the two inputs of the axes: those that the boxes limit, else the first ones."""
    paths = list(found.sweep.inputs)
    limited = [path for box in found.boxes for path in box.limits]
    order = list(dict.fromkeys([*limited, *paths]))[:2]
    return [paths.index(path) for path in order]


def _scatter(axes: Axes, found: Discovery, inputs: list[int], ink: Ink) -> None:
    plan = found.sweep.plan
    share = by_point(found.sweep, [found.outcome])[found.outcome]
    x, y = found.sweep.positions()[:, [inputs[0], inputs[-1]]].T
    if len(inputs) == 1:
        y = share
    alpha = 0.08 + 0.92 * share
    size = max(2.0, 4e4 / (len(x) + 400))
    axes.scatter(x, y, s=size, c=ink.series, alpha=alpha, linewidths=0, rasterized=True)  # type: ignore[arg-type]
    axes.spines[["left", "bottom"]].set(visible=True, color=ink.faint)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.yaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(plan.paths[inputs[0]], color=ink.text, fontsize=SMALL)
    axes.set_ylabel(plan.paths[inputs[1]] if len(inputs) > 1 else "share of worlds", color=ink.text, fontsize=SMALL)
    for box in found.boxes:
        spans = [_span(plan, box.limits, n) for n in inputs] + [(0.0, 1.0)]
        (left, right), (low, high) = spans[:2]
        axes.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=ink.text, linewidth=1.4))


def _span(plan: Plan, limits: Mapping[str, Any], n: int) -> tuple[float, float]:
    one = plan.factors[n]
    if isinstance(one, Levels):
        here = [one.levels.index(level) for level in limits.get(one.path, one.levels)]
        return min(here) - 0.3, max(here) + 0.3
    low, high = limits.get(one.path, (one.low, one.high))
    return low, high


def caption(plan: Plan) -> str:
    """Return what is needed to run the sweep again."""
    return DOT.join(
        (
            f"Scenario {plan.scenario['name']}, sha256 {plan.scenario['sha256'][:12]}",
            f"{plan.kind} design, {plan.points:,} points of {plan.worlds:,} worlds, seed {plan.seed}",
            f"realpolitik {__version__}",
        )
    )
