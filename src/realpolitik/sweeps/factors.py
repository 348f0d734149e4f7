"""What a sweep varies: a number over a span, or anything over a few levels."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, Setting
from realpolitik.scenario.changes import DATED, halves, read
from realpolitik.scenario.paths import refused

Level = float | str
Vary = Mapping[str, Sequence[Level]] | Iterable["Factor"]
MOST_FACTORS = 500
MOST_LEVELS = 1_000
LONGEST = 100_000
"""Characters of a `--vary`: room for every level that a factor may have."""
AMBIGUOUS = "its commas may be decimal ones: write a decimal point in at least one level, such as 0.0,8 or 0.8,1.2"
WHOLE, DIGITS = re.compile(r" *[+-]?\d+"), re.compile(r"\d+([eE][+-]?\d+)? *")


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
        """Every text, or both ends of the numbers, for the scenario to check."""
        numbers = [level for level in self.levels if not isinstance(level, str)]
        texts = [level for level in self.levels if isinstance(level, str)]
        ends = [min(numbers), max(numbers)] if numbers else []
        return [Setting(self.path, level) for level in [*texts, *ends]]


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
    path, value = halves(text, LONGEST)
    parts = value.split(",")
    if any(DATED.fullmatch(part.strip()) for part in parts):
        raise refused(path, f"{path}: a sweep varies a number from the start; leave out the month in '{value[:60]}'")
    if value.count(":") == 1:
        return Span(path, *(number(path, end) for end in value.split(":")))
    if len(parts) > MOST_LEVELS:
        raise too_many(path, len(parts))
    if decimal_comma(parts):
        raise refused(path, f"{path}: '{value[:40]}' is ambiguous, {AMBIGUOUS}")
    if len(parts) > 1:
        levels = tuple(read(part.strip()) for part in parts)
        return Levels(path, tuple(part if isinstance(part, float) else str(part) for part in levels))
    raise refused(path, f"'{text[:100]}' varies nothing: write PATH=LOW:HIGH or PATH=ONE,TWO")


def decimal_comma(parts: Sequence[str]) -> bool:
    """Whether a list such as `0,8` may be meant as 0.8.

    It may if a whole number is followed by digits, with no space between, and no decimal point anywhere in the list
    shows that its commas separate levels.
    """
    pairs = any(WHOLE.fullmatch(one) and DIGITS.fullmatch(two) for one, two in pairwise(parts))
    return pairs and not any("." in part for part in parts)


def number(path: str, text: str) -> float:
    """Read one end of a span."""
    value = read(text.strip())
    if not isinstance(value, float):
        point = " with a decimal point" if "," in text else ""
        raise refused(path, f"{path}: '{text[:40]}' is not a number; write PATH=LOW:HIGH{point}")
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
        return tuple(plain(one) for one in vary)
    for path, values in vary.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise refused(path, f"{path}: vary takes (low, high) or a list of levels, not {str(values)[:40]!r}")
    return tuple(
        Span(path, *(level(path, value) for value in values))
        if isinstance(values, tuple) and len(values) == 2 and not any(isinstance(v, str) for v in values)
        else Levels(path, tuple(level(path, value, text=True) for value in values))
        for path, values in vary.items()
    )


def plain(one: Factor) -> Factor:
    """Give a factor with Python's own numbers, which a manifest can keep."""
    if isinstance(one, Span):
        return Span(one.path, level(one.path, one.low), level(one.path, one.high))
    if not isinstance(one, Levels):
        raise ValueError(f"what is varied is a mapping, or a list of Span and Levels, not of {type(one).__name__}")
    return Levels(one.path, tuple(level(one.path, value, text=True) for value in one.levels))


def level(path: str, value: object, *, text: bool = False) -> Any:
    """Give a number, of any library, as a float, or a text as it is; refuse truth values and anything else."""
    if text and isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, Real) or not isfinite(value):
        what = "a finite number or a text" if text else "a finite number"
        raise refused(path, f"{path}: {str(value)[:40]!r} is not {what}")
    return float(value)


def too_many(path: str, count: int) -> Exception:
    """Refuse more levels than a factor may have."""
    return refused(path, f"{path}: {count:,} levels; a factor has {MOST_LEVELS:,} at most")


def check(one: Factor, scenario: Scenario) -> None:
    """Refuse what the scenario would refuse, and spans and levels that vary nothing."""
    if isinstance(one, Levels):
        check_levels(one)
    for setting in one.settings():
        scenario.set([setting])
    if isinstance(one, Span):
        if not one.low < one.high:
            raise refused(one.path, f"{one.path}: {one.low:g}:{one.high:g} is no span; the lower end comes first")
        if one.path not in scenario.numbers:
            raise refused(one.path, f"{one.path} is not a number")


def check_levels(one: Levels) -> None:
    """Refuse levels that are too few or too many, of both kinds, or the same."""
    if len(one.levels) > MOST_LEVELS:
        raise too_many(one.path, len(one.levels))
    kinds = {isinstance(level, str) for level in one.levels}
    if not 2 <= len(set(one.levels)) == len(one.levels) or len(kinds) > 1:
        raise refused(one.path, f"{one.path}: levels must be 2 to {MOST_LEVELS:,}, all numbers or all texts, each once")
