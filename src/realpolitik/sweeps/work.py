"""One chunk of a sweep, from its plan to the bytes of its file: what a worker does, on any thread or machine."""

from collections.abc import Iterator
from functools import lru_cache
from threading import Lock

import numpy as np
import numpy.typing as npt

from realpolitik.scenario import Scenario, Setting
from realpolitik.sweeps.columns import Masked, Sums, measured, of_worlds
from realpolitik.sweeps.factors import Level, Levels, Span
from realpolitik.sweeps.parquet import encoded
from realpolitik.sweeps.plan import Plan
from realpolitik.sweeps.stored import restored
from realpolitik.sweeps.versions import versions
from realpolitik_model import Case, Outputs, simulate

SLICE = 16_384
"""Worlds played at one go; sums by point are taken over slices that start at multiples of it."""
CASES = 64
Index = npt.NDArray[np.int64]
Inputs = dict[str, list[Level] | npt.NDArray[np.float64]]
reading = Lock()


def chunk_of(plan: Plan, chunk: int) -> bytes:
    """Compute one chunk: the bytes of its Parquet file."""
    here = tuple(versions().items())
    if here != plan.made_by:
        raise RuntimeError(f"this worker has other versions than the sweep: {dict(here)}, not {dict(plan.made_by)}")
    start, stop = plan.span(chunk)
    columns = by_world(plan, start, stop) if plan.keep == "worlds" else by_point(plan, start, stop)
    return encoded(columns, {"realpolitik.sweep": plan.identity, "realpolitik.chunk": str(chunk)})


def by_world(plan: Plan, start: int, stop: int) -> dict[str, Masked | list[str]]:
    """Columns of rows start, ..., stop - 1, one a world."""
    row = np.arange(start, stop, dtype=np.int64)
    point, world = row // plan.worlds, row % plan.worlds
    unit = plan.unit(int(point[0]), int(point[-1]) + 1)[point - point[0]]
    columns: dict[str, Masked | list[str]] = {"row": (row, None), "point": (point, None), "world": (world, None)}
    columns |= inputs(plan, unit)
    case, outputs = play(plan, unit, world)
    columns.update(of_worlds(case, outputs, measured(plan.scenario["document"])))
    return columns


def by_point(plan: Plan, start: int, stop: int) -> dict[str, Masked | list[str]]:
    """Columns of points start, ..., stop - 1: shares and means over their worlds."""
    unit = plan.unit(start, stop)
    sums: Sums | None = None
    for point, world in slices(stop - start, plan.worlds):
        case, outputs = play(plan, unit[point], world)
        sums = sums or Sums(case, measured(plan.scenario["document"]), stop - start)
        sums.add(outputs, point)
    assert sums is not None
    columns: dict[str, Masked | list[str]] = {"point": (np.arange(start, stop, dtype=np.int64), None)}
    return columns | inputs(plan, unit) | dict(sums.columns())


def slices(points: int, worlds: int) -> Iterator[tuple[Index, Index]]:
    """Give the point and the world of everything to be played, in pieces of bounded size."""
    group = max(1, SLICE // worlds)
    for first in range(0, points, group):
        here = np.arange(first, min(first + group, points), dtype=np.int64)
        for start in range(0, worlds, SLICE):
            world = np.arange(start, min(start + SLICE, worlds), dtype=np.int64)
            yield np.repeat(here, world.size), np.tile(world, here.size)


def inputs(plan: Plan, unit: npt.NDArray[np.float64]) -> dict[str, Masked | list[str]]:
    """Columns of what is varied, at positions in the unit cube."""
    found: dict[str, Masked | list[str]] = {}
    for n, one in enumerate(plan.factors):
        if isinstance(one, Span):
            found[one.path] = (one.values(unit[:, n]), None)
        elif one.structural:
            found[one.path] = [str(one.levels[i]) for i in one.index(unit[:, n])]
        else:
            found[one.path] = (np.array(one.levels, np.float64)[one.index(unit[:, n])], None)
    return found


def play(plan: Plan, unit: npt.NDArray[np.float64], world: Index) -> tuple[Case, Outputs]:
    """Play worlds at positions in the unit cube; each combination of structural levels has a case of its own."""
    numbers: dict[str, npt.NDArray[np.float64]] = {}
    chosen: dict[Levels, Index] = {}
    for n, one in enumerate(plan.factors):
        if isinstance(one, Span):
            numbers[one.path] = one.values(unit[:, n])
        elif one.structural:
            chosen[one] = one.index(unit[:, n])
        else:
            numbers[one.path] = np.array(one.levels, np.float64)[one.index(unit[:, n])]
    parts = []
    for settings, where in combinations(chosen, world.size):
        case = case_with(plan, settings)
        drawn = {path: values[where] for path, values in numbers.items()}
        parts.append((where, simulate(case, world[where], seed=plan.seed, numbers=drawn)))
    return case, gathered(parts, world.size)


def combinations(chosen: dict[Levels, Index], size: int) -> Iterator[tuple[tuple[Setting, ...], Index]]:
    """Give each combination of structural levels that occurs, and the worlds in which it does."""
    if not chosen:
        yield (), np.arange(size)
        return
    found, group = np.unique(np.column_stack(list(chosen.values())), axis=0, return_inverse=True)
    for which, levels in enumerate(found):
        settings = tuple(Setting(one.path, one.levels[level]) for one, level in zip(chosen, levels, strict=True))
        yield settings, np.flatnonzero(group.reshape(-1) == which)


def gathered(parts: list[tuple[Index, Outputs]], size: int) -> Outputs:
    """Put the results of groups back in the order of their rows."""
    if len(parts) == 1:
        return parts[0][1]
    arrays = []
    for name in Outputs._fields:
        first = getattr(parts[0][1], name)
        whole = np.empty((size, *first.shape[1:]), first.dtype) if name not in ("issues", "leverage") else first[:0]
        for where, outputs in parts:
            if whole.shape[0]:
                whole[where] = getattr(outputs, name)
        arrays.append(whole)
    return Outputs(*arrays)


def case_with(plan: Plan, settings: tuple[Setting, ...]) -> Case:
    """Give the case of a plan with some levels set; made once a process."""
    with reading:
        if plan.identity not in CACHED:
            CACHED.clear()
            CACHED[plan.identity] = Cases(plan)
        return CACHED[plan.identity].case(settings)


class Cases:
    """The cases of one plan, each made once."""

    def __init__(self, plan: Plan) -> None:
        self.scenario: Scenario = restored(plan.scenario)
        self.case = lru_cache(CASES)(self._case)

    def _case(self, settings: tuple[Setting, ...]) -> Case:
        return (self.scenario.set(settings) if settings else self.scenario).case()


CACHED: dict[str, Cases] = {}
