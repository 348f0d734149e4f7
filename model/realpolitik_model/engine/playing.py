"""Many worlds, all months, in one compiled loop: block after block, each from its first month to its last."""

from typing import Any

import numpy as np

from realpolitik_model.engine.compiling import entry, kernel
from realpolitik_model.engine.memory import block, tables_at
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.schedule import begin, play_month, play_month_ahead, set_numbers
from realpolitik_model.engine.state import NEVER
from realpolitik_model.engine.tables import price_row
from realpolitik_model.engine.vectors import every_lane


@entry
def play_all(
    directory: Any,
    memory: Any,
    base: Any,
    varied_index: Any,
    varied: Any,
    fork_month: Any,
    fork_number: Any,
    fork_value: Any,
    seed: Any,
    worlds: Any,
    months: Any,
    last: Any,
    out: Any,
) -> None:
    """Play all months of every world, block after block, in the memory of one block, and fill `out` (`Outputs`).

    Numbers are `base`, apart from those of `varied_index`, which differ by world (`varied`); forks change them later.
    Nobody has foresight.
    """
    tables, state = tables_at(directory), block(memory, 0)
    here = np.empty(LANES, np.int64)
    for start in range(0, worlds.size, LANES):
        _load(state, here, base, varied_index, varied, worlds, start)
        _fork(tables, state, fork_month <= 0, fork_number, fork_value)
        begin(tables, state, seed, here)
        for t in range(months):
            _fork(tables, state, (fork_month == t) & (t > 0), fork_number, fork_value)
            play_month(tables, state, t, last)
            _keep_paths(tables, state, out, start, t)
        _keep_ends(tables, state, out, start, worlds.size)


@entry
def play_all_ahead(
    directory: Any,
    memory: Any,
    base: Any,
    varied_index: Any,
    varied: Any,
    fork_month: Any,
    fork_number: Any,
    fork_value: Any,
    seed: Any,
    worlds: Any,
    months: Any,
    last: Any,
    out: Any,
) -> None:
    """Play worlds as `play_all` does, of which some have foresight."""
    tables, state = tables_at(directory), block(memory, 0)
    here = np.empty(LANES, np.int64)
    for start in range(0, worlds.size, LANES):
        _load(state, here, base, varied_index, varied, worlds, start)
        _fork(tables, state, fork_month <= 0, fork_number, fork_value)
        begin(tables, state, seed, here)
        for t in range(months):
            _fork(tables, state, (fork_month == t) & (t > 0), fork_number, fork_value)
            play_month_ahead(tables, state, t, last)
            _keep_paths(tables, state, out, start, t)
        _keep_ends(tables, state, out, start, worlds.size)


@kernel
def _fork(tables: Any, state: Any, due: Any, numbers: Any, values: Any) -> None:
    if due.any():
        set_numbers(tables, state, numbers[due], values[due])


@kernel
def _load(state: Any, here: Any, base: Any, varied_index: Any, varied: Any, worlds: Any, start: Any) -> None:
    """Fill a block with worlds start, start + 1, ...; lanes beyond the last world repeat it and are not kept."""
    for p in range(base.size):
        state.numbers[p] = base[p]
    for lane in every_lane():
        world = min(start + lane, worlds.size - 1)
        here[lane] = worlds[world]
        for n in range(varied_index.size):
            state.numbers[varied_index[n], lane] = varied[n, world]


@kernel
def _keep_paths(tables: Any, state: Any, out: Any, start: Any, t: Any) -> None:
    for lane in every_lane(out.issues.shape[0] - start):
        for k in range(tables.issues.size):
            out.issues[start + lane, t, k] = state.quantity[k, lane]
        for n in range(tables.recorded.size):
            out.leverage[start + lane, t, n] = state.quantity[tables.recorded[n], lane]


@kernel
def _keep_ends(tables: Any, state: Any, out: Any, start: Any, size: Any) -> None:
    for lane in every_lane(size - start):
        world = start + lane
        for o in range(tables.outcomes.size):
            first = state.first[o, lane]
            out.first[world, o] = -1 if first == NEVER else int(first)
            out.measured[world, o] = state.measured[o, lane]
        for v in range(tables.moves.size):
            out.made[world, v] = int(state.made[v, lane])
            out.refused[world, v] = int(state.refused[v, lane])
            out.price[world, v] = state.quantity[price_row(tables, v), lane]
        for k in range(tables.issues.size):
            out.final[world, k] = state.quantity[k, lane]
