"""Drives the chunks of a sweep through an executor, and writes each as it comes; the only writer is here."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait

from realpolitik.sweeps.execution import Engine
from realpolitik.sweeps.folder import RESULTS, Folder
from realpolitik.sweeps.plan import Plan
from realpolitik.sweeps.work import chunk_of

AHEAD = 2
"""Chunks a worker that are handed out, so that none waits while the driver writes."""
MOST_FAILURES = 3
PATIENCE = 0.2
"""Seconds between looks at whether to stop."""

Progress = Callable[[int, int], None]
"""Called with the runs done and the runs asked for."""


class Failures(RuntimeError):
    """Chunks that no worker could compute; the others are done."""


def file_of(chunk: int) -> str:
    """Name the file of a chunk."""
    return f"{RESULTS}/part-{chunk:06d}.parquet"


def drive(
    plan: Plan,
    chunks: Iterable[int],
    engine: Engine,
    folder: Folder,
    stop: Callable[[], int],
    done: Callable[[int], None],
) -> None:
    """Compute chunks and keep their files; returns early once `stop` says so and the chunks at hand are kept.

    A chunk that fails is left out and the others go on, until a few have failed; then `Failures`.
    """
    failed: dict[int, BaseException] = {}
    for chunk, future in finished(plan, iter(chunks), engine, stop):
        error = CancelledError("the cluster gave it up") if future.cancelled() else future.exception()
        if error is None:
            folder.keep(file_of(chunk), future.result())
            done(chunk)
            continue
        failed[chunk] = error
        if len(failed) >= MOST_FAILURES:
            break
    if failed:
        chunk, error = next(iter(failed.items()))
        raise Failures(f"{len(failed)} chunk(s) failed; chunk {chunk}: {type(error).__name__}: {error}") from error


def finished(
    plan: Plan, chunks: Iterator[int], engine: Engine, stop: Callable[[], int]
) -> Iterator[tuple[int, "Future[bytes]"]]:
    """Hand out chunks, a few ahead, and yield each as it is finished."""
    waiting: dict[Future[bytes], int] = {}
    try:
        while True:
            most = AHEAD * max(1, engine.workers())  # with none left, chunks wait for others to come
            while not stop() and len(waiting) < most and (chunk := next(chunks, None)) is not None:
                waiting[engine.executor.submit(chunk_of, plan, chunk)] = chunk
            if stop():
                waiting = {future: chunk for future, chunk in waiting.items() if not future.cancel()}
            if not waiting:
                return
            for future in wait(waiting, PATIENCE, FIRST_COMPLETED).done:
                yield waiting.pop(future), future
    finally:
        for future in waiting:
            future.cancel()
