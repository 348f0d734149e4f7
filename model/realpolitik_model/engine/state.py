"""The state of blocks of worlds: every quantity is a row of LANES worlds, and a block is one stretch of rows."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.memory import (
    APART,
    MARKS,
    NUMBERS,
    ROWS,
    SIZES,
    WHOLE_BYTES,
    WHOLE_ROWS,
    WORD_ROWS,
    declare_block,
)
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.tables import Indices, Tables, price_row, words_for

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
    responding: Indices
    """Which numbers respond to the state, in the order of their rows."""
    memory: Rows
    """What the kernels take: block after block, each beginning with the place and the size of its tables."""
    stream: npt.NDArray[np.uint64]
    """Row 0: the word of each world's noise; row 1: the word of this month."""
    numbers: Rows
    """Every number's value and the offset of its row, one after the other; for one world's, see `numbers_of`."""
    varied: Rows
    """Numbers that differ by world."""
    responses: Rows
    """Numbers that respond to the state."""
    quantity: Rows
    opening: Rows
    """The quantities at the start of the month, then `aside`; kept where decisions are recorded."""
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
    outside: Rows
    """Per payer of a move: what the bare move is worth to it, given that the mover may soon make it unpaid  (E7)."""
    burden: Rows
    """Per payer: what the whole payment costs it."""
    hand: Rows
    """Per payer: what it can bring to bear on the mover."""
    deal: Rows
    """Per payer: what it makes of the deal before its noise."""
    dealt: Rows
    """Per move: 1 where there is a deal, else 0."""
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
    """The month, or in a course the step. The marks up to `dated` hold it too: what was last done or seen when."""
    answered: Marks
    """Per response: it was computed."""
    depended: Marks
    """Per pair: its dependence was computed."""
    weighed: Marks
    """Per actor: what others count for it was computed; the last entry: the shares of capability were."""
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
    horizon: Marks
    """One entry: how many months actors look ahead, at most, in some world; 0 in a course."""
    lucky: Marks
    """One entry: 0 in a course, where nothing depends on luck, else 1."""
    foreseen: Marks
    """Per move: its gains were computed with foresight."""
    needed: Marks
    """Per move, 1 or 0, in a course: it has to be valued this month."""
    pending: Marks
    """Responses as words, in a course: those of which an input moved since they were computed."""
    asked: Marks
    """Responses as words, in a course: those from which what has to be valued this month is computed."""
    dirty: Marks
    """Per pair, then per actor, 1 or 0, in a course: the dependence, or the weights, are to be computed again."""
    opened: Marks
    """One entry, in a course: how many entries `open_list` has."""
    live: Marks
    """Per move, 1 or 0, in a course: it could be made this month, and was worth making, in some world."""
    strayed: Marks
    """Per actor, in a course: whether it decides for itself this month, and does not as in the other course."""
    parted: Marks
    """Moves as words, in a course: may have been refused when they were not in the other course, or the reverse."""
    own_way: Marks
    """Moves as words, in a course: of actors that decide for themselves this month, and of the mover."""
    taken_here: Marks
    """Moves as words, in a course: of these, the ones taken this month."""
    live_here: Marks
    """Moves as words, in a course: of these, the ones that were worth making."""
    differs: Marks
    """Per issue, in a course: the outcome differs from that in the other course."""
    differences: Marks
    """The same as words, and of the prices of moves, as in `Tables.watched`."""
    wanted: Marks
    """The same as words: on what depends a move that has to be valued this month."""
    repriced: Marks
    """One entry, 1 or 0, in a course: whether a price may differ from that in the other course."""
    differed: Marks
    """Per issue: 1 + the month of the course in which it first differed, 0 if it has not."""
    open: Marks
    """Per issue, in a course: what is to be done about it this month (`variants`)."""
    open_list: Marks
    """Those about which something is."""
    sure: Marks
    """One entry, 1 or 0, in a course: whether a random shock is, or may become, certain."""
    partly: Marks
    """One entry, 1 or 0: whether some worlds have foresight and others have none."""
    discount: Rows
    """Per month ahead: its weight beta  (E5 with foresight)."""
    scratch: Rows
    """Per actor: a gain while it is computed."""
    first: Rows
    """Per outcome: the month in which it happened, or NEVER."""
    measured: Rows
    made: Rows
    refused: Rows
    course: Rows
    """[(slot * months + s) * (issues + moves) + n]: outcomes and prices at the end of month s of each course kept."""
    decided: Rows
    """[(slot * months + s) * moves + v]: result of move v in that month of a course, where `decided_in` has a mark."""
    agreed: Rows
    """The same: its terms."""
    decided_in: Marks
    """[(slot * months + s) * words + w]: moves as words, those taken in some world in that month of a course."""
    live_in: Marks
    """The same: those that were worth making."""


TABLES = State._fields[3:]
COURSES = ("course", "decided", "agreed", "decided_in", "live_in")
"""Tables of courses kept, the last of a block; the block in which courses are played is without them."""
EVERYBODY, WAITING, MOVING, PAYING = range(4)
"""Slots of courses: everybody chooses; the mover makes no move; it makes one; it makes one and is paid."""
SLOTS = 4
KINDS: dict[str, Any] = {name: MARKS if State.__annotations__[name] == Marks else ROWS for name in TABLES}
KINDS |= {"stream": WORD_ROWS, "numbers": NUMBERS}
KINDS |= dict.fromkeys(("dealt", "choice", "result", "aside", "first", "made", "refused", "decided"), WHOLE_ROWS)
"""How the kernels take each table."""
DTYPES: dict[Any, Any] = {WORD_ROWS: np.uint64, MARKS: np.int64}
HEADER = SIZES + 2 * len(TABLES)
"""Words at the start of a block: its bytes, those before its courses, for threads the same of its marks, where each
table begins, and its size."""
CACHE_LINE = 64

declare_block(KINDS.items())


def state_for(
    tables: Tables, numbers: Rows, varied: Indices, blocks: int, horizon: int = 0, lanes: int = LANES
) -> State:
    """Return the state of `blocks` blocks of worlds that all have these numbers, of which some may differ by world.

    `horizon` is the greatest foresight of any of these worlds, in months: with one, each block has a second one behind
    it, without the courses, in which courses are played. `lanes` is how many worlds a block has.
    """
    index = np.unique(varied)
    sizes = _sizes(tables, numbers.size, index.size, horizon)
    rows = [_rows(name, size, lanes) for name, size in sizes.items()]
    starts = -(-HEADER // lanes) + np.concatenate([[0], np.cumsum(rows)])
    before_courses = int(starts[TABLES.index(COURSES[0])])
    memory = _aligned((blocks, int(starts[-1]) + (before_courses if horizon else 0), lanes))
    header = memory.view(np.int64).reshape(blocks, -1)[:, :HEADER]
    places = np.array([starts[-1], before_courses, 0, 0, *starts[:-1]]) * lanes * 8
    header[:] = [*places, *sizes.values()]
    views: dict[str, Any] = {
        name: memory[:, start:end].view(DTYPES.get(KINDS[name], np.float64))
        for name, start, end in zip(TABLES, starts, starts[1:], strict=False)
    }
    state = State(index, tables.responses["number"], memory, **views)
    entries = np.column_stack([numbers, np.zeros(numbers.size)])
    at = dict(zip(TABLES, starts, strict=False))
    for name, own in (("varied", index), ("responses", state.responding)):
        places = at[name] - at["numbers"] + np.arange(own.size)
        entries.view(np.int64)[own, 1] = places * lanes * 8
    memory.reshape(blocks, -1)[:, at["numbers"] * lanes :][:, : entries.size] = entries.ravel()
    state.varied[:] = numbers[index][:, None]
    if horizon:  # kernels may read where tables begin before they have copied it
        memory[:, starts[-1] :] = memory[:, :before_courses]
    return state


class Apart(NamedTuple):
    """A block as threads take it, in three places."""

    common: Marks
    """Words that blocks have in common: the header, and the numbers as bits."""
    marks: Marks
    """With foresight those of the second block too."""
    rows: Rows
    """(rows, lanes); with foresight those of the second block too."""


def apart(tables: Tables, numbers: Rows, varied: Indices, horizon: int, lanes: int) -> Apart:
    """Return one block, as `state_for` makes it, for threads."""
    state = state_for(tables, numbers, varied, 1, horizon, lanes)
    sizes = _sizes(tables, numbers.size, state.differing.size, horizon)
    words: dict[Any, list[Any]] = {MARKS: [], NUMBERS: [], ROWS: []}
    count = {MARKS: 0, NUMBERS: HEADER, ROWS: 0}
    before, places = count, {}
    for name, size in sizes.items():
        if name == COURSES[0]:
            before = dict(count)
        where = KINDS[name] if KINDS[name] in APART else ROWS
        taken = -(-size * WHOLE_BYTES // 8) if KINDS[name] == WHOLE_ROWS else size
        own = taken * {MARKS: 1, NUMBERS: 2, ROWS: lanes}[where]
        words[where].append(getattr(state, name)[0].reshape(-1)[:own].view(np.int64))
        places[name] = 8 * count[where]
        count[where] += own
    marks, entries, rows = (np.concatenate(one) for one in words.values())
    for name, index in (("varied", state.differing), ("responses", state.responding)):
        entries[2 * index + 1] = places[name] + 8 * lanes * np.arange(index.size)
    header = [8 * one[kind] for kind in (ROWS, MARKS) for one in (count, before)]
    second = {kind: before[kind] if horizon else 0 for kind in (MARKS, ROWS)}
    return Apart(
        np.concatenate([np.array([*header, *places.values(), *sizes.values()]), entries]),
        np.concatenate([marks, marks[: second[MARKS]]]),
        np.concatenate([rows, rows[: second[ROWS]]]).view(np.float64).reshape(-1, lanes),
    )


def numbers_of(state: State, b: int, lane: int, count: int) -> Rows:
    """Return a copy of all `count` numbers of one world, in their order."""
    numbers: Rows = state.numbers[b].reshape(-1)[: 2 * count : 2].copy()
    numbers[state.differing] = state.varied[b, :, lane]
    numbers[state.responding] = state.responses[b, :, lane]
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


def _sizes(tables: Tables, numbers: int, varied: int, horizon: int) -> dict[str, int]:
    """Return how many entries each table has; one for every move if nothing else is said."""
    actors, moves = tables.actors.size, tables.moves.size
    issues, outcomes = tables.issues.size, tables.outcomes.size
    months = horizon + 1 if horizon else 0
    decisions = SLOTS * months * moves
    entries = {
        "stream": 2,
        "numbers": numbers,
        "varied": varied,
        "responses": tables.responses.size,
        "quantity": int(price_row(tables, moves)),
        "opening": int(price_row(tables, moves)) + moves,
        "misperception": actors * actors,
        "share": actors,
        "weight": actors * actors,
        "target": tables.changes.size,
        "gain": moves * actors,
        "paid": moves * actors,
        "outside": tables.payers.size,
        "burden": tables.payers.size,
        "hand": tables.payers.size,
        "deal": tables.payers.size,
        "choice": actors,
        "consent": tables.consents.size,
        "delta": issues,
        "path": 1,
        "clock": 1,
        "answered": tables.responses.size,
        "depended": tables.pairs.size,
        "weighed": actors + 1,
        "moved": issues + tables.drivers.size,
        "dated": outcomes,
        "settled": outcomes,
        "touched": issues,
        "shared_shift": tables.drivers.size,
        "level": tables.drivers.size,
        "drifts": issues,
        "horizon": 1,
        "lucky": 1,
        "strayed": actors,
        "differences": words_for(issues + moves),
        "wanted": words_for(issues + moves),
        "parted": words_for(moves),
        "own_way": words_for(moves),
        "taken_here": words_for(moves),
        "live_here": words_for(moves),
        "repriced": 1,
        "discount": months,
        "differs": issues,
        "differed": issues,
        "partly": 1,
        "open": issues,
        "open_list": issues,
        "pending": words_for(tables.responses.size),
        "asked": words_for(tables.responses.size),
        "dirty": tables.pairs.size + actors,
        "opened": 1,
        "sure": 1,
        "scratch": actors,
        "first": outcomes,
        "measured": outcomes,
        "course": SLOTS * months * (issues + moves),
        "decided": decisions,
        "agreed": decisions,
        "decided_in": SLOTS * months * words_for(moves),
        "live_in": SLOTS * months * words_for(moves),
    }
    return {name: entries.get(name, moves) for name in TABLES}


def _rows(name: str, size: int, lanes: int) -> int:
    """Return how many rows the entries of a table take: a mark is one word, a number two, all else a row."""
    words = {MARKS: 1, NUMBERS: 2}.get(KINDS[name], lanes)
    return -(-words * size // lanes)


def _aligned(shape: tuple[int, ...]) -> Rows:
    """Return zeros that begin on a cache line, which vectors of a row then never straddle."""
    size = int(np.prod(shape))
    spare = np.zeros(size + CACHE_LINE // 8)
    start = -spare.ctypes.data % CACHE_LINE // 8
    return spare[start : start + size].reshape(shape)
