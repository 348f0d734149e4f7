"""The threaded build, run by threads of this processor in place of a GPU's: python -m threaded KERNEL SCENARIO ...

It needs REALPOLITIK_THREADED=1. Worlds are played through `realpolitik_model.gpu` as on a GPU; only the driver is
another.
"""

import sys
import threading
from ctypes import CFUNCTYPE, c_int, c_int8, c_int64, c_void_p, cast
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

import realpolitik as rp
from driver import MEMORY, Driver
from realpolitik.scenario.changes import parse_setting
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import simulate
from realpolitik_model.engine.memory import MEETING
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.ptx import assembled, kernel_and_module
from realpolitik_model.engine.vectors import VOTE
from realpolitik_model.gpu import Gpu, NoGpu

PLAYING = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_int64)
SUCCEEDED = (0, -2)
"""What numba's functions return: a value, or None."""
MANY = 161
"""Worlds that take six warps, and so two blocks of four."""


class Warp:
    """Threads, one per lane, that vote and wait for each other."""

    def __init__(self):
        self.here = threading.local()
        self.votes = ([0] * LANES, [0] * LANES)
        self.barrier = threading.Barrier(LANES, timeout=60)
        self.functions = {VOTE: CFUNCTYPE(c_int8, c_int8)(self.vote), MEETING: CFUNCTYPE(None)(self.meet)}
        for name, function in self.functions.items():
            llvm.add_symbol(name, cast(function, c_void_p).value)

    def meet(self):
        """Wait until every thread is here."""
        self.barrier.wait()

    def vote(self, own):
        """Return whether some thread's own answer is yes: the last bit of what it passes."""
        self.here.turn = not self.here.turn  # the votes of one turn are read while those of the next are cast
        votes = self.votes[self.here.turn]
        votes[self.here.lane] = own & 1
        self.barrier.wait()
        return int(any(votes))

    def run(self, play):
        """Call a function in every thread, with its lane."""

        def one(lane):
            self.here.lane, self.here.turn = lane, False
            statuses[lane] = play(lane)

        statuses = [None] * LANES
        threads = [threading.Thread(target=one, args=(lane,)) for lane in range(LANES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert all(status in SUCCEEDED for status in statuses), statuses


def gpu_of(kernel, ptx):
    """Return a `Gpu` of threads of this processor, with one kernel, and its driver."""
    warp = Warp()
    compiled, function, module = kernel_and_module(kernel)
    for processor in ptx:
        ptx[processor] = assembled(kernel, function, module, processor)
    start = PLAYING(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    unused = np.zeros(2)

    def play(addresses, group, groups):
        results = [unused.ctypes.data, unused.ctypes.data + 8]
        warp.run(lambda lane: start(*results, *addresses, group, groups, lane))

    driver = Driver(play)
    return Gpu(driver, {kernel: ptx["sm_80"]}.__getitem__), driver


def worlds_of(name, change, worlds, months):
    """Return the arguments of `simulate` for worlds of a scenario, of which some numbers differ; all paths are kept."""
    scenario, numbers = rp.load(name), np.arange(worlds)
    drawn = draw_numbers(scenario, 1, numbers, "prior")
    case = (scenario.set([parse_setting(change)]) if change else scenario).case()
    return {"case": case, "worlds": numbers, "seed": 1, "numbers": drawn, "months": months, "paths": worlds}


def tighten(gpu, case, numbers):
    """Leave a GPU as little memory as 32 worlds need."""
    too_little, enough = 0, MEMORY
    while enough - too_little > 1:
        gpu.memory = (too_little + enough) // 2
        try:
            gpu.batch(case, {path: float(values.max()) for path, values in numbers.items()})
            enough = gpu.memory
        except NoGpu:
            too_little = gpu.memory
    gpu.memory = enough


def main(kernel, folder, name, change, worlds, months):
    """Write what worlds of a scenario leave behind, and the kernel as PTX for two processors, into a folder.

    They are played three times: as they are; for a month, many, which do not fill the last block of the GPU; and for
    two months, with so little memory that they take several launches of one warp.
    """
    ptx = {"sm_80": "", "sm_90": ""}
    gpu, driver = gpu_of(kernel, ptx)
    for processor, text in ptx.items():
        (Path(folder) / f"{processor}.ptx").write_text(text, encoding="utf-8")
    arguments = worlds_of(name, change, int(worlds), int(months))
    np.savez(Path(folder) / "worlds.npz", **simulate(**arguments, device=gpu)._asdict())
    many = worlds_of(name, change, MANY, 1)
    np.savez(Path(folder) / "many.npz", **simulate(**many, device=gpu)._asdict())
    tighten(gpu, arguments["case"], arguments["numbers"])
    outputs = simulate(**arguments | {"paths": 0, "months": 2}, device=gpu)
    np.savez(Path(folder) / "tight.npz", **outputs._asdict(), launches=driver.launches)


if __name__ == "__main__":
    main(*sys.argv[1:])
