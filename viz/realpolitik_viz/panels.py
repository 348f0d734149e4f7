"""The panels of the figure of an ensemble: outcomes and measures by row, issues as a grid of fans, and leverage."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes

from realpolitik.texts import minus
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas
from realpolitik_viz.months import in_words, mark_cutoff, month_axis, number
from realpolitik_viz.palette import actor_colours
from realpolitik_viz.scales import in_figures, number_axis, round_numbers, span_of
from realpolitik_viz.selection import balance, crossings, rare_events
from realpolitik_viz.words import inches, leading, lines

OUTCOME_ROW = 0.36
CURVE = 0.28
"""Inches of a curve that reaches all worlds."""
OUTCOME_LABELS, CHANCE, MEDIAN = 2.8, 0.6, 0.75
"""Inches for the labels on the left and the two columns on the right of the outcomes."""
MEASURE_ROW, MEASURE_AXIS = 0.5, 0.2
ISSUE_GAP = 0.36
HEAD, FAN, FOOT = 0.33, 0.5, 0.27
"""Inches of one fan of an issue, and above and below it, if each of its texts takes one line."""
END_LABELS, WIDEST_END = 0.95, 1.5
"""Inches for the labels at the ends of the lines of leverage, at least and at most."""
APART = 0.06


def fan(axes: Axes, quantiles: Mapping[str, Sequence[float]], colour: str, width: float = 1.4) -> None:
    """Draw one fan from p10, p50 and p90 by month."""
    months = np.arange(len(quantiles["p50"]))
    axes.fill_between(months, quantiles["p10"], quantiles["p90"], color=colour, alpha=0.22, linewidth=0)
    axes.plot(months, quantiles["p50"], marker_alone(months), color=colour, linewidth=width, solid_capstyle="butt")


def marker_alone(months: npt.NDArray[Any]) -> str:
    """Return the format of a line; a single month is drawn as a dot."""
    return "-" if months.size > 1 else "."


def outcome_rows(result: Mapping[str, Any], names: Sequence[str]) -> list[float]:
    """Return the heights of the rows of some outcomes, whose labels may take several lines."""
    return [max(OUTCOME_ROW, leading(BODY) * len(_outcome_label(result, name)) + 0.1) for name in names]


def _outcome_label(result: Mapping[str, Any], name: str) -> list[str]:
    return lines(result["outcomes"][name]["label"], OUTCOME_LABELS, BODY)


def outcome_panel(
    canvas: Canvas, top: float, result: Mapping[str, Any], document: Mapping[str, Any], names: Sequence[str]
) -> None:
    """Draw the rows of some events, with the dates of history."""
    left = MARGIN + OUTCOME_LABELS + 0.1
    width = canvas.width - left - CHANCE - MEDIAN - MARGIN
    heights = outcome_rows(result, names)
    axes = canvas.place(left, top, width, sum(heights))
    axes.set_ylim(sum(heights), 0)
    month_axis(axes, result["months"], canvas.ink)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], canvas.ink)
    bottoms = np.cumsum(heights).tolist()
    for bottom, height, name in zip(bottoms, heights, names, strict=True):
        _curve(axes, bottom - 0.03, result["outcomes"][name], canvas)
        _history(axes, bottom - 0.17, name, result["months"], document, canvas)
        canvas.block(
            MARGIN + OUTCOME_LABELS, top + bottom - height / 2 + 0.03, _outcome_label(result, name), ha="right"
        )
        _numbers(canvas, top + bottom - 0.08, left + width, result["outcomes"][name])
    for at, words in ((CHANCE, "ever"), (CHANCE + MEDIAN, "median if so")):
        canvas.write(left + width + at, top - 0.02, words, SMALL, ha="right", color=canvas.ink.muted)


def _curve(axes: Axes, floor: float, outcome: Mapping[str, Any], canvas: Canvas) -> None:
    share = np.array(list(outcome["by"].values()))
    months = np.arange(share.size)
    axes.fill_between(months, floor, floor - CURVE * share, color=canvas.ink.series, alpha=0.28, linewidth=0)
    axes.plot(months, floor - CURVE * share, marker_alone(months), color=canvas.ink.series, linewidth=1.1)
    axes.axhline(floor, color=canvas.ink.faint, linewidth=0.6, zorder=1)


def _history(
    axes: Axes, middle: float, name: str, months: Sequence[str], document: Mapping[str, Any], canvas: Canvas
) -> None:
    """Mark when it happened in history (filled), or until when it is known not to have happened (hollow)."""
    for entry in document["history"].values():
        never = entry["date"] == "never"
        date = entry["until"] if never else entry["date"]
        at = -1 if date is None else number(date) - number(months[0])
        if entry["outcome"] == name and 0 <= at < len(months):
            face = canvas.ink.paper if never else canvas.ink.text
            axes.plot(at, middle, "D", markersize=5, color=face, markeredgecolor=canvas.ink.text, zorder=5)


def _numbers(canvas: Canvas, base: float, right: float, outcome: Mapping[str, Any]) -> None:
    canvas.write(right + CHANCE, base, percent(outcome["probability"]), ha="right", weight="bold")
    median = in_words(outcome["median"]) if outcome["median"] else "\N{EN DASH}"
    canvas.write(right + CHANCE + MEDIAN, base, median, SMALL, ha="right", color=canvas.ink.muted)


def percent(share: float) -> str:
    """Return a share in whole percent; 0% and 100% are exact."""
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{share:.0%}"


def rare_lines(result: Mapping[str, Any], document: Mapping[str, Any], shown: Sequence[str], room: float) -> list[str]:
    """Return the lines that name the other events, which are rare."""
    labels = [result["outcomes"][name]["label"] for name in rare_events(result, document, shown)]
    return lines("In fewer than 2 worlds in 100: " + "; ".join(labels), room, SMALL) if labels else []


def measure_panel(canvas: Canvas, top: float, result: Mapping[str, Any], names: Sequence[str]) -> None:
    """Draw a row for each of some measures, each on an axis of its own."""
    left = MARGIN + OUTCOME_LABELS + 0.1
    width = canvas.width - left - CHANCE - MEDIAN - MARGIN
    for name in names:
        row = result["outcomes"][name]
        rows = _outcome_label(result, name)
        canvas.block(MARGIN + OUTCOME_LABELS, top + MEASURE_AXIS / 2, rows, ha="right")
        axes = canvas.place(left, top, width, MEASURE_AXIS)
        axes.set_ylim(0, 1)
        if row.get("p10") is not None and row.get("mean") is not None:
            number_axis(axes, *span_of([row["p10"], row["p90"], row["mean"]]), canvas.ink)
            axes.plot([row["p10"], row["p90"]], [0.5, 0.5], color=canvas.ink.series, linewidth=3, alpha=0.4)
            axes.plot(row["mean"], 0.5, "o", color=canvas.ink.series, markersize=5)
        mean = minus(f"{row['mean']:.2f}") if row.get("mean") is not None else "\N{EN DASH}"
        canvas.write(left + width + CHANCE, top + 0.13, mean, ha="right", weight="bold")
        top += measure_row(result, name)


def measure_row(result: Mapping[str, Any], name: str) -> float:
    """Return the height of the row of a measure."""
    return max(MEASURE_ROW, leading(BODY) * len(_outcome_label(result, name)) + 0.1)


# --- issues ---------------------------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """The fan of one issue, with its texts in lines."""

    name: str
    title: list[str]
    high: list[str]
    low: list[str]

    @property
    def head(self) -> float:
        """Inches above the fan."""
        return HEAD + leading(BODY) * (len(self.title) - 1) + leading(TINY) * (len(self.high) - 1)

    @property
    def foot(self) -> float:
        """Inches below it."""
        return FOOT + leading(TINY) * (len(self.low) - 1)


def issue_grid(document: Mapping[str, Any], names: Sequence[str], width: float, columns: int) -> list[list[Cell]]:
    """Return the rows of a grid of issues."""
    room = (width - ISSUE_GAP * (columns - 1)) / columns
    cells = []
    for name in names:
        issue = document["issues"][name]
        ends = (lines(f"{end}: {issue[key]}", room, TINY) for end, key in (("top", "high"), ("bottom", "low")))
        cells.append(Cell(name, lines(issue["label"], room, BODY, "bold"), *ends))
    return [cells[n : n + columns] for n in range(0, len(cells), columns)]


def grid_height(grid: Sequence[Sequence[Cell]]) -> float:
    """Return the height of a grid of issues."""
    return sum(max(cell.head for cell in row) + FAN + max(cell.foot for cell in row) for row in grid)


def issue_panel(
    canvas: Canvas,
    box: tuple[float, float, float],
    columns: int,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    grid: Sequence[Sequence[Cell]],
) -> None:
    """Draw a grid of issues in a box of left, top and width."""
    left, top, width = box
    room = (width - ISSUE_GAP * (columns - 1)) / columns
    for n, row in enumerate(grid):
        above = top + max(cell.head for cell in row)
        for column, cell in enumerate(row):
            bottom = n + 1 == len(grid) or column >= len(grid[n + 1])
            _issue(canvas, (left + column * (room + ISSUE_GAP), above, room), bottom, cell, result, document)
        top = above + FAN + max(cell.foot for cell in row)


def _issue(
    canvas: Canvas,
    place: tuple[float, float, float],
    bottom: bool,
    cell: Cell,
    result: Mapping[str, Any],
    document: Mapping[str, Any],
) -> None:
    left, top, width = place
    axes = canvas.place(left, top, width, FAN)
    axes.set_ylim(-0.02, 1.02)
    axes.tick_params(axis="x", pad=4 + 72 * leading(TINY) * len(cell.low))
    month_axis(axes, result["months"], canvas.ink, labels=bottom)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], canvas.ink)
    for end in (0, 1):
        axes.axhline(end, color=canvas.ink.faint, linewidth=0.6, zorder=0)
    fan(axes, result["issues"][cell.name], canvas.ink.series, 1.2)
    _texts(canvas, left, top - cell.head, cell)


def _texts(canvas: Canvas, left: float, top: float, cell: Cell) -> None:
    muted = {"color": canvas.ink.muted}
    for n, line in enumerate(cell.title):
        canvas.write(left, top + 0.13 + leading(BODY) * n, line, weight="bold")
    above = top + 0.28 + leading(BODY) * (len(cell.title) - 1)
    for n, line in enumerate(cell.high):
        canvas.write(left, above + leading(TINY) * n, line, TINY, **muted)
    for n, line in enumerate(cell.low):
        canvas.write(left, top + cell.head + FAN + 0.12 + leading(TINY) * n, line, TINY, **muted)


# --- leverage -------------------------------------------------------------------------------------------------------

End = tuple[list[str], list[str]]
"""The lines of a label at the end of a line: who holds the leverage, and over whom."""


def ends_of(document: Mapping[str, Any], pair: Sequence[str]) -> tuple[float, list[End]]:
    """Return the labels at the ends of the lines, and the inches for them."""
    texts = [[document["actors"][actor]["label"] for actor in name.split(">")] for name in pair]
    widest = max(max(inches(one, BODY, "bold"), inches(f"over {other}", SMALL)) for one, other in texts)
    room = min(max(END_LABELS, widest + 0.25), WIDEST_END)
    return room, [
        (lines(one, room - 0.2, BODY, "bold"), lines(f"over {other}", room - 0.2, SMALL)) for one, other in texts
    ]


def tall(end: End) -> float:
    """Return the height of a label."""
    return leading(BODY) * len(end[0]) + leading(SMALL) * len(end[1])


def leverage_height(document: Mapping[str, Any], pair: Sequence[str]) -> float:
    """Return the least height of the lines of a pair, for their labels."""
    return sum(tall(end) + APART for end in ends_of(document, pair)[1])


def leverage_panel(
    canvas: Canvas,
    box: tuple[float, float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: Sequence[str],
) -> None:
    """Draw both leverages of a pair, or the only one, in a box of left, top, width and height."""
    left, top, width, height = box
    room, ends = ends_of(document, pair)
    axes = canvas.place(left, top, width - room, height)
    axes.tick_params(axis="x", pad=8)
    month_axis(axes, result["months"], canvas.ink)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], canvas.ink)
    colours = actor_colours(document["actors"])
    for name in reversed(pair):
        fan(axes, result["leverage"][name], colours[name.split(">")[0]], 1.8)
    _scale(axes, [result["leverage"][name] for name in pair], canvas)
    for t in crossings(balance(result["leverage"], pair))[-1:] if len(pair) == 2 else ():
        _crossing(axes, t, result["leverage"][pair[0]]["p50"], in_words(result["months"][t]), canvas)
    heights = [height * (1 - result["leverage"][name]["p50"][-1] / axes.get_ylim()[1]) for name in pair]
    holders = [colours[name.split(">")[0]] for name in pair]
    _ends(canvas, (left + width - room + 0.12, top, height), heights, ends, holders)


def finding(result: Mapping[str, Any], document: Mapping[str, Any], pair: Sequence[str]) -> str:
    """Return a sentence: who ends with more leverage, and since when."""
    winner, loser = (document["actors"][actor]["label"] for actor in pair[0].split(">"))
    if len(pair) == 1:
        return f"{winner}'s leverage over {loser}"
    turns = crossings(balance(result["leverage"], pair))
    if balance(result["leverage"], pair)[-1] == 0:
        return f"{winner} and {loser} hold the same leverage"
    if not turns:
        return f"{winner} holds more leverage than {loser}"
    return f"{winner} overtakes {loser} in {in_words(result['months'][turns[-1]])}"


def _scale(axes: Axes, fans: Sequence[Mapping[str, Sequence[float]]], canvas: Canvas) -> None:
    top = 1.08 * max(max(one["p90"]) for one in fans) or 1.0
    axes.set_ylim(0, top)
    marks = round_numbers(0.0, top, 4)
    axes.set_yticks(marks, [in_figures(at) for at in marks])
    for at in marks:
        axes.axhline(at, color=canvas.ink.faint, linewidth=0.5, zorder=0)


def _crossing(axes: Axes, t: int, path: Sequence[float], date: str, canvas: Canvas) -> None:
    """Mark the month in which the lines cross; its date is above the axes, where no line is."""
    axes.plot(t, path[t], "o", markersize=7, color=canvas.ink.paper, markeredgecolor=canvas.ink.text, zorder=6)
    axes.plot([t, t], [path[t], axes.get_ylim()[1]], color=canvas.ink.muted, linewidth=0.7, zorder=1)
    share = (t + 0.5) / len(path)
    align = "left" if share < 0.15 else "right" if share > 0.85 else "center"
    above = (t, axes.get_ylim()[1])
    style: dict[str, Any] = {"fontsize": BODY, "weight": "bold", "color": canvas.ink.text, "ha": align, "va": "bottom"}
    axes.annotate(date, above, xytext=(0, 2), textcoords="offset points", **style)


def _ends(
    canvas: Canvas,
    room: tuple[float, float, float],
    heights: Sequence[float],
    ends: Sequence[End],
    colours: Sequence[str],
) -> None:
    """Label the lines at their right ends; labels that would overlap are moved apart, within the panel if they fit."""
    left, top, height = room
    free, places = 0.0, []
    for at, end in zip(heights, ends, strict=True):
        places.append(max(free, at - tall(end) / 2))
        free = places[-1] + tall(end) + APART
    limit = height
    for n in reversed(range(len(ends))):
        places[n] = max(0.0, min(places[n], limit - tall(ends[n])))
        limit = places[n] - APART
    for place, end, colour in zip(places, ends, colours, strict=True):
        _end(canvas, left, top + place, end, colour)


def _end(canvas: Canvas, left: float, top: float, end: End, colour: str) -> None:
    base = top + leading(BODY) - 0.03
    for n, line in enumerate(end[0]):
        canvas.write(left + 0.1, base + leading(BODY) * n, line, weight="bold")
    base += leading(BODY) * (len(end[0]) - 1) + leading(SMALL) + 0.015
    for n, line in enumerate(end[1]):
        canvas.write(left + 0.1, base + leading(SMALL) * n, line, SMALL, color=canvas.ink.muted)
    canvas.place(left, top, 0.05, tall(end)).set_facecolor(colour)
