"""Why a move is not made: what stops it in every month, by how much, and the account of where it came nearest."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik.accounts import called
from realpolitik.choices import Uncertainty, name_in, whole
from realpolitik.ensembles import MOST_SEED, MOST_WORLDS, check_counts, month_in, numbers_given, scenario_of
from realpolitik.explaining import flip_of, numbers_that_matter
from realpolitik.scenario import Scenario, Settings
from realpolitik.scenario.errors import no_such
from realpolitik.texts import counted
from realpolitik.uncertainty import draw_numbers, uncertainty_of
from realpolitik.version import __version__
from realpolitik_model import Account, Case, Share
from realpolitik_model.considering import (
    Considered,
    ConsideringModel,
    Requirement,
    accounts,
    agreement,
    smallest_change_of,
)

MOST = 10_000
"""Worlds at most: all are played at once."""
WEIGHED = ("deal", "value", "consent")
"""What stops a move because of what it is worth to an actor; the others are rules and luck."""
Values = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]


class Stop(NamedTuple):
    """Something that can stop a move in a month: where it does, and how much is missing there."""

    kind: str
    """window, condition, patience, effect, deal, value, consent, chance or rival."""
    text: str
    stops: npt.NDArray[np.bool_]
    missing: Values | None
    """By how much; None if it is not a matter of degree."""


@dataclass
class Hindrance:
    """What stopped a move first, in some months of some worlds."""

    kind: str
    text: str
    months: int = 0
    """How many months, over all worlds."""
    missing: float | None = None
    """How much was missing at best; None if it is not a matter of degree."""
    mean: float | None = None
    """How much was missing on average."""
    month: str = ""
    """When that was."""
    world: int = 0

    def note(self, dates: str, worlds: Indices, stops: npt.NDArray[np.bool_], missing: Values | None) -> None:
        """Count a month in the worlds in which this stopped the move."""
        nearest = int(np.where(stops, 0.0 if missing is None else missing, np.inf).argmin())
        least = None if missing is None else float(missing[nearest])
        if not self.months or (least is not None and self.missing is not None and least < self.missing):
            self.missing, self.month, self.world = least, dates, int(worlds[nearest])
        if missing is not None:
            total = (self.mean or 0.0) * self.months + float(missing[stops].sum())
            self.mean = total / (self.months + int(stops.sum()))
        self.months += int(stops.sum())


@dataclass(frozen=True)
class Nearest:
    """One month of one world in which a move was not made: the accounts of all whose decision it would have been."""

    world: int
    month: str
    kind: str
    hindrance: str
    missing: float | None
    conditions: list[dict[str, Any]]
    chance: float
    sides: dict[str, float]
    """Its actor, then each payer -> what a deal on its payment is worth to it; a deal needs all of them above 0."""
    account: Account
    asked: list[Share]
    flip: dict[str, Any] | None
    """The smallest change of one number after which this does not stop the move any more."""
    unable: str = ""
    """What keeps its owner from the fallback of its payment that month, which the terms count all the same  (E7)."""

    def to_dict(self) -> dict[str, Any]:
        """Return what `explain --why-not --json` prints of it."""
        return {**asdict(self), "account": {**asdict(self.account), "month": self.month}}


@dataclass(frozen=True)
class WhyNot:
    """Why a move is not made, in one world or in many."""

    scenario: Scenario
    move: str
    actor: str
    seed: int
    worlds: int
    world: int | None
    """Number of the world, if only one was asked for."""
    made: float
    """Share of worlds in which it is made."""
    counted: int
    """Months over all worlds, up to the first in which the move was made."""
    hindrances: list[Hindrance]
    """What stopped it first, the most frequent first; months in which another move was made instead included."""
    never: list[str]
    """Conditions that hold in no month of any world that was asked about, each with the nearest value."""
    possible: bool
    """Whether it was feasible, but for its chance, in some month of some world."""
    months: list[dict[str, Any]]
    nearest: Nearest | None
    uncertainty: Uncertainty = "none"

    def __repr__(self) -> str:
        which = counted(self.worlds, "world") if self.world is None else f"world {self.world}"
        return f"<WhyNot of {self.scenario.name}: {self.move}, made in {self.made:.1%} of {which} of seed {self.seed}>"

    @property
    def verdict(self) -> str:
        """The answer in a sentence."""
        return _verdict(self)

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `explain --why-not --json` prints."""
        names = ("move", "actor", "seed", "worlds", "world", "made", "counted", "never", "possible", "months")
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            **{name: getattr(self, name) for name in names},
            "verdict": self.verdict,
            "hindrances": [asdict(one) for one in self.hindrances],
            "nearest": self.nearest.to_dict() if self.nearest else None,
        }


def why_not(
    scenario: str | PathLike[str] | Scenario,
    move: str,
    *,
    world: int | None = None,
    worlds: int = 500,
    seed: int = 1,
    month: str | None = None,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    uncertainty: Uncertainty | None = None,
    numbers: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> WhyNot:
    """Say why a move is not made: what stops it each month, and how much is missing where it comes nearest.

    Parameters
    ----------
    scenario, seed, set, theory, foresight, uncertainty, numbers
        As for `explain`; worlds are the same to the bit as in `run`.
    move
        Its id.
    world
        Only this world; by default worlds 0, 1, ..., worlds - 1.
    worlds
        How many, 1 to 10,000.
    month
        Only this month "YYYY-MM".
    progress
        Called before every month with the months played and those of the case. If it raises, the exception is raised
        here.

    Returns
    -------
    WhyNot
        What stops the move in each month, as shares of months, and the account of the month in which it came nearest.

    Raises
    ------
    ValueError
        If the move, the month or a parameter is unknown or out of range.

    Examples
    --------
    >>> import realpolitik as rp
    >>> found = rp.why_not("karabakh", "withdraw_for_price", worlds=8)
    >>> found.actor, 0 <= found.made <= 1
    ('Moscow', True)
    """
    scenario = scenario_of(scenario, set, theory, foresight)
    if name_in("move", move) not in scenario.document["moves"]:
        raise ValueError(no_such("move", move, scenario.document["moves"], scenario.document))
    asked = Inquiry(scenario, [move], world, worlds, seed, month, uncertainty, numbers)
    return asked.answers(progress)[0]


def why_idle(
    scenario: str | PathLike[str] | Scenario,
    actor: str | None,
    *,
    world: int = 0,
    seed: int = 1,
    month: str | None = None,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    uncertainty: Uncertainty | None = None,
    numbers: Mapping[str, float] | None = None,
) -> list[WhyNot]:
    """Say, for every move of an actor, or of all, why it is not made in a world. Parameters are those of `why_not`."""
    scenario = scenario_of(scenario, set, theory, foresight)
    moves = [name for name, row in scenario.document["moves"].items() if actor in (None, row["actor"])]
    asked = Inquiry(scenario, moves, world, 1, seed, month, uncertainty, numbers)
    return asked.answers(None) if moves else []


@dataclass
class MoveTally:
    """What is counted of one move, month by month."""

    found: dict[str, Hindrance] = field(default_factory=dict)
    nearest: dict[str, tuple[float, float]] = field(default_factory=dict)
    """Condition -> by how much it failed at least (negative if it held), and the value then."""
    months: list[dict[str, Any]] = field(default_factory=list)
    possible: bool = False
    counted: int = 0


class Inquiry:
    """Worlds to be played, and the moves that are asked about."""

    def __init__(
        self,
        scenario: Scenario,
        moves: list[str],
        world: int | None,
        worlds: int,
        seed: int,
        month: str | None,
        uncertainty: Uncertainty | None,
        numbers: Mapping[str, float] | None,
    ) -> None:
        worlds, self.seed = check_counts(worlds, whole("seed", seed, 0, MOST_SEED))
        whole("worlds", worlds, 1, MOST)
        self.scenario, self.moves, self.world = scenario, moves, world
        self.case: Case = scenario.case()
        self.numbers = numbers_given(self.case, numbers)
        self.uncertainty = uncertainty
        self.month = None if month is None else month_in(self.case, month, "month")
        one = None if world is None else whole("world", world, 0, MOST_WORLDS - 1)
        self.worlds: Indices = np.arange(worlds) if one is None else np.array([one])

    def model(self, worlds: Indices, moves: list[str]) -> ConsideringModel:
        """Return a model of some of the worlds, in which some moves are considered."""
        drawn = draw_numbers(self.scenario, self.seed, worlds, self.uncertainty)
        drawn |= {path: np.full(worlds.size, value) for path, value in self.numbers.items()}
        return ConsideringModel(self.case, moves=moves, worlds=worlds, rng=self.seed, numbers=drawn)

    def answers(self, progress: Callable[[int, int], None] | None) -> list[WhyNot]:
        """Play the worlds, and return the answer for each of the moves."""
        model = self.model(self.worlds, self.moves)
        tallies = [MoveTally() for _ in self.moves]
        done = [np.zeros(self.worlds.size, bool) for _ in self.moves]
        last = self.case.months if self.month is None else self.month + 1
        for t in range(last):
            if progress is not None:
                progress(t + 1, last)
            model.step()
            for n, found in enumerate(model.considered):
                if self.month in (None, t):
                    self._count(tallies[n], found, done[n])
                done[n] |= found.made & (self.month in (None, t))
        return [self._answer(n, tally, done[n]) for n, tally in enumerate(tallies)]

    def _count(self, tally: MoveTally, found: Considered, done: npt.NDArray[np.bool_]) -> None:
        date, open_ = self.case.date_of(found.month), ~done
        tally.counted += int(open_.sum())
        tally.possible |= bool(found.possible.any())
        for condition in found.conditions:
            gap = lacking(condition)
            n = int(gap.argmin())
            nearer = min(tally.nearest.get(condition.text, (np.inf, 0.0)), (float(gap[n]), float(condition.value[n])))
            held = bool(condition.holds.any())
            tally.nearest[condition.text] = (-np.inf, nearer[1]) if held else nearer
        first = Counter[str]()
        waiting = np.ones(self.worlds.size, bool)
        for stop in stops(found, self.scenario.document):
            stopped = waiting & stop.stops
            waiting &= ~stop.stops
            first[stop.text] += int(stopped.sum())
            if (stopped & open_).any():
                entry = tally.found.setdefault(stop.text, Hindrance(stop.kind, stop.text))
                entry.note(date, self.worlds, stopped & open_, stop.missing)
        tally.months.append(_summary(date, found, first))

    def _answer(self, n: int, tally: MoveTally, done: npt.NDArray[np.bool_]) -> WhyNot:
        ordered = sorted(tally.found.values(), key=lambda one: -one.months)
        telling = next((one for one in ordered if one.kind in WEIGHED), ordered[0] if ordered else None)
        nearest = self._nearest(self.moves[n], telling) if telling else None
        return WhyNot(
            scenario=self.scenario,
            move=self.moves[n],
            actor=self.scenario.document["moves"][self.moves[n]]["actor"],
            seed=self.seed,
            worlds=self.worlds.size,
            world=self.world,
            made=float(done.mean()),
            counted=tally.counted,
            hindrances=ordered,
            never=[self._never(text, value) for text, (gap, value) in tally.nearest.items() if gap > -np.inf],
            possible=tally.possible,
            months=tally.months,
            nearest=nearest,
            uncertainty=uncertainty_of(self.scenario, self.uncertainty),
        )

    def _never(self, text: str, value: float) -> str:
        """Return that a condition holds in none of the months and worlds that were asked about."""
        quantity, _, rest = text.partition(" ")
        nearest = f"{'at most' if rest.startswith('above') else 'at least'} {value:.3g}"
        if self.month is None:
            return f"`{quantity}` is never {rest} ({nearest})"
        if self.worlds.size == 1:
            return f"`{quantity}` is not {rest} ({value:.3g})"
        return f"`{quantity}` is {rest} in no world ({nearest})"

    def _nearest(self, move: str, telling: Hindrance) -> Nearest:
        """Play one world again, up to the month in which what stops a move came nearest to not doing so."""
        fallback = self._fallback(move)
        model = self.model(np.array([telling.world]), [move, *([fallback] if fallback else [])])
        while model.month < self.case.month_of(telling.month):
            model.step()
        account, asked = accounts(model, 0)
        found = model.considered[0]
        flip = None
        if telling.kind in WEIGHED:
            everyone = replace(account, consents={one.actor: one.value for one in asked})
            candidates = numbers_that_matter(self.scenario, everyone)
            flip = flip_of(smallest_change_of(model, 0, candidates, telling.kind), telling.month)
        conditions = [
            {"text": one.text, "value": float(one.value[0]), "holds": bool(one.holds[0])} for one in found.conditions
        ]
        return Nearest(
            world=telling.world,
            month=telling.month,
            kind=telling.kind,
            hindrance=telling.text,
            missing=telling.missing,
            conditions=conditions,
            chance=float(found.chance[0]),
            sides={one: float(value[0]) for one, value in found.sides.items()},
            account=account,
            asked=asked,
            flip=flip,
            unable=_unable(model.considered[1], self.scenario.document) if fallback else "",
        )

    def _fallback(self, move: str) -> str | None:
        """Return the other move that the owner of a move makes if there is no deal on its payment."""
        payment: dict[str, Any] | None = self.scenario.document["moves"][move]["payment"]
        return None if payment is None else payment["fallback"]


def _unable(found: Considered, document: Mapping[str, Any]) -> str:
    """Return what keeps a fallback from being made, if not what it is worth, a refusal or luck; "" if nothing does."""
    rules = (stop for stop in stops(found, document) if stop.kind in ("window", "condition", "patience", "effect"))
    return next((stop.text for stop in rules if stop.stops[0]), "")


def lacking(condition: Requirement) -> Values:
    """Return by how much a condition fails, 0 or less where it holds."""
    return condition.bound - condition.value if condition.above else condition.value - condition.bound


def stops(found: Considered, document: Mapping[str, Any]) -> Iterator[Stop]:
    """Yield what can stop a move in a month, in the order in which it is asked; the first counts.

    Only what comes before chance and rivals says anything about the move itself, so these are asked last.
    """
    nobody, actor = np.zeros(found.value.size, bool), called(document, found.actor)
    yield Stop("window", "its window has not opened yet (from)", nobody | (not found.begun), None)
    yield Stop("window", "its window is over (until)", nobody | found.over, None)
    for condition in found.conditions:
        yield Stop("condition", f"requires {condition.text}", ~condition.holds, lacking(condition))
    yield Stop("patience", "it was refused in the months before (theory.patience)", nobody | ~found.rested, None)
    yield Stop("effect", "it would change nothing", ~found.changes, None)
    if found.sides:
        short = np.max([-value for value in found.sides.values()], axis=0)
        yield Stop("deal", "there is no deal on its payment", nobody | ~found.dealt, short)
    yield Stop("value", f"it is not worth it to {actor}", ~(found.value > 0), -found.value)
    if found.consents:
        yield from _refusals(found, document)
    yield Stop("chance", "its chance did not come up", ~found.feasible, None)
    yield Stop("rival", f"{actor} prefers another move", ~found.chosen, found.rivals - found.value)


def _refusals(found: Considered, document: Mapping[str, Any]) -> Iterator[Stop]:
    """Yield who has to agree and does not: the only one asked, one of all, too few votes, or one who would pay."""
    short, first = unconvinced(found), called(document, next(iter(found.consents)))
    if found.need is None:
        text = f"{first} does not consent" if len(found.consents) == 1 else "not all of those who must consent do"
        yield Stop("consent", text, ~found.agreed, short)
        return
    enough = agreement(found.consents, found.votes, found.need, set())
    yield Stop("consent", "too few of those who are asked vote for it", ~enough, short)
    yield Stop("consent", "the votes suffice, but one who would have to pay refuses", ~found.agreed, short)


def unconvinced(found: Considered) -> Values:
    """Return by how much those who are asked would have to gain for the move to be agreed to, each of them."""
    worlds, names = found.value.size, list(found.consents)
    short = np.maximum(0.0, -np.array([np.broadcast_to(found.consents[one], worlds) for one in names]))
    if found.need is None:
        return np.asarray(short.max(axis=0))
    votes = np.array([np.broadcast_to(found.votes[one], worlds) for one in names])
    order = np.argsort(short, axis=0, kind="stable")
    reached = np.cumsum(np.take_along_axis(votes, order, axis=0), axis=0) >= found.need - 1e-9
    enough = np.take_along_axis(short, order, axis=0)[reached.argmax(axis=0), np.arange(worlds)]
    payers = [short[n] for n, one in enumerate(names) if one in found.sides]
    return np.asarray(np.max([enough, *payers], axis=0))


def _summary(date: str, found: Considered, first: Counter[str]) -> dict[str, Any]:
    """Return a month in numbers over all worlds: shares of worlds, means, and the best."""

    def spread(values: Values) -> dict[str, float]:
        return {"mean": float(np.mean(values)), "least": float(np.min(values)), "most": float(np.max(values))}

    return {
        "month": date,
        "window": found.in_window,
        "conditions": [
            {"text": one.text, "holds": float(one.holds.mean()), **spread(one.value)} for one in found.conditions
        ],
        "rested": float(np.mean(found.rested)),
        "effect": float(found.changes.mean()),
        "chance": float(found.chance.mean()),
        "deal": None if found.deal is None else float(found.deal.mean()),
        "terms": float(found.tau.mean()) if found.sides else None,
        "sides": {one: spread(value) for one, value in found.sides.items()},
        "value": spread(found.value),
        "consents": {
            one: {"consents": float((value > 0).mean()), **spread(value)} for one, value in found.consents.items()
        },
        "agreed": float(np.mean(found.agreed)),
        "feasible": float(found.feasible.mean()),
        "made": float(found.made.mean()),
        "stopped": {text: count / found.value.size for text, count in first.items() if count},
    }


def _verdict(answer: WhyNot) -> str:
    """Return the answer in a sentence: never feasible, or what stops the move and who weighs most against it."""
    asked = f"Not feasible in {answer.months[0]['month']}: " if len(answer.months) == 1 else "Never feasible: "
    never = "" if answer.possible else asked
    if not answer.hindrances:
        month = "month" if len(answer.months) == 1 else "first month"
        return f"It is made in the {month} that was asked about{'' if answer.worlds == 1 else ', in every world'}."
    if never and answer.never:
        return f"{never}{'; '.join(answer.never)}."
    near, first = answer.nearest, answer.hindrances[0]
    if near and near.hindrance != first.text and not never:
        of = "worlds" if len(answer.months) == 1 else "months"
        never = f"most often it {_reads(first.text)} ({first.months / answer.counted:.0%} of {of}); otherwise "
    text = never + (near.hindrance if near else first.text)
    text = text[0].upper() + text[1:]
    if near is None or near.missing is None:
        return f"{text}."
    mean = next(one.mean for one in answer.hindrances if one.text == near.hindrance)
    where = near.month if answer.world is not None else f"{near.month} (world {near.world})"
    short = f"short by {abs(near.missing):.2g}"
    short += f" in {where}" if mean == near.missing else f" at best, in {where}, and by {mean:.2g} on average"
    return f"{text}: {short}{_heaviest(near, answer.scenario.document) if near.kind in WEIGHED else ''}."


def _reads(text: str) -> str:
    """Return what stops a move as the predicate of a sentence about it."""
    return f"{text}, which fails" if text.startswith("requires ") else f"is stopped because {text}"


def _heaviest(near: Nearest, document: Mapping[str, Any]) -> str:
    """Return what weighs most against a move, in the account of who stops it."""
    account = near.account
    stopper = account.actor
    if near.kind == "deal":
        stopper = min(near.sides, key=near.sides.__getitem__)
    elif near.kind == "consent":
        stopper = min(near.asked, key=lambda one: one.value).actor
    share = next((one for one in near.asked if one.actor == stopper), None)
    through = account.through if share is None else share.through
    who = called(document, stopper)
    against = {f"{who}'s own interest": account.own if share is None else share.own}
    against |= {f"{called(document, one)}'s hold over {who}": part for one, part in through.items()}
    if share is None:
        against["the cost"] = -account.cost
    soon = f"what {called(document, account.actor)} may soon do unpaid"
    if share is not None and share.soon:
        against[soon] = share.soon
    name = min(against, key=against.__getitem__)
    if against[name] >= 0:
        return ""
    counted = f" ({counted_anyway(near)})" if name == soon and near.unable else ""
    return f"; {name} takes {-against[name]:.2g}{counted}"


def counted_anyway(near: Nearest) -> str:
    """Return that the terms of a payment count a fallback that cannot be made in that month, and why it cannot."""
    return f"the theory counts it although it cannot be made in {near.month}: {near.unable}"
