"""The figure of one world: its outcomes, and every actor's decisions by month."""

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.explaining import Decision, Story
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas, house
from realpolitik_viz.captions import caption_of_story
from realpolitik_viz.months import in_words, mark_cutoff, month_axis, months_between, number
from realpolitik_viz.palette import LIGHT, Ink, actor_colours
from realpolitik_viz.words import fitted, inches

WIDTH = 10.0
ROW = 0.2
TOP, GAP = 1.5, 0.75
"""Inches above the outcomes, and between them and the decisions."""
ACTORS, MOVES = 0.95, 2.65
"""Inches for the names of actors and of their moves."""
LEFT = MARGIN + ACTORS + MOVES + 0.1
MARKS: dict[str, dict[str, Any]] = {
    "done": {"marker": "o", "markersize": 4.4},
    "agreed": {"marker": "s", "markersize": 4.4},
    "refused": {"marker": "x", "markersize": 4.2, "markeredgewidth": 1.2},
}
Rows = dict[tuple[str, str], list[Decision]]
"""(actor, move) -> the decisions to make that move."""
Events = list[tuple[str, str]]


def story_figure(story: Story, ink: Ink = LIGHT) -> Figure:
    """Draw one world: above, when each outcome happened; below, a row for every move, by actor."""
    document = story.scenario.document
    months = months_between(document["meta"]["start"], document["meta"]["end"])
    rows, events = rows_of(story), events_of(story)
    below = TOP + ROW * max(len(events), 1) + GAP
    title = f"{document['meta']['title']}: world {story.world}"
    with house():
        canvas = Canvas(WIDTH, below + ROW * max(len(rows), 1) + 0.75, ink, title, caption_of_story(story))
        canvas.head(document["meta"]["question"])
        _events(canvas, events, document, months)
        _decisions(canvas, below, story, rows, months)
        canvas.sign()
    return canvas


def rows_of(story: Story) -> Rows:
    """Return the decisions by actor and move, in the order of the scenario."""
    document = story.scenario.document
    order = [
        (actor, name) for actor in document["actors"] for name, m in document["moves"].items() if m["actor"] == actor
    ]
    rows: Rows = {key: [] for key in order}
    for decision in story.decisions:
        rows[decision.account.actor, decision.account.move].append(decision)
    return {key: taken for key, taken in rows.items() if taken}


def events_of(story: Story) -> list[tuple[str, str]]:
    """Return (date, outcome) of what happened, without outcomes that only measure another one."""
    rows = story.scenario.document["outcomes"]
    return [(date, name) for date, name in story.events if rows[name]["measure"] is None]


def _rows(canvas: Canvas, top: float, count: int, months: Sequence[str]) -> Axes:
    axes = canvas.place(LEFT, top, WIDTH - LEFT - MARGIN, ROW * max(count, 1))
    axes.set(xlim=(-0.5, len(months) - 0.5), ylim=(max(count, 1), 0))
    return axes


def _events(canvas: Canvas, events: Events, document: Mapping[str, Any], months: Sequence[str]) -> None:
    """Draw each outcome in a row of its own, with its name next to the mark."""
    canvas.panel_head(MARGIN, 1.12, "What happened", "The month in which each outcome first happened", 5)
    axes = _rows(canvas, TOP, len(events), months)
    for row, (date, name) in enumerate(events):
        at = number(date) - number(months[0])
        axes.plot([at, at], [row + 0.5, len(events)], color=canvas.ink.series, linewidth=0.5, alpha=0.6)
        axes.plot(at, row + 0.5, "D", markersize=4.6, color=canvas.ink.text, clip_on=False)
        _beside(canvas, TOP + ROW * (row + 0.5), (at + 0.5) / len(months), document["outcomes"][name]["label"], date)


def _beside(canvas: Canvas, middle: float, share: float, label: str, date: str) -> None:
    """Write the name of an outcome to the right of its mark or, if it does not fit, to the left."""
    right = LEFT + share * (WIDTH - LEFT - MARGIN) + 0.09
    words, paper = f"{label}, {in_words(date)}", {"facecolor": canvas.ink.paper, "linewidth": 0, "pad": 0.5}
    if right + inches(words, SMALL) <= WIDTH - MARGIN or share < 0.4:
        canvas.write(right, middle + 0.035, fitted(words, WIDTH - MARGIN - right, SMALL), SMALL, bbox=paper)
    else:
        words = fitted(words, right - 0.18 - MARGIN, SMALL)
        canvas.write(right - 0.18, middle + 0.035, words, SMALL, ha="right", bbox=paper)


def _decisions(canvas: Canvas, top: float, story: Story, rows: Rows, months: Sequence[str]) -> None:
    document = story.scenario.document
    note = "\N{BLACK CIRCLE} done   \N{BLACK SQUARE} agreed   \N{MULTIPLICATION SIGN} refused"
    if any(decision.account.tau for decision in story.decisions):
        note += "   at 0.50: for half of the offered price"
    canvas.panel_head(MARGIN, top - 0.3, "What was decided", note, WIDTH - 2 * MARGIN)
    axes = _rows(canvas, top, len(rows), months)
    month_axis(axes, months, canvas.ink)
    mark_cutoff(axes, months, document["meta"]["cutoff"], canvas.ink)
    for at in sorted({number(date) - number(months[0]) for date, _ in story.events}):
        axes.axvline(at, color=canvas.ink.series, linewidth=0.5, alpha=0.6, zorder=0)
    colours, before = actor_colours(document["actors"]), ""
    for row, ((actor, move), taken) in enumerate(rows.items()):
        base = top + ROW * (row + 0.5) + 0.04
        if actor != before:
            _actor(canvas, base, document["actors"][actor]["label"], colours[actor])
            axes.axhline(row, color=canvas.ink.faint, linewidth=0.8, zorder=0)
        before = actor
        label = fitted(document["moves"][move]["label"], MOVES, SMALL)
        canvas.write(MARGIN + ACTORS + MOVES, base, label, SMALL, ha="right")
        _marks(axes, row, taken, number(months[0]), colours[actor])
        _prices(canvas, base, taken, months)


def _actor(canvas: Canvas, base: float, label: str, colour: str) -> None:
    canvas.place(MARGIN, base - 0.1, 0.05, 0.13).set_facecolor(colour)
    canvas.write(MARGIN + 0.12, base, fitted(label, ACTORS - 0.15, BODY, "bold"), weight="bold")


def _marks(axes: Axes, row: int, taken: Sequence[Decision], start: int, colour: str) -> None:
    for result, style in MARKS.items():
        at = [number(decision.date) - start for decision in taken if decision.account.result == result]
        axes.plot(at, [row + 0.5] * len(at), linestyle="none", color=colour, clip_on=False, **style)


def _prices(canvas: Canvas, base: float, taken: Sequence[Decision], months: Sequence[str]) -> None:
    """Write the price next to a paid move, if it does not overlap the previous one."""
    free = 0.0
    for decision in taken:
        left = LEFT + (number(decision.date) - number(months[0]) + 0.5) / len(months) * (WIDTH - LEFT - MARGIN) + 0.07
        words = f"at {decision.account.tau:.2f}"
        room = left >= free and left + inches(words, TINY) <= WIDTH - MARGIN
        if decision.account.tau and decision.account.result != "refused" and room:
            canvas.write(left, base - 0.01, words, TINY, color=canvas.ink.muted)
            free = left + inches(words, TINY) + 0.1
