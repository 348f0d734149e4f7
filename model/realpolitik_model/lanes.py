"""Worlds side by side: each quantity is a row over LANES worlds, and each equation works on whole rows."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types
from numba.experimental import structref

from realpolitik_model.compiling import kernel
from realpolitik_model.tables import Tables, unowned

LANES = 64
"""Worlds in one block: wide enough to amortise reading the tables, narrow enough to stay in cache."""

Rows = npt.NDArray[np.float64]

DELTA = 8
"""First scratch row of the month's changes to issues; the rows before it serve one equation at a time."""

NEVER = -1.0e9
"""The month of something that has not happened."""
REFUSED, MADE = 1.0, 2.0


class Lanes(NamedTuple):
    """The state and the workings of one block of worlds; every array is (rows, LANES), or (blocks, rows, LANES).

    A quantity row is an issue, a driver, a leverage D[i, j] or a price, in that order.
    """

    stream: npt.NDArray[np.uint64]
    """Row 0: the word of each world's noise; row 1: the word of this month."""
    numbers: Rows
    quantity: Rows
    salience: Rows
    loss: Rows
    """Loss of each interest at the present outcome (E3)."""
    eps: Rows
    weight: Rows
    target: Rows
    """Outcome that each change would bring."""
    gain: Rows
    """[move * actors + actor]: gain from the bare move (E5)."""
    paid: Rows
    """The same from the whole payment (E7)."""
    bare: Rows
    """Bare value of each move to its owner, cost subtracted."""
    tau: Rows
    deal: Rows
    """Per move: what the payer makes of the deal before its noise."""
    noise: Rows
    value: Rows
    feasible: Rows
    choice: Rows
    """Per actor: the move it takes, or -1."""
    result: Rows
    """Per move, this month: 0, REFUSED or MADE."""
    aside: Rows
    consent: Rows
    scratch: Rows
    uniform_shift: Rows
    """Per driver, in lane 0: 1 where all worlds of the block share the shift."""
    first: Rows
    """Per outcome: the month in which it happened, or NEVER."""
    measured: Rows
    made: Rows
    refused: Rows


def lanes_for(tables: Tables, numbers: int, blocks: int) -> Lanes:
    """Return empty lanes for `blocks` blocks of worlds, every array (blocks, rows, LANES)."""
    actors, moves = tables.actors.size, tables.moves.size
    issues, interests, outcomes = tables.issues.size, tables.interests.size, tables.outcomes.size
    rows = {
        "numbers": numbers,
        "quantity": issues + tables.drivers.size + actors * actors + moves,
        "salience": interests,
        "loss": interests,
        "eps": actors * actors,
        "weight": actors * actors,
        "target": tables.changes.size,
        "gain": moves * actors,
        "paid": moves * actors,
        "choice": actors,
        "consent": tables.consents.size,
        "scratch": DELTA + issues,
        "uniform_shift": tables.drivers.size,
        "first": outcomes,
        "measured": outcomes,
    }
    arrays = {name: np.zeros((blocks, rows.get(name, moves), LANES)) for name in Lanes._fields if name != "stream"}
    return Lanes(stream=np.zeros((blocks, 2, LANES), np.uint64), **arrays)


class LanesHandle(structref.StructRefProxy):
    """The lanes of one block as the kernels take them: one pointer instead of every array."""


@structref.register
class LanesType(types.StructRef):
    """The compiled type of a handle."""


structref.define_proxy(LanesHandle, LanesType, list(Lanes._fields))  # type: ignore[no-untyped-call]


@kernel
def lanes_handle(lanes: Any) -> Any:
    """Return the handle of lanes; made in compiled code, where making it is cached.

    The caller keeps the arrays alive: a handle does not count references.
    """
    return LanesHandle(  # type: ignore[no-untyped-call]
        unowned(lanes.stream), unowned(lanes.numbers), unowned(lanes.quantity), unowned(lanes.salience),
        unowned(lanes.loss), unowned(lanes.eps), unowned(lanes.weight), unowned(lanes.target), unowned(lanes.gain),
        unowned(lanes.paid), unowned(lanes.bare), unowned(lanes.tau), unowned(lanes.deal), unowned(lanes.noise),
        unowned(lanes.value), unowned(lanes.feasible), unowned(lanes.choice), unowned(lanes.result),
        unowned(lanes.aside), unowned(lanes.consent), unowned(lanes.scratch), unowned(lanes.uniform_shift),
        unowned(lanes.first), unowned(lanes.measured), unowned(lanes.made), unowned(lanes.refused),
    )  # fmt: skip


@kernel
def block(lanes: Any, b: Any) -> Any:
    """Return one block of the lanes, every array (rows, LANES)."""
    return LanesHandle(  # type: ignore[no-untyped-call]
        lanes.stream[b], lanes.numbers[b], lanes.quantity[b], lanes.salience[b], lanes.loss[b], lanes.eps[b],
        lanes.weight[b], lanes.target[b], lanes.gain[b], lanes.paid[b], lanes.bare[b], lanes.tau[b], lanes.deal[b],
        lanes.noise[b], lanes.value[b], lanes.feasible[b], lanes.choice[b], lanes.result[b], lanes.aside[b],
        lanes.consent[b], lanes.scratch[b], lanes.uniform_shift[b], lanes.first[b], lanes.measured[b], lanes.made[b],
        lanes.refused[b],
    )  # fmt: skip


@kernel
def clip(v: Any, low: Any, high: Any) -> Any:
    """Return v held within [low, high]."""
    v = v if v > low else low
    return v if v < high else high


@kernel
def affine(out: Any, numbers: Any, base: Any, effects: Any, start: Any, end: Any, quantity: Any) -> None:
    """Write base + sum of effect * quantity into `out`, left to right: the form of E2, E3 and of a rest."""
    for lane in range(LANES):
        out[lane] = numbers[base, lane]
    for e in range(start, end):
        coefficient, z = numbers[effects[e].number], quantity[effects[e].quantity]
        for lane in range(LANES):
            out[lane] += coefficient[lane] * z[lane]


@kernel
def anywhere(row: Any) -> Any:
    """Return whether some world of the row is not 0."""
    total = 0
    for lane in range(LANES):
        total += row[lane] != 0.0
    return total > 0


@kernel
def holds(out: Any, conditions: Any, start: Any, end: Any, numbers: Any, quantity: Any) -> None:
    """Set `out` to 0 in the worlds where some condition of the range fails."""
    for c in range(start, end):
        left = quantity[conditions[c].quantity]
        right = numbers[conditions[c].number] if conditions[c].other < 0 else quantity[conditions[c].other]
        above = conditions[c].above == 1
        for lane in range(LANES):
            passed = left[lane] > right[lane] if above else left[lane] < right[lane]
            out[lane] = out[lane] if passed else 0.0
