"""`python -m benchmarks.gpu`: worlds per second on a GPU, beside all cores of its machine.

It needs an NVIDIA GPU, takes minutes, and writes a section of docs/benchmarks.md.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import realpolitik as rp
from benchmarks import machine
from benchmarks.markdown import number, paragraphs, replaced, table
from benchmarks.measuring import realpolitik
from benchmarks.twin import ROOT
from realpolitik.costs import cores
from realpolitik_model import Case, simulate
from realpolitik_model import gpu as gpus
from realpolitik_model.engine.ptx import WARPS, WIDTH, in_blocks, ptx_of

HEADING = "## On a GPU"
SIZES = (10**4, 10**5, 10**6, 10**7, 10**8)
MOST_OF_CORES = 10**6
MOST_ALONE = 10**7
"""Worlds that the cores play, and that the kernel plays alone; their rates no longer change."""
COLUMNS = ("worlds", "kernel", "with transfer", "summed up", "all cores", "summed up against all cores")
WIDTHS = (2, 4, 8)
"""Worlds of a thread."""
ROWS = (8, 12, 16)
"""Warps of a thread block: with more of them, threads have fewer registers, and keep more of their values in memory."""
FORESIGHT = 6
AHEAD = 256
"""Worlds with foresight for one core."""
WORLDS = 1000
"""Per point of the sweep."""
POLL = 0.5
"""Seconds between two looks at the memory."""


class Timed(gpus.Gpu):
    """A GPU that adds up how long its kernels take; for calls one after the other."""

    seconds = 0.0

    def _start(self, stream: Any, *launch: Any) -> None:
        self._ask("cuStreamSynchronize", stream.handle)
        start = time.perf_counter()
        super()._start(stream, *launch)
        self._ask("cuStreamSynchronize", stream.handle)
        self.seconds += time.perf_counter() - start


def sections(gpu: Timed, most: int, shaped: bool, say: Callable[[str], None]) -> Iterator[str]:
    """Measure up to so many worlds; yield the section as far as it is measured, again and again."""
    sizes = [size for size in SIZES if size <= most]
    case = rp.load("karabakh").case()
    for months in (0, FORESIGHT):
        say(f"loading the kernel for a foresight of {months} months, compiled if it is not in the cache")
        gpu.batch(case, {"theory.foresight": float(months)})
    about = dict(machine.described())
    parts = [
        HEADING,
        f"{gpu.name}, in a machine with {about['Cores']} cores ({about['Processor']}) and {about['Memory']}; worlds of "
        "the base case, 121 months each, a second. *kernel*: the GPU alone, one call after the other. *with transfer*: "
        f"`simulate` in {gpus.CALLS} threads, with the copies in and out. *summed up*: `rp.run`, all of it. *all "
        f"cores*: `rp.run` on the processor, in turn with it; for more than {MOST_OF_CORES:,} worlds, its rate for "
        f"these. *kernel* and *with transfer* for more than {MOST_ALONE:,}: their rates for these.",
        ahead(gpu, say),
        *([shapes(gpu.driver, case, say)] if shaped else []),
    ]
    yield paragraphs(*parts)
    rows = []
    for size in sizes:
        rows.append(row(gpu, case, size, say))
        yield paragraphs(*parts, table([*COLUMNS], rows))
    yield paragraphs(*parts, table([*COLUMNS], rows), swept(gpu, most // WORLDS, say))


def row(gpu: Timed, case: Case, size: int, say: Callable[[str], None]) -> list[str]:
    """Measure one number of worlds, and return the cells of its row."""
    say(f"{size:,} worlds")
    gpu.seconds, few = 0.0, min(size, MOST_ALONE)
    plain, batch = gpus.open_gpu(), gpu.batch(case, {})
    for worlds in parts(few, gpus.MOST_WORLDS // batch * batch):
        simulate(case, worlds, seed=1, device=gpu)
    alone = gpu.seconds
    with timing() as copied, ThreadPoolExecutor(gpus.CALLS) as pool:
        for _ in pool.map(lambda some: simulate(case, some, seed=1, device=plain).first, parts(few, batch)):
            pass
    summed, here = (run(size, "cuda"), run(min(size, MOST_OF_CORES), "cpu"))
    rates = [few / alone, few / copied.seconds, size / summed, min(size, MOST_OF_CORES) / here]
    return [f"{size:,}", *map(number, rates), f"{rates[2] / rates[3]:.2g}"]


def parts(size: int, most: int) -> Iterator[Any]:
    """Yield the numbers of so many worlds, in parts."""
    return (np.arange(start, min(start + most, size)) for start in range(0, size, most))


def run(worlds: int, device: Any) -> float:
    """Return the seconds of an ensemble."""
    with timing() as took:
        rp.run("karabakh", worlds=worlds, device=device, paths=0)
    return took.seconds


def ahead(gpu: Timed, say: Callable[[str], None]) -> str:
    """Compare worlds with foresight on the GPU with one core."""
    say(f"foresight {FORESIGHT}")
    case = rp.load("karabakh").set({"theory.foresight": float(FORESIGHT)}).case()
    rates = {}
    for name, device, worlds in (("cuda", gpu, gpu.batch(case, {})), ("cpu", None, AHEAD)):
        simulate(case, np.arange(32), seed=1, device=device)
        with timing() as took:
            simulate(case, np.arange(worlds), seed=1, device=device)
        rates[name] = worlds / took.seconds
    return (
        f"With a foresight of {FORESIGHT} months: {number(rates['cuda'])} worlds a second with transfer, "
        f"{number(rates['cuda'] / rates['cpu'])} times one core ({number(rates['cpu'])})."
    )


def shapes(driver: Any, case: Case, say: Callable[[str], None]) -> str:
    """Measure the kernel by how many worlds a thread plays and how many warps a thread block has."""
    rows = []
    for width in WIDTHS:
        say(f"kernels whose threads play {width} worlds, compiled if they are not in the cache")
        row = [str(width)]
        for warps in ROWS:
            gpu = Timed(driver, partial(shaped_as, width, warps), width, {"play": warps})
            size = 2 * gpu.batch(case, {})
            simulate(case, np.arange(gpu.lanes), seed=1, device=gpu)
            gpu.seconds = 0.0
            simulate(case, np.arange(size), seed=1, device=gpu)
            row.append(number(size / gpu.seconds))
        rows.append(row)
    columns = ["worlds of a thread", *(f"{warps} warps" for warps in ROWS)]
    own = f"It is built for {WIDTH} worlds and {WARPS['play']} warps."
    return paragraphs(
        f"The kernel alone, by worlds of a thread and warps of a thread block. {own}", table(columns, rows)
    )


def shaped_as(width: int, warps: int, kernel: str) -> str:
    """Return a kernel as PTX for thread blocks of so many warps."""
    return in_blocks(ptx_of(kernel, width), warps)


def swept(gpu: Timed, points: int, say: Callable[[str], None]) -> str:
    """Run a sweep in a process of its own, and say what memory it takes in its second and its last quarter."""
    say(f"a sweep of {points * WORLDS:,} worlds")
    with tempfile.TemporaryDirectory() as folder:
        command = realpolitik(
            *(
                "sweep",
                "karabakh",
                "--vary",
                "theory.phi=0.5:1.5",
                "--vary",
                "drivers.war.scale=0:1",
                "--keep",
                "points",
            ),
            *("--points", str(points), "--worlds", str(WORLDS), "--device", "cuda", "--out", f"{folder}/sweep"),
        )
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        seen = []
        while process.poll() is None:
            seen += [found] if (found := memory(process.pid, gpu)) else []
            time.sleep(POLL)
        took = time.perf_counter() - start
    if process.returncode:
        raise RuntimeError(f"the sweep ended with exit code {process.returncode}")
    quarter = max(1, len(seen) // 4)
    early, late = (
        tuple(map(max, zip(*some, strict=True))) for some in (seen[quarter : 2 * quarter + 1], seen[-quarter:])
    )
    return (
        f"A sweep of {points * WORLDS:,} worlds with `--keep points` took {took:.0f} s, "
        f"{number(points * WORLDS / took)} worlds a second. Most memory of its process in its second and its last "
        f"quarter: {early[0]:,.0f} and {late[0]:,.0f} MB; of the GPU: {early[1]:,.0f} and {late[1]:,.0f} MB."
    )


def memory(pid: int, gpu: Timed) -> tuple[float, float] | None:
    """Return the memory of a process and of the GPU that is in use, MB; None if the process has just ended."""
    free, total = gpu._ask("cuMemGetInfo")
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
    return pages * 4096 / 1e6, (total - free) / 1e6


class Took(NamedTuple):
    """How long something took."""

    times: list[float]

    @property
    def seconds(self) -> float:
        """Seconds of wall time."""
        return self.times[1] - self.times[0]


@contextmanager
def timing() -> Iterator[Took]:
    """Time what is done within a `with` statement."""
    took = Took([time.perf_counter()])
    yield took
    took.times.append(time.perf_counter())


def say(what: str) -> None:
    """Tell on standard error what is being measured."""
    sys.stderr.write(f"    {what}\n")
    sys.stderr.flush()


def main() -> int:
    """Measure, and write the section into the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.gpu", description=__doc__)
    parser.add_argument("--most", type=float, default=SIZES[-1], help="the largest number of worlds (1e8)")
    parser.add_argument("--shapes", action="store_true", help="measure other kernels too, which are compiled first")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md", help="the page")
    asked = parser.parse_args()
    try:
        gpu = Timed(gpus.open_gpu().driver)
    except gpus.NoGpu as error:
        sys.stderr.write(f"Nothing is measured: {error}.\n")
        return 1
    sys.stderr.write(f"    {gpu.name}; {cores()} cores\n")
    page = asked.out.read_text(encoding="utf-8") if asked.out.exists() else ""
    for found in sections(gpu, int(asked.most), asked.shapes, say):
        asked.out.write_text(replaced(page, HEADING, found) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
