"""The design of a sweep: what is varied, and where in the unit cube each point lies.

A factor is a number over a span, or anything at a few levels. Any slice of a design is computed on its own, from the
seed and the indices of its points.

`sobol` is arranged for variance-based indices (Saltelli et al. 2010): blocks of d + 2 points, A, then A with each
column of B in turn, then B; A and B are the halves of one scrambled Sobol sequence of 2 d dimensions. `morris` has
blocks of d + 1 points, the trajectories of Morris (1991) on four levels.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Design, brief, mapping
from realpolitik.scenario import Scenario, ScenarioError, Setting
from realpolitik.scenario.changes import DATED, halves, read
from realpolitik.scenario.paths import is_aside, locate, near_path, refused
from realpolitik.texts import counted

Level = float | str
Vary = Mapping[str, Sequence[Level]] | Iterable["Factor"]
Unit = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

MOST_FACTORS = 500
MOST_LEVELS = 1_000
LONGEST = 100_000
"""Characters of a `--vary`: room for the most levels that a factor may have."""
NOTHING = "varies nothing: write PATH=LOW:HIGH or PATH=ONE,TWO"
AMBIGUOUS = "its commas may be decimal ones: write a decimal point in at least one level, such as 0.0,8 or 0.8,1.2"
WHOLE_MONTHS = ("theory.foresight", "theory.patience")
"""Numbers of which a fraction is ignored, so that a comma in a list of them is not a decimal one."""
WHOLE, DIGITS = re.compile(r" *[+-]?\d+"), re.compile(r"\d+([eE][+-]?\d+)? *")

MORRIS_LEVELS = 4
MORRIS_STEP = MORRIS_LEVELS / (2 * (MORRIS_LEVELS - 1))
BLOCK: dict[Design, int] = {"sobol": 2, "morris": 1}
"""Points per block beyond the number of factors."""

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
ROUNDS = 6
"""Feistel rounds; four already pass as random (Luby & Rackoff 1988)."""


# --- factors --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A number between two ends."""

    path: str
    low: float
    high: float

    def values(self, unit: Unit) -> npt.NDArray[np.float64]:
        """Map positions in [0, 1] to the span; both ends are exact."""
        return np.where(unit == 1.0, self.high, self.low + (self.high - self.low) * unit)

    @property
    def described(self) -> dict[str, Any]:
        """The factor as a manifest keeps it."""
        return {"path": self.path, "low": self.low, "high": self.high}

    def settings(self) -> list[Setting]:
        """Both ends, for the scenario to check."""
        return [Setting(self.path, self.low), Setting(self.path, self.high)]


@dataclass(frozen=True)
class Levels:
    """A few values: numbers, or texts such as the theories of `theory.weights`."""

    path: str
    levels: tuple[Level, ...]

    @property
    def structural(self) -> bool:
        """Whether each level needs a case of its own, rather than another number in the same case."""
        return any(isinstance(level, str) for level in self.levels)

    def index(self, unit: Unit) -> npt.NDArray[np.int64]:
        """Divide [0, 1] into equal parts, one per level, and return the part of each position."""
        count = len(self.levels)
        return np.minimum((unit * count).astype(np.int64), count - 1)

    @property
    def described(self) -> dict[str, Any]:
        """The factor as a manifest keeps it."""
        return {"path": self.path, "levels": list(self.levels)}

    def settings(self) -> list[Setting]:
        """Every text, or both ends of the numbers, for the scenario to check."""
        numbers = [level for level in self.levels if not isinstance(level, str)]
        texts = [level for level in self.levels if isinstance(level, str)]
        ends = [min(numbers), max(numbers)] if numbers else []
        return [Setting(self.path, level) for level in [*texts, *ends]]


Factor = Span | Levels


def factor(described: Mapping[str, Any]) -> Factor:
    """Return the factor that a manifest describes."""
    if "levels" in described:
        return Levels(described["path"], tuple(described["levels"]))
    return Span(described["path"], described["low"], described["high"])


@contextmanager
def varying() -> Iterator[None]:
    """Name the parameter `vary`, and not `set`, in the error of a path or value that is varied."""
    try:
        yield
    except ScenarioError as error:
        raise error.given_as("vary") from None


@varying()
def parse_vary(text: str, scenario: Scenario) -> Factor:
    """Read `PATH=LOW:HIGH`, `PATH=ONE,TWO,...`, or `PATH` alone for the range that the scenario gives."""
    if "=" not in text:
        return own_range(text.strip(), scenario)
    path, value = halves(text, LONGEST, NOTHING)
    parts = value.split(",")
    if any(DATED.fullmatch(part.strip()) for part in parts):
        raise refused(path, f"{path}: a sweep varies a number from the start; leave out the month in '{value[:60]}'")
    if value.count(":") == 1:
        return Span(path, *(end_of_span(path, end) for end in value.split(":")))
    if len(parts) > MOST_LEVELS:
        raise too_many(path, len(parts))
    if path not in WHOLE_MONTHS and decimal_comma(parts):
        raise refused(path, f"{path}: '{value[:40]}' is ambiguous, {AMBIGUOUS}")
    if len(parts) > 1:
        levels = tuple(read(part.strip()) for part in parts)
        return Levels(path, tuple(part if isinstance(part, float) else str(part) for part in levels))
    raise refused(path, f"'{text[:100]}' {NOTHING}")


def decimal_comma(parts: Sequence[str]) -> bool:
    """Return whether a list such as `0,8` may mean 0.8.

    It may if a whole number is followed by digits with no space between, and no decimal point anywhere in the list
    shows that its commas separate levels.
    """
    pairs = any(WHOLE.fullmatch(one) and DIGITS.fullmatch(two) for one, two in pairwise(parts))
    return pairs and not any("." in part for part in parts)


def end_of_span(path: str, text: str) -> float:
    """Read one end of a span."""
    value = read(text.strip())
    if not isinstance(value, float):
        point = " with a decimal point" if "," in text else ""
        raise refused(path, f"{path}: '{text[:40]}' is not a number; write PATH=LOW:HIGH{point}")
    return value


def own_range(path: str, scenario: Scenario) -> Span:
    """Return the range that the scenario gives as a span."""
    if path not in scenario.ranges:
        full = scenario.draft().full
        if locate(full, path) is None:
            raise refused(path, f"unknown path '{path[:100]}'", near_path(full, path))
        raise refused(path, f"'{path[:100]}' has no range in {scenario.name}; write PATH=LOW:HIGH")
    return Span(path, *scenario.ranges[path])


@varying()
def factors_of(scenario: Scenario, vary: Vary | None) -> tuple[Factor, ...]:
    """Return the factors of a sweep, checked against the scenario; by default, every number that has a range."""
    found = tuple(own_range(path, scenario) for path in scenario.ranges) if vary is None else factors_in(vary)
    if not 1 <= len(found) <= MOST_FACTORS:
        raise ValueError(f"a sweep varies 1 to {MOST_FACTORS} inputs, not {len(found)}; see --vary")
    paths = [one.path for one in found]
    for one in found:
        if paths.count(one.path) > 1:
            raise refused(one.path, f"{one.path} is varied twice")
        check_factor(one, scenario)
    return found


def factors_in(vary: Vary) -> tuple[Factor, ...]:
    """Convert what is varied to factors; in a mapping, a tuple of two numbers is a span and a list is levels."""
    found = mapping(vary)
    if found is None:
        if not isinstance(vary, Iterable):
            raise ValueError(f"vary must be a mapping, or a list of Span and Levels, not {brief(vary)}")
        return tuple(plain(one) for one in vary)
    for path, values in found.items():
        if isinstance(values, str) or not isinstance(values, Iterable):
            raise refused(path, f"{path}: vary takes (low, high) or a list of levels, not {str(values)[:40]!r}")
    return tuple(
        Span(path, *(level_of(path, value) for value in values))
        if isinstance(values, tuple) and len(values) == 2 and not any(isinstance(v, str) for v in values)
        else Levels(path, tuple(level_of(path, value, text=True) for value in values))
        for path, values in found.items()
    )


def plain(one: Factor | str) -> Factor:
    """Return a factor with Python's own numbers, which a manifest can keep."""
    if isinstance(one, Span):
        return Span(one.path, level_of(one.path, one.low), level_of(one.path, one.high))
    if not isinstance(one, Levels):
        raise ValueError(f"vary must be a mapping, or a list of Span and Levels, not of {type(one).__name__}")
    return Levels(one.path, tuple(level_of(one.path, value, text=True) for value in one.levels))


def level_of(path: str, value: object, *, text: bool = False) -> Any:
    """Return a number of any library as a float, or a text unchanged; refuse booleans and anything else."""
    if text and isinstance(value, str):
        return str(value)
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        what = "a finite number or a text" if text else "a finite number"
        raise refused(path, f"{path}: {str(value)[:40]!r} is not {what}")
    return float(value)


def too_many(path: str, count: int) -> Exception:
    """Return the error for more levels than a factor may have."""
    return refused(path, f"{path}: {count:,} levels; a factor has {MOST_LEVELS:,} at most")


def check_factor(one: Factor, scenario: Scenario) -> None:
    """Refuse values that the scenario would refuse, and spans and levels that vary nothing."""
    if isinstance(one, Levels):
        check_levels(one)
    for setting in one.settings():
        scenario.set([setting])
    if is_aside(one.path):
        advice = "vary a number, or a text that decides, such as theory.weights"
        raise refused(one.path, f"{one.path}: no world depends on it; {advice}")
    if isinstance(one, Span):
        if not one.low < one.high:
            raise refused(one.path, f"{one.path}: {one.low:g}:{one.high:g} is not a span; the lower end comes first")
        if one.path not in scenario.numbers:
            raise refused(one.path, f"{one.path} is not a number")


def check_levels(one: Levels) -> None:
    """Refuse levels that are too few or too many, of both kinds, or repeated."""
    if len(one.levels) > MOST_LEVELS:
        raise too_many(one.path, len(one.levels))
    kinds = {isinstance(level, str) for level in one.levels}
    if not 2 <= len(set(one.levels)) == len(one.levels) or len(kinds) > 1:
        raise refused(one.path, f"{one.path}: levels must be 2 to {MOST_LEVELS:,}, all numbers or all texts, each once")


# --- points ---------------------------------------------------------------------------------------------------------


def unit_points(kind: Design, seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Return points start, ..., stop - 1 of a design, shape (stop - start, factors), each in [0, 1]."""
    return DESIGNS[kind](seed, factors, points, start, stop)


def points_of(kind: Design, factors: Sequence[Factor], requested: int) -> int:
    """Return how many points a design has if about so many are requested; only a grid has fewer."""
    if kind == "grid":
        return math.prod(radices(factors, requested))
    smallest = len(factors) + BLOCK[kind] if kind in BLOCK else 1
    if requested < smallest:
        least = f"{counted(smallest, 'point')} or more"
        raise ValueError(f"a {kind} design of {counted(len(factors), 'factor')} needs {least}, not {requested}")
    return requested


def blocks_of(kind: Design, factors: int, points: int) -> tuple[int, int]:
    """Return the number of whole blocks among the points of a design, and the points per block."""
    width = factors + BLOCK[kind]
    return points // width, width


def sobol(seed: int, factors: Sequence[Factor], _points: int, start: int, stop: int) -> Unit:
    """Blocks A, A with column i of B, B of a scrambled Sobol sequence."""
    d = len(factors)
    width = d + 2
    first, last = start // width, -(-stop // width)
    base = sobol_sequence(seed, 2 * d, first, last)
    blocks = np.repeat(base[:, None, :d], width, axis=1)
    for i in range(d):
        blocks[:, 1 + i, i] = base[:, d + i]
    blocks[:, -1] = base[:, d:]
    return blocks.reshape(-1, d)[start - first * width : stop - first * width]


def sobol_sequence(seed: int, dimensions: int, start: int, stop: int) -> Unit:
    """Rows start, ..., stop - 1 of a scrambled Sobol sequence (Owen 1998), as SciPy makes it."""
    from scipy.stats import qmc  # takes a second to import, and only this design needs it

    engine = qmc.Sobol(dimensions, scramble=True, rng=seed)
    if start:
        engine.fast_forward(start)
    # One first, then the rest: SciPy warns if the first draw is not a power of two.
    parts = [engine.random(1)]
    if stop - start > 1:
        parts.append(engine.random(stop - start - 1))
    return np.concatenate(parts)


def lhs(seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Latin hypercube (McKay, Beckman & Conover 1979): per factor, one point in each of as many equal parts."""
    index = np.arange(start, stop, dtype=np.int64)
    unit = np.empty((index.size, len(factors)))
    for i in range(len(factors)):
        unit[:, i] = (permuted(index, points, seed, i) + uniforms(seed, i, index)) / points
    return np.minimum(unit, np.nextafter(1.0, 0.0))


def grid(_seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Full factorial, the last factor changing fastest; both ends of each span are included."""
    left = np.arange(start, stop, dtype=np.int64)
    unit = np.empty((left.size, len(factors)))
    steps = radices(factors, points)
    for i in reversed(range(len(factors))):
        left, digit = np.divmod(left, steps[i])
        levels = isinstance(factors[i], Levels)
        unit[:, i] = (digit + 0.5) / steps[i] if levels else digit / (steps[i] - 1)
    return unit


def radices(factors: Sequence[Factor], points: int) -> list[int]:
    """Return the steps per factor of a grid of at most so many points: all levels, and equal shares for spans."""
    spans = sum(not isinstance(one, Levels) for one in factors)
    fixed = math.prod(len(one.levels) for one in factors if isinstance(one, Levels))
    share = 2
    while spans and fixed * (share + 1) ** spans <= points:
        share = max(share + 1, int((points // fixed) ** (1 / spans)) - 1)
    if fixed * share**spans > points:
        needed = fixed * 2**spans
        shown = f"{needed:,}" if needed < 10**15 else f"10^{len(str(needed)) - 1}"
        raise ValueError(f"a grid of these factors needs {shown} points or more, not {points:,}")
    return [len(one.levels) if isinstance(one, Levels) else share for one in factors]


def random(seed: int, factors: Sequence[Factor], _points: int, start: int, stop: int) -> Unit:
    """Independent uniform points."""
    index = np.arange(start, stop, dtype=np.int64)
    return uniforms(seed, index[:, None], np.arange(len(factors))[None, :])


def morris(seed: int, factors: Sequence[Factor], _points: int, start: int, stop: int) -> Unit:
    """Trajectories: each point differs from the one before in one factor, up or down by two thirds of its span."""
    d = len(factors)
    first, last = start // (d + 1), -(-stop // (d + 1))
    trajectory, column = np.arange(first, last)[:, None], np.arange(d)[None, :]
    base = (random_words(seed, trajectory, column, 0) >> np.uint64(63)).astype(np.float64) / (MORRIS_LEVELS - 1)
    down = random_words(seed, trajectory, column, 1) >> np.uint64(63) == 1
    rank = np.argsort(np.argsort(random_words(seed, trajectory, column, 2), axis=1), axis=1)
    moved = np.arange(d + 1)[None, :, None] > rank[:, None, :]
    high = moved != down[:, None, :]
    unit = np.where(high, base[:, None, :] + MORRIS_STEP, base[:, None, :])
    return unit.reshape(-1, d)[start - first * (d + 1) : stop - first * (d + 1)]


DESIGNS: dict[Design, Callable[[int, Sequence[Factor], int, int, int], Unit]] = {
    "sobol": sobol,
    "lhs": lhs,
    "grid": grid,
    "random": random,
    "morris": morris,
}

# --- random numbers by counter --------------------------------------------------------------------------------------
# Any entry of a random table or permutation, without those before it. Not NumPy's Philox or scipy.qmc: either would
# move the points of existing sweeps, and neither gives one entry of a permutation.


def mix(word: Words) -> Words:
    """Scramble 64 bits (splitmix64; Steele, Lea & Flood 2014)."""
    word = (word ^ (word >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    word = (word ^ (word >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return word ^ (word >> np.uint64(31))


def random_words(seed: int, *counters: npt.ArrayLike) -> Words:
    """Return random 64-bit words at given indices of a table with one dimension per counter; counters broadcast."""
    word = mix(np.array([seed], np.uint64) + GOLDEN)
    for counter in counters:
        word = mix(word + GOLDEN * (np.atleast_1d(counter).astype(np.uint64) + np.uint64(1)))
    return word


def uniforms(seed: int, *counters: npt.ArrayLike) -> npt.NDArray[np.float64]:
    """Return uniform numbers in [0, 1) at given indices of such a table."""
    return (random_words(seed, *counters) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def permuted(index: npt.NDArray[np.int64], size: int, seed: int, which: int) -> npt.NDArray[np.int64]:
    """Return where a permutation of 0, ..., size - 1 maps each index: a Feistel network, repeated until within size."""
    half = max(1, (int(size - 1).bit_length() + 1) // 2)
    found = feistel(index.astype(np.uint64), half, seed, which)
    while (outside := found >= np.uint64(size)).any():
        found[outside] = feistel(found[outside], half, seed, which)
    return found.astype(np.int64)


def feistel(index: Words, half: int, seed: int, which: int) -> Words:
    """Permute numbers of 2 * half bits."""
    shift, mask = np.uint64(half), np.uint64((1 << half) - 1)
    left, right = index >> shift, index & mask
    for n in range(ROUNDS):
        left, right = right, left ^ (random_words(seed, which, n, right) & mask)
    return (left << shift) | right
