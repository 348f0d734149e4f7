"""The state of blocks of worlds: every quantity is a row of LANES worlds, and a block is one stretch of rows."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.memory import MARKS, NUMBERS, ROWS, WORD_ROWS, declare_block
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.tables import Indices, Tables, price_row

Rows = npt.NDArray[np.float64]
Marks = npt.NDArray[np.int64]

NEVER = -1.0e9
"""The month of something that has not happened."""
REFUSED, MADE = 1.0, 2.0


class State(NamedTuple):
    """The state and the intermediate results of all blocks, every array (blocks, rows, LANES); views of one memory.

    A quantity row is an issue, a driver, a leverage D[i, j] or a price, in that order.
    """

    differing: Indices
    """Which numbers differ by world, in the order of their rows."""
    memory: Rows
    """What the kernels take: block after block, each beginning with the place and the size of its tables."""
    stream: npt.NDArray[np.uint64]
    """Row 0: the word of each world's noise; row 1: the word of this month."""
    numbers: Rows
    """Every number's value and the offset of its row, one after the other; for one world's, see `numbers_of`."""
    varied: Rows
    """Numbers that differ by world."""
    quantity: Rows
    salience: Rows
    before: Rows
    """Outcome on each issue at the start of the month; kept where decisions are recorded."""
    misperception: Rows
    """[i * actors + j]: the factor by which i mistakes j's leverage over it (E4)."""
    share: Rows
    """Per actor: its share of all capabilities (E4)."""
    weight: Rows
    target: Rows
    """Outcome that each change would bring."""
    gain: Rows
    """[move * actors + actor]: gain from the bare move (E5)."""
    paid: Rows
    """The same from the whole payment (E7)."""
    tau: Rows
    deal: Rows
    """Per move: what the payer makes of the deal before its noise."""
    noise: Rows
    value: Rows
    feasible: Rows
    choice: Rows
    """Per actor: the move it takes, or -1."""
    result: Rows
    """Per move, in the month in which it was last taken by some world: 0, REFUSED or MADE."""
    aside: Rows
    consent: Rows
    delta: Rows
    """Per issue: the month's change; then, where it drifts, where to."""
    path: Rows
    """One row: the path of a driver this month, where worlds do not share its shift."""
    clock: Marks
    """The month. The marks up to `dated` hold months too: what happened then for the last time, in some world."""
    moved: Marks
    """Per issue and driver: it was seen to have moved."""
    appraised: Marks
    """Per move: the gains from it were computed."""
    evaluated: Marks
    """Per move: it could be made, and its value was computed."""
    taken: Marks
    """Per move: it was chosen."""
    touched: Marks
    """Per issue: a move that was taken changes it."""
    dated: Marks
    """Per outcome: it happened."""
    settled: Marks
    """Per outcome, 1 or 0: whether it has happened in every world."""
    by_chance: Marks
    """Per move, 1 or 0: whether it comes up by chance."""
    shared_shift: Marks
    """Per driver, 1 or 0: whether all worlds of the block share its shift."""
    level: Marks
    """Per driver: the number at which its path was level in the month before, or -1."""
    drifts: Marks
    """Per issue, 1 or 0: whether it has decay."""
    first: Rows
    """Per outcome: the month in which it happened, or NEVER."""
    measured: Rows
    made: Rows
    refused: Rows


TABLES = State._fields[2:]
KINDS: dict[str, Any] = {name: MARKS if State.__annotations__[name] == Marks else ROWS for name in TABLES}
KINDS |= {"stream": WORD_ROWS, "numbers": NUMBERS}
DTYPES: dict[Any, Any] = {WORD_ROWS: np.uint64, MARKS: np.int64}
HEADER = -(-2 * len(TABLES) // LANES)
"""Rows at the start of a block: the row at which each of its tables begins, then how many entries each has."""
CACHE_LINE = 64

declare_block(KINDS.items())


def state_for(tables: Tables, numbers: Rows, varied: Indices, blocks: int) -> State:
    """Return the state of `blocks` blocks of worlds that all have these numbers, of which some may differ by world."""
    index = np.unique(varied)
    sizes = _sizes(tables, numbers.size, index.size)
    starts = HEADER + np.concatenate([[0], np.cumsum([_rows(name, size) for name, size in sizes.items()])])
    memory = _aligned((blocks, int(starts[-1]), LANES))
    header = memory.view(np.int64).reshape(blocks, -1)[:, : 2 * len(TABLES)]
    header[:] = [*starts[:-1], *sizes.values()]
    views: dict[str, Any] = {
        name: memory[:, start:end].view(DTYPES.get(KINDS[name], np.float64))
        for name, start, end in zip(TABLES, starts, starts[1:], strict=False)
    }
    state = State(index, memory, **views)
    entries = np.column_stack([numbers, np.zeros(numbers.size)])
    at = dict(zip(TABLES, starts, strict=False))
    rows = at["varied"] - at["numbers"] + np.arange(index.size)
    entries.view(np.int64)[index, 1] = rows * LANES * 8
    memory.reshape(blocks, -1)[:, at["numbers"] * LANES :][:, : entries.size] = entries.ravel()
    state.varied[:] = numbers[index][:, None]
    return state


def numbers_of(state: State, b: int, lane: int, count: int) -> Rows:
    """Return a copy of all `count` numbers of one world, in their order."""
    numbers: Rows = state.numbers[b].reshape(-1)[: 2 * count : 2].copy()
    numbers[state.differing] = state.varied[b, :, lane]
    return numbers


def place_of(position: int) -> tuple[int, int]:
    """Return the block and the lane of the world at a position."""
    return divmod(position, LANES)


def blocks_for(worlds: int) -> int:
    """Return how many blocks hold so many worlds."""
    return -(-worlds // LANES)


def padded(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one value per world, the last repeated to fill whole blocks."""
    return np.concatenate([values, np.repeat(values[-1:], blocks_for(values.size) * LANES - values.size)])


def in_blocks(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return one value per world as (blocks, LANES), the last repeated to fill whole blocks."""
    return padded(values).reshape(-1, LANES)


def _sizes(tables: Tables, numbers: int, varied: int) -> dict[str, int]:
    """Return how many entries each table has; one for every move if nothing else is said."""
    actors, moves = tables.actors.size, tables.moves.size
    issues, outcomes = tables.issues.size, tables.outcomes.size
    entries = {
        "stream": 2,
        "numbers": numbers,
        "varied": varied,
        "quantity": int(price_row(tables, moves)),
        "salience": tables.interests.size,
        "before": issues,
        "misperception": actors * actors,
        "share": actors,
        "weight": actors * actors,
        "target": tables.changes.size,
        "gain": moves * actors,
        "paid": moves * actors,
        "choice": actors,
        "consent": tables.consents.size,
        "delta": issues,
        "path": 1,
        "clock": 1,
        "moved": issues + tables.drivers.size,
        "dated": outcomes,
        "settled": outcomes,
        "touched": issues,
        "shared_shift": tables.drivers.size,
        "level": tables.drivers.size,
        "drifts": issues,
        "first": outcomes,
        "measured": outcomes,
    }
    return {name: entries.get(name, moves) for name in TABLES}


def _rows(name: str, size: int) -> int:
    """Return how many rows the entries of a table take: a mark is one word, a number two, all else a row."""
    words = {MARKS: 1, NUMBERS: 2}.get(KINDS[name], LANES)
    return -(-words * size // LANES)


def _aligned(shape: tuple[int, ...]) -> Rows:
    """Return zeros that begin on a cache line, which vectors of a row then never straddle."""
    size = int(np.prod(shape))
    spare = np.zeros(size + CACHE_LINE // 8)
    start = -spare.ctypes.data % CACHE_LINE // 8
    return spare[start : start + size].reshape(shape)
