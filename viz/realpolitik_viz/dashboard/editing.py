"""Scenario files that pages write: the scenario of a view as TOML, comments kept."""

import json
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from realpolitik.scenario import Scenario
from realpolitik.scenario.core import opened
from realpolitik.scenario.sources import Source, find
from realpolitik_viz.dashboard.catalogue import OWN, file_name, plain_scenario, scenario_of, settings_of
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import View


def saved(view: View, uploads: Uploads) -> str:
    """Return the scenario of a view as a file: its name and text, as JSON for the page."""
    name, source = view.scenario, source_of(view.scenario, uploads)
    suffix = "-changed" if settings_of(view) else ""
    file = f"{file_name(name).removesuffix('.toml')}{suffix}.toml"
    return json.dumps({"name": file, "text": written(source, view, scenario_of(view, uploads))})


def source_of(name: str, uploads: Uploads) -> Source:
    """Return the text of a scenario, and the folder to which its paths are relative, if it may have any."""
    plain_scenario(name, uploads)
    if name in uploads:
        return Source(file_name(name), None, uploads.texts[name])
    found = find(OWN.files[name].path if name in OWN.files else name, Path())
    return Source(found.file, found.path, found.read(), found.folder)


def written(source: Source, view: View, wanted: Scenario) -> str:
    """Return a scenario's text with the changes of a view, comments kept; ValueError if it would not read the same."""
    document = tomlkit.parse(source.text)
    for setting in settings_of(view):
        if setting.month is None:
            put(document, setting.path, setting.value)
        else:
            put_from(document, setting.month, setting.path, setting.value)
    made = tomlkit.dumps(document)
    if opened(Source(source.file, None, made, source.folder), None).sha256 != wanted.sha256:
        raise ValueError("this scenario cannot be written as a file that runs the same")
    return made


def put(document: TOMLDocument, path: str, value: Any) -> None:
    """Write a value in its place, or in the [set] table of a diff."""
    parts = path.split(".")
    table: Any = document
    for part in parts[:-1]:
        table = table.get(part) if isinstance(table, Mapping) else None
    if isinstance(table, Mapping) and parts[-1] in table:
        put_value(table, parts[-1], value)
    elif "extends" in document and parts[0] == "theory":
        document.setdefault("theory", tomlkit.table())[parts[-1]] = value
    elif "extends" in document:
        put_value(document.setdefault("set", tomlkit.table()), path, value)
    else:
        put_default(document, parts, value)


def put_value(table: Any, key: str, value: Any) -> None:
    """Write a value under a key; a number that responds to the state keeps its effects."""
    old = table.get(key)
    if isinstance(old, MutableMapping) and "effects" in old:
        old["value"] = value
        for end in ("low", "high"):
            old.pop(end, None)
    else:
        table[key] = value


def put_default(document: TOMLDocument, parts: list[str], value: Any) -> None:
    """Write a value that a complete file left at its default."""
    table: Any = document
    for part in parts[:-1]:
        table = table.setdefault(part, tomlkit.inline_table())
    table[parts[-1]] = value


def put_from(document: TOMLDocument, month: str, path: str, value: Any) -> None:
    """Write a change that applies from a month on."""
    block = tomlkit.table()
    block["month"] = month
    changes = tomlkit.inline_table()
    changes[path] = value
    block["set"] = changes
    if "from" not in document:
        document["from"] = tomlkit.aot()
    document["from"].append(block)
