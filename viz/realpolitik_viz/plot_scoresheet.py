"""The figure of a score sheet: claims, history, directions and deployments. Hollow marks are misses."""

from collections.abc import Callable, Mapping, Sequence
from math import floor, inf, log10
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from realpolitik.texts import counted
from realpolitik.validation import ScoreSheet
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas, house, middles
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.months import month_axis, months_between, number
from realpolitik_viz.palette import LIGHT, Ink
from realpolitik_viz.scales import difference_axis
from realpolitik_viz.words import leading, lines

WIDTH = 10.0
ROW = 0.2
THEORY_ROW = 0.32
HEAD = 0.75
"""Inches above the rows of a panel, for its heading and axis."""
LABELS = 3.6
TOP = 1.1
LEAST_FACTOR, MOST_FACTOR = 1e-4, 1e4
"""Left end of the axis of Bayes factors, and the furthest right end."""
NARROW = 0.5
"""Right end of the axis, as a power of 10, if no factor is larger."""
OUT = 0.075
"""Inches from an end of the axis to an arrow."""
SQUARE, ACROSS = 0.44, 20
SHADES = {"carried and tested": 0.55, "carried": 0.25, "tested": 0.25, "not modelled": 0.0, "lost": 0.0}


def scoresheet_figure(sheet: ScoreSheet, ink: Ink = LIGHT) -> Figure:
    """Draw the parts that the sheet has, one below the other.

    Parameters
    ----------
    sheet
        What `realpolitik.validate` returned.
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
    >>> figure = scoresheet_figure(rp.validate("sahel", worlds=4))
    >>> isinstance(figure, Figure)
    True
    """
    result = sheet.to_dict()
    panels = [(name, rows) for name, rows in _rows(result).items() if rows]
    claims = HEAD + 0.3 * -(-len(result["claims"]) // ACROSS) + 0.2
    height = TOP + claims + sum(HEAD + sum(_heights(name, rows)) + 0.25 for name, rows in panels) + 0.4
    with house():
        canvas = Canvas(WIDTH, height, ink, f"Score sheet: {result['scenario']}", _caption(result))
        held, of = sum(check.holds for check in sheet.checks), len(sheet.checks)
        canvas.head(f"{held} of {of} checks hold, about leverage alone; hollow marks are misses")
        _claims(canvas, result["claims"])
        top = TOP + claims
        for name, rows in panels:
            heights = _heights(name, rows)
            DRAWN[name](canvas, top, heights, rows, result)
            top += HEAD + sum(heights) + 0.25
        canvas.sign()
    return canvas


def _rows(result: Mapping[str, Any]) -> dict[str, Sequence[Mapping[str, Any]]]:
    directions = [row for row in result.get("directions", {}).get("rows", ()) if row["difference"] is not None]
    return {
        "theories": result.get("theories", {}).get("rows", ()),
        "history": result.get("history", {}).get("rows", ()),
        "directions": [row for row in directions if row["low"] >= -1 and row["high"] <= 1],
        "deployments": result.get("deployments", {}).get("cases", ()),
    }


def _caption(result: Mapping[str, Any]) -> str:
    worlds = f"{counted(result['worlds'], 'world')}, seed {result['seed']}, {numbers_of(result['uncertainty'])}"
    return DOT.join((f"sha256 {result['sha256'][:12]}", worlds, f"realpolitik {result['version']}"))


def _claims(canvas: Canvas, claims: Sequence[Mapping[str, Any]]) -> None:
    note = "Dark: used by rows and tested; light: used or tested; empty: not modelled"
    canvas.panel_head(MARGIN, TOP + 0.1, "1. Claims", note, WIDTH - 2 * MARGIN)
    for n, claim in enumerate(claims):
        row, column = divmod(n, ACROSS)
        left, top = MARGIN + SQUARE * column, TOP + 0.45 + 0.3 * row
        axes = canvas.place(left, top, SQUARE - 0.04, 0.26)
        axes.patch.set(facecolor=canvas.ink.series, alpha=SHADES[claim["status"]])
        canvas.write(left + SQUARE / 2 - 0.02, top + 0.17, claim["id"], TINY, ha="center")


def _heights(name: str, rows: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return the height of every row of a panel, whose label may take several lines."""
    labels = (lines(LABEL[name](row), LABELS, BODY) for row in rows)
    least = THEORY_ROW if name == "theories" else ROW
    return [max(least, leading(BODY) * len(label) + 0.06) for label in labels]


def _panel(canvas: Canvas, top: float, rows: list[float], words: str, note: str) -> Axes:
    canvas.panel_head(MARGIN, top + 0.1, words, note, WIDTH - 2 * MARGIN)
    left = MARGIN + LABELS + 0.15
    axes = canvas.place(left, top + 0.42, WIDTH - left - MARGIN - 0.2, sum(rows))
    axes.set_ylim(sum(rows), 0)
    return axes


def _label(canvas: Canvas, middle: float, words: str) -> None:
    canvas.block(MARGIN + LABELS, middle, lines(words, LABELS, BODY), ha="right")


def _mark(axes: Axes, at: float, middle: float, holds: bool, ink: Ink, shape: str = "o") -> None:
    face = ink.series if holds else ink.paper
    axes.plot(at, middle, shape, markersize=5, color=face, markeredgecolor=ink.series, zorder=4, clip_on=False)


def _theories(
    canvas: Canvas, top: float, heights: list[float], rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any]
) -> None:
    """Draw the Bayes factors of each theory against leverage, one mark and interval for each level."""
    levels = list(result["theories"]["levels"])
    shapes = ", ".join(f"{SHAPES[level][1]}: {SHAPES[level][2]}" for level in levels)
    note = f"Bayes factor against leverage, with its 95% interval; {shapes}; hollow: no world reproduces them"
    factors = [row["levels"][level] for row in rows for level in levels]
    first, last = log10(LEAST_FACTOR), _right(factors)
    if any(low < first or high > last for low, _, high in filter(None, map(_powers, factors))):
        note += "; arrow: further out"
    axes = _panel(canvas, top, heights, "2. Theories, each on its own ranges", note)
    axes.set_xlim(first, last)
    axes.axvline(0, color=canvas.ink.faint, linewidth=0.8)
    marks = range(round(first), floor(last) + 1)
    axes.set_xticks(list(marks), [f"{10.0**mark:g}" for mark in marks])
    for row, at in zip(rows, middles(heights), strict=True):
        _label(canvas, top + 0.42 + at, LABEL["theories"](row))
        for level, (up, _, _) in SHAPES.items():
            if level in row["levels"]:
                _factor(axes, at + up, row["levels"][level], SHAPES[level][1], canvas.ink)


def _right(factors: Sequence[Mapping[str, Any]]) -> float:
    """Return the right end of the axis of Bayes factors: beyond the largest of them, as far as it may go."""
    ends = [row[key] for row in factors for key in ("factor_low", "factor", "factor_high") if row[key]]
    return min(log10(MOST_FACTOR), max([NARROW, *(log10(end) + 0.1 for end in ends)]))


def _powers(row: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Return low end, factor and high end as powers of 10; None if neither theory reproduces anything.

    Leverage may have no evidence where another theory has some: the factor is then infinite, and None in the sheet.
    """
    if row["factor"] is None and not row["share"]:
        return None
    low, middle, high = (inf if row[key] is None else row[key] for key in ("factor_low", "factor", "factor_high"))
    return _power(low), _power(middle), _power(high)


def _power(factor: float) -> float:
    return log10(factor) if factor > 0 else -inf


def _factor(axes: Axes, at: float, row: Mapping[str, Any], shape: str, ink: Ink) -> None:
    """Draw one Bayes factor with its interval, and an arrow at an end of the axis beyond which one of them lies."""
    powers = _powers(row)
    if powers is None:
        return
    first, last = axes.get_xlim()
    low, middle, high = (min(max(power, first), last) for power in powers)
    axes.plot([low, high], [at, at], color=ink.series, linewidth=1.0, alpha=0.7)
    face = ink.series if row["share"] else ink.paper
    marker = MARKERS[shape]
    axes.plot(middle, at, marker, markersize=4, color=face, markeredgecolor=ink.series, zorder=4, clip_on=False)
    for end, arrow, by, leaves in ((first, "<", -OUT, powers[0] < first), (last, ">", OUT, powers[2] > last)):
        if leaves:
            place = axes.transData + ScaledTranslation(by, 0.0, axes.figure.dpi_scale_trans)
            axes.plot(end, at, arrow, markersize=2.5, color=ink.series, transform=place, clip_on=False)


def _history(
    canvas: Canvas, top: float, heights: list[float], rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any]
) -> None:
    """Draw the months of the middle 80% of worlds, and the date in history."""
    months = months_between(*result["span"])
    note = "Line: 10% to 90% of worlds, open where p90 is never; circle: median; diamond: history (hollow: outside)"
    axes = _panel(canvas, top, heights, f"3. History to {result['history']['cutoff']}", note)
    first, last = number(months[0]), len(months) - 1
    month_axis(axes, months, canvas.ink)
    for row, at in zip(rows, middles(heights), strict=True):
        _label(canvas, top + 0.42 + at, LABEL["history"](row))
        low, high = (last if row[key] is None else number(row[key]) - first for key in ("p10", "p90"))
        axes.plot([low, high], [at, at], color=canvas.ink.series, linewidth=2, alpha=0.6)
        if row["median"] is not None:
            face, edge = canvas.ink.paper, canvas.ink.series
            axes.plot(number(row["median"]) - first, at, "o", markersize=3, color=face, markeredgecolor=edge, zorder=5)
        fact = row["until"] if row["date"] == "never" else row["date"]
        _mark(axes, number(fact) - first if fact else last, at, row["inside"], canvas.ink, "D")


def _directions(
    canvas: Canvas, top: float, heights: list[float], rows: Sequence[Mapping[str, Any]], _result: Mapping[str, Any]
) -> None:
    note = "Paired difference against the scenario itself with its 95% interval; on the right the expected sign"
    axes = _panel(canvas, top, heights, "4. Counterfactual directions", note)
    difference_axis(axes, [row[end] for row in rows for end in ("low", "high")], canvas.ink)
    for row, at in zip(rows, middles(heights), strict=True):
        _label(canvas, top + 0.42 + at, LABEL["directions"](row))
        axes.plot([row["low"], row["high"]], [at, at], color=canvas.ink.series, linewidth=1.4)
        _mark(axes, row["difference"], at, row["holds"], canvas.ink)
        base = top + 0.42 + at + 0.04
        canvas.write(WIDTH - MARGIN, base, row["sign"], SMALL, ha="right", color=canvas.ink.muted)


def _deployments(
    canvas: Canvas, top: float, heights: list[float], rows: Sequence[Mapping[str, Any]], result: Mapping[str, Any]
) -> None:
    score = result["deployments"]["scores"]["template"]
    note = f"Chance of leaving; filled: left, hollow: stayed. Brier {score['brier']:.3f}, AUC {score['auc']:.3f}"
    axes = _panel(canvas, top, heights, "5. Deployments", note)
    axes.set_xlim(-0.01, 1.01)
    axes.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    for row, at in zip(rows, middles(heights), strict=True):
        _label(canvas, top + 0.42 + at, LABEL["deployments"](row))
        axes.axhline(at, color=canvas.ink.faint, linewidth=0.5, zorder=0)
        _mark(axes, row["chance"], at, row["left"] == 1, canvas.ink)


SHAPES = {
    "dates": (-0.08, "circle", "the dates"),
    "manner": (0.0, "square", "and the manner"),
    "all": (0.08, "diamond", "all rows"),
}
"""Level -> how far its mark is from the middle of the row, the mark, and what it stands for."""
MARKERS = {"circle": "o", "square": "s", "diamond": "D"}
LABEL: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "theories": lambda row: str(row["name"]),
    "history": lambda row: f"{row['outcome']} ({row['role']})",
    "directions": lambda row: str(row["text"]),
    "deployments": lambda row: str(row["case"]),
}
DRAWN = {"theories": _theories, "history": _history, "directions": _directions, "deployments": _deployments}
