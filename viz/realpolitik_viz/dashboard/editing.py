"""Scenario files that pages write: the scenario of a view as TOML, and a draft whose values are edited as forms.

Comments, order and everything else that is not changed stay as they are.
"""

import json
import math
from collections.abc import Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit
from tomlkit import TOMLDocument

from realpolitik.choices import TABLES
from realpolitik.cli.starting import diff_text, templates
from realpolitik.scenario import Scenario, ScenarioError, traps
from realpolitik.scenario.core import opened
from realpolitik.scenario.errors import Loc
from realpolitik.scenario.sources import Source, find
from realpolitik.scenario.toml import parsed, value_spans
from realpolitik_viz.dashboard.catalogue import OWN, UPLOAD_PREFIX, file_name, plain_scenario, scenario_of, settings_of
from realpolitik_viz.dashboard.scenario_data import OWNER, name_of, row_in_words, row_title
from realpolitik_viz.dashboard.uploads import Uploads, upload_of
from realpolitik_viz.dashboard.uploads import source_of as source_of_text
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.months import in_words

WHAT_IF = "what-if"
"""The template that is a diff on the scenario of the view."""
MOST_FIELDS = 6_000
"""Values that are shown as forms; a larger file is edited as a text."""
LONG = 60
"""Characters from which a text has several lines."""
ENDS = ("low", "high")
SECTIONS = {
    "": "What this file is",
    "meta": "Title, question and months",
    "theory": "How actors weigh and decide",
    "actors": "Who decides",
    "issues": "What is at stake",
    "drivers": "What comes from outside",
    "dependence": "Who needs what from whom",
    "interests": "Who wants what",
    "moves": "What each actor can do",
    "shocks": "What happens by chance",
    "outcomes": "What is counted",
    "history": "What happened in fact",
    "quantities": "Quantities from the sources",
    "claims": "What the sources say",
    "directions": "Tests: the direction of a change",
    "levels": "Tests: shares that are expected",
    "questions": "Questions to forecast",
    "validation": "How the case is scored",
    "show": "What pages show first",
    "levers": "Questions with a slider",
    "story": "The story",
    "set": "Numbers that this what-if changes",
    "from": "Changes from a month on",
}
"""The sections of a file in words, by the names of its tables."""


def saved(view: View, uploads: Uploads) -> str:
    """Return the scenario of a view as a file: its name and text, as JSON for the page."""
    suffix = "-changed" if settings_of(view) else ""
    file = f"{file_name(view.scenario).removesuffix('.toml')}{suffix}.toml"
    return json.dumps({"name": file, "text": text_of(view, uploads)})


def text_of(view: View, uploads: Uploads) -> str:
    """Return the text of the scenario of a view, with its changes."""
    source = source_of(view.scenario, uploads)
    return written(source, view, scenario_of(view, uploads)) if settings_of(view) else source.text


def source_of(name: str, uploads: Uploads) -> Source:
    """Return the text of a scenario, and the folder to which its paths are relative, if it may have any."""
    plain_scenario(name, uploads)
    if name in uploads:
        return uploads.source(name)
    found = find(OWN.files[name].path if name in OWN.files else name, Path())
    text = found.read().replace("\r\n", "\n")
    return Source(found.file, None, text, found.folder, OWN.reach() if found.folder else None)


def written(source: Source, view: View, wanted: Scenario) -> str:
    """Return a scenario's text with the changes of a view, comments kept; ValueError if it would not read the same."""
    document = tomlkit.parse(source.text)
    for setting in settings_of(view):
        if setting.month is None:
            put(document, setting.path, setting.value)
        else:
            put_from(document, setting.month, setting.path, setting.value)
    made = tomlkit.dumps(document)
    if opened(Source(source.file, None, made, source.folder, source.only), None).sha256 != wanted.sha256:
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


# --- a draft --------------------------------------------------------------------------------------------------------


class EditedText(NamedTuple):
    """A text that is edited in the page."""

    shown: str
    """The scenario of the view in which it was edited last."""
    name: str
    """The name of the upload that it becomes once it is valid."""
    text: str
    origin: str
    """The scenario from which it was made."""

    @property
    def source(self) -> Source:
        """The text, with what it can name."""
        return source_of_text(self.name, self.text, self.origin)


def draft_of(view: View, uploads: Uploads) -> EditedText:
    """Return the draft that a view starts with: its scenario with its changes."""
    name = view.scenario
    if name in uploads:
        return EditedText(name, name, text_of(view, uploads), uploads.origins.get(name, ""))
    edited = f"{UPLOAD_PREFIX}{file_name(name).removesuffix('.toml')}-edited"
    return EditedText(name, edited, text_of(view, uploads), name)


def from_template(view: View, name: str, uploads: Uploads) -> EditedText:
    """Return the draft that starts from a template, or a diff on the scenario of a view; ValueError for another."""
    if name == WHAT_IF:
        return _what_if(view, uploads)
    text = next((one.text for one in templates() if one.name == name), None)
    if text is None:
        raise ValueError(f"there is no template '{name[:60]}'")
    return EditedText(view.scenario, f"{UPLOAD_PREFIX}{name}", text, "")


def _what_if(view: View, uploads: Uploads) -> EditedText:
    name = view.scenario
    if name in uploads:
        raise ValueError("a what-if extends a file: save this scenario, and start the dashboard with it")
    base = f"./{Path(OWN.files[name].path).name}" if name in OWN.files else name
    stem = f"what-if-{file_name(name).removesuffix('.toml')}"
    text = diff_text(plain_scenario(name, uploads), base, stem.replace("-", " ").capitalize())
    return EditedText(name, f"{UPLOAD_PREFIX}{stem}", text, name)


def with_text(draft: EditedText, text: Any) -> EditedText:
    """Return a draft with another text; ValueError if it is too long or not a text."""
    _, text = upload_of({"name": file_name(draft.name), "text": text})
    return draft._replace(text=text.replace("\r\n", "\n"))


def with_value(draft: EditedText, at: Any, value: Any) -> EditedText:
    """Return a draft in which a value is another one, and all else is the same; ValueError if it has none there.

    A number may be given as a table of value, low and high; what it has besides is kept.
    """
    parsed(draft.text, file_name(draft.name))  # a text that is no TOML has no values
    keys = tuple(at) if isinstance(at, list) else ()
    spans, text = value_spans(draft.text), draft.text
    if (*keys, "value") in spans:
        changes = list(_ranged(spans, keys, value if isinstance(value, Mapping) else {"value": value}))
    elif keys in spans:
        changes = [(*spans[keys], literal(value))]
    else:
        raise ValueError("there is no such value in the text")
    for start, end, made in sorted(changes, reverse=True):
        text = text[:start] + made + text[end:]
    return with_text(draft, text)


def _ranged(
    spans: Mapping[Loc, tuple[int, int]], keys: Loc, value: Mapping[str, Any]
) -> Iterator[tuple[int, int, str]]:
    """Yield what replaces the value and the ends of a number; ends that are not written are added after the value."""
    added = "".join(f", {end} = {literal(value[end])}" for end in ENDS if end in value and (*keys, end) not in spans)
    if added and keys not in spans:
        raise ValueError(f"write {' and '.join(ENDS)} of this number in the text")
    yield (*spans[*keys, "value"], literal(value["value"]) + added)
    for end in ENDS:
        if (*keys, end) in spans and end in value:
            yield (*spans[*keys, end], literal(value[end]))


def literal(value: Any) -> str:
    """Return a value as TOML; ValueError for one that a form cannot have.

    >>> literal(0.5), literal(["a", "b"]), literal({"value": 1, "low": 0, "high": 2})
    ('0.5', '["a", "b"]', '{ value = 1, low = 0, high = 2 }')
    """
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return repr(value)
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, Mapping) and value.keys() <= {"value", *ENDS}:
        return f"{{ {', '.join(f'{key} = {literal(one)}' for key, one in value.items())} }}"
    raise ValueError("a value is a number, a text, true or false, or a list of these")


def page_of(draft: EditedText, valid: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what the page shows of a draft: its text, its values as forms, and what `check` says of it.

    `valid` is the page of the last valid version: what was a number there has the field of a number, whatever it is,
    and as long as there are errors, rows and numbers are called what they were there.
    """
    scenario, errors, unlisted = _read(draft)
    tables = _tables(draft, scenario)
    before = valid["tables"] if valid else []
    known = {tuple(field["at"]): field for field in fields_of(before, "number")}
    for field in fields_of(tables):
        if (number := known.get(tuple(field["at"]))) is not None:
            words = field["words"] or number["words"]
            field.update(kind="number", ranged=number["ranged"], words=words)
    if scenario is None:
        labels = {(table["name"], row["id"]): row["label"] for table in before for row in table["rows"]}
        for table in tables:
            for row in table["rows"]:
                row["label"] = labels.get((table["name"], row["id"]), row["label"])
    warnings = [] if scenario is None else traps(scenario)
    return {
        "name": draft.name,
        "file": file_name(draft.name),
        "text": draft.text,
        "tables": tables,
        "errors": [{"line": one.line, "key": one.key, "text": str(one)} for one in errors],
        "unlisted": unlisted,
        "warnings": [{"line": one.place.line, "key": one.key, "text": str(one)} for one in warnings],
    }


def fields_of(tables: list[dict[str, Any]], kind: str = "") -> list[dict[str, Any]]:
    """Return the fields of tables, or those of one kind."""
    found = [field for table in tables for row in table["rows"] for field in row["fields"]]
    return [field for field in found if kind in ("", field["kind"])]


def _read(draft: EditedText) -> tuple[Scenario | None, list[ScenarioError], int]:
    """Return the scenario of a draft, or its errors and how many more there are."""
    try:
        return opened(draft.source, None), [], 0
    except ScenarioError as error:
        return None, [error, *error.others], error.unlisted


def _spans(draft: EditedText) -> dict[Loc, tuple[int, int]]:
    """Return where values are written, nothing if the text is no TOML."""
    try:
        parsed(draft.text, draft.name)
    except ScenarioError:
        return {}
    return value_spans(draft.text)


def _tables(draft: EditedText, scenario: Scenario | None) -> list[dict[str, Any]]:
    """Return the tables of a draft with their rows and fields, in the order of the text; none if they are too many."""
    spans = _spans(draft)
    if not spans:
        return []
    data = parsed(draft.text, draft.name)
    alone = {key: value for key, value in data.items() if not _is_table(value)}
    found = {"": [_row((), alone, spans, scenario)]} if alone else {}
    for table, content in data.items():
        if table not in alone:
            found[table] = [_row(loc, row, spans, scenario) for loc, row in _rows(table, content)]
    made = [{"name": table, "title": SECTIONS.get(table, table), "rows": rows} for table, rows in found.items()]
    return made if len(fields_of(made)) <= MOST_FIELDS else []


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and any(isinstance(one, dict) for one in value))


def _row(
    loc: Loc, row: Mapping[str, Any], spans: Mapping[Loc, tuple[int, int]], scenario: Scenario | None
) -> dict[str, Any]:
    """Return one row: its id, what it is in words, and its fields."""
    there = ((at, value) for at, value in _leaves(loc, row) if at in spans or (*at, "value") in spans)
    fields = [_field(at, value, scenario) for at, value in there]
    keys = (key + 1 if isinstance(key, int) else key for key in loc[1:])
    return {"id": ".".join(map(str, keys)), "label": _named(loc, row, scenario) if loc else "", "fields": fields}


def _named(loc: Loc, row: Mapping[str, Any], scenario: Scenario | None) -> str:
    """Return what a row is: as other pages call it, by a text of its own, or by what it is about; "" if none."""
    if scenario is not None and loc[0] in OWNER and len(loc) == 2:
        return row_title(scenario, str(loc[0]), str(loc[1]))
    own = next((str(row[key]) for key in ("label", "title", "channel", "text") if isinstance(row.get(key), str)), "")
    if own or scenario is None:
        return own
    outcome = scenario.document["outcomes"].get(row.get("outcome"))
    if outcome is not None:
        return str(outcome["label"])
    if row.get("dependence") in scenario.document["dependence"]:
        return row_title(scenario, "dependence", row["dependence"])
    return f"From {in_words(row['month'])}" if loc[0] == "from" else ""


def _number_in_words(at: Loc, path: str, scenario: Scenario | None) -> str:
    """Return what a number is, within its row or, where a what-if names it by its path, with its row; "" if unknown."""
    if scenario is None or path not in scenario.numbers:
        return ""
    return row_in_words(scenario, path) if path == str(at[-1]) else name_of(scenario, path)


def _rows(table: str, content: Any) -> Iterator[tuple[Loc, Any]]:
    """Yield location and content of the rows of a table; a table that has no rows is one."""
    if isinstance(content, dict) and table in TABLES and all(isinstance(row, dict) for row in content.values()):
        yield from (((table, name), row) for name, row in content.items())
    elif isinstance(content, list) and content and all(isinstance(row, dict) for row in content):
        yield from (((table, n), row) for n, row in enumerate(content))
    else:
        yield (table,), content


def _leaves(at: Loc, value: Any) -> Iterator[tuple[Loc, Any]]:
    """Yield location and value of each value that has a field; a number with its range is one, its effects are more."""
    if isinstance(value, dict) and "value" in value:
        yield at, value
        yield from _leaves((*at, "effects"), value.get("effects") or {})
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves((*at, key), inner)
    elif isinstance(value, bool | int | float | str) or (isinstance(value, list) and all(map(_plain, value))):
        yield at, value


def _plain(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _field(at: Loc, value: Any, scenario: Scenario | None) -> dict[str, Any]:
    """Return one field of a form: where its value is, what it is, what kind it is, and whether it can have a range."""
    start = 2 if at[0] in TABLES or (len(at) > 1 and isinstance(at[1], int)) else 1
    name = ".".join(map(str, at[start:])) or str(at[0])
    path = str(at[-1]) if at[0] in ("set", "from") else ".".join(map(str, at))
    field = {"at": list(at), "name": name, "words": _number_in_words(at, path, scenario)}
    if isinstance(value, dict):
        return {**field, "kind": "number", "ranged": True, **{key: value.get(key) for key in ("value", *ENDS)}}
    if isinstance(value, bool):
        return {**field, "kind": "flag", "value": value}
    if isinstance(value, int | float):
        ranged = scenario is not None and path in scenario.numbers and at[0] != "from"
        return {**field, "kind": "number", "ranged": ranged, "value": value}
    if isinstance(value, list):
        texts = all(isinstance(one, str) for one in value)
        return {**field, "kind": "list" if texts else "numbers", "value": value}
    return {**field, "kind": "long" if len(value) > LONG or "\n" in value else "text", "value": value}
