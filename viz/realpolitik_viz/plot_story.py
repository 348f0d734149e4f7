"""The figure of one world: its outcomes, and every actor's decisions by month."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.explaining import Decision, Story
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, TINY, Canvas, house, middles
from realpolitik_viz.captions import caption_of_story
from realpolitik_viz.months import in_words, mark_cutoff, month_axis, months_between, number
from realpolitik_viz.palette import LIGHT, Ink, actor_colours
from realpolitik_viz.words import inches, leading, lines

WIDTH = 10.0
ROW = 0.2
TOP, GAP = 1.5, 0.75
"""Inches above the outcomes, and between them and the decisions."""
ACTORS, WIDEST_ACTOR, MOVES = 0.95, 1.6, 2.65
"""Inches for the names of actors, at least and at most, and for those of their moves."""
OFFSET = 0.09
"""Inches between a mark and its label."""
MARKS: dict[str, dict[str, Any]] = {
    "done": {"marker": "o", "markersize": 4.4},
    "agreed": {"marker": "s", "markersize": 4.4},
    "refused": {"marker": "x", "markersize": 4.2, "markeredgewidth": 1.2},
}
Rows = dict[tuple[str, str], list[Decision]]
"""(actor, move) -> the decisions to make that move."""
Events = list[tuple[str, str]]


class StoryLayout(NamedTuple):
    """Where the columns are, in inches, and how tall the rows."""

    actors: float
    left: float
    """Of the months."""
    months: list[str]
    events: list[tuple[list[str], str, float]]
    """The lines of every event's label, their alignment, and where they are."""
    decisions: list[float]

    def at(self, date: str) -> float:
        """Return the inches from the left of the figure to a month."""
        share = (number(date) - number(self.months[0]) + 0.5) / len(self.months)
        return self.left + share * (WIDTH - self.left - MARGIN)

    @property
    def event_rows(self) -> list[float]:
        """The heights of the rows of events."""
        return [max(ROW, leading(SMALL) * len(label) + 0.05) for label, _, _ in self.events] or [ROW]


def story_figure(story: Story, ink: Ink = LIGHT) -> Figure:
    """Draw one world: above, when each outcome happened; below, a row for every move, by actor.

    Parameters
    ----------
    story
        What `realpolitik.explain` returned.
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
    >>> figure = story_figure(rp.explain("karabakh", world=17, flips=False))
    >>> isinstance(figure, Figure)
    True
    """
    document = story.scenario.document
    rows, events = rows_of(story), events_of(story)
    layout = layout_of(document, rows, events)
    below = TOP + sum(layout.event_rows) + GAP
    title = f"{document['meta']['title']}: world {story.world}"
    with house():
        canvas = Canvas(WIDTH, below + sum(layout.decisions) + 0.75, ink, title, caption_of_story(story))
        canvas.head(document["meta"]["question"])
        _events(canvas, events, layout)
        _decisions(canvas, below, story, rows, layout)
        canvas.sign()
    return canvas


def layout_of(document: Mapping[str, Any], rows: Rows, events: Events) -> StoryLayout:
    """Return the layout of a story: every text has as many lines as it needs."""
    labels = {name: document["actors"][name]["label"] for name, _ in rows}
    widest = max((inches(label, BODY, "bold") for label in labels.values()), default=0.0)
    actors = min(max(ACTORS, widest + 0.2), WIDEST_ACTOR)
    months = months_between(document["meta"]["start"], document["meta"]["end"])
    layout = StoryLayout(actors, MARGIN + actors + MOVES + 0.1, months, [], [])
    for date, name in events:
        layout.events.append(_beside(layout.at(date), f"{document['outcomes'][name]['label']}, {in_words(date)}"))
    before = ""
    for actor, move in rows:
        taken = leading(SMALL) * len(lines(document["moves"][move]["label"], MOVES, SMALL))
        named = len(lines(labels[actor], actors - 0.15, BODY, "bold")) if actor != before else 0
        layout.decisions.append(max(ROW, max(taken, leading(BODY) * named) + 0.05))
        before = actor
    return layout if rows else layout._replace(decisions=[ROW])


def _beside(at: float, words: str) -> tuple[list[str], str, float]:
    """Return the label of an outcome: to the right of its mark or, if it does not fit, to the left."""
    right, left = WIDTH - MARGIN - at - OFFSET, at - OFFSET - MARGIN
    width = inches(words, SMALL)
    if width <= right or (width > left and right >= left):
        return lines(words, right, SMALL), "left", at + OFFSET
    return lines(words, left, SMALL), "right", at - OFFSET


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


def _rows(canvas: Canvas, top: float, heights: Sequence[float], layout: StoryLayout) -> Axes:
    axes = canvas.place(layout.left, top, WIDTH - layout.left - MARGIN, sum(heights))
    axes.set(xlim=(-0.5, len(layout.months) - 0.5), ylim=(sum(heights), 0))
    return axes


def _events(canvas: Canvas, events: Events, layout: StoryLayout) -> None:
    """Draw each outcome in a row of its own, with its name next to the mark."""
    canvas.panel_head(MARGIN, 1.12, "What happened", "The month in which each outcome first happened", 5)
    heights = layout.event_rows
    axes = _rows(canvas, TOP, heights, layout)
    paper = {"facecolor": canvas.ink.paper, "linewidth": 0, "pad": 0.5}
    for (date, _), middle, (label, align, left) in zip(events, middles(heights), layout.events, strict=False):
        at = number(date) - number(layout.months[0])
        axes.plot([at, at], [middle, sum(heights)], color=canvas.ink.series, linewidth=0.5, alpha=0.6)
        axes.plot(at, middle, "D", markersize=4.6, color=canvas.ink.text, clip_on=False)
        canvas.block(left, TOP + middle, label, SMALL, ha=align, bbox=paper)


def _decisions(canvas: Canvas, top: float, story: Story, rows: Rows, layout: StoryLayout) -> None:
    document = story.scenario.document
    note = "\N{BLACK CIRCLE} done, \N{BLACK SQUARE} agreed, \N{MULTIPLICATION SIGN} refused"
    if any(decision.account.tau for decision in story.decisions):
        note += "; at 0.50: for half of the offered price"
    canvas.panel_head(MARGIN, top - 0.3, "What was decided", note, canvas.room)
    axes = _rows(canvas, top, layout.decisions, layout)
    month_axis(axes, layout.months, canvas.ink)
    mark_cutoff(axes, layout.months, document["meta"]["cutoff"], canvas.ink)
    for at in sorted({number(date) - number(layout.months[0]) for date, _ in story.events}):
        axes.axvline(at, color=canvas.ink.series, linewidth=0.5, alpha=0.6, zorder=0)
    colours, before = actor_colours(document["actors"]), ""
    for ((actor, move), taken), middle, height in zip(
        rows.items(), middles(layout.decisions), layout.decisions, strict=False
    ):
        if actor != before:
            _actor(canvas, top + middle, document["actors"][actor]["label"], colours[actor], layout)
            axes.axhline(middle - height / 2, color=canvas.ink.faint, linewidth=0.8, zorder=0)
        before = actor
        label = lines(document["moves"][move]["label"], MOVES, SMALL)
        canvas.block(MARGIN + layout.actors + MOVES, top + middle, label, SMALL, ha="right")
        _marks(axes, middle, taken, number(layout.months[0]), colours[actor])
        _prices(canvas, top + middle + 0.04, taken, layout)


def _actor(canvas: Canvas, middle: float, label: str, colour: str, layout: StoryLayout) -> None:
    canvas.place(MARGIN, middle - 0.065, 0.05, 0.13).set_facecolor(colour)
    canvas.block(MARGIN + 0.12, middle, lines(label, layout.actors - 0.15, BODY, "bold"), weight="bold")


def _marks(axes: Axes, middle: float, taken: Sequence[Decision], start: int, colour: str) -> None:
    for result, style in MARKS.items():
        at = [number(decision.date) - start for decision in taken if decision.account.result == result]
        axes.plot(at, [middle] * len(at), linestyle="none", color=colour, clip_on=False, **style)


def _prices(canvas: Canvas, base: float, taken: Sequence[Decision], layout: StoryLayout) -> None:
    """Write the price next to a paid move, if it does not overlap the previous one."""
    free = 0.0
    for decision in taken:
        left = layout.at(decision.date) + 0.07
        words = f"at {decision.account.tau:.2f}"
        room = left >= free and left + inches(words, TINY) <= WIDTH - MARGIN
        if decision.account.tau and decision.account.result != "refused" and room:
            canvas.write(left, base - 0.01, words, TINY, color=canvas.ink.muted)
            free = left + inches(words, TINY) + 0.1
