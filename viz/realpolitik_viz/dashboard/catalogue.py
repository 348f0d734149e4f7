"""The scenarios of a session: the shipped ones and its uploads, changed as a view says, and saved as a file."""

import json
import threading
from collections.abc import Callable, Mapping, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit import TOMLDocument

from realpolitik.scenario import Scenario, Setting, load, loads, parse_setting, shipped
from realpolitik.scenario.sources import find
from realpolitik_viz.dashboard.resources import SCENARIOS
from realpolitik_viz.dashboard.view import View

LARGEST_UPLOAD = 1_000_000
"""Bytes of an uploaded scenario."""
MOST_UPLOADS, MOST_UPLOADED = 8, 4_000_000
"""Uploads that one session keeps, and their bytes; the oldest are dropped first."""
MOST_IN_ALL = 64_000_000
"""Bytes of the uploads of all sessions."""
FULL = "the dashboard cannot keep more uploads; close other pages of it and try again"


@lru_cache
def shipped_about() -> dict[str, dict[str, str | None]]:
    """Return the shipped scenarios: name -> title, question and the name of the scenario that it extends."""
    return {one.name: {"title": one.title, "question": one.question, "extends": one.extends} for one in shipped()}


@lru_cache(maxsize=64)
def shipped_scenario(name: str) -> Scenario:
    """Return a shipped scenario by name; no other file can be read."""
    if name not in shipped_about():
        raise ValueError(f"there is no scenario {name!r} here; there are {', '.join(shipped_about())}")
    return load(name)


def plain_scenario(name: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario without changes: an upload of this session, or a shipped one."""
    return uploads[name] if name in uploads else shipped_scenario(name)


def base_of(scenario: Scenario) -> Scenario | None:
    """Return the shipped scenario at the end of a chain of diffs, the base case of everything that extends it."""
    name = scenario.chain[-1].removesuffix(".toml")
    return shipped_scenario(name) if name in shipped_about() else None


def scenario_of(view: View, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return the scenario of a view, with its changes and weight rule."""
    scenario = plain_scenario(view.scenario, uploads)
    if not view.set and not view.theory:
        return scenario
    settings = [parse_setting(text) for text in view.set]
    if view.theory:
        settings.append(Setting("theory.weights", view.theory))
    return SCENARIOS.get((scenario.name, scenario.sha256, view.set, view.theory), lambda: scenario.set(settings))


def rival_of(text: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario given by its name and changes, separated by semicolons."""
    name, *changes = text.split(";")
    scenario = plain_scenario(name, uploads)
    return scenario.set([parse_setting(one) for one in changes]) if changes else scenario


class Quota:
    """Counts the bytes of the uploads of all sessions."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._lock = threading.Lock()

    def add(self, more: int) -> None:
        """Count bytes, or subtract them; ValueError if there are too many."""
        with self._lock:
            if more > 0 and self._used + more > self._most:
                raise ValueError(FULL)
            self._used += more


QUOTA = Quota(MOST_IN_ALL)


class Uploads:
    """The uploads of one session, by name."""

    def __init__(self) -> None:
        self.scenarios: dict[str, Scenario] = {}
        self.texts: dict[str, str] = {}

    def __del__(self) -> None:
        QUOTA.add(-self._bytes())

    def _bytes(self) -> int:
        return sum(len(text.encode()) for text in self.texts.values())

    def add(self, given: Mapping[str, Any], read: Callable[[str, str], Scenario]) -> str:
        """Read and keep an upload; return its name, ValueError if it is too large or not a scenario."""
        name, text = upload_of(given)
        scenario = read(name, text)
        QUOTA.add(len(text.encode()))
        self._drop(name)
        self.scenarios[name], self.texts[name] = scenario, text
        while len(self.texts) > MOST_UPLOADS or (self._bytes() > MOST_UPLOADED and len(self.texts) > 1):
            self._drop(next(iter(self.texts)))
        return name

    def _drop(self, name: str) -> None:
        if name in self.texts:
            QUOTA.add(-len(self.texts.pop(name).encode()))
            del self.scenarios[name]


def upload_of(given: Mapping[str, Any]) -> tuple[str, str]:
    """Return the name and text of an upload; the name reaches no file. ValueError if it is too large."""
    text, file = given.get("text"), given.get("name", "")
    if not isinstance(text, str) or not isinstance(file, str):
        raise ValueError("an upload must be a text with a name")
    if len(text.encode()) > LARGEST_UPLOAD:
        raise ValueError(f"{file[:60]}: a scenario has at most {LARGEST_UPLOAD:,} bytes")
    stem = "".join(c if c.isascii() and (c.isalnum() or c in "_-") else "-" for c in file.removesuffix(".toml"))
    return f"my-{stem.strip('-')[:50] or 'scenario'}", text


def saved(view: View, uploads: Uploads) -> str:
    """Return the scenario of a view as a file: its name and text, as JSON for the page."""
    name = view.scenario
    plain_scenario(name, uploads.scenarios)
    text = uploads.texts.get(name) or Path(str(find(name, None).path)).read_text(encoding="utf-8")
    suffix = "-changed" if view.set or view.theory else ""
    return json.dumps(
        {"name": f"{name}{suffix}.toml", "text": written(text, view, scenario_of(view, uploads.scenarios))}
    )


def written(text: str, view: View, wanted: Scenario) -> str:
    """Return a scenario's text with the changes of a view, comments kept; ValueError if it would not read the same."""
    document = tomlkit.parse(text)
    for setting in (parse_setting(one) for one in view.set):
        if setting.month is None:
            put(document, setting.path, setting.value)
        else:
            put_from(document, setting.month, setting.path, setting.value)
    if view.theory:
        put(document, "theory.weights", view.theory)
    made = tomlkit.dumps(document)
    if loads(made, wanted.name).sha256 != wanted.sha256:
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
