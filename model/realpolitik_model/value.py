"""E5, the value of a move: gains of all actors, weighed by their leverage. The sum is its own explanation."""

from typing import Any

from realpolitik_model.blocks import clip
from realpolitik_model.compiling import kernel
from realpolitik_model.interests import loss_of
from realpolitik_model.news import NOT_YET
from realpolitik_model.vectors import spread


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
def aim_all(tables: Any, lanes: Any, start: Any, end: Any) -> None:
    """Aim the changes start..end."""
    for c in range(start, end):
        aim(tables, lanes, c)


@kernel
def add_gains(tables: Any, lanes: Any, gain: Any, first: Any, start: Any, end: Any) -> None:
    """Set the gain u(x') - u(x) of each of the gainers start..end, in rows from `first`; all others gain 0  (E5)."""
    for g in range(start, end):
        gainer, total = tables.gainers[g], spread(0.0)
        for s in range(gainer.stakes, gainer.stakes_end):
            stake = tables.stakes[s]
            after = loss_of(tables, lanes.target[stake.change], lanes.numbers[stake.position])
            total -= lanes.salience[stake.interest] * (after - lanes.loss[stake.interest])
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
    move, last = tables.moves[v], lanes.appraised[v]
    stirred = stakes_stirred(tables, lanes, move, last)
    if stirred:
        add_gains(tables, lanes, lanes.gain, v * tables.actors.size, move.gainers, move.gainers_end)
    if stirred or lanes.weighed[move.actor] > last:
        lanes.bare[v] = weighted(tables, lanes, v, move.actor) - lanes.numbers[move.cost]
        lanes.appraised[v] = lanes.clock[0]
    return lanes.bare[v]


@kernel
def stakes_stirred(tables: Any, lanes: Any, move: Any, last: Any) -> Any:
    """Return whether some interest that move v touches has changed since month `last`, or there was no such month."""
    for s in range(move.stakes, move.stakes_end):
        if lanes.stirred[tables.stakes[s].interest] > last:
            return True
    return last == NOT_YET
