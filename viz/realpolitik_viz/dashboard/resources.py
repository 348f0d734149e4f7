"""Memory: results kept in a cache, a budget for large requests, and free memory returned to the system."""

import ctypes
import gc
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from realpolitik.costs import free_memory

T = TypeVar("T")
MOST_CACHED = 96
MOST_CACHED_TEXT = 2**26
"""Results in the cache, and their characters; most results have about a hundred thousand."""
SMALL = 2**29
"""Bytes for which no request has to wait."""
POLL = 0.2
"""Seconds between checks whether a waiting request was cancelled."""
ARENA_MAX, ARENAS = -8, 2
"""M_ARENA_MAX of glibc's mallopt, and the arenas that the dashboard's many, mostly idle threads share."""


class Cache:
    """Keeps the results that were used last; thread-safe."""

    def __init__(self, most: int = MOST_CACHED, most_text: int = MOST_CACHED_TEXT) -> None:
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._most, self._most_text = most, most_text
        self._text = 0
        """Characters of the texts that are kept."""
        self._lock = threading.Lock()

    def get(self, key: Any, make: Callable[[], T]) -> T:
        """Return the result of a key; call `make` if it is not in the cache."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._text += characters(made) - characters(self._kept.pop(key, None))
            self._kept[key] = made
            while len(self._kept) > self._most or (self._text > self._most_text and len(self._kept) > 1):
                self._text -= characters(self._kept.popitem(last=False)[1])
        return made


def characters(kept: Any) -> int:
    """Return the length of a text; other results are few, and count as nothing."""
    return len(kept) if isinstance(kept, str) else 0


class Budget:
    """Memory for large requests: requests that do not fit together run one after the other."""

    def __init__(self, most: float) -> None:
        self._most = most
        self._reserved: list[float] = []
        self._changed = threading.Condition()

    @contextmanager
    def reserve(self, needed: float, check: Callable[[], None]) -> Iterator[None]:
        """Reserve bytes while a request runs; `check` raises if the request is cancelled while it waits."""
        with self._changed:
            while needed > SMALL and self._reserved and sum(self._reserved) + needed > self._most:
                self._changed.wait(POLL)
                check()
            self._reserved.append(needed)
        try:
            yield
        finally:
            with self._changed:
                self._reserved.remove(needed)
                self._changed.notify_all()


RESULTS = Cache()
"""Results of all sessions, as JSON."""
SCENARIOS = Cache(32)
"""Scenarios with the changes of a view."""
BUDGET = Budget(0.7 * (free_memory() or 2**33))


def limit_arenas() -> None:
    """Let all threads allocate from a few arenas, where the C library supports it; less memory is fragmented."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS)


def release_memory() -> None:
    """Return free memory to the system, where the C library supports it."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
