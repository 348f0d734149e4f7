"""E2, dependence: what an actor would lose if another withheld it, which is the other's leverage (Emerson 1962)."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, affine, clip


@kernel
def leverage_row(tables: Any, dependent: Any, provider: Any) -> Any:
    """Return the quantity row of D[dependent, provider], the provider's leverage over the dependent."""
    return tables.issues.size + tables.drivers.size + dependent * tables.actors.size + provider


@kernel
def depend(tables: Any, lanes: Any, i: Any) -> None:
    """Set D[i, j] = sum over rows of stake * (1 - clip(alternatives + effects, 0, 1))  (E2)."""
    for j in range(tables.actors.size):
        lanes.quantity[leverage_row(tables, i, j)][:] = 0.0
    alternatives = lanes.scratch[0]
    for r in range(tables.dependence.size):
        row = tables.dependence[r]
        if row.dependent != i:
            continue
        affine(
            alternatives,
            lanes.numbers,
            row.alternatives,
            tables.effects,
            row.effects,
            row.effects_end,
            lanes.quantity,
        )
        stake, out = lanes.numbers[row.stake], lanes.quantity[leverage_row(tables, i, row.provider)]
        for lane in range(LANES):
            out[lane] += stake[lane] * (1.0 - clip(alternatives[lane], 0.0, 1.0))
