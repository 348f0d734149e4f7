"""Many worlds, all months, in one compiled loop: block after block, each from its first month to its last."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.case import Case
from realpolitik_model.engine.compiling import entry, kernel
from realpolitik_model.engine.memory import block, tables_at
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.schedule import begin, play_month, set_numbers
from realpolitik_model.engine.state import NEVER, state_for
from realpolitik_model.engine.tables import price_row
from realpolitik_model.engine.vectors import every_lane

Numbers = Mapping[str, npt.NDArray[np.float64]]
"""Dotted path -> one value per world."""


class Outputs(NamedTuple):
    """What worlds leave behind; axis 0 is the world, in the order asked for."""

    first: npt.NDArray[np.int16]
    """(worlds, outcomes): month in which the outcome first happened, -1 never."""
    measured: npt.NDArray[np.float64]
    """(worlds, outcomes): the outcome's measure in that month."""
    made: npt.NDArray[np.int16]
    """(worlds, moves): how often each move was made."""
    refused: npt.NDArray[np.int16]
    """(worlds, moves): how often it was refused."""
    price: npt.NDArray[np.float64]
    """(worlds, moves): terms at which it was last made, 0-1."""
    final: npt.NDArray[np.float64]
    """(worlds, issues): outcome on each issue in the last month, 0-1."""
    issues: npt.NDArray[np.float64]
    """(kept worlds, months, issues): the path of every issue."""
    leverage: npt.NDArray[np.float64]
    """(kept worlds, months, pairs): the path of every leverage."""


def simulate(
    case: Case,
    worlds: npt.NDArray[np.int64],
    *,
    seed: int,
    numbers: Numbers | None = None,
    months: int | None = None,
    paths: int = 0,
) -> Outputs:
    """Run worlds of a case, each identical to the bit to the same world run alone.

    Parameters
    ----------
    case
        What to run.
    worlds
        World numbers, 0 or more, in any order, shape (worlds,).
    seed
        0 to 2**63 - 1.
    numbers
        Numbers that differ by world: dotted path -> array of shape (worlds,).
    months
        How many months to play; all of the case by default.
    paths
        For how many of the worlds, the first ones, the monthly paths are kept.
    """
    months = case.months if months is None else months
    worlds = np.ascontiguousarray(worlds, np.int64)
    numbers = numbers or {}
    varied = np.empty((len(numbers), worlds.size))
    for row, values in zip(varied, numbers.values(), strict=True):
        row[:] = values
    index = np.array([case.paths[path] for path in numbers], np.int64)
    out = _outputs(case, worlds.size, months, min(paths, worlds.size))
    _run(
        case.directory,
        state_for(case.tables, case.numbers, index, 1).memory,
        case.numbers,
        index,
        varied,
        *fork_arrays(case),
        np.uint64(seed),
        worlds,
        months,
        case.months - 1,
        out,
    )
    return out


def fork_arrays(
    case: Case,
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the month, the number and the value of every change that the forks of a case make."""
    rows = [(fork.month, case.paths[path], value) for fork in case.forks for path, value in fork.numbers.items()]
    month, number, value = ([row[n] for row in rows] for n in range(3))
    return np.array(month, np.int64), np.array(number, np.int64), np.array(value, np.float64)


def _outputs(case: Case, worlds: int, months: int, kept: int) -> Outputs:
    outcomes, moves, issues = len(case.outcomes), len(case.moves), len(case.issues)
    return Outputs(
        first=np.empty((worlds, outcomes), np.int16),
        measured=np.empty((worlds, outcomes)),
        made=np.empty((worlds, moves), np.int16),
        refused=np.empty((worlds, moves), np.int16),
        price=np.empty((worlds, moves)),
        final=np.empty((worlds, issues)),
        issues=np.empty((kept, months, issues)),
        leverage=np.empty((kept, months, len(case.pairs))),
    )


@entry
def _run(
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
    tables, state = tables_at(directory), block(memory, 0)
    here = np.empty(LANES, np.int64)
    for start in range(0, worlds.size, LANES):
        _load(state, here, base, varied_index, varied, worlds, start)
        early = fork_month <= 0
        if early.any():
            set_numbers(tables, state, fork_number[early], fork_value[early])
        begin(tables, state, seed, here)
        for t in range(months):
            changing = (fork_month == t) & (t > 0)
            if changing.any():
                set_numbers(tables, state, fork_number[changing], fork_value[changing])
            play_month(tables, state, t, last)
            _keep_paths(tables, state, out, start, t)
        _keep_ends(tables, state, out, start, worlds.size)


@kernel
def _load(state: Any, here: Any, base: Any, varied_index: Any, varied: Any, worlds: Any, start: Any) -> None:
    """Fill a block with worlds start, start + 1, ...; state beyond the last repeat it and are not kept."""
    for p in range(base.size):
        state.numbers[p] = base[p]
    for lane in every_lane():
        world = min(start + lane, worlds.size - 1)
        here[lane] = worlds[world]
        for n in range(varied_index.size):
            state.numbers[varied_index[n], lane] = varied[n, world]


@kernel
def _keep_paths(tables: Any, state: Any, out: Any, start: Any, t: Any) -> None:
    for lane in range(min(LANES, out.issues.shape[0] - start)):
        for k in range(tables.issues.size):
            out.issues[start + lane, t, k] = state.quantity[k, lane]
        for n in range(tables.recorded.size):
            out.leverage[start + lane, t, n] = state.quantity[tables.recorded[n], lane]


@kernel
def _keep_ends(tables: Any, state: Any, out: Any, start: Any, size: Any) -> None:
    for lane in range(min(LANES, size - start)):
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
