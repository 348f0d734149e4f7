"""The kernels for NVIDIA GPUs, as PTX, written by the LLVM that numba brings: without CUDA and without a GPU.

A warp plays a block of worlds, a few per thread. Every operation is the one of IEEE 754, rounded once, as on a
processor: LLVM fuses no product with a sum by default, and writes `mul.rn.f64` and `add.rn.f64`, which the driver may
not fuse.
"""

import os
import re
import subprocess
import sys

import llvmlite.binding as llvm

from realpolitik_model.engine import cache, native
from realpolitik_model.engine.compiling import FOLDER
from realpolitik_model.engine.memory import MEETING
from realpolitik_model.engine.state import HEADER
from realpolitik_model.engine.tables import DTYPES
from realpolitik_model.engine.threads import compiled
from realpolitik_model.engine.vectors import VOTE
from realpolitik_model.engine.warps import with_uniform_branches

TARGET = "nvptx64-nvidia-cuda"
OLDEST = "sm_80"
"""The processor that the kernels are written for, A100; the driver translates them for it and all later ones."""
WARP = 32
"""Threads that vote together, and so play a block."""
WIDTH = 4
"""Worlds of a thread, by default: what serves all of them, such as the reading of tables, is done once."""
BY_VALUE = ("play",)
"""Kernels whose directory and header are values, which a GPU keeps with its constants; one that hands their addresses
to functions of its own would copy them for each thread."""
NO_COUNTING = re.compile(r"^define [^\n]*@(NRT_incref|NRT_decref)\(.*?^}$", re.MULTILINE | re.DOTALL)
"""What counts references to arrays; kernels only borrow them."""
EXTREME = re.compile(r"^\t(max|min)\.f64 \t(%\w+), (\S+, \S+);$", re.MULTILINE)
FRAME = """
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.tid.y()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.y()
declare i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()

define void @NRT_incref(ptr %array) alwaysinline {{
  ret void
}}

define void @NRT_decref(ptr %array) alwaysinline {{
  ret void
}}

define i1 @{vote}(i1 %own) alwaysinline {{
  %any = call i1 @llvm.nvvm.vote.any.sync(i32 -1, i1 %own)
  ret i1 %any
}}

define void @{meeting}() alwaysinline {{
  call void @llvm.nvvm.bar.warp.sync(i32 -1)
  ret void
}}

define ptx_kernel void @{kernel}(ptr {directory} %directory, ptr {header} %header, ptr %memory, ptr %job) {{
  %result = alloca ptr
  %exception = alloca ptr
  %thread = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %warp = call i32 @llvm.nvvm.read.ptx.sreg.tid.y()
  %warps = call i32 @llvm.nvvm.read.ptx.sreg.ntid.y()
  %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %ctas = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %lane = mul i32 %thread, {width}
  %before = mul i32 %cta, %warps
  %group = add i32 %before, %warp
  %groups = mul i32 %ctas, %warps
  %lane64 = zext i32 %lane to i64
  %group64 = zext i32 %group to i64
  %groups64 = zext i32 %groups to i64
  %status = call i32 @{function}(ptr %result, ptr %exception, ptr %directory, ptr %header, ptr %memory, ptr %job,
                                 i64 %group64, i64 %groups64, i64 %lane64)
  ret void
}}
"""


def ptx_of(kernel: str, width: int = WIDTH) -> str:
    """Return one of the kernels as PTX, from the cache of kernels; a process of its own writes what is not there.

    Parameters
    ----------
    kernel
        "play", or "play_ahead" where some actor has foresight, which takes longest to compile, 40 s.
    width
        Worlds that a thread plays at the same time, a power of two.

    Raises
    ------
    RuntimeError
        If it cannot be compiled.
    """
    name = f"{kernel}-{width}.ptx"
    found = cache.read_text(FOLDER, name)
    if found is None:
        build = {"REALPOLITIK_THREADS": str(WARP), "REALPOLITIK_LANES": str(WARP * width), "NUMBA_OPT": "0"}
        command = [sys.executable, "-W", "ignore", "-m", __name__, kernel]
        run = subprocess.run(command, env=os.environ | build, capture_output=True, encoding="utf-8", check=False)
        if run.returncode != 0:
            raise RuntimeError(f"{kernel} cannot be compiled as PTX: {run.stderr.strip()[-500:]}")
        found = run.stdout
        cache.write_text(FOLDER, name, found)
    return found


def assembled(kernel: str, function: str, module: str) -> str:
    """Return the PTX of a kernel that calls a `function` of a module, given as numba's text of it."""
    text = re.sub(r"^target (triple|datalayout) = .*$", "", module, flags=re.MULTILINE)
    text = re.sub(rf"^declare .*@({VOTE}|{MEETING})\(.*$", "", NO_COUNTING.sub("", text), flags=re.MULTILINE)
    names = {"kernel": kernel, "function": function, "vote": VOTE, "meeting": MEETING, "width": native.WIDTH}
    held = {"directory": 2 * len(DTYPES), "header": HEADER}
    by_value = {name: f"byval([{size} x i64])" if kernel in BY_VALUE else "" for name, size in held.items()}
    frame = FRAME.format(**names, **by_value)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TARGET).create_target_machine(cpu=OLDEST, opt=3)
    linked = llvm.parse_assembly(f'target triple = "{TARGET}"\n{text}\n{frame}')
    linked.data_layout = str(machine.target_data)
    for one in linked.functions:
        if not one.is_declaration and one.name != kernel:
            one.linkage = "internal"
            one.add_function_attribute("convergent")  # it may vote, so all threads must reach it together
            if one.name == function:
                one.add_function_attribute("alwaysinline")
    linked.verify()
    passes = llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=3))
    passes.getModulePassManager().run(linked, passes)
    return with_uniform_branches(compared(machine.emit_assembly(linked)))


def compared(text: str) -> str:
    """Return PTX that selects the greater or the smaller of two numbers, as the equations do.

    LLVM writes `max.f64` and `min.f64` instead, for which a GPU has no instruction: nine, most of them for NaN.
    """

    def select(found: re.Match[str]) -> str:
        sign = {"max": "gt", "min": "lt"}[found[1]]
        return f"\tsetp.{sign}.f64 \t%extreme, {found[3]};\n\tselp.f64 \t{found[2]}, {found[3]}, %extreme;"

    return re.sub(r"^\{$", "{\n\t.reg .pred \t%extreme;", EXTREME.sub(select, text), flags=re.MULTILINE)


def main(kernel: str) -> None:
    """Write a kernel as PTX to standard output, from what numba compiles for this processor and never calls."""
    if not native.THREADED:
        raise RuntimeError(f"only threaded builds have kernels for threads: REALPOLITIK_THREADS={WARP}")
    for symbol in (VOTE, MEETING):  # numba links the code, and so must know where they are
        llvm.add_symbol(symbol, id(symbol))
    result = compiled(kernel)
    sys.stdout.write(assembled(kernel, result.fndesc.llvm_func_name, result.library.get_llvm_str()))


if __name__ == "__main__":
    main(*sys.argv[1:])
