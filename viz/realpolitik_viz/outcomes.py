"""The panel of outcomes: one row an event, filling up as more and more worlds have seen it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from realpolitik_viz.choosing import rare_events
from realpolitik_viz.fans import marker_alone
from realpolitik_viz.months import mark_cutoff, month_axis, number, told
from realpolitik_viz.sheet import BODY, MARGIN, SMALL, Sheet
from realpolitik_viz.words import wrapped

ROW = 0.36
LABELS, CHANCE, MEDIAN = 2.8, 0.6, 0.75
"""Inches for the labels on the left and the two columns on the right."""


def outcome_panel(
    sheet: Sheet, top: float, result: Mapping[str, Any], document: Mapping[str, Any], names: Sequence[str]
) -> None:
    """Draw the rows of the events named, with history's dates."""
    left = MARGIN + LABELS + 0.1
    width = sheet.width - left - CHANCE - MEDIAN - MARGIN
    axes = sheet.place(left, top, width, ROW * len(names))
    month_axis(axes, result["months"], sheet.ink)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], sheet.ink)
    axes.set_ylim(len(names), 0)
    for row, name in enumerate(names):
        _curve(axes, row, result["outcomes"][name], sheet)
        _history(axes, row, name, result["months"], document, sheet)
        _label(sheet, top + ROW * (row + 0.78), left + width, result["outcomes"][name])
    _heads(sheet, top, left + width)


def _curve(axes: Axes, row: int, outcome: Mapping[str, Any], sheet: Sheet) -> None:
    floor, share = row + 0.92, np.array(list(outcome["by"].values()))
    months = np.arange(share.size)
    axes.fill_between(months, floor, floor - 0.78 * share, color=sheet.ink.series, alpha=0.28, linewidth=0)
    axes.plot(months, floor - 0.78 * share, marker_alone(months), color=sheet.ink.series, linewidth=1.1)
    axes.axhline(floor, color=sheet.ink.faint, linewidth=0.6, zorder=1)


def _history(axes: Axes, row: int, name: str, months: Sequence[str], document: Mapping[str, Any], sheet: Sheet) -> None:
    """Mark when it happened in history: filled; or until when it is known not to have: hollow."""
    for entry in document["history"].values():
        never = entry["date"] == "never"
        date = entry["until"] if never else entry["date"]
        at = -1 if date is None else number(date) - number(months[0])
        if entry["outcome"] == name and 0 <= at < len(months):
            face = sheet.ink.paper if never else sheet.ink.text
            axes.plot(at, row + 0.53, "D", markersize=5, color=face, markeredgecolor=sheet.ink.text, zorder=5)


def _label(sheet: Sheet, base: float, right: float, outcome: Mapping[str, Any]) -> None:
    lines = wrapped(outcome["label"], LABELS, BODY)
    for up, line in enumerate(reversed(lines)):
        sheet.write(MARGIN + LABELS, base - 0.14 * up + 0.05 * (len(lines) - 1), line, ha="right")
    sheet.write(right + CHANCE, base, percent(outcome["probability"]), ha="right", weight="bold")
    median = told(outcome["median"]) if outcome["median"] else "\N{EN DASH}"
    sheet.write(right + CHANCE + MEDIAN, base, median, SMALL, ha="right", color=sheet.ink.muted)


def _heads(sheet: Sheet, top: float, right: float) -> None:
    for at, words in ((CHANCE, "ever"), (CHANCE + MEDIAN, "median if so")):
        sheet.write(right + at, top - 0.02, words, SMALL, ha="right", color=sheet.ink.muted)


def percent(share: float) -> str:
    """Return a share as whole percent that never claims more certainty than there is."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def rare_lines(result: Mapping[str, Any], document: Mapping[str, Any], shown: Sequence[str], room: float) -> list[str]:
    """Return the sentence that names the other events, which hardly ever happen."""
    labels = [result["outcomes"][name]["label"] for name in rare_events(result, document, shown)]
    return wrapped("In fewer than 2 worlds in 100: " + "; ".join(labels), room, SMALL) if labels else []
