"""The door to sweeps: runs one into a folder, or takes it up again where it stopped."""

import sys
import warnings
from concurrent.futures import Executor
from os import PathLike

from realpolitik.choices import Design, Keep
from realpolitik.scenario import Scenario, Settings
from realpolitik.sweeps.driver import Progress
from realpolitik.sweeps.execution import engine_of
from realpolitik.sweeps.factors import Vary
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.planning import planned
from realpolitik.sweeps.reading import Sweep, open_sweep
from realpolitik.sweeps.taking_up import Notice, take_up


def sweep(
    scenario: str | PathLike[str] | Scenario,
    out: str | PathLike[str],
    *,
    vary: Vary | None = None,
    design: Design = "sobol",
    points: int = 1024,
    worlds: int = 64,
    seed: int = 1,
    keep: Keep = "worlds",
    set: Settings = (),
    theory: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Progress | None = None,
    notice: Notice = warnings.warn,
    command: list[str] | None = None,
) -> Sweep:
    """Run a sweep into a folder; on a folder that holds part of this very sweep, the rest of it.

    Parameters
    ----------
    scenario, seed, set, theory
        As for `run`.
    out
        The folder, made if need be.
    vary
        Dotted path -> `(low, high)` for a span, or a list of numbers or texts; by default every range of the scenario.
    design
        "sobol" (Saltelli's layout, for `sensitivity`), "lhs", "grid", "random", or "morris" to screen many inputs.
    points
        Settings of what is varied; a grid has the largest full factorial within it.
    worlds
        Worlds at every point: 0, 1, ..., with the same luck at each.
    keep
        "worlds": one row a world. "points": one row a point, with shares and means.
    workers, scheduler, executor
        Threads here, by default one a processor; or a Dask scheduler's address; or any `concurrent.futures.Executor`.
    chunk
        Worlds in one file.
    """
    plan = planned(scenario, vary, design, points, worlds, seed, keep, set, theory, chunk)
    folder = Folder(out)
    with engine_of(workers, scheduler, executor) as engine:
        take_up(plan, folder, engine, progress, command or sys.argv, notice)
    return open_sweep(folder.asked)
