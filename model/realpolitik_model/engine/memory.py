"""Memory as the kernels see it: the tables of a case, and those of a block of worlds. All pointers are here.

`tables.moves[v].cost` reads a record of a case; `state.quantity[k]` a row of a block, one value for all of its lanes,
`state.quantity[k, lane]` one number of it; `state.numbers[p]` is a number of the case, shared by all worlds or not.
"""

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype, types
from numba.core import cgutils

from realpolitik_model.engine.native import (
    ADDRESS,
    CHECKED,
    LANES,
    LONG,
    REAL,
    THREADED,
    THREADS,
    WIDTH,
    attribute,
    check_index,
    external,
    intrinsic,
    jitable,
    laid_out,
    load_fixed,
    nth,
    overload,
)
from realpolitik_model.engine.native import code as plain_code
from realpolitik_model.engine.vectors import LAID_OUT, ONE, VECTOR, WORDS, spread, widened

copy: Any = cgutils.raw_memcpy
ALIGNED = 8 * WIDTH if THREADED else 8
"""Bytes: rows are read as numbers of their own, wherever NumPy put them; in a threaded build, where blocks begin at
multiples of this, as whole vectors."""


def word(value: int) -> Any:
    """Return a constant of 64 bits."""
    return ir.Constant(LONG, value)


# --- The tables of a case


class Directory(types.Type):
    """The tables as the kernels take them: one address, the tables by name, such as `tables.moves`."""


class Table(types.Type):
    """One table: `table.size` and `table[n]`, a record or an index."""

    def __init__(self, name: str, dtype: np.dtype[Any]) -> None:
        super().__init__(f"Table({name})")
        self.element = from_dtype(dtype)


for _kind in (Directory, Table):
    laid_out(_kind, LONG.as_pointer())


@intrinsic
def tables_at(_typing: Any, directory: Any) -> Any:
    """Return the tables of a directory: an array with the address and the size of each."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if isinstance(signature.args[0], types.CPointer):
            return values[0]
        return context.make_array(signature.args[0])(context, builder, values[0]).data

    return Directory("Directory")(directory), generate


def declare_tables(dtypes: Mapping[str, np.dtype[Any]]) -> None:
    """Let kernels read the tables of a directory, in this order, by their names."""
    for n, (name, dtype) in enumerate(dtypes.items()):
        attribute(Directory, name, _table_of_case(n, Table(name, dtype)))


def _table_of_case(n: int, kind: Table) -> Any:
    entry = word(2 * n)
    return intrinsic(lambda _typing, tables: plain_code(kind, (tables,), lambda builder, a: builder.gep(a, [entry])))


def _size_of(builder: Any, table: Any) -> Any:
    return load_fixed(builder, builder.gep(table, [word(1)]))


@intrinsic
def _size(_typing: Any, table: Any) -> Any:
    return plain_code(types.intp, (table,), _size_of)


attribute(Table, "size", _size)


@intrinsic
def _record(_typing: Any, table: Any, n: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        element = signature.args[0].element
        if CHECKED:
            check_index(context, builder, values[1], _size_of(builder, values[0]))
        record = isinstance(element, types.Record)
        size = word(element.size if record else element.bitwidth // 8)
        place = builder.add(load_fixed(builder, values[0]), builder.mul(values[1], size))
        kind = context.get_value_type(element)
        row = builder.inttoptr(place, kind if record else kind.as_pointer())
        return row if record else load_fixed(builder, row)

    return table.element(table, n), generate


@overload(operator.getitem)
def _get_record(table: Any, n: Any) -> Any:  # noqa: ARG001
    return (lambda table, n: _record(table, n)) if isinstance(table, Table) else None


# --- The tables of a block of worlds


class Rows(types.Type):
    """A table of values: `rows[r]` has all lanes, `rows[r, lane]` is one number."""


class WordRows(types.Type):
    """A table of words."""


class Marks(types.Type):
    """A table of whole numbers that serve all worlds of a block: `marks[n]`."""


class Numbers(types.Type):
    """The numbers of a case: `numbers[p]` is a value, made of one number where all worlds share it.

    Each is stored as its value and, where it differs by world, the offset of its row in bytes; else that is 0.
    """


ROWS, WORD_ROWS, MARKS, NUMBERS = Rows("Rows"), WordRows("WordRows"), Marks("Marks"), Numbers("Numbers")
HELD: dict[types.Type, types.Type] = {ROWS: VECTOR, WORD_ROWS: WORDS}
PAIR = ir.LiteralStructType([ADDRESS, LONG])
TABLE = PAIR if CHECKED or THREADED else ADDRESS
"""A table of a block as the kernels hold it: its address; in a checked build also how many entries it has, and in a
threaded one the first lane of the thread."""

for _of_block in (Rows, WordRows, Marks, Numbers):
    laid_out(_of_block, TABLE)


class Block(types.Type):
    """One block of worlds as the kernels take it: an address, its tables by name, such as `state.quantity`.

    In a threaded build also the first lane of the thread, and the address of a copy of the words at the start of each
    block, which all of them share.
    """


PARTS = ir.LiteralStructType([ADDRESS, LONG, ADDRESS])
laid_out(Block, PARTS if THREADED else ADDRESS)
MEETING = "realpolitik_meet"
"""In a threaded build: the function that waits until all threads of a block have called it."""


def pair(builder: Any, address: Any, second: Any) -> Any:
    """Return an address and what belongs to it as one value."""
    return builder.insert_value(builder.insert_value(ir.Constant(PAIR, ir.Undefined), address, 0), second, 1)


def address_of(builder: Any, state: Any) -> Any:
    """Return the address of a block."""
    return builder.extract_value(state, 0) if THREADED else state


def in_header(builder: Any, state: Any, n: int) -> Any:
    """Return the n-th word at the start of a block, which no kernel writes."""
    header = builder.extract_value(state, 2) if THREADED else state
    return load_fixed(builder, nth(builder, header, word(n), LONG))


def moved(builder: Any, state: Any, address: Any) -> Any:
    """Return the same block at another address."""
    return builder.insert_value(state, address, 0) if THREADED else address


@intrinsic
def block_of(_typing: Any, memory: Any, size: Any, b: Any, lane: Any, header: Any) -> Any:
    """Return block b of a memory of blocks of `size` words as a thread has it; in a threaded build.

    `lane` is the first one that the thread plays, and `header` a copy of the words at the start of each block.
    """

    def build(builder: Any, address: Any, words: Any, n: Any, own: Any, shared: Any) -> Any:
        parts = (nth(builder, address, builder.mul(words, n), LONG), own, shared)
        block = ir.Constant(PARTS, ir.Undefined)
        for at, part in enumerate(parts):
            block = builder.insert_value(block, part if at == 1 else builder.bitcast(part, ADDRESS), at)
        return block

    return plain_code(Block("Block"), (memory, size, b, lane, header), build)


@intrinsic
def first_lane(_typing: Any, state: Any) -> Any:
    """Return the first lane of the thread; 0 where one thread plays all lanes."""

    def build(builder: Any, here: Any) -> Any:
        return builder.extract_value(here, 1) if THREADED else word(0)

    return plain_code(types.intp, (state,), build)


@jitable
def every_lane(state: Any, most: int = LANES) -> range:
    """Return the lanes that the thread plays, of the first `most`: what has no vector form is done lane by lane."""
    first = first_lane(state)
    return range(first, min(first + WIDTH, most))


def meet(builder: Any) -> None:
    """Let the threads of a block wait for each other, if there are several."""
    if THREADED:
        external(builder, MEETING, ir.VoidType(), [])


@intrinsic
def gather(_typing: Any) -> Any:
    """Wait for all threads of a block: what they have stored can be read after it."""

    def build(builder: Any) -> Any:
        meet(builder)

    return plain_code(types.void, (), build)


@intrinsic
def block(_typing: Any, memory: Any, b: Any) -> Any:
    """Return one block of the memory, which the caller keeps alive."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, values[0])
        if CHECKED:
            check_index(context, builder, values[1], builder.extract_value(array.shape, 0))
        stride = builder.extract_value(array.strides, 0)
        return builder.gep(builder.bitcast(array.data, ADDRESS), [builder.mul(stride, values[1])])

    return Block("Block")(memory, b), generate


@intrinsic
def ahead(_typing: Any, state: Any) -> Any:
    """Return the block behind a block, in which courses are played."""

    def build(builder: Any, here: Any) -> Any:
        address = address_of(builder, here)
        return moved(builder, here, builder.gep(address, [in_header(builder, here, 0)]))

    return plain_code(state, (state,), build)


@intrinsic
def copy_ahead(_typing: Any, state: Any) -> Any:
    """Copy a block, without the courses that it keeps, to the block behind it."""

    def build(builder: Any, here: Any) -> None:
        address = address_of(builder, here)
        behind = builder.gep(address, [in_header(builder, here, 0)])
        size = in_header(builder, here, 1)
        if THREADED:  # each thread copies its share: no two store one word
            meet(builder)
            thread, words = builder.udiv(builder.extract_value(here, 1), word(WIDTH)), builder.udiv(size, word(8))
            with cgutils.for_range_slice(builder, thread, words, word(THREADS)) as (at, _):
                builder.store(builder.load(nth(builder, address, at, LONG)), nth(builder, behind, at, LONG))
            meet(builder)
        else:
            copy(builder, behind, address, size, word(1))

    return plain_code(types.void, (state,), build)


def declare_block(kinds: Iterable[tuple[str, types.Type]]) -> None:
    """Let kernels reach the tables of a block by their names.

    A block begins with its bytes, those before the courses that it keeps, the byte at which each table starts, in this
    order, and how many entries each has.
    """
    named = list(kinds)
    for n, (name, kind) in enumerate(named):
        attribute(Block, name, _table_of_block(n, len(named), kind))


def _table_of_block(n: int, tables: int, kind: types.Type) -> Any:
    def build(builder: Any, here: Any) -> Any:
        table = builder.gep(address_of(builder, here), [in_header(builder, here, 2 + n)])
        if THREADED:
            return pair(builder, table, builder.extract_value(here, 1))
        return pair(builder, table, in_header(builder, here, 2 + tables + n)) if CHECKED else table

    return intrinsic(lambda _typing, state: plain_code(kind, (state,), build))


def code(result: types.Type, operands: tuple[types.Type, ...], build: Callable[..., Any], lane: bool = False) -> Any:
    """Return what an intrinsic on (table, index, ...) returns, its code being `build(builder, place, index, ...)`.

    `place` is the address of the table and the lane from which rows are read. A checked build compares the index with
    the size of the table and, if the next operand is a `lane`, that with LANES.
    """

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        if THREADED:
            first, own = (builder.extract_value(values[0], n) for n in (0, 1))
            return build(builder, (first, own), *values[1:])
        if not CHECKED:
            return build(builder, (values[0], word(0)), *values[1:])
        check_index(context, builder, values[1], builder.extract_value(values[0], 1))
        if lane:
            check_index(context, builder, values[2], word(LANES))
        return build(builder, (builder.extract_value(values[0], 0), word(0)), *values[1:])

    return result(*operands), generate


def _entry(builder: Any, row: Any, lane: Any) -> Any:
    """Return where a lane of a row stands among the words of its table."""
    return builder.add(builder.mul(row, word(LANES)), lane)


@intrinsic
def load_row(_typing: Any, rows: Any, row: Any) -> Any:
    """Return one row of a table."""
    kind = LAID_OUT[HELD[rows]]

    def build(builder: Any, place: Any, r: Any) -> Any:
        address, own = place
        return builder.load(nth(builder, address, _entry(builder, r, own), kind), align=ALIGNED)

    return code(HELD[rows], (rows, row), build)


@intrinsic
def store_row(_typing: Any, rows: Any, row: Any, held: Any) -> Any:
    """Set one row of a table."""

    def build(builder: Any, place: Any, r: Any, value: Any) -> Any:
        address, own = place
        builder.store(value, nth(builder, address, _entry(builder, r, own), value.type), align=ALIGNED)

    return code(types.void, (rows, row, held), build)


@intrinsic
def load_lane(_typing: Any, rows: Any, row: Any, lane: Any) -> Any:
    """Return one number of a table."""
    kind = REAL if rows == ROWS else LONG

    def build(builder: Any, place: Any, r: Any, n: Any) -> Any:
        return builder.load(nth(builder, place[0], _entry(builder, r, n), kind))

    return code(ONE[HELD[rows]], (rows, row, lane), build, lane=True)


@intrinsic
def store_lane(_typing: Any, rows: Any, row: Any, lane: Any, one: Any) -> Any:
    """Set one number of a table."""

    def build(builder: Any, place: Any, r: Any, n: Any, value: Any) -> Any:
        builder.store(value, nth(builder, place[0], _entry(builder, r, n), value.type))

    return code(types.void, (rows, row, lane, one), build, lane=True)


@intrinsic
def load_mark(_typing: Any, marks: Any, n: Any) -> Any:
    """Return one mark."""
    return code(types.intp, (marks, n), lambda builder, place, at: builder.load(nth(builder, place[0], at, LONG)))


@intrinsic
def store_mark(_typing: Any, marks: Any, n: Any, mark: Any) -> Any:
    """Set one mark: every thread stores the same, once all of them have read what stood there."""

    def build(builder: Any, place: Any, at: Any, value: Any) -> Any:
        meet(builder)
        builder.store(value, nth(builder, place[0], at, LONG))

    return code(types.void, (marks, n, mark), build)


def _number_at(builder: Any, address: Any, p: Any) -> tuple[Any, Any]:
    """Return the addresses of a number's value and of the offset of its row."""
    value = builder.mul(p, word(2))
    return nth(builder, address, value, REAL), nth(builder, address, builder.add(value, word(1)), LONG)


def _by_world(builder: Any, address: Any, offset: Any, shared: Callable[[], Any], own: Callable[[Any], Any]) -> Any:
    """Return what `shared`, or `own`, given the address of the row, comes to."""
    bytes_on = load_fixed(builder, offset)
    with builder.if_else(builder.icmp_signed("==", bytes_on, word(0))) as (same, differing):
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
    """Return one number as a value."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, place: Any, index: Any) -> Any:
        address, first = place
        value, offset = _number_at(builder, address, index)
        own = lambda row: builder.load(nth(builder, row, first, kind), align=ALIGNED)  # noqa: E731
        return _by_world(builder, address, offset, lambda: widened(builder, builder.load(value), kind), own)

    return code(VECTOR, (numbers, p), build)


@intrinsic
def load_number_of(_typing: Any, numbers: Any, p: Any, lane: Any) -> Any:
    """Return one number of one world."""

    def build(builder: Any, place: Any, index: Any, n: Any) -> Any:
        value, offset = _number_at(builder, place[0], index)
        own = lambda row: builder.load(nth(builder, row, n, REAL))  # noqa: E731
        return _by_world(builder, place[0], offset, lambda: builder.load(value), own)

    return code(types.float64, (numbers, p, lane), build, lane=True)


@intrinsic
def store_number(_typing: Any, numbers: Any, p: Any, one: Any) -> Any:
    """Set one number in all worlds."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, place: Any, index: Any, new: Any) -> Any:
        address, first = place
        value, offset = _number_at(builder, address, index)

        def own(row: Any) -> None:
            builder.store(widened(builder, new, kind), nth(builder, row, first, kind), align=ALIGNED)

        meet(builder)
        builder.store(new, value)
        return _by_world(builder, address, offset, lambda: None, own)

    return code(types.void, (numbers, p, one), build)


@intrinsic
def store_number_of(_typing: Any, numbers: Any, p: Any, lane: Any, one: Any) -> Any:
    """Set one number, which must differ by world, in one world."""

    def build(builder: Any, place: Any, index: Any, n: Any, new: Any) -> Any:
        offset = _number_at(builder, place[0], index)[1]
        builder.store(new, nth(builder, builder.gep(place[0], [builder.load(offset)]), n, REAL))

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
    if value == HELD[rows]:
        return lambda rows, index, value: store_row(rows, int(index), value)
    return lambda rows, index, value: store_row(rows, int(index), spread(float(value)))
