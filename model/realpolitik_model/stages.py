"""The stages of a month over many blocks of worlds: what the agents of a Mesa model call."""

from typing import Any

import numpy as np

from realpolitik_model import month
from realpolitik_model.blocks import block
from realpolitik_model.choice import act, deliberate
from realpolitik_model.compiling import entry
from realpolitik_model.tables import tables_at
from realpolitik_model.vectors import LANES

# Mesa calls one stage of one actor at a time; each of these does so for every block of worlds.


@entry
def begin_all(directory: Any, memory: Any, seed: Any, worlds: Any) -> None:
    """Bring all worlds to the start of month 0; `worlds` has LANES entries a block."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        month.begin(tables, block(memory, b), seed, worlds[b * LANES : (b + 1) * LANES])


@entry
def fork_all(directory: Any, memory: Any, numbers: Any, values: Any) -> None:
    """Give numbers new values in all worlds."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        month.set_numbers(tables, block(memory, b), numbers, values)


@entry
def open_all(directory: Any, memory: Any, t: Any) -> None:
    """Start month t in all worlds  (E1)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        here = block(memory, b)
        month.open_month(tables, here, t)
        for k in range(tables.issues.size):
            here.before[k] = here.quantity[k]


@entry
def perceive_all(directory: Any, memory: Any, i: Any) -> None:
    """Let actor i perceive in all worlds  (E2-E4)."""
    tables = tables_at(directory)
    for b in range(memory.shape[0]):
        month.perceive(tables, block(memory, b), i)


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
        month.close_month(tables, block(memory, b), t, last)


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
        month.renew(tables, here)
        month.open_month(tables, here, t)
        for a in range(tables.actors.size):
            month.perceive(tables, here, a)
        deliberate(tables, here, t, i, False)


def padded(worlds: Any) -> Any:
    """Return world numbers, the last repeated to fill whole blocks."""
    blocks = -(-worlds.size // LANES)
    return np.concatenate([worlds, np.repeat(worlds[-1:], blocks * LANES - worlds.size)])
