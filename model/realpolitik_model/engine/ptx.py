"""The kernels for NVIDIA GPUs, as PTX, written by the LLVM that numba brings: without CUDA and without a GPU.

A lane is a thread and a block of worlds is a warp. Every operation is the one of IEEE 754, rounded once, as on a
processor: LLVM fuses no product with a sum by default, and writes `mul.rn.f64` and `add.rn.f64`, which the
driver may not fuse.
"""

import os
import re
import subprocess
import sys
from typing import Any

import llvmlite.binding as llvm

from realpolitik_model.engine import cache
from realpolitik_model.engine.compiling import FOLDER
from realpolitik_model.engine.memory import MEETING
from realpolitik_model.engine.native import THREADED
from realpolitik_model.engine.threads import compiled
from realpolitik_model.engine.vectors import VOTE

TARGET = "nvptx64-nvidia-cuda"
OLDEST = "sm_80"
"""The processor that the kernels are written for, by default; the driver translates them for it and all later ones."""
WARP = 32
"""Threads that vote together, and so lanes of a block."""
NO_COUNTING = re.compile(r"^define [^\n]*@(NRT_incref|NRT_decref)\(.*?^}$", re.MULTILINE | re.DOTALL)
"""What counts references to arrays; kernels only borrow them."""
FRAME = """
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare i32 @llvm.nvvm.read.ptx.sreg.tid.x()
declare i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
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

define ptx_kernel void @{kernel}(ptr %directory, ptr %memory, ptr %job) {{
  %result = alloca ptr
  %exception = alloca ptr
  %thread = call i32 @llvm.nvvm.read.ptx.sreg.tid.x()
  %threads = call i32 @llvm.nvvm.read.ptx.sreg.ntid.x()
  %cta = call i32 @llvm.nvvm.read.ptx.sreg.ctaid.x()
  %ctas = call i32 @llvm.nvvm.read.ptx.sreg.nctaid.x()
  %lane = and i32 %thread, 31
  %warp = lshr i32 %thread, 5
  %warps = lshr i32 %threads, 5
  %before = mul i32 %cta, %warps
  %group = add i32 %before, %warp
  %groups = mul i32 %ctas, %warps
  %lane64 = zext i32 %lane to i64
  %group64 = zext i32 %group to i64
  %groups64 = zext i32 %groups to i64
  %status = call i32 @{function}(ptr %result, ptr %exception, ptr %directory, ptr %memory, ptr %job,
                                 i64 %group64, i64 %groups64, i64 %lane64)
  ret void
}}
"""


def ptx_of(kernel: str, processor: str = OLDEST) -> str:
    """Return one of the kernels as PTX, from the cache of kernels; a process of its own writes what is not there.

    Parameters
    ----------
    kernel
        "play", or "play_ahead" where some actor has foresight, which takes longest to compile, 40 s.
    processor
        The oldest one that it is for, such as "sm_80" (A100) or "sm_90" (H100).

    Raises
    ------
    RuntimeError
        If it cannot be compiled.
    """
    name = f"{kernel}-{processor}.ptx"
    found = cache.read_text(FOLDER, name)
    if found is None:
        environment = os.environ | {"REALPOLITIK_THREADED": "1", "REALPOLITIK_LANES": str(WARP), "NUMBA_OPT": "0"}
        command = [sys.executable, "-W", "ignore", "-m", __name__, kernel, processor]
        run = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False)
        if run.returncode != 0:
            raise RuntimeError(f"{kernel} cannot be compiled for {processor}: {run.stderr.strip()[-500:]}")
        found = run.stdout
        cache.write_text(FOLDER, name, found)
    return found


def assembled(kernel: str, function: str, module: str, processor: str) -> str:
    """Return the PTX of a kernel that calls a `function` of a module, given as numba's text of it."""
    text = re.sub(r"^target (triple|datalayout) = .*$", "", module, flags=re.MULTILINE)
    text = re.sub(rf"^declare .*@({VOTE}|{MEETING})\(.*$", "", NO_COUNTING.sub("", text), flags=re.MULTILINE)
    frame = FRAME.format(kernel=kernel, function=function, vote=VOTE, meeting=MEETING)
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    machine = llvm.Target.from_triple(TARGET).create_target_machine(cpu=processor, opt=3)
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
    assembly: str = machine.emit_assembly(linked)
    return assembly


def kernel_and_module(kernel: str) -> tuple[Any, str, str]:
    """Compile a kernel for this processor; return it, the name of its function and numba's text of its module.

    LLVM must know the functions VOTE and MEETING, because numba links the code (`llvm.add_symbol`).
    """
    if not THREADED:
        raise RuntimeError("only the threaded build has kernels for threads: REALPOLITIK_THREADED=1")
    result = compiled(kernel)
    return result, result.fndesc.llvm_func_name, result.library.get_llvm_str()


if __name__ == "__main__":
    for symbol in (VOTE, MEETING):  # the code is linked and never called
        llvm.add_symbol(symbol, id(symbol))
    asked, target = sys.argv[1:]
    sys.stdout.write(assembled(asked, *kernel_and_module(asked)[1:], target))
