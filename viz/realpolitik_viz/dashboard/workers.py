"""Worker threads that all users share fairly, and one running request per session."""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor, Future
from concurrent.futures import TimeoutError as Late
from typing import Any, ParamSpec, TypeVar
from weakref import WeakValueDictionary

from realpolitik.costs import cores
from realpolitik_viz.dashboard.resources import POLL

P = ParamSpec("P")
T = TypeVar("T")
Work = Callable[["Request"], None]
Report = Callable[[str], None]

CORES = cores()
MOST_QUEUED = 512
"""Tasks that one user can have in the queue."""
SLOW = 1.5
"""Seconds from which the progress of a request is shown."""
LONG_AT_ONCE = 4
"""Long tasks that run at once, each of another user; they cannot be split."""
SORRY = "Something went wrong while computing this. The server's log says more; other views still work."
BUSY = "Too many tasks of yours are running; wait for them, or close other pages of this dashboard."


class Cancelled(Exception):
    """The result is no longer needed."""


class UserQueue(Executor):
    """The tasks of one user, as an executor."""

    def __init__(self, workers: "Workers") -> None:
        self._workers = workers
        self.waiting: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self.running = 0
        self.used = 0.0
        """Seconds computed for this user; a new user starts at the least of the others."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Queue a task; RuntimeError if this user has too many."""
        future: Future[T] = Future()
        self._workers.add(self, future, lambda: fn(*args, **kwargs))
        return future


class Workers:
    """Threads that serve the user with the fewest running tasks, and among these the one with the least time used."""

    def __init__(self, threads: int, name: str, each: int | None = None) -> None:
        self._threads, self._name, self._each = threads, name, each or threads
        self._ready = threading.Condition()
        self._active: list[UserQueue] = []
        """Queues with a waiting or running task."""
        self._queues: WeakValueDictionary[str, UserQueue] = WeakValueDictionary()
        self._started = False

    def queue_of(self, user: str) -> UserQueue:
        """Return the queue of a user; all sessions of one browser share it."""
        with self._ready:
            queue = self._queues.get(user)
            if queue is None:
                queue = self._queues[user] = UserQueue(self)
            return queue

    def add(self, queue: UserQueue, future: "Future[Any]", work: Callable[[], Any]) -> None:
        """Add a task to a queue."""
        with self._ready:
            if len(queue.waiting) >= MOST_QUEUED:
                raise RuntimeError(BUSY)
            if queue not in self._active:
                queue.used = max(queue.used, min((one.used for one in self._active), default=0.0))
                self._active.append(queue)
            queue.waiting.append((future, work))
            self._ready.notify()
        self.start()

    def start(self) -> None:
        """Start the threads, once."""
        with self._ready:
            started, self._started = self._started, True
        for n in range(0 if started else self._threads):
            threading.Thread(target=self._work, name=f"{self._name}-{n}", daemon=True).start()

    def _next(self) -> tuple[UserQueue, "Future[Any]", Callable[[], Any]]:
        with self._ready:
            while True:
                ready = [queue for queue in self._active if queue.waiting and queue.running < self._each]
                if ready:
                    queue = min(ready, key=lambda one: (one.running, one.used))
                    queue.running += 1
                    return queue, *queue.waiting.popleft()
                self._ready.wait()

    def _work(self) -> None:
        while True:
            queue, future, work = self._next()
            start = time.monotonic()
            try:
                if future.set_running_or_notify_cancel():
                    settle(future, work)
            finally:
                del future, work
                self._done(queue, time.monotonic() - start)

    def _done(self, queue: UserQueue, seconds: float) -> None:
        with self._ready:
            queue.running -= 1
            queue.used += seconds
            if not queue.waiting and not queue.running:
                self._active.remove(queue)
            self._ready.notify()


def settle(future: "Future[T]", work: Callable[[], T]) -> None:
    """Run a task and set its result or exception."""
    try:
        result = work()
    except BaseException as error:
        future.set_exception(error)
    else:
        future.set_result(result)


CHUNKS = Workers(CORES, "chunks")
"""For ensembles, which run in chunks of a fraction of a second."""
LONG = Workers(LONG_AT_ONCE, "long", each=1)
"""For tasks that cannot be split: accounts, flips, sensitivities. Chunks never wait for them."""


class Request:
    """One request of a session, cancelled when a later one comes."""

    def __init__(self, runner: "RequestRunner", number: int) -> None:
        self._runner = runner
        self._number = number
        self._thread, self._start = threading.get_ident(), time.monotonic()
        self._share, self._shown = 0.0, ""
        self.executor = CHUNKS.queue_of(runner.user)
        """Runs the ensembles of this request."""

    @property
    def cancelled(self) -> bool:
        """Whether the result is no longer needed."""
        return self._runner.number != self._number

    def check(self, done: int = 0, total: int = 0) -> None:
        """Raise `Cancelled` if the result is no longer needed, and show progress; called between chunks and months."""
        if self.cancelled:
            raise Cancelled
        if total:
            self._share = done / total
        if threading.get_ident() == self._thread:
            self._show()

    def _show(self) -> None:
        """Show the progress of a request that takes long; other threads cannot change what the page shows."""
        slow = time.monotonic() - self._start > SLOW and 0 < self._share < 1
        text = f"{self._share:.0%}" if slow else ""
        if text != self._shown:
            self._shown = text
            self._runner.show_progress(text)

    def run_long(self, work: Callable[[], T]) -> T:
        """Run a task that cannot be split on a long worker; `Cancelled` if its result is no longer needed."""
        future = LONG.queue_of(self._runner.user).submit(work)
        while True:
            try:
                return future.result(POLL)
            except Late:
                if future.done():
                    return future.result()
                if self.cancelled:
                    future.cancel()
                    raise Cancelled from None
                self._show()

    def pause(self, seconds: float) -> None:
        """Leave the processor to the browser, which paints what was sent."""
        self.check()
        time.sleep(seconds)


class RequestRunner:
    """Runs one request at a time; a waiting request is replaced by a later one."""

    def __init__(
        self, set_busy: Callable[[bool], None], report: Report, user: str = "", show_progress: Report | None = None
    ) -> None:
        self.number = 0
        self.show_progress = show_progress or ignore
        self.user = user
        self._set_busy = set_busy
        self._report = report
        self._waiting: tuple[Work, int] | None = None
        self._working = False
        self._lock = threading.Lock()
        self._shown = False
        """What `set_busy` was called with last."""
        self._showing = threading.Lock()

    @property
    def working(self) -> bool:
        """Whether a request is running."""
        return self._working

    def submit(self, work: Work) -> None:
        """Run a request next, and cancel earlier ones."""
        with self._lock:
            self.number += 1
            self._waiting = (work, self.number)
            if self._working:
                return
            self._working = True
        threading.Thread(target=self._run, daemon=True).start()

    def cancel(self) -> None:
        """Drop a waiting request, and cancel a running one."""
        with self._lock:
            self.number += 1
            self._waiting = None

    def _next(self) -> tuple[Work, int] | None:
        with self._lock:
            taken, self._waiting = self._waiting, None
            self._working = taken is not None
            return taken

    def _run(self) -> None:
        self._show_busy()
        while (taken := self._next()) is not None:
            self._run_one(*taken)
        self._show_busy()

    def _show_busy(self) -> None:
        """Show whether a request is running: one thread at a time, which looks again after it, so none has to wait."""
        while self._shown != self._working and self._showing.acquire(blocking=False):
            try:
                self._shown = self._working
                self._set_busy(self._shown)
            finally:
                self._showing.release()

    def _run_one(self, work: Work, number: int) -> None:
        request = Request(self, number)
        try:
            request.check()
            work(request)
        except Cancelled:
            return
        except Exception as error:
            message = message_of(error)
            if not request.cancelled:
                self._report(message)
        finally:
            self.show_progress("")


def message_of(error: Exception) -> str:
    """Return the message of an error; an unexpected error is also logged."""
    if isinstance(error, MemoryError):
        return str(error) or "There is not enough memory for this; use fewer worlds."
    if isinstance(error, ValueError | KeyError | OSError | RuntimeError):
        return str(error)
    logging.getLogger(__name__).error("a request failed", exc_info=error)
    return SORRY


def ignore(*_: Any) -> None:
    """Do nothing."""
