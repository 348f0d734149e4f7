"""E2, dependence: what an actor would lose if another withheld it, which is the other's leverage (Emerson 1962)."""

from typing import Any

from realpolitik_model.blocks import affine, clip
from realpolitik_model.compiling import kernel
from realpolitik_model.news import NOT_YET, hangs_on_news


@kernel
def leverage_row(tables: Any, dependent: Any, provider: Any) -> Any:
    """Return the quantity row of D[dependent, provider], the provider's leverage over the dependent."""
    return tables.issues.size + tables.drivers.size + dependent * tables.actors.size + provider


@kernel
def depend(tables: Any, lanes: Any, i: Any) -> None:
    """Set D[i, j] = sum over rows of stake * (1 - clip(alternatives + effects, 0, 1))  (E2)."""
    for j in range(tables.actors.size):
        lanes.quantity[leverage_row(tables, i, j)] = 0.0
    for n in range(tables.actors[i].needs, tables.actors[i].needs_end):
        row = tables.dependence[tables.needs[n]]
        alternatives = affine(tables, lanes, row.alternatives, row.effects, row.effects_end)
        lost = lanes.numbers[row.stake] * (1.0 - clip(alternatives, 0.0, 1.0))
        lanes.quantity[leverage_row(tables, i, row.provider)] += lost


@kernel
def dependence_moved(tables: Any, lanes: Any, i: Any) -> Any:
    """Return whether something that actor i's dependence hangs on moved this month, or it was never worked out."""
    for n in range(tables.actors[i].needs, tables.actors[i].needs_end):
        row = tables.dependence[tables.needs[n]]
        if hangs_on_news(tables, lanes, row.effects, row.effects_end):
            return True
    return lanes.weighed[i] == NOT_YET
