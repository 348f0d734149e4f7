"""E6, choice: the best feasible move of value above nothing; and consent, which others give or refuse."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, MADE, REFUSED, anywhere, holds
from realpolitik_model.noise import normal, uniform
from realpolitik_model.terms import bargain
from realpolitik_model.value import aim, appraise, weighted


@kernel
def find_feasible(tables: Any, lanes: Any, t: Any, v: Any) -> None:
    """Set where move v can be made this month  (E6)."""
    move, out = tables.moves[v], lanes.feasible[v]
    month, chance, key = lanes.stream[1], lanes.numbers[move.chance], move.chance_key
    aside, patience = lanes.aside[v], lanes.numbers[tables.theory[0].patience]
    changed = lanes.scratch[0]
    changed[:] = 0.0
    for c in range(move.changes, move.changes_end):
        aim(tables, lanes, c)
        target, x = lanes.target[c], lanes.quantity[tables.changes[c].issue]
        for lane in range(LANES):
            changed[lane] = 1.0 if target[lane] != x[lane] else changed[lane]
    for lane in range(LANES):
        out[lane] = changed[lane] if t - aside[lane] > patience[lane] else 0.0
    holds(out, tables.conditions, move.requires, move.requires_end, lanes.numbers, lanes.quantity)
    if not anywhere(out):
        return
    for lane in range(LANES):
        if chance[lane] < 1.0:
            out[lane] = out[lane] if uniform(month[lane], key) < chance[lane] else 0.0


@kernel
def evaluate(tables: Any, lanes: Any, v: Any) -> None:
    """Set the value of move v to its owner, terms and noise included  (E5, E7)."""
    move, month = tables.moves[v], lanes.stream[1]
    value, noise, key = lanes.value[v], lanes.noise[v], move.decision_key
    sd = lanes.numbers[tables.theory[0].noise]
    appraise(tables, lanes, v)
    if move.payer >= 0:
        appraise(tables, lanes, move.fallback)
        bargain(tables, lanes, v)
    else:
        value[:] = lanes.bare[v]
    for lane in range(LANES):
        noise[lane] = sd[lane] * normal(month[lane], key)
        value[lane] += noise[lane]


@kernel
def deliberate(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set actor i's choice: its feasible move of greatest value above 0, the first in order on a tie  (E6)."""
    actor = tables.actors[i]
    choice, best = lanes.choice[i], lanes.scratch[1]
    choice[:] = -1.0
    for m in range(actor.owned, actor.owned_end):
        find_feasible(tables, lanes, t, tables.owned[m])
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if anywhere(lanes.feasible[v]):
            evaluate(tables, lanes, v)
    best[:] = 0.0
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        value, feasible = lanes.value[v], lanes.feasible[v]
        for lane in range(LANES):
            better = feasible[lane] != 0.0 and value[lane] > best[lane]
            choice[lane] = float(v) if better else choice[lane]
            best[lane] = value[lane] if better else best[lane]


@kernel
def ask(tables: Any, lanes: Any, v: Any, k: Any) -> None:
    """Set what the k-th asked actor makes of move v: its own value of it, without cost, with its own noise  (E6)."""
    move, actors = tables.moves[v], tables.actors.size
    j, key, month = tables.consents[k].actor, tables.consents[k].key, lanes.stream[1]
    out, sd = lanes.consent[k], lanes.numbers[tables.theory[0].noise]
    if j == move.payer:
        out[:] = lanes.deal[v]
    else:
        weighted(tables, lanes, out, lanes.gain, v * actors, j)
        if move.payer >= 0:
            extra, tau = lanes.scratch[0], lanes.tau[v]
            weighted(tables, lanes, extra, lanes.paid, v * actors, j)
            for lane in range(LANES):
                out[lane] += tau[lane] * extra[lane]
    for lane in range(LANES):
        out[lane] += sd[lane] * normal(month[lane], key)


@kernel
def act(tables: Any, lanes: Any, t: Any, i: Any) -> None:
    """Set the result of actor i's choice: refused if someone who must consent does not, else made  (E6)."""
    actor, choice = tables.actors[i], lanes.choice[i]
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        result, move = lanes.result[v], tables.moves[v]
        for lane in range(LANES):
            result[lane] = MADE if choice[lane] == v else 0.0
        if not anywhere(result):
            continue
        for k in range(move.consents, move.consents_end):
            ask(tables, lanes, v, k)
            answer = lanes.consent[k]
            for lane in range(LANES):
                refuses = result[lane] != 0.0 and not answer[lane] > 0.0
                result[lane] = REFUSED if refuses else result[lane]
        aside = lanes.aside[v]
        for lane in range(LANES):
            aside[lane] = float(t) if result[lane] == REFUSED else aside[lane]
