"""E3, interests: where an actor wants an issue, and how much."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, affine


@kernel
def loss_of(out: Any, outcome: Any, position: Any, quadratic: Any) -> None:
    """Write the loss of an outcome at a position: the distance, or its square  (E3)."""
    if quadratic:
        for lane in range(LANES):
            distance = outcome[lane] - position[lane]
            out[lane] = distance * distance
    else:
        for lane in range(LANES):
            out[lane] = abs(outcome[lane] - position[lane])


@kernel
def take_interest(tables: Any, lanes: Any, i: Any) -> None:
    """Set the salience max(0, s0 + effects) and the present loss of each interest of actor i  (E3)."""
    quadratic = tables.theory[0].quadratic == 1
    for r in range(tables.interests.size):
        row = tables.interests[r]
        if row.actor != i:
            continue
        salience = lanes.salience[r]
        affine(
            salience,
            lanes.numbers,
            row.salience,
            tables.effects,
            row.effects,
            row.effects_end,
            lanes.quantity,
        )
        for lane in range(LANES):
            salience[lane] = salience[lane] if salience[lane] > 0.0 else 0.0
        loss_of(lanes.loss[r], lanes.quantity[row.issue], lanes.numbers[row.position], quadratic)
