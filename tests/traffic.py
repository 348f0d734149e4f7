"""What a GPU's memory moves for the rows of one warp, simulated: PYTHONPATH=tests python -m traffic.

The emulator plays a warp and notes which rows it reads and stores. They go through a cache of a few rows that stands
for the warp's share of the GPU's L2: it forgets the row used least recently, and writes it back if it was stored. A row
that is not in the cache is fetched when it is read; a store replaces all of it, so nothing is fetched.
"""

import ctypes
import sys
import tempfile
from collections import Counter, OrderedDict
from pathlib import Path

import numpy as np

import realpolitik as rp
from emulator import Emulator
from realpolitik_model import simulate
from realpolitik_model.engine.memory import APART, SIZES
from realpolitik_model.engine.state import KINDS, TABLES, apart

HALF = 512
"""Bytes that a warp reads or stores at once: half a row of numbers, a row of whole numbers."""
ROWS = 23
"""A warp's share of the L2 of an H100: 50 MB for 132 multiprocessors with 16 warps, 1,024 bytes a row."""
SHARES = (8, ROWS, 31, 64)


class Watching(Emulator):
    """An emulator that keeps, while it `watches`, which rows the only warp of a launch reads and stores."""

    def __init__(self, folder):
        super().__init__(folder)
        self.watches = False
        self.accesses = []
        """A half of a row and whether it was stored, in their order."""

    def play(self, module, parameters, row, rows, block, blocks):
        """Play a kernel, and keep what it does with the rows of its block."""
        if not self.watches:
            super().play(module, parameters, row, rows, block, blocks)
            return
        assert (rows, blocks) == (1, 1), "more than one warp"
        library, _, count = self.library(module)
        memory, job = (first_word(one) for one in parameters[count - 2 : count])
        (ctypes.c_uint64 * 2).in_dll(library, "watched")[:] = memory, memory + 8 * first_word(job)
        so_far = ctypes.c_uint64.in_dll(library, "seen_so_far")
        so_far.value = 0
        try:
            super().play(module, parameters, row, rows, block, blocks)
        finally:
            (ctypes.c_uint64 * 2).in_dll(library, "watched")[:] = 0, 0
        seen = ctypes.POINTER(ctypes.c_uint64).in_dll(library, "seen")[: so_far.value]
        self.accesses = [(one // 2 // HALF, one % 2 == 1) for one in seen]


def first_word(address):
    """Return the word at an address."""
    return ctypes.c_uint64.from_address(address).value


def through_a_cache(accesses, size):
    """Return how often each part is fetched into a cache of so many, and how often it is written back."""
    held, fetched, written = OrderedDict(), Counter(), Counter()
    for part, stored in accesses:
        if part not in held and not stored:
            fetched[part] += 1
        held[part] = held.pop(part, False) or stored
        if len(held) > size:
            oldest, changed = held.popitem(last=False)
            written[oldest] += changed
    written.update(part for part, changed in held.items() if changed)
    return fetched, written


def begins(case, lanes):
    """Return the tables whose rows a block has, in their order, and the half-row at which each begins."""
    header = apart(case.tables, case.numbers, np.array([], np.int64), 0, lanes).common[SIZES:]
    tables = [n for n, name in enumerate(TABLES) if KINDS[name] not in APART]
    return [TABLES[n] for n in tables], header[tables] // HALF


def traffic(emulator, months=121, shares=(ROWS,)):
    """Play a warp of the base case; return rows fetched and written back per world and month, by share and table."""
    case = rp.load("karabakh").case()
    emulator.watches = True
    try:
        simulate(case, np.arange(emulator.gpu.lanes), seed=1, months=months, device=emulator.gpu)
    finally:
        emulator.watches = False
    (tables, starts), by_share = begins(case, emulator.gpu.lanes), {}
    for rows in shares:
        by_table = {table: [0.0, 0.0] for table in tables}
        for n, counts in enumerate(through_a_cache(emulator.accesses, 2 * rows)):
            for half, count in counts.items():
                table = tables[np.searchsorted(starts, half, side="right") - 1]
                by_table[table][n] += count / 2 / months
        by_share[rows] = by_table
    return by_share


def main():
    """Print the traffic of the base case, by table, for caches of several sizes."""
    with tempfile.TemporaryDirectory() as folder:
        by_share = traffic(Watching(Path(folder)), shares=SHARES)
    lines = ["".join([f"{'rows':16}", *(f"{rows:>16}" for rows in by_share)])]
    for table in by_share[ROWS]:
        counts = [one[table] for one in by_share.values()]
        if np.any(counts):
            lines.append(f"{table:16}" + "".join(f"{read:>9.1f}{written:>7.1f}" for read, written in counts))
    sums = [np.sum([*one.values()], axis=0) for one in by_share.values()]
    lines.append(f"{'all':16}" + "".join(f"{read:>9.1f}{written:>7.1f}" for read, written in sums))
    lines.append(f"{'both':16}" + "".join(f"{one.sum():>16.1f}" for one in sums))
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
