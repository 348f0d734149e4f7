"""E4, weights: an actor counts another's utility by the leverage that the other holds over it."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.dependence import leverage_row
from realpolitik_model.noise import ONCE, at_month, normal
from realpolitik_model.tables import CAPABILITY, LEVERAGE, PLACEBO, SELF_INTEREST
from realpolitik_model.vectors import spread, where


@kernel
def misperceive(tables: Any, lanes: Any) -> None:
    """Set the factor by which each actor mistakes each other's leverage over it, drawn once a world (Jervis 1976)."""
    once = at_month(lanes.stream[0], ONCE)
    for n in range(tables.relations.size):
        lanes.misperception[n] = 1.0 + lanes.numbers[tables.theory[0].sigma] * normal(once, tables.relations[n].key)


@kernel
def perceived(tables: Any, lanes: Any, i: Any, j: Any) -> Any:
    """Return phi * max(0, L[j > i] * (1 + sigma * eps)), j's leverage as i sees and heeds it."""
    seen = lanes.quantity[leverage_row(tables, i, j)] * lanes.misperception[i * tables.actors.size + j]
    return lanes.numbers[tables.theory[0].phi] * where(seen > 0.0, seen, spread(0.0))


@kernel
def capability_share(tables: Any, lanes: Any, a: Any) -> Any:
    """Return phi * capability_a / sum of capabilities, the weight of a to anyone under the rule `capability`."""
    total = spread(0.0)
    for b in range(tables.actors.size):
        total += lanes.numbers[tables.actors[b].capability]
    share = lanes.numbers[tables.actors[a].capability] / total
    return where(total > 0.0, lanes.numbers[tables.theory[0].phi] * share, spread(0.0))


@kernel
def weigh(tables: Any, lanes: Any, i: Any) -> None:
    """Set w[i, a], what every other actor a counts for i, by the weight rule  (E4)."""
    rule, actors = tables.theory[0].weights, tables.actors.size
    for a in range(actors):
        if tables.relations[i * actors + a].heeds == 0:
            continue
        if rule == LEVERAGE:
            lanes.weight[i * actors + a] = perceived(tables, lanes, i, a)
        elif rule == PLACEBO:
            lanes.weight[i * actors + a] = perceived(tables, lanes, i, tables.relations[i * actors + a].next_other)
        elif rule == CAPABILITY:
            lanes.weight[i * actors + a] = capability_share(tables, lanes, a)


@kernel
def power(tables: Any, lanes: Any, i: Any, a: Any) -> Any:
    """Return B[i > a], what i can bring to bear on a when terms are bargained  (E7), by the weight rule."""
    rule = tables.theory[0].weights
    if rule == SELF_INTEREST:
        return spread(1.0)
    if rule == CAPABILITY:
        return lanes.numbers[tables.actors[i].capability]
    other = tables.relations[a * tables.actors.size + i].next_other if rule == PLACEBO else i
    return lanes.quantity[leverage_row(tables, a, other)]
