"""The figure of one decision: a waterfall from the actor's own interest, over the shares of others, to its value.

Below the share of an actor are its largest parts, by issue and, with foresight, by month ahead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from realpolitik.accounts import Part, beginning, expectations, main_parts, payment_in_words, votes_in_words
from realpolitik.explaining import Decision, Story
from realpolitik.narrating import price_in_words
from realpolitik.texts import minus, told_apart
from realpolitik_viz.canvas import BODY, MARGIN, SMALL, Canvas, house, middles
from realpolitik_viz.captions import caption_of_story
from realpolitik_viz.months import in_words
from realpolitik_viz.palette import LIGHT, Ink, actor_colours
from realpolitik_viz.words import leading, lines

WIDTH = 8.0
ROW, BAR = 0.3, 0.168
"""Inches of a row whose label takes one line, and of its bar."""
TOP = 1.05
LABELS, VALUES = 2.6, 0.8
"""Inches for the labels on the left and the numbers on the right."""
NOTE = 0.17
VALUE = "Value"


@dataclass(frozen=True)
class Bar:
    """One step of the waterfall, which starts where the previous one ended."""

    label: str
    size: float
    colour: str
    start: float
    part: bool = False
    """Whether it is a part of the step above it."""


def account_figure(decision: Decision, story: Story | None = None, ink: Ink = LIGHT) -> Figure:
    """Draw the exact account of a decision; the caption identifies the world if its story is given.

    Parameters
    ----------
    decision
        One of the decisions of a story.
    story
        The story, for the caption.
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
    >>> story = rp.explain("karabakh", world=17, month="2024-03", flips=False)
    >>> figure = account_figure(story.decisions[0], story)
    >>> isinstance(figure, Figure)
    True
    """
    bars, notes = bars_of(decision, story, ink), notes_of(decision, story)
    title = f"{_name(story, decision.account.actor)}: {decision.text}"
    made = decision.account.tau or decision.account.result != "refused"
    price = "" if story is None or not made else price_in_words(decision.account, story.scenario.document["moves"])
    caption = "" if story is None else caption_of_story(story)
    rows = [max(ROW, leading(BODY) * len(_label(bar)) + 0.08) for bar in bars]
    with house():
        height = TOP + sum(rows) + 0.45 + NOTE * len(notes) + 0.45
        canvas = Canvas(WIDTH, height, ink, title, caption)
        canvas.head(f"{in_words(decision.date)}, {decision.account.result}{', ' * bool(price)}{price}")
        _waterfall(canvas, bars, rows)
        for n, note in enumerate(notes):
            canvas.write(MARGIN, TOP + sum(rows) + 0.4 + NOTE * n, note, SMALL, color=ink.muted)
        canvas.sign()
    return canvas


def bars_of(decision: Decision, story: Story | None, ink: Ink) -> list[Bar]:
    """Return the steps: own interest, the share of each other actor, cost and noise; then the value, from 0.

    Each actor's share is followed by its parts.
    """
    account, parts = decision.account, main_parts(decision.account)
    actors = [account.actor, *account.through] if story is None else story.scenario.document["actors"]
    colours = actor_colours(actors)
    shares = [(account.actor, f"{_name(story, account.actor)}'s own interest", account.own)]
    shares += [(name, f"{_name(story, name)}'s, by its leverage", share) for name, share in account.through.items()]
    steps = [(label, size, colours[name], parts.get(name, [])) for name, label, size in shares]
    steps += [("Cost", -account.cost, ink.muted, []), ("Noise", account.noise, ink.muted, [])]
    bars, reached = list[Bar](), 0.0
    for label, size, colour, within in steps:
        bars.append(Bar(label, size, colour, reached))
        bars += _part_bars(within, colour, reached, story)
        reached += size
    return [*bars, Bar(VALUE, account.value, ink.text, 0.0)]


def _part_bars(parts: list[Part], colour: str, reached: float, story: Story | None) -> Iterator[Bar]:
    for part in parts:
        issue = part.issue if story is None else story.scenario.document["issues"][part.issue]["label"]
        when = f", {part.when}" if part.when else ""
        yield Bar(part.titled(issue) + when, part.share, colour, reached, part=True)
        reached += part.share


def _name(story: Story | None, actor: str) -> str:
    """Return the label of an actor; its id without a story."""
    return actor if story is None else beginning(story.scenario.document, actor)


def notes_of(decision: Decision, story: Story | None) -> list[str]:
    """Return the notes: consents, vote, payment, what was expected, the next best move, the flip, the claims."""
    account = decision.account
    answered = (
        (_name(story, who), "consents" if v > 0 else "refuses", minus(f"{v:+.3f}"))
        for who, v in account.consents.items()
    )
    answers = [f"{who} {verb} ({value})" for who, verb, value in answered]
    if story is not None:
        document = story.scenario.document
        texts = (("Votes", votes_in_words(account, document)), ("Payment", payment_in_words(account, document)))
        answers += [f"{title}: {text}" for title, text in texts if text]
    for title, what, then in expectations(account, decision.expected, decision.otherwise):
        answers.append(f"{title.capitalize()}: {what}{'; ' * bool(then)}{then}")
    rival = account.runner_up or "to hold"
    if story is not None and account.runner_up is not None:
        rival = story.scenario.document["moves"][rival]["label"]
    notes = [*answers, f"Next best: {rival}, {account.margin:.3f} less"]
    if decision.flip is not None:
        _, was = told_apart(decision.flip["value"], decision.flip["was"])
        notes.append(f"Flipped by --set {decision.flip['set']} (was {was})")
    if decision.claims:
        notes.append("Claims " + ", ".join(decision.claims))
    room = WIDTH - 2 * MARGIN
    return [line for note in notes for line in lines(note, room, SMALL)]


def _label(bar: Bar) -> list[str]:
    return lines(bar.label, LABELS, _size(bar), "bold" if bar.label == VALUE else "normal")


def _size(bar: Bar) -> float:
    return SMALL if bar.part else BODY


def _waterfall(canvas: Canvas, bars: list[Bar], rows: list[float]) -> None:
    left = MARGIN + LABELS + 0.15
    axes = canvas.place(left, TOP, WIDTH - left - VALUES - MARGIN, sum(rows))
    axes.set_ylim(sum(rows), 0)
    axes.axvline(0, color=canvas.ink.muted, linewidth=0.8)
    axes.axhline(sum(rows[:-1]), color=canvas.ink.faint, linewidth=0.8)
    axes.margins(x=0.03)
    axes.use_sticky_edges = False
    places = middles(rows)
    for n, (bar, middle) in enumerate(zip(bars, places, strict=True)):
        following = (place for place, other in zip(places[n + 1 :], bars[n + 1 :], strict=True) if not other.part)
        _bar(axes, middle, bar, canvas.ink, None if bar.part else next(following, None))
        style: dict[str, Any] = {"weight": "bold" if bar.label == VALUE else "normal"}
        if bar.part:
            style["color"] = canvas.ink.muted
        canvas.block(MARGIN + LABELS, TOP + middle, _label(bar), _size(bar), ha="right", **style)
        canvas.write(WIDTH - MARGIN, TOP + middle + 0.045, minus(f"{bar.size:+.4f}"), _size(bar), ha="right", **style)


def _bar(axes: Axes, middle: float, bar: Bar, ink: Ink, after: float | None) -> None:
    """Draw a step and the thin line to the next step, or a part of a step."""
    thick, alpha = (BAR * 0.43, 0.6) if bar.part else (BAR, 1.0)
    axes.barh(middle, bar.size, thick, bar.start, color=bar.colour, alpha=alpha)
    end = bar.start + bar.size
    if after is not None:
        axes.plot([end, end], [middle + BAR / 2, after - BAR / 2], color=ink.muted, linewidth=0.7, scaley=False)
