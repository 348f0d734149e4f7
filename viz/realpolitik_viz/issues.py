"""The panel of issues: small fans side by side, each with what its ends mean."""

from collections.abc import Mapping, Sequence
from typing import Any

from realpolitik_viz.fans import fan
from realpolitik_viz.months import mark_cutoff, month_axis
from realpolitik_viz.sheet import BODY, TINY, Sheet
from realpolitik_viz.words import fitted

GAP = 0.3
HEAD, FAN, FOOT = 0.33, 0.5, 0.27
CELL = HEAD + FAN + FOOT
"""Inches from one fan to the next."""


def issue_panel(
    sheet: Sheet,
    box: tuple[float, float, float],
    columns: int,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    names: Sequence[str],
) -> None:
    """Draw the issues named as a grid of fans from the left, top and width of a box."""
    left, top, width = box
    room = (width - GAP * (columns - 1)) / columns
    for n, name in enumerate(names):
        row, column = divmod(n, columns)
        bottom = n + columns >= len(names)
        place = left + column * (room + GAP), top + row * CELL, room
        _issue(sheet, place, bottom, result["issues"][name], document, document["issues"][name], result["months"])


def _issue(
    sheet: Sheet,
    place: tuple[float, float, float],
    bottom: bool,
    quantiles: Mapping[str, Sequence[float]],
    document: Mapping[str, Any],
    issue: Mapping[str, Any],
    months: Sequence[str],
) -> None:
    left, top, width = place
    axes = sheet.place(left, top + HEAD, width, FAN)
    month_axis(axes, months, sheet.ink, most=6, labels=bottom)
    mark_cutoff(axes, months, document["meta"]["cutoff"], sheet.ink)
    axes.set_ylim(-0.02, 1.02)
    for end in (0, 1):
        axes.axhline(end, color=sheet.ink.faint, linewidth=0.6, zorder=0)
    fan(axes, quantiles, sheet.ink.series, 1.2)
    sheet.write(left, top + 0.13, fitted(issue["label"], width, BODY, "bold"), weight="bold")
    sheet.write(left, top + 0.28, fitted(f"top: {issue['high']}", width, TINY), TINY, color=sheet.ink.muted)
    low = fitted(f"bottom: {issue['low']}", width, TINY)
    sheet.write(left, top + HEAD + FAN + 0.12, low, TINY, color=sheet.ink.muted)
    axes.tick_params(axis="x", pad=12)
