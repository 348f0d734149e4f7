"""The JSON Schema that editors use says the same as the reader."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from realpolitik import scenario
from realpolitik.scenario import ScenarioError, bounds, schema

SCHEMA = schema()


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Every object inside a schema."""
    if isinstance(node, dict):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from nodes(child)


def test_the_schema_is_of_this_draft_and_of_no_machine() -> None:
    """The schema names its draft and itself, and no host."""
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert SCHEMA["$id"] == "urn:realpolitik:scenario"
    assert SCHEMA["title"]
    assert "localhost" not in json.dumps(SCHEMA)
    assert "/work" not in json.dumps(SCHEMA)


def test_every_key_is_described() -> None:
    """An editor has a sentence to show for each key of each row."""
    for name, definition in SCHEMA["$defs"].items():
        for key, entry in definition["properties"].items():
            shown = entry.get("description") or SCHEMA["$defs"][entry["$ref"].rpartition("/")[2]].get("description")
            assert shown, f"{name}.{key}"


def test_every_reference_leads_somewhere() -> None:
    """References stay inside the schema and exist."""
    for node in nodes(SCHEMA):
        if "$ref" in node:
            assert node["$ref"].removeprefix("#/$defs/") in SCHEMA["$defs"]


def test_unknown_keys_are_refused_everywhere() -> None:
    """Every row is closed, and null, which TOML cannot write, is nowhere."""
    assert all(definition["additionalProperties"] is False for definition in SCHEMA["$defs"].values())
    assert not [node for node in nodes(SCHEMA) if node.get("type") == "null"]


def test_a_file_is_complete_or_a_diff() -> None:
    """A complete file needs its head and its actors; a diff needs its base."""
    assert SCHEMA["$defs"]["Complete"]["required"] == ["meta", "actors"]
    assert SCHEMA["$defs"]["Diff"]["required"] == ["extends"]
    assert {"set", "from", "drop", "reason"} <= set(SCHEMA["$defs"]["Diff"]["properties"])


def test_bounds_are_those_of_the_schema() -> None:
    """A slider and an editor stop at the same end."""
    cost = SCHEMA["$defs"]["MoveRow"]["properties"]["cost"]["anyOf"][0]
    assert bounds("moves.any.cost") == (cost["minimum"], cost["maximum"]) == (0, 10)
    assert bounds("drivers.any.path.2022-02") == bounds("drivers.any.season.12") == (0, 1)
    assert bounds("moves.any.requires.A>B.above") == (0, 100)
    assert bounds("moves.any.requires.toll.above") == (0, 1)
    assert bounds("shocks.any.changes.toll.by") == (-1, 1)


@pytest.mark.parametrize(
    "path", ["", "moves", "moves.any.label", "moves.any.costs", "x.y", "theory.phi.low", "meta.start"]
)
def test_only_numbers_have_bounds(path: str) -> None:
    """The bounds of anything but a number are refused by name."""
    with pytest.raises(ScenarioError, match="is not the path of a number"):
        bounds(path)


def test_the_public_face_is_what_it_is() -> None:
    """What is exported is pinned."""
    assert scenario.__all__ == [
        "Difference",
        "Scenario",
        "ScenarioError",
        "ScenarioFork",
        "Setting",
        "Settings",
        "Shipped",
        "Trap",
        "as_settings",
        "asked",
        "bounds",
        "effects_of",
        "load",
        "loads",
        "paid_changes",
        "parse_setting",
        "payers",
        "schema",
        "shipped",
        "traps",
        "value_of",
    ]
