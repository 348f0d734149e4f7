"""What several equations do with rows: sums of effects, and conditions."""

from typing import Any

from realpolitik_model.engine.compiling import kernel


@kernel
def fill(rows: Any, count: Any, value: Any) -> None:
    """Set the first `count` rows of a table to one number."""
    for r in range(count):
        rows[r] = value


@kernel
def with_effects(tables: Any, state: Any, base: Any, start: Any, end: Any) -> Any:
    """Return base + sum of effect * quantity, left to right: the form of E2, E3 and of a rest."""
    total = state.numbers[base]
    for e in range(start, end):
        effect = tables.effects[e]
        total += state.numbers[effect.number] * state.quantity[effect.quantity]
    return total


@kernel
def holds(tables: Any, state: Any, start: Any, end: Any, held: Any) -> Any:
    """Return the worlds among `held` in which every condition of the range holds."""
    for c in range(start, end):
        condition = tables.conditions[c]
        left = state.quantity[condition.quantity]
        right = state.numbers[condition.number] if condition.other < 0 else state.quantity[condition.other]
        held = held & (left > right if condition.above == 1 else left < right)
    return held
