"""E5-E7 over rows: each actor values its moves, takes the best, and asks for the consent that it needs."""

from typing import Any

from realpolitik_model.engine.compiling import kernel
from realpolitik_model.engine.flags import inputs_moved
from realpolitik_model.engine.noise import normal, uniform
from realpolitik_model.engine.perceiving import power
from realpolitik_model.engine.rows import holds
from realpolitik_model.engine.state import MADE, REFUSED
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import (
    chance_positive,
    choose,
    comes_up,
    consents,
    gain,
    keep_back,
    rested,
    settle_terms,
    target,
)
from realpolitik_model.equations.arithmetic import anywhere, opposite, where

# --- E5 The value of a move


@kernel
def aim(tables: Any, state: Any, c: Any) -> Any:
    """Set the outcome x' that a change would bring; return where it differs from x  (E5)."""
    change = tables.changes[c]
    outcome = state.quantity[change.issue]
    aimed = target(outcome, state.numbers[change.number], change.to == 1)
    state.target[c] = aimed
    return aimed != outcome


@kernel
def aim_all(tables: Any, state: Any, start: Any, end: Any) -> Any:
    """Aim the changes start..end; return where one of them would change something."""
    changed = spread(0.0) != 0.0
    for c in range(start, end):
        changed = changed | aim(tables, state, c)
    return changed


@kernel
def add_gains(tables: Any, state: Any, gains: Any, first: Any, start: Any, end: Any) -> None:
    """Set the gain of each of the gainers start..end, in rows from `first`; all others gain 0  (E5)."""
    quadratic = tables.theory[0].quadratic == 1
    for g in range(start, end):
        gainer, total = tables.gainers[g], spread(0.0)
        for s in range(gainer.stakes, gainer.stakes_end):
            stake = tables.stakes[s]
            before, after = state.quantity[stake.issue], state.target[stake.change]
            total += gain(state.salience[stake.interest], before, after, state.numbers[stake.position], quadratic)
        gains[first + gainer.actor] = total


@kernel
def weighted(tables: Any, state: Any, v: Any, i: Any) -> Any:
    """Return actor i's sum over the gains from move v: its own, and every other's by its weight  (E5)."""
    return _sum(tables, state, state.gain, v, i, tables.moves[v].gainers, tables.moves[v].gainers_end)


@kernel
def weighted_payment(tables: Any, state: Any, v: Any, i: Any) -> Any:
    """Return the same over the gains from the payment of move v  (E7)."""
    return _sum(tables, state, state.paid, v, i, tables.moves[v].paid_gainers, tables.moves[v].paid_gainers_end)


@kernel
def _sum(tables: Any, state: Any, gains: Any, v: Any, i: Any, start: Any, end: Any) -> Any:
    actors = tables.actors.size
    total = gains[v * actors + i]
    for g in range(start, end):
        a = tables.gainers[g].actor
        if tables.relations[i * actors + a].heeds == 1:
            total += state.weight[i * actors + a] * gains[v * actors + a]
    return total


@kernel
def appraise(tables: Any, state: Any, v: Any) -> Any:
    """Set the gains of all actors from move v, aimed before; return its bare value to its owner, less cost  (E5)."""
    move = tables.moves[v]
    if inputs_moved(tables, state, v):
        add_gains(tables, state, state.gain, v * tables.actors.size, move.gainers, move.gainers_end)
        state.appraised[v] = state.clock[0]
    return weighted(tables, state, v, move.actor) - state.numbers[move.cost]


# --- E7 Terms of trade


@kernel
def kept_back(tables: Any, state: Any, fallback: Any) -> Any:
    """Return the chance that the mover would not soon make its fallback anyway, unpaid  (E7)."""
    theory, move = tables.theory[0], tables.moves[fallback]
    aim_all(tables, state, move.changes, move.changes_end)
    chance = chance_positive(appraise(tables, state, fallback), state.numbers[theory.noise])
    return keep_back(chance, state.numbers[theory.patience])


@kernel
def bargain(tables: Any, state: Any, v: Any, bare: Any) -> Any:
    """Set the terms of move v, worth `bare` unpaid, and what the payer makes of them; return its value  (E7)."""
    move = tables.moves[v]
    i, j = move.actor, move.payer
    aim_all(tables, state, move.paid, move.paid_end)
    add_gains(tables, state, state.paid, v * tables.actors.size, move.paid_gainers, move.paid_gainers_end)
    left = kept_back(tables, state, move.fallback) * weighted(tables, state, v, j)
    b, e = weighted_payment(tables, state, v, i), -weighted_payment(tables, state, v, j)
    tau = settle_terms(bare, b, left, e, power(tables, state, i, j), power(tables, state, j, i))
    state.tau[v] = tau
    state.deal[v] = left - tau * e
    return bare + tau * b


# --- E6 Choice and consent


@kernel
def can_move(tables: Any, state: Any, t: Any, v: Any) -> Any:
    """Aim move v; return the worlds in which it can be made this month  (E6)."""
    move = tables.moves[v]
    able = holds(tables, state, move.requires, move.requires_end, spread(0.0) == 0.0)
    if move.consents < move.consents_end:  # else nobody can have refused it
        able = able & rested(t - state.aside[v], state.numbers[tables.theory[0].patience])
    if not anywhere(able):
        return able
    able = able & aim_all(tables, state, move.changes, move.changes_end)
    if state.by_chance[v] == 1 and anywhere(able):
        able = able & comes_up(state.numbers[move.chance], uniform(state.stream[1], move.chance_key))
    return able


@kernel
def evaluate(tables: Any, state: Any, v: Any) -> Any:
    """Return the value of move v to its owner, terms included and noise not  (E5, E7)."""
    value = appraise(tables, state, v)
    return bargain(tables, state, v, value) if tables.moves[v].payer >= 0 else value


@kernel
def noise_of(tables: Any, state: Any, key: Any) -> Any:
    """Return this month's noise of a decision or a consent."""
    return state.numbers[tables.theory[0].noise] * normal(state.stream[1], key)


@kernel
def deliberate(tables: Any, state: Any, t: Any, i: Any, recorded: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6).

    If decisions are `recorded`, the value and the noise of every move that it considered are kept too.
    """
    actor = tables.actors[i]
    chosen, best = spread(-1.0), spread(0.0)
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        move, able = tables.moves[v], can_move(tables, state, t, v)
        if anywhere(able):
            worth, noise = evaluate(tables, state, v), noise_of(tables, state, move.decision_key)
            value = worth + noise
            if move.payer >= 0:
                able = able & (worth > 0.0) & (state.deal[v] > 0.0)
            chosen, best = choose(chosen, best, float(v), value, able)
            state.evaluated[v] = t
            if recorded:
                state.value[v], state.noise[v] = value, noise
        if recorded:
            state.feasible[v] = where(able, 1.0, 0.0)
    state.choice[i] = chosen


@kernel
def ask(tables: Any, state: Any, v: Any, k: Any, recorded: Any) -> Any:
    """Return where the k-th actor to be asked consents to move v, by its own value of it, without cost  (E6)."""
    move, j = tables.moves[v], tables.consents[k].actor
    if j == move.payer:
        worth = state.deal[v]
    else:
        worth = weighted(tables, state, v, j)
        if move.payer >= 0:
            worth += state.tau[v] * weighted_payment(tables, state, v, j)
    worth += noise_of(tables, state, tables.consents[k].key)
    if recorded:
        state.consent[k] = worth
    return consents(worth)


@kernel
def act(tables: Any, state: Any, t: Any, i: Any, recorded: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if state.evaluated[v] == t:
            chosen = state.choice[i] == v
            if anywhere(chosen):
                state.taken[v] = t
                propose(tables, state, t, v, chosen, recorded)


@kernel
def propose(tables: Any, state: Any, t: Any, v: Any, chosen: Any, recorded: Any) -> None:
    """Set the result of move v where it was chosen, count it, and put it aside where it is refused  (E6)."""
    move, agreed = tables.moves[v], chosen
    for k in range(move.consents, move.consents_end):
        agreed = agreed & ask(tables, state, v, k, recorded)
    result = where(agreed, MADE, 0.0)
    state.made[v] += where(agreed, 1.0, 0.0)
    refused = chosen & opposite(agreed)
    if anywhere(refused):
        result = where(refused, REFUSED, result)
        state.refused[v] += where(refused, 1.0, 0.0)
        state.aside[v] = where(refused, float(t), state.aside[v])
    state.result[v] = result
