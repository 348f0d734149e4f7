"""Rows switched off by their numbers, so that thousands of arguments with holes in them are worlds of one case."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.choices import REASONED
from realpolitik.scenario import Scenario
from realpolitik_model import Case

Document = Mapping[str, Any]
Flags = npt.NDArray[np.bool_]

PROHIBITIVE = 10.0
"""A cost at which no move is anybody's outside option (E7): the largest that a scenario may give."""


@dataclass(frozen=True)
class Switch:
    """A row that stands on claims, and the numbers that leave it without effect."""

    row: str
    claims: tuple[str, ...]
    off: dict[str, float]


def switches(scenario: Scenario) -> list[Switch]:
    """List every row that stands on claims; ValueError if a fork would switch one of them on again."""
    found = [
        Switch(f"{table}.{name}", tuple(row["claims"]), dict(OFF[table](f"{table}.{name}", row)))
        for table in REASONED
        for name, row in scenario.document[table].items()
        if row["claims"]
    ]
    forked = {path for fork in scenario.forks for path in fork.numbers}
    for switch in found:
        for path in forked & switch.off.keys():
            raise ValueError(f"{path} changes from a month on, so {switch.row} cannot be switched off")
    return found


def present(switch: Switch, players: list[str], coalitions: Flags) -> Flags:
    """Return in which coalitions a row stands: where none of its claims is missing; a row falls with any of them."""
    needed = coalitions[:, [players.index(claim) for claim in switch.claims]]
    return np.asarray(needed.all(axis=1))


def case_of(scenario: Scenario) -> Case:
    """Lay out a scenario in which every shock has a hazard, which can be set to 0."""
    document = {**scenario.document, "shocks": {n: chancy(row) for n, row in scenario.document["shocks"].items()}}
    return Case.of(document, [(fork.month, fork.numbers) for fork in scenario.forks])


def chancy(shock: Document) -> Document:
    """Give a dated shock a hazard of 1 in that month."""
    if shock["at"] is None:
        return shock
    return {**shock, "at": None, "hazard": 1.0, "from": shock["at"], "until": shock["at"]}


def _issue(path: str, _row: Document) -> Iterator[tuple[str, float]]:
    """Leave an issue where moves and shocks put it."""
    yield f"{path}.decay", 0.0


def _driver(path: str, row: Document) -> Iterator[tuple[str, float]]:
    """Hold a driver at the first value of its path, or at the mean of its season."""
    for date in row["path"] or ():
        yield f"{path}.path.{date}", next(iter(row["path"].values()))
    for n in range(len(row["season"] or ())):
        yield f"{path}.season.{n + 1}", sum(row["season"]) / 12


def _dependence(path: str, _row: Document) -> Iterator[tuple[str, float]]:
    yield f"{path}.stake", 0.0


def _interest(path: str, row: Document) -> Iterator[tuple[str, float]]:
    yield f"{path}.salience", 0.0
    for z in row["effects"]:
        yield f"{path}.effects.{z}", 0.0


def _move(path: str, _row: Document) -> Iterator[tuple[str, float]]:
    yield f"{path}.chance", 0.0
    yield f"{path}.cost", PROHIBITIVE


def _shock(path: str, _row: Document) -> Iterator[tuple[str, float]]:
    yield f"{path}.hazard", 0.0


OFF = {
    "issues": _issue,
    "drivers": _driver,
    "dependence": _dependence,
    "interests": _interest,
    "moves": _move,
    "shocks": _shock,
}
