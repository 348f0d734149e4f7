"""Pydantic's findings in our words: each with the key it is about and the names that would be valid."""

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from realpolitik.scenario.errors import Fault, Loc, nearest, shown
from realpolitik.scenario.fields import PATTERNS
from realpolitik.scenario.paths import dotted
from realpolitik.scenario.shapes import names_at

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


def structured(kind: type[File], data: dict[str, Any]) -> tuple[File | None, list[Fault]]:
    """Check keys, types and bounds; give the file, or what is wrong with it."""
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
    """Turn one finding of pydantic into a fault."""
    context = error.get("ctx", {})
    loc = (*present(data, error["loc"]), *context.get("under", ()))
    name = dotted(loc)
    if error["type"] == "missing":
        key = str(error["loc"][-1])
        return Fault((*loc, key), f"missing key '{key}'" + f" in {name}" * bool(loc), targets=((*loc, key),))
    if error["type"] == "extra_forbidden":
        return unknown_key(kind, loc)
    if error["type"] == "fault":
        word = str(loc[-1]) if context["near"] else ""
        return Fault(loc, f"{name}: {context['problem']}", word, context["near"])
    if error["type"] == "literal_error":
        return not_one_of(loc, error["input"], context["expected"])
    return Fault(loc, f"{name}: {wording(error, context)}")


def present(data: Any, loc: Loc) -> Loc:
    """Keep the part of pydantic's location that exists in the file: no tags of unions, no '[key]'."""
    kept: list[str | int] = []
    node = data
    for key in loc:
        inside = key in node if isinstance(node, dict) else isinstance(node, list) and isinstance(key, int)
        if inside:
            kept.append(key)
            node = node[key]
    return tuple(kept)


def unknown_key(kind: type[BaseModel], loc: Loc) -> Fault:
    """Name the keys that a table can have."""
    valid = names_at(kind, loc[:-1]) + ("extends",) * (len(loc) == 1)
    return Fault(loc, f"unknown key '{loc[-1]}'", str(loc[-1]), valid)


def not_one_of(loc: Loc, given: object, expected: str) -> Fault:
    """Name the texts that a key can have."""
    valid = tuple(option.strip("'") for option in expected.replace(" or ", ", ").split(", "))
    return Fault(loc, f"{dotted(loc)}: {shown(given)} is not one of {expected}", str(given), valid)


def wording(error: Any, context: dict[str, Any]) -> str:
    """Say in plain words what pydantic found."""
    given = shown(error["input"])
    if error["type"] in KINDS:
        return f"must be {KINDS[error['type']]}, not {given}"
    if error["type"] == "string_pattern_mismatch":
        return f"{given} {PATTERNS[context['pattern']]}"
    if error["type"] == "too_long":
        return f"has {len(error['input']):,} entries, at most {context['max_length']:,} are allowed"
    if error["type"] == "too_short":
        return f"needs at least {context['min_length']} entries, has {len(error['input'])}"
    if error["type"] == "string_too_short":
        return "must not be empty"
    if error["type"] == "string_too_long":
        return f"is longer than {context['max_length']} characters"
    return str(error["msg"])
