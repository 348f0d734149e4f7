"""Tables of a block in memory: rows of vectors, rows of words, and marks, one a block."""

import operator
from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types

from realpolitik_model.native import (
    ADDRESS,
    CHECKED,
    LONG,
    REAL,
    check_index,
    intrinsic,
    laid_out,
    load_fixed,
    nth,
    overload,
)
from realpolitik_model.vectors import LAID_OUT, LANES, ONE, VECTOR, WORDS, spread, widened

ALIGNED = 8
"""Bytes: rows are read as numbers of their own, wherever NumPy put them."""


class Rows(types.Type):
    """A table of vectors: `rows[r]` is a vector, `rows[r, lane]` one number of it."""


class WordRows(types.Type):
    """A table of words."""


class Marks(types.Type):
    """A table of whole numbers that serve all worlds of a block: `marks[n]`."""


class Numbers(types.Type):
    """The numbers of a case: `numbers[p]` is a vector, made of one number where all worlds share it.

    Each stands as its value and, where it varies by world, how many bytes further on its row is; 0 if it does not.
    """


ROWS, WORD_ROWS, MARKS, NUMBERS = Rows("Rows"), WordRows("WordRows"), Marks("Marks"), Numbers("Numbers")
HELD = {ROWS: VECTOR, WORD_ROWS: WORDS}


TABLE = ir.LiteralStructType([ADDRESS, LONG]) if CHECKED else ADDRESS
"""A table as the kernels hold it: its address; in a checked build also how many entries it has."""


for _kind in (Rows, WordRows, Marks, Numbers):
    laid_out(_kind, TABLE)


def code(result: types.Type, operands: tuple[types.Type, ...], build: Callable[..., Any], lane: bool = False) -> Any:
    """Return what an intrinsic on (table, index, ...) returns, its code being `build(builder, address, index, ...)`.

    A checked build compares the index with the size of the table and, if the next operand is a `lane`, that with LANES.
    """

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        if not CHECKED:
            return build(builder, *values)
        check_index(context, builder, values[1], builder.extract_value(values[0], 1))
        if lane:
            check_index(context, builder, values[2], ir.Constant(LONG, LANES))
        return build(builder, builder.extract_value(values[0], 0), *values[1:])

    return result(*operands), generate


def _index(builder: Any, row: Any, lane: Any) -> Any:
    return builder.add(builder.mul(row, ir.Constant(LONG, LANES)), lane)


NO_LANE = ir.Constant(LONG, 0)


@intrinsic
def load_row(_typing: Any, rows: Any, row: Any) -> Any:
    """Return one row of a table."""
    kind = LAID_OUT[HELD[rows]]

    def build(builder: Any, address: Any, r: Any) -> Any:
        return builder.load(nth(builder, address, _index(builder, r, NO_LANE), kind), align=ALIGNED)

    return code(HELD[rows], (rows, row), build)


@intrinsic
def store_row(_typing: Any, rows: Any, row: Any, held: Any) -> Any:
    """Set one row of a table."""

    def build(builder: Any, address: Any, r: Any, value: Any) -> Any:
        builder.store(value, nth(builder, address, _index(builder, r, NO_LANE), value.type), align=ALIGNED)

    return code(types.void, (rows, row, held), build)


@intrinsic
def load_lane(_typing: Any, rows: Any, row: Any, lane: Any) -> Any:
    """Return one number of a table."""
    kind = LAID_OUT[HELD[rows]].element

    def build(builder: Any, address: Any, r: Any, n: Any) -> Any:
        return builder.load(nth(builder, address, _index(builder, r, n), kind))

    return code(ONE[HELD[rows]], (rows, row, lane), build, lane=True)


@intrinsic
def store_lane(_typing: Any, rows: Any, row: Any, lane: Any, one: Any) -> Any:
    """Set one number of a table."""

    def build(builder: Any, address: Any, r: Any, n: Any, value: Any) -> Any:
        builder.store(value, nth(builder, address, _index(builder, r, n), value.type))

    return code(types.void, (rows, row, lane, one), build, lane=True)


@intrinsic
def load_mark(_typing: Any, marks: Any, n: Any) -> Any:
    """Return one mark."""
    return code(types.intp, (marks, n), lambda builder, address, at: builder.load(nth(builder, address, at, LONG)))


@intrinsic
def store_mark(_typing: Any, marks: Any, n: Any, mark: Any) -> Any:
    """Set one mark."""

    def build(builder: Any, address: Any, at: Any, value: Any) -> Any:
        builder.store(value, nth(builder, address, at, LONG))

    return code(types.void, (marks, n, mark), build)


def _entry(builder: Any, address: Any, p: Any) -> tuple[Any, Any]:
    """Return the addresses of a number's value and of the way to its row."""
    value = builder.mul(p, ir.Constant(LONG, 2))
    return nth(builder, address, value, REAL), nth(builder, address, builder.add(value, ir.Constant(LONG, 1)), LONG)


def _by_world(builder: Any, address: Any, way: Any, shared: Callable[[], Any], own: Callable[[Any], Any]) -> Any:
    """Return what `shared` or `own`, given the address of the row, comes to."""
    bytes_on = load_fixed(builder, way)
    with builder.if_else(builder.icmp_signed("==", bytes_on, ir.Constant(LONG, 0))) as (same, differing):
        with same:
            first, after_first = shared(), builder.block
        with differing:
            second, after_second = own(builder.gep(address, [bytes_on])), builder.block
    if first is None:
        return None
    result = builder.phi(first.type)
    result.add_incoming(first, after_first)
    result.add_incoming(second, after_second)
    return result


@intrinsic
def load_number(_typing: Any, numbers: Any, p: Any) -> Any:
    """Return one number as a vector."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, address: Any, index: Any) -> Any:
        value, way = _entry(builder, address, index)
        own = lambda row: builder.load(builder.bitcast(row, kind.as_pointer()), align=ALIGNED)  # noqa: E731
        return _by_world(builder, address, way, lambda: widened(builder, builder.load(value), kind), own)

    return code(VECTOR, (numbers, p), build)


@intrinsic
def load_number_of(_typing: Any, numbers: Any, p: Any, lane: Any) -> Any:
    """Return one number of one world."""

    def build(builder: Any, address: Any, index: Any, n: Any) -> Any:
        value, way = _entry(builder, address, index)
        own = lambda row: builder.load(nth(builder, row, n, REAL))  # noqa: E731
        return _by_world(builder, address, way, lambda: builder.load(value), own)

    return code(types.float64, (numbers, p, lane), build, lane=True)


@intrinsic
def store_number(_typing: Any, numbers: Any, p: Any, one: Any) -> Any:
    """Set one number in all worlds."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, address: Any, index: Any, new: Any) -> Any:
        value, way = _entry(builder, address, index)

        def own(row: Any) -> None:
            builder.store(widened(builder, new, kind), builder.bitcast(row, kind.as_pointer()), align=ALIGNED)

        builder.store(new, value)
        return _by_world(builder, address, way, lambda: None, own)

    return code(types.void, (numbers, p, one), build)


@intrinsic
def store_number_of(_typing: Any, numbers: Any, p: Any, lane: Any, one: Any) -> Any:
    """Set one number, which must vary, in one world."""

    def build(builder: Any, address: Any, index: Any, n: Any, new: Any) -> Any:
        way = _entry(builder, address, index)[1]
        builder.store(new, nth(builder, builder.gep(address, [builder.load(way)]), n, REAL))

    return code(types.void, (numbers, p, lane, one), build, lane=True)


@overload(operator.getitem)
def _get(rows: Any, index: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index: load_mark(rows, int(index))
    if rows == NUMBERS and isinstance(index, types.BaseTuple):
        return lambda rows, index: load_number_of(rows, int(index[0]), int(index[1]))
    if rows == NUMBERS:
        return lambda rows, index: load_number(rows, int(index))
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index: load_lane(rows, int(index[0]), int(index[1]))
    return lambda rows, index: load_row(rows, int(index))


@overload(operator.setitem)
def _set(rows: Any, index: Any, value: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index, value: store_mark(rows, int(index), int(value))
    if rows == NUMBERS and isinstance(index, types.BaseTuple):
        return lambda rows, index, value: store_number_of(rows, int(index[0]), int(index[1]), value)
    if rows == NUMBERS:
        return lambda rows, index, value: store_number(rows, int(index), value)
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index, value: store_lane(rows, int(index[0]), int(index[1]), value)
    if value in ONE:
        return lambda rows, index, value: store_row(rows, int(index), value)
    return lambda rows, index, value: store_row(rows, int(index), spread(float(value)))
