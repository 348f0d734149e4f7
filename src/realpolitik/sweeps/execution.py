"""Where chunks are computed: threads of this machine, or a Dask cluster; both are executors to the driver.

Threads, for they start at once, share one copy of the compiled code, and none outlives a killed driver; the kernels
release the GIL. Processes would gain nothing: the same chunks (65,536 runs) by turns, five rounds, cost two threads
1.02 times the processor time of two spawned processes already warm (0.86 to 1.15), and 1.05 times that of one thread
(1.01 to 1.32). Starting the processes cost about 7 s of processor time more. Measured on two cores with a load of 5 to
8, so that wall times say little: threads took 0.76 of the processes' (0.55 to 1.36).
"""

import asyncio
import logging
import os
import re
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NamedTuple, cast

MOST_WORKERS = 1_024
ADDRESS = re.compile(
    r"(?:(?:tcp|tls|ws|wss|ucx|ucxx)://)?(?:\[(?P<ip>[0-9A-Fa-f:.%]+)\]|(?P<host>[\w.-]{1,253})):(?P<port>[0-9]{1,5})/?",
    re.ASCII,
)
CONNECT = 20
"""Seconds to wait for a scheduler."""
LOGGERS = ("distributed", "distributed.client", "tornado.application", "asyncio")


class Engine(NamedTuple):
    """An executor, and how many chunks it can compute at once, which may change."""

    executor: Executor
    workers: Callable[[], int]


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def check_engine(workers: int | None, scheduler: str | None) -> None:
    """Refuse a number of threads or an address that cannot be, before anything is computed."""
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"workers must be 1 to {MOST_WORKERS:,}, not {workers}")
    if scheduler is not None:
        check_address(scheduler)


def check_address(address: str) -> None:
    """Refuse what is no address of a scheduler, or names a host that is not there."""
    if address.startswith("inproc://"):  # a scheduler of this very process
        return
    found = ADDRESS.fullmatch(address)
    if not found or not 1 <= int(found["port"]) <= 65_535:
        raise ValueError(f"{address[:200]!r} is no address of a scheduler; write it as tcp://127.0.0.1:8786")
    try:
        socket.getaddrinfo(found["ip"] or found["host"], int(found["port"]))
    except (OSError, UnicodeError) as error:
        raise ValueError(f"no scheduler answers at {address}: {getattr(error, 'strerror', None) or error}") from None


@contextmanager
def threads(workers: int | None) -> Iterator[Engine]:
    """Use threads of this process."""
    count = workers if workers is not None else processors()
    pool = ThreadPoolExecutor(count, thread_name_prefix="sweep")
    try:
        yield Engine(pool, lambda: count)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)  # the chunks at hand may take long; they write nothing
        raise
    except BaseException:
        pool.shutdown()
        raise
    pool.shutdown()


@contextmanager
def quiet() -> Iterator[None]:
    """Keep tracebacks of Dask out of the log: what a lost scheduler means for a sweep is said in one line."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def cluster(address: str) -> Iterator[Engine]:
    """Use the workers of a Dask scheduler, who may come and go."""
    try:
        from distributed import Client
    except ImportError:
        raise RuntimeError("--scheduler needs Dask: pip install 'realpolitik[cluster]'") from None
    with quiet(), connected(cast(Any, Client), address) as client:

        def count() -> int:
            return sum(client.nthreads().values())

        if count() == 0:
            raise RuntimeError(
                f"the scheduler at {address} has no workers yet: start some with `dask worker {address}`"
            )
        yield Engine(client.get_executor(pure=False), count)


def connected(client: Callable[..., Any], address: str) -> Any:
    """Connect to a scheduler; whatever is wrong with it, a dozen kinds of error, is said in one line."""
    try:
        if not address.startswith("inproc://"):
            with ThreadPoolExecutor(1) as pool:  # a notebook has an event loop in its own thread
                pool.submit(asyncio.run, identity(address)).result()
        return client(address, timeout=CONNECT, set_as_default=False)
    except Exception as error:
        late = f"no answer in {CONNECT} seconds" if isinstance(error, TimeoutError) else type(error).__name__
        why = str(error).splitlines()[0] if str(error) else late
        raise RuntimeError(f"no scheduler answers at {address}: {why}") from None


async def identity(address: str) -> None:
    """Ask a scheduler who it is; a client would wait for ever on a server of another kind that answers."""
    from distributed import Security, rpc

    arguments = cast(Any, Security)().get_connection_args("client")
    async with asyncio.timeout(CONNECT):
        async with cast(Any, rpc)(address, timeout=CONNECT, connection_args=arguments) as scheduler:
            await scheduler.identity()


@contextmanager
def engine_of(workers: int | None, scheduler: str | None, executor: Executor | None) -> Iterator[Engine]:
    """Choose where the chunks are computed."""
    if executor is not None:
        count = workers or os.cpu_count() or 1
        yield Engine(executor, lambda: count)
        return
    with cluster(scheduler) if scheduler is not None else threads(workers) as engine:
        yield engine
