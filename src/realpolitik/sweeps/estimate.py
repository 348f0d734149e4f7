"""What a sweep will take, measured on a few of its own rows before any file is written; what cannot fit is refused."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from realpolitik.costs import INTERPRETER, bytes_per_world, cores, free_memory, size
from realpolitik.costs import chunk_of as worlds_per_chunk
from realpolitik.sweeps.counts import Estimate
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.plan import Plan, canonical
from realpolitik.sweeps.work import case_with, chunk_of

PROBE = 1_024
COPIES = 2.5
"""How much a world takes while its chunk is computed and encoded, for each byte of its results; measured."""
SPARE = 0.95
"""Share of the free disk that a sweep may plan to fill."""


def estimate(plan: Plan) -> Estimate:
    """Measure a few rows and scale up; the kernels are warmed first."""
    case = case_with(plan, ())
    few = 4 * worlds_per_chunk(case, case.months)
    probe = replace(plan, keep="worlds", chunk=min(PROBE, few, plan.runs))
    small = replace(probe, chunk=min(64, plan.runs))
    chunk_of(small, 0)
    start = time.monotonic()
    content = chunk_of(probe, 0)
    a_run = max(time.monotonic() - start, 1e-6) / probe.chunk
    return Estimate(
        runs=plan.runs,
        seconds=a_run * plan.runs / cores(),
        disk=len(content) / probe.chunk * plan.rows + besides(plan),
        memory=memory_of(plan),
        chunks=plan.chunks,
    )


def memory_of(plan: Plan) -> float:
    """Return the bytes at work on every processor at once: results of worlds being played, and their columns."""
    rows = plan.rows_a_chunk * (1 if plan.keep == "worlds" else plan.worlds)
    at_work = min(rows, plan.runs) * COPIES * bytes_per_world(case_with(plan, ()))
    return INTERPRETER + at_work * cores()


def besides(plan: Plan) -> int:
    """Bytes of the manifest, the design and the sums, and what files lose to whole blocks."""
    return 2 * len(canonical(plan.described)) + plan.points * 8 * (len(plan.factors) + 1) + 4_300 * (plan.chunks + 4)


def refuse_unfit(plan: Plan, folder: Folder, missing: float = 1.0) -> Estimate:
    """Refuse a sweep that cannot fit, with the estimate; `missing` is the share of it that is still to be done."""
    found = estimate(plan)
    free = shutil.disk_usage(existing(folder.path)).free
    if found.disk * missing > free * SPARE:
        raise ValueError(f"does not fit: {found}; {size(free)} of disk are free in {folder}")
    memory = free_memory()
    if memory is not None and found.memory > memory:
        raise ValueError(f"does not fit: {found}; {size(memory)} of memory are free. Give a smaller --chunk")
    return found


def existing(path: Path) -> Path:
    """Find the nearest folder that is there."""
    while not path.is_dir():
        path = path.parent
    return path
