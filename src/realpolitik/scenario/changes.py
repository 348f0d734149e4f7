"""Changes to a draft: a diff on its base, and settings given from outside, both checked like a file."""

import json
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from numbers import Integral, Real
from typing import NamedTuple

from realpolitik.choices import EXPECTED, TABLES, brief, mapping, several
from realpolitik.scenario.documents import Diff
from realpolitik.scenario.draft import Difference, Draft, Findings, Places, checked, overlaid, refuse, tables
from realpolitik.scenario.errors import Fault, Loc, ScenarioError, shown
from realpolitik.scenario.fields import MONTH, Range, mismatch, month_text
from realpolitik.scenario.paths import (
    GIVEN,
    Table,
    absent,
    assign,
    at,
    inner_values,
    locate,
    missing,
    refused,
    split,
)
from realpolitik.scenario.toml import parsed


def merged(base: Draft, diff: Diff, data: Table, places: Places, name: str, found: Findings) -> Draft:
    """Return a base with a diff applied: rows dropped, keys replaced, rows added, values set, forks appended.

    What does not fit the base is left out, and added to the faults found. `data` is the diff as it was written.
    """
    draft = replace(base, full=tables(base.full), places=dict(base.places), dropped=dict(base.dropped))
    draft.places[()] = places[()]
    forget_expectations(draft)
    dropped(draft, diff.drop, places, found)
    replace_keys(draft, diff, places)
    again = rows_again(draft.full, data)
    found.forget_missing(again)
    found.add((row_of_the_base(draft.full, path, data) for path in again), places)
    add_rows(draft, diff, places)
    found.add(replacements(draft, diff.set, places), places)
    append_forks(draft, diff, places)
    draft.full["validation"] = tables(diff.validation)
    draft.full["story"] = tables(diff.story)
    own = ("validation", "show", "story")
    draft.places.update({loc: place for loc, place in places.items() if loc and loc[0] in own})
    leave_out_of_show(draft, diff.levers)
    draft.full["show"].update({key: tables(getattr(diff.show, key)) for key in diff.show.model_fields_set})
    cited = list(diff.claims) if isinstance(diff.claims, list) else []
    found.add(uncited(draft.full, cited), places)
    paths = (*diff.drop, *added(diff), *diff.set)
    why = Difference(name, diff.reason, tuple(cited), paths)
    return replace(draft, differences=(*base.differences, why))


def forget_expectations(draft: Draft) -> None:
    """Remove what is expected of a base and asked of it, and its story: none of it holds for changes of it."""
    draft.full.update({table: {} for table in EXPECTED}, story=[])
    for loc in [loc for loc in draft.places if loc and loc[0] in (*EXPECTED, "story")]:
        del draft.places[loc]


def leave_out_of_show(draft: Draft, own: Container[str] = ()) -> None:
    """Remove levers, apart from `own` ones, and keys of [show] that name what has been dropped."""
    full = draft.full
    for name, row in list(full["levers"].items()):
        if name not in own and any(locate(full, path) is None for path in row["numbers"]):
            del full["levers"][name]
    show = full["show"]
    for key, table in (("headline", "outcomes"), ("issue", "issues")):
        show[key] = show[key] if show[key] in full[table] else None
    show["outcomes"] = [name for name in show["outcomes"] if name in full["outcomes"]]
    if not set((show["leverage"] or "").split(">")) <= set(full["actors"]):
        show["leverage"] = None
    if not full["meta"]["start"] <= (show["by"] or full["meta"]["end"]) <= full["meta"]["end"]:
        show["by"] = None


def dropped(draft: Draft, paths: list[str], places: Places, found: Findings) -> None:
    """Remove rows from a draft, with their positions; add a fault for each path that is not of a row."""
    found.add(drops(draft, paths, places), places)
    for loc in [loc for loc in draft.places if loc[:2] in draft.dropped]:
        del draft.places[loc]


def drops(draft: Draft, paths: list[str], places: Places) -> Iterator[Fault]:
    """Remove rows from the tables; yield a fault for each path that is not of a row."""
    for n, path in enumerate(paths):
        loc = split(path)
        if len(loc) != 2 or locate(draft.full, path) is None or loc[0] not in TABLES:
            yield no_row(draft.full, path, ("drop", n))
            continue
        del draft.full[str(loc[0])][loc[1]]
        draft.dropped[loc] = places.get(("drop", n), places[()])


def no_row(full: Table, path: str, loc: Loc) -> Fault:
    """Return the fault for a path that is not of a row."""
    found = locate(full, path)
    if found is None and path.count(".") == 1:
        fault = missing(full, path, loc)
        return Fault(loc, f"drop: unknown row '{path}'", hint=fault.hint)
    return Fault(loc, f"drop: '{path}' is not a row, such as 'moves.offensive'")


def replace_keys(draft: Draft, diff: Diff, places: Places) -> None:
    """Replace the keys that [meta] and [theory] of a diff give."""
    for table, row in (("meta", diff.meta), ("theory", diff.theory)):
        for key in sorted(row.model_fields_set, key=list(type(row).model_fields).index):
            overlaid(draft.places, (table, key), places[table, key], draft.full[table][key])
            draft.full[table][key] = tables(getattr(row, key))


def added(diff: Diff) -> Iterator[str]:
    """Return the dotted paths of the rows that a diff adds."""
    for table in TABLES:
        given = getattr(diff, table)
        if isinstance(given, dict):
            yield from (f"{table}.{name}" for name in given)


def in_row(loc: Loc) -> bool:
    """Return whether a key is inside a row, and not in the list of claims of the diff itself."""
    return len(loc) > 1 and loc[0] in TABLES and isinstance(loc[1], str)


def rows_again(full: Table, data: Table) -> list[Loc]:
    """Return the rows of a diff, valid or not, that its base has too."""
    given = {table: rows for table in TABLES if isinstance(rows := data.get(table), dict)}
    return [(table, name) for table, rows in given.items() for name in rows if name in full[table]]


def row_of_the_base(full: Table, loc: Loc, data: Table) -> Fault:
    """Return the fault for a row that the base has, with the first value in it that [set] could change."""
    path = ".".join(map(str, loc))
    places = {inner: (locate(full, inner), value) for inner, value in inner_values(path, at(data, loc))}
    changed = (inner for inner, (there, value) in places.items() if there is not None and at(full, there) != value)
    first = next(changed, None)
    example = f', such as "{first}" = {written(places[first][1])}' if first else ""
    return Fault(loc, f"{path}: this row is already in the base; change it with [set]{example}, or drop it first")


def written(value: object) -> str:
    """Return a value as it is written in TOML, without what is in a list or a table."""
    return "[ ... ]" if isinstance(value, list) else "{ ... }" if isinstance(value, dict) else shown(value)


def add_rows(draft: Draft, diff: Diff, places: Places) -> None:
    """Add the rows of a diff that the base does not have, after those of the base."""
    draft.places.update({loc: place for loc, place in places.items() if in_row(loc)})
    for path in added(diff):
        table, name = path.split(".")
        draft.full[table].setdefault(name, tables(getattr(diff, table)[name]))


def replacements(draft: Draft, given: dict[str, object], places: Places) -> Iterator[Fault]:
    """Replace values by dotted path; yield a fault for each path that cannot be set."""
    inner: dict[str | int, Places] = {}
    for key in (key for key in places if key[:1] == ("set",) and len(key) > 2):
        inner.setdefault(key[1], {})[key[2:]] = places[key]
    for path, value in given.items():
        loc = locate(draft.full, path)
        fault = unsettable(draft.full, path, loc, value)
        if fault:
            yield fault
        elif loc is not None:
            overlaid(draft.places, loc, places["set", path], at(draft.full, loc), value)
            assign(draft.full, loc, value)
            draft.places.update({(*loc, *key): place for key, place in inner.get(path, {}).items()})


def unsettable(full: Table, path: str, loc: Loc | None, value: object) -> Fault | None:
    """Return the fault if a value cannot be set at a path, otherwise None."""
    given: Loc = ("set", path)
    if loc is not None and is_consent(loc):
        return None
    if value == {}:
        return Fault(given, "[set] takes a value, not an empty table; `drop` removes a row")
    if isinstance(value, dict) and not set(value) & set(Range._fields):
        paths = [inner for inner, _ in inner_values(path, value)]
        there = next((inner for inner in paths if locate(full, inner) is not None), None)
        if there is None and loc is not None:
            return absent(full, paths[0], given)
        return Fault(given, f'[set] takes dotted paths in quotes, such as "{there or paths[0]}"')
    if loc is None:
        return absent(full, path, given)
    if loc[2:] == ("series",):
        return Fault(given, f"'{path}' is read from a file; set the numbers themselves, such as those of the path")
    if isinstance(at(full, loc), dict):
        return Fault(given, f"'{path}' is a table; name one number, text or list in it by its dotted path")
    return None


def is_consent(loc: Loc) -> bool:
    """Return whether a location is that of a consent, which may be a list or a table."""
    return len(loc) == 3 and loc[0] == "moves" and loc[2] == "consent"


def append_forks(draft: Draft, diff: Diff, places: Places) -> None:
    """Append the forks of a diff to those of its base."""
    first = len(draft.full["from"])
    draft.full["from"] += tables(diff.forks)
    for loc, place in places.items():
        if len(loc) > 1 and loc[0] == "from" and isinstance(loc[1], int):
            draft.places["from", first + loc[1], *loc[2:]] = place


def uncited(full: Table, claims: list[str]) -> Iterator[Fault]:
    """Yield a fault for each claim of a diff that is not in [claims]."""
    for n, claim in enumerate(claims):
        if claim not in full["claims"]:
            yield Fault(("claims", n), f"claims: unknown claim '{claim}'", claim, tuple(full["claims"]))


LONGEST = 2_000
"""Characters of a setting."""
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
DATED = re.compile(rf"(?P<value>[^@]+)@(?P<month>{MONTH.strip('^$')})")
WORDS = {"true": True, "false": False}
Settings = Mapping[str, object] | Iterable["Setting | str"]


class Setting(NamedTuple):
    """A new value at a dotted path, from the start, or from a month "YYYY-MM" on."""

    path: str
    value: object
    month: str | None = None


def parse_setting(text: str) -> Setting:
    """Return the setting that a text `PATH=VALUE` or `PATH=VALUE@YYYY-MM` gives; ScenarioError if it is neither."""
    return dated(*halves(text))


def setting_text(setting: Setting) -> str:
    """Return the text that gives a setting of a number, a text, a list or a boolean: what `parse_setting` reads."""
    value = json.dumps(setting.value, ensure_ascii=False) if isinstance(setting.value, bool | list) else setting.value
    return f"{setting.path}={value}" + (f"@{setting.month}" if setting.month else "")


SETTING_GIVEN = 'is not a setting: give {"PATH": VALUE}, or a text "PATH=VALUE" or "PATH=VALUE@YYYY-MM"'
SETTING = "is not a setting: write PATH=VALUE or PATH=VALUE@YYYY-MM"


def halves(text: str, longest: int = LONGEST, otherwise: str = SETTING) -> tuple[str, str]:
    """Return path and value of `PATH=VALUE`; ScenarioError if the text is too long or, `otherwise`, lacks a part."""
    if len(text) > longest:
        raise refused("", f"'{text[:60]}...' is too long: {len(text):,} characters, {longest:,} at most")
    path, equals, value = (part.strip() for part in text.partition("="))
    if not equals or not path or not value:
        raise refused(path, f"'{text[:60]}' {otherwise}")
    return path, value


def dated(path: str, value: object) -> Setting:
    """Return a setting, with the month of a value such as `0.3@2024-04` split off."""
    if not isinstance(value, str):
        return Setting(path, plain(value))
    fork = DATED.fullmatch(value)
    if fork:
        return Setting(path, read(fork["value"].strip()), fork["month"])
    number, at_sign, month = (part.strip() for part in value.rpartition("@"))
    if at_sign and NUMBER.fullmatch(number):
        raise refused(path, f"{path}: {mismatch(MONTH, month)}")
    return Setting(path, read_list(value))


def read_list(text: str) -> object:
    """Return a list as TOML would read it, otherwise what `read` returns."""
    if not text.startswith("["):
        return read(text)
    try:
        return parsed(f"list = {text}", GIVEN.file)["list"]
    except ScenarioError:
        return text


def read(text: str) -> object:
    """Return a value as TOML would read it: a number, true or false, otherwise text."""
    return float(text) if NUMBER.fullmatch(text) else WORDS.get(text, text)


def as_settings(settings: Settings | None) -> list[Setting]:
    """Return settings as a list, whichever way they are given; a text is one as `--set` takes it, None is none."""
    given = mapping(settings)
    if given is not None:
        return [dated(_path(path, {path: value}), value) for path, value in given.items()]
    return [parse_setting(one) if isinstance(one, str) else _setting(one) for one in several(settings)]


def _setting(given: object) -> Setting:
    """Return a setting that was given as path, value and month; ScenarioError if it is none."""
    if not isinstance(given, tuple) or len(given) != len(Setting._fields):
        raise refused("", f"{brief(given)} {SETTING_GIVEN}")
    path, value, month = given
    return Setting(_path(path, given), plain(value), month_text(month))


def _path(path: object, given: object) -> str:
    """Return the dotted path of a setting; ScenarioError if it is no text."""
    if not isinstance(path, str):
        raise refused("", f"{brief(given)} {SETTING_GIVEN}")
    return path


def plain(value: object) -> object:
    """Return a value with NumPy scalars and arrays, and other mappings and numbers, as Python's own types."""
    if isinstance(value, bool | str | Range):
        return value
    if callable(tolist := getattr(value, "tolist", None)):  # a scalar or an array of NumPy
        return plain(tolist())
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value


def with_settings(draft: Draft, settings: Settings | None) -> Draft:
    """Apply settings to a draft and check it as if they were in a file."""
    given = as_settings(settings)
    lasting = {setting.path: setting.value for setting in given if setting.month is None}
    places: Places = {(): GIVEN} | {("set", path): GIVEN for path in lasting}
    refuse(replacements(draft, lasting, places), places)
    for setting in given:
        if setting.month is not None:
            refuse(unforkable(draft.full["meta"], setting, setting.month), places)
            draft.places["from", len(draft.full["from"])] = GIVEN
            draft.full["from"].append({"month": setting.month, "set": {setting.path: setting.value}})
    return checked(draft)


def unforkable(meta: Table, setting: Setting, month: str) -> list[Fault]:
    """Return a fault if a setting with a month is not of a number, or its month is none of the scenario."""
    problem = ""
    if not re.fullmatch(MONTH, str(month)):
        problem = mismatch(MONTH, month)
    elif not meta["start"] <= month <= meta["end"]:
        problem = f"the month {month} is outside {meta['start']} to {meta['end']}"
    elif not isinstance(setting.value, int | float) or isinstance(setting.value, bool):
        problem = "only a number can change in a given month"
    return [Fault(("set", setting.path), f"{setting.path}: {problem}")] if problem else []


def without(draft: Draft, paths: Iterable[str]) -> Draft:
    """Remove rows from a draft and check it as if a file dropped them."""
    found = Findings()
    forget_expectations(draft)
    dropped(draft, list(paths), {(): GIVEN}, found)
    leave_out_of_show(draft)
    return checked(draft, found)
