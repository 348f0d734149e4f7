"""The figure of an ensemble: what happens and when, how the issues move, and how leverage shifts."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.figure import Figure

from realpolitik.figures import Choice
from realpolitik.results import Ensemble
from realpolitik_viz.canvas import MARGIN, SMALL, Canvas, house, taller
from realpolitik_viz.captions import caption_of_ensemble
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.panels import (
    Cell,
    finding,
    grid_height,
    issue_grid,
    issue_panel,
    leverage_height,
    leverage_panel,
    measure_panel,
    measure_row,
    outcome_panel,
    outcome_rows,
    rare_lines,
)
from realpolitik_viz.selection import main_events, main_issues, pairs_of
from realpolitik_viz.words import leading

WIDTH = 10.0
OUTCOMES, BELOW = 1.5, 0.82
"""Inches above the rows of outcomes, and below them."""
ALONE = 1.35
"""Inches above the lower panels of a scenario without outcomes."""
MEASURES = 0.65
"""Inches for the heading of the measures."""
LEVERAGE = 4.0
GUTTER = 0.45
SHALLOW = 2.0
"""Minimum height of a panel of leverage."""
BETWEEN = 0.75
"""Inches between two panels of leverage, with the heading of the second."""
ISSUES = 6
ISSUE_NOTE = "Median of the worlds, and the middle 80%"
LEVERAGE_NOTE = "Leverage: what the other would lose. Median and middle 80%"


class Shown(NamedTuple):
    """What the figure shows of a result."""

    events: list[str]
    measures: list[str]
    rare: list[str]
    issues: list[list[Cell]]
    columns: int
    pairs: list[tuple[str, ...]]
    heading: str
    """Of the issues."""


def ensemble_figure(
    ensemble: Ensemble,
    ink: Ink = LIGHT,
    *,
    outcomes: Sequence[str] = (),
    issues: Sequence[str] = (),
    leverage: Sequence[str] = (),
) -> Figure:
    """Draw an ensemble.

    Above, the share of worlds in which each event has happened, with the dates of history; below, the main issues, and
    the two actors between whom leverage shifts most. The module `selection` selects them, for any scenario, unless
    they are chosen: outcomes and issues by name, leverage by pairs such as "Baku>Moscow". ValueError for other names.

    Parameters
    ----------
    ensemble
        What `realpolitik.run` returned.
    ink
        Colours of paper, text and lines: LIGHT by default, or DARK.
    outcomes, issues
        Ids to show; by default the main ones.
    leverage
        Pairs such as "Baku>Moscow".

    Returns
    -------
    matplotlib.figure.Figure
        A figure, sized in inches, that `save` writes.

    Raises
    ------
    ValueError
        If the scenario does not have a chosen name.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from matplotlib.figure import Figure
    >>> figure = ensemble_figure(rp.run("karabakh", worlds=16), issues=["peacekeepers"])
    >>> isinstance(figure, Figure)
    True
    """
    result, document = ensemble.to_dict(), ensemble.scenario.document
    choice = Choice(outcomes, issues, leverage)
    choice.check(document)
    shown = _shown(result, document, choice)
    upper = _upper(result, shown)
    heads = _heads(result, document, shown)
    depths = _depths(document, shown)
    lower = upper + heads[0]
    height = lower + max(grid_height(shown.issues), sum(depths) + sum(BETWEEN + head for head in heads[1:])) + 0.65
    with house():
        canvas = Canvas(WIDTH, height, ink, document["meta"]["title"], caption_of_ensemble(result))
        canvas.head(document["meta"]["question"])
        _outcomes(canvas, result, document, shown)
        _issues(canvas, upper, lower, result, document, shown)
        top = lower
        for n, (pair, depth) in enumerate(zip(shown.pairs, depths, strict=True)):
            top += BETWEEN + heads[n] if n else 0.0
            _leverage(canvas, (top - heads[n] - 0.2, top, depth), result, document, pair)
            top += depth
        canvas.sign()
    return canvas


def _shown(result: Mapping[str, Any], document: Mapping[str, Any], choice: Choice) -> Shown:
    """Return what is shown: what was chosen, or what says most."""
    measured = [name for name in choice.outcomes if document["outcomes"][name]["measure"] is not None]
    events = [name for name in choice.outcomes if name not in measured] if choice.outcomes else []
    if not choice.outcomes:
        events = main_events(result, document)
    rare = [] if choice.outcomes else rare_lines(result, document, events, WIDTH - 2 * MARGIN)
    pairs = pairs_of(result, document, choice.leverage)
    drawn = [name for name in choice.issues if name in result["issues"]]
    names = drawn or main_issues(result, document, events, ISSUES)
    columns = 2 if pairs else 4
    width = WIDTH - 2 * MARGIN - (LEVERAGE + GUTTER if pairs else 0)
    heading = "How the issues move" if drawn else "How the main issues move"
    return Shown(events, measured, rare, issue_grid(document, names, width, columns), columns, pairs, heading)


def _upper(result: Mapping[str, Any], shown: Shown) -> float:
    """Return the inches above the headings of the lower panels."""
    if not (shown.events or shown.measures or shown.rare):
        return ALONE
    rows = sum(outcome_rows(result, shown.events)) + leading(SMALL) * 1.2 * len(shown.rare)
    return OUTCOMES + rows + _measures(result, shown) + BELOW - (0.0 if shown.events else 0.5)


def _measures(result: Mapping[str, Any], shown: Shown) -> float:
    """Return the inches of the measures, with their heading."""
    rows = sum(measure_row(result, name) for name in shown.measures)
    return rows + MEASURES * bool(shown.events) if shown.measures else 0.0


def _heads(result: Mapping[str, Any], document: Mapping[str, Any], shown: Shown) -> list[float]:
    """Return by how much each heading of a panel of leverage is taller than two lines; of none, 0."""
    return [taller(finding(result, document, pair), LEVERAGE_NOTE, LEVERAGE) for pair in shown.pairs] or [0.0]


def _depths(document: Mapping[str, Any], shown: Shown) -> list[float]:
    """Return the height of each panel of leverage: a single one is as tall as the issues next to it."""
    least = [max(SHALLOW, leverage_height(document, pair) + 0.45) for pair in shown.pairs]
    return [max(least[0], grid_height(shown.issues))] if len(least) == 1 else least


def _outcomes(canvas: Canvas, result: Mapping[str, Any], document: Mapping[str, Any], shown: Shown) -> None:
    if shown.events or shown.rare:
        note = "Share of worlds in which it has happened by each month (full height: all)"
        if document["history"]:
            note += "; \N{BLACK DIAMOND} in history; \N{WHITE DIAMOND} not by then, in history"
        if document["meta"]["cutoff"]:
            note += "; dotted: nothing later was used"
        canvas.panel_head(MARGIN, 1.12, "What happens, and when", note, canvas.room)
    top = OUTCOMES + sum(outcome_rows(result, shown.events))
    if shown.events:
        outcome_panel(canvas, OUTCOMES, result, document, shown.events)
    for n, line in enumerate(shown.rare):
        base = top + 0.42 + 1.2 * leading(SMALL) * n
        canvas.write(MARGIN, base, line, SMALL, color=canvas.ink.muted)
    if shown.measures:
        top += MEASURES * bool(shown.events)
        note = "Mean, and the middle 80%, of the worlds in which it happens"
        canvas.panel_head(MARGIN, top - 0.38 + 0.17 * bool(shown.events), "What is measured", note, canvas.room)
        measure_panel(canvas, top + 0.17 * bool(shown.events), result, shown.measures)


def _issues(
    canvas: Canvas,
    upper: float,
    lower: float,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    shown: Shown,
) -> None:
    width = canvas.room - (LEVERAGE + GUTTER if shown.pairs else 0)
    canvas.panel_head(MARGIN, upper - 0.2, shown.heading, ISSUE_NOTE, width)
    issue_panel(canvas, (MARGIN, lower + 0.12, width), shown.columns, result, document, shown.issues)


def _leverage(
    canvas: Canvas,
    place: tuple[float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: Sequence[str],
) -> None:
    head, top, depth = place
    left = canvas.width - MARGIN - LEVERAGE
    canvas.panel_head(left, head, finding(result, document, pair), LEVERAGE_NOTE, LEVERAGE)
    leverage_panel(canvas, (left + 0.2, top + 0.26, LEVERAGE - 0.2, depth - 0.41), result, document, pair)
