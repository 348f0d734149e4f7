"""How kernels are compiled: strict IEEE arithmetic, cached on disk, free of the GIL."""

import contextlib
import functools
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from importlib.resources import files
from typing import Any, NamedTuple, TypeVar, cast

import numba

from realpolitik_model.engine import cache
from realpolitik_model.engine.native import CHECKED, LANES, OPTIONS, THREADED

F = TypeVar("F", bound=Callable[..., Any])

SOURCES = ("equations", "engine")
"""Packages whose text decides what is compiled."""
MOST_KERNELS = 1_000
config: Any = numba.config  # its settings are made at run time, unseen by type checkers


def _digest() -> str:
    """Return one hash of every kernel's source: numba's own stamp sees one file per function."""
    package = files("realpolitik_model")
    modules = [module for name in SOURCES for module in (package / name).iterdir() if module.name.endswith(".py")]
    sources = [module.read_bytes() for module in sorted(modules, key=str)]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()


DIGEST = _digest()
BUILD = f"{DIGEST[:16]}-{numba.__version__}-{LANES}{'-checked' if CHECKED else ''}"
"""What compiled kernels depend on, besides the processor and Python, which numba checks itself."""
FOLDER = None if THREADED else cache.open_cache(BUILD, config.CACHE_DIR)
"""Where compiled kernels are kept. Those of the threaded build are not: their text is all that is used of them."""


def kernel(function: F) -> F:
    """Compile `function` as a part of other kernels.

    The compiled code is cached under the digest of all sources: an edit in one module recompiles callers in another,
    and no version reads what another left.
    """
    return _cached(function)


def section(function: F) -> F:
    """Compile `function` as a part of other kernels that stays one: it takes and returns no vectors."""
    return _cached(function, forceinline=False)


def inlined(function: F) -> F:
    """Let numba copy `function` into the kernels that call it, and compile it only there.

    For functions that hold much code and are called once or twice: compiled by itself, all of that code would be
    optimised once more at each level of calls.
    """
    return _cached(function, inline="always")


def _cached(function: F, **options: Any) -> F:
    own, config.CACHE_DIR = config.CACHE_DIR, str(FOLDER or "")
    try:
        compiled = numba.njit(cache=FOLDER is not None, **OPTIONS | options)(function)
    finally:
        config.CACHE_DIR = own
    return cast(F, compiled)


def uncached(function: F) -> F:
    """Compile a function that is made at run time as a part of kernels, which are cached themselves."""
    return cast(F, numba.njit(**OPTIONS)(function))


def entry(function: F) -> F:
    """Compile `function` as a kernel that Python calls; no other kernel may call it.

    What is compiled on a call is sealed in the cache. If it cannot be written there, the call goes on without.
    """
    compiled: Any = kernel(function)
    jitted = hasattr(compiled, "overloads")  # not without a compiler
    known: Any = compiled.overloads if jitted else ()

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        count = len(known)
        with FIRST_CALLS.during(compiled) if jitted and not count else contextlib.nullcontext():
            try:
                result = compiled(*arguments)
            except OSError as error:
                cache.cannot_write(FOLDER, error)
                result = _without_writing(compiled, arguments)
        if len(known) > count:
            cache.seal(FOLDER)
        return result

    return cast(F, call)


def _without_writing(compiled: Any, arguments: tuple[Any, ...]) -> Any:
    """Call a kernel again after each failure to write a kernel that it needs: by then that one is in memory."""
    for _ in range(MOST_KERNELS):
        with contextlib.suppress(OSError):
            return compiled(*arguments)
    raise RuntimeError("kernels can neither be cached nor compiled")


class Compilation(NamedTuple):
    """The first call of a kernel, which compiles it and all that it calls, or loads them from the cache."""

    seconds: float
    """How long it has taken so far."""
    done: int
    """Functions that are compiled."""
    functions: int
    """All functions of the kernel."""


class FirstCalls:
    """Which kernels are called for the first time, and how long such calls took."""

    def __init__(self) -> None:
        self.under_way: dict[Any, float] = {}
        """Kernels, and when their first calls began."""
        self.seconds = 0.0
        """Total time of finished first calls; of those that overlapped, from the first start to the last end."""
        self._since = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def during(self, compiled: Any) -> Iterator[None]:
        """Count a call as a first one; another thread may make it too."""
        with self._lock:
            now = time.monotonic()
            if not self.under_way:
                self._since = now
            self.under_way.setdefault(compiled, now)
        try:
            yield
        finally:
            with self._lock:
                if self.under_way.pop(compiled, None) is not None and not self.under_way:
                    self.seconds += time.monotonic() - self._since


FIRST_CALLS = FirstCalls()


def compilation() -> Compilation | None:
    """Return what is being compiled now, for a page that waits for it; None if no first call waits for its kernel."""
    first_calls = sorted(FIRST_CALLS.under_way.copy().items(), key=lambda one: one[1])
    waiting = [(compiled, start) for compiled, start in first_calls if not compiled.overloads]
    if not waiting:
        return None
    compiled, start = waiting[0]
    functions = _functions_of(compiled)
    return Compilation(time.monotonic() - start, sum(bool(one.overloads) for one in functions), len(functions))


def _functions_of(compiled: Any) -> list[Any]:
    """Return a kernel and all functions that are compiled for it, directly or not; not those that are inlined."""
    found = {id(compiled): compiled}
    for one in (waiting := [compiled]):  # grows while it is read
        called = (one.py_func.__globals__.get(name) for name in one.py_func.__code__.co_names)
        for other in called:
            if hasattr(other, "overloads") and id(other) not in found:
                found[id(other)] = other
                waiting.append(other)
    return [one for one in found.values() if one.targetoptions.get("inline") != "always"]
