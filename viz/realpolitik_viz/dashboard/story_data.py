"""What the page of a story is sent: its steps, and the account of a decision in a typical world."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from realpolitik.accounts import called
from realpolitik.explaining import Decision
from realpolitik.levers import Lever, levers_of
from realpolitik.results import Ensemble
from realpolitik.scenario import Scenario
from realpolitik.scenario.forms import main_outcome
from realpolitik.texts import minus
from realpolitik.uncertainty import uncertainty_of
from realpolitik.validation.theories import OWN
from realpolitik_model import Account
from realpolitik_viz.dashboard.catalogue import base_of, name_of, plain_scenario
from realpolitik_viz.dashboard.run_data import issue_label, story_of
from realpolitik_viz.dashboard.scenario_data import actors, plain_lever
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import Request

LEAST_SHARE = 0.0005
"""Shares of others that are smaller are left out: they would be shown as 0."""


# --- the steps -------------------------------------------------------------------------------------------------------


def has_story(name: str, uploads: Mapping[str, Scenario]) -> bool:
    """Return whether a scenario can be opened with a story; not if there is no such scenario."""
    try:
        teller_of(plain_scenario(name, uploads))
    except ValueError:
        return False
    return True


def teller_of(plain: Scenario) -> Scenario:
    """Return the scenario with the story of a page: this one, or its base case; ValueError if neither has one."""
    for one in (plain, base_of(plain)):
        if one is not None and one.document["story"]:
            return one
    raise ValueError(f"{plain.name} has no story; [[story]] in its file gives it one")


def outline(plain: Scenario) -> dict[str, Any]:
    """Return the steps of the story of a scenario without changes, and the names that its charts need."""
    teller = teller_of(plain)
    document = teller.document
    show = document["show"]
    headline = main_outcome(document) or ""
    return {
        "scenario": name_of(teller.chain[0]) or "",
        "question": document["meta"]["question"],
        "diff": plain.document["meta"]["title"] if plain.name != teller.name else "",
        "headline": headline,
        "by": show["by"] or document["meta"]["end"],
        "uncertainty": uncertainty_of(plain, None),
        "equal": equal_weight(teller),
        "actors": actors(teller),
        "labels": {name: issue_label(row) for name, row in document["issues"].items()},
        "outcomes": {name: row["label"] for name, row in document["outcomes"].items()},
        "levers": {one.name: lever(one, plain) for one in levers_of(teller)},
        "steps": [step(document, row) for row in document["story"]],
    }


def step(document: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return one step: its texts, what it shows, its claims in full, and the dates of history in its chart."""
    claims = {name: document["claims"][name]["text"] for name in row["claims"] or []}
    shown = list(row["of"] or [])
    return {
        "title": row["title"],
        "text": row["text"],
        "show": row["show"] or "",
        "of": shown,
        "until": row["until"] or "",
        "claims": claims,
        "history": list(dated(document, row["show"], shown)),
        "onsets": list(onsets(document, shown)) if row["show"] == "leverage" else [],
    }


def equal_weight(scenario: Scenario) -> float | None:
    """Return the leverage at which the wishes of its holder count as much as one's own (E4); None under other rules."""
    phi = scenario.numbers["theory.phi"]
    return round(1 / phi, 2) if scenario.document["theory"]["weights"] == OWN and phi > 0 else None


def onsets(document: Mapping[str, Any], of: list[str]) -> Iterator[dict[str, Any]]:
    """Yield when each driver begins to rise or fall to which the dependence of two actors on each other responds."""
    rows = [row for row in document["dependence"].values() if {row["dependent"], row["provider"]} == set(of)]
    numbers = [row[key] for row in rows for key in ("stake", "alternatives") if isinstance(row[key], Mapping)]
    acting = {name for number in numbers for name in number.get("effects") or {}}
    for name, row in document["drivers"].items():
        path = sorted((row["path"] or {}).items())
        steps = [(month, after - before) for (month, before), (_, after) in pairwise(path) if after != before]
        if name in acting and steps and not row["shift"]:
            month, step = steps[0]
            yield {"month": month, "label": row["label"], "rises": step > 0}


def dated(document: Mapping[str, Any], show: str | None, of: list[str]) -> Iterator[dict[str, str]]:
    """Yield the dates of history that belong to a chart: of its outcomes, or of outcomes of its issues or its pair."""
    shown = {f"{a}>{b}" for a in of for b in of if a != b} if show == "leverage" else set(of)
    for row in document["history"].values():
        outcome = document["outcomes"][row["outcome"]]
        about = {row["outcome"]} if show == "outcome" else set(outcome["when"] or {}) - {None}
        if row["date"] != "never" and about & shown and outcome["at"] is None:
            yield {"month": row["date"], "label": outcome["label"]}


def lever(of: Lever, plain: Scenario) -> dict[str, Any]:
    """Return a lever: its words, what its ends set, and its numbers in the story's case and in the page's scenario."""
    return {
        **{key: value for key, value in plain_lever(of).items() if key in ("label", "low", "high", "words")},
        "numbers": {path: list(ends) for path, ends in of.ends.items()},
        "base": of.values,
        "own": {path: plain.numbers[path] for path in of.ends if path in plain.numbers},
    }


# --- a decision ------------------------------------------------------------------------------------------------------


def accounts(ensemble: Ensemble, moves: list[str], headline: str, view: View, request: Request) -> dict[str, Any]:
    """Return, for each move, its account in a typical world; None where no world has it."""
    return {move: decision_of(ensemble, move, headline, view, request) for move in moves}


def decision_of(ensemble: Ensemble, move: str, headline: str, view: View, request: Request) -> dict[str, Any] | None:
    """Return the account of a move in a typical world, as bars and as a sentence; None if no world has it."""
    world = typical_world(ensemble, move, headline)
    if world is None:
        return None
    asked = View(**{**vars(view), "world": world})
    actor = ensemble.scenario.document["moves"][move]["actor"]
    story = request.run_long(lambda: story_of(ensemble.scenario, asked, request, flips=False, actor=actor))
    made = [one for one in story.decisions if one.account.move == move and one.account.result != "refused"]
    if not made:
        return None
    return {"world": world, "seed": view.seed, **told(ensemble.scenario, made[-1])}


def typical_world(ensemble: Ensemble, move: str, outcome: str) -> int | None:
    """Return a world in which a move is made; if there are some, one in which the outcome has its median month."""
    if move not in ensemble.case.moves:
        return None
    made = ensemble.kept.made[:, ensemble.case.moves.index(move)] > 0
    if not made.any():
        return None
    if outcome not in ensemble.case.outcomes or (median := ensemble.month(outcome)) is None:
        return int(np.argmax(made))
    first = ensemble.kept.first[:, ensemble.case.outcomes.index(outcome)]
    distance = np.where(first >= 0, abs(first - ensemble.case.month_of(median)), ensemble.case.months)
    return int(np.argmin(np.where(made, distance, 2 * ensemble.case.months)))


def told(scenario: Scenario, decision: Decision) -> dict[str, Any]:
    """Return a decision as bars and as one sentence."""
    account, document = decision.account, scenario.document
    labels = {name: called(document, name) for name in document["actors"]}
    return {
        "month": decision.date,
        "actor": account.actor,
        "label": decision.text,
        "bars": bars(account, labels),
        "sentence": sentence(account, labels),
    }


def others_in(account: Account) -> tuple[str | None, float, float]:
    """Return the other actor whose share is the largest, its share, and the sum of all further shares."""
    ranked = sorted(account.through.items(), key=lambda one: -abs(one[1]))
    if not ranked or abs(ranked[0][1]) < LEAST_SHARE:
        return None, 0.0, sum(account.through.values())
    return ranked[0][0], ranked[0][1], sum(share for _, share in ranked[1:])


def bars(account: Account, labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the parts of the value of a move, six at most, and their sum."""
    other, share, rest = others_in(account)
    rows: list[dict[str, Any]] = [
        {"name": f"What {labels[account.actor]} itself wants", "share": account.own, "actor": account.actor}
    ]
    if other is not None:
        rows.append({"name": f"What {labels[other]} wants, by its leverage", "share": share, "actor": other})
    if abs(rest) >= LEAST_SHARE:
        rows.append({"name": "What all others want, by theirs", "share": rest})
    rows += [{"name": "Cost", "share": -account.cost}, {"name": "Noise", "share": account.noise}]
    return [*rows, {"name": "Worth of the move", "share": account.value, "actor": account.actor, "total": True}]


def sentence(account: Account, labels: Mapping[str, str]) -> str:
    """Return the account of a decision in one sentence: why the actor made the move, with all parts of its value."""
    other, share, rest = others_in(account)
    parts = [f"its own interest counts {signed(account.own)}"]
    if other is not None:
        parts.append(f"what {labels[other]} wants, by its leverage, {signed(share)}")
    if abs(rest) >= LEAST_SHARE:
        parts.append(f"what all others want, by theirs, {signed(rest)}")
    parts += [f"the cost {signed(-account.cost)}", f"noise {signed(account.noise)}"]
    actor, why = labels[account.actor], reason(account, labels, other, share, rest)
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"{actor[0].upper()}{actor[1:]} {why}: {listed}, so that the move is worth {signed(account.value)} to it."


def reason(account: Account, labels: Mapping[str, str], other: str | None, share: float, rest: float) -> str:
    """Return why an actor made a move, as the predicate of a sentence."""
    own = account.own
    if own >= LEAST_SHARE:
        wishes = "" if other is None else f", {'and with' if share > 0 else 'against'} the wishes of {labels[other]}"
        return f"acts in its own interest{wishes}"
    if other is None or share <= 0 or share + rest <= -own:
        return "acts because of noise, though more speaks against the move than for it"
    others = labels[other] if share > -own else f"{labels[other]} and others"
    against = (
        ", whose leverage outweighs its own interest" if own <= -LEAST_SHARE else ", by whose leverage it is moved"
    )
    return f"acts because of {others}{against}"


def signed(value: float) -> str:
    r"""Return a number with its sign and three decimals.

    >>> signed(0.344), signed(-0.08) == "\N{MINUS SIGN}0.080", signed(0.0001)
    ('+0.344', True, '±0.000')
    """
    text = f"{abs(value):.3f}"
    return "±0.000" if float(text) == 0 else minus(f"{value:+.3f}")
