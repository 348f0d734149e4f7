"""Figures of sweeps: which inputs matter, and where an outcome happens."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from realpolitik.sweeps.designs import Levels
from realpolitik.sweeps.discovery import LEVEL, Discovery
from realpolitik.sweeps.indices import Sensitivity, moving
from realpolitik.sweeps.opening import by_point
from realpolitik.sweeps.plan import Plan
from realpolitik.texts import counted, minus
from realpolitik.version import __version__
from realpolitik_viz.canvas import MARGIN, SMALL, Canvas, house, middles, taller
from realpolitik_viz.captions import DOT
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.scales import in_figures, number_axis, round_numbers, span_of
from realpolitik_viz.words import leading, lines, listed

WIDTH = 10.0
TOP, FOOT = 1.45, 0.75
ROW, BETWEEN = 0.3, 0.75
NAMES = 3.2
"""Inches for the names of inputs."""
MOST_INPUTS = 20
APART = 0.042
"""Inches of a dot from the middle of its row."""
LEFT, SQUARE, LIST = 1.35, 4.5, 3.4
"""Inches of the points: from the left, and of their sides; and of the list of boxes."""
MOST_LINES = 8
"""Lines of the names of inputs without a limit."""
MOST_LEVELS = 12
"""Labels of levels along an axis."""
GOLDEN = 0.6180339887498949
TEST = f"p: one-sided binomial test of each limit, on points not used to find the box; dropped above {LEVEL:g}"
SHARES = ("first", "total")
"""Indices that are shares of the variance."""
WORDS = {
    "first": "alone",
    "total": "with all interactions",
    "mu_star": "mean size of the change",
    "sigma": "its spread",
}


class Panel(NamedTuple):
    """The inputs that move one outcome, the most important first, and its headings."""

    rows: list[dict[str, Any]]
    label: str
    note: str

    @property
    def heights(self) -> list[float]:
        """The height of every row: a name may take several lines."""
        return [max(ROW, leading(SMALL) * len(_input(row)) + 0.08) for row in self.rows]

    @property
    def head(self) -> float:
        """By how much its heading is taller than two lines."""
        return taller(self.label, self.note, WIDTH - 2 * MARGIN)


def sensitivity_figure(found: Sensitivity, ink: Ink = LIGHT) -> Figure:
    """Draw the indices of the inputs that move an outcome as dots with intervals, a panel per outcome.

    Parameters
    ----------
    found
        What `realpolitik.sweeps.sensitivity` returned.
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
    >>> from realpolitik.sweeps import sensitivity
    >>> from tempfile import TemporaryDirectory
    >>> vary = {"drivers.war.scale": (0, 1), "theory.phi": (0.5, 1.5)}
    >>> with TemporaryDirectory() as folder:
    ...     found = sensitivity(rp.sweep("karabakh", folder, vary=vary, points=64, worlds=2), ["withdrawal"])
    >>> figure = sensitivity_figure(found)
    >>> isinstance(figure, Figure)
    True
    """
    panels = [panel_of(found, name) for name in found.outcomes]
    height = sum(sum(panel.heights) + panel.head + BETWEEN for panel in panels) - BETWEEN
    plan = found.sweep.plan
    with house():
        canvas = Canvas(WIDTH, TOP + height + FOOT, ink, "What the outcome depends on", caption(plan))
        canvas.head(shown_indices(found))
        top = TOP
        for panel in panels:
            canvas.panel_head(MARGIN, top - 0.25, panel.label, panel.note, canvas.room)
            top += panel.head
            if panel.rows:
                _dots(canvas, top, panel, _drawn(found))
            top += sum(panel.heights) + BETWEEN
        canvas.sign()
    return canvas


def panel_of(found: Sensitivity, name: str) -> Panel:
    """Return what is drawn of an outcome, and how many inputs are not."""
    rows = found.of(name)
    varies = bool(rows[0]["variance"])
    shown = moving(rows) if varies else []
    label = found.sweep.plan.scenario["document"]["outcomes"].get(name, {}).get("label", name)
    notes = [f"{name}: mean {minus(format(rows[0]['mean'], '.3f'))}"]
    if not varies:
        notes.append("the same at every point")
    elif len(shown) < len(rows):
        notes.append(f"{len(rows) - len(shown)} of {len(rows)} inputs change nothing")
    if len(shown) > MOST_INPUTS:
        notes.append(f"the first {MOST_INPUTS} of {len(shown)}")
    return Panel(shown[:MOST_INPUTS], label, "; ".join(notes))


def _input(row: Mapping[str, Any]) -> list[str]:
    return lines(row["input"], NAMES - 0.15, SMALL)


def shown_indices(found: Sensitivity) -> str:
    """Return what the dots are."""
    first, second = (WORDS[index] for index in _drawn(found))
    what = "Share of the outcome's variance" if found.kind == "sobol" else "Effect of an input over its range"
    return f"{what}: open, {first}; filled, {second}. Bars: 95%"


def _drawn(found: Sensitivity) -> tuple[str, str]:
    return SHARES if found.kind == "sobol" else ("sigma", "mu_star")


def _dots(canvas: Canvas, top: float, panel: Panel, indices: tuple[str, str]) -> None:
    heights, rows = panel.heights, panel.rows
    axes = canvas.place(MARGIN + NAMES, top, WIDTH - 2 * MARGIN - NAMES, sum(heights))
    axes.set_ylim(sum(heights), 0)
    ends = [end for row in rows for index in indices for end in (row[index] or 0.0, *interval(row, index))]
    number_axis(axes, *span_of([0.0, *ends]), canvas.ink)
    for row, middle in zip(rows, middles(heights), strict=True):
        canvas.block(MARGIN + NAMES - 0.1, top + middle, _input(row), SMALL, ha="right")
        for index, shift, filled in zip(indices, (-APART, APART), (False, True), strict=True):
            _dot(axes, row, index, middle + shift, canvas.ink, filled=filled)


def interval(row: Mapping[str, Any], index: str) -> list[float]:
    """Return the interval of an index as it is drawn: that of a share of the variance has no part below 0 or above 1.

    >>> interval({"total_low": 0.4, "total_high": 1.2}, "total")
    [0.4, 1.0]
    """
    ends = [row[f"{index}_{end}"] or 0.0 for end in ("low", "high")]
    return [min(max(end, 0.0), 1.0) for end in ends] if index in SHARES else ends


def _dot(axes: Axes, row: Mapping[str, Any], index: str, y: float, ink: Ink, *, filled: bool) -> None:
    if row[index] is None:
        return
    axes.plot(interval(row, index), [y, y], color=ink.series, linewidth=1.2, zorder=2)
    face = ink.series if filled else ink.paper
    axes.plot([row[index]], [y], "o", markersize=5, markerfacecolor=face, markeredgecolor=ink.series, zorder=3)


# --- boxes ----------------------------------------------------------------------------------------------------------


class Line(NamedTuple):
    """An entry of the list of boxes: a heading, a limited input with its spans between 0 and 1, or a note."""

    words: list[str]
    kind: str
    spans: Sequence[tuple[float, float]] = ()

    @property
    def height(self) -> float:
        """Inches that it takes."""
        return leading(SMALL) * len(self.words) + {"head": 0.12, "input": 0.17, "note": 0.06}[self.kind]


def discovery_figure(found: Discovery, ink: Ink = LIGHT) -> Figure:
    """Draw every point over the two inputs that matter most, and list all limits of the boxes with their tests.

    Parameters
    ----------
    found
        What `realpolitik.sweeps.discover` returned.
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
    >>> from realpolitik.sweeps import discover
    >>> from tempfile import TemporaryDirectory
    >>> vary = {"drivers.war.scale": (0, 1), "theory.phi": (0.5, 1.5)}
    >>> with TemporaryDirectory() as folder:
    ...     found = discover(rp.sweep("karabakh", folder, vary=vary, points=128, worlds=2), "withdrawal")
    ...     figure = discovery_figure(found)
    >>> isinstance(figure, Figure)
    True
    """
    plan = found.sweep.plan
    entries = lines_of(found)
    height = max(SQUARE, sum(line.height for line in entries))
    with house():
        label = plan.scenario["document"]["outcomes"][found.outcome]["label"]
        canvas = Canvas(WIDTH, TOP + height + 1.1, ink, label, caption(plan))
        canvas.head("Each dot is a setting: the darker, the more likely. Frames: boxes in which it happens")
        _scatter(canvas, found)
        top = TOP - 0.3
        for line in entries:
            _line(canvas, top, line)
            top += line.height
        canvas.sign()
    return canvas


def main_inputs(found: Discovery) -> list[int]:
    """Return the two inputs of the axes: those that matter most."""
    paths = list(found.sweep.inputs)
    return [paths.index(path) for path in found.inputs[:2]]


def lines_of(found: Discovery) -> list[Line]:
    """Return the list of boxes, in lines that fit next to the points."""
    rows = []
    for n, box in enumerate(found.boxes, 1):
        head = f"Box {n}: {box.density:.0%} ({box.low:.0%} to {box.high:.0%}) inside, {found.overall:.0%} overall"
        rows.append(Line(lines(head, LIST, SMALL, "bold"), "head"))
        for path, limit in zip(box.limits, box.words(), strict=True):
            words = f"{limit} ({' and '.join(chance(p) for p in box.p_of(path))})"
            factor = next(n for n, one in enumerate(found.sweep.plan.factors) if one.path == path)
            rows.append(Line(lines(words, LIST, SMALL), "input", _shares(found.sweep.plan, box.limits, factor)))
        if not box.limits:
            rows.append(Line(["No limit is more than noise"], "note"))
        elif box.without_limit:
            rows.append(Line(["No more than noise: limits of"], "note"))
            rows.append(Line(listed(box.without_limit, LIST, SMALL, MOST_LINES), "note"))
    return [*rows, Line(lines(TEST, LIST, SMALL), "note")]


def chance(p: float) -> str:
    """Return the p of a test in words."""
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}"


def _line(canvas: Canvas, top: float, line: Line) -> None:
    style = {"head": {"weight": "bold"}, "input": {}, "note": {"color": canvas.ink.muted}}[line.kind]
    for n, row in enumerate(line.words):
        canvas.write(WIDTH - MARGIN - LIST, top + 0.1 + leading(SMALL) * n, row, SMALL, **style)
    if line.spans:
        axes = canvas.place(WIDTH - MARGIN - LIST, top + leading(SMALL) * len(line.words) + 0.02, LIST, 0.06)
        axes.set(xlim=(0, 1), ylim=(0, 1))
        axes.axhspan(0, 1, color=canvas.ink.faint)
        for span in line.spans:
            axes.axvspan(*span, color=canvas.ink.series)


def _shares(plan: Plan, limits: Mapping[str, Any], n: int) -> list[tuple[float, float]]:
    """Return the parts of what was varied that a box leaves, between 0 and 1."""
    one = plan.factors[n]
    first, last = (-0.5, len(one.levels) - 0.5) if isinstance(one, Levels) else (one.low, one.high)
    return [((low - first) / (last - first), (high - first) / (last - first)) for low, high in _spans(plan, limits, n)]


def _scatter(canvas: Canvas, found: Discovery) -> None:
    plan, ink, inputs = found.sweep.plan, canvas.ink, main_inputs(found)
    share = by_point(found.sweep, [found.outcome])[found.outcome]
    axes = canvas.place(LEFT, TOP - 0.3, SQUARE, SQUARE)
    x, y = (_spread(plan, n, found.sweep.positions()[:, n]) for n in (inputs[0], inputs[-1]))
    if len(inputs) == 1:
        y = share
    size = max(2.0, 4e4 / (len(x) + 400))
    alpha = 0.08 + 0.92 * share
    axes.scatter(x, y, s=size, c=ink.series, alpha=alpha, linewidths=0, rasterized=True)  # type: ignore[arg-type]
    axes.spines[["left", "bottom"]].set(visible=True, color=ink.faint)
    _along(axes, plan, inputs[0], ink)
    _upwards(axes, plan, inputs[1] if len(inputs) > 1 else None)
    axes.set_xlabel("\n".join(lines(plan.paths[inputs[0]], SQUARE, SMALL)), color=ink.text, fontsize=SMALL)
    upward = plan.paths[inputs[1]] if len(inputs) > 1 else "share of worlds"
    axes.set_ylabel("\n".join(lines(upward, SQUARE, SMALL)), color=ink.text, fontsize=SMALL)
    for box in found.boxes:
        across, upwards = [*(_spans(plan, box.limits, n) for n in inputs), [(0.0, 1.0)]][:2]
        for (left, right), (low, high) in product(across, upwards):
            sides = right - left, high - low
            axes.add_patch(Rectangle((left, low), *sides, fill=False, edgecolor=ink.text, linewidth=1.4))


def _spread(plan: Plan, n: int, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return positions of points; those on a level are spread around it, so that they do not hide each other."""
    if not isinstance(plan.factors[n], Levels):
        return values
    return values + 0.5 * (np.arange(len(values)) * GOLDEN % 1 - 0.5)


def _ends(plan: Plan, n: int) -> tuple[float, float]:
    one = plan.factors[n]
    return (-0.5, len(one.levels) - 0.5) if isinstance(one, Levels) else span_of([one.low, one.high])


def _along(axes: Axes, plan: Plan, n: int, ink: Ink) -> None:
    """Label the horizontal axis: the levels of an input by name, as far as they fit."""
    one = plan.factors[n]
    if not isinstance(one, Levels):
        number_axis(axes, *_ends(plan, n), ink)
        return
    axes.set_xlim(*_ends(plan, n))
    room = SQUARE / len(one.levels) - 0.1
    names = ["\n".join(lines(str(level), max(room, 0.3), SMALL)) for level in one.levels]
    step = max(1, -(-len(names) // MOST_LEVELS))
    axes.set_xticks(range(0, len(names), step), names[::step])


def _upwards(axes: Axes, plan: Plan, n: int | None) -> None:
    one = None if n is None else plan.factors[n]
    if isinstance(one, Levels):
        step = max(1, -(-len(one.levels) // MOST_LEVELS))
        names = ["\n".join(lines(str(level), LEFT - 0.6, SMALL)) for level in one.levels]
        axes.set_yticks(range(0, len(names), step), names[::step])
        axes.set_ylim(-0.5, len(names) - 0.5)
        return
    low, high = (-0.04, 1.04) if one is None or n is None else _ends(plan, n)
    marks = round_numbers(low, high, 5)
    axes.set_yticks(marks, [in_figures(at) for at in marks])
    axes.set_ylim(low, high)


def _spans(plan: Plan, limits: Mapping[str, Any], n: int) -> list[tuple[float, float]]:
    """Return what a box leaves of an input: a span, or one for every run of adjacent levels."""
    one = plan.factors[n]
    if not isinstance(one, Levels):
        return [limits.get(one.path, (one.low, one.high))]
    kept = limits.get(one.path, one.levels)
    runs: list[list[int]] = []
    for at in (at for at, level in enumerate(one.levels) if level in kept):
        if runs and at == runs[-1][-1] + 1:
            runs[-1].append(at)
        else:
            runs.append([at])
    return [(run[0] - 0.4, run[-1] + 0.4) for run in runs]


def caption(plan: Plan) -> str:
    """Return what is needed to run the sweep again."""
    return DOT.join(
        (
            f"Scenario {plan.scenario['name']}, sha256 {plan.scenario['sha256'][:12]}",
            f"{plan.kind} design, {counted(plan.points, 'point')} of {counted(plan.worlds, 'world')}, seed {plan.seed}",
            f"realpolitik {__version__}",
        )
    )
