"""Dotted paths: the one place that says which number of a scenario is called what."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from realpolitik.scenario.errors import Fault, Loc, Place, ScenarioError, nearest
from realpolitik.scenario.fields import Range

Table = dict[str, Any]
GIVEN = Place("set", 0, 0, 1_000)
LONGEST_PATH = 400


def dotted(loc: Loc) -> str:
    """Write a place as a dotted path; entries of lists count from 1."""
    return ".".join(str(key + 1) if isinstance(key, int) else key for key in loc)


def split(path: str) -> Loc:
    """Read a dotted path; what stands in it decides later which parts count entries of a list."""
    return tuple(path.split("."))


def refused(path: str, problem: str, suggestion: str | None = None) -> ScenarioError:
    """Refuse a path that no file holds."""
    return ScenarioError(GIVEN, path, problem, suggestion)


def leaves(node: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Walk everything that is not a table or a list, in order."""
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
    """List every number by dotted path, in document order; what was measured is a fact and no number of the model."""
    found = ((loc, leaf) for loc, leaf in leaves(rows(full)) if isinstance(leaf, float | Range))
    return {dotted(loc): plain(leaf) for loc, leaf in found if loc[0] != "quantities"}


def ranges(full: Table) -> dict[str, tuple[float, float]]:
    """List the range of every number that has one."""
    return {dotted(loc): (leaf.low, leaf.high) for loc, leaf in leaves(rows(full)) if isinstance(leaf, Range)}


def rows(full: Table) -> Table:
    """Leave out the forks."""
    return {key: table for key, table in full.items() if key != "from"}


def plain(node: Any) -> Any:
    """Copy tables with the value of every range."""
    if isinstance(node, Range):
        return node.value
    if isinstance(node, dict):
        return {key: plain(child) for key, child in node.items()}
    return [plain(child) for child in node] if isinstance(node, list) else node


def with_ranges(document: Table, spans: dict[str, tuple[float, float]]) -> Table:
    """Copy a document, giving numbers back their ranges."""

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
    """Say how a part of a path is called in a table or a list, if it is there."""
    if isinstance(node, dict):
        return key if key in node else None
    if isinstance(node, list) and key.isdecimal() and len(key) < 5 and 1 <= int(key) <= len(node):
        return int(key) - 1
    return None


def locate(full: Table, path: str) -> Loc | None:
    """Find a path in a document."""
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
    """Give the path of a document closest to one it does not have, part by part."""
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
    """Read what stands at a place."""
    node: Any = full
    for key in loc:
        node = node[key]
    return node


def assign(full: Table, loc: Loc, value: object) -> None:
    """Put a value at a place."""
    at(full, loc[:-1])[loc[-1]] = value


def missing(full: Table, path: str, loc: Loc) -> Fault:
    """Say that a document has no such path."""
    return Fault(loc, f"unknown path '{path[:100]}'", hint=partial(near_path, full, path))
