"""Numbers, changes and the source of a chart in words, for pages and for the files that they save."""

import json
from collections.abc import Iterable, Mapping

from realpolitik.levers import Lever, levers_of
from realpolitik.scenario import Scenario, Setting, parse_setting
from realpolitik.version import __version__
from realpolitik_viz.captions import NUMBERS
from realpolitik_viz.dashboard.catalogue import plain_scenario
from realpolitik_viz.dashboard.scenario_data import UNITS, head, name_of
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.months import in_words


def number_in_words(scenario: Scenario, path: str) -> str:
    """Return what a number is: the label of a lever that moves it alone, or its row and its name there."""
    lever = lever_of(scenario, path)
    if lever is not None:
        return lever.label
    table, _, rest = path.partition(".")
    if table == "theory":
        return UNITS.get(rest, rest).partition(";")[0].capitalize()
    name = rest.partition(".")[0]
    if name not in scenario.document.get(table, {}):
        return path
    return f"{head(scenario, table, name)['title']}: {name_of(scenario, path)}"


def change_in_words(scenario: Scenario, text: str) -> str:
    """Return a change, as `--set` takes it, in words; `scenario` is the one without the change."""
    setting = parse_setting(text)
    if setting.path == "theory.weights":
        return f"theory: {setting.value}"
    since = f" from {in_words(setting.month)}" if setting.month else ""
    lever, was = lever_of(scenario, setting.path), scenario.numbers.get(setting.path)
    if lever is not None and isinstance(setting.value, int | float):
        return f"{lever.label} {lever.words(lever.position(setting.path, setting.value))}{since}"
    before = "" if was is None else f" (was {was:g})"
    new = f"{setting.value:g}" if isinstance(setting.value, int | float) else str(setting.value)
    return f"{number_in_words(scenario, setting.path)} {new}{since}{before}"


def lever_of(scenario: Scenario, path: str) -> Lever | None:
    """Return the lever that moves a number and no other, if there is one."""
    return next((lever for lever in levers_of(scenario) if list(lever.ends) == [path]), None)


def differs(plain: Scenario, setting: Setting) -> bool:
    """Return whether a setting changes anything: a number that is set to its own value is no change."""
    return setting.month is not None or plain.numbers.get(setting.path) != setting.value


def changes_in_words(scenario: Scenario, settings: Iterable[str], theory: str = "") -> list[str]:
    """Return every change of a scenario in words."""
    changed = [change_in_words(scenario, one) for one in settings if differs(scenario, parse_setting(one))]
    return [*changed, f"theory: {theory}"] if theory else changed


def titled(title: str, changes: Iterable[str]) -> str:
    """Return the title of a scenario with its changes."""
    words = "; ".join(changes)
    return f"{title}, changed: {words}" if words else title


def source_of(view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return what a chart of a view comes from: case, changes, worlds, seed and version; for saved files."""
    try:
        scenario = plain_scenario(view.scenario, uploads)
        title = titled(scenario.document["meta"]["title"], changes_in_words(scenario, view.set, view.theory))
    except ValueError:
        title = view.scenario
    worlds = f"world {view.world}" if view.page == "world" else f"{view.worlds:,} worlds"
    return sentence(title, worlds, view.seed, view.uncertainty)


def sentence(title: str, worlds: str, seed: int, uncertainty: str = "") -> str:
    """Return the source of a chart as one line."""
    numbers = f", numbers {NUMBERS[uncertainty]}" if uncertainty else ""
    return f"{title}. {worlds}, seed {seed}{numbers}. realpolitik {__version__}"


def source_text(view: View, uploads: Mapping[str, Scenario]) -> str:
    """Return the source of the charts of a view as JSON."""
    return json.dumps(source_of(view, uploads))
