"""Plays kernels written as PTX on this processor: a warp of 32 threads in step, its PTX translated to C for gcc.

Threads that part at a branch go on one group after the other, and wait for each other where the whole warp is asked:
at a vote, a barrier, a call and the end. It is an error if they wait at different places, or if they part at a branch
that is said to be uniform. The warps of a thread block play at the same time, each in a thread of this process, and
wait for each other at `bar.sync`, apart from those that have ended. Written after NVIDIA's PTX ISA 8.5, for the
instructions that these kernels have. What each line of C sets is volatile: gcc would spend most of its time on where
these variables could be in registers, although it leaves them in memory.
"""

import ctypes
import re
import subprocess
from threading import Lock
from typing import NamedTuple

from driver import Driver
from realpolitik_model.engine.ptx import FAST, WIDTH, ptx_of
from realpolitik_model.gpu import Gpu

FLAGS = ("-w", "-std=gnu11", "-O0", "-ffp-contract=off", "-fno-strict-aliasing", "-shared", "-fPIC", "-pthread")
HEAD = """
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#define SHARED 232448
#define EACH for (volatile int l = 0; l < 32; l++) if (on >> l & 1)
#define ALL (!~on)
typedef uint64_t Row[32];
static uint64_t fast[SHARED / 8];
static double number(uint64_t bits) { double one; memcpy(&one, &bits, 8); return one; }
static uint64_t bits(double one) { uint64_t same; memcpy(&same, &one, 8); return same; }
static int32_t short_toward_zero(double a) {
    if (isnan(a)) return 0;
    return a >= 0x1p31 ? INT32_MAX : a <= -0x1p31 ? INT32_MIN : (int32_t)a;
}
static int64_t toward_zero(double a) {
    if (isnan(a) || a <= -0x1p63) return INT64_MIN;
    return a >= 0x1p63 ? INT64_MAX : (int64_t)a;
}
static pthread_mutex_t block = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_came = PTHREAD_COND_INITIALIZER;
static uint32_t playing, came, steps;
static void enter(uint32_t rows) {
    pthread_mutex_lock(&block);
    if (!playing) playing = rows;
    pthread_mutex_unlock(&block);
}
static void step_if_all_came(void) {
    if (came && came == playing) { came = 0; steps++; pthread_cond_broadcast(&all_came); }
}
static void leave(void) {
    pthread_mutex_lock(&block);
    playing--;
    step_if_all_came();
    pthread_mutex_unlock(&block);
}
static void sync_block(void) {
    pthread_mutex_lock(&block);
    uint32_t step = steps;
    came++;
    step_if_all_came();
    while (step == steps) pthread_cond_wait(&all_came, &block);
    pthread_mutex_unlock(&block);
}
uint64_t watched[2], *seen, seen_so_far;
static void see(uint64_t at, uint64_t stored) {
    static uint64_t room;
    if (at < watched[0] || at >= watched[1]) return;
    if (seen_so_far == room) seen = realloc(seen, 8 * (room = 2 * room + 4096));
    seen[seen_so_far++] = 2 * (at - watched[0]) + stored;
}
#define SEE(place, stored) { int l = __builtin_ctz(on); see((uint64_t)(place), stored); }
static void fail(const char *what) { fprintf(stderr, "emulator: %s\\n", what); exit(70); }
static uint32_t next(const uint32_t *at, volatile uint32_t *on, const uint8_t *together) {
    uint32_t least = ~0u, waiting = ~0u;
    for (int l = 0; l < 32; l++) {
        if (together[at[l]]) { if (at[l] < waiting) waiting = at[l]; }
        else if (at[l] < least) least = at[l];
    }
    if (least == ~0u) {
        for (int l = 0; l < 32; l++) if (at[l] != waiting) fail("threads of a warp wait at different places");
        least = waiting;
    }
    *on = 0;
    for (int l = 0; l < 32; l++) *on |= (uint32_t)(at[l] == least) << l;
    return least;
}
"""
C_TYPES = {
    f"{sign}{size}": f"{name}{size}_t"
    for sign, name in (("s", "int"), ("u", "uint"), ("b", "uint"))
    for size in (8, 16, 32, 64)
}
C_TYPES |= {"f64": "double", "pred": "uint8_t"}
BINARY = {"add": "+", "sub": "-", "mul": "*", "and": "&", "or": "|", "xor": "^", "div": "/"}
COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
UNORDERED = {"neu": "==", "geu": "<", "gtu": "<=", "ltu": ">=", "leu": ">", "equ": "!="}
"""Comparisons that hold for NaN too: the opposite of these."""
WORDS = 8
"""Of a parameter, at most."""
TOGETHER = re.compile(r"vote|bar|call|ret")
SPECIAL = {"%tid.x": "l", "%tid.y": "row", "%ntid.y": "rows", "%ctaid.x": "cta", "%nctaid.x": "ctas"}


class Function(NamedTuple):
    """A function of a PTX module."""

    name: str
    parameters: list[str]
    registers: dict[str, int]
    local: int
    """Bytes of each thread's own memory."""
    blocks: list[list[str]]
    """Instructions, up to each label, branch, and place where a warp waits."""
    labels: dict[str, int]
    entry: bool


def functions(text):
    """Yield the functions of a module."""
    pattern = r"^(\.visible \.entry|\.func) (\w+)\(\n(.*?)\n\)\n(?:\.(?:maxntid|minnctapersm) .*\n)*\{\n(.*?)\n\}"
    for found in re.finditer(pattern, text, re.MULTILINE | re.DOTALL):
        yield _function(found[2], re.findall(r"(\w+_param_\d+)", found[3]), found[4], found[1] != ".func")


def _function(name, parameters, text, entry):
    registers, local, blocks, labels = {}, 0, [[]], {}
    for raw in text.splitlines():
        line = re.sub(r"^\{\s*", "", re.sub(r"//.*", "", raw).strip())
        if found := re.match(r"\.reg \.\w+\s+%(\w+)<(\d+)>;|\.reg \.\w+\s+%(\w+);", line):
            registers[found[1] or found[3]] = int(found[2] or 0)
        elif found := re.match(r"\.local .*\[(\d+)\];", line):
            local = int(found[1])
        elif found := re.match(r"(\$\w+):", line):
            labels[found[1]] = len(blocks)
            blocks.append([])
        elif line and line[0] not in ".}":
            assert line.endswith(";"), line
            if TOGETHER.match(line):
                blocks.append([])
            blocks[-1].append(line[:-1])
            if re.search(r"\bbra\b|\bret\b", line):
                blocks.append([])
    return Function(name, parameters, registers, local, blocks, labels, entry)


def register(name):
    """Return a register of thread l in C."""
    found = re.fullmatch(r"%([A-Za-z]+)(\d*)", name)
    return f"{found[1]}[{found[2]}][l]" if found[2] else f"{found[1]}[l]"


def operand(text, kind):
    """Return an operand in C, as a value of a type of PTX."""
    if text in SPECIAL:
        return SPECIAL[text]
    if text == FAST:
        return "(uint64_t)fast"
    if text.startswith("__local"):
        return "(uint64_t)own[l]"
    if "_param_" in text:
        return text
    if text.startswith("0d"):
        return f"number(0x{text[2:]}ull)" if kind == "f64" else f"0x{text[2:]}ull"
    if not text.startswith("%"):
        return f"({C_TYPES[kind]}){int(text, 0) % 2**64}ull"
    return f"number({register(text)})" if kind == "f64" else f"({C_TYPES[kind]}){register(text)}"


def operands(text):
    """Return operands separated by commas, but not those in braces."""
    return [one.strip() for one in re.split(r",\s*(?![^{}]*\})", text.strip())]


def vector(text):
    """Return the registers of a vector, or one alone."""
    return [one.strip() for one in text.strip("{}").split(",")]


def assigned(target, kind, value):
    """Return the setting of a register in C; a value is kept in as many bits as its type has."""
    kept = {"f64": f"bits({value})", "pred": f"({value}) != 0"}
    whole = C_TYPES.get(kind.replace("s", "u"))
    return f"EACH {register(target)} = {kept.get(kind, f'({whole})({value})')};"


def expression(operation, parts, values):
    """Return what an instruction computes, given a function from the place of an operand and its type to C."""
    name, kind = parts[0], parts[-1]
    value = lambda n, of=kind: values(n, of)  # noqa: E731
    bare = kind.replace("s", "u")  # in which nothing overflows
    if operation.startswith(("mul.wide", "mad.wide")):
        wide = kind[0] + str(2 * int(kind[1:]))
        product = f"({C_TYPES[wide]}){value(0)} * ({C_TYPES[wide]}){value(1)}"
        return wide, product + (f" + {value(2, wide)}" if name == "mad" else "")
    if operation.startswith("mul.hi"):
        wide = "__int128" if kind == "s64" else "unsigned __int128"
        return kind, f"(uint64_t)((({wide}){value(0)} * {value(1)}) >> 64)"
    if name in BINARY:
        whole = kind not in ("f64", "pred")
        return kind, f"{value(0, bare if whole else kind)} {BINARY[name]} {value(1, bare if whole else kind)}"
    if name in ("shl", "shr"):
        size, by = int(kind[1:]), value(1, "u32")
        beyond = f"({value(0)} < 0 ? -1 : 0)" if operation.startswith("shr.s") else "0"
        return kind, f"{by} >= {size} ? {beyond} : ({C_TYPES[kind]})({value(0)} {'<<' if name == 'shl' else '>>'} {by})"
    if name in ("min", "max"):
        assert kind != "f64", "a GPU has no such instruction"
        return kind, f"{value(0)} {'<' if name == 'min' else '>'} {value(1)} ? {value(0)} : {value(1)}"
    if name == "cvt":
        to = parts[-2]
        named = {
            "cvt.rzi.s64.f64": "toward_zero({})",
            "cvt.rzi.s32.f64": "short_toward_zero({})",
            "cvt.rmi.f64.f64": "floor({})",
        }
        return to, named.get(operation, f"({C_TYPES[to]}){{}}").format(value(0))
    if name == "setp":
        opposite = parts[1] in UNORDERED
        sign = UNORDERED[parts[1]] if opposite else COMPARED[parts[1]]
        return "pred", f"{'!' * opposite}({value(0)} {sign} {value(1)})"
    if name == "selp":
        return kind, f"{value(2, 'pred')} ? {value(0)} : {value(1)}"
    simple = {
        "mad": lambda: f"{value(0, bare)} * {value(1, bare)} + {value(2, bare)}",
        "neg": lambda: f"-{value(0, bare)}",
        "abs": lambda: f"fabs({value(0)})",
        "not": lambda: f"{'!' if kind == 'pred' else '~'}{value(0)}",
        "rcp": lambda: f"1.0 / {value(0)}",
        "mov": lambda: value(0),
        "cvta": lambda: value(0),
        "bfe": lambda: f"{value(0)} >> {value(1, 'u32')} & ((1ull << {value(2, 'u32')}) - 1)",
    }
    return kind, simple[name]()


class Writer:
    """Writes one function as C; it counts how often a warp is in each block, from a place in `counts` on."""

    def __init__(self, function, first):
        self.function = function
        self.first = first

    def written(self):
        """Return the function."""
        function, lines = self.function, []
        taken = [f"uint64_t {one}" if function.entry else f"uint64_t (*{one})[{WORDS}]" for one in function.parameters]
        where = ", ".join(f"uint32_t {one}" for one in ("row", "rows", "cta", "ctas"))
        lines.append(f"{'' if function.entry else 'static '}void {function.name}({', '.join(taken)}, {where}) {{")
        lines += [f"Row {name}{f'[{count}]' * (count > 0)};" for name, count in function.registers.items()]
        given = {one for block in function.blocks for line in block for one in re.findall(r"\[(param\d+)", line)}
        lines += [f"uint64_t {one}[32][{WORDS}];" for one in sorted(given)]
        lines.append(f"uint64_t own[32][{function.local // 8 + 1}];\nuint32_t at[32];\nvolatile uint32_t on = ~0u;")
        lines += ["enter(rows);"] if function.entry else []
        together = [str(int(bool(block and TOGETHER.match(block[0])))) for block in function.blocks]
        lines.append(f"static const uint8_t together[] = {{{', '.join(together)}}};")
        blocks = range(len(function.blocks))
        lines.append(f"static const void *const code[] = {{{', '.join(f'&&at{n}' for n in blocks)}}};")
        for n in blocks:
            lines += self.block(n)
        return "\n".join([*lines, "}"])

    def block(self, n):
        """Yield the lines of one block."""
        yield f"at{n}: counts[{self.first + n}]++;"
        ended = False
        for line in self.function.blocks[n]:
            if found := re.fullmatch(r"(?:@(!?)(%\w+) )?bra(\.uni)?\s+(\$\w+)", line):
                to = self.function.labels[found[4]]
                yes = f"EACH yes |= (uint32_t)({found[1] or ''}{register(found[2])}) << l;" if found[2] else "yes = on;"
                uniform = 'if (yes && yes != on) fail("threads part at a uniform branch");' if found[3] else ""
                yield f"{{ volatile uint32_t yes = 0; {yes} {uniform}"
                yield f"if (ALL && yes == on) goto at{to}; if (ALL && !yes) goto at{n + 1};"
                yield f"EACH at[l] = yes >> l & 1 ? {to} : {n + 1}; goto *code[next(at, &on, together)]; }}"
                ended = True
            elif line == "ret":
                yield "leave(); return;" if self.function.entry else "return;"
                ended = True
            else:
                yield self.instruction(line)
        if not ended and n + 1 < len(self.function.blocks):
            yield f"if (!ALL) {{ EACH at[l] = {n + 1}; goto *code[next(at, &on, together)]; }}"

    def instruction(self, line):
        """Return an instruction in C."""
        operation, rest = re.split(r"\s+", line, maxsplit=1)
        parts, given = operation.split("."), operands(rest)
        kind = parts[-1]
        if operation == "bar.warp.sync":
            return ";"
        if operation in ("bar.sync", "barrier.sync.aligned"):
            return "sync_block();"
        if operation == "vote.sync.any.pred":
            return f"{{ uint64_t any = 0; EACH any |= {operand(given[1], 'pred')}; EACH {register(given[0])} = any; }}"
        if operation == "call.uni":
            called, passed = re.fullmatch(r"(\w+), \((.*)\)", rest).groups()
            return f"{called}({passed}, row, rows, cta, ctas);"
        if parts[0] in ("ld", "st"):
            return self.memory(parts, kind, given)
        result, value = expression(operation, parts, lambda n, of: operand(given[n + 1], of))
        return assigned(given[0], result, value)

    def memory(self, parts, kind, given):
        """Return a load or a store in C, of one value or of a vector."""
        place, held = (given[1], given[0]) if parts[0] == "ld" else (given[0], given[1])
        base, offset = re.fullmatch(r"\[(%?\w+)(?:\+(-?\d+))?\]", place).groups()
        if base[0] == "%":
            start = f"(char *){register(base)}"
        else:  # a parameter: of a kernel, the address of its value; of a function, a value per thread
            start = f"(char *){base}{'' if parts[0] == 'ld' and self.function.entry else '[l]'}"
        if base[0] != "%" and not self.function.entry:
            assert int(offset or 0) + len(vector(held)) * int(kind[1:]) // 8 <= 8 * WORDS, "a parameter is longer"
        moves = []
        for n, one in enumerate(vector(held)):
            there = f"*({C_TYPES[kind]} *)({start} + {int(offset or 0) + n * int(kind[1:]) // 8})"
            moves.append(
                f"EACH {register(one)} = {there};" if parts[0] == "ld" else f"EACH {there} = {operand(one, kind)};"
            )
        if parts[0] == "ld" and base in vector(held):  # the register of the address is overwritten last
            moves.sort(key=lambda move: move.startswith(f"EACH {register(base)} ="))
        if base[0] == "%":
            moves.insert(0, f"SEE({start} + {int(offset or 0)}, {int(parts[0] == 'st')})")
        return " ".join(moves)


def as_c(text):
    """Return a PTX module as C."""
    found = list(functions(text))
    starts = [sum(len(one.blocks) for one in found[:n]) for n in range(len(found) + 1)]
    written = [Writer(one, start).written() for one, start in zip(found, starts, strict=False)]
    return "\n".join([HEAD, f"uint64_t counts[{starts[-1]}];", *written])


class Library(NamedTuple):
    """A kernel, compiled for this processor."""

    code: ctypes.CDLL
    name: str
    parameters: int
    """How many it has."""


class Emulator:
    """Kernels that this processor plays in place of a GPU: `gpu` is one of `realpolitik_model` that has them.

    The accesses of a warp between two addresses, `watched` in its library, are kept (`traffic`): by default none.
    """

    def __init__(self, folder, ptx=ptx_of, width=WIDTH):
        self.folder = folder
        self.ptx = ptx
        self.gpu = Gpu(Driver(self.play), ptx, width)
        self.compiling = Lock()
        self.libraries = {}
        """By the PTX."""

    def play(self, module, parameters, row, rows, block, blocks):
        """Play a kernel on parameters, whose addresses are given, by one warp: a row of a thread block."""
        code, name, count = self.library(module)
        getattr(code, name)(*map(ctypes.c_uint64, parameters[:count]), row, rows, block, blocks)

    def library(self, module):
        """Return the kernel of a module, compiled once."""
        with self.compiling:
            if module not in self.libraries:
                self.libraries[module] = self.compiled(module)
        return self.libraries[module]

    def compiled(self, module):
        """Return the kernel of a module, compiled."""
        source, library = (self.folder / f"{len(self.libraries)}.{end}" for end in ("c", "so"))
        [kernel] = [one for one in functions(module) if one.entry]
        source.write_text(as_c(module), encoding="utf-8")
        subprocess.run(["gcc", *FLAGS, "-o", library, source, "-lm"], check=True)
        return Library(ctypes.CDLL(str(library)), kernel.name, len(kernel.parameters))

    def executed(self, name):
        """Return how often a warp has executed each instruction of a kernel: a count and its text, in their order."""
        module = self.ptx(name)
        blocks = [block for one in functions(module) for block in one.blocks]
        counts = (ctypes.c_uint64 * len(blocks)).in_dll(self.libraries[module].code, "counts")
        return [(count, line) for count, block in zip(counts, blocks, strict=True) for line in block]
