"""A draft: the tables of a scenario before and after they are checked, with the position of every key.

Checks return faults by key; a draft knows the line of each key. All faults of a file are collected and raised together,
in the order of the file. Later checks leave out what is invalid, and the faults that follow from its absence.
"""

import json
from collections.abc import Container, Iterable
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from realpolitik.choices import TABLES
from realpolitik.scenario.consistency import inconsistencies, invalid_forks
from realpolitik.scenario.documents import Complete, Diff, Meta
from realpolitik.scenario.errors import Fault, Loc, Place, ScenarioError, meant, nearest, shown
from realpolitik.scenario.fields import Bounded, Responsive, mismatch
from realpolitik.scenario.forms import RESPONSIVE
from realpolitik.scenario.paths import Table, at, dotted, has_effects, inner_path, inside, names_at, shape_at
from realpolitik.scenario.references import broken_references
from realpolitik.texts import counted

Places = dict[Loc, Place]
MOST_FAULTS = 1_000
"""Faults of one check."""
MOST_SHOWN = 50
"""Errors that are raised together."""
MOST_ROUNDS = 3
"""How often invalid rows are left out: without one key, another may be missing."""
KNOWN = {field.alias or name for kind in (Complete, Diff) for name, field in kind.model_fields.items()}
STAND_INS = {"title": "?", "question": "?", "start": "1800-01", "end": "1899-12"}
"""For keys of [meta] that are missing or invalid; faults that involve them are not shown."""
STEP = {"title": "?", "text": "?"}
"""For a step of the story that is invalid, so that the others keep their numbers."""
KEYED = ("meta", "show", "validation")
"""Tables whose keys are left out one by one."""
WHOLE = ("reason", "assumption", "theory", "from", "story", *KEYED)
"""What can be left out as a whole: no row of another table refers to it."""


@dataclass(frozen=True)
class Difference:
    """What one file of a chain of diffs changed, and why."""

    file: str
    reason: str | None
    claims: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Draft:
    """Resolved tables and where each part came from.

    In `full` a number may be a Range or Responsive, and the forks are under "from".
    """

    full: Table
    places: Places
    dropped: Places = field(default_factory=dict)
    chain: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    series: tuple[str, ...] = ()
    """The CSV files from which series were read."""


def tables(row: Any) -> Any:
    """Return rows as plain dicts with the keys that files use."""
    if isinstance(row, BaseModel):
        fields = type(row).model_fields.items()
        kept = ((name, field) for name, field in fields if not field.exclude or getattr(row, name) is not None)
        return {field.alias or name: tables(getattr(row, name)) for name, field in kept}
    if isinstance(row, Responsive):
        return Responsive(row.value, dict(row.effects))
    if isinstance(row, dict):
        return {key: tables(child) for key, child in row.items()}
    return [tables(child) for child in row] if isinstance(row, list) else row


class Findings:
    """The faults of a file with their places, collected so that all can be raised at once."""

    def __init__(self) -> None:
        self.found: list[tuple[Place, Fault, Places]] = []
        self.lost: set[str] = set()
        """Names of the rows, and `meta.KEY` of the keys, that are invalid: faults that involve them follow from it."""

    def add(self, faults: Iterable[Fault], places: Places, dropped: Places | None = None) -> None:
        """Add faults, except those that follow from what is left out."""
        gone = dropped or {}
        for fault in islice(faults, MOST_FAULTS):
            if not self.follows(fault):
                self.found.append((blame(fault, places, gone), fault, gone))
                self.lost |= keys_of_meta(fault) if fault.loc[:1] == ("meta",) else set()

    def follows(self, fault: Fault) -> bool:
        """Return whether a fault is about a row or a key that is invalid."""
        names = {str(target[1]) for target in fault.targets if len(target) > 1} | keys_of_meta(fault)
        if fault.loc[-2:-1] in (("set",), ("numbers",)):  # their keys are dotted paths
            names.update(str(fault.loc[-1]).split("."))
        return bool(names & self.lost)

    def forget_missing(self, rows: Container[Loc]) -> None:
        """Remove the faults of keys that are missing in some rows."""
        self.found = [one for one in self.found if one[1].loc[:2] not in rows or one[1].targets != (one[1].loc,)]

    def refuse(self) -> None:
        """Raise the first fault in the order of the last file of the chain, with the others, if there is any."""
        if self.found:
            raise self.error()

    def error(self) -> ScenarioError:
        """Return the first error, with the others."""
        found = self.errors()
        return joined(found[:MOST_SHOWN], len(found) - MOST_SHOWN)

    def before(self, error: ScenarioError) -> ScenarioError:
        """Return the error of a base as it is, or after the faults found in the files that extend it."""
        return joined([*self.errors()[:MOST_SHOWN], error, *error.others], error.unlisted)

    def errors(self) -> list[ScenarioError]:
        """Return the errors in order, one for each key at fault; only those that may be shown have a suggestion."""
        self.found.sort(key=lambda one: (-one[0].rank, one[0].line, one[0].column, bool(one[1].targets)))
        firsts: dict[tuple[Place, Loc], tuple[Place, Fault, Places]] = {}
        for one in self.found:
            firsts.setdefault((one[0], distinct(*one)), one)
        return [
            error(fault, place, dropped, n < MOST_SHOWN) for n, (place, fault, dropped) in enumerate(firsts.values())
        ]


def keys_of_meta(fault: Fault) -> set[str]:
    """Return `meta.KEY` of the keys of [meta] that a fault involves."""
    return {dotted(loc) for loc in (fault.loc, *fault.also) if loc[:1] == ("meta",)}


def distinct(place: Place, fault: Fault, dropped: Places) -> Loc:
    """Return what tells a fault from others at its place: its key, if it is missing, or still uses what is dropped.

    Of several faults of one key that is written, only the first is shown.
    """
    apart = not place.line or any(target in dropped or target == fault.loc for target in fault.targets)
    return fault.loc if apart and len(fault.loc) > 1 else ()


def joined(errors: list[ScenarioError], unlisted: int) -> ScenarioError:
    """Return the first of some errors, with the others."""
    errors[0].others, errors[0].unlisted = tuple(errors[1:]), max(0, unlisted)
    return errors[0]


def refuse(faults: Iterable[Fault], places: Places, dropped: Places | None = None) -> None:
    """Raise the faults that a check found, if there are any."""
    found = Findings()
    found.add(faults, places, dropped)
    found.refuse()


def checked(draft: Draft, found: Findings | None = None) -> Draft:
    """Return a draft with its defaults filled in; ScenarioError for its faults and those found before."""
    found = found or Findings()
    file = sound(Complete, draft.full, found, draft.places, draft.dropped)
    if file is not None:
        draft = replace(draft, full=tables(file))
        for check in (inconsistencies, broken_references, invalid_forks):
            found.add(check(draft.full), draft.places, draft.dropped)
    found.refuse()
    return draft


def sound(
    kind: type["File"], data: dict[str, Any], found: Findings, places: Places, dropped: Places | None = None
) -> "File | None":
    """Return a file without its invalid rows, or None if too little of it is valid; add its faults to those found."""
    file, faults = structured(kind, data)
    found.add(faults, places, dropped)
    for _ in range(MOST_ROUNDS):
        if file is not None:
            break
        rest = without_invalid(data, faults, found.lost)
        if rest is None:
            return None
        data = rest
        file, faults = structured(kind, data)
    return file


def without_invalid(data: dict[str, Any], faults: list[Fault], lost: set[str]) -> dict[str, Any] | None:
    """Return a file without its invalid rows and keys, None if it is nothing without them; note their names."""
    rest: dict[str, Any] = {key: copy(table) for key, table in data.items()}
    for fault in faults:
        table, *inner = fault.loc or ("",)
        given = rest.get(str(table))
        if inner and isinstance(given, dict) and table in (*TABLES, *KEYED):
            given.pop(inner[0], None)
            lost.add(f"{table}.{inner[0]}" if table in KEYED else str(inner[0]))
        elif inner and isinstance(given, list) and table == "story":
            given[int(inner[0])] = STEP
        elif table in WHOLE or (table in rest and table not in KNOWN):
            lost.update(map(str, given if isinstance(given, dict) else ()))
            rest.pop(str(table), None)
        elif table in rest or not inner:
            return None
    if "extends" not in rest:
        lost.update(f"meta.{key}" for key in Meta.model_fields if "meta" not in rest)
        rest["meta"] = STAND_INS | rest.get("meta", {})
    return rest


def error(fault: Fault, place: Place, dropped: Places, suggest: bool = True) -> ScenarioError:
    """Return the error for a fault: what is wrong, where, and the nearest valid name."""
    for target in fault.targets:
        if target in dropped:
            problem = f"'{dotted(target)}' is still used by {dotted(fault.loc)}; change or drop that too"
            return ScenarioError(place, dotted(target), problem)
    return ScenarioError(place, dotted(fault.loc), fault.problem, fault.suggestion() if suggest else None)


def blame(fault: Fault, places: Places, dropped: Places) -> Place:
    """Return where a fault is shown: at the drop that caused it, otherwise in the last file involved."""
    for target in fault.targets:
        if target in dropped:
            return dropped[target]
    return max((place_of(loc, places) for loc in (fault.loc, *fault.also)), key=lambda place: place.rank)


def place_of(loc: Loc, places: Places) -> Place:
    """Return where a key is written, or the table around it if the key itself is missing."""
    while loc and loc not in places:
        loc = loc[:-1]
    return places.get(loc, Place("scenario", 0, 0))


def overlaid(places: Places, loc: Loc, place: Place, old: object, new: object = None) -> None:
    """Record that a value was replaced: positions inside the old value are removed, but those of effects that stay."""
    kept = (*loc, "effects") if isinstance(old, Responsive) and not has_effects(new) else None
    for key in inside(old, loc):
        if kept is None or key[: len(kept)] != kept:
            places.pop(key, None)
    places[loc] = place


File = TypeVar("File", bound=BaseModel)
MOST_FINDINGS = 2_000
KINDS = {
    "string_type": "text",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}

MONTHLY = {"start", "end", "month", "at", "from", "until", "date", "by"}
"""Keys that take a month and no date."""


def structured(kind: type[File], data: dict[str, Any]) -> tuple[File | None, list[Fault]]:
    """Return a file with its keys, types and bounds checked, or None and the faults."""
    try:
        return kind.model_validate(data), []
    except ValidationError as refusal:
        found = refusal.errors(include_url=False)[:MOST_FINDINGS]
    faults = [translated(kind, data, error) for error in found]
    misspelt = {
        (*fault.loc[:-1], nearest(fault.word, fault.near)) for fault in faults[:50] if fault.near and fault.word
    }
    return None, [fault for fault in faults if not misspelt.intersection(fault.targets)]


def translated(kind: type[BaseModel], data: dict[str, Any], error: Any) -> Fault:
    """Return the fault for one error of pydantic."""
    context = error.get("ctx", {})
    loc = (*present(data, error["loc"]), *context.get("under", ()))
    name, given = dotted(loc), error["input"]
    if takes_paths(kind, loc[:-1]) and (path := inner_path(str(loc[-1]), given)) != loc[-1]:
        return Fault(loc, f'{dotted(loc[:-1])} takes dotted paths in quotes, such as "{path}"')
    if error["type"] == "missing":
        key = str(error["loc"][-1])
        return Fault((*loc, key), f"missing key '{key}'" + f" in {name}" * bool(loc), targets=((*loc, key),))
    if error["type"] == "extra_forbidden":
        return unknown_key(kind, data, loc)
    if error["type"] == "fault":
        word = meant(str(loc[-1]), context["near"]) if context["near"] else ""
        return Fault(loc, f"{name}: {context['problem']}", word, context["near"])
    if error["type"] == "literal_error":
        return not_one_of(loc, given, context["expected"])
    if error["type"] in KINDS:
        problem = f"must be {KINDS[error['type']]}, not {shown(given)}"
        return Fault(loc, f"{name}: {problem}{instead(kind, error['type'], given, loc)}")
    return Fault(loc, f"{name}: {wording(error, context)}")


def takes_paths(file: type[BaseModel], loc: Loc) -> bool:
    """Return whether the keys of the table at a location are dotted paths."""
    return get_args(shape_at(file, loc))[:1] == (str,)


def present(data: Any, loc: Loc) -> Loc:
    """Return the part of pydantic's location that exists in the file: no union tags, no '[key]'."""
    kept: list[str | int] = []
    node = data
    for key in loc:
        inside = key in node if isinstance(node, dict) else isinstance(node, list) and isinstance(key, int)
        if inside:
            kept.append(key)
            node = node[key]
    return tuple(kept)


def unknown_key(kind: type[BaseModel], data: dict[str, Any], loc: Loc) -> Fault:
    """Return the fault for an unknown key, with the keys that its table can have."""
    if len(loc) == 3 and loc[2] == "effects" and loc[0] in RESPONSIVE:
        return effects_of_row(loc, at(data, loc[:2]))
    valid = names_at(kind, loc[:-1]) + ("extends",) * (len(loc) == 1)
    where = f" in {dotted(loc[:-1])}" if len(loc) > 1 else ""
    return Fault(loc, f"unknown key '{loc[-1]}'{where}", meant(str(loc[-1]), valid), valid)


MOVED = {"issues": "rest", "dependence": "alternatives", "interests": "salience"}
"""Table -> the number that `effects` changed when they were a key of the row."""


def effects_of_row(loc: Loc, row: Table) -> Fault:
    """Return the fault for `effects` as a key of a row: they belong to one of its numbers."""
    keys = RESPONSIVE[str(loc[0])]
    number = MOVED.get(str(loc[0]), keys[0])
    value = row.get(number)
    example = f"{number} = {{ value = {value if isinstance(value, int | float) else '...'}, effects = {{ ... }} }}"
    others = f" (or on {', '.join(key for key in keys if key != number)})" if len(keys) > 1 else ""
    return Fault(loc, f"{dotted(loc)}: effects are written on the number that they change: {example}{others}")


def not_one_of(loc: Loc, given: object, expected: str) -> Fault:
    """Return the fault for a text that is not one of the valid ones."""
    valid = tuple(option.strip("'") for option in expected.replace(" or ", ", ").split(", "))
    return Fault(loc, f"{dotted(loc)}: {shown(given)} is not one of {expected}", str(given), valid)


def wording(error: Any, context: dict[str, Any]) -> str:
    """Return the message for an error of pydantic."""
    if error["type"] == "string_pattern_mismatch":
        return mismatch(context["pattern"], error["input"])
    if error["type"] == "too_long":
        return f"has {counted(len(error['input']), 'entry')}, at most {context['max_length']:,} are allowed"
    if error["type"] == "too_short":
        return f"needs at least {counted(context['min_length'], 'entry')}, has {len(error['input'])}"
    if error["type"] == "string_too_short":
        return "must not be empty"
    if error["type"] == "string_too_long":
        return f"must be {context['max_length']:,} characters at most"
    return str(error["msg"])


def instead(file: type[BaseModel], kind: str, given: object, loc: Loc) -> str:
    """Return what to write instead of a value of the wrong kind, or nothing if that is unclear."""
    if kind == "list_type":
        hint = as_list(given, loc, shape_at(file, (*loc, 0)))
    else:
        hint = in_other_quotes(kind, given, loc) if KINDS[kind] != "a table" else as_table(file, given, loc)
    return f"; write {hint}" if hint else ""


def as_list(given: object, loc: Loc, entries: Any) -> str:
    """Return how a value is written where a list is needed, given what kind of entries it has; nothing if unclear."""
    if isinstance(entries, Bounded):
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return f"[{given}, ... ]" if number else ""
    if isinstance(given, dict):
        return f"[[{dotted(loc)}]]" if isinstance(entries, type) and issubclass(entries, BaseModel) else ""
    if isinstance(given, str) and given.startswith("["):  # as a shell leaves it, without quotes
        words = [word.strip() for word in given.strip("[]").split(",")]
        return f"[{', '.join(map(quoted, words))}]" if all(words) and given.endswith("]") else ""
    return f"[{quoted(given)}]" if isinstance(given, str) else ""


SIDES = {("to", "by"), ("above", "below")}
"""The keys of the tables that are often written as one number."""
EXAMPLES = {
    "path": '{ "2025-06" = 0.5, ... }',
    "changes": "{ ISSUE = { to = 0.5 } }",
    "requires": "{ QUANTITY = { above = 0.5 } }",
    "when": "{ QUANTITY = { above = 0.5 } }",
    "payment": '{ from = "ACTOR", changes = { ISSUE = { by = 0.1 } } }',
    "from": "{ ACTOR = { ISSUE = { by = 0.1 } } }",
    "set": '{ "moves.MOVE.cost" = 0.5 }',
    "numbers": '{ "moves.MOVE.cost" = [0.0, 0.5] }',
    "widths": "{ OUTCOME = 6 }",
    "misses": '{ ROW = "why" }',
    "rivals": '{ "a rival theory" = "FILE" }',
    "deployments": "{ brier = 0.2, auc = 0.7 }",
}
"""Key of a row that takes a table -> what it looks like."""


def as_table(file: type[BaseModel], given: object, loc: Loc) -> str:
    """Return how a value is written where a table is needed; nothing if that is unclear."""
    key = str(loc[-1])
    if len(loc) < 3 and isinstance(given, list) and given and isinstance(given[0], dict):
        return f"[{dotted(loc)}]" if len(loc) == 2 or key not in TABLES else f"[{key}.NAME]"
    sides, number = names_at(file, loc), isinstance(given, int | float) and not isinstance(given, bool)
    if sides in SIDES and (number or (isinstance(given, str) and "above" in sides)):
        return " or ".join(f"{{ {side} = {quoted(given)} }}" for side in sides)
    return EXAMPLES.get(key, "") if len(loc) > 1 and key in names_at(file, loc[:-1]) else ""


def quoted(given: object) -> str:
    """Return a text or a number as TOML writes it."""
    if not isinstance(given, str):
        return shown(given)
    return json.dumps(given if len(given) <= 60 else "...", ensure_ascii=False)


def in_other_quotes(kind: str, given: object, loc: Loc) -> str:
    """Return how to write a value that has quotes too many, or none, or brackets; nothing if that is unclear."""
    if kind == "bool_type":
        return "it without quotes" if given in ("true", "false") else ""
    if isinstance(given, list) and len(given) == 1 and isinstance(given[0], str):
        return "it without brackets"
    if isinstance(given, date):
        return f'it in quotes, as a month: "{given.isoformat()[:7]}"' if loc[-1] in MONTHLY else "it in quotes"
    return "it in quotes" if isinstance(given, bool | int | float) else ""
