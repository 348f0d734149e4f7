"""The scenario of a view as a file that runs: comments kept, changed numbers written where they stood."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from realpolitik.scenario import Scenario, loads, parse_setting
from realpolitik.scenario.sources import find
from realpolitik_viz.dashboard.laboratory import plain_scenario, scenario_of
from realpolitik_viz.dashboard.view import View


def saved(view: View, uploads: Mapping[str, Scenario], texts: Mapping[str, str]) -> str:
    """Return name and text of a scenario with the changes of a view, as JSON for the page."""
    name = view.scenario
    plain_scenario(name, uploads)
    text = texts[name] if name in texts else Path(str(find(name, None).path)).read_text(encoding="utf-8")
    suffix = "-changed" if view.set or view.theory else ""
    return json.dumps({"name": f"{name}{suffix}.toml", "text": written(text, view, scenario_of(view, uploads))})


def written(text: str, view: View, wanted: Scenario) -> str:
    """Return a scenario's text with the changes of a view; ValueError if it would not read back as the same."""
    document = tomlkit.parse(text)
    for setting in (parse_setting(one) for one in view.set):
        if setting.month is None:
            put(document, setting.path, setting.value)
        else:
            fork(document, setting.month, setting.path, setting.value)
    if view.theory:
        put(document, "theory.weights", view.theory)
    made = tomlkit.dumps(document)
    if loads(made, wanted.name).sha256 != wanted.sha256:
        raise ValueError("this scenario cannot be written as a file that runs the same")
    return made


def put(document: TOMLDocument, path: str, value: Any) -> None:
    """Write a value where it stands, or in the [set] table of a diff."""
    parts = path.split(".")
    table: Any = document
    for part in parts[:-1]:
        table = table.get(part) if isinstance(table, Mapping) else None
    if isinstance(table, Mapping) and parts[-1] in table:
        table[parts[-1]] = value  # type: ignore[index]
    elif "extends" in document and parts[0] == "theory":
        document.setdefault("theory", tomlkit.table())[parts[-1]] = value
    elif "extends" in document:
        document.setdefault("set", tomlkit.table())[path] = value
    else:
        default(document, parts, value)


def default(document: TOMLDocument, parts: list[str], value: Any) -> None:
    """Write a value that a complete file left to its default."""
    table: Any = document
    for part in parts[:-1]:
        table = table.setdefault(part, tomlkit.inline_table())
    table[parts[-1]] = value


def fork(document: TOMLDocument, month: str, path: str, value: Any) -> None:
    """Write a change from a month on."""
    block = tomlkit.table()
    block["month"] = month
    changes = tomlkit.inline_table()
    changes[path] = value
    block["set"] = changes
    if "from" not in document:
        document["from"] = tomlkit.aot()
    document["from"].append(block)
