"""What is new since an equation was last worked out: where nothing it hangs on has moved, its result stands.

Marks hold the month in which something last changed or was last worked out, for all worlds of a block together.
"""

from typing import Any

from realpolitik_model.compiling import kernel
from realpolitik_model.vectors import anywhere

NOT_YET = -1


@kernel
def unmark(marks: Any, count: Any) -> None:
    """Note of the first `count` of what is marked that it has not happened yet."""
    for n in range(count):
        marks[n] = NOT_YET


@kernel
def forget(tables: Any, lanes: Any) -> None:
    """Make everything new to the coming month, as at the start of a world and when a number changes."""
    for q in range(tables.issues.size + tables.drivers.size):
        lanes.moved[q] = lanes.clock[0] + 1
    unmark(lanes.weighed, tables.actors.size)
    unmark(lanes.salient, tables.interests.size)
    unmark(lanes.appraised, tables.moves.size)
    for v in range(tables.moves.size):
        lanes.chancy[v] = anywhere(lanes.numbers[tables.moves[v].chance] < 1.0)
    for k in range(tables.issues.size):
        lanes.drifts[k] = anywhere(lanes.numbers[tables.issues[k].decay] != 0.0)


@kernel
def put(lanes: Any, q: Any, new: Any, month: Any) -> None:
    """Set an issue or a driver; if that moves it in some world, it is news in `month`."""
    if anywhere(new != lanes.quantity[q]):
        lanes.quantity[q] = new
        lanes.moved[q] = month


@kernel
def hangs_on_news(tables: Any, lanes: Any, start: Any, end: Any) -> Any:
    """Return whether some quantity of these effects has moved."""
    for e in range(start, end):  # noqa: SIM110 (numba takes no generators)
        if lanes.moved[tables.effects[e].quantity] == lanes.clock[0]:
            return True
    return False
