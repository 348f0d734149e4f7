"""Explanation of one world: its events, and the exact account of every decision."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from realpolitik.accounts import Foreseen, Taken, foreseen, theory_in_words
from realpolitik.choices import Uncertainty, name_in, whole
from realpolitik.ensembles import FORESIGHT, MOST_SEED, MOST_WORLDS, month_in, numbers_given, scenario_of
from realpolitik.scenario import Scenario, Settings, bounds
from realpolitik.scenario.errors import no_such
from realpolitik.scenario.forms import effect_paths, paid_changes
from realpolitik.texts import counted
from realpolitik.uncertainty import draw_numbers, uncertainty_of
from realpolitik.version import __version__
from realpolitik_model import Account, Case, Flip, Moment, decisions, smallest_flip
from realpolitik_model.recording import Cause, RecordingModel

LEAST_SHARE = 0.05
"""The claims of an interest are listed with a decision if it contributes at least this share of it."""


@dataclass(frozen=True)
class Decision:
    """One decision: its account, the claims that support it, and the smallest change that would have flipped it.

    It has its month as "YYYY-MM"; its account has it as a number, 0 for the first month of the scenario.
    """

    date: str
    account: Account
    claims: list[str]
    flip: dict[str, Any] | None
    text: str
    expected: list[Foreseen] = field(default_factory=list)
    """With foresight: what the actor expected others to do after its move, and what they then did."""
    otherwise: list[Foreseen] = field(default_factory=list)
    """The same of what it expected without its move."""
    changes: dict[str, float] = field(default_factory=dict)
    """Issue -> what the move changed, payment included; what it would have changed if it was refused."""

    def to_dict(self) -> dict[str, Any]:
        """Return what `explain --json` prints of a decision."""
        return {
            **asdict(self.account),
            "month": self.date,
            "label": self.text,
            "flip": self.flip,
            "claims": self.claims,
            "expected": [asdict(one) for one in self.expected],
            "otherwise": [asdict(one) for one in self.otherwise],
            "changes": self.changes,
        }


class Struck(NamedTuple):
    """A shock that struck, and what it changed."""

    month: str
    shock: str
    changes: dict[str, float]


@dataclass(frozen=True)
class Story:
    """One world from its first month to its last: the numbers it drew, its decisions and its events."""

    scenario: Scenario
    seed: int
    world: int
    numbers: dict[str, float]
    decisions: list[Decision]
    events: list[tuple[str, str]]
    """(date, outcome): when each outcome first happened."""
    uncertainty: Uncertainty = "none"
    """Where the numbers were drawn from."""
    given: Mapping[str, float] = field(default_factory=dict)
    """The numbers of a row of a sweep, which replace drawn ones."""
    shocks: list[Struck] = field(default_factory=list)
    """The shocks that struck, by month."""
    reached: dict[str, dict[str, float]] = field(default_factory=dict)
    """Outcome -> the quantities in its conditions, in the month in which it first happened."""
    causes: dict[str, list[Cause]] = field(default_factory=dict)
    """Outcome -> the moves and shocks of the month before without which its leverage would not have been reached."""
    answers: list[Decision] = field(default_factory=list)
    """The decisions of others to which the one actor that the story is about was asked to consent, without flips."""
    measures: dict[str, float] = field(default_factory=dict)
    """Outcome -> its measure, such as a price, in the month in which it first happened; of those that have one."""

    def __repr__(self) -> str:
        found = f"{counted(len(self.decisions), 'decision')}, {counted(len(self.events), 'event')}"
        return f"<Story of {self.scenario.name}: world {self.world} of seed {self.seed}, {found}>"

    @property
    def theory(self) -> str:
        """The weight rule and the foresight of this world, in words."""
        theory = self.scenario.document["theory"]
        return theory_in_words(theory["weights"], self.numbers.get(FORESIGHT, theory["foresight"]))

    def outcome_in_words(self, name: str) -> str:
        """Return the label of an outcome and, if it happened and has one, its measure."""
        label = str(self.scenario.document["outcomes"][name]["label"])
        return f"{label}: {self.measures[name]:.2f}" if name in self.measures else label

    def to_dict(self) -> dict[str, Any]:
        """Return everything that `explain --json` prints."""
        return {
            "scenario": self.scenario.name,
            "sha256": self.scenario.sha256,
            "version": __version__,
            "seed": self.seed,
            "world": self.world,
            "numbers": self.numbers,
            "decisions": [decision.to_dict() for decision in self.decisions],
            "answers": [decision.to_dict() for decision in self.answers],
            "outcomes": {name: date for date, name in self.events},
            "measures": self.measures,
            "shocks": [one._asdict() for one in self.shocks],
            "causes": {name: [one._asdict() for one in found] for name, found in self.causes.items() if found},
        }


def explain(
    scenario: str | PathLike[str] | Scenario,
    *,
    world: int = 0,
    seed: int = 1,
    actor: str | None = None,
    month: str | None = None,
    set: Settings | None = None,
    theory: str | None = None,
    foresight: int | None = None,
    uncertainty: Uncertainty | None = None,
    flips: bool = True,
    numbers: Mapping[str, float] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Story:
    """Replay one world and account for its decisions, of one actor or month if asked.

    Parameters
    ----------
    scenario, seed, set, theory, foresight, uncertainty
        As for `run`; the world is the same to the bit as in `run`.
    world
        Its number, 0 to 2**53 - 1.
    actor, month
        Only the decisions of this actor, or of this month "YYYY-MM".
    flips
        Whether to search, for each decision, the smallest change of one number that flips it.
    numbers
        Dotted path -> number of this world, such as those of a row of a sweep; they take precedence.
    progress
        Called before every month with the months played and those of the case. If it raises, the exception is raised
        here.

    Returns
    -------
    Story
        Its `decisions` have an account each, whose parts add up to the value, in the unit of salience.

    Raises
    ------
    ValueError
        If the actor, the month or a parameter is unknown or out of range.

    Examples
    --------
    >>> import realpolitik as rp
    >>> story = rp.explain("karabakh", world=17, month="2024-03", actor="Moscow", flips=False)
    >>> decision = story.decisions[0].account
    >>> decision.move, decision.result
    ('withdraw_for_price', 'agreed')
    >>> round(decision.own + sum(decision.through.values()) - decision.cost + decision.noise, 4)
    0.2539
    """
    scenario = scenario_of(scenario, set, theory, foresight)
    world, seed = whole("world", world, 0, MOST_WORLDS - 1), whole("seed", seed, 0, MOST_SEED)
    case = scenario.case()
    wanted = _wanted(case, scenario.document, actor, month)
    drawn = draw_numbers(scenario, seed, np.array([world]), uncertainty)
    given = numbers_given(case, numbers)
    drawn |= {path: np.array([value]) for path, value in given.items()}
    model = RecordingModel(case, worlds=[world], rng=seed, numbers=drawn)
    last = case.months - 1 if wanted is None else wanted
    story: list[Decision] = []
    answers: list[Decision] = []
    taken: list[Taken] = []
    struck: list[Struck] = []
    reached: dict[str, dict[str, float]] = {}
    causes: dict[str, list[Cause]] = {}
    measures: dict[str, float] = {}
    while model.running and model.month < last + model.horizon:
        if progress is not None:
            progress(model.month + 1, case.months)
        model.step()
        if model.month <= last:
            struck += [Struck(model.date, name, changes) for name, changes in model.struck.items()]
            reached |= _reached(scenario, model)
            measures |= _measured(scenario, model)
            causes |= model.causes
        if model.month < (wanted or 0):
            continue
        accounts = decisions(model)
        taken += [Taken(one.month, one.actor, one.move, one.result) for one in accounts]
        about = [one for one in accounts if wanted in (None, one.month)]
        story += [_decision(scenario, case, model, one, flips) for one in about if actor in (None, one.actor)]
        answers += [_decision(scenario, case, model, one, False) for one in about if actor in one.consents]
    story, answers = ([_followed(scenario, case, one, taken) for one in some] for some in (story, answers))
    happened = [(int(model.happened(name)[0]), name) for name in case.outcomes]
    events = [(case.date_of(t), name) for t, name in sorted(happened, key=lambda e: e[0]) if 0 <= t <= last]
    values = {path: float(value[0]) for path, value in drawn.items()}
    kind = uncertainty_of(scenario, uncertainty)
    return Story(scenario, seed, world, values, story, events, kind, given, struck, reached, causes, answers, measures)


def _new(model: RecordingModel) -> list[str]:
    """Return the outcomes that first happened in the month just played."""
    return [name for name in model.case.outcomes if int(model.happened(name)[0]) == model.month]


def _reached(scenario: Scenario, model: RecordingModel) -> dict[str, dict[str, float]]:
    """Return the quantities in the conditions of each outcome that first happened in the month just played."""
    rows = scenario.document["outcomes"]
    found = {name: conditions_of(rows[name]) for name in _new(model)}
    return {name: {one: model.quantity(one) for one in conditions} for name, conditions in found.items()}


def _measured(scenario: Scenario, model: RecordingModel) -> dict[str, float]:
    """Return the measure of each outcome that has one, and first happened in the month just played."""
    rows = scenario.document["outcomes"]
    return {name: model.quantity(rows[name]["measure"]) for name in _new(model) if rows[name]["measure"] is not None}


def conditions_of(outcome: Mapping[str, Any]) -> list[str]:
    """Return the quantities in the conditions of an outcome, and those that they are compared with."""
    bounds = [bound for condition in (outcome["when"] or {}).values() for bound in condition.values()]
    return list(dict.fromkeys([*(outcome["when"] or {}), *(one for one in bounds if isinstance(one, str))]))


def _wanted(case: Case, document: Mapping[str, Any], actor: str | None, month: str | None) -> int | None:
    """Return which month is asked for, None for all; ValueError if it is none of the case, or the actor is unknown."""
    if actor is not None and name_in("actor", actor) not in case.actors:
        raise ValueError(no_such("actor", actor, case.actors, document))
    return None if month is None else month_in(case, month, "month")


def _decision(scenario: Scenario, case: Case, model: RecordingModel, account: Account, flips: bool) -> Decision:
    flip = smallest_flip(case, Moment.of(model), account, numbers_that_matter(scenario, account)) if flips else None
    label = scenario.document["moves"][account.move]["label"]
    date = case.date_of(account.month)
    changes = model.effects[account.move]
    return Decision(date, account, _claims(scenario, account), flip_of(flip, date), label, changes=changes)


def _followed(scenario: Scenario, case: Case, decision: Decision, taken: list[Taken]) -> Decision:
    """Return a decision with what its actor expected and what then happened."""
    expected, otherwise = foreseen(case, scenario.document, decision.account, taken)
    return replace(decision, expected=expected, otherwise=otherwise)


def flip_of(flip: Flip | None, date: str) -> dict[str, Any] | None:
    """Return a flip with the setting that makes it happen: `--set PATH=VALUE@MONTH`."""
    if flip is None:
        return None
    return {**asdict(flip), "from": date, "set": f"{flip.path}={flip.value!r}@{date}"}


def numbers_that_matter(scenario: Scenario, account: Account) -> dict[str, tuple[float, float]]:
    """Return dotted path -> bounds of the numbers that influence a decision: costs, stakes, interests and phi.

    Capabilities too if they are the weights and, with foresight, the discount and what moves the issues by itself.
    """
    document = scenario.document
    moves = {account.move, account.runner_up} - {None}
    rows = {str(move): document["moves"][move] for move in moves}
    touched = {issue for row in rows.values() for issue in (*row["changes"], *paid_changes(row))}
    paths = ["theory.phi"]
    for move in sorted(rows):
        paths += _responding(f"moves.{move}", rows[move], "cost")
    deciders = {account.actor, *account.consents}
    for name, row in document["dependence"].items():
        if row["dependent"] in deciders:
            paths += _responding(f"dependence.{name}", row, "stake", "alternatives")
    for name, row in document["interests"].items():
        if row["issue"] in touched:
            paths += _responding(f"interests.{name}", row, "salience", "position")
    if document["theory"]["weights"] == "capability":
        for name, row in document["actors"].items():
            paths += _responding(f"actors.{name}", row, "capability")
    if document["theory"]["foresight"] >= 1:
        paths.append("theory.discount")
        for name in sorted(touched):
            paths += _responding(f"issues.{name}", document["issues"][name], "decay", "rest")
    return {path: bounds(path) for path in paths}


def _responding(path: str, row: Mapping[str, Any], *keys: str) -> Iterator[str]:
    """Yield the dotted paths of some numbers of a row, then those of their effects."""
    yield from (f"{path}.{key}" for key in keys)
    yield from (effect for key in keys for effect in effect_paths(path, row)[key])


def _claims(scenario: Scenario, account: Account) -> list[str]:
    """Return the claims that support a decision: those of its move, its larger interests and the leverage used."""
    document = scenario.document
    claims = dict.fromkeys(document["moves"][account.move]["claims"])
    total = sum(abs(share) for share in account.rows.values())
    for name in sorted(account.rows, key=lambda n: -abs(account.rows[n])):
        if abs(account.rows[name]) >= LEAST_SHARE * total:
            claims |= dict.fromkeys(document["interests"][name]["claims"])
    for row in document["dependence"].values():
        if row["dependent"] == account.actor and row["provider"] in account.through:
            claims |= dict.fromkeys(row["claims"])
    return list(claims)
