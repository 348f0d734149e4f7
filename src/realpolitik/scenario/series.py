"""Series: the path of a driver, or a number of dependence, read from a CSV file next to the scenario.

They are read once, when the scenario is. The resolved document has the numbers, and under `series` of the row a text
that names the file, the columns, the scale and the SHA-256 of the file.
"""

import csv
import hashlib
import math
import os
import re
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from realpolitik.scenario.draft import Findings, Places, place_of, structured
from realpolitik.scenario.errors import Fault, Loc, Place, ScenarioError, nearest, nearest_file, shown
from realpolitik.scenario.fields import MONTH, as_number, mismatch
from realpolitik.scenario.format import SeriesTable
from realpolitik.scenario.paths import dotted
from realpolitik.scenario.sources import Source, read
from realpolitik.texts import counted

MOST_POINTS = 1_200
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?")
CELLS = ("stake", "alternatives")
"""The numbers of dependence that may be read from a file."""


class Series(NamedTuple):
    """The values of a column by month, scaled to 0-1, and what the document says about them."""

    path: dict[str, float]
    text: str
    file: str
    """Where the CSV file is."""


def expand(data: dict[str, Any], source: Source, places: Places, found: Findings) -> tuple[str, ...]:
    """Replace the series of a file by their numbers; return their CSV files.

    The faults of a series are added to those found, and its row is left out.
    """
    files: dict[str, None] = {}
    for loc, given in list(requests(data)):
        rows, name = data[str(loc[0])], str(loc[1])
        try:
            if name in rows:
                files[fill(rows[name], loc, given, source)] = None
        except Refused as refused:
            found.add(refused.faults, places)
        except ScenarioError as error:
            place = Place(error.file, error.line, error.column, places[()].rank)
            problem = error.read_for(dotted(loc), place_of(loc, places)).problem
            found.found.append((place, Fault(loc, problem, hint=partial(getattr, error, "suggestion")), {}))
        else:
            continue
        rows.pop(name, None)
        found.lost.add(name)
    return tuple(files)


def fill(row: dict[str, Any], loc: Loc, given: Any, source: Source) -> str:
    """Write the numbers of a series into its row; return its CSV file."""
    series, key = series_of(given, loc, source), str(loc[2])
    if key != "series":
        text = f"{key} in {given['at']}: {series.text}"
        row |= {key: series.path[given["at"]], "series": "; ".join(filter(None, (row.get("series"), text)))}
    elif "path" in row or "season" in row:
        raise Refused([Fault(loc, f"{dotted(loc[:2])}: has 'series' and a path or a season, needs exactly one")])
    else:
        row |= {"path": series.path, "series": series.text}
    return series.file


class Refused(Exception):
    """A table that describes a series has faults."""

    def __init__(self, faults: list[Fault]) -> None:
        self.faults = faults
        super().__init__()


def requests(data: dict[str, Any]) -> Iterator[tuple[Loc, Any]]:
    """Yield location and content of each series that a file asks for."""
    for table, keys in (("drivers", ("series",)), ("dependence", ("series", *CELLS))):
        rows = data.get(table)
        for name, row in rows.items() if isinstance(rows, dict) else ():
            for key in (key for key in keys if isinstance(row, dict) and key in row):
                if key == "series" or (isinstance(row[key], dict) and "file" in row[key]):
                    yield (table, name, key), row[key]


def series_of(given: Any, loc: Loc, source: Source) -> Series:
    """Return the series that a table describes; Refused if the table, ScenarioError if the file is invalid."""
    name = dotted(loc)
    if loc[0] == "dependence" and loc[2] == "series":
        raise Refused(
            [Fault(loc, "unknown key 'series'; in a row of dependence, write it as the stake or alternatives")]
        )
    if not isinstance(given, dict):
        keys = ", ".join(f"{key} = ..." for key, field in SeriesTable.model_fields.items() if field.is_required())
        raise Refused([Fault(loc, f"{name}: must be a table, not {shown(given)}; write {{ {keys} }}")])
    table, faults = structured(SeriesTable, given)
    if table is None:
        raise Refused([Fault((*loc, *one.loc), f"{name}: {one.problem}", one.word, one.near) for one in faults])
    if table.low >= table.high:
        raise Refused([Fault((*loc, "high"), f"{name}.high: must be greater than low, {table.low:g}")])
    if (table.at is None) != (loc[2] == "series"):
        need = "needs 'at', the month of the number" if table.at is None else "'at' is only for a number of dependence"
        raise Refused([Fault((*loc, "at") if table.at else loc, f"{name}: {need}")])
    real, file = neighbour(table.file, (*loc, "file"), source)
    text = read(real, file)
    path = points(text.removeprefix("\ufeff"), file, table)
    if table.at is not None and table.at not in path:
        raise Refused([Fault((*loc, "at"), f"{name}.at: {file} has no row for {table.at}")])
    sum_of = hashlib.sha256(text.encode()).hexdigest()
    about = f"{table.file}: {table.value} by {table.month}, {table.low:g} to {table.high:g}, sha256 {sum_of}"
    return Series(path, about, str(real))


def neighbour(name: str, loc: Loc, source: Source) -> tuple[Path, str]:
    """Return path and shown name of a CSV file in the folder of a scenario, or below it; no link leads out."""
    if source.path is None and source.folder is None:
        problem = "only a scenario file can have a series; a text or an upload has no folder to read it from"
        raise Refused([Fault(loc, f"{dotted(loc)}: {problem}")])
    folder = Path(os.path.realpath(source.path.parent if source.path else source.folder or ""))
    real = Path(os.path.realpath(folder / name))
    if source.only is not None and not source.reaches(name):
        raise Refused([Fault(loc, f"{dotted(loc)}: {shown(name)} is not one of the files that can be read here")])
    if PurePath(name).is_absolute() or not real.is_relative_to(folder):
        problem = f"{shown(name)} is not in the folder of the scenario, or below it"
        raise Refused([Fault(loc, f"{dotted(loc)}: {problem}")])
    if real.suffix.lower() != ".csv" or not name.lower().endswith(".csv"):
        raise Refused([Fault(loc, f"{dotted(loc)}: {shown(name)} is not the name of a CSV file, such as 'gas.csv'")])
    if not real.exists():
        near = partial(nearest_file, name, [other.name for other in folder.glob("*.csv")])
        raise Refused([Fault(loc, f"{dotted(loc)}: no such file: {shown(name)}", hint=near)])
    file = "/".join(filter(None, (source.file.rpartition("/")[0], name)))
    return real, file


def points(text: str, file: str, table: SeriesTable) -> dict[str, float]:
    """Return month -> value scaled to 0-1; ScenarioError at the first invalid cell."""
    rows = csv_rows(text, file)
    line, header = next(rows, (1, []))
    month, value = (column(header, name, file, line) for name in (table.month, table.value))
    found: dict[str, float] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            problem = f"the row has {counted(len(cells), 'cell')}, and the table {counted(len(header), 'column')}"
            raise invalid(file, line, 0, "", problem)
        date, last = cells[month], next(reversed(found), "")
        if not re.fullmatch(MONTH, date):
            raise invalid(file, line, month, table.month, mismatch(MONTH, date))
        if date <= last:
            raise invalid(file, line, month, table.month, f"{date} is not after {last}")
        if len(found) == MOST_POINTS:
            raise invalid(file, line, 0, "", f"more than {MOST_POINTS:,} months")
        found[date] = scaled(cells[value], table, file, line, value)
    if not found:
        raise invalid(file, line, 0, "", "the table has no rows")
    return found


def scaled(cell: str, table: SeriesTable, file: str, line: int, at: int) -> float:
    """Return the value of a cell on the scale from low (0) to high (1); ScenarioError if it is outside."""
    if not NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        hint = as_number(cell) if cell else "; leave out the row of a month without data"
        raise invalid(file, line, at, table.value, f"must be a number, not {shown(cell)}{hint}")
    if not table.low <= float(cell) <= table.high:
        raise invalid(file, line, at, table.value, f"{cell} is outside low to high, {table.low:g} to {table.high:g}")
    return min(1.0, max(0.0, (float(cell) - table.low) / (table.high - table.low)))


def column(header: list[str], name: str, file: str, line: int) -> int:
    """Return which column has a name; ScenarioError if none or two have it."""
    if header.count(name) != 1:
        other = not_by_commas(header[0]) if len(header) == 1 else ""
        problem = f"there is no column '{name}'{other}" if name not in header else f"two columns are called '{name}'"
        near = None if other else nearest(name, header)
        raise ScenarioError(Place(file, line, 1), name, problem, near if near != name else None)
    return header.index(name)


def invalid(file: str, line: int, at: int, name: str, problem: str) -> ScenarioError:
    """Return the error for a cell; columns are counted from 0."""
    return ScenarioError(Place(file, line, at + 1), name, f"{name}: {problem}" if name else problem)


def csv_rows(text: str, file: str) -> Iterator[tuple[int, list[str]]]:
    """Yield line and cells of each row of a CSV text that is not empty; ScenarioError if it is no CSV."""
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error as error:
        other = not_by_commas(text.lstrip().partition("\n")[0])
        raise ScenarioError(Place(file, line, 1), "", f"not a CSV table: {error}{other}") from None


def not_by_commas(head: str) -> str:
    """Return what to write instead if a line of column names has another separator than commas, or nothing.

    >>> not_by_commas("month;price"), not_by_commas("month,price; in EUR")
    ("; separate columns by commas, not by ';'", '')
    """
    other = next((mark for mark in (";", "\t", "|") if mark in head and "," not in head), None)
    return f"; separate columns by commas, not by {other!r}" if other else ""
