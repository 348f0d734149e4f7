"""What a sweep will take, measured on a few of its own rows before any file is written; what cannot fit is refused."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from realpolitik.sweeps.counts import Estimate, size
from realpolitik.sweeps.execution import processors
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.plan import Plan, canonical
from realpolitik.sweeps.work import chunk_of

PROBE = 1_024
SPARE = 0.95
"""Share of the free disk that a sweep may plan to fill."""


def estimate(plan: Plan) -> Estimate:
    """Measure a few rows and scale up; the kernels are warmed first."""
    probe = replace(plan, keep="worlds", chunk=min(PROBE, plan.runs))
    small = replace(probe, chunk=min(64, plan.runs))
    chunk_of(small, 0)
    start = time.monotonic()
    content = chunk_of(probe, 0)
    a_run = max(time.monotonic() - start, 1e-6) / probe.chunk
    return Estimate(
        runs=plan.runs,
        seconds=a_run * plan.runs / processors(),
        disk=len(content) / probe.chunk * plan.rows + besides(plan),
        memory=plan.memory,
        chunks=plan.chunks,
    )


def besides(plan: Plan) -> int:
    """Bytes of the manifest, the design and the sums, and what files lose to whole blocks."""
    return 2 * len(canonical(plan.described)) + plan.points * 8 * (len(plan.factors) + 1) + 4_300 * (plan.chunks + 4)


def refuse_unfit(plan: Plan, folder: Folder, missing: float = 1.0) -> Estimate:
    """Refuse a sweep that cannot fit, with the estimate; `missing` is the share of it that is still to be done."""
    found = estimate(plan)
    free = shutil.disk_usage(existing(folder.path)).free
    if found.disk * missing > free * SPARE:
        raise ValueError(f"does not fit: {found}; {size(free)} of disk are free in {folder}")
    memory = available()
    if memory is not None and found.memory > memory:
        raise ValueError(f"does not fit: {found}; {size(memory)} of memory are free. Give a smaller --chunk")
    return found


def existing(path: Path) -> Path:
    """Find the nearest folder that is there."""
    while not path.is_dir():
        path = path.parent
    return path


def available() -> float | None:
    """Bytes of memory that are free, if the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return None
    found = {line.split(":")[0]: float(line.split()[1]) * 1024 for line in lines}
    return found.get("MemAvailable")
