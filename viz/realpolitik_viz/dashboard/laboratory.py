"""What the pages ask of the laboratory: scenarios and summaries of runs, remembered by what they are of."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from realpolitik.choices import Uncertainty
from realpolitik.costs import cost_of
from realpolitik.ensembles import run
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario, Setting, load, parse_setting, shipped
from realpolitik.uncertainty import uncertainty_of as resolved
from realpolitik_model import Case
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import ROOM, Turn

T = TypeVar("T")
FANNED = 500
"""Worlds whose paths are kept: enough for tenths, and a third less work than all of two thousand."""
MOST_SECONDS = 3_600
"""Core-seconds that one request may take, as estimated."""
MOST_MEMORY = 2**32
"""Bytes that one request may take, as estimated."""
REMEMBERED = 96
MOST_REMEMBERED = 2**26
"""Summaries kept, and their characters; most are about a tenth of a megabyte."""


class Memory:
    """Remembers summaries by what they are of, the latest ones."""

    def __init__(self, most: int = REMEMBERED, most_text: int = MOST_REMEMBERED) -> None:
        self._kept: OrderedDict[Any, Any] = OrderedDict()
        self._most, self._most_text = most, most_text
        self._text = 0
        """Characters of the texts that are kept."""
        self._lock = threading.Lock()

    def of(self, key: Any, make: Callable[[], T]) -> T:
        """Return what is remembered under a key, made if need be."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                found: T = self._kept[key]
                return found
        made = make()
        with self._lock:
            self._text += weight(made) - weight(self._kept.pop(key, None))
            self._kept[key] = made
            while len(self._kept) > self._most or (self._text > self._most_text and len(self._kept) > 1):
                self._text -= weight(self._kept.popitem(last=False)[1])
        return made


def weight(kept: Any) -> int:
    """Return the characters of a text; nothing else is kept in numbers that matter."""
    return len(kept) if isinstance(kept, str) else 0


MEMORY = Memory()
SCENARIOS = Memory(32)


@lru_cache
def shelf() -> dict[str, dict[str, str | None]]:
    """Return the shipped scenarios: name -> title, question and the name of what it extends."""
    return {one.name: {"title": one.title, "question": one.question, "extends": one.extends} for one in shipped()}


@lru_cache(maxsize=64)
def shipped_scenario(name: str) -> Scenario:
    """Read a shipped scenario, and nothing else, by name."""
    if name not in shelf():
        raise ValueError(f"there is no scenario {name!r} here; there are {', '.join(shelf())}")
    return load(name)


def plain_scenario(name: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario by name: one of this session's own, or a shipped one."""
    return uploads[name] if name in uploads else shipped_scenario(name)


def root_of(scenario: Scenario) -> Scenario | None:
    """Return the shipped scenario that a chain of diffs starts from, the base case of everything upon it."""
    name = scenario.chain[-1].removesuffix(".toml")
    return shipped_scenario(name) if name in shelf() else None


def scenario_of(view: View, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return the scenario of a view, with its changes and weight rule."""
    plain = plain_scenario(view.scenario, uploads)
    if not view.set and not view.theory:
        return plain
    return SCENARIOS.of((plain.name, plain.sha256, view.set, view.theory), lambda: changed(plain, view))


def changed(plain: Scenario, view: View) -> Scenario:
    """Return a scenario with the changes and the weight rule of a view."""
    settings = [parse_setting(text) for text in view.set]
    if view.theory:
        settings.append(Setting("theory.weights", view.theory))
    return plain.set(settings)


def rival_of(text: str, uploads: Mapping[str, Scenario]) -> Scenario:
    """Return a scenario written as its name and changes, parted by semicolons."""
    name, *changes = text.split(";")
    scenario = plain_scenario(name, uploads)
    return scenario.set([parse_setting(one) for one in changes]) if changes else scenario


def ensemble_of(scenario: Scenario, view: View, turn: Turn) -> Ensemble:
    """Run the worlds that a view asks for, on the shared workers, until the result is no longer wanted."""
    with ROOM.held(check_cost(scenario.case(), view.worlds), turn):
        return run(
            scenario,
            worlds=view.worlds,
            seed=view.seed,
            uncertainty=uncertainty_of(scenario, view),
            paths=FANNED,
            executor=turn.chunks,
            progress=turn.look,
        )


def check_cost(case: Case, worlds: int) -> float:
    """Return the bytes that worlds take; ValueError, with the figure, if it is too much or takes too long."""
    cost = cost_of(case, worlds, case.months, FANNED)
    if cost.seconds > MOST_SECONDS:
        raise ValueError(
            f"{worlds:,} worlds of this scenario take about {cost.seconds / 60:,.0f} minutes of a processor core, "
            f"more than the {MOST_SECONDS // 60} that the dashboard gives to one request: ask for fewer worlds"
        )
    if cost.memory > MOST_MEMORY:
        raise ValueError(
            f"{worlds:,} worlds of this scenario take about {cost.memory / 2**30:,.1f} GiB of memory, "
            f"more than the {MOST_MEMORY // 2**30} that the dashboard gives to one request: ask for fewer worlds"
        )
    return cost.memory


def uncertainty_of(scenario: Scenario, view: View) -> Uncertainty:
    """Return where a view's worlds draw their numbers from: as it says, or as the scenario does."""
    return resolved(scenario, view.uncertainty or None)  # type: ignore[arg-type]


def key_of(kind: str, scenario: Scenario, view: View, *more: Any) -> tuple[Any, ...]:
    """Return what a summary is of, and all that decides it."""
    return (kind, scenario.sha256, view.worlds, view.seed, view.uncertainty, *more)


def rounded(values: Iterable[float], digits: int = 4) -> list[float]:
    """Return numbers short enough to send."""
    return [round(float(value), digits) for value in values]
