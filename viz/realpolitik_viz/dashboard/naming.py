"""Changes and the source of a chart in words, for pages and for the files that they save."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, NamedTuple, TypeGuard

from realpolitik.choices import NUMBERS
from realpolitik.levers import levers_of
from realpolitik.scenario import Scenario, Setting, parse_setting
from realpolitik.texts import argument, command_line, counted, minus
from realpolitik.version import __version__
from realpolitik_viz.dashboard.catalogue import case_name, plain_scenario, title_of, written_as
from realpolitik_viz.dashboard.scenario_data import claims, head, row_in_words
from realpolitik_viz.dashboard.view import PAGES, View
from realpolitik_viz.months import in_words

SHOWN = 2
"""Changes that the title of a page names; the others are counted."""
MISSING = (ValueError, LookupError)
"""Errors of a scenario that this session does not have."""
RULE = "theory.weights"


# --- one change ------------------------------------------------------------------------------------------------------


class ViewChange(NamedTuple):
    """What differs from a scenario, in words: a lever that was moved, another number, or a choice."""

    key: str
    what: str
    now: str
    was: str
    text: str
    """All of it in one line."""
    values: Mapping[str, Any] = {}
    """Path -> new value, of the numbers that it changes."""
    month: str | None = None
    """The month from which it applies, None for all months."""


def changes_of(
    plain: Scenario, settings: Iterable[Setting], theory: str = "", uncertainty: str = ""
) -> list[ViewChange]:
    """Return every change of a scenario: the levers that were moved, then other numbers, then the choices."""
    made = [one for one in settings if differs(plain, one)]
    rule = theory or next((str(one.value) for one in made if one.path == RULE), "")
    found: list[ViewChange] = []
    for month in dict.fromkeys(one.month for one in made):
        values = {one.path: one.value for one in made if one.month == month and one.path != RULE}
        moved = list(levers_moved(plain, values, month))
        taken = {path for change in moved for path in change.values}
        found += [*moved, *(number_set(plain, path, values[path], month) for path in values if path not in taken)]
    return [*found, *choices_made(plain, rule, uncertainty)]


def differs(plain: Scenario, setting: Setting) -> bool:
    """Return whether a setting changes anything: a number that is set to its own value is no change."""
    return setting.month is not None or plain.numbers.get(setting.path) != setting.value


def levers_moved(plain: Scenario, values: Mapping[str, Any], month: str | None) -> Iterator[ViewChange]:
    """Yield the levers that new values move."""
    numbers = {path: float(value) for path, value in values.items() if is_number(value)}
    taken = set[str]()
    for lever in levers_of(plain):
        place = lever.place(numbers)
        if place is None or place == lever.base or taken & lever.ends.keys():
            continue
        taken |= lever.ends.keys()
        words, set_to = lever.words(place), {path: numbers[path] for path in lever.ends if path in numbers}
        text = f"{answered(lever.label, words)}{since(month)}"
        yield ViewChange(f"lever-{lever.name}{since(month)}", lever.label, words, "", text, set_to, month)


def answered(label: str, words: str) -> str:
    """Return a lever and where it stands, for titles: a question before its answer ends with a colon.

    >>> answered("How heavy is the war?", "no war")
    'How heavy is the war: no war'
    """
    return f"{label.removesuffix('?')}: {words}" if label.endswith("?") else f"{label} {words}"


def number_set(plain: Scenario, path: str, value: Any, month: str | None) -> ViewChange:
    """Return a number with a new value."""
    what, now, was = row_in_words(plain, path) + since(month), shown(value), shown(plain.numbers.get(path))
    return ViewChange(
        path + since(month), what, now, was, f"{what} {now}" + (f" (was {was})" if was else ""), {path: value}, month
    )


def choices_made(plain: Scenario, theory: str, uncertainty: str) -> Iterator[ViewChange]:
    """Yield another weight rule, and another way to draw the numbers."""
    rule, drawn = plain.document["theory"]["weights"], plain.document["meta"]["uncertainty"] or "none"
    if theory and theory != rule:
        yield ViewChange("theory", "Theory", theory, rule, f"theory: {theory}")
    if uncertainty and uncertainty != drawn:
        now, was = NUMBERS[uncertainty], NUMBERS[drawn]
        yield ViewChange("uncertainty", "Numbers", now, was, f"numbers {now}")


def since(month: str | None) -> str:
    """Return from when a change applies, to be added to what it is; nothing for all months."""
    return f", from {in_words(month)}" if month else ""


def is_number(value: object) -> TypeGuard[float]:
    """Whether the value of a setting is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def shown(value: Any) -> str:
    """Return a value as it is shown: six digits of a number; nothing where there is none."""
    if isinstance(value, bool):
        return str(value).lower()
    return minus(f"{value:.6g}") if is_number(value) else "" if value is None else str(value)


def titled(title: str, named: list[str], most: int | None = None) -> str:
    """Return the title of a scenario with its changes, or with the first ones and the number of the others."""
    if not named:
        return title
    more = f" and {len(named) - most} more" if most and len(named) > most else ""
    return f"{title}, changed: {'; '.join(named[:most])}{more}"


# --- a view ----------------------------------------------------------------------------------------------------------


def tidied(view: View, uploads: Mapping[str, Scenario]) -> View:
    """Return a view without changes that change nothing."""
    if not view.set:
        return view
    try:
        plain = plain_scenario(view.scenario, uploads)
    except MISSING:
        return view
    kept = tuple(text for text in view.set if differs(plain, parse_setting(text)))
    return view if kept == view.set else replace(view, set=kept)


def changes_in(view: View, plain: Scenario) -> list[ViewChange]:
    """Return the changes of a view of a scenario."""
    return changes_of(plain, [parse_setting(text) for text in view.set], view.theory, view.uncertainty)


def case_of(view: View, uploads: Mapping[str, Scenario]) -> dict[str, Any]:
    """Return the title of the case that a view shows, its changes in words, and the command that runs it."""
    try:
        plain = plain_scenario(view.scenario, uploads)
    except MISSING:
        return {"title": view.scenario, "plain": view.scenario, "changes": [], "reset": {}, "command": ""}
    found, base, title = changes_in(view, plain), case_name(view.scenario, uploads), title_of(view.scenario, uploads)
    return {
        "title": titled(title, [one.text for one in found], SHOWN),
        "plain": title,
        "changes": [*([what_if(plain, base, title)] if base else []), *(change_row(plain, one, view) for one in found)],
        "reset": reset(base or view.scenario),
        "command": command_of(plain, view, uploads),
    }


def reset(scenario: str) -> dict[str, Any]:
    """Return the change of any view to the one with which its page of a scenario starts."""
    return {key: value for key, value in asdict(View(scenario=scenario)).items() if key != "page"}


def what_if(plain: Scenario, base: str, title: str) -> dict[str, Any]:
    """Return the change from a base case to a scenario that extends it, or was edited from it."""
    first = plain.differences[-1] if plain.differences else None
    return {
        "key": "scenario",
        "what": "What if" if len(plain.chain) > 1 else "Case",
        "now": title,
        "was": plain_scenario(base, {}).document["meta"]["title"],
        "details": [],
        "reason": (first.reason if first else None) or "",
        "claims": claims_of(plain, first.claims if first else ()),
        "go": {"scenario": base},
    }


def change_row(plain: Scenario, change: ViewChange, view: View) -> dict[str, Any]:
    """Return a change as the change bar shows it: with the rows of its numbers, and what takes it back."""
    about = [about_number(plain, path) for path in change.values]
    return {
        "key": change.key,
        "what": change.what,
        "now": change.now,
        "was": change.was,
        "details": [detail(plain, path, value) for path, value in change.values.items()],
        "reason": " ".join(dict.fromkeys(one["reason"] for one in about)),
        "claims": claims_of(plain, [name for one in about for name in one["claims"]]),
        "go": without(view, change) if change.values else {change.key: ""},
    }


def without(view: View, change: ViewChange) -> dict[str, Any]:
    """Return the change of a view that takes a change of its numbers back."""
    settings = ((parse_setting(text), text) for text in view.set)
    return {"set": [text for one, text in settings if one.path not in change.values or one.month != change.month]}


def about_number(plain: Scenario, path: str) -> dict[str, Any]:
    """Return the reason and claims of the row of a number; of an unknown path, none."""
    table, name = (*path.split("."), "")[:2]
    try:
        return head(plain, table, name)
    except (LookupError, TypeError):
        return {"reason": "", "claims": []}


def detail(plain: Scenario, path: str, value: Any) -> dict[str, Any]:
    """Return path, value and range of a change."""
    span = plain.ranges.get(path)
    return {
        "path": path,
        "now": shown(value),
        "was": shown(plain.numbers.get(path)),
        "range": f"{shown(span[0])} to {shown(span[1])}" if span else "",
    }


def claims_of(plain: Scenario, names: Iterable[str]) -> dict[str, str]:
    """Return claims with their texts."""
    texts = claims(plain)
    return {name: texts[name] for name in dict.fromkeys(names) if name in texts}


def command_of(plain: Scenario, view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return the command that runs the worlds of a view, to be pasted into a shell."""
    words: list[object] = ["run", argument(written_as(view.scenario, uploads))]
    for text in view.set:
        words += ["--set", text] if differs(plain, parse_setting(text)) else []
    for key in ("theory", "uncertainty", "worlds", "seed"):
        value = getattr(view, key)
        words += [f"--{key}", value] if value != getattr(View(), key) else []
    return command_line(*words)


def branch_in_words(view: View, uploads: Mapping[str, Scenario]) -> list[str]:
    """Return what differs in the other branch of a world: another scenario, or the changes that the view lacks."""
    name, *texts = view.against[0].split(";")
    plain, own = plain_scenario(name, uploads), {*view.set, f"{RULE}={view.theory}"}
    found = [one.text for one in changes_of(plain, [parse_setting(text) for text in texts if text not in own])]
    return found if name == view.scenario and found else [title_of(name, uploads), *found]


# --- the source of a chart -------------------------------------------------------------------------------------------


def source_of(view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return what a chart of a view comes from: case, changes, worlds, seed and version; for saved files."""
    try:
        changed = "set" in PAGES[view.page].needs
        changes = changes_in(view, plain_scenario(view.scenario, uploads)) if changed else []
        title = titled(title_of(view.scenario, uploads), [one.text for one in changes])
    except ValueError:
        title = view.scenario
    worlds = f"world {view.world}" if view.page == "world" else counted(view.worlds, "world")
    return sentence(title, worlds, view.seed)


def sentence(title: str, worlds: str, seed: int, uncertainty: str = "") -> str:
    """Return the source of a chart as one line."""
    numbers = f", numbers {NUMBERS[uncertainty]}" if uncertainty else ""
    return f"{title}. {worlds}, seed {seed}{numbers}. realpolitik {__version__}"


def source_text(view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return the source of the charts of a view as JSON."""
    return json.dumps(source_of(view, uploads))
