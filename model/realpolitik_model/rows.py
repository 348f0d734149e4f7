"""Tables of a block in memory: rows of vectors, rows of words, and marks, one a block."""

import operator
from typing import Any

from llvmlite import ir
from numba import types

from realpolitik_model.native import ADDRESS, LONG, code, intrinsic, laid_out, nth, overload
from realpolitik_model.vectors import LAID_OUT, LANES, ONE, VECTOR, WORDS, spread

ALIGNED = 8
"""Bytes: rows are read as numbers of their own, wherever NumPy put them."""


class Rows(types.Type):
    """A table of vectors: `rows[r]` is a vector, `rows[r, lane]` one number of it."""


class WordRows(types.Type):
    """A table of words."""


class Marks(types.Type):
    """A table of whole numbers that serve all worlds of a block: `marks[n]`."""


ROWS, WORD_ROWS, MARKS = Rows("Rows"), WordRows("WordRows"), Marks("Marks")
HELD = {ROWS: VECTOR, WORD_ROWS: WORDS}


for _kind in (Rows, WordRows, Marks):
    laid_out(_kind, ADDRESS)


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

    return code(ONE[HELD[rows]], (rows, row, lane), build)


@intrinsic
def store_lane(_typing: Any, rows: Any, row: Any, lane: Any, one: Any) -> Any:
    """Set one number of a table."""

    def build(builder: Any, address: Any, r: Any, n: Any, value: Any) -> Any:
        builder.store(value, nth(builder, address, _index(builder, r, n), value.type))

    return code(types.void, (rows, row, lane, one), build)


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


@overload(operator.getitem)
def _get(rows: Any, index: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index: load_mark(rows, int(index))
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index: load_lane(rows, int(index[0]), int(index[1]))
    return lambda rows, index: load_row(rows, int(index))


@overload(operator.setitem)
def _set(rows: Any, index: Any, value: Any) -> Any:
    if rows == MARKS:
        return lambda rows, index, value: store_mark(rows, int(index), int(value))
    if rows not in HELD:
        return None
    if isinstance(index, types.BaseTuple):
        return lambda rows, index, value: store_lane(rows, int(index[0]), int(index[1]), value)
    if value in ONE:
        return lambda rows, index, value: store_row(rows, int(index), value)
    return lambda rows, index, value: store_row(rows, int(index), spread(float(value)))
