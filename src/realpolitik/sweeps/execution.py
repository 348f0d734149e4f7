"""Where chunks are computed: threads of this machine, or a Dask cluster; both are executors to the driver.

Threads, for they start at once, share one copy of the compiled code, and none outlives a killed driver; the kernels
release the GIL. Measured on two busy cores: a run cost 6 to 24% more processor time on two threads than on one. Two
spawned processes ran about a quarter faster than two threads once warm, but took 18 s to get there.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

CONNECT = 20
"""Seconds to wait for a scheduler."""


class Engine(NamedTuple):
    """An executor, and how many chunks it computes at once."""

    executor: Executor
    workers: int


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def threads(workers: int | None) -> Iterator[Engine]:
    """Use threads of this process."""
    count = workers if workers is not None else processors()
    if not 1 <= count <= 1024:
        raise ValueError(f"workers must be 1 to 1024, not {count}")
    with ThreadPoolExecutor(count, thread_name_prefix="sweep") as pool:
        yield Engine(pool, count)


@contextmanager
def cluster(address: str) -> Iterator[Engine]:
    """Use the workers of a Dask scheduler, who may come and go."""
    try:
        from distributed import Client
    except ImportError:
        raise RuntimeError("--scheduler needs Dask: pip install 'realpolitik[cluster]'") from None
    try:
        client = cast(Any, Client)(address, timeout=CONNECT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise RuntimeError(f"no scheduler answers at {address}: {error}") from None
    with client:
        count = sum(client.nthreads().values())
        if count == 0:
            raise RuntimeError(
                f"the scheduler at {address} has no workers yet: start some with `dask worker {address}`"
            )
        yield Engine(client.get_executor(pure=False), count)


@contextmanager
def engine_of(workers: int | None, scheduler: str | None, executor: Executor | None) -> Iterator[Engine]:
    """Choose where the chunks are computed."""
    if executor is not None:
        yield Engine(executor, workers or os.cpu_count() or 1)
        return
    with cluster(scheduler) if scheduler is not None else threads(workers) as engine:
        yield engine
