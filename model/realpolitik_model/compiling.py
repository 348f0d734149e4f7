"""How the equations are compiled: strict IEEE arithmetic, cached on disk, free of the GIL."""

import hashlib
import pkgutil
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])

KERNELS = (
    "native", "vectors", "rows", "noise", "tables", "lanes", "blocks", "news", "drivers", "dependence", "interests",
    "weights", "value", "terms", "choice", "settlement", "record", "month", "stages", "ensemble",
)  # fmt: skip


def _digest() -> str:
    """Return one hash of every kernel's source: numba's own stamp sees only the file a function stands in."""
    sources = [pkgutil.get_data(__package__, f"{name}.py") or b"" for name in KERNELS]
    return hashlib.sha256(b"\0".join(sources)).hexdigest()


DIGEST = _digest()


def kernel(function: F) -> F:
    """Compile `function` without fastmath, so that a world has the same bits on every IEEE machine.

    It becomes part of the kernels that call it: vectors handed from one to another stay in registers.

    The compiled code is cached under the digest of all kernels: an edit in one module recompiles callers in another,
    and no version reads what another left.
    """
    compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", forceinline=True)(function)
    cache = compiled._cache._cache_file
    cache.__init__(cache._cache_path, f"{DIGEST[:12]}.{cache._index_name.removesuffix('.nbi')}", DIGEST)
    return cast(F, compiled)
