"""Worlds in vector registers: arithmetic on LANES worlds at once, written as if there were one.

Three compiled types are LANES wide: a `Vector` of float64, a `Mask` of truths and `Words` of noise. Every operation is
the strict IEEE one in each lane, so no lane knows of its neighbours.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from realpolitik_model.native import LONG, REAL, code, intrinsic, laid_out, overload

LANES = 32
"""Worlds in one block: wide enough to amortise reading the tables, narrow enough to stay in registers and cache."""


class Vector(types.Type):
    """LANES numbers of float64."""


class Mask(types.Type):
    """LANES truths."""


class Words(types.Type):
    """LANES unsigned words of 64 bits."""


VECTOR, MASK, WORDS = Vector("Vector"), Mask("Mask"), Words("Words")

SHORT = ir.IntType(32)
LAID_OUT = {
    VECTOR: ir.VectorType(REAL, LANES),
    MASK: ir.VectorType(LONG, LANES),  # all ones or all zeros: as wide as what it masks, it stays in the same registers
    WORDS: ir.VectorType(LONG, LANES),
}
ONE = {VECTOR: types.float64, WORDS: types.uint64}
WIDE = {one: wide for wide, one in ONE.items()}


for _kind in (Vector, Mask, Words):
    laid_out(_kind, LAID_OUT[_kind(_kind.__name__)])


def _bits(builder: Any, mask: Any) -> Any:
    """Return a mask as one bit a lane."""
    return builder.icmp_signed("<", mask, ir.Constant(mask.type, [0] * mask.type.count))


def widened(builder: Any, value: Any, kind: Any) -> Any:
    """Return a vector with one value in every lane."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(SHORT, 0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(SHORT, LANES), [0] * LANES))


def halved(builder: Any, mask: Any) -> Any:
    """Return the lanes of a mask folded onto four, each all ones where some lane of it was."""
    while mask.type.count > 4:
        half = mask.type.count // 2
        numbers = ir.VectorType(SHORT, half)
        low, high = (ir.Constant(numbers, list(range(start, start + half))) for start in (0, half))
        mask = builder.or_(builder.shuffle_vector(mask, mask, low), builder.shuffle_vector(mask, mask, high))
    return mask


# --- Between one number and many


@intrinsic
def spread(_typing: Any, one: Any) -> Any:
    """Return a vector with one number in every lane, or words with one word."""
    result = WIDE[one]
    kind = LAID_OUT[result]

    return code(result, (one,), lambda builder, value: widened(builder, value, kind))


@intrinsic
def where(_typing: Any, mask: Any, yes: Any, no: Any) -> Any:
    """Return `yes` in the lanes of the mask and `no` in the others."""
    return code(yes, (mask, yes, no), lambda builder, m, *values: builder.select(_bits(builder, m), *values))


@intrinsic
def anywhere(_typing: Any, mask: Any) -> Any:
    """Return whether the mask holds in some lane."""
    bits = ir.IntType(4)

    def build(builder: Any, m: Any) -> Any:
        some = _bits(builder, halved(builder, m))
        return builder.icmp_unsigned("!=", builder.bitcast(some, bits), ir.Constant(bits, 0))

    return code(types.boolean, (mask,), build)


@intrinsic
def small_real(_typing: Any, words: Any) -> Any:
    """Return words below 2**52 as numbers, exactly: they become the last bits of a number that has 1 for its unit."""
    result, kind = (VECTOR, LAID_OUT[VECTOR]) if words == WORDS else (types.float64, REAL)

    def same(builder: Any, one: Any) -> Any:
        return widened(builder, one, LAID_OUT[result]) if words == WORDS else one

    def build(builder: Any, w: Any) -> Any:
        bits = ir.Constant(LONG, 0x4330000000000000)  # 2**52
        wide = widened(builder, bits, LAID_OUT[WORDS]) if words == WORDS else bits
        return builder.fsub(builder.bitcast(builder.or_(w, wide), kind), same(builder, ir.Constant(REAL, 2.0**52)))

    return code(result, (words,), build)


@intrinsic
def real(_typing: Any, words: Any) -> Any:
    """Return words below 2**53 as numbers, exactly; of one word or of many."""
    result = VECTOR if words == WORDS else types.float64
    return code(result, (words,), lambda builder, w: builder.uitofp(w, LAID_OUT.get(result, REAL)))


# --- Arithmetic: a number beside a vector is the same number in every lane


def _operator(symbol: Any, wide: types.Type, result: types.Type, build: Callable[..., Any]) -> None:
    """Let `symbol` work between two of a wide type, and between one of it and a single number."""

    @intrinsic
    def operation(_typing: Any, a: Any, b: Any) -> Any:
        return code(result, (a, b), build)

    one, narrow = (types.Number, float) if wide == VECTOR else (types.Integer, np.uint64)

    def overloaded(a: Any, b: Any) -> Any:
        if a == wide and b == wide:
            return lambda a, b: operation(a, b)
        if a == wide and isinstance(b, one):
            return lambda a, b: operation(a, spread(narrow(b)))
        if b == wide and isinstance(a, one):
            return lambda a, b: operation(spread(narrow(a)), b)
        return None

    overload(symbol)(overloaded)


def _truths(symbol: Any, build: Callable[..., Any]) -> None:
    @intrinsic
    def operation(_typing: Any, a: Any, b: Any) -> Any:
        return code(MASK, (a, b), build)

    overload(symbol)(lambda a, b: (lambda a, b: operation(a, b)) if a == MASK and b == MASK else None)


def _compare(sign: str) -> Callable[..., Any]:
    differ = "fcmp_unordered" if sign == "!=" else "fcmp_ordered"
    return lambda builder, a, b: builder.sext(getattr(builder, differ)(sign, a, b), LAID_OUT[MASK])


def _build(instruction: str) -> Callable[..., Any]:
    return lambda builder, a, b: getattr(builder, instruction)(a, b)


for _symbol, _instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
    _operator(getattr(operator, _symbol), VECTOR, VECTOR, _build(_instruction))
    _operator(getattr(operator, f"i{_symbol}"), VECTOR, VECTOR, _build(_instruction))
for _symbol, _sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
    _operator(getattr(operator, _symbol), VECTOR, MASK, _compare(_sign))
for _symbol, _instruction in (("add", "add"), ("mul", "mul"), ("xor", "xor"), ("and_", "and_"), ("rshift", "lshr")):
    _operator(getattr(operator, _symbol), WORDS, WORDS, _build(_instruction))
for _symbol in ("and_", "or_"):
    _truths(getattr(operator, _symbol), _build(_symbol))


@intrinsic
def _not(_typing: Any, mask: Any) -> Any:
    return code(MASK, (mask,), lambda builder, m: builder.not_(m))


@intrinsic
def _minus(_typing: Any, vector: Any) -> Any:
    return code(VECTOR, (vector,), lambda builder, v: builder.fneg(v))


@intrinsic
def _absolute(_typing: Any, vector: Any) -> Any:
    wide, words = LAID_OUT[VECTOR], LAID_OUT[WORDS]
    unsigned = ir.Constant(words, [2**63 - 1] * LANES)

    def build(builder: Any, v: Any) -> Any:
        return builder.bitcast(builder.and_(builder.bitcast(v, words), unsigned), wide)

    return code(VECTOR, (vector,), build)


overload(operator.invert)(lambda mask: (lambda mask: _not(mask)) if mask == MASK else None)
overload(operator.neg)(lambda vector: (lambda vector: _minus(vector)) if vector == VECTOR else None)
overload(abs)(lambda vector: (lambda vector: _absolute(vector)) if vector == VECTOR else None)
