"""What a run will take, from the sizes of its case alone: seconds of a core, bytes of memory, worlds per chunk."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from realpolitik.texts import counted

if TYPE_CHECKING:
    from realpolitik_model import Case

CHUNK = 1_024
"""Most worlds per chunk: a few milliseconds of a core for a small case."""
LONGEST_CHUNK = 0.25
"""Seconds of a core per chunk, at most: work is cancelled, shared and reported between chunks."""
BLOCK = 32
"""Least worlds per chunk: the engine plays this many at once in any case."""
KEPT = 10_000
"""Worlds whose own results are kept; beyond them an ensemble keeps counts."""
PATHS = 2_000
"""Worlds whose monthly paths are kept, for the fans of issues and leverage, unless memory allows fewer."""
MOST_PATH_BYTES = 2**28
PER_ROW = 4e-10
"""Seconds per table row, world and month; measured on the largest lawful case, twice that of a small one."""
PROSPECTS = 0.37
"""Months played per month ahead, actor and move of a month with foresight; measured on the base case."""
INTERPRETER = 250_000_000
"""Bytes of a process that has imported NumPy and numba and loaded the kernels; measured."""
COPIES_OF_NUMBERS = 3
"""How often the numbers drawn for a world exist at once while it is played."""
MOST_PLAYERS = 8
"""Threads that prepare batches of worlds for a GPU: it takes no more calls at once."""
MEMINFO = Path("/proc/meminfo")
CGROUP = Path("/sys/fs/cgroup")
GROUPS = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "total_inactive_file"),
)
"""Where versions 2 and 1 of control groups have the limit of memory, what is in use, and files in it to be dropped."""
COPIES = 3
"""How often paths exist at once while quantiles are taken."""


class Cost(NamedTuple):
    """What a run takes."""

    seconds: float
    """Seconds of one core; an order of magnitude."""
    memory: float
    """Bytes at the peak."""


def cost_of(
    case: "Case",
    worlds: int,
    months: int | None = None,
    paths: int = PATHS,
    foresight: int = 0,
    batch: int | None = None,
    drawn: int = 0,
) -> Cost:
    """Estimate a run of `worlds` worlds over `months` months (all of the case by default).

    `foresight` is the greatest of any world, in months, if it differs between worlds; `batch` is how many worlds are
    played at a time on a device; by default it is this process, with the chunks of `chunk_of`. `drawn` is how many
    numbers differ by world.

    Examples
    --------
    >>> import realpolitik as rp
    >>> few, many = (cost_of(rp.load("karabakh").case(), worlds) for worlds in (100, 100_000))
    >>> few.seconds < many.seconds, few.memory < many.memory < 1e9
    (True, True)
    """
    months = months or case.months
    at_once = players(batch is not None) * (batch or chunk_of(case, months, foresight))
    results = (min(worlds, KEPT) + min(worlds, at_once)) * bytes_per_world(case)
    results += min(worlds, at_once) * COPIES_OF_NUMBERS * 8 * drawn
    fans = COPIES * min(worlds, paths_kept(case, months, paths)) * path_bytes(case, months)
    lists = 4 * 32 * months * (len(case.issues) + len(case.pairs)) + 32 * months * len(case.outcomes)
    return Cost(worlds * seconds_per_world(case, months, foresight), INTERPRETER + results + fans + lists)


def refuse_unfit(case: "Case", worlds: int, months: int, paths: int, batch: int | None = None, drawn: int = 0) -> None:
    """Raise MemoryError, with the figures, if a run would not fit into the memory that is free."""
    free, needed = free_memory(), cost_of(case, worlds, months, paths, batch=batch, drawn=drawn).memory
    if free is not None and needed > free:
        actors, issues = counted(len(case.actors), "actor"), counted(len(case.issues), "issue")
        raise MemoryError(
            f"{counted(worlds, 'world')} of {counted(months, 'month')} with {actors} and {issues} need "
            f"about {size(needed)} of memory, and {size(free)} are free; give fewer worlds or an earlier last month"
        )


def chunk_of(case: "Case", months: int, foresight: int = 0) -> int:
    """Return how many worlds are played per chunk, a multiple of 32: set by the case, so that sums keep their bits."""
    fit = int(LONGEST_CHUNK / seconds_per_world(case, months, foresight))
    return max(BLOCK, min(CHUNK, fit // BLOCK * BLOCK))


def paths_kept(case: "Case", months: int, most: int = PATHS) -> int:
    """Return for how many worlds monthly paths are kept: `most`, or as many as fit into 256 MiB, one or more."""
    return min(most, max(1, MOST_PATH_BYTES // path_bytes(case, months)))


def seconds_per_world(case: "Case", months: int, foresight: int = 0) -> float:
    """Return the seconds of a core that one world takes, by the number of rows the engine visits each month."""
    return PER_ROW * months * sum(table.size for table in case.tables) * months_per_month(case, foresight)


def months_per_month(case: "Case", foresight: int = 0) -> float:
    """Return how many months the engine plays for each month of a world: 1, or more with foresight  (E5)."""
    ahead = max(case.horizon({}), foresight)
    return 1.0 + PROSPECTS * (len(case.actors) + len(case.moves)) * ahead


def bytes_per_world(case: "Case") -> int:
    """Return the size of one world's own results, without paths."""
    return 10 * len(case.outcomes) + 12 * len(case.moves) + 8 * len(case.issues)


def path_bytes(case: "Case", months: int) -> int:
    """Return the size of one world's monthly paths."""
    return 8 * months * (len(case.issues) + len(case.pairs))


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def players(on_device: bool) -> int:
    """Return how many threads play worlds: one per processor, and no more than a device takes calls at once."""
    return min(cores(), MOST_PLAYERS) if on_device else cores()


def free_memory() -> float | None:
    """Return the bytes of memory that this process can still take, None if the system does not say."""
    found = [free for free in (_free_of_machine(), *(_free_of_group(*names) for names in GROUPS)) if free is not None]
    return min(found, default=None)


def _free_of_machine() -> float | None:
    """Return the bytes that the machine has free."""
    try:
        lines = MEMINFO.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = {line.split(":")[0]: float(line.split()[1]) * 1024 for line in lines}
    return found.get("MemAvailable")


def _free_of_group(limit: str, used: str, cache: str) -> float | None:
    """Return the bytes that a control group leaves, as a container has; None if there is no such limit."""
    try:
        most, taken = (float((CGROUP / name).read_text(encoding="utf-8")) for name in (limit, used))
        lines = (CGROUP / limit).with_name("memory.stat").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):  # the limit may be "max"
        return None
    given_back = sum(float(line.split()[1]) for line in lines if line.split()[0] == cache)
    return max(0.0, most - taken + given_back)


def size(count: float) -> str:
    """Return a number of bytes as text for people."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if count < 1000:
            return f"{count:.3g} {unit}"
        count /= 1000
    return f"{count:,.3g} PB"


def span(seconds: float) -> str:
    """Return a time as text for people."""
    for unit, length in (("years", 31_557_600), ("days", 86_400), ("hours", 3_600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:,.3g} {unit}"
    return f"{seconds:.0f} seconds" if seconds >= 10 else f"{seconds:.2g} seconds"
