"""Lane types: what a value of the equations is in the engine, many worlds in vector registers, or one world.

A vector build has three compiled types that are WIDTH wide: a `Vector` of float64, a `Mask` of truths and `Words` of
noise. Every operation is the strict IEEE one in each lane, so no lane knows of its neighbours. In the scalar build
(REALPOLITIK_LANES=1) the same three are float64, bool and uint64, and the equations compile unchanged. They do in
threaded builds too, in which several threads play the lanes of a block and `anywhere` is a vote of them all.
"""

import functools
import operator
from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types

from realpolitik_model.engine.native import (
    LONG,
    REAL,
    SCALAR,
    SHORT,
    THREADED,
    WIDTH,
    code,
    external,
    intrinsic,
    jitable,
    laid_out,
    overload,
)
from realpolitik_model.equations import arithmetic, decision, perception, settlement, weights
from realpolitik_model.equations.arithmetic import anywhere, constant, divide, opposite, where


class Vector(types.Type):
    """WIDTH numbers of float64."""


class Mask(types.Type):
    """WIDTH truths."""


class Words(types.Type):
    """WIDTH unsigned words of 64 bits."""


VECTOR: types.Type = types.float64 if SCALAR else Vector("Vector")
MASK: types.Type = types.boolean if SCALAR else Mask("Mask")
WORDS: types.Type = types.uint64 if SCALAR else Words("Words")
TRUTH = ir.IntType(1) if THREADED else LONG
"""A truth of a mask: a GPU has registers of one bit; on a processor it is all ones or all zeros, as wide as what it
masks, in the same registers."""
LAID_OUT: dict[types.Type, Any] = {VECTOR: REAL, WORDS: LONG}
if not SCALAR:
    LAID_OUT = {
        VECTOR: ir.VectorType(REAL, WIDTH),
        MASK: ir.VectorType(TRUTH, WIDTH),
        WORDS: ir.VectorType(LONG, WIDTH),
    }
    for _kind, _laid_out in LAID_OUT.items():
        laid_out(type(_kind), _laid_out)
VOTE = "realpolitik_vote"
"""In a threaded build: the function that returns whether its argument is true in some thread of a block."""
ONE: dict[types.Type, types.Type] = {VECTOR: types.float64, WORDS: types.uint64}
"""One lane of a type."""
WIDE = {one: wide for wide, one in ONE.items()}


def widened(builder: Any, value: Any, kind: Any) -> Any:
    """Return a vector with one value in every lane."""
    if SCALAR:
        return value
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), value, ir.Constant(SHORT, 0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(SHORT, WIDTH), [0] * WIDTH))


@intrinsic
def spread(_typing: Any, one: Any) -> Any:
    """Return a vector with one number in every lane, or words with one word."""
    result = WIDE[one]
    kind = LAID_OUT[result]

    return code(result, (one,), lambda builder, value: widened(builder, value, kind))


@intrinsic
def small_real(_typing: Any, words: Any) -> Any:
    """Return words below 2**52 as numbers, exactly: they become the last bits of a number that has 1 for its unit."""
    wide = words == WORDS and not SCALAR
    result, kind = (VECTOR, LAID_OUT[VECTOR]) if wide else (types.float64, REAL)

    def same(builder: Any, one: Any) -> Any:
        return widened(builder, one, kind) if wide else one

    def build(builder: Any, w: Any) -> Any:
        bits = ir.Constant(LONG, 0x4330000000000000)  # 2**52
        all_bits = widened(builder, bits, LAID_OUT[WORDS]) if wide else bits
        return builder.fsub(builder.bitcast(builder.or_(w, all_bits), kind), same(builder, ir.Constant(REAL, 2.0**52)))

    return code(result, (words,), build)


@intrinsic
def real(_typing: Any, words: Any) -> Any:
    """Return words below 2**53 as numbers, exactly; of one word or of many."""
    result = VECTOR if words == WORDS else types.float64
    return code(result, (words,), lambda builder, w: builder.uitofp(w, LAID_OUT.get(result, REAL)))


# --- The operations of `arithmetic`: plain Python for numbers, and in all lanes for vectors


def _bits(builder: Any, mask: Any) -> Any:
    """Return a mask as one bit per lane."""
    return (
        mask
        if ir.IntType(1) == TRUTH
        else builder.icmp_signed("<", mask, ir.Constant(mask.type, [0] * mask.type.count))
    )


def _halved(builder: Any, mask: Any) -> Any:
    """Return the lanes of a mask folded onto four, each all ones where some lane of it was."""
    while mask.type.count > 4:
        half = mask.type.count // 2
        numbers = ir.VectorType(SHORT, half)
        low, high = (ir.Constant(numbers, list(range(start, start + half))) for start in (0, half))
        mask = builder.or_(builder.shuffle_vector(mask, mask, low), builder.shuffle_vector(mask, mask, high))
    return mask


@intrinsic
def _select(_typing: Any, mask: Any, yes: Any, no: Any) -> Any:
    return code(yes, (mask, yes, no), lambda builder, m, *values: builder.select(_bits(builder, m), *values))


@intrinsic
def _some(_typing: Any, mask: Any) -> Any:
    def build(builder: Any, m: Any) -> Any:
        some = _bits(builder, _halved(builder, m))
        if THREADED:
            lanes = [builder.extract_element(some, ir.Constant(SHORT, n)) for n in range(some.type.count)]
            return functools.reduce(builder.or_, lanes)
        bits = ir.IntType(some.type.count)
        return builder.icmp_unsigned("!=", builder.bitcast(some, bits), ir.Constant(bits, 0))

    return code(types.boolean, (mask,), build)


@intrinsic
def _not(_typing: Any, mask: Any) -> Any:
    return code(MASK, (mask,), lambda builder, m: builder.not_(m))


def lifted(value: Any) -> Any:
    """Return a value as a vector."""
    return value


@overload(lifted)
def _lifted(value: Any) -> Any:
    return (lambda value: value) if value == VECTOR else (lambda value: spread(float(value)))


@overload(where)
def _where(condition: Any, yes: Any, no: Any) -> Any:  # noqa: ARG001
    if SCALAR or condition != MASK:
        return where
    return lambda condition, yes, no: _select(condition, lifted(yes), lifted(no))


@intrinsic
def _vote(_typing: Any, condition: Any) -> Any:
    """Return whether the condition holds for some thread of the block, once all of them have asked."""
    bit = ir.IntType(1)
    return code(types.boolean, (condition,), lambda builder, one: external(builder, VOTE, bit, [one]))


@overload(anywhere)
def _anywhere(condition: Any) -> Any:
    if SCALAR:
        return (lambda condition: _vote(bool(condition))) if THREADED else anywhere
    if condition != MASK:
        return anywhere
    return (lambda condition: _vote(_some(condition))) if THREADED else (lambda condition: _some(condition))


@overload(opposite)
def _opposite(condition: Any) -> Any:
    return opposite if SCALAR or condition != MASK else (lambda condition: _not(condition))


@overload(constant)
def _constant(value: Any, like: Any) -> Any:  # noqa: ARG001
    return constant if SCALAR or like != VECTOR else (lambda value, like: spread(float(value)))  # noqa: ARG005


@overload(divide)
def _divide(a: Any, b: Any) -> Any:  # noqa: ARG001
    return lambda a, b: a / b  # IEEE already: see `OPTIONS`


# --- Arithmetic: a number combined with a vector is the same number in every lane


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

    def build(builder: Any, a: Any, b: Any) -> Any:
        bits = getattr(builder, differ)(sign, a, b)
        return bits if bits.type == LAID_OUT[MASK] else builder.sext(bits, LAID_OUT[MASK])

    return build


def _build(instruction: str) -> Callable[..., Any]:
    return lambda builder, a, b: getattr(builder, instruction)(a, b)


@intrinsic
def _minus(_typing: Any, vector: Any) -> Any:
    return code(VECTOR, (vector,), lambda builder, v: builder.fneg(v))


@intrinsic
def _absolute(_typing: Any, vector: Any) -> Any:
    wide, words = LAID_OUT[VECTOR], LAID_OUT[WORDS]
    unsigned = ir.Constant(words, [2**63 - 1] * WIDTH)

    def build(builder: Any, v: Any) -> Any:
        return builder.bitcast(builder.and_(builder.bitcast(v, words), unsigned), wide)

    return code(VECTOR, (vector,), build)


def _vector_arithmetic() -> None:
    """Let the operators work on vectors, masks and words."""
    for symbol, instruction in (("add", "fadd"), ("sub", "fsub"), ("mul", "fmul"), ("truediv", "fdiv")):
        _operator(getattr(operator, symbol), VECTOR, VECTOR, _build(instruction))
        _operator(getattr(operator, f"i{symbol}"), VECTOR, VECTOR, _build(instruction))
    for symbol, sign in (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!=")):
        _operator(getattr(operator, symbol), VECTOR, MASK, _compare(sign))
    for symbol, instruction in (("add", "add"), ("mul", "mul"), ("xor", "xor"), ("and_", "and_"), ("rshift", "lshr")):
        _operator(getattr(operator, symbol), WORDS, WORDS, _build(instruction))
    for symbol in ("and_", "or_"):
        _truths(getattr(operator, symbol), _build(symbol))
    overload(operator.neg)(lambda vector: (lambda vector: _minus(vector)) if vector == VECTOR else None)
    overload(abs)(lambda vector: (lambda vector: _absolute(vector)) if vector == VECTOR else None)


if not SCALAR:
    _vector_arithmetic()

# --- The equations, compiled unchanged

for _module in (arithmetic, perception, weights, decision, settlement):
    for _function in vars(_module).values():
        own = isinstance(_function, FunctionType) and _function.__module__ == _module.__name__
        if own and _function not in (where, anywhere, opposite, constant, divide, weights.rule_named):
            jitable(_function)
