"""E5-E7 over rows: each actor values its moves, takes the best, and asks for the consent that it needs."""

from typing import Any

import numpy as np

from realpolitik_model.engine.compiling import kernel, section
from realpolitik_model.engine.flags import inputs_moved
from realpolitik_model.engine.native import THREADED
from realpolitik_model.engine.noise import normal, uniform
from realpolitik_model.engine.perceiving import power
from realpolitik_model.engine.rows import holds
from realpolitik_model.engine.state import MADE, REFUSED
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import (
    agree_jointly,
    chance_positive,
    choose,
    comes_up,
    consents,
    differs,
    gain,
    halve,
    keep_back,
    rested,
    room,
    settle_terms,
    slope,
    target,
    votes_suffice,
)
from realpolitik_model.equations.arithmetic import anywhere, divide, opposite, where

KEPT = not THREADED
"""Whether targets, and gains without foresight, are kept in rows. Threads compute them again where they are needed:
what limits a GPU is how many rows it moves, not how much it computes."""
HALVINGS = 60
"""Steps of the bisection for the terms with several payers  (E7)."""

# --- E5 The value of a move


@kernel
def target_of(tables: Any, state: Any, c: Any, outcome: Any) -> Any:
    """Return the outcome x' that a change would bring from an outcome of its issue  (E5)."""
    change = tables.changes[c]
    return target(outcome, state.numbers[change.number], change.to == 1)


@kernel
def aim(tables: Any, state: Any, c: Any) -> Any:
    """Set the outcome x' that a change would bring; return where that changes it  (E5, E6)."""
    outcome = state.quantity[tables.changes[c].issue]
    aimed = target_of(tables, state, c, outcome)
    if KEPT:
        state.target[c] = aimed
    return differs(outcome, aimed)


@kernel
def aimed(tables: Any, state: Any, c: Any, k: Any, known: Any) -> Any:
    """Return a change that was aimed at issue k as it is, its x and its x'; `known` is what was returned before."""
    if not KEPT and c == known[0]:
        return known
    outcome = state.quantity[k]
    return c, outcome, state.target[c] if KEPT else target_of(tables, state, c, outcome)


@kernel
def unaimed() -> Any:
    """Return what `aimed` takes where no change was asked for before."""
    return np.int64(-1), spread(0.0), spread(0.0)


@kernel
def aim_all(tables: Any, state: Any, start: Any, end: Any) -> Any:
    """Aim the changes start..end; return where one of them would change something."""
    changed = spread(0.0) != 0.0
    for c in range(start, end):
        changed = changed | aim(tables, state, c)
    return changed


@kernel
def gain_of(tables: Any, state: Any, g: Any, quadratic: Any, known: Any) -> Any:
    """Return what a gainer gains by changes aimed before, and what `aimed` returned last  (E5)."""
    gainer, total = tables.gainers[g], spread(0.0)
    for s in range(gainer.stakes, gainer.stakes_end):
        stake = tables.stakes[s]
        known = aimed(tables, state, stake.change, stake.issue, known)
        salience, position = state.numbers[stake.salience], state.numbers[stake.position]
        total += gain(salience, known[1], known[2], position, quadratic)
    return total, known


@kernel
def add_gains(tables: Any, state: Any, gains: Any, first: Any, start: Any, end: Any) -> None:
    """Set the gain of each of the gainers start..end, in rows from `first`; all others gain 0  (E5)."""
    quadratic, known = tables.theory[0].quadratic == 1, unaimed()
    for g in range(start, end):
        gained, known = gain_of(tables, state, g, quadratic, known)
        gains[first + tables.gainers[g].actor] = gained


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
    if not KEPT and state.horizon[0] == 0:
        return _sum_anew(tables, state, i, start, end)
    total = gains[v * actors + i]
    if state.horizon[0] > 0:
        for a in range(actors):
            total = _heed(tables, state, gains, v, i, a, total)
        return total
    for g in range(start, end):
        total = _heed(tables, state, gains, v, i, tables.gainers[g].actor, total)
    return total


@kernel
def _sum_anew(tables: Any, state: Any, i: Any, start: Any, end: Any) -> Any:
    """Return the same over gains that are not kept: each is computed where it counts."""
    quadratic, total, known = tables.theory[0].quadratic == 1, spread(0.0), unaimed()
    for g in range(start, end):
        if tables.gainers[g].actor == i:
            total, known = gain_of(tables, state, g, quadratic, known)
    for g in range(start, end):
        relation = i * tables.actors.size + tables.gainers[g].actor
        if tables.relations[relation].heeds == 1:
            weight = state.weight[relation]  # asked for first: a GPU fetches it while it computes the gain
            gained, known = gain_of(tables, state, g, quadratic, known)
            total += weight * gained
    return total


@kernel
def _heed(tables: Any, state: Any, gains: Any, v: Any, i: Any, a: Any, total: Any) -> Any:
    actors = tables.actors.size
    if tables.relations[i * actors + a].heeds == 1:
        total += state.weight[i * actors + a] * gains[v * actors + a]
    return total


@kernel
def appraise(tables: Any, state: Any, v: Any) -> Any:
    """Set the gains of all actors from move v, aimed before; return its bare value to its owner, less cost  (E5).

    With foresight the gains are already known.
    """
    move = tables.moves[v]
    if KEPT and state.horizon[0] == 0 and inputs_moved(tables, state, v):
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
def count_hands(tables: Any, state: Any, v: Any, kept: Any) -> Any:
    """Set what each payer of move v has outside a deal, what it would pay, and its hand; return the mover's hand  (E7).

    `kept` is the chance that the mover would not soon act anyway.
    """
    move, mine = tables.moves[v], spread(0.0)
    for n in range(move.payers, move.payers_end):
        j = tables.payers[n]
        state.outside[n] = kept * weighted(tables, state, v, j)
        state.burden[n] = -weighted_payment(tables, state, v, j)
        state.hand[n] = power(tables, state, j, move.actor)
        mine += power(tables, state, move.actor, j)
    return mine


@kernel
def rise(tables: Any, state: Any, v: Any, bare: Any, b: Any, hands: Any, tau: Any) -> Any:
    """Return the slope of the objective of a deal with several payers; `hands` are the mover's and all  (E7)."""
    move, (mine, total) = tables.moves[v], hands
    equal = 1.0 / (move.payers_end - move.payers + 1)
    rising = slope(where(total > 0.0, divide(mine, total), equal), bare, b, tau)
    for n in range(move.payers, move.payers_end):
        omega = where(total > 0.0, divide(state.hand[n], total), equal)
        rising += slope(omega, state.outside[n], -state.burden[n], tau)
    return rising


@kernel
def settle_jointly(tables: Any, state: Any, v: Any, bare: Any, b: Any, mine: Any) -> Any:
    """Return tau, the terms on which the mover and several payers settle  (E7)."""
    move, total = tables.moves[v], spread(0.0)
    low, high, all_gain = spread(0.0), spread(1.0), bare + b > 0.0
    low, high = room(low, high, bare, b)
    for n in range(move.payers, move.payers_end):
        total = total + power(tables, state, move.actor, tables.payers[n]) + state.hand[n]
        low, high = room(low, high, state.outside[n], -state.burden[n])
        all_gain = all_gain & (state.outside[n] - state.burden[n] > 0.0)
    hands = (mine, total)
    rises = all_gain & (rise(tables, state, v, bare, b, hands, spread(1.0)) >= 0.0)
    for _ in range(HALVINGS):
        middle = (low + high) * 0.5
        low, high = halve(low, high, middle, rise(tables, state, v, bare, b, hands, middle) > 0.0)
    return agree_jointly(low, b, rises)


@kernel
def settle_whole(tables: Any, state: Any, v: Any, bare: Any, b: Any) -> Any:
    """Return tau of a payment that is not divisible: 1 if all gain by the whole of it, else 0  (E7)."""
    move, all_gain = tables.moves[v], (b > 0.0) & (bare + b > 0.0)
    for n in range(move.payers, move.payers_end):
        all_gain = all_gain & (state.outside[n] - state.burden[n] > 0.0)
    return where(all_gain, 1.0, 0.0)


@kernel
def bargain(tables: Any, state: Any, v: Any, bare: Any) -> Any:
    """Set the terms of move v, worth `bare` unpaid, and what each payer makes of them; return its value  (E7).

    Where there is no deal, the move is not dealt with (`state.dealt`) and is worth what it is unpaid.
    """
    move = tables.moves[v]
    i, first = move.actor, move.payers
    aim_all(tables, state, move.paid, move.paid_end)
    if KEPT and state.horizon[0] == 0:
        add_gains(tables, state, state.paid, v * tables.actors.size, move.paid_gainers, move.paid_gainers_end)
    kept, b = kept_back(tables, state, move.fallback), weighted_payment(tables, state, v, i)
    mine = count_hands(tables, state, v, kept)
    if move.divisible == 0:
        tau = settle_whole(tables, state, v, bare, b)
    elif move.payers_end == first + 1:
        tau = settle_terms(bare, b, state.outside[first], state.burden[first], mine, state.hand[first])
    else:
        tau = settle_jointly(tables, state, v, bare, b, mine)
    value = bare + tau * b
    dealt = value > 0.0
    for n in range(first, move.payers_end):
        state.deal[n] = state.outside[n] - tau * state.burden[n]
        dealt = dealt & (state.deal[n] > 0.0)
    state.dealt[v] = where(dealt, 1.0, 0.0)
    if move.unpaid == 0:
        state.tau[v] = tau
        return value
    state.tau[v] = where(dealt, tau, 0.0)
    for n in range(first, move.payers_end):
        state.deal[n] = weighted(tables, state, v, tables.payers[n]) - state.tau[v] * state.burden[n]
    return where(dealt, value, bare)


# --- E6 Choice and consent


@kernel
def can_move(tables: Any, state: Any, t: Any, v: Any) -> Any:
    """Aim move v; return the worlds in which it can be made this month  (E6)."""
    move, everywhere = tables.moves[v], spread(0.0) == 0.0
    if not move.since <= t <= move.until:
        return opposite(everywhere)
    able = holds(tables, state, move.requires, move.requires_end, everywhere)
    if move.consents < move.consents_end:  # else nobody can have refused it
        able = able & rested(t - state.aside[v], state.numbers[tables.theory[0].patience])
    if not anywhere(able):
        return able
    able = able & aim_all(tables, state, move.changes, move.changes_end)
    if state.by_chance[v] == 1 and anywhere(able):
        luck = uniform(state.stream[1], move.chance_key) if state.lucky[0] == 1 else spread(1.0)
        able = able & comes_up(state.numbers[move.chance], luck)
    return able


@kernel
def evaluate(tables: Any, state: Any, v: Any) -> Any:
    """Return the value of move v to its owner, terms included and noise not  (E5, E7)."""
    value = appraise(tables, state, v)
    return bargain(tables, state, v, value) if is_paid(tables, v) else value


@kernel
def is_paid(tables: Any, v: Any) -> Any:
    """Return whether move v carries a payment."""
    return tables.moves[v].payers < tables.moves[v].payers_end


@kernel
def noise_of(tables: Any, state: Any, key: Any) -> Any:
    """Return this month's noise of a decision or a consent; in a course there is none."""
    if state.lucky[0] == 0:
        return spread(0.0)
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
        if state.lucky[0] == 0 and state.needed[v] == 0:
            continue
        move, able = tables.moves[v], can_move(tables, state, t, v)
        state.live[v] = 0
        if anywhere(able):
            worth, noise = evaluate(tables, state, v), noise_of(tables, state, move.decision_key)
            value = worth + noise
            if is_paid(tables, v) and move.unpaid == 0:
                able = able & (state.dealt[v] > 0.0)
            chosen, best = choose(chosen, best, float(v), value, able)
            state.evaluated[v] = state.clock[0]
            if state.lucky[0] == 0:
                state.live[v] = anywhere(able & (value > 0.0))
            if recorded:
                state.value[v], state.noise[v] = value, noise
        if recorded:
            state.feasible[v] = where(able, 1.0, 0.0)
    state.choice[i] = chosen


@kernel
def ask(tables: Any, state: Any, v: Any, k: Any, recorded: Any) -> Any:
    """Return where the k-th actor to be asked consents to move v, by its own value of it, without cost  (E6)."""
    j, payer = tables.consents[k].actor, tables.consents[k].payer
    if payer >= 0:
        worth = state.deal[payer]
    else:
        worth = weighted(tables, state, v, j)
        if is_paid(tables, v):
            worth += state.tau[v] * weighted_payment(tables, state, v, j)
    worth += noise_of(tables, state, tables.consents[k].key)
    if recorded:
        state.consent[k] = worth
    return consents(worth)


@kernel
def agree(tables: Any, state: Any, v: Any, recorded: Any) -> Any:
    """Return where those who are asked agree to move v: all of them, or enough of them and every payer  (E6)."""
    move, agreed, votes = tables.moves[v], spread(0.0) == 0.0, spread(0.0)
    for k in range(move.consents, move.consents_end):
        yes, consent = ask(tables, state, v, k, recorded), tables.consents[k]
        if move.need < 0 or consent.payer >= 0:
            agreed = agreed & yes
        if move.need >= 0:
            weight = state.numbers[consent.votes] if consent.votes >= 0 else spread(1.0)
            votes += where(yes, weight, 0.0)
    return agreed & votes_suffice(votes, state.numbers[move.need]) if move.need >= 0 else agreed


@kernel
def act(tables: Any, state: Any, t: Any, i: Any, recorded: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor = tables.actors[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if state.evaluated[v] == state.clock[0]:
            chosen = state.choice[i] == v
            if anywhere(chosen):
                state.taken[v] = state.clock[0]
                propose(tables, state, t, v, chosen, recorded)


@kernel
def propose(tables: Any, state: Any, t: Any, v: Any, chosen: Any, recorded: Any) -> None:
    """Set the result of move v where it was chosen, count it, and put it aside where it is refused  (E6)."""
    made = state.made[v]
    agreed = chosen & agree(tables, state, v, recorded)
    result = where(agreed, MADE, 0.0)
    state.made[v] = made + where(agreed, 1.0, 0.0)
    refused = chosen & opposite(agreed)
    if anywhere(refused):
        result = where(refused, REFUSED, result)
        state.refused[v] += where(refused, 1.0, 0.0)
        state.aside[v] = where(refused, float(t), state.aside[v])
    state.result[v] = result


@kernel
def consider(tables: Any, state: Any, v: Any) -> None:
    """Record the value, the noise and the consents of move v, whether or not it can be made; choose nothing."""
    move = tables.moves[v]
    aim_all(tables, state, move.changes, move.changes_end)
    noise = noise_of(tables, state, move.decision_key)
    state.value[v], state.noise[v] = evaluate(tables, state, v) + noise, noise
    agree(tables, state, v, True)


@section
def decide(tables: Any, state: Any, t: Any, i: Any) -> None:
    """Let actor i choose and act, unrecorded: nothing that it does now is seen by others before settlement."""
    deliberate(tables, state, t, i, False)
    act(tables, state, t, i, False)
