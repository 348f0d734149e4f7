"""Dotted paths: the names of the numbers of a scenario, and the valid keys and bounds at each path."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from realpolitik.choices import ASIDE, TABLES
from realpolitik.scenario.documents import Complete
from realpolitik.scenario.errors import SET, Fault, Loc, Place, ScenarioError, nearest
from realpolitik.scenario.fields import MONTH, Bounded, Effects, Range, Responsive
from realpolitik.scenario.forms import TEXT_KEYS, is_responsive

Table = dict[str, Any]
GIVEN = Place(SET, 0, 0, 1_000)
LONGEST_PATH = 400
UNUSED = ("quantities", *ASIDE)
"""Tables whose numbers no world depends on: measurements, expectations, and what pages show."""


def dotted(loc: Loc) -> str:
    """Return the dotted path of a location; list entries count from 1."""
    return ".".join(str(key + 1) if isinstance(key, int) else key for key in loc)


def split(path: str) -> Loc:
    """Return the parts of a dotted path, all as text; `locate` tells list entries from keys."""
    return tuple(path.split("."))


def refused(path: str, problem: str, suggestion: str | None = None) -> ScenarioError:
    """Return the error for a path that was given from outside, not in a file."""
    return ScenarioError(GIVEN, path, problem, suggestion)


def leaves(node: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Yield every value that is not a table or a list, with its location, in document order."""
    waiting = [(loc, node)]
    while waiting:
        loc, node = waiting.pop()
        if isinstance(node, Responsive):
            yield loc, node.value
            children: Any = (("effects", node.effects),)
        elif isinstance(node, dict):
            children = node.items()
        elif isinstance(node, list):
            children = enumerate(node)
        else:
            yield loc, node
            continue
        waiting += [((*loc, key), child) for key, child in children][::-1]


def numbers(full: Table) -> dict[str, float]:
    """Return dotted path -> value of every number that a world can depend on, in document order."""
    found = ((loc, leaf) for loc, leaf in leaves(rows(full)) if isinstance(leaf, float | Range))
    return {dotted(loc): number(leaf) for loc, leaf in found if loc[0] not in UNUSED}


def is_number(full: Table, path: str) -> bool:
    """Return whether a dotted path is that of a number that a world can depend on: a key of `numbers`."""
    loc = locate(full, path)
    if loc is None or dotted(loc) != path or loc[0] in UNUSED:
        return False
    leaf = at(full, loc)
    return isinstance(leaf.value if isinstance(leaf, Responsive) else leaf, float | Range)


def is_aside(path: str) -> bool:
    """Return whether no world depends on what a dotted path names, such as a label, a source or a row of history.

    >>> is_aside("moves.leave.label"), is_aside("moves.leave.actor"), is_aside("meta.title")
    (True, False, True)
    """
    table, *inner = path.split(".")
    if table == "meta":
        return inner[:1] not in (["start"], ["end"])
    return table in (*UNUSED, "history", "claims") or (table in TABLES and inner[1:2] in [[key] for key in TEXT_KEYS])


def ranges(full: Table) -> dict[str, tuple[float, float]]:
    """Return dotted path -> (low, high) of every number that has a range."""
    return {dotted(loc): (leaf.low, leaf.high) for loc, leaf in leaves(rows(full)) if isinstance(leaf, Range)}


def rows(full: Table) -> Table:
    """Return the tables without the forks."""
    return {key: table for key, table in full.items() if key != "from"}


def plain(node: Any) -> Any:
    """Return a copy of tables in which every range is replaced by its value, as `Scenario.document` has them."""
    if isinstance(node, Range):
        return node.value
    if isinstance(node, Responsive):
        return {"value": plain(node.value), "effects": plain(node.effects)}
    if isinstance(node, dict):
        return {key: plain(child) for key, child in node.items()}
    return [plain(child) for child in node] if isinstance(node, list) else node


def number(leaf: float | Range) -> float:
    """Return the value of a number, with or without a range."""
    return leaf.value if isinstance(leaf, Range) else leaf


def with_ranges(document: Table, spans: dict[str, tuple[float, float]]) -> Table:
    """Return a copy of a document as the tables of a draft: numbers have their ranges again."""

    def restored(node: Any, loc: Loc) -> Any:
        if is_responsive(node):
            return Responsive(restored(node["value"], loc), restored(node["effects"], (*loc, "effects")))
        if isinstance(node, dict):
            return {key: restored(child, (*loc, key)) for key, child in node.items()}
        if isinstance(node, list):
            return [restored(child, (*loc, n)) for n, child in enumerate(node)]
        span = spans.get(dotted(loc)) if isinstance(node, float) else None
        return Range(node, *span) if span else node

    full: Table = restored(document, ())
    return full


def under(node: Any, key: str | int) -> Any:
    """Return what is under one key of a table, a list or a responsive number."""
    return node.effects if isinstance(node, Responsive) else node[key]


def entry(node: Any, key: str) -> str | int | None:
    """Return the key or index that one part of a path names in a table or a list, None if there is none."""
    if isinstance(node, dict):
        return key if key in node else None
    if isinstance(node, Responsive):
        return key if key == "effects" else None
    if isinstance(node, list) and key.isdecimal() and len(key) < 5 and 1 <= int(key) <= len(node):
        return int(key) - 1
    return None


def locate(full: Table, path: str) -> Loc | None:
    """Return the location of a dotted path in a document, None if it has no such path."""
    node: Any = rows(full)
    found: list[str | int] = []
    for key in path[: LONGEST_PATH + 1].split("."):
        name = entry(node, key)
        if name is None:
            return None
        found.append(name)
        node = under(node, name)
    return tuple(found)


def near_path(full: Table, path: str) -> str | None:
    """Return the valid path closest to an unknown one, matched part by part; None if nothing is close.

    An effect without its number, such as `interests.x.effects.war`, is that of the first number of the row that has it.
    """
    node: Any = rows(full)
    found: list[str] = []
    if len(path) > LONGEST_PATH:
        return None
    parts = path.split(".")
    for n, key in enumerate(parts):
        name = entry(node, key)
        if name is None and key == "effects" and isinstance(node, dict):
            return moved(node, found, parts[n + 1 :])
        close = key if name is not None else nearest(key, valid_keys(node))
        if close is None:
            return None
        found.append(close)
        node = under(node, name if name is not None else close)
    return ".".join(found)


def valid_keys(node: Any) -> tuple[str, ...]:
    """Return the keys of a table or of a responsive number."""
    return ("effects",) if isinstance(node, Responsive) else tuple(node) if isinstance(node, dict) else ()


def moved(row: Table, path: list[str], rest: list[str]) -> str | None:
    """Return the path of an effect that was written on a row, None if no number of the row has such an effect."""
    for key, leaf in row.items():
        if isinstance(leaf, Responsive) and rest and rest[0] in leaf.effects:
            return ".".join((*path, key, "effects", *rest))
    return None


def at(full: Table, loc: Loc) -> Any:
    """Return the value at a location."""
    node: Any = full
    for key in loc:
        node = under(node, key)
    return node


def assign(full: Table, loc: Loc, value: object) -> None:
    """Set the value at a location. A new value of a responsive number keeps its effects, unless it brings its own."""
    table, key = at(full, loc[:-1]), loc[-1]
    keeps = isinstance(table, dict) and isinstance(table.get(key), Responsive) and not has_effects(value)
    table[key] = Responsive(value, table[key].effects) if keeps else value


def has_effects(value: object) -> bool:
    """Return whether a new value of a number brings effects of its own, even an empty table."""
    return isinstance(value, Responsive) or (isinstance(value, dict) and "effects" in value)


def inside(node: Any, loc: Loc) -> Iterator[Loc]:
    """Yield the location of everything that a file can write inside a value."""
    if isinstance(node, Range):
        yield from ((*loc, key) for key in Range._fields)
    if isinstance(node, Responsive):
        node = {"value": node.value, **dict.fromkeys(Range._fields[1:]), "effects": node.effects}
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield (*loc, key)
            yield from inside(child, (*loc, key))


def inner_values(path: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield the dotted path and the value of each key inside nested tables; a number with a range is one value."""
    if isinstance(value, dict) and value and not set(value) & set(Range._fields):
        for key, part in value.items():
            yield from inner_values(f"{path}.{key}", part)
    else:
        yield path, value


def inner_path(path: str, value: object) -> str:
    """Return the first dotted path of a nested table."""
    return next(inner_values(path, value))[0]


def missing(full: Table, path: str, loc: Loc) -> Fault:
    """Return the fault for a path that a document does not have."""
    return Fault(loc, f"unknown path '{path[:100]}'", hint=partial(near_path, full, path))


def absent(full: Table, path: str, loc: Loc) -> Fault:
    """Return the fault for a path to set that a document does not have, which says how it can be added, if it can."""
    fault, parts = missing(full, path, loc), split(path)
    known = locate(full, ".".join(map(str, parts[:2]))) is not None and shape_at(Complete, parts) is not None
    how = how_to_add(full, parts) if known and parts[0] in TABLES else ""
    month = re.fullmatch(MONTH, str(parts[-1]))  # a new one, not another one misspelt
    return replace(fault, problem=f"{fault.problem}; {how}", hint=None if month else fault.hint) if how else fault


def how_to_add(full: Table, parts: Loc) -> str:
    """Return how a key is added to a row that does not have it, or nothing if it cannot be."""
    row, number, path = (".".join(map(str, parts[:end])) for end in (2, 3, -1))
    if parts[3:4] == ("effects",):
        return f'effects are set with their number: "{number}" = {{ value = ..., effects = {{ ... }} }}'
    there = locate(full, path)
    if there is not None and isinstance(at(full, there), list):
        return f'a list is set as a whole: "{path}" = [ ... ]' if shape_at(Complete, parts) is str else ""
    return f'only what is there can be set; to add a key, a diff drops the row, drop = ["{row}"], and writes it again'


Shape = Any


def shape(annotation: Any) -> Shape:
    """Return the row class, dict or list type, or bounds inside an annotation; a tuple if there are several forms."""
    if get_origin(annotation) is Annotated:
        kind, *notes = get_args(annotation)
        return next((note for note in notes if isinstance(note, Bounded)), None) or shape(kind)
    if get_origin(annotation) in (Union, UnionType):
        kinds = tuple(shape(kind) for kind in get_args(annotation) if kind is not NoneType)
        return kinds[0] if len(kinds) == 1 else kinds
    return annotation


@cache
def keys(row: type[BaseModel]) -> dict[str, Shape]:
    """Return key -> shape of a row class, with the names that files use."""
    fields = row.model_fields.items()
    return {field.alias or name: shape(field.rebuild_annotation()) for name, field in fields}


def below(parent: Shape, key: str | int) -> Shape:
    """Return the shape under one key, None if there is no such key."""
    if isinstance(parent, tuple):
        return next((found for form in parent if (found := below(form, key)) is not None), None)
    if isinstance(parent, type) and issubclass(parent, BaseModel):
        return keys(parent).get(str(key))
    if isinstance(parent, Bounded):
        return Effects if parent.responsive and key == "effects" else None
    kind: Any = get_origin(parent)
    fits = kind is dict or (kind is list and (isinstance(key, int) or key.isdecimal()))
    return shape(get_args(parent)[-1]) if fits else None


def shape_at(file: type[BaseModel], loc: Loc) -> Shape:
    """Return the shape at a location of a kind of file, None if there is no such location."""
    found: Shape = file
    for key in loc:
        found = below(found, key)
    return found


def names_at(file: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """Return the keys that the table at a location may have; empty if the format does not fix them."""
    found = shape_at(file, loc)
    forms = found if isinstance(found, tuple) else (found,)
    return tuple(key for form in forms if isinstance(form, type) and issubclass(form, BaseModel) for key in keys(form))


def bounds(path: str) -> tuple[float, float]:
    """Return the valid (low, high) of the number at a dotted path; ScenarioError if the path is not of a number.

    >>> bounds("moves.withdraw.cost")
    (0, 10)
    """
    loc = split(path)
    found = shape_at(Complete, loc)
    if not isinstance(found, Bounded):
        parent = names_at(Complete, loc[:-1])
        raise refused(path, f"'{path}' is not the path of a number", nearest(str(loc[-1]), parent))
    return threshold(str(loc[-2])) if found.quantity else (found.low, found.high)


def threshold(quantity: str) -> tuple[float, float]:
    """Return the bounds of a threshold: (0, 100) for a leverage "A>B", (0, 1) for any other quantity."""
    return (0.0, 100.0) if ">" in quantity else (0.0, 1.0)
