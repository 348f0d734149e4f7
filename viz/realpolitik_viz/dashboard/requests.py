"""Answers what views need: each part is computed once for equal questions, and shown as soon as it is there."""

import json
from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, Any

from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.texts import inert
from realpolitik_viz.dashboard import comparisons, levers, summaries, sweeping, worlds
from realpolitik_viz.dashboard.laboratory import (
    MEMORY,
    ensemble_of,
    key_of,
    plain_scenario,
    rival_of,
    root_of,
    scenario_of,
)
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import Turn

if TYPE_CHECKING:
    from realpolitik_viz.dashboard.session import Session

SHOWN = (
    "levers",
    "cards",
    "base",
    "fans",
    "basefans",
    "story",
    "flip",
    "comparison",
    "claims",
    "sweeps",
    "sweep",
    "task",
    "score",
)
BREATH = 0.05
"""Seconds in which cards are sent and painted before work on the fans begins."""
NEEDS = {
    "explore": ("scenario", "set", "theory", "uncertainty", "worlds", "seed"),
    "world": ("scenario", "set", "theory", "uncertainty", "seed", "world", "decision"),
    "compare": ("scenario", "set", "theory", "uncertainty", "worlds", "seed", "against", "fork", "world"),
    "sweep": ("scenario", "folder", "outcome", "factor"),
    "evidence": ("scenario",),
}
"""What a page's results depend on; the rest of the view is looked at in the browser."""


def needs(view: View) -> tuple[Any, ...]:
    """Return all that decides what a view's page is sent."""
    return (view.page, *(getattr(view, key) for key in NEEDS[view.page]))


def dumps(content: Any) -> str:
    """Write JSON as short as it goes; characters that hide or reverse others are written as what they are."""
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    plain = text.isprintable() and "\\u00" not in text
    return text if plain else json.dumps(legible(content), ensure_ascii=False, allow_nan=False)


def legible(content: Any) -> Any:
    """Return content with legible texts: the names and labels of a folder may be anybody's."""
    if isinstance(content, str):
        return inert(content, "\n\t")
    if isinstance(content, dict):
        return {inert(str(key)): legible(value) for key, value in content.items()}
    return [legible(one) for one in content] if isinstance(content, list | tuple) else content


def answer(session: "Session", view: View, turn: Turn) -> None:
    """Compute and show what a view needs."""
    plain = plain_scenario(view.scenario, session.uploads.scenarios)
    session.put("levers", MEMORY.of(("levers", plain.sha256, plain.name), lambda: dumps(levers.levers(plain))), turn)
    ANSWERS[view.page](session, view, turn)


def preview(session: "Session", view: View, turn: Turn) -> None:
    """Show the outcomes of a few worlds."""
    scenario = scenario_of(view, session.uploads.scenarios)
    if not turn.over:
        session.put("cards", dumps(summaries.cards(ensemble_of(scenario, view, turn))), turn)


def explore(session: "Session", view: View, turn: Turn) -> None:
    """Outcomes first, then fans, then the same of the base case."""
    scenario = scenario_of(view, session.uploads.scenarios)
    show(session, view, turn, scenario, {"cards": summaries.cards, "fans": summaries.fans})
    root = root_of(scenario)
    if root is None:
        session.put("base", "", turn)
        session.put("basefans", "", turn)
    elif not turn.over:
        show(session, view, turn, root, {"base": summaries.cards, "basefans": summaries.fans})


def show(
    session: "Session", view: View, turn: Turn, scenario: Scenario, parts: dict[str, Callable[[Ensemble], Any]]
) -> None:
    """Show parts of one ensemble, run only if one of them is not remembered."""
    ensemble = cache(lambda: ensemble_of(scenario, view, turn))
    for name, part in parts.items():
        if not turn.over:
            make = partial(summed, part, ensemble)
            session.put(name, MEMORY.of(key_of(part.__name__, scenario, view), make), turn)
        if name == "cards":
            turn.pause(BREATH)


def summed(part: Callable[[Ensemble], Any], ensemble: Callable[[], Ensemble]) -> str:
    """Return one part of an ensemble as JSON."""
    return dumps(part(ensemble()))


def evidence(session: "Session", view: View, turn: Turn) -> None:
    """Show the register of claims, with the rows that carry each."""
    from realpolitik_viz.dashboard.evidence import register

    plain = plain_scenario(view.scenario, session.uploads.scenarios)
    session.put("claims", dumps(register(plain)), turn)


def world(session: "Session", view: View, turn: Turn) -> None:
    """Tell one world's story, then look for what flips the decision that is asked about."""
    scenario = scenario_of(view, session.uploads.scenarios)
    which = (scenario.sha256, view.seed, view.world, view.uncertainty)
    story = MEMORY.of(("story", *which), lambda: dumps(turn.long(lambda: worlds.told(scenario, view, turn))))
    session.put("story", story, turn)
    if view.decision and not turn.over:
        found = partial(worlds.flip, scenario, view, turn)
        flip = MEMORY.of(("flip", *which, view.decision), lambda: dumps(turn.long(found)))
        session.put("flip", flip, turn)


def compare(session: "Session", view: View, turn: Turn) -> None:
    """Hold scenarios against the first, over the same worlds."""
    scenarios = [
        scenario_of(view, session.uploads.scenarios),
        *(rival_of(text, session.uploads.scenarios) for text in view.against),
    ]
    if len(scenarios) == 1:
        session.put("comparison", "", turn)
        return
    which = tuple(scenario.sha256 for scenario in scenarios)
    key = key_of("comparison", scenarios[0], view, which, view.fork, view.world)
    found = partial(comparisons.compared, scenarios, view, turn)
    session.put("comparison", MEMORY.of(key, lambda: dumps(turn.long(found))), turn)


def sweeps(session: "Session", view: View, turn: Turn) -> None:
    """List the sweeps there are, and look into the one that is open."""
    session.put("sweeps", dumps(turn.long(lambda: sweeping.folders(session.root))), turn)
    if view.folder and not turn.over:
        session.put("sweep", dumps(turn.long(lambda: sweeping.looked(session.root, view))), turn)


ANSWERS: dict[str, Callable[["Session", View, Turn], None]] = {
    "explore": explore,
    "evidence": evidence,
    "world": world,
    "sweep": sweeps,
    "compare": compare,
}
