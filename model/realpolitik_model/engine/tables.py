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


def _columns(text: str, **other: type) -> np.dtype[np.void]:
    """Return the type of a record whose fields are words; kernels for GPUs, told so, do not read them byte by byte."""
    return np.dtype([(name, other.get(name, np.int64)) for name in text.split()], align=THREADED)


def words_for(bits: int) -> int:
    """Return how many words hold a set of so many bits."""
    return -(-bits // WORD)


def words_of(bits: Iterable[int], words: int) -> list[int]:
    """Return a set of bits as words."""
    held = [0] * words
    for bit in bits:
        held[bit // WORD] |= 1 << bit % WORD
    return held


INDEX: np.dtype[Any] = np.dtype(np.int64)
# Columns `x`, `x_end` are a range of rows of another table; in all others but `at`, -1 means that there is none.
DTYPES: dict[str, np.dtype[Any]] = {
    "theory": _columns(
        "phi sigma noise patience foresight discount quadratic weights calendar seasonal capabilities responses words "
        "move_words response_words"
    ),
    "actors": _columns("capability owned owned_end pairs pairs_end"),
    "owned": INDEX,
    "owned_words": INDEX,
    "watched": INDEX,
    "valued_by": INDEX,
    "watched_by": INDEX,
    "paid_for": INDEX,
    "answers": INDEX,
    "questions": INDEX,
    "reach": _columns("issues issues_end"),
    "reached": INDEX,
    "issues": _columns("start decay rest responses responses_end"),
    "drivers": _columns("points points_end season scale shift"),
    "points": _columns("month number", month=np.float64),
    "pairs": _columns("dependent quantity rows rows_end"),
    "dependence": _columns("stake alternatives responses responses_end"),
    "interests": _columns("actor issue salience position"),
    "responses": _columns("base number share effects effects_end pair"),
    "effects": _columns("quantity number"),
    "moves": _columns(
        "actor since until cost chance chancy changes changes_end consents consents_end need payers payers_end "
        "divisible paid paid_end fallback unpaid requires requires_end inputs inputs_end stakes stakes_end gainers "
        "gainers_end paid_stakes paid_stakes_end paid_gainers paid_gainers_end decision_key chance_key",
        decision_key=np.uint64,
        chance_key=np.uint64,
    ),
    "changes": _columns("issue to number"),
    "stakes": _columns("actor interest change issue salience position"),
    "inputs": INDEX,
    "gainers": _columns("actor stakes stakes_end"),
    "consents": _columns("actor votes payer key", key=np.uint64),
    "payers": INDEX,
    "conditions": _columns("quantity above other number"),
    "shocks": _columns(
        "dated at hazard responses responses_end since until changes changes_end requires requires_end key",
        key=np.uint64,
    ),
    "outcomes": _columns("when when_end move made at after measure"),
    "relations": _columns("key source heeds", key=np.uint64),
    "recorded": INDEX,
}


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
    """Return a directory and the tables behind it as words; it has their distances from its start as addresses."""
    sizes = [np.dtype(np.int64).itemsize * 2 * len(tables), *(table.nbytes for table in tables)]
    entries = directory(tables, np.cumsum(sizes[:-1]).tolist())
    return np.concatenate([entries.reshape(-1), *(table.view(np.int64) for table in tables)])


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
