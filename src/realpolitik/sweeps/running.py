"""The entry to sweeps: runs one into a folder, or takes it up again where it stopped."""

import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from os import PathLike
from typing import TYPE_CHECKING

from realpolitik.choices import Design, Keep
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.execution import check_engine, engine_of
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.stopping import Stop

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario, Settings
    from realpolitik.sweeps.factors import Vary
    from realpolitik.sweeps.reading import Sweep


def sweep(
    scenario: "str | PathLike[str] | Scenario",
    out: str | PathLike[str],
    *,
    vary: "Vary | None" = None,
    design: Design = "sobol",
    points: int = 1024,
    worlds: int = 64,
    seed: int = 1,
    keep: Keep = "worlds",
    set: "Settings" = (),
    theory: str | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    notice: Callable[[str], None] = warnings.warn,
    command: list[str] | None = None,
) -> "Sweep":
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
    progress
        Called with the runs done and the runs asked for.
    stop
        Asked between chunks and a few times a second, in the thread that called; once its answer is true, the chunks
        at hand are finished and `Stopped` is raised. Ctrl-C needs no `stop`: it raises `Stopped`, which is a
        KeyboardInterrupt, without waiting for the chunks at hand. Either way the same call goes on from there.
    notice
        Told what is repaired in a folder; by default a warning.
    command
        The command line that makes this call, kept for `sweep --status`; none if it is made from Python.
    """
    folder = Folder(out)
    counts = Counts(points=points, worlds=worlds, keep=keep, chunk=CHUNK if chunk is None else chunk)
    if design != "grid":  # whose points depend on what is varied
        counts.check()
    check_engine(workers, scheduler)
    new = not folder.path.exists()
    folder.check(counts.least_bytes if new and design != "grid" else 0)

    from realpolitik.sweeps.planning import planned  # what is heavy, after what is refused at once
    from realpolitik.sweeps.reading import open_sweep
    from realpolitik.sweeps.taking_up import take_up

    plan = planned(scenario, vary, design, points, worlds, seed, keep, set, theory, chunk)
    if new:
        folder.check(plan.least_bytes)
    with engine_of(workers, scheduler, executor) as engine:
        take_up(plan, folder, engine, progress, command or [], notice, stop or (lambda: 0))
    return open_sweep(folder.asked)
