"""The entry to sweeps. What can be refused cheaply is refused before the model and its libraries are imported."""

import warnings
from collections.abc import Callable
from concurrent.futures import Executor
from os import PathLike
from typing import TYPE_CHECKING, get_args

from realpolitik.choices import Design, Keep, On, one_of
from realpolitik.devices import chosen_device
from realpolitik.sweeps.counts import CHUNK, Counts
from realpolitik.sweeps.execution import Stop, check_engine, engine_of
from realpolitik.sweeps.folder import Folder

if TYPE_CHECKING:
    from realpolitik.scenario import Scenario, Settings
    from realpolitik.sweeps.designs import Vary
    from realpolitik.sweeps.opening import Sweep


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
    set: "Settings | None" = None,
    theory: str | None = None,
    foresight: int | None = None,
    workers: int | None = None,
    scheduler: str | None = None,
    executor: Executor | None = None,
    chunk: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    stop: Stop | None = None,
    notice: Callable[[str], None] = warnings.warn,
    command: list[str] | None = None,
    device: On | None = None,
) -> "Sweep":
    """Run a sweep into a folder; if the folder holds part of this sweep, compute the rest.

    Parameters
    ----------
    scenario, seed, set, theory, foresight
        As for `run`.
    out
        The folder; created if it does not exist.
    vary
        Dotted path -> `(low, high)` for a span, or a list of numbers or texts; by default every range of the scenario.
    design
        "sobol" (Saltelli's layout, for `sensitivity`), "lhs", "grid", "random", or "morris" to screen many inputs.
    points
        Number of settings of what is varied; a grid has the largest full factorial within it.
    worlds
        Worlds per point: 0, 1, ..., with the same noise at each point.
    keep
        "worlds": one row per world. "points": one row per point, with shares and means.
    workers, scheduler, executor
        Threads of this process, by default one per processor; or the address of a Dask scheduler; or any
        `concurrent.futures.Executor`.
    chunk
        Worlds per file. By default that of the sweep in the folder; for a new sweep 16,384, or fewer if the case is
        large, so that a chunk takes a few seconds at most.
    progress
        Called with the runs done and the runs in all.
    stop
        Called between chunks and a few times per second, in the calling thread. Once it returns a true value, the
        chunks in progress are finished and `Stopped` is raised. Ctrl-C needs no `stop`: it raises `Stopped`, which is
        a KeyboardInterrupt, without waiting for the chunks in progress. In either case the same call resumes the sweep.
    notice
        Called with a message when something in the folder is repaired; by default a warning.
    command
        The command line that makes this call, kept for `sweep --status`; None if the call is made from Python.
    device
        As for `run`; with `scheduler` or `executor`, what each worker plays on: "auto" lets those that have a GPU use
        it. The files are the same to the byte, so that a sweep may be resumed on another device.

    Returns
    -------
    Sweep
        The folder, as `open_sweep` opens it.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the folder holds another sweep.
    Stopped
        If `stop` or Ctrl-C ended it; the same call resumes it.

    Examples
    --------
    >>> import realpolitik as rp
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     found = rp.sweep("karabakh", folder, vary={"theory.phi": (0.5, 1.5)}, design="lhs", points=3, worlds=4)
    ...     found.points().shape[0]
    3
    """
    one_of("design", design, get_args(Design))
    folder = Folder(out)
    counts = Counts(points=points, worlds=worlds, keep=keep, chunk=CHUNK if chunk is None else chunk)
    if design != "grid":  # its number of points depends on what is varied
        counts.check()
    check_engine(workers, scheduler)
    asked, made_on = chosen_device(device), str(chosen_device(device))
    new = not folder.path.exists()
    folder.check(counts.least_bytes if new and design != "grid" else 0)

    from realpolitik.sweeps.driver import finish
    from realpolitik.sweeps.opening import open_sweep
    from realpolitik.sweeps.plan import planned, with_chunk_of
    from realpolitik.sweeps.work import device_of

    plan = planned(scenario, vary, design, points, worlds, seed, keep, set, theory, chunk, foresight)
    if chunk is None:
        plan = with_chunk_of(folder, plan)
    if new:
        folder.check(plan.least_bytes)
    if scheduler is None and executor is None:
        asked, made_on = device_of(plan, asked)
    with engine_of(workers, scheduler, executor, asked, made_on) as engine:
        finish(plan, folder, engine, progress, command or [], notice, stop or (lambda: 0))
    return open_sweep(folder.asked)
