"""What several equations do with rows: numbers that respond to the state, and conditions."""

from typing import Any

from realpolitik_model.engine.compiling import kernel
from realpolitik_model.engine.flags import effects_moved
from realpolitik_model.equations import held


@kernel
def fill(rows: Any, count: Any, value: Any) -> None:
    """Set the first `count` rows of a table to one number."""
    for r in range(count):
        rows[r] = value


@kernel
def with_effects(tables: Any, state: Any, base: Any, start: Any, end: Any) -> Any:
    """Return base + sum of effect * quantity, left to right: a number that responds to the state."""
    total = state.numbers[base]
    for e in range(start, end):
        effect = tables.effects[e]
        total += state.numbers[effect.number] * state.quantity[effect.quantity]
    return total


@kernel
def respond(tables: Any, state: Any, start: Any, end: Any) -> None:
    """Set the responses start..end from the quantities as they are."""
    for r in range(start, end):
        row = tables.responses[r]
        state.responses[r] = held(with_effects(tables, state, row.base, row.effects, row.effects_end), row.share == 1)


@kernel
def respond_where_moved(tables: Any, state: Any, start: Any, end: Any) -> None:
    """Set those of the responses start..end of which an input has moved."""
    for r in range(start, end):
        row = tables.responses[r]
        if effects_moved(tables, state, row.effects, row.effects_end, state.answered[r]):
            respond(tables, state, r, r + 1)
            state.answered[r] = state.clock[0]


@kernel
def holds(tables: Any, state: Any, start: Any, end: Any, held: Any) -> Any:
    """Return the worlds among `held` in which every condition of the range holds."""
    for c in range(start, end):
        condition = tables.conditions[c]
        left = state.quantity[condition.quantity]
        right = state.numbers[condition.number] if condition.other < 0 else state.quantity[condition.other]
        held = held & (left > right if condition.above == 1 else left < right)
    return held
