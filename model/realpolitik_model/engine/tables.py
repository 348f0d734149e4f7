"""The tables of a case as the kernels read them: one record array per table, every number an index."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from realpolitik_model.engine.memory import declare_tables
from realpolitik_model.engine.native import THREADED, jitable

WORD = 62
"""Bits of a word that are used."""
Records = npt.NDArray[np.void]
Indices = npt.NDArray[np.int64]


def words_for(bits: int) -> int:
    """Return how many words hold a set of so many bits."""
    return -(-bits // WORD)


def words_of(bits: Iterable[int], words: int) -> list[int]:
    """Return a set of bits as words."""
    held = [0] * words
    for bit in bits:
        held[bit // WORD] |= 1 << bit % WORD
    return held


def dtypes(threaded: bool) -> dict[str, np.dtype[Any]]:
    """Return the types of all tables by name, in their order; for threads, whole numbers take 32 bits.

    Columns `x`, `x_end` are a range of rows of another table; in all others but `at`, -1 means that there is none.
    """
    whole = np.int32 if threaded else np.int64
    index, words = np.dtype(whole), np.dtype(np.int64)

    def columns(text: str, **other: type) -> np.dtype[np.void]:
        """Return the type of a record; kernels for GPUs, told that it is aligned, do not read it byte by byte."""
        return np.dtype([(name, other.get(name, whole)) for name in text.split()], align=threaded)

    return {
        "theory": columns(
            "phi sigma noise patience foresight discount quadratic weights calendar seasonal capabilities responses "
            "words move_words response_words"
        ),
        "actors": columns("capability owned owned_end pairs pairs_end"),
        "owned": index,
        "owned_words": words,
        "watched": words,
        "valued_by": words,
        "watched_by": words,
        "paid_for": index,
        "answers": words,
        "questions": words,
        "reach": columns("issues issues_end"),
        "reached": index,
        "issues": columns("start decay rest responses responses_end"),
        "drivers": columns("points points_end season scale shift"),
        "points": columns("month number", month=np.float64),
        "pairs": columns("dependent quantity rows rows_end"),
        "dependence": columns("stake alternatives responses responses_end"),
        "interests": columns("actor issue salience position"),
        "responses": columns("base number share effects effects_end pair"),
        "effects": columns("quantity number"),
        "moves": columns(
            "actor since until cost chance chancy changes changes_end consents consents_end need payers payers_end "
            "divisible paid paid_end fallback unpaid requires requires_end inputs inputs_end stakes stakes_end gainers "
            "gainers_end paid_stakes paid_stakes_end paid_gainers paid_gainers_end decision_key chance_key",
            decision_key=np.uint64,
            chance_key=np.uint64,
        ),
        "changes": columns("issue to number"),
        "stakes": columns("actor interest change issue salience position"),
        "inputs": index,
        "gainers": columns("actor stakes stakes_end"),
        "consents": columns("actor votes payer key", key=np.uint64),
        "payers": index,
        "conditions": columns("quantity above other number"),
        "shocks": columns(
            "dated at hazard responses responses_end since until changes changes_end requires requires_end key",
            key=np.uint64,
        ),
        "outcomes": columns("when when_end move made at after measure"),
        "relations": columns("key source heeds", key=np.uint64),
        "recorded": index,
    }


DTYPES = dtypes(THREADED)
OF_THREADS = dtypes(threaded=True)
INDEX = DTYPES["owned"]


class Tables(NamedTuple):
    """The structure of a case; which numbers it takes is said by index, so that every number may differ by world."""

    theory: Records
    """One row: number indices, whether loss is quadratic, the weight rule, the month of the year of month 0, whether a
    driver has a season, how many responses are capabilities and how many belong to the start of a month, and how many
    words `watched` has for each move, and how many words sets of moves and of responses take."""
    actors: Records
    owned: Indices
    """Moves by owner, in the order of the file."""
    owned_words: Indices
    """[a * move_words + w]: the moves of actor a, one bit each, `WORD` in a word."""
    watched: Indices
    """[v * words + w]: the issues, then the prices of moves, on which the value and the consents of move v depend: one
    bit each, `WORD` in a word."""
    valued_by: Indices
    """The same, of what the value of the move to its owner depends on, consents apart."""
    watched_by: Indices
    """[a * words + w]: what some move of actor a watches."""
    paid_for: Indices
    """Moves with a payment."""
    answers: Indices
    """[q * response_words + w]: the responses of the start of a month that issue or driver q has an effect on, one bit
    each."""
    questions: Indices
    """[v * response_words + w]: those from which the value and the consents of move v are computed."""
    reach: Records
    """Per issue and driver, as ranges of `reached`: which issues drift otherwise because of it."""
    reached: Indices
    issues: Records
    drivers: Records
    points: Records
    pairs: Records
    """Who depends on whom, by dependent: the leverage as a quantity, and the rows of dependence that make it."""
    dependence: Records
    """By pair."""
    interests: Records
    responses: Records
    """Numbers that respond to the state: `number` is `base` and effects, held within 0-1 (a share) or above 0. Those of
    issues and shocks belong to settlement and come last; all others to the start of a month. `pair`: the pair whose
    dependence it is a number of."""
    effects: Records
    moves: Records
    changes: Records
    stakes: Records
    """Which interests a change touches: the terms of a gain, actor by actor, in the order they are added (E5)."""
    inputs: Indices
    """Issues and drivers that the gains from a move are computed from, by move."""
    gainers: Records
    """Which actors have a stake in a move, and their stakes."""
    consents: Records
    payers: Indices
    """Actors who pay for a move, in the order of its payment."""
    conditions: Records
    shocks: Records
    outcomes: Records
    relations: Records
    """[i * actors + j]: the noise key of how i sees j's leverage, whose leverage counts as j's (j's own, unless the
    weight rule displaces it), and whether i may have to heed j, by the weight rule."""
    recorded: Indices
    """The leverage of every pair as a quantity, in the order in which the file names them first."""


declare_tables(DTYPES)


def directory(tables: Tables, addresses: Iterable[int]) -> npt.NDArray[np.int64]:
    """Return the address and the size of every table, all that the kernels take; the caller keeps the tables there."""
    return np.array([(at, table.size) for at, table in zip(addresses, tables, strict=True)], np.int64)


def packed(tables: Tables) -> npt.NDArray[np.int64]:
    """Return a directory and the tables behind it as words, for threads: it has their distances from its start."""
    parts = [_as_words(table, kind) for table, kind in zip(tables, OF_THREADS.values(), strict=True)]
    sizes = [np.dtype(np.int64).itemsize * 2 * len(tables), *(part.nbytes for part in parts)]
    return np.concatenate([directory(tables, np.cumsum(sizes[:-1]).tolist()).reshape(-1), *parts])


def _as_words(table: npt.NDArray[Any], kind: np.dtype[Any]) -> npt.NDArray[np.int64]:
    """Return a table of another type as words, the last of them filled up with zeros."""
    words = np.zeros(-(-table.size * kind.itemsize // 8), np.int64)
    words.view(np.uint8)[: table.size * kind.itemsize].view(kind)[:] = table
    return words


def address_here(array: npt.NDArray[Any]) -> int:
    """Return where an array is in the memory of this process."""
    return int(array.ctypes.data)


# --- Quantities: issues, drivers, leverage and prices, one row each, in this order. For kernels and NumPy alike.


@jitable
def leverage_row(tables: Any, dependent: Any, provider: Any) -> Any:
    """Return the quantity row of D[dependent, provider], the provider's leverage over the dependent."""
    return tables.issues.size + tables.drivers.size + dependent * tables.actors.size + provider


@jitable
def price_row(tables: Any, v: Any) -> Any:
    """Return the quantity row of the price of move v, the terms at which it was last made."""
    return tables.issues.size + tables.drivers.size + tables.actors.size * tables.actors.size + v


def quantity_names(actors: list[str], issues: list[str], drivers: list[str], moves: list[str]) -> list[str]:
    """Return the name of every quantity, in the order of their rows, as conditions and measures give it."""
    leverage = [f"{provider}>{dependent}" for dependent in actors for provider in actors]
    return [*issues, *drivers, *leverage, *(f"price:{move}" for move in moves)]
