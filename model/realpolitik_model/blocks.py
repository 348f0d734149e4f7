"""Blocks as the kernels see them: `lanes.quantity[k]` is a vector, and what several equations do with such rows."""

from typing import Any

from llvmlite import ir
from numba import types

from realpolitik_model.compiling import kernel
from realpolitik_model.lanes import KINDS, TABLES
from realpolitik_model.native import ADDRESS, CHECKED, LONG, attribute, code, intrinsic, laid_out, load_fixed, nth
from realpolitik_model.rows import ROWS, TABLE
from realpolitik_model.vectors import LANES, spread, where


class Block(types.Type):
    """One block of worlds as the kernels take it: an address, its tables by name, such as `lanes.quantity`."""


laid_out(Block, ADDRESS)


@intrinsic
def block(_typing: Any, memory: Any, b: Any) -> Any:
    """Return one block of the memory, which the caller keeps alive."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        stride = builder.extract_value(array.strides, 0)
        return builder.gep(builder.bitcast(array.data, ADDRESS), [builder.mul(stride, values[1])])

    return Block("Block")(memory, b), generate


def _table(n: int, name: str) -> Any:
    """Return an intrinsic that reads where the n-th table of a block begins."""
    kind = KINDS.get(name, ROWS)

    def build(builder: Any, address: Any) -> Any:
        start, size = (
            load_fixed(builder, nth(builder, address, ir.Constant(LONG, word), LONG)) for word in (n, len(TABLES) + n)
        )
        table = builder.gep(address, [builder.mul(start, ir.Constant(LONG, 8 * LANES))])
        if not CHECKED:
            return table
        held = builder.insert_value(ir.Constant(TABLE, ir.Undefined), table, 0)
        return builder.insert_value(held, size, 1)

    return intrinsic(lambda _typing, lanes: code(kind, (lanes,), build))


for _n, _name in enumerate(TABLES):
    attribute(Block, _name, _table(_n, _name))


@kernel
def clip(v: Any, low: Any, high: Any) -> Any:
    """Return v held within [low, high]."""
    v = where(v > low, v, spread(low))
    return where(v < high, v, spread(high))


@kernel
def fill(rows: Any, count: Any, value: Any) -> None:
    """Set the first `count` rows of a table to one number."""
    for r in range(count):
        rows[r] = value


@kernel
def affine(tables: Any, lanes: Any, base: Any, start: Any, end: Any) -> Any:
    """Return base + sum of effect * quantity, left to right: the form of E2, E3 and of a rest."""
    total = lanes.numbers[base]
    for e in range(start, end):
        effect = tables.effects[e]
        total += lanes.numbers[effect.number] * lanes.quantity[effect.quantity]
    return total


@kernel
def holds(tables: Any, lanes: Any, start: Any, end: Any) -> Any:
    """Return the worlds in which every condition of the range holds."""
    held = spread(0.0) == 0.0
    for c in range(start, end):
        condition = tables.conditions[c]
        left = lanes.quantity[condition.quantity]
        right = lanes.numbers[condition.number] if condition.other < 0 else lanes.quantity[condition.other]
        held = held & (left > right if condition.above == 1 else left < right)
    return held
