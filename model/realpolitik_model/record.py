"""What a run remembers: the month in which each outcome first happened, its measure, moves made and refused."""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import LANES, MADE, NEVER, REFUSED, anywhere, holds


@kernel
def witness(tables: Any, lanes: Any, t: Any, last: Any, o: Any) -> None:
    """Test outcome o, and date and measure it where it first happens."""
    outcome, first = tables.outcomes[o], lanes.first[o]
    now = lanes.scratch[0]
    for lane in range(LANES):
        now[lane] = 1.0 if first[lane] == NEVER else 0.0
    if not anywhere(now):
        return
    final = outcome.measure >= 0 and outcome.when == outcome.when_end and outcome.move < 0 and outcome.at < 0
    if final and t != last:
        return
    if outcome.move >= 0:
        result, wanted = lanes.result[outcome.move], MADE if outcome.made == 1 else REFUSED
        for lane in range(LANES):
            now[lane] = now[lane] if result[lane] == wanted else 0.0
    if outcome.at >= 0:
        other = lanes.first[outcome.at]
        for lane in range(LANES):
            now[lane] = now[lane] if other[lane] == t else 0.0
    if outcome.after >= 0:
        other = lanes.first[outcome.after]
        for lane in range(LANES):
            now[lane] = now[lane] if other[lane] != NEVER and other[lane] < t else 0.0
    holds(now, tables.conditions, outcome.when, outcome.when_end, lanes.numbers, lanes.quantity)
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
