"""Tables of flows: CSV files with one row per dependent, provider, channel and period, every cell of them checked."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple

from pydantic_core import PydanticCustomError

from realpolitik.scenario.errors import Place, ScenarioError, nearest, shown
from realpolitik.scenario.fields import DECIMAL_COMMA, MONTH, YEAR, one_line, respelt
from realpolitik.scenario.series import csv_rows, not_by_commas
from realpolitik.texts import counted

LONGEST = {"dependent": 64, "provider": 64, "channel": 100, "unit": 40, "source": 200}
"""Columns of texts, and characters of a cell."""
NEEDED = ("dependent", "provider", "channel", "period", "value", "unit", "source")
COLUMNS = (*NEEDED, "capacity")
NUMBER = re.compile(r"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
MOST = Decimal(10) ** 15
"""Largest flow."""
DIGITS = 4
"""Decimals of the numbers in rows."""


class Flow(NamedTuple):
    """One row of a table."""

    line: int
    dependent: str
    provider: str
    channel: str
    period: str
    value: Decimal
    unit: str
    source: str
    capacity: Decimal | None
    """What the provider could deliver in the period at most; None if the table does not say."""


class FlowTable(NamedTuple):
    """The rows of a table that was checked."""

    file: str
    columns: list[str]
    flows: list[Flow]

    def refuse(self, line: int, column: str, problem: str) -> ScenarioError:
        """Return the error for a cell; `column` is the name of a column, or "" for the row."""
        number = self.columns.index(column) + 1 if column else 1
        return ScenarioError(Place(self.file, line, number), column, f"{column}: {problem}" if column else problem)

    def names(self, column: str) -> set[str]:
        """Return what a column of texts has."""
        return {getattr(flow, column) for flow in self.flows}


def table_of(text: str, file: str) -> FlowTable:
    """Return a table with every cell checked; ScenarioError for the first that is invalid."""
    rows = csv_rows(text, file)
    line, header = next(rows, (1, []))
    table = FlowTable(file, _columns(header, file, line), [])
    for line, cells in rows:
        if len(cells) != len(table.columns):
            problem = (
                f"the row has {counted(len(cells), 'cell')}, and the table {counted(len(table.columns), 'column')}"
            )
            raise table.refuse(line, "", problem)
        table.flows.append(_flow(table, line, dict(zip(table.columns, cells, strict=True))))
    if not table.flows:
        raise table.refuse(line, "", "the table has no rows")
    _check_consistent(table)
    return table


def _columns(header: list[str], file: str, line: int) -> list[str]:
    """Return the names of the columns; ScenarioError if one is unknown, missing or repeated."""
    expected = f"a table starts with a line of column names: {', '.join(NEEDED)}, and optionally capacity"
    if not header:
        raise ScenarioError(Place(file, line, 1), "", f"empty; {expected}")
    if len(header) == 1:
        raise ScenarioError(Place(file, line, 1), "", expected + not_by_commas(header[0]))
    for n, name in enumerate(header, 1):
        if name not in COLUMNS:
            problem = f"unknown column {shown(name)}; {expected}"
            raise ScenarioError(Place(file, line, n), name, problem, nearest(name, COLUMNS))
        if name in header[: n - 1]:
            raise ScenarioError(Place(file, line, n), name, f"two columns are called '{name}'")
    for name in NEEDED:
        if name not in header:
            raise ScenarioError(Place(file, line, 1), name, f"there is no column '{name}'; {expected}")
    return header


def _flow(table: FlowTable, line: int, cells: Mapping[str, str]) -> Flow:
    """Return one row, with every cell checked."""
    for column, longest in LONGEST.items():
        if not 1 <= len(cells[column]) <= longest:
            raise table.refuse(line, column, f"must be 1 to {longest} characters, not {len(cells[column])}")
        try:
            one_line(cells[column])
        except PydanticCustomError as error:
            raise table.refuse(line, column, error.message()) from None
    if not (re.match(YEAR, cells["period"]) or re.match(MONTH, cells["period"])):
        right = respelt(MONTH, cells["period"])
        valid = f'write "{right}"' if right else 'use a year "YYYY" or a month "YYYY-MM", 1800 to 2199'
        problem = f"invalid period {shown(cells['period'])}: {valid}"
        raise table.refuse(line, "period", problem)
    value = _amount(table, line, "value", cells["value"])
    capacity = _amount(table, line, "capacity", cells["capacity"]) if cells.get("capacity") else None
    if capacity is not None and capacity < value:
        raise table.refuse(line, "capacity", f"{plain(capacity)} is less than the value, {plain(value)}")
    texts = {column: cells[column] for column in LONGEST}
    return Flow(line, period=cells["period"], value=value, capacity=capacity, **texts)


def _amount(table: FlowTable, line: int, column: str, cell: str) -> Decimal:
    """Return a number of 0 or more."""
    if not NUMBER.fullmatch(cell):
        comma = "; write a decimal point, and no thousands separator" if DECIMAL_COMMA.match(cell) else ""
        raise table.refuse(line, column, f"must be a number of 0 or more, not {shown(cell)}{comma}")
    found = Decimal(cell)
    if found > MOST:
        raise table.refuse(line, column, f"must be at most {MOST:.0e}, not {shown(cell)}")
    return found


def _check_consistent(table: FlowTable) -> None:
    """Raise ScenarioError if a flow is given twice, or units or kinds of periods are mixed."""
    firsts: dict[tuple[str, str], Flow] = {}
    seen: dict[tuple[str, ...], int] = {}
    for flow in table.flows:
        first = firsts.setdefault((flow.dependent, flow.channel), flow)
        of = f"{flow.channel} of {flow.dependent}"
        before = seen.setdefault((flow.dependent, flow.provider, flow.channel, flow.period), flow.line)
        if before != flow.line:
            raise table.refuse(flow.line, "", f"line {before} has this dependent, provider, channel and period too")
        if flow.unit != first.unit:
            problem = f"{of} is in '{first.unit}' in line {first.line}, and in '{flow.unit}' here"
            raise table.refuse(flow.line, "unit", problem)
        if len(flow.period) != len(first.period):
            problem = f"{of} has '{first.period}' in line {first.line}, and '{flow.period}' here; give only years, or "
            raise table.refuse(flow.line, "period", problem + "only months")


def plain(value: float | Decimal) -> str:
    """Return a number for a comment: with at most four decimals, or four digits if it is below 1.

    >>> plain(30.0), plain(1 / 3), plain(1234567.5), plain(0.00025)
    ('30', '0.3333', '1234567.5', '0.00025')
    """
    if 0 < value < 1:
        return f"{float(value):.{DIGITS}g}"
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
