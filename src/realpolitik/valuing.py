"""What every move is worth to its owner and to those who are asked, what must come before it, and what undoes it."""

from dataclasses import asdict, dataclass, replace
from os import PathLike
from typing import Any, NamedTuple

import numpy as np

from realpolitik.ensembles import month_in, scenario_of
from realpolitik.explaining import explain
from realpolitik.scenario import Scenario
from realpolitik.scenario.traps import Before, followers
from realpolitik_model import Case, LeverageModel
from realpolitik_model.accounting import share
from realpolitik_model.considering import ConsideringModel
from realpolitik_model.equations.decision import chance_positive

OFTEN = 6
"""Times that two moves must undo each other to be named."""
FLAT = {"scale": 1.0, "shift": 0.0}
"""Numbers of a driver that leave its path as it is; all its others are points of the path."""


@dataclass(frozen=True)
class MoveValue:
    """What a move is worth to one actor, without noise, whether or not it can be made."""

    move: str
    actor: str
    role: str
    """owner (cost included), asked (it consents above 0), or payer (asked, and it pays)."""
    start: float
    above_zero: float
    """Share of months in which the value at the start is above 0, noise included."""
    drivers: dict[str, list[float]]
    """Driver -> the value with this driver at its lowest and at its highest, all else as at the start."""


class Undoing(NamedTuple):
    """Two moves that undo each other in the world without luck: one raises an issue, the other lowers it next."""

    moves: list[str]
    issue: str
    times: int
    since: str
    until: str

    def __str__(self) -> str:
        first, other = self.moves
        return (
            f"'{first}' and '{other}' undo each other: without luck, one raises '{self.issue}' and the other lowers it "
            f"next, or the reverse, {self.times:,} times from {self.since} to {self.until}. If that is not meant, give "
            "one of them a cost, a condition or a window"
        )


@dataclass(frozen=True)
class Valuation:
    """The values of all moves in one month."""

    scenario: Scenario
    month: str
    start: dict[str, float]
    """Driver -> its value in that month."""
    extremes: dict[str, tuple[float, float]]
    """Driver -> its lowest and highest value in any month, for the drivers that change."""
    idle: list[str]
    """Moves that would change nothing in that month."""
    follows: dict[str, Before]
    """Move -> those that must have been made before it, for moves that can only follow others."""
    undoing: list[Undoing]
    values: list[MoveValue]

    def to_dict(self) -> dict[str, Any]:
        """Return what `check --values --json` adds to the report."""
        names = ("month", "start", "extremes", "idle")
        follows = {name: before._asdict() for name, before in self.follows.items()}
        undoing, values = [one._asdict() for one in self.undoing], [asdict(one) for one in self.values]
        about = {name: getattr(self, name) for name in names}
        return {**about, "follows": follows, "undoing": undoing, "values": values}


def value_moves(scenario: str | PathLike[str] | Scenario, month: str | None = None) -> Valuation:
    """Return what every move is worth to its owner and to those who are asked, if all see leverage as it is.

    Every number has its value; there is no noise and no misperception. Terms of a payment are those of the case. It is
    the first month, or the state that world 0 of seed 1 reaches by the start of another one.
    """
    scenario = scenario_of(scenario, {"theory.sigma": 0.0})
    whole = scenario.case()
    n = 0 if month is None else month_in(whole, month, "month")
    month = whole.date_of(n)
    case = _at_start(_reached(scenario, month))
    start, extremes = _extremes(scenario, n)
    model = ConsideringModel(case, moves=case.moves, worlds=1 + 2 * len(extremes), numbers=_numbers(case, extremes))
    model.step()
    idle = [found.move for found in model.considered if not found.changes[0]]
    values = [one for n in range(len(case.moves)) for one in _values(model, n, list(extremes))]
    return Valuation(scenario, month, start, extremes, idle, followers(scenario), undone(scenario), values)


def undone(scenario: Scenario) -> list[Undoing]:
    """Return the moves that undo each other again and again in a world without noise and misperception.

    It is world 0 of seed 1, with every number at its value.
    """
    still = {"theory.noise": 0.0, "theory.sigma": 0.0}
    story = explain(scenario, world=0, seed=1, uncertainty="none", set=still, flips=False)
    last: dict[str, tuple[str, bool]] = {}
    months: dict[tuple[str, str, str], list[str]] = {}
    for one in story.decisions:
        made = one.account.result != "refused"
        for issue in (issue for issue, change in one.changes.items() if made and change):
            move, up = one.account.move, one.changes[issue] > 0
            before, was_up = last.get(issue, (move, up))
            last[issue] = move, up
            if before != move and up != was_up:
                months.setdefault((issue, min(before, move), max(before, move)), []).append(one.date)
    return [
        Undoing(moves, issue, len(dates), dates[0], dates[-1])
        for (issue, *moves), dates in months.items()
        if len(dates) >= OFTEN
    ]


def _reached(scenario: Scenario, month: str) -> Case:
    """Return a case that starts in a month, with the issues as they are by then without noise."""
    model = LeverageModel(scenario.set({"theory.noise": 0.0}).case())
    for _ in range(model.case.month_of(month)):
        model.step()
    document = scenario.document
    issues = {
        name: {**row, "start": float(model.issue(name)[0]) if model.month >= 0 else row["start"]}
        for name, row in document["issues"].items()
    }
    later = {**document, "meta": {**document["meta"], "start": month}, "issues": issues}
    return Case.of(later, [(fork.month, fork.numbers) for fork in scenario.forks])


def _at_start(case: Case) -> Case:
    """Return a case with its numbers as they are in the first month."""
    numbers = case.numbers.copy()
    for fork in case.forks:
        if fork.month <= 0:
            for path, value in fork.numbers.items():
                numbers[case.paths[path]] = value
    return replace(case, numbers=numbers, forks=())


def _extremes(scenario: Scenario, month: int) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return each driver's value in a month, and the lowest and highest of those that change."""
    case = scenario.set({"theory.foresight": 0.0}).case()
    model = LeverageModel(case)
    rows = []
    while model.running:
        model.step()
        rows.append([float(model.driver(name)[0]) for name in case.drivers])
    paths = dict(zip(case.drivers, np.array(rows).T.tolist(), strict=True)) if case.drivers else {}
    spans = {name: (min(path), max(path)) for name, path in paths.items()}
    return {name: path[month] for name, path in paths.items()}, {
        n: span for n, span in spans.items() if span[0] < span[1]
    }


def _numbers(case: Case, extremes: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Return the numbers that differ by world: world 0 is as it is, then two for each driver, its low and its high."""
    numbers: dict[str, Any] = {}
    for n, (name, span) in enumerate(extremes.items()):
        own = [path for path in case.paths if path.startswith(f"drivers.{name}.")]
        for path in own:
            values = np.full(1 + 2 * len(extremes), case.numbers[case.paths[path]])
            kind = path.split(".")[2]
            values[1 + 2 * n : 3 + 2 * n] = FLAT.get(kind, span)
            numbers[path] = values
    return numbers


def _values(model: ConsideringModel, n: int, drivers: list[str]) -> list[MoveValue]:
    """Return the value of a move to its owner, then to each actor asked."""
    found, v = model.considered[n], model.moves[n]
    move, worlds = model.case.tables.moves[v], range(model.worlds.size)
    rows = [(found.actor, "owner", [float(value) for value in found.value - found.noise])]
    for k in range(move["consents"], move["consents_end"]):
        shares = [share(model, v, k, world) for world in worlds]
        role = "payer" if shares[0].actor in found.sides else "asked"
        rows.append((shares[0].actor, role, [one.value - one.noise for one in shares]))
    noise = float(model.case.numbers[model.case.paths["theory.noise"]])
    return [
        MoveValue(found.move, actor, role, start, float(chance_positive(start, noise)), _pairs(drivers, rest))
        for actor, role, (start, *rest) in rows
    ]


def _pairs(drivers: list[str], values: list[float]) -> dict[str, list[float]]:
    return {name: values[2 * n : 2 * n + 2] for n, name in enumerate(drivers)}
