"""How the types of the kernels are made: thin, typed wrappers of what numba offers to those who extend it."""

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from llvmlite import ir
from numba import extending, types
from numba.extending import models

F = TypeVar("F", bound=Callable[..., Any])

LONG, REAL = ir.IntType(64), ir.DoubleType()
ADDRESS = ir.IntType(8).as_pointer()
CHECKED = os.environ.get("REALPOLITIK_CHECKED", "0") != "0"
"""Whether this is a checked build, in which an index outside its table raises IndexError: REALPOLITIK_CHECKED=1.

It is slower by far and serves tests; results are the same to the bit.
"""


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


def check_index(context: Any, builder: Any, index: Any, end: Any) -> None:
    """Raise IndexError, at run time, unless 0 <= index < end; for checked builds."""
    with builder.if_then(builder.icmp_unsigned(">=", index, end), likely=False):
        context.call_conv.return_user_exc(builder, IndexError, ("a kernel uses an index outside its table",))


def overload(operation: Any) -> Callable[[F], F]:
    """Let an operator take the types for which the function returns an implementation."""
    return cast(Callable[[F], F], extending.overload(operation, strict=False))


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
