"""Lets two scenarios share their history: what differs between them begins in one month."""

from collections.abc import Iterator, Mapping
from typing import Any

from realpolitik.scenario import Scenario, Setting

ROWS = ("issues", "drivers", "dependence", "interests", "moves", "shocks")
MUTED = {"moves": "chance", "dependence": "stake", "interests": "salience", "shocks": "hazard"}
"""The number that takes a row out of play when it is 0."""
UNTOLD = ("reason", "claims", "assumption", "label", "low", "high", "channel", "role")
"""Texts that no kernel reads."""


def forked(first: Scenario, other: Scenario, month: str) -> Scenario:
    """Return the first scenario with the other's numbers from a month on; ValueError if more than numbers differ.

    A number that differs takes the other's value in every world, whatever the world drew from its range.
    """
    if first.document["meta"]["start"] != other.document["meta"]["start"]:
        raise ValueError(f"{first.name} and {other.name} begin in different months, so neither can fork from the other")
    _refuse_structure(first, other)
    changes = [*_differing(first, other, month), *_dropped(first, other, month), *_later(first, other, month)]
    return first.set(changes) if changes else first


def _differing(first: Scenario, other: Scenario, month: str) -> Iterator[Setting]:
    for path, value in other.numbers.items():
        if first.numbers.get(path) != value:
            yield Setting(path, value, month)


def _dropped(first: Scenario, other: Scenario, month: str) -> Iterator[Setting]:
    """Take the rows that the other has dropped out of play."""
    for table, key in MUTED.items():
        for name in first.document[table].keys() - other.document[table].keys():
            yield Setting(f"{table}.{name}.{key}", 0.0, month)
            for z in first.document[table][name].get("effects") or {}:
                yield Setting(f"{table}.{name}.effects.{z}", 0.0, month)


def _later(first: Scenario, other: Scenario, month: str) -> Iterator[Setting]:
    """Bring the other's own forks along, none of them before the month."""
    for fork in other.forks:
        if fork not in first.forks:
            yield from (Setting(path, value, max(month, fork.month)) for path, value in fork.numbers.items())


def _refuse_structure(first: Scenario, other: Scenario) -> None:
    for table in (*ROWS, "actors"):
        mine, theirs = first.document[table], other.document[table]
        new = [name for name in theirs if name not in mine]
        gone = [name for name in mine if name not in theirs and table not in MUTED]
        changed = [name for name in theirs if name in mine and _form(mine[name]) != _form(theirs[name])]
        for name in (*new, *gone, *changed):
            raise ValueError(
                f"--fork changes numbers only, and {table}.{name} differs in form between the two scenarios"
            )
    for key in ("loss", "weights"):
        if first.document["theory"][key] != other.document["theory"][key]:
            raise ValueError(f"--fork changes numbers only, and theory.{key} differs between the two scenarios")


def _form(value: Any) -> Any:
    """Return what remains of a row when its numbers are taken away."""
    if isinstance(value, Mapping):
        return {key: _form(entry) for key, entry in value.items() if key not in UNTOLD}
    if isinstance(value, list):
        return [_form(entry) for entry in value]
    return 0 if isinstance(value, float) else value
