"""E6, choice: the best feasible move of value above nothing; and consent, which others give or refuse."""

from typing import Any

from realpolitik_model.blocks import holds
from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE, REFUSED
from realpolitik_model.noise import GREATEST, normal, uniform
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
    aim_all(tables, lanes, move.changes, move.changes_end)
    changed = spread(0.0) != 0.0
    for c in range(move.changes, move.changes_end):
        changed = changed | (lanes.target[c] != lanes.quantity[tables.changes[c].issue])
    able = able & changed
    if lanes.chancy[v] == 1 and anywhere(able):
        chance = lanes.numbers[move.chance]
        able = able & ((chance >= 1.0) | (uniform(lanes.stream[1], move.chance_key) < chance))
    return able


@kernel
def could(lanes: Any, tables: Any, value: Any, bar: Any) -> Any:
    """Return where the greatest noise there is would lift a value above a bar."""
    return value + lanes.numbers[tables.theory[0].noise] * GREATEST > bar


@kernel
def draw_noise(tables: Any, lanes: Any, v: Any) -> Any:
    """Add its noise to the value of move v and return it."""
    noise = lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], tables.moves[v].decision_key)
    lanes.noise[v] = noise
    lanes.value[v] += noise
    lanes.noised[v] = lanes.clock[0]
    return lanes.value[v]


@kernel
def evaluate(tables: Any, lanes: Any, v: Any, able: Any) -> Any:
    """Set the value of move v to its owner, terms included and noise not; return where it is feasible  (E5, E7)."""
    move = tables.moves[v]
    value = appraise(tables, lanes, v)
    if move.payer >= 0:
        aim_all(tables, lanes, tables.moves[move.fallback].changes, tables.moves[move.fallback].changes_end)
        appraise(tables, lanes, move.fallback)
        value = bargain(tables, lanes, v)
        able = able & (value > 0.0) & (lanes.deal[v] > 0.0)
    lanes.value[v] = value
    return able


@kernel
def deliberate(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6)."""
    actor = tables.actors[i]
    choice, best = spread(-1.0), spread(0.0)
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        able = can_move(tables, lanes, t, v)
        if anywhere(able):
            able = evaluate(tables, lanes, v, able)
            if anywhere(able & could(lanes, tables, lanes.value[v], best)):
                value = draw_noise(tables, lanes, v)
                better = able & (value > best)
                choice, best = where(better, spread(float(v)), choice), where(better, value, best)
                lanes.preferred[v] = t
        lanes.feasible[v] = where(able, spread(1.0), spread(0.0))
    lanes.choice[i] = choice


@kernel
def complete(tables: Any, lanes: Any, i: Any) -> None:
    """Add the noise that could not change actor i's choice, for whoever asks what else it weighed."""
    for m in range(tables.actors[i].owned, tables.actors[i].owned_end):
        v = tables.owned[m]
        if lanes.noised[v] != lanes.clock[0] and anywhere(lanes.feasible[v] != 0.0):
            draw_noise(tables, lanes, v)


@kernel
def ask(tables: Any, lanes: Any, v: Any, k: Any, asked: Any) -> Any:
    """Return where the k-th actor to be asked consents to move v, by its own value of it, without cost  (E6).

    Its noise is drawn if it could change the answer in some world that asks.
    """
    move, j = tables.moves[v], tables.consents[k].actor
    if j == move.payer:
        worth = lanes.deal[v]
    else:
        worth = weighted(tables, lanes, v, j)
        if move.payer >= 0:
            worth += lanes.tau[v] * weighted_payment(tables, lanes, v, j)
    lanes.consent[k] = worth
    if anywhere(asked & could(lanes, tables, worth, 0.0) & could(lanes, tables, -worth, 0.0)):
        answer(tables, lanes, k)
    return lanes.consent[k] > 0.0


@kernel
def answer(tables: Any, lanes: Any, k: Any) -> None:
    """Add its noise to what the k-th actor to be asked makes of a move."""
    lanes.consent[k] += lanes.numbers[tables.theory[0].noise] * normal(lanes.stream[1], tables.consents[k].key)
    lanes.answered[k] = lanes.clock[0]


@kernel
def complete_answers(tables: Any, lanes: Any, i: Any) -> None:
    """Add the noise that could not change what others answered to actor i."""
    for m in range(tables.actors[i].owned, tables.actors[i].owned_end):
        v = tables.owned[m]
        if lanes.taken[v] == lanes.clock[0]:
            for k in range(tables.moves[v].consents, tables.moves[v].consents_end):
                if lanes.answered[k] != lanes.clock[0]:
                    answer(tables, lanes, k)


@kernel
def act(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if lanes.preferred[v] == t:
            chosen = lanes.choice[i] == v
            if anywhere(chosen):
                lanes.taken[v] = t
                propose(tables, lanes, t, v, chosen)


@kernel
def propose(tables: Any, lanes: Any, t: Any, v: Any, chosen: Any) -> None:
    """Set the result of move v where it was chosen, and put it aside where it is refused  (E6)."""
    agreed = chosen
    for k in range(tables.moves[v].consents, tables.moves[v].consents_end):
        agreed = agreed & ask(tables, lanes, v, k, chosen)
    refused = chosen & ~agreed
    lanes.result[v] = where(agreed, spread(MADE), where(refused, spread(REFUSED), spread(0.0)))
    if anywhere(refused):
        lanes.aside[v] = where(refused, spread(float(t)), lanes.aside[v])
