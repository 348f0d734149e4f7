"""The panels of the figure of an ensemble: outcomes by row, issues as a grid of fans, and the leverage of a pair."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas
from realpolitik_viz.months import in_words, mark_cutoff, month_axis, number
from realpolitik_viz.palette import actor_colours
from realpolitik_viz.selection import balance, crossings, rare_events
from realpolitik_viz.words import fitted, wrapped

OUTCOME_ROW = 0.36
OUTCOME_LABELS, CHANCE, MEDIAN = 2.8, 0.6, 0.75
"""Inches for the labels on the left and the two columns on the right of the outcomes."""
ISSUE_GAP = 0.3
HEAD, FAN, FOOT = 0.33, 0.5, 0.27
ISSUE_CELL = HEAD + FAN + FOOT
"""Inches from one fan of an issue to the next."""
END_LABELS = 0.95
"""Inches for the labels at the ends of the lines of leverage."""
APART = 0.32


def fan(axes: Axes, quantiles: Mapping[str, Sequence[float]], colour: str, width: float = 1.4) -> None:
    """Draw one fan from p10, p50 and p90 by month."""
    months = np.arange(len(quantiles["p50"]))
    axes.fill_between(months, quantiles["p10"], quantiles["p90"], color=colour, alpha=0.22, linewidth=0)
    axes.plot(months, quantiles["p50"], marker_alone(months), color=colour, linewidth=width, solid_capstyle="butt")


def marker_alone(months: npt.NDArray[np.int64]) -> str:
    """Return the format of a line; a single month is drawn as a dot."""
    return "-" if months.size > 1 else "."


def outcome_panel(
    canvas: Canvas, top: float, result: Mapping[str, Any], document: Mapping[str, Any], names: Sequence[str]
) -> None:
    """Draw the rows of some events, with the dates of history."""
    left = MARGIN + OUTCOME_LABELS + 0.1
    width = canvas.width - left - CHANCE - MEDIAN - MARGIN
    axes = canvas.place(left, top, width, OUTCOME_ROW * len(names))
    month_axis(axes, result["months"], canvas.ink)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], canvas.ink)
    axes.set_ylim(len(names), 0)
    for row, name in enumerate(names):
        _curve(axes, row, result["outcomes"][name], canvas)
        _history(axes, row, name, result["months"], document, canvas)
        _label(canvas, top + OUTCOME_ROW * (row + 0.78), left + width, result["outcomes"][name])
    _heads(canvas, top, left + width)


def _curve(axes: Axes, row: int, outcome: Mapping[str, Any], canvas: Canvas) -> None:
    floor, share = row + 0.92, np.array(list(outcome["by"].values()))
    months = np.arange(share.size)
    axes.fill_between(months, floor, floor - 0.78 * share, color=canvas.ink.series, alpha=0.28, linewidth=0)
    axes.plot(months, floor - 0.78 * share, marker_alone(months), color=canvas.ink.series, linewidth=1.1)
    axes.axhline(floor, color=canvas.ink.faint, linewidth=0.6, zorder=1)


def _history(
    axes: Axes, row: int, name: str, months: Sequence[str], document: Mapping[str, Any], canvas: Canvas
) -> None:
    """Mark when it happened in history (filled), or until when it is known not to have happened (hollow)."""
    for entry in document["history"].values():
        never = entry["date"] == "never"
        date = entry["until"] if never else entry["date"]
        at = -1 if date is None else number(date) - number(months[0])
        if entry["outcome"] == name and 0 <= at < len(months):
            face = canvas.ink.paper if never else canvas.ink.text
            axes.plot(at, row + 0.53, "D", markersize=5, color=face, markeredgecolor=canvas.ink.text, zorder=5)


def _label(canvas: Canvas, base: float, right: float, outcome: Mapping[str, Any]) -> None:
    lines = wrapped(outcome["label"], OUTCOME_LABELS, BODY)
    for up, line in enumerate(reversed(lines)):
        canvas.write(MARGIN + OUTCOME_LABELS, base - 0.14 * up + 0.05 * (len(lines) - 1), line, ha="right")
    canvas.write(right + CHANCE, base, percent(outcome["probability"]), ha="right", weight="bold")
    median = in_words(outcome["median"]) if outcome["median"] else "\N{EN DASH}"
    canvas.write(right + CHANCE + MEDIAN, base, median, SMALL, ha="right", color=canvas.ink.muted)


def _heads(canvas: Canvas, top: float, right: float) -> None:
    for at, words in ((CHANCE, "ever"), (CHANCE + MEDIAN, "median if so")):
        canvas.write(right + at, top - 0.02, words, SMALL, ha="right", color=canvas.ink.muted)


def percent(share: float) -> str:
    """Return a share in whole percent; 0% and 100% are exact."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def rare_lines(result: Mapping[str, Any], document: Mapping[str, Any], shown: Sequence[str], room: float) -> list[str]:
    """Return the lines that name the other events, which are rare."""
    labels = [result["outcomes"][name]["label"] for name in rare_events(result, document, shown)]
    return wrapped("In fewer than 2 worlds in 100: " + "; ".join(labels), room, SMALL) if labels else []


def issue_panel(
    canvas: Canvas,
    box: tuple[float, float, float],
    columns: int,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    names: Sequence[str],
) -> None:
    """Draw some issues as a grid of fans, in a box of left, top and width."""
    left, top, width = box
    room = (width - ISSUE_GAP * (columns - 1)) / columns
    for n, name in enumerate(names):
        row, column = divmod(n, columns)
        bottom = n + columns >= len(names)
        place = left + column * (room + ISSUE_GAP), top + row * ISSUE_CELL, room
        _issue(canvas, place, bottom, result["issues"][name], document, document["issues"][name], result["months"])


def _issue(
    canvas: Canvas,
    place: tuple[float, float, float],
    bottom: bool,
    quantiles: Mapping[str, Sequence[float]],
    document: Mapping[str, Any],
    issue: Mapping[str, Any],
    months: Sequence[str],
) -> None:
    left, top, width = place
    axes = canvas.place(left, top + HEAD, width, FAN)
    month_axis(axes, months, canvas.ink, most=6, labels=bottom)
    mark_cutoff(axes, months, document["meta"]["cutoff"], canvas.ink)
    axes.set_ylim(-0.02, 1.02)
    for end in (0, 1):
        axes.axhline(end, color=canvas.ink.faint, linewidth=0.6, zorder=0)
    fan(axes, quantiles, canvas.ink.series, 1.2)
    canvas.write(left, top + 0.13, fitted(issue["label"], width, BODY, "bold"), weight="bold")
    canvas.write(left, top + 0.28, fitted(f"top: {issue['high']}", width, TINY), TINY, color=canvas.ink.muted)
    low = fitted(f"bottom: {issue['low']}", width, TINY)
    canvas.write(left, top + HEAD + FAN + 0.12, low, TINY, color=canvas.ink.muted)
    axes.tick_params(axis="x", pad=12)


def leverage_panel(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    """Draw both leverages of a pair, in a box of left, top, width and height."""
    left, top, width, height = box
    axes = canvas.place(left, top, width - END_LABELS, height)
    month_axis(axes, result["months"], canvas.ink, most=6)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], canvas.ink)
    colours = actor_colours(document["actors"])
    for name in reversed(pair):
        fan(axes, result["leverage"][name], colours[name.split(">")[0]], 1.8)
    _scale(axes, [result["leverage"][name] for name in pair], canvas)
    for t in crossings(balance(result["leverage"], pair))[-1:]:
        _crossing(axes, t, result["leverage"][pair[0]]["p50"], in_words(result["months"][t]), canvas)
    _ends(canvas, axes, (left + width - END_LABELS + 0.12, top, height), result, document, pair)


def finding(result: Mapping[str, Any], document: Mapping[str, Any], pair: tuple[str, str]) -> str:
    """Return a sentence: who ends with more leverage, and since when."""
    winner, loser = (document["actors"][actor]["label"] for actor in pair[0].split(">"))
    turns = crossings(balance(result["leverage"], pair))
    if balance(result["leverage"], pair)[-1] == 0:
        return f"{winner} and {loser} hold the same leverage"
    if not turns:
        return f"{winner} holds more leverage than {loser}"
    return f"{winner} overtakes {loser} in {in_words(result['months'][turns[-1]])}"


def _scale(axes: Axes, fans: Sequence[Mapping[str, Sequence[float]]], canvas: Canvas) -> None:
    top = 1.08 * max(max(one["p90"]) for one in fans) or 1.0
    axes.set_ylim(0, top)
    marks = [at for at in MaxNLocator(4).tick_values(0, top) if 0 <= at <= top]
    axes.set_yticks(marks, [f"{at:g}" for at in marks])
    axes.tick_params(axis="x", pad=8)
    for at in marks:
        axes.axhline(at, color=canvas.ink.faint, linewidth=0.5, zorder=0)


def _crossing(axes: Axes, t: int, path: Sequence[float], date: str, canvas: Canvas) -> None:
    """Mark the month in which the lines cross, with its date."""
    late = t > 0.7 * len(path)
    axes.plot(t, path[t], "o", markersize=7, color=canvas.ink.paper, markeredgecolor=canvas.ink.text, zorder=6)
    axes.annotate(
        date,
        (t, path[t]),
        xytext=(-14 if late else 14, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        fontsize=BODY,
        weight="bold",
        color=canvas.ink.text,
        zorder=6,
    )


def _ends(
    canvas: Canvas,
    axes: Axes,
    room: tuple[float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    """Label the lines at their right ends; labels that would overlap are moved apart."""
    left, top, height = room
    highest = axes.get_ylim()[1]
    upper, lower = (top + height * (1 - result["leverage"][name]["p50"][-1] / highest) for name in pair)
    push = max(0.0, APART - (lower - upper)) / 2
    upper = max(upper - push, top + 0.1)
    for name, at in zip(pair, (upper, max(lower + push, upper + APART)), strict=True):
        holder, over = (document["actors"][actor]["label"] for actor in name.split(">"))
        colour = actor_colours(document["actors"])[name.split(">")[0]]
        canvas.write(left + 0.1, at, fitted(holder, END_LABELS - 0.2, BODY, "bold"), weight="bold")
        canvas.write(
            left + 0.1, at + 0.14, fitted(f"over {over}", END_LABELS - 0.2, SMALL), SMALL, color=canvas.ink.muted
        )
        swatch = canvas.place(left, at - 0.1, 0.05, 0.24)
        swatch.set_facecolor(colour)
