"""The figure of a check of coverage: rank histograms with bands, and the coverage of every number."""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.calibration import Coverage
from realpolitik.choices import Z95
from realpolitik_viz.canvas import MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import DOT
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.words import lines

WIDTH = 10.0
TOP = 1.1
COLUMNS, ROWS = 4, 2
"""Histograms of each prior: those of the numbers that the histories say most about."""
TALL, HEAD = 1.6, 0.75
STRIP = 0.7
LEAST = 0.5
"""Left end of the axis of coverage."""


def coverage_figure(coverage: Coverage, ink: Ink = LIGHT) -> Figure:
    """Draw for each prior the coverage of all numbers, and the ranks of those that histories say most about.

    Parameters
    ----------
    coverage
        What `realpolitik.calibration.coverage` returned.
    ink
        Colours of paper, text and lines: LIGHT by default, or DARK.

    Returns
    -------
    matplotlib.figure.Figure
        A figure, sized in inches, that `save` writes.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from realpolitik.calibration import coverage
    >>> figure = coverage_figure(coverage("karabakh", histories=3, error=12, drawn=1024))
    >>> isinstance(figure, Figure)
    True
    """
    result = coverage.to_dict()
    panel = HEAD + STRIP + TALL * ROWS + 0.55
    with house():
        title = f"Do the intervals cover? {coverage.scenario.document['meta']['title']}"
        canvas = Canvas(WIDTH, TOP + panel * len(result["checks"]) + 0.3, ink, title, _caption(result))
        canvas.head(result["verdict"])
        for n, check in enumerate(result["checks"]):
            _check(canvas, TOP + panel * n, check, result)
        canvas.sign()
    return canvas


def _caption(result: Mapping[str, Any]) -> str:
    drawn = (
        f"{result['drawn']:,} settings drawn from each prior, error {result['error']:g} months, seed {result['seed']}"
    )
    return DOT.join((f"{result['scenario']} {result['sha256'][:12]}", drawn, f"realpolitik {result['version']}"))


def _check(canvas: Canvas, top: float, check: Mapping[str, Any], result: Mapping[str, Any]) -> None:
    note = f"{check['histories']:,} histories of the model itself; {check['left_out']:,} are too rare to be fitted. "
    note += "Top: coverage of each number. Below: ranks, with the band that holds 95% of uniform ones"
    canvas.panel_head(MARGIN, top + 0.1, f"Drawn: {check['name']}", note, canvas.room)
    strip = canvas.place(MARGIN, top + 0.5, canvas.room, STRIP - 0.35)
    _strip(strip, check["numbers"], result, canvas.ink)
    most = sorted(check["numbers"], key=lambda row: -row["contraction"])[: COLUMNS * ROWS]
    wide = (canvas.room + 0.2) / COLUMNS
    for n, row in enumerate(most):
        down, across = divmod(n, COLUMNS)
        left, above = MARGIN + wide * across, top + HEAD + STRIP + TALL * down
        for k, line in enumerate(lines(f"{row['path']}  {row['coverage']:.0%}", wide - 0.2, SMALL)[:2]):
            canvas.write(left, above + 0.1 + 0.13 * k, line, SMALL)
        _ranks(canvas.place(left, above + 0.32, wide - 0.2, TALL - 0.65), row["histogram"], canvas.ink)


def _strip(axes: Axes, rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any], ink: Ink) -> None:
    """Draw the coverage of every number on one axis."""
    low, high = result["bounds"]
    axes.set_xlim(LEAST, 1.0)
    axes.set_ylim(-1, 1)
    axes.axvspan(low, high, color=ink.faint, alpha=0.5, linewidth=0)
    axes.axvline(result["nominal"], color=ink.muted, linewidth=0.8)
    axes.plot([max(LEAST, row["coverage"]) for row in rows], [0] * len(rows), "|", color=ink.series, markersize=11)
    axes.set_xticks([low, result["nominal"], high], [f"{share:.0%}" for share in (low, result["nominal"], high)])


def _ranks(axes: Axes, counts: Sequence[int], ink: Ink) -> None:
    """Draw a histogram of ranks and the band of a uniform one."""
    share = 1 / len(counts)
    even, half = sum(counts) * share, Z95 * sqrt(sum(counts) * share * (1 - share))
    axes.bar([(n + 0.5) * share for n in range(len(counts))], counts, width=0.85 * share, color=ink.series, alpha=0.5)
    axes.axhspan(even - half, even + half, color=ink.muted, alpha=0.25, linewidth=0)
    axes.axhline(even, color=ink.text, linewidth=0.8)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(*counts, even + half) * 1.05 or 1)
    axes.set_xticks([0, 1], ["lowest", "highest"])
    lowest, highest = axes.get_xticklabels()
    lowest.set_horizontalalignment("left")
    highest.set_horizontalalignment("right")
