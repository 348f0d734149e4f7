"""The panel of leverage: two actors, what each holds over the other, and when the balance turned."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from realpolitik_viz.choosing import balance, crossings
from realpolitik_viz.fans import fan
from realpolitik_viz.months import mark_cutoff, month_axis, told
from realpolitik_viz.palette import actor_colours
from realpolitik_viz.sheet import BODY, SMALL, Sheet
from realpolitik_viz.words import fitted

LABELS = 0.95
"""Inches for the labels at the ends of the lines."""
APART = 0.32


def leverage_panel(
    sheet: Sheet,
    box: tuple[float, float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    """Draw both leverages of a pair, from the left, top, width and height of a box."""
    left, top, width, height = box
    axes = sheet.place(left, top, width - LABELS, height)
    month_axis(axes, result["months"], sheet.ink, most=6)
    mark_cutoff(axes, result["months"], document["meta"]["cutoff"], sheet.ink)
    colours = actor_colours(document["actors"])
    for name in reversed(pair):
        fan(axes, result["leverage"][name], colours[name.split(">")[0]], 1.8)
    _scale(axes, [result["leverage"][name] for name in pair], sheet)
    for t in crossings(balance(result["leverage"], pair))[-1:]:
        _crossing(axes, t, result["leverage"][pair[0]]["p50"], told(result["months"][t]), sheet)
    _ends(sheet, axes, (left + width - LABELS + 0.12, top, height), result, document, pair)


def finding(result: Mapping[str, Any], document: Mapping[str, Any], pair: tuple[str, str]) -> str:
    """Return in a sentence who ends with more leverage, and since when."""
    winner, loser = (document["actors"][actor]["label"] for actor in pair[0].split(">"))
    turns = crossings(balance(result["leverage"], pair))
    if balance(result["leverage"], pair)[-1] == 0:
        return f"{winner} and {loser} have a hold on each other"
    if not turns:
        return f"{winner} holds more leverage than {loser}"
    return f"{winner} overtakes {loser} in {told(result['months'][turns[-1]])}"


def _scale(axes: Axes, fans: Sequence[Mapping[str, Sequence[float]]], sheet: Sheet) -> None:
    top = 1.08 * max(max(one["p90"]) for one in fans) or 1.0
    axes.set_ylim(0, top)
    marks = [at for at in MaxNLocator(4).tick_values(0, top) if 0 <= at <= top]
    axes.set_yticks(marks, [f"{at:g}" for at in marks])
    axes.tick_params(axis="x", pad=8)
    for at in marks:
        axes.axhline(at, color=sheet.ink.faint, linewidth=0.5, zorder=0)


def _crossing(axes: Axes, t: int, path: Sequence[float], date: str, sheet: Sheet) -> None:
    """Mark where the lines cross; the date stands where they part."""
    late = t > 0.7 * len(path)
    axes.plot(t, path[t], "o", markersize=7, color=sheet.ink.paper, markeredgecolor=sheet.ink.text, zorder=6)
    axes.annotate(
        date,
        (t, path[t]),
        xytext=(-14 if late else 14, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="center",
        fontsize=BODY,
        weight="bold",
        color=sheet.ink.text,
        zorder=6,
    )


def _ends(
    sheet: Sheet,
    axes: Axes,
    room: tuple[float, float, float],
    result: Mapping[str, Any],
    document: Mapping[str, Any],
    pair: tuple[str, str],
) -> None:
    """Name the lines at their right ends, moved apart where they would touch."""
    left, top, height = room
    highest = axes.get_ylim()[1]
    upper, lower = (top + height * (1 - result["leverage"][name]["p50"][-1] / highest) for name in pair)
    push = max(0.0, APART - (lower - upper)) / 2
    upper = max(upper - push, top + 0.1)
    for name, at in zip(pair, (upper, max(lower + push, upper + APART)), strict=True):
        holder, over = (document["actors"][actor]["label"] for actor in name.split(">"))
        colour = actor_colours(document["actors"])[name.split(">")[0]]
        sheet.write(left + 0.1, at, fitted(holder, LABELS - 0.2, BODY, "bold"), weight="bold")
        sheet.write(left + 0.1, at + 0.14, fitted(f"over {over}", LABELS - 0.2, SMALL), SMALL, color=sheet.ink.muted)
        swatch = sheet.place(left, at - 0.1, 0.05, 0.24)
        swatch.set_facecolor(colour)
