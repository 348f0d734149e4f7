"""E4, weights: an actor counts another's utility by the leverage that the other holds over it."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.dependence import leverage_row
from realpolitik_model.lanes import LANES
from realpolitik_model.noise import normal
from realpolitik_model.tables import CAPABILITY, LEVERAGE, PLACEBO, SELF_INTEREST


@kernel
def misperceive(tables: Any, lanes: Any, once: Any) -> None:
    """Draw, once a world, how each actor errs about each other's leverage over it (Jervis 1976)."""
    actors = tables.actors.size
    for i in range(actors):
        for j in range(actors):
            out, key = lanes.eps[i * actors + j], tables.misperception[i, j]
            for lane in range(LANES):
                out[lane] = normal(once[lane], key)


@kernel
def perceived(tables: Any, lanes: Any, out: Any, i: Any, j: Any) -> None:
    """Write phi * max(0, L[j > i] * (1 + sigma * eps)), j's leverage as i sees and heeds it."""
    theory = tables.theory[0]
    phi, sigma = lanes.numbers[theory.phi], lanes.numbers[theory.sigma]
    eps = lanes.eps[i * tables.actors.size + j]
    leverage = lanes.quantity[leverage_row(tables, i, j)]
    for lane in range(LANES):
        seen = leverage[lane] * (1.0 + sigma[lane] * eps[lane])
        out[lane] = phi[lane] * (seen if seen > 0.0 else 0.0)


@kernel
def capability_share(tables: Any, lanes: Any, out: Any, a: Any) -> None:
    """Write phi * capability_a / sum of capabilities, the weight of a to anyone under the rule `capability`."""
    total = lanes.scratch[0]
    total[:] = 0.0
    for b in range(tables.actors.size):
        capability = lanes.numbers[tables.actors[b].capability]
        for lane in range(LANES):
            total[lane] += capability[lane]
    phi, own = lanes.numbers[tables.theory[0].phi], lanes.numbers[tables.actors[a].capability]
    for lane in range(LANES):
        out[lane] = phi[lane] * (own[lane] / total[lane]) if total[lane] > 0.0 else 0.0


@kernel
def weigh(tables: Any, lanes: Any, i: Any) -> None:
    """Set w[i, a], what every other actor a counts for i, by the weight rule  (E4)."""
    rule, actors = tables.theory[0].weights, tables.actors.size
    for a in range(actors):
        if a == i:
            continue
        out = lanes.weight[i * actors + a]
        if rule == LEVERAGE:
            perceived(tables, lanes, out, i, a)
        elif rule == PLACEBO:
            perceived(tables, lanes, out, i, tables.next_other[i, a])
        elif rule == CAPABILITY:
            capability_share(tables, lanes, out, a)
        elif rule == SELF_INTEREST:
            out[:] = 0.0


@kernel
def power(tables: Any, lanes: Any, out: Any, i: Any, a: Any) -> None:
    """Write B[i > a], what i can bring to bear on a when terms are bargained  (E7), by the weight rule."""
    rule = tables.theory[0].weights
    if rule == SELF_INTEREST:
        out[:] = 1.0
    elif rule == CAPABILITY:
        out[:] = lanes.numbers[tables.actors[i].capability]
    elif rule == PLACEBO:
        out[:] = lanes.quantity[leverage_row(tables, a, tables.next_other[a, i])]
    else:
        out[:] = lanes.quantity[leverage_row(tables, a, i)]
