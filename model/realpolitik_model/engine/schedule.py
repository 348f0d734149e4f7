"""The schedule of a month in one block of worlds, and its stages over all blocks, which Mesa's agents call.

Drivers first; then every actor perceives, then every actor deliberates, then every actor acts; then settlement.
"""

from typing import Any

import numpy as np

from realpolitik_model.engine.choosing import KEPT, act, consider, decide, deliberate, is_paid
from realpolitik_model.engine.compiling import entry, inlined, kernel
from realpolitik_model.engine.flags import NOT_YET, clear
from realpolitik_model.engine.looking import expect, foresee, look_ahead, set_horizon, wait
from realpolitik_model.engine.memory import block, every_lane, keep_step, tables_at
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.noise import at_month, stream
from realpolitik_model.engine.perceiving import (
    depend,
    depend_where_moved,
    drive,
    misperceive,
    share_capability,
    share_shift,
    share_where_moved,
    weigh,
    weigh_where_moved,
)
from realpolitik_model.engine.rows import fill, respond_where_moved
from realpolitik_model.engine.settling import close_month
from realpolitik_model.engine.state import NEVER, WAITING
from realpolitik_model.engine.tables import price_row
from realpolitik_model.equations.arithmetic import anywhere, clip


@kernel
def renew(tables: Any, state: Any) -> None:
    """Compute what no month moves and flag all else as moved in the coming one: at the start, and at a fork."""
    misperceive(tables, state)
    share_capability(tables, state)
    for q in range(tables.issues.size + tables.drivers.size):
        state.moved[q] = state.clock[0] + 1
    for p in range(tables.pairs.size):
        depend(tables, state, p)
    for i in range(tables.actors.size):
        weigh(tables, state, i)
    share_shift(tables, state)
    clear(state.level, tables.drivers.size)
    for v in range(tables.moves.size):
        move = tables.moves[v]
        state.by_chance[v] = move.chancy == 1 or anywhere(state.numbers[move.chance] < 1.0)
    for k in range(tables.issues.size):
        issue = tables.issues[k]
        responds = issue.responses < issue.responses_end
        state.drifts[k] = responds or anywhere(state.numbers[issue.decay] != 0.0)
    set_horizon(tables, state)
    if KEPT or state.horizon[0] > 0:
        for gains in (state.gain, state.paid):  # of actors that a move does not touch too: foresight sets them all
            fill(gains, tables.moves.size * tables.actors.size, 0.0)


@kernel
def begin(tables: Any, state: Any) -> None:
    """Bring a block of worlds, whose numbers and streams of noise are set, to the start of month 0."""
    moves, outcomes = tables.moves.size, tables.outcomes.size
    fill(state.quantity, price_row(tables, moves), 0.0)
    for k in range(tables.issues.size):
        state.quantity[k] = clip(state.numbers[tables.issues[k].start], 0.0, 1.0)  # and -0.0 becomes 0.0
    for rows in (state.made, state.refused):
        fill(rows, moves, 0.0)
    fill(state.choice, tables.actors.size, -1.0)
    fill(state.aside, moves, NEVER)
    fill(state.first, outcomes, NEVER)
    fill(state.measured, outcomes, 0.0)
    for flags in (state.appraised, state.evaluated, state.taken, state.foreseen):
        clear(flags, moves)
    clear(state.answered, tables.responses.size)
    clear(state.depended, tables.pairs.size)
    clear(state.weighed, tables.actors.size + 1)
    clear(state.touched, tables.issues.size)
    clear(state.dated, outcomes)
    for o in range(outcomes):
        state.settled[o] = 0
    state.clock[0] = NOT_YET
    renew(tables, state)


@kernel
def open_month(tables: Any, state: Any, t: Any) -> None:
    """Start month t: its noise, its drivers, and the numbers that respond to the state."""
    state.stream[1] = at_month(state.stream[0], t)
    state.clock[0] = t
    drive(tables, state, t, False)
    respond_where_moved(tables, state, 0, tables.theory[0].responses)
    share_where_moved(tables, state)


@kernel
def perceive(tables: Any, state: Any, i: Any) -> None:
    """Let actor i see whom it depends on and whom it must heed  (E2-E4)."""
    depend_where_moved(tables, state, tables.actors[i].pairs, tables.actors[i].pairs_end)
    weigh_where_moved(tables, state, i)


@inlined
def play_month(tables: Any, state: Any, t: Any, last: Any) -> None:
    """Play month t in every world of the block, in which nobody has foresight."""
    open_month(tables, state, t)
    for i in range(tables.actors.size):
        perceive(tables, state, i)
    for i in range(tables.actors.size):
        decide(tables, state, t, i)
    close_month(tables, state, t, last)


@inlined
def play_month_ahead(tables: Any, state: Any, t: Any, last: Any) -> None:
    """Play month t in every world of the block, with foresight where actors have any."""
    open_month(tables, state, t)
    for i in range(tables.actors.size):
        perceive(tables, state, i)
    keep_step()
    expect(tables, state, t)
    for i in range(tables.actors.size):
        keep_step()
        look_ahead(tables, state, t, i)
    keep_step()
    for i in range(tables.actors.size):
        decide(tables, state, t, i)
    close_month(tables, state, t, last)


@kernel
def set_numbers(tables: Any, state: Any, numbers: Any, values: Any) -> None:
    """Give numbers new values in every world of the block, as a fork does."""
    for n in range(numbers.size):
        state.numbers[numbers[n]] = values[n]
    renew(tables, state)


# --- Stages: Mesa calls one stage of one actor at a time; each of these does so for every block of worlds.


@entry
def begin_all(directory: Any, memory: Any, seed: Any, worlds: Any) -> None:
    """Bring all worlds to the start of month 0; `worlds` has LANES entries per block."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        here = block(memory, b)
        for lane in every_lane(here):
            here.stream[0, lane] = stream(seed, worlds[b * LANES + lane])
        begin(tables, here)


@entry
def fork_all(directory: Any, memory: Any, numbers: Any, values: Any) -> None:
    """Give numbers new values in all worlds."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        set_numbers(tables, block(memory, b), numbers, values)


@entry
def open_all(directory: Any, memory: Any, t: Any) -> None:
    """Start month t in all worlds  (E1)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        here = block(memory, b)
        open_month(tables, here, t)
        quantities = price_row(tables, tables.moves.size)
        for q in range(quantities):
            here.opening[q] = here.quantity[q]
        for v in range(tables.moves.size):
            here.opening[quantities + v] = here.aside[v]


@entry
def perceive_all(directory: Any, memory: Any, i: Any) -> None:
    """Let actor i perceive in all worlds  (E2-E4)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        perceive(tables, block(memory, b), i)


@entry
def expect_all(directory: Any, memory: Any, t: Any) -> None:
    """Play, in all worlds, the course in which everybody chooses: every actor compares with it when it looks ahead."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        expect(tables, block(memory, b), t)


@entry
def look_ahead_all(directory: Any, memory: Any, t: Any, i: Any) -> None:
    """Let actor i look ahead in all worlds, before it deliberates  (E5 with foresight)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        look_ahead(tables, block(memory, b), t, i)


@entry
def deliberate_all(directory: Any, memory: Any, t: Any, i: Any) -> None:
    """Let actor i deliberate in all worlds  (E5-E7)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        deliberate(tables, block(memory, b), t, i, True)


@entry
def act_all(directory: Any, memory: Any, t: Any, i: Any) -> None:
    """Let actor i act in all worlds: the others consent or refuse  (E6)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        act(tables, block(memory, b), t, i, True)


@entry
def close_all(directory: Any, memory: Any, t: Any, last: Any) -> None:
    """Settle and record month t in all worlds  (E8)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        close_month(tables, block(memory, b), t, last)


@entry
def return_to(directory: Any, memory: Any, quantity: Any, aside: Any, t: Any) -> None:
    """Bring all worlds to the start of month t from one given state, each world with numbers of its own.

    The worlds must have begun; `quantity` and `aside` are the state of one world. Everybody has perceived.
    """
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        here = block(memory, b)
        for q in range(quantity.size):
            here.quantity[q] = quantity[q]
        for v in range(aside.size):
            here.aside[v] = aside[v]
        here.clock[0] = t - 1
        renew(tables, here)
        open_month(tables, here, t)
        for a in range(tables.actors.size):
            perceive(tables, here, a)


@entry
def foresee_all(directory: Any, memory: Any, t: Any, i: Any, v: Any) -> None:
    """Play, in all worlds, the courses in which actor i makes no move and in which it makes move v, and keep them."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        here = block(memory, b)
        wait(tables, here, t, i)
        foresee(tables, here, t, v, np.int64(WAITING), True)


@entry
def consider_all(directory: Any, memory: Any, t: Any, v: Any) -> None:
    """Value move v in all worlds as if it could be made in month t, and ask all whose consent it needs  (E5-E7).

    To be called before the month is settled. What was decided, and what follows from it, stays as it is.
    """
    tables = tables_at(directory)
    move = tables.moves[v]
    for b in range(memory.shape[0]):
        here = block(memory, b)
        if here.horizon[0] > 0:
            wait(tables, here, t, move.actor)
            foresee(tables, here, t, v, np.int64(WAITING), False)
            if is_paid(tables, v) and move.fallback != v:
                foresee(tables, here, t, move.fallback, np.int64(WAITING), False)
        consider(tables, here, v)
