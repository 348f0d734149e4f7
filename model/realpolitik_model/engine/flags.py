"""Dirty flags: what has changed since an equation was last computed. Where no input has moved, its result stands.

Flags hold the month in which something last changed or was last computed, for all worlds of a block together.
"""

from typing import Any

from realpolitik_model.engine.compiling import kernel
from realpolitik_model.equations.arithmetic import anywhere

NOT_YET = -1


@kernel
def clear(flags: Any, count: Any) -> None:
    """Set the first `count` flags to "not yet"."""
    for n in range(count):
        flags[n] = NOT_YET


@kernel
def put(state: Any, q: Any, new: Any, month: Any) -> None:
    """Set an issue or a driver; if that moves it in some world, flag it as moved in `month`."""
    if anywhere(new != state.quantity[q]):
        state.quantity[q] = new
        state.moved[q] = month


@kernel
def effects_moved(tables: Any, state: Any, start: Any, end: Any, since: Any) -> Any:
    """Return whether the quantity of one of these effects has moved since something was computed."""
    for e in range(start, end):  # noqa: SIM110 (numba takes no generators)
        if state.moved[tables.effects[e].quantity] > since:
            return True
    return False


@kernel
def answered_since(state: Any, start: Any, end: Any, since: Any) -> Any:
    """Return whether one of these responses was computed after something else was."""
    for r in range(start, end):  # noqa: SIM110
        if state.answered[r] > since:
            return True
    return False


@kernel
def conditions_moved(tables: Any, state: Any, start: Any, end: Any) -> Any:
    """Return whether these conditions may hold where they did not a month ago; leverage and prices have no flags."""
    flagged = tables.issues.size + tables.drivers.size
    for c in range(start, end):
        condition = tables.conditions[c]
        if condition.quantity >= flagged or state.moved[condition.quantity] >= state.clock[0]:
            return True
        if condition.other >= flagged or (condition.other >= 0 and state.moved[condition.other] >= state.clock[0]):
            return True
    return False


@kernel
def inputs_moved(tables: Any, state: Any, v: Any) -> Any:
    """Return whether an input of the gains from move v has moved since they were computed."""
    for n in range(tables.moves[v].inputs, tables.moves[v].inputs_end):
        if state.moved[tables.inputs[n]] > state.appraised[v]:
            return True
    return False
