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


@kernel
def conditions_moved(tables: Any, lanes: Any, start: Any, end: Any) -> Any:
    """Return whether these conditions may hold where they did not a month ago; leverage and prices are not marked."""
    marked = tables.issues.size + tables.drivers.size
    for c in range(start, end):
        condition = tables.conditions[c]
        if condition.quantity >= marked or lanes.moved[condition.quantity] >= lanes.clock[0]:
            return True
        if condition.other >= marked or (condition.other >= 0 and lanes.moved[condition.other] >= lanes.clock[0]):
            return True
    return False
