"""E5, the value of a move: gains of all actors, weighed by their leverage. The sum is its own explanation."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.interests import loss_of
from realpolitik_model.lanes import clip


@kernel
def aim(tables: Any, lanes: Any, c: Any) -> None:
    """Set the outcome x' that a change would bring: clip(x + by, 0, 1), or to."""
    change = tables.changes[c]
    number = lanes.numbers[change.number]
    if change.to == 1:
        lanes.target[c] = number
    else:
        lanes.target[c] = clip(lanes.quantity[change.issue] + number, 0.0, 1.0)


@kernel
def add_gains(tables: Any, lanes: Any, gain: Any, first: Any, start: Any, end: Any) -> None:
    """Set each actor's gain u(x') - u(x) from the changes whose stakes are start..end, in rows from `first`  (E5)."""
    for a in range(tables.actors.size):
        gain[first + a] = 0.0
    for s in range(start, end):
        stake = tables.stakes[s]
        n = stake.interest
        after = loss_of(tables, lanes.target[stake.change], lanes.numbers[tables.interests[n].position])
        gain[first + stake.actor] -= lanes.salience[n] * (after - lanes.loss[n])


@kernel
def weighted(tables: Any, lanes: Any, gain: Any, first: Any, i: Any) -> Any:
    """Return actor i's sum: its own gain, and every other's by its weight, in the order of actors  (E5)."""
    actors = tables.actors.size
    total = gain[first + i]
    for a in range(actors):
        if a != i:
            total += lanes.weight[i * actors + a] * gain[first + a]
    return total


@kernel
def appraise(tables: Any, lanes: Any, v: Any) -> Any:
    """Set the gains of all actors from move v, aimed before; return its bare value to its owner, less cost  (E5)."""
    move, first = tables.moves[v], v * tables.actors.size
    add_gains(tables, lanes, lanes.gain, first, move.stakes, move.stakes_end)
    lanes.bare[v] = weighted(tables, lanes, lanes.gain, first, move.actor) - lanes.numbers[move.cost]
    return lanes.bare[v]
