"""What a run remembers: the month in which each outcome first happened, and its measure."""

from typing import Any

from realpolitik_model.blocks import holds
from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import MADE, NEVER, REFUSED
from realpolitik_model.news import conditions_moved
from realpolitik_model.vectors import anywhere, spread, where


@kernel
def happens(tables: Any, lanes: Any, now: Any, t: Any, o: Any) -> Any:
    """Return the worlds among `now` in which outcome o happens this month."""
    outcome = tables.outcomes[o]
    if outcome.move >= 0:
        now = now & (lanes.result[outcome.move] == (MADE if outcome.made == 1 else REFUSED))
    if outcome.at >= 0:
        now = now & (lanes.first[outcome.at] == t)
    if outcome.after >= 0:
        other = lanes.first[outcome.after]
        now = now & (other != NEVER) & (other < t)
    return now & holds(tables, lanes, outcome.when, outcome.when_end)


@kernel
def in_question(tables: Any, lanes: Any, outcome: Any, final: Any) -> Any:
    """Return whether an outcome can happen this month as far as the block as a whole can tell."""
    if outcome.move >= 0:
        return lanes.taken[outcome.move] == lanes.clock[0]
    if outcome.at >= 0:
        return lanes.dated[outcome.at] == lanes.clock[0]
    if outcome.when == outcome.when_end:
        return final or outcome.measure < 0
    return outcome.after >= 0 or conditions_moved(tables, lanes, outcome.when, outcome.when_end)


@kernel
def witness(tables: Any, lanes: Any, t: Any, last: Any, o: Any) -> None:
    """Test outcome o, and date and measure it where it first happens."""
    outcome = tables.outcomes[o]
    if lanes.settled[o] == 1 or not in_question(tables, lanes, outcome, t == last):
        return
    pending = lanes.first[o] == NEVER
    now = happens(tables, lanes, pending, t, o)
    if not anywhere(now):
        return
    lanes.dated[o] = t
    lanes.settled[o] = not anywhere(pending & ~now)
    lanes.first[o] = where(now, spread(float(t)), lanes.first[o])
    if outcome.measure >= 0:
        lanes.measured[o] = where(now, lanes.quantity[outcome.measure], lanes.measured[o])


@kernel
def remember(tables: Any, lanes: Any, t: Any, last: Any) -> None:
    """Test the outcomes of the month, in order."""
    for o in range(tables.outcomes.size):
        witness(tables, lanes, t, last, o)
