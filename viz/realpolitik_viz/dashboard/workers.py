"""A fixed number of worker threads, shared fairly between readers, and one slot of work per session."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as Late
from contextlib import contextmanager
from os import cpu_count
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from realpolitik.costs import free_memory

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[["Turn"], None]
Tell = Callable[[str], None]

CORES = cpu_count() or 1
MOST_QUEUED = 512
"""Tasks that one reader may have in the queue."""
LONG_AT_ONCE = 4
"""Long tasks, which cannot be split, that run at once; each is of another reader."""
LOOK = 0.2
"""Seconds between checks whether a result is still wanted."""
SORRY = "Something went wrong while computing this. The server's log says more; other views still work."
BUSY = "Too much is running for you already; wait for it, or close other pages of this dashboard."


class Over(Exception):
    """The result is no longer wanted."""


class Lane(Executor):
    """The queue of one reader, as an executor."""

    def __init__(self, workers: "Workers") -> None:
        self._workers = workers
        self.queue: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.running = 0
        self.used = 0.0
        """Seconds computed for this reader; a new reader starts at the least of the others."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue a task; RuntimeError if this reader has too many."""
        future: Future[T] = Future()
        self._workers.take(self, future, lambda: fn(*args, **kwargs))
        return future


class Workers:
    """Threads that serve the reader with the fewest running tasks first, then the one with the least time used."""

    def __init__(self, threads: int, name: str, each: int | None = None) -> None:
        self._threads, self._name, self._each = threads, name, each or threads
        self._ready = threading.Condition()
        self._lanes: list[Lane] = []
        """Lanes in which something waits or runs."""
        self._readers: WeakValueDictionary[str, Lane] = WeakValueDictionary()
        self._started = False

    def lane(self, reader: str) -> Lane:
        """Return the lane of a reader; all sessions of one browser share it."""
        with self._ready:
            lane = self._readers.get(reader)
            if lane is None:
                lane = self._readers[reader] = Lane(self)
            return lane

    def take(self, lane: Lane, future: "Future[Any]", work: Callable[[], Any]) -> None:
        """Add a task to a lane."""
        with self._ready:
            if len(lane.queue) >= MOST_QUEUED:
                raise RuntimeError(BUSY)
            if lane not in self._lanes:
                lane.used = max(lane.used, min((one.used for one in self._lanes), default=0.0))
                self._lanes.append(lane)
            lane.queue.append((future, work))
            self._ready.notify()
        self.start()

    def start(self) -> None:
        """Start the threads, if they have not been."""
        with self._ready:
            started, self._started = self._started, True
        for n in range(0 if started else self._threads):
            threading.Thread(target=self._work, name=f"{self._name}-{n}", daemon=True).start()

    def _next(self) -> tuple[Lane, "Future[Any]", Callable[[], Any]]:
        with self._ready:
            while True:
                fit = [lane for lane in self._lanes if lane.queue and lane.running < self._each]
                if fit:
                    lane = min(fit, key=lambda one: (one.running, one.used))
                    lane.running += 1
                    return lane, *lane.queue.popleft()
                self._ready.wait()

    def _work(self) -> None:
        while True:
            lane, future, work = self._next()
            began = time.monotonic()
            try:
                if future.set_running_or_notify_cancel():
                    settle(future, work)
            finally:
                del future, work
                self._done(lane, time.monotonic() - began)

    def _done(self, lane: Lane, seconds: float) -> None:
        with self._ready:
            lane.running -= 1
            lane.used += seconds
            if not lane.queue and not lane.running:
                self._lanes.remove(lane)
            self._ready.notify()


def settle(future: "Future[T]", work: Callable[[], T]) -> None:
    """Run a task and set its result or exception."""
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


class Room:
    """Memory for large requests: those that do not fit together run one after the other."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._held: list[float] = []
        self._changed = threading.Condition()

    @contextmanager
    def held(self, needed: float, turn: "Turn") -> Iterator[None]:
        """Reserve memory while a request runs; a small request does not wait."""
        with self._changed:
            while needed > SMALL and self._held and sum(self._held) + needed > self._most:
                self._changed.wait(LOOK)
                turn.look()
            self._held.append(needed)
        try:
            yield
        finally:
            with self._changed:
                self._held.remove(needed)
                self._changed.notify_all()


SMALL = 2**29
"""Bytes for which no request has to wait."""
ROOM = Room(0.7 * (free_memory() or 2**33))
CHUNKS = Workers(CORES, "chunks")
"""For ensembles, which come in chunks of a fraction of a second."""
LONG = Workers(LONG_AT_ONCE, "long", each=1)
"""For tasks that cannot be split: accounts, flips, sensitivities. Chunks never wait for them."""


class Turn:
    """One request's turn in the slot of a session."""

    def __init__(self, slot: "Slot", number: int) -> None:
        self._slot = slot
        self._number = number
        self.chunks = CHUNKS.lane(slot.reader)
        """The executor for the ensembles of this request."""

    @property
    def over(self) -> bool:
        """Whether a later request has come, so that nobody waits for this one."""
        return self._slot.number != self._number

    def look(self, *_: Any) -> None:
        """Raise `Over` if the result is no longer wanted; ensembles call it between chunks."""
        if self.over:
            raise Over

    def long(self, work: Callable[[], T]) -> T:
        """Run a task that cannot be split when it is this reader's turn; `Over` if it is no longer wanted."""
        future = LONG.lane(self._slot.reader).submit(work)
        while True:
            try:
                return future.result(LOOK)
            except Late:
                if future.done():
                    raise
                if self.over:
                    future.cancel()
                    raise Over from None

    def pause(self, seconds: float) -> None:
        """Leave the processor to what is being sent and painted, unless nobody waits any more."""
        if not self.over:
            time.sleep(seconds)


class Slot:
    """Works on one request at a time; a request that waits is dropped when a later one comes."""

    def __init__(self, busy: Callable[[bool], None], problem: Tell, reader: str = "") -> None:
        self.number = 0
        self.reader = reader
        self._busy = busy
        self._problem = problem
        self._waiting: tuple[Work, int] | None = None
        self._working = False
        self._lock = threading.Lock()

    @property
    def working(self) -> bool:
        """Whether a request is under way."""
        return self._working

    def ask(self, work: Work) -> None:
        """Hand in a request."""
        with self._lock:
            self.number += 1
            self._waiting = (work, self.number)
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        """Drop whatever waits, and let what is under way know that nobody does."""
        with self._lock:
            self.number += 1
            self._waiting = None

    def _next(self) -> tuple[Work, int] | None:
        with self._lock:
            taken, self._waiting = self._waiting, None
            self._working = taken is not None
            return taken

    def _run(self) -> None:
        self._busy(True)
        while (taken := self._next()) is not None:
            self._turn(*taken)
        self._busy(self._working)

    def _turn(self, work: Work, number: int) -> None:
        turn = Turn(self, number)
        try:
            turn.look()
            work(turn)
        except Over:
            return
        except Exception as error:
            self._tell(turn, problem_of(error))

    def _tell(self, turn: Turn, problem: str) -> None:
        if not turn.over:
            self._problem(problem)


def problem_of(error: Exception) -> str:
    """Return the message for an error; an unexpected one is also logged."""
    if isinstance(error, MemoryError):
        return str(error) or "There is not enough memory for this; ask for fewer worlds."
    if isinstance(error, ValueError | KeyError | OSError | RuntimeError):
        return str(error)
    logging.getLogger(__name__).error("a request failed", exc_info=error)
    return SORRY


def quiet(*_: Any) -> None:
    """Say nothing."""
