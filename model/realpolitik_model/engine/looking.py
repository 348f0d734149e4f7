"""E5 with foresight over rows: what every actor gains by one course of events rather than another."""

from typing import Any

import numpy as np

from realpolitik_model.engine.choosing import add_gains, aim_all, can_move, is_paid
from realpolitik_model.engine.compiling import inlined, kernel
from realpolitik_model.engine.courses import NOBODY, month_of_course, play_freely, takes_part
from realpolitik_model.engine.memory import ahead, copy_ahead
from realpolitik_model.engine.rows import fill
from realpolitik_model.engine.state import EVERYBODY, MOVING, PAYING, WAITING
from realpolitik_model.engine.variants import play_variant
from realpolitik_model.engine.vectors import spread
from realpolitik_model.equations import within_horizon, worse
from realpolitik_model.equations.arithmetic import anywhere, where


@kernel
def set_horizon(tables: Any, state: Any) -> None:
    """Note how far actors look ahead and what each month ahead counts, and prepare the block of courses."""
    foresight, months = state.numbers[tables.theory[0].foresight], 0
    while anywhere(foresight >= months + 1):
        months += 1
    state.horizon[0], state.lucky[0] = months, 1
    if months == 0:
        return
    state.partly[0] = anywhere(foresight < 1.0)
    power, total = spread(1.0), spread(0.0)
    for s in range(months + 1):
        state.discount[s] = within_horizon(power, s, foresight)
        total += state.discount[s]
        power = power * state.numbers[tables.theory[0].discount]
    for s in range(months + 1):
        state.discount[s] = state.discount[s] / total
    copy_ahead(state)
    there = ahead(state)
    there.horizon[0], there.lucky[0], there.sure[0] = 0, 0, 0
    for r in range(tables.shocks.size):
        shock = tables.shocks[r]
        if shock.dated == 0:
            sure = shock.responses < shock.responses_end or anywhere(state.numbers[shock.hazard] >= 1.0)
            there.sure[0] = there.sure[0] or sure


@kernel
def add_foreseen(tables: Any, here: Any, gains: Any, v: Any, before: Any, after: Any) -> None:
    """Set what every actor gains by one course rather than another, in rows from v * actors  (E5 with foresight).

    In worlds without foresight what stands there, the gains of E5, stays.
    """
    actors, there, months = tables.actors.size, ahead(here), here.horizon[0] + 1
    quadratic, width = tables.theory[0].quadratic == 1, tables.issues.size + tables.moves.size
    fill(here.scratch, actors, 0.0)
    for r in range(tables.interests.size):
        row = tables.interests[r]
        if there.differed[row.issue] == 0:
            continue
        position, total = here.numbers[row.position], spread(0.0)
        first = month_of_course(tables, here, before, 0) + row.issue
        second = month_of_course(tables, here, after, 0) + row.issue
        for s in range(there.differed[row.issue] - 1, months):
            change = worse(here.course[first + s * width], here.course[second + s * width], position, quadratic)
            total += here.discount[s] * change
        here.scratch[row.actor] = here.scratch[row.actor] - here.numbers[row.salience] * total
    for a in range(actors):
        n, far = v * actors + a, here.numbers[tables.theory[0].foresight] >= 1.0
        gains[n] = where(far, here.scratch[a], gains[n]) if here.partly[0] == 1 else here.scratch[a]


@inlined
def foresee(tables: Any, here: Any, t: Any, v: Any, waiting: Any, kept: Any) -> None:
    """Set the gains of all actors from move v and from its payment; `waiting` is the slot of the course without it.

    If `kept`, all of the course with the move is kept, not only where it differs.
    """
    move, actors, paid = tables.moves[v], tables.actors.size, is_paid(tables, v)
    play_variant(tables, here, t, move.actor, v, 0.0, np.int64(MOVING), waiting, bool(kept or paid))
    if here.partly[0] == 1:
        aim_all(tables, here, move.changes, move.changes_end)
        add_gains(tables, here, here.gain, v * actors, move.gainers, move.gainers_end)
    add_foreseen(tables, here, here.gain, v, waiting, MOVING)
    if paid:
        play_variant(tables, here, t, move.actor, v, 1.0, np.int64(PAYING), np.int64(MOVING), bool(kept))
        if here.partly[0] == 1:
            aim_all(tables, here, move.paid, move.paid_end)
            add_gains(tables, here, here.paid, v * actors, move.paid_gainers, move.paid_gainers_end)
        add_foreseen(tables, here, here.paid, v, MOVING, PAYING)


@inlined
def expect(tables: Any, here: Any, t: Any) -> None:
    """Play the course of month t in which everybody chooses, if anybody has foresight."""
    if here.horizon[0] > 0:
        play_freely(tables, here, t, EVERYBODY)


@inlined
def wait(tables: Any, here: Any, t: Any, i: Any) -> None:
    """Play the course in which actor i makes no move."""
    play_variant(tables, here, t, i, np.int64(NOBODY), 0.0, np.int64(WAITING), np.int64(EVERYBODY), np.bool_(True))


@inlined
def look_ahead(tables: Any, here: Any, t: Any, i: Any) -> None:
    """Set the gains of all actors from the moves that actor i can make this month, and from their fallbacks.

    Without foresight they are computed where they are needed (E5).
    """
    if here.horizon[0] == 0:
        return
    actor, any_move = tables.actors[i], False
    for m in range(actor.owned, actor.owned_end):
        v = tables.owned[m]
        if anywhere(can_move(tables, here, t, v)):
            here.foreseen[v] = here.clock[0]
            if is_paid(tables, v):
                here.foreseen[tables.moves[v].fallback] = here.clock[0]
            any_move = True
    if any_move:
        waiting = np.int64(EVERYBODY)
        if takes_part(tables, here, EVERYBODY, i):  # else it makes no move anyway
            waiting = np.int64(WAITING)
            wait(tables, here, t, i)
        for m in range(actor.owned, actor.owned_end):
            v = tables.owned[m]
            if here.foreseen[v] == here.clock[0]:
                foresee(tables, here, t, v, waiting, False)
