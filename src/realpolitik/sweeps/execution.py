"""Where chunks are computed (threads of this process, or a Dask cluster), and how that is stopped.

Threads are the default: they start at once, share one copy of the compiled code, and none outlives a killed driver; the
kernels release the GIL. Processes gain nothing: docs/howto/cluster.md has the measurement.
"""

import logging
import os
import re
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Any, NamedTuple, cast

from realpolitik.choices import On
from realpolitik.costs import cores

MOST_WORKERS = 1_024
ADDRESS = re.compile(
    r"(?:(?:tcp|tls|ws|wss|ucx|ucxx)://)?(?:\[(?P<ip>[0-9A-Fa-f:.%]+)\]|(?P<host>[\w.-]{1,253})):(?P<port>[0-9]{1,5})/?",
    re.ASCII,
)
CONNECT = 20
"""Seconds to wait for a scheduler."""
LOGGERS = ("distributed", "distributed.client", "tornado.application", "asyncio")
SIGNALS = (signal.SIGINT, signal.SIGTERM)
STOPPING = "stopping after the chunks in progress; a second signal stops at once, and finished chunks are kept"

Stop = Callable[[], int]
"""Called between chunks and a few times per second; anything but 0 or False stops the sweep."""


class Engine(NamedTuple):
    """An executor, and how many chunks it can compute at once, which may change."""

    executor: Executor
    workers: Callable[[], int]
    device: On = "cpu"
    """Where each chunk is played: by its name, as a worker may be on another machine."""
    made_on: str = "cpu"
    """The same, for the manifest: a GPU of this machine by its model."""
    retries: int = 0
    """How often a chunk that failed is computed again. Dask's executor reports an error of its own, about unpacking,
    for a result that was received just when its worker was lost."""


def check_engine(workers: int | None, scheduler: str | None) -> None:
    """Raise ValueError for an invalid number of threads or address, before anything is computed."""
    if workers is not None and not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"workers must be 1 to {MOST_WORKERS:,}, not {workers}")
    if scheduler is not None:
        check_address(scheduler)


def check_address(address: str) -> None:
    """Raise ValueError if an address is malformed or its host is unknown."""
    if address.startswith("inproc://"):  # a scheduler in this process
        return
    found = ADDRESS.fullmatch(address)
    if not found or not 1 <= int(found["port"]) <= 65_535:
        raise ValueError(f"{address[:200]!r} is not the address of a scheduler; write it as tcp://127.0.0.1:8786")
    try:
        socket.getaddrinfo(found["ip"] or found["host"], int(found["port"]))
    except (OSError, UnicodeError) as error:
        raise ValueError(f"no scheduler answers at {address}: {getattr(error, 'strerror', None) or error}") from None


@contextmanager
def engine_of(
    workers: int | None, scheduler: str | None, executor: Executor | None, device: On, made_on: str
) -> Iterator[Engine]:
    """Choose where the chunks are computed."""
    if executor is not None:
        count = workers or cores()
        yield Engine(executor, lambda: count, device, made_on)
        return
    with cluster(scheduler) if scheduler is not None else threads(workers) as engine:
        yield engine._replace(device=device, made_on=made_on)


@contextmanager
def threads(workers: int | None) -> Iterator[Engine]:
    """Use threads of this process."""
    count = workers if workers is not None else cores()
    pool = ThreadPoolExecutor(count, thread_name_prefix="sweep")
    try:
        yield Engine(pool, lambda: count)
    except KeyboardInterrupt:
        pool.shutdown(wait=False, cancel_futures=True)  # chunks in progress may take long; they write nothing
        raise
    except BaseException:
        pool.shutdown()
        raise
    pool.shutdown()


@contextmanager
def cluster(address: str) -> Iterator[Engine]:
    """Use the workers of a Dask scheduler, which may join and leave."""
    try:
        from distributed import Client
    except ImportError:
        raise RuntimeError("--scheduler needs Dask (install realpolitik with its extra 'cluster')") from None
    with quiet(), connected(cast(Any, Client), address) as client:

        def count() -> int:
            return sum(client.nthreads().values())

        if count() == 0:
            raise RuntimeError(
                f"the scheduler at {address} has no workers yet: start some with `dask worker {address}`"
            )
        yield Engine(client.get_executor(pure=False), count, retries=1)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Dask's tracebacks out of the log: the loss of a scheduler is reported in one line."""
    loggers = [logging.getLogger(name) for name in LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def connected(client: Callable[..., Any], address: str) -> Any:
    """Connect to a scheduler; any failure, of a dozen kinds, is a RuntimeError of one line."""
    import asyncio

    try:
        if not address.startswith("inproc://"):
            with ThreadPoolExecutor(1) as pool:  # a notebook runs an event loop in this thread
                pool.submit(asyncio.run, identity(address)).result()
        return client(address, timeout=CONNECT, set_as_default=False)
    except Exception as error:
        late = f"no answer in {CONNECT} seconds" if isinstance(error, TimeoutError) else type(error).__name__
        why = str(error).splitlines()[0] if str(error) else late
        raise RuntimeError(f"no scheduler answers at {address}: {why}") from None


async def identity(address: str) -> None:
    """Request a scheduler's identity; a client would wait without end on a server of another kind."""
    import asyncio

    from distributed import Security, rpc

    arguments = cast(Any, Security)().get_connection_args("client")
    async with asyncio.timeout(CONNECT):
        async with cast(Any, rpc)(address, timeout=CONNECT, connection_args=arguments) as scheduler:
            await scheduler.identity()


# --- stopping -------------------------------------------------------------------------------------------------------


class Stopped(KeyboardInterrupt):
    """A sweep was stopped; finished chunks are kept. A KeyboardInterrupt, which `except Exception` does not catch."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__(message)
        self.number = number
        """What `stop` returned; on the command line, the number of the signal."""

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass
class Signalled:
    """The signal received, whether the sweep has polled for it, and whether the user has been notified."""

    number: int = 0
    polled: bool = False
    notified: bool = False


@contextmanager
def stoppable(notice: Callable[[str], None]) -> Iterator[Stop]:
    """Let the first SIGINT or SIGTERM stop a sweep and a second one the process; for programs that own their process.

    Yields the `stop` of a sweep: it returns the number of the signal, 0 before there is one, and calls `notice` once.
    Before the sweep has called it there is nothing to finish, and the first signal raises `Stopped` at once.
    """
    state = Signalled()

    def handle(number: int, _frame: FrameType | None) -> None:
        if state.number:
            os._exit(128 + number)
        state.number = number
        if not state.polled:
            raise Stopped(number, "stopped before the first chunk")

    def stop() -> int:
        state.polled = True
        if state.number and not state.notified:
            state.notified = True
            notice(STOPPING)
        return state.number

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = {number: signal.signal(number, handle) for number in SIGNALS}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
