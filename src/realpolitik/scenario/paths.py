"""Dotted paths: the names of the numbers of a scenario, and the valid keys and bounds at each path."""

from collections.abc import Iterator
from functools import cache, partial
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from realpolitik.scenario.documents import Complete
from realpolitik.scenario.errors import Fault, Loc, Place, ScenarioError, nearest
from realpolitik.scenario.fields import Bounded, Range

Table = dict[str, Any]
GIVEN = Place("set", 0, 0, 1_000)
LONGEST_PATH = 400


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
    if isinstance(node, dict):
        children: Any = node.items()
    elif isinstance(node, list):
        children = enumerate(node)
    else:
        yield loc, node
        return
    for key, child in children:
        yield from leaves(child, (*loc, key))


def numbers(full: Table) -> dict[str, float]:
    """Return dotted path -> value of every number, in document order, without [quantities], which are measurements."""
    found = ((loc, leaf) for loc, leaf in leaves(rows(full)) if isinstance(leaf, float | Range))
    return {dotted(loc): plain(leaf) for loc, leaf in found if loc[0] != "quantities"}


def ranges(full: Table) -> dict[str, tuple[float, float]]:
    """Return dotted path -> (low, high) of every number that has a range."""
    return {dotted(loc): (leaf.low, leaf.high) for loc, leaf in leaves(rows(full)) if isinstance(leaf, Range)}


def rows(full: Table) -> Table:
    """Return the tables without the forks."""
    return {key: table for key, table in full.items() if key != "from"}


def plain(node: Any) -> Any:
    """Return a copy of tables in which every range is replaced by its value."""
    if isinstance(node, Range):
        return node.value
    if isinstance(node, dict):
        return {key: plain(child) for key, child in node.items()}
    return [plain(child) for child in node] if isinstance(node, list) else node


def with_ranges(document: Table, spans: dict[str, tuple[float, float]]) -> Table:
    """Return a copy of a document in which numbers have their ranges again."""

    def restored(node: Any, loc: Loc) -> Any:
        if isinstance(node, dict):
            return {key: restored(child, (*loc, key)) for key, child in node.items()}
        if isinstance(node, list):
            return [restored(child, (*loc, n)) for n, child in enumerate(node)]
        span = spans.get(dotted(loc)) if isinstance(node, float) else None
        return Range(node, *span) if span else node

    full: Table = restored(document, ())
    return full


def entry(node: Any, key: str) -> str | int | None:
    """Return the key or index that one part of a path names in a table or a list, None if there is none."""
    if isinstance(node, dict):
        return key if key in node else None
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
        node = node[name]
    return tuple(found)


def near_path(full: Table, path: str) -> str | None:
    """Return the valid path closest to an unknown one, matched part by part; None if nothing is close."""
    node: Any = rows(full)
    found: list[str] = []
    if len(path) > LONGEST_PATH:
        return None
    for key in path.split("."):
        name = entry(node, key)
        close = key if name is not None else nearest(key, node) if isinstance(node, dict) else None
        if close is None:
            return None
        found.append(close)
        node = node[name if name is not None else close]
    return ".".join(found)


def at(full: Table, loc: Loc) -> Any:
    """Return the value at a location."""
    node: Any = full
    for key in loc:
        node = node[key]
    return node


def assign(full: Table, loc: Loc, value: object) -> None:
    """Set the value at a location."""
    at(full, loc[:-1])[loc[-1]] = value


def missing(full: Table, path: str, loc: Loc) -> Fault:
    """Return the fault for a path that a document does not have."""
    return Fault(loc, f"unknown path '{path[:100]}'", hint=partial(near_path, full, path))


Shape = Any


def shape(annotation: Any) -> Shape:
    """Return the row class, dict or list type, or bounds inside an annotation."""
    if get_origin(annotation) is Annotated:
        kind, *notes = get_args(annotation)
        return next((note for note in notes if isinstance(note, Bounded)), None) or shape(kind)
    if get_origin(annotation) in (Union, UnionType):
        return shape(next(kind for kind in get_args(annotation) if kind is not NoneType))
    return annotation


@cache
def keys(row: type[BaseModel]) -> dict[str, Shape]:
    """Return key -> shape of a row class, with the names that files use."""
    fields = row.model_fields.items()
    return {field.alias or name: shape(field.rebuild_annotation()) for name, field in fields}


def below(parent: Shape, key: str | int) -> Shape:
    """Return the shape under one key, None if there is no such key."""
    if isinstance(parent, type) and issubclass(parent, BaseModel):
        return keys(parent).get(str(key))
    kind: Any = get_origin(parent)
    return shape(get_args(parent)[-1]) if kind in (dict, list) else None


def shape_at(file: type[BaseModel], loc: Loc) -> Shape:
    """Return the shape at a location of a kind of file, None if there is no such location."""
    found: Shape = file
    for key in loc:
        found = below(found, key)
    return found


def names_at(file: type[BaseModel], loc: Loc) -> tuple[str, ...]:
    """Return the keys that the table at a location may have; empty if the format does not fix them."""
    found = shape_at(file, loc)
    return tuple(keys(found)) if isinstance(found, type) and issubclass(found, BaseModel) else ()


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
