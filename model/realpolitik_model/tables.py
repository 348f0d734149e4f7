"""How a case is laid out for the kernels: one record array a table, every number an index into the numbers."""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import types
from numba.experimental import structref
from numba.extending import intrinsic

from realpolitik_model.compiling import kernel

Records = npt.NDArray[np.void]


def _columns(text: str, **other: type) -> np.dtype[np.void]:
    return np.dtype([(name, other.get(name, np.int64)) for name in text.split()])


# Ranges `x`, `x_end` point into another table; -1 says there is none.
EFFECT = _columns("quantity number")
CHANGE = _columns("issue to number")
CONDITION = _columns("quantity above other number")
ACTOR = _columns("capability owned owned_end")
ISSUE = _columns("start decay rest effects effects_end")
DRIVER = _columns("points points_end season scale shift")
POINT = _columns("month number", month=np.float64)
DEPENDENCE = _columns("dependent provider stake alternatives effects effects_end")
INTEREST = _columns("actor issue position salience effects effects_end")
STAKE = _columns("actor interest change")
CONSENT = _columns("actor key", key=np.uint64)
MOVE = _columns(
    "actor cost chance changes changes_end consents consents_end payer paid paid_end fallback requires requires_end "
    "stakes stakes_end paid_stakes paid_stakes_end decision_key chance_key",
    decision_key=np.uint64,
    chance_key=np.uint64,
)
SHOCK = _columns("at hazard since until changes changes_end requires requires_end key", key=np.uint64)
OUTCOME = _columns("when when_end move made at after measure")
THEORY = _columns("phi sigma noise patience quadratic weights")

WEIGHTS = ("leverage", "self-interest", "capability", "placebo")
LEVERAGE, SELF_INTEREST, CAPABILITY, PLACEBO = range(4)


class Tables(NamedTuple):
    """The structure of a case; which numbers it takes is said by index, so that every number may differ by world."""

    theory: Records
    """One row: number indices, whether loss is quadratic, the weight rule."""
    actors: Records
    owned: npt.NDArray[np.int64]
    """Moves by owner, in the order of the file."""
    issues: Records
    drivers: Records
    points: Records
    dependence: Records
    interests: Records
    effects: Records
    moves: Records
    changes: Records
    stakes: Records
    """Which interests a change touches: the terms of a gain, in the order they are added (E5)."""
    consents: Records
    conditions: Records
    shocks: Records
    outcomes: Records
    misperception: npt.NDArray[np.uint64]
    """Noise keys, shape (actors, actors): how the row's actor sees the column's leverage."""
    next_other: npt.NDArray[np.int64]
    """[i, a]: the actor after a among those other than i, the wrong owner of the placebo."""
    pairs: npt.NDArray[np.int64]
    """Leverage rows that are recorded, as quantities; only pairs that some row of dependence joins."""
    calendar: npt.NDArray[np.int64]
    """Month of the year of month 0, January being 0."""


class TablesHandle(structref.StructRefProxy):
    """The tables as the kernels take them: one pointer instead of every array."""


@structref.register
class TablesType(types.StructRef):
    """The compiled type of a handle."""


structref.define_proxy(TablesHandle, TablesType, list(Tables._fields))  # type: ignore[no-untyped-call]


def _unowned(_typing: Any, array: Any) -> Any:
    """Return the array on the same memory, counting no references: counting, with a lock, took a third of a run."""

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        view = context.make_array(array)(context, builder, arguments[0])
        view.meminfo = view.meminfo.type(None)
        view.parent = view.parent.type(None)
        return view._getvalue()

    return array(array), generate


unowned: Any = intrinsic(_unowned)


@kernel
def tables_handle(t: Any) -> Any:
    """Return the handle of tables, which the caller keeps alive; made in compiled code, where making it is cached."""
    return TablesHandle(  # type: ignore[no-untyped-call]
        unowned(t.theory), unowned(t.actors), unowned(t.owned), unowned(t.issues), unowned(t.drivers),
        unowned(t.points), unowned(t.dependence), unowned(t.interests), unowned(t.effects), unowned(t.moves),
        unowned(t.changes), unowned(t.stakes), unowned(t.consents), unowned(t.conditions), unowned(t.shocks),
        unowned(t.outcomes), unowned(t.misperception), unowned(t.next_other), unowned(t.pairs), unowned(t.calendar),
    )  # fmt: skip
