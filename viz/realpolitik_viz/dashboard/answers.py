"""Answers to requests: the parts of a page, each yielded as JSON when it is ready, and cached by what decides it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, NamedTuple

from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik_viz.dashboard import compare_data, evidence_data, run_data, scenario_data, story_data, sweep_data
from realpolitik_viz.dashboard.catalogue import base_case, base_of, fingerprint, plain_scenario, rival_of, scenario_of
from realpolitik_viz.dashboard.editing import EditedText, draft_of, page_of
from realpolitik_viz.dashboard.naming import branch_in_words
from realpolitik_viz.dashboard.resources import RESULTS
from realpolitik_viz.dashboard.scenario_data import dumps
from realpolitik_viz.dashboard.uploads import Uploads
from realpolitik_viz.dashboard.view import PAGES, View
from realpolitik_viz.dashboard.workers import Request, message_of

PAINT = 0.05
"""Seconds in which the browser paints the cards before work on the fans begins."""
Parts = Iterator[tuple[str, str]]
"""Parts of a page: name and JSON."""


class Question(NamedTuple):
    """What a page asks for: a view, with the uploads and the folder of sweeps of its session."""

    view: View
    uploads: Uploads
    root: Path
    draft: EditedText | None = None
    """What is edited in the page."""

    @property
    def plain(self) -> Scenario:
        """The scenario without changes."""
        return plain_scenario(self.view.scenario, self.uploads)

    @property
    def scenario(self) -> Scenario:
        """The scenario with the changes of the view."""
        return scenario_of(self.view, self.uploads)


def answer(question: Question, request: Request) -> Parts:
    """Yield the parts of the page of a view."""
    page = PAGES[question.view.page]
    if "levers" in page.parts:
        plain = question.plain
        key = ("levers", fingerprint(plain))
        yield "levers", RESULTS.get(key, lambda: dumps(scenario_data.levers(plain)))
    yield from ANSWERS[page.name](question, request)


def preview(question: Question, request: Request) -> Parts:
    """Yield the cards of a few worlds, which are not cached."""
    yield "cards", dumps(run_data.cards(run_data.ensemble_of(question.scenario, question.view, request)))


def story(question: Question, request: Request) -> Parts:
    """Yield the steps, then outcomes and fans, the same of the case that the story is about, and its decisions."""
    scenario, plain, view = question.scenario, question.plain, question.view
    teller = story_data.teller_of(plain)
    steps = story_data.outline(plain)
    yield "steps", dumps(steps)
    ensemble = cache(lambda: run_data.ensemble_of(scenario, view, request))
    yield "cards", cached_part(run_data.cards, ensemble, scenario, view)
    request.pause(PAINT)
    yield "fans", cached_part(run_data.fans, ensemble, scenario, view)
    if teller.sha256 == scenario.sha256:
        yield from (("base", ""), ("basefans", ""))
    else:
        yield from of_ensemble(view, request, teller, "base", "basefans")
    moves = [move for one in steps["steps"] if one["show"] == "decision" for move in one["of"]]
    key = run_data.key_of("accounts", scenario, view, *moves)
    found = partial(story_data.accounts, moves=moves, headline=steps["headline"], view=view, request=request)
    yield "accounts", RESULTS.get(key, lambda: dumps(found(ensemble())))


def explore(question: Question, request: Request) -> Parts:
    """Yield outcomes first, then fans, then the same of the base case."""
    scenario = question.scenario
    yield from of_ensemble(question.view, request, scenario, "cards", "fans")
    base = base_case(question.view.scenario, question.uploads) or question.plain
    yield from of_ensemble(question.view, request, base, "base", "basefans")


def explore_later(question: Question, request: Request) -> Parts:
    """Yield the outcomes under other ways to draw the numbers, then which numbers matter most."""
    scenario, view = question.scenario, question.view
    key = run_data.key_of("beliefs", scenario, view)
    yield "beliefs", RESULTS.get(key, lambda: dumps(run_data.beliefs(scenario, view, request)))
    asked = (run_data.asked_outcome(scenario, view), run_data.asked_month(scenario, view))
    key = ("matters", fingerprint(scenario), view.seed, *asked)
    yield "matters", RESULTS.get(key, lambda: dumps(run_data.matters(scenario, view, request)))


def goal(question: Question, request: Request) -> Parts:
    """Yield the smallest change that brings an outcome to half of the worlds."""
    scenario, view = question.scenario, question.view
    asked = (run_data.asked_outcome(scenario, view), run_data.asked_month(scenario, view))
    key = ("goal", fingerprint(scenario), view.seed, *asked)
    yield "goal", RESULTS.get(key, lambda: dumps(run_data.goal(scenario, view, request)))


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
    key = (fingerprint(scenario), view.seed, view.world, view.uncertainty)
    found = partial(run_data.chronicle, scenario, view, request)
    yield "story", RESULTS.get(("story", *key), lambda: dumps(request.run_long(found)))
    if view.against:
        other = rival_of(view.against[0], question.uploads)
        changes = branch_in_words(view, question.uploads)
        branch = partial(run_data.branch, scenario, other, changes, view, request)
        more = (fingerprint(other), view.against[0], view.fork)
        yield "branch", RESULTS.get(("branch", *key, *more), lambda: dumps(request.run_long(branch)))
    else:
        yield "branch", ""
    if view.decision:
        flip = partial(run_data.flip, scenario, view, request)
        yield "flip", RESULTS.get(("flip", *key, view.decision), lambda: dumps(request.run_long(flip)))


def compare(question: Question, request: Request) -> Parts:
    """Yield the comparison over the same worlds, or, in its place, why it cannot be made."""
    view, found = question.view, []
    try:
        found = compare_data.sides(view, question.uploads)
        if len(found) < 2:
            raise ValueError(compare_data.NOTHING)
        sides = tuple((one.spec, fingerprint(one.scenario), one.title) for one in found)
        key = run_data.key_of("comparison", found[0].scenario, view, sides, view.against, view.fork, view.world)
        made = partial(compare_data.compared, found, view, request)
        yield "comparison", RESULTS.get(key, lambda: dumps(request.run_long(made)))
    except ValueError as error:
        yield "comparison", dumps(compare_data.failed(message_of(error), found, view))


def sweep(question: Question, request: Request) -> Parts:
    """Yield the list of sweeps, an example to run, then the open one: if the view names none, one that is ready."""
    view, root = question.view, question.root
    folders = request.run_long(lambda: sweep_data.folders(root))
    yield "sweeps", dumps(folders)
    yield "example", dumps(sweep_data.example(question.plain, view.scenario))
    folder = view.folder or sweep_data.ready(folders, view)
    if folder:
        shown = replace(view, folder=folder)
        yield "sweep", dumps(request.run_long(lambda: sweep_data.summary(root, shown)))


def evidence(question: Question, request: Request) -> Parts:
    """Yield the register of claims, then how near the base case and its rivals come to the history."""
    plain = question.plain
    yield "claims", dumps(scenario_data.register(plain))
    told = base_of(plain) or plain  # a what-if is not about what happened
    yield "verdict", RESULTS.get(("verdict", fingerprint(told)), lambda: verdict_text(told, request))


def verdict_text(plain: Scenario, request: Request) -> str:
    """Return the verdict, or why there is none."""
    try:
        return dumps(evidence_data.verdict(plain, request))
    except ValueError as error:
        return dumps({"why": message_of(error)})


def edit(question: Question, request: Request) -> Parts:
    """Yield the draft as forms with what `check` says, then the share of worlds with the headline outcome."""
    view, uploads = question.view, question.uploads
    draft = draft_of(view, uploads)
    shown = page_of(draft)
    if question.draft is not None:
        shown = page_of(question.draft, shown)
    yield "form", dumps(shown)
    if shown["errors"]:
        yield "glimpse", ""
        return
    before = plain_scenario(draft.origin, uploads) if draft.origin and draft.origin != view.scenario else None
    yield "glimpse", dumps(run_data.glimpse(question.scenario, before, view, request))


ANSWERS: dict[str, Callable[[Question, Request], Parts]] = {
    "story": story,
    "explore": explore,
    "world": world,
    "compare": compare,
    "sweep": sweep,
    "evidence": evidence,
    "edit": edit,
}
LATER: dict[str, Callable[[Question, Request], Parts]] = {"explore": explore_later}
"""What is computed once a page has been still for a while."""
assert ANSWERS.keys() == PAGES.keys()
