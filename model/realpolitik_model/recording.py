"""What the moves and shocks of each month change in one world, recorded while it is played  (E8)."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.noise import uniform
from realpolitik_model.engine.state import MADE, place_of
from realpolitik_model.engine.tables import quantity_names
from realpolitik_model.model import LeverageModel, Values
from realpolitik_model.moment import Moment

MOST_SHOCKS = 32
"""Shocks that are examined in one month: each takes the time of settling the month once more."""
Effects = dict[str, dict[str, float]]
"""Move or shock -> issue -> change."""


class Cause(NamedTuple):
    """A move or shock of the month before without which leverage would not have brought an outcome about."""

    kind: str
    """move or shock."""
    name: str
    without: dict[str, float]
    """Leverage "A>B" in the conditions of the outcome -> what it would have been, if it would have been different."""


class RecordingModel(LeverageModel):
    """A model that records what its first world's moves and shocks change; its worlds are those of a `LeverageModel`.

    All records are of the last month played.
    """

    def __init__(self, case: Case, **given: Any) -> None:
        super().__init__(case, **given)
        self.effects: Effects = {}
        """What each move that was taken changes; what it would have changed if it was refused."""
        self.struck: Effects = {}
        """What each shock that struck changed."""
        self.causes: dict[str, list[Cause]] = {}
        """Outcome that first happened -> what of the month before it would not have happened without.

        Only by its conditions on leverage: that of a month follows from its start.
        """
        self._made: list[str] = []
        self.quantities = quantity_names(list(case.actors), list(case.issues), list(case.drivers), list(case.moves))
        """The names of the quantities, in the order of their rows."""

    def quantity(self, name: str) -> float:
        """Return an issue, a driver, a leverage "A>B" or a price "price:MOVE" in the first world."""
        return float(self.row(self.state.quantity, self.quantities.index(name))[0])

    def _shock(self, s: int) -> str:
        """Return the name of a shock: the second part of the paths of its numbers."""
        number = self.case.tables.changes[self.case.tables.shocks[s]["changes"]]["number"]
        return next(path for path, n in self.case.paths.items() if n == number).split(".")[1]

    def _close_month(self) -> None:
        earlier = [
            *(("move", v, self.effects[v]) for v in self._made),
            *(("shock", *one) for one in self.struck.items()),
        ]
        self.effects = {self.case.moves[v]: _effects(self, v) for v in _taken(self)}
        due = _due(self)
        kept = self.state.memory.copy() if due else self.state.memory
        otherwise = {s: _otherwise(self, s, kept) for s in due}
        before = _issues(self)
        super()._close_month()
        after = _issues(self)
        self.struck = {
            self._shock(s): _changes(self, s, before, other, after)
            for s, other in otherwise.items()
            if (other != after).any()
        }
        b, lane = place_of(0)
        self._made = [self.case.moves[v] for v in _taken(self) if self.state.result[b, v, lane] == MADE]
        new = [name for name in self.case.outcomes if int(self.happened(name)[0]) == self.month]
        self.causes = {name: list(_causes(self, name, earlier)) for name in new}


def _issues(model: LeverageModel) -> Values:
    b, lane = place_of(0)
    return model.state.quantity[b, : len(model.case.issues), lane].copy()


def _taken(model: LeverageModel) -> list[int]:
    """Return the moves that were taken this month."""
    b, lane = place_of(0)
    return [int(v) for v in model.state.choice[b, :, lane] if v >= 0]


def _effects(model: LeverageModel, v: int) -> dict[str, float]:
    """Return what a move changes if it is made: its own changes, and those of the payment by its terms."""
    b, lane = place_of(0)
    move, state, found = model.case.tables.moves[v], model.state, dict[str, float]()
    paid = move["payers"] < move["payers_end"]
    for kind, scale in (("changes", 1.0), ("paid", float(state.tau[b, v, lane]) if paid else 0.0)):
        for c in range(move[kind], move[f"{kind}_end"]):
            k = model.case.tables.changes[c]["issue"]
            change = scale * float(state.target[b, c, lane] - state.quantity[b, k, lane])
            if change:
                found[model.case.issues[k]] = found.get(model.case.issues[k], 0.0) + change
    return found


def _due(model: LeverageModel) -> list[int]:
    """Return the shocks that may strike this month: dated ones of the month, and those that luck allows."""
    b, lane = place_of(0)
    t, word, numbers = model.month, model.state.stream[b, 1, lane], model.numbers()

    def due(row: Any) -> bool:
        if row["dated"] == 1:
            return bool(row["at"] == t)
        responds = row["responses"] < row["responses_end"]
        in_window = row["since"] <= t <= row["until"]
        return bool(in_window and (responds or uniform(word, np.uint64(row["key"])) < numbers[row["hazard"]]))

    return [s for s, row in enumerate(model.case.tables.shocks) if due(row)][:MOST_SHOCKS]


def _otherwise(model: LeverageModel, s: int, kept: npt.NDArray[np.float64]) -> Values:
    """Return the issues at the end of the month if a shock had other effects; they differ only if it strikes."""
    row = model.case.tables.shocks[s]
    changes = model.case.tables.changes[row["changes"] : row["changes_end"]]
    numbers = np.ascontiguousarray(changes["number"], np.int64)
    now = model.numbers()[numbers]
    others = np.where((changes["to"] == 1) & (now <= 0.5), 1.0, 0.0)
    schedule.fork_all(model.case.directory, model.state.memory, numbers, others)
    schedule.close_all(model.case.directory, model.state.memory, model.month, model.case.months - 1)
    issues = _issues(model)
    model.state.memory[...] = kept
    return issues


def _changes(model: LeverageModel, s: int, before: Values, other: Values, after: Values) -> dict[str, float]:
    """Return what a shock changed: against the month without it, or for a set value against the month's start."""
    row, found = model.case.tables.shocks[s], dict[str, float]()
    for change in model.case.tables.changes[row["changes"] : row["changes_end"]]:
        k = int(change["issue"])
        found[model.case.issues[k]] = float(after[k] - (before if change["to"] == 1 else other)[k])
    return {issue: change for issue, change in found.items() if change}


def _causes(model: RecordingModel, outcome: str, earlier: list[tuple[str, str, dict[str, float]]]) -> Iterator[Cause]:
    """Yield what of the month before an outcome would not have happened without, by its conditions on leverage."""
    row = model.case.tables.outcomes[model.case.outcomes.index(outcome)]
    conditions = model.case.tables.conditions[row["when"] : row["when_end"]]
    first = len(model.case.issues) + len(model.case.drivers)
    leverage = slice(first, first + len(model.case.actors) ** 2)
    pairs = [q for one in conditions for q in (one["quantity"], one["other"]) if leverage.start <= q < leverage.stop]
    b, lane = place_of(0)
    now = model.state.quantity[b, :, lane]
    for kind, name, changes in earlier if pairs else ():
        otherwise = now.copy()
        otherwise[leverage] = _opening_without(model, changes)[leverage]
        if not _hold(model, conditions, otherwise):
            without = {model.quantities[q]: float(otherwise[q]) for q in pairs if otherwise[q] != now[q]}
            yield Cause(kind, name, without)


def _opening_without(model: RecordingModel, changes: dict[str, float]) -> Values:
    """Return the quantities of the month just played, once all have perceived, if issues had not changed before it."""
    moment = Moment.of(model)
    quantity = moment.quantity.copy()
    for issue, change in changes.items():
        k = model.case.issues.index(issue)
        quantity[k] = min(max(quantity[k] - change, 0.0), 1.0)
    state = replace(moment, quantity=quantity).worlds(model.case, np.array([0]), moment.numbers[:1])
    return state.quantity[0, :, 0]


def _hold(model: RecordingModel, conditions: Any, quantity: Values) -> bool:
    """Return whether all conditions hold for some quantities."""
    numbers = model.numbers()
    for one in conditions:
        bound = numbers[one["number"]] if one["other"] < 0 else quantity[one["other"]]
        if not (quantity[one["quantity"]] > bound if one["above"] else quantity[one["quantity"]] < bound):
            return False
    return True
