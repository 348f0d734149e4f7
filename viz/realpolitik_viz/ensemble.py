"""The figure of an ensemble: what happens and when, how the issues move, and who gains the upper hand."""

from collections.abc import Mapping
from math import ceil
from typing import Any

from matplotlib.figure import Figure

from realpolitik.results import Ensemble
from realpolitik_viz.captions import caption_of_ensemble
from realpolitik_viz.choosing import chief_events, chief_issues, chief_pair
from realpolitik_viz.issues import CELL, issue_panel
from realpolitik_viz.leverage import finding, leverage_panel
from realpolitik_viz.outcomes import ROW, outcome_panel, rare_lines
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.sheet import MARGIN, SMALL, Sheet, house

WIDTH = 10.0
OUTCOMES, BELOW = 1.5, 0.82
"""Inches above the rows of outcomes, and between them and the lower panels."""
ALONE = 1.35
"""Inches above the lower panels of a scenario without outcomes."""
RARE = 0.15
LEVERAGE = 4.0
GUTTER = 0.45
SHALLOW = 2.0
"""Least height of the panel of leverage."""
ISSUES = 6


def ensemble_figure(ensemble: Ensemble, ink: Ink = LIGHT) -> Figure:
    """Draw an ensemble.

    Above, the share of worlds in which each event has happened, with history's dates; below, the chief issues, and
    the two actors between whom leverage shifts most. What is shown is chosen by `choosing`, for any scenario.
    """
    result, document = ensemble.to_dict(), ensemble.scenario.document
    names, pair = chief_events(result, document), chief_pair(result, document)
    issues = chief_issues(result, document, names, ISSUES)
    columns = 4 if pair is None else 2
    rare = rare_lines(result, document, names, WIDTH - 2 * MARGIN)
    lower = OUTCOMES + ROW * len(names) + BELOW + RARE * len(rare) if names or rare else ALONE
    depth = max(CELL * ceil(len(issues) / columns), SHALLOW if pair else 0)
    with house():
        sheet = Sheet(WIDTH, lower + depth + 0.65, ink, document["meta"]["title"], caption_of_ensemble(result))
        sheet.head(document["meta"]["question"])
        if names or rare:
            _outcomes(sheet, result, document, names, rare)
        _issues(sheet, lower, columns, result, document, issues)
        if pair is not None:
            _leverage(sheet, lower, depth, result, document, pair)
        sheet.sign()
    return sheet


def _outcomes(
    sheet: Sheet, result: Mapping[str, Any], document: Mapping[str, Any], names: list[str], rare: list[str]
) -> None:
    note = "Share of worlds in which it has happened by each month (full height: all)"
    if document["history"]:
        note += "; \N{BLACK DIAMOND} in history; \N{WHITE DIAMOND} not by then, in history"
    if document["meta"]["cutoff"]:
        note += "; dotted: nothing later was used"
    sheet.panel_head(MARGIN, 1.12, "What happens, and when", note, sheet.width - 2 * MARGIN)
    if names:
        outcome_panel(sheet, OUTCOMES, result, document, names)
    for n, line in enumerate(rare):
        sheet.write(MARGIN, OUTCOMES + ROW * len(names) + 0.42 + RARE * n, line, SMALL, color=sheet.ink.muted)


def _issues(
    sheet: Sheet, top: float, columns: int, result: Mapping[str, Any], document: Mapping[str, Any], names: list[str]
) -> None:
    width = sheet.width - 2 * MARGIN - (LEVERAGE + GUTTER if columns == 2 else 0)
    sheet.panel_head(MARGIN, top - 0.2, "How the chief issues move", "Median of the worlds, and the middle 80%", width)
    issue_panel(sheet, (MARGIN, top + 0.12, width), columns, result, document, names)


def _leverage(
    sheet: Sheet,
    top: float,
    depth: float,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    left = sheet.width - MARGIN - LEVERAGE
    note = "Leverage: what the other would lose. Median and middle 80%"
    sheet.panel_head(left, top - 0.2, finding(result, document, pair), note, LEVERAGE)
    leverage_panel(sheet, (left + 0.2, top + 0.2, LEVERAGE - 0.2, depth - 0.35), result, document, pair)
