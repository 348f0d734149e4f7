"""The C contestants: compiled when they are asked for, called with flat tables."""

import ctypes
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import layout
from benchmarks.flat import Flat
from benchmarks.results import Results
from realpolitik_model.engine.native import LANES

SOURCES = Path(__file__).parent / "c"
COMMAND = ("gcc", "-std=gnu11", "-O3", "-march=native", "-ffp-contract=off", "-fno-math-errno", "-fno-trapping-math")
"""Strict float64: no -ffast-math, no fused multiply-add. What is switched off are errno and trap flags, not bits."""


def there_is_gcc() -> bool:
    """Say whether the C contestants can be compiled here."""
    return shutil.which(COMMAND[0]) is not None


@cache
def compiled(source: str) -> ctypes.CDLL:
    """Compile one source and load it, once a process."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / f"{source}.so"
        arguments = ["-shared", "-fPIC", "-o", str(library), str(SOURCES / f"{source}.c"), "-lm"]
        subprocess.run([*COMMAND, *arguments], check=True)
        loaded = ctypes.CDLL(str(library))
    counts = ctypes.c_uint64, ctypes.c_int64, ctypes.c_int64, ctypes.c_int32
    loaded.run.argtypes = [ctypes.c_void_p, *counts, layout.Outputs]
    return loaded


class Compiled:
    """One C source, compiled, and the case it runs."""

    def __init__(self, source: str, document: Any) -> None:
        self.flat = Flat(document)
        self.library = compiled(source)

    def run(self, worlds: int, seed: int = 1, first: int = 0) -> Results:
        """Run worlds first, first + 1, ... of a seed, without holding on to the interpreter."""
        parts = self._empty(worlds)
        pointers = {"last" if name == "final" else name: array.ctypes.data for name, array in parts.items()}
        case = ctypes.addressof(self.flat.case)
        self.library.run(case, seed, first, worlds, self.flat.months, layout.Outputs(**pointers))
        return Results(**parts)

    def run_on(self, threads: int, worlds: int) -> Results:
        """Run worlds 0, 1, 2, ... in as many pieces as there are threads, whole blocks each."""
        piece = -(-worlds // threads // LANES) * LANES
        starts = range(0, worlds, piece)
        with ThreadPoolExecutor(threads) as pool:
            pieces = list(pool.map(lambda n: self.run(min(piece, worlds - n), first=n), starts))
        return Results(*(np.concatenate(parts) for parts in zip(*pieces, strict=True)))

    def _empty(self, worlds: int) -> dict[str, Any]:
        ids = self.flat.ids
        outcomes, moves, issues = len(ids["outcomes"]), len(ids["moves"]), len(ids["issues"])
        return {
            "first": np.empty((worlds, outcomes), np.int16),
            "measured": np.empty((worlds, outcomes)),
            "made": np.empty((worlds, moves), np.int16),
            "refused": np.empty((worlds, moves), np.int16),
            "price": np.empty((worlds, moves)),
            "final": np.empty((worlds, issues)),
        }
