"""What a sweep varies: a number over a span, or anything over a few levels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, Setting, parse_setting
from realpolitik.scenario.paths import refused
from realpolitik.scenario.settings import read

Level = float | str
Vary = Mapping[str, Sequence[Level]] | Iterable["Factor"]
MOST_FACTORS = 500
MOST_LEVELS = 1_000


@dataclass(frozen=True)
class Span:
    """A number between two ends."""

    path: str
    low: float
    high: float

    def values(self, unit: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Stretch positions in [0, 1] over the span; both ends are met exactly."""
        return np.where(unit == 1.0, self.high, self.low + (self.high - self.low) * unit)

    @property
    def described(self) -> dict[str, Any]:
        """What a manifest keeps."""
        return {"path": self.path, "low": self.low, "high": self.high}

    def settings(self) -> list[Setting]:
        """Both ends, for the scenario to check."""
        return [Setting(self.path, self.low), Setting(self.path, self.high)]


@dataclass(frozen=True)
class Levels:
    """A few values one by one: numbers, or texts such as the theories of `theory.weights`."""

    path: str
    levels: tuple[Level, ...]

    @property
    def structural(self) -> bool:
        """Whether each level makes a case of its own, rather than another number in the same one."""
        return any(isinstance(level, str) for level in self.levels)

    def index(self, unit: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Cut [0, 1] into equal parts, one a level."""
        count = len(self.levels)
        return np.minimum((unit * count).astype(np.int64), count - 1)

    @property
    def described(self) -> dict[str, Any]:
        """What a manifest keeps."""
        return {"path": self.path, "levels": list(self.levels)}

    def settings(self) -> list[Setting]:
        """Every level, for the scenario to check."""
        return [Setting(self.path, level) for level in self.levels]


Factor = Span | Levels


def factor(described: Mapping[str, Any]) -> Factor:
    """Make a factor again from what a manifest keeps."""
    if "levels" in described:
        return Levels(described["path"], tuple(described["levels"]))
    return Span(described["path"], described["low"], described["high"])


def parse_vary(text: str, scenario: Scenario) -> Factor:
    """Read `PATH=LOW:HIGH`, `PATH=ONE,TWO,...`, or `PATH` alone for the range that the scenario gives."""
    if "=" not in text:
        return own_range(text.strip(), scenario)
    path, value, _ = parse_setting(text)
    if isinstance(value, str) and value.count(":") == 1:
        return Span(path, *(number(path, end) for end in value.split(":")))
    if isinstance(value, str) and "," in value:
        levels = tuple(read(part.strip()) for part in value.split(","))
        return Levels(path, tuple(part if isinstance(part, float) else str(part) for part in levels))
    raise refused(path, f"'{text[:100]}' varies nothing: write PATH=LOW:HIGH or PATH=ONE,TWO")


def number(path: str, text: str) -> float:
    """Read one end of a span."""
    value = read(text.strip())
    if not isinstance(value, float):
        raise refused(path, f"{path}: '{text[:40]}' is not a number; write PATH=LOW:HIGH")
    return value


def own_range(path: str, scenario: Scenario) -> Span:
    """Take a span from the scenario itself."""
    if path not in scenario.ranges:
        raise refused(path, f"'{path[:100]}' has no range in {scenario.name}; write PATH=LOW:HIGH")
    return Span(path, *scenario.ranges[path])


def factors_of(scenario: Scenario, vary: Vary | None) -> tuple[Factor, ...]:
    """List the factors of a sweep, checked against the scenario; by default, every number that has a range."""
    found = tuple(own_range(path, scenario) for path in scenario.ranges) if vary is None else listed(vary)
    if not 1 <= len(found) <= MOST_FACTORS:
        raise ValueError(f"a sweep varies 1 to {MOST_FACTORS} things, not {len(found)}; see --vary")
    paths = [one.path for one in found]
    for one in found:
        if paths.count(one.path) > 1:
            raise refused(one.path, f"{one.path} is varied twice")
        check(one, scenario)
    return found


def listed(vary: Vary) -> tuple[Factor, ...]:
    """Bring what is varied into one form; in a mapping a tuple of two numbers is a span, a list is levels."""
    if not isinstance(vary, Mapping):
        return tuple(vary)
    return tuple(
        Span(path, float(values[0]), float(values[1]))
        if isinstance(values, tuple) and len(values) == 2 and not any(isinstance(v, str) for v in values)
        else Levels(path, tuple(v if isinstance(v, str) else float(v) for v in values))
        for path, values in vary.items()
    )


def check(one: Factor, scenario: Scenario) -> None:
    """Refuse what the scenario would refuse, and spans and levels that vary nothing."""
    for setting in one.settings():
        scenario.set([setting])
    if isinstance(one, Span):
        if not one.low < one.high:
            raise refused(one.path, f"{one.path}: {one.low:g}:{one.high:g} is no span; the lower end comes first")
        if one.path not in scenario.numbers:
            raise refused(one.path, f"{one.path} is not a number")
        return
    kinds = {isinstance(level, str) for level in one.levels}
    if not 2 <= len(set(one.levels)) == len(one.levels) <= MOST_LEVELS or len(kinds) > 1:
        raise refused(one.path, f"{one.path}: levels must be 2 to {MOST_LEVELS:,}, all numbers or all texts, each once")
