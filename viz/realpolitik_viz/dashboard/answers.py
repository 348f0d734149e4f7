"""Answers to requests: the parts of a page, each yielded as JSON when it is ready, and cached by what decides it."""

import json
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.texts import inert
from realpolitik_viz.dashboard import run_data, scenario_data, sweep_data
from realpolitik_viz.dashboard.catalogue import base_of, plain_scenario, rival_of, scenario_of
from realpolitik_viz.dashboard.resources import RESULTS
from realpolitik_viz.dashboard.view import PAGES, View
from realpolitik_viz.dashboard.workers import Request

PAINT = 0.05
"""Seconds in which the browser paints the cards before work on the fans begins."""
Parts = Iterator[tuple[str, str]]
"""Parts of a page: name and JSON."""


class Question(NamedTuple):
    """What a page asks for: a view, with the uploads and the folder of sweeps of its session."""

    view: View
    uploads: dict[str, Scenario]
    root: Path

    @property
    def plain(self) -> Scenario:
        """The scenario without changes."""
        return plain_scenario(self.view.scenario, self.uploads)

    @property
    def scenario(self) -> Scenario:
        """The scenario with the changes of the view."""
        return scenario_of(self.view, self.uploads)


def dumps(content: Any) -> str:
    """Return compact JSON, in which characters that hide or reverse others are escaped."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plain = text.isprintable() and "\\u00" not in text
    return text if plain else json.dumps(legible(content), ensure_ascii=False, allow_nan=False)


def legible(content: Any) -> Any:
    """Return content with legible texts: names and labels can come from anybody's file."""
    if isinstance(content, str):
        return inert(content, "\n\t")
    if isinstance(content, dict):
        return {inert(str(key)): legible(value) for key, value in content.items()}
    return [legible(one) for one in content] if isinstance(content, list | tuple) else content


def answer(question: Question, request: Request) -> Parts:
    """Yield the parts of the page of a view."""
    page = PAGES[question.view.page]
    if "levers" in page.parts:
        plain = question.plain
        key = ("levers", plain.sha256, plain.name)
        yield "levers", RESULTS.get(key, lambda: dumps(scenario_data.levers(plain)))
    yield from ANSWERS[page.name](question, request)


def preview(question: Question, request: Request) -> Parts:
    """Yield the cards of a few worlds, which are not cached."""
    yield "cards", dumps(run_data.cards(run_data.ensemble_of(question.scenario, question.view, request)))


def explore(question: Question, request: Request) -> Parts:
    """Yield outcomes first, then fans, then the same of the base case."""
    scenario = question.scenario
    yield from of_ensemble(question.view, request, scenario, "cards", "fans")
    base = base_of(scenario)
    if base is None:
        yield from (("base", ""), ("basefans", ""))
    else:
        yield from of_ensemble(question.view, request, base, "base", "basefans")


def of_ensemble(view: View, request: Request, scenario: Scenario, cards: str, fans: str) -> Parts:
    """Yield the cards and fans of one ensemble under two names; it is run if one of them is not cached."""
    ensemble = cache(lambda: run_data.ensemble_of(scenario, view, request))
    yield cards, cached_part(run_data.cards, ensemble, scenario, view)
    request.pause(PAINT)
    yield fans, cached_part(run_data.fans, ensemble, scenario, view)


def cached_part(
    part: Callable[[Ensemble], Any], ensemble: Callable[[], Ensemble], scenario: Scenario, view: View
) -> str:
    """Return a part of an ensemble as JSON."""
    return RESULTS.get(run_data.key_of(part.__name__, scenario, view), lambda: dumps(part(ensemble())))


def world(question: Question, request: Request) -> Parts:
    """Yield one world, its other branch, then the smallest change that would have flipped the chosen decision."""
    scenario, view = question.scenario, question.view
    key = (scenario.sha256, view.seed, view.world, view.uncertainty)
    found = partial(run_data.chronicle, scenario, view, request)
    yield "story", RESULTS.get(("story", *key), lambda: dumps(request.run_long(found)))
    if view.against:
        other = rival_of(view.against[0], question.uploads)
        branch = partial(run_data.branch, scenario, other, view, request)
        more = (other.sha256, view.against[0], view.fork)
        yield "branch", RESULTS.get(("branch", *key, *more), lambda: dumps(request.run_long(branch)))
    else:
        yield "branch", ""
    if view.decision:
        flip = partial(run_data.flip, scenario, view, request)
        yield "flip", RESULTS.get(("flip", *key, view.decision), lambda: dumps(request.run_long(flip)))


def compare(question: Question, request: Request) -> Parts:
    """Yield the comparison of scenarios with the first, over the same worlds."""
    view, scenario = question.view, question.scenario
    if not view.against:
        yield "comparison", ""
        return
    scenarios = [scenario, *(rival_of(text, question.uploads) for text in view.against)]
    key = run_data.key_of(
        "comparison", scenarios[0], view, tuple(one.sha256 for one in scenarios), view.fork, view.world
    )
    found = partial(run_data.compared, scenarios, view, request)
    yield "comparison", RESULTS.get(key, lambda: dumps(request.run_long(found)))


def sweep(question: Question, request: Request) -> Parts:
    """Yield the list of sweeps, then the open one."""
    view, root = question.view, question.root
    yield "sweeps", dumps(request.run_long(lambda: sweep_data.folders(root)))
    if view.folder:
        yield "sweep", dumps(request.run_long(lambda: sweep_data.summary(root, view)))


def evidence(question: Question, _: Request) -> Parts:
    """Yield the register of claims, with the rows that each supports."""
    yield "claims", dumps(scenario_data.register(question.plain))


ANSWERS: dict[str, Callable[[Question, Request], Parts]] = {
    "explore": explore,
    "world": world,
    "compare": compare,
    "sweep": sweep,
    "evidence": evidence,
}
assert ANSWERS.keys() == PAGES.keys()
