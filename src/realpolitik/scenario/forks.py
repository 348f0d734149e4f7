"""Numbers that change from a month on, while everything before stays as it is."""

from collections.abc import Iterator
from typing import NamedTuple

from realpolitik.scenario.errors import Fault
from realpolitik.scenario.paths import Table, missing, numbers
from realpolitik.scenario.shapes import bounds


class Fork(NamedTuple):
    """New numbers, by dotted path, from a month on."""

    month: str
    numbers: dict[str, float]


def forks(full: Table) -> tuple[Fork, ...]:
    """List the forks of a document by month; within a month, in the order given."""
    given = sorted(full["from"], key=lambda fork: str(fork["month"]))
    return tuple(Fork(fork["month"], dict(fork["set"])) for fork in given)


def unfit_forks(full: Table) -> Iterator[Fault]:
    """Find forks outside the scenario's months, of numbers that it does not have, or out of bounds."""
    known = numbers(full) if full["from"] else {}
    start, end = full["meta"]["start"], full["meta"]["end"]
    for n, fork in enumerate(full["from"]):
        if not start <= fork["month"] <= end:
            problem = f"from.month: {fork['month']} is outside {start} to {end}"
            yield Fault(("from", n, "month"), problem, also=(("meta", "start"), ("meta", "end")))
        for path, number in fork["set"].items():
            yield from unfit(full, known, n, path, number)


def unfit(full: Table, known: dict[str, float], n: int, path: str, number: float) -> Iterator[Fault]:
    """Say what is wrong with one number of a fork."""
    loc = ("from", n, "set", path)
    row = tuple(path.split(".")[:2])
    if path not in known:
        fault = missing(full, path, loc)
        yield Fault(loc, f"'{path[:100]}' is not the path of a number", targets=(row,), hint=fault.hint)
        return
    low, high = bounds(path)
    if not low <= number <= high:
        yield Fault(loc, f"{path}: {number:g} is out of range, {low:g} to {high:g}")
