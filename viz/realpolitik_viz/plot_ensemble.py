"""The figure of an ensemble: what happens and when, how the issues move, and how leverage shifts."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from matplotlib.figure import Figure

from realpolitik.results import Ensemble
from realpolitik_viz.canvas import MARGIN, SMALL, Canvas, house
from realpolitik_viz.captions import caption_of_ensemble
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.panels import (
    ISSUE_CELL,
    OUTCOME_ROW,
    finding,
    issue_panel,
    leverage_panel,
    outcome_panel,
    rare_lines,
)
from realpolitik_viz.selection import main_events, main_issues, main_pair

WIDTH = 10.0
OUTCOMES, BELOW = 1.5, 0.82
"""Inches above the rows of outcomes, and below them."""
ALONE = 1.35
"""Inches above the lower panels of a scenario without outcomes."""
RARE = 0.15
LEVERAGE = 4.0
GUTTER = 0.45
SHALLOW = 2.0
"""Minimum height of the panel of leverage."""
ISSUES = 6


def ensemble_figure(ensemble: Ensemble, ink: Ink = LIGHT) -> Figure:
    """Draw an ensemble.

    Above, the share of worlds in which each event has happened, with the dates of history; below, the main issues, and
    the two actors between whom leverage shifts most. The module `selection` selects them, for any scenario.
    """
    result, document = ensemble.to_dict(), ensemble.scenario.document
    names, pair = main_events(result, document), main_pair(result, document)
    issues = main_issues(result, document, names, ISSUES)
    columns = 4 if pair is None else 2
    rare = rare_lines(result, document, names, WIDTH - 2 * MARGIN)
    lower = OUTCOMES + OUTCOME_ROW * len(names) + BELOW + RARE * len(rare) if names or rare else ALONE
    depth = max(ISSUE_CELL * ceil(len(issues) / columns), SHALLOW if pair else 0)
    with house():
        canvas = Canvas(WIDTH, lower + depth + 0.65, ink, document["meta"]["title"], caption_of_ensemble(result))
        canvas.head(document["meta"]["question"])
        if names or rare:
            _outcomes(canvas, result, document, names, rare)
        _issues(canvas, lower, columns, result, document, issues)
        if pair is not None:
            _leverage(canvas, lower, depth, result, document, pair)
        canvas.sign()
    return canvas


def _outcomes(
    canvas: Canvas, result: Mapping[str, Any], document: Mapping[str, Any], names: list[str], rare: list[str]
) -> None:
    note = "Share of worlds in which it has happened by each month (full height: all)"
    if document["history"]:
        note += "; \N{BLACK DIAMOND} in history; \N{WHITE DIAMOND} not by then, in history"
    if document["meta"]["cutoff"]:
        note += "; dotted: nothing later was used"
    canvas.panel_head(MARGIN, 1.12, "What happens, and when", note, canvas.width - 2 * MARGIN)
    if names:
        outcome_panel(canvas, OUTCOMES, result, document, names)
    for n, line in enumerate(rare):
        canvas.write(MARGIN, OUTCOMES + OUTCOME_ROW * len(names) + 0.42 + RARE * n, line, SMALL, color=canvas.ink.muted)


def _issues(
    canvas: Canvas, top: float, columns: int, result: Mapping[str, Any], document: Mapping[str, Any], names: list[str]
) -> None:
    width = canvas.width - 2 * MARGIN - (LEVERAGE + GUTTER if columns == 2 else 0)
    canvas.panel_head(MARGIN, top - 0.2, "How the main issues move", "Median of the worlds, and the middle 80%", width)
    issue_panel(canvas, (MARGIN, top + 0.12, width), columns, result, document, names)


def _leverage(
    canvas: Canvas,
    top: float,
    depth: float,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    left = canvas.width - MARGIN - LEVERAGE
    note = "Leverage: what the other would lose. Median and middle 80%"
    canvas.panel_head(left, top - 0.2, finding(result, document, pair), note, LEVERAGE)
    leverage_panel(canvas, (left + 0.2, top + 0.2, LEVERAGE - 0.2, depth - 0.35), result, document, pair)
