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
from realpolitik_model.engine.memory import MEETING, STEP
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
WARPS = {"play": 16, "play_ahead": 8}
"""Warps of a thread block, at most, per kernel. One thread block fills a multiprocessor: more warps leave each thread
fewer registers, so that it keeps more of its values in memory. These were fastest (docs/benchmarks.md)."""
WIDTH = 4
"""Worlds of a thread, by default: what serves all of them, such as the reading of tables, is done once."""
BY_VALUE = ("play",)
"""Kernels whose directory and header are values too, which a GPU keeps with its constants; one that hands their
addresses to functions of its own would copy them for each thread, and so reads them where the tables are."""
FAST = "realpolitik_fast"
"""The shared memory of a thread block, which a GPU reads faster than all other, and with fewer instructions: the
tables, what blocks of worlds have in common, and the marks of each warp. If it is too small, `in_memory` has all of
this in the memory of the GPU."""
NO_COUNTING = re.compile(r"^define [^\n]*@(NRT_incref|NRT_decref)\(.*?^}$", re.MULTILINE | re.DOTALL)
"""What counts references to arrays; kernels only borrow them."""
EXTREME = re.compile(r"^\t(max|min)\.f64 \t(%\w+), (\S+, \S+);$", re.MULTILINE)
PLACE = f"""call ptr addrspace(3) asm sideeffect "mov.b64 $0, $1; // or $2", "=l,l,l,~{{memory}}"
                                          (ptr addrspace(3) @{FAST}, ptr %slow)"""
"""In LLVM: the address of the shared memory; a comment names that of what takes its place (`in_memory`)."""
PLACED = re.compile(r"mov\.b64 (%\w+), %\w+; // or (%\w+)")
LABEL = re.compile(r"^\$L\w+:", re.MULTILINE)
FRAME = """
declare i1 @llvm.nvvm.vote.any.sync(i32, i1)
declare void @llvm.nvvm.bar.warp.sync(i32)
declare void @llvm.nvvm.barrier0()
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

define void @{step}() alwaysinline {{
  call void @llvm.nvvm.barrier0()
  ret void
}}

@{fast} = external addrspace(3) global [0 x i64], align 16

define void @realpolitik_copy(ptr %to, ptr %from, i64 %bytes, i64 %thread) alwaysinline {{
start:
  %words = lshr i64 %bytes, 3
  br label %next
next:
  %n = phi i64 [ %thread, %start ], [ %further, %one ]
  %more = icmp ult i64 %n, %words
  br i1 %more, label %one, label %end
one:
  %source = getelementptr i64, ptr %from, i64 %n
  %place = getelementptr i64, ptr %to, i64 %n
  %word = load i64, ptr %source
  store i64 %word, ptr %place
  %further = add i64 %n, {threads}
  br label %next, !llvm.loop !900000
end:
  ret void
}}
!900000 = distinct !{{!900000, !900001}}
!900001 = !{{!"llvm.loop.unroll.disable"}}

define ptx_kernel void @{kernel}({by_value}ptr %tables, i64 %table_bytes, ptr %common, i64 %common_bytes, ptr %marks,
                                i64 %mark_bytes, ptr %room, ptr %memory, ptr %job) {{
start:
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
  %thread64 = zext i32 %thread to i64
  %lane64 = zext i32 %lane to i64
  %warp64 = zext i32 %warp to i64
  %warps64 = zext i32 %warps to i64
  %cta64 = zext i32 %cta to i64
  %group64 = zext i32 %group to i64
  %groups64 = zext i32 %groups to i64
  %all_marks = mul i64 %mark_bytes, %warps64
  %before_marks = add i64 %table_bytes, %common_bytes
  %room_bytes = add i64 %before_marks, %all_marks
  %distance = mul i64 %room_bytes, %cta64
  %slow = getelementptr i8, ptr %room, i64 %distance
  %marks_before = mul i64 %mark_bytes, %warp64
  %marks_at = add i64 %before_marks, %marks_before
  %to = {place}
  %to_tables = addrspacecast ptr addrspace(3) %to to ptr
  %to_common = getelementptr i8, ptr %to_tables, i64 %table_bytes
  %to_marks = getelementptr i8, ptr %to_tables, i64 %marks_at
  call void @realpolitik_copy(ptr %to_tables, ptr %tables, i64 %table_bytes, i64 %thread64)
  call void @realpolitik_copy(ptr %to_common, ptr %common, i64 %common_bytes, i64 %thread64)
  call void @realpolitik_copy(ptr %to_marks, ptr %marks, i64 %mark_bytes, i64 %thread64)
  ; LLVM knows no more of the address that is read than its kind, so it reads nothing before it is copied
  call void @{meeting}()
  %from = {place}
  %known_from = addrspacecast ptr addrspace(3) %from to ptr
  %known_room = getelementptr i8, ptr %known_from, i64 %table_bytes
  %known_marks = getelementptr i8, ptr %known_from, i64 %marks_at
  %status = call i32 @{function}(ptr %result, ptr %exception, ptr {directory}, ptr %known_from, ptr {header},
                                 ptr %known_marks, ptr %known_room, ptr %memory, ptr %job,
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
    text = re.sub(rf"^declare .*@({VOTE}|{MEETING}|{STEP})\(.*$", "", NO_COUNTING.sub("", text), flags=re.MULTILINE)
    names = {"kernel": kernel, "function": function, "vote": VOTE, "meeting": MEETING, "step": STEP, "fast": FAST}
    sizes = {"width": native.WIDTH, "threads": native.THREADS, "place": PLACE}
    held = {"by_value": "", "directory": "%known_from", "header": "%known_room"}
    if kernel in BY_VALUE:
        held = {"directory": "%directory", "header": "%header"}
        words = {"%directory": 2 * len(DTYPES), "%header": HEADER}
        held["by_value"] = "".join(f"ptr byval([{size} x i64]) {name}, " for name, size in words.items())
    frame = FRAME.format(**names, **sizes, **held)
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
    return with_uniform_branches(as_loops(compared(in_blocks(machine.emit_assembly(linked), WARPS[kernel]))))


def compared(text: str) -> str:
    """Return PTX that selects the greater or the smaller of two numbers, as the equations do.

    LLVM writes `max.f64` and `min.f64` instead, for which a GPU has no instruction: nine, most of them for NaN.
    """

    def select(found: re.Match[str]) -> str:
        sign = {"max": "gt", "min": "lt"}[found[1]]
        return f"\tsetp.{sign}.f64 \t%extreme, {found[3]};\n\tselp.f64 \t{found[2]}, {found[3]}, %extreme;"

    return re.sub(r"^\{$", "{\n\t.reg .pred \t%extreme;", EXTREME.sub(select, text), flags=re.MULTILINE)


def in_memory(text: str) -> str:
    """Return PTX that has in the memory of the GPU, from `room` on, what else is in the shared memory of thread blocks.

    A GPU tells the one from the other by the address.
    """
    text = re.sub(r"\b(ld|st)\.shared\.", r"\1.", PLACED.sub(r"mov.b64 \1, \2;", text))
    return text.replace("cvta.shared.u64", "mov.b64").replace("cvta.to.shared.u64", "mov.b64")


def in_blocks(text: str, warps: int) -> str:
    """Return PTX whose kernel is for thread blocks of so many warps, or fewer, each with a multiprocessor to itself.

    Otherwise the driver may leave half of the registers to a second one.
    """
    kernel = re.compile(r"^(\.visible \.entry [^{]*?^\))(\n\.(maxntid|minnctapersm) .*)*$", re.MULTILINE)
    return kernel.sub(rf"\1\n.maxntid {WARP}, {warps}, 1\n.minnctapersm 1", text, count=1)


def as_loops(text: str) -> str:
    """Return PTX whose loops stay loops: unrolled, a month takes more code than a GPU's instruction cache holds."""
    return LABEL.sub(r'\g<0>\n\t.pragma "nounroll";', text.replace('\t.pragma "nounroll";\n', ""))


def main(kernel: str) -> None:
    """Write a kernel as PTX to standard output, from what numba compiles for this processor and never calls."""
    if not native.THREADED:
        raise RuntimeError(f"only threaded builds have kernels for threads: REALPOLITIK_THREADS={WARP}")
    for symbol in (VOTE, MEETING, STEP):  # numba links the code, and so must know where they are
        llvm.add_symbol(symbol, id(symbol))
    result = compiled(kernel)
    sys.stdout.write(assembled(kernel, result.fndesc.llvm_func_name, result.library.get_llvm_str()))


if __name__ == "__main__":
    main(*sys.argv[1:])
