"""What worlds leave behind, by any contestant, and where two of them differ."""

from typing import Any, NamedTuple

import numpy as np

Array = Any


class Results(NamedTuple):
    """Axis 0 is the world: 0, 1, 2, ...; None is what a contestant does not say."""

    first: Array
    """(worlds, outcomes): month in which the outcome first happened, -1 never."""
    final: Array
    """(worlds, issues): outcome on each issue in the last month."""
    price: Array = None
    """(worlds, moves): terms at which each move was last made."""
    measured: Array = None
    """(worlds, outcomes): the outcome's measure in its month."""
    made: Array = None
    """(worlds, moves): how often each move was made."""
    refused: Array = None
    """(worlds, moves): how often it was refused."""


def results_of(outputs: Any) -> Results:
    """Return the results in the `Outputs` of the engine."""
    return Results(**{name: getattr(outputs, name) for name in Results._fields})


def differences(who: str, got: Results, expected: Results, names: dict[str, tuple[str, ...]]) -> list[str]:
    """Say, part by part, the first place where results are not those expected to the bit."""
    said = []
    for part in Results._fields:
        mine, theirs = getattr(got, part), getattr(expected, part)
        if mine is None:
            continue
        wrong = np.argwhere(np.asarray(mine) != theirs[: len(mine)])
        if len(wrong):
            world, column = (int(n) for n in wrong[0])
            pair = f"{mine[world][column]!r}, not {theirs[world][column]!r}"
            said.append(f"{who}: `{part}` of {names[part][column]} in world {world}: {pair} ({len(wrong)} such)")
    return said


def columns(case: Any) -> dict[str, tuple[str, ...]]:
    """Return the names of the columns of every part."""
    by_outcome, by_move = (
        dict.fromkeys(("first", "measured"), case.outcomes),
        dict.fromkeys(("price", "made", "refused"), case.moves),
    )
    return {"final": case.issues, **by_outcome, **by_move}
