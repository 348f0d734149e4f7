"""Gives memory back: what sessions have freed would otherwise stay with the process, in pieces."""

import ctypes
import gc
from contextlib import suppress

ARENAS = -8
"""M_ARENA_MAX of glibc's mallopt."""
FEW = 2
"""Arenas are for threads that allocate at once; the dashboard's many threads take turns."""


def keep_together() -> None:
    """Let all threads allocate from few arenas, where the C library knows such a thing."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(ARENAS, FEW)


def give_back() -> None:
    """Return what is free to the system, where the C library can."""
    gc.collect()
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
