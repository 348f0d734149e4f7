"""What a run remembers: the month in which each outcome first happened, its measure, moves made and refused."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, MADE, NEVER, REFUSED, anywhere, holds


@kernel
def keep_where(now: Any, row: Any, wanted: Any) -> None:
    """Set `now` to 0 in the worlds where a row is not what is wanted."""
    for lane in range(LANES):
        now[lane] = now[lane] if row[lane] == wanted else 0.0


@kernel
def conditions_met(tables: Any, lanes: Any, now: Any, t: Any, o: Any) -> None:
    """Set `now` to 0 in the worlds where outcome o does not happen this month."""
    outcome = tables.outcomes[o]
    if outcome.move >= 0:
        keep_where(now, lanes.result[outcome.move], MADE if outcome.made == 1 else REFUSED)
    if outcome.at >= 0:
        keep_where(now, lanes.first[outcome.at], float(t))
    if outcome.after >= 0:
        other = lanes.first[outcome.after]
        for lane in range(LANES):
            now[lane] = now[lane] if other[lane] != NEVER and other[lane] < t else 0.0
    holds(now, tables.conditions, outcome.when, outcome.when_end, lanes.numbers, lanes.quantity)


@kernel
def witness(tables: Any, lanes: Any, t: Any, last: Any, o: Any) -> None:
    """Test outcome o, and date and measure it where it first happens."""
    outcome, first, now = tables.outcomes[o], lanes.first[o], lanes.scratch[0]
    final = outcome.measure >= 0 and outcome.when == outcome.when_end and outcome.move < 0 and outcome.at < 0
    if final and t != last:
        return
    now[:] = 1.0
    keep_where(now, first, NEVER)
    if not anywhere(now):
        return
    conditions_met(tables, lanes, now, t, o)
    for lane in range(LANES):
        first[lane] = float(t) if now[lane] != 0.0 else first[lane]
    if outcome.measure >= 0:
        measured, quantity = lanes.measured[o], lanes.quantity[outcome.measure]
        for lane in range(LANES):
            measured[lane] = quantity[lane] if now[lane] != 0.0 else measured[lane]


@kernel
def remember(tables: Any, lanes: Any, t: Any, last: Any) -> None:
    """Record the month: count moves made and refused, then test the outcomes in order."""
    for v in range(tables.moves.size):
        result = lanes.result[v]
        if not anywhere(result):
            continue
        made, refused = lanes.made[v], lanes.refused[v]
        for lane in range(LANES):
            made[lane] += 1.0 if result[lane] == MADE else 0.0
            refused[lane] += 1.0 if result[lane] == REFUSED else 0.0
    for o in range(tables.outcomes.size):
        witness(tables, lanes, t, last, o)
