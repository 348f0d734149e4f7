"""The levers of a scenario: a few questions in plain words, each of which moves one or several numbers together."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from realpolitik.scenario import Scenario

NEAR = 0.005
"""Positions that differ by less are one: half the step of a lever."""
DIGITS = 6
"""Decimals of the numbers that a lever sets."""


@dataclass(frozen=True)
class Lever:
    """One lever; its position is 0 at its low end and 1 at its high end."""

    name: str
    label: str
    low: str
    """The low end in words."""
    high: str
    ends: dict[str, tuple[float, float]]
    """Path -> value at the low and at the high end."""
    values: dict[str, float]
    """Path -> value in the scenario."""
    ranges: dict[str, tuple[float, float]]
    """Path -> plausible range, of the numbers that have one."""
    own: str = "as it is"
    """The scenario's own position in words."""

    def position(self, path: str, value: float) -> float:
        """Return the position at which one of its numbers has a value."""
        low, high = self.ends[path]
        return (value - low) / (high - low) if high != low else 0.0

    @cached_property
    def base(self) -> float:
        """The position of the scenario, the mean of those of its numbers."""
        return fmean(self.position(path, value) for path, value in self.values.items())

    @cached_property
    def plausible(self) -> tuple[float, float] | None:
        """The union of the plausible ranges of its numbers, in positions from 0 to 1; None if none has a range."""
        found = [self.position(path, end) for path, ends in self.ranges.items() for end in ends]
        return (max(0.0, min(found)), min(1.0, max(found))) if found else None

    def at(self, position: float) -> dict[str, float]:
        """Return the numbers at a position; at that of the scenario, they have its values."""
        if abs(position - self.base) < NEAR:
            return dict(self.values)
        return {path: round(low + position * (high - low), DIGITS) for path, (low, high) in self.ends.items()}

    def place(self, numbers: Mapping[str, float]) -> float | None:
        """Return the position at which all of its numbers have the given values; None if there is none."""
        given = {path: numbers.get(path, value) for path, value in self.values.items()}
        if given == self.values:
            return self.base
        places = [self.position(path, value) for path, value in given.items()]
        return fmean(places) if max(places) - min(places) < 2 * NEAR else None

    def words(self, position: float) -> str:
        """Return a position in words: an end, the scenario's own, or how far it is from that."""
        if abs(position - self.base) < NEAR:
            return self.own
        for end, text in ((0.0, self.low), (1.0, self.high)):
            if abs(position - end) < NEAR:
                return text
        ratios = [value / self.values[path] for path, value in self.at(position).items() if self.values[path]]
        if len(ratios) == len(self.values) and max(ratios) - min(ratios) < NEAR and min(ratios) >= 0:
            return f"{fmean(ratios):.0%} of what it was"
        return f"{position:.0%} of the way from “{self.low}” to “{self.high}”"


def levers_of(scenario: Scenario) -> list[Lever]:
    """Return the levers of a scenario, in the order of its file.

    A what-if may change what a lever is about by other numbers than the lever's, so its own position is named as such.
    """
    own = "as in this what-if" if len(scenario.chain) > 1 else "as it is"
    return [
        Lever(
            name=name,
            label=row["label"],
            low=row["low"],
            high=row["high"],
            ends={path: (float(low), float(high)) for path, (low, high) in row["numbers"].items()},
            values={path: scenario.numbers[path] for path in row["numbers"]},
            ranges={path: scenario.ranges[path] for path in row["numbers"] if path in scenario.ranges},
            own=own,
        )
        for name, row in scenario.document["levers"].items()
    ]
