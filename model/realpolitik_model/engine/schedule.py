"""The schedule of a month in one block of worlds, and its stages over all blocks, which Mesa's agents call.

Drivers first; then every actor perceives, then every actor deliberates, then every actor acts; then settlement.
"""

from typing import Any

from realpolitik_model.engine.choosing import act, deliberate
from realpolitik_model.engine.compiling import entry, kernel
from realpolitik_model.engine.flags import NOT_YET, clear
from realpolitik_model.engine.memory import block, tables_at
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.noise import at_month, stream
from realpolitik_model.engine.perceiving import (
    depend,
    dependence_moved,
    drive,
    misperceive,
    share_capability,
    share_shift,
    take_interest,
    value_issue,
    weigh,
)
from realpolitik_model.engine.rows import fill
from realpolitik_model.engine.settling import close_month
from realpolitik_model.engine.state import NEVER
from realpolitik_model.engine.tables import price_row
from realpolitik_model.engine.vectors import every_lane
from realpolitik_model.equations.arithmetic import anywhere


@kernel
def renew(tables: Any, state: Any) -> None:
    """Compute what no month moves and flag all else as moved in the coming one: at the start, and at a fork."""
    misperceive(tables, state)
    share_capability(tables, state)
    for q in range(tables.issues.size + tables.drivers.size):
        state.moved[q] = state.clock[0] + 1
    for r in range(tables.interests.size):
        value_issue(tables, state, r)
    for p in range(tables.pairs.size):
        depend(tables, state, p)
    for i in range(tables.actors.size):
        weigh(tables, state, i)
    share_shift(tables, state)
    clear(state.level, tables.drivers.size)
    for v in range(tables.moves.size):
        state.by_chance[v] = anywhere(state.numbers[tables.moves[v].chance] < 1.0)
    for k in range(tables.issues.size):
        state.drifts[k] = anywhere(state.numbers[tables.issues[k].decay] != 0.0)


@kernel
def begin(tables: Any, state: Any, seed: Any, worlds: Any) -> None:
    """Bring a block of worlds, whose numbers are set, to the start of month 0."""
    for lane in every_lane():
        state.stream[0, lane] = stream(seed, worlds[lane])
    moves, outcomes = tables.moves.size, tables.outcomes.size
    fill(state.quantity, price_row(tables, moves), 0.0)
    for k in range(tables.issues.size):
        state.quantity[k] = state.numbers[tables.issues[k].start]
    for rows in (state.made, state.refused):
        fill(rows, moves, 0.0)
    fill(state.choice, tables.actors.size, -1.0)
    fill(state.aside, moves, NEVER)
    fill(state.first, outcomes, NEVER)
    fill(state.measured, outcomes, 0.0)
    for flags in (state.appraised, state.evaluated, state.taken):
        clear(flags, moves)
    clear(state.touched, tables.issues.size)
    clear(state.dated, outcomes)
    for o in range(outcomes):
        state.settled[o] = 0
    state.clock[0] = NOT_YET
    renew(tables, state)


@kernel
def open_month(tables: Any, state: Any, t: Any) -> None:
    """Start month t: its noise and its drivers."""
    state.stream[1] = at_month(state.stream[0], t)
    state.clock[0] = t
    drive(tables, state, t)


@kernel
def perceive(tables: Any, state: Any, i: Any) -> None:
    """Let actor i see whom it depends on, what it wants, and whom it must heed  (E2-E4)."""
    take_interest(tables, state, i)
    moved = False
    for p in range(tables.actors[i].pairs, tables.actors[i].pairs_end):
        if dependence_moved(tables, state, p):
            depend(tables, state, p)
            moved = True
    if moved:
        weigh(tables, state, i)


@kernel
def play_month(tables: Any, state: Any, t: Any, last: Any) -> None:
    """Play month t in every world of the block."""
    open_month(tables, state, t)
    for i in range(tables.actors.size):
        perceive(tables, state, i)
    for i in range(tables.actors.size):
        deliberate(tables, state, t, i, False)
    for i in range(tables.actors.size):
        act(tables, state, t, i, False)
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
        begin(tables, block(memory, b), seed, worlds[b * LANES : (b + 1) * LANES])


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
        for k in range(tables.issues.size):
            here.before[k] = here.quantity[k]


@entry
def perceive_all(directory: Any, memory: Any, i: Any) -> None:
    """Let actor i perceive in all worlds  (E2-E4)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        perceive(tables, block(memory, b), i)


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
def choose_again(directory: Any, memory: Any, quantity: Any, aside: Any, t: Any, i: Any) -> None:
    """Let actor i choose in month t from one given state, each world with numbers of its own.

    The worlds must have begun; `quantity` and `aside` are the state of one world at the start of the month.
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
        deliberate(tables, here, t, i, False)
