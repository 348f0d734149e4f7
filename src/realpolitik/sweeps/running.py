"""Runs a sweep into a folder, or takes one up again where it stopped."""

import os
import sys
import warnings
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from realpolitik.choices import Design, Keep
from realpolitik.ensembles import check_counts, scenario_of
from realpolitik.scenario import Scenario, Settings, load
from realpolitik.scenario.settings import listed
from realpolitik.scenario.sources import shipped_names
from realpolitik.sweeps.columns import Masked, check_names
from realpolitik.sweeps.driver import Failures, Progress, drive, file_of
from realpolitik.sweeps.estimate import refuse_counts, refuse_unfit
from realpolitik.sweeps.execution import Engine, cluster, threads
from realpolitik.sweeps.factors import Vary, factors_of
from realpolitik.sweeps.folder import Folder
from realpolitik.sweeps.manifest import MANIFEST, agree, is_damaged, write_manifest
from realpolitik.sweeps.parquet import marks_of, table, write_tables
from realpolitik.sweeps.plan import Plan, plan_of
from realpolitik.sweeps.reading import Sweep, open_sweep
from realpolitik.sweeps.stopping import Stopped, stoppable
from realpolitik.sweeps.work import SLICE, inputs

DESIGN = "design.parquet"


Notice = Callable[[str], None]
"""Told what had to be mended in a folder."""


def sweep(
    scenario: str | os.PathLike[str] | Scenario,
    out: str | os.PathLike[str],
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


def planned(
    source: str | os.PathLike[str] | Scenario,
    vary: Vary | None,
    design: Design,
    points: int,
    worlds: int,
    seed: int,
    keep: Keep,
    changes: Settings,
    theory: str | None,
    chunk: int | None,
) -> Plan:
    """State a sweep, with every count and name checked."""
    base = source if isinstance(source, Scenario) else load(source)
    scenario = scenario_of(base, changes, theory)
    check_counts(worlds, seed)
    check_names(scenario.document)
    made = [[one.path, one.value, one.month] for one in listed(changes)]
    made += [["theory.weights", theory, None]] if theory is not None else []
    origin = base.name if isinstance(source, Scenario) else origin_of(os.fspath(source))
    plan = plan_of(
        scenario,
        factors_of(scenario, vary),
        seed=seed,
        kind=design,
        points=points,
        worlds=worlds,
        keep=keep,
        chunk=chunk,
        asked={"extends": origin, "extends_sha256": base.sha256, "settings": made},
    )
    refuse_counts(plan)
    return plan


def origin_of(source: str) -> str:
    """Name where a scenario comes from: a shipped one by its name, a file by its whole path."""
    return source if source in shipped_names() else str(Path(source).resolve())


@contextmanager
def engine_of(workers: int | None, scheduler: str | None, executor: Executor | None) -> Iterator[Engine]:
    """Choose where the chunks are computed."""
    if executor is not None:
        yield Engine(executor, workers or os.cpu_count() or 1)
        return
    with cluster(scheduler) if scheduler is not None else threads(workers) as engine:
        yield engine


def take_up(
    plan: Plan, folder: Folder, engine: Engine, progress: Progress | None, command: list[str], notice: Notice
) -> None:
    """Bring a folder from whatever it holds of a sweep to the whole of it."""
    new = not folder.path.exists()
    if new:
        refuse_unfit(plan, folder)
    else:
        agree(folder, plan)
    folder.make()
    with folder.locked(), stoppable() as stop:
        if forgiven := agree(folder, plan):
            notice(forgiven)
        sums = trusted(folder, plan, notice)
        missing = [chunk for chunk in range(plan.chunks) if file_of(chunk) not in sums]
        if missing and not new:
            refuse_unfit(plan, folder, len(missing) / plan.chunks)
        left = set(missing)
        with naming_the_cause(plan, folder, left):
            prepare(plan, folder, sums, command)
            complete(plan, left, engine, folder, stop, progress)
            folder.settle(folder.vouched())
        if left:
            raise Stopped(stop(), f"stopped: {safe(plan, left)}")


def prepare(plan: Plan, folder: Folder, sums: dict[str, str], command: list[str]) -> None:
    """Write what a folder holds besides chunks, and leave only what is trusted."""
    folder.sweep_up()
    if folder.vouched() != sums:
        folder.settle(sums)
    if not (folder.path / MANIFEST).exists() or is_damaged(folder):
        write_manifest(folder, plan, command)
    if DESIGN not in sums:
        folder.keep_file(DESIGN, lambda path: write_design(plan, path))


def trusted(folder: Folder, plan: Plan, notice: Notice) -> dict[str, str]:
    """Give the sums of the files that are as they were written and belong to this sweep; tell of the others."""
    vouched = folder.vouched()
    wanted = {DESIGN, *(file_of(chunk) for chunk in range(plan.chunks))}
    sound = {name: sum_ for name, sum_ in vouched.items() if name in wanted and intact(folder, plan, name, sum_)}
    damaged = [name for name in vouched if name in wanted and name not in sound]
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        notice(f"{damaged[0]}{more} is not as it was written; computed again")
    return sound


def intact(folder: Folder, plan: Plan, name: str, sum_: str) -> bool:
    """Whether a file has its sum and carries the mark of this sweep."""
    return folder.sound(name, sum_) and marks_of(folder.path / name).get("realpolitik.sweep") == plan.identity


@contextmanager
def naming_the_cause(plan: Plan, folder: Folder, left: Collection[int]) -> Iterator[None]:
    """Say of a full disk, a folder gone or a failing worker how far the sweep came before it."""
    try:
        yield
    except OSError as error:
        raise OSError(f"{folder}: {error.strerror or error}; {safe(plan, left)}") from error
    except Failures as error:
        raise Failures(f"{error}; {safe(plan, left)}") from error


def complete(
    plan: Plan, left: set[int], engine: Engine, folder: Folder, stop: Callable[[], int], progress: Progress | None
) -> None:
    """Compute the chunks that are left, unless asked to stop first; what is done is taken out of `left`."""

    def done(chunk: int) -> None:
        left.discard(chunk)
        if progress is not None:
            progress(runs_without(plan, left), plan.runs)

    if progress is not None:
        progress(runs_without(plan, left), plan.runs)
    drive(plan, sorted(left), engine, folder, stop, done)


def runs_without(plan: Plan, left: Collection[int]) -> int:
    """Count the runs of the chunks that are done."""
    rows = sum(stop - start for start, stop in map(plan.span, left))
    return (plan.rows - rows) * (plan.runs // plan.rows)


def safe(plan: Plan, left: Collection[int]) -> str:
    """Say how far a sweep came and how to go on."""
    return f"{plan.chunks - len(left):,} of {plan.chunks:,} chunks are safe; give the same command again to go on"


def write_design(plan: Plan, path: Path) -> None:
    """Write what is varied at every point, a slice at a time."""
    marks = {"realpolitik.sweep": plan.identity}
    parts = (design_part(plan, start) for start in range(0, plan.points, SLICE))
    write_tables(path, (table(part, marks) for part in parts))


def design_part(plan: Plan, start: int) -> dict[str, Masked | list[str]]:
    """Columns of one slice of the design."""
    stop = min(start + SLICE, plan.points)
    return {"point": (np.arange(start, stop, dtype=np.int64), None), **inputs(plan, plan.unit(start, stop))}
