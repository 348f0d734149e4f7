"""Larger scenarios: the base case with rows added that cost work and change nothing."""

import copy
from typing import Any

Document = dict[str, Any]
TOO_DEAR = 100.0
"""The cost of a move that is valued every month and never made."""


def grown(document: Document, what: str, times: int) -> Document:
    """Return the document with `times` as much of something."""
    return GROW[what](copy.deepcopy(document), times)


def copies(table: Document, times: int, row: Any) -> Document:
    """Return a table and its copies; `row` makes one."""
    more = {f"{name}_{n}": row(copy.deepcopy(given), n) for n in range(2, times + 1) for name, given in table.items()}
    return table | more


def months(document: Document, times: int) -> Document:
    """Let the case last longer: drivers stay as they are at its end."""
    year, month = map(int, document["meta"]["start"].split("-"))
    end, last = map(int, document["meta"]["end"].split("-"))
    count = ((end - year) * 12 + last - month + 1) * times
    year, index = divmod(year * 12 + month - 1 + count - 1, 12)
    document["meta"] = {**document["meta"], "end": f"{year:04d}-{index + 1:02d}"}
    return document


def moves(document: Document, times: int) -> Document:
    """Add moves that are feasible when their model is, and too dear ever to be made."""
    document["moves"] = copies(document["moves"], times, lambda row, _: {**row, "cost": TOO_DEAR, "payment": None})
    return document


def rows(document: Document, times: int) -> Document:
    """Add interests that do not matter, and channels through which nothing flows."""
    document["interests"] = copies(document["interests"], times, indifferent)
    document["dependence"] = copies(document["dependence"], times, lambda row, _: {**row, "stake": 0.0})
    return document


def indifferent(row: Document, _: int) -> Document:
    """Return an interest without salience, its effects included."""
    return {**row, "salience": nothing(row["salience"])}


def nothing(number: Any) -> Any:
    """Return 0, or a number that responds to the state and stays 0."""
    return {"value": 0.0, "effects": dict.fromkeys(number["effects"], 0.0)} if isinstance(number, dict) else 0.0


def issues(document: Document, times: int) -> Document:
    """Add issues that drift and that nobody cares about."""
    document["issues"] = copies(document["issues"], times, lambda row, _: {**row, "decay": row["decay"] or 0.1})
    return document


def actors(document: Document, times: int) -> Document:
    """Add actors who want nothing and hold nothing, with as many rows as those they are copied from."""
    for name, n in [(name, n) for name in list(document["actors"]) for n in range(2, times + 1)]:
        twin = f"{name}_{n}"
        document["actors"][twin] = {**document["actors"][name], "capability": 0.0}
        _follow(document, "interests", "actor", (name, twin), indifferent)
        _follow(document, "dependence", "dependent", (name, twin), lambda row, _: {**row, "stake": 0.0})
    return document


def _follow(document: Document, table: str, key: str, names: tuple[str, str], change: Any) -> None:
    """Copy the rows of an actor to its copy."""
    given, twin = names
    held = {row: values for row, values in document[table].items() if values[key] == given}
    more = {f"{row}_{twin}": {**change(copy.deepcopy(values), 0), key: twin} for row, values in held.items()}
    document[table] = document[table] | more


GROW = {"months": months, "actors": actors, "issues": issues, "rows": rows, "moves": moves}
ABOUT = {
    "months": "the case goes on, drivers as they are at its end",
    "actors": "copies of all actors with their interests and channels, at salience and stake 0",
    "issues": "copies of all issues, each of which drifts",
    "rows": "copies of all interests and channels, at salience and stake 0",
    "moves": "copies of all moves, unpaid, valued like any other and too dear to be made",
}
