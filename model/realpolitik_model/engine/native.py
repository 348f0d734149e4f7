"""Thin, typed wrappers of what numba offers to those who extend it; and how this build of the engine is set up."""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import extending, types
from numba.extending import models

F = TypeVar("F", bound=Callable[..., Any])

LONG, REAL, SHORT = ir.IntType(64), ir.DoubleType(), ir.IntType(32)
ADDRESS = ir.IntType(8).as_pointer()

LANES = int(os.environ.get("REALPOLITIK_LANES", "32"))
"""Worlds in one block: 32 amortise the reading of tables and still fit registers and cache; 1 is the scalar build."""
THREADS = int(os.environ.get("REALPOLITIK_THREADS", "1"))
"""How many threads play a block together, as on a GPU, each WIDTH of its worlds.

They wait for each other where they vote (`anywhere`) and before they store a mark.
"""
if min(LANES, THREADS) < 1 or LANES & (LANES - 1) or THREADS & (THREADS - 1) or THREADS > LANES:
    raise ValueError(
        "REALPOLITIK_LANES and REALPOLITIK_THREADS must be powers of two, and no more threads than lanes, not "
        f"{LANES} and {THREADS}"
    )
THREADED = THREADS > 1
WIDTH = LANES // THREADS
"""How many worlds a thread plays at the same time."""
SCALAR = WIDTH == 1
"""Whether a value is one number."""
CHECKED = os.environ.get("REALPOLITIK_CHECKED", "0") != "0"
"""Whether this is a checked build, in which an index outside its table raises IndexError: REALPOLITIK_CHECKED=1.

Both builds serve tests and give the same results to the bit.
"""
OPTIONS: Any = {"nogil": True, "error_model": "numpy", "forceinline": True, "boundscheck": CHECKED}
"""How all is compiled: without fastmath, so that a world has the same bits on every IEEE machine, and as part of its
callers, so that vectors handed from one function to another stay in registers."""


def laid_out(kind: type[Any], as_: Any) -> None:
    """Let every value of a type be one LLVM value."""
    model: Any = models.PrimitiveModel
    extending.register_model(kind)(lambda manager, typed: model(manager, typed, as_))


def intrinsic(function: Callable[..., Any]) -> Any:
    """Make an operation of LLVM's own instructions; the function is given types and returns a signature and code."""
    return extending.intrinsic(function)


def code(result: types.Type, operands: tuple[types.Type, ...], build: Callable[..., Any]) -> Any:
    """Return what an intrinsic must return, its code being `build(builder, *values)`."""
    return result(*operands), lambda _context, builder, _signature, values: build(builder, *values)


def overload(operation: Any) -> Callable[[F], F]:
    """Let a function or an operator take the types for which the decorated function returns an implementation."""
    return cast(Callable[[F], F], extending.overload(operation, strict=False, jit_options=OPTIONS))


def jitable(function: F) -> F:
    """Let kernels call a plain Python function; it stays one for everybody else."""
    decorator: Any = extending.register_jitable
    return cast(F, decorator(**OPTIONS)(function))


def attribute(kind: type[Any], name: str, read: Any) -> None:
    """Let kernels write `value.name` for what an intrinsic reads off a value of a type."""
    offer: Any = extending.overload_attribute
    offer(kind, name, strict=False)(lambda _value: lambda value: read(value))


def load_fixed(builder: Any, address: Any) -> Any:
    """Return what stands at an address where nothing is written while the kernels run; it need be read only once."""
    value = builder.load(address)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


def nth(builder: Any, address: Any, n: Any, kind: Any) -> Any:
    """Return the address of the n-th word of 64 bits after an address, as a pointer to `kind`."""
    words = builder.bitcast(address, LONG.as_pointer())
    return builder.bitcast(builder.gep(words, [n]), kind.as_pointer())


def external(builder: Any, name: str, result: Any, operands: list[Any]) -> Any:
    """Call a function that is provided when the compiled code is loaded."""
    kind = ir.FunctionType(result, [one.type for one in operands])
    known: Any = builder.module.globals.get(name)
    return builder.call(known or ir.Function(builder.module, kind, name), operands)


def check_index(context: Any, builder: Any, index: Any, end: Any) -> None:
    """Raise IndexError, at run time, unless 0 <= index < end; for checked builds."""
    with builder.if_then(builder.icmp_unsigned(">=", index, end), likely=False):
        context.call_conv.return_user_exc(builder, IndexError, ("a kernel uses an index outside its table",))
