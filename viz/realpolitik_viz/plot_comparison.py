"""The figure of a comparison: how much each outcome changes and by how many months, and its curves."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.comparing import Comparison
from realpolitik.figures import Choice, known
from realpolitik.pairing import FEWEST
from realpolitik.texts import counted
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas, house, middles, taller
from realpolitik_viz.captions import DOT, numbers_of
from realpolitik_viz.months import month_axis
from realpolitik_viz.palette import LIGHT, Ink, scenario_colours
from realpolitik_viz.panels import marker_alone
from realpolitik_viz.scales import difference_axis, in_figures
from realpolitik_viz.selection import main_events
from realpolitik_viz.words import inches, leading, lines

WIDTH = 10.0
KEY, TOP = 1.12, 1.9
"""Inches to the baseline of the legend, and to the first row."""
LINE, PAD = 0.15, 0.17
"""Inches per scenario of a row, and between rows."""
LABELS = 3.0
SIDE = 0.35
"""Inches between the two columns of differences."""
AXIS = 0.25
"""Inches for the labels below an axis."""
HEADING = 0.62
"""Inches for the heading of a panel, and the space above it."""
COLUMNS, CURVE, GAP = 4, 0.7, 0.42
END = 0.3
"""Inches for the labels of the axis of the first column."""
MOST = 8
STEPS = (0.05, 0.1, 0.25, 0.5, 1.0)
"""Where an axis of shares may end."""
Colours = Mapping[str, str]


class Curve(NamedTuple):
    """A small panel: a title, where its axis ends, and a path for each scenario."""

    title: list[str]
    low: float
    high: float
    paths: dict[str, npt.NDArray[np.float64]]
    percent: bool


class Parts(NamedTuple):
    """What the figure shows."""

    events: list[str]
    measures: list[str]
    when: list[Curve]
    how: list[Curve]


def comparison_figure(
    comparison: Comparison,
    ink: Ink = LIGHT,
    *,
    outcomes: Sequence[str] = (),
    issues: Sequence[str] = (),
    leverage: Sequence[str] = (),
) -> Figure:
    """Draw a comparison: differences in probability, in months and of measures with 95% intervals, and curves.

    The main events and all measures are shown, unless outcomes are chosen by name. The medians of issues, and of
    leverage such as "Baku>Moscow", are drawn if they are chosen. ValueError for names that not all scenarios have.

    Parameters
    ----------
    comparison
        What `realpolitik.compare` returned.
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
        If not all scenarios have a chosen name.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from matplotlib.figure import Figure
    >>> figure = comparison_figure(rp.compare("karabakh", "no-invasion", worlds=8), outcomes=["withdrawal"])
    >>> isinstance(figure, Figure)
    True
    """
    result = comparison.to_dict()
    choice = Choice(outcomes, issues, leverage)
    check_choice(comparison, choice)
    parts, key = _parts(comparison, result, choice), _key_rows(result["scenarios"])
    colours = _colours(result["scenarios"])
    top = TOP + 0.2 * (len(key) - 1) + taller(*_heading(result, parts.events), LABELS)
    with house():
        canvas = Canvas(WIDTH, top + _height(result, parts) + 0.35, ink, _title(comparison), _caption(result))
        canvas.head(comparison.first.scenario.document["meta"]["question"])
        _key(canvas, key, colours)
        if parts.events:
            top = _differences(canvas, top, result, parts.events, colours)
        if parts.measures:
            top = _measures(canvas, top, result, parts.measures, colours)
        for curves, heading, note in (
            (parts.when, "When", "Share of worlds in which it has happened by each month"),
            (parts.how, "How issues and leverage move", "Median of the worlds by month"),
        ):
            if curves:
                canvas.panel_head(MARGIN, top + HEADING - 0.35, heading, note, canvas.room)
                top = _curves(canvas, top + HEADING, curves, result["months"], colours)
        canvas.sign()
    return canvas


def check_choice(comparison: Comparison, choice: Choice) -> None:
    """Raise ValueError for a name that not all of the scenarios have."""
    for ensemble in comparison.others(True):
        choice.check(ensemble.scenario.document)
    known("outcome", choice.outcomes, comparison.outcomes)


def _parts(comparison: Comparison, result: Mapping[str, Any], choice: Choice) -> Parts:
    document = comparison.first.scenario.document
    chosen = list(choice.outcomes) or comparison.outcomes
    measures = [name for name in chosen if _measured(result, name)]
    events = [name for name in chosen if name not in measures]
    if not choice.outcomes:
        main = [name for name in main_events(comparison.first.to_dict(), document, MOST) if name in events]
        events, measures = _differing(result, main, events), measures[:MOST]
    return Parts(events, measures, _when(comparison, events), _how(comparison, choice))


def _differing(result: Mapping[str, Any], main: Sequence[str], events: Sequence[str]) -> list[str]:
    """Return the main events; those that do not differ give way to others that do, the most different first."""

    def rows(name: str) -> list[dict[str, Any]]:
        return [result["outcomes"][name][scenario] for scenario in result["scenarios"][1:]]

    def size(name: str) -> float:
        clear = (row for row in rows(name) if row["low"] > 0 or row["high"] < 0)
        return max((abs(row["difference"]) for row in clear), default=0.0)

    def idle(name: str) -> bool:
        return not any(row["difference"] or row["months"]["difference"] for row in rows(name))

    others = sorted((name for name in events if name not in main and size(name)), key=lambda name: -size(name))
    still = [name for name in main if idle(name)]
    kept = [name for name in main if name not in still] + still[: max(0, len(still) - len(others))]
    chosen = [name for name in main if name in kept] + others[: MOST - len(kept)]
    return chosen or list(events[:MOST])


def _measured(result: Mapping[str, Any], name: str) -> bool:
    return any("measure" in row for row in result["outcomes"][name].values())


def _colours(names: Sequence[str]) -> dict[str, str]:
    """Return the colour of every scenario but the first, in their order."""
    return scenario_colours(names[1:])


def _title(comparison: Comparison) -> str:
    titles = [ensemble.scenario.document["meta"]["title"] for ensemble in comparison.ensembles.values()]
    distinct = titles if len(set(titles)) == len(titles) else list(comparison.ensembles)
    since = f", from {comparison.fork}" if comparison.fork else ""
    return f"{distinct[0]}, against {', '.join(distinct[1:])}{since}"


def _caption(result: Mapping[str, Any]) -> str:
    hashes = ", ".join(f"{name} {digest[:12]}" for name, digest in result["sha256"].items())
    worlds = f"{counted(result['worlds'], 'paired world')}, seed {result['seed']}, {numbers_of(result['uncertainty'])}"
    return DOT.join((worlds, f"sha256 {hashes}", f"realpolitik {result['version']}"))


def _key_rows(names: Iterable[str]) -> list[list[str]]:
    """Return the names of the scenarios in rows that fit."""
    rows: list[list[str]] = [[]]
    reached = 0.0
    for name in names:
        width = inches(name, BODY, "bold") + 0.3
        if rows[-1] and reached + width > WIDTH - 2 * MARGIN:
            rows.append([])
            reached = 0.0
        rows[-1].append(name)
        reached += width
    return rows


def _key(canvas: Canvas, rows: Sequence[Sequence[str]], colours: Colours) -> None:
    """Write every scenario in its colour."""
    for n, names in enumerate(rows):
        left = MARGIN
        for name in names:
            colour = colours.get(name, canvas.ink.series)
            for down, line in enumerate(lines(name, canvas.room, BODY, "bold")):
                canvas.write(left, KEY + 0.2 * n + leading(BODY) * down, line, color=colour, weight="bold")
            left += inches(name, BODY, "bold") + 0.3


# --- differences ----------------------------------------------------------------------------------------------------


def _label(result: Mapping[str, Any], name: str) -> list[str]:
    return lines(result["outcomes"][name][result["scenarios"][0]]["label"], LABELS, BODY)


def _rows(result: Mapping[str, Any], names: Sequence[str]) -> list[float]:
    """Return the height of every row."""
    others = len(result["scenarios"]) - 1
    return [max(PAD + LINE * others, leading(BODY) * len(_label(result, name)) + 0.08) for name in names]


def _height(result: Mapping[str, Any], parts: Parts) -> float:
    """Return the inches from the first row to the end of the last panel."""
    measured = sum(_rows(result, parts.measures)) + AXIS * len(parts.measures)
    height = sum(_rows(result, parts.events)) + AXIS if parts.events else -HEADING
    height += measured + HEADING if parts.measures else 0.0
    return height + sum(HEADING + _grid_height(curves) for curves in (parts.when, parts.how) if curves)


def _heading(result: Mapping[str, Any], events: Sequence[str]) -> tuple[str, str]:
    """Return the heading of the differences, and its note."""
    count = sum(not _measured(result, name) for name in result["outcomes"])
    shown = f"; {len(events)} of {count} outcomes" if len(events) < count else ""
    return "What differs", f"From {result['scenarios'][0]}, paired by world, with 95% intervals{shown}"


def _differences(
    canvas: Canvas, top: float, result: Mapping[str, Any], events: Sequence[str], colours: Colours
) -> float:
    """Draw the differences in probability and, next to them, in months; return where the panel ends."""
    heights = _rows(result, events)
    found = (_of(result, event, colours, "months") for event in events)
    months = any(row["difference"] for rows in found for row in rows.values() if row)
    left = MARGIN + LABELS + 0.15
    room = WIDTH - left - MARGIN
    room = (room - SIDE) / 2 if months else room
    head = top - 0.42 - taller(*_heading(result, events), LABELS)
    canvas.panel_head(MARGIN, head, *_heading(result, events), LABELS)
    for event, middle in zip(events, middles(heights), strict=True):
        canvas.block(MARGIN + LABELS, top + middle, _label(result, event), ha="right")
    canvas.panel_head(left, head, "Change in probability", "Of its happening at all", room)
    _column(canvas, (left, top, room), result, events, colours, None)
    if months:
        note = f"In worlds that have it in both, if {FEWEST} or more"
        canvas.panel_head(left + room + SIDE, head, "Months later", note, room)
        _column(canvas, (left + room + SIDE, top, room), result, events, colours, "months")
    return top + sum(heights) + AXIS


def _column(
    canvas: Canvas,
    place: tuple[float, float, float],
    result: Mapping[str, Any],
    events: Sequence[str],
    colours: Colours,
    key: str | None,
) -> None:
    """Draw one kind of difference of every event, on an axis that fits."""
    left, top, width = place
    heights = _rows(result, events)
    axes = canvas.place(left, top, width, sum(heights))
    axes.set_ylim(sum(heights), 0)
    rows = {event: _of(result, event, colours, key) for event in events}
    ends = [row[end] for of in rows.values() for row in of.values() if row for end in ("low", "high")]
    difference_axis(axes, ends, canvas.ink)
    for event, middle, height in zip(events, middles(heights), heights, strict=True):
        axes.axhline(middle + height / 2, color=canvas.ink.faint, linewidth=0.6)
        _intervals(axes, middle, rows[event], colours)


def _of(result: Mapping[str, Any], outcome: str, colours: Colours, key: str | None) -> dict[str, Any]:
    """Return the difference of every scenario but the first; None where there is none."""
    found = {
        name: row if key is None else row[key] for name, row in result["outcomes"][outcome].items() if name in colours
    }
    return {name: None if row["difference"] is None else row for name, row in found.items()}


def _intervals(axes: Axes, middle: float, rows: Mapping[str, Any], colours: Colours) -> None:
    for n, (name, row) in enumerate(rows.items()):
        at = middle + LINE * (n - (len(rows) - 1) / 2)
        if row is not None:
            axes.plot([row["low"], row["high"]], [at, at], color=colours[name], linewidth=1.4)
            axes.plot(row["difference"], at, "o", color=colours[name], markersize=4)


def _measures(
    canvas: Canvas, top: float, result: Mapping[str, Any], measures: Sequence[str], colours: Colours
) -> float:
    """Draw the differences of measures, each on an axis of its own; return where the panel ends."""
    note = f"Change of the mean in worlds that have it in both, if {FEWEST} or more"
    canvas.panel_head(MARGIN, top + HEADING - 0.35, "What is measured", note, canvas.room)
    top += HEADING
    left = MARGIN + LABELS + 0.15
    for name, height in zip(measures, _rows(result, measures), strict=True):
        canvas.block(MARGIN + LABELS, top + height / 2, _label(result, name), ha="right")
        axes = canvas.place(left, top, WIDTH - left - MARGIN, height)
        axes.set_ylim(height, 0)
        rows = _of(result, name, colours, "measure")
        difference_axis(axes, [row[end] for row in rows.values() if row for end in ("low", "high")], canvas.ink)
        _intervals(axes, height / 2, rows, colours)
        top += height + AXIS
    return top


# --- curves ---------------------------------------------------------------------------------------------------------


def _room() -> float:
    return (WIDTH - 2 * MARGIN - END - GAP * (COLUMNS - 1)) / COLUMNS


def _when(comparison: Comparison, events: Sequence[str]) -> list[Curve]:
    """Return the share of worlds in which each event has happened by each month."""
    curves = []
    for event in events:
        paths = {name: _share(ensemble, event) for name, ensemble in comparison.ensembles.items()}
        reached = max(float(path.max()) for path in paths.values())
        title = comparison.first.scenario.document["outcomes"][event]["label"]
        high = next(step for step in STEPS if reached <= step + 1e-9)
        curves.append(Curve(lines(title, _room(), SMALL, "bold"), 0.0, high, paths, True))
    return curves


def _share(ensemble: Any, event: str) -> npt.NDArray[np.float64]:
    counts = ensemble.tally.when[ensemble.case.outcomes.index(event)]
    share: npt.NDArray[np.float64] = np.cumsum(counts) / ensemble.worlds
    return share


def _how(comparison: Comparison, choice: Choice) -> list[Curve]:
    """Return the medians of the chosen issues and leverage."""
    document = comparison.first.scenario.document
    results = {name: ensemble.to_dict() for name, ensemble in comparison.ensembles.items()} if any(choice[1:]) else {}
    curves = []
    for table, names in (("issues", choice.issues), ("leverage", choice.leverage)):
        for name in names:
            paths = {one: np.array(result[table][name]["p50"]) for one, result in results.items()}
            if table == "issues":
                title, high = document["issues"][name]["label"], 1.0
            else:
                holder, over = (document["actors"][actor]["label"] for actor in name.split(">"))
                title, high = f"{holder}'s leverage over {over}", max(float(path.max()) for path in paths.values())
            curves.append(Curve(lines(title, _room(), SMALL, "bold"), 0.0, high or 1.0, paths, False))
    return curves


def _grid(curves: Sequence[Curve]) -> list[Sequence[Curve]]:
    return [curves[n : n + COLUMNS] for n in range(0, len(curves), COLUMNS)]


def _row_head(row: Sequence[Curve]) -> float:
    """Return the inches of the titles above a row of curves."""
    return 0.22 + leading(SMALL) * (max(len(curve.title) for curve in row) - 1)


def _grid_height(curves: Sequence[Curve]) -> float:
    return sum(_row_head(row) + CURVE + 0.33 for row in _grid(curves))


def _curves(canvas: Canvas, top: float, curves: Sequence[Curve], months: Sequence[str], colours: Colours) -> float:
    """Draw small panels in a grid; return where it ends."""
    rows = _grid(curves)
    for n, row in enumerate(rows):
        head = _row_head(row)
        for column, curve in enumerate(row):
            left, bottom = MARGIN + END + column * (_room() + GAP), n + 1 == len(rows) or column >= len(rows[n + 1])
            first = top + head - 0.09 - leading(SMALL) * (len(curve.title) - 1)
            for down, line in enumerate(curve.title):
                canvas.write(left, first + leading(SMALL) * down, line, SMALL, weight="bold")
            axes = canvas.place(left, top + head, _room(), CURVE)
            axes.tick_params(axis="x", pad=6)
            month_axis(axes, months, canvas.ink, labels=bottom)
            _paths(axes, curve, colours, canvas.ink)
        top += head + CURVE + 0.33
    return top


def _paths(axes: Axes, curve: Curve, colours: Colours, ink: Ink) -> None:
    """Draw the paths of all scenarios, with both ends of the axis."""
    span = curve.high - curve.low
    axes.set_ylim(curve.low - 0.02 * span, curve.high + 0.02 * span)
    for name, path in curve.paths.items():
        axes.plot(path, marker_alone(path), color=colours.get(name, ink.series), linewidth=1.3)
    ends = (curve.low, curve.high)
    axes.set_yticks(ends, [in_figures(float(f"{end:.3g}"), percent=curve.percent) for end in ends])
    axes.tick_params(axis="y", labelsize=TINY, pad=2)
    for end in ends:
        axes.axhline(end, color=ink.faint, linewidth=0.6, zorder=0)
