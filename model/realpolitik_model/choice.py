"""E6, choice: the best feasible move of value above nothing; and consent, which others give or refuse."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE, REFUSED, holds
from realpolitik_model.noise import GREATEST, normal, uniform
from realpolitik_model.terms import bargain
from realpolitik_model.value import aim_all, appraise, weighted, weighted_payment
from realpolitik_model.vectors import anywhere, spread, where


@kernel
def can_move(tables: Any, lanes: Any, t: Any, v: Any) -> Any:
    """Aim move v; return the worlds in which it can be made this month  (E6)."""
    move = tables.moves[v]
    able = t - lanes.aside[v] > lanes.numbers[tables.theory[0].patience]
    able = able & holds(tables, lanes, move.requires, move.requires_end)
    if not anywhere(able):
        return able
    aim_all(tables, lanes, move.changes, move.changes_end)
    changed = spread(0.0) != 0.0
    for c in range(move.changes, move.changes_end):
        changed = changed | (lanes.target[c] != lanes.quantity[tables.changes[c].issue])
    able = able & changed
    chance = lanes.numbers[move.chance]
    if anywhere(able & (chance < 1.0)):
        able = able & ((chance >= 1.0) | (uniform(lanes.stream[1], move.chance_key) < chance))
    return able


@kernel
def evaluate(tables: Any, lanes: Any, v: Any) -> None:
    """Set the value of move v to its owner, terms and noise included  (E5, E7); without a deal it is not feasible."""
    move = tables.moves[v]
    value = appraise(tables, lanes, v)
    if move.payer >= 0:
        aim_all(tables, lanes, tables.moves[move.fallback].changes, tables.moves[move.fallback].changes_end)
        appraise(tables, lanes, move.fallback)
        value = bargain(tables, lanes, v)
        struck = (value > 0.0) & (lanes.deal[v] > 0.0)
        lanes.feasible[v] = where(struck, lanes.feasible[v], spread(0.0))
    sd, noise = lanes.numbers[tables.theory[0].noise], spread(0.0)
    if anywhere(value + sd * GREATEST > 0.0):  # else no noise would make the move worth its while
        noise = sd * normal(lanes.stream[1], move.decision_key)
    lanes.noise[v] = noise
    lanes.value[v] = value + noise


@kernel
def deliberate(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6)."""
    actor = tables.actors[i]
    choice, best = spread(-1.0), spread(0.0)
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        able = can_move(tables, lanes, t, v)
        lanes.feasible[v] = where(able, spread(1.0), spread(0.0))
        if anywhere(able):
            evaluate(tables, lanes, v)
            better = (lanes.feasible[v] != 0.0) & (lanes.value[v] > best)
            choice, best = where(better, spread(float(v)), choice), where(better, lanes.value[v], best)
    lanes.choice[i] = choice


@kernel
def ask(tables: Any, lanes: Any, v: Any, k: Any) -> Any:
    """Return what the k-th asked actor makes of move v: its own value of it, without cost, with its own noise  (E6)."""
    move = tables.moves[v]
    j, key = tables.consents[k].actor, tables.consents[k].key
    if j == move.payer:
        worth = lanes.deal[v]
    else:
        worth = weighted(tables, lanes, v, j)
        if move.payer >= 0:
            worth += lanes.tau[v] * weighted_payment(tables, lanes, v, j)
    lanes.consent[k] = worth + lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], key)
    return lanes.consent[k]


@kernel
def act(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        chosen = lanes.choice[i] == v
        if anywhere(chosen):
            lanes.taken[v] = t
            propose(tables, lanes, t, v, chosen)


@kernel
def propose(tables: Any, lanes: Any, t: Any, v: Any, chosen: Any) -> None:
    """Set the result of move v where it was chosen, and put it aside where it is refused  (E6)."""
    agreed = chosen
    for k in range(tables.moves[v].consents, tables.moves[v].consents_end):
        agreed = agreed & (ask(tables, lanes, v, k) > 0.0)
    refused = chosen & ~agreed
    lanes.result[v] = where(agreed, spread(MADE), where(refused, spread(REFUSED), spread(0.0)))
    if anywhere(refused):
        lanes.aside[v] = where(refused, spread(float(t)), lanes.aside[v])
