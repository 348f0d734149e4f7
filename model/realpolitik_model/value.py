"""E5, the value of a move: gains of all actors, weighed by their leverage. The sum is its own explanation."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.interests import loss_of
from realpolitik_model.lanes import LANES, clip


@kernel
def aim(tables: Any, lanes: Any, c: Any) -> None:
    """Set the outcome x' that a change would bring: clip(x + by, 0, 1), or to."""
    change = tables.changes[c]
    out, number, x = lanes.target[c], lanes.numbers[change.number], lanes.quantity[change.issue]
    if change.to == 1:
        out[:] = number
    else:
        for lane in range(LANES):
            out[lane] = clip(x[lane] + number[lane], 0.0, 1.0)


@kernel
def add_gains(tables: Any, lanes: Any, gain: Any, first: Any, start: Any, end: Any) -> None:
    """Set each actor's gain u(x') - u(x) from the changes whose stakes are start..end, in rows from `first`  (E5)."""
    gain[first : first + tables.actors.size] = 0.0
    quadratic = tables.theory[0].quadratic == 1
    after = lanes.scratch[0]
    for s in range(start, end):
        stake = tables.stakes[s]
        position = lanes.numbers[tables.interests[stake.interest].position]
        loss_of(after, lanes.target[stake.change], position, quadratic)
        out, salience, before = (
            gain[first + stake.actor],
            lanes.salience[stake.interest],
            lanes.loss[stake.interest],
        )
        for lane in range(LANES):
            out[lane] -= salience[lane] * (after[lane] - before[lane])


@kernel
def weighted(tables: Any, lanes: Any, out: Any, gain: Any, first: Any, i: Any) -> None:
    """Write actor i's sum: its own gain, and every other's by its weight, in the order of actors  (E5)."""
    actors = tables.actors.size
    out[:] = gain[first + i]
    for a in range(actors):
        if a == i:
            continue
        weight, share = lanes.weight[i * actors + a], gain[first + a]
        for lane in range(LANES):
            out[lane] += weight[lane] * share[lane]


@kernel
def appraise(tables: Any, lanes: Any, v: Any) -> None:
    """Set the gains of all actors from move v, aimed before, and its bare value to its owner, cost subtracted  (E5)."""
    move = tables.moves[v]
    first = v * tables.actors.size
    add_gains(tables, lanes, lanes.gain, first, move.stakes, move.stakes_end)
    bare, cost = lanes.bare[v], lanes.numbers[move.cost]
    weighted(tables, lanes, bare, lanes.gain, first, move.actor)
    for lane in range(LANES):
        bare[lane] -= cost[lane]
