"""The data files of a sweep: a chunk from its plan to the bytes of its file, what that takes, and how files are read.

A worker computes chunks on any thread or machine. Parquet files are the same to the byte from any writer: fixed
options, no dates, one row group per chunk.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from realpolitik.choices import On
from realpolitik.costs import INTERPRETER, bytes_per_world, cores
from realpolitik.costs import chunk_of as worlds_per_task
from realpolitik.devices import chosen_device, device_for, playing_on
from realpolitik.scenario import Scenario, Setting
from realpolitik.sweeps.columns import Masked, Sums, measured, of_worlds
from realpolitik.sweeps.counts import Estimate
from realpolitik.sweeps.designs import Levels, Span
from realpolitik.sweeps.folder import Damaged, Unreadable, opened
from realpolitik.sweeps.plan import Plan, affordable, restored, versions
from realpolitik_model import Case, Outputs, simulate

GROUP = 16_384
"""Worlds per partial sum, and rows per row group of the design: a constant, as the bytes of files depend on it."""
CASES = 64
PROBE = 1_024
"""Most worlds that are measured for an estimate."""
COPIES = 2.5
"""Bytes in use while a chunk is computed and encoded, per byte of its results; measured."""
OPTIONS = {"compression": "zstd", "compression_level": 3, "version": "2.6", "write_page_checksum": True}
DESIGN = "design.parquet"
Index = npt.NDArray[np.int64]
Columns = dict[str, Masked | list[str]]


# --- chunks ---------------------------------------------------------------------------------------------------------


def chunk_of(plan: Plan, chunk: int, device: On = "cpu") -> bytes:
    """Compute a chunk on a device of this machine and return the bytes of its Parquet file."""
    here = tuple(versions().items())
    if here != plan.made_by:
        raise RuntimeError(f"this worker has other versions than the sweep: {dict(here)}, not {dict(plan.made_by)}")
    start, stop = plan.rows_of(chunk)
    with playing_on(device):
        columns = by_world(plan, start, stop) if plan.keep == "worlds" else by_point(plan, start, stop)
    return encoded(columns, {"realpolitik.sweep": plan.identity, "realpolitik.chunk": str(chunk)})


def by_world(plan: Plan, start: int, stop: int) -> Columns:
    """Return the columns of rows start, ..., stop - 1, one row per world."""
    row = np.arange(start, stop, dtype=np.int64)
    point, world = row // plan.worlds, row % plan.worlds
    unit = plan.unit(int(point[0]), int(point[-1]) + 1)[point - point[0]]
    columns: Columns = {"row": (row, None), "point": (point, None), "world": (world, None)}
    columns |= inputs(plan, unit)
    case, outputs = simulated(plan, unit, world)
    columns.update(of_worlds(case, outputs, measured(plan.scenario["document"])))
    return columns


def by_point(plan: Plan, start: int, stop: int) -> Columns:
    """Return the columns of points start, ..., stop - 1: shares and means over their worlds."""
    unit = plan.unit(start, stop)
    case = case_with(plan, ())
    sums = Sums(case, measured(plan.scenario["document"]), stop - start)
    most = worlds_at_once(case, chosen_device())
    for point, world in groups(stop - start, plan.worlds):
        for first in range(0, world.size, most):
            part = slice(first, first + most)
            sums.add(simulated(plan, unit[point[part]], world[part])[1], point[part])
        sums.end_group()
    columns: Columns = {"point": (np.arange(start, stop, dtype=np.int64), None)}
    return columns | inputs(plan, unit) | dict(sums.columns())


def groups(points: int, worlds: int) -> Iterator[tuple[Index, Index]]:
    """Yield the point and the world of everything to be simulated, in groups of `GROUP` worlds at most."""
    group = max(1, GROUP // worlds)
    for first in range(0, points, group):
        here = np.arange(first, min(first + group, points), dtype=np.int64)
        for start in range(0, worlds, GROUP):
            world = np.arange(start, min(start + GROUP, worlds), dtype=np.int64)
            yield np.repeat(here, world.size), np.tile(world, here.size)


def worlds_at_once(case: Case, device: On) -> int:
    """Return how many worlds are simulated at once if only sums are kept, which bounds memory."""
    return GROUP if device != "cpu" else min(GROUP, affordable(case))


def inputs(plan: Plan, unit: npt.NDArray[np.float64]) -> Columns:
    """Return the columns of what is varied, at positions in the unit cube."""
    found: Columns = {}
    for n, one in enumerate(plan.factors):
        if isinstance(one, Span):
            found[one.path] = (one.values(unit[:, n]), None)
        elif one.structural:
            found[one.path] = [str(one.levels[i]) for i in one.index(unit[:, n])]
        else:
            found[one.path] = (np.array(one.levels, np.float64)[one.index(unit[:, n])], None)
    return found


def simulated(plan: Plan, unit: npt.NDArray[np.float64], world: Index) -> tuple[Case, Outputs]:
    """Simulate worlds at positions in the unit cube; each combination of structural levels has a case of its own."""
    numbers: dict[str, npt.NDArray[np.float64]] = {}
    chosen: dict[Levels, Index] = {}
    for n, one in enumerate(plan.factors):
        if isinstance(one, Span):
            numbers[one.path] = one.values(unit[:, n])
        elif one.structural:
            chosen[one] = one.index(unit[:, n])
        else:
            numbers[one.path] = np.array(one.levels, np.float64)[one.index(unit[:, n])]
    greatest = {path: float(values.max()) for path, values in numbers.items()}
    parts = []
    for settings, where in combinations(chosen, world.size):
        case = case_with(plan, settings)
        drawn = {path: values[where] for path, values in numbers.items()}
        device, _ = device_for(case, greatest, GROUP)
        parts.append((where, simulate(case, world[where], seed=plan.seed, numbers=drawn, device=device)))
    return case, gathered(parts, world.size)


def device_of(plan: Plan, asked: On) -> tuple[On, str]:
    """Return the device of this machine on which a sweep is played, and its name for the manifest."""
    if asked == "cpu":
        return asked, asked
    greatest: dict[str, float] = {}
    for end in (end for one in plan.factors for end in one.settings()):
        if isinstance(end.value, float):
            greatest[end.path] = end.value  # the high end comes last
    found, _ = device_for(case_with(plan, ()), greatest, GROUP, asked)
    return ("cpu", "cpu") if found is None else (asked, found.name)


def combinations(chosen: dict[Levels, Index], size: int) -> Iterator[tuple[tuple[Setting, ...], Index]]:
    """Yield each combination of structural levels that occurs, and the worlds in which it does."""
    if not chosen:
        yield (), np.arange(size)
        return
    found, group = np.unique(np.column_stack(list(chosen.values())), axis=0, return_inverse=True)
    for which, levels in enumerate(found):
        settings = tuple(Setting(one.path, one.levels[level]) for one, level in zip(chosen, levels, strict=True))
        yield settings, np.flatnonzero(group.reshape(-1) == which)


def gathered(parts: list[tuple[Index, Outputs]], size: int) -> Outputs:
    """Combine the results of groups in the order of their rows."""
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


class Cases:
    """The cases of one plan, cached."""

    def __init__(self, plan: Plan) -> None:
        self.scenario: Scenario = restored(plan.scenario)
        self.case = lru_cache(CASES)(self._case)

    def _case(self, settings: tuple[Setting, ...]) -> Case:
        return (self.scenario.set(settings) if settings else self.scenario).case()


CACHE: dict[str, Cases] = {}
"""The cases of the last scenario that was swept in this process, by its hash."""
CACHE_LOCK = Lock()


def case_with(plan: Plan, settings: tuple[Setting, ...]) -> Case:
    """Return the case of a plan with some levels set, from the cache of this process."""
    key = plan.scenario["sha256"]
    with CACHE_LOCK:
        if key not in CACHE:
            CACHE.clear()
            CACHE[key] = Cases(plan)
        return CACHE[key].case(settings)


# --- estimates ------------------------------------------------------------------------------------------------------


def estimate(plan: Plan, device: On) -> Estimate:
    """Measure a few rows on the processor and extrapolate; the kernels are compiled or loaded first."""
    case = case_with(plan, ())
    few = 4 * worlds_per_task(case, case.months)
    probe = replace(plan, keep="worlds", chunk=min(PROBE, few, plan.runs))
    small = replace(probe, chunk=min(64, plan.runs))
    chunk_of(small, 0)
    start = time.monotonic()
    content = chunk_of(probe, 0)
    seconds_per_run = max(time.monotonic() - start, 1e-6) / probe.chunk
    return Estimate(
        runs=plan.runs,
        seconds=seconds_per_run * plan.runs / cores(),
        disk=len(content) / probe.chunk * plan.rows + other_bytes(plan),
        memory=memory_of(plan, device),
        chunks=plan.chunks,
    )


def memory_of(plan: Plan, device: On) -> float:
    """Return the bytes in use on all processors at once: results of the worlds being simulated, and their columns."""
    case = case_with(plan, ())
    at_once = plan.rows_per_chunk * plan.worlds_per_row
    if plan.keep == "points":
        at_once = min(at_once, worlds_at_once(case, device))
    return INTERPRETER + min(at_once, plan.runs) * COPIES * bytes_per_world(case) * cores()


def other_bytes(plan: Plan) -> int:
    """Return the bytes of the manifest, the design and the checksums, and what files lose to whole disk blocks."""
    described = json.dumps(plan.described, allow_nan=False, separators=(",", ":"))
    return 2 * len(described) + plan.points * 8 * (len(plan.factors) + 1) + 4_300 * (plan.chunks + 4)


# --- files ----------------------------------------------------------------------------------------------------------


def table(columns: Mapping[str, Masked | list[str]], marks: Mapping[str, str]) -> pa.Table:
    """Return columns as an Arrow table, with marks in the metadata of its file."""
    arrays = [pa.array(c) if isinstance(c, list) else pa.array(c[0], mask=c[1]) for c in columns.values()]
    fields = [pa.field(name, array.type) for name, array in zip(columns, arrays, strict=True)]
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields, metadata=dict(marks)))


def encoded(columns: Mapping[str, Masked | list[str]], marks: Mapping[str, str]) -> bytes:
    """Return the bytes of a Parquet file of one row group."""
    content = table(columns, marks)
    buffer = BytesIO()
    pq.write_table(content, buffer, row_group_size=max(1, content.num_rows), **OPTIONS)
    return buffer.getvalue()


def write_tables(path: Path, tables: Iterable[pa.Table]) -> None:
    """Write one Parquet file of several tables, one at a time."""
    writer: pq.ParquetWriter | None = None
    try:
        for content in tables:
            writer = writer or pq.ParquetWriter(path, content.schema, **OPTIONS)
            writer.write_table(content)
    finally:
        if writer is not None:
            writer.close()


def write_design(plan: Plan, path: Path) -> None:
    """Write what is varied at every point, one row per point, a group at a time."""
    marks = {"realpolitik.sweep": plan.identity}
    write_tables(path, (table(design_part(plan, start), marks) for start in range(0, plan.points, GROUP)))


def design_part(plan: Plan, start: int) -> Columns:
    """Return the columns of one group of rows of the design."""
    stop = min(start + GROUP, plan.points)
    return {"point": (np.arange(start, stop, dtype=np.int64), None), **inputs(plan, plan.unit(start, stop))}


def marks_of(path: Path, most: int | None = None) -> dict[str, str]:
    """Read the marks of a file of at most so many bytes; empty if it is not a Parquet file."""
    try:
        with opened(path, most=most) as file:
            found = pq.read_schema(file).metadata or {}
    except (pa.ArrowException, OSError, Unreadable):
        return {}
    return {key.decode(errors="replace"): value.decode(errors="replace") for key, value in found.items()}


def read_rows(
    path: Path, rows: int, most: int, columns: Sequence[str] | None = None, only: int | None = None
) -> pa.Table:
    """Read a file of so many rows and at most so many bytes: all columns or those named, all rows or only one.

    `Damaged` if it is another file. A few bytes can state any number of rows, so these are checked before any is read.
    """
    with opened(path, most=most) as file:
        try:
            source = pq.ParquetFile(file, page_checksum_verification=True)
            if source.metadata.num_rows != rows:
                raise pa.ArrowInvalid(f"{source.metadata.num_rows:,} rows, not {rows:,}")
            found = source.read(columns=columns) if only is None else row_of(source, only, columns)
            return found if columns is None else found.select(columns)
        except (pa.ArrowException, OSError, KeyError) as error:
            raise Damaged(f"{path} is not as it was written: {str(error).splitlines()[0]}") from None


def row_of(source: pq.ParquetFile, row: int, columns: Sequence[str] | None) -> pa.Table:
    """Read one row, and no more of the file than its row group."""
    for group in range(source.num_row_groups):
        rows = source.metadata.row_group(group).num_rows
        if row < rows:
            return source.read_row_group(group, columns=columns).slice(row, 1)
        row -= rows
    raise pa.ArrowInvalid("it has fewer rows than it states")
