"""E5, the value of a move: gains of all actors, weighed by their leverage. The sum is its own explanation."""

from typing import Any

from realpolitik_model.blocks import clip
from realpolitik_model.compiling import kernel
from realpolitik_model.interests import loss_of
from realpolitik_model.vectors import spread


@kernel
def aim(tables: Any, lanes: Any, c: Any) -> Any:
    """Set the outcome x' that a change would bring: clip(x + by, 0, 1), or to; return where it differs from x."""
    change, outcome = tables.changes[c], lanes.quantity[tables.changes[c].issue]
    number = lanes.numbers[change.number]
    target = number if change.to == 1 else clip(outcome + number, 0.0, 1.0)
    lanes.target[c] = target
    return target != outcome


@kernel
def aim_all(tables: Any, lanes: Any, start: Any, end: Any) -> Any:
    """Aim the changes start..end; return where one of them would change something."""
    changed = spread(0.0) != 0.0
    for c in range(start, end):
        changed = changed | aim(tables, lanes, c)
    return changed


@kernel
def add_gains(tables: Any, lanes: Any, gain: Any, first: Any, start: Any, end: Any) -> None:
    """Set the gain u(x') - u(x) of each of the gainers start..end, in rows from `first`; all others gain 0  (E5)."""
    for g in range(start, end):
        gainer, total = tables.gainers[g], spread(0.0)
        for s in range(gainer.stakes, gainer.stakes_end):
            stake = tables.stakes[s]
            position = lanes.numbers[stake.position]
            after = loss_of(tables, lanes.target[stake.change], position)
            before = loss_of(tables, lanes.quantity[stake.issue], position)
            total -= lanes.salience[stake.interest] * (after - before)
        gain[first + gainer.actor] = total


@kernel
def weighted(tables: Any, lanes: Any, v: Any, i: Any) -> Any:
    """Return actor i's sum over the gains from move v: its own, and every other's by its weight  (E5)."""
    return _sum(tables, lanes, lanes.gain, v, i, tables.moves[v].gainers, tables.moves[v].gainers_end)


@kernel
def weighted_payment(tables: Any, lanes: Any, v: Any, i: Any) -> Any:
    """Return the same over the gains from the payment of move v  (E7)."""
    return _sum(tables, lanes, lanes.paid, v, i, tables.moves[v].paid_gainers, tables.moves[v].paid_gainers_end)


@kernel
def _sum(tables: Any, lanes: Any, gain: Any, v: Any, i: Any, start: Any, end: Any) -> Any:
    actors = tables.actors.size
    total = gain[v * actors + i]
    for g in range(start, end):
        a = tables.gainers[g].actor
        if tables.relations[i * actors + a].heeds == 1:
            total += lanes.weight[i * actors + a] * gain[v * actors + a]
    return total


@kernel
def appraise(tables: Any, lanes: Any, v: Any) -> Any:
    """Set the gains of all actors from move v, aimed before; return its bare value to its owner, less cost  (E5)."""
    move = tables.moves[v]
    if gains_moved(tables, lanes, v):
        add_gains(tables, lanes, lanes.gain, v * tables.actors.size, move.gainers, move.gainers_end)
        lanes.appraised[v] = lanes.clock[0]
    return weighted(tables, lanes, v, move.actor) - lanes.numbers[move.cost]


@kernel
def gains_moved(tables: Any, lanes: Any, v: Any) -> Any:
    """Return whether something that the gains from move v hang on moved since they were worked out."""
    for n in range(tables.moves[v].hangs, tables.moves[v].hangs_end):
        if lanes.moved[tables.hangs[n]] > lanes.appraised[v]:
            return True
    return False
