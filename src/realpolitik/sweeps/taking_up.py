"""Brings a folder from whatever it holds of a sweep to the whole of it; only files as they were written are trusted."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from signal import SIGINT

from realpolitik.sweeps.design_file import DESIGN, write_design
from realpolitik.sweeps.driver import Failures, Progress, drive, file_of
from realpolitik.sweeps.estimate import refuse_unfit
from realpolitik.sweeps.execution import Engine
from realpolitik.sweeps.folder import SUMS, Damaged, Folder, Unfit
from realpolitik.sweeps.manifest import MANIFEST, agree, manifest_bytes, read_manifest
from realpolitik.sweeps.parquet import marks_of
from realpolitik.sweeps.plan import Plan
from realpolitik.sweeps.stopping import Stop, Stopped

Notice = Callable[[str], None]
"""Told what is repaired in a folder, and that a sweep is about to stop."""


def take_up(
    plan: Plan,
    folder: Folder,
    engine: Engine,
    progress: Progress | None,
    command: list[str],
    notice: Notice,
    stop: Stop,
) -> None:
    """Bring a folder from whatever it holds of a sweep to the whole of it."""
    manifest = manifest_bytes(plan, command)
    new = not folder.path.exists()
    if new:
        refuse_unfit(plan, folder)
    else:
        agree(folder, plan)
    folder.make()
    with folder.locked():
        if forgiven := agree(folder, plan):
            notice(forgiven)
        sums = trusted(folder, plan, notice)
        missing = [chunk for chunk in range(plan.chunks) if file_of(chunk) not in sums]
        if missing and not new:
            refuse_unfit(plan, folder, len(missing) / plan.chunks)
        left = set(missing)
        with naming_the_cause(plan, folder, left):
            stop()  # from here on there is something to finish
            prepare(plan, folder, sums, manifest)
            complete(plan, left, engine, folder, stop, progress)
            folder.settle(folder.vouched())
        if left:
            raise Stopped(stop(), f"stopped: {safe(plan, left)}")


def prepare(plan: Plan, folder: Folder, sums: dict[str, str], manifest: bytes) -> None:
    """Write what a folder holds besides chunks, and leave only what is trusted."""
    folder.sweep_up()
    if vouched(folder) != sums:
        folder.settle(sums)
    if not has_manifest(folder):
        folder.write(MANIFEST, manifest)
    if DESIGN not in sums:
        folder.keep_file(DESIGN, lambda path: write_design(plan, path))


def has_manifest(folder: Folder) -> bool:
    """Whether there is a manifest that can be trusted."""
    try:
        return read_manifest(folder) is not None
    except Damaged:
        return False


def vouched(folder: Folder) -> dict[str, str] | None:
    """Read the sums; None if something else stands in their place."""
    try:
        return folder.vouched()
    except Unfit:
        return None


def trusted(folder: Folder, plan: Plan, notice: Notice) -> dict[str, str]:
    """Give the sums of the files that are as they were written and belong to this sweep; tell of the others."""
    wanted = {DESIGN, *(file_of(chunk) for chunk in range(plan.chunks))}
    listed = vouched(folder)
    if listed is None:
        notice(f"{SUMS} is no file of sums; everything is computed again")
        return {}
    sound = {name: sum_ for name, sum_ in listed.items() if name in wanted and intact(folder, plan, name, sum_)}
    damaged = [name for name in listed if name in wanted and name not in sound]
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        notice(f"{damaged[0]}{more} is not as it was written; computed again")
    return sound


def intact(folder: Folder, plan: Plan, name: str, sum_: str) -> bool:
    """Whether a file has its sum and carries the mark of this sweep."""
    most = plan.most_design_bytes if name == DESIGN else plan.most_bytes
    path = folder.path / name
    return folder.sound(name, sum_, most) and marks_of(path, most).get("realpolitik.sweep") == plan.identity


@contextmanager
def naming_the_cause(plan: Plan, folder: Folder, left: Collection[int]) -> Iterator[None]:
    """Say of a full disk, a folder gone, a failing worker or an interrupt how far the sweep came before it."""
    try:
        yield
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else SIGINT
        raise Stopped(number, f"stopped: {safe(plan, left)}") from None
    except OSError as error:
        raise OSError(f"{folder}: {error.strerror or error}; {safe(plan, left)}") from error
    except Failures as error:
        raise Failures(f"{error}; {safe(plan, left)}") from error


def complete(plan: Plan, left: set[int], engine: Engine, folder: Folder, stop: Stop, progress: Progress | None) -> None:
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
    done = plan.chunks - len(left)
    return f"{done:,} of {plan.chunks:,} chunks are safe; the same command or call goes on from there"
