"""Where in the unit cube each point of a sweep lies: any slice on its own, whatever was computed before.

`sobol` is laid out for variance-based indices (Saltelli et al. 2010): blocks of d + 2 points, A, then A with one
coordinate after the other taken from B, then B; A and B are the halves of one scrambled Sobol sequence of 2 d
dimensions. `morris` has blocks of d + 1 points, the trajectories of Morris (1991) on four levels.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Design
from realpolitik.sweeps.counters import permuted, uniforms, words
from realpolitik.sweeps.factors import Factor, Levels

Unit = npt.NDArray[np.float64]

MORRIS_LEVELS = 4
MORRIS_STEP = MORRIS_LEVELS / (2 * (MORRIS_LEVELS - 1))
BLOCK: dict[Design, int] = {"sobol": 2, "morris": 1}
"""Points of a block beyond the number of factors."""


def unit_points(kind: Design, seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Give points start, ..., stop - 1 of a design, shape (stop - start, factors), each in [0, 1]."""
    return DESIGNS[kind](seed, factors, points, start, stop)


def points_of(kind: Design, factors: Sequence[Factor], asked: int) -> int:
    """Say how many points a design has when about so many are asked for; only a grid has fewer."""
    if kind == "grid":
        return math.prod(radices(factors, asked))
    smallest = len(factors) + BLOCK[kind] if kind in BLOCK else 1
    if asked < smallest:
        raise ValueError(f"a {kind} design of {len(factors)} factors needs {smallest} points or more, not {asked}")
    return asked


def blocks_of(kind: Design, factors: int, points: int) -> tuple[int, int]:
    """Give the whole blocks among the points of a design, and the points in each."""
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
    from scipy.stats import qmc  # a second to import, and wanted by this design alone

    engine = qmc.Sobol(dimensions, scramble=True, rng=seed)
    if start:
        engine.fast_forward(start)
    # One first, then the rest: SciPy warns of a first draw that is no power of two.
    parts = [engine.random(1)]
    if stop - start > 1:
        parts.append(engine.random(stop - start - 1))
    return np.concatenate(parts)


def lhs(seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Latin hypercube (McKay, Beckman & Conover 1979): in each factor, one point in each of as many equal parts."""
    index = np.arange(start, stop, dtype=np.int64)
    unit = np.empty((index.size, len(factors)))
    for i in range(len(factors)):
        unit[:, i] = (permuted(index, points, seed, i) + uniforms(seed, i, index)) / points
    return np.minimum(unit, np.nextafter(1.0, 0.0))


def grid(_seed: int, factors: Sequence[Factor], points: int, start: int, stop: int) -> Unit:
    """Full factorial, the last factor changing fastest; spans are met at both ends."""
    left = np.arange(start, stop, dtype=np.int64)
    unit = np.empty((left.size, len(factors)))
    steps = radices(factors, points)
    for i in reversed(range(len(factors))):
        left, digit = np.divmod(left, steps[i])
        levels = isinstance(factors[i], Levels)
        unit[:, i] = (digit + 0.5) / steps[i] if levels else digit / (steps[i] - 1)
    return unit


def radices(factors: Sequence[Factor], points: int) -> list[int]:
    """Give the steps of each factor in a grid of at most so many points: levels have their own, spans equal shares."""
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
    base = (words(seed, trajectory, column, 0) >> np.uint64(63)).astype(np.float64) / (MORRIS_LEVELS - 1)
    down = words(seed, trajectory, column, 1) >> np.uint64(63) == 1
    rank = np.argsort(np.argsort(words(seed, trajectory, column, 2), axis=1), axis=1)
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
