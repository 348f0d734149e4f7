"""The sections on what a user waits for, and on memory: commands in fresh processes."""

import tempfile
import time
from collections.abc import Callable
from functools import partial

import numpy as np

import realpolitik as rp
from benchmarks.markdown import paragraphs, seconds, table
from benchmarks.measuring import Spent, interleaved, median, middle, python, realpolitik, spent
from realpolitik_model import LeverageModel, simulate

RUN = ("run", "karabakh", "--worlds", "2000")
STARTS = {
    "Python alone: `python -c pass`": python("pass"),
    "`import numpy`": python("import numpy"),
    "`import numba`": python("import numba"),
    "`from realpolitik_model import simulate`": python("from realpolitik_model import simulate"),
    "`realpolitik --help`": realpolitik("--help"),
    "`realpolitik list`": realpolitik("list"),
    "`realpolitik run karabakh --worlds 1`": realpolitik("run", "karabakh", "--worlds", "1"),
    f"`realpolitik {' '.join(RUN)}`": realpolitik(*RUN),
}
FIRST, LAST = "Python alone: `python -c pass`", f"`realpolitik {' '.join(RUN)}`"
MEMORY = {
    "`from realpolitik_model import simulate`": STARTS["`from realpolitik_model import simulate`"],
    **{
        f"`realpolitik run karabakh --worlds {n}`": realpolitik("run", "karabakh", "--worlds", str(n))
        for n in (1, 100_000)
    },
}
MILLION = realpolitik("run", "karabakh", "--worlds", "1000000")
SWEEP = (
    "sweep", "karabakh", "--vary", "drivers.war.scale=0:1", "--vary", "drivers.isolation.scale=0:1",
    "--design", "sobol", "--points", "8192", "--worlds", "64",
)  # fmt: skip


def starting(rounds: int, say: Callable[[str], None], quick: bool = False) -> str:
    """Time the command line from cold and warm, and a world in a process that is warm."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {"NUMBA_CACHE_DIR": cache}
        say("the first run of all, which compiles")
        cold = None if quick else spent(realpolitik(*RUN), env=environment)
        for command in STARTS.values():
            spent(command, env=environment)
        jobs = {name: partial(spent, command, env=environment) for name, command in STARTS.items()}
        found = {name: middle(took) for name, took in interleaved(jobs, rounds, say).items()}
    rows = [[name, *times(took)] for name, took in found.items()]
    if cold is not None:
        rows.append([f"`realpolitik {' '.join(RUN)}`, the first time: it compiles", *times(cold)])
    return paragraphs(
        "## From the command line",
        f"Fresh processes, medians of {rounds} rounds that took turns; files are in the system's cache. What the "
        "kernels compile to is on disk, but for the line that says so.",
        table(["command", "wall", "CPU", "peak memory"], rows),
        share(found),
        "## One world, in a process that is warm",
        table(["one world, 121 months", "median", "95%"], one_world()),
    )


def times(took: Spent) -> list[str]:
    """Return the cells of one command."""
    return [seconds(took.wall), seconds(took.cpu), f"{took.peak:.0f} MB"]


def share(found: dict[str, Spent]) -> str:
    """Say how much of a run is not the worlds."""
    run, alone, model = (found[name].wall for name in (LAST, FIRST, "`from realpolitik_model import simulate`"))
    one = found[list(STARTS)[-2]].wall
    return (
        f"Of the {seconds(run)} of the run of 2,000 worlds, Python itself takes {seconds(alone)} to start, and "
        f"{seconds(model)} with the import of the model and what it needs (numpy, numba); one world {seconds(one)}."
    )


def one_world() -> list[list[str]]:
    """Time one world by each way to run it."""
    scenario = rp.load("karabakh")
    case, number = scenario.case(), np.array([0])

    def lifted() -> None:
        model = LeverageModel(case, worlds=1, rng=1)
        for _ in range(case.months):
            model.step()

    ways: dict[str, Callable[[], object]] = {
        "`realpolitik_model.simulate`": lambda: simulate(case, number, seed=1, paths=1),
        "`realpolitik.run`, scenario loaded": lambda: rp.run(scenario, worlds=1),
        "`LeverageModel`, stepped by hand": lifted,
    }
    return [[name, *repeated(way)] for name, way in ways.items()]


def repeated(way: Callable[[], object], times: int = 101) -> list[str]:
    """Return the median and the 95% quantile of the wall time."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        way()
        took.append(time.perf_counter() - began)
    return [seconds(median(took)), seconds(sorted(took)[int(0.95 * times)])]


def memory(rounds: int, say: Callable[[str], None], quick: bool = False) -> str:
    """Measure peak memory, a million worlds and a large sweep."""
    took = {name: middle(found) for name, found in interleaved(jobs(), min(rounds, 3), say).items()}
    if not quick:
        say("a million worlds")
        took["`realpolitik run karabakh --worlds 1000000`"] = spent(MILLION)
        say("a sweep of half a million runs")
        took["sweep of 8,192 settings, 64 worlds each"] = sweep()
    return paragraphs(
        "## Memory, and large runs",
        "Fresh processes; the peak is the kernel's own count of memory in use at once. The large ones were run once. "
        "`run` plays its worlds three times: with numbers of the posterior, with drawn ones and with those of the "
        "file.",
        table(["command", "wall", "CPU", "peak memory"], [[name, *times(found)] for name, found in took.items()]),
        growth(list(took.values())),
        f"The sweep: `realpolitik {' '.join(SWEEP)} --out war`, 524,288 runs, written as Parquet.",
    )


def jobs() -> dict[str, Callable[[], Spent]]:
    """Return the small commands whose memory is measured."""
    return {name: partial(spent, command) for name, command in MEMORY.items()}


def growth(took: list[Spent]) -> str:
    """Compare a million worlds with a hundred thousand."""
    if len(took) <= len(MEMORY):
        return "A million worlds and the sweep were left out (`--quick`)."
    before, after = took[len(MEMORY) - 1].peak, took[len(MEMORY)].peak
    return (
        f"A million worlds take {after:.0f} MB, a hundred thousand {before:.0f} MB: {100 * (after / before - 1):+.1f}%."
    )


def sweep() -> Spent:
    """Run half a million worlds as a sweep, in a folder that goes away."""
    with tempfile.TemporaryDirectory() as folder:
        return spent(realpolitik(*SWEEP, "--out", "war"), cwd=folder)
