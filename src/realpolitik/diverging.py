"""Divergence of two scenarios: the first month in which an actor decides differently, per world."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from realpolitik.choices import Uncertainty
from realpolitik.explaining import explain
from realpolitik.scenario import Scenario
from realpolitik.uncertainty import draw_numbers
from realpolitik_model import LeverageModel

MOST = 256
"""Worlds that are examined at most."""


@dataclass(frozen=True)
class Divergence:
    """The first decision that differs in one world."""

    world: int
    month: str
    actor: str
    first: str | None
    """The move in the first scenario; None if the actor made none."""
    other: str | None


def divergences(
    first: Scenario,
    other: Scenario,
    *,
    worlds: int,
    seed: int,
    uncertainty: Uncertainty | None = None,
    look: Callable[[], object] = int,
) -> list[Divergence]:
    """Return the first decision that differs, for each world with one, sorted by world; of several actors the first.

    `look` is called before every month; if it raises, the exception is raised here.
    """
    models = [_model(scenario, min(worlds, MOST), seed, uncertainty) for scenario in (first, other)]
    found: dict[int, Divergence] = {}
    while all(model.running for model in models) and len(found) < models[0].worlds.size:
        look()
        for model in models:
            model.step()
        for divergence in _this_month(*models):
            found.setdefault(divergence.world, divergence)
    return [found[world] for world in sorted(found)]


def _model(scenario: Scenario, worlds: int, seed: int, uncertainty: Uncertainty | None) -> LeverageModel:
    numbers = draw_numbers(scenario, seed, np.arange(worlds), uncertainty)
    return LeverageModel(scenario.case(), worlds=worlds, rng=seed, numbers=numbers)


def _this_month(first: LeverageModel, other: LeverageModel) -> list[Divergence]:
    found: list[Divergence] = []
    for name in (name for name in first.case.actors if name in other.case.actors):
        mine, theirs = _choices(first, name), _choices(other, name)
        apart = np.flatnonzero(mine != theirs)
        found += [Divergence(int(world), first.date, name, mine[world], theirs[world]) for world in apart]
    return found


def _choices(model: LeverageModel, actor: str) -> npt.NDArray[np.object_]:
    agent = next(agent for agent in model.agents if agent.name == actor)
    return np.array(agent.choice, dtype=object)


def summary(
    first: Scenario,
    other: Scenario,
    *,
    worlds: int,
    seed: int,
    uncertainty: Uncertainty | None = None,
    look: Callable[[], object] = int,
) -> dict[str, Any]:
    """Return how many worlds diverge, when and in which decision, and one of them with both accounts."""
    looked = min(worlds, MOST)
    found = divergences(first, other, worlds=worlds, seed=seed, uncertainty=uncertainty, look=look)
    if not found:
        return {"worlds": looked, "share": 0.0, "median": None, "modal": None, "example": None}
    turns = Counter((divergence.actor, divergence.first, divergence.other) for divergence in found)
    (actor, mine, theirs), count = turns.most_common(1)[0]
    months = sorted(divergence.month for divergence in found)
    example = next(p for p in found if (p.actor, p.first, p.other) == (actor, mine, theirs))
    decisions = [_decision(scenario, example, seed, uncertainty) for scenario in (first, other)]
    return {
        "worlds": looked,
        "share": len(found) / looked,
        "median": months[len(months) // 2],
        "modal": {"actor": actor, "first": mine, "other": theirs, "share": count / len(found)},
        "example": {"world": example.world, "month": example.month, "actor": actor, "decisions": decisions},
    }


def _decision(
    scenario: Scenario, divergence: Divergence, seed: int, uncertainty: Uncertainty | None
) -> dict[str, Any] | None:
    """Return the account of the decision in one of the two scenarios; None if the actor made no move."""
    story = explain(
        scenario,
        world=divergence.world,
        seed=seed,
        actor=divergence.actor,
        month=divergence.month,
        uncertainty=uncertainty,
        flips=False,
    )
    return story.decisions[0].to_dict() if story.decisions else None
