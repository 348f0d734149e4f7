"""The other scenarios that one names: the changes of directions and levels, those that answer questions, and rivals.

Each is read when it is needed, or by `check`, and must have what the row that names it asks for.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from realpolitik.scenario.core import LONGEST_CHAIN, Scenario, opened
from realpolitik.scenario.draft import MOST_SHOWN, joined, place_of
from realpolitik.scenario.errors import READ_FOR, Loc, ScenarioError, nearest
from realpolitik.scenario.paths import dotted
from realpolitik.scenario.references import other_scenarios
from realpolitik.scenario.sources import find, identity_of

Row = Mapping[str, Any]
Lacking = tuple[str, str, str | None]
"""The key of a row, what another scenario lacks for it, and the nearest name there."""
NAMED = {"outcome": "outcomes", "given": "outcomes", "issues": "issues", "moves": "moves"}
"""Key of an expectation -> the table of the rows that it names."""


def other_of(scenario: Scenario, loc: Loc) -> Scenario:
    """Return the scenario that is named at a location; ScenarioError if it cannot be read."""
    name, place = other_scenarios(scenario.document)[loc], place_of(loc, scenario.places)
    source = find(name, Path(place.file).parent, place.file.rpartition("/")[0], place, dotted(loc))
    try:
        return opened(source, None)
    except ScenarioError as error:
        raise error.read_for(dotted(loc), place) from None


def changed_by(scenario: Scenario, table: str, name: str) -> Scenario:
    """Return the change that a direction or a level is about; ScenarioError if it cannot be made."""
    row = scenario.document[table][name]
    if row["scenario"]:
        return other_of(scenario, (table, name, "scenario"))
    try:
        return scenario.set(row["set"])
    except ScenarioError as error:
        raise refusal(scenario, (table, name, "set"), error.problem, error.suggestion) from None


def refusal(scenario: Scenario, loc: Loc, problem: str, suggestion: str | None = None) -> ScenarioError:
    """Return the error for a key of a scenario."""
    key = dotted(loc)
    return ScenarioError(place_of(loc, scenario.places), key, f"{key}: {problem}", suggestion)


def check_row(scenario: Scenario, table: str, name: str, other: Scenario) -> None:
    """Raise ScenarioError if another scenario lacks what a direction, a level or a question needs of it."""
    row = scenario.document[table][name]
    said = row["scenario"] or "the changed scenario" if table != "questions" else other.name
    for key, problem, hint in _lacking(other.document, row):
        raise refusal(scenario, (table, name, key), f"{said} {problem}", hint)
    if row["scenario"] and (table == "directions" or row.get("difference")):
        check_pair(scenario, (table, name, "scenario"), other)


def check_pair(scenario: Scenario, loc: Loc, other: Scenario) -> None:
    """Raise ScenarioError if another scenario cannot be compared with the one that names it, or is that one itself."""
    own = place_of(loc, scenario.places).rank == LONGEST_CHAIN
    if own and identity_of(other.chain[0]) == identity_of(scenario.chain[0]):
        raise refusal(scenario, loc, f"{other.name} is this scenario itself, so there is nothing to compare")
    here, there = (one.document["meta"]["start"] for one in (scenario, other))
    if here != there:
        problem = f"{other.name} begins in {there} and {scenario.name} in {here}, so they cannot be compared"
        raise refusal(scenario, loc, problem)


def is_base(scenario: Scenario, other: Scenario) -> bool:
    """Return whether another scenario is read from the file of this one, or extends it."""
    return identity_of(scenario.chain[0]) in map(identity_of, other.chain)


def _lacking(document: Row, row: Row) -> Iterator[Lacking]:
    """Yield what a document lacks for an expectation or a question."""
    for key, table in NAMED.items():
        given = row.get(key)
        names = given if isinstance(given, list) else [given] if given else []
        for name in names:
            if name not in document[table]:
                yield key, f"has no '{name}' in [{table}]", nearest(name, document[table])
    for actor in (row.get("leverage") or "").split(">"):
        if actor and actor not in document["actors"]:
            yield "leverage", f"has no '{actor}' in [actors]", nearest(actor, document["actors"])
    if row["by"] and not document["meta"]["start"] <= row["by"] <= document["meta"]["end"]:
        yield "by", f"does not have the month {row['by']}", None


def rival(scenario: Scenario, name: str) -> Scenario:
    """Return a rival theory that a scenario names; ScenarioError if it cannot be read, or compared as a diff on it."""
    loc = ("validation", "rivals", name)
    file, found = scenario.document["validation"]["rivals"][name], other_of(scenario, loc)
    if not is_base(scenario, found):
        raise refusal(scenario, loc, f"{file} is no diff on {scenario.name}")
    lacking = [repr(outcome) for outcome in scenario.document["outcomes"] if outcome not in found.document["outcomes"]]
    if lacking:
        problem = f"{file} has no {', '.join(lacking[:5])} in [outcomes], which {scenario.name} has"
        raise refusal(scenario, loc, problem)
    check_pair(scenario, loc, found)
    return found


def check_others(scenario: Scenario) -> None:
    """Raise ScenarioError, with all errors, if an other scenario that is named is missing, invalid or does not fit."""
    errors: dict[tuple[object, ...], ScenarioError] = {}
    read: dict[str, Scenario] = {}
    for loc in _named(scenario):
        try:
            _check(scenario, loc, read)
        except ScenarioError as error:
            for one in (error, *error.others):
                errors.setdefault((one.file, one.line, one.column, one.problem.partition(READ_FOR)[0]), one)
    found = list(errors.values())
    if found:
        raise joined(found[:MOST_SHOWN], len(found) - MOST_SHOWN)


def _named(scenario: Scenario) -> list[Loc]:
    """Return where a scenario names others, or changes itself for an expectation, in the order of the file."""
    changes = [(table, name, "set") for table in ("directions", "levels") for name in scenario.document[table]]
    own = [loc for loc in changes if scenario.document[loc[0]][loc[1]]["set"]]
    return sorted((*other_scenarios(scenario.document), *own), key=lambda loc: place_of(loc, scenario.places).line)


def _check(scenario: Scenario, loc: Loc, read: dict[str, Scenario]) -> None:
    """Raise ScenarioError if the scenario at a location cannot be read, or lacks what it is needed for.

    `read` are those that rows have named before: many expectations are about one change.
    """
    table, name = str(loc[0]), str(loc[1])
    if table == "validation":
        rival(scenario, str(loc[2]))
    elif table == "show":
        check_pair(scenario, loc, other_of(scenario, loc))
    else:
        row = scenario.document[table][name]
        key = row["scenario"] or json.dumps(row["set"], sort_keys=True)
        if key not in read:
            read[key] = other_of(scenario, loc) if loc[2] == "scenario" else changed_by(scenario, table, name)
        check_row(scenario, table, name, read[key])
