"""Worlds played by threads, several to a block: the kernels that a GPU runs, in the threaded build.

All that a kernel takes are addresses: of a directory of tables and of the tables, of the header of blocks, of the marks
of its block, of what blocks have in common, of the memory of blocks, and of a job, which is words.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from numba import types
from numba.np.numpy_support import carray

from realpolitik_model.engine.memory import block_of, tables_from
from realpolitik_model.engine.native import ADDRESS, LANES, OPTIONS, code, intrinsic
from realpolitik_model.engine.playing import Job, Outputs, play_block, play_block_ahead

ARRAYS = 13
"""Where the arrays of a job begin: a job is its sizes, then an address for each array."""
SIZED = ("first", "made", "final", "issues", "leverage")
"""Outputs whose shapes give all sizes."""


@intrinsic
def _address(_typing: Any, job: Any, n: Any) -> Any:
    """Return the n-th word of a job as an address."""

    def build(builder: Any, words: Any, at: Any) -> Any:
        return builder.inttoptr(builder.load(builder.gep(words, [at])), ADDRESS)

    return code(types.voidptr, (job, n), build)


def words_of(job: Job, block_words: int, address: Callable[[Any], int]) -> npt.NDArray[np.int64]:
    """Return a job as the kernels take it; `address` says where an array is that they shall read or write."""
    first, made, final, issues, leverage = (getattr(job.out, name) for name in SIZED)
    sizes = [*first.shape, made.shape[1], final.shape[1], leverage.shape[2], issues.shape[0]]
    counts = [job.varied_index.size, job.fork_month.size, job.base.size]
    arrays = [one for one in job if isinstance(one, np.ndarray)] + list(job.out)
    words = [block_words, np.array(job.seed).view(np.int64), job.months, job.last, *sizes, *counts]
    return np.array([*words, *map(address, arrays)], np.int64)


def _play_blocks(play: Callable[..., None]) -> Callable[..., None]:
    def play_blocks(
        directory: Any,
        start: Any,
        header: Any,
        marks: Any,
        common: Any,
        memory: Any,
        words: Any,
        group: Any,
        groups: Any,
        lane: Any,
    ) -> None:
        """Play every block of a job that falls to this group of threads, in the memory of one block."""
        seed, months, last = np.uint64(words[1]), words[2], words[3]
        worlds, outcomes, moves, issues, pairs, kept = words[4], words[5], words[6], words[7], words[8], words[9]
        varied, forks, base = words[10], words[11], words[12]
        results = Outputs(
            carray(_address(words, ARRAYS + 7), (worlds, outcomes), np.int16),
            carray(_address(words, ARRAYS + 8), (worlds, outcomes), np.float64),
            carray(_address(words, ARRAYS + 9), (worlds, moves), np.int16),
            carray(_address(words, ARRAYS + 10), (worlds, moves), np.int16),
            carray(_address(words, ARRAYS + 11), (worlds, moves), np.float64),
            carray(_address(words, ARRAYS + 12), (worlds, issues), np.float64),
            carray(_address(words, ARRAYS + 13), (kept, months, issues), np.float64),
            carray(_address(words, ARRAYS + 14), (kept, months, pairs), np.float64),
        )
        job = Job(
            carray(_address(words, ARRAYS), (base,), np.float64),
            carray(_address(words, ARRAYS + 1), (varied,), np.int64),
            carray(_address(words, ARRAYS + 2), (varied, worlds), np.float64),
            carray(_address(words, ARRAYS + 3), (forks,), np.int64),
            carray(_address(words, ARRAYS + 4), (forks,), np.int64),
            carray(_address(words, ARRAYS + 5), (forks,), np.float64),
            carray(_address(words, ARRAYS + 6), (worlds,), np.int64),
            seed,
            months,
            last,
            results,
        )
        tables = tables_from(directory, start)
        state = block_of(memory, words[0], group, lane, header, marks, common)
        first = group * LANES
        while first < worlds:
            play(tables, state, job, first)
            first += groups * LANES

    return play_blocks


pointer: Any = types.CPointer
ADDRESSES = 7
SIGNATURE = types.void(*ADDRESSES * [pointer(types.int64)], *3 * [types.int64])
KERNELS = {"play": play_block, "play_ahead": play_block_ahead}


def compiled(name: str) -> Any:
    """Compile one of the KERNELS for this processor; return what numba says of it."""
    options: Any = {**OPTIONS, "forceinline": False, "no_cpython_wrapper": True}
    dispatcher: Any = numba.njit(SIGNATURE, **options)(_play_blocks(KERNELS[name]))
    [result] = dispatcher.overloads.values()
    return result
