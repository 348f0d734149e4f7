"""E2, dependence: what an actor would lose if another withheld it, which is the other's leverage (Emerson 1962)."""

from typing import Any

from realpolitik_model.blocks import affine, clip
from realpolitik_model.compiling import kernel
from realpolitik_model.news import hangs_on_news
from realpolitik_model.vectors import spread


@kernel
def leverage_row(tables: Any, dependent: Any, provider: Any) -> Any:
    """Return the quantity row of D[dependent, provider], the provider's leverage over the dependent."""
    return tables.issues.size + tables.drivers.size + dependent * tables.actors.size + provider


@kernel
def depend(tables: Any, lanes: Any, p: Any) -> None:
    """Set D[i, j] of pair p: the sum over its rows of stake * (1 - clip(alternatives + effects, 0, 1))  (E2)."""
    pair, total = tables.pairs[p], spread(0.0)
    for r in range(pair.rows, pair.rows_end):
        row = tables.dependence[r]
        alternatives = affine(tables, lanes, row.alternatives, row.effects, row.effects_end)
        total += lanes.numbers[row.stake] * (1.0 - clip(alternatives, 0.0, 1.0))
    lanes.quantity[pair.quantity] = total


@kernel
def dependence_moved(tables: Any, lanes: Any, p: Any) -> Any:
    """Return whether something that the dependence of pair p hangs on moved this month."""
    for r in range(tables.pairs[p].rows, tables.pairs[p].rows_end):
        if hangs_on_news(tables, lanes, tables.dependence[r].effects, tables.dependence[r].effects_end):
            return True
    return False
