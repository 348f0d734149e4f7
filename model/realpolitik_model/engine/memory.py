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
    SHORT,
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
AT_ONCE = 16
"""Bytes that a thread of a GPU loads at once. A warp loads fastest where these are neighbours: so a row has first the
lanes of each thread that take so many bytes, then the next ones."""


def word(value: int) -> Any:
    """Return a constant of 64 bits."""
    return ir.Constant(LONG, value)


def further(builder: Any, address: Any, *distances: Any) -> Any:
    """Return an address so many bytes after another, for threads: a GPU adds 32 bits in one instruction, 64 in two."""
    total = ir.Constant(SHORT, 0)
    for one in distances:
        total = builder.add(total, builder.trunc(one, SHORT))
    return builder.gep(address, [builder.zext(total, LONG)])


# --- The tables of a case


class Directory(types.Type):
    """The tables as the kernels take them: one address, the tables by name, such as `tables.moves`."""


class Table(types.Type):
    """One table: `table.size` and `table[n]`, a record or an index."""

    def __init__(self, name: str, dtype: np.dtype[Any]) -> None:
        super().__init__(f"Table({name})")
        self.element = from_dtype(dtype)


WHERE = ir.LiteralStructType([LONG.as_pointer(), ADDRESS])
for _kind in (Directory, Table):
    laid_out(_kind, WHERE if THREADED else LONG.as_pointer())


@intrinsic
def tables_at(_typing: Any, directory: Any) -> Any:
    """Return the tables of a directory: an array with the address and the size of each."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, values[0]).data

    return Directory("Directory")(directory), generate


@intrinsic
def tables_from(_typing: Any, directory: Any, start: Any) -> Any:
    """Return the tables of a directory that has, in place of their addresses, their distances in bytes from a start.

    In a threaded build.
    """

    def build(builder: Any, words: Any, address: Any) -> Any:
        return joined(builder, WHERE, words, builder.bitcast(address, ADDRESS))

    return plain_code(Directory("Directory"), (directory, start), build)


def declare_tables(dtypes: Mapping[str, np.dtype[Any]]) -> None:
    """Let kernels read the tables of a directory, in this order, by their names."""
    for n, (name, dtype) in enumerate(dtypes.items()):
        attribute(Directory, name, _table_of_case(n, Table(name, dtype)))


def _table_of_case(n: int, kind: Table) -> Any:
    def build(builder: Any, tables: Any) -> Any:
        entry = builder.gep(_entries(builder, tables), [word(2 * n)])
        return builder.insert_value(tables, entry, 0) if THREADED else entry

    return intrinsic(lambda _typing, tables: plain_code(kind, (tables,), build))


def _entries(builder: Any, tables: Any) -> Any:
    """Return the address of the directory, or of the entry of one table."""
    return builder.extract_value(tables, 0) if THREADED else tables


def _size_of(builder: Any, table: Any) -> Any:
    return load_fixed(builder, builder.gep(_entries(builder, table), [word(1)]))


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
        start, on = load_fixed(builder, _entries(builder, values[0])), builder.mul(values[1], size)
        kind = context.get_value_type(element)
        kind = kind if record else kind.as_pointer()
        if THREADED:
            row = builder.bitcast(further(builder, builder.extract_value(values[0], 1), start, on), kind)
        else:
            row = builder.inttoptr(builder.add(start, on), kind)
        return row if record else load_fixed(builder, row)

    return table.element(table, n), generate


@overload(operator.getitem)
def _get_record(table: Any, n: Any) -> Any:  # noqa: ARG001
    return (lambda table, n: _record(table, np.int64(n))) if isinstance(table, Table) else None


# --- The tables of a block of worlds


class Rows(types.Type):
    """A table of values: `rows[r]` has all lanes, `rows[r, lane]` is one number."""


class WordRows(types.Type):
    """A table of words."""


class WholeRows(types.Type):
    """A table of whole numbers below 2**31, as values: in a threaded build they take 32 bits in memory."""


class Marks(types.Type):
    """A table of whole numbers that serve all worlds of a block: `marks[n]`."""


class Numbers(types.Type):
    """The numbers of a case: `numbers[p]` is a value, made of one number where all worlds share it.

    Each is stored as its value and, where it differs by world, the offset of its row in bytes; else that is 0. The
    offset is from the table, in a threaded build from the start of the block.
    """


ROWS, WORD_ROWS, WHOLE_ROWS = Rows("Rows"), WordRows("WordRows"), WholeRows("WholeRows")
MARKS, NUMBERS = Marks("Marks"), Numbers("Numbers")
HELD: dict[types.Type, types.Type] = {ROWS: VECTOR, WORD_ROWS: WORDS, WHOLE_ROWS: VECTOR}
WHOLE_BYTES = 4
"""Of a whole number in a threaded build."""
MARKED, COMMON = 3, 4
APART = {MARKS: MARKED, NUMBERS: COMMON}
"""What stands apart from the rows in a threaded build, where a GPU reads it fastest, and which part of a block has its
address. Marks are of one block. Numbers serve several blocks, which store the same in them, and in the same step."""
PAIR = ir.LiteralStructType([ADDRESS, LONG])
OF_A_THREAD = ir.LiteralStructType([ADDRESS, LONG, LONG, ADDRESS])
TABLE = OF_A_THREAD if THREADED else PAIR if CHECKED else ADDRESS
"""A table of a block as the kernels hold it: its address; in a checked build also how many entries it has. In a
threaded one: from where, and how many bytes after that; the first lane of the thread; and the address of the block."""

for _of_block in (Rows, WordRows, WholeRows, Marks, Numbers):
    laid_out(_of_block, TABLE)


class Block(types.Type):
    """One block of worlds as the kernels take it: an address, its tables by name, such as `state.quantity`.

    In a threaded build also the first lane of the thread, the address of the header, which all blocks share, and those
    of the marks of the block and of what it has in common with others.
    """


PARTS = ir.LiteralStructType([ADDRESS, LONG, ADDRESS, ADDRESS, ADDRESS])
laid_out(Block, PARTS if THREADED else ADDRESS)
MEETING = "realpolitik_meet"
"""In a threaded build: the function that waits until all threads of a block have called it."""
STEP = "realpolitik_step"
"""In a threaded build: the function that waits until all threads of all blocks nearby have called it."""


def joined(builder: Any, kind: Any, *parts: Any) -> Any:
    """Return addresses and what belongs to them as one value."""
    whole = ir.Constant(kind, ir.Undefined)
    for at, part in enumerate(parts):
        whole = builder.insert_value(whole, part, at)
    return whole


def address_of(builder: Any, state: Any) -> Any:
    """Return the address of a block."""
    return builder.extract_value(state, 0) if THREADED else state


def in_header(builder: Any, state: Any, n: int) -> Any:
    """Return the n-th word of the header of a block, which no kernel writes."""
    header = builder.extract_value(state, 2) if THREADED else state
    return load_fixed(builder, nth(builder, header, word(n), LONG))


def behind(builder: Any, state: Any) -> Any:
    """Return the block behind a block."""
    after = builder.gep(address_of(builder, state), [in_header(builder, state, 0)])
    if not THREADED:
        return after
    marks = builder.gep(builder.extract_value(state, MARKED), [in_header(builder, state, 2)])
    return builder.insert_value(builder.insert_value(state, after, 0), marks, MARKED)


@intrinsic
def block_of(_typing: Any, memory: Any, size: Any, b: Any, lane: Any, header: Any, marks: Any, common: Any) -> Any:
    """Return block b of a memory of blocks of `size` words as a thread has it; in a threaded build.

    `lane` is the first one that the thread plays, `header` that of all blocks, `marks` are those of this block, and
    `common` is what it has in common with the blocks nearby.
    """

    def build(builder: Any, address: Any, words: Any, n: Any, own: Any, *others: Any) -> Any:
        place = nth(builder, address, builder.mul(words, n), LONG)
        first, *rest = (builder.bitcast(one, ADDRESS) for one in (place, *others))
        return joined(builder, PARTS, first, own, *rest)

    return plain_code(Block("Block"), (memory, size, b, lane, header, marks, common), build)


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
def keep_step(_typing: Any) -> Any:
    """In a threaded build: wait for the blocks nearby, the warps of a thread block on a GPU.

    What they have in common changes between two steps only, and a GPU fetches code once for blocks in step. Each has to
    come here equally often, or to have ended.
    """

    def build(builder: Any) -> Any:
        if THREADED:
            external(builder, STEP, ir.VoidType(), [])

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
    return plain_code(state, (state,), behind)


@intrinsic
def copy_ahead(_typing: Any, state: Any) -> Any:
    """Copy a block, without the courses that it keeps, to the block behind it."""

    def build(builder: Any, here: Any) -> None:
        there = behind(builder, here)
        size = in_header(builder, here, 1)
        if not THREADED:
            copy(builder, there, here, size, word(1))
            return
        meet(builder)
        # each thread copies as many lanes as it plays, and its share of the marks: no two store one word
        first, kind = builder.extract_value(here, 1), LAID_OUT[WORDS]
        places = [(builder.extract_value(one, 0), word(0)) for one in (here, there)]
        with cgutils.for_range(builder, builder.udiv(size, word(8 * LANES))) as rows:
            store_lanes(builder, places[1], rows.index, first, load_lanes(builder, places[0], rows.index, first, kind))
        meet(builder)
        thread, words = builder.udiv(first, word(WIDTH)), builder.udiv(in_header(builder, here, 3), word(8))
        marks = [builder.extract_value(one, MARKED) for one in (here, there)]
        with cgutils.for_range_slice(builder, thread, words, word(THREADS)) as (at, _):
            builder.store(builder.load(nth(builder, marks[0], at, LONG)), nth(builder, marks[1], at, LONG))
        meet(builder)

    return plain_code(types.void, (state,), build)


SIZES = 4
"""Words of a header before the places of the tables."""


def declare_block(kinds: Iterable[tuple[str, types.Type]]) -> None:
    """Let kernels reach the tables of a block by their names.

    The header of a block, with which it begins, has its bytes, and those before the courses that it keeps; in a
    threaded build the same of its marks, which stand apart; then the byte at which each table starts, in this order,
    and how many entries each has.
    """
    named = list(kinds)
    for n, (name, kind) in enumerate(named):
        attribute(Block, name, _table_of_block(n, len(named), kind))


def _table_of_block(n: int, tables: int, kind: types.Type) -> Any:
    def build(builder: Any, here: Any) -> Any:
        start = in_header(builder, here, SIZES + n)
        if THREADED:
            base = builder.extract_value(here, APART.get(kind, 0))
            return joined(builder, TABLE, base, start, builder.extract_value(here, 1), address_of(builder, here))
        table = builder.gep(here, [start])
        return joined(builder, TABLE, table, in_header(builder, here, SIZES + tables + n)) if CHECKED else table

    return intrinsic(lambda _typing, state: plain_code(kind, (state,), build))


def code(result: types.Type, operands: tuple[types.Type, ...], build: Callable[..., Any], lane: bool = False) -> Any:
    """Return what an intrinsic on (table, index, ...) returns, its code being `build(builder, place, index, ...)`.

    `place` is where the table is, the lane from which rows are read, and the address from which a number has the offset
    of its row. A checked build compares the index with the size of the table and, if the next operand is a `lane`, that
    with LANES.
    """

    def generate(context: Any, builder: Any, _signature: Any, values: Any) -> Any:
        if THREADED:
            base, start, first, block = (builder.extract_value(values[0], n) for n in range(4))
            return build(builder, ((base, start), first, block), *values[1:])
        if not CHECKED:
            return build(builder, (values[0], word(0), values[0]), *values[1:])
        check_index(context, builder, values[1], builder.extract_value(values[0], 1))
        if lane:
            check_index(context, builder, values[2], word(LANES))
        address = builder.extract_value(values[0], 0)
        return build(builder, (address, word(0), address), *values[1:])

    return result(*operands), generate


def _one(kind: Any) -> Any:
    """Return the kind of one lane."""
    return getattr(kind, "element", kind)


def _bytes(kind: Any) -> int:
    """Return how many bytes one lane takes."""
    return WHOLE_BYTES if _one(kind) == SHORT else 8


def _together(kind: Any) -> int:
    """Return how many lanes of a thread stand side by side in a row."""
    return min(WIDTH, AT_ONCE // _bytes(kind)) if THREADED else WIDTH


def _aligned(kind: Any) -> int:
    """Return at multiples of how many bytes a row can be read.

    As numbers of their own, wherever NumPy put them; in a threaded build, where blocks begin at multiples of more, as
    whole vectors.
    """
    return _bytes(kind) * _together(kind) if THREADED else 8


def _entry(builder: Any, row: Any, lane: Any, kind: Any) -> Any:
    """Return where a lane of a row stands among the lanes of its table."""
    start, together = builder.mul(row, word(LANES)), _together(kind)
    if together == WIDTH:
        return builder.add(start, lane)
    thread, own = builder.udiv(lane, word(WIDTH)), builder.urem(lane, word(WIDTH))
    before = builder.mul(builder.udiv(own, word(together)), word(together * THREADS))
    within = builder.add(builder.mul(thread, word(together)), builder.urem(own, word(together)))
    return builder.add(start, builder.add(before, within))


def _word(builder: Any, table: Any, n: Any, kind: Any) -> Any:
    """Return the address of the n-th entry of a table, each as long as one lane, as a pointer to `kind`."""
    if not THREADED:
        return nth(builder, table, n, kind)
    return builder.bitcast(further(builder, *table, builder.mul(n, word(_bytes(kind)))), kind.as_pointer())


def _parts(builder: Any, table: Any, row: Any, first: Any, kind: Any) -> list[Any]:
    """Return the addresses of the lanes of a thread, from its first one on, in a row of a table."""
    if not THREADED:
        return [nth(builder, table, _entry(builder, row, first, kind), kind)]
    (base, start), together = table, _together(kind)
    own = builder.gep(base, [builder.mul(first, word(_bytes(kind) * together // WIDTH))])
    begin = _word(builder, (own, start), builder.mul(row, word(LANES)), _one(kind))
    part = kind if together == WIDTH else ir.VectorType(kind.element, together)
    places = (builder.gep(begin, [word(n)]) for n in range(0, LANES, together * THREADS))
    return [builder.bitcast(place, part.as_pointer()) for place in places]


def load_lanes(builder: Any, table: Any, row: Any, first: Any, kind: Any) -> Any:
    """Return the lanes of a thread, from its first one on, of a row of a table."""
    parts = [builder.load(place, align=_aligned(kind)) for place in _parts(builder, table, row, first, kind)]
    while len(parts) > 1:
        joint = ir.Constant(ir.VectorType(SHORT, 2 * parts[0].type.count), [*range(2 * parts[0].type.count)])
        parts = [builder.shuffle_vector(one, two, joint) for one, two in zip(parts[::2], parts[1::2], strict=True)]
    return parts[0]


def store_lanes(builder: Any, table: Any, row: Any, first: Any, value: Any) -> None:
    """Store the lanes of a thread, from its first one on, in a row of a table."""
    together = _together(value.type)
    for n, place in enumerate(_parts(builder, table, row, first, value.type)):
        own = value
        if together < WIDTH:
            mine = ir.Constant(ir.VectorType(SHORT, together), [*range(n * together, (n + 1) * together)])
            own = builder.shuffle_vector(value, value, mine)
        builder.store(own, place, align=_aligned(value.type))


def _is_short(rows: Any) -> bool:
    """Return whether the lanes of a table are whole numbers in 32 bits."""
    return THREADED and rows == WHOLE_ROWS


def _short(kind: Any) -> Any:
    """Return the kind of 32-bit numbers as wide as a kind of numbers."""
    return ir.VectorType(SHORT, kind.count) if kind != _one(kind) else SHORT


@intrinsic
def load_row(_typing: Any, rows: Any, row: Any) -> Any:
    """Return one row of a table."""
    kind = LAID_OUT[HELD[rows]]

    def build(builder: Any, place: Any, r: Any) -> Any:
        if _is_short(rows):
            return builder.sitofp(load_lanes(builder, place[0], r, place[1], _short(kind)), kind)
        return load_lanes(builder, place[0], r, place[1], kind)

    return code(HELD[rows], (rows, row), build)


@intrinsic
def store_row(_typing: Any, rows: Any, row: Any, held: Any) -> Any:
    """Set one row of a table."""

    def build(builder: Any, place: Any, r: Any, value: Any) -> Any:
        kept = builder.fptosi(value, _short(value.type)) if _is_short(rows) else value
        store_lanes(builder, place[0], r, place[1], kept)

    return code(types.void, (rows, row, held), build)


@intrinsic
def load_lane(_typing: Any, rows: Any, row: Any, lane: Any) -> Any:
    """Return one number of a table."""
    kind = SHORT if _is_short(rows) else _one(LAID_OUT[HELD[rows]])

    def build(builder: Any, place: Any, r: Any, n: Any) -> Any:
        one = builder.load(_word(builder, place[0], _entry(builder, r, n, kind), kind))
        return builder.sitofp(one, REAL) if _is_short(rows) else one

    return code(ONE[HELD[rows]], (rows, row, lane), build, lane=True)


@intrinsic
def store_lane(_typing: Any, rows: Any, row: Any, lane: Any, one: Any) -> Any:
    """Set one number of a table."""

    def build(builder: Any, place: Any, r: Any, n: Any, value: Any) -> Any:
        kept = builder.fptosi(value, SHORT) if _is_short(rows) else value
        builder.store(kept, _word(builder, place[0], _entry(builder, r, n, kept.type), kept.type))

    return code(types.void, (rows, row, lane, one), build, lane=True)


@intrinsic
def load_mark(_typing: Any, marks: Any, n: Any) -> Any:
    """Return one mark."""
    return code(types.intp, (marks, n), lambda builder, place, at: builder.load(_word(builder, place[0], at, LONG)))


@intrinsic
def store_mark(_typing: Any, marks: Any, n: Any, mark: Any) -> Any:
    """Set one mark: every thread stores the same, once all of them have read what stood there."""

    def build(builder: Any, place: Any, at: Any, value: Any) -> Any:
        meet(builder)
        builder.store(value, _word(builder, place[0], at, LONG))

    return code(types.void, (marks, n, mark), build)


def _number_at(builder: Any, table: Any, p: Any) -> tuple[Any, Any]:
    """Return the addresses of a number's value and of the offset of its row."""
    value = _word(builder, table, builder.mul(p, word(2)), REAL)
    return value, nth(builder, value, word(1), LONG)


def _by_world(builder: Any, start: Any, offset: Any, shared: Callable[[], Any], own: Callable[[Any], Any]) -> Any:
    """Return what `shared`, or `own`, given the address of the row, comes to; offsets are from a start."""
    bytes_on = load_fixed(builder, offset)
    with builder.if_else(builder.icmp_signed("==", bytes_on, word(0))) as (same, differing):
        with same:
            first, after_first = shared(), builder.block
        with differing:
            second, after_second = own(_row_after(builder, start, bytes_on)), builder.block
    if first is None:
        return None
    result = builder.phi(first.type)
    result.add_incoming(first, after_first)
    result.add_incoming(second, after_second)
    return result


def _row_after(builder: Any, start: Any, bytes_on: Any) -> Any:
    """Return the table whose first row begins so many bytes after a start."""
    return (start, bytes_on) if THREADED else builder.gep(start, [bytes_on])


@intrinsic
def load_number(_typing: Any, numbers: Any, p: Any) -> Any:
    """Return one number as a value."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, place: Any, index: Any) -> Any:
        address, first, start = place
        value, offset = _number_at(builder, address, index)
        own = lambda row: load_lanes(builder, row, word(0), first, kind)  # noqa: E731
        return _by_world(builder, start, offset, lambda: widened(builder, builder.load(value), kind), own)

    return code(VECTOR, (numbers, p), build)


@intrinsic
def load_number_of(_typing: Any, numbers: Any, p: Any, lane: Any) -> Any:
    """Return one number of one world."""

    def build(builder: Any, place: Any, index: Any, n: Any) -> Any:
        value, offset = _number_at(builder, place[0], index)
        own = lambda row: builder.load(_word(builder, row, _entry(builder, word(0), n, REAL), REAL))  # noqa: E731
        return _by_world(builder, place[2], offset, lambda: builder.load(value), own)

    return code(types.float64, (numbers, p, lane), build, lane=True)


@intrinsic
def store_number(_typing: Any, numbers: Any, p: Any, one: Any) -> Any:
    """Set one number in all worlds."""
    kind = LAID_OUT[VECTOR]

    def build(builder: Any, place: Any, index: Any, new: Any) -> Any:
        address, first, start = place
        value, offset = _number_at(builder, address, index)

        def own(row: Any) -> None:
            store_lanes(builder, row, word(0), first, widened(builder, new, kind))

        meet(builder)
        builder.store(new, value)
        return _by_world(builder, start, offset, lambda: None, own)

    return code(types.void, (numbers, p, one), build)


@intrinsic
def store_number_of(_typing: Any, numbers: Any, p: Any, lane: Any, one: Any) -> Any:
    """Set one number, which must differ by world, in one world."""

    def build(builder: Any, place: Any, index: Any, n: Any, new: Any) -> Any:
        offset = _number_at(builder, place[0], index)[1]
        row = _row_after(builder, place[2], builder.load(offset))
        builder.store(new, _word(builder, row, _entry(builder, word(0), n, REAL), REAL))

    return code(types.void, (numbers, p, lane, one), build, lane=True)


@overload(operator.getitem)
def _get(rows: Any, index: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index: load_mark(rows, np.int64(index))
    if rows == NUMBERS and isinstance(index, types.BaseTuple):
        return lambda rows, index: load_number_of(rows, np.int64(index[0]), np.int64(index[1]))
    if rows == NUMBERS:
        return lambda rows, index: load_number(rows, np.int64(index))
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index: load_lane(rows, np.int64(index[0]), np.int64(index[1]))
    return lambda rows, index: load_row(rows, np.int64(index))


@overload(operator.setitem)
def _set(rows: Any, index: Any, value: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index, value: store_mark(rows, np.int64(index), np.int64(value))
    if rows == NUMBERS and isinstance(index, types.BaseTuple):
        return lambda rows, index, value: store_number_of(rows, np.int64(index[0]), np.int64(index[1]), value)
    if rows == NUMBERS:
        return lambda rows, index, value: store_number(rows, np.int64(index), value)
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index, value: store_lane(rows, np.int64(index[0]), np.int64(index[1]), value)
    if value == HELD[rows]:
        return lambda rows, index, value: store_row(rows, np.int64(index), value)
    return lambda rows, index, value: store_row(rows, np.int64(index), spread(float(value)))
