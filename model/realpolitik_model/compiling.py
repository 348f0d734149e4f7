"""How the equations are compiled: strict IEEE arithmetic, cached on disk, free of the GIL."""

import functools
import hashlib
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from realpolitik_model import cache
from realpolitik_model.native import CHECKED

F = TypeVar("F", bound=Callable[..., Any])

KERNELS = (
    "native", "vectors", "rows", "noise", "tables", "lanes", "blocks", "news", "drivers", "dependence", "interests",
    "weights", "value", "terms", "choice", "settlement", "record", "month", "stages", "ensemble",
)  # fmt: skip
MOST_KERNELS = 1_000
config: Any = numba.config  # its settings are made at run time, unseen by type checkers


def _digest() -> str:
    """Return one hash of every kernel's source: numba's own stamp sees only the file a function stands in."""
    sources = [pkgutil.get_data(__package__, f"{name}.py") or b"" for name in KERNELS]
    return hashlib.sha256(b"\0".join([b"checked" if CHECKED else b"", *sources])).hexdigest()


DIGEST = _digest()
FOLDER = cache.open_cache(DIGEST, config.CACHE_DIR)


def kernel(function: F) -> F:
    """Compile `function` without fastmath, so that a world has the same bits on every IEEE machine.

    It becomes part of the kernels that call it: vectors handed from one to another stay in registers.

    The compiled code is cached under the digest of all kernels: an edit in one module recompiles callers in another,
    and no version reads what another left.
    """
    own, config.CACHE_DIR = config.CACHE_DIR, str(FOLDER or "")
    try:
        compiled = numba.njit(
            cache=FOLDER is not None, nogil=True, error_model="numpy", forceinline=True, boundscheck=CHECKED
        )(function)
    finally:
        config.CACHE_DIR = own
    return cast(F, compiled)


def entry(function: F) -> F:
    """Compile `function` as a kernel that Python calls; no other kernel may call it.

    What is compiled on a call is sealed in the cache. If it cannot be written there, the call goes on without.
    """
    compiled: Any = kernel(function)

    @functools.wraps(function)
    def call(*arguments: Any) -> Any:
        known = len(compiled.signatures)
        result = _unhindered(compiled, arguments)
        if len(compiled.signatures) > known:
            cache.seal(FOLDER)
        return result

    return cast(F, call)


def _unhindered(compiled: Any, arguments: tuple[Any, ...]) -> Any:
    """Call a kernel, again after each failure to write a kernel that it needed: by then that one is in memory."""
    failure: OSError | None = None
    for _ in range(MOST_KERNELS):
        try:
            return compiled(*arguments)
        except OSError as error:
            if failure is None:
                cache.cannot_write(FOLDER, error)
            failure = error
    raise RuntimeError("kernels can neither be cached nor compiled") from failure
