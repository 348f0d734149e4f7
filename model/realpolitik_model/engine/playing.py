"""Many worlds, all months, in one compiled loop: block after block, each from its first month to its last."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.compiling import entry, inlined, kernel
from realpolitik_model.engine.memory import block, every_lane, gather, keep_step, tables_at
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.noise import stream
from realpolitik_model.engine.schedule import begin, play_month, play_month_ahead, renew
from realpolitik_model.engine.state import NEVER
from realpolitik_model.engine.tables import price_row

Numbers = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int64]


class Outputs(NamedTuple):
    """What worlds leave behind; axis 0 is the world, in the order asked for."""

    first: npt.NDArray[np.int16]
    """Month in which each outcome first happened, -1 never; shape (worlds, outcomes)."""
    measured: npt.NDArray[np.float64]
    """Its measure in that month, shape (worlds, outcomes)."""
    made: npt.NDArray[np.int16]
    """How often each move was made, shape (worlds, moves)."""
    refused: npt.NDArray[np.int16]
    """How often each move was refused, shape (worlds, moves)."""
    price: npt.NDArray[np.float64]
    """Terms at which each move was last made, 0-1, shape (worlds, moves)."""
    final: npt.NDArray[np.float64]
    """Outcome on each issue in the last month, 0-1, shape (worlds, issues)."""
    issues: npt.NDArray[np.float64]
    """The path of every issue, shape (kept worlds, months, issues)."""
    leverage: npt.NDArray[np.float64]
    """The path of every leverage, shape (kept worlds, months, pairs)."""

    def part(self, worlds: slice) -> "Outputs":
        """Return what some of the worlds leave behind, in the same memory."""
        parts: Any = [one[worlds] for one in self]
        return Outputs(*parts)


class Job(NamedTuple):
    """What is to be played, as the kernels take it, and where the results go.

    Numbers are `base`, apart from those of `varied_index`, which differ by world (`varied`); forks change them later.
    """

    base: Numbers
    varied_index: Whole
    varied: Numbers
    """(numbers that differ, worlds)"""
    fork_month: Whole
    fork_number: Whole
    fork_value: Numbers
    worlds: Whole
    seed: np.uint64
    months: int
    last: int
    """The last month of the case: outcomes of the end are taken in it."""
    out: Outputs


@entry
def play_all(directory: Any, memory: Any, job: Any) -> None:
    """Play all months of every world, block after block, in the memory of one block; nobody has foresight."""
    tables, state = tables_at(directory), block(memory, 0)
    for start in range(0, job.worlds.size, LANES):
        play_block(tables, state, job, start)


@entry
def play_all_ahead(directory: Any, memory: Any, job: Any) -> None:
    """Play worlds as `play_all` does, of which some have foresight."""
    tables, state = tables_at(directory), block(memory, 0)
    for start in range(0, job.worlds.size, LANES):
        play_block_ahead(tables, state, job, start)


@inlined
def play_block(tables: Any, state: Any, job: Any, start: Any) -> None:
    """Play the block of worlds start, start + 1, ... from its first month to its last; nobody has foresight."""
    _load(tables, state, job, start)
    for t in range(job.months):
        keep_step()
        _fork(tables, state, job, t)
        play_month(tables, state, t, job.last)
        _keep_paths(tables, state, job.out, start, t)
    _keep_ends(tables, state, job.out, start, job.worlds.size)


@inlined
def play_block_ahead(tables: Any, state: Any, job: Any, start: Any) -> None:
    """Play a block as `play_block` does, in which some worlds have foresight."""
    _load(tables, state, job, start)
    for t in range(job.months):
        keep_step()
        _fork(tables, state, job, t)
        play_month_ahead(tables, state, t, job.last)
        _keep_paths(tables, state, job.out, start, t)
    _keep_ends(tables, state, job.out, start, job.worlds.size)


@kernel
def _fork(tables: Any, state: Any, job: Any, t: Any) -> None:
    """Give numbers the values of the forks of month t; those of month 0 or before have them when a block begins."""
    due = False
    for n in range(job.fork_month.size):
        if 0 < job.fork_month[n] == t:
            state.numbers[job.fork_number[n]] = job.fork_value[n]
            due = True
    if due:
        renew(tables, state)


@kernel
def _load(tables: Any, state: Any, job: Any, start: Any) -> None:
    """Begin a block of worlds start, start + 1, ...; lanes beyond the last world repeat it and are not kept."""
    keep_step()
    for p in range(job.base.size):
        state.numbers[p] = job.base[p]
    for lane in every_lane(state):
        world = min(start + lane, job.worlds.size - 1)
        state.stream[0, lane] = stream(job.seed, job.worlds[world])
        for n in range(job.varied_index.size):
            state.numbers[job.varied_index[n], lane] = job.varied[n, world]
    for n in range(job.fork_month.size):
        if job.fork_month[n] <= 0:
            state.numbers[job.fork_number[n]] = job.fork_value[n]
    gather()
    keep_step()
    begin(tables, state)


@kernel
def _keep_paths(tables: Any, state: Any, out: Any, start: Any, t: Any) -> None:
    for lane in every_lane(state, out.issues.shape[0] - start):
        for k in range(tables.issues.size):
            out.issues[start + lane, t, k] = state.quantity[k, lane]
        for n in range(tables.recorded.size):
            out.leverage[start + lane, t, n] = state.quantity[tables.recorded[n], lane]


@kernel
def _keep_ends(tables: Any, state: Any, out: Any, start: Any, size: Any) -> None:
    for lane in every_lane(state, size - start):
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
