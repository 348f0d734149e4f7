"""E6, choice: the best feasible move of value above nothing; and consent, which others give or refuse."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE, REFUSED, holds
from realpolitik_model.noise import normal, uniform
from realpolitik_model.terms import bargain
from realpolitik_model.value import aim, appraise, weighted
from realpolitik_model.vectors import anywhere, spread, where


@kernel
def find_feasible(tables: Any, lanes: Any, t: Any, v: Any) -> None:
    """Set where move v can be made this month  (E6)."""
    move = tables.moves[v]
    changed = spread(0.0) != 0.0
    for c in range(move.changes, move.changes_end):
        aim(tables, lanes, c)
        changed = changed | (lanes.target[c] != lanes.quantity[tables.changes[c].issue])
    free = t - lanes.aside[v] > lanes.numbers[tables.theory[0].patience]
    able = changed & free & holds(tables, lanes, move.requires, move.requires_end)
    chance = lanes.numbers[move.chance]
    if anywhere(able & (chance < 1.0)):
        able = able & ((chance >= 1.0) | (uniform(lanes.stream[1], move.chance_key) < chance))
    lanes.feasible[v] = where(able, spread(1.0), spread(0.0))


@kernel
def evaluate(tables: Any, lanes: Any, v: Any) -> None:
    """Set the value of move v to its owner, terms and noise included  (E5, E7)."""
    move = tables.moves[v]
    value = appraise(tables, lanes, v)
    if move.payer >= 0:
        appraise(tables, lanes, move.fallback)
        value = bargain(tables, lanes, v)
    noise = lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], move.decision_key)
    lanes.noise[v] = noise
    lanes.value[v] = value + noise


@kernel
def deliberate(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        find_feasible(tables, lanes, t, tables.owned[m])
    choice, best = spread(-1.0), spread(0.0)
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if anywhere(lanes.feasible[v] != 0.0):
            evaluate(tables, lanes, v)
            better = (lanes.feasible[v] != 0.0) & (lanes.value[v] > best)
            choice, best = where(better, spread(float(v)), choice), where(better, lanes.value[v], best)
    lanes.choice[i] = choice


@kernel
def ask(tables: Any, lanes: Any, v: Any, k: Any) -> Any:
    """Return what the k-th asked actor makes of move v: its own value of it, without cost, with its own noise  (E6)."""
    move, first = tables.moves[v], v * tables.actors.size
    j, key = tables.consents[k].actor, tables.consents[k].key
    if j == move.payer:
        worth = lanes.deal[v]
    else:
        worth = weighted(tables, lanes, lanes.gain, first, j)
        if move.payer >= 0:
            worth += lanes.tau[v] * weighted(tables, lanes, lanes.paid, first, j)
    lanes.consent[k] = worth + lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], key)
    return lanes.consent[k]


@kernel
def act(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        chosen = lanes.choice[i] == v
        lanes.result[v] = where(chosen, spread(MADE), spread(0.0))
        if anywhere(chosen):
            move = tables.moves[v]
            for k in range(move.consents, move.consents_end):
                agrees = ask(tables, lanes, v, k) > 0.0
                lanes.result[v] = where(chosen & ~agrees, spread(REFUSED), lanes.result[v])
            lanes.aside[v] = where(lanes.result[v] == REFUSED, spread(float(t)), lanes.aside[v])
