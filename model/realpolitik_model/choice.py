"""E6, choice: the best feasible move of value above nothing; and consent, which others give or refuse."""

from typing import Any

from realpolitik_model.blocks import holds
from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE, REFUSED
from realpolitik_model.noise import normal, uniform
from realpolitik_model.terms import bargain
from realpolitik_model.value import aim_all, appraise, weighted, weighted_payment
from realpolitik_model.vectors import anywhere, spread, where


@kernel
def can_move(tables: Any, lanes: Any, t: Any, v: Any) -> Any:
    """Aim move v; return the worlds in which it can be made this month  (E6)."""
    move = tables.moves[v]
    able = holds(tables, lanes, move.requires, move.requires_end)
    if move.consents < move.consents_end:  # else nobody can have refused it
        able = able & (t - lanes.aside[v] > lanes.numbers[tables.theory[0].patience])
    if not anywhere(able):
        return able
    able = able & aim_all(tables, lanes, move.changes, move.changes_end)
    if lanes.chancy[v] == 1 and anywhere(able):
        chance = lanes.numbers[move.chance]
        able = able & ((chance >= 1.0) | (uniform(lanes.stream[1], move.chance_key) < chance))
    return able


@kernel
def evaluate(tables: Any, lanes: Any, v: Any) -> Any:
    """Return the value of move v to its owner, terms included and noise not  (E5, E7)."""
    move = tables.moves[v]
    value = appraise(tables, lanes, v)
    return bargain(tables, lanes, v, value) if move.payer >= 0 else value


@kernel
def noise_of(tables: Any, lanes: Any, key: Any) -> Any:
    """Return this month's noise of a decision or a consent."""
    return lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], key)


@kernel
def deliberate(tables: Any, lanes: Any, t: Any, i: Any, told: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6).

    If it is to be told, what it weighed is kept too: the value of every move, and of its noise.
    """
    actor = tables.actors[i]
    choice, best = spread(-1.0), spread(0.0)
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        move, able = tables.moves[v], can_move(tables, lanes, t, v)
        if anywhere(able):
            worth, noise = evaluate(tables, lanes, v), noise_of(tables, lanes, move.decision_key)
            value = worth + noise
            if move.payer >= 0:
                able = able & (worth > 0.0) & (lanes.deal[v] > 0.0)
            better = able & (value > best)
            choice, best = where(better, spread(float(v)), choice), where(better, value, best)
            lanes.weighed_up[v] = t
            if told:
                lanes.value[v], lanes.noise[v] = value, noise
        if told:
            lanes.feasible[v] = where(able, spread(1.0), spread(0.0))
    lanes.choice[i] = choice


@kernel
def ask(tables: Any, lanes: Any, v: Any, k: Any, told: Any) -> Any:
    """Return where the k-th actor to be asked consents to move v, by its own value of it, without cost  (E6)."""
    move, j = tables.moves[v], tables.consents[k].actor
    if j == move.payer:
        worth = lanes.deal[v]
    else:
        worth = weighted(tables, lanes, v, j)
        if move.payer >= 0:
            worth += lanes.tau[v] * weighted_payment(tables, lanes, v, j)
    worth += noise_of(tables, lanes, tables.consents[k].key)
    if told:
        lanes.consent[k] = worth
    return worth > 0.0


@kernel
def act(tables: Any, lanes: Any, t: Any, i: Any, told: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if lanes.weighed_up[v] == t:
            chosen = lanes.choice[i] == v
            if anywhere(chosen):
                lanes.taken[v] = t
                propose(tables, lanes, t, v, chosen, told)


@kernel
def propose(tables: Any, lanes: Any, t: Any, v: Any, chosen: Any, told: Any) -> None:
    """Set the result of move v where it was chosen, count it, and put it aside where it is refused  (E6)."""
    move, agreed = tables.moves[v], chosen
    for k in range(move.consents, move.consents_end):
        agreed = agreed & ask(tables, lanes, v, k, told)
    result = where(agreed, spread(MADE), spread(0.0))
    lanes.made[v] += where(agreed, spread(1.0), spread(0.0))
    refused = chosen & ~agreed
    if anywhere(refused):
        result = where(refused, spread(REFUSED), result)
        lanes.refused[v] += where(refused, spread(1.0), spread(0.0))
        lanes.aside[v] = where(refused, spread(float(t)), lanes.aside[v])
    lanes.result[v] = result
