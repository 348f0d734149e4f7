"""E3, interests: where an actor wants an issue, and how much."""

from typing import Any

from realpolitik_model.blocks import affine
from realpolitik_model.compiling import kernel
from realpolitik_model.news import hangs_on_news
from realpolitik_model.vectors import spread, where


@kernel
def loss_of(tables: Any, outcome: Any, position: Any) -> Any:
    """Return the loss of an outcome at a position: the distance, or its square  (E3)."""
    distance = abs(outcome - position)
    return distance * distance if tables.theory[0].quadratic == 1 else distance


@kernel
def value_issue(tables: Any, lanes: Any, r: Any) -> None:
    """Set the salience of interest r: max(0, salience + effects)  (E3)."""
    row = tables.interests[r]
    salience = affine(tables, lanes, row.salience, row.effects, row.effects_end)
    lanes.salience[r] = where(salience > 0.0, salience, spread(0.0))


@kernel
def take_interest(tables: Any, lanes: Any, i: Any) -> None:
    """Set the saliences of actor i that hang on something which moved  (E3)."""
    for n in range(tables.actors[i].moods, tables.actors[i].moods_end):
        row = tables.interests[tables.moods[n]]
        if hangs_on_news(tables, lanes, row.effects, row.effects_end):
            value_issue(tables, lanes, tables.moods[n])
