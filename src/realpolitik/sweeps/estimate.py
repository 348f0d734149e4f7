"""What a sweep will take, measured on a few of its own rows before any file is written; what cannot fit is refused."""

import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from realpolitik.sweeps.execution import processors
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.plan import Plan, canonical
from realpolitik.sweeps.work import chunk_of

PROBE = 1_024
MOST_CHUNKS = 50_000
MOST_WORLDS = 1_000_000
MOST_POINTS = 2**30
SPARE = 0.95
"""Share of the free disk that a sweep may plan to fill."""
A_WORLD_AT_WORK = 1_500
"""Bytes a world takes while its chunk is computed and encoded, for the Karabakh case; measured."""


class Estimate(NamedTuple):
    """What a sweep takes."""

    runs: int
    seconds: float
    disk: float
    memory: float
    chunks: int

    def __str__(self) -> str:
        return (
            f"{self.runs:,} runs, about {span(self.seconds)} on this machine, {size(self.disk)} of disk in "
            f"{self.chunks:,} chunks, {size(self.memory)} of memory"
        )


def estimate(plan: Plan) -> Estimate:
    """Measure a few rows and scale up; the kernels are warmed first."""
    probe = replace(plan, keep="worlds", chunk=min(PROBE, plan.runs))
    small = replace(probe, chunk=min(64, plan.runs))
    chunk_of(small, 0)
    start = time.monotonic()
    content = chunk_of(probe, 0)
    a_run = max(time.monotonic() - start, 1e-6) / probe.chunk
    worlds = plan.rows_a_chunk * (1 if plan.keep == "worlds" else plan.worlds)
    return Estimate(
        runs=plan.runs,
        seconds=a_run * plan.runs / processors(),
        disk=len(content) / probe.chunk * plan.rows + besides(plan),
        memory=2.5e8 + min(worlds, plan.runs) * A_WORLD_AT_WORK * processors(),
        chunks=plan.chunks,
    )


def besides(plan: Plan) -> int:
    """Bytes of the manifest, the design and the sums, and what files lose to whole blocks."""
    return 2 * len(canonical(plan.described)) + plan.points * 8 * (len(plan.factors) + 1) + 4_300 * (plan.chunks + 4)


def refuse_unfit(plan: Plan, folder: Folder, missing: float = 1.0) -> Estimate:
    """Refuse a sweep that cannot fit, with the estimate; `missing` is the share of it that is still to be done."""
    refuse_counts(plan)
    found = estimate(plan)
    if plan.chunks > MOST_CHUNKS:
        raise ValueError(
            f"too large: {found}. At most {MOST_CHUNKS:,} chunks; fewer points or worlds, or --keep points"
        )
    free = shutil.disk_usage(existing(folder.path)).free
    if found.disk * missing > free * SPARE:
        raise ValueError(f"does not fit: {found}; {size(free)} of disk are free in {folder}")
    memory = available()
    if memory is not None and found.memory > memory:
        raise ValueError(f"does not fit: {found}; {size(memory)} of memory are free. Give a smaller --chunk")
    return found


def refuse_counts(plan: Plan) -> None:
    """Refuse counts that no sweep has."""
    if not 1 <= plan.worlds <= MOST_WORLDS:
        raise ValueError(f"worlds must be 1 to {MOST_WORLDS:,} at each point of a sweep, not {plan.worlds:,}")
    if not 1 <= plan.points <= MOST_POINTS:
        raise ValueError(f"points must be 1 to {MOST_POINTS:,}, not {plan.points:,}")


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


def size(count: float) -> str:
    """Write bytes for people."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} PB"


def span(seconds: float) -> str:
    """Write a time for people."""
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.3g} {unit}"
    return f"{seconds:.2g} seconds"
