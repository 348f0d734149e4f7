"""The JSON Schema of scenario files, by which editors complete and check while one types."""

from typing import Any

from pydantic.json_schema import models_json_schema

from realpolitik.scenario.files import Complete, Diff


def schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a scenario file, complete or diff."""
    kinds, body = models_json_schema([(Complete, "validation"), (Diff, "validation")], ref_template="#/$defs/{model}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:realpolitik:scenario",
        "title": "realpolitik scenario",
        "description": "A scenario of realpolitik: complete, or a diff on another one",
        "anyOf": list(kinds.values()),
        **without_null(body),
    }


def without_null(node: Any) -> Any:
    """Leave out null, which TOML cannot write."""
    if isinstance(node, list):
        return [without_null(entry) for entry in node if entry != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    kept = {key: without_null(entry) for key, entry in node.items() if key != "default" or settled(entry)}
    if "patternProperties" in kept:
        kept["additionalProperties"] = False
    options = kept.get("anyOf", [])
    if len(options) == 1:
        del kept["anyOf"]
        return kept | options[0]
    return kept


def settled(default: object) -> bool:
    """Say whether a default is worth showing in an editor."""
    return default is not None and not isinstance(default, dict | list)
