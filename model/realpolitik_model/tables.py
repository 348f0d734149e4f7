"""How a case is laid out for the kernels: one record array a table, every number an index into the numbers."""

import operator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import from_dtype, types

from realpolitik_model.native import (
    CHECKED,
    LONG,
    attribute,
    check_index,
    code,
    intrinsic,
    laid_out,
    load_fixed,
    overload,
)

Records = npt.NDArray[np.void]
Indices = npt.NDArray[np.int64]


def _columns(text: str, **other: type) -> np.dtype[np.void]:
    return np.dtype([(name, other.get(name, np.int64)) for name in text.split()])


# Ranges `x`, `x_end` point into another table; -1 says there is none.
EFFECT = _columns("quantity number")
CHANGE = _columns("issue to number")
CONDITION = _columns("quantity above other number")
ACTOR = _columns("capability owned owned_end pairs pairs_end moods moods_end")
ISSUE = _columns("start decay rest effects effects_end")
DRIVER = _columns("points points_end season scale shift")
POINT = _columns("month number", month=np.float64)
PAIR = _columns("quantity rows rows_end")
DEPENDENCE = _columns("stake alternatives effects effects_end")
INTEREST = _columns("salience effects effects_end")
STAKE = _columns("actor interest change issue position")
GAINER = _columns("actor stakes stakes_end")
CONSENT = _columns("actor key", key=np.uint64)
MOVE = _columns(
    "actor cost chance changes changes_end consents consents_end payer paid paid_end fallback requires requires_end "
    "hangs hangs_end stakes stakes_end gainers gainers_end paid_stakes paid_stakes_end paid_gainers paid_gainers_end "
    "decision_key chance_key",
    decision_key=np.uint64,
    chance_key=np.uint64,
)
SHOCK = _columns("dated at hazard since until changes changes_end requires requires_end key", key=np.uint64)
OUTCOME = _columns("when when_end move made at after measure")
THEORY = _columns("phi sigma noise patience quadratic weights calendar")
RELATION = _columns("key next_other heeds", key=np.uint64)

WEIGHTS = ("leverage", "self-interest", "capability", "placebo")
LEVERAGE, SELF_INTEREST, CAPABILITY, PLACEBO = range(4)


class Tables(NamedTuple):
    """The structure of a case; which numbers it takes is said by index, so that every number may differ by world."""

    theory: Records
    """One row: number indices, whether loss is quadratic, the weight rule, the month of the year of month 0."""
    actors: Records
    owned: Indices
    """Moves by owner, in the order of the file."""
    moods: Indices
    """Interests of which the salience moves, by actor."""
    issues: Records
    drivers: Records
    points: Records
    pairs: Records
    """Who depends on whom, by dependent: the leverage as a quantity, and the rows of dependence that make it."""
    dependence: Records
    """By pair."""
    interests: Records
    effects: Records
    moves: Records
    changes: Records
    stakes: Records
    """Which interests a change touches: the terms of a gain, actor by actor, in the order they are added (E5)."""
    hangs: Indices
    """Issues and drivers that the gains from a move hang on, by move."""
    gainers: Records
    """Which actors have a stake in a move, and their stakes."""
    consents: Records
    conditions: Records
    shocks: Records
    outcomes: Records
    relations: Records
    """[i * actors + j]: the noise key of how i sees j's leverage, who comes after j among those other than i, and
    whether i may have to heed j, by the weight rule."""
    recorded: Indices
    """The leverage of every pair as a quantity, in the order in which the file names them first."""


ELEMENTS = {
    "theory": THEORY, "actors": ACTOR, "issues": ISSUE, "drivers": DRIVER, "points": POINT, "pairs": PAIR,
    "dependence": DEPENDENCE, "interests": INTEREST, "effects": EFFECT, "moves": MOVE, "changes": CHANGE,
    "stakes": STAKE, "gainers": GAINER, "consents": CONSENT, "conditions": CONDITION, "shocks": SHOCK,
    "outcomes": OUTCOME, "relations": RELATION,
}  # fmt: skip
"""What a row of each table is; where nothing is said, an index."""


def directory(tables: Tables) -> npt.NDArray[np.int64]:
    """Return the address and the size of every table, all that the kernels take; the caller keeps the tables."""
    return np.array([(table.ctypes.data, table.size) for table in tables], np.int64)


class Directory(types.Type):
    """The tables as the kernels take them: one address, the tables by name, such as `tables.moves`."""


class Table(types.Type):
    """One table: `table.size` and `table[n]`, a record or an index."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Table({name})")
        self.element = from_dtype(ELEMENTS.get(name, np.dtype(np.int64)))


for _kind in (Directory, Table):
    laid_out(_kind, LONG.as_pointer())


@intrinsic
def tables_at(_typing: Any, directory: Any) -> Any:
    """Return the tables of a directory."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return context.make_array(signature.args[0])(context, builder, values[0]).data

    return Directory("Directory")(directory), generate


def _table(n: int, name: str) -> Any:
    """Return an intrinsic that reads the n-th table off the directory."""
    kind, entry = Table(name), ir.Constant(LONG, 2 * n)
    return intrinsic(lambda _typing, tables: code(kind, (tables,), lambda builder, a: builder.gep(a, [entry])))


for _n, _name in enumerate(Tables._fields):
    attribute(Directory, _name, _table(_n, _name))


@intrinsic
def _size(_typing: Any, table: Any) -> Any:
    second = ir.Constant(LONG, 1)
    return code(types.intp, (table,), lambda builder, address: load_fixed(builder, builder.gep(address, [second])))


attribute(Table, "size", _size)


@intrinsic
def _row(_typing: Any, table: Any, n: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        element = signature.args[0].element
        if CHECKED:
            size_at = builder.gep(values[0], [ir.Constant(LONG, 1)])
            check_index(context, builder, values[1], load_fixed(builder, size_at))
        record = isinstance(element, types.Record)
        size = ir.Constant(LONG, element.size if record else element.bitwidth // 8)
        place = builder.add(load_fixed(builder, values[0]), builder.mul(values[1], size))
        kind = context.get_value_type(element)
        row = builder.inttoptr(place, kind if record else kind.as_pointer())
        return row if record else load_fixed(builder, row)

    return table.element(table, n), generate


@overload(operator.getitem)
def _get(table: Any, n: Any) -> Any:  # noqa: ARG001
    return (lambda table, n: _row(table, n)) if isinstance(table, Table) else None
