"""What some moves are worth every month, and who would consent to them, whether or not they can be made  (E5-E7)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from realpolitik_model.accounting import Account, Share, account
from realpolitik_model.case import Case
from realpolitik_model.engine import schedule
from realpolitik_model.engine.state import MADE
from realpolitik_model.engine.tables import quantity_names
from realpolitik_model.equations import consents, differs, rested, votes_suffice
from realpolitik_model.flip import Bounds, Flip, Truths, smallest_change
from realpolitik_model.model import LeverageModel
from realpolitik_model.moment import Indices, Moment, Values


class Requirement(NamedTuple):
    """A condition of a move, in every world of a model."""

    quantity: str
    above: bool
    """Whether the quantity must be above the bound; else it must be below."""
    other: str | None
    """The quantity that is the bound; None if the bound is a number."""
    value: Values
    bound: Values

    @property
    def holds(self) -> Truths:
        """Where the condition holds."""
        return self.value > self.bound if self.above else self.value < self.bound

    @property
    def text(self) -> str:
        """The condition in words, such as `invitation above 0.5`."""
        bound = self.other or f"{self.bound.flat[0]:g}"
        return f"{self.quantity} {'above' if self.above else 'below'} {bound}"


@dataclass(frozen=True)
class Considered:
    """A move in one month, in every world of a model: what it would be worth if it could be made."""

    move: str
    actor: str
    month: int
    begun: bool
    """Whether its window has opened."""
    over: bool
    """Whether its window has closed."""
    conditions: tuple[Requirement, ...]
    rested: Truths
    """Where it was not refused in the months of `theory.patience`."""
    changes: Truths
    """Where one of its changes would have an effect."""
    chance: Values
    tau: Values
    """Terms; 0 for a move without payment."""
    sides: dict[str, Values]
    """The actor, then each payer -> what the deal is worth to it, without noise; empty for a move without payment."""
    deal: Truths | None
    """Where there is a deal on its payment; None for a move without payment."""
    dealt: Truths
    """Where there is a deal, or none is needed."""
    value: Values
    """To the actor, with cost and noise."""
    noise: Values
    consents: dict[str, Values]
    """Actor asked -> what the move is worth to it, with noise; it consents above 0."""
    votes: dict[str, Values]
    """Actor asked -> the weight of its vote; empty if all must consent."""
    need: Values | None
    agreed: Truths
    """Where all who are asked, or enough of them and every payer, consent."""
    feasible: Truths
    """Where it could be made (E6)."""
    rivals: Values
    """The greatest value of another feasible move of the actor; 0 if none is worth more."""
    chosen: Truths
    made: Truths

    @property
    def in_window(self) -> bool:
        """Whether the month is in its window."""
        return self.begun and not self.over

    @property
    def possible(self) -> Truths:
        """Where it could be made if its chance came up."""
        able = self.rested & self.changes & self.dealt & self.in_window
        for condition in self.conditions:
            able = able & condition.holds
        return able


class ConsideringModel(LeverageModel):
    """A model that considers some moves every month; its worlds are those of a `LeverageModel`.

    `considered` has one record per move, of the last month played.
    """

    def __init__(self, case: Case, *, moves: Sequence[str], **given: Any) -> None:
        super().__init__(case, **given)
        self.moves = [case.moves.index(move) for move in moves]
        self.considered: list[Considered] = []

    def _close_month(self) -> None:
        for v in self.moves:
            schedule.consider_all(self.case.directory, self.state.memory, self.month, v)
        self.considered = [_record(self, v) for v in self.moves]
        super()._close_month()


def _record(model: LeverageModel, v: int) -> Considered:
    """Return what a model has just considered, before the month is settled."""
    case, state, move = model.case, model.state, model.case.tables.moves[v]
    actor = case.actors[move["actor"]]
    paid, asked = bool(move["payers"] < move["payers_end"]), range(move["consents"], move["consents_end"])
    ask = case.tables.consents
    value, noise = model.row(state.value, v), model.row(state.noise, v)
    everywhere = np.ones(model.worlds.size, bool)
    sides, tau = {}, model.row(state.tau, v) if paid else 0.0 * value
    deal = model.row(state.dealt, v) > 0 if paid else None
    if paid:
        sides = {actor: value - noise}
        for n in range(move["payers"], move["payers_end"]):
            payer = case.actors[case.tables.payers[n]]
            sides[payer] = model.row(state.outside, n) - tau * model.row(state.burden, n)
    worth = {case.actors[ask[k]["actor"]]: model.row(state.consent, k) for k in asked}
    weights = {}
    if move["need"] >= 0:
        weights = {
            case.actors[ask[k]["actor"]]: _number(model, ask[k]["votes"]) if ask[k]["votes"] >= 0 else everywhere * 1.0
            for k in asked
        }
    need = _number(model, move["need"]) if move["need"] >= 0 else None
    chosen = model.row(state.choice, move["actor"]) == v
    return Considered(
        move=case.moves[v],
        actor=actor,
        month=model.month,
        begun=bool(move["since"] <= model.month),
        over=bool(model.month > move["until"]),
        conditions=tuple(_conditions(model, v)),
        rested=_rested(model, v) if asked else everywhere,
        changes=_changes(model, v),
        chance=_number(model, move["chance"]),
        tau=tau,
        sides=sides,
        deal=deal,
        dealt=everywhere if deal is None or move["unpaid"] == 1 else deal,
        value=value,
        noise=noise,
        consents=worth,
        votes=weights,
        need=need,
        agreed=agreement(worth, weights, need, set(sides)),
        feasible=model.row(state.feasible, v) > 0,
        rivals=_rivals(model, v),
        chosen=chosen,
        made=chosen & (model.row(state.result, v) == MADE),
    )


def agreement(worth: Mapping[str, Any], votes: Mapping[str, Any], need: Any, payers: set[str]) -> Truths:
    """Return where those who are asked agree, by what the move is worth to each of them  (E6)."""
    agreed: Any = np.True_
    total: Any = 0.0
    for one, value in worth.items():
        if need is None or one in payers:
            agreed = agreed & consents(value)
        if need is not None:
            total = total + np.where(consents(value), votes[one], 0.0)
    found: Truths = agreed & votes_suffice(total, need) if need is not None else np.asarray(agreed)
    return found


def _rested(model: LeverageModel, v: int) -> Truths:
    """Return where a move was not refused in the months of patience."""
    aside: Any = model.row(model.state.opening, model.state.opening.shape[1] - len(model.case.moves) + v)
    patience: Any = _number(model, model.case.paths["theory.patience"])
    return np.asarray(rested(model.month - aside, patience))


def _number(model: LeverageModel, number: int) -> Values:
    """Return a number of this month in every world."""
    for rows, index in ((model.state.varied, model.state.differing), (model.state.responses, model.state.responding)):
        found = np.flatnonzero(index == number)
        if found.size:
            return model.row(rows, int(found[0]))
    return np.full(model.worlds.size, model.numbers()[number])


def _conditions(model: LeverageModel, v: int) -> Iterator[Requirement]:
    case, move = model.case, model.case.tables.moves[v]
    names = quantity_names(list(case.actors), list(case.issues), list(case.drivers), list(case.moves))
    for row in case.tables.conditions[move["requires"] : move["requires_end"]]:
        other = int(row["other"])
        bound = _number(model, int(row["number"])) if other < 0 else model.row(model.state.quantity, other)
        left = model.row(model.state.quantity, int(row["quantity"]))
        yield Requirement(names[row["quantity"]], bool(row["above"]), None if other < 0 else names[other], left, bound)


def _changes(model: LeverageModel, v: int) -> Truths:
    """Return where one of the changes of a move would have an effect."""
    move, found = model.case.tables.moves[v], np.zeros(model.worlds.size, bool)
    for c in range(move["changes"], move["changes_end"]):
        issue = int(model.case.tables.changes[c]["issue"])
        before: Any = model.row(model.state.quantity, issue)
        after: Any = model.row(model.state.target, c)
        found |= differs(before, after)
    return found


def _rivals(model: LeverageModel, v: int) -> Values:
    actor = model.case.tables.actors[model.case.tables.moves[v]["actor"]]
    best = np.zeros(model.worlds.size)
    for m in model.case.tables.owned[actor["owned"] : actor["owned_end"]]:
        if m != v:
            value = np.where(model.row(model.state.feasible, m) > 0, model.row(model.state.value, m), 0.0)
            best = np.maximum(best, value)
    return best


def accounts(model: ConsideringModel, n: int, position: int = 0) -> tuple[Account, list[Share]]:
    """Return the account of the n-th considered move in one world, and what it is worth to those who are asked."""
    found = account(model, model.moves[n], position, considered=True)
    return replace(found, asked=[]), found.asked


def smallest_change_of(model: ConsideringModel, n: int, bounds: Bounds, question: str) -> Flip | None:
    """Return the smallest change of one number after which the n-th considered move gets past what stops it.

    `model` has one world. `question` is "deal", "value" or "consent": that there is a deal, that the move is worth
    more than 0 to its actor, or that those who are asked agree.
    """
    case, v, moment, last = model.case, model.moves[n], Moment.of(model), model.considered[n]
    move = case.tables.moves[v]
    asked = [int(k) for k in range(move["consents"], move["consents_end"])]
    paid = bool(move["payers"] < move["payers_end"] and move["unpaid"] == 0)

    def flips(numbers: Indices, values: Values) -> Truths:
        state = moment.worlds(case, numbers, values)
        schedule.consider_all(case.directory, state.memory, moment.month, v)

        def row(rows: Values, index: int) -> Values:
            found: Values = rows[:, index, :].reshape(-1)[: values.size]
            return found

        dealt = row(state.dealt, v) > 0 if paid else np.ones(values.size, bool)
        if question == "deal":
            return dealt
        if question == "value":
            return dealt & (row(state.value, v) > 0)
        worth = {case.actors[case.tables.consents[k]["actor"]]: row(state.consent, k) for k in asked}
        return dealt & np.broadcast_to(agreement(worth, last.votes, last.need, set(last.sides)), dealt.shape)

    return smallest_change(case, moment, bounds, flips)
