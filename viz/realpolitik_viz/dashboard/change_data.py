"""What pages are sent of the changes of a view: each in words, the title of the changed case, and its command."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeGuard

from realpolitik.levers import Lever, levers_of
from realpolitik.scenario import Scenario, Setting, parse_setting
from realpolitik.texts import argument, command_line
from realpolitik_viz.dashboard.answers import legible
from realpolitik_viz.dashboard.catalogue import base_name, plain_scenario, written_as
from realpolitik_viz.dashboard.naming import differs
from realpolitik_viz.dashboard.scenario_data import claims, head, name_of, owner_label
from realpolitik_viz.dashboard.view import View

WORLDS, SEED = 2000, 1
"""What `realpolitik run` uses without options."""
SHOWN = 2
"""Changes that a title names; the others are counted."""
NUMBERS = {"none": "as given", "prior": "drawn from their ranges", "posterior": "fitted to the history"}
MISSING = (ValueError, LookupError)
"""Errors of a scenario that this session does not have."""


class Changed(NamedTuple):
    """The plain scenario of a view, and its settings that differ from it."""

    plain: Scenario
    settings: list[Setting]

    @property
    def numbers(self) -> dict[str, float]:
        """The numbers that are changed for all months."""
        return {one.path: float(one.value) for one in self.settings if one.month is None and is_number(one.value)}


def is_number(value: object) -> TypeGuard[float]:
    """Whether the value of a setting is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


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


def case_of(view: View, uploads: Mapping[str, Scenario]) -> dict[str, Any]:
    """Return the title of the case that a view shows, its changes in words, and the command that runs it."""
    try:
        changed = changed_of(view, uploads)
    except MISSING:
        return {"title": view.scenario, "plain": view.scenario, "changes": [], "reset": {}, "command": ""}
    rows = [*numbers_in_words(changed, view), *choices_in_words(changed.plain, view)]
    base = base_name(changed.plain)
    title = changed.plain.document["meta"]["title"]
    if base is not None:
        rows.insert(0, what_if(changed.plain, base))
    named = [row["short"] for row in rows if not row["what_if"]]
    found: dict[str, Any] = legible(
        {
            "title": titled(title, named),
            "plain": title,
            "changes": rows,
            "reset": {"scenario": base or view.scenario, "set": [], "theory": "", "uncertainty": ""},
            "command": command_of(changed, view, uploads),
        }
    )
    return found


def changed_of(view: View, uploads: Mapping[str, Scenario]) -> Changed:
    """Return the plain scenario of a view and what differs from it."""
    plain = plain_scenario(view.scenario, uploads)
    settings = [parse_setting(text) for text in view.set]
    return Changed(plain, [one for one in settings if differs(plain, one)])


def titled(title: str, named: list[str]) -> str:
    """Return the title of a changed case, which names the first changes."""
    if not named:
        return title
    more = f" and {len(named) - SHOWN} more" if len(named) > SHOWN else ""
    return f"{title}, changed: {', '.join(named[:SHOWN])}{more}"


def what_if(plain: Scenario, base: str) -> dict[str, Any]:
    """Return the change from a base case to a scenario that extends it."""
    first = plain.differences[-1] if plain.differences else None
    return {
        "key": "scenario",
        "what": "What if",
        "now": plain.document["meta"]["title"],
        "was": plain_scenario(base, {}).document["meta"]["title"],
        "short": plain.document["meta"]["title"],
        "what_if": True,
        "details": [],
        "reason": (first.reason if first else None) or "",
        "claims": claims_of(plain, first.claims if first else ()),
        "go": {"scenario": base},
    }


def numbers_in_words(changed: Changed, view: View) -> Iterator[dict[str, Any]]:
    """Yield the levers that were moved, then the other numbers."""
    numbers, taken = changed.numbers, set[str]()
    for lever in levers_of(changed.plain):
        place = lever.place(numbers)
        if place is not None and place != lever.base and not taken & lever.ends.keys():
            taken |= lever.ends.keys()
            yield lever_in_words(changed.plain, lever, place, view)
    for setting in changed.settings:
        if setting.month is not None or setting.path not in taken:
            yield setting_in_words(changed.plain, setting, view)


def without(view: View, paths: set[str], month: str | None = None) -> dict[str, Any]:
    """Return the change of a view that takes settings back."""
    settings = ((parse_setting(text), text) for text in view.set)
    return {"set": [text for one, text in settings if one.path not in paths or one.month != month]}


def lever_in_words(plain: Scenario, lever: Lever, place: float, view: View) -> dict[str, Any]:
    """Return a lever that was moved: what it says, and the numbers that it moved."""
    words, values = lever.words(place), lever.at(place)
    at_end = words in (lever.low, lever.high)
    about = [row_of(plain, path) for path in lever.ends]
    return {
        "key": f"lever-{lever.name}",
        "what": lever.label,
        "now": words,
        "was": "as it is",
        "short": words if at_end else f"{lever.label.rstrip('?')}: {words}",
        "what_if": False,
        "details": [detail(plain, path, value) for path, value in values.items()],
        "reason": " ".join(dict.fromkeys(row["reason"] for row in about)),
        "claims": claims_of(plain, [one for row in about for one in row["claims"]]),
        "go": without(view, set(lever.ends)),
    }


def setting_in_words(plain: Scenario, setting: Setting, view: View) -> dict[str, Any]:
    """Return a changed number: its row and name, its new and its old value."""
    about = row_of(plain, setting.path)
    since = f", from {setting.month}" if setting.month else ""
    now, was = shown(setting.value), shown(plain.numbers.get(setting.path))
    return {
        "key": str(setting.path) + since,
        "what": about["what"] + since,
        "now": now,
        "was": was,
        "short": f"{about['what']}{since} {now}",
        "what_if": False,
        "details": [detail(plain, setting.path, setting.value)],
        "reason": about["reason"],
        "claims": claims_of(plain, about["claims"]),
        "go": without(view, {setting.path}, setting.month),
    }


def choices_in_words(plain: Scenario, view: View) -> Iterator[dict[str, Any]]:
    """Yield another weight rule, and another way to draw the numbers."""
    given = {
        "theory": ("Theory", view.theory, plain.document["theory"]["weights"], {}),
        "uncertainty": ("Numbers", view.uncertainty, plain.document["meta"]["uncertainty"] or "none", NUMBERS),
    }
    for key, (what, now, was, words) in given.items():
        if now and now != was:
            said, before = words.get(now, now), words.get(was, was)
            yield {
                "key": key,
                "what": what,
                "now": said,
                "was": before,
                "short": f"{what.lower()} {said}",
                "what_if": False,
                "details": [],
                "reason": "",
                "claims": {},
                "go": {key: ""},
            }


def row_of(plain: Scenario, path: str) -> dict[str, Any]:
    """Return the row of a number: what it is called, its reason and claims; of an unknown path, its name alone."""
    table, name = (*path.split("."), "")[:2]
    try:
        row = head(plain, table, name)
        title = f"{row['title']}: {name_of(plain, path)}"
        who = owner_label(plain, table, name)
    except (LookupError, TypeError):
        return {"what": path, "reason": "", "claims": []}
    return {**row, "what": f"{who}: {title}" if who and table != "actors" else title}


def detail(plain: Scenario, path: str, value: Any) -> dict[str, Any]:
    """Return path, value and range of a change."""
    span = plain.ranges.get(path)
    return {
        "path": path,
        "now": shown(value),
        "was": shown(plain.numbers.get(path)),
        "range": f"{shown(span[0])} to {shown(span[1])}" if span else "",
    }


def claims_of(plain: Scenario, names: Any) -> dict[str, str]:
    """Return claims with their texts."""
    texts = claims(plain)
    return {name: texts[name] for name in dict.fromkeys(names) if name in texts}


def shown(value: Any) -> str:
    """Return a value as it is shown: six digits of a number; nothing where there is none."""
    return f"{value:.6g}" if is_number(value) else "" if value is None else str(value)


def command_of(changed: Changed, view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return the command that runs the worlds of a view, to be pasted into a shell."""
    words: list[object] = ["run", argument(written_as(view.scenario, uploads))]
    for setting, text in ((parse_setting(text), text) for text in view.set):
        words += ["--set", text] if differs(changed.plain, setting) else []
    options = (("theory", view.theory, ""), ("uncertainty", view.uncertainty, ""))
    counts = (("worlds", view.worlds, WORLDS), ("seed", view.seed, SEED))
    words += [word for key, value, usual in (*options, *counts) if value != usual for word in (f"--{key}", value)]
    return command_line(*words)
