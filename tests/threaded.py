"""The threaded build, run by threads of this processor in place of a GPU's: python -m threaded KERNEL SCENARIO ...

It needs REALPOLITIK_THREADED=1.
"""

import sys
import threading
from ctypes import CFUNCTYPE, c_int, c_int8, c_int64, c_void_p, cast
from pathlib import Path

import llvmlite.binding as llvm
import numpy as np

import realpolitik as rp
from realpolitik.scenario.changes import parse_setting
from realpolitik.uncertainty import draw_numbers
from realpolitik_model.engine.memory import MEETING
from realpolitik_model.engine.native import LANES
from realpolitik_model.engine.ptx import assembled, kernel_and_module
from realpolitik_model.engine.state import state_for
from realpolitik_model.engine.threads import words_of
from realpolitik_model.engine.vectors import VOTE
from realpolitik_model.ensemble import prepare

PLAYING = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_void_p, c_int64, c_int64, c_int64)
SUCCEEDED = (0, -2)
"""What numba's functions return: a value, or None."""


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


def worlds_of(name, change, worlds, months):
    """Return the arguments of `simulate` for worlds of a scenario, of which some numbers differ; all paths are kept."""
    scenario, numbers = rp.load(name), np.arange(worlds)
    drawn = draw_numbers(scenario, 1, numbers, "prior")
    case = (scenario.set([parse_setting(change)]) if change else scenario).case()
    return {"case": case, "worlds": numbers, "seed": 1, "numbers": drawn, "months": months, "paths": worlds}


def played(warp, kernel, compiled, job, horizon, case):
    """Return the outputs of a job, each lane played by a thread of its own."""
    assert (horizon > 0) == (kernel == "play_ahead"), "each kernel plays worlds with foresight, or without"
    memory = state_for(case.tables, case.numbers, job.varied_index, 1, horizon).memory
    words = words_of(job, memory[0].size, lambda array: array.ctypes.data)
    addresses = [one.ctypes.data for one in (np.zeros(1), np.zeros(1), case.directory, memory, words)]
    play = PLAYING(compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name))
    warp.run(lambda lane: play(*addresses, 0, 1, lane))
    return job.out


def main(kernel, folder, name, change, worlds, months):
    """Write what worlds of a scenario leave behind, and the kernel as PTX for two processors, into a folder."""
    warp = Warp()
    compiled, function, module = kernel_and_module(kernel)
    for processor in ("sm_80", "sm_90"):
        (Path(folder) / f"{processor}.ptx").write_text(assembled(kernel, function, module, processor), encoding="utf-8")
    arguments = worlds_of(name, change, int(worlds), int(months))
    outputs = played(warp, kernel, compiled, *prepare(**arguments), arguments["case"])
    np.savez(Path(folder) / "worlds.npz", **outputs._asdict())


if __name__ == "__main__":
    main(*sys.argv[1:])
