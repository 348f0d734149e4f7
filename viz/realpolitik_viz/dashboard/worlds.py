"""What the page of one world is sent: every month, every decision with its account, and what flips one of them."""

from typing import Any

import numpy as np

from realpolitik.explaining import Decision, Story, explain
from realpolitik.scenario import Scenario
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import simulate
from realpolitik_viz.dashboard.laboratory import rounded, uncertainty_of
from realpolitik_viz.dashboard.levers import claims
from realpolitik_viz.dashboard.summaries import actors, issue_label, shown_pairs
from realpolitik_viz.dashboard.view import View
from realpolitik_viz.dashboard.workers import Turn


def story_of(scenario: Scenario, view: View, turn: Turn, **only: Any) -> Story:
    """Replay the world of a view, until the result is no longer wanted."""
    asked: dict[str, Any] = {"world": view.world, "seed": view.seed, "progress": turn.look}
    return explain(scenario, **asked, **only, uncertainty=uncertainty_of(scenario, view))


def told(scenario: Scenario, view: View, turn: Turn) -> dict[str, Any]:
    """Return a world's story, and its issues and leverage by month."""
    story, document = story_of(scenario, view, turn, flips=False), scenario.document
    return {
        "sha256": scenario.sha256,
        "world": view.world,
        "decisions": [decision(scenario, one) for one in story.decisions],
        "events": [
            {"month": date, "outcome": name, "label": document["outcomes"][name]["label"]}
            for date, name in story.events
            if document["outcomes"][name]["measure"] is None
        ],
        "labels": {name: issue_label(row) for name, row in document["issues"].items()},
        "actors": actors(scenario),
        "claims": claims(scenario),
        "cutoff": str(document["meta"]["cutoff"] or "")[:7],
        **paths(scenario, view),
    }


def paths(scenario: Scenario, view: View) -> dict[str, Any]:
    """Return the months of one world, and every issue and leverage by month."""
    case, worlds = scenario.case(), np.array([view.world])
    drawn = draw_numbers(scenario, view.seed, worlds, uncertainty_of(scenario, view))
    played = simulate(case, worlds, seed=view.seed, numbers=drawn, paths=1)
    pairs = [f"{holder}>{over}" for holder, over in case.pairs]
    return {
        "months": list(case.dates()),
        "issues": {name: rounded(played.issues[0, :, k]) for k, name in enumerate(case.issues)},
        "leverage": {
            pairs[n]: rounded(played.leverage[0, :, n]) for n in shown_pairs(len(case.issues), played.leverage)
        },
    }


def decision(scenario: Scenario, one: Decision) -> dict[str, Any]:
    """Return one decision with its account, in the words of the scenario."""
    account, moves = one.account, scenario.document["moves"]
    return {
        "month": one.date,
        "actor": account.actor,
        "move": account.move,
        "label": one.text,
        "result": account.result,
        "value": account.value,
        "own": account.own,
        "through": account.through,
        "cost": account.cost,
        "noise": account.noise,
        "tau": account.tau,
        "consents": account.consents,
        "runner": moves[account.runner_up]["label"] if account.runner_up else "",
        "margin": account.margin,
        "claims": one.claims,
    }


def flip(scenario: Scenario, view: View, turn: Turn) -> dict[str, Any]:
    """Return the smallest change of one number that would have flipped a decision, if there is one."""
    actor, _, month = view.decision.partition("@")
    found = story_of(scenario, view, turn, actor=actor, month=month).decisions
    return {"decision": view.decision, "flip": found[0].flip if found else None}


def parting(first: Scenario, other: Scenario, view: View, turn: Turn) -> dict[str, Any] | None:
    """Return the first decision that differs between two scenarios in the world of a view."""
    mine, theirs = (taken(scenario, view, turn) for scenario in (first, other))
    differing = [key for key in mine.keys() | theirs.keys() if mine.get(key) != theirs.get(key)]
    if not differing:
        return None
    month, actor = min(differing)
    chosen = [one.get((month, actor), "holds still") for one in (mine, theirs)]
    return {"month": month, "actor": actor, "first": chosen[0], "other": chosen[1]}


def taken(scenario: Scenario, view: View, turn: Turn) -> dict[tuple[str, str], str]:
    """Return what each actor did by month, in words."""
    decisions = story_of(scenario, view, turn, flips=False).decisions
    return {(one.date, one.account.actor): f"{one.text} ({one.account.result})" for one in decisions}
