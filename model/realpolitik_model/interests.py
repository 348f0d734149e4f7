"""E3, interests: where an actor wants an issue, and how much."""

from typing import Any

from realpolitik_model.blocks import affine
from realpolitik_model.compiling import kernel
from realpolitik_model.news import NOT_YET, hangs_on_news
from realpolitik_model.vectors import spread, where


@kernel
def loss_of(tables: Any, outcome: Any, position: Any) -> Any:
    """Return the loss of an outcome at a position: the distance, or its square  (E3)."""
    distance = abs(outcome - position)
    return distance * distance if tables.theory[0].quadratic == 1 else distance


@kernel
def take_interest(tables: Any, lanes: Any, i: Any) -> None:
    """Set the salience max(0, s0 + effects) and the present loss of each interest of actor i  (E3)."""
    for n in range(tables.actors[i].wants, tables.actors[i].wants_end):
        r = tables.wants[n]
        row = tables.interests[r]
        if lanes.salient[r] == NOT_YET or hangs_on_news(tables, lanes, row.effects, row.effects_end):
            salience = affine(tables, lanes, row.salience, row.effects, row.effects_end)
            lanes.salience[r] = where(salience > 0.0, salience, spread(0.0))
            lanes.salient[r] = lanes.stirred[r] = lanes.clock[0]
        if lanes.moved[row.issue] == lanes.clock[0]:
            lanes.loss[r] = loss_of(tables, lanes.quantity[row.issue], lanes.numbers[row.position])
            lanes.stirred[r] = lanes.clock[0]
