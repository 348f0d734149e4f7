"""Drives the chunks of a sweep through an executor and writes each file; no other module writes to the folder.

`finish` completes a folder, whatever part of the sweep it holds. Files that are not as they were written are computed
again. A sweep that cannot fit is refused before any file is written.
"""

import json
import shutil
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import contextmanager
from pathlib import Path
from signal import SIGINT
from typing import Any

from realpolitik.choices import On, Progress
from realpolitik.costs import cores, free_memory, size
from realpolitik.sweeps.execution import Engine, Stop, Stopped
from realpolitik.sweeps.folder import RESULTS, SUMS, Damaged, Folder, Unreadable
from realpolitik.sweeps.plan import MANIFEST, Plan, manifest_bytes, read_manifest
from realpolitik.sweeps.work import DESIGN, chunk_of, estimate, marks_of, memory_of, write_design

AHEAD = 2
"""Chunks per worker that are submitted, so that none waits while the driver writes."""
MOST_FAILURES = 3
POLL = 0.2
"""Seconds between calls of `stop`."""
MOST_SHOWN = 5
"""Differences between two sweeps that are shown."""
SPARE = 0.95
"""Share of the free disk that a sweep may plan to fill."""

Notice = Callable[[str], None]
"""Called with a message about what is repaired in a folder."""


class Failures(RuntimeError):
    """Chunks that no worker could compute; the others are finished."""


# --- completing a folder --------------------------------------------------------------------------------------------


def finish(
    plan: Plan,
    folder: Folder,
    engine: Engine,
    progress: Progress | None,
    command: list[str],
    notice: Notice,
    stop: Stop,
) -> None:
    """Complete the sweep in a folder, whatever part of it the folder holds."""
    manifest = manifest_bytes(plan, command, engine.made_on)
    new = not folder.path.exists()
    if new:
        check_fits(plan, folder, engine.device)
    else:
        check_same_sweep(folder, plan)
    folder.make()
    with folder.locked():
        if repaired := check_same_sweep(folder, plan):
            notice(repaired)
        sums = trusted(folder, plan, notice)
        missing = [chunk for chunk in range(plan.chunks) if file_of(chunk) not in sums]
        if missing and not new:
            check_fits(plan, folder, engine.device, len(missing) / plan.chunks)
        left = set(missing)
        with progress_in_errors(plan, folder, left):
            stop()  # from here on, what is in progress is finished before a stop
            prepare(plan, folder, sums, manifest)
            compute(plan, left, engine, folder, stop, progress)
            folder.write_sums(folder.sums())
        if left:
            raise Stopped(stop(), f"stopped: {state_of(plan, left)}")


def prepare(plan: Plan, folder: Folder, sums: dict[str, str], manifest: bytes) -> None:
    """Write the files of a folder other than chunks, and keep only checksums that are trusted."""
    folder.remove_partial()
    if sums_in(folder) != sums:
        folder.write_sums(sums)
    if not has_manifest(folder):
        folder.write(MANIFEST, manifest)
    if DESIGN not in sums:
        folder.keep_file(DESIGN, lambda path: write_design(plan, path))


def has_manifest(folder: Folder) -> bool:
    """Return whether there is an undamaged manifest."""
    try:
        return read_manifest(folder) is not None
    except Damaged:
        return False


def sums_in(folder: Folder) -> dict[str, str] | None:
    """Read the checksums; None if their file is not a regular one."""
    try:
        return folder.sums()
    except Unreadable:
        return None


def trusted(folder: Folder, plan: Plan, notice: Notice) -> dict[str, str]:
    """Return the checksums of the files that are as they were written and belong to this sweep; report the others."""
    wanted = {DESIGN, *(file_of(chunk) for chunk in range(plan.chunks))}
    listed = sums_in(folder)
    if listed is None:
        notice(f"{SUMS} is not a regular file; everything is computed again")
        return {}
    kept = {name: sum_ for name, sum_ in listed.items() if name in wanted and intact(folder, plan, name, sum_)}
    damaged = [name for name in listed if name in wanted and name not in kept]
    if damaged:
        more = f" and {len(damaged) - 1} more" if len(damaged) > 1 else ""
        notice(f"{damaged[0]}{more} is not as it was written; computed again")
    return kept


def intact(folder: Folder, plan: Plan, name: str, sum_: str) -> bool:
    """Return whether a file has its checksum and carries the mark of this sweep."""
    most = plan.most_design_bytes if name == DESIGN else plan.most_bytes
    path = folder.path / name
    return folder.matches(name, sum_, most) and marks_of(path, most).get("realpolitik.sweep") == plan.identity


@contextmanager
def progress_in_errors(plan: Plan, folder: Folder, left: Collection[int]) -> Iterator[None]:
    """Add how far the sweep came to the errors of a full disk, a missing folder, failed chunks or an interrupt."""
    try:
        yield
    except KeyboardInterrupt as error:
        number = error.number if isinstance(error, Stopped) else SIGINT
        raise Stopped(number, f"stopped: {state_of(plan, left)}") from None
    except OSError as error:
        raise OSError(f"{folder}: {error.strerror or error}; {state_of(plan, left)}") from error
    except Failures as error:
        raise Failures(f"{error}; {state_of(plan, left)}") from error


def state_of(plan: Plan, left: Collection[int]) -> str:
    """Say how far a sweep came and how to go on."""
    done = plan.chunks - len(left)
    return f"{done:,} of {plan.chunks:,} chunks are safe; the same command or call goes on from there"


# --- chunks ---------------------------------------------------------------------------------------------------------


def compute(plan: Plan, left: set[int], engine: Engine, folder: Folder, stop: Stop, progress: Progress | None) -> None:
    """Compute the chunks in `left` until asked to stop, and remove from it those that are finished."""

    def done(chunk: int) -> None:
        left.discard(chunk)
        if progress is not None:
            progress(runs_without(plan, left), plan.runs)

    if progress is not None:
        progress(runs_without(plan, left), plan.runs)
    drive(plan, sorted(left), engine, folder, stop, done)


def runs_without(plan: Plan, left: Collection[int]) -> int:
    """Return the runs of the finished chunks."""
    rows = sum(stop - start for start, stop in map(plan.rows_of, left))
    return (plan.rows - rows) * (plan.runs // plan.rows)


def file_of(chunk: int) -> str:
    """Return the name of a chunk's file."""
    return f"{RESULTS}/part-{chunk:06d}.parquet"


def drive(
    plan: Plan,
    chunks: Iterable[int],
    engine: Engine,
    folder: Folder,
    stop: Stop,
    done: Callable[[int], None],
) -> None:
    """Compute chunks and write their files; once `stop` says so, return when the chunks in progress are written.

    A chunk that fails is left out and the others continue, until a few have failed; then `Failures` is raised.
    """
    failed: dict[int, BaseException] = {}
    queue, failures = deque(chunks), Counter[int]()
    for chunk, future in finished(plan, queue, engine, stop):
        error = CancelledError("the cluster gave it up") if future.cancelled() else future.exception()
        if error is None:
            folder.keep(file_of(chunk), future.result())
            done(chunk)
            continue
        failures[chunk] += 1
        if failures[chunk] <= engine.retries:
            queue.append(chunk)
            continue
        failed[chunk] = error
        if len(failed) >= MOST_FAILURES:
            break
    if failed:
        chunk, error = next(iter(failed.items()))
        raise Failures(f"{len(failed)} chunk(s) failed; chunk {chunk}: {type(error).__name__}: {error}") from error


def finished(plan: Plan, queue: deque[int], engine: Engine, stop: Stop) -> Iterator[tuple[int, "Future[bytes]"]]:
    """Submit the chunks of a queue, a few ahead, and yield each when it is finished; the queue may grow."""
    waiting: dict[Future[bytes], int] = {}
    try:
        while True:
            most = AHEAD * max(1, engine.workers())  # with no worker left, chunks wait for new ones
            while not stop() and len(waiting) < most and queue:
                chunk = queue.popleft()
                waiting[engine.executor.submit(chunk_of, plan, chunk, engine.device)] = chunk
            if stop():
                waiting = {future: chunk for future, chunk in waiting.items() if not future.cancel()}
            if not waiting:
                return
            for future in wait(waiting, POLL, FIRST_COMPLETED).done:
                yield waiting.pop(future), future
    finally:
        for future in waiting:
            future.cancel()


# --- what cannot fit ------------------------------------------------------------------------------------------------


def check_fits(plan: Plan, folder: Folder, device: On, missing: float = 1.0) -> None:
    """Raise ValueError, with the estimate, for a sweep that cannot fit; `missing` is the share still to be computed."""
    needed, free = memory_of(plan, device), free_memory()
    if free is not None and needed > free:  # known before anything is compiled
        raise ValueError(
            f"does not fit: chunks of {plan.chunk:,} worlds on {cores()} processors need about "
            f"{size(needed)} of memory, and {size(free)} are free. Give a smaller --chunk"
        )
    disk = shutil.disk_usage(existing(folder.path)).free
    found = estimate(plan, device)
    if found.disk * missing > disk * SPARE:
        raise ValueError(f"does not fit: {found}; {size(disk)} of disk are free in {folder}")


def existing(path: Path) -> Path:
    """Return the nearest folder that exists."""
    while not path.is_dir():
        path = path.parent
    return path


# --- another sweep in the folder ------------------------------------------------------------------------------------


def check_same_sweep(folder: Folder, plan: Plan) -> str | None:
    """Check that a folder is empty or holds this very sweep; return what is damaged and will be repaired, if anything.

    ValueError, with the differences, if it holds another sweep.
    """
    try:
        held = read_manifest(folder)
    except Damaged:
        check_marks(folder, plan)
        return f"{MANIFEST} was damaged; it is rewritten, as the chunks carry the mark of this sweep"
    if held is None:
        check_marks(folder, plan)
        return None
    if held.plan.identity != plan.identity:
        found = list(differences(held.plan.described, plan.described))
        more = f" and {len(found) - MOST_SHOWN} more" if len(found) > MOST_SHOWN else ""
        shown = "; ".join(found[:MOST_SHOWN])
        raise ValueError(f"{folder} holds another sweep: {shown}{more}. Choose another folder; this one is unchanged")
    return None


def check_marks(folder: Folder, plan: Plan) -> None:
    """Without a manifest, check the mark of the sweep in every data file."""
    files = list((folder.path / RESULTS).glob("*.parquet"))
    others = [file for file in folder.path.glob("*") if file.name not in (MANIFEST, RESULTS, SUMS, DESIGN)]
    strange = [file for file in others if not file.name.startswith(".")]
    if strange:
        raise ValueError(f"{folder} is not empty and holds no sweep: it contains {strange[0].name}")
    for file in files:
        mark = marks_of(file, plan.most_bytes).get("realpolitik.sweep")
        if mark not in (None, plan.identity):
            raise ValueError(f"{folder} holds another sweep without a valid manifest: see {RESULTS}/{file.name}")


def differences(was: Any, now: Any, path: str = "") -> Iterator[str]:
    """Yield where two descriptions differ, as `path: was -> now`."""
    if isinstance(was, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*was, *now]):
            if key not in ("sha256", "chain", "extends", "settings") or path != ".scenario":
                yield from differences(was.get(key), now.get(key), f"{path}.{key}")
    elif isinstance(was, list) and isinstance(now, list) and len(was) == len(now):
        for n, (one, other) in enumerate(zip(was, now, strict=True)):
            yield from differences(one, other, f"{path}.{n + 1}")
    elif was != now:
        name = path.removeprefix(".scenario.document").removeprefix(".")
        yield f"{name}: {abbreviated(was)} -> {abbreviated(now)}"


def abbreviated(value: Any) -> str:
    """Return a value as one short text."""
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= 60 else text[:57] + "..."
